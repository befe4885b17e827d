//! Which file holds which table, and which column which field.

use std::collections::BTreeSet;

use super::super::fields::TableForm;
use super::super::profile::{customer, ticket, update};
use super::draft::{Draft, key, quoted};
use super::fit::{Fit, is_called, repeats};
use super::reading::{Reading, of_updates};
use super::sample::Sample;
use super::{Guess, GuessedFile};

/// A proposal in the making.
pub(super) struct Proposal<'a> {
    pub(super) samples: &'a [Sample],
    pub(super) draft: Draft,
    /// What each file is.
    pub(super) tables: Vec<Option<String>>,
}

impl<'a> Proposal<'a> {
    pub(super) fn finish(self, extends: Option<String>) -> Guess {
        let files: Vec<GuessedFile> = self
            .samples
            .iter()
            .zip(self.tables)
            .map(|(sample, table)| GuessedFile { file: sample.name(), rows: sample.rows, table })
            .collect();
        let mut introduction = vec!["A profile to start from, proposed from:".to_owned()];
        introduction.extend(files.iter().map(|file| {
            let rows = format!("{} ({} rows)", file.file, file.rows);
            match &file.table {
                Some(table) => format!("- {rows}: {table}"),
                None => format!("- {rows}: not read"),
            }
        }));
        introduction.push(
            "See what a report would make of it: punctual check DIR --profile FILE. What profiles can say stands in docs/profiles.md."
                .to_owned(),
        );
        let toml = self.draft.toml(&introduction);
        Guess { toml, extends, questions: self.draft.questions().to_vec(), files }
    }

    /// Proposes what differs from a built-in profile.
    pub(super) fn extend(&mut self, fit: &Fit) {
        let profile = &fit.profile;
        self.draft.top(format!("extends = {}", quoted(&profile.name)));
        let (file, layout) = &fit.tickets;
        let reading = Reading::new("tickets", &self.samples[*file], ticket::NAMES);
        let mut tickets = Reading::over(&profile.tickets, layout, &layout.columns, reading);
        let called = |form: &TableForm, file: usize| is_called(&form.files, &self.samples[file]) == 2;
        let is_called_so = called(&profile.tickets, *file);
        self.tables[*file] = Some("tickets".to_owned());
        let mut readings = Vec::new();
        for (part, file, layout) in &fit.updates {
            let source = &profile.updates[*part];
            let table = source.table();
            self.tables[*file] = Some(table.clone());
            if !called(&source.form, *file) {
                self.file(&table, &self.samples[*file]);
            }
            let reading = Reading::new(&table, &self.samples[*file], update::NAMES);
            readings.push(Reading::over(&source.form, layout, &layout.columns, reading));
        }
        for (part, file) in &fit.lookups {
            let lookup = &profile.lookups[*part];
            let table = format!("lookups.{}", key(&lookup.name));
            if !called(&lookup.form, *file) {
                self.file(&table, &self.samples[*file]);
            }
            self.tables[*file].get_or_insert(table);
        }
        for held in &layout.updates {
            let source = &profile.updates[held.source];
            if held.each.is_none() {
                let reading = Reading::new(&source.table(), &self.samples[*file], update::NAMES);
                readings.push(Reading::over(&source.form, &held.layout, &layout.columns, reading));
            }
        }
        self.customers(fit.customers);
        if !is_called_so {
            self.file("tickets", tickets.sample);
        }
        let wanted = [
            ticket::CUSTOMER,
            ticket::SEVERITY,
            ticket::TIER,
            ticket::REGION,
            ticket::TIMEZONE,
            ticket::FIRST_RESPONSE,
            ticket::RESOLVED,
        ];
        let before = tickets.columns.clone();
        // An event log tells by its rows when what happened.
        let wanted = &wanted[..if profile.is_log() { 5 } else { 7 }];
        tickets.find(wanted);
        self.columns(&tickets, &before);
        self.left_open(&tickets, fit.customers.is_some());
        readings.insert(0, tickets);
        let with_updates = readings.len() > 1 || !layout.updates.is_empty();
        self.after_columns(&readings, Some(profile), with_updates);
    }

