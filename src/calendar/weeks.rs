//! A calendar as cumulative sums over its weeks: the working time up to any local time, and the
//! local time at which an amount of it has passed, are found without walking the days.
//!
//! Every week has an entry with the working time before it, and where its days stand. Most weeks
//! are alike and share their days; one with special days in it has days of its own, and shares
//! them with those that have the same. So a question costs two divisions by constants and two
//! look-ups, however many special days there are, and all of it that the questions of some years
//! touch fits in a processor's nearest cache. Windows open and close on whole minutes, which is
//! what is counted in here.

use std::collections::BTreeMap;

use super::hours::{Calendar, Window};
use super::time::{DAY, Instant, MINUTE, day_number, weekday_index};

const WEEK: i64 = 7 * DAY;

/// How many weeks readings of clocks can lie in, to the first days of 2100.
const WEEKS: usize = ((Instant::MAX.micros() - WorkingWeeks::ORIGIN) / WEEK) as usize + 2;

/// A calendar as cumulative sums over its weeks.
#[derive(Debug)]
pub(super) struct WorkingWeeks {
    /// All weeks from [`Self::ORIGIN`] on, and at the end one for what lies before it.
    weeks: Vec<Week>,
    /// The days of all different weeks, Monday first, with their first windows.
    days: Vec<Day>,
    /// How many more windows than the first every day has in `more`, where some of no length
    /// fill up.
    more_a_day: usize,
    /// The other windows of `days`, day by day.
    more: Vec<Hours>,
}

/// A week.
#[derive(Debug, Clone, Copy)]
struct Week {
    /// Minutes of working time before it.
    before: u32,
    /// Where its days begin in `days`.
    days: u32,
}

/// A day of a week.
#[derive(Debug, Clone, Copy)]
struct Day {
    /// Minutes of working time from the start of the week to that of the day.
    before: u16,
    /// Its first window.
    hours: Hours,
}

/// A window of a day, in minutes.
#[derive(Debug, Clone, Copy, Default)]
struct Hours {
    /// When it opens.
    open: u16,
    /// How long it is open.
    length: u16,
}

impl Hours {
    /// The part of a window that has passed at a time of the day, all in microseconds.
    fn passed(self, time: i64) -> i64 {
        (time - self.open()).max(0).min(self.length())
    }

    fn open(self) -> i64 {
        i64::from(self.open) * MINUTE
    }

    fn length(self) -> i64 {
        i64::from(self.length) * MINUTE
    }
}

impl WorkingWeeks {
    /// The local time that all are counted from: midnight of a Monday, as the first of 1900 is,
    /// and before every reading of a clock.
    pub(super) const ORIGIN: i64 = Instant::MIN.micros() - WEEK;

    pub(super) fn new(calendar: &Calendar) -> WorkingWeeks {
        let usual = calendar.week().each_ref().map(Vec::as_slice);
        // Days of years that no clock knows make no difference between two readings.
        let mut special: BTreeMap<usize, [&[Window]; 7]> = BTreeMap::new();
        for (date, day) in calendar.special_days() {
            let day_of_all = day_number(*date);
            let number = (day_of_all - WorkingWeeks::ORIGIN / DAY).div_euclid(7);
            if let Some(number) = usize::try_from(number).ok().filter(|number| *number < WEEKS) {
                special.entry(number).or_insert(usual)[weekday_index(day_of_all)] = &day.windows;
            }
        }
        let most = special.values().flatten().chain(&usual).map(|windows| windows.len()).max();
        let more_a_day = most.unwrap_or_default().saturating_sub(1);
        let mut all = WorkingWeeks { weeks: Vec::new(), days: Vec::new(), more_a_day, more: Vec::new() };
        let mut known = BTreeMap::new();
        let usual = (all.days_of(usual, &mut known), minutes(&usual));
        let mut special = special.into_iter().peekable();
        let mut before = 0;
        all.weeks.reserve_exact(WEEKS + 1);
        for number in 0..=WEEKS {
            let (days, length) = match special.next_if(|(week, _)| *week == number) {
                Some((_, days)) => (all.days_of(days, &mut known), minutes(&days)),
                None => usual,
            };
            all.weeks.push(Week { before, days });
            before += length;
        }
        all
    }

