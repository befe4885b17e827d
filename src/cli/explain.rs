//! `punctual explain`: why tickets were measured as they were, for anyone who doubts a figure.
//!
//! What is told comes of a second way of counting, span by span; where that does not add up to
//! what was measured, or to what stands in the report that is asked about, the run fails.

use std::collections::BTreeSet;

use serde_json::Value;

use super::args::{ExplainArgs, HistoryArgs, ReportArgs};
use super::failure::Failure;
use super::grid::{self, Cell, Column, plain};
use super::plan::{Plan, note_rejects};
use super::printer::{Printer, Style, wrapped};
use super::{replay, settings};
use crate::document::suggestion;
use crate::language::{Language, filled};
use crate::measure::{DayGroup, Explained, Explanation, Facts, Keep, Outcome};
use crate::report::explanation::{self, Told, moment, rules, what};
use crate::report::explanation_page;
use crate::report::recorded::{Recorded, RecordedMeasurement};

/// How wide an explanation is, at most.
const WIDTH: usize = 80;

/// How wide a length of time may be in a table; `7 h 59 min 59.5 s` takes two lines.
const NUMBER: usize = 11;

/// Names of tickets that are looked at for one like a name that there is not.
const LIKE: usize = 20_000;

pub(super) fn run(arguments: &ExplainArgs, printer: &Printer) -> Result<(), Failure> {
    let given = &arguments.history;
    let recorded = given.input.dir.as_ref().and_then(|folder| Recorded::read(folder).ok());
    let mut plan = match &recorded {
        Some(recorded) => of_report(recorded, arguments)?,
        None => of_exports(arguments, printer)?,
    };
    if let Some(language) = arguments.lang.as_deref().and_then(Language::named) {
        plan.language = language;
    }
    let ingested = plan.ingest(plan.digests(printer).as_ref(), printer)?;
    let rejected = ingested.ledger.rejected();
    if recorded.is_none() {
        note_rejects(&ingested.ledger, printer);
    }
    let tickets: BTreeSet<String> = arguments.tickets.iter().cloned().collect();
    let facts = plan.measure(ingested.records, (None, Keep::Named(&tickets)), printer)?;
    let mut explanations = Vec::new();
    for ticket in &arguments.tickets {
        let place = facts.place_of(ticket).ok_or_else(|| not_there(ticket, &facts, rejected))?;
        explanations.push(facts.explain(place)?);
    }
    if let Some(recorded) = &recorded {
        compare(recorded, &tickets, &explanations)?;
    }
    if arguments.html {
        printer.result(&explanation_page(plan.language, &explanations));
    } else if printer.json {
        let all: Vec<Value> = explanations.iter().map(|one| explanation::json(plan.language, one)).collect();
        printer.result(&format!("{:#}\n", Value::Array(all)));
    } else {
        let texts: Vec<String> = explanations
            .iter()
            .map(|explanation| Text { language: plan.language, printer, explanation }.text())
            .collect();
        printer.result(&texts.join("\n\n"));
    }
    Ok(())
}

/// The plan that made a report; whatever else is said of inputs and rules would contradict it.
fn of_report(recorded: &Recorded, arguments: &ExplainArgs) -> Result<Plan, Failure> {
    let HistoryArgs { input, period, as_of, pseudonyms, cache } = &arguments.history;
    let mut said = input.given();
    let others = [
        ("--config", input.config.is_some()),
        ("--period", period.is_some()),
        ("--as-of", as_of.is_some()),
        ("--pseudonyms", pseudonyms.is_some()),
        ("--cache", cache.is_some()),
    ];
    said.extend(others.into_iter().filter_map(|(name, given)| given.then_some(name)));
    if let Some(option) = said.first() {
        return Err(Failure::usage(format!(
            "{option} does not go with the report {}: it is explained by its own inputs and settings",
            recorded.folder.display()
        ))
        .hint("to ask what would be, give the folder of the exports with --from"));
    }
    Plan::again(recorded, &replay::same(recorded, arguments.inputs.as_deref())?, input.threads)
}

