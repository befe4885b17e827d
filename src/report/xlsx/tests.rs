//! The workbook read back, by a reader of its own and as the parts that it is zipped of.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};

use super::samples::{hostile, report, single, table};
use super::*;
use crate::table::{Column, Texts, Values};

/// 2024-06-28T17:30:00Z.
const CREATED: i64 = 1_719_595_800_000_000;

pub(super) fn french() -> &'static Language {
    Language::named("fr").unwrap()
}

pub(super) fn bytes(tables: &[Table], language: &'static Language) -> Vec<u8> {
    let line = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let head = [
        line("Period", "June 2024, not over yet"),
        line("As of", "2024-06-28 17:30 UTC"),
        line("Policy", "northern, in force since the first ticket"),
        line("Counted by", "the month in which a ticket was submitted, on the customer’s own clock"),
        line("Rows read", "11,873, of which 12 were rejected: rejects.csv says why"),
    ];
    let created = Instant::from_micros(CREATED).unwrap();
    let title = "Was support in time? June 2024";
    write(&Workbook { title, head: &head, tables, language, created }).unwrap()
}

pub(super) fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(bytes)).unwrap()
}

pub(super) fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let read = |index| {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    };
    (0..zip::ZipArchive::new(Cursor::new(bytes)).unwrap().len()).map(read).collect()
}

pub(super) fn part(bytes: &[u8], name: &str) -> String {
    parts(bytes).into_iter().find(|(part, _)| part == name).unwrap().1
}

/// What stands between each `<tag>` and its end.
fn between<'a>(text: &'a str, tag: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    text.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0)).collect()
}

/// A cell of a sheet. Ranges begin at their first cell that is not empty.
pub(super) fn at(range: &Range<Data>, row: usize, column: usize) -> Data {
    range.get_value((row as u32, column as u32)).cloned().unwrap_or_default()
}

fn assert_same(cell: &Data, column: &Column, row: usize, language: &Language, place: &str) {
    let text = |text: &str| Data::String(text.to_owned());
    match &column.values {
        Values::Text(values) => match values.get(row) {
            Some(value) => assert_eq!(cell, &text(language.value(&column.name, value)), "{place}"),
            None => assert_eq!(cell, &Data::Empty, "{place}"),
        },
        Values::Int(values) => match values[row] {
            Some(value) => assert_eq!(cell, &Data::Float(value as f64), "{place}"),
            None => assert_eq!(cell, &Data::Empty, "{place}"),
        },
        Values::Float(values) => match values[row] {
            Some(value) => assert_eq!(cell, &Data::Float(value), "{place}"),
            None => assert_eq!(cell, &Data::Empty, "{place}"),
        },
        Values::Bool(values) => match values[row] {
            Some(value) => assert_eq!(cell, &Data::Bool(value), "{place}"),
            None => assert_eq!(cell, &Data::Empty, "{place}"),
        },
        Values::Instant(values) | Values::Local(values) => match (values[row], cell) {
            (Some(micros), Data::DateTime(time)) => {
                assert!(time.is_datetime());
                let read = ((time.as_f64() - 25_569.0) * 86_400e6).round() as i64;
                assert!((read - micros).abs() < 10, "{place}: {read} for {micros}");
            }
            (None, Data::Empty) => {}
            (value, cell) => panic!("{place}: {cell:?} for {value:?}"),
        },
    }
}

fn assert_holds(bytes: Vec<u8>, tables: &[Table], language: &'static Language) {
    let mut book = open(bytes);
    for table in tables {
        let range = book.worksheet_range(language.table_tab(table)).unwrap();
        for (index, column) in table.columns.iter().enumerate() {
            let place = format!("{}.{}", table.name, column.name);
            assert_eq!(at(&range, 0, index), Data::String(language.column_label(&column.name).to_owned()));
            for row in 0..table.rows() {
                assert_same(&at(&range, row + 1, index), column, row, language, &place);
            }
        }
        assert_eq!(at(&range, table.rows() + 1, 0), Data::Empty, "{}", table.name);
    }
}

#[test]
fn every_cell_of_every_table_is_there_as_what_it_is() {
    let mut tables = report();
    let column = |name: &str, values| Column { name: name.into(), meaning: String::new(), values };
    let columns = vec![
        column("truth", Values::Bool(vec![Some(true), Some(false), None])),
        column("number", Values::Int(vec![Some(-3), None, Some(1 << 53)])),
        column("real", Values::Float(vec![Some(1e-300), Some(-0.1), None])),
        column("when", Values::Instant(vec![Some(CREATED), None, Some(0)])),
        column("clock", Values::Local(vec![None, Some(CREATED + 1_000_000), Some(0)])),
    ];
    tables.push(table("of_ones_own", columns));
    for language in Language::all() {
        assert_holds(bytes(&tables, language), &tables, language);
    }
}

