//! What every run has in common: its settings, reading, measuring, and how long that took.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use chrono::{DateTime, NaiveDate};
use serde_json::json;

use super::args::ReportArgs;
use super::failure::{Failure, REJECTS};
use super::printer::Printer;
use super::summary::notes_of;
use super::{period, settings};
use crate::calendar::Instant;
use crate::ingest::{Cache, Digests, Ingest, Ingested, Inputs, Ledger, Profile};
use crate::language::Language;
use crate::measure::{Facts, Keep, Period, Run};
use crate::policy::{Policy, PolicyBook};
use crate::progress::{Event, Observer};
use crate::pseudonyms::{Key, Kind};
use crate::records::Records;
use crate::report::charts::Context;
use crate::report::recorded::{PolicyText, Recorded};
use crate::report::{About, KeptReports, RunRecord, as_of, keep_rejects, period_name};
use crate::spill::Spill;
use crate::staging;
use crate::summarize::Query;

/// What a run does, all of it known before the first row is read.
pub(super) struct Plan {
    inputs: Inputs,
    policies: PolicyBook,
    /// The date from which every ticket can be judged: rows before it are rejected.
    first_policy: NaiveDate,
    profile: Profile,
    pub(super) period: Period,
    as_of: Option<Instant>,
    /// The folder that is asked for; `None` where the command's own holds.
    pub(super) out: Option<PathBuf>,
    /// The user's own queries.
    pub(super) queries: Vec<Query>,
    allowed: settings::Allowed,
    pub(super) about: About,
    pub(super) language: &'static Language,
    /// What names are replaced by in all that is written; `None` where they stay.
    key: Option<Key>,
    /// Where what was read is kept for later runs.
    cache: Option<PathBuf>,
    /// The limit of memory; `None` where there is none.
    pub(super) spill: Option<Arc<Spill>>,
    /// Whether the spans of time are written too.
    pub(super) spans: bool,
}

impl Plan {
    pub(super) fn new(settings: &ReportArgs, now: i64) -> Result<Plan, Failure> {
        if let Some(threads) = settings.input.threads {
            use_threads(threads)?;
        }
        let as_of = settings.as_of.as_deref().map(period::as_of).transpose()?;
        let period = period::period(settings.period.as_deref(), as_of, now)?;
        let key = settings.pseudonyms.as_deref().map(Key::read).transpose()?;
        if settings.spans && settings.memory.is_some() {
            return Err(Failure::usage(
                "--spans keeps every event in memory, and --memory limits it: leave one out",
            ));
        }
        let policies = settings::policies(&settings.input.policy)?;
        let policies = match &key {
            Some(key) => key.policies(&policies)?,
            None => policies,
        };
        let profile = settings::profile(settings.input.profile.as_deref())?;
        if key.is_some() && settings.queries.is_some() {
            return Err(Failure::usage(
                "queries of your own cannot be answered with --pseudonyms: they may name customers",
            )
            .hint("run them over the facts of the report"));
        }
        let own_queries = settings.queries.as_deref().map(Query::in_folder).transpose()?.unwrap_or_default();
        let inputs = settings::inputs(&settings.input, &profile)?;
        let about = About {
            settings: settings::for_manifest(settings),
            policies: policies.policies().to_vec(),
            queries: own_queries.iter().map(|query| (query.name.clone(), query.sql.clone())).collect(),
            profile: (profile.name.clone(), profile.text.clone()),
            parts: inputs.parts(&profile),
            discreet: key.is_some(),
        };
        let first_policy = first_of(&policies);
        Ok(Plan {
            allowed: settings::allowed(settings.input.max_rejects.as_deref())?,
            inputs,
            policies,
            first_policy,
            profile,
            period,
            as_of,
            out: settings.out.clone(),
            queries: own_queries,
            about,
            language: settings::language(settings),
            spans: settings.spans,
            key,
            cache: settings.cache.clone(),
            spill: settings
                .memory
                .as_deref()
                .map(settings::memory)
                .transpose()?
                .map(|bytes| Arc::new(Spill::new(folder_for(settings.out.as_deref()), bytes))),
        })
    }

