//! The tickets table: rows to tickets, duplicates settled, in the order of their ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::customers::Customers;
use super::fields::{Fault, Layout, Row, TableForm};
use super::ids::IdIndex;
use super::ledger::{Ledger, Reason, Reject, Warning};
use super::log::LogForm;
use super::profile::ticket;
use super::reader::{Collector, FileReader, Part};
use super::updates::Update;
use super::zones::Zones;
use super::{Ingest, IngestError};
use crate::calendar::{Instant, Zone};
use crate::policy::Severity;
use crate::records::{Name, Names, Text, Ticket, Tickets};

/// Rows of one part of a file; names are of the part's own.
#[derive(Debug, Default)]
pub(super) struct TicketBatch {
    tickets: Tickets,
    names: Names,
    zones: BTreeMap<Name, Arc<Zone>>,
    lines: Vec<u64>,
    /// What the file calls the column of the id.
    id_column: String,
    /// What each row says as an update, in an event log.
    log: Vec<Update>,
    latest: Option<Instant>,
}

struct Rows<'a> {
    form: &'a TableForm,
    log: Option<LogForm>,
    ingest: &'a Ingest<'a>,
    customers: &'a Customers,
    zones: &'a Zones,
}

impl Collector for Rows<'_> {
    type Batch = TicketBatch;

    fn form(&self) -> &TableForm {
        match &self.log {
            // Both tables stand in one row.
            Some(log) => log.together(),
            None => self.form,
        }
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<TicketBatch>,
    ) -> Result<(), Fault> {
        let form = self.form;
        let id = form.required(layout, row, ticket::ID)?;
        let customer = form.required(layout, row, ticket::CUSTOMER)?;
        let known = self.customers.get(&customer);
        let severity = form.required(layout, row, ticket::SEVERITY)?;
        let severity = severity_of(&severity).ok_or_else(|| {
            form.unknown(ticket::SEVERITY, &severity, Reason::BadSeverity, "a severity of 1 to 4")
        })?;
        let text = |field: usize, fallback: Option<&String>| {
            let own = form.own_text(layout, row, field)?.map(|text| text.into_owned());
            Ok(own.or_else(|| fallback.cloned()).or_else(|| form.fields[field].default.clone()))
        };
        let needed = |field: usize, fallback: Option<&String>| {
            text(field, fallback)?.ok_or_else(|| {
                let name = form.names[field];
                let detail =
                    format!("the ticket has no {name}, and neither has its customer, nor is there a default");
                Fault { detail, ..form.missing_value(field) }
            })
        };
        let tier = needed(ticket::TIER, known.and_then(|known| known.tier.as_ref()))?;
        let region = needed(ticket::REGION, known.and_then(|known| known.region.as_ref()))?;
        let timezone = needed(ticket::TIMEZONE, known.and_then(|known| known.timezone.as_ref()))?;
        let timezone_name = part.batch.names.intern(&timezone);
        let zone = match part.batch.zones.get(&timezone_name) {
            Some(zone) => Arc::clone(zone),
            None => self.zones.get(&timezone).map_err(|unknown| Fault {
                field: Some(ticket::TIMEZONE),
                value: timezone.clone(),
                reason: Reason::UnknownTimeZone,
                detail: unknown.to_string(),
            })?,
        };
        let mut ambiguous = 0;
        let mut time = |field| {
            let read = form.instant(layout, row, field, &|| Some(&*zone))?;
            ambiguous += u64::from(read.is_some_and(|read| read.ambiguous));
            Ok(read.map(|read| read.instant))
        };
        let submitted = time(ticket::SUBMITTED)?.ok_or_else(|| form.missing_value(ticket::SUBMITTED))?;
        let first_response = time(ticket::FIRST_RESPONSE)?;
        let resolved = time(ticket::RESOLVED)?;
        let local_date = zone.local(submitted).date();
        if local_date < self.ingest.first_policy {
            let value = zone.local(submitted).to_string();
            let expected = format!(
                "a submission on or after {}, from when the first policy holds,",
                self.ingest.first_policy
            );
            return Err(form.unknown(ticket::SUBMITTED, &value, Reason::BeforeFirstPolicy, &expected));
        }
        let account_manager =
            text(ticket::ACCOUNT_MANAGER, known.and_then(|known| known.account_manager.as_ref()))?;
        let (classification, product) = (text(ticket::CLASSIFICATION, None)?, text(ticket::PRODUCT, None)?);
        let log = self.log.as_ref().map(|log| log.row(layout, row, &zone)).transpose()?;

        // Nothing can fail from here on: the row is accepted.
        let latest = [Some(submitted), first_response, resolved, log.as_ref().map(|log| log.at)];
        for _ in 0..ambiguous + u64::from(log.as_ref().is_some_and(|log| log.ambiguous)) {
            part.warn(Warning::AmbiguousLocalTime);
        }
        if Zone::is_fixed_offset(&timezone) {
            part.warn(Warning::FixedOffsetZone);
        }
        let mut after = |time: Option<Instant>| {
            let early = time.is_some_and(|time| time < submitted);
            if early {
                part.warn(Warning::EventBeforeSubmission);
            }
            time.filter(|_| !early)
        };
        let (first_response, resolved) = (after(first_response), after(resolved));
        let batch = &mut part.batch;
        batch.latest = batch.latest.max(latest.into_iter().flatten().max());
        batch.zones.insert(timezone_name, zone);
        let mut name = |text: &str| batch.names.intern(text);
        let ticket = Ticket {
            customer: name(&customer),
            tier: name(&tier),
            region: name(&region),
            timezone: timezone_name,
            account_manager: account_manager.as_deref().map(&mut name),
            classification: classification.as_deref().map(&mut name),
            product: product.as_deref().map(&mut name),
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
        batch.log.extend(log);
        Ok(())
    }

    fn finish(&self, _: &mut Part<TicketBatch>) -> Vec<(u64, Fault)> {
        Vec::new()
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
        let log = ingest.profile.updates_from_tickets().then(|| LogForm::new(ingest.profile));
        let collector = Rows { form: &ingest.profile.tickets, log, ingest, customers, zones };
        let mut rows = TicketRows::default();
        for file in files {
            for batch in file.read(&collector, ledger)? {
                rows.append(batch, file.file);
            }
        }
        Ok(rows)
    }

    /// Adds a batch, its names renamed to those of all.
    fn append(&mut self, batch: TicketBatch, file: u16) {
        let renamed: Vec<Name> = batch.names.texts().iter().map(|text| self.names.intern(text)).collect();
        let rename = |name: Name| renamed[name.index()];
        for place in 0..batch.tickets.len() {
            let ticket = batch.tickets.get(place);
            let ticket = Ticket {
                customer: rename(ticket.customer),
                tier: rename(ticket.tier),
                region: rename(ticket.region),
                timezone: rename(ticket.timezone),
                account_manager: ticket.account_manager.map(rename),
                classification: ticket.classification.map(rename),
                product: ticket.product.map(rename),
                ..ticket
            };
            self.tickets.push(batch.tickets.ids.get(place), ticket);
        }
        self.places.extend(batch.lines.iter().map(|line| (file, *line)));
        if !batch.id_column.is_empty() {
            self.id_columns.insert(file, batch.id_column);
        }
        self.zones.extend(batch.zones.into_iter().map(|(name, zone)| (rename(name), zone)));
        self.log.extend(batch.log);
        self.latest = self.latest.max(batch.latest);
    }

    /// Puts the tickets in the order of their ids. Rows of one id that say the same are one
    /// ticket; those that contradict each other are all rejected. In an event log the latest row
    /// of a ticket holds.
    pub(super) fn settle(self, ledger: &mut Ledger) -> Sorted {
        let ids = &self.tickets.ids;
        let mut order: Vec<u32> = (0..self.tickets.len() as u32).collect();
        let is_log = !self.log.is_empty();
        order.par_sort_unstable_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            let moment = |row: usize| self.log.get(row).map(|log| log.moment());
            let by_moment = || moment(a).cmp(&moment(b)).then_with(|| self.places[a].cmp(&self.places[b]));
            ids.get(a).cmp(ids.get(b)).then_with(by_moment)
        });
        let mut sorted = Sorted { latest: self.latest, ..Sorted::default() };
        for rows in order.chunk_by(|a, b| ids.get(*a as usize) == ids.get(*b as usize)) {
            let ticket = |row: u32| self.tickets.get(row as usize);
            let [first, rest @ ..] = rows else { continue };
            let last = *rest.last().unwrap_or(first);
            let id = ids.get(*first as usize);
            if is_log {
                let place = sorted.tickets.len() as u32;
                sorted.tickets.push(id, ticket(last));
                sorted.log.extend(rows.iter().map(|row| {
                    let row = *row as usize;
                    (place, self.places[row].0, self.log[row])
                }));
            } else if rest.iter().all(|row| ticket(*row) == ticket(*first)) {
                sorted.tickets.push(id, ticket(*first));
                for row in rest {
                    ledger.warn(self.places[*row as usize].0, Warning::IdenticalDuplicate, 1);
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
            sorted.latest =
                (0..sorted.tickets.len()).filter_map(|place| sorted.tickets.get(place).latest()).max();
        }
        (sorted.names, sorted.zones) = (self.names, self.zones);
        sorted.by_id = IdIndex::of(&sorted.tickets.ids);
        sorted
    }
}

impl Sorted {
    /// The place of the ticket of this id.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.by_id.find(&self.tickets.ids, id)
    }

    /// The places of the tickets of these ids.
    pub(super) fn find_all(&self, ids: &Text) -> Vec<Option<u32>> {
        self.by_id.find_all(&self.tickets.ids, ids)
    }

    /// The zone of the ticket at a place.
    pub(super) fn zone(&self, place: u32) -> Option<&Arc<Zone>> {
        self.zones.get(&self.tickets.timezone(place as usize))
    }
}
