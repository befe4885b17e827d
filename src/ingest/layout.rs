//! Where the fields of a table stand in one file: found in its header by the names that the profile
//! gives, in any letter case, one of several alike where it says which.

use std::sync::Arc;

use super::IngestError;
use super::fields::{Occurrence, TableForm};
use super::profile::Source;

/// The columns of a file that are asked for.
#[derive(Debug)]
pub(super) struct Columns<'h> {
    file: &'h str,
    header: &'h [String],
    /// By their places in the file.
    columns: Vec<usize>,
    headers: Vec<String>,
}

/// Where the fields of a table stand in one file, each by its place among the columns asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) places: Vec<Option<usize>>,
    /// The same of fields that are nothing but what their cells say, if these say anything.
    direct: Vec<Option<usize>>,
    /// The columns that say whether a field is read.
    pub(super) conditions: Vec<Option<usize>>,
    /// The columns that a field may say the same as.
    pub(super) twins: Vec<Vec<Option<usize>>>,
    /// The column that says whether a row is of the table.
    pub(super) only: Option<usize>,
    /// The columns asked for, by their places in the file.
    pub(super) columns: Vec<usize>,
    /// The columns asked for, by their names in the file.
    pub(super) headers: Arc<Vec<String>>,
    texts: Vec<usize>,
    /// Where the updates stand that each row of tickets holds.
    pub(super) updates: Vec<RowUpdate>,
}

/// Where one update stands in a row of tickets.
#[derive(Debug, Clone)]
pub(super) struct RowUpdate {
    /// The source of updates by which it is read.
    pub(super) source: usize,
    /// The column that says by its being filled whether there is one; `None` where there always is.
    pub(super) each: Option<usize>,
    pub(super) layout: Layout,
}

impl Layout {
    /// Every column of a file, each at its own place.
    pub(super) fn of_all(header: &[String]) -> Layout {
        let columns: Vec<usize> = (0..header.len()).collect();
        Layout { headers: Arc::new(header.to_vec()), texts: columns.clone(), columns, ..Layout::default() }
    }

    /// The field whose column is at a place among those asked for.
    pub(super) fn field_of(&self, place: usize) -> Option<usize> {
        self.places.iter().position(|own| *own == Some(place))
    }

    /// The places of all that is no time.
    pub(super) fn texts(&self) -> impl Iterator<Item = usize> {
        let of_updates = self.updates.iter().flat_map(|update| update.layout.texts.iter());
        self.texts.iter().chain(of_updates).copied()
    }

    /// Where a field stands that is nothing but what its cell says; `None` for any other.
    #[inline]
    pub(super) fn direct(&self, field: usize) -> Option<usize> {
        self.direct.get(field).copied().flatten()
    }

    /// All places that a field is read from.
    pub(super) fn places_of(&self, field: usize) -> impl Iterator<Item = usize> {
        let twins = self.twins[field].iter().copied();
        [self.places[field], self.conditions[field]].into_iter().chain(twins).flatten()
    }
}

