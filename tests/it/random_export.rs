//! A random, nasty export: tickets over thirty time zones whose events crowd at equal instants, at the edges
//! of working hours, at clock changes and at exactly the target. The same seed gives the same bytes.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate};
use chrono_tz::Tz;

use crate::oracle::{Calendar, DAY, Event, HOUR, Kind, MINUTE, Rules, SECOND, Ticket};
use crate::oracle::{local_reading, measurements};

/// The zones, each for its own oddity: odd offsets, half-hour and two-hour clock changes, skipped days, changes
/// at midnight, winter time as the exception, Ramadan, and zones that changed their standard time.
pub const ZONES: [Tz; 30] = [
    Tz::Asia__Kathmandu,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::Africa__Casablanca,
    Tz::America__St_Johns,
    Tz::Pacific__Chatham,
    Tz::Asia__Tehran,
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::Africa__Cairo,
    Tz::Antarctica__Troll,
    Tz::Europe__Dublin,
    Tz::Pacific__Auckland,
    Tz::Asia__Gaza,
    Tz::America__Nuuk,
    Tz::Asia__Pyongyang,
    Tz::Europe__Istanbul,
    Tz::UTC,
    Tz::Pacific__Fakaofo,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Marquesas,
    Tz::America__Caracas,
    Tz::America__Los_Angeles,
    Tz::Antarctica__Casey,
    Tz::Asia__Dhaka,
    Tz::Asia__Tokyo,
    Tz::Europe__Volgograd,
    Tz::Africa__Juba,
];

const TIERS: [&str; 2] = ["standard", "augmented"];
const REGIONS: [&str; 4] = ["AMER", "APAC", "EMEA", "LATAM"];
const MANAGERS: [&str; 4] = ["", "A. Lindqvist", "Noor, J.", "Zoë \"Zed\" Dvořák"];
const CUSTOMERS_PER_ZONE: usize = 3;

/// Tickets submitted before 2023-07-01 are resolved and wait for nobody in the end, so that the clocks which
/// still run at the latest instant of the export have run for eighteen months at most.
const MAY_STAY_OPEN_FROM_US: i64 = 1_688_169_600_000_000;
/// The export was taken on 2025-01-02 at 15:00 UTC: nothing in it is later.
const TAKEN_US: i64 = 1_735_830_000_000_000;
const LIFE: i64 = 42 * DAY;

/// A random export, and what its tables say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomExport {
    /// Each ticket with the time zone it is measured in and its events, in no order. Of one instant's severity
    /// events there is only one, so that the order of the rows says nothing.
    pub tickets: Vec<(Ticket, Tz, Vec<Event>)>,
    /// What else stands in each ticket's row, in the order of `tickets`.
    pub rows: Vec<Row>,
    /// The customers, each with its own defaults.
    pub customers: Vec<Customer>,
    seed: u64,
}

/// A customer's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its name.
    pub name: String,
    /// Its tier.
    pub tier: &'static str,
    /// Its region.
    pub region: &'static str,
    /// Its time zone.
    pub timezone: Tz,
    /// Its account manager, or nothing.
    pub account_manager: &'static str,
}

/// What a ticket's own row says besides its dates and severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which of the customers it is.
    pub customer: usize,
    /// The tier, where the row has one of its own.
    pub tier: Option<&'static str>,
    /// The region, where the row has one of its own.
    pub region: Option<&'static str>,
    /// The time zone, where the row has one of its own.
    pub timezone: Option<Tz>,
}

/// A random export of this many tickets.
pub fn random_export(seed: u64, count: usize) -> RandomExport {
    let mut rng = Rng(seed);
    let changes: BTreeMap<&str, Vec<i64>> = ZONES.iter().map(|&tz| (tz.name(), clock_changes(tz))).collect();
    let customers: Vec<Customer> =
        (0..ZONES.len() * CUSTOMERS_PER_ZONE).map(|number| customer(&mut rng, number)).collect();
    let (mut tickets, mut rows) = (Vec::new(), Vec::new());
    for number in 0..count {
        let tz = ZONES[number % ZONES.len()];
        let row = row(&mut rng, tz, &customers);
        let (ticket, events) = Life::new(&mut rng, tz, &changes[tz.name()], number).live();
        tickets.push((ticket, tz, events));
        rows.push(row);
    }
    RandomExport { tickets, rows, customers, seed }
}

