//! A table as CSV: UTF-8, commas, a line feed at each end, an empty cell for nothing.
//!
//! A spreadsheet that opens a CSV file takes a cell for a formula which begins with `=`, `+`, `-`,
//! `@`, a tab or a carriage return, and names of customers come from other people. So a text that
//! begins with one of these has an apostrophe in front, which spreadsheets take for "this is
//! text". Numbers and times are written as they are; so are the texts of the Parquet files.

use std::io::{self, Write};

use chrono::DateTime;

use crate::table::{Table, Values};

/// Writes a table. Times are ISO 8601, those of UTC with a `Z`; numbers have as many digits as
/// tell them apart.
pub(super) fn write(table: &Table, to: impl Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(to);
    writer.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
    for row in 0..table.rows() {
        for column in &table.columns {
            writer.write_field(cell(&column.values, row))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

/// A text that no spreadsheet takes for a formula.
fn text(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn cell(values: &Values, row: usize) -> String {
    let time = |micros: i64, form: &str| {
        DateTime::from_timestamp_micros(micros).map(|time| time.format(form).to_string())
    };
    let text = match values {
        Values::Text(values) => values[row].as_deref().map(text),
        Values::Int(values) => values[row].map(|value| value.to_string()),
        Values::Float(values) => values[row].map(|value| value.to_string()),
        Values::Bool(values) => values[row].map(|value| value.to_string()),
        Values::Instant(values) => values[row].and_then(|micros| time(micros, "%Y-%m-%dT%H:%M:%S%.fZ")),
        Values::Local(values) => values[row].and_then(|micros| time(micros, "%Y-%m-%dT%H:%M:%S%.f")),
    };
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Column;

    #[test]
    fn each_type_is_written_so_that_it_can_be_read_back() {
        let column = |name: &str, values| Column { name: name.to_owned(), meaning: String::new(), values };
        let table = Table {
            name: "t".into(),
            title: String::new(),
            grain: String::new(),
            columns: vec![
                column("text", Values::Text(vec![Some("a,\"b\"\nc".into()), None])),
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
    #[test]
    fn a_text_that_would_be_a_formula_has_an_apostrophe_in_front() {
        let texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", " =1", "'=1", ""]
            .map(|text| Some(text.to_owned()));
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
        assert_eq!(written(Values::Text(texts.to_vec())), expected);
        assert_eq!(written(Values::Int(vec![Some(-1)])), ["-1"]);
        assert_eq!(written(Values::Float(vec![Some(-0.5)])), ["-0.5"]);
    }
}
