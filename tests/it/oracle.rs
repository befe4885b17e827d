//! An independent recomputation of the figures: slow, literal, and owing nothing to `src/`.
//!
//! Time is walked minute by minute, and the time zone is asked about every minute. A ticket is read the way
//! section 4 of the contract is written: the events in order, the waiting spans, the resolved spans, the
//! communications, and from these the measurements. Where this file and the tool disagree, one has a bug.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, RwLock};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use chrono_tz::Tz;

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// Twenty-four hours in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// What [`due_us`] says where the target is not reached within [`HORIZON`]: never.
pub const NEVER: i64 = i64::MAX;
/// How far beyond the start and every pause [`due_us`] walks before it says [`NEVER`].
pub const HORIZON: i64 = 10 * 366 * DAY;

/// Working hours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// Windows `[open, close)` of each weekday, Monday first, in minutes of the local day; 1440 is 24:00.
    pub windows: [Vec<(u32, u32)>; 7],
    /// Local dates with windows of their own in place of their weekday's. A holiday has none.
    pub special: BTreeMap<NaiveDate, Vec<(u32, u32)>>,
}

impl Calendar {
    /// Monday to Friday, 09:00 to 18:00, no holidays.
    pub fn northern() -> Calendar {
        let open = vec![(9 * 60, 18 * 60)];
        let windows = [open.clone(), open.clone(), open.clone(), open.clone(), open, vec![], vec![]];
        Calendar { windows, special: BTreeMap::new() }
    }
}

/// What the agreement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Targets of the initial response, severity 1 first.
    pub response_us: [i64; 4],
    /// Targets of the communication interval, severity 1 first.
    pub update_us: [i64; 4],
    /// Whether exactly the target is a breach.
    pub strict: bool,
    /// Whether waiting for the customer stops the clock.
    pub pauses: bool,
    /// Whether a measurement belongs to the month of submission, not to that of its decision.
    pub period_by_submitted: bool,
}

impl Rules {
    /// The built-in policy.
    pub fn northern() -> Rules {
        Rules {
            response_us: [8 * HOUR, 8 * HOUR, 12 * HOUR, 16 * HOUR],
            update_us: [16 * HOUR, 16 * HOUR, 20 * HOUR, 32 * HOUR],
            strict: true,
            pauses: false,
            period_by_submitted: false,
        }
    }
}

/// A ticket's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its name.
    pub id: String,
    /// When it was submitted.
    pub submitted_us: i64,
    /// The row's `first_response_at`.
    pub first_response_us: Option<i64>,
    /// The row's `resolved_at`.
    pub resolved_us: Option<i64>,
    /// The row's severity, 1 to 4.
    pub severity: u8,
}

/// One event of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When it happened.
    pub at_us: i64,
    /// What happened.
    pub kind: Kind,
}

/// What can happen to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A public comment by support.
    SupportComment,
    /// An internal note by support.
    SupportNote,
    /// A public comment by the customer.
    CustomerComment,
    /// A note by the customer that is marked internal.
    CustomerNote,
    /// A message of the help desk itself.
    SystemComment,
    /// The severity changed.
    Severity {
        /// The new severity.
        value: u8,
        /// The severity before it, where the export has it.
        old: Option<u8>,
    },
    /// Support waits for the customer.
    Waiting,
    /// Support no longer waits for the customer.
    Resumed,
    /// The ticket was resolved.
    Resolved,
    /// The ticket was reopened.
    Reopened,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// From submission to the first communication.
    Response,
    /// From one communication, or a reopening, to the next communication.
    Update,
}

/// How a measurement came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In time.
    Met,
    /// Too late.
    Breached,
    /// Still open and not yet too late.
    Pending,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// What is measured.
    pub metric: Metric,
    /// 0 for the response, then 1, 2, …
    pub sequence: u32,
    /// The severity in force at the start.
    pub severity: u8,
    /// When it starts.
    pub start_us: i64,
    /// When it ends; none while open.
    pub end_us: Option<i64>,
    /// Counted working time to its end, or to the as-of instant.
    pub elapsed_us: i64,
    /// The target.
    pub target_us: i64,
    /// The earliest instant at which the counted time reaches the target.
    pub due_us: i64,
    /// How it came out.
    pub outcome: Outcome,
    /// Met: its end. Breached: its due instant. Pending: none.
    pub decided_at_us: Option<i64>,
    /// The local month it belongs to, as `YYYY-MM`; none while pending.
    pub month: Option<String>,
}

// ---- Section 2: working time -------------------------------------------------------------------------------

/// What the customer's clock and wall calendar show at this instant.
pub fn local_reading(tz: Tz, instant_us: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(instant_us)
        .expect("an instant chrono can hold")
        .with_timezone(&tz)
        .naive_local()
}

/// Whether this instant is working time.
pub fn is_working(cal: &Calendar, tz: Tz, instant_us: i64) -> bool {
    is_open(cal, local_reading(tz, instant_us))
}

fn is_open(cal: &Calendar, local: NaiveDateTime) -> bool {
    let minute_of_day = local.hour() * 60 + local.minute();
    let weekday = local.weekday().num_days_from_monday() as usize;
    let windows = cal.special.get(&local.date()).unwrap_or(&cal.windows[weekday]);
    windows.iter().any(|&(open, close)| open <= minute_of_day && minute_of_day < close)
}

/// The working time in `[a, b)`.
pub fn elapsed_us(cal: &Calendar, tz: Tz, a_us: i64, b_us: i64) -> i64 {
    counted_us(cal, tz, a_us, b_us, &[])
}

