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
/// How many such pieces are made while those before them are written.
const PIECES: usize = 8;

/// Writes a table. Times are ISO 8601, those of UTC with a `Z`; numbers have as many digits as
/// tell them apart.
pub(super) fn write(table: &Table, mut to: impl Write + Send) -> io::Result<()> {
    let mut header = ::csv::Writer::from_writer(&mut to);
    header.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    header.flush()?;
    drop(header);
    let pieces: Vec<usize> = (0..table.rows()).step_by(ROWS).collect();
    let mut put = |made: &[String]| made.iter().try_for_each(|piece| to.write_all(piece.as_bytes()));
    let mut made = Vec::new();
    for pieces in pieces.chunks(PIECES) {
        let make = || pieces.par_iter().map(|first| rows(table, *first)).collect();
        let (now, written) = rayon::join(make, || put(&made));
        written?;
        made = now;
    }
    put(&made)?;
    to.flush()
}

/// Some rows from one on.
fn rows(table: &Table, first: usize) -> String {
    let mut to = String::new();
    for row in first..table.rows().min(first + ROWS) {
        let start = to.len();
        for (place, column) in table.columns.iter().enumerate() {
            if place > 0 {
                to.push(',');
            }
            cell(&column.values, row, &mut to);
        }
        if to.len() == start {
            // An empty line would be no row.
            to.push_str("\"\"");
        }
        to.push('\n');
    }
    to
}

/// Adds a cell.
fn cell(values: &Values, row: usize, to: &mut String) {
    // Writing to a text does not fail.
    let _ = match values {
        Values::Text(values) => {
            if let Some(text) = values.get(row) {
                put_text(text, to);
            }
            Ok(())
        }
        Values::Int(values) => {
            values[row].map_or(Ok(()), |value| to.write_str(itoa::Buffer::new().format(value)))
        }
        Values::Float(values) => values[row].map_or(Ok(()), |value| write!(to, "{value}")),
        Values::Bool(values) => values[row].map_or(Ok(()), |value| write!(to, "{value}")),
        Values::Instant(values) => values[row].map_or(Ok(()), |micros| time(micros, "Z", to)),
        Values::Local(values) => values[row].map_or(Ok(()), |micros| time(micros, "", to)),
    };
}

/// Adds a text, in quotes where it must be.
fn put_text(text: &str, to: &mut String) {
    let is_quoted = text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if is_quoted {
        to.push('"');
    }
    // No spreadsheet is to take it for a formula.
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        to.push('\'');
    }
    match is_quoted {
        true => {
            text.split_inclusive('"').for_each(|piece| {
                to.push_str(piece);
                to.push_str(if piece.ends_with('"') { "\"" } else { "" });
            });
            to.push('"');
        }
        false => to.push_str(text),
    }
}

/// Adds a time: `2024-05-03T14:00:00`, with as many threes of decimals as it has.
fn time(micros: i64, zone: &str, to: &mut String) -> std::fmt::Result {
    let Some(time) = DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc()) else {
        return Ok(());
    };
    if !(0..10_000).contains(&time.year()) {
        return write!(to, "{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.f"));
    }
    let year = time.year().unsigned_abs();
    let parts = [year / 100, year % 100, time.month(), time.day(), time.hour(), time.minute(), time.second()];
    let mut bytes = *b"0000-00-00T00:00:00";
    for (number, at) in parts.into_iter().zip([0, 2, 5, 8, 11, 14, 17]) {
        bytes[at] = b'0' + (number / 10 % 10) as u8;
        bytes[at + 1] = b'0' + (number % 10) as u8;
    }
    to.push_str(std::str::from_utf8(&bytes).unwrap_or_default());
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

    proptest! {
        #[test]
        fn texts_are_quoted_as_the_crate_quotes_them(
            cells in prop::collection::vec(prop::option::of("[a,\"\n\r;# é]{0,5}"), 1..12),
            columns in 1..4_usize,
        ) {
            let column = |values: &[Option<String>]| Column {
                name: "x".to_owned(),
                meaning: String::new(),
                values: Values::Text(values.iter().cloned().collect()),
            };
            let rows = cells.len() / columns;
            let table = Table {
                name: "t".into(),
                title: String::new(),
                grain: String::new(),
                columns: cells.chunks_exact(rows.max(1)).take(columns).map(column).collect(),
            };
            let mut expected = ::csv::Writer::from_writer(Vec::new());
            for row in 0..table.rows() {
                let cells = table.columns.iter().map(|column| match &column.values {
                    Values::Text(texts) => texts.get(row).unwrap_or_default().to_owned(),
                    other => format!("{other:?}"),
                });
                // The tests of formulas are others.
                let apart = |text: String| if text.starts_with('\r') { format!("'{text}") } else { text };
                expected.write_record(cells.map(apart)).unwrap();
            }
            prop_assert_eq!(super::rows(&table, 0), String::from_utf8(expected.into_inner().unwrap()).unwrap());
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
