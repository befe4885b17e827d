//! Whom it hits: the customers with most breaches.

use std::collections::BTreeMap;

use super::Context;
use super::axis::{self, Axis};
use super::figures::{self, METRICS, Measure, Metric, behind_both, sum};
use super::frame::{Frame, Key, NOTHING_MEASURED};
use super::numbers::{count, counted, percent, share};
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, LABEL, SMALL};
use crate::table::Table;

const TITLE: &str = "Customers who were answered too late most often";
const MOST: usize = 15;
const ROW: f64 = 30.0;
const BAR: f64 = 18.0;
const NAMES: f64 = 250.0;
const FIGURES: f64 = 220.0;

/// A customer's measures, by metric.
#[derive(Default)]
struct Customer {
    name: String,
    measures: [Measure; 2],
}

impl Customer {
    fn breached(&self) -> i64 {
        sum(self.measures.iter().map(|measure| measure.breached))
    }

    fn measured(&self) -> i64 {
        sum(self.measures.iter().map(|measure| measure.measured))
    }
}

/// Draws the chart from `by_customer`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let mut customers = read(table);
    let total =
        |metric| sum(customers.iter().map(|customer: &Customer| customer.measures[metric as usize].measured));
    let frame = Frame::new(TITLE, context).note(behind_both(total));
    if customers.iter().all(|customer| customer.measured() == 0) {
        return frame.empty(NOTHING_MEASURED);
    }
    customers.retain(|customer| customer.breached() > 0);
    if customers.is_empty() {
        return frame.empty("No customer was answered too late in this period.");
    }
    customers.sort_by_key(|customer| std::cmp::Reverse(customer.breached()));
    let all = sum(customers.iter().map(Customer::breached));
    let affected = customers.len();
    customers.truncate(MOST);
    let shown = sum(customers.iter().map(Customer::breached));
    let frame = if affected > MOST {
        let part = share(shown, all).map_or(String::new(), percent);
        frame.note(format!(
            "the first {MOST} of {affected} customers with breaches: {part} of all {} breaches",
            count(all)
        ))
    } else {
        frame.note(counted(affected as i64, "customer with breaches", "customers with breaches"))
    };

    let legend = [
        Key::new(Metric::Response.swatch(), "late first responses"),
        Key::new(Metric::Update.swatch(), "late updates"),
    ];
    let (mut sheet, body) = frame.legend(legend).around(customers.len() as f64 * ROW + 46.0);
    let plot = Area::new(body.left + NAMES, body.top, body.right - FIGURES, body.bottom - 40.0);
    let highest = customers.iter().map(Customer::breached).max().unwrap_or(0);
    let title = "breaches (number)";
    let axis = Axis::from_zero(highest as f64, 5, (plot.left, plot.right), title);
    axis.draw_below(&mut sheet, plot);
    let widest = FIGURE.width(&count(highest));
    for (index, customer) in customers.iter().enumerate() {
        draw_row(&mut sheet, plot.row(index, customers.len(), 0.0), &axis, customer, widest);
    }
    axis::left_line(&mut sheet, plot);
    sheet
}

/// The customers, in the order of their names.
fn read(table: &Table) -> Vec<Customer> {
    let mut customers: BTreeMap<&str, Customer> = BTreeMap::new();
    for row in 0..table.rows() {
        if let Some(metric) = Metric::of(table, row) {
            let name = figures::name(table, "customer", row);
            let customer = customers.entry(name).or_default();
            customer.name = name.to_owned();
            customer.measures[metric as usize] = Measure::of(table, row);
        }
    }
    customers.into_values().collect()
}

fn draw_row(sheet: &mut Sheet, row: Area, axis: &Axis, customer: &Customer, widest: f64) {
    let y = row.center().1;
    let name = LABEL.shorten(&customer.name, NAMES - 14.0);
    let mut before = 0_i64;
    for metric in METRICS {
        let after = before.saturating_add(customer.measures[metric as usize].breached);
        let (left, right) = (axis.scale.at(before as f64), axis.scale.at(after as f64));
        if after > before {
            let (fill, edge) = metric.bar();
            sheet.edged(Area::new(left, y - BAR / 2.0, right, y + BAR / 2.0), fill, edge);
        }
        before = after;
    }
    let breached = count(customer.breached());
    let part = share(customer.breached(), customer.measured()).map_or(String::new(), percent);
    let of_all = format!("{part} of {} measured", count(customer.measured()));
    sheet.say(&format!("{name}: {breached} breaches, {of_all}."));
    sheet.text((row.left - 10.0, y), Align::Right, LABEL, name);
    let end = row.right + 14.0 + widest;
    sheet.text((end, y), Align::Right, FIGURE, breached);
    sheet.text_within((end + 10.0, y), FIGURES - 24.0 - widest, Align::Left, SMALL, &of_all);
}
