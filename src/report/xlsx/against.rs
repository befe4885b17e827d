//! The rows of tables against the same cells written one by one by `rust_xlsxwriter`, and the
//! package that they are put into.

use std::collections::BTreeMap;

use calamine::Reader;
use proptest::prelude::*;
use rust_xlsxwriter::Worksheet;

use super::cells::{Cell, cell};
use super::look::Kind;
use super::samples::{hostile, report, single, table};
use super::tests::{at, bytes, french, open, part, parts};
use super::*;
use crate::records::Text;
use crate::table::{Column, Texts, Values};

/// 2024-06-28T17:30:00Z.
const NOW: i64 = 1_719_595_800_000_000;
/// 1900-03-01 and 10000-01-01, between which days are days to spreadsheets.
const DAYS: [i64; 2] = [-2_203_891_200_000_000, 253_402_300_800_000_000];

/// A workbook of one sheet, written cell by cell.
fn cell_by_cell(table: &Table, language: &'static Language) -> Vec<u8> {
    let look = Look::new(language);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, index) in table.columns.iter().zip(0..) {
        let kind = Kind::of(column);
        sheet.set_column_format(index, look.cells(kind)).unwrap();
        let label = language.column_label(&column.name);
        cells::put_text(sheet, (0, index), label, &look.header(kind)).unwrap();
        for row in 0..table.rows() {
            put(sheet, (row as u32 + 1, index), &cell(column, row, language)).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn put(sheet: &mut Worksheet, (row, column): (u32, u16), cell: &Cell<'_>) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => drop(sheet.write_string(row, column, text.as_ref())?),
        Cell::Whole(number) => drop(sheet.write_number(row, column, *number as f64)?),
        Cell::Number(number) => drop(sheet.write_number(row, column, *number)?),
        Cell::Truth(truth) => drop(sheet.write_boolean(row, column, *truth)?),
    }
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    let letters = "aé&<>\"'_x04D \t\n\r\0\u{1b}\u{85}\u{a0}\u{2028}\u{fffe}\u{ffff}\u{1f600}\u{202e}";
    let letter = proptest::sample::select(letters.chars().collect::<Vec<_>>());
    let escape =
        proptest::sample::select(vec!["_x0041_", "_x000D_", "_x005F_x0041_", "_x12", "&amp;", "]]>"]);
    let word = prop_oneof![letter.prop_map(String::from), escape.prop_map(str::to_owned)];
    prop_oneof![
        4 => proptest::collection::vec(word, 0..9).prop_map(|words| words.concat()),
        2 => "\\PC{0,12}",
        2 => proptest::sample::select(hostile()),
        2 => proptest::sample::select(vec!["response", "met", "breached", "4711"]).prop_map(str::to_owned),
        1 => (32_760_usize..32_775, "[a\u{1f600}]").prop_map(|(length, letter)| letter.repeat(length)),
    ]
}

fn texts(rows: usize) -> impl Strategy<Value = Values> {
    // Some stand at several places, some nowhere.
    (proptest::collection::vec(text(), 1..8), cells(0_u32..9, rows)).prop_map(|(texts, codes)| {
        let mut lexicon = Text::default();
        texts.iter().for_each(|text| lexicon.push(text));
        Values::Text(Texts::coded(lexicon, codes.into_iter()))
    })
}

fn cells<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T> + 'static,
    rows: usize,
) -> impl Strategy<Value = Vec<Option<T>>> {
    proptest::collection::vec(proptest::option::of(values), rows)
}

fn times(rows: usize) -> impl Strategy<Value = Vec<Option<i64>>> {
    let near = |at: i64| at - 3..at + 3;
    cells(prop_oneof![DAYS[0]..DAYS[1], near(DAYS[0]), near(DAYS[1]), near(NOW), near(0), any::<i64>()], rows)
}