    /// Proposes a profile of its own.
    pub(super) fn map(&mut self) {
        let Some((file, mut tickets)) = self.tickets() else { return };
        self.tables[file] = Some("tickets".to_owned());
        let (is_log, continuing) = (is_a_log(&tickets), rows_without_id(&tickets));
        // What is the same on every row knows the future, and the first of several rows not the end.
        let unknown =
            if is_log || continuing > 0 { &[ticket::FIRST_RESPONSE, ticket::RESOLVED][..] } else { &[] };
        let fields: Vec<usize> = (0..tickets.names.len()).filter(|field| !unknown.contains(field)).collect();
        tickets.find(&fields);
        let customers = self.customers_file(file);
        let mut readings = match is_log {
            true => vec![log_of(&mut tickets)],
            false => self.updates(&tickets, &[Some(file), customers]),
        };
        self.customers(customers);
        self.file("tickets", tickets.sample);
        if continuing > 0 {
            self.draft.line("tickets", "continuations = \"ignored\"");
            self.draft.ask(format!(
                "{continuing} rows of {} have no id: do they go on with the ticket above them? It is taken so; without `continuations` they are rejected.",
                tickets.sample.name()
            ));
        }
        self.columns(&tickets, &vec![None; tickets.names.len()]);
        self.left_open(&tickets, customers.is_some());
        if is_log {
            self.draft.line(
                "updates",
                "from = \"tickets\"      # each row is an update, and holds the ticket after it",
            );
            if tickets.columns[ticket::SUBMITTED].is_none() {
                self.draft.ask("No column tells when a ticket was submitted: its first row is taken for it.");
            }
        }
        for reading in &readings {
            self.columns(reading, &vec![None; reading.names.len()]);
            self.author_left_open(reading);
        }
        if readings.is_empty() {
            self.draft.ask("No file of updates is among these: a report has first responses only.");
        }
        readings.insert(0, tickets);
        let with_updates = readings.len() > 1;
        self.after_columns(&readings, None, with_updates);
    }

