//! The engine that answers queries over one set of facts.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

use polars::prelude::PolarsResult;
use polars::sql::SQLContext;
use rayon::prelude::*;

use super::answer;
use super::pass::{Frame, Passes};
use super::plan::{Block, Plan};
use super::query::Query;
use super::source::{Shared, Source, Texts};
use crate::measure::Facts;
use crate::measure::schema::FactTable;
use crate::spill::SpillError;
use crate::table::Table;

/// Queries that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum SummarizeError {
    /// The SQL will not do.
    #[error("query {name}: {message}")]
    Query {
        /// The query.
        name: String,
        /// What the engine says.
        message: String,
    },
    /// The facts cannot be had.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The engine would wait for threads that never come.
    #[error("there is no room for the threads that answer queries: {0}")]
    Threads(io::Error),
}

/// Answers queries over one set of facts.
pub struct Engine {
    facts: Arc<Facts>,
    shared: Arc<Shared>,
    queries: Vec<(Query, Plan)>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rows", &self.facts.measurement_count()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that answers these queries over these facts.
    pub fn new(facts: Arc<Facts>, queries: Vec<Query>) -> Engine {
        // A user's query may do anything, and is answered as it stands.
        let plan = |query: &Query| match query.shipped {
            true => Plan::of(&query.sql),
            false => Plan { sql: query.sql.clone(), blocks: Vec::new() },
        };
        let planned = |query: Query| {
            let plan = plan(&query);
            (query, plan)
        };
        Engine { facts, shared: Arc::default(), queries: queries.into_iter().map(planned).collect() }
    }

    /// Goes through the facts, once for all queries.
    ///
    /// # Errors
    /// [`SummarizeError`] where the facts cannot be had.
    pub fn pass(&self) -> Result<Passed<'_>, SummarizeError> {
        let blocks: Vec<&Block> = self.queries.iter().flat_map(|(_, plan)| &plan.blocks).collect();
        let passes = Passes::over(&self.facts, blocks)?;
        make_room_for_threads().map_err(SummarizeError::Threads)?;
        Ok(Passed { engine: self, passes })
    }

    fn answer_one(
        &self,
        query: &Query,
        plan: &Plan,
        frames: Option<Vec<Frame>>,
    ) -> Result<Table, SummarizeError> {
        let error = |message: String| SummarizeError::Query { name: query.name.clone(), message };
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

/// How many threads are started at once before any is needed: those that the engine and whoever
/// writes beside it start on two cores, and some.
const ROOM: usize = 16;

/// Sees to it that threads can be started.
///
/// The engine starts threads when it needs them, and may wait for ever for the work of one that the
/// system has refused. So as many are started here once: where that fails it can be told, and what
/// they stood in is kept for those to come.
fn make_room_for_threads() -> io::Result<()> {
    static IS_MADE: AtomicBool = AtomicBool::new(false);
    if IS_MADE.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let gate = Mutex::new(());
    std::thread::scope(|scope| {
        // None of them ends before all are there.
        let _shut = gate.lock().unwrap_or_else(PoisonError::into_inner);
        (0..ROOM).try_for_each(|_| Builder::new().spawn_scoped(scope, || drop(gate.lock())).map(drop))
    })
}

/// An engine that has gone through the facts: what is left is to put together what it came to, and
/// the queries of which nothing else is known.
pub struct Passed<'a> {
    engine: &'a Engine,
    passes: Passes<'a>,
}

impl std::fmt::Debug for Passed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passed").field("engine", self.engine).finish_non_exhaustive()
    }
}