/// The working time in `[a, b)` that lies in no pause.
pub fn counted_us(cal: &Calendar, tz: Tz, a_us: i64, b_us: i64, pauses: &[(i64, i64)]) -> i64 {
    pieces(cal, tz, a_us, b_us, pauses).filter(|piece| piece.counts).map(|piece| piece.to - piece.from).sum()
}

/// The earliest instant at which the counted time since the start reaches the target; [`NEVER`] where that
/// is not so within [`HORIZON`].
pub fn due_us(cal: &Calendar, tz: Tz, start_us: i64, target_us: i64, pauses: &[(i64, i64)]) -> i64 {
    if target_us <= 0 {
        return start_us;
    }
    let last_pause = pauses.iter().map(|&(_, pause_to)| pause_to).max().unwrap_or(start_us);
    let horizon = start_us.max(last_pause) + HORIZON;
    let mut missing = target_us;
    for piece in pieces(cal, tz, start_us, horizon, pauses) {
        let length = piece.to - piece.from;
        if piece.counts && length >= missing {
            return piece.from + missing;
        }
        if piece.counts {
            missing -= length;
        }
    }
    NEVER
}

/// A stretch of time that is all counted or all not.
struct Piece {
    from: i64,
    to: i64,
    counts: bool,
}

/// Cuts `[a, b)` at every full UTC minute, at every second of the few UTC days on which local minutes do not
/// begin with UTC minutes, and at both ends of every pause.
fn pieces<'a>(
    cal: &'a Calendar,
    tz: Tz,
    a_us: i64,
    b_us: i64,
    pauses: &'a [(i64, i64)],
) -> impl Iterator<Item = Piece> + 'a {
    let mut at = a_us;
    let mut known: Option<(i64, Arc<Day>)> = None;
    std::iter::from_fn(move || {
        if at >= b_us {
            return None;
        }
        let number = at.div_euclid(DAY);
        let day = match &known {
            Some((known_number, day)) if *known_number == number => day,
            _ => &known.insert((number, Day::cached(cal, tz, number))).1,
        };
        let (step, working) = match &**day {
            Day::ByMinute(minutes) => (MINUTE, is_set(minutes, at.rem_euclid(DAY) / MINUTE)),
            Day::BySecond => (SECOND, is_working(cal, tz, at)),
        };
        let mut to = (at.div_euclid(step) + 1) * step;
        if to > b_us {
            to = b_us;
        }
        for &(pause_from, pause_to) in pauses {
            for cut in [pause_from, pause_to] {
                if at < cut && cut < to {
                    to = cut;
                }
            }
        }
        let paused = pauses.iter().any(|&(pause_from, pause_to)| pause_from <= at && at < pause_to);
        let piece = Piece { from: at, to, counts: working && !paused };
        at = to;
        Some(piece)
    })
}

/// What is remembered of one UTC day in one zone and calendar, so that it is asked only once.
enum Day {
    /// One bit for each UTC minute: whether its first microsecond, and so all of it, is working time.
    ByMinute([u64; 23]),
    /// Local minutes do not begin with UTC minutes on this day (local mean time, …): nothing is remembered.
    BySecond,
}

fn is_set(minutes: &[u64; 23], minute: i64) -> bool {
    minutes[minute as usize / 64] >> (minute as usize % 64) & 1 == 1
}

/// How many days are remembered before all are forgotten.
const REMEMBERED: usize = 300_000;

type DaysOfZones = HashMap<(Tz, i64), Arc<Day>>;

/// How many days are remembered, and which; all threads share them.
static DAYS: LazyLock<RwLock<(usize, HashMap<Calendar, DaysOfZones>)>> = LazyLock::new(RwLock::default);

impl Day {
    fn cached(cal: &Calendar, tz: Tz, number: i64) -> Arc<Day> {
        let found = DAYS.read().expect("a day").1.get(cal).and_then(|days| days.get(&(tz, number)).cloned());
        found.unwrap_or_else(|| {
            let day = Arc::new(Day::asked(cal, tz, number));
            let mut remembered = DAYS.write().expect("a day");
            let (count, days) = &mut *remembered;
            if *count == REMEMBERED {
                *count = 0;
                days.clear();
            }
            *count += 1;
            if !days.contains_key(cal) {
                days.insert(cal.clone(), HashMap::new());
            }
            days.get_mut(cal).expect("just put there").insert((tz, number), Arc::clone(&day));
            day
        })
    }

    fn asked(cal: &Calendar, tz: Tz, number: i64) -> Day {
        let mut minutes = [0; 23];
        for minute in 0..1440 {
            let instant = number * DAY + minute * MINUTE;
            let (first, last) = (local_reading(tz, instant), local_reading(tz, instant + 59 * SECOND));
            if first.second() != 0 || (last - first).num_seconds() != 59 {
                return Day::BySecond;
            }
            if is_open(cal, first) {
                minutes[minute as usize / 64] |= 1 << (minute % 64);
            }
        }
        Day::ByMinute(minutes)
    }
}

// ---- Section 4: measurements -------------------------------------------------------------------------------

