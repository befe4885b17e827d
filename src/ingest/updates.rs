//! The updates table: rows to events.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::RangeInclusive;

use rustc_hash::FxBuildHasher;

use super::IngestError;
use super::fields::{Fault, Row, TableForm};
use super::ids::Wanted;
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Warning};
use super::log::{Observation, Observed, settle};
use super::profile::{Source, update};
use super::reader::{Collector, FileReader, Part};
use super::repeats::{Repeats, of_cells, of_times};
use super::sorted::Sorted;
use super::tickets::severity_of;
use super::time::Read;
use crate::calendar::{Instant, Zone};
use crate::records::{EventKind, EventStore, TicketEvent};

/// What an update's row says, apart from its ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Update {
    pub(super) at: Instant,
    pub(super) ambiguous: bool,
    /// `None` for what measures nothing: system messages, internal notes.
    pub(super) kind: Option<EventKind>,
    pub(super) observed: Option<Observed>,
}

impl Update {
    /// That of a row that cannot be read.
    const NOTHING: Update = Update { at: Instant::MIN, ambiguous: false, kind: None, observed: None };

    /// Its place in the order of time.
    pub(super) fn moment(&self) -> (Instant, i64) {
        (self.at, self.observed.map_or(0, |observed| observed.sequence()))
    }

    /// Adds what it says to what is known of a ticket.
    pub(super) fn file_under(
        &self,
        ticket: u32,
        events: &mut Vec<TicketEvent>,
        observations: &mut Vec<Observation>,
    ) {
        let at = self.at;
        events.extend(self.kind.map(|kind| TicketEvent { ticket, kind, at }));
        observations.extend(self.observed.map(|observed| Observation { ticket, at, observed }));
    }

    /// Keeps, of what happened before a ticket was submitted, what an explanation tells; nothing
    /// measures it. A change of severity would tell others what was in force before them.
    pub(super) fn file_early(&self, ticket: u32, events: &mut Vec<TicketEvent>) {
        let told = self.kind.filter(|kind| !matches!(kind, EventKind::Severity { .. }));
        events.extend(told.map(|kind| TicketEvent { ticket, kind, at: self.at }));
    }
}

/// Reads an update's fields.
pub(super) fn read_update<'z>(
    form: &TableForm,
    layout: &Layout,
    row: &impl Row,
    zone: &dyn Fn() -> Option<&'z Zone>,
) -> Result<Update, Fault> {
    let at = read_time(form, layout, row, zone)?;
    Ok(read_what(form, layout, row)?.at(at))
}

fn read_time<'z>(
    form: &TableForm,
    layout: &Layout,
    row: &impl Row,
    zone: &dyn Fn() -> Option<&'z Zone>,
) -> Result<Read, Fault> {
    let at = form.instant(layout, row, update::AT, zone)?;
    at.ok_or_else(|| form.missing_value(update::AT))
}

/// What an update's row says, apart from its ticket and its time.
#[derive(Debug, Clone, Copy)]
struct What {
    kind: Option<EventKind>,
    observed: Option<Observed>,
}

impl What {
    fn at(self, at: Read) -> Update {
        Update { at: at.instant, ambiguous: at.ambiguous, kind: self.kind, observed: self.observed }
    }
}

/// The part that the profile gives to the person who wrote an update, whatever their role.
fn own_part<'r>(
    form: &'r TableForm,
    layout: &Layout,
    row: &'r impl Row,
) -> Result<Option<Cow<'r, str>>, Fault> {
    if form.fields[update::PERSON].values.is_empty() {
        return Ok(None);
    }
    let person = form.text(layout, row, update::PERSON)?;
    Ok(person.filter(|part| matches!(part.as_ref(), "support" | "customer" | "system")))
}

fn read_what(form: &TableForm, layout: &Layout, row: &impl Row) -> Result<What, Fault> {
    let author = match own_part(form, layout, row)? {
        Some(part) => part,
        None => form.required(layout, row, update::AUTHOR)?,
    };
    let unknown =
        |place, value: &str, expected| Err(form.unknown(place, value, Reason::UnknownValue, expected));
    let author = match author.as_ref() {
        "support" => Some(EventKind::Communicated),
        "customer" => Some(EventKind::Replied),
        "system" => None,
        other => return unknown(update::AUTHOR, other, "support, customer or system"),
    };
    let public = match form.text(layout, row, update::VISIBILITY)?.as_deref() {
        None | Some("public") => true,
        Some("internal") => false,
        Some(other) => return unknown(update::VISIBILITY, other, "public or internal"),
    };
    let severity = |place: usize| match form.text(layout, row, place)? {
        None => Ok(None),
        Some(text) => match severity_of(&text) {
            Some(severity) => Ok(Some(severity)),
            None => Err(form.unknown(place, &text, Reason::BadSeverity, "a severity of 1 to 4")),
        },
    };
    let kind = match form.text(layout, row, update::KIND)?.as_deref() {
        None | Some("comment") => author.filter(|_| public),
        Some("severity") => {
            let to = severity(update::VALUE)?.ok_or_else(|| form.missing_value(update::VALUE))?;
            Some(EventKind::Severity { from: severity(update::OLD_VALUE)?, to })
        }
        Some("waiting") => Some(EventKind::Waiting),
        Some("resumed") => Some(EventKind::Resumed),
        Some("resolved") => Some(EventKind::Resolved),
        Some("reopened") => Some(EventKind::Reopened),
        // What an export tells besides, such as another assignee.
        Some("other") => None,
        Some(other) => {
            return unknown(
                update::KIND,
                other,
                "comment, severity, waiting, resumed, resolved, reopened or other",
            );
        }
    };
    let observed = Observed::read(form, layout, row, severity(update::SEVERITY)?)?;
    Ok(What { kind, observed })
}

