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

/// Values, bucket by bucket; within a bucket they stand as they came.
#[derive(Debug, Clone)]
pub(crate) struct Bucketed<T> {
    starts: Vec<usize>,
    values: Vec<T>,
}

impl<T: Copy + Default> Bucketed<T> {
    /// Puts values into so many buckets.
    pub(crate) fn of(values: &[T], buckets: usize, bucket: impl Fn(&T) -> usize) -> Bucketed<T> {
        let starts = starts(buckets, values.iter().map(&bucket));
        let (mut next, mut placed) = (starts.clone(), vec![T::default(); values.len()]);
        for value in values {
            let at = &mut next[bucket(value)];
            placed[*at] = *value;
            *at += 1;
        }
        Bucketed { starts, values: placed }
    }
}

impl<T> Bucketed<T> {
    /// The values of a bucket.
    pub(crate) fn bucket(&self, bucket: usize) -> &[T] {
        &self.values[self.starts[bucket]..self.starts[bucket + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_bucket_holds_its_values_in_the_order_they_came(values in prop::collection::vec(0..90_u32, 0..60)) {
            let bucket = |value: &u32| *value as usize / 10;
            let bucketed = Bucketed::of(&values, 9, bucket);
            for number in 0..9 {
                let of_bucket: Vec<u32> = values.iter().copied().filter(|value| bucket(value) == number).collect();
                prop_assert_eq!(bucketed.bucket(number), of_bucket);
            }
        }
    }
}