#[test]
fn texts_are_texts_whatever_they_look_like() {
    let texts = hostile().into_iter().map(Some).collect();
    let tables = [single("hostile", "name", Values::Text(texts))];
    let bytes = bytes(&tables, Language::english());
    for (name, text) in parts(&bytes) {
        assert!(!text.contains("TargetMode=\"External\""), "{name} has a link that leads out");
        assert!(!name.starts_with("xl/worksheets/sheet") || !(text.contains("<f>") || text.contains("<f ")));
    }
    let mut book = open(bytes);
    let range = book.worksheet_range("hostile").unwrap();
    for (row, text) in hostile().into_iter().enumerate() {
        assert_eq!(at(&range, row + 1, 0), Data::String(text));
    }
}

#[test]
fn hostile_names_are_drawn_and_named_too() {
    let mut names = hostile();
    // What `rust_xlsxwriter` takes for a text with markup of its own.
    names.push("<r>&</r>".to_owned());
    let customers = names.iter().flat_map(|name| vec![Some(name.clone()); 2]).collect();
    let metrics =
        names.iter().flat_map(|_| ["response", "update"].map(|metric| Some(metric.to_owned()))).collect();
    let column = |name: &str, values| Column { name: name.into(), meaning: name.into(), values };
    let mut tables: Vec<Table> =
        names.iter().map(|name| single(name, name, Values::Int(vec![Some(1)]))).collect();
    let columns = vec![
        column("customer", Values::Text(customers)),
        column("metric", Values::Text(metrics)),
        column("breached", Values::Int((0..names.len() as i64 * 2).map(Some).collect())),
    ];
    tables.push(table("by_customer", columns));
    let bytes = bytes(&tables, french());
    assert!(parts(&bytes).iter().any(|(name, _)| name == "xl/charts/chart1.xml"));
    assert!(!part(&bytes, "xl/sharedStrings.xml").contains("<r>"));
    let sheets = open(bytes).sheet_names();
    assert_eq!(sheets.len(), tables.len() + 3);
    let alike: BTreeSet<String> = sheets.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(alike.len(), sheets.len());
}

#[test]
fn a_table_too_long_for_a_sheet_says_so_there_and_on_the_first_sheet() {
    let rows = sheet::MOST_ROWS + 7;
    let tables = [single("long", "n", Values::Int((0..rows as i64).map(Some).collect()))];
    let mut book = open(bytes(&tables, Language::english()));
    let range = book.worksheet_range("long").unwrap();
    assert_eq!(at(&range, sheet::MOST_ROWS, 0), Data::Float(sheet::MOST_ROWS as f64 - 1.0));
    assert_eq!(at(&range, sheet::MOST_ROWS + 1, 0), Data::Empty);
    let note = "These are the first 50,000 of 50,007 rows. tables/long.csv holds all of them.";
    assert_eq!(at(&range, sheet::MOST_ROWS + 2, 0), Data::String(note.to_owned()));
    let summary = book.worksheet_range("Summary").unwrap();
    let row = (0..60).find(|row| at(&summary, *row, 1) == Data::String("long".to_owned())).unwrap();
    assert_eq!(at(&summary, row, 7), Data::Float(50_000.0));
    assert_eq!(at(&summary, row, 8), Data::Float(50_007.0));
    assert_eq!(at(&summary, row, 9), Data::String("tables/long.csv".to_owned()));
}

#[test]
fn the_same_tables_give_the_same_bytes() {
    let tables = report();
    assert!(bytes(&tables, french()) == bytes(&tables, french()));
}

#[test]
fn the_document_says_who_made_it_and_as_of_when_and_no_more() {
    let bytes = bytes(&report(), Language::english());
    let core = part(&bytes, "docProps/core.xml");
    assert_eq!(between(&core, "dc:title"), ["Was support in time? June 2024"]);
    assert_eq!(between(&core, "dc:creator"), ["punctual"]);
    assert_eq!(between(&core, "cp:lastModifiedBy"), ["punctual"]);
    assert_eq!(core.matches("2024-06-28T17:30:00Z").count(), 2);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let part = archive.by_index(index).unwrap();
        assert_eq!(part.last_modified().map(|time| time.year()), Some(1980), "{:?}", part.name());
    }
}

