//! An explanation as JSON: every span with what it counted and why, and the sentences besides.

use serde_json::{Value, json};

use super::{Told, rules, what};
use crate::calendar::{Instant, LocalTime};
use crate::language::Language;
use crate::measure::{CountedSpan, Day, Explained, Explanation, Moment, What};
use crate::policy::{CalendarSource, Comparison, TargetSource, Waiting};

/// An explanation as JSON. Instants are RFC 3339 in UTC, readings of the customer's clock bear no
/// zone, lengths of time are microseconds; what is written for people is in `language`.
pub fn json(language: &'static Language, explanation: &Explanation) -> Value {
    let subject = &explanation.subject;
    json!({
        "ticket_id": subject.ticket_id,
        "customer": subject.customer,
        "tier": subject.tier,
        "region": subject.region,
        "timezone": explanation.zone,
        "as_of": instant(explanation.cut),
        "as_of_local": local(explanation.local_cut),
        "policy": explanation.policy,
        "calendar": explanation.calendar,
        "calendar_from": calendar_source(explanation.calendar_from),
        "comparison": match explanation.comparison {
            Comparison::Strict => "strict",
            Comparison::Inclusive => "inclusive",
        },
        "waiting_on_customer": match explanation.waiting {
            Waiting::Runs => "runs",
            Waiting::Pauses => "pauses",
        },
        "rules": rules(language, explanation),
        "updates_known": explanation.updates_known,
        "severity": explanation.life.severity_first.number(),
        "severity_last": explanation.life.severity_last.number(),
        "timeline": explanation.timeline.iter().map(|moment| event(language, moment)).collect::<Vec<_>>(),
        "measurements": explanation
            .measurements
            .iter()
            .map(|explained| measurement(language, explanation, explained))
            .collect::<Vec<_>>(),
    })
}

fn instant(instant: Instant) -> String {
    instant.to_string()
}

fn local(local: LocalTime) -> String {
    local.to_string().replace(' ', "T")
}

const fn calendar_source(source: CalendarSource) -> &'static str {
    match source {
        CalendarSource::CustomersTable => "customers_table",
        CalendarSource::Customer => "customer",
        CalendarSource::Region => "region",
        CalendarSource::Default => "default",
    }
}

fn event(language: &Language, moment: &Moment) -> Value {
    let (name, severity) = match moment.what {
        What::Submitted { severity } => ("submitted", Some(severity)),
        What::Severity { to, .. } => ("severity", Some(to)),
        What::Reopened => ("reopened", None),
        What::Resumed => ("resumed", None),
        What::Replied => ("replied", None),
        What::Communicated => ("communicated", None),
        What::Waiting => ("waiting", None),
        What::Resolved => ("resolved", None),
    };
    json!({
        "at": instant(moment.at),
        "local": local(moment.local),
        "event": name,
        "severity": severity.map(|severity| severity.number()),
        "effect": moment.effect.name(),
        "text": what(language, moment),
    })
}

fn measurement(language: &'static Language, explanation: &Explanation, explained: &Explained) -> Value {
    let told = Told::new(language, explanation, explained);
    let measured = &explained.measurement;
    let days: Vec<Value> = explained.days().iter().map(|own| day(explanation, own)).collect();
    let spans: Vec<Value> = explained.spans.iter().map(|own| span(explanation, own)).collect();
    json!({
        "metric": measured.metric.name(),
        "sequence": measured.sequence,
        "severity": measured.severity.number(),
        "started_at": instant(measured.started),
        "ended_at": measured.ended.map(instant),
        "due_at": instant(measured.due),
        "due_local": local(explained.local_due),
        "decided_at": measured.decided.map(instant),
        "elapsed_us": measured.elapsed,
        "target_us": measured.target,
        "target_from": match explained.target_from {
            TargetSource::Policy => "policy",
            TargetSource::Tier => "tier",
            TargetSource::Region => "region",
            TargetSource::Customer => "customer",
        },
        "outcome": measured.outcome.name(),
        "verdict": told.verdict(),
        "days": days,
        "spans": spans,
    })
}

fn day(explanation: &Explanation, day: &Day<'_>) -> Value {
    let windows: Vec<String> =
        explanation.hours.windows_on(day.date).iter().map(ToString::to_string).collect();
    json!({
        "date": day.date.to_string(),
        "windows": windows,
        "counted_us": day.counted,
        "total_us": day.total,
        "nothing": day.nothing.map(|why| why.name()),
        "holiday": explanation.hours.name_of(day.date),
        "clock_change_us": day.clock_change,
        "target_reached": day.reached,
    })
}

fn span(explanation: &Explanation, span: &CountedSpan) -> Value {
    json!({
        "local_date": span.date.to_string(),
        "from": instant(span.from),
        "to": instant(span.to),
        "local_from": local(span.local_from),
        "local_to": local(span.local_to),
        "counted_us": span.counted,
        "total_us": span.total,
        "reason": span.why.name(),
        "holiday": explanation.hours.name_of(span.date),
    })
}
