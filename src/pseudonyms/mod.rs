//! Pseudonyms: what customers, tickets and account managers are called where facts leave the house.
//!
//! They are put in place once, after ingest and before anything is measured: in the records, in
//! the policies and in the account of the inputs. What comes after knows no real name, and so
//! cannot show one. They hang on a key that stays at home: with it the same name has the same
//! pseudonym in every run and every file, and without it there is no way back, not even by trying
//! likely names.
//!
//! What a ticket is about, its classification, tier and region, and the names of calendars and
//! policies stay as they are: who names one of these after a customer gives the customer away.

mod key;
mod ledger;
mod records;

pub use key::{Key, KeyError, Kind};
pub use records::{Clash, PseudonymError};
