//! A column encoded straight from its compact values, into the pages that the Arrow writer makes.
//!
//! The same values give the same bytes either way, so that a file does not depend on which way a
//! column went; a test holds them against each other. The Arrow writer takes values in steps, and
//! looks after each whether the page is full: so the steps are part of the form of the file.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding};
use parquet::schema::types::ColumnDescPtr;

use super::bounds::Bound;
use super::chunk::{Chunk, ChunkWriter, Dictionary, PageValues};
use super::levels::Levels;
use crate::measure::{FactValues, FullValues};
use crate::report::publish::WriteError;

/// Rows with which a page is full. As many are a step where the rows of a part all have a value,
/// or all have none.
pub(super) const PAGE_ROWS: usize = 20_000;

/// The rows of any other step.
pub(super) const STEP_ROWS: usize = 1024;

/// Bytes with which a page, or a dictionary, is full.
pub(super) const PAGE_BYTES: usize = 1 << 20;

/// The values of a column of a part.
pub(super) enum PartValues<'a> {
    /// One for each row, or none.
    Rows(FactValues),
    /// One for each row.
    Full(FullValues),
    /// One for each ticket, and where the rows of each end.
    Tickets(FactValues, &'a [u32]),
}

/// A value as the facts have it.
pub(super) trait Cell: Copy {
    /// The values of this type; `None` where they are of another.
    fn cells(values: &FactValues) -> Option<Cells<'_, Self>>;

    /// The same of values in every row.
    fn full(_values: &FullValues) -> Option<&[Self]> {
        None
    }
}

/// The values of a part.
pub(super) enum Cells<'a, T> {
    /// A value in every row.
    Full(&'a [T]),
    /// Perhaps none in some rows.
    Holed(&'a [Option<T>]),
}

macro_rules! cells {
    ($($type:ty: $($variant:ident => $cells:ident)|+ $(, all $($full:ident),+)?;)+) => {
        $(impl Cell for $type {
            fn cells(values: &FactValues) -> Option<Cells<'_, $type>> {
                match values {
                    $(FactValues::$variant(values) => Some(Cells::$cells(values)),)+
                    _ => None,
                }
            }

            $(fn full(values: &FullValues) -> Option<&[$type]> {
                match values {
                    $(FullValues::$full(values) => Some(values),)+
                    _ => None,
                }
            })?
        })+
    };
}

cells! {
    u32: Text => Holed, all Text;
    i8: Int8 => Full;
    i32: Int32 => Full;
    i64: Int64 => Full | Instant => Holed | Local => Holed, all Instant, Local;
    f64: Float => Holed, all Float;
    bool: Bool => Holed;
}

/// The values of a page in the making, and what the pages of a column have in common.
pub(super) trait Values<T: Copy> {
    /// What the least and the greatest of them are.
    type Bound: Bound;

    /// How they stand in pages.
    const ENCODING: Encoding;

    /// Adds values to the page.
    fn put(&mut self, values: impl Iterator<Item = T>);

    /// Adds a value as often as this.
    fn put_run(&mut self, value: T, length: usize) {
        self.put(std::iter::repeat_n(value, length));
    }

    /// Whether there is anything among them that only the Arrow writer knows to write.
    fn is_unusual(&self) -> bool;

    /// Adds the page as bytes, and begins the next one.
    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<Self::Bound>;

    /// What the codes in all pages stand for, if they are codes.
    fn dictionary(self) -> Option<Dictionary>;
}

/// The column of so many parts; `None` where it is one for the Arrow writer.
pub(super) fn encode<'a, T: Cell, V: Values<T>>(
    form: (&ColumnDescPtr, Compression),
    values: V,
    parts: impl Iterator<Item = PartValues<'a>>,
) -> Result<Option<Chunk>, WriteError> {
    let mut column = Column::of(form, values);
    for part in parts {
        let is_usual = match &part {
            PartValues::Rows(values) => match T::cells(values) {
                Some(Cells::Full(rows)) => column.add_full(rows)?,
                Some(Cells::Holed(rows)) => column.add(rows)?,
                None => false,
            },
            PartValues::Full(values) => match T::full(values) {
                Some(rows) => column.add_full(rows)?,
                None => false,
            },
            PartValues::Tickets(values, ends) => match T::cells(values) {
                Some(Cells::Holed(tickets)) => column.add_tickets(tickets, ends)?,
                _ => false,
            },
        };
        if !is_usual {
            return Ok(None);
        }
    }
    column.close()
}