impl RandomExport {
    /// The customer's name, the tier and the region of a ticket after the look-up.
    pub fn account(&self, ticket: usize) -> (&str, &'static str, &'static str) {
        let row = &self.rows[ticket];
        let customer = &self.customers[row.customer];
        (&customer.name, row.tier.unwrap_or(customer.tier), row.region.unwrap_or(customer.region))
    }

    /// The latest instant in the export.
    pub fn latest_us(&self) -> i64 {
        let of_ticket = |(ticket, _, events): &(Ticket, Tz, Vec<Event>)| {
            let row = [Some(ticket.submitted_us), ticket.first_response_us, ticket.resolved_us];
            events.iter().map(|event| event.at_us).chain(row.into_iter().flatten()).max()
        };
        self.tickets.iter().filter_map(of_ticket).max().unwrap_or_default()
    }

    /// The tickets table.
    pub fn tickets_csv(&self) -> String {
        let mut rng = Rng(self.seed ^ 0x7469_636b);
        let mut lines = Vec::new();
        for ((ticket, tz, _), row) in self.tickets.iter().zip(&self.rows) {
            let optional =
                |rng: &mut Rng, at: Option<i64>| at.map_or_else(String::new, |at| written(rng, *tz, at));
            let customer = &self.customers[row.customer];
            lines.push(line(&[
                &ticket.id,
                &customer.name,
                &ticket.severity.to_string(),
                &written(&mut rng, *tz, ticket.submitted_us),
                &optional(&mut rng, ticket.first_response_us),
                &optional(&mut rng, ticket.resolved_us),
                row.tier.unwrap_or_default(),
                row.region.unwrap_or_default(),
                row.timezone.map_or("", |tz| tz.name()),
                rng.pick(&["", "question", "defect, confirmed"]),
                rng.pick(&["", "atlas", "say \"hello\""]),
                rng.pick(&["", "", customer.account_manager]),
            ]));
        }
        rng.shuffle(&mut lines);
        "ticket_id,customer,severity,submitted_at,first_response_at,resolved_at,tier,region,timezone,classification,\
         product,account_manager\n"
            .to_owned()
            + &lines.concat()
    }

    /// The updates table.
    pub fn updates_csv(&self) -> String {
        let mut rng = Rng(self.seed ^ 0x7570_6461);
        let mut lines = Vec::new();
        for (ticket, tz, events) in &self.tickets {
            for event in events {
                let at = written(&mut rng, *tz, event.at_us);
                let anyone = rng.pick(&["support", "customer", "system"]);
                let seen = rng.pick(&["", "public", "internal"]);
                let public = rng.pick(&["", "public"]);
                let comment = rng.pick(&["", "comment"]);
                let (author, visibility, kind) = match event.kind {
                    Kind::SupportComment => ("support", public, comment),
                    Kind::SupportNote => ("support", "internal", comment),
                    Kind::CustomerComment => ("customer", public, comment),
                    Kind::CustomerNote => ("customer", "internal", comment),
                    Kind::SystemComment => ("system", seen, comment),
                    Kind::Severity { .. } => (anyone, seen, "severity"),
                    Kind::Waiting => (anyone, seen, "waiting"),
                    Kind::Resumed => (anyone, seen, "resumed"),
                    Kind::Resolved => (anyone, seen, "resolved"),
                    Kind::Reopened => (anyone, seen, "reopened"),
                };
                let (value, old) = match event.kind {
                    Kind::Severity { value, old } => (value.to_string(), old.map(|old| old.to_string())),
                    _ => (String::new(), None),
                };
                lines.push(line(&[
                    &ticket.id,
                    &at,
                    author,
                    visibility,
                    kind,
                    &value,
                    &old.unwrap_or_default(),
                ]));
            }
        }
        rng.shuffle(&mut lines);
        "ticket_id,at,author,visibility,kind,value,old_value\n".to_owned() + &lines.concat()
    }

    /// The customers table.
    pub fn customers_csv(&self) -> String {
        let mut lines = Vec::new();
        for customer in &self.customers {
            let (tier, region, timezone) = (customer.tier, customer.region, customer.timezone.name());
            lines.push(line(&[&customer.name, tier, region, timezone, "", customer.account_manager]));
        }
        Rng(self.seed ^ 0x6375_7374).shuffle(&mut lines);
        "customer,tier,region,timezone,calendar,account_manager\n".to_owned() + &lines.concat()
    }
}

