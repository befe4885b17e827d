//! The periods that a report sets side by side: its own, the one just before and the same a year
//! earlier.

use chrono::NaiveDate;

use super::period::Period;

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
pub(super) struct ComparedPeriods<'a> {
    period: &'a Period,
    previous: Option<Period>,
    year_before: Option<Period>,
}

impl<'a> ComparedPeriods<'a> {
    pub(super) fn of(period: &'a Period) -> ComparedPeriods<'a> {
        ComparedPeriods { period, previous: period.before(), year_before: period.year_before() }
    }

    /// The one that a local date lies in.
    pub(super) fn which(&self, date: NaiveDate) -> Option<Compared> {
        let holds = |period: &Option<Period>| period.as_ref().is_some_and(|period| period.contains(date));
        match date {
            _ if self.period.contains(date) => Some(Compared::Period),
            _ if holds(&self.previous) => Some(Compared::Previous),
            _ if holds(&self.year_before) => Some(Compared::YearBefore),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_date_lies_in_one_of_the_compared_periods_or_in_none() {
        let period: Period = "2024-05".parse().unwrap();
        let compared = ComparedPeriods::of(&period);
        let name = |date: &str| compared.which(date.parse().unwrap()).map(Compared::name);
        assert_eq!(name("2024-05-31"), Some("period"));
        assert_eq!(name("2024-04-01"), Some("previous"));
        assert_eq!(name("2023-05-31"), Some("year_before"));
        assert_eq!((name("2024-06-01"), name("2023-06-01"), name("2024-03-31")), (None, None, None));
    }

    #[test]
    fn everything_holds_every_date() {
        let compared = ComparedPeriods::of(&Period::Everything);
        assert_eq!(compared.which("1999-12-31".parse().unwrap()), Some(Compared::Period));
    }

    #[test]
    fn a_decided_measurement_counts_in_the_compared_period_of_its_month() {
        // The month is that of the same local date, so that one tells the other.
        let facts = super::super::samples::facts(4_000, &"2023-07".parse().unwrap());
        let part = &facts.measurements[0];
        let mut seen = BTreeSet::new();
        for row in 0..part.ticket.len() {
            let month = part.month[row].map(|month| month.to_string());
            let expected = match month.as_deref() {
                Some("2023-07") => Some(Compared::Period),
                Some("2023-06") => Some(Compared::Previous),
                _ => None,
            };
            assert_eq!(part.compared[row], expected, "{month:?}");
            assert_eq!(part.in_period[row], month.is_none() || expected == Some(Compared::Period));
            seen.insert((month.is_none(), expected));
        }
        // Pending, of May, of June and of July.
        assert_eq!(seen.len(), 4);
    }
}
