//! The offsets of one place through the years, and the one door from its wall clock to an instant.
//!
//! **The rule of the door.** A local time that the clock showed once is that instant. One that it
//! showed twice (clocks went back) is [`Reading::Twice`]: the caller takes the earlier and says
//! so. One that it never showed (clocks went forward, or the place skipped a date) is
//! [`Reading::Never`]: nothing is guessed.

use chrono_tz::Tz;

use super::offsets;
use super::time::{Instant, LocalTime, MINUTE};
use super::zone_names;

/// What a wall clock's reading says of the instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The clock showed it once.
    Once(Instant),
    /// The clock showed it twice.
    Twice {
        /// The first time it was shown.
        earlier: Instant,
        /// The second time.
        later: Instant,
    },
    /// The clock never showed it, or not within the supported span.
    Never,
}

/// No such time zone is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" is no IANA time zone{}", nearest.as_ref().map(|n| format!("; did you mean \"{n}\"?")).unwrap_or_default())]
pub struct UnknownZone {
    /// The name as it was given.
    pub name: String,
    /// The known zone whose name is most like it, if one is.
    pub nearest: Option<String>,
}

/// A time zone as spans of constant offset, from 1900 to 2100.
#[derive(Debug)]
pub struct Zone {
    name: String,
    /// Where each span starts, in microseconds of UTC, in order; the first at [`Instant::MIN`].
    starts: Vec<i64>,
    /// What each span's local clock is ahead of UTC, in microseconds.
    offsets: Vec<i64>,
    /// Where each span ends, in microseconds since [`Instant::MIN`]; the last never does.
    ends: Vec<u64>,
    /// The span in which each step of [`STEP`] starts, from [`Instant::MIN`] on.
    at_step: Vec<u16>,
}

/// A span is looked up by steps of two to so many microseconds, three weeks and a half, in which
/// clocks hardly ever change twice.
const STEP: u32 = 41;

