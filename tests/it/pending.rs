//! `punctual pending`: what is due, for a person and for a daily job.

use serde_json::Value;

use crate::desk::{CUSTOMERS, Desk};

/// In Paris severity 1 has 8 h: of Monday 6 May 10:00, 3 h are gone at 13:00 and it is due at 18:00.
/// In New York severity 3 has 12 h: of Monday 09:00, none is gone by 13:00 in Paris, which is 07:00 there...
/// it was submitted on Friday at 17:00, of which 1 h counts; 11 h are left, due on Tuesday at 11:00. A third is
/// past its target since Friday.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.write("export/customers.csv", CUSTOMERS);
    desk.write(
        "export/tickets.csv",
        "ticket_id,customer,severity,submitted_at,first_response_at,resolved_at\n\
         A-1,Acme,1,2024-05-06T10:00:00+02:00,,\n\
         B-1,Borea,3,2024-05-03T17:00:00-04:00,,\n\
         A-0,Acme,1,2024-05-02T10:00:00+02:00,,\n",
    );
    desk.write("export/updates.csv", "ticket_id,at,author\n");
    desk
}

const AS_OF: &str = "--as-of 2024-05-06T13:00:00+02:00";

fn json(arguments: &str) -> Value {
    serde_json::from_str(&desk().run(arguments).succeeds().stdout).unwrap()
}

#[test]
fn open_clocks_are_listed_with_the_time_left_and_the_due_instant_there_and_here() {
    let said = desk().run(&format!("pending export {AS_OF} --zone Asia/Tokyo")).succeeds();
    let expected = "\
2 open clocks · As of 2024-05-06 11:00 UTC

   left  Ticket  severity  metric    Customer  due (customer’s)  Time zone         Asia/Tokyo
 5 h 00  A-1     1         response  Acme      2024-05-06 18:00  Europe/Paris      2024-05-07 01:00
11 h 00  B-1     3         response  Borea     2024-05-07 11:00  America/New_York  2024-05-08 00:00

1 more clock is past its target and still open: --overdue lists it too
";
    assert_eq!(said.stdout, expected);
}

#[test]
fn the_json_has_all_of_it_to_the_microsecond() {
    let found = json(&format!("pending export {AS_OF} --overdue --zone UTC --json"));
    assert_eq!((&found["pending"], &found["overdue"]), (&2.into(), &1.into()));
    let clocks = found["clocks"].as_array().unwrap();
    let of = |key: &str| clocks.iter().map(|clock| clock[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("ticket_id"), ["A-0", "A-1", "B-1"]);
    let hour = 3_600_000_000_i64;
    // Thursday 8 h, Friday 9 h and Monday 4 h are 21 h, 13 h over.
    assert_eq!(of("left_us"), [-13 * hour, 5 * hour, 11 * hour]);
    assert_eq!(of("overdue"), [true, false, false]);
    assert_eq!(of("due_at"), ["2024-05-02T16:00:00Z", "2024-05-06T16:00:00Z", "2024-05-07T15:00:00Z"]);
    assert_eq!(of("due_here")[2], "2024-05-07T15:00:00");
}

#[test]
fn a_job_that_alerts_ends_with_code_4_where_something_is_due_within_a_time() {
    let desk = desk();
    let run = |more: &str| desk.run(&format!("pending export {AS_OF} --zone UTC {more}"));
    run("--within 4h").succeeds();
    run("--within 4h --fail-if-due").succeeds();
    run("--within 5h").succeeds();
    let due = run("--within 5h --fail-if-due");
    assert_eq!(due.code, Some(4));
    assert!(due.stderr.contains("1 clock is due") && due.stdout.contains("A-1"), "{due:#?}");
    assert_eq!(run("--within 4h --overdue --fail-if-due").code, Some(4));
    let said = run("--within 4h").stdout;
    assert!(said.starts_with("0 open clocks · 4 h 00 of working time left or less"), "{said}");
    run("--within soon").fails(2, &["--within \"soon\" is no length of working time"]);
    run("--zone Mars/Olympus").fails(2, &["--zone"]);
}

#[test]
fn the_zone_is_that_of_the_machine_and_now_may_be_the_instant() {
    let desk = desk();
    let said = desk.run_with(&format!("pending export {AS_OF}"), &[("TZ", "America/St_Johns")]).succeeds();
    assert!(said.stdout.contains("America/St_Johns"), "{said:#?}");
    let odd = desk.run_with(&format!("pending export {AS_OF}"), &[("TZ", "XYZ3")]).succeeds();
    assert!(odd.stderr.contains("XYZ3, is not known: due instants are in UTC"), "{odd:#?}");
    // By now all three are long past.
    let found = desk.run("pending export --as-of now --json --zone UTC").succeeds().stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!((&found["pending"], &found["overdue"]), (&0.into(), &3.into()));
}
