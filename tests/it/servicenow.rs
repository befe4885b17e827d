//! A real event log is read with a profile file alone, and its totals tie.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use flate2::read::GzDecoder;

use crate::desk::{Desk, files, manifest, project};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;

#[test]
fn the_servicenow_log_is_read_with_a_profile_alone_and_its_totals_tie() {
    let log = project().join("../shared/data/servicenow_incidents.csv.gz");
    if !log.is_file() {
        println!("skipped: ../shared/data/servicenow_incidents.csv.gz is not there");
        return;
    }
    let desk = Desk::empty();
    let profile = project().join("profiles/servicenow-log.toml");
    let arguments =
        format!("report --tickets {} --profile {} --out report", log.display(), profile.display());
    desk.run(&arguments).succeeds();
    let report = files(&desk.path("report"));
    let totals = &manifest(&report)["totals"];
    let rejects = Sheet::read(std::str::from_utf8(&report["rejects.csv"]).unwrap());
    assert_eq!(totals["rows_read"], 119_998);
    assert_eq!(totals["rows_rejected"], rejects.rows.len());
    assert_eq!(totals["rows_accepted"], 119_998 - rejects.rows.len());
    // Five updates stand before the opening of their incident.
    assert_eq!(totals["warnings"]["event_before_submission"], 5);

    // Rejected are the rows that do not say whose incident it is, and no other: an incident is there that has
    // another row.
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(&log).unwrap()));
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let [number, caller, opened] = ["number", "caller_id", "opened_at"].map(place);
    let (mut all, mut kept, mut opened_at) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let mut without_caller = 0;
    for row in reader.records().map(|row| row.unwrap()) {
        all.insert(row[number].to_owned());
        if &row[caller] == "?" {
            without_caller += 1;
        } else {
            kept.insert(row[number].to_owned());
            opened_at.insert(row[number].to_owned(), row[opened].to_owned());
        }
    }
    assert_eq!((all.len(), without_caller), (20_769, rejects.rows.len()));
    let facts = ParquetFile::read(&desk.path("report/facts/tickets.parquet"));
    let ids = facts.texts("ticket_id");
    assert!(ids.iter().flatten().eq(kept.iter()));
    assert_eq!(totals["tickets"], kept.len());

    // Times are local in São Paulo: at UTC-3, and at UTC-2 in its summer until 21 February 2016.
    for (id, at) in ids.iter().flatten().zip(facts.instants("submitted_at")) {
        let local = chrono::NaiveDateTime::parse_from_str(&opened_at[id], "%d/%m/%Y %H:%M").unwrap();
        let hours = if local.date() < chrono::NaiveDate::from_ymd_opt(2016, 2, 21).unwrap() { 2 } else { 3 };
        let submitted = local + chrono::TimeDelta::hours(hours);
        assert_eq!(at, Some(submitted.and_utc().timestamp_micros()), "{id}");
    }
}
