use std::sync::Arc;

use super::*;
use crate::calendar::Zone;
use crate::calendar::samples::at;
use crate::measure::{Keep, Period, Run};
use crate::policy::{NORTHERN, Policy, PolicyBook, Severity};
use crate::records::{EventKind, Events, Records, Ticket as Row, TicketEvent};

/// A ticket of severity 1 in Paris, of which the response alone is measured.
fn records(submitted: &str, events: &[(EventKind, &str)]) -> Records {
    let mut records = Records::default();
    let name = |records: &mut Records, text| records.names.intern(text);
    let timezone = name(&mut records, "Europe/Paris");
    records.zones.insert(timezone, Arc::new(Zone::named("Europe/Paris").unwrap()));
    let ticket = Row {
        customer: name(&mut records, "Acme"),
        tier: name(&mut records, "standard"),
        region: name(&mut records, "EMEA"),
        timezone,
        account_manager: None,
        classification: None,
        product: None,
        severity: Severity::new(1).unwrap(),
        submitted: at(submitted),
        first_response: None,
        resolved: None,
    };
    records.tickets.push("A-1", ticket);
    let event = |(kind, time): &(EventKind, &str)| TicketEvent { ticket: 0, kind: *kind, at: at(time) };
    let events: Vec<_> = events.iter().map(event).collect();
    records.latest = events.iter().map(|event| event.at).max();
    records.events = Events::gathered(1, &events);
    records
}

