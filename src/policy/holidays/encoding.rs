//! The text of a holiday file, whatever its encoding.
//!
//! A mark at its begin says UTF-8 or UTF-16 for sure. Without one it is UTF-8 if all of it is, else
//! Windows-1252, which holds all of Latin-1; dates are the same in both.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::BadLine;

/// The bytes of a file without its mark, those of UTF-16 as UTF-8.
pub(super) fn unmarked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, BadLine> {
    let bytes = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == UTF_8 => Cow::Borrowed(&bytes[mark..]),
        Some((encoding, mark)) => {
            let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
            if broken {
                let line = 1 + text.split('\u{FFFD}').next().unwrap_or_default().matches('\n').count();
                return Err((line, format!("it is no text in {}: save it as UTF-8", encoding.name())));
            }
            Cow::Owned(text.into_owned().into_bytes())
        }
        None => Cow::Borrowed(bytes),
    };
    match bytes.iter().position(|byte| *byte == 0) {
        Some(place) => {
            let line = 1 + bytes[..place].iter().filter(|byte| **byte == b'\n').count();
            Err((line, "it holds bytes that are no text: save it as UTF-8".to_owned()))
        }
        None => Ok(bytes),
    }
}

/// Bytes without a mark as text.
pub(super) fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| windows_1252(bytes), str::to_owned)
}

/// Bytes of Windows-1252 as text: every byte is some letter there.
pub(super) fn windows_1252(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}
