//! The same export gives the same bytes, however it comes: as CSV of any kind or as Parquet of any types, with its
//! rows in any order, in one file or in several, on one thread or on two.

use std::collections::BTreeMap;
use std::io::Write;

use arrow_schema::{DataType, TimeUnit};
use csv::Terminator;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::desk::{Desk, assert_same_report};
use crate::exports::{Sheet, TIMES, as_parquet, micros};
use crate::random_export::random_export;

type Files = BTreeMap<String, Vec<u8>>;
/// A table's files: their endings and bytes.
type Forms = Vec<(&'static str, Vec<u8>)>;

/// The three tables, and the report of them as plain CSV.
struct Export {
    tables: [(&'static str, Sheet); 3],
    report: Files,
}

impl Export {
    fn new(seed: u64, tickets: usize) -> Export {
        let export = random_export(seed, tickets);
        Export::of([
            ("tickets", Sheet::read(&export.tickets_csv())),
            ("updates", Sheet::read(&export.updates_csv())),
            ("customers", Sheet::read(&export.customers_csv())),
        ])
    }

    fn of(tables: [(&'static str, Sheet); 3]) -> Export {
        let mut export = Export { tables, report: Files::new() };
        export.report = export.report_as("", |_, sheet| vec![("csv", sheet.csv())]);
        export
    }

    /// The report of the tables in the form that `form` gives each: files by their endings.
    fn report_as(&self, arguments: &str, form: impl Fn(&str, &Sheet) -> Forms) -> Files {
        let desk = Desk::empty();
        desk.write("local.toml", "name = \"local\"\nextends = \"canonical\"\n[time]\nzone = \"UTC\"\n");
        for (table, sheet) in &self.tables {
            for (ending, bytes) in form(table, sheet) {
                desk.write(&format!("export/{table}.{ending}"), bytes);
            }
        }
        let named = if arguments.contains("--tickets") { "" } else { "export" };
        let report = desk.report(named, arguments);
        // By the cache it is the same: as it is filled, and by what it then holds of each file.
        for run in ["filling the cache", "by the cache"] {
            let cached = desk.report(named, &format!("{arguments} --cache cache"));
            std::fs::remove_dir_all(desk.path("cache/reports")).unwrap();
            assert_same_report(run, &report, &cached);
        }
        report
    }
}

/// The types of a table's columns that are written as these.
fn types<'a>(sheet: &'a Sheet, text: &DataType, time: &DataType) -> Vec<(&'a str, DataType)> {
    let kind = |name: &'a String| match TIMES.contains(&name.as_str()) {
        true => (name.as_str(), time.clone()),
        false => (name.as_str(), text.clone()),
    };
    sheet.header.iter().map(kind).collect()
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn instants(unit: TimeUnit, zone: &str) -> DataType {
    DataType::Timestamp(unit, Some(zone.into()))
}

#[test]
fn csv_and_parquet_with_rows_shuffled_on_one_and_on_two_threads_give_the_same_bytes() {
    let export = Export::new(31, 900);
    let parquet = |sheet: &Sheet| {
        let types = types(sheet, &dictionary(), &instants(TimeUnit::Microsecond, "UTC"));
        vec![("parquet", as_parquet(sheet, &types))]
    };
    for (threads, seed) in [(1, 5), (2, 6)] {
        let arguments = format!("--threads {threads}");
        let shuffled = export.report_as(&arguments, |_, sheet| vec![("csv", sheet.shuffled(seed).csv())]);
        assert_same_report(&format!("CSV on {threads}"), &export.report, &shuffled);
        let shuffled = export.report_as(&arguments, |_, sheet| parquet(&sheet.shuffled(seed + 10)));
        assert_same_report(&format!("Parquet on {threads}"), &export.report, &shuffled);
    }
    assert_same_report("Parquet", &export.report, &export.report_as("", |_, sheet| parquet(sheet)));
}

#[test]
fn every_kind_of_csv_gives_the_same_bytes() {
    let export = Export::new(32, 300);
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let same = |what: &str, form: &dyn Fn(&Sheet) -> Forms| {
        assert_same_report(what, &export.report, &export.report_as("", |_, sheet| form(sheet)));
    };
    same("gzip", &|sheet| vec![("csv.gz", gzip(&sheet.csv()))]);
    same("gzip in two members", &|sheet| {
        let text = sheet.csv();
        let (head, tail) = text.split_at(text.len() / 2);
        vec![("csv.gz", [gzip(head), gzip(tail)].concat())]
    });
    same("zstd", &|sheet| vec![("csv.zst", zstd::encode_all(&sheet.csv()[..], 3).unwrap())]);
    same("semicolons", &|sheet| vec![("csv", sheet.csv_with(b';', Terminator::Any(b'\n')))]);
    same("tabs and CRLF", &|sheet| vec![("csv", sheet.csv_with(b'\t', Terminator::CRLF))]);
    same("a byte-order mark and CRLF", &|sheet| {
        vec![("csv", [&b"\xEF\xBB\xBF"[..], &sheet.csv_with(b',', Terminator::CRLF)].concat())]
    });
    same("no line end at the end", &|sheet| {
        let mut text = sheet.csv();
        text.pop();
        vec![("csv", text)]
    });
    same("columns in another order, and more of them", &|sheet| {
        let turned = |row: &Vec<String>, more: &str| {
            let more = std::iter::once(more.to_owned());
            row.iter().rev().cloned().chain(more).collect()
        };
        let rows = sheet.rows.iter().map(|row| turned(row, "multi\nline, \"text\"")).collect();
        vec![("csv", Sheet { header: turned(&sheet.header, "Subject"), rows }.csv())]
    });
}

/// A CSV is read in blocks of some megabytes, by several threads. Texts of a few thousand bytes with line breaks,
/// quotes and commas in them make the blocks end anywhere.
#[test]
fn a_file_of_many_blocks_gives_the_same_bytes_and_the_right_lines() {
    let export = Export::new(35, 600);
    let mut sheet = export.tables[1].1.clone();
    let author = sheet.place("author");
    let mut faulty = sheet.rows[0].clone();
    faulty[author] = "robot".into();
    let rows = sheet.rows.len();
    for place in [rows, rows * 2 / 3, rows / 3, 0] {
        sheet.rows.insert(place, faulty.clone());
    }
    sheet.header.push("body".into());
    for (number, row) in sheet.rows.iter_mut().enumerate() {
        row.push("a line\r\n\"quoted\", and; more\n,\"".repeat(60 + number % 97));
    }
    let bytes = sheet.csv();
    assert!(bytes.len() > 16 << 20, "{}", bytes.len());

    let records = csv::Reader::from_reader(&bytes[..]).into_records().map(|record| record.unwrap());
    let starts = records.filter(|record| &record[author] == "robot");
    let starts = starts.map(|record| record.position().unwrap().byte() as usize);
    let line = |start| 1 + bytes[..start].iter().filter(|byte| **byte == b'\n').count();
    let lines: Vec<String> = starts.map(|start| line(start).to_string()).collect();
    for threads in ["1", "2"] {
        let form = |table: &str, sheet: &Sheet| match table {
            "updates" => vec![("csv", bytes.clone())],
            _ => vec![("csv", sheet.csv())],
        };
        let report = export.report_as(&format!("--max-rejects 100% --threads {threads}"), form);
        assert_same_report(threads, &export.report, &report);
        let rejects = Sheet::read(std::str::from_utf8(&report["rejects.csv"]).unwrap());
        assert_eq!(rejects.column("line"), lines);
    }
}

#[test]
fn several_files_by_name_and_by_glob_give_the_same_bytes_as_one() {
    let export = Export::new(33, 300);
    let arguments = "--tickets export/tickets.?.csv --customers export/customers.0.csv \
                     --customers export/customers.1.csv --customers export/customers.2.csv \
                     --updates export/updates.[12].* --updates export/updates.0.csv";
    let split = export.report_as(arguments, |_, sheet| {
        let endings = ["0.csv", "1.csv", "2.csv"];
        endings.into_iter().zip(sheet.shuffled(9).split(3).iter().map(Sheet::csv)).collect()
    });
    assert_same_report("three files each", &export.report, &split);
}

/// An export of whole seconds, so that every unit of time can hold it, and of times from 1970 on.
fn of_whole_seconds() -> Export {
    let export = random_export(34, 250);
    let whole = |text: String| {
        let mut sheet = Sheet::read(&text);
        let times: Vec<_> = TIMES.iter().filter(|name| sheet.header.iter().any(|has| has == *name)).collect();
        for place in times.into_iter().map(|name| sheet.place(name)).collect::<Vec<_>>() {
            for row in &mut sheet.rows {
                if let Some(at) = micros(&row[place]) {
                    let second = chrono::DateTime::from_timestamp(at.div_euclid(1_000_000), 0).unwrap();
                    row[place] = second.format("%Y-%m-%dT%H:%M:%SZ").to_string();
                }
            }
        }
        sheet
    };
    Export::of([
        ("tickets", whole(export.tickets_csv())),
        ("updates", whole(export.updates_csv())),
        ("customers", whole(export.customers_csv())),
    ])
}

#[test]
fn parquet_of_any_unit_zone_and_kind_of_string_gives_the_same_bytes() {
    let export = of_whole_seconds();
    let local = |unit| DataType::Timestamp(unit, None);
    let wide = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::LargeUtf8));
    for (what, text, time, arguments) in [
        ("seconds", DataType::Utf8View, instants(TimeUnit::Second, "UTC"), ""),
        ("milliseconds", DataType::LargeUtf8, instants(TimeUnit::Millisecond, "+02:00"), ""),
        ("nanoseconds", wide, instants(TimeUnit::Nanosecond, "Asia/Kathmandu"), ""),
        ("texts", DataType::Utf8, DataType::Utf8, ""),
        ("local milliseconds", dictionary(), local(TimeUnit::Millisecond), "--profile local.toml"),
        ("local nanoseconds", DataType::LargeUtf8, local(TimeUnit::Nanosecond), "--profile local.toml"),
    ] {
        let parquet = export.report_as(arguments, |_, sheet| {
            // No more than 255 different texts fit a narrow dictionary; ids stay plain.
            let mut types = types(sheet, &text, &time);
            types.retain(|(name, _)| *name != "ticket_id" || what != "nanoseconds");
            types
                .iter_mut()
                .filter(|(name, _)| *name == "severity")
                .for_each(|typed| typed.1 = DataType::Int8);
            vec![("parquet", as_parquet(sheet, &types))]
        });
        assert_same_report(what, &export.report, &parquet);
    }
}
