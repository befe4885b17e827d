//! Tests of `explain`: examples with their figures worked out by hand, and laws.

mod laws;

use std::sync::Arc;

use super::*;
use crate::calendar::samples::{at, date, every_day, weekdays};
use crate::calendar::{Calendar, HOUR, MINUTE, WorkClock, Zone};
use crate::measure::Outcome::{Breached, Met, Pending};
use crate::policy::{TargetSources, northern};
use crate::records::Event;

/// A ticket of severity 2 (8 h to the response, 16 h to an update) in Paris, submitted on Friday
/// 3 May 2024 at 14:00, unless a test says otherwise.
struct Case {
    calendar: Calendar,
    zone: &'static str,
    submitted: Instant,
    events: Vec<Event>,
    waiting: Waiting,
    comparison: Comparison,
    cut: Instant,
}

impl Default for Case {
    fn default() -> Case {
        Case {
            calendar: weekdays(&["09:00-18:00"]),
            zone: "Europe/Paris",
            submitted: at("2024-05-03T14:00:00+02:00"),
            events: vec![],
            waiting: Waiting::Runs,
            comparison: Comparison::Strict,
            cut: at("2024-06-01T00:00:00+02:00"),
        }
    }
}

impl Case {
    fn explained(&self) -> Result<Explanation, ExplainError> {
        let policy = northern();
        let zone = Arc::new(Zone::named(self.zone).unwrap());
        let terms = Terms {
            policy: 0,
            calendar: "default".to_owned(),
            calendar_from: CalendarSource::Default,
            clock: Arc::new(WorkClock::new(&self.calendar, zone)),
            targets: policy.targets("", "", ""),
            targets_from: TargetSources::new(&policy, "", "", ""),
            comparison: self.comparison,
            waiting: self.waiting,
            period_by: policy.period_by,
            cut: self.cut,
        };
        let history = History {
            submitted: self.submitted,
            severity: severity(2),
            first_response: None,
            resolved: None,
            events: &self.events,
            updates_known: true,
        };
        let subject = Subject { ticket_id: "T-1".to_owned(), ..Subject::default() };
        explain(subject, &history, &terms, "northern@2000-01-01")
    }

    /// The measurement of a sequence.
    fn measurement(&self, sequence: usize) -> Explained {
        self.explained().unwrap().measurements.remove(sequence)
    }
}

fn severity(number: u8) -> Severity {
    Severity::new(number).unwrap()
}

/// An event in May 2024 in Paris: `06 09:00`.
fn event(when: &str, kind: EventKind) -> Event {
    let (day, time) = when.split_once(' ').unwrap();
    Event { at: at(&format!("2024-05-{day}T{time}:00+02:00")), kind }
}

/// Its spans: the local date and hours, why, and the minutes that counted on it and up to it.
fn spans(explained: &Explained) -> Vec<String> {
    let time = |local: LocalTime| local.to_string()[11..16].to_owned();
    let line = |span: &CountedSpan| {
        let (from, to) = (time(span.local_from), time(span.local_to));
        let (counted, total) = (span.counted / MINUTE, span.total / MINUTE);
        format!("{} {from}-{to} {:?} {counted} {total}", span.date.format("%d"), span.why)
    };
    explained.spans.iter().map(line).collect()
}

/// Its groups of days: the dates, how many, why none of it counted, and the minutes.
fn groups(explained: &Explained) -> Vec<String> {
    let line = |group: &DayGroup<'_>| {
        let nothing = group.nothing.map_or("counted".to_owned(), |why| format!("{why:?}"));
        let reached = if group.reached { " reached" } else { "" };
        let (first, last) = (group.first.format("%d"), group.last.format("%d"));
        let (counted, total) = (group.counted / MINUTE, group.total / MINUTE);
        format!("{first}-{last} x{} {nothing} {counted} {total}{reached}", group.days)
    };
    explained.day_groups().iter().map(line).collect()
}

use EventKind::{Communicated, Reopened, Replied, Resolved, Resumed, Waiting as Waits};

#[test]
fn friday_14_00_to_monday_09_00_counts_4_h() {
    // 14:00-18:00 is 4 h; the window of Monday opens at the answer.
    let case = Case { events: vec![event("06 09:00", Communicated)], ..Case::default() };
    let response = case.measurement(0);
    assert_eq!(
        spans(&response),
        [
            "03 14:00-18:00 Counted 240 240",
            "03 18:00-00:00 OutsideHours 0 240",
            "04 00:00-00:00 DayOff 0 240",
            "05 00:00-00:00 DayOff 0 240",
            "06 00:00-09:00 OutsideHours 0 240",
        ]
    );
    assert_eq!(
        groups(&response),
        ["03-03 x1 counted 240 240", "04-05 x2 DayOff 0 240", "06-06 x1 OutsideHours 0 240"]
    );
    assert_eq!(response.target_from, TargetSource::Policy);
}

