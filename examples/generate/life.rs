//! One ticket's life, told on the customer's wall clock and cut at the instant of the export.
//!
//! Support works towards the agreement's targets: each answer takes a share of the target in working hours,
//! drawn from one curve, smaller for augmented customers and larger at slow times.

use crate::customers::Customer;
use crate::rng::Rng;
use crate::wall::{self, DAY};

/// What holds for every ticket of an export.
pub struct Desk {
    pub slow: [Slow; 3],
    /// In thousandths.
    pub updates_per_ticket: u32,
}

/// A time at which the desk is short of people, in days, the last not included.
#[derive(Clone, Copy)]
pub struct Slow {
    pub from: i64,
    pub to: i64,
    /// How long answers take, in thousandths of what is usual.
    pub pace: i64,
}

/// A row of `tickets.csv`; instants are seconds since 1970-01-01 UTC.
pub struct Ticket {
    pub customer: usize,
    /// The one now, not the one at submission.
    pub severity: u8,
    pub submitted_at: i64,
    pub first_response_at: Option<i64>,
    pub resolved_at: Option<i64>,
    pub classification: &'static str,
    pub product: &'static str,
}

/// A row of `updates.csv`.
#[derive(Clone, Copy)]
pub struct Update {
    pub at: i64,
    /// The number of the ticket, filled in once it has one.
    pub ticket: u32,
    pub what: What,
    /// Severities, or 0.
    pub value: u8,
    pub old_value: u8,
}

impl Update {
    /// An internal message by the system.
    pub fn note(ticket: u32, at: i64) -> Update {
        Update { at, ticket, what: What::SystemNote, value: 0, old_value: 0 }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum What {
    Answer,
    InternalNote,
    Reply,
    SystemNote,
    SystemMessage,
    Severity,
    Waiting,
    Resumed,
    Resolved,
    Reopened,
}

impl What {
    /// Author, visibility and kind, as they stand in the row.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            What::Answer => b",support,public,comment",
            What::InternalNote => b",support,internal,comment",
            What::Reply => b",customer,public,comment",
            What::SystemNote => b",system,internal,comment",
            What::SystemMessage => b",system,public,comment",
            What::Severity => b",support,internal,severity",
            What::Waiting => b",support,public,waiting",
            What::Resumed => b",system,public,resumed",
            What::Resolved => b",support,public,resolved",
            What::Reopened => b",customer,public,reopened",
        }
    }
}

pub struct Life {
    pub ticket: Ticket,
    pub updates: Vec<Update>,
}

const RESPONSE_HOURS: [i64; 4] = [8, 8, 12, 16];
const UPDATE_HOURS: [i64; 4] = [16, 16, 20, 32];

/// How much of a target an answer takes, in thousandths: the median, a quarter; one in twenty, more than all.
const PACE: [(u32, i64); 7] =
    [(0, 4), (250, 110), (500, 260), (750, 470), (900, 760), (960, 1000), (1000, 1600)];
/// The number of updates, in thousandths of the mean.
const ROWS: [(u32, i64); 6] = [(0, 200), (250, 500), (500, 800), (750, 1200), (950, 2200), (1000, 4400)];
/// Minutes after midnight at which people write in, mostly before and after lunch; one in twelve by night.
const SUBMISSION: [(u32, i64); 8] =
    [(0, 0), (40, 540), (300, 630), (480, 720), (560, 810), (920, 1080), (960, 1140), (1000, 1440)];

const SEVERITIES: [u8; 20] = [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4];
const PRODUCTS: [&str; 6] =
    ["Atlas Server", "Atlas Cloud", "Meridian Sync", "Quill Editor", "Beacon Monitor", "Harbour Gateway"];

fn classify(severity: u8, rng: &mut Rng) -> &'static str {
    match severity {
        1 => "loss of service",
        2 => "sustained failure of a major feature",
        3 if rng.chance(550) => "intermittent failure of a major feature",
        3 => "sustained failure of a minor feature",
        _ => "intermittent failure of a minor feature",
    }
}