impl Zone {
    /// The zone of an IANA name, such as `Europe/Paris`, of a fixed offset, such as `+05:30`, or of
    /// the name that Rails or Windows has for an IANA zone.
    ///
    /// # Errors
    /// [`UnknownZone`] for any other name.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        if let Ok(tz) = name.parse::<Tz>() {
            return Ok(Zone::of(tz));
        }
        if let Some(offset) = fixed_offset(name) {
            return Ok(Zone::of_spans(name.to_owned(), vec![Instant::MIN.micros()], vec![offset]));
        }
        let tz = zone_names::iana(name).and_then(|iana| iana.parse::<Tz>().ok());
        tz.map(Zone::of).ok_or_else(|| UnknownZone { name: name.to_owned(), nearest: nearest_zone(name) })
    }

    fn of(tz: Tz) -> Zone {
        let (starts, offsets) = offsets::spans(tz);
        Zone::of_spans(tz.name().to_owned(), starts, offsets)
    }

    fn of_spans(name: String, starts: Vec<i64>, offsets: Vec<i64>) -> Zone {
        let since_first = |start: &i64| (start - Instant::MIN.micros()) as u64;
        let ends: Vec<u64> = starts.iter().skip(1).map(since_first).chain([u64::MAX]).collect();
        let mut span = 0;
        let at_step = (0..=Instant::MAX.since_first() >> STEP).map(|step| {
            while ends[span] <= step << STEP {
                span += 1;
            }
            // There are a few hundred spans at most.
            span as u16
        });
        let at_step = at_step.collect();
        Zone { name, starts, offsets, ends, at_step }
    }

    /// Its IANA name, or the offset it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a bare offset from UTC, which knows no summer time.
    pub fn is_fixed_offset(name: &str) -> bool {
        name.parse::<Tz>().is_err() && fixed_offset(name).is_some()
    }

    /// What the zone's clocks show at an instant.
    pub fn local(&self, instant: Instant) -> LocalTime {
        LocalTime::from_micros(instant.micros() + self.offsets[self.span(instant)])
    }

    /// The instant at which the zone's clocks show a local time: the one door.
    pub fn instant(&self, local: LocalTime) -> Reading {
        // Clocks are never a day ahead of or behind UTC by more than the date line allows, 26 h.
        let (from, to) = (local.micros() - 26 * 60 * MINUTE, local.micros() + 26 * 60 * MINUTE);
        let first = self.span(Instant::from_micros(from).unwrap_or(Instant::MIN));
        let mut shown =
            (first..self.starts.len()).take_while(|span| self.starts[*span] <= to).filter_map(|span| {
                let instant = local.micros() - self.offsets[span];
                let end = self.starts.get(span + 1).copied().unwrap_or(i64::MAX);
                (self.starts[span] <= instant && instant < end).then_some(instant)
            });
        match (shown.next().map(Instant::from_micros), shown.next().map(Instant::from_micros)) {
            (Some(Ok(instant)), None) => Reading::Once(instant),
            (Some(Ok(earlier)), Some(Ok(later))) => Reading::Twice { earlier, later },
            _ => Reading::Never,
        }
    }

    /// The instant from which on the local date is that of `midnight` or later, for good: local
    /// midnight, the second where the clock showed two, or the moment after the gap where it
    /// skipped it.
    pub fn first_instant_of(&self, midnight: LocalTime) -> Option<Instant> {
        match self.instant(midnight) {
            Reading::Once(instant) | Reading::Twice { later: instant, .. } => Some(instant),
            Reading::Never => {
                // Skipped: the span that begins with a later reading begins at the sought moment.
                let place = (1..self.starts.len()).find(|span| {
                    self.starts[*span] + self.offsets[span - 1] <= midnight.micros()
                        && midnight.micros() < self.starts[*span] + self.offsets[*span]
                })?;
                Instant::from_micros(self.starts[place]).ok()
            }
        }
    }

    /// Which span of constant offset an instant lies in.
    #[inline]
    pub(super) fn span(&self, instant: Instant) -> usize {
        let since = instant.since_first();
        let mut span = usize::from(self.at_step[(since >> STEP) as usize]);
        // A sum rather than a branch for the one change that a step may hold, and may as well not.
        span += usize::from(self.ends[span] <= since);
        while self.ends[span] <= since {
            span += 1;
        }
        span
    }

    /// The spans of constant offset: where each starts, and what its clock is ahead of UTC.
    pub(super) fn spans(&self) -> impl ExactSizeIterator<Item = (i64, i64)> + '_ {
        self.starts.iter().copied().zip(self.offsets.iter().copied())
    }

    /// Where a span of constant offset ends, in microseconds of UTC.
    pub(super) fn end(&self, span: usize) -> i64 {
        self.starts.get(span + 1).copied().unwrap_or(Instant::MAX.micros())
    }

    /// Where a span of constant offset starts, in microseconds since [`Instant::MIN`].
    pub(super) fn start_since_first(&self, span: usize) -> u64 {
        if span == 0 { 0 } else { self.ends[span - 1] }
    }

    /// What a span's clock is ahead of UTC, in microseconds.
    pub(super) fn offset(&self, span: usize) -> i64 {
        self.offsets[span]
    }
}