    /// What makes a report again: of the same inputs, which lie at these paths, by the texts that
    /// its manifest holds.
    pub(super) fn again(
        recorded: &Recorded,
        paths: &[PathBuf],
        threads: Option<usize>,
    ) -> Result<Plan, Failure> {
        if let Some(threads) = threads {
            use_threads(threads)?;
        }
        let manifest = &recorded.manifest;
        let policy = |policy: &PolicyText| -> Result<Policy, Failure> {
            let mut files = Vec::new();
            for file in &policy.holidays {
                files.push((recorded.told(&file.name)?.to_owned(), recorded.told(&file.text)?.to_owned()));
            }
            Ok(Policy::parse_whole(&policy.id, recorded.told(&policy.text)?, &files)?)
        };
        let policies = manifest.policies.iter().map(policy).collect::<Result<_, _>>()?;
        let policies = PolicyBook::new(policies)?;
        let about = recorded.about(policies.policies().to_vec())?;
        let (name, text) = &about.profile;
        let profile = Profile::parse_whole(name, text)?;
        let files = manifest.inputs.iter().zip(paths);
        let files = files.map(|(input, path)| (input.table.as_str(), input.part.as_deref(), path.clone()));
        let inputs = Inputs::of_parts(&profile, files).ok_or_else(|| {
            Failure::run(format!(
                "{}: its manifest names an input of a table or part that its profile does not have",
                recorded.folder.display()
            ))
        })?;
        let language = recorded.setting("lang").and_then(Language::named);
        Ok(Plan {
            allowed: settings::allowed(recorded.setting("max-rejects"))?,
            inputs,
            first_policy: first_of(&policies),
            policies,
            profile,
            period: recorded.period()?,
            as_of: Some(recorded.as_of()?),
            out: None,
            queries: about.queries.iter().map(|(name, sql)| Query::new(name, sql)).collect(),
            about,
            language: language.unwrap_or_else(Language::english),
            key: None,
            cache: None,
            spill: None,
            spans: manifest.settings.get("spans") == Some(&json!(true)),
        })
    }

    /// Reads the policies of these names or files, under which every ticket is to be measured too:
    /// a ticket that they cannot judge is rejected.
    pub(super) fn other_policies(&mut self, names: &[String]) -> Result<PolicyBook, Failure> {
        let others = settings::policies(names)?;
        let others = match &self.key {
            Some(key) => key.policies(&others)?,
            None => others,
        };
        self.first_policy = self.first_policy.max(first_of(&others));
        Ok(others)
    }

    /// Reads the inputs.
    pub(super) fn ingest(&self, digests: Option<&Digests>, printer: &Printer) -> Result<Ingested, Failure> {
        let first_policy = self.first_policy;
        let cache = self.cache.as_deref().zip(digests).map(|(folder, digests)| Cache { folder, digests });
        let spill = self.spill.as_ref();
        let ingested =
            Ingest { profile: &self.profile, first_policy, cache, spill }.read(&self.inputs, printer)?;
        for note in &ingested.ledger.cache_notes {
            printer.note(&note.to_string());
        }
        for input in &ingested.ledger.inputs {
            if let Some(encoding) = input.believed {
                printer.note(&format!(
                    "{} looks like {encoding} and was read so; a profile can say which it is: encoding = \"{}\"",
                    input.file_name(),
                    encoding.to_lowercase()
                ));
            }
        }
        for source in &self.inputs.without_file {
            printer.note(&format!(
                "the profile {} reads updates of `{source}` too, and there is no file of them: what they would say is not known",
                self.profile.name
            ));
        }
        // From here on nothing knows a real name.
        Ok(match &self.key {
            Some(key) => Ingested {
                records: ingested.records.pseudonymised(key)?,
                ledger: ingested.ledger.pseudonymised(key),
            },
            None => ingested,
        })
    }

