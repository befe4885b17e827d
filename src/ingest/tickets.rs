//! The tickets table: rows to tickets, duplicates settled, in the order of their ids.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::customers::Customers;
use super::fields::{Fault, Row, TableForm};
use super::ids::{IdIndex, Wanted};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Reject, Warning};
use super::profile::{Profile, ticket};
use super::reader::{Collector, FileReader, Part};
use super::repeats::{Repeats, of_cells, of_times};
use super::updates::{Update, read_update};
use super::zones::Zones;
use super::{Ingest, IngestError};
use crate::calendar::{Instant, LocalTime, Zone};
use crate::policy::Severity;
use crate::records::{EventKind, Name, Names, Ticket, TicketEvent, Tickets};

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

/// The rows of all files, before duplicates are settled.
#[derive(Debug, Default)]
pub(super) struct TicketRows {
    tickets: Tickets,
    names: Names,
    zones: BTreeMap<Name, Arc<Zone>>,
    /// The file and line of each.
    places: Vec<(u16, u64)>,
    /// What each file calls the column of the id.
    id_columns: BTreeMap<u16, String>,
    log: Vec<Update>,
    held: Vec<(u32, Update)>,
    early: Vec<(u32, Instant, EventKind)>,
    submitted_by_log: bool,
    /// Whether the files tell what support told customers.
    pub(super) communicates: bool,
    latest: Option<Instant>,
}

