//! Tests of `oracle`: rules with their figures worked out by hand.

use super::*;

const PARIS: Tz = Tz::Europe__Paris;
const LONDON: Tz = Tz::Europe__London;
const APIA: Tz = Tz::Pacific__Apia;
const LORD_HOWE: Tz = Tz::Australia__Lord_Howe;
const MONROVIA: Tz = Tz::Africa__Monrovia;
const AUCKLAND: Tz = Tz::Pacific__Auckland;

/// A UTC reading as an instant. 2024-05-06 is a Monday.
fn utc(reading: &str) -> i64 {
    let known = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"];
    let read = known.iter().find_map(|format| NaiveDateTime::parse_from_str(reading, format).ok());
    read.expect("a test's reading").and_utc().timestamp_micros()
}

/// Working time from 00:00 to 06:00, on Sundays only: the hours in which most clocks change.
fn sunday_night() -> Calendar {
    let mut windows: [Vec<(u32, u32)>; 7] = Default::default();
    windows[6] = vec![(0, 360)];
    Calendar { windows, special: BTreeMap::new() }
}

fn northern_elapsed(tz: Tz, from: &str, to: &str) -> i64 {
    elapsed_us(&Calendar::northern(), tz, utc(from), utc(to))
}

#[test]
fn fourteen_o_clock_to_nine_the_next_working_day_is_four_hours() {
    // UTC+2 in May: 14:00 is 12:00 UTC, and 14:00 to 18:00 counts. Friday to Monday is the same.
    assert_eq!(northern_elapsed(PARIS, "2024-05-06 12:00", "2024-05-07 07:00"), 4 * HOUR);
    assert_eq!(northern_elapsed(PARIS, "2024-05-10 12:00", "2024-05-13 07:00"), 4 * HOUR);
}

#[test]
fn windows_are_closed_at_their_opening_and_open_at_their_close() {
    let cal = Calendar::northern();
    assert!(!is_working(&cal, PARIS, utc("2024-05-06 07:00") - 1));
    assert!(is_working(&cal, PARIS, utc("2024-05-06 07:00")));
    assert!(is_working(&cal, PARIS, utc("2024-05-06 16:00") - 1));
    assert!(!is_working(&cal, PARIS, utc("2024-05-06 16:00")));
    assert_eq!(elapsed_us(&cal, PARIS, utc("2024-05-06 07:00") - 5, utc("2024-05-06 07:00") + 3), 3);
    assert_eq!(elapsed_us(&cal, PARIS, utc("2024-05-06 16:00") - 5, utc("2024-05-06 16:00") + 3), 5);
}

#[test]
fn sixteen_o_clock_plus_two_hours_is_due_at_eighteen_the_same_day() {
    let due = |target| due_us(&Calendar::northern(), PARIS, utc("2024-05-06 14:00"), target, &[]);
    assert_eq!(due(2 * HOUR), utc("2024-05-06 16:00"));
    // One microsecond more is the first one of Tuesday.
    assert_eq!(due(2 * HOUR + 1), utc("2024-05-07 07:00") + 1);
    assert_eq!(due(0), utc("2024-05-06 14:00"));
}

#[test]
fn a_repeated_hour_counts_twice_and_a_skipped_one_not_at_all() {
    // London, 2024-10-27: 02:00 becomes 01:00 at 01:00 UTC. 00:00 to 06:00 local is 23:00 to 06:00 UTC.
    let cal = sunday_night();
    assert_eq!(elapsed_us(&cal, LONDON, utc("2024-10-26 12:00"), utc("2024-10-27 12:00")), 7 * HOUR);
    // 2024-03-31: 01:00 becomes 02:00 at 01:00 UTC. 00:00 to 06:00 local is 00:00 to 05:00 UTC.
    assert_eq!(elapsed_us(&cal, LONDON, utc("2024-03-30 12:00"), utc("2024-03-31 12:00")), 5 * HOUR);
    // A window that is only the repeated, or only the skipped, quarter of an hour.
    let mut quarter = sunday_night();
    quarter.windows[6] = vec![(90, 105)];
    assert_eq!(elapsed_us(&quarter, LONDON, utc("2024-10-26 12:00"), utc("2024-10-27 12:00")), 30 * MINUTE);
    assert_eq!(elapsed_us(&quarter, LONDON, utc("2024-03-30 12:00"), utc("2024-03-31 12:00")), 0);
    // Twenty minutes from its start lie in the second round: 01:35 UTC.
    let due = due_us(&quarter, LONDON, utc("2024-10-26 12:00"), 20 * MINUTE, &[]);
    assert_eq!(due, utc("2024-10-27 01:35"));
}

