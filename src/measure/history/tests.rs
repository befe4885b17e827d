//! Tests of `history`: rules with their figures worked out by hand.

use std::sync::Arc;

use chrono::DateTime;

use super::*;
use crate::calendar::{HOUR, MINUTE, Zone};
use crate::policy::northern;
use crate::records::EventKind;

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
    // The facts do not keep what follows from the order of the measurements.
    assert!((0..).zip(&measurements).all(|(sequence, one)| one.sequence == sequence));
    assert!(measurements.iter().all(|one| (one.metric == Metric::Response) == (one.sequence == 0)));
    assert_eq!(life.first_response, measurements[0].ended);
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
    let inclusive =
        Case { first_response: Some("06 13:00:00"), comparison: Comparison::Inclusive, ..Case::default() };
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
