//! Where the fields of one table stand in one file: by what a profile says, or by what is likeliest.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fields::{FieldForm, TableForm};
use super::super::layout::Layout;
use super::super::profile::update;
use super::names;
use super::sample::{Column, Sample};
use super::times::Form;
use super::words::{self, Meaning};
use crate::calendar::Zone;

/// The fields that are times.
pub(super) const TIMES: [&str; 4] = ["submitted_at", "first_response_at", "resolved_at", "at"];

/// Where the fields of one table stand in one file.
pub(super) struct Reading<'a> {
    /// What the profile calls the table.
    pub(super) table: String,
    pub(super) sample: &'a Sample,
    /// What the fields are called.
    pub(super) names: &'static [&'static str],
    /// How the profile that is extended reads them.
    pub(super) base: Option<&'a TableForm>,
    /// The column of each field, by its place in the file.
    pub(super) columns: Vec<Option<usize>>,
    /// What of its cell is a ticket's id, where that is not all.
    pub(super) id_pattern: Option<&'static str>,
    /// Columns that are none of these fields.
    pub(super) taken: Vec<usize>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(table: &str, sample: &'a Sample, names: &'static [&'static str]) -> Reading<'a> {
        let columns = vec![None; names.len()];
        Reading {
            table: table.to_owned(),
            sample,
            names,
            base: None,
            columns,
            id_pattern: None,
            taken: Vec::new(),
        }
    }

    /// The fields as a profile finds them; `columns` are those that it asks for, by their places in the file.
    pub(super) fn over(
        form: &'a TableForm,
        layout: &Layout,
        columns: &[usize],
        reading: Reading<'a>,
    ) -> Reading<'a> {
        let column = |place: &Option<usize>| place.map(|place| columns[place]);
        Reading { base: Some(form), columns: layout.places.iter().map(column).collect(), ..reading }
    }

    pub(super) fn base_of(&self, field: usize) -> Option<&'a FieldForm> {
        self.base.map(|form| &form.fields[field])
    }

    pub(super) fn column(&self, field: usize) -> Option<&'a Column> {
        self.columns[field].map(|column| &self.sample.columns[column])
    }

    pub(super) fn header(&self, column: usize) -> &'a str {
        &self.sample.header[column]
    }

    /// Whether the profile that is extended says something of a field, or it is found.
    pub(super) fn knows(&self, field: usize) -> bool {
        self.columns[field].is_some() || self.base_of(field).is_some_and(FieldForm::is_given)
    }

    /// Finds the likeliest column for each of some fields, none for two.
    pub(super) fn find(&mut self, fields: &[usize]) {
        let lower: Vec<String> = self.sample.header.iter().map(|name| name.to_lowercase()).collect();
        let mut times = BTreeMap::<&str, usize>::new();
        lower.iter().for_each(|name| *times.entry(name).or_default() += 1);
        // A name that stands twice is none that a profile can say.
        let once = |column: usize| !lower[column].is_empty() && times[lower[column].as_str()] == 1;
        let mut pairs = Vec::new();
        for field in fields.iter().copied().filter(|field| !self.knows(*field)) {
            let aliases = names::of(self.kind(), self.names[field]);
            for column in (0..self.sample.header.len()).filter(|column| once(*column)) {
                let likeness = names::likeness(self.header(column), aliases);
                // A column that says one thing alone is seldom the one that is meant.
                let is_constant =
                    self.sample.columns[column].texts.as_ref().is_some_and(|texts| texts.len() == 1);
                let likeness = if is_constant && self.sample.rows > 1 { likeness / 2 } else { likeness };
                if likeness > 0 && self.can_be(field, column) {
                    pairs.push((likeness, field, column));
                }
            }
        }
        // The likeliest pairs first; of two alike that of the earlier field, then of the earlier column.
        pairs.sort_by_key(|(likeness, field, column)| (usize::MAX - likeness, *field, *column));
        for (_, field, column) in pairs {
            let is_free = !self.columns.contains(&Some(column)) && !self.taken.contains(&column);
            if is_free && self.columns[field].is_none() {
                self.columns[field] = Some(column);
            }
        }
    }

    /// Finds who wrote an update, where its author is told by role.
    pub(super) fn find_person(&mut self) {
        let is_role = self.columns[update::AUTHOR].is_some_and(|column| !is_a_person(self.header(column)));
        if is_role {
            self.find(&[update::PERSON]);
        }
    }

    /// Which of the three kinds of tables it is.
    fn kind(&self) -> &'static str {
        match self.table.as_str() {
            "tickets" => "tickets",
            "customers" => "customers",
            _ => "updates",
        }
    }

    /// Whether what stands in a column can be a field's.
    fn can_be(&self, field: usize, column: usize) -> bool {
        let column = &self.sample.columns[column];
        let texts = column.texts.as_ref().map_or(usize::MAX, |texts| texts.len());
        let is_time = || Form::of(column).is_some();
        match self.names[field] {
            name if TIMES.contains(&name) => is_time(),
            "severity" => (1..=12).contains(&texts),
            "tier" | "calendar" => texts <= 20 && !is_yes_or_no(column),
            "region" | "classification" | "state" | "kind" => texts < usize::MAX,
            "visibility" => {
                let meant = |text: &str| words::visibility("", text) != Meaning::Unknown;
                column.texts.iter().flatten().any(|text| meant(text.0))
            }
            "timezone" => {
                let said: Vec<&str> = column.said().take(200).collect();
                let zones = said.iter().filter(|text| Zone::named(text).is_ok()).count();
                zones * 10 >= said.len() * 6 && zones > 0
            }
            "sequence" => {
                column.said().take(50).all(|text| text.trim_end_matches(".0").parse::<u64>().is_ok())
            }
            _ => column.filled > 0 && !is_time(),
        }
    }
}

