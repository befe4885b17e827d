//! From the cells of a row to the values of its fields, by a profile.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::IngestError;
use super::ledger::Reason;
use super::time::{LocalZone, Read, TimeForm, Written};
use crate::calendar::{LocalTime, Zone};

/// A cell as a file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    Text(&'a str),
    /// A point in real time, in microseconds of UTC.
    Instant(i64),
    /// A reading of some wall clock, in microseconds.
    Local(i64),
    /// Bytes that are no UTF-8.
    NotUtf8,
}

/// A row of a file.
pub(super) trait Row {
    /// The cell of a column, by its place among those that were asked for.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// The bytes of some neighbouring columns of the file as they stand there: rows in which these
    /// are the same have the same cells there. `None` where they do not stand side by side.
    fn bytes(&self, _columns: RangeInclusive<usize>) -> Option<&[u8]> {
        None
    }
}

/// What is wrong with a row: the field at fault, its value, why, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: Option<usize>,
    pub(super) value: String,
    pub(super) reason: Reason,
    pub(super) detail: String,
}

/// How one field is read.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldForm {
    /// The columns it may come from; the first that the file has is taken.
    pub(super) columns: Vec<String>,
    /// What every row has, as though it stood in it.
    pub(super) constant: Option<String>,
    /// What holds where neither the row nor the customers table says anything.
    pub(super) default: Option<String>,
    /// What spellings stand for; `*` for any other.
    pub(super) values: BTreeMap<String, String>,
    /// How its times are written, for a field that is a time.
    pub(super) time: Option<TimeForm>,
}

impl FieldForm {
    /// What a spelling stands for; `None` where that is nothing.
    #[inline]
    fn mapped<'r>(&'r self, text: Cow<'r, str>) -> Option<Cow<'r, str>> {
        if self.values.is_empty() {
            return Some(text);
        }
        match self.values.get(text.as_ref()).or_else(|| self.values.get("*")) {
            Some(value) => Some(value.as_str()).filter(|value| !value.is_empty()).map(Cow::Borrowed),
            None => Some(text),
        }
    }
}

/// How the fields of a table are read, and which texts mean that a cell is empty.
#[derive(Debug, Clone)]
pub(super) struct TableForm {
    pub(super) fields: Vec<FieldForm>,
    /// The table's name.
    pub(super) table: &'static str,
    /// What the fields are called.
    pub(super) names: Vec<&'static str>,
    /// The fields that a file must have a column for.
    pub(super) required: Vec<usize>,
    pub(super) empty: Vec<String>,
}

/// Where the fields of a table stand in one file: each field's place among the columns asked for.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) places: Vec<Option<usize>>,
    /// The columns asked for, by their places in the file.
    pub(super) columns: Vec<usize>,
    /// The columns asked for, by their names in the file.
    pub(super) headers: Vec<String>,
}

impl Layout {
    /// The field whose column is at a place among those asked for.
    pub(super) fn field_of(&self, place: usize) -> Option<usize> {
        self.places.iter().position(|own| *own == Some(place))
    }
}

impl TableForm {
    /// What a file calls a field, or the field's own name where the file does not have it.
    pub(super) fn column(&self, layout: &Layout, field: usize) -> String {
        match layout.places[field] {
            Some(place) => layout.headers[place].clone(),
            None => self.names[field].to_owned(),
        }
    }

    /// Finds the fields in a file's header.
    pub(super) fn layout(&self, file: &str, header: &[String]) -> Result<Layout, IngestError> {
        let mut layout = Layout { places: Vec::new(), columns: Vec::new(), headers: Vec::new() };
        for (field, form) in self.fields.iter().enumerate() {
            let found = form.columns.iter().find_map(|name| find(header, name).map(|found| (name, found)));
            let place = match found {
                Some((name, Found::Twice)) => {
                    return Err(IngestError::RepeatedColumn { file: file.to_owned(), column: name.clone() });
                }
                Some((_, Found::At(column))) => {
                    layout.columns.push(column);
                    layout.headers.push(header[column].clone());
                    Some(layout.columns.len() - 1)
                }
                None => None,
            };
            let given = form.constant.is_some() || form.default.is_some();
            if place.is_none() && !given && self.required.contains(&field) {
                return Err(self.missing(file, header, field));
            }
            layout.places.push(place);
        }
        Ok(layout)
    }

    fn missing(&self, file: &str, header: &[String], field: usize) -> IngestError {
        let wanted = &self.fields[field].columns;
        let column = match wanted.as_slice() {
            [] => "in the profile".to_owned(),
            names => names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or "),
        };
        let nearest =
            crate::document::suggestion(wanted.first().map_or(self.names[field], String::as_str), header);
        let (field, table) = (self.names[field], self.table);
        IngestError::MissingColumn { file: file.to_owned(), column, field, table, nearest }
    }

