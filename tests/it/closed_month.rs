//! A closed month never changes: its report from an export taken at the month's end is the very one from an export
//! taken three months later.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use crate::desk::{Desk, assert_same_report, project};
use crate::exports::{Sheet, TIMES, micros};
use crate::figures::instant;
use crate::oracle::severity_at_submission;
use crate::random_export::{RandomExport, random_export};

type Tables = BTreeMap<&'static str, Sheet>;
type Files = BTreeMap<String, Vec<u8>>;

fn report(tables: &Tables, arguments: &str) -> Files {
    let desk = Desk::empty();
    for (table, sheet) in tables {
        desk.write(&format!("export/{table}.csv"), sheet.csv());
    }
    desk.report("export", &format!("--max-rejects 100% {arguments}"))
}

fn sample() -> Tables {
    let read = |table: &'static str| {
        let text = std::fs::read_to_string(project().join(format!("sample-data/{table}.csv"))).unwrap();
        (table, Sheet::read(&sound_rows(text.trim_start_matches('\u{FEFF}'))))
    };
    ["tickets", "updates", "customers"].into_iter().map(read).collect()
}

/// The rows of a CSV that have as many fields as its header, and times.
fn sound_rows(text: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let times: Vec<usize> =
        (0..header.len()).filter(|place| TIMES.contains(&header.get(*place).unwrap())).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records().map(|record| record.unwrap()) {
        let is_time = |text: &str| text.is_empty() || DateTime::parse_from_rfc3339(text).is_ok();
        if record.len() == header.len() && times.iter().all(|place| is_time(&record[*place])) {
            writer.write_record(&record).unwrap();
        }
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The export as it was at an earlier instant: without what happened since, and with each ticket's severity of then.
fn as_it_was(tables: &Tables, taken: i64) -> Tables {
    let past = |text: &str| micros(text).is_none_or(|at| at <= taken);
    let mut earlier = tables.clone();
    let updates = &tables["updates"];
    let [ticket, at, kind, value, old] =
        ["ticket_id", "at", "kind", "value", "old_value"].map(|name| updates.place(name));
    earlier.get_mut("updates").unwrap().rows.retain(|row| past(&row[at]));

    // The first change since then says what the severity was before it.
    let mut changes: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for row in updates.rows.iter().filter(|row| row[kind] == "severity" && !past(&row[at])) {
        assert!(!row[old].is_empty() && !row[value].is_empty());
        let change = (micros(&row[at]).unwrap(), row[old].as_str());
        let first = changes.entry(&row[ticket]).or_insert(change);
        *first = change.min(*first);
    }
    let tickets = earlier.get_mut("tickets").unwrap();
    let [id, severity, submitted, first, resolved] =
        ["ticket_id", "severity", "submitted_at", "first_response_at", "resolved_at"]
            .map(|name| tickets.place(name));
    tickets.rows.retain(|row| past(&row[submitted]));
    for row in &mut tickets.rows {
        for time in [first, resolved] {
            if !past(&row[time]) {
                row[time].clear();
            }
        }
        if let Some((_, then)) = changes.get(row[id].as_str()) {
            row[severity] = (*then).to_owned();
        }
    }
    earlier
}

fn written(at: i64) -> String {
    DateTime::from_timestamp_micros(at).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// When a month has ended everywhere on Earth: twelve hours after it has in UTC.
fn over(month_after: &str) -> i64 {
    instant(&format!("{month_after}-01T12:00:00Z"))
}

#[test]
fn a_closed_month_of_the_sample_is_the_same_from_an_export_taken_three_months_later() {
    let all = sample();
    let (at_its_end, later) = (over("2024-03"), over("2024-06"));
    let first =
        report(&as_it_was(&all, at_its_end), &format!("--period 2024-02 --as-of {}", written(at_its_end)));
    let from_later = as_it_was(&all, later);
    assert_ne!(from_later["tickets"], as_it_was(&all, at_its_end)["tickets"]);
    let second = report(&from_later, &format!("--period 2024-02 --as-of {}", written(later)));
    assert_same_report("with as-of instants", &first, &second);
    assert_same_report("without", &first, &report(&from_later, "--period 2024-02"));
    assert_same_report("from all there is", &first, &report(&all, "--period 2024-02"));
}

#[test]
fn a_closed_quarter_counts_every_breach_that_was_certain_when_it_ended() {
    let all = sample();
    let first = report(
        &as_it_was(&all, over("2024-04")),
        &format!("--period 2024-Q1 --as-of {}", written(over("2024-04"))),
    );
    assert_same_report("2024-Q1", &first, &report(&all, "--period 2024-Q1"));
}

/// The random export as it was at an earlier instant. Where no change of severity is left, the row holds the
/// severity of the submission.
fn random_as_it_was(export: &RandomExport, taken: i64) -> RandomExport {
    let mut earlier = export.clone();
    let mut rows = earlier.rows.into_iter();
    earlier.rows = Vec::new();
    earlier.tickets.retain_mut(|(ticket, _, events)| {
        let row = rows.next().unwrap();
        ticket.severity = severity_at_submission(ticket, events);
        events.retain(|event| event.at_us <= taken);
        ticket.first_response_us = ticket.first_response_us.filter(|at| *at <= taken);
        ticket.resolved_us = ticket.resolved_us.filter(|at| *at <= taken);
        let was_there = ticket.submitted_us <= taken;
        earlier.rows.extend(was_there.then_some(row));
        was_there
    });
    earlier
}

/// What a row says of a kind of failure or a product is drawn anew for each export, and left out here.
fn tables_of(export: &RandomExport) -> Tables {
    let mut tickets = Sheet::read(&export.tickets_csv());
    for name in ["classification", "product", "account_manager"] {
        let place = tickets.place(name);
        tickets.rows.iter_mut().for_each(|row| row[place].clear());
    }
    Tables::from([
        ("tickets", tickets),
        ("updates", Sheet::read(&export.updates_csv())),
        ("customers", Sheet::read(&export.customers_csv())),
    ])
}

/// A ticket was submitted in the last weeks of 2024 on the most easterly and most westerly clocks there are.
#[test]
fn a_closed_month_of_a_random_export_is_the_same_from_a_later_one_under_any_policy() {
    let export = random_export(77, 1_500);
    let taken = over("2024-11") + TimeDelta::days(30).num_microseconds().unwrap();
    assert_eq!(taken, over("2024-12"));
    let earlier = tables_of(&random_as_it_was(&export, taken));
    let later = tables_of(&export);
    let desk = Desk::empty();
    let paused =
        punctual::policy::NORTHERN.replace("\"runs\"", "\"pauses\"").replace("\"strict\"", "\"inclusive\"");
    let policy = desk.write("paused.toml", paused);
    let as_of = written(taken);
    for policy in ["northern", policy.to_str().unwrap()] {
        let first = report(&earlier, &format!("--period 2024-11 --policy {policy} --as-of {as_of}"));
        let second = report(&later, &format!("--period 2024-11 --policy {policy}"));
        assert_same_report(policy, &first, &second);
    }
}
