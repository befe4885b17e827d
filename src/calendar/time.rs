//! Points in time and how long they are apart: integers, in microseconds.

use std::fmt;
use std::num::NonZeroU64;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

/// A second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// A minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day of 24 hours in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// A point in real time: microseconds since 1970-01-01T00:00:00Z.
///
/// Only instants of the supported span exist, from [`Instant::MIN`] (the first of 1900, UTC) to
/// [`Instant::MAX`] (the first of 2100): beyond it nobody knows what clocks showed or will show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(
    /// One more than the microseconds since [`Instant::MIN`]: never 0, so that an
    /// `Option<Instant>` takes no more room than an instant.
    NonZeroU64,
);

/// The time lies outside the supported span, 1900 to 2100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time lies outside the supported span, 1900-01-01 to 2100-01-01 (UTC)")]
pub struct OutOfSpan;

impl Instant {
    /// 1900-01-01T00:00:00Z.
    pub const MIN: Instant = Instant(NonZeroU64::MIN);
    /// 2100-01-01T00:00:00Z.
    pub const MAX: Instant = match Instant::from_micros(4_102_444_800 * SECOND) {
        Ok(instant) => instant,
        Err(OutOfSpan) => Instant::MIN,
    };

    const FIRST: i64 = -2_208_988_800 * SECOND;
    const LAST: i64 = 4_102_444_800 * SECOND;

    /// The instant so many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`OutOfSpan`] before 1900 or after the first instant of 2100.
    pub const fn from_micros(micros: i64) -> Result<Instant, OutOfSpan> {
        if micros < Self::FIRST || Self::LAST < micros {
            return Err(OutOfSpan);
        }
        match NonZeroU64::new((micros - Self::FIRST + 1) as u64) {
            Some(number) => Ok(Instant(number)),
            None => Err(OutOfSpan),
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0.get() as i64 - 1 + Self::FIRST
    }

    /// Microseconds since [`Instant::MIN`].
    pub(super) const fn since_first(self) -> u64 {
        self.0.get() - 1
    }

    /// The instant so many microseconds after [`Instant::MIN`].
    pub(super) const fn since_first_of(micros: u64) -> Result<Instant, OutOfSpan> {
        match NonZeroU64::new(micros + 1) {
            Some(number) if micros <= Self::MAX.since_first() => Ok(Instant(number)),
            _ => Err(OutOfSpan),
        }
    }

    /// The last instant before this one; the first of all has none and is given back itself.
    pub const fn before(self) -> Instant {
        match NonZeroU64::new(self.0.get() - 1) {
            Some(number) => Instant(number),
            None => self,
        }
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with as many digits of a second as there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_micros(self.micros()) {
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            None => write!(f, "{} us", self.micros()),
        }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instant({self})")
    }
}

/// A reading of a wall clock, without a place: microseconds since its 1970-01-01T00:00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(i64);

impl LocalTime {
    /// The reading so many microseconds after 1970-01-01T00:00:00 on the same clock.
    pub const fn from_micros(micros: i64) -> LocalTime {
        LocalTime(micros)
    }

    /// The reading at this calendar date and time of day.
    pub fn from_datetime(datetime: NaiveDateTime) -> LocalTime {
        LocalTime(datetime.and_utc().timestamp_micros())
    }

    /// Midnight at the start of a date.
    pub fn midnight(date: NaiveDate) -> LocalTime {
        LocalTime(day_number(date) * DAY)
    }

    /// Microseconds since 1970-01-01T00:00:00 on the same clock.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Days since 1970-01-01.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Microseconds since midnight.
    pub const fn time_of_day(self) -> i64 {
        self.0.rem_euclid(DAY)
    }

    /// The day of the week, 1 = Monday to 7 = Sunday.
    pub const fn weekday(self) -> u8 {
        weekday_index(self.day()) as u8 + 1
    }