    /// Clears what runs that were killed have left among the reports and in the cache, and says so.
    pub(super) fn clear_leftovers(&self, reports: &Path, printer: &Printer) {
        let cache = self.cache.iter().flat_map(|cache| [cache.clone(), KeptReports::folder(cache)]);
        for folder in std::iter::once(reports.to_owned()).chain(cache) {
            let cleared = staging::clear(&folder);
            for place in &cleared.put_back {
                printer.note(&format!(
                    "a run that was killed had put {} aside: it is back in its place",
                    place.strip_prefix(".").unwrap_or(place).display()
                ));
            }
            if cleared.runs > 0 {
                printer.note(&format!(
                    "what a run that was killed had left in {} was cleared",
                    match folder == Path::new(".") {
                        true => "the working folder".into(),
                        false => folder.display().to_string(),
                    }
                ));
            }
        }
    }

    /// The SHA-256 of the inputs, where a cache asks for them.
    pub(super) fn digests(&self, printer: &Printer) -> Option<Digests> {
        self.cache.as_ref().map(|_| self.inputs.digests(printer))
    }

    /// The cache of whole reports, and the key of this one in it; `None` where there is no cache,
    /// where an input cannot be read, and with pseudonyms, whose key is nobody else's business.
    pub(super) fn kept(&self, digests: Option<&Digests>) -> Option<KeptReports> {
        let (folder, digests) = (self.cache.as_ref()?, digests?);
        if self.key.is_some() {
            return None;
        }
        let mut parts = vec![
            json!(self.about.settings),
            json!([self.period.to_string(), self.as_of.map(|as_of| as_of.to_string())]),
            json!(self.about.queries),
            json!(self.about.profile),
        ];
        parts.extend(
            self.about.policies.iter().map(|policy| json!([policy.id(), policy.text, policy.holiday_files])),
        );
        let Inputs { customers, tickets, updates, lookups, .. } = &self.inputs;
        parts.push(json!([customers.len(), tickets.len()]));
        parts.push(json!(updates.iter().map(|file| file.part).collect::<Vec<_>>()));
        parts.push(json!(lookups.iter().map(|file| file.part).collect::<Vec<_>>()));
        for path in self.inputs.paths() {
            // The manifest names the files as they were given.
            parts.push(json!([path.display().to_string(), digests.of(path)?.0]));
        }
        Some(KeptReports::new(folder, &json!(parts).to_string()))
    }

    /// What a customer is called in this run.
    pub(super) fn customer(&self, name: &str) -> String {
        self.key.as_ref().map_or_else(|| name.to_owned(), |key| key.of(Kind::Customer, name))
    }

    /// Ends the run where too many rows were rejected; they are kept beside the report's place.
    pub(super) fn see_rejects(&self, ledger: &Ledger, out: &Path, printer: &Printer) -> Result<(), Failure> {
        let (rejected, read) = (ledger.rejected(), ledger.read());
        if !self.allowed.exceeded(rejected, read) {
            return Ok(());
        }
        let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kept = out.with_file_name(format!("{name}.rejects.csv"));
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

    /// The tickets that a report explains.
    pub(super) const fn keep(&self) -> Keep<'static> {
        if self.spans { Keep::All } else { Keep::Late }
    }

