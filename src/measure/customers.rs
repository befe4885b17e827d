//! The facts of one customer alone: a review may hold nothing of another.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::facts::{Facts, MeasurementFacts, TicketFacts};
use super::parts::MeasurementPart;
use super::terms::Terms;
use crate::calendar::WorkClock;
use crate::records::{KeptEvents, Name, PART, Records, Ticket};
use crate::spill::SpillError;

/// The customers of the facts: those of which a ticket was submitted by the cut.
#[derive(Debug)]
pub struct Customers<'a> {
    facts: &'a Facts,
    /// Their names, sorted.
    names: Vec<&'a str>,
    /// Where each customer's tickets start in `rows`, and at the end where the last one's end.
    starts: Vec<usize>,
    /// Where each ticket stands in the facts, customer by customer.
    rows: Vec<Row>,
}

/// Where a ticket stands in the facts.
#[derive(Debug, Clone, Copy)]
struct Row {
    part: u32,
    row: u32,
}

impl<'a> Customers<'a> {
    /// The customers of some facts; each ticket is looked at once.
    pub fn of(facts: &'a Facts) -> Customers<'a> {
        let (records, all) = (&facts.records, facts.records.names.texts());
        let mut counts = vec![0_usize; all.len()];
        for place in facts.tickets.iter().flat_map(|part| &part.ticket) {
            counts[records.tickets.customer(*place as usize).index()] += 1;
        }
        let mut present: Vec<usize> = (0..all.len()).filter(|name| counts[*name] > 0).collect();
        present.sort_unstable_by_key(|name| all.get(*name));
        let names: Vec<_> = present.iter().map(|name| all.get(*name)).collect();
        let mut starts = vec![0];
        // From here on, of each customer the place in `rows` of its next ticket.
        let mut next = counts;
        let mut start = 0;
        for name in present {
            start += std::mem::replace(&mut next[name], start);
            starts.push(start);
        }
        let mut rows = vec![Row { part: 0, row: 0 }; start];
        for (part, tickets) in (0..).zip(&facts.tickets) {
            for (row, place) in (0..).zip(&tickets.ticket) {
                let at = &mut next[records.tickets.customer(*place as usize).index()];
                rows[*at] = Row { part, row };
                *at += 1;
            }
        }
        Customers { facts, names, starts, rows }
    }

    /// Their names, sorted.
    pub fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// The place of a customer in [`Self::names`].
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.binary_search(&name).ok()
    }

    /// The facts of the customer at a place alone: its tickets in the order of their ids, and no
    /// text of any other customer's. Beyond the last place there is no ticket.
    ///
    /// # Errors
    /// [`SpillError`] where the facts of all are in a file that cannot be read.
    pub fn facts(&self, index: usize) -> Result<Facts, SpillError> {
        let all = self.facts;
        let rows = match self.starts.get(index..index + 2) {
            Some(bounds) => &self.rows[bounds[0]..bounds[1]],
            None => &[],
        };
        let mut own = Own::of(&all.records);
        let (mut measurements, mut tickets) = (Vec::new(), Vec::new());
        let (mut terms, mut ticket_terms, mut kept) = (Vec::new(), Vec::new(), KeptEvents::default());
        let mut terms_places: HashMap<u32, u32, FxBuildHasher> = HashMap::default();
        let (mut measured, mut part) = (MeasurementFacts::default(), TicketFacts::default());
        for rows in rows.chunks(PART) {
            for Row { part: from, row } in rows.iter().copied() {
                let (from_measured, from) =
                    (all.measurements[from as usize].get()?, &all.tickets[from as usize]);
                let place = from.ticket[row as usize];
                let own_place = own.add(place as usize);
                let rows = from.measurements(row as usize);
                part.copy(from, row as usize, own_place, rows.len());
                measured.copy(&from_measured, rows);
                let of_all = all.ticket_terms[place as usize];
                ticket_terms.push(*terms_places.entry(of_all).or_insert_with(|| {
                    // What days are called in a policy may name others.
                    let of_all = all.terms[of_all as usize].clone();
                    terms.push(Terms { clock: WorkClock::without_names(&of_all.clock), ..of_all });
                    terms.len() as u32 - 1
                }));
                if let Some(events) = all.kept.of(place as usize) {
                    kept.push(own_place, events);
                }
            }
            measurements.push(MeasurementPart::Kept(Box::new(measured.take())));
            tickets.push(part.take());
        }
        Ok(Facts {
            records: Arc::new(own.records),
            policies: all.policies.clone(),
            policy_dates: all.policy_dates.clone(),
            measurements,
            tickets,
            as_of: all.as_of,
            period_closed: all.period_closed,
            period: all.period.clone(),
            updates_known: all.updates_known,
            terms,
            ticket_terms,
            kept,
        })
    }
}

/// The records of one customer, taken from those of all.
struct Own<'a> {
    all: &'a Records,
    records: Records,
    /// What the names of all became.
    renamed: HashMap<Name, Name, FxBuildHasher>,
}

