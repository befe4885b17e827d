//! An event of a calendar, and the days that it stands for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::icalendar::Property;
use super::recurrence::Rule;
use super::{BadLine, FileDay, tidy};
use crate::calendar::{Instant, SpecialDay, Zone};

/// An event as its lines have it.
#[derive(Debug, Default)]
pub(super) struct Event {
    /// Where it begins.
    line: usize,
    uid: Option<String>,
    name: Option<String>,
    start: Option<Property>,
    end: Option<Property>,
    duration: Option<Property>,
    rule: Option<Property>,
    /// Further days, and days that are left out.
    more: Vec<Property>,
    fewer: Vec<Property>,
    /// Which day of the events of its name it stands in place of.
    replaces: Option<Property>,
    cancelled: bool,
    /// Whether Outlook calls it an event of whole days.
    all_day: bool,
}

impl Event {
    /// An event that begins in a line.
    pub(super) fn new(line: usize) -> Event {
        Event { line, ..Event::default() }
    }

    /// Takes one of its lines.
    pub(super) fn take(&mut self, property: Property) -> Result<(), BadLine> {
        let once = match property.name.as_str() {
            "DTSTART" => &mut self.start,
            "DTEND" => &mut self.end,
            "DURATION" => &mut self.duration,
            "RRULE" => &mut self.rule,
            "RECURRENCE-ID" => &mut self.replaces,
            other => {
                match other {
                    "UID" => self.uid = Some(property.value),
                    "SUMMARY" => self.name = tidy(&unescaped(&property.value)),
                    "STATUS" => self.cancelled = property.word() == "CANCELLED",
                    "X-MICROSOFT-CDO-ALLDAYEVENT" => self.all_day = property.word() == "TRUE",
                    "RDATE" => self.more.push(property),
                    "EXDATE" => self.fewer.push(property),
                    "EXRULE" => {
                        let what = "EXRULE is not read: name the days that are left out in EXDATE";
                        return Err((property.line, what.to_owned()));
                    }
                    _ => {}
                }
                return Ok(());
            }
        };
        if let Some(earlier) = once {
            let (name, line) = (&property.name, earlier.line);
            let what = format!("the event has a {name} in line {line} already: write two events");
            return Err((property.line, what));
        }
        *once = Some(property);
        Ok(())
    }
}

/// Text without the backslashes that stand before what has a meaning in a calendar.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            _ => plain.push(char),
        }
    }
    plain
}

/// How many days a file may stand for: twice as many as a calendar that is never open.
const MOST_DAYS: usize = 150_000;

/// How many years, months, weeks or days the rules of a file may walk through, in all.
const MOST_PERIODS: i64 = 1_000_000;

/// All events of a file.
#[derive(Debug)]
pub(super) struct Known {
    events: Vec<Event>,
    /// The zone in which the calendar is kept, if it says so.
    zone: Option<String>,
}

impl Known {
    /// The events of a calendar and its zone.
    pub(super) const fn new(events: Vec<Event>, zone: Option<String>) -> Known {
        Known { events, zone }
    }

    /// The days of all events, in the order of the file.
    pub(super) fn days(&self) -> Result<Vec<FileDay>, BadLine> {
        let mut replaced: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
        for event in &self.events {
            if let Some(property) = &event.replaces {
                if property.parameter("RANGE").is_some() {
                    let what = "RECURRENCE-ID with a RANGE is not read: write one event for each day";
                    return Err((property.line, what.to_owned()));
                }
                let what = || (property.line, "an event with RECURRENCE-ID must have a UID".to_owned());
                let uid = event.uid.as_deref().ok_or_else(what)?;
                let day = self.clock(event).day(property, &property.value)?;
                replaced.entry(uid).or_default().insert(day);
            }
        }
        let none = BTreeSet::new();
        let (mut days, mut periods) = (Vec::new(), 0);
        for event in self.events.iter().filter(|event| !event.cancelled) {
            // Those that stand in place of others are not replaced themselves.
            let uid = event.uid.as_deref().filter(|_| event.replaces.is_none());
            let replaced = uid.and_then(|uid| replaced.get(uid)).unwrap_or(&none);
            self.add(event, replaced, &mut periods, &mut days)?;
        }
        Ok(days)
    }

