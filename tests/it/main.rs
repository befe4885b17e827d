//! The integration tests: the command and the library, looked at from outside.
//!
//! One binary, since linking the query engine is slow. Each module is a subject; `desk`, `parquet_file`,
//! `oracle` and `random_export` are what the subjects share.

mod desk;
mod exactness;
mod figures;
mod oracle;
mod parquet_file;
mod random_export;
