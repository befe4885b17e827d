//! The rows of a table as XML, straight from its values.
//!
//! They are nearly all of a workbook, and each is a few known words around its values; all else of
//! a sheet is written by `rust_xlsxwriter`, and the rows are put into what it wrote. So a cell looks
//! like its column, whose style is read from there.

use rust_xlsxwriter::utility::column_number_to_name;

use super::cells::{self, Cell};
use super::strings::Strings;
use super::{Error, markup, sheet};
use crate::language::Language;
use crate::records::Name;
use crate::table::{Column, Table, Values};

/// About as long as a cell is, no less.
const CELL: usize = 44;

/// The rows of a table that its sheet shows.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    table: &'a Table,
    language: &'static Language,
    columns: Vec<Named<'a>>,
    /// The rows up to the last one that is not empty.
    rows: usize,
}

/// A column and the names of its texts.
#[derive(Debug)]
struct Named<'a> {
    column: &'a Column,
    /// Those of a column of texts, by their codes; of another column those of the values that no
    /// spreadsheet can hold otherwise, in their order.
    names: Vec<Option<Name>>,
    /// How wide the widest text is.
    breadth: usize,
}

impl<'a> Named<'a> {
    fn of(column: &'a Column) -> Named<'a> {
        let codes = match &column.values {
            Values::Text(texts) => texts.texts().len(),
            _ => 0,
        };
        Named { column, names: vec![None; codes], breadth: 0 }
    }

    /// Names the text of a cell, if it is one, and says whether the cell holds anything. What a
    /// column says often is worded once.
    fn name(&mut self, row: usize, language: &Language, strings: &mut Strings) -> bool {
        let column = self.column;
        if let Values::Text(texts) = &column.values {
            let Some(name) = texts.code(row).and_then(|code| self.names.get_mut(code as usize)) else {
                return false;
            };
            if name.is_none()
                && let Cell::Text(text) = cells::cell(column, row, language)
            {
                *name = strings.name(&text);
                self.breadth = self.breadth.max(cells::breadth(&text));
            }
            if name.is_some() {
                strings.count();
            }
            return name.is_some();
        }
        match cells::cell(column, row, language) {
            Cell::Empty => return false,
            Cell::Text(text) => {
                self.names.push(strings.name(&text));
                strings.count();
            }
            Cell::Number(_) | Cell::Whole(_) | Cell::Truth(_) => {}
        }
        true
    }
}

impl<'a> Rows<'a> {
    /// The rows of a table. Its texts are added to those of the others.
    pub(super) fn of(table: &'a Table, language: &'static Language, strings: &mut Strings) -> Rows<'a> {
        let mut columns: Vec<Named<'_>> = table.columns.iter().map(Named::of).collect();
        let mut rows = 0;
        // Row by row, so that texts of one row have numbers near each other, which pack better.
        for row in 0..sheet::shown(table) {
            for column in &mut columns {
                if column.name(row, language, strings) {
                    rows = row + 1;
                }
            }
        }
        Rows { table, language, columns, rows }
    }

    /// The table.
    pub(super) fn table(&self) -> &'a Table {
        self.table
    }

    /// The columns, and how wide the widest text of each is.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'a Column, usize)> {
        self.columns.iter().map(|named| (named.column, named.breadth))
    }

    /// About how long they are as XML, no less.
    pub(super) fn size(&self) -> usize {
        self.rows * (self.columns.len() + 1) * CELL
    }

    /// The sheet with the rows after its header. The first of the tables' texts has this number.
    pub(super) fn put_in(&self, sheet: &str, first: usize) -> Result<Vec<u8>, Error> {
        if self.rows == 0 {
            return Ok(sheet.as_bytes().to_vec());
        }
        let dimension = markup::tag(sheet, "dimension")?;
        let range = markup::attribute(sheet, &dimension, "ref").ok_or(Error::Lacks("ref"))?;
        let data = markup::tag(sheet, "sheetData")?.end;
        let header = data + sheet[data..].find("</row>").ok_or(Error::Lacks("row"))? + "</row>".len();

        let mut out = Vec::with_capacity(sheet.len() + self.size());
        out.extend_from_slice(&sheet.as_bytes()[..range.start]);
        out.extend_from_slice(reaching(&sheet[range.clone()], self.rows + 1).as_bytes());
        out.extend_from_slice(&sheet.as_bytes()[range.end..header]);
        self.write(&mut out, &styles(sheet)?, first);
        out.extend_from_slice(&sheet.as_bytes()[header..]);
        Ok(out)
    }

    fn write(&self, out: &mut Vec<u8>, styles: &[Option<&str>], first: usize) {
        let styles = styles.iter().copied().chain(std::iter::repeat(None));
        let mut columns: Vec<Written<'_>> = (self.columns.iter().zip(0..).zip(styles))
            .map(|((named, number), style)| Written {
                language: self.language,
                column: named.column,
                names: &named.names,
                taken: 0,
                first,
                before: Before::of(&column_number_to_name(number), style),
            })
            .collect();
        let mut digits = itoa::Buffer::new();
        for row in 0..self.rows {
            // The header is the first.
            let number = digits.format(row + 2).as_bytes();
            let start = out.len();
            put(out, [b"<row r=\"", number, b"\">"]);
            let cells = out.len();
            for column in &mut columns {
                column.put(out, row, number);
            }
            match out.len() == cells {
                true => out.truncate(start),
                false => out.extend_from_slice(b"</row>"),
            }
        }
    }
}

