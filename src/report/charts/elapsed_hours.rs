//! How long answers took: the distribution of elapsed hours, by metric and severity.

use super::Context;
use super::axis::{self, Axis, Scale};
use super::figures::{self, METRICS, Metric, SEVERITIES};
use super::frame::{Frame, Key, Swatch, heading};
use super::numbers::share;
use super::sheet::{Align, Area, Sheet};
use super::theme::{AXIS, BREACHED, FIGURE, INK, MET, SMALL};
use crate::language::{Language, filled};
use crate::table::Table;

const PANEL: f64 = 216.0;
/// More bins than this are too narrow to see.
const MOST_BINS: i64 = 18;
/// The least height of what is there at all: a single late answer among thousands is not hidden.
const LEAST: f64 = 2.0;
/// The widths a bin may have, in hours.
const WIDTHS: [i64; 9] = [1, 2, 4, 8, 12, 24, 48, 96, 168];

/// What a panel shows: hours with their counts, and the targets.
#[derive(Default)]
struct Hours {
    counts: Vec<(i64, Split)>,
    targets: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Split {
    met: i64,
    breached: i64,
}

impl Split {
    fn add(&mut self, other: Split) {
        self.met = self.met.saturating_add(other.met);
        self.breached = self.breached.saturating_add(other.breached);
    }

    fn all(self) -> i64 {
        self.met.saturating_add(self.breached)
    }
}

impl Hours {
    fn read(table: &Table, metric: Metric, severity: usize) -> Self {
        let mut hours = Hours::default();
        for row in 0..table.rows() {
            let here = (Metric::of(table, row), figures::severity(table, row));
            if here != (Some(metric), Some(severity)) {
                continue;
            }
            let count = |name| figures::number(table, name, row);
            let split = Split { met: count("met"), breached: count("breached") };
            if split.all() > 0 {
                hours.counts.push((count("hour"), split));
                hours.targets.extend(table.float("target_h", row).filter(|target| *target > 0.0));
            }
        }
        hours.targets.sort_by(f64::total_cmp);
        hours.targets.dedup();
        hours
    }

    fn total(&self) -> Split {
        let mut total = Split::default();
        for (_, split) in &self.counts {
            total.add(*split);
        }
        total
    }
}

/// Equal bins from 0, and a last one for everything beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bins {
    width: i64,
    count: i64,
    /// Whether anything lies beyond.
    tail: bool,
}

impl Bins {
    /// Bins of one metric, the same for each severity so that panels can be compared: as far as
    /// twice the longest target, or as far as anything was measured.
    fn of(panels: &[Hours]) -> Self {
        let longest_target =
            panels.iter().flat_map(|hours| hours.targets.iter().copied()).fold(0.0, f64::max);
        let last_hour = panels.iter().flat_map(|hours| hours.counts.iter().map(|(hour, _)| *hour)).max();
        let last_hour = last_hour.unwrap_or(0).saturating_add(1);
        let twice = (2.0 * longest_target).ceil() as i64;
        let reach =
            if twice > 0 { last_hour.min(twice).max(longest_target.ceil() as i64) } else { last_hour };
        let width = WIDTHS.into_iter().find(|width| reach / width < MOST_BINS);
        let width = width.unwrap_or_else(|| reach / MOST_BINS + 1).max(1);
        let count = (reach / width + i64::from(reach % width > 0)).max(1);
        Bins { width, count, tail: last_hour > count.saturating_mul(width) }
    }

    fn end(self) -> i64 {
        self.width.saturating_mul(self.count)
    }

    fn slots(self) -> usize {
        (self.count + i64::from(self.tail)) as usize
    }

    fn fill(self, hours: &Hours) -> Vec<Split> {
        let mut splits = vec![Split::default(); self.slots()];
        for (hour, split) in &hours.counts {
            let slot = (hour / self.width).min(self.count) as usize;
            if let Some(bin) = splits.get_mut(slot) {
                bin.add(*split);
            }
        }
        splits
    }
}

