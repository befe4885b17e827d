//! punctual tells, from a help desk's exports, whether customers were answered in time.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp))]

/// The program's version and the hash of its sources: what one build kept, no other takes for its
/// own.
#[cfg(feature = "ingest")]
pub(crate) const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("PUNCTUAL_SOURCES"));

mod buckets;
pub mod calendar;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "report")]
pub mod compare;
pub mod document;
#[cfg(feature = "ingest")]
pub mod ingest;
#[cfg(feature = "report")]
pub mod language;
pub mod measure;
#[cfg(any(feature = "report", feature = "summarize"))]
mod near;
pub mod policy;
pub(crate) mod private;
pub mod progress;
#[cfg(feature = "report")]
pub mod pseudonyms;
pub mod records;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "ingest")]
pub(crate) mod sha256;
pub mod spill;
pub mod staging;
#[cfg(feature = "summarize")]
pub mod summarize;
pub mod table;