/// The offset that `UTC`, `Z`, `+HH:MM`, `-HHMM` or `UTC+HH` name, in microseconds.
fn fixed_offset(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("UTC").or_else(|| name.strip_prefix("GMT")).unwrap_or(name);
    if rest == "Z" {
        return Some(0);
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let minutes = match (digits.len(), digits.bytes().all(|b| b.is_ascii_digit())) {
        (1 | 2, true) => digits.parse::<i64>().ok()? * 60,
        (4, true) => {
            digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok().filter(|m| *m < 60)?
        }
        _ => return None,
    };
    (minutes < 16 * 60).then_some(sign * minutes * MINUTE)
}

fn nearest_zone(name: &str) -> Option<String> {
    let likeness = |zone: &Tz| strsim::jaro_winkler(&zone.name().to_lowercase(), &name.to_lowercase());
    let nearest = chrono_tz::TZ_VARIANTS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(nearest) > 0.8).then(|| nearest.name().to_owned())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Offset, TimeZone};

    use super::super::time::{DAY, SECOND};
    use super::*;

    fn local(text: &str) -> LocalTime {
        LocalTime::from_datetime(text.parse().unwrap())
    }

    fn instant(text: &str) -> Instant {
        Instant::from_micros(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()).unwrap()
    }

    #[test]
    fn a_local_time_shown_twice_gives_both_instants() {
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(
            paris.instant(local("2024-10-27T02:30:00")),
            Reading::Twice {
                earlier: instant("2024-10-27T00:30:00Z"),
                later: instant("2024-10-27T01:30:00Z")
            }
        );
    }

    #[test]
    fn a_local_time_never_shown_gives_none() {
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(paris.instant(local("2024-03-31T02:30:00")), Reading::Never);
        // Samoa went from 29 December 2011 to the 31st.
        let apia = Zone::named("Pacific/Apia").unwrap();
        assert_eq!(apia.instant(local("2011-12-30T12:00:00")), Reading::Never);
        assert_eq!(
            apia.instant(local("2011-12-29T12:00:00")),
            Reading::Once(instant("2011-12-29T22:00:00Z"))
        );
        assert_eq!(
            apia.instant(local("2011-12-31T12:00:00")),
            Reading::Once(instant("2011-12-30T22:00:00Z"))
        );
    }

    #[test]
    fn the_first_instant_of_a_skipped_midnight_is_the_one_after_the_gap() {
        // Cairo's clocks went from 00:00 to 01:00 on 2024-04-26.
        let cairo = Zone::named("Africa/Cairo").unwrap();
        assert_eq!(
            cairo.first_instant_of(local("2024-04-26T00:00:00")),
            Some(instant("2024-04-25T22:00:00Z"))
        );
        // Apia's whole 30 December: the date begins when the 31st does.
        let apia = Zone::named("Pacific/Apia").unwrap();
        assert_eq!(
            apia.first_instant_of(local("2011-12-30T00:00:00")),
            Some(instant("2011-12-30T10:00:00Z"))
        );
    }

    #[test]
    fn of_two_midnights_the_second_ends_the_day_before() {
        // St John's clocks went from 00:01 on 2009-11-01 back to 23:01 on 31 October.
        let zone = Zone::named("America/St_Johns").unwrap();
        assert_eq!(
            zone.first_instant_of(local("2009-11-01T00:00:00")),
            Some(instant("2009-11-01T03:30:00Z"))
        );
    }

    #[test]
    fn an_unknown_zone_names_the_nearest_known_one() {
        let error = Zone::named("Europe/Pari").unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("Europe/Paris"));
        assert!(Zone::named("").is_err());
        assert!(Zone::named("CET+CEST").is_err());
    }

    #[test]
    fn a_fixed_offset_is_a_zone_without_summer_time() {
        for (name, hours) in [("+05:30", 5.5), ("-0330", -3.5), ("UTC+2", 2.0), ("Z", 0.0)] {
            let zone = Zone::named(name).unwrap();
            let expected = (hours * 3_600_000_000.0) as i64;
            assert_eq!(
                zone.local(instant("2024-07-01T00:00:00Z")).micros()
                    - instant("2024-07-01T00:00:00Z").micros(),
                expected
            );
            assert!(Zone::is_fixed_offset(name));
        }
        assert!(!Zone::is_fixed_offset("UTC"));
    }

    #[test]
    fn every_zone_agrees_with_chrono_at_every_day_and_around_every_change() {
        for tz in chrono_tz::TZ_VARIANTS.iter().step_by(7) {
            let zone = Zone::of(*tz);
            let mut probes: Vec<i64> =
                (0..73_000).step_by(11).map(|day| Instant::MIN.micros() + day * DAY).collect();
            probes.extend(zone.starts.iter().skip(1).flat_map(|start| [start - 1, *start]));
            for micros in probes {
                let utc = DateTime::from_timestamp_micros(micros).unwrap();
                let offset = i64::from(tz.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc());
                assert_eq!(
                    zone.local(Instant::from_micros(micros).unwrap()).micros(),
                    micros + offset * SECOND,
                    "{tz} {utc}"
                );
            }
        }
    }

    #[test]
    fn the_door_undoes_the_reading_except_for_the_second_of_two() {
        for name in ["Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca"] {
            let zone = Zone::named(name).unwrap();
            for hour in 0..24 * 366 * 2 {
                let moment =
                    Instant::from_micros(instant("2023-01-01T00:15:00Z").micros() + hour * 60 * MINUTE)
                        .unwrap();
                match zone.instant(zone.local(moment)) {
                    Reading::Once(found) => assert_eq!(found, moment),
                    Reading::Twice { earlier, later } => assert!(earlier == moment || later == moment),
                    Reading::Never => panic!("{name} showed {moment}"),
                }
            }
        }
    }

    #[test]
    fn summer_time_is_known_to_the_end_of_the_span() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let july = LocalTime::midnight(NaiveDate::from_ymd_opt(2099, 7, 1).unwrap());
        assert_eq!(paris.instant(july), Reading::Once(instant("2099-06-30T22:00:00Z")));
    }
}