#[test]
fn the_day_apia_skipped_counts_nothing() {
    // Thursday 2011-12-29 at UTC-10, then Saturday 2011-12-31 at UTC+14. Wednesday 09:00 is 19:00 UTC;
    // Monday 09:00 is 19:00 UTC of Sunday. Wednesday 9 h, Thursday 9 h, and there was no Friday.
    assert_eq!(northern_elapsed(APIA, "2011-12-28 19:00", "2012-01-01 19:00"), 18 * HOUR);
    // 18 h are full at Thursday 18:00 (04:00 UTC of the 30th); the next microsecond is Monday's.
    let due = |target| due_us(&Calendar::northern(), APIA, utc("2011-12-28 19:00"), target, &[]);
    assert_eq!(due(18 * HOUR), utc("2011-12-30 04:00"));
    assert_eq!(due(18 * HOUR + 1), utc("2012-01-01 19:00") + 1);
}

#[test]
fn lord_howe_changes_its_clock_by_half_an_hour() {
    // 2024-04-07: 02:00 at UTC+11 becomes 01:30 at UTC+10:30, at 15:00 UTC. 13:00 to 19:30 UTC is 6.5 h.
    let cal = sunday_night();
    let april = elapsed_us(&cal, LORD_HOWE, utc("2024-04-06 00:00"), utc("2024-04-08 00:00"));
    assert_eq!(april, 6 * HOUR + 30 * MINUTE);
    // 2024-10-06: 02:00 at UTC+10:30 becomes 02:30 at UTC+11, at 15:30 UTC. 13:30 to 19:00 UTC is 5.5 h.
    let october = elapsed_us(&cal, LORD_HOWE, utc("2024-10-05 00:00"), utc("2024-10-07 00:00"));
    assert_eq!(october, 5 * HOUR + 30 * MINUTE);
    // Three hours from Sunday's first instant: 16:00 UTC in April, 16:30 UTC in October.
    let due = |start| due_us(&cal, LORD_HOWE, utc(start), 3 * HOUR, &[]);
    assert_eq!(due("2024-04-06 13:00"), utc("2024-04-06 16:00"));
    assert_eq!(due("2024-10-05 13:30"), utc("2024-10-05 16:30"));
}

#[test]
fn offsets_with_seconds_are_counted_to_the_second() {
    // Monrovia kept UTC-0:44:30 until 1972-01-07 00:44:30 UTC, then UTC: 00:00:00 became 00:44:30.
    assert_eq!(northern_elapsed(MONROVIA, "1971-06-07 00:00", "1971-06-08 00:00"), 9 * HOUR);
    assert_eq!(northern_elapsed(MONROVIA, "1971-06-07 09:44", "1971-06-07 09:45"), 30 * SECOND);
    assert!(is_working(&Calendar::northern(), MONROVIA, utc("1971-06-07 09:44:30")));
    assert!(!is_working(&Calendar::northern(), MONROVIA, utc("1971-06-07 09:44:30") - 1));
    // Friday's first hour: 00:44:30 to 01:00:00 is all there was of it.
    let mut cal = sunday_night();
    cal.windows[4] = vec![(0, 60)];
    let friday = elapsed_us(&cal, MONROVIA, utc("1972-01-06 12:00"), utc("1972-01-07 12:00"));
    assert_eq!(friday, 15 * MINUTE + 30 * SECOND);
}

#[test]
fn special_dates_stand_in_for_their_weekday() {
    let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).expect("a day of May");
    let mut cal = Calendar::northern();
    cal.special.insert(day(7), vec![]);
    cal.special.insert(day(8), vec![(540, 720)]);
    cal.special.insert(day(11), vec![(0, 60), (1380, 1440)]);
    let elapsed = |from, to| elapsed_us(&cal, Tz::UTC, utc(from), utc(to));
    // A holiday, a half-day, and a Saturday with its first and its last hour.
    assert_eq!(elapsed("2024-05-07 00:00", "2024-05-08 00:00"), 0);
    assert_eq!(elapsed("2024-05-08 00:00", "2024-05-09 00:00"), 3 * HOUR);
    assert_eq!(elapsed("2024-05-11 00:00", "2024-05-12 00:00"), 2 * HOUR);
    // Monday 17:00 plus 5 h: 1 h on Monday, 3 h on Wednesday, 1 h on Thursday.
    assert_eq!(due_us(&cal, Tz::UTC, utc("2024-05-06 17:00"), 5 * HOUR, &[]), utc("2024-05-09 10:00"));
}

