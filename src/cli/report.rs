//! `punctual report`: reads, measures, summarizes, draws, publishes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use chrono::DateTime;

use super::args::ReportArgs;
use super::failure::{Failure, REJECTS};
use super::printer::Printer;
use super::summary::Summary;
use super::{period, settings, summary};
use crate::ingest::{Ingest, Ingested, Inputs, Ledger};
use crate::measure::{Facts, Period, Run};
use crate::policy::{Policy, PolicyBook};
use crate::progress::{Event, Observer};
use crate::report::charts::{self, Context};
use crate::report::{About, Chart, Contents, Publication, RunRecord, keep_rejects, write_manifest};
use crate::summarize::{Engine, Query, shipped};
use crate::table::Table;

pub(super) fn run(arguments: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    let plan = Plan::new(arguments, printer.now)?;
    // Found out now rather than after an hour's work: the folder cannot be written.
    let publication = Publication::begin(&plan.out)?;

    let ingested = watch.timed("ingest", || plan.ingest(printer))?;
    let ledger = ingested.ledger;
    plan.see_rejects(&ledger, printer)?;
    let facts = Arc::new(watch.timed("measure", || plan.measure(ingested.records, printer))?);
    if facts.ticket_count() == 0 {
        printer.note("no ticket was submitted by then: the report is empty");
    }
    if facts.as_of.micros() > printer.now {
        printer.note(&format!(
            "the latest instant in the inputs, {}, lies in the future: a slip in a row? --as-of sets another",
            facts.as_of
        ));
    }
    if !facts.updates_known {
        printer.note("there are no updates: only the first response is measured, no update interval");
    }
    let tables = watch.timed("summarize", || plan.summarize(&facts, printer, &watch))?;
    let charts = watch.timed("charts", || plan.draw(&facts, &tables, printer))?;

    let contents =
        Contents { facts: &facts, tables: &tables, charts: &charts, ledger: &ledger, about: &plan.about };
    watch.timed("write", || contents.write(&publication, printer))?;
    write_manifest(&contents, &plan.record(printer, &watch), &publication)?;
    let folder = publication.publish()?;
    let told = Summary { facts: &facts, tables: &tables, ledger: &ledger, folder: &folder };
    match printer.json {
        true => printer.result(&told.json()),
        false => printer.summary(&told.text(printer)),
    }
    Ok(())
}

/// What a run does, all of it known before the first row is read.
struct Plan {
    inputs: Inputs,
    policies: PolicyBook,
    profile: crate::ingest::Profile,
    period: Period,
    as_of: Option<crate::calendar::Instant>,
    out: PathBuf,
    queries: Vec<Query>,
    allowed: settings::Allowed,
    about: About,
}

impl Plan {
    fn new(arguments: &ReportArgs, now: i64) -> Result<Plan, Failure> {
        let settings = settings::with_file(arguments)?;
        if let Some(threads) = settings.threads {
            use_threads(threads)?;
        }
        let as_of = settings.as_of.as_deref().map(period::as_of).transpose()?;
        let period = period::period(settings.period.as_deref(), as_of, now)?;
        let policies = settings::policies(&settings.policy)?;
        let profile = settings::profile(settings.profile.as_deref())?;
        let own_queries = settings.queries.as_deref().map(Query::in_folder).transpose()?.unwrap_or_default();
        let about = About {
            settings: settings::for_manifest(&settings),
            policies: policies.policies().to_vec(),
            queries: own_queries.iter().map(|query| (query.name.clone(), query.sql.clone())).collect(),
            profile: (profile.name.clone(), profile.text.clone()),
        };
        let mut queries = shipped();
        queries.extend(own_queries);
        let out = settings.out.clone().unwrap_or_else(|| Path::new("reports").join(period.folder_name()));
        Ok(Plan {
            allowed: settings::allowed(settings.max_rejects.as_deref())?,
            inputs: Inputs::find(
                settings.dir.as_deref(),
                &settings.customers,
                &settings.tickets,
                &settings.updates,
            )?,
            policies,
            profile,
            period,
            as_of,
            out,
            queries,
            about,
        })
    }

    fn ingest(&self, printer: &Printer) -> Result<Ingested, Failure> {
        // A book holds at least one policy, the first of which is the earliest.
        let first_policy = self
            .policies
            .policies()
            .first()
            .map_or(chrono::NaiveDate::MIN, |policy: &Policy| policy.effective_from);
        Ok(Ingest { profile: &self.profile, first_policy }.read(&self.inputs, printer)?)
    }

