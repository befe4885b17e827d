//! How often each side measured, met and breached: in all, by severity, tier, region and customer.

use std::collections::BTreeMap;

use super::sides::Ticket;
use crate::measure::Outcome;
use crate::policy::{Metric, Severity};

/// What is counted, in the order of the tables: the metrics, and the ticket as a whole.
pub const METRICS: [&str; 3] = ["response", "update", "ticket"];

/// Counts of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Decided in time.
    pub met: u64,
    /// Decided too late, or open past the target.
    pub breached: u64,
    /// Open, target not reached; of tickets, those of which nothing was decided yet.
    pub pending: u64,
}

impl Counts {
    /// Those that are decided.
    pub fn measured(self) -> u64 {
        self.met + self.breached
    }

    /// The share of the measured that is met; none of nothing.
    pub fn compliance(self) -> Option<f64> {
        (self.measured() > 0).then(|| self.met as f64 / self.measured() as f64)
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Met => self.met += 1,
            Outcome::Breached => self.breached += 1,
            Outcome::Pending => self.pending += 1,
        }
    }

    fn add(&mut self, other: Counts) {
        self.met += other.met;
        self.breached += other.breached;
        self.pending += other.pending;
    }
}

/// The counts of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sides {
    /// Those of the earlier side.
    pub before: Counts,
    /// Those of the later.
    pub after: Counts,
}

impl Sides {
    /// How much the share in time has changed, where both sides have one: a whole number divided
    /// once, so that three of ten is 0.3.
    pub fn compliance_change(self) -> Option<f64> {
        let [before, after] = [self.before, self.after];
        let of = |counts: Counts| (i128::from(counts.met), i128::from(counts.measured()));
        let ((was, measured_before), (is, measured_after)) = (of(before), of(after));
        let whole = measured_before * measured_after;
        let moved = is * measured_before - was * measured_after;
        (whole > 0).then(|| moved as f64 / whole as f64)
    }

    /// Whether anything is counted on either side.
    pub fn is_empty(self) -> bool {
        self == Sides::default()
    }

    fn of(&mut self, side: Side) -> &mut Counts {
        match side {
            Side::Before => &mut self.before,
            Side::After => &mut self.after,
        }
    }

    fn add(&mut self, other: Sides) {
        self.before.add(other.before);
        self.after.add(other.after);
    }
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// The counts of each of [`METRICS`].
type Metrics = [Sides; METRICS.len()];

const TICKET: usize = 2;

/// The totals of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    all: Metrics,
    severities: [Metrics; Severity::COUNT],
    tiers: BTreeMap<String, Metrics>,
    regions: BTreeMap<String, Metrics>,
    customers: BTreeMap<String, Metrics>,
}

impl Totals {
    /// Counts a ticket of one side.
    pub(super) fn count(&mut self, side: Side, ticket: &Ticket<'_>) {
        let mut own = Metrics::default();
        let severity = |severity: Severity| usize::from(severity.number()) - 1;
        let (mut decided, mut breached) = (false, false);
        for measured in ticket.measurements.iter().filter(|measured| measured.in_period) {
            let metric = match measured.metric {
                Metric::Response => 0,
                Metric::Update => 1,
            };
            own[metric].of(side).count(measured.outcome);
            self.severities[severity(measured.severity)][metric].of(side).count(measured.outcome);
            decided |= measured.outcome != Outcome::Pending;
            breached |= measured.outcome == Outcome::Breached;
        }
        let outcome = match (decided, breached) {
            (_, true) => Outcome::Breached,
            (true, false) => Outcome::Met,
            (false, false) => Outcome::Pending,
        };
        if ticket.measurements.iter().any(|measured| measured.in_period) {
            own[TICKET].of(side).count(outcome);
            // As a whole it counts under the severity it was submitted with.
            self.severities[severity(ticket.severity)][TICKET].of(side).count(outcome);
        }
        add(&mut self.all, &own);
        for (groups, name) in [
            (&mut self.tiers, ticket.tier),
            (&mut self.regions, ticket.region),
            (&mut self.customers, ticket.customer),
        ] {
            match groups.get_mut(name) {
                Some(counts) => add(counts, &own),
                None => drop(groups.insert(name.to_owned(), own)),
            }
        }
    }