    /// Where the days of a week begin in `days`; they are added unless they are known.
    fn days_of<'a>(&mut self, week: [&'a [Window]; 7], known: &mut BTreeMap<[&'a [Window]; 7], u32>) -> u32 {
        *known.entry(week).or_insert_with(|| {
            let place = self.days.len() as u32;
            let mut before = 0;
            for windows in week {
                // All are minutes of a week, of which there are 10,080.
                let mut hours = windows.iter().map(|window| Hours {
                    open: (window.open().micros() / MINUTE) as u16,
                    length: (window.micros() / MINUTE) as u16,
                });
                self.days.push(Day { before, hours: hours.next().unwrap_or_default() });
                let more = hours.chain(std::iter::repeat(Hours::default()));
                self.more.extend(more.take(self.more_a_day));
                before += windows.iter().map(|window| window.micros() / MINUTE).sum::<i64>() as u16;
            }
            place
        })
    }

    /// The windows of a day after its first.
    fn more(&self, day: usize) -> &[Hours] {
        &self.more[day * self.more_a_day..(day + 1) * self.more_a_day]
    }

    /// Working time to a local time, in microseconds, as all local times are, since
    /// [`Self::ORIGIN`]; only differences mean anything.
    #[inline]
    pub(super) fn before(&self, local: u64) -> i64 {
        let week = self.weeks[(local / WEEK as u64) as usize];
        let in_week = local % WEEK as u64;
        let time = (in_week % DAY as u64) as i64;
        let place = week.days as usize + (in_week / DAY as u64) as usize;
        let day = self.days[place];
        let mut today = day.hours.passed(time);
        if self.more_a_day > 0 {
            let first = place * self.more_a_day;
            for place in first..first + self.more_a_day {
                today += self.more[place].passed(time);
            }
        }
        (i64::from(week.before) + i64::from(day.before)) * MINUTE + today
    }

    /// The earliest local time to which [`Self::before`] is `amount`, sought from the week of
    /// `from` on, to which it is less; `None` where no week holds so much.
    pub(super) fn reach(&self, amount: i64, from: u64) -> Option<u64> {
        let before = |number: usize| self.weeks.get(number).map(|week| i64::from(week.before) * MINUTE);
        // Most amounts are reached within a week or two: widen the search by doubling steps.
        let (mut low, mut step) = ((from / WEEK as u64) as usize, 1);
        let mut high = low + step;
        while before(high.min(WEEKS))? < amount {
            if high >= WEEKS {
                return None;
            }
            step *= 2;
            low = high;
            high += step;
        }
        // before(low) < amount <= before(high): halve until they are neighbours.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match before(middle.min(WEEKS))? < amount {
                true => low = middle,
                false => high = middle,
            }
        }
        let week = self.weeks[low];
        let rest = amount - i64::from(week.before) * MINUTE;
        // The last day before which less has passed than the rest.
        let days = &self.days[week.days as usize..][..7];
        let before = |day: usize| i64::from(days[day].before) * MINUTE;
        let day = (1..7).filter(|day| before(*day) < rest).count();
        let mut rest = rest - before(day);
        for hours in [days[day].hours].iter().chain(self.more(week.days as usize + day)) {
            if rest <= hours.length() {
                let midnight = low as u64 * WEEK as u64 + day as u64 * DAY as u64;
                return Some(midnight + (hours.open() + rest) as u64);
            }
            rest -= hours.length();
        }
        None
    }
}

/// The working time of some days, in minutes.
fn minutes(days: &[&[Window]; 7]) -> u32 {
    (days.iter().copied().flatten().map(|window| window.micros()).sum::<i64>() / MINUTE) as u32
}
