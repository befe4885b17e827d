//! Holidays on the command line: what a policy is said to hold, and that its end is said.

use std::fs;

use punctual::policy::NORTHERN;
use serde_json::Value;

use crate::desk::{Desk, project};

/// A desk with the small export and a policy that has these holidays, and the files of the corpus beside it.
fn desk(holidays: &str) -> Desk {
    let desk = Desk::with_export();
    for name in ["google.ics", "outlook-utf-16.ics", "apple.ics", "alsace-moselle.csv", "half-days.csv"] {
        desk.write(name, fs::read(project().join("tests/corpus/holidays").join(name)).unwrap());
    }
    desk.write("ours.toml", NORTHERN.replace("holidays = []", holidays));
    desk
}

#[test]
fn a_sound_policy_says_how_many_holidays_it_has_and_from_when_to_when() {
    let desk = desk(
        "holidays = [\"google.ics\", \"alsace-moselle.csv\"]\nspecial_days = { 2024-12-24 = [\"09:00-12:00\"] }",
    );
    let text = format!(
        "{}\n[calendars.town]\nlike = \"default\"\nholidays = [\"half-days.csv\"]\n[calendars.none]\n",
        fs::read_to_string(desk.path("ours.toml")).unwrap()
    );
    desk.write("ours.toml", text);
    // Google's four days and two of Alsace; the town has one more, and two half-days of which one is known.
    assert_eq!(
        desk.run("policy validate ours.toml").succeeds().stdout,
        "sound: northern@2000-01-01\n\
         northern@2000-01-01, calendar default: 6 holidays from 2024-03-29 to 2024-12-26; 1 day with hours of its own\n\
         northern@2000-01-01, calendar none: no holidays\n\
         northern@2000-01-01, calendar town: 7 holidays from 2024-03-29 to 2025-01-06; 2 days with hours of their own\n"
    );
    let told: Value =
        serde_json::from_str(&desk.run("policy validate ours.toml --json").succeeds().stdout).unwrap();
    assert_eq!(told["calendars"][2]["calendar"], "town");
    assert_eq!(told["calendars"][2]["last_holiday"], "2025-01-06");
}

#[test]
fn a_policy_is_shown_with_the_names_of_a_dozen_days() {
    let desk = desk(
        "holidays = [\"outlook-utf-16.ics\"]\nspecial_days = { 2024-12-24 = { hours = [\"09:00-12:00\"], name = \"Heiligabend\" } }",
    );
    let shown = desk.run("policy show ours.toml").succeeds().stdout;
    for line in [
        "2024-10-03  Thursday   closed       Tag der Deutschen Einheit – für alle\n",
        "2024-12-24  Tuesday    09:00-12:00  Heiligabend\n",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(!shown.contains(" more day"), "{shown}");
    // New Year's Day of 1990 to 2001, and of a year more.
    let days = (1990..=2002).map(|year| format!("{year}-01-01")).collect::<Vec<_>>().join(", ");
    desk.write("ours.toml", NORTHERN.replace("holidays = []", &format!("holidays = [{days}]")));
    let shown = desk.run("policy show ours.toml").succeeds().stdout;
    assert!(!shown.contains("1990-01-01  ") && shown.contains("1991-01-01  Tuesday    closed\n"), "{shown}");
    assert!(shown.contains("1 more day, from 1990-01-01 to 2002-01-01 in all"), "{shown}");
    let shown: Value =
        serde_json::from_str(&desk.run("policy show ours.toml --json").succeeds().stdout).unwrap();
    assert_eq!(shown["calendars"]["default"]["special_days"].as_object().unwrap().len(), 13);
}

#[test]
fn a_flaw_in_a_holiday_file_ends_the_run_with_its_line() {
    let desk = desk("holidays = [\"own.ics\"]");
    desk.write(
        "own.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20241224T090000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    desk.run("report export --policy ours.toml")
        .fails(2, &["ours.toml:14:13: own.ics:3: only events of whole days"]);
    assert!(!desk.path("reports").exists());
}

#[test]
fn a_report_past_the_last_holiday_says_so_also_from_the_cache() {
    // The last of the corpus for Alsace is in 2024; the tickets are of May 2024, and so is the period.
    let desk = desk("holidays = [\"alsace-moselle.csv\"]");
    let run = |period: &str| {
        let run = format!("report export --policy ours.toml --cache cache --out out --period {period}");
        let done = desk.run(&run).succeeds();
        (done.stderr, fs::read_to_string(desk.path("out/report.html")).unwrap())
    };
    let note = "the holidays of calendar default in northern@2000-01-01 end on 2024-12-26";
    let on_page = "are known up to 26 December 2024";
    for _ in ["made", "kept"] {
        let (said, page) = run("2024-05");
        assert!(!said.contains("the holidays") && !page.contains(on_page), "{said}");
        let (said, page) = run("2025-01");
        assert!(said.contains(note) && page.contains(on_page), "{said}");
    }
    let json = desk
        .run("report export --policy ours.toml --cache cache --out out --period 2025-01 --json")
        .succeeds();
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(told["holidays_end"][0]["last_holiday"], "2024-12-26");
    let review = desk.run("review export --policy ours.toml --all --out reviews --period 2025-01").succeeds();
    assert!(review.stderr.contains(note), "{}", review.stderr);
}
