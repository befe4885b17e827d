//! Tables for the tests: those of the sample report, and one of names nobody should have.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime};

use crate::table::{Column, Table, Texts, Values};

/// The tables of the sample report, read from its files, and a comparison of periods made of them.
pub(super) fn report() -> Vec<Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample/tables");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    let mut tables: Vec<Table> = files.iter().map(|path| read(path)).collect();
    if !tables.iter().any(|table| table.name == "period_comparison") {
        let comparison = comparison(tables.iter().find(|table| table.name == "overall").unwrap());
        tables.push(comparison);
    }
    tables
}

/// A table of one column.
pub(super) fn single(name: &str, column: &str, values: Values) -> Table {
    table(name, vec![Column { name: column.to_owned(), meaning: "what it is".to_owned(), values }])
}

/// A table of these columns.
pub(super) fn table(name: &str, columns: Vec<Column>) -> Table {
    let grain = "one row per thing".to_owned();
    Table { name: name.to_owned(), title: format!("Of {name}"), grain, columns }
}

/// Texts that are to stay texts.
pub(super) fn hostile() -> Vec<String> {
    let mut texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "=HYPERLINK(\"http://example.org\")",
        "http://example.org",
        "mailto:a@example.org",
        "{=1}",
        "4711",
        "1e5",
        "TRUE",
        "2024-05-01",
        "<script>alert(1)</script>",
        "a & b \"c\" 'd'",
        "شركة الشمال",
        "北方株式会社",
        "  spaces  ",
        "two\nlines",
        "_x0041_",
        "\u{202e}olleh",
        "{n} {file}",
        "'quoted",
        "#REF!",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("W".repeat(300));
    texts
}

fn read(path: &Path) -> Table {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let query = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("queries/{name}.sql"));
    let query = fs::read_to_string(query).unwrap();
    let said = |key: &str| {
        let line = query.lines().find_map(|line| line.strip_prefix(&format!("-- {key}: ")));
        line.unwrap_or_default().to_owned()
    };
    let mut reader = ::csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns = headers.iter().enumerate().map(|(index, header)| {
        let cells: Vec<&str> = rows.iter().map(|row| &row[index]).collect();
        Column {
            name: header.to_owned(),
            meaning: said(&format!("column {header}")),
            values: values(header, &cells),
        }
    });
    Table { name: name.to_owned(), title: said("title"), grain: said("grain"), columns: columns.collect() }
}

fn values(name: &str, cells: &[&str]) -> Values {
    fn all<T>(cells: &[&str], read: impl Fn(&str) -> T) -> Vec<Option<T>> {
        cells.iter().map(|cell| (!cell.is_empty()).then(|| read(cell))).collect()
    }
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    if name.ends_with("_at") {
        return Values::Instant(all(cells, |cell| {
            DateTime::parse_from_rfc3339(cell).unwrap().timestamp_micros()
        }));
    }
    if name.ends_with("_local") {
        return Values::Local(all(cells, |cell| micros(cell.parse().unwrap())));
    }
    if ["_h", "_min", "_ratio"].iter().any(|unit| name.ends_with(unit)) || name.starts_with("compliance") {
        return Values::Float(all(cells, |cell| cell.parse().unwrap()));
    }
    match cells.iter().all(|cell| cell.is_empty() || cell.parse::<i64>().is_ok()) {
        true => Values::Int(all(cells, |cell| cell.parse().unwrap())),
        false => Values::Text(all(cells, str::to_owned).into_iter().collect()),
    }
}

/// The figures of all, three times over.
fn comparison(overall: &Table) -> Table {
    let compared = ["period", "previous", "year_before"];
    let rows = overall.rows();
    let texts = compared.iter().flat_map(|name| vec![Some(name); rows]).collect();
    let first =
        Column { name: "compared".into(), meaning: "which period".into(), values: Values::Text(texts) };
    let others = overall
        .columns
        .iter()
        .filter(|column| !["pending", "mean_h", "p95_h", "max_h"].contains(&column.name.as_str()));
    let thrice = |column: &Column| {
        let values = match &column.values {
            Values::Text(values) => Values::Text([values; 3].into_iter().flat_map(Texts::iter).collect()),
            Values::Int(values) => Values::Int(values.repeat(3)),
            Values::Float(values) => Values::Float(values.repeat(3)),
            other => other.clone(),
        };
        Column { values, ..column.clone() }
    };
    table("period_comparison", std::iter::once(first).chain(others.map(thrice)).collect())
}
