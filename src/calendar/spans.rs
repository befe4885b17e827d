//! Real time laid out by what a calendar says of it: a walk through the local days, one after
//! the other.
//!
//! The working-time clock answers from sums. This walk takes the windows of each date and the
//! offsets of the zone as they stand, and nothing that was added up before: it is slower, shows
//! why time counts or does not, and is a second opinion of the clock's figures.

use chrono::NaiveDate;

use super::hours::{Calendar, Window};
use super::time::{DAY, Instant, LocalTime};
use super::zone::Zone;

/// What a calendar says of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hours {
    /// It is working time.
    Open,
    /// It lies before, between or after the windows of its day.
    Closed,
    /// Its weekday has no hours.
    DayOff,
    /// Its date has hours of its own, and they are none.
    Holiday,
}

/// A span of real time, `[from, to)`, within one local date, one offset of the zone, and either
/// inside the hours or outside of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it starts.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// What the clock shows when it starts.
    pub local_from: LocalTime,
    /// What the calendar says of it.
    pub hours: Hours,
}

impl Span {
    /// How long it is, in microseconds.
    pub const fn micros(self) -> i64 {
        self.to.micros() - self.from.micros()
    }

    /// What the clock shows when it ends, unless the clocks change just then; at midnight that is
    /// 00:00 of the next date.
    pub const fn local_to(self) -> LocalTime {
        LocalTime::from_micros(self.local_from.micros() + self.micros())
    }

    /// The local date it lies in.
    pub fn date(self) -> NaiveDate {
        self.local_from.date()
    }

    /// The two parts before and after an instant inside it.
    pub const fn split(self, at: Instant) -> (Span, Span) {
        let first = Span { to: at, ..self };
        (first, Span { from: at, local_from: first.local_to(), ..self })
    }
}

/// The spans of `[from, to)`, in order and without a gap; see [`spans`].
#[derive(Debug, Clone)]
pub struct Spans<'a> {
    calendar: &'a Calendar,
    zone: &'a Zone,
    next: Instant,
    to: Instant,
}

/// Lays out the real time from one instant to another by the days of a calendar in a zone. A
/// repeated hour is shown by two spans, a skipped one by none.
pub const fn spans<'a>(calendar: &'a Calendar, zone: &'a Zone, from: Instant, to: Instant) -> Spans<'a> {
    Spans { calendar, zone, next: from, to }
}

impl Iterator for Spans<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let from = self.next;
        if from >= self.to {
            return None;
        }
        let constant = self.zone.span(from);
        let offset = self.zone.offset(constant);
        let local_from = LocalTime::from_micros(from.micros() + offset);
        let (hours, until) = on(self.calendar, local_from);
        let end = (local_from.day() * DAY + until - offset).min(self.zone.end(constant));
        // An end after `to`, or after the last instant there is, is cut to `to`.
        self.next = Instant::from_micros(end).map_or(self.to, |end| end.min(self.to));
        Some(Span { from, to: self.next, local_from, hours })
    }
}

/// What the calendar says of a local time, and up to which time of that day it says so.
fn on(calendar: &Calendar, local: LocalTime) -> (Hours, i64) {
    let date = local.date();
    let windows = calendar.windows_on(date);
    let time = local.time_of_day();
    let ahead = windows.partition_point(|window| window.close().micros() <= time);
    let closed = match (windows.is_empty(), calendar.special_days().contains_key(&date)) {
        (true, true) => Hours::Holiday,
        (true, false) => Hours::DayOff,
        (false, _) => Hours::Closed,
    };
    match windows.get(ahead) {
        Some(window) if window.open().micros() <= time => (Hours::Open, close(&windows[ahead..])),
        Some(window) => (closed, window.open().micros()),
        None => (closed, DAY),
    }
}

