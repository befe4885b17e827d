//! Rows that hold the ticket's state and severity after them, rather than what changed.
//!
//! What changed is found by laying a ticket's rows side by side in the order of time: a state or
//! severity that differs from the one before is an event at that row's instant.

use super::fields::{Fault, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Warning};
use super::profile::update;
use super::tickets::Sorted;
use crate::calendar::Instant;
use crate::policy::Severity;
use crate::records::{EventKind, EventStore, TicketEvent};

/// The state of a ticket after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Open,
    Waiting,
    Resolved,
}

/// What a row shows of its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Observed {
    /// Orders rows of one instant.
    sequence: i64,
    state: Option<State>,
    severity: Option<Severity>,
}

impl Observed {
    /// Reads what a row shows; `None` where the profile reads neither state nor severity from it.
    pub(super) fn read(
        form: &TableForm,
        layout: &Layout,
        row: &impl Row,
        severity: Option<Severity>,
    ) -> Result<Option<Observed>, Fault> {
        let unknown =
            |place, value: &str, expected| form.unknown(place, value, Reason::UnknownValue, expected);
        let state = match form.text(layout, row, update::STATE)?.as_deref() {
            None => None,
            Some("open") => Some(State::Open),
            Some("waiting") => Some(State::Waiting),
            Some("resolved") => Some(State::Resolved),
            Some(other) => return Err(unknown(update::STATE, other, "open, waiting or resolved")),
        };
        let sequence = match form.text(layout, row, update::SEQUENCE)? {
            None => 0,
            Some(text) => text.parse().map_err(|_| unknown(update::SEQUENCE, &text, "a whole number"))?,
        };
        Ok((state.is_some() || severity.is_some()).then_some(Observed { sequence, state, severity }))
    }

    /// Its place among rows of one instant.
    pub(super) fn sequence(&self) -> i64 {
        self.sequence
    }
}

/// What a row shows of a ticket, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    pub(super) ticket: u32,
    pub(super) at: Instant,
    pub(super) observed: Observed,
}

/// The events that a set of observations amounts to.
pub(super) fn settle(mut observations: Vec<Observation>) -> Vec<TicketEvent> {
    observations.sort_unstable_by_key(|seen| (seen.ticket, seen.at, seen.observed));
    let mut events = Vec::new();
    for rows in observations.chunk_by(|a, b| a.ticket == b.ticket) {
        let (mut state, mut severity) = (State::Open, None);
        for Observation { ticket, at, observed } in rows.iter().copied() {
            let mut happened = |kind| events.push(TicketEvent { ticket, kind, at });
            if let Some(new) = observed.state {
                match (state, new) {
                    (State::Resolved, State::Open | State::Waiting) => happened(EventKind::Reopened),
                    (State::Waiting, State::Open) => happened(EventKind::Resumed),
                    _ => {}
                }
                if new != state {
                    match new {
                        State::Waiting => happened(EventKind::Waiting),
                        State::Resolved => happened(EventKind::Resolved),
                        State::Open => {}
                    }
                }
                state = new;
            }
            if let Some(new) = observed.severity {
                if severity.is_some_and(|old| old != new) {
                    happened(EventKind::Severity { from: severity, to: new });
                }
                severity = Some(new);
            }
        }
    }
    events
}

impl Sorted {
    /// The events that the tickets' own rows hold; those before the submission are left out with a
    /// warning, and kept for an explanation alone.
    pub(super) fn log_events(&self, store: &EventStore, ledger: &mut Ledger) {
        let (mut events, mut observations) = (self.early.clone(), Vec::new());
        for (ticket, file, row) in &self.log {
            if row.at < self.tickets.get(*ticket as usize).submitted {
                ledger.warn(*file, Warning::EventBeforeSubmission, 1);
                row.file_early(*ticket, &mut events);
                continue;
            }
            row.file_under(*ticket, &mut events, &mut observations);
        }
        store.add(&events);
        store.add(&settle(observations));
    }
}
