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
mod tests;
