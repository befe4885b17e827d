//! What the augmented tier buys: median and 90th percentile of elapsed hours, beside the standard tier.

use plotters::style::RGBColor;

use super::Context;
use super::axis::{self, Axis};
use super::figures::{self, METRICS, Metric, SEVERITIES, sum};
use super::frame::{Frame, Key, Swatch, heading};
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, FIRST_FILL, GUTTER, INK, LABEL, SECOND_FILL, SECOND_LINE, SMALL};
use crate::language::{Language, filled};
use crate::table::Table;

const GROUP: f64 = 74.0;
const BAR: f64 = 16.0;
const NAMES: f64 = 100.0;
const COLUMN: f64 = 50.0;
const FIGURES: f64 = 3.0 * COLUMN + 8.0;

/// The tiers, in the order in which they are drawn; the bars' fill and edge.
const TIERS: [(&str, RGBColor, RGBColor); 2] =
    [("standard", SECOND_FILL, SECOND_LINE), ("augmented", FIRST_FILL, FIRST_FILL)];

/// What a tier was given at a severity.
#[derive(Debug, Clone, Copy, Default)]
struct Waits {
    measured: i64,
    median: Option<f64>,
    ninetieth: Option<f64>,
}

impl Waits {
    fn of(table: &Table, tier: &str, row: usize) -> Self {
        let measured = figures::number(table, &format!("{tier}_measured"), row);
        let hours = |name: &str| {
            table.float(&format!("{tier}_{name}_h"), row).filter(|hours| measured > 0 && *hours >= 0.0)
        };
        Waits { measured, median: hours("p50"), ninetieth: hours("p90") }
    }

    fn of_tiers(table: &Table, row: usize) -> Pair {
        TIERS.map(|(tier, ..)| Waits::of(table, tier, row))
    }
}

/// Both tiers at a severity.
type Pair = [Waits; TIERS.len()];

/// Draws the chart from `tier_advantage`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let panels = METRICS.map(|metric| figures::by_severity(table, metric, |row| Waits::of_tiers(table, row)));
    let measured = |tier: usize| sum(panels.iter().flatten().map(|pair: &Pair| pair[tier].measured));
    let [standard, augmented] = [0, 1].map(|tier| language.count(measured(tier)));
    let values = [("standard", &*standard), ("augmented", &*augmented)];
    let frame = Frame::new(&words.tiers_title, context).note(filled(&words.tiers_measured, &values));
    if (0..TIERS.len()).all(|tier| measured(tier) == 0) {
        return frame.empty(&words.nothing_measured);
    }
    let bars = TIERS.map(|(tier, fill, edge)| {
        let label = filled(&words.tier_median, &[("tier", language.value("tier", tier))]);
        Key::new(Swatch::Edged(fill, edge), label)
    });
    let whisker = Key::new(Swatch::Reach, words.ninetieth_key.as_str());
    let frame = frame.legend(bars).legend([whisker]);
    let (mut sheet, body) = frame.around(46.0 + SEVERITIES as f64 * GROUP + 40.0);
    for metric in METRICS {
        let area = body.column(metric as usize, METRICS.len(), GUTTER);
        draw_panel(&mut sheet, area, metric, &panels[metric as usize], language);
    }
    sheet
}

fn draw_panel(
    sheet: &mut Sheet,
    area: Area,
    metric: Metric,
    pairs: &[Pair; SEVERITIES],
    language: &'static Language,
) {
    let words = &language.words.charts;
    heading(sheet, area, metric.heading(language), &words.tiers_detail);
    let plot = Area::new(area.left + NAMES, area.top + 46.0, area.right - FIGURES, area.bottom - 40.0);
    for (column, title) in [&words.median, &words.ninetieth, &words.n].into_iter().enumerate() {
        sheet.text((column_end(plot, column), area.top + 34.0), Align::Right, SMALL, title.as_str());
    }
    let waits = pairs.iter().flatten().flat_map(|waits| [waits.median, waits.ninetieth]).flatten();
    let highest = waits.fold(0.0, f64::max);
    let positions = (plot.left, plot.right);
    let axis = Axis::from_zero((highest, 4), positions, &words.working_hours, language);
    axis.draw_below(sheet, plot);
    for (severity, pair) in pairs.iter().enumerate() {
        let group = plot.row(severity, SEVERITIES, 0.0);
        draw_group(sheet, Area { left: area.left, ..group }, severity, pair, language);
        let bars = group.inset((GROUP - 2.0 * BAR - 8.0) / 2.0);
        for (tier, waits) in pair.iter().enumerate() {
            let bar = Area { left: group.left, right: group.right, ..bars }.row(tier, TIERS.len(), 8.0);
            draw_waits(sheet, bar, &axis, (tier, waits), language);
        }
        sheet.say(&in_words(metric, severity, pair, language));
    }
    axis::left_line(sheet, plot);
}

