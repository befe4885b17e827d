//! The report as one workbook, for people who live in a spreadsheet.
//!
//! The first sheet tells the story in figures and charts, then comes a sheet per table, what the
//! charts are drawn from, and what every word and column means. The same workbook is made of a
//! month's report and of one customer's review. It holds figures and texts only: no formula, no
//! macro, no link that leads out of it, and no time of day but the one handed in, so that the same
//! tables give the same bytes.
//!
//! The rows of the tables are nearly all of it. They are written here, everything else is written by
//! `rust_xlsxwriter`, and both are put together in the package.

#[cfg(test)]
mod against;
mod cells;
mod charts;
mod definitions;
mod figures;
mod look;
mod markup;
mod package;
mod rows;
#[cfg(test)]
mod samples;
mod sheet;
mod strings;
mod summary;
mod tabs;

#[cfg(test)]
mod tests;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, XlsxError};

use crate::calendar::{Instant, SECOND};
use crate::language::Language;
use crate::table::Table;
use look::Look;
use package::Part;
use rows::Rows;
use strings::Strings;

/// What a workbook is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workbook<'a> {
    /// The heading of the first sheet, and the document's title.
    pub(super) title: &'a str,
    /// What stands under it, a label and a value each: the period, the as-of instant, the policy.
    pub(super) head: &'a [(String, String)],
    /// The tables, each of which has a sheet.
    pub(super) tables: &'a [Table],
    /// The language of everything that is not data.
    pub(super) language: &'static Language,
    /// The document's date: that of the data, never the clock's.
    pub(super) created: Instant,
}

/// A table and the name of its sheet.
#[derive(Debug, Clone, Copy)]
struct Tabbed<'a> {
    table: &'a Table,
    tab: &'a str,
}

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// What the format does not allow.
    #[error(transparent)]
    Format(#[from] XlsxError),
    /// The zip container.
    #[error(transparent)]
    Zip(#[from] rawzip::Error),
    /// A part that cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] libdeflater::DecompressionError),
    /// A part that cannot be packed.
    #[error(transparent)]
    Pack(#[from] libdeflater::CompressionError),
    /// A part that is no text.
    #[error(transparent)]
    Text(#[from] std::string::FromUtf8Error),
    /// A part larger than memory can be.
    #[error(transparent)]
    Size(#[from] std::num::TryFromIntError),
    /// What a part should hold, and does not.
    #[error("the package of the workbook lacks {0}")]
    Lacks(&'static str),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Zip(error.into())
    }
}

/// The name of the part with the workbook's texts.
const TEXTS: &str = "xl/sharedStrings.xml";
/// The number of the first table's sheet: it follows the summary.
const FIRST: usize = 2;

/// Makes the workbook's bytes.
///
/// # Errors
/// What the format does not allow, such as more columns than a sheet has.
pub(super) fn write(workbook: &Workbook<'_>) -> Result<Vec<u8>, Error> {
    let language = workbook.language;
    let words = &language.words.workbook;
    let reserved = [words.summary.as_str(), words.chart_figures.as_str(), words.definitions.as_str()];
    let tabs = tabs::names(&reserved, workbook.tables.iter().map(|table| language.table_tab(table)));
    let tables: Vec<Tabbed<'_>> =
        workbook.tables.iter().zip(&tabs).map(|(table, tab)| Tabbed { table, tab }).collect();
    let pictures = figures::all(workbook.tables, language);
    let look = Look::new(language);
    let mut strings = Strings::default();
    let rows: Vec<Rows<'_>> =
        workbook.tables.iter().map(|table| Rows::of(table, language, &mut strings)).collect();

    let mut book = rust_xlsxwriter::Workbook::new();
    // It is taken apart at once.
    book.set_zip_compression_level(1);
    let created = ExcelDateTime::from_timestamp(workbook.created.micros().div_euclid(SECOND))?;
    let properties = DocProperties::new()
        .set_title(cells::bounded(workbook.title, cells::LONGEST_PROPERTY))
        .set_author("punctual")
        .set_creation_datetime(&created);
    book.set_properties(&properties);

    let first = book.add_worksheet();
    first.set_name(&words.summary)?;
    summary::fill(first, workbook, &tables, &pictures, &look)?;
    for (rows, tab) in rows.iter().zip(&tabs) {
        let sheet = book.add_worksheet();
        sheet.set_name(tab)?;
        sheet::fill(sheet, rows, language, &look)?;
    }
    if !pictures.is_empty() {
        let sheet = book.add_worksheet();
        sheet.set_name(&words.chart_figures)?;
        charts::fill(sheet, &pictures, &look)?;
    }
    let last = book.add_worksheet();
    last.set_name(&words.definitions)?;
    definitions::fill(last, &tables, language, &look)?;
    complete(&book.save_to_buffer()?, &rows, &strings)
}

/// The package with the rows of the tables in it.
fn complete(package: &[u8], rows: &[Rows<'_>], strings: &Strings) -> Result<Vec<u8>, Error> {
    let parts = package::take_apart(package)?;
    let (_, texts) = parts.iter().find(|(name, _)| name == TEXTS).ok_or(Error::Lacks(TEXTS))?;
    let first = strings::own(texts)?;
    let rows_of = |name: &str| {
        let number = name.strip_prefix("xl/worksheets/sheet")?.strip_suffix(".xml")?;
        rows.get(number.parse::<usize>().ok()?.checked_sub(FIRST)?)
    };
    if parts.iter().filter(|(name, _)| rows_of(name).is_some()).count() < rows.len() {
        return Err(Error::Lacks("the sheet of a table"));
    }
    let finished = parts.into_iter().map(|(name, xml)| match rows_of(&name) {
        Some(rows) => Part::new(name, rows.size(), move || rows.put_in(&xml, first)),
        None if name == TEXTS => Part::new(name, strings.size(), move || strings.put_in(&xml)),
        None => Part::new(name, xml.len(), || Ok(xml.into_bytes())),
    });
    package::pack(finished.collect())
}