    /// Adds the totals of other tickets.
    pub(super) fn append(&mut self, other: Totals) {
        add(&mut self.all, &other.all);
        self.severities.iter_mut().zip(&other.severities).for_each(|(own, other)| add(own, other));
        for (own, other) in [
            (&mut self.tiers, other.tiers),
            (&mut self.regions, other.regions),
            (&mut self.customers, other.customers),
        ] {
            other.into_iter().for_each(|(name, counts)| add(own.entry(name).or_default(), &counts));
        }
    }

    /// The counts of all tickets, in the order of [`METRICS`].
    pub fn all(&self) -> &[Sides; METRICS.len()] {
        &self.all
    }

    /// Every row that counts anything: what it is a row of, which, the metric, and the counts. All
    /// tickets have a row for each metric in any case.
    pub fn rows(&self) -> Vec<(&'static str, String, &'static str, Sides)> {
        let mut rows = Vec::new();
        let mut add = |dimension: &'static str, value: &str, metrics: &Metrics| {
            for (metric, sides) in METRICS.into_iter().zip(metrics) {
                if dimension == "all" || !sides.is_empty() {
                    rows.push((dimension, value.to_owned(), metric, *sides));
                }
            }
        };
        add("all", "all", &self.all);
        for (severity, metrics) in Severity::all().zip(&self.severities) {
            add("severity", &severity.number().to_string(), metrics);
        }
        let groups = [("tier", &self.tiers), ("region", &self.regions), ("customer", &self.customers)];
        for (dimension, groups) in groups {
            groups.iter().for_each(|(name, metrics)| add(dimension, name, metrics));
        }
        rows
    }
}

fn add(own: &mut Metrics, other: &Metrics) {
    own.iter_mut().zip(other).for_each(|(own, other)| own.add(*other));
}

#[cfg(test)]
mod tests {
    use super::super::samples::{measured, ticket};
    use super::super::sides::Measured;
    use super::*;

    #[test]
    fn a_ticket_counts_by_what_was_decided_in_the_period_and_under_its_first_severity() {
        let of = |metric, start, severity, outcome, in_period| Measured {
            severity: Severity::new(severity).unwrap(),
            outcome,
            in_period,
            ..measured(metric, start)
        };
        let (met, breached, pending) = (Outcome::Met, Outcome::Breached, Outcome::Pending);
        let measurements = [
            of(Metric::Response, 0, 2, breached, false),
            of(Metric::Update, 1, 2, met, true),
            of(Metric::Update, 2, 3, pending, true),
        ];
        let mut totals = Totals::default();
        totals.count(Side::Before, &ticket("A", 4, &measurements));
        totals.count(Side::After, &ticket("A", 4, &measurements[..1]));
        // The breach before the period is none of it. The ticket is met, under severity 4.
        let rows: Vec<_> = totals.rows().into_iter().filter(|row| row.0 == "severity").collect();
        let counts = |met, pending| Counts { met, breached: 0, pending };
        let expected =
            [("2", "update", counts(1, 0)), ("3", "update", counts(0, 1)), ("4", "ticket", counts(1, 0))];
        assert_eq!(rows.len(), expected.len());
        for ((_, severity, metric, sides), expected) in rows.into_iter().zip(expected) {
            assert_eq!((severity.as_str(), metric, sides.before), expected);
            assert_eq!(sides.after, Counts::default());
        }
    }

    #[test]
    fn a_share_of_nothing_is_none_and_so_is_its_change() {
        let nine_of_ten = Counts { met: 9, breached: 1, pending: 4 };
        let sides = Sides { before: nine_of_ten, after: Counts { pending: 3, ..Counts::default() } };
        assert_eq!((sides.before.compliance(), sides.after.compliance()), (Some(0.9), None));
        assert_eq!(sides.compliance_change(), None);
        let six_of_ten = Counts { met: 6, breached: 4, pending: 0 };
        assert_eq!(Sides { after: six_of_ten, ..sides }.compliance_change(), Some(-0.3));
        assert!(!sides.is_empty());
    }

    #[test]
    fn totals_of_parts_add_up_to_those_of_all() {
        let measurements = [measured(Metric::Response, 0), measured(Metric::Update, 1)];
        let (one, other) = (ticket("A", 1, &measurements), ticket("B", 3, &measurements[..1]));
        let totals = |tickets: &[&Ticket<'_>]| {
            let mut totals = Totals::default();
            for ticket in tickets {
                totals.count(Side::Before, ticket);
                totals.count(Side::After, ticket);
            }
            totals
        };
        let mut parts = totals(&[&one]);
        parts.append(totals(&[&other]));
        assert_eq!(parts, totals(&[&one, &other]));
        assert_eq!(parts.all()[0].after.met, 2);
    }
}
