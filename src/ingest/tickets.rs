//! The tickets table: rows to tickets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::customers::Customers;
use super::fields::{Fault, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Warning};
use super::profile::{Profile, ticket};
use super::reader::{Collector, FileReader, Part};
use super::repeats::{Repeats, of_cells, of_times};
use super::sorted::TicketRows;
use super::updates::{Update, read_update};
use super::zones::Zones;
use super::{Ingest, IngestError};
use crate::calendar::{Instant, LocalTime, Zone};
use crate::policy::Severity;
use crate::records::{EventKind, Name, Names, Ticket, Tickets};

/// Rows of one part of a file; names are of the part's own.
#[derive(Debug, Default)]
pub(super) struct TicketBatch {
    tickets: Tickets,
    names: Names,
    /// The zones of names that are one.
    zones: Vec<Option<TicketZone>>,
    /// What holds for a customer's tickets that do not say it themselves, by the customer's name,
    /// once it was looked up.
    filled: Vec<Option<Filled>>,
    lines: Vec<u64>,
    /// What the file calls the column of the id.
    id_column: String,
    /// What each row says as an update, in an event log.
    log: Vec<Update>,
    /// The updates that rows hold besides, by their rows.
    held: Vec<(u32, Update)>,
    /// The times of rows that lie before their submission: left out, but for an explanation.
    early: Vec<(u32, Instant, EventKind)>,
    /// Of each row, in an event log.
    fingerprints: Vec<u64>,
    latest: Option<Instant>,
}

#[derive(Debug, Clone)]
struct TicketZone {
    zone: Arc<Zone>,
    /// Its IANA name.
    name: Name,
    is_fixed_offset: bool,
}

/// The fields that the customers table fills.
const FILLED: [usize; 4] = [ticket::TIER, ticket::REGION, ticket::TIMEZONE, ticket::ACCOUNT_MANAGER];

/// What it fills them with, for a customer.
type Filled = [Option<Name>; FILLED.len()];

struct Rows<'a> {
    form: &'a TableForm,
    profile: &'a Profile,
    ingest: &'a Ingest<'a>,
    customers: &'a Customers,
    zones: &'a Zones,
    /// Whether a file has columns of what support tells customers.
    communicates: AtomicBool,
}

