//! The working-time clock: a calendar kept in a zone.
//!
//! An instant is working time iff its local reading falls in a window. Within a span of constant
//! offset real time and local time run alike, so that the working time of such a span is that of
//! the local interval it shows. Summing over the spans counts a repeated hour twice, a skipped
//! hour or date not at all, without any rule of its own for clock changes.

use std::sync::Arc;

use super::hours::Calendar;
use super::time::{Instant, OutOfSpan};
use super::weeks::WorkingWeeks;
use super::zone::Zone;

/// Answers how much working time lies between two instants, and when an amount of it has passed.
///
/// Built once per calendar and zone and shared: a question costs a few look-ups, whatever the
/// zone's clock changes and the calendar's special days.
#[derive(Debug)]
pub struct WorkClock {
    zone: Arc<Zone>,
    calendar: Arc<Calendar>,
    weeks: Arc<WorkingWeeks>,
    /// The zone's spans of constant offset, as the working time counts in them.
    spans: Vec<ZoneSpan>,
}

/// A span of constant offset.
#[derive(Debug, Clone, Copy)]
struct ZoneSpan {
    /// What to add to microseconds since [`Instant::MIN`] for those of its clock since
    /// [`WorkingWeeks::ORIGIN`].
    local: u64,
    /// What to add to the working time of its clock for that since [`Instant::MIN`].
    shift: i64,
    /// Working time from [`Instant::MIN`] to its end.
    worked: i64,
}

impl WorkClock {
    /// The clock of a calendar in a zone.
    pub fn new(calendar: &Calendar, zone: Arc<Zone>) -> WorkClock {
        let weeks = calendar.weeks();
        let mut worked = 0;
        let mut spans = Vec::with_capacity(zone.spans().len());
        for (place, (start, offset)) in zone.spans().enumerate() {
            let local = |micros: i64| (micros + offset - WorkingWeeks::ORIGIN) as u64;
            let at_start = weeks.before(local(start));
            let at_end = weeks.before(local(zone.end(place)));
            let shift = worked - at_start;
            worked += at_end - at_start;
            spans.push(ZoneSpan { local: local(Instant::MIN.micros()), shift, worked });
        }
        WorkClock { zone, calendar: Arc::new(calendar.clone()), weeks, spans }
    }

    /// The same clock, the days of its calendar without their names; it is shared where they have
    /// none.
    pub fn without_names(clock: &Arc<WorkClock>) -> Arc<WorkClock> {
        if clock.calendar.special_days().values().all(|day| day.name.is_none()) {
            return Arc::clone(clock);
        }
        Arc::new(WorkClock {
            zone: Arc::clone(&clock.zone),
            calendar: Arc::new(Calendar::clone(&clock.calendar).without_names()),
            weeks: Arc::clone(&clock.weeks),
            spans: clock.spans.clone(),
        })
    }

    /// The zone the clock is in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The calendar that is kept in it.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// Working time in `[from, to)`, in microseconds; negative where `to` is the earlier.
    pub fn elapsed(&self, from: Instant, to: Instant) -> i64 {
        self.until(to) - self.until(from)
    }

    /// The earliest instant at which the working time since `start` has reached `target`, a
    /// positive number of microseconds.
    ///
    /// # Errors
    /// [`OutOfSpan`] where that is not reached by 2100.
    pub fn due(&self, start: Instant, target: i64) -> Result<Instant, OutOfSpan> {
        let here = self.zone.span(start);
        let ZoneSpan { local, shift, worked } = self.spans[here];
        let from = start.since_first() + local;
        let amount = shift + self.weeks.before(from) + target;
        // The first span at whose end so much has passed is mostly the one of the start.
        if amount <= worked {
            return self.reach(here, from, amount);
        }
        let place = self.spans.partition_point(|span| span.worked < amount);
        let span = self.spans.get(place).ok_or(OutOfSpan)?;
        self.reach(place, self.zone.start_since_first(place) + span.local, amount)
    }