fn of_exports(arguments: &ExplainArgs, printer: &Printer) -> Result<Plan, Failure> {
    if arguments.inputs.is_some() {
        return Err(Failure::usage("--inputs goes with a report: --from names none"));
    }
    let HistoryArgs { input, period, as_of, pseudonyms, cache } = arguments.history.clone();
    let given = ReportArgs { input, period, as_of, pseudonyms, cache, ..ReportArgs::default() };
    Plan::new(&settings::without_report(settings::with_file(&given)?), printer.now)
}

/// A ticket that is not among those that were read.
fn not_there(ticket: &str, facts: &Facts, rejected: u64) -> Failure {
    let known: Vec<&str> = facts.records.tickets.ids.iter().take(LIKE).collect();
    // Where nothing is like it, a list of all helps nobody.
    let like = suggestion(ticket, &known);
    let like = if like.contains("did you mean") { like } else { String::new() };
    let failure = Failure::run(format!("there is no ticket {ticket} in the exports{like}"));
    match rejected {
        0 => failure,
        _ => failure.hint(format!(
            "{rejected} rows were rejected, and may hold it: punctual check says which, and why"
        )),
    }
}

/// Fails where a report's facts hold something else than what was measured and explained now.
fn compare(
    recorded: &Recorded,
    tickets: &BTreeSet<String>,
    explanations: &[Explanation],
) -> Result<(), Failure> {
    let of_report = recorded.measurements(tickets)?;
    for explanation in explanations {
        let ticket = &explanation.subject.ticket_id;
        if of_report.get(ticket) != Some(&RecordedMeasurement::of(explanation)) {
            return Err(Failure::run(format!(
                "ticket {ticket}: the facts of {} hold other figures than this explanation comes to",
                recorded.folder.display()
            ))
            .hint("punctual verify says whether the report is what it was, and which version made it"));
        }
    }
    Ok(())
}

/// An explanation on its way to a terminal.
struct Text<'a> {
    language: &'static Language,
    printer: &'a Printer,
    explanation: &'a Explanation,
}