#[test]
fn a_target_without_working_hours_is_never_due() {
    let closed = Calendar { windows: Default::default(), special: BTreeMap::new() };
    assert_eq!(due_us(&closed, Tz::UTC, utc("2024-05-06 09:00"), 1, &[]), NEVER);
}

#[test]
fn remembered_days_say_what_the_zone_says() {
    let mut all_week = Calendar::northern();
    all_week.windows[6] = vec![(0, 100), (125, 1440)];
    for (tz, from) in [
        (LONDON, "2024-10-26 20:00"),
        (LORD_HOWE, "2024-04-06 10:00"),
        (APIA, "2011-12-29 22:00"),
        (MONROVIA, "1972-01-06 20:00"),
    ] {
        for cal in [&all_week, &Calendar::northern(), &sunday_night()] {
            let (start, end) = (utc(from), utc(from) + 30 * HOUR);
            let seconds = (start..end).step_by(SECOND as usize).filter(|&at| is_working(cal, tz, at));
            assert_eq!(elapsed_us(cal, tz, start, end), seconds.count() as i64 * SECOND);
        }
    }
}

#[test]
fn elapsed_time_adds_up_and_due_inverts_it() {
    let cal = Calendar::northern();
    let (a, c) = (utc("2024-03-28 11:17:23.000007"), utc("2024-04-04 08:00:01.5"));
    let whole = elapsed_us(&cal, LONDON, a, c);
    let mut b = a;
    while b < c {
        assert_eq!(elapsed_us(&cal, LONDON, a, b) + elapsed_us(&cal, LONDON, b, c), whole);
        b += 7 * HOUR + 1_234_567;
    }
    for target in [1, MINUTE, 9 * HOUR - 1, 9 * HOUR, 9 * HOUR + 1, whole] {
        let due = due_us(&cal, LONDON, a, target, &[]);
        assert_eq!(elapsed_us(&cal, LONDON, a, due), target);
        assert_eq!(elapsed_us(&cal, LONDON, a, due - 1), target - 1);
    }
}

/// A ticket of severity 1, submitted on Monday 2024-05-06 09:00 UTC, with nothing else in its row.
fn monday() -> Ticket {
    Ticket {
        id: "T-1".to_owned(),
        submitted_us: utc("2024-05-06 09:00"),
        first_response_us: None,
        resolved_us: None,
        severity: 1,
    }
}

fn on(reading: &str, kind: Kind) -> Event {
    Event { at_us: utc(&format!("2024-05-{reading}")), kind }
}

fn measured(ticket: &Ticket, events: &[Event], rules: &Rules, as_of: &str) -> Vec<Measured> {
    measurements(ticket, events, rules, &Calendar::northern(), Tz::UTC, utc(&format!("2024-05-{as_of}")))
}

/// (sequence, start, end, working minutes) of each.
fn spans(all: &[Measured]) -> Vec<(u32, String, String, i64)> {
    let day = |at| local_reading(Tz::UTC, at).format("%d %H:%M").to_string();
    let row = |m: &Measured| {
        (m.sequence, day(m.start_us), m.end_us.map(day).unwrap_or_default(), m.elapsed_us / MINUTE)
    };
    all.iter().map(row).collect()
}

fn rows(expected: &[(u32, &str, &str, i64)]) -> Vec<(u32, String, String, i64)> {
    expected.iter().map(|&(n, start, end, minutes)| (n, start.to_owned(), end.to_owned(), minutes)).collect()
}

#[test]
fn exactly_the_target_is_breached_when_strict_and_met_when_inclusive() {
    // Eight hours from 09:00 are full at 17:00.
    let seventeen = [on("06 17:00", Kind::SupportComment)];
    let strict = measured(&monday(), &seventeen, &Rules::northern(), "06 17:00");
    assert_eq!(strict[0].elapsed_us, 8 * HOUR);
    assert_eq!(
        (strict[0].outcome, strict[0].decided_at_us),
        (Outcome::Breached, Some(utc("2024-05-06 17:00")))
    );
    let inclusive = Rules { strict: false, ..Rules::northern() };
    assert_eq!(measured(&monday(), &seventeen, &inclusive, "06 17:00")[0].outcome, Outcome::Met);
    let before = [Event { at_us: seventeen[0].at_us - 1, ..seventeen[0] }];
    assert_eq!(measured(&monday(), &before, &Rules::northern(), "06 17:00")[0].outcome, Outcome::Met);
}

