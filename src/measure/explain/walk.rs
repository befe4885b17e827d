//! The time of a measurement, laid out by days and added up anew.

use chrono::NaiveDate;

use super::Disagreement;
use crate::calendar::{self, Hours, Instant, LocalTime, Span};
use crate::measure::history::{Measurement, Outcome};
use crate::measure::terms::Terms;
use crate::policy::Comparison;

/// Why time counts, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It is working time, and counts.
    Counted,
    /// It lies outside the hours of its day.
    OutsideHours,
    /// Its weekday has no hours.
    DayOff,
    /// Its date is closed.
    Holiday,
    /// It is working time, but the customer was waited for.
    Waiting,
}

impl Why {
    /// All, in the order of their codes.
    pub const ALL: [Why; 5] = [Why::Counted, Why::OutsideHours, Why::DayOff, Why::Holiday, Why::Waiting];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Why::Counted => "counted",
            Why::OutsideHours => "outside_hours",
            Why::DayOff => "day_off",
            Why::Holiday => "holiday",
            Why::Waiting => "waiting",
        }
    }
}

/// A span of real time within one local date and one offset of the zone, all of which counts or
/// none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedSpan {
    /// Where it starts.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// What the customer's clock shows when it starts.
    pub local_from: LocalTime,
    /// What it shows when it ends, unless the clocks change just then; at midnight that is 00:00
    /// of the next date.
    pub local_to: LocalTime,
    /// The local date it lies in.
    pub date: NaiveDate,
    /// Why it counts, or does not.
    pub why: Why,
    /// How much of it counts, in microseconds: all or nothing.
    pub counted: i64,
    /// What has counted since the start of the measurement when it ends, in microseconds.
    pub total: i64,
}

/// The spans of a measurement, less the pauses, which come in order and apart.
pub(super) fn spans(
    measurement: &Measurement,
    terms: &Terms,
    pauses: &[(Instant, Instant)],
) -> Result<Vec<CountedSpan>, Disagreement> {
    let until = measurement.ended.unwrap_or(terms.cut);
    let (calendar, zone) = (terms.clock.calendar(), terms.clock.zone());
    let mut sum = Sum::default();
    for span in calendar::spans(calendar, zone, measurement.started, until) {
        match span.hours {
            Hours::Open => sum.add_open(span, pauses),
            Hours::Closed => sum.add(span, Why::OutsideHours),
            Hours::DayOff => sum.add(span, Why::DayOff),
            Hours::Holiday => sum.add(span, Why::Holiday),
        }
    }
    agree(measurement, terms.comparison, until, &sum)?;
    Ok(sum.spans)
}

#[derive(Debug, Default)]
struct Sum {
    spans: Vec<CountedSpan>,
    total: i64,
}

impl Sum {
    fn add(&mut self, span: Span, why: Why) {
        let counted = if why == Why::Counted { span.micros() } else { 0 };
        self.total += counted;
        self.spans.push(CountedSpan {
            from: span.from,
            to: span.to,
            local_from: span.local_from,
            local_to: span.local_to(),
            date: span.date(),
            why,
            counted,
            total: self.total,
        });
    }

    /// Adds working time, cut where a pause starts or ends.
    fn add_open(&mut self, span: Span, pauses: &[(Instant, Instant)]) {
        let mut rest = span;
        for (start, end) in pauses.iter().filter(|(start, end)| span.from < *end && *start < span.to) {
            // A wait that ended as it began takes nothing out.
            if start == end {
                continue;
            }
            if rest.from < *start {
                let (before, after) = rest.split(*start);
                self.add(before, Why::Counted);
                rest = after;
            }
            if rest.to <= *end {
                return self.add(rest, Why::Waiting);
            }
            let (waited, after) = rest.split(*end);
            self.add(waited, Why::Waiting);
            rest = after;
        }
        self.add(rest, Why::Counted);
    }

    /// The first instant at which `target` has counted.
    fn reached(&self, target: i64) -> Option<Instant> {
        let span = self.spans.iter().find(|span| span.total >= target)?;
        Instant::from_micros(span.to.micros() - (span.total - target)).ok()
    }

