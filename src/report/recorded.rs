//! A report folder that is there: what its manifest says it was made of, and the facts in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::manifest::{self, About};
use crate::calendar::Instant;
use crate::measure::schema::SCHEMA_VERSION;
use crate::measure::{Explanation, Period};

/// A report folder, as its manifest describes it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The folder.
    pub folder: PathBuf,
    /// What the manifest says.
    pub manifest: Manifest,
    /// The manifest itself.
    pub value: Value,
    /// Whether it is written as it was when it was made, but for what differs from run to run;
    /// `None` for one of a version that did not seal its manifests.
    pub is_sealed: Option<bool>,
}

/// The manifest of a report.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// What made it.
    pub versions: Versions,
    /// The settings, by their names.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// The period, as it is written.
    #[serde(default)]
    pub period: String,
    /// The instant as of which everything was looked at.
    #[serde(default)]
    pub as_of: String,
    /// The policies.
    #[serde(default)]
    pub policies: Vec<PolicyText>,
    /// The user's own queries.
    #[serde(default)]
    pub queries: Vec<Text>,
    /// The profile.
    #[serde(default)]
    pub profile: Text,
    /// The inputs, in the order in which they were read.
    #[serde(default)]
    pub inputs: Vec<InputFile>,
    /// The files of the folder, but for the manifest.
    pub outputs: Vec<OutputFile>,
    /// Whether texts, names and paths were withheld.
    #[serde(default)]
    pub discreet: bool,
    /// What was compared, where it is a comparison.
    #[serde(default)]
    pub comparison: Option<Value>,
    /// What differs from run to run.
    pub run: Run,
}

/// What made a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The program.
    pub punctual: String,
    /// The columns of the facts.
    pub schema: String,
    /// The time zones.
    pub tz_database: String,
}

impl Versions {
    /// What makes reports now.
    pub fn present() -> Versions {
        Versions {
            punctual: env!("CARGO_PKG_VERSION").to_owned(),
            schema: SCHEMA_VERSION.to_owned(),
            tz_database: chrono_tz::IANA_TZDB_VERSION.to_owned(),
        }
    }
}

/// A policy of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PolicyText {
    /// `name@effective-from`.
    pub id: String,
    /// Its TOML; `None` where it was withheld.
    pub text: Option<String>,
    /// Its files of holidays.
    #[serde(default)]
    pub holidays: Vec<Text>,
}

/// A text with a name; both `None` where they were withheld.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Text {
    /// Its name, or that of its file.
    #[serde(alias = "file")]
    pub name: Option<String>,
    /// The text.
    pub text: Option<String>,
}

/// An input of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InputFile {
    /// Which table it holds.
    pub table: String,
    /// By which of several parts of the profile it is read, where it is of such a part.
    #[serde(default)]
    pub part: Option<String>,
    /// Its SHA-256.
    pub sha256: String,
}

/// A file of a report folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OutputFile {
    /// Its path within the folder, with `/`.
    pub path: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// What differs from run to run.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The paths of the inputs as they were given, in their order.
    #[serde(default)]
    pub inputs: Vec<PathBuf>,
}