/// Draws the chart from `elapsed_hours`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let read = |metric| std::array::from_fn(|severity| Hours::read(table, metric, severity));
    let panels: [[Hours; SEVERITIES]; 2] = METRICS.map(read);
    let count =
        |metric: Metric| figures::sum(panels[metric as usize].iter().map(|hours| hours.total().all()));
    let frame = Frame::new(&words.elapsed_title, context).note(figures::behind_both(language, count));
    if METRICS.iter().all(|metric| count(*metric) == 0) {
        return frame.empty(&words.nothing_measured);
    }
    let legend = [
        Key::new(Swatch::Edged(MET, AXIS), words.in_time.as_str()),
        Key::new(Swatch::Fill(BREACHED), words.too_late.as_str()),
        Key::new(Swatch::Target, words.target.as_str()),
    ];
    let (mut sheet, body) = frame.legend(legend).around(2.0 * PANEL + 28.0);
    for metric in METRICS {
        let row = body.row(metric as usize, METRICS.len(), 28.0);
        heading(&mut sheet, row, metric.heading(language), &words.elapsed_detail);
        let row = Area { top: row.top + 26.0, ..row };
        let panels = &panels[metric as usize];
        let bins = Bins::of(panels);
        for (severity, hours) in panels.iter().enumerate() {
            let area = row.column(severity, SEVERITIES, 14.0);
            draw_panel(&mut sheet, area, (bins, hours), (metric, severity), language);
        }
    }
    sheet
}

fn draw_panel(
    sheet: &mut Sheet,
    area: Area,
    (bins, hours): (Bins, &Hours),
    (metric, severity): (Metric, usize),
    language: &'static Language,
) {
    let words = &language.words.charts;
    let total = hours.total();
    let name = figures::severity_name(language, severity);
    sheet.text((area.left, area.top + 8.0), Align::Left, FIGURE, name);
    sheet.text((area.right, area.top + 8.0), Align::Right, SMALL, language.behind(total.all()));
    let plot = Area::new(area.left + 38.0, area.top + 42.0, area.right, area.bottom - 34.0);
    let Some(met) = share(total.met, total.all()) else {
        sheet.text(area.center(), Align::Center, SMALL, words.none_measured.as_str());
        let measure = &words.nothing_measured_here;
        sheet.say(&figures::metric_sentence(language, metric, severity, measure));
        return;
    };
    let values = [("share", &*language.percent(met)), ("measured", &*total.all().to_string())];
    let measure = filled(&words.in_time_of, &values);
    sheet.say(&figures::metric_sentence(language, metric, severity, &measure));

    let splits = bins.fill(hours);
    let highest = splits.iter().map(|split| split.all()).max().unwrap_or(0);
    let counts = Axis::from_zero((highest as f64, 3), (plot.bottom, plot.top), "", language);
    counts.draw_left(sheet, plot, 30.0);
    for (slot, split) in splits.iter().enumerate() {
        draw_bin(sheet, plot.column(slot, bins.slots(), 1.5), counts.scale, *split);
    }
    axis::base_line(sheet, plot);
    draw_hours(sheet, plot, bins, language);
    draw_targets(sheet, plot, bins, &hours.targets, language);
}

/// A bin: in time below, too late above.
fn draw_bin(sheet: &mut Sheet, column: Area, counts: Scale, split: Split) {
    let least = |count: i64| if count > 0 { LEAST } else { 0.0 };
    let middle = counts.at(split.met as f64).min(column.bottom - least(split.met));
    let top = counts.at(split.all() as f64).min(middle - least(split.breached));
    sheet.edged(Area { top: middle, ..column }, MET, AXIS);
    sheet.rect(Area { top, bottom: middle, ..column }, BREACHED);
}

/// The position of an hour; the bins end before the tail does.
fn hour_scale(plot: Area, bins: Bins) -> Scale {
    let end = plot.left + plot.width() * bins.count as f64 / bins.slots() as f64;
    Scale::new((0.0, bins.end() as f64), (plot.left, end))
}

