//! Rows into files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Timelike};

pub struct CsvFile {
    path: PathBuf,
    out: BufWriter<File>,
    rows: u64,
    /// Of the file, so that the first row is on line 2.
    next_line: u64,
}

impl CsvFile {
    pub fn create(path: &Path, header: &str) -> io::Result<CsvFile> {
        let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
        writeln!(out, "{header}")?;
        Ok(CsvFile { path: path.to_owned(), out, rows: 0, next_line: 2 })
    }

    /// Writes a row that has its line break already.
    pub fn write_row(&mut self, row: &[u8]) -> io::Result<()> {
        self.rows += 1;
        self.next_line += row.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.out.write_all(row)
    }

    pub fn next_line(&self) -> u64 {
        self.next_line
    }

    pub fn close(mut self, report: &mut impl Write) -> io::Result<()> {
        self.out.flush()?;
        writeln!(report, "{}: {} rows", self.path.display(), self.rows)
    }
}

/// An instant as `2024-03-04T09:12:33Z`, or as the clock `offset` seconds ahead of UTC reads it, `…+02:00`.
pub fn push_instant(row: &mut Vec<u8>, instant: i64, offset: Option<i32>) {
    let reading = instant + i64::from(offset.unwrap_or(0));
    let time = DateTime::from_timestamp(reading, 0).unwrap_or_default();
    let year = time.year() as u32;
    push_two(row, year / 100);
    push_two(row, year % 100);
    let rest = [
        (b'-', time.month()),
        (b'-', time.day()),
        (b'T', time.hour()),
        (b':', time.minute()),
        (b':', time.second()),
    ];
    for (mark, number) in rest {
        row.push(mark);
        push_two(row, number);
    }
    let Some(offset) = offset else {
        return row.push(b'Z');
    };
    let minutes = offset.unsigned_abs() / 60;
    row.push(if offset < 0 { b'-' } else { b'+' });
    push_two(row, minutes / 60);
    row.push(b':');
    push_two(row, minutes % 60);
}

fn push_two(row: &mut Vec<u8>, number: u32) {
    row.extend([b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]);
}

/// A text, quoted where it must be.
pub fn push_text(row: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        row.push(b'"');
        row.extend(text.replace('"', "\"\"").as_bytes());
        row.push(b'"');
    } else {
        row.extend(text.as_bytes());
    }
}
