//! The same measurement on both sides, and how it turned.

use super::cause::Causes;
use super::sides::Measured;
use crate::calendar::Instant;
use crate::measure::Outcome;
use crate::policy::{Metric, Severity};

/// A measurement that both sides have, or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// Both have it.
    Both {
        /// As it was.
        before: Measured,
        /// As it is.
        after: Measured,
    },
    /// Only the earlier side has it.
    Vanished(Measured),
    /// Only the later side has it.
    Appeared(Measured),
}

/// How a measurement turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turned {
    /// It counts in the period on both sides, with other outcomes.
    Outcome(Outcome, Outcome),
    /// It counts in the period now, and did not before.
    IntoPeriod,
    /// It counted in the period, and does no longer.
    OutOfPeriod,
    /// It was not there before.
    Appeared,
    /// It is there no longer.
    Vanished,
}

impl Turned {
    /// All of them, in the order in which they are told.
    pub const ALL: [Turned; 10] = [
        Turned::Outcome(Outcome::Met, Outcome::Breached),
        Turned::Outcome(Outcome::Breached, Outcome::Met),
        Turned::Outcome(Outcome::Pending, Outcome::Met),
        Turned::Outcome(Outcome::Pending, Outcome::Breached),
        Turned::Outcome(Outcome::Met, Outcome::Pending),
        Turned::Outcome(Outcome::Breached, Outcome::Pending),
        Turned::IntoPeriod,
        Turned::OutOfPeriod,
        Turned::Appeared,
        Turned::Vanished,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Turned::Outcome(Outcome::Met, Outcome::Breached) => "met_to_breached",
            Turned::Outcome(Outcome::Breached, Outcome::Met) => "breached_to_met",
            Turned::Outcome(Outcome::Pending, Outcome::Met) => "pending_to_met",
            Turned::Outcome(Outcome::Pending, Outcome::Breached) => "pending_to_breached",
            Turned::Outcome(Outcome::Met, Outcome::Pending) => "met_to_pending",
            Turned::Outcome(Outcome::Breached, Outcome::Pending) => "breached_to_pending",
            Turned::Outcome(..) => "same",
            Turned::IntoPeriod => "into_period",
            Turned::OutOfPeriod => "out_of_period",
            Turned::Appeared => "appeared",
            Turned::Vanished => "vanished",
        }
    }
}

impl Pair {
    /// As the earlier side has it.
    pub fn before(&self) -> Option<&Measured> {
        match self {
            Pair::Both { before, .. } | Pair::Vanished(before) => Some(before),
            Pair::Appeared(_) => None,
        }
    }

    /// As the later side has it.
    pub fn after(&self) -> Option<&Measured> {
        match self {
            Pair::Both { after, .. } | Pair::Appeared(after) => Some(after),
            Pair::Vanished(_) => None,
        }
    }

    /// The later side's, or where that has none the earlier's: what is shown of a measurement.
    pub fn shown(&self) -> &Measured {
        match self {
            Pair::Both { after: shown, .. } | Pair::Vanished(shown) | Pair::Appeared(shown) => shown,
        }
    }

    /// What is measured, and from when: the same on both sides.
    pub fn place(&self) -> (Instant, Metric) {
        let shown = self.shown();
        (shown.started, shown.metric)
    }

    /// Whether it counts in the period on either side.
    fn counts(&self) -> bool {
        [self.before(), self.after()].into_iter().flatten().any(|measured| measured.in_period)
    }

    /// How it turned; `None` where it counts in neither period, or as it did.
    pub fn turned(&self) -> Option<Turned> {
        if !self.counts() {
            return None;
        }
        match self {
            Pair::Vanished(_) => Some(Turned::Vanished),
            Pair::Appeared(_) => Some(Turned::Appeared),
            Pair::Both { before, after } => match (before.in_period, after.in_period) {
                (false, _) => Some(Turned::IntoPeriod),
                (_, false) => Some(Turned::OutOfPeriod),
                _ => (before.outcome != after.outcome)
                    .then_some(Turned::Outcome(before.outcome, after.outcome)),
            },
        }
    }

    /// Whether it counts in the period on both sides and has the same outcome by other figures.
    pub fn has_other_figures(&self) -> bool {
        let figures = |of: &Measured| (of.severity, of.ended, of.due, of.decided, of.elapsed, of.target);
        match self {
            Pair::Both { before, after } => {
                self.counts() && self.turned().is_none() && figures(before) != figures(after)
            }
            _ => false,
        }
    }
}