#[test]
fn charts_are_drawn_from_cells_that_are_there() {
    let (tables, language) = (report(), french());
    let bytes = bytes(&tables, language);
    let charts: Vec<String> = parts(&bytes)
        .into_iter()
        .filter(|(name, _)| name.starts_with("xl/charts/chart"))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(charts.len(), 3);
    let mut book = open(bytes);
    let figures = book.worksheet_range(&language.words.workbook.chart_figures).unwrap();
    for chart in &charts {
        let ranges = between(chart, "c:f");
        assert_eq!(ranges.len(), 6, "two series of a name, categories and figures each");
        assert!(ranges.iter().all(|range| range.starts_with("'Chiffres des graphiques'!$")), "{ranges:?}");
        assert_eq!(between(chart, "c:title").len(), 3, "the chart's and the axes' titles");
    }
    // By hand from by_severity.csv: severity 1, response.
    assert_eq!(at(&figures, 2, 0), Data::String("1".to_owned()));
    assert_eq!(at(&figures, 2, 1), Data::Float(0.9308755760368663));
    // The months of by_month.csv are 2023-05 to 2024-06; the last thirteen begin with June.
    assert_eq!(at(&figures, 2, 4), Data::String("juin 2023".to_owned()));
    assert_eq!(at(&figures, 14, 4), Data::String("juin 2024".to_owned()));
    assert_eq!(at(&figures, 15, 4), Data::Empty);
    // Ten customers and no more.
    assert!(matches!(at(&figures, 11, 8), Data::String(_)));
    assert_eq!(at(&figures, 12, 8), Data::Empty);
}

#[test]
fn a_month_in_which_nothing_was_measured_has_its_place_and_no_point() {
    let texts = |values: [&str; 3]| Values::Text(values.into_iter().map(Some).collect());
    let column = |name: &str, values| Column { name: name.into(), meaning: String::new(), values };
    let columns = vec![
        column("month", texts(["2023-11", "2024-01", "2024-01"])),
        column("metric", texts(["response", "response", "ticket"])),
        column("compliance", Values::Float(vec![Some(0.5), Some(1.0), Some(0.1)])),
    ];
    let pictures = figures::all(&[table("by_month", columns)], Language::english());
    assert_eq!(pictures[0].categories, ["Nov 2023", "Dec 2023", "Jan 2024"]);
    assert_eq!(pictures[0].series.len(), 1, "no update was measured");
    assert_eq!(pictures[0].series[0].figures, [Some(0.5), None, Some(1.0)]);
}

#[test]
fn without_figures_there_are_no_charts() {
    let empty: Vec<Table> = report()
        .into_iter()
        .map(|table| {
            let columns = table.columns.into_iter();
            let columns =
                columns.map(|column| Column { values: Values::Text(Texts::default()), ..column }).collect();
            Table { columns, ..table }
        })
        .collect();
    for tables in [empty.as_slice(), &[]] {
        let bytes = bytes(tables, Language::english());
        assert!(!parts(&bytes).iter().any(|(name, _)| name.starts_with("xl/charts/")));
        let mut expected = vec!["Summary"];
        expected.extend(tables.iter().map(|table| Language::english().table_tab(table)));
        expected.push("Definitions");
        assert_eq!(open(bytes).sheet_names(), expected);
    }
}

#[test]
fn every_column_of_every_sheet_is_defined() {
    let (tables, language) = (report(), french());
    let mut book = open(bytes(&tables, language));
    let range = book.worksheet_range("Définitions").unwrap();
    let rows: Vec<[String; 4]> = (0..range.end().unwrap().0 as usize + 1)
        .map(|row| [0, 1, 2, 3].map(|column| at(&range, row, column).to_string()))
        .collect();
    for table in &tables {
        for column in &table.columns {
            let [label, meaning] = [language.column_label(&column.name), language.column_meaning(column)];
            let tab = language.table_tab(table);
            let defined = |row: &&[String; 4]| {
                row[0] == label && row[1] == column.name && row[2] == meaning && row[3].contains(tab)
            };
            assert_eq!(rows.iter().filter(defined).count(), 1, "{}.{}", table.name, column.name);
        }
    }
}

#[test]
#[ignore = "writes punctual-en.xlsx and punctual-fr.xlsx to the folder of temporary files, to be looked at"]
fn the_sample_report_to_look_at() {
    for language in Language::all() {
        let path = std::env::temp_dir().join(format!("punctual-{}.xlsx", language.code()));
        std::fs::write(path, bytes(&report(), language)).unwrap();
    }
}