/// The column of these rows; `None` where it is one for the Arrow writer.
pub(super) fn encode_rows<T: Copy, V: Values<T>>(
    form: (&ColumnDescPtr, Compression),
    values: V,
    rows: &[Option<T>],
) -> Result<Option<Chunk>, WriteError> {
    let mut column = Column::of(form, values);
    if column.add(rows)? { column.close() } else { Ok(None) }
}

struct Column<V, B> {
    values: V,
    levels: Levels,
    chunk: ChunkWriter<B>,
}

impl<B: Bound, V> Column<V, B> {
    fn of((descriptor, compression): (&ColumnDescPtr, Compression), values: V) -> Column<V, B> {
        let chunk = ChunkWriter::new(Arc::clone(descriptor), compression);
        Column { values, levels: Levels::default(), chunk }
    }

    /// Adds rows that have a value; whether all so far are usual.
    fn add_full<T: Copy>(&mut self, rows: &[T]) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        for step in rows.chunks(PAGE_ROWS) {
            self.levels.add_alike(step.len(), true);
            self.values.put(step.iter().copied());
            self.end_step()?;
        }
        Ok(!self.values.is_unusual())
    }

    /// Adds rows that may have a value; whether all so far are usual.
    fn add<T: Copy>(&mut self, rows: &[Option<T>]) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        let nulls = rows.iter().filter(|value| value.is_none()).count();
        for step in rows.chunks(step_rows(nulls, rows.len())) {
            match nulls == 0 {
                true => self.levels.add_alike(step.len(), true),
                false => self.levels.add(step),
            }
            self.values.put(step.iter().copied().flatten());
            self.end_step()?;
        }
        Ok(!self.values.is_unusual())
    }

    /// Adds the rows of tickets; whether all so far are usual.
    fn add_tickets<T: Copy>(&mut self, tickets: &[Option<T>], ends: &[u32]) -> Result<bool, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        let starts = || std::iter::once(0).chain(ends.iter().map(|end| *end as usize));
        let runs = || {
            tickets.iter().zip(starts().zip(ends)).map(|(value, (start, end))| (value, *end as usize - start))
        };
        let nulls = runs().filter(|(value, _)| value.is_none()).map(|(_, length)| length).sum();
        let step = step_rows(nulls, ends.last().map_or(0, |end| *end as usize));
        let end_step = |column: &mut Self, rows: usize| {
            if nulls == 0 {
                column.levels.add_alike(rows, true);
            }
            column.end_step()
        };
        let mut room = step;
        for (value, mut length) in runs() {
            while length > 0 {
                let now = length.min(room);
                if nulls > 0 {
                    self.levels.add_alike(now, value.is_some());
                }
                if let Some(value) = value {
                    self.values.put_run(*value, now);
                }
                (length, room) = (length - now, room - now);
                if room == 0 {
                    end_step(self, step)?;
                    room = step;
                }
            }
        }
        if room < step {
            end_step(self, step - room)?;
        }
        Ok(!self.values.is_unusual())
    }

    /// Ends the page if it is full.
    fn end_step<T: Copy>(&mut self) -> Result<(), WriteError>
    where
        V: Values<T, Bound = B>,
    {
        if self.levels.rows() >= PAGE_ROWS {
            self.end_page()?;
        }
        Ok(())
    }

    fn end_page<T: Copy>(&mut self) -> Result<(), WriteError>
    where
        V: Values<T, Bound = B>,
    {
        let values = &mut self.values;
        Ok(self.chunk.add_page(&mut self.levels, V::ENCODING, |to| values.take_page(to))?)
    }

    /// The column, if all of it is usual.
    fn close<T: Copy>(mut self) -> Result<Option<Chunk>, WriteError>
    where
        V: Values<T, Bound = B>,
    {
        if self.levels.rows() > 0 {
            self.end_page()?;
        }
        if self.values.is_unusual() {
            return Ok(None);
        }
        Ok(Some(self.chunk.close(self.values.dictionary())?))
    }
}

/// How many rows a step has in a part with so many nulls in so many rows.
const fn step_rows(nulls: usize, rows: usize) -> usize {
    if nulls == 0 || nulls == rows { PAGE_ROWS } else { STEP_ROWS }
}
