//! The texts of the tables' rows, each once for the whole workbook: a cell has only its number.
//!
//! They stand after the texts that `rust_xlsxwriter` wrote for the other cells, in the same part of
//! the package and in the same manner.

use super::{Error, markup};
use crate::records::{Name, Names};

/// The texts of all rows of all tables.
#[derive(Debug, Default)]
pub(super) struct Strings {
    names: Names,
    /// How many cells hold one of them.
    cells: usize,
}

impl Strings {
    /// The name of a text, new or known; none of an empty one, as spreadsheets have no such texts.
    pub(super) fn name(&mut self, text: &str) -> Option<Name> {
        (!text.is_empty()).then(|| self.names.intern(text))
    }

    /// Counts a cell that holds one of them.
    pub(super) fn count(&mut self) {
        self.cells += 1;
    }

    /// About how long they are as XML.
    pub(super) fn size(&self) -> usize {
        self.names.texts().bytes() + self.names.len() * "<si><t></t></si>".len()
    }

    /// The part of the texts, with these after its own.
    pub(super) fn put_in(&self, part: &str) -> Result<Vec<u8>, Error> {
        let tag = markup::tag(part, "sst")?;
        let (count, cells) = markup::number(part, &tag, "count")?;
        let (unique, own) = markup::number(part, &tag, "uniqueCount")?;
        let end = part.rfind("</sst>").ok_or(Error::Lacks("the end of its texts"))?;
        let mut out = Vec::with_capacity(part.len() + self.size() + self.size() / 8);
        let mut digits = itoa::Buffer::new();
        out.extend_from_slice(&part.as_bytes()[..count.start]);
        out.extend_from_slice(digits.format(cells + self.cells).as_bytes());
        out.extend_from_slice(&part.as_bytes()[count.end..unique.start]);
        out.extend_from_slice(digits.format(own + self.names.len()).as_bytes());
        out.extend_from_slice(&part.as_bytes()[unique.end..end]);
        self.names.texts().iter().for_each(|text| put(&mut out, text));
        out.extend_from_slice(&part.as_bytes()[end..]);
        Ok(out)
    }
}

/// How many texts a part has.
pub(super) fn own(part: &str) -> Result<usize, Error> {
    Ok(markup::number(part, &markup::tag(part, "sst")?, "uniqueCount")?.1)
}

/// A text as an entry of the part.
fn put(out: &mut Vec<u8>, text: &str) {
    // XML takes white space at either end for layout, unless it is told not to.
    let space = [' ', '\t', '\n'];
    let kept = text.starts_with(space) || text.ends_with(space);
    out.extend_from_slice(if kept { b"<si><t xml:space=\"preserve\">" } else { b"<si><t>" });
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let (instead, end): (&[u8], usize) = match byte {
            b'&' => (b"&amp;", at + 1),
            b'<' => (b"&lt;", at + 1),
            b'>' => (b"&gt;", at + 1),
            // XML would read it as a line feed.
            b'\r' => (b"_x000D_", at + 1),
            // What looks like such a character is none: its first letter is written as one.
            b'_' if is_escape(&bytes[at..]) => (b"_x005F", at),
            _ => continue,
        };
        out.extend_from_slice(&bytes[plain..at]);
        out.extend_from_slice(instead);
        plain = end;
    }
    out.extend_from_slice(&bytes[plain..]);
    out.extend_from_slice(b"</t></si>");
}

/// Whether spreadsheets would read the beginning as a character by its number: `_x0041_`.
fn is_escape(bytes: &[u8]) -> bool {
    let Some([b'_', b'x', digits @ .., b'_']) = bytes.get(..7) else { return false };
    digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        put(&mut out, text);
        let text = String::from_utf8(out).unwrap();
        text.strip_prefix("<si>").unwrap().strip_suffix("</si>").unwrap().to_owned()
    }

    #[test]
    fn a_text_is_written_so_that_it_is_read_as_it_was() {
        assert_eq!(written("a & b <c> \"d\" 'e'"), "<t>a &amp; b &lt;c&gt; \"d\" 'e'</t>");
        assert_eq!(written("é\u{1f600}"), "<t>é\u{1f600}</t>");
        assert_eq!(written(" a"), "<t xml:space=\"preserve\"> a</t>");
        assert_eq!(written("a\n"), "<t xml:space=\"preserve\">a\n</t>");
        assert_eq!(written("a\r"), "<t>a_x000D_</t>");
        assert_eq!(written("<r>a</r>"), "<t>&lt;r&gt;a&lt;/r&gt;</t>");
    }

    #[test]
    fn what_looks_like_a_character_by_its_number_stays_what_it_looks_like() {
        assert_eq!(written("_x0041_"), "<t>_x005F_x0041_</t>");
        assert_eq!(written("a_x00Af_x0041_b"), "<t>a_x005F_x00Af_x005F_x0041_b</t>");
        for text in ["_x041_", "_x00g1_", "_X0041_", "_x0041", "_xé123_", "__x", "_x0041é_", "_"] {
            assert_eq!(written(text), format!("<t>{text}</t>"));
        }
        assert_eq!(written("__x0041__"), "<t>__x005F_x0041__</t>");
    }

    #[test]
    fn texts_stand_after_those_that_are_there() {
        let mut strings = Strings::default();
        let names = ["b", "", "a", "b"].map(|text| strings.name(text).map(Name::index));
        assert_eq!(names, [Some(0), None, Some(1), Some(0)]);
        (0..3).for_each(|_| strings.count());
        let part = "<?xml?>\n<sst xmlns=\"x\" count=\"5\" uniqueCount=\"1\"><si><t>a</t></si></sst>";
        assert_eq!(own(part).unwrap(), 1);
        let all = "<si><t>a</t></si><si><t>b</t></si><si><t>a</t></si>";
        assert_eq!(
            String::from_utf8(strings.put_in(part).unwrap()).unwrap(),
            format!("<?xml?>\n<sst xmlns=\"x\" count=\"8\" uniqueCount=\"3\">{all}</sst>")
        );
        for part in ["", "<sst>", "<sst count=\"x\" uniqueCount=\"1\"></sst>"] {
            assert!(strings.put_in(part).is_err());
        }
    }
}
