//! The short summary that `report` prints: for a person, or as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use super::grid::{self, Cell, Column, plain};
use super::printer::{Printer, Style};
use crate::calendar::Instant;
use crate::ingest::{InputLedger, Ledger};
use crate::language::{Language, filled};
use crate::measure::Facts;
use crate::policy::Severity;
use crate::report::{as_of, period_name};
use crate::table::{Table, Values};

/// Breaches and open clocks that the summary names.
const NAMED: usize = 5;

/// The summary of a report, in values of its own, so that it can be kept beside the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    period: String,
    period_name: String,
    as_of_name: String,
    as_of_us: i64,
    period_closed: bool,
    updates_known: bool,
    /// The calendars whose holidays end too early: the policy, the calendar, its last holiday.
    holidays_end: Vec<(String, String, String)>,
    policies: Vec<String>,
    tickets: usize,
    overall: Option<Vec<Cells>>,
    by_severity: Option<Vec<Cells>>,
    /// How many breaches there are; `None` where nobody asked.
    breaches: Option<usize>,
    worst_breaches: Option<Vec<Cells>>,
    pending: Option<usize>,
    next_to_breach: Option<Vec<Cells>>,
    inputs: Vec<Input>,
    warnings: Vec<(String, u64)>,
}

/// A row of a table: its cells by the names of their columns.
pub(super) type Cells = Map<String, Value>;

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Input {
    table: String,
    file: String,
    read: u64,
    accepted: u64,
    rejected: u64,
    /// The reasons and how many rows each rejected.
    reasons: Vec<(String, u64)>,
}

impl Summary {
    /// That of a report.
    pub(super) fn of(facts: &Facts, tables: &[Table], ledger: &Ledger, language: &Language) -> Summary {
        let table = |name: &str| Table::named(tables, name);
        let all = |name: &str, most: usize| table(name).map(|table| rows(table, most));
        let input = |input: &InputLedger| Input {
            table: input.table.name().to_owned(),
            file: input.file_name(),
            read: input.read,
            accepted: input.accepted(),
            rejected: input.rejected_rows(),
            reasons: input.rejected.iter().map(|(reason, rows)| (reason.name().to_owned(), *rows)).collect(),
        };
        let warnings = ledger.warnings().into_iter();
        Summary {
            period: facts.period.to_string(),
            period_name: period_name(facts, language),
            as_of_name: as_of(facts, language),
            as_of_us: facts.as_of.micros(),
            updates_known: facts.updates_known,
            holidays_end: ends(facts),
            period_closed: facts.period_closed,
            policies: facts.policies.clone(),
            tickets: facts.ticket_count(),
            overall: all("overall", usize::MAX),
            by_severity: all("by_severity", usize::MAX),
            breaches: table("breaches").map(Table::rows),
            worst_breaches: all("breaches", NAMED),
            pending: table("pending").map(Table::rows),
            next_to_breach: all("pending", NAMED),
            inputs: ledger.inputs.iter().map(input).collect(),
            warnings: warnings.map(|(kind, times)| (kind.name().to_owned(), times)).collect(),
        }
    }

    /// What is worth knowing of the figures, at this time of day (microseconds since 1970).
    pub(super) fn notes(&self, now: i64) -> Vec<String> {
        let as_of = Instant::from_micros(self.as_of_us).unwrap_or(Instant::MAX);
        notes(self.tickets, as_of, self.updates_known, &self.holidays_end, now)
    }

    /// The summary as JSON.
    pub(super) fn json(&self, folder: &Path) -> String {
        let input = |input: &Input| {
            json!({
                "table": input.table,
                "file": input.file,
                "rows_read": input.read,
                "rows_accepted": input.accepted,
                "rows_rejected": input.rejected,
            })
        };
        let summary = json!({
            "period": self.period,
            "as_of": Instant::from_micros(self.as_of_us).map(|as_of| as_of.to_string()).ok(),
            "period_closed": self.period_closed,
            "policies": self.policies,
            "holidays_end": self.holidays_end.iter().map(|(policy, calendar, last)| {
                json!({ "policy": policy, "calendar": calendar, "last_holiday": last })
            }).collect::<Vec<_>>(),
            "overall": self.overall,
            "by_severity": self.by_severity,
            "breaches": self.breaches,
            "worst_breaches": self.worst_breaches,
            "pending": self.pending,
            "next_to_breach": self.next_to_breach,
            "inputs": self.inputs.iter().map(input).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().cloned().collect::<BTreeMap<_, _>>(),
            "report": folder.display().to_string(),
        });
        format!("{summary:#}\n")
    }

