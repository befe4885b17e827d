//! The engine that answers queries over one set of facts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polars::prelude::PolarsResult;
use polars::sql::SQLContext;

use super::answer;
use super::query::Query;
use super::source::{Shared, Source, Texts};
use crate::measure::Facts;
use crate::measure::schema::FactTable;
use crate::table::Table;

/// A query that cannot be answered.
#[derive(Debug, thiserror::Error)]
#[error("query {name}: {message}")]
pub struct SummarizeError {
    /// The query.
    pub name: String,
    /// What the engine says.
    pub message: String,
}

/// Answers queries over one set of facts.
pub struct Engine {
    facts: Arc<Facts>,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rows", &self.facts.measurement_count()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over facts.
    pub fn new(facts: Arc<Facts>) -> Engine {
        Engine { facts, shared: Arc::default() }
    }

    /// Answers a query.
    ///
    /// # Errors
    /// [`SummarizeError`] with what the engine says of the SQL.
    pub fn answer(&self, query: &Query) -> Result<Table, SummarizeError> {
        let error = |message: String| SummarizeError { name: query.name.clone(), message };
        // Some functions that the engine was not built with end in a panic rather than an error.
        let answered = catch_unwind(AssertUnwindSafe(|| self.run(query)));
        match answered {
            Ok(Ok(table)) => Ok(table),
            Ok(Err(polars)) => Err(error(polars.to_string())),
            Err(_) => Err(error("the SQL uses something that the engine does not have".to_owned())),
        }
    }

    fn run(&self, query: &Query) -> PolarsResult<Table> {
        // The built-in queries are known to work on codes; a user's may do anything with texts.
        let texts = if query.shipped { Texts::Coded } else { Texts::Plain };
        let mut context = SQLContext::new();
        for table in FactTable::ALL {
            let (facts, shared) = (Arc::clone(&self.facts), Arc::clone(&self.shared));
            context.register(table.name(), Source { facts, shared, table, texts }.frame()?);
        }
        let frame = context.execute(&query.sql)?.collect()?;
        answer::table(query, &frame)
    }
}
