//! Opening hours on a wall clock: windows by weekday, holidays, and dates with hours of their own.
//!
//! Nothing here knows a time zone. [`Calendar`] is what a policy says; [`WorkingDays`] is the same
//! as cumulative sums, so that the working time up to any local time, and the local time at which
//! an amount of it has passed, are found without walking the days.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::time::{DAY, HOUR, LocalTime, MINUTE, day_number, weekday_index};

/// A reading of a clock within a day, `00:00` to `24:00`; the last closes a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(i64);

impl DayTime {
    /// Microseconds since midnight, 0 to those of 24 hours.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl FromStr for DayTime {
    type Err = CalendarFlaw;

    /// Reads `HH:MM`.
    fn from_str(text: &str) -> Result<DayTime, CalendarFlaw> {
        let flaw = || CalendarFlaw::DayTime(text.to_owned());
        let number = |digits: &str| match digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()) {
            true => digits.parse::<i64>().map_err(|_| flaw()),
            false => Err(flaw()),
        };
        let (hour, minute) = text.split_once(':').ok_or_else(flaw)?;
        let (hour, minute) = (number(hour)?, number(minute)?);
        let time = hour * HOUR + minute * MINUTE;
        if minute > 59 || time > DAY { Err(flaw()) } else { Ok(DayTime(time)) }
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / HOUR, self.0 % HOUR / MINUTE)
    }
}

/// The working time of a day between two readings of the clock, `[open, close)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    open: DayTime,
    close: DayTime,
}

impl Window {
    /// The window between two readings.
    ///
    /// # Errors
    /// [`CalendarFlaw::Backwards`] unless it closes after it opens.
    pub fn new(open: DayTime, close: DayTime) -> Result<Window, CalendarFlaw> {
        let window = Window { open, close };
        if open < close { Ok(window) } else { Err(CalendarFlaw::Backwards(window.to_string())) }
    }

    /// When it opens.
    pub const fn open(self) -> DayTime {
        self.open
    }

    /// When it closes.
    pub const fn close(self) -> DayTime {
        self.close
    }

    const fn micros(self) -> i64 {
        self.close.0 - self.open.0
    }
}

impl FromStr for Window {
    type Err = CalendarFlaw;

    /// Reads `HH:MM-HH:MM`.
    fn from_str(text: &str) -> Result<Window, CalendarFlaw> {
        let (open, close) = text.split_once('-').ok_or_else(|| CalendarFlaw::Window(text.to_owned()))?;
        Window::new(open.trim().parse()?, close.trim().parse()?)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.open, self.close)
    }
}

/// What is wrong with hours, windows or days that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFlaw {
    /// Not a reading of a clock.
    #[error("\"{0}\" is no time of day: write HH:MM, from 00:00 to 24:00")]
    DayTime(String),
    /// Not two readings of a clock.
    #[error("\"{0}\" is no window: write HH:MM-HH:MM, such as \"09:00-18:00\"")]
    Window(String),
    /// It closes before it opens.
    #[error("the window {0} does not close after it opens: split a night in two, to 24:00 and from 00:00")]
    Backwards(String),
    /// Two windows of a day share time.
    #[error("the windows {0} and {1} overlap: a day's windows must be apart")]
    Overlap(String, String),
    /// A date is given twice, with different hours.
    #[error("{0} is both a holiday and a special day: name it once")]
    TwiceNamed(NaiveDate),
}

/// A date whose hours are its own, in place of its weekday's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpecialDay {
    /// Its windows; none on a holiday.
    pub windows: Vec<Window>,
}

/// Opening hours on a local clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    week: [Vec<Window>; 7],
    special: BTreeMap<NaiveDate, SpecialDay>,
}

impl Calendar {
    /// A calendar of weekly windows, Monday first.
    ///
    /// # Errors
    /// [`CalendarFlaw::Overlap`] where two windows of a day share time.
    pub fn new(mut week: [Vec<Window>; 7]) -> Result<Calendar, CalendarFlaw> {
        for windows in &mut week {
            in_order(windows)?;
        }
        Ok(Calendar { week, special: BTreeMap::new() })
    }

    /// Closes the calendar on a date.
    ///
    /// # Errors
    /// [`CalendarFlaw::TwiceNamed`] where the date has hours of its own already.
    pub fn add_holiday(&mut self, date: NaiveDate) -> Result<(), CalendarFlaw> {
        self.add_special_day(date, Vec::new())
    }

    /// Gives a date hours of its own.
    ///
    /// # Errors
    /// [`CalendarFlaw::Overlap`] where two windows share time, [`CalendarFlaw::TwiceNamed`] where
    /// the date already has other hours of its own.
    pub fn add_special_day(&mut self, date: NaiveDate, mut windows: Vec<Window>) -> Result<(), CalendarFlaw> {
        in_order(&mut windows)?;
        let day = SpecialDay { windows };
        match self.special.insert(date, day.clone()) {
            Some(earlier) if earlier != day => Err(CalendarFlaw::TwiceNamed(date)),
            _ => Ok(()),
        }
    }

    /// Drops a date's own hours, so that its weekday's hold again.
    pub fn forget_special_day(&mut self, date: NaiveDate) {
        self.special.remove(&date);
    }

    /// The windows of a date: its own, else those of its weekday.
    pub fn windows_on(&self, date: NaiveDate) -> &[Window] {
        match self.special.get(&date) {
            Some(day) => &day.windows,
            None => &self.week[weekday_index(day_number(date))],
        }
    }

    /// The windows of each weekday, Monday first.
    pub fn week(&self) -> &[Vec<Window>; 7] {
        &self.week
    }

