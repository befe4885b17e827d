//! Parquet files as a reader sees them.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A Parquet file, read whole.
pub struct ParquetFile {
    /// Its schema, as Arrow sees it.
    pub schema: SchemaRef,
    /// The file's own metadata, by key.
    pub metadata: Vec<(String, String)>,
    batches: Vec<RecordBatch>,
}

impl ParquetFile {
    /// Reads it.
    pub fn read(path: &Path) -> ParquetFile {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let metadata = pairs.into_iter().map(|pair| (pair.key, pair.value.unwrap_or_default())).collect();
        let schema = builder.schema().clone();
        let batches = builder.build().unwrap().map(|batch| batch.unwrap()).collect();
        ParquetFile { schema, metadata, batches }
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of its columns, in order.
    pub fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn of<T>(&self, name: &str, kind: &DataType, take: impl Fn(&dyn Array) -> Vec<T>) -> Vec<T> {
        let column = |batch: &RecordBatch| cast(batch.column_by_name(name).unwrap(), kind).unwrap();
        self.batches.iter().flat_map(|batch| take(&column(batch))).collect()
    }

    /// A column as text, whatever its type; times are their microseconds.
    pub fn texts(&self, name: &str) -> Vec<Option<String>> {
        if matches!(self.schema.field_with_name(name).unwrap().data_type(), DataType::Timestamp(..)) {
            return self.integers(name).into_iter().map(|micros| micros.map(|at| at.to_string())).collect();
        }
        self.of(name, &DataType::Utf8, |array| {
            array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
        })
    }

    /// A column of instants, in microseconds.
    pub fn instants(&self, name: &str) -> Vec<Option<i64>> {
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        self.of(name, &kind, |array| array.as_primitive::<TimestampMicrosecondType>().iter().collect())
    }

    /// A column of whole numbers.
    pub fn integers(&self, name: &str) -> Vec<Option<i64>> {
        self.of(name, &DataType::Int64, |array| array.as_primitive::<Int64Type>().iter().collect())
    }
}
