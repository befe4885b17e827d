//! The folder of a comparison: its page, tables, chart and manifest.

use std::io::Write as _;

use serde_json::{Value, json};

use super::charts::{Chart, Context};
use super::manifest::{self, About, RunRecord};
use super::publish::{Publication, PublishError};
use super::recorded::Versions;
use super::{csv, head, page, parquet};
use crate::compare::{Difference, ReportFolder, Tally};
use crate::ingest::Ledger;
use crate::language::{Language, filled};
use crate::measure::Facts;
use crate::table::Table;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub enum Compared<'a> {
    /// Two policies over one export.
    Policies {
        /// The facts under each.
        facts: [&'a Facts; 2],
        /// What the manifest says of each besides; they differ in their policies alone.
        abouts: [&'a About; 2],
        /// The account of the inputs.
        ledger: &'a Ledger,
    },
    /// Two report folders.
    Folders([&'a ReportFolder; 2]),
}

/// All that the folder of a comparison holds, before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// What is compared.
    pub of: Compared<'a>,
    /// What it comes to.
    pub tally: &'a Tally,
    /// What differs between what the two sides were made of.
    pub differences: &'a [Difference],
    /// The tables: `totals`, `changes`, and of folders `differences`.
    pub tables: &'a [Table],
    /// The charts.
    pub charts: &'a [Chart],
    /// The language of the page.
    pub language: &'static Language,
}

impl Compared<'_> {
    /// What each side is called: its policies, or the name of its folder.
    pub fn names(&self) -> [String; 2] {
        match self {
            Compared::Policies { facts, .. } => facts.map(|facts| facts.policies.join(", ")),
            Compared::Folders(folders) => folders.map(folder_name),
        }
    }

    /// What is compared, in one line.
    pub fn title(&self, language: &Language) -> String {
        let words = &language.words.comparison;
        let [before, after] = self.names();
        let sides = [("before", before.as_str()), ("after", after.as_str())];
        match self {
            Compared::Policies { facts, .. } => {
                let period = head::period(&facts[0].period, language);
                filled(&words.title_policies, &[&sides[..], &[("period", &period)]].concat())
            }
            Compared::Folders(_) => filled(&words.title_folders, &sides),
        }
    }

    /// The period of each side, by its name.
    fn periods(&self, language: &Language) -> [String; 2] {
        match self {
            Compared::Policies { facts, .. } => facts.map(|facts| head::period(&facts.period, language)),
            Compared::Folders(folders) => folders.map(|folder| head::period(folder.period(), language)),
        }
    }

    /// As of when each side is.
    fn as_of(&self, language: &Language) -> [String; 2] {
        match self {
            Compared::Policies { facts, .. } => facts.map(|facts| head::as_of(facts, language)),
            Compared::Folders(folders) => folders.map(|folder| {
                let (period, closed) = (folder.period(), folder.period_closed());
                head::as_of_of(period, folder.as_of(), closed, language)
            }),
        }
    }

    /// The policies of each side.
    fn policies(&self) -> [String; 2] {
        match self {
            Compared::Policies { .. } => self.names(),
            Compared::Folders(folders) => folders.map(|folder| folder.policies().join(", ")),
        }
    }

    /// What is written on the chart.
    pub fn context(&self, language: &'static Language) -> Context {
        let both = |sides: [String; 2]| match &sides {
            [before, after] if before == after => before.clone(),
            [before, after] => {
                filled(&language.words.comparison.summary_of, &[("before", before), ("after", after)])
            }
        };
        Context {
            period: both(self.periods(language)),
            as_of: both(self.as_of(language)),
            policy: both(self.policies()),
            zone_rule: language.words.charts.zone_rule.clone(),
            language,
        }
    }

    /// The lines at the head of the page, a label and what it says.
    pub(super) fn head(&self, language: &'static Language) -> Vec<(String, String)> {
        let (words, labels) = (&language.words.comparison, &language.words.head);
        let [before, after] = match self {
            Compared::Policies { .. } => self.policies(),
            Compared::Folders(folders) => {
                let ([period_before, period_after], [as_of_before, as_of_after]) =
                    (self.periods(language), self.as_of(language));
                let of = |folder: &ReportFolder, period: &str, as_of: &str| {
                    let policy = folder.policies().join(", ");
                    filled(
                        &words.report_of,
                        &[
                            ("folder", folder_name(folder).as_str()),
                            ("period", period),
                            ("as_of", as_of),
                            ("policy", &policy),
                            ("version", folder.version()),
                        ],
                    )
                };
                [of(folders[0], &period_before, &as_of_before), of(folders[1], &period_after, &as_of_after)]
            }
        };
        let mut lines = vec![(words.before.clone(), before), (words.after.clone(), after)];
        if let Compared::Policies { .. } = self {
            let ([period, _], [as_of, _]) = (self.periods(language), self.as_of(language));
            lines.extend([(labels.period.clone(), period), (labels.as_of.clone(), as_of)]);
        }
        lines
    }

    /// What the manifest says of both sides, and of what they share.
    fn manifest(&self) -> Value {
        match self {
            Compared::Policies { facts, abouts, ledger } => {
                let mut shared = manifest::shared(facts[0], abouts[0], ledger);
                let policies = |about| json!({ "policies": manifest::policies(about) });
                shared["comparison"] = json!({
                    "of": "policies",
                    "before": policies(abouts[0]),
                    "after": policies(abouts[1]),
                });
                shared
            }
            Compared::Folders(folders) => {
                let [before, after] = folders.map(|folder| {
                    json!({
                        "folder": folder_name(folder),
                        "manifest_sha256": folder.manifest_sha256(),
                        "punctual": folder.version(),
                        "period": folder.period().to_string(),
                        "as_of": folder.as_of().to_string(),
                        "policies": folder.policies(),
                    })
                });
                let mut shared = json!({ "versions": Versions::present() });
                shared["comparison"] = json!({ "of": "reports", "before": before, "after": after });
                if folders.iter().any(|folder| folder.is_discreet()) {
                    shared["discreet"] = json!(true);
                }
                shared
            }
        }
    }
}

/// The name of a report's folder, without the way to it.
fn folder_name(folder: &ReportFolder) -> String {
    let name = folder.path().file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| folder.path().display().to_string())
}