/// What rows of the same bytes say: authors, kinds and values are few, and where their columns
/// stand side by side their bytes together are read but once.
#[derive(Debug, Default)]
struct Seen {
    /// The columns of the file that hold them; known from the first row on.
    span: Option<Span>,
    /// By some bits of the bytes' hash.
    rows: Vec<Option<SeenRow>>,
    room: Vec<u8>,
}

/// The bytes of a row's span, what they say, and the fingerprint of the cells in it.
type SeenRow = (Vec<u8>, What, u64);

/// The columns of a file from the first to the last that says what an update is.
#[derive(Debug)]
struct Span {
    /// `None` where what differs from row to row belongs to it.
    columns: Option<RangeInclusive<usize>>,
    /// The texts within them, each with its number among all texts and its place.
    within: Vec<(usize, usize)>,
    /// All other texts.
    apart: Vec<(usize, usize)>,
}

impl Span {
    fn of(layout: &Layout) -> Span {
        let columns = neighbours(layout);
        let is_within = |(_, place): &(usize, usize)| {
            columns.as_ref().is_some_and(|columns| columns.contains(&layout.columns[*place]))
        };
        let (within, apart) = layout.texts().enumerate().partition(is_within);
        Span { columns, within, apart }
    }
}

impl Seen {
    /// How many different rows are remembered.
    const ROWS: usize = 256;

    /// What a row says, and the fingerprint of its texts.
    fn what(&mut self, form: &TableForm, layout: &Layout, row: &impl Row) -> Result<(What, u64), Fault> {
        let span = self.span.get_or_insert_with(|| Span::of(layout));
        let apart = of_cells(row, span.apart.iter().copied());
        let within = || of_cells(row, span.within.iter().copied());
        let bytes = match &span.columns {
            Some(columns) => row.bytes(columns.clone(), &span.within, &mut self.room),
            None => None,
        };
        let Some(bytes) = bytes else {
            return Ok((read_what(form, layout, row)?, apart.wrapping_add(within())));
        };
        if self.rows.is_empty() {
            self.rows.resize(Self::ROWS, None);
        }
        let seen = &mut self.rows[FxBuildHasher.hash_one(bytes) as usize % Self::ROWS];
        let (what, within) = match seen.as_ref().filter(|seen| seen.0 == bytes) {
            Some((_, what, within)) => (*what, *within),
            None => {
                let (what, within) = (read_what(form, layout, row)?, within());
                *seen = Some((bytes.to_vec(), what, within));
                (what, within)
            }
        };
        Ok((what, apart.wrapping_add(within)))
    }
}

/// The columns of a file from the first to the last that says what an update is, where neither its
/// ticket nor its time stands among them, and no column numbers the rows.
fn neighbours(layout: &Layout) -> Option<RangeInclusive<usize>> {
    let columns = |field: usize| layout.places_of(field).map(|place| layout.columns[place]);
    let what = [
        update::AUTHOR,
        update::PERSON,
        update::VISIBILITY,
        update::KIND,
        update::VALUE,
        update::OLD_VALUE,
        update::STATE,
        update::SEVERITY,
    ];
    let said = || what.into_iter().flat_map(columns);
    let span = said().min()?..=said().max()?;
    let mut varied = [update::TICKET, update::AT].into_iter().flat_map(columns);
    // A number is part of what a row says, wherever it stands.
    let is_numbered = layout.places_of(update::SEQUENCE).next().is_some();
    (!is_numbered && varied.all(|column| !span.contains(&column))).then_some(span)
}

/// What one part of a file comes to.
#[derive(Debug, Default)]
pub(super) struct UpdateBatch {
    seen: Seen,
    waiting: Waiting,
    events: Vec<TicketEvent>,
    observations: Vec<Observation>,
    fingerprints: Vec<u64>,
    latest: Option<Instant>,
    /// What is wrong with rows that waited.
    wrong: Vec<(u64, Fault)>,
}

/// How many rows wait until their tickets are looked up: side by side that is several times faster
/// than one by one, and so many stay in the processor's own memory.
const TOGETHER: usize = 1024;

/// Rows that are read, whose tickets are looked up together.
#[derive(Debug, Default)]
struct Waiting {
    ids: Wanted,
    rows: Vec<(u64, Update, u64)>,
    /// Rows that cannot be read, by their places. Where there is no such ticket, that is what is
    /// wrong with them.
    faults: Vec<(usize, Fault)>,
}

