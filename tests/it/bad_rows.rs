//! Rows that cannot be read: each is written down with its place and reason, the totals tie, and too many of them
//! end the run with exit code 3.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use crate::desk::{CUSTOMERS, Desk, EARLIER, TICKETS, UPDATES, files, manifest};
use crate::exports::{Sheet, as_parquet};

/// The rejected rows of a report, as `file:line column value reason`.
fn rejects(report: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let sheet = Sheet::read(std::str::from_utf8(&report["rejects.csv"]).unwrap());
    assert_eq!(sheet.header, ["file", "line", "column", "value", "reason", "detail"]);
    assert!(sheet.rows.iter().all(|row| !row[5].is_empty()), "{sheet:#?}");
    sheet.rows.iter().map(|row| format!("{}:{} {} {} {}", row[0], row[1], row[2], row[3], row[4])).collect()
}

/// Asserts that for every input rows read = accepted + rejected, that the reasons sum up, and that the rejected
/// rows are those that the file of rejects lists.
fn assert_totals_tie(report: &BTreeMap<String, Vec<u8>>) {
    let manifest = manifest(report);
    let listed = rejects(report);
    let (mut read, mut rejected) = (0, 0);
    for input in manifest["inputs"].as_array().unwrap() {
        let number = |key: &str| input[key].as_u64().unwrap();
        assert_eq!(number("rows_read"), number("rows_accepted") + number("rows_rejected"));
        let reasons = input["rejected"].as_object().unwrap();
        assert_eq!(number("rows_rejected"), reasons.values().map(|rows| rows.as_u64().unwrap()).sum::<u64>());
        let file = format!("{}:", input["file"].as_str().unwrap());
        assert_eq!(
            number("rows_rejected"),
            listed.iter().filter(|row| row.starts_with(&file)).count() as u64
        );
        read += number("rows_read");
        rejected += number("rows_rejected");
    }
    let totals = &manifest["totals"];
    assert_eq!(totals["rows_read"], json!(read));
    assert_eq!(totals["rows_rejected"], json!(rejected));
    assert_eq!(totals["rows_accepted"], json!(read - rejected));
}

/// A report of an export with these rows after the sound ones, however many of them are rejected.
fn report_with(tickets: &[u8], updates: &[u8], arguments: &str) -> BTreeMap<String, Vec<u8>> {
    let desk = Desk::with_export();
    desk.write("export/tickets.csv", [TICKETS.as_bytes(), tickets].concat());
    desk.write("export/updates.csv", [UPDATES.as_bytes(), updates].concat());
    let report = desk.report("export", &format!("--max-rejects 100% {arguments}"));
    assert_totals_tie(&report);
    report
}

