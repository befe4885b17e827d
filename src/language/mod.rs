//! The languages that reports speak: words, numbers and dates, one file of `languages/` each.
//!
//! A file is read once, into [`Words`]: a word that a file lacks, or has too many, fails the
//! tests. What the words are about (a title, a heading) stands where they are used; here is only
//! how figures and dates are written, which follows from the file too.

mod dates;
mod numbers;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;

pub(crate) use words::{Words, filled};

/// The files of `languages/`: their names and texts.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language of reports.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Its code, such as `fr`: the name of its file.
    #[serde(skip)]
    code: &'static str,
    /// What it calls itself.
    name: String,
    numbers: numbers::Numbers,
    dates: dates::Dates,
    pub(crate) words: Words,
    tables: BTreeMap<String, TableWords>,
    columns: BTreeMap<String, ColumnWords>,
    values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a table is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableWords {
    /// What it shows.
    title: String,
    /// A name short enough for the tab of a sheet: at most 31 letters.
    tab: String,
    /// What one row is; where it is left out the query's own words hold.
    grain: Option<String>,
}

/// What a column is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnWords {
    label: String,
    /// What it means; where it is left out the query's own words hold.
    meaning: Option<String>,
}

impl Language {
    /// The language of a code.
    pub fn named(code: &str) -> Option<&'static Language> {
        Language::all().iter().find(|language| language.code == code)
    }

    /// English, which there always is.
    pub fn english() -> &'static Language {
        Language::named("en").unwrap_or(&Language::all()[0])
    }

    /// All of them, by code.
    ///
    /// # Panics
    /// Never: a test reads every file.
    pub fn all() -> &'static [Language] {
        static ALL: OnceLock<Vec<Language>> = OnceLock::new();
        #[allow(clippy::expect_used, reason = "a test of this crate reads every language")]
        ALL.get_or_init(|| {
            FILES.iter().map(|(code, text)| read(code, text).expect("the language is sound")).collect()
        })
    }

    /// Its code, such as `fr`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title of a table; that of its query where the language has no words for it.
    pub(crate) fn table_title<'a>(&'a self, table: &'a crate::table::Table) -> &'a str {
        self.tables.get(&table.name).map_or(&table.title, |words| &words.title)
    }

    /// The name of a table's sheet.
    pub(crate) fn table_tab<'a>(&'a self, table: &'a crate::table::Table) -> &'a str {
        self.tables.get(&table.name).map_or(&table.name, |words| &words.tab)
    }

    /// What one row of a table is.
    pub(crate) fn table_grain<'a>(&'a self, table: &'a crate::table::Table) -> &'a str {
        let words = self.tables.get(&table.name).and_then(|words| words.grain.as_deref());
        words.unwrap_or(&table.grain)
    }

    /// What a column is called; its own name where the language has no words for it.
    pub(crate) fn column_label<'a>(&'a self, name: &'a str) -> &'a str {
        self.columns.get(name).map_or(name, |words| &words.label)
    }

    /// What a column means.
    pub(crate) fn column_meaning<'a>(&'a self, column: &'a crate::table::Column) -> &'a str {
        let words = self.columns.get(&column.name).and_then(|words| words.meaning.as_deref());
        words.unwrap_or(&column.meaning)
    }

    /// What a value of a column is called, such as the metric `response`; the value itself where
    /// the column holds names.
    pub(crate) fn value<'a>(&'a self, column: &str, value: &'a str) -> &'a str {
        self.values.get(column).and_then(|values| values.get(value)).map_or(value, String::as_str)
    }
}

impl Language {
    /// The causes of a change, joined by `+`, as they are called.
    pub(crate) fn causes(&self, causes: &str) -> String {
        causes.split('+').map(|cause| self.value("cause", cause)).collect::<Vec<_>>().join(" + ")
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.code)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Language) -> bool {
        self.code == other.code
    }
}

fn read(code: &'static str, text: &str) -> Result<Language, toml::de::Error> {
    toml::from_str::<Language>(text).map(|language| Language { code, ..language })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a file by their paths: `words.charts.title`.
    fn texts(text: &str) -> BTreeMap<String, String> {
        fn walk(path: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
            match value {
                toml::Value::Table(table) => {
                    for (key, value) in table {
                        walk(&format!("{path}.{key}"), value, into);
                    }
                }
                toml::Value::String(text) => {
                    into.insert(path.to_owned(), text.clone());
                }
                _ => {}
            }
        }
        let mut all = BTreeMap::new();
        walk("", &toml::Value::Table(toml::from_str(text).unwrap()), &mut all);
        all
    }

    /// The places in a text where something is put in: `{n}`.
    fn places(text: &str) -> std::collections::BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn every_file_is_a_language() {
        for (code, text) in FILES {
            if let Err(error) = read(code, text) {
                panic!("languages/{code}.toml: {error}");
            }
        }
        assert!(Language::named("en").is_some() && Language::named("fr").is_some());
        assert!(Language::named("xx").is_none());
    }

    #[test]
    fn every_language_puts_the_same_things_into_its_words() {
        let english = texts(FILES.iter().find(|(code, _)| *code == "en").unwrap().1);
        for (code, text) in FILES {
            let words = texts(text);
            for (path, text) in english.iter().filter(|(path, _)| path.starts_with(".words")) {
                assert_eq!(places(text), places(&words[path]), "languages/{code}.toml: {path}");
            }
            for path in words.keys().filter(|path| !path.ends_with(".meaning") && !path.ends_with(".grain")) {
                assert!(english.contains_key(path), "languages/{code}.toml: {path} is not in English");
            }
        }
    }

    #[test]
    fn a_sheets_tab_is_short_enough_for_a_spreadsheet() {
        for language in Language::all() {
            let mut tabs: Vec<_> = language.tables.values().map(|words| words.tab.as_str()).collect();
            for tab in &tabs {
                assert!(
                    tab.chars().count() <= 31 && !tab.contains(['[', ']', ':', '*', '?', '/', '\\']),
                    "{tab}"
                );
            }
            tabs.sort_unstable();
            tabs.dedup();
            assert_eq!(tabs.len(), language.tables.len(), "{language:?}: two tables of one tab");
        }
    }
}
