//! What is looked at of a file: its header, its first rows, and of each column what all rows tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::super::fields::{Cell, Fault, Row, TableForm};
use super::super::files::{self, Table};
use super::super::layout::Layout;
use super::super::ledger::Ledger;
use super::super::reader::{Collector, Part};
use super::super::{Ingest, IngestError};
use crate::calendar::LocalTime;
use crate::progress::Observer;

/// Of how many parts of a file rows are looked at one by one, and of how many cells of each.
const PARTS: usize = 8;
const CELLS: usize = 200_000;

/// How many different texts a column may have whose texts are counted, and how long each may be.
const MOST_TEXTS: usize = 60;
const LONGEST_TEXT: usize = 60;

/// How much of a cell is looked at.
const LONGEST_CELL: usize = 200;

/// Texts that help desks and those who handle their exports write for nothing.
const NOTHINGS: [&str; 14] = [
    "?",
    "-",
    "--",
    "n/a",
    "na",
    "nan",
    "null",
    "none",
    "nil",
    "(empty)",
    "(blank)",
    "1900-01-01 00:00:00",
    "0000-00-00 00:00:00",
    "1970-01-01 00:00:00",
];

/// One file.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) path: PathBuf,
    pub(super) header: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// How many rows it has.
    pub(super) rows: u64,
    /// The encoding that it looks like, where nothing in it says so.
    pub(super) believed: Option<&'static str>,
}

/// What one column holds.
#[derive(Debug, Default, Clone)]
pub(super) struct Column {
    /// The cells of the first rows, without what is around them; empty ones too.
    pub(super) cells: Vec<String>,
    /// In how many rows of the file it is filled.
    pub(super) filled: u64,
    /// Every text and how often it stands there; `None` where there are many.
    pub(super) texts: Option<BTreeMap<String, u64>>,
    /// Texts that mean nothing, as they are written.
    pub(super) nothings: BTreeSet<String>,
    /// The greatest of the first and of the second numbers of what looks like a date.
    pub(super) greatest: (u8, u8),
    /// Whether it has letters beyond those of ASCII, of which encodings differ.
    pub(super) is_beyond_ascii: bool,
    /// Whether the file itself says that these are times, with an offset or without one.
    pub(super) typed: Option<Typed>,
}

/// What a file's own type says of a column of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    Instants,
    Local,
}

impl Column {
    fn take(&mut self, text: &str, is_kept: bool) {
        let text = text.trim();
        if is_kept {
            self.cells.push(text.chars().take(LONGEST_CELL).collect());
        }
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        self.is_beyond_ascii |= !text.is_ascii();
        if NOTHINGS.iter().any(|nothing| nothing.eq_ignore_ascii_case(text)) {
            if !self.nothings.contains(text) {
                self.nothings.insert(text.to_owned());
            }
            return;
        }
        if let Some((first, second)) = numbers_of_a_date(text) {
            self.greatest = (self.greatest.0.max(first), self.greatest.1.max(second));
        }
        if let Some(texts) = &mut self.texts {
            let room = texts.len() < MOST_TEXTS;
            match texts.get_mut(text) {
                Some(rows) => *rows += 1,
                None if room && text.len() <= LONGEST_TEXT => {
                    texts.insert(text.to_owned(), 1);
                }
                None => self.texts = None,
            }
        }
    }

    fn append(&mut self, other: Column) {
        self.cells.extend(other.cells);
        self.filled += other.filled;
        self.is_beyond_ascii |= other.is_beyond_ascii;
        self.nothings.extend(other.nothings);
        self.greatest = (self.greatest.0.max(other.greatest.0), self.greatest.1.max(other.greatest.1));
        self.typed = self.typed.or(other.typed);
        self.texts = match (self.texts.take(), other.texts) {
            (Some(mut texts), Some(others)) => {
                for (text, rows) in others {
                    *texts.entry(text).or_default() += rows;
                }
                (texts.len() <= MOST_TEXTS).then_some(texts)
            }
            _ => None,
        };
    }

    /// The cells looked at that say something.
    pub(super) fn said(&self) -> impl Iterator<Item = &str> {
        let is_said = |cell: &&String| !cell.is_empty() && !self.nothings.contains(*cell);
        self.cells.iter().filter(is_said).map(String::as_str)
    }

