//! Why a ticket's measurements are what they are: what happened to it, and which of the time
//! counted, day by day.
//!
//! An [`Explanation`] is data that speaks no language; pages and texts are rendered from it. It is
//! a second opinion too: the time of each measurement is laid out by the days of the calendar and
//! added up anew, and where that does not give what [`measure`](super::measure) gave, to the
//! microsecond, there is a [`Disagreement`] in place of an explanation.

mod days;
mod of_facts;
mod walk;

use std::sync::Arc;

use crate::calendar::{Calendar, Instant, LocalTime};
use crate::policy::{CalendarSource, Comparison, Severity, TargetSource, Waiting};
use crate::records::EventKind;

use super::history::{Effect, History, Life, Measurement, Room, follow};
use super::terms::Terms;

pub use days::{Day, DayGroup};
pub use walk::{CountedSpan, Why};

/// Why a ticket's measurements are what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whose it is.
    pub subject: Subject,
    /// The policy that judges the ticket, `name@effective-from`.
    pub policy: String,
    /// The name of the calendar it is measured by.
    pub calendar: String,
    /// Its hours, day by day.
    pub hours: Arc<Calendar>,
    /// Where that calendar is chosen.
    pub calendar_from: CalendarSource,
    /// The name of the customer's time zone.
    pub zone: String,
    /// Whether a time equal to its target is in time.
    pub comparison: Comparison,
    /// What the clock does while the customer is waited for.
    pub waiting: Waiting,
    /// The instant as of which the ticket is looked at.
    pub cut: Instant,
    /// What the customer's clock shows at that instant.
    pub local_cut: LocalTime,
    /// Whether updates are known; without them only the response is measured.
    pub updates_known: bool,
    /// What it all came to.
    pub life: Life,
    /// What happened up to the cut, in the order in which it is taken; what the export has from
    /// before the submission comes first, and is left out of everything else.
    pub timeline: Vec<Moment>,
    /// The measurements, in the order of their sequence.
    pub measurements: Vec<Explained>,
}

/// The ticket that is explained, and what it is judged as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its id.
    pub ticket_id: String,
    /// Its customer.
    pub customer: String,
    /// The customer's tier.
    pub tier: String,
    /// The customer's region.
    pub region: String,
}

/// Something that happened to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When it happened.
    pub at: Instant,
    /// What the customer's clock showed.
    pub local: LocalTime,
    /// What happened.
    pub what: What,
    /// What it came to.
    pub effect: Effect,
}

/// What can happen to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It was submitted.
    Submitted {
        /// With this severity.
        severity: Severity,
    },
    /// Its severity was changed.
    Severity {
        /// The one in force before.
        from: Severity,
        /// The one in force from then on.
        to: Severity,
    },
    /// It was opened again.
    Reopened,
    /// The customer was no longer waited for.
    Resumed,
    /// The customer wrote.
    Replied,
    /// Support wrote to the customer.
    Communicated,
    /// The customer was waited for.
    Waiting,
    /// It was resolved.
    Resolved,
}

/// A measurement, and the time it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The measurement.
    pub measurement: Measurement,
    /// What the customer's clock shows when it is due.
    pub local_due: LocalTime,
    /// Where its target is set.
    pub target_from: TargetSource,
    /// All the time from its start to its end, or to the cut while it is open: in order and
    /// without a gap; none where it took no time at all.
    pub spans: Vec<CountedSpan>,
}

/// The days do not add up to what was measured: one of the two has a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "measurement {sequence}: {figure} was measured as {measured}, but the days add up to {walked}; this is a bug, please report it"
)]
pub struct Disagreement {
    /// The sequence of the measurement.
    pub sequence: u32,
    /// Which figure they disagree on.
    pub figure: &'static str,
    /// What was measured.
    pub measured: String,
    /// What the days add up to.
    pub walked: String,
}

/// Why a ticket cannot be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// There is no such ticket.
    #[error("there is no ticket at place {0}")]
    NoTicket(usize),
    /// Its events are gone.
    #[error(
        "the events of ticket {0} were not kept: only those of tickets with a breach in the period, or with something pending, are"
    )]
    NotKept(String),
    /// It was not there yet.
    #[error("ticket {0} was submitted after {1}, as of which the tickets are looked at")]
    NotSubmitted(String, Instant),
    /// A target that is never reached.
    #[error("ticket {0}: its target is not reached by 2100")]
    NeverDue(String),
    /// The explanation contradicts the measurement.
    #[error("ticket {0}, {1}")]
    Disagreement(String, #[source] Disagreement),
}

/// Explains a ticket by what it is judged by.
fn explain(
    subject: Subject,
    history: &History<'_>,
    terms: &Terms,
    policy: &str,
) -> Result<Explanation, ExplainError> {
    let zone = terms.clock.zone();
    let judge = terms.judge();
    let id = || subject.ticket_id.clone();
    let mut taken = Vec::new();
    let mut room = Room::default();
    let course = follow(history, &judge, terms.cut, &mut room, |event, severity, effect| {
        taken.push((*event, severity, effect));
    });
    let mut course = course.ok_or_else(|| ExplainError::NotSubmitted(id(), terms.cut))?;
    let mut measurements = Vec::new();
    course.judge_all(terms.cut, &mut measurements).map_err(|_| ExplainError::NeverDue(id()))?;
    let life = course.life();

    let moment = |at, what, effect| Moment { at, local: zone.local(at), what, effect };
    let submitted = What::Submitted { severity: life.severity_first };
    let early = history.events.iter().take_while(|event| event.at < history.submitted);
    let mut timeline: Vec<_> = early
        .map(|event| moment(event.at, what(event.kind, life.severity_first), Effect::BeforeSubmission))
        .collect();
    timeline.push(moment(history.submitted, submitted, Effect::Taken));
    timeline.extend(
        taken
            .into_iter()
            .map(|(event, severity, effect)| moment(event.at, what(event.kind, severity), effect)),
    );
    let explained = |measurement: Measurement| {
        let spans = walk::spans(&measurement, terms, course.pauses())?;
        let target_from = terms.targets_from.of(measurement.metric, measurement.severity);
        let local_due = zone.local(measurement.due);
        Ok(Explained { measurement, local_due, target_from, spans })
    };
    let measurements = measurements
        .into_iter()
        .map(explained)
        .collect::<Result<_, _>>()
        .map_err(|disagreement| ExplainError::Disagreement(id(), disagreement))?;
    Ok(Explanation {
        subject,
        policy: policy.to_owned(),
        calendar: terms.calendar.clone(),
        hours: Arc::clone(terms.clock.calendar()),
        calendar_from: terms.calendar_from,
        zone: zone.name().to_owned(),
        comparison: terms.comparison,
        waiting: terms.waiting,
        cut: terms.cut,
        local_cut: zone.local(terms.cut),
        updates_known: history.updates_known,
        life,
        timeline,
        measurements,
    })
}

/// What an event is, where the severity before it was `severity`.
const fn what(kind: EventKind, severity: Severity) -> What {
    match kind {
        EventKind::Severity { to, .. } => What::Severity { from: severity, to },
        EventKind::Reopened => What::Reopened,
        EventKind::Resumed => What::Resumed,
        EventKind::Replied => What::Replied,
        EventKind::Communicated => What::Communicated,
        EventKind::Waiting => What::Waiting,
        EventKind::Resolved => What::Resolved,
    }
}

#[cfg(test)]
mod tests;
