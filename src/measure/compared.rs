//! The periods that a report sets side by side: its own, the one just before and the same a year
//! earlier.

use super::period::Period;
use crate::calendar::LocalTime;

/// Which of the compared periods a measurement counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compared {
    /// That of the report.
    Period,
    /// The one just before.
    Previous,
    /// The same days a year earlier.
    YearBefore,
}

impl Compared {
    /// All, in the order of their codes.
    pub const ALL: [Compared; 3] = [Compared::Period, Compared::Previous, Compared::YearBefore];

    /// Its name in facts.
    pub const fn name(self) -> &'static str {
        match self {
            Compared::Period => "period",
            Compared::Previous => "previous",
            Compared::YearBefore => "year_before",
        }
    }
}

/// The compared periods of a run, worked out once; none shares a day with another.
#[derive(Debug)]
pub(super) struct ComparedPeriods(Vec<(Compared, Days)>);

/// Local days from one to another, both included, counted from 1970-01-01.
#[derive(Debug)]
struct Days {
    first: i64,
    last: i64,
}

impl Days {
    fn of(period: &Period) -> Days {
        let day = |date| LocalTime::midnight(date).day();
        match period {
            Period::Everything => Days { first: i64::MIN, last: i64::MAX },
            Period::Days { first, last, .. } => Days { first: day(*first), last: day(*last) },
        }
    }
}

impl ComparedPeriods {
    pub(super) fn of(period: &Period) -> ComparedPeriods {
        let periods = [
            (Compared::Period, Some(period.clone())),
            (Compared::Previous, period.before()),
            (Compared::YearBefore, period.year_before()),
        ];
        let days = |(which, period): (Compared, Option<Period>)| Some((which, Days::of(&period?)));
        ComparedPeriods(periods.into_iter().filter_map(days).collect())
    }

    /// The one that the date of a local time lies in.
    pub(super) fn which(&self, local: LocalTime) -> Option<Compared> {
        let day = local.day();
        self.0.iter().find(|(_, days)| days.first <= day && day <= days.last).map(|(which, _)| *which)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn midnight(day: &str) -> LocalTime {
        LocalTime::midnight(day.parse().unwrap())
    }

    #[test]
    fn a_date_lies_in_one_of_the_compared_periods_or_in_none() {
        let period: Period = "2024-05".parse().unwrap();
        let compared = ComparedPeriods::of(&period);
        let name = |day: &str| compared.which(midnight(day)).map(Compared::name);
        assert_eq!(name("2024-05-31"), Some("period"));
        assert_eq!(name("2024-04-01"), Some("previous"));
        assert_eq!(name("2023-05-31"), Some("year_before"));
        assert_eq!((name("2024-06-01"), name("2023-06-01"), name("2024-03-31")), (None, None, None));
    }

    #[test]
    fn everything_holds_every_date() {
        let compared = ComparedPeriods::of(&Period::Everything);
        assert_eq!(compared.which(midnight("1999-12-31")), Some(Compared::Period));
    }

    #[test]
    fn a_decided_measurement_counts_in_the_compared_period_of_its_month() {
        // The month is that of the same local date, so that one tells the other.
        let facts = super::super::samples::facts(4_000, &"2023-07".parse().unwrap());
        let part = facts.measurements[0].get().unwrap();
        let mut seen = BTreeSet::new();
        for row in 0..part.started.len() {
            let month = part.month(row).map(|month| month.to_string());
            let expected = match month.as_deref() {
                Some("2023-07") => Some(Compared::Period),
                Some("2023-06") => Some(Compared::Previous),
                _ => None,
            };
            assert_eq!(part.compared[row], expected, "{month:?}");
            assert_eq!(part.in_period(row), month.is_none() || expected == Some(Compared::Period));
            seen.insert((month.is_none(), expected));
        }
        // Pending, of May, of June and of July.
        assert_eq!(seen.len(), 4);
    }
}
