//! Real exports are read with a profile file alone. The totals tie, and what is counted, rejected and warned is what is
//! found here in the raw file; so are the submission and the first response of every ticket.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::desk::{Desk, files, manifest, project};
use crate::exports::Sheet;
use crate::parquet_file::ParquetFile;

/// A raw file, where it is there.
fn data(name: &str) -> Option<PathBuf> {
    let path = project().join("../shared/data").join(name);
    if !path.is_file() {
        println!("skipped: ../shared/data/{name} is not there");
        return None;
    }
    Some(path)
}

/// The rows of a raw file. What is looked at here is ASCII in all of them.
fn raw(path: &Path, delimiter: u8) -> Sheet {
    let mut bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "gz") {
        let packed = std::mem::take(&mut bytes);
        GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes.as_slice());
    let texts = |record: &csv::ByteRecord| {
        record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<_>>()
    };
    let header = texts(reader.byte_headers().unwrap());
    Sheet { header, rows: reader.byte_records().map(|record| texts(&record.unwrap())).collect() }
}

/// Some columns of a file, row by row.
fn rows<'a, const N: usize>(
    sheet: &'a Sheet,
    columns: [&str; N],
) -> impl Iterator<Item = [&'a str; N]> + use<'a, N> {
    let places = columns.map(|column| sheet.place(column));
    sheet.rows.iter().map(move |row| places.map(|place| row[place].as_str()))
}

/// How many rows say nothing in these columns that no row above says.
fn repeated<const N: usize>(sheet: &Sheet, columns: [&str; N]) -> usize {
    sheet.rows.len() - rows(sheet, columns).collect::<BTreeSet<_>>().len()
}

/// A time with an offset, in microseconds.
fn with_offset(text: &str, form: &str) -> i64 {
    DateTime::parse_from_str(text, form).unwrap().timestamp_micros()
}

/// The first instant at which a clock in Rome or São Paulo showed this, in microseconds.
fn local(text: &str, form: &str, zone: Tz) -> i64 {
    let shown = NaiveDateTime::parse_from_str(text, form).unwrap();
    let instants = (-3..=2).rev().map(|offset| shown - TimeDelta::hours(offset));
    let mut shows = instants.filter(|utc| zone.from_utc_datetime(utc).naive_local() == shown);
    shows.next().unwrap().and_utc().timestamp_micros()
}

/// When each ticket was submitted and first answered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tickets(BTreeMap<String, (i64, Option<i64>)>);

impl Tickets {
    /// A ticket was there at an instant: the earliest is its submission.
    fn seen(&mut self, id: &str, at: i64) {
        let ticket = self.0.entry(id.to_owned()).or_insert((at, None));
        ticket.0 = ticket.0.min(at);
    }

    /// A ticket was answered at an instant: the earliest is its first response.
    fn answered(&mut self, id: &str, at: i64) {
        let first = &mut self.0.get_mut(id).unwrap().1;
        *first = Some(first.map_or(at, |first| first.min(at)));
    }

    /// The median time to the first response on any clock, in seconds.
    fn median_wait(&self) -> i64 {
        let mut waits: Vec<_> =
            self.0.values().filter_map(|(submitted, first)| Some((*first)? - submitted)).collect();
        waits.sort_unstable();
        waits[waits.len() / 2] / 1_000_000
    }
}

/// What the product made of an export.
struct Report {
    tickets: Tickets,
    customers: BTreeSet<String>,
    totals: Value,
    /// The rejected rows of each file by reason.
    rejected: Vec<Value>,
}

fn report(tables: &[(&str, &Path)], profile: &Path) -> Report {
    let desk = Desk::empty();
    let tables: String =
        tables.iter().map(|(table, path)| format!("--{table} {} ", path.display())).collect();
    desk.run(&format!("report {tables}--profile {} --out report", profile.display())).succeeds();
    let report = files(&desk.path("report"));
    let manifest = manifest(&report);
    let rejects = Sheet::read(std::str::from_utf8(&report["rejects.csv"]).unwrap());
    let inputs = manifest["inputs"].as_array().unwrap();
    for kind in ["rows_read", "rows_accepted", "rows_rejected"] {
        let sum: u64 = inputs.iter().map(|input| input[kind].as_u64().unwrap()).sum();
        assert_eq!(manifest["totals"][kind], sum, "{kind}");
    }
    for rows in inputs.iter().chain([&manifest["totals"]]) {
        let [read, accepted, rejected] =
            ["rows_read", "rows_accepted", "rows_rejected"].map(|kind| rows[kind].as_u64().unwrap());
        assert_eq!(read, accepted + rejected);
    }
    assert_eq!(manifest["totals"]["rows_rejected"], rejects.rows.len());

    let facts = ParquetFile::read(&desk.path("report/facts/tickets.parquet"));
    let ids = facts.texts("ticket_id").into_iter().map(Option::unwrap);
    let submitted = facts.instants("submitted_at").into_iter().map(Option::unwrap);
    let times = submitted.zip(facts.instants("first_response_at"));
    let tickets = Tickets(ids.zip(times).collect());
    assert_eq!(manifest["totals"]["tickets"], tickets.0.len());
    Report {
        tickets,
        customers: facts.texts("customer").into_iter().flatten().collect(),
        totals: manifest["totals"].clone(),
        rejected: inputs.iter().map(|input| input["rejected"].clone()).collect(),
    }
}

fn kept(profile: &str) -> PathBuf {
    project().join("profiles").join(profile)
}

#[test]
fn the_servicenow_log_is_read_with_a_profile_alone() {
    let Some(file) = data("servicenow_incidents.csv.gz") else { return };
    let made = report(&[("tickets", &file)], &kept("servicenow-log.toml"));

    // Rejected are the rows that do not say whose incident it is, and no other: an incident is there that has
    // another row. Local are times in São Paulo, where the summer of 2016 ended on 21 February.
    let log = raw(&file, b',');
    let time = |text| local(text, "%d/%m/%Y %H:%M", Tz::America__Sao_Paulo);
    let (mut tickets, mut all, mut without_caller, mut early) = (Tickets::default(), BTreeSet::new(), 0, 0);
    let columns = ["number", "caller_id", "opened_at", "sys_updated_at", "sys_updated_by", "resolved_at"];
    for [number, caller, opened, updated, by, resolved] in rows(&log, columns) {
        all.insert(number);
        if caller == "?" {
            without_caller += 1;
            continue;
        }
        let (opened, updated) = (time(opened), time(updated));
        tickets.seen(number, opened);
        if resolved != "?" {
            tickets.answered(number, time(resolved));
        }
        if updated < opened {
            early += 1;
        } else if by != "Updated by 908" {
            tickets.answered(number, updated);
        }
    }
    assert_eq!((log.rows.len(), all.len(), without_caller, early), (119_998, 20_769, 29, 5));
    assert_eq!(made.totals["rows_read"], log.rows.len());
    assert_eq!(made.rejected, [json!({ "missing_value": without_caller })]);
    assert_eq!(made.totals["warnings"], json!({ "event_before_submission": early }));
    assert_eq!(made.tickets, tickets);
}

#[test]
fn help_desk_comments_are_read_with_a_profile_alone_and_robots_do_not_answer() {
    let (Some(turns), Some(comments)) = (data("helpdesk_turns.csv"), data("helpdesk_comments.csv")) else {
        return;
    };
    let tables: [(&str, &Path); 2] = [("tickets", &turns), ("updates", &comments)];
    let made = report(&tables, &kept("helpdesk-comments.toml"));

    let (turns, comments) = (raw(&turns, b','), raw(&comments, b','));
    let time = |text| with_offset(text, "%Y-%m-%d %H:%M:%S%:z");
    let found = |robots: &[&str]| {
        let mut tickets = Tickets::default();
        for [id, started] in rows(&turns, ["id", "started"]).filter(|[id, _]| !id.is_empty()) {
            tickets.seen(id, time(started));
        }
        let columns = ["issueid", "created", "author", "author_role", "is_private"];
        for [id, created, author, role, private] in rows(&comments, columns) {
            if private == "0.0" && role != "reporter" && !robots.contains(&author) {
                tickets.answered(id.strip_suffix(".0").unwrap(), time(created));
            }
        }
        tickets
    };
    let continuations = rows(&turns, ["id"]).filter(|[id]| id.is_empty()).count();
    let twice = repeated(&comments, ["issueid", "created", "author", "author_role", "is_private"]);
    assert_eq!((turns.rows.len(), continuations, comments.rows.len(), twice), (379, 199, 4144, 4));
    assert_eq!(made.totals["rows_read"], turns.rows.len() + comments.rows.len());
    assert_eq!(made.rejected, [json!({}), json!({})]);
    let warnings = json!({ "continuation_row": continuations, "identical_duplicate": twice });
    assert_eq!(made.totals["warnings"], warnings);
    assert_eq!(made.tickets.0.len(), 180);
    assert_eq!(made.tickets, found(&["z2w_x", "4ggo"]));
    assert_eq!(made.tickets.median_wait(), 120);

    // Were the two robots taken for people, the median answer would come within seconds.
    let desk = Desk::empty();
    let counted = desk.write(
        "counted.toml",
        format!(
            "name = \"counted\"\nextends = '{}'\n[updates.values.person]\nz2w_x = \"support\"\n4ggo = \"support\"\n",
            kept("helpdesk-comments.toml").display()
        ),
    );
    let made = report(&tables, &counted);
    assert_eq!(made.tickets, found(&[]));
    assert_eq!(made.tickets.median_wait(), 16);
}

#[test]
fn help_desk_events_are_read_with_a_profile_alone() {
    let Some(file) = data("helpdesk_events.csv.gz") else { return };
    let made = report(&[("tickets", &file)], &kept("helpdesk-events.toml"));

    // The earliest row of a ticket submits it; the customer of its latest row is its customer.
    let log = raw(&file, b',');
    let answers = ["Take in charge ticket", "Resolve ticket"];
    let ends = ["Closed", "RESOLVED", "VERIFIED", "INVALID", "DUPLICATE"];
    let (mut tickets, mut latest) = (Tickets::default(), BTreeMap::new());
    for [id, activity, at, customer] in rows(&log, ["Case ID", "Activity", "Complete Timestamp", "customer"])
    {
        let at = local(at, "%Y/%m/%d %H:%M:%S%.f", Tz::Europe__Rome);
        tickets.seen(id, at);
        if answers.contains(&activity) || ends.contains(&activity) {
            tickets.answered(id, at);
        }
        let last = latest.entry(id).or_insert((at, customer));
        *last = (*last).max((at, customer));
    }
    let twice = log.rows.len() - log.rows.iter().collect::<BTreeSet<_>>().len();
    assert_eq!((log.rows.len(), tickets.0.len(), twice), (21_348, 4580, 127));
    assert_eq!(made.totals["rows_read"], log.rows.len());
    assert_eq!(made.rejected, [json!({})]);
    assert_eq!(made.totals["warnings"], json!({ "identical_duplicate": twice }));
    assert_eq!(made.tickets, tickets);
    let customers: BTreeSet<_> = latest.values().map(|last| last.1.to_owned()).collect();
    assert_eq!(made.customers, customers);
    assert_eq!(customers.len(), 395);
}

#[test]
fn jira_changes_are_read_with_a_profile_alone() {
    let Some(file) = data("jira_changes.csv.gz") else { return };
    let made = report(&[("tickets", &file)], &kept("jira-changes.toml"));

    // What counts as an answer is a change of the status, and that an issue is done.
    let log = raw(&file, b',');
    let time = |text| with_offset(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    let (mut tickets, mut latest) = (Tickets::default(), BTreeMap::new());
    let columns = ["ticket", "Created", "As.Of.Date", "Changed.Fields", "Status", "Journal"];
    for [id, created, at, changed, status, journal] in rows(&log, columns) {
        let at = time(at);
        tickets.seen(id, time(created));
        if status == "Done" || changed.split(", ").any(|field| field == "status") {
            tickets.answered(id, at);
        }
        let last = latest.entry(id).or_insert((at, journal));
        *last = (*last).max((at, journal));
    }
    // Eighteen rows stand twice to the letter; these differ in nothing that is read.
    let read = ["ticket", "Created", "As.Of.Date", "Changed.Fields", "Status", "Journal", "Issue.Type"];
    let twice = repeated(&log, read);
    assert_eq!((log.rows.len(), tickets.0.len(), twice), (27_342, 690, 30));
    assert_eq!(made.totals["rows_read"], log.rows.len());
    assert_eq!(made.rejected, [json!({})]);
    assert_eq!(made.totals["warnings"], json!({ "identical_duplicate": twice }));
    assert_eq!(made.tickets, tickets);
    let named = |journal: &str| if journal.is_empty() { "no journal" } else { journal }.to_owned();
    assert_eq!(made.customers, latest.values().map(|last| named(last.1)).collect());
}

#[test]
fn volvo_problems_are_read_with_a_profile_alone() {
    let Some(file) = data("volvo_problems.csv") else { return };
    let made = report(&[("tickets", &file)], &kept("volvo-problems.toml"));

    let log = raw(&file, b';');
    let (mut tickets, mut countries) = (Tickets::default(), BTreeSet::new());
    let columns = ["Problem Number", "Problem Change Date+Time", "Problem Sub Status", "Country"];
    for [id, at, status, country] in rows(&log, columns) {
        let at = with_offset(at, "%Y-%m-%dT%H:%M:%S%:z");
        tickets.seen(id, at);
        if ["In Progress", "Wait", "Closed", "Cancelled"].contains(&status) {
            tickets.answered(id, at);
        }
        countries.insert(if country == "0" { "no country" } else { country }.to_owned());
    }
    assert_eq!((log.rows.len(), tickets.0.len()), (6660, 1487));
    assert_eq!(made.totals["rows_read"], log.rows.len());
    assert_eq!(made.rejected, [json!({})]);
    assert_eq!(made.totals["warnings"], json!({}));
    assert_eq!(made.tickets, tickets);
    assert_eq!(made.customers, countries);
}
