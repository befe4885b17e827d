//! One ticket's history and its measurements: every rule of measurement, in one pure function.

use crate::calendar::{Instant, OutOfSpan, WorkClock};
use crate::policy::{Comparison, Metric, Severity, Targets, Waiting};
use crate::records::{Event, EventKind};

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
    if history.submitted > cut {
        return Ok(None);
    }
    let severity_first = severity_at_submission(history);
    let mut course = Course {
        judge,
        updates_known: history.updates_known,
        severity: severity_first,
        running: Some(Running {
            metric: Metric::Response,
            started: history.submitted,
            severity: severity_first,
        }),
        communicated: None,
        waits: Vec::new(),
        wait_from: None,
        finished: Vec::new(),
        first_response: None,
        resolved: None,
    };
    for event in in_order(history).filter(|event| history.submitted <= event.at && event.at <= cut) {
        course.take(&event);
    }
    let life = Life {
        severity_first,
        severity_last: course.severity,
        first_response: course.first_response,
        resolved: course.resolved,
    };
    course.judge_all(cut, measurements)?;
    Ok(Some(life))
}

/// The severity a ticket was submitted with: what its first change of severity started from,
/// where the export says so, else its row's. The first change counts even after the cut, so that
/// a later export, whose row holds a later severity, says the same of a closed month.
fn severity_at_submission(history: &History<'_>) -> Severity {
    let changes = history.events.iter().filter(|event| event.at >= history.submitted);
    let first = changes.filter_map(|event| match event.kind {
        EventKind::Severity { from, .. } => Some(from),
        _ => None,
    });
    first.into_iter().next().flatten().unwrap_or(history.severity)
}

/// The events with those that the ticket's own row holds, in order.
fn in_order<'a>(history: &History<'a>) -> impl Iterator<Item = Event> + use<'a> {
    let row = |at: Option<Instant>, kind| at.map(|at| Event { at, kind });
    let mut rows =
        [row(history.first_response, EventKind::Communicated), row(history.resolved, EventKind::Resolved)];
    rows.sort();
    let mut rows = rows.into_iter().flatten().peekable();
    let mut events = history.events.iter().copied().peekable();
    std::iter::from_fn(move || match (rows.peek(), events.peek()) {
        (Some(row), Some(event)) if row <= event => rows.next(),
        (Some(_), None) => rows.next(),
        _ => events.next(),
    })
}

/// A measurement under way.
#[derive(Debug, Clone, Copy)]
struct Running {
    metric: Metric,
    started: Instant,
    severity: Severity,
}

/// The course of a ticket while its events are taken one by one.
struct Course<'a> {
    judge: &'a Judge<'a>,
    updates_known: bool,
    severity: Severity,
    running: Option<Running>,
    /// The instant of the latest communication.
    communicated: Option<Instant>,
    /// The spans for which the customer was waited for.
    waits: Vec<(Instant, Instant)>,
    wait_from: Option<Instant>,
    finished: Vec<(Running, Instant)>,
    first_response: Option<Instant>,
    resolved: Option<Instant>,
}

