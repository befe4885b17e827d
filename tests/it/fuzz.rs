//! Inputs that nobody would write, made from sound ones by a seeded generator: whatever they are, a run ends with a
//! result or an error, soon, and its account of the rows ties.
//!
//! By itself each target runs for a second or two. `PUNCTUAL_FUZZ_SECONDS=600 cargo test --release --test it fuzz` runs
//! each for ten minutes, from a seed that `PUNCTUAL_FUZZ_SEED` sets. What made a target fail is left in the folder of
//! temporary files; once it is mended, it goes to `tests/corpus`, which is tried first on every run.

pub mod mutation;

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant as Stopwatch};

use arrow_schema::DataType;
use chrono::NaiveDate;
use flate2::Compression;
use flate2::write::GzEncoder;
use punctual::ingest::{
    BUILT_IN, Cache, Ingest, IngestError, Inputs, NamedFiles, PartFile, Profile, guess, iso_instant,
};
use punctual::measure::Period;
use punctual::policy::{NORTHERN, Policy, PolicyBook};
use punctual::progress::Silent;
use tempfile::TempDir;

use crate::desk::{CUSTOMERS, TICKETS, UPDATES, project};
use crate::exports::{Sheet, as_parquet};
use mutation::Random;

/// How long one input may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// What whoever runs the tests says in the environment; 1 where nothing is said.
#[allow(clippy::disallowed_methods, reason = "whoever runs the tests says so in the environment")]
fn told(name: &str) -> u64 {
    std::env::var(name).map_or(1, |text| text.parse().expect("a whole number"))
}

/// Tries the corpus of a target, then what is made of its sound inputs until the time is over.
#[allow(clippy::disallowed_methods, reason = "how long an input may take, and the whole, is measured")]
fn fuzz(target: &str, sound: &[Vec<u8>], mut run: impl FnMut(&[u8], &mut Random)) {
    let mut random = Random::new(told("PUNCTUAL_FUZZ_SEED"));
    let mut tried = |bytes: &[u8], random: &mut Random| {
        // Before it is tried: what overflows the stack ends the process.
        let kept = std::env::temp_dir().join(format!("punctual-fuzz-{target}-{}", std::process::id()));
        fs::write(&kept, bytes).unwrap();
        let begin = Stopwatch::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| run(bytes, random)));
        let took = begin.elapsed();
        if outcome.is_err() || took > LONGEST {
            panic!("{target}: failed or took {took:?}; the input is in {}", kept.display());
        }
        fs::remove_file(&kept).unwrap();
    };
    let corpus = project().join("tests/corpus").join(target);
    let mut kept: Vec<PathBuf> = match fs::read_dir(&corpus) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    kept.sort();
    let kept: Vec<Vec<u8>> = kept.iter().map(|path| fs::read(path).unwrap()).collect();
    sound.iter().chain(&kept).for_each(|bytes| tried(bytes, &mut random));
    let pool: Vec<Vec<u8>> = sound.iter().chain(&kept).cloned().collect();
    let (begin, seconds) = (Stopwatch::now(), told("PUNCTUAL_FUZZ_SECONDS"));
    let mut times = 0_u64;
    while begin.elapsed() < Duration::from_secs(seconds) {
        let bytes = random.mutated(&pool);
        tried(&bytes, &mut random);
        times += 1;
    }
    println!("{target}: {times} inputs in {seconds} s");
}

/// A folder to put inputs into.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// Reads an export in every way, and sees that the account ties.
fn read(profile: &Profile, inputs: &Inputs) -> Result<(), IngestError> {
    let first_policy = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let ingest = Ingest { profile, first_policy, cache: None, spill: None };
    let checked = ingest.check(inputs, &Silent)?;
    let ledger = &checked.ingested.ledger;
    for input in &ledger.inputs {
        assert!(input.rejected_rows() <= input.read, "{input:?}");
        assert!(input.warned_lines.values().all(|lines| lines.len() <= 3));
    }
    let rejected: u64 = ledger.inputs.iter().map(|input| input.rejected_rows()).sum();
    assert_eq!(rejected, ledger.rejected());
    checked
        .suspicions
        .iter()
        .for_each(|found| assert!(!found.to_string().is_empty() && !found.advice().is_empty()));
    Ok(())
}

/// The files of all fixtures, and the canonical ones.
fn exports() -> Vec<Vec<u8>> {
    let mut exports: Vec<Vec<u8>> =
        [TICKETS, UPDATES, CUSTOMERS].map(|text| text.as_bytes().to_vec()).to_vec();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(project().join("tests/profiles")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let is_export = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ending == "csv")
                && !path.file_name().unwrap().to_string_lossy().starts_with("expected")
        };
        exports.extend(files.iter().filter(|path| is_export(path)).map(|path| fs::read(path).unwrap()));
    }
    exports
}