impl Rows<'_> {
    /// A field of [`FILLED`]: the row's own, else what its customer's says, else the default.
    fn filled(
        &self,
        (layout, row): (&Layout, &impl Row),
        customer: Name,
        which: usize,
        batch: &mut TicketBatch,
    ) -> Result<Option<Name>, Fault> {
        if let Some(own) = self.form.own_text(layout, row, FILLED[which])? {
            return Ok(Some(batch.names.intern(&own)));
        }
        let known = batch.filled.get(customer.index()).copied().flatten();
        Ok(known.unwrap_or_else(|| self.fill(customer, batch))[which])
    }

    /// Looks up what holds for a customer's tickets that do not say it themselves.
    fn fill(&self, customer: Name, batch: &mut TicketBatch) -> Filled {
        let of_table = self.customers.get(batch.names.text(customer));
        let filled = FILLED.map(|field| {
            let of_customer = of_table.and_then(|known| match field {
                ticket::TIER => known.tier.as_deref(),
                ticket::REGION => known.region.as_deref(),
                ticket::TIMEZONE => known.timezone.as_deref(),
                _ => known.account_manager.as_deref(),
            });
            let text = of_customer.or(self.form.fields[field].default.as_deref());
            text.map(|text| batch.names.intern(text))
        });
        if batch.filled.len() <= customer.index() {
            batch.filled.resize(batch.names.len(), None);
        }
        batch.filled[customer.index()] = Some(filled);
        filled
    }

    /// A field of [`FILLED`] that a ticket must have.
    fn needed(
        &self,
        of: (&Layout, &impl Row),
        customer: Name,
        which: usize,
        batch: &mut TicketBatch,
    ) -> Result<Name, Fault> {
        self.filled(of, customer, which, batch)?.ok_or_else(|| {
            let name = &self.form.names[FILLED[which]];
            let detail =
                format!("the ticket has no {name}, and neither has its customer, nor is there a default");
            Fault { detail, ..self.form.missing_value(FILLED[which]) }
        })
    }

    fn zone<'b>(&self, name: Name, batch: &'b mut TicketBatch) -> Result<&'b TicketZone, Fault> {
        if batch.zones.len() <= name.index() {
            batch.zones.resize(batch.names.len(), None);
        }
        if batch.zones[name.index()].is_none() {
            let text = batch.names.text(name);
            let zone = self.zones.get(text).map_err(|unknown| {
                let (text, detail) = (text.to_owned(), unknown.to_string());
                Fault::of(ticket::TIMEZONE, text, Reason::UnknownTimeZone, detail)
            })?;
            let is_fixed_offset = Zone::is_fixed_offset(text);
            // What stands in the facts is the IANA name, however the help desk calls the zone.
            let own = TicketZone { name: batch.names.intern(zone.name()), zone, is_fixed_offset };
            if batch.zones.len() <= own.name.index() {
                batch.zones.resize(batch.names.len(), None);
            }
            batch.zones[own.name.index()] = Some(own.clone());
            batch.zones[name.index()] = Some(own);
        }
        // It was put in just now, if it was not there.
        batch.zones[name.index()].as_ref().ok_or_else(|| self.form.missing_value(ticket::TIMEZONE))
    }

    /// The severity of a row, and what is to be said of it: the row's own, else that of its
    /// classification.
    fn severity(
        &self,
        layout: &Layout,
        row: &impl Row,
        classification: Option<&str>,
    ) -> Result<(Severity, Option<Warning>), Fault> {
        let form = self.form;
        let by_classification =
            classification.and_then(|text| self.profile.severities.get(text)).and_then(severity_of);
        let Some(text) = form.text(layout, row, ticket::SEVERITY)? else {
            let derived = by_classification.ok_or_else(|| form.missing_value(ticket::SEVERITY))?;
            return Ok((derived, Some(Warning::SeverityByClassification)));
        };
        let own = severity_of(&text).ok_or_else(|| {
            form.unknown(ticket::SEVERITY, &text, Reason::BadSeverity, "a severity of 1 to 4")
        })?;
        let disagrees = by_classification.is_some_and(|derived| derived != own);
        Ok((own, disagrees.then_some(Warning::SeverityDisagrees)))
    }
}

/// The times of a ticket's row.
struct Times {
    submitted: Instant,
    first_response: Option<Instant>,
    resolved: Option<Instant>,
    /// How many of them the clocks showed twice.
    ambiguous: u64,
    is_fixed_offset: bool,
}

