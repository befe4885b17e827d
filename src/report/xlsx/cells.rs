//! From a table's values to cells, and nothing but what the values say.
//!
//! A text stays a text whatever it begins with: it is written as one, never looked at for numbers,
//! formulas or addresses. What a spreadsheet cannot hold is written as the nearest thing it can.

use std::borrow::Cow;

use chrono::DateTime;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::calendar::DAY;
use crate::language::Language;
use crate::table::{Column, Values};

/// The longest text of a cell, in units of UTF-16.
pub(super) const LONGEST_TEXT: usize = 32_767;
/// The longest text of a document's property.
pub(super) const LONGEST_PROPERTY: usize = 255;
/// Spreadsheets keep numbers as reals, which tell whole numbers apart up to here.
const EXACT: u64 = 1 << 53;
/// The days from 1899-12-30, from which spreadsheets count, to 1970-01-01.
const DAYS_TO_1970: f64 = 25_569.0;
/// Before 1900-03-01 spreadsheets differ by a day, since Excel's 1900 is a leap year.
const FIRST_DAY: f64 = 61.0;
/// The first day that is no date any more: 10000-01-01.
const DAY_AFTER_LAST: f64 = 2_958_466.0;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    /// A whole number that a real can hold.
    Whole(i64),
    Number(f64),
    Truth(bool),
}

/// A cell of a column, its values called as the language has it.
pub(super) fn cell<'a>(column: &'a Column, row: usize, language: &'a Language) -> Cell<'a> {
    let cell = match &column.values {
        Values::Text(values) => values.get(row).map(|text| text_cell(language.value(&column.name, text))),
        Values::Int(values) => values[row].map(|number| match number.unsigned_abs() <= EXACT {
            true => Cell::Whole(number),
            false => Cell::Text(number.to_string().into()),
        }),
        Values::Float(values) => values[row].map(|number| match number.is_finite() {
            true => Cell::Number(number),
            false => Cell::Text(number.to_string().into()),
        }),
        Values::Bool(values) => values[row].map(Cell::Truth),
        Values::Instant(values) | Values::Local(values) => values[row].map(time),
    };
    cell.unwrap_or(Cell::Empty)
}

/// A text as a cell holds it.
pub(super) fn text_cell(text: &str) -> Cell<'_> {
    Cell::Text(bounded(text, LONGEST_TEXT))
}

/// A point in time as spreadsheets have it: days, with their fractions.
fn time(micros: i64) -> Cell<'static> {
    let days = micros as f64 / DAY as f64 + DAYS_TO_1970;
    if (FIRST_DAY..DAY_AFTER_LAST).contains(&days) {
        return Cell::Number(days);
    }
    let text = DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc().to_string());
    Cell::Text(text.unwrap_or_else(|| micros.to_string()).into())
}

/// A text of at most so many units of UTF-16, without characters that XML forbids.
pub(super) fn bounded(text: &str, longest: usize) -> Cow<'_, str> {
    let forbidden =
        |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    let text = match text.contains(forbidden) {
        true => Cow::Owned(text.replace(forbidden, "\u{fffd}")),
        false => Cow::Borrowed(text),
    };
    // A text has no more units than bytes.
    if text.len() <= longest || text.encode_utf16().count() <= longest {
        return text;
    }
    let mut units = 1;
    let mut short: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= longest
        })
        .collect();
    short.push('…');
    Cow::Owned(short)
}

/// Puts a cell in its place.
pub(super) fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell<'_>,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, format)?,
        // What looks like a rich text would be written as markup, whatever is in it.
        Cell::Text(text) if text.starts_with("<r>") && text.ends_with("</r>") => {
            sheet.write_string_with_format(row, column, format!("{text} "), format)?
        }
        Cell::Text(text) => sheet.write_string_with_format(row, column, text.as_ref(), format)?,
        Cell::Whole(number) => sheet.write_number_with_format(row, column, *number as f64, format)?,
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number, format)?,
        Cell::Truth(truth) => sheet.write_boolean_with_format(row, column, *truth, format)?,
    };
    Ok(())
}

/// Puts a text in its place.
pub(super) fn put_text(
    sheet: &mut Worksheet,
    at: (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    put(sheet, at, &text_cell(text), format)
}

/// How many digits wide a text is, about: those of China, Japan and Korea take two.
pub(super) fn breadth(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(values: Values) -> Cell<'static> {
        let column = Column { name: "x".into(), meaning: String::new(), values };
        match cell(&column, 0, Language::english()) {
            Cell::Text(text) => Cell::Text(text.into_owned().into()),
            Cell::Empty => Cell::Empty,
            Cell::Whole(number) => Cell::Whole(number),
            Cell::Number(number) => Cell::Number(number),
            Cell::Truth(truth) => Cell::Truth(truth),
        }
    }

    #[test]
    fn whole_numbers_that_a_real_cannot_tell_apart_are_texts() {
        assert_eq!(first(Values::Int(vec![Some(1 << 53)])), Cell::Whole(9_007_199_254_740_992));
        assert_eq!(first(Values::Int(vec![Some((1 << 53) + 1)])), Cell::Text("9007199254740993".into()));
        assert_eq!(first(Values::Int(vec![Some(i64::MIN)])), Cell::Text("-9223372036854775808".into()));
    }

    #[test]
    fn times_are_days_since_1899_and_texts_where_spreadsheets_have_none() {
        // 2024-05-01T12:00:00 is day 45413 and a half.
        assert_eq!(first(Values::Instant(vec![Some(1_714_564_800_000_000)])), Cell::Number(45_413.5));
        assert_eq!(
            first(Values::Local(vec![Some(-2_208_988_800_000_000)])),
            Cell::Text("1900-01-01 00:00:00".into())
        );
        assert_eq!(first(Values::Instant(vec![Some(i64::MAX)])), Cell::Text(i64::MAX.to_string().into()));
    }

    #[test]
    fn a_text_too_long_for_a_cell_ends_in_an_ellipsis() {
        let long = bounded(&"a".repeat(40_000), LONGEST_TEXT).into_owned();
        assert_eq!((long.encode_utf16().count(), long.chars().next_back()), (32_767, Some('…')));
        let pairs = bounded(&"\u{1f600}".repeat(20_000), LONGEST_TEXT).into_owned();
        assert_eq!((pairs.encode_utf16().count(), pairs.chars().next_back()), (32_767, Some('…')));
        assert_eq!(bounded(&"é".repeat(32_767), LONGEST_TEXT).chars().count(), 32_767);
    }

    #[test]
    fn characters_that_xml_forbids_are_replaced() {
        assert_eq!(bounded("a\0b\u{1b}c\td\u{ffff}", 99), "a\u{fffd}b\u{fffd}c\td\u{fffd}");
    }
}