impl Passed<'_> {
    /// Answers the queries, in their order; `answered` is told of each.
    ///
    /// # Errors
    /// [`SummarizeError`] with what the engine says of the first query whose SQL will not do.
    pub fn answer(self, answered: impl Fn(&Query) + Sync) -> Result<Vec<Table>, SummarizeError> {
        let Passed { engine, passes } = self;
        let mut made = passes.blocks().into_iter();
        let mut frames = |plan: &Plan| -> Option<Vec<Frame>> {
            made.by_ref().take(plan.blocks.len()).collect::<Vec<_>>().into_iter().collect()
        };
        let questions: Vec<_> =
            engine.queries.iter().map(|(query, plan)| (query, plan, frames(plan))).collect();
        let answer = |(place, (query, plan, frames)): (usize, (&Query, &Plan, Option<Vec<Frame>>))| {
            let answer = engine.answer_one(query, plan, frames);
            answered(query);
            (place, answer)
        };
        // What is left to the engine alone takes whole columns into memory: one such at a time.
        let (small, whole): (Vec<_>, Vec<_>) = questions
            .into_iter()
            .enumerate()
            .partition(|(_, (_, plan, frames))| !plan.blocks.is_empty() && frames.is_some());
        let mut answers: Vec<_> = small.into_par_iter().map(&answer).collect();
        answers.extend(whole.into_iter().map(answer));
        answers.sort_unstable_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::{aggregates, shipped};
    use super::*;
    use crate::measure::samples::facts;

    /// The queries that are built in.
    fn queries() -> Vec<Query> {
        shipped().into_iter().chain([aggregates()]).collect()
    }

    /// The answers by the pass over the facts, and those of the engine alone.
    fn both(facts: Facts, queries: &[Query]) -> (Vec<Table>, Vec<Table>) {
        let mut engine = Engine::new(Arc::new(facts), queries.to_vec());
        let ours = engine.pass().unwrap().answer(|_| ()).unwrap();
        for (query, plan) in &mut engine.queries {
            *plan = Plan { sql: query.sql.clone(), blocks: Vec::new() };
        }
        (ours, engine.pass().unwrap().answer(|_| ()).unwrap())
    }

    #[test]
    fn of_every_built_in_query_nothing_is_left_that_reads_the_facts() {
        for query in queries() {
            let plan = Plan::of(&query.sql);
            assert!(!plan.blocks.is_empty(), "{}", query.name);
            let words: Vec<&str> = plan.sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let from = words.windows(2).filter(|pair| pair[0] == "FROM").map(|pair| pair[1]);
            let left: Vec<_> = from.filter(|table| ["measurements", "tickets"].contains(table)).collect();
            assert!(left.is_empty(), "{}: {left:?} in {}", query.name, plan.sql);
        }
    }

    #[test]
    fn the_pass_over_the_facts_comes_to_what_the_engine_does_alone() {
        for period in ["2023-05", "2023-06", "2020-01"] {
            let (ours, engines) = both(facts(6_000, &period.parse().unwrap()), &queries());
            assert_eq!(ours, engines, "{period}");
        }
        let (ours, engines) = both(facts(20_000, &crate::measure::Period::Everything), &queries());
        assert_eq!(ours, engines);
        // The agreement of the samples never changes.
        assert!(ours.iter().all(|table| (table.rows() > 0) != (table.name == "policy_changes")));
    }

    #[test]
    fn odd_queries_are_answered_as_the_engine_does() {
        let odd = [
            "SELECT COUNT(*) AS n FROM measurements",
            "SELECT COUNT(*) AS n, SUM(elapsed_us) AS s FROM measurements WHERE tier = 'none of these'",
            "SELECT account_manager, COUNT(*) AS n FROM tickets GROUP BY account_manager ORDER BY account_manager",
            "SELECT tier, COUNT(account_manager) AS n, MAX(elapsed_h) AS m, QUANTILE_CONT(elapsed_h, 0.25) AS q \
             FROM measurements WHERE NOT compared IS NULL AND tier <> 'x' GROUP BY tier ORDER BY tier",
            "SELECT region, COUNT(DISTINCT account_manager) AS a, COUNT(DISTINCT ticket_id) AS t FROM measurements \
             GROUP BY region ORDER BY region",
            "SELECT COUNT(*) AS n FROM tickets WHERE policy = policy_last AND NOT account_manager = customer",
            "SELECT ticket_id, customer FROM measurements WHERE customer <> account_manager ORDER BY ticket_id, sequence \
             LIMIT 7",
            "SELECT m.tier FROM measurements AS m WHERE in_period ORDER BY tier LIMIT 2",
            "SELECT DISTINCT tier FROM tickets ORDER BY tier",
            "WITH tickets AS (SELECT 1 AS compliant) SELECT COUNT(compliant) AS n FROM tickets",
            "SELECT ticket_id, elapsed_us + 1 AS more FROM measurements WHERE elapsed_us BETWEEN 0 AND 3600000000 \
             ORDER BY ticket_id, sequence LIMIT 7",
            "SELECT severity, COUNT(*) FILTER (WHERE compliant) AS met FROM tickets GROUP BY severity HAVING COUNT(*) > 1 \
             ORDER BY severity",
        ];
        let queries: Vec<Query> =
            odd.iter().map(|sql| Query { shipped: true, ..Query::new("odd", sql) }).collect();
        let (ours, engines) = both(facts(3_000, &"2023-05".parse().unwrap()), &queries);
        for ((ours, engines), sql) in ours.iter().zip(&engines).zip(odd) {
            assert_eq!(ours, engines, "{sql}");
        }
    }
}
