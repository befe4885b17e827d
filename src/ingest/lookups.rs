//! Tables in which fields are looked up: the role of a user by its id, the name of an organisation.

use std::borrow::Cow;
use std::collections::HashMap;

use super::IngestError;
use super::fields::{Fault, FieldForm, LookedUp, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Reject, Warning};
use super::reader::{Collector, FileReader, Part};

/// Which of several rows of one key holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Repeated {
    /// None: rows that contradict each other are rejected.
    #[default]
    Rejected,
    /// The first.
    First,
}

/// How a table to look up in is laid out: its key, then the columns that are taken from it.
#[derive(Debug, Clone)]
pub(super) struct LookupForm {
    pub(super) name: String,
    pub(super) form: TableForm,
    pub(super) repeated: Repeated,
}

impl LookupForm {
    /// The place of a column among those that are taken, which it is from now on.
    pub(super) fn take(&mut self, column: &str) -> usize {
        let known = self.form.names.iter().skip(1).position(|name| name == column);
        known.unwrap_or_else(|| {
            let field = FieldForm { columns: vec![column.to_owned()], ..FieldForm::default() };
            self.form.required.push(self.form.fields.len());
            self.form.fields.push(field);
            self.form.names.push(Cow::Owned(column.to_owned()));
            self.form.fields.len() - 2
        })
    }
}

/// What the columns taken say.
type Taken = Vec<Option<String>>;

/// The tables, by their places in the profile; what is taken, by the key.
#[derive(Debug, Default)]
pub(super) struct Lookups(Vec<HashMap<String, Taken>>);

struct Rows<'a> {
    form: &'a TableForm,
}

/// A row by its key.
#[derive(Debug)]
struct Placed {
    key: String,
    taken: Taken,
    line: u64,
}

impl Collector for Rows<'_> {
    type Batch = Vec<Placed>;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<Vec<Placed>>,
    ) -> Result<(), Fault> {
        let key = self.form.required(layout, row, 0)?.into_owned();
        let text = |field| self.form.text(layout, row, field).map(|text| text.map(Cow::into_owned));
        let taken = (1..self.form.fields.len()).map(text).collect::<Result<_, _>>()?;
        part.batch.push(Placed { key, taken, line });
        Ok(())
    }

    fn finish(&self, _: &mut Part<Vec<Placed>>) -> Vec<(u64, Fault)> {
        Vec::new()
    }
}

impl Lookups {
    /// Reads the tables, each from the files of its own.
    pub(super) fn read(
        tables: &[(&LookupForm, Vec<FileReader<'_>>)],
        ledger: &mut Ledger,
    ) -> Result<Lookups, IngestError> {
        let tables = tables.iter().map(|(lookup, files)| read_table(lookup, files, ledger));
        Ok(Lookups(tables.collect::<Result<_, _>>()?))
    }

    /// What a column says in the row of a key.
    pub(super) fn get(&self, lookup: LookedUp, key: &str) -> Option<&str> {
        self.0.get(lookup.table)?.get(key)?[lookup.column].as_deref()
    }
}

fn read_table(
    lookup: &LookupForm,
    files: &[FileReader<'_>],
    ledger: &mut Ledger,
) -> Result<HashMap<String, Taken>, IngestError> {
    let mut by_key: HashMap<String, Vec<(u16, u64, Taken)>> = HashMap::new();
    let mut keys = Vec::new();
    for file in files {
        for row in file.read(&Rows { form: &lookup.form }, ledger)?.into_iter().flatten() {
            let rows = by_key.entry(row.key.clone()).or_default();
            if rows.is_empty() {
                keys.push(row.key);
            }
            rows.push((file.file, row.line, row.taken));
        }
    }
    let mut table = HashMap::with_capacity(keys.len());
    for key in keys {
        let Some(rows) = by_key.remove(&key) else { continue };
        let Some((first, rest)) = rows.split_first() else { continue };
        let alike = rest.iter().all(|row| row.2 == first.2);
        if alike || lookup.repeated == Repeated::First {
            for row in rest.iter().filter(|row| row.2 == first.2) {
                ledger.warn_at(row.0, row.1, Warning::IdenticalDuplicate);
            }
            table.insert(key, first.2.clone());
            continue;
        }
        for (file, line, _) in &rows {
            ledger.reject(Reject {
                file: *file,
                line: *line,
                column: lookup.form.names[0].to_string(),
                value: key.chars().take(80).collect(),
                reason: Reason::ContradictingDuplicate,
                detail: format!("{} rows of this key contradict each other", rows.len()),
            });
        }
    }
    Ok(table)
}
