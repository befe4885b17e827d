//! The period a report covers: local days, from one to another.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::calendar::{Instant, LocalTime, Zone};

/// The local days that a report covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Period {
    /// All there is.
    #[default]
    Everything,
    /// The days from the first to the last, both included.
    Days {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
        /// As it was written: `2024-05`.
        name: String,
    },
}

/// Not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no period: write 2024-05, 2024-Q2, 2024, 2024-05-01..2024-05-31 or last-month")]
pub struct BadPeriod(String);

impl Period {
    /// The calendar month before the one that a date lies in.
    pub fn month_before(date: NaiveDate) -> Period {
        let first = (date.with_day(1).unwrap_or(date)).checked_sub_months(Months::new(1)).unwrap_or(date);
        Period::months(first, 1, first.format("%Y-%m").to_string()).unwrap_or_default()
    }

    fn months(first: NaiveDate, months: u32, name: String) -> Option<Period> {
        let last = first.checked_add_months(Months::new(months))?.pred_opt()?;
        Some(Period::Days { first, last, name })
    }

    /// Whether a local date lies in it.
    pub fn contains(&self, date: NaiveDate) -> bool {
        match self {
            Period::Everything => true,
            Period::Days { first, last, .. } => *first <= date && date <= *last,
        }
    }

    /// The last instant of the period on the clocks of a zone, where it has an end.
    pub fn last_instant(&self, zone: &Zone) -> Option<Instant> {
        match self {
            Period::Everything => None,
            Period::Days { last, .. } => {
                let next = last.checked_add_days(Days::new(1))?;
                zone.first_instant_of(LocalTime::midnight(next)).map(Instant::before)
            }
        }
    }

    /// The name of its report's folder.
    pub fn folder_name(&self) -> &str {
        match self {
            Period::Everything => "everything",
            Period::Days { name, .. } => name,
        }
    }
}

impl FromStr for Period {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Period, BadPeriod> {
        let bad = || BadPeriod(text.to_owned());
        // Only years that the supported span holds; a sign or a short year is a slip.
        let in_span = |date: &NaiveDate| (1900..2100).contains(&date.year());
        let date = |text: &str| match text.len() {
            10 => text.parse::<NaiveDate>().ok().filter(in_span).ok_or_else(bad),
            _ => Err(bad()),
        };
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (date(first)?, date(last)?);
            return match first <= last {
                true => Ok(Period::Days { first, last, name: text.to_owned() }),
                false => Err(bad()),
            };
        }
        let (start, months) = match (text.len(), text.split_once("-Q")) {
            (7, Some((year, quarter @ ("1" | "2" | "3" | "4")))) => {
                let month = quarter.parse::<u32>().map_err(|_| bad())? * 3 - 2;
                (format!("{year}-{month:02}-01"), 3)
            }
            (7, None) => (format!("{text}-01"), 1),
            (4, None) => (format!("{text}-01-01"), 12),
            _ => return Err(bad()),
        };
        Period::months(date(&start)?, months, text.to_owned()).ok_or_else(bad)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Everything => f.write_str("everything"),
            Period::Days { name, .. } => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Option<(String, String)> {
        match text.parse().ok()? {
            Period::Days { first, last, .. } => Some((first.to_string(), last.to_string())),
            Period::Everything => None,
        }
    }

    #[test]
    fn months_quarters_years_and_spans_of_days_are_periods() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(days("2024-02"), pair("2024-02-01", "2024-02-29"));
        assert_eq!(days("2024-Q2"), pair("2024-04-01", "2024-06-30"));
        assert_eq!(days("2024"), pair("2024-01-01", "2024-12-31"));
        assert_eq!(days("2024-05-03..2024-05-03"), pair("2024-05-03", "2024-05-03"));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-Q5",
            "2024-5",
            "2024-05-01",
            "2024-05-02..2024-05-01",
            "+024",
            "../x",
            "1899",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_month_before_january_is_december() {
        let month = Period::month_before(NaiveDate::from_ymd_opt(2024, 1, 31).unwrap());
        assert_eq!(month, "2023-12".parse().unwrap());
    }

    #[test]
    fn a_period_ends_with_the_last_microsecond_of_its_local_day() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let end = "2024-05".parse::<Period>().unwrap().last_instant(&paris).unwrap();
        assert_eq!(end.to_string(), "2024-05-31T21:59:59.999999Z");
    }
}