impl Comparison<'_> {
    /// A table of the comparison.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        Table::named(self.tables, name)
    }

    /// Writes everything into a publication, the manifest last.
    ///
    /// # Errors
    /// [`PublishError`] for the first file that cannot be written.
    pub fn write(&self, publication: &Publication, run: &RunRecord) -> Result<(), PublishError> {
        for table in self.tables {
            let name = |ending: &str| format!("tables/{}.{ending}", table.name);
            publication.write(&name("csv"), |file| csv::write(table, file))?;
            publication.write(&name("parquet"), |file| parquet::write(table, file))?;
        }
        self.charts.iter().try_for_each(|chart| publication.write_chart(chart))?;
        publication.write("compare.html", |file| file.write_all(page::comparison(self).as_bytes()))?;
        let text = self.manifest(publication, run);
        publication.write("manifest.json", |file| file.write_all(text.as_bytes()))
    }

    fn manifest(&self, publication: &Publication, run: &RunRecord) -> String {
        let counts = |counts: Vec<(String, u64)>| {
            counts.into_iter().map(|(name, count)| (name, json!(count))).collect::<serde_json::Map<_, _>>()
        };
        let tally = self.tally;
        let mut text = self.of.manifest();
        text["totals"] = json!({
            "tickets": { "before": tally.tickets[0], "after": tally.tickets[1] },
            "changes": tally.changes.len(),
            "turned": counts(tally.turned().into_iter().map(|(turned, n)| (turned.name().to_owned(), n)).collect()),
            "causes": counts(tally.causes().into_iter().map(|(causes, n)| (causes.to_string(), n)).collect()),
            "other_figures": tally.other_figures,
            "unexplained": tally.unexplained(),
            "differences": self.differences.len(),
        });
        manifest::with_outputs(text, run, &publication.outputs())
    }
}
