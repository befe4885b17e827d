//! The removal of a folder: a large file takes long to remove, so others go beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

/// How many files are removed at once, at most.
const REMOVERS: usize = 2;

/// Removes a folder with all that is in it, large files first.
///
/// # Errors
/// What the operating system says of the first thing that cannot be removed.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    files_within(folder, &mut files);
    files.sort_unstable();
    let removers = REMOVERS.min(files.len());
    let left = Mutex::new(files);
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let remove = || {
        while let Some((_, file)) = next() {
            // What cannot be removed is told of with the folder.
            let _ = fs::remove_file(file);
        }
    };
    thread::scope(|scope| {
        (1..removers).for_each(|_| drop(Builder::new().spawn_scoped(scope, remove)));
        remove();
    });
    fs::remove_dir_all(folder)
}

/// The files within a folder, each with its size. Links are none: they are removed with the folder.
fn files_within(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(about) if about.is_dir() => files_within(&entry.path(), files),
            Ok(about) if about.is_file() => files.push((about.len(), entry.path())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_is_removed_with_all_that_is_in_it_and_nothing_that_its_links_lead_to() {
        let outside = tempfile::tempdir().unwrap();
        let kept = outside.path().join("kept");
        fs::write(&kept, "kept").unwrap();
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("folder");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::create_dir(folder.join("empty")).unwrap();
        for (name, size) in [("one", 0), ("a/two", 100_000), ("a/three", 7), ("a/b/four", 50)] {
            fs::write(folder.join(name), vec![0; size]).unwrap();
        }
        std::os::unix::fs::symlink(&kept, folder.join("a/link")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.join("link")).unwrap();
        remove(&folder).unwrap();
        assert!(!folder.exists());
        assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
        assert!(remove(&folder).is_err());
    }
}
