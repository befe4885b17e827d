//! One history judged twice: the totals of both sides, and measurement by measurement what turned
//! out otherwise, and why.
//!
//! The two sides are policies over the same records, whose [`Facts`](crate::measure::Facts) one
//! run gives, or the folders of two reports. Either way they come ticket by ticket, in the order of
//! their ids, and meet in one [`Tally`]. A cause is found by what differs between the two, and
//! where nothing known explains a change it says so.

mod cause;
mod change;
mod differences;
mod flat;
mod folders;
mod manifest;
mod policies;
mod rows;
#[cfg(test)]
mod samples;
mod sides;
mod tables;
mod tally;
mod totals;

pub use cause::{Cause, Causes};
pub use change::{Change, Pair, Turned};
pub use differences::{Difference, between_policies};
pub use folders::{ReportFolder, folders};
pub use manifest::FolderError;
pub use policies::policies;
pub use sides::{Measured, Ticket};
pub use tables::differences_table;
pub use tally::Tally;
pub use totals::{Counts, METRICS, Sides, Totals};
