//! From the cells of a row to the values of its fields, by a profile.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::Arc;

use regex::Regex;

use super::layout::Layout;
use super::ledger::Reason;
use super::lookups::Lookups;
use super::spellings::{Spellings, matches};
use super::time::{LocalZone, Read, TimeForm, Unit, Written};
use crate::calendar::{Instant, LocalTime, Zone};

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

impl<'a> Cell<'a> {
    /// Its text, if it holds one.
    #[inline]
    pub(super) const fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Empty | Cell::NotUtf8 | Cell::Instant(_) | Cell::Local(_) => None,
        }
    }
}

/// A row of a file.
pub(super) trait Row {
    /// The cell of a column, by its place among those that were asked for.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// The same where it is a text.
    #[inline]
    fn text(&self, column: usize) -> Option<&str> {
        self.cell(column).text()
    }

    /// Bytes of some neighbouring columns of the file: rows in which these are the same have the
    /// same cells there. `places` are those of the columns that are asked for, each with a number;
    /// bytes that do not stand side by side are put into the room. `None` where that is no faster
    /// than to look at the cells.
    fn bytes<'s>(
        &'s self,
        _columns: RangeInclusive<usize>,
        _places: &[(usize, usize)],
        _room: &'s mut Vec<u8>,
    ) -> Option<&'s [u8]> {
        None
    }
}

/// What is wrong with a row: the field at fault, its value, why, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: Option<usize>,
    /// The column by its name in the file, where the field does not tell it.
    pub(super) column: Option<String>,
    pub(super) value: String,
    pub(super) reason: Reason,
    pub(super) detail: String,
}

impl Fault {
    /// A fault of a field.
    pub(super) fn of(field: usize, value: String, reason: Reason, detail: String) -> Fault {
        Fault { field: Some(field), column: None, value, reason, detail }
    }

    /// The fault with the name of its column, for who does not know the table that it is a fault of.
    pub(super) fn named(self, form: &TableForm, layout: &Layout) -> Fault {
        let column = self.field.map(|field| form.column(layout, field));
        Fault { field: None, column, ..self }
    }
}

/// Which of several columns of one name is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// There must be one alone.
    #[default]
    Only,
    /// This one, from 1.
    Nth(usize),
    /// The last.
    Last,
}

/// A piece of a cell that holds several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartOf {
    /// Its place, from 1.
    pub(super) number: usize,
    /// What stands between the pieces.
    pub(super) separator: String,
}

impl PartOf {
    /// The piece; `None` where there are not as many.
    fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.split(self.separator.as_str()).nth(self.number - 1)
    }
}

/// That a field is read only from rows in which another column says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    pub(super) column: String,
    /// What the column may say, in lower case; a `*` stands for any run of characters.
    pub(super) says: Vec<String>,
}

/// A column of another table, found by what a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LookedUp {
    /// The table's place among those of the profile.
    pub(super) table: usize,
    /// The column's place among those that are taken from it.
    pub(super) column: usize,
}

/// How one field is read.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldForm {
    /// The columns it may come from; the first that the file has is taken.
    pub(super) columns: Vec<String>,
    pub(super) occurrence: Occurrence,
    /// Where a cell holds several things, which of them.
    pub(super) part: Option<PartOf>,
    /// What of the cell is meant: the first group of the pattern, or all that it meets.
    pub(super) pattern: Option<Regex>,
    pub(super) when: Option<When>,
    /// What it is where it says the same as another column.
    pub(super) twins: Vec<(String, String)>,
    pub(super) lookup: Option<LookedUp>,
    /// What every row has, as though it stood in it.
    pub(super) constant: Option<String>,
    /// What holds where neither the row nor the customers table says anything.
    pub(super) default: Option<String>,
    /// What spellings stand for.
    pub(super) values: Spellings,
    /// How its times are written, for a field that is a time.
    pub(super) time: Option<TimeForm>,
    /// Where a time is told by how long after the submission it was: in what.
    pub(super) after_submission: Option<Unit>,
}

