//! In which encoding a file's text is, and its bytes as UTF-8.
//!
//! A byte order mark says it for sure, then the profile. Else the first bytes tell: UTF-16 by its
//! zeros, UTF-8 by its sequences of bytes, and what is neither is taken for Windows-1252, which
//! holds all of Latin-1. What is no text in its encoding becomes a byte that UTF-8 never has, so
//! that the row it stands in is rejected.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding(&'static encoding_rs::Encoding);

/// A byte that stands nowhere in UTF-8.
const NO_TEXT: u8 = 0xFF;

impl Encoding {
    /// The encoding of a name such as `utf-8`, `utf-16le`, `windows-1252` or `latin1`.
    pub(super) fn named(name: &str) -> Option<Encoding> {
        encoding_rs::Encoding::for_label(name.as_bytes()).map(Encoding)
    }

    /// Its usual name.
    pub(super) fn name(self) -> &'static str {
        self.0.name()
    }

    /// The encoding of a file that begins with these bytes, and of which a profile may say one; and
    /// whether neither a mark nor the profile says so.
    pub(super) fn of(head: &[u8], declared: Option<Encoding>) -> (Encoding, bool) {
        if let Some((marked, _)) = encoding_rs::Encoding::for_bom(head) {
            return (Encoding(marked), false);
        }
        declared.map_or_else(|| (Encoding(likeliest(head)), true), |declared| (declared, false))
    }

    /// Whether its bytes are UTF-8 as they stand.
    pub(super) fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }
}

fn likeliest(head: &[u8]) -> &'static encoding_rs::Encoding {
    // Half the bytes of most texts in UTF-16 are zero; other texts have none.
    let head = &head[..head.len().min(1 << 16)];
    let zeros = |text: &[u8], odd: usize| text.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(head, 0), zeros(head, 1));
    // Those of a damaged text are not in its header.
    let header = &head[..head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len())];
    match head.len() / 5 {
        many if even > many && even > 4 * odd && zeros(header, 0) > 0 => UTF_16BE,
        many if odd > many && odd > 4 * even && zeros(header, 1) > 0 => UTF_16LE,
        _ if is_likely_utf8(head) => UTF_8,
        _ => WINDOWS_1252,
    }
}

/// Whether what is no UTF-8 in a text is damage rather than another encoding: there is less of it
/// than of what is UTF-8 and could hardly be anything else, or it stands in no header and in hardly
/// any line. A row that is rejected by mistake is told; one that is misread by mistake is not.
fn is_likely_utf8(head: &[u8]) -> bool {
    let (mut several, mut broken) = (0_usize, 0_usize);
    for chunk in head.utf8_chunks() {
        several += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        // The last sequence may only be cut.
        let ends = chunk.invalid().as_ptr_range().end == head.as_ptr_range().end;
        broken += usize::from(!chunk.invalid().is_empty() && !ends);
    }
    if several >= broken {
        return true;
    }
    let mut lines = head.split(|byte| *byte == b'\n');
    if lines.next().is_some_and(|header| std::str::from_utf8(header).is_err()) {
        return false;
    }
    let (mut all, mut other) = (0_usize, 0_usize);
    for line in lines {
        all += 1;
        other += usize::from(std::str::from_utf8(line).is_err());
    }
    other < FEWEST_LINES || other * LEAST_SHARE < all
}

/// In how many lines there is something that is no UTF-8, at least, in a text of another encoding.
const FEWEST_LINES: usize = 2;

/// One in how many lines that is at least.
const LEAST_SHARE: usize = 50;

/// Bytes of an encoding on their way to UTF-8.
pub(super) struct Decoded {
    decoder: Decoder,
    /// Bytes that are read and not yet decoded, from `at` on.
    raw: Vec<u8>,
    at: usize,
    ended: bool,
    /// Bytes that are decoded and not yet handed out, from `given` on.
    ready: Vec<u8>,
    given: usize,
}