impl<'a> Own<'a> {
    fn of(all: &'a Records) -> Own<'a> {
        let records = Records { latest: all.latest, updates_known: all.updates_known, ..Records::default() };
        Own { all, records, renamed: HashMap::default() }
    }

    /// Adds a ticket of all, and gives its place among its own.
    fn add(&mut self, place: usize) -> u32 {
        let ticket = self.all.tickets.get(place);
        let own = Ticket {
            customer: self.rename(ticket.customer),
            tier: self.rename(ticket.tier),
            region: self.rename(ticket.region),
            timezone: self.rename(ticket.timezone),
            account_manager: ticket.account_manager.map(|name| self.rename(name)),
            classification: ticket.classification.map(|name| self.rename(name)),
            product: ticket.product.map(|name| self.rename(name)),
            ..ticket
        };
        if let Some(calendar) = self.all.calendars.get(&ticket.customer) {
            self.records.calendars.entry(own.customer).or_insert_with(|| calendar.clone());
        }
        if let Some(zone) = self.all.zones.get(&ticket.timezone) {
            self.records.zones.entry(own.timezone).or_insert_with(|| Arc::clone(zone));
        }
        let own_place = self.records.tickets.len() as u32;
        self.records.tickets.push(self.all.tickets.ids.get(place), own);
        own_place
    }

    /// A name of its own for a text of all.
    fn rename(&mut self, name: Name) -> Name {
        let (all, records) = (self.all, &mut self.records);
        *self.renamed.entry(name).or_insert_with(|| records.names.intern(all.names.text(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CUSTOMERS, facts};
    use super::*;
    use crate::measure::schema::{FactTable, FactType};
    use crate::measure::{ExplainError, FactValues, Period};

    /// The rows of a table as text, codes turned into what they stand for.
    fn rows(facts: &Facts, table: FactTable) -> Vec<String> {
        let mut all = Vec::new();
        for part in 0..facts.parts() {
            let mut rows = vec![String::new(); facts.part_rows(table, part)];
            for column in table.columns() {
                let values = match (
                    facts.part(part).unwrap().unwrap().column(table, column.name).unwrap(),
                    column.kind,
                ) {
                    (FactValues::Text(codes), FactType::Text(lexicon)) => {
                        let texts = facts.lexicon(lexicon);
                        let text = |code: &Option<u32>| code.map_or("", |code| texts.get(code as usize));
                        codes.iter().map(|code| text(code).to_owned()).collect()
                    }
                    (values, _) => as_text(values),
                };
                assert_eq!(values.len(), rows.len());
                rows.iter_mut().zip(values).for_each(|(row, value)| *row += &format!("{value}|"));
            }
            all.extend(rows);
        }
        all
    }

    fn as_text(values: FactValues) -> Vec<String> {
        fn each<T: std::fmt::Debug>(values: Vec<T>) -> Vec<String> {
            values.iter().map(|value| format!("{value:?}")).collect()
        }
        match values {
            FactValues::Text(values) => each(values),
            FactValues::Int8(values) => each(values),
            FactValues::Int32(values) => each(values),
            FactValues::Int64(values) => each(values),
            FactValues::Float(values) => each(values),
            FactValues::Bool(values) => each(values),
            FactValues::Instant(values) | FactValues::Local(values) => each(values),
        }
    }

    #[test]
    fn the_facts_of_all_customers_together_are_the_whole_facts() {
        // So many that they come in two parts.
        for period in [Period::Everything, "2023-07".parse().unwrap()] {
            let whole = facts(20_000, &period);
            let customers = Customers::of(&whole);
            assert_eq!(customers.names(), ["Acme", "Beta", "Mango", "Zeta"]);
            assert_eq!((customers.find("Mango"), customers.find("Man")), (Some(2), None));
            let own: Vec<_> = (0..4).map(|index| customers.facts(index).unwrap()).collect();
            for table in FactTable::ALL {
                // Rows begin with the ticket's id, and those of one ticket stand in their order.
                let mut together: Vec<_> = own.iter().flat_map(|facts| rows(facts, table)).collect();
                together.sort_by(|a, b| a.split('|').next().cmp(&b.split('|').next()));
                let all = rows(&whole, table);
                assert!(all.len() > 2_000 && together == all, "{} of {period}", table.name());
            }
            assert_eq!(customers.facts(4).unwrap().ticket_count(), 0);
        }
    }

    #[test]
    fn the_facts_of_a_customer_come_in_parts_as_those_of_all_do() {
        let whole = facts(70_000, &Period::Everything);
        let acme = Customers::of(&whole).facts(0).unwrap();
        assert_eq!((acme.parts(), acme.tickets[0].ticket.len()), (2, PART));
        assert_eq!(acme.tickets[1].ticket[0], PART as u32);
        assert_eq!(acme.ticket_count(), 70_000 / 4);
    }

    #[test]
    fn the_facts_of_a_customer_hold_no_text_of_another() {
        let whole = facts(400, &Period::Everything);
        let customers = Customers::of(&whole);
        for (index, own) in customers.names().iter().enumerate() {
            let facts = customers.facts(index).unwrap();
            let others: Vec<_> = CUSTOMERS.iter().filter(|(name, _)| name != own).collect();
            // All of it, down to the table of names, as its fields show themselves.
            let all = format!("{facts:?}");
            assert!(all.contains(own));
            for (other, zone) in others {
                assert!(!all.contains(other), "{other} in the facts of {own}");
                let shared = CUSTOMERS.contains(&(own, zone));
                assert!(shared || facts.records.names.find(zone).is_none());
            }
            assert_eq!(facts.records.tickets.len(), 100);
        }
    }

    #[test]
    fn the_facts_of_a_customer_explain_what_the_whole_facts_do() {
        let whole = facts(400, &Period::Everything);
        let customers = Customers::of(&whole);
        let mut explained = 0;
        for facts in (0..4).map(|index| customers.facts(index).unwrap()) {
            for (place, id) in facts.records.tickets.ids.iter().enumerate() {
                assert_eq!(facts.place_of(id), Some(place));
                let (of_all, own) = (whole.explain(whole.place_of(id).unwrap()), facts.explain(place));
                explained += usize::from(own.is_ok());
                assert!(own.is_ok() || matches!(own, Err(ExplainError::NotKept(_))), "{own:?}");
                assert_eq!(of_all, own);
            }
        }
        assert!(explained > 100);
    }
}
