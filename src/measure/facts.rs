//! What measuring gives, in columns: one row per measurement, one per ticket.

use std::ops::Range;
use std::sync::Arc;

use super::compared::{Compared, ComparedPeriods};
use super::history::{Life, Measurement, Outcome};
use super::period::Period;
use super::terms::Terms;
use crate::calendar::{Instant, Month};
use crate::policy::{Metric, PeriodBy, Severity};
use crate::records::{KeptEvents, Records};

/// The facts of a run: measurements in the order of ticket id and sequence, tickets in the order
/// of their ids. They come in parts of consecutive tickets.
#[derive(Debug)]
pub struct Facts {
    /// The records that the facts are of.
    pub records: Arc<Records>,
    /// The policies, `name@effective-from`, by place.
    pub policies: Vec<String>,
    /// The measurements, part by part.
    pub measurements: Vec<MeasurementFacts>,
    /// The tickets, part by part, alongside the measurements.
    pub tickets: Vec<TicketFacts>,
    /// The instant as of which everything was looked at, unless the period ended before.
    pub as_of: Instant,
    /// Whether the period had ended by then on every customer's clock: then each ticket was looked
    /// at as of that end, and no later export changes a figure.
    pub period_closed: bool,
    /// The period.
    pub period: Period,
    /// Whether the inputs held updates; without them only responses are measured.
    pub updates_known: bool,
    /// What tickets are judged by.
    pub terms: Vec<Terms>,
    /// The place in [`Self::terms`] of each ticket of the records.
    pub ticket_terms: Vec<u32>,
    /// The events of the tickets of which anything in the period was breached or is pending: what
    /// an explanation is made from.
    pub kept: KeptEvents,
}

impl Facts {
    /// How many measurements there are.
    pub fn measurement_count(&self) -> usize {
        self.measurements.iter().map(|part| part.started.len()).sum()
    }

