//! Source profiles: how the files of one help desk are laid out, as TOML.
//!
//! ```toml
//! name = "our-desk"
//! extends = "canonical"        # start from a built-in profile; without it nothing is mapped
//! empty = ["?", "-"]           # texts that mean an empty cell
//! delimiter = ";"              # else it is found in the header
//!
//! [time]                       # for every time, unless it has its own below
//! patterns = ["%d/%m/%Y %H:%M"]
//! zone = "customer"            # of times without an offset: "customer", or an IANA name
//!
//! [tickets.columns]            # a field = its column, or a list of which the first there is counts
//! ticket_id = "number"
//! [tickets.values.severity]    # spellings; "*" stands for any other
//! "1 - Critical" = 1
//! [tickets.times.resolved_at]
//! zone = "UTC"
//! [tickets.constants]          # in place of a column: every row says so
//! tier = "standard"
//! [tickets.defaults]           # where neither the row nor the customers table says anything
//! region = "EMEA"
//!
//! [updates]
//! from = "tickets"             # an event log: each row is an update and holds the ticket after it
//! [updates.columns]            # besides the canonical ones:
//! state = "state"              # the ticket's state after the row: open, waiting or resolved
//! severity = "priority"        # its severity after the row
//! sequence = "mod_count"       # orders rows of one instant
//! ```

use std::sync::Arc;

use super::fields::{FieldForm, TableForm};
use super::time::{LocalZone, Pattern, TimeForm};
use crate::calendar::Zone;
use crate::document::{Document, Entry, Flaw, Section, suggestion};

/// The TOML of the built-in profile for files in the product's own names.
pub const CANONICAL: &str = include_str!("profiles/canonical.toml");

/// How the files of one help desk are laid out.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// The TOML it was read from.
    pub text: String,
    pub(super) delimiter: Option<u8>,
    pub(super) tickets: TableForm,
    pub(super) updates: TableForm,
    pub(super) customers: TableForm,
    log: bool,
}

macro_rules! fields {
    ($(#[$doc:meta])* $module:ident, required $required:literal: $($constant:ident = $name:literal),+ $(,)?) => {
        $(#[$doc])*
        pub(super) mod $module {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Place { $($constant),+ }
            $(pub(in crate::ingest) const $constant: usize = Place::$constant as usize;)+
            pub(in crate::ingest) const NAMES: &[&str] = &[$($name),+];
            /// How many of them, from the first, a file must have.
            pub(in crate::ingest) const REQUIRED: usize = $required;
        }
    };
}

fields! {
    /// The fields of a ticket's row.
    ticket, required 4:
    ID = "ticket_id", CUSTOMER = "customer", SEVERITY = "severity", SUBMITTED = "submitted_at",
    FIRST_RESPONSE = "first_response_at", RESOLVED = "resolved_at", TIER = "tier", REGION = "region",
    TIMEZONE = "timezone", CLASSIFICATION = "classification", PRODUCT = "product",
    ACCOUNT_MANAGER = "account_manager",
}

fields! {
    /// The fields of an update's row.
    update, required 3:
    TICKET = "ticket_id", AT = "at", AUTHOR = "author", VISIBILITY = "visibility", KIND = "kind",
    VALUE = "value", OLD_VALUE = "old_value", STATE = "state", SEVERITY = "severity", SEQUENCE = "sequence",
}

fields! {
    /// The fields of a customer's row.
    customer, required 1:
    NAME = "customer", TIER = "tier", REGION = "region", TIMEZONE = "timezone", CALENDAR = "calendar",
    ACCOUNT_MANAGER = "account_manager",
}

const TICKET_TIMES: &[usize] = &[ticket::SUBMITTED, ticket::FIRST_RESPONSE, ticket::RESOLVED];
const UPDATE_TIMES: &[usize] = &[update::AT];

impl Profile {
    /// The profile for files in the product's own names.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[allow(clippy::expect_used, reason = "a test of this crate reads the built-in profile")]
    pub fn canonical() -> Profile {
        Profile::parse("canonical", CANONICAL).expect("the built-in profile is sound")
    }

    /// Reads a profile; `file` names it in messages.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse(file: &str, text: &str) -> Result<Profile, Flaw> {
        Document { file, text }.read(|section| read(section, text))
    }

    /// Whether the updates stand in the tickets' own files: an event log.
    pub fn updates_from_tickets(&self) -> bool {
        self.log
    }
}

fn blank(table: &'static str, names: &[&'static str], required: usize) -> TableForm {
    let fields = vec![FieldForm::default(); names.len()];
    TableForm { fields, table, names: names.to_vec(), required: (0..required).collect(), empty: Vec::new() }
}

