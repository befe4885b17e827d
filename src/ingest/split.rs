//! A block split into records and fields, by the rule of the `csv` crate.
//!
//! A quote opens a field only at the field's very start, two together stand for one, and after the
//! closing one the rest of the field is plain. Records end at `\n`, `\r` or both; empty lines are
//! passed over. First all places that may matter are marked; then records are read off the marks.
//! In a block without a quote a line is a record, and its marks are the ends of its fields.

use std::ops::RangeInclusive;

use memchr::memchr;

use super::block::{Quote, Shape, quote};
use super::fields::{Cell, Row};
use super::marks::Marks;

/// Where a field stands: in the block, or, where quotes within it stood twice, in a copy.
#[derive(Debug, Clone, Copy)]
struct Field {
    start: u32,
    end: u32,
    copied: bool,
}

/// What is found of a block. One block's room serves the next one.
#[derive(Debug, Default)]
pub(super) struct Room {
    marks: Marks,
    fields: Vec<Field>,
    copies: Vec<u8>,
}

/// The records of a block, one after the other.
#[derive(Debug)]
pub(super) struct Splitter<'b> {
    bytes: &'b [u8],
    /// The whole block as text; `None` where not all of it is UTF-8.
    text: Option<&'b str>,
    shape: Shape,
    /// Whether there is a quote anywhere in it.
    is_quoted: bool,
    room: &'b mut Room,
    /// The first mark from `place` on.
    mark: usize,
    /// Up to where the block is read.
    place: usize,
    /// The line at that place.
    line: u64,
}

/// A record of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'s> {
    bytes: &'s [u8],
    text: Option<&'s str>,
    fields: Fields<'s>,
    /// The line on which it begins.
    pub(super) line: u64,
    /// Whether a quote in it is one too many.
    pub(super) stray: bool,
}

/// Where the fields of a record stand.
#[derive(Debug, Clone, Copy)]
enum Fields<'s> {
    /// The first begins here, and each ends at such a mark.
    Marked(u32, &'s [u32]),
    /// They stand so, in the block or in the copies.
    Read(&'s [Field], &'s [u8]),
}

impl Record<'_> {
    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        match self.fields {
            Fields::Marked(_, ends) => ends.len(),
            Fields::Read(fields, _) => fields.len(),
        }
    }

    #[inline]
    fn field(&self, place: usize) -> Option<Field> {
        match self.fields {
            Fields::Marked(first, ends) => {
                let end = *ends.get(place)?;
                let start = if place == 0 { first } else { ends[place - 1] + 1 };
                Some(Field { start, end, copied: false })
            }
            Fields::Read(fields, _) => fields.get(place).copied(),
        }
    }

    #[inline]
    fn cell(&self, field: usize) -> Cell<'_> {
        let Some(Field { start, end, copied }) = self.field(field) else { return Cell::Empty };
        if start == end {
            return Cell::Empty;
        }
        let span = start as usize..end as usize;
        match (self.fields, self.text) {
            (Fields::Read(_, copies), _) if copied => utf8(&copies[span]),
            // A field's ends are beside ASCII, so that the text can be cut there.
            (_, Some(text)) => text.get(span).map_or(Cell::NotUtf8, Cell::Text),
            (_, None) => utf8(&self.bytes[span]),
        }
    }

    /// The bytes of neighbouring fields, the byte before them included; `None` where they are not
    /// at hand.
    #[inline]
    fn span(&self, fields: &RangeInclusive<usize>) -> Option<&[u8]> {
        // Where a quote stood twice, a field is a copy.
        if let Fields::Read(all, _) = self.fields
            && all.get(fields.clone())?.iter().any(|field| field.copied)
        {
            return None;
        }
        let (first, last) = (self.field(*fields.start())?, self.field(*fields.end())?);
        self.bytes.get((first.start as usize).checked_sub(1)?..last.end as usize)
    }
}

fn utf8(bytes: &[u8]) -> Cell<'_> {
    std::str::from_utf8(bytes).map_or(Cell::NotUtf8, Cell::Text)
}