#[test]
fn each_fault_of_a_ticket_is_written_down_with_its_place_value_and_reason() {
    let rows = b"\
S-7,Acme,7,2024-05-06T08:00:00Z,,
S-0,Acme,high,2024-05-06T08:00:00Z,,
E-1,,1,2024-05-06T08:00:00Z,,
E-2,Acme,1,,,
W-1,Acme,1,2024-05-06T08:00:00Z,
N-1,Acme,1,2024-05-06 08:00:00,,
T-1,Acme,1,31/05/2024,,
T-2,Acme,1,2024-02-30T08:00:00Z,,
T-3,Acme,1,2024-05-06T08:00:00Z,soon,
O-1,Acme,1,1850-05-06T08:00:00Z,,
P-1,Acme,1,1999-12-31T22:59:59Z,,
U-1,Nobody,1,2024-05-06T08:00:00Z,,
I-1,Ac\xE9me,1,2024-05-06T08:00:00Z,,
B-1,Borea,3,2024-05-07T13:30:00Z,2024-05-08T13:30:00Z,2024-05-09T09:00:00Z
A-2,Acme,3,2024-05-06T12:00:00Z,,
";
    let report = report_with(rows, b"", "");
    let expected = [
        "tickets.csv:4 ticket_id B-1 contradicting_duplicate",
        "tickets.csv:5 severity 7 bad_severity",
        "tickets.csv:6 severity high bad_severity",
        "tickets.csv:7 customer  missing_value",
        "tickets.csv:8 submitted_at  missing_value",
        "tickets.csv:9   wrong_field_count",
        "tickets.csv:10 submitted_at 2024-05-06 08:00:00 time_without_zone",
        "tickets.csv:11 submitted_at 31/05/2024 bad_timestamp",
        "tickets.csv:12 submitted_at 2024-02-30T08:00:00Z bad_timestamp",
        "tickets.csv:13 first_response_at soon bad_timestamp",
        "tickets.csv:14 submitted_at 1850-05-06T08:00:00Z time_out_of_span",
        "tickets.csv:15 submitted_at 1999-12-31 23:59:59 before_first_policy",
        "tickets.csv:16 tier  missing_value",
        "tickets.csv:17 customer  invalid_utf8",
        "tickets.csv:18 ticket_id B-1 contradicting_duplicate",
        "updates.csv:4 ticket_id B-1 unknown_ticket",
    ];
    assert_eq!(rejects(&report), expected);
    // A-2 stands twice and says the same both times: one ticket and a warning.
    assert_eq!(manifest(&report)["totals"]["warnings"], json!({ "identical_duplicate": 1 }));
    assert_eq!(manifest(&report)["totals"]["tickets"], 2);
}

#[test]
fn each_fault_of_an_update_is_written_down_with_its_place_value_and_reason() {
    let desk = Desk::with_export();
    let updates = b"\
ticket_id,at,author,visibility,kind,value,old_value
A-1,2024-05-06T10:00:00Z,support,public,comment,,
A-9,2024-05-06T11:00:00Z,support,,,,
,2024-05-06T11:00:00Z,support,,,,
A-1,,support,,,,
A-1,2024-05-06T11:00:00Z,robot,,,,
A-1,2024-05-06T11:00:00Z,support,secret,,,
A-1,2024-05-06T11:00:00Z,support,,shout,,
A-1,2024-05-06T11:00:00Z,support,,severity,,
A-1,2024-05-06T11:00:00Z,support,,severity,9,
A-1,2024-05-06T11:00:00Z,support,,severity,2,0
A-1,2024-05-06T11:00:00Z,support,,severity,2,1
A-1,2024-05-06T11:00:00Z,support,,,,,,
A-1,2024-05-06T07:00:00Z,support,,,,
";
    desk.write("export/updates.csv", updates);
    let report = desk.report("export", "--max-rejects 100%");
    assert_totals_tie(&report);
    let expected = [
        "updates.csv:3 ticket_id A-9 unknown_ticket",
        "updates.csv:4 ticket_id  missing_value",
        "updates.csv:5 at  missing_value",
        "updates.csv:6 author robot unknown_value",
        "updates.csv:7 visibility secret unknown_value",
        "updates.csv:8 kind shout unknown_value",
        "updates.csv:9 value  missing_value",
        "updates.csv:10 value 9 bad_severity",
        "updates.csv:11 old_value 0 bad_severity",
        "updates.csv:13   wrong_field_count",
    ];
    assert_eq!(rejects(&report), expected);
    assert_eq!(manifest(&report)["totals"]["warnings"], json!({ "event_before_submission": 1 }));
}

#[test]
fn an_unknown_time_zone_is_written_down_and_its_nearest_is_named() {
    let desk = Desk::with_export();
    desk.write("export/customers.csv", CUSTOMERS.replace("Europe/Paris", "Europe/Pariss"));
    let report = desk.report("export", "--max-rejects 100%");
    assert_totals_tie(&report);
    assert_eq!(rejects(&report)[0], "customers.csv:2 timezone Europe/Pariss unknown_time_zone");
    let text = String::from_utf8(report["rejects.csv"].clone()).unwrap();
    assert!(text.contains("Europe/Paris\"") || text.contains("Europe/Paris?"), "{text}");
    let header = TICKETS.lines().next().unwrap();
    desk.write("export/customers.csv", CUSTOMERS);
    desk.write(
        "export/tickets.csv",
        format!("{header},timezone\nA-1,Acme,1,2024-05-06T08:00:00Z,,,Mars/Base\n"),
    );
    let report = desk.report("export", "--max-rejects 100% --as-of 2024-05-31T00:00:00Z");
    assert_eq!(rejects(&report)[0], "tickets.csv:2 timezone Mars/Base unknown_time_zone");
}

