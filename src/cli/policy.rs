//! `punctual policy`: list, show, validate, start.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, NaiveDate};
use serde_json::json;

use super::args::PolicyCommand;
use super::failure::Failure;
use super::printer::{Printer, Style};
use super::settings;
use crate::calendar::Calendar;
use crate::policy::{Comparison, Metric, NORTHERN, PeriodBy, Policy, PolicyBook, Severity, Waiting};

pub(super) fn run(command: &PolicyCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        PolicyCommand::List => {
            let northern = settings::policy("northern")?;
            match printer.json {
                true => printer.result(&format!("{:#}\n", json!([northern.id()]))),
                false => printer.result(&format!(
                    "northern  Northern's support agreement, from {}\n",
                    northern.effective_from
                )),
            }
        }
        PolicyCommand::Show { policy } => {
            let policy = settings::policy(policy)?;
            printer.result(&if printer.json { as_json(&policy) } else { as_text(&policy, printer) });
        }
        PolicyCommand::Validate { policies } => {
            let book = settings::policies(policies)?;
            match printer.json {
                true => printer.result(&sound_as_json(&book)),
                false => printer.summary(&sound_as_text(&book)),
            }
        }
        PolicyCommand::New => printer.result(NORTHERN),
    }
    Ok(())
}

const METRICS: [Metric; 2] = [Metric::Response, Metric::Update];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn as_text(policy: &Policy, printer: &Printer) -> String {
    let mut out = String::new();
    // Writing to a String does not fail, here and below.
    let _ = writeln!(out, "{}", printer.styled(&policy.id(), Style::Heading));
    let comparison = match policy.comparison {
        Comparison::Strict => "in time is less than the target; exactly the target is a breach",
        Comparison::Inclusive => "in time is at most the target",
    };
    let waiting = match policy.waiting {
        Waiting::Runs => "the clock runs on while the customer is waited for",
        Waiting::Pauses => "the clock stands still while the customer is waited for",
    };
    let period_by = match policy.period_by {
        PeriodBy::Decided => "a measurement counts in the local month in which it was decided",
        PeriodBy::Submitted => "a measurement counts in the local month of its ticket's submission",
    };
    let _ = writeln!(out, "{comparison}\n{waiting}\n{period_by}\n");
    let targets = policy.targets("", "", "");
    let _ = writeln!(out, "{}", printer.styled("severity  response    update", Style::Faint));
    for severity in Severity::all() {
        let hours = METRICS.map(|metric| Policy::target_text(targets.of(metric, severity)));
        let _ = writeln!(out, "{:<8}{:>10}{:>10}", severity.number(), hours[0], hours[1]);
    }
    for (name, calendar) in policy.calendars() {
        let _ = writeln!(out, "\n{}", printer.styled(&format!("calendar {name}"), Style::Faint));
        for (day, windows) in WEEKDAYS.iter().zip(calendar.week()) {
            let windows: Vec<_> = windows.iter().map(ToString::to_string).collect();
            let windows = if windows.is_empty() { "closed".to_owned() } else { windows.join(", ") };
            let _ = writeln!(out, "{day:<11}{windows}");
        }
        special_days(&mut out, calendar, printer.now);
    }
    let exceptions = policy.exceptions();
    if !exceptions.is_empty() {
        let _ = writeln!(out, "\n{}", printer.styled("exceptions", Style::Faint));
        for exception in exceptions {
            let _ = writeln!(out, "{exception}");
        }
    }
    out
}

/// How many days of a calendar are shown.
const SHOWN: usize = 12;

/// The days of a calendar that come next, else the last there are, and how many more it has.
fn special_days(out: &mut String, calendar: &Calendar, now: i64) {
    let days: Vec<_> = calendar.special_days().iter().collect();
    let today = DateTime::from_timestamp_micros(now).unwrap_or_default().date_naive();
    let next = days.partition_point(|(date, _)| **date < today);
    let first = next.min(days.len().saturating_sub(SHOWN));
    for (date, day) in days.iter().skip(first).take(SHOWN) {
        let windows: Vec<_> = day.windows.iter().map(ToString::to_string).collect();
        let hours = if windows.is_empty() { "closed".to_owned() } else { windows.join(", ") };
        let weekday = WEEKDAYS[date.weekday().num_days_from_monday() as usize];
        let name = day.name.as_deref().unwrap_or_default();
        let line = format!("{date}  {weekday:<10} {hours:<12} {name}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if let (true, [(from, _), .., (to, _)]) = (days.len() > SHOWN, days.as_slice()) {
        let more = days.len() - SHOWN;
        let noun = if more == 1 { "day" } else { "days" };
        let _ = writeln!(out, "{more} more {noun}, from {from} to {to} in all");
    }
}

/// What a calendar says of its days: how many are closed, from when to when, and how many have
/// hours of their own.
struct DaysOf<'a> {
    calendar: &'a str,
    closed: Vec<NaiveDate>,
    with_hours: usize,
}

