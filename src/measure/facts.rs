//! What measuring gives, in columns: one row per measurement, one per ticket.

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::compared::{Compared, ComparedPeriods};
use super::history::{Life, Measurement, Outcome};
use super::parts::{MeasurementPart, put_column, take_column};
use super::period::Period;
use super::terms::Terms;
use crate::calendar::{Calendar, Instant, LocalTime, Month};
use crate::policy::{PeriodBy, Severity};
use crate::records::{KeptEvents, Records};

/// The facts of a run: measurements in the order of ticket id and sequence, tickets in the order
/// of their ids. They come in parts of consecutive tickets.
#[derive(Debug)]
pub struct Facts {
    /// The records that the facts are of.
    pub records: Arc<Records>,
    /// The policies, `name@effective-from`, by place.
    pub policies: Vec<String>,
    /// The local date from which each of them holds, in their order, which is that of these dates.
    pub policy_dates: Vec<NaiveDate>,
    /// The measurements, part by part.
    pub measurements: Vec<MeasurementPart>,
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
    /// The events of the tickets that can be explained.
    pub kept: KeptEvents,
}

impl Facts {
    /// How many measurements there are.
    pub fn measurement_count(&self) -> usize {
        self.measurements.iter().map(MeasurementPart::rows).sum()
    }

    /// How many tickets there are: those that were submitted by the cut.
    pub fn ticket_count(&self) -> usize {
        self.tickets.iter().map(|part| part.ticket.len()).sum()
    }

    /// What the clock of the customer of the ticket at a place shows.
    pub fn local(&self, place: usize, instant: Instant) -> LocalTime {
        self.terms_of(place).clock.zone().local(instant)
    }

    /// The local month that a measurement of the ticket at a place belongs to, if it was decided
    /// then.
    pub fn month_of(&self, place: usize, decided: Instant) -> Month {
        match self.terms_of(place).period_by {
            PeriodBy::Decided => self.local(place, decided).month(),
            PeriodBy::Submitted => self.local(place, self.records.tickets.submitted(place)).month(),
        }
    }

    /// The hours in which the ticket at a place of the records is measured.
    pub fn calendar_of(&self, place: usize) -> &Calendar {
        self.terms_of(place).clock.calendar()
    }

    /// What the ticket at a place of the records is judged by.
    pub fn terms_of(&self, place: usize) -> &Terms {
        &self.terms[self.ticket_terms[place] as usize]
    }
}

