//! Tickets of both sides, met one by one: what they come to.

use std::collections::BTreeMap;

use super::cause::{Cause, Causes};
use super::change::{Change, Pair, Turned, pairs};
use super::sides::{Measured, Ticket};
use super::totals::{Side, Totals};

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// The totals of both sides.
    pub totals: Totals,
    /// The measurements that turned, by ticket, start and metric.
    pub changes: Vec<Change>,
    /// How many measurements of the period have the same outcome by other figures.
    pub other_figures: u64,
    /// How many tickets each side has.
    pub tickets: [u64; 2],
}

impl Tally {
    /// Takes a ticket that both sides have, or one of them; `why` tells the causes of a change.
    pub(super) fn take(
        &mut self,
        before: Option<&Ticket<'_>>,
        after: Option<&Ticket<'_>>,
        mut why: impl FnMut(&Pair) -> Causes,
    ) {
        let Some(shown) = after.or(before) else { return };
        for (side, (place, ticket)) in
            [Side::Before, Side::After].into_iter().zip([before, after].iter().enumerate())
        {
            if let Some(ticket) = ticket {
                self.totals.count(side, ticket);
                self.tickets[place] += 1;
            }
        }
        let first = self.changes.len();
        let Tally { changes, other_figures, .. } = self;
        pairs(measurements(before), measurements(after), |pair| match pair.turned() {
            Some(turned) => changes.push(Change {
                ticket: shown.id.to_owned(),
                customer: shown.customer.to_owned(),
                tier: shown.tier.to_owned(),
                region: shown.region.to_owned(),
                pair,
                turned,
                causes: why(&pair),
            }),
            None => *other_figures += u64::from(pair.has_other_figures()),
        });
        changes[first..].sort_by_key(|change| change.pair.place());
    }

    /// Adds what the tickets after these came to.
    pub(super) fn append(&mut self, other: Tally) {
        self.totals.append(other.totals);
        self.changes.extend(other.changes);
        self.other_figures += other.other_figures;
        self.tickets.iter_mut().zip(other.tickets).for_each(|(own, other)| *own += other);
    }

    /// How many measurements turned in each way; ways in which none did are left out.
    pub fn turned(&self) -> Vec<(Turned, u64)> {
        let mut counts = BTreeMap::<Turned, u64>::new();
        self.changes.iter().for_each(|change| *counts.entry(change.turned).or_default() += 1);
        Turned::ALL.into_iter().filter_map(|turned| Some((turned, *counts.get(&turned)?))).collect()
    }

    /// How many measurements turned for which causes, the most frequent first.
    pub fn causes(&self) -> Vec<(Causes, u64)> {
        let mut counts = BTreeMap::<Causes, u64>::new();
        self.changes.iter().for_each(|change| *counts.entry(change.causes).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(causes, count)| (std::cmp::Reverse(*count), *causes));
        counts
    }

    /// How many changes nothing known explains.
    pub fn unexplained(&self) -> u64 {
        self.changes.iter().filter(|change| change.causes.has(Cause::Unexplained)).count() as u64
    }
}

/// The measurements of a ticket, where there is one.
fn measurements<'a>(ticket: Option<&Ticket<'a>>) -> &'a [Measured] {
    ticket.map_or(&[], |ticket| ticket.measurements)
}
