//! Working time: which instants count, how much of it lies between two of them, and when a
//! given amount of it has passed.
//!
//! The nouns, smallest first: a [`DayTime`] is a reading of a wall clock within a day, a
//! [`Window`] the span between two of them, [`Calendar`] the windows of each weekday with the
//! holidays and special days, a [`Zone`] the offsets of one place through the years, and a
//! [`WorkClock`] a calendar kept in a zone, which answers every question. [`spans`] lays the days
//! out one by one, for whoever wants to see the answer.
//!
//! Three types say which time they hold: an [`Instant`] is a point in real time, a [`LocalTime`]
//! a reading of a wall clock, a duration is a plain `i64`; all count microseconds. There is one
//! door from a wall clock to an instant, [`Zone::instant`].

mod clock;
mod hours;
mod offsets;
#[cfg(test)]
pub(crate) mod samples;
mod spans;
mod time;
mod weeks;
mod zone;
mod zone_names;

pub use clock::WorkClock;
pub use hours::{Calendar, CalendarFlaw, DayTime, SpecialDay, Window};
pub use spans::{Hours, Span, Spans, spans};
pub use time::{DAY, HOUR, Instant, LocalTime, MINUTE, Month, OutOfSpan, SECOND};
pub use zone::{Reading, UnknownZone, Zone};
