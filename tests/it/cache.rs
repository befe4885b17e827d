//! The cache: what was read before is not read again, and nothing comes out otherwise for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::desk::{CUSTOMERS, Desk, Done, TICKETS, UPDATES, files};

/// Updates of which every kind of row can be rejected or warned of.
const DIRTY: &str = "\
ticket_id,at,author
A-1,2024-05-08T10:00:00Z,support
A-1,2024-05-08,support
A-1,2024-05-08T10:00:00Z
Z-9,2024-05-08T10:00:00Z,support
Z-9,2024-05-08,support
A-2,2024-05-09T10:00:00Z,somebody
A-2,2024-05-01T10:00:00Z,support
\"A-2\",\"2024-05-10T12:00:00+02:00\",\"customer\"
A-2,1815-06-18T10:00:00Z,support
,2024-05-09T10:00:00Z,support
";

fn desk() -> Desk {
    let desk = Desk::empty();
    desk.write("customers.csv", CUSTOMERS);
    desk.write(
        "tickets.csv",
        format!("{TICKETS}C-1,Acme,9,2024-05-06T08:00:00Z,,\nA-2,Acme,3,2024-05-06T12:00:00Z,,\n"),
    );
    desk.write("updates-1.csv", UPDATES);
    let mut dirty = DIRTY.as_bytes().to_vec();
    dirty.extend_from_slice(b"A-1,2024-05-08T11:00:00Z,supp\xFFort\n");
    desk.write("updates-2.csv", dirty);
    desk
}

const ARGUMENTS: &str = "report --customers customers.csv --tickets tickets.csv --updates updates-*.csv --max-rejects 20 --out out";

/// The files of a report, its manifest without what differs from run to run.
fn report(desk: &Desk, arguments: &str) -> (BTreeMap<String, Vec<u8>>, Done) {
    let done = desk.run(&format!("{ARGUMENTS} {arguments}"));
    let done = done.succeeds();
    let mut report = files(&desk.path("out"));
    let mut manifest: serde_json::Value = serde_json::from_slice(&report["manifest.json"]).unwrap();
    manifest["run"] = serde_json::Value::Null;
    report.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    (report, done)
}

/// The entries of files that were read.
fn entries(desk: &Desk) -> Vec<PathBuf> {
    let paths = fs::read_dir(desk.path("cache")).unwrap().map(|entry| entry.unwrap().path());
    let mut entries: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "cells")).collect();
    entries.sort();
    entries
}

fn forget_reports(desk: &Desk) {
    fs::remove_dir_all(desk.path("cache/reports")).unwrap();
}

#[test]
fn a_report_by_the_cache_is_the_one_without_to_the_byte() {
    let desk = desk();
    let (without, told) = report(&desk, "");
    assert!(without["rejects.csv"].len() > 500);
    for run in ["first", "by its entries", "by the kept report"] {
        let (with, done) = report(&desk, "--cache cache");
        assert!(with == without, "{run}");
        assert_eq!((&done.stdout, &done.stderr), (&told.stdout, &told.stderr), "{run}");
        if run == "first" {
            assert_eq!(entries(&desk).len(), 4);
            forget_reports(&desk);
        }
    }
    // The same of Parquet and of compressed files stands in the tests of determinism.
    let json = desk.run(&format!("{ARGUMENTS} --cache cache --json")).succeeds().stdout;
    assert_eq!(json, desk.run(&format!("{ARGUMENTS} --json")).succeeds().stdout);
}

#[test]
fn of_a_new_month_only_the_new_file_is_read() {
    let desk = desk();
    report(&desk, "--cache cache");
    let written = |desk: &Desk| -> Vec<_> {
        entries(desk)
            .iter()
            .map(|path| (path.clone(), fs::metadata(path).unwrap().modified().unwrap()))
            .collect()
    };
    let before = written(&desk);
    desk.write("updates-3.csv", "ticket_id,at,author\nA-2,2024-06-03T09:00:00Z,support\n");
    let (with, _) = report(&desk, "--cache cache");
    let after = written(&desk);
    assert_eq!((before.len(), after.len()), (4, 5));
    assert!(before.iter().all(|entry| after.contains(entry)));
    assert!(with == report(&desk, "").0);
}

