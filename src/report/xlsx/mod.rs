//! The report as one workbook, for people who live in a spreadsheet.
//!
//! The first sheet tells the story in figures and charts, then comes a sheet per table, what the
//! charts are drawn from, and what every word and column means. The same workbook is made of a
//! month's report and of one customer's review. It holds figures and texts only: no formula, no
//! macro, no link that leads out of it, and no time of day but the one handed in, so that the same
//! tables give the same bytes.

mod cells;
mod charts;
mod definitions;
mod figures;
mod look;
#[cfg(test)]
mod samples;
mod sheet;
mod summary;
mod tabs;

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Worksheet, XlsxError};

use crate::calendar::{Instant, SECOND};
use crate::language::Language;
use crate::table::Table;
use look::Look;

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

/// How hard the workbook is packed, 0 to 9: of this level it is as small as of the usual 6, which
/// takes half as long again.
const COMPRESSION: u8 = 5;

/// Makes the workbook's bytes.
///
/// # Errors
/// What the format does not allow, such as more columns than a sheet has.
pub(super) fn write(workbook: &Workbook<'_>) -> Result<Vec<u8>, XlsxError> {
    let language = workbook.language;
    let words = &language.words.workbook;
    let reserved = [words.summary.as_str(), words.chart_figures.as_str(), words.definitions.as_str()];
    let tabs = tabs::names(&reserved, workbook.tables.iter().map(|table| language.table_tab(table)));
    let tables: Vec<Tabbed<'_>> =
        workbook.tables.iter().zip(&tabs).map(|(table, tab)| Tabbed { table, tab }).collect();
    let pictures = figures::all(workbook.tables, language);
    let look = Look::new(language);

    let mut book = rust_xlsxwriter::Workbook::new();
    book.set_zip_compression_level(COMPRESSION);
    let created = ExcelDateTime::from_timestamp(workbook.created.micros().div_euclid(SECOND))?;
    let properties = DocProperties::new()
        .set_title(cells::bounded(workbook.title, cells::LONGEST_PROPERTY))
        .set_author("punctual")
        .set_creation_datetime(&created);
    book.set_properties(&properties);

    let first = book.add_worksheet();
    first.set_name(&words.summary)?;
    summary::fill(first, workbook, &tables, &pictures, &look)?;
    let sheets = tables.par_iter().map(|Tabbed { table, tab }| {
        let mut sheet = Worksheet::new();
        sheet.set_name(*tab)?;
        sheet::fill(&mut sheet, table, language, &look)?;
        Ok(sheet)
    });
    sheets.collect::<Result<Vec<_>, XlsxError>>()?.into_iter().for_each(|sheet| book.push_worksheet(sheet));
    if !pictures.is_empty() {
        let sheet = book.add_worksheet();
        sheet.set_name(&words.chart_figures)?;
        charts::fill(sheet, &pictures, &look)?;
    }
    let last = book.add_worksheet();
    last.set_name(&words.definitions)?;
    definitions::fill(last, &tables, language, &look)?;
    book.save_to_buffer()
}