    /// The summary for a person, of the report in a folder.
    pub(super) fn text(&self, folder: &Path, language: &'static Language, printer: &Printer) -> String {
        Told { summary: self, language, printer }.text(folder)
    }
}

/// What is worth knowing of facts, told at the time `now`.
pub(super) fn notes_of(facts: &Facts, now: i64) -> Vec<String> {
    notes(facts.ticket_count(), facts.as_of, facts.updates_known, &ends(facts), now)
}

/// The calendars whose holidays end too early.
fn ends(facts: &Facts) -> Vec<(String, String, String)> {
    let ends = facts.holidays_end().into_iter();
    ends.map(|end| (end.policy, end.calendar, end.last.to_string())).collect()
}

/// What is worth knowing of figures of so many tickets as of an instant.
fn notes(
    tickets: usize,
    as_of: Instant,
    updates_known: bool,
    holidays_end: &[(String, String, String)],
    now: i64,
) -> Vec<String> {
    let mut notes = Vec::new();
    if tickets == 0 {
        notes.push("no ticket was submitted by then: the report is empty".to_owned());
    }
    if as_of.micros() > now {
        notes.push(format!(
            "the latest instant in the inputs, {as_of}, lies in the future: a slip in a row? --as-of sets another"
        ));
    }
    if !updates_known {
        notes
            .push("there are no updates: only the first response is measured, no update interval".to_owned());
    }
    for (policy, calendar, last) in holidays_end {
        notes.push(format!(
            "the holidays of calendar {calendar} in {policy} end on {last}: later ones count as working days until they are added"
        ));
    }
    notes
}

/// A summary on its way to a terminal.
struct Told<'a> {
    summary: &'a Summary,
    language: &'static Language,
    printer: &'a Printer,
}

/// A text among a row's cells; empty where there is none.
fn text<'c>(cells: &'c Cells, column: &str) -> &'c str {
    cells.get(column).and_then(Value::as_str).unwrap_or_default()
}

fn int(cells: &Cells, column: &str) -> Option<i64> {
    cells.get(column).and_then(Value::as_i64)
}

fn float(cells: &Cells, column: &str) -> Option<f64> {
    cells.get(column).and_then(Value::as_f64)
}