/// Reads bytes as the tickets, the updates and the look-ups of any built-in profile.
fn read_as_anything(folder: &Folder, name: &str, bytes: &[u8], random: &mut Random) {
    let path = folder.put(name, bytes);
    let (profile_name, _) = BUILT_IN[random.below(BUILT_IN.len())];
    let profile = Profile::built_in(profile_name).unwrap().unwrap();
    if random.below(8) == 0
        && let Ok(guess) = guess("any", std::slice::from_ref(&path), &Silent)
    {
        Profile::parse("guess", &guess.toml).unwrap();
    }
    let tickets = folder.put("tickets.csv", TICKETS.as_bytes());
    let names = [path.display().to_string()];
    for as_tickets in [true, false] {
        let canonical = Profile::canonical();
        let (profile, named) = match as_tickets {
            true => (&profile, NamedFiles { tickets: &names, ..NamedFiles::default() }),
            false => (
                &canonical,
                NamedFiles {
                    tickets: &[tickets.display().to_string()],
                    updates: &names,
                    ..NamedFiles::default()
                },
            ),
        };
        match Inputs::find(profile, None, named) {
            Ok(inputs) => drop(read(profile, &inputs)),
            // The profile looks something up: the bytes are that too.
            Err(_) => {
                let part = |part: usize| PartFile { part, path: path.clone() };
                let inputs = Inputs {
                    tickets: vec![path.clone()],
                    customers: vec![path.clone()],
                    lookups: (0..3).map(part).collect(),
                    updates: (0..3).map(part).collect(),
                    ..Inputs::default()
                };
                drop(read(profile, &inputs));
            }
        }
    }
}

#[test]
fn fuzz_csv() {
    let folder = Folder::new();
    fuzz("csv", &exports(), |bytes, random| read_as_anything(&folder, "any.csv", bytes, random));
}

#[test]
fn fuzz_compressed() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let folder = Folder::new();
    let sound: Vec<Vec<u8>> = exports().iter().take(8).map(|bytes| gzip(bytes)).collect();
    fuzz("compressed", &sound, |bytes, random| read_as_anything(&folder, "any.csv.gz", bytes, random));
}

#[test]
fn fuzz_parquet() {
    let folder = Folder::new();
    let timestamp = DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some("UTC".into()));
    let sound = [
        as_parquet(&Sheet::read(TICKETS), &[("submitted_at", timestamp.clone())]),
        as_parquet(&Sheet::read(UPDATES), &[("at", timestamp)]),
        as_parquet(&Sheet::read(CUSTOMERS), &[]),
    ];
    fuzz("parquet", &sound, |bytes, random| read_as_anything(&folder, "any.parquet", bytes, random));
}

#[test]
fn fuzz_encodings() {
    let folder = Folder::new();
    let encode = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).into_owned();
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let sound: Vec<Vec<u8>> = exports().iter().take(8).map(|bytes| encode(bytes)).collect();
    fuzz("encodings", &sound, |bytes, random| read_as_anything(&folder, "any.csv", bytes, random));
}

#[test]
fn fuzz_profiles() {
    let folder = Folder::new();
    let mut sound: Vec<Vec<u8>> = BUILT_IN.iter().map(|built_in| built_in.1.as_bytes().to_vec()).collect();
    let mut examples: Vec<PathBuf> =
        fs::read_dir(project().join("profiles")).unwrap().map(|entry| entry.unwrap().path()).collect();
    examples.sort();
    sound.extend(examples.iter().map(|path| fs::read(path).unwrap()));
    let exports = exports();
    fuzz("profiles", &sound, |bytes, random| {
        let text = String::from_utf8_lossy(bytes);
        match Profile::parse("p.toml", &text) {
            Err(flaw) => assert!(flaw.line > 0 && !flaw.message.is_empty()),
            Ok(profile) => {
                let path = folder.put("any.csv", &exports[random.below(exports.len())]);
                let inputs =
                    Inputs { tickets: vec![path.clone()], customers: vec![path], ..Inputs::default() };
                drop(read(&profile, &inputs));
            }
        }
    });
}

#[test]
fn fuzz_policies() {
    let rich = "name = \"rich\"\neffective_from = 2024-01-01\ncomparison = \"inclusive\"\nwaiting_on_customer = \"pauses\"\n\
        period_by = \"submitted\"\n[calendars.default]\nmonday = [\"09:00-12:00\", \"13:00-24:00\"]\nholidays = [2024-05-01]\n\
        [calendars.fr]\nlike = \"default\"\n[calendars.fr.special_days]\n2024-12-24 = [\"09:00-12:00\"]\n\
        [targets.response]\n1 = \"1h30m\"\n2 = 8\n3 = \"90m\"\n4 = \"45s\"\n[targets.update]\n1 = 16\n2 = 16\n3 = 20\n4 = 32\n\
        [tiers.augmented.targets.response]\n1 = 4\n[regions.EMEA]\ncalendar = \"fr\"\n[customers.\"ACME SA\"]\n\
        targets.response = { 1 = 2 }\n";
    let sound = [NORTHERN.as_bytes().to_vec(), rich.as_bytes().to_vec()];
    fuzz("policies", &sound, |bytes, _| {
        let text = String::from_utf8_lossy(bytes);
        match Policy::parse("p.toml", &text, None) {
            Err(flaw) => assert!(flaw.line > 0 && !flaw.message.is_empty()),
            Ok(policy) => {
                let book = PolicyBook::new(vec![policy]).unwrap();
                assert_eq!(book.policies().len(), 1);
            }
        }
    });
}