fn customer(rng: &mut Rng, number: usize) -> Customer {
    let name = match number % 6 {
        0 => format!("Müller & Søn, AG {number:02}"),
        1 => format!("\"Quoted\" Ltd {number:02}"),
        2 => format!("O'Neil; Partners {number:02}"),
        3 => format!("東京商事 {number:02}"),
        4 => format!("=ACME+{number:02}"),
        _ => format!("Plain {number:02}"),
    };
    Customer {
        name,
        tier: rng.pick(&TIERS),
        region: rng.pick(&REGIONS),
        timezone: ZONES[number / CUSTOMERS_PER_ZONE],
        account_manager: rng.pick(&MANAGERS),
    }
}

/// A row whose look-up gives this zone: the customer's, or the row's own over any customer's.
fn row(rng: &mut Rng, tz: Tz, customers: &[Customer]) -> Row {
    let own_zone = rng.chance(20);
    let mut customer = rng.below(customers.len() as u64) as usize;
    if !own_zone || rng.chance(50) {
        let zone = ZONES.iter().position(|&zone| zone == tz).expect("one of the zones");
        customer = zone * CUSTOMERS_PER_ZONE + customer % CUSTOMERS_PER_ZONE;
    }
    Row {
        customer,
        tier: rng.chance(10).then(|| rng.pick(&TIERS)),
        region: rng.chance(10).then(|| rng.pick(&REGIONS)),
        timezone: own_zone.then_some(tz),
    }
}

/// A ticket in the making.
struct Life<'a> {
    rng: &'a mut Rng,
    tz: Tz,
    changes: &'a [i64],
    cal: Calendar,
    ticket: Ticket,
    events: Vec<Event>,
    /// The severity now.
    severity: u8,
}

