//! From TOML to a profile.

use std::path::Path;
use std::sync::Arc;

use regex::Regex;

use super::{Profile, Source, customer, ticket, update};
use crate::calendar::Zone;
use crate::document::{Document, Entry, Flaw, Section, suggestion};
use crate::ingest::encoding::Encoding;
use crate::ingest::fields::{FieldForm, LookedUp, Occurrence, PartOf, TableForm, When};
use crate::ingest::lookups::{LookupForm, Repeated};
use crate::ingest::time::{LocalZone, Pattern, TimeForm, Unit};

/// How many profiles may extend one another.
const DEEPEST: usize = 8;

const TICKET_TIMES: &[usize] = &[ticket::SUBMITTED, ticket::FIRST_RESPONSE, ticket::RESOLVED];
const UPDATE_TIMES: &[usize] = &[update::AT];

/// What stands between a profile and the one that it extends, in the text of both.
const EXTENDS: &str = "\n# what it extends:\n";

/// Where the profiles stand that one extends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bases<'a> {
    /// They are built in, or files of this folder.
    In(Option<&'a Path>),
    /// Below it in the same text.
    Below,
}

/// Reads a profile, and those that it extends.
pub(super) fn read(file: &str, text: &str, bases: Bases<'_>, depth: usize) -> Result<Profile, Flaw> {
    let (text, below) = match bases {
        Bases::In(_) => (text, ""),
        Bases::Below => text.split_once(EXTENDS).unwrap_or((text, "")),
    };
    Document { file, text }.read(|section| {
        let name = section
            .get("name")
            .ok_or_else(|| section.flaw("`name` is missing: a profile must have it"))?
            .text()?;
        let mut profile = match section.get("extends") {
            Some(base) => extended(&base, bases, below, depth)?,
            None => blank(),
        };
        profile.text = match profile.text.as_str() {
            "" => text.to_owned(),
            base => format!("{text}{EXTENDS}{base}"),
        };
        profile.name = name;
        overlay(section, &mut profile)?;
        Ok(profile)
    })
}

fn extended(base: &Entry<'_>, bases: Bases<'_>, below: &str, depth: usize) -> Result<Profile, Flaw> {
    let name = base.text()?;
    if depth >= DEEPEST {
        return Err(
            base.flaw(format!("more than {DEEPEST} profiles extend one another: do they in a circle?"))
        );
    }
    let folder = match bases {
        Bases::In(folder) => folder,
        Bases::Below => return read(&name, below, bases, depth + 1),
    };
    if let Some((built_in, text)) = super::BUILT_IN.iter().find(|built_in| built_in.0 == name) {
        return read(built_in, text, Bases::In(None), depth + 1);
    }
    let path = folder.unwrap_or(Path::new("")).join(&name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let names: Vec<_> = super::BUILT_IN.iter().map(|built_in| built_in.0).collect();
        let known = suggestion(&name, &names);
        base.flaw(format!("\"{name}\" is neither a built-in profile nor a file ({error}){known}"))
    })?;
    read(&path.display().to_string(), &text, Bases::In(path.parent()), depth + 1)
}

/// A profile that maps no ticket and no update; customers are those of the product's own names.
fn blank() -> Profile {
    let mut customers = table("customers", customer::NAMES, customer::REQUIRED, &[]);
    for (field, name) in customers.fields.iter_mut().zip(customer::NAMES) {
        field.columns = vec![(*name).to_owned()];
    }
    Profile {
        name: String::new(),
        text: String::new(),
        delimiter: None,
        encoding: None,
        tickets: table("tickets", ticket::NAMES, ticket::REQUIRED, TICKET_TIMES),
        updates: Vec::new(),
        customers,
        lookups: Vec::new(),
        time: undeclared(),
        severities: Default::default(),
        continuations: false,
    }
}

fn undeclared() -> TimeForm {
    TimeForm { patterns: Vec::new(), zone: LocalZone::Undeclared }
}

fn table(name: &str, names: &'static [&'static str], required: usize, times: &[usize]) -> TableForm {
    let mut fields = vec![FieldForm::default(); names.len()];
    for field in times {
        fields[*field].time = Some(undeclared());
    }
    TableForm {
        fields,
        table: name.to_owned(),
        files: vec![name.to_owned()],
        names: names.iter().map(|name| (*name).into()).collect(),
        only: None,
        required: (0..required).collect(),
        empty: Vec::new(),
        lookups: Arc::default(),
    }
}

/// A source of updates that maps nothing yet.
fn source(name: &str) -> Source {
    let form = table(name, update::NAMES, update::REQUIRED, UPDATE_TIMES);
    Source { name: name.to_owned(), form, in_tickets: false, each: Vec::new() }
}

