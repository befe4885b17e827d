//! Scales and axes: where a value lies, the grid behind it, and the figures along it.

use super::numbers;
use super::sheet::{Align, Area, Sheet};
use super::theme::{AXIS, GRID, SMALL};
use crate::language::Language;

/// A linear scale from values to positions; what lies outside is drawn at the nearer end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The values at both ends.
    pub values: (f64, f64),
    /// The positions of both ends.
    pub positions: (f64, f64),
}

impl Scale {
    /// The scale with these values at these positions.
    pub fn new(values: (f64, f64), positions: (f64, f64)) -> Self {
        Scale { values, positions }
    }

    /// Where the value lies.
    pub fn at(self, value: f64) -> f64 {
        let (low, high) = self.values;
        let (start, end) = self.positions;
        let along = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        if along.is_nan() { start } else { start + (end - start) * along }
    }
}

/// An axis: its scale, the figures along it, and what they are.
pub struct Axis {
    /// Where its values lie.
    pub scale: Scale,
    /// The figures along it.
    pub ticks: Vec<(f64, String)>,
    /// What they are, with the unit.
    pub title: &'static str,
}

impl Axis {
    /// An axis from 0 up to at least `highest`, with about `wanted` round figures.
    pub fn from_zero(
        (highest, wanted): (f64, usize),
        positions: (f64, f64),
        title: &'static str,
        language: &Language,
    ) -> Self {
        let figures = numbers::round_figures(highest, wanted, 1.0);
        let top = figures.last().copied().unwrap_or(1.0);
        let ticks = figures.into_iter().map(|value| (value, language.tick(value))).collect();
        Axis { scale: Scale::new((0.0, top), positions), ticks, title }
    }

    /// An axis of percentages between two shares.
    pub fn of_percent(
        (values, steps): ((f64, f64), usize),
        positions: (f64, f64),
        title: &'static str,
        language: &Language,
    ) -> Self {
        let tick = |index: usize| {
            let value = values.0 + (values.1 - values.0) * index as f64 / steps.max(1) as f64;
            (value, language.number(value * 100.0, 0))
        };
        Axis { scale: Scale::new(values, positions), ticks: (0..=steps).map(tick).collect(), title }
    }

    /// Draws it below the plot, with its grid.
    pub fn draw_below(&self, sheet: &mut Sheet, plot: Area) {
        for (value, label) in &self.ticks {
            let x = self.scale.at(*value);
            sheet.line((x, plot.top), (x, plot.bottom), GRID, 1.0);
            sheet.text((x, plot.bottom + 12.0), Align::Center, SMALL, label.as_str());
        }
        sheet.text((plot.center().0, plot.bottom + 30.0), Align::Center, SMALL, self.title);
    }

    /// Draws it to the left of the plot, with its grid; the title stands this far from the plot.
    pub fn draw_left(&self, sheet: &mut Sheet, plot: Area, title_distance: f64) {
        for (value, label) in &self.ticks {
            let y = self.scale.at(*value);
            sheet.line((plot.left, y), (plot.right, y), GRID, 1.0);
            sheet.text((plot.left - 7.0, y), Align::Right, SMALL, label.as_str());
        }
        sheet.text((plot.left - title_distance, plot.center().1), Align::Upward, SMALL, self.title);
    }
}

/// The line on which bars stand.
pub fn base_line(sheet: &mut Sheet, plot: Area) {
    sheet.line((plot.left, plot.bottom), (plot.right, plot.bottom), AXIS, 1.0);
}

/// The line at which bars begin.
pub fn left_line(sheet: &mut Sheet, plot: Area) {
    sheet.line((plot.left, plot.top), (plot.left, plot.bottom), AXIS, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_a_scale_is_drawn_at_its_end() {
        let scale = Scale::new((0.0, 10.0), (100.0, 200.0));
        let at = [-5.0, 0.0, 5.0, 10.0, f64::INFINITY, f64::NAN].map(|value| scale.at(value));
        assert_eq!(at, [100.0, 100.0, 150.0, 200.0, 200.0, 100.0]);
    }

    #[test]
    fn a_scale_without_extent_puts_everything_at_its_start() {
        assert_eq!(Scale::new((3.0, 3.0), (10.0, 20.0)).at(3.0), 10.0);
    }
}
