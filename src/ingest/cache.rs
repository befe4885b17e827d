//! What was read of files in earlier runs, kept in a folder, so that it need not be parsed again.
//!
//! An entry is found by the SHA-256 of the file, by the profile and by the table that it is read
//! as. It holds the cells that the profile reads, and everything is made of them anew; so a run by
//! the cache comes to the same as one without. Each piece of an entry has a checksum. All of them
//! are verified before the first row is taken, and an entry that is damaged, cut short or of
//! another version is passed over, said to be so, and made anew from the file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::block::digest;
use super::cells::{CellKeeper, Cells};
use super::files::{Inputs, Table};
use super::profile::Profile;
use crate::private;
use crate::progress::{Event, Observer};
use crate::sha256::hexadecimal;
use crate::staging::{Staged, parent_of};

/// How an entry begins; its last two digits are the version of the form.
const MAGIC: &[u8; 16] = b"punctual cells 1";

/// How it ends.
const END: &[u8; 8] = b"complete";

/// A piece of an entry that is longer is believed to be damaged.
const LONGEST_PIECE: u64 = 4 << 30;

/// Whether an entry can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// There is none.
    Missing,
    /// It is of another version of the program.
    OtherVersion,
    /// It does not hold what was written.
    Damaged,
}

/// What became of the cache where it was of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheNote {
    /// An entry is of another version.
    #[error("the cache of {0} is of another version of punctual: the file was read again")]
    OtherVersion(String),
    /// An entry is damaged.
    #[error("the cache of {0} is damaged: the file was read again")]
    Damaged(String),
    /// An entry could not be written.
    #[error("the cache of {file} could not be written ({error}): the next run will read the file again")]
    NotWritten {
        /// The file that was read.
        file: String,
        /// What the operating system says.
        error: String,
    },
}

/// Where the entry of a file stands.
pub(super) fn place(folder: &Path, (table, part): (Table, &str), sha256: &str, profile: &Profile) -> PathBuf {
    let mut key = Sha256::new();
    for text in [table.name(), part, sha256, &profile.name, &profile.text] {
        key.update((text.len() as u64).to_le_bytes());
        key.update(text.as_bytes());
    }
    folder.join(format!("{}-{}.cells", table.name(), &hexadecimal(&key.finalize())[..32]))
}

/// What an entry is called, which it says itself too: one that stands in the place of another is
/// not taken for it.
fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// What the head of an entry says: which program wrote it, its name, and the file's header.
fn head(path: &Path, header: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let name = name_of(path);
    for text in [crate::BUILD, &name].into_iter().chain(header.iter().map(String::as_str)) {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The program's version, the entry's name and the file's header.
fn read_head(mut bytes: &[u8]) -> Option<(String, String, Vec<String>)> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
        let (text, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        texts.push(std::str::from_utf8(text).ok()?.to_owned());
        bytes = rest;
    }
    let mut texts = texts.into_iter();
    Some((texts.next().filter(|_| bytes.is_empty())?, texts.next()?, texts.collect()))
}

/// An entry that is sound.
#[derive(Debug)]
pub(super) struct Entry {
    path: PathBuf,
    /// The file's header.
    pub(super) header: Vec<String>,
    /// Where each part's cells stand in the entry, and how long they are.
    parts: Vec<(u64, u64)>,
}

impl Entry {
    /// Opens an entry and verifies all of it.
    pub(super) fn open(path: PathBuf) -> Result<Entry, Flaw> {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Flaw::Missing),
            Err(_) => return Err(Flaw::Damaged),
        };
        let damaged = |_| Flaw::Damaged;
        let mut file = BufReader::with_capacity(1 << 18, file);
        let mut magic = [0; 16];
        file.read_exact(&mut magic).map_err(damaged)?;
        if magic != *MAGIC {
            let ours = magic.starts_with(b"punctual cells");
            return Err(if ours { Flaw::OtherVersion } else { Flaw::Damaged });
        }
        let (mut at, mut pieces, mut piece) = (magic.len() as u64, Vec::new(), Vec::new());
        let mut header = None;
        loop {
            let length = read_piece(&mut file, &mut piece).map_err(damaged)?;
            at += PREFIX;
            if header.is_none() {
                let (version, name, names) = read_head(&piece).ok_or(Flaw::Damaged)?;
                if version != crate::BUILD {
                    return Err(Flaw::OtherVersion);
                }
                if name != name_of(&path) {
                    return Err(Flaw::Damaged);
                }
                header = Some(names);
            } else if piece == END {
                break;
            } else {
                pieces.push((at, length));
            }
            at += length;
        }
        let ended = file.read(&mut [0]).map_err(damaged)? == 0;
        let header = header.filter(|_| ended).ok_or(Flaw::Damaged)?;
        Ok(Entry { path, header, parts: pieces })
    }

    /// Takes the cells of each part, in parallel.
    pub(super) fn parts<T: Send>(
        &self,
        take: impl Fn(&Cells) -> T + Sync,
        columns: usize,
    ) -> io::Result<Vec<T>> {
        let read = |(at, length): &(u64, u64)| {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(*at))?;
            let mut bytes = vec![0; usize::try_from(*length).unwrap_or(usize::MAX)];
            file.read_exact(&mut bytes)?;
            let cells = Cells::read(&bytes, columns);
            drop(bytes);
            let damaged =
                || io::Error::new(io::ErrorKind::InvalidData, "the cache holds something else: delete it");
            Ok(take(&cells.ok_or_else(damaged)?))
        };
        self.parts.par_iter().map(read).collect()
    }
}