/// `northern` with some words put in place of others.
fn book(changes: &[(&str, &str)]) -> PolicyBook {
    let text = changes.iter().fold(NORTHERN.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    PolicyBook::new(vec![Policy::parse("p.toml", &text, None).unwrap()]).unwrap()
}

fn compared(records: Records, period: &str, policies: [&PolicyBook; 2]) -> Tally {
    let period = if period.is_empty() { Period::Everything } else { period.parse().unwrap() };
    let run = Run { policies: policies[0], period: &period, as_of: None, keep: Keep::Late };
    let [before, after] = run.measure_both(policies[1], records, None).unwrap();
    super::policies([&before, &after]).unwrap()
}

/// How the one measurement of a ticket turned, and why.
fn turned(records: Records, period: &str, before: &[(&str, &str)], after: &[(&str, &str)]) -> String {
    let tally = compared(records, period, [&book(before), &book(after)]);
    match tally.changes.as_slice() {
        [] => format!("nothing, {} by other figures", tally.other_figures),
        [change] => format!("{} by {}", change.turned.name(), change.causes),
        _ => panic!("{:?}", tally.changes),
    }
}

/// Submitted on a Friday at 14:00 and answered on Monday at 10:00: four hours and one.
fn five_hours() -> Records {
    let answered = (EventKind::Communicated, "2024-05-06T10:00:00+02:00");
    records("2024-05-03T14:00:00+02:00", &[answered])
}

#[test]
fn five_hours_are_met_within_eight_and_breached_within_four_by_the_target() {
    assert_eq!(turned(five_hours(), "", &[], &[("1 = 8", "1 = 4")]), "met_to_breached by target");
    assert_eq!(turned(five_hours(), "", &[("1 = 8", "1 = 4")], &[]), "breached_to_met by target");
    assert_eq!(turned(five_hours(), "", &[], &[("1 = 8", "1 = 6")]), "nothing, 1 by other figures");
    assert_eq!(turned(five_hours(), "", &[], &[]), "nothing, 0 by other figures");
}

#[test]
fn a_holiday_after_the_answer_is_no_cause() {
    let after = [("1 = 8", "1 = 4"), ("holidays = []", "holidays = [2024-05-07]")];
    assert_eq!(turned(five_hours(), "", &[], &after), "met_to_breached by target");
    // On Monday nothing counts: four hours are left, and that is a breach of four.
    let after = [("1 = 8", "1 = 4"), ("holidays = []", "holidays = [2024-05-06]")];
    assert_eq!(turned(five_hours(), "", &[], &after), "met_to_breached by target+hours");
}

#[test]
fn a_holiday_in_between_turns_a_breach_by_the_hours() {
    // Tuesday 14:00 to Thursday 12:00: 4 h, 9 h on 1 May, 3 h. Sixteen are a breach of eight, seven are not.
    let answered = (EventKind::Communicated, "2024-05-02T12:00:00+02:00");
    let records = records("2024-04-30T14:00:00+02:00", &[answered]);
    let after = [("holidays = []", "holidays = [2024-05-01]")];
    assert_eq!(turned(records, "", &[], &after), "breached_to_met by hours");
}

#[test]
fn hours_of_equal_sum_move_a_breach_into_another_month() {
    // Tuesday 10:30 to Thursday 18:00. From 09:00 to 18:00: 7.5 h, 9 h and 9 h, and the eighth hour ends on 1 May at
    // 09:30. From 10:00 to 19:00: 8.5 h, 9 h and 8 h, as much; but the eighth hour ends on 30 April at 18:30.
    let answered = (EventKind::Communicated, "2024-05-02T18:00:00+02:00");
    let records = records("2024-04-30T10:30:00+02:00", &[answered]);
    let late = [("[\"09:00-18:00\"]", "[\"10:00-19:00\"]"); 5];
    assert_eq!(turned(records, "2024-05", &[], &late), "out_of_period by hours");
}

#[test]
fn what_was_waited_for_turns_a_breach_by_the_waiting() {
    // Monday 09:00 to 18:00 are nine hours, six of which the customer was waited for.
    let events = [
        (EventKind::Waiting, "2024-05-06T10:00:00+02:00"),
        (EventKind::Replied, "2024-05-06T16:00:00+02:00"),
        (EventKind::Communicated, "2024-05-06T18:00:00+02:00"),
    ];
    let records = records("2024-05-06T09:00:00+02:00", &events);
    let pauses = [("\"runs\"", "\"pauses\"")];
    assert_eq!(turned(records.clone(), "", &[], &pauses), "breached_to_met by waiting");
    // By other hours too, three of the nine remain where both take out what was waited: 10:00 to 16:00 counts nothing
    // by either, and by the second what comes before 09:30 neither. Two and a half hours against three, both met.
    let late = [("\"runs\"", "\"pauses\""), ("[\"09:00-18:00\"]", "[\"09:30-18:00\"]")];
    assert_eq!(turned(records, "", &pauses, &late), "nothing, 1 by other figures");
}

#[test]
fn a_wait_outside_working_hours_is_no_cause() {
    // From 18:00 on Friday to 08:00 on Monday nothing counts anyway.
    let events = [
        (EventKind::Waiting, "2024-05-03T18:00:00+02:00"),
        (EventKind::Replied, "2024-05-06T08:00:00+02:00"),
        (EventKind::Communicated, "2024-05-06T10:00:00+02:00"),
    ];
    let records = records("2024-05-03T14:00:00+02:00", &events);
    let after = [("1 = 8", "1 = 4"), ("\"runs\"", "\"pauses\"")];
    assert_eq!(turned(records, "", &[], &after), "met_to_breached by target");
}

#[test]
fn exactly_the_target_turns_by_the_comparison() {
    // Monday 09:00 to 17:00.
    let answered = (EventKind::Communicated, "2024-05-06T17:00:00+02:00");
    let eight = records("2024-05-06T09:00:00+02:00", &[answered]);
    let inclusive = [("\"strict\"", "\"inclusive\"")];
    assert_eq!(turned(eight, "", &[], &inclusive), "breached_to_met by comparison");
    // Five hours are far from the line: that the comparison is another one does not matter.
    let after = [("\"strict\"", "\"inclusive\""), ("1 = 8", "1 = 4")];
    assert_eq!(turned(five_hours(), "", &[], &after), "met_to_breached by target");
}

#[test]
fn an_inclusive_breach_at_closing_moves_into_the_next_month_by_the_comparison() {
    // Tuesday 10:00 plus eight hours is its closing; it is a breach for certain from 1 May at 09:00 on.
    let answered = (EventKind::Communicated, "2024-05-02T12:00:00+02:00");
    let records = records("2024-04-30T10:00:00+02:00", &[answered]);
    let inclusive = [("\"strict\"", "\"inclusive\"")];
    assert_eq!(turned(records, "2024-05", &[], &inclusive), "into_period by comparison");
}

#[test]
fn the_month_of_submission_moves_a_measurement_by_the_period() {
    // Tuesday, 30 April, 17:00: the eighth hour ends on 1 May at 16:00.
    let answered = (EventKind::Communicated, "2024-05-02T10:00:00+02:00");
    let records = records("2024-04-30T17:00:00+02:00", &[answered]);
    let submitted = [("\"decided\"", "\"submitted\"")];
    assert_eq!(turned(records, "2024-05", &[], &submitted), "out_of_period by period");
}

#[test]
fn an_open_clock_turns_too() {
    // As of Monday 10:00 five hours have passed, and nobody has answered.
    let seen = (EventKind::Waiting, "2024-05-06T10:00:00+02:00");
    let records = records("2024-05-03T14:00:00+02:00", &[seen]);
    assert_eq!(turned(records, "", &[], &[("1 = 8", "1 = 4")]), "pending_to_breached by target");
}

/// Whatever the policies: what turned is the difference of the totals, and every change has a cause.
#[test]
fn changes_add_up_to_the_difference_of_the_totals_and_all_are_explained() {
    let long = "[calendars.long]\nlike = \"default\"\nsaturday = [\"10:00-12:00\"]\n\n[targets.response]";
    let policy = |changes: &[(&str, &str)]| book(&[&[("[targets.response]", long)], changes].concat());
    let policies = [
        policy(&[]),
        policy(&[("\"runs\"", "\"pauses\"")]),
        policy(&[("1 = 8", "1 = 4"), ("2 = 16", "2 = 30")]),
        policy(&[("\"strict\"", "\"inclusive\""), ("\"decided\"", "\"submitted\"")]),
        policy(&[("[\"09:00-18:00\"]", "[\"10:00-19:00\"]"), ("holidays = []", "holidays = [2023-05-15]")]),
        policy(&[("\"runs\"", "\"pauses\""), ("[\"09:00-18:00\"]", "[\"08:00-12:00\", \"13:00-18:00\"]")]),
    ];
    let mut changes = 0;
    for (place, before) in policies.iter().enumerate() {
        for (period, after) in
            ["", "2023-05", "2023-06"].iter().flat_map(|p| policies.iter().map(move |after| (p, after)))
        {
            let tally = compared(crate::measure::samples::records(1_500), period, [before, after]);
            let same = std::ptr::eq(before, after);
            assert!(!same || tally.changes.is_empty() && tally.other_figures == 0, "{place}");
            assert_eq!(tally.unexplained(), 0);
            changes += tally.changes.len();
            for (number, metric) in [Metric::Response, Metric::Update].into_iter().enumerate() {
                let sides = tally.totals.all()[number];
                let counts =
                    |of: super::super::Counts| [of.met, of.breached, of.pending].map(|count| count as i64);
                let mut expected = counts(sides.before);
                for change in tally.changes.iter().filter(|change| change.pair.shown().metric == metric) {
                    let counted =
                        |of: Option<&Measured>| of.filter(|of| of.in_period).map(|of| of.outcome as usize);
                    counted(change.pair.before()).into_iter().for_each(|outcome| expected[outcome] -= 1);
                    counted(change.pair.after()).into_iter().for_each(|outcome| expected[outcome] += 1);
                }
                assert_eq!(expected, counts(sides.after), "{place} {period} {metric:?}");
            }
        }
    }
    assert!(changes > 1_000, "{changes}");
}