/// Whether all that a column says is yes or no.
fn is_yes_or_no(column: &Column) -> bool {
    let words = ["true", "false", "yes", "no", "y", "n", "t", "f", "0", "1"];
    column.texts.iter().flatten().all(|(text, _)| words.contains(&text.to_lowercase().as_str()))
}

/// Whether a column of authors names people rather than what they are.
pub(super) fn is_a_person(header: &str) -> bool {
    names::of("updates", "person").contains(&names::plain(header).as_str())
}

/// Where the fields of updates stand in a file whose rows belong to these tickets.
pub(super) fn of_updates<'a>(table: &str, sample: &'a Sample, ids: &BTreeSet<&str>) -> Option<Reading<'a>> {
    let share = |column: &Column, cut: &dyn Fn(&str) -> Option<String>| {
        let said: Vec<String> = column.said().filter_map(cut).take(2_000).collect();
        let met = said.iter().filter(|text| ids.contains(text.as_str())).count();
        (met * 1_000).checked_div(said.len()).unwrap_or(0)
    };
    let whole = |text: &str| Some(text.to_owned());
    let without_fraction = |text: &str| text.strip_suffix(".0").map(str::to_owned);
    let own = [names::of("tickets", "ticket_id"), names::of("updates", "ticket_id")].concat();
    let mut best: Option<(usize, usize, usize, Option<&'static str>)> = None;
    for (place, column) in sample.columns.iter().enumerate() {
        for (share, pattern) in
            [(share(column, &whole), None), (share(column, &without_fraction), Some(r"^\d+"))]
        {
            let likeness = names::likeness(&sample.header[place], &own);
            // Most of its rows belong to tickets; or its name says so and some of them do.
            let sound = share >= 500 || (likeness >= 1_000 && share >= 20);
            if sound && best.is_none_or(|best| (share, likeness) > (best.0, best.1)) {
                best = Some((share, likeness, place, pattern));
            }
        }
    }
    let (_, _, place, pattern) = best?;
    let mut reading = Reading::new(table, sample, update::NAMES);
    reading.columns[update::TICKET] = Some(place);
    reading.id_pattern = pattern;
    let fields = [update::AT, update::AUTHOR, update::VISIBILITY, update::STATE, update::SEQUENCE];
    reading.find(&fields);
    reading.columns[update::AT]?;
    reading.find_person();
    Some(reading)
}
