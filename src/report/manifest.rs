//! The manifest: what a report was made of and with, so that anyone can make it again.

use serde_json::{Map, Value, json};

use super::Contents;
use super::publish::Output;
use crate::ingest::InputLedger;
use crate::measure::schema::SCHEMA_VERSION;
use crate::policy::Policy;

/// What the manifest says of how the report was asked for.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The settings, by their names.
    pub settings: Map<String, Value>,
    /// The policies.
    pub policies: Vec<Policy>,
    /// The queries of the user's own: their names and texts.
    pub queries: Vec<(String, String)>,
    /// The source profile: its name and text.
    pub profile: (String, String),
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
    let policy = |policy: &Policy| json!({ "id": policy.id(), "text": policy.text, "holidays": named(&policy.holiday_files, "file") });
    let policies: Vec<_> = about.policies.iter().map(policy).collect();
    let outputs: Vec<_> = outputs
        .iter()
        .map(|output| json!({ "path": output.path, "sha256": output.sha256, "bytes": output.bytes }))
        .collect();
    let warnings: Map<_, _> =
        ledger.warnings().into_iter().map(|(kind, times)| (kind.name().to_owned(), json!(times))).collect();
    let manifest = json!({
        "versions": {
            "punctual": env!("CARGO_PKG_VERSION"),
            "schema": SCHEMA_VERSION,
            "tz_database": chrono_tz::IANA_TZDB_VERSION,
        },
        "settings": about.settings,
        "period": facts.period.to_string(),
        "as_of": facts.as_of.to_string(),
        "period_closed": facts.period_closed,
        "policies": policies,
        "queries": named(&about.queries, "name"),
        "updates_known": facts.updates_known,
        "profile": { "name": about.profile.0, "text": about.profile.1 },
        "inputs": ledger.inputs.iter().map(input).collect::<Vec<_>>(),
        "totals": {
            "rows_read": ledger.read(),
            "rows_accepted": ledger.read() - ledger.rejected(),
            "rows_rejected": ledger.rejected(),
            "warnings": warnings,
            "tickets": facts.ticket_count(),
            "measurements": facts.measurement_count(),
        },
        "outputs": outputs,
        "run": {
            "started_at": run.started_at,
            "seconds": run.seconds,
            "threads": run.threads,
            "inputs": run.inputs,
        },
    });
    format!("{manifest:#}\n")
}

/// Texts with their names.
fn named(texts: &[(String, String)], key: &str) -> Vec<Value> {
    texts.iter().map(|(name, text)| json!({ key: name, "text": text })).collect()
}

fn input(input: &InputLedger) -> Value {
    let rejected: Map<_, _> =
        input.rejected.iter().map(|(reason, rows)| (reason.name().to_owned(), json!(rows))).collect();
    let warnings: Map<_, _> =
        input.warnings.iter().map(|(kind, times)| (kind.name().to_owned(), json!(times))).collect();
    json!({
        "table": input.table.name(),
        "file": input.file_name(),
        "sha256": input.sha256,
        "bytes": input.bytes,
        "rows_read": input.read,
        "rows_accepted": input.accepted(),
        "rows_rejected": input.rejected_rows(),
        "rejected": rejected,
        "warnings": warnings,
    })
}
