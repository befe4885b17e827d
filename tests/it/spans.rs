//! `facts/spans.parquet`: every span of every measurement, whose sums are the measured times.

use std::collections::BTreeMap;
use std::path::Path;

use crate::desk::{Desk, files, project};
use crate::parquet_file::ParquetFile;
use crate::random_export::random_export;

/// Sees that the spans of a report cover its measurements and add up to them; gives how many there are
/// of each reason.
fn assert_they_tie(report: &Path) -> BTreeMap<String, usize> {
    let measured = ParquetFile::read(&report.join("facts/measurements.parquet"));
    let (tickets, sequences) = (measured.texts("ticket_id"), measured.texts("sequence"));
    let (started, ended) = (measured.instants("started_at"), measured.instants("ended_at"));
    let elapsed = measured.integers("elapsed_us");
    let key = |row: usize, tickets: &[Option<String>], sequences: &[Option<String>]| {
        (tickets[row].clone().unwrap(), sequences[row].clone().unwrap())
    };
    let spans = ParquetFile::read(&report.join("facts/spans.parquet"));
    let (of, numbers) = (spans.texts("ticket_id"), spans.texts("sequence"));
    let (from, to) = (spans.instants("from_at"), spans.instants("to_at"));
    let (counted, reasons) = (spans.integers("counted_us"), spans.texts("reason"));
    let mut rows: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for row in 0..spans.rows() {
        rows.entry(key(row, &of, &numbers)).or_default().push(row);
        *kinds.entry(reasons[row].clone().unwrap()).or_default() += 1;
        let whole = to[row].unwrap() - from[row].unwrap();
        let expected = if reasons[row].as_deref() == Some("counted") { whole } else { 0 };
        assert!(whole > 0 && counted[row] == Some(expected));
    }
    let mut with_spans = 0;
    for row in 0..measured.rows() {
        let own = rows.get(&key(row, &tickets, &sequences)).map(Vec::as_slice).unwrap_or_default();
        let sum: i64 = own.iter().map(|span| counted[*span].unwrap()).sum();
        assert_eq!(Some(sum), elapsed[row], "{:?}", key(row, &tickets, &sequences));
        // Without a gap, from the start to the end.
        let Some((first, last)) = own.first().zip(own.last()) else {
            // It took no time at all, or began as the export was taken.
            assert!(ended[row].is_none() || started[row] == ended[row]);
            continue;
        };
        with_spans += 1;
        assert_eq!(from[*first], started[row]);
        assert!(ended[row].is_none() || to[*last] == ended[row]);
        assert!(own.windows(2).all(|pair| to[pair[0]] == from[pair[1]] && pair[0] + 1 == pair[1]));
    }
    assert_eq!(with_spans, rows.len(), "there are spans of no measurement");
    kinds
}

#[test]
fn the_spans_of_3_000_random_tickets_with_pauses_holidays_and_half_days_add_up_to_each_measurement() {
    let export = random_export(20_261_130, 3_000);
    let desk = Desk::empty();
    desk.write("export/tickets.csv", export.tickets_csv());
    desk.write("export/updates.csv", export.updates_csv());
    desk.write("export/customers.csv", export.customers_csv());
    let weekdays = punctual::policy::NORTHERN.replace("wednesday = [\"09:00-18:00\"]\n", "");
    let policy = weekdays.replace("\"runs\"", "\"pauses\"").replace(
        "holidays = []",
        "saturday = [\"22:00-24:00\"]\nsunday = [\"00:00-04:00\"]\nholidays = [2024-01-01, 2024-03-29, 2024-12-25]\n\
         [calendars.default.special_days]\n2024-12-24 = [\"09:00-12:00\"]\n2024-03-31 = [\"00:00-09:00\"]\n",
    );
    desk.write("policy.toml", policy);
    desk.run("report export --policy policy.toml --spans --out report").succeeds();
    let kinds = assert_they_tie(&desk.path("report"));
    let names: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(names, ["counted", "day_off", "holiday", "outside_hours", "waiting"]);
    // The sums are the facts' own, whatever the number of threads.
    desk.run("report export --policy policy.toml --spans --out one --threads 1").succeeds();
    let bytes = |report: &str| std::fs::read(desk.path(&format!("{report}/facts/spans.parquet"))).unwrap();
    assert!(bytes("report") == bytes("one"));
}

#[test]
fn the_spans_of_the_sample_data_add_up_to_each_measurement() {
    let desk = Desk::empty();
    let sample = project().join("sample-data");
    desk.run(&format!("report {} --spans --out report", sample.display())).succeeds();
    assert_they_tie(&desk.path("report"));
    let text = ParquetFile::read(&desk.path("report/facts/spans.parquet"));
    assert_eq!(
        text.columns(),
        [
            "ticket_id",
            "metric",
            "sequence",
            "local_date",
            "from_at",
            "to_at",
            "counted_us",
            "reason",
            "holiday"
        ]
    );
    let meaning = text.metadata.iter().find(|(key, _)| key == "punctual.column.reason").unwrap();
    assert!(meaning.1.starts_with("counted; or why not"));
}

#[test]
fn spans_are_of_a_report_that_has_the_memory_for_them() {
    Desk::with_export().run("report export --spans --memory 1GiB").fails(2, &["--spans", "--memory"]);
}

#[test]
fn what_a_day_is_called_stands_in_the_spans_of_the_house_and_in_no_review() {
    let desk = Desk::with_export();
    let named = "holidays = [{ date = 2024-05-07, name = \"Closure of Borea\" }]";
    desk.write("policy.toml", punctual::policy::NORTHERN.replace("holidays = []", named));
    desk.run("report export --policy policy.toml --spans --out report").succeeds();
    // Ticket A-2 of Acme is open from 6 May on.
    let names = |folder: &str| {
        let spans = ParquetFile::read(&desk.path(&format!("{folder}/facts/spans.parquet")));
        let reasons = spans.texts("reason").into_iter().map(Option::unwrap);
        reasons.zip(spans.texts("holiday")).filter(|(reason, _)| reason == "holiday").collect::<Vec<_>>()
    };
    assert!(names("report").contains(&("holiday".to_owned(), Some("Closure of Borea".to_owned()))));
    desk.run("review export --customer Acme --policy policy.toml --spans --out reviews").succeeds();
    let folder = format!("reviews/{}", desk.names("reviews").remove(0));
    let of_review = names(&folder);
    assert!(!of_review.is_empty() && of_review.iter().all(|(_, name)| name.is_none()), "{of_review:?}");
    for (name, bytes) in files(&desk.path(&folder)) {
        assert!(!bytes.windows(5).any(|bytes| bytes == b"Borea"), "{name}");
    }
}