    /// Adds the days of an event.
    fn add(
        &self,
        event: &Event,
        replaced: &BTreeSet<NaiveDate>,
        periods: &mut i64,
        days: &mut Vec<FileDay>,
    ) -> Result<(), BadLine> {
        let start = event.start.as_ref();
        let start =
            start.ok_or_else(|| (event.line, "the event has no DTSTART, its first day".to_owned()))?;
        let clock = self.clock(event);
        let first = clock.day(start, &start.value)?;
        let length = length(event, start, first, &clock)?;
        let mut firsts = match &event.rule {
            None => BTreeSet::from([first]),
            Some(rule) => repeated(rule, first, &clock, periods)?,
        };
        for property in &event.more {
            for value in property.value.split(',') {
                firsts.insert(clock.day(property, value)?);
            }
        }
        for property in &event.fewer {
            for value in property.value.split(',') {
                firsts.remove(&clock.day(property, value)?);
            }
        }
        for first in firsts.difference(replaced) {
            if days.len() as u64 + length > MOST_DAYS as u64 {
                let what = format!(
                    "the file stands for more than {MOST_DAYS} days up to here: is an event too long?"
                );
                return Err((event.line, what));
            }
            for date in first.iter_days().take(length as usize) {
                let day = SpecialDay { windows: Vec::new(), name: event.name.clone() };
                days.push(FileDay { line: event.line, date, day });
            }
        }
        Ok(())
    }

    /// The clock by which an event is written: that of its first day, else of the calendar.
    fn clock<'a>(&'a self, event: &'a Event) -> Clock<'a> {
        let of_start = event.start.as_ref().and_then(|start| start.parameter("TZID"));
        match event.start.as_ref().and_then(|start| Reading::parse(&start.value)) {
            Some(Reading::Date(_)) => Clock { zone: None },
            _ => Clock { zone: of_start.or(self.zone.as_deref()) },
        }
    }
}

/// The days of a rule that begins with `first`.
fn repeated(
    rule: &Property,
    first: NaiveDate,
    clock: &Clock<'_>,
    periods: &mut i64,
) -> Result<BTreeSet<NaiveDate>, BadLine> {
    let bad = |what| (rule.line, what);
    let read = Rule::parse(&rule.value).map_err(bad)?;
    *periods += read.periods(first);
    if *periods > MOST_PERIODS {
        return Err(bad("the rules of the file take too long to follow: give them an end".to_owned()));
    }
    // The last day is one whose midnight is not after it.
    let until = read.until.map(|until| clock.local(rule, until).map(|until| until.date())).transpose()?;
    read.days(first, until).map_err(bad)
}

/// How many days an event lasts.
fn length(event: &Event, start: &Property, first: NaiveDate, clock: &Clock<'_>) -> Result<u64, BadLine> {
    let one_day = event.all_day || matches!(Reading::parse(&start.value), Some(Reading::Date(_)));
    match (&event.end, &event.duration) {
        (Some(_), Some(duration)) => {
            Err((duration.line, "the event has both DTEND and DURATION: leave one of them out".to_owned()))
        }
        (Some(end), None) => match (clock.day(end, &end.value)? - first).num_days() {
            // Some programs write the only day of an event as its end, too.
            0 if one_day => Ok(1),
            0 => Err((end.line, TIMED.to_owned())),
            days => u64::try_from(days).map_err(|_| (end.line, "the event ends before it begins".to_owned())),
        },
        (None, Some(duration)) => whole_days(&duration.value).map_err(|what| (duration.line, what)),
        (None, None) if one_day => Ok(1),
        (None, None) => Err((start.line, TIMED.to_owned())),
    }
}

