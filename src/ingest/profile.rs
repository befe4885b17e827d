//! Source profiles: how the files of one help desk are laid out, as TOML.
//!
//! ```toml
//! name = "our-desk"
//! extends = "zendesk"          # start from another: a built-in one, or a file beside this one
//! empty = ["?", "-"]           # texts that mean an empty cell
//! delimiter = ";"              # else it is found in the header
//! encoding = "windows-1252"    # else it is found in the first bytes
//!
//! [time]                       # for every time, unless it has its own below
//! patterns = ["%d/%m/%Y %H:%M"]
//! zone = "customer"            # of times without an offset: "customer", or an IANA name
//!
//! [tickets]
//! file = "ticket"              # what the file is called in a folder, without its ending
//! continuations = "ignored"    # a row without an id goes on with the ticket above
//! [tickets.columns]            # a field = its column, or a list of which the first there is counts
//! ticket_id = "number"
//! region = { column = "Custom field (Region)", occurrence = 2 }       # of several of one name
//! customer = { column = "organization_id", lookup = "organization", take = "name" }
//! product = { column = "Tags", part = 1, separator = " " }            # a piece of the cell
//! account_manager = { column = "Note", pattern = "AM: (.*)" }         # what a pattern meets
//! first_response_at = { column = "First reply", after_submission = "minutes" }
//! [tickets.values.severity]    # spellings; "*" stands for any run of characters, alone for any other
//! "1 - Critical" = 1
//! [tickets.severity_by_classification]    # for rows without a severity
//! "loss of service" = 1
//! [tickets.times.resolved_at]
//! zone = "UTC"
//! [tickets.constants]          # in place of a column: every row says so
//! tier = "standard"
//! [tickets.defaults]           # where neither the row nor the customers table says anything
//! region = "EMEA"
//!
//! [lookups.organization]       # a table in which fields are looked up
//! file = "organization"
//! key = "id"
//! repeated = "first"           # else rows of one key that contradict each other are rejected
//!
//! [updates]
//! rows = { table = "incident" }    # rows that say otherwise are passed over and counted
//! from = "tickets"             # an event log: each row is an update and holds the ticket after it
//! [updates.columns]            # besides the canonical ones:
//! state = { column = "value", when = { field_name = "status" } }      # open, waiting or resolved
//! severity = "priority"        # the ticket's severity after the row
//! sequence = "mod_count"       # orders rows of one instant
//! person = "sys_created_by"    # who it is, where `author` is told by role
//! [updates.values.person]      # what they are, whatever their role says
//! helpbot = "system"
//!
//! [sources.comments]           # more files of updates, each laid out in its own way
//! from = "tickets"             # or within the rows of tickets:
//! each = "Comment"             # an update for each column of this name (or these) that is filled
//! [sources.comments.columns]
//! at = { part = 1 }
//! author = { part = 2, same_as = { Reporter = "customer" } }
//! ```

mod describe;
mod parse;

use std::path::Path;
use std::sync::Arc;

use parse::Bases;

use super::encoding::Encoding;
use super::fields::TableForm;
use super::lookups::{LookupForm, Lookups};
use super::spellings::Spellings;
use super::time::TimeForm;
use crate::document::Flaw;

pub use describe::{FieldUse, TableUse};

/// The TOML of the built-in profile for files in the product's own names.
pub const CANONICAL: &str = include_str!("profiles/canonical.toml");

/// The built-in profiles: what they are called, and their TOML.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("canonical", CANONICAL),
    ("freshdesk", include_str!("profiles/freshdesk.toml")),
    ("jira", include_str!("profiles/jira.toml")),
    ("jira-history", include_str!("profiles/jira-history.toml")),
    ("salesforce", include_str!("profiles/salesforce.toml")),
    ("servicenow", include_str!("profiles/servicenow.toml")),
    ("servicenow-journal", include_str!("profiles/servicenow-journal.toml")),
    ("servicenow-log", include_str!("profiles/servicenow-log.toml")),
    ("zendesk", include_str!("profiles/zendesk.toml")),
    ("zendesk-tables", include_str!("profiles/zendesk-tables.toml")),
];

/// How the files of one help desk are laid out.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// The TOML it was read from, that of the profiles it extends included.
    pub text: String,
    pub(super) delimiter: Option<u8>,
    pub(super) encoding: Option<Encoding>,
    pub(super) tickets: TableForm,
    /// Where updates are found: in files, each laid out in its own way, or in the rows of tickets.
    pub(super) updates: Vec<Source>,
    pub(super) customers: TableForm,
    pub(super) lookups: Vec<LookupForm>,
    /// How times are written and where they are, unless a field has its own.
    pub(super) time: TimeForm,
    /// The severities of classifications.
    pub(super) severities: Spellings,
    /// Whether a row of tickets without an id goes on with the ticket above.
    pub(super) continuations: bool,
}

/// A source of updates.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) form: TableForm,
    /// Whether they stand in the rows of tickets.
    pub(super) in_tickets: bool,
    /// What the columns may be called of which each that is filled is an update; empty where the whole
    /// row is one.
    pub(super) each: Vec<String>,
}

impl Source {
    /// What a profile calls its table.
    pub(super) fn table(&self) -> String {
        match self.name.as_str() {
            "updates" => "updates".to_owned(),
            name => format!("sources.{name}"),
        }
    }

    /// Whether any of its updates can be something that support tells the customer.
    pub(super) fn communicates(&self) -> bool {
        let author = &self.form.fields[update::AUTHOR];
        !author.columns.is_empty() || author.part.is_some() || author.constant.as_deref() == Some("support")
    }
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
    PERSON = "person",
}

