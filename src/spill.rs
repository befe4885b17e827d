//! A limit of memory, and the file to which what would go beyond it is written.
//!
//! Whoever keeps much tells how much; once that is more than the limit, it hands over pieces that
//! it can do without for a while, and asks for them again. Below the limit no file is made. The
//! file has no name, so that nothing remains of it however the run ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::staging::Staged;

/// The file cannot be written or read again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what memory had no room for cannot be kept in a file in {folder}: {message}")]
pub struct SpillError {
    /// The folder of the file.
    pub folder: String,
    /// What the operating system says.
    pub message: String,
}

/// Memory up to a limit, and a file for the rest.
#[derive(Debug)]
pub struct Spill {
    /// The folder of the file.
    folder: PathBuf,
    /// Bytes that may be kept in memory.
    limit: u64,
    kept: AtomicU64,
    written: AtomicU64,
    file: Mutex<Option<File>>,
}

/// Where a piece stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    start: u64,
    length: usize,
}

impl Spill {
    /// Keeps up to `limit` bytes in memory, and the rest in a file in `folder`.
    pub fn new(folder: PathBuf, limit: u64) -> Spill {
        let (kept, written) = (AtomicU64::new(0), AtomicU64::new(0));
        Spill { folder, limit, kept, written, file: Mutex::new(None) }
    }

    /// Bytes that may be kept in memory.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes that were written to the file.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Whether so many bytes more may be kept in memory; if so, they are counted.
    pub fn may_keep(&self, bytes: u64) -> bool {
        let fits = |kept: u64| kept.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Counts bytes that are kept in memory in any case, and says whether there is room for them.
    pub fn must_keep(&self, bytes: u64) -> bool {
        self.kept.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= self.limit
    }

    /// So many bytes are kept no longer.
    pub fn let_go(&self, bytes: u64) {
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Writes a piece to the file.
    ///
    /// # Errors
    /// [`SpillError`], such as where the disk is full.
    pub fn write(&self, bytes: &[u8]) -> Result<Piece, SpillError> {
        self.try_write(bytes).map_err(|error| self.error(&error))
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<Piece> {
        // The file is only ever added to: whoever panicked left what is there as it was.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(Staged::nameless(&self.folder)?),
        };
        let start = file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)?;
        self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(Piece { start, length: bytes.len() })
    }

    /// Reads a piece again.
    ///
    /// # Errors
    /// [`SpillError`] where the operating system does not give it back.
    pub fn read(&self, piece: Piece) -> Result<Vec<u8>, SpillError> {
        self.try_read(piece).map_err(|error| self.error(&error))
    }

    /// The error where a piece is read that is not what was written.
    pub fn changed(&self) -> SpillError {
        self.error(&io::Error::new(io::ErrorKind::InvalidData, "it holds something else than was written"))
    }

    fn error(&self, error: &io::Error) -> SpillError {
        SpillError { folder: self.folder.display().to_string(), message: error.to_string() }
    }

    fn try_read(&self, piece: Piece) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(piece.start))?;
        let mut bytes = vec![0; piece.length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_as_they_were_and_below_the_limit_no_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill::new(folder.path().to_owned(), 100);
        assert!(spill.may_keep(60) && spill.may_keep(40));
        assert_eq!(spill.written(), 0);
        assert!(!spill.may_keep(1));
        assert!(spill.read(Piece { start: 0, length: 1 }).is_err());
        let first = spill.write(b"first").unwrap();
        let second = spill.write(b"second").unwrap();
        assert_eq!(spill.read(second).unwrap(), b"second");
        assert_eq!(spill.read(first).unwrap(), b"first");
        assert_eq!(spill.written(), 11);
        assert!(!spill.must_keep(1));
        spill.let_go(41);
        assert!(spill.may_keep(40) && !spill.may_keep(u64::MAX));
        // The file has no name in the folder.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let spill = Spill::new(PathBuf::from("/no/such/folder"), 0);
        assert!(spill.write(b"x").is_err());
    }
}
