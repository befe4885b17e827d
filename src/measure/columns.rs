//! The facts column by column, made when asked for.
//!
//! Facts are kept as compact as they can be: what follows from a ticket (its customer, its zone)
//! or from other columns (hours, the metric) is not stored but made here, for one part of the
//! facts at a time, by whoever writes or queries it.

use super::compared::Compared;
use super::facts::{Facts, MeasurementFacts, TicketFacts};
use super::history::Outcome;
use super::schema::FactTable;
use crate::calendar::{HOUR, Instant, Month};
use crate::policy::Metric;
use crate::records::{Name, Text};

/// Texts that a column's codes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lexicon {
    /// The ids of tickets.
    Ids,
    /// The names of customers, tiers, regions, zones, …
    Names,
    /// `response`, `update`.
    Metrics,
    /// `met`, `breached`, `pending`.
    Outcomes,
    /// `open`, `resolved`.
    Statuses,
    /// `period`, `previous`, `year_before`.
    Compared,
    /// `YYYY-MM`.
    Months,
    /// `name@effective-from`.
    Policies,
}

/// The values of one column of one part of the facts; `None` is null.
#[derive(Debug, Clone, PartialEq)]
pub enum FactValues {
    /// Codes of texts, places in the lexicon that the schema names.
    Text(Vec<Option<u32>>),
    /// Small whole numbers.
    Int8(Vec<i8>),
    /// Whole numbers.
    Int32(Vec<i32>),
    /// Large whole numbers.
    Int64(Vec<i64>),
    /// Real numbers.
    Float(Vec<Option<f64>>),
    /// True or false.
    Bool(Vec<Option<bool>>),
    /// Microseconds of UTC.
    Instant(Vec<Option<i64>>),
    /// Microseconds of a wall clock.
    Local(Vec<Option<i64>>),
}

