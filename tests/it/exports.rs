//! Tables of an export in every form that exports come in: CSV of all kinds, and Parquet.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use chrono::DateTime;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// A table as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads a CSV with commas.
    pub fn read(text: &str) -> Sheet {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = texts(reader.headers().unwrap());
        Sheet { header, rows: reader.records().map(|record| texts(&record.unwrap())).collect() }
    }

    /// The place of a column.
    pub fn place(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap()
    }

    /// The texts of a column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let place = self.place(name);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// The same rows in another order, which a number decides.
    pub fn shuffled(&self, mut seed: u64) -> Sheet {
        let mut shuffled = self.clone();
        for last in (1..shuffled.rows.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.rows.swap(last, (seed >> 33) as usize % (last + 1));
        }
        shuffled
    }

    /// The same rows, in so many tables, one after the other.
    pub fn split(&self, parts: usize) -> Vec<Sheet> {
        let rows = self.rows.chunks(self.rows.len().div_ceil(parts));
        rows.map(|rows| Sheet { header: self.header.clone(), rows: rows.to_vec() }).collect()
    }

    /// As CSV, with commas and line feeds.
    pub fn csv(&self) -> Vec<u8> {
        self.csv_with(b',', csv::Terminator::Any(b'\n'))
    }

    /// As CSV, with another mark between fields or at the end of lines.
    pub fn csv_with(&self, delimiter: u8, end: csv::Terminator) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(end).from_writer(Vec::new());
        writer.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    }
}

/// The columns of all tables that hold times.
pub const TIMES: [&str; 4] = ["submitted_at", "first_response_at", "resolved_at", "at"];

/// An instant as it is written in an export.
pub fn micros(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
}

/// As Parquet in which some columns have a type of their own; an empty text is null. Texts are strings otherwise,
/// times instants in microseconds of UTC, and a row group ends after a thousand rows.
pub fn as_parquet(sheet: &Sheet, types: &[(&str, DataType)]) -> Vec<u8> {
    let column = |name: &String| -> ArrayRef {
        let texts = sheet.column(name);
        let own = types.iter().find(|(of, _)| of == name).map(|(_, kind)| kind);
        let timestamp = own.is_none_or(|kind| matches!(kind, DataType::Timestamp(..)));
        let array: ArrayRef = if timestamp && TIMES.contains(&name.as_str()) {
            let instants: TimestampMicrosecondArray = texts.iter().map(|text| micros(text)).collect();
            Arc::new(instants.with_timezone("UTC"))
        } else {
            Arc::new(texts.iter().map(|text| (!text.is_empty()).then_some(*text)).collect::<StringArray>())
        };
        own.map_or_else(|| Arc::clone(&array), |kind| cast(&array, kind).unwrap())
    };
    let columns: Vec<ArrayRef> = sheet.header.iter().map(column).collect();
    let fields: Vec<Field> = sheet
        .header
        .iter()
        .zip(&columns)
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1_000)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}
