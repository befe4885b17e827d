//! Parquet: row groups read in parallel, whatever type the producer gave a column.
//!
//! Times may be timestamps of any unit, with a zone (then they are instants) or without one (then
//! they are local), or texts as in a CSV. Everything else is read as text: strings of any width,
//! dictionaries, numbers, booleans.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, StringViewArray};
use arrow_schema::{DataType, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use rayon::prelude::*;

use super::IngestError;
use super::block::{digest, is_a_bomb};
use super::cache::Keep;
use super::csv::Parts;
use super::fields::{Cell, Row};
use super::layout::Layout;
use super::reader::{Collector, FileReader, Part};
use crate::progress::Event;

/// Rows decoded at a time.
const BATCH: usize = 16 * 1024;

/// The longest text that stands in its view, by Arrow's format.
const SHORT: u32 = 12;

/// A column of a batch, in one of the forms that cells have.
enum Values {
    Texts(StringViewArray),
    /// Microseconds, and whether they are instants rather than readings of a wall clock.
    Times(Vec<Option<i64>>, bool),
    /// Of a type that is passed over.
    Unread,
}

struct BatchRow<'a> {
    columns: &'a [Values],
    row: usize,
}

impl Row for BatchRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match &self.columns[column] {
            Values::Unread => Cell::Empty,
            Values::Texts(texts) if texts.is_null(self.row) => Cell::Empty,
            Values::Texts(texts) => Cell::Text(texts.value(self.row)),
            Values::Times(times, zoned) => match times[self.row] {
                None => Cell::Empty,
                Some(micros) if *zoned => Cell::Instant(micros),
                Some(micros) => Cell::Local(micros),
            },
        }
    }

    /// A short text stands as a whole in its view.
    fn bytes<'s>(
        &'s self,
        _: RangeInclusive<usize>,
        places: &[(usize, usize)],
        room: &'s mut Vec<u8>,
    ) -> Option<&'s [u8]> {
        room.clear();
        for (_, place) in places {
            let Values::Texts(texts) = &self.columns[*place] else { return None };
            let view = match texts.is_null(self.row) {
                // No text is that long.
                true => u128::MAX,
                false => Some(texts.views()[self.row]).filter(|view| *view as u32 <= SHORT)?,
            };
            room.extend_from_slice(&view.to_le_bytes());
        }
        Some(room)
    }
}

/// Reads a Parquet file.
pub(super) fn read<C: Collector>(
    file: &FileReader<'_>,
    collector: &C,
    keep: &Keep,
) -> Result<Parts<C::Batch>, IngestError> {
    let untouched = state(file.path).map_err(|error| file.io(error))?;
    let digest = match &file.digest {
        Some(digest) => digest.clone(),
        None => digest(file.path, |bytes| file.observer.event(Event::Advanced(bytes)))
            .map_err(|error| file.io(error))?,
    };
    if digest.1 == 0 {
        return Err(IngestError::Empty(file.name()));
    }
    let broken = |message: String| IngestError::Parquet { file: file.name(), message };
    let open = || File::open(file.path).map_err(|error| file.io(error));
    let input = open()?;
    let metadata =
        guarded(|| ArrowReaderMetadata::load(&input, ArrowReaderOptions::new())).map_err(broken)?;
    let metadata = with_views(metadata);
    let header: Vec<String> = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
    let layout = collector.layout(&file.name(), &header)?;
    keep.begin(&header);
    see_that_it_is_no_bomb(metadata.metadata(), digest.1).map_err(broken)?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), layout.columns.iter().copied());

    // The rows before each row group, so that every row has its number.
    let mut groups = Vec::new();
    let mut before = 0;
    for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
        groups.push((number, before));
        before += u64::try_from(group.num_rows()).unwrap_or(0);
    }
    let read_group = |(number, before): (usize, u64)| {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open()?, metadata.clone())
            .with_row_groups(vec![number])
            .with_projection(mask.clone())
            .with_batch_size(BATCH);
        let mut reader = guarded(|| builder.build()).map_err(broken)?;
        let mut part = Part::new(number, keep);
        while let Some(batch) = guarded(|| reader.next().transpose()).map_err(broken)? {
            take_batch(file, collector, &layout, &batch, before, &mut part)?;
        }
        file.finish(collector, &layout, &mut part, keep);
        Ok(part)
    };
    let parts: Result<Vec<_>, IngestError> = groups.into_par_iter().map(read_group).collect();
    // Whatever is wrong with a file that is being written, that is what is wrong with it.
    match state(file.path) {
        Ok(after) if after == untouched && after.0 == digest.1 => Ok((parts?, digest)),
        _ => Err(IngestError::Changed(file.name())),
    }
}

/// The same file, its texts decoded as views, which need no copy of them.
fn with_views(metadata: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let view = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View))
        }
        _ => Arc::clone(field),
    };
    let fields: Fields = metadata.schema().fields().iter().map(view).collect();
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    // A file of which the decoder cannot make views is decoded as it is.
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).unwrap_or(metadata)
}

