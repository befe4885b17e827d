//! The run over all tickets, in parallel.

use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::facts::{Facts, MeasurementFacts, TicketFacts, add};
use super::history::{History, Judge, measure};
use super::period::Period;
use super::terms::{Terms, TermsBook};
use crate::calendar::Instant;
use crate::policy::PolicyBook;
use crate::records::{Events, Records};

/// Tickets measured side by side. Parts are cut by this number alone, so that the facts are the
/// same on any number of threads.
const PART: usize = 16 * 1024;

/// What to measure, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The policies.
    pub policies: &'a PolicyBook,
    /// The period the report covers.
    pub period: &'a Period,
    /// The instant as of which to look; `None` for the latest in the records.
    pub as_of: Option<Instant>,
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
    /// Measures every ticket of the records. The facts keep the records, less their events: what
    /// these had to say is said.
    ///
    /// # Errors
    /// [`RunError`] where a ticket cannot be judged; no figure is guessed.
    pub fn measure(&self, mut records: Records) -> Result<Facts, RunError> {
        let as_of = self.as_of.or(records.latest).ok_or(RunError::NoInstant)?;
        let mut book = TermsBook::new(&records, self.policies, self.period, as_of);
        let places: Vec<u32> = (0..records.tickets.len())
            .map(|place| book.of(&records.tickets.get(place)))
            .collect::<Result<_, _>>()?;
        let terms = book.into_terms();
        let ended =
            |terms: &Terms| self.period.last_instant(terms.clock.zone()).is_some_and(|end| end <= as_of);
        let period_closed = !terms.is_empty() && terms.iter().all(ended);
        let parts: Vec<_> = places
            .par_chunks(PART)
            .enumerate()
            .map(|(part, places)| self.measure_part(&records, part * PART, places, &terms))
            .collect::<Result<_, _>>()?;
        let (measurements, tickets) = parts.into_iter().unzip();
        records.events = Events::default();
        Ok(Facts {
            policies: self.policies.policies().iter().map(|policy| policy.id()).collect(),
            measurements,
            tickets,
            as_of,
            period_closed,
            period: self.period.clone(),
            updates_known: records.updates_known,
            records: Arc::new(records),
        })
    }

    fn measure_part(
        &self,
        records: &Records,
        first: usize,
        places: &[u32],
        terms: &[Terms],
    ) -> Result<(MeasurementFacts, TicketFacts), RunError> {
        let (mut measured, mut tickets) = (MeasurementFacts::default(), TicketFacts::default());
        let mut measurements = Vec::new();
        for (place, terms) in (first..).zip(places.iter().map(|place| &terms[*place as usize])) {
            let ticket = records.tickets.get(place);
            let policy = &self.policies.policies()[terms.policy];
            let history = History {
                submitted: ticket.submitted,
                severity: ticket.severity,
                first_response: ticket.first_response,
                resolved: ticket.resolved,
                events: records.events.of(place),
                updates_known: records.updates_known,
            };
            let judge = Judge {
                clock: &terms.clock,
                targets: &terms.targets,
                comparison: policy.comparison,
                waiting: policy.waiting,
            };
            measurements.clear();
            let life =
                measure(&history, &judge, terms.cut, &mut measurements).map_err(|_| RunError::NeverDue {
                    ticket: records.tickets.ids.get(place).to_owned(),
                    calendar: terms.calendar.clone(),
                })?;
            if let Some(life) = life {
                let judged = (terms, policy, self.period);
                add(
                    (&mut measured, &mut tickets),
                    place as u32,
                    ticket.submitted,
                    &life,
                    &measurements,
                    judged,
                );
            }
        }
        measured.shrink();
        tickets.shrink();
        Ok((measured, tickets))
    }
}
