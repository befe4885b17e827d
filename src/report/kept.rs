//! Reports that were made before, kept in the cache: where nothing that a report depends on has
//! changed, it is not made again.
//!
//! A kept report is found by a key over all that it was made of: the build of the program, the
//! settings, the policies, the profile, the queries and the SHA-256 of every input. It is never
//! trusted: each file is hashed while it is copied, and one that is not what its manifest says
//! sends the run the long way.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RunRecord;
use super::manifest;
use super::publish::{Publication, PublishError, WriteError};
use crate::staging::Staged;
use crate::{private, sha256};

/// How many reports are kept; the ones used longest ago go first.
const MOST: usize = 8;

/// The file beside a kept report's own that says what stands in it.
const RECORD: &str = "kept.json";

/// The cache of whole reports, and the key of one of them.
#[derive(Debug, Clone)]
pub struct KeptReports {
    folder: PathBuf,
    key: String,
}

/// What is known of a kept report besides its files.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The SHA-256 of the manifest.
    manifest: String,
    /// What the run said of the report.
    told: String,
    /// The SHA-256 of `told`.
    told_sha256: String,
}

/// Whether a kept report was published again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Republished {
    /// It was; and this is what the run said of it then.
    Told(String),
    /// There is none.
    None,
    /// It is not what it was when it was kept.
    Damaged,
}

impl KeptReports {
    /// The reports kept in a cache, and the key of the one that comes of all this.
    pub fn new(cache: &Path, made_of: &str) -> KeptReports {
        let key = sha256::of(format!("{}\n{made_of}", crate::BUILD).as_bytes());
        KeptReports { folder: KeptReports::folder(cache), key: key[..32].to_owned() }
    }

    /// The folder in a cache that they are kept in.
    pub fn folder(cache: &Path) -> PathBuf {
        cache.join("reports")
    }

    fn place(&self) -> PathBuf {
        self.folder.join(&self.key)
    }

    /// Writes the kept report into a publication, as a run of its own.
    ///
    /// # Errors
    /// [`PublishError`] where the publication cannot be written.
    pub fn republish(&self, run: &RunRecord, publication: &Publication) -> Result<Republished, PublishError> {
        let place = self.place();
        if !place.is_dir() {
            return Ok(Republished::None);
        }
        let Some((record, manifest)) = self.open() else { return Ok(Republished::Damaged) };
        let outputs: Vec<(&str, &str)> = manifest["outputs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|output| Some((output["path"].as_str()?, output["sha256"].as_str()?)))
            .collect();
        for (path, _) in &outputs {
            let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            let (true, Ok(mut file)) = (inside, File::open(place.join(path))) else {
                return Ok(Republished::Damaged);
            };
            publication.write(path, |to| -> Result<(), WriteError> {
                io::copy(&mut file, to)?;
                Ok(())
            })?;
        }
        let written = publication.outputs();
        let mut expected = outputs;
        expected.sort_unstable();
        let same = written.iter().map(|output| (output.path.as_str(), output.sha256.as_str())).eq(expected);
        if !same {
            return Ok(Republished::Damaged);
        }
        let text = manifest::of_another_run(manifest, run);
        publication.write("manifest.json", |file| file.write_all(text.as_bytes()))?;
        // As young as its copy, it is the one used last; where that fails, it will only go sooner.
        let _ = fs::metadata(publication.path().join("manifest.json"))
            .and_then(|copy| copy.modified())
            .and_then(|now| File::options().write(true).open(place.join(RECORD))?.set_modified(now));
        Ok(Republished::Told(record.told))
    }

    /// The record and the manifest, if they are what they were.
    fn open(&self) -> Option<(Record, Value)> {
        let record: Record = serde_json::from_slice(&fs::read(self.place().join(RECORD)).ok()?).ok()?;
        let manifest = fs::read(self.place().join("manifest.json")).ok()?;
        let sound = sha256::of(&manifest) == record.manifest
            && sha256::of(record.told.as_bytes()) == record.told_sha256;
        let manifest = serde_json::from_slice(&manifest).ok()?;
        sound.then_some((record, manifest))
    }

    /// Keeps a report that is about to be published, with what the run says of it. Once it is
    /// published, another run may already have put its own in that place.
    ///
    /// # Errors
    /// What the operating system says; the report itself is not touched.
    pub fn keep(&self, publication: &Publication, told: &str) -> io::Result<()> {
        private::folders(&self.folder)?;
        let staged = Staged::folder(&self.place())?;
        let mut record = Record {
            manifest: String::new(),
            told: told.to_owned(),
            told_sha256: sha256::of(told.as_bytes()),
        };
        for output in publication.outputs() {
            let mut file = File::open(publication.path().join(&output.path))?;
            io::copy(&mut file, &mut staged.create(&output.path)?)?;
            if output.path == "manifest.json" {
                record.manifest = output.sha256;
            }
        }
        staged.create(RECORD)?.write_all(&serde_json::to_vec_pretty(&record)?)?;
        staged.place()?;
        self.forget_the_oldest();
        Ok(())
    }

    /// Removes the reports that were used longest ago, but for a few; those that cannot be removed
    /// stay.
    fn forget_the_oldest(&self) {
        let used =
            |folder: &Path| fs::metadata(folder.join(RECORD)).and_then(|metadata| metadata.modified()).ok();
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut kept: Vec<_> = entries.filter_map(|folder| Some((used(&folder)?, folder))).collect();
        kept.sort();
        for (_, folder) in kept.iter().rev().skip(MOST) {
            let _ = Staged::remove(folder);
        }
    }
}