#[test]
fn a_repeated_hour_inside_a_window_is_two_spans_and_both_count() {
    // 00:00-03:00 is 3 h, then the clocks go back: 02:00-09:00 is 7 h. The 8 h are reached 5 h
    // after the change, at 07:00.
    let case = Case {
        calendar: every_day(&["00:00-09:00"]),
        submitted: at("2024-10-27T00:00:00+02:00"),
        events: vec![Event { at: at("2024-10-27T09:00:00+01:00"), kind: Communicated }],
        cut: at("2024-10-27T09:00:00+01:00"),
        ..Case::default()
    };
    let response = case.measurement(0);
    assert_eq!(spans(&response), ["27 00:00-03:00 Counted 180 180", "27 02:00-09:00 Counted 420 600"]);
    assert_eq!(response.measurement.due, at("2024-10-27T07:00:00+01:00"));
    assert_eq!(response.days()[0].pieces().count(), 2);
}

#[test]
fn a_skipped_hour_is_no_span_and_a_target_reached_at_closing_is_due_at_closing() {
    // 00:00-02:00 and 03:00-09:00 are 8 h, the target.
    let case = Case {
        calendar: every_day(&["00:00-09:00"]),
        submitted: at("2024-03-31T00:00:00+01:00"),
        events: vec![Event { at: at("2024-03-31T12:00:00+02:00"), kind: Communicated }],
        ..Case::default()
    };
    let response = case.measurement(0);
    assert_eq!(
        spans(&response),
        [
            "31 00:00-02:00 Counted 120 120",
            "31 03:00-09:00 Counted 360 480",
            "31 09:00-12:00 OutsideHours 0 480"
        ]
    );
    assert_eq!(response.measurement.due, at("2024-03-31T09:00:00+02:00"));
    assert_eq!(response.measurement.outcome, Breached);
}

#[test]
fn a_wait_is_taken_out_of_the_hours_and_only_of_them() {
    // 1 h on Friday, then waited for to Monday 10:00, then 1 h more.
    let events = vec![event("03 15:00", Waits), event("06 10:00", Resumed), event("06 11:00", Communicated)];
    let paused = Case { events, waiting: Waiting::Pauses, ..Case::default() };
    assert_eq!(
        spans(&paused.measurement(0)),
        [
            "03 14:00-15:00 Counted 60 60",
            "03 15:00-18:00 Waiting 0 60",
            "03 18:00-00:00 OutsideHours 0 60",
            "04 00:00-00:00 DayOff 0 60",
            "05 00:00-00:00 DayOff 0 60",
            "06 00:00-09:00 OutsideHours 0 60",
            "06 09:00-10:00 Waiting 0 60",
            "06 10:00-11:00 Counted 60 120",
        ]
    );
    // Where the clock runs on: 4 h on Friday and 2 h on Monday.
    let runs = Case { waiting: Waiting::Runs, ..paused };
    let response = runs.measurement(0);
    assert!(response.spans.iter().all(|span| span.why != Why::Waiting));
    assert_eq!(response.measurement.elapsed, 6 * HOUR);
}

#[test]
fn several_waits_in_one_window_each_cut_it() {
    // Friday 14:00-15:00, 15:30-16:00 and 17:00-18:00 count: 2 h 30. A wait of no time cuts nothing.
    let events = vec![
        event("03 15:00", Waits),
        event("03 15:30", Replied),
        event("03 16:00", Waits),
        event("03 17:00", Resumed),
        event("03 17:30", Waits),
        event("03 17:30", Resolved),
    ];
    let case = Case { events, waiting: Waiting::Pauses, ..Case::default() };
    assert_eq!(
        spans(&case.measurement(0)),
        [
            "03 14:00-15:00 Counted 60 60",
            "03 15:00-15:30 Waiting 0 60",
            "03 15:30-16:00 Counted 30 90",
            "03 16:00-17:00 Waiting 0 90",
            "03 17:00-17:30 Counted 30 120",
        ]
    );
}

#[test]
fn the_timeline_says_what_came_of_each_event() {
    let change = |to| EventKind::Severity { from: None, to: severity(to) };
    let case = Case {
        events: vec![
            event("02 09:00", Communicated),
            event("03 14:30", Reopened),
            event("03 15:00", change(1)),
            event("03 16:00", change(1)),
            event("03 17:00", Resumed),
            event("06 09:00", Resolved),
            event("07 09:00", Communicated),
            event("08 09:00", Reopened),
            event("08 11:00", Communicated),
            event("08 11:00", Communicated),
            event("09 09:00", Waits),
            event("09 10:00", Waits),
            event("31 09:00", Communicated),
        ],
        cut: at("2024-05-10T09:00:00+02:00"),
        ..Case::default()
    };
    let explanation = case.explained().unwrap();
    let timeline: Vec<_> = explanation.timeline.iter().map(|moment| (moment.what, moment.effect)).collect();
    // The one before the submission is left out, and the one after the cut is not in it.
    let (two, one) = (severity(2), severity(1));
    assert_eq!(
        timeline,
        [
            (What::Communicated, Effect::BeforeSubmission),
            (What::Submitted { severity: two }, Effect::Taken),
            (What::Reopened, Effect::NotResolved),
            (What::Severity { from: two, to: one }, Effect::Taken),
            (What::Severity { from: one, to: one }, Effect::SameSeverity),
            (What::Resumed, Effect::NotWaiting),
            (What::Resolved, Effect::Taken),
            (What::Communicated, Effect::WhileResolved),
            (What::Reopened, Effect::Taken),
            (What::Communicated, Effect::Taken),
            (What::Communicated, Effect::SameCommunication),
            (What::Waiting, Effect::Taken),
            (What::Waiting, Effect::WaitingAlready),
        ]
    );
    assert_eq!(explanation.timeline[6].local.to_string(), "2024-05-06 09:00:00");
    // From the reopening on Wednesday at 09:00 to the answer at 11:00, by the severity then.
    let reopened = &explanation.measurements[1];
    assert_eq!(spans(reopened), ["08 09:00-11:00 Counted 120 120"]);
    let severities: Vec<_> =
        explanation.measurements.iter().map(|explained| explained.measurement.severity).collect();
    assert_eq!(severities, [two, one, one]);
}