impl Decoded {
    /// Decodes what begins with these bytes, which were read already.
    pub(super) fn beginning_with(raw: Vec<u8>, encoding: Encoding) -> Decoded {
        let decoder = encoding.0.new_decoder_with_bom_removal();
        Decoded { decoder, raw, at: 0, ended: false, ready: Vec::new(), given: 0 }
    }

    /// Reads decoded bytes, of which the raw ones come from `source`.
    pub(super) fn read_from(&mut self, source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.at == self.raw.len() && !self.ended {
                self.raw.resize(1 << 16, 0);
                self.at = 0;
                let count = source.read(&mut self.raw);
                self.raw.truncate(*count.as_ref().unwrap_or(&0));
                self.ended = count? == 0;
            }
            self.decode();
            if self.ended && self.given == self.ready.len() {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }

    fn decode(&mut self) {
        self.ready.resize(1 << 16, 0);
        self.given = 0;
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[self.at..],
            &mut self.ready,
            self.ended,
        );
        self.at += read;
        self.ready.truncate(written);
        if let DecoderResult::Malformed(..) = result {
            self.ready.push(NO_TEXT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], declared: Option<&str>) -> (String, Vec<u8>) {
        let (encoding, _) = Encoding::of(bytes, declared.and_then(Encoding::named));
        let mut decoded = Decoded::beginning_with(bytes[..bytes.len().min(3)].to_vec(), encoding);
        let (mut rest, mut all) = (bytes.get(3..).unwrap_or_default(), Vec::new());
        let mut buffer = [0; 5];
        loop {
            match decoded.read_from(&mut rest, &mut buffer).unwrap() {
                0 => return (encoding.name().to_owned(), all),
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn the_first_bytes_tell_the_encoding() {
        let text = "id,naïve\n1,Zoë\n";
        let latin: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
        let marked = [b"\xFF\xFE".to_vec(), utf16(text, u16::to_le_bytes)].concat();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (latin, "windows-1252"),
            (marked, "UTF-16LE"),
            (utf16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(text, u16::to_be_bytes), "UTF-16BE"),
        ] {
            assert_eq!(decoded(&bytes, None), (name.to_owned(), text.as_bytes().to_vec()));
        }
        assert_eq!(decoded(b"\x80", Some("windows-1252")).1, "€".as_bytes());
    }

    #[test]
    fn a_damaged_byte_does_not_make_another_encoding_of_a_file() {
        assert_eq!(decoded("é,è\nx\u{FFFD}".as_bytes(), None).0, "UTF-8");
        assert_eq!(decoded(b"\xC3\xA9,\xC3\xA8,\xE9\n", None).0, "UTF-8");
        // One line is damage, and so are a few among many; a header is damaged hardly ever.
        assert_eq!(decoded(b"a,b\n1,\xE9\n", None).0, "UTF-8");
        assert_eq!(decoded(b"a,b\n1,\xE9\n2,\xE9\n", None).0, "windows-1252");
        let many = [b"a\n".to_vec(), b"e\n".repeat(100), b"\xE9\n".repeat(2)].concat();
        assert_eq!(decoded(&many, None).0, "UTF-8");
        assert_eq!(decoded(b"a,\xE9\n", None).0, "windows-1252");
        // A sequence cut by the end of what is looked at.
        assert_eq!(decoded(b"a\xC3", None).0, "UTF-8");
    }

    #[test]
    fn a_text_full_of_zeros_is_not_utf16_if_its_header_has_none() {
        let zeros = [b"id,text\n1,".to_vec(), b"\x80\0".repeat(50)].concat();
        assert_ne!(Encoding::of(&zeros, None).0.name(), "UTF-16LE");
    }

    #[test]
    fn half_a_pair_of_utf16_is_no_text() {
        let mut bytes = utf16("a", u16::to_le_bytes);
        bytes.extend(0xD800_u16.to_le_bytes());
        bytes.extend(utf16("b", u16::to_le_bytes));
        bytes.push(b'x');
        assert_eq!(decoded(&bytes, Some("utf-16le")).1, [b'a', NO_TEXT, b'b', NO_TEXT]);
    }
}