    /// The instant in a span by which `amount` has passed since [`Instant::MIN`], where at
    /// `from`, on the span's clock, it has not.
    fn reach(&self, span: usize, from: u64, amount: i64) -> Result<Instant, OutOfSpan> {
        let ZoneSpan { local, shift, .. } = self.spans[span];
        let reached = self.weeks.reach(amount - shift, from).ok_or(OutOfSpan)?;
        Instant::since_first_of(reached - local)
    }

    /// Working time from [`Instant::MIN`] to an instant.
    #[inline]
    fn until(&self, instant: Instant) -> i64 {
        let span = &self.spans[self.zone.span(instant)];
        span.shift + self.weeks.before(instant.since_first() + span.local)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Offset, TimeZone};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::super::samples::{ZONES, at, date, every_day, some_calendar, some_instant, weekdays};
    use super::super::time::{DAY, HOUR, LocalTime, MINUTE, SECOND};
    use super::super::{Hours, Month, Window};
    use super::*;

    fn clock(calendar: &Calendar, zone: &str) -> WorkClock {
        WorkClock::new(calendar, Arc::new(Zone::named(zone).unwrap()))
    }

    #[test]
    fn submitted_at_14_00_and_answered_at_09_00_next_working_day_is_4_h() {
        // Friday 14:00 to 18:00 is 4 h; Monday 09:00 is when the window opens: nothing more.
        let paris = clock(&weekdays(&["09:00-18:00"]), "Europe/Paris");
        assert_eq!(paris.elapsed(at("2024-05-03T14:00:00+02:00"), at("2024-05-06T09:00:00+02:00")), 4 * HOUR);
    }

    #[test]
    fn due_is_the_closing_and_not_the_next_opening() {
        // 16:00 plus 2 h is 18:00 the same day.
        let paris = clock(&weekdays(&["09:00-18:00"]), "Europe/Paris");
        assert_eq!(paris.due(at("2024-05-03T16:00:00+02:00"), 2 * HOUR), Ok(at("2024-05-03T18:00:00+02:00")));
        assert_eq!(
            paris.due(at("2024-05-03T16:00:00+02:00"), 2 * HOUR + 1),
            Ok(at("2024-05-06T09:00:00.000001+02:00"))
        );
    }

    #[test]
    fn a_repeated_hour_in_a_window_counts_twice() {
        // Paris, 2024-10-27: 02:00-03:00 was shown twice, so 00:00-09:00 lasted 10 h.
        let nights = clock(&every_day(&["00:00-09:00"]), "Europe/Paris");
        assert_eq!(
            nights.elapsed(at("2024-10-27T00:00:00+02:00"), at("2024-10-27T09:00:00+01:00")),
            10 * HOUR
        );
    }

    #[test]
    fn a_skipped_hour_in_a_window_counts_nothing() {
        // Paris, 2024-03-31: 02:00-03:00 was never shown, so 00:00-09:00 lasted 8 h.
        let nights = clock(&every_day(&["00:00-09:00"]), "Europe/Paris");
        assert_eq!(
            nights.elapsed(at("2024-03-31T00:00:00+01:00"), at("2024-03-31T09:00:00+02:00")),
            8 * HOUR
        );
    }

    #[test]
    fn a_skipped_date_counts_nothing() {
        // Apia skipped Friday 2011-12-30: Thursday 29th 17:00 to Monday 2nd 10:00 is 1 h + 1 h.
        let apia = clock(&weekdays(&["09:00-18:00"]), "Pacific/Apia");
        assert_eq!(apia.elapsed(at("2011-12-29T17:00:00-10:00"), at("2012-01-02T10:00:00+14:00")), 2 * HOUR);
    }

    #[test]
    fn a_half_hour_change_of_clocks_is_counted_as_real_time() {
        // Lord Howe, 2024-10-06: 02:00 became 02:30, so 00:00-09:00 lasted 8 h 30.
        let nights = clock(&every_day(&["00:00-09:00"]), "Australia/Lord_Howe");
        let (from, to) = (at("2024-10-06T00:00:00+10:30"), at("2024-10-06T09:00:00+11:00"));
        assert_eq!(nights.elapsed(from, to), 8 * HOUR + 30 * MINUTE);
    }

