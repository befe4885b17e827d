//! What is odd about an export though no single row shows it.
//!
//! The files are read as for a report, and the account of every row is the same. Then they are read
//! once more for what a report does not keep: who wrote each update, and what was written in columns
//! whose spellings stand for something. From this survey pure functions draw suspicions, each with the
//! numbers that it rests on.

mod dates;
mod days;
mod hours;
mod life;
mod robots;
mod survey;
mod suspicion;

use std::path::Path;

use super::ledger::{InputLedger, Warning};
use super::{Ingest, IngestError, Ingested, Inputs};
use crate::progress::Observer;

pub use survey::{Standing, ValueCount};
pub use suspicion::Suspicion;

use survey::Survey;

/// What was found out about an export.
#[derive(Debug)]
pub struct Checked {
    /// What a report would be made of.
    pub ingested: Ingested,
    /// What is written in columns whose spellings stand for something, and how the profile takes it.
    pub values: Vec<ValueCount>,
    /// What no single row shows, the gravest first.
    pub suspicions: Vec<Suspicion>,
    /// Whether the files were read a second time, for the two above: a pipe cannot be.
    pub surveyed: bool,
}

impl<'a> Ingest<'a> {
    /// Reads the files as for a report, and looks for what no single row shows.
    ///
    /// # Errors
    /// [`IngestError`] for the first file that cannot be read at all.
    pub fn check(&self, inputs: &'a Inputs, observer: &'a dyn Observer) -> Result<Checked, IngestError> {
        let ingested = self.read(inputs, observer)?;
        let is_file = |path: &Path| std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        let surveyed = inputs.paths().all(|path| is_file(path));
        let survey = match surveyed {
            true => Survey::take(self, inputs, &ingested, observer)?,
            false => Survey::default(),
        };
        let suspicions = suspicions(&ingested, &survey);
        Ok(Checked { ingested, values: survey.values, suspicions, surveyed })
    }
}

fn suspicions(ingested: &Ingested, survey: &Survey) -> Vec<Suspicion> {
    let (records, ledger) = (&ingested.records, &ingested.ledger);
    let mut found = Vec::new();
    found.extend(dates::never_above_twelve(records, survey));
    found.extend(hours::at_night_everywhere(records, survey));
    found.extend(robots::quick_people(records, survey));
    found.extend(life::before_their_submission(
        survey,
        ledger.warnings().get(&Warning::EventBeforeSubmission),
    ));
    found.extend(life::outside_their_life(records, survey));
    found.extend(days::without_an_event(records, survey));
    found.extend(ledger.inputs.iter().filter_map(ends_at_a_limit));
    found.extend(ledger.inputs.iter().filter_map(repeated));
    found
}

/// Where exports stop: limits that help desks and spreadsheets have.
const LIMITS: [u64; 18] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 25_000, 30_000, 50_000, 65_535, 65_536, 100_000, 200_000, 250_000,
    500_000, 1_000_000, 1_048_575, 1_048_576, 2_000_000,
];

fn ends_at_a_limit(input: &InputLedger) -> Option<Suspicion> {
    let is_limit = LIMITS.contains(&input.read);
    is_limit.then(|| Suspicion::EndsAtALimit { file: input.file_name(), rows: input.read })
}

/// One in how many rows must stand twice, and how many at least, to be worth a word.
const REPEATED_SHARE: u64 = 200;
const REPEATED_LEAST: u64 = 5;

fn repeated(input: &InputLedger) -> Option<Suspicion> {
    let rows = *input.warnings.get(&Warning::IdenticalDuplicate)?;
    let many = rows >= REPEATED_LEAST && rows.saturating_mul(REPEATED_SHARE) >= input.read;
    many.then(|| Suspicion::Repeated { file: input.file_name(), rows, of: input.read })
}
