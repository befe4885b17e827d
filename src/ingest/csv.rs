//! CSV: the header, then blocks of records parsed in parallel.

use std::sync::mpsc::sync_channel;

use csv::{ByteRecord, ReaderBuilder};
use rayon::prelude::*;

use super::IngestError;
use super::block::{Block, BlockError, Blocks, Shape};
use super::cache::Keep;
use super::layout::Layout;
use super::reader::{Collector, FileReader, Part};
use super::split::{RecordRow, Room, Splitter};
use crate::progress::Event;

/// What a file's parts come to, with its SHA-256 and size.
pub(super) type Parts<B> = (Vec<Part<B>>, (String, u64));

/// Blocks that wait to be parsed; more would only take memory.
const WAITING: usize = 16;

/// Reads a CSV file: one thread reads and cuts it, the others parse.
pub(super) fn read<C: Collector>(
    file: &FileReader<'_>,
    collector: &C,
    keep: &Keep,
) -> Result<Parts<C::Batch>, IngestError> {
    let mut blocks = Blocks::open(file.path, file.profile.encoding).map_err(|error| file.io(error))?;
    let (header, shape) = header(file, &mut blocks)?;
    if let Some(encoding) = blocks.believed_encoding() {
        // A file is read once.
        let _ = file.believed.set(encoding);
    }
    let layout = collector.layout(&file.name(), &header)?;
    keep.begin(&header);
    let context = Context { file, collector, layout: &layout, shape, keep };

    let (send, receive) = sync_channel::<Block>(WAITING);
    std::thread::scope(|scope| {
        let cutter = scope.spawn(move || {
            while let Some(block) = blocks.next()? {
                if send.send(block).is_err() {
                    break;
                }
            }
            drop(send);
            blocks.digest().map_err(BlockError::Io)
        });
        let parts: Vec<_> = receive
            .into_iter()
            .par_bridge()
            .map_init(Room::default, |room, block| {
                file.observer.event(Event::Advanced(block.raw));
                context.parse(&block, room)
            })
            .collect();
        match cutter.join() {
            Ok(Ok(digest)) => Ok((parts, digest)),
            Ok(Err(BlockError::Io(error))) => Err(file.io(error)),
            Ok(Err(BlockError::LongRecord(line))) => Err(IngestError::LongRecord { file: file.name(), line }),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The header's names, and how the records are made.
fn header(file: &FileReader<'_>, blocks: &mut Blocks) -> Result<(Vec<String>, Shape), IngestError> {
    let head = blocks.head().map_err(|error| file.io(error))?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(IngestError::Empty(file.name()));
    }
    let delimiter = file.profile.delimiter.unwrap_or_else(|| likeliest_delimiter(head));
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(head);
    let mut record = ByteRecord::new();
    // Memory does not fail to be read, and flexible records have no wrong length.
    let _ = reader.read_byte_record(&mut record);
    let end = reader.position().byte() as usize;
    if end == head.len() && blocks.goes_on() {
        return Err(IngestError::LongRecord { file: file.name(), line: 1 });
    }
    let names = record.iter().map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()));
    let names: Vec<String> =
        names.collect::<Result<_, _>>().map_err(|_| IngestError::BadHeader(file.name()))?;

    let shape = Shape { delimiter, fields: names.len() };
    blocks.take_head(end, shape);
    Ok((names, shape))
}

/// The one of comma, semicolon, tab and bar that stands most often in the header.
fn likeliest_delimiter(head: &[u8]) -> u8 {
    let line =
        head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    let times = |delimiter: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|byte| {
                quoted ^= **byte == b'"';
                !quoted && **byte == delimiter
            })
            .count()
    };
    // The first of several as frequent: a comma, where there is but one column.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| times(*delimiter)).unwrap_or(b',')
}

struct Context<'a, 'f, C> {
    file: &'a FileReader<'f>,
    collector: &'a C,
    layout: &'a Layout,
    shape: Shape,
    keep: &'a Keep,
}

impl<C: Collector> Context<'_, '_, C> {
    fn parse(&self, block: &Block, room: &mut Room) -> Part<C::Batch> {
        let mut part = Part::new(block.number, self.keep);
        let records = Splitter::new(block.bytes(), self.shape, block.line, room);
        self.collector.reserve(records.about(), &mut part.batch);
        records.each(|record| {
            if record.stray {
                self.file.stray(record.line, &mut part);
            } else if record.len() == self.shape.fields {
                let row = RecordRow { record, columns: &self.layout.columns };
                self.file.take(self.collector, self.layout, &row, record.line, &mut part);
            } else {
                self.file.misfit(record.line, record.len(), self.shape.fields, &mut part);
            }
        });
        self.file.finish(self.collector, self.layout, &mut part, self.keep);
        part
    }
}
