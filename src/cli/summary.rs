//! The short summary that `report` prints: for a person, or as JSON.

use std::path::Path;

use chrono::DateTime;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use super::grid::{self, Cell, Column, plain};
use super::printer::{Printer, Style};
use crate::ingest::Ledger;
use crate::language::{Language, filled};
use crate::measure::Facts;
use crate::policy::Severity;
use crate::report::{as_of, period_name};
use crate::table::{Table, Values};

/// Breaches and open clocks that the summary names.
const NAMED: usize = 5;

/// What the summary is made of.
pub(super) struct Summary<'a> {
    pub(super) facts: &'a Facts,
    pub(super) tables: &'a [Table],
    pub(super) ledger: &'a Ledger,
    pub(super) folder: &'a Path,
    pub(super) language: &'static Language,
}

impl Summary<'_> {
    fn table(&self, name: &str) -> Option<&Table> {
        Table::named(self.tables, name)
    }

    /// The summary for a person.
    pub(super) fn text(&self, printer: &Printer) -> String {
        let words = &self.language.words.summary;
        let heading = filled(
            &words.heading,
            &[
                ("period", &period_name(self.facts, self.language)),
                ("as_of", &as_of(self.facts, self.language)),
                ("policy", &self.facts.policies.join(", ")),
            ],
        );
        let mut out = String::new();
        for line in wrapped(&heading, printer.width) {
            out.push_str(&format!("{}\n", printer.styled(&line, Style::Heading)));
        }
        self.compliance(&mut out, printer);
        self.breaches(&mut out, printer);
        self.pending(&mut out, printer);
        self.rows(&mut out, printer);
        let name = if self.facts.ticket_count() == 0 { "" } else { "/report.html" };
        out.push_str(&format!("\n{}  {}{name}\n", words.report, self.folder.display()));
        out
    }

    fn compliance(&self, out: &mut String, printer: &Printer) {
        let (Some(overall), Some(severities)) = (self.table("overall"), self.table("by_severity")) else {
            return;
        };
        let words = &self.language.words.summary;
        let columns = [
            Column::text(&words.severity),
            Column::text(&words.metric),
            Column::number(&words.measured),
            Column::number(&words.in_time),
            Column::text(&words.interval).rank(4),
            Column::number(&words.breached),
            Column::number(&words.pending).rank(2),
            Column::number(&words.median).rank(1),
            Column::number(&words.ninetieth).rank(3),
            Column::number(&words.mean).rank(5),
            Column::number(&words.longest).rank(6),
        ];
        let mut rows = Vec::new();
        for number in Severity::all().map(|severity| i64::from(severity.number())) {
            let of_severity = |row: &usize| severities.int("severity", *row) == Some(number);
            let measured = (0..severities.rows()).filter(of_severity).collect();
            self.measures(&mut rows, &number.to_string(), severities, measured);
        }
        self.measures(&mut rows, &words.all, overall, (0..overall.rows()).collect());
        out.push('\n');
        out.push_str(&grid::set(printer, 0, &columns, &rows));
    }

    /// The rows of one severity, a metric each; the ticket as a whole comes last.
    fn measures(&self, into: &mut Vec<Vec<Cell>>, severity: &str, table: &Table, mut rows: Vec<usize>) {
        let language = self.language;
        let metric = |row: usize| table.text("metric", row).unwrap_or_default();
        rows.sort_by_key(|row| metric(*row) == "ticket");
        for (place, row) in rows.into_iter().enumerate() {
            let counted = |name: &str| plain(language.count(table.int(name, row).unwrap_or_default()));
            let ends = table.float("compliance_low", row).zip(table.float("compliance_high", row));
            let interval =
                ends.map(|(low, high)| language.range(&language.percent(low), &language.percent(high)));
            let spent = |name: &str| {
                plain(table.float(name, row).map_or_else(String::new, |hours| language.number(hours, 1)))
            };
            let met = table
                .float("compliance", row)
                .map_or_else(|| "–".to_owned(), |share| language.percent(share));
            let style = match (table.int("measured", row), table.int("breached", row)) {
                (Some(0) | None, _) => None,
                (_, Some(0)) => Some(Style::Good),
                _ => Some(Style::Bad),
            };
            into.push(vec![
                plain(if place == 0 { severity } else { "" }),
                plain(language.value("metric", metric(row))),
                counted("measured"),
                (met, style),
                plain(interval.unwrap_or_default()),
                counted("breached"),
                counted("pending"),
                spent("p50_h"),
                spent("p90_h"),
                spent("mean_h"),
                spent("max_h"),
            ]);
        }
    }

    fn breaches(&self, out: &mut String, printer: &Printer) {
        let (language, words) = (self.language, &self.language.words.summary);
        let Some(breaches) = self.table("breaches") else { return };
        out.push('\n');
        if breaches.rows() == 0 {
            out.push_str(&format!("{}\n", printer.styled(&words.no_breach, Style::Good)));
            return;
        }
        let title = language.counted(breaches.rows() as i64, &words.worst);
        out.push_str(&format!("{}\n", printer.styled(&title, Style::Heading)));
        let rows: Vec<_> = (0..breaches.rows().min(NAMED))
            .map(|row| {
                let over = filled(&words.over, &[("hours", &self.hours(breaches, "over_h", row))]);
                let mut cells = vec![(over, Some(Style::Bad))];
                cells.extend(self.named(breaches, row));
                cells
            })
            .collect();
        out.push_str(&grid::set(printer, 2, &self.naming(), &rows));
    }

    fn pending(&self, out: &mut String, printer: &Printer) {
        let (language, words) = (self.language, &self.language.words.summary);
        let Some(pending) = self.table("pending") else { return };
        if pending.rows() == 0 {
            return;
        }
        let title = language.counted(pending.rows() as i64, &words.next);
        out.push_str(&format!("\n{}\n", printer.styled(&title, Style::Heading)));
        let rows: Vec<_> = (0..pending.rows().min(NAMED))
            .map(|row| {
                let left = filled(&words.left, &[("hours", &self.hours(pending, "remaining_h", row))]);
                let due = pending.int("due_local", row).map(|micros| language.date_time(micros));
                let mut cells = vec![plain(left)];
                cells.extend(self.named(pending, row));
                cells.push(plain(filled(&words.due, &[("instant", &due.unwrap_or_default())])));
                cells.push(plain(pending.text("timezone", row).unwrap_or_default()));
                cells
            })
            .collect();
        let mut columns = self.naming();
        columns.extend([Column::text(""), Column::text("").rank(2)]);
        out.push_str(&grid::set(printer, 2, &columns, &rows));
    }

    /// The columns that name a measurement.
    fn naming(&self) -> Vec<Column<'static>> {
        vec![
            Column { right: true, ..Column::text("") },
            Column::text("").least(8),
            Column::text(""),
            Column::text("").rank(1),
            Column::text("").least(9),
        ]
    }

    /// Which measurement a row is of: the ticket, its severity, the metric, the customer.
    fn named(&self, table: &Table, row: usize) -> [Cell; 4] {
        let (language, words) = (self.language, &self.language.words.summary);
        let severity = table.int("severity", row).unwrap_or_default().to_string();
        [
            plain(table.text("ticket_id", row).unwrap_or_default()),
            plain(filled(&words.of_severity, &[("severity", &severity)])),
            plain(language.value("metric", table.text("metric", row).unwrap_or_default())),
            plain(table.text("customer", row).unwrap_or_default()),
        ]
    }

    fn hours(&self, table: &Table, column: &str, row: usize) -> String {
        let hours = table.float(column, row).unwrap_or_default();
        self.language.hours_minutes_of(hours)
    }

    fn rows(&self, out: &mut String, printer: &Printer) {
        let (language, words) = (self.language, &self.language.words.summary);
        let columns = [
            Column::text(&words.file).least(12),
            Column::number(&words.read),
            Column::number(&words.accepted),
            Column::number(&words.rejected),
            Column::text(&words.reasons).least(12).rank(1),
        ];
        let told = |column: &str, counts: &mut dyn Iterator<Item = (&'static str, u64)>| -> String {
            let told: Vec<_> = counts
                .map(|(name, times)| {
                    format!("{}: {}", language.value(column, name), language.count(times as i64))
                })
                .collect();
            told.join(", ")
        };
        let rows: Vec<_> = self
            .ledger
            .inputs
            .iter()
            .map(|input| {
                let rejected = input.rejected_rows();
                vec![
                    plain(input.file_name()),
                    plain(language.count(input.read as i64)),
                    plain(language.count(input.accepted() as i64)),
                    (language.count(rejected as i64), (rejected > 0).then_some(Style::Bad)),
                    plain(told(
                        "reason",
                        &mut input.rejected.iter().map(|(reason, rows)| (reason.name(), *rows)),
                    )),
                ]
            })
            .collect();
        out.push('\n');
        out.push_str(&grid::set(printer, 0, &columns, &rows));
        let warnings = self.ledger.warnings();
        if !warnings.is_empty() {
            let told = told("warning", &mut warnings.iter().map(|(kind, times)| (kind.name(), *times)));
            out.push_str(
                &printer.styled(&format!("{}\n", filled(&words.warnings, &[("what", &told)])), Style::Faint),
            );
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

/// A text in lines of so many columns, parted where it has a dot between two things.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    const DOT: &str = " · ";
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split(DOT) {
        match lines.last_mut() {
            Some(line) if line.width() + DOT.width() + piece.width() <= width => {
                line.push_str(DOT);
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_heading_is_parted_at_its_dots() {
        assert_eq!(wrapped("one · two · three", 40), ["one · two · three"]);
        assert_eq!(wrapped("one · two · three", 9), ["one · two", "three"]);
    }
}