/// A column while it is written.
struct Written<'a> {
    column: &'a Column,
    language: &'static Language,
    names: &'a [Option<Name>],
    /// How many of the names that are not by codes have been written.
    taken: usize,
    /// The number of the first name's text.
    first: usize,
    before: Before,
}

/// What stands before the value in a cell of a column, by what it is: up to the row's number, and
/// from there on. Attributes may stand in any order; in this one the cells pack best.
struct Before {
    number: [String; 2],
    text: [String; 2],
    truth: [String; 2],
}

impl Before {
    fn of(letters: &str, style: Option<&str>) -> Before {
        let style = style.map(|style| format!(" s=\"{style}\"")).unwrap_or_default();
        let typed = |kind| [format!("<c{style} r=\"{letters}"), format!("\" t=\"{kind}\"><v>")];
        Before {
            number: [format!("<c r=\"{letters}"), format!("\"{style}><v>")],
            text: typed("s"),
            truth: typed("b"),
        }
    }
}

impl<'a> Written<'a> {
    fn put(&mut self, out: &mut Vec<u8>, row: usize, number: &[u8]) {
        let cell = self.cell(row);
        let before = &self.before;
        let mut whole = itoa::Buffer::new();
        let mut real = zmij::Buffer::new();
        let ([open, kind], value) = match cell {
            Filled::Text(name) => (&before.text, whole.format(self.first + name.index())),
            Filled::Value(Cell::Whole(number)) => (&before.number, whole.format(number)),
            Filled::Value(Cell::Number(number)) => {
                let digits = real.format_finite(number);
                (&before.number, digits.strip_suffix(".0").unwrap_or(digits))
            }
            Filled::Value(Cell::Truth(truth)) => (&before.truth, if truth { "1" } else { "0" }),
            Filled::Value(Cell::Text(_) | Cell::Empty) => return,
        };
        put(out, [open.as_bytes(), number, kind.as_bytes(), value.as_bytes(), b"</v></c>"]);
    }

    fn cell(&mut self, row: usize) -> Filled<'a> {
        let name = match &self.column.values {
            Values::Text(texts) => texts.code(row).and_then(|code| self.names.get(code as usize)),
            _ => match cells::cell(self.column, row, self.language) {
                Cell::Text(_) => {
                    self.taken += 1;
                    self.names.get(self.taken - 1)
                }
                value => return Filled::Value(value),
            },
        };
        name.copied().flatten().map_or(Filled::Value(Cell::Empty), Filled::Text)
    }
}

/// What a cell is filled with.
enum Filled<'a> {
    Text(Name),
    Value(Cell<'a>),
}

fn put<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

/// The styles of a sheet's columns, as far as it names them.
fn styles(sheet: &str) -> Result<Vec<Option<&str>>, Error> {
    let mut styles = Vec::new();
    for tag in markup::tags(sheet, "col") {
        let (_, first) = markup::number(sheet, &tag, "min")?;
        let (_, last) = markup::number(sheet, &tag, "max")?;
        let style = markup::attribute(sheet, &tag, "style").map(|place| &sheet[place]);
        // The columns before it that are not named have none.
        styles.resize(first.saturating_sub(1).max(styles.len()), None);
        styles.resize(last.max(styles.len()), style);
    }
    Ok(styles)
}

/// A range of cells, such as `A1:C1`, that reaches at least down to a row.
fn reaching(range: &str, row: usize) -> String {
    let (first, last) = range.split_once(':').unwrap_or((range, range));
    let column = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let down = last[column.len()..].parse().unwrap_or(0).max(row);
    format!("{first}:{column}{down}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reaches_down_to_the_last_row() {
        assert_eq!(reaching("A1:C1", 7), "A1:C7");
        assert_eq!(reaching("A1:AB9", 7), "A1:AB9");
        assert_eq!(reaching("A1", 2), "A1:A2");
    }

    #[test]
    fn columns_have_the_styles_that_their_sheet_names() {
        let sheet = "<cols><col min=\"2\" max=\"3\" style=\"4\"/><col min=\"4\" max=\"4\"/></cols>";
        assert_eq!(styles(sheet).unwrap(), [None, Some("4"), Some("4"), None]);
        assert!(styles("<col max=\"3\"/>").is_err());
    }
}
