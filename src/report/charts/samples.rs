//! Made-up tables for looking at the charts and for testing them.

use super::Context;
use crate::language::Language;
use crate::table::{Column, Table, Values};

/// How much a sample holds.
#[derive(Debug, Clone)]
pub struct Size {
    /// Severities with anything measured.
    pub severities: i64,
    /// Months, up to May 2024.
    pub months: i64,
    /// The regions' names.
    pub regions: Vec<String>,
    /// The customers' names.
    pub customers: Vec<String>,
    /// About so many measurements in a row.
    pub scale: i64,
    /// The targets at severity 1.
    pub targets: Vec<f64>,
}

/// A month's report of an ordinary help desk.
pub fn typical() -> Size {
    Size {
        severities: 4,
        months: 14,
        regions: ["AMER", "APAC", "EMEA"].map(str::to_owned).to_vec(),
        customers: (1..=30).map(|number| format!("Customer {number} GmbH & Co. KG")).collect(),
        scale: 400,
        targets: vec![8.0],
    }
}

/// More and longer than anyone should have.
pub fn extreme() -> Size {
    let name = |number: i64| match number % 4 {
        0 => format!("{number} Общество с ограниченной ответственностью «Северное сияние» ").repeat(5),
        1 => format!("{number} Société Générale d'Électricité et de Téléphonie à Besançon ").repeat(5),
        2 => "W".repeat(300 + number as usize),
        _ => format!("<script>alert({number})</script> & \"Söhne\" 'AG' \u{202e}漢字"),
    };
    Size {
        severities: 4,
        months: 150,
        regions: (0..45).map(name).collect(),
        customers: (0..40).map(name).collect(),
        scale: 1_000_000,
        targets: vec![2.0, 4.0, 8.0],
    }
}

/// One of everything.
pub fn single() -> Size {
    let one = || vec!["Only one".to_owned()];
    Size { severities: 1, months: 1, regions: one(), customers: one(), scale: 1, targets: vec![8.0] }
}

/// Tables without a row.
pub fn nothing() -> Size {
    Size { severities: 0, months: 0, regions: vec![], customers: vec![], scale: 0, targets: vec![] }
}

/// The context of every sample, in a language.
pub fn context(language: &'static Language) -> Context {
    let zone_rule = match language.code() {
        "fr" => "heures ouvrées et mois comptés à l’horloge de chaque client",
        _ => "working hours and months on each customer's own clock",
    };
    Context {
        language,
        period: language.month("2024-05"),
        as_of: "2024-05-31 23:59 UTC".to_owned(),
        policy: "northern@2000-01-01".to_owned(),
        zone_rule: zone_rule.to_owned(),
    }
}

/// The cells of one row.
enum Cell {
    Text(String),
    Int(i64),
    Float(Option<f64>),
}

/// A table from rows of cells, with the columns that measures have left out of the names.
fn table(name: &str, names: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let column = |(index, name): (usize, &&str)| {
        let cells = || rows.iter().filter_map(|row| row.get(index));
        let ints = || cells().map(|cell| if let Cell::Int(value) = cell { Some(*value) } else { None });
        let floats = || cells().map(|cell| if let Cell::Float(value) = cell { *value } else { None });
        let texts =
            || cells().map(|cell| if let Cell::Text(value) = cell { Some(value.clone()) } else { None });
        let values = match cells().next() {
            Some(Cell::Float(_)) => Values::Float(floats().collect()),
            Some(Cell::Text(_)) => Values::Text(texts().collect()),
            _ => Values::Int(ints().collect()),
        };
        Column { name: (*name).to_owned(), meaning: String::new(), values }
    };
    let columns = names.iter().enumerate().map(column).collect();
    Table { name: name.to_owned(), title: String::new(), grain: String::new(), columns }
}

const MEASURES: [&str; 7] =
    ["measured", "met", "breached", "pending", "compliance", "compliance_low", "compliance_high"];

/// The cells of a measure, with its interval.
fn measure(measured: i64, breached: i64) -> Vec<Cell> {
    let n = measured as f64;
    let share = (measured - breached) as f64 / n;
    let (z, spread) = (1.96_f64, share * (1.0 - share) / n);
    let center = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (spread + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    let some = |value: f64| Cell::Float((measured > 0).then(|| value.clamp(0.0, 1.0)));
    let mut cells: Vec<Cell> = [measured, measured - breached, breached, 3].map(Cell::Int).into();
    cells.extend([some(share), some(center - half), some(center + half)]);
    cells
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % limit.max(1)
    }

    /// A measure of about this size, with up to one in `worst` breached.
    fn measure(&mut self, scale: i64, worst: i64) -> Vec<Cell> {
        let measured = scale.max(1) + self.below(scale.max(1));
        let breached = self.below((measured / worst).max(2)).min(measured);
        measure(measured, breached)
    }
}

const METRICS: [&str; 3] = ["response", "ticket", "update"];

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// A table of measures, one row for each combination of the keys and metric.
fn measures(name: &str, keys: &[&str], rows: Vec<(Vec<Cell>, Vec<Cell>)>) -> Table {
    let names: Vec<&str> = keys.iter().copied().chain(MEASURES).collect();
    let join = |(mut key, measure): (Vec<Cell>, Vec<Cell>)| {
        key.extend(measure);
        key
    };
    table(name, &names, rows.into_iter().map(join).collect())
}

/// The tables the charts are drawn from.
pub fn tables(size: &Size) -> Vec<Table> {
    vec![
        by_severity(size),
        by_month(size),
        by_region(size),
        by_customer(size),
        elapsed_hours(size),
        started_when(size),
        tier_advantage(size),
        totals(size),
    ]
}

