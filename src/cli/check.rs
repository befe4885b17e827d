//! `punctual check`: reads and validates the exports, and says what a report would make of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::args::{InputArgs, ReportArgs};
use super::failure::{Failure, REJECTS};
use super::grid::{self, Cell, Column, plain};
use super::plan::use_threads;
use super::printer::{Printer, Style, wrapped};
use super::settings;
use crate::ingest::{
    Checked, Ingest, InputLedger, Inputs, Ledger, Profile, Reason, Reject, Standing, ValueCount,
};
use crate::language::Language;

/// How many rows of each reason are shown.
const SHOWN: usize = 3;

/// How many values of a field are shown.
const VALUES: usize = 10;

pub(super) fn run(arguments: &InputArgs, printer: &Printer) -> Result<(), Failure> {
    let given = ReportArgs { input: arguments.clone(), ..ReportArgs::default() };
    let settings = settings::with_file(&given)?.input;
    if let Some(threads) = settings.threads {
        use_threads(threads)?;
    }
    let policies = settings::policies(&settings.policy)?;
    let profile = settings::profile(settings.profile.as_deref())?;
    let inputs = settings::inputs(&settings, &profile)?;
    let allowed = settings::allowed(settings.max_rejects.as_deref())?;
    let first_policy =
        policies.policies().first().map_or(chrono::NaiveDate::MIN, |policy| policy.effective_from);
    let ingest = Ingest { profile: &profile, first_policy, cache: None, spill: None };
    let checked = ingest.check(&inputs, printer)?;

    let ledger = &checked.ingested.ledger;
    let refused = allowed.exceeded(ledger.rejected(), ledger.read());
    let account = Account { checked: &checked, inputs: &inputs, profile: &profile, refused };
    match printer.json {
        true => printer.result(&format!("{:#}\n", account.json())),
        false => printer.summary(&account.text(printer)),
    }
    match refused {
        false => Ok(()),
        true => Err(Failure {
            message: format!(
                "{} of {} rows would be rejected, more than is allowed: a report of this export would be refused",
                ledger.rejected(),
                ledger.read()
            ),
            hint: Some("mend the export or its profile, or allow more with --max-rejects".to_owned()),
            code: REJECTS,
        }),
    }
}

struct Account<'a> {
    checked: &'a Checked,
    inputs: &'a Inputs,
    profile: &'a Profile,
    refused: bool,
}

