//! A table: the plain middle form between the queries and everything that shows their results.
//!
//! A query's answer becomes a [`Table`]; the CSV, the Parquet file, the charts and the terminal
//! all read it from there, so that every reader shows the same figure and none knows the engine.

use crate::records::{Names, Text};

/// The texts of a column: each different one once, and of each cell which of them it holds. Most
/// columns of text say a few things many times.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    texts: Text,
    /// The place of each cell's text, or [`Self::EMPTY`].
    codes: Vec<u32>,
}

impl Texts {
    /// The code of an empty cell.
    const EMPTY: u32 = u32::MAX;

    /// Cells that hold the texts of these places; a text may stand at several places.
    pub fn coded(texts: Text, codes: impl Iterator<Item = Option<u32>>) -> Texts {
        let codes = codes.map(|code| code.filter(|code| (*code as usize) < texts.len()));
        let codes = codes.map(|code| code.unwrap_or(Self::EMPTY)).collect();
        Texts { texts, codes }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The text of a cell; `None` where it is empty or there is no such cell.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.code(row).map(|code| self.texts.get(code as usize))
    }

    /// The place of a cell's text among [`Self::texts`].
    pub fn code(&self, row: usize) -> Option<u32> {
        self.codes.get(row).copied().filter(|code| *code != Self::EMPTY)
    }

    /// The texts that the codes stand for.
    pub fn texts(&self) -> &Text {
        &self.texts
    }

    /// All cells, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl PartialEq for Texts {
    /// By what the cells say, however it is kept.
    fn eq(&self, other: &Texts) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: AsRef<str>> FromIterator<Option<T>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(cells: I) -> Texts {
        let mut names = Names::default();
        let mut code = |text: T| names.intern(text.as_ref()).index() as u32;
        let codes = cells.into_iter().map(|cell| cell.map_or(Self::EMPTY, &mut code)).collect();
        Texts { texts: names.into_texts(), codes }
    }
}

/// The values of one column, all of one type; `None` is an empty cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Text.
    Text(Texts),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Real numbers; never NaN.
    Float(Vec<Option<f64>>),
    /// True or false.
    Bool(Vec<Option<bool>>),
    /// Instants: microseconds since 1970-01-01T00:00:00Z.
    Instant(Vec<Option<i64>>),
    /// Readings of a wall clock: microseconds since its 1970-01-01T00:00:00.
    Local(Vec<Option<i64>>),
}

impl Values {
    /// How many cells the column has.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(values) => values.len(),
            Values::Int(values) | Values::Instant(values) | Values::Local(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Bool(values) => values.len(),
        }
    }

    /// Whether the column has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A named column and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The column's name, as in the query; its unit stands in it (`_h`, `_us`).
    pub name: String,
    /// What the column means, in one sentence; empty for a column its query does not describe.
    pub meaning: String,
    /// The cells.
    pub values: Values,
}

/// A titled table of columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name its files have: `by_severity`.
    pub name: String,
    /// What it shows: `Compliance by severity`.
    pub title: String,
    /// What one row is: `one row per severity and metric`.
    pub grain: String,
    /// The columns, in the order of the query.
    pub columns: Vec<Column>,
}

impl Table {
    /// How many rows the table has.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The table of a name among several.
    pub fn named<'a>(tables: &'a [Table], name: &str) -> Option<&'a Table> {
        tables.iter().find(|table| table.name == name)
    }

    /// The first row in which a column holds this text.
    pub fn find(&self, column: &str, text: &str) -> Option<usize> {
        (0..self.rows()).find(|row| self.text(column, *row) == Some(text))
    }

    /// The values of the column of this name, if the table has it.
    pub fn values(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values)
    }

    /// A cell of a text column; `None` where it is empty or there is no such text column.
    pub fn text(&self, name: &str, row: usize) -> Option<&str> {
        match self.values(name)? {
            Values::Text(values) => values.get(row),
            _ => None,
        }
    }

    /// A cell of a column of whole numbers or times; `None` where it is empty or there is none.
    pub fn int(&self, name: &str, row: usize) -> Option<i64> {
        match self.values(name)? {
            Values::Int(values) | Values::Instant(values) | Values::Local(values) => *values.get(row)?,
            _ => None,
        }
    }

    /// A cell of a numeric column as a real number; `None` where it is empty or there is none.
    pub fn float(&self, name: &str, row: usize) -> Option<f64> {
        match self.values(name)? {
            Values::Float(values) => *values.get(row)?,
            Values::Int(values) => values.get(row)?.map(|value| value as f64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_their_cells_say_however_they_are_kept() {
        let cells = [Some("a"), None, Some(""), Some("a"), Some("b")];
        let mut lexicon = Text::default();
        ["b", "", "a"].iter().for_each(|text| lexicon.push(text));
        let coded = Texts::coded(lexicon, [Some(2), None, Some(1), Some(2), Some(0)].into_iter());
        let collected: Texts = cells.into_iter().collect();
        for texts in [&coded, &collected] {
            assert_eq!(texts, &coded);
            assert!(texts.iter().eq(cells));
            assert_eq!((texts.len(), texts.get(5), texts.code(1)), (5, None, None));
        }
        assert_eq!(collected.texts().len(), 3);
        assert_ne!(coded, [Some("a"), None].into_iter().collect());
    }
}
