//! Runs SQL over the facts with Polars, and gives plain tables.
//!
//! The queries of `queries/` are built in; a user's own are read the same way. A query reads the
//! tables `measurements` and `tickets`, of which only the columns that it names are made. What the
//! built-in ones ask of every row is made from the facts directly, all at once; Polars does the
//! rest, and the users' own queries as they stand. This is the only room that knows it.

mod answer;
mod columns;
mod condition;
mod cube;
mod engine;
mod groups;
mod pass;
mod plan;
mod quantiles;
mod query;
mod source;
mod whole;

pub use engine::{Engine, Passed, SummarizeError};
pub use query::{BadQuery, Query, aggregates, shipped};
