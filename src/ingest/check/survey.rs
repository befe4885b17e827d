//! The second reading: who did what when, and what is written where spellings count.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::fields::{Fault, Row, Said, TableForm};
use super::super::files::Table;
use super::super::ids::IdIndex;
use super::super::layout::Layout;
use super::super::ledger::Ledger;
use super::super::profile::{Profile, ticket, update};
use super::super::reader::{Collector, Part};
use super::super::{Ingest, IngestError, Ingested, Inputs};
use crate::calendar::{Instant, Zone};
use crate::progress::Observer;
use crate::records::{Name, Names, Records};

/// How the profile takes what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is not known, and its rows are rejected.
    Unknown,
    /// It has no spelling of its own, and is taken as any other is.
    AnyOther,
    /// It has a spelling of its own, or is a word that is known.
    Known,
}

/// What is written in a column whose spellings stand for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueCount {
    /// The table, or the source of updates.
    pub table: String,
    /// The field.
    pub field: String,
    /// What is written, up to 80 characters of it.
    pub value: String,
    /// In how many rows.
    pub rows: u64,
    /// How it is taken.
    pub standing: Standing,
}

/// Something that somebody did to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deed {
    /// The ticket, by its place.
    pub(super) ticket: u32,
    pub(super) at: Instant,
    /// Who, among the people of the survey.
    pub(super) person: Name,
    /// What the profile takes them for.
    pub(super) part: Role,
}

/// What somebody is to the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Support,
    Customer,
    /// Neither.
    Other,
}

/// What the second reading found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// By ticket and time.
    pub(super) deeds: Vec<Deed>,
    /// The people, by what the export calls them.
    pub(super) people: Names,
    /// The source that each of them was first met in, and the column that names them.
    pub(super) sources: BTreeMap<Name, (String, String)>,
    pub(super) values: Vec<ValueCount>,
    /// Whether the rows of tickets are the updates.
    pub(super) is_log: bool,
}

/// How many different texts of a field are counted.
const MOST_VALUES: usize = 10_000;

#[derive(Debug, Default)]
struct Batch {
    deeds: Vec<Deed>,
    people: Names,
    met_in: BTreeMap<Name, (usize, String)>,
    /// By the place of the source, or none for tickets, the field, and what is written.
    values: BTreeMap<(Option<usize>, usize), BTreeMap<String, u64>>,
}

/// The fields whose spellings count.
const OF_TICKETS: [usize; 1] = [ticket::SEVERITY];
const OF_UPDATES: [usize; 5] =
    [update::AUTHOR, update::VISIBILITY, update::KIND, update::STATE, update::SEVERITY];

struct Surveyor<'a> {
    form: &'a TableForm,
    profile: &'a Profile,
    /// The source by which a file of updates is read; `None` for tickets.
    source: Option<usize>,
    records: &'a Records,
    index: &'a IdIndex,
}

impl Surveyor<'_> {
    fn zone(&self, place: u32) -> Option<&Zone> {
        let name = self.records.tickets.timezone(place as usize);
        self.records.zones.get(&name).map(|zone| &**zone)
    }

    fn values(
        &self,
        (layout, row): (&Layout, &impl Row),
        which: Option<usize>,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        let (form, fields): (&TableForm, &[usize]) = match which {
            Some(source) => (&self.profile.updates[source].form, &OF_UPDATES),
            None => (self.form, &OF_TICKETS),
        };
        for field in fields.iter().copied().filter(|field| layout.places[*field].is_some()) {
            let Some(Said::Spelling(text)) = form.said(layout, row, field)? else { continue };
            let counts = batch.values.entry((which, field)).or_default();
            let text: String = text.chars().take(80).collect();
            let room = counts.len() < MOST_VALUES;
            match counts.get_mut(&text) {
                Some(rows) => *rows += 1,
                None if room => drop(counts.insert(text, 1)),
                None => {}
            }
        }
        Ok(())
    }

    fn deed(
        &self,
        (layout, row): (&Layout, &impl Row),
        source: usize,
        place: u32,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        let form = &self.profile.updates[source].form;
        let Some(at) = form.instant(layout, row, update::AT, &|| self.zone(place))? else { return Ok(()) };
        let Some(part) = part_of(form, layout, row)? else { return Ok(()) };
        let who = [update::PERSON, update::AUTHOR].into_iter().find(|field| layout.places[*field].is_some());
        let Some(field) = who else { return Ok(()) };
        let person = match form.fields[field].lookup {
            // Who it is, and not what is looked up of them.
            Some(_) => form.key(layout, row, field),
            None => form.said(layout, row, field)?.map(|said| match said {
                Said::Spelling(text) | Said::Meant(text) => text.into_owned(),
            }),
        };
        let Some(person) = person else { return Ok(()) };
        let person = batch.people.intern(&person);
        batch.met_in.entry(person).or_insert_with(|| (source, form.names[field].to_string()));
        let part = match part.as_str() {
            "support" => Role::Support,
            "customer" => Role::Customer,
            _ => Role::Other,
        };
        batch.deeds.push(Deed { ticket: place, at: at.instant, person, part });
        Ok(())
    }
}

