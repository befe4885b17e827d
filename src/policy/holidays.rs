//! Holidays from a file: iCalendar's all-day events, or the first column of a CSV.

use std::path::Path;

use chrono::NaiveDate;

use crate::document::{Entry, Flaw};

/// The dates in the holiday file that `entry` names, sought beside `folder`.
pub(super) fn read(
    entry: &Entry<'_>,
    folder: Option<&Path>,
    files: &mut Vec<(String, String)>,
) -> Result<Vec<NaiveDate>, Flaw> {
    let name = entry.text()?;
    let path = folder.map_or_else(|| Path::new(&name).to_path_buf(), |folder| folder.join(&name));
    let text = std::fs::read_to_string(&path)
        .map_err(|error| entry.flaw(format!("the holidays of {} cannot be read: {error}", path.display())))?;
    let dates = match path.extension().and_then(|ending| ending.to_str()) {
        Some("ics") => from_icalendar(&text),
        Some("csv") => from_csv(&text),
        _ => {
            return Err(entry.flaw(format!("\"{name}\" is neither a date nor a file ending in .ics or .csv")));
        }
    };
    files.push((name, text));
    dates.map_err(|(line, what)| entry.flaw(format!("{}:{line}: {what}", path.display())))
}

/// Lines of a file with something to say.
type BadLine = (usize, String);

fn from_csv(text: &str) -> Result<Vec<NaiveDate>, BadLine> {
    let mut dates = Vec::new();
    for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let first = line.split([',', ';', '\t']).next().unwrap_or_default().trim().trim_matches('"');
        match first.parse() {
            Ok(date) => dates.push(date),
            // A first line that is no date is a header.
            Err(_) if place == 0 || line.trim().is_empty() => {}
            Err(_) => return Err((place + 1, format!("\"{first}\" is no date: write 2024-05-01"))),
        }
    }
    Ok(dates)
}

fn from_icalendar(text: &str) -> Result<Vec<NaiveDate>, BadLine> {
    let mut dates = Vec::new();
    let mut event: Option<(Option<NaiveDate>, Option<NaiveDate>)> = None;
    for (place, line) in text.lines().enumerate() {
        let bad = |what: &str| (place + 1, what.to_owned());
        let (name, value) = line.trim_end().split_once(':').unwrap_or((line.trim_end(), ""));
        match name.split(';').next().unwrap_or_default() {
            "BEGIN" if value == "VEVENT" => event = Some((None, None)),
            "END" if value == "VEVENT" => {
                if let Some((Some(start), end)) = event.take() {
                    let end = end.unwrap_or(start + chrono::Days::new(1));
                    dates.extend(start.iter_days().take_while(|day| *day < end));
                }
            }
            "RRULE" | "RDATE" | "EXDATE" if event.is_some() => {
                return Err(bad("repeating events are not read: export each year's dates"));
            }
            key @ ("DTSTART" | "DTEND") => {
                if let Some((start, end)) = &mut event {
                    let date = NaiveDate::parse_from_str(value, "%Y%m%d").map_err(|_| {
                        bad("only all-day events can be holidays: a date such as 20240501 is expected")
                    })?;
                    *(if key == "DTSTART" { start } else { end }) = Some(date);
                }
            }
            _ => {}
        }
    }
    Ok(dates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(dates: Vec<NaiveDate>) -> Vec<String> {
        dates.into_iter().map(|date| date.to_string()).collect()
    }

    #[test]
    fn an_all_day_event_closes_each_of_its_days() {
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20241224\r\nDTEND;VALUE=DATE:20241227\r\nSUMMARY:Noël\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20250101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            days(from_icalendar(text).unwrap()),
            ["2024-12-24", "2024-12-25", "2024-12-26", "2025-01-01"]
        );
    }

    #[test]
    fn a_timed_or_repeating_event_is_refused_with_its_line() {
        let timed = "BEGIN:VEVENT\nDTSTART:20241224T090000Z\nEND:VEVENT\n";
        assert_eq!(from_icalendar(timed).unwrap_err().0, 2);
        let repeating = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
        assert_eq!(from_icalendar(repeating).unwrap_err().0, 3);
    }

    #[test]
    fn a_csv_gives_its_first_column_below_a_header() {
        assert_eq!(
            days(from_csv("date,name\n2024-05-01,Labour Day\n\n2024-05-08,\n").unwrap()),
            ["2024-05-01", "2024-05-08"]
        );
        assert_eq!(from_csv("2024-05-01\nnever\n").unwrap_err().0, 2);
    }
}