impl<'h> Columns<'h> {
    pub(super) fn of(file: &'h str, header: &'h [String]) -> Columns<'h> {
        Columns { file, header, columns: Vec::new(), headers: Vec::new() }
    }

    /// Asks for the first of these names that the file has.
    fn ask(&mut self, names: &[String], which: Occurrence) -> Result<Option<usize>, IngestError> {
        for name in names {
            let found = places(self.header, name);
            let column = match (which, found.as_slice()) {
                (_, []) => continue,
                (Occurrence::Only, [one]) | (Occurrence::Last, [.., one]) => *one,
                (Occurrence::Only, _) => {
                    let (file, column) = (self.file.to_owned(), name.clone());
                    return Err(IngestError::RepeatedColumn { file, column });
                }
                (Occurrence::Nth(number), found) => match found.get(number - 1) {
                    Some(column) => *column,
                    None => continue,
                },
            };
            return Ok(Some(self.take(column)));
        }
        Ok(None)
    }

    fn take(&mut self, column: usize) -> usize {
        self.columns.push(column);
        self.headers.push(self.header[column].clone());
        self.columns.len() - 1
    }

    /// Finds the fields of a table; those without a column of their own that are parts of the cell
    /// `each` stand there.
    fn find(&mut self, form: &TableForm, each: Option<usize>) -> Result<Layout, IngestError> {
        let mut layout = Layout::default();
        for (field, own) in form.fields.iter().enumerate() {
            let place = match each.filter(|_| own.columns.is_empty() && own.part.is_some()) {
                Some(each) => Some(each),
                None => self.ask(&own.columns, own.occurrence)?,
            };
            if place.is_none() && !own.is_given() && form.required.contains(&field) {
                return Err(self.missing(form, field));
            }
            layout.places.push(place);
            layout.direct.push(place.filter(|_| own.is_plain() && own.values.is_empty()));
            let condition = own.when.as_ref().map(|when| &when.column).filter(|_| place.is_some());
            layout.conditions.push(match condition {
                Some(name) => {
                    let asked = self.ask(std::slice::from_ref(name), Occurrence::Only)?;
                    Some(asked.ok_or_else(|| self.missing(form, field))?)
                }
                None => None,
            });
            let twins =
                own.twins.iter().map(|(name, _)| self.ask(std::slice::from_ref(name), Occurrence::Only));
            let twins = twins.collect::<Result<Vec<_>, _>>()?;
            // Else whoever is told by them would be taken for somebody else.
            if place.is_some() && !twins.is_empty() && twins.iter().all(Option::is_none) {
                let names: Vec<String> = own.twins.iter().map(|twin| twin.0.clone()).collect();
                return Err(self.missing_any(form, field, &names));
            }
            layout.twins.push(twins);
            let texts: Vec<usize> = match own.time.is_some() {
                true => layout.places_of(field).skip(1).collect(),
                false => layout.places_of(field).collect(),
            };
            layout.texts.extend(texts);
        }
        Ok(layout)
    }

    fn missing(&self, form: &TableForm, field: usize) -> IngestError {
        let own = &form.fields[field];
        let mut wanted = own.columns.clone();
        wanted.extend(own.when.as_ref().map(|when| when.column.clone()));
        self.missing_any(form, field, &wanted)
    }

    /// That the file has none of the columns that a field needs.
    fn missing_any(&self, form: &TableForm, field: usize, wanted: &[String]) -> IngestError {
        let column = match wanted {
            [] => "in the profile".to_owned(),
            names => names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or "),
        };
        let like = wanted.first().map_or(form.names[field].as_ref(), |name| name.as_str());
        let nearest = crate::document::suggestion(like, self.header);
        let (file, field, table) = (self.file.to_owned(), form.names[field].to_string(), form.table.clone());
        IngestError::MissingColumn { file, column, field, table, nearest }
    }

    fn finish(self, mut layout: Layout) -> Layout {
        let headers = Arc::new(self.headers);
        for update in &mut layout.updates {
            update.layout.headers = Arc::clone(&headers);
        }
        Layout { columns: self.columns, headers, ..layout }
    }
}

impl TableForm {
    /// Finds the fields in a file's header.
    pub(super) fn layout(&self, file: &str, header: &[String]) -> Result<Layout, IngestError> {
        self.layout_with(file, header, &[])
    }

    /// Finds the fields in a file's header, and those of the updates that each row holds by these
    /// sources.
    pub(super) fn layout_with(
        &self,
        file: &str,
        header: &[String],
        sources: &[(usize, &Source)],
    ) -> Result<Layout, IngestError> {
        let mut columns = Columns::of(file, header);
        let mut layout = columns.find(self, None)?;
        if let Some(only) = &self.only {
            let name = std::slice::from_ref(&only.column);
            // A file that has no such column is of this table alone.
            layout.only = columns.ask(name, Occurrence::Only)?;
            layout.texts.extend(layout.only);
        }
        for (place, source) in sources.iter().copied() {
            let cells: Vec<_> = match source.each.as_slice() {
                [] => vec![None],
                names => {
                    let found = names.iter().map(|name| places(header, name)).find(|found| !found.is_empty());
                    found.into_iter().flatten().map(|column| Some(columns.take(column))).collect()
                }
            };
            for each in cells {
                let layout_of_update = columns.find(&source.form, each)?;
                layout.updates.push(RowUpdate { source: place, each, layout: layout_of_update });
            }
        }
        Ok(columns.finish(layout))
    }

    /// What a file calls a field, or the field's own name where the file does not have it.
    pub(super) fn column(&self, layout: &Layout, field: usize) -> String {
        match layout.places[field] {
            Some(place) => layout.headers[place].clone(),
            None => self.names[field].to_string(),
        }
    }
}

/// The columns of this name; failing that, those whose names differ only in letter case.
fn places(header: &[String], name: &str) -> Vec<usize> {
    let all = |like: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|place| like(&header[*place])).collect()
    };
    match all(&|column| column == name) {
        found if found.is_empty() => {
            let lower = name.to_lowercase();
            all(&|column| column.to_lowercase() == lower)
        }
        found => found,
    }
}