/// All measurements of a ticket as of an instant, in order of their sequence.
pub fn measurements(
    ticket: &Ticket,
    events: &[Event],
    rules: &Rules,
    cal: &Calendar,
    tz: Tz,
    as_of_us: i64,
) -> Vec<Measured> {
    if ticket.submitted_us > as_of_us {
        return Vec::new();
    }
    let timeline = timeline(ticket, events, as_of_us);
    let pauses = if rules.pauses { waiting_spans(&timeline, as_of_us) } else { Vec::new() };
    let resolved = resolved_spans(&timeline);
    let communications = communications(&timeline, &resolved);

    // (start, order at one instant, end)
    let mut updates: Vec<(i64, u8, Option<i64>)> = Vec::new();
    for &(_, reopened) in &resolved {
        if let Some(reopened) = timeline.get(reopened) {
            let end = communications.iter().find(|next| next.at_us >= reopened.at_us);
            updates.push((reopened.at_us, 0, end.map(|next| next.at_us)));
        }
    }
    for communication in communications.iter().filter(|communication| !communication.resolves) {
        let end = communications.iter().find(|next| next.at_us > communication.at_us);
        updates.push((communication.at_us, 1, end.map(|next| next.at_us)));
    }
    updates.sort();

    let mut spans =
        vec![(Metric::Response, ticket.submitted_us, communications.first().map(|first| first.at_us))];
    spans.extend(updates.into_iter().map(|(start, _, end)| (Metric::Update, start, end)));

    let mut measured = Vec::new();
    for (sequence, (metric, start_us, end_us)) in (0..).zip(spans) {
        let severity = severity_at(ticket, events, start_us);
        let targets = match metric {
            Metric::Response => &rules.response_us,
            Metric::Update => &rules.update_us,
        };
        let target_us = targets[usize::from(severity) - 1];
        let elapsed_us = counted_us(cal, tz, start_us, end_us.unwrap_or(as_of_us), &pauses);
        let due_us = due_us(cal, tz, start_us, target_us, &pauses);
        let too_late = if rules.strict { elapsed_us >= target_us } else { elapsed_us > target_us };
        let (outcome, decided_at_us) = match (too_late, end_us) {
            (true, _) => (Outcome::Breached, Some(due_us)),
            (false, Some(end)) => (Outcome::Met, Some(end)),
            (false, None) => (Outcome::Pending, None),
        };
        let belongs_to = decided_at_us.map(|decided| match rules.period_by_submitted {
            true => ticket.submitted_us,
            false => decided,
        });
        let month = belongs_to.map(|instant| local_reading(tz, instant).format("%Y-%m").to_string());
        measured.push(Measured {
            metric,
            sequence,
            severity,
            start_us,
            end_us,
            elapsed_us,
            target_us,
            due_us,
            outcome,
            decided_at_us,
            month,
        });
    }
    measured
}

/// The severity at submission: what the first severity event says was there before it, else the row's. That
/// event may lie after the as-of instant, so a later export of the same history gives the same severity.
pub fn severity_at_submission(ticket: &Ticket, events: &[Event]) -> u8 {
    match severity_events(ticket, events).first() {
        Some(&(_, _, Some(old))) => old,
        _ => ticket.severity,
    }
}

/// The severity in force at an instant, a change at that very instant included.
pub fn severity_at(ticket: &Ticket, events: &[Event], instant_us: i64) -> u8 {
    let changes = severity_events(ticket, events);
    let last = changes.iter().rfind(|&&(at, _, _)| at <= instant_us);
    last.map_or_else(|| severity_at_submission(ticket, events), |&(_, value, _)| value)
}

/// (instant, new severity, severity before) from submission on, in order of time.
fn severity_events(ticket: &Ticket, events: &[Event]) -> Vec<(i64, u8, Option<u8>)> {
    let mut found = Vec::new();
    for event in events.iter().filter(|event| event.at_us >= ticket.submitted_us) {
        if let Kind::Severity { value, old } = event.kind {
            found.push((event.at_us, value, old));
        }
    }
    found.sort_by_key(|&(at, _, _)| at);
    found
}

/// The events from submission to the as-of instant in order, with the row's first response as a comment and
/// the row's resolution as an event.
fn timeline(ticket: &Ticket, events: &[Event], as_of_us: i64) -> Vec<Event> {
    let mut timeline = events.to_vec();
    timeline.extend(ticket.first_response_us.map(|at_us| Event { at_us, kind: Kind::SupportComment }));
    timeline.extend(ticket.resolved_us.map(|at_us| Event { at_us, kind: Kind::Resolved }));
    timeline.retain(|event| ticket.submitted_us <= event.at_us && event.at_us <= as_of_us);
    timeline.sort_by_key(|event| (event.at_us, order_at_one_instant(event.kind)));
    timeline
}

fn order_at_one_instant(kind: Kind) -> u8 {
    match kind {
        Kind::Severity { .. } => 0,
        Kind::Reopened => 1,
        Kind::Resumed | Kind::SupportComment | Kind::CustomerComment => 2,
        Kind::SupportNote | Kind::CustomerNote | Kind::SystemComment => 2,
        Kind::Waiting => 3,
        Kind::Resolved => 4,
    }
}

/// From each `waiting` to the next `resumed`, public customer comment or resolution, else to the as-of
/// instant. Spans may overlap.
fn waiting_spans(timeline: &[Event], as_of_us: i64) -> Vec<(i64, i64)> {
    let mut spans = Vec::new();
    for (position, event) in timeline.iter().enumerate() {
        if event.kind == Kind::Waiting {
            let ends =
                |later: &&Event| matches!(later.kind, Kind::Resumed | Kind::CustomerComment | Kind::Resolved);
            let end = timeline[position + 1..].iter().find(ends);
            spans.push((event.at_us, end.map_or(as_of_us, |end| end.at_us)));
        }
    }
    spans
}

