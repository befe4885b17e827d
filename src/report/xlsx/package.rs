//! The package that a workbook is: its parts, zipped.
//!
//! `rust_xlsxwriter` packs what it writes on one thread. So that package is taken apart, its parts
//! are finished, and packed anew side by side.

use std::io::Write;

use libdeflater::{CompressionError, CompressionLvl, Compressor, Decompressor};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchive, ZipArchiveWriter};
use rayon::prelude::*;

use super::Error;

/// How hard parts are packed, 1 to 12: as fast as can be, as spreadsheets themselves pack what they save.
/// A middle level makes sheets smaller by a fifth, in more than twice the time.
const LEVEL: i32 = 1;
/// The date of every part, 1980-01-01, the first that there is.
const DATE: i64 = 315_532_800;
/// A part is a file of its owner, for those who unpack it.
const PERMISSIONS: u32 = 0o100_600;

/// A part to be packed.
pub(super) struct Part<'a> {
    name: String,
    size: usize,
    make: Box<dyn FnOnce() -> Result<Vec<u8>, Error> + Send + 'a>,
}

impl<'a> Part<'a> {
    /// A part of this name and about this size. It is made when it is packed, so that few parts are
    /// in memory at once.
    pub(super) fn new(
        name: String,
        size: usize,
        make: impl FnOnce() -> Result<Vec<u8>, Error> + Send + 'a,
    ) -> Part<'a> {
        Part { name, size, make: Box::new(make) }
    }
}

/// A packed part.
struct Packed {
    name: String,
    bytes: Vec<u8>,
    sum: DataDescriptorOutput,
}

/// The parts of a package, by their names, in order.
pub(super) fn take_apart(package: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let archive = ZipArchive::from_slice(package)?;
    let mut entries = archive.entries();
    let mut parts = Vec::new();
    let mut unpacker = Decompressor::new();
    while let Some(entry) = entries.next_entry()? {
        let name = entry.file_path().try_normalize()?.as_str().to_owned();
        let packed = archive.get_entry(entry.wayfinder())?.data();
        let mut bytes = vec![0; usize::try_from(entry.uncompressed_size_hint())?];
        let length = unpacker.deflate_decompress(packed, &mut bytes)?;
        bytes.truncate(length);
        parts.push((name, String::from_utf8(bytes)?));
    }
    Ok(parts)
}

/// Packs parts, which stand in the package in the order in which they are given.
pub(super) fn pack(parts: Vec<Part<'_>>) -> Result<Vec<u8>, Error> {
    let mut parts: Vec<(usize, Part<'_>)> = parts.into_iter().enumerate().collect();
    // The largest first, one by one, so that no thread has one left when all others are done.
    parts.sort_by_key(|(_, part)| std::cmp::Reverse(part.size));
    let packer = || Compressor::new(level());
    let packed = parts.into_iter().par_bridge().map_init(packer, |packer, (place, part)| {
        let bytes = (part.make)()?;
        Ok((place, deflated(packer, part.name, &bytes)?))
    });
    let mut packed = packed.collect::<Result<Vec<_>, Error>>()?;
    packed.sort_by_key(|(place, _)| *place);
    zipped(packed.into_iter().map(|(_, part)| part).collect())
}

fn level() -> CompressionLvl {
    CompressionLvl::new(LEVEL).unwrap_or_default()
}

fn deflated(packer: &mut Compressor, name: String, bytes: &[u8]) -> Result<Packed, Error> {
    // Sheets pack so well that there is hardly need for all the room that they might take.
    let mut packed = vec![0; (bytes.len() / 4).next_power_of_two()];
    let length = match packer.deflate_compress(bytes, &mut packed) {
        Err(CompressionError::InsufficientSpace) => {
            packed = vec![0; packer.deflate_compress_bound(bytes.len())];
            packer.deflate_compress(bytes, &mut packed)?
        }
        length => length?,
    };
    packed.truncate(length);
    packed.shrink_to_fit();
    let sum = DataDescriptorOutput::new(crc32fast::hash(bytes), u64::try_from(bytes.len())?);
    Ok(Packed { name, bytes: packed, sum })
}

fn zipped(parts: Vec<Packed>) -> Result<Vec<u8>, Error> {
    let length: usize = parts.iter().map(|part| part.bytes.len()).sum();
    // The names twice, and what is kept of each part.
    let heads: usize = parts.iter().map(|part| 2 * part.name.len() + 150).sum();
    let mut zip = ZipArchiveWriter::new(Vec::with_capacity(length + heads));
    for part in parts {
        let file = zip.new_file(part.name.as_str()).compression_method(CompressionMethod::DEFLATE);
        let file = file.last_modified(UtcDateTime::from_unix(DATE)).unix_permissions(PERMISSIONS);
        let (mut file, _) = file.start()?;
        file.write_all(&part.bytes)?;
        file.finish(part.sum)?;
    }
    Ok(zip.finish()?)
}
