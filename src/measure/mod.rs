//! From a ticket's events to its measurements, and from all tickets to the facts.
//!
//! [`measure`] is the heart: a pure function of one [`History`], the [`Judge`] it has and
//! the instant of the cut. [`Run`] applies it to every ticket in parallel and gives [`Facts`],
//! whose columns are those of [`schema`].

mod columns;
mod facts;
mod history;
mod period;
mod run;
pub mod schema;
mod terms;

pub use columns::{FactValues, Lexicon};
pub use facts::{Facts, MeasurementFacts, TicketFacts};
pub use history::{History, Judge, Life, Measurement, Outcome, measure};
pub use period::{BadPeriod, Period};
pub use run::{Run, RunError};
pub use terms::Terms;
