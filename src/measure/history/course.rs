//! The course of a ticket while its events are taken one by one: every rule of measurement.

use super::{Effect, History, Judge, Life, Measurement, Outcome};
use crate::calendar::{Instant, OutOfSpan};
use crate::policy::{Comparison, Metric, Severity, Waiting};
use crate::records::{Event, EventKind};

/// Room for what a course holds of which there may be any number, used by one ticket after the
/// other.
#[derive(Debug, Default)]
pub(in crate::measure) struct Room {
    /// The spans for which the customer was waited for.
    waits: Vec<(Instant, Instant)>,
    finished: Vec<(Running, Instant)>,
}

/// Takes the events of a ticket one by one up to the cut, and tells `seen` of each: the severity
/// in force before it, and what it came to. `None` for a ticket submitted after the cut.
pub(in crate::measure) fn follow<'a>(
    history: &History<'_>,
    judge: &'a Judge<'a>,
    cut: Instant,
    room: &'a mut Room,
    mut seen: impl FnMut(&Event, Severity, Effect),
) -> Option<Course<'a>> {
    if history.submitted > cut {
        return None;
    }
    room.waits.clear();
    room.finished.clear();
    let severity_first = severity_at_submission(history);
    let mut course = Course {
        judge,
        updates_known: history.updates_known,
        severity_first,
        severity: severity_first,
        running: Some(Running {
            metric: Metric::Response,
            started: history.submitted,
            severity: severity_first,
        }),
        communicated: None,
        wait_from: None,
        room,
        first_response: None,
        resolved: None,
    };
    in_order(history, cut, |event| {
        let severity = course.severity;
        let effect = course.take(event);
        seen(event, severity, effect);
    });
    Some(course)
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

/// Gives the events from the submission to the cut, with those that the ticket's own row holds, in
/// order.
fn in_order(history: &History<'_>, cut: Instant, mut give: impl FnMut(&Event)) {
    let row = |at: Option<Instant>, kind| {
        at.filter(|at| history.submitted <= *at && *at <= cut).map(|at| Event { at, kind })
    };
    let mut rows =
        [row(history.first_response, EventKind::Communicated), row(history.resolved, EventKind::Resolved)];
    rows.sort_unstable();
    let mut rows = rows.into_iter().flatten().peekable();
    let events = history.events.iter().skip_while(|event| event.at < history.submitted);
    for event in events.take_while(|event| event.at <= cut) {
        while let Some(row) = rows.next_if(|row| row <= event) {
            give(&row);
        }
        give(event);
    }
    rows.for_each(|row| give(&row));
}

/// A measurement under way.
#[derive(Debug, Clone, Copy)]
struct Running {
    metric: Metric,
    started: Instant,
    severity: Severity,
}

/// The course of a ticket while its events are taken one by one.
pub(in crate::measure) struct Course<'a> {
    judge: &'a Judge<'a>,
    updates_known: bool,
    severity_first: Severity,
    severity: Severity,
    running: Option<Running>,
    /// The instant of the latest communication.
    communicated: Option<Instant>,
    wait_from: Option<Instant>,
    room: &'a mut Room,
    first_response: Option<Instant>,
    resolved: Option<Instant>,
}

impl Course<'_> {
    fn take(&mut self, event: &Event) -> Effect {
        let at = event.at;
        match event.kind {
            EventKind::Severity { to, .. } => {
                let before = std::mem::replace(&mut self.severity, to);
                // A change at the very start of a measurement is in force at its start.
                if let Some(running) = self.running.as_mut().filter(|running| running.started == at) {
                    running.severity = to;
                }
                if before == to { Effect::SameSeverity } else { Effect::Taken }
            }
            EventKind::Reopened => match self.resolved.take() {
                Some(_) => {
                    self.start_update(at);
                    Effect::Taken
                }
                None => Effect::NotResolved,
            },
            EventKind::Resumed | EventKind::Replied => match self.stop_waiting(at) {
                true => Effect::Taken,
                false => Effect::NotWaiting,
            },
            EventKind::Communicated if self.resolved.is_some() => Effect::WhileResolved,
            EventKind::Communicated if self.communicated == Some(at) => Effect::SameCommunication,
            EventKind::Communicated => {
                self.communicate(at);
                self.start_update(at);
                Effect::Taken
            }
            EventKind::Waiting if self.wait_from.is_some() => Effect::WaitingAlready,
            EventKind::Waiting => {
                self.wait_from = Some(at);
                Effect::Taken
            }
            EventKind::Resolved => {
                self.stop_waiting(at);
                if self.resolved.is_some() {
                    return Effect::ResolvedAlready;
                }
                // At the instant of a communication the two are one, and nothing runs on.
                match self.communicated == Some(at) {
                    true => self.running = None,
                    false => self.communicate(at),
                }
                self.resolved = Some(at);
                Effect::Taken
            }
        }
    }

    /// The ticket's life so far.
    pub(in crate::measure) fn life(&self) -> Life {
        Life {
            severity_first: self.severity_first,
            severity_last: self.severity,
            first_response: self.first_response,
            resolved: self.resolved,
        }
    }

    /// The spans for which the clock stands still, in order and apart; known once all is judged.
    pub(in crate::measure) fn pauses(&self) -> &[(Instant, Instant)] {
        &self.room.waits
    }

    fn communicate(&mut self, at: Instant) {
        self.communicated = Some(at);
        self.first_response.get_or_insert(at);
        self.room.finished.extend(self.running.take().map(|running| (running, at)));
    }

    fn start_update(&mut self, at: Instant) {
        if self.updates_known {
            self.running = Some(Running { metric: Metric::Update, started: at, severity: self.severity });
        }
    }

    /// Whether the customer was waited for until then.
    fn stop_waiting(&mut self, at: Instant) -> bool {
        let from = self.wait_from.take();
        self.room.waits.extend(from.map(|from| (from, at)));
        from.is_some()
    }

    /// Adds the measurements to the others, in the order of their sequence.
    pub(in crate::measure) fn judge_all(
        &mut self,
        cut: Instant,
        measurements: &mut Vec<Measurement>,
    ) -> Result<(), OutOfSpan> {
        // While the customer is still waited for, the clock stands still until the cut.
        self.stop_waiting(cut);
        if self.judge.waiting == Waiting::Runs {
            self.room.waits.clear();
        }
        let finished = self.room.finished.iter().map(|(running, ended)| (running, Some(*ended)));
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
            self.room.waits.iter().map(|(start, end)| clock.elapsed(inside(*start), inside(*end))).sum();
        clock.elapsed(from, to) - waited
    }

    /// The earliest instant at which [`Self::elapsed`] from `from` reaches `target`.
    fn due(&self, from: Instant, target: i64) -> Result<Instant, OutOfSpan> {
        let (mut from, mut rest) = (from, target);
        for (start, end) in &self.room.waits {
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