#[test]
fn fuzz_holidays() {
    let folder = Folder::new();
    let apple = fs::read(project().join("tests/corpus/holidays/apple.ics")).unwrap();
    let policy = |file: &str| {
        let named = format!("holidays = [\"{file}\"]");
        Policy::parse("p.toml", &NORTHERN.replace("holidays = []", &named), Some(folder.0.path()))
    };
    fuzz("holidays", &[apple, b"date,name,hours\n2024-12-24,Eve,09:00-12:00\n".to_vec()], |bytes, _| {
        for file in ["days.ics", "days.csv"] {
            folder.put(file, bytes);
            match policy(file) {
                // Of a file its line is named too.
                Err(flaw) => assert!(flaw.message.contains(&format!("{file}:")), "{flaw}"),
                Ok(policy) => {
                    let days = policy.calendar("default").unwrap().special_days();
                    assert!(!days.is_empty());
                }
            }
        }
    });
}

#[test]
fn fuzz_times() {
    let folder = Folder::new();
    let sound: Vec<Vec<u8>> = [
        "2024-05-03T14:00:00.123456+02:00",
        "2024-05-03 14:00:00",
        "05/Mar/24 03:14 PM",
        "31.12.2024 23:59:60",
        "%d/%m/%Y %H:%M:%S%.f %z",
        "1900-01-01 00:00:00",
        "2024-02-30T24:00:00Z",
        "2024-Q2",
        "2024-05-01..2024-05-31",
        "last-month",
        "26:05:00",
        "1.5",
        "9999-12-31T23:59:59-2359",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    fuzz("times", &sound, |bytes, random| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(instant) = iso_instant(&text) {
            assert_eq!(iso_instant(&instant.to_string()), Some(instant));
        }
        let _ = text.parse::<Period>();
        let quoted = text.replace(['\\', '"', '\n', '\r'], "");
        let pattern = String::from_utf8_lossy(&random.mutated(&sound)).replace(['\\', '"', '\n', '\r'], "");
        let profile = format!(
            "name = \"t\"\nextends = \"canonical\"\n[time]\npatterns = [\"{}\", \"%d/%b/%y %I:%M %p\"]\nzone = \"customer\"\n\
             [tickets.columns]\nfirst_response_at = {{ column = \"product\", after_submission = \"{}\" }}\n",
            pattern.replace(|char: char| char.is_control(), ""),
            ["seconds", "minutes", "hours", "days", "h:mm:ss"][random.below(5)]
        );
        let Ok(profile) = Profile::parse("p.toml", &profile) else { return };
        let tickets = format!(
            "ticket_id,customer,severity,submitted_at,tier,region,timezone,product\n1,a,1,\"{quoted}\",s,r,Europe/Paris,\"{quoted}\"\n"
        );
        let path = folder.put("t.csv", tickets.as_bytes());
        read(&profile, &Inputs { tickets: vec![path], ..Inputs::default() }).unwrap();
    });
}

#[test]
fn fuzz_cache() {
    let folder = Folder::new();
    let path = folder.put("tickets.csv", TICKETS.as_bytes());
    let updates = folder.put("updates.csv", UPDATES.as_bytes());
    let customers = folder.put("customers.csv", CUSTOMERS.as_bytes());
    let profile = Profile::canonical();
    let inputs = Inputs {
        tickets: vec![path],
        customers: vec![customers],
        updates: vec![PartFile { part: 0, path: updates }],
        ..Inputs::default()
    };
    let cache_folder = folder.0.path().join("cache");
    let digests = inputs.digests(&Silent);
    let first_policy = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let cache = Some(Cache { folder: &cache_folder, digests: &digests });
    let ingest = Ingest { profile: &profile, first_policy, cache, spill: None };
    let whole = ingest.read(&inputs, &Silent).unwrap();
    let entries: Vec<PathBuf> =
        fs::read_dir(&cache_folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let sound: Vec<Vec<u8>> = entries.iter().map(|path| fs::read(path).unwrap()).collect();
    fuzz("cache", &sound, |bytes, random| {
        let place = random.below(entries.len());
        fs::write(&entries[place], bytes).unwrap();
        // Never trusted: what is damaged is read again.
        let read = ingest.read(&inputs, &Silent).unwrap();
        assert_eq!(read.ledger.rejects, whole.ledger.rejects);
        assert_eq!(read.records.tickets.len(), whole.records.tickets.len());
        assert_eq!(read.records.latest, whole.records.latest);
        fs::write(&entries[place], &sound[place]).unwrap();
    });
}