macro_rules! columns {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$column_doc:meta])* $column:ident: $type:ty,)+
        }
        $(beside { $(#[$other_doc:meta])* $other:ident: $other_type:ty })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone)]
        pub struct $name {
            $($(#[$column_doc])* pub $column: Vec<$type>,)+
            $($(#[$other_doc])* pub $other: Vec<$other_type>,)?
        }

        impl $name {
            /// What a row takes.
            #[allow(dead_code, reason = "of tickets only a test asks")]
            const ROW: usize = 0 $(+ size_of::<$type>())+;

            /// Takes the rows out, in columns no larger than they must be; the room that these
            /// have grown to stays for others.
            pub(super) fn take(&mut self) -> $name {
                let taken = self.clone();
                $(self.$column.clear();)+
                $(self.$other.clear();)?
                taken
            }

            /// Adds some rows of another part at the end, as they are.
            fn copy_columns(&mut self, from: &$name, rows: Range<usize>) {
                $(self.$column.extend_from_slice(&from.$column[rows.clone()]);)+
            }

            /// The same of rows that lie anywhere.
            #[allow(dead_code, reason = "of tickets nobody asks")]
            fn choose_columns(&mut self, from: &$name, rows: &[usize]) {
                $(self.$column.extend(rows.iter().map(|row| from.$column[*row]));)+
            }
        }
    };
}

columns! {
    /// Measurements in columns of equal length. What follows from the ticket's terms or from
    /// other columns is not among them. Those of a ticket stand in the order of their sequence,
    /// the response first; [`TicketFacts`] knows which they are.
    MeasurementFacts {
        /// The severity in force at the start.
        severity: Severity,
        /// When it started.
        started: Instant,
        /// The hour of the local week it started in, 0 from Monday 00:00 to 01:00.
        started_hour: u8,
        /// When it ended.
        ended: Option<Instant>,
        /// When its target was reached.
        due: Instant,
        /// Working time, in microseconds.
        elapsed: i64,
        /// How it ended.
        outcome: Outcome,
        /// The number of the local month it belongs to; of no meaning while it is pending.
        month: i16,
        /// Which of the compared periods it counts in, once it is decided.
        compared: Option<Compared>,
    }
    beside {
        /// The rows of breaches that were not decided when they were due, and when they were.
        decided_late: (u32, Instant)
    }
}

columns! {
    /// Tickets in columns of equal length. What follows from the records or from its measurements
    /// is not among them.
    TicketFacts {
        /// The place of the ticket in the records.
        ticket: u32,
        /// Where its measurements end in the same part; they start where those of the ticket
        /// before end.
        end: u32,
        /// The severity it was submitted with.
        severity: Severity,
        /// The severity at the cut.
        severity_last: Severity,
        /// The resolution that holds at the cut.
        resolved: Option<Instant>,
    }
}

impl MeasurementFacts {
    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.started.len() * Self::ROW + size_of_val(self.decided_late.as_slice())
    }

    /// Adds them as bytes, column by column.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        put_column(&self.severity, to);
        put_column(&self.started, to);
        put_column(&self.started_hour, to);
        put_column(&self.ended, to);
        put_column(&self.due, to);
        put_column(&self.elapsed, to);
        put_column(&self.outcome, to);
        put_column(&self.month, to);
        put_column(&self.compared, to);
        put_column(&self.decided_late, to);
    }

    /// Takes what [`Self::write`] added; `None` where that is something else.
    pub(super) fn read(from: &mut &[u8]) -> Option<MeasurementFacts> {
        Some(MeasurementFacts {
            severity: take_column(from)?,
            started: take_column(from)?,
            started_hour: take_column(from)?,
            ended: take_column(from)?,
            due: take_column(from)?,
            elapsed: take_column(from)?,
            outcome: take_column(from)?,
            month: take_column(from)?,
            compared: take_column(from)?,
            decided_late: take_column(from)?,
        })
    }

    /// The local month that a measurement belongs to; `None` while it is pending.
    pub fn month(&self, row: usize) -> Option<Month> {
        (self.outcome[row] != Outcome::Pending).then(|| Month::from_number(self.month[row]))
    }

    /// Whether a measurement counts in the report's period. What is pending at its end is shown
    /// in it, though in no rate.
    pub fn in_period(&self, row: usize) -> bool {
        self.outcome[row] == Outcome::Pending || self.compared[row] == Some(Compared::Period)
    }

    /// When each measurement was decided, row by row: met at its end, breached when it was due,
    /// but for those that were decided later.
    pub fn decided(&self) -> Vec<Option<Instant>> {
        let decided = |row| match self.outcome[row] {
            Outcome::Met => self.ended[row],
            Outcome::Breached => Some(self.due[row]),
            Outcome::Pending => None,
        };
        let mut all: Vec<_> = (0..self.outcome.len()).map(decided).collect();
        for (row, late) in &self.decided_late {
            all[*row as usize] = Some(*late);
        }
        all
    }

    /// Adds some rows of another part at the end.
    pub(super) fn copy(&mut self, from: &MeasurementFacts, rows: Range<usize>) {
        let first = self.started.len();
        let place = |row: usize| from.decided_late.partition_point(|(of, _)| (*of as usize) < row);
        let late = &from.decided_late[place(rows.start)..place(rows.end)];
        let moved = |(row, decided): &(u32, Instant)| ((*row as usize - rows.start + first) as u32, *decided);
        self.decided_late.extend(late.iter().map(moved));
        self.copy_columns(from, rows);
    }

    /// Adds rows of another part that lie anywhere in it, in their order.
    pub(super) fn choose(&mut self, from: &MeasurementFacts, rows: &[usize]) {
        let first = self.started.len();
        let mut late = from.decided_late.iter().peekable();
        for (place, row) in rows.iter().enumerate() {
            while late.next_if(|(of, _)| (*of as usize) < *row).is_some() {}
            let own = late.next_if(|(of, _)| *of as usize == *row);
            self.decided_late.extend(own.map(|(_, decided)| ((first + place) as u32, *decided)));
        }
        self.choose_columns(from, rows);
    }
}

impl TicketFacts {
    /// The rows of a ticket's measurements in the same part.
    pub fn measurements(&self, row: usize) -> Range<usize> {
        let start = if row == 0 { 0 } else { self.end[row - 1] };
        start as usize..self.end[row] as usize
    }

    /// Adds a row of another part at the end, as that of a ticket at another place with so many
    /// measurements.
    pub(super) fn copy(&mut self, from: &TicketFacts, row: usize, place: u32, measurements: usize) {
        let end = self.end.last().map_or(0, |end| *end as usize) + measurements;
        self.copy_columns(from, row..row + 1);
        if let (Some(own_place), Some(own_end)) = (self.ticket.last_mut(), self.end.last_mut()) {
            (*own_place, *own_end) = (place, end as u32);
        }
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
    (terms, periods): (&Terms, &ComparedPeriods),
) -> bool {
    let zone = terms.clock.zone();
    let mut is_asked_about = false;
    for measurement in measurements {
        let row = measured.started.len();
        let counted = measurement.decided.map(|decided| match terms.period_by {
            PeriodBy::Decided => zone.local(decided),
            PeriodBy::Submitted => zone.local(submitted),
        });
        let started = zone.local(measurement.started);
        measured.severity.push(measurement.severity);
        measured.started.push(measurement.started);
        measured.started_hour.push((started.weekday() - 1) * 24 + started.hour());
        measured.ended.push(measurement.ended);
        measured.due.push(measurement.due);
        measured.elapsed.push(measurement.elapsed);
        measured.outcome.push(measurement.outcome);
        measured.month.push(counted.map_or(0, |counted| counted.month().number()));
        measured.compared.push(counted.and_then(|counted| periods.which(counted)));
        if measurement.outcome == Outcome::Breached && measurement.decided != Some(measurement.due) {
            measured.decided_late.extend(measurement.decided.map(|decided| (row as u32, decided)));
        }
        is_asked_about |= measurement.outcome != Outcome::Met && measured.in_period(row);
    }
    tickets.ticket.push(place);
    tickets.end.push(measured.started.len() as u32);
    tickets.severity.push(life.severity_first);
    tickets.severity_last.push(life.severity_last);
    tickets.resolved.push(life.resolved);
    is_asked_about
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DAY, HOUR};

    fn at(hours: i64) -> Instant {
        Instant::from_micros(20_000 * DAY + hours * HOUR).unwrap()
    }

    /// Measurements due in the hours of their rows, as they ended; breaches of uneven rows were
    /// decided a day late.
    fn part(outcomes: &[Outcome]) -> MeasurementFacts {
        let count = outcomes.len();
        let late =
            (0..count as u32).filter(|row| row % 2 == 1 && outcomes[*row as usize] == Outcome::Breached);
        MeasurementFacts {
            severity: vec![Severity::new(1).unwrap(); count],
            started: vec![at(0); count],
            started_hour: vec![0; count],
            ended: (0..count as i64).map(|row| Some(at(100 + row))).collect(),
            due: (0..count as i64).map(at).collect(),
            elapsed: vec![0; count],
            outcome: outcomes.to_vec(),
            month: vec![0; count],
            compared: vec![None; count],
            decided_late: late.map(|row| (row, at(24 + i64::from(row)))).collect(),
        }
    }

    #[test]
    fn a_breach_is_decided_when_due_unless_it_was_later_and_that_goes_with_its_row() {
        use Outcome::{Breached, Met, Pending};
        let all = part(&[Breached, Breached, Met, Breached, Pending, Breached]);
        let decided = [Some(at(0)), Some(at(25)), Some(at(102)), Some(at(27)), None, Some(at(29))];
        assert_eq!(all.decided(), decided);
        let mut some = part(&[Met]);
        some.copy(&all, 1..4);
        some.copy(&all, 5..6);
        let copied = [&decided[1..4], &decided[5..]].concat();
        assert_eq!((some.decided()[0], &some.decided()[1..]), (Some(at(100)), copied.as_slice()));
        let mut chosen = part(&[Met]);
        chosen.choose(&all, &[1, 2, 3, 5]);
        assert_eq!((chosen.decided(), &chosen.due), (some.decided(), &some.due));
        let taken = some.take();
        assert_eq!((taken.decided().len(), taken.due.capacity()), (5, 5));
        assert!(some.decided().is_empty() && some.decided_late.is_empty());
    }

    #[test]
    fn a_measurement_takes_38_bytes_and_a_ticket_18() {
        assert_eq!((MeasurementFacts::ROW, TicketFacts::ROW), (38, 18));
    }
}
