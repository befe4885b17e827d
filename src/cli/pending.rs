//! `punctual pending`: the open clocks, the soonest due first, for people and for a daily job.

use serde_json::{Value, json};

use super::args::{InputArgs, PendingArgs, ReportArgs};
use super::failure::{DUE, Failure};
use super::grid::{self, Cell, Column, plain};
use super::plan::{Plan, note_rejects};
use super::printer::{Printer, Style};
use super::settings;
use crate::calendar::{Instant, LocalTime, Zone};
use crate::language::filled;
use crate::measure::{Facts, Keep, OpenClock};
use crate::policy::duration;

pub(super) fn run(arguments: &PendingArgs, printer: &Printer) -> Result<(), Failure> {
    let within = arguments.within.as_deref().map(within).transpose()?;
    let plan = plan(arguments, printer)?;
    let zone = zone(arguments.zone.as_deref(), printer)?;
    let ingested = plan.ingest(plan.digests(printer).as_ref(), printer)?;
    note_rejects(&ingested.ledger, printer);
    let facts = plan.measure(ingested.records, (None, Keep::Late), printer)?;
    let clocks = facts.open_clocks()?;
    let (overdue, pending): (Vec<OpenClock>, Vec<OpenClock>) =
        clocks.iter().partition(|clock| clock.is_overdue);
    let listed: Vec<OpenClock> = clocks
        .into_iter()
        .filter(|clock| arguments.overdue || !clock.is_overdue)
        .filter(|clock| within.is_none_or(|within| clock.left() <= within))
        .collect();
    let told = Told {
        facts: &facts,
        plan: &plan,
        zone: &zone,
        within,
        listed: &listed,
        pending: pending.len(),
        overdue: overdue.len(),
        shows_overdue: arguments.overdue,
    };
    match printer.json {
        true => printer.result(&format!("{:#}\n", told.json())),
        false => printer.summary(&told.text(printer)),
    }
    match arguments.fail_if_due && !listed.is_empty() {
        false => Ok(()),
        true => Err(Failure {
            message: plan.language.counted(listed.len() as i64, &plan.language.words.pending.due),
            hint: None,
            code: DUE,
        }),
    }
}

/// The working time of `--within`.
fn within(text: &str) -> Result<i64, Failure> {
    let micros = duration::parse(text).filter(|micros| *micros >= 0);
    micros.ok_or_else(|| {
        Failure::usage(format!("--within \"{text}\" is no length of working time"))
            .hint("write 4h, 90m, 1h30m, or a number of hours")
    })
}

fn plan(arguments: &PendingArgs, printer: &Printer) -> Result<Plan, Failure> {
    let PendingArgs { input, as_of, pseudonyms, cache, lang, .. } = arguments.clone();
    let given: InputArgs = input;
    let now = Instant::from_micros(printer.now).unwrap_or(Instant::MAX);
    let as_of = match as_of.as_deref() {
        Some("now") => Some(now.to_string()),
        _ => as_of,
    };
    let given =
        ReportArgs { input: given, as_of: as_of.clone(), pseudonyms, cache, lang, ..ReportArgs::default() };
    let mut settings = settings::without_report(settings::with_file(&given)?);
    // What the settings file says of these is said of reports, which look back.
    (settings.period, settings.as_of) = (None, as_of);
    Plan::new(&settings, printer.now)
}

/// The zone in which whoever asks reads a clock.
fn zone(name: Option<&str>, printer: &Printer) -> Result<Zone, Failure> {
    let known = |name: &str| Zone::named(name).map_err(|error| Failure::usage(format!("--zone: {error}")));
    match (name, &printer.zone) {
        (Some(name), _) => known(name),
        (None, Some(own)) => match Zone::named(own) {
            Ok(zone) => Ok(zone),
            Err(_) => {
                printer
                    .note(&format!("this machine's time zone, {own}, is not known: due instants are in UTC"));
                known("UTC")
            }
        },
        (None, None) => known("UTC"),
    }
}

/// What is due, on its way to a terminal or a program.
struct Told<'a> {
    facts: &'a Facts,
    plan: &'a Plan,
    zone: &'a Zone,
    within: Option<i64>,
    listed: &'a [OpenClock],
    pending: usize,
    overdue: usize,
    shows_overdue: bool,
}

