//! `punctual policy`: list, show, validate, start.

use std::fmt::Write as _;

use serde_json::json;

use super::args::PolicyCommand;
use super::failure::Failure;
use super::printer::{Printer, Style};
use super::settings;
use crate::calendar::Calendar;
use crate::policy::{Comparison, Metric, NORTHERN, PeriodBy, Policy, Severity, Waiting};

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
            let ids: Vec<_> = book.policies().iter().map(Policy::id).collect();
            match printer.json {
                true => printer.result(&format!("{:#}\n", json!({ "sound": ids }))),
                false => printer.summary(&format!("sound: {}\n", ids.join(", "))),
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
        special_days(&mut out, calendar);
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

fn special_days(out: &mut String, calendar: &Calendar) {
    for (date, day) in calendar.special_days() {
        let windows: Vec<_> = day.windows.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "{date} {}",
            if windows.is_empty() { "holiday".to_owned() } else { windows.join(", ") }
        );
    }
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
            (name.clone(), json!({ "week_from_monday": week, "special_days": special }))
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
