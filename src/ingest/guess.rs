//! A profile to start from, proposed from what files are called, their headers and what stands in
//! them.
//!
//! Where a built-in profile knows the columns, the proposal extends it and says only what differs;
//! else it maps each field to the column whose name and contents are likeliest. What the files do not
//! tell (the zone of times without an offset, whether a date begins with its day, who is a robot) is
//! asked, and stands in the proposal as a comment: nothing is assumed in silence. Of what the files
//! hold only the few different texts of columns whose spellings count are repeated, and the names of
//! those who write most.

mod contents;
mod draft;
mod fit;
mod lists;
mod names;
mod proposal;
mod reading;
mod sample;
mod times;
mod words;

use std::path::PathBuf;

use super::profile::Profile;
use super::{Ingest, IngestError};
use crate::progress::Observer;
use draft::{Draft, quoted};
use proposal::Proposal;
use sample::Sample;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The profile, with comments.
    pub toml: String,
    /// The built-in profile that it extends.
    pub extends: Option<String>,
    /// What the files do not tell, as it is asked at the head of the profile.
    pub questions: Vec<String>,
    /// The files that were looked at.
    pub files: Vec<GuessedFile>,
}

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessedFile {
    /// Its name.
    pub file: String,
    /// How many rows it has.
    pub rows: u64,
    /// The table of the profile that is read from it; `None` where it is none.
    pub table: Option<String>,
}

/// Proposes a profile of this name for some files.
///
/// # Errors
/// [`IngestError`] for the first file that cannot be read at all.
pub fn guess(name: &str, files: &[PathBuf], observer: &dyn Observer) -> Result<Guess, IngestError> {
    let profile = Profile::canonical();
    let ingest = Ingest { profile: &profile, first_policy: chrono::NaiveDate::MIN, cache: None, spill: None };
    let samples = files.iter().map(|path| Sample::of(path, &ingest, observer));
    let samples = samples.collect::<Result<Vec<_>, _>>()?;
    let (fit, lacking) = fit::best(&samples);
    let extends = fit.as_ref().map(|fit| fit.profile.name.clone());
    let mut proposal =
        Proposal { samples: &samples, draft: Draft::default(), tables: vec![None; samples.len()] };
    proposal.draft.top(format!("name = {}", quoted(name)));
    match fit {
        Some(fit) => proposal.extend(&fit),
        None => proposal.map(),
    }
    if let Some(lacking) = lacking {
        proposal.draft.ask(format!(
            "The built-in profile `{}` knows more of these columns, but reads {} besides: export {} too, if you can, and guess again.",
            lacking.profile.name,
            lacking.missing.join(", "),
            if lacking.missing.len() == 1 { "it" } else { "them" },
        ));
    }
    Ok(proposal.finish(extends))
}
