//! A TOML document read key by key: policies, profiles and settings.
//!
//! What is wrong in it is a [`Flaw`]: the file, the line, the column, what was found, what was
//! expected. A key that nobody asked for is a flaw too, and names the nearest key that is known,
//! so that a typo is never silently a default.

use std::fmt;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// Something wrong in a TOML document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The file, or the name of a built-in document.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, in characters from 1.
    pub column: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for Flaw {}

/// A TOML text and the name it goes by in messages.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The file, or the name of a built-in document.
    pub file: &'a str,
    /// The TOML.
    pub text: &'a str,
}

impl<'a> Document<'a> {
    /// Parses the text and hands its top table to `read`, then sees that every key was asked for.
    ///
    /// # Errors
    /// The first flaw: of the TOML itself, of what `read` found, or a key that nobody asked for.
    pub fn read<T>(self, read: impl FnOnce(&mut Section<'_>) -> Result<T, Flaw>) -> Result<T, Flaw> {
        if let Some(offset) = too_deep(self.text) {
            let message = format!("brackets open {DEEPEST} deep here: is one above not closed?");
            return Err(self.flaw(offset, message));
        }
        let table = DeTable::parse(self.text).map_err(|error| {
            self.flaw(error.span().map_or(0, |span| span.start), error.message().trim().to_owned())
        })?;
        let mut section =
            Section { document: self, path: String::new(), table: table.get_ref(), asked: Vec::new() };
        let value = read(&mut section)?;
        section.nothing_unasked()?;
        Ok(value)
    }

    fn flaw(self, offset: usize, message: impl Into<String>) -> Flaw {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |place| place + 1);
        Flaw {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// A table of a document, while it is read.
#[derive(Debug)]
pub struct Section<'d> {
    document: Document<'d>,
    path: String,
    table: &'d DeTable<'d>,
    asked: Vec<String>,
}

impl<'d> Section<'d> {
    /// The value of a key, if it is there.
    pub fn get(&mut self, key: &str) -> Option<Entry<'d>> {
        self.asked.push(key.to_owned());
        let (name, value) = self.table.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(self.entry(name, value))
    }

    /// Every key with its value, in the order of their names; for tables whose keys are data.
    pub fn all(&mut self) -> Vec<(String, Entry<'d>)> {
        let names: Vec<_> = self.table.iter().map(|(name, _)| name.get_ref().clone().into_owned()).collect();
        self.asked.extend(names);
        self.table
            .iter()
            .map(|(name, value)| (name.get_ref().clone().into_owned(), self.entry(name, value)))
            .collect()
    }

    /// Reads the table under a key, if it is there; every key in it must be asked for.
    ///
    /// # Errors
    /// Where it is no table, where `read` finds a flaw, where a key was not asked for.
    pub fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'d>) -> Result<T, Flaw>,
    ) -> Result<Option<T>, Flaw> {
        self.get(key).map(|entry| entry.section(read)).transpose()
    }

    /// A flaw at the start of the document, for what is missing in it.
    pub fn flaw(&self, message: impl Into<String>) -> Flaw {
        let offset = self.table.keys().map(|key| key.span().start).min().unwrap_or(0);
        self.document.flaw(offset, message)
    }

    fn entry(&self, name: &Spanned<std::borrow::Cow<'d, str>>, value: &'d Spanned<DeValue<'d>>) -> Entry<'d> {
        let path = match self.path.is_empty() {
            true => name.get_ref().clone().into_owned(),
            false => format!("{}.{}", self.path, name.get_ref()),
        };
        Entry { document: self.document, path, key_at: name.span().start, value }
    }

    fn nothing_unasked(&self) -> Result<(), Flaw> {
        let unasked = self.table.keys().find(|name| !self.asked.iter().any(|asked| asked == name.get_ref()));
        let Some(name) = unasked else { return Ok(()) };
        let place = if self.path.is_empty() { String::new() } else { format!(" in [{}]", self.path) };
        let message =
            format!("unknown key `{}`{place}{}", name.get_ref(), suggestion(name.get_ref(), &self.asked));
        Err(self.document.flaw(name.span().start, message))
    }
}

/// How deep brackets may stand within one another. The parser limits it too, but goes on after a
/// fault, and what it reads then may be as deep as the stack is not.
const DEEPEST: usize = 100;

/// Where brackets stand too deep within one another, if they do.
fn too_deep(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            kind @ (TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket) => {
                open.push(kind);
                if open.len() > DEEPEST {
                    return Some(token.span().start());
                }
            }
            TokenKind::RightSquareBracket if open.last() == Some(&TokenKind::LeftSquareBracket) => {
                open.pop();
            }
            TokenKind::RightCurlyBracket if open.last() == Some(&TokenKind::LeftCurlyBracket) => {
                open.pop();
            }
            _ => {}
        }
    }
    None
}

/// `; did you mean …` for the known word nearest to what was written, else a list of them all.
pub fn suggestion<S: AsRef<str>>(written: &str, known: &[S]) -> String {
    let likeness = |word: &str| strsim::jaro_winkler(word, written);
    let nearest = known.iter().map(AsRef::as_ref).max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        Some(nearest) if likeness(nearest) > 0.75 => format!("; did you mean `{nearest}`?"),
        Some(_) => {
            let known: Vec<_> = known.iter().map(|word| format!("`{}`", word.as_ref())).collect();
            format!("; known here: {}", known.join(", "))
        }
        None => String::new(),
    }
}

