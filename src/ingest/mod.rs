//! From exports to records: finds the files, reads them in parallel, maps them by a source
//! profile, and accounts for every row.
//!
//! Nothing is dropped in silence. A row that cannot be read is a [`Reject`] with its file, line,
//! column, value and [`Reason`]; what was read but is worth knowing is a [`Warning`], counted;
//! both stand in the [`Ledger`] of each file. Only what concerns a whole file, such as a missing
//! column, is an [`IngestError`] and ends the run.

mod block;
mod cache;
mod cells;
mod csv;
mod customers;
mod fields;
mod files;
mod ids;
mod ledger;
mod log;
mod parquet;
mod profile;
mod reader;
mod split;
mod tickets;
mod time;
mod updates;
mod zones;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::progress::Observer;
use crate::records::{EventStore, Records};
use crate::spill::{Spill, SpillError};

pub use cache::{Cache, CacheNote, Digests};
pub use files::{Inputs, NoInput, Table};
pub use ledger::{InputLedger, Ledger, Reason, Reject, Warning};
pub use profile::{CANONICAL, Profile};
pub use time::iso_instant;

use customers::Customers;
use reader::FileReader;
use tickets::TicketRows;
use zones::Zones;

/// Reads a set of inputs by a profile.
#[derive(Debug, Clone, Copy)]
pub struct Ingest<'a> {
    /// How the files are laid out.
    pub profile: &'a Profile,
    /// The date from which the first policy holds: a ticket submitted before it is rejected.
    pub first_policy: NaiveDate,
    /// What was read of files in earlier runs; `None` for no cache.
    pub cache: Option<Cache<'a>>,
    /// A limit of memory, and where what goes beyond it is kept; `None` for no limit.
    pub spill: Option<&'a Arc<Spill>>,
}

/// Bytes of memory that a run takes besides what it keeps of the export.
const WORK: u64 = 64 << 20;
/// Bytes that it takes for each ticket besides the ticket's own columns, events and facts: values
/// in order for quantiles, tables with a row per breach. Measured with ten million tickets.
const WORK_PER_TICKET: u64 = 330;

/// What was read, and an account of every row.
#[derive(Debug)]
pub struct Ingested {
    /// The accepted records.
    pub records: Records,
    /// The account.
    pub ledger: Ledger,
}

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// What memory has no room for cannot be kept.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The tickets alone take more memory than there may be.
    #[error(
        "a report of {tickets} tickets takes {needed} MiB of memory at least, and there may be {limit} MiB"
    )]
    TooLittleMemory {
        /// How many tickets there are.
        tickets: usize,
        /// MiB that they take, with what is made of them.
        needed: u64,
        /// MiB that there may be.
        limit: u64,
    },
    /// Updates that nobody would read.
    #[error(
        "{file}: the profile {profile} reads the updates from the tickets' own files: leave this one out"
    )]
    UnreadUpdates {
        /// The file.
        file: String,
        /// The profile.
        profile: String,
    },
    /// The operating system does not give it.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What the operating system, or the decompressor, says.
        error: std::io::Error,
    },
    /// It is a folder.
    #[error("{0} is a folder: name the file itself, or give the folder as DIR")]
    Folder(String),
    /// It holds nothing.
    #[error("{0} is empty: not even a header stands in it")]
    Empty(String),
    /// It is not in UTF-8.
    #[error("{0} is in UTF-16: save it as UTF-8 (in Excel: \"CSV UTF-8\")")]
    Utf16(String),
    /// Its header is broken.
    #[error("{0}: the header is not valid UTF-8: save the file as UTF-8")]
    BadHeader(String),
    /// A column is missing.
    #[error("{file}: there is no column {column} (for {field}){nearest}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column that the profile names, or its alternatives.
        column: String,
        /// What it is needed for.
        field: &'static str,
        /// The table that the profile maps it in.
        table: &'static str,
        /// The nearest of those there are.
        nearest: String,
    },
    /// A column stands twice.
    #[error(
        "{file}: the column \"{column}\" stands twice in the header, and the profile reads it: rename one"
    )]
    RepeatedColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A quote that never closes.
    #[error("{file}:{line}: a quoted field opens in this row and never closes")]
    OpenQuote {
        /// The file.
        file: String,
        /// The line on which its row begins.
        line: u64,
    },
    /// Broken Parquet.
    #[error("{file}: not readable as Parquet: {message}")]
    Parquet {
        /// The file.
        file: String,
        /// What the reader says.
        message: String,
    },
    /// A Parquet column of a type that is neither text, number nor time.
    #[error("{file}: the column \"{column}\" is of type {kind}, where text, a number or a time is expected")]
    ColumnType {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
}

impl<'a> Ingest<'a> {
    /// Reads the customers, the tickets, then the updates.
    ///
    /// # Errors
    /// [`IngestError`] for the first file that cannot be read at all.
    pub fn read(&self, inputs: &'a Inputs, observer: &'a dyn Observer) -> Result<Ingested, IngestError> {
        let mut ledger = Ledger::default();
        let profile = self.profile;
        if let (true, Some(path)) = (profile.updates_from_tickets(), inputs.updates.first()) {
            let file = path.display().to_string();
            return Err(IngestError::UnreadUpdates { file, profile: profile.name.clone() });
        }
        let mut open = |table: Table, paths: &'a [PathBuf]| -> Vec<FileReader<'a>> {
            let reader = |path: &'a PathBuf| FileReader {
                path,
                file: ledger.open(table, path),
                profile,
                observer,
                cache: self.cache.map(|cache| cache.folder),
                digest: self.cache.and_then(|cache| cache.digests.of(path).cloned()),
            };
            paths.iter().map(reader).collect()
        };
        let customer_files = open(Table::Customers, &inputs.customers);
        let ticket_files = open(Table::Tickets, &inputs.tickets);
        let update_files = open(Table::Updates, &inputs.updates);

        let known_zones = Zones::default();
        let customers = Customers::read(&customer_files, profile, &known_zones, &mut ledger)?;
        let rows = TicketRows::read(&ticket_files, self, &customers, &known_zones, &mut ledger)?;
        let sorted = rows.settle(&mut ledger);
        let mut latest = sorted.latest;
        let is_log = self.profile.updates_from_tickets();
        if let Some(spill) = self.spill {
            let tickets = sorted.tickets.len();
            let needed = sorted.tickets.memory() + WORK + WORK_PER_TICKET * tickets as u64;
            if !spill.must_keep(needed) {
                let (needed, limit) = (needed.div_ceil(1 << 20), spill.limit() >> 20);
                return Err(IngestError::TooLittleMemory { tickets, needed, limit });
            }
        }
        let events = EventStore::new(sorted.tickets.len(), self.spill);
        match is_log {
            true => sorted.log_events(&events, &mut ledger),
            false => {
                let latest_update =
                    updates::read(&update_files, self.profile, (&sorted, &events), &mut ledger)?;
                latest = latest.max(latest_update);
            }
        }
        ledger.finish();
        let zones = sorted.zones.iter().map(|(name, zone)| (*name, Arc::clone(zone))).collect();
        let calendars = customers.calendars(&sorted.names, &ledger);
        let records = Records {
            names: sorted.names,
            tickets: sorted.tickets,
            events: events.finish()?,
            zones,
            calendars,
            latest,
            updates_known: is_log || !inputs.updates.is_empty(),
        };
        Ok(Ingested { records, ledger })
    }
}
