//! Parquet files that say what their columns mean.
//!
//! Texts are plain strings and times are timestamps of microseconds to every reader; the meanings
//! of the columns and the version of the schema stand in the file's own metadata.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowWriterOptions, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::facts::Encoded;
use super::publish::WriteError;
use crate::measure::schema::SCHEMA_VERSION;
use crate::table::{Column, Table, Values};

/// The rows of a row group, as Arrow has it.
const GROUP_ROWS: usize = 1 << 20;

/// The type of an instant.
pub(super) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The type of a reading of a wall clock.
pub(super) fn local_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

/// How a column is written of which hardly two values are alike: a dictionary of them would be
/// made in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Varied {
    /// Whole numbers, each as its difference from the one before. What is left is not compressed:
    /// another fortieth of its size would cost more time than all else of it.
    Deltas,
    /// Real numbers as they are.
    Numbers,
    /// Texts, each by how much of the one before it begins with, and the rest.
    Texts,
}

/// How the pages of tables and of spans are compressed, but for times.
pub(super) fn compressed() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

/// How a file is written whose columns mean this, and of which these are varied.
pub(super) fn options<'a>(
    title: &str,
    compression: Compression,
    meanings: impl Iterator<Item = (&'a str, &'a str)>,
    varied: impl Iterator<Item = (&'a str, Varied)>,
) -> ArrowWriterOptions {
    let pair = |key: String, value: &str| KeyValue::new(key, value.to_owned());
    let mut metadata =
        vec![pair("punctual.schema_version".into(), SCHEMA_VERSION), pair("punctual.title".into(), title)];
    metadata.extend(meanings.map(|(name, meaning)| pair(format!("punctual.column.{name}"), meaning)));
    let builder = varied.fold(WriterProperties::builder(), |builder, (name, form)| {
        let column = || ColumnPath::from(name);
        let builder = builder.set_column_dictionary_enabled(column(), false);
        match form {
            Varied::Texts => builder.set_column_encoding(column(), Encoding::DELTA_BYTE_ARRAY),
            Varied::Numbers => builder,
            Varied::Deltas => builder
                .set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(column(), Compression::UNCOMPRESSED),
        }
    });
    let properties = builder
        .set_compression(compression)
        .set_key_value_metadata(Some(metadata))
        .set_created_by(concat!("punctual ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    // Without Arrow's own schema a dictionary of texts is a text to every reader.
    ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true)
}

/// Writes a table, its columns encoded side by side.
pub(super) fn write(table: &Table, to: impl Write + Send) -> Result<(), WriteError> {
    let field = |column: &Column| Field::new(&column.name, kind(&column.values), true);
    let fields: Vec<Field> = table.columns.iter().map(field).collect();
    let meanings = table.columns.iter().map(|column| (column.name.as_str(), column.meaning.as_str()));
    let is_time = |values: &Values| matches!(values, Values::Instant(_) | Values::Local(_));
    let times = table.columns.iter().filter(|column| is_time(&column.values));
    let times = times.map(|column| (column.name.as_str(), Varied::Deltas));
    let (schema, options) =
        (Schema::new(fields.clone()), options(&table.title, compressed(), meanings, times));
    let writer = ArrowWriter::try_new_with_options(to, Arc::new(schema), options)?;
    let (mut writer, factory) = writer.into_serialized_writer()?;
    let descriptors = writer.schema_descr().columns().to_vec();
    for (number, first) in (0..table.rows()).step_by(GROUP_ROWS).enumerate() {
        let rows = first..table.rows().min(first + GROUP_ROWS);
        let encode = |(place, column): (usize, &Column)| -> Result<Encoded, WriteError> {
            let compression = if is_time(&column.values) { Compression::UNCOMPRESSED } else { compressed() };
            if let Some(encoded) =
                Encoded::of_rows(&descriptors[place], compression, &column.values, rows.clone())?
            {
                return Ok(encoded);
            }
            let mut writer = factory.create_column_writers(number)?.swap_remove(place);
            for leaf in compute_leaves(&fields[place], &array(&column.values, rows.clone()))? {
                writer.write(&leaf)?;
            }
            Ok(Encoded::Arrow(writer.close()?))
        };
        let encoded: Vec<_> = table.columns.par_iter().enumerate().map(encode).collect();
        Encoded::write_group(encoded.into_iter(), &mut writer)?;
    }
    writer.close()?;
    Ok(())
}

fn kind(values: &Values) -> DataType {
    match values {
        Values::Text(_) => DataType::Utf8,
        Values::Int(_) => DataType::Int64,
        Values::Float(_) => DataType::Float64,
        Values::Bool(_) => DataType::Boolean,
        Values::Instant(_) => instant_type(),
        Values::Local(_) => local_type(),
    }
}

/// Some rows of a column.
fn array(values: &Values, rows: Range<usize>) -> ArrayRef {
    match values {
        Values::Text(values) => Arc::new(rows.map(|row| values.get(row)).collect::<StringArray>()),
        Values::Int(values) => Arc::new(Int64Array::from(values[rows].to_vec())),
        Values::Float(values) => Arc::new(Float64Array::from(values[rows].to_vec())),
        Values::Bool(values) => Arc::new(BooleanArray::from(values[rows].to_vec())),
        Values::Instant(values) => {
            Arc::new(TimestampMicrosecondArray::from(values[rows].to_vec()).with_timezone("UTC"))
        }
        Values::Local(values) => Arc::new(TimestampMicrosecondArray::from(values[rows].to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::RecordBatch;
    use proptest::prelude::*;

    use super::*;

    /// The table as the Arrow writer alone writes it.
    fn by_arrow(table: &Table) -> Vec<u8> {
        let field = |column: &Column| Field::new(&column.name, kind(&column.values), true);
        let schema = Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()));
        let times = table.columns.iter().filter(|column| column.name.starts_with("time"));
        let times = times.map(|column| (column.name.as_str(), Varied::Deltas));
        let meanings = table.columns.iter().map(|column| (column.name.as_str(), column.meaning.as_str()));
        let options = options(&table.title, compressed(), meanings, times);
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new_with_options(&mut bytes, Arc::clone(&schema), options).unwrap();
        let columns = table.columns.iter().map(|column| array(&column.values, 0..table.rows())).collect();
        writer.write(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
        writer.close().unwrap();
        bytes
    }

    fn table(rows: usize, texts: impl Fn(usize) -> Option<String>) -> Table {
        let column = |name: &str, values| Column { name: name.to_owned(), meaning: "m".to_owned(), values };
        let some = |row: usize| (!row.is_multiple_of(3)).then_some(row as i64);
        Table {
            name: "t".into(),
            title: "T".into(),
            grain: String::new(),
            columns: vec![
                column("text", Values::Text((0..rows).map(&texts).collect())),
                column("int", Values::Int((0..rows).map(some).collect())),
                column(
                    "real",
                    Values::Float((0..rows).map(|row| some(row).map(|row| row as f64 / 7.0)).collect()),
                ),
                column(
                    "truth",
                    Values::Bool((0..rows).map(|row| some(row).map(|row| row % 2 == 0)).collect()),
                ),
                column("time", Values::Instant((0..rows).map(some).collect())),
                column("time_local", Values::Local((0..rows).map(some).collect())),
            ],
        }
    }

    fn written(table: &Table) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(table, &mut bytes).map_err(|_| "not written").unwrap();
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_table_is_written_as_arrow_writes_it(
            rows in prop_oneof![0..50_usize, 1020..1030_usize, 19_990..20_010_usize, 0..45_000_usize],
            different in 1..60_000_usize,
            length in prop_oneof![0..70_usize, Just(20)],
            empty in 1..5_usize,
        ) {
            let text = |row: usize| format!("{:length$}", row * 7919 % different);
            let table = table(rows, |row| (!row.is_multiple_of(empty)).then(|| text(row)));
            prop_assert!(written(&table) == by_arrow(&table));
        }
    }

    #[test]
    fn a_table_of_more_rows_than_a_row_group_has_is_written_as_arrow_writes_it() {
        let table = table(GROUP_ROWS + 5, |row| (row % 10 < 9).then(|| (row % 1000).to_string()));
        assert!(written(&table) == by_arrow(&table));
    }
}
