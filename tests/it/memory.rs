//! A limit of memory: what goes beyond it is kept on disk for a while, and nothing comes out otherwise.

use crate::desk::{Desk, assert_same_report};
use crate::random_export::random_export;

/// A desk with an export of some thousand tickets.
fn desk() -> Desk {
    let (desk, export) = (Desk::empty(), random_export(77, 3_000));
    desk.write("export/tickets.csv", export.tickets_csv());
    desk.write("export/updates.csv", export.updates_csv());
    desk.write("export/customers.csv", export.customers_csv());
    desk
}

#[test]
fn a_report_within_a_limit_is_the_one_without_to_the_byte_and_says_what_was_kept_on_disk() {
    let desk = desk();
    let without = desk.report("export", "");
    let within = desk.run("report export --out report --threads 2 --memory 161MiB").succeeds();
    assert!(within.stderr.contains("MiB were kept on disk for a while"), "{within:#?}");
    assert_same_report("--threads 2 --memory 161MiB", &without, &crate::desk::files(&desk.path("report")));
    // The file has no name, so that nothing is left of it.
    assert_eq!(desk.names("."), ["export", "report"]);
    desk.write("key", "a key of thirty-two letters or so, made up");
    let hidden = desk.report("export", "--pseudonyms key");
    assert_same_report(
        "with pseudonyms",
        &hidden,
        &desk.report("export", "--pseudonyms key --threads 2 --memory 161MiB"),
    );
}

#[test]
fn below_the_limit_nothing_is_kept_on_disk() {
    let done = desk().run("report export --memory 1GiB").succeeds();
    assert!(!done.stderr.contains("on disk"), "{done:#?}");
}

#[test]
fn a_limit_that_no_report_can_keep_to_or_that_is_no_size_is_refused() {
    let desk = desk();
    desk.run("report export --out report --memory 50MiB")
        .fails(1, &["a report of 3000 tickets takes", "allow at least --memory"]);
    desk.run("report export --out report --memory lots").fails(2, &["--memory \"lots\" is no size", "4GiB"]);
    assert_eq!(desk.names("."), ["export"]);
}
