//! Reviews: a folder per customer that holds nothing of any other customer, whatever customers are called.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use calamine::{Reader, Xlsx};
use serde_json::Value;

use crate::desk::{Desk, files, manifest, project};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;

/// Customers whose names are traps.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "=HYPERLINK(\"http://x\")",
    "../../etc",
    "شركة النور الصناعية",
    "Twin",
    "TWIN",
    "+cmd|' /C calc'!A0",
    "{customer} & {period}",
    "'; DROP TABLE measurements; --",
];

fn hostile_names() -> Vec<String> {
    let long = "Very Long Name ".repeat(20);
    HOSTILE.iter().map(|name| (*name).to_owned()).chain([long.trim().to_owned()]).collect()
}

/// An export in which each hostile name has a breach, an open clock, and a ticket in time.
fn hostile_desk() -> Desk {
    let desk = Desk::empty();
    let csv = |rows: &[Vec<String>]| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    };
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut tickets =
        vec![row(&["ticket_id", "customer", "severity", "submitted_at", "first_response_at", "resolved_at"])];
    let mut updates = vec![row(&["ticket_id", "at", "author"])];
    let mut customers = vec![row(&["customer", "tier", "region", "timezone", "account_manager"])];
    for (place, name) in hostile_names().iter().enumerate() {
        let id = |kind: &str| format!("TICKET-{place}-{kind}");
        // Late: Monday 09:00 to Wednesday 09:00 in Paris is 18 h. In time: an hour. Open: one hour before the end.
        let late =
            [&id("late"), name, "1", "2024-05-06T07:00:00Z", "2024-05-08T07:00:00Z", "2024-05-08T08:00:00Z"];
        let quick =
            [&id("quick"), name, "2", "2024-05-06T07:00:00Z", "2024-05-06T08:00:00Z", "2024-05-06T09:00:00Z"];
        let open = [&id("open"), name, "3", "2024-05-31T13:00:00Z", "", ""];
        tickets.extend([late, quick, open].map(|cells| row(&cells)));
        updates.push(row(&[&id("late"), "2024-05-08T07:00:00Z", "support"]));
        let tier = if place % 2 == 0 { "augmented" } else { "standard" };
        customers.push(row(&[name, tier, "EMEA", "Europe/Paris", "Ann Other"]));
    }
    desk.write("export/tickets.csv", csv(&tickets));
    desk.write("export/updates.csv", csv(&updates));
    desk.write("export/customers.csv", csv(&customers));
    desk
}

/// Everything that a folder says, as text: names of files, bytes, unzipped workbooks, decoded Parquet.
fn said(folder: &std::path::Path) -> String {
    let mut said = String::new();
    for (name, bytes) in files(folder) {
        said.push_str(&format!("\n{name}\n{}\n", String::from_utf8_lossy(&bytes)));
        if name.ends_with(".xlsx") {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
            for place in 0..archive.len() {
                let mut entry = archive.by_index(place).unwrap();
                let mut text = Vec::new();
                entry.read_to_end(&mut text).unwrap();
                said.push_str(&format!(
                    "{}\n{}\n",
                    entry.name().unwrap().into_owned(),
                    String::from_utf8_lossy(&text)
                ));
            }
        }
        if name.ends_with(".parquet") {
            let file = ParquetFile::read(&folder.join(&name));
            for column in file.columns() {
                let texts: Vec<_> = file.texts(&column).into_iter().flatten().collect();
                said.push_str(&format!("{column}: {}\n", texts.join("\n")));
            }
            said.push_str(&format!("{:?}\n", file.metadata));
        }
    }
    said
}

/// The written reviews of a run: customer and folder.
fn reviews(desk: &Desk, arguments: &str) -> Vec<(String, std::path::PathBuf)> {
    let done = desk.run(&format!("review {arguments} --json")).succeeds();
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    let text = |review: &Value, key: &str| review[key].as_str().unwrap().to_owned();
    let all = json["reviews"].as_array().unwrap().iter();
    all.map(|review| (text(review, "customer"), desk.path(&text(review, "folder")))).collect()
}

/// Names as they may stand in HTML, XML, JSON or SQL.
fn forms(name: &str) -> Vec<String> {
    let html = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quotes = [
        html.replace('"', "&quot;"),
        html.replace('"', "&quot;").replace('\'', "&apos;"),
        html.replace('\'', "&#39;"),
    ];
    let mut forms: Vec<String> =
        quotes.into_iter().chain([name.to_owned(), html, name.replace('"', "\\\"")]).collect();
    forms.dedup();
    forms
}

#[test]
fn no_byte_of_a_review_names_another_customer_or_a_ticket_of_another() {
    let desk = Desk::empty();
    let sample = project().join("sample-data");
    // One row of the sample has fields too few: it is read all the same.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(sample.join("tickets.csv")).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
    let tickets = Sheet { header, rows: rows.filter(|row| row.len() > 2).collect() };
    let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (customer, id) in tickets.column("customer").into_iter().zip(tickets.column("ticket_id")) {
        ids.entry(customer).or_default().push(id);
    }
    let written = reviews(&desk, &format!("{} --period 2024-Q2 --all --out packs", sample.display()));
    let names: BTreeSet<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.len() >= 25 && names.iter().all(|name| ids.contains_key(name)), "{names:?}");
    for (customer, folder) in &written {
        let said = said(folder);
        assert!(
            forms(customer).iter().any(|form| said.contains(form)),
            "{customer} is not named in its own review"
        );
        for other in ids.keys().filter(|other| *other != customer) {
            // Words that are no names, such as the one-letter customer Q, stand in any text.
            let distinct = other.chars().count() > 3 && !customer.contains(other);
            let found = forms(other).into_iter().find(|form| distinct && said.contains(form.as_str()));
            assert_eq!(found, None, "the review of {customer} names {other}");
            let id = ids[other].iter().find(|id| id.len() > 4 && said.contains(**id));
            assert_eq!(id, None, "the review of {customer} has a ticket of {other}");
        }
    }
}

