//! The manifest: what a report was made of and with, so that anyone can make it again.
//!
//! Of a report that leaves the house it is discreet. Whoever has the policies, queries, profile and
//! inputs can still tell by their SHA-256 that these are the ones, and whoever has not learns
//! nothing of them.

use serde_json::{Map, Value, json};

use super::Contents;
use super::publish::Output;
use super::recorded::Versions;
use crate::ingest::{InputLedger, Ledger};
use crate::measure::Facts;
use crate::policy::Policy;

/// What the manifest says of how the report was asked for.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The settings, by their names. A discreet manifest has them too: none may be a path or
    /// hold a customer's name.
    pub settings: Map<String, Value>,
    /// The policies.
    pub policies: Vec<Policy>,
    /// The queries of the user's own: their names and texts.
    pub queries: Vec<(String, String)>,
    /// The source profile: its name and text.
    pub profile: (String, String),
    /// By which of several parts of the profile each input is read, in the order of the inputs;
    /// `None` for those that are of no such part.
    pub parts: Vec<Option<String>>,
    /// Whether the manifest withholds texts, file names and paths. Policies, queries and profiles
    /// name customers and say what others were promised, and files are named after them: a report
    /// of pseudonyms, or a pack that one customer gets, holds their SHA-256 alone. A name or a path
    /// is short enough to be found by trying, so that not even its SHA-256 stands there.
    pub discreet: bool,
}

/// The one thing that differs from run to run; it is left out of every hash.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// When the run started, RFC 3339.
    pub started_at: String,
    /// How long it took.
    pub seconds: f64,
    /// On how many threads.
    pub threads: usize,
    /// The inputs' paths as they were given.
    pub inputs: Vec<String>,
}

pub(super) fn text(contents: &Contents<'_>, run: &RunRecord, outputs: &[Output]) -> String {
    let Contents { facts, ledger, about, .. } = contents;
    // A review is handed to its customer: what the whole export held is none of its business.
    let handed = contents.review.is_some();
    let tell = Telling { discreet: about.discreet || handed };
    let warnings: Map<_, _> =
        ledger.warnings().into_iter().map(|(kind, times)| (kind.name().to_owned(), json!(times))).collect();
    let mut manifest = json!({
        "versions": Versions::present(),
        "settings": about.settings,
        "period": facts.period.to_string(),
        "as_of": facts.as_of.to_string(),
        "period_closed": facts.period_closed,
        "policies": about.policies.iter().map(|policy| tell.policy(policy)).collect::<Vec<_>>(),
        "queries": tell.named(&about.queries, "name"),
        "updates_known": facts.updates_known,
        "profile": tell.text("name", &about.profile),
        "inputs": if handed { hashes(ledger) } else { tell.inputs(ledger, &about.parts) },
        "totals": {
            "rows_read": ledger.read(),
            "rows_accepted": ledger.read() - ledger.rejected(),
            "rows_rejected": ledger.rejected(),
            "warnings": warnings,
            "tickets": facts.ticket_count(),
            "measurements": facts.measurement_count(),
        },
    });
    if handed {
        manifest["totals"] =
            json!({ "tickets": facts.ticket_count(), "measurements": facts.measurement_count() });
    }
    if tell.discreet {
        manifest["discreet"] = json!(true);
    }
    with_outputs(manifest, run, outputs)
}

/// What two policies over one export share.
pub(super) fn shared(facts: &Facts, about: &About, ledger: &Ledger) -> Value {
    let tell = Telling { discreet: about.discreet };
    let mut shared = json!({
        "versions": Versions::present(),
        "settings": about.settings,
        "period": facts.period.to_string(),
        "as_of": facts.as_of.to_string(),
        "period_closed": facts.period_closed,
        "updates_known": facts.updates_known,
        "profile": tell.text("name", &about.profile),
        "inputs": tell.inputs(ledger, &about.parts),
    });
    if about.discreet {
        shared["discreet"] = json!(true);
    }
    shared
}