impl FieldForm {
    /// Whether it has a value though no column holds it.
    pub(super) fn is_given(&self) -> bool {
        self.constant.is_some() || self.default.is_some()
    }

    /// Whether it is nothing but what its cell says.
    pub(super) fn is_plain(&self) -> bool {
        self.is_whole_cell() && self.lookup.is_none() && self.twins.is_empty()
    }

    /// What a spelling stands for; `None` where that is nothing.
    #[inline]
    fn mapped<'r>(&'r self, text: Cow<'r, str>) -> Option<Cow<'r, str>> {
        if self.values.is_empty() {
            return Some(text);
        }
        match self.values.get(text.as_ref()) {
            Some(value) => Some(value).filter(|value| !value.is_empty()).map(Cow::Borrowed),
            None => Some(text),
        }
    }

    /// What of a cell's text is meant.
    #[inline]
    fn cut<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = match &self.part {
            Some(part) => part.of(text)?.trim(),
            None => text,
        };
        match &self.pattern {
            None => Some(text),
            Some(pattern) => {
                let found = pattern.captures(text)?;
                found.get(1).or_else(|| found.get(0)).map(|found| found.as_str())
            }
        }
    }

    /// Whether it is read from the whole of its cell, whatever else the row says.
    fn is_whole_cell(&self) -> bool {
        self.part.is_none()
            && self.pattern.is_none()
            && self.when.is_none()
            && self.after_submission.is_none()
    }
}

