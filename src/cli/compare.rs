//! `punctual compare`: one export under two policies, or two report folders.

use std::path::{Path, PathBuf};

use super::args::{CompareArgs, ReportArgs};
use super::comparison::Told;
use super::failure::Failure;
use super::plan::{Plan, Watch, use_threads};
use super::printer::Printer;
use super::settings;
use crate::compare::{self, Difference, ReportFolder, Tally};
use crate::language::Language;
use crate::progress::{Event, Observer};
use crate::report::charts;
use crate::report::{About, Compared, Comparison, Publication, RunRecord};
use crate::staging::{self, parent_of};

/// Where comparisons stand, if nothing else is said.
const FOLDER: &str = "comparisons";

pub(super) fn run(arguments: &CompareArgs, printer: &Printer) -> Result<(), Failure> {
    match &arguments.after {
        Some(after) => of_folders(arguments, after, printer),
        None => of_policies(arguments, printer),
    }
}

fn of_policies(arguments: &CompareArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    if arguments.with.is_empty() {
        return Err(Failure::usage("there is nothing to compare with: --with names no policy")
            .hint("punctual compare export --with changed.toml, or punctual compare BEFORE AFTER with two report folders"));
    }
    if arguments.report.queries.is_some() {
        return Err(Failure::usage("--queries is no part of a comparison")
            .hint("run them over the facts of two reports"));
    }
    if arguments.report.spans {
        return Err(
            Failure::usage("--spans is no part of a comparison").hint("make the reports of both with it")
        );
    }
    let mut given = settings::with_file(&arguments.report)?;
    // What the settings file says of these is said of the report.
    (given.out, given.queries, given.spans) = (arguments.report.out.clone(), None, false);
    let mut plan = Plan::new(&given, printer.now)?;
    let others = plan.other_policies(&arguments.with)?;
    let out = plan.out.clone().unwrap_or_else(|| Path::new(FOLDER).join(plan.period.folder_name()));
    plan.clear_leftovers(parent_of(&out), printer);
    // Found out now rather than after an hour's work: the folder cannot be written.
    let publication = Publication::begin(&out)?;

    let ingested = watch.timed("ingest", || plan.ingest(plan.digests(printer).as_ref(), printer))?;
    let ledger = ingested.ledger;
    plan.see_rejects(&ledger, &out, printer)?;
    let facts = watch.timed("measure", || plan.measure_both(&others, ingested.records, printer))?;
    let facts = facts.each_ref();
    let tally = watch.timed("compare", || compare::policies(facts))?;
    let about_others = About { policies: others.policies().to_vec(), ..plan.about.clone() };
    let abouts = [&plan.about, &about_others];
    let differences = compare::between_policies(&abouts[0].policies, &abouts[1].policies);
    let of = Compared::Policies { facts, abouts, ledger: &ledger };
    plan.tell_spilled(printer);
    let made = Made { of, tally: &tally, differences: &differences, language: plan.language };
    made.publish(publication, || plan.record(&watch), &watch, printer)
}

fn of_folders(arguments: &CompareArgs, after: &Path, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    let options = options_of_exports(arguments);
    if !options.is_empty() {
        return Err(Failure::usage(format!(
            "{} cannot be given with two report folders: what they were made of stands in their manifests",
            options.join(", ")
        ))
        .hint("leave it out; to measure an export under two policies, name one folder and --with"));
    }
    let given = settings::with_file(&arguments.report)?;
    if let Some(threads) = given.input.threads {
        use_threads(threads)?;
    }
    let language = settings::language(&given);
    let Some(before) = &arguments.report.input.dir else {
        return Err(Failure::usage("two report folders are compared, and one is named"));
    };
    let folders = [ReportFolder::open(before)?, ReportFolder::open(after)?];
    if given.pseudonyms.is_some() && folders.iter().any(|folder| !folder.is_discreet()) {
        return Err(Failure::usage(
            "the settings ask for pseudonyms, and these reports hold real names: a comparison would hold them too",
        )
        .hint("make both reports with pseudonyms, or name settings without them with --config"));
    }
    let name = |folder: &ReportFolder| {
        // What `.` or a link is called.
        let path = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_owned());
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let default = || Path::new(FOLDER).join(format!("{}-{}", name(&folders[0]), name(&folders[1])));
    let out = arguments.report.out.clone().unwrap_or_else(default);
    let is = |folder: &ReportFolder| {
        out.canonicalize().is_ok_and(|out| folder.path().canonicalize().is_ok_and(|path| path == out))
    };
    if folders.iter().any(is) {
        return Err(Failure::usage(format!("{} is one of the reports that are compared", out.display()))
            .hint("name another folder with --out"));
    }
    staging::clear(parent_of(&out));
    let publication = Publication::begin(&out)?;
    printer.event(Event::Began { stage: "comparing".to_owned(), units: 0 });
    let [one, other] = &folders;
    let (tally, differences) = watch.timed("compare", || compare::folders(one, other))?;
    let paths = [before.as_path(), after].map(|path| path.display().to_string());
    let record = || watch.record(paths.to_vec());
    let of = Compared::Folders([one, other]);
    Made { of, tally: &tally, differences: &differences, language }.publish(
        publication,
        record,
        &watch,
        printer,
    )
}

/// The options that say how an export is read and measured, by their names, as far as they are
/// given.
fn options_of_exports(arguments: &CompareArgs) -> Vec<&'static str> {
    let CompareArgs { report, with, .. } = arguments;
    let ReportArgs { input, period, as_of, queries, pseudonyms, cache, memory, spans, .. } = report;
    let others = [
        ("--period", period.is_some()),
        ("--as-of", as_of.is_some()),
        ("--queries", queries.is_some()),
        ("--pseudonyms", pseudonyms.is_some()),
        ("--cache", cache.is_some()),
        ("--memory", memory.is_some()),
        ("--spans", *spans),
    ];
    let others = others.into_iter().filter_map(|(name, given)| given.then_some(name));
    (!with.is_empty()).then_some("--with").into_iter().chain(input.given()).chain(others).collect()
}

/// A comparison that is made, and not yet written.
struct Made<'a> {
    of: Compared<'a>,
    tally: &'a Tally,
    differences: &'a [Difference],
    language: &'static Language,
}

impl Made<'_> {
    /// Writes and publishes it, and says what it comes to.
    fn publish(
        &self,
        publication: Publication,
        record: impl FnOnce() -> RunRecord,
        watch: &Watch<'_>,
        printer: &Printer,
    ) -> Result<(), Failure> {
        let Made { of, tally, differences, language } = *self;
        let mut tables = vec![tally.totals.table(), tally.table()];
        if let Compared::Folders(_) = of {
            tables.push(compare::differences_table(differences));
        }
        printer.event(Event::Began { stage: "writing the comparison".to_owned(), units: 0 });
        let charts = charts::draw(&[charts::COMPARED], &tables, &of.context(language))?;
        let comparison = Comparison { of, tally, differences, tables: &tables, charts: &charts, language };
        watch.timed("write", || comparison.write(&publication, &record()))?;
        let folder: PathBuf = publication.publish()?;
        let told = Told { comparison: &comparison, folder: &folder };
        if let Some(note) = told.unexplained() {
            printer.note(&note);
        }
        match printer.json {
            true => printer.result(&told.json()),
            false => printer.summary(&told.text(printer)),
        }
        Ok(())
    }
}