/// The policies, as a manifest tells of them.
pub(super) fn policies(about: &About) -> Vec<Value> {
    let tell = Telling { discreet: about.discreet };
    about.policies.iter().map(|policy| tell.policy(policy)).collect()
}

/// A manifest with the files that it names and the record of its run. Where it is discreet it
/// tells no path.
pub(super) fn with_outputs(mut manifest: Value, run: &RunRecord, outputs: &[Output]) -> String {
    let output =
        |output: &Output| json!({ "path": output.path, "sha256": output.sha256, "bytes": output.bytes });
    manifest["outputs"] = outputs.iter().map(output).collect();
    manifest["sha256"] = json!(seal(&manifest));
    manifest["run"] = of_run(run);
    if manifest["discreet"] == json!(true) {
        manifest["run"]["inputs"] = json!([]);
    }
    written(&manifest)
}

/// A manifest as it is written.
pub(super) fn written(manifest: &Value) -> String {
    format!("{manifest:#}\n")
}

/// The SHA-256 of what a manifest says, but for its run and this SHA-256: by it a manifest can be
/// held against itself.
pub(super) fn seal(manifest: &Value) -> String {
    let mut manifest = manifest.clone();
    if let Some(keys) = manifest.as_object_mut() {
        keys.retain(|key, _| key != "run" && key != "sha256");
    }
    crate::sha256::of(manifest.to_string().as_bytes())
}

fn of_run(run: &RunRecord) -> Value {
    json!({
        "started_at": run.started_at,
        "seconds": run.seconds,
        "threads": run.threads,
        "inputs": run.inputs,
    })
}

/// The same manifest, as another run writes it that comes to the same report.
pub(super) fn of_another_run(mut manifest: Value, run: &RunRecord) -> String {
    manifest["run"] = of_run(run);
    written(&manifest)
}

/// How much the manifest tells.
struct Telling {
    discreet: bool,
}

impl Telling {
    fn policy(&self, policy: &Policy) -> Value {
        let holidays = self.named(&policy.holiday_files, "file");
        match self.discreet {
            true => json!({ "id": policy.id(), "sha256": sha256(&policy.text), "holidays": holidays }),
            false => json!({ "id": policy.id(), "text": policy.text, "holidays": holidays }),
        }
    }

    /// Texts with their names.
    fn named(&self, texts: &[(String, String)], key: &str) -> Vec<Value> {
        texts.iter().map(|text| self.text(key, text)).collect()
    }

    fn text(&self, key: &str, (name, text): &(String, String)) -> Value {
        match self.discreet {
            true => json!({ "sha256": sha256(text) }),
            false => json!({ key: name, "text": text }),
        }
    }

    fn inputs(&self, ledger: &Ledger, parts: &[Option<String>]) -> Vec<Value> {
        let parts = parts.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let labelled = ledger.inputs.iter().zip(ledger.labels()).zip(parts);
        labelled
            .map(|((file, label), part)| {
                let mut told = input(file, if self.discreet { label } else { file.file_name() });
                if let Some(part) = part {
                    told["part"] = json!(part);
                }
                told
            })
            .collect()
    }
}

/// The inputs by their hashes alone.
fn hashes(ledger: &Ledger) -> Vec<Value> {
    ledger.inputs.iter().map(|input| json!({ "table": input.table.name(), "sha256": input.sha256 })).collect()
}

/// The SHA-256 of a text, in hexadecimal; none of a text that was withheld before, as that of a
/// policy of pseudonyms is.
fn sha256(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| crate::sha256::of(text.as_bytes()))
}