/// Bytes before each piece: its length and its checksum.
const PREFIX: u64 = 12;

fn write_piece(file: &mut impl Write, piece: &[u8]) -> io::Result<()> {
    file.write_all(&(piece.len() as u64).to_le_bytes())?;
    file.write_all(&crc32fast::hash(piece).to_le_bytes())?;
    file.write_all(piece)
}

/// Reads the next piece and gives its length.
fn read_piece(file: &mut impl Read, piece: &mut Vec<u8>) -> io::Result<u64> {
    let (mut length, mut sum) = ([0; 8], [0; 4]);
    file.read_exact(&mut length)?;
    file.read_exact(&mut sum)?;
    let length = u64::from_le_bytes(length);
    piece.clear();
    if length > LONGEST_PIECE || file.take(length).read_to_end(piece)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    match crc32fast::hash(piece) == u32::from_le_bytes(sum) {
        true => Ok(length),
        false => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The SHA-256 and size of the input files. One that cannot be read has none, and says so when it
/// is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests(BTreeMap<PathBuf, (String, u64)>);

impl Digests {
    /// The SHA-256 of a file, in hexadecimal, and its size.
    pub fn of(&self, path: &Path) -> Option<&(String, u64)> {
        self.0.get(path)
    }
}

impl Inputs {
    /// The SHA-256 and size of each file, several at a time.
    pub fn digests(&self, observer: &dyn Observer) -> Digests {
        let files: Vec<&PathBuf> = self.paths().collect();
        let size = |path: &&PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let bytes = files.iter().map(size).sum();
        observer.event(Event::Began { stage: "looking up the cache".to_owned(), units: bytes });
        let digest = |path: &PathBuf| {
            let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
            let seen = |bytes| observer.event(Event::Advanced(bytes));
            let digest = is_file.then(|| digest(path, seen).ok()).flatten()?;
            Some((path.to_owned(), digest))
        };
        Digests(files.par_iter().filter_map(|path| digest(path)).collect())
    }
}

/// The SHA-256 of a file, in hexadecimal, read piece by piece.
///
/// # Errors
/// What the operating system says.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.is_file() {
        true => Ok(digest(path, |_| ())?.0),
        false => Err(io::Error::other("this is no file")),
    }
}

/// The cache of a run.
#[derive(Debug, Clone, Copy)]
pub struct Cache<'a> {
    /// The folder that entries are kept in.
    pub folder: &'a Path,
    /// The inputs' SHA-256, by which entries are found.
    pub digests: &'a Digests,
}

/// What is kept of a file that is read: nothing, or an entry that begins with its header.
#[derive(Debug, Default)]
pub(super) struct Keep {
    place: Option<PathBuf>,
    writer: OnceLock<EntryWriter>,
}

impl Keep {
    /// Keeps what is read as the entry of this place, if there is one.
    pub(super) fn at(place: Option<PathBuf>) -> Keep {
        Keep { place, writer: OnceLock::new() }
    }

    /// Begins with the file's header.
    pub(super) fn begin(&self, header: &[String]) {
        if let Some(place) = &self.place {
            self.writer.get_or_init(|| EntryWriter::begin(place, header));
        }
    }

    /// The keeper of a part's cells.
    pub(super) fn part(&self, number: usize) -> Option<CellKeeper> {
        self.writer.get().map(|_| CellKeeper::of_part(number))
    }

    /// Adds a part.
    pub(super) fn add(&self, cells: &CellKeeper) {
        if let Some(writer) = self.writer.get() {
            writer.add(cells);
        }
    }

    /// Completes the entry, unless what was read was not all of what it is to hold.
    pub(super) fn finish(self, whole: bool) -> io::Result<()> {
        match (self.writer.into_inner(), whole) {
            (Some(writer), true) => writer.finish(),
            _ => Ok(()),
        }
    }
}

/// Writes an entry while its file is read; it takes its place when it is complete. Dropped before,
/// nothing is left of it.
#[derive(Debug)]
pub(super) struct EntryWriter {
    /// The entry and its file, or why it could not be written; the run goes on without.
    entry: Mutex<io::Result<(Staged, BufWriter<File>)>>,
}

impl EntryWriter {
    pub(super) fn begin(path: &Path, header: &[String]) -> EntryWriter {
        let entry = (|| {
            private::folders(parent_of(path))?;
            let (staged, file) = Staged::file(path)?;
            let mut file = BufWriter::with_capacity(1 << 18, file);
            file.write_all(MAGIC)?;
            write_piece(&mut file, &head(path, header))?;
            Ok((staged, file))
        })();
        EntryWriter { entry: Mutex::new(entry) }
    }

    /// Adds a part; from several threads, in any order.
    pub(super) fn add(&self, cells: &CellKeeper) {
        let bytes = cells.write();
        let mut entry = self.entry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok((_, file)) = &mut *entry
            && let Err(error) = write_piece(file, &bytes)
        {
            *entry = Err(error);
        }
    }

    /// Gives the entry its place, now that the whole file was read.
    pub(super) fn finish(self) -> io::Result<()> {
        let (staged, mut file) = self.entry.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        write_piece(&mut file, END)?;
        file.flush()?;
        staged.place()
    }
}
