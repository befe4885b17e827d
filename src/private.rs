//! Folders and files that only their owner can look into: what customers send is confidential, and
//! so is all that is made of it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new folder.
///
/// # Errors
/// What the operating system says, such as that it is there already.
pub fn folder(path: &Path) -> io::Result<()> {
    builder().create(path)
}

/// Makes a folder and those that it stands in, as far as they are not there.
///
/// # Errors
/// What the operating system says.
#[cfg(feature = "ingest")]
pub fn folders(path: &Path) -> io::Result<()> {
    builder().recursive(true).create(path)
}

fn builder() -> DirBuilder {
    #[allow(unused_mut, reason = "elsewhere than on Unix nothing more can be said")]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes a file, or empties the one that is there.
///
/// # Errors
/// What the operating system says.
pub fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