impl FactValues {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            FactValues::Text(values) => values.len(),
            FactValues::Int8(values) => values.len(),
            FactValues::Int32(values) => values.len(),
            FactValues::Int64(values) => values.len(),
            FactValues::Float(values) => values.len(),
            FactValues::Bool(values) => values.len(),
            FactValues::Instant(values) | FactValues::Local(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

const METRICS: [Metric; 2] = [Metric::Response, Metric::Update];
const OUTCOMES: [Outcome; 3] = [Outcome::Met, Outcome::Breached, Outcome::Pending];
const STATUSES: [&str; 2] = ["open", "resolved"];

impl Facts {
    /// How many parts the facts come in; the same for both tables.
    pub fn parts(&self) -> usize {
        self.tickets.len()
    }

    /// How many rows a part of a table has.
    pub fn part_rows(&self, table: FactTable, part: usize) -> usize {
        match table {
            FactTable::Measurements => self.measurements[part].ticket.len(),
            FactTable::Tickets => self.tickets[part].ticket.len(),
        }
    }

    /// The texts of a lexicon, in the order of their codes.
    pub fn lexicon(&self, lexicon: Lexicon) -> Text {
        let mut texts = Text::default();
        match lexicon {
            Lexicon::Ids => return self.records.tickets.ids.clone(),
            Lexicon::Names => return self.records.names.texts().clone(),
            Lexicon::Metrics => METRICS.iter().for_each(|metric| texts.push(metric.name())),
            Lexicon::Outcomes => OUTCOMES.iter().for_each(|outcome| texts.push(outcome.name())),
            Lexicon::Compared => Compared::ALL.iter().for_each(|which| texts.push(which.name())),
            Lexicon::Statuses => STATUSES.iter().for_each(|status| texts.push(status)),
            Lexicon::Policies => self.policies.iter().for_each(|policy| texts.push(policy)),
            Lexicon::Months => {
                (FIRST_MONTH..=LAST_MONTH)
                    .for_each(|month| texts.push(&Month::from_number(month).to_string()));
            }
        }
        texts
    }

    /// The values of a column of a part; `None` where there is no such part or column.
    pub fn column(&self, table: FactTable, name: &str, part: usize) -> Option<FactValues> {
        match table {
            FactTable::Measurements => self.measurement_column(self.measurements.get(part)?, name),
            FactTable::Tickets => self.ticket_column(self.tickets.get(part)?, name),
        }
    }

    fn measurement_column(&self, part: &MeasurementFacts, name: &str) -> Option<FactValues> {
        Some(match name {
            "metric" => {
                // The first measurement of a ticket is its response, and no other is.
                let codes = part.sequence.iter().map(|sequence| Some(u32::from(*sequence > 0)));
                FactValues::Text(codes.collect())
            }
            "sequence" => FactValues::Int32(part.sequence.iter().map(|number| *number as i32).collect()),
            "severity" => {
                FactValues::Int8(part.severity.iter().map(|severity| severity.number() as i8).collect())
            }
            "started_at" => FactValues::Instant(part.started.iter().map(|at| Some(at.micros())).collect()),
            "ended_at" => instants(&part.ended),
            "due_at" => FactValues::Instant(part.due.iter().map(|at| Some(at.micros())).collect()),
            "due_local" => FactValues::Local(self.due_local(part)),
            "decided_at" => instants(&part.decided),
            "started_weekday" => {
                FactValues::Int8(part.started_weekday.iter().map(|day| *day as i8).collect())
            }
            "started_hour" => FactValues::Int8(part.started_hour.iter().map(|hour| *hour as i8).collect()),
            "elapsed_us" => FactValues::Int64(part.elapsed.clone()),
            "target_us" => FactValues::Int64(part.target.clone()),
            "elapsed_h" => hours(part.elapsed.iter().map(|micros| Some(*micros))),
            "target_h" => hours(part.target.iter().map(|micros| Some(*micros))),
            "outcome" => outcomes(&part.outcome),
            "month" => months(part.month.iter().copied()),
            "in_period" => FactValues::Bool(part.in_period.iter().map(|is| Some(*is)).collect()),
            "policy" => policies(&part.policy),
            "compared" => {
                let codes = part.compared.iter().map(|which| which.map(|which| which as u32));
                FactValues::Text(codes.collect())
            }
            _ => return self.of_ticket(&part.ticket, name),
        })
    }

    fn ticket_column(&self, part: &TicketFacts, name: &str) -> Option<FactValues> {
        let counts = |counts: &[u32]| FactValues::Int32(counts.iter().map(|count| *count as i32).collect());
        Some(match name {
            "severity" => {
                FactValues::Int8(part.severity.iter().map(|severity| severity.number() as i8).collect())
            }
            "severity_last" => {
                FactValues::Int8(part.severity_last.iter().map(|severity| severity.number() as i8).collect())
            }
            "first_response_at" => instants(&part.first_response),
            "resolved_at" => instants(&part.resolved),
            "status" => {
                let codes = part.resolved.iter().map(|resolved| Some(u32::from(resolved.is_some())));
                FactValues::Text(codes.collect())
            }
            "response_h" => hours(part.response_elapsed.iter().map(|micros| Some(*micros))),
            "response_target_h" => hours(part.response_target.iter().map(|micros| Some(*micros))),
            "response_outcome" => outcomes(&part.response_outcome),
            "updates" => {
                let all = part.updates_met.iter().zip(&part.updates_breached).zip(&part.updates_pending);
                FactValues::Int32(
                    all.map(|((met, breached), pending)| (met + breached + pending) as i32).collect(),
                )
            }
            "updates_met" => counts(&part.updates_met),
            "updates_breached" => counts(&part.updates_breached),
            "updates_pending" => counts(&part.updates_pending),
            "worst_update_h" => hours(part.worst_update.iter().copied()),
            "compliant" => FactValues::Bool(part.compliant.clone()),
            "month" => months(part.month.iter().map(|month| Some(*month))),
            "in_period" => FactValues::Bool(part.in_period.iter().map(|is| Some(*is)).collect()),
            "policy" => policies(&part.policy),
            _ => return self.of_ticket(&part.ticket, name),
        })
    }

    /// A column that follows from the ticket alone.
    fn of_ticket(&self, tickets: &[u32], name: &str) -> Option<FactValues> {
        let all = &self.records.tickets;
        let named = |of: &dyn Fn(usize) -> Option<Name>| {
            let code = |place: &u32| of(*place as usize).map(|name| name.index() as u32);
            FactValues::Text(tickets.iter().map(code).collect())
        };
        Some(match name {
            "ticket_id" => FactValues::Text(tickets.iter().map(|place| Some(*place)).collect()),
            "customer" => named(&|place| Some(all.customer(place))),
            "tier" => named(&|place| Some(all.tier(place))),
            "region" => named(&|place| Some(all.region(place))),
            "timezone" => named(&|place| Some(all.timezone(place))),
            "account_manager" => named(&|place| all.account_manager(place)),
            "classification" => named(&|place| all.classification(place)),
            "product" => named(&|place| all.product(place)),
            "submitted_at" => {
                let submitted = |place: &u32| Some(all.submitted(*place as usize).micros());
                FactValues::Instant(tickets.iter().map(submitted).collect())
            }
            _ => return None,
        })
    }

    fn due_local(&self, part: &MeasurementFacts) -> Vec<Option<i64>> {
        let local = |(place, due): (&u32, &Instant)| {
            let timezone = self.records.tickets.timezone(*place as usize);
            self.records.zones.get(&timezone).map(|zone| zone.local(*due).micros())
        };
        part.ticket.iter().zip(&part.due).map(local).collect()
    }
}

/// The month of the first code of [`Lexicon::Months`]: December 1899, where 1900 begins in UTC.
const FIRST_MONTH: i16 = -1;
/// That of the last: January 2100, where 2099 ends in UTC.
const LAST_MONTH: i16 = 200 * 12;

fn instants(instants: &[Option<Instant>]) -> FactValues {
    FactValues::Instant(instants.iter().map(|at| at.map(Instant::micros)).collect())
}

/// Microseconds as hours: the one place where a time becomes a real number.
fn hours(micros: impl Iterator<Item = Option<i64>>) -> FactValues {
    FactValues::Float(micros.map(|micros| micros.map(|micros| micros as f64 / HOUR as f64)).collect())
}

fn outcomes(outcomes: &[Outcome]) -> FactValues {
    FactValues::Text(outcomes.iter().map(|outcome| Some(*outcome as u32)).collect())
}

fn months(months: impl Iterator<Item = Option<Month>>) -> FactValues {
    let code = |month: Month| (month.number() - FIRST_MONTH) as u32;
    FactValues::Text(months.map(|month| month.map(code)).collect())
}

fn policies(policies: &[u16]) -> FactValues {
    FactValues::Text(policies.iter().map(|place| Some(u32::from(*place))).collect())
}
