//! The pages of texts, made from their codes: a text is looked at when it first comes.

use parquet::basic::Encoding;
use rustc_hash::FxHashMap;

use super::bounds::Bounds;
use super::chunk::{Dictionary, PageValues};
use super::column::{PAGE_BYTES, Values};
use super::deltas;
use super::numbers::put_places;
use crate::records::Text;

/// Longer texts are not written out where bounds are said.
const BOUND_BYTES: usize = 64;

/// Texts of fewer bytes than this never fill a page, whatever their lengths take beside them.
const REST_BYTES: usize = PAGE_BYTES / 4 * 3;

/// How many bits the lengths of texts have.
const LENGTH_BITS: usize = 32;

/// Whether these are bounds that are not written out.
fn are_long(bounds: Option<Bounds<&str>>) -> bool {
    bounds.is_some_and(|bounds| bounds.least.len().max(bounds.greatest.len()) > BOUND_BYTES)
}

/// Texts that are many, each by how much of the one before it begins with, and the rest.
#[derive(Debug)]
pub(super) struct PlainTexts<'a> {
    texts: &'a Text,
    /// Of each text of the page, how many bytes it begins with are those of the one before it.
    alike: Vec<i64>,
    /// How many follow them.
    further: Vec<i64>,
    /// Those that follow.
    rests: Vec<u8>,
    text_bytes: usize,
    /// The last text of the page, and its code: often the next one is the same.
    last: Option<(u32, &'a str)>,
    bounds: Option<Bounds<&'a str>>,
    is_unusual: bool,
}

impl<'a> PlainTexts<'a> {
    pub(super) fn of(texts: &'a Text) -> PlainTexts<'a> {
        PlainTexts {
            texts,
            alike: Vec::new(),
            further: Vec::new(),
            rests: Vec::new(),
            text_bytes: 0,
            last: None,
            bounds: None,
            is_unusual: false,
        }
    }
}

impl<'a> Values<u32> for PlainTexts<'a> {
    type Bound = &'a str;
    const ENCODING: Encoding = Encoding::DELTA_BYTE_ARRAY;

    fn put(&mut self, codes: impl Iterator<Item = u32>) {
        codes.for_each(|code| self.put_run(code, 1));
    }

    fn put_run(&mut self, code: u32, length: usize) {
        let (mut length, mut same) = (length, self.last.filter(|(last, _)| *last == code));
        if same.is_none() && length > 0 {
            if code as usize >= self.texts.len() {
                self.is_unusual = true;
                return;
            }
            let text = self.texts.get(code as usize);
            let alike = self.last.map_or(0, |(_, last)| alike(last.as_bytes(), text.as_bytes()));
            self.alike.push(alike as i64);
            self.further.push((text.len() - alike) as i64);
            self.rests.extend_from_slice(&text.as_bytes()[alike..]);
            self.text_bytes += text.len();
            Bounds::widen(&mut self.bounds, text);
            self.last = Some((code, text));
            (length, same) = (length - 1, self.last);
        }
        if let Some((_, text)) = same {
            self.alike.extend(std::iter::repeat_n(text.len() as i64, length));
            self.further.extend(std::iter::repeat_n(0, length));
            self.text_bytes += text.len() * length;
        }
    }

    fn is_unusual(&self) -> bool {
        self.is_unusual
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<&'a str> {
        deltas::put::<LENGTH_BITS>(&self.alike, to);
        deltas::put::<LENGTH_BITS>(&self.further, to);
        // Whether a page is full by its bytes, lengths and all, only Arrow's way knows to say.
        self.is_unusual |= self.rests.len() >= REST_BYTES || are_long(self.bounds);
        to.append(&mut self.rests);
        self.alike.clear();
        self.further.clear();
        self.last = None;
        let text_bytes = Some(std::mem::take(&mut self.text_bytes) as i64);
        PageValues { bounds: self.bounds.take(), text_bytes }
    }

    fn dictionary(self) -> Option<Dictionary> {
        None
    }
}

/// How many bytes two texts begin with alike.
fn alike(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
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
    dictionary: Numbered<'a>,
    /// The places of the values of the page.
    places: Vec<u32>,
    text_bytes: usize,
    is_unusual: bool,
}

/// A dictionary in the making.
#[derive(Debug)]
struct Numbered<'a> {
    texts: &'a Text,
    seen: Vec<Seen>,
    bytes: Vec<u8>,
    /// The places of texts in the dictionary, as two codes may stand for one text.
    known: FxHashMap<&'a str, u32>,
    page: u32,
    /// The last code of the page: often the next one is the same.
    last: Option<(u32, Seen)>,
    /// The bounds of the page.
    bounds: Option<Bounds<&'a str>>,
}

impl<'a> CodedTexts<'a> {
    pub(super) fn of(texts: &'a Text) -> CodedTexts<'a> {
        let dictionary = Numbered {
            texts,
            seen: vec![Seen { place: 0, length: 0, page: 0 }; texts.len()],
            bytes: Vec::new(),
            known: FxHashMap::default(),
            page: 1,
            last: None,
            bounds: None,
        };
        CodedTexts { dictionary, places: Vec::new(), text_bytes: 0, is_unusual: false }
    }
}

impl<'a> Numbered<'a> {
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
                put_text(text, &mut self.bytes);
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

/// How many places are written at once, whether they are as many or not: a ticket mostly has no
/// more rows.
const AT_ONCE: usize = 8;

impl<'a> Values<u32> for CodedTexts<'a> {
    type Bound = &'a str;
    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn put(&mut self, codes: impl Iterator<Item = u32>) {
        let CodedTexts { dictionary, places, text_bytes, is_unusual } = self;
        places.extend(codes.map(|code| match dictionary.look_up(code) {
            Some(seen) => {
                *text_bytes += seen.length as usize;
                seen.place
            }
            None => {
                *is_unusual = true;
                0
            }
        }));
    }

    fn put_run(&mut self, code: u32, length: usize) {
        let Some(seen) = self.dictionary.look_up(code) else {
            self.is_unusual = true;
            return;
        };
        let end = self.places.len() + length;
        if length <= AT_ONCE {
            self.places.extend_from_slice(&[seen.place; AT_ONCE]);
        }
        self.places.resize(end, seen.place);
        self.text_bytes += seen.length as usize * length;
    }

    fn is_unusual(&self) -> bool {
        self.is_unusual || self.dictionary.bytes.len() >= PAGE_BYTES
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<&'a str> {
        let dictionary = &mut self.dictionary;
        put_places(&mut self.places, dictionary.known.len(), to);
        dictionary.last = None;
        dictionary.page += 1;
        self.is_unusual |= are_long(dictionary.bounds);
        let text_bytes = Some(std::mem::take(&mut self.text_bytes) as i64);
        PageValues { bounds: dictionary.bounds.take(), text_bytes }
    }

    fn dictionary(self) -> Option<Dictionary> {
        let Numbered { bytes, known, .. } = self.dictionary;
        Some(Dictionary { bytes, count: known.len() })
    }
}

/// Adds a text, its length before it.
fn put_text(text: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(&(text.len() as u32).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
}
