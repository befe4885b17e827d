//! Dates and times of day as people of a language read them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::Deserialize;

use super::Language;
use super::words::filled;

/// How a language writes dates. Each pattern may name `{year}`, `{month}` (two digits), `{day}`
/// (two digits), `{day_name}` (in prose: `3`, `1er`), `{month_name}`, `{weekday}`, `{hour}`,
/// `{minute}`, `{second}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dates {
    /// A date in a table.
    date: String,
    /// A date and time of day in a table.
    date_time: String,
    /// A date in prose.
    date_in_words: String,
    /// A month in prose.
    month_in_words: String,
    /// A month on an axis.
    month_short: String,
    /// A quarter: `{quarter}`, `{year}`.
    quarter: String,
    /// A date with its weekday.
    day: String,
    /// A time of day.
    time: String,
    /// A time of day to the second.
    time_exact: String,
    date_time_exact: String,
    /// A date's pattern as spreadsheets have them.
    sheet_date_time: String,
    /// What the first of a month is called, where it differs from `1`.
    first: String,
    months: [String; 12],
    months_short: [String; 12],
    weekdays: [String; 7],
    weekdays_short: [String; 7],
}

impl Language {
    /// A date and time of day for a table, from microseconds of a wall clock.
    pub fn date_time(&self, micros: i64) -> String {
        self.dated(&self.dates.date_time, time(micros))
    }

    /// A date for a table.
    pub fn date(&self, date: NaiveDate) -> String {
        self.dated(&self.dates.date, date.into())
    }

    /// A date in prose: `3 May 2024`.
    pub fn date_in_words(&self, date: NaiveDate) -> String {
        self.dated(&self.dates.date_in_words, date.into())
    }

    /// A date with its weekday: `Fri 3 May 2024`.
    pub fn day(&self, date: NaiveDate) -> String {
        self.dated(&self.dates.day, date.into())
    }

    /// A time of day, from microseconds of a wall clock: `14:00`, with its seconds, and their
    /// fraction, where it has any.
    pub fn time_of_day(&self, micros: i64) -> String {
        self.exactly(&self.dates.time, &self.dates.time_exact, micros)
    }

    /// A date and a time of day to the microsecond, from microseconds of a wall clock.
    pub fn date_time_exact(&self, micros: i64) -> String {
        self.exactly(&self.dates.date_time, &self.dates.date_time_exact, micros)
    }

    /// By a pattern of minutes, or by one of seconds where there are any.
    fn exactly(&self, minutes: &str, seconds: &str, micros: i64) -> String {
        match micros.rem_euclid(60_000_000) {
            0 => self.dated(minutes, time(micros)),
            rest => match rest % 1_000_000 {
                0 => self.dated(seconds, time(micros)),
                fraction => {
                    let digits = format!("{fraction:06}");
                    let shown = self.dated(seconds, time(micros));
                    format!("{shown}{}{}", self.decimal_mark(), digits.trim_end_matches('0'))
                }
            },
        }
    }

    /// A month in prose, from `YYYY-MM`: `May 2024`; what is none as it stands.
    pub fn month(&self, month: &str) -> String {
        match format!("{month}-01").parse::<NaiveDate>() {
            Ok(date) => self.dated(&self.dates.month_in_words, date.into()),
            Err(_) => month.to_owned(),
        }
    }

    /// A month with its year, short: `May 2024`, `janv. 2024`.
    pub fn month_short(&self, year: i64, month: usize) -> String {
        let name = self.dates.months_short.get(month - 1).map_or("", String::as_str);
        filled(&self.dates.month_short, &[("month_name", name), ("year", &year.to_string())])
    }

    /// The short name of a month, 1 to 12.
    pub fn month_name_short(&self, month: usize) -> &str {
        self.dates.months_short.get(month.wrapping_sub(1)).map_or("", String::as_str)
    }

