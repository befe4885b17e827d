//! The agreement as data: targets by severity, overrides by tier, region and customer, calendars,
//! and from which date each version holds.
//!
//! A [`Policy`] is read from TOML by [`Policy::parse`]; [`northern`] is the one that is built in.
//! Several versions make a [`PolicyBook`], which says which of them judges a ticket.

mod book;
pub mod duration;
mod holidays;
mod parse;
mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU8;

use chrono::NaiveDate;

use crate::calendar::Calendar;

pub use book::{PolicyBook, PolicyClash};
pub use sources::{CalendarSource, TargetSource, TargetSources};

/// How badly a ticket hurts, 1 (loss of service) to 4 (intermittent failure of a minor feature).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(NonZeroU8);

impl Severity {
    /// How many there are.
    pub const COUNT: usize = 4;

    /// The severity of this number, 1 to 4.
    pub const fn new(number: u8) -> Option<Severity> {
        match NonZeroU8::new(number) {
            Some(number) if number.get() as usize <= Self::COUNT => Some(Severity(number)),
            _ => None,
        }
    }

    /// Its number, 1 to 4.
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// All, the worst first.
    pub fn all() -> impl Iterator<Item = Severity> {
        (1..=Self::COUNT as u8).filter_map(Severity::new)
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// From the submission to the first communication.
    Response,
    /// From one communication to the next.
    Update,
}

impl Metric {
    /// Its name in policies and facts.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::Response => "response",
            Metric::Update => "update",
        }
    }
}

/// Whether a time equal to its target is still in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It is a breach: elapsed < target.
    Strict,
    /// It is met: elapsed <= target.
    Inclusive,
}

/// What the clock does while the customer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// It runs on.
    Runs,
    /// It stands still.
    Pauses,
}

/// Which month a measurement counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodBy {
    /// The local month in which it was decided.
    Decided,
    /// The local month in which its ticket was submitted.
    Submitted,
}

/// Targets by metric and severity, in microseconds of working time; `None` where not overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TargetOverrides {
    response: [Option<i64>; Severity::COUNT],
    update: [Option<i64>; Severity::COUNT],
}

/// Targets by metric and severity, in microseconds of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets {
    response: [i64; Severity::COUNT],
    update: [i64; Severity::COUNT],
}

impl Targets {
    /// The target of a metric at a severity, in microseconds of working time.
    pub fn of(&self, metric: Metric, severity: Severity) -> i64 {
        let place = usize::from(severity.number()) - 1;
        match metric {
            Metric::Response => self.response[place],
            Metric::Update => self.update[place],
        }
    }

    fn overridden(mut self, by: &TargetOverrides) -> Targets {
        for place in 0..Severity::COUNT {
            self.response[place] = by.response[place].unwrap_or(self.response[place]);
            self.update[place] = by.update[place].unwrap_or(self.update[place]);
        }
        self
    }
}

/// What a policy says of a tier, a region or a customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Exception {
    calendar: Option<String>,
    targets: TargetOverrides,
}

/// One version of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// The local date of submission from which it judges tickets.
    pub effective_from: NaiveDate,
    /// Whether a time equal to its target is in time.
    pub comparison: Comparison,
    /// What the clock does while the customer is waited for.
    pub waiting: Waiting,
    /// Which month a measurement counts in.
    pub period_by: PeriodBy,
    /// The TOML it was read from; empty in one of pseudonyms.
    pub text: String,
    /// The files it draws holidays from: their names and contents, so that a report can keep them.
    pub holiday_files: Vec<(String, String)>,
    calendars: BTreeMap<String, Calendar>,
    targets: Targets,
    tiers: BTreeMap<String, Exception>,
    regions: BTreeMap<String, Exception>,
    customers: BTreeMap<String, Exception>,
}

impl Policy {
    /// `name@effective-from`, as facts name it.
    pub fn id(&self) -> String {
        self.to_string()
    }

