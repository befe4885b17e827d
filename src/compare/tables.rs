//! What a comparison comes to, as plain tables.

use super::change::Change;
use super::differences::Difference;
use super::sides::Measured;
use super::tally::Tally;
use super::totals::{Counts, Sides, Totals};
use crate::calendar::{HOUR, Instant};
use crate::table::{Column, Table, Values};

impl Totals {
    /// The totals as a table: `totals`.
    pub fn table(&self) -> Table {
        let rows = self.rows();
        let texts =
            |of: &dyn Fn(&Row) -> String| Values::Text(rows.iter().map(|row| Some(of(row))).collect());
        let counts = |of: &dyn Fn(&Sides) -> u64| {
            Values::Int(rows.iter().map(|row| i64::try_from(of(&row.3)).ok()).collect())
        };
        let shares =
            |of: &dyn Fn(&Sides) -> Option<f64>| Values::Float(rows.iter().map(|row| of(&row.3)).collect());
        let mut columns = vec![
            column(
                "dimension",
                "by what is counted: all, severity, tier, region or customer",
                texts(&|row| row.0.to_owned()),
            ),
            column("value", "which severity, tier, region or customer", texts(&|row| row.1.clone())),
            column(
                "metric",
                "response, update, or ticket: the ticket as a whole, met when nothing of it was breached",
                texts(&|row| row.2.to_owned()),
            ),
        ];
        let before: CountsOf = |sides| sides.before;
        for (side, of) in [("before", before), ("after", |sides| sides.after)] {
            let name = |what: &str| format!("{side}_{what}");
            columns.extend([
                column(
                    &name("measured"),
                    "decided measurements: met + breached",
                    counts(&|sides| of(sides).measured()),
                ),
                column(&name("met"), "decided in time", counts(&|sides| of(sides).met)),
                column(
                    &name("breached"),
                    "decided too late, or open past the target",
                    counts(&|sides| of(sides).breached),
                ),
                column(
                    &name("pending"),
                    "still open, target not reached; in no rate",
                    counts(&|sides| of(sides).pending),
                ),
                column(
                    &name("compliance"),
                    "met / measured, 0 to 1; null where nothing was measured",
                    shares(&|sides| of(sides).compliance()),
                ),
            ]);
        }
        columns.push(column(
            "compliance_change",
            "after_compliance - before_compliance; null where either is",
            shares(&|sides| sides.compliance_change()),
        ));
        table("totals", "Both sides in figures", "one row per dimension, value and metric", columns)
    }
}

/// The counts of one side.
type CountsOf = fn(&Sides) -> Counts;

/// A measurement as one side has it.
type MeasuredOf = fn(&Change) -> Option<Measured>;

/// A row of the totals.
type Row = (&'static str, String, &'static str, Sides);

impl Tally {
    /// The measurements that turned, as a table: `changes`.
    pub fn table(&self) -> Table {
        let changes = &self.changes;
        let texts = |of: &dyn Fn(&Change) -> Option<String>| Values::Text(changes.iter().map(of).collect());
        let before: MeasuredOf = |change| change.pair.before().copied();
        let sides: [(&str, MeasuredOf); 2] =
            [("before", before), ("after", |change| change.pair.after().copied())];
        // A figure of both sides, side by side.
        let both = |what: &str, meaning: &str, of: &dyn Fn(Vec<Option<Measured>>) -> Values| {
            sides.map(|(side, measured)| {
                column(&format!("{side}_{what}"), meaning, of(changes.iter().map(measured).collect()))
            })
        };
        let mut columns = vec![
            column("ticket_id", "the ticket", texts(&|change| Some(change.ticket.clone()))),
            column("customer", "the customer", texts(&|change| Some(change.customer.clone()))),
            column("tier", "the customer's tier", texts(&|change| Some(change.tier.clone()))),
            column("region", "the customer's region", texts(&|change| Some(change.region.clone()))),
            column(
                "metric",
                "response or update",
                texts(&|change| Some(change.pair.shown().metric.name().to_owned())),
            ),
        ];
        columns.extend(both(
            "sequence",
            "its number among the ticket's measurements, 0 for the response",
            &|all| Values::Int(each(all, |of| Some(i64::from(of.sequence)))),
        ));
        columns.push(column(
            "severity",
            "the severity in force at the start, on the later side where that has it",
            Values::Int(changes.iter().map(|change| Some(i64::from(change.severity().number()))).collect()),
        ));
        columns.push(column(
            "started_at",
            "when it started",
            Values::Instant(
                changes.iter().map(|change| Some(change.pair.shown().started.micros())).collect(),
            ),
        ));
        columns.extend(both("ended_at", "when it ended; null while open", &|all| {
            Values::Instant(each(all, |of| of.ended.map(Instant::micros)))
        }));
        columns.extend(both(
            "due_at",
            "the earliest instant at which the elapsed time reaches the target",
            &|all| Values::Instant(each(all, |of| Some(of.due.micros()))),
        ));
        let hours = |micros: i64| Some(micros as f64 / HOUR as f64);
        columns.extend(both("elapsed_h", "working hours to the end, or to the cut while open", &|all| {
            Values::Float(each(all, |of| hours(of.elapsed)))
        }));
        columns.extend(both("target_h", "the target, working hours", &|all| {
            Values::Float(each(all, |of| hours(of.target)))
        }));
        columns.extend(both(
            "outcome",
            "met, breached or pending; null where the side does not have it",
            &|all| Values::Text(each(all, |of| Some(of.outcome.name())).into_iter().collect()),
        ));
        columns.push(column(
            "turned",
            "how it turned: from one outcome to another, into or out of the period, appeared or vanished",
            texts(&|change| Some(change.turned.name().to_owned())),
        ));
        columns.push(column(
            "cause",
            "what differs between the sides for it, joined by +",
            texts(&|change| Some(change.causes.to_string())),
        ));
        table(
            "changes",
            "Measurements that turned",
            "one row per measurement whose outcome differs, that only one side has, or that counts in the period of one side alone",
            columns,
        )
    }
}