/// Positions in the timeline: that of a resolution, and that of the next reopening or the timeline's length.
fn resolved_spans(timeline: &[Event]) -> Vec<(usize, usize)> {
    let next =
        |kind: Kind, from: usize| (from..timeline.len()).find(|&position| timeline[position].kind == kind);
    let mut spans = Vec::new();
    let mut open_from = 0;
    while let Some(resolved) = next(Kind::Resolved, open_from) {
        let reopened = next(Kind::Reopened, resolved).unwrap_or(timeline.len());
        spans.push((resolved, reopened));
        open_from = reopened;
    }
    spans
}

/// All that support told the customer at one instant.
struct Communication {
    at_us: i64,
    resolves: bool,
}

/// Public comments by support and resolutions while the ticket was not resolved, one for each instant.
fn communications(timeline: &[Event], resolved: &[(usize, usize)]) -> Vec<Communication> {
    let mut by_instant: BTreeMap<i64, bool> = BTreeMap::new();
    for (position, event) in timeline.iter().enumerate() {
        let while_resolved = resolved.iter().any(|&(from, to)| from < position && position < to);
        if !while_resolved && matches!(event.kind, Kind::SupportComment | Kind::Resolved) {
            *by_instant.entry(event.at_us).or_default() |= event.kind == Kind::Resolved;
        }
    }
    by_instant.into_iter().map(|(at_us, resolves)| Communication { at_us, resolves }).collect()
}

// ---- The oracle's own tests, with figures computed by hand ----------------------------------------------

#[cfg(test)]
mod tests {
    use super::*;

    const PARIS: Tz = Tz::Europe__Paris;
    const LONDON: Tz = Tz::Europe__London;
    const APIA: Tz = Tz::Pacific__Apia;
    const LORD_HOWE: Tz = Tz::Australia__Lord_Howe;
    const MONROVIA: Tz = Tz::Africa__Monrovia;
    const AUCKLAND: Tz = Tz::Pacific__Auckland;

    /// A UTC reading as an instant. 2024-05-06 is a Monday.
    fn utc(reading: &str) -> i64 {
        let known = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"];
        let read = known.iter().find_map(|format| NaiveDateTime::parse_from_str(reading, format).ok());
        read.expect("a test's reading").and_utc().timestamp_micros()
    }

    /// Working time from 00:00 to 06:00, on Sundays only: the hours in which most clocks change.
    fn sunday_night() -> Calendar {
        let mut windows: [Vec<(u32, u32)>; 7] = Default::default();
        windows[6] = vec![(0, 360)];
        Calendar { windows, special: BTreeMap::new() }
    }

    fn northern_elapsed(tz: Tz, from: &str, to: &str) -> i64 {
        elapsed_us(&Calendar::northern(), tz, utc(from), utc(to))
    }

    #[test]
    fn fourteen_o_clock_to_nine_the_next_working_day_is_four_hours() {
        // UTC+2 in May: 14:00 is 12:00 UTC, and 14:00 to 18:00 counts. Friday to Monday is the same.
        assert_eq!(northern_elapsed(PARIS, "2024-05-06 12:00", "2024-05-07 07:00"), 4 * HOUR);
        assert_eq!(northern_elapsed(PARIS, "2024-05-10 12:00", "2024-05-13 07:00"), 4 * HOUR);
    }

    #[test]
    fn windows_are_closed_at_their_opening_and_open_at_their_close() {
        let cal = Calendar::northern();
        assert!(!is_working(&cal, PARIS, utc("2024-05-06 07:00") - 1));
        assert!(is_working(&cal, PARIS, utc("2024-05-06 07:00")));
        assert!(is_working(&cal, PARIS, utc("2024-05-06 16:00") - 1));
        assert!(!is_working(&cal, PARIS, utc("2024-05-06 16:00")));
        assert_eq!(elapsed_us(&cal, PARIS, utc("2024-05-06 07:00") - 5, utc("2024-05-06 07:00") + 3), 3);
        assert_eq!(elapsed_us(&cal, PARIS, utc("2024-05-06 16:00") - 5, utc("2024-05-06 16:00") + 3), 5);
    }

    #[test]
    fn sixteen_o_clock_plus_two_hours_is_due_at_eighteen_the_same_day() {
        let due = |target| due_us(&Calendar::northern(), PARIS, utc("2024-05-06 14:00"), target, &[]);
        assert_eq!(due(2 * HOUR), utc("2024-05-06 16:00"));
        // One microsecond more is the first one of Tuesday.
        assert_eq!(due(2 * HOUR + 1), utc("2024-05-07 07:00") + 1);
        assert_eq!(due(0), utc("2024-05-06 14:00"));
    }

    #[test]
    fn a_repeated_hour_counts_twice_and_a_skipped_one_not_at_all() {
        // London, 2024-10-27: 02:00 becomes 01:00 at 01:00 UTC. 00:00 to 06:00 local is 23:00 to 06:00 UTC.
        let cal = sunday_night();
        assert_eq!(elapsed_us(&cal, LONDON, utc("2024-10-26 12:00"), utc("2024-10-27 12:00")), 7 * HOUR);
        // 2024-03-31: 01:00 becomes 02:00 at 01:00 UTC. 00:00 to 06:00 local is 00:00 to 05:00 UTC.
        assert_eq!(elapsed_us(&cal, LONDON, utc("2024-03-30 12:00"), utc("2024-03-31 12:00")), 5 * HOUR);
        // A window that is only the repeated, or only the skipped, quarter of an hour.
        let mut quarter = sunday_night();
        quarter.windows[6] = vec![(90, 105)];
        assert_eq!(
            elapsed_us(&quarter, LONDON, utc("2024-10-26 12:00"), utc("2024-10-27 12:00")),
            30 * MINUTE
        );
        assert_eq!(elapsed_us(&quarter, LONDON, utc("2024-03-30 12:00"), utc("2024-03-31 12:00")), 0);
        // Twenty minutes from its start lie in the second round: 01:35 UTC.
        let due = due_us(&quarter, LONDON, utc("2024-10-26 12:00"), 20 * MINUTE, &[]);
        assert_eq!(due, utc("2024-10-27 01:35"));
    }

