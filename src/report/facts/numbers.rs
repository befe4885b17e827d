//! The pages of numbers and of what is true or false.

use parquet::basic::Encoding;
use rustc_hash::FxHashMap;

use super::bounds::{Bound, Bounds};
use super::chunk::{Dictionary, PageValues};
use super::column::{PAGE_BYTES, Values};
use super::runs;
use crate::near::Near;

/// A number that Parquet has.
pub(super) trait Number: Bound {
    /// Adds its bytes.
    fn put(self, to: &mut Vec<u8>);

    /// What no other number has.
    fn key(self) -> i64;

    /// Whether it is no number at all.
    fn is_none(self) -> bool {
        false
    }
}

impl Number for i32 {
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn key(self) -> i64 {
        i64::from(self)
    }
}

impl Number for i64 {
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn key(self) -> i64 {
        self
    }
}

impl Number for f64 {
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn key(self) -> i64 {
        self.to_bits() as i64
    }

    fn is_none(self) -> bool {
        self.is_nan()
    }
}

/// Numbers as they are.
#[derive(Debug, Default)]
pub(super) struct Plain<N> {
    bytes: Vec<u8>,
    bounds: Option<Bounds<N>>,
    is_unusual: bool,
}

impl<N: Number> Values<N> for Plain<N> {
    type Bound = N;

    const ENCODING: Encoding = Encoding::PLAIN;

    fn put(&mut self, mut values: impl Iterator<Item = N>) {
        let Some(first) = values.next() else { return };
        let mut bounds = self.bounds.unwrap_or(Bounds::of(first));
        let mut add = |value: N| {
            self.is_unusual |= value.is_none();
            bounds.include(value);
            value.put(&mut self.bytes);
        };
        add(first);
        values.for_each(add);
        self.bounds = Some(bounds);
    }

    fn is_unusual(&self) -> bool {
        self.is_unusual
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<N> {
        to.append(&mut self.bytes);
        PageValues { bounds: self.bounds.take(), text_bytes: None }
    }

    fn dictionary(self) -> Option<Dictionary> {
        None
    }
}

/// Numbers that are few, by their places in a dictionary.
#[derive(Debug)]
pub(super) struct Coded<N> {
    dictionary: Numbered<N>,
    /// The places of the values of the page.
    places: Vec<u32>,
}

/// A dictionary in the making.
#[derive(Debug)]
struct Numbered<N> {
    known: FxHashMap<i64, u32>,
    near: Near<i64>,
    bytes: Vec<u8>,
    /// The last value of the page, and its place: often the next one is the same.
    last: Option<(i64, u32)>,
    /// The bounds of the page.
    bounds: Option<Bounds<N>>,
    is_unusual: bool,
}

impl<N: Number> Default for Coded<N> {
    fn default() -> Coded<N> {
        Coded { dictionary: Numbered::default(), places: Vec::new() }
    }
}

impl<N: Number> Default for Numbered<N> {
    fn default() -> Numbered<N> {
        Numbered {
            known: FxHashMap::default(),
            near: Near::default(),
            bytes: Vec::new(),
            last: None,
            bounds: None,
            is_unusual: false,
        }
    }
}

impl<N: Number> Numbered<N> {
    /// The place of a value of the page.
    #[inline]
    fn place(&mut self, value: N) -> u32 {
        let key = value.key();
        if let Some((last, place)) = self.last
            && last == key
        {
            return place;
        }
        let place = self.look_up(value);
        self.last = Some((key, place));
        Bounds::widen(&mut self.bounds, value);
        place
    }

    fn look_up(&mut self, value: N) -> u32 {
        let key = value.key();
        let Numbered { known, near, bytes, is_unusual, .. } = self;
        near.number(key, || {
            let next = known.len() as u32;
            *known.entry(key).or_insert_with(|| {
                value.put(bytes);
                *is_unusual |= value.is_none();
                next
            })
        })
    }

    /// Whether only the Arrow writer knows to write it.
    fn is_unusual(&self) -> bool {
        self.is_unusual || self.bytes.len() >= PAGE_BYTES
    }

    /// Adds a page of values that stand at these places, which are taken.
    fn take_page(&mut self, places: &mut Vec<u32>, to: &mut Vec<u8>) -> PageValues<N> {
        put_places(places, self.known.len(), to);
        self.last = None;
        PageValues { bounds: self.bounds.take(), text_bytes: None }
    }

