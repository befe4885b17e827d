//! What a profile says, field by field, for people to read.

use super::{Profile, Source};
use crate::ingest::fields::{FieldForm, Occurrence, TableForm};
use crate::ingest::time::LocalZone;

/// A table that a profile reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUse {
    /// What the profile calls it.
    pub table: String,
    /// Where it is read from: the names of its files, or how it stands in others.
    pub from: String,
    /// The fields that are read.
    pub fields: Vec<FieldUse>,
}

/// How a field is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUse {
    /// What it is called.
    pub field: String,
    /// Where its value comes from, in words.
    pub from: String,
    /// The spellings, and what each stands for.
    pub values: Vec<(String, String)>,
}

impl Profile {
    /// What it reads, table by table.
    pub fn tables(&self) -> Vec<TableUse> {
        let mut tables = vec![self.table(&self.tickets, "tickets", files(&self.tickets.files))];
        for source in &self.updates {
            tables.push(self.table(&source.form, &source.table(), from(source)));
        }
        tables.push(self.table(&self.customers, "customers", files(&self.customers.files)));
        for lookup in &self.lookups {
            let name = format!("lookups.{}", lookup.name);
            tables.push(self.table(&lookup.form, &name, files(&lookup.form.files)));
        }
        tables
    }

    fn table(&self, form: &TableForm, table: &str, from: String) -> TableUse {
        let fields = form.fields.iter().zip(&form.names).filter_map(|(field, name)| {
            let from = self.field(field)?;
            let values =
                field.values.all().map(|(spelling, meaning)| (spelling.to_owned(), meaning.to_owned()));
            Some(FieldUse { field: name.to_string(), from, values: values.collect() })
        });
        let from = match &form.only {
            Some(only) => format!("{from}, where \"{}\" says {}", only.column, only.says.join(" or ")),
            None => from,
        };
        TableUse { table: table.to_owned(), from, fields: fields.collect() }
    }

    /// Where a field's value comes from; `None` where it has none.
    fn field(&self, field: &FieldForm) -> Option<String> {
        let mut said = Vec::new();
        if !field.columns.is_empty() {
            let names: Vec<String> = field.columns.iter().map(|name| format!("\"{name}\"")).collect();
            said.push(names.join(" or "));
        } else if field.part.is_some() {
            said.push("the cell".to_owned());
        }
        match field.occurrence {
            Occurrence::Only => {}
            Occurrence::Nth(number) => said.push(format!("number {number} of that name")),
            Occurrence::Last => said.push("the last of that name".to_owned()),
        }
        if let Some(part) = &field.part {
            said.push(format!("piece {} between \"{}\"", part.number, part.separator));
        }
        if let Some(pattern) = &field.pattern {
            said.push(format!("what {pattern} meets"));
        }
        if let Some(when) = &field.when {
            said.push(format!("where \"{}\" says {}", when.column, when.says.join(" or ")));
        }
        for (column, meaning) in &field.twins {
            said.push(format!("{meaning} where it says the same as \"{column}\""));
        }
        if let Some(found) = field.lookup
            && let Some(table) = self.lookups.get(found.table)
        {
            let column = table.form.names.get(found.column + 1).map_or("", |name| name);
            said.push(format!("looked up in {}: \"{column}\"", table.name));
        }
        if let Some(unit) = field.after_submission {
            said.push(format!("{} after the submission", unit.expected()));
        }
        if let Some(constant) = &field.constant {
            said.push(format!("always {constant}"));
        }
        if let Some(default) = &field.default {
            said.push(format!("{default} where nothing is said"));
        }
        if said.is_empty() {
            return None;
        }
        if let Some(time) = &field.time {
            if !time.patterns.is_empty() {
                let patterns: Vec<&str> = time.patterns.iter().map(|pattern| pattern.text()).collect();
                said.push(format!("written {}", patterns.join(" or ")));
            }
            said.push(match &time.zone {
                LocalZone::Undeclared => "with an offset".to_owned(),
                LocalZone::Customer => "on the customer's clock unless it has an offset".to_owned(),
                LocalZone::Named(zone) => format!("on the clock of {} unless it has an offset", zone.name()),
            });
        }
        Some(said.join(", "))
    }
}

fn files(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name}.csv")).collect();
    names.join(" or ")
}

fn from(source: &Source) -> String {
    match (source.in_tickets, source.each.as_slice()) {
        (false, _) => files(&source.form.files),
        (true, []) => "each row of tickets, which holds the ticket after it".to_owned(),
        (true, each) => {
            let names: Vec<String> = each.iter().map(|name| format!("\"{name}\"")).collect();
            format!("each column {} of the rows of tickets", names.join(" or "))
        }
    }
}
