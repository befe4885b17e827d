//! `punctual explain`: ten tickets whose explanations are read like letters to their customers, and what
//! else the command takes and refuses.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::desk::{Desk, files, project};

const HOUR: i64 = 3_600_000_000;
const MINUTE: i64 = 60_000_000;

fn golden() -> PathBuf {
    project().join("tests/golden/explain")
}

/// The arguments that explain tickets of the golden export.
fn explain(tickets: &str, more: &str) -> String {
    let (export, policy) = (golden().join("export"), golden().join("policy.toml"));
    format!("explain {tickets} --from {} --policy {} {more}", export.display(), policy.display())
}

fn json(arguments: &str) -> Vec<Value> {
    serde_json::from_str(&Desk::empty().run(arguments).succeeds().stdout).unwrap()
}

/// Each ticket, and for each of its measurements the elapsed time in minutes (rounded down) and the
/// outcome, worked out by hand from the agreement in `policy.toml`.
const TICKETS: [(&str, &[(i64, &str)]); 10] = [
    // Friday 14:00 to 18:00 is 4 h; on Monday at 09:00 the window just opens.
    ("weekend", &[(240, "met")]),
    // The night of 27 October had 02:00 to 03:00 twice: 00:00 to 09:00 took 10 h, of the customer's 12.
    ("clock-change", &[(600, "met")]),
    // The answer after 1 h. Then Monday 11:00-12:00, waiting until Wednesday 10:00, and 10:00-11:30: 2 h 30.
    ("paused", &[(60, "met"), (150, "met")]),
    // 30 min. From 10:00 to the resolution on Wednesday 17:00: 8 h and 8 h. What is written on Thursday at
    // 09:15 comes while it is resolved; from the reopening at 11:00 to the end at 12:30 it is 1 h 30.
    ("reopened", &[(30, "met"), (16 * 60, "met"), (90, "met")]),
    // Severity 3 at first. 30 min. From Monday 16:30 to Tuesday 11:00: 1 h 30 and 2 h. Then severity 1: from
    // 11:00 to 18:00, 7 h, and Wednesday 09:00 to 10:00: 8 h.
    ("raised", &[(30, "met"), (210, "met"), (480, "met")]),
    // Monday 16:00-18:00, 2 h; the 24th 09:00-12:00, 3 h; the 25th closed; the 26th 09:00-13:30, 4 h 30.
    ("half-day", &[(570, "breached")]),
    // 09:00 to 17:00: 8 h, which is not less than 8 h.
    ("exactly", &[(480, "breached")]),
    ("a-microsecond-before", &[(479, "met")]),
    // 20 min; then Thursday 15:20-18:00, 2 h 40, and Friday 09:00-17:00, 8 h, when the export was taken.
    ("open", &[(20, "met"), (640, "pending")]),
    // What was written before the submission is left out: Monday 10:00-18:00 and Tuesday 09:00-12:00, 11 h.
    ("early", &[(660, "breached")]),
];

#[test]
fn ten_tickets_are_measured_as_by_hand_and_explained_in_words_that_are_looked_at() {
    let bless = {
        #[allow(clippy::disallowed_methods, reason = "whoever runs the tests says so in the environment")]
        std::env::var_os("PUNCTUAL_BLESS").is_some()
    };
    let mut names: Vec<String> = Vec::new();
    for (ticket, measured) in TICKETS {
        let found = json(&explain(ticket, "--json"));
        let found: Vec<(i64, String)> = found[0]["measurements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let elapsed = one["elapsed_us"].as_i64().unwrap();
                (elapsed / MINUTE, one["outcome"].as_str().unwrap().to_owned())
            })
            .collect();
        let by_hand: Vec<_> =
            measured.iter().map(|(minutes, outcome)| (*minutes, (*outcome).to_owned())).collect();
        assert_eq!(found, by_hand, "{ticket}");
        for language in ["en", "fr"] {
            let name = format!("{ticket}.{language}.txt");
            let said = Desk::empty().run(&explain(ticket, &format!("--lang {language}"))).succeeds().stdout;
            let widest = said.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= 80, "{name}: {widest} columns\n{said}");
            if bless {
                fs::write(golden().join(&name), &said).unwrap();
            }
            let expected = fs::read_to_string(golden().join(&name)).unwrap_or_default();
            assert!(said == expected, "{name} differs from what was looked at:\n{said}");
            names.push(name);
        }
    }
    let mut there: Vec<String> = files(&golden()).into_keys().filter(|name| name.ends_with(".txt")).collect();
    there.sort();
    names.sort();
    assert_eq!(there, names, "each explanation is of a ticket above");
}