/// Lives one ticket, submitted on this local day.
pub fn live(number: usize, customer: &Customer, day: i64, desk: &Desk, mut rng: Rng) -> Life {
    let severity = rng.pick(&SEVERITIES);
    let classification = if rng.chance(30) { "" } else { classify(severity, &mut rng) };
    let product = rng.pick(&PRODUCTS);
    let mut submitted = day * DAY + rng.on_curve(&SUBMISSION) * 60 / 1000;
    if submitted > customer.wall_at_export {
        submitted -= DAY;
    }
    let mut story = Story::begin(submitted, severity, customer, desk, rng);
    story.tell();

    let instant = |wall| wall::to_instant(customer.zone, wall);
    let updates = story
        .updates
        .iter()
        .filter(|row| row.at <= customer.wall_at_export)
        .map(|row| Update { at: instant(row.at), ..*row });
    let updates: Vec<Update> = updates.collect();
    let now = updates.iter().filter(|row| row.what == What::Severity).max_by_key(|row| row.at);
    let ticket = Ticket {
        customer: number,
        severity: now.map_or(severity, |change| change.value),
        submitted_at: instant(submitted),
        first_response_at: story.first_response.map(instant),
        resolved_at: story.resolved.map(instant),
        classification,
        product,
    };
    Life { ticket, updates }
}

/// A life being told; times are readings of the customer's clock.
struct Story<'a> {
    customer: &'a Customer,
    desk: &'a Desk,
    rng: Rng,
    now: i64,
    severity: u8,
    /// Tell no more than about so many rows.
    rows: usize,
    updates: Vec<Update>,
    /// As the ticket's row will have them.
    first_response: Option<i64>,
    resolved: Option<i64>,
}

