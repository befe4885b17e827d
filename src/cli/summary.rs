//! The short summary that `report` prints: for a person, or as JSON.

use std::fmt::Write as _;
use std::path::Path;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::printer::{Printer, Style, fitted};
use crate::ingest::Ledger;
use crate::measure::Facts;
use crate::policy::Severity;
use crate::report::charts::numbers::{count, percent};
use crate::table::{Table, Values};

/// Breaches and open clocks that the summary names.
const NAMED: usize = 5;

/// What the summary is made of.
pub(super) struct Summary<'a> {
    pub(super) facts: &'a Facts,
    pub(super) tables: &'a [Table],
    pub(super) ledger: &'a Ledger,
    pub(super) folder: &'a Path,
}

impl Summary<'_> {
    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The summary for a person.
    pub(super) fn text(&self, printer: &Printer) -> String {
        let mut out = String::new();
        // Writing to a String does not fail, here and below.
        let _ = writeln!(
            out,
            "{}",
            printer.styled(
                &format!(
                    "punctual · {} · as of {} · {}",
                    self.facts.period,
                    as_of(self.facts),
                    self.facts.policies.join(", ")
                ),
                Style::Heading
            )
        );
        self.compliance(&mut out, printer);
        self.breaches(&mut out, printer);
        self.pending(&mut out, printer);
        self.rows(&mut out, printer);
        let _ = writeln!(out, "\nreport  {}", self.folder.display());
        out
    }

    fn compliance(&self, out: &mut String, printer: &Printer) {
        let (Some(overall), Some(severities)) = (self.table("overall"), self.table("by_severity")) else {
            return;
        };
        let _ = writeln!(out);
        let header = format!(
            "{:<9}{:<9}{:>10}{:>9}{:>9}{:>9}  {:<16}{:>7}{:>7}",
            "severity",
            "metric",
            "measured",
            "in time",
            "breached",
            "pending",
            "95 % interval",
            "p50 h",
            "p90 h"
        );
        let _ = writeln!(out, "{}", printer.styled(header.trim_end(), Style::Faint));
        for number in Severity::all().map(|severity| i64::from(severity.number())) {
            let of_severity = |row: &usize| severities.int("severity", *row) == Some(number);
            let rows = (0..severities.rows()).filter(of_severity).collect();
            measures(out, printer, &number.to_string(), severities, rows);
        }
        measures(out, printer, "all", overall, (0..overall.rows()).collect());
    }

    fn breaches(&self, out: &mut String, printer: &Printer) {
        let Some(breaches) = self.table("breaches") else { return };
        if breaches.rows() == 0 {
            let _ = writeln!(out, "\n{}", printer.styled("no breach", Style::Good));
            return;
        }
        let title = format!("worst of {} breaches", count(breaches.rows() as i64));
        let _ = writeln!(out, "\n{}", printer.styled(&title, Style::Heading));
        for row in 0..breaches.rows().min(NAMED) {
            let over = breaches.float("over_h", row).unwrap_or_default();
            let text = format!("{:>9} over", hours(over));
            let named = named(printer, breaches, row, 18);
            let _ = writeln!(out, "  {}  {}", printer.styled(&text, Style::Bad), named.trim_end());
        }
    }

    fn pending(&self, out: &mut String, printer: &Printer) {
        let Some(pending) = self.table("pending") else { return };
        if pending.rows() == 0 {
            return;
        }
        let title = format!("next to breach of {} open clocks", count(pending.rows() as i64));
        let _ = writeln!(out, "\n{}", printer.styled(&title, Style::Heading));
        for row in 0..pending.rows().min(NAMED) {
            let left = pending.float("remaining_h", row).unwrap_or_default();
            let due = pending.int("due_local", row).map(local).unwrap_or_default();
            // A narrow terminal has no room for the zone's name.
            let (zone, taken) = match printer.width >= 106 {
                true => (pending.text("timezone", row).unwrap_or_default(), 62),
                false => ("", 41),
            };
            let named = named(printer, pending, row, taken);
            let line = format!("  {:>9} left  {named}  due {due} {zone}", hours(left));
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    fn rows(&self, out: &mut String, printer: &Printer) {
        let _ = writeln!(out);
        for input in &self.ledger.inputs {
            let mut line = format!(
                "{:<10}{:>12} rows read  {:>12} accepted  {:>8} rejected",
                input.table.name(),
                count(input.read as i64),
                count(input.accepted() as i64),
                count(input.rejected_rows() as i64)
            );
            let reasons: Vec<_> = input
                .rejected
                .iter()
                .map(|(reason, rows)| format!("{} {}", reason.name(), count(*rows as i64)))
                .collect();
            if !reasons.is_empty() {
                let _ = write!(line, "  ({})", reasons.join(", "));
            }
            let _ = writeln!(out, "{line}");
        }
        let warnings = self.ledger.warnings();
        if !warnings.is_empty() {
            let kinds: Vec<_> = warnings
                .iter()
                .map(|(kind, times)| format!("{} {}", kind.name(), count(*times as i64)))
                .collect();
            let _ =
                writeln!(out, "{}", printer.styled(&format!("warnings  {}", kinds.join(", ")), Style::Faint));
        }
    }

    /// The summary as JSON.
    pub(super) fn json(&self) -> String {
        let all = |name: &str, most: usize| self.table(name).map_or(Value::Null, |table| rows(table, most));
        let inputs: Vec<_> = self
            .ledger
            .inputs
            .iter()
            .map(|input| {
                json!({
                    "table": input.table.name(),
                    "file": input.file_name(),
                    "rows_read": input.read,
                    "rows_accepted": input.accepted(),
                    "rows_rejected": input.rejected_rows(),
                })
            })
            .collect();
        let warnings: Map<_, _> = self
            .ledger
            .warnings()
            .into_iter()
            .map(|(kind, times)| (kind.name().to_owned(), json!(times)))
            .collect();
        let summary = json!({
            "period": self.facts.period.to_string(),
            "as_of": self.facts.as_of.to_string(),
            "period_closed": self.facts.period_closed,
            "policies": self.facts.policies,
            "overall": all("overall", usize::MAX),
            "by_severity": all("by_severity", usize::MAX),
            "breaches": self.table("breaches").map(Table::rows),
            "worst_breaches": all("breaches", NAMED),
            "pending": self.table("pending").map(Table::rows),
            "next_to_breach": all("pending", NAMED),
            "inputs": inputs,
            "warnings": warnings,
            "report": self.folder.display().to_string(),
        });
        format!("{summary:#}\n")
    }
}

/// The rows of one severity, a metric each; the ticket as a whole comes last.
fn measures(out: &mut String, printer: &Printer, severity: &str, table: &Table, mut rows: Vec<usize>) {
    let metric = |row: usize| table.text("metric", row).unwrap_or_default();
    rows.sort_by_key(|row| metric(*row) == "ticket");
    for (place, row) in rows.into_iter().enumerate() {
        let counted = |name: &str| count(table.int(name, row).unwrap_or_default());
        let interval = match (table.float("compliance_low", row), table.float("compliance_high", row)) {
            (Some(low), Some(high)) => format!("{} – {}", percent(low), percent(high)),
            _ => String::new(),
        };
        let spent =
            |name: &str| table.float(name, row).map_or_else(String::new, |hours| format!("{hours:.1}"));
        let met = table.float("compliance", row).map_or_else(|| "–".to_owned(), percent);
        let met = format!("{met:>9}");
        let met = match (table.int("measured", row), table.int("breached", row)) {
            (Some(0) | None, _) => met,
            (_, Some(0)) => printer.styled(&met, Style::Good),
            _ => printer.styled(&met, Style::Bad),
        };
        let line = format!(
            "{:<9}{:<9}{:>10}{met}{:>9}{:>9}  {interval:<16}{:>7}{:>7}",
            if place == 0 { severity } else { "" },
            metric(row),
            counted("measured"),
            counted("breached"),
            counted("pending"),
            spent("p50_h"),
            spent("p90_h"),
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// Which measurement a row is of: its line has `taken` columns besides.
fn named(printer: &Printer, table: &Table, row: usize, taken: usize) -> String {
    let severity = table.int("severity", row).unwrap_or_default();
    let customer = printer.width.saturating_sub(31 + taken).clamp(9, 40);
    format!(
        "{}  sev {severity}  {:<8}  {}",
        fitted(table.text("ticket_id", row).unwrap_or_default(), 12),
        table.text("metric", row).unwrap_or_default(),
        fitted(table.text("customer", row).unwrap_or_default(), customer),
    )
}

/// The first rows of a table as JSON objects.
fn rows(table: &Table, most: usize) -> Value {
    let cell = |values: &Values, row: usize| match values {
        Values::Text(values) => json!(values[row]),
        Values::Int(values) => json!(values[row]),
        Values::Float(values) => json!(values[row]),
        Values::Bool(values) => json!(values[row]),
        Values::Instant(values) => {
            let time = values[row].and_then(DateTime::from_timestamp_micros);
            json!(time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()))
        }
        Values::Local(values) => {
            let time = values[row].and_then(DateTime::from_timestamp_micros);
            json!(time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.f").to_string()))
        }
    };
    let object = |row: usize| -> Map<String, Value> {
        table.columns.iter().map(|column| (column.name.clone(), cell(&column.values, row))).collect()
    };
    Value::Array((0..table.rows().min(most)).map(|row| Value::Object(object(row))).collect())
}

/// Hours and minutes.
fn hours(hours: f64) -> String {
    let minutes = (hours * 60.0).floor() as i64;
    format!("{} h {:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// As of when the facts are: an instant, or the period's end where that was earlier for all.
pub(super) fn as_of(facts: &Facts) -> String {
    match facts.period_closed {
        true => format!("the end of {} on each customer's clock", facts.period),
        false => format!("{} UTC", local(facts.as_of.micros())),
    }
}

fn local(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().format("%Y-%m-%d %H:%M").to_string()
}
