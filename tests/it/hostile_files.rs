//! Files such as nobody should have and somebody has: they come to the figures that stand in them, or to a message,
//! and take no more memory for it than they are worth.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::desk::{Desk, TICKETS, UPDATES, files, manifest};
use crate::exports::{Sheet, as_parquet};

/// The measurements of the small export.
fn expected() -> Vec<u8> {
    measurements(&Desk::with_export())
}

fn measurements(desk: &Desk) -> Vec<u8> {
    desk.report("export", "--max-rejects 0").remove("facts/measurements.parquet").unwrap()
}

/// A desk whose tickets are these bytes.
fn with_tickets(name: &str, bytes: impl AsRef<[u8]>) -> Desk {
    let desk = Desk::with_export();
    fs::remove_file(desk.path("export/tickets.csv")).unwrap();
    desk.write(&format!("export/{name}"), bytes);
    desk
}

/// Tickets with one more column of texts, after the first.
fn with_texts(text: &str) -> String {
    let mut lines = TICKETS.lines();
    let (first, rest) = lines.next().unwrap().split_once(',').unwrap();
    let rows =
        lines.map(|line| line.split_once(',').unwrap()).map(|(id, rest)| format!("{id},{text},{rest}\n"));
    format!("{first},text,{rest}\n{}", rows.collect::<String>())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn texts_of_a_megabyte_change_nothing() {
    for text in ["x".repeat(1 << 20), format!("\"{}\"", "Dear \"\"all\"\",\r\n\n".repeat(60_000))] {
        assert!(measurements(&with_tickets("tickets.csv", with_texts(&text))) == expected());
    }
}

#[test]
fn ten_thousand_more_columns_change_nothing() {
    let mut lines = TICKETS.lines();
    let names: String = (0..10_000).map(|column| format!(",custom_{column}")).collect();
    let header = format!("{}{names}\n", lines.next().unwrap());
    let rows: String = lines.map(|line| format!("{line}{}\n", ",x".repeat(10_000))).collect();
    assert!(measurements(&with_tickets("tickets.csv", header + &rows)) == expected());
}

#[test]
fn zero_bytes_in_a_text_change_nothing_and_in_a_time_reject_its_row() {
    assert!(measurements(&with_tickets("tickets.csv", with_texts(&"a\0".repeat(5_000)))) == expected());
    let desk =
        with_tickets("tickets.csv", TICKETS.replace("2024-05-06T12:00:00Z", "2024-05-06T12\u{0}:00:00Z"));
    let report = desk.report("export", "--max-rejects 1");
    let rejects = String::from_utf8(report["rejects.csv"].clone()).unwrap();
    assert!(rejects.lines().nth(1).unwrap().starts_with("tickets.csv,3,submitted_at,"), "{rejects}");
}

#[test]
fn half_a_letter_of_utf16_rejects_its_row_where_it_is_read_and_changes_nothing_elsewhere() {
    let utf16 = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let bytes =
        |units: Vec<u16>| [0xFEFF].into_iter().chain(units).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let with_half = |text: &str| {
        let mut units = utf16(text);
        units.iter_mut().filter(|unit| **unit == u16::from(b'#')).for_each(|unit| *unit = 0xD83D);
        bytes(units)
    };
    assert!(measurements(&with_tickets("tickets.csv", with_half(&with_texts("a#b")))) == expected());
    let desk = with_tickets("tickets.csv", with_half(&TICKETS.replace("A-2,Acme", "A-2,Ac#me")));
    let report = desk.report("export", "--max-rejects 1");
    let rejects = String::from_utf8(report["rejects.csv"].clone()).unwrap();
    assert!(
        rejects.lines().nth(1).unwrap().starts_with("tickets.csv,3,customer,,invalid_utf8,"),
        "{rejects}"
    );
    // A file that is cut within a letter has lost no more than that.
    let mut cut = bytes(utf16(TICKETS.trim_end()));
    cut.push(b'x');
    with_tickets("tickets.csv", cut).run("report export --max-rejects 2 --out report").succeeds();
}

#[test]
fn lines_may_end_in_any_way_within_one_file() {
    let mut ends = ["\n", "\r\n", "\r", "\n\r\n\n"].into_iter().cycle();
    let mixed: String = TICKETS.lines().map(|line| format!("{line}{}", ends.next().unwrap())).collect();
    assert!(measurements(&with_tickets("tickets.csv", mixed)) == expected());
}

#[test]
fn a_compressed_file_may_be_of_several_pieces() {
    let (first, rest) = TICKETS.split_at(TICKETS.len() / 2);
    let members = [gzip(first.as_bytes()), gzip(b""), gzip(rest.as_bytes())].concat();
    assert!(measurements(&with_tickets("tickets.csv.gz", members)) == expected());
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert!(
        measurements(&with_tickets("tickets.csv.zst", [frame(first), frame(rest)].concat())) == expected()
    );
}

/// Runs a report to its end, and gives its exit code, what it said, and the most memory that it had, in MiB.
fn watched(desk: &Desk) -> (i32, String, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_punctual"))
        .args(["report", "export", "--out", "report"])
        .current_dir(desk.path("."))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(desk.path("said")).unwrap())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let code = loop {
        let line = fs::read_to_string(&status).unwrap_or_default();
        // For a moment, on its way to be the command, the process has the memory of this one.
        let own = line.lines().filter(|_| line.starts_with("Name:\tpunctual\n"));
        let peak = own.filter_map(|line| line.strip_prefix("VmHWM:")).next();
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0) >> 10);
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    (code, fs::read_to_string(desk.path("said")).unwrap(), most)
}

