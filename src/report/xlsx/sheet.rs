//! A table's own sheet: its rows as they are, ready to be filtered. Here is all of it but the rows.

use rust_xlsxwriter::{IgnoreError, Worksheet, XlsxError};

use super::cells::{self, breadth};
use super::look::{self, Kind, Look};
use super::rows::Rows;
use crate::language::{Language, filled};
use crate::table::{Column, Table, Values};

/// The most rows of a sheet. A workbook is opened and sent by mail; beyond this it becomes slow and
/// large, and what reads a million rows reads the CSV or the Parquet file better.
pub(super) const MOST_ROWS: usize = 50_000;
/// The narrowest and the widest column, in digits.
const WIDTHS: (usize, usize) = (8, 48);
/// What the button of the filter takes of a header.
const FILTER: usize = 3;
/// The height of a header of two lines, in points.
pub(super) const HEADER_HEIGHT: f64 = 32.0;

/// How many rows of a table its sheet has.
pub(super) fn shown(table: &Table) -> usize {
    table.rows().min(MOST_ROWS)
}

/// The file that holds all rows of a table.
pub(super) fn file(table: &Table) -> String {
    format!("tables/{}.csv", table.name)
}

/// Fills the sheet of a table, around its rows.
pub(super) fn fill(
    sheet: &mut Worksheet,
    filling: &Rows<'_>,
    language: &'static Language,
    look: &Look,
) -> Result<(), XlsxError> {
    let table = filling.table();
    let rows = shown(table);
    let last = rows as u32;
    let mut end = 0;
    for ((column, widest), index) in filling.columns().zip(0_u16..) {
        let kind = Kind::of(column);
        let label = language.column_label(&column.name);
        sheet.set_column_format(index, look.cells(kind))?;
        sheet.set_column_width(index, width(column, widest, rows, language) as f64)?;
        cells::put_text(sheet, (0, index), label, &look.header(kind))?;
        if rows > 0 {
            look::mark(sheet, &column.name, index, (1, last))?;
            if kind == Kind::Text {
                // A ticket called 4711 is meant to be a text.
                sheet.ignore_error_range(1, index, last, index, IgnoreError::NumberStoredAsText)?;
            }
        }
        end = index;
    }
    if table.columns.is_empty() {
        return Ok(());
    }
    sheet.set_row_height(0, HEADER_HEIGHT)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape();
    look::print(sheet);
    if rows > 0 {
        sheet.autofilter(0, 0, last, end)?;
    }
    if rows < table.rows() {
        // Below the rows that the filter knows, so that it stays last however they are sorted.
        let words = &language.words.workbook;
        let (shown, all) = (language.count(rows as i64), language.count(table.rows() as i64));
        let text = filled(&words.cut, &[("shown", &shown), ("all", &all), ("file", &file(table))]);
        cells::put_text(sheet, (last + 2, 0), &text, &look.note)?;
    }
    Ok(())
}

/// How wide a column is: as its widest cell, and so that its header has at most two lines. Of a
/// column of texts the widest is known.
fn width(column: &Column, widest: usize, rows: usize, language: &Language) -> usize {
    let extremes = |show: &dyn Fn(f64) -> String| {
        let (mut least, mut most) = (0.0_f64, 0.0_f64);
        for row in 0..rows {
            let value = match &column.values {
                Values::Float(values) => values[row],
                Values::Int(values) => values[row].map(|value| value as f64),
                _ => None,
            };
            least = least.min(value.unwrap_or(0.0));
            most = most.max(value.unwrap_or(0.0));
        }
        breadth(&show(least)).max(breadth(&show(most)))
    };
    let cells = match Kind::of(column) {
        Kind::Text => widest,
        Kind::Truth | Kind::Share => 7,
        Kind::Measure => extremes(&|value| language.number(value, 2)),
        Kind::Count => extremes(&|value| language.number(value, 0)),
        Kind::Name => extremes(&|value| format!("{value}")),
        Kind::Real => 12,
        Kind::Time => breadth(language.sheet_date_time()),
    };
    let label = language.column_label(&column.name);
    (cells + 2).max(header_width(label) + FILTER).clamp(WIDTHS.0, WIDTHS.1)
}

/// The least width at which a header has at most two lines.
fn header_width(label: &str) -> usize {
    let (first, second) = label.split_at(broken(label));
    breadth(first).max(breadth(second.strip_prefix(' ').unwrap_or(second)))
}

/// Where a header of two lines is best broken: its end, where it has but one word.
fn broken(label: &str) -> usize {
    let width = |at: &usize| breadth(&label[..*at]).max(breadth(&label[at + 1..]));
    label.match_indices(' ').map(|(at, _)| at).min_by_key(width).unwrap_or(label.len())
}

/// A header in two lines, if it is too long for a column of this width.
pub(super) fn in_two_lines(label: &str, width: usize) -> String {
    match broken(label) {
        at if breadth(label) < width || at == label.len() => label.to_owned(),
        at => format!("{}\n{}", &label[..at], &label[at + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_broken_where_it_is_narrowest() {
        assert_eq!(header_width("90th percentile (h)"), 14);
        assert_eq!(header_width("Customer"), 8);
        assert_eq!(header_width(""), 0);
        assert_eq!(in_two_lines("Interval, lower end", 12), "Interval,\nlower end");
        assert_eq!(in_two_lines("Measured", 12), "Measured");
    }
}