fn days_of(policy: &Policy) -> impl Iterator<Item = DaysOf<'_>> {
    policy.calendars().iter().map(|(name, calendar)| {
        let days = calendar.special_days();
        let closed: Vec<_> =
            days.iter().filter(|(_, day)| day.windows.is_empty()).map(|(date, _)| *date).collect();
        DaysOf { calendar: name, with_hours: days.len() - closed.len(), closed }
    })
}

fn sound_as_text(book: &PolicyBook) -> String {
    let ids: Vec<_> = book.policies().iter().map(Policy::id).collect();
    let mut out = format!("sound: {}\n", ids.join(", "));
    for policy in book.policies() {
        for days in days_of(policy) {
            let closed = match days.closed.as_slice() {
                [] => "no holidays".to_owned(),
                [only] => format!("1 holiday, {only}"),
                [first, .., last] => format!("{} holidays from {first} to {last}", days.closed.len()),
            };
            let with_hours = match days.with_hours {
                0 => String::new(),
                1 => "; 1 day with hours of its own".to_owned(),
                many => format!("; {many} days with hours of their own"),
            };
            let _ = writeln!(out, "{policy}, calendar {}: {closed}{with_hours}", days.calendar);
        }
    }
    out
}

fn sound_as_json(book: &PolicyBook) -> String {
    let ids: Vec<_> = book.policies().iter().map(Policy::id).collect();
    let calendars: Vec<_> = book
        .policies()
        .iter()
        .flat_map(|policy| days_of(policy).map(|days| (policy.id(), days)))
        .map(|(policy, days)| {
            json!({
                "policy": policy,
                "calendar": days.calendar,
                "holidays": days.closed.len(),
                "first_holiday": days.closed.first().map(NaiveDate::to_string),
                "last_holiday": days.closed.last().map(NaiveDate::to_string),
                "days_with_hours_of_their_own": days.with_hours,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "sound": ids, "calendars": calendars }))
}

fn as_json(policy: &Policy) -> String {
    let targets = policy.targets("", "", "");
    let by_severity = |metric: Metric| {
        let pairs = Severity::all()
            .map(|severity| (severity.number().to_string(), json!(targets.of(metric, severity))));
        serde_json::Value::Object(pairs.collect())
    };
    let calendars: serde_json::Map<_, _> = policy
        .calendars()
        .iter()
        .map(|(name, calendar)| {
            let week: Vec<Vec<String>> = calendar
                .week()
                .iter()
                .map(|windows| windows.iter().map(ToString::to_string).collect())
                .collect();
            let special: serde_json::Map<_, _> = calendar
                .special_days()
                .iter()
                .map(|(date, day)| {
                    let windows: Vec<_> = day.windows.iter().map(ToString::to_string).collect();
                    (date.to_string(), json!(windows))
                })
                .collect();
            let names: serde_json::Map<_, _> = calendar
                .special_days()
                .iter()
                .filter_map(|(date, day)| Some((date.to_string(), json!(day.name.as_ref()?))))
                .collect();
            let days = json!({ "week_from_monday": week, "special_days": special, "names": names });
            (name.clone(), days)
        })
        .collect();
    let policy = json!({
        "policy": policy.id(),
        "comparison": if policy.comparison == Comparison::Strict { "strict" } else { "inclusive" },
        "waiting_on_customer": if policy.waiting == Waiting::Runs { "runs" } else { "pauses" },
        "period_by": if policy.period_by == PeriodBy::Decided { "decided" } else { "submitted" },
        "targets_us": { "response": by_severity(Metric::Response), "update": by_severity(Metric::Update) },
        "calendars": calendars,
        "exceptions": policy.exceptions(),
    });
    format!("{policy:#}\n")
}
