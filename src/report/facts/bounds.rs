//! The least and the greatest value of pages and columns, as Parquet's statistics have them.

use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};

/// A value that can be the least or the greatest.
pub(super) trait Bound: Copy {
    /// What is said of how many values are no numbers: that there is none, where they are real
    /// numbers, and else nothing.
    const NO_NUMBERS: Option<u64> = None;

    /// Whether it comes after another one.
    fn is_above(self, other: Self) -> bool;

    /// Its bytes.
    fn bytes(self) -> Vec<u8>;

    /// What is said of values with so many nulls; `signed` says that they are in an order that
    /// old readers know.
    fn statistics(bounds: Option<Bounds<Self>>, nulls: u64, signed: bool) -> Statistics;
}

/// The least value and the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds<B> {
    pub(super) least: B,
    pub(super) greatest: B,
}

impl<B: Bound> Bounds<B> {
    /// Those of one value.
    pub(super) fn of(value: B) -> Bounds<B> {
        Bounds { least: value, greatest: value }
    }

    /// Takes another value in.
    pub(super) fn include(&mut self, value: B) {
        if self.least.is_above(value) {
            self.least = value;
        }
        if value.is_above(self.greatest) {
            self.greatest = value;
        }
    }

    /// Takes a value in, be it the first.
    pub(super) fn widen(bounds: &mut Option<Bounds<B>>, value: B) {
        bounds.get_or_insert(Bounds::of(value)).include(value);
    }
}

macro_rules! bound {
    ($type:ty, $above:expr, $bytes:expr, $stored:expr, $no_numbers:expr) => {
        impl Bound for $type {
            const NO_NUMBERS: Option<u64> = $no_numbers;

            fn is_above(self, other: Self) -> bool {
                $above(&self, &other)
            }

            fn bytes(self) -> Vec<u8> {
                $bytes(self)
            }

            fn statistics(bounds: Option<Bounds<Self>>, nulls: u64, signed: bool) -> Statistics {
                let least = bounds.map(|bounds| $stored(bounds.least));
                let greatest = bounds.map(|bounds| $stored(bounds.greatest));
                ValueStatistics::new(least, greatest, None, Some(nulls), false)
                    .with_nan_count(bounds.and(Self::NO_NUMBERS))
                    .with_backwards_compatible_min_max(signed)
                    .into()
            }
        }
    };
}

bound!(bool, PartialOrd::gt, |value| vec![u8::from(value)], |value| value, None);
bound!(i32, PartialOrd::gt, |value: i32| value.to_le_bytes().to_vec(), |value| value, None);
bound!(i64, PartialOrd::gt, |value: i64| value.to_le_bytes().to_vec(), |value| value, None);
// A negative zero comes before the other one.
bound!(
    f64,
    |a: &f64, b: &f64| a.total_cmp(b).is_gt(),
    |value: f64| value.to_le_bytes().to_vec(),
    |value| value,
    Some(0)
);
bound!(&str, PartialOrd::gt, |value: &str| value.as_bytes().to_vec(), ByteArray::from, None);

#[cfg(test)]
mod tests {
    use super::*;

    fn all<B: Bound>(values: &[B]) -> Option<Bounds<B>> {
        let mut bounds = None;
        values.iter().for_each(|value| Bounds::widen(&mut bounds, *value));
        bounds
    }

    #[test]
    fn bounds_are_the_least_and_the_greatest() {
        assert_eq!(all::<i64>(&[]), None);
        assert_eq!(all(&[3, -1, 2]), Some(Bounds { least: -1, greatest: 3 }));
        assert_eq!(all(&["b", "", "ba"]), Some(Bounds { least: "", greatest: "ba" }));
        let zeros = all(&[0.0, -0.0]).unwrap();
        assert!(zeros.least.is_sign_negative() && zeros.greatest.is_sign_positive());
    }
}