/// What differs between what two reports were made of, as a table: `differences`.
pub fn differences_table(differences: &[Difference]) -> Table {
    let texts =
        |of: &dyn Fn(&Difference) -> Option<String>| Values::Text(differences.iter().map(of).collect());
    let columns = vec![
        column(
            "what",
            "what kind of thing it is: version, setting, period, as_of, policy, holidays, profile, query or input",
            texts(&|of| Some(of.what.to_owned())),
        ),
        column("name", "which", texts(&|of| Some(of.name.clone()))),
        column(
            "difference",
            "changed, added or removed; unknown where both sides withhold it",
            texts(&|of| Some(of.kind().to_owned())),
        ),
        column("before", "what the earlier side has", texts(&|of| of.before.clone())),
        column("after", "what the later side has", texts(&|of| of.after.clone())),
    ];
    table("differences", "What the two sides were made of", "one row per thing that differs", columns)
}

/// The values of the measurements that there are.
fn each<T>(all: Vec<Option<Measured>>, of: impl Fn(Measured) -> Option<T>) -> Vec<Option<T>> {
    all.into_iter().map(|measured| of(measured?)).collect()
}

fn table(name: &str, title: &str, grain: &str, columns: Vec<Column>) -> Table {
    Table { name: name.to_owned(), title: title.to_owned(), grain: grain.to_owned(), columns }
}

fn column(name: &str, meaning: &str, values: Values) -> Column {
    Column { name: name.to_owned(), meaning: meaning.to_owned(), values }
}

#[cfg(test)]
mod tests {
    use super::super::cause::{Cause, Causes};
    use super::super::change::{Pair, Turned};
    use super::super::samples::measured;
    use super::*;
    use crate::measure::Outcome;
    use crate::policy::Metric;

    #[test]
    fn a_change_has_the_figures_of_both_sides_and_none_of_a_side_that_lacks_it() {
        let change = |pair, turned| Change {
            ticket: "A-1".to_owned(),
            customer: "Acme".to_owned(),
            tier: "standard".to_owned(),
            region: "EMEA".to_owned(),
            pair,
            turned,
            causes: Causes::of([Cause::Target]),
        };
        let was = measured(Metric::Update, 3);
        let is = Measured { outcome: Outcome::Breached, target: HOUR / 2, sequence: 4, ..was };
        let turned = Turned::Outcome(Outcome::Met, Outcome::Breached);
        let changes = vec![
            change(Pair::Both { before: was, after: is }, turned),
            change(Pair::Appeared(is), Turned::Appeared),
        ];
        let table = Tally { changes, ..Tally::default() }.table();
        assert_eq!((table.rows(), table.columns.len()), (2, 21));
        assert_eq!((table.int("before_sequence", 0), table.int("after_sequence", 0)), (Some(3), Some(4)));
        assert_eq!(
            (table.float("before_target_h", 0), table.float("after_target_h", 0)),
            (Some(8.0), Some(0.5))
        );
        assert_eq!(
            (table.text("turned", 0), table.text("cause", 0)),
            (Some("met_to_breached"), Some("target"))
        );
        assert_eq!((table.text("before_outcome", 1), table.float("before_elapsed_h", 1)), (None, None));
        assert_eq!(table.text("after_outcome", 1), Some("breached"));
        assert_eq!(table.int("started_at", 1), Some(is.started.micros()));
    }

    #[test]
    fn all_tickets_have_their_rows_also_where_nothing_is_measured() {
        let table = Totals::default().table();
        assert_eq!((table.rows(), table.columns.len()), (3, 14));
        assert_eq!((table.text("value", 2), table.text("metric", 2)), (Some("all"), Some("ticket")));
        assert_eq!((table.int("before_measured", 0), table.float("before_compliance", 0)), (Some(0), None));
    }
}