    #[test]
    fn a_whole_week_of_24_hours_counts_every_microsecond() {
        let always = clock(&every_day(&["00:00-24:00"]), "America/New_York");
        let (from, to) = (at("1901-05-03T00:00:00.000001Z"), at("2099-01-06T07:00:00Z"));
        assert_eq!(always.elapsed(from, to), to.micros() - from.micros());
    }

    #[test]
    fn several_windows_a_day_leave_the_break_out() {
        // 11:00-12:00 and 13:00-14:30: 1 h + 1 h 30.
        let clock = clock(&weekdays(&["09:00-12:00", "13:00-18:00"]), "Asia/Kolkata");
        let (from, to) = (at("2024-05-06T11:00:00+05:30"), at("2024-05-06T14:30:00+05:30"));
        assert_eq!(clock.elapsed(from, to), 2 * HOUR + 30 * MINUTE);
    }

    #[test]
    fn holidays_and_special_days_stand_in_for_their_weekdays() {
        // Tuesday 24 December 09:00-12:00, the 25th closed, so from Monday 17:00 to Thursday
        // 10:00: 1 h + 3 h + 0 + 1 h. A Saturday opened for once adds its own 2 h.
        let mut calendar = weekdays(&["09:00-18:00"]);
        calendar.add_special_day(date("2024-12-24"), vec!["09:00-12:00".parse().unwrap()]).unwrap();
        calendar.add_holiday(date("2024-12-25")).unwrap();
        calendar.add_special_day(date("2024-12-28"), vec!["10:00-12:00".parse().unwrap()]).unwrap();
        let clock = clock(&calendar, "Europe/London");
        assert_eq!(clock.elapsed(at("2024-12-23T17:00:00Z"), at("2024-12-26T10:00:00Z")), 5 * HOUR);
        assert_eq!(clock.elapsed(at("2024-12-27T17:00:00Z"), at("2024-12-30T09:00:00Z")), 3 * HOUR);
        assert_eq!(clock.due(at("2024-12-23T17:00:00Z"), 4 * HOUR), Ok(at("2024-12-24T12:00:00Z")));
    }

    #[test]
    fn what_is_not_reached_by_2100_is_an_error() {
        let never = clock(&Calendar::default(), "UTC");
        assert_eq!(never.due(at("2024-01-01T00:00:00Z"), 1), Err(OutOfSpan));
        let weekdays = clock(&weekdays(&["09:00-18:00"]), "Asia/Tokyo");
        assert_eq!(weekdays.due(at("2099-12-31T00:00:00Z"), 100 * HOUR), Err(OutOfSpan));
    }

    #[test]
    fn a_clock_of_1900_knows_local_mean_time() {
        // Amsterdam was 19 min 32 s ahead of UTC: Monday 09:00 there was 08:40:28Z.
        let amsterdam = clock(&weekdays(&["09:00-18:00"]), "Europe/Amsterdam");
        let zone = amsterdam.zone();
        let opening = LocalTime::midnight(date("1901-05-06")).micros() + 9 * HOUR;
        let super::super::Reading::Once(open) = zone.instant(LocalTime::from_micros(opening)) else {
            panic!()
        };
        let (before, after) = (open.micros() - SECOND, open.micros() + SECOND);
        let between =
            |a, b| amsterdam.elapsed(Instant::from_micros(a).unwrap(), Instant::from_micros(b).unwrap());
        assert_eq!(between(before, open.micros()), 0);
        assert_eq!(between(open.micros(), after), SECOND);
        assert_eq!(Month::of(zone.local(open).date()).to_string(), "1901-05");
    }

