//! At which hours support works.

use std::collections::BTreeMap;

use super::survey::{Role, Survey};
use super::suspicion::Suspicion;
use crate::calendar::{DAY, HOUR};
use crate::records::{Name, Records};

/// How many updates of support tell anything, in all and in a zone.
const LEAST: u64 = 200;
const LEAST_OF_A_ZONE: u64 = 50;

/// How many of 100 updates by day, in the best of zones, are too few; and how many there must be
/// after the times are moved.
const FEW: u64 = 50;
const MOST: u64 = 80;

/// The updates of support by the hour on the customer's clock, zone by zone.
type ByHour = BTreeMap<Name, [u64; 24]>;

/// Whether support seems to work at night in every customer's zone.
pub(super) fn at_night_everywhere(records: &Records, survey: &Survey) -> Option<Suspicion> {
    let mut by_hour = ByHour::new();
    for deed in survey.deeds.iter().filter(|deed| deed.part == Role::Support) {
        let name = records.tickets.timezone(deed.ticket as usize);
        if let Some(zone) = records.zones.get(&name) {
            let hour = zone.local(deed.at).micros().rem_euclid(DAY) / HOUR;
            by_hour.entry(name).or_insert([0; 24])[hour as usize] += 1;
        }
    }
    judge(&by_hour)
}

fn judge(by_hour: &ByHour) -> Option<Suspicion> {
    // How many of these come from 07:00 to 20:00 when all are moved by some hours.
    let by_day = |hours: &[u64; 24], moved: i64| -> u64 {
        let at = |hour: usize| (hour as i64 + moved).rem_euclid(24);
        (0..24).filter(|hour| (7..20).contains(&at(*hour))).map(|hour| hours[hour]).sum()
    };
    let zones: Vec<(&[u64; 24], u64)> = by_hour.values().map(|hours| (hours, hours.iter().sum())).collect();
    let all: u64 = zones.iter().map(|zone| zone.1).sum();
    let mut judged = zones.iter().filter(|(_, all)| *all >= LEAST_OF_A_ZONE).peekable();
    if all < LEAST
        || judged.peek().is_none()
        || judged.any(|(hours, all)| by_day(hours, 0) * 100 >= all * FEW)
    {
        return None;
    }
    let share = |moved: i64| zones.iter().map(|(hours, _)| by_day(hours, moved)).sum::<u64>() * 100 / all;
    // The smallest move of those that are as good.
    let hours = (-12..=12_i64).max_by_key(|moved| (share(*moved), -moved.abs()))?;
    let (by_day, moved) = (share(0), share(hours));
    (moved >= MOST).then_some(Suspicion::AtNightEverywhere { by_day, moved, hours, updates: all })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Names;

    fn zones(hours: &[[u64; 24]]) -> ByHour {
        let mut names = Names::default();
        hours.iter().enumerate().map(|(zone, hours)| (names.intern(&zone.to_string()), *hours)).collect()
    }

    fn at(first: usize) -> [u64; 24] {
        let mut hours = [0; 24];
        (0..9).for_each(|hour| hours[(first + hour) % 24] = 30);
        hours
    }

    #[test]
    fn work_at_night_in_every_zone_is_suspected_with_the_move_that_mends_it() {
        // 21:00 to 06:00, which is 09:00 to 18:00 moved by twelve hours; ten would already do.
        let Some(Suspicion::AtNightEverywhere { by_day, moved, hours, updates }) = judge(&zones(&[at(21)]))
        else {
            panic!("nothing is suspected")
        };
        assert_eq!((by_day, moved, updates), (0, 100, 270));
        assert_eq!(hours, 10);
    }

    #[test]
    fn customers_far_away_are_answered_at_night_and_others_by_day() {
        assert_eq!(judge(&zones(&[at(21), at(9)])), None);
        assert_eq!(judge(&zones(&[[5; 24]])), None);
    }
}
