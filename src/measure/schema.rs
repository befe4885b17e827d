//! The columns of the facts: their names, types and meanings, in order.

use super::columns::Lexicon;

/// The version of the facts' columns; it changes when one is renamed, retyped or removed.
pub const SCHEMA_VERSION: &str = "1";

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// Text, one of a lexicon.
    Text(Lexicon),
    /// 8-bit whole number.
    Int8,
    /// 32-bit whole number.
    Int32,
    /// 64-bit whole number.
    Int64,
    /// Real number.
    Float,
    /// True or false.
    Bool,
    /// Microseconds of UTC.
    Instant,
    /// Microseconds of a wall clock.
    Local,
}

/// A column of a table of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactColumn {
    /// Its name; the unit stands in it.
    pub name: &'static str,
    /// Its type.
    pub kind: FactType,
    /// What it means.
    pub meaning: &'static str,
}

/// A table of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactTable {
    /// One row per measurement, ordered by ticket_id and sequence.
    Measurements,
    /// One row per ticket, ordered by ticket_id.
    Tickets,
}

impl FactTable {
    /// Both tables.
    pub const ALL: [FactTable; 2] = [FactTable::Measurements, FactTable::Tickets];

    /// Its name in queries, and that of its file.
    pub const fn name(self) -> &'static str {
        match self {
            FactTable::Measurements => "measurements",
            FactTable::Tickets => "tickets",
        }
    }

    /// The column of a name.
    pub fn column(self, name: &str) -> Option<&'static FactColumn> {
        self.columns().iter().find(|column| column.name == name)
    }

    /// Its columns, in order.
    pub const fn columns(self) -> &'static [FactColumn] {
        match self {
            FactTable::Measurements => MEASUREMENTS,
            FactTable::Tickets => TICKETS,
        }
    }
}

use Lexicon::{Compared, Ids, Metrics, Months, Names, Outcomes, Policies, Statuses};

use FactType::{Bool, Float, Instant, Int8, Int32, Int64, Local, Text};

const fn column(name: &'static str, kind: FactType, meaning: &'static str) -> FactColumn {
    FactColumn { name, kind, meaning }
}

const MEASUREMENTS: &[FactColumn] = &[
    column("ticket_id", Text(Ids), "the ticket"),
    column("customer", Text(Names), "the customer"),
    column("tier", Text(Names), "the customer's tier"),
    column("region", Text(Names), "the customer's region"),
    column("timezone", Text(Names), "the customer's time zone"),
    column("account_manager", Text(Names), "who looks after the customer"),
    column(
        "metric",
        Text(Metrics),
        "response: submission to first communication; update: one communication to the next",
    ),
    column("sequence", Int32, "0 for the response, 1, 2, … for the updates of the ticket"),
    column("severity", Int8, "the severity in force at the start, 1 (worst) to 4"),
    column("started_at", Instant, "when the measurement started"),
    column("ended_at", Instant, "when it ended; null while open"),
    column("due_at", Instant, "the earliest instant at which the elapsed time reaches the target"),
    column(
        "decided_at",
        Instant,
        "met: ended_at; breached: due_at (the next opening, if due at closing by an inclusive policy); null while pending",
    ),
    column("started_weekday", Int8, "local weekday of the start, 1 = Monday to 7 = Sunday"),
    column("started_hour", Int8, "local hour of the start, 0 to 23"),
    column(
        "elapsed_us",
        Int64,
        "working time from the start to the end (to the as-of instant while open), microseconds",
    ),
    column("target_us", Int64, "the target, microseconds of working time"),
    column("elapsed_h", Float, "elapsed_us in hours"),
    column("target_h", Float, "target_us in hours"),
    column("outcome", Text(Outcomes), "met, breached or pending"),
    column(
        "month",
        Text(Months),
        "local month (YYYY-MM) that the measurement belongs to; null while pending",
    ),
    column("in_period", Bool, "whether it counts in the report's period"),
    column("policy", Text(Policies), "the policy that judged it, name@effective-from"),
    column("due_local", Local, "due_at on the customer's clock"),
    column(
        "compared",
        Text(Compared),
        "which of the compared periods it counts in: period, previous (the one just before) or year_before (the same a year earlier); null for others and while pending",
    ),
];

const TICKETS: &[FactColumn] = &[
    column("ticket_id", Text(Ids), "the ticket"),
    column("customer", Text(Names), "the customer"),
    column("tier", Text(Names), "the customer's tier"),
    column("region", Text(Names), "the customer's region"),
    column("timezone", Text(Names), "the customer's time zone"),
    column("account_manager", Text(Names), "who looks after the customer"),
    column("classification", Text(Names), "the kind of failure, as exported"),
    column("product", Text(Names), "the product, as exported"),
    column("severity", Int8, "the severity it was submitted with, 1 (worst) to 4"),
    column("severity_last", Int8, "the severity as of the report"),
    column("submitted_at", Instant, "when it was submitted"),
    column("first_response_at", Instant, "the first communication by support; null where there is none yet"),
    column("resolved_at", Instant, "the resolution that holds; null while open"),
    column("status", Text(Statuses), "open or resolved, as of the report"),
    column("response_h", Float, "working hours to the first communication (so far, while there is none)"),
    column("response_target_h", Float, "the response target, working hours"),
    column("response_outcome", Text(Outcomes), "met, breached or pending"),
    column("updates", Int32, "update measurements"),
    column("updates_met", Int32, "update measurements met"),
    column("updates_breached", Int32, "update measurements breached"),
    column("updates_pending", Int32, "update measurements pending, 0 or 1"),
    column("worst_update_h", Float, "the longest update, working hours; null without updates"),
    column(
        "compliant",
        Bool,
        "whether nothing decided in the period was breached; null where nothing was decided in it",
    ),
    column("month", Text(Months), "local month (YYYY-MM) of its submission"),
    column("in_period", Bool, "whether a measurement of it counts in the report's period"),
    column("policy", Text(Policies), "the policy that judged it, name@effective-from"),
    column(
        "policy_last",
        Text(Policies),
        "the policy in force on the local date of its end: of the resolution that holds, else of the instant that it is looked at",
    ),
];