    /// The name of a weekday, 1 = Monday.
    pub fn weekday(&self, weekday: usize) -> &str {
        self.dates.weekdays.get(weekday.wrapping_sub(1)).map_or("", String::as_str)
    }

    /// The short name of a weekday, 1 = Monday.
    pub fn weekday_short(&self, weekday: usize) -> &str {
        self.dates.weekdays_short.get(weekday.wrapping_sub(1)).map_or("", String::as_str)
    }

    /// A period by its name: `2024-05` is `May 2024`, `2024-Q2` is `2nd quarter of 2024`.
    pub fn period(&self, name: &str) -> String {
        if let Some((first, last)) = name.split_once("..") {
            return match (first.parse::<NaiveDate>(), last.parse::<NaiveDate>()) {
                (Ok(first), Ok(last)) => {
                    let (first, last) = (self.date_in_words(first), self.date_in_words(last));
                    self.range(&first, &last)
                }
                _ => name.to_owned(),
            };
        }
        match name.split_once("-Q") {
            Some((year, quarter)) => filled(&self.dates.quarter, &[("quarter", quarter), ("year", year)]),
            None => self.month(name),
        }
    }

    /// The pattern of a date and time of day that spreadsheets understand.
    pub fn sheet_date_time(&self) -> &str {
        &self.dates.sheet_date_time
    }

    fn dated(&self, pattern: &str, at: NaiveDateTime) -> String {
        let two = |number: u32| format!("{number:02}");
        let name = |names: &[String], place: u32| names.get(place as usize).cloned().unwrap_or_default();
        let day_name = if at.day() == 1 { self.dates.first.clone() } else { at.day().to_string() };
        filled(
            pattern,
            &[
                ("year", &at.year().to_string()),
                ("month", &two(at.month())),
                ("day", &two(at.day())),
                ("day_name", &day_name),
                ("month_name", &name(&self.dates.months, at.month0())),
                ("weekday", &name(&self.dates.weekdays_short, at.weekday().num_days_from_monday())),
                ("hour", &two(at.hour())),
                ("minute", &two(at.minute())),
                ("second", &two(at.second())),
            ],
        )
    }
}

/// A wall clock's reading. Readings come from instants of 1900 to 2100, which chrono covers.
fn time(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_language_has_them() {
        let (en, fr) = (Language::named("en").unwrap(), Language::named("fr").unwrap());
        // 2024-05-01T14:05:09, a Wednesday.
        let micros = 1_714_572_309_000_000;
        let date: NaiveDate = "2024-05-01".parse().unwrap();
        assert_eq!(en.date_time(micros), "2024-05-01 14:05");
        assert_eq!(fr.date_time(micros), "01/05/2024 14:05");
        assert_eq!(
            (en.date_in_words(date), fr.date_in_words(date)),
            ("1 May 2024".into(), "1er mai 2024".into())
        );
        assert_eq!((en.day(date), fr.day(date)), ("Wed 1 May 2024".into(), "mer. 1er mai 2024".into()));
        assert_eq!((en.time_of_day(micros), fr.time_of_day(micros)), ("14:05:09".into(), "14:05:09".into()));
        assert_eq!(en.time_of_day(micros - 9_000_000), "14:05");
        assert_eq!(fr.time_of_day(micros + 500_000), "14:05:09,5");
        assert_eq!(en.date_time_exact(micros + 1), "2024-05-01 14:05:09.000001");
    }

    #[test]
    fn periods_have_names() {
        let (en, fr) = (Language::named("en").unwrap(), Language::named("fr").unwrap());
        assert_eq!([en.period("2024-05"), fr.period("2024-05")], ["May 2024", "mai 2024"]);
        assert_eq!([en.period("2024-Q2"), fr.period("2024-Q2")], ["Q2 2024", "T2 2024"]);
        assert_eq!(en.period("2024"), "2024");
        assert_eq!(en.period("2024-05-01..2024-05-03"), "1 May 2024 – 3 May 2024");
    }
}
