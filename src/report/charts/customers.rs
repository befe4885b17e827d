//! Whom it hits: the customers with most breaches.

use std::collections::BTreeMap;

use super::Context;
use super::axis::{self, Axis};
use super::figures::{self, METRICS, Measure, Metric, behind_both, sum};
use super::frame::{Frame, Key};
use super::numbers::share;
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, LABEL, SMALL};
use crate::language::{Language, filled};
use crate::table::Table;

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
    let language = context.language;
    let words = &language.words.charts;
    let mut customers = read(table, language);
    let total =
        |metric| sum(customers.iter().map(|customer: &Customer| customer.measures[metric as usize].measured));
    let frame = Frame::new(&words.customers_title, context).note(behind_both(language, total));
    if customers.iter().all(|customer| customer.measured() == 0) {
        return frame.empty(&words.nothing_measured);
    }
    customers.retain(|customer| customer.breached() > 0);
    if customers.is_empty() {
        return frame.empty(&words.nobody_late);
    }
    customers.sort_by_key(|customer| std::cmp::Reverse(customer.breached()));
    let all = sum(customers.iter().map(Customer::breached));
    let affected = customers.len();
    customers.truncate(MOST);
    let shown = sum(customers.iter().map(Customer::breached));
    let frame = if affected > MOST {
        let (all_customers, breaches) = (language.count(affected as i64), language.count(all));
        let part = share(shown, all).map_or(String::new(), |share| language.percent(share));
        let values = [
            ("shown", &*MOST.to_string()),
            ("all", &*all_customers),
            ("share", &*part),
            ("breaches", &*breaches),
        ];
        frame.note(filled(&words.customers_shown, &values))
    } else {
        frame.note(language.counted(affected as i64, &words.customers_with_breaches))
    };

    let legend = [
        Key::new(Metric::Response.swatch(), words.late_first_responses.as_str()),
        Key::new(Metric::Update.swatch(), words.late_updates.as_str()),
    ];
    let (mut sheet, body) = frame.legend(legend).around(customers.len() as f64 * ROW + 46.0);
    let plot = Area::new(body.left + NAMES, body.top, body.right - FIGURES, body.bottom - 40.0);
    let highest = customers.iter().map(Customer::breached).max().unwrap_or(0);
    let positions = (plot.left, plot.right);
    let axis = Axis::from_zero((highest as f64, 5), positions, &words.breaches_axis, language);
    axis.draw_below(&mut sheet, plot);
    let widest = FIGURE.width(&language.count(highest));
    for (index, customer) in customers.iter().enumerate() {
        let row = plot.row(index, customers.len(), 0.0);
        draw_row(&mut sheet, row, (&axis, widest), customer, language);
    }
    axis::left_line(&mut sheet, plot);
    sheet
}

/// The customers, in the order of their names.
fn read(table: &Table, language: &Language) -> Vec<Customer> {
    let mut customers: BTreeMap<&str, Customer> = BTreeMap::new();
    for row in 0..table.rows() {
        if let Some(metric) = Metric::of(table, row) {
            let name = figures::name(table, "customer", row, language);
            let customer = customers.entry(name).or_default();
            customer.name = name.to_owned();
            customer.measures[metric as usize] = Measure::of(table, row);
        }
    }
    customers.into_values().collect()
}

fn draw_row(
    sheet: &mut Sheet,
    row: Area,
    (axis, widest): (&Axis, f64),
    customer: &Customer,
    language: &Language,
) {
    let words = &language.words.charts;
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
    let breached = language.count(customer.breached());
    let of_all = match share(customer.breached(), customer.measured()) {
        Some(share) => {
            let share = language.percent(share);
            language.counted_with(customer.measured(), &words.of_measured, &[("share", &share)])
        }
        None => words.none_measured.clone(),
    };
    let values = [("customer", &*name), ("breaches", &*breached), ("of_measured", &*of_all)];
    sheet.say(&filled(&words.customers_sentence, &values));
    sheet.text((row.left - 10.0, y), Align::Right, LABEL, name);
    let end = row.right + 14.0 + widest;
    sheet.text((end, y), Align::Right, FIGURE, breached);
    sheet.text_within((end + 10.0, y), FIGURES - 24.0 - widest, Align::Left, SMALL, &of_all);
}
