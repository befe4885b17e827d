//! The facts as Parquet: the columns of each row group encoded in parallel.
//!
//! Columns are encoded straight from the codes and numbers that the facts are kept in; one that
//! holds anything out of the ordinary goes by way of Arrow instead. The bytes are the same.

mod arrow;
mod bounds;
mod chunk;
mod column;
mod file;
mod levels;
mod numbers;
mod runs;
mod texts;

use std::collections::HashMap;

use self::column::PartValues;
use self::file::{FactsFile, Part};
use super::publish::{Publication, PublishError, WriteError};
use crate::measure::schema::{FactColumn, FactTable, FactType};
use crate::measure::{FactValues, Facts, FactsPart, Lexicon};
use crate::records::Text;

/// Parts of the facts that make one row group, about a million measurements.
const PARTS: usize = 8;

/// The texts of each lexicon.
type Texts = HashMap<Lexicon, Text>;

/// Writes a table of facts into a publication.
pub(super) fn write(facts: &Facts, table: FactTable, publication: &Publication) -> Result<(), PublishError> {
    publication.write(&format!("facts/{}.parquet", table.name()), |to| -> Result<(), WriteError> {
        let parts: Vec<usize> = (0..facts.parts()).collect();
        let groups = parts.chunks(PARTS).map(|group| -> Result<Vec<TablePart<'_>>, WriteError> {
            let parts = group.iter().filter_map(|part| facts.part(*part).transpose());
            Ok(parts.map(|part| part.map(|part| TablePart { table, part })).collect::<Result<_, _>>()?)
        });
        let texts = &texts(facts, table);
        FactsFile { title: table.name(), columns: table.columns(), texts, is_direct: true }.write(to, groups)
    })
}

/// A part of a table of facts.
struct TablePart<'a> {
    table: FactTable,
    part: FactsPart<'a>,
}

impl Part for TablePart<'_> {
    fn rows(&self, column: &FactColumn) -> Option<FactValues> {
        self.part.column(self.table, column.name)
    }

    fn values(&self, column: &FactColumn) -> Option<PartValues<'_>> {
        let by_ticket = match self.table {
            FactTable::Measurements => self.part.by_ticket(column.name),
            FactTable::Tickets => None,
        };
        match by_ticket {
            Some((values, ends)) => Some(PartValues::Tickets(values, ends)),
            None => self.rows(column).map(PartValues::Rows),
        }
    }
}

/// The lexicons that a table's columns refer to.
fn texts(facts: &Facts, table: FactTable) -> Texts {
    let mut texts = Texts::new();
    for column in table.columns() {
        if let FactType::Text(lexicon) = column.kind {
            texts.entry(lexicon).or_insert_with(|| facts.lexicon(lexicon));
        }
    }
    texts
}
