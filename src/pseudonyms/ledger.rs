//! The account of the inputs, without what they hold and what they are called.

use std::path::PathBuf;

use super::Key;
use crate::ingest::{Ledger, Reason};

impl Ledger {
    /// The same account with nothing of the inputs' own: every count stays; a file is called after
    /// its table and its place, since it may be named after a customer; a rejected row keeps its
    /// place, column and reason, and loses its value, which may be anything that stands in it.
    ///
    /// A file's SHA-256 becomes a digest by the key: names could be tried against the plain one of
    /// a short file until it fits.
    pub fn pseudonymised(mut self, key: &Key) -> Ledger {
        // They name files, and were told before.
        self.cache_notes.clear();
        let labels = self.labels();
        for (input, label) in self.inputs.iter_mut().zip(labels) {
            input.path = PathBuf::from(label);
            input.sha256 = key.digest(&input.sha256);
        }
        for reject in &mut self.rejects {
            reject.value = String::new();
            reject.detail = expected(reject.reason).to_owned();
        }
        self
    }
}

/// What was expected, in words that quote nothing.
const fn expected(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongFieldCount => "as many fields as the header has are expected",
        Reason::StrayQuote => {
            "a quote opens a field here and does not close it: double a quote that belongs to a text"
        }
        Reason::InvalidUtf8 => "text in the file's encoding is expected",
        Reason::MissingValue => "a value is expected",
        Reason::BadSeverity => "a severity of 1 to 4 is expected",
        Reason::UnknownValue => "a value that its column knows is expected",
        Reason::BadTimestamp => "a time in the form of its column is expected",
        Reason::TimeWithoutZone => "it has no offset: say in the profile in which zone such times are",
        Reason::NonexistentLocalTime => "the clocks of its zone never showed this time",
        Reason::TimeOutOfSpan => "only times from 1900 to 2099 are supported",
        Reason::UnknownTimeZone => "an IANA time zone is expected",
        Reason::BeforeFirstPolicy => "a submission from when the first policy holds is expected",
        Reason::ContradictingDuplicate => "rows of one id or name contradict each other",
        Reason::UnknownTicket => "the id of an accepted ticket is expected",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ingest::{CacheNote, InputLedger, Reject, Table, Warning};

    fn input(table: Table, path: &str) -> InputLedger {
        InputLedger {
            table,
            path: PathBuf::from(path),
            sha256: "ab".repeat(32),
            bytes: 10,
            believed: None,
            warned_lines: BTreeMap::new(),
            read: 3,
            rejected: BTreeMap::from([(Reason::UnknownTimeZone, 1)]),
            warnings: BTreeMap::from([(Warning::FixedOffsetZone, 2)]),
        }
    }

    #[test]
    fn an_account_keeps_its_counts_and_loses_names_values_and_details() {
        let reject = Reject {
            file: 2,
            line: 7,
            column: "Zone".to_owned(),
            value: "Acme/Paris".to_owned(),
            reason: Reason::UnknownTimeZone,
            detail: "\"Acme/Paris\" is no zone".to_owned(),
        };
        let before = Ledger {
            inputs: vec![
                input(Table::Customers, "exports/acme.csv"),
                input(Table::Tickets, "exports/acme-may.csv"),
                input(Table::Tickets, "exports/acme-june.csv"),
            ],
            rejects: vec![reject],
            cache_notes: vec![CacheNote::Damaged("exports/acme.csv".to_owned())],
        };
        let key = Key::from_bytes(b"an invented key of the tests").unwrap();
        let after = before.clone().pseudonymised(&key);
        let names: Vec<_> = after.inputs.iter().map(InputLedger::file_name).collect();
        assert_eq!(names, ["customers-1", "tickets-1", "tickets-2"]);
        let shown = format!("{after:?}").to_lowercase();
        assert!(!shown.contains("acme") && !shown.contains("exports") && !shown.contains("abab"), "{shown}");
        assert_eq!((after.read(), after.rejected(), after.warnings()), (9, 1, before.warnings()));
        let row = &after.rejects[0];
        assert_eq!((row.file, row.line, row.column.as_str()), (2, 7, "Zone"));
        assert_eq!(
            (row.reason, row.detail.as_str()),
            (Reason::UnknownTimeZone, "an IANA time zone is expected")
        );
    }
}
