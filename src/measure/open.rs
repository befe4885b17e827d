//! The clocks that still run as of the cut: what is due, and what is overdue.

use super::facts::Facts;
use super::history::Outcome;
use crate::calendar::{Instant, LocalTime};
use crate::policy::{Metric, Severity};
use crate::spill::SpillError;

/// A measurement without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenClock {
    /// The place of its ticket in the records.
    pub place: usize,
    /// What is measured.
    pub metric: Metric,
    /// 0 for the response, 1, 2, … for the updates.
    pub sequence: u32,
    /// The severity in force at its start.
    pub severity: Severity,
    /// When it started.
    pub started: Instant,
    /// When its target is reached, if nothing pauses it any more.
    pub due: Instant,
    /// What the customer's clock shows then.
    pub local_due: LocalTime,
    /// Working time so far, in microseconds.
    pub elapsed: i64,
    /// Its target, in microseconds.
    pub target: i64,
    /// Whether it is a breach already.
    pub is_overdue: bool,
}

impl OpenClock {
    /// The working time left until the target, in microseconds; negative beyond it.
    pub const fn left(&self) -> i64 {
        self.target - self.elapsed
    }
}

impl Facts {
    /// The open clocks, the soonest due first; of those due at one instant in the order of their
    /// tickets.
    ///
    /// # Errors
    /// [`SpillError`] where facts are in a file that cannot be read.
    pub fn open_clocks(&self) -> Result<Vec<OpenClock>, SpillError> {
        let mut clocks = Vec::new();
        for (tickets, part) in self.tickets.iter().zip(&self.measurements) {
            let all = part.get()?;
            for (row, place) in tickets.ticket.iter().enumerate() {
                let rows = tickets.measurements(row);
                let first = rows.start;
                let place = *place as usize;
                let terms = self.terms_of(place);
                let open = rows.filter(|row| all.ended[*row].is_none()).map(|row| {
                    let metric = if row == first { Metric::Response } else { Metric::Update };
                    OpenClock {
                        place,
                        metric,
                        sequence: (row - first) as u32,
                        severity: all.severity[row],
                        started: all.started[row],
                        due: all.due[row],
                        local_due: terms.clock.zone().local(all.due[row]),
                        elapsed: all.elapsed[row],
                        target: terms.targets.of(metric, all.severity[row]),
                        is_overdue: all.outcome[row] == Outcome::Breached,
                    }
                });
                clocks.extend(open);
            }
        }
        clocks.sort_by_key(|clock| (clock.due, clock.place, clock.sequence));
        Ok(clocks)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Period;
    use super::super::samples::facts;
    use super::*;

    #[test]
    fn open_clocks_are_those_without_an_end_and_the_soonest_due_come_first() {
        let facts = facts(3_000, &Period::Everything);
        let clocks = facts.open_clocks().unwrap();
        let part = facts.measurements[0].get().unwrap();
        let open = |outcome| {
            let rows = part.ended.iter().zip(&part.outcome);
            rows.filter(|(ended, own)| ended.is_none() && **own == outcome).count()
        };
        let overdue = clocks.iter().filter(|clock| clock.is_overdue).count();
        assert_eq!((clocks.len() - overdue, overdue), (open(Outcome::Pending), open(Outcome::Breached)));
        assert!(overdue > 10 && clocks.len() > overdue + 10);
        assert!(clocks.is_sorted_by_key(|clock| (clock.due, clock.place, clock.sequence)));
        for clock in &clocks {
            // By a strict comparison a clock is overdue once nothing is left.
            assert_eq!(clock.is_overdue, clock.left() <= 0);
            assert_eq!(clock.is_overdue, clock.due <= facts.as_of);
            assert_eq!(clock.metric == Metric::Response, clock.sequence == 0);
        }
    }
}