/// What the profile takes the author of an update for.
fn part_of(form: &TableForm, layout: &Layout, row: &impl Row) -> Result<Option<String>, Fault> {
    let person = form.text(layout, row, update::PERSON)?;
    let own = person.filter(|part| matches!(part.as_ref(), "support" | "customer" | "system"));
    let own = own.filter(|_| !form.fields[update::PERSON].values.is_empty());
    Ok(match own {
        Some(own) => Some(own.into_owned()),
        None => form.text(layout, row, update::AUTHOR)?.map(|author| author.into_owned()),
    })
}

impl Collector for Surveyor<'_> {
    type Batch = Batch;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn layout(&self, file: &str, header: &[String]) -> Result<Layout, IngestError> {
        match self.source {
            Some(_) => self.form.layout(file, header),
            None => {
                // What must be there was seen to be there.
                let mut form = self.form.clone();
                form.required.clear();
                form.layout_with(file, header, &self.profile.sources_in_tickets())
            }
        }
    }

    fn take(&self, layout: &Layout, row: &impl Row, _: u64, part: &mut Part<Batch>) -> Result<(), Fault> {
        let batch = &mut part.batch;
        self.values((layout, row), self.source, batch)?;
        let id = match self.source {
            Some(_) => self.form.text(layout, row, update::TICKET)?,
            None => self.form.text(layout, row, ticket::ID)?,
        };
        let Some(place) = id.and_then(|id| self.index.find(&self.records.tickets.ids, &id)) else {
            return Ok(());
        };
        if let Some(source) = self.source {
            return self.deed((layout, row), source, place, batch);
        }
        for held in &layout.updates {
            let form = &self.profile.updates[held.source].form;
            if held.each.is_none_or(|each| form.is_filled(row.cell(each))) {
                self.values((&held.layout, row), Some(held.source), batch)?;
                self.deed((&held.layout, row), held.source, place, batch)?;
            }
        }
        Ok(())
    }

    fn finish(&self, _: &mut Part<Batch>) -> Vec<(u64, Fault)> {
        Vec::new()
    }
}

