use super::super::change::Turned;
use super::super::manifest::{Held, HeldInput, HeldPolicy};
use super::super::samples::{hour, measured, ticket};
use super::*;
use crate::measure::Outcome;
use crate::policy::Metric;

/// The manifest of a report as of so many hours.
fn manifest(as_of: i64) -> Manifest {
    let policy = HeldPolicy {
        id: "northern@2000-01-01".to_owned(),
        text: Held::Text("x = 1".to_owned()),
        holidays: Vec::new(),
    };
    Manifest {
        punctual: "0.1.0".to_owned(),
        schema: "1".to_owned(),
        tz_database: "2026a".to_owned(),
        settings: serde_json::Map::new(),
        period: Period::Everything,
        as_of: hour(as_of),
        period_closed: false,
        policies: vec![policy],
        queries: Vec::new(),
        profile: ("canonical".to_owned(), Held::Text("y = 1".to_owned())),
        inputs: vec![input("11")],
        updates_known: true,
        discreet: false,
        sha256: String::new(),
        outputs: Vec::new(),
    }
}

fn input(sha256: &str) -> HeldInput {
    HeldInput { table: "tickets".to_owned(), file: "tickets.csv".to_owned(), sha256: sha256.to_owned() }
}

/// The same with other inputs, another policy, another profile.
fn other_inputs(manifest: Manifest) -> Manifest {
    Manifest { inputs: vec![input("22")], ..manifest }
}

fn other_policy(mut manifest: Manifest) -> Manifest {
    manifest.policies[0].text = Held::Text("x = 2".to_owned());
    manifest
}

fn other_profile(manifest: Manifest) -> Manifest {
    Manifest { profile: ("ours".to_owned(), Held::Text("y = 2".to_owned())), ..manifest }
}

/// The causes of the changes of one ticket.
fn causes(
    manifests: (&Manifest, &Manifest),
    before: Option<&Ticket<'_>>,
    after: Option<&Ticket<'_>>,
) -> Vec<String> {
    let mut between = Between::of(manifests.0, manifests.1);
    let mut tally = Tally::default();
    tally.take(before, after, |pair| between.causes(before, after, pair));
    tally.changes.iter().map(|change| format!("{} by {}", change.turned.name(), change.causes)).collect()
}

/// The causes where both have a measurement each.
fn of_one(manifests: (&Manifest, &Manifest), before: Measured, after: Measured) -> String {
    let (before, after) = ([before], [after]);
    causes(manifests, Some(&ticket("A", 1, &before)), Some(&ticket("A", 1, &after))).join(", ")
}

fn open(start: i64, outcome: Outcome, elapsed: i64) -> Measured {
    Measured { ended: None, decided: None, outcome, elapsed, ..measured(Metric::Response, start) }
}

fn breached(of: Measured) -> Measured {
    Measured { outcome: Outcome::Breached, decided: Some(of.due), ..of }
}

#[test]
fn what_happened_after_the_first_report_is_new() {
    let (first, second) = (manifest(10), other_inputs(manifest(50)));
    let both = (&first, &second);
    // Answered at hour 12, after the cut at hour 10.
    let answered = Measured { ended: Some(hour(12)), ..measured(Metric::Response, 5) };
    assert_eq!(of_one(both, open(5, Outcome::Pending, 5), answered), "pending_to_met by new");
    // Nobody answered, and the target was reached meanwhile.
    let late = open(5, Outcome::Breached, 45);
    assert_eq!(of_one(both, open(5, Outcome::Pending, 5), late), "pending_to_breached by new");
    // A ticket of hour 11.
    let fresh = [measured(Metric::Response, 11)];
    assert_eq!(causes(both, None, Some(&ticket("B", 1, &fresh))), ["appeared by new"]);
    // The other way round it vanishes for the same reason.
    assert_eq!(causes((&second, &first), Some(&ticket("B", 1, &fresh)), None), ["vanished by new"]);
}

#[test]
fn what_lies_before_the_cut_and_was_not_known_is_late_data() {
    let (first, second) = (manifest(10), other_inputs(manifest(50)));
    let both = (&first, &second);
    let answered = Measured { ended: Some(hour(9)), ..measured(Metric::Response, 5) };
    assert_eq!(of_one(both, open(5, Outcome::Pending, 5), answered), "pending_to_met by late_data");
    let old = [measured(Metric::Response, 3)];
    assert_eq!(causes(both, None, Some(&ticket("B", 1, &old))), ["appeared by late_data"]);
    assert_eq!(causes(both, Some(&ticket("B", 1, &old)), None), ["vanished by late_data"]);
    // At the very instant of the cut it was known.
    let at_the_cut = [measured(Metric::Response, 10)];
    assert_eq!(causes(both, None, Some(&ticket("B", 1, &at_the_cut))), ["appeared by late_data"]);
    // Another severity, and another end that both know.
    let other = Measured {
        severity: crate::policy::Severity::new(3).unwrap(),
        ..breached(measured(Metric::Response, 5))
    };
    assert_eq!(of_one(both, measured(Metric::Response, 5), other), "met_to_breached by late_data");
    let later = Measured { ended: Some(hour(20)), ..breached(measured(Metric::Response, 5)) };
    assert_eq!(of_one(both, measured(Metric::Response, 5), later), "met_to_breached by late_data");
}

