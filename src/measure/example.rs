//! The ticket that shows, in a report, how its figures are made.
//!
//! A good example has a first response that was in time, counts in the period, and came on another
//! day than the ticket, though not weeks later: then there are hours that count and hours that do
//! not. While tickets are measured the events of a few such are kept, whatever they are needed for.

use std::collections::HashSet;

use rustc_hash::FxBuildHasher;

use super::facts::Facts;
use super::history::Outcome;
use crate::calendar::{DAY, Instant, Zone};

/// How many examples a part of the facts gives, at most.
const MOST: usize = 256;

/// How long an example takes, at most.
const LONGEST: i64 = 7 * DAY;

/// Whether a first response from `started` to `ended` shows something.
fn is_telling(zone: &Zone, started: Instant, ended: Option<Instant>, elapsed: i64) -> bool {
    ended.is_some_and(|ended| {
        elapsed > 0
            && ended.micros() - started.micros() <= LONGEST
            && zone.local(ended).day() > zone.local(started).day()
    })
}

/// The examples of a part: one for each kind of ticket, so that customers have their own.
#[derive(Debug, Default)]
pub(super) struct Examples {
    seen: HashSet<u32, FxBuildHasher>,
}

impl Examples {
    /// Whether a ticket of a kind, whose response counts in the period or not, becomes one.
    pub(super) fn takes(
        &mut self,
        kind: u32,
        zone: &Zone,
        response: Option<&super::Measurement>,
        in_period: bool,
    ) -> bool {
        let is_good = response.is_some_and(|response| {
            response.outcome == Outcome::Met
                && in_period
                && is_telling(zone, response.started, response.ended, response.elapsed)
        });
        is_good && self.seen.len() < MOST && self.seen.insert(kind)
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.seen.clear();
    }
}

impl Facts {
    /// The place in the records of the ticket that makes the best example: the first, by its id,
    /// that is a good one, else the first that can be explained and whose response counts in the
    /// period; `None` where there is none.
    ///
    /// # Errors
    /// [`SpillError`](crate::spill::SpillError) where facts are in a file that cannot be read.
    pub fn example(&self) -> Result<Option<usize>, crate::spill::SpillError> {
        let mut other = None;
        let mut kept = self.kept.places().peekable();
        for (tickets, part) in self.tickets.iter().zip(&self.measurements) {
            let Some(last) = tickets.ticket.last() else { continue };
            if kept.peek().is_none_or(|place| place > last) {
                continue;
            }
            let all = part.get()?;
            while let Some(place) = kept.next_if(|place| place <= last) {
                let Ok(row) = tickets.ticket.binary_search(&place) else { continue };
                let response = tickets.measurements(row).start;
                if all.outcome[response] == Outcome::Pending || !all.in_period(response) {
                    continue;
                }
                let zone = self.terms_of(place as usize).clock.zone();
                let (started, ended) = (all.started[response], all.ended[response]);
                if all.outcome[response] == Outcome::Met
                    && is_telling(zone, started, ended, all.elapsed[response])
                {
                    return Ok(Some(place as usize));
                }
                other.get_or_insert(place as usize);
            }
        }
        Ok(other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::facts;
    use super::*;

    #[test]
    fn the_example_is_a_response_in_time_of_the_period_that_came_on_another_day() {
        let facts = facts(2_000, &"2023-05".parse().unwrap());
        let place = facts.example().unwrap().unwrap();
        let explanation = facts.explain(place).unwrap();
        let response = &explanation.measurements[0];
        assert_eq!(response.measurement.outcome, Outcome::Met);
        assert!(response.days().len() > 1 && response.measurement.elapsed > 0);
        let row = facts.tickets[0].ticket.binary_search(&(place as u32)).unwrap();
        let part = facts.measurements[0].get().unwrap();
        assert!(part.in_period(facts.tickets[0].measurements(row).start));
    }

    #[test]
    fn where_nothing_counts_in_the_period_there_is_no_example() {
        let facts = facts(200, &"1950-01".parse().unwrap());
        assert_eq!(facts.example(), Ok(None));
    }
}