impl<'a> Life<'a> {
    fn new(rng: &'a mut Rng, tz: Tz, changes: &'a [i64], number: usize) -> Life<'a> {
        let severity = rng.severity();
        let id = format!("T-{number:05}");
        let ticket = Ticket { id, submitted_us: 0, first_response_us: None, resolved_us: None, severity };
        let mut life =
            Life { rng, tz, changes, cal: Calendar::northern(), ticket, events: Vec::new(), severity };
        life.ticket.submitted_us = life.submission();
        life
    }

    fn submission(&mut self) -> i64 {
        let (first, last) = (instant_of(2005, 1, 1), instant_of(2024, 12, 31));
        let any = first + self.rng.below((last - first) as u64) as i64;
        let instant = match self.rng.below(100) {
            0..10 => last - self.rng.below(12 * DAY as u64) as i64,
            10..45 if !self.changes.is_empty() => {
                let change = self.rng.pick(self.changes);
                let before = self.rng.below(4 * DAY as u64) as i64 - DAY;
                change - self.rng.pick(&[0, 1, -1, before, before, before])
            }
            10..75 => self.edge_of_hours(any),
            _ => self.rounded(any),
        };
        instant.clamp(first, last)
    }

    fn live(mut self) -> (Ticket, Vec<Event>) {
        let end = TAKEN_US.min(self.ticket.submitted_us + 1 + self.rng.below(LIFE as u64) as i64);
        let most = self.rng.below(24);
        let mut at = self.ticket.submitted_us;
        for _ in 0..most {
            let (next, at_the_line) = self.next_instant(at);
            if next > end {
                break;
            }
            at = next;
            let kind = if at_the_line && self.rng.chance(80) { self.answer() } else { self.any_kind() };
            self.push(at, kind);
        }
        self.push_events_before_submission();
        self.fill_row();
        if self.ticket.submitted_us < MAY_STAY_OPEN_FROM_US && (!self.is_resolved() || self.may_wait()) {
            let last = self.latest() + self.rng.below(3 * DAY as u64) as i64 * self.rng.below(2) as i64;
            self.events.push(Event { at_us: last, kind: Kind::Resolved });
        }
        self.rng.shuffle(&mut self.events);
        (self.ticket, self.events)
    }

    /// Adds an event; of two severity events at one instant only the first.
    fn push(&mut self, at_us: i64, kind: Kind) {
        let is_severity = |kind: Kind| matches!(kind, Kind::Severity { .. });
        if is_severity(kind)
            && self.events.iter().any(|event| event.at_us == at_us && is_severity(event.kind))
        {
            return;
        }
        if let (Kind::Severity { value, .. }, true) = (kind, at_us >= self.ticket.submitted_us) {
            self.severity = value;
        }
        self.events.push(Event { at_us, kind });
    }

    fn answer(&mut self) -> Kind {
        self.rng.pick(&[Kind::SupportComment, Kind::SupportComment, Kind::Resolved])
    }

    fn any_kind(&mut self) -> Kind {
        match self.rng.below(100) {
            0..28 => Kind::SupportComment,
            28..42 => Kind::CustomerComment,
            42..48 => Kind::SupportNote,
            48..51 => Kind::CustomerNote,
            51..56 => Kind::SystemComment,
            56..66 => {
                let old = match self.rng.below(20) {
                    0..13 => Some(self.severity),
                    13 => Some(self.rng.severity()),
                    _ => None,
                };
                Kind::Severity { value: self.rng.severity(), old }
            }
            66..76 => Kind::Waiting,
            76..81 => Kind::Resumed,
            81..90 => Kind::Resolved,
            _ => Kind::Reopened,
        }
    }

    /// An instant from this one on, and whether it is where the running measurement is due.
    fn next_instant(&mut self, from: i64) -> (i64, bool) {
        let nudge = self.rng.pick(&[0, 0, 0, 1, -1]);
        match self.rng.below(100) {
            0..18 => (from, false),
            18..22 => (from + 1 + self.rng.below(3) as i64, false),
            22..36 => (self.edge_of_hours(from), false),
            36..50 => {
                let pauses = self.rng.chance(30);
                let rules = Rules { pauses, ..Rules::northern() };
                let running = measurements(&self.ticket, &self.events, &rules, &self.cal, self.tz, from);
                let due = running.last().map_or(from, |last| last.due_us.saturating_add(nudge));
                if due >= from && due < from + LIFE { (due, true) } else { (self.soon(from), false) }
            }
            50..58 => {
                let next = self.changes.iter().find(|&&change| change > from).copied();
                let around =
                    self.rng.pick(&[0, 0, 1, -1, SECOND, MINUTE, 30 * MINUTE, HOUR, -HOUR, 2 * HOUR]);
                match next {
                    Some(change) if change < from + 20 * DAY => (from.max(change + around), false),
                    _ => (self.soon(from), false),
                }
            }
            58..80 => (self.soon(from), false),
            80..95 => (self.within(from, 3 * DAY), false),
            _ => (self.within(from, 14 * DAY), false),
        }
    }

    fn soon(&mut self, from: i64) -> i64 {
        self.within(from, 10 * HOUR)
    }

    fn within(&mut self, from: i64, span: i64) -> i64 {
        let instant = from + self.rng.below(span as u64) as i64;
        from.max(self.rounded(instant))
    }

    /// The instant itself, or its second or minute.
    fn rounded(&mut self, instant: i64) -> i64 {
        instant - instant.rem_euclid(self.rng.pick(&[1, SECOND, MINUTE]))
    }

    /// Where windows open and close, on the local clock, within a few days from this instant.
    fn edge_of_hours(&mut self, from: i64) -> i64 {
        let minute = self.rng.pick(&[540, 1080, 540, 1080, 840, 960, 0, 1439, 720]);
        let nudge = self.rng.pick(&[0, 0, 0, 1, -1]);
        let date = local_reading(self.tz, from).date() + Duration::days(self.rng.below(4) as i64);
        for later in 0..4 {
            let reading =
                (date + Duration::days(later)).and_time(Default::default()) + Duration::minutes(minute);
            let as_utc = reading.and_utc().timestamp_micros();
            // The offset near the reading; where the clock changes that day, any instant near it will do.
            let instant = as_utc - utc_offset_s(self.tz, as_utc) * SECOND;
            let instant = as_utc - utc_offset_s(self.tz, instant) * SECOND + nudge;
            if instant >= from {
                return instant;
            }
        }
        from
    }

    fn push_events_before_submission(&mut self) {
        if self.rng.chance(6) {
            for _ in 0..1 + self.rng.below(3) {
                let before = self.rng.pick(&[1, SECOND, HOUR, 3 * DAY]);
                let kind = self.any_kind();
                self.push(self.ticket.submitted_us - before, kind);
            }
        }
    }

    /// Decides on the row's severity and its two instants, which may repeat an event's or be news.
    fn fill_row(&mut self) {
        if self.rng.chance(40) {
            self.ticket.severity = self.severity;
        }
        let first_of = |kind: Kind| {
            let at = self.events.iter().filter(|event| event.kind == kind).map(|event| event.at_us);
            at.filter(|&at| at >= self.ticket.submitted_us).min()
        };
        let (comment, resolved) = (first_of(Kind::SupportComment), first_of(Kind::Resolved));
        self.ticket.first_response_us = self.row_instant(comment);
        self.ticket.resolved_us = self.row_instant(resolved);
    }

    fn row_instant(&mut self, of_event: Option<i64>) -> Option<i64> {
        let submitted = self.ticket.submitted_us;
        match self.rng.below(100) {
            0..35 => None,
            35..80 => of_event,
            80..82 => Some(submitted),
            82 => Some(submitted - 1 - self.rng.below(DAY as u64) as i64),
            83..90 if !self.events.is_empty() => Some(self.rng.pick(&self.events).at_us.max(submitted)),
            _ => Some(TAKEN_US.min(self.within(submitted, 10 * DAY))),
        }
    }

    fn latest(&self) -> i64 {
        let row = [Some(self.ticket.submitted_us), self.ticket.first_response_us, self.ticket.resolved_us];
        let all = self.events.iter().map(|event| event.at_us).chain(row.into_iter().flatten());
        all.max().unwrap_or_default()
    }

    fn is_resolved(&self) -> bool {
        let as_of = self.latest();
        let all = measurements(&self.ticket, &self.events, &Rules::northern(), &self.cal, self.tz, as_of);
        all.iter().all(|measured| measured.end_us.is_some())
    }

    /// Whether a wait may be without an end.
    fn may_wait(&self) -> bool {
        let ends =
            |event: &&Event| matches!(event.kind, Kind::Resumed | Kind::CustomerComment | Kind::Resolved);
        let last_end = self.events.iter().filter(ends).map(|event| event.at_us).max();
        let last_wait =
            self.events.iter().filter(|event| event.kind == Kind::Waiting).map(|event| event.at_us).max();
        last_wait.is_some() && last_end <= last_wait
    }
}