/// A value of a document, and where it stands.
#[derive(Debug, Clone)]
pub struct Entry<'d> {
    document: Document<'d>,
    path: String,
    key_at: usize,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Entry<'d> {
    /// Text.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn text(&self) -> Result<String, Flaw> {
        self.value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.expected("a text in quotes"))
    }

    /// One of a few known words, each with what it stands for.
    ///
    /// # Errors
    /// Where it is no text, or a word that is not among them.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, Flaw> {
        let text = self.text()?;
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Ok(*value),
            None => {
                Err(self.flaw(format!("`{}` cannot be \"{text}\"{}", self.path, suggestion(&text, &words))))
            }
        }
    }

    /// The digits of a number, as they were written; or a text.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn number_or_text(&self) -> Result<String, Flaw> {
        match self.value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
            DeValue::Float(number) => Ok(number.as_str().to_owned()),
            DeValue::String(text) => Ok(text.clone().into_owned()),
            _ => Err(self.expected("a number, or a text in quotes")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn integer(&self) -> Result<i64, Flaw> {
        let number = self.value.get_ref().as_integer();
        let value = number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        value.ok_or_else(|| self.expected("a whole number"))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn boolean(&self) -> Result<bool, Flaw> {
        self.value.get_ref().as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// A local date.
    ///
    /// # Errors
    /// Where it is anything else, a date with a time included.
    pub fn date(&self) -> Result<NaiveDate, Flaw> {
        let date = self
            .value
            .get_ref()
            .as_datetime()
            .filter(|value| value.time.is_none())
            .and_then(|value| value.date);
        date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
            .ok_or_else(|| self.expected("a date, such as 2024-05-01 (without quotes)"))
    }

    /// The values of a list.
    ///
    /// # Errors
    /// Where it is no list.
    pub fn list(&self) -> Result<Vec<Entry<'d>>, Flaw> {
        let values = self.value.get_ref().as_array().ok_or_else(|| self.expected("a list in [ ]"))?;
        let place = |value: &'d Spanned<DeValue<'d>>| value.span().start;
        Ok(values
            .iter()
            .map(|value| Entry {
                document: self.document,
                path: self.path.clone(),
                key_at: place(value),
                value,
            })
            .collect())
    }

    /// A list, or the one value that stands in its place.
    ///
    /// # Errors
    /// None now; it mirrors the other readers.
    pub fn one_or_list(&self) -> Result<Vec<Entry<'d>>, Flaw> {
        if self.value.get_ref().is_array() { self.list() } else { Ok(vec![self.clone()]) }
    }

    /// Reads a table; every key in it must be asked for.
    ///
    /// # Errors
    /// Where it is no table, where `read` finds a flaw, where a key was not asked for.
    pub fn section<T>(&self, read: impl FnOnce(&mut Section<'d>) -> Result<T, Flaw>) -> Result<T, Flaw> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.expected("a table"))?;
        let mut section =
            Section { document: self.document, path: self.path.clone(), table, asked: Vec::new() };
        let value = read(&mut section)?;
        section.nothing_unasked()?;
        Ok(value)
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Whether it is a date.
    pub fn is_date(&self) -> bool {
        self.value.get_ref().is_datetime()
    }

    /// A flaw at this value.
    pub fn flaw(&self, message: impl Into<String>) -> Flaw {
        self.document.flaw(self.value.span().start, message)
    }

    /// A flaw at this value's key.
    pub fn key_flaw(&self, message: impl Into<String>) -> Flaw {
        self.document.flaw(self.key_at, message)
    }

    fn expected(&self, what: &str) -> Flaw {
        self.flaw(format!("`{}` must be {what}, not {}", self.path, a_type(self.value.get_ref())))
    }
}

fn a_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> String {
        let read = |section: &mut Section<'_>| {
            section.get("name").map(|entry| entry.text()).transpose()?;
            section.section("inner", |inner| inner.get("days").map(|days| days.integer()).transpose())
        };
        Document { file: "f.toml", text }.read(read).unwrap_err().to_string()
    }

    #[test]
    fn brackets_however_deep_are_a_flaw_and_no_overflow() {
        let hostile = [
            "a = [",
            "[",
            "a = {a = ",
            "e = {  { 1 = 2 }\n",
            "[ } { b= ]",
            "[[",
            "{[",
            "x=[{a=]",
            "{a = \"]\" , b = [",
        ];
        for repeated in hostile {
            let told = flaw(&repeated.repeat(100_000));
            assert!(told.starts_with("f.toml:"), "{told}");
        }
        assert!(flaw(&format!("a = {}", "[".repeat(101))).contains("brackets open 100 deep here"));
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest_known_one() {
        assert_eq!(
            flaw("name = \"x\"\n\n[inner]\n dasy = 1"),
            "f.toml:4:2: unknown key `dasy` in [inner]; did you mean `days`?"
        );
        assert_eq!(flaw("zzz = 1"), "f.toml:1:1: unknown key `zzz`; known here: `name`, `inner`");
    }

    #[test]
    fn a_wrong_type_says_what_was_expected_and_found() {
        assert_eq!(flaw("# é\nname = 3"), "f.toml:2:8: `name` must be a text in quotes, not a whole number");
        assert_eq!(flaw("inner = 3"), "f.toml:1:9: `inner` must be a table, not a whole number");
    }

    #[test]
    fn broken_toml_names_its_line() {
        assert!(flaw("name = \"x\"\nname = ").starts_with("f.toml:2:"), "{}", flaw("name = \"x\"\nname = "));
    }
}
