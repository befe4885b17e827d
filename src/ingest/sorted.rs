//! The tickets of all files, duplicates settled, in the order of their ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::ids::{IdIndex, Wanted};
use super::ledger::{Ledger, Reason, Reject, Warning};
use super::updates::Update;
use crate::calendar::{Instant, Zone};
use crate::records::{EventKind, Name, Names, Ticket, TicketEvent, Tickets};

/// The rows of all files, before duplicates are settled.
#[derive(Debug, Default)]
pub(super) struct TicketRows {
    pub(super) tickets: Tickets,
    pub(super) names: Names,
    pub(super) zones: BTreeMap<Name, Arc<Zone>>,
    /// The file and line of each.
    pub(super) places: Vec<(u16, u64)>,
    /// What each file calls the column of the id.
    pub(super) id_columns: BTreeMap<u16, String>,
    pub(super) log: Vec<Update>,
    pub(super) held: Vec<(u32, Update)>,
    pub(super) early: Vec<(u32, Instant, EventKind)>,
    pub(super) submitted_by_log: bool,
    /// Whether the files tell what support told customers.
    pub(super) communicates: bool,
    pub(super) latest: Option<Instant>,
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
