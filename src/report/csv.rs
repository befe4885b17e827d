//! A table as CSV: UTF-8, commas, a line feed at each end, an empty cell for nothing.
//!
//! A spreadsheet that opens a CSV file takes a cell for a formula which begins with `=`, `+`, `-`,
//! `@`, a tab or a carriage return, and names of customers come from other people. So a text that
//! begins with one of these has an apostrophe in front, which spreadsheets take for "this is
//! text". Numbers and times are written as they are; so are the texts of the Parquet files.

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::{DateTime, Datelike, Timelike};
use rayon::prelude::*;

use crate::table::{Table, Values};

/// Rows that are written side by side with others.
const ROWS: usize = 4 * 1024;
/// How many such pieces wait to be written, at most.
const PIECES: usize = 32;

/// Writes a table. Times are ISO 8601, those of UTC with a `Z`; numbers have as many digits as
/// tell them apart.
pub(super) fn write(table: &Table, mut to: impl Write) -> io::Result<()> {
    let mut header = ::csv::Writer::from_writer(&mut to);
    header.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    header.flush()?;
    drop(header);
    let pieces: Vec<usize> = (0..table.rows()).step_by(ROWS).collect();
    for pieces in pieces.chunks(PIECES) {
        let written: Vec<Vec<u8>> =
            pieces.par_iter().map(|first| rows(table, *first)).collect::<io::Result<_>>()?;
        written.iter().try_for_each(|piece| to.write_all(piece))?;
    }
    to.flush()
}

/// Some rows from one on.
fn rows(table: &Table, first: usize) -> io::Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut text = String::new();
    for row in first..table.rows().min(first + ROWS) {
        for column in &table.columns {
            text.clear();
            cell(&column.values, row, &mut text);
            writer.write_field(&text)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// Adds the text of a cell.
fn cell(values: &Values, row: usize, to: &mut String) {
    // Writing to a text does not fail.
    let _ = match values {
        Values::Text(values) => values.get(row).map_or(Ok(()), |text| {
            // No spreadsheet is to take it for a formula.
            if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                to.push('\'');
            }
            to.write_str(text)
        }),
        Values::Int(values) => values[row].map_or(Ok(()), |value| write!(to, "{value}")),
        Values::Float(values) => values[row].map_or(Ok(()), |value| write!(to, "{value}")),
        Values::Bool(values) => values[row].map_or(Ok(()), |value| write!(to, "{value}")),
        Values::Instant(values) => values[row].map_or(Ok(()), |micros| time(micros, "Z", to)),
        Values::Local(values) => values[row].map_or(Ok(()), |micros| time(micros, "", to)),
    };
}

/// Adds a time: `2024-05-03T14:00:00`, with as many threes of decimals as it has.
fn time(micros: i64, zone: &str, to: &mut String) -> std::fmt::Result {
    let Some(time) = DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc()) else {
        return Ok(());
    };
    if !(0..10_000).contains(&time.year()) {
        return write!(to, "{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.f"));
    }
    let two = |number: u32| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8].map(char::from);
    let year = time.year().unsigned_abs();
    let parts = [
        (year / 100, ""),
        (year % 100, "-"),
        (time.month(), "-"),
        (time.day(), "T"),
        (time.hour(), ":"),
        (time.minute(), ":"),
        (time.second(), ""),
    ];
    for (number, after) in parts {
        to.extend(two(number));
        to.push_str(after);
    }
    match time.nanosecond() / 1_000 {
        0 => {}
        micros if micros % 1_000 == 0 => write!(to, ".{:03}", micros / 1_000)?,
        micros => write!(to, ".{micros:06}")?,
    }
    to.push_str(zone);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Column;
    use proptest::prelude::*;

    #[test]
    fn each_type_is_written_so_that_it_can_be_read_back() {
        let column = |name: &str, values| Column { name: name.to_owned(), meaning: String::new(), values };
        let table = Table {
            name: "t".into(),
            title: String::new(),
            grain: String::new(),
            columns: vec![
                column("text", Values::Text([Some("a,\"b\"\nc"), None].into_iter().collect())),
                column("int", Values::Int(vec![Some(-3), None])),
                column("float", Values::Float(vec![Some(0.1), Some(8.0)])),
                column("bool", Values::Bool(vec![Some(true), None])),
                column("instant", Values::Instant(vec![Some(1_500_000), None])),
                column("local", Values::Local(vec![Some(0), None])),
            ],
        };
        let mut bytes = Vec::new();
        write(&table, &mut bytes).unwrap();
        let expected = "text,int,float,bool,instant,local\n\"a,\"\"b\"\"\nc\",-3,0.1,true,1970-01-01T00:00:01.500Z,1970-01-01T00:00:00\n,,8,,,\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn times_are_written_as_their_pattern_says(seconds in -99_999_999_999_i64..300_000_000_000, micros in prop_oneof![Just(0), Just(500_000), 0..1_000_000_i64]) {
            let micros = seconds * 1_000_000 + micros;
            let mut text = String::new();
            time(micros, "Z", &mut text).unwrap();
            let expected = DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%S%.fZ");
            prop_assert_eq!(text, expected.to_string());
        }
    }

    #[test]
    fn a_table_of_several_pieces_has_all_its_rows_in_order() {
        let rows = 2 * ROWS + 3;
        let values = Values::Int((0..rows as i64).map(Some).collect());
        let columns = vec![Column { name: "x".to_owned(), meaning: String::new(), values }];
        let table = Table { name: "t".into(), title: String::new(), grain: String::new(), columns };
        let mut bytes = Vec::new();
        write(&table, &mut bytes).unwrap();
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let numbers: Vec<usize> =
            reader.records().map(|record| record.unwrap()[0].parse().unwrap()).collect();
        assert_eq!(numbers, (0..rows).collect::<Vec<_>>());
    }

    #[test]
    fn a_text_that_would_be_a_formula_has_an_apostrophe_in_front() {
        let texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", " =1", "'=1", ""].map(Some);
        let column = |values| Column { name: "x".to_owned(), meaning: String::new(), values };
        let written = |values| {
            let columns = vec![column(values)];
            let table = Table { name: "t".into(), title: String::new(), grain: String::new(), columns };
            let mut bytes = Vec::new();
            write(&table, &mut bytes).unwrap();
            let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
            reader.records().map(|record| record.unwrap()[0].to_owned()).collect::<Vec<_>>()
        };
        let expected = ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", " =1", "'=1", ""];
        assert_eq!(written(Values::Text(texts.into_iter().collect())), expected);
        assert_eq!(written(Values::Int(vec![Some(-1)])), ["-1"]);
        assert_eq!(written(Values::Float(vec![Some(-0.5)])), ["-0.5"]);
    }
}