#[test]
fn a_report_made_of_the_same_is_not_made_again_and_of_anything_else_it_is() {
    let desk = desk();
    let (first, _) = report(&desk, "--cache cache");
    // Were anything read again, there would be entries of it.
    entries(&desk).iter().for_each(|entry| fs::remove_file(entry).unwrap());
    assert!(report(&desk, "--cache cache").0 == first);
    assert!(entries(&desk).is_empty());
    for other in ["--period 2024-05", "--as-of 2024-05-20T00:00:00Z", "--lang fr"] {
        let other = format!("--cache cache {other}");
        assert!(report(&desk, &other).0 != first, "{other}");
        assert_eq!(entries(&desk).len(), 4, "{other}");
        entries(&desk).iter().for_each(|entry| fs::remove_file(entry).unwrap());
    }
    desk.write("mine.toml", punctual::policy::NORTHERN.replace("1 = 8", "1 = 1"));
    assert!(report(&desk, "--cache cache --policy mine.toml").0 != first);
    // The same file under another name is another input to the manifest.
    fs::rename(desk.path("updates-2.csv"), desk.path("updates-9.csv")).unwrap();
    let (renamed, _) = report(&desk, "--cache cache");
    assert!(renamed["manifest.json"] != first["manifest.json"]);
    assert_eq!(renamed["tables/overall.csv"], first["tables/overall.csv"]);
}

#[test]
fn an_entry_that_is_damaged_cut_short_or_of_another_version_is_made_anew_with_a_note() {
    let desk = desk();
    let (without, _) = report(&desk, "--cache cache");
    for entry in entries(&desk) {
        let sound = fs::read(&entry).unwrap();
        let mut versions =
            vec![(sound[..sound.len() - 1].to_vec(), "is damaged"), (Vec::new(), "is damaged")];
        versions.push(([b"punctual cells 0", &sound[16..]].concat(), "is of another version"));
        versions.push(([&sound, b"x".as_slice()].concat(), "is damaged"));
        for place in (0..sound.len()).step_by(1 + sound.len() / 12) {
            let mut flipped = sound.clone();
            flipped[place] ^= 0x10;
            versions.push((flipped, ""));
        }
        for (bytes, said) in versions {
            fs::write(&entry, bytes).unwrap();
            forget_reports(&desk);
            let (with, done) = report(&desk, "--cache cache");
            assert!(with == without, "{done:#?}");
            assert!(done.stderr.contains("the cache of ") && done.stderr.contains(said), "{done:#?}");
            assert_eq!(fs::read(&entry).unwrap().len(), sound.len());
        }
    }
    forget_reports(&desk);
    assert!(!report(&desk, "--cache cache").1.stderr.contains("the cache of"));
}

#[test]
fn a_kept_report_that_is_damaged_is_made_again_with_a_note() {
    let desk = desk();
    let (without, _) = report(&desk, "--cache cache");
    let kept = || fs::read_dir(desk.path("cache/reports")).unwrap().next().unwrap().unwrap().path();
    for name in ["tables/overall.csv", "report.html", "facts/tickets.parquet", "manifest.json", "kept.json"] {
        let mut bytes = fs::read(kept().join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(kept().join(name), bytes).unwrap();
        let (with, done) = report(&desk, "--cache cache");
        assert!(with == without, "{name}");
        assert!(done.stderr.contains("kept in the cache is damaged"), "{name}: {done:#?}");
        let (_, done) = report(&desk, "--cache cache");
        assert!(!done.stderr.contains("damaged"), "{name}: {done:#?}");
    }
    fs::remove_file(kept().join("report.xlsx")).unwrap();
    assert!(report(&desk, "--cache cache").0 == without);
}

#[test]
fn only_so_many_reports_are_kept() {
    let desk = desk();
    for day in 10..22 {
        report(&desk, &format!("--cache cache --as-of 2024-05-{day}T00:00:00Z"));
    }
    assert_eq!(fs::read_dir(desk.path("cache/reports")).unwrap().count(), 8);
}

#[test]
fn a_cache_that_cannot_be_written_costs_the_report_nothing() {
    let desk = desk();
    let (without, _) = report(&desk, "");
    desk.write("cache", "a file where the folder would be");
    let (with, done) = report(&desk, "--cache cache");
    assert!(with == without);
    assert!(
        done.stderr.contains("could not be written") && done.stderr.contains("could not be kept"),
        "{done:#?}"
    );
}

#[test]
fn with_pseudonyms_no_whole_report_is_kept() {
    let desk = desk();
    desk.write("key", "a key of thirty-two letters or so, made up");
    let (without, _) = report(&desk, "--pseudonyms key");
    for _ in 0..2 {
        assert!(report(&desk, "--pseudonyms key --cache cache").0 == without);
    }
    assert!(!desk.path("cache/reports").exists());
}

#[test]
#[cfg(unix)]
fn only_its_owner_can_look_into_a_cache() {
    use std::os::unix::fs::PermissionsExt;
    let desk = desk();
    report(&desk, "--cache cache");
    let open_to_others = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    let folders = ["cache", "cache/reports"].map(|name| desk.path(name));
    for path in folders.iter().chain(&entries(&desk)) {
        assert_eq!(open_to_others(path), 0, "{}", path.display());
    }
}
