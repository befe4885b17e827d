//! The core as a library: records that nobody exported, measured without a file, a command or a feature.

use std::collections::BTreeMap;
use std::sync::Arc;

use punctual::calendar::{HOUR, Instant, MINUTE, WorkClock, Zone};
use punctual::measure::{History, Judge, Keep, Outcome, Period, Run, measure};
use punctual::policy::{Comparison, PolicyBook, Severity, Waiting, northern};
use punctual::records::{Event, EventKind, Events, Names, Records, Ticket, TicketEvent, Tickets};

use crate::figures::{instant, of_facts};

fn at(text: &str) -> Instant {
    Instant::from_micros(instant(text)).unwrap()
}

/// One ticket of severity 1 in Paris, submitted on Monday 6 May 2024 at 14:00 (UTC+2) and answered on Tuesday at
/// 09:00 (UTC+2): 14:00 to 18:00 is 4 h, and nothing of Tuesday has passed when it opens.
#[test]
fn the_worked_example_of_the_agreement_takes_four_hours() {
    let (mut names, mut tickets) = (Names::default(), Tickets::default());
    let timezone = names.intern("Europe/Paris");
    let ticket = Ticket {
        customer: names.intern("Acme"),
        tier: names.intern("standard"),
        region: names.intern("EMEA"),
        timezone,
        account_manager: None,
        classification: None,
        product: None,
        severity: Severity::new(1).unwrap(),
        submitted: at("2024-05-06T14:00:00+02:00"),
        first_response: None,
        resolved: None,
    };
    tickets.push("A-1", ticket);
    let answer =
        TicketEvent { ticket: 0, kind: EventKind::Communicated, at: at("2024-05-07T09:00:00+02:00") };
    let records = Records {
        names,
        tickets,
        events: Events::gathered(1, &[answer]),
        zones: BTreeMap::from([(timezone, Arc::new(Zone::named("Europe/Paris").unwrap()))]),
        latest: Some(at("2024-05-07T12:00:00+02:00")),
        updates_known: true,
        ..Records::default()
    };
    let policies = PolicyBook::new(vec![northern()]).unwrap();
    let run = Run { policies: &policies, period: &Period::Everything, as_of: None, keep: Keep::Late };
    let facts = run.measure(records).unwrap();
    let figures = of_facts(&facts);
    assert_eq!((facts.ticket_count(), facts.measurement_count()), (1, 2));
    let response = &figures[0];
    assert_eq!((response.elapsed, response.target), (4 * HOUR, 8 * HOUR));
    assert_eq!((response.outcome.as_str(), response.month.as_deref()), ("met", Some("2024-05")));
    // Due when the other four hours of the eight have passed, on Tuesday at 13:00.
    assert_eq!(response.due, instant("2024-05-07T13:00:00+02:00"));
    let update = &figures[1];
    assert_eq!((update.elapsed, update.outcome.as_str()), (3 * HOUR, "pending"));
}

#[test]
fn one_ticket_can_be_measured_by_itself() {
    let policy = northern();
    let zone = Arc::new(Zone::named("Australia/Lord_Howe").unwrap());
    let clock = WorkClock::new(policy.calendar("default").unwrap(), zone);
    let targets = policy.targets("Acme", "standard", "APAC");
    let judge =
        Judge { clock: &clock, targets: &targets, comparison: Comparison::Strict, waiting: Waiting::Runs };
    // Monday 09:30 to 17:30 on Lord Howe, UTC+10:30: exactly the 8 h of severity 2, which is a breach.
    let history = History {
        submitted: at("2024-05-06T09:30:00+10:30"),
        severity: Severity::new(2).unwrap(),
        first_response: None,
        resolved: None,
        events: &[Event { at: at("2024-05-06T17:30:00+10:30"), kind: EventKind::Resolved }],
        updates_known: true,
    };
    let mut measurements = Vec::new();
    let life = measure(&history, &judge, at("2024-05-07T00:00:00Z"), &mut measurements).unwrap().unwrap();
    assert_eq!(life.resolved, Some(at("2024-05-06T17:30:00+10:30")));
    assert_eq!(measurements.len(), 1);
    assert_eq!((measurements[0].elapsed, measurements[0].outcome), (8 * HOUR, Outcome::Breached));
    assert_eq!(measurements[0].due, at("2024-05-06T17:30:00+10:30"));
}

#[test]
fn working_time_can_be_asked_for_by_itself() {
    let zone = Arc::new(Zone::named("America/St_Johns").unwrap());
    let clock = WorkClock::new(northern().calendar("default").unwrap(), zone);
    // Friday 17:15 to Monday 09:45 in St John's, UTC-2:30: 45 minutes on either side of the weekend.
    let [friday, monday] = ["2024-05-03T17:15:00-02:30", "2024-05-06T09:45:00-02:30"].map(at);
    assert_eq!(clock.elapsed(friday, monday), 90 * MINUTE);
    assert_eq!(clock.due(friday, 90 * MINUTE), Ok(monday));
}
