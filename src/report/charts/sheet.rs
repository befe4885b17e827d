//! A drawing as a list of shapes: the plain middle form between a chart and its SVG and PNG.
//!
//! Charts put shapes on a sheet, in logical pixels; [`super::paint`] draws the sheet twice. So a
//! chart knows no backend, and a test can look at the shapes: whether a label lies on another.

use plotters::style::RGBColor;

use super::theme::{INK, Lettering, PAPER};

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// The right edge.
    pub right: f64,
    /// The lower edge.
    pub bottom: f64,
}

impl Area {
    /// The rectangle with these edges.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Area { left, top, right, bottom }
    }

    /// The rectangle around a point.
    pub fn around(center: (f64, f64), width: f64, height: f64) -> Self {
        let (x, y) = center;
        Area::new(x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0)
    }

    /// How wide it is.
    pub fn width(self) -> f64 {
        self.right - self.left
    }

    /// How high it is.
    pub fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// Its middle.
    pub fn center(self) -> (f64, f64) {
        ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The rectangle without this much on every side.
    pub fn inset(self, by: f64) -> Self {
        Area::new(self.left + by, self.top + by, self.right - by, self.bottom - by)
    }

    /// The given one of `parts` equal columns, with a gap between each two.
    pub fn column(self, index: usize, parts: usize, gap: f64) -> Self {
        let width = (self.width() + gap) / parts as f64;
        let left = self.left + index as f64 * width;
        Area { left, right: left + width - gap, ..self }
    }

    /// The given one of `parts` equal rows, with a gap between each two.
    pub fn row(self, index: usize, parts: usize, gap: f64) -> Self {
        let height = (self.height() + gap) / parts as f64;
        let top = self.top + index as f64 * height;
        Area { top, bottom: top + height - gap, ..self }
    }
}

/// Where a text stands relative to its point; always in the middle of its height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Align {
    /// It begins at the point.
    Left,
    /// The point is its middle.
    Center,
    /// It ends at the point.
    Right,
    /// The point is its middle, and it runs upwards.
    Upward,
}

/// The mark of a series' points, so that it needs no colour to be told from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// A filled circle.
    Disc,
    /// A square with a white middle.
    Square,
}

/// One thing that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled rectangle.
    Rect { area: Area, fill: RGBColor },
    /// A straight line.
    Line { from: (f64, f64), to: (f64, f64), color: RGBColor, thickness: f64 },
    /// A filled circle.
    Disc { center: (f64, f64), radius: f64, fill: RGBColor },
    /// One line of text.
    Text(Line),
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The point it is set at.
    pub at: (f64, f64),
    /// How it stands there.
    pub align: Align,
    /// How it looks.
    pub lettering: Lettering,
    /// What it says.
    pub text: String,
}

/// The shapes of a chart, and what it says to those who do not see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
    /// What the chart shows, in plain words.
    pub title: String,
    /// The chart in sentences.
    pub description: String,
    /// What is drawn, from back to front.
    pub shapes: Vec<Shape>,
}

impl Sheet {
    /// Adds a sentence to the description.
    pub fn say(&mut self, sentence: &str) {
        if !self.description.is_empty() {
            self.description.push(' ');
        }
        self.description.push_str(sentence);
    }

    /// A filled rectangle.
    pub fn rect(&mut self, area: Area, fill: RGBColor) {
        self.shapes.push(Shape::Rect { area, fill });
    }

    /// A filled rectangle with an edge; one too small for both is all edge.
    pub fn edged(&mut self, area: Area, fill: RGBColor, edge: RGBColor) {
        self.rect(area, edge);
        let inner = area.inset(1.0);
        if inner.width() > 0.0 && inner.height() > 0.0 {
            self.rect(inner, fill);
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, thickness: f64) {
        self.shapes.push(Shape::Line { from, to, color, thickness });
    }

    /// A straight line of dashes.
    pub fn dashes(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, thickness: f64) {
        const DASH: f64 = 6.0;
        const PERIOD: f64 = 10.0;
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let length = across.hypot(down);
        let point = |along: f64| (from.0 + across * along / length, from.1 + down * along / length);
        let mut start = 0.0;
        while start < length {
            self.line(point(start), point((start + DASH).min(length)), color, thickness);
            start += PERIOD;
        }
    }

    /// A point of a series.
    pub fn mark(&mut self, center: (f64, f64), mark: Mark, color: RGBColor) {
        match mark {
            Mark::Disc => self.shapes.push(Shape::Disc { center, radius: 4.0, fill: color }),
            Mark::Square => {
                self.rect(Area::around(center, 11.0, 11.0), color);
                self.rect(Area::around(center, 7.0, 7.0), PAPER);
            }
        }
    }

    /// A horizontal whisker with a cap at either end, readable on any bar.
    pub fn whisker(&mut self, from: f64, to: f64, y: f64) {
        self.line((from, y), (to, y), PAPER, 4.0);
        self.line((from, y), (to, y), INK, 1.5);
        for x in [from, to] {
            self.line((x, y - 5.0), (x, y + 5.0), INK, 1.5);
        }
    }

    /// One line of text that stands out from what lies behind it.
    pub fn text_on_paper(&mut self, at: (f64, f64), lettering: Lettering, text: &str) {
        self.rect(Area::around(at, lettering.width(text) + 4.0, lettering.capital() + 4.0), PAPER);
        self.text(at, Align::Center, lettering, text);
    }

    /// The thin line from the end of a bar to the end of a range, with a cap there.
    pub fn reach(&mut self, from: f64, to: f64, y: f64) {
        self.line((from, y), (to, y), INK, 1.5);
        self.line((to, y - 5.0), (to, y + 5.0), INK, 1.5);
    }

    /// One line of text, as it stands; an empty one is nothing.
    pub fn text(&mut self, at: (f64, f64), align: Align, lettering: Lettering, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Line { at, align, lettering, text }));
        }
    }

    /// One line of text, shortened where it is too wide.
    pub fn text_within(
        &mut self,
        at: (f64, f64),
        width: f64,
        align: Align,
        lettering: Lettering,
        text: &str,
    ) {
        self.text(at, align, lettering, lettering.shorten(text, width));
    }
}