    /// The slow oracle: real time minute by minute, each minute's local reading asked of chrono.
    fn counted_by_minutes(calendar: &Calendar, zone: &str, from: Instant, to: Instant) -> i64 {
        let tz: Tz = zone.parse().unwrap();
        let mut counted = 0;
        let mut micros = from.micros();
        while micros < to.micros() {
            let end = (micros.div_euclid(MINUTE) * MINUTE + MINUTE).min(to.micros());
            let utc = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            let offset = i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * SECOND;
            let local = LocalTime::from_micros(micros + offset);
            let windows = match calendar.special_days().get(&local.date()) {
                Some(special) => &special.windows,
                None => &calendar.week()[usize::from(local.weekday()) - 1],
            };
            let inside = |w: &&Window| {
                w.open().micros() <= local.time_of_day() && local.time_of_day() < w.close().micros()
            };
            if windows.iter().any(|window| inside(&window)) {
                counted += end - micros;
            }
            micros = end;
        }
        counted
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn elapsed_is_what_counting_minutes_gives(
            calendar in some_calendar(), zone in 0..ZONES.len(), from in some_instant(), length in 0..5 * DAY,
        ) {
            let to = Instant::from_micros(from.micros() + length).unwrap();
            let counted = counted_by_minutes(&calendar, ZONES[zone], from, to);
            prop_assert_eq!(clock(&calendar, ZONES[zone]).elapsed(from, to), counted);
        }

        #[test]
        fn elapsed_adds_up(
            calendar in some_calendar(), zone in 0..ZONES.len(),
            a in some_instant(), b in some_instant(), c in some_instant(),
        ) {
            let clock = clock(&calendar, ZONES[zone]);
            prop_assert_eq!(clock.elapsed(a, c), clock.elapsed(a, b) + clock.elapsed(b, c));
            prop_assert_eq!(clock.elapsed(a, a), 0);
        }

        #[test]
        fn working_time_is_never_negative_and_never_more_than_real_time(
            calendar in some_calendar(), zone in 0..ZONES.len(), a in some_instant(), b in some_instant(),
        ) {
            let (a, b) = (a.min(b), a.max(b));
            let elapsed = clock(&calendar, ZONES[zone]).elapsed(a, b);
            prop_assert!(0 <= elapsed && elapsed <= b.micros() - a.micros());
        }

        #[test]
        fn elapsed_is_what_the_days_laid_out_give_in_any_year(
            calendar in some_calendar(), special in proptest::collection::vec((-800_i64..75_000, 0_usize..3), 0..40),
            zone in 0..ZONES.len(), from in 0..200 * 365 * DAY, length in 0..900 * DAY,
        ) {
            let mut calendar = calendar;
            for (day, hours) in special {
                let date = LocalTime::from_micros(Instant::MIN.micros() + day * DAY).date();
                let hours = [&[][..], &["02:00-04:00"], &["00:00-00:01", "08:00-12:00", "13:00-24:00"]][hours];
                calendar.forget_special_day(date);
                calendar.add_special_day(date, hours.iter().map(|text| text.parse().unwrap()).collect()).unwrap();
            }
            let micros = Instant::MIN.micros() + from;
            let from = Instant::from_micros(micros).unwrap();
            let to = Instant::from_micros((micros + length).min(Instant::MAX.micros())).unwrap();
            let clock = clock(&calendar, ZONES[zone]);
            let laid_out: i64 = super::super::spans(&calendar, clock.zone(), from, to)
                .filter(|span| span.hours == Hours::Open)
                .map(|span| span.micros())
                .sum();
            prop_assert_eq!(clock.elapsed(from, to), laid_out);
            // Half of it has passed at the earliest instant at which it has.
            let target = laid_out / 2;
            if target > 0 {
                let due = clock.due(from, target).unwrap();
                prop_assert_eq!(clock.elapsed(from, due), target);
                prop_assert_eq!(clock.elapsed(from, due.before()), target - 1);
            }
        }

        #[test]
        fn due_inverts_elapsed_at_the_earliest_instant(
            calendar in some_calendar(), zone in 0..ZONES.len(), start in some_instant(), target in 1..60 * HOUR,
        ) {
            let clock = clock(&calendar, ZONES[zone]);
            let due = clock.due(start, target).unwrap();
            prop_assert_eq!(clock.elapsed(start, due), target);
            prop_assert_eq!(clock.elapsed(start, due.before()), target - 1);
        }
    }
}
