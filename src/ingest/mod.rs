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
mod check;
mod csv;
mod customers;
mod encoding;
mod fields;
mod files;
mod guess;
mod ids;
mod layout;
mod ledger;
mod log;
mod lookups;
mod marks;
mod months;
mod parquet;
mod profile;
mod reader;
mod repeats;
mod sorted;
mod spellings;
mod split;
mod tickets;
mod time;
mod updates;
mod zones;

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;

use crate::progress::Observer;
use crate::records::{EventStore, Records};
use crate::spill::{Spill, SpillError};

pub use cache::{Cache, CacheNote, Digests, sha256_of};
pub use check::{Checked, Standing, Suspicion, ValueCount};
pub use files::{Inputs, NamedFiles, NoInput, PartFile, Table, exports_in};
pub use guess::{Guess, GuessedFile, guess};
pub use ledger::{InputLedger, Ledger, Reason, Reject, Warning};
pub use profile::{BUILT_IN, CANONICAL, FieldUse, Profile, TableUse};
pub use time::iso_instant;

use customers::Customers;
use lookups::{LookupForm, Lookups};
use profile::Source;
use reader::FileReader;
use sorted::TicketRows;
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

/// Bytes of memory that a run takes besides what it keeps of the export, the program included.
/// This and what follows are measured, with a hundred thousand, a million and ten million tickets.
const WORK: u64 = 144 << 20;
/// Bytes that each thread takes: blocks of files, columns in the making.
const WORK_PER_THREAD: u64 = 8 << 20;
/// Bytes that it takes for each ticket besides the ticket's own columns, events and facts: values
/// in order for quantiles, tables with a row per breach.
const WORK_PER_TICKET: u64 = 220;

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
    /// Its header is broken.
    #[error(
        "{0}: the header is no text in the file's encoding: say in the profile which it is, such as encoding = \"windows-1252\""
    )]
    BadHeader(String),
    /// A column is missing.
    #[error("{file}: there is no column {column} (for {field}){nearest}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column that the profile names, or its alternatives.
        column: String,
        /// What it is needed for.
        field: String,
        /// The table that the profile maps it in.
        table: String,
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
    /// More rows are rejected than can be told one by one.
    #[error(
        "{file}: more than {rejects} rows were rejected by then: is this the export that the profile reads?"
    )]
    TooManyRejects {
        /// The file that was being read.
        file: String,
        /// How many rejects there may be.
        rejects: u64,
    },
    /// It is not what it was when its reading began.
    #[error("{0} changed while it was read: wait until its export is complete, and run again")]
    Changed(String),
    /// A row that is longer than any.
    #[error(
        "{file}:{line}: the row that begins here does not end within many megabytes: is this a CSV file?"
    )]
    LongRecord {
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
    /// Reads the look-ups, the customers, the tickets, then the updates.
    ///
    /// # Errors
    /// [`IngestError`] for the first file that cannot be read at all.
    pub fn read(&self, inputs: &'a Inputs, observer: &'a dyn Observer) -> Result<Ingested, IngestError> {
        let mut ledger = Ledger::default();
        let profile = self.with_lookups(inputs, observer, &mut ledger)?;
        let ingest = Ingest { profile: &profile, ..*self };
        let mut open = |table: Table, path: &'a Path| ingest.reader((table, path), observer, &mut ledger);
        let customer_files: Vec<_> =
            inputs.customers.iter().map(|path| open(Table::Customers, path)).collect();
        let ticket_files: Vec<_> = inputs.tickets.iter().map(|path| open(Table::Tickets, path)).collect();
        let update_files: Vec<(&Source, FileReader<'_>)> = inputs
            .updates
            .iter()
            .filter_map(|file| Some((profile.updates.get(file.part)?, open(Table::Updates, &file.path))))
            .collect();

        let known_zones = Zones::default();
        let customers = Customers::read(&customer_files, &profile.customers, &known_zones, &mut ledger)?;
        let rows = TicketRows::read(&ticket_files, &ingest, &customers, &known_zones, &mut ledger)?;
        let in_tickets = rows.communicates;
        let sorted = rows.settle(&mut ledger);
        if let Some(spill) = self.spill {
            let tickets = sorted.tickets.len();
            let threads = WORK_PER_THREAD * rayon::current_num_threads() as u64;
            let work = WORK + threads + WORK_PER_TICKET * tickets as u64;
            let needed = sorted.tickets.memory() + work;
            if !spill.must_keep(needed) {
                let (needed, limit) = (needed.div_ceil(1 << 20), spill.limit() >> 20);
                return Err(IngestError::TooLittleMemory { tickets, needed, limit });
            }
        }
        let events = EventStore::new(sorted.tickets.len(), self.spill);
        sorted.log_events(&events, &mut ledger);
        let latest_update = updates::read(&update_files, (&sorted, &events), &mut ledger)?;
        let latest = sorted.latest.max(latest_update);
        let updates_known = in_tickets || update_files.iter().any(|file| file.0.communicates());
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
            updates_known,
        };
        Ok(Ingested { records, ledger })
    }

    /// The profile, with the tables that fields are looked up in.
    fn with_lookups(
        &self,
        inputs: &'a Inputs,
        observer: &'a dyn Observer,
        ledger: &mut Ledger,
    ) -> Result<Profile, IngestError> {
        let mut profile = self.profile.clone();
        let mut tables: Vec<(&LookupForm, Vec<FileReader<'_>>)> =
            self.profile.lookups.iter().map(|lookup| (lookup, Vec::new())).collect();
        for file in &inputs.lookups {
            if let Some((_, files)) = tables.get_mut(file.part) {
                files.push(self.reader((Table::Lookups, &file.path), observer, ledger));
            }
        }
        profile.look_up_in(&Arc::new(Lookups::read(&tables, ledger)?));
        Ok(profile)
    }

    /// What reads a file, which is in the ledger from now on.
    fn reader<'r>(
        &'r self,
        (table, path): (Table, &'r Path),
        observer: &'r dyn Observer,
        ledger: &mut Ledger,
    ) -> FileReader<'r> {
        FileReader {
            path,
            file: ledger.open(table, path),
            profile: self.profile,
            observer,
            cache: self.cache.map(|cache| cache.folder),
            digest: self.cache.and_then(|cache| cache.digests.of(path).cloned()),
            believed: OnceLock::new(),
            rejects: AtomicU64::new(0),
        }
    }
}
