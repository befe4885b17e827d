//! The manifest of a report, read again: what the report was made of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::flat::flat;
use crate::calendar::Instant;
use crate::ingest::sha256_of;
use crate::measure::Period;
use crate::measure::schema::SCHEMA_VERSION;
use crate::sha256;

/// A folder that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The operating system does not let it be read.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// It is none.
    #[error("{folder} is no report of punctual: {why}")]
    NotAReport {
        /// The folder.
        folder: String,
        /// What it lacks.
        why: String,
    },
    /// A file is another than the one the manifest names.
    #[error("{path} is not the file that its manifest names: its SHA-256 is {found}, and not {named}")]
    Changed {
        /// The file.
        path: String,
        /// Its SHA-256.
        found: String,
        /// The one that the manifest names.
        named: String,
    },
    /// Its columns are of a version that this program does not read.
    #[error("{path}: its columns are of version {found}; this punctual compares version {SCHEMA_VERSION}")]
    Version {
        /// The file.
        path: String,
        /// The version of its columns.
        found: String,
    },
    /// It cannot be read as what it should be.
    #[error("{path}: {message}")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// One of the two withholds names and the other does not.
    #[error(
        "one of the reports holds pseudonyms, or is a customer's review, and the other does not: their tickets cannot be matched"
    )]
    Mixed,
}

/// A text that a manifest holds, or what it tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// The text itself.
    Text(String),
    /// Its SHA-256.
    Hash(String),
    /// Nothing: it was withheld.
    Nothing,
}

impl Held {
    /// What an object of the manifest holds.
    fn of(object: &Value) -> Held {
        match (object["text"].as_str(), object["sha256"].as_str()) {
            (Some(text), _) => Held::Text(text.to_owned()),
            (None, Some(hash)) => Held::Hash(hash.to_owned()),
            (None, None) => Held::Nothing,
        }
    }

    /// Whether it says the same as another; `None` where nobody can tell.
    pub(super) fn says_the_same(&self, other: &Held) -> Option<bool> {
        match (self, other) {
            (Held::Nothing, _) | (_, Held::Nothing) => None,
            (Held::Text(one), Held::Text(other)) => {
                Some(one == other || flat(one).zip(flat(other)).is_some_and(|(one, other)| one == other))
            }
            (one, other) => Some(one.hash() == other.hash()),
        }
    }

    /// The SHA-256 of the text.
    pub(super) fn hash(&self) -> Option<String> {
        match self {
            Held::Text(text) => Some(sha256::of(text.as_bytes())),
            Held::Hash(hash) => Some(hash.clone()),
            Held::Nothing => None,
        }
    }
}

/// A policy, as a manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeldPolicy {
    /// `name@effective-from`.
    pub(super) id: String,
    pub(super) text: Held,
    /// Its holiday files: their names, where these are told, and texts.
    pub(super) holidays: Vec<(String, Held)>,
}

impl HeldPolicy {
    /// The date from which it holds.
    pub(super) fn effective_from(&self) -> Option<NaiveDate> {
        self.id.rsplit_once('@')?.1.parse().ok()
    }
}

/// A file of the inputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeldInput {
    pub(super) table: String,
    pub(super) file: String,
    pub(super) sha256: String,
}

/// What the manifest of a report says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Manifest {
    pub(super) punctual: String,
    pub(super) schema: String,
    pub(super) tz_database: String,
    pub(super) settings: Map<String, Value>,
    pub(super) period: Period,
    pub(super) as_of: Instant,
    pub(super) period_closed: bool,
    pub(super) policies: Vec<HeldPolicy>,
    pub(super) queries: Vec<(String, Held)>,
    pub(super) profile: (String, Held),
    pub(super) inputs: Vec<HeldInput>,
    pub(super) updates_known: bool,
    pub(super) discreet: bool,
    /// The SHA-256 of all that it says but of its run.
    pub(super) sha256: String,
    /// The files of the report and their SHA-256.
    pub(super) outputs: Vec<(String, String)>,
}

