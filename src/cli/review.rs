//! `punctual review`: a folder per customer, made of that customer's facts and of nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::args::ReviewArgs;
use super::failure::Failure;
use super::grid::{self, Column, plain};
use super::plan::{Plan, Watch};
use super::printer::{Printer, Style};
use super::settings;
use crate::document::suggestion;
use crate::ingest::Ledger;
use crate::language::Language;
use crate::measure::{Customers, Facts};
use crate::progress::{Event, Observer};
use crate::report::charts;
use crate::report::review::{self, Review};
use crate::report::{Contents, Publication, RunRecord, write_facts, write_manifest};
use crate::summarize::{Engine, Query, aggregates, shipped};
use crate::table::Table;

/// The tables of a review; the others compare customers, tiers and regions.
const TABLES: [&str; 9] = [
    "overall",
    "by_severity",
    "by_month",
    "period_comparison",
    "breaches",
    "near_misses",
    "pending",
    "policy_changes",
    "elapsed_hours",
];

/// The charts of a review.
const CHARTS: [&str; 3] = ["compliance_by_severity", "monthly_trend", "elapsed_hours"];

/// Customers that are named on the terminal one by one.
const NAMED: usize = 40;

pub(super) fn run(arguments: &ReviewArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    if arguments.report.queries.is_some() {
        return Err(Failure::usage(
            "--queries is no part of a review: a query of your own may name other customers",
        )
        .hint("run it with `punctual report`, or over the facts of a review"));
    }
    let mut given = settings::with_file(&arguments.report)?;
    // What the settings file says of these is said of the report.
    (given.out, given.queries) = (arguments.report.out.clone(), None);
    let plan = Plan::new(&given, printer.now)?;
    let out = plan.out.clone().unwrap_or_else(|| Path::new("reviews").join(plan.period.folder_name()));

    plan.clear_leftovers(&out, printer);
    let ingested = watch.timed("ingest", || plan.ingest(plan.digests(printer).as_ref(), printer))?;
    let ledger = ingested.ledger;
    plan.see_rejects(&ledger, &out, printer)?;
    // The facts of a customer are picked from all over: they stay in memory.
    let facts =
        Arc::new(watch.timed("measure", || plan.measure(ingested.records, (None, plan.keep()), printer))?);
    let customers = Customers::of(&facts);
    let chosen = chosen(arguments, &plan, &customers)?;
    let mut aggregates = Engine::new(Arc::clone(&facts), vec![aggregates()]).pass()?.answer(|_| ())?;
    let aggregates = aggregates.remove(0);
    let record = plan.record(&watch);
    let queries = shipped().into_iter().filter(|query| TABLES.contains(&query.name.as_str())).collect();
    let maker =
        Maker { plan: &plan, ledger: &ledger, aggregates: &aggregates, queries, record: &record, out: &out };
    plan.tell_spilled(printer);
    let written = watch.timed("write", || maker.all(&customers, &chosen, printer))?;
    // All are complete: now, and not before, each takes its place.
    let written: Vec<Written> = written
        .into_iter()
        .map(|(publication, written)| Ok(Written { folder: publication.publish()?, ..written }))
        .collect::<Result<_, Failure>>()?;
    match printer.json {
        true => printer.result(&json(&written)),
        false => printer.summary(&told(&written, &out, plan.language, printer)),
    }
    Ok(())
}

/// The places of the customers that are asked for.
fn chosen(arguments: &ReviewArgs, plan: &Plan, customers: &Customers<'_>) -> Result<Vec<usize>, Failure> {
    if arguments.all {
        return Ok((0..customers.names().len()).collect());
    }
    let mut chosen: Vec<usize> = arguments
        .customer
        .iter()
        .map(|name| {
            customers.find(&plan.customer(name)).ok_or_else(|| {
                Failure::usage(format!(
                    "there is no customer \"{name}\" in the export{}",
                    suggestion(name, customers.names())
                ))
                .hint("names are compared letter by letter; --all writes a review for every customer")
            })
        })
        .collect::<Result<_, _>>()?;
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// A review that was written.
struct Written {
    customer: String,
    folder: PathBuf,
    /// The table `overall` of the customer.
    overall: Option<Table>,
    breaches: usize,
}

/// Makes reviews.
struct Maker<'a> {
    plan: &'a Plan,
    ledger: &'a Ledger,
    aggregates: &'a Table,
    queries: Vec<Query>,
    record: &'a RunRecord,
    out: &'a Path,
}

