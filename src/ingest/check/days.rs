//! Working days on which nothing happened.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::survey::Survey;
use super::suspicion::Suspicion;
use crate::records::Records;

/// How many events a working day must have, in the middle, for one without any to be odd.
const USUAL: usize = 10;

/// How many working days tell anything.
const LEAST: usize = 20;

/// How many of the days are named.
const NAMED: usize = 5;

/// Mondays to Fridays without an event, in the midst of days that have many.
pub(super) fn without_an_event(records: &Records, survey: &Survey) -> Option<Suspicion> {
    let mut by_date = BTreeMap::<NaiveDate, usize>::new();
    let mut count = |ticket: usize, at| {
        if let Some(zone) = records.zones.get(&records.tickets.timezone(ticket)) {
            *by_date.entry(zone.local(at).date()).or_default() += 1;
        }
    };
    (0..records.tickets.len()).for_each(|place| count(place, records.tickets.submitted(place)));
    survey.deeds.iter().for_each(|deed| count(deed.ticket as usize, deed.at));
    judge(&by_date)
}

fn judge(by_date: &BTreeMap<NaiveDate, usize>) -> Option<Suspicion> {
    let is_working = |date: &NaiveDate| date.weekday().num_days_from_monday() < 5;
    let (first, last) = (*by_date.keys().next()?, *by_date.keys().next_back()?);
    let days: Vec<NaiveDate> =
        first.iter_days().take_while(|date| *date <= last).filter(is_working).collect();
    let of = |date: &NaiveDate| by_date.get(date).copied().unwrap_or(0);
    let mut events: Vec<usize> = days.iter().map(of).collect();
    events.sort_unstable();
    let usual = events.get(events.len() / 2).copied().unwrap_or(0);
    if days.len() < LEAST || usual < USUAL {
        return None;
    }
    // At its ends an export runs thin: a stray ticket of years ago is no gap of years.
    let busy = |date: &&NaiveDate| of(date) * 4 >= usual;
    let (from, to) = (days.iter().find(busy)?, days.iter().rev().find(busy)?);
    let empty: Vec<NaiveDate> =
        days.iter().filter(|date| (from..=to).contains(date) && of(date) == 0).copied().collect();
    let odd = !empty.is_empty();
    odd.then(|| Suspicion::DaysWithoutAnEvent {
        days: empty.len(),
        first: empty[..empty.len().min(NAMED)].to_vec(),
        usual,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_day_without_an_event_is_odd_only_where_others_have_many() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
        let mut by_date: BTreeMap<NaiveDate, usize> = (1..=31).map(|date| (day(date), 12)).collect();
        // A Saturday, and a ticket of long ago.
        by_date.remove(&day(11));
        by_date.insert(NaiveDate::from_ymd_opt(2023, 5, 1).unwrap(), 1);
        let of_may: BTreeMap<_, _> = by_date.clone().into_iter().filter(|entry| entry.0 >= day(1)).collect();
        assert_eq!(judge(&of_may), None);
        let mut gap = of_may;
        gap.remove(&day(14));
        let suspicion = Suspicion::DaysWithoutAnEvent { days: 1, first: vec![day(14)], usual: 12 };
        assert_eq!(judge(&gap), Some(suspicion));
        let thin = gap.into_keys().map(|date| (date, 2)).collect();
        assert_eq!(judge(&thin), None);
    }
}
