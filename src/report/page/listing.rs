//! A table of the report on a page: chosen columns, figures as people read them, cut where it is
//! long, with its whole file named.

use maud::{Markup, html};

use super::file;
use super::rows;
use crate::language::{Language, filled};
use crate::table::{Table, Values};

/// The columns of every table of compliance, after its keys.
const COMPLIANCE: [&str; 9] =
    ["metric", "compliance", INTERVAL, "measured", "met", "breached", "pending", "p50_h", "p90_h"];

/// Stands for the two ends of the interval, which are one column on a page.
const INTERVAL: &str = "compliance_interval";

/// A table as it is shown.
pub(super) struct Listing<'a> {
    pub(super) language: &'static Language,
    pub(super) table: &'a Table,
    /// The columns, in order.
    pub(super) columns: &'a [&'a str],
    /// How many of the first columns tell rows apart.
    pub(super) keys: usize,
    /// How many rows at most.
    pub(super) most: usize,
    /// Whether the reader can search it.
    pub(super) filter: bool,
    /// What stands below a row.
    pub(super) more: Option<&'a dyn Fn(usize) -> Markup>,
    /// Whether figures lead to the rows behind them.
    pub(super) counted: bool,
    /// Its anchor and what it is called on its page, where that is not by the name of its table.
    pub(super) named: Option<(&'a str, &'a str)>,
}

impl<'a> Listing<'a> {
    /// All columns of a table, whatever they are.
    pub(super) fn all(language: &'static Language, table: &'a Table, columns: &'a [&'a str]) -> Listing<'a> {
        Listing {
            language,
            table,
            columns,
            keys: 1,
            most: 200,
            filter: true,
            more: None,
            counted: false,
            named: None,
        }
    }

    pub(super) fn markup(&self) -> Markup {
        let words = &self.language.words.page;
        let rows = self.table.rows();
        let shown = rows.min(self.most);
        let path = format!("tables/{}.csv", self.table.name);
        let own = (self.table.name.as_str(), self.language.table_title(self.table));
        let (anchor, title) = self.named.unwrap_or(own);
        html! {
            @if rows == 0 { p class="muted" { (words.no_rows) } }
            @else {
                div class="wide" tabindex="0" role="group" aria-label=(title) {
                    table class="data" id={ (anchor) "-table" } data-sort data-filter[self.filter && shown > 12] {
                        caption { (self.caption(shown, rows)) " " (file(&path)) }
                        thead { tr { @for column in self.columns { (self.heading(column)) } } }
                        @if self.more.is_some() {
                            @for row in 0..shown { tbody { (self.row(row)) } }
                        } @else {
                            tbody { @for row in 0..shown { (self.row(row)) } }
                        }
                    }
                }
            }
        }
    }

    fn caption(&self, shown: usize, rows: usize) -> String {
        let words = &self.language.words.page;
        let count = |number: usize| self.language.count(number as i64);
        if shown < rows {
            filled(&words.cut, &[("shown", &count(shown)), ("all", &count(rows))])
        } else {
            self.language.counted(rows as i64, &words.whole)
        }
    }

    fn heading(&self, column: &str) -> Markup {
        let number = self.is_number(column);
        let words = &self.language.words.page;
        let label = if column == INTERVAL { &words.interval } else { self.label(column) };
        let meaning =
            self.table.columns.iter().find(|of| of.name == column).map(|of| self.language.column_meaning(of));
        html! { th scope="col" class=[number.then_some("num")] title=[meaning.filter(|text| !text.is_empty())] { (label) } }
    }

    /// What a column is called: hours need no unit in the heading, since each cell names it.
    fn label<'b>(&'b self, column: &'b str) -> &'b str {
        let label = self.language.column_label(column);
        if column.ends_with("_h") { label.trim_end_matches("(h)").trim_end() } else { label }
    }

    fn is_number(&self, column: &str) -> bool {
        column == INTERVAL
            || matches!(self.table.values(column), Some(Values::Int(_) | Values::Float(_)))
                && !matches!(column, "severity")
    }

    fn row(&self, row: usize) -> Markup {
        let again = |key: &&str| {
            row > 0 && rows::plain(self.table, key, row) == rows::plain(self.table, key, row - 1)
        };
        let keys = &self.columns[..self.keys.min(self.columns.len())];
        let repeats = self.counted && !keys.is_empty() && keys.iter().all(again);
        let class = match (repeats, self.counted, self.more.is_some()) {
            (true, ..) => Some("again"),
            (false, true, _) => Some("first"),
            (.., true) => Some("has-more"),
            _ => None,
        };
        let told = |key: &str| rows::plain(self.table, key, row);
        html! {
            tr class=[class] data-metric=[told("metric")] data-severity=[told("severity")] data-customer=[told("customer")]
                data-tier=[told("tier")] data-region=[told("region")] data-account-manager=[told("account_manager")] {
                @for (place, column) in self.columns.iter().enumerate() {
                    @if place < self.keys {
                        th scope="row" class="key" data-value=[self.sorted_by(column, row)] { (self.cell(column, row)) }
                    } @else {
                        td class=[self.is_number(column).then_some("num")] data-value=[self.sorted_by(column, row)] { (self.cell(column, row)) }
                    }
                }
            }
            @if let Some(more) = self.more {
                tr class="more" { td colspan=(self.columns.len()) { (more(row)) } }
            }
        }
    }

    /// The number that a cell is sorted by, where it has one.
    fn sorted_by(&self, column: &str, row: usize) -> Option<String> {
        let column = if column == INTERVAL { "compliance_low" } else { column };
        match self.table.values(column)? {
            Values::Int(values) | Values::Instant(values) | Values::Local(values) => {
                Some(values.get(row)?.map(|value| value.to_string()).unwrap_or_default())
            }
            Values::Float(values) => {
                Some(values.get(row)?.map(|value| value.to_string()).unwrap_or_default())
            }
            _ => None,
        }
    }

    fn cell(&self, column: &str, row: usize) -> Markup {
        let language = self.language;
        let table = self.table;
        if column == INTERVAL {
            let ends = table.float("compliance_low", row).zip(table.float("compliance_high", row));
            return html! { @if let Some((low, high)) = ends { (language.range(&language.percent(low), &language.percent(high))) } };
        }
        match table.values(column) {
            Some(Values::Float(_)) => self.real(column, row),
            Some(Values::Int(_)) => self.whole(column, row),
            Some(Values::Instant(_) | Values::Local(_)) => {
                html! { @if let Some(micros) = table.int(column, row) { span class="when" { (language.date_time(micros)) } } }
            }
            Some(Values::Bool(values)) => match values.get(row).copied().flatten() {
                Some(true) => html! { (language.words.page.yes) },
                Some(false) => html! { (language.words.page.no) },
                None => html! {},
            },
            Some(Values::Text(_)) => {
                let text = table.text(column, row).unwrap_or_default();
                // A name may be written from right to left; it turns nothing around it.
                let text = match column {
                    "month" => language.month(text),
                    "cause" => language.causes(text),
                    // Of either side of a comparison.
                    "before_outcome" | "after_outcome" => language.value("outcome", text).to_owned(),
                    _ => language.value(column, text).to_owned(),
                };
                html! { @if text.is_empty() { span class="muted" { "–" } } @else { bdi { (text) } } }
            }
            None => html! {},
        }
    }

    fn real(&self, column: &str, row: usize) -> Markup {
        let language = self.language;
        let Some(value) = self.table.float(column, row) else {
            return html! { span class="muted" { "–" } };
        };
        if column == "compliance_change" {
            return points(language, value);
        }
        if column.ends_with("compliance") {
            let width = format!("--v:{:.1}%", value * 100.0);
            return html! { span class="share" style=(width) { (language.percent(value)) } };
        }
        let text = match column {
            name if name.ends_with("_h") => language.hours_minutes_of(value),
            name if name.ends_with("_min") => language.number(value, 1),
            _ => language.number(value, 2),
        };
        let over = column == "over_h" || column == "margin_min" && value <= 0.0;
        html! { @if over { span class="outcome-bad" { (text) } } @else { (text) } }
    }

    fn whole(&self, column: &str, row: usize) -> Markup {
        let language = self.language;
        let Some(value) = self.table.int(column, row) else { return html! { span class="muted" { "–" } } };
        let text = match column {
            "severity" | "sequence" | "hour" | "started_hour" => value.to_string(),
            "started_weekday" => {
                usize::try_from(value).map_or_else(|_| String::new(), |day| language.weekday(day).to_owned())
            }
            _ => language.count(value),
        };
        let keys = &self.columns[..self.keys.min(self.columns.len())];
        match self.counted && matches!(column, "measured" | "met" | "breached" | "pending") {
            true => figure(language, self.table, keys, row, column),
            false => html! { (text) },
        }
    }
}

