//! Records and policies in which pseudonyms stand in place of names.

use std::collections::HashSet;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::key::spelt;
use super::{Key, Kind};
use crate::policy::{PolicyBook, PolicyClash};
use crate::records::{Name, Names, Records, Ticket, Tickets};
use crate::spill::SpillError;

/// Two names that come to one pseudonym. That they are told apart matters more than the report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two {kind} have the pseudonym {pseudonym} by this key: use another key")]
pub struct Clash {
    /// What they are.
    pub kind: Kind,
    /// What they come to.
    pub pseudonym: String,
}

/// Why records cannot be given pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PseudonymError {
    /// Two come to one.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// What memory had no room for cannot be had again.
    #[error(transparent)]
    Spill(#[from] SpillError),
}

impl Key {
    /// The policies, with their customers called as [`Records::pseudonymised`] calls them.
    ///
    /// # Errors
    /// [`PolicyClash`] where two customers of a policy come to one pseudonym.
    pub fn policies(&self, policies: &PolicyBook) -> Result<PolicyBook, PolicyClash> {
        policies.pseudonymised(|customer| self.of(Kind::Customer, customer))
    }
}

impl Records {
    /// The same records, with pseudonyms in place of the names of customers and account managers
    /// and of the ids of tickets. A text that is also a region, or anything else, stays that.
    ///
    /// Tickets stand in the order of their new ids, and names in the order of those tickets, so
    /// that no order is left of what was there before.
    ///
    /// # Errors
    /// [`PseudonymError::Clash`] where two names or ids come to one pseudonym.
    pub fn pseudonymised(self, key: &Key) -> Result<Records, PseudonymError> {
        let ids = &self.tickets.ids;
        let mut order: Vec<(u128, u32)> = (0..ids.len() as u32)
            .into_par_iter()
            .map(|place| (key.number(Kind::Ticket, ids.get(place as usize)), place))
            .collect();
        order.par_sort_unstable();
        if let Some(pair) = order.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(clash(Kind::Ticket, pair[0].0).into());
        }

        let mut renaming = Renaming::new(key, &self.names);
        let mut tickets = Tickets::default();
        for (id, place) in &order {
            let ticket = renaming.ticket(self.tickets.get(*place as usize))?;
            tickets.push(&spelt(Kind::Ticket, *id), ticket);
        }
        let order: Vec<u32> = order.into_iter().map(|(_, place)| place).collect();
        let events = self.events.reordered(&order)?;
        // Those without a ticket are asked for by nobody, and their names end here.
        let calendars = self
            .calendars
            .iter()
            .filter_map(|(customer, calendar)| Some((renaming.customer(*customer)?, calendar.clone())))
            .collect();
        let zones = self.zones.into_iter().map(|(name, zone)| (renaming.kept(name), zone)).collect();
        Ok(Records {
            names: renaming.after,
            tickets,
            events,
            zones,
            calendars,
            latest: self.latest,
            updates_known: self.updates_known,
        })
    }
}

fn clash(kind: Kind, number: u128) -> Clash {
    Clash { kind, pseudonym: spelt(kind, number) }
}

/// What names are called from now on, by the part they play.
struct Renaming<'a> {
    key: &'a Key,
    before: &'a Names,
    after: Names,
    kept: Vec<Option<Name>>,
    customers: Hidden,
    managers: Hidden,
}

/// Names that are replaced.
struct Hidden {
    kind: Kind,
    renamed: Vec<Option<Name>>,
    taken: HashSet<u128, FxBuildHasher>,
}

impl<'a> Renaming<'a> {
    fn new(key: &'a Key, before: &'a Names) -> Renaming<'a> {
        let none = vec![None; before.len()];
        let hidden = |kind| Hidden { kind, renamed: none.clone(), taken: HashSet::default() };
        Renaming {
            key,
            before,
            after: Names::default(),
            customers: hidden(Kind::Customer),
            managers: hidden(Kind::AccountManager),
            kept: none,
        }
    }

    fn ticket(&mut self, ticket: Ticket) -> Result<Ticket, Clash> {
        let customer = self.customers.name(ticket.customer, self.key, self.before, &mut self.after)?;
        let manager = ticket
            .account_manager
            .map(|name| self.managers.name(name, self.key, self.before, &mut self.after));
        Ok(Ticket {
            customer,
            account_manager: manager.transpose()?,
            tier: self.kept(ticket.tier),
            region: self.kept(ticket.region),
            timezone: self.kept(ticket.timezone),
            classification: ticket.classification.map(|name| self.kept(name)),
            product: ticket.product.map(|name| self.kept(name)),
            ..ticket
        })
    }

    /// A customer that has a ticket.
    fn customer(&self, name: Name) -> Option<Name> {
        self.customers.renamed[name.index()]
    }

    /// A name that stays as it is.
    fn kept(&mut self, name: Name) -> Name {
        *self.kept[name.index()].get_or_insert_with(|| self.after.intern(self.before.text(name)))
    }
}