/// Puts what a document says over what a profile says.
fn overlay(section: &mut Section<'_>, profile: &mut Profile) -> Result<(), Flaw> {
    if let Some(entry) = section.get("delimiter") {
        profile.delimiter = Some(entry.choice(&[(",", b','), (";", b';'), ("\t", b'\t'), ("|", b'|')])?);
    }
    if let Some(entry) = section.get("encoding") {
        let label = entry.text()?;
        profile.encoding = Some(Encoding::named(&label).ok_or_else(|| {
            entry.flaw(format!("\"{label}\" is no encoding known here: write \"utf-8\", \"utf-16le\" or \"windows-1252\", say"))
        })?);
    }
    section.section("lookups", |lookups| {
        for (name, entry) in lookups.all() {
            let place = profile.lookups.iter().position(|lookup| lookup.name == name);
            let place = place.unwrap_or_else(|| {
                profile.lookups.push(LookupForm {
                    form: TableForm {
                        fields: vec![FieldForm::default()],
                        names: vec!["key".into()],
                        ..table(&name, &[], 1, &[])
                    },
                    name,
                    repeated: Repeated::default(),
                });
                profile.lookups.len() - 1
            });
            entry.section(|section| read_lookup(section, &mut profile.lookups[place]))?;
        }
        Ok(())
    })?;
    if let Some(time) = section.get("time") {
        let Profile { tickets, updates, .. } = profile;
        let fields = std::iter::once(tickets).chain(forms(updates)).flat_map(|table| &mut table.fields);
        let times = fields.filter_map(|field| field.time.as_mut());
        for form in std::iter::once(&mut profile.time).chain(times) {
            time.section(|section| read_time(section, form))?;
        }
    }
    // A source that is new here has the times of all.
    let mut base = source("");
    for form in base.form.fields.iter_mut().filter_map(|field| field.time.as_mut()) {
        form.clone_from(&profile.time);
    }
    let Profile { tickets, updates, customers, lookups, .. } = profile;
    section.section("tickets", |section| {
        read_table(section, tickets, TICKET_TIMES, lookups)?;
        if let Some(entry) = section.get("continuations") {
            profile.continuations = entry.choice(&[("ignored", true), ("rejected", false)])?;
        }
        if let Some(entry) = section.get("severity_by_classification") {
            profile.severities = profile.severities.and(entry.section(pairs)?);
        }
        Ok(())
    })?;
    section.section("customers", |section| read_table(section, customers, &[], lookups))?;
    section.section("updates", |section| read_source(section, updates, "updates", &base, lookups))?;
    section.section("sources", |section| {
        for (name, entry) in section.all() {
            if name == "updates" {
                return Err(
                    entry.key_flaw("the source `updates` is the table [updates]: name this one otherwise")
                );
            }
            entry.section(|section| read_source(section, updates, &name, &base, lookups))?;
        }
        Ok(())
    })?;
    if let Some(entry) = section.get("empty") {
        let empty = texts(&entry)?;
        let of_lookups = lookups.iter_mut().map(|lookup| &mut lookup.form);
        for form in [tickets, customers].into_iter().chain(forms(updates)).chain(of_lookups) {
            form.empty.clone_from(&empty);
        }
    }
    let empty = profile.tickets.empty.clone();
    let of_lookups = profile.lookups.iter_mut().map(|lookup| &mut lookup.form);
    for form in forms(&mut profile.updates).chain(of_lookups) {
        form.empty.clone_from(&empty);
    }
    if profile.submitted_by_log() {
        profile.tickets.required.retain(|field| *field != ticket::SUBMITTED);
    }
    if profile.is_log() && profile.updates.iter().filter(|source| source.in_tickets).count() > 1 {
        return Err(section.flaw("a row of tickets that is an update itself can hold no others: give `each` to all sources with from = \"tickets\""));
    }
    Ok(())
}

fn forms(sources: &mut [Source]) -> impl Iterator<Item = &mut TableForm> {
    sources.iter_mut().map(|source| &mut source.form)
}

/// Reads which column must say what.
fn read_when(entry: &Entry<'_>, key: &str) -> Result<When, Flaw> {
    entry.section(|section| match section.all().as_slice() {
        [(column, says)] => {
            let says = texts(says)?.iter().map(|text| text.to_lowercase()).collect();
            Ok(When { column: column.clone(), says })
        }
        _ => Err(entry
            .flaw(format!("`{key}` names one column and what it says, such as {{ field = \"status\" }}"))),
    })
}

