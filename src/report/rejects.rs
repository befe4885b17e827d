//! The rejected rows as a table, and as a file where there is no report to hold them.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::publish::PublishError;
use crate::ingest::Ledger;
use crate::staging::{Staged, parent_of};
use crate::table::{Column, Table, Values};

/// The rejected rows, by file and line.
pub(super) fn table(ledger: &Ledger) -> Table {
    let texts = |name: &str, meaning: &str, text: &dyn Fn(usize) -> String| Column {
        name: name.to_owned(),
        meaning: meaning.to_owned(),
        values: Values::Text((0..ledger.rejects.len()).map(|row| Some(text(row))).collect()),
    };
    let rejects = &ledger.rejects;
    let file = |row: usize| ledger.inputs[usize::from(rejects[row].file)].file_name();
    let lines = rejects.iter().map(|reject| i64::try_from(reject.line).ok()).collect();
    Table {
        name: "rejects".to_owned(),
        title: "Rejected rows".to_owned(),
        grain: "one row per rejected row".to_owned(),
        columns: vec![
            texts("file", "the file it stands in", &file),
            Column {
                name: "line".to_owned(),
                meaning: "the line on which it begins; in Parquet the number of the row".to_owned(),
                values: Values::Int(lines),
            },
            texts("column", "the column at fault; empty where the whole row is", &|row| {
                rejects[row].column.clone()
            }),
            texts("value", "the value at fault", &|row| rejects[row].value.clone()),
            texts("reason", "why", &|row| rejects[row].reason.name().to_owned()),
            texts("detail", "what was expected", &|row| rejects[row].detail.clone()),
        ],
    }
}

/// Writes the rejected rows to a file by themselves.
///
/// # Errors
/// [`PublishError`] where it cannot be written.
pub fn keep(ledger: &Ledger, path: &Path) -> Result<(), PublishError> {
    let failed = |error| PublishError::Io { path: path.display().to_string(), error };
    std::fs::create_dir_all(parent_of(path)).map_err(failed)?;
    let (staged, file) = Staged::file(path).map_err(failed)?;
    let mut file = BufWriter::new(file);
    super::csv::write(&table(ledger), &mut file).and_then(|()| file.flush()).map_err(failed)?;
    drop(file);
    staged.place().map_err(failed)
}