impl<'a> Story<'a> {
    fn begin(now: i64, severity: u8, customer: &'a Customer, desk: &'a Desk, mut rng: Rng) -> Story<'a> {
        let rows = rng.on_curve(&ROWS) * i64::from(desk.updates_per_ticket) / 1_000_000_000;
        Story {
            customer,
            desk,
            rng,
            now,
            severity,
            rows: rows as usize,
            updates: Vec::with_capacity(rows as usize + 4),
            first_response: None,
            resolved: None,
        }
    }

    fn tell(&mut self) {
        self.first_response();
        while self.updates.len() + 3 < self.rows && !self.over() {
            self.exchange();
        }
        // A few are never spoken of again.
        if self.rng.chance(4) {
            return;
        }
        self.resolve();
        while self.resolved.is_some() && self.rng.chance(70) {
            self.reopen();
        }
    }

    fn over(&self) -> bool {
        self.now > self.customer.wall_at_export
    }

    fn row(&mut self, at: i64, what: What) {
        self.updates.push(Update { at, ticket: 0, what, value: 0, old_value: 0 });
    }

    fn first_response(&mut self) {
        if self.rng.chance(600) {
            let delay = self.rng.between(1, 20);
            self.row(self.now + delay, What::SystemMessage);
        }
        let submitted = self.now;
        self.now = self.next_answer(&RESPONSE_HOURS);
        self.meanwhile(submitted);
        if self.over() {
            return;
        }
        // Some exports know the first response from the ticket alone, as for one by telephone.
        let in_column = self.rng.chance(600);
        self.first_response = in_column.then_some(self.now);
        if !in_column || self.rng.chance(850) {
            self.row(self.now, What::Answer);
        }
    }

    /// From one answer to the next, with what happens between them.
    fn exchange(&mut self) {
        let before = self.now;
        self.now = self.next_answer(&UPDATE_HOURS);
        self.meanwhile(before);
        self.row(self.now, What::Answer);
        if self.rng.chance(5) {
            self.row(self.now, What::Answer);
        }
    }

    /// What others write between two answers.
    fn meanwhile(&mut self, from: i64) {
        let to = self.now;
        let reply = self.rng.between(from, to);
        if self.rng.chance(120) {
            self.row(from + 30, What::Waiting);
            self.row(reply.max(from + 31), What::Resumed);
            self.row(reply, What::Reply);
        } else if self.rng.chance(450) {
            self.row(reply, What::Reply);
        }
        if self.rng.chance(500) {
            let at = self.rng.between(from, to);
            self.row(at, What::InternalNote);
        }
        if self.rng.chance(120) {
            let at = self.rng.between(from, to);
            self.row(at, What::SystemNote);
        }
        if self.rng.chance(25) {
            // Now and then at the very instant of the answer.
            let at = if self.rng.chance(300) { to } else { self.rng.between(from, to) };
            self.change_severity(at);
        }
    }

    /// Changes the severity, but never twice at one instant: nothing would tell which change came first.
    fn change_severity(&mut self, at: i64) {
        if self.updates.iter().any(|row| row.what == What::Severity && row.at == at) {
            return;
        }
        let old_value = self.severity;
        self.severity = match old_value {
            1 => 2,
            4 => 3,
            other => other - 1 + 2 * self.rng.below(2) as u8,
        };
        self.updates.push(Update { at, ticket: 0, what: What::Severity, value: self.severity, old_value });
    }

    fn resolve(&mut self) {
        let before = self.now;
        self.now = self.next_answer(&UPDATE_HOURS);
        if self.over() {
            return;
        }
        if self.rng.chance(250) {
            let at = self.rng.between(before, self.now);
            self.row(at, What::InternalNote);
        }
        if self.rng.chance(500) {
            self.row(self.now, What::Answer);
        }
        // The export may know it from the ticket, from an event, or from both.
        let known = self.rng.below(100);
        if known < 85 {
            self.resolved = Some(self.now);
        }
        if known >= 30 {
            self.row(self.now, What::Resolved);
        }
        if self.rng.chance(100) {
            let later = self.rng.between(600, 2 * DAY);
            self.row(self.now + later, What::Reply);
            if self.rng.chance(300) {
                self.row(self.now + later + 300, What::Answer);
            }
        }
    }

    fn reopen(&mut self) {
        let at = self.now + self.rng.between(2 * 3600, 12 * DAY);
        if at > self.customer.wall_at_export {
            return;
        }
        // The ticket's row holds its last resolution only, so this one must stand in the updates.
        if !self.updates.iter().any(|row| row.what == What::Resolved && row.at == self.now) {
            self.row(self.now, What::Resolved);
        }
        self.resolved = None;
        self.now = at;
        self.row(at, What::Reopened);
        while self.rng.chance(500) && !self.over() {
            self.exchange();
        }
        self.resolve();
    }

    /// When support speaks next, if it has so many hours by severity.
    fn next_answer(&mut self, hours: &[i64; 4]) -> i64 {
        let target = hours[usize::from(self.severity) - 1] * 3600;
        let by_night = !wall::is_working(self.now) && self.rng.chance(100);
        if by_night {
            return self.now + self.rng.between(300, 3000);
        }
        let share = if self.rng.chance(3) {
            1_000_000 // to the second: a breach, where the comparison is strict
        } else if self.rng.chance(6) {
            self.rng.between(2_000_000, 12_000_000) // forgotten for a while
        } else {
            self.rng.on_curve(&PACE) * self.pace() / 1000 + self.rng.between(0, 50)
        };
        wall::after_working(self.now, target * share / 1_000_000)
    }

    /// How slow the desk is for this customer at this time, in thousandths.
    fn pace(&self) -> i64 {
        let today = self.now / DAY;
        let slow = self.desk.slow.iter().find(|slow| (slow.from..slow.to).contains(&today));
        let usual = if self.customer.augmented { 720 } else { 1000 };
        slow.map_or(usual, |slow| usual * slow.pace / 1000)
    }
}