/// A record, of which the asked-for columns are read.
pub(super) struct RecordRow<'a> {
    pub(super) record: &'a Record<'a>,
    pub(super) columns: &'a [usize],
}

impl Row for RecordRow<'_> {
    #[inline]
    fn text(&self, column: usize) -> Option<&str> {
        let record = self.record;
        if let (Fields::Marked(..), Some(text)) = (record.fields, record.text) {
            let Field { start, end, .. } = record.field(self.columns[column])?;
            return text.get(start as usize..end as usize).filter(|text| !text.is_empty());
        }
        self.cell(column).text()
    }

    #[inline]
    fn cell(&self, column: usize) -> Cell<'_> {
        self.record.cell(self.columns[column])
    }

    #[inline]
    fn bytes<'s>(
        &'s self,
        columns: RangeInclusive<usize>,
        _: &[(usize, usize)],
        _: &'s mut Vec<u8>,
    ) -> Option<&'s [u8]> {
        // The byte before says whether the first field is quoted.
        self.record.span(&columns)
    }
}

impl<'b> Splitter<'b> {
    /// Splits a block that begins on this line.
    pub(super) fn new(bytes: &'b [u8], shape: Shape, line: u64, room: &'b mut Room) -> Splitter<'b> {
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let is_quoted = memchr(b'"', bytes).is_some();
        room.marks.find(bytes, shape.delimiter);
        if !is_quoted && !matches!(bytes.last(), None | Some(b'\n' | b'\r')) {
            room.marks.end_last_line(bytes.len());
        }
        Splitter { bytes, text, shape, is_quoted, room, mark: 0, place: 0, line }
    }

    /// About how many records there are.
    pub(super) fn about(&self) -> usize {
        self.room.marks.places().len() / self.shape.fields.max(1)
    }

    /// Hands over each record, in order.
    pub(super) fn each(self, take: impl FnMut(&Record<'_>)) {
        match self.is_quoted {
            true => self.each_quoted(take),
            false => self.each_line(take),
        }
    }

    /// Hands over each record where there are quotes.
    fn each_quoted(mut self, mut take: impl FnMut(&Record<'_>)) {
        loop {
            self.room.fields.clear();
            self.room.copies.clear();
            while let Some(b'\n' | b'\r') = self.bytes.get(self.place) {
                self.pass_line_end(self.place);
            }
            if self.place >= self.bytes.len() {
                break;
            }
            let line = self.line;
            let stray = self.read_record();
            let fields = Fields::Read(&self.room.fields, &self.room.copies);
            take(&Record { bytes: self.bytes, text: self.text, fields, line, stray });
        }
    }

    /// Hands over each record where no quote is.
    fn each_line(self, mut take: impl FnMut(&Record<'_>)) {
        let Splitter { bytes, text, room, mut line, .. } = self;
        let places = room.marks.places();
        let (mut first, mut start) = (0, 0);
        for last in room.marks.line_ends() {
            let last = *last as usize;
            let end = places[last];
            if start < end {
                let fields = Fields::Marked(start, &places[first..=last]);
                take(&Record { bytes, text, fields, line, stray: false });
            }
            line += u64::from(bytes.get(end as usize) == Some(&b'\n'));
            (first, start) = (last + 1, end + 1);
        }
    }

    /// Reads the fields of a record, and says whether a quote in it is one too many.
    fn read_record(&mut self) -> bool {
        let mut stray = false;
        loop {
            let end = match self.bytes.get(self.place) {
                Some(b'"') => match quote(self.bytes, self.place, self.shape, true) {
                    Quote::Closes(close) => self.quoted(close),
                    Quote::Stray | Quote::Open => {
                        stray = true;
                        self.line_end()
                    }
                },
                _ => {
                    let (start, end) = (self.place, self.plain_end());
                    self.room.fields.push(Field { start: start as u32, end: end as u32, copied: false });
                    end
                }
            };
            match self.bytes.get(end) {
                Some(byte) if *byte == self.shape.delimiter => {
                    self.mark += 1;
                    self.place = end + 1;
                }
                Some(_) => {
                    self.pass_line_end(end);
                    break;
                }
                None => {
                    self.place = end;
                    break;
                }
            }
        }
        stray
    }

    fn pass_line_end(&mut self, at: usize) {
        self.line += u64::from(self.bytes[at] == b'\n');
        self.mark += 1;
        self.place = at + 1;
    }

    /// The next delimiter or line end, or the end of the block; quotes on the way are plain.
    fn plain_end(&mut self) -> usize {
        while let Some(mark) = self.room.marks.places().get(self.mark) {
            let at = *mark as usize;
            if self.bytes[at] != b'"' {
                return at;
            }
            self.mark += 1;
        }
        self.bytes.len()
    }

    /// The end of the line, or of the block, whatever stands before it.
    fn line_end(&mut self) -> usize {
        while let Some(mark) = self.room.marks.places().get(self.mark) {
            let at = *mark as usize;
            if matches!(self.bytes[at], b'\n' | b'\r') {
                return at;
            }
            self.mark += 1;
        }
        self.bytes.len()
    }

    /// Reads a field whose opening quote is next and closes here, and gives where it ends.
    fn quoted(&mut self, close: usize) -> usize {
        let start = self.place + 1;
        let mut doubled = false;
        // Past the opening quote.
        self.mark += 1;
        while let Some(mark) = self.room.marks.places().get(self.mark) {
            let at = *mark as usize;
            self.mark += 1;
            match self.bytes[at] {
                b'"' if at == close => break,
                b'"' => doubled = true,
                byte => self.line += u64::from(byte == b'\n'),
            }
        }
        let end = self.plain_end();
        let tail = (close + 1).min(end)..end;
        if !doubled && tail.is_empty() {
            self.room.fields.push(Field { start: start as u32, end: close as u32, copied: false });
            return end;
        }
        let first = self.room.copies.len();
        let mut inside = self.bytes[start..close].iter();
        while let Some(byte) = inside.next() {
            self.room.copies.push(*byte);
            if *byte == b'"' {
                // Its twin.
                inside.next();
            }
        }
        self.room.copies.extend_from_slice(&self.bytes[tail]);
        self.room.fields.push(Field {
            start: first as u32,
            end: self.room.copies.len() as u32,
            copied: true,
        });
        end
    }
}

/// The lines, fields and strays of all records, for tests.
#[cfg(test)]
pub(super) fn records(bytes: &[u8]) -> Vec<(Vec<Vec<u8>>, bool)> {
    tests::split(bytes, b',').into_iter().map(|(_, fields, stray)| (fields, stray)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::{ByteRecord, ReaderBuilder};
    use proptest::prelude::*;

    /// The records of some bytes and the lines they begin on, as the `csv` crate gives them.
    fn by_the_crate(bytes: &[u8], delimiter: u8) -> Vec<(u64, Vec<Vec<u8>>)> {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let (mut records, mut record) = (Vec::new(), ByteRecord::new());
        loop {
            let mut start = reader.position().byte() as usize;
            if !reader.read_byte_record(&mut record).unwrap() {
                return records;
            }
            while matches!(bytes.get(start), Some(b'\n' | b'\r')) {
                start += 1;
            }
            let line = 1 + bytes[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
            records.push((line, record.iter().map(<[u8]>::to_vec).collect()));
        }
    }

    pub(super) fn split(bytes: &[u8], delimiter: u8) -> Vec<(u64, Vec<Vec<u8>>, bool)> {
        let mut room = Room::default();
        let mut records = Vec::new();
        Splitter::new(bytes, Shape { delimiter, fields: 0 }, 1, &mut room).each(|record| {
            let field = |place| {
                let Field { start, end, copied } = record.field(place).unwrap();
                let span = start as usize..end as usize;
                match record.fields {
                    Fields::Read(_, copies) if copied => copies[span].to_vec(),
                    _ => record.bytes[span].to_vec(),
                }
            };
            records.push((record.line, (0..record.len()).map(field).collect(), record.stray));
        });
        records
    }

    #[test]
    fn quotes_hold_delimiters_line_ends_and_quotes() {
        let bytes = b"a,\"b,\n\"\"c\"\"\",d\r\n\r\n\"e\"f\"g\",5\" pipe,\n\"\"";
        let texts: Vec<(u64, Vec<String>)> = split(bytes, b',')
            .into_iter()
            .map(|(line, fields, _)| {
                (line, fields.into_iter().map(|f| String::from_utf8(f).unwrap()).collect())
            })
            .collect();
        let texts: Vec<(u64, Vec<&str>)> =
            texts.iter().map(|(line, fields)| (*line, fields.iter().map(String::as_str).collect())).collect();
        let expected =
            [(1, vec!["a", "b,\n\"c\"", "d"]), (4, vec!["ef\"g\"", "5\" pipe", ""]), (5, vec![""])];
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_cell_is_text_where_it_is_utf8_though_another_is_not() {
        let mut room = Room::default();
        let bytes = b"\xC3\xA9,\xFF,\"\xC3\xA9\"\"\",";
        let mut records = 0;
        Splitter::new(bytes, Shape { delimiter: b',', fields: 0 }, 1, &mut room).each(|record| {
            let row = RecordRow { record, columns: &[0, 1, 2, 3, 4] };
            let cells: Vec<_> = (0..5).map(|column| row.cell(column)).collect();
            assert_eq!(cells, [Cell::Text("é"), Cell::NotUtf8, Cell::Text("é\""), Cell::Empty, Cell::Empty]);
            let texts: Vec<_> = (0..5).map(|column| row.text(column)).collect();
            assert_eq!(texts, [Some("é"), None, Some("é\""), None, None]);
            records += 1;
        });
        assert_eq!(records, 1);
    }

    #[test]
    fn rows_of_the_same_bytes_have_the_same_cells() {
        let lines = ["x,a,b", "y,\"a\",b", "z,\"a\",\"b\"", "x,a\",b", "x,\"a\"\",b", "x,\"a\"b,b", "u,a,b"];
        let text = lines.join("\n");
        let mut room = Room::default();
        let shape = Shape { delimiter: b',', fields: 3 };
        let mut seen: Vec<(Vec<u8>, Vec<String>)> = Vec::new();
        Splitter::new(text.as_bytes(), shape, 1, &mut room).each(|record| {
            let row = RecordRow { record, columns: &[1, 2] };
            let cells = (0..2).map(|column| format!("{:?}", row.cell(column))).collect();
            let mut room = Vec::new();
            let Some(bytes) = row.bytes(1..=2, &[], &mut room) else { return };
            seen.push((bytes.to_vec(), cells));
        });
        for (bytes, cells) in &seen {
            let alike = seen.iter().filter(|other| other.0 == *bytes);
            assert!(alike.clone().all(|other| other.1 == *cells), "{seen:?}");
        }
        // The first and the last row are alike; two rows have copies.
        assert_eq!((seen.len(), seen[0].clone()), (5, seen[4].clone()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn records_are_those_of_the_csv_crate(
            bytes in proptest::collection::vec(prop_oneof![
                4 => Just(b'"'), 4 => Just(b','), 2 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(b';'),
                6 => Just(b'a'), 1 => Just(0xFF_u8)], 0..300),
            semicolon in any::<bool>(),
            is_quoted in any::<bool>(),
        ) {
            let bytes: Vec<u8> = bytes.into_iter().filter(|byte| is_quoted || *byte != b'"').collect();
            let delimiter = if semicolon { b';' } else { b',' };
            // The crate knows no stray quotes: up to the first of them both see the same.
            let own = split(&bytes, delimiter);
            let sound = own.iter().take_while(|record| !record.2).count();
            let own: Vec<_> = own.into_iter().map(|(line, fields, _)| (line, fields)).collect();
            let crates = by_the_crate(&bytes, delimiter);
            prop_assert_eq!(&own[..sound], &crates[..sound]);
            prop_assert!(sound < own.len() || own.len() == crates.len());
        }
    }
}
