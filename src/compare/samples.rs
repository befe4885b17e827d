//! Measurements and tickets for the tests of this room.

use super::sides::{Measured, Ticket};
use crate::calendar::{DAY, HOUR, Instant};
use crate::measure::Outcome;
use crate::policy::{Metric, Severity};

/// The instant so many hours after some midnight.
pub(super) fn hour(hours: i64) -> Instant {
    Instant::from_micros(20_000 * DAY + hours * HOUR).unwrap()
}

/// A measurement of severity 1 that started at an hour, ended an hour later and is met.
pub(super) fn measured(metric: Metric, start: i64) -> Measured {
    Measured {
        metric,
        sequence: start as u32,
        severity: Severity::new(1).unwrap(),
        started: hour(start),
        ended: Some(hour(start + 1)),
        due: hour(start + 8),
        decided: Some(hour(start + 1)),
        elapsed: HOUR,
        target: 8 * HOUR,
        outcome: Outcome::Met,
        in_period: true,
    }
}

/// A ticket of Acme.
pub(super) fn ticket<'a>(id: &'a str, severity: u8, measurements: &'a [Measured]) -> Ticket<'a> {
    Ticket {
        id,
        customer: "Acme",
        tier: "standard",
        region: "EMEA",
        timezone: "Europe/Paris",
        severity: Severity::new(severity).unwrap(),
        measurements,
    }
}
