//! Finds tickets by their ids, many at a time.
//!
//! A table of eight bytes a ticket says where a ticket may stand; the id itself decides. It is so
//! small that it mostly stays in the processor's caches, and looking up many ids side by side lets
//! their waits for memory overlap.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use crate::records::Text;

/// Where the tickets of some ids stand.
#[derive(Debug, Default)]
pub(super) struct IdIndex {
    /// The upper half of an id's hash, then one more than its place; 0 where there is none. An id
    /// stands in the first free slot from that of its hash on.
    slots: Vec<u64>,
}

impl IdIndex {
    /// The index of ids that are all different.
    pub(super) fn of(ids: &Text) -> IdIndex {
        // At most two of three slots are taken.
        let slots = (ids.len() + ids.len() / 2 + 1).next_power_of_two();
        let mut index = IdIndex { slots: vec![0; slots] };
        for (number, id) in (1..).zip(ids.iter()) {
            let hash = hash(id);
            let mut at = index.first(hash);
            while index.slots[at] != 0 {
                at = index.after(at);
            }
            index.slots[at] = hash & TAG | number;
        }
        index
    }

    /// The place of an id.
    pub(super) fn find(&self, ids: &Text, id: &str) -> Option<u32> {
        self.find_from(ids, id, hash(id))
    }

    fn find_from(&self, ids: &Text, id: &str, hash: u64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.first(hash);
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            let place = place(slot);
            if slot & TAG == hash & TAG && ids.get(place as usize) == id {
                return Some(place);
            }
            at = self.after(at);
        }
    }

    /// The places of many ids, in their order.
    pub(super) fn find_all(&self, ids: &Text, wanted: &Text) -> Vec<Option<u32>> {
        if self.slots.is_empty() {
            return vec![None; wanted.len()];
        }
        // One loop for each wait for memory, so that many wait together.
        let hashes: Vec<u64> = wanted.iter().map(hash).collect();
        let slots: Vec<u64> = hashes.iter().map(|hash| self.slots[self.first(*hash)]).collect();
        let found = wanted.iter().zip(&hashes).zip(slots).map(|((id, hash), slot)| {
            let is_it = slot != 0 && slot & TAG == hash & TAG && ids.get(place(slot) as usize) == id;
            if is_it { Some(place(slot)) } else { self.find_from(ids, id, *hash) }
        });
        found.collect()
    }

    fn first(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

/// The half of a slot that is of the hash.
const TAG: u64 = 0xFFFF_FFFF << 32;

fn place(slot: u64) -> u32 {
    (slot & !TAG) as u32 - 1
}

fn hash(id: &str) -> u64 {
    FxBuildHasher.hash_one(id.as_bytes())
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

    #[test]
    fn in_no_tickets_none_is_found() {
        let (none, wanted) = (Text::default(), text(["a", ""].into_iter()));
        assert_eq!(IdIndex::of(&none).find_all(&none, &wanted), [None, None]);
        assert_eq!(IdIndex::default().find(&none, "a"), None);
        assert_eq!(IdIndex::default().find_all(&none, &wanted), [None, None]);
    }

    proptest! {
        #[test]
        fn every_id_is_found_at_its_place_and_no_other_is(
            ids in proptest::collection::btree_set("[ab]{0,9}", 0..300),
            others in proptest::collection::vec("[ab]{0,9}", 0..300),
        ) {
            let known = text(ids.iter().map(String::as_str));
            let index = IdIndex::of(&known);
            let wanted = text(ids.iter().chain(&others).map(String::as_str));
            let expected: Vec<_> = wanted.iter().map(|id| ids.iter().position(|known| known == id)).collect();
            let found = index.find_all(&known, &wanted);
            prop_assert_eq!(found.iter().map(|place| place.map(|place| place as usize)).collect::<Vec<_>>(), expected);
            for (id, place) in wanted.iter().zip(found) {
                prop_assert_eq!(index.find(&known, id), place);
            }
        }
    }
}