#[test]
fn a_half_day_counts_its_own_hours_and_a_holiday_none() {
    // Monday 16:00-18:00, Tuesday 09:00-12:00, Wednesday closed, Thursday 09:00-10:00: 6 h.
    let mut calendar = weekdays(&["09:00-18:00"]);
    calendar.add_special_day(date("2024-05-07"), vec!["09:00-12:00".parse().unwrap()]).unwrap();
    calendar.add_holiday(date("2024-05-08")).unwrap();
    let case = Case {
        calendar,
        submitted: at("2024-05-06T16:00:00+02:00"),
        events: vec![event("09 10:00", Communicated)],
        ..Case::default()
    };
    assert_eq!(
        groups(&case.measurement(0)),
        [
            "06-06 x1 counted 120 120",
            "07-07 x1 counted 180 300",
            "08-08 x1 Holiday 0 300",
            "09-09 x1 counted 60 360",
        ]
    );
}

#[test]
fn exactly_at_the_target_is_reached_and_one_microsecond_before_is_not() {
    // Friday 14:00 plus 8 h is Monday 13:00.
    let answered = |comparison, time: &str| {
        let events = vec![Event { at: at(time), kind: Communicated }];
        Case { events, comparison, ..Case::default() }.measurement(0)
    };
    let outcome = |explained: &Explained| {
        (explained.measurement.outcome, explained.days().iter().any(|day| day.reached))
    };
    let exactly = "2024-05-06T13:00:00+02:00";
    assert_eq!(outcome(&answered(Comparison::Strict, exactly)), (Breached, true));
    assert_eq!(outcome(&answered(Comparison::Inclusive, exactly)), (Met, true));
    let before = answered(Comparison::Strict, "2024-05-06T12:59:59.999999+02:00");
    assert_eq!(outcome(&before), (Met, false));
    assert_eq!(before.spans.last().map(|span| span.total), Some(8 * HOUR - 1));
}

#[test]
fn what_is_open_is_laid_out_to_the_cut() {
    // 4 h on Friday and 3 h 59 on Monday.
    let case = Case { cut: at("2024-05-06T12:59:00+02:00"), ..Case::default() };
    let open = case.measurement(0);
    assert_eq!((open.measurement.outcome, open.spans.last().map(|span| span.to)), (Pending, Some(case.cut)));
    assert_eq!(open.spans.last().map(|span| span.total / MINUTE), Some(479));
}

#[test]
fn days_alike_are_one_line_but_for_the_first_the_last_and_the_one_of_the_target() {
    // 8 h are reached on Monday the 6th; 9 h a day from then on, to Friday the 17th at 18:30.
    let case = Case { cut: at("2024-05-17T18:30:00+02:00"), ..Case::default() };
    assert_eq!(
        groups(&case.measurement(0)),
        [
            "03-03 x1 counted 240 240",
            "04-05 x2 DayOff 0 240",
            "06-06 x1 counted 540 780 reached",
            "07-10 x4 counted 2160 2940",
            "11-12 x2 DayOff 0 2940",
            "13-16 x4 counted 2160 5100",
            "17-17 x1 counted 540 5640",
        ]
    );
}

#[test]
fn a_date_that_was_skipped_parts_the_days_beside_it() {
    // Apia went from Thursday the 29th to Saturday the 31st, both of 24 h.
    let case = Case {
        calendar: every_day(&["00:00-24:00"]),
        zone: "Pacific/Apia",
        submitted: at("2011-12-25T12:00:00-10:00"),
        cut: at("2012-01-03T12:00:00+14:00"),
        ..Case::default()
    };
    let response = case.measurement(0);
    let found = groups(&response);
    assert_eq!(
        found[1..4],
        ["26-29 x4 counted 5760 6480", "31-31 x1 counted 1440 7920", "01-02 x2 counted 2880 10800"]
    );
    // The clocks went from the end of the 29th to the beginning of the 31st.
    assert_eq!(response.day_groups()[2].day.clock_change, 24 * HOUR);
}
