//! Whether a period lies past the last holiday that is known: from then on a holiday that nobody
//! wrote down counts as a working day, and no figure would show it.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::{Facts, Period, Terms};

/// A calendar whose holidays end before the period does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HolidaysEnd {
    /// The policy, `name@effective-from`.
    pub policy: String,
    /// The name of the calendar.
    pub calendar: String,
    /// The last date on which it is known to be closed.
    pub last: NaiveDate,
}

impl Facts {
    /// The calendars that tickets were measured by and whose holidays end too early: before the
    /// period begins, or in a year before the one that the last day looked at lies in. A calendar
    /// without holidays is not among them.
    pub fn holidays_end(&self) -> Vec<HolidaysEnd> {
        let mut is_used = vec![false; self.terms.len()];
        for place in self.tickets.iter().flat_map(|part| &part.ticket) {
            is_used[self.ticket_terms[*place as usize] as usize] = true;
        }
        let used = self.terms.iter().zip(is_used).filter_map(|(terms, is_used)| is_used.then_some(terms));
        let ends: BTreeSet<_> = used.filter_map(|terms| self.holidays_of(terms)).collect();
        ends.into_iter().collect()
    }

    fn holidays_of(&self, terms: &Terms) -> Option<HolidaysEnd> {
        let days = terms.clock.calendar().special_days();
        let (last, _) = days.iter().rev().find(|(_, day)| day.windows.is_empty())?;
        let too_early = match self.period {
            Period::Days { first, last: end, .. } => *last < first || last.year() < end.year(),
            Period::Everything => last.year() < terms.clock.zone().local(terms.cut).date().year(),
        };
        too_early.then(|| HolidaysEnd {
            policy: self.policies[terms.policy].clone(),
            calendar: terms.calendar.clone(),
            last: *last,
        })
    }
}
#[cfg(test)]
mod tests {
    use super::super::samples::records;
    use super::super::{Keep, Run};
    use super::*;
    use crate::policy::{NORTHERN, Policy, PolicyBook};

    /// What is said of a period where the default calendar has these days, and Acme's none.
    fn said(days: &str, period: &str) -> Vec<(String, String)> {
        let text = NORTHERN.replace("holidays = []", days);
        let text = format!("{text}\n[calendars.long]\nlike = \"default\"\n");
        let policies = PolicyBook::new(vec![Policy::parse("p.toml", &text, None).unwrap()]).unwrap();
        let period = if period.is_empty() { Period::Everything } else { period.parse().unwrap() };
        // Tickets of May and June 2023.
        let run = Run { policies: &policies, period: &period, as_of: None, keep: Keep::Late };
        let ends = run.measure(records(2000)).unwrap().holidays_end();
        ends.into_iter().map(|end| (end.calendar, end.last.to_string())).collect()
    }

    #[test]
    fn a_period_after_the_last_holiday_or_in_a_later_year_is_told() {
        let both = |last: &str| ["default", "long"].map(|name| (name.to_owned(), last.to_owned())).to_vec();
        let days = "holidays = [2022-12-25, 2023-05-08]\nspecial_days = { 2023-12-24 = [\"09:00-12:00\"] }";
        // 8 May is before June, and within May; a half-day is no holiday.
        assert_eq!(said(days, "2023-06"), both("2023-05-08"));
        assert_eq!(said(days, "2023-05"), []);
        assert_eq!(said(days, "2023-05-08..2023-05-31"), []);
        assert_eq!(said(days, "2023-05-09..2023-05-31"), both("2023-05-08"));
        // Of everything the last day looked at lies in June 2023.
        assert_eq!(said(days, ""), []);
        assert_eq!(said("holidays = [2022-12-25]", ""), both("2022-12-25"));
        assert_eq!(said("holidays = [2022-12-25]", "2022-12-20..2023-05-31"), both("2022-12-25"));
        assert_eq!(said("holidays = []", "2023-06"), []);
    }

    #[test]
    fn a_calendar_that_no_ticket_is_measured_by_is_not_told() {
        let text = format!(
            "{NORTHERN}\n[calendars.long]\nlike = \"default\"\n[calendars.other]\nlike = \"default\"\nholidays = [2020-01-01]\n"
        );
        let policies = PolicyBook::new(vec![Policy::parse("p.toml", &text, None).unwrap()]).unwrap();
        let run = Run { policies: &policies, period: &Period::Everything, as_of: None, keep: Keep::Late };
        assert_eq!(run.measure(records(40)).unwrap().holidays_end(), []);
    }
}
