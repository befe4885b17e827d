//! punctual tells, from a help desk's exports, whether customers were answered in time.
#![deny(missing_docs)]

pub mod calendar;
pub mod document;
pub mod policy;
pub mod table;
pub mod measure;
pub mod records;
