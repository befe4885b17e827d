//! One file, read in parallel: its rows go to a collector, what is wrong with them to the ledger.

use std::collections::BTreeMap;
use std::path::Path;

use super::IngestError;
use super::fields::{Fault, Layout, Row, TableForm};
use super::ledger::{Ledger, Reject, Warning};
use super::profile::Profile;
use super::{csv, parquet};
use crate::progress::{Event, Observer};

/// Takes the rows of one table.
pub(super) trait Collector: Sync {
    /// What the rows of one part of a file come to.
    type Batch: Default + Send;

    /// How the table's fields are read.
    fn form(&self) -> &TableForm;

    /// Takes a row, or says what is wrong with it.
    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<Self::Batch>,
    ) -> Result<(), Fault>;

    /// Takes what it put off until all rows of a part are known, and says what is wrong with which
    /// line.
    fn finish(&self, part: &mut Part<Self::Batch>) -> Vec<(u64, Fault)>;
}

/// What one part of a file comes to.
#[derive(Debug, Default)]
pub(super) struct Part<B> {
    /// Its place among the parts.
    pub(super) number: usize,
    /// The accepted rows.
    pub(super) batch: B,
    pub(super) read: u64,
    pub(super) rejects: Vec<Reject>,
    pub(super) warnings: BTreeMap<Warning, u64>,
}

impl<B> Part<B> {
    /// Counts a warning.
    pub(super) fn warn(&mut self, warning: Warning) {
        *self.warnings.entry(warning).or_default() += 1;
    }
}

/// One input file and how to read it.
pub(super) struct FileReader<'a> {
    pub(super) path: &'a Path,
    /// Its place in the ledger.
    pub(super) file: u16,
    pub(super) profile: &'a Profile,
    pub(super) observer: &'a dyn Observer,
}

impl FileReader<'_> {
    /// Its name for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn io(&self, error: std::io::Error) -> IngestError {
        IngestError::Io { file: self.name(), error }
    }

    /// Reads the file; the batches come in the order of its parts.
    pub(super) fn read<C: Collector>(
        &self,
        collector: &C,
        ledger: &mut Ledger,
    ) -> Result<Vec<C::Batch>, IngestError> {
        let metadata = std::fs::metadata(self.path).map_err(|error| self.io(error))?;
        if metadata.is_dir() {
            return Err(IngestError::Folder(self.name()));
        }
        self.observer
            .event(Event::Began { stage: format!("reading {}", self.name()), units: metadata.len() });
        let is_parquet = self.path.extension().is_some_and(|ending| ending == "parquet");
        let (mut parts, digest) = match is_parquet {
            true => parquet::read(self, collector)?,
            false => csv::read(self, collector)?,
        };
        parts.sort_unstable_by_key(|part| part.number);
        let input = &mut ledger.inputs[usize::from(self.file)];
        (input.sha256, input.bytes) = digest;
        let mut batches = Vec::with_capacity(parts.len());
        for part in parts {
            ledger.inputs[usize::from(self.file)].read += part.read;
            ledger.rejects.extend(part.rejects);
            for (warning, times) in part.warnings {
                ledger.warn(self.file, warning, times);
            }
            batches.push(part.batch);
        }
        Ok(batches)
    }

    /// Hands a row to the collector, and its fault, if it has one, to the rejects.
    pub(super) fn take<C: Collector>(
        &self,
        collector: &C,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<C::Batch>,
    ) {
        part.read += 1;
        if let Err(fault) = collector.take(layout, row, line, part) {
            let column = |field| collector.form().column(layout, field);
            part.rejects.push(self.reject(line, fault, column));
        }
    }

    /// Lets the collector finish a part.
    pub(super) fn finish<C: Collector>(&self, collector: &C, layout: &Layout, part: &mut Part<C::Batch>) {
        for (line, fault) in collector.finish(part) {
            part.rejects.push(self.reject(line, fault, |field| collector.form().column(layout, field)));
        }
    }

    /// The reject of a fault.
    pub(super) fn reject(&self, line: u64, fault: Fault, column: impl Fn(usize) -> String) -> Reject {
        Reject {
            file: self.file,
            line,
            column: fault.field.map(column).unwrap_or_default(),
            value: fault.value.chars().take(80).collect(),
            reason: fault.reason,
            detail: fault.detail,
        }
    }
}