/// The measurements of a ticket side by side: those of one metric that started at one instant, in
/// their order where there are several.
pub(super) fn pairs(before: &[Measured], after: &[Measured], mut give: impl FnMut(Pair)) {
    let key = |of: &Measured| (of.metric, of.started);
    let (mut earlier, mut later) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let pair = match (earlier.peek(), later.peek()) {
            (None, None) => return,
            (Some(one), Some(other)) if key(one) == key(other) => {
                let pair = Pair::Both { before: **one, after: **other };
                earlier.next();
                later.next();
                pair
            }
            (Some(one), other) if other.is_none_or(|other| key(one) < key(other)) => {
                let pair = Pair::Vanished(**one);
                earlier.next();
                pair
            }
            (_, Some(other)) => {
                let pair = Pair::Appeared(**other);
                later.next();
                pair
            }
            (Some(_), None) => return,
        };
        give(pair);
    }
}

/// A measurement that turned, of which ticket, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The ticket's id.
    pub ticket: String,
    /// Whose it is; on the later side, where that has the ticket.
    pub customer: String,
    /// The customer's tier, of the same side.
    pub tier: String,
    /// The customer's region, of the same side.
    pub region: String,
    /// The measurement on both sides.
    pub pair: Pair,
    /// How it turned.
    pub turned: Turned,
    /// Why.
    pub causes: Causes,
}

impl Change {
    /// The severity of the measurement.
    pub fn severity(&self) -> Severity {
        self.pair.shown().severity
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{hour, measured};
    use super::*;

    #[test]
    fn measurements_are_matched_by_metric_and_start_and_in_their_order_where_those_are_equal() {
        let response = measured(Metric::Response, 0);
        let update = |start| measured(Metric::Update, start);
        // Two updates begin at hour 5: a reopening and a communication at one instant.
        let before = [response, update(3), update(5), Measured { elapsed: 1, ..update(5) }];
        let after = [response, update(4), update(5), update(7)];
        let mut found = Vec::new();
        pairs(&before, &after, |pair| found.push(pair));
        let both = |before, after| Pair::Both { before, after };
        assert_eq!(
            found,
            [
                both(response, response),
                Pair::Vanished(update(3)),
                Pair::Appeared(update(4)),
                both(update(5), update(5)),
                Pair::Vanished(Measured { elapsed: 1, ..update(5) }),
                Pair::Appeared(update(7)),
            ]
        );
        pairs(&[], &[], |_| panic!("there is none"));
    }

    #[test]
    fn every_turn_has_a_name_of_its_own_and_no_pair_of_equal_outcomes_is_one() {
        let mut names = Turned::ALL.map(Turned::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 10);
        assert!(!names.contains(&"same"));
    }

    #[test]
    fn what_counts_in_neither_period_has_not_turned() {
        let of = |outcome, in_period| Measured { outcome, in_period, ..measured(Metric::Update, 1) };
        let turned = |before, after| Pair::Both { before, after }.turned().map(Turned::name);
        let (met, breached) = (Outcome::Met, Outcome::Breached);
        assert_eq!(turned(of(met, false), of(breached, false)), None);
        assert_eq!(turned(of(met, true), of(met, true)), None);
        assert_eq!(turned(of(met, true), of(breached, true)), Some("met_to_breached"));
        // Of a period it is told first that the measurement came or went.
        assert_eq!(turned(of(met, true), of(breached, false)), Some("out_of_period"));
        assert_eq!(turned(of(met, false), of(met, true)), Some("into_period"));
        assert_eq!(Pair::Vanished(of(met, false)).turned(), None);
        assert_eq!(Pair::Appeared(of(met, true)).turned(), Some(Turned::Appeared));
    }

    #[test]
    fn other_figures_are_those_of_a_measurement_that_has_not_turned() {
        let one = measured(Metric::Update, 1);
        let other = Measured { due: hour(99), ..one };
        let both = |before, after| Pair::Both { before, after };
        assert!(both(one, other).has_other_figures() && !both(one, one).has_other_figures());
        assert!(!both(one, Measured { outcome: Outcome::Pending, ..other }).has_other_figures());
        let outside = |of| Measured { in_period: false, ..of };
        assert!(!both(outside(one), outside(other)).has_other_figures());
    }
}