    /// The hour of the day, 0 to 23.
    pub const fn hour(self) -> u8 {
        (self.time_of_day() / HOUR) as u8
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        // Readings come from instants of 1900 to 2100, which chrono covers many times over.
        DateTime::from_timestamp_micros(self.0).map(|time| time.date_naive()).unwrap_or_default()
    }

    /// The calendar month.
    pub fn month(self) -> Month {
        Month::of_day(self.day())
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_micros(self.0) {
            Some(time) => write!(f, "{}", time.naive_utc().format("%Y-%m-%d %H:%M:%S%.f")),
            None => write!(f, "{} us", self.0),
        }
    }
}

/// A calendar month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i16);

impl Month {
    /// The month a date lies in.
    pub fn of(date: NaiveDate) -> Month {
        // Years 1899 to 2100 come here; 12 of each fit easily.
        Month(((date.year() - 1900) * 12 + date.month0() as i32) as i16)
    }

    /// The month of a day, counted from 1970-01-01.
    const fn of_day(day: i64) -> Month {
        // With years that begin in March, the day that some years have more is their last. From
        // March 1900 to February 2100 it is every fourth year, 2000 among them, so that four years
        // are 1,461 days; and five months from March on, and from August on, are 153 days.
        // February 1900 did not have that day; before, all is counted as if it had.
        let since = day - FIRST_OF_MARCH_1900 - (day < FIRST_OF_MARCH_1900) as i64;
        let year = (4 * since + 3).div_euclid(1461);
        let day_of_year = since - (1461 * year).div_euclid(4);
        let month = (5 * day_of_year + 2) / 153;
        Month((12 * year + month + 2) as i16)
    }

    /// A small number for the month, in the order of time; [`Month::from_number`] undoes it.
    pub const fn number(self) -> i16 {
        self.0
    }

    /// The month of that number.
    pub const fn from_number(number: i16) -> Month {
        Month(number)
    }
}

impl fmt::Display for Month {
    /// `YYYY-MM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = i32::from(self.0);
        write!(f, "{:04}-{:02}", 1900 + months.div_euclid(12), months.rem_euclid(12) + 1)
    }
}

/// The first of March 1900, counted from 1970-01-01.
const FIRST_OF_MARCH_1900: i64 = Instant::FIRST / DAY + 31 + 28;

/// Days since 1970-01-01.
pub(super) fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// The place of a day (counted from 1970-01-01, a Thursday) in its week, 0 = Monday.
pub(super) const fn weekday_index(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_january_1970_was_a_thursday() {
        assert_eq!(LocalTime::from_micros(0).weekday(), 4);
        assert_eq!(LocalTime::from_micros(-1).weekday(), 3);
    }

    #[test]
    fn an_instant_outside_1900_to_2100_is_an_error() {
        assert!(Instant::from_micros(Instant::MIN.micros() - 1).is_err());
        assert!(Instant::from_micros(Instant::MAX.micros() + 1).is_err());
        assert_eq!(Instant::MIN.to_string(), "1900-01-01T00:00:00Z");
        assert_eq!(Instant::MAX.to_string(), "2100-01-01T00:00:00Z");
    }

    #[test]
    fn the_month_of_every_day_is_that_of_its_date() {
        let mut day = LocalTime::from_micros(Instant::MIN.micros() - 20 * DAY);
        while day.micros() < Instant::MAX.micros() + 20 * DAY {
            assert_eq!(day.month(), Month::of(day.date()), "{day}");
            day = LocalTime::from_micros(day.micros() + DAY);
        }
    }

    #[test]
    fn a_month_prints_and_counts_in_order() {
        let month = |y, m| Month::of(NaiveDate::from_ymd_opt(y, m, 1).unwrap());
        assert_eq!(month(2024, 5).to_string(), "2024-05");
        assert_eq!(month(1899, 12).to_string(), "1899-12");
        assert!(month(2023, 12) < month(2024, 1));
        assert_eq!(Month::from_number(month(2024, 5).number()), month(2024, 5));
    }
}
