//! One file, read in parallel: its rows go to a collector, what is wrong with them to the ledger.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::IngestError;
use super::cache::{self, CacheNote, Entry, Keep};
use super::cells::{CellKeeper, Cells};
use super::csv::Parts;
use super::fields::{Fault, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, REMEMBERED, Reason, Reject, Warning, remember};
use super::profile::Profile;
use super::{csv, parquet};
use crate::progress::{Event, Observer};

/// Takes the rows of one table.
pub(super) trait Collector: Sync {
    /// What the rows of one part of a file come to.
    type Batch: Default + Send;

    /// How the table's fields are read.
    fn form(&self) -> &TableForm;

    /// Finds the fields in a file's header.
    fn layout(&self, file: &str, header: &[String]) -> Result<Layout, IngestError> {
        self.form().layout(file, header)
    }

    /// Whether a column whose type is neither text, number nor time is passed over as though empty.
    fn takes_any_type(&self) -> bool {
        false
    }

    /// Makes room for about so many rows.
    fn reserve(&self, _rows: usize, _batch: &mut Self::Batch) {}

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
#[derive(Debug)]
pub(super) struct Part<B> {
    /// Its place among the parts.
    pub(super) number: usize,
    /// The accepted rows.
    pub(super) batch: B,
    pub(super) read: u64,
    pub(super) rejects: Vec<Reject>,
    /// How often each warning came, and its first lines.
    warnings: BTreeMap<Warning, (u64, Vec<u64>)>,
    /// What the cache is to keep of it.
    cells: Option<CellKeeper>,
}

impl<B: Default> Part<B> {
    /// A part of a file by its place.
    pub(super) fn new(number: usize, keep: &Keep) -> Part<B> {
        Part {
            number,
            batch: B::default(),
            read: 0,
            rejects: Vec::new(),
            warnings: BTreeMap::new(),
            cells: keep.part(number),
        }
    }
}

impl<B> Part<B> {
    /// Counts a warning of a line.
    pub(super) fn warn(&mut self, line: u64, warning: Warning) {
        let (times, lines) = self.warnings.entry(warning).or_default();
        *times += 1;
        if lines.len() < REMEMBERED {
            // The lines of a part come in order.
            lines.push(line);
        }
    }
}

/// One input file and how to read it.
pub(super) struct FileReader<'a> {
    pub(super) path: &'a Path,
    /// Its place in the ledger.
    pub(super) file: u16,
    pub(super) profile: &'a Profile,
    pub(super) observer: &'a dyn Observer,
    /// The folder of the cache, where there is one.
    pub(super) cache: Option<&'a Path>,
    /// The file's SHA-256 and size, where they are known beforehand, as for the cache.
    pub(super) digest: Option<(String, u64)>,
    /// The encoding that it looks like, once that is known and nothing else says it.
    pub(super) believed: OnceLock<&'static str>,
    /// How many of its rows are rejected.
    pub(super) rejects: AtomicU64,
}