    /// The files of updates of these tickets, but for those that are something else.
    fn updates(&mut self, tickets: &Reading<'a>, but: &[Option<usize>]) -> Vec<Reading<'a>> {
        let mut readings = Vec::new();
        let Some(id) = tickets.column(ticket::ID) else { return readings };
        let ids: BTreeSet<&str> = id.said().collect();
        for (place, sample) in
            self.samples.iter().enumerate().filter(|(place, _)| !but.contains(&Some(*place)))
        {
            let name = match readings.is_empty() {
                true => "updates".to_owned(),
                false => format!("sources.{}", key(&sample.stem())),
            };
            if let Some(reading) = of_updates(&name, sample, &ids) {
                self.tables[place] = Some(name);
                self.file(&reading.table, sample);
                readings.push(reading);
            }
        }
        readings
    }

    fn author_left_open(&mut self, updates: &Reading<'_>) {
        if updates.knows(update::AUTHOR) {
            return;
        }
        let section = format!("{}.constants", updates.table);
        self.draft.line(&section, "# author = \"support\"");
        self.draft.ask(format!(
            "No column of {} tells who wrote an update: did support write them all? Say so in [{section}], or name the column.",
            updates.sample.name()
        ));
    }

    /// The file whose columns are most like those of tickets, and where its id stands.
    fn tickets(&self) -> Option<(usize, Reading<'a>)> {
        let looked = self.samples.iter().enumerate().map(|(place, sample)| {
            let mut reading = Reading::new("tickets", sample, ticket::NAMES);
            reading.find(&[ticket::ID, ticket::CUSTOMER, ticket::SEVERITY, ticket::SUBMITTED]);
            let found = reading.columns.iter().flatten().count();
            let is_single = reading.columns[ticket::ID].is_some_and(|id| !repeats(sample, id));
            let mut with_id = Reading::new("tickets", sample, ticket::NAMES);
            with_id.columns[ticket::ID] = reading.columns[ticket::ID];
            ((found, is_single, usize::MAX - place), place, with_id)
        });
        looked.max_by_key(|looked| looked.0).map(|(_, place, reading)| (place, reading))
    }

    /// The file of customers: each in a row of its own, with what concerns them.
    fn customers_file(&self, tickets: usize) -> Option<usize> {
        (0..self.samples.len()).filter(|place| *place != tickets).find(|place| {
            let mut reading = Reading::new("customers", &self.samples[*place], customer::NAMES);
            reading.find(&[0, 1, 2, 3, 4, 5]);
            let name = reading.columns[customer::NAME];
            let concerns = [customer::TIER, customer::REGION, customer::TIMEZONE];
            let found = concerns.iter().filter(|field| reading.columns[**field].is_some()).count();
            name.is_some_and(|name| !repeats(&self.samples[*place], name)) && found >= 1
        })
    }

    fn customers(&mut self, file: Option<usize>) {
        let Some(file) = file else { return };
        let sample = &self.samples[file];
        self.tables[file] = Some("customers".to_owned());
        if !sample.stem().eq_ignore_ascii_case("customers") {
            self.file("customers", sample);
        }
        let mut reading = Reading::new("customers", sample, customer::NAMES);
        reading.find(&[0, 1, 2, 3, 4, 5]);
        for (field, column) in reading.columns.iter().enumerate() {
            if let Some(column) =
                column.filter(|column| !reading.header(*column).eq_ignore_ascii_case(reading.names[field]))
            {
                let line = format!("{} = {}", reading.names[field], quoted(reading.header(column)));
                self.draft.line("customers.columns", line);
            }
        }
    }

    /// Writes what the file of a table is called.
    fn file(&mut self, table: &str, sample: &Sample) {
        self.draft.line(table, format!("file = {}", quoted(&sample.stem())));
    }

    /// Writes the columns of the fields that were not known before.
    fn columns(&mut self, reading: &Reading<'_>, before: &[Option<usize>]) {
        let section = format!("{}.columns", reading.table);
        for (field, column) in reading.columns.iter().enumerate() {
            let Some(column) = column.filter(|_| before[field].is_none()) else { continue };
            let rows = reading.sample.rows.max(1);
            let empty = rows.saturating_sub(reading.sample.columns[column].filled) * 100 / rows;
            let note = if empty == 0 { String::new() } else { format!("      # empty in {empty} % of rows") };
            let name = quoted(reading.header(column));
            let column = match reading.id_pattern.filter(|_| reading.names[field] == "ticket_id") {
                Some(pattern) => format!("{{ column = {name}, pattern = '{pattern}' }}"),
                None => name,
            };
            self.draft.line(&section, format!("{} = {column}{note}", reading.names[field]));
        }
    }

    /// What tickets must have and no column of them holds.
    fn left_open(&mut self, tickets: &Reading<'_>, with_customers: bool) {
        for (field, why) in [
            (ticket::ID, "which column holds the id of a ticket?"),
            (ticket::CUSTOMER, "whose ticket is it?"),
            (ticket::SEVERITY, "which column holds the severity, or the priority?"),
        ] {
            if !tickets.knows(field) {
                let name = tickets.names[field];
                self.draft.line("tickets.columns", format!("# {name} = \"\""));
                self.draft.ask(format!("No column looks like `{name}`: {why}"));
            }
        }
        if tickets.base.is_none() && !tickets.knows(ticket::SUBMITTED) && !is_a_log(tickets) {
            self.draft.line("tickets.columns", "# submitted_at = \"\"");
            self.draft.ask("No column of times looks like `submitted_at`: when was a ticket submitted?");
        }
        let open: Vec<usize> = [ticket::TIER, ticket::REGION, ticket::TIMEZONE]
            .into_iter()
            .filter(|field| !tickets.knows(*field))
            .collect();
        if open.is_empty() || with_customers {
            return;
        }
        let said: Vec<&str> = open.iter().map(|field| tickets.names[*field]).collect();
        self.draft.ask(format!(
            "Nothing tells a ticket's {}: give a customers table (customer,tier,region,timezone), or say in [tickets.defaults] what holds for all.",
            said.join(", ")
        ));
        for field in open {
            let example = match field {
                ticket::TIER => "standard",
                ticket::REGION => "EMEA",
                _ => "Europe/Paris",
            };
            self.draft.line("tickets.defaults", format!("# {} = \"{example}\"", tickets.names[field]));
        }
    }
}

/// Whether each row is an update of a ticket rather than a ticket.
fn is_a_log(tickets: &Reading<'_>) -> bool {
    tickets.columns[ticket::ID].is_some_and(|id| repeats(tickets.sample, id))
}

/// How many rows have no id and go on with the ticket above, it seems: a few are only odd.
fn rows_without_id(tickets: &Reading<'_>) -> u64 {
    let filled = tickets.column(ticket::ID).map_or(tickets.sample.rows, |id| id.filled);
    let empty = tickets.sample.rows.saturating_sub(filled);
    if empty * 50 > tickets.sample.rows { empty } else { 0 }
}

/// Where the fields of updates stand in rows of tickets that are updates.
fn log_of<'a>(tickets: &mut Reading<'a>) -> Reading<'a> {
    let mut log = Reading::new("updates", tickets.sample, update::NAMES);
    // The ticket's own columns are none of the update's.
    let own = [ticket::ID, ticket::SUBMITTED, ticket::CUSTOMER];
    log.taken = own.into_iter().filter_map(|field| tickets.columns[field]).collect();
    log.find(&[update::AT, update::AUTHOR, update::VISIBILITY, update::STATE, update::SEQUENCE]);
    if log.columns[update::AT].is_none() {
        // The only time is that of the row, and not of the submission.
        log.columns[update::AT] = tickets.columns[ticket::SUBMITTED].take();
    }
    log.find_person();
    log.columns[update::SEVERITY] = tickets.columns[ticket::SEVERITY];
    log
}
