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

impl EventKind {
    /// A small number for the kind, in the order of kinds; [`EventKind::of_code`] undoes it.
    const fn code(self) -> u64 {
        match self {
            EventKind::Severity { from, to } => {
                let from = match from {
                    Some(from) => from.number(),
                    None => 0,
                };
                from as u64 * Severity::COUNT as u64 + to.number() as u64 - 1
            }
            EventKind::Reopened => CHANGES,
            EventKind::Resumed => CHANGES + 1,
            EventKind::Replied => CHANGES + 2,
            EventKind::Communicated => CHANGES + 3,
            EventKind::Waiting => CHANGES + 4,
            EventKind::Resolved => CHANGES + 5,
        }
    }

    const fn of_code(code: u64) -> EventKind {
        let (from, to) = (code / Severity::COUNT as u64, code % Severity::COUNT as u64 + 1);
        match (Severity::new(to as u8), code.checked_sub(CHANGES)) {
            (Some(to), None) => EventKind::Severity { from: Severity::new(from as u8), to },
            (_, Some(0)) => EventKind::Reopened,
            (_, Some(1)) => EventKind::Resumed,
            (_, Some(2)) => EventKind::Replied,
            (_, Some(3)) => EventKind::Communicated,
            (_, Some(4)) => EventKind::Waiting,
            _ => EventKind::Resolved,
        }
    }
}

/// How many changes of severity there are: from one or from none, to one.
const CHANGES: u64 = ((Severity::COUNT + 1) * Severity::COUNT) as u64;

/// Bits that a kind takes in a [`Mark`].
const KIND_BITS: u32 = 5;

/// An event in eight bytes, whose order is that of events: its instant, then its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(u64);

impl Mark {
    pub(super) const fn new(at: Instant, kind: EventKind) -> Mark {
        Mark(((at.micros() - Instant::MIN.micros()) as u64) << KIND_BITS | kind.code())
    }

    pub(super) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// The mark that was written as these bytes.
    pub(super) const fn of_bytes(bytes: [u8; 8]) -> Mark {
        Mark(u64::from_le_bytes(bytes))
    }

    pub(super) fn event(self) -> Event {
        let micros = (self.0 >> KIND_BITS) as i64 + Instant::MIN.micros();
        // A mark is made of an instant, so that there is one.
        let at = Instant::from_micros(micros).unwrap_or(Instant::MAX);
        Event { at, kind: EventKind::of_code(self.0 & ((1 << KIND_BITS) - 1)) }
    }
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

/// Puts several changes of severity of one instant, in a ticket's sorted events, in the order in
/// which each starts from what another ended in.
pub(super) fn chain_changes(events: &mut [Event]) {
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
    use proptest::prelude::*;

    pub(in crate::records) fn every_kind() -> Vec<EventKind> {
        let severity = |number: u8| Severity::new(number);
        let changes = (0..=4).flat_map(|from| (1..=4).map(move |to| (from, to)));
        let mut kinds: Vec<_> = changes
            .map(|(from, to)| EventKind::Severity { from: severity(from), to: severity(to).unwrap() })
            .collect();
        kinds.extend([
            EventKind::Reopened,
            EventKind::Resumed,
            EventKind::Replied,
            EventKind::Communicated,
            EventKind::Waiting,
            EventKind::Resolved,
        ]);
        kinds
    }

    #[test]
    fn an_event_is_small() {
        assert_eq!(size_of::<Mark>(), 8);
        assert_eq!(size_of::<Event>(), 16);
        assert_eq!(size_of::<Option<Instant>>(), 8);
    }

    #[test]
    fn a_mark_holds_the_first_and_the_last_instant_with_every_kind() {
        for kind in every_kind() {
            for at in [Instant::MIN, Instant::MAX] {
                assert_eq!(Mark::new(at, kind).event(), Event { at, kind });
            }
        }
    }

    proptest! {
        #[test]
        fn marks_stand_in_the_order_of_events(
            a in 0..26_usize, b in 0..26_usize, at in 0..1_000_000_i64, later in 0..3_i64,
        ) {
            let event = |kind: usize, micros| Event {
                at: Instant::from_micros(micros).unwrap(),
                kind: every_kind()[kind],
            };
            let (a, b) = (event(a, at), event(b, at + later));
            let mark = |event: Event| Mark::new(event.at, event.kind);
            prop_assert_eq!(mark(a).cmp(&mark(b)), a.cmp(&b));
            prop_assert_eq!(mark(a).event(), a);
        }
    }
}
