//! The pages of whole numbers that hardly repeat, such as instants: each as its difference from
//! the one before, in as many bits as the differences around it need.
//!
//! That is smaller than the compressed numbers themselves, and takes a tenth of the time.

use parquet::basic::Encoding;

use super::bounds::Bounds;
use super::chunk::{Dictionary, PageValues};
use super::column::Values;
use super::runs::put_count;

/// How many differences of numbers of 64 bits have one width.
const GROUP: usize = 64;

/// How many groups have one least difference.
const GROUPS: usize = 4;

/// Whole numbers by their differences.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    numbers: Vec<i64>,
    bounds: Option<Bounds<i64>>,
}

impl Values<i64> for Deltas {
    type Bound = i64;

    const ENCODING: Encoding = Encoding::DELTA_BINARY_PACKED;

    fn put(&mut self, values: impl Iterator<Item = i64>) {
        let start = self.numbers.len();
        self.numbers.extend(values);
        let added = &self.numbers[start..];
        let Some(first) = added.first() else { return };
        let bounds = self.bounds.get_or_insert(Bounds::of(*first));
        added.iter().for_each(|number| bounds.include(*number));
    }

    fn is_unusual(&self) -> bool {
        false
    }

    fn take_page(&mut self, to: &mut Vec<u8>) -> PageValues<i64> {
        put::<GROUP>(&self.numbers, to);
        self.numbers.clear();
        PageValues { bounds: self.bounds.take(), text_bytes: None }
    }

    fn dictionary(self) -> Option<Dictionary> {
        None
    }
}

/// Adds numbers by their differences, of which so many have one width: as many as a number has
/// bits.
pub(super) fn put<const GROUP: usize>(numbers: &[i64], to: &mut Vec<u8>) {
    put_count((GROUP * GROUPS) as u64, to);
    put_count(GROUPS as u64, to);
    put_count(numbers.len() as u64, to);
    put_signed(numbers.first().copied().unwrap_or(0), to);
    let mut at = 1;
    while at < numbers.len() {
        let count = (GROUP * GROUPS).min(numbers.len() - at);
        put_block::<GROUP>(&numbers[at - 1..at + count], to);
        at += count;
    }
}

/// Adds the differences of a block from each number to the next: the least of them, the widths of
/// the groups, and what each difference is above the least.
fn put_block<const GROUP: usize>(numbers: &[i64], to: &mut Vec<u8>) {
    let mut deltas = [[0; GROUP]; GROUPS];
    let deltas = &mut deltas.as_flattened_mut()[..numbers.len() - 1];
    for (delta, pair) in deltas.iter_mut().zip(numbers.array_windows()) {
        let [before, number] = pair;
        // Around the end of the numbers, and back again when they are read.
        *delta = number.wrapping_sub(*before);
    }
    let least = deltas.iter().copied().min().unwrap_or(0);
    put_signed(least, to);
    let widths = to.len();
    to.extend_from_slice(&[0; GROUPS]);
    for (place, group) in deltas.chunks(GROUP).enumerate() {
        // Zeros fill the last group.
        let mut above = [0; GROUP];
        let mut all = 0;
        for (above, delta) in above.iter_mut().zip(group) {
            *above = delta.wrapping_sub(least) as u64;
            all |= *above;
        }
        let bits = u64::BITS - all.leading_zeros();
        to[widths + place] = bits as u8;
        put_packed(&above, bits, to);
    }
}

/// Adds numbers bit by bit, from the lowest bits of each byte on. They fill whole words, and where
/// they are 32, perhaps half a word more.
fn put_packed<const GROUP: usize>(numbers: &[u64; GROUP], bits: u32, to: &mut Vec<u8>) {
    let (mut word, mut filled) = (0, 0);
    for number in numbers {
        word |= number << filled;
        filled += bits;
        if filled >= u64::BITS {
            to.extend_from_slice(&word.to_le_bytes());
            filled -= u64::BITS;
            word = number.checked_shr(bits - filled).unwrap_or(0);
        }
    }
    to.extend_from_slice(&word.to_le_bytes()[..(filled / 8) as usize]);
}

/// Adds a number with its sign in the lowest bit.
fn put_signed(number: i64, to: &mut Vec<u8>) {
    put_count((number << 1 ^ number >> (i64::BITS - 1)) as u64, to);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed<const GROUP: usize>(numbers: &[i64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put::<GROUP>(numbers, &mut bytes);
        bytes
    }

    /// The numbers again, read bit by bit.
    fn unpacked<const GROUP: usize>(bytes: &[u8]) -> Vec<i64> {
        let mut bytes = bytes.iter().copied();
        let count = |bytes: &mut dyn Iterator<Item = u8>| {
            let (mut number, mut shift) = (0_u64, 0);
            for byte in bytes {
                number |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            number
        };
        let signed = |number: u64| (number >> 1) as i64 ^ -((number & 1) as i64);
        let (block, groups, total) =
            (count(&mut bytes), count(&mut bytes) as usize, count(&mut bytes) as usize);
        assert_eq!((block as usize, groups), (4 * GROUP, 4));
        let mut numbers = vec![signed(count(&mut bytes))];
        while numbers.len() < total {
            let least = signed(count(&mut bytes));
            let widths: Vec<u8> = bytes.by_ref().take(groups).collect();
            for width in widths {
                let group: Vec<u8> = bytes.by_ref().take(usize::from(width) * GROUP / 8).collect();
                let bit = |at: usize| u64::from(group[at / 8] >> (at % 8) & 1);
                for place in 0..GROUP {
                    let width = usize::from(width);
                    let above: u64 = (0..width).map(|of| bit(place * width + of) << of).sum();
                    let last = numbers[numbers.len() - 1];
                    numbers.push(last.wrapping_add(least).wrapping_add(above as i64));
                }
            }
        }
        assert_eq!(bytes.next(), None);
        numbers.truncate(total);
        numbers
    }

    #[test]
    fn the_examples_of_the_formats_specification() {
        // One apart: after the first number the differences need no bit.
        assert_eq!(packed::<64>(&[1, 2, 3, 4, 5]), [0x80, 2, 4, 5, 2, 2, 0, 0, 0, 0]);
        // Differences of -2 at least: 0, 0, 0, 3, 3, 3 and 3 above it, two bits each.
        let bytes = packed::<64>(&[7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(bytes[..11], [0x80, 2, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000]);
        assert_eq!((bytes[11], bytes.len()), (0b0011_1111, 10 + 2 * 8));
        assert_eq!(packed::<64>(&[]), [0x80, 2, 4, 0, 0]);
        // Of 32 bits: half as many have one width.
        let bytes = packed::<32>(&[7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(bytes[..11], [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000]);
        assert_eq!((bytes[11], bytes.len()), (0b0011_1111, 10 + 2 * 4));
    }

    proptest! {
        #[test]
        fn numbers_are_read_back(
            numbers in prop::collection::vec(any::<i64>(), 0..700),
            bits in 0_u32..64,
        ) {
            let numbers: Vec<i64> = numbers.into_iter().map(|number| number >> bits).collect();
            prop_assert_eq!(unpacked::<64>(&packed::<64>(&numbers)), numbers.as_slice());
            let lengths: Vec<i64> = numbers.into_iter().map(|number| number & 0x7fff_ffff).collect();
            prop_assert_eq!(unpacked::<32>(&packed::<32>(&lengths)), lengths);
        }
    }
}
