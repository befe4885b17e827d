//! Every shipped query gives the rows that it gave before, and the same rows in DuckDB over the facts' Parquet.

use std::fs;
use std::process::Command;

use crate::desk::{Desk, project};
use crate::exports::Sheet;
use crate::random_export::random_export;

fn sample() -> String {
    project().join("sample-data").to_str().unwrap().to_owned()
}

fn stems(folder: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(project().join(folder)).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let stems = paths.filter(|path| path.extension().is_some_and(|has| has == ending));
    let mut stems: Vec<_> =
        stems.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    stems.sort();
    stems
}

/// The golden results are those of one month of the sample data. To write them anew, after looking at what changed:
/// `PUNCTUAL_BLESS=1 cargo test --release --test it queries`.
#[test]
fn every_query_has_a_golden_result_and_gives_it() {
    let report = Desk::empty().report(&sample(), "--period 2024-02");
    let queries = stems("queries", "sql");
    let golden = project().join("tests/golden/queries");
    let result = |query: &String| &report[&format!("tables/{query}.csv")];
    #[allow(clippy::disallowed_methods, reason = "whoever runs the tests says so in the environment")]
    if std::env::var_os("PUNCTUAL_BLESS").is_some() {
        let _ = fs::remove_dir_all(&golden);
        fs::create_dir_all(&golden).unwrap();
        for query in &queries {
            fs::write(golden.join(format!("{query}.csv")), result(query)).unwrap();
        }
    }
    assert_eq!(
        stems("tests/golden/queries", "csv"),
        queries,
        "each query needs a golden result, and no other has one"
    );
    for query in &queries {
        let expected = fs::read_to_string(golden.join(format!("{query}.csv"))).unwrap();
        let found = std::str::from_utf8(result(query)).unwrap();
        let differ = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert!(found == expected, "{query} differs from its golden result: {differ:#?}");
    }
}

#[test]
fn every_rate_lies_within_its_interval_and_that_between_0_and_1() {
    let report = Desk::empty().report(&sample(), "--period 2024-02");
    let mut rates = 0;
    for (name, bytes) in report.iter().filter(|(name, _)| name.ends_with(".csv")) {
        let sheet = Sheet::read(std::str::from_utf8(bytes).unwrap());
        if !sheet.header.iter().any(|column| column == "compliance_low") {
            continue;
        }
        let [low, rate, high] =
            ["compliance_low", "compliance", "compliance_high"].map(|name| sheet.column(name));
        for ((low, rate), high) in
            low.into_iter().zip(rate).zip(high).filter(|((_, rate), _)| !rate.is_empty())
        {
            let [low, rate, high] = [low, rate, high].map(|number| number.parse::<f64>().unwrap());
            assert!(0.0 <= low && high <= 1.0, "{name}: {low} to {high}");
            // The ends are computed, and may miss a rate of 0 or 1 by a rounding.
            assert!(low <= rate + 1e-12 && rate <= high + 1e-12, "{name}: {low}, {rate}, {high}");
            rates += 1;
        }
    }
    assert!(rates > 100, "{rates}");
}

#[test]
fn every_query_gives_the_same_rows_in_duckdb_as_in_the_tables() {
    let duckdb = Command::new("python3").args(["-c", "import duckdb"]).output();
    if !duckdb.is_ok_and(|done| done.status.success()) {
        println!("skipped: python3 has no duckdb");
        return;
    }
    let desk = Desk::empty();
    let export = random_export(8, 400);
    desk.write("random/tickets.csv", export.tickets_csv());
    desk.write("random/updates.csv", export.updates_csv());
    desk.write("random/customers.csv", export.customers_csv());
    desk.run(&format!("report {} --out everything", sample())).succeeds();
    desk.run(&format!("report {} --out month --period 2024-02", sample())).succeeds();
    desk.run("report random --out random-report").succeeds();
    // Nothing is measured in it: rates are null everywhere.
    desk.run("report random --out nothing --period 1999").succeeds();
    let mut command = Command::new("python3");
    command.arg(project().join("tests/duckdb_same_rows.py")).arg(project().join("queries"));
    command.args(["everything", "month", "random-report", "nothing"].map(|report| desk.path(report)));
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert_eq!(said.lines().count(), 4 * stems("queries", "sql").len(), "{said}");
}
