//! `punctual report`: reads, measures, summarizes, draws, publishes.

use std::path::Path;
use std::sync::Arc;

use super::args::ReportArgs;
use super::failure::Failure;
use super::plan::{Plan, Watch};
use super::printer::Printer;
use super::settings;
use super::summary::Summary;
use crate::ingest::{Digests, Ledger};
use crate::measure::Facts;
use crate::progress::{Event, Observer};
use crate::report::charts::Chart;
use crate::report::{
    Contents, Publication, Republished, charts, side_by_side, threads_beside, write_facts, write_manifest,
};
use crate::staging::parent_of;
use crate::summarize::{Engine, Query, shipped};
use crate::table::Table;

pub(super) fn run(arguments: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    let plan = Plan::new(&settings::with_file(arguments)?, printer.now)?;
    let out = plan.out.clone().unwrap_or_else(|| Path::new("reports").join(plan.period.folder_name()));
    plan.clear_leftovers(parent_of(&out), printer);
    // Found out now rather than after an hour's work: the folder cannot be written.
    let mut publication = Publication::begin(&out)?;

    let digests = plan.digests(printer);
    let kept = plan.kept(digests.as_ref());
    if let Some(kept) = &kept {
        match kept.republish(&plan.record(&watch), &publication)? {
            Republished::Told(told) => match serde_json::from_str(&told) {
                Ok(summary) => {
                    tell(&summary, &publication.publish()?, &plan, printer);
                    return Ok(());
                }
                // Of a kept text every byte is known to be right: another build's would not be found.
                Err(error) => return Err(Failure::run(format!("a kept summary cannot be read: {error}"))),
            },
            Republished::None => {}
            Republished::Damaged => {
                printer.note("the report that was kept in the cache is damaged: it is made again");
                drop(publication);
                publication = Publication::begin(&out)?;
            }
        }
    }
    let summary = make(&plan, (&publication, &out), digests.as_ref(), &watch, printer)?;
    if let Some(kept) = &kept {
        let told = serde_json::to_string(&summary).map_err(|error| Failure::run(error.to_string()))?;
        if let Err(error) = kept.keep(&publication, &told) {
            printer.note(&format!("the report could not be kept in the cache: {error}"));
        }
    }
    let folder = publication.publish()?;
    show(&summary, &folder, &plan, printer);
    Ok(())
}

/// Writes everything that a report holds into the publication that will stand at `out`, and gives
/// what is to be said of it.
pub(super) fn make(
    plan: &Plan,
    (publication, out): (&Publication, &Path),
    digests: Option<&Digests>,
    watch: &Watch<'_>,
    printer: &Printer,
) -> Result<Summary, Failure> {
    let ingested = watch.timed("ingest", || plan.ingest(digests, printer))?;
    let ledger = ingested.ledger;
    plan.see_rejects(&ledger, out, printer)?;
    let facts =
        Arc::new(watch.timed("measure", || {
            plan.measure(ingested.records, (plan.spill.as_ref(), plan.keep()), printer)
        })?);
    // By itself: beside other work that goes through all facts, neither would have the processor's
    // own memory.
    let queries = queries(plan);
    printer.event(Event::Began { stage: "summarizing".to_owned(), units: queries.len() as u64 });
    let engine = Engine::new(Arc::clone(&facts), queries);
    let passed = watch.timed("pass", || engine.pass())?;
    let (mut tables, mut charts) = (Vec::new(), Vec::new());
    let pool = if plan.spill.is_none() { threads_beside() } else { None };
    // What one of them must do by itself leaves threads to the other.
    side_by_side::<Failure>(
        || Ok(watch.timed("facts", || write_facts(&facts, plan.spans, publication, pool.as_ref()))?),
        || {
            tables = watch.timed("summarize", || passed.answer(|_| printer.event(Event::Advanced(1))))?;
            printer.event(Event::Began { stage: "drawing".to_owned(), units: 0 });
            charts = watch.timed("charts", || charts::draw_all(&tables, &plan.context(&facts)))?;
            let contents = contents(plan, &facts, &ledger, (&tables, &charts));
            Ok(watch.timed("write", || contents.write(publication, printer))?)
        },
    )?;
    let contents = contents(plan, &facts, &ledger, (&tables, &charts));
    write_manifest(&contents, &plan.record(watch), publication)?;
    plan.tell_spilled(printer);
    let summary = Summary::of(&facts, &tables, &ledger, plan.language);
    if plan.spill.is_none() {
        // The command is about to end: the system takes memory back faster than it can be given
        // back piece by piece.
        std::mem::forget((facts, tables, charts, ledger));
    }
    Ok(summary)
}

fn contents<'a>(
    plan: &'a Plan,
    facts: &'a Facts,
    ledger: &'a Ledger,
    (tables, charts): (&'a [Table], &'a [Chart]),
) -> Contents<'a> {
    let (about, language) = (&plan.about, plan.language);
    Contents { facts, tables, charts, ledger, about, language, review: None }
}

/// Says of a report that was made before what was said then.
fn tell(summary: &Summary, folder: &Path, plan: &Plan, printer: &Printer) {
    for note in summary.notes(printer.now) {
        printer.note(&note);
    }
    show(summary, folder, plan, printer);
}

fn show(summary: &Summary, folder: &Path, plan: &Plan, printer: &Printer) {
    match printer.json {
        true => printer.result(&summary.json(folder)),
        false => printer.summary(&summary.text(folder, plan.language, printer)),
    }
}

/// The built-in queries and the user's own.
fn queries(plan: &Plan) -> Vec<Query> {
    let mut queries = shipped();
    queries.extend(plan.queries.iter().cloned());
    queries
}
