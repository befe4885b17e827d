//! The report folder: what stands in it, the columns of the facts as a reader sees them, and the manifest, which
//! names every input and output; no ticket's text is in any of it.

use std::collections::BTreeMap;

use arrow_schema::{DataType, TimeUnit};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::desk::{CUSTOMERS, Desk, TICKETS, UPDATES, files, manifest};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;

const QUERIES: [&str; 14] = [
    "by_severity",
    "by_customer",
    "by_tier",
    "by_region",
    "by_month",
    "by_account_manager",
    "by_severity_tier",
    "by_region_severity",
    "tier_advantage",
    "breaches",
    "near_misses",
    "pending",
    "policy_changes",
    "started_when",
];

struct Report {
    desk: Desk,
    files: BTreeMap<String, Vec<u8>>,
}

/// A report of the sample data.
fn of_sample() -> Report {
    let desk = Desk::empty();
    let sample = crate::desk::project().join("sample-data");
    let files = desk.report(sample.to_str().unwrap(), "--threads 2");
    Report { desk, files }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_folder_holds_facts_a_csv_and_a_parquet_per_query_charts_rejects_and_the_manifest() {
    let report = of_sample();
    let names: Vec<_> = report.files.keys().map(String::as_str).collect();
    for name in ["manifest.json", "rejects.csv", "facts/measurements.parquet", "facts/tickets.parquet"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let shipped = std::fs::read_dir(crate::desk::project().join("queries")).unwrap();
    let shipped = shipped
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let shipped: Vec<String> = shipped.collect();
    for query in QUERIES {
        assert!(shipped.iter().any(|name| name == query), "{query} is not shipped");
    }
    let of =
        |folder: &str| -> Vec<&str> { names.iter().filter_map(|name| name.strip_prefix(folder)).collect() };
    let mut expected: Vec<_> =
        shipped.iter().flat_map(|name| [format!("{name}.csv"), format!("{name}.parquet")]).collect();
    expected.sort();
    let mut tables = of("tables/");
    tables.sort();
    assert_eq!(tables, expected);
    let charts = of("charts/");
    assert!(charts.len() >= 14, "{charts:?}");
    for chart in &charts {
        let pair = chart.replace(".svg", ".").replace(".png", ".");
        assert!(
            charts.contains(&format!("{pair}svg").as_str())
                && charts.contains(&format!("{pair}png").as_str())
        );
    }
    assert_eq!(report.desk.names("."), ["report"]);
}

/// The columns of a facts file as `name type`, as a reader sees them that knows nothing of Arrow's dictionaries.
fn columns(file: &ParquetFile) -> String {
    let kind = |kind: &DataType| match kind {
        DataType::Utf8 => "text".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => format!("timestamp[us, {zone}]"),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp[us]".to_owned(),
        other => other.to_string().to_lowercase(),
    };
    let column = |field: &arrow_schema::FieldRef| format!("{} {}", field.name(), kind(field.data_type()));
    file.schema.fields().iter().map(column).collect::<Vec<_>>().join("\n")
}

const MEASUREMENTS: &str = "ticket_id text\ncustomer text\ntier text\nregion text\ntimezone text\n\
    account_manager text\nmetric text\nsequence int32\nseverity int8\nstarted_at timestamp[us, UTC]\n\
    ended_at timestamp[us, UTC]\ndue_at timestamp[us, UTC]\ndecided_at timestamp[us, UTC]\n\
    started_weekday int8\nstarted_hour int8\nelapsed_us int64\ntarget_us int64\nelapsed_h float64\n\
    target_h float64\noutcome text\nmonth text\nin_period boolean\npolicy text\ndue_local timestamp[us]\ncompared text";

const TICKET_FACTS: &str = "ticket_id text\ncustomer text\ntier text\nregion text\ntimezone text\n\
    account_manager text\nclassification text\nproduct text\nseverity int8\nseverity_last int8\n\
    submitted_at timestamp[us, UTC]\nfirst_response_at timestamp[us, UTC]\nresolved_at timestamp[us, UTC]\n\
    status text\nresponse_h float64\nresponse_target_h float64\nresponse_outcome text\nupdates int32\n\
    updates_met int32\nupdates_breached int32\nupdates_pending int32\nworst_update_h float64\n\
    compliant boolean\nmonth text\nin_period boolean\npolicy text\npolicy_last text";

#[test]
fn the_facts_have_the_published_columns_and_say_what_each_means() {
    let report = of_sample();
    for (table, expected) in [("measurements", MEASUREMENTS), ("tickets", TICKET_FACTS)] {
        let file = ParquetFile::read(&report.desk.path(&format!("report/facts/{table}.parquet")));
        assert_eq!(columns(&file), expected);
        let metadata: BTreeMap<_, _> = file.metadata.iter().cloned().collect();
        assert_eq!(metadata["punctual.schema_version"], "1");
        for column in file.columns() {
            assert!(metadata[&format!("punctual.column.{column}")].len() > 3, "{column}");
        }
    }
}

#[test]
fn every_table_says_in_its_metadata_what_its_columns_mean() {
    let report = of_sample();
    for name in report.files.keys().filter(|name| name.starts_with("tables/") && name.ends_with("parquet")) {
        let file = ParquetFile::read(&report.desk.path(&format!("report/{name}")));
        let metadata: BTreeMap<_, _> = file.metadata.iter().cloned().collect();
        assert!(metadata.contains_key("punctual.schema_version"), "{name}");
        for column in file.columns() {
            assert!(metadata[&format!("punctual.column.{column}")].len() > 3, "{name}: {column}");
        }
        let csv = std::str::from_utf8(&report.files[&name.replace(".parquet", ".csv")]).unwrap();
        let csv = Sheet::read(csv);
        assert_eq!((csv.header, csv.rows.len()), (file.columns(), file.rows()), "{name}");
    }
}

#[test]
fn facts_stand_in_the_order_of_ticket_id_and_sequence() {
    let report = of_sample();
    let file = ParquetFile::read(&report.desk.path("report/facts/measurements.parquet"));
    let keys: Vec<_> = file.texts("ticket_id").into_iter().zip(file.integers("sequence")).collect();
    assert!(keys.len() > 5_000 && keys.is_sorted());
    let tickets = ParquetFile::read(&report.desk.path("report/facts/tickets.parquet")).texts("ticket_id");
    assert!(tickets.windows(2).all(|pair| pair[0] < pair[1]));
    let mut measured: Vec<_> = keys.into_iter().map(|(ticket, _)| ticket).collect();
    measured.dedup();
    assert_eq!(measured, tickets);
}

#[test]
fn the_manifest_names_every_input_and_output_with_its_hash() {
    let report = of_sample();
    let manifest = manifest(&report.files);
    for input in manifest["inputs"].as_array().unwrap() {
        let file = input["file"].as_str().unwrap();
        let bytes = std::fs::read(crate::desk::project().join("sample-data").join(file)).unwrap();
        assert_eq!(input["sha256"], sha256(&bytes), "{file}");
        assert_eq!(input["bytes"], bytes.len());
    }
    let tables: Vec<_> = manifest["inputs"].as_array().unwrap().iter().map(|input| &input["table"]).collect();
    assert_eq!(tables, ["customers", "tickets", "updates"]);
    let mut listed = BTreeMap::new();
    for output in manifest["outputs"].as_array().unwrap() {
        listed.insert(
            output["path"].as_str().unwrap().to_owned(),
            output["sha256"].as_str().unwrap().to_owned(),
        );
    }
    let others = report.files.iter().filter(|(name, _)| *name != "manifest.json");
    let expected: BTreeMap<_, _> = others.map(|(name, bytes)| (name.clone(), sha256(bytes))).collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_manifest_says_what_the_report_was_made_with() {
    let report = of_sample();
    let manifest = manifest(&report.files);
    assert_eq!(manifest["versions"]["punctual"], env!("CARGO_PKG_VERSION"));
    assert!(manifest["versions"]["tz_database"].as_str().unwrap().starts_with("20"));
    assert_eq!(manifest["as_of"], "2024-06-28T15:00:00Z");
    assert_eq!(manifest["period"], "everything");
    assert_eq!(manifest["policies"][0]["id"], "northern@2000-01-01");
    assert_eq!(manifest["policies"][0]["text"], punctual::policy::NORTHERN);
    assert_eq!(manifest["profile"]["text"], punctual::ingest::CANONICAL);
    assert_eq!(manifest["settings"]["max-rejects"], "1%");
    assert_eq!(manifest["run"]["threads"], 2);
    assert!(manifest["run"]["started_at"].as_str().unwrap().ends_with('Z'));
    assert!(manifest["run"]["seconds"].as_f64().unwrap() > 0.0);
    let totals = &manifest["totals"];
    assert_eq!(
        [&totals["rows_read"], &totals["rows_accepted"], &totals["rows_rejected"]],
        [19_524, 19_507, 17]
    );
}

#[test]
fn without_a_rejected_row_the_file_of_rejects_is_its_header() {
    let desk = Desk::with_export();
    let report = desk.report("export", "");
    assert_eq!(report["rejects.csv"], b"file,line,column,value,reason,detail\n");
    assert_eq!(manifest(&report)["inputs"][1]["rejected"], json!({}));
    // Named without the folders they stand in, which are the reader's own affair.
    let names: Vec<Value> =
        manifest(&report)["inputs"].as_array().unwrap().iter().map(|input| input["file"].clone()).collect();
    assert_eq!(names, ["customers.csv", "tickets.csv", "updates.csv"]);
}

#[test]
fn no_text_of_a_ticket_is_in_any_output() {
    const SECRET: &str = "Top secret ÄÖÜ 4711";
    let desk = Desk::with_export();
    let with = |text: &str, column: &str| -> String {
        let mut lines = text.lines();
        let header = format!("{},{column}\n", lines.next().unwrap());
        header + &lines.map(|line| format!("{line},\"{SECRET}\nline\"\n")).collect::<String>()
    };
    // A row that is rejected has its text too, and one whose fault is its number of fields.
    let broken = format!("A-3,Acme,9,2024-05-06T08:00:00Z,,,{SECRET}\nA-4,{SECRET}\n");
    desk.write("export/tickets.csv", with(TICKETS, "Subject") + &broken);
    desk.write("export/updates.csv", with(UPDATES, "body"));
    desk.write("export/customers.csv", with(CUSTOMERS, "notes"));
    let done = desk.run("report export --out report --max-rejects 100%").succeeds();
    assert!(!done.stdout.contains("secret") && !done.stderr.contains("secret"));
    for (name, bytes) in files(&desk.path("report")) {
        let found = bytes.windows(10).any(|window| window == b"Top secret");
        assert!(!found, "{name}");
        if name.ends_with(".parquet") {
            let file = ParquetFile::read(&desk.path(&format!("report/{name}")));
            for column in file.columns() {
                let texts = file.texts(&column);
                assert!(!texts.iter().flatten().any(|text| text.contains("secret")), "{name}: {column}");
            }
        }
    }
}

#[test]
fn a_report_of_a_period_counts_only_what_was_decided_in_it() {
    let desk = Desk::empty();
    let sample = crate::desk::project().join("sample-data");
    let report = desk.report(sample.to_str().unwrap(), "--period 2024-02");
    assert_eq!(manifest(&report)["period"], "2024-02");
    let sheet = |name: &str| Sheet::read(std::str::from_utf8(&report[name]).unwrap());
    // A breach is decided when it is due.
    let breaches = sheet("tables/breaches.csv");
    assert!(breaches.rows.len() > 5);
    assert!(breaches.column("due_local").iter().all(|due| due.starts_with("2024-02-")), "{breaches:#?}");
    let facts = ParquetFile::read(&desk.path("report/facts/measurements.parquet"));
    let months = facts.texts("month").into_iter().zip(facts.texts("in_period")).zip(facts.texts("outcome"));
    let mut counted = 0;
    for ((month, in_period), outcome) in months {
        let expected = month.as_deref().is_none_or(|month| month == "2024-02");
        assert_eq!(in_period.as_deref() == Some("true"), expected, "{month:?}");
        assert!(month.is_none_or(|month| month.as_str() <= "2024-02"));
        counted += usize::from(expected && outcome.as_deref() != Some("pending"));
    }
    let overall = sheet("tables/overall.csv");
    let metrics = overall.column("metric").into_iter().zip(overall.column("measured"));
    let measured =
        metrics.filter(|(metric, _)| *metric != "ticket").map(|(_, rows)| rows.parse::<usize>().unwrap());
    assert_eq!(measured.sum::<usize>(), counted);
    // The months before stand beside it, for the trend.
    assert_eq!(sheet("tables/by_month.csv").column("month").last(), Some(&"2024-02"));
}
