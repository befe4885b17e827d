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
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::calendar::{HOUR, MINUTE, Zone};
    use crate::policy::northern;

    /// May 2024 in Paris (UTC+2): the 3rd is a Friday, the 6th a Monday.
    fn at(text: &str) -> Instant {
        let (day, time) = text.split_once(' ').unwrap();
        let text = format!("2024-05-{day:0>2}T{time}+02:00");
        Instant::from_micros(DateTime::parse_from_rfc3339(&text).unwrap().timestamp_micros()).unwrap()
    }

    fn severity(number: u8) -> Severity {
        Severity::new(number).unwrap()
    }

    struct Case {
        submitted: &'static str,
        first_response: Option<&'static str>,
        resolved: Option<&'static str>,
        events: Vec<(&'static str, EventKind)>,
        waiting: Waiting,
        comparison: Comparison,
        updates_known: bool,
        cut: &'static str,
    }

    impl Default for Case {
        fn default() -> Case {
            Case {
                submitted: "03 14:00:00",
                first_response: None,
                resolved: None,
                events: vec![],
                waiting: Waiting::Runs,
                comparison: Comparison::Strict,
                updates_known: true,
                cut: "31 23:59:00",
            }
        }
    }

    /// Metric, severity, elapsed (as hours and minutes), due and outcome of each measurement of a
    /// ticket of severity 2 in Paris.
    fn measured(case: &Case) -> (Vec<Measurement>, Life) {
        let policy = northern();
        let zone = Arc::new(Zone::named("Europe/Paris").unwrap());
        let clock = WorkClock::new(policy.calendar("default").unwrap(), zone);
        let targets = policy.targets("", "", "");
        let judge =
            Judge { clock: &clock, targets: &targets, comparison: case.comparison, waiting: case.waiting };
        let mut events: Vec<_> =
            case.events.iter().map(|(time, kind)| Event { at: at(time), kind: *kind }).collect();
        events.sort();
        let history = History {
            submitted: at(case.submitted),
            severity: severity(2),
            first_response: case.first_response.map(at),
            resolved: case.resolved.map(at),
            events: &events,
            updates_known: case.updates_known,
        };
        let mut measurements = Vec::new();
        let life = measure(&history, &judge, at(case.cut), &mut measurements).unwrap().unwrap();
        (measurements, life)
    }

    fn times(measurements: &[Measurement]) -> Vec<(i64, Outcome)> {
        measurements.iter().map(|m| (m.elapsed / MINUTE, m.outcome)).collect()
    }

    use EventKind::{Communicated, Reopened, Replied, Resolved, Resumed, Waiting as Waits};
    use Outcome::{Breached, Met, Pending};

    const H: i64 = HOUR / MINUTE;

    #[test]
    fn the_worked_example_of_the_agreement_is_4_h() {
        // Friday 14:00 to Monday 09:00: 14:00-18:00 on Friday and nothing more.
        let (found, _) =
            measured(&Case { first_response: Some("06 09:00:00"), cut: "06 09:00:00", ..Case::default() });
        assert_eq!(times(&found), [(4 * H, Met), (0, Pending)]);
        assert_eq!(found[0].decided, Some(at("06 09:00:00")));
    }

    #[test]
    fn exactly_the_target_is_a_breach_and_a_microsecond_less_is_met() {
        // Friday 14:00 plus 8 h: 4 h on Friday, 4 h on Monday, 13:00.
        let answered = |time| measured(&Case { first_response: Some(time), ..Case::default() }).0[0];
        assert_eq!(answered("06 13:00:00").outcome, Breached);
        assert_eq!(answered("06 13:00:00").due, at("06 13:00:00"));
        assert_eq!(answered("06 13:00:00").decided, Some(at("06 13:00:00")));
        assert_eq!(answered("06 12:59:59.999999").outcome, Met);
        let inclusive = Case {
            first_response: Some("06 13:00:00"),
            comparison: Comparison::Inclusive,
            ..Case::default()
        };
        assert_eq!(measured(&inclusive).0[0].outcome, Met);
    }

    #[test]
    fn an_inclusive_breach_at_closing_is_certain_from_the_next_opening() {
        // Friday 10:00 plus 8 h is 18:00, closing time; answered on Monday at 09:30 it took 8 h 30.
        let case = |answer| Case {
            submitted: "03 10:00:00",
            first_response: Some(answer),
            comparison: Comparison::Inclusive,
            ..Case::default()
        };
        let (late, _) = measured(&case("06 09:30:00"));
        assert_eq!(
            (late[0].outcome, late[0].due, late[0].decided),
            (Breached, at("03 18:00:00"), Some(at("06 09:00:00")))
        );
        let (in_time, _) = measured(&case("06 09:00:00"));
        assert_eq!(in_time[0].outcome, Met);
        // Within a window it is certain when it is due: Friday 14:00 plus 8 h is Monday 13:00.
        let within = Case { submitted: "03 14:00:00", ..case("06 15:00:00") };
        assert_eq!(measured(&within).0[0].decided, Some(at("06 13:00:00")));
    }

    #[test]
    fn without_updates_only_the_response_is_measured() {
        let (found, _) =
            measured(&Case { first_response: Some("06 09:00:00"), updates_known: false, ..Case::default() });
        assert_eq!(times(&found), [(4 * H, Met)]);
    }

    #[test]
    fn updates_run_from_each_communication_to_the_next_until_the_resolution() {
        // Monday 09:00 answer, Tuesday 10:00 update (9 h + 1 h), Wednesday 11:00 resolved (8 h + 2 h).
        let (found, life) = measured(&Case {
            events: vec![("06 09:00:00", Communicated), ("07 10:00:00", Communicated)],
            resolved: Some("08 11:00:00"),
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met), (10 * H, Met), (10 * H, Met)]);
        assert_eq!(found.iter().map(|m| m.sequence).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((life.first_response, life.resolved), (Some(at("06 09:00:00")), Some(at("08 11:00:00"))));
    }

    #[test]
    fn a_resolution_is_a_communication() {
        // Resolved Monday 10:00 without an answer before: the response took 4 h + 1 h.
        let (found, life) = measured(&Case { resolved: Some("06 10:00:00"), ..Case::default() });
        assert_eq!(times(&found), [(5 * H, Met)]);
        assert_eq!(life.first_response, Some(at("06 10:00:00")));
    }

    #[test]
    fn two_communications_at_one_instant_are_one() {
        let (found, _) = measured(&Case {
            first_response: Some("06 09:00:00"),
            events: vec![("06 09:00:00", Communicated), ("06 09:00:00", Communicated)],
            resolved: Some("06 10:00:00"),
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met), (H, Met)]);
    }

    #[test]
    fn a_communication_and_the_resolution_at_one_instant_leave_no_empty_update() {
        let (found, _) = measured(&Case {
            events: vec![("06 09:00:00", Communicated), ("06 09:00:00", Resolved)],
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met)]);
    }

    #[test]
    fn nothing_is_measured_from_a_resolution_to_the_reopening() {
        // Resolved Monday 09:00, written to on Tuesday (no communication), reopened Wednesday
        // 09:00, answered there at 11:00: 2 h, from the reopening.
        let (found, life) = measured(&Case {
            events: vec![
                ("06 09:00:00", Resolved),
                ("07 09:00:00", Communicated),
                ("08 09:00:00", Reopened),
                ("08 11:00:00", Communicated),
            ],
            cut: "08 12:00:00",
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met), (2 * H, Met), (H, Pending)]);
        assert_eq!(life.resolved, None);
    }

    #[test]
    fn reopening_an_open_ticket_and_resolving_a_resolved_one_change_nothing() {
        let (found, _) = measured(&Case {
            events: vec![("03 15:00:00", Reopened), ("06 09:00:00", Resolved), ("06 10:00:00", Resolved)],
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met)]);
    }

    #[test]
    fn reopened_and_answered_at_one_instant_took_no_time() {
        let (found, _) = measured(&Case {
            events: vec![("06 09:00:00", Resolved), ("08 09:00:00", Reopened), ("08 09:00:00", Communicated)],
            cut: "08 10:00:00",
            ..Case::default()
        });
        assert_eq!(times(&found), [(4 * H, Met), (0, Met), (H, Pending)]);
    }

    #[test]
    fn an_open_measurement_is_pending_until_its_target_and_breached_from_then_on() {
        // Due Monday 13:00.
        let (found, _) = measured(&Case { cut: "06 12:59:00", ..Case::default() });
        assert_eq!(times(&found), [(8 * H - 1, Pending)]);
        assert_eq!(found[0].decided, None);
        let (found, _) = measured(&Case { cut: "06 13:00:00", ..Case::default() });
        assert_eq!(times(&found), [(8 * H, Breached)]);
        assert_eq!((found[0].ended, found[0].decided), (None, Some(at("06 13:00:00"))));
    }

    #[test]
    fn events_after_the_cut_are_not_known_yet() {
        let (found, life) =
            measured(&Case { resolved: Some("08 11:00:00"), cut: "06 10:00:00", ..Case::default() });
        assert_eq!(times(&found), [(5 * H, Pending)]);
        assert_eq!(life.resolved, None);
    }

    #[test]
    fn an_event_before_the_submission_is_left_out() {
        let (found, _) = measured(&Case {
            first_response: Some("03 13:00:00"),
            events: vec![("02 09:00:00", Communicated)],
            cut: "03 15:00:00",
            ..Case::default()
        });
        assert_eq!(times(&found), [(H, Pending)]);
    }

    #[test]
    fn a_change_of_severity_acts_on_the_next_measurement() {
        // Severity 3 from Friday 15:00: the response keeps severity 2 (8 h), the update has 3 (20 h).
        let change = EventKind::Severity { from: Some(severity(2)), to: severity(3) };
        let (found, life) = measured(&Case {
            events: vec![("03 15:00:00", change), ("06 09:00:00", Communicated)],
            ..Case::default()
        });
        assert_eq!(found.iter().map(|m| m.target / HOUR).collect::<Vec<_>>(), [8, 20]);
        assert_eq!((life.severity_first, life.severity_last), (severity(2), severity(3)));
    }

    #[test]
    fn a_change_of_severity_at_the_very_start_is_in_force() {
        let change = EventKind::Severity { from: None, to: severity(4) };
        let (found, _) = measured(&Case {
            events: vec![("06 09:00:00", change), ("06 09:00:00", Communicated)],
            ..Case::default()
        });
        assert_eq!(found.iter().map(|m| m.target / HOUR).collect::<Vec<_>>(), [8, 32]);
        let (found, _) = measured(&Case { events: vec![("03 14:00:00", change)], ..Case::default() });
        assert_eq!(found[0].target / HOUR, 16);
    }

    #[test]
    fn the_severity_at_submission_is_the_first_changes_old_value() {
        // The row says 2, as it became; the change, even one after the cut, says it was 4.
        let change = EventKind::Severity { from: Some(severity(4)), to: severity(2) };
        let case = Case { events: vec![("20 09:00:00", change)], cut: "06 10:00:00", ..Case::default() };
        let (found, life) = measured(&case);
        assert_eq!((found[0].severity, life.severity_first), (severity(4), severity(4)));
    }

    #[test]
    fn waiting_for_the_customer_pauses_the_clock_only_where_the_policy_says_so() {
        // Friday 15:00 to Monday 10:00 waited for: 3 h + 1 h of the 4 h + 2 h to Monday 11:00.
        let case = |waiting| Case {
            events: vec![("03 15:00:00", Waits), ("06 10:00:00", Resumed), ("06 11:00:00", Communicated)],
            waiting,
            cut: "06 11:00:00",
            ..Case::default()
        };
        assert_eq!(times(&measured(&case(Waiting::Runs)).0)[0], (6 * H, Met));
        let (found, _) = measured(&case(Waiting::Pauses));
        assert_eq!(times(&found)[0], (2 * H, Met));
        // 1 h on Friday, then 7 h from Monday 10:00: 17:00.
        assert_eq!(found[0].due, at("06 17:00:00"));
    }

    #[test]
    fn a_wait_ends_with_the_customers_reply_or_the_resolution() {
        let ended_by = |kind| {
            let events = vec![("03 15:00:00", Waits), ("03 16:00:00", kind), ("03 17:00:00", Communicated)];
            times(&measured(&Case { events, waiting: Waiting::Pauses, ..Case::default() }).0)[0]
        };
        assert_eq!(ended_by(Replied), (2 * H, Met));
        assert_eq!(ended_by(Resumed), (2 * H, Met));
        // Support's own comment does not end the wait: 14:00-15:00 only.
        assert_eq!(ended_by(Communicated), (H, Met));
        assert_eq!(ended_by(Resolved), (H, Met));
    }

    #[test]
    fn a_wait_that_is_on_when_a_measurement_starts_is_taken_out_of_it() {
        // Waiting from Friday 15:00; the update from 16:00 starts to run on Monday 09:00.
        let (found, _) = measured(&Case {
            events: vec![
                ("03 15:00:00", Waits),
                ("03 16:00:00", Communicated),
                ("06 09:00:00", Resumed),
                ("06 12:00:00", Communicated),
            ],
            waiting: Waiting::Pauses,
            ..Case::default()
        });
        assert_eq!(times(&found)[..2], [(H, Met), (3 * H, Met)]);
        // 16 h from Monday 09:00: 9 h on Monday, 7 h on Tuesday.
        assert_eq!(found[1].due, at("07 16:00:00"));
    }

    #[test]
    fn while_the_customer_is_waited_for_the_clock_stands_still_until_the_cut() {
        let (found, _) = measured(&Case {
            events: vec![("03 15:00:00", Waits)],
            waiting: Waiting::Pauses,
            cut: "10 09:00:00",
            ..Case::default()
        });
        assert_eq!(times(&found), [(H, Pending)]);
        // Were it resumed at the cut, 7 h would be left: Friday 10th 16:00.
        assert_eq!(found[0].due, at("10 16:00:00"));
    }
}
