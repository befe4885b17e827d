//! A column of a row group: its pages, compressed where that is worth it, and what is said of them.

use std::cell::RefCell;
use std::io;

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::bounds::{Bound, Bounds};
use super::levels::Levels;

/// About the most bytes that stand before those of a page.
const PAGE_HEADER: usize = 64;

thread_local! {
    /// What compresses the pages of all columns of a thread: to make it takes longer than it takes
    /// to compress a small table's column.
    static COMPRESSOR: RefCell<Compressor<'static>> = RefCell::default();
}

/// A column of a row group, encoded.
pub(in crate::report) struct Chunk {
    /// The bytes of its pages.
    pub(super) bytes: Bytes,
    /// What is said of it.
    pub(super) close: ColumnCloseResult,
}

/// The values that the codes of all pages stand for.
pub(super) struct Dictionary {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
}

/// The values of a page.
pub(super) struct PageValues<B> {
    pub(super) bounds: Option<Bounds<B>>,
    /// How many bytes the texts take, were each written out.
    pub(super) text_bytes: Option<i64>,
}

/// A column of a row group in the making.
pub(super) struct ChunkWriter<B> {
    descriptor: ColumnDescPtr,
    compression: Compression,
    /// The pages so far. They come after the dictionary, which is known only in the end.
    pages: Vec<CompressedPage>,
    column_index: ColumnIndexBuilder,
    offset_index: OffsetIndexBuilder,
    order: PageOrder<B>,
    bounds: Option<Bounds<B>>,
    rows: usize,
    nulls: usize,
    text_bytes: Option<i64>,
    /// Where a page is put together, and compressed.
    room: Vec<u8>,
    compressed: Vec<u8>,
}

impl<B: Bound> ChunkWriter<B> {
    pub(super) fn new(descriptor: ColumnDescPtr, compression: Compression) -> ChunkWriter<B> {
        ChunkWriter {
            compression,
            pages: Vec::new(),
            column_index: ColumnIndexBuilder::new(descriptor.physical_type()),
            offset_index: OffsetIndexBuilder::new(),
            order: PageOrder { ascending: true, descending: true, last: None },
            bounds: None,
            rows: 0,
            nulls: 0,
            text_bytes: None,
            room: Vec::new(),
            compressed: Vec::new(),
            descriptor,
        }
    }