#[test]
fn hostile_names_are_text_in_every_output_and_have_folders_of_their_own() {
    let desk = hostile_desk();
    let written = reviews(&desk, "export --period 2024-05 --all --out packs");
    let names: BTreeSet<_> = written.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, hostile_names().into_iter().collect());
    let folders: BTreeSet<_> = written.iter().map(|(_, folder)| folder.clone()).collect();
    assert_eq!(folders.len(), written.len());
    // Nothing was written anywhere else.
    assert_eq!(desk.names("."), ["export", "packs"]);
    assert_eq!(desk.names("packs").len(), written.len());
    for (customer, folder) in &written {
        assert_eq!(folder.parent().unwrap(), desk.path("packs"), "{customer}");
        let page = std::fs::read_to_string(folder.join("review.html")).unwrap();
        assert_eq!(page.matches("<script").count(), 1, "{customer}: more scripts than the page's own");
        let name = &forms(customer)[0];
        assert!(page.contains(&format!("<h1><bdi>{name}</bdi></h1>")), "{customer}");
        for (other, _) in
            written.iter().filter(|(other, _)| other != customer && !customer.contains(other.as_str()))
        {
            assert!(!page.contains(other.as_str()), "the review of {customer} names {other}");
        }
        let mut book: Xlsx<_> = calamine::open_workbook(folder.join("review.xlsx")).unwrap();
        for sheet in book.sheet_names() {
            let formulas = book.worksheet_formula(&sheet).unwrap();
            assert!(formulas.is_empty(), "{customer}: {sheet} has formulas");
        }
    }
}

#[test]
fn hostile_names_do_no_harm_in_the_report_of_all() {
    let desk = hostile_desk();
    let report = desk.report("export", "--period 2024-05");
    let page = String::from_utf8(report["report.html"].clone()).unwrap();
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    let sheet = Sheet::read(std::str::from_utf8(&report["tables/breaches.csv"]).unwrap());
    let customers: BTreeSet<_> = sheet.column("customer").into_iter().collect();
    assert!(customers.contains("'=HYPERLINK(\"http://x\")") && customers.contains("'+cmd|' /C calc'!A0"));
    assert!(customers.contains("Twin") && customers.contains("TWIN"));
    assert!(customers.iter().all(|name| !name.starts_with(['=', '+', '-', '@'])), "{customers:?}");
}

#[test]
fn a_review_says_what_was_late_and_why_and_sets_no_customer_beside_too_few() {
    let desk = hostile_desk();
    let written = reviews(&desk, "export --period 2024-05 --customer Twin --out packs");
    let [(_, folder)] = &written[..] else { panic!("one review: {written:?}") };
    let page = std::fs::read_to_string(folder.join("review.html")).unwrap();
    // Monday 09:00 to Wednesday 09:00 is 18 h of working time against 8 h, reached on Monday at 17:00.
    assert!(page.contains("Mon 6 May 2024 09:00 → Wed 8 May 2024 09:00: 18 h 00 of working time against 8 h 00; due Mon 6 May 2024 17:00."));
    // Five customers are augmented and five standard: four others stand behind a tier, nine behind the region.
    assert_eq!(page.matches("fewer than 5 other customers").count(), 3);
    assert_eq!(page.matches("9 other customers").count(), 3);
    assert!(page.contains("priority in the queue"), "the augmented tier's benefits are named");
}

#[test]
fn a_review_has_its_customers_facts_charts_and_workbook_and_a_discreet_manifest() {
    let desk = Desk::with_export();
    let written = reviews(&desk, "export --period 2024-05 --customer Acme --out packs");
    let pack = files(&written[0].1);
    for name in [
        "review.html",
        "review.xlsx",
        "charts/monthly_trend.svg",
        "charts/monthly_trend.png",
        "tables/breaches.csv",
    ] {
        assert!(pack.contains_key(name), "{name}: {:?}", pack.keys());
    }
    assert!(!pack.contains_key("rejects.csv"));
    let tickets = ParquetFile::read(&written[0].1.join("facts/tickets.parquet"));
    assert_eq!(tickets.texts("ticket_id"), [Some("A-1".to_owned()), Some("A-2".to_owned())]);
    let manifest = manifest(&pack);
    assert_eq!(manifest["totals"], serde_json::json!({ "tickets": 2, "measurements": 4 }));
    assert_eq!(manifest["inputs"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["sha256", "table"]);
    assert_eq!(manifest["run"]["inputs"], serde_json::json!([]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&written[0].1).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[test]
fn a_review_of_nobody_is_wrong_usage() {
    let desk = Desk::with_export();
    desk.run("review export --customer Acne --out packs").fails(2, &["no customer \"Acne\"", "Acme"]);
    desk.run("review export --out packs").fails(2, &["--customer"]);
    desk.run("review export --all --customer Acme").fails(2, &["cannot be used with"]);
    desk.run("review export --all --queries export").fails(2, &["--queries is no part of a review"]);
    assert_eq!(desk.names("."), ["export"]);
}

#[test]
fn reviews_are_the_same_bytes_on_one_thread_and_on_two() {
    let desk = hostile_desk();
    reviews(&desk, "export --period 2024-05 --all --out one --threads 1");
    reviews(&desk, "export --period 2024-05 --all --out two --threads 2");
    let all = |folder: &str| {
        let mut found = files(&desk.path(folder));
        found.retain(|name, _| !name.ends_with("manifest.json"));
        found
    };
    assert!(all("one") == all("two"));
}
