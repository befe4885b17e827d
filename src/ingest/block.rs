//! A file as blocks of whole records, so that several threads can parse it.
//!
//! One thread reads, decompresses and hashes, and cuts the bytes where a record ends; the line
//! number at the start of each block goes along. Where a record ends is not guessed: quotes are
//! followed by the very rule of the CSV parser, so that the cut blocks together say what the whole
//! file says. Nearly all of it is a search for the next quote.
//!
//! One quote too many would make one record of all lines up to the next quote. Such a stray is
//! told by what it makes: a field over several lines with more behind its closing quote, one that
//! joins lines which are records by themselves, or one that never closes. Its line alone is then a
//! record, which is rejected, and the next line begins another.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use memchr::{memchr, memchr_iter, memchr2, memrchr2};
use sha2::{Digest, Sha256};

use super::encoding::{Decoded, Encoding};
use crate::sha256::hexadecimal;

/// Bytes of a block, about: small enough to share among threads, large enough to be worth it.
const BLOCK: usize = 1 << 20;

/// The longest record that is read.
const LONGEST_RECORD: usize = 128 << 20;

/// The longest field that is read; a quote that opens a longer one is believed to be a stray.
pub(super) const LONGEST_FIELD: usize = 16 << 20;

/// How much of a compressed file is unpacked without regard to how small it was packed.
const UNPACKED: u64 = 256 << 20;

/// How many times its size a compressed file may unpack to beyond that. Exports pack to a tenth or
/// a fiftieth; what packs to a thousandth was made to fill disks.
const MOST_PACKED: u64 = 400;

/// Whether so few bytes were made to unpack to so many.
pub(super) fn is_a_bomb(unpacked: u64, packed: u64) -> bool {
    unpacked > UNPACKED && unpacked / MOST_PACKED > packed
}

/// Whole records of a file.
#[derive(Debug)]
pub(super) struct Block {
    /// Its place among the blocks of the file.
    pub(super) number: usize,
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// How many bytes of the raw file were read for it.
    pub(super) raw: u64,
    buffer: Vec<u8>,
    /// Where the records in the buffer end.
    end: usize,
    spare: Sender<Vec<u8>>,
}

impl Block {
    /// The records.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }
}

impl Drop for Block {
    /// Gives the buffer back, to be filled anew: memory that was never used is dear.
    fn drop(&mut self) {
        // Nobody takes it once the file is read.
        let _ = self.spare.send(std::mem::take(&mut self.buffer));
    }
}

/// Why a file cannot be cut into blocks.
#[derive(Debug)]
pub(super) enum BlockError {
    Io(io::Error),
    /// The record that begins on this line is too long.
    LongRecord(u64),
}

/// A file's raw bytes on their way, hashed and counted.
struct Hashed {
    file: File,
    sha256: Sha256,
    bytes: u64,
}

impl Hashed {
    fn open(path: &Path) -> io::Result<Hashed> {
        Ok(Hashed { file: File::open(path)?, sha256: Sha256::new(), bytes: 0 })
    }

    /// The SHA-256 of what was read, in hexadecimal, and how many bytes that were.
    fn digest(self) -> (String, u64) {
        (hexadecimal(&self.sha256.finalize()), self.bytes)
    }
}

