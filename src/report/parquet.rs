//! Parquet files that say what their columns mean.
//!
//! Texts are plain strings and times are timestamps of microseconds to every reader; the meanings
//! of the columns and the version of the schema stand in the file's own metadata.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use crate::measure::schema::SCHEMA_VERSION;
use crate::table::{Table, Values};

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
    /// Values as they are.
    Plain,
}

/// How a file is written whose columns mean this, and of which these are varied.
pub(super) fn options<'a>(
    title: &str,
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
            Varied::Plain => builder,
            Varied::Deltas => builder
                .set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(column(), Compression::UNCOMPRESSED),
        }
    });
    let properties = builder
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata))
        .set_created_by(concat!("punctual ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    // Without Arrow's own schema a dictionary of texts is a text to every reader.
    ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true)
}

/// Writes a table.
pub(super) fn write(table: &Table, to: impl Write + Send) -> Result<()> {
    let columns: Vec<(ArrayRef, DataType)> =
        table.columns.iter().map(|column| array(&column.values)).collect();
    let fields: Vec<Field> = table
        .columns
        .iter()
        .zip(&columns)
        .map(|(column, (_, kind))| Field::new(&column.name, kind.clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let meanings = table.columns.iter().map(|column| (column.name.as_str(), column.meaning.as_str()));
    let is_time = |values: &Values| matches!(values, Values::Instant(_) | Values::Local(_));
    let times = table.columns.iter().filter(|column| is_time(&column.values));
    let times = times.map(|column| (column.name.as_str(), Varied::Deltas));
    let mut writer =
        ArrowWriter::try_new_with_options(to, Arc::clone(&schema), options(&table.title, meanings, times))?;
    if !columns.is_empty() {
        writer.write(&RecordBatch::try_new(schema, columns.into_iter().map(|column| column.0).collect())?)?;
    }
    writer.close()?;
    Ok(())
}

fn array(values: &Values) -> (ArrayRef, DataType) {
    match values {
        Values::Text(values) => (Arc::new(values.iter().collect::<StringArray>()), DataType::Utf8),
        Values::Int(values) => (Arc::new(Int64Array::from(values.clone())), DataType::Int64),
        Values::Float(values) => (Arc::new(Float64Array::from(values.clone())), DataType::Float64),
        Values::Bool(values) => (Arc::new(BooleanArray::from(values.clone())), DataType::Boolean),
        Values::Instant(values) => {
            (Arc::new(TimestampMicrosecondArray::from(values.clone()).with_timezone("UTC")), instant_type())
        }
        Values::Local(values) => (Arc::new(TimestampMicrosecondArray::from(values.clone())), local_type()),
    }
}
