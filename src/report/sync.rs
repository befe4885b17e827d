//! Files handed to the disk while others are still being written, so that no thread that has other
//! work waits for it.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

/// A file that could not be handed to the disk, and why.
pub(super) type Unsynced = (PathBuf, io::Error);

/// The files that are under way to the disk.
#[derive(Debug)]
pub(super) struct Syncing {
    /// Where files go; `None` once no more are to come, or where there is no thread.
    files: Option<Sender<(PathBuf, File)>>,
    thread: Option<JoinHandle<Result<(), Unsynced>>>,
}

impl Syncing {
    pub(super) fn begin() -> Syncing {
        let (files, to_sync) = channel::<(PathBuf, File)>();
        let sync = move || to_sync.into_iter().try_for_each(sync);
        match Builder::new().name("sync".to_owned()).spawn(sync) {
            Ok(thread) => Syncing { files: Some(files), thread: Some(thread) },
            // Then each waits for its own files.
            Err(_) => Syncing { files: None, thread: None },
        }
    }

    /// Sees to it that a file is on the disk by the time of [`Self::finish`]; where that fails at
    /// once, says why.
    pub(super) fn add(&self, path: PathBuf, file: File) -> Result<(), Unsynced> {
        match &self.files {
            // A thread that has met an error takes no more, and tells of it at the end.
            Some(files) => files.send((path, file)).or(Ok(())),
            None => sync((path, file)),
        }
    }

    /// Waits until all files are on the disk.
    pub(super) fn finish(mut self) -> Result<(), Unsynced> {
        self.files = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(synced)) => synced,
            None => Ok(()),
        }
    }
}

impl Drop for Syncing {
    /// Waits, since files that are open cannot be removed everywhere.
    fn drop(&mut self) {
        self.files = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn sync((path, file): (PathBuf, File)) -> Result<(), Unsynced> {
    file.sync_all().map_err(|error| (path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_first_file_that_cannot_be_synced_is_told_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let syncing = Syncing::begin();
        let file = |name: &str| (folder.path().join(name), File::create(folder.path().join(name)).unwrap());
        let (path, sound) = file("sound");
        syncing.add(path, sound).unwrap();
        assert!(syncing.finish().is_ok());
        // A pipe is no file on a disk.
        let syncing = Syncing::begin();
        let (_, pipe) = io::pipe().unwrap();
        syncing.add("a pipe".into(), File::from(std::os::fd::OwnedFd::from(pipe))).unwrap();
        let (path, sound) = file("sound");
        syncing.add(path, sound).unwrap();
        assert_eq!(syncing.finish().unwrap_err().0, PathBuf::from("a pipe"));
    }
}
