//! The cells of a part of a file, column by column: what the cache keeps of a file that was read.
//!
//! Only the cells that the profile reads are kept, before anything is made of them but one thing:
//! a text that is an instant whatever else the run holds is kept as that instant. All rules thus
//! act on kept cells as they act on a file's own, and come to the same.

use super::fields::{Cell, Row, TableForm};
use super::layout::Layout;
use crate::records::{Names, Text};

/// Codes of a column's cells; those from here on are texts.
const EMPTY: u32 = 0;
const NOT_UTF8: u32 = 1;
const INSTANT: u32 = 2;
const LOCAL: u32 = 3;
const TEXTS: u32 = 4;

/// Keeps the cells of a part of a file as they come.
#[derive(Debug, Default)]
pub(super) struct CellKeeper {
    number: usize,
    lines: Vec<u64>,
    columns: Vec<ColumnKeeper>,
    misfits: Vec<(u64, u64)>,
}

#[derive(Debug)]
struct ColumnKeeper {
    /// The field that is read from it.
    field: Option<usize>,
    codes: Vec<u32>,
    texts: Names,
    times: Vec<i64>,
}

impl CellKeeper {
    /// Keeps a part by its place in the file.
    pub(super) fn of_part(number: usize) -> CellKeeper {
        CellKeeper { number, ..CellKeeper::default() }
    }

    /// Keeps a row.
    pub(super) fn push(&mut self, line: u64, row: &impl Row, layout: &Layout, form: &TableForm) {
        if self.columns.is_empty() {
            let keeper = |place| ColumnKeeper {
                field: layout.field_of(place),
                codes: Vec::new(),
                texts: Names::default(),
                times: Vec::new(),
            };
            self.columns = (0..layout.columns.len()).map(keeper).collect();
        }
        for (place, column) in self.columns.iter_mut().enumerate() {
            let mut time = |micros| {
                column.times.resize(self.lines.len(), 0);
                column.times.push(micros);
            };
            let code = match row.cell(place) {
                Cell::Empty => EMPTY,
                Cell::NotUtf8 => NOT_UTF8,
                Cell::Local(micros) => {
                    time(micros);
                    LOCAL
                }
                Cell::Instant(micros) => {
                    time(micros);
                    INSTANT
                }
                Cell::Text(text) => match column.field.and_then(|field| form.certain_instant(field, text)) {
                    Some(micros) => {
                        time(micros);
                        INSTANT
                    }
                    None => column.texts.intern(text).index() as u32 + TEXTS,
                },
            };
            column.codes.push(code);
        }
        self.lines.push(line);
    }

    /// Keeps a line that has another number of fields than the header.
    pub(super) fn misfit(&mut self, line: u64, fields: u64) {
        self.misfits.push((line, fields));
    }

    /// All that was kept, as bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.number as u64);
        numbers(&mut bytes, self.lines.iter().copied());
        numbers(&mut bytes, self.misfits.iter().map(|misfit| misfit.0));
        numbers(&mut bytes, self.misfits.iter().map(|misfit| misfit.1));
        put(&mut bytes, self.columns.len() as u64);
        for column in &self.columns {
            numbers(&mut bytes, column.codes.iter().map(|code| u64::from(*code)));
            let texts = column.texts.texts();
            let lengths: Vec<u64> = texts.iter().map(|text| text.len() as u64).collect();
            numbers(&mut bytes, lengths.iter().copied());
            texts.iter().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
            numbers(&mut bytes, column.times.iter().map(|micros| *micros as u64));
        }
        bytes
    }
}

/// The kept cells of a part of a file.
#[derive(Debug)]
pub(super) struct Cells {
    /// The place of the part in its file.
    pub(super) number: usize,
    lines: Vec<u64>,
    columns: Vec<ColumnCells>,
    /// The lines that have another number of fields than the header, with that number.
    pub(super) misfits: Vec<(u64, u64)>,
}

#[derive(Debug)]
struct ColumnCells {
    codes: Vec<u32>,
    /// The different texts.
    texts: Text,
    /// The times of the rows, up to the last that is one.
    times: Vec<i64>,
}