fn by_severity(size: &Size) -> Table {
    let mut dice = Dice(1);
    let mut rows = Vec::new();
    for severity in 1..=size.severities {
        for metric in METRICS {
            let measured = if severity == 4 && metric == "update" { vec![0, 0] } else { vec![] };
            let cells = match measured.as_slice() {
                [measured, breached] => measure(*measured, *breached),
                _ => dice.measure(if severity == 1 { size.scale / 20 } else { size.scale }, 6),
            };
            rows.push((vec![Cell::Int(severity), text(metric)], cells));
        }
    }
    measures("by_severity", &["severity", "metric"], rows)
}

fn by_month(size: &Size) -> Table {
    let mut dice = Dice(2);
    let mut rows = Vec::new();
    for month in (0..size.months).rev().filter(|month| *month != 6) {
        let index = 2024 * 12 + 4 - month;
        let name = format!("{:04}-{:02}", index / 12, index % 12 + 1);
        for metric in METRICS {
            rows.push((vec![text(&name), text(metric)], dice.measure(size.scale, 12)));
        }
    }
    measures("by_month", &["month", "metric"], rows)
}

fn by_region(size: &Size) -> Table {
    let mut dice = Dice(3);
    let mut rows = Vec::new();
    for region in &size.regions {
        for severity in 1..=size.severities {
            for metric in METRICS.into_iter().filter(|metric| (severity, *metric) != (4, "update")) {
                let key = vec![text(region), Cell::Int(severity), text(metric)];
                rows.push((key, dice.measure(size.scale / severity, 4)));
            }
        }
    }
    measures("by_region_severity", &["region", "severity", "metric"], rows)
}

fn by_customer(size: &Size) -> Table {
    let mut dice = Dice(4);
    let mut rows = Vec::new();
    for customer in &size.customers {
        for metric in METRICS {
            rows.push((vec![text(customer), text(metric)], dice.measure(size.scale / 4, 5)));
        }
    }
    measures("by_customer", &["customer", "metric"], rows)
}

fn elapsed_hours(size: &Size) -> Table {
    let mut dice = Dice(5);
    let mut rows = Vec::new();
    for (metric, factor) in [("response", 1.0), ("update", 2.0)] {
        for severity in 1..=size.severities {
            for base in &size.targets {
                let target = base * factor * [1.0, 1.0, 1.5, 2.0][severity as usize - 1];
                for hour in (0..(target * 2.0) as i64).chain([400]) {
                    let count = dice.below(size.scale / (2 + hour)) + 1;
                    let (met, breached) = if (hour as f64) < target { (count, 0) } else { (0, count / 3) };
                    rows.push(vec![
                        text(metric),
                        Cell::Int(severity),
                        Cell::Float(Some(target)),
                        Cell::Int(hour),
                        Cell::Int(met),
                        Cell::Int(breached),
                    ]);
                }
            }
        }
    }
    table("elapsed_hours", &["metric", "severity", "target_h", "hour", "met", "breached"], rows)
}

fn started_when(size: &Size) -> Table {
    let mut dice = Dice(6);
    let mut rows = Vec::new();
    for day in 1..=(size.severities + 1).min(7) {
        for hour in (0..24).filter(|_| size.scale > 0) {
            let middle = if (8..19).contains(&hour) { size.scale } else { 4 };
            let breached = dice.below(middle / 8);
            rows.push([day, hour, breached, middle + breached].map(Cell::Int).into());
        }
    }
    table("started_when", &["started_weekday", "started_hour", "breached", "measured"], rows)
}

fn tier_advantage(size: &Size) -> Table {
    let names = [
        "severity",
        "metric",
        "standard_measured",
        "augmented_measured",
        "standard_p50_h",
        "standard_p90_h",
        "augmented_p50_h",
        "augmented_p90_h",
    ];
    let mut dice = Dice(7);
    let mut rows = Vec::new();
    for severity in 1..=size.severities {
        for metric in ["response", "update"] {
            let mut cells = vec![Cell::Int(severity), text(metric)];
            let augmented = if severity == 3 { 0 } else { size.scale / 5 };
            cells.extend([Cell::Int(size.scale), Cell::Int(augmented)]);
            let long = if size.scale > 10_000 { 30_000 } else { 60 };
            for measured in [size.scale, augmented] {
                let median = (dice.below(long) + long / 2) as f64 / 10.0;
                cells.push(Cell::Float((measured > 0).then_some(median)));
                cells.push(Cell::Float((measured > 0).then_some(median * 1.8 + 0.4)));
            }
            rows.push(cells);
        }
    }
    table("tier_advantage", &names, rows)
}

fn totals(size: &Size) -> Table {
    let names = [
        "dimension",
        "value",
        "metric",
        "before_measured",
        "before_compliance",
        "after_measured",
        "after_compliance",
    ];
    let mut dice = Dice(8);
    let mut rows = Vec::new();
    for severity in 1..=size.severities {
        for metric in METRICS {
            let mut cells = vec![text("severity"), text(&severity.to_string()), text(metric)];
            for side in 0..2 {
                // Of the last severity the later side has measured nothing.
                let measured =
                    if severity == 4 && side == 1 { 0 } else { size.scale + dice.below(size.scale) };
                let breached = dice.below((measured / 6).max(2)).min(measured);
                let share = (measured - breached) as f64 / measured as f64;
                cells.extend([Cell::Int(measured), Cell::Float((measured > 0).then_some(share))]);
            }
            rows.push(cells);
        }
    }
    table("totals", &names, rows)
}
