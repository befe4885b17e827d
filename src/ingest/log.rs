//! Rows that hold the ticket's state and severity after them, rather than what changed.
//!
//! What changed is found by laying a ticket's rows side by side in the order of time: a state or
//! severity that differs from the one before is an event at that row's instant.

use super::fields::{Fault, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Warning};
use super::profile::update;
use super::sorted::Sorted;
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
        for rows in rows.chunk_by(|a, b| a.at == b.at) {
            let Observation { ticket, at, .. } = rows[0];
            let mut happened = |kind| events.push(TicketEvent { ticket, kind, at });
            let (before, mut changes) = (state, Vec::new());
            for observed in rows.iter().map(|row| row.observed) {
                if let Some(new) = observed.state {
                    changes.extend(state.changes_to(new));
                    state = new;
                }
                if let Some(new) = observed.severity {
                    if severity.is_some_and(|old| old != new) {
                        happened(EventKind::Severity { from: severity, to: new });
                    }
                    severity = Some(new);
                }
            }
            // A state that lasted no time and is not the last one would be taken for it.
            if before.after(&changes) != state {
                changes = before.changes_to(state).collect();
            }
            changes.into_iter().for_each(happened);
        }
    }
    events
}

impl State {
    /// What happened where this state became another: how it ended, and how the other began.
    fn changes_to(self, new: State) -> impl Iterator<Item = EventKind> {
        let ended = match (self, new) {
            (State::Resolved, State::Open | State::Waiting) => Some(EventKind::Reopened),
            (State::Waiting, State::Open) => Some(EventKind::Resumed),
            _ => None,
        };
        let began = match new {
            _ if new == self => None,
            State::Waiting => Some(EventKind::Waiting),
            State::Resolved => Some(EventKind::Resolved),
            State::Open => None,
        };
        ended.into_iter().chain(began)
    }

    /// The state after changes at one instant, which are taken in the order of their kinds.
    fn after(self, changes: &[EventKind]) -> State {
        match changes.iter().max() {
            None => self,
            Some(EventKind::Resolved) => State::Resolved,
            Some(EventKind::Waiting) => State::Waiting,
            Some(_) => State::Open,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::SECOND;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * SECOND).unwrap()
    }

    fn rows(states: &[(i64, State)]) -> Vec<Observation> {
        let row = |(sequence, (seconds, state)): (i64, &(i64, State))| Observation {
            ticket: 0,
            at: at(*seconds),
            observed: Observed { sequence, state: Some(*state), severity: None },
        };
        (0..).zip(states).map(row).collect()
    }

    fn kinds(states: &[(i64, State)]) -> Vec<EventKind> {
        settle(rows(states)).iter().map(|event| event.kind).collect()
    }

    #[test]
    fn what_a_row_undoes_at_the_same_instant_did_not_happen() {
        use State::{Open, Resolved, Waiting};
        assert_eq!(kinds(&[(1, Resolved), (1, Open)]), []);
        assert_eq!(kinds(&[(1, Waiting), (1, Open)]), []);
        assert_eq!(
            kinds(&[(1, Resolved), (2, Waiting), (2, Open)]),
            [EventKind::Resolved, EventKind::Reopened]
        );
        // In the order in which events of one instant are taken, these come out as they were.
        assert_eq!(
            kinds(&[(1, Resolved), (2, Open), (2, Resolved)]),
            [EventKind::Resolved, EventKind::Reopened, EventKind::Resolved]
        );
    }

    proptest! {
        #[test]
        fn after_each_instant_the_ticket_is_in_the_state_of_its_last_row(
            steps in proptest::collection::vec(
                (0..2_i64, prop_oneof![Just(State::Open), Just(State::Waiting), Just(State::Resolved)]),
                1..20,
            ),
        ) {
            let mut seconds = 0;
            let states: Vec<(i64, State)> = steps
                .into_iter()
                .map(|(step, state)| {
                    seconds += step;
                    (seconds, state)
                })
                .collect();
            let mut events = settle(rows(&states));
            events.sort_unstable_by_key(|event| (event.at, event.kind));
            for (seconds, _) in &states {
                let last = states.iter().rfind(|(of, _)| of == seconds).map(|(_, state)| *state);
                let state = events.iter().filter(|event| event.at <= at(*seconds)).fold(State::Open, |state, event| {
                    state.after(&[event.kind])
                });
                prop_assert_eq!(Some(state), last);
            }
        }
    }
}
