//! The events of all tickets, in parts of consecutive tickets.
//!
//! Events come in any order and from several threads. They are kept as they come, ten bytes each,
//! in the part of their ticket; only when a part is measured are its events put side by side and
//! in order. What they come to does not depend on the order they came in.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::event::{Event, EventKind, Mark, TicketEvent, chain_changes};
use crate::buckets::starts;
use crate::calendar::Instant;
use crate::spill::{Piece, Spill, SpillError};

/// Consecutive tickets whose events are kept together, and that are measured together. Parts are
/// cut by this number alone, so that nothing depends on the number of threads.
pub const PART: usize = 16 * 1024;

/// Events of a part that are kept in one piece.
const CHUNK: usize = 4 * 1024;

/// Some events, and the ticket of each by its place in their part.
#[derive(Debug, Clone, Default)]
struct Chunk {
    marks: Vec<Mark>,
    tickets: Vec<u16>,
}

/// Bytes that an event takes.
const EVENT: usize = size_of::<Mark>() + size_of::<u16>();

impl Chunk {
    fn of_length(length: usize) -> Chunk {
        Chunk { marks: Vec::with_capacity(length), tickets: Vec::with_capacity(length) }
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.marks.len() * EVENT);
        self.marks.iter().for_each(|mark| bytes.extend_from_slice(&mark.to_bytes()));
        self.tickets.iter().for_each(|ticket| bytes.extend_from_slice(&ticket.to_le_bytes()));
        bytes
    }

    fn read(bytes: &[u8]) -> Chunk {
        let (marks, tickets) = bytes.split_at(bytes.len() / EVENT * size_of::<Mark>());
        Chunk {
            marks: marks.as_chunks().0.iter().map(|mark| Mark::of_bytes(*mark)).collect(),
            tickets: tickets.as_chunks().0.iter().map(|ticket| u16::from_le_bytes(*ticket)).collect(),
        }
    }
}

/// The events of a part's tickets, as they came.
#[derive(Debug, Clone, Default)]
pub struct EventPart {
    chunks: Vec<Chunk>,
    /// Chunks that memory had no room for.
    spilled: Vec<Piece>,
    spill: Option<Arc<Spill>>,
}

impl EventPart {
    fn add(&mut self, mut marks: &[Mark], mut tickets: &[u16]) -> Result<(), SpillError> {
        while !marks.is_empty() {
            if self.chunks.last().is_none_or(|chunk| chunk.marks.len() == CHUNK) {
                let next = self.next_chunk()?;
                self.chunks.push(next);
            }
            let Some(chunk) = self.chunks.last_mut() else { break };
            let count = marks.len().min(CHUNK - chunk.marks.len());
            let (now, later) = marks.split_at(count);
            let (now_tickets, later_tickets) = tickets.split_at(count);
            chunk.marks.extend_from_slice(now);
            chunk.tickets.extend_from_slice(now_tickets);
            (marks, tickets) = (later, later_tickets);
        }
        Ok(())
    }

    /// An empty chunk: a new one, or one of the part's own that is written to the file.
    fn next_chunk(&mut self) -> Result<Chunk, SpillError> {
        let Some(spill) = &self.spill else { return Ok(Chunk::of_length(CHUNK)) };
        if spill.may_keep((CHUNK * EVENT) as u64) {
            return Ok(Chunk::of_length(CHUNK));
        }
        // Each part has one chunk at least, however little memory there is.
        let Some(mut chunk) = self.chunks.pop() else { return Ok(Chunk::of_length(CHUNK)) };
        self.spilled.push(spill.write(&chunk.write())?);
        chunk.marks.clear();
        chunk.tickets.clear();
        Ok(chunk)
    }

    /// Takes the chunks back from the file.
    fn whole(mut self) -> Result<EventPart, SpillError> {
        if let Some(spill) = self.spill.take() {
            // What is grouped now is gone soon.
            spill.let_go(((self.chunks.len().saturating_sub(1)) * CHUNK * EVENT) as u64);
            for piece in self.spilled.drain(..) {
                self.chunks.push(Chunk::read(&spill.read(piece)?));
            }
        }
        Ok(self)
    }

    fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.marks.len()).sum::<usize>() + self.spilled.len() * CHUNK
    }

    /// The events ticket by ticket, each one's in order.
    ///
    /// # Errors
    /// Where what was written to a file cannot be read again.
    pub fn grouped(self) -> Result<GroupedEvents, SpillError> {
        let part = self.whole()?;
        let tickets = part.chunks.iter().flat_map(|chunk| &chunk.tickets);
        let starts = starts(PART, tickets.map(|ticket| usize::from(*ticket)));
        let mut marks = vec![Mark::new(Instant::MIN, EventKind::Reopened); part.len()];
        let mut next = starts.clone();
        for chunk in part.chunks {
            for (mark, ticket) in chunk.marks.iter().zip(&chunk.tickets) {
                let place = &mut next[usize::from(*ticket)];
                marks[*place] = *mark;
                *place += 1;
            }
        }
        let mut events = Vec::with_capacity(marks.len());
        for bounds in starts.windows(2) {
            let of_ticket = &mut marks[bounds[0]..bounds[1]];
            of_ticket.sort_unstable();
            let first = events.len();
            events.extend(of_ticket.iter().map(|mark| mark.event()));
            chain_changes(&mut events[first..]);
        }
        Ok(GroupedEvents { starts, events })
    }
}

/// The events of a part's tickets, side by side and in order.
#[derive(Debug, Clone)]
pub struct GroupedEvents {
    /// Where each ticket's events start, and at the end where the last one's end.
    starts: Vec<usize>,
    events: Vec<Event>,
}

impl GroupedEvents {
    /// The events of the ticket at a place of the part, in order.
    pub fn of(&self, place: usize) -> &[Event] {
        match self.starts.get(place..place + 2) {
            Some(bounds) => &self.events[bounds[0]..bounds[1]],
            None => &[],
        }
    }
}

/// Gathers the events of tickets that are known, from several threads.
#[derive(Debug)]
pub struct EventStore {
    parts: Vec<Mutex<EventPart>>,
    /// Why an event is missing.
    failed: OnceLock<SpillError>,
}

impl EventStore {
    /// A store for the events of so many tickets; where memory has a limit, with a file for the
    /// rest.
    pub fn new(tickets: usize, spill: Option<&Arc<Spill>>) -> EventStore {
        let part = |_| Mutex::new(EventPart { spill: spill.map(Arc::clone), ..EventPart::default() });
        EventStore { parts: (0..tickets.div_ceil(PART)).map(part).collect(), failed: OnceLock::new() }
    }

    /// Adds events of tickets within the store. What keeps it from that is told at the end.
    pub fn add(&self, events: &[TicketEvent]) {
        // By parts first, so that each part is asked for but once.
        let starts = starts(self.parts.len(), events.iter().map(|event| event.ticket as usize / PART));
        let mut marks = vec![Mark::new(Instant::MIN, EventKind::Reopened); events.len()];
        let mut tickets = vec![0_u16; events.len()];
        let mut next = starts.clone();
        for event in events {
            let place = &mut next[event.ticket as usize / PART];
            marks[*place] = Mark::new(event.at, event.kind);
            tickets[*place] = (event.ticket as usize % PART) as u16;
            *place += 1;
        }
        for (part, bounds) in self.parts.iter().zip(starts.windows(2)) {
            if bounds[0] < bounds[1] {
                // A part is added to and nothing else: whoever panicked left it whole.
                let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
                let added = part.add(&marks[bounds[0]..bounds[1]], &tickets[bounds[0]..bounds[1]]);
                if let Err(error) = added {
                    self.failed.get_or_init(|| error);
                }
            }
        }
    }

    /// All that was added.
    ///
    /// # Errors
    /// Where events could not be written to the file.
    pub fn finish(self) -> Result<Events, SpillError> {
        let part = |part: Mutex<EventPart>| part.into_inner().unwrap_or_else(PoisonError::into_inner);
        match self.failed.into_inner() {
            Some(error) => Err(error),
            None => Ok(Events { parts: self.parts.into_iter().map(part).collect() }),
        }
    }
}

/// The events of all tickets.
#[derive(Debug, Clone, Default)]
pub struct Events {
    parts: Vec<EventPart>,
}

impl Events {
    /// The events of `tickets` tickets, in whatever order they come.
    pub fn gathered(tickets: usize, events: &[TicketEvent]) -> Events {
        let store = EventStore::new(tickets, None);
        store.add(events);
        // Without a file nothing fails.
        store.finish().unwrap_or_default()
    }

    /// The parts, in the order of their tickets.
    pub fn into_parts(self) -> Vec<EventPart> {
        self.parts
    }

