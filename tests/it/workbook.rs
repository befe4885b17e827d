//! `report.xlsx`: read back cell by cell against the tables, and converted by LibreOffice where it is installed.

use std::process::Command;

use calamine::{Data, Reader, Xlsx};

use crate::desk::{Desk, project};
use crate::exports::{Sheet, micros};

/// The sheets and the tables that they show.
const SHEETS: [(&str, &str); 4] = [
    ("By severity", "by_severity"),
    ("By customer", "by_customer"),
    ("Breaches", "breaches"),
    ("Open clocks", "pending"),
];

/// Microseconds of a date and time as spreadsheets count: days since the end of 1899.
fn as_micros(days: f64) -> i64 {
    ((days - 25_569.0) * 86_400_000_000.0).round() as i64
}

#[test]
fn every_cell_of_the_workbook_is_the_one_of_its_table() {
    let desk = Desk::empty();
    desk.report(project().join("sample-data").to_str().unwrap(), "");
    let mut book: Xlsx<_> = calamine::open_workbook(desk.path("report/report.xlsx")).unwrap();
    for (sheet, table) in SHEETS {
        let text = std::fs::read_to_string(desk.path(&format!("report/tables/{table}.csv"))).unwrap();
        let table = Sheet::read(&text);
        let range = book.worksheet_range(sheet).unwrap();
        let mut compared = 0;
        for (column, name) in table.header.iter().enumerate() {
            for (row, expected) in table.column(name).into_iter().enumerate() {
                let found = range.get_value((row as u32 + 1, column as u32)).unwrap_or(&Data::Empty);
                let same = match found {
                    Data::Empty => expected.is_empty(),
                    Data::Float(number) => expected
                        .parse::<f64>()
                        .is_ok_and(|value| (value - number).abs() <= 1e-9 * value.abs().max(1.0)),
                    Data::Int(number) => expected.parse() == Ok(*number),
                    Data::DateTime(time) => {
                        let found = as_micros(time.as_f64());
                        let zoned = if expected.ends_with('Z') {
                            expected.to_owned()
                        } else {
                            format!("{expected}Z")
                        };
                        let expected = micros(&zoned);
                        expected.is_some_and(|expected| (found - expected).abs() < 1_000)
                    }
                    Data::String(text) => text == expected,
                    _ => false,
                };
                assert!(same, "{sheet}: {name}, row {row}: {found:?} is not {expected}");
                compared += 1;
            }
        }
        assert!(compared > 50, "{sheet}: only {compared} cells");
    }
}

#[test]
fn libreoffice_opens_the_workbook_and_loses_no_sheet() {
    let office = ["/usr/bin/soffice", "/usr/bin/libreoffice"]
        .into_iter()
        .find(|path| std::path::Path::new(path).is_file());
    let Some(office) = office else {
        println!("skipped: no LibreOffice on this machine");
        return;
    };
    let desk = Desk::empty();
    desk.report(project().join("sample-data").to_str().unwrap(), "--lang fr");
    let profile = format!("-env:UserInstallation=file://{}", desk.path("profile").display());
    let done = Command::new(office)
        .args([&profile, "--headless", "--convert-to", "ods", "--outdir"])
        .arg(desk.path("converted"))
        .arg(desk.path("report/report.xlsx"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && !said.to_lowercase().contains("repair"), "{said}");
    let original: Xlsx<_> = calamine::open_workbook(desk.path("report/report.xlsx")).unwrap();
    let converted: calamine::Ods<_> = calamine::open_workbook(desk.path("converted/report.ods")).unwrap();
    assert_eq!(converted.sheet_names(), original.sheet_names());
}