    /// Measures the records, and says what is worth knowing of them.
    /// `spill` takes the facts that memory has no room for; the tickets of `keep` can be explained.
    pub(super) fn measure(
        &self,
        records: Records,
        (spill, keep): (Option<&Arc<Spill>>, Keep<'_>),
        printer: &Printer,
    ) -> Result<Facts, Failure> {
        printer.event(Event::Began { stage: "measuring".to_owned(), units: 0 });
        let run = Run { policies: &self.policies, period: &self.period, as_of: self.as_of, keep };
        let facts = run.measure_within(records, spill)?;
        for note in notes_of(&facts, printer.now) {
            printer.note(&note);
        }
        Ok(facts)
    }

    /// Measures the records under the policies and, in the same pass, under others.
    pub(super) fn measure_both(
        &self,
        others: &PolicyBook,
        records: Records,
        printer: &Printer,
    ) -> Result<[Facts; 2], Failure> {
        printer.event(Event::Began { stage: "measuring".to_owned(), units: 0 });
        let run = Run { policies: &self.policies, period: &self.period, as_of: self.as_of, keep: Keep::Late };
        let [facts, under_others] = run.measure_both(others, records, self.spill.as_ref())?;
        for note in notes_of(&facts, printer.now) {
            printer.note(&note);
        }
        Ok([facts, under_others])
    }

    /// What is written on every chart.
    pub(super) fn context(&self, facts: &Facts) -> Context {
        Context {
            period: period_name(facts, self.language),
            as_of: as_of(facts, self.language),
            policy: facts.policies.join(", "),
            zone_rule: self.language.words.charts.zone_rule.clone(),
            language: self.language,
        }
    }

    /// Says how much was kept on disk, where memory has a limit.
    pub(super) fn tell_spilled(&self, printer: &Printer) {
        let written = self.spill.as_ref().map_or(0, |spill| spill.written());
        if written > 0 {
            printer.note(&format!(
                "{} MiB were kept on disk for a while, to stay within --memory",
                written.div_ceil(1 << 20)
            ));
        }
    }

    /// The record of this run, for its manifest.
    pub(super) fn record(&self, watch: &Watch<'_>) -> RunRecord {
        watch.record(self.inputs.paths().map(|path| path.display().to_string()).collect())
    }
}

/// The date from which a book of policies holds; it holds at least one, the first of which is the
/// earliest.
fn first_of(book: &PolicyBook) -> NaiveDate {
    book.policies().first().map_or(NaiveDate::MIN, |policy| policy.effective_from)
}

/// Says how many rows were rejected, where a command goes on without them.
pub(super) fn note_rejects(ledger: &Ledger, printer: &Printer) {
    let (rejected, read) = (ledger.rejected(), ledger.read());
    if rejected > 0 {
        printer.note(&format!("{rejected} of {read} rows were rejected; punctual check says which, and why"));
    }
}

/// Times the stages of a run.
pub(super) struct Watch<'a> {
    start: Stopwatch,
    printer: &'a Printer,
}

impl Watch<'_> {
    #[allow(clippy::disallowed_methods, reason = "how long a run takes stands in no figure")]
    pub(super) fn start(printer: &Printer) -> Watch<'_> {
        Watch { start: Stopwatch::now(), printer }
    }

    /// The record of a run that was given these inputs, for its manifest.
    pub(super) fn record(&self, inputs: Vec<String>) -> RunRecord {
        let started = DateTime::from_timestamp_micros(self.printer.now).unwrap_or_default();
        RunRecord {
            started_at: started.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds: self.start.elapsed().as_secs_f64(),
            threads: rayon::current_num_threads(),
            inputs,
        }
    }

    pub(super) fn timed<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        let before = self.start.elapsed();
        let result = work();
        self.printer.timing(what, self.start.elapsed().saturating_sub(before));
        result
    }
}

/// Where what memory has no room for is kept: beside the report, which needs room there anyway.
fn folder_for(out: Option<&Path>) -> PathBuf {
    let there = out.and_then(|out| out.ancestors().skip(1).find(|folder| folder.is_dir()));
    there.unwrap_or(Path::new(".")).to_owned()
}

/// Sets how many threads work, the query engine's included.
pub(super) fn use_threads(threads: usize) -> Result<(), Failure> {
    if threads == 0 {
        return Err(Failure::usage("--threads must be at least 1"));
    }
    // The engine takes the number of its own threads from the environment and from nowhere else.
    // SAFETY: no other thread runs yet but the one that waits for signals, and that never looks at
    // the environment: rayon's start below, that of the progress bar with the first stage, the
    // engine's with the first query.
    #[allow(unsafe_code, reason = "the engine knows no other way")]
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| Failure::run(error.to_string()))
}
