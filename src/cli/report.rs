//! `punctual report`: reads, measures, summarizes, draws, publishes.

use std::path::Path;
use std::sync::Arc;

use super::args::ReportArgs;
use super::failure::Failure;
use super::plan::{Plan, Watch};
use super::printer::Printer;
use super::settings;
use super::summary::Summary;
use crate::measure::Facts;
use crate::progress::{Event, Observer};
use crate::report::charts;
use crate::report::{Contents, Publication, write_manifest};
use crate::summarize::{Engine, Query, shipped};
use crate::table::Table;

pub(super) fn run(arguments: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    let plan = Plan::new(&settings::with_file(arguments)?, printer.now)?;
    let out = plan.out.clone().unwrap_or_else(|| Path::new("reports").join(plan.period.folder_name()));
    // Found out now rather than after an hour's work: the folder cannot be written.
    let publication = Publication::begin(&out)?;

    let ingested = watch.timed("ingest", || plan.ingest(printer))?;
    let ledger = ingested.ledger;
    plan.see_rejects(&ledger, &out, printer)?;
    let facts = Arc::new(watch.timed("measure", || plan.measure(ingested.records, printer))?);
    let tables = watch.timed("summarize", || summarize(&plan, &facts, printer, &watch))?;
    printer.event(Event::Began { stage: "drawing".to_owned(), units: 0 });
    let charts = watch.timed("charts", || charts::draw_all(&tables, &plan.context(&facts)))?;

    let contents = Contents {
        facts: &facts,
        tables: &tables,
        charts: &charts,
        ledger: &ledger,
        about: &plan.about,
        language: plan.language,
        review: None,
    };
    watch.timed("write", || contents.write(&publication, printer))?;
    write_manifest(&contents, &plan.record(printer, &watch), &publication)?;
    let folder = publication.publish()?;
    let told =
        Summary { facts: &facts, tables: &tables, ledger: &ledger, folder: &folder, language: plan.language };
    match printer.json {
        true => printer.result(&told.json()),
        false => printer.summary(&told.text(printer)),
    }
    Ok(())
}

/// Answers the built-in queries and the user's own.
fn summarize(
    plan: &Plan,
    facts: &Arc<Facts>,
    printer: &Printer,
    watch: &Watch<'_>,
) -> Result<Vec<Table>, Failure> {
    let mut queries = shipped();
    queries.extend(plan.queries.iter().cloned());
    printer.event(Event::Began { stage: "summarizing".to_owned(), units: queries.len() as u64 });
    let engine = Engine::new(Arc::clone(facts));
    let answer = |query: &Query| {
        let table = watch.timed(&format!("  {}", query.name), || engine.answer(query))?;
        printer.event(Event::Advanced(1));
        Ok(table)
    };
    queries.iter().map(answer).collect()
}