impl Collector for Rows<'_> {
    type Batch = TicketBatch;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn layout(&self, file: &str, header: &[String]) -> Result<Layout, IngestError> {
        let sources = self.profile.sources_in_tickets();
        let mut found = self.form.layout_with(file, header, &sources);
        if let Err(IngestError::MissingColumn { field, .. }) = &found
            && field == ticket::NAMES[ticket::SEVERITY]
            && !self.profile.severities.is_empty()
        {
            // A classification tells the severity as well.
            let mut form = self.form.clone();
            form.required.retain(|field| *field != ticket::SEVERITY);
            let without = form.layout_with(file, header, &sources)?;
            if without.places[ticket::CLASSIFICATION].is_some() {
                found = Ok(without);
            }
        }
        let layout = found?;
        let communicates = layout.updates.iter().any(|held| self.profile.updates[held.source].communicates());
        self.communicates.fetch_or(communicates, Ordering::Relaxed);
        Ok(layout)
    }

    fn reserve(&self, rows: usize, batch: &mut TicketBatch) {
        batch.tickets.reserve(rows);
        batch.lines.reserve_exact(rows);
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<TicketBatch>,
    ) -> Result<(), Fault> {
        let form = self.form;
        let batch = &mut part.batch;
        let id = match form.text(layout, row, ticket::ID)? {
            Some(id) => id,
            None if self.profile.continuations => {
                part.warn(line, Warning::ContinuationRow);
                return Ok(());
            }
            None => return Err(form.missing_value(ticket::ID)),
        };
        let customer = form.required(layout, row, ticket::CUSTOMER)?;
        let classification = form.text(layout, row, ticket::CLASSIFICATION)?;
        let (severity, of_severity) = self.severity(layout, row, classification.as_deref())?;
        let customer = batch.names.intern(&customer);
        let tier = self.needed((layout, row), customer, 0, batch)?;
        let region = self.needed((layout, row), customer, 1, batch)?;
        let timezone = self.needed((layout, row), customer, 2, batch)?;
        let zone = self.zone(timezone, batch)?;
        let timezone = zone.name;
        let updates = self.updates(layout, row, &zone.zone)?;
        let (is_log, submitted_by_log) = (self.profile.is_log(), self.profile.submitted_by_log());
        let times = self.times(layout, row, zone, updates.first().filter(|_| is_log))?;
        let account_manager = self.filled((layout, row), customer, 3, batch)?;
        let product = form.text(layout, row, ticket::PRODUCT)?;

        // Nothing can fail from here on: the row is accepted.
        let Times { submitted, first_response, resolved, ambiguous, is_fixed_offset } = times;
        let (classification, product) = (
            classification.map(|text| batch.names.intern(&text)),
            product.map(|text| batch.names.intern(&text)),
        );
        let latest = [Some(submitted), first_response, resolved];
        let latest = latest.into_iter().flatten().chain(updates.iter().map(|update| update.at)).max();
        batch.latest = batch.latest.max(latest);
        let ambiguous = ambiguous + updates.iter().filter(|update| update.ambiguous).count() as u64;
        for _ in 0..ambiguous {
            part.warn(line, Warning::AmbiguousLocalTime);
        }
        of_severity.into_iter().for_each(|warning| part.warn(line, warning));
        if is_fixed_offset {
            part.warn(line, Warning::FixedOffsetZone);
        }
        let mut after = |time: Option<Instant>, kind: EventKind| match time {
            Some(early) if early < submitted && !submitted_by_log => {
                part.warn(line, Warning::EventBeforeSubmission);
                let row = part.batch.tickets.len() as u32;
                part.batch.early.push((row, early, kind));
                None
            }
            time => time,
        };
        let first_response = after(first_response, EventKind::Communicated);
        let resolved = after(resolved, EventKind::Resolved);
        let batch = &mut part.batch;
        let ticket = Ticket {
            customer,
            tier,
            region,
            timezone,
            account_manager,
            classification,
            product,
            severity,
            submitted,
            first_response,
            resolved,
        };
        batch.tickets.push(&id, ticket);
        batch.lines.push(line);
        if batch.id_column.is_empty() {
            batch.id_column = form.column(layout, ticket::ID);
        }
        if is_log {
            let times = [Some(submitted), first_response, resolved, updates.first().map(|log| log.at)];
            let micros = times.map(|time| time.map_or(i64::MIN, Instant::micros));
            let print = of_cells(row, layout.texts().enumerate()).wrapping_add(of_times(&micros));
            batch.fingerprints.push(print);
            batch.log.extend(updates);
        } else {
            let place = batch.tickets.len() as u32 - 1;
            batch.held.extend(updates.into_iter().map(|update| (place, update)));
        }
        Ok(())
    }

    fn finish(&self, part: &mut Part<TicketBatch>) -> Vec<(u64, Fault)> {
        // Nobody asks for it any more.
        part.batch.filled = Vec::new();
        Vec::new()
    }
}

