//! The last sheet: what the words mean, and every column of every sheet.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::Tabbed;
use super::cells;
use super::look::{self, Kind, Look};
use super::summary::{height, lines};
use crate::language::Language;

/// The widths of the columns: the word, its name in the data files, its meaning, its sheets.
const WIDTHS: [u16; 4] = [30, 22, 74, 44];

/// A column that means the same on all of these sheets.
struct Entry<'a> {
    name: &'a str,
    meaning: &'a str,
    tabs: Vec<&'a str>,
}

/// Fills the sheet.
pub(super) fn fill(
    sheet: &mut Worksheet,
    tables: &[Tabbed<'_>],
    language: &'static Language,
    look: &Look,
) -> Result<(), XlsxError> {
    let words = &language.words.workbook;
    for (width, column) in WIDTHS.into_iter().zip(0..) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_screen_gridlines(false);
    sheet.set_landscape();
    look::print(sheet);

    cells::put_text(sheet, (0, 0), &words.definitions_terms, &look.heading)?;
    let mut row = 1;
    for term in words.terms() {
        cells::put_text(sheet, (row, 0), &term.term, &look.strong)?;
        sheet.merge_range(row, 1, row, 3, &term.definition, &look.prose)?;
        sheet.set_row_height(row, height(lines(&term.definition, width(1..4))))?;
        row += 1;
    }

    row += 1;
    cells::put_text(sheet, (row, 0), &words.definitions_columns, &look.heading)?;
    row += 1;
    let headers = [&words.column, &words.column_name, &words.column_meaning, &words.column_sheets];
    for (text, column) in headers.into_iter().zip(0..) {
        cells::put_text(sheet, (row, column), text, &look.header(Kind::Text))?;
    }
    for entry in entries(tables, language) {
        row += 1;
        let tabs = entry.tabs.join(", ");
        let texts = [language.column_label(entry.name), entry.name, entry.meaning, &tabs];
        for (text, column) in texts.into_iter().zip(0_u16..) {
            cells::put_text(
                sheet,
                (row, column),
                text,
                if column == 0 { &look.strong } else { &look.prose },
            )?;
        }
        let lines = texts.iter().zip(WIDTHS).map(|(text, width)| lines(text, usize::from(width)));
        sheet.set_row_height(row, height(lines.max().unwrap_or(1)))?;
    }
    Ok(())
}

fn width(columns: std::ops::Range<usize>) -> usize {
    WIDTHS[columns].iter().map(|width| usize::from(*width)).sum()
}

/// The columns of all sheets, in the order in which they first come. Columns of one name that
/// mean the same are one entry.
fn entries<'a>(tables: &[Tabbed<'a>], language: &'static Language) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for &Tabbed { table, tab } in tables {
        for column in &table.columns {
            let (name, meaning) = (column.name.as_str(), language.column_meaning(column));
            match entries.iter_mut().find(|entry| entry.name == name && entry.meaning == meaning) {
                Some(entry) => entry.tabs.push(tab),
                None => entries.push(Entry { name, meaning, tabs: vec![tab] }),
            }
        }
    }
    entries
}
