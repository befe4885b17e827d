//! From a figure to the rows behind it: a condition over the facts, as SQL that anyone can run.

use serde_json::{Map, Value};

use crate::table::{Table, Values};

/// The rows behind a cell of a table of compliance.
#[derive(Debug, PartialEq)]
pub(super) struct Behind {
    /// A query over the report's own files that gives them all.
    pub(super) sql: String,
    /// The list on the page that holds them too, and what to look for in it, as JSON.
    pub(super) list: Option<(&'static str, String)>,
}

/// Columns by which the rows of the lists on a page can be told apart.
pub(super) const TOLD_APART: [&str; 6] =
    ["metric", "severity", "customer", "tier", "region", "account_manager"];

/// What the rows of a table are counted over.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Over {
    /// The report's period.
    Period,
    /// A column of the measurements, such as the month.
    Column,
}

/// The rows behind the figure of a column in a row of a table with these key columns; `None`
/// where nothing is counted there.
pub(super) fn behind(table: &Table, keys: &[&str], row: usize, column: &str) -> Option<Behind> {
    if table.int(column, row)? == 0 {
        return None;
    }
    let metric = table.text("metric", row)?;
    let over =
        if keys.iter().any(|key| matches!(*key, "month" | "compared")) { Over::Column } else { Over::Period };
    let mut conditions: Vec<String> = match over {
        Over::Period => vec!["in_period".to_owned()],
        Over::Column => Vec::new(),
    };
    conditions.extend(keys.iter().map(|key| condition(table, key, row)));
    let list = match (over, column, metric) {
        (Over::Period, "breached", "response" | "update") => Some("breaches-table"),
        (Over::Period, "pending", "response" | "update") => Some("pending-table"),
        _ => None,
    };
    let sql = match (metric, over) {
        ("ticket", Over::Period) => {
            conditions.push(
                match column {
                    "measured" => "compliant IS NOT NULL",
                    "met" => "compliant",
                    "breached" => "NOT compliant",
                    _ => "compliant IS NULL",
                }
                .to_owned(),
            );
            select("*", "tickets", &conditions, "ticket_id")
        }
        // A ticket counts once in each month in which one of its measurements was decided.
        ("ticket", Over::Column) => {
            let mut sql = format!(
                "SELECT ticket_id\nFROM 'facts/measurements.parquet'\nWHERE {}\nGROUP BY ticket_id",
                conditions.join(" AND ")
            );
            match column {
                "met" => sql.push_str("\nHAVING COUNT(*) FILTER (WHERE outcome = 'breached') = 0"),
                "breached" => sql.push_str("\nHAVING COUNT(*) FILTER (WHERE outcome = 'breached') > 0"),
                _ => {}
            }
            sql.push_str("\nORDER BY ticket_id");
            sql
        }
        _ => {
            conditions.push(format!("metric = {}", quoted(metric)));
            conditions.push(match column {
                "measured" => "outcome <> 'pending'".to_owned(),
                outcome => format!("outcome = {}", quoted(outcome)),
            });
            select("*", "measurements", &conditions, "ticket_id, sequence")
        }
    };
    let wanted = || {
        let keys = keys.iter().copied().chain(["metric"]).filter(|key| TOLD_APART.contains(key));
        let wanted: Map<String, Value> =
            keys.map(|key| (camel(key), Value::String(plain(table, key, row).unwrap_or_default()))).collect();
        Value::Object(wanted).to_string()
    };
    Some(Behind { sql, list: list.map(|list| (list, wanted())) })
}

fn select(what: &str, table: &str, conditions: &[String], order: &str) -> String {
    format!(
        "SELECT {what}\nFROM 'facts/{table}.parquet'\nWHERE {}\nORDER BY {order}",
        conditions.join(" AND ")
    )
}

fn condition(table: &Table, key: &str, row: usize) -> String {
    match (plain(table, key, row), table.values(key)) {
        (Some(number), Some(Values::Int(_))) => format!("{key} = {number}"),
        (Some(text), _) => format!("{key} = {}", quoted(&text)),
        (None, _) => format!("{key} IS NULL"),
    }
}

/// A key's value as text.
pub(super) fn plain(table: &Table, key: &str, row: usize) -> Option<String> {
    match table.values(key)? {
        Values::Int(values) => values.get(row).copied().flatten().map(|value| value.to_string()),
        _ => table.text(key, row).map(str::to_owned),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name that a script knows an attribute `data-account-manager` by.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.len().min(1));
        camel.push_str(&first.to_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Column;

    fn table(name: &str, key: &str, value: Option<&str>, metric: &str) -> Table {
        let column = |name: &str, values| Column { name: name.to_owned(), meaning: String::new(), values };
        let text = |text: Option<&str>| Values::Text([text].into_iter().collect());
        Table {
            name: name.to_owned(),
            title: String::new(),
            grain: String::new(),
            columns: vec![
                column(key, text(value)),
                column("metric", text(Some(metric))),
                column("measured", Values::Int(vec![Some(3)])),
                column("breached", Values::Int(vec![Some(1)])),
                column("pending", Values::Int(vec![Some(0)])),
            ],
        }
    }

    #[test]
    fn a_figure_leads_to_the_rows_that_are_counted_in_it() {
        let of = table("by_customer", "customer", Some("O'Neil"), "response");
        let found = behind(&of, &["customer"], 0, "breached").unwrap();
        assert_eq!(
            found.sql,
            "SELECT *\nFROM 'facts/measurements.parquet'\nWHERE in_period AND customer = 'O''Neil' AND metric = 'response' AND outcome = 'breached'\nORDER BY ticket_id, sequence"
        );
        assert_eq!(
            found.list.unwrap(),
            ("breaches-table", r#"{"customer":"O'Neil","metric":"response"}"#.to_owned())
        );
    }

    #[test]
    fn nothing_leads_nowhere_and_nobody_is_null() {
        let of = table("by_account_manager", "account_manager", None, "ticket");
        assert_eq!(behind(&of, &["account_manager"], 0, "pending"), None);
        let found = behind(&of, &["account_manager"], 0, "measured").unwrap();
        assert!(
            found.sql.contains("WHERE in_period AND account_manager IS NULL AND compliant IS NOT NULL"),
            "{}",
            found.sql
        );
        assert_eq!(found.list, None);
    }

    #[test]
    fn a_months_tickets_are_those_with_a_measurement_decided_in_it() {
        let of = table("by_month", "month", Some("2024-05"), "ticket");
        let found = behind(&of, &["month"], 0, "breached").unwrap();
        assert!(found.sql.contains("WHERE month = '2024-05'\nGROUP BY ticket_id\nHAVING"), "{}", found.sql);
    }
}