    /// Its texts where they are few, the most frequent first.
    pub(super) fn few_texts(&self) -> Vec<(&str, u64)> {
        let mut texts: Vec<(&str, u64)> =
            self.texts.iter().flatten().map(|(text, rows)| (text.as_str(), *rows)).collect();
        texts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        texts
    }

    /// How many of the cells looked at say something, and how many different things.
    pub(super) fn variety(&self) -> (usize, usize) {
        (self.said().count(), self.said().collect::<BTreeSet<_>>().len())
    }
}

/// The first two numbers of `3/5/2024 14:00` or `03.05.24 …`.
fn numbers_of_a_date(text: &str) -> Option<(u8, u8)> {
    let (first, rest) = text.split_once(['/', '.', '-'])?;
    let second = rest.split(['/', '.', '-']).next()?;
    let number = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let year = rest.get(second.len() + 1..)?;
    let digits = year.bytes().take_while(u8::is_ascii_digit).count();
    matches!(digits, 2 | 4).then_some((number(first)?, number(second)?))
}

/// Takes every cell of every row.
struct Sampler<'a> {
    form: &'a TableForm,
    /// The header, once it is read.
    header: OnceLock<Vec<String>>,
}

#[derive(Debug, Default)]
struct Batch(Vec<Column>);

impl Collector for Sampler<'_> {
    type Batch = Batch;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn layout(&self, _: &str, header: &[String]) -> Result<Layout, IngestError> {
        // A file has one.
        let _ = self.header.set(header.to_vec());
        Ok(Layout::of_all(header))
    }

    fn takes_any_type(&self) -> bool {
        true
    }

    fn take(&self, layout: &Layout, row: &impl Row, _: u64, part: &mut Part<Batch>) -> Result<(), Fault> {
        let width = layout.headers.len();
        let (is_early, taken) = (part.number < PARTS, part.read as usize);
        let columns = &mut part.batch.0;
        if columns.is_empty() {
            *columns = vec![Column { texts: Some(BTreeMap::new()), ..Column::default() }; width];
        }
        let is_kept = is_early && taken * width <= CELLS;
        for (place, column) in columns.iter_mut().enumerate() {
            let time = |micros| LocalTime::from_micros(micros).to_string();
            match row.cell(place) {
                Cell::Text(text) => column.take(text, is_kept),
                Cell::Empty | Cell::NotUtf8 => column.take("", is_kept),
                Cell::Instant(micros) => {
                    column.typed = Some(Typed::Instants);
                    column.take(&time(micros), is_kept);
                }
                Cell::Local(micros) => {
                    column.typed = Some(Typed::Local);
                    column.take(&time(micros), is_kept);
                }
            }
        }
        Ok(())
    }

    fn finish(&self, _: &mut Part<Batch>) -> Vec<(u64, Fault)> {
        Vec::new()
    }
}

impl Sample {
    /// Looks at a file.
    pub(super) fn of(
        path: &Path,
        ingest: &Ingest<'_>,
        observer: &dyn Observer,
    ) -> Result<Sample, IngestError> {
        let mut ledger = Ledger::default();
        let sampler = Sampler { form: &ingest.profile.tickets, header: OnceLock::new() };
        let reader = ingest.reader((Table::Tickets, path), observer, &mut ledger);
        let mut columns: Vec<Column> = Vec::new();
        for Batch(part) in reader.read(&sampler, &mut ledger)? {
            if columns.is_empty() {
                columns = part;
                continue;
            }
            columns.iter_mut().zip(part).for_each(|(column, more)| column.append(more));
        }
        let header = sampler.header.into_inner().unwrap_or_default();
        columns.resize(header.len(), Column::default());
        let input = &ledger.inputs[0];
        Ok(Sample { path: path.to_owned(), header, columns, rows: input.read, believed: input.believed })
    }

    /// The name that a profile may call it by: without the endings, in lower case.
    pub(super) fn stem(&self) -> String {
        files::stem(&self.path)
    }

    /// Whether it would be the same in most encodings.
    pub(super) fn is_ascii(&self) -> bool {
        self.believed.is_none()
            && self.header.iter().all(|name| name.is_ascii())
            && !self.columns.iter().any(|column| column.is_beyond_ascii)
    }

    /// The name of the file alone.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A column of these cells.
#[cfg(test)]
pub(super) fn column(cells: &[&str]) -> Column {
    let mut column = Column { texts: Some(BTreeMap::new()), ..Column::default() };
    cells.iter().for_each(|cell| column.take(cell, true));
    column
}
