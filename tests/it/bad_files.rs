//! Files that cannot be read at all: the run ends with exit code 1 and a message that names the file and what to
//! do; nothing is published, and an earlier report stands as it was.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::desk::{CUSTOMERS, Desk, EARLIER, TICKETS, UPDATES, files, manifest};
use crate::exports::{Sheet, as_parquet};

/// A desk whose export has these bytes as one of its files in place of the sound one.
fn desk_with(name: &str, contents: impl AsRef<[u8]>) -> Desk {
    let desk = Desk::with_export();
    let table = name.split('.').next().unwrap();
    fs::remove_file(desk.path(&format!("export/{table}.csv"))).unwrap();
    desk.write(&format!("export/{name}"), contents);
    desk
}

/// Asserts that a report is refused with exit code 1, saying these things.
#[track_caller]
fn refused(desk: &Desk, arguments: &str, said: &[&str]) {
    desk.write("out/report/manifest.json", EARLIER);
    for out in ["out/report", "out/new"] {
        let done = desk.run(&format!("report {arguments} --out {out}")).fails(1, said);
        assert!(done.stderr.starts_with("error: "), "{done:#?}");
        assert_eq!(desk.names("out"), ["report"]);
    }
    let left = files(&desk.path("out/report"));
    assert_eq!(left.into_iter().collect::<Vec<_>>(), [("manifest.json".into(), EARLIER.as_bytes().to_vec())]);
}

#[test]
fn a_folder_file_or_glob_that_is_not_there_is_named() {
    let desk = Desk::with_export();
    refused(&desk, "nowhere", &["nowhere: no such folder"]);
    refused(&desk, "--tickets nowhere.csv", &["nowhere.csv: ", "o such file"]);
    refused(&desk, "export --updates export/up-*.csv", &["export/up-*.csv: no such file"]);
    refused(&desk, "export --customers none.csv", &["none.csv: "]);
    desk.run("report").fails(2, &["no tickets were named", "--tickets FILE"]);
}

#[test]
fn a_folder_without_tickets_or_with_two_kinds_of_them_is_refused() {
    let desk = Desk::with_export();
    desk.write("export/tickets.csv.gz", "");
    let both = ["export/tickets.csv and export/tickets.csv.gz are both there", "--tickets"];
    refused(&desk, "export", &both);
    fs::create_dir(desk.path("bare")).unwrap();
    refused(
        &desk,
        "bare",
        &["bare: there is no tickets.csv, .csv.gz, .csv.zst or .parquet in it", "--tickets"],
    );
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let desk = Desk::with_export();
    let path = desk.path("export/updates.csv");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    refused(&desk, "export", &["export/updates.csv: Permission denied"]);
}

#[test]
fn a_file_that_fails_while_it_is_read_is_named() {
    // A link to itself cannot be opened, and nobody may read the start of one's own memory: not even root.
    let desk = Desk::with_export();
    symlink("loop.csv", desk.path("loop.csv")).unwrap();
    refused(&desk, "export --updates loop.csv", &["loop.csv: "]);
    if cfg!(target_os = "linux") {
        symlink("/proc/self/mem", desk.path("memory.csv")).unwrap();
        refused(&desk, "export --updates memory.csv", &["memory.csv: Input/output error"]);
        symlink("/proc/self/mem", desk.path("memory.parquet")).unwrap();
        refused(&desk, "export --tickets memory.parquet", &["memory.parquet: Input/output error"]);
    }
}

#[test]
fn an_empty_file_is_named() {
    for (name, contents) in [
        ("tickets.csv", &b""[..]),
        ("tickets.csv", b"\xEF\xBB\xBF\n\n"),
        ("updates.csv", b""),
        ("customers.csv", b" \r\n"),
        ("tickets.csv.gz", &gzip(b"")),
        ("tickets.csv.zst", &zstd::encode_all(&b""[..], 3).unwrap()),
        ("tickets.parquet", b""),
    ] {
        refused(&desk_with(name, contents), "export", &[&format!("export/{name} is empty")]);
    }
}

#[test]
fn tickets_and_updates_of_headers_only_leave_no_instant_to_report_as_of() {
    let desk = desk_with("tickets.csv", TICKETS.lines().next().unwrap());
    desk.write("export/updates.csv", UPDATES.lines().next().unwrap());
    refused(&desk, "export", &["hold no ticket and no update", "--as-of"]);
}

