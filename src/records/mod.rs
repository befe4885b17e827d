//! Tickets and their events in columns: what ingest makes and measure reads.
//!
//! Nothing here is text per row: names (customers, tiers, zones …) are interned as [`Name`]s,
//! instants are integers, and a ticket is its place in the columns. Tickets stand in the order of
//! their ids, each one's events in the order of time, so that nothing that follows depends on the
//! order of the rows they came from.

mod event;
mod events;
mod names;
mod tickets;

pub use event::{Event, EventKind, TicketEvent};
pub use events::{EventPart, EventStore, Events, GroupedEvents, KeptEvents, PART};
pub use names::{Name, Names, Text};
pub use tickets::{CustomerCalendar, Records, Ticket, Tickets};