/// In Paris the clocks went from 02:00 to 03:00 on 31 March 2024, and from 03:00 back to 02:00 on 27 October.
#[test]
fn a_local_time_in_a_clock_change_gap_is_rejected_and_a_repeated_one_is_a_warning() {
    let desk = Desk::with_export();
    desk.write("desk.toml", "name = \"d\"\nextends = \"canonical\"\n[time]\nzone = \"customer\"\n");
    let rows = "G-1,Acme,1,2024-03-31 02:30:00,,\nG-2,Acme,1,2024-10-27 02:30:00,,\n";
    desk.write("export/tickets.csv", TICKETS.to_owned() + rows);
    let report = desk.report("export", "--max-rejects 100% --profile desk.toml");
    assert_totals_tie(&report);
    assert_eq!(rejects(&report), ["tickets.csv:5 submitted_at 2024-03-31 02:30:00 nonexistent_local_time"]);
    assert_eq!(manifest(&report)["totals"]["warnings"], json!({ "ambiguous_local_time": 1 }));
}

#[test]
fn lines_are_counted_right_after_quoted_line_breaks_crlf_and_a_byte_order_mark() {
    let desk = Desk::with_export();
    let text = "\u{FEFF}ticket_id,customer,severity,submitted_at,\"sub\nject\"\r\n\
                A-1,Acme,1,2024-05-06T08:00:00Z,\"one\r\ntwo\r\n\r\nfour\"\r\n\
                \r\n\
                A-2,Acme,7,2024-05-06T08:00:00Z,\"a \"\"quote\"\"\nand a break\"\r\n\
                A-3,Acme,8,2024-05-06T08:00:00Z,\r\n";
    desk.write("export/tickets.csv", text);
    desk.write(
        "export/updates.csv",
        "ticket_id,at,author\r\n\"A-1\",2024-05-06T09:00:00Z,support\r\nA-1,x,support",
    );
    let report = desk.report("export", "--max-rejects 100%");
    let expected = [
        "tickets.csv:8 severity 7 bad_severity",
        "tickets.csv:10 severity 8 bad_severity",
        "updates.csv:3 at x bad_timestamp",
    ];
    assert_eq!(rejects(&report), expected);
}

#[test]
fn rows_of_parquet_are_numbered_through_all_row_groups() {
    let desk = Desk::with_export();
    fs::remove_file(desk.path("export/updates.csv")).unwrap();
    let mut sheet = Sheet::read(UPDATES);
    let sound = sheet.rows[0].clone();
    sheet.rows = vec![sound; 2_500];
    sheet.rows[0][2] = "robot".into();
    sheet.rows[1_999][0] = "A-9".into();
    sheet.rows[2_499][2] = "".into();
    desk.write("export/updates.parquet", as_parquet(&sheet, &[]));
    let report = desk.report("export", "--max-rejects 100%");
    assert_totals_tie(&report);
    let expected = [
        "updates.parquet:1 author robot unknown_value",
        "updates.parquet:2000 ticket_id A-9 unknown_ticket",
        "updates.parquet:2500 author  missing_value",
    ];
    assert_eq!(rejects(&report), expected);
}

