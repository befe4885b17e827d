//! Opening hours on a wall clock: windows by weekday, holidays, and dates with hours of their own.
//!
//! Nothing here knows a time zone. [`Calendar`] is what a policy says.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;

use super::time::{DAY, HOUR, MINUTE, day_number, weekday_index};
use super::weeks::WorkingWeeks;

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

    /// How long it is open, in microseconds: whole minutes, as both its ends are.
    pub(super) const fn micros(self) -> i64 {
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
    /// What it is called, such as "Labour Day". It makes no difference to any figure.
    pub name: Option<String>,
}

/// Opening hours on a local clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    week: [Vec<Window>; 7],
    special: BTreeMap<NaiveDate, SpecialDay>,
    sums: Sums,
}

/// A calendar's cumulative sums, made when first asked for and shared by all clocks of it.
#[derive(Debug, Clone, Default)]
struct Sums(OnceLock<Arc<WorkingWeeks>>);

impl PartialEq for Sums {
    /// They follow from the days, which are compared.
    fn eq(&self, _: &Sums) -> bool {
        true
    }
}

impl Eq for Sums {}

impl Calendar {
    /// A calendar of weekly windows, Monday first.
    ///
    /// # Errors
    /// [`CalendarFlaw::Overlap`] where two windows of a day share time.
    pub fn new(mut week: [Vec<Window>; 7]) -> Result<Calendar, CalendarFlaw> {
        for windows in &mut week {
            in_order(windows)?;
        }
        Ok(Calendar { week, ..Calendar::default() })
    }

    /// Closes the calendar on a date.
    ///
    /// # Errors
    /// [`CalendarFlaw::TwiceNamed`] where the date has hours of its own already.
    pub fn add_holiday(&mut self, date: NaiveDate) -> Result<(), CalendarFlaw> {
        self.add_day(date, SpecialDay::default())
    }

    /// Gives a date hours of its own.
    ///
    /// # Errors
    /// As [`Calendar::add_day`] does.
    pub fn add_special_day(&mut self, date: NaiveDate, windows: Vec<Window>) -> Result<(), CalendarFlaw> {
        self.add_day(date, SpecialDay { windows, name: None })
    }

    /// Gives a date hours of its own and a name; where it has one already, that stays.
    ///
    /// # Errors
    /// [`CalendarFlaw::Overlap`] where two windows share time, [`CalendarFlaw::TwiceNamed`] where
    /// the date already has other hours of its own. The calendar is left as it was.
    pub fn add_day(&mut self, date: NaiveDate, mut day: SpecialDay) -> Result<(), CalendarFlaw> {
        in_order(&mut day.windows)?;
        match self.special.get_mut(&date) {
            Some(earlier) if earlier.windows != day.windows => return Err(CalendarFlaw::TwiceNamed(date)),
            Some(earlier) => earlier.name = earlier.name.take().or(day.name),
            None => {
                self.sums = Sums::default();
                self.special.insert(date, day);
            }
        }
        Ok(())
    }

    /// Names a date that has hours of its own and no name yet.
    pub fn name_day(&mut self, date: NaiveDate, name: Option<String>) {
        if let Some(day) = self.special.get_mut(&date) {
            day.name = day.name.take().or(name);
        }
    }

    /// The same calendar, its days without their names.
    #[must_use]
    pub fn without_names(mut self) -> Calendar {
        self.special.values_mut().for_each(|day| day.name = None);
        self
    }

    /// What a date is called, if it has hours of its own and a name.
    pub fn name_of(&self, date: NaiveDate) -> Option<&str> {
        self.special.get(&date)?.name.as_deref()
    }

    /// Drops a date's own hours, so that its weekday's hold again.
    pub fn forget_special_day(&mut self, date: NaiveDate) {
        self.sums = Sums::default();
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

    /// The working time of its weeks.
    pub(super) fn weeks(&self) -> Arc<WorkingWeeks> {
        Arc::clone(self.sums.0.get_or_init(|| Arc::new(WorkingWeeks::new(self))))
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
    fn a_name_makes_no_day_differ_and_the_first_one_stays() {
        let date = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
        let named = |name: &str| SpecialDay { windows: Vec::new(), name: Some(name.to_owned()) };
        let mut calendar = Calendar::default();
        calendar.add_holiday(date).unwrap();
        assert_eq!(calendar.name_of(date), None);
        calendar.add_day(date, named("Labour Day")).unwrap();
        calendar.add_day(date, named("Fête du travail")).unwrap();
        calendar.add_holiday(date).unwrap();
        assert_eq!(calendar.name_of(date), Some("Labour Day"));
        assert_eq!(calendar.without_names().special_days()[&date], SpecialDay::default());
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
