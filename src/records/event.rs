//! What happened to a ticket, as far as a measurement depends on it.

use crate::calendar::Instant;
use crate::policy::Severity;

/// What an event is. Their order is the order in which events of one instant are taken:
/// severity, reopened, resumed and communications, waiting, resolved.
///
/// System messages and internal notes measure nothing and are no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// The severity became another.
    Severity {
        /// What it was before, where the export says.
        from: Option<Severity>,
        /// What it is from now on.
        to: Severity,
    },
    /// A resolved ticket was opened again.
    Reopened,
    /// The customer is no longer waited for.
    Resumed,
    /// A public comment by the customer.
    Replied,
    /// A public comment by support.
    Communicated,
    /// The customer is waited for.
    Waiting,
    /// The ticket was resolved.
    Resolved,
}

/// An event of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub kind: EventKind,
}

/// An event and the place of its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketEvent {
    /// The ticket's place.
    pub ticket: u32,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub at: Instant,
}

/// The events of all tickets, each ticket's side by side and in order.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// Where each ticket's events start, and at the end where the last one's end.
    starts: Vec<usize>,
    events: Vec<Event>,
}

impl Events {
    /// Puts the events of `tickets` tickets side by side, in order whatever order they came in.
    pub fn grouped(tickets: usize, batches: Vec<Vec<TicketEvent>>) -> Events {
        let mut starts = vec![0; tickets + 1];
        for event in batches.iter().flatten() {
            starts[event.ticket as usize + 1] += 1;
        }
        for place in 0..tickets {
            starts[place + 1] += starts[place];
        }
        let blank = Event { at: Instant::MIN, kind: EventKind::Reopened };
        let mut events = vec![blank; starts[tickets]];
        let mut next = starts.clone();
        for batch in batches {
            for event in batch {
                let place = &mut next[event.ticket as usize];
                events[*place] = Event { at: event.at, kind: event.kind };
                *place += 1;
            }
        }
        for pair in starts.windows(2) {
            in_order(&mut events[pair[0]..pair[1]]);
        }
        Events { starts, events }
    }

    /// The same events, where each ticket stands at the place at which `order` names its former one.
    pub fn reordered(&self, order: &[u32]) -> Events {
        let mut starts = Vec::with_capacity(order.len() + 1);
        let mut events = Vec::with_capacity(self.events.len());
        starts.push(0);
        for place in order {
            events.extend_from_slice(self.of(*place as usize));
            starts.push(events.len());
        }
        Events { starts, events }
    }

    /// The events of the ticket at a place, in order.
    pub fn of(&self, ticket: usize) -> &[Event] {
        match self.starts.get(ticket..ticket + 2) {
            Some(bounds) => &self.events[bounds[0]..bounds[1]],
            None => &[],
        }
    }

    /// The events of some tickets alone, whose places come in order.
    pub fn only(&self, places: &[u32]) -> KeptEvents {
        let mut kept = KeptEvents::default();
        for place in places {
            kept.push(*place, self.of(*place as usize));
        }
        kept.events.events.shrink_to_fit();
        kept
    }

    /// How many there are in all.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// The events of some of the tickets.
#[derive(Debug, Clone, Default)]
pub struct KeptEvents {
    /// The places of those tickets, in order.
    places: Vec<u32>,
    /// Their events, by the place in `places`.
    events: Events,
}

impl KeptEvents {
    /// The events of the ticket at a place, in order; `None` where they were not kept.
    pub fn of(&self, ticket: usize) -> Option<&[Event]> {
        let place = self.places.binary_search(&u32::try_from(ticket).ok()?).ok()?;
        Some(self.events.of(place))
    }

    /// Adds the events of a ticket whose place comes after all others.
    pub fn push(&mut self, ticket: u32, events: &[Event]) {
        if self.events.starts.is_empty() {
            self.events.starts.push(0);
        }
        self.places.push(ticket);
        self.events.events.extend_from_slice(events);
        self.events.starts.push(self.events.events.len());
    }

