//! Finds tickets by their ids, many at a time.
//!
//! Most ids are so short that they are compared as a number. A table says where a ticket may
//! stand; the id itself decides. Looking up many ids side by side lets their waits for memory
//! overlap. Where ids are counted up, as help desks do, the table is by their numbers: updates of
//! one time are mostly of tickets that were submitted one after the other, and these stand together.

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

    /// The number that an id ends in: its last digits, eight at most.
    #[inline]
    fn number(self) -> Option<u32> {
        const EACH: u64 = u64::MAX / 0xFF;
        if !self.is_whole() {
            return None;
        }
        let length = (self.high >> 56) as u32;
        let bytes = u128::from(self.high & !Self::LONG) << u64::BITS | u128::from(self.low);
        // The last eight bytes, or zeros and all.
        let last = match length.checked_sub(8) {
            Some(more) => (bytes >> (8 * more)) as u64,
            None => self.low.checked_shl(8 * (8 - length)).unwrap_or(0),
        };
        let digits = last ^ (EACH * u64::from(b'0'));
        // The highest bit of each byte that is no digit: of what is more than 9.
        let others = (((digits & (EACH * 0x7F)) + EACH * (0x7F - 9)) | digits) & (EACH * 0x80);
        let count = others.leading_zeros() / 8;
        if count == 0 {
            return None;
        }
        let before = 8 * (8 - count);
        let digits = digits >> before << before;
        // Two digits to a number, two of these, and two of those, all at once.
        let twos = digits.wrapping_mul((10 << 8) + 1) >> 8 & (EACH / 0x101 * 0xFF);
        let fours = twos.wrapping_mul((100 << 16) + 1) >> 16 & 0x0000_FFFF_0000_FFFF;
        Some((fours.wrapping_mul((10_000 << 32) + 1) >> 32) as u32)
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

/// Where the tickets of some ids stand.
#[derive(Debug, Default)]
pub(super) struct IdIndex {
    table: Table,
    /// The ids, by their places.
    keys: Vec<Key>,
}

/// Where to look for ids.
#[derive(Debug)]
enum Table {
    Numbered(Numbered),
    Hashed(Hashed),
}

impl Default for Table {
    fn default() -> Table {
        Table::Hashed(Hashed::default())
    }
}

impl IdIndex {
    /// The index of ids that are all different.
    pub(super) fn of(ids: &Text) -> IdIndex {
        let keys: Vec<Key> = (0..ids.len()).into_par_iter().map(|place| Key::of(ids.get(place))).collect();
        let table = match Numbered::of(&keys) {
            Some(table) => Table::Numbered(table),
            None => Table::Hashed(Hashed::of(&keys)),
        };
        IdIndex { table, keys }
    }

    /// The place of an id.
    pub(super) fn find(&self, ids: &Text, id: &str) -> Option<u32> {
        self.find_key(ids, Key::of(id), || Cow::Borrowed(id))
    }

    fn find_key<'i>(&self, ids: &Text, key: Key, id: impl Fn() -> Cow<'i, str>) -> Option<u32> {
        match &self.table {
            Table::Numbered(table) => self.if_it_is(table.slot(key), key),
            Table::Hashed(table) => {
                table.find(key, |place| key.is_whole() || ids.get(place) == id(), &self.keys)
            }
        }
    }

    /// The place in a slot if the id of this key stands there.
    fn if_it_is(&self, slot: u32, key: Key) -> Option<u32> {
        let place = slot.checked_sub(1)?;
        (self.keys[place as usize] == key).then_some(place)
    }

    /// The places of many ids, in their order.
    pub(super) fn find_all(&self, ids: &Text, wanted: &Wanted) -> Vec<Option<u32>> {
        // One loop for each wait for memory, so that many wait together.
        match &self.table {
            Table::Numbered(table) => {
                let slots: Vec<u32> = wanted.keys.iter().map(|key| table.slot(*key)).collect();
                wanted.keys.iter().zip(slots).map(|(key, slot)| self.if_it_is(slot, *key)).collect()
            }
            Table::Hashed(table) => {
                let slots: Vec<u32> = wanted.keys.iter().map(|key| table.slot(*key)).collect();
                let found = wanted.keys.iter().zip(slots).enumerate().map(|(row, (key, slot))| {
                    let likely = self.if_it_is(slot, *key).filter(|_| key.is_whole());
                    likely.or_else(|| self.find_key(ids, *key, || wanted.get(row)))
                });
                found.collect()
            }
        }
    }
}

/// How many numbers there may be for each id that has one.
const SPARSE: usize = 4;

/// Where ids stand that end in different numbers, which lie close together.
#[derive(Debug)]
struct Numbered {
    least: u32,
    /// Of each number from the least on one more than the place of its id; 0 where there is none.
    slots: Vec<u32>,
}

impl Numbered {
    /// The table of these ids; `None` where they are others.
    fn of(keys: &[Key]) -> Option<Numbered> {
        let numbers = keys.par_iter().map(|key| key.number()).collect::<Option<Vec<u32>>>()?;
        let (least, greatest) = (*numbers.iter().min()?, *numbers.iter().max()?);
        let span = (greatest - least) as usize + 1;
        if span > SPARSE * keys.len() {
            return None;
        }
        let mut slots = vec![0; span];
        for (place, number) in (1..).zip(numbers) {
            let slot = &mut slots[(number - least) as usize];
            if *slot != 0 {
                return None;
            }
            *slot = place;
        }
        Some(Numbered { least, slots })
    }

