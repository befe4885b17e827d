//! Compliance by severity: a bar with its interval and the number behind it, for each metric.

use super::Context;
use super::axis::{self, Axis};
use super::figures::{self, METRICS, Measure, Metric, SEVERITIES};
use super::frame::{Frame, Key, NOTHING_MEASURED, Swatch, heading};
use super::numbers::{behind, percent};
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, GUTTER, LABEL, SMALL};
use crate::table::Table;

const TITLE: &str = "How much was answered in time, by severity";
const ROW: f64 = 56.0;
const BAR: f64 = 24.0;
const NAMES: f64 = 82.0;
const FIGURES: f64 = 104.0;

/// Draws the chart from `by_severity`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let measures = METRICS.map(|metric| figures::by_severity(table, metric, |row| Measure::of(table, row)));
    let count =
        |metric: Metric| figures::sum(measures[metric as usize].iter().map(|measure| measure.measured));
    let frame = Frame::new(TITLE, context).note(figures::behind_both(count));
    if METRICS.iter().all(|metric| count(*metric) == 0) {
        return frame.empty(NOTHING_MEASURED);
    }
    let legend = [
        Key::new(Metric::Response.swatch(), "first responses answered in time"),
        Key::new(Metric::Update.swatch(), "updates given in time"),
        Key::new(Swatch::Whisker, "95 % interval (Wilson): the fewer measured, the wider"),
    ];
    let (mut sheet, body) = frame.legend(legend).around(30.0 + SEVERITIES as f64 * ROW + 40.0);
    for metric in METRICS {
        let area = body.column(metric as usize, METRICS.len(), GUTTER);
        draw_panel(&mut sheet, area, metric, &measures[metric as usize]);
    }
    sheet
}

fn draw_panel(sheet: &mut Sheet, area: Area, metric: Metric, measures: &[Measure; SEVERITIES]) {
    heading(sheet, area, metric.heading(), "");
    let plot = Area::new(area.left + NAMES, area.top + 28.0, area.right - FIGURES, area.bottom - 40.0);
    let title = "answered in time (% of those measured)";
    let axis = Axis::of_percent((0.0, 1.0), 4, (plot.left, plot.right), title);
    axis.draw_below(sheet, plot);
    for (index, measure) in measures.iter().enumerate() {
        let row = plot.row(index, SEVERITIES, 0.0);
        let y = row.center().1;
        let name = figures::severity_name(index);
        sheet.say(&format!("{}, {name}: {}.", metric.heading(), measure.in_words()));
        sheet.text((area.left, y), Align::Left, LABEL, name);
        let Some(share) = measure.compliance else {
            sheet.text((plot.right + 12.0, y), Align::Left, SMALL, "none measured");
            continue;
        };
        let bar = Area::new(plot.left, y - BAR / 2.0, axis.scale.at(share), y + BAR / 2.0);
        let (fill, edge) = metric.bar();
        sheet.edged(bar, fill, edge);
        if let Some((low, high)) = measure.interval {
            sheet.whisker(axis.scale.at(low), axis.scale.at(high), y);
        }
        sheet.text((plot.right + 12.0, y - 8.0), Align::Left, FIGURE, percent(share));
        let width = FIGURES - 12.0;
        sheet.text_within((plot.right + 12.0, y + 9.0), width, Align::Left, SMALL, &behind(measure.measured));
    }
    axis::left_line(sheet, plot);
}
