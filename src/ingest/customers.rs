//! The customers table: what it fills in for tickets that do not say it themselves.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::IngestError;
use super::fields::{Fault, Row, TableForm};
use super::layout::Layout;
use super::ledger::{Ledger, Reason, Reject, Warning};
use super::profile::customer;
use super::reader::{Collector, FileReader, Part};
use super::zones::Zones;
use crate::records::{CustomerCalendar, Name, Names};

/// What a customer's row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) tier: Option<String>,
    pub(super) region: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) account_manager: Option<String>,
    calendar: Option<String>,
}

/// A customer's row and where it stands.
#[derive(Debug)]
struct Placed {
    name: String,
    customer: Customer,
    line: u64,
    /// What its file calls the column of the name.
    column: String,
}

/// All customers by name.
#[derive(Debug, Default)]
pub(super) struct Customers {
    rows: FxHashMap<String, (Customer, u16, u64)>,
}

struct Rows<'a> {
    form: &'a TableForm,
    zones: &'a Zones,
}

impl Collector for Rows<'_> {
    type Batch = Vec<Placed>;

    fn form(&self) -> &TableForm {
        self.form
    }

    fn take(
        &self,
        layout: &Layout,
        row: &impl Row,
        line: u64,
        part: &mut Part<Vec<Placed>>,
    ) -> Result<(), Fault> {
        let name = self.form.required(layout, row, customer::NAME)?.into_owned();
        let text = |field| self.form.text(layout, row, field).map(|text| text.map(|text| text.into_owned()));
        let customer = Customer {
            tier: text(customer::TIER)?,
            region: text(customer::REGION)?,
            timezone: text(customer::TIMEZONE)?,
            account_manager: text(customer::ACCOUNT_MANAGER)?,
            calendar: text(customer::CALENDAR)?,
        };
        if let Some(zone) = &customer.timezone
            && let Err(unknown) = self.zones.get(zone)
        {
            let detail = unknown.to_string();
            let reason = Reason::UnknownTimeZone;
            return Err(Fault::of(customer::TIMEZONE, zone.clone(), reason, detail));
        }
        let column = self.form.column(layout, customer::NAME);
        part.batch.push(Placed { name, customer, line, column });
        Ok(())
    }

    fn finish(&self, _: &mut Part<Vec<Placed>>) -> Vec<(u64, Fault)> {
        Vec::new()
    }
}

impl Customers {
    /// Reads the files. Rows that say the same of a customer are one; of rows that contradict each
    /// other none holds.
    pub(super) fn read(
        files: &[FileReader<'_>],
        form: &TableForm,
        zones: &Zones,
        ledger: &mut Ledger,
    ) -> Result<Customers, IngestError> {
        let mut by_name: BTreeMap<String, Vec<(u16, Placed)>> = BTreeMap::new();
        for file in files {
            for row in file.read(&Rows { form, zones }, ledger)?.into_iter().flatten() {
                by_name.entry(row.name.clone()).or_default().push((file.file, row));
            }
        }
        let mut customers = Customers::default();
        for (name, mut rows) in by_name {
            match rows.iter().all(|row| row.1.customer == rows[0].1.customer) {
                true => {
                    rows[1..]
                        .iter()
                        .for_each(|row| ledger.warn_at(row.0, row.1.line, Warning::IdenticalDuplicate));
                    let (file, row) = rows.swap_remove(0);
                    customers.rows.insert(name, (row.customer, file, row.line));
                }
                false => rows.iter().for_each(|(file, row)| {
                    ledger.reject(Reject {
                        file: *file,
                        line: row.line,
                        column: row.column.clone(),
                        value: name.chars().take(80).collect(),
                        reason: Reason::ContradictingDuplicate,
                        detail: format!("{} rows of this customer contradict each other", rows.len()),
                    });
                }),
            }
        }
        Ok(customers)
    }

    /// What the table says of a customer.
    pub(super) fn get(&self, name: &str) -> Option<&Customer> {
        self.rows.get(name).map(|row| &row.0)
    }

    /// The calendars that rows name, for the customers that have tickets.
    pub(super) fn calendars(&self, names: &Names, ledger: &Ledger) -> BTreeMap<Name, CustomerCalendar> {
        let named = self.rows.iter().filter_map(|(name, (customer, file, line))| {
            let place = format!("{}:{line}", ledger.inputs[usize::from(*file)].path.display());
            let calendar = customer.calendar.clone()?;
            Some((names.find(name)?, CustomerCalendar { calendar, place }))
        });
        named.collect()
    }
}