/// The SHA-256 of a file, in hexadecimal, and its size; `seen` is told of the bytes as they pass.
pub(super) fn digest(path: &Path, seen: impl Fn(u64)) -> io::Result<(String, u64)> {
    let (mut file, mut buffer) = (Hashed::open(path)?, vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(file.digest()),
            Ok(count) => seen(count as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.sha256.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Reads a file's blocks one after the other.
pub(super) struct Blocks {
    source: Unpacked,
    encoding: Option<Encoding>,
    /// The encoding, where it is another than UTF-8 and nothing says so.
    believed: Option<&'static str>,
    /// What makes UTF-8 of the bytes, where they are none.
    decoded: Option<Decoded>,
    shape: Shape,
    /// What is read and not yet handed out stands in its first `filled` bytes.
    buffer: Vec<u8>,
    filled: usize,
    /// Buffers to be filled anew.
    spare: (Sender<Vec<u8>>, Receiver<Vec<u8>>),
    number: usize,
    line: u64,
    told: u64,
    ended: bool,
}

enum Source {
    Plain(Hashed),
    Gzip(Box<flate2::read::MultiGzDecoder<io::BufReader<Hashed>>>),
    Zstd(Box<zstd::Decoder<'static, io::BufReader<Hashed>>>),
}

impl Source {
    fn raw_bytes(&self) -> u64 {
        match self {
            Source::Plain(file) => file.bytes,
            Source::Gzip(decoder) => decoder.get_ref().get_ref().bytes,
            Source::Zstd(decoder) => decoder.get_ref().get_ref().bytes,
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Plain(file) => file.read(buffer),
            Source::Gzip(decoder) => decoder.read(buffer),
            Source::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// A file's bytes, unpacked and counted.
struct Unpacked {
    source: Source,
    bytes: u64,
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.bytes += count as u64;
        let packed = self.source.raw_bytes();
        if is_a_bomb(self.bytes, packed) {
            let message = format!(
                "it unpacks to more than {MOST_PACKED} times its size, as no export does: unpack it and look at it, \
                 and give the unpacked file if it is sound"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(count)
    }
}

impl Blocks {
    /// Opens a file; by the ending of its name it is decompressed.
    pub(super) fn open(path: &Path, encoding: Option<Encoding>) -> io::Result<Blocks> {
        let file = Hashed::open(path)?;
        let source = match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Source::Gzip(Box::new(flate2::read::MultiGzDecoder::new(
                io::BufReader::with_capacity(1 << 20, file),
            ))),
            Some("zst") => Source::Zstd(Box::new(zstd::Decoder::with_buffer(io::BufReader::with_capacity(
                1 << 20,
                file,
            ))?)),
            _ => Source::Plain(file),
        };
        Ok(Blocks {
            source: Unpacked { source, bytes: 0 },
            encoding,
            believed: None,
            decoded: None,
            shape: Shape { delimiter: b',', fields: 0 },
            buffer: vec![0; BLOCK],
            filled: 0,
            spare: channel(),
            number: 0,
            line: 1,
            told: 0,
            ended: false,
        })
    }

    /// The first bytes of the file, enough for its header; they come again with the first block.
    pub(super) fn head(&mut self) -> io::Result<&[u8]> {
        self.fill(BLOCK)?;
        let (encoding, is_believed) = Encoding::of(self.rest(), self.encoding);
        if !encoding.is_utf8() {
            self.believed = is_believed.then(|| encoding.name());
            self.decoded = Some(Decoded::beginning_with(self.rest().to_vec(), encoding));
            (self.filled, self.ended) = (0, false);
            self.fill(BLOCK)?;
        }
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.forget(3);
        }
        Ok(self.rest())
    }

    /// The encoding that its first bytes look like, where it is another than UTF-8 and nothing says
    /// so.
    pub(super) fn believed_encoding(&self) -> Option<&'static str> {
        self.believed
    }

    /// Whether the file holds more than its first bytes.
    pub(super) fn goes_on(&self) -> bool {
        !self.ended
    }

    /// Takes the header's bytes away, which end at `end`, and says how records are made.
    pub(super) fn take_head(&mut self, end: usize, shape: Shape) {
        self.line += newlines(&self.rest()[..end]);
        self.forget(end);
        self.shape = shape;
    }

    /// The next block; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Block>, BlockError> {
        let shape = self.shape;
        let mut wanted = BLOCK;
        loop {
            self.fill(wanted).map_err(BlockError::Io)?;
            let end = match self.ended {
                true => self.filled,
                false => complete(self.rest(), shape),
            };
            if end > 0 {
                return Ok(Some(self.cut(end)));
            }
            if self.ended {
                return Ok(None);
            }
            if wanted >= LONGEST_RECORD {
                return Err(BlockError::LongRecord(self.line));
            }
            wanted *= 2;
        }
    }

    /// What is read and not yet handed out.
    fn rest(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    fn forget(&mut self, count: usize) {
        self.buffer.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Hands out what ends at `end`; the rest goes on in another buffer.
    fn cut(&mut self, end: usize) -> Block {
        let mut next = self.spare.1.try_recv().unwrap_or_else(|_| vec![0; BLOCK]);
        let tail = self.filled - end;
        if next.len() < tail {
            next.resize(tail, 0);
        }
        next[..tail].copy_from_slice(&self.buffer[end..self.filled]);
        let buffer = std::mem::replace(&mut self.buffer, next);
        self.filled = tail;
        let raw = self.source.source.raw_bytes();
        let (number, line, spare) = (self.number, self.line, self.spare.0.clone());
        let block = Block { number, line, raw: raw - self.told, buffer, end, spare };
        self.told = raw;
        self.number += 1;
        self.line += newlines(block.bytes());
        block
    }

    /// The SHA-256 of the raw file, in hexadecimal, and its size; reads what is left of it.
    pub(super) fn digest(self) -> io::Result<(String, u64)> {
        let mut file = match self.source.source {
            Source::Plain(file) => file,
            Source::Gzip(decoder) => drained(decoder.into_inner())?,
            Source::Zstd(decoder) => drained(decoder.finish())?,
        };
        io::copy(&mut file, &mut io::sink())?;
        Ok(file.digest())
    }

    /// Reads on until so many bytes wait to be handed out, or the file ends.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while !self.ended && self.filled < wanted {
            let buffer = &mut self.buffer[self.filled..wanted];
            let count = match &mut self.decoded {
                Some(decoded) => decoded.read_from(&mut self.source, buffer),
                None => self.source.read(buffer),
            };
            match count {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn drained(mut file: io::BufReader<Hashed>) -> io::Result<Hashed> {
    io::copy(&mut file, &mut io::sink())?;
    Ok(file.into_inner())
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// What becomes of a quote that opens a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// It closes here.
    Closes(usize),
    /// It is one too many.
    Stray,
    /// More bytes will tell.
    Open,
}

/// How the records of a file are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// What stands between fields.
    pub(super) delimiter: u8,
    /// How many fields the header has.
    pub(super) fields: usize,
}

/// How many fields a line must have for its being a whole record by itself to tell anything: a line
/// of some text may well have a comma or two.
const TELLING: usize = 5;

/// What becomes of the quote at a place, which opens a field; `ended` where no bytes follow these.
pub(super) fn quote(bytes: &[u8], at: usize, shape: Shape, ended: bool) -> Quote {
    let until = at.saturating_add(LONGEST_FIELD).min(bytes.len());
    let mut place = at + 1;
    while let Some(inner) = memchr(b'"', &bytes[place.min(until)..until]).map(|found| place + found) {
        match bytes.get(inner + 1) {
            Some(b'"') => place = inner + 2,
            None if !ended => return Quote::Open,
            next => {
                if memchr2(b'\n', b'\r', &bytes[at..inner]).is_none() {
                    return Quote::Closes(inner);
                }
                let goes_on =
                    next.is_some_and(|byte| *byte != shape.delimiter && !matches!(byte, b'\n' | b'\r'));
                if goes_on {
                    return Quote::Stray;
                }
                return match joins_records(bytes, at, inner, shape, ended) {
                    None => Quote::Open,
                    Some(true) => Quote::Stray,
                    Some(false) => Quote::Closes(inner),
                };
            }
        }
    }
    if ended || until < bytes.len() { Quote::Stray } else { Quote::Open }
}

/// Whether a field over several lines joins what are records by themselves: the line on which it
/// opens, and the one on which it closes or one between. `None` where more bytes will tell.
fn joins_records(bytes: &[u8], open: usize, close: usize, shape: Shape, ended: bool) -> Option<bool> {
    if shape.fields < TELLING {
        return Some(false);
    }
    let start = memrchr2(b'\n', b'\r', &bytes[..open]).map_or(0, |end| end + 1);
    let end = match memchr2(b'\n', b'\r', &bytes[close..]) {
        Some(end) => close + end,
        None if ended => bytes.len(),
        None => return None,
    };
    let mut lines = bytes[start..end].split(|byte| matches!(byte, b'\n' | b'\r'));
    let is_record = |line: &[u8]| fields_of(line, shape.delimiter) == shape.fields;
    Some(lines.next().is_some_and(is_record) && lines.any(is_record))
}

/// How many fields a line has by itself; a quote that does not close in it is plain.
fn fields_of(line: &[u8], delimiter: u8) -> usize {
    let (mut place, mut fields) = (0, 1);
    while place < line.len() {
        let plain_end = || memchr(delimiter, &line[place..]).map_or(line.len(), |found| place + found);
        let end = match line[place] {
            b'"' => closes_in(line, place, delimiter).unwrap_or_else(plain_end),
            _ => plain_end(),
        };
        if end >= line.len() {
            return fields;
        }
        fields += 1;
        place = end + 1;
    }
    fields
}

/// Where a quoted field of a line ends, if it closes there.
fn closes_in(line: &[u8], open: usize, delimiter: u8) -> Option<usize> {
    let mut place = open + 1;
    loop {
        let inner = place + memchr(b'"', line.get(place..)?)?;
        match line.get(inner + 1) {
            Some(b'"') => place = inner + 2,
            None => return Some(line.len()),
            Some(byte) if *byte == delimiter => return Some(inner + 1),
            Some(_) => return None,
        }
    }
}

/// Up to where the bytes of a block, which begins where a record does, hold whole records.
///
/// Quotes are followed as the parser does: one opens a field only at the field's very start, two
/// together stand for one, and after the closing one the rest of the field is plain.
fn complete(bytes: &[u8], shape: Shape) -> usize {
    // Everything before `place` is followed, and is outside of quotes from `plain` on; the last
    // record before that ends at `end`.
    let (mut place, mut plain, mut end) = (0, 0, 0);
    let last_end =
        |from: usize, until: usize| memrchr2(b'\n', b'\r', &bytes[from..until]).map(|found| from + found + 1);
    while let Some(at) = memchr(b'"', &bytes[place..]).map(|found| place + found) {
        place = at + 1;
        let opens = at == 0 || matches!(bytes[at - 1], b'\n' | b'\r') || bytes[at - 1] == shape.delimiter;
        if !opens {
            continue;
        }
        end = last_end(plain, at).unwrap_or(end);
        match quote(bytes, at, shape, false) {
            Quote::Closes(close) => (place, plain) = (close + 1, close + 1),
            Quote::Open => return end,
            Quote::Stray => match memchr2(b'\n', b'\r', &bytes[at..]) {
                Some(line_end) => {
                    place = at + line_end + 1;
                    (plain, end) = (place, place);
                }
                None => return end,
            },
        }
    }
    last_end(plain, bytes.len()).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::super::split::records;
    use super::*;
    use proptest::prelude::*;

    const COMMA: Shape = Shape { delimiter: b',', fields: 0 };

    #[test]
    fn a_quoted_line_end_ends_no_record() {
        assert_eq!(complete(b"a,b\nc,\"d\ne\",f\ng,h", COMMA), 14);
        assert_eq!(complete(b"a,b\nc,\"d\ne", COMMA), 4);
        assert_eq!(complete(b"a,\"x\"\"\ny\"\n", COMMA), 10);
    }

    #[test]
    fn a_quote_within_a_plain_field_opens_nothing() {
        assert_eq!(complete(b"5\" pipe,b\nc,d\n", COMMA), 14);
        assert_eq!(complete(b"a;\"b\nc\";d\ne", Shape { delimiter: b';', fields: 0 }), 10);
    }

    #[test]
    fn the_line_of_a_stray_quote_is_a_record_by_itself() {
        // The quote in the second line would close at the one that opens \"d e\".
        assert_eq!(complete(b"a,b\nx,\"y\nc,\"d e\"\nf,", COMMA), 17);
        assert_eq!(quote(b"\"y\nc,\"d e\"", 0, COMMA, true), Quote::Stray);
        assert_eq!(quote(b"\"y\nc", 0, COMMA, true), Quote::Stray);
        assert_eq!(quote(b"\"y\nc", 0, COMMA, false), Quote::Open);
        assert_eq!(quote(b"\"y\"c", 0, COMMA, true), Quote::Closes(2));
    }

    #[test]
    fn a_quote_that_joins_whole_records_is_stray_and_a_text_of_several_lines_is_none() {
        let five = Shape { delimiter: b',', fields: 5 };
        let at = |text: &[u8]| quote(text, text.iter().position(|byte| *byte == b'"').unwrap(), five, true);
        // Two strays, the second before an empty field: they would close each other.
        assert_eq!(at(b"1,\"x,a,b,c\n2,y,a,\",b\n3,z,a,b,c\n"), Quote::Stray);
        assert_eq!(at(b"1,\"x,a,b,c\n2,y,a,b,c\n3,z,\"\n"), Quote::Stray);
        // What is between the quotes is a text, and no line of it a record; nor is the first of these.
        assert_eq!(at(b"1,x,a,b,\"Dear all,\nthank you, and\ngood bye\"\n"), Quote::Closes(42));
        assert_eq!(at(b"1,\"Dear all\na,b,c,d,e\n\",x,y,z\n"), Quote::Closes(22));
        // With few fields, a line of a text may have as many by chance.
        let text = b"1,\"x,a\n2,y,\"\n";
        assert_eq!(quote(text, 2, Shape { delimiter: b',', fields: 3 }, true), Quote::Closes(11));
        // The line of the closing quote is not there yet.
        assert_eq!(quote(b"1,\"x,a,b,c\n2,y,a,\",b", 2, five, false), Quote::Open);
    }

    #[test]
    fn a_field_longer_than_any_is_a_stray_quote() {
        let mut bytes = vec![b'x'; LONGEST_FIELD + 2];
        bytes[0] = b'"';
        assert_eq!(quote(&bytes, 0, COMMA, false), Quote::Stray);
        assert_eq!(quote(&bytes[..LONGEST_FIELD], 0, COMMA, false), Quote::Open);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]

        #[test]
        fn cutting_where_records_are_complete_changes_no_record(
            bytes in proptest::collection::vec(prop_oneof![
                2 => Just(b'"'), 1 => Just(b','), 1 => Just(b'\n'), 1 => Just(b'\r'), 2 => Just(b'a')], 0..80),
            seen in 0..80_usize,
        ) {
            // Whatever of a file is seen when it is cut.
            let end = complete(&bytes[..seen.min(bytes.len())], COMMA);
            let mut parts = records(&bytes[..end]);
            parts.extend(records(&bytes[end..]));
            prop_assert_eq!(parts, records(&bytes));
        }
    }
}
