//! Where it goes wrong: compliance by region and severity, as a heat map for each metric.

use std::collections::BTreeMap;

use super::Context;
use super::figures::{self, METRICS, Measure, Metric, SEVERITIES};
use super::frame::{Frame, heading};
use super::heat;
use super::sheet::{Align, Area, Sheet};
use super::theme::{LABEL, SMALL};
use crate::language::{Language, filled};
use crate::table::Table;

/// As many rows as can be read on a page.
const MOST_REGIONS: usize = 40;
const ROW: f64 = 38.0;
const NAMES: f64 = 150.0;
const HEAD: f64 = 48.0;

/// The measures of a region, by metric and severity.
type Cells = [[Measure; SEVERITIES]; 2];

/// Draws the chart from `by_region_severity`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let (regions, left_out) = chosen(read(table, language));
    let total = |metric| figures::sum(regions.iter().map(|(_, cells)| measured(cells, metric)));
    let mut frame = Frame::new(&words.regions_title, context).note(figures::behind_both(language, total));
    if regions.is_empty() {
        return frame.empty(&words.nothing_measured);
    }
    if left_out > 0 {
        let all = language.count((MOST_REGIONS + left_out) as i64);
        let values = [("shown", &*MOST_REGIONS.to_string()), ("all", &*all)];
        frame = frame.note(filled(&words.regions_shown, &values));
    }

    let height = HEAD + regions.len() as f64 * ROW;
    let (mut sheet, body) = frame.legend(heat::compliance_legend(language)).around(height);
    let grid = Area { left: body.left + NAMES, ..body };
    for metric in METRICS {
        draw_head(&mut sheet, grid.column(metric as usize, METRICS.len(), 20.0), metric, language);
    }
    for (index, (region, cells)) in regions.iter().enumerate() {
        let row = Area { top: body.top + HEAD, ..body }.row(index, regions.len(), 0.0);
        sheet.text_within((body.left, row.center().1), NAMES - 12.0, Align::Left, LABEL, region);
        for metric in METRICS {
            let panel = Area { left: grid.left, ..row }.column(metric as usize, METRICS.len(), 20.0);
            draw_row(&mut sheet, panel, &cells[metric as usize], language);
        }
        sheet.say(&in_words(region, cells, language));
    }
    sheet
}

/// The regions with anything measured, in the order of their names.
fn read(table: &Table, language: &Language) -> BTreeMap<String, Cells> {
    let mut regions: BTreeMap<String, Cells> = BTreeMap::new();
    for row in 0..table.rows() {
        let (metric, severity) = (Metric::of(table, row), figures::severity(table, row));
        let measure = Measure::of(table, row);
        if let (Some(metric), Some(severity), true) = (metric, severity, measure.measured > 0) {
            let name = figures::name(table, "region", row, language).to_owned();
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

fn draw_head(sheet: &mut Sheet, panel: Area, metric: Metric, language: &'static Language) {
    heading(sheet, panel, metric.heading(language), &language.words.charts.regions_detail);
    for severity in 0..SEVERITIES {
        let x = panel.column(severity, SEVERITIES, 3.0).center().0;
        let name = figures::severity_name(language, severity);
        sheet.text((x, panel.top + 34.0), Align::Center, SMALL, name);
    }
}

fn draw_row(sheet: &mut Sheet, panel: Area, measures: &[Measure; SEVERITIES], language: &Language) {
    for (severity, measure) in measures.iter().enumerate() {
        let column = panel.column(severity, SEVERITIES, 3.0);
        let area = Area { top: column.top + 1.5, bottom: column.bottom - 1.5, ..column };
        match measure.compliance {
            Some(share) => {
                let (figure, behind) = (language.percent(share), language.behind(measure.measured));
                heat::cell(sheet, area, heat::of_compliance(share), &figure, &behind);
            }
            None => heat::blank(sheet, area),
        }
    }
}

fn in_words(region: &str, cells: &Cells, language: &Language) -> String {
    let words = &language.words.charts;
    let of_severity = |(index, measure): (usize, &Measure)| {
        let (severity, measure) = ((index + 1).to_string(), measure.in_words(language));
        filled(&words.regions_severity, &[("severity", &severity), ("measure", &measure)])
    };
    let [responses, updates] = METRICS.map(|metric| {
        let severities: Vec<_> = cells[metric as usize].iter().enumerate().map(of_severity).collect();
        severities.join(&words.next_item)
    });
    let region = LABEL.shorten(region, NAMES);
    let values = [("region", &*region), ("responses", &*responses), ("updates", &*updates)];
    filled(&words.regions_sentence, &values)
}