impl Course<'_> {
    fn take(&mut self, event: &Event) {
        let at = event.at;
        match event.kind {
            EventKind::Severity { to, .. } => {
                self.severity = to;
                // A change at the very start of a measurement is in force at its start.
                if let Some(running) = self.running.as_mut().filter(|running| running.started == at) {
                    running.severity = to;
                }
            }
            EventKind::Reopened => {
                if self.resolved.take().is_some() {
                    self.start_update(at);
                }
            }
            EventKind::Resumed | EventKind::Replied => self.stop_waiting(at),
            EventKind::Communicated => {
                if self.resolved.is_none() && self.communicated != Some(at) {
                    self.communicate(at);
                    self.start_update(at);
                }
            }
            EventKind::Waiting => {
                self.wait_from.get_or_insert(at);
            }
            EventKind::Resolved => {
                self.stop_waiting(at);
                if self.resolved.is_none() {
                    // At the instant of a communication the two are one, and nothing runs on.
                    match self.communicated == Some(at) {
                        true => self.running = None,
                        false => self.communicate(at),
                    }
                    self.resolved = Some(at);
                }
            }
        }
    }

    fn communicate(&mut self, at: Instant) {
        self.communicated = Some(at);
        self.first_response.get_or_insert(at);
        self.finished.extend(self.running.take().map(|running| (running, at)));
    }

    fn start_update(&mut self, at: Instant) {
        if self.updates_known {
            self.running = Some(Running { metric: Metric::Update, started: at, severity: self.severity });
        }
    }

    fn stop_waiting(&mut self, at: Instant) {
        self.waits.extend(self.wait_from.take().map(|from| (from, at)));
    }

    fn judge_all(mut self, cut: Instant, measurements: &mut Vec<Measurement>) -> Result<(), OutOfSpan> {
        // While the customer is still waited for, the clock stands still until the cut.
        self.stop_waiting(cut);
        if self.judge.waiting == Waiting::Runs {
            self.waits.clear();
        }
        let finished = self.finished.iter().map(|(running, ended)| (running, Some(*ended)));
        let all = finished.chain(self.running.iter().map(|running| (running, None)));
        for (sequence, (running, ended)) in (0..).zip(all) {
            measurements.push(self.judge_one(sequence, running, ended, cut)?);
        }
        Ok(())
    }

    fn judge_one(
        &self,
        sequence: u32,
        running: &Running,
        ended: Option<Instant>,
        cut: Instant,
    ) -> Result<Measurement, OutOfSpan> {
        let Running { metric, started, severity } = *running;
        let target = self.judge.targets.of(metric, severity);
        let elapsed = self.elapsed(started, ended.unwrap_or(cut));
        let late = match self.judge.comparison {
            Comparison::Strict => elapsed >= target,
            Comparison::Inclusive => elapsed > target,
        };
        let outcome = match (late, ended) {
            (true, _) => Outcome::Breached,
            (false, Some(_)) => Outcome::Met,
            (false, None) => Outcome::Pending,
        };
        let due = self.due(started, target)?;
        let decided = match outcome {
            Outcome::Met => ended,
            Outcome::Breached => Some(self.breached(started, target, due)?),
            Outcome::Pending => None,
        };
        Ok(Measurement { metric, sequence, severity, started, ended, elapsed, target, due, outcome, decided })
    }

    /// When a breach is certain: when it is due. Where a time equal to the target is still in
    /// time and the target is reached at closing, it is certain only from the next opening on,
    /// which may lie in another month.
    fn breached(&self, started: Instant, target: i64, due: Instant) -> Result<Instant, OutOfSpan> {
        match self.judge.comparison {
            Comparison::Strict => Ok(due),
            Comparison::Inclusive => self.due(started, target + 1).map(Instant::before),
        }
    }

    /// Working time between two instants, less that for which the customer was waited for.
    fn elapsed(&self, from: Instant, to: Instant) -> i64 {
        let clock = self.judge.clock;
        let inside = |at: Instant| at.clamp(from, to);
        let waited: i64 =
            self.waits.iter().map(|(start, end)| clock.elapsed(inside(*start), inside(*end))).sum();
        clock.elapsed(from, to) - waited
    }

    /// The earliest instant at which [`Self::elapsed`] from `from` reaches `target`.
    fn due(&self, from: Instant, target: i64) -> Result<Instant, OutOfSpan> {
        let (mut from, mut rest) = (from, target);
        for (start, end) in &self.waits {
            if *end <= from {
                continue;
            }
            // A wait that was on when the measurement started takes its clock from there.
            let start = (*start).max(from);
            let worked = self.judge.clock.elapsed(from, start);
            if worked >= rest {
                break;
            }
            (from, rest) = (*end, rest - worked);
        }
        self.judge.clock.due(from, rest)
    }
}

#[cfg(test)]
mod tests;