    /// Adds a page of the rows that `levels` holds, whose values `take` adds as bytes.
    pub(super) fn add_page(
        &mut self,
        levels: &mut Levels,
        encoding: Encoding,
        take: impl FnOnce(&mut Vec<u8>) -> PageValues<B>,
    ) -> Result<()> {
        let (rows, nulls) = (levels.rows(), levels.nulls());
        let mut room = std::mem::take(&mut self.room);
        room.clear();
        levels.take(&mut room);
        let values = take(&mut room);
        let length = room.len();
        let page = Page::DataPage {
            buf: self.compress(&mut room)?,
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push(CompressedPage::new(page, length));
        self.room = room;
        self.describe_page(rows, nulls, &values);
        self.rows += rows;
        self.nulls += nulls;
        Ok(())
    }

    /// The bytes as they stand in the file. Where they stay as they are they are taken, and as much
    /// room is left for others.
    fn compress(&mut self, bytes: &mut Vec<u8>) -> Result<Bytes> {
        match self.compression {
            Compression::UNCOMPRESSED => {
                let room = Vec::with_capacity(bytes.capacity());
                Ok(std::mem::replace(bytes, room).into())
            }
            Compression::ZSTD(level) => {
                self.compressed.clear();
                self.compressed.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
                COMPRESSOR.with_borrow_mut(|compressor| -> io::Result<()> {
                    compressor.set_compression_level(level.compression_level())?;
                    compressor.compress_to_buffer(bytes, &mut self.compressed).map(drop)
                })?;
                Ok(Bytes::copy_from_slice(&self.compressed))
            }
            other => Err(ParquetError::NYI(format!("columns compressed by {other}"))),
        }
    }

    fn describe_page(&mut self, rows: usize, nulls: usize, values: &PageValues<B>) {
        let no_numbers = B::NO_NUMBERS.map(|count| count as i64);
        let (least, greatest) = match values.bounds {
            Some(bounds) => {
                self.order.add(bounds);
                Bounds::widen(&mut self.bounds, bounds.least);
                Bounds::widen(&mut self.bounds, bounds.greatest);
                (bounds.least.bytes(), bounds.greatest.bytes())
            }
            None => (Vec::new(), Vec::new()),
        };
        self.column_index.append(rows == nulls, least, greatest, nulls as i64, no_numbers);
        self.column_index.append_histograms(&None, &histogram(rows, nulls));
        self.offset_index.append_row_count(rows as i64);
        self.offset_index.append_unencoded_byte_array_data_bytes(values.text_bytes);
        if let Some(bytes) = values.text_bytes {
            *self.text_bytes.get_or_insert(0) += bytes;
        }
    }

    /// The column, with the dictionary that it has.
    pub(super) fn close(mut self, dictionary: Option<Dictionary>) -> Result<Chunk> {
        let dictionary = dictionary.map(|dictionary| self.dictionary_page(dictionary)).transpose()?;
        let has_dictionary = dictionary.is_some();
        let mut encodings = vec![Encoding::RLE];
        let mut stats: Vec<PageEncodingStats> = Vec::new();
        let mut uncompressed = 0;
        let mut data_offset = None;
        let pages = || dictionary.iter().chain(&self.pages);
        let room: usize = pages().map(|page| page.compressed_size() + PAGE_HEADER).sum();
        // Room of such a size is used again by the next column that is somewhat larger.
        let mut sink = TrackedWrite::new(Vec::with_capacity(room.next_power_of_two()));
        let mut writer = SerializedPageWriter::new(&mut sink);
        for page in dictionary.into_iter().chain(self.pages) {
            let (page_type, encoding) = (page.page_type(), page.encoding());
            let written = writer.write_page(page)?;
            uncompressed += written.uncompressed_size as i64;
            if page_type != PageType::DICTIONARY_PAGE {
                let offset = written.offset as i64;
                data_offset.get_or_insert(offset);
                self.offset_index.append_offset_and_size(offset, written.compressed_size as i32);
            }
            match stats.last_mut().filter(|last| last.page_type == page_type) {
                Some(last) => last.count += 1,
                None => {
                    stats.push(PageEncodingStats { page_type, encoding, count: 1 });
                    encodings.push(encoding);
                }
            }
        }
        writer.close()?;
        let bytes = sink.into_inner()?;
        let signed = self.descriptor.sort_order().is_signed();
        let metadata = ColumnChunkMetaData::builder(self.descriptor)
            .set_compression(self.compression)
            .set_encodings(encodings)
            .set_page_encoding_stats(stats)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(uncompressed)
            .set_num_values(self.rows as i64)
            .set_data_page_offset(data_offset.unwrap_or(bytes.len() as i64))
            .set_dictionary_page_offset(has_dictionary.then_some(0))
            .set_statistics(B::statistics(self.bounds, self.nulls as u64, signed))
            .set_unencoded_byte_array_data_bytes(self.text_bytes)
            .set_definition_level_histogram(histogram(self.rows, self.nulls))
            .build()?;
        self.column_index.set_boundary_order(self.order.order());
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: Some(self.column_index.build()?),
            offset_index: Some(self.offset_index.build()),
        };
        Ok(Chunk { bytes: bytes.into(), close })
    }

    fn dictionary_page(&mut self, Dictionary { mut bytes, count }: Dictionary) -> Result<CompressedPage> {
        let length = bytes.len();
        let page = Page::DictionaryPage {
            buf: self.compress(&mut bytes)?,
            num_values: count as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        Ok(CompressedPage::new(page, length))
    }
}

/// How many rows have no value, and how many have one.
fn histogram(rows: usize, nulls: usize) -> Option<LevelHistogram> {
    let mut histogram = LevelHistogram::try_new(1)?;
    histogram.increment_by(0, nulls as i64);
    histogram.increment_by(1, (rows - nulls) as i64);
    Some(histogram)
}

/// Whether the bounds of pages only rise or only fall, as far as one knows.
struct PageOrder<B> {
    ascending: bool,
    descending: bool,
    last: Option<Bounds<B>>,
}

impl<B: Bound> PageOrder<B> {
    fn add(&mut self, bounds: Bounds<B>) {
        if let Some(last) = self.last {
            let above =
                |a: Bounds<B>, b: Bounds<B>| a.least.is_above(b.least) || a.greatest.is_above(b.greatest);
            self.ascending &= !above(last, bounds);
            self.descending &= !above(bounds, last);
        }
        self.last = Some(bounds);
    }

    const fn order(&self) -> BoundaryOrder {
        match (self.ascending, self.descending) {
            (true, _) => BoundaryOrder::ASCENDING,
            (false, true) => BoundaryOrder::DESCENDING,
            (false, false) => BoundaryOrder::UNORDERED,
        }
    }
}