    /// The targets of a customer: the policy's, overridden by those of its tier, then of its
    /// region, then by its own.
    pub fn targets(&self, customer: &str, tier: &str, region: &str) -> Targets {
        let exceptions = [(&self.tiers, tier), (&self.regions, region), (&self.customers, customer)];
        exceptions
            .iter()
            .filter_map(|(exceptions, name)| exceptions.get(*name))
            .fold(self.targets, |targets, exception| targets.overridden(&exception.targets))
    }

    /// A target as policies write it: `8h`, `1h30m`.
    pub fn target_text(micros: i64) -> String {
        duration::text(micros)
    }

    /// The name of a customer's calendar as the policy has it: the customer's, else its region's,
    /// else `default`.
    pub fn calendar_name(&self, customer: &str, region: &str) -> &str {
        let named = |exceptions: &'_ BTreeMap<String, Exception>, name: &str| {
            exceptions.get(name).and_then(|exception| exception.calendar.clone())
        };
        // Borrowed again from the table of calendars, where every name it can give stands.
        let name = named(&self.customers, customer).or_else(|| named(&self.regions, region));
        let name = name.as_deref().unwrap_or(DEFAULT_CALENDAR);
        self.calendars.get_key_value(name).map_or(DEFAULT_CALENDAR, |(name, _)| name.as_str())
    }

    /// What the policy says otherwise of tiers, regions and customers, a line each.
    pub fn exceptions(&self) -> Vec<String> {
        let kinds = [("tier", &self.tiers), ("region", &self.regions), ("customer", &self.customers)];
        let mut lines = Vec::new();
        for (kind, exceptions) in kinds {
            for (name, exception) in exceptions {
                if let Some(calendar) = &exception.calendar {
                    lines.push(format!("{kind} {name}: calendar {calendar}"));
                }
                for (metric, targets) in
                    [("response", exception.targets.response), ("update", exception.targets.update)]
                {
                    for (severity, target) in Severity::all().zip(targets) {
                        if let Some(target) = target {
                            let (number, target) = (severity.number(), duration::text(target));
                            lines.push(format!("{kind} {name}: {metric} of severity {number} {target}"));
                        }
                    }
                }
            }
        }
        lines
    }

    /// The same policy, its customers called as `pseudonym` calls them.
    ///
    /// Its text, those of its holiday files and the names of its days hold real names, or may, and do
    /// not survive; the holidays themselves stand in the calendars.
    ///
    /// # Errors
    /// [`PolicyClash::SamePseudonym`] where two customers come to one: neither's terms are dropped.
    pub fn pseudonymised(&self, pseudonym: impl Fn(&str) -> String) -> Result<Policy, PolicyClash> {
        let mut customers = BTreeMap::new();
        for (customer, exception) in &self.customers {
            let customer = pseudonym(customer);
            if customers.insert(customer.clone(), exception.clone()).is_some() {
                return Err(PolicyClash::SamePseudonym(self.id(), customer));
            }
        }
        let nameless =
            |(name, calendar): (&String, &Calendar)| (name.clone(), calendar.clone().without_names());
        let calendars = self.calendars.iter().map(nameless).collect();
        Ok(Policy { calendars, customers, text: String::new(), holiday_files: Vec::new(), ..self.clone() })
    }

    /// A calendar by its name.
    pub fn calendar(&self, name: &str) -> Option<&Calendar> {
        self.calendars.get(name)
    }

    /// The calendars, by name.
    pub fn calendars(&self) -> &BTreeMap<String, Calendar> {
        &self.calendars
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.effective_from)
    }
}

const DEFAULT_CALENDAR: &str = "default";

/// The TOML of the built-in policy.
pub const NORTHERN: &str = include_str!("northern.toml");

/// The built-in policy: Northern's support agreement.
///
/// # Panics
/// Never: a test reads it.
#[allow(clippy::expect_used, reason = "a test of this crate reads the built-in policy")]
pub fn northern() -> Policy {
    Policy::parse("northern", NORTHERN, None).expect("the built-in policy is sound")
}