struct Rows<'a> {
    form: &'a TableForm,
    tickets: &'a Sorted,
    store: &'a EventStore,
}

impl Rows<'_> {
    fn no_ticket(&self, id: &str) -> Fault {
        self.form.unknown(update::TICKET, id, Reason::UnknownTicket, "the id of an accepted ticket")
    }

    fn accept(
        &self,
        (place, submitted): (u32, Instant),
        (line, update, fingerprint): (u64, &Update, u64),
        part: &mut Part<UpdateBatch>,
    ) {
        part.batch.fingerprints.push(fingerprint);
        if update.ambiguous {
            part.warn(line, Warning::AmbiguousLocalTime);
        }
        part.batch.latest = part.batch.latest.max(Some(update.at));
        if update.at < submitted {
            part.warn(line, Warning::EventBeforeSubmission);
            update.file_early(place, &mut part.batch.events);
            return;
        }
        update.file_under(place, &mut part.batch.events, &mut part.batch.observations);
    }

    /// Looks up the tickets of the rows that wait.
    fn look_up(&self, part: &mut Part<UpdateBatch>) {
        let mut waiting = std::mem::take(&mut part.batch.waiting);
        let mut faults = waiting.faults.drain(..).peekable();
        let places = self.tickets.find_all(&waiting.ids);
        // In a loop of their own, so that they are waited for together.
        let submitted = |place: u32| (place, self.tickets.tickets.submitted(place as usize));
        let tickets: Vec<_> = places.into_iter().map(|place| place.map(submitted)).collect();
        for (row, ticket) in tickets.into_iter().enumerate() {
            let (line, update, print) = &waiting.rows[row];
            let fault = faults.next_if(|fault| fault.0 == row);
            match (ticket, fault) {
                (None, _) => part.batch.wrong.push((*line, self.no_ticket(&waiting.ids.get(row)))),
                (Some(_), Some((_, fault))) => part.batch.wrong.push((*line, fault)),
                (Some(ticket), None) => self.accept(ticket, (*line, update, *print), part),
            }
        }
        drop(faults);
        waiting.ids.clear();
        waiting.rows.clear();
        part.batch.waiting = waiting;
    }
}

impl Collector for Rows<'_> {
    type Batch = UpdateBatch;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn reserve(&self, rows: usize, batch: &mut UpdateBatch) {
        batch.events.reserve_exact(rows);
        batch.fingerprints.reserve_exact(rows);
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<UpdateBatch>,
    ) -> Result<(), Fault> {
        let id = self.form.required(layout, row, update::TICKET)?;
        if self.form.is_on_the_customers_clock(update::AT) {
            let place = self.tickets.find(&id).ok_or_else(|| self.no_ticket(&id))?;
            let zone = || self.tickets.zone(place).map(|zone| &**zone);
            let update = read_update(self.form, layout, row, &zone)?;
            let print = of_cells(row, layout.texts().enumerate());
            let print = print.wrapping_add(of_times(&[update.at.micros()]));
            let submitted = self.tickets.tickets.submitted(place as usize);
            self.accept((place, submitted), (line, &update, print), part);
            return Ok(());
        }
        let UpdateBatch { seen, waiting, .. } = &mut part.batch;
        let read = read_time(self.form, layout, row, &|| None);
        let read = read.and_then(|at| Ok((at, seen.what(self.form, layout, row)?)));
        let (update, print) = match read {
            Ok((at, (what, print))) => (what.at(at), print.wrapping_add(of_times(&[at.instant.micros()]))),
            Err(fault) => {
                waiting.faults.push((waiting.rows.len(), fault));
                (Update::NOTHING, 0)
            }
        };
        waiting.ids.push(&id);
        waiting.rows.push((line, update, print));
        if waiting.rows.len() == TOGETHER {
            self.look_up(part);
        }
        Ok(())
    }

    fn finish(&self, part: &mut Part<UpdateBatch>) -> Vec<(u64, Fault)> {
        self.look_up(part);
        self.store.add(&std::mem::take(&mut part.batch.events));
        std::mem::take(&mut part.batch.wrong)
    }
}

/// Reads the update files into the store of events, each by its source, and gives their latest
/// instant.
pub(super) fn read(
    files: &[(&Source, FileReader<'_>)],
    (tickets, store): (&Sorted, &EventStore),
    ledger: &mut Ledger,
) -> Result<Option<Instant>, IngestError> {
    let (mut latest, mut observations) = (None, Vec::new());
    let mut repeats = Repeats::default();
    for (place, (source, file)) in files.iter().enumerate() {
        let mut fingerprints = Vec::new();
        for batch in file.read(&Rows { form: &source.form, tickets, store }, ledger)? {
            latest = latest.max(batch.latest);
            observations.extend(batch.observations);
            fingerprints.push(batch.fingerprints);
        }
        let again = repeats.count(fingerprints, place + 1 == files.len());
        ledger.warn(file.file, Warning::IdenticalDuplicate, again);
    }
    store.add(&settle(observations));
    Ok(latest)
}