#[test]
fn a_file_that_was_made_to_fill_memory_is_refused_before_it_does() {
    let row = "A-1,2024-05-07T10:00:00Z,support\n";
    let (rows, zeros) = (row.repeat(15 << 20), vec![0; 300 << 20]);
    let gzip_bomb = |bytes: &[u8]| gzip(bytes);
    let zst_bomb = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    for (name, bytes, said) in [
        ("updates.csv.gz", gzip_bomb(&zeros), "export/updates.csv.gz"),
        (
            "updates.csv.zst",
            zst_bomb(format!("{UPDATES}{rows}").as_bytes()),
            "unpacks to more than 400 times its size",
        ),
        ("updates.parquet", repeated_rows(3_000_000), "3000000 rows in"),
    ] {
        let desk = Desk::with_export();
        fs::remove_file(desk.path("export/updates.csv")).unwrap();
        desk.write(&format!("export/{name}"), bytes);
        let (code, told, most) = watched(&desk);
        assert!(code == 1 && told.contains(said), "{name}: {code} {told}");
        assert!(most < 900, "{name}: {most} MiB");
        assert_eq!(desk.names("."), ["export", "said"]);
    }
}

/// A Parquet file of so many rows that are all alike, and that takes next to no room.
fn repeated_rows(rows: usize) -> Vec<u8> {
    let columns = ["ticket_id", "at", "author"];
    let fields: Vec<Field> = columns.iter().map(|name| Field::new(*name, DataType::Utf8, false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), None).unwrap();
    let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; 100_000])) };
    let batch = RecordBatch::try_new(schema, ["A-1", "2024-05-07T10:00:00Z", "support"].map(column).to_vec())
        .unwrap();
    (0..rows / 100_000).for_each(|_| writer.write(&batch).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn a_parquet_column_may_be_of_any_plain_type_and_one_that_is_not_is_named() {
    let sheet = Sheet::read(&TICKETS.replace("A-", "1").replace("B-", "2"));
    let updates = UPDATES.replace("A-", "1").replace("B-", "2");
    let facts = |tickets: Vec<u8>| {
        let desk = with_tickets("tickets.parquet", tickets);
        desk.write("export/updates.csv", &updates);
        measurements(&desk)
    };
    let plain = facts(as_parquet(&sheet, &[]));
    for (column, kind) in [
        ("ticket_id", DataType::Int64),
        ("ticket_id", DataType::UInt8),
        ("severity", DataType::Float64),
        ("customer", DataType::LargeUtf8),
        ("customer", DataType::Binary),
        ("customer", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))),
        ("submitted_at", DataType::Utf8View),
    ] {
        assert!(facts(as_parquet(&sheet, &[(column, kind.clone())])) == plain, "{column} {kind}");
    }
    // A severity that is true is none, and its row is told.
    let desk = with_tickets("tickets.parquet", as_parquet(&sheet, &[("severity", DataType::Boolean)]));
    let report = desk.report("export", "--max-rejects 100% --as-of 2024-05-09T18:00:00Z");
    assert!(String::from_utf8_lossy(&report["rejects.csv"]).contains(",severity,true,bad_severity,"));
    let nested = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    with_tickets("tickets.parquet", as_parquet(&sheet, &[("customer", nested)]))
        .run("report export --out report")
        .fails(
            1,
            &[
                "tickets.parquet: the column \"customer\" is of type",
                "where text, a number or a time is expected",
            ],
        );
}

#[test]
fn a_parquet_file_without_a_row_group_is_one_without_a_row() {
    let sheet = Sheet::read(TICKETS.lines().next().unwrap());
    let desk = with_tickets("tickets.parquet", as_parquet(&sheet, &[]));
    let report = desk.report("export", "--max-rejects 100% --as-of 2024-05-09T18:00:00Z");
    assert_eq!(manifest(&report)["totals"]["tickets"], 0);
}

#[test]
fn a_page_that_is_damaged_anywhere_is_told_or_does_no_harm() {
    let whole = as_parquet(&Sheet::read(UPDATES), &[]);
    for at in (4..whole.len() - 4).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let desk = Desk::with_export();
        fs::remove_file(desk.path("export/updates.csv")).unwrap();
        desk.write("export/updates.parquet", damaged);
        let done = desk.run("check export --json --max-rejects 100%");
        assert!(!done.stderr.contains("punctual itself is at fault"), "byte {at}: {done:#?}");
        assert!(matches!(done.code, Some(0 | 1)), "byte {at}: {done:#?}");
    }
}

