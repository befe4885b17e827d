//! The facts column by column, made when asked for.
//!
//! Facts are kept as compact as they can be: what follows from a ticket (its customer, its zone),
//! from its terms (the policy, the target) or from other columns (hours, the metric, a ticket's
//! counts) is not stored but made here, for one part of the facts at a time, by whoever writes or
//! queries it.

use std::borrow::Cow;
use std::ops::Range;

use super::compared::Compared;
use super::facts::{Facts, MeasurementFacts, TicketFacts};
use super::history::Outcome;
use super::schema::FactTable;
use super::targets::TargetCodes;
use crate::calendar::{HOUR, Instant, LocalTime, Month};
use crate::policy::{Metric, Severity};
use crate::records::{Name, Text};
use crate::spill::SpillError;

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

/// The values of a column of one part of the facts that has one in every row.
#[derive(Debug, Clone, PartialEq)]
pub enum FullValues {
    /// Codes of texts.
    Text(Vec<u32>),
    /// Real numbers.
    Float(Vec<f64>),
    /// Microseconds of UTC.
    Instant(Vec<i64>),
    /// Microseconds of a wall clock.
    Local(Vec<i64>),
}

impl From<FullValues> for FactValues {
    fn from(values: FullValues) -> FactValues {
        fn some<T>(values: Vec<T>) -> Vec<Option<T>> {
            values.into_iter().map(Some).collect()
        }
        match values {
            FullValues::Text(codes) => FactValues::Text(some(codes)),
            FullValues::Float(values) => FactValues::Float(some(values)),
            FullValues::Instant(values) => FactValues::Instant(some(values)),
            FullValues::Local(values) => FactValues::Local(some(values)),
        }
    }
}

/// A part of both tables of facts, whose columns are made when asked for.
#[derive(Debug)]
pub struct FactsPart<'a> {
    facts: &'a Facts,
    tickets: Cow<'a, TicketFacts>,
    measurements: Cow<'a, MeasurementFacts>,
    /// The place of each measurement among those of its ticket, where these are but some: then
    /// each stands under its ticket alone.
    sequences: Option<Vec<u32>>,
}

impl FactsPart<'_> {
    /// The values of a column; `None` where there is no such column.
    pub fn column(&self, table: FactTable, name: &str) -> Option<FactValues> {
        let part = self.part();
        let own = match table {
            FactTable::Measurements => {
                let full = self.facts.full_column(part, name).map(Into::into);
                full.or_else(|| self.facts.measurement_column(part, name))
            }
            FactTable::Tickets => self.facts.ticket_column(part, name),
        };
        own.or_else(|| self.facts.of_ticket(table, part.tickets, name))
    }

    /// The values of a column that has one in every row, in the form that is the cheapest to make;
    /// `None` of any other column.
    pub fn full(&self, table: FactTable, name: &str) -> Option<FullValues> {
        match table {
            FactTable::Measurements => self.facts.full_column(self.part(), name),
            FactTable::Tickets => None,
        }
    }

    /// A part of no more than some rows of a table, in their order: whoever asks for a few rows need
    /// not have all columns made. The other table of it is none that could be asked for.
    pub fn only(&self, table: FactTable, rows: &[usize]) -> FactsPart<'_> {
        let (mut tickets, mut measurements) = (TicketFacts::default(), MeasurementFacts::default());
        let sequences = match table {
            FactTable::Tickets => {
                for row in rows {
                    let own = self.tickets.measurements(*row);
                    tickets.copy(&self.tickets, *row, self.tickets.ticket[*row], own.len());
                    measurements.copy(&self.measurements, own);
                }
                None
            }
            FactTable::Measurements => {
                let mut ticket = 0;
                let sequence = |row: &usize| {
                    while self.tickets.end[ticket] as usize <= *row {
                        ticket += 1;
                    }
                    tickets.copy(&self.tickets, ticket, self.tickets.ticket[ticket], 1);
                    (row - self.tickets.measurements(ticket).start) as u32
                };
                let sequences = rows.iter().map(sequence).collect();
                measurements.choose(&self.measurements, rows);
                Some(sequences)
            }
        };
        FactsPart {
            facts: self.facts,
            tickets: Cow::Owned(tickets),
            measurements: Cow::Owned(measurements),
            sequences,
        }
    }

    /// The codes of the measurements' targets: columns of these are made the quickest so.
    pub fn coded_targets(&self, codes: &TargetCodes) -> Vec<u32> {
        let part = self.part();
        by_measurement(part, |place, rows, first| {
            let codes = codes.of_terms(self.facts.ticket_terms[place]);
            rows.zip(first..).map(|(row, sequence)| codes.of(metric(sequence), part.all.severity[row]))
        })
    }

    fn part(&self) -> Part<'_> {
        Part {
            tickets: &self.tickets,
            all: &self.measurements,
            sequences: self.sequences.as_deref().unwrap_or_default(),
        }
    }

    /// The values of a column that are the same for all measurements of a ticket, one for each
    /// ticket, and where the rows of each end; `None` of any other column, and where the rows are
    /// tickets.
    pub fn by_ticket(&self, table: FactTable, name: &str) -> Option<(FactValues, &[u32])> {
        match table {
            FactTable::Measurements => {
                let values = self.facts.of_ticket(FactTable::Tickets, &self.tickets, name)?;
                Some((values, &self.tickets.end))
            }
            FactTable::Tickets => None,
        }
    }
}

