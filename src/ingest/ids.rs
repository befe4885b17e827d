//! Finds tickets by their ids, many at a time.
//!
//! Most ids are so short that they are compared as a number. A table says where a ticket may
//! stand; the id itself decides. Looking up many ids side by side lets their waits for memory
//! overlap.

use std::borrow::Cow;
use std::hash::BuildHasher;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::records::Text;

/// An id as a number: its bytes, and in the last byte how many they are. Of an id longer than
/// [`Key::LONGEST`] it is no more than a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    low: u64,
    high: u64,
}

impl Key {
    const LONGEST: usize = 15;

    /// The last byte of the key of an id that is longer.
    const LONG: u64 = 0xFF << 56;

    #[inline]
    fn of(id: &str) -> Key {
        let id = id.as_bytes();
        let length = id.len();
        if length > Self::LONGEST {
            return Key { low: FxBuildHasher.hash_one(id), high: Self::LONG };
        }
        // Of the bytes that end it, what they have in common with those before is cut off.
        let (low, high) = match (id.first_chunk(), id.last_chunk()) {
            (Some(first), Some(last)) => {
                let rest = u64::from_le_bytes(*last).checked_shr(8 * (16 - length as u32));
                (u64::from_le_bytes(*first), rest.unwrap_or(0))
            }
            _ => (few(id), 0),
        };
        Key { low, high: high | (length as u64) << 56 }
    }

    /// Whether it is all of the id.
    fn is_whole(self) -> bool {
        self.high & Self::LONG != Self::LONG
    }

    fn hash(self) -> u64 {
        // Two numbers without a pattern, so that short ids do not become 0.
        let product =
            u128::from(self.low ^ 0x9e37_79b9_7f4a_7c15) * u128::from(self.high ^ 0xd1b5_4a32_d192_ed03);
        product as u64 ^ (product >> u64::BITS) as u64
    }
}

/// At most seven bytes as a number.
fn few(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let rest = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - bytes.len()));
            u64::from(u32::from_le_bytes(*first)) | rest << 32
        }
        _ => bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// Ids that are looked up together.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    keys: Vec<Key>,
    /// Those that their keys do not hold, with their places.
    long: Vec<(usize, String)>,
}

impl Wanted {
    pub(super) fn push(&mut self, id: &str) {
        let key = Key::of(id);
        if !key.is_whole() {
            self.long.push((self.keys.len(), id.to_owned()));
        }
        self.keys.push(key);
    }

    /// The id at a place.
    pub(super) fn get(&self, place: usize) -> Cow<'_, str> {
        let Key { low, high } = self.keys[place];
        if !self.keys[place].is_whole() {
            let long = self.long.binary_search_by_key(&place, |(place, _)| *place);
            return long.map_or(Cow::Borrowed(""), |long| Cow::Borrowed(&self.long[long].1));
        }
        let bytes = [low.to_le_bytes(), high.to_le_bytes()].concat();
        Cow::Owned(String::from_utf8_lossy(&bytes[..usize::from(bytes[Key::LONGEST])]).into_owned())
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.long.clear();
    }
}

/// In how many pieces the table is filled.
const PIECES: usize = 16;

/// Where the tickets of some ids stand.
#[derive(Debug, Default)]
pub(super) struct IdIndex {
    /// One more than the place of an id; 0 where there is none. An id stands in the first free slot
    /// from that of its hash on.
    slots: Vec<u32>,
    /// The ids, by their places.
    keys: Vec<Key>,
}

impl IdIndex {
    /// The index of ids that are all different.
    pub(super) fn of(ids: &Text) -> IdIndex {
        // At most every third slot is taken, so that the first one looked at is mostly the last.
        let slots = (3 * ids.len() + 1).next_power_of_two();
        let keys: Vec<Key> = (0..ids.len()).into_par_iter().map(|place| Key::of(ids.get(place))).collect();
        let mut index = IdIndex { slots: vec![0; slots], keys };
        let firsts: Vec<u32> = index.keys.par_iter().map(|key| index.first(*key) as u32).collect();
        // Each piece of the table by itself; what has no place in its own comes after all.
        let length = slots.div_ceil(PIECES);
        let fill = |(piece, slots): (usize, &mut [u32])| {
            let begin = piece * length;
            let mut left = Vec::new();
            for (number, first) in (1..).zip(&firsts) {
                let at = (*first as usize).wrapping_sub(begin);
                if at < slots.len() {
                    match slots[at..].iter_mut().find(|slot| **slot == 0) {
                        Some(slot) => *slot = number,
                        None => left.push(number),
                    }
                }
            }
            left
        };
        let left: Vec<Vec<u32>> = index.slots.par_chunks_mut(length).enumerate().map(fill).collect();
        for number in left.into_iter().flatten() {
            let mut at = firsts[number as usize - 1] as usize;
            while index.slots[at] != 0 {
                at = index.after(at);
            }
            index.slots[at] = number;
        }
        index
    }

