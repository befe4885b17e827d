//! Measuring text, and making it fit: the font, widths, shortening and wrapping.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};

use super::ChartError;
use super::glyphs::glyph;
use super::theme::Lettering;

/// The family under which the font is known, to plotters and in the SVG.
pub const FAMILY: &str = "Noto Sans";

/// Noto Sans' line height and capital height, in ems: what lies between plotters' idea of a font's
/// size (the line) and that of SVG (the em).
const LINE_IN_EMS: f64 = 1.362;
const CAPITAL_IN_EMS: f64 = 0.714;

/// Makes the font that comes with the program known to plotters; the system's fonts are never read.
pub fn load_font() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let loaded = *LOADED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, notosans::REGULAR_TTF).is_ok()
            && register_font(FAMILY, FontStyle::Bold, notosans::BOLD_TTF).is_ok()
    });
    if loaded { Ok(()) } else { Err(ChartError::Font) }
}

impl Lettering {
    /// The font's em, in logical pixels.
    pub fn em(self) -> f64 {
        f64::from(self.line) / LINE_IN_EMS
    }

    /// The height of a capital or a digit, in logical pixels.
    pub fn capital(self) -> f64 {
        self.em() * CAPITAL_IN_EMS
    }

    /// Plotters' name for the weight.
    pub fn weight(self) -> FontStyle {
        if self.bold { FontStyle::Bold } else { FontStyle::Normal }
    }

    /// How wide the text is, in logical pixels; rather too wide than too narrow.
    pub fn width(self, text: &str) -> f64 {
        let ems = |letter| {
            // The font has no such letters: a browser takes them from another one, in full width.
            let full = if is_one_of(letter, &FULL_WIDTH) { 1.1 } else { 0.0 };
            glyph(letter, self.bold).advance.max(full)
        };
        text.chars().map(ems).sum::<f64>() * self.em()
    }

    /// The text, or as much of it as fits with an ellipsis.
    pub fn shorten(self, text: &str, width: f64) -> String {
        let text = printable(text);
        // A name of a megabyte must not cost a megabyte's measuring, some twelve times over.
        let longest = (width.max(0.0) / 2.0) as usize + 1;
        let stops: Vec<usize> = text.char_indices().map(|(at, _)| at).take(longest).collect();
        if stops.len() < longest && self.width(&text) <= width {
            return text;
        }
        let cut = |stop: usize| format!("{}…", text.get(..stop).unwrap_or_default().trim_end());
        let fitting = stops.partition_point(|&stop| self.width(&cut(stop)) <= width);
        let mut last = fitting.saturating_sub(1);
        // An accent of its own stays with its letter.
        let parts_accent = |stop: &usize| {
            text.get(*stop..).is_some_and(|rest| rest.starts_with(|letter| is_one_of(letter, &COMBINING)))
        };
        while last > 0 && stops.get(last).is_some_and(parts_accent) {
            last -= 1;
        }
        cut(stops.get(last).copied().unwrap_or(0))
    }

    /// The pieces, joined by the separator and laid out in lines; what fits in no line is shortened.
    pub fn wrap<'a>(
        self,
        pieces: impl IntoIterator<Item = &'a str>,
        separator: &str,
        width: f64,
    ) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for piece in pieces {
            let piece = self.shorten(piece, width);
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line}{separator}{piece}")) <= width => {
                    line.push_str(separator);
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
        lines
    }
}

/// Letters that are not seen or turn the line around: zero-width spaces, marks of direction.
const UNSEEN: [RangeInclusive<char>; 6] = [
    '\u{61c}'..='\u{61c}',
    '\u{200b}'..='\u{200b}',
    '\u{200e}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];
/// Accents that belong to the letter before them.
const COMBINING: [RangeInclusive<char>; 4] =
    ['\u{300}'..='\u{36f}', '\u{1ab0}'..='\u{1aff}', '\u{1dc0}'..='\u{1dff}', '\u{20d0}'..='\u{20ff}'];
/// Letters as wide as they are high: East Asian ones and pictures.
const FULL_WIDTH: [RangeInclusive<char>; 7] = [
    '\u{1100}'..='\u{115f}',
    '\u{2e80}'..='\u{a4cf}',
    '\u{ac00}'..='\u{d7a3}',
    '\u{f900}'..='\u{faff}',
    '\u{fe30}'..='\u{fe6f}',
    '\u{ff00}'..='\u{ff60}',
    '\u{1f000}'..='\u{3fffd}',
];

fn is_one_of(letter: char, ranges: &[RangeInclusive<char>]) -> bool {
    ranges.iter().any(|range| range.contains(&letter))
}

/// Spaces that a language puts between the parts of a figure; the font has them.
const WITHIN_FIGURES: [RangeInclusive<char>; 2] = ['\u{a0}'..='\u{a0}', '\u{202f}'..='\u{202f}'];

/// The text without what would not be seen, would break the XML, or would turn the line around.
pub fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !is_one_of(*letter, &UNSEEN))
        .map(|letter| match letter {
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            letter if is_one_of(letter, &WITHIN_FIGURES) => letter,
            letter if letter.is_control() || letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::theme::{LABEL, TITLE};
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone() {
        load_font().unwrap();
        assert_eq!(LABEL.shorten("ACME", 200.0), "ACME");
        assert_eq!(LABEL.shorten("", 200.0), "");
    }

    #[test]
    fn a_shortened_text_ends_in_an_ellipsis_and_fits() {
        load_font().unwrap();
        for name in ["Very long name of a customer ".repeat(10), "Ж".repeat(300), "漢".repeat(300)] {
            for width in [0.0, 5.0, 40.0, 180.0] {
                let short = LABEL.shorten(&name, width);
                assert!(short.ends_with('…'), "{short}");
                assert!(short == "…" || LABEL.width(&short) <= width, "{short}");
            }
        }
    }

    #[test]
    fn an_accent_is_not_parted_from_its_letter() {
        load_font().unwrap();
        for width in 20..120 {
            let short = LABEL.shorten(&"e\u{301}".repeat(40), f64::from(width));
            assert!(short == "…" || short.ends_with("e\u{301}…"), "{short:?}");
        }
    }

    #[test]
    fn characters_that_break_xml_or_turn_the_line_are_taken_out() {
        assert_eq!(printable("a\u{0}b\tc\u{202e}d\u{ffff}"), "a b cd\u{fffd}");
    }

    #[test]
    fn the_spaces_within_figures_stay_and_are_as_wide_as_the_font_has_them() {
        assert_eq!(printable("97,3\u{202f}% 1\u{a0}h"), "97,3\u{202f}% 1\u{a0}h");
        for bold in [false, true] {
            assert_eq!(glyph('\u{a0}', bold), glyph(' ', bold));
            assert_eq!(glyph('\u{202f}', bold).advance, 410.0 / 2048.0);
        }
    }

    #[test]
    fn pieces_are_wrapped_between_and_never_within() {
        load_font().unwrap();
        assert_eq!(TITLE.wrap(["one", "two"], " · ", 500.0), ["one · two"]);
        assert_eq!(TITLE.wrap(["one", "two"], " · ", 60.0), ["one", "two"]);
    }
}
