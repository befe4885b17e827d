//! Where it goes wrong: compliance by region and severity, as a heat map for each metric.

use std::collections::BTreeMap;

use super::Context;
use super::figures::{self, METRICS, Measure, Metric, SEVERITIES};
use super::frame::{Frame, NOTHING_MEASURED, heading};
use super::heat;
use super::numbers::{behind, percent};
use super::sheet::{Align, Area, Sheet};
use super::theme::{LABEL, SMALL};
use crate::table::Table;

const TITLE: &str = "How much was answered in time, by region and severity";
/// As many rows as can be read on a page.
const MOST_REGIONS: usize = 40;
const ROW: f64 = 38.0;
const NAMES: f64 = 150.0;
const HEAD: f64 = 48.0;

/// The measures of a region, by metric and severity.
type Cells = [[Measure; SEVERITIES]; 2];

/// Draws the chart from `by_region_severity`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let (regions, left_out) = chosen(read(table));
    let total = |metric| figures::sum(regions.iter().map(|(_, cells)| measured(cells, metric)));
    let mut frame = Frame::new(TITLE, context).note(figures::behind_both(total));
    if regions.is_empty() {
        return frame.empty(NOTHING_MEASURED);
    }
    if left_out > 0 {
        let all = MOST_REGIONS + left_out;
        frame = frame.note(format!("the {MOST_REGIONS} of {all} regions with most measured"));
    }

    let height = HEAD + regions.len() as f64 * ROW;
    let (mut sheet, body) = frame.legend(heat::compliance_legend()).around(height);
    let grid = Area { left: body.left + NAMES, ..body };
    for metric in METRICS {
        draw_head(&mut sheet, grid.column(metric as usize, METRICS.len(), 20.0), metric);
    }
    for (index, (region, cells)) in regions.iter().enumerate() {
        let row = Area { top: body.top + HEAD, ..body }.row(index, regions.len(), 0.0);
        sheet.text_within((body.left, row.center().1), NAMES - 12.0, Align::Left, LABEL, region);
        for metric in METRICS {
            let panel = Area { left: grid.left, ..row }.column(metric as usize, METRICS.len(), 20.0);
            draw_row(&mut sheet, panel, &cells[metric as usize]);
        }
        sheet.say(&in_words(region, cells));
    }
    sheet
}

/// The regions with anything measured, in the order of their names.
fn read(table: &Table) -> BTreeMap<String, Cells> {
    let mut regions: BTreeMap<String, Cells> = BTreeMap::new();
    for row in 0..table.rows() {
        let (metric, severity) = (Metric::of(table, row), figures::severity(table, row));
        let measure = Measure::of(table, row);
        if let (Some(metric), Some(severity), true) = (metric, severity, measure.measured > 0) {
            let name = figures::name(table, "region", row).to_owned();
            regions.entry(name).or_default()[metric as usize][severity] = measure;
        }
    }
    regions
}

/// As many of the regions as can be shown, and how many are left out: those with least measured.
fn chosen(regions: BTreeMap<String, Cells>) -> (Vec<(String, Cells)>, usize) {
    let mut regions: Vec<_> = regions.into_iter().collect();
    let left_out = regions.len().saturating_sub(MOST_REGIONS);
    let all = |cells: &Cells| figures::sum(METRICS.map(|metric| measured(cells, metric)));
    regions.sort_by_key(|(_, cells)| std::cmp::Reverse(all(cells)));
    regions.truncate(MOST_REGIONS);
    regions.sort_by(|one, other| one.0.cmp(&other.0));
    (regions, left_out)
}

fn measured(cells: &Cells, metric: Metric) -> i64 {
    figures::sum(cells[metric as usize].iter().map(|measure| measure.measured))
}

fn draw_head(sheet: &mut Sheet, panel: Area, metric: Metric) {
    heading(sheet, panel, metric.heading(), "in time (%), and the number measured");
    for severity in 0..SEVERITIES {
        let x = panel.column(severity, SEVERITIES, 3.0).center().0;
        let name = figures::severity_name(severity);
        sheet.text((x, panel.top + 34.0), Align::Center, SMALL, name);
    }
}

fn draw_row(sheet: &mut Sheet, panel: Area, measures: &[Measure; SEVERITIES]) {
    for (severity, measure) in measures.iter().enumerate() {
        let column = panel.column(severity, SEVERITIES, 3.0);
        let area = Area { top: column.top + 1.5, bottom: column.bottom - 1.5, ..column };
        match measure.compliance {
            Some(share) => {
                let behind = behind(measure.measured);
                heat::cell(sheet, area, heat::of_compliance(share), &percent(share), &behind);
            }
            None => heat::blank(sheet, area),
        }
    }
}

fn in_words(region: &str, cells: &Cells) -> String {
    let of_metric = |metric: Metric| {
        let measures = cells[metric as usize].iter().enumerate();
        let words =
            measures.map(|(index, measure)| format!("severity {}: {}", index + 1, measure.in_words()));
        format!("{}, {}", metric.heading(), words.collect::<Vec<_>>().join(", "))
    };
    format!("{}: {}.", LABEL.shorten(region, NAMES), METRICS.map(of_metric).join("; "))
}
