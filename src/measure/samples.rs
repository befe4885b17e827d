//! Records for the tests of this room.

use std::sync::Arc;

use super::facts::Facts;
use super::period::Period;
use super::run::{Keep, Run};
use crate::calendar::samples::at;
use crate::calendar::{HOUR, Instant, MINUTE, Zone};
use crate::policy::{Policy, PolicyBook, Severity};
use crate::records::{CustomerCalendar, EventKind, Events, Records, Ticket, TicketEvent};

/// Who the customers are, and in which zone; regions and managers are named after them.
pub(super) const CUSTOMERS: [(&str, &str); 4] = [
    ("Zeta", "Europe/Paris"),
    ("Acme", "Asia/Kolkata"),
    ("Mango", "America/St_Johns"),
    ("Beta", "Europe/Paris"),
];

/// Tickets of all customers in turn, one every 40 minutes from 1 May 2023 on, each answered after
/// some hours, written to again, and now and then waiting, resolved or raised.
pub(crate) fn records(count: u32) -> Records {
    let mut records = Records { updates_known: true, ..Records::default() };
    let mut events = Vec::new();
    for number in 0..count {
        let (customer, zone) = CUSTOMERS[(number % 4) as usize];
        let timezone = records.names.intern(zone);
        records.zones.entry(timezone).or_insert_with(|| Arc::new(Zone::named(zone).unwrap()));
        let submitted = at("2023-05-01T00:00:00Z").micros() + i64::from(number) * 40 * MINUTE;
        let after = |hours: u32| Instant::from_micros(submitted + i64::from(hours) * HOUR).unwrap();
        let own = |records: &mut Records, what| records.names.intern(&format!("{what} of {customer}"));
        let ticket = Ticket {
            customer: records.names.intern(customer),
            tier: records.names.intern("standard"),
            region: own(&mut records, "region"),
            timezone,
            account_manager: (number % 3 > 0).then(|| own(&mut records, "manager")),
            classification: Some(own(&mut records, "kind")),
            product: Some(own(&mut records, "product")),
            severity: Severity::new(1 + (number % 3) as u8).unwrap(),
            submitted: after(0),
            first_response: None,
            resolved: (number % 5 == 0).then(|| after(90)),
        };
        records.tickets.push(&format!("T{number:06}-{customer}"), ticket);
        let mut add = |kind, hours| events.push(TicketEvent { ticket: number, kind, at: after(hours) });
        add(EventKind::Communicated, 1 + number % 30);
        add(EventKind::Communicated, 31 + number % 50);
        if number % 7 == 0 {
            add(EventKind::Waiting, 33);
            add(EventKind::Severity { from: None, to: Severity::new(1).unwrap() }, 34);
        }
    }
    let calendar = CustomerCalendar { calendar: "long".to_owned(), place: "customers.csv:2".to_owned() };
    records.calendars.extend(records.names.find("Acme").map(|acme| (acme, calendar)));
    records.events = Events::gathered(count as usize, &events);
    records.latest = records.tickets.get(count as usize - 1).latest();
    records
}

/// A policy by which the clock stands still while a customer is waited for.
pub(super) fn policies() -> PolicyBook {
    let text = crate::policy::NORTHERN.replace("\"runs\"", "\"pauses\"");
    let text = format!(
        "{text}\n[calendars.long]\nlike = \"default\"\nsaturday = [\"10:00-12:00\"]\n\
         [customers.Zeta.targets.response]\n1 = 5\n"
    );
    PolicyBook::new(vec![Policy::parse("test", &text, None).unwrap()]).unwrap()
}

/// Their facts by that policy.
pub(crate) fn facts(count: u32, period: &Period) -> Facts {
    let policies = policies();
    Run { policies: &policies, period, as_of: None, keep: Keep::Late }.measure(records(count)).unwrap()
}