fn read_lookup(section: &mut Section<'_>, lookup: &mut LookupForm) -> Result<(), Flaw> {
    if let Some(entry) = section.get("file") {
        lookup.form.files = texts(&entry)?;
    }
    if let Some(entry) = section.get("repeated") {
        lookup.repeated = entry.choice(&[("rejected", Repeated::Rejected), ("first", Repeated::First)])?;
    }
    match section.get("key") {
        Some(entry) => read_column(&entry, &mut lookup.form.fields[0], &mut [], "key"),
        None if lookup.form.fields[0].columns.is_empty() => Err(section.flaw(format!(
            "the look-up `{}` has no `key`: name the column that it is found by",
            lookup.name
        ))),
        None => Ok(()),
    }
}

/// Reads a source of updates into that of its name.
fn read_source(
    section: &mut Section<'_>,
    sources: &mut Vec<Source>,
    name: &str,
    base: &Source,
    lookups: &mut [LookupForm],
) -> Result<(), Flaw> {
    let place = sources.iter().position(|source| source.name == name).unwrap_or_else(|| {
        let mut new = Source { name: name.to_owned(), ..base.clone() };
        (new.form.table, new.form.files) = (name.to_owned(), vec![name.to_owned()]);
        sources.push(new);
        sources.len() - 1
    });
    let source = &mut sources[place];
    if let Some(entry) = section.get("from") {
        source.in_tickets = entry.choice(&[("tickets", true), ("updates", false)])?;
        source.form.required = match source.in_tickets {
            // The ticket is that of the row.
            true => vec![update::AT, update::AUTHOR],
            false => (0..update::REQUIRED).collect(),
        };
    }
    if let Some(entry) = section.get("each") {
        source.each = texts(&entry)?;
        if !source.in_tickets {
            return Err(entry.key_flaw(
                "`each` is for updates that stand in the rows of tickets: add from = \"tickets\"",
            ));
        }
    }
    read_table(section, &mut source.form, UPDATE_TIMES, lookups)
}