    /// One more than the place where an id would stand; 0 where there is none.
    fn slot(&self, key: Key) -> u32 {
        let slot = |number: u32| self.slots.get(number.checked_sub(self.least)? as usize).copied();
        key.number().and_then(slot).unwrap_or(0)
    }
}

/// In how many pieces the table is filled.
const PIECES: usize = 16;

/// Where any ids stand.
#[derive(Debug, Default)]
struct Hashed {
    /// One more than the place of an id; 0 where there is none. An id stands in the first free slot
    /// from that of its hash on.
    slots: Vec<u32>,
}

impl Hashed {
    fn of(keys: &[Key]) -> Hashed {
        // At most every third slot is taken, so that the first one looked at is mostly the last.
        let slots = (3 * keys.len() + 1).next_power_of_two();
        let mut table = Hashed { slots: vec![0; slots] };
        let firsts: Vec<u32> = keys.par_iter().map(|key| table.first(*key) as u32).collect();
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
        let left: Vec<Vec<u32>> = table.slots.par_chunks_mut(length).enumerate().map(fill).collect();
        for number in left.into_iter().flatten() {
            let mut at = firsts[number as usize - 1] as usize;
            while table.slots[at] != 0 {
                at = table.after(at);
            }
            table.slots[at] = number;
        }
        table
    }

    /// What stands where an id is looked for first.
    fn slot(&self, key: Key) -> u32 {
        match self.slots.is_empty() {
            true => 0,
            false => self.slots[self.first(key)],
        }
    }

    /// The place of the id of this key for which `is_it` holds.
    fn find(&self, key: Key, is_it: impl Fn(usize) -> bool, keys: &[Key]) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.first(key);
        loop {
            let place = self.slots[at].checked_sub(1)?;
            if keys[place as usize] == key && is_it(place as usize) {
                return Some(place);
            }
            at = self.after(at);
        }
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
    use std::collections::BTreeSet;

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

    #[test]
    fn ids_that_are_counted_up_stand_by_their_numbers() {
        let is_numbered =
            |ids: &[&str]| matches!(IdIndex::of(&text(ids.iter().copied())).table, Table::Numbered(_));
        assert!(is_numbered(&["9", "10", "11"]) && is_numbered(&["N-0000007", "N-0000010"]));
        assert!(is_numbered(&["a1", "b2"]) && is_numbered(&["1234567890", "1234567891"]));
        // Two of one number, numbers far apart, no number, longer ids.
        assert!(!is_numbered(&["a1", "b1"]) && !is_numbered(&["1", "9"]));
        assert!(!is_numbered(&["1", "2", "a"]) && !is_numbered(&["1", "an id of many bytes 2"]));
        assert!(!is_numbered(&[]));
    }

    /// Whether each of the ids is found at its place, one by one and together, and of the others none
    /// that is not among them.
    fn are_found(ids: &BTreeSet<String>, others: &[String]) -> Result<(), TestCaseError> {
        let known = text(ids.iter().map(String::as_str));
        let index = IdIndex::of(&known);
        let all: Vec<&str> = ids.iter().chain(others).map(String::as_str).collect();
        let expected: Vec<_> = all.iter().map(|id| ids.iter().position(|known| known == id)).collect();
        let found = index.find_all(&known, &wanted(all.iter().copied()));
        let places: Vec<_> = found.iter().map(|place| place.map(|place| place as usize)).collect();
        prop_assert_eq!(places, expected);
        for (id, place) in all.iter().zip(found) {
            prop_assert_eq!(index.find(&known, id), place);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn every_id_is_found_at_its_place_and_no_other_is(
            ids in proptest::collection::btree_set("[ab\0]{0,4}|[ab]{5,9}|[ab]{7,18}", 0..300),
            others in proptest::collection::vec("[ab\0]{0,4}|[ab]{5,9}|[ab]{7,18}", 0..300),
        ) {
            are_found(&ids, &others)?;
        }

        #[test]
        fn every_id_with_a_number_is_found_at_its_place_and_no_other_is(
            before in "[A-Z]{0,2}-?[0-9]{0,5}",
            numbers in proptest::collection::btree_set(0..400_u32, 1..200),
            width in 0..5_usize,
            others in proptest::collection::vec("[A-Z]{0,2}-?[0-9]{0,9}", 0..300),
        ) {
            let ids = numbers.iter().map(|number| format!("{before}{number:0width$}")).collect();
            are_found(&ids, &others)?;
        }

        #[test]
        fn the_number_of_an_id_is_that_of_its_last_digits(id in "[/-:A]{0,3}[0-9]{0,10}|\\PC{0,5}[/-:]{0,9}") {
            let bytes = id.as_bytes();
            let digits = bytes.iter().rev().take(8).take_while(|byte| byte.is_ascii_digit()).count();
            let number = id.get(id.len() - digits..).unwrap().parse().ok();
            prop_assert_eq!(Key::of(&id).number(), number.filter(|_| bytes.len() <= Key::LONGEST));
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