    /// The same events, where each ticket stands at the place at which `order` names its former one.
    ///
    /// # Errors
    /// Where what was written to a file cannot be read again.
    pub fn reordered(self, order: &[u32]) -> Result<Events, SpillError> {
        let mut now = vec![0_u32; order.len()];
        for (place, former) in (0..).zip(order) {
            now[*former as usize] = place;
        }
        let spill = self.parts.iter().find_map(|part| part.spill.clone());
        let store = EventStore::new(order.len(), spill.as_ref());
        for (number, part) in self.parts.into_iter().enumerate() {
            let part = part.whole()?;
            let former = |ticket: u16| number * PART + usize::from(ticket);
            for chunk in part.chunks {
                let event = |(mark, ticket): (&Mark, &u16)| {
                    let Event { at, kind } = mark.event();
                    TicketEvent { ticket: now[former(*ticket)], kind, at }
                };
                let events: Vec<_> = chunk.marks.iter().zip(&chunk.tickets).map(event).collect();
                store.add(&events);
            }
        }
        store.finish()
    }

    /// The events of the ticket at a place, in order; a whole part is gone through for them.
    ///
    /// # Errors
    /// Where what was written to a file cannot be read again.
    pub fn of(&self, ticket: usize) -> Result<Vec<Event>, SpillError> {
        match self.parts.get(ticket / PART) {
            Some(part) => Ok(part.clone().grouped()?.of(ticket % PART).to_vec()),
            None => Ok(Vec::new()),
        }
    }