#[test]
fn a_late_answer_is_decided_at_its_due_instant() {
    // Due on Monday 17:00, answered on Tuesday 10:00 after 9 + 1 hours.
    let all = measured(&monday(), &[on("07 10:00", Kind::SupportComment)], &Rules::northern(), "07 10:00");
    assert_eq!(all[0].elapsed_us, 10 * HOUR);
    assert_eq!((all[0].outcome, all[0].decided_at_us), (Outcome::Breached, Some(utc("2024-05-06 17:00"))));
    assert_eq!(all[0].end_us, Some(utc("2024-05-07 10:00")));
}

#[test]
fn an_open_clock_is_pending_until_its_target_is_reached() {
    // From Monday 10:00: 8 h on Monday and 8 h on Tuesday are full on Tuesday 17:00.
    let ten = [on("06 10:00", Kind::SupportComment)];
    let before = measured(&monday(), &ten, &Rules::northern(), "07 16:59");
    assert_eq!(
        (before[1].outcome, before[1].decided_at_us, &before[1].month),
        (Outcome::Pending, None, &None)
    );
    assert_eq!(before[1].elapsed_us, 15 * HOUR + 59 * MINUTE);
    let then = measured(&monday(), &ten, &Rules::northern(), "07 17:00");
    assert_eq!((then[1].outcome, then[1].decided_at_us), (Outcome::Breached, Some(utc("2024-05-07 17:00"))));
    let inclusive = Rules { strict: false, ..Rules::northern() };
    assert_eq!(measured(&monday(), &ten, &inclusive, "07 17:00")[1].outcome, Outcome::Pending);
}

#[test]
fn updates_run_from_communication_to_communication_until_the_resolution() {
    // Notes, system messages and what the customer writes end nothing; nor does anything after Wednesday.
    let events = [
        on("08 12:00", Kind::SupportComment),
        on("07 10:00", Kind::SupportComment),
        on("06 10:00", Kind::SupportComment),
        on("06 11:00", Kind::SupportNote),
        on("06 12:00", Kind::SystemComment),
        on("06 13:00", Kind::CustomerComment),
        on("06 14:00", Kind::CustomerNote),
        on("06 10:00", Kind::SupportComment),
        on("08 13:00", Kind::Resolved),
    ];
    let ticket = Ticket { resolved_us: Some(utc("2024-05-08 10:00")), ..monday() };
    let all = measured(&ticket, &events, &Rules::northern(), "10 00:00");
    let expected = rows(&[
        (0, "06 09:00", "06 10:00", 60),
        (1, "06 10:00", "07 10:00", 9 * 60),
        (2, "07 10:00", "08 10:00", 9 * 60),
    ]);
    assert_eq!(spans(&all), expected);
    assert_eq!(all[0].metric, Metric::Response);
    assert_eq!(all[1].metric, Metric::Update);
    assert_eq!((all[0].target_us, all[1].target_us), (8 * HOUR, 16 * HOUR));
    // As of Tuesday 12:00 the second update is open.
    let tuesday = measured(&ticket, &events, &Rules::northern(), "07 12:00");
    assert_eq!(spans(&tuesday)[..2], expected[..2]);
    assert_eq!(spans(&tuesday)[2..], rows(&[(2, "07 10:00", "", 120)]));
}

#[test]
fn the_rows_first_response_is_a_communication_of_its_own() {
    let ticket = Ticket { first_response_us: Some(utc("2024-05-06 10:00")), ..monday() };
    let all = measured(&ticket, &[on("06 11:00", Kind::SupportComment)], &Rules::northern(), "06 12:00");
    let expected =
        [(0, "06 09:00", "06 10:00", 60), (1, "06 10:00", "06 11:00", 60), (2, "06 11:00", "", 60)];
    assert_eq!(spans(&all), rows(&expected));
}

#[test]
fn a_comment_and_a_resolution_at_one_instant_leave_no_update() {
    let events = [on("06 10:00", Kind::Resolved), on("06 10:00", Kind::SupportComment)];
    let all = measured(&monday(), &events, &Rules::northern(), "07 10:00");
    assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 10:00", 60)]));
}

