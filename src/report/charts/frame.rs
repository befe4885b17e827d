//! What every chart has around it: the title, the period, the legend, and how it was measured.

use plotters::style::RGBColor;

use super::Context;
use super::lettering::printable;
use super::sheet::{Align, Area, Mark, Sheet};
use super::theme::{AXIS, GRID, HEADING, INK, LABEL, MARGIN, MUTED, SMALL, SUBTITLE, TITLE, WIDTH};
use crate::language::filled;

/// The height of a chart that has only a sentence to show.
const EMPTY_HEIGHT: f64 = 200.0;
/// The space between two keys of a legend.
const KEY_GAP: f64 = 26.0;

/// What stands for a series in the legend.
pub enum Swatch {
    /// Its bars.
    Fill(RGBColor),
    /// Its bars, where they are so light that they have an edge.
    Edged(RGBColor, RGBColor),
    /// Its line: the mark of its points, and whether it is dashed.
    Line(Mark, RGBColor, bool),
    /// A mark of its own.
    Mark(Mark, RGBColor),
    /// The line from one end of a range to the other.
    Whisker,
    /// The line from the end of a bar to the end of a range.
    Reach,
    /// The dashed upright line of a target.
    Target,
}

/// An entry of a legend.
pub struct Key {
    swatch: Swatch,
    label: String,
}

impl Key {
    /// The entry of this swatch and label.
    pub fn new(swatch: Swatch, label: impl Into<String>) -> Self {
        Key { swatch, label: label.into() }
    }

    fn draw(&self, sheet: &mut Sheet, left: f64, y: f64) {
        let swatch = Area::new(left, y - 6.0, left + self.swatch_width(), y + 6.0);
        match self.swatch {
            Swatch::Fill(fill) => sheet.rect(swatch, fill),
            Swatch::Edged(fill, edge) => sheet.edged(swatch, fill, edge),
            Swatch::Line(mark, color, dashed) => {
                series_line(sheet, (swatch.left, y), (swatch.right, y), color, dashed);
                sheet.mark(swatch.center(), mark, color);
            }
            Swatch::Mark(mark, color) => sheet.mark(swatch.center(), mark, color),
            Swatch::Whisker => sheet.whisker(swatch.left + 1.0, swatch.right - 1.0, y),
            Swatch::Reach => sheet.reach(swatch.left, swatch.right - 1.0, y),
            Swatch::Target => {
                let x = swatch.center().0;
                sheet.dashes((x, y - 8.0), (x, y + 8.0), INK, 1.5);
            }
        }
        sheet.text((swatch.right + 7.0, y), Align::Left, SMALL.in_color(INK), self.label.as_str());
    }

    fn swatch_width(&self) -> f64 {
        match self.swatch {
            Swatch::Fill(_) | Swatch::Edged(..) => 16.0,
            Swatch::Line(..) => 36.0,
            Swatch::Whisker | Swatch::Reach => 26.0,
            Swatch::Mark(..) => 12.0,
            Swatch::Target => 6.0,
        }
    }

    fn width(&self) -> f64 {
        self.swatch_width() + 7.0 + SMALL.width(&self.label)
    }
}

/// A piece of the line of a series, solid or dashed.
pub fn series_line(sheet: &mut Sheet, from: (f64, f64), to: (f64, f64), color: RGBColor, dashed: bool) {
    if dashed {
        sheet.dashes(from, to, color, 2.0);
    } else {
        sheet.line(from, to, color, 2.0);
    }
}

/// The frame of a chart, before its height is known.
pub struct Frame<'a> {
    title: &'a str,
    context: &'a Context,
    notes: Vec<String>,
    legend: Vec<Key>,
}

impl<'a> Frame<'a> {
    /// The frame with this title.
    pub fn new(title: &'a str, context: &'a Context) -> Self {
        Frame { title, context, notes: Vec::new(), legend: Vec::new() }
    }

    /// Adds to the line below the title, after the period.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the legend.
    pub fn legend(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.legend.extend(keys);
        self
    }

    /// A chart that has only this to say.
    pub fn empty(self, sentence: &str) -> Sheet {
        let bare = Frame { legend: Vec::new(), ..self };
        let (mut sheet, body) = bare.around(EMPTY_HEIGHT);
        sheet.text(body.center(), Align::Center, LABEL.in_color(MUTED), sentence);
        sheet.say(sentence);
        sheet
    }

    /// The sheet with the frame drawn, and the area inside it, of this height and the full width.
    pub fn around(self, body_height: f64) -> (Sheet, Area) {
        let width = WIDTH - 2.0 * MARGIN;
        let notes = self.notes.iter().map(String::as_str);
        let about: Vec<&str> = [self.context.period.as_str()].into_iter().chain(notes).collect();
        let subtitle = SUBTITLE.wrap(about.iter().copied(), "  ·  ", width);
        let words = &self.context.language.words.charts;
        let as_of = filled(&words.as_of, &[("as_of", &self.context.as_of)]);
        let policy = filled(&words.policy, &[("policy", &self.context.policy)]);
        let footer =
            SMALL.wrap([&as_of, &policy, &self.context.zone_rule].map(String::as_str), "  ·  ", width);

        let description = format!("{}.", printable(&about.join(". ")));
        let title = self.title.to_owned();
        let mut sheet = Sheet { width: WIDTH, height: 0.0, title, description, shapes: Vec::new() };

        let mut y = MARGIN + 10.0;
        sheet.text((MARGIN, y), Align::Left, TITLE, self.title);
        y += 28.0;
        for line in subtitle {
            sheet.text((MARGIN, y), Align::Left, SUBTITLE, line);
            y += 20.0;
        }
        y = self.draw_legend(&mut sheet, y + 8.0);

        let body = Area::new(MARGIN, y + 12.0, WIDTH - MARGIN, y + 12.0 + body_height);
        y = body.bottom + 24.0;
        sheet.line((MARGIN, y), (WIDTH - MARGIN, y), GRID, 1.0);
        y += 17.0;
        for line in footer {
            sheet.text((MARGIN, y), Align::Left, SMALL, line);
            y += 16.0;
        }
        sheet.height = y + 8.0;
        (sheet, body)
    }

    /// Draws the legend in as many rows as it needs, and tells where it ends.
    fn draw_legend(&self, sheet: &mut Sheet, top: f64) -> f64 {
        let mut left = MARGIN;
        let mut y = top;
        for key in &self.legend {
            if left > MARGIN && left + key.width() > WIDTH - MARGIN {
                left = MARGIN;
                y += 20.0;
            }
            key.draw(sheet, left, y);
            left += key.width() + KEY_GAP;
        }
        if self.legend.is_empty() { top - 8.0 } else { y + 10.0 }
    }
}

/// The heading of a panel: what it shows, and, lighter, what is behind it.
pub fn heading(sheet: &mut Sheet, panel: Area, text: &str, detail: &str) {
    let y = panel.top + 8.0;
    sheet.text((panel.left, y), Align::Left, HEADING, text);
    sheet.text((panel.right, y), Align::Right, SMALL, detail);
    let rule = panel.top + 20.0;
    sheet.line((panel.left, rule), (panel.right, rule), AXIS, 1.0);
}