/// Reads what all tables have.
fn read_table(
    section: &mut Section<'_>,
    table: &mut TableForm,
    times: &[usize],
    lookups: &mut [LookupForm],
) -> Result<(), Flaw> {
    if let Some(entry) = section.get("file") {
        table.files = texts(&entry)?;
    }
    if let Some(entry) = section.get("rows") {
        table.only = Some(read_when(&entry, "rows")?);
    }
    let names = table.names.clone();
    let place = |name: &str, entry: &Entry<'_>| {
        let found = names.iter().position(|known| *known == name);
        found.ok_or_else(|| entry.key_flaw(format!("there is no field `{name}`{}", suggestion(name, &names))))
    };
    // A time is read as its column has it: nothing else can be said of one.
    let text_place = |name: &str, entry: &Entry<'_>| match place(name, entry)? {
        field if times.contains(&field) => {
            Err(entry.key_flaw(format!("`{name}` is a time: it can only be read from a column")))
        }
        field => Ok(field),
    };
    let mut own_columns = Vec::new();
    section.section("columns", |columns| {
        for (name, entry) in columns.all() {
            let field = place(&name, &entry)?;
            read_column(&entry, &mut table.fields[field], lookups, &name)?;
            own_columns.push(field);
        }
        Ok(())
    })?;
    section.section("constants", |constants| {
        for (name, entry) in constants.all() {
            let field = text_place(&name, &entry)?;
            if own_columns.contains(&field) {
                return Err(entry.key_flaw(format!("`{name}` has a column and a constant: say which holds")));
            }
            // The constant stands in place of a column that a profile further up names.
            let constant = Some(entry.number_or_text()?);
            table.fields[field] = FieldForm { constant, ..without_column(&table.fields[field]) };
        }
        Ok(())
    })?;
    section.section("defaults", |defaults| {
        for (name, entry) in defaults.all() {
            table.fields[text_place(&name, &entry)?].default = Some(entry.number_or_text()?);
        }
        Ok(())
    })?;
    section.section("values", |fields| {
        for (name, entry) in fields.all() {
            let field = text_place(&name, &entry)?;
            table.fields[field].values = table.fields[field].values.and(entry.section(pairs)?);
        }
        Ok(())
    })?;
    section.section("times", |fields| {
        for (name, entry) in fields.all() {
            let field = place(&name, &entry)?;
            match &mut table.fields[field].time {
                Some(form) => entry.section(|time| read_time(time, form))?,
                None => return Err(entry.key_flaw(format!("`{name}` is no time"))),
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// What of a field does not say where it stands.
fn without_column(field: &FieldForm) -> FieldForm {
    let FieldForm { default, values, time, .. } = field.clone();
    FieldForm { default, values, time, ..FieldForm::default() }
}

/// Reads which column a field is read from, and what of it.
fn read_column(
    entry: &Entry<'_>,
    field: &mut FieldForm,
    lookups: &mut [LookupForm],
    name: &str,
) -> Result<(), Flaw> {
    *field = without_column(field);
    if !entry.is_table() {
        field.columns = texts(entry)?;
        return Ok(());
    }
    entry.section(|section| {
        if let Some(entry) = section.get("column") {
            field.columns = texts(&entry)?;
        }
        if let Some(entry) = section.get("occurrence") {
            field.occurrence = match entry.number_or_text()?.as_str() {
                "last" => Occurrence::Last,
                number => match number.parse() {
                    Ok(number) if number > 0 => Occurrence::Nth(number),
                    _ => return Err(entry.flaw("`occurrence` is 1, 2, … or \"last\"")),
                },
            };
        }
        let separator = section.get("separator").map(|entry| entry.text()).transpose()?;
        if let Some(entry) = section.get("part") {
            let number = usize::try_from(entry.integer()?).ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| entry.flaw("`part` is 1, 2, …"))?;
            let separator = separator.filter(|text| !text.is_empty()).unwrap_or_else(|| ";".to_owned());
            field.part = Some(PartOf { number, separator });
        }
        if let Some(entry) = section.get("pattern") {
            let pattern = Regex::new(&entry.text()?);
            field.pattern = Some(pattern.map_err(|error| {
                entry.flaw(format!("no regular expression: {}", error.to_string().replace('\n', " ")))
            })?);
        }
        if let Some(entry) = section.get("when") {
            field.when = Some(read_when(&entry, "when")?);
        }
        if let Some(entry) = section.get("same_as") {
            let twins = |section: &mut Section<'_>| {
                section.all().into_iter().map(|(column, entry)| Ok((column, entry.text()?))).collect()
            };
            field.twins = entry.section(twins)?;
        }
        let taken = section.get("take").map(|entry| entry.text()).transpose()?;
        if let Some(entry) = section.get("lookup") {
            let table = entry.text()?;
            let known: Vec<String> = lookups.iter().map(|lookup| lookup.name.clone()).collect();
            let place = known.iter().position(|name| *name == table).ok_or_else(|| {
                entry.flaw(format!("there is no look-up [lookups.{table}]{}", suggestion(&table, &known)))
            })?;
            let Some(taken) = taken else {
                return Err(entry.key_flaw("`take` is missing: the column of the look-up that is meant"));
            };
            field.lookup = Some(LookedUp { table: place, column: lookups[place].take(&taken) });
        } else if taken.is_some() {
            return Err(entry.flaw("`take` goes with `lookup`"));
        }
        if let Some(entry) = section.get("after_submission") {
            if field.time.is_none() {
                return Err(entry.key_flaw(format!("`{name}` is no time")));
            }
            field.after_submission = Some(entry.choice(&Unit::ALL)?);
        }
        Ok(())
    })?;
    // A key that is misspelt is told before what is missing for it.
    match field.columns.is_empty() && field.part.is_none() {
        true => Err(entry.flaw(format!("`{name}` has no `column`"))),
        false => Ok(()),
    }
}

fn read_time(section: &mut Section<'_>, form: &mut TimeForm) -> Result<(), Flaw> {
    if let Some(entry) = section.get("patterns") {
        let pattern = |entry: &Entry<'_>| {
            let text = entry.text()?;
            Pattern::new(&text)
                .ok_or_else(|| entry.flaw(format!("\"{text}\" is no pattern: write %d/%m/%Y %H:%M, say")))
        };
        form.patterns = entry.one_or_list()?.iter().map(pattern).collect::<Result<_, _>>()?;
    }
    if let Some(entry) = section.get("zone") {
        form.zone = match entry.text()?.as_str() {
            "customer" => LocalZone::Customer,
            name => {
                let zone = Zone::named(name)
                    .map_err(|unknown| entry.flaw(format!("{unknown}; or write \"customer\"")))?;
                LocalZone::Named(Arc::new(zone))
            }
        };
    }
    Ok(())
}

/// A table of texts, and what each stands for.
fn pairs(section: &mut Section<'_>) -> Result<Vec<(String, String)>, Flaw> {
    section.all().into_iter().map(|(from, to)| Ok((from, to.number_or_text()?))).collect()
}

fn texts(entry: &Entry<'_>) -> Result<Vec<String>, Flaw> {
    entry.one_or_list()?.iter().map(Entry::text).collect()
}