fn read(section: &mut Section<'_>, text: &str) -> Result<Profile, Flaw> {
    let name = section
        .get("name")
        .ok_or_else(|| section.flaw("`name` is missing: a profile must have it"))?
        .text()?;
    let mut profile = match section.get("extends") {
        Some(base) => base.choice(&[("canonical", ())]).map(|()| Profile::canonical())?,
        None => Profile {
            name: String::new(),
            text: String::new(),
            delimiter: None,
            tickets: blank("tickets", ticket::NAMES, ticket::REQUIRED),
            updates: blank("updates", update::NAMES, update::REQUIRED),
            customers: blank("customers", customer::NAMES, customer::REQUIRED),
            log: false,
        },
    };
    (profile.name, profile.text) = (name, text.to_owned());
    if let Some(entry) = section.get("delimiter") {
        profile.delimiter = Some(entry.choice(&[(",", b','), (";", b';'), ("\t", b'\t'), ("|", b'|')])?);
    }
    let empty = section.get("empty").map(|entry| texts(&entry)).transpose()?.unwrap_or_default();
    let time = section.section("time", |time| read_time(time, None))?;
    let time = time.unwrap_or(TimeForm { patterns: Vec::new(), zone: LocalZone::Undeclared });
    let tables = [
        ("tickets", &mut profile.tickets, TICKET_TIMES),
        ("updates", &mut profile.updates, UPDATE_TIMES),
        ("customers", &mut profile.customers, &[][..]),
    ];
    for (key, table, times) in tables {
        table.empty.clone_from(&empty);
        for field in times {
            table.fields[*field].time = Some(time.clone());
        }
        let log = section.section(key, |section| read_table(section, table, times))?.unwrap_or(false);
        profile.log |= log;
    }
    Ok(profile)
}

/// Reads `[tickets]`, `[updates]` or `[customers]`; gives whether it is read from the tickets.
fn read_table(section: &mut Section<'_>, table: &mut TableForm, times: &[usize]) -> Result<bool, Flaw> {
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
            table.fields[field].columns = texts(&entry)?;
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
            table.fields[field].columns.clear();
            table.fields[field].constant = Some(entry.number_or_text()?);
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
            let pairs = |spellings: &mut Section<'_>| {
                spellings.all().into_iter().map(|(from, to)| Ok((from, to.number_or_text()?))).collect()
            };
            table.fields[field].values = entry.section(pairs)?;
        }
        Ok(())
    })?;
    section.section("times", |fields| {
        for (name, entry) in fields.all() {
            let field = place(&name, &entry)?;
            if !times.contains(&field) {
                return Err(entry.key_flaw(format!("`{name}` is no time")));
            }
            let base = table.fields[field].time.take();
            table.fields[field].time = Some(entry.section(|time| read_time(time, base))?);
        }
        Ok(())
    })?;
    if names != update::NAMES {
        return Ok(false);
    }
    let from = section.get("from").map(|entry| entry.choice(&[("tickets", true), ("updates", false)]));
    Ok(from.transpose()?.unwrap_or(false))
}

fn read_time(section: &mut Section<'_>, base: Option<TimeForm>) -> Result<TimeForm, Flaw> {
    let mut form = base.unwrap_or(TimeForm { patterns: Vec::new(), zone: LocalZone::Undeclared });
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
    Ok(form)
}

fn texts(entry: &Entry<'_>) -> Result<Vec<String>, Flaw> {
    entry.one_or_list()?.iter().map(Entry::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> String {
        Profile::parse("p.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_profile_maps_every_canonical_field_to_its_name() {
        let profile = Profile::canonical();
        for table in [&profile.tickets, &profile.customers] {
            for (field, name) in table.fields.iter().zip(&table.names) {
                assert_eq!(field.columns, [*name]);
            }
        }
        assert!(!profile.updates_from_tickets());
    }

    #[test]
    fn a_typo_in_a_profile_names_its_line_and_the_nearest_field() {
        assert_eq!(
            flaw("name = \"x\"\n[tickets.columns]\nticketid = \"n\""),
            "p.toml:3:1: there is no field `ticketid`; did you mean `ticket_id`?"
        );
        assert!(
            flaw("name = \"x\"\n[ticket]")
                .starts_with("p.toml:2:2: unknown key `ticket`; did you mean `tickets`?")
        );
        assert!(
            flaw("name = \"x\"\n[time]\nzone = \"Europe/Pariss\"").contains("did you mean \"Europe/Paris\"?")
        );
        assert!(flaw("name = \"x\"\n[time]\npatterns = \"%Q\"").contains("is no pattern"));
        assert!(flaw("name = \"x\"\n[tickets.times.tier]\nzone = \"UTC\"").contains("`tier` is no time"));
        let time = flaw("name = \"x\"\n[updates.defaults]\nat = \"2024-05-01T00:00:00Z\"");
        assert!(time.contains("`at` is a time"), "{time}");
        let both =
            flaw("name = \"x\"\n[tickets.columns]\ntier = \"t\"\n[tickets.constants]\ntier = \"standard\"");
        assert!(both.starts_with("p.toml:5:1: `tier` has a column and a constant"), "{both}");
    }

    #[test]
    fn a_profile_that_extends_another_changes_only_what_it_says() {
        let profile = Profile::parse(
            "p",
            "name = \"x\"\nextends = \"canonical\"\n[tickets.columns]\nseverity = [\"P\", \"prio\"]",
        )
        .unwrap();
        assert_eq!(profile.tickets.fields[ticket::SEVERITY].columns, ["P", "prio"]);
        assert_eq!(profile.tickets.fields[ticket::ID].columns, ["ticket_id"]);
        assert_eq!(profile.name, "x");
    }
}