    /// How many there are in all.
    pub fn len(&self) -> usize {
        self.parts.iter().map(EventPart::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The events of some of the tickets.
#[derive(Debug, Clone, Default)]
pub struct KeptEvents {
    /// In the order of the tickets, none without any.
    pieces: Vec<KeptPiece>,
}

#[derive(Debug, Clone, Default)]
struct KeptPiece {
    /// The places of the tickets, in order.
    places: Vec<u32>,
    /// Where each one's events end.
    ends: Vec<usize>,
    events: Vec<Event>,
}

impl KeptEvents {
    /// The events of the ticket at a place, in order; `None` where they were not kept.
    pub fn of(&self, ticket: usize) -> Option<&[Event]> {
        let ticket = u32::try_from(ticket).ok()?;
        let later = self.pieces.partition_point(|piece| piece.places.first().is_some_and(|at| *at <= ticket));
        let KeptPiece { places, ends, events } = self.pieces.get(later.checked_sub(1)?)?;
        let place = places.binary_search(&ticket).ok()?;
        let start = if place == 0 { 0 } else { ends[place - 1] };
        Some(&events[start..ends[place]])
    }

    /// Adds the events of a ticket whose place comes after all others.
    pub fn push(&mut self, ticket: u32, events: &[Event]) {
        if self.pieces.is_empty() {
            self.pieces.push(KeptPiece::default());
        }
        if let Some(piece) = self.pieces.last_mut() {
            piece.places.push(ticket);
            piece.events.extend_from_slice(events);
            piece.ends.push(piece.events.len());
        }
    }

    /// Adds those of tickets whose places come after all others.
    pub fn append(&mut self, others: KeptEvents) {
        self.pieces.extend(others.pieces);
    }

    /// The places of the tickets whose events were kept, in order.
    pub fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.pieces.iter().flat_map(|piece| &piece.places).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Severity;
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        Instant::from_micros(second * 1_000_000).unwrap()
    }

    fn of(events: &Events, ticket: usize) -> Vec<Event> {
        events.of(ticket).unwrap()
    }

    fn change(from: u8, to: u8) -> EventKind {
        EventKind::Severity { from: Severity::new(from), to: Severity::new(to).unwrap() }
    }

    #[test]
    fn events_of_one_instant_stand_in_the_order_of_the_rules() {
        let kinds = [
            EventKind::Resolved,
            EventKind::Waiting,
            EventKind::Communicated,
            EventKind::Resumed,
            EventKind::Reopened,
            change(3, 2),
        ];
        let events: Vec<_> =
            kinds.iter().map(|kind| TicketEvent { ticket: 1, kind: *kind, at: at(5) }).collect();
        let events = Events::gathered(2, &events);
        let sorted: Vec<_> = of(&events, 1).iter().map(|event| event.kind).collect();
        assert_eq!(sorted, kinds.iter().rev().copied().collect::<Vec<_>>());
        assert!(of(&events, 0).is_empty() && of(&events, 2).is_empty() && of(&events, PART).is_empty());
    }

    #[test]
    fn of_kept_events_those_of_no_event_differ_from_those_not_kept() {
        let event = |second| Event { kind: EventKind::Communicated, at: at(second) };
        let mut kept = KeptEvents::default();
        kept.push(2, &[]);
        let mut later = KeptEvents::default();
        later.push(3, &[event(7), event(8)]);
        later.push(5, &[event(9)]);
        kept.append(later);
        assert_eq!(kept.of(0), None);
        assert_eq!(kept.of(2), Some([].as_slice()));
        assert_eq!(kept.of(3), Some([event(7), event(8)].as_slice()));
        assert_eq!(kept.of(5), Some([event(9)].as_slice()));
        assert_eq!((kept.of(4), KeptEvents::default().of(0)), (None, None));
        assert!(kept.places().eq([2, 3, 5]));
    }

    #[test]
    fn changes_of_severity_of_one_instant_follow_one_another_in_any_order_of_rows() {
        let chained = [change(2, 3), change(3, 4), change(4, 1)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let batch: Vec<_> =
                order.iter().map(|i| TicketEvent { ticket: 0, kind: chained[*i], at: at(5) }).collect();
            let kinds: Vec<_> = of(&Events::gathered(1, &batch), 0).iter().map(|event| event.kind).collect();
            assert_eq!(kinds, chained);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        #[test]
        fn every_ticket_has_its_own_events_in_order_and_keeps_them_when_reordered(
            events in proptest::collection::vec((0..3 * PART as u32, 0..6_u8, 0..50_i64), 0..400),
            turn in 0..3 * PART,
        ) {
            let kinds = [EventKind::Reopened, EventKind::Resumed, EventKind::Replied, EventKind::Communicated,
                EventKind::Waiting, EventKind::Resolved];
            // Few tickets with many events each, in several parts.
            let event = |(ticket, kind, second): &(u32, u8, i64)| TicketEvent {
                ticket: ticket / 4_000 * 4_000, kind: kinds[usize::from(*kind)], at: at(*second),
            };
            let events: Vec<_> = events.iter().map(event).collect();
            let (first, second) = events.split_at(events.len() / 2);
            let store = EventStore::new(3 * PART, None);
            store.add(second);
            store.add(first);
            let gathered = store.finish().unwrap();
            prop_assert_eq!(gathered.len(), events.len());
            let mut order: Vec<u32> = (0..3 * PART as u32).collect();
            order.rotate_left(turn);
            let reordered = gathered.clone().reordered(&order).unwrap();
            for ticket in (0..3 * PART as u32).step_by(4_000) {
                let own = events.iter().filter(|event| event.ticket == ticket);
                let mut own: Vec<_> = own.map(|event| Event { at: event.at, kind: event.kind }).collect();
                own.sort();
                prop_assert_eq!(&of(&gathered, ticket as usize), &own);
                let now = (ticket as usize + 3 * PART - turn) % (3 * PART);
                prop_assert_eq!(&of(&reordered, now), &own);
            }
        }
    }

    #[test]
    fn what_memory_has_no_room_for_comes_back_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let event = |number: u32| TicketEvent {
            ticket: number % 40_000,
            kind: if number.is_multiple_of(3) { EventKind::Waiting } else { EventKind::Communicated },
            at: at(i64::from(number * 7_919 % 100_000)),
        };
        let events: Vec<_> = (0..200_000).map(event).collect();
        let whole = Events::gathered(40_000, &events);
        let spill = Arc::new(Spill::new(folder.path().to_owned(), 500_000));
        let store = EventStore::new(40_000, Some(&spill));
        events.chunks(10_000).for_each(|events| store.add(events));
        let spilled = store.finish().unwrap();
        // 2 MB of events, a quarter of which may be kept.
        assert!(spill.written() > 1_000_000, "{}", spill.written());
        assert_eq!(spilled.len(), whole.len());
        for ticket in (0..40_000).step_by(997) {
            assert_eq!(of(&spilled, ticket), of(&whole, ticket));
        }
        let order: Vec<u32> = (0..40_000).rev().collect();
        let reordered = spilled.reordered(&order).unwrap();
        assert_eq!(of(&reordered, 39_999), of(&whole, 0));
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_at_the_end() {
        let spill = Arc::new(Spill::new("/no/such/folder".into(), 0));
        let store = EventStore::new(1, Some(&spill));
        let event = TicketEvent { ticket: 0, kind: EventKind::Waiting, at: at(1) };
        store.add(&vec![event; 2 * CHUNK]);
        assert!(store.finish().is_err());
    }
}
