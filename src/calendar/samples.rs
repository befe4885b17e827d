//! Calendars, zones and instants for the tests of this room and of those that use it.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;

use super::time::{DAY, Instant, MINUTE};
use super::{Calendar, Window};

/// Zones that are as odd as they come.
pub(crate) const ZONES: [&str; 12] = [
    "Europe/Paris",
    "America/New_York",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/St_Johns",
    "Pacific/Chatham",
    "Africa/Cairo",
    "Antarctica/Troll",
    "UTC",
];

pub(crate) fn weekdays(windows: &[&str]) -> Calendar {
    let day: Vec<_> = windows.iter().map(|text| Window::from_str(text).unwrap()).collect();
    Calendar::new([day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]]).unwrap()
}

pub(crate) fn every_day(windows: &[&str]) -> Calendar {
    let day: Vec<_> = windows.iter().map(|text| Window::from_str(text).unwrap()).collect();
    Calendar::new(std::array::from_fn(|_| day.clone())).unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::from_micros(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()).unwrap()
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn some_calendar() -> impl Strategy<Value = Calendar> {
    let windows = prop_oneof![
        Just(vec!["09:00-18:00"]),
        Just(vec!["00:00-24:00"]),
        Just(vec!["00:00-03:30", "08:00-12:00", "13:00-17:45", "22:15-24:00"]),
        Just(vec!["01:30-02:45"]),
    ];
    (windows, any::<bool>(), proptest::collection::vec(0_u32..28, 0..6)).prop_map(
        |(windows, weekend, days)| {
            let mut calendar = if weekend { every_day(&windows) } else { weekdays(&windows) };
            for (place, day) in days.into_iter().enumerate() {
                let date = NaiveDate::from_ymd_opt(2024, [3, 10][place % 2], day + 1).unwrap();
                let hours = if place % 3 == 0 { vec!["02:00-04:00".parse().unwrap()] } else { vec![] };
                // A date drawn twice keeps its first hours.
                let mut tried = calendar.clone();
                if tried.add_special_day(date, hours).is_ok() {
                    calendar = tried;
                }
            }
            calendar
        },
    )
}

/// Instants around the clock changes of 2024 (and Apia's of 2011).
pub(crate) fn some_instant() -> impl Strategy<Value = Instant> {
    let anchors =
        ["2024-03-31T00:00:00Z", "2024-10-27T00:00:00Z", "2011-12-30T00:00:00Z", "2024-04-05T00:00:00Z"];
    (0..anchors.len(), -12 * DAY..12 * DAY, any::<bool>()).prop_map(move |(anchor, shift, whole)| {
        let micros = at(anchors[anchor]).micros() + shift;
        Instant::from_micros(if whole { micros.div_euclid(15 * MINUTE) * 15 * MINUTE } else { micros })
            .unwrap()
    })
}
