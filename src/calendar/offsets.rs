//! The offsets of an IANA zone, looked up through the years.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::time::{DAY, Instant, SECOND};

/// How many seconds lie between two looks. The shortest span since 1900 lasted nearly a week; a
/// test sees that none is missed.
const LOOK: i64 = 5 * DAY / SECOND;

/// The spans of constant offset of a zone, from 1900 to 2100: where they start, in microseconds of
/// UTC, and what its clock is ahead of UTC in them.
pub(super) fn spans(tz: Tz) -> (Vec<i64>, Vec<i64>) {
    spans_by(LOOK, tz)
}

/// The same, where the offset is looked up every so many seconds.
fn spans_by(look: i64, tz: Tz) -> (Vec<i64>, Vec<i64>) {
    let offset = |second: i64| {
        // Every second of the span is one chrono can name; UTC stands in for none.
        let utc = DateTime::from_timestamp(second, 0).unwrap_or_default();
        i64::from(tz.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc())
    };
    let (first, last) = (Instant::MIN.micros() / SECOND, Instant::MAX.micros() / SECOND);
    let (mut starts, mut offsets) = (vec![first * SECOND], vec![offset(first) * SECOND]);
    let (mut low, mut low_offset) = (first, offset(first));
    while low < last {
        let high = (low + look).min(last);
        let high_offset = offset(high);
        if high_offset != low_offset {
            let (mut before, mut after) = (low, high);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                match offset(middle) == low_offset {
                    true => before = middle,
                    false => after = middle,
                }
            }
            starts.push(after * SECOND);
            offsets.push(high_offset * SECOND);
        }
        (low, low_offset) = (high, high_offset);
    }
    (starts, offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_every_few_days_finds_the_spans_of_every_zone_that_a_look_every_day_does() {
        for tz in chrono_tz::TZ_VARIANTS {
            assert!(spans(tz) == spans_by(DAY / SECOND, tz), "{tz}");
        }
    }
}
