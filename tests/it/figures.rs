//! Measurements in one form, whoever says them: the library's facts, the facts' Parquet, or the oracle.

use std::path::Path;

use chrono::DateTime;
use chrono_tz::Tz;
use punctual::measure::{Facts, MeasurementPart, TicketFacts};
use punctual::policy::Metric;
use rayon::prelude::*;

use crate::oracle::{self, Calendar, Outcome, Rules, local_reading};
use crate::parquet_file::ParquetFile;
use crate::random_export::RandomExport;

/// One measurement; equal figures agree on everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub ticket: String,
    pub sequence: i64,
    pub metric: String,
    pub severity: i64,
    pub start: i64,
    pub end: Option<i64>,
    pub elapsed: i64,
    pub target: i64,
    pub due: i64,
    pub outcome: String,
    pub decided: Option<i64>,
    pub month: Option<String>,
    pub in_period: bool,
}

/// The figures of the library's facts, in their order.
pub fn of_facts(facts: &Facts) -> Vec<Figure> {
    let of_part = |(tickets, part): (&TicketFacts, &MeasurementPart)| -> Vec<Figure> {
        let part = part.get().unwrap();
        let decided = part.decided();
        let figure = |place: u32, sequence: usize, row: usize| {
            let metric = if sequence == 0 { Metric::Response } else { Metric::Update };
            let terms = &facts.terms[facts.ticket_terms[place as usize] as usize];
            Figure {
                ticket: facts.records.tickets.ids.get(place as usize).to_owned(),
                sequence: sequence as i64,
                metric: metric.name().to_owned(),
                severity: i64::from(part.severity[row].number()),
                start: part.started[row].micros(),
                end: part.ended[row].map(|at| at.micros()),
                elapsed: part.elapsed[row],
                target: terms.targets.of(metric, part.severity[row]),
                due: part.due[row].micros(),
                outcome: part.outcome[row].name().to_owned(),
                decided: decided[row].map(|at| at.micros()),
                month: part.month(row).map(|month| month.to_string()),
                in_period: part.in_period(row),
            }
        };
        let of_ticket = |(row, place): (usize, &u32)| {
            let figure = &figure;
            let place = *place;
            tickets.measurements(row).enumerate().map(move |(sequence, row)| figure(place, sequence, row))
        };
        tickets.ticket.iter().enumerate().flat_map(of_ticket).collect()
    };
    facts.tickets.iter().zip(&facts.measurements).flat_map(of_part).collect()
}

/// The figures of a report's `facts/measurements.parquet`, in their order.
pub fn of_parquet(path: &Path) -> Vec<Figure> {
    let file = ParquetFile::read(path);
    let [ticket, metric, outcome, month, in_period] =
        ["ticket_id", "metric", "outcome", "month", "in_period"].map(|name| file.texts(name));
    let [sequence, severity, elapsed, target] =
        ["sequence", "severity", "elapsed_us", "target_us"].map(|name| file.integers(name));
    let [start, end, due, decided] =
        ["started_at", "ended_at", "due_at", "decided_at"].map(|name| file.instants(name));
    let figure = |row: usize| Figure {
        ticket: ticket[row].clone().unwrap(),
        sequence: sequence[row].unwrap(),
        metric: metric[row].clone().unwrap(),
        severity: severity[row].unwrap(),
        start: start[row].unwrap(),
        end: end[row],
        elapsed: elapsed[row].unwrap(),
        target: target[row].unwrap(),
        due: due[row].unwrap(),
        outcome: outcome[row].clone().unwrap(),
        decided: decided[row],
        month: month[row].clone(),
        in_period: in_period[row].as_deref() == Some("true"),
    };
    (0..file.rows()).map(figure).collect()
}

/// What the oracle judges a ticket by.
pub struct Terms {
    pub rules: Rules,
    pub calendar: Calendar,
    pub as_of: i64,
}

/// The figures that the oracle expects of an export, in the order of ticket ids and sequences, when each ticket
/// is judged by what `terms` says of it (its place and its zone), and counts in the months that `counts` names.
pub fn expected(
    export: &RandomExport,
    terms: impl Fn(usize, Tz) -> Terms + Sync,
    counts: impl Fn(&str) -> bool + Sync,
) -> Vec<Figure> {
    let mut places: Vec<usize> = (0..export.tickets.len()).collect();
    places.sort_by_key(|place| &export.tickets[*place].0.id);
    let of_ticket = |place: &usize| -> Vec<Figure> {
        let (ticket, tz, events) = &export.tickets[*place];
        let Terms { rules, calendar, as_of } = terms(*place, *tz);
        let measured = oracle::measurements(ticket, events, &rules, &calendar, *tz, as_of);
        // Where a time equal to the target is in time, a breach is certain at the last instant before the elapsed
        // time exceeds it; that differs from the due instant where the target is reached at closing.
        let later = Rules {
            response_us: rules.response_us.map(|target| target + 1),
            update_us: rules.update_us.map(|target| target + 1),
            ..rules
        };
        let exceeded = match rules.strict {
            true => Vec::new(),
            false => oracle::measurements(ticket, events, &later, &calendar, *tz, as_of),
        };
        let figure = |(row, one): (usize, &oracle::Measured)| {
            let mut decided = one.decided_at_us;
            let mut month = one.month.clone();
            if !rules.strict && one.outcome == Outcome::Breached {
                decided = Some(exceeded[row].due_us - 1);
                if !rules.period_by_submitted {
                    month = decided.map(|at| local_reading(*tz, at).format("%Y-%m").to_string());
                }
            }
            let metric = if one.metric == oracle::Metric::Response { "response" } else { "update" };
            Figure {
                ticket: ticket.id.clone(),
                sequence: i64::from(one.sequence),
                metric: metric.to_owned(),
                severity: i64::from(one.severity),
                start: one.start_us,
                end: one.end_us,
                elapsed: one.elapsed_us,
                target: one.target_us,
                due: one.due_us,
                outcome: format!("{:?}", one.outcome).to_lowercase(),
                decided,
                in_period: month.as_deref().is_none_or(&counts),
                month,
            }
        };
        measured.iter().enumerate().map(figure).collect()
    };
    places.par_iter().flat_map_iter(of_ticket).collect()
}

/// Asserts that two lists agree on every figure; says where they first differ.
#[track_caller]
pub fn assert_agree(found: &[Figure], expected: &[Figure]) {
    let differ: Vec<_> = found.iter().zip(expected).filter(|(found, expected)| found != expected).collect();
    assert!(
        differ.is_empty(),
        "{} of {} figures differ, first found {:#?}\nexpected {:#?}",
        differ.len(),
        expected.len(),
        differ[0].0,
        differ[0].1
    );
    assert_eq!(found.len(), expected.len());
}

/// Microseconds of an instant that is written out.
pub fn instant(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
}
