//! What a customer's review knows of the customer, and of others: aggregates alone.

use crate::measure::Facts;
use crate::table::Table;

/// How many other customers must stand behind an aggregate for it to be shown: with fewer, one of
/// them could be guessed from it.
pub const LEAST_OTHERS: i64 = 5;

/// Whose review it is, and what stands beside the customer's own figures.
#[derive(Debug, Clone)]
pub struct Review<'a> {
    /// The customer.
    pub customer: &'a str,
    /// The tiers its tickets have; nearly always one.
    pub tiers: &'a [String],
    /// Its regions.
    pub regions: &'a [String],
    /// Its time zones.
    pub zones: &'a [String],
    /// Who looks after it.
    pub managers: &'a [String],
    /// The aggregates of its tiers and regions.
    pub aggregates: &'a [Aggregate],
}

/// A metric over all customers of a tier or region.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// `tier` or `region`.
    pub kind: &'static str,
    /// Which.
    pub name: String,
    /// The metric.
    pub metric: String,
    /// How many customers besides this one stand behind it.
    pub others: i64,
    /// The compliance, and the median in working hours where the metric has one; `None` where too
    /// few others stand behind them.
    pub figures: Option<(f64, Option<f64>)>,
}

/// The aggregates of these tiers and regions, from the table of all: those of a customer who is
/// among the ones counted there.
pub fn aggregates(table: &Table, tiers: &[String], regions: &[String]) -> Vec<Aggregate> {
    let mut aggregates = Vec::new();
    for (kind, names) in [("tier", tiers), ("region", regions)] {
        for row in 0..table.rows() {
            let name = table.text("name", row).filter(|name| names.iter().any(|own| own == name));
            let (Some(name), Some(metric)) = (name, table.text("metric", row)) else { continue };
            if table.text("kind", row) != Some(kind) {
                continue;
            }
            let others = table.int("customers", row).unwrap_or(0) - 1;
            let figures = table.float("compliance", row).map(|share| (share, table.float("p50_h", row)));
            aggregates.push(Aggregate {
                kind,
                name: name.to_owned(),
                metric: metric.to_owned(),
                others,
                figures: figures.filter(|_| others >= LEAST_OTHERS),
            });
        }
    }
    aggregates
}

/// The different texts of a column of the tickets, in order.
pub fn texts_of(facts: &Facts, of: impl Fn(usize) -> Option<crate::records::Name>) -> Vec<String> {
    let records = &facts.records;
    let mut texts: Vec<String> = (0..records.tickets.len())
        .filter_map(|place| of(place).map(|name| records.names.text(name).to_owned()))
        .collect();
    texts.sort();
    texts.dedup();
    texts
}

/// A name for the folder of a customer: letters and digits as far as there are, and a few digits
/// of the name's hash, so that names which differ in letter case or signs alone have folders of
/// their own. It depends on the name and on nothing else.
pub fn folder_name(customer: &str) -> String {
    let mut name = String::new();
    for c in deunicode::deunicode(customer).to_ascii_lowercase().chars() {
        match c.is_ascii_alphanumeric() {
            true => name.push(c),
            false if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            false => {}
        }
        if name.len() >= 48 {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    // Forty bits of it tell names apart.
    let hash = &crate::sha256::of(customer.as_bytes())[..10];
    if name.is_empty() { format!("customer-{hash}") } else { format!("{name}-{hash}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, Values};

    fn table(rows: &[(&str, &str, i64)]) -> Table {
        let column = |name: &str, values| Column { name: name.to_owned(), meaning: String::new(), values };
        let text = |of: &dyn Fn(&(&str, &str, i64)) -> String| {
            Values::Text(rows.iter().map(|row| Some(of(row))).collect())
        };
        Table {
            name: "aggregates".into(),
            title: String::new(),
            grain: String::new(),
            columns: vec![
                column("kind", text(&|row| row.0.to_owned())),
                column("name", text(&|row| row.1.to_owned())),
                column("metric", text(&|_| "response".to_owned())),
                column("customers", Values::Int(rows.iter().map(|row| Some(row.2)).collect())),
                column("compliance", Values::Float(vec![Some(0.9); rows.len()])),
                column("p50_h", Values::Float(vec![Some(2.5); rows.len()])),
            ],
        }
    }

    #[test]
    fn an_aggregate_is_shown_from_five_others_on() {
        let table = table(&[("tier", "standard", 6), ("region", "EMEA", 5), ("region", "APAC", 50)]);
        let found = aggregates(&table, &["standard".into()], &["EMEA".into()]);
        let shown: Vec<_> = found.iter().map(|one| (one.kind, one.others, one.figures)).collect();
        assert_eq!(shown, [("tier", 5, Some((0.9, Some(2.5)))), ("region", 4, None)]);
    }

    #[test]
    fn folders_are_safe_short_and_differ_where_names_do() {
        let long = "x".repeat(300);
        let names = [
            "ACME",
            "acme",
            "Acme ",
            "../../etc",
            "=HYPERLINK(\"http://x\")",
            "<script>alert(1)</script>",
            "شركة النور",
            long.as_str(),
            "",
            "con",
            "Łódź",
        ];
        let mut folders: Vec<_> = names.iter().map(|name| folder_name(name)).collect();
        for folder in &folders {
            assert!(
                folder.len() <= 60
                    && folder.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{folder}"
            );
            assert!(!folder.starts_with('-'), "{folder}");
        }
        assert!(folders[10].starts_with("lodz-"), "{}", folders[10]);
        folders.sort();
        folders.dedup();
        assert_eq!(folders.len(), names.len());
    }
}
