//! A column encoded straight from its compact values, into the pages that the Arrow writer makes.
//!
//! The same values give the same bytes either way, so that a file does not depend on which way a
//! column went; a test holds them against each other. The Arrow writer takes values in steps, and
//! looks after each whether the page is full: so the steps are part of the form of the file.

use parquet::basic::Encoding;
use parquet::schema::types::ColumnDescPtr;

use super::bounds::Bound;
use super::chunk::{Chunk, ChunkWriter, Dictionary, PageValues};
use super::levels::Levels;
use crate::measure::FactValues;
use crate::report::publish::WriteError;

/// Rows with which a page is full. As many are a step where the rows of a part all have a value,
/// or all have none.
pub(super) const PAGE_ROWS: usize = 20_000;

/// The rows of any other step.
pub(super) const STEP_ROWS: usize = 1024;

/// Bytes with which a page, or a dictionary, is full.
pub(super) const PAGE_BYTES: usize = 1 << 20;

/// A value as the facts have it.
pub(super) trait Cell: Copy {
    /// The values of this type; `None` where they are of another.
    fn cells(values: &FactValues) -> Option<Cells<'_, Self>>;
}

/// The values of a part.
pub(super) enum Cells<'a, T> {
    /// A value in every row.
    Full(&'a [T]),
    /// Perhaps none in some rows.
    Holed(&'a [Option<T>]),
}

macro_rules! cells {
    ($($type:ty: $($variant:ident => $cells:ident),+;)+) => {
        $(impl Cell for $type {
            fn cells(values: &FactValues) -> Option<Cells<'_, $type>> {
                match values {
                    $(FactValues::$variant(values) => Some(Cells::$cells(values)),)+
                    _ => None,
                }
            }
        })+
    };
}

cells! {
    u32: Text => Holed;
    i8: Int8 => Full;
    i32: Int32 => Full;
    i64: Int64 => Full, Instant => Holed, Local => Holed;
    f64: Float => Holed;
    bool: Bool => Holed;
}

/// The values of a page in the making, and what the pages of a column have in common.
pub(super) trait Values<T> {
    /// What the least and the greatest of them are.
    type Bound: Bound;

    /// How they stand in pages.
    const ENCODING: Encoding;

    /// Adds values to the page.
    fn put(&mut self, values: impl Iterator<Item = T>);

    /// How many bytes they take, where pages can be full by that.
    fn page_bytes(&self) -> usize {
        0
    }

    /// Whether there is anything among them that only the Arrow writer knows to write.
    fn is_unusual(&self) -> bool;

    /// Adds the page as bytes, and begins the next one.
    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<Self::Bound>;

    /// What the codes in all pages stand for, if they are codes.
    fn dictionary(self) -> Option<Dictionary>;
}

/// The column of so many parts; `None` where it is one for the Arrow writer.
pub(super) fn encode<T: Cell, V: Values<T>>(
    descriptor: ColumnDescPtr,
    values: V,
    parts: impl Iterator<Item = FactValues>,
) -> Result<Option<Chunk>, WriteError> {
    let mut column = Column { values, levels: Levels::default(), chunk: ChunkWriter::new(descriptor)? };
    for part in parts {
        let Some(cells) = T::cells(&part) else { return Ok(None) };
        let is_usual = match cells {
            Cells::Full(rows) => column.add_full(rows)?,
            Cells::Holed(rows) => column.add(rows)?,
        };
        if !is_usual {
            return Ok(None);
        }
    }
    column.close().map(Some)
}

struct Column<V, B> {
    values: V,
    levels: Levels,
    chunk: ChunkWriter<B>,
}

impl<B: Bound, V> Column<V, B> {
    /// Adds rows that have a value; whether they are all usual.
    fn add_full<T: Cell>(&mut self, rows: &[T]) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        for step in rows.chunks(PAGE_ROWS) {
            self.levels.add_alike(step.len(), true);
            self.values.put(step.iter().copied());
            if !self.end_step()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds rows that may have a value; whether they are all usual.
    fn add<T: Cell>(&mut self, rows: &[Option<T>]) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        let nulls = rows.iter().filter(|value| value.is_none()).count();
        let is_even = nulls == 0 || nulls == rows.len();
        for step in rows.chunks(if is_even { PAGE_ROWS } else { STEP_ROWS }) {
            match is_even {
                true => self.levels.add_alike(step.len(), nulls == 0),
                false => self.levels.add(step),
            }
            self.values.put(step.iter().copied().flatten());
            if !self.end_step()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Ends the page if it is full; whether all values so far are usual.
    fn end_step<T>(&mut self) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        if self.levels.rows() >= PAGE_ROWS || self.values.page_bytes() >= PAGE_BYTES {
            self.end_page()?;
        }
        Ok(!self.values.is_unusual())
    }

    fn end_page<T>(&mut self) -> Result<(), WriteError>
    where
        V: Values<T, Bound = B>,
    {
        let values = &mut self.values;
        Ok(self.chunk.add_page(&mut self.levels, V::ENCODING, |to| values.take_page(to))?)
    }

    fn close<T>(mut self) -> Result<Chunk, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        if self.levels.rows() > 0 {
            self.end_page()?;
        }
        Ok(self.chunk.close(self.values.dictionary())?)
    }
}