impl Account<'_> {
    fn ledger(&self) -> &Ledger {
        &self.checked.ingested.ledger
    }

    /// The rejects of a file by their reasons, each with the first of them.
    fn rejects(&self, file: usize) -> BTreeMap<Reason, (u64, Vec<&Reject>)> {
        let mut by_reason: BTreeMap<Reason, (u64, Vec<&Reject>)> = BTreeMap::new();
        // They are in the order of lines.
        for reject in self.ledger().rejects.iter().filter(|reject| usize::from(reject.file) == file) {
            let (rows, first) = by_reason.entry(reject.reason).or_default();
            *rows += 1;
            if first.len() < SHOWN {
                first.push(reject);
            }
        }
        by_reason
    }

    /// What is written where spellings count and the profile has no spelling for, by field.
    fn strange_values(&self) -> BTreeMap<(&str, &str, Standing), Vec<&ValueCount>> {
        let mut by_field: BTreeMap<_, Vec<&ValueCount>> = BTreeMap::new();
        for value in self.checked.values.iter().filter(|value| value.standing != Standing::Known) {
            by_field
                .entry((value.table.as_str(), value.field.as_str(), value.standing))
                .or_default()
                .push(value);
        }
        by_field
    }

    fn text(&self, printer: &Printer) -> String {
        let heading = |text: &str| printer.styled(text, Style::Heading);
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = writeln!(out, "{}\n", heading(&format!("punctual check · profile {}", self.profile.name)));
        out.push_str(&self.files(printer));
        for path in &self.inputs.unread {
            let _ = writeln!(out, "{} is not read: nothing in the profile is called so", path.display());
        }
        for source in &self.inputs.without_file {
            let _ = writeln!(out, "there is no file of `{source}`, of which the profile reads updates too");
        }
        let records = &self.checked.ingested.records;
        if !records.updates_known {
            let _ = writeln!(out, "no updates are known: a report has first responses only");
        }
        out.push_str(&self.rejected(printer));
        let warned = self.warned();
        if !warned.is_empty() {
            let columns = [
                Column::text("").least(12),
                Column::number(""),
                Column::text(""),
                Column::text("").least(20),
            ];
            let _ = writeln!(out, "\n{}", heading("warnings"));
            out.push_str(&grid::set(printer, 2, &columns, &warned));
        }
        out.push_str(&self.values(printer));
        let _ = writeln!(out, "\n{}", heading("suspicions"));
        for suspicion in &self.checked.suspicions {
            let _ = writeln!(
                out,
                "{}",
                printer.styled(&wrapped(&suspicion.to_string(), "  ! ", printer.width), Style::Bad)
            );
            let _ = writeln!(
                out,
                "{}",
                printer.styled(&wrapped(&suspicion.advice(), "    ", printer.width), Style::Faint)
            );
        }
        match (self.checked.suspicions.is_empty(), self.checked.surveyed) {
            (true, true) => out.push_str("  none\n"),
            (_, false) => {
                out.push_str("  not looked for: that takes files that can be read twice, and one is none\n")
            }
            (false, true) => {}
        }
        let ledger = self.ledger();
        let (read, rejected) = (ledger.read(), ledger.rejected());
        let verdict = if self.refused { "a report would be refused" } else { "a report can be made" };
        let _ = writeln!(
            out,
            "\n{} rows read, {} accepted, {} rejected; {} tickets: {}",
            counted(read),
            counted(read - rejected),
            counted(rejected),
            counted(records.tickets.len() as u64),
            printer.styled(verdict, if self.refused { Style::Bad } else { Style::Good })
        );
        out
    }

    fn files(&self, printer: &Printer) -> String {
        let number = |number: u64| plain(counted(number));
        let columns = [
            Column::text("file").least(16),
            Column::text("read as"),
            Column::number("rows"),
            Column::number("accepted"),
            Column::number("rejected"),
            Column::number("warnings"),
            Column::text("").rank(1),
        ];
        let row = |input: &InputLedger| -> Vec<Cell> {
            let rejected = input.rejected_rows();
            vec![
                plain(input.file_name()),
                plain(input.table.name()),
                number(input.read),
                number(input.accepted()),
                match rejected {
                    0 => plain("0"),
                    _ => (counted(rejected), Some(Style::Bad)),
                },
                number(input.warnings.values().sum()),
                plain(input.believed.map_or_else(String::new, |encoding| format!("looks like {encoding}"))),
            ]
        };
        let rows: Vec<Vec<Cell>> = self.ledger().inputs.iter().map(row).collect();
        grid::set(printer, 0, &columns, &rows)
    }

    fn rejected(&self, printer: &Printer) -> String {
        let mut out = String::new();
        for (file, input) in self.ledger().inputs.iter().enumerate() {
            for (reason, (times, first)) in self.rejects(file) {
                // Writing to a String does not fail.
                let _ = writeln!(out, "  {}: {reason} {}", input.file_name(), counted(times));
                for reject in first {
                    let of = match reject.column.as_str() {
                        "" => String::new(),
                        column => format!("{column} \"{}\": ", reject.value),
                    };
                    let line = format!("    line {:<7} ", reject.line);
                    let _ =
                        writeln!(out, "{}", wrapped(&format!("{of}{}", reject.detail), &line, printer.width));
                }
            }
        }
        match out.is_empty() {
            true => out,
            false => format!("\n{}\n{out}", printer.styled("rejected", Style::Heading)),
        }
    }

    fn warned(&self) -> Vec<Vec<Cell>> {
        let mut rows = Vec::new();
        for input in &self.ledger().inputs {
            for (warning, times) in &input.warnings {
                let lines = input.warned_lines.get(warning).map(Vec::as_slice).unwrap_or_default();
                let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
                let lines = match lines.as_slice() {
                    [] => String::new(),
                    [one] => format!("line {one}"),
                    several => format!("lines {}", several.join(", ")),
                };
                rows.push(vec![
                    plain(format!("{}: {}", input.file_name(), warning.name())),
                    plain(counted(*times)),
                    plain(lines),
                    plain(Language::english().value("warning", warning.name())),
                ]);
            }
        }
        rows
    }

    fn values(&self, printer: &Printer) -> String {
        let mut out = String::new();
        for ((table, field, standing), values) in self.strange_values() {
            let title = match standing {
                Standing::Unknown => "not known to the profile",
                _ => "without a spelling of their own",
            };
            let shown: Vec<String> = values
                .iter()
                .take(VALUES)
                .map(|value| format!("\"{}\" {}", value.value, counted(value.rows)))
                .collect();
            let more = values.len().saturating_sub(VALUES);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let text = format!("{table} {field}, {title}: {}{more}", shown.join(", "));
            // Writing to a String does not fail.
            let _ = writeln!(out, "{}", wrapped(&text, "  ", printer.width));
        }
        match out.is_empty() {
            true => out,
            false => format!("\n{}\n{out}", printer.styled("values", Style::Heading)),
        }
    }

    fn json(&self) -> Value {
        let file = |(place, input): (usize, &InputLedger)| {
            let rejected: BTreeMap<&str, Value> = self
                .rejects(place)
                .into_iter()
                .map(|(reason, (rows, first))| {
                    let first: Vec<Value> = first
                        .iter()
                        .map(|reject| {
                            json!({
                                "line": reject.line, "column": reject.column,
                                "value": reject.value, "detail": reject.detail,
                            })
                        })
                        .collect();
                    (reason.name(), json!({ "rows": rows, "first": first }))
                })
                .collect();
            let warnings: BTreeMap<&str, Value> = input
                .warnings
                .iter()
                .map(|(warning, times)| {
                    let lines = input.warned_lines.get(warning).map(Vec::as_slice).unwrap_or_default();
                    (warning.name(), json!({ "times": times, "first_lines": lines }))
                })
                .collect();
            json!({
                "file": input.path.display().to_string(), "table": input.table.name(),
                "read": input.read, "accepted": input.accepted(), "rejected_rows": input.rejected_rows(),
                "rejected": rejected, "warnings": warnings, "looks_like": input.believed,
            })
        };
        let values: Vec<Value> = self
            .strange_values()
            .into_values()
            .flatten()
            .map(|value| {
                let standing = if value.standing == Standing::Unknown { "unknown" } else { "any_other" };
                json!({
                    "table": value.table, "field": value.field, "value": value.value,
                    "rows": value.rows, "standing": standing,
                })
            })
            .collect();
        let suspicions: Vec<Value> = self
            .checked
            .suspicions
            .iter()
            .map(|found| json!({ "kind": found.name(), "message": found.to_string(), "advice": found.advice() }))
            .collect();
        let ledger = self.ledger();
        json!({
            "profile": self.profile.name,
            "files": ledger.inputs.iter().enumerate().map(file).collect::<Vec<_>>(),
            "unread_files": self.inputs.unread.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "sources_without_file": self.inputs.without_file,
            "updates_known": self.checked.ingested.records.updates_known,
            "values": values,
            "suspicions": suspicions,
            "suspicions_looked_for": self.checked.surveyed,
            "totals": {
                "read": ledger.read(), "accepted": ledger.read() - ledger.rejected(),
                "rejected": ledger.rejected(), "tickets": self.checked.ingested.records.tickets.len(),
            },
            "refused": self.refused,
        })
    }
}

fn counted(number: u64) -> String {
    Language::english().count(i64::try_from(number).unwrap_or(i64::MAX))
}
