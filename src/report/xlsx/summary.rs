//! The first sheet: what a reader wants to know, and where the rest is.

use rust_xlsxwriter::{Format, Url, Worksheet, XlsxError};

use super::cells::{self, breadth};
use super::figures::{Picture, Shape};
use super::look::{self, Kind, Look};
use super::sheet::{self, HEADER_HEIGHT};
use super::{Tabbed, Workbook, charts, tabs};
use crate::table::Table;

/// The first column of everything: the one before it is a margin.
const LEFT: u16 = 1;
/// The last column.
const RIGHT: u16 = 11;
/// The widths of the margin, of the first two columns and of the others, in digits.
const WIDTHS: [u16; 4] = [2, 22, 17, 12];
/// The height of a row, in pixels.
const ROW: u32 = 20;
/// The height of a line, in points.
const LINE: f64 = 15.0;
/// From here on the second of two charts side by side.
const MIDDLE: u16 = 6;
/// The width of half the page, in pixels: from `MIDDLE` to its end.
const HALF: u32 = 534;
/// The width of the page, in pixels: two halves and a gap.
const WHOLE: u32 = 1084;

/// The columns of the table of all, as far as they are there.
const OVERALL: [&str; 11] = [
    "metric",
    "measured",
    "met",
    "breached",
    "pending",
    "compliance",
    "compliance_low",
    "compliance_high",
    "mean_h",
    "p50_h",
    "p90_h",
];
/// The columns of the comparison of periods, as far as they are there.
const COMPARISON: [&str; 10] = [
    "compared",
    "metric",
    "measured",
    "met",
    "breached",
    "compliance",
    "compliance_low",
    "compliance_high",
    "p50_h",
    "p90_h",
];
/// The most rows of a table on this sheet; both have a handful, a query of one's own may have more.
const MOST_ROWS: usize = 50;

/// Fills the sheet.
pub(super) fn fill(
    sheet: &mut Worksheet,
    workbook: &Workbook<'_>,
    tables: &[Tabbed<'_>],
    pictures: &[Picture],
    look: &Look,
) -> Result<(), XlsxError> {
    sheet.set_screen_gridlines(false);
    sheet.set_column_width(0, WIDTHS[0])?.set_column_width(LEFT, WIDTHS[1])?;
    sheet.set_column_width(LEFT + 1, WIDTHS[2])?.set_column_range_width(LEFT + 2, RIGHT, WIDTHS[3])?;
    look::print(sheet);
    let mut page = Page { sheet, workbook, look, row: 0 };
    page.head()?;
    for (name, columns) in [("overall", OVERALL.as_slice()), ("period_comparison", COMPARISON.as_slice())] {
        if let Some(table) = workbook.tables.iter().find(|table| table.name == name && table.rows() > 0) {
            page.table(table, columns)?;
        }
    }
    page.charts(pictures)?;
    page.contents(tables)
}

/// The sheet and how far it is filled.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    workbook: &'a Workbook<'a>,
    look: &'a Look,
    row: u32,
}