    #[test]
    fn the_day_apia_skipped_counts_nothing() {
        // Thursday 2011-12-29 at UTC-10, then Saturday 2011-12-31 at UTC+14. Wednesday 09:00 is 19:00 UTC;
        // Monday 09:00 is 19:00 UTC of Sunday. Wednesday 9 h, Thursday 9 h, and there was no Friday.
        assert_eq!(northern_elapsed(APIA, "2011-12-28 19:00", "2012-01-01 19:00"), 18 * HOUR);
        // 18 h are full at Thursday 18:00 (04:00 UTC of the 30th); the next microsecond is Monday's.
        let due = |target| due_us(&Calendar::northern(), APIA, utc("2011-12-28 19:00"), target, &[]);
        assert_eq!(due(18 * HOUR), utc("2011-12-30 04:00"));
        assert_eq!(due(18 * HOUR + 1), utc("2012-01-01 19:00") + 1);
    }

    #[test]
    fn lord_howe_changes_its_clock_by_half_an_hour() {
        // 2024-04-07: 02:00 at UTC+11 becomes 01:30 at UTC+10:30, at 15:00 UTC. 13:00 to 19:30 UTC is 6.5 h.
        let cal = sunday_night();
        let april = elapsed_us(&cal, LORD_HOWE, utc("2024-04-06 00:00"), utc("2024-04-08 00:00"));
        assert_eq!(april, 6 * HOUR + 30 * MINUTE);
        // 2024-10-06: 02:00 at UTC+10:30 becomes 02:30 at UTC+11, at 15:30 UTC. 13:30 to 19:00 UTC is 5.5 h.
        let october = elapsed_us(&cal, LORD_HOWE, utc("2024-10-05 00:00"), utc("2024-10-07 00:00"));
        assert_eq!(october, 5 * HOUR + 30 * MINUTE);
        // Three hours from Sunday's first instant: 16:00 UTC in April, 16:30 UTC in October.
        let due = |start| due_us(&cal, LORD_HOWE, utc(start), 3 * HOUR, &[]);
        assert_eq!(due("2024-04-06 13:00"), utc("2024-04-06 16:00"));
        assert_eq!(due("2024-10-05 13:30"), utc("2024-10-05 16:30"));
    }

    #[test]
    fn offsets_with_seconds_are_counted_to_the_second() {
        // Monrovia kept UTC-0:44:30 until 1972-01-07 00:44:30 UTC, then UTC: 00:00:00 became 00:44:30.
        assert_eq!(northern_elapsed(MONROVIA, "1971-06-07 00:00", "1971-06-08 00:00"), 9 * HOUR);
        assert_eq!(northern_elapsed(MONROVIA, "1971-06-07 09:44", "1971-06-07 09:45"), 30 * SECOND);
        assert!(is_working(&Calendar::northern(), MONROVIA, utc("1971-06-07 09:44:30")));
        assert!(!is_working(&Calendar::northern(), MONROVIA, utc("1971-06-07 09:44:30") - 1));
        // Friday's first hour: 00:44:30 to 01:00:00 is all there was of it.
        let mut cal = sunday_night();
        cal.windows[4] = vec![(0, 60)];
        let friday = elapsed_us(&cal, MONROVIA, utc("1972-01-06 12:00"), utc("1972-01-07 12:00"));
        assert_eq!(friday, 15 * MINUTE + 30 * SECOND);
    }

