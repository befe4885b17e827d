//! The pages of texts, made from their codes: a text is looked at when it first comes.

use parquet::basic::Encoding;
use rustc_hash::FxHashMap;

use super::bounds::Bounds;
use super::chunk::{Dictionary, PageValues};
use super::column::{PAGE_BYTES, Values};
use super::numbers::put_places;
use crate::records::Text;

/// Longer texts are not written out where bounds are said.
const BOUND_BYTES: usize = 64;

/// Whether these are bounds that are not written out.
fn are_long(bounds: Option<Bounds<&str>>) -> bool {
    bounds.is_some_and(|bounds| bounds.least.len().max(bounds.greatest.len()) > BOUND_BYTES)
}

/// Texts that are many, as they are.
#[derive(Debug)]
pub(super) struct PlainTexts<'a> {
    texts: &'a Text,
    bytes: Vec<u8>,
    text_bytes: usize,
    /// The last text of the page, and its code: often the next one is the same.
    last: Option<(u32, &'a str)>,
    bounds: Option<Bounds<&'a str>>,
    is_unusual: bool,
}

impl<'a> PlainTexts<'a> {
    pub(super) fn of(texts: &'a Text) -> PlainTexts<'a> {
        PlainTexts { texts, bytes: Vec::new(), text_bytes: 0, last: None, bounds: None, is_unusual: false }
    }

    /// The text of a code; `None` where it stands for no text.
    fn text(&mut self, code: u32) -> Option<&'a str> {
        if let Some((last, text)) = self.last
            && last == code
        {
            return Some(text);
        }
        let text = ((code as usize) < self.texts.len()).then(|| self.texts.get(code as usize))?;
        Bounds::widen(&mut self.bounds, text);
        self.last = Some((code, text));
        Some(text)
    }
}

impl<'a> Values<u32> for PlainTexts<'a> {
    type Bound = &'a str;

    const ENCODING: Encoding = Encoding::PLAIN;

    fn put(&mut self, codes: impl Iterator<Item = u32>) {
        codes.for_each(|code| self.put_run(code, 1));
    }

    fn put_run(&mut self, code: u32, length: usize) {
        let Some(text) = self.text(code) else {
            self.is_unusual = true;
            return;
        };
        (0..length).for_each(|_| put_text(text, &mut self.bytes));
        self.text_bytes += text.len() * length;
    }

    fn page_bytes(&self) -> usize {
        self.bytes.len()
    }

    fn is_unusual(&self) -> bool {
        self.is_unusual
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<&'a str> {
        to.append(&mut self.bytes);
        self.last = None;
        self.is_unusual |= are_long(self.bounds);
        let text_bytes = Some(std::mem::take(&mut self.text_bytes) as i64);
        PageValues { bounds: self.bounds.take(), text_bytes }
    }

    fn dictionary(self) -> Option<Dictionary> {
        None
    }
}

/// What is known of a code.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The place of its text in the dictionary.
    place: u32,
    /// How long that is.
    length: u32,
    /// The page that it last came in, from 1; 0 while it has not come.
    page: u32,
}

/// Texts that are few, by their places in a dictionary.
#[derive(Debug)]
pub(super) struct CodedTexts<'a> {
    texts: &'a Text,
    seen: Vec<Seen>,
    dictionary: Vec<u8>,
    /// The places of texts in the dictionary, as two codes may stand for one text.
    known: FxHashMap<&'a str, u32>,
    page: u32,
    /// The places of the values of the page.
    places: Vec<u32>,
    text_bytes: usize,
    /// The last code of the page: often the next one is the same.
    last: Option<(u32, Seen)>,
    bounds: Option<Bounds<&'a str>>,
    is_unusual: bool,
}

impl<'a> CodedTexts<'a> {
    pub(super) fn of(texts: &'a Text) -> CodedTexts<'a> {
        CodedTexts {
            texts,
            seen: vec![Seen { place: 0, length: 0, page: 0 }; texts.len()],
            dictionary: Vec::new(),
            known: FxHashMap::default(),
            page: 1,
            places: Vec::new(),
            text_bytes: 0,
            last: None,
            bounds: None,
            is_unusual: false,
        }
    }

    /// What is known of a code by now; `None` where it stands for no text.
    #[inline]
    fn look_up(&mut self, code: u32) -> Option<Seen> {
        if let Some((last, seen)) = self.last
            && last == code
        {
            return Some(seen);
        }
        let seen = *self.seen.get(code as usize)?;
        let seen = if seen.page == self.page { seen } else { self.look_at(code, seen) };
        self.last = Some((code, seen));
        Some(seen)
    }

    /// What is known of a code when it first comes in a page.
    #[inline(never)]
    fn look_at(&mut self, code: u32, mut seen: Seen) -> Seen {
        let text = self.texts.get(code as usize);
        if seen.page == 0 {
            let next = self.known.len() as u32;
            seen.place = *self.known.entry(text).or_insert_with(|| {
                put_text(text, &mut self.dictionary);
                next
            });
            seen.length = text.len() as u32;
        }
        seen.page = self.page;
        self.seen[code as usize] = seen;
        Bounds::widen(&mut self.bounds, text);
        seen
    }
}

impl<'a> Values<u32> for CodedTexts<'a> {
    type Bound = &'a str;

    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn put(&mut self, codes: impl Iterator<Item = u32>) {
        for code in codes {
            let Some(seen) = self.look_up(code) else {
                self.is_unusual = true;
                return;
            };
            self.places.push(seen.place);
            self.text_bytes += seen.length as usize;
        }
    }

    fn put_run(&mut self, code: u32, length: usize) {
        let Some(seen) = self.look_up(code) else {
            self.is_unusual = true;
            return;
        };
        self.places.extend(std::iter::repeat_n(seen.place, length));
        self.text_bytes += seen.length as usize * length;
    }

    fn is_unusual(&self) -> bool {
        self.is_unusual || self.dictionary.len() >= PAGE_BYTES
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<&'a str> {
        put_places(&mut self.places, self.known.len(), to);
        self.last = None;
        self.page += 1;
        self.is_unusual |= are_long(self.bounds);
        let text_bytes = Some(std::mem::take(&mut self.text_bytes) as i64);
        PageValues { bounds: self.bounds.take(), text_bytes }
    }

    fn dictionary(self) -> Option<Dictionary> {
        Some(Dictionary { bytes: self.dictionary, count: self.known.len() })
    }
}

/// Adds a text, its length before it.
fn put_text(text: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(&(text.len() as u32).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
}
