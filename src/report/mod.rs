//! From tables and facts to the report folder: CSV, Parquet, charts, the manifest, rejects.
//!
//! Everything is written to a folder of its own beside the target, and only when all of it is
//! there does the folder take the target's place: a [`Publication`] appears whole or not at all.

pub mod charts;
mod csv;
mod facts;
mod manifest;
mod parquet;
mod publish;
mod rejects;

use rayon::prelude::*;

use crate::ingest::Ledger;
use crate::measure::Facts;
use crate::measure::schema::FactTable;
use crate::progress::{Event, Observer};
use crate::table::Table;

pub use charts::{Chart, ChartError};
pub use manifest::{About, RunRecord};
pub use publish::{Publication, PublishError};
pub use rejects::keep as keep_rejects;

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
        for chart in self.charts {
            let whole = |bytes: &[u8], file: &mut publish::OutputFile| std::io::Write::write_all(file, bytes);
            done(
                publication
                    .write(&format!("charts/{}.svg", chart.name), |file| whole(chart.svg.as_bytes(), file)),
            )?;
            done(publication.write(&format!("charts/{}.png", chart.name), |file| whole(&chart.png, file)))?;
        }
        done(publication.write("rejects.csv", |file| csv::write(&rejects::table(self.ledger), file)))
    }

    fn files(&self) -> u64 {
        (FactTable::ALL.len() + 2 * self.tables.len() + 2 * self.charts.len() + 1) as u64
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
