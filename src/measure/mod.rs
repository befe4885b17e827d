//! From a ticket's events to its measurements, and from all tickets to the facts.
//!
//! [`measure`] is the heart: a pure function of one [`History`], the [`Judge`] it has and
//! the instant of the cut. [`Run`] applies it to every ticket in parallel and gives [`Facts`],
//! whose columns are those of [`schema`].

mod columns;
mod compared;
mod customers;
mod example;
mod explain;
mod facts;
mod history;
mod holidays_end;
mod open;
mod parts;
mod period;
mod run;
#[cfg(test)]
pub(crate) mod samples;
pub mod schema;
mod targets;
mod terms;

pub use columns::{FactValues, FactsPart, FullValues, Lexicon};
pub use compared::Compared;
pub use customers::Customers;
pub use explain::{
    CountedSpan, Day, DayGroup, Disagreement, ExplainError, Explained, Explanation, Moment, Subject, What,
    Why,
};
pub use facts::{Facts, MeasurementFacts, TicketFacts};
pub use history::{Effect, History, Judge, Life, Measurement, Outcome, measure};
pub use holidays_end::HolidaysEnd;
pub use open::OpenClock;
pub use parts::MeasurementPart;
pub use period::{BadPeriod, Period};
pub use run::{Keep, Run, RunError};
pub use targets::TargetCodes;
pub use terms::Terms;