impl Survey {
    pub(super) fn take<'a>(
        ingest: &Ingest<'a>,
        inputs: &'a Inputs,
        first: &Ingested,
        observer: &'a dyn Observer,
    ) -> Result<Survey, IngestError> {
        let records = &first.records;
        // The account of the rows is that of the first reading.
        let mut ledger = Ledger::default();
        let profile = ingest.with_lookups(inputs, observer, &mut ledger)?;
        let ingest = Ingest { profile: &profile, cache: None, ..*ingest };
        let index = IdIndex::of(&records.tickets.ids);
        let mut survey = Survey { is_log: profile.is_log(), ..Survey::default() };
        let mut counts = BTreeMap::new();
        let mut read = |table: Table, path: &'a Path, source: Option<usize>| {
            let form = source.map_or(&profile.tickets, |source| &profile.updates[source].form);
            let surveyor = Surveyor { form, profile: &profile, source, records, index: &index };
            let reader = ingest.reader((table, path), observer, &mut ledger);
            for batch in reader.read(&surveyor, &mut ledger)? {
                survey.append(batch, &profile, &mut counts);
            }
            Ok::<_, IngestError>(())
        };
        inputs.tickets.iter().try_for_each(|path| read(Table::Tickets, path, None))?;
        inputs.updates.iter().try_for_each(|file| read(Table::Updates, &file.path, Some(file.part)))?;
        let before = |path: &Path| first.ledger.inputs.iter().find(|input| input.path == path);
        let changed = ledger
            .inputs
            .iter()
            .find(|input| before(&input.path).is_some_and(|before| before.sha256 != input.sha256));
        if let Some(changed) = changed {
            return Err(IngestError::Changed(changed.path.display().to_string()));
        }
        survey.deeds.sort_unstable();
        survey.values = values(counts, &profile);
        Ok(survey)
    }

    fn append(&mut self, batch: Batch, profile: &Profile, counts: &mut Counts) {
        let names: Vec<Name> = batch.people.texts().iter().map(|text| self.people.intern(text)).collect();
        self.deeds
            .extend(batch.deeds.iter().map(|deed| Deed { person: names[deed.person.index()], ..*deed }));
        for (person, (source, field)) in batch.met_in {
            let source = profile.updates[source].table();
            self.sources.entry(names[person.index()]).or_insert((source, field));
        }
        for (of, values) in batch.values {
            let sum = counts.entry(of).or_default();
            for (value, rows) in values {
                *sum.entry(value).or_default() += rows;
            }
        }
    }
}

type Counts = BTreeMap<(Option<usize>, usize), BTreeMap<String, u64>>;

/// What is written, the most frequent first, and how it is taken.
fn values(counts: Counts, profile: &Profile) -> Vec<ValueCount> {
    let mut values = Vec::new();
    for ((source, field), texts) in counts {
        let (table, form) = match source {
            Some(source) => (profile.updates[source].name.clone(), &profile.updates[source].form),
            None => ("tickets".to_owned(), &profile.tickets),
        };
        let mut of_field: Vec<ValueCount> = texts
            .into_iter()
            .map(|(value, rows)| {
                let spellings = &form.fields[field].values;
                let standing =
                    if spellings.particular(&value).is_some() || is_a_word(&form.names[field], &value) {
                        Standing::Known
                    } else if spellings.get(&value).is_some() {
                        Standing::AnyOther
                    } else {
                        Standing::Unknown
                    };
                ValueCount {
                    table: table.clone(),
                    field: form.names[field].to_string(),
                    value,
                    rows,
                    standing,
                }
            })
            .collect();
        of_field.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.value.cmp(&b.value)));
        values.extend(of_field);
    }
    values
}

/// Whether a text is one of the words that a field knows by itself.
fn is_a_word(field: &str, text: &str) -> bool {
    match field {
        "author" => matches!(text, "support" | "customer" | "system"),
        "visibility" => matches!(text, "public" | "internal"),
        "kind" => {
            matches!(text, "comment" | "severity" | "waiting" | "resumed" | "resolved" | "reopened" | "other")
        }
        "state" => matches!(text, "open" | "waiting" | "resolved"),
        _ => super::super::tickets::severity_of(text).is_some(),
    }
}

#[cfg(test)]
impl Survey {
    /// A survey of deeds, each as its ticket, its second and who did it; those in capitals are support.
    pub(super) fn of(deeds: &[(u32, i64, &str)]) -> Survey {
        let mut survey = Survey::default();
        for (ticket, second, who) in deeds {
            let person = survey.people.intern(who);
            survey.sources.insert(person, ("updates".to_owned(), "author".to_owned()));
            let at = Instant::from_micros(second * crate::calendar::SECOND).unwrap();
            let is_support = who.chars().all(|char| !char.is_lowercase());
            let part = if is_support { Role::Support } else { Role::Customer };
            survey.deeds.push(Deed { ticket: *ticket, at, person, part });
        }
        survey.deeds.sort_unstable();
        survey
    }
}
