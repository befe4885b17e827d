//! What stands at the head of every page and workbook: what it covers, as of when, and by which
//! rules.

use chrono::NaiveDate;

use crate::calendar::{Calendar, Instant, LocalTime, Window};
use crate::language::{Language, filled};
use crate::measure::{Facts, Period};
use crate::policy::{Comparison, PeriodBy, Policy, Waiting};

/// The lines of the head, a label and what it says.
pub(super) fn lines(
    facts: &Facts,
    policies: &[Policy],
    language: &'static Language,
) -> Vec<(String, String)> {
    let words = &language.words.head;
    let mut lines = vec![
        (words.period.clone(), period(&facts.period, language)),
        (words.as_of.clone(), as_of(facts, language)),
        (words.policy.clone(), facts.policies.join(", ")),
    ];
    if let Some(policy) = policies.last() {
        lines.push((words.hours.clone(), hours(policy, days_of(facts), language)));
        let by = match policy.period_by {
            PeriodBy::Decided => &words.by_decided,
            PeriodBy::Submitted => &words.by_submitted,
        };
        lines.push((words.months.clone(), by.clone()));
        let in_time = match policy.comparison {
            Comparison::Strict => &words.strict,
            Comparison::Inclusive => &words.inclusive,
        };
        let waiting = match policy.waiting {
            Waiting::Runs => &words.waiting_runs,
            Waiting::Pauses => &words.waiting_pauses,
        };
        lines.push((words.in_time.clone(), format!("{in_time} {waiting}")));
    }
    lines
}

/// A period by its name.
pub(super) fn period(period: &Period, language: &Language) -> String {
    match period {
        Period::Everything => language.words.head.everything.clone(),
        Period::Days { name, .. } => language.period(name),
    }
}

/// The period of facts by its name in a language: `May 2024`.
pub fn period_name(facts: &Facts, language: &Language) -> String {
    period(&facts.period, language)
}

/// As of when the facts are: an instant, or the period's end where that was earlier for all.
pub fn as_of(facts: &Facts, language: &Language) -> String {
    as_of_of(&facts.period, facts.as_of, facts.period_closed, language)
}

/// The same of a report that is not at hand.
pub(super) fn as_of_of(of: &Period, as_of: Instant, closed: bool, language: &Language) -> String {
    let words = &language.words.head;
    match closed {
        true => filled(&words.as_of_end, &[("period", &period(of, language))]),
        false => filled(&words.as_of_instant, &[("instant", &language.date_time(as_of.micros()))]),
    }
}

/// The days that facts are of: those of the period, else from the first ticket to the as-of instant.
fn days_of(facts: &Facts) -> (NaiveDate, NaiveDate) {
    let date = |at: Instant| LocalTime::from_micros(at.micros()).date();
    match &facts.period {
        Period::Days { first, last, .. } => (*first, *last),
        Period::Everything => {
            let first = facts.records.tickets.first_submitted();
            (date(first.unwrap_or(facts.as_of)), date(facts.as_of))
        }
    }
}

/// The working hours of a policy's default calendar, how many of these days have others, and
/// whether there are other calendars.
fn hours(policy: &Policy, (first, last): (NaiveDate, NaiveDate), language: &'static Language) -> String {
    let words = &language.words.head;
    let Some(calendar) = policy.calendar("default") else { return String::new() };
    let week = week(calendar, language);
    let special = calendar.special_days().range(first..=last.max(first));
    let (closed, own): (Vec<_>, Vec<_>) = special.partition(|(_, day)| day.windows.is_empty());
    let mut text = filled(&words.hours_are, &[("week", &week)]);
    for (number, noun) in [
        (closed.len(), &words.holidays),
        (own.len(), &words.special_days),
        (policy.calendars().len() - 1, &words.calendars),
    ] {
        if number > 0 {
            text.push_str("; ");
            text.push_str(&language.counted(number as i64, noun));
        }
    }
    text
}

/// The hours of a week, days of the same hours together: `Mon – Fri 09:00-18:00`.
pub(super) fn week(calendar: &Calendar, language: &Language) -> String {
    let days = calendar.week();
    let mut parts = Vec::new();
    let mut first = 0;
    while first < days.len() {
        let same = days[first..].iter().take_while(|windows| **windows == days[first]).count();
        if !days[first].is_empty() {
            let (from, to) = (language.weekday_short(first + 1), language.weekday_short(first + same));
            let named = if same == 1 { from.to_owned() } else { language.range(from, to) };
            let windows: Vec<_> = days[first].iter().map(Window::to_string).collect();
            parts.push(format!("{named} {}", windows.join(", ")));
        }
        first += same;
    }
    match parts.is_empty() {
        true => language.words.head.never_open.clone(),
        false => parts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::northern;

    #[test]
    fn days_of_the_same_hours_are_named_together() {
        let policy = northern();
        let calendar = policy.calendar("default").unwrap();
        assert_eq!(week(calendar, Language::named("en").unwrap()), "Mon – Fri 09:00-18:00");
        assert_eq!(week(calendar, Language::named("fr").unwrap()), "lun. – ven. 09:00-18:00");
        assert_eq!(week(&Calendar::default(), Language::named("en").unwrap()), "no hours at all");
    }

    #[test]
    fn the_holidays_that_are_counted_are_those_of_the_days_in_question() {
        let text = crate::policy::NORTHERN
            .replace("holidays = []", "holidays = [2023-12-25, 2024-05-01, 2024-05-08]");
        let policy = Policy::parse("p.toml", &text, None).unwrap();
        let en = Language::named("en").unwrap();
        let said =
            |first: &str, last: &str| hours(&policy, (first.parse().unwrap(), last.parse().unwrap()), en);
        assert!(said("2024-05-01", "2024-05-31").ends_with("clock; 2 holidays"));
        assert!(said("2024-01-01", "2024-05-01").ends_with("clock; 1 holiday"));
        assert!(said("2024-06-01", "2024-06-30").ends_with("clock"));
    }
}
