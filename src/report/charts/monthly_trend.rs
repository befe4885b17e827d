//! The trend: compliance month by month, and how much was measured in each.

use std::collections::BTreeMap;

use super::Context;
use super::axis::{self, Axis};
use super::figures::{METRICS, Measure, Metric, behind_both, capitalized, sum};
use super::frame::{Frame, Key, Swatch, heading, series_line};
use super::sheet::{Align, Area, Sheet};
use super::theme::SMALL;
use crate::language::{Language, filled};
use crate::table::Table;

/// A year, and the same month of the year before.
const MONTHS: usize = 13;
const LEFT: f64 = 64.0;
/// Between two months.
const GAP: f64 = 8.0;

/// A metric's measures, by months since the year 0.
type Series = BTreeMap<i64, Measure>;

/// Draws the chart from `by_month`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let title = &words.trend_title;
    let mut series = METRICS.map(|metric| read(table, metric));
    let Some(last) = series.iter().filter_map(|months| months.keys().next_back()).max().copied() else {
        let frame = Frame::new(title, context).note(behind_both(language, |_| 0));
        return frame.empty(&words.nothing_measured);
    };
    let first = last - MONTHS as i64 + 1;
    for months in &mut series {
        months.retain(|month, _| *month >= first);
    }

    let months = [("months", &*MONTHS.to_string()), ("month", &*month_name(last, language))];
    let measured = |metric: Metric| sum(series[metric as usize].values().map(|measure| measure.measured));
    let frame = Frame::new(title, context)
        .note(filled(&words.trend_months, &months))
        .note(behind_both(language, measured));
    let legend = METRICS.map(|metric| legend_key(metric, &series[metric as usize], last, language));
    let (mut sheet, body) = frame.legend(legend).around(460.0);
    let upper = Area { bottom: body.top + 262.0, ..body };
    let lower = Area { top: upper.bottom + 28.0, ..body };
    heading(&mut sheet, upper, &words.answered_in_time, "");
    heading(&mut sheet, lower, &words.measured, &words.measured_each_month);
    draw_lines(&mut sheet, plot_of(upper, 0.0), first, &series, language);
    draw_volumes(&mut sheet, plot_of(lower, 42.0), first, &series, language);
    sheet
}

/// The months of a metric in which anything was measured.
fn read(table: &Table, metric: Metric) -> Series {
    let rows = (0..table.rows()).filter(|row| Metric::of(table, *row) == Some(metric));
    rows.filter_map(|row| Some((month_number(table.text("month", row)?)?, Measure::of(table, row))))
        .filter(|(_, measure)| measure.measured > 0)
        .collect()
}

/// Months since the year 0, from `YYYY-MM`.
fn month_number(text: &str) -> Option<i64> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse::<u16>().ok()?, month.parse::<u8>().ok()?);
    (1..=12).contains(&month).then(|| i64::from(year) * 12 + i64::from(month) - 1)
}

/// A month's number in its year, from 1.
fn in_year(month: i64) -> usize {
    month.rem_euclid(12) as usize + 1
}

fn month_name(month: i64, language: &Language) -> String {
    language.month_short(month.div_euclid(12), in_year(month))
}

/// The entry of a metric, with its figure in the last month.
fn legend_key(metric: Metric, series: &Series, last: i64, language: &'static Language) -> Key {
    let latest = series.get(&last).copied().unwrap_or_default().in_words(language);
    let month = month_name(last, language);
    let values = [("metric", metric.heading(language)), ("month", &*month), ("measure", &*latest)];
    let label = filled(&language.words.charts.trend_key, &values);
    Key::new(Swatch::Line(metric.mark(), metric.line(), metric.dashed()), label)
}

fn plot_of(panel: Area, below: f64) -> Area {
    Area::new(panel.left + LEFT, panel.top + 34.0, panel.right, panel.bottom - below)
}

