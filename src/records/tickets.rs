//! Tickets in columns.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::events::Events;
use super::names::{Name, Names, Text};
use crate::calendar::{Instant, Zone};
use crate::policy::Severity;

/// One ticket, taken out of the columns; its id stands in [`Tickets::ids`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Whose it is.
    pub customer: Name,
    /// The customer's tier.
    pub tier: Name,
    /// The customer's region.
    pub region: Name,
    /// The customer's time zone.
    pub timezone: Name,
    /// Who looks after the customer.
    pub account_manager: Option<Name>,
    /// What kind of failure it is.
    pub classification: Option<Name>,
    /// What it is about.
    pub product: Option<Name>,
    /// Its severity, as its row says.
    pub severity: Severity,
    /// When it was submitted.
    pub submitted: Instant,
    /// When it was first answered, as its row says.
    pub first_response: Option<Instant>,
    /// When it was resolved, as its row says.
    pub resolved: Option<Instant>,
}

impl Ticket {
    /// The latest instant that its row holds.
    pub fn latest(&self) -> Option<Instant> {
        Some(self.submitted).max(self.first_response).max(self.resolved)
    }
}

/// A value in which names may become others.
trait Renamed: Sized {
    /// The same, where each name is the one in `_renamed` at the place of its former one.
    fn renamed(self, _renamed: &[Name]) -> Self {
        self
    }
}

impl Renamed for Name {
    fn renamed(self, renamed: &[Name]) -> Name {
        renamed[self.index()]
    }
}

impl Renamed for Option<Name> {
    fn renamed(self, renamed: &[Name]) -> Option<Name> {
        self.map(|name| name.renamed(renamed))
    }
}

impl Renamed for Severity {}
impl Renamed for Instant {}
impl Renamed for Option<Instant> {}

macro_rules! columns {
    ($($name:ident: $type:ty,)+) => {
        /// Tickets in columns of equal length.
        #[derive(Debug, Clone, Default)]
        pub struct Tickets {
            /// Their ids.
            pub ids: Text,
            $($name: Vec<$type>,)+
        }

        impl Tickets {
            /// Adds a ticket at the end.
            pub fn push(&mut self, id: &str, ticket: Ticket) {
                self.ids.push(id);
                $(self.$name.push(ticket.$name);)+
            }

            /// Makes room for so many tickets more.
            pub fn reserve(&mut self, more: usize) {
                self.ids.reserve(more, 0);
                $(self.$name.reserve_exact(more);)+
            }

            /// Adds other tickets at the end, whose names become those that stand beside them; the
            /// columns side by side.
            pub fn append(&mut self, parts: &[(Tickets, Vec<Name>)]) {
                // At once, since columns that grow are copied again and again.
                let more = parts.iter().map(|(tickets, _)| tickets.len()).sum();
                let bytes = parts.iter().map(|(tickets, _)| tickets.ids.bytes()).sum();
                rayon::scope(|scope| {
                    let ids = &mut self.ids;
                    scope.spawn(move |_| {
                        ids.reserve(more, bytes);
                        parts.iter().for_each(|(tickets, _)| ids.append(&tickets.ids));
                    });
                    $(
                        let column = &mut self.$name;
                        scope.spawn(move |_| {
                            column.reserve_exact(more);
                            for (tickets, renamed) in parts {
                                column.extend(tickets.$name.iter().map(|value| value.renamed(renamed)));
                            }
                        });
                    )+
                });
            }

            /// The ticket at a place.
            pub fn get(&self, place: usize) -> Ticket {
                Ticket { $($name: self.$name[place],)+ }
            }

            $(
                #[doc = concat!("That column alone: `", stringify!($name), "` of the ticket at a place.")]
                pub fn $name(&self, place: usize) -> $type {
                    self.$name[place]
                }
            )+
        }
    };
}

columns! {
    customer: Name,
    tier: Name,
    region: Name,
    timezone: Name,
    account_manager: Option<Name>,
    classification: Option<Name>,
    product: Option<Name>,
    severity: Severity,
    submitted: Instant,
    first_response: Option<Instant>,
    resolved: Option<Instant>,
}

impl Tickets {
    /// How many bytes they take, about.
    pub fn memory(&self) -> u64 {
        let row = size_of::<Ticket>() + size_of::<usize>();
        (self.len() * row + self.ids.bytes()) as u64
    }

    /// When the first of them was submitted; `None` where there is none.
    pub fn first_submitted(&self) -> Option<Instant> {
        (0..self.len()).map(|place| self.submitted(place)).min()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The place of the ticket of an id; they stand in the order of the bytes of their ids.
    pub fn find(&self, id: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.ids.get(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// The calendar that a row of the customers table names, and where that row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerCalendar {
    /// The calendar's name.
    pub calendar: String,
    /// The file and line of the row.
    pub place: String,
}

/// Everything that is measured: tickets in the order of their ids, and their events.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The names that tickets refer to.
    pub names: Names,
    /// The tickets.
    pub tickets: Tickets,
    /// Their events.
    pub events: Events,
    /// The time zones that tickets name.
    pub zones: BTreeMap<Name, Arc<Zone>>,
    /// The calendars that the customers table names.
    pub calendars: BTreeMap<Name, CustomerCalendar>,
    /// The latest instant in the inputs; `None` where they hold none.
    pub latest: Option<Instant>,
    /// Whether the inputs hold updates at all; without them only responses can be measured.
    pub updates_known: bool,
}
