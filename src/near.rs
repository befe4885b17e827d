//! Keys that came not long ago, and the number of each.
//!
//! A table of all keys is too large for the processor's own memory; this is a small one before it.

use std::hash::{BuildHasher, Hash};

use rustc_hash::FxBuildHasher;

/// How many there are at most.
const NEAR: usize = 1024;
/// No number.
const NONE: u32 = u32::MAX;

/// Some of the latest keys, each where its hash says, if no later one is there.
#[derive(Debug)]
pub(crate) struct Near<K>(Vec<(K, u32)>);

impl<K: Copy + Default> Default for Near<K> {
    fn default() -> Near<K> {
        Near(vec![(K::default(), NONE); NEAR])
    }
}

impl<K: Copy + Eq + Hash> Near<K> {
    /// The number of a key, found elsewhere where the key is not near; no key has the largest one.
    #[inline]
    pub(crate) fn number(&mut self, key: K, elsewhere: impl FnOnce() -> u32) -> u32 {
        let near = &mut self.0[FxBuildHasher.hash_one(key) as usize % NEAR];
        if near.0 != key || near.1 == NONE {
            *near = (key, elsewhere());
        }
        near.1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_has_the_number_that_it_was_given_first(keys in prop::collection::vec(0..3000_u64, 0..5000)) {
            let (mut near, mut all) = (Near::default(), HashMap::new());
            for key in keys {
                let next = all.len() as u32;
                let found = near.number(key, || *all.entry(key).or_insert(next));
                prop_assert_eq!(Some(&found), all.get(&key));
            }
        }
    }

    #[test]
    fn the_latest_key_is_near() {
        let mut near = Near::default();
        assert_eq!(near.number(0_i64, || 7), 7);
        assert_eq!(near.number(0, || unreachable!()), 7);
    }
}