impl Manifest {
    /// Reads that of a folder.
    pub(super) fn read(folder: &Path) -> Result<Manifest, FolderError> {
        let not_a_report =
            |why: &str| FolderError::NotAReport { folder: folder.display().to_string(), why: why.to_owned() };
        if !folder.is_dir() {
            return Err(not_a_report("there is no such folder"));
        }
        let path = folder.join("manifest.json");
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => not_a_report("it holds no manifest.json"),
            _ => FolderError::Io { path: path.display().to_string(), error },
        })?;
        let manifest: Value = serde_json::from_slice(&bytes).map_err(|error| FolderError::Broken {
            path: path.display().to_string(),
            message: error.to_string(),
        })?;
        if !manifest["versions"]["punctual"].is_string() {
            return Err(not_a_report("its manifest.json does not say which punctual wrote it"));
        }
        if manifest["comparison"].is_object() {
            return Err(not_a_report("it is a comparison of two"));
        }
        Manifest::of(&manifest).ok_or_else(|| not_a_report("its manifest.json lacks what it was made of"))
    }

    fn of(manifest: &Value) -> Option<Manifest> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |key: &str| manifest[key].as_array();
        let named = |object: &Value, key: &str| {
            (object[key].as_str().unwrap_or_default().to_owned(), Held::of(object))
        };
        let policy = |policy: &Value| {
            let holidays = policy["holidays"].as_array()?.iter().map(|file| named(file, "file")).collect();
            Some(HeldPolicy { id: text(&policy["id"])?, text: Held::of(policy), holidays })
        };
        let input = |input: &Value| {
            let file = input["file"].as_str().unwrap_or_default().to_owned();
            Some(HeldInput { table: text(&input["table"])?, file, sha256: text(&input["sha256"])? })
        };
        let output = |output: &Value| Some((text(&output["path"])?, text(&output["sha256"])?));
        let as_of = chrono::DateTime::parse_from_rfc3339(manifest["as_of"].as_str()?).ok()?;
        let mut lasting = manifest.clone();
        lasting.as_object_mut()?.remove("run");
        Some(Manifest {
            sha256: sha256::of(lasting.to_string().as_bytes()),
            punctual: text(&manifest["versions"]["punctual"])?,
            schema: text(&manifest["versions"]["schema"])?,
            tz_database: text(&manifest["versions"]["tz_database"])?,
            settings: manifest["settings"].as_object()?.clone(),
            period: Period::of_name(manifest["period"].as_str()?).ok()?,
            as_of: Instant::from_micros(as_of.timestamp_micros()).ok()?,
            period_closed: manifest["period_closed"].as_bool()?,
            policies: list("policies")?.iter().map(policy).collect::<Option<_>>()?,
            queries: list("queries")?.iter().map(|query| named(query, "name")).collect(),
            profile: named(&manifest["profile"], "name"),
            inputs: list("inputs")?.iter().map(input).collect::<Option<_>>()?,
            updates_known: manifest["updates_known"].as_bool()?,
            discreet: manifest["discreet"].as_bool().unwrap_or(false),
            outputs: list("outputs")?.iter().map(output).collect::<Option<_>>()?,
        })
    }

    /// A file of the folder, if it is the one that the manifest names.
    pub(super) fn verified(&self, folder: &Path, name: &str) -> Result<PathBuf, FolderError> {
        let path = folder.join(name);
        let shown = path.display().to_string();
        let named = self.outputs.iter().find(|(path, _)| path == name).map(|(_, hash)| hash);
        let named = named.ok_or_else(|| FolderError::NotAReport {
            folder: folder.display().to_string(),
            why: format!("its manifest.json names no {name}"),
        })?;
        let found =
            sha256_of(&path).map_err(|error| FolderError::Io { path: path.display().to_string(), error })?;
        match found == *named {
            true => Ok(path),
            false => Err(FolderError::Changed { path: shown, found, named: named.clone() }),
        }
    }
}
