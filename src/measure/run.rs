//! The run over all tickets, in parallel.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::compared::ComparedPeriods;
use super::example::Examples;
use super::facts::{Facts, MeasurementFacts, TicketFacts, add};
use super::history::{self, History, Measurement, measure_in};
use super::parts::MeasurementPart;
use super::period::Period;
use super::terms::{Terms, TermsBook};
use crate::calendar::Instant;
use crate::policy::PolicyBook;
use crate::records::{EventPart, KeptEvents, PART, Records};
use crate::spill::{Spill, SpillError};

/// What to measure, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The policies.
    pub policies: &'a PolicyBook,
    /// The period the report covers.
    pub period: &'a Period,
    /// The instant as of which to look; `None` for the latest in the records.
    pub as_of: Option<Instant>,
    /// The tickets that can be explained afterwards.
    pub keep: Keep<'a>,
}

/// The tickets whose events are kept, so that they can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep<'a> {
    /// Those of which anything in the period was breached or is pending, and a few that make good
    /// examples.
    #[default]
    Late,
    /// Those of these ids.
    Named(&'a BTreeSet<String>),
    /// All.
    All,
}

/// Why the records cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// There is no instant to look from.
    #[error(
        "the inputs hold no ticket and no update, so that there is no instant to report as of; give one with --as-of"
    )]
    NoInstant,
    /// A zone that the records do not hold.
    #[error("the time zone \"{0}\" is not among those of the records")]
    UnknownZone(String),
    /// A ticket before the first policy.
    #[error("no policy holds on {0}; give one with an earlier effective_from")]
    NoPolicy(NaiveDate),
    /// A calendar that the policy does not have.
    #[error(
        "{place}: there is no calendar \"{calendar}\" in the policy {policy}; add [calendars.{calendar}] to it"
    )]
    UnknownCalendar {
        /// Where it is named.
        place: String,
        /// Its name.
        calendar: String,
        /// The policy that does not have it.
        policy: String,
    },
    /// What memory had no room for cannot be had again.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// A due instant that no clock knows.
    #[error(
        "ticket {ticket}: its target is not reached by 2100 in calendar \"{calendar}\"; has it any working hours?"
    )]
    NeverDue {
        /// The ticket.
        ticket: String,
        /// The calendar it is measured by.
        calendar: String,
    },
}

impl Run<'_> {
    /// Measures every ticket of the records. The facts keep the records, less their events, of
    /// which only those remain that an explanation may be asked from.
    ///
    /// # Errors
    /// [`RunError`] where a ticket cannot be judged; no figure is guessed.
    pub fn measure(&self, records: Records) -> Result<Facts, RunError> {
        self.measure_within(records, None)
    }

    /// The same, within a limit of memory: facts that it has no room for are kept in its file.
    ///
    /// # Errors
    /// [`RunError`] as for [`Self::measure`], and where the file cannot be used.
    pub fn measure_within(
        &self,
        mut records: Records,
        spill: Option<&Arc<Spill>>,
    ) -> Result<Facts, RunError> {
        let as_of = self.as_of.or(records.latest).ok_or(RunError::NoInstant)?;
        let (terms, places) = TermsBook::new(&records, self.policies, self.period, as_of).of_all()?;
        let ended =
            |terms: &Terms| self.period.last_instant(terms.clock.zone()).is_some_and(|end| end <= as_of);
        let period_closed = !terms.is_empty() && terms.iter().all(ended);
        let periods = ComparedPeriods::of(self.period);
        // A part's events are let go as soon as it is measured.
        let mut events = std::mem::take(&mut records.events).into_parts();
        events.resize_with(places.len().div_ceil(PART), EventPart::default);
        let parts: Vec<_> = places
            .par_chunks(PART)
            .zip(events)
            .enumerate()
            .map_init(Room::default, |room, (part, (places, events))| {
                let (measured, tickets, kept) = measure_part(
                    (&records, self.keep),
                    part * PART,
                    places,
                    events,
                    (&terms, &periods),
                    room,
                )?;
                Ok((MeasurementPart::keep(measured, spill)?, tickets, kept))
            })
            .collect::<Result<_, RunError>>()?;
        let (mut measurements, mut tickets, mut kept) = (Vec::new(), Vec::new(), KeptEvents::default());
        for (of_measurements, of_tickets, of_kept) in parts {
            measurements.push(of_measurements);
            tickets.push(of_tickets);
            kept.append(&of_kept);
        }
        Ok(Facts {
            policies: self.policies.policies().iter().map(|policy| policy.id()).collect(),
            policy_dates: self.policies.policies().iter().map(|policy| policy.effective_from).collect(),
            measurements,
            tickets,
            as_of,
            period_closed,
            period: self.period.clone(),
            updates_known: records.updates_known,
            records: Arc::new(records),
            terms,
            ticket_terms: places,
            kept,
        })
    }
}

/// A part of both tables, and the events of those of its tickets that somebody may ask about.
type Part = (MeasurementFacts, TicketFacts, KeptEvents);

/// Room that one part after the other is measured in.
#[derive(Debug, Default)]
struct Room {
    course: history::Room,
    measurements: Vec<Measurement>,
    measured: MeasurementFacts,
    tickets: TicketFacts,
    examples: Examples,
}

fn measure_part(
    (records, keep): (&Records, Keep<'_>),
    first: usize,
    places: &[u32],
    events: EventPart,
    (terms, periods): (&[Terms], &ComparedPeriods),
    room: &mut Room,
) -> Result<Part, RunError> {
    let Room { course, measurements, measured, tickets, examples } = room;
    examples.clear();
    let mut kept = KeptEvents::default();
    let events = events.grouped()?;
    for (place, kind) in (first..).zip(places) {
        let terms = &terms[*kind as usize];
        let ticket = records.tickets.get(place);
        let events = events.of(place - first);
        let history = History::of(&ticket, events, records.updates_known);
        measurements.clear();
        let life = measure_in(course, &history, &terms.judge(), terms.cut, measurements).map_err(|_| {
            RunError::NeverDue {
                ticket: records.tickets.ids.get(place).to_owned(),
                calendar: terms.calendar.clone(),
            }
        })?;
        if let Some(life) = life {
            let columns = (&mut *measured, &mut *tickets);
            let place = place as u32;
            let response = columns.0.started.len();
            let is_late = add(columns, place, ticket.submitted, &life, measurements, (terms, periods));
            let is_kept = match keep {
                Keep::Late => {
                    let (zone, in_period) = (terms.clock.zone(), measured.in_period(response));
                    is_late || examples.takes(*kind, zone, measurements.first(), in_period)
                }
                Keep::Named(ids) => ids.contains(records.tickets.ids.get(place as usize)),
                Keep::All => true,
            };
            if is_kept {
                kept.push(place, events);
            }
        }
    }
    Ok((measured.take(), tickets.take(), kept))
}