    /// The dates with hours of their own; a holiday has none.
    pub fn special_days(&self) -> &BTreeMap<NaiveDate, SpecialDay> {
        &self.special
    }
}

/// Sorts a day's windows and sees that they are apart.
fn in_order(windows: &mut [Window]) -> Result<(), CalendarFlaw> {
    windows.sort();
    match windows.windows(2).find(|pair| pair[1].open < pair[0].close) {
        Some(pair) => Err(CalendarFlaw::Overlap(pair[0].to_string(), pair[1].to_string())),
        None => Ok(()),
    }
}

/// A calendar as cumulative sums over its days.
#[derive(Debug)]
pub(super) struct WorkingDays {
    week: [Vec<Window>; 7],
    /// Working time of a week before each of its days, and at the end that of the whole week.
    week_before: [i64; 8],
    /// The dates with hours of their own, as days since 1970, in order, with their windows.
    special: Vec<(i64, Vec<Window>)>,
    /// By how much the special days before each of them differ from their weekdays, and at the
    /// end by how much they all do.
    special_before: Vec<i64>,
}

impl WorkingDays {
    pub(super) fn new(calendar: &Calendar) -> WorkingDays {
        let total = |windows: &[Window]| windows.iter().map(|window| window.micros()).sum::<i64>();
        let mut week_before = [0; 8];
        for day in 0..7 {
            week_before[day + 1] = week_before[day] + total(&calendar.week[day]);
        }
        let special: Vec<_> =
            calendar.special.iter().map(|(date, day)| (day_number(*date), day.windows.clone())).collect();
        let mut special_before = vec![0];
        let mut sum = 0;
        for (day, windows) in &special {
            sum += total(windows) - total(&calendar.week[weekday_index(*day)]);
            special_before.push(sum);
        }
        WorkingDays { week: calendar.week.clone(), week_before, special, special_before }
    }

    /// Working time from a fixed origin to midnight at the start of a day; only differences mean
    /// anything.
    fn before_day(&self, day: i64) -> i64 {
        let since_monday = day + 3;
        let special = match self.special.is_empty() {
            true => 0,
            false => self.special_before[self.special.partition_point(|(special, _)| *special < day)],
        };
        since_monday.div_euclid(7) * self.week_before[7]
            + self.week_before[since_monday.rem_euclid(7) as usize]
            + special
    }

    fn windows(&self, day: i64) -> &[Window] {
        match self.special.binary_search_by_key(&day, |(special, _)| *special) {
            Ok(place) => &self.special[place].1,
            Err(_) => &self.week[weekday_index(day)],
        }
    }

    /// Working time from a fixed origin to a local time; only differences mean anything.
    pub(super) fn before(&self, local: LocalTime) -> i64 {
        let time = local.time_of_day();
        let today: i64 = self
            .windows(local.day())
            .iter()
            .map(|window| (time - window.open.0).clamp(0, window.micros()))
            .sum();
        self.before_day(local.day()) + today
    }

    /// The earliest local time up to which `amount` has passed since the origin of [`Self::before`],
    /// sought from the day of `from` on, where less than `amount` has passed; `None` where the
    /// days up to the one after `until` do not hold so much.
    pub(super) fn reach(&self, amount: i64, from: LocalTime, until: LocalTime) -> Option<LocalTime> {
        let last = until.day() + 1;
        // Most amounts are reached within a few days: widen the search by doubling steps.
        let (mut low, mut step) = (from.day(), 1);
        let mut high = low + step;
        while self.before_day(high) < amount {
            if high > last {
                return None;
            }
            step *= 2;
            low = high;
            high += step;
        }
        // before_day(low) < amount <= before_day(high): halve until they are neighbours.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.before_day(middle) < amount {
                true => low = middle,
                false => high = middle,
            }
        }
        let mut rest = amount - self.before_day(low);
        for window in self.windows(low) {
            if rest <= window.micros() {
                return Some(LocalTime::from_micros(low * DAY + window.open.0 + rest));
            }
            rest -= window.micros();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Window {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_may_close_at_24_00_and_no_later() {
        assert_eq!("24:00".parse::<DayTime>().unwrap().micros(), DAY);
        for text in ["24:01", "25:00", "9:00", "09:60", "0900", "", "-1:00", "+9:00"] {
            assert!(text.parse::<DayTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_that_closes_before_it_opens_is_refused() {
        assert!("18:00-09:00".parse::<Window>().is_err());
        assert!("09:00-09:00".parse::<Window>().is_err());
        assert!("09:00".parse::<Window>().is_err());
    }

    #[test]
    fn overlapping_windows_are_refused_and_touching_ones_are_not() {
        let day = |windows: &[&str]| {
            let mut week: [Vec<Window>; 7] = Default::default();
            week[0] = windows.iter().map(|text| window(text)).collect();
            Calendar::new(week)
        };
        assert_eq!(
            day(&["12:00-18:00", "09:00-13:00"]).unwrap_err(),
            CalendarFlaw::Overlap("09:00-13:00".into(), "12:00-18:00".into())
        );
        assert!(day(&["12:00-18:00", "09:00-12:00"]).is_ok());
    }

    #[test]
    fn a_date_cannot_be_a_holiday_and_a_special_day() {
        let date = NaiveDate::from_ymd_opt(2024, 12, 24).unwrap();
        let mut calendar = Calendar::default();
        calendar.add_holiday(date).unwrap();
        calendar.add_holiday(date).unwrap();
        assert_eq!(
            calendar.add_special_day(date, vec![window("09:00-12:00")]).unwrap_err(),
            CalendarFlaw::TwiceNamed(date)
        );
    }
}