    #[test]
    fn special_dates_stand_in_for_their_weekday() {
        let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).expect("a day of May");
        let mut cal = Calendar::northern();
        cal.special.insert(day(7), vec![]);
        cal.special.insert(day(8), vec![(540, 720)]);
        cal.special.insert(day(11), vec![(0, 60), (1380, 1440)]);
        let elapsed = |from, to| elapsed_us(&cal, Tz::UTC, utc(from), utc(to));
        // A holiday, a half-day, and a Saturday with its first and its last hour.
        assert_eq!(elapsed("2024-05-07 00:00", "2024-05-08 00:00"), 0);
        assert_eq!(elapsed("2024-05-08 00:00", "2024-05-09 00:00"), 3 * HOUR);
        assert_eq!(elapsed("2024-05-11 00:00", "2024-05-12 00:00"), 2 * HOUR);
        // Monday 17:00 plus 5 h: 1 h on Monday, 3 h on Wednesday, 1 h on Thursday.
        assert_eq!(due_us(&cal, Tz::UTC, utc("2024-05-06 17:00"), 5 * HOUR, &[]), utc("2024-05-09 10:00"));
    }

    #[test]
    fn a_target_without_working_hours_is_never_due() {
        let closed = Calendar { windows: Default::default(), special: BTreeMap::new() };
        assert_eq!(due_us(&closed, Tz::UTC, utc("2024-05-06 09:00"), 1, &[]), NEVER);
    }

    #[test]
    fn remembered_days_say_what_the_zone_says() {
        let mut all_week = Calendar::northern();
        all_week.windows[6] = vec![(0, 100), (125, 1440)];
        for (tz, from) in [
            (LONDON, "2024-10-26 20:00"),
            (LORD_HOWE, "2024-04-06 10:00"),
            (APIA, "2011-12-29 22:00"),
            (MONROVIA, "1972-01-06 20:00"),
        ] {
            for cal in [&all_week, &Calendar::northern(), &sunday_night()] {
                let (start, end) = (utc(from), utc(from) + 30 * HOUR);
                let seconds = (start..end).step_by(SECOND as usize).filter(|&at| is_working(cal, tz, at));
                assert_eq!(elapsed_us(cal, tz, start, end), seconds.count() as i64 * SECOND);
            }
        }
    }

    #[test]
    fn elapsed_time_adds_up_and_due_inverts_it() {
        let cal = Calendar::northern();
        let (a, c) = (utc("2024-03-28 11:17:23.000007"), utc("2024-04-04 08:00:01.5"));
        let whole = elapsed_us(&cal, LONDON, a, c);
        let mut b = a;
        while b < c {
            assert_eq!(elapsed_us(&cal, LONDON, a, b) + elapsed_us(&cal, LONDON, b, c), whole);
            b += 7 * HOUR + 1_234_567;
        }
        for target in [1, MINUTE, 9 * HOUR - 1, 9 * HOUR, 9 * HOUR + 1, whole] {
            let due = due_us(&cal, LONDON, a, target, &[]);
            assert_eq!(elapsed_us(&cal, LONDON, a, due), target);
            assert_eq!(elapsed_us(&cal, LONDON, a, due - 1), target - 1);
        }
    }

    /// A ticket of severity 1, submitted on Monday 2024-05-06 09:00 UTC, with nothing else in its row.
    fn monday() -> Ticket {
        Ticket {
            id: "T-1".to_owned(),
            submitted_us: utc("2024-05-06 09:00"),
            first_response_us: None,
            resolved_us: None,
            severity: 1,
        }
    }

    fn on(reading: &str, kind: Kind) -> Event {
        Event { at_us: utc(&format!("2024-05-{reading}")), kind }
    }

    fn measured(ticket: &Ticket, events: &[Event], rules: &Rules, as_of: &str) -> Vec<Measured> {
        measurements(ticket, events, rules, &Calendar::northern(), Tz::UTC, utc(&format!("2024-05-{as_of}")))
    }

    /// (sequence, start, end, working minutes) of each.
    fn spans(all: &[Measured]) -> Vec<(u32, String, String, i64)> {
        let day = |at| local_reading(Tz::UTC, at).format("%d %H:%M").to_string();
        let row = |m: &Measured| {
            (m.sequence, day(m.start_us), m.end_us.map(day).unwrap_or_default(), m.elapsed_us / MINUTE)
        };
        all.iter().map(row).collect()
    }

    fn rows(expected: &[(u32, &str, &str, i64)]) -> Vec<(u32, String, String, i64)> {
        expected
            .iter()
            .map(|&(n, start, end, minutes)| (n, start.to_owned(), end.to_owned(), minutes))
            .collect()
    }

    #[test]
    fn exactly_the_target_is_breached_when_strict_and_met_when_inclusive() {
        // Eight hours from 09:00 are full at 17:00.
        let seventeen = [on("06 17:00", Kind::SupportComment)];
        let strict = measured(&monday(), &seventeen, &Rules::northern(), "06 17:00");
        assert_eq!(strict[0].elapsed_us, 8 * HOUR);
        assert_eq!(
            (strict[0].outcome, strict[0].decided_at_us),
            (Outcome::Breached, Some(utc("2024-05-06 17:00")))
        );
        let inclusive = Rules { strict: false, ..Rules::northern() };
        assert_eq!(measured(&monday(), &seventeen, &inclusive, "06 17:00")[0].outcome, Outcome::Met);
        let before = [Event { at_us: seventeen[0].at_us - 1, ..seventeen[0] }];
        assert_eq!(measured(&monday(), &before, &Rules::northern(), "06 17:00")[0].outcome, Outcome::Met);
    }

    #[test]
    fn a_late_answer_is_decided_at_its_due_instant() {
        // Due on Monday 17:00, answered on Tuesday 10:00 after 9 + 1 hours.
        let all =
            measured(&monday(), &[on("07 10:00", Kind::SupportComment)], &Rules::northern(), "07 10:00");
        assert_eq!(all[0].elapsed_us, 10 * HOUR);
        assert_eq!(
            (all[0].outcome, all[0].decided_at_us),
            (Outcome::Breached, Some(utc("2024-05-06 17:00")))
        );
        assert_eq!(all[0].end_us, Some(utc("2024-05-07 10:00")));
    }

    #[test]
    fn an_open_clock_is_pending_until_its_target_is_reached() {
        // From Monday 10:00: 8 h on Monday and 8 h on Tuesday are full on Tuesday 17:00.
        let ten = [on("06 10:00", Kind::SupportComment)];
        let before = measured(&monday(), &ten, &Rules::northern(), "07 16:59");
        assert_eq!(
            (before[1].outcome, before[1].decided_at_us, &before[1].month),
            (Outcome::Pending, None, &None)
        );
        assert_eq!(before[1].elapsed_us, 15 * HOUR + 59 * MINUTE);
        let then = measured(&monday(), &ten, &Rules::northern(), "07 17:00");
        assert_eq!(
            (then[1].outcome, then[1].decided_at_us),
            (Outcome::Breached, Some(utc("2024-05-07 17:00")))
        );
        let inclusive = Rules { strict: false, ..Rules::northern() };
        assert_eq!(measured(&monday(), &ten, &inclusive, "07 17:00")[1].outcome, Outcome::Pending);
    }

    #[test]
    fn updates_run_from_communication_to_communication_until_the_resolution() {
        // Notes, system messages and what the customer writes end nothing; nor does anything after Wednesday.
        let events = [
            on("08 12:00", Kind::SupportComment),
            on("07 10:00", Kind::SupportComment),
            on("06 10:00", Kind::SupportComment),
            on("06 11:00", Kind::SupportNote),
            on("06 12:00", Kind::SystemComment),
            on("06 13:00", Kind::CustomerComment),
            on("06 14:00", Kind::CustomerNote),
            on("06 10:00", Kind::SupportComment),
            on("08 13:00", Kind::Resolved),
        ];
        let ticket = Ticket { resolved_us: Some(utc("2024-05-08 10:00")), ..monday() };
        let all = measured(&ticket, &events, &Rules::northern(), "10 00:00");
        let expected = rows(&[
            (0, "06 09:00", "06 10:00", 60),
            (1, "06 10:00", "07 10:00", 9 * 60),
            (2, "07 10:00", "08 10:00", 9 * 60),
        ]);
        assert_eq!(spans(&all), expected);
        assert_eq!(all[0].metric, Metric::Response);
        assert_eq!(all[1].metric, Metric::Update);
        assert_eq!((all[0].target_us, all[1].target_us), (8 * HOUR, 16 * HOUR));
        // As of Tuesday 12:00 the second update is open.
        let tuesday = measured(&ticket, &events, &Rules::northern(), "07 12:00");
        assert_eq!(spans(&tuesday)[..2], expected[..2]);
        assert_eq!(spans(&tuesday)[2..], rows(&[(2, "07 10:00", "", 120)]));
    }

    #[test]
    fn the_rows_first_response_is_a_communication_of_its_own() {
        let ticket = Ticket { first_response_us: Some(utc("2024-05-06 10:00")), ..monday() };
        let all = measured(&ticket, &[on("06 11:00", Kind::SupportComment)], &Rules::northern(), "06 12:00");
        let expected =
            [(0, "06 09:00", "06 10:00", 60), (1, "06 10:00", "06 11:00", 60), (2, "06 11:00", "", 60)];
        assert_eq!(spans(&all), rows(&expected));
    }

    #[test]
    fn a_comment_and_a_resolution_at_one_instant_leave_no_update() {
        let events = [on("06 10:00", Kind::Resolved), on("06 10:00", Kind::SupportComment)];
        let all = measured(&monday(), &events, &Rules::northern(), "07 10:00");
        assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 10:00", 60)]));
    }

    #[test]
    fn a_reopened_ticket_is_measured_from_its_reopening() {
        let events = [
            on("06 10:00", Kind::Resolved),
            on("06 11:00", Kind::SupportComment),
            on("06 12:00", Kind::Reopened),
            on("06 13:00", Kind::Reopened),
            on("06 14:00", Kind::SupportComment),
        ];
        let all = measured(&monday(), &events, &Rules::northern(), "06 15:00");
        let expected =
            [(0, "06 09:00", "06 10:00", 60), (1, "06 12:00", "06 14:00", 120), (2, "06 14:00", "", 60)];
        assert_eq!(spans(&all), rows(&expected));
    }

    #[test]
    fn a_reopening_answered_at_its_own_instant_takes_no_time() {
        let events = [
            on("06 10:00", Kind::Resolved),
            on("06 12:00", Kind::SupportComment),
            on("06 12:00", Kind::SupportComment),
            on("06 12:00", Kind::Reopened),
        ];
        let all = measured(&monday(), &events, &Rules::northern(), "06 13:00");
        let expected =
            [(0, "06 09:00", "06 10:00", 60), (1, "06 12:00", "06 12:00", 0), (2, "06 12:00", "", 60)];
        assert_eq!(spans(&all), rows(&expected));
        // Resolved again at that instant as well: the answer resolves, and nothing is open.
        let resolved = [&events[..], &[on("06 12:00", Kind::Resolved)]].concat();
        let all = measured(&monday(), &resolved, &Rules::northern(), "06 13:00");
        assert_eq!(spans(&all), rows(&expected[..2]));
    }

    #[test]
    fn a_reopening_at_the_instant_of_the_resolution_comes_before_it() {
        let events = [on("06 10:00", Kind::Resolved), on("06 10:00", Kind::Reopened)];
        let all = measured(&monday(), &events, &Rules::northern(), "06 13:00");
        assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 10:00", 60)]));
    }

    #[test]
    fn a_change_of_severity_acts_on_the_next_measurement() {
        // 1 at submission, 3 from 09:30, 4 from the very instant of the first answer.
        let events = [
            on("06 09:30", Kind::Severity { value: 3, old: Some(1) }),
            on("06 10:00", Kind::Severity { value: 4, old: Some(3) }),
            on("06 10:00", Kind::SupportComment),
        ];
        let ticket = Ticket { severity: 2, ..monday() };
        let all = measured(&ticket, &events, &Rules::northern(), "06 12:00");
        assert_eq!(all.iter().map(|m| m.severity).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(all.iter().map(|m| m.target_us).collect::<Vec<_>>(), [8 * HOUR, 32 * HOUR]);
        // As of 09:15 the change is still to come, and its old value is known all the same.
        assert_eq!(measured(&ticket, &events, &Rules::northern(), "06 09:15")[0].severity, 1);
        // Without an old value the row's severity stands.
        let silent = [on("06 09:30", Kind::Severity { value: 3, old: None })];
        assert_eq!(measured(&ticket, &silent, &Rules::northern(), "06 12:00")[0].severity, 2);
        // A change at the instant of submission acts on the response; one before it is left out.
        let early = [
            on("06 08:00", Kind::Severity { value: 4, old: Some(4) }),
            on("06 09:00", Kind::Severity { value: 3, old: Some(1) }),
        ];
        assert_eq!(measured(&ticket, &early, &Rules::northern(), "06 12:00")[0].severity, 3);
        assert_eq!(severity_at_submission(&ticket, &early), 1);
    }

    #[test]
    fn waiting_is_taken_out_and_pushes_the_due_instant_back_when_it_pauses() {
        // 09:00 to 18:00 less 10:00 to 12:00 is 7 h; the eighth is full on Tuesday 10:00.
        let events = [
            on("06 10:00", Kind::Waiting),
            on("06 11:00", Kind::Waiting),
            on("06 11:30", Kind::CustomerNote),
            on("06 12:00", Kind::CustomerComment),
            on("06 18:00", Kind::SupportComment),
        ];
        let pausing = Rules { pauses: true, ..Rules::northern() };
        let paused = &measured(&monday(), &events, &pausing, "06 18:00")[0];
        assert_eq!((paused.elapsed_us, paused.due_us), (7 * HOUR, utc("2024-05-07 10:00")));
        assert_eq!(paused.outcome, Outcome::Met);
        let running = &measured(&monday(), &events, &Rules::northern(), "06 18:00")[0];
        assert_eq!((running.elapsed_us, running.due_us), (9 * HOUR, utc("2024-05-06 17:00")));
        assert_eq!(running.outcome, Outcome::Breached);
    }

    #[test]
    fn a_wait_without_an_end_runs_to_the_as_of_instant() {
        // 09:00 to 10:00, then from 12:00 on: 1 + 6 h on Monday, the eighth on Tuesday 10:00.
        let pausing = Rules { pauses: true, ..Rules::northern() };
        let open = &measured(&monday(), &[on("06 10:00", Kind::Waiting)], &pausing, "06 12:00")[0];
        assert_eq!((open.elapsed_us, open.due_us), (HOUR, utc("2024-05-07 10:00")));
        assert_eq!(open.outcome, Outcome::Pending);
    }

    #[test]
    fn a_wait_may_begin_while_resolved_and_any_resolution_ends_one() {
        let pausing = Rules { pauses: true, ..Rules::northern() };
        let events = [
            on("06 10:00", Kind::Resolved),
            on("06 11:00", Kind::Waiting),
            on("06 12:00", Kind::Reopened),
            on("06 13:00", Kind::Resumed),
            on("06 15:00", Kind::SupportComment),
        ];
        let all = measured(&monday(), &events, &pausing, "06 15:00");
        assert_eq!(spans(&all)[1], (1, "06 12:00".to_owned(), "06 15:00".to_owned(), 120));
        // Resolved a second time at 11:30: the wait is over before the reopening.
        let again = [&events[..], &[on("06 11:30", Kind::Resolved)]].concat();
        let all = measured(&monday(), &again, &pausing, "06 15:00");
        assert_eq!(spans(&all)[1], (1, "06 12:00".to_owned(), "06 15:00".to_owned(), 180));
    }

    #[test]
    fn a_wait_begins_after_what_else_happens_at_its_instant_but_before_a_resolution() {
        let pausing = Rules { pauses: true, ..Rules::northern() };
        let events = [on("06 10:00", Kind::Waiting), on("06 10:00", Kind::CustomerComment)];
        assert_eq!(measured(&monday(), &events, &pausing, "06 12:00")[0].elapsed_us, HOUR);
        let events = [
            on("06 10:00", Kind::Resolved),
            on("06 10:00", Kind::Waiting),
            on("06 11:00", Kind::Reopened),
            on("06 12:00", Kind::SupportComment),
        ];
        assert_eq!(measured(&monday(), &events, &pausing, "06 12:00")[1].elapsed_us, HOUR);
    }

    #[test]
    fn events_before_the_submission_are_left_out() {
        let ticket = Ticket { first_response_us: Some(utc("2024-05-06 08:00")), ..monday() };
        let events = [on("06 08:30", Kind::Resolved), on("06 09:00", Kind::SupportComment)];
        let all = measured(&ticket, &events, &Rules::northern(), "06 12:00");
        assert_eq!(spans(&all), rows(&[(0, "06 09:00", "06 09:00", 0), (1, "06 09:00", "", 180)]));
    }

    #[test]
    fn a_ticket_submitted_after_the_as_of_instant_has_no_measurement() {
        assert_eq!(measured(&monday(), &[], &Rules::northern(), "06 08:59"), []);
        assert_eq!(measured(&monday(), &[], &Rules::northern(), "06 09:00").len(), 1);
    }

    #[test]
    fn a_measurement_belongs_to_the_local_month_it_is_decided_in() {
        // Auckland, UTC+13: Thursday 2024-10-31 17:00 is 04:00 UTC; Friday 10:00 is 21:00 UTC, still October.
        let ticket = Ticket { submitted_us: utc("2024-10-31 04:00"), ..monday() };
        let events = [Event { at_us: utc("2024-10-31 21:00"), kind: Kind::Resolved }];
        let cal = Calendar::northern();
        let month = |rules: &Rules| {
            let all = measurements(&ticket, &events, rules, &cal, AUCKLAND, utc("2024-11-05 00:00"));
            assert_eq!((all.len(), all[0].elapsed_us), (1, 2 * HOUR));
            all[0].month.clone()
        };
        assert_eq!(month(&Rules::northern()).as_deref(), Some("2024-11"));
        let by_submitted = Rules { period_by_submitted: true, ..Rules::northern() };
        assert_eq!(month(&by_submitted).as_deref(), Some("2024-10"));
    }
}
