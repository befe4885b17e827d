//! The short summary that `compare` prints: for a person, or as JSON.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::grid::{self, Cell, Column, plain};
use super::printer::{Printer, Style};
use super::summary::{rows, wrapped};
use crate::compare::{Change, Sides};
use crate::language::filled;
use crate::measure::Outcome;
use crate::report::Comparison;
use crate::table::Table;

/// Changes and differences that the summary names.
const NAMED: usize = 5;
/// Changes that the JSON holds; the others stand in the folder.
const IN_JSON: usize = 20;

/// A comparison that was published, on its way to a terminal.
pub(super) struct Told<'a> {
    pub(super) comparison: &'a Comparison<'a>,
    pub(super) folder: &'a Path,
}

impl Told<'_> {
    /// That changes are unexplained, where some are.
    pub(super) fn unexplained(&self) -> Option<String> {
        let (language, count) = (self.comparison.language, self.comparison.tally.unexplained());
        (count > 0).then(|| language.counted(count as i64, &language.words.comparison.unexplained))
    }

    /// The summary as JSON.
    pub(super) fn json(&self) -> String {
        let tally = self.comparison.tally;
        let counts = |counts: Vec<(String, u64)>| {
            counts.into_iter().map(|(name, count)| (name, json!(count))).collect::<Map<_, _>>()
        };
        let turned = tally.turned().into_iter().map(|(turned, count)| (turned.name().to_owned(), count));
        let causes = tally.causes().into_iter().map(|(causes, count)| (causes.to_string(), count));
        let table = |name: &str| Table::named(self.comparison.tables, name);
        let all = |name: &str, most: usize| table(name).map(|table| rows(table, most)).unwrap_or_default();
        let difference = |of: &crate::compare::Difference| json!({ "what": of.what, "name": of.name, "before": of.before, "after": of.after });
        let [before, after] = self.comparison.of.names();
        let summary = json!({
            "before": before,
            "after": after,
            "totals": all("totals", usize::MAX),
            "changes": tally.changes.len(),
            "turned": counts(turned.collect()),
            "causes": counts(causes.collect()),
            "other_figures": tally.other_figures,
            "unexplained": tally.unexplained(),
            "first_changes": all("changes", IN_JSON),
            "differences": self.comparison.differences.iter().map(difference).collect::<Vec<Value>>(),
            "comparison": self.folder.display().to_string(),
        });
        format!("{summary:#}\n")
    }

    /// The summary for a person.
    pub(super) fn text(&self, printer: &Printer) -> String {
        let (language, tally) = (self.comparison.language, self.comparison.tally);
        let words = &language.words.comparison;
        let heading = filled(&words.summary, &[("what", &self.comparison.of.title(language))]);
        let mut out = String::new();
        for line in wrapped(&heading, printer.width) {
            out.push_str(&format!("{}\n", printer.styled(&line, Style::Heading)));
        }
        self.totals(printer, &mut out);
        self.differences(printer, &mut out);
        out.push('\n');
        match tally.changes.is_empty() {
            true => out.push_str(&format!("{}\n", printer.styled(&words.nothing_turned, Style::Good))),
            false => self.changes(printer, &mut out),
        }
        if tally.other_figures > 0 {
            let line = language.counted(tally.other_figures as i64, &words.other_figures);
            out.push_str(&format!("{}\n", printer.styled(&line, Style::Faint)));
        }
        if let Some(line) = self.unexplained() {
            out.push_str(&format!("\n{}\n", printer.styled(&line, Style::Bad)));
        }
        out.push_str(&format!("\n{}  {}/compare.html\n", words.kind, self.folder.display()));
        out
    }

    /// The totals by severity, and of all.
    fn totals(&self, printer: &Printer, out: &mut String) {
        let language = self.comparison.language;
        let (words, labels) = (&language.words.comparison, &language.words.summary);
        let columns = [
            Column::text(&labels.severity),
            Column::text(&labels.metric),
            Column::number(&labels.measured).rank(1),
            Column::number(&words.in_time_before),
            Column::number(&words.in_time_after),
            Column::number(&words.points),
            Column::number(&words.was_breached),
            Column::number(&words.is_breached),
        ];
        let totals = self.comparison.tally.totals.rows();
        let (all, severities): (Vec<_>, Vec<_>) = totals
            .into_iter()
            .filter(|(dimension, ..)| matches!(*dimension, "all" | "severity"))
            .partition(|(dimension, ..)| *dimension == "all");
        let mut shown = "";
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let all_rows: Vec<_> = severities.iter().chain(&all).collect();
        for (dimension, value, metric, sides) in all_rows {
            let value = if *dimension == "all" { labels.all.as_str() } else { value.as_str() };
            let first = if value == shown { "" } else { value };
            shown = value;
            rows.push(self.total(first, metric, *sides));
        }
        out.push('\n');
        out.push_str(&grid::set(printer, 0, &columns, &rows));
    }

    fn total(&self, value: &str, metric: &str, sides: Sides) -> Vec<Cell> {
        let language = self.comparison.language;
        let share =
            |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| language.percent(share));
        let count = |number: u64| language.count(number as i64);
        let points = sides.compliance_change().map(|change| language.points(change)).unwrap_or_default();
        let style = match points.chars().next() {
            Some('+') => Some(Style::Good),
            Some('−') => Some(Style::Bad),
            _ => None,
        };
        vec![
            plain(value),
            plain(language.value("metric", metric)),
            plain(count(sides.after.measured())),
            plain(share(sides.before.compliance())),
            plain(share(sides.after.compliance())),
            (points, style),
            plain(count(sides.before.breached)),
            plain(count(sides.after.breached)),
        ]
    }

    /// What the two sides were made of, as far as it differs.
    fn differences(&self, printer: &Printer, out: &mut String) {
        let language = self.comparison.language;
        let (words, labels) = (&language.words.comparison, &language.words.summary);
        let differences = self.comparison.differences;
        out.push('\n');
        if differences.is_empty() {
            out.push_str(&format!("{}\n", printer.styled(&words.nothing_differs, Style::Faint)));
            return;
        }
        out.push_str(&format!("{}\n", printer.styled(&words.made_of, Style::Heading)));
        let cell = |text: Option<String>| plain(text.unwrap_or_else(|| "–".to_owned()));
        let row = |of: &crate::compare::Difference| {
            let what = language.value("what_differs", of.what);
            let [before, after] = of.in_short();
            vec![plain(what), plain(of.name.as_str()), cell(before), cell(after)]
        };
        let columns = [
            Column::text(""),
            Column::text("").least(16),
            Column::text("").least(14),
            Column::text("").least(14),
        ];
        let most = 2 * NAMED;
        let rows: Vec<_> = differences.iter().take(most).map(row).collect();
        out.push_str(&grid::set(printer, 2, &columns, &rows));
        if differences.len() > most {
            let more = language.counted((differences.len() - most) as i64, &labels.more);
            out.push_str(&printer.styled(&format!("  … {more}\n"), Style::Faint));
        }
    }

    fn changes(&self, printer: &Printer, out: &mut String) {
        let (language, tally) = (self.comparison.language, self.comparison.tally);
        let (words, labels) = (&language.words.comparison, &language.words.summary);
        let title = language.counted(tally.changes.len() as i64, &words.turned);
        out.push_str(&format!("{}\n", printer.styled(&title, Style::Heading)));
        let told = |counts: Vec<(String, u64)>| -> String {
            let each = counts.into_iter().map(|(what, count)| {
                filled(&words.turned_by, &[("what", &what), ("n", &language.count(count as i64))])
            });
            each.collect::<Vec<_>>().join(" · ")
        };
        let turned = tally
            .turned()
            .into_iter()
            .map(|(turned, count)| (language.value("turned", turned.name()).to_owned(), count));
        let causes =
            tally.causes().into_iter().map(|(causes, count)| (language.causes(&causes.to_string()), count));
        for line in [told(turned.collect()), told(causes.collect())] {
            for line in wrapped(&line, printer.width.saturating_sub(2)) {
                out.push_str(&format!("  {line}\n"));
            }
        }
        let title = language.counted(tally.changes.len() as i64, &words.first_changes);
        out.push_str(&format!("\n{}\n", printer.styled(&title, Style::Heading)));
        let columns = [
            Column::text(""),
            Column::text("").least(8),
            Column::text(""),
            Column::text("").rank(1),
            Column::text("").least(9),
            Column::text("").least(12),
        ];
        let row = |change: &Change| {
            let severity = change.severity().number().to_string();
            let late = change.pair.after().is_some_and(|after| after.outcome == Outcome::Breached);
            let turned = language.value("turned", change.turned.name()).to_owned();
            vec![
                (turned, late.then_some(Style::Bad)),
                plain(change.ticket.as_str()),
                plain(filled(&labels.of_severity, &[("severity", &severity)])),
                plain(language.value("metric", change.pair.shown().metric.name())),
                plain(change.customer.as_str()),
                plain(language.causes(&change.causes.to_string())),
            ]
        };
        let rows: Vec<_> = tally.changes.iter().take(NAMED).map(row).collect();
        out.push_str(&grid::set(printer, 2, &columns, &rows));
    }
}
