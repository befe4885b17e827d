//! Values put together by buckets: counted, then each put into its place.
//!
//! What would take long to sort as a whole is often small enough bucket by bucket to be worked on
//! in the processor's own memory, and by several threads side by side.

/// Where each of so many buckets starts, and where the last one ends, when these are the buckets of
/// all values.
pub(crate) fn starts(buckets: usize, of_values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut starts = vec![0; buckets + 1];
    of_values.for_each(|bucket| starts[bucket + 1] += 1);
    for bucket in 0..buckets {
        starts[bucket + 1] += starts[bucket];
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bucket_starts_where_the_values_of_those_before_it_end(values in prop::collection::vec(0..9_usize, 0..60)) {
            let starts = starts(9, values.iter().copied());
            for (bucket, start) in starts.iter().enumerate() {
                prop_assert_eq!(*start, values.iter().filter(|value| **value < bucket).count());
            }
        }
    }
}
