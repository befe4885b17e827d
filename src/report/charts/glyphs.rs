//! How wide each letter is and where its ink begins, read from the font that comes with the program.
//!
//! Plotters measures in whole pixels and drops the space before a letter's ink, which makes words
//! fall apart. These are the font's own figures; with them a PNG is set as a browser sets the SVG.

use std::sync::OnceLock;

/// A letter's figures, in ems.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Glyph {
    /// From where it stands to where the next one stands.
    pub advance: f64,
    /// From where it stands to where its ink begins.
    pub bearing: f64,
}

/// The figures of a font's letters.
struct Glyphs {
    /// By letter, ascending.
    letters: Vec<(u16, Glyph)>,
    /// The box that stands for a letter the font does not have.
    missing: Glyph,
}

/// The figures of a letter, in the regular or the bold font.
pub fn glyph(letter: char, bold: bool) -> Glyph {
    static REGULAR: OnceLock<Glyphs> = OnceLock::new();
    static BOLD: OnceLock<Glyphs> = OnceLock::new();
    let glyphs = if bold {
        BOLD.get_or_init(|| read_or_guess(notosans::BOLD_TTF))
    } else {
        REGULAR.get_or_init(|| read_or_guess(notosans::REGULAR_TTF))
    };
    let code = u16::try_from(u32::from(letter)).unwrap_or(u16::MAX);
    let found = glyphs.letters.binary_search_by_key(&code, |(letter, _)| *letter);
    found.ok().and_then(|index| glyphs.letters.get(index)).map_or(glyphs.missing, |(_, glyph)| *glyph)
}

/// The figures of a font; of one that cannot be read (which a test rules out) those of a wide letter.
fn read_or_guess(font: &[u8]) -> Glyphs {
    let missing = Glyph { advance: 0.6, bearing: 0.0 };
    read(Bytes(font)).unwrap_or(Glyphs { letters: Vec::new(), missing })
}

/// A TrueType file or a part of it; numbers are big-endian.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn from(self, offset: usize) -> Option<Self> {
        self.0.get(offset..).map(Bytes)
    }

    fn u16(self, offset: usize) -> Option<u16> {
        let bytes = self.0.get(offset..offset.checked_add(2)?)?;
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }

    fn i16(self, offset: usize) -> Option<i16> {
        self.u16(offset).map(u16::cast_signed)
    }

    fn u32(self, offset: usize) -> Option<usize> {
        let bytes = self.0.get(offset..offset.checked_add(4)?)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    }

    fn table(self, tag: &[u8; 4]) -> Option<Bytes<'a>> {
        let records = (0..usize::from(self.u16(4)?)).map(|index| 12 + 16 * index);
        let mut ours = records.filter(|record| self.0.get(*record..record + 4) == Some(tag));
        self.from(self.u32(ours.next()? + 8)?)
    }
}

fn read(font: Bytes) -> Option<Glyphs> {
    let em = f64::from(font.table(b"head")?.u16(18)?);
    let widths = usize::from(font.table(b"hhea")?.u16(34)?);
    let metrics = font.table(b"hmtx")?;
    let figures = |glyph: usize| {
        // Glyphs after the last width have that width, and only a bearing of their own.
        let last = widths.checked_sub(1)?;
        let advance = metrics.u16(4 * glyph.min(last))?;
        let bearing = if glyph < widths { 4 * glyph + 2 } else { 4 * widths + 2 * (glyph - widths) };
        Some(Glyph { advance: f64::from(advance) / em, bearing: f64::from(metrics.i16(bearing)?) / em })
    };
    let indices = glyph_indices(font.table(b"cmap")?)?;
    let letters = indices.into_iter().filter_map(|(letter, glyph)| Some((letter, figures(glyph)?))).collect();
    Some(Glyphs { letters, missing: figures(0)? })
}

/// The glyph of each letter up to U+FFFE, from the font's map of segments ("format 4").
fn glyph_indices(cmap: Bytes) -> Option<Vec<(u16, usize)>> {
    let mut maps = (0..usize::from(cmap.u16(2)?)).filter_map(|index| cmap.from(cmap.u32(4 + 8 * index + 4)?));
    let map = maps.find(|map| map.u16(0) == Some(4))?;
    let twice = usize::from(map.u16(6)?);
    let mut indices = Vec::new();
    for segment in (0..twice).step_by(2) {
        let last = map.u16(14 + segment)?;
        let first = map.u16(16 + twice + segment)?;
        let delta = map.u16(16 + 2 * twice + segment)?;
        let range_at = 16 + 3 * twice + segment;
        let range = usize::from(map.u16(range_at)?);
        for letter in (first..=last).filter(|letter| *letter != u16::MAX) {
            let index = match range {
                0 => letter.wrapping_add(delta),
                _ => match map.u16(range_at + range + 2 * usize::from(letter - first))? {
                    0 => 0,
                    index => index.wrapping_add(delta),
                },
            };
            indices.push((letter, usize::from(index)));
        }
    }
    Some(indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_are_read_and_know_latin_greek_and_cyrillic() {
        for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
            let glyphs = read(Bytes(font)).unwrap();
            assert!(glyphs.letters.is_sorted_by_key(|(letter, _)| *letter));
            for letter in "Az09é–…≥ΩЖя".chars() {
                assert!(
                    glyphs.letters.iter().any(|(known, _)| char::from_u32((*known).into()) == Some(letter))
                );
            }
        }
    }

    #[test]
    fn a_letter_has_the_figures_that_the_font_gives_it() {
        assert_eq!(glyph('0', false), Glyph { advance: 1171.0 / 2048.0, bearing: 100.0 / 2048.0 });
        assert!(glyph('W', false).advance > 2.0 * glyph('i', false).advance);
        assert!(glyph('i', true).advance > glyph('i', false).advance);
        assert!(glyph('漢', false).advance > 0.0);
    }

    #[test]
    fn what_is_no_font_is_not_read() {
        for length in [0, 3, 12, 100, 5000] {
            assert!(read(Bytes(&notosans::REGULAR_TTF[..length])).is_none());
        }
    }
}