impl Rows<'_> {
    /// The updates that a row holds.
    fn updates(&self, layout: &Layout, row: &impl Row, zone: &Zone) -> Result<Vec<Update>, Fault> {
        let mut updates = Vec::new();
        for held in &layout.updates {
            let form = &self.profile.updates[held.source].form;
            if held.each.is_none_or(|place| form.is_filled(row.cell(place))) {
                let update = read_update(form, &held.layout, row, &|| Some(zone));
                updates.push(update.map_err(|fault| fault.named(form, &held.layout))?);
            }
        }
        Ok(updates)
    }

    /// The times of a row; those of an event log that has no column of the submission are
    /// submitted with the first of their rows, which is known only when all of them are.
    fn times(
        &self,
        layout: &Layout,
        row: &impl Row,
        zone: &TicketZone,
        log: Option<&Update>,
    ) -> Result<Times, Fault> {
        let (form, TicketZone { zone, is_fixed_offset, .. }) = (self.form, zone);
        let mut ambiguous = 0;
        let mut time = |field| {
            let read = form.instant(layout, row, field, &|| Some(&**zone))?;
            ambiguous += u64::from(read.is_some_and(|read| read.ambiguous));
            Ok(read.map(|read| read.instant))
        };
        let by_log = log.filter(|_| self.profile.submitted_by_log()).map(|log| log.at);
        let submitted = time(ticket::SUBMITTED)?.or(by_log);
        let submitted = submitted.ok_or_else(|| form.missing_value(ticket::SUBMITTED))?;
        let mut later = |field: usize| match form.fields[field].after_submission {
            Some(_) => form.after(layout, row, field, submitted),
            None => time(field),
        };
        let (first_response, resolved) = (later(ticket::FIRST_RESPONSE)?, later(ticket::RESOLVED)?);
        if zone.local(submitted) < LocalTime::midnight(self.ingest.first_policy) {
            let value = zone.local(submitted).to_string();
            let expected = format!(
                "a submission on or after {}, from when the first policy holds,",
                self.ingest.first_policy
            );
            return Err(form.unknown(ticket::SUBMITTED, &value, Reason::BeforeFirstPolicy, &expected));
        }
        Ok(Times { submitted, first_response, resolved, ambiguous, is_fixed_offset: *is_fixed_offset })
    }
}

/// A severity as its number; `1.0` too, as tools write whole numbers beside empty cells.
pub(super) fn severity_of(text: &str) -> Option<Severity> {
    match text.strip_suffix(".0").unwrap_or(text).as_bytes() {
        [digit @ b'1'..=b'4'] => Severity::new(digit - b'0'),
        _ => None,
    }
}

impl TicketRows {
    pub(super) fn read(
        files: &[FileReader<'_>],
        ingest: &Ingest<'_>,
        customers: &Customers,
        zones: &Zones,
        ledger: &mut Ledger,
    ) -> Result<TicketRows, IngestError> {
        let profile = ingest.profile;
        let collector = Rows {
            form: &profile.tickets,
            profile,
            ingest,
            customers,
            zones,
            communicates: AtomicBool::new(false),
        };
        let mut rows = TicketRows { submitted_by_log: profile.submitted_by_log(), ..TicketRows::default() };
        let mut repeats = Repeats::default();
        for (place, file) in files.iter().enumerate() {
            let mut batches = file.read(&collector, ledger)?;
            let fingerprints =
                batches.iter_mut().map(|batch| std::mem::take(&mut batch.fingerprints)).collect();
            let again = repeats.count(fingerprints, place + 1 == files.len());
            ledger.warn(file.file, Warning::IdenticalDuplicate, again);
            let lines: Vec<_> = batches.iter_mut().map(|batch| std::mem::take(&mut batch.lines)).collect();
            let mut before = rows.places.len();
            let add = |batch: TicketBatch| {
                let added = rows.add(batch, before as u32, file.file);
                before += added.0.len();
                added
            };
            let tickets: Vec<_> = batches.into_iter().map(add).collect();
            let (all, places) = (&mut rows.tickets, &mut rows.places);
            let place = || {
                places.reserve_exact(lines.iter().map(Vec::len).sum());
                places.extend(lines.iter().flatten().map(|line| (file.file, *line)));
            };
            rayon::join(|| all.append(&tickets), place);
        }
        rows.communicates = collector.communicates.into_inner();
        Ok(rows)
    }

    /// Adds a batch that so many rows come before, but for its tickets, which it gives with what
    /// their names become among those of all.
    fn add(&mut self, batch: TicketBatch, before: u32, file: u16) -> (Tickets, Vec<Name>) {
        self.held.extend(batch.held.into_iter().map(|(row, update)| (before + row, update)));
        self.early.extend(batch.early.into_iter().map(|(row, at, kind)| (before + row, at, kind)));
        let renamed: Vec<Name> = batch.names.texts().iter().map(|text| self.names.intern(text)).collect();
        if !batch.id_column.is_empty() {
            self.id_columns.insert(file, batch.id_column);
        }
        let zones = renamed.iter().zip(batch.zones);
        self.zones.extend(zones.filter_map(|(name, zone)| Some((*name, zone?.zone))));
        self.log.extend(batch.log);
        self.latest = self.latest.max(batch.latest);
        (batch.tickets, renamed)
    }
}