fields! {
    /// The fields of a customer's row.
    customer, required 1:
    NAME = "customer", TIER = "tier", REGION = "region", TIMEZONE = "timezone", CALENDAR = "calendar",
    ACCOUNT_MANAGER = "account_manager",
}

impl Profile {
    /// The profile for files in the product's own names.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[allow(clippy::expect_used, reason = "a test of this crate reads the built-in profile")]
    pub fn canonical() -> Profile {
        Profile::parse("canonical", CANONICAL).expect("the built-in profile is sound")
    }

    /// The built-in profile of this name.
    ///
    /// # Errors
    /// None, as a test reads them all.
    pub fn built_in(name: &str) -> Option<Result<Profile, Flaw>> {
        let (name, text) = BUILT_IN.iter().find(|built_in| built_in.0 == name)?;
        Some(Profile::parse(name, text))
    }

    /// Reads a profile that extends none but built-in ones; `file` names it in messages.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse(file: &str, text: &str) -> Result<Profile, Flaw> {
        parse::read(file, text, Bases::In(None), 0)
    }

    /// Reads a profile that may extend files of `folder`.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse_in(file: &str, text: &str, folder: Option<&Path>) -> Result<Profile, Flaw> {
        parse::read(file, text, Bases::In(folder), 0)
    }

    /// Reads a profile from [`Self::text`], where what it extends stands below it: nothing else is
    /// looked at, not even the built-in profiles.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse_whole(file: &str, text: &str) -> Result<Profile, Flaw> {
        parse::read(file, text, Bases::Below, 0)
    }

    /// Looks fields up in these tables from now on.
    pub(super) fn look_up_in(&mut self, lookups: &Arc<Lookups>) {
        let Profile { tickets, customers, updates, .. } = self;
        let updates = updates.iter_mut().map(|source| &mut source.form);
        [tickets, customers].into_iter().chain(updates).for_each(|form| form.lookups = Arc::clone(lookups));
    }

    /// Whether each row of tickets is an update and holds the ticket after it: an event log.
    pub(super) fn is_log(&self) -> bool {
        self.updates.iter().any(|source| source.in_tickets && source.each.is_empty())
    }

    /// Whether a ticket of an event log is submitted with the first of its rows.
    pub(super) fn submitted_by_log(&self) -> bool {
        self.is_log() && self.tickets.fields[ticket::SUBMITTED].columns.is_empty()
    }

    /// The sources of updates in the rows of tickets, by their places.
    pub(super) fn sources_in_tickets(&self) -> Vec<(usize, &Source)> {
        self.updates.iter().enumerate().filter(|(_, source)| source.in_tickets).collect()
    }

    /// The sources of updates in files of their own, by their places.
    pub(super) fn sources_in_files(&self) -> impl Iterator<Item = (usize, &Source)> {
        self.updates.iter().enumerate().filter(|(_, source)| !source.in_tickets)
    }
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
                assert_eq!(field.columns, [name.as_ref()]);
            }
        }
        assert!(!profile.is_log());
    }

    #[test]
    fn every_built_in_profile_is_sound_and_goes_by_its_own_name() {
        for (name, _) in BUILT_IN {
            assert_eq!(Profile::built_in(name).unwrap().map(|profile| profile.name), Ok((*name).to_owned()));
        }
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
    fn what_cannot_be_meant_is_told_with_what_could_be() {
        let column = |said: &str| flaw(&format!("name = \"x\"\n[tickets.columns]\nregion = {said}"));
        for (said, told) in [
            (r#"{ occurrence = 2 }"#, "`region` has no `column`"),
            (r#"{ column = "a", occurrence = 0 }"#, "`occurrence` is 1, 2, … or \"last\""),
            (r#"{ column = "a", part = 0 }"#, "`part` is 1, 2, …"),
            (r#"{ column = "a", pattern = "(" }"#, "no regular expression"),
            (r#"{ column = "a", when = { b = "x", c = "y" } }"#, "`when` names one column"),
            (r#"{ column = "a", lookup = "users", take = "role" }"#, "there is no look-up [lookups.users]"),
            (r#"{ column = "a", take = "role" }"#, "`take` goes with `lookup`"),
            (r#"{ column = "a", after_submission = "hours" }"#, "`region` is no time"),
            (r#"{ colum = "a" }"#, "did you mean `column`?"),
        ] {
            let flaw = column(said);
            assert!(flaw.starts_with("p.toml:3:") && flaw.contains(told), "{said}: {flaw}");
        }
        for (text, told) in [
            ("encoding = \"utf-7\"", "\"utf-7\" is no encoding known here"),
            ("delimiter = \"x\"", "p.toml:2:13"),
            ("[lookups.users]\nfile = \"user\"", "the look-up `users` has no `key`"),
            ("[sources.updates]", "name this one otherwise"),
            ("[sources.a]\neach = \"Comment\"", "add from = \"tickets\""),
            (
                "[sources.a]\nfrom = \"tickets\"\n[sources.b]\nfrom = \"tickets\"\neach = \"Comment\"",
                "can hold no others",
            ),
        ] {
            let flaw = flaw(&format!("name = \"x\"\n{text}"));
            assert!(flaw.contains(told), "{text}: {flaw}");
        }
    }

    #[test]
    fn the_text_of_a_profile_with_what_it_extends_is_the_same_profile() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.toml"), "name = \"b\"\nextends = \"jira\"\n").unwrap();
        let text = "name = \"a\"\nextends = \"b.toml\"\n[tickets.columns]\nseverity = \"P\"\n";
        let profile = Profile::parse_in("a.toml", text, Some(folder.path())).unwrap();
        drop(folder);
        let again = Profile::parse_whole("a", &profile.text).unwrap();
        assert_eq!(format!("{again:?}"), format!("{profile:?}"));
        assert!(Profile::parse("a", &profile.text).is_err());
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