/// What the decoder makes of a file, or says of it. At some broken pages it panics, which says no more
/// than that the file is broken.
fn guarded<T, E: Display>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(made) => made.map_err(|error| error.to_string()),
        Err(_) => Err("a page of it is broken".to_owned()),
    }
}

/// A file's size and when it was changed. Its bytes are read more than once: all are of one state.
fn state(path: &Path) -> io::Result<(u64, Option<SystemTime>)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// Rows that a file may have whatever its size.
const ROWS: u64 = 1 << 20;

/// How many rows a larger file may have for each of its bytes. Values that repeat take next to no
/// room; of rows that differ, as those of tickets do, each takes some bytes.
const MOST_ROWS_PER_BYTE: u64 = 16;

/// Refuses a file that unpacks to more than any export does.
fn see_that_it_is_no_bomb(metadata: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let rows = metadata.row_groups().iter().map(|group| count(group.num_rows())).fold(0, u64::saturating_add);
    let unpacked =
        metadata.row_groups().iter().map(|group| count(group.total_byte_size())).fold(0, u64::saturating_add);
    if rows > ROWS && rows / MOST_ROWS_PER_BYTE > bytes {
        return Err(format!("{rows} rows in {bytes} bytes, as no export has"));
    }
    if is_a_bomb(unpacked, bytes) {
        return Err(format!("{unpacked} bytes in {bytes}, as no export has"));
    }
    Ok(())
}

fn take_batch<C: Collector>(
    file: &FileReader<'_>,
    collector: &C,
    layout: &Layout,
    batch: &RecordBatch,
    before: u64,
    part: &mut Part<C::Batch>,
) -> Result<(), IngestError> {
    let columns: Vec<Values> = layout
        .headers
        .iter()
        .map(|name| {
            let array = batch.column_by_name(name);
            let values =
                array.and_then(values).or_else(|| collector.takes_any_type().then_some(Values::Unread));
            values.ok_or_else(|| IngestError::ColumnType {
                file: file.name(),
                column: name.clone(),
                kind: array.map_or_else(String::new, |array| array.data_type().to_string()),
            })
        })
        .collect::<Result<_, _>>()?;
    for row in 0..batch.num_rows() {
        // Rows are numbered from 1.
        let line = before + part.read + 1;
        file.take(collector, layout, &BatchRow { columns: &columns, row }, line, part);
    }
    Ok(())
}

/// A column as times or texts; `None` where its type is neither.
fn values(array: &ArrayRef) -> Option<Values> {
    if let DataType::Timestamp(unit, zone) = array.data_type() {
        let micros = match unit {
            TimeUnit::Second => micros::<TimestampSecondType>(array, |value| value.saturating_mul(1_000_000)),
            TimeUnit::Millisecond => {
                micros::<TimestampMillisecondType>(array, |value| value.saturating_mul(1_000))
            }
            TimeUnit::Microsecond => micros::<TimestampMicrosecondType>(array, |value| value),
            TimeUnit::Nanosecond => micros::<TimestampNanosecondType>(array, |value| value.div_euclid(1_000)),
        };
        return Some(Values::Times(micros, zone.is_some()));
    }
    if array.data_type().is_nested() {
        return None;
    }
    let texts = arrow_cast::cast(array, &DataType::Utf8View).or_else(|_| {
        arrow_cast::cast(array, &DataType::Utf8)
            .and_then(|texts| arrow_cast::cast(&texts, &DataType::Utf8View))
    });
    Some(Values::Texts(texts.ok()?.as_string_view().clone()))
}

fn micros<T: ArrowTimestampType>(array: &ArrayRef, scale: impl Fn(i64) -> i64) -> Vec<Option<i64>> {
    let times: &PrimitiveArray<T> = array.as_primitive();
    times.iter().map(|time| time.map(&scale)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_have_the_same_bytes_only_where_their_cells_are_the_same_and_short(
            rows in proptest::collection::vec(proptest::collection::vec(proptest::option::of("[ab]{0,2}|[ab]{11,14}"), 2), 1..60),
        ) {
            let texts = |column: usize| rows.iter().map(|row| row[column].as_deref()).collect::<StringViewArray>();
            let columns = [Values::Texts(texts(0)), Values::Texts(texts(1))];
            let mut rooms = vec![Vec::new(); rows.len()];
            let bytes: Vec<_> = rooms
                .iter_mut()
                .enumerate()
                .map(|(row, room)| {
                    let row = BatchRow { columns: &columns, row };
                    row.bytes(0..=1, &[(0, 0), (1, 1)], room).map(<[u8]>::to_vec)
                })
                .collect();
            for (a, of_a) in rows.iter().zip(&bytes) {
                let is_short = a.iter().flatten().all(|text| text.len() <= 12);
                prop_assert_eq!(of_a.is_some(), is_short);
                for (b, of_b) in rows.iter().zip(&bytes).filter(|_| is_short) {
                    prop_assert_eq!(of_a == of_b, a == b);
                }
            }
        }
    }
}