#[test]
fn a_wait_that_came_late_is_late_data_where_nothing_else_differs() {
    let (first, second) = (manifest(50), other_inputs(manifest(50)));
    let paused = Measured { elapsed: 2, ..measured(Metric::Response, 5) };
    assert_eq!(
        of_one((&first, &second), breached(measured(Metric::Response, 5)), paused),
        "breached_to_met by late_data"
    );
}

#[test]
fn other_figures_of_the_same_span_are_the_policy() {
    let (first, second) = (manifest(50), other_policy(other_inputs(manifest(50))));
    let both = (&first, &second);
    let was = measured(Metric::Response, 5);
    assert_eq!(
        of_one(both, was, breached(Measured { target: 1, due: hour(6), ..was })),
        "met_to_breached by policy"
    );
    assert_eq!(of_one(both, was, breached(Measured { elapsed: 99, ..was })), "met_to_breached by policy");
    // Exactly the target, by another comparison: no figure differs but the outcome.
    assert_eq!(of_one(both, was, breached(was)), "met_to_breached by policy");
    // The month it counts in.
    assert_eq!(of_one(both, was, Measured { in_period: false, ..was }), "out_of_period by policy");
    // A clock that is new and has another target is both.
    let (first, second) = (manifest(10), other_policy(manifest(50)));
    let answered = breached(Measured { ended: Some(hour(30)), target: 1, ..measured(Metric::Response, 5) });
    assert_eq!(
        of_one((&first, &second), open(5, Outcome::Pending, 5), answered),
        "pending_to_breached by new+policy"
    );
}

#[test]
fn a_ticket_before_the_first_policy_of_one_side_is_there_by_the_policy() {
    let mut second = manifest(50);
    second.policies[0].id = "northern@2030-01-01".to_owned();
    let old = [measured(Metric::Response, 3)];
    assert_eq!(causes((&manifest(50), &second), Some(&ticket("B", 1, &old)), None), ["vanished by policy"]);
}

#[test]
fn another_profile_reads_other_things_in_the_same_files() {
    let (first, second) = (manifest(50), other_profile(manifest(50)));
    let old = [measured(Metric::Response, 3)];
    assert_eq!(causes((&first, &second), None, Some(&ticket("B", 1, &old))), ["appeared by profile"]);
    // Where the files differ too nobody can tell the two apart.
    let second = other_inputs(second);
    assert_eq!(
        causes((&first, &second), None, Some(&ticket("B", 1, &old))),
        ["appeared by late_data+profile"]
    );
}

#[test]
fn another_tier_region_or_zone_is_customer_data() {
    let (first, second) = (manifest(50), other_inputs(manifest(50)));
    let (was, is) = (
        [measured(Metric::Response, 5)],
        [breached(Measured { target: 1, ..measured(Metric::Response, 5) })],
    );
    let (before, after) = (ticket("A", 1, &was), Ticket { tier: "augmented", ..ticket("A", 1, &is) });
    assert_eq!(causes((&first, &second), Some(&before), Some(&after)), ["met_to_breached by customer_data"]);
}

#[test]
fn another_period_moves_what_is_decided() {
    let may = Manifest { period: "2024-05".parse().unwrap(), ..manifest(50) };
    let june = Manifest { period: "2024-06".parse().unwrap(), ..manifest(50) };
    let was = measured(Metric::Response, 5);
    assert_eq!(of_one((&may, &june), was, Measured { in_period: false, ..was }), "out_of_period by period");
}

#[test]
fn the_same_inputs_and_policies_leave_the_database_of_zones_and_the_version() {
    let was = measured(Metric::Response, 5);
    let is = breached(Measured { elapsed: 99, ..was });
    let of = |second: Manifest| of_one((&manifest(50), &second), was, is);
    let tz_database = || "2026b".to_owned();
    assert_eq!(of(Manifest { tz_database: tz_database(), ..manifest(50) }), "met_to_breached by tz_database");
    let version = Manifest { punctual: "0.2.0".to_owned(), ..manifest(50) };
    assert_eq!(of(version.clone()), "met_to_breached by version");
    assert_eq!(of(Manifest { tz_database: tz_database(), ..version }), "met_to_breached by tz_database");
    assert_eq!(of(manifest(50)), "met_to_breached by unexplained");
}

#[test]
fn a_period_that_has_ended_cuts_on_the_customers_clock() {
    // The samples' midnight is 2024-10-04 in UTC; October ends in Paris an hour before it does there.
    let view = View::of(&Manifest { period: "2024-10".parse().unwrap(), ..manifest(24 * 40) });
    let paris = Zone::named("Europe/Paris").unwrap();
    let end = crate::calendar::samples::at("2024-11-01T00:00:00+01:00").before();
    assert_eq!((view.cut(Some(&paris)), view.cut(None)), (end, hour(24 * 40)));
}

#[test]
fn turns_are_counted_in_their_order() {
    let was = measured(Metric::Response, 5);
    let (one, other) = ([was, measured(Metric::Update, 6)], [breached(was)]);
    let mut between = Between::of(&manifest(50), &other_policy(manifest(50)));
    let mut tally = Tally::default();
    let (before, after) = (ticket("A", 1, &one), ticket("A", 1, &other));
    tally.take(Some(&before), Some(&after), |pair| between.causes(Some(&before), Some(&after), pair));
    let turned = tally.turned();
    assert_eq!(turned, [(Turned::Outcome(Outcome::Met, Outcome::Breached), 1), (Turned::Vanished, 1)]);
    // With the same inputs and profile nothing explains that a measurement is gone.
    assert_eq!((tally.unexplained(), tally.causes().len()), (1, 2));
}