#[test]
fn a_reopened_ticket_is_measured_from_its_reopening() {
    let events = [
        on("06 10:00", Kind::Resolved),
        on("06 11:00", Kind::SupportComment),
        on("06 12:00", Kind::Reopened),
        on("06 13:00", Kind::Reopened),
        on("06 14:00", Kind::SupportComment),
    ];
    let all = measured(&monday(), &events, &Rules::northern(), "06 15:00");
    let expected =
        [(0, "06 09:00", "06 10:00", 60), (1, "06 12:00", "06 14:00", 120), (2, "06 14:00", "", 60)];
    assert_eq!(spans(&all), rows(&expected));
}

#[test]
fn a_reopening_answered_at_its_own_instant_takes_no_time() {
    let events = [
        on("06 10:00", Kind::Resolved),
        on("06 12:00", Kind::SupportComment),
        on("06 12:00", Kind::SupportComment),
        on("06 12:00", Kind::Reopened),
    ];
    let all = measured(&monday(), &events, &Rules::northern(), "06 13:00");
    let expected = [(0, "06 09:00", "06 10:00", 60), (1, "06 12:00", "06 12:00", 0), (2, "06 12:00", "", 60)];
    assert_eq!(spans(&all), rows(&expected));
    // Resolved again at that instant as well: the answer resolves, and nothing is open.
    let resolved = [&events[..], &[on("06 12:00", Kind::Resolved)]].concat();
    let all = measured(&monday(), &resolved, &Rules::northern(), "06 13:00");
    assert_eq!(spans(&all), rows(&expected[..2]));
}

#[test]
fn a_reopening_at_the_instant_of_the_resolution_comes_before_it() {
    let events = [on("06 10:00", Kind::Resolved), on("06 10:00", Kind::Reopened)];
    let all = measured(&monday(), &events, &Rules::northern(), "06 13:00");
    assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 10:00", 60)]));
}

