//! Writes invented exports of a help desk: `tickets.csv`, `updates.csv` and `customers.csv`.
//!
//! ```text
//! cargo run --release --example generate -- --out sample-data --dirty
//! cargo run --release --example generate -- --out /tmp/million --tickets 1000000 --seed 7
//! ```
//!
//! The same arguments give the same bytes on every machine: all chance is drawn from one small generator, in
//! whole numbers. Time goes forward one day after another; an update waits in the bucket of its day until that
//! day is over, so `updates.csv` is in order of time while only open tickets are held in memory.
//!
//! - `args`: what the command line says
//! - `customers`: who writes in, and from which zone
//! - `life`: one ticket from its submission to its end, told on the customer's own clock
//! - `wall`: that clock, and the one door from it to an instant
//! - `csv`: rows into files
//! - `oddities`: the faults that `--dirty` puts in
//! - `rng`: chance

mod args;
mod csv;
mod customers;
mod life;
mod oddities;
mod rng;
mod wall;

use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::args::{Args, USAGE};
use crate::csv::{CsvFile, push_instant, push_text};
use crate::customers::Customer;
use crate::life::{Life, Slow, Ticket, Update};
use crate::oddities::Oddities;
use crate::rng::Rng;
use crate::wall::DAY;

/// The export is taken at this hour, UTC, on the last weekday of its last month.
const EXPORT_HOUR: i64 = 15;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return finish(io::stdout().write_all(USAGE.as_bytes())),
        Err(problem) => {
            let _ = writeln!(io::stderr(), "{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    finish(generate(&args))
}

fn finish(done: io::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "cannot write the export: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(args: &Args) -> io::Result<()> {
    let span = Span::new(args.start, args.months);
    let customers = customers::invent(args.customers, args.seed, span.export_at);
    std::fs::create_dir_all(&args.out)?;
    customers::write(&args.out.join("customers.csv"), &customers, args.dirty)?;

    let mut export = Export::create(args, span, &customers)?;
    for (day, count) in export.span.tickets_by_day(args.tickets).into_iter().enumerate() {
        export.live_through(day as i64, count)?;
    }
    export.close()
}

/// The days an export covers, and the instant it was taken.
struct Span {
    first_day: i64,
    last_day: i64,
    export_at: i64,
    /// Two bad months, and the last days: an export finds the desk behind with its work.
    slow: [Slow; 3],
}

impl Span {
    fn new(start: NaiveDate, months: u32) -> Span {
        let month = |n: u32| days_from_epoch(start + Months::new(n));
        let mut last = start + Months::new(months) - Days::new(1);
        while last.weekday().num_days_from_monday() > 4 {
            last = last - Days::new(1);
        }
        let last_day = days_from_epoch(last);
        let bad_month = |n| Slow { from: month(n), to: month(n + 1), pace: 1300 };
        Span {
            first_day: month(0),
            last_day,
            export_at: last_day * DAY + EXPORT_HOUR * 3600,
            slow: [
                bad_month(months / 2),
                bad_month(months * 4 / 5),
                Slow { from: last_day - 3, to: last_day + 1, pace: 2000 },
            ],
        }
    }

    /// How many tickets come in on each day: few at the weekend, and slowly more of them.
    fn tickets_by_day(&self, tickets: u64) -> Vec<u64> {
        let weight = |day: i64| {
            let usual = if wall::is_weekday(day) { 100 } else { 13 };
            usual * (1000 + (day - self.first_day) as u64)
        };
        let total: u64 = (self.first_day..=self.last_day).map(weight).sum();
        let share = |weights: u64| (u128::from(tickets) * u128::from(weights) / u128::from(total)) as u64;
        let mut before = 0;
        (self.first_day..=self.last_day)
            .map(|day| {
                let after = before + weight(day);
                let count = share(after) - share(before);
                before = after;
                count
            })
            .collect()
    }
}

fn days_from_epoch(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// The export being written.
struct Export<'a> {
    args: &'a Args,
    span: Span,
    customers: &'a [Customer],
    tickets: CsvFile,
    updates: CsvFile,
    /// Updates not written yet, by the UTC day they happen on.
    waiting: Vec<Vec<Update>>,
    written_days: usize,
    /// Tickets submitted so far; the next one's number is one more.
    submitted: u32,
    id_width: usize,
    oddities: Oddities,
    row: Vec<u8>,
}

impl<'a> Export<'a> {
    fn create(args: &'a Args, span: Span, customers: &'a [Customer]) -> io::Result<Export<'a>> {
        let days = (span.last_day - span.first_day + 1) as usize;
        Ok(Export {
            args,
            customers,
            tickets: CsvFile::create(
                &args.out.join("tickets.csv"),
                "ticket_id,customer,severity,submitted_at,first_response_at,resolved_at,classification,product",
            )?,
            updates: CsvFile::create(
                &args.out.join("updates.csv"),
                "ticket_id,at,author,visibility,kind,value,old_value",
            )?,
            // One day more on either side: the customers' days are not UTC's.
            waiting: vec![Vec::new(); days + 2],
            written_days: 0,
            submitted: 0,
            id_width: args.tickets.to_string().len().max(6),
            oddities: Oddities::new(args.dirty, args.tickets, days, &customers[0].name),
            span,
            row: Vec::new(),
        })
    }

    /// Submits one local day's tickets, then writes the updates of the days that are over everywhere.
    fn live_through(&mut self, day: i64, count: u64) -> io::Result<()> {
        let mut lives: Vec<Life> = (0..count).map(|n| self.new_life(day, n)).collect();
        lives.sort_by_key(|life| life.ticket.submitted_at);
        for life in lives {
            self.submitted += 1;
            self.write_ticket(&life.ticket)?;
            for update in life.updates {
                let bucket = update.at.div_euclid(DAY) - self.span.first_day + 1;
                self.waiting[bucket as usize].push(Update { ticket: self.submitted, ..update });
            }
        }
        self.write_updates_before(day as usize + 1)
    }

    fn new_life(&self, day: i64, n: u64) -> Life {
        let mut rng = Rng::new(self.args.seed, ((day as u64) << 40) | n);
        // The lower of two draws: the first customers write a good deal more than the last.
        let count = self.customers.len() as u32;
        let customer = rng.below(count).min(rng.below(count));
        let desk = life::Desk { slow: self.span.slow, updates_per_ticket: self.args.updates_per_ticket };
        life::live(
            customer as usize,
            &self.customers[customer as usize],
            self.span.first_day + day,
            &desk,
            rng,
        )
    }

    fn write_ticket(&mut self, ticket: &Ticket) -> io::Result<()> {
        let row_of = |ticket: &Ticket| {
            ticket_row(&number(self.submitted, self.id_width), ticket, &self.customers[ticket.customer])
        };
        let row = row_of(ticket);
        self.tickets.write_row(&row)?;
        let contradiction = || row_of(&Ticket { severity: 5 - ticket.severity, ..*ticket });
        let place = (self.submitted, ticket.submitted_at);
        self.oddities.after_ticket(place, &row, contradiction, &mut self.tickets)
    }

    fn write_updates_before(&mut self, end: usize) -> io::Result<()> {
        for day in self.written_days..end {
            let mut updates = std::mem::take(&mut self.waiting[day]);
            updates.sort_by_key(|update| update.at);
            for update in &updates {
                self.write_update(update)?;
            }
            let latest = number(self.submitted, self.id_width);
            let midnight = (self.span.first_day + day as i64 - 1) * DAY;
            self.oddities.after_day(day, midnight, &latest, &mut self.updates)?;
        }
        self.written_days = self.written_days.max(end);
        Ok(())
    }

    fn write_update(&mut self, update: &Update) -> io::Result<()> {
        let row = &mut self.row;
        row.clear();
        push_number(row, update.ticket, self.id_width);
        row.push(b',');
        push_instant(row, update.at, None);
        row.extend(update.what.as_bytes());
        for severity in [update.value, update.old_value] {
            row.push(b',');
            if severity > 0 {
                row.push(b'0' + severity);
            }
        }
        row.push(b'\n');
        self.updates.write_row(row)
    }

    /// Writes what still waits; the last row stands at the very instant of the export.
    fn close(mut self) -> io::Result<()> {
        self.write_updates_before(self.waiting.len())?;
        if self.submitted > 0 {
            let note = Update::note(self.submitted, self.span.export_at);
            self.write_update(&note)?;
        }
        let mut out = io::stdout();
        for file in [self.tickets, self.updates] {
            file.close(&mut out)?;
        }
        self.oddities.list(&mut out)
    }
}

fn ticket_row(number: &[u8], ticket: &Ticket, customer: &Customer) -> Vec<u8> {
    let mut row = Vec::with_capacity(192);
    row.extend(number);
    row.push(b',');
    push_text(&mut row, &customer.name);
    row.extend([b',', b'0' + ticket.severity, b',']);
    push_instant(&mut row, ticket.submitted_at, Some(wall::offset_at(customer.zone, ticket.submitted_at)));
    for instant in [ticket.first_response_at, ticket.resolved_at] {
        row.push(b',');
        if let Some(instant) = instant {
            push_instant(&mut row, instant, None);
        }
    }
    for text in [ticket.classification, ticket.product] {
        row.push(b',');
        push_text(&mut row, text);
    }
    row.push(b'\n');
    row
}

/// A ticket's number as it is written: `N-000123`.
fn number(number: u32, width: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(width + 2);
    push_number(&mut text, number, width);
    text
}

fn push_number(row: &mut Vec<u8>, number: u32, width: usize) {
    row.extend(b"N-");
    let digits = row.len();
    row.resize(digits + width, b'0');
    let mut rest = number;
    for digit in row[digits..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}