/// When the first of some windows closes, and those that touch it.
fn close(windows: &[Window]) -> i64 {
    let mut close = 0;
    for window in windows {
        if close != 0 && window.open().micros() != close {
            break;
        }
        close = window.close().micros();
    }
    close
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::samples::{ZONES, at, date, every_day, some_calendar, some_instant, weekdays};
    use super::super::time::{HOUR, MINUTE};
    use super::super::{Reading, WorkClock};
    use super::*;

    /// The hours of each span, and how long it is in minutes.
    fn laid_out(calendar: &Calendar, zone: &str, from: &str, to: &str) -> Vec<(Hours, i64)> {
        let zone = Zone::named(zone).unwrap();
        spans(calendar, &zone, at(from), at(to)).map(|span| (span.hours, span.micros() / MINUTE)).collect()
    }

    use Hours::{Closed, DayOff, Holiday, Open};

    #[test]
    fn a_weekend_is_laid_out_by_windows_and_midnights() {
        // Friday 14:00-18:00 open, 18:00-24:00 closed; two days off; Monday 00:00-09:00 closed.
        let found = laid_out(
            &weekdays(&["09:00-18:00"]),
            "Europe/Paris",
            "2024-05-03T14:00:00+02:00",
            "2024-05-06T09:00:00+02:00",
        );
        assert_eq!(found, [(Open, 240), (Closed, 360), (DayOff, 1440), (DayOff, 1440), (Closed, 540)]);
    }

    #[test]
    fn a_skipped_hour_is_shown_by_no_span_and_a_repeated_one_by_two() {
        // Paris, 2024-03-31: 00:00-02:00, then 03:00-09:00. 2024-10-27: 00:00-03:00, 02:00-09:00.
        let nights = every_day(&["00:00-09:00"]);
        let march =
            laid_out(&nights, "Europe/Paris", "2024-03-31T00:00:00+01:00", "2024-03-31T09:00:00+02:00");
        assert_eq!(march, [(Open, 120), (Open, 360)]);
        let october =
            laid_out(&nights, "Europe/Paris", "2024-10-27T00:00:00+02:00", "2024-10-27T09:00:00+01:00");
        assert_eq!(october, [(Open, 180), (Open, 420)]);
    }

    #[test]
    fn a_skipped_date_is_shown_by_no_span() {
        // Apia: Thursday 29 December 2011, then Saturday the 31st.
        let zone = Zone::named("Pacific/Apia").unwrap();
        let calendar = weekdays(&["09:00-18:00"]);
        let (from, to) = (at("2011-12-29T17:00:00-10:00"), at("2012-01-02T10:00:00+14:00"));
        let mut dates: Vec<_> =
            spans(&calendar, &zone, from, to).map(|span| span.date().to_string()).collect();
        dates.dedup();
        assert_eq!(dates, ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]);
    }

    #[test]
    fn touching_windows_are_one_span_and_a_holiday_says_that_it_is_one() {
        let mut calendar = weekdays(&["09:00-12:00", "12:00-18:00"]);
        calendar.add_holiday(date("2024-05-01")).unwrap();
        // Tuesday 30 April 10:00-18:00 and 18:00-24:00, then the Wednesday.
        let found = laid_out(&calendar, "UTC", "2024-04-30T10:00:00Z", "2024-05-02T00:00:00Z");
        assert_eq!(found, [(Open, 480), (Closed, 360), (Holiday, 1440)]);
    }

    #[test]
    fn the_layout_ends_with_the_last_instant_there_is() {
        let always = every_day(&["00:00-24:00"]);
        let zone = Zone::named("America/New_York").unwrap();
        let last = spans(&always, &zone, at("2099-12-31T00:00:00Z"), Instant::MAX).last().unwrap();
        assert_eq!(last.to, Instant::MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn spans_are_without_a_gap_and_say_what_the_clock_showed_and_count_what_it_counts(
            calendar in some_calendar(), zone in 0..ZONES.len(), from in some_instant(), length in 1..5 * DAY,
        ) {
            let to = Instant::from_micros(from.micros() + length).unwrap();
            let zone = Arc::new(Zone::named(ZONES[zone]).unwrap());
            let clock = WorkClock::new(&calendar, Arc::clone(&zone));
            let all: Vec<_> = spans(&calendar, &zone, from, to).collect();
            prop_assert_eq!((all[0].from, all[all.len() - 1].to), (from, to));
            for pair in all.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            for span in all {
                prop_assert!(0 < span.micros() && span.micros() <= 24 * HOUR);
                prop_assert_eq!(zone.local(span.from), span.local_from);
                let shown = zone.local(span.to.before()).micros() + 1;
                prop_assert_eq!(shown, span.local_to().micros());
                prop_assert_eq!(zone.local(span.to.before()).date(), span.date());
                prop_assert!(zone.instant(span.local_from) != Reading::Never);
                let open = if span.hours == Open { span.micros() } else { 0 };
                prop_assert_eq!(clock.elapsed(span.from, span.to), open);
            }
        }
    }
}
