//! The integration tests: the command and the library, looked at from outside.
//!
//! One binary, since linking the query engine is slow. Each module is a subject; the last few are what subjects
//! share: a desk to work at, a browser, exports in every form, figures in one form, Parquet as a reader sees it, and
//! the independent oracle with its random exports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that panics fails, and one that is skipped says so"
)]

mod bad_files;
mod bad_output;
mod bad_rows;
mod cache;
mod check;
mod closed_month;
mod command;
mod compare;
mod damage;
mod determinism;
mod exactness;
mod explain;
mod fuzz;
mod holidays;
#[cfg(unix)]
mod hostile_files;
mod killed;
mod library;
mod memory;
mod page;
mod pending;
mod policies_over_time;
mod profile_command;
mod profile_language;
mod profiles;
mod pseudonyms;
mod queries;
mod real_data;
mod report_folder;
mod review;
mod sample;
mod spans;
mod verify;
mod workbook;

mod browser;
mod desk;
mod exports;
mod figures;
mod oracle;
mod parquet_file;
mod random_export;