/// The right end of a column of figures beside the plot.
fn column_end(plot: Area, column: usize) -> f64 {
    plot.right + 8.0 + COLUMN * (column + 1) as f64
}

/// The name of a severity and the difference between the tiers.
fn draw_group(sheet: &mut Sheet, group: Area, severity: usize, pair: &Pair, language: &Language) {
    let y = group.center().1;
    sheet.text((group.left, y - 9.0), Align::Left, LABEL, figures::severity_name(language, severity));
    if let Some(difference) = difference(pair, language) {
        sheet.text_within((group.left, y + 9.0), NAMES - 8.0, Align::Left, SMALL, &difference);
    }
}

fn draw_waits(
    sheet: &mut Sheet,
    bar: Area,
    axis: &Axis,
    (tier, waits): (usize, &Waits),
    language: &Language,
) {
    let y = bar.center().1;
    let Some(median) = waits.median else {
        sheet.text(
            (column_end(bar, 2), y),
            Align::Right,
            SMALL,
            language.words.charts.none_measured.as_str(),
        );
        return;
    };
    let end = axis.scale.at(median);
    if let Some(ninetieth) = waits.ninetieth {
        let reach = axis.scale.at(ninetieth);
        sheet.reach(end, reach, y);
        sheet.text((column_end(bar, 1), y), Align::Right, SMALL.in_color(INK), language.hours(ninetieth));
    }
    let (_, fill, edge) = TIERS[tier];
    sheet.edged(Area { right: end, ..bar }, fill, edge);
    sheet.text((column_end(bar, 0), y), Align::Right, FIGURE, language.hours(median));
    sheet.text((column_end(bar, 2), y), Align::Right, SMALL, language.compact(waits.measured));
}

/// How the augmented tier's median compares with the standard one's.
fn difference(pair: &Pair, language: &Language) -> Option<String> {
    let words = &language.words.charts;
    let [standard, augmented] = pair.map(|waits| waits.median);
    let ratio = augmented? / standard.filter(|hours| *hours > 0.0)?;
    let percent = ((1.0 - ratio).abs() * 100.0).round();
    Some(match ratio {
        _ if percent < 1.0 => words.no_difference.clone(),
        ratio if ratio < 1.0 => filled(&words.sooner, &[("n", &language.number(percent, 0))]),
        ratio if ratio < 2.0 => filled(&words.later, &[("n", &language.number(percent, 0))]),
        ratio => filled(&words.times_as_long, &[("n", &language.number(ratio, 1))]),
    })
}

fn in_words(metric: Metric, severity: usize, pair: &Pair, language: &'static Language) -> String {
    let words = &language.words.charts;
    let of_tier = |tier: usize| {
        let (name, waits) = (language.value("tier", TIERS[tier].0), pair[tier]);
        match waits.median.zip(waits.ninetieth) {
            Some((median, ninetieth)) => {
                let (median, ninetieth) = (language.hours(median), language.hours(ninetieth));
                let values = [("tier", name), ("median", &*median), ("ninetieth", &*ninetieth)];
                language.counted_with(waits.measured, &words.tier_waits, &values)
            }
            None => filled(&words.tier_not_measured, &[("tier", name)]),
        }
    };
    let [standard, augmented] = [0, 1].map(of_tier);
    let values = [
        ("metric", metric.heading(language)),
        ("severity", &*(severity + 1).to_string()),
        ("standard", &*standard),
        ("augmented", &*augmented),
    ];
    filled(&words.tiers_sentence, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(standard: f64, augmented: f64) -> Pair {
        [standard, augmented].map(|hours| Waits { measured: 9, median: Some(hours), ninetieth: None })
    }

    #[test]
    fn the_difference_between_the_tiers_is_said_in_words() {
        let words = |standard, augmented| difference(&pair(standard, augmented), Language::english());
        assert_eq!(words(4.0, 3.0).as_deref(), Some("25 % sooner"));
        assert_eq!(words(4.0, 5.0).as_deref(), Some("25 % later"));
        assert_eq!(words(4.0, 4.0).as_deref(), Some("no difference"));
        assert_eq!(words(1.0, 3.5).as_deref(), Some("3.5 × as long"));
        assert_eq!(words(0.0, 3.5), None);
    }
}
