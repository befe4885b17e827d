//! Compliance before and after, by severity: two marks on one line, and how far apart they are.

use super::Context;
use super::axis::Axis;
use super::figures::{self, METRICS, Metric, SEVERITIES};
use super::frame::{Frame, Key, Swatch, heading};
use super::sheet::{Align, Area, Mark, Sheet};
use super::theme::{AXIS, FIGURE, FIRST_LINE, GUTTER, LABEL, MUTED, SMALL};
use crate::language::{Language, filled};
use crate::table::Table;

const ROW: f64 = 52.0;
/// Above the rows: the heading, and the names of the columns of figures.
const HEAD: f64 = 50.0;
const NAMES: f64 = 76.0;
const COLUMN: f64 = 62.0;
const FIGURES: f64 = 3.0 * COLUMN + 4.0;
/// The axis ends at the least tenth below everything, and shows at least a tenth.
const TENTHS: f64 = 10.0;

/// What one side measured, and the share of it that was in time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Side {
    measured: i64,
    share: Option<f64>,
}

impl Side {
    fn of(table: &Table, row: usize, side: &str) -> Side {
        let measured = figures::number(table, &format!("{side}_measured"), row);
        let share = table.float(&format!("{side}_compliance"), row);
        Side { measured, share: share.filter(|share| measured > 0 && (0.0..=1.0).contains(share)) }
    }

    fn in_words(self, language: &Language) -> String {
        let measure = figures::Measure {
            measured: self.measured,
            compliance: self.share,
            ..figures::Measure::default()
        };
        measure.in_words(language)
    }
}

/// Both sides of a severity: before and after.
type Pair = [Side; 2];

/// Draws the chart from `totals`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let panels = METRICS.map(|metric| read(table, metric));
    let frame = Frame::new(&words.compared_title, context);
    let shares: Vec<f64> = panels.iter().flatten().flatten().filter_map(|side| side.share).collect();
    let Some(least) = shares.iter().copied().reduce(f64::min) else {
        return frame.empty(&words.nothing_measured);
    };
    // Sides lie close together where most is in time: the axis shows no more than it must.
    let low = ((least * TENTHS).floor() / TENTHS).clamp(0.0, 1.0 - 1.0 / TENTHS);
    let legend = [
        Key::new(Swatch::Mark(Mark::Square, MUTED), words.compared_before.as_str()),
        Key::new(Swatch::Mark(Mark::Disc, FIRST_LINE), words.compared_after.as_str()),
    ];
    let (mut sheet, body) = frame.legend(legend).around(HEAD + SEVERITIES as f64 * ROW + 40.0);
    for (place, (metric, pairs)) in METRICS.into_iter().zip(&panels).enumerate() {
        let area = body.column(place, METRICS.len(), GUTTER);
        draw_panel(&mut sheet, area, low, (metric, pairs), language);
    }
    sheet
}

/// The rows of a metric by severity.
fn read(table: &Table, metric: Metric) -> [Pair; SEVERITIES] {
    let mut pairs = [Pair::default(); SEVERITIES];
    let of_metric = |row: &usize| {
        table.text("dimension", *row) == Some("severity") && Metric::of(table, *row) == Some(metric)
    };
    for row in (0..table.rows()).filter(of_metric) {
        let severity = table.text("value", row).and_then(|text| text.parse::<usize>().ok());
        if let Some(pair) = severity.and_then(|severity| pairs.get_mut(severity.checked_sub(1)?)) {
            *pair = ["before", "after"].map(|side| Side::of(table, row, side));
        }
    }
    pairs
}

fn draw_panel(
    sheet: &mut Sheet,
    area: Area,
    low: f64,
    (metric, pairs): (Metric, &[Pair; SEVERITIES]),
    language: &'static Language,
) {
    let words = &language.words.charts;
    heading(sheet, area, metric.heading(language), "");
    let plot = Area::new(area.left + NAMES, area.top + HEAD, area.right - FIGURES, area.bottom - 40.0);
    let title = if low > 0.0 { &words.trend_axis_not_from_zero } else { &words.trend_axis };
    let steps = if low > 0.5 { ((1.0 - low) * TENTHS).round() as usize * 2 } else { 5 };
    let steps = if steps > 5 { steps / 2 } else { steps };
    let axis = Axis::of_percent(((low, 1.0), steps), (plot.left, plot.right), title, language);
    axis.draw_below(sheet, plot);
    let columns = [0.0, 1.0, 2.0].map(|column| plot.right + 4.0 + (column + 1.0) * COLUMN);
    let names = [&words.compared_before, &words.compared_after, &words.compared_points];
    for (x, name) in columns.into_iter().zip(names) {
        sheet.text_within((x, area.top + 36.0), COLUMN - 6.0, Align::Right, SMALL, name);
    }
    for (index, pair) in pairs.iter().enumerate() {
        let y = plot.row(index, SEVERITIES, 0.0).center().1;
        let [before, after] = *pair;
        sheet.say(&sentence(metric, index, pair, language));
        sheet.text((area.left, y), Align::Left, LABEL, figures::severity_name(language, index));
        let at = |side: Side| side.share.map(|share| axis.scale.at(share));
        if let (Some(from), Some(to)) = (at(before), at(after)) {
            sheet.line((from, y), (to, y), AXIS, 3.0);
        }
        for (side, mark, color) in [(before, Mark::Square, MUTED), (after, Mark::Disc, FIRST_LINE)] {
            if let Some(x) = at(side) {
                sheet.mark((x, y), mark, color);
            }
        }
        for ((x, side), lettering) in columns.into_iter().zip(*pair).zip([LABEL.in_color(MUTED), FIGURE]) {
            let share = side.share.map_or_else(|| "–".to_owned(), |share| language.percent(share));
            sheet.text_within((x, y - 8.0), COLUMN - 6.0, Align::Right, lettering, &share);
            let behind = filled(&words.compared_behind, &[("n", &language.compact(side.measured))]);
            sheet.text_within((x, y + 9.0), COLUMN - 6.0, Align::Right, SMALL, &behind);
        }
        if let Some(points) = change(pair) {
            let points = language.points(points);
            sheet.text_within((columns[2], y - 8.0), COLUMN - 6.0, Align::Right, FIGURE, &points);
        }
    }
}

/// How far the share has moved, where both sides have one.
fn change([before, after]: &Pair) -> Option<f64> {
    Some(after.share? - before.share?)
}

fn sentence(metric: Metric, index: usize, pair: &Pair, language: &'static Language) -> String {
    let [before, after] = pair.map(|side| side.in_words(language));
    let measure = filled(
        &language.words.charts.compared_sentence,
        &[("before", before.as_str()), ("after", after.as_str())],
    );
    figures::metric_sentence(language, metric, index, &measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_moves_only_where_both_sides_have_one() {
        let side = |share| Side { measured: 9, share };
        assert_eq!(change(&[side(Some(0.75)), side(Some(0.5))]), Some(-0.25));
        assert_eq!(change(&[side(None), side(Some(0.5))]), None);
    }

    #[test]
    fn both_sides_are_told_in_words() {
        let pair = [Side { measured: 4, share: Some(0.75) }, Side::default()];
        let told = sentence(Metric::Response, 1, &pair, Language::english());
        assert_eq!(told, "First responses, Severity 2: before 75.0 % of 4 in time, after nothing measured.");
    }
}
