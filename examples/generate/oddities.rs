//! The faults that `--dirty` puts in, each beside the rows it would stand beside in a real export. They are rows
//! of their own: what is written besides them is the same with and without.

use std::io::{self, Write};

use crate::csv::{CsvFile, push_instant};
use crate::wall::DAY;

/// What stands in a faulty row of `tickets.csv`.
enum Fault {
    Row(&'static str),
    RowAboveAgain,
    RowAboveContradicted,
}
use Fault::{Row, RowAboveAgain, RowAboveContradicted};

const TICKETS: [(&str, Fault); 9] = [
    ("severity 7, which there is not", Row("N-X01,{customer},7,{at}T10:15:00Z,,,,Atlas Server")),
    ("submitted_at is empty", Row("N-X02,{customer},3,,,,,Atlas Cloud")),
    ("submitted_at is local, without an offset", Row("N-X03,{customer},2,{at} 10:15:00,,,,Meridian Sync")),
    ("an exact duplicate of the row above: one ticket", RowAboveAgain),
    ("31 February", Row("N-X04,{customer},3,2024-02-31T10:15:00Z,,,,Quill Editor")),
    ("five fields in place of eight", Row("N-X05,{customer},4,{at}T10:15:00Z,")),
    (
        "a customer who is not in customers.csv: no tier, no zone",
        Row("N-X06,Nobody & Sons,3,{at}T10:15:00Z,,,,Beacon Monitor"),
    ),
    (
        "contradicts the row above: both are rejected, and the ticket's updates with them",
        RowAboveContradicted,
    ),
    (
        "a comma, quotes and a line break in a quoted field: sound",
        Row(
            "N-X07,{customer},4,{at}T10:15:00Z,{at}T10:25:00Z,{at}T11:00:00Z,,\"Atlas \"\"Classic\"\",\non premises\"",
        ),
    ),
];

/// A fault in `updates.csv`; `{id}` is a ticket that was submitted about then.
const UPDATES: [(&str, &str); 5] = [
    ("an update for a ticket that is not in tickets.csv", "N-X98,{at}T11:00:00Z,support,public,comment,,"),
    (
        "an update before its ticket was submitted: left out",
        "{id},{before}T09:30:00Z,support,public,comment,,",
    ),
    (
        "an author who is none of support, customer, system",
        "{id},{after}T16:20:00Z,agent-smith,public,comment,,",
    ),
    (
        "a comma, quotes and a line break in a quoted field: sound",
        "{id},{after}T16:21:00Z,system,internal,comment,\"Sent: \"\"we look into it\"\",\nsee attachment\",",
    ),
    ("every field quoted: sound", r#""{id}","{after}T16:22:00Z","system","internal","comment","","""#),
];

pub struct Oddities {
    /// A fault stands after every so many tickets, and after every so many days; never where zero.
    ticket_step: usize,
    day_step: usize,
    /// Who the faulty tickets say they are from.
    customer: String,
    list: Vec<String>,
}

impl Oddities {
    pub fn new(dirty: bool, tickets: u64, days: usize, customer: &str) -> Oddities {
        let on = usize::from(dirty);
        Oddities {
            ticket_step: on * tickets as usize / (TICKETS.len() + 1),
            day_step: on * days / (UPDATES.len() + 1),
            customer: customer.to_owned(),
            list: Vec::new(),
        }
    }

    /// Writes the fault that stands after the ticket of this number, if one does.
    pub fn after_ticket(
        &mut self,
        (number, at): (u32, i64),
        row: &[u8],
        contradiction: impl FnOnce() -> Vec<u8>,
        file: &mut CsvFile,
    ) -> io::Result<()> {
        let Some((what, fault)) = nth(number as usize, self.ticket_step).and_then(|n| TICKETS.get(n)) else {
            return Ok(());
        };
        let odd = match fault {
            Row(template) => fill(template, &[("{customer}", &self.customer), ("{at}", &date(at))]),
            RowAboveAgain => row.to_vec(),
            RowAboveContradicted => contradiction(),
        };
        self.list.push(format!("tickets.csv:{}: {what}", file.next_line()));
        file.write_row(&odd)
    }

    /// Writes the fault that stands after the updates of this day, if one does; `ticket` is the latest one.
    pub fn after_day(
        &mut self,
        day: usize,
        midnight: i64,
        ticket: &[u8],
        file: &mut CsvFile,
    ) -> io::Result<()> {
        let Some((what, template)) = nth(day, self.day_step).and_then(|n| UPDATES.get(n)) else {
            return Ok(());
        };
        let ticket = String::from_utf8_lossy(ticket);
        let (before, after) = (date(midnight - 3 * DAY), date(midnight + 2 * DAY));
        let odd = fill(
            template,
            &[("{id}", &ticket), ("{at}", &date(midnight)), ("{before}", &before), ("{after}", &after)],
        );
        self.list.push(format!("updates.csv:{}: {what}", file.next_line()));
        file.write_row(&odd)
    }

    /// Says on which line each of them stands.
    pub fn list(&self, out: &mut impl Write) -> io::Result<()> {
        self.list.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// Counts the multiples of a step: the first is 0.
fn nth(number: usize, step: usize) -> Option<usize> {
    (step > 0 && number > 0 && number.is_multiple_of(step)).then(|| number / step - 1)
}

fn fill(template: &str, values: &[(&str, &str)]) -> Vec<u8> {
    let mut row = template.to_owned();
    for (name, value) in values {
        row = row.replace(name, value);
    }
    row.push('\n');
    row.into_bytes()
}

fn date(instant: i64) -> String {
    let mut text = Vec::new();
    push_instant(&mut text, instant, None);
    String::from_utf8_lossy(&text[..10]).into_owned()
}