fn values(rows: usize) -> impl Strategy<Value = Values> {
    let exact = 1_i64 << 53;
    let whole = prop_oneof![-9_i64..999, exact - 2..exact + 3, -exact - 2..3 - exact, any::<i64>()];
    let known =
        [0.0, -0.0, 1.0, 0.1, 1e21, 1e-7, 5e-324, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY];
    let real = prop_oneof![
        proptest::sample::select(known.to_vec()),
        any::<f64>(),
        (-99_i32..99).prop_map(f64::from),
        (-1e17..1e17)
    ];
    prop_oneof![
        4 => texts(rows),
        1 => cells(whole, rows).prop_map(Values::Int),
        1 => cells(real, rows).prop_map(Values::Float),
        1 => cells(any::<bool>(), rows).prop_map(Values::Bool),
        1 => times(rows).prop_map(Values::Instant),
        1 => times(rows).prop_map(Values::Local),
    ]
}

fn any_table() -> impl Strategy<Value = Table> {
    let names = vec!["metric", "outcome", "customer", "compliance", "over_h", "year", "margin_min", "n"];
    let columns = prop_oneof![9 => 1_usize..6, 1 => 26_usize..30];
    (0_usize..7, columns).prop_flat_map(move |(rows, columns)| {
        let column = (proptest::sample::select(names.clone()), values(rows))
            .prop_map(|(name, values)| Column { name: name.to_owned(), meaning: String::new(), values });
        proptest::collection::vec(column, columns).prop_map(|columns| table("any", columns))
    })
}

/// The sheets of tables, by their names.
fn sheets(parts: &[(String, String)], tables: usize) -> Vec<&str> {
    let sheet = |number: usize| {
        let name = format!("xl/worksheets/sheet{number}.xml");
        parts.iter().find(|(part, _)| *part == name).unwrap().1.as_str()
    };
    (FIRST..FIRST + tables).map(sheet).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn rows_are_read_as_if_written_cell_by_cell(table in any_table(), in_french in any::<bool>()) {
        let language = if in_french { french() } else { Language::english() };
        let written = bytes(std::slice::from_ref(&table), language);
        let ours = open(written.clone()).worksheet_range(language.table_tab(&table)).unwrap();
        let other = open(cell_by_cell(&table, language)).worksheet_range("Sheet1").unwrap();
        prop_assert_eq!((ours.start(), ours.end()), (other.start(), other.end()));
        for row in 0..=table.rows() {
            for column in 0..table.columns.len() {
                prop_assert_eq!(at(&ours, row, column), at(&other, row, column), "{} {}", row, column);
            }
        }
        let parts = parts(&written);
        let other = part(&cell_by_cell(&table, language), "xl/worksheets/sheet1.xml");
        let dimension = |sheet: &str| {
            let tag = markup::tag(sheet, "dimension").unwrap();
            sheet[markup::attribute(sheet, &tag, "ref").unwrap()].to_owned()
        };
        prop_assert_eq!(dimension(sheets(&parts, 1)[0]), dimension(&other));
        sound(&parts, 1);
    }
}

/// Whether what stands in several places of a package agrees.
fn sound(parts: &[(String, String)], tables: usize) {
    for (name, xml) in parts {
        let mut reader = quick_xml::Reader::from_str(xml);
        reader.config_mut().enable_all_checks(true);
        while !matches!(
            reader.read_event().unwrap_or_else(|e| panic!("{name}: {e}")),
            quick_xml::events::Event::Eof
        ) {}
    }
    let texts = &parts.iter().find(|(name, _)| name == TEXTS).unwrap().1;
    let entries = markup::tags(texts, "si").count();
    assert_eq!(strings::own(texts).unwrap(), entries);
    let mut holders = 0;
    for (name, sheet) in parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")) {
        holders += sheet.matches(" t=\"s\"").count();
        for number in sheet.split(" t=\"s\"><v>").skip(1) {
            let number: usize = number.split('<').next().unwrap().parse().unwrap();
            assert!(number < entries, "{name}");
        }
    }
    let tag = markup::tag(texts, "sst").unwrap();
    assert_eq!(markup::number(texts, &tag, "count").unwrap().1, holders);
    for sheet in sheets(parts, tables) {
        looks_like_its_columns(sheet);
    }
}

