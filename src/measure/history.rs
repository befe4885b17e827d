//! One ticket's history and its measurements, by one pure function; the rules are in `course`.

mod course;

use crate::calendar::{Instant, OutOfSpan, WorkClock};
use crate::policy::{Comparison, Metric, Severity, Targets, Waiting};
use crate::records::{Event, Ticket};

pub(super) use course::{Room, follow};

/// What happened to a ticket.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// When it was submitted.
    pub submitted: Instant,
    /// Its severity, as its row says.
    pub severity: Severity,
    /// When it was first answered, as its row says: a communication.
    pub first_response: Option<Instant>,
    /// When it was resolved, as its row says: a resolution.
    pub resolved: Option<Instant>,
    /// Its events, in order (that of [`Event`]).
    pub events: &'a [Event],
    /// Whether `events` are all there were. Where an export has one row per ticket they are not,
    /// and only the response can be measured.
    pub updates_known: bool,
}

impl<'a> History<'a> {
    /// That of a ticket of the records.
    pub fn of(ticket: &Ticket, events: &'a [Event], updates_known: bool) -> History<'a> {
        History {
            submitted: ticket.submitted,
            severity: ticket.severity,
            first_response: ticket.first_response,
            resolved: ticket.resolved,
            events,
            updates_known,
        }
    }
}

/// What a ticket is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The working time of its customer.
    pub clock: &'a WorkClock,
    /// Its targets.
    pub targets: &'a Targets,
    /// Whether a time equal to its target is in time.
    pub comparison: Comparison,
    /// What the clock does while the customer is waited for.
    pub waiting: Waiting,
}

/// How a measurement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// In time.
    Met,
    /// Too late, or still open after its target.
    Breached,
    /// Still open, its target not reached.
    Pending,
}

impl Outcome {
    /// Its name in facts.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Met => "met",
            Outcome::Breached => "breached",
            Outcome::Pending => "pending",
        }
    }
}

/// One span of waiting for support, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measurement {
    /// What is measured.
    pub metric: Metric,
    /// 0 for the response, 1, 2, … for the updates.
    pub sequence: u32,
    /// The severity in force at its start.
    pub severity: Severity,
    /// When it started.
    pub started: Instant,
    /// When it ended; `None` while it is open.
    pub ended: Option<Instant>,
    /// Working time from its start to its end, or to the cut while it is open, in microseconds.
    pub elapsed: i64,
    /// The target it is judged by, in microseconds of working time.
    pub target: i64,
    /// The earliest instant at which the elapsed time reaches the target.
    pub due: Instant,
    /// How it ended.
    pub outcome: Outcome,
    /// When that was decided: met at its end; breached when it was due, or, where the policy is
    /// inclusive and it was due at closing, at the next opening; pending not yet.
    pub decided: Option<Instant>,
}

/// A ticket's life as of the cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The severity it was submitted with.
    pub severity_first: Severity,
    /// The severity in force at the cut.
    pub severity_last: Severity,
    /// The first communication.
    pub first_response: Option<Instant>,
    /// The resolution that holds at the cut; `None` while the ticket is open.
    pub resolved: Option<Instant>,
}

/// Measures a ticket as of `cut`, and adds its measurements to `measurements` in the order of
/// their sequence. Events after the cut, and those before the submission, are left out. A ticket
/// submitted after the cut has neither measurement nor life.
///
/// # Errors
/// [`OutOfSpan`] where a target is not reached by 2100.
pub fn measure(
    history: &History<'_>,
    judge: &Judge<'_>,
    cut: Instant,
    measurements: &mut Vec<Measurement>,
) -> Result<Option<Life>, OutOfSpan> {
    measure_in(&mut Room::default(), history, judge, cut, measurements)
}

/// The same as [`measure`], in room that other tickets had.
pub(super) fn measure_in(
    room: &mut Room,
    history: &History<'_>,
    judge: &Judge<'_>,
    cut: Instant,
    measurements: &mut Vec<Measurement>,
) -> Result<Option<Life>, OutOfSpan> {
    let Some(mut course) = follow(history, judge, cut, room, |_, _, _| ()) else { return Ok(None) };
    course.judge_all(cut, measurements)?;
    Ok(Some(course.life()))
}

/// What an event came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It did what its kind says.
    Taken,
    /// The severity was that already.
    SameSeverity,
    /// A reopening of a ticket that was not resolved.
    NotResolved,
    /// The end of a wait for a customer who was not waited for.
    NotWaiting,
    /// The start of a wait for a customer who was waited for already.
    WaitingAlready,
    /// What support writes while the ticket is resolved is no communication.
    WhileResolved,
    /// Two communications at one instant are one.
    SameCommunication,
    /// A resolution of a ticket that was resolved already.
    ResolvedAlready,
    /// Whatever happened before the ticket was submitted is left out.
    BeforeSubmission,
}

impl Effect {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::Taken => "taken",
            Effect::SameSeverity => "same_severity",
            Effect::NotResolved => "not_resolved",
            Effect::NotWaiting => "not_waiting",
            Effect::WaitingAlready => "waiting_already",
            Effect::WhileResolved => "while_resolved",
            Effect::SameCommunication => "same_communication",
            Effect::ResolvedAlready => "resolved_already",
            Effect::BeforeSubmission => "before_submission",
        }
    }
}

#[cfg(test)]
mod tests;