    /// The places of the tickets whose events were kept, in order.
    pub fn places(&self) -> &[u32] {
        &self.places
    }
}

/// Sorts a ticket's events by time and, within an instant, by kind; of several changes of
/// severity in one instant, each that starts from what another ended in comes after it.
fn in_order(events: &mut [Event]) {
    events.sort_unstable();
    let mut start = 0;
    while start < events.len() {
        let at = events[start].at;
        let same = events[start..]
            .iter()
            .take_while(|event| event.at == at && matches!(event.kind, EventKind::Severity { .. }))
            .count();
        if same > 1 {
            chain(&mut events[start..start + same]);
        }
        start += same.max(1);
    }
}

/// Orders changes of severity of one instant so that each follows the one it starts from, as far
/// as they say so. They come sorted, so that the order is the same whatever order they came in.
fn chain(changes: &mut [Event]) {
    let ends = |event: &Event| match event.kind {
        EventKind::Severity { from, to } => (from, Some(to)),
        _ => (None, None),
    };
    // The first is one that starts from what no other ends in; each next starts where it ended.
    for place in 0..changes.len() {
        let rest = &changes[place..];
        let follows = |event: &&Event| place > 0 && ends(event).0 == ends(&changes[place - 1]).1;
        let leads = |event: &&Event| {
            let from = ends(event).0;
            from.is_some() && !rest.iter().any(|other| other != *event && ends(other).1 == from)
        };
        let next = rest
            .iter()
            .position(|event| follows(&event))
            .or_else(|| rest.iter().position(|event| leads(&event)));
        if let Some(next) = next {
            changes[place..=place + next].rotate_right(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_micros(second * 1_000_000).unwrap()
    }

    fn change(from: u8, to: u8) -> EventKind {
        EventKind::Severity { from: Severity::new(from), to: Severity::new(to).unwrap() }
    }

    #[test]
    fn an_event_is_small() {
        assert_eq!(size_of::<TicketEvent>(), 16);
        assert_eq!(size_of::<Event>(), 16);
        assert_eq!(size_of::<Option<Instant>>(), 8);
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
        let batch = kinds.iter().map(|kind| TicketEvent { ticket: 1, kind: *kind, at: at(5) }).collect();
        let grouped = Events::grouped(2, vec![batch]);
        let sorted: Vec<_> = grouped.of(1).iter().map(|event| event.kind).collect();
        assert_eq!(sorted, kinds.iter().rev().copied().collect::<Vec<_>>());
        assert!(grouped.of(0).is_empty() && grouped.of(2).is_empty());
    }

    #[test]
    fn of_kept_events_those_of_no_event_differ_from_those_not_kept() {
        let event = |ticket, second| TicketEvent { ticket, kind: EventKind::Communicated, at: at(second) };
        let all = Events::grouped(4, vec![vec![event(3, 8), event(0, 5), event(3, 7)]]);
        let kept = all.only(&[2, 3]);
        assert_eq!(kept.of(0), None);
        assert_eq!(kept.of(2), Some([].as_slice()));
        assert_eq!(kept.of(3), Some(all.of(3)));
        assert_eq!((kept.of(4), KeptEvents::default().of(0)), (None, None));
    }

    #[test]
    fn reordered_events_stay_with_their_ticket() {
        let event = |ticket, second| TicketEvent { ticket, kind: EventKind::Waiting, at: at(second) };
        let grouped = Events::grouped(3, vec![vec![event(0, 1), event(2, 3), event(0, 2)]]);
        let reordered = grouped.reordered(&[2, 1, 0]);
        assert_eq!(reordered.of(0), grouped.of(2));
        assert!(reordered.of(1).is_empty() && reordered.of(3).is_empty());
        assert_eq!(reordered.of(2), grouped.of(0));
        assert_eq!(reordered.len(), 3);
    }

    #[test]
    fn changes_of_severity_of_one_instant_follow_one_another_in_any_order_of_rows() {
        let chained = [change(2, 3), change(3, 4), change(4, 1)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let batch =
                order.iter().map(|i| TicketEvent { ticket: 0, kind: chained[*i], at: at(5) }).collect();
            let kinds: Vec<_> =
                Events::grouped(1, vec![batch]).of(0).iter().map(|event| event.kind).collect();
            assert_eq!(kinds, chained);
        }
    }
}