#[test]
fn the_json_of_an_explanation_adds_up_span_by_span_and_day_by_day() {
    let all = TICKETS.map(|(ticket, _)| ticket).join(" ");
    let found = json(&explain(&all, "--json"));
    assert_eq!(found.len(), TICKETS.len());
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for measured in found.iter().flat_map(|ticket| ticket["measurements"].as_array().unwrap()) {
        let elapsed = measured["elapsed_us"].as_i64().unwrap();
        for list in ["days", "spans"] {
            let counted =
                measured[list].as_array().unwrap().iter().map(|one| one["counted_us"].as_i64().unwrap());
            assert_eq!(counted.sum::<i64>(), elapsed, "{measured:#}");
        }
        for span in measured["spans"].as_array().unwrap() {
            *reasons.entry(span["reason"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let known: Vec<&str> = reasons.keys().map(String::as_str).collect();
    assert_eq!(known, ["counted", "day_off", "holiday", "outside_hours", "waiting"]);
    // The target of 8 h was reached after 2 h, 3 h and, from 09:00 on, 3 h more: at 12:00 on the 26th.
    let half_day = found.iter().find(|ticket| ticket["ticket_id"] == "half-day").unwrap();
    let response = &half_day["measurements"][0];
    assert_eq!(response["due_local"], "2024-12-26T12:00:00");
    assert_eq!(response["target_us"], 8 * HOUR);
    assert_eq!(half_day["calendar"], "france");
    assert_eq!(half_day["calendar_from"], "region");
    let holidays: Vec<&Value> =
        response["days"].as_array().unwrap().iter().map(|day| &day["holiday"]).collect();
    assert_eq!(holidays, [&Value::Null, &"Christmas Eve".into(), &"Noël".into(), &Value::Null]);
    let raised = found.iter().find(|ticket| ticket["ticket_id"] == "raised").unwrap();
    let severities: Vec<_> =
        raised["measurements"].as_array().unwrap().iter().map(|one| one["severity"].clone()).collect();
    assert_eq!(severities, [3, 3, 1]);
    let night = found.iter().find(|ticket| ticket["ticket_id"] == "clock-change").unwrap();
    assert_eq!(night["measurements"][0]["target_from"], "customer");
    assert_eq!(night["measurements"][0]["days"][0]["clock_change_us"], -HOUR);
    let early = found.iter().find(|ticket| ticket["ticket_id"] == "early").unwrap();
    let effects: Vec<_> =
        early["timeline"].as_array().unwrap().iter().map(|event| event["effect"].clone()).collect();
    assert_eq!(effects, ["before_submission", "before_submission", "taken", "taken"]);
}

#[test]
fn several_tickets_are_explained_on_one_page_that_asks_for_nothing() {
    let page = Desk::empty().run(&explain("weekend half-day", "--html --lang fr")).succeeds().stdout;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("lang=\"fr\""));
    assert!(page.contains("id=\"ticket-2\"") && page.contains("jour férié"), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[test]
fn a_report_explains_its_own_tickets_and_fails_where_its_facts_say_otherwise() {
    let desk = Desk::with_export();
    desk.run("report export --out report --period 2024-05").succeeds();
    let of_report = desk.run("explain A-1 B-1 --from report").succeeds();
    let of_export = desk.run("explain A-1 B-1 --from export --period 2024-05").succeeds();
    assert_eq!(of_report.stdout, of_export.stdout);
    desk.run("explain A-1 --from report --policy northern")
        .fails(2, &["--policy", "does not go with the report"]);
    // The facts of another report in place of its own.
    let later = desk.path("export/updates.csv");
    let more = format!("{}A-1,2024-05-08T10:00:00Z,support\n", fs::read_to_string(&later).unwrap());
    desk.write("export2/updates.csv", more);
    for name in ["tickets.csv", "customers.csv"] {
        fs::copy(desk.path(&format!("export/{name}")), desk.path(&format!("export2/{name}"))).unwrap();
    }
    desk.run("report export2 --out other --period 2024-05").succeeds();
    fs::copy(desk.path("other/facts/measurements.parquet"), desk.path("report/facts/measurements.parquet"))
        .unwrap();
    desk.run("explain A-1 --from report").fails(1, &["ticket A-1: the facts of report hold other figures"]);
    // Its inputs are gone, or others.
    fs::rename(desk.path("export"), desk.path("moved")).unwrap();
    desk.run("explain B-1 --from other --inputs export2").succeeds();
    desk.run("explain B-1 --from report").fails(1, &["of which the report was made", "--inputs DIR"]);
    desk.run("explain B-1 --from report --inputs export2").fails(1, &["updates.csv is not the file"]);
}

#[test]
fn a_ticket_that_is_not_there_is_told_with_one_that_is_like_it() {
    let desk = Desk::with_export();
    desk.run("explain A-11 --from export").fails(1, &["there is no ticket A-11", "did you mean `A-1`?"]);
    desk.run("explain --from export").fails(2, &["TICKET"]);
    desk.run("explain A-1").fails(2, &["no tickets were named"]);
    let said = desk.run("explain A-2 --from export --as-of 2024-05-06T09:00:00Z");
    said.fails(1, &["A-2 was submitted after"]);
}