fn draw_hours(sheet: &mut Sheet, plot: Area, bins: Bins, language: &Language) {
    let words = &language.words.charts;
    let y = plot.bottom + 11.0;
    let tail = filled(&words.at_least, &[("hours", &language.tick(bins.end() as f64))]);
    let mut free_from = f64::NEG_INFINITY;
    let mut free_to = f64::INFINITY;
    if bins.tail {
        sheet.text((plot.right, y), Align::Right, SMALL, tail.as_str());
        free_to = plot.right - SMALL.width(&tail) - 6.0;
    }
    let step = (bins.count / 4).max(1);
    let scale = hour_scale(plot, bins);
    for index in (0..=bins.count).step_by(usize::try_from(step).unwrap_or(1)) {
        let hour = index.saturating_mul(bins.width);
        let (x, label) = (scale.at(hour as f64), language.tick(hour as f64));
        let half = SMALL.width(&label) / 2.0;
        if x - half > free_from && x + half < free_to {
            sheet.text((x, y), Align::Center, SMALL, label);
            free_from = x + half + 4.0;
        }
    }
    sheet.text((plot.center().0, plot.bottom + 27.0), Align::Center, SMALL, words.working_hours.as_str());
}

/// The targets as lines, below one label for all of them: they may lie too close for one each.
fn draw_targets(sheet: &mut Sheet, plot: Area, bins: Bins, targets: &[f64], language: &Language) {
    let words = &language.words.charts;
    let (Some(first), Some(last)) = (targets.first(), targets.last()) else {
        return;
    };
    let scale = hour_scale(plot, bins);
    for target in targets {
        let x = scale.at(*target);
        sheet.dashes((x, plot.top - 6.0), (x, plot.bottom), INK, 1.5);
    }
    let hours: Vec<String> = targets.iter().map(|target| language.exact_hours(*target)).collect();
    let hours = hours.join(&words.next_item);
    let label = language.counted_with(targets.len() as i64, &words.targets, &[("targets", &hours)]);
    let label = SMALL.shorten(&label, plot.width());
    let half = SMALL.width(&label) / 2.0;
    let x = (scale.at(*first) + scale.at(*last)) / 2.0;
    let x = x.max(plot.left + half).min(plot.right - half);
    sheet.text((x, plot.top - 15.0), Align::Center, SMALL.in_color(INK), label);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(counts: &[i64], targets: &[f64]) -> Hours {
        let one = Split { met: 1, breached: 1 };
        Hours { counts: counts.iter().map(|hour| (*hour, one)).collect(), targets: targets.to_vec() }
    }

    #[test]
    fn a_long_tail_is_collected_in_one_bin() {
        let panel = hours(&[0, 7, 8, 400], &[8.0]);
        let bins = Bins::of(std::slice::from_ref(&panel));
        assert_eq!(bins, Bins { width: 1, count: 16, tail: true });
        let splits = bins.fill(&panel);
        assert_eq!((splits.len(), splits[16]), (17, Split { met: 1, breached: 1 }));
    }

    #[test]
    fn no_hour_is_lost_in_the_bins() {
        for (counts, targets) in [
            (vec![0], vec![]),
            (vec![0, 1_000_000], vec![]),
            (vec![i64::MAX], vec![8.0]),
            (vec![i64::MAX], vec![]),
            (vec![0, 3, 31, 32, 33], vec![4.0, 16.0]),
            (vec![5], vec![1e300]),
            (vec![2], vec![0.25]),
        ] {
            let panel = hours(&counts, &targets);
            let bins = Bins::of(std::slice::from_ref(&panel));
            let drawn: i64 = bins.fill(&panel).into_iter().map(Split::all).sum();
            assert_eq!(drawn, 2 * counts.len() as i64, "{counts:?} {targets:?}");
            assert!(bins.slots() <= MOST_BINS as usize + 2, "{bins:?}");
        }
    }
}