impl Maker<'_> {
    fn all(
        &self,
        customers: &Customers<'_>,
        chosen: &[usize],
        printer: &Printer,
    ) -> Result<Vec<(Publication, Written)>, Failure> {
        let folders: Vec<String> =
            chosen.iter().map(|place| review::folder_name(customers.names()[*place])).collect();
        // Two names would have to share their letters and 40 bits of their hashes.
        if folders.iter().collect::<BTreeSet<_>>().len() < folders.len() {
            return Err(Failure::run(
                "two customers come to one folder name; write their reviews one by one, with --customer and --out",
            ));
        }
        printer.event(Event::Began { stage: "writing reviews".to_owned(), units: chosen.len() as u64 });
        let one = |number: usize| {
            let place = chosen[number];
            let customer = customers.names()[place];
            let facts = Arc::new(customers.facts(place)?);
            let written = self.one(customer, facts, &self.out.join(&folders[number]));
            printer.event(Event::Advanced(1));
            written
        };
        side_by_side(chosen.len(), &one)
    }

    /// One review: from here on there is nothing but the customer's own facts, and the aggregates
    /// that enough others stand behind.
    fn one(
        &self,
        customer: &str,
        facts: Arc<Facts>,
        folder: &Path,
    ) -> Result<(Publication, Written), Failure> {
        let publication = Publication::begin(folder)?;
        let tables = Engine::new(Arc::clone(&facts), self.queries.clone()).pass()?.answer(|_| ())?;
        let charts = charts::draw(&CHARTS, &tables, &self.plan.context(&facts))?;
        let tickets = &facts.records.tickets;
        let tiers = review::texts_of(&facts, |place| Some(tickets.tier(place)));
        let regions = review::texts_of(&facts, |place| Some(tickets.region(place)));
        let review = Review {
            customer,
            aggregates: &review::aggregates(self.aggregates, &tiers, &regions),
            tiers: &tiers,
            regions: &regions,
            zones: &review::texts_of(&facts, |place| Some(tickets.timezone(place))),
            managers: &review::texts_of(&facts, |place| tickets.account_manager(place)),
        };
        let contents = Contents {
            facts: &facts,
            tables: &tables,
            charts: &charts,
            ledger: self.ledger,
            about: &self.plan.about,
            language: self.plan.language,
            review: Some(&review),
        };
        write_facts(&facts, self.plan.spans, &publication, None)?;
        contents.write(&publication, &crate::progress::Silent)?;
        write_manifest(&contents, self.record, &publication)?;
        let table = |name: &str| Table::named(&tables, name);
        let written = Written {
            customer: customer.to_owned(),
            folder: folder.to_owned(),
            overall: table("overall").cloned(),
            breaches: table("breaches").map_or(0, Table::rows),
        };
        Ok((publication, written))
    }
}

/// Does pieces of work on threads of their own, as many as work elsewhere, and gives the results in
/// the order of the pieces; after a failure no further piece is begun.
///
/// The shared pool would not do: a piece that waits for something in it would take up another
/// piece meanwhile, and that one the next, until the stack is full.
fn side_by_side<T: Send>(
    pieces: usize,
    work: &(impl Fn(usize) -> Result<T, Failure> + Sync),
) -> Result<Vec<T>, Failure> {
    const STACK: usize = 8 << 20;
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done = Mutex::new(BTreeMap::new());
    let take = || {
        while !failed.load(Ordering::Relaxed) {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                break;
            }
            let result = work(piece);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(piece, result);
        }
    };
    std::thread::scope(|scope| -> std::io::Result<()> {
        for _ in 0..rayon::current_num_threads().min(pieces) {
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take)?;
        }
        Ok(())
    })
    .map_err(|error| Failure::run(format!("no thread can be started: {error}")))?;
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// A figure of a metric of a written review.
fn share(written: &Written, metric: &str) -> Option<f64> {
    let overall = written.overall.as_ref()?;
    let row = overall.find("metric", metric)?;
    overall.float("compliance", row)
}

fn json(written: &[Written]) -> String {
    let reviews: Vec<_> = written
        .iter()
        .map(|written| {
            json!({
                "customer": written.customer,
                "folder": written.folder.display().to_string(),
                "response_compliance": share(written, "response"),
                "update_compliance": share(written, "update"),
                "breaches": written.breaches,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "reviews": reviews }))
}

/// What was written, for a person.
fn told(written: &[Written], out: &Path, language: &'static Language, printer: &Printer) -> String {
    let words = &language.words.summary;
    let columns = [
        Column::text(language.column_label("customer")).least(12),
        Column::number(language.value("metric", "response")),
        Column::number(language.value("metric", "update")),
        Column::number(&words.breached),
        Column::text(&words.folder).least(16).rank(1),
    ];
    let percent =
        |share: Option<f64>| plain(share.map_or_else(|| "–".to_owned(), |share| language.percent(share)));
    let rows: Vec<_> = written
        .iter()
        .take(NAMED)
        .map(|written| {
            let folder = written.folder.file_name().map(|name| name.to_string_lossy().into_owned());
            let breaches = language.count(written.breaches as i64);
            vec![
                plain(written.customer.as_str()),
                percent(share(written, "response")),
                percent(share(written, "update")),
                (breaches, (written.breaches > 0).then_some(Style::Bad)),
                plain(folder.unwrap_or_default()),
            ]
        })
        .collect();
    let mut text = grid::set(printer, 0, &columns, &rows);
    if written.len() > NAMED {
        text.push_str(&printer.styled(
            &format!("… {}\n", language.counted((written.len() - NAMED) as i64, &words.more)),
            Style::Faint,
        ));
    }
    text.push_str(&format!(
        "\n{}  {}\n",
        language.counted(written.len() as i64, &words.reviews),
        out.display()
    ));
    text
}