/// How many rows of a file may be rejected: each is told with its place, and takes some memory.
const MOST_REJECTS: u64 = 4_000_000;

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
        let (mut parts, digest) = match self.cached(collector, ledger)? {
            Ok(parts) => parts,
            Err(keep) => self.read_and_keep(collector, keep, ledger)?,
        };
        if self.rejects.load(Ordering::Relaxed) > MOST_REJECTS {
            return Err(IngestError::TooManyRejects { file: self.name(), rejects: MOST_REJECTS });
        }
        parts.sort_unstable_by_key(|part| part.number);
        let input = &mut ledger.inputs[usize::from(self.file)];
        (input.sha256, input.bytes) = digest;
        input.believed = self.believed.get().copied();
        let mut batches = Vec::with_capacity(parts.len());
        for part in parts {
            ledger.inputs[usize::from(self.file)].read += part.read;
            ledger.rejects.extend(part.rejects);
            for (warning, (times, lines)) in part.warnings {
                ledger.warn(self.file, warning, times);
                remember(
                    ledger.inputs[usize::from(self.file)].warned_lines.entry(warning).or_default(),
                    &lines,
                );
            }
            batches.push(part.batch);
        }
        Ok(batches)
    }

    /// What the cache holds of the file, taken; or else what is to be kept of it.
    fn cached<C: Collector>(
        &self,
        collector: &C,
        ledger: &mut Ledger,
    ) -> Result<Result<Parts<C::Batch>, Keep>, IngestError> {
        let (Some(folder), Some(digest)) = (self.cache, &self.digest) else {
            return Ok(Err(Keep::default()));
        };
        let table = ledger.inputs[usize::from(self.file)].table;
        let place = cache::place(folder, (table, &collector.form().table), &digest.0, self.profile);
        let entry = match Entry::open(place.clone()) {
            Ok(entry) => entry,
            Err(flaw) => {
                ledger.cache_notes.extend(match flaw {
                    cache::Flaw::Missing => None,
                    cache::Flaw::OtherVersion => Some(CacheNote::OtherVersion(self.name())),
                    cache::Flaw::Damaged => Some(CacheNote::Damaged(self.name())),
                });
                return Ok(Err(Keep::at(Some(place))));
            }
        };
        let layout = collector.layout(&self.name(), &entry.header)?;
        let take = |cells: &Cells| {
            let mut part = Part::new(cells.number, &Keep::default());
            for (line, fields) in &cells.misfits {
                match fields {
                    0 => self.stray(*line, &mut part),
                    fields => self.misfit(*line, *fields as usize, entry.header.len(), &mut part),
                }
            }
            for (line, row) in cells.rows() {
                self.take(collector, &layout, &row, line, &mut part);
            }
            self.finish(collector, &layout, &mut part, &Keep::default());
            part
        };
        let parts = entry.parts(take, layout.columns.len()).map_err(|error| self.io(error))?;
        self.observer.event(Event::Advanced(digest.1));
        Ok(Ok((parts, digest.clone())))
    }

    fn read_and_keep<C: Collector>(
        &self,
        collector: &C,
        keep: Keep,
        ledger: &mut Ledger,
    ) -> Result<Parts<C::Batch>, IngestError> {
        let is_parquet = self.path.extension().is_some_and(|ending| ending == "parquet");
        let read = match is_parquet {
            true => parquet::read(self, collector, &keep),
            false => csv::read(self, collector, &keep),
        };
        // A file that changed since it was hashed is not the one that the entry is found by.
        let whole = read.as_ref().is_ok_and(|(_, digest)| self.digest.as_ref() == Some(digest));
        if let Err(error) = keep.finish(whole) {
            let (file, error) = (self.name(), error.to_string());
            ledger.cache_notes.push(CacheNote::NotWritten { file, error });
        }
        read
    }

    /// Rejects a line that has another number of fields than the header.
    pub(super) fn misfit<B>(&self, line: u64, fields: usize, of_header: usize, part: &mut Part<B>) {
        if let Some(cells) = &mut part.cells {
            cells.misfit(line, fields as u64);
        }
        let detail = format!("{fields} fields, where the header has {of_header}");
        self.reject_row(line, Reason::WrongFieldCount, detail, part);
    }

    /// Rejects a line in which a quote is one too many.
    pub(super) fn stray<B>(&self, line: u64, part: &mut Part<B>) {
        if let Some(cells) = &mut part.cells {
            // No record has no field.
            cells.misfit(line, 0);
        }
        let detail =
            "a quote opens a field here and does not close it: double a quote that belongs to a text";
        self.reject_row(line, Reason::StrayQuote, detail.to_owned(), part);
    }

    fn reject_row<B>(&self, line: u64, reason: Reason, detail: String, part: &mut Part<B>) {
        part.read += 1;
        let fault = Fault { field: None, column: None, value: String::new(), reason, detail };
        self.reject(line, fault, |_| String::new(), part);
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
        if let Some(cells) = &mut part.cells {
            cells.push(line, row, layout, collector.form());
        }
        if !collector.form().is_own(layout, row) {
            return part.warn(line, Warning::OtherRow);
        }
        if let Err(fault) = collector.take(layout, row, line, part) {
            let column = |field| collector.form().column(layout, field);
            self.reject(line, fault, column, part);
        }
    }

    /// Lets the collector finish a part.
    pub(super) fn finish<C: Collector>(
        &self,
        collector: &C,
        layout: &Layout,
        part: &mut Part<C::Batch>,
        keep: &Keep,
    ) {
        if let Some(cells) = part.cells.take() {
            keep.add(&cells);
        }
        for (line, fault) in collector.finish(part) {
            self.reject(line, fault, |field| collector.form().column(layout, field), part);
        }
    }

    fn reject<B>(&self, line: u64, fault: Fault, column: impl Fn(usize) -> String, part: &mut Part<B>) {
        // Beyond the limit the run fails, and nobody asks for them.
        if self.rejects.fetch_add(1, Ordering::Relaxed) >= MOST_REJECTS {
            return;
        }
        part.rejects.push(Reject {
            file: self.file,
            line,
            column: fault.column.or_else(|| fault.field.map(column)).unwrap_or_default(),
            value: fault.value.chars().take(80).collect(),
            reason: fault.reason,
            detail: fault.detail,
        });
    }
}
