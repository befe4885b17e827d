//! What is checked in and can be made again is what would be made now: the sample data and the report of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::desk::{Desk, files, manifest, project};

/// The manifest without the one thing that differs from run to run.
fn without_run(report: &BTreeMap<String, Vec<u8>>) -> serde_json::Value {
    let mut manifest = manifest(report);
    assert!(manifest.as_object_mut().unwrap().remove("run").is_some());
    manifest
}

#[test]
fn the_checked_in_report_of_the_sample_data_is_the_one_made_today() {
    let checked_in = project().join("reports/sample");
    let remedy = "make it with: punctual report sample-data --out reports/sample";
    assert!(checked_in.join("manifest.json").is_file(), "reports/sample is not there: {remedy}");
    let checked_in = files(&checked_in);
    let made = Desk::empty().report(project().join("sample-data").to_str().unwrap(), "");
    let names = |report: &BTreeMap<String, Vec<u8>>| report.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&checked_in), names(&made), "{remedy}");
    let other = made.keys().filter(|name| *name != "manifest.json");
    let differ: Vec<_> = other.filter(|name| made[*name] != checked_in[*name]).collect();
    assert!(differ.is_empty(), "these files differ: {differ:?}; {remedy}");
    assert_eq!(without_run(&checked_in), without_run(&made), "{remedy}");
}

fn changed(path: &Path) -> SystemTime {
    std::fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn the_generator_makes_the_sample_data_byte_for_byte() {
    let generator = Path::new(env!("CARGO_BIN_EXE_punctual")).with_file_name("examples").join("generate");
    let sources = std::fs::read_dir(project().join("examples/generate")).unwrap();
    let newest = sources.map(|entry| changed(&entry.unwrap().path())).max().unwrap();
    if !generator.is_file() || changed(&generator) < newest {
        println!("skipped: build the generator first: cargo build --release --example generate");
        return;
    }
    let desk = Desk::empty();
    let mut command = Command::new(generator);
    command.args(["--out", desk.path("sample").to_str().unwrap(), "--dirty"]);
    assert!(command.output().unwrap().status.success());
    let mut checked_in = files(&project().join("sample-data"));
    checked_in.remove("README.md");
    assert!(files(&desk.path("sample")) == checked_in, "sample-data is not what the generator makes");
}

/// The figures of `sample-data/README.md`: which line holds which oddity.
#[test]
fn the_rejected_rows_of_the_sample_are_those_that_its_readme_names() {
    let report = Desk::empty().report(project().join("sample-data").to_str().unwrap(), "");
    let rejects = crate::exports::Sheet::read(std::str::from_utf8(&report["rejects.csv"]).unwrap());
    let places = rejects.column("file").into_iter().zip(rejects.column("line")).zip(rejects.column("reason"));
    let places: Vec<String> =
        places.map(|((file, line), reason)| format!("{file}:{line} {reason}")).collect();
    let expected = [
        "tickets.csv:202 bad_severity",
        "tickets.csv:403 missing_value",
        "tickets.csv:604 time_without_zone",
        "tickets.csv:1006 bad_timestamp",
        "tickets.csv:1207 wrong_field_count",
        "tickets.csv:1408 missing_value",
        "tickets.csv:1608 contradicting_duplicate",
        "tickets.csv:1609 contradicting_duplicate",
    ];
    assert_eq!(places[..8], expected);
    let updates = ["updates.csv:2465 unknown_ticket", "updates.csv:7804 unknown_value"];
    assert!(updates.iter().all(|place| places.iter().any(|found| found == place)), "{places:#?}");
    assert_eq!(places.len(), 17);
    let warnings = serde_json::json!({ "event_before_submission": 1, "identical_duplicate": 16, "severity_disagrees": 129 });
    assert_eq!(manifest(&report)["totals"]["warnings"], warnings);
}