impl Hidden {
    fn name(&mut self, name: Name, key: &Key, before: &Names, after: &mut Names) -> Result<Name, Clash> {
        if let Some(renamed) = self.renamed[name.index()] {
            return Ok(renamed);
        }
        let number = key.number(self.kind, before.text(name));
        if !self.taken.insert(number) {
            return Err(clash(self.kind, number));
        }
        let renamed = after.intern(&spelt(self.kind, number));
        self.renamed[name.index()] = Some(renamed);
        Ok(renamed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::calendar::{Instant, Zone};
    use crate::measure::schema::{FactTable, FactType};
    use crate::measure::{FactValues, Facts, Keep, Period, Run};
    use crate::policy::{NORTHERN, Policy, Severity};
    use crate::records::{CustomerCalendar, EventKind, Events, TicketEvent};

    const HOUR: i64 = 3600;
    /// Monday, 2024-05-06 at 7 in UTC: 9 in Paris.
    const OPENING: i64 = 1_714_978_800;

    fn at(second: i64) -> Instant {
        Instant::from_micros((OPENING + second) * 1_000_000).unwrap()
    }

    fn key() -> Key {
        Key::from_bytes(b"an invented key of the tests").unwrap()
    }

    /// Four tickets of three customers, one of which is called like a region and looked after by
    /// somebody of the same name.
    fn records() -> Records {
        let rows = [
            ("A-1", "Acme", "EMEA", Some("Jo Vance"), 1),
            ("A-2", "EMEA", "EMEA", Some("EMEA"), 2),
            ("B-1", "Acme", "EMEA", Some("Jo Vance"), 3),
            ("B-2", "Borealis", "APAC", None, 1),
        ];
        let mut records = Records { latest: Some(at(40 * HOUR)), updates_known: true, ..Records::default() };
        let timezone = records.names.intern("Europe/Paris");
        records.zones.insert(timezone, Arc::new(Zone::named("Europe/Paris").unwrap()));
        let mut events = Vec::new();
        for (place, (id, customer, region, manager, severity)) in (0..).zip(rows) {
            let submitted = i64::from(place) * 600;
            let ticket = Ticket {
                customer: records.names.intern(customer),
                tier: records.names.intern("standard"),
                region: records.names.intern(region),
                timezone,
                account_manager: manager.map(|name| records.names.intern(name)),
                classification: Some(records.names.intern("hardware")),
                product: None,
                severity: Severity::new(severity).unwrap(),
                submitted: at(submitted),
                first_response: None,
                resolved: None,
            };
            records.tickets.push(id, ticket);
            for answer in 1..=i64::from(place) {
                let at = at(submitted + answer * 3 * HOUR);
                events.push(TicketEvent { ticket: place, kind: EventKind::Communicated, at });
            }
        }
        records.events = Events::gathered(rows.len(), &events);
        // Borealis works for an hour a day, as its row in the customers table says.
        let place = "customers.csv:2".to_owned();
        let borealis = records.names.find("Borealis").unwrap();
        records.calendars.insert(borealis, CustomerCalendar { calendar: "short".to_owned(), place });
        records
    }

    /// A policy by which Acme is answered within the hour.
    fn policies() -> PolicyBook {
        let text = format!(
            "{NORTHERN}\n[calendars.short]\nmonday = [\"09:00-10:00\"]\n[customers.Acme]\ntargets.response = {{ 1 = 1, 3 = 1 }}\n"
        );
        PolicyBook::new(vec![Policy::parse("p.toml", &text, None).unwrap()]).unwrap()
    }

    fn measured(records: Records, policies: &PolicyBook) -> Facts {
        Run { policies, period: &Period::Everything, as_of: None, keep: Keep::Late }.measure(records).unwrap()
    }

    /// The rows of a table of the facts, values as text, where `name` says what a column's text is
    /// to be compared as; sorted.
    fn rows(facts: &Facts, table: FactTable, name: &dyn Fn(&str, &str) -> String) -> Vec<Vec<String>> {
        let mut rows = vec![Vec::new(); facts.part_rows(table, 0)];
        for column in table.columns() {
            let values = facts.part(0).unwrap().unwrap().column(table, column.name).unwrap();
            for (place, row) in rows.iter_mut().enumerate() {
                row.push(match &values {
                    FactValues::Text(codes) => match (codes[place], column.kind) {
                        (Some(code), FactType::Text(lexicon)) => {
                            name(column.name, facts.lexicon(lexicon).get(code as usize))
                        }
                        _ => "null".to_owned(),
                    },
                    values => one(values, place),
                });
            }
        }
        rows.sort();
        rows
    }

    fn one(values: &FactValues, place: usize) -> String {
        match values {
            FactValues::Text(values) => format!("{:?}", values[place]),
            FactValues::Int8(values) => format!("{:?}", values[place]),
            FactValues::Int32(values) => format!("{:?}", values[place]),
            FactValues::Int64(values) => format!("{:?}", values[place]),
            FactValues::Float(values) => format!("{:?}", values[place]),
            FactValues::Bool(values) => format!("{:?}", values[place]),
            FactValues::Instant(values) | FactValues::Local(values) => format!("{:?}", values[place]),
        }
    }

    #[test]
    fn every_figure_is_the_same_and_only_names_and_ids_are_others() {
        let before = measured(records(), &policies());
        let hidden = key().policies(&policies()).unwrap();
        let after = measured(records().pseudonymised(&key()).unwrap(), &hidden);
        assert_eq!(before.measurement_count(), 10);
        let renamed = |column: &str, text: &str| match column {
            "ticket_id" => key().of(Kind::Ticket, text),
            "customer" => key().of(Kind::Customer, text),
            "account_manager" => key().of(Kind::AccountManager, text),
            _ => text.to_owned(),
        };
        for table in FactTable::ALL {
            let (was, is) = (rows(&before, table, &renamed), rows(&after, table, &|_, text| text.to_owned()));
            assert_eq!(was, is);
        }
        // The policy's exception holds for Acme under its new name, and without it there is a difference.
        let without = measured(records().pseudonymised(&key()).unwrap(), &policies());
        let table = FactTable::Measurements;
        let plain = |_: &str, text: &str| text.to_owned();
        assert_ne!(rows(&after, table, &plain), rows(&without, table, &plain));
    }

    #[test]
    fn no_real_name_and_no_id_is_left_anywhere() {
        let after = records().pseudonymised(&key()).unwrap();
        let shown = format!("{after:?} {:?}", key().policies(&policies()).unwrap());
        for name in ["Acme", "Borealis", "Jo Vance", "A-1", "A-2", "B-1", "B-2"] {
            assert!(!shown.contains(name), "{name}");
        }
        // A zone, a tier, a classification, two regions; three customers; two account managers.
        assert_eq!(after.names.len(), 5 + 3 + 2);
    }

    #[test]
    fn a_customer_called_like_a_region_leaves_the_region_as_it_is() {
        let after = records().pseudonymised(&key()).unwrap();
        let id = key().of(Kind::Ticket, "A-2");
        let place = after.tickets.ids.iter().position(|text| text == id).unwrap();
        let ticket = after.tickets.get(place);
        assert_eq!(after.names.text(ticket.region), "EMEA");
        assert_eq!(after.names.text(ticket.customer), key().of(Kind::Customer, "EMEA"));
        let manager = ticket.account_manager.map(|name| after.names.text(name));
        assert_eq!(manager, Some(key().of(Kind::AccountManager, "EMEA").as_str()));
    }

    #[test]
    fn tickets_stand_in_the_order_of_their_new_ids_each_with_its_events() {
        let (before, after) = (records(), records().pseudonymised(&key()).unwrap());
        let ids: Vec<_> = after.tickets.ids.iter().collect();
        assert!(ids.is_sorted() && ids.len() == 4, "{ids:?}");
        for (place, id) in before.tickets.ids.iter().enumerate() {
            let hidden = key().of(Kind::Ticket, id);
            let now = ids.iter().position(|id| *id == hidden).unwrap();
            assert_eq!(before.events.of(place).unwrap(), after.events.of(now).unwrap());
            assert_eq!(before.tickets.submitted(place), after.tickets.submitted(now));
        }
        let calendars: BTreeMap<_, _> = after
            .calendars
            .iter()
            .map(|(name, row)| (after.names.text(*name), row.calendar.as_str()))
            .collect();
        assert_eq!(calendars, BTreeMap::from([(key().of(Kind::Customer, "Borealis").as_str(), "short")]));
    }

    #[test]
    fn the_same_key_gives_the_same_records_and_another_one_shares_no_pseudonym() {
        let texts = |key: &Key| {
            let records = records().pseudonymised(key).unwrap();
            let all: Vec<_> =
                records.tickets.ids.iter().chain(records.names.texts().iter()).map(str::to_owned).collect();
            all
        };
        let other = texts(&Key::from_bytes(b"another invented key").unwrap());
        assert_eq!(texts(&key()), texts(&key()));
        let hidden = |text: &&String| ["C-", "T-", "M-"].iter().any(|prefix| text.starts_with(prefix));
        assert_eq!(other.iter().filter(hidden).count(), 4 + 3 + 2);
        assert!(!texts(&key()).iter().filter(hidden).any(|text| other.contains(text)));
    }

    #[test]
    fn ids_that_come_to_one_pseudonym_are_an_error_and_no_one_ticket() {
        let mut twice = records();
        twice.tickets.push("A-1", twice.tickets.get(3));
        let error = twice.pseudonymised(&key()).unwrap_err();
        let pseudonym = key().of(Kind::Ticket, "A-1");
        assert_eq!(
            error.to_string(),
            format!("two tickets have the pseudonym {pseudonym} by this key: use another key")
        );
    }
}
