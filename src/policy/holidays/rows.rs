//! Holidays from the rows of a CSV: the date, then its name, then its hours if it has any.

use chrono::NaiveDate;

use super::{BadLine, FileDay, tidy};
use crate::calendar::{Calendar, SpecialDay, Window};

/// The days of a CSV, below a header or without one, whatever separates its fields.
pub(super) fn days(text: &str) -> Result<Vec<FileDay>, BadLine> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut days = Vec::new();
    let mut first = true;
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|error| (line, format!("it cannot be read as CSV: {error}")))?;
        // A record begins after the empty lines that the reader passed over with it.
        let place = record.position().map_or(0, |position| position.byte() as usize);
        let passed = text[place..].len() - text[place..].trim_start_matches(['\r', '\n']).len();
        line += text[counted..place + passed].matches('\n').count();
        counted = place + passed;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if record.iter().any(|field| field.contains('\n')) {
            return Err((line, "a field goes on in the next line: is its quote not closed?".to_owned()));
        }
        let date = record.get(0).unwrap_or_default();
        // A first line that does not try to be a date is a header.
        let header = first && !date.starts_with(|char: char| char.is_ascii_digit());
        first = false;
        if !header {
            days.push(day(line, date, &record).map_err(|what| (line, what))?);
        }
    }
    Ok(days)
}

/// What separates the fields: whatever stands after the first of them.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let separates = |char: char| match char {
        '"' => {
            quoted = !quoted;
            None
        }
        ',' | ';' | '\t' if !quoted => Some(char as u8),
        _ => None,
    };
    text.chars().find_map(separates).unwrap_or(b',')
}

fn day(line: usize, date: &str, record: &csv::StringRecord) -> Result<FileDay, String> {
    let date: NaiveDate = date.parse().map_err(|_| format!("\"{date}\" is no date: write 2024-05-01"))?;
    let hours = record.get(2).unwrap_or_default();
    let mut windows = Vec::new();
    for window in hours.split(['/', ' ']).filter(|window| !window.is_empty()) {
        let flaw = |flaw| {
            format!(
                "the third column is for the hours of a half-day, such as 09:00-12:00, else empty: {flaw}"
            )
        };
        windows.push(window.parse::<Window>().map_err(flaw)?);
    }
    // Seen here, where the line is known.
    Calendar::default().add_special_day(date, windows.clone()).map_err(|flaw| flaw.to_string())?;
    let name = record.get(1).and_then(tidy);
    Ok(FileDay { line, date, day: SpecialDay { windows, name } })
}