    /// The first instant from which more than `target` counts.
    fn exceeded(&self, target: i64) -> Option<Instant> {
        let span = self.spans.iter().find(|span| span.total > target)?;
        Instant::from_micros(span.to.micros() - (span.total - target)).ok()
    }
}

/// Compares what was measured with what the spans say.
fn agree(
    measurement: &Measurement,
    comparison: Comparison,
    until: Instant,
    sum: &Sum,
) -> Result<(), Disagreement> {
    let differ = |figure, measured: String, walked: String| {
        Err(Disagreement { sequence: measurement.sequence, figure, measured, walked })
    };
    let Measurement { elapsed, target, due, outcome, decided, .. } = *measurement;
    if sum.total != elapsed {
        return differ("the elapsed time", format!("{elapsed} us"), format!("{} us", sum.total));
    }
    match sum.reached(target) {
        Some(reached) if reached != due => {
            return differ("the due instant", due.to_string(), reached.to_string());
        }
        None if due <= until => {
            return differ("the due instant", due.to_string(), format!("none up to {until}"));
        }
        _ => {}
    }
    let breach = match comparison {
        Comparison::Strict => sum.reached(target),
        Comparison::Inclusive => sum.exceeded(target),
    };
    let walked = match (breach, measurement.ended) {
        (Some(breach), _) => (Outcome::Breached, Some(breach)),
        (None, Some(ended)) => (Outcome::Met, Some(ended)),
        (None, None) => (Outcome::Pending, None),
    };
    let text = |(outcome, decided): (Outcome, Option<Instant>)| match decided {
        Some(decided) => format!("{} on {decided}", outcome.name()),
        None => outcome.name().to_owned(),
    };
    match walked == (outcome, decided) {
        true => Ok(()),
        false => differ("the outcome", text((outcome, decided)), text(walked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::HOUR;
    use crate::calendar::samples::at;
    use crate::policy::{Metric, Severity};

    /// A response of 4 h in one span, from 10:00 to 14:00, against a target of 3 h.
    fn case() -> (Measurement, Sum) {
        let [from, due, to] = ["10", "13", "14"].map(|hour| at(&format!("2024-05-03T{hour}:00:00Z")));
        let measurement = Measurement {
            metric: Metric::Response,
            sequence: 0,
            severity: Severity::new(1).unwrap(),
            started: from,
            ended: Some(to),
            elapsed: 4 * HOUR,
            target: 3 * HOUR,
            due,
            outcome: Outcome::Breached,
            decided: Some(due),
        };
        let mut sum = Sum::default();
        let local_from = LocalTime::from_micros(from.micros());
        sum.add(Span { from, to, local_from, hours: Hours::Open }, Why::Counted);
        (measurement, sum)
    }

    #[test]
    fn a_figure_that_the_days_do_not_give_is_named_with_both_values() {
        let (good, sum) = case();
        let until = at("2024-05-03T14:00:00Z");
        let figure = |measurement: &Measurement| {
            agree(measurement, Comparison::Strict, until, &sum).map_err(|error| error.figure)
        };
        assert_eq!(figure(&good), Ok(()));
        assert_eq!(figure(&Measurement { elapsed: 4 * HOUR - 1, ..good }), Err("the elapsed time"));
        assert_eq!(figure(&Measurement { due: until, ..good }), Err("the due instant"));
        assert_eq!(figure(&Measurement { outcome: Outcome::Met, ..good }), Err("the outcome"));
        assert_eq!(figure(&Measurement { decided: Some(until), ..good }), Err("the outcome"));
        let late = Measurement { target: 5 * HOUR, due: until, outcome: Outcome::Met, ..good };
        let error = agree(&late, Comparison::Strict, until, &sum).unwrap_err();
        assert_eq!(
            error.to_string(),
            "measurement 0: the due instant was measured as 2024-05-03T14:00:00Z, but the days add up to none \
             up to 2024-05-03T14:00:00Z; this is a bug, please report it"
        );
    }
}