#[test]
fn a_reject_names_the_column_as_its_file_does() {
    let desk = Desk::with_export();
    let profile = "name = \"d\"\nextends = \"canonical\"\n[tickets.columns]\nticket_id = \"Number\"\nseverity = \"Prio\"\n\
                   [updates.columns]\nauthor = \"By\"\n";
    desk.write("desk.toml", profile);
    let rows = "C-1,Acme,1,2024-05-06T08:00:00Z,,\nC-1,Acme,2,2024-05-06T08:00:00Z,,\nC-2,Acme,5,2024-05-06T08:00:00Z,,\n";
    let tickets = TICKETS.replace("ticket_id", "Number").replace("severity", "Prio") + rows;
    desk.write("export/tickets.csv", tickets);
    desk.write("export/updates.csv", UPDATES.replace("author", "By") + "A-1,2024-05-06T08:00:00Z,robot\n");
    let report = desk.report("export", "--max-rejects 100% --profile desk.toml");
    let expected = [
        "tickets.csv:5 Number C-1 contradicting_duplicate",
        "tickets.csv:6 Number C-1 contradicting_duplicate",
        "tickets.csv:7 Prio 5 bad_severity",
        "updates.csv:5 By robot unknown_value",
    ];
    assert_eq!(rejects(&report), expected);
}

#[test]
fn a_calendar_that_no_policy_has_is_an_error_that_names_its_row() {
    let desk = Desk::with_export();
    let customers = CUSTOMERS.replace("timezone", "timezone,calendar").replace("Paris", "Paris,fr");
    desk.write("export/customers.csv", customers.replace("New_York", "New_York,"));
    let said = ["export/customers.csv:2: there is no calendar \"fr\"", "[calendars.fr]"];
    desk.run("report export --out report").fails(2, &said);
    assert_eq!(desk.names("."), ["export"]);
}

/// An export of 3 + 3 + 2 rows, of which 1 is rejected.
fn desk_with_one_reject() -> Desk {
    let desk = Desk::with_export();
    desk.write("export/tickets.csv", TICKETS.replace("A-2,Acme,3", "A-2,Acme,7"));
    desk
}

#[test]
fn more_rejects_than_allowed_publish_nothing_and_are_kept_where_the_message_says() {
    let desk = desk_with_one_reject();
    desk.write("out/report/manifest.json", EARLIER);
    let said = [
        "1 of 8 rows were rejected",
        "out/report.rejects.csv",
        "--max-rejects",
        "tickets.csv: 1 rows rejected: bad_severity",
    ];
    desk.run("report export --out out/report").fails(3, &said);
    assert_eq!(desk.names("out"), ["report", "report.rejects.csv"]);
    let left = files(&desk.path("out/report"));
    assert_eq!(left.into_iter().collect::<Vec<_>>(), [("manifest.json".into(), EARLIER.as_bytes().to_vec())]);
    let kept = Sheet::read(&fs::read_to_string(desk.path("out/report.rejects.csv")).unwrap());
    assert_eq!(kept.rows.len(), 1);
    assert_eq!(kept.rows[0][..5], ["tickets.csv", "3", "severity", "7", "bad_severity"]);
}

#[test]
fn rejects_are_allowed_by_count_or_by_share() {
    let desk = desk_with_one_reject();
    for (allowed, code) in [("0", 3), ("1", 0), ("12.4%", 3), ("12.5%", 0), ("0%", 3), ("100%", 0)] {
        let done = desk.run(&format!("report export --out out/report --max-rejects {allowed}"));
        assert_eq!(done.code, Some(code), "{done:#?}");
    }
    for wrong in ["few", "101%", "-1", "1.5"] {
        let said = ["--max-rejects", "neither a count nor a share", "0.5%"];
        desk.run(&format!("report export --out out/report --max-rejects={wrong}")).fails(2, &said);
    }
}

#[test]
fn what_contradicting_rows_say_is_not_the_instant_to_report_as_of() {
    let rows = b"X-1,Acme,1,2030-05-06T08:00:00Z,,\nX-1,Acme,2,2030-05-06T08:00:00Z,,\n";
    let report = report_with(rows, b"", "");
    assert_eq!(manifest(&report)["as_of"], "2024-05-09T09:00:00Z");
}