fn input(input: &InputLedger, file: String) -> Value {
    let rejected: Map<_, _> =
        input.rejected.iter().map(|(reason, rows)| (reason.name().to_owned(), json!(rows))).collect();
    let warnings: Map<_, _> =
        input.warnings.iter().map(|(kind, times)| (kind.name().to_owned(), json!(times))).collect();
    json!({
        "table": input.table.name(),
        "file": file,
        "sha256": input.sha256,
        "bytes": input.bytes,
        "rows_read": input.read,
        "rows_accepted": input.accepted(),
        "rows_rejected": input.rejected_rows(),
        "rejected": rejected,
        "warnings": warnings,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::calendar::Instant;
    use crate::ingest::Table;
    use crate::measure::Period;
    use crate::policy::northern;
    use crate::records::Records;

    /// The manifest of a report in which everything but the policy's id names Acme.
    fn manifest(discreet: bool) -> Value {
        let facts = Facts {
            records: Arc::new(Records::default()),
            policies: vec![northern().id()],
            policy_dates: vec![northern().effective_from],
            measurements: vec![],
            tickets: vec![],
            as_of: Instant::MIN,
            period_closed: true,
            period: Period::Everything,
            updates_known: true,
            terms: vec![],
            ticket_terms: vec![],
            kept: crate::records::KeptEvents::default(),
        };
        let named = |name: &str| (format!("acme-{name}"), format!("the text of Acme's {name}"));
        let mut policy = northern();
        policy.text = "[customers.Acme]".to_owned();
        policy.holiday_files = vec![named("holidays")];
        let about = About {
            settings: [("period".to_owned(), json!("2024-05"))].into_iter().collect(),
            policies: vec![policy],
            queries: vec![named("query")],
            profile: named("profile"),
            parts: vec![],
            discreet,
        };
        let file = InputLedger {
            table: Table::Tickets,
            path: PathBuf::from("exports/acme.csv"),
            sha256: "ab".repeat(32),
            bytes: 1,
            believed: None,
            warned_lines: BTreeMap::new(),
            read: 1,
            rejected: BTreeMap::new(),
            warnings: BTreeMap::new(),
        };
        let ledger = Ledger { inputs: vec![file], ..Ledger::default() };
        let contents = Contents {
            facts: &facts,
            tables: &[],
            charts: &[],
            ledger: &ledger,
            about: &about,
            language: crate::language::Language::english(),
            review: None,
        };
        let run = RunRecord {
            started_at: "2024-06-01T00:00:00Z".to_owned(),
            seconds: 1.0,
            threads: 2,
            inputs: vec!["exports/acme.csv".to_owned()],
        };
        serde_json::from_str(&text(&contents, &run, &[])).unwrap()
    }

    #[test]
    fn a_discreet_manifest_holds_no_text_no_file_name_and_no_path() {
        let manifest = manifest(true);
        let shown = manifest.to_string().to_lowercase();
        assert!(
            !shown.contains("acme") && !shown.contains("exports") && !shown.contains("the text"),
            "{shown}"
        );
        assert_eq!(manifest["discreet"], json!(true));
        assert_eq!(manifest["policies"][0]["id"], json!("northern@2000-01-01"));
        // printf '[customers.Acme]' | sha256sum
        assert_eq!(
            manifest["policies"][0]["sha256"],
            json!("508c54eedbbef6816e06e774509c822360a01881f680d4118fc62021b41f4407")
        );
        assert_eq!(manifest["queries"].as_array().map(Vec::len), Some(1));
        assert_eq!(manifest["inputs"][0]["file"], json!("tickets-1"));
        assert_eq!(manifest["inputs"][0]["sha256"], json!("ab".repeat(32)));
        assert_eq!(manifest["settings"], json!({ "period": "2024-05" }));
        assert_eq!(manifest["run"]["inputs"], json!([]));
    }

    #[test]
    fn any_other_manifest_holds_all_that_a_second_run_needs() {
        let manifest = manifest(false);
        assert_eq!(manifest["policies"][0]["text"], json!("[customers.Acme]"));
        assert_eq!(manifest["policies"][0]["holidays"][0]["file"], json!("acme-holidays"));
        assert_eq!(manifest["queries"][0]["text"], json!("the text of Acme's query"));
        assert_eq!(manifest["profile"]["name"], json!("acme-profile"));
        assert_eq!(manifest["inputs"][0]["file"], json!("acme.csv"));
        assert_eq!(manifest["run"]["inputs"], json!(["exports/acme.csv"]));
        assert_eq!(manifest.get("discreet"), None);
    }

    #[test]
    fn a_text_that_was_withheld_before_has_no_hash() {
        assert_eq!(sha256(""), None);
    }
}