#[test]
fn a_change_of_severity_acts_on_the_next_measurement() {
    // 1 at submission, 3 from 09:30, 4 from the very instant of the first answer.
    let events = [
        on("06 09:30", Kind::Severity { value: 3, old: Some(1) }),
        on("06 10:00", Kind::Severity { value: 4, old: Some(3) }),
        on("06 10:00", Kind::SupportComment),
    ];
    let ticket = Ticket { severity: 2, ..monday() };
    let all = measured(&ticket, &events, &Rules::northern(), "06 12:00");
    assert_eq!(all.iter().map(|m| m.severity).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(all.iter().map(|m| m.target_us).collect::<Vec<_>>(), [8 * HOUR, 32 * HOUR]);
    // As of 09:15 the change is still to come, and its old value is known all the same.
    assert_eq!(measured(&ticket, &events, &Rules::northern(), "06 09:15")[0].severity, 1);
    // Without an old value the row's severity stands.
    let silent = [on("06 09:30", Kind::Severity { value: 3, old: None })];
    assert_eq!(measured(&ticket, &silent, &Rules::northern(), "06 12:00")[0].severity, 2);
    // A change at the instant of submission acts on the response; one before it is left out.
    let early = [
        on("06 08:00", Kind::Severity { value: 4, old: Some(4) }),
        on("06 09:00", Kind::Severity { value: 3, old: Some(1) }),
    ];
    assert_eq!(measured(&ticket, &early, &Rules::northern(), "06 12:00")[0].severity, 3);
    assert_eq!(severity_at_submission(&ticket, &early), 1);
}

#[test]
fn waiting_is_taken_out_and_pushes_the_due_instant_back_when_it_pauses() {
    // 09:00 to 18:00 less 10:00 to 12:00 is 7 h; the eighth is full on Tuesday 10:00.
    let events = [
        on("06 10:00", Kind::Waiting),
        on("06 11:00", Kind::Waiting),
        on("06 11:30", Kind::CustomerNote),
        on("06 12:00", Kind::CustomerComment),
        on("06 18:00", Kind::SupportComment),
    ];
    let pausing = Rules { pauses: true, ..Rules::northern() };
    let paused = &measured(&monday(), &events, &pausing, "06 18:00")[0];
    assert_eq!((paused.elapsed_us, paused.due_us), (7 * HOUR, utc("2024-05-07 10:00")));
    assert_eq!(paused.outcome, Outcome::Met);
    let running = &measured(&monday(), &events, &Rules::northern(), "06 18:00")[0];
    assert_eq!((running.elapsed_us, running.due_us), (9 * HOUR, utc("2024-05-06 17:00")));
    assert_eq!(running.outcome, Outcome::Breached);
}

#[test]
fn a_wait_without_an_end_runs_to_the_as_of_instant() {
    // 09:00 to 10:00, then from 12:00 on: 1 + 6 h on Monday, the eighth on Tuesday 10:00.
    let pausing = Rules { pauses: true, ..Rules::northern() };
    let open = &measured(&monday(), &[on("06 10:00", Kind::Waiting)], &pausing, "06 12:00")[0];
    assert_eq!((open.elapsed_us, open.due_us), (HOUR, utc("2024-05-07 10:00")));
    assert_eq!(open.outcome, Outcome::Pending);
}

#[test]
fn a_wait_may_begin_while_resolved_and_any_resolution_ends_one() {
    let pausing = Rules { pauses: true, ..Rules::northern() };
    let events = [
        on("06 10:00", Kind::Resolved),
        on("06 11:00", Kind::Waiting),
        on("06 12:00", Kind::Reopened),
        on("06 13:00", Kind::Resumed),
        on("06 15:00", Kind::SupportComment),
    ];
    let all = measured(&monday(), &events, &pausing, "06 15:00");
    assert_eq!(spans(&all)[1], (1, "06 12:00".to_owned(), "06 15:00".to_owned(), 120));
    // Resolved a second time at 11:30: the wait is over before the reopening.
    let again = [&events[..], &[on("06 11:30", Kind::Resolved)]].concat();
    let all = measured(&monday(), &again, &pausing, "06 15:00");
    assert_eq!(spans(&all)[1], (1, "06 12:00".to_owned(), "06 15:00".to_owned(), 180));
}

#[test]
fn a_wait_begins_after_what_else_happens_at_its_instant_but_before_a_resolution() {
    let pausing = Rules { pauses: true, ..Rules::northern() };
    let events = [on("06 10:00", Kind::Waiting), on("06 10:00", Kind::CustomerComment)];
    assert_eq!(measured(&monday(), &events, &pausing, "06 12:00")[0].elapsed_us, HOUR);
    let events = [
        on("06 10:00", Kind::Resolved),
        on("06 10:00", Kind::Waiting),
        on("06 11:00", Kind::Reopened),
        on("06 12:00", Kind::SupportComment),
    ];
    assert_eq!(measured(&monday(), &events, &pausing, "06 12:00")[1].elapsed_us, HOUR);
}

#[test]
fn events_before_the_submission_are_left_out() {
    let ticket = Ticket { first_response_us: Some(utc("2024-05-06 08:00")), ..monday() };
    let events = [on("06 08:30", Kind::Resolved), on("06 09:00", Kind::SupportComment)];
    let all = measured(&ticket, &events, &Rules::northern(), "06 12:00");
    assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 09:00", 0), (1, "06 09:00", "", 180)]));
}

#[test]
fn a_ticket_submitted_after_the_as_of_instant_has_no_measurement() {
    assert_eq!(measured(&monday(), &[], &Rules::northern(), "06 08:59"), []);
    assert_eq!(measured(&monday(), &[], &Rules::northern(), "06 09:00").len(), 1);
}

#[test]
fn a_measurement_belongs_to_the_local_month_it_is_decided_in() {
    // Auckland, UTC+13: Thursday 2024-10-31 17:00 is 04:00 UTC; Friday 10:00 is 21:00 UTC, still October.
    let ticket = Ticket { submitted_us: utc("2024-10-31 04:00"), ..monday() };
    let events = [Event { at_us: utc("2024-10-31 21:00"), kind: Kind::Resolved }];
    let cal = Calendar::northern();
    let month = |rules: &Rules| {
        let all = measurements(&ticket, &events, rules, &cal, AUCKLAND, utc("2024-11-05 00:00"));
        assert_eq!((all.len(), all[0].elapsed_us), (1, 2 * HOUR));
        all[0].month.clone()
    };
    assert_eq!(month(&Rules::northern()).as_deref(), Some("2024-11"));
    let by_submitted = Rules { period_by_submitted: true, ..Rules::northern() };
    assert_eq!(month(&by_submitted).as_deref(), Some("2024-10"));
}