    /// How many tickets there are: those that were submitted by the cut.
    pub fn ticket_count(&self) -> usize {
        self.tickets.iter().map(|part| part.ticket.len()).sum()
    }
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($(#[$column_doc:meta])* $column:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone)]
        pub struct $name {
            $($(#[$column_doc])* pub $column: Vec<$type>,)+
        }

        impl $name {
            /// Gives back the room that the columns grew into and do not need.
            pub(super) fn shrink(&mut self) {
                $(self.$column.shrink_to_fit();)+
            }

            /// Adds some rows of another part at the end, as they are.
            pub(super) fn copy(&mut self, from: &$name, rows: Range<usize>) {
                $(self.$column.extend_from_slice(&from.$column[rows.clone()]);)+
            }
        }
    };
}

columns! {
    /// Measurements in columns of equal length.
    MeasurementFacts {
        /// The place of the ticket in the records.
        ticket: u32,
        /// The place of the ticket's policy.
        policy: u16,
        /// 0 for the response, 1, 2, … for the updates.
        sequence: u32,
        /// The severity in force at the start.
        severity: Severity,
        /// When it started.
        started: Instant,
        /// The local weekday it started on, 1 = Monday.
        started_weekday: u8,
        /// The local hour it started in.
        started_hour: u8,
        /// When it ended.
        ended: Option<Instant>,
        /// When its target was reached.
        due: Instant,
        /// When that was decided.
        decided: Option<Instant>,
        /// Working time, in microseconds.
        elapsed: i64,
        /// The target, in microseconds of working time.
        target: i64,
        /// How it ended.
        outcome: Outcome,
        /// The local month it belongs to.
        month: Option<Month>,
        /// Whether it counts in the report's period.
        in_period: bool,
        /// Which of the compared periods it counts in, once it is decided.
        compared: Option<Compared>,
    }
}

columns! {
    /// Tickets in columns of equal length.
    TicketFacts {
        /// The place of the ticket in the records.
        ticket: u32,
        /// The place of its policy.
        policy: u16,
        /// The severity it was submitted with.
        severity: Severity,
        /// The severity at the cut.
        severity_last: Severity,
        /// The first communication.
        first_response: Option<Instant>,
        /// The resolution that holds at the cut.
        resolved: Option<Instant>,
        /// The response's working time, in microseconds.
        response_elapsed: i64,
        /// The response's target, in microseconds.
        response_target: i64,
        /// How the response ended.
        response_outcome: Outcome,
        /// Updates met.
        updates_met: u32,
        /// Updates breached.
        updates_breached: u32,
        /// Updates pending, 0 or 1.
        updates_pending: u32,
        /// The longest update's working time, in microseconds.
        worst_update: Option<i64>,
        /// Whether nothing decided in the period was breached; `None` where nothing was decided in it.
        compliant: Option<bool>,
        /// The local month of its submission.
        month: Month,
        /// Whether a measurement of it counts in the period.
        in_period: bool,
    }
}

/// Adds a measured ticket to a part of the facts, and says whether anything of it in the period
/// was breached or is pending: then somebody may ask why.
pub(super) fn add(
    (measured, tickets): (&mut MeasurementFacts, &mut TicketFacts),
    place: u32,
    submitted: Instant,
    life: &Life,
    measurements: &[Measurement],
    (terms, periods): (&Terms, &ComparedPeriods<'_>),
) -> bool {
    let zone = terms.clock.zone();
    let submitted = zone.local(submitted);
    let mut ticket = TicketSum::default();
    for measurement in measurements {
        let counted = measurement.decided.map(|decided| match terms.period_by {
            PeriodBy::Decided => zone.local(decided),
            PeriodBy::Submitted => submitted,
        });
        let compared = counted.and_then(|counted| periods.which(counted.date()));
        // What is pending at the end of the period is shown in it, though in no rate.
        let in_period = counted.is_none() || compared == Some(Compared::Period);
        let started = zone.local(measurement.started);
        measured.ticket.push(place);
        measured.policy.push(terms.policy as u16);
        measured.sequence.push(measurement.sequence);
        measured.severity.push(measurement.severity);
        measured.started.push(measurement.started);
        measured.started_weekday.push(started.weekday());
        measured.started_hour.push(started.hour());
        measured.ended.push(measurement.ended);
        measured.due.push(measurement.due);
        measured.decided.push(measurement.decided);
        measured.elapsed.push(measurement.elapsed);
        measured.target.push(measurement.target);
        measured.outcome.push(measurement.outcome);
        measured.month.push(counted.map(|counted| counted.month()));
        measured.in_period.push(in_period);
        measured.compared.push(compared);
        ticket.add(measurement, in_period);
    }
    // A ticket submitted by the cut has its response at least.
    let Some(response) = measurements.first() else { return false };
    tickets.ticket.push(place);
    tickets.policy.push(terms.policy as u16);
    tickets.severity.push(life.severity_first);
    tickets.severity_last.push(life.severity_last);
    tickets.first_response.push(life.first_response);
    tickets.resolved.push(life.resolved);
    tickets.response_elapsed.push(response.elapsed);
    tickets.response_target.push(response.target);
    tickets.response_outcome.push(response.outcome);
    tickets.updates_met.push(ticket.updates_met);
    tickets.updates_breached.push(ticket.updates_breached);
    tickets.updates_pending.push(ticket.updates_pending);
    tickets.worst_update.push(ticket.worst_update);
    tickets.compliant.push(ticket.compliant);
    tickets.month.push(submitted.month());
    tickets.in_period.push(ticket.in_period);
    ticket.is_asked_about
}

/// What a ticket's measurements come to.
#[derive(Debug, Default)]
struct TicketSum {
    updates_met: u32,
    updates_breached: u32,
    updates_pending: u32,
    worst_update: Option<i64>,
    compliant: Option<bool>,
    in_period: bool,
    is_asked_about: bool,
}

impl TicketSum {
    fn add(&mut self, measurement: &Measurement, in_period: bool) {
        if measurement.metric == Metric::Update {
            match measurement.outcome {
                Outcome::Met => self.updates_met += 1,
                Outcome::Breached => self.updates_breached += 1,
                Outcome::Pending => self.updates_pending += 1,
            }
            self.worst_update = self.worst_update.max(Some(measurement.elapsed));
        }
        if in_period {
            self.in_period = true;
            self.is_asked_about |= measurement.outcome != Outcome::Met;
            if measurement.outcome != Outcome::Pending {
                let met = measurement.outcome == Outcome::Met;
                self.compliant = Some(self.compliant.unwrap_or(true) && met);
            }
        }
    }
}