pub(super) const METRICS: [Metric; 2] = [Metric::Response, Metric::Update];
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
            FactTable::Measurements => self.measurements[part].rows(),
            FactTable::Tickets => self.tickets[part].ticket.len(),
        }
    }

    /// The texts of a lexicon, in the order of their codes.
    pub fn lexicon(&self, lexicon: Lexicon) -> Cow<'_, Text> {
        let mut texts = Text::default();
        match lexicon {
            Lexicon::Ids => return Cow::Borrowed(&self.records.tickets.ids),
            Lexicon::Names => return Cow::Borrowed(self.records.names.texts()),
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
        Cow::Owned(texts)
    }

    /// A part of both tables; `None` beyond the last.
    ///
    /// # Errors
    /// [`SpillError`] where it is in a file that cannot be read.
    pub fn part(&self, part: usize) -> Result<Option<FactsPart<'_>>, SpillError> {
        let (Some(tickets), Some(measurements)) = (self.tickets.get(part), self.measurements.get(part))
        else {
            return Ok(None);
        };
        let (tickets, measurements) = (Cow::Borrowed(tickets), measurements.get()?);
        Ok(Some(FactsPart { facts: self, tickets, measurements, sequences: None }))
    }

    /// A column of measurements that has a value in every row.
    fn full_column(&self, part: Part<'_>, name: &str) -> Option<FullValues> {
        let all = part.all;
        let micros = |instants: &[Instant]| instants.iter().map(|at| at.micros()).collect();
        Some(match name {
            "metric" => FullValues::Text(by_measurement(part, |_, rows, first| {
                (first..).take(rows.len()).map(|sequence| metric(sequence) as u32)
            })),
            "started_at" => FullValues::Instant(micros(&all.started)),
            "due_at" => FullValues::Instant(micros(&all.due)),
            "due_local" => FullValues::Local(by_measurement(part, |place, rows, _| {
                let zone = self.terms_of(place).clock.zone();
                rows.map(|row| zone.local(all.due[row]).micros())
            })),
            "elapsed_h" => FullValues::Float(all.elapsed.iter().map(|micros| in_hours(*micros)).collect()),
            "target_h" => FullValues::Float(self.targets(part).into_iter().map(in_hours).collect()),
            "outcome" => FullValues::Text(all.outcome.iter().map(|outcome| *outcome as u32).collect()),
            _ => return None,
        })
    }

    /// Any other column of measurements.
    fn measurement_column(&self, part: Part<'_>, name: &str) -> Option<FactValues> {
        let all = part.all;
        Some(match name {
            "sequence" => {
                FactValues::Int32(by_measurement(part, |_, rows, first| (first as i32..).take(rows.len())))
            }
            "severity" => severities(&all.severity),
            "ended_at" => instants(all.ended.iter().copied()),
            "decided_at" => instants(all.decided().into_iter()),
            "started_weekday" => {
                FactValues::Int8(all.started_hour.iter().map(|hour| (hour / 24 + 1) as i8).collect())
            }
            "started_hour" => {
                FactValues::Int8(all.started_hour.iter().map(|hour| (hour % 24) as i8).collect())
            }
            "elapsed_us" => FactValues::Int64(all.elapsed.clone()),
            "target_us" => FactValues::Int64(self.targets(part)),
            "month" => text((0..all.month.len()).map(|row| all.month(row).map(month_code)).collect()),
            "in_period" => {
                FactValues::Bool((0..all.started.len()).map(|row| Some(all.in_period(row))).collect())
            }
            "compared" => text(all.compared.iter().map(|which| which.map(|which| which as u32)).collect()),
            _ => return None,
        })
    }

    fn ticket_column(&self, part: Part<'_>, name: &str) -> Option<FactValues> {
        let Part { tickets, all, .. } = part;
        let updates = |outcome: Outcome| {
            let count = |rows| all.outcome[after_first(rows)].iter().filter(|is| **is == outcome).count();
            FactValues::Int32(by_ticket(tickets, |_, rows| count(rows) as i32))
        };
        Some(match name {
            "severity" => severities(&tickets.severity),
            "severity_last" => severities(&tickets.severity_last),
            // The first communication is what ends the response.
            "first_response_at" => instants(by_ticket(tickets, |_, rows| all.ended[rows.start]).into_iter()),
            "resolved_at" => instants(tickets.resolved.iter().copied()),
            "status" => {
                text(tickets.resolved.iter().map(|resolved| Some(u32::from(resolved.is_some()))).collect())
            }
            "response_h" => hours(by_ticket(tickets, |_, rows| Some(all.elapsed[rows.start])).into_iter()),
            "response_target_h" => hours(
                by_ticket(tickets, |place, rows| {
                    let targets = &self.terms_of(place).targets;
                    Some(targets.of(Metric::Response, all.severity[rows.start]))
                })
                .into_iter(),
            ),
            "response_outcome" => outcomes(by_ticket(tickets, |_, rows| all.outcome[rows.start]).into_iter()),
            "updates" => FactValues::Int32(by_ticket(tickets, |_, rows| after_first(rows).len() as i32)),
            "updates_met" => updates(Outcome::Met),
            "updates_breached" => updates(Outcome::Breached),
            "updates_pending" => updates(Outcome::Pending),
            "worst_update_h" => {
                let worst = |rows| all.elapsed[after_first(rows)].iter().copied().max();
                hours(by_ticket(tickets, |_, rows| worst(rows)).into_iter())
            }
            "compliant" => FactValues::Bool(by_ticket(tickets, |_, rows| {
                let counts = |row: &usize| all.compared[*row] == Some(Compared::Period);
                let met = |row: usize| all.outcome[row] == Outcome::Met;
                rows.clone().any(|row| counts(&row)).then(|| rows.filter(counts).all(met))
            })),
            "month" => text(by_ticket(tickets, |place, _| {
                let zone = self.terms_of(place).clock.zone();
                Some(month_code(zone.local(self.records.tickets.submitted(place)).month()))
            })),
            "policy_last" => text(self.last_policies(tickets)),
            "in_period" => {
                FactValues::Bool(by_ticket(tickets, |_, mut rows| Some(rows.any(|row| all.in_period(row)))))
            }
            _ => return None,
        })
    }

    /// The policy in force at the end of each ticket's life, as far as it is looked at.
    fn last_policies(&self, tickets: &TicketFacts) -> Vec<Option<u32>> {
        let all = tickets.ticket.iter().zip(&tickets.resolved);
        let from: Vec<LocalTime> = self.policy_dates.iter().copied().map(LocalTime::midnight).collect();
        all.map(|(place, resolved)| {
            let terms = self.terms_of(*place as usize);
            let end = terms.clock.zone().local(resolved.unwrap_or(terms.cut));
            let begun = from.partition_point(|from| *from <= end);
            // One holds already: that of the submission.
            Some(begun.saturating_sub(1) as u32)
        })
        .collect()
    }

    /// A column that follows from the ticket and its terms alone.
    fn of_ticket(&self, table: FactTable, tickets: &TicketFacts, name: &str) -> Option<FactValues> {
        let all = &self.records.tickets;
        let names = |of: &dyn Fn(usize) -> Option<Name>| {
            text(of_place(table, tickets, |place| of(place).map(|name| name.index() as u32)))
        };
        Some(match name {
            "ticket_id" => text(of_place(table, tickets, |place| Some(place as u32))),
            "customer" => names(&|place| Some(all.customer(place))),
            "tier" => names(&|place| Some(all.tier(place))),
            "region" => names(&|place| Some(all.region(place))),
            "timezone" => names(&|place| Some(all.timezone(place))),
            "account_manager" => names(&|place| all.account_manager(place)),
            "classification" => names(&|place| all.classification(place)),
            "product" => names(&|place| all.product(place)),
            "submitted_at" => {
                FactValues::Instant(of_place(table, tickets, |place| Some(all.submitted(place).micros())))
            }
            "policy" => text(of_place(table, tickets, |place| Some(self.terms_of(place).policy as u32))),
            _ => return None,
        })
    }

    /// The target of each measurement of a part, in microseconds.
    fn targets(&self, part: Part<'_>) -> Vec<i64> {
        by_measurement(part, |place, rows, first| {
            let targets = &self.terms_of(place).targets;
            rows.zip(first..).map(|(row, sequence)| targets.of(metric(sequence), part.all.severity[row]))
        })
    }
}

