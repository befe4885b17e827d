//! The spans of a measurement by local days, and days that are alike in one line.

use chrono::{Days, NaiveDate};

use super::Explained;
use super::walk::{CountedSpan, Why};
use crate::calendar::LocalTime;

/// What counted of a measurement on one local date. Where clocks that went back over midnight
/// showed a date twice, it is two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// The local date.
    pub date: NaiveDate,
    /// All its spans in the measurement, in order; at least one.
    pub spans: &'a [CountedSpan],
    /// What counted on it, in microseconds.
    pub counted: i64,
    /// What has counted when it ends, in microseconds.
    pub total: i64,
    /// Why nothing counted, where nothing did.
    pub nothing: Option<Why>,
    /// Whether the target is reached on it.
    pub reached: bool,
    /// By how much the clocks were put forward on it, or just before it began, in microseconds;
    /// less than nothing where they were put back.
    pub clock_change: i64,
}

/// Consecutive days that are alike: of which the same hours count, or none for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayGroup<'a> {
    /// The first of them, whose hours are those of each.
    pub day: Day<'a>,
    /// The date of the first.
    pub first: NaiveDate,
    /// That of the last.
    pub last: NaiveDate,
    /// How many there are.
    pub days: usize,
    /// What counted on all of them together, in microseconds.
    pub counted: i64,
    /// What has counted when the last ends, in microseconds.
    pub total: i64,
    /// Why nothing counted, where nothing did.
    pub nothing: Option<Why>,
    /// Whether the target is reached on it; then it is one day alone.
    pub reached: bool,
}

impl<'a> Day<'a> {
    /// `before` is what the clock showed when the span before them ended, if there is one.
    fn of(spans: &'a [CountedSpan], before: Option<LocalTime>, target: i64) -> Option<Day<'a>> {
        let (first, last) = (spans.first()?, spans.last()?);
        let counted = spans.iter().map(|span| span.counted).sum();
        // A wait says more than a closed hour: without it, something would have counted.
        let reasons = [Why::Waiting, Why::Holiday, Why::DayOff, Why::OutsideHours];
        let has = |why: &Why| spans.iter().any(|span| span.why == *why);
        let nothing = if counted == 0 { reasons.into_iter().find(has) } else { None };
        let reached = last.total - counted < target && target <= last.total;
        let jump = |to: LocalTime, from: LocalTime| to.micros() - from.micros();
        let within = spans.windows(2).map(|pair| jump(pair[1].local_from, pair[0].local_to));
        let clock_change = before.map_or(0, |before| jump(first.local_from, before)) + within.sum::<i64>();
        Some(Day { date: first.date, spans, counted, total: last.total, nothing, reached, clock_change })
    }

    /// Its spans that count.
    pub fn pieces(&self) -> impl Iterator<Item = &'a CountedSpan> + use<'a> {
        self.spans.iter().filter(|span| span.why == Why::Counted)
    }

    /// Whether another day counts just as this one does.
    fn is_like(&self, other: &Day<'_>) -> bool {
        let shape = |span: &CountedSpan| {
            (span.local_from.time_of_day(), span.to.micros() - span.from.micros(), span.why)
        };
        self.nothing == other.nothing
            && self.clock_change == 0
            && other.clock_change == 0
            && (self.nothing.is_some() || self.spans.iter().map(shape).eq(other.spans.iter().map(shape)))
    }
}

impl Explained {
    /// The measurement day by day.
    pub fn days(&self) -> Vec<Day<'_>> {
        let mut days = Vec::new();
        let mut before = None;
        for spans in self.spans.chunk_by(|a, b| a.date == b.date) {
            days.extend(Day::of(spans, before, self.measurement.target));
            before = spans.last().map(|span| span.local_to);
        }
        days
    }

    /// The measurement day by day, with consecutive days that are alike in one. The first day, the
    /// last, and the one on which the target is reached stand alone.
    pub fn day_groups(&self) -> Vec<DayGroup<'_>> {
        let days = self.days();
        let alone = |place: usize| place == 0 || place + 1 == days.len() || days[place].reached;
        let mut groups: Vec<DayGroup<'_>> = Vec::new();
        for (place, day) in days.iter().enumerate() {
            let next_to = |group: &&mut DayGroup<'_>| {
                !alone(place)
                    && !alone(place - 1)
                    && group.last.checked_add_days(Days::new(1)) == Some(day.date)
                    && group.day.is_like(day)
            };
            match groups.last_mut().filter(next_to) {
                Some(group) => {
                    group.last = day.date;
                    group.days += 1;
                    group.counted += day.counted;
                    group.total = day.total;
                }
                None => groups.push(DayGroup {
                    day: *day,
                    first: day.date,
                    last: day.date,
                    days: 1,
                    counted: day.counted,
                    total: day.total,
                    nothing: day.nothing,
                    reached: day.reached,
                }),
            }
        }
        groups
    }
}