/// The days of a duration such as `P1D`, `P2W` or `PT24H`.
fn whole_days(text: &str) -> Result<u64, String> {
    let bad = || format!("\"{text}\" is no duration: P1D is expected for a day");
    let text = text.trim();
    let rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P').ok_or_else(bad)?;
    let (mut seconds, mut rest) = (0_u64, rest);
    while !rest.is_empty() {
        rest = rest.strip_prefix('T').unwrap_or(rest);
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = match rest[digits..].chars().next() {
            Some('W') => 7 * 86_400,
            Some('D') => 86_400,
            Some('H') => 3_600,
            Some('M') => 60,
            Some('S') => 1,
            _ => return Err(bad()),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(bad)?;
        rest = &rest[digits + 1..];
    }
    match (seconds / 86_400, seconds % 86_400) {
        (days, 0) if days > 0 => Ok(days),
        _ => Err(TIMED.to_owned()),
    }
}

const TIMED: &str = "only events of whole days can be holidays: give a half-day its hours under special_days in the \
                     policy, or in the hours of a CSV, and leave the event out";

/// A date or a time as calendars write it.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// `20240501`.
    Date(NaiveDate),
    /// `20240501T000000`, on the clock of some place.
    Local(NaiveDateTime),
    /// `20240501T000000Z`.
    Utc(NaiveDateTime),
}

impl Reading {
    fn parse(text: &str) -> Option<Reading> {
        let text = text.trim();
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let (date, time) = text.split_at_checked(8)?;
        let number = |text: &str| text.parse::<u32>().ok();
        if !digits(date, 8) {
            return None;
        }
        let date =
            NaiveDate::from_ymd_opt(date[..4].parse().ok()?, number(&date[4..6])?, number(&date[6..])?)?;
        if time.is_empty() {
            return Some(Reading::Date(date));
        }
        let time = time.strip_prefix('T')?;
        let (clock, utc) = time.strip_suffix('Z').map_or((time, false), |clock| (clock, true));
        if !digits(clock, 6) {
            return None;
        }
        let clock =
            NaiveTime::from_hms_opt(number(&clock[..2])?, number(&clock[2..4])?, number(&clock[4..])?)?;
        Some(if utc { Reading::Utc(date.and_time(clock)) } else { Reading::Local(date.and_time(clock)) })
    }
}

/// The clock by which an event is written.
#[derive(Debug, Clone, Copy)]
struct Clock<'a> {
    /// Its zone, where one is named: only a time in UTC needs it.
    zone: Option<&'a str>,
}

impl Clock<'_> {
    /// What the clock shows at the time that a value of a property names.
    fn local(self, property: &Property, value: &str) -> Result<NaiveDateTime, BadLine> {
        let name = &property.name;
        let bad = |what| (property.line, what);
        let reading = Reading::parse(value);
        let reading = reading.ok_or_else(|| {
            bad(format!("{name} has \"{value}\", which is no date: one such as 20240501 is expected"))
        })?;
        match (reading, self.zone) {
            (Reading::Date(date), _) => Ok(date.and_time(NaiveTime::MIN)),
            (Reading::Local(local), _) | (Reading::Utc(local), None) => Ok(local),
            (Reading::Utc(utc), Some(zone)) => {
                let known = Zone::named(zone).map_err(|_| {
                    bad(format!(
                        "{name} is in UTC, and its day is unknown in the zone \"{zone}\": write a date"
                    ))
                })?;
                let instant = Instant::from_micros(utc.and_utc().timestamp_micros())
                    .map_err(|error| bad(format!("{name}: {error}")))?;
                let local = known.local(instant);
                let midnight = local.date().and_time(NaiveTime::MIN);
                Ok(midnight + TimeDelta::microseconds(local.time_of_day()))
            }
        }
    }

    /// The day that a value of a property names.
    fn day(self, property: &Property, value: &str) -> Result<NaiveDate, BadLine> {
        let local = self.local(property, value)?;
        match local.time() == NaiveTime::MIN {
            true => Ok(local.date()),
            false => Err((property.line, TIMED.to_owned())),
        }
    }
}
