//! From tables and facts to the report folder: CSV, Parquet, charts, the manifest, rejects.
//!
//! Everything is written to a folder of its own beside the target, and only when all of it is
//! there does the folder take the target's place: a [`Publication`] appears whole or not at all.

pub mod charts;
mod comparison;
mod csv;
pub mod explanation;
mod facts;
mod head;
mod kept;
mod manifest;
mod page;
mod parquet;
mod publish;
pub mod recorded;
mod rejects;
pub mod review;
mod spans;
mod sync;
mod xlsx;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::calendar::{Instant, LocalTime};
use crate::ingest::Ledger;
use crate::language::{Language, filled};
use crate::measure::schema::FactTable;
use crate::measure::{Explanation, Facts, Period};
use crate::progress::{Event, Observer};
use crate::table::Table;

pub use charts::{Chart, ChartError};
pub use comparison::{Compared, Comparison};
pub use head::{as_of, period_name};
pub use kept::{KeptReports, Republished};
pub use manifest::{About, RunRecord};
use publish::WriteError;
pub use publish::{Publication, PublishError};
pub use rejects::keep as keep_rejects;
pub use review::Review;

/// All that a report folder holds, before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The tables, one per query.
    pub tables: &'a [Table],
    /// The charts.
    pub charts: &'a [Chart],
    /// The account of the inputs.
    pub ledger: &'a Ledger,
    /// What the manifest says besides: settings, policies, profile.
    pub about: &'a About,
    /// The language of pages, workbook and charts.
    pub language: &'static Language,
    /// Whose review it is; `None` in a report of all customers. A review is handed to its
    /// customer: it holds nothing of the ledger but the hashes of the inputs.
    pub review: Option<&'a Review<'a>>,
}

/// Writes the facts into a publication, and where they are wanted the spans of time that
/// measurements are made of; they depend on nothing else that stands there. They are encoded on
/// the threads of the pool, or on those of all.
///
/// # Errors
/// [`PublishError`] where a file cannot be written, or where spans do not add up to what was
/// measured.
pub fn write_facts(
    facts: &Facts,
    spans: bool,
    publication: &Publication,
    pool: Option<&ThreadPool>,
) -> Result<(), PublishError> {
    FactTable::ALL.into_iter().try_for_each(|table| facts::write(facts, table, publication, pool))?;
    if spans { spans::write(facts, publication) } else { Ok(()) }
}

/// Threads for facts that are written beside other work, as many as there are for all; `None` where
/// there is but one. A thread that waits for others takes up what else there is to do, and what
/// waits for it stands still meanwhile: charts and tables would wait for all the facts.
pub fn threads_beside() -> Option<ThreadPool> {
    let threads = Some(rayon::current_num_threads()).filter(|threads| *threads > 1)?;
    // Without threads of their own they are written all the same.
    ThreadPoolBuilder::new().num_threads(threads).build().ok()
}

impl Contents<'_> {
    /// Writes everything but the facts and the manifest into a publication.
    ///
    /// # Errors
    /// [`PublishError`] for the first file that cannot be written.
    pub fn write(&self, publication: &Publication, observer: &dyn Observer) -> Result<(), PublishError> {
        observer.event(Event::Began { stage: "writing the report".to_owned(), units: self.steps() });
        let done = |result: Result<(), PublishError>| result.map(|()| observer.event(Event::Advanced(1)));
        let whole = |bytes: &[u8], file: &mut publish::OutputFile| -> Result<(), WriteError> {
            Ok(std::io::Write::write_all(file, bytes)?)
        };
        let workbook = || {
            let name = format!("{}.xlsx", self.name());
            done(publication.write(&name, |file| whole(&self.workbook()?, file)))
        };
        let page = || {
            let name = format!("{}.html", self.name());
            done(publication.write(&name, |file| whole(self.page()?.as_bytes(), file)))
        };
        let tables = || {
            self.tables.par_iter().try_for_each(|table| {
                let name = |ending: &str| format!("tables/{}.{ending}", table.name);
                done(publication.write(&name("csv"), |file| csv::write(table, file)))?;
                done(publication.write(&name("parquet"), |file| parquet::write(table, file)))
            })
        };
        let charts = || self.charts.par_iter().try_for_each(|chart| done(publication.write_chart(chart)));
        // The workbook takes longest, on a thread of its own; the rest is written meanwhile.
        side_by_side(workbook, || {
            // What one thread writes by itself comes first, and what several share beside it.
            let (page, (tables, charts)) = rayon::join(page, || rayon::join(tables, charts));
            page.and(tables).and(charts)?;
            match self.review {
                // The rejected rows are of all customers.
                Some(_) => Ok(()),
                None => {
                    let rejects = rejects::table(self.ledger);
                    done(publication.write("rejects.csv", |file| csv::write(&rejects, file)))
                }
            }
        })
    }

    fn page(&self) -> Result<String, WriteError> {
        match self.review {
            Some(review) => page::review(self, review),
            None => page::monthly(self),
        }
    }

    fn workbook(&self) -> Result<Vec<u8>, WriteError> {
        let words = &self.language.words;
        let period = head::period(&self.facts.period, self.language);
        let title = match self.review {
            Some(review) => {
                filled(&words.review.title, &[("customer", review.customer), ("period", &period)])
            }
            None => filled(&words.page.title, &[("period", &period)]),
        };
        let workbook = xlsx::Workbook {
            title: &title,
            head: &head::lines(self.facts, &self.about.policies, self.language),
            tables: self.tables,
            language: self.language,
            created: self.created(),
        };
        Ok(xlsx::write(&workbook)?)
    }

    /// The date that the workbook bears: that of a closed period is its end, whenever the export
    /// was taken.
    fn created(&self) -> Instant {
        let end = match &self.facts.period {
            Period::Days { last, .. } if self.facts.period_closed => {
                Instant::from_micros(LocalTime::midnight(*last).micros()).ok()
            }
            _ => None,
        };
        end.unwrap_or(self.facts.as_of)
    }

    /// The name of the page and of the workbook.
    const fn name(&self) -> &'static str {
        if self.review.is_some() { "review" } else { "report" }
    }

    /// How often it is said that something is written: a page, a workbook, a table in one form, a
    /// chart, the rejected rows.
    fn steps(&self) -> u64 {
        let rejects = usize::from(self.review.is_none());
        (2 + 2 * self.tables.len() + self.charts.len() + rejects) as u64
    }
}

/// Does two things at once, each on a thread of its own where there may be several, and gives the
/// first error of them. Work that waits for other work is not for the pool, whose threads would
/// take up more of it meanwhile.
pub fn side_by_side<E: Send>(
    one: impl FnOnce() -> Result<(), E> + Send,
    other: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    if rayon::current_num_threads() == 1 {
        // Who asks for one thread gets one.
        return one().and_then(|()| other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        match one.join() {
            Ok(one) => one.and(other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Tickets that are explained, as one page.
pub fn explanation_page(language: &'static Language, explanations: &[Explanation]) -> String {
    page::explanations(language, explanations)
}

/// Writes the manifest, the last file of a publication, which names all the others.
///
/// # Errors
/// [`PublishError`] where it cannot be written.
pub fn write_manifest(
    contents: &Contents<'_>,
    run: &RunRecord,
    publication: &Publication,
) -> Result<(), PublishError> {
    let text = manifest::text(contents, run, &publication.outputs());
    publication.write("manifest.json", |file| std::io::Write::write_all(file, text.as_bytes()))
}