/// Tickets in the order of their ids, each once.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) tickets: Tickets,
    pub(super) names: Names,
    pub(super) zones: BTreeMap<Name, Arc<Zone>>,
    pub(super) latest: Option<Instant>,
    /// The rows of an event log, with the place of their ticket and their file.
    pub(super) log: Vec<(u32, u16, Update)>,
    /// What the tickets' own rows say of the time before the submission.
    pub(super) early: Vec<TicketEvent>,
    by_id: IdIndex,
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

    /// Puts the tickets in the order of their ids. Rows of one id that say the same are one
    /// ticket; those that contradict each other are all rejected. In an event log the latest row
    /// of a ticket holds.
    pub(super) fn settle(self, ledger: &mut Ledger) -> Sorted {
        let mut sorted = match self.log.is_empty() && self.tickets.ids.iter().is_sorted_by(|a, b| a < b) {
            true => {
                let (tickets, latest) = (self.tickets, self.latest);
                let (names, zones) = (self.names, self.zones);
                let place = |(row, update): (u32, Update)| (row, self.places[row as usize].0, update);
                let log = self.held.into_iter().map(place).collect();
                let early = |(ticket, at, kind)| TicketEvent { ticket, kind, at };
                let early = self.early.into_iter().map(early).collect();
                Sorted { tickets, names, zones, latest, log, early, ..Sorted::default() }
            }
            false => self.sort(ledger),
        };
        sorted.by_id = IdIndex::of(&sorted.tickets.ids);
        sorted
    }

    /// The places of the rows in the order of ids, and those of an event log in the order of time.
    fn order(&self) -> Vec<u32> {
        let ids = &self.tickets.ids;
        // The first bytes of most ids tell them apart, and stand beside each other.
        let begins = |id: &str| {
            let mut first = [0; 16];
            let length = id.len().min(16);
            first[..length].copy_from_slice(&id.as_bytes()[..length]);
            u128::from_be_bytes(first)
        };
        let mut order: Vec<(u128, u32)> = ids.iter().map(begins).zip(0..).collect();
        order.par_sort_unstable_by(|(first, a), (second, b)| {
            let (a, b) = (*a as usize, *b as usize);
            let moment = |row: usize| self.log.get(row).map(|log| log.moment());
            let by_moment = || moment(a).cmp(&moment(b)).then_with(|| self.places[a].cmp(&self.places[b]));
            first.cmp(second).then_with(|| ids.get(a).cmp(ids.get(b))).then_with(by_moment)
        });
        order.into_iter().map(|(_, row)| row).collect()
    }

    fn sort(self, ledger: &mut Ledger) -> Sorted {
        let (ids, order, is_log) = (&self.tickets.ids, self.order(), !self.log.is_empty());
        let mut sorted = Sorted { latest: self.latest, ..Sorted::default() };
        for rows in order.chunk_by(|a, b| ids.get(*a as usize) == ids.get(*b as usize)) {
            let ticket = |row: u32| self.tickets.get(row as usize);
            let [first, rest @ ..] = rows else { continue };
            let last = *rest.last().unwrap_or(first);
            let id = ids.get(*first as usize);
            if is_log {
                let place = sorted.tickets.len() as u32;
                let mut ticket = ticket(last);
                if self.submitted_by_log {
                    let early = begin_at(&mut ticket, self.log[*first as usize].at);
                    ledger.warn(self.places[last as usize].0, Warning::EventBeforeSubmission, early);
                }
                sorted.tickets.push(id, ticket);
                sorted.log.extend(rows.iter().map(|row| {
                    let row = *row as usize;
                    (place, self.places[row].0, self.log[row])
                }));
            } else if rest.iter().all(|row| ticket(*row) == ticket(*first)) {
                let place = sorted.tickets.len() as u32;
                for row in rows {
                    let held = &self.held[self.held.partition_point(|held| held.0 < *row)..];
                    let held = held.iter().take_while(|held| held.0 == *row);
                    let file = self.places[*row as usize].0;
                    sorted.log.extend(held.map(|(_, update)| (place, file, *update)));
                }
                let early = &self.early[self.early.partition_point(|early| early.0 < *first)..];
                let early = early.iter().take_while(|early| early.0 == *first);
                let event = |(_, at, kind): &_| TicketEvent { ticket: place, kind: *kind, at: *at };
                sorted.early.extend(early.map(event));
                sorted.tickets.push(id, ticket(*first));
                for row in rest {
                    let (file, line) = self.places[*row as usize];
                    ledger.warn_at(file, line, Warning::IdenticalDuplicate);
                }
            } else {
                for row in rows {
                    let (file, line) = self.places[*row as usize];
                    let detail = format!("{} rows of this ticket contradict each other", rows.len());
                    let value = id.chars().take(80).collect();
                    let column = self.id_columns.get(&file).cloned().unwrap_or_default();
                    ledger.reject(Reject {
                        file,
                        line,
                        column,
                        value,
                        reason: Reason::ContradictingDuplicate,
                        detail,
                    });
                }
            }
        }
        if !is_log {
            // Rows that contradict each other are rejected, and what they say is not known.
            let tickets = &sorted.tickets;
            let of_tickets = (0..tickets.len()).filter_map(|place| tickets.get(place).latest()).max();
            sorted.latest = of_tickets.max(sorted.log.iter().map(|row| row.2.at).max());
        }
        (sorted.names, sorted.zones) = (self.names, self.zones);
        sorted
    }
}

/// Lets a ticket begin at an instant; gives how many of its times lie before it and are left out.
fn begin_at(ticket: &mut Ticket, submitted: Instant) -> u64 {
    ticket.submitted = submitted;
    let mut early = 0;
    for time in [&mut ticket.first_response, &mut ticket.resolved] {
        if time.take_if(|time| *time < submitted).is_some() {
            early += 1;
        }
    }
    early
}

impl Sorted {
    /// The place of the ticket of this id.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.by_id.find(&self.tickets.ids, id)
    }

    /// The places of the tickets of these ids.
    pub(super) fn find_all(&self, ids: &Wanted) -> Vec<Option<u32>> {
        self.by_id.find_all(&self.tickets.ids, ids)
    }

    /// The zone of the ticket at a place.
    pub(super) fn zone(&self, place: u32) -> Option<&Arc<Zone>> {
        self.zones.get(&self.tickets.timezone(place as usize))
    }
}
