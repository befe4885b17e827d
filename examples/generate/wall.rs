//! The customer's wall clock: seconds as it reads them, counted from 1970-01-01 00:00 on that clock.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

pub const DAY: i64 = 86_400;
pub const OPEN: i64 = 9 * 3600;
pub const CLOSE: i64 = 18 * 3600;

/// Is this day, counted from 1970-01-01 (a Thursday), one from Monday to Friday?
pub fn is_weekday(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

pub fn is_working(wall: i64) -> bool {
    is_weekday(wall.div_euclid(DAY)) && (OPEN..CLOSE).contains(&wall.rem_euclid(DAY))
}

/// The time at which so many working seconds have passed and it is working time again.
pub fn after_working(mut wall: i64, mut seconds: i64) -> i64 {
    loop {
        let midnight = wall - wall.rem_euclid(DAY);
        let close = midnight + CLOSE;
        if is_weekday(midnight / DAY) && wall < close {
            let begin = wall.max(midnight + OPEN);
            if seconds < close - begin {
                return begin + seconds;
            }
            seconds -= close - begin;
        }
        wall = midnight + DAY;
    }
}

/// The instant at which the clock reads this: the earlier of two, and the end of the gap for a time that was
/// skipped. So what is in order on the clock is in order in time.
#[allow(clippy::disallowed_methods, reason = "made-up times need no door: the earlier of two will do")]
pub fn to_instant(zone: Tz, wall: i64) -> i64 {
    const HALF_HOUR: i64 = 1800;
    let mut reading = wall;
    loop {
        let naive = DateTime::UNIX_EPOCH.naive_utc() + chrono::TimeDelta::seconds(reading);
        if let Some(offset) = zone.offset_from_local_datetime(&naive).earliest() {
            return reading - i64::from(offset.fix().local_minus_utc());
        }
        reading = (reading / HALF_HOUR + 1) * HALF_HOUR;
    }
}

/// Seconds to add to an instant to read it on the zone's clock.
pub fn offset_at(zone: Tz, instant: i64) -> i32 {
    let naive = DateTime::UNIX_EPOCH.naive_utc() + chrono::TimeDelta::seconds(instant);
    zone.offset_from_utc_datetime(&naive).fix().local_minus_utc()
}
