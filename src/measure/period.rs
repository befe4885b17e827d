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

/// How the period without bounds is written.
const EVERYTHING: &str = "everything";

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

    /// The whole months that it is named by; `None` where it is named by days, or has no end.
    fn whole_months(&self) -> Option<(NaiveDate, u32)> {
        match self {
            Period::Days { first, last, name } if !name.contains("..") => {
                let months = |date: NaiveDate| date.year() * 12 + date.month0() as i32;
                Some((*first, (months(*last) - months(*first) + 1).unsigned_abs()))
            }
            _ => None,
        }
    }

    /// The whole months from a date on, in the notation of periods.
    fn named_months(first: NaiveDate, months: u32) -> Option<Period> {
        let name = match months {
            1 => first.format("%Y-%m").to_string(),
            3 => format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
            12 => first.year().to_string(),
            _ => return None,
        };
        Period::months(first, months, name).filter(Period::is_supported)
    }

    /// The days from the first to the last, in the notation of periods.
    fn named_days(first: NaiveDate, last: NaiveDate) -> Option<Period> {
        Some(Period::Days { first, last, name: format!("{first}..{last}") }).filter(Period::is_supported)
    }

    /// Whether instants know its days: a period before the first of them is none.
    fn is_supported(&self) -> bool {
        matches!(self, Period::Days { first, .. } if first.year() >= 1900)
    }

    /// The period of the same kind just before: of a month the month before, of some days as many
    /// days before. Everything has none.
    pub fn before(&self) -> Option<Period> {
        if let Some((first, months)) = self.whole_months() {
            return Period::named_months(first.checked_sub_months(Months::new(months))?, months);
        }
        match self {
            Period::Everything => None,
            Period::Days { first, last, .. } => {
                let before = first.pred_opt()?;
                Period::named_days(before.checked_sub_signed(*last - *first)?, before)
            }
        }
    }

    /// The same days a year earlier, a month or a quarter staying whole. Everything has none, and
    /// neither has a period so long that those days would also lie in [`Self::before`]: a year.
    pub fn year_before(&self) -> Option<Period> {
        let year = Months::new(12);
        let earlier = match (self, self.whole_months()) {
            (Period::Everything, _) => None,
            (_, Some((first, months))) => Period::named_months(first.checked_sub_months(year)?, months),
            (Period::Days { first, last, .. }, None) => {
                Period::named_days(first.checked_sub_months(year)?, last.checked_sub_months(year)?)
            }
        };
        let before = self.before();
        earlier.filter(|earlier| match (earlier, &before) {
            (Period::Days { last, .. }, Some(Period::Days { first, .. })) => last < first,
            _ => false,
        })
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

    /// The period of a name that this one, or another, was written by.
    ///
    /// # Errors
    /// [`BadPeriod`] where there is none of that name.
    pub fn of_name(name: &str) -> Result<Period, BadPeriod> {
        if name == EVERYTHING { Ok(Period::Everything) } else { name.parse() }
    }

    /// The name of its report's folder.
    pub fn folder_name(&self) -> &str {
        match self {
            Period::Everything => EVERYTHING,
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
        f.write_str(self.folder_name())
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

    /// The names of the period before and of the one a year before.
    fn compared(text: &str) -> (Option<String>, Option<String>) {
        let period: Period = text.parse().unwrap();
        // What they are called is read back as what they are.
        for earlier in [period.before(), period.year_before()].into_iter().flatten() {
            assert_eq!(earlier.to_string().parse(), Ok(earlier));
        }
        (period.before().map(|p| p.to_string()), period.year_before().map(|p| p.to_string()))
    }

    #[test]
    fn months_and_quarters_are_compared_with_whole_ones() {
        let pair = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
        assert_eq!(compared("2024-05"), pair("2024-04", "2023-05"));
        assert_eq!(compared("2024-01"), pair("2023-12", "2023-01"));
        assert_eq!(compared("2024-02"), pair("2024-01", "2023-02"));
        assert_eq!(compared("2024-Q1"), pair("2023-Q4", "2023-Q1"));
        assert_eq!(
            "2023-02".parse::<Period>().unwrap(),
            "2024-02".parse::<Period>().unwrap().year_before().unwrap()
        );
    }

    #[test]
    fn a_year_is_compared_with_the_one_before_alone() {
        assert_eq!(compared("2024"), (Some("2023".to_owned()), None));
        assert_eq!(compared("2023-01-01..2023-12-31"), (Some("2022-01-01..2022-12-31".to_owned()), None));
    }

    #[test]
    fn days_are_compared_with_as_many_days_before_and_the_same_days_a_year_before() {
        let pair = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
        assert_eq!(
            compared("2024-05-01..2024-05-30"),
            pair("2024-04-01..2024-04-30", "2023-05-01..2023-05-30")
        );
        assert_eq!(
            compared("2024-02-29..2024-02-29"),
            pair("2024-02-28..2024-02-28", "2023-02-28..2023-02-28")
        );
        // Of 200 days the 200 before and those a year before share 35 days: only one is compared.
        assert_eq!(compared("2024-01-01..2024-07-18"), (Some("2023-06-15..2023-12-31".to_owned()), None));
    }

    #[test]
    fn everything_and_the_first_month_there_is_have_nothing_before() {
        assert_eq!((Period::Everything.before(), Period::Everything.year_before()), (None, None));
        assert_eq!(compared("1900-01"), (None, None));
    }

    #[test]
    fn a_period_ends_with_the_last_microsecond_of_its_local_day() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let end = "2024-05".parse::<Period>().unwrap().last_instant(&paris).unwrap();
        assert_eq!(end.to_string(), "2024-05-31T21:59:59.999999Z");
    }
}