/// A folder that is no report, or is one no more.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// There is no manifest in it.
    #[error("{0} is no report of punctual: there is no manifest.json of one in it")]
    NotAReport(String),
    /// Its manifest is not what one is.
    #[error("{path}: this is not what a manifest says: {error}")]
    Manifest {
        /// The manifest.
        path: String,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// It does not say what it was made of.
    #[error(
        "{0} does not say what it was made of, as a review, a report of pseudonyms and a comparison do not"
    )]
    Discreet(String),
    /// A value in it cannot be read.
    #[error("{path}: {what}")]
    Value {
        /// The manifest, or a file of the folder.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl Recorded {
    /// The report in a folder, none of whose files but the manifest is read.
    ///
    /// # Errors
    /// [`RecordedError`] where there is none.
    pub fn read(folder: &Path) -> Result<Recorded, RecordedError> {
        let path = folder.join("manifest.json");
        let not_a_report = || RecordedError::NotAReport(folder.display().to_string());
        let bytes = std::fs::read(&path).map_err(|_| not_a_report())?;
        let failed = |error| RecordedError::Manifest { path: path.display().to_string(), error };
        let value: Value = serde_json::from_slice(&bytes).map_err(failed)?;
        if value["versions"]["punctual"].as_str().is_none() {
            return Err(not_a_report());
        }
        let manifest = Manifest::deserialize(&value).map_err(failed)?;
        let is_as_written =
            |seal: &str| seal == manifest::seal(&value) && bytes == manifest::written(&value).as_bytes();
        let is_sealed = value["sha256"].as_str().map(is_as_written);
        Ok(Recorded { folder: folder.to_owned(), manifest, value, is_sealed })
    }

    fn bad(&self, what: impl Into<String>) -> RecordedError {
        let path = self.folder.join("manifest.json").display().to_string();
        RecordedError::Value { path, what: what.into() }
    }

    /// A text that was not withheld.
    ///
    /// # Errors
    /// [`RecordedError::Discreet`] where it was.
    pub fn told<'t>(&self, text: &'t Option<String>) -> Result<&'t str, RecordedError> {
        text.as_deref().ok_or_else(|| RecordedError::Discreet(self.folder.display().to_string()))
    }

    /// The period of the report.
    ///
    /// # Errors
    /// [`RecordedError::Value`] where it is none.
    pub fn period(&self) -> Result<Period, RecordedError> {
        Period::of_name(&self.manifest.period).map_err(|error| self.bad(error.to_string()))
    }

    /// The instant as of which everything was looked at.
    ///
    /// # Errors
    /// [`RecordedError::Value`] where it is none.
    pub fn as_of(&self) -> Result<Instant, RecordedError> {
        let text = &self.manifest.as_of;
        let time = chrono::DateTime::parse_from_rfc3339(text).ok();
        let instant = time.and_then(|time| Instant::from_micros(time.timestamp_micros()).ok());
        instant.ok_or_else(|| self.bad(format!("\"{text}\" is no instant")))
    }

    /// A setting that is a text.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.manifest.settings.get(name).and_then(Value::as_str)
    }

    /// The paths of the inputs, in the order in which they were read.
    ///
    /// # Errors
    /// [`RecordedError`] where they were withheld, or are not as many as the inputs.
    pub fn input_paths(&self) -> Result<&[PathBuf], RecordedError> {
        let paths = &self.manifest.run.inputs;
        if self.manifest.discreet || self.manifest.comparison.is_some() {
            return Err(RecordedError::Discreet(self.folder.display().to_string()));
        }
        match paths.len() == self.manifest.inputs.len() {
            true => Ok(paths),
            false => Err(self.bad("run.inputs and inputs are not as many")),
        }
    }

    /// What a run says of itself that makes this report again, from the same texts.
    ///
    /// # Errors
    /// [`RecordedError::Discreet`] where the texts were withheld.
    pub fn about(&self, policies: Vec<crate::policy::Policy>) -> Result<About, RecordedError> {
        let pair = |text: &Text| Ok((self.told(&text.name)?.to_owned(), self.told(&text.text)?.to_owned()));
        Ok(About {
            settings: self.manifest.settings.clone(),
            policies,
            queries: self.manifest.queries.iter().map(pair).collect::<Result<_, _>>()?,
            profile: pair(&self.manifest.profile)?,
            parts: self.manifest.inputs.iter().map(|input| input.part.clone()).collect(),
            discreet: false,
        })
    }

    /// The path of a file of the folder; `None` where its name leads out of it.
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        inside.then(|| self.folder.join(path))
    }

    /// The measurements of some tickets in the report's facts, in the order of their sequence.
    ///
    /// # Errors
    /// [`RecordedError::Value`] where the facts cannot be read.
    pub fn measurements(
        &self,
        tickets: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<RecordedMeasurement>>, RecordedError> {
        let path = self.folder.join("facts/measurements.parquet");
        let failed = |what: String| RecordedError::Value { path: path.display().to_string(), what };
        let file = File::open(&path).map_err(|error| failed(error.to_string()))?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(error.to_string()))?;
        let names = ["ticket_id", "sequence", "due_at", "elapsed_us", "target_us", "outcome"];
        let mask = ProjectionMask::columns(reader.parquet_schema(), names);
        let reader = reader.with_projection(mask).build().map_err(|error| failed(error.to_string()))?;
        let mut found: BTreeMap<String, Vec<RecordedMeasurement>> = BTreeMap::new();
        for batch in reader {
            let batch = batch.map_err(|error| failed(error.to_string()))?;
            let column = |name: &str| {
                batch.column_by_name(name).ok_or_else(|| failed(format!("there is no column {name}")))
            };
            let not = |name: &str| failed(format!("the column {name} is not of its type"));
            let ids = column("ticket_id")?.as_string_opt::<i32>().ok_or_else(|| not("ticket_id"))?;
            let outcome = column("outcome")?.as_string_opt::<i32>().ok_or_else(|| not("outcome"))?;
            let sequence = column("sequence")?.as_primitive_opt::<Int32Type>();
            let sequence = sequence.ok_or_else(|| not("sequence"))?;
            let due = column("due_at")?.as_primitive_opt::<TimestampMicrosecondType>();
            let due = due.ok_or_else(|| not("due_at"))?;
            let whole = |name: &str| column(name)?.as_primitive_opt::<Int64Type>().ok_or_else(|| not(name));
            let (elapsed, target) = (whole("elapsed_us")?, whole("target_us")?);
            for (row, id) in ids.iter().enumerate() {
                let Some(id) = id.filter(|id| tickets.contains(*id)) else { continue };
                found.entry(id.to_owned()).or_default().push(RecordedMeasurement {
                    sequence: i64::from(sequence.value(row)),
                    due_us: due.value(row),
                    elapsed_us: elapsed.value(row),
                    target_us: target.value(row),
                    outcome: outcome.value(row).to_owned(),
                });
            }
        }
        Ok(found)
    }
}

/// A measurement in a report's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedMeasurement {
    sequence: i64,
    due_us: i64,
    elapsed_us: i64,
    target_us: i64,
    outcome: String,
}

impl RecordedMeasurement {
    /// What the facts hold of a ticket that is explained so.
    pub fn of(explanation: &Explanation) -> Vec<RecordedMeasurement> {
        let all = explanation.measurements.iter().map(|explained| &explained.measurement);
        all.map(|measured| RecordedMeasurement {
            sequence: i64::from(measured.sequence),
            due_us: measured.due.micros(),
            elapsed_us: measured.elapsed,
            target_us: measured.target,
            outcome: measured.outcome.name().to_owned(),
        })
        .collect()
    }
}
