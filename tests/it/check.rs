//! `punctual check`: what would be read, rejected and warned, and what no single row shows.

use serde_json::{Value, json};

use crate::desk::{CUSTOMERS, Desk, TICKETS, UPDATES, project};

fn checked(desk: &Desk, arguments: &str) -> Value {
    serde_json::from_str(&desk.run(&format!("check {arguments} --json")).succeeds().stdout).unwrap()
}

fn kinds(checked: &Value) -> Vec<&str> {
    checked["suspicions"].as_array().unwrap().iter().map(|found| found["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_sound_export_is_found_sound_and_nothing_is_written() {
    let desk = Desk::with_export();
    let said = desk.run("check export").succeeds();
    assert_eq!((desk.names("."), said.stderr.as_str()), (vec!["export".to_owned()], ""));
    let expected = "\
punctual check · profile canonical

file           read as    rows  accepted  rejected  warnings
customers.csv  customers     2         2         0         0
tickets.csv    tickets       3         3         0         0
updates.csv    updates       3         3         0         0

suspicions
  none

8 rows read, 8 accepted, 0 rejected; 3 tickets: a report can be made
";
    assert_eq!(said.stdout, expected);
}

#[test]
fn each_fault_is_shown_with_its_first_lines_and_a_value_that_nobody_knows_with_its_rows() {
    let desk = Desk::with_export();
    let bad = "A-1,2024-05-08T10:00:00Z,robot\n".repeat(5);
    desk.write("export/updates.csv", format!("{UPDATES}{bad}A-9,2024-05-08T10:00:00Z,support\n"));
    desk.write("export/notes.csv", "a,b\n1,2\n");
    let done = desk.run("check export --max-rejects 50%").succeeds();
    for part in [
        "notes.csv is not read: nothing in the profile is called so",
        "  updates.csv: unknown_value 5\n    line 5       author \"robot\": support, customer or system is expected\n",
        "  updates.csv: unknown_ticket 1\n    line 10      ticket_id \"A-9\": the id of an accepted ticket is expected\n",
        "updates author, not known to the profile: \"robot\" 5",
    ] {
        assert!(done.stdout.contains(part), "{part}\nis not in\n{}", done.stdout);
    }
    let checked = checked(&desk, "export --max-rejects 50%");
    let updates = &checked["files"][2];
    assert_eq!(
        [&updates["read"], &updates["accepted"], &updates["rejected_rows"]]
            .map(|rows| rows.as_u64().unwrap()),
        [9, 3, 6]
    );
    let first = &updates["rejected"]["unknown_value"]["first"];
    assert_eq!(
        first.as_array().unwrap().iter().map(|row| row["line"].clone()).collect::<Vec<_>>(),
        [5, 6, 7]
    );
    assert_eq!(
        checked["values"][0],
        json!({ "table": "updates", "field": "author", "value": "robot", "rows": 5, "standing": "unknown" })
    );
    // A report of it would be refused, and nothing is kept.
    let refused = desk.run("check export");
    assert_eq!((refused.code, desk.names(".").len()), (Some(3), 1));
    assert!(refused.stderr.contains("6 of 14 rows would be rejected"), "{refused:#?}");
}

#[test]
fn what_was_packed_into_the_command_line_of_report_is_taken_by_check_too() {
    let desk = Desk::empty();
    desk.write("t.csv", TICKETS);
    desk.write("c.csv", CUSTOMERS);
    desk.write("punctual.toml", "tickets = \"t.csv\"\ncustomers = \"c.csv\"\n");
    let said = desk.run("check").succeeds().stdout;
    assert!(said.contains("no updates are known: a report has first responses only"), "{said}");
    desk.run("check nowhere").fails(1, &["nowhere: no such folder"]);
    desk.run("check --profile nothing").fails(2, &["the built-in profiles are: canonical, freshdesk"]);
}

#[test]
fn the_sample_raises_no_suspicion() {
    let desk = Desk::empty();
    let checked = checked(&desk, project().join("sample-data").to_str().unwrap());
    assert_eq!(checked["suspicions"], json!([]));
}

/// An export of many tickets, one or more a working day, answered by Ann after an hour.
fn many(count: u32, at: impl Fn(u32) -> (String, String)) -> Desk {
    let desk = Desk::empty();
    let (mut tickets, mut updates) =
        ("ticket_id,customer,severity,submitted_at\n".to_owned(), "ticket_id,at,author\n".to_owned());
    for number in 0..count {
        let (submitted, answered) = at(number);
        tickets += &format!("T-{number},Acme,1,{submitted}\n");
        updates += &format!("T-{number},{answered},support\n");
    }
    desk.write("export/tickets.csv", tickets);
    desk.write("export/updates.csv", updates);
    desk.write("export/customers.csv", CUSTOMERS);
    desk
}

#[test]
fn support_at_night_in_every_zone_days_that_end_at_twelve_and_a_round_number_are_suspected() {
    // 23:00 to 05:00 in Paris, on the first twelve days of each month.
    let desk = many(1_000, |number| {
        let (month, day, hour) = (1 + number / 12 % 12, 1 + number % 12, 21 + number % 3);
        let at = |minute: u32| format!("2023-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z");
        (at(0), at(50))
    });
    let found = checked(&desk, "export");
    let limits = ["ends_at_a_limit"; 2];
    let expected =
        [&["days_never_above_twelve", "days_never_above_twelve", "at_night_everywhere"][..], &limits]
            .concat();
    let kinds: Vec<&str> =
        kinds(&found).into_iter().filter(|kind| *kind != "days_without_an_event").collect();
    assert_eq!(kinds, expected);
    let day = many(999, |number| {
        let (month, day) = (1 + number / 28 % 12, 1 + number % 28);
        let at = |minute: u32| format!("2023-{month:02}-{day:02}T09:{minute:02}:00Z");
        (at(0), at(50))
    });
    assert_eq!(checked(&day, "export")["suspicions"], json!([]));
}

#[test]
fn a_pipe_is_checked_without_what_takes_a_second_reading() {
    let desk = Desk::with_export();
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || std::fs::write(pipe, TICKETS).unwrap());
    let found = checked(&desk, "--tickets pipe --customers export/customers.csv");
    writer.join().unwrap();
    assert_eq!((&found["suspicions_looked_for"], &found["totals"]["tickets"]), (&json!(false), &json!(3)));
}
