//! The account of every row: what was read, accepted, rejected and why, and what was noticed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::cache::CacheNote;
use super::files::Table;

/// Why a row is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It has another number of fields than the header.
    WrongFieldCount,
    /// A quote opens a field that is none: the line that it stands in is rejected.
    StrayQuote,
    /// A field is not valid UTF-8, or no text in the encoding of its file.
    InvalidUtf8,
    /// A value that a row must have is empty.
    MissingValue,
    /// A severity that is not 1 to 4, and that the profile does not map.
    BadSeverity,
    /// A value that is not among those known for its column.
    UnknownValue,
    /// Not a time of the expected form.
    BadTimestamp,
    /// A local time, where nothing says in which zone.
    TimeWithoutZone,
    /// A local time that its zone's clocks never showed.
    NonexistentLocalTime,
    /// A time before 1900 or after 2099.
    TimeOutOfSpan,
    /// No IANA time zone has this name.
    UnknownTimeZone,
    /// Submitted before the first policy holds.
    BeforeFirstPolicy,
    /// Another row has the same id and says otherwise.
    ContradictingDuplicate,
    /// An update of a ticket that is not among the accepted ones.
    UnknownTicket,
}

impl Reason {
    /// Its name in rejects and manifest.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::WrongFieldCount => "wrong_field_count",
            Reason::StrayQuote => "stray_quote",
            Reason::InvalidUtf8 => "invalid_utf8",
            Reason::MissingValue => "missing_value",
            Reason::BadSeverity => "bad_severity",
            Reason::UnknownValue => "unknown_value",
            Reason::BadTimestamp => "bad_timestamp",
            Reason::TimeWithoutZone => "time_without_zone",
            Reason::NonexistentLocalTime => "nonexistent_local_time",
            Reason::TimeOutOfSpan => "time_out_of_span",
            Reason::UnknownTimeZone => "unknown_time_zone",
            Reason::BeforeFirstPolicy => "before_first_policy",
            Reason::ContradictingDuplicate => "contradicting_duplicate",
            Reason::UnknownTicket => "unknown_ticket",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something worth knowing of a row that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// It says the same as another row with its id, and counts once.
    IdenticalDuplicate,
    /// A local time that the clocks showed twice; the earlier was taken.
    AmbiguousLocalTime,
    /// An event before its ticket was submitted; it was left out.
    EventBeforeSubmission,
    /// The time zone is a bare offset, which knows no summer time.
    FixedOffsetZone,
    /// It has no severity, and was given that of its classification.
    SeverityByClassification,
    /// Its severity is not that of its classification; the severity holds.
    SeverityDisagrees,
    /// A row without a ticket's id, which goes on with the ticket above and says nothing more of it.
    ContinuationRow,
    /// A row of something else, which the profile says to pass over.
    OtherRow,
}

impl Warning {
    /// Its name in the manifest.
    pub const fn name(self) -> &'static str {
        match self {
            Warning::IdenticalDuplicate => "identical_duplicate",
            Warning::AmbiguousLocalTime => "ambiguous_local_time",
            Warning::EventBeforeSubmission => "event_before_submission",
            Warning::FixedOffsetZone => "fixed_offset_zone",
            Warning::SeverityByClassification => "severity_by_classification",
            Warning::SeverityDisagrees => "severity_disagrees",
            Warning::ContinuationRow => "continuation_row",
            Warning::OtherRow => "other_row",
        }
    }
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The place of its file in the ledger.
    pub file: u16,
    /// The line on which it begins; in Parquet the number of the row, from 1.
    pub line: u64,
    /// The column at fault, as the file names it; empty where the whole row is.
    pub column: String,
    /// The value at fault, cut to 80 characters.
    pub value: String,
    /// Why.
    pub reason: Reason,
    /// What was expected.
    pub detail: String,
}

/// The account of one input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputLedger {
    /// Which table it holds.
    pub table: Table,
    /// Its path, as it was found.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal; a digest by the key in an account of pseudonyms.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The encoding that it was believed to be in, where that is not UTF-8 and nothing says so.
    pub believed: Option<&'static str>,
    /// Rows read, the header not counted.
    pub read: u64,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Warnings, by kind.
    pub warnings: BTreeMap<Warning, u64>,
    /// The first lines of each kind of warning, where they are known.
    pub warned_lines: BTreeMap<Warning, Vec<u64>>,
}

/// How many lines of a kind of warning are remembered.
pub(super) const REMEMBERED: usize = 3;

/// Adds lines to those remembered: the first of all stay.
pub(super) fn remember(lines: &mut Vec<u64>, more: &[u64]) {
    lines.extend_from_slice(more);
    lines.sort_unstable();
    lines.dedup();
    lines.truncate(REMEMBERED);
}

impl InputLedger {
    /// Rows rejected in all.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Rows accepted.
    pub fn accepted(&self) -> u64 {
        self.read - self.rejected_rows()
    }

    /// The name of its file, without folders.
    pub fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}

/// The account of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The files: customers, tickets, updates.
    pub inputs: Vec<InputLedger>,
    /// The rejected rows, by file and line.
    pub rejects: Vec<Reject>,
    /// Where the cache was of no use; this stands in no report.
    pub cache_notes: Vec<CacheNote>,
}

impl Ledger {
    pub(super) fn open(&mut self, table: Table, path: &Path) -> u16 {
        self.inputs.push(InputLedger {
            table,
            path: path.to_owned(),
            sha256: String::new(),
            bytes: 0,
            believed: None,
            read: 0,
            rejected: BTreeMap::new(),
            warnings: BTreeMap::new(),
            warned_lines: BTreeMap::new(),
        });
        // More files than a u16 counts would need more open names than a command line holds.
        (self.inputs.len() - 1) as u16
    }

    pub(super) fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }

    pub(super) fn warn(&mut self, file: u16, warning: Warning, times: u64) {
        if times > 0 {
            *self.inputs[usize::from(file)].warnings.entry(warning).or_default() += times;
        }
    }

    /// Counts a warning of a line.
    pub(super) fn warn_at(&mut self, file: u16, line: u64, warning: Warning) {
        self.warn(file, warning, 1);
        remember(self.inputs[usize::from(file)].warned_lines.entry(warning).or_default(), &[line]);
    }

    /// Puts the rejects in order and counts them.
    pub(super) fn finish(&mut self) {
        self.rejects.sort_by_key(|reject| (reject.file, reject.line));
        for reject in &self.rejects {
            *self.inputs[usize::from(reject.file)].rejected.entry(reject.reason).or_default() += 1;
        }
    }

    /// What the files are called where their own names would say too much: each after its table
    /// and its number among those of that table.
    pub fn labels(&self) -> Vec<String> {
        let mut seen: BTreeMap<Table, u32> = BTreeMap::new();
        let label = |input: &InputLedger| {
            let number = seen.entry(input.table).or_default();
            *number += 1;
            format!("{}-{number}", input.table.name())
        };
        self.inputs.iter().map(label).collect()
    }

    /// Rows read in all files.
    pub fn read(&self) -> u64 {
        self.inputs.iter().map(|input| input.read).sum()
    }

    /// Rows rejected in all files.
    pub fn rejected(&self) -> u64 {
        self.rejects.len() as u64
    }

    /// Warnings of all files, by kind.
    pub fn warnings(&self) -> BTreeMap<Warning, u64> {
        let mut sum = BTreeMap::new();
        for (warning, times) in self.inputs.iter().flat_map(|input| &input.warnings) {
            *sum.entry(*warning).or_default() += times;
        }
        sum
    }
}