impl Told<'_> {
    fn text(&self, folder: &Path) -> String {
        let (summary, words) = (self.summary, &self.language.words.summary);
        let heading = filled(
            &words.heading,
            &[
                ("period", &summary.period_name),
                ("as_of", &summary.as_of_name),
                ("policy", &summary.policies.join(", ")),
            ],
        );
        let mut out = String::new();
        for line in wrapped(&heading, self.printer.width) {
            out.push_str(&format!("{}\n", self.printer.styled(&line, Style::Heading)));
        }
        self.compliance(&mut out);
        self.breaches(&mut out);
        self.pending(&mut out);
        self.rows(&mut out);
        let name = if summary.tickets == 0 { "" } else { "/report.html" };
        out.push_str(&format!("\n{}  {}{name}\n", words.report, folder.display()));
        out
    }

    fn compliance(&self, out: &mut String) {
        let (Some(overall), Some(severities)) = (&self.summary.overall, &self.summary.by_severity) else {
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
            let of_severity = severities.iter().filter(|row| int(row, "severity") == Some(number));
            self.measures(&mut rows, &number.to_string(), of_severity.collect());
        }
        self.measures(&mut rows, &words.all, overall.iter().collect());
        out.push('\n');
        out.push_str(&grid::set(self.printer, 0, &columns, &rows));
    }

    /// The rows of one severity, a metric each; the ticket as a whole comes last.
    fn measures(&self, into: &mut Vec<Vec<Cell>>, severity: &str, mut rows: Vec<&Cells>) {
        let language = self.language;
        rows.sort_by_key(|row| text(row, "metric") == "ticket");
        for (place, row) in rows.into_iter().enumerate() {
            let counted = |name: &str| plain(language.count(int(row, name).unwrap_or_default()));
            let ends = float(row, "compliance_low").zip(float(row, "compliance_high"));
            let interval =
                ends.map(|(low, high)| language.range(&language.percent(low), &language.percent(high)));
            let spent = |name: &str| {
                plain(float(row, name).map_or_else(String::new, |hours| language.number(hours, 1)))
            };
            let met =
                float(row, "compliance").map_or_else(|| "–".to_owned(), |share| language.percent(share));
            let style = match (int(row, "measured"), int(row, "breached")) {
                (Some(0) | None, _) => None,
                (_, Some(0)) => Some(Style::Good),
                _ => Some(Style::Bad),
            };
            into.push(vec![
                plain(if place == 0 { severity } else { "" }),
                plain(language.value("metric", text(row, "metric"))),
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

    fn breaches(&self, out: &mut String) {
        let (language, words) = (self.language, &self.language.words.summary);
        let (Some(count), Some(worst)) = (self.summary.breaches, &self.summary.worst_breaches) else {
            return;
        };
        out.push('\n');
        if count == 0 {
            out.push_str(&format!("{}\n", self.printer.styled(&words.no_breach, Style::Good)));
            return;
        }
        let title = language.counted(count as i64, &words.worst);
        out.push_str(&format!("{}\n", self.printer.styled(&title, Style::Heading)));
        let row = |row: &Cells| {
            let over = filled(&words.over, &[("hours", &self.hours(row, "over_h"))]);
            let mut cells = vec![(over, Some(Style::Bad))];
            cells.extend(self.named(row));
            cells
        };
        let rows: Vec<_> = worst.iter().map(row).collect();
        out.push_str(&grid::set(self.printer, 2, &self.naming(), &rows));
    }

    fn pending(&self, out: &mut String) {
        let (language, words) = (self.language, &self.language.words.summary);
        let (Some(count), Some(next)) = (self.summary.pending, &self.summary.next_to_breach) else { return };
        if count == 0 {
            return;
        }
        let title = language.counted(count as i64, &words.next);
        out.push_str(&format!("\n{}\n", self.printer.styled(&title, Style::Heading)));
        let row = |row: &Cells| {
            let left = filled(&words.left, &[("hours", &self.hours(row, "remaining_h"))]);
            let due = text(row, "due_local").parse::<NaiveDateTime>().ok();
            let due = due.map(|due| language.date_time(due.and_utc().timestamp_micros()));
            let mut cells = vec![plain(left)];
            cells.extend(self.named(row));
            cells.push(plain(filled(&words.due, &[("instant", &due.unwrap_or_default())])));
            cells.push(plain(text(row, "timezone")));
            cells
        };
        let rows: Vec<_> = next.iter().map(row).collect();
        let mut columns = self.naming();
        columns.extend([Column::text(""), Column::text("").rank(2)]);
        out.push_str(&grid::set(self.printer, 2, &columns, &rows));
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
    fn named(&self, row: &Cells) -> [Cell; 4] {
        let (language, words) = (self.language, &self.language.words.summary);
        let severity = int(row, "severity").unwrap_or_default().to_string();
        [
            plain(text(row, "ticket_id")),
            plain(filled(&words.of_severity, &[("severity", &severity)])),
            plain(language.value("metric", text(row, "metric"))),
            plain(text(row, "customer")),
        ]
    }

    fn hours(&self, row: &Cells, column: &str) -> String {
        self.language.hours_minutes_of(float(row, column).unwrap_or_default())
    }

    fn rows(&self, out: &mut String) {
        let (language, words) = (self.language, &self.language.words.summary);
        let columns = [
            Column::text(&words.file).least(12),
            Column::number(&words.read),
            Column::number(&words.accepted),
            Column::number(&words.rejected),
            Column::text(&words.reasons).least(12).rank(1),
        ];
        let told = |column: &str, counts: &mut dyn Iterator<Item = (&str, u64)>| -> String {
            let told = counts.map(|(name, times)| {
                format!("{}: {}", language.value(column, name), language.count(times as i64))
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let row = |input: &Input| {
            vec![
                plain(&input.file),
                plain(language.count(input.read as i64)),
                plain(language.count(input.accepted as i64)),
                (language.count(input.rejected as i64), (input.rejected > 0).then_some(Style::Bad)),
                plain(told("reason", &mut input.reasons.iter().map(|(name, rows)| (name.as_str(), *rows)))),
            ]
        };
        let rows: Vec<_> = self.summary.inputs.iter().map(row).collect();
        out.push('\n');
        out.push_str(&grid::set(self.printer, 0, &columns, &rows));
        let warnings = &self.summary.warnings;
        if !warnings.is_empty() {
            let told = told("warning", &mut warnings.iter().map(|(kind, times)| (kind.as_str(), *times)));
            let line = format!("{}\n", filled(&words.warnings, &[("what", &told)]));
            out.push_str(&self.printer.styled(&line, Style::Faint));
        }
    }
}

/// A text in lines of so many columns, parted where it has a dot between two things.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
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
pub(super) fn rows(table: &Table, most: usize) -> Vec<Cells> {
    let cell = |values: &Values, row: usize| match values {
        Values::Text(values) => json!(values.get(row)),
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
    (0..table.rows().min(most)).map(object).collect()
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
