//! The charts on dark paper: a stylesheet that gives every colour of the theme another.
//!
//! A page that holds the SVGs themselves lays this over them. What is light on paper is dark here
//! and the other way round, but for one order that is kept: more breaches stand out more. So heat
//! grows lighter where it grew darker, and the text on it turns around by itself: ink, which was
//! dark on light cells, is light on dark ones, and paper, which was light on dark cells, is dark on
//! light ones.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use super::theme::{
    AXIS, BLANK, BREACHED, FIRST_FILL, FIRST_LINE, GRID, HEAT, INK, MET, MUTED, PAPER, SECOND_FILL,
    SECOND_LINE,
};

/// Every colour of the theme but heat, and what it is on dark paper.
const COLORS: [(RGBColor, RGBColor); 12] = [
    (PAPER, RGBColor(0x15, 0x19, 0x1e)),
    (INK, RGBColor(0xe6, 0xe9, 0xec)),
    (MUTED, RGBColor(0xa8, 0xb2, 0xbb)),
    (AXIS, RGBColor(0x7d, 0x88, 0x92)),
    (GRID, RGBColor(0x2c, 0x33, 0x3a)),
    (BLANK, RGBColor(0x1e, 0x23, 0x29)),
    (FIRST_LINE, RGBColor(0x6c, 0xb8, 0xe6)),
    (SECOND_LINE, RGBColor(0xf0, 0xa0, 0x40)),
    (FIRST_FILL, RGBColor(0x4a, 0x9b, 0xd1)),
    (SECOND_FILL, RGBColor(0x6b, 0x4d, 0x1c)),
    (MET, RGBColor(0x2b, 0x46, 0x5a)),
    (BREACHED, RGBColor(0xf0, 0x86, 0x4a)),
];

/// Heat on dark paper, from fewest breaches to most: darkest to lightest.
const DARK_HEAT: [RGBColor; HEAT.len()] = [
    RGBColor(0x2a, 0x24, 0x1c),
    RGBColor(0x4a, 0x34, 0x16),
    RGBColor(0x6b, 0x43, 0x12),
    RGBColor(0x8f, 0x52, 0x12),
    RGBColor(0xe0, 0x8a, 0x33),
    RGBColor(0xff, 0xd4, 0x80),
];

/// Each colour and what it is on dark paper.
fn pairs() -> impl Iterator<Item = (RGBColor, RGBColor)> {
    COLORS.into_iter().chain(HEAT.into_iter().zip(DARK_HEAT))
}

/// The rules that draw the SVG charts within an element of class `chart` on dark paper, for a page
/// to put where it is dark: in a media query, or below a class.
pub fn dark_css() -> String {
    let mut css = String::new();
    for (RGBColor(red, green, blue), RGBColor(dark_red, dark_green, dark_blue)) in pairs() {
        for property in ["fill", "stroke"] {
            // Attributes are compared letter by letter: capitals, as plotters writes them.
            // Writing to a String does not fail.
            let _ = writeln!(
                css,
                ".chart [{property}=\"#{red:02X}{green:02X}{blue:02X}\"] \
                 {{ {property}: #{dark_red:02x}{dark_green:02x}{dark_blue:02x}; }}",
            );
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use super::super::theme::readable_on;
    use super::*;

    /// The relative luminance of WCAG 2.
    fn luminance(RGBColor(red, green, blue): RGBColor) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    fn dark(color: RGBColor) -> RGBColor {
        pairs().find(|(light, _)| *light == color).map(|(_, dark)| dark).unwrap()
    }

    #[test]
    fn a_colour_has_one_meaning_on_dark_paper() {
        let mut colors: Vec<_> = pairs().map(|(RGBColor(red, green, blue), _)| (red, green, blue)).collect();
        let all = colors.len();
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), all);
    }

    #[test]
    fn text_is_readable_on_dark_paper() {
        for (text, behind) in [(INK, PAPER), (MUTED, PAPER), (MUTED, BLANK), (INK, BLANK)] {
            let contrast = contrast(dark(text), dark(behind));
            assert!(contrast >= 4.5, "{text:?} on {behind:?}: {contrast:.2}");
        }
    }

    #[test]
    fn text_on_heat_is_readable_on_dark_paper() {
        for heat in HEAT {
            let contrast = contrast(dark(readable_on(heat)), dark(heat));
            assert!(contrast >= 4.5, "{heat:?}: {contrast:.2}");
        }
    }

    #[test]
    fn more_breaches_stand_out_more_from_dark_paper() {
        let salience = HEAT.map(|heat| contrast(dark(heat), dark(PAPER)));
        assert!(salience.is_sorted_by(|less, more| less * 1.2 < *more), "{salience:?}");
        assert!(contrast(dark(BREACHED), dark(PAPER)) > 2.0 * contrast(dark(MET), dark(PAPER)));
    }

    #[test]
    fn lines_and_marks_are_seen_on_dark_paper() {
        for line in [INK, AXIS, FIRST_LINE, SECOND_LINE, FIRST_FILL, BREACHED] {
            let contrast = contrast(dark(line), dark(PAPER));
            assert!(contrast >= 3.0, "{line:?}: {contrast:.2}");
        }
        assert!(contrast(dark(GRID), dark(PAPER)) > 1.2);
        assert!(contrast(dark(FIRST_FILL), dark(SECOND_FILL)) > 2.0);
    }
}
