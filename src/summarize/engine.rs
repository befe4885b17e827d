//! The engine that answers queries over one set of facts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polars::prelude::PolarsResult;
use polars::sql::SQLContext;

use super::answer;
use super::pass::{self, Frame};
use super::plan::{Block, Plan};
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

    /// Answers queries, in their order; `answered` is told of each.
    ///
    /// # Errors
    /// [`SummarizeError`] with what the engine says of the first query whose SQL will not do.
    pub fn answer(&self, queries: &[Query], answered: impl Fn(&Query)) -> Result<Vec<Table>, SummarizeError> {
        // A user's query may do anything, and is answered as it stands.
        let plans: Vec<Plan> = queries
            .iter()
            .map(|query| match query.shipped {
                true => Plan::of(&query.sql),
                false => Plan { sql: query.sql.clone(), blocks: Vec::new() },
            })
            .collect();
        self.answer_by(queries, &plans, answered)
    }

    fn answer_by(
        &self,
        queries: &[Query],
        plans: &[Plan],
        answered: impl Fn(&Query),
    ) -> Result<Vec<Table>, SummarizeError> {
        let blocks: Vec<&Block> = plans.iter().flat_map(|plan| &plan.blocks).collect();
        let mut made = pass::make(&self.facts, &blocks).into_iter();
        let mut tables = Vec::new();
        for (query, plan) in queries.iter().zip(plans) {
            let frames: Option<Vec<Frame>> =
                made.by_ref().take(plan.blocks.len()).collect::<Vec<_>>().into_iter().collect();
            tables.push(self.answer_one(query, plan, frames)?);
            answered(query);
        }
        Ok(tables)
    }

    fn answer_one(
        &self,
        query: &Query,
        plan: &Plan,
        frames: Option<Vec<Frame>>,
    ) -> Result<Table, SummarizeError> {
        let error = |message: String| SummarizeError { name: query.name.clone(), message };
        // Some functions that the engine was not built with end in a panic rather than an error.
        let answered = catch_unwind(AssertUnwindSafe(|| self.run(query, plan, frames)));
        match answered {
            Ok(Ok(table)) => Ok(table),
            Ok(Err(polars)) => Err(error(polars.to_string())),
            Err(_) => Err(error("the SQL uses something that the engine does not have".to_owned())),
        }
    }

    fn run(&self, query: &Query, plan: &Plan, frames: Option<Vec<Frame>>) -> PolarsResult<Table> {
        // The built-in queries are known to work on codes; a user's may do anything with texts.
        let texts = if query.shipped { Texts::Coded } else { Texts::Plain };
        let source = |table| {
            let (facts, shared) = (Arc::clone(&self.facts), Arc::clone(&self.shared));
            Source { facts, shared, table, texts }
        };
        let mut context = SQLContext::new();
        for table in FactTable::ALL {
            context.register(table.name(), source(table).frame()?);
        }
        // A block that cannot be made leaves the whole query to the engine.
        let sql = match frames {
            Some(frames) => {
                for (place, (frame, block)) in frames.into_iter().zip(&plan.blocks).enumerate() {
                    context.register(&format!("block_{place}"), source(block.table).block(frame)?);
                }
                &plan.sql
            }
            None => &query.sql,
        };
        let frame = context.execute(sql)?.collect()?;
        answer::table(query, &frame)
    }
}
