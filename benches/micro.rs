//! Micro-benchmarks of what a run does most: working time, timestamps, reading, grouping, writing.
//!
//! ```sh
//! cargo bench --bench micro
//! ```
//!
//! Each line is the least of several rounds on one thread, but for reading and writing, which use
//! all. Where a folder with an export is given after `--`, its tables are read too.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot run says so, and time is what it measures"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use punctual::calendar::{Calendar, HOUR, Instant, SECOND, WorkClock, Zone};
use punctual::ingest::{Ingest, Inputs, NamedFiles, Profile, iso_instant};
use punctual::measure::{Keep, Period, Run};
use punctual::policy::{PolicyBook, northern};
use punctual::progress::Silent;
use punctual::records::{EventKind, Events, TicketEvent};
use punctual::report::{Publication, write_facts};

const ROUNDS: usize = 7;

/// Twenty zones: most change their clocks, some by half an hour, one by days.
const ZONES: [&str; 20] = [
    "Europe/Paris",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
];

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// An instant of the years 2015 to 2034.
    fn instant(&mut self) -> Instant {
        let second = 1_420_070_400 + self.below(20 * 365 * 86_400) as i64;
        Instant::from_micros(second * SECOND).unwrap()
    }
}

/// The least time of some rounds.
fn least(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let begun = Stopwatch::now();
        work();
        begun.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}

fn tell(what: &str, took: Duration, times: usize, of: &str) {
    let each = took.as_nanos() as f64 / times as f64;
    println!("{what:52} {each:9.1} ns per {of}");
}

fn main() {
    clocks();
    timestamps();
    grouping();
    if let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        export(Path::new(&folder));
    }
}

fn clocks() {
    let mut with_holidays = northern().calendar("default").cloned().unwrap_or_default();
    for year in 2015..2035 {
        for (month, day) in [(1, 1), (5, 1), (7, 14), (11, 11), (12, 25)] {
            let date = chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap();
            with_holidays.add_holiday(date).unwrap();
        }
    }
    let plain = northern().calendar("default").cloned().unwrap_or_default();
    for (name, calendar) in [("northern", &plain), ("northern with 100 holidays", &with_holidays)] {
        let clocks = clocks_of(calendar);
        let mut numbers = Numbers(7);
        let pairs: Vec<(usize, Instant, Instant)> = (0..1_000_000)
            .map(|_| (numbers.below(20) as usize, numbers.instant(), numbers.instant()))
            .collect();
        let elapsed = least(|| {
            let sum: i64 = pairs.iter().map(|(zone, from, to)| clocks[*zone].elapsed(*from, *to)).sum();
            black_box(sum);
        });
        tell(&format!("elapsed, {name}, 20 zones in turn"), elapsed, pairs.len(), "pair");
        let due = least(|| {
            let due = |(zone, from, _): &(usize, Instant, Instant)| clocks[*zone].due(*from, 16 * HOUR);
            black_box(pairs.iter().filter_map(|pair| due(pair).ok()).max());
        });
        tell(&format!("due after 16 h, {name}"), due, pairs.len(), "instant");
    }
}

fn clocks_of(calendar: &Calendar) -> Vec<WorkClock> {
    let calendar = Arc::new(calendar.clone());
    ZONES.iter().map(|zone| WorkClock::new(&calendar, Arc::new(Zone::named(zone).unwrap()))).collect()
}

fn timestamps() {
    let mut numbers = Numbers(11);
    let texts: Vec<String> = (0..1_000_000).map(|_| numbers.instant().to_string()).collect();
    let took = least(|| {
        black_box(texts.iter().filter_map(|text| iso_instant(text)).max());
    });
    tell("a timestamp such as 2024-05-03T14:00:00Z", took, texts.len(), "text");
}

fn grouping() {
    let (tickets, count) = (200_000, 2_000_000);
    let mut numbers = Numbers(13);
    let events: Vec<TicketEvent> = (0..count)
        .map(|_| TicketEvent {
            ticket: numbers.below(tickets) as u32,
            kind: EventKind::Communicated,
            at: numbers.instant(),
        })
        .collect();
    let took = least(|| {
        let parts = Events::gathered(tickets as usize, &events).into_parts();
        black_box(parts.into_iter().filter_map(|part| part.grouped().ok()).count());
    });
    tell("events gathered, then put in order by ticket", took, count, "event");
}

fn export(folder: &Path) {
    let profile = Profile::canonical();
    let inputs = Inputs::find(&profile, Some(folder), NamedFiles::default()).unwrap();
    let policies = PolicyBook::new(vec![northern()]).unwrap();
    let first_policy = policies.policies()[0].effective_from;
    let ingest = Ingest { profile: &profile, first_policy, cache: None, spill: None };
    let (mut bytes, mut rows) = (0, 0);
    let took = least(|| {
        let read = ingest.read(&inputs, &Silent).unwrap();
        bytes = read.ledger.inputs.iter().map(|input| input.bytes).sum();
        rows = read.ledger.read();
    });
    tell("the export read, all threads", took, rows as usize, "row");
    println!("{:52} {:9.2} GB per second", "", bytes as f64 / took.as_nanos() as f64);
    let records = ingest.read(&inputs, &Silent).unwrap().records;
    let run = Run { policies: &policies, period: &Period::Everything, as_of: None, keep: Keep::Late };
    let begun = Stopwatch::now();
    let facts = run.measure(records).unwrap();
    tell("measured, all threads", begun.elapsed(), facts.measurement_count(), "measurement");
    let room = tempfile::tempdir().unwrap();
    let took = least(|| {
        let publication = Publication::begin(&room.path().join("report")).unwrap();
        write_facts(&facts, false, &publication, None).unwrap();
    });
    tell("facts written as Parquet, all threads", took, facts.measurement_count(), "measurement");
}