#[test]
fn a_link_is_followed_and_one_to_nothing_is_named() {
    let desk = Desk::with_export();
    fs::rename(desk.path("export/tickets.csv"), desk.path("elsewhere")).unwrap();
    symlink("../elsewhere", desk.path("export/tickets.csv")).unwrap();
    assert!(measurements(&desk) == expected());
    fs::remove_file(desk.path("elsewhere")).unwrap();
    desk.run("report export --out report2").fails(1, &["export/tickets.csv: ", "o such file"]);
    symlink("tickets.csv", desk.path("circle.csv")).unwrap();
    symlink("circle.csv", desk.path("tickets.csv")).unwrap();
    desk.run("report --tickets tickets.csv --out report2").fails(1, &["tickets.csv: "]);
    assert_eq!(desk.names("."), ["circle.csv", "export", "report", "tickets.csv"]);
}

#[test]
fn a_pipe_is_read_once_and_comes_to_the_same_figures_and_the_hash_of_its_bytes() {
    let desk = Desk::with_export();
    assert!(Command::new("mkfifo").arg(desk.path("pipe.csv")).status().unwrap().success());
    fs::remove_file(desk.path("export/tickets.csv")).unwrap();
    let pipe = desk.path("pipe.csv");
    let writer = std::thread::spawn(move || fs::write(pipe, TICKETS).unwrap());
    let report = desk.report("export --tickets pipe.csv", "--max-rejects 0");
    writer.join().unwrap();
    assert!(report["facts/measurements.parquet"] == expected());
    let tickets = input(&report, "tickets");
    assert_eq!(tickets["file"], "pipe.csv");
    assert_eq!(tickets["sha256"], sha256(TICKETS.as_bytes()));
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a report's manifest says of the only input of a table.
fn input(report: &BTreeMap<String, Vec<u8>>, table: &str) -> Value {
    let inputs = manifest(report)["inputs"].clone();
    inputs.as_array().unwrap().iter().find(|input| input["table"] == table).unwrap().clone()
}

/// A writer that appends a row of updates to a file, no faster than it is read.
fn one_more_row(path: &Path) -> impl Fn(u64) + Send + 'static {
    let path = path.to_owned();
    move |_| {
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"A-1,2024-05-07T11:00:00Z,support\n").unwrap();
        std::thread::sleep(std::time::Duration::from_micros(500));
    }
}

/// Changes a file over and over while reports are made of it.
fn while_it_changes(path: &Path, change: impl Fn(u64) + Send + 'static, mut report: impl FnMut()) {
    let done = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&done);
    let writer =
        std::thread::spawn(move || (0..).take_while(|_| !told.load(Ordering::Relaxed)).for_each(change));
    (0..15).for_each(|_| report());
    done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    assert!(path.exists());
}

#[test]
fn a_table_that_grows_while_it_is_read_is_hashed_as_far_as_it_was_read() {
    let desk = Desk::with_export();
    let path = desk.path("export/updates.csv");
    while_it_changes(&path, one_more_row(&path), || {
        let done = desk.run("report export --max-rejects 100% --out report");
        assert_eq!(done.code, Some(0), "{done:#?}");
        let updates = input(&files(&desk.path("report")), "updates");
        let read = fs::read(&path).unwrap();
        let bytes = updates["bytes"].as_u64().unwrap() as usize;
        assert_eq!(updates["sha256"], sha256(&read[..bytes]));
    });
}

#[test]
fn a_check_of_a_table_that_grows_holds_together_or_says_that_it_changed() {
    let desk = Desk::with_export();
    let path = desk.path("export/updates.csv");
    while_it_changes(&path, one_more_row(&path), || {
        let done = desk.run("check export --max-rejects 100%");
        let told = done.stderr.contains("export/updates.csv changed while it was read");
        assert!(done.code == Some(0) || (done.code == Some(1) && told), "{done:#?}");
    });
}

#[test]
fn a_parquet_file_that_changes_while_it_is_read_is_refused_or_hashed_as_it_was() {
    let desk = Desk::with_export();
    fs::remove_file(desk.path("export/updates.csv")).unwrap();
    let long: String =
        (0..3_000).map(|row| format!("A-1,2024-05-07T10:{:02}:00Z,support\n", row % 60)).collect();
    let states =
        [UPDATES.to_owned(), format!("{UPDATES}{long}")].map(|text| as_parquet(&Sheet::read(&text), &[]));
    let path = desk.write("export/updates.parquet", &states[0]);
    let (written, hashes) = (path.clone(), states.clone().map(|state| sha256(&state)));
    let change = move |turn: u64| fs::write(&written, &states[turn as usize % 2]).unwrap();
    while_it_changes(&path, change, || {
        let done = desk.run("report export --max-rejects 100% --out report");
        if done.code == Some(0) {
            let updates = input(&files(&desk.path("report")), "updates");
            assert!(hashes.iter().any(|hash| updates["sha256"] == **hash), "{updates}");
        } else {
            let told = ["changed while it was read", "is empty", "not readable as Parquet"];
            assert!(told.iter().any(|told| done.stderr.contains(told)), "{done:#?}");
        }
    });
}
