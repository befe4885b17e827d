//! Columns of rows or of cells, as the pass looks at them.

use std::collections::BTreeMap;

use crate::measure::FactValues;

/// Some columns of a table, of equal length, by their names.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) rows: usize,
    pub(super) columns: BTreeMap<&'static str, FactValues>,
    /// Those of real numbers that have one in every row.
    pub(super) full: BTreeMap<&'static str, Vec<f64>>,
    /// Those that are the same for all rows of a ticket, one value for each ticket.
    pub(super) of_tickets: BTreeMap<&'static str, FactValues>,
    /// Where the rows of each ticket end.
    pub(super) ends: Vec<u32>,
}

/// The values of a column of real numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reals<'a> {
    /// There is one in every row.
    Full(&'a [f64]),
    /// Some rows may have none.
    Sparse(&'a [Option<f64>]),
}

impl Columns {
    /// The values of a column of real numbers; `None` where there is none of this name.
    pub(super) fn reals(&self, name: &str) -> Option<Reals<'_>> {
        match (self.full.get(name), self.columns.get(name)) {
            (Some(values), _) => Some(Reals::Full(values)),
            (_, Some(FactValues::Float(values))) => Some(Reals::Sparse(values)),
            _ => None,
        }
    }

    /// For each row whether a column has a value there; `None` where there is none of this name.
    pub(super) fn present(&self, name: &str) -> Option<Vec<bool>> {
        fn of<T>(values: &[Option<T>]) -> Vec<bool> {
            values.iter().map(Option::is_some).collect()
        }
        if self.full.contains_key(name) {
            return Some(vec![true; self.rows]);
        }
        Some(match self.columns.get(name)? {
            FactValues::Text(values) => of(values),
            FactValues::Bool(values) => of(values),
            FactValues::Float(values) => of(values),
            FactValues::Instant(values) | FactValues::Local(values) => of(values),
            FactValues::Int8(_) | FactValues::Int32(_) | FactValues::Int64(_) => vec![true; self.rows],
        })
    }
}

impl Reals<'_> {
    /// Goes through the rows, each with one of the others; `None` as soon as that gives none.
    pub(super) fn each<T>(
        self,
        others: impl Iterator<Item = T>,
        mut with: impl FnMut(T, Option<f64>) -> Option<()>,
    ) -> Option<()> {
        match self {
            Reals::Full(values) => {
                others.zip(values).try_for_each(|(other, value)| with(other, Some(*value)))
            }
            Reals::Sparse(values) => others.zip(values).try_for_each(|(other, value)| with(other, *value)),
        }
    }
}