    /// The text of a field, or its default; `None` where there is neither.
    pub(super) fn text<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let default = self.fields[field].default.as_deref().map(Cow::Borrowed);
        Ok(self.own_text(layout, row, field)?.or(default))
    }

    /// The text of a field as the row has it, mapped; `None` where it is empty.
    #[inline]
    pub(super) fn own_text<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let form = &self.fields[field];
        let Some(place) = layout.places[field] else {
            return Ok(form.constant.as_deref().and_then(|constant| form.mapped(Cow::Borrowed(constant))));
        };
        let written = match row.cell(place) {
            Cell::Empty => None,
            Cell::Text(text) => self.filled(text).map(Cow::Borrowed),
            Cell::Instant(micros) | Cell::Local(micros) => {
                Some(Cow::Owned(LocalTime::from_micros(micros).to_string()))
            }
            Cell::NotUtf8 => {
                let detail = "save the file as UTF-8".to_owned();
                return Err(Fault {
                    field: Some(field),
                    value: String::new(),
                    reason: Reason::InvalidUtf8,
                    detail,
                });
            }
        };
        let Some(text) = written.or_else(|| form.constant.as_deref().map(Cow::Borrowed)) else {
            return Ok(None);
        };
        Ok(form.mapped(text))
    }

    /// The text of a field that must not be empty.
    pub(super) fn required<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Cow<'r, str>, Fault> {
        self.text(layout, row, field)?.ok_or_else(|| self.missing_value(field))
    }

    /// A field that must not be empty and is.
    pub(super) fn missing_value(&self, field: usize) -> Fault {
        let detail = format!("a {} is expected", self.names[field]);
        Fault { field: Some(field), value: String::new(), reason: Reason::MissingValue, detail }
    }

    /// Whether local times of a field are read on the clock of the ticket's customer.
    pub(super) fn is_on_the_customers_clock(&self, field: usize) -> bool {
        self.fields[field].time.as_ref().is_some_and(|time| matches!(time.zone, LocalZone::Customer))
    }

    /// The instant that a field's text stands for whoever the customer is, in microseconds of UTC;
    /// `None` where it stands for none, or where more is to be said of it.
    pub(super) fn certain_instant(&self, field: usize, text: &str) -> Option<i64> {
        let form = self.fields[field].time.as_ref()?;
        let read = form.instant(form.read(self.filled(text)?)?, &|| None).ok()?;
        (!read.ambiguous).then(|| read.instant.micros())
    }

    /// The instant of a field, for a customer in `zone`; `None` where it is empty.
    pub(super) fn instant<'z>(
        &self,
        layout: &Layout,
        row: &impl Row,
        field: usize,
        zone: &dyn Fn() -> Option<&'z Zone>,
    ) -> Result<Option<Read>, Fault> {
        let Some(place) = layout.places[field] else { return Ok(None) };
        let Some(form) = &self.fields[field].time else { return Ok(None) };
        let cell = row.cell(place);
        let written = match cell {
            Cell::Empty => return Ok(None),
            Cell::Instant(micros) => Some(Written::Instant(micros)),
            Cell::Local(micros) => Some(Written::Local(LocalTime::from_micros(micros))),
            Cell::Text(text) => match self.filled(text) {
                Some(text) => form.read(text),
                None => return Ok(None),
            },
            Cell::NotUtf8 => None,
        };
        let value = || match cell {
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Local(micros) | Cell::Instant(micros) => LocalTime::from_micros(micros).to_string(),
            _ => String::new(),
        };
        let fault = |reason, detail: String| Fault { field: Some(field), value: value(), reason, detail };
        let written =
            written.ok_or_else(|| fault(Reason::BadTimestamp, format!("{} is expected", form.expected())))?;
        form.instant(written, zone).map(Some).map_err(|reason| {
            let detail = match reason {
                Reason::TimeWithoutZone => {
                    "it has no offset: say in the profile in which zone such times are"
                }
                Reason::NonexistentLocalTime => "the clocks of its zone never showed this time",
                _ => "only times from 1900 to 2099 are supported",
            };
            fault(reason, detail.to_owned())
        })
    }

    /// A value that the field does not know.
    pub(super) fn unknown(&self, field: usize, value: &str, reason: Reason, expected: &str) -> Fault {
        Fault {
            field: Some(field),
            value: value.to_owned(),
            reason,
            detail: format!("{expected} is expected"),
        }
    }

    #[inline]
    fn filled<'t>(&self, text: &'t str) -> Option<&'t str> {
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        let text = match ends(text.as_bytes().first()) && ends(text.as_bytes().last()) {
            true => text,
            false => text.trim(),
        };
        let sentinel = || self.empty.iter().any(|empty| empty == text);
        (!text.is_empty() && !sentinel()).then_some(text)
    }
}

enum Found {
    At(usize),
    Twice,
}

/// The column of this name; failing that, the one whose name differs only in letter case.
fn find(header: &[String], name: &str) -> Option<Found> {
    let same = |like: &dyn Fn(&str) -> bool| {
        let mut places = (0..header.len()).filter(|place| like(&header[*place]));
        match (places.next(), places.next()) {
            (None, _) => None,
            (Some(place), None) => Some(Found::At(place)),
            (Some(_), Some(_)) => Some(Found::Twice),
        }
    };
    same(&|column| column == name).or_else(|| same(&|column| column.eq_ignore_ascii_case(name)))
}