/// Every cell but the headers has the style of its column.
fn looks_like_its_columns(sheet: &str) {
    let mut styles = BTreeMap::new();
    for tag in markup::tags(sheet, "col") {
        let [first, last] = ["min", "max"].map(|name| markup::number(sheet, &tag, name).unwrap().1);
        let style = &sheet[markup::attribute(sheet, &tag, "style").unwrap()];
        for column in first..=last {
            let letters = rust_xlsxwriter::utility::column_number_to_name(column as u16 - 1);
            styles.insert(letters, style);
        }
    }
    let notes = sheet.contains("<row r=\"50003\"");
    for tag in markup::tags(sheet, "c") {
        let of = |name| markup::attribute(sheet, &tag, name).map(|place| &sheet[place]);
        let cell = of("r").unwrap();
        let (letters, row) = cell.split_at(cell.find(|c: char| c.is_ascii_digit()).unwrap());
        if row != "1" && !(notes && row == "50003") {
            assert_eq!(of("s"), Some(styles[letters]), "{cell}");
        }
    }
}

#[test]
fn the_parts_of_a_workbook_agree() {
    let mut tables = report();
    let rows = sheet::MOST_ROWS + 7;
    tables.push(single("long", "n", Values::Int((0..rows as i64).map(Some).collect())));
    let written = bytes(&tables, french());
    let parts = parts(&written);
    sound(&parts, tables.len());
    let long = sheets(&parts, tables.len()).pop().unwrap();
    assert!(long.contains("<dimension ref=\"A1:A50003\"/>"));
    assert!(long.contains("</row><row r=\"2\"><c r=\"A2\" "));
    let note = long.find("<row r=\"50003\"").unwrap();
    assert!(note > long.find("<row r=\"50001\"").unwrap());
    assert!(long[..note].ends_with("<v>49999</v></c></row>"));
}

#[test]
fn a_text_is_kept_once_and_only_if_it_is_shown() {
    let texts = |texts: &[&str]| Values::Text(texts.iter().map(|text| Some(*text)).collect());
    let mut lexicon = Text::default();
    ["nowhere", "once", "twice"].iter().for_each(|text| lexicon.push(text));
    let coded = Values::Text(Texts::coded(lexicon, [1, 2, 2].map(Some).into_iter()));
    let tables = [single("a", "n", coded), single("b", "n", texts(&["twice", "<r>&</r>", "once"]))];
    let written = bytes(&tables, Language::english());
    let all = part(&written, TEXTS);
    assert!(all.ends_with(
        "<si><t>once</t></si><si><t>twice</t></si><si><t>&lt;r&gt;&amp;&lt;/r&gt;</t></si></sst>"
    ));
    assert!(!all.contains("nowhere"));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let tables = report();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&tables, french()))
    };
    assert!(with(1) == with(2));
}

#[test]
fn a_package_that_is_none_is_an_error() {
    let strings = Strings::default();
    assert!(complete(b"no package", &[], &strings).is_err());
    let none = package::pack(vec![Part::new("a.xml".to_owned(), 0, || Ok(b"<a/>".to_vec()))]).unwrap();
    assert_eq!(package::take_apart(&none).unwrap(), [("a.xml".to_owned(), "<a/>".to_owned())]);
    assert!(matches!(complete(&none, &[], &strings), Err(Error::Lacks(TEXTS))));
    let texts = || Ok(b"<sst count=\"0\" uniqueCount=\"0\"></sst>".to_vec());
    let texts = package::pack(vec![Part::new(TEXTS.to_owned(), 0, texts)]).unwrap();
    assert!(complete(&texts, &[], &strings).is_ok());
    let table = single("a", "n", Values::Int(vec![Some(1)]));
    let rows = [Rows::of(&table, Language::english(), &mut Strings::default())];
    assert!(matches!(complete(&texts, &rows, &strings), Err(Error::Lacks("the sheet of a table"))));
}
