//! A folder that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::charts::{Chart, ChartError};
use super::sync::Syncing;
use super::xlsx;
use crate::measure::ExplainError;
use crate::sha256::hexadecimal;
use crate::spill::SpillError;
use crate::staging::{self, Staged, parent_of};

/// A report folder that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The operating system does not let it.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// Something else is there.
    #[error("{0} is there already and is no report of punctual: name another folder with --out")]
    NotAReport(String),
    /// A breach cannot be explained as it was measured.
    #[error(transparent)]
    Explain(#[from] ExplainError),
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Output {
    /// Its path within the folder, with `/`.
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

/// A file being written, hashed on its way.
pub(super) struct OutputFile {
    file: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl Write for OutputFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.file.write(buffer)?;
        self.sha256.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A folder in the making, beside the place that it will take.
#[derive(Debug)]
pub struct Publication {
    target: PathBuf,
    // Before the folder, which is removed with all that is in it where it is not published.
    syncing: Syncing,
    staged: Staged,
    outputs: Mutex<Vec<Output>>,
}

impl Publication {
    /// Starts the folder that will stand at `target`.
    ///
    /// # Errors
    /// [`PublishError`] where something that is no report stands there, or where its parent
    /// cannot be written to.
    pub fn begin(target: &Path) -> Result<Publication, PublishError> {
        let target = followed(target);
        let not_a_report = || PublishError::NotAReport(target.display().to_string());
        target.file_name().ok_or_else(not_a_report)?;
        let parent = parent_of(&target);
        // The report of before may have been put aside by a run that was killed.
        staging::clear(parent);
        if target.symlink_metadata().is_ok() {
            if !is_report_or_empty(&target) {
                return Err(not_a_report());
            }
            // Found out now, and not when it is to give way.
            #[cfg(unix)]
            rustix::fs::access(&target, rustix::fs::Access::WRITE_OK)
                .map_err(|error| failed(&target, error.into()))?;
        }
        fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        let staged = Staged::folder(&target).map_err(|error| failed(parent, error))?;
        Ok(Publication { target, syncing: Syncing::begin(), staged, outputs: Mutex::default() })
    }

    /// Where the folder stands until it is published.
    pub(super) fn path(&self) -> PathBuf {
        self.staged.path()
    }

    /// Writes one file of the folder.
    pub(super) fn write<E: Into<WriteError>>(
        &self,
        path: &str,
        write: impl FnOnce(&mut OutputFile) -> Result<(), E>,
    ) -> Result<(), PublishError> {
        let shown = self.target.join(path);
        let output = self.create(path).map_err(WriteError::Io).and_then(|mut file| {
            write(&mut file).map_err(Into::into)?;
            let OutputFile { file, sha256, bytes } = file;
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let sha256 = hexadecimal(&sha256.finalize());
            Ok((file, Output { path: path.to_owned(), sha256, bytes }))
        });
        let (file, output) = output.map_err(|error| match error {
            WriteError::Io(error) => failed(&shown, error),
            WriteError::Explain(error) => PublishError::Explain(error),
        })?;
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner).push(output);
        self.syncing.add(shown, file).map_err(|(path, error)| failed(&path, error))
    }

    /// Writes a chart in both its forms.
    pub(super) fn write_chart(&self, chart: &Chart) -> Result<(), PublishError> {
        let name = |ending: &str| format!("charts/{}.{ending}", chart.name);
        self.write(&name("svg"), |file| file.write_all(chart.svg.as_bytes()))?;
        self.write(&name("png"), |file| -> Result<(), WriteError> { Ok(file.write_all(&chart.png()?)?) })
    }

    /// The files written so far, in the order of their paths.
    pub(super) fn outputs(&self) -> Vec<Output> {
        let mut outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        outputs.sort();
        outputs
    }

    fn create(&self, path: &str) -> io::Result<OutputFile> {
        let file = BufWriter::with_capacity(1 << 18, self.staged.create(path)?);
        Ok(OutputFile { file, sha256: Sha256::new(), bytes: 0 })
    }

    /// Puts the folder in its place, in one step where the system can; what stood there is gone.
    ///
    /// # Errors
    /// [`PublishError`] where the system does not let it; what stood there still does.
    pub fn publish(self) -> Result<PathBuf, PublishError> {
        self.syncing.finish().map_err(|(path, error)| failed(&path, error))?;
        self.staged.publish().map_err(|error| failed(&self.target, error))?;
        Ok(self.target)
    }
}

/// What can go wrong while a file is written.
pub(super) enum WriteError {
    Io(io::Error),
    Explain(ExplainError),
}

impl From<SpillError> for WriteError {
    fn from(error: SpillError) -> WriteError {
        WriteError::Io(io::Error::other(error))
    }
}

impl From<ExplainError> for WriteError {
    fn from(error: ExplainError) -> WriteError {
        WriteError::Explain(error)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> WriteError {
        WriteError::Io(error)
    }
}

impl From<::parquet::errors::ParquetError> for WriteError {
    fn from(error: ::parquet::errors::ParquetError) -> WriteError {
        use ::parquet::errors::ParquetError;
        WriteError::Io(match error {
            // What the operating system says, such as that the disk is full, without a preface.
            ParquetError::External(error) => {
                error.downcast().map_or_else(io::Error::other, |error: Box<io::Error>| *error)
            }
            error => io::Error::other(error),
        })
    }
}

impl From<ChartError> for WriteError {
    fn from(error: ChartError) -> WriteError {
        WriteError::Io(io::Error::other(error))
    }
}

impl From<xlsx::Error> for WriteError {
    fn from(error: xlsx::Error) -> WriteError {
        WriteError::Io(io::Error::other(error))
    }
}

impl From<arrow_schema::ArrowError> for WriteError {
    fn from(error: arrow_schema::ArrowError) -> WriteError {
        WriteError::Io(io::Error::other(error))
    }
}

/// Whether a folder holds nothing, or a report: a manifest that names the punctual that wrote it.
fn is_report_or_empty(folder: &Path) -> bool {
    let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    let manifest = || fs::read(folder.join("manifest.json")).ok();
    let manifest = manifest().and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    manifest.is_some_and(|manifest| manifest["versions"]["punctual"].is_string()) || is_empty()
}

/// Where a link stands, the place it leads to: that is meant, and not the link.
fn followed(target: &Path) -> PathBuf {
    let mut target = target.to_owned();
    // More links in a row the system does not follow either.
    for _ in 0..40 {
        let Ok(link) = fs::read_link(&target) else { break };
        target = parent_of(&target).join(link);
    }
    target
}

fn failed(path: &Path, error: io::Error) -> PublishError {
    PublishError::Io { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(target: &Path, text: &str) -> Result<PathBuf, PublishError> {
        let publication = Publication::begin(target)?;
        let text = format!("{{\"versions\": {{\"punctual\": \"{text}\"}}}}");
        publication.write("manifest.json", |file| file.write_all(text.as_bytes()))?;
        publication.publish()
    }

    fn entries(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_folder_appears_whole_and_takes_the_place_of_an_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a/report");
        publish(&target, "one").unwrap();
        publish(&target, "two").unwrap();
        assert!(fs::read_to_string(target.join("manifest.json")).unwrap().contains("two"));
        assert_eq!(entries(&folder.path().join("a")), ["report"]);
    }

    #[test]
    fn what_is_not_published_leaves_nothing_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("report");
        publish(&target, "one").unwrap();
        let publication = Publication::begin(&target).unwrap();
        publication.write("manifest.json", |file| file.write_all(b"half")).unwrap();
        drop(publication);
        assert!(fs::read_to_string(target.join("manifest.json")).unwrap().contains("one"));
        assert_eq!(entries(folder.path()), ["report"]);
    }

    #[test]
    fn a_folder_that_is_no_report_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letter.txt"), "dear").unwrap();
        fs::write(folder.path().join("manifest.json"), "{\"name\": \"an app\"}").unwrap();
        assert!(matches!(Publication::begin(folder.path()), Err(PublishError::NotAReport(_))));
        assert!(matches!(
            Publication::begin(&folder.path().join("letter.txt")),
            Err(PublishError::NotAReport(_))
        ));
        assert_eq!(entries(folder.path()).len(), 2);
    }

    #[test]
    #[cfg(unix)]
    fn where_a_link_stands_the_folder_it_leads_to_is_meant_even_if_it_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("far/report", folder.path().join("latest")).unwrap();
        for text in ["one", "two"] {
            publish(&folder.path().join("latest"), text).unwrap();
            let manifest = folder.path().join("far/report/manifest.json");
            assert!(fs::read_to_string(manifest).unwrap().contains(text));
        }
        assert!(folder.path().join("latest").is_symlink());
        assert_eq!(entries(&folder.path().join("far")), ["report"]);
    }
}
