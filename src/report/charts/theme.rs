//! How every chart looks: sizes, colours and type, in one place.
//!
//! Colours are ordered by lightness first, so that a chart copied in black and white and a reader
//! who does not tell red from green both see the same order. Darker always means more breaches.

use plotters::style::RGBColor;

/// The width of every chart, in logical pixels; heights follow from the content.
pub const WIDTH: f64 = 1000.0;
/// The white space around a chart.
pub const MARGIN: f64 = 32.0;
/// The space between two panels side by side.
pub const GUTTER: f64 = 40.0;
/// Device pixels per logical pixel, in both the PNG and the SVG.
pub const DENSITY: u32 = 2;

/// Paper.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Text and everything that must be seen.
pub const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
/// Text of the second rank.
pub const MUTED: RGBColor = RGBColor(0x5b, 0x66, 0x70);
/// Axis lines and outlines.
pub const AXIS: RGBColor = RGBColor(0x8a, 0x94, 0x9e);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe3, 0xe7, 0xea);
/// A cell in which nothing was measured.
pub const BLANK: RGBColor = RGBColor(0xf4, 0xf5, 0xf6);

/// Lines of the first of two series.
pub const FIRST_LINE: RGBColor = RGBColor(0x00, 0x5a, 0x8c);
/// Lines of the second of two series.
pub const SECOND_LINE: RGBColor = RGBColor(0xd5, 0x7a, 0x00);
/// Bars of the first of two series: dark.
pub const FIRST_FILL: RGBColor = RGBColor(0x2f, 0x7f, 0xb5);
/// Bars of the second of two series: light, so they are drawn with an edge.
pub const SECOND_FILL: RGBColor = RGBColor(0xf7, 0xd0, 0x86);
/// What was met: light.
pub const MET: RGBColor = RGBColor(0xc5, 0xdd, 0xed);
/// What was breached: dark.
pub const BREACHED: RGBColor = RGBColor(0x8c, 0x2d, 0x04);

/// Heat, from fewest breaches to most.
pub const HEAT: [RGBColor; 6] = [
    RGBColor(0xff, 0xf8, 0xe3),
    RGBColor(0xfe, 0xe6, 0xa6),
    RGBColor(0xfb, 0xc6, 0x5a),
    RGBColor(0xec, 0x93, 0x30),
    RGBColor(0xbd, 0x5a, 0x17),
    RGBColor(0x73, 0x2a, 0x08),
];

/// A kind of lettering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lettering {
    /// The height of a line, from ascender to descender, in logical pixels.
    pub line: u32,
    /// Whether it is bold.
    pub bold: bool,
    /// Its colour.
    pub color: RGBColor,
}

impl Lettering {
    const fn new(line: u32, bold: bool, color: RGBColor) -> Self {
        Lettering { line, bold, color }
    }

    /// The same lettering in another colour.
    pub fn in_color(self, color: RGBColor) -> Self {
        Lettering { color, ..self }
    }
}

/// The title of a chart.
pub const TITLE: Lettering = Lettering::new(28, true, INK);
/// The line below the title.
pub const SUBTITLE: Lettering = Lettering::new(18, false, MUTED);
/// The heading of a panel.
pub const HEADING: Lettering = Lettering::new(18, true, INK);
/// Names of categories.
pub const LABEL: Lettering = Lettering::new(16, false, INK);
/// A figure that is meant to be read.
pub const FIGURE: Lettering = Lettering::new(16, true, INK);
/// Axis figures, counts behind a figure, legends.
pub const SMALL: Lettering = Lettering::new(15, false, MUTED);

/// The black or white that is readable on a background.
pub fn readable_on(background: RGBColor) -> RGBColor {
    let RGBColor(red, green, blue) = background;
    let light = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if light > 140_000 { INK } else { PAPER }
}
