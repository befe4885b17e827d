//! A ticket and its measurements as one side has them.

use crate::calendar::Instant;
use crate::measure::Outcome;
use crate::policy::{Metric, Severity};

/// A measurement as one side has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// What is measured.
    pub metric: Metric,
    /// 0 for the response, 1, 2, … for the updates.
    pub sequence: u32,
    /// The severity in force at its start.
    pub severity: Severity,
    /// When it started.
    pub started: Instant,
    /// When it ended; `None` while it is open.
    pub ended: Option<Instant>,
    /// When its target was reached.
    pub due: Instant,
    /// When its outcome was certain; `None` while it is pending.
    pub decided: Option<Instant>,
    /// Working time, in microseconds.
    pub elapsed: i64,
    /// The target, in microseconds of working time.
    pub target: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it counts in the period of its side.
    pub in_period: bool,
}

/// A ticket as one side has it.
#[derive(Debug, Clone, Copy)]
pub struct Ticket<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose it is.
    pub customer: &'a str,
    /// The customer's tier.
    pub tier: &'a str,
    /// The customer's region.
    pub region: &'a str,
    /// The customer's time zone.
    pub timezone: &'a str,
    /// The severity it was submitted with.
    pub severity: Severity,
    /// Its measurements, in the order of their sequence: the response, then updates as they
    /// started.
    pub measurements: &'a [Measured],
}
