//! The updates table: rows to events.

use super::IngestError;
use super::fields::{Fault, Layout, Row, TableForm};
use super::ledger::{Ledger, Reason, Warning};
use super::log::{Observation, Observed, settle};
use super::profile::{Profile, update};
use super::reader::{Collector, FileReader, Part};
use super::tickets::{Sorted, severity_of};
use crate::calendar::{Instant, Zone};
use crate::records::{EventKind, TicketEvent};

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
}

/// Reads an update's fields; `shift` is where they begin among those of the layout.
pub(super) fn read_update<'z>(
    form: &TableForm,
    shift: usize,
    layout: &Layout,
    row: &impl Row,
    zone: &dyn Fn() -> Option<&'z Zone>,
) -> Result<Update, Fault> {
    let field = |field: usize| field + shift;
    let at = form.instant(layout, row, field(update::AT), zone)?;
    let at = at.ok_or_else(|| form.missing_value(field(update::AT)))?;
    let author = form.required(layout, row, field(update::AUTHOR))?;
    let unknown =
        |place, value: &str, expected| Err(form.unknown(field(place), value, Reason::UnknownValue, expected));
    let author = match author.as_ref() {
        "support" => Some(EventKind::Communicated),
        "customer" => Some(EventKind::Replied),
        "system" => None,
        other => return unknown(update::AUTHOR, other, "support, customer or system"),
    };
    let public = match form.text(layout, row, field(update::VISIBILITY))?.as_deref() {
        None | Some("public") => true,
        Some("internal") => false,
        Some(other) => return unknown(update::VISIBILITY, other, "public or internal"),
    };
    let severity = |place: usize| match form.text(layout, row, field(place))? {
        None => Ok(None),
        Some(text) => match severity_of(&text) {
            Some(severity) => Ok(Some(severity)),
            None => Err(form.unknown(field(place), &text, Reason::BadSeverity, "a severity of 1 to 4")),
        },
    };
    let kind = match form.text(layout, row, field(update::KIND))?.as_deref() {
        None | Some("comment") => author.filter(|_| public),
        Some("severity") => {
            let to = severity(update::VALUE)?.ok_or_else(|| form.missing_value(field(update::VALUE)))?;
            Some(EventKind::Severity { from: severity(update::OLD_VALUE)?, to })
        }
        Some("waiting") => Some(EventKind::Waiting),
        Some("resumed") => Some(EventKind::Resumed),
        Some("resolved") => Some(EventKind::Resolved),
        Some("reopened") => Some(EventKind::Reopened),
        Some(other) => {
            return unknown(update::KIND, other, "comment, severity, waiting, resumed, resolved or reopened");
        }
    };
    let observed = Observed::read(form, shift, layout, row, severity(update::SEVERITY)?)?;
    Ok(Update { at: at.instant, ambiguous: at.ambiguous, kind, observed })
}

#[derive(Debug, Default)]
pub(super) struct UpdateBatch {
    events: Vec<TicketEvent>,
    observations: Vec<Observation>,
    latest: Option<Instant>,
}

struct Rows<'a> {
    form: &'a TableForm,
    tickets: &'a Sorted,
}

impl Collector for Rows<'_> {
    type Batch = UpdateBatch;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        _: u64,
        part: &mut Part<UpdateBatch>,
    ) -> Result<(), Fault> {
        let form = self.form;
        let id = form.required(layout, row, update::TICKET)?;
        let place = self.tickets.find(&id).ok_or_else(|| {
            form.unknown(update::TICKET, &id, Reason::UnknownTicket, "the id of an accepted ticket")
        })?;
        let zone = || self.tickets.zone(place).map(|zone| &**zone);
        let update = read_update(form, 0, layout, row, &zone)?;
        if update.ambiguous {
            part.warn(Warning::AmbiguousLocalTime);
        }
        part.batch.latest = part.batch.latest.max(Some(update.at));
        if update.at < self.tickets.tickets.submitted(place as usize) {
            part.warn(Warning::EventBeforeSubmission);
            return Ok(());
        }
        update.file_under(place, &mut part.batch.events, &mut part.batch.observations);
        Ok(())
    }
}

/// Reads the update files into batches of events, and takes their latest instant into account.
pub(super) fn read(
    files: &[FileReader<'_>],
    profile: &Profile,
    tickets: &Sorted,
    latest: &mut Option<Instant>,
    ledger: &mut Ledger,
) -> Result<Vec<Vec<TicketEvent>>, IngestError> {
    let collector = Rows { form: &profile.updates, tickets };
    let mut batches = Vec::new();
    let mut observations = Vec::new();
    for file in files {
        for batch in file.read(&collector, ledger)? {
            *latest = (*latest).max(batch.latest);
            batches.push(batch.events);
            observations.extend(batch.observations);
        }
    }
    batches.push(settle(observations));
    Ok(batches)
}
