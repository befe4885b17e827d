//! The cells of heat maps: the darker, the more was breached.

use plotters::style::RGBColor;

use super::frame::{Key, Swatch};
use super::sheet::{Align, Area, Sheet};
use super::theme::{AXIS, BLANK, FIGURE, GRID, HEAT, Lettering, PAPER, SMALL, readable_on};
use crate::language::{Language, filled};

/// Compliance below which a cell is darker by one step than the one before. Fixed, so that the
/// same colour means the same in every month's report.
const STEPS: [f64; 5] = [0.99, 0.97, 0.95, 0.90, 0.80];

/// The colour of a compliance.
pub fn of_compliance(share: f64) -> RGBColor {
    HEAT[STEPS.iter().filter(|step| share < **step).count()]
}

/// What the colours of compliance mean.
pub fn compliance_legend(language: &Language) -> Vec<Key> {
    let words = &language.words.charts;
    let label = |index: usize| {
        let percent = |step: &f64| language.number(step * 100.0, 0);
        let from = STEPS.get(index).map(percent);
        let to = index.checked_sub(1).and_then(|above| STEPS.get(above)).map(percent);
        let text = match (&from, &to) {
            (Some(_), Some(_)) => &words.heat_between,
            (Some(_), None) => &words.heat_best,
            _ => &words.heat_worst,
        };
        let value = |value: Option<String>| value.unwrap_or_default();
        filled(text, &[("from", &value(from)), ("to", &value(to))])
    };
    legend(HEAT.into_iter().enumerate().map(|(index, color)| (color, label(index))))
}

/// Equal steps from 1 to the highest count, for cells that show counts.
#[derive(Clone, Copy)]
pub struct CountSteps {
    highest: i64,
}

impl CountSteps {
    /// The steps up to this count.
    pub fn up_to(highest: i64) -> Self {
        CountSteps { highest: highest.max(1) }
    }

    /// The colour of a count.
    pub fn color(self, number: i64) -> RGBColor {
        let step = HEAT.iter().enumerate().find(|(index, _)| number <= self.last(*index));
        step.map_or(HEAT[HEAT.len() - 1], |(_, color)| *color)
    }

    /// What the colours mean; steps without a whole number in them are left out.
    pub fn legend(self, language: &Language) -> Vec<Key> {
        let words = &language.words.charts;
        let first = |index: usize| if index == 0 { 1 } else { self.last(index - 1).saturating_add(1) };
        let entry = |(index, color): (usize, RGBColor)| {
            let (first, last) = (first(index), self.last(index));
            let (from, to) = (language.count(first), language.count(last));
            let counts = if first == last {
                from
            } else {
                filled(&words.counts_between, &[("from", &from), ("to", &to)])
            };
            let label =
                if first == 1 { filled(&words.counts_of_breaches, &[("counts", &counts)]) } else { counts };
            (first <= last).then_some((color, label))
        };
        legend(HEAT.into_iter().enumerate().filter_map(entry))
    }

    /// The highest count of a step.
    fn last(self, index: usize) -> i64 {
        let steps = HEAT.len() as i128;
        let last = i128::from(self.highest) * (index as i128 + 1) / steps;
        i64::try_from(last).unwrap_or(i64::MAX)
    }
}

fn legend(entries: impl Iterator<Item = (RGBColor, String)>) -> Vec<Key> {
    entries.map(|(color, label)| Key::new(Swatch::Edged(color, AXIS), label)).collect()
}

/// A cell with a figure and, below it, what is behind it.
pub fn cell(sheet: &mut Sheet, area: Area, fill: RGBColor, figure: &str, behind: &str) {
    sheet.rect(area, fill);
    let color = readable_on(fill);
    let (x, y) = area.center();
    lettered(sheet, (x, y - 8.0), area, FIGURE.in_color(color), figure);
    lettered(sheet, (x, y + 8.0), area, SMALL.in_color(color), behind);
}

/// A cell with a figure alone, for maps of many small cells.
pub fn small_cell(sheet: &mut Sheet, area: Area, fill: RGBColor, figure: &str) {
    sheet.rect(area, fill);
    lettered(sheet, area.center(), area, SMALL.in_color(readable_on(fill)), figure);
}

/// A cell in which something was measured, and nothing breached.
pub fn none(sheet: &mut Sheet, area: Area) {
    sheet.edged(area, PAPER, GRID);
    lettered(sheet, area.center(), area, SMALL, "0");
}

/// A cell in which nothing was measured.
pub fn blank(sheet: &mut Sheet, area: Area) {
    sheet.rect(area, BLANK);
    sheet.text(area.center(), Align::Center, SMALL, "–");
}

fn lettered(sheet: &mut Sheet, at: (f64, f64), area: Area, lettering: Lettering, text: &str) {
    sheet.text_within(at, area.width() - 4.0, Align::Center, lettering, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_breaches_are_darker() {
        let light = |RGBColor(red, green, blue): RGBColor| {
            299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)
        };
        assert!(HEAT.windows(2).all(|pair| light(pair[0]) > light(pair[1]) + 15_000));
        assert_eq!(of_compliance(1.0), HEAT[0]);
        assert_eq!(of_compliance(0.9899), HEAT[1]);
        assert_eq!(of_compliance(0.0), HEAT[5]);
    }

    #[test]
    fn every_count_has_a_colour_and_no_step_is_empty() {
        for highest in [0, 1, 2, 5, 6, 7, 1_000_000, i64::MAX] {
            let steps = CountSteps::up_to(highest);
            let keys = steps.legend(Language::english()).len();
            assert!((1..=HEAT.len()).contains(&keys));
            assert_eq!(
                steps.color(highest.max(1)),
                HEAT[(0..6).find(|i| steps.last(*i) >= highest.max(1)).unwrap()]
            );
        }
        assert_eq!(CountSteps::up_to(2).legend(Language::english()).len(), 2);
    }
}