    /// The place of an id.
    pub(super) fn find(&self, ids: &Text, id: &str) -> Option<u32> {
        self.find_key(ids, Key::of(id), || Cow::Borrowed(id))
    }

    fn find_key<'i>(&self, ids: &Text, key: Key, id: impl Fn() -> Cow<'i, str>) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.first(key);
        loop {
            let place = self.slots[at].checked_sub(1)?;
            let is_it = || key.is_whole() || ids.get(place as usize) == id();
            if self.keys[place as usize] == key && is_it() {
                return Some(place);
            }
            at = self.after(at);
        }
    }

    /// The places of many ids, in their order.
    pub(super) fn find_all(&self, ids: &Text, wanted: &Wanted) -> Vec<Option<u32>> {
        if self.slots.is_empty() {
            return vec![None; wanted.keys.len()];
        }
        // One loop for each wait for memory, so that many wait together.
        let slots: Vec<u32> = wanted.keys.iter().map(|key| self.slots[self.first(*key)]).collect();
        let found = wanted.keys.iter().zip(slots).enumerate().map(|(row, (key, slot))| {
            let likely = slot.wrapping_sub(1);
            match self.keys.get(likely as usize) {
                Some(known) if known == key && key.is_whole() => Some(likely),
                _ => self.find_key(ids, *key, || wanted.get(row)),
            }
        });
        found.collect()
    }

    fn first(&self, key: Key) -> usize {
        key.hash() as usize & (self.slots.len() - 1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text<'a>(ids: impl Iterator<Item = &'a str>) -> Text {
        let mut text = Text::default();
        ids.for_each(|id| text.push(id));
        text
    }

    fn wanted<'a>(ids: impl Iterator<Item = &'a str>) -> Wanted {
        let mut wanted = Wanted::default();
        ids.for_each(|id| wanted.push(id));
        wanted
    }

    #[test]
    fn in_no_tickets_none_is_found() {
        let (none, wanted) = (Text::default(), wanted(["a", ""].into_iter()));
        assert_eq!(IdIndex::of(&none).find_all(&none, &wanted), [None, None]);
        assert_eq!(IdIndex::default().find(&none, "a"), None);
        assert_eq!(IdIndex::default().find_all(&none, &wanted), [None, None]);
    }

    proptest! {
        #[test]
        fn every_id_is_found_at_its_place_and_no_other_is(
            ids in proptest::collection::btree_set("[ab\0]{0,4}|[ab]{5,9}|[ab]{7,18}", 0..300),
            others in proptest::collection::vec("[ab\0]{0,4}|[ab]{5,9}|[ab]{7,18}", 0..300),
        ) {
            let known = text(ids.iter().map(String::as_str));
            let index = IdIndex::of(&known);
            let all: Vec<&str> = ids.iter().chain(&others).map(String::as_str).collect();
            let expected: Vec<_> = all.iter().map(|id| ids.iter().position(|known| known == id)).collect();
            let found = index.find_all(&known, &wanted(all.iter().copied()));
            prop_assert_eq!(found.iter().map(|place| place.map(|place| place as usize)).collect::<Vec<_>>(), expected);
            for (id, place) in all.iter().zip(found) {
                prop_assert_eq!(index.find(&known, id), place);
            }
        }

        #[test]
        fn ids_are_wanted_as_they_are(ids in proptest::collection::vec("\\PC{0,20}", 0..20)) {
            let wanted = wanted(ids.iter().map(String::as_str));
            for (place, id) in ids.iter().enumerate() {
                prop_assert_eq!(&*wanted.get(place), id.as_str());
                let key = Key::of(id);
                let mut bytes = id.clone().into_bytes();
                prop_assert_eq!(key.is_whole(), bytes.len() <= Key::LONGEST);
                if key.is_whole() {
                    bytes.resize(Key::LONGEST, 0);
                    bytes.push(id.len() as u8);
                    prop_assert_eq!([key.low.to_le_bytes(), key.high.to_le_bytes()].concat(), bytes);
                }
            }
        }
    }
}