/// A row of kept cells.
pub(super) struct KeptRow<'a> {
    cells: &'a Cells,
    row: usize,
}

impl Row for KeptRow<'_> {
    #[inline]
    fn cell(&self, column: usize) -> Cell<'_> {
        let column = &self.cells.columns[column];
        match column.codes[self.row] {
            EMPTY => Cell::Empty,
            NOT_UTF8 => Cell::NotUtf8,
            INSTANT => Cell::Instant(column.times[self.row]),
            LOCAL => Cell::Local(column.times[self.row]),
            code => Cell::Text(column.texts.get((code - TEXTS) as usize)),
        }
    }
}

impl Cells {
    /// The rows and the lines they stand on.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, KeptRow<'_>)> {
        self.lines.iter().enumerate().map(|(row, line)| (*line, KeptRow { cells: self, row }))
    }

    /// What [`CellKeeper::write`] wrote of a file with so many columns; `None` for other bytes.
    pub(super) fn read(mut bytes: &[u8], columns: usize) -> Option<Cells> {
        let from = &mut bytes;
        let number = usize::try_from(take(from)?).ok()?;
        let lines = take_numbers(from)?;
        let (at, fields) = (take_numbers(from)?, take_numbers(from)?);
        let misfits = at.into_iter().zip(fields).collect();
        let count = usize::try_from(take(from)?).ok()?;
        if count != columns && !lines.is_empty() {
            return None;
        }
        let columns = (0..count).map(|_| ColumnCells::read(from, lines.len())).collect::<Option<_>>()?;
        from.is_empty().then_some(Cells { number, lines, columns, misfits })
    }
}

impl ColumnCells {
    fn read(from: &mut &[u8], rows: usize) -> Option<ColumnCells> {
        let codes: Vec<u32> =
            take_numbers(from)?.into_iter().map(|code| u32::try_from(code).ok()).collect::<Option<_>>()?;
        let lengths = take_numbers(from)?;
        let whole = lengths
            .iter()
            .try_fold(0_usize, |sum, length| sum.checked_add(usize::try_from(*length).ok()?))?;
        let mut rest = std::str::from_utf8(take_bytes(from, whole)?).ok()?;
        let mut texts = Text::default();
        for length in lengths {
            let (text, after) = rest.split_at_checked(length as usize)?;
            texts.push(text);
            rest = after;
        }
        let times: Vec<i64> = take_numbers(from)?.into_iter().map(|micros| micros as i64).collect();
        let sound = |(row, code): (usize, &u32)| match *code {
            EMPTY | NOT_UTF8 => true,
            INSTANT | LOCAL => row < times.len(),
            code => ((code - TEXTS) as usize) < texts.len(),
        };
        let sound = codes.len() == rows && codes.iter().enumerate().all(sound);
        sound.then_some(ColumnCells { codes, texts, times })
    }
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// Writes numbers in as few bytes each as the largest distance from the least of them needs.
fn numbers(bytes: &mut Vec<u8>, numbers: impl ExactSizeIterator<Item = u64> + Clone) {
    let least = numbers.clone().min().unwrap_or(0);
    let most = numbers.clone().max().unwrap_or(0) - least;
    let needed = (u64::BITS - most.leading_zeros()).div_ceil(8) as usize;
    let width = needed.max(usize::from(numbers.len() > MOST_ALIKE));
    put(bytes, numbers.len() as u64);
    put(bytes, least);
    put(bytes, width as u64);
    for number in numbers {
        bytes.extend_from_slice(&(number - least).to_le_bytes()[..width]);
    }
}

/// How many numbers that are all alike are written without a byte for each.
const MOST_ALIKE: usize = 1 << 22;

fn take_bytes<'b>(from: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(taken)
}

fn take(from: &mut &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(take_bytes(from, 8)?.try_into().ok()?))
}

