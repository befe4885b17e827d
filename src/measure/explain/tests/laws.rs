//! Laws of explanations, on calendars, zones and events that are as odd as they come.

use proptest::prelude::*;

use super::*;
use crate::calendar::DAY;
use crate::calendar::samples::{ZONES, some_calendar, some_instant};

fn some_events() -> impl Strategy<Value = Vec<(i64, EventKind)>> {
    let kinds = [Communicated, Waits, Resumed, Replied, Resolved, Reopened, Communicated, Waits];
    let raised = EventKind::Severity { from: None, to: severity(4) };
    let kind = (0..=kinds.len()).prop_map(move |kind| kinds.get(kind).copied().unwrap_or(raised));
    // Whole hours, so that events meet each other and the windows' bounds.
    let when = prop_oneof![0..10 * DAY, (0_i64..240).prop_map(|hours| hours * HOUR)];
    proptest::collection::vec((when, kind), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_spans_cover_each_measurement_and_agree_with_all_its_figures(
        calendar in some_calendar(), zone in 0..ZONES.len(), submitted in some_instant(),
        events in some_events(), pauses in any::<bool>(), inclusive in any::<bool>(), length in 0..12 * DAY,
    ) {
        let after = |micros: i64| Instant::from_micros(submitted.micros() + micros).unwrap();
        let mut events: Vec<_> =
            events.into_iter().map(|(when, kind)| Event { at: after(when), kind }).collect();
        events.sort();
        let case = Case {
            calendar,
            zone: ZONES[zone],
            submitted,
            events,
            waiting: if pauses { Waiting::Pauses } else { Waiting::Runs },
            comparison: if inclusive { Comparison::Inclusive } else { Comparison::Strict },
            cut: after(length),
        };
        // A disagreement would be an error.
        for explained in case.explained().unwrap().measurements {
            let own = explained.measurement;
            let until = own.ended.unwrap_or(case.cut);
            let mut next = own.started;
            let mut total = 0;
            let mut reached = None;
            for span in &explained.spans {
                prop_assert!(span.from == next && span.from < span.to);
                let micros = span.to.micros() - span.from.micros();
                prop_assert_eq!(span.counted, if span.why == Why::Counted { micros } else { 0 });
                if total < own.target && own.target <= total + span.counted {
                    reached = Some(after(span.from.micros() - submitted.micros() + own.target - total));
                }
                total += span.counted;
                prop_assert_eq!(span.total, total);
                prop_assert!(pauses || span.why != Why::Waiting);
                next = span.to;
            }
            prop_assert_eq!((next, total), (until, own.elapsed));
            prop_assert_eq!(reached, (own.due <= until).then_some(own.due));
            let late = if inclusive { total > own.target } else { total >= own.target };
            prop_assert_eq!(own.outcome == Breached, late);
            prop_assert_eq!(own.outcome == Met, !late && own.ended.is_some());

            let (days, groups) = (explained.days(), explained.day_groups());
            prop_assert_eq!(days.iter().map(|day| day.counted).sum::<i64>(), total);
            prop_assert_eq!(days.iter().filter(|day| day.reached).count(), usize::from(reached.is_some()));
            prop_assert_eq!(groups.iter().map(|group| group.counted).sum::<i64>(), total);
            prop_assert_eq!(groups.iter().map(|group| group.days).sum::<usize>(), days.len());
            prop_assert!(groups.iter().all(|group| !group.reached || group.days == 1));
        }
    }
}