impl Text<'_> {
    fn text(&self) -> String {
        let (words, explanation) = (&self.language.words.explain, self.explanation);
        let subject = &explanation.subject;
        let mut out = String::new();
        let title = filled(&words.ticket, &[("ticket", &subject.ticket_id)]);
        self.styled(&mut out, &format!("{title} · {}", subject.customer), "", Style::Heading);
        let severity = explanation.life.severity_first.number().to_string();
        let submitted = filled(&words.submitted, &[("severity", &severity)]);
        let about = [&subject.tier, &subject.region, &explanation.zone, &submitted].map(String::as_str);
        self.styled(&mut out, &about.join(" · "), "", Style::Faint);
        for rule in rules(self.language, explanation) {
            self.styled(&mut out, &rule, "", Style::Faint);
        }
        let head = &self.language.words.head;
        let instant = self.language.date_time_exact(explanation.cut.micros());
        let as_of = filled(&head.as_of_instant, &[("instant", &instant)]);
        let local = moment(self.language, explanation.local_cut);
        self.styled(&mut out, &format!("{} {local} ({as_of})", head.as_of), "", Style::Faint);
        if !explanation.updates_known {
            self.styled(&mut out, &words.no_updates, "", Style::Faint);
        }
        self.happened(&mut out);
        for explained in &explanation.measurements {
            self.measurement(&mut out, explained);
        }
        out
    }

    fn width(&self) -> usize {
        self.printer.width.min(WIDTH)
    }

    fn styled(&self, out: &mut String, text: &str, indent: &str, style: Style) {
        for line in wrapped(text, indent, self.width()).lines() {
            out.push_str(&self.printer.styled(line, style));
            out.push('\n');
        }
    }

    fn plain(&self, out: &mut String, text: &str) {
        out.push_str(&wrapped(text, "  ", self.width()));
        out.push('\n');
    }

    fn happened(&self, out: &mut String) {
        let (language, explanation) = (self.language, self.explanation);
        out.push('\n');
        self.styled(out, &language.words.timeline.happened, "", Style::Heading);
        let times: Vec<[String; 2]> = explanation
            .timeline
            .iter()
            .map(|event| [moment(language, event.local), language.date_time_exact(event.at.micros())])
            .collect();
        let widest =
            |column: usize| times.iter().map(|times| times[column].chars().count()).max().unwrap_or_default();
        let used = 2 + widest(0).max(explanation.zone.chars().count()) + 2 + widest(1) + 2;
        let left = self.width().saturating_sub(used).max(12);
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for (event, [local, utc]) in explanation.timeline.iter().zip(times) {
            lines(&mut rows, [vec![local], vec![utc], folded(&what(language, event), left)]);
        }
        let columns = [Column::text(&explanation.zone), Column::text("UTC"), Column::text("")];
        out.push_str(&grid::set(self.printer, 2, &columns, &rows));
    }

    fn measurement(&self, out: &mut String, explained: &Explained) {
        let (language, words) = (self.language, &self.language.words.explain);
        let told = Told::new(language, self.explanation, explained);
        let measured = &explained.measurement;
        let severity = filled(&words.severity, &[("severity", &measured.severity.number().to_string())]);
        let outcome = language.value("outcome", measured.outcome.name());
        let style = match measured.outcome {
            Outcome::Met => Style::Good,
            Outcome::Breached => Style::Bad,
            Outcome::Pending => Style::Heading,
        };
        let name = self.printer.styled(&format!("{} · {severity} · ", told.name()), Style::Heading);
        out.push_str(&format!("\n{name}{}\n", self.printer.styled(outcome, style)));
        self.plain(out, &told.verdict());
        if !explained.spans.is_empty() {
            out.push('\n');
            self.days(out, &told, explained);
            out.push('\n');
        }
        self.plain(out, &told.target());
        self.plain(out, &filled(&words.adds_up, &[("elapsed", &language.exact_time(measured.elapsed))]));
    }

    fn days(&self, out: &mut String, told: &Told<'_>, explained: &Explained) {
        let (language, words) = (self.language, &self.language.words.explain);
        let timeline = &language.words.timeline;
        let groups = explained.day_groups();
        let dates = |group: &DayGroup<'_>| match group.days {
            1 => vec![language.day(group.first)],
            _ => vec![language.day(group.first), format!("– {}", language.day(group.last))],
        };
        let hours = |group: &DayGroup<'_>| match told.windows(group) {
            closed if closed.is_empty() => vec![words.closed.clone()],
            windows => windows,
        };
        let widest = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| text.chars().count()).max().unwrap_or_default()
        };
        let that_day = |group: &DayGroup<'_>| match group.counted {
            0 => vec!["–".to_owned()],
            counted => folded(&language.exact_time(counted), NUMBER),
        };
        let total = |group: &DayGroup<'_>| folded(&language.exact_time(group.total), NUMBER);
        let used = [
            widest(&mut groups.iter().flat_map(dates).chain([timeline.date.clone()])),
            widest(&mut groups.iter().flat_map(hours).chain([words.window.clone()])),
            widest(&mut groups.iter().flat_map(that_day).chain([timeline.that_day.clone()])),
            widest(&mut groups.iter().flat_map(total).chain([timeline.total.clone()])),
        ];
        let left = self.width().saturating_sub(2 + used.iter().sum::<usize>() + 4 * 2).max(14);
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for group in &groups {
            let counted = told.counted(group).iter().flat_map(|said| folded(said, left)).collect();
            lines(&mut rows, [dates(group), hours(group), counted, that_day(group), total(group)]);
        }
        let columns = [
            Column::text(&timeline.date),
            Column::text(&words.window),
            Column::text(&timeline.hours),
            Column::number(&timeline.that_day),
            Column::number(&timeline.total),
        ];
        out.push_str(&grid::set(self.printer, 2, &columns, &rows));
    }
}

/// A text in lines of so many columns.
fn folded(text: &str, width: usize) -> Vec<String> {
    wrapped(text, "", width).lines().map(str::to_owned).collect()
}

/// Adds a row whose cells may have several lines each.
fn lines<const N: usize>(rows: &mut Vec<Vec<Cell>>, cells: [Vec<String>; N]) {
    let most = cells.iter().map(Vec::len).max().unwrap_or_default();
    for line in 0..most {
        rows.push(cells.iter().map(|cell| plain(cell.get(line).cloned().unwrap_or_default())).collect());
    }
}