impl Told<'_> {
    fn name(&self, clock: &OpenClock, of: impl Fn(&Facts, usize) -> Option<crate::records::Name>) -> &str {
        of(self.facts, clock.place).map_or("", |name| self.facts.records.names.text(name))
    }

    fn json(&self) -> Value {
        let local = |local: LocalTime| local.to_string().replace(' ', "T");
        let clock = |clock: &OpenClock| {
            let tickets = &self.facts.records.tickets;
            json!({
                "ticket_id": tickets.ids.get(clock.place),
                "customer": self.name(clock, |facts, place| Some(facts.records.tickets.customer(place))),
                "tier": self.name(clock, |facts, place| Some(facts.records.tickets.tier(place))),
                "region": self.name(clock, |facts, place| Some(facts.records.tickets.region(place))),
                "timezone": self.name(clock, |facts, place| Some(facts.records.tickets.timezone(place))),
                "account_manager": tickets
                    .account_manager(clock.place)
                    .map(|name| self.facts.records.names.text(name)),
                "metric": clock.metric.name(),
                "sequence": clock.sequence,
                "severity": clock.severity.number(),
                "started_at": clock.started.to_string(),
                "due_at": clock.due.to_string(),
                "due_local": local(clock.local_due),
                "due_here": local(self.zone.local(clock.due)),
                "elapsed_us": clock.elapsed,
                "target_us": clock.target,
                "left_us": clock.left(),
                "overdue": clock.is_overdue,
            })
        };
        json!({
            "as_of": self.facts.as_of.to_string(),
            "zone": self.zone.name(),
            "within_us": self.within,
            "pending": self.pending,
            "overdue": self.overdue,
            "clocks": self.listed.iter().map(clock).collect::<Vec<_>>(),
        })
    }

    fn text(&self, printer: &Printer) -> String {
        let language = self.plan.language;
        let (words, head) = (&language.words.pending, &language.words.head);
        let as_of =
            filled(&head.as_of_instant, &[("instant", &language.date_time(self.facts.as_of.micros()))]);
        let count = language.counted(self.listed.len() as i64, &words.clocks);
        let heading = match self.within {
            Some(within) => {
                let within = filled(&words.within, &[("time", &language.exact_time(within))]);
                format!("{count} · {within} · {} {as_of}", head.as_of)
            }
            None => format!("{count} · {} {as_of}", head.as_of),
        };
        let mut out = format!("{}\n", printer.styled(&heading, Style::Heading));
        if !self.listed.is_empty() {
            out.push('\n');
            out.push_str(&self.table(printer));
        }
        if self.overdue > 0 && !self.shows_overdue {
            let overdue = language.counted(self.overdue as i64, &words.overdue);
            out.push_str(&format!("\n{}\n", printer.styled(&overdue, Style::Faint)));
        }
        out
    }

    fn table(&self, printer: &Printer) -> String {
        let language = self.plan.language;
        let (words, summary) = (&language.words.pending, &language.words.summary);
        let columns = [
            Column::number(&words.left),
            Column::text(language.column_label("ticket_id")).least(8),
            Column::text(&summary.severity),
            Column::text(&summary.metric).rank(3),
            Column::text(language.column_label("customer")).least(9),
            Column::text(&words.due_there),
            Column::text(language.column_label("timezone")).rank(2),
            Column::text(self.zone.name()).rank(1),
        ];
        let row = |clock: &OpenClock| -> Vec<Cell> {
            let left = language.hours_minutes(clock.left());
            let metric = language.value("metric", clock.metric.name());
            vec![
                (left, clock.is_overdue.then_some(Style::Bad)),
                plain(self.facts.records.tickets.ids.get(clock.place)),
                plain(clock.severity.number().to_string()),
                plain(metric),
                plain(self.name(clock, |facts, place| Some(facts.records.tickets.customer(place)))),
                plain(language.date_time(clock.local_due.micros())),
                plain(self.name(clock, |facts, place| Some(facts.records.tickets.timezone(place)))),
                plain(language.date_time(self.zone.local(clock.due).micros())),
            ]
        };
        let rows: Vec<Vec<Cell>> = self.listed.iter().map(row).collect();
        grid::set(printer, 0, &columns, &rows)
    }
}
