//! A file as blocks of whole records, so that several threads can parse it.
//!
//! One thread reads, decompresses and hashes, and cuts the bytes where a record ends; the line
//! number at the start of each block goes along. Where a record ends is not guessed: quotes are
//! followed by the very rule of the CSV parser, so that the cut blocks together say what the whole
//! file says. Nearly all of it is a search for the next quote.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use memchr::{memchr, memchr_iter, memrchr2};
use sha2::{Digest, Sha256};

use crate::sha256::hexadecimal;

/// Bytes of a block, about: small enough to share among threads, large enough to be worth it.
const BLOCK: usize = 1 << 20;

/// The longest record that is believed; a quote that is never closed makes longer ones.
const LONGEST_RECORD: usize = 256 << 20;

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
    /// A quote that never closes, in the record that begins on this line.
    OpenQuote(u64),
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
    source: Source,
    delimiter: Option<u8>,
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

impl Blocks {
    /// Opens a file; by the ending of its name it is decompressed.
    pub(super) fn open(path: &Path, delimiter: Option<u8>) -> io::Result<Blocks> {
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
            source,
            delimiter,
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
        while !self.ended && self.filled < BLOCK && memchr(b'\n', self.rest()).is_none() {
            self.fill((self.filled + (64 << 10)).min(BLOCK))?;
        }
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.forget(3);
        }
        Ok(self.rest())
    }

    /// Takes the header's bytes away, which end at `end`, and says between what the fields are.
    pub(super) fn take_head(&mut self, end: usize, delimiter: u8) {
        self.line += newlines(&self.rest()[..end]);
        self.forget(end);
        self.delimiter = Some(delimiter);
    }

    /// The next block; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Block>, BlockError> {
        let delimiter = self.delimiter.unwrap_or(b',');
        let mut wanted = BLOCK;
        loop {
            self.fill(wanted).map_err(BlockError::Io)?;
            let end = match (complete(self.rest(), delimiter), self.ended) {
                (Complete::UpTo(end), false) => end,
                (Complete::UpTo(_), true) => self.filled,
                (Complete::OpenFrom(start), true) => {
                    return Err(BlockError::OpenQuote(self.line + newlines(&self.rest()[..start])));
                }
                (Complete::OpenFrom(start), false) => start,
            };
            if end > 0 {
                return Ok(Some(self.cut(end)));
            }
            if self.ended {
                return Ok(None);
            }
            if wanted >= LONGEST_RECORD {
                return Err(BlockError::OpenQuote(self.line));
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
        let raw = self.source.raw_bytes();
        let (number, line, spare) = (self.number, self.line, self.spare.0.clone());
        let block = Block { number, line, raw: raw - self.told, buffer, end, spare };
        self.told = raw;
        self.number += 1;
        self.line += newlines(block.bytes());
        block
    }

    /// The SHA-256 of the raw file, in hexadecimal, and its size; reads what is left of it.
    pub(super) fn digest(self) -> io::Result<(String, u64)> {
        let mut file = match self.source {
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
            match self.source.read(&mut self.buffer[self.filled..wanted]) {
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

/// How far the bytes of a block, which begins where a record does, hold whole records.
#[derive(Debug, PartialEq, Eq)]
enum Complete {
    /// Up to here; no quote is open.
    UpTo(usize),
    /// A quote is open in the record that begins here.
    OpenFrom(usize),
}

/// Follows the quotes as the parser does: one opens a field only at the field's very start, two
/// together stand for one, and after the closing one the rest of the field is plain.
fn complete(bytes: &[u8], delimiter: u8) -> Complete {
    // Everything before `place` is followed; outside quotes a record may end at any line end.
    let mut place = 0;
    let last_end = |until: usize| memrchr2(b'\n', b'\r', &bytes[..until]).map_or(0, |end| end + 1);
    while let Some(quote) = memchr(b'"', &bytes[place..]).map(|found| place + found) {
        let opens = quote == 0 || matches!(bytes[quote - 1], b'\n' | b'\r') || bytes[quote - 1] == delimiter;
        place = quote + 1;
        if !opens {
            continue;
        }
        loop {
            match memchr(b'"', &bytes[place..]).map(|found| place + found) {
                None => return Complete::OpenFrom(last_end_outside(bytes, quote, delimiter)),
                Some(inner) if bytes.get(inner + 1) == Some(&b'"') => place = inner + 2,
                Some(close) => {
                    place = close + 1;
                    break;
                }
            }
        }
    }
    // A line end after the last quoted field ends a record; one within it was passed over.
    match last_end(bytes.len()) {
        end if end >= place => Complete::UpTo(end),
        _ => Complete::UpTo(last_end_outside(bytes, place, delimiter)),
    }
}

/// Where the last record that ends before `until` ends; the slow way, record by record, for the
/// one record that the quick way cannot tell.
fn last_end_outside(bytes: &[u8], until: usize, delimiter: u8) -> usize {
    let (mut end, mut quoted, mut field_start) = (0, false, true);
    let mut place = 0;
    while place < until {
        let byte = bytes[place];
        match (quoted, byte) {
            (true, b'"') if bytes.get(place + 1) == Some(&b'"') => place += 1,
            (true, b'"') => quoted = false,
            (true, _) => {}
            (false, b'"') if field_start => quoted = true,
            (false, b'\n' | b'\r') => end = place + 1,
            (false, _) => {}
        }
        field_start = !quoted && (byte == delimiter || matches!(byte, b'\n' | b'\r'));
        place += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quoted_line_end_ends_no_record() {
        assert_eq!(complete(b"a,b\nc,\"d\ne\",f\ng,h", b','), Complete::UpTo(14));
        assert_eq!(complete(b"a,b\nc,\"d\ne", b','), Complete::OpenFrom(4));
        assert_eq!(complete(b"a,\"x\"\"\ny\"\n", b','), Complete::UpTo(10));
        assert_eq!(complete(b"a,\"x\ny\" tail", b','), Complete::UpTo(0));
    }

    #[test]
    fn a_quote_within_a_plain_field_opens_nothing() {
        assert_eq!(complete(b"5\" pipe,b\nc,d\n", b','), Complete::UpTo(14));
        assert_eq!(complete(b"a;\"b\nc\";d\ne", b';'), Complete::UpTo(10));
        assert_eq!(complete(b"a,\"b\nc\";d\n", b','), Complete::UpTo(10));
    }

    /// All records of the bytes, as the parser gives them.
    fn records(bytes: &[u8]) -> Vec<csv::ByteRecord> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        reader.byte_records().map(|record| record.unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn cutting_where_records_are_complete_changes_no_record(
            bytes in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a')], 0..60),
        ) {
            let end = match complete(&bytes, b',') { Complete::UpTo(end) | Complete::OpenFrom(end) => end };
            let mut parts = records(&bytes[..end]);
            parts.extend(records(&bytes[end..]));
            prop_assert_eq!(parts, records(&bytes));
        }
    }
}
