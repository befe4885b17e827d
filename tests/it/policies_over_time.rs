//! Several versions of an agreement: each row says which was applied, and the tickets that saw it change are listed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use punctual::policy::NORTHERN;

use crate::desk::Desk;
use crate::exports::Sheet;
use crate::oracle::local_reading;
use crate::parquet_file::ParquetFile;
use crate::random_export::random_export;

const FIRST: &str = "northern@2000-01-01";

/// `northern` from another date on.
fn from(date: &str) -> String {
    NORTHERN.replace("2000-01-01", date)
}

fn table(desk: &Desk, path: &str) -> Sheet {
    Sheet::read(&std::fs::read_to_string(desk.path(path)).unwrap())
}

#[test]
fn the_tickets_that_saw_the_agreement_change_are_listed_by_their_local_dates() {
    // A new version holds from 9 May. As of 03:00 UTC that day it is 05:00 in Paris, where Acme's two tickets are
    // open, and 23:00 of the 8th in New York, where Borea's is.
    let desk = Desk::with_export();
    desk.write("new.toml", from("2024-05-09"));
    let versions = "--policy northern --policy new.toml";
    desk.run(&format!("report export --out early --as-of 2024-05-09T03:00:00Z {versions}")).succeeds();
    let changes = table(&desk, "early/tables/policy_changes.csv");
    assert_eq!(
        changes.header,
        [
            "ticket_id",
            "customer",
            "tier",
            "region",
            "submitted_at",
            "resolved_at",
            "status",
            "policy",
            "policy_last"
        ]
    );
    let row = |id: &str, submitted: &str| {
        [id, "Acme", "standard", "EMEA", submitted, "", "open", FIRST, "northern@2024-05-09"]
            .map(str::to_owned)
    };
    assert_eq!(changes.rows, [row("A-1", "2024-05-06T08:00:00Z"), row("A-2", "2024-05-06T12:00:00Z")]);
    // All of it is judged by the first version, in every list.
    for name in ["breaches", "near_misses", "pending"] {
        let list = table(&desk, &format!("early/tables/{name}.csv"));
        assert_eq!(list.header.last().map(String::as_str), Some("policy"), "{name}");
        assert!(list.column("policy").iter().all(|policy| *policy == FIRST), "{name}");
    }
    assert!(!table(&desk, "early/tables/breaches.csv").rows.is_empty());
    // Borea's is resolved on the 9th, 05:00 in New York.
    desk.run(&format!("report export --out late {versions}")).succeeds();
    let late = table(&desk, "late/tables/policy_changes.csv");
    assert_eq!(late.column("ticket_id"), ["A-1", "A-2", "B-1"]);
    assert_eq!(
        (late.column("status")[2], late.column("resolved_at")[2]),
        ("resolved", "2024-05-09T09:00:00Z")
    );
    // A review has its customer's alone.
    desk.run(&format!("review export --customer Borea --out reviews {versions}")).succeeds();
    let folder = desk.names("reviews").into_iter().find(|name| name.contains("orea")).unwrap();
    let own = table(&desk, &format!("reviews/{folder}/tables/policy_changes.csv"));
    assert_eq!(own.column("ticket_id"), ["B-1"]);
    let page = std::fs::read_to_string(desk.path(&format!("reviews/{folder}/review.html"))).unwrap();
    assert!(page.contains("id=\"policy-changes\"") && !page.contains("A-1"));
}

#[test]
fn a_page_says_which_version_was_applied_only_where_there_are_several() {
    let desk = Desk::with_export();
    desk.write("new.toml", from("2024-05-09"));
    let page = |arguments: &str| {
        desk.run(&format!("report export --out report {arguments}")).succeeds();
        std::fs::read_to_string(desk.path("report/report.html")).unwrap()
    };
    let heading = ">Agreement</th>";
    let one = page("");
    assert!(!one.contains("id=\"policy-changes\"") && !one.contains(heading));
    let two = page("--policy northern --policy new.toml");
    assert!(two.contains("id=\"policy-changes\"") && two.contains(heading));
    assert!(two.contains(">Agreement at the end</th>") && two.contains("northern@2024-05-09"));
    let french = page("--lang fr --policy northern --policy new.toml");
    assert!(french.contains("Changement d’accord") && french.contains(">Accord à la fin</th>"));
}

#[test]
fn over_a_random_export_each_ticket_has_the_versions_of_its_first_and_last_local_date() {
    let desk = Desk::empty();
    let export = random_export(31, 600);
    desk.write("export/tickets.csv", export.tickets_csv());
    desk.write("export/updates.csv", export.updates_csv());
    desk.write("export/customers.csv", export.customers_csv());
    let dates = ["2014-07-01", "2024-12-20", "2024-12-25"];
    let mut arguments = "report export --out report --period 2024-12 --policy northern".to_owned();
    for (place, date) in dates.iter().enumerate() {
        desk.write(&format!("{place}.toml"), from(date));
        arguments.push_str(&format!(" --policy {place}.toml"));
    }
    desk.run(&arguments).succeeds();
    let version = |date: NaiveDate| {
        let last = dates.iter().rev().find(|from| from.parse::<NaiveDate>().unwrap() <= date);
        format!("northern@{}", last.unwrap_or(&"2000-01-01"))
    };
    let facts = ParquetFile::read(&desk.path("report/facts/tickets.parquet"));
    let [ids, zones, first, last, in_period] =
        ["ticket_id", "timezone", "policy", "policy_last", "in_period"].map(|name| facts.texts(name));
    let [submitted, resolved] = ["submitted_at", "resolved_at"].map(|name| facts.instants(name));
    // The period's end on the customer's clock, or the export's last instant: the date is the earlier of both.
    let end = NaiveDate::from_ymd_opt(2024, 12, 31).unwrap();
    let mut listed = BTreeSet::new();
    for row in 0..facts.rows() {
        let zone: Tz = zones[row].as_deref().unwrap().parse().unwrap();
        let date = |at: i64| local_reading(zone, at).date();
        let ended = resolved[row].map_or_else(|| end.min(date(export.latest_us())), date);
        let expected = (version(date(submitted[row].unwrap())), version(ended));
        let found = (first[row].clone().unwrap(), last[row].clone().unwrap());
        assert_eq!(found, expected, "{:?}", ids[row]);
        if found.0 != found.1 && in_period[row].as_deref() == Some("true") {
            listed.insert(ids[row].clone().unwrap());
        }
    }
    assert!(listed.len() > 10, "{}", listed.len());
    let changes = table(&desk, "report/tables/policy_changes.csv");
    assert_eq!(changes.column("ticket_id"), listed.iter().collect::<Vec<_>>());
    // Each measurement is judged by the version of its ticket's submission.
    let measurements = ParquetFile::read(&desk.path("report/facts/measurements.parquet"));
    let of_ticket: std::collections::BTreeMap<_, _> = ids.iter().zip(&first).collect();
    for (id, policy) in measurements.texts("ticket_id").iter().zip(measurements.texts("policy")) {
        assert_eq!(of_ticket[id], &policy);
    }
}
