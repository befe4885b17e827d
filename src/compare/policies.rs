//! Two policies over the same records.

use std::borrow::Cow;

use rayon::prelude::*;

use super::cause::{Cause, Causes};
use super::change::Pair;
use super::sides::{Measured, Ticket};
use super::tally::Tally;
use crate::calendar::Instant;
use crate::measure::{Facts, MeasurementFacts, Outcome, Terms, TicketFacts};
use crate::policy::{Metric, Waiting};
use crate::spill::SpillError;

/// Compares the facts of two policies, which one run made of the same records.
///
/// # Errors
/// [`SpillError`] where facts are in a file that cannot be read.
pub fn policies([before, after]: [&Facts; 2]) -> Result<Tally, SpillError> {
    let parts = before.parts().max(after.parts());
    let tallies: Vec<Tally> =
        (0..parts).into_par_iter().map(|part| of_part([before, after], part)).collect::<Result<_, _>>()?;
    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.append(tally));
    Ok(all)
}

/// A part of the tickets: both sides' parts hold the same, but for those that were submitted after
/// a side's cut.
fn of_part(facts: [&Facts; 2], part: usize) -> Result<Tally, SpillError> {
    let [before, after] = facts;
    let (mut before, mut after) = (PartSide::new(before, part)?, PartSide::new(after, part)?);
    let mut tally = Tally::default();
    loop {
        let next = match (before.place(), after.place()) {
            (None, None) => return Ok(tally),
            (Some(one), Some(other)) => one.min(other),
            (Some(place), None) | (None, Some(place)) => place,
        };
        before.take(next);
        after.take(next);
        let judges = Judges { before: before.facts.terms_of(next), after: after.facts.terms_of(next) };
        tally.take(before.ticket(next).as_ref(), after.ticket(next).as_ref(), |pair| judges.causes(pair));
        before.pass(next);
        after.pass(next);
    }
}

/// A side's part of the facts, ticket by ticket.
struct PartSide<'a> {
    facts: &'a Facts,
    tickets: Option<&'a TicketFacts>,
    measured: Cow<'a, MeasurementFacts>,
    decided: Vec<Option<Instant>>,
    /// The next of its tickets.
    row: usize,
    /// The measurements of that ticket.
    measurements: Vec<Measured>,
}

impl<'a> PartSide<'a> {
    fn new(facts: &'a Facts, part: usize) -> Result<PartSide<'a>, SpillError> {
        let measured = match facts.measurements.get(part) {
            Some(part) => part.get()?,
            None => Cow::Owned(MeasurementFacts::default()),
        };
        let decided = measured.decided();
        Ok(PartSide {
            facts,
            tickets: facts.tickets.get(part),
            measured,
            decided,
            row: 0,
            measurements: Vec::new(),
        })
    }

    /// The place in the records of the next ticket.
    fn place(&self) -> Option<usize> {
        self.tickets?.ticket.get(self.row).map(|place| *place as usize)
    }

    /// Takes the measurements of the next ticket out of the columns, if it is the one at a place.
    fn take(&mut self, place: usize) {
        self.measurements.clear();
        let Some(tickets) = self.tickets.filter(|_| self.place() == Some(place)) else { return };
        let terms = self.facts.terms_of(place);
        let all = &self.measured;
        for (sequence, row) in (0..).zip(tickets.measurements(self.row)) {
            // The first measurement of a ticket is its response, and no other is.
            let metric = if sequence == 0 { Metric::Response } else { Metric::Update };
            self.measurements.push(Measured {
                metric,
                sequence,
                severity: all.severity[row],
                started: all.started[row],
                ended: all.ended[row],
                due: all.due[row],
                decided: self.decided[row],
                elapsed: all.elapsed[row],
                target: terms.targets.of(metric, all.severity[row]),
                outcome: all.outcome[row],
                in_period: all.in_period(row),
            });
        }
    }

    /// The ticket whose measurements were taken, if it is the one at a place.
    fn ticket(&self, place: usize) -> Option<Ticket<'_>> {
        let tickets = self.tickets.filter(|_| self.place() == Some(place))?;
        let records = &self.facts.records;
        let text = |name| records.names.text(name);
        Some(Ticket {
            id: records.tickets.ids.get(place),
            customer: text(records.tickets.customer(place)),
            tier: text(records.tickets.tier(place)),
            region: text(records.tickets.region(place)),
            timezone: text(records.tickets.timezone(place)),
            severity: *tickets.severity.get(self.row)?,
            measurements: &self.measurements,
        })
    }

    fn pass(&mut self, place: usize) {
        if self.place() == Some(place) {
            self.row += 1;
        }
    }
}

/// What a ticket is judged by on each side.
struct Judges<'a> {
    before: &'a Terms,
    after: &'a Terms,
}

/// What a measurement is made of on a side, besides its own figures.
struct Made {
    /// Working time from its start to its end or the cut, the waits included.
    raw: i64,
    /// How much of that the customer was waited for, and did not count.
    waited: i64,
}

impl Judges<'_> {
    /// What differs for a measurement. All of it is named, also where a part alone would have
    /// turned it.
    fn causes(&self, pair: &Pair) -> Causes {
        let (Some(before), Some(after)) = (pair.before(), pair.after()) else {
            // Both sides measure the same history: neither has a measurement of its own.
            return Causes::of([]);
        };
        let made = |terms: &Terms, of: &Measured| {
            let raw = terms.clock.elapsed(of.started, of.ended.unwrap_or(terms.cut));
            Made { raw, waited: raw - of.elapsed }
        };
        let (made_before, made_after) = (made(self.before, before), made(self.after, after));
        let mut causes = Vec::new();
        if before.target != after.target {
            causes.push(Cause::Target);
        }
        if self.hours_differ((before, &made_before), (after, &made_after)) {
            causes.push(Cause::Hours);
        }
        if self.before.waiting != self.after.waiting && (made_before.waited, made_after.waited) != (0, 0) {
            causes.push(Cause::Waiting);
        }
        // When a breach was decided says in which month it counts, and nothing else. One that was not
        // decided when it was due is one of an inclusive policy, at closing.
        let moved = before.in_period != after.in_period;
        let on_the_line = |of: &Measured| {
            of.elapsed == of.target || moved && of.outcome == Outcome::Breached && of.decided != Some(of.due)
        };
        if self.before.comparison != self.after.comparison && (on_the_line(before) || on_the_line(after)) {
            causes.push(Cause::Comparison);
        }
        if self.before.period_by != self.after.period_by && moved {
            causes.push(Cause::Period);
        }
        // Of all that judges a measurement only the calendar is left.
        if causes.is_empty() && self.before.clock.calendar() != self.after.clock.calendar() {
            causes.push(Cause::Hours);
        }
        Causes::of(causes)
    }

    /// Whether the two calendars have another working time in the measurement: in all of it, in what
    /// was waited where both take that out, or, where it moved into another month, up to where it was
    /// due on a side that breached it.
    fn hours_differ(&self, before: (&Measured, &Made), after: (&Measured, &Made)) -> bool {
        let until = |instant| {
            let worked = |terms: &Terms| terms.clock.elapsed(before.0.started, instant);
            worked(self.before) != worked(self.after)
        };
        let moved = before.0.in_period != after.0.in_period;
        let due = |of: &Measured| moved && of.outcome == Outcome::Breached && until(of.due);
        let both_pause = self.before.waiting == Waiting::Pauses && self.after.waiting == Waiting::Pauses;
        before.1.raw != after.1.raw
            || due(before.0)
            || due(after.0)
            || both_pause && before.1.waited != after.1.waited
    }
}

#[cfg(test)]
mod tests;
