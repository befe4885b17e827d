//! From tables and facts to the report folder: CSV, Parquet, charts, the manifest, rejects.
//!
//! Everything is written to a folder of its own beside the target, and only when all of it is
//! there does the folder take the target's place: a [`Publication`] appears whole or not at all.

pub mod charts;
mod csv;
mod facts;
mod head;
mod kept;
mod manifest;
mod page;
mod parquet;
mod publish;
mod rejects;
pub mod review;
mod xlsx;

use rayon::prelude::*;

use crate::calendar::{Instant, LocalTime};
use crate::ingest::Ledger;
use crate::language::{Language, filled};
use crate::measure::schema::FactTable;
use crate::measure::{Facts, Period};
use crate::progress::{Event, Observer};
use crate::table::Table;

pub use charts::{Chart, ChartError};
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

impl Contents<'_> {
    /// Writes everything but the manifest into a publication.
    ///
    /// # Errors
    /// [`PublishError`] for the first file that cannot be written.
    pub fn write(&self, publication: &Publication, observer: &dyn Observer) -> Result<(), PublishError> {
        observer.event(Event::Began { stage: "writing the report".to_owned(), units: self.files() });
        let done = |result: Result<(), PublishError>| result.map(|()| observer.event(Event::Advanced(1)));
        // The facts first and by themselves: each of them is written by all threads.
        for table in FactTable::ALL {
            done(facts::write(self.facts, table, publication))?;
        }
        self.tables.par_iter().try_for_each(|table| {
            done(publication.write(&format!("tables/{}.csv", table.name), |file| csv::write(table, file)))?;
            done(
                publication
                    .write(&format!("tables/{}.parquet", table.name), |file| parquet::write(table, file)),
            )
        })?;
        let whole = |bytes: &[u8], file: &mut publish::OutputFile| -> Result<(), WriteError> {
            Ok(std::io::Write::write_all(file, bytes)?)
        };
        let (page, workbook) = rayon::join(|| self.page(), || self.workbook());
        done(publication.write(&format!("{}.html", self.name()), |file| whole(page?.as_bytes(), file)))?;
        done(publication.write(&format!("{}.xlsx", self.name()), |file| whole(&workbook?, file)))?;
        for chart in self.charts {
            done(
                publication
                    .write(&format!("charts/{}.svg", chart.name), |file| whole(chart.svg.as_bytes(), file)),
            )?;
            done(publication.write(&format!("charts/{}.png", chart.name), |file| whole(&chart.png, file)))?;
        }
        match self.review {
            // The rejected rows are of all customers.
            Some(_) => Ok(()),
            None => {
                done(publication.write("rejects.csv", |file| csv::write(&rejects::table(self.ledger), file)))
            }
        }
    }

    fn page(&self) -> Result<String, WriteError> {
        match self.review {
            Some(review) => Ok(page::review(self, review)?),
            None => Ok(page::monthly(self)?),
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

    fn files(&self) -> u64 {
        let rejects = usize::from(self.review.is_none());
        (FactTable::ALL.len() + 2 + 2 * self.tables.len() + 2 * self.charts.len() + rejects) as u64
    }
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