fn take_numbers(from: &mut &[u8]) -> Option<Vec<u64>> {
    let (count, least, width) = (usize::try_from(take(from)?).ok()?, take(from)?, take(from)?);
    let width = usize::try_from(width).ok().filter(|width| *width <= 8)?;
    if width == 0 {
        // Such numbers take no room, so that their count alone could fill the memory.
        return (count <= MOST_ALIKE).then(|| vec![least; count]);
    }
    let bytes = take_bytes(from, count.checked_mul(width)?)?;
    let number = |bytes: &[u8]| {
        let mut whole = [0; 8];
        whole[..width].copy_from_slice(bytes);
        u64::from_le_bytes(whole).checked_add(least)
    };
    bytes.chunks_exact(width).map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Profile;
    use proptest::prelude::*;

    struct Plain(Vec<Cell<'static>>);

    impl Row for Plain {
        fn cell(&self, column: usize) -> Cell<'_> {
            self.0[column]
        }
    }

    fn some_cell() -> impl Strategy<Value = Cell<'static>> {
        prop_oneof![
            Just(Cell::Empty),
            Just(Cell::NotUtf8),
            Just(Cell::Text("é,\"")),
            Just(Cell::Text("2024-05-03 14:00:00")),
            Just(Cell::Text("support")),
            any::<i64>().prop_map(Cell::Instant),
            any::<i64>().prop_map(Cell::Local),
        ]
    }

    fn layout(form: &TableForm) -> Layout {
        form.layout("updates.csv", &["ticket_id", "at", "author"].map(str::to_owned)).unwrap()
    }

    #[test]
    fn a_text_that_is_an_instant_is_kept_as_one_and_any_other_as_it_is() {
        let profile = Profile::canonical();
        let form = &profile.updates[0].form;
        let mut keeper = CellKeeper::of_part(0);
        let times = ["2024-05-03T14:00:00+02:00", "2024-05-03T14:00:00", "1815-06-18T14:00:00Z", " "];
        for time in times {
            // In a column of ids the same text is no time.
            let row = Plain(vec![Cell::Text(time), Cell::Text(time), Cell::Empty]);
            keeper.push(2, &row, &layout(form), form);
        }
        let cells = Cells::read(&keeper.write(), 3).unwrap();
        let rows: Vec<_> = cells.rows().map(|(_, row)| row).collect();
        for (row, time) in rows.iter().zip(times) {
            assert_eq!(row.cell(0), Cell::Text(time));
        }
        // 12:00 UTC on 3 May 2024: 19,846 days and 12 hours after 1970 began.
        assert_eq!(rows[0].cell(1), Cell::Instant((19_846 * 24 + 12) * 3_600_000_000));
        assert!((1..4).all(|row| rows[row].cell(1) == Cell::Text(times[row])));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            rows in proptest::collection::vec((0..9_000_u64, proptest::collection::vec(some_cell(), 3..=3)), 0..40),
            misfits in proptest::collection::vec((0..9_000_u64, 0..9_u64), 0..3),
            broken in any::<usize>(), byte in any::<u8>(),
        ) {
            let profile = Profile::canonical();
            let form = &profile.updates[0].form;
            let mut keeper = CellKeeper::of_part(7);
            misfits.iter().for_each(|(line, fields)| keeper.misfit(*line, *fields));
            for (line, row) in &rows {
                keeper.push(*line, &Plain(row.clone()), &layout(form), form);
            }
            let mut bytes = keeper.write();
            let back = Cells::read(&bytes, 3).unwrap();
            prop_assert_eq!((back.number, &back.misfits), (7, &misfits));
            prop_assert_eq!(back.rows().count(), rows.len());
            for ((line, row), (own_line, own)) in back.rows().zip(&rows) {
                prop_assert_eq!(line, *own_line);
                for (column, own) in own.iter().enumerate() {
                    prop_assert_eq!(row.cell(column), *own);
                }
            }
            // Other bytes are read as something else or as nothing, and never panic.
            let at = broken % bytes.len();
            bytes[at] = byte;
            if let Some(other) = Cells::read(&bytes[..bytes.len() - broken % 2], 3) {
                let read = |row: &KeptRow<'_>| (0..3).for_each(|column| { row.cell(column); });
                // A length that was made longer may be that of very many rows that are all alike.
                other.rows().take(1_000).for_each(|(_, row)| read(&row));
            }
        }
    }
}
