//! Tests of `random_export`: rules with their figures worked out by hand.

use std::collections::BTreeSet;

use super::*;
use crate::oracle::{Metric, Outcome, counted_us};

#[test]
fn splitmix64_gives_the_published_sequence() {
    let mut rng = Rng(1_234_567);
    let first = [rng.next(), rng.next(), rng.next()];
    assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn the_same_seed_gives_the_same_export_and_another_seed_another() {
    let csv = |export: RandomExport| (export.tickets_csv(), export.updates_csv(), export.customers_csv());
    assert_eq!(random_export(7, 60), random_export(7, 60));
    assert_eq!(csv(random_export(7, 60)), csv(random_export(7, 60)));
    assert_ne!(csv(random_export(7, 60)), csv(random_export(8, 60)));
}

#[test]
fn every_ticket_update_and_customer_has_its_row() {
    let export = random_export(1, 90);
    let updates: usize = export.tickets.iter().map(|(_, _, events)| events.len()).sum();
    assert_eq!(export.tickets_csv().lines().count(), 1 + 90);
    assert_eq!(export.updates_csv().lines().count(), 1 + updates);
    assert_eq!(export.customers_csv().lines().count(), 1 + export.customers.len());
    assert!(
        export.tickets_csv().contains("\n\"Müller & Søn, AG") || export.tickets_csv().contains(",\"Müller")
    );
}

#[test]
fn a_written_instant_reads_back_as_itself() {
    let mut rng = Rng(3);
    for step in 0..2_000 {
        let at = instant_of(2005, 1, 1) + step * 86_399 * SECOND + rng.pick(&[0, 1, 500_000, 999_999]);
        let text = written(&mut rng, ZONES[step as usize % ZONES.len()], at);
        let read = DateTime::parse_from_rfc3339(&text).expect("RFC 3339");
        assert_eq!(read.timestamp_micros(), at, "{text}");
    }
}

#[test]
fn the_look_up_gives_each_ticket_the_zone_it_is_measured_in() {
    let export = random_export(2, 300);
    for (number, ((_, tz, _), row)) in export.tickets.iter().zip(&export.rows).enumerate() {
        let (name, tier, region) = export.account(number);
        let customer = export.customers.iter().find(|customer| customer.name == name).expect("a customer");
        assert_eq!(row.timezone.unwrap_or(customer.timezone), *tz);
        assert!(tier == customer.tier || row.tier == Some(tier));
        assert!(region == customer.region || row.region == Some(region));
    }
    let differs = |row: &&Row| row.timezone.is_some_and(|own| own != export.customers[row.customer].timezone);
    assert!(export.rows.iter().find(differs).is_some());
}

#[test]
fn clock_changes_are_where_the_offset_changes() {
    // Apia, 2011-12-30 10:00 UTC: from UTC-10 to UTC+14. Pyongyang changed twice by half an hour.
    assert!(clock_changes(Tz::Pacific__Apia).contains(&(instant_of(2011, 12, 30) + 10 * HOUR)));
    assert_eq!(clock_changes(Tz::Asia__Pyongyang).len(), 2);
    assert!(clock_changes(Tz::UTC).is_empty());
}

#[test]
fn the_export_holds_what_makes_it_nasty() {
    let export = random_export(11, 450);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut note = |holds: bool, what: &'static str| {
        if holds {
            found.insert(what);
        }
    };
    for (ticket, tz, events) in &export.tickets {
        let last = events.iter().map(|event| event.at_us).max().unwrap_or(ticket.submitted_us);
        assert!((instant_of(2005, 1, 1)..=instant_of(2024, 12, 31)).contains(&ticket.submitted_us));
        assert!(last <= TAKEN_US && last <= ticket.submitted_us + LIFE + 3 * DAY);
        for event in events {
            note(event.at_us < ticket.submitted_us, "event before submission");
            note(event.at_us == ticket.submitted_us, "event at submission");
            let twins = events.iter().filter(|twin| twin.at_us == event.at_us);
            note(twins.clone().any(|twin| twin.kind != event.kind), "equal instants");
            let changes = twins.filter(|twin| matches!(twin.kind, Kind::Severity { .. })).count();
            assert!(changes <= 1, "two severity events at one instant of {}", ticket.id);
            let time = local_reading(*tz, event.at_us).time().to_string();
            note(time == "09:00:00", "event at opening");
            note(time == "18:00:00", "event at close");
        }
        note(ticket.first_response_us.is_some_and(|at| at < ticket.submitted_us), "answer before submission");
        let answer = |event: &Event| {
            event.kind == Kind::SupportComment && Some(event.at_us) == ticket.first_response_us
        };
        note(events.iter().any(answer), "first response both ways");
        let all =
            measurements(ticket, events, &Rules::northern(), &Calendar::northern(), *tz, export.latest_us());
        note(all.iter().any(|one| one.elapsed_us == one.target_us), "exactly the target");
        note(all.iter().any(|one| one.elapsed_us == one.target_us - 1), "a microsecond early");
        note(all.iter().any(|one| one.elapsed_us == one.target_us + 1), "a microsecond late");
        note(all.iter().any(|one| one.outcome == Outcome::Pending), "pending");
        note(all.iter().any(|one| one.start_us == one.end_us.unwrap_or(0) && one.sequence > 0), "no time");
        note(all.windows(2).any(|two| two[0].end_us.is_some_and(|end| end < two[1].start_us)), "reopened");
        note(
            all.last().is_some_and(|last| last.end_us.is_some_and(|end| end < export.latest_us())),
            "closed",
        );
    }
    assert_eq!(found.len(), 14, "{found:?}");
}

#[test]
fn measurements_of_the_export_hang_together() {
    let export = random_export(5, 120);
    let cal = Calendar::northern();
    for (ticket, tz, events) in &export.tickets {
        for pauses in [false, true] {
            for strict in [false, true] {
                let rules = Rules { pauses, strict, ..Rules::northern() };
                let as_of = ticket.submitted_us + 10 * DAY;
                let all = measurements(ticket, events, &rules, &cal, *tz, as_of);
                assert_eq!((all[0].metric, all[0].start_us), (Metric::Response, ticket.submitted_us));
                for (sequence, one) in all.iter().enumerate() {
                    assert_eq!(one.sequence as usize, sequence);
                    assert_eq!(one.metric == Metric::Response, sequence == 0);
                    assert_eq!(one.end_us.is_none(), one.outcome == Outcome::Pending || one.end_us.is_none());
                    assert!(one.end_us.is_none_or(|end| one.start_us <= end && end <= as_of));
                    assert!(one.elapsed_us <= counted_us(&cal, *tz, one.start_us, as_of, &[]));
                    assert_eq!(one.month.is_none(), one.outcome == Outcome::Pending);
                    let reached = one.due_us <= one.end_us.unwrap_or(as_of);
                    assert_eq!(reached, one.elapsed_us >= one.target_us, "{} {one:?}", ticket.id);
                }
                let open = all.iter().filter(|one| one.end_us.is_none()).count();
                assert!(open <= 1 && all[..all.len() - 1].iter().all(|one| one.end_us.is_some()));
            }
        }
    }
}
