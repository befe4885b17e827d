//! Which days of months there are.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::survey::Survey;
use super::suspicion::Suspicion;
use crate::records::Records;

/// How many different dates tell anything: those of three months and more, if each had twelve.
const LEAST: usize = 36;

/// The tables in which no date lies after the 12th of its month.
pub(super) fn never_above_twelve(records: &Records, survey: &Survey) -> Vec<Suspicion> {
    let date = |ticket: usize, at| {
        let zone = records.zones.get(&records.tickets.timezone(ticket))?;
        Some(zone.local(at).date())
    };
    let tickets =
        (0..records.tickets.len()).filter_map(|place| date(place, records.tickets.submitted(place)));
    let updates = survey.deeds.iter().filter_map(|deed| date(deed.ticket as usize, deed.at));
    let mut found = Vec::new();
    found.extend(judge("tickets", &tickets.collect()));
    if !survey.is_log {
        found.extend(judge("updates", &updates.collect()));
    }
    found
}

fn judge(what: &'static str, dates: &BTreeSet<NaiveDate>) -> Option<Suspicion> {
    // A clock far from the one that wrote them may show the day after.
    let odd = dates.len() >= LEAST && dates.iter().all(|date| date.day() <= 13);
    odd.then_some(Suspicion::DaysNeverAboveTwelve { what, dates: dates.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_all_lie_before_the_13th_are_suspected_once_there_are_enough() {
        let dates = |months: u32, days: u32| -> BTreeSet<NaiveDate> {
            let month = |month| (1..=days).filter_map(move |day| NaiveDate::from_ymd_opt(2024, month, day));
            (1..=months).flat_map(month).collect()
        };
        assert_eq!(
            judge("tickets", &dates(3, 12)),
            Some(Suspicion::DaysNeverAboveTwelve { what: "tickets", dates: 36 })
        );
        assert_eq!(judge("tickets", &dates(2, 12)), None);
        assert_eq!(judge("tickets", &dates(3, 31)), None);
        assert_eq!(judge("tickets", &dates(12, 15)), None);
    }
}