#[test]
fn an_export_of_headers_only_with_an_as_of_instant_is_an_empty_report() {
    let desk = desk_with("tickets.csv", TICKETS.lines().next().unwrap());
    desk.write("export/updates.csv", UPDATES.lines().next().unwrap());
    let done = desk.run("report export --as-of 2024-05-31T00:00:00Z --out report").succeeds();
    assert!(done.stderr.contains("the report is empty"), "{done:#?}");
    let report = files(&desk.path("report"));
    assert_eq!(report["tables/breaches.csv"].iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[test]
fn a_missing_column_names_the_file_the_column_the_nearest_and_the_remedy() {
    let desk = desk_with("tickets.csv", TICKETS.replace("severity", "severty"));
    let said = ["export/tickets.csv: ", "no column \"severity\"", "`severty`", "profile", "--profile"];
    refused(&desk, "export", &said);
    let desk = desk_with("updates.csv", UPDATES.replace(",at,", ",when,"));
    refused(&desk, "export", &["export/updates.csv: ", "no column \"at\"", "[updates.columns] at"]);
    let desk = desk_with("customers.csv", CUSTOMERS.replace("customer,", "name,"));
    refused(
        &desk,
        "export",
        &["export/customers.csv: ", "no column \"customer\"", "[customers.columns] customer"],
    );
}

#[test]
fn a_column_that_stands_twice_is_refused() {
    let desk = desk_with("updates.csv", UPDATES.replace("author", "at"));
    refused(&desk, "export", &["export/updates.csv: the column \"at\" stands twice", "rename"]);
}

/// The export of `Desk::with_export` with accents in its names, in an encoding, and what the run
/// says on the side.
fn report_in(encode: impl Fn(&str) -> Vec<u8>) -> (Vec<u8>, String) {
    let accented = |text: &str| text.replace("Acme", "Acmé").replace("Borea", "Boréa");
    let desk = Desk::empty();
    for (name, text) in [("tickets.csv", TICKETS), ("updates.csv", UPDATES), ("customers.csv", CUSTOMERS)] {
        desk.write(&format!("export/{name}"), encode(&accented(text)));
    }
    let done = desk.run("report export --out report").succeeds();
    let facts = fs::read(desk.path("report/facts/measurements.parquet")).unwrap();
    (facts, done.stderr)
}

#[test]
fn the_same_export_in_another_encoding_comes_to_the_same_facts() {
    let (utf8, said) = report_in(|text| text.as_bytes().to_vec());
    assert_eq!(said, "");
    let utf16 = |order: fn(u16) -> [u8; 2], mark: bool| {
        move |text: &str| {
            let mark = mark.then_some('\u{FEFF}').into_iter().collect::<String>();
            (mark + text).encode_utf16().flat_map(order).collect::<Vec<u8>>()
        }
    };
    let (marked, said) = report_in(utf16(u16::to_le_bytes, true));
    assert!(marked == utf8 && said.is_empty(), "{said}");
    let (unmarked, said) = report_in(utf16(u16::to_be_bytes, false));
    assert!(unmarked == utf8);
    assert!(said.contains("tickets.csv looks like UTF-16BE and was read so"), "{said}");
    let latin = |text: &str| text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    let (latin, said) = report_in(latin);
    assert!(latin == utf8);
    assert!(said.contains("tickets.csv looks like windows-1252") && said.contains("encoding = "), "{said}");
}

#[test]
fn a_quote_that_never_closes_rejects_its_own_line_and_no_other() {
    let text = TICKETS.replace("A-2,Acme", "A-2,\"Acme");
    let desk = desk_with("tickets.csv", text);
    let report = desk.report("export", "--max-rejects 100%");
    let rejects = String::from_utf8(report["rejects.csv"].clone()).unwrap();
    let of_tickets: Vec<&str> = rejects.lines().filter(|line| line.starts_with("tickets.csv")).collect();
    assert!(
        matches!(of_tickets[..], [line] if line.starts_with("tickets.csv,3,,,stray_quote,")),
        "{rejects}"
    );
    assert_eq!(manifest(&report)["totals"]["tickets"], TICKETS.lines().count() - 2);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A table long enough that its compressed form can be cut anywhere.
fn long_updates() -> String {
    let row = |minute: u32| format!("A-1,2024-05-07T{:02}:{:02}:00Z,support\n", minute / 60, minute % 60);
    UPDATES.to_owned() + &(0..1400).map(row).collect::<String>()
}

#[test]
fn a_compressed_file_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let text = long_updates();
    for (name, whole) in [
        ("updates.csv.gz", gzip(text.as_bytes())),
        ("updates.csv.zst", zstd::encode_all(text.as_bytes(), 3).unwrap()),
    ] {
        for kept in [whole.len() - 1, whole.len() - 9, whole.len() / 2, 30, 12, 3] {
            let desk = desk_with(name, &whole[..kept]);
            refused(&desk, "export", &[&format!("export/{name}: "), "cut short", "export it again"]);
        }
        desk_with(name, &whole).run("report export --out report").succeeds();
    }
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    for name in ["updates.csv.gz", "updates.csv.zst", "updates.parquet"] {
        refused(&desk_with(name, UPDATES), "export", &[&format!("export/{name}: ")]);
    }
}

#[test]
fn a_parquet_file_that_is_cut_short_or_damaged_is_refused() {
    let whole = as_parquet(&Sheet::read(&long_updates()), &[]);
    for kept in [whole.len() - 1, whole.len() / 2, 8, 3] {
        let desk = desk_with("updates.parquet", &whole[..kept]);
        refused(&desk, "export", &["export/updates.parquet: not readable as Parquet", "export it again"]);
    }
    let mut damaged = whole;
    damaged[40..80].fill(0xA5);
    let desk = desk_with("updates.parquet", damaged);
    refused(&desk, "export", &["export/updates.parquet: not readable as Parquet"]);
}

#[test]
fn a_folder_where_a_file_belongs_is_named() {
    let desk = Desk::with_export();
    refused(&desk, "--tickets export", &["export is a folder"]);
    fs::remove_file(desk.path("export/updates.csv")).unwrap();
    fs::create_dir(desk.path("export/updates.csv")).unwrap();
    refused(&desk, "export", &["export/updates.csv is a folder"]);
    fs::create_dir(desk.path("export/customers.parquet")).unwrap();
    fs::remove_file(desk.path("export/customers.csv")).unwrap();
    refused(&desk, "export", &["export/customers.parquet is a folder"]);
}