/// What a row says of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<'r> {
    /// A text, which stands for what its spelling does.
    Spelling(Cow<'r, str>),
    /// What it stands for is known otherwise.
    Meant(Cow<'r, str>),
}

/// How the fields of a table are read, and which texts mean that a cell is empty.
#[derive(Debug, Clone)]
pub(super) struct TableForm {
    pub(super) fields: Vec<FieldForm>,
    /// The table's name.
    pub(super) table: String,
    /// What its files are called in a folder, without their endings.
    pub(super) files: Vec<String>,
    /// What the fields are called.
    pub(super) names: Vec<Cow<'static, str>>,
    /// Which rows are of this table; `None` where all are.
    pub(super) only: Option<When>,
    /// The fields that a file must have a column for.
    pub(super) required: Vec<usize>,
    pub(super) empty: Vec<String>,
    /// The tables that fields are looked up in, once they are read.
    pub(super) lookups: Arc<Lookups>,
}

impl TableForm {
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

    /// The text of a field that is nothing but what its cell says, if that is a text.
    #[inline]
    fn direct_text<'r>(&self, layout: &Layout, row: &'r impl Row, field: usize) -> Option<&'r str> {
        self.filled(row.text(layout.direct(field)?)?)
    }

    /// The text of a field as the row has it, mapped; `None` where it is empty.
    #[inline]
    pub(super) fn own_text<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        // What follows comes to the same; but most fields are this.
        if let Some(text) = self.direct_text(layout, row, field) {
            return Ok(Some(Cow::Borrowed(text)));
        }
        Ok(match self.said(layout, row, field)? {
            Some(Said::Spelling(text)) => self.fields[field].mapped(text),
            Some(Said::Meant(meaning)) => Some(meaning).filter(|meaning| !meaning.is_empty()),
            None => None,
        })
    }

    /// What a row says of a field, before spellings are looked at; `None` where that is nothing.
    #[inline]
    pub(super) fn said<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Option<Said<'r>>, Fault> {
        let form = &self.fields[field];
        let Some(place) = layout.places[field] else {
            return Ok(form.constant.as_deref().map(|constant| Said::Spelling(Cow::Borrowed(constant))));
        };
        if !self.applies(layout, row, field)? {
            return Ok(None);
        }
        let written = match row.cell(place) {
            Cell::Empty => None,
            Cell::Text(text) => self.filled(text).and_then(|text| form.cut(text)).map(Cow::Borrowed),
            Cell::Instant(micros) | Cell::Local(micros) => {
                let text = LocalTime::from_micros(micros).to_string();
                self.filled(&text).and_then(|text| form.cut(text)).map(|text| Cow::Owned(text.to_owned()))
            }
            Cell::NotUtf8 => return Err(not_utf8(field)),
        };
        let written = written.filter(|text| !text.is_empty());
        let Some(text) = written.or_else(|| form.constant.as_deref().map(Cow::Borrowed)) else {
            return Ok(None);
        };
        if !form.twins.is_empty() {
            for ((_, meaning), place) in form.twins.iter().zip(&layout.twins[field]) {
                if let Some(Cell::Text(other)) = place.map(|place| row.cell(place))
                    && self.filled(other) == Some(&*text)
                {
                    return Ok(Some(Said::Meant(Cow::Borrowed(meaning))));
                }
            }
        }
        Ok(match form.lookup {
            None => Some(Said::Spelling(text)),
            Some(lookup) => match form.values.particular(&text) {
                Some(meaning) => Some(Said::Meant(Cow::Borrowed(meaning))),
                None => self.lookups.get(lookup, &text).map(|found| Said::Spelling(Cow::Borrowed(found))),
            },
        })
    }

    /// What a field that is looked up is looked up by, whether it is found or not.
    pub(super) fn key(&self, layout: &Layout, row: &impl Row, field: usize) -> Option<String> {
        match row.cell(layout.places[field]?) {
            Cell::Text(text) => {
                self.filled(text).and_then(|text| self.fields[field].cut(text)).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Whether the row says that a field is to be read from it.
    #[inline]
    fn applies(&self, layout: &Layout, row: &impl Row, field: usize) -> Result<bool, Fault> {
        let (Some(place), Some(when)) = (layout.conditions[field], &self.fields[field].when) else {
            return Ok(true);
        };
        self.says(row, place, when).ok_or_else(|| not_utf8(field))
    }

    /// Whether a column says what it must; `None` where it is no text.
    fn says(&self, row: &impl Row, place: usize, when: &When) -> Option<bool> {
        match row.cell(place) {
            Cell::Text(text) => Some(self.filled(text).is_some_and(|text| {
                let text = text.to_lowercase();
                when.says.iter().any(|pattern| matches(pattern, &text))
            })),
            Cell::NotUtf8 => None,
            Cell::Empty | Cell::Instant(_) | Cell::Local(_) => Some(false),
        }
    }

    /// Whether a row is of this table: so is one of which that cannot be read.
    #[inline]
    pub(super) fn is_own(&self, layout: &Layout, row: &impl Row) -> bool {
        let (Some(place), Some(only)) = (layout.only, &self.only) else { return true };
        self.says(row, place, only).unwrap_or(true)
    }

    /// The text of a field that must not be empty.
    pub(super) fn required<'r>(
        &'r self,
        layout: &Layout,
        row: &'r impl Row,
        field: usize,
    ) -> Result<Cow<'r, str>, Fault> {
        self.text(layout, row, field)?.ok_or_else(|| self.not_found(layout, row, field))
    }

    /// A field that must not be empty and is: its cell, or what that is looked up to.
    fn not_found(&self, layout: &Layout, row: &impl Row, field: usize) -> Fault {
        let key = self.fields[field].lookup.and_then(|_| self.key(layout, row, field));
        let Some(key) = key else { return self.missing_value(field) };
        let reason = match self.names[field].as_ref() {
            "ticket_id" => Reason::UnknownTicket,
            _ => Reason::UnknownValue,
        };
        let detail = format!("the table in which the {} is looked up has none for this", self.names[field]);
        Fault::of(field, key, reason, detail)
    }

    /// A field that must not be empty and is.
    pub(super) fn missing_value(&self, field: usize) -> Fault {
        let name = &self.names[field];
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let detail = format!("{article} {name} is expected");
        Fault::of(field, String::new(), Reason::MissingValue, detail)
    }

    /// Whether local times of a field are read on the clock of the ticket's customer.
    pub(super) fn is_on_the_customers_clock(&self, field: usize) -> bool {
        self.fields[field].time.as_ref().is_some_and(|time| matches!(time.zone, LocalZone::Customer))
    }

    /// The instant that a field's text stands for whoever the customer is, in microseconds of UTC;
    /// `None` where it stands for none, or where more is to be said of it.
    pub(super) fn certain_instant(&self, field: usize, text: &str) -> Option<i64> {
        let field = Some(&self.fields[field]).filter(|field| field.is_whole_cell())?;
        let form = field.time.as_ref()?;
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
        let own = &self.fields[field];
        let Some(form) = &own.time else { return Ok(None) };
        if let Some(written) = self.direct_text(layout, row, field).and_then(|text| form.read(text))
            && let Ok(read) = form.instant(written, zone)
        {
            return Ok(Some(read));
        }
        if !self.applies(layout, row, field)? {
            return Ok(None);
        }
        let cell = row.cell(place);
        let meant = |text| self.filled(text).and_then(|text| own.cut(text)).filter(|text| !text.is_empty());
        let is_empty = |micros| {
            !self.empty.is_empty() && self.filled(&LocalTime::from_micros(micros).to_string()).is_none()
        };
        let written = match cell {
            Cell::Empty => return Ok(None),
            Cell::Instant(micros) | Cell::Local(micros) if is_empty(micros) => return Ok(None),
            Cell::Instant(micros) => Some(Written::Instant(micros)),
            Cell::Local(micros) => Some(Written::Local(LocalTime::from_micros(micros))),
            Cell::Text(text) => match meant(text) {
                Some(text) => form.read(text),
                None => return Ok(None),
            },
            Cell::NotUtf8 => return Err(not_utf8(field)),
        };
        let value = || match cell {
            // Only the part that was to be a time: what stands beside it may be a ticket's text.
            Cell::Text(text) => meant(text).unwrap_or_default().to_owned(),
            Cell::Local(micros) | Cell::Instant(micros) => LocalTime::from_micros(micros).to_string(),
            _ => String::new(),
        };
        let fault = |reason, detail: String| Fault::of(field, value(), reason, detail);
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

    /// The instant of a field that says how long after the submission it was.
    pub(super) fn after(
        &self,
        layout: &Layout,
        row: &impl Row,
        field: usize,
        submitted: Instant,
    ) -> Result<Option<Instant>, Fault> {
        let (Some(unit), Some(text)) =
            (self.fields[field].after_submission, self.own_text(layout, row, field)?)
        else {
            return Ok(None);
        };
        let fault = |reason, detail| Fault::of(field, text.to_string(), reason, detail);
        let elapsed = unit.micros(&text).ok_or_else(|| {
            fault(Reason::BadTimestamp, format!("{} from the submission on is expected", unit.expected()))
        })?;
        let micros = submitted.micros().saturating_add(elapsed);
        let instant = Instant::from_micros(micros).map_err(|_| {
            fault(Reason::TimeOutOfSpan, "only times from 1900 to 2099 are supported".to_owned())
        })?;
        Ok(Some(instant))
    }

    /// A value that the field does not know.
    pub(super) fn unknown(&self, field: usize, value: &str, reason: Reason, expected: &str) -> Fault {
        Fault::of(field, value.to_owned(), reason, format!("{expected} is expected"))
    }

    /// Whether a cell holds anything.
    pub(super) fn is_filled(&self, cell: Cell<'_>) -> bool {
        match cell {
            Cell::Empty => false,
            Cell::Text(text) => self.filled(text).is_some(),
            Cell::Instant(_) | Cell::Local(_) | Cell::NotUtf8 => true,
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

fn not_utf8(field: usize) -> Fault {
    let detail = "bytes that are no text in the file's encoding: say in the profile which it is, such as encoding = \"windows-1252\"";
    Fault::of(field, String::new(), Reason::InvalidUtf8, detail.to_owned())
}