/// A part of both tables.
#[derive(Clone, Copy)]
struct Part<'a> {
    tickets: &'a TicketFacts,
    all: &'a MeasurementFacts,
    /// The place of each measurement among those of its ticket; none where all of each are there.
    sequences: &'a [u32],
}

/// What a measurement is of, by its place among those of its ticket: the first is the response, and
/// no other is.
const fn metric(sequence: u32) -> Metric {
    if sequence == 0 { Metric::Response } else { Metric::Update }
}

/// A value for each ticket of a part, of its place in the records and the rows of its measurements.
fn by_ticket<T>(tickets: &TicketFacts, of: impl Fn(usize, Range<usize>) -> T) -> Vec<T> {
    let ticket = |(row, place): (usize, &u32)| of(*place as usize, tickets.measurements(row));
    tickets.ticket.iter().enumerate().map(ticket).collect()
}

/// The values that each ticket of a part has for its measurements, of its place in the records, the
/// rows of its measurements, and the place of the first of these among all of the ticket.
fn by_measurement<T, I: Iterator<Item = T>>(
    part: Part<'_>,
    of: impl Fn(usize, Range<usize>, u32) -> I,
) -> Vec<T> {
    let mut values = Vec::with_capacity(measurements(part.tickets));
    for (row, place) in part.tickets.ticket.iter().enumerate() {
        let first = part.sequences.get(row).copied().unwrap_or(0);
        values.extend(of(*place as usize, part.tickets.measurements(row), first));
    }
    values
}

