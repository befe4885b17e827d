//! Holidays from the rows of a CSV: the date, its name, and its hours if it has any.
//!
//! A header says which column is which, wherever it stands; without one, they stand in this order.

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
    let mut columns = Columns::IN_ORDER;
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
        // A first line in which nothing tries to be a date is a header.
        let header =
            first && !record.iter().any(|field| field.starts_with(|char: char| char.is_ascii_digit()));
        first = false;
        match header {
            true => columns = Columns::called(&record),
            false => days.push(day(line, columns, &record).map_err(|what| (line, what))?),
        }
    }
    Ok(days)
}

/// In which columns the fields of a day stand.
#[derive(Debug, Clone, Copy)]
struct Columns {
    date: usize,
    name: Option<usize>,
    hours: Option<usize>,
}

impl Columns {
    /// Without a header that is understood.
    const IN_ORDER: Columns = Columns { date: 0, name: Some(1), hours: Some(2) };

    /// Those of a header that calls one of them a date; what it calls otherwise is passed over, but
    /// for a second column of two, which is the name.
    fn called(header: &csv::StringRecord) -> Columns {
        let called = |names: &[&str]| {
            let is_called = |field: &str| {
                let field = field.to_lowercase();
                names.iter().any(|name| field == *name || field.starts_with(&format!("{name}_")))
            };
            header.iter().position(is_called)
        };
        let Some(date) = called(DATES) else { return Columns::IN_ORDER };
        let second = (header.len() == 2 && date == 0).then_some(1);
        Columns { date, name: called(NAMES).or(second), hours: called(HOURS) }
    }
}

/// What columns are called in the languages that calendars are mostly in.
const DATES: &[&str] = &["date", "day", "jour", "datum", "tag", "fecha", "data"];
const NAMES: &[&str] =
    &["name", "holiday", "summary", "title", "description", "nom", "feiertag", "nombre", "nome"];
const HOURS: &[&str] = &["hours", "open", "heures", "stunden", "horas", "ore"];

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

fn day(line: usize, columns: Columns, record: &csv::StringRecord) -> Result<FileDay, String> {
    let field = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default();
    let date = field(Some(columns.date));
    let date: NaiveDate = date.parse().map_err(|_| format!("\"{date}\" is no date: write 2024-05-01"))?;
    let hours = field(columns.hours);
    let mut windows = Vec::new();
    for window in hours.split(['/', ' ']).filter(|window| !window.is_empty()) {
        let flaw = |flaw| {
            format!(
                "hours of a half-day are expected, such as 09:00-12:00, or nothing: {flaw}; a header that calls the columns date, name and hours says which is which"
            )
        };
        windows.push(window.parse::<Window>().map_err(flaw)?);
    }
    // Seen here, where the line is known.
    Calendar::default().add_special_day(date, windows.clone()).map_err(|flaw| flaw.to_string())?;
    let name = tidy(field(columns.name));
    Ok(FileDay { line, date, day: SpecialDay { windows, name } })
}
