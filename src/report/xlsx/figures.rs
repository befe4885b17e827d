//! What the charts show, taken from the tables.

use std::collections::BTreeMap;

use crate::language::Language;
use crate::table::Table;

/// The most customers of their chart.
const CUSTOMERS: usize = 10;
/// The most months of the trend: a year, and the same month of the year before.
const MONTHS: i64 = 13;
/// The longest name along an axis, in characters.
const NAME: usize = 40;

/// How a chart draws its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Standing columns, side by side.
    Columns,
    /// Lines.
    Lines,
    /// Lying bars, one series added to the other.
    Bars,
}

/// The figures of one chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) shape: Shape,
    pub(super) title: String,
    /// What the categories are: `Severity`.
    pub(super) along: String,
    /// What the values are: `In time`.
    pub(super) values: String,
    pub(super) categories: Vec<String>,
    pub(super) series: Vec<Series>,
}

/// The figures of one series, one for each category.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    /// Whether it is the second one, also where the first is left out.
    pub(super) second: bool,
    pub(super) figures: Vec<Option<f64>>,
}

/// The charts there are figures for, in the order in which they are shown.
pub(super) fn all(tables: &[Table], language: &Language) -> Vec<Picture> {
    let table = |name: &str| tables.iter().find(|table| table.name == name);
    let charts = [
        table("by_severity").and_then(|table| by_severity(table, language)),
        table("by_month").and_then(|table| by_month(table, language)),
        table("by_customer").and_then(|table| by_customer(table, language)),
    ];
    charts.into_iter().flatten().collect()
}

fn by_severity(table: &Table, language: &Language) -> Option<Picture> {
    let mut rows: BTreeMap<i64, Pair> = BTreeMap::new();
    for row in 0..table.rows() {
        let (Some(severity), Some(place)) = (table.int("severity", row), place(table, row)) else { continue };
        rows.entry(severity).or_default()[place] = table.float("compliance", row);
    }
    let rows = rows.into_iter().map(|(severity, pair)| (severity.to_string(), pair)).collect();
    let title = language.table_title(table);
    picture(Shape::Columns, title, "severity", language.column_label("compliance"), rows, language)
}

fn by_month(table: &Table, language: &Language) -> Option<Picture> {
    let mut rows: BTreeMap<i64, Pair> = BTreeMap::new();
    for row in 0..table.rows() {
        let month = table.text("month", row).and_then(month_number);
        let (Some(month), Some(place)) = (month, place(table, row)) else { continue };
        rows.entry(month).or_default()[place] = table.float("compliance", row);
    }
    let (&first, &last) = (rows.keys().next()?, rows.keys().next_back()?);
    // A month in which nothing was measured has its place on the axis, and no point.
    let months = first.max(last - MONTHS + 1)..=last;
    let name = |month: i64| language.month_short(month.div_euclid(12), month.rem_euclid(12) as usize + 1);
    let rows = months.map(|month| (name(month), rows.get(&month).copied().unwrap_or_default())).collect();
    let title = language.table_title(table);
    picture(Shape::Lines, title, "month", language.column_label("compliance"), rows, language)
}

fn by_customer(table: &Table, language: &Language) -> Option<Picture> {
    let mut customers: BTreeMap<&str, Pair> = BTreeMap::new();
    for row in 0..table.rows() {
        let (Some(customer), Some(place)) = (table.text("customer", row), place(table, row)) else {
            continue;
        };
        customers.entry(customer).or_default()[place] = table.float("breached", row);
    }
    if customers.len() < 2 {
        // One bar compares nothing.
        return None;
    }
    let breaches = |pair: &Pair| pair.iter().flatten().sum::<f64>();
    let mut most: Vec<(&str, Pair)> =
        customers.into_iter().filter(|(_, pair)| breaches(pair) > 0.0).collect();
    most.sort_by(|(_, a), (_, b)| breaches(b).total_cmp(&breaches(a)));
    most.truncate(CUSTOMERS);
    let rows = most.into_iter().map(|(name, pair)| (short(name), pair)).collect();
    let words = &language.words.workbook;
    picture(Shape::Bars, &words.customers_most, "customer", &words.breaches, rows, language)
}

/// The figures of responses and of updates.
type Pair = [Option<f64>; 2];

/// Which of the two a row is about; `None` for the ticket as a whole.
fn place(table: &Table, row: usize) -> Option<usize> {
    match table.text("metric", row)? {
        "response" => Some(0),
        "update" => Some(1),
        _ => None,
    }
}

/// A chart of these rows, if there is anything on it.
fn picture(
    shape: Shape,
    title: &str,
    along: &str,
    values: &str,
    rows: Vec<(String, Pair)>,
    language: &Language,
) -> Option<Picture> {
    let words = &language.words.workbook;
    let series = |place: usize, name: &String| {
        let figures: Vec<Option<f64>> = rows.iter().map(|(_, pair)| pair[place]).collect();
        let some = figures.iter().any(Option::is_some);
        some.then(|| Series { name: name.clone(), second: place == 1, figures })
    };
    let series: Vec<Series> =
        [series(0, &words.responses), series(1, &words.updates)].into_iter().flatten().collect();
    if series.is_empty() {
        return None;
    }
    Some(Picture {
        shape,
        title: title.to_owned(),
        along: language.column_label(along).to_owned(),
        values: values.to_owned(),
        categories: rows.into_iter().map(|(name, _)| name).collect(),
        series,
    })
}

/// The months from year 0 to a month written `YYYY-MM`.
fn month_number(text: &str) -> Option<i64> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse::<i64>().ok()?, month.parse::<i64>().ok()?);
    ((1..=12).contains(&month) && (0..10_000).contains(&year)).then(|| year * 12 + month - 1)
}

fn short(name: &str) -> String {
    match name.chars().count() > NAME {
        true => name.chars().take(NAME - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