    /// Ends the run where too many rows were rejected; they are kept beside the report's place.
    fn see_rejects(&self, ledger: &Ledger, printer: &Printer) -> Result<(), Failure> {
        let (rejected, read) = (ledger.rejected(), ledger.read());
        if !self.allowed.exceeded(rejected, read) {
            return Ok(());
        }
        let name = self.out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kept = self.out.with_file_name(format!("{name}.rejects.csv"));
        keep_rejects(ledger, &kept)?;
        let mut reasons: Vec<_> = ledger
            .inputs
            .iter()
            .flat_map(|input| input.rejected.iter().map(|(reason, rows)| (*rows, input.file_name(), *reason)))
            .collect();
        reasons.sort_by(|a, b| b.cmp(a));
        for (rows, file, reason) in reasons.iter().take(5) {
            printer.note(&format!("{file}: {rows} rows rejected: {reason}"));
        }
        Err(Failure {
            message: format!(
                "{rejected} of {read} rows were rejected, more than is allowed; nothing was published, the rejected rows are in {}",
                kept.display()
            ),
            hint: Some("mend the export or its profile, or allow more with --max-rejects".to_owned()),
            code: REJECTS,
        })
    }

    fn measure(&self, records: crate::records::Records, printer: &Printer) -> Result<Facts, Failure> {
        printer.event(Event::Began { stage: "measuring".to_owned(), units: 0 });
        let run = Run { policies: &self.policies, period: &self.period, as_of: self.as_of };
        Ok(run.measure(records)?)
    }

    fn summarize(
        &self,
        facts: &Arc<Facts>,
        printer: &Printer,
        watch: &Watch<'_>,
    ) -> Result<Vec<Table>, Failure> {
        printer.event(Event::Began { stage: "summarizing".to_owned(), units: self.queries.len() as u64 });
        let engine = Engine::new(Arc::clone(facts));
        let answer = |query: &Query| {
            let table = watch.timed(&format!("  {}", query.name), || engine.answer(query))?;
            printer.event(Event::Advanced(1));
            Ok(table)
        };
        self.queries.iter().map(answer).collect()
    }

    fn draw(&self, facts: &Facts, tables: &[Table], printer: &Printer) -> Result<Vec<Chart>, Failure> {
        printer.event(Event::Began { stage: "drawing".to_owned(), units: 0 });
        let context = Context {
            period: match &self.period {
                Period::Everything => "all measurements".to_owned(),
                Period::Days { name, .. } => name.clone(),
            },
            as_of: summary::as_of(facts),
            policy: facts.policies.join(", "),
            zone_rule: "working hours and months on each customer's own clock".to_owned(),
        };
        Ok(charts::draw_all(tables, &context)?)
    }

    fn record(&self, printer: &Printer, watch: &Watch<'_>) -> RunRecord {
        let started = DateTime::from_timestamp_micros(printer.now).unwrap_or_default();
        let inputs = [&self.inputs.customers, &self.inputs.tickets, &self.inputs.updates];
        RunRecord {
            started_at: started.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds: watch.start.elapsed().as_secs_f64(),
            threads: rayon::current_num_threads(),
            inputs: inputs.into_iter().flatten().map(|path| path.display().to_string()).collect(),
        }
    }
}

/// Times the stages of a run.
struct Watch<'a> {
    start: Stopwatch,
    printer: &'a Printer,
}

impl Watch<'_> {
    #[allow(clippy::disallowed_methods, reason = "how long a run takes stands in no figure")]
    fn start(printer: &Printer) -> Watch<'_> {
        Watch { start: Stopwatch::now(), printer }
    }

    fn timed<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        let before = self.start.elapsed();
        let result = work();
        self.printer.timing(what, self.start.elapsed().saturating_sub(before));
        result
    }
}

/// Sets how many threads work, the query engine's included.
fn use_threads(threads: usize) -> Result<(), Failure> {
    if threads == 0 {
        return Err(Failure::usage("--threads must be at least 1"));
    }
    // The engine takes the number of its own threads from the environment and from nowhere else.
    // SAFETY: no other thread runs yet: rayon's start below, that of the progress bar with the
    // first stage, the engine's with the first query.
    #[allow(unsafe_code, reason = "the engine knows no other way")]
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| Failure::run(error.to_string()))
}