fn instant_of(year: i32, month: u32, day: u32) -> i64 {
    let date = NaiveDate::from_ymd_opt(year, month, day).expect("a date");
    date.and_time(Default::default()).and_utc().timestamp_micros()
}

/// Local minus UTC, in seconds.
fn utc_offset_s(tz: Tz, at_us: i64) -> i64 {
    local_reading(tz, at_us).and_utc().timestamp() - at_us.div_euclid(SECOND)
}

/// The first instants of each new offset from 2005 to 2024, found by looking once a day and halving.
fn clock_changes(tz: Tz) -> Vec<i64> {
    let mut found = Vec::new();
    let mut day = instant_of(2005, 1, 1);
    while day < instant_of(2024, 12, 31) {
        let (mut before, mut after) = (day, day + DAY);
        if utc_offset_s(tz, before) != utc_offset_s(tz, after) {
            while after - before > SECOND {
                let middle = before + (after - before) / (2 * SECOND) * SECOND;
                if utc_offset_s(tz, middle) == utc_offset_s(tz, before) {
                    before = middle
                } else {
                    after = middle
                }
            }
            found.push(after);
        }
        day += DAY;
    }
    found
}

/// An instant as an export might write it: in UTC, in the customer's offset, or in any other.
fn written(rng: &mut Rng, tz: Tz, at_us: i64) -> String {
    let local = utc_offset_s(tz, at_us) / 60;
    let offset = rng.pick(&[0, 0, local, local, 345, -210, 840, -570, 765, -720, 60]);
    let reading = DateTime::from_timestamp_micros(at_us).expect("an instant chrono can hold").naive_utc()
        + Duration::minutes(offset);
    let whole_second = at_us % SECOND == 0 && rng.chance(50);
    let date_time = reading.format(if whole_second { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" });
    if offset == 0 && rng.chance(90) {
        return format!("{date_time}Z");
    }
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{date_time}{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
}

/// One CSV line, quoted where it must be.
fn line(fields: &[&str]) -> String {
    let quoted = |field: &&str| match field.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => (*field).to_owned(),
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

/// splitmix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn severity(&mut self) -> u8 {
        1 + self.below(4) as u8
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests;
