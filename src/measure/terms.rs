//! What each ticket is judged by, worked out once per kind of ticket and shared by all of it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::history::Judge;
use super::period::Period;
use super::run::RunError;
use crate::calendar::{Instant, WorkClock, Zone};
use crate::policy::{
    CalendarSource, Comparison, PeriodBy, Policy, PolicyBook, TargetSources, Targets, Waiting,
};
use crate::records::{Name, PART, Records, Ticket};

/// What a ticket is judged by.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The place of its policy in the book.
    pub policy: usize,
    /// The name of its calendar.
    pub calendar: String,
    /// Where that calendar is chosen.
    pub calendar_from: CalendarSource,
    /// The working time of its customer.
    pub clock: Arc<WorkClock>,
    /// Its targets.
    pub targets: Targets,
    /// Where each of them is set.
    pub targets_from: TargetSources,
    /// Whether a time equal to its target is in time.
    pub comparison: Comparison,
    /// What the clock does while the customer is waited for.
    pub waiting: Waiting,
    /// Which month a measurement counts in.
    pub period_by: PeriodBy,
    /// The instant as of which it is looked at: the earlier of the export's and the period's end
    /// on the customer's clock.
    pub cut: Instant,
}

impl Terms {
    /// What its measurements are judged by.
    pub fn judge(&self) -> Judge<'_> {
        Judge {
            clock: &self.clock,
            targets: &self.targets,
            comparison: self.comparison,
            waiting: self.waiting,
        }
    }
}

/// What tickets of one kind share: the policy, the customer, the tier, the region and the zone.
type Kind = (usize, Name, Name, Name, Name);

/// The kinds of some tickets.
struct Kinds {
    /// Each kind in the order in which it is met, and the first ticket of it.
    kinds: Vec<(Kind, usize)>,
    /// The place of each ticket's kind among them.
    of_tickets: Vec<u32>,
    /// Why the next ticket has none.
    failed: Option<RunError>,
}

/// The terms of every kind of ticket met so far.
pub(super) struct TermsBook<'a> {
    records: &'a Records,
    policies: &'a PolicyBook,
    period: &'a Period,
    as_of: Instant,
    /// The zones of the records, by the places of their names.
    zones: Vec<Option<&'a Arc<Zone>>>,
    places: HashMap<Kind, u32, FxBuildHasher>,
    clocks: HashMap<(usize, String, Name), Arc<WorkClock>, FxBuildHasher>,
    terms: Vec<Terms>,
}