/// The difference of two shares, in points of percent.
pub(super) fn points(language: &Language, difference: f64) -> Markup {
    let points = language.points(difference);
    let class = match points.chars().next() {
        Some('+') => "up",
        Some('−') => "down",
        _ => "muted",
    };
    html! { span class=(class) { (filled(&language.words.page.card_points, &[("points", &points)])) } }
}

/// A count of a table of compliance with these keys, which leads to the rows behind it.
pub(super) fn figure(
    language: &'static Language,
    table: &Table,
    keys: &[&str],
    row: usize,
    column: &str,
) -> Markup {
    let text = language.count(table.int(column, row).unwrap_or_default());
    let Some(behind) = rows::behind(table, keys, row, column) else { return html! { (text) } };
    let mut named: Vec<String> = keys
        .iter()
        .map(|key| {
            let value = rows::plain(table, key, row).unwrap_or_default();
            let value =
                if *key == "month" { language.month(&value) } else { language.value(key, &value).to_owned() };
            format!("{} {value}", language.column_label(key))
        })
        .collect();
    named.push(language.value("metric", table.text("metric", row).unwrap_or_default()).to_owned());
    let label = filled(
        &language.words.page.rows_of,
        &[("figure", language.column_label(column)), ("of", &named.join(", ")), ("n", &text)],
    );
    let (list, wanted) =
        behind.list.as_ref().map_or((None, None), |(list, wanted)| (Some(*list), Some(wanted)));
    // Breaches and open clocks stand on the page; of other rows the page says how to ask for them.
    let target = match list {
        Some("breaches-table") => "#breaches",
        Some(_) => "#pending",
        None => "#rows",
    };
    html! { a class="rows" href=(target) aria-label=(label) data-sql=(behind.sql) data-list=[list] data-where=[wanted] { (text) } }
}

/// A table of compliance with its keys.
pub(super) fn compliance(language: &'static Language, table: &Table, keys: &[&str], most: usize) -> Markup {
    let has = |column: &&&str| **column == INTERVAL || table.values(column).is_some();
    let columns: Vec<&str> = keys.iter().chain(COMPLIANCE.iter().filter(has)).copied().collect();
    Listing {
        language,
        table,
        columns: &columns,
        keys: keys.len(),
        most,
        filter: true,
        more: None,
        counted: true,
        named: None,
    }
    .markup()
}