    fn close(self) -> Option<Dictionary> {
        Some(Dictionary { bytes: self.bytes, count: self.known.len() })
    }
}

impl<T: Copy + Into<N>, N: Number> Values<T> for Coded<N> {
    type Bound = N;
    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn put(&mut self, values: impl Iterator<Item = T>) {
        self.places.extend(values.map(|value| self.dictionary.place(value.into())));
    }

    fn is_unusual(&self) -> bool {
        self.dictionary.is_unusual()
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<N> {
        self.dictionary.take_page(&mut self.places, to)
    }

    fn dictionary(self) -> Option<Dictionary> {
        self.dictionary.close()
    }
}

/// Numbers of a list, by their places in a dictionary: which one a value is, its code says.
///
/// No value is compared with another one, which it would mostly take long to foresee.
#[derive(Debug)]
pub(super) struct Listed<N> {
    list: Vec<N>,
    /// Of each code its place in the dictionary, and the page that it last came in, from 1.
    seen: Vec<(u32, u32)>,
    page: u32,
    dictionary: Numbered<N>,
    /// The places of the values of the page.
    places: Vec<u32>,
    is_unusual: bool,
}

impl<N: Number> Listed<N> {
    pub(super) fn of(list: Vec<N>) -> Listed<N> {
        Listed {
            seen: vec![(0, 0); list.len()],
            list,
            page: 1,
            dictionary: Numbered::default(),
            places: Vec::new(),
            is_unusual: false,
        }
    }

    fn put_codes(&mut self, codes: impl Iterator<Item = usize>) {
        let mut places = std::mem::take(&mut self.places);
        places.extend(codes.map(|code| match self.seen.get(code) {
            Some((place, page)) if *page == self.page => *place,
            _ => self.look_at(code),
        }));
        self.places = places;
    }

    /// The place of a code that first comes in a page.
    #[inline(never)]
    fn look_at(&mut self, code: usize) -> u32 {
        let Some(value) = self.list.get(code) else {
            self.is_unusual = true;
            return 0;
        };
        let place = self.dictionary.place(*value);
        self.seen[code] = (place, self.page);
        place
    }

    fn take_places(&mut self, to: &mut Vec<u8>) -> PageValues<N> {
        self.page += 1;
        self.dictionary.take_page(&mut self.places, to)
    }

    fn is_odd(&self) -> bool {
        self.is_unusual || self.dictionary.is_unusual()
    }
}

impl Listed<i32> {
    /// All numbers of a byte.
    pub(super) fn bytes() -> Listed<i32> {
        Listed::of((0..=u8::MAX).map(|byte| i32::from(byte as i8)).collect())
    }
}

impl<N: Number> Values<u32> for Listed<N> {
    type Bound = N;
    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn put(&mut self, codes: impl Iterator<Item = u32>) {
        self.put_codes(codes.map(|code| code as usize));
    }

    fn is_unusual(&self) -> bool {
        self.is_odd()
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<N> {
        self.take_places(to)
    }

    fn dictionary(self) -> Option<Dictionary> {
        self.dictionary.close()
    }
}

impl Values<i8> for Listed<i32> {
    type Bound = i32;
    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn put(&mut self, values: impl Iterator<Item = i8>) {
        self.put_codes(values.map(|value| usize::from(value as u8)));
    }

    fn is_unusual(&self) -> bool {
        self.is_odd()
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<i32> {
        self.take_places(to)
    }

    fn dictionary(self) -> Option<Dictionary> {
        self.dictionary.close()
    }
}

/// Adds the places of a page's values in a dictionary that has so many by now, and clears them.
pub(super) fn put_places(places: &mut Vec<u32>, count: usize, to: &mut Vec<u8>) {
    let bits = runs::bits_of(count.saturating_sub(1) as u32);
    to.push(bits as u8);
    runs::put(places, bits, to);
    places.clear();
}

/// What is true or false, a bit each.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    count: usize,
    bounds: Option<Bounds<bool>>,
}

impl Values<bool> for Bits {
    type Bound = bool;

    const ENCODING: Encoding = Encoding::PLAIN;

    fn put(&mut self, values: impl Iterator<Item = bool>) {
        for value in values {
            let bit = self.count % 8;
            if bit == 0 {
                self.bytes.push(0);
            }
            if let Some(byte) = self.bytes.last_mut() {
                *byte |= u8::from(value) << bit;
            }
            self.count += 1;
            Bounds::widen(&mut self.bounds, value);
        }
    }

    fn is_unusual(&self) -> bool {
        false
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<bool> {
        to.append(&mut self.bytes);
        self.count = 0;
        PageValues { bounds: self.bounds.take(), text_bytes: None }
    }

    fn dictionary(self) -> Option<Dictionary> {
        None
    }
}