fn draw_lines(sheet: &mut Sheet, plot: Area, first: i64, series: &[Series; 2], language: &'static Language) {
    let words = &language.words.charts;
    let shares = series.iter().flat_map(|months| months.values().filter_map(|measure| measure.compliance));
    let lowest = shares.fold(1.0, f64::min);
    // The figures differ by little near 100 %: the axis begins where the lowest needs it to.
    let (from, steps) = match lowest {
        low if low >= 0.91 => (0.9, 5),
        low if low >= 0.76 => (0.75, 5),
        low if low >= 0.51 => (0.5, 5),
        _ => (0.0, 5),
    };
    let title = if from > 0.0 { &words.trend_axis_not_from_zero } else { &words.trend_axis };
    let axis = Axis::of_percent(((from, 1.0), steps), (plot.bottom, plot.top), title, language);
    axis.draw_left(sheet, plot, 44.0);
    // The first responses' discs last: they fit in the updates' squares, so neither hides the other.
    for metric in METRICS.into_iter().rev() {
        let points: Vec<Option<(f64, f64)>> = (0..MONTHS)
            .map(|slot| {
                let measure = series[metric as usize].get(&(first + slot as i64))?;
                let x = plot.column(slot, MONTHS, GAP).center().0;
                Some((x, axis.scale.at(measure.compliance?)))
            })
            .collect();
        for pair in points.windows(2) {
            if let [Some(from), Some(to)] = *pair {
                series_line(sheet, from, to, metric.line(), metric.dashed());
            }
        }
        for point in points.into_iter().flatten() {
            sheet.mark(point, metric.mark(), metric.line());
        }
    }
}

fn draw_volumes(
    sheet: &mut Sheet,
    plot: Area,
    first: i64,
    series: &[Series; 2],
    language: &'static Language,
) {
    let words = &language.words.charts;
    let highest = series.iter().flat_map(|months| months.values().map(|measure| measure.measured)).max();
    // The counts stand above the bars: there must be room for that of the highest.
    let positions = (plot.bottom, plot.top + 14.0);
    let axis = Axis::from_zero((highest.unwrap_or(0) as f64, 3), positions, &words.number, language);
    axis.draw_left(sheet, plot, 44.0);
    for slot in 0..MONTHS {
        let month = first + slot as i64;
        let column = plot.column(slot, MONTHS, GAP);
        for metric in METRICS {
            if let Some(measure) = series[metric as usize].get(&month) {
                let label = language.compact(measure.measured);
                let top = axis.scale.at(measure.measured as f64);
                draw_volume(sheet, Area { top, ..column.column(metric as usize, 2, 2.0) }, metric, &label);
            }
        }
        let (x, y) = (column.center().0, plot.bottom);
        sheet.text((x, y + 12.0), Align::Center, SMALL, language.month_name_short(in_year(month)));
        if slot == 0 || month.rem_euclid(12) == 0 {
            sheet.text((x, y + 28.0), Align::Center, SMALL, month.div_euclid(12).to_string());
        }
        let [responses, updates] = METRICS.map(|metric| {
            series[metric as usize].get(&month).copied().unwrap_or_default().in_words(language)
        });
        let month = capitalized(&month_name(month, language));
        let values = [("month", &*month), ("responses", &*responses), ("updates", &*updates)];
        sheet.say(&filled(&words.trend_sentence, &values));
    }
    axis::base_line(sheet, plot);
}

fn draw_volume(sheet: &mut Sheet, bar: Area, metric: Metric, label: &str) {
    let (fill, edge) = metric.bar();
    sheet.edged(bar, fill, edge);
    sheet.text_on_paper((bar.center().0, bar.top - 8.0), SMALL, label);
}

#[cfg(test)]
mod tests {
    use super::super::theme::WIDTH;
    use super::*;

    #[test]
    fn a_month_is_read_and_written() {
        let month = month_number("2024-05").unwrap();
        assert_eq!(month_name(month, Language::english()), "May 2024");
        assert_eq!(month_name(month - 12, Language::english()), "May 2023");
    }

    #[test]
    fn what_is_no_month_is_not_drawn() {
        for text in ["", "2024", "2024-13", "2024-00", "x-05", "99999-01"] {
            assert_eq!(month_number(text), None, "{text}");
        }
    }

    #[test]
    fn the_chart_is_wide_enough_for_a_year_and_a_month() {
        assert!((WIDTH - LEFT) / MONTHS as f64 > 2.0 * SMALL.em() * 2.5);
    }
}