/// A value of each row of a table that is the same for all rows of a ticket, of its place in the
/// records.
fn of_place<T: Clone>(table: FactTable, tickets: &TicketFacts, of: impl Fn(usize) -> T) -> Vec<T> {
    match table {
        FactTable::Tickets => by_ticket(tickets, |place, _| of(place)),
        FactTable::Measurements => {
            let mut values = Vec::with_capacity(measurements(tickets));
            for (place, end) in tickets.ticket.iter().zip(&tickets.end) {
                values.resize(*end as usize, of(*place as usize));
            }
            values
        }
    }
}

/// How many measurements the tickets of a part have.
fn measurements(tickets: &TicketFacts) -> usize {
    tickets.end.last().map_or(0, |end| *end as usize)
}

/// All rows of a ticket but the first, which is its response.
const fn after_first(rows: Range<usize>) -> Range<usize> {
    rows.start + 1..rows.end
}

/// The month of the first code of [`Lexicon::Months`]: December 1899, where 1900 begins in UTC.
const FIRST_MONTH: i16 = -1;
/// That of the last: January 2100, where 2099 ends in UTC.
const LAST_MONTH: i16 = 200 * 12;

fn text(codes: Vec<Option<u32>>) -> FactValues {
    FactValues::Text(codes)
}

