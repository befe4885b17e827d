//! Compliance by severity: a bar with its interval and the number behind it, for each metric.

use super::Context;
use super::axis::{self, Axis};
use super::figures::{self, METRICS, Measure, Metric, SEVERITIES};
use super::frame::{Frame, Key, Swatch, heading};
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, GUTTER, LABEL, SMALL};
use crate::language::Language;
use crate::table::Table;

const ROW: f64 = 56.0;
const BAR: f64 = 24.0;
const NAMES: f64 = 82.0;
const FIGURES: f64 = 104.0;

/// Draws the chart from `by_severity`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let measures = METRICS.map(|metric| figures::by_severity(table, metric, |row| Measure::of(table, row)));
    let count =
        |metric: Metric| figures::sum(measures[metric as usize].iter().map(|measure| measure.measured));
    let frame = Frame::new(&words.severities_title, context).note(figures::behind_both(language, count));
    if METRICS.iter().all(|metric| count(*metric) == 0) {
        return frame.empty(&words.nothing_measured);
    }
    let legend = [
        Key::new(Metric::Response.swatch(), words.first_responses_in_time.as_str()),
        Key::new(Metric::Update.swatch(), words.updates_in_time.as_str()),
        Key::new(Swatch::Whisker, words.interval.as_str()),
    ];
    let (mut sheet, body) = frame.legend(legend).around(30.0 + SEVERITIES as f64 * ROW + 40.0);
    for metric in METRICS {
        let area = body.column(metric as usize, METRICS.len(), GUTTER);
        draw_panel(&mut sheet, area, metric, &measures[metric as usize], language);
    }
    sheet
}

fn draw_panel(
    sheet: &mut Sheet,
    area: Area,
    metric: Metric,
    measures: &[Measure; SEVERITIES],
    language: &'static Language,
) {
    let words = &language.words.charts;
    heading(sheet, area, metric.heading(language), "");
    let plot = Area::new(area.left + NAMES, area.top + 28.0, area.right - FIGURES, area.bottom - 40.0);
    let positions = (plot.left, plot.right);
    let axis = Axis::of_percent(((0.0, 1.0), 4), positions, &words.share_axis, language);
    axis.draw_below(sheet, plot);
    for (index, measure) in measures.iter().enumerate() {
        let row = plot.row(index, SEVERITIES, 0.0);
        let y = row.center().1;
        sheet.say(&figures::metric_sentence(language, metric, index, &measure.in_words(language)));
        sheet.text((area.left, y), Align::Left, LABEL, figures::severity_name(language, index));
        let Some(share) = measure.compliance else {
            sheet.text((plot.right + 12.0, y), Align::Left, SMALL, words.none_measured.as_str());
            continue;
        };
        let bar = Area::new(plot.left, y - BAR / 2.0, axis.scale.at(share), y + BAR / 2.0);
        let (fill, edge) = metric.bar();
        sheet.edged(bar, fill, edge);
        if let Some((low, high)) = measure.interval {
            sheet.whisker(axis.scale.at(low), axis.scale.at(high), y);
        }
        sheet.text((plot.right + 12.0, y - 8.0), Align::Left, FIGURE, language.percent(share));
        let (at, behind) = ((plot.right + 12.0, y + 9.0), language.behind(measure.measured));
        sheet.text_within(at, FIGURES - 12.0, Align::Left, SMALL, &behind);
    }
    axis::left_line(sheet, plot);
}
