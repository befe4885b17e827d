//! The suspicions: what was counted, what it may mean, and what to do about it.

use std::fmt;

use chrono::NaiveDate;

/// Something odd that no single row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspicion {
    /// No day of any date lies after the 12th.
    DaysNeverAboveTwelve {
        /// What the dates are of.
        what: &'static str,
        /// How many different dates there are.
        dates: usize,
    },
    /// Support works at night, whatever the customer's zone.
    AtNightEverywhere {
        /// How many of 100 of its updates come between 07:00 and 20:00 on the customer's clock.
        by_day: u64,
        /// How many would, if the times were moved.
        moved: u64,
        /// By how many hours.
        hours: i64,
        /// How many updates there are.
        updates: u64,
    },
    /// Somebody who is taken for support is quicker than people are.
    Robot {
        /// The table of the profile that their updates are read by, such as `updates`.
        source: String,
        /// The field that names them.
        field: String,
        /// What the export calls them.
        person: String,
        /// How often they answered.
        answers: u64,
        /// How often within a minute.
        quick: u64,
    },
    /// Many updates come before the submission of their tickets.
    BeforeTheirSubmission {
        /// How many.
        rows: u64,
        /// Of how many.
        of: u64,
    },
    /// All updates of some tickets lie outside of their lives.
    OutsideTheirLife {
        /// How many tickets.
        tickets: u64,
        /// Some of them.
        first: Vec<String>,
    },
    /// Working days on which nothing happened.
    DaysWithoutAnEvent {
        /// How many.
        days: usize,
        /// The first of them.
        first: Vec<NaiveDate>,
        /// What happens on a working day, in the middle.
        usual: usize,
    },
    /// A file has as many rows as exports stop at.
    EndsAtALimit {
        /// The file.
        file: String,
        /// Its rows.
        rows: u64,
    },
    /// Many rows stand twice.
    Repeated {
        /// The file.
        file: String,
        /// How many.
        rows: u64,
        /// Of how many.
        of: u64,
    },
}

impl Suspicion {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Suspicion::DaysNeverAboveTwelve { .. } => "days_never_above_twelve",
            Suspicion::AtNightEverywhere { .. } => "at_night_everywhere",
            Suspicion::Robot { .. } => "robot",
            Suspicion::BeforeTheirSubmission { .. } => "before_their_submission",
            Suspicion::OutsideTheirLife { .. } => "outside_their_life",
            Suspicion::DaysWithoutAnEvent { .. } => "days_without_an_event",
            Suspicion::EndsAtALimit { .. } => "ends_at_a_limit",
            Suspicion::Repeated { .. } => "repeated",
        }
    }

    /// What it may mean, and what to do.
    pub fn advice(&self) -> String {
        match self {
            Suspicion::DaysNeverAboveTwelve { .. } => {
                "days and months may be swapped: compare a few dates with the help desk, and say in the profile which \
                 comes first, such as patterns = [\"%d/%m/%Y %H:%M\"]"
                    .to_owned()
            }
            Suspicion::AtNightEverywhere { .. } => {
                "the zone of these times may be another: compare one with the help desk, and mend `zone` in the \
                 profile"
                    .to_owned()
            }
            Suspicion::Robot { source, field, person, .. } => {
                format!("if it is a robot, say so in the profile: [{source}.values.{field}] \"{person}\" = \"system\"")
            }
            Suspicion::BeforeTheirSubmission { .. } => {
                "such updates are left out: the two columns may be in different zones, or have days and months \
                 swapped"
                    .to_owned()
            }
            Suspicion::OutsideTheirLife { .. } => {
                "their updates may be of other tickets, or in another zone: look at one of them".to_owned()
            }
            Suspicion::DaysWithoutAnEvent { .. } => {
                "holidays of all customers, or a part of the export that is missing".to_owned()
            }
            Suspicion::EndsAtALimit { .. } => {
                "the export may have stopped there: see whether its last day is whole".to_owned()
            }
            Suspicion::Repeated { .. } => {
                "exports may overlap; each row counts once, so that no figure depends on it".to_owned()
            }
        }
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Suspicion::DaysNeverAboveTwelve { what, dates } => {
                write!(f, "none of {dates} different dates of {what} lies after the 12th of its month")
            }
            Suspicion::AtNightEverywhere { by_day, moved, hours, updates } => write!(
                f,
                "only {by_day} % of {updates} updates of support come between 07:00 and 20:00 on the customer's \
                 clock, in no zone half of them; {hours:+} hours would make it {moved} %"
            ),
            Suspicion::Robot { person, answers, quick, .. } => write!(
                f,
                "\"{person}\", taken for support, answered within a minute {quick} of {answers} times"
            ),
            Suspicion::BeforeTheirSubmission { rows, of } => {
                write!(f, "{rows} of {of} updates come before the submission of their tickets")
            }
            Suspicion::OutsideTheirLife { tickets, first } => write!(
                f,
                "all updates of {tickets} tickets come before the submission or after the resolution: {}",
                first.join(", ")
            ),
            Suspicion::DaysWithoutAnEvent { days, first, usual } => {
                let dates: Vec<String> = first.iter().map(NaiveDate::to_string).collect();
                let more = if *days > first.len() { ", …" } else { "" };
                write!(
                    f,
                    "nothing happened on {days} working days, where {usual} events are usual: {}{more}",
                    dates.join(", ")
                )
            }
            Suspicion::EndsAtALimit { file, rows } => write!(f, "{file} has {rows} rows to the row"),
            Suspicion::Repeated { file, rows, of } => write!(f, "{rows} of {of} rows of {file} stand twice"),
        }
    }
}
