//! A report made before, found again with its inputs: what `explain` and `verify` have in common.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::ingest::sha256_of;
use crate::report::recorded::{Recorded, RecordedError};

/// How an input stands beside what was read then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its bytes are the same.
    Same,
    /// They are others.
    Changed,
    /// It cannot be read, and what the system says of it.
    Missing(String),
}

/// The inputs of a report, each with how it stands. `at` is the folder they lie in now, if it is
/// not where they were.
pub(super) fn inputs(
    recorded: &Recorded,
    at: Option<&Path>,
) -> Result<Vec<(PathBuf, Standing)>, RecordedError> {
    let paths = recorded.input_paths()?.iter().zip(&recorded.manifest.inputs);
    Ok(paths
        .map(|(path, input)| {
            let path = match (at, path.file_name()) {
                (Some(at), Some(name)) => at.join(name),
                _ => path.clone(),
            };
            let standing = match sha256_of(&path) {
                Ok(sha256) if sha256 == input.sha256 => Standing::Same,
                Ok(_) => Standing::Changed,
                Err(error) => Standing::Missing(error.to_string()),
            };
            (path, standing)
        })
        .collect())
}

/// The paths of inputs that are all as they were.
pub(super) fn same(recorded: &Recorded, at: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for (path, standing) in inputs(recorded, at)? {
        let shown = path.display();
        match standing {
            Standing::Same => paths.push(path),
            Standing::Changed => {
                return Err(Failure::run(format!(
                    "{shown} is not the file that the report was made of: its SHA-256 is another"
                ))
                .hint("give the folder of the exports in place of the report, or the file as it was then"));
            }
            Standing::Missing(error) => {
                return Err(Failure::run(format!("{shown}, of which the report was made: {error}")).hint(
                    "run this where the report was made, or say where its inputs lie now with --inputs DIR",
                ));
            }
        }
    }
    Ok(paths)
}