fn severities(severities: &[Severity]) -> FactValues {
    FactValues::Int8(severities.iter().map(|severity| severity.number() as i8).collect())
}

fn instants(instants: impl Iterator<Item = Option<Instant>>) -> FactValues {
    FactValues::Instant(instants.map(|at| at.map(Instant::micros)).collect())
}

/// Microseconds as hours: the one place where a time becomes a real number.
pub(super) fn in_hours(micros: i64) -> f64 {
    micros as f64 / HOUR as f64
}

fn hours(micros: impl Iterator<Item = Option<i64>>) -> FactValues {
    FactValues::Float(micros.map(|micros| micros.map(in_hours)).collect())
}

fn outcomes(outcomes: impl Iterator<Item = Outcome>) -> FactValues {
    FactValues::Text(outcomes.map(|outcome| Some(outcome as u32)).collect())
}

fn month_code(month: Month) -> u32 {
    (month.number() - FIRST_MONTH) as u32
}

#[cfg(test)]
mod tests {
    use super::super::samples::{facts, records};
    use super::super::{Keep, Period, Run};
    use super::*;
    use crate::calendar::samples::at;
    use crate::policy::{NORTHERN, Policy, PolicyBook};

    /// The last policies of four tickets of 1 May 2023, where another version holds from a date on.
    fn last_policies(from: &str, as_of: &str) -> Vec<Option<u32>> {
        let version = |from: &str| {
            let text =
                format!("{NORTHERN}\n[calendars.long]\nlike = \"default\"\n").replace("2000-01-01", from);
            Policy::parse("p.toml", &text, None).unwrap()
        };
        let policies = PolicyBook::new(vec![version("2000-01-01"), version(from)]).unwrap();
        let run = Run {
            policies: &policies,
            period: &Period::Everything,
            as_of: Some(at(as_of)),
            keep: Keep::Late,
        };
        let facts = run.measure(records(4)).unwrap();
        match facts.part(0).unwrap().unwrap().column(FactTable::Tickets, "policy_last") {
            Some(FactValues::Text(codes)) => codes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_policy_is_that_of_the_local_date_of_the_resolution_or_of_the_cut() {
        // In Paris, Kolkata, St. John's and Paris. The cut is 22:00 of the 2nd in Paris, and in
        // Kolkata 01:30 of the 3rd.
        assert_eq!(last_policies("2023-05-03", "2023-05-02T20:00:00Z"), [Some(0), Some(1), Some(0), Some(0)]);
        // The first ticket is resolved after 90 hours, on the 4th; the others are open.
        assert_eq!(last_policies("2023-05-05", "2023-05-10T00:00:00Z"), [Some(0), Some(1), Some(1), Some(1)]);
        assert_eq!(last_policies("2023-05-04", "2023-05-10T00:00:00Z"), [Some(1); 4]);
    }

    /// Every cell as text.
    fn cells(values: &FactValues) -> Vec<String> {
        macro_rules! cells {
            ($($kind:ident),+) => {
                match values {
                    $(FactValues::$kind(values) => values.iter().map(|value| format!("{value:?}")).collect(),)+
                }
            };
        }
        cells!(Text, Int8, Int32, Int64, Float, Bool, Instant, Local)
    }

    #[test]
    fn a_few_rows_are_the_same_in_a_part_of_no_more() {
        let facts = facts(500, &"2023-05".parse().unwrap());
        let part = facts.part(0).unwrap().unwrap();
        for table in FactTable::ALL {
            let all = facts.part_rows(table, 0);
            for rows in [vec![], vec![all - 1], (0..all).step_by(7).collect(), (3..all).collect::<Vec<_>>()] {
                let few = part.only(table, &rows);
                for column in table.columns() {
                    let [whole, few] =
                        [&part, &few].map(|part| cells(&part.column(table, column.name).unwrap()));
                    let whole: Vec<String> = rows.iter().map(|row| whole[*row].clone()).collect();
                    assert_eq!(whole, few, "{} of {rows:?}", column.name);
                }
            }
        }
    }
}