impl<'a> TermsBook<'a> {
    pub(super) fn new(
        records: &'a Records,
        policies: &'a PolicyBook,
        period: &'a Period,
        as_of: Instant,
    ) -> TermsBook<'a> {
        let mut zones = vec![None; records.names.len()];
        for (name, zone) in &records.zones {
            zones[name.index()] = Some(zone);
        }
        let (places, clocks, terms) = (HashMap::default(), HashMap::default(), Vec::new());
        TermsBook { records, policies, period, as_of, zones, places, clocks, terms }
    }

    /// The terms of all tickets of the records, and for each ticket the place of its own.
    pub(super) fn of_all(mut self) -> Result<(Vec<Terms>, Vec<u32>), RunError> {
        let all = self.records.tickets.len();
        let firsts: Vec<usize> = (0..all).step_by(PART).collect();
        let kinds = |first: &usize| self.kinds(*first..all.min(first + PART));
        let parts: Vec<Kinds> = firsts.par_iter().map(kinds).collect();
        let mut places = Vec::with_capacity(all);
        for Kinds { kinds, of_tickets, failed } in parts {
            let now = kinds.into_iter().map(|(kind, first)| self.place(kind, first));
            let now: Vec<u32> = now.collect::<Result<_, RunError>>()?;
            failed.map_or(Ok(()), Err)?;
            places.extend(of_tickets.into_iter().map(|kind| now[kind as usize]));
        }
        Ok((self.terms, places))
    }

    fn kinds(&self, tickets: Range<usize>) -> Kinds {
        let mut all =
            Kinds { kinds: Vec::new(), of_tickets: Vec::with_capacity(tickets.len()), failed: None };
        // The latest kind of each customer's tickets, by the places of their names: mostly that of
        // the next.
        let mut latest: Vec<Option<(Kind, u32)>> = vec![None; self.records.names.len()];
        let mut known: HashMap<Kind, u32, FxBuildHasher> = HashMap::default();
        for ticket in tickets {
            let kind = match self.kind(ticket) {
                Ok(kind) => kind,
                Err(error) => {
                    all.failed = Some(error);
                    break;
                }
            };
            let latest = &mut latest[kind.1.index()];
            let place = match *latest {
                Some((same, place)) if same == kind => place,
                _ => *known.entry(kind).or_insert_with(|| {
                    all.kinds.push((kind, ticket));
                    all.kinds.len() as u32 - 1
                }),
            };
            *latest = Some((kind, place));
            all.of_tickets.push(place);
        }
        all
    }

    fn kind(&self, ticket: usize) -> Result<Kind, RunError> {
        let all = &self.records.tickets;
        let timezone = all.timezone(ticket);
        let zone = self.zone(timezone)?;
        let submitted = zone.local(all.submitted(ticket));
        let policy = self.policies.in_force(submitted);
        let policy = policy.ok_or_else(|| RunError::NoPolicy(submitted.date()))?;
        Ok((policy, all.customer(ticket), all.tier(ticket), all.region(ticket), timezone))
    }

    /// The place of the terms of a kind of which this ticket is.
    fn place(&mut self, kind: Kind, ticket: usize) -> Result<u32, RunError> {
        if let Some(place) = self.places.get(&kind) {
            return Ok(*place);
        }
        let (policy, .., timezone) = kind;
        let zone = Arc::clone(self.zone(timezone)?);
        let terms = self.make(&self.records.tickets.get(ticket), policy, zone)?;
        let place = self.terms.len() as u32;
        self.terms.push(terms);
        self.places.insert(kind, place);
        Ok(place)
    }

    fn zone(&self, name: Name) -> Result<&'a Arc<Zone>, RunError> {
        self.zones[name.index()].ok_or_else(|| self.unknown_zone(name))
    }

    fn unknown_zone(&self, name: Name) -> RunError {
        RunError::UnknownZone(self.records.names.text(name).to_owned())
    }

    fn make(&mut self, ticket: &Ticket, place: usize, zone: Arc<Zone>) -> Result<Terms, RunError> {
        let policy = &self.policies.policies()[place];
        let text = |name| self.records.names.text(name);
        let (customer, tier, region) = (text(ticket.customer), text(ticket.tier), text(ticket.region));
        let (calendar, calendar_from) = self.calendar_name(ticket, policy, customer, region)?;
        let cut = self.period.last_instant(&zone).map_or(self.as_of, |end| end.min(self.as_of));
        let targets = policy.targets(customer, tier, region);
        let key = (place, calendar.clone(), ticket.timezone);
        let clock = match self.clocks.get(&key) {
            Some(clock) => Arc::clone(clock),
            None => {
                let hours = policy.calendar(&calendar).ok_or_else(|| RunError::UnknownCalendar {
                    place: policy.id(),
                    calendar: calendar.clone(),
                    policy: policy.id(),
                })?;
                let clock = Arc::new(WorkClock::new(hours, zone));
                self.clocks.insert(key, Arc::clone(&clock));
                clock
            }
        };
        Ok(Terms {
            policy: place,
            calendar,
            calendar_from,
            clock,
            targets,
            targets_from: TargetSources::new(policy, customer, tier, region),
            comparison: policy.comparison,
            waiting: policy.waiting,
            period_by: policy.period_by,
            cut,
        })
    }

    /// The customer row's calendar, else the policy's for that customer, region, or `default`; and
    /// which of them it is.
    fn calendar_name(
        &self,
        ticket: &Ticket,
        policy: &Policy,
        customer: &str,
        region: &str,
    ) -> Result<(String, CalendarSource), RunError> {
        match self.records.calendars.get(&ticket.customer) {
            Some(row) if policy.calendar(&row.calendar).is_none() => Err(RunError::UnknownCalendar {
                place: row.place.clone(),
                calendar: row.calendar.clone(),
                policy: policy.id(),
            }),
            Some(row) => Ok((row.calendar.clone(), CalendarSource::CustomersTable)),
            None => Ok((
                policy.calendar_name(customer, region).to_owned(),
                policy.calendar_source(customer, region),
            )),
        }
    }
}
