//! Each built-in profile reads a small export in the layout of its help desk, whose measurements were worked out by
//! hand: the folders of `tests/profiles`, each with a README that derives every figure.

use std::fs;

use chrono::DateTime;
use punctual::ingest::BUILT_IN;

use crate::desk::{Desk, project};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;

fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|built_in| built_in.0).filter(|name| *name != "canonical").collect()
}

/// An instant as the expected figures have it.
fn instant(micros: Option<i64>) -> String {
    micros.map_or_else(String::new, |micros| {
        DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
    })
}

/// The measurements of a report, as the expected ones are written.
pub fn measured(desk: &Desk) -> Vec<String> {
    let facts = ParquetFile::read(&desk.path("report/facts/measurements.parquet"));
    let texts = ["ticket_id", "metric", "sequence", "severity", "outcome"].map(|name| facts.texts(name));
    let [started, ended] = ["started_at", "ended_at"].map(|name| facts.instants(name));
    let elapsed = facts.integers("elapsed_us");
    let row = |row: usize| {
        let [id, metric, sequence, severity, outcome] =
            [0, 1, 2, 3, 4].map(|column| texts[column][row].clone().unwrap());
        let micros = elapsed[row].unwrap();
        assert_eq!(micros % 1_000_000, 0, "{id}: the export has whole seconds");
        let seconds = micros / 1_000_000;
        let elapsed = format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let (started, ended) = (instant(started[row]), instant(ended[row]));
        format!("{id},{metric},{sequence},{severity},{started},{ended},{elapsed},{outcome}")
    };
    (0..facts.rows()).map(row).collect()
}

#[test]
fn each_built_in_profile_measures_its_fixture_as_it_was_worked_out_by_hand() {
    for name in names() {
        let fixture = project().join("tests/profiles").join(name);
        let text = |file: &str| {
            let path = fixture.join(file);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        assert!(text("README.md").contains(" h"), "{name}: its README derives the figures");
        let own = fixture.join("profile.toml");
        let profile = if own.is_file() { own.display().to_string() } else { name.to_owned() };
        let desk = Desk::empty();
        desk.run(&format!(
            "report {} --profile {profile} --as-of {} --max-rejects 100% --out report",
            fixture.display(),
            text("as_of").trim()
        ))
        .succeeds();
        let expected: Vec<String> = text("expected.csv").lines().skip(1).map(str::to_owned).collect();
        assert!(expected.len() >= 4, "{name}");
        assert_eq!(measured(&desk), expected, "{name}");
        let rejects = Sheet::read(&fs::read_to_string(desk.path("report/rejects.csv")).unwrap());
        let places = ["file", "line", "reason"].map(|column| rejects.column(column));
        let rejected: Vec<String> = (0..rejects.rows.len())
            .map(|row| format!("{},{},{}", places[0][row], places[1][row], places[2][row]))
            .collect();
        let expected: Vec<String> = text("expected_rejects.csv").lines().skip(1).map(str::to_owned).collect();
        assert_eq!(rejected, expected, "{name}");
    }
}

#[test]
fn the_documents_name_every_built_in_profile() {
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    for name in names() {
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README");
    }
}

#[test]
fn each_profile_that_is_kept_as_an_example_is_sound() {
    for entry in fs::read_dir(project().join("profiles")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let parsed = punctual::ingest::Profile::parse_in(&path.display().to_string(), &text, path.parent());
        assert!(parsed.is_ok(), "{}", parsed.unwrap_err());
    }
}
