//! Runs SQL over the facts with Polars, and gives plain tables.
//!
//! The queries of `queries/` are built in; a user's own are read the same way. A query reads the
//! tables `measurements` and `tickets`, of which only the columns that it names are made. This is
//! the only room that knows Polars.

mod answer;
mod engine;
mod query;
mod source;

pub use engine::{Engine, SummarizeError};
pub use query::{BadQuery, Query, aggregates, shipped};