impl Page<'_> {
    fn head(&mut self) -> Result<(), XlsxError> {
        self.sheet.set_row_height(0, 32)?;
        cells::put_text(self.sheet, (0, LEFT), self.workbook.title, &self.look.title)?;
        self.row = 2;
        for (label, value) in self.workbook.head {
            cells::put_text(self.sheet, (self.row, LEFT), label, &self.look.label)?;
            let lines = self.across((LEFT + 1, RIGHT), value, &self.look.prose)?;
            self.end_row(lines)?;
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        self.sheet.set_row_height(self.row, 24)?;
        cells::put_text(self.sheet, (self.row, LEFT), text, &self.look.heading)?;
        self.row += 1;
        Ok(())
    }

    /// Some columns of a table.
    fn table(&mut self, table: &Table, columns: &[&str]) -> Result<(), XlsxError> {
        let language = self.workbook.language;
        self.heading(language.table_title(table))?;
        self.sheet.set_row_height(self.row, HEADER_HEIGHT)?;
        let rows = table.rows().min(MOST_ROWS);
        let named = |name: &&str| table.columns.iter().find(|column| column.name == **name);
        for (column, at) in columns.iter().filter_map(named).zip(LEFT..) {
            let kind = Kind::of(column);
            let label = sheet::in_two_lines(language.column_label(&column.name), usize::from(WIDTHS[3]));
            cells::put_text(self.sheet, (self.row, at), &label, &self.look.header(kind))?;
            for (row, down) in (0..rows).zip(self.row + 1..) {
                let cell = cells::cell(column, row, language);
                cells::put(self.sheet, (down, at), &cell, self.look.cells(kind))?;
            }
            look::mark(self.sheet, &column.name, at, (self.row + 1, self.row + rows as u32))?;
        }
        self.row += rows as u32 + 1;
        Ok(())
    }

    /// The charts: two side by side, the one of the customers' names in full width.
    fn charts(&mut self, pictures: &[Picture]) -> Result<(), XlsxError> {
        let mut left = true;
        let mut below = self.row;
        for (picture, number) in pictures.iter().zip(0..) {
            let mut chart =
                charts::chart(picture, number, &self.workbook.language.words.workbook.chart_figures);
            let wide = picture.shape == Shape::Bars;
            let height = if wide { 150 + 26 * picture.categories.len() as u32 } else { 320 };
            if left || wide {
                self.row = below + 1;
            }
            let (column, width) = match (wide, left) {
                (true, _) => (LEFT, WHOLE),
                (false, true) => (LEFT, HALF),
                (false, false) => (MIDDLE, HALF),
            };
            chart.set_width(width).set_height(height);
            self.sheet.insert_chart(self.row, column, &chart)?;
            below = below.max(self.row + height.div_ceil(ROW));
            left = wide || !left;
        }
        self.row = below;
        Ok(())
    }

    /// What each of the other sheets holds, and how much of it.
    fn contents(&mut self, tables: &[Tabbed<'_>]) -> Result<(), XlsxError> {
        let (language, look) = (self.workbook.language, self.look);
        let words = &language.words.workbook;
        self.heading(&words.contents)?;
        self.sheet.set_row_height(self.row, HEADER_HEIGHT)?;
        let header = look.header(Kind::Text);
        cells::put_text(self.sheet, (self.row, LEFT), &words.contents_sheet, &header)?;
        self.across(GRAIN, &words.contents_grain, &header)?;
        for (column, text) in [(SHOWN, &words.contents_shown), (ALL, &words.contents_all)] {
            cells::put_text(self.sheet, (self.row, column), text, &look.header(Kind::Count))?;
        }
        self.across(FILE, &words.contents_file, &header)?;
        self.row += 1;
        for &Tabbed { table, tab } in tables {
            let (shown, all) = (sheet::shown(table), table.rows());
            let count = if shown < all { &look.cut } else { &look.listed };
            self.link(tab)?;
            let lines = self.across(GRAIN, language.table_grain(table), &look.prose)?;
            self.sheet.write_number_with_format(self.row, SHOWN, shown as f64, count)?;
            self.sheet.write_number_with_format(self.row, ALL, all as f64, &look.listed)?;
            let lines = self.across(FILE, &sheet::file(table), &look.prose)?.max(lines);
            self.end_row(lines)?;
        }
        self.link(&words.definitions)?;
        let lines = self.across(GRAIN, &words.definitions_grain, &look.prose)?;
        self.end_row(lines)
    }

    /// The name of a sheet, which leads to it.
    fn link(&mut self, tab: &str) -> Result<(), XlsxError> {
        let url = Url::new(tabs::link(tab)).set_text(tab);
        self.sheet.write_url_with_format(self.row, LEFT, url, &self.look.link)?;
        Ok(())
    }

    /// A text across columns, and how many lines it takes about.
    fn across(&mut self, (first, last): (u16, u16), text: &str, format: &Format) -> Result<usize, XlsxError> {
        let text = cells::bounded(text, cells::LONGEST_TEXT);
        self.sheet.merge_range(self.row, first, self.row, last, &text, format)?;
        let wider = if first <= LEFT + 1 { WIDTHS[2] - WIDTHS[3] } else { 0 };
        Ok(lines(&text, usize::from((last - first + 1) * WIDTHS[3] + wider)))
    }

    /// Ends a row of so many lines. Where cells are merged no spreadsheet finds its height itself.
    fn end_row(&mut self, lines: usize) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, height(lines))?;
        self.row += 1;
        Ok(())
    }
}

/// Where the list of sheets has what a row is, the numbers of rows, and the file.
const GRAIN: (u16, u16) = (LEFT + 1, 6);
const SHOWN: u16 = 7;
const ALL: u16 = 8;
const FILE: (u16, u16) = (9, RIGHT);

/// How many lines a text takes about in so many digits' width.
pub(super) fn lines(text: &str, width: usize) -> usize {
    // Letters are narrower than digits, by about as much as words leave of their lines.
    text.split('\n').map(|line| breadth(line).div_ceil(width.max(1)).max(1)).sum()
}

/// The height of so many lines, in points; no row is higher than 409.
pub(super) fn height(lines: usize) -> f64 {
    (lines as f64 * LINE + 1.0).min(409.0)
}
