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
use crate::policy::{Policy, PolicyBook};
use crate::records::{EventPart, GroupedEvents, KeptEvents, PART, Records};
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
    pub fn measure_within(&self, records: Records, spill: Option<&Arc<Spill>>) -> Result<Facts, RunError> {
        let as_of = self.as_of_in(&records)?;
        let books = [Judging::new(self, self.policies, &records, as_of)?];
        let [facts] = self.judge_each(books, records, as_of, spill)?;
        Ok(facts)
    }

    /// Measures every ticket under the policies and, in the same pass, under others: each ticket's
    /// events are put in order once. The facts of both are those that two runs would give.
    ///
    /// # Errors
    /// [`RunError`] as for [`Self::measure_within`], by either's policies.
    pub fn measure_both(
        &self,
        others: &PolicyBook,
        records: Records,
        spill: Option<&Arc<Spill>>,
    ) -> Result<[Facts; 2], RunError> {
        let as_of = self.as_of_in(&records)?;
        let judging = |book| Judging::new(self, book, &records, as_of);
        let books = [judging(self.policies)?, judging(others)?];
        self.judge_each(books, records, as_of, spill)
    }

    fn as_of_in(&self, records: &Records) -> Result<Instant, RunError> {
        self.as_of.or(records.latest).ok_or(RunError::NoInstant)
    }

    fn judge_each<const BOOKS: usize>(
        &self,
        mut books: [Judging; BOOKS],
        mut records: Records,
        as_of: Instant,
        spill: Option<&Arc<Spill>>,
    ) -> Result<[Facts; BOOKS], RunError> {
        let periods = ComparedPeriods::of(self.period);
        // A part's events are let go as soon as it is measured.
        let mut events = std::mem::take(&mut records.events).into_parts();
        events.resize_with(records.tickets.len().div_ceil(PART), EventPart::default);
        let parts: Vec<Vec<_>> = events
            .into_par_iter()
            .enumerate()
            .map_init(Room::default, |room, (part, events)| {
                let events = events.grouped()?;
                let measure = |book: &Judging| {
                    let (measured, tickets, kept) =
                        measure_part((&records, self.keep), part * PART, &events, (book, &periods), room)?;
                    Ok((MeasurementPart::keep(measured, spill)?, tickets, kept))
                };
                books.iter().map(measure).collect::<Result<_, RunError>>()
            })
            .collect::<Result<_, RunError>>()?;
        for part in parts {
            for (book, (measurements, tickets, kept)) in books.iter_mut().zip(part) {
                book.measurements.push(measurements);
                book.tickets.push(tickets);
                book.kept.append(kept);
            }
        }
        let updates_known = records.updates_known;
        let records = Arc::new(records);
        Ok(books.map(|book| Facts {
            policies: book.policies,
            policy_dates: book.policy_dates,
            measurements: book.measurements,
            tickets: book.tickets,
            as_of,
            period_closed: book.period_closed,
            period: self.period.clone(),
            updates_known,
            records: Arc::clone(&records),
            terms: book.terms,
            ticket_terms: book.places,
            kept: book.kept,
        }))
    }
}

/// What tickets are judged by under one book of policies, and what that has come to so far.
struct Judging {
    policies: Vec<String>,
    policy_dates: Vec<NaiveDate>,
    terms: Vec<Terms>,
    /// The place in `terms` of each ticket's.
    places: Vec<u32>,
    period_closed: bool,
    measurements: Vec<MeasurementPart>,
    tickets: Vec<TicketFacts>,
    kept: KeptEvents,
}

impl Judging {
    fn new(run: &Run<'_>, book: &PolicyBook, records: &Records, as_of: Instant) -> Result<Judging, RunError> {
        let (terms, places) = TermsBook::new(records, book, run.period, as_of).of_all()?;
        let ended =
            |terms: &Terms| run.period.last_instant(terms.clock.zone()).is_some_and(|end| end <= as_of);
        Ok(Judging {
            policies: book.policies().iter().map(Policy::id).collect(),
            policy_dates: book.policies().iter().map(|policy| policy.effective_from).collect(),
            period_closed: !terms.is_empty() && terms.iter().all(ended),
            terms,
            places,
            measurements: Vec::new(),
            tickets: Vec::new(),
            kept: KeptEvents::default(),
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
    events: &GroupedEvents,
    (book, periods): (&Judging, &ComparedPeriods),
    room: &mut Room,
) -> Result<Part, RunError> {
    let Room { course, measurements, measured, tickets, examples } = room;
    examples.clear();
    let mut kept = KeptEvents::default();
    let last = book.places.len().min(first + PART);
    for (place, kind) in (first..last).zip(&book.places[first..last]) {
        let terms = &book.terms[*kind as usize];
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

#[cfg(test)]
mod tests {
    use super::super::samples::{policies, records};
    use super::super::schema::FactTable;
    use super::*;
    use crate::policy::northern;

    #[test]
    fn two_policies_in_one_pass_give_the_facts_of_two_runs() {
        let (one, other) = (policies(), PolicyBook::new(vec![long_hours()]).unwrap());
        let period = "2023-07".parse().unwrap();
        let run = |policies| Run { policies, period: &period, as_of: None, keep: Keep::Late };
        // Two parts and a piece.
        let both = run(&one).measure_both(&other, records(33_000), None).unwrap();
        let alone = [run(&one), run(&other)].map(|run| run.measure(records(33_000)).unwrap());
        for (beside, alone) in both.iter().zip(&alone) {
            assert_eq!((beside.parts(), alone.parts()), (3, 3));
            for part in 0..3 {
                let (beside, alone) =
                    (beside.part(part).unwrap().unwrap(), alone.part(part).unwrap().unwrap());
                for table in FactTable::ALL {
                    for column in table.columns() {
                        let name = column.name;
                        assert_eq!(beside.column(table, name), alone.column(table, name), "{name}");
                    }
                }
            }
            assert!(beside.kept.places().eq(alone.kept.places()));
            assert_eq!((&beside.policies, beside.period_closed), (&alone.policies, alone.period_closed));
        }
        let outcomes = |facts: &Facts| facts.measurements[0].get().unwrap().outcome.clone();
        assert_ne!(outcomes(&both[0]), outcomes(&both[1]));
    }

    /// Other hours and targets than those of the samples' policy, and clocks that run on.
    fn long_hours() -> Policy {
        let text = crate::policy::NORTHERN.replace("1 = 8", "1 = 4");
        assert_ne!(text, crate::policy::NORTHERN);
        let text = format!("{text}\n[calendars.long]\nlike = \"default\"\nsunday = [\"09:00-18:00\"]\n");
        let policy = Policy::parse("long", &text, None).unwrap();
        assert_ne!(policy.targets("", "", ""), northern().targets("", "", ""));
        policy
    }
}
