//! `punctual compare` is the difference of two reports: of two policies over one export, and of two folders.

use std::collections::BTreeMap;
use std::path::Path;

use punctual::policy::NORTHERN;
use serde_json::Value;

use crate::desk::{Desk, TICKETS, UPDATES, files, manifest};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;
use crate::random_export::random_export;

/// `northern` with some of its words put in place of others.
fn northern_but(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(NORTHERN.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// A desk with a random export, and a policy `changed.toml`.
fn random_desk(seed: u64, tickets: usize, changes: &[(&str, &str)]) -> Desk {
    let export = random_export(seed, tickets);
    let desk = Desk::empty();
    desk.write("export/tickets.csv", export.tickets_csv());
    desk.write("export/updates.csv", export.updates_csv());
    desk.write("export/customers.csv", export.customers_csv());
    desk.write("changed.toml", northern_but(changes));
    desk
}

fn csv(folder: &Path, table: &str) -> Sheet {
    Sheet::read(&std::fs::read_to_string(folder.join(format!("tables/{table}.csv"))).unwrap())
}

/// A measurement of a report: which it is, and how it counts.
type Key = (String, i64, String, usize);

/// The measurements of a report by ticket, start, metric and their order among equals: the outcome, and whether they
/// count in the period.
fn measurements(report: &Path) -> BTreeMap<Key, (String, bool)> {
    let file = ParquetFile::read(&report.join("facts/measurements.parquet"));
    let texts = |name: &str| file.texts(name).into_iter().map(Option::unwrap).collect::<Vec<_>>();
    let (tickets, metrics, outcomes) = (texts("ticket_id"), texts("metric"), texts("outcome"));
    let (starts, counted) = (file.integers("started_at"), texts("in_period"));
    let mut found = BTreeMap::new();
    for row in 0..file.rows() {
        let mut key = (tickets[row].clone(), starts[row].unwrap(), metrics[row].clone(), 0);
        while found.contains_key(&key) {
            key.3 += 1;
        }
        found.insert(key, (outcomes[row].clone(), counted[row] == "true"));
    }
    found
}

/// What turned between two reports, by the measurements of both alone.
fn turned(before: &Path, after: &Path) -> Vec<[String; 6]> {
    let (was, is) = (measurements(before), measurements(after));
    let keys: std::collections::BTreeSet<&Key> = was.keys().chain(is.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let turned = match (was.get(key), is.get(key)) {
            (None, Some((_, true))) => "appeared".to_owned(),
            (Some((_, true)), None) => "vanished".to_owned(),
            (Some((_, false)), Some((_, true))) => "into_period".to_owned(),
            (Some((_, true)), Some((_, false))) => "out_of_period".to_owned(),
            (Some((one, true)), Some((other, true))) if one != other => format!("{one}_to_{other}"),
            _ => continue,
        };
        let outcome =
            |side: &BTreeMap<Key, (String, bool)>| side.get(key).map_or_else(String::new, |of| of.0.clone());
        changes.push([key.0.clone(), key.1.to_string(), key.2.clone(), outcome(&was), outcome(&is), turned]);
    }
    changes
}

/// What a comparison says turned.
fn changes(comparison: &Path) -> Vec<[String; 6]> {
    let file = ParquetFile::read(&comparison.join("tables/changes.parquet"));
    let columns = ["ticket_id", "started_at", "metric", "before_outcome", "after_outcome", "turned"];
    let columns = columns.map(|name| file.texts(name));
    (0..file.rows())
        .map(|row| columns.each_ref().map(|column| column[row].clone().unwrap_or_default()))
        .collect()
}

/// The totals of a comparison are the tables of two reports: every row of theirs, and no other that counts anything.
#[track_caller]
fn assert_totals(comparison: &Path, before: &Path, after: &Path) {
    let totals = csv(comparison, "totals");
    let cell = |sheet: &Sheet, row: usize, name: &str| sheet.rows[row][sheet.place(name)].clone();
    let mut compared = 0;
    for (side, report) in [("before", before), ("after", after)] {
        let mut expected = BTreeMap::new();
        for (dimension, table) in [
            ("all", "overall"),
            ("severity", "by_severity"),
            ("tier", "by_tier"),
            ("region", "by_region"),
            ("customer", "by_customer"),
        ] {
            let sheet = csv(report, table);
            for row in 0..sheet.rows.len() {
                let value = if dimension == "all" { "all".to_owned() } else { cell(&sheet, row, dimension) };
                let figures = ["measured", "met", "breached", "pending", "compliance"];
                let figures = figures.map(|name| cell(&sheet, row, name));
                expected.insert((dimension.to_owned(), value, cell(&sheet, row, "metric")), figures);
            }
        }
        for row in 0..totals.rows.len() {
            let key = ["dimension", "value", "metric"].map(|name| cell(&totals, row, name)).into();
            let figures = ["measured", "met", "breached", "pending", "compliance"];
            let figures = figures.map(|name| cell(&totals, row, &format!("{side}_{name}")));
            let none = ["0", "0", "0", "0", ""].map(str::to_owned);
            assert_eq!(figures, expected.remove(&key).unwrap_or(none), "{side} {key:?}");
            compared += 1;
        }
        assert!(expected.is_empty(), "{side}: {expected:?}");
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn two_policies_differ_as_two_reports_do_whichever_way_they_are_compared() {
    let changes_of_policy = [
        ("1 = 8", "1 = 4"),
        ("\"runs\"", "\"pauses\""),
        ("holidays = []", "holidays = [2024-12-25, 2024-12-26]"),
        ("[\"09:00-18:00\"]", "[\"08:00-17:00\"]"),
    ];
    let desk = random_desk(61, 2_400, &changes_of_policy);
    let mut causes = std::collections::BTreeSet::new();
    for period in ["", "--period 2024-12", "--period 2024-Q4 --as-of 2024-12-20T12:00:00Z"] {
        desk.run(&format!("report export {period} --out one -q")).succeeds();
        desk.run(&format!("report export {period} --policy changed.toml --out other -q")).succeeds();
        desk.run(&format!("compare export {period} --policy northern --with changed.toml --out policies -q"))
            .succeeds();
        desk.run("compare one other --out folders -q").succeeds();
        let (one, other) = (desk.path("one"), desk.path("other"));
        let (policies, folders) = (desk.path("policies"), desk.path("folders"));
        let expected = turned(&one, &other);
        assert!(expected.len() > 10, "{}", expected.len());
        assert_eq!(changes(&policies), expected, "{period}");
        assert_totals(&policies, &one, &other);
        // The folders say the same; only that they name the policy, and not what of it.
        let (of_policies, of_folders) = (csv(&policies, "changes"), csv(&folders, "changes"));
        let without_cause = |sheet: &Sheet| {
            let place = sheet.place("cause");
            sheet.rows.iter().map(|row| [&row[..place], &row[place + 1..]].concat()).collect::<Vec<_>>()
        };
        assert_eq!(without_cause(&of_policies), without_cause(&of_folders));
        assert!(of_folders.column("cause").iter().all(|cause| *cause == "policy"));
        let named = of_policies.column("cause").into_iter().flat_map(|cause| cause.split('+'));
        causes.extend(named.map(str::to_owned));
        let totals = |folder: &Path| std::fs::read(folder.join("tables/totals.parquet")).unwrap();
        assert!(totals(&policies) == totals(&folders));
    }
    assert!(["hours", "target", "waiting"].iter().all(|cause| causes.contains(*cause)), "{causes:?}");
    assert!(!causes.contains("unexplained"));
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let desk = random_desk(62, 400, &[("2 = 16", "2 = 30"), ("\"strict\"", "\"inclusive\"")]);
    desk.run("report export --out one -q").succeeds();
    desk.run("report export --policy changed.toml --period 2024-12 --out other -q").succeeds();
    let compared = |arguments: &str| {
        desk.run(&format!("compare {arguments} --out compared -q")).succeeds();
        let mut files = files(&desk.path("compared"));
        let mut manifest = manifest(&files);
        manifest.as_object_mut().unwrap().remove("run");
        files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
        files
    };
    for arguments in ["export --with changed.toml --lang fr", "one other"] {
        let one = compared(&format!("{arguments} --threads 1"));
        assert!(one == compared(&format!("{arguments} --threads 2")), "{arguments}");
        let names: Vec<_> =
            one.keys().map(String::as_str).filter(|name| !name.contains("differences")).collect();
        assert_eq!(
            names,
            [
                "charts/compliance_compared.png",
                "charts/compliance_compared.svg",
                "compare.html",
                "manifest.json",
                "tables/changes.csv",
                "tables/changes.parquet",
                "tables/totals.csv",
                "tables/totals.parquet",
            ]
        );
    }
}

/// What turned: the ticket, how, and why.
fn told(desk: &Desk, comparison: &str) -> Vec<String> {
    let sheet = csv(&desk.path(comparison), "changes");
    let columns = ["ticket_id", "metric", "turned", "cause"].map(|name| sheet.column(name));
    (0..sheet.rows.len()).map(|row| columns.each_ref().map(|column| column[row]).join(" ")).collect()
}

#[test]
fn a_later_report_differs_by_what_is_new_and_by_what_came_late() {
    let desk = Desk::with_export();
    desk.run("report export --as-of 2024-05-07T12:00:00Z --out first -q").succeeds();
    // Days later A-2 turns out to have been answered on 6 May, and there is another ticket.
    let late = TICKETS.replace("2024-05-06T12:00:00Z,,", "2024-05-06T12:00:00Z,2024-05-06T13:00:00Z,");
    desk.write("export/tickets.csv", format!("{late}C-1,Borea,4,2024-05-08T14:00:00Z,,\n"));
    desk.run("report export --as-of 2024-05-09T12:00:00Z --out second -q").succeeds();
    let done = desk.run("compare first second --json").succeeds();
    // A-1 was written to on the 7th at 12:00 in Paris: by the 9th at 14:00 these are 6 h, 9 h and 5 h, against 16 h.
    // A-2's answer was not known, nor the clock that it started. B-1 was submitted after the first report's instant.
    assert_eq!(
        told(&desk, "comparisons/first-second"),
        [
            "A-1 update pending_to_breached new",
            "A-2 response pending_to_met late_data",
            "A-2 update appeared late_data",
            "B-1 response appeared new",
            "B-1 update appeared new",
            "C-1 response appeared new",
        ]
    );
    let summary: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&summary["changes"], &summary["unexplained"]), (&6.into(), &0.into()));
    assert_eq!(summary["turned"]["appeared"], 4);
    let differences = csv(&desk.path("comparisons/first-second"), "differences");
    assert_eq!(differences.column("what"), ["as_of", "input"]);
    assert_eq!(differences.column("name"), ["as_of", "tickets: tickets.csv"]);

    // By another policy, of the same export and instant.
    desk.write("changed.toml", northern_but(&[("3 = 12", "3 = 1")]));
    desk.run("report export --as-of 2024-05-09T12:00:00Z --policy changed.toml --out third -q").succeeds();
    let done = desk.run("compare second third --out compared").succeeds();
    // A-2 was answered after exactly an hour.
    assert_eq!(told(&desk, "compared"), ["A-2 response met_to_breached policy"]);
    assert!(done.stdout.contains("targets.response.3"), "{}", done.stdout);
    assert!(done.stdout.contains("met → breached: 1"), "{}", done.stdout);
}

#[test]
fn a_report_and_itself_differ_in_nothing_and_that_is_said() {
    let desk = Desk::with_export();
    desk.run("report export --out one -q").succeeds();
    desk.run("report export --out other -q").succeeds();
    let done = desk.run("compare one other").succeeds();
    for said in ["Nothing differs: versions, settings", "Nothing turned: every measurement"] {
        assert!(done.stdout.contains(said), "{}", done.stdout);
    }
    assert_eq!(changes(&desk.path("comparisons/one-other")), Vec::<[String; 6]>::new());
    let page = std::fs::read_to_string(desk.path("comparisons/one-other/compare.html")).unwrap();
    assert!(page.contains("Nothing turned: every measurement") && page.contains("<svg"));
    assert!(desk.run("compare one other --quiet").succeeds().stdout.is_empty());
    // In French too, and by the same policy twice.
    let done = desk.run("compare export --with northern --period 2024-05 --lang fr").succeeds();
    assert!(done.stdout.contains("Rien n’a changé"), "{}", done.stdout);
    assert!(desk.path("comparisons/2024-05/tables/totals.csv").exists());
}

#[test]
fn what_makes_no_sense_is_wrong_usage_and_publishes_nothing() {
    let desk = Desk::with_export();
    desk.run("report export --out one -q").succeeds();
    desk.write("sql/mine.sql", "SELECT 1");
    for (arguments, said) in [
        ("compare export", "--with names no policy"),
        ("compare export --with missing.toml", "missing.toml"),
        ("compare export --with northern --queries sql", "--queries is no part of a comparison"),
        ("compare one one --with northern", "--with cannot be given with two report folders"),
        ("compare one one --period 2024-05 --policy northern", "--policy, --period cannot be given"),
        ("compare one one --cache cache --memory 1GiB", "--cache, --memory cannot be given"),
        ("compare one export", "export is no report of punctual: it holds no manifest.json"),
        ("compare one nowhere", "nowhere is no report of punctual: there is no such folder"),
        ("compare one one --out one", "one is one of the reports that are compared"),
    ] {
        desk.run(arguments).fails(2, &[said]);
    }
    assert!(!desk.path("comparisons").exists());
    desk.run("compare one one --out compared -q").succeeds();
    desk.run("compare one compared")
        .fails(2, &["compared is no report of punctual: it is a comparison of two"]);
}

#[test]
fn a_folder_whose_files_are_not_its_manifests_is_not_compared() {
    let desk = Desk::with_export();
    desk.run("report export --out one -q").succeeds();
    desk.run("report export --out other -q").succeeds();
    let path = desk.path("other/facts/measurements.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    desk.run("compare one other").fails(1, &["measurements.parquet is not the file that its manifest names"]);
    std::fs::remove_file(&path).unwrap();
    desk.run("compare one other").fails(1, &["measurements.parquet"]);
    let manifest = desk.path("other/manifest.json");
    std::fs::write(&manifest, "{").unwrap();
    desk.run("compare one other").fails(1, &["manifest.json: "]);
    assert!(!desk.path("comparisons/one-other").exists());
}

#[test]
fn with_pseudonyms_no_file_of_a_comparison_holds_a_real_name() {
    let desk = Desk::with_export();
    desk.write("key", "0123456789abcdef0123456789abcdef");
    let text = northern_but(&[("1 = 8", "1 = 1")]);
    desk.write("changed.toml", format!("{text}\n[customers.Acme.targets.update]\n1 = 1\n"));
    desk.run("report export --out plain -q").succeeds();
    desk.write("punctual.toml", "pseudonyms = \"key\"\n");
    desk.run("report export --out one -q").succeeds();
    desk.run("report export --policy changed.toml --out other -q").succeeds();
    desk.run("compare export --with changed.toml --out policies -q").succeeds();
    desk.run("compare one other --out folders -q").succeeds();
    for folder in ["policies", "folders"] {
        for (file, bytes) in files(&desk.path(folder)) {
            // A Parquet file has its texts compressed; its CSV holds the same.
            if !(file.ends_with(".parquet") || file.ends_with(".png")) {
                let text = String::from_utf8(bytes).unwrap();
                let names = ["Acme", "Borea", "A-1", "B-1"].into_iter();
                let found: Vec<_> = names.filter(|name| text.contains(name)).collect();
                assert!(found.is_empty(), "{folder}/{file}: {found:?}");
            }
        }
    }
    assert_eq!(changes(&desk.path("policies")), changes(&desk.path("folders")));
    assert!(!changes(&desk.path("policies")).is_empty());
    assert_eq!(manifest(&files(&desk.path("policies")))["discreet"], true);
    // The settings ask for pseudonyms: real names are not compared, and not with others.
    desk.run("compare plain plain").fails(2, &["the settings ask for pseudonyms"]);
    std::fs::remove_file(desk.path("punctual.toml")).unwrap();
    desk.run("compare plain one").fails(2, &["one of the reports holds pseudonyms"]);
}

#[test]
fn tickets_that_one_of_the_policies_cannot_judge_are_rejected() {
    let desk = Desk::with_export();
    desk.write("later.toml", northern_but(&[("2000-01-01", "2024-05-07")]));
    desk.write("export/updates.csv", UPDATES);
    desk.run("compare export --with later.toml").fails(3, &["rows were rejected"]);
    desk.run("compare export --with later.toml --max-rejects 10 --out compared -q").succeeds();
    assert_eq!(manifest(&files(&desk.path("compared")))["totals"]["tickets"]["after"], 1);
}
