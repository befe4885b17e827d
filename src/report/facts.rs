//! The facts as Parquet: the columns of each row group encoded in parallel.
//!
//! Columns are encoded straight from the codes and numbers that the facts are kept in; one that
//! holds anything out of the ordinary goes by way of Arrow instead. The bytes are the same.

mod arrow;
mod bounds;
mod chunk;
mod column;
mod deltas;
mod file;
mod levels;
mod numbers;
mod runs;
#[cfg(test)]
mod samples;
mod texts;

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::ThreadPool;

use self::column::PartValues;
pub(super) use self::file::Encoded;
use self::file::{FactsFile, Part, is_target};
use super::publish::{Publication, PublishError, WriteError};
use crate::measure::schema::{FactColumn, FactTable, FactType};
use crate::measure::{FactValues, Facts, FactsPart, FullValues, Lexicon, TargetCodes};
use crate::records::Text;

/// Parts of the facts that make one row group, about a million measurements.
const PARTS: usize = 8;

/// The texts of each lexicon.
type Texts<'a> = HashMap<Lexicon, Cow<'a, Text>>;

/// Writes a table of facts into a publication, encoded on the threads of the pool if one is given.
pub(super) fn write(
    facts: &Facts,
    table: FactTable,
    publication: &Publication,
    pool: Option<&ThreadPool>,
) -> Result<(), PublishError> {
    publication.write(&format!("facts/{}.parquet", table.name()), |to| -> Result<(), WriteError> {
        let parts: Vec<usize> = (0..facts.parts()).collect();
        let coded = target_codes(facts, table);
        let targets = coded.as_ref();
        let groups = parts.chunks(PARTS).map(|group| -> Result<Vec<TablePart<'_>>, WriteError> {
            let parts = group.iter().filter_map(|part| facts.part(*part).transpose());
            Ok(parts
                .map(|part| part.map(|part| TablePart { table, part, targets }))
                .collect::<Result<_, _>>()?)
        });
        let (columns, texts) = (table.columns(), &texts(facts, table));
        FactsFile { title: table.name(), columns, texts, targets, is_direct: true, pool }.write(to, groups)
    })
}

/// The codes of targets where a table's columns of targets are written by them: those of
/// measurements.
fn target_codes(facts: &Facts, table: FactTable) -> Option<TargetCodes> {
    (table == FactTable::Measurements).then(|| TargetCodes::of(facts))
}

/// A part of a table of facts.
struct TablePart<'a> {
    table: FactTable,
    part: FactsPart<'a>,
    targets: Option<&'a TargetCodes>,
}

impl Part for TablePart<'_> {
    fn rows(&self, column: &FactColumn) -> Option<FactValues> {
        self.part.column(self.table, column.name)
    }

    fn values(&self, column: &FactColumn) -> Option<PartValues<'_>> {
        if let Some(targets) = self.targets
            && is_target(column)
        {
            return Some(PartValues::Full(FullValues::Text(self.part.coded_targets(targets))));
        }
        if let Some((values, ends)) = self.part.by_ticket(self.table, column.name) {
            return Some(PartValues::Tickets(values, ends));
        }
        let full = self.part.full(self.table, column.name).map(PartValues::Full);
        full.or_else(|| self.rows(column).map(PartValues::Rows))
    }
}

/// The lexicons that a table's columns refer to.
fn texts(facts: &Facts, table: FactTable) -> Texts<'_> {
    let mut texts = Texts::new();
    for column in table.columns() {
        if let FactType::Text(lexicon) = column.kind {
            texts.entry(lexicon).or_insert_with(|| facts.lexicon(lexicon));
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Period;
    use crate::measure::samples::facts;

    /// The bytes of a table.
    fn file(facts: &Facts, table: FactTable, is_direct: bool) -> Vec<u8> {
        let coded = target_codes(facts, table);
        let part = |number| {
            let part = facts.part(number).unwrap().unwrap();
            TablePart { table, part, targets: coded.as_ref() }
        };
        let mut bytes = Vec::new();
        let (columns, texts) = (table.columns(), &texts(facts, table));
        let targets = coded.as_ref();
        FactsFile { title: table.name(), columns, texts, targets, is_direct, pool: None }
            .write(&mut bytes, std::iter::once(Ok((0..facts.parts()).map(part).collect())))
            .map_err(|_| "not written")
            .unwrap();
        bytes
    }

    #[test]
    fn the_files_of_facts_are_the_same_by_either_way() {
        // Three parts, of 80,000 measurements and more.
        let facts = facts(40_000, &Period::Everything);
        for table in FactTable::ALL {
            assert!(file(&facts, table, true) == file(&facts, table, false), "{}", table.name());
        }
    }

    #[test]
    fn what_is_the_same_for_a_ticket_is_the_same_for_its_rows() {
        let facts = facts(3000, &Period::Everything);
        let part = facts.part(0).unwrap().unwrap();
        let part = TablePart { table: FactTable::Measurements, part, targets: None };
        let mut by_ticket = Vec::new();
        for column in part.table.columns() {
            let Some(PartValues::Tickets(FactValues::Text(codes), ends)) = part.values(column) else {
                continue;
            };
            let mut rows = Vec::new();
            codes.into_iter().zip(ends).for_each(|(code, end)| rows.resize(*end as usize, code));
            assert_eq!(part.rows(column), Some(FactValues::Text(rows)), "{}", column.name);
            by_ticket.push(column.name);
        }
        let names = ["ticket_id", "customer", "tier", "region", "timezone", "account_manager", "policy"];
        assert_eq!(by_ticket, names);
    }
}
