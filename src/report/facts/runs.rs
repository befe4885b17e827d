//! Small whole numbers as Parquet packs them: runs of one value, and groups of eight in bits.

/// How many values stand in a group.
const GROUP: usize = 8;

/// The most values that are packed under one header, so that it is a single byte.
const PACKED: usize = 63 * GROUP;

/// How many bits the numbers up to a greatest one take.
pub(super) const fn bits_of(greatest: u32) -> u32 {
    u32::BITS - greatest.leading_zeros()
}

/// Adds numbers of so many bits.
///
/// A run begins where eight in a row are alike, counted from where the run or the group before
/// ended; everything else is packed.
pub(super) fn put<T: Copy + PartialEq + Into<u32>>(numbers: &[T], bits: u32, to: &mut Vec<u8>) {
    let (mut packed, mut at) = (0, 0);
    while let Some((group, rest)) = numbers[at..].split_first_chunk::<GROUP>() {
        let first = group[0];
        if are_alike(group, first) {
            put_packed(&numbers[packed..at], bits, to);
            let length = GROUP + alike(rest, first);
            put_run(length, first.into(), bits, to);
            at += length;
            packed = at;
        } else {
            at += GROUP;
            if at - packed == PACKED {
                put_packed(&numbers[packed..at], bits, to);
                packed = at;
            }
        }
    }
    match &numbers[at..] {
        // A few at the end are a run too, if they are alike and nothing waits to be packed.
        [first, rest @ ..] if packed == at && rest.iter().all(|number| number == first) => {
            put_run(1 + rest.len(), (*first).into(), bits, to);
        }
        _ => put_packed(&numbers[packed..], bits, to),
    }
}

/// Adds a number that comes so many times in a row.
pub(super) fn put_run(length: usize, number: u32, bits: u32, to: &mut Vec<u8>) {
    put_count((length as u64) << 1, to);
    to.extend_from_slice(&number.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

/// Adds a number in seven bits a byte.
pub(super) fn put_count(mut number: u64, to: &mut Vec<u8>) {
    while number > 0x7f {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// How many of the first numbers are this one.
fn alike<T: Copy + PartialEq>(numbers: &[T], number: T) -> usize {
    let (groups, _) = numbers.as_chunks::<GROUP>();
    let whole = groups.iter().take_while(|group| are_alike(group, number)).count() * GROUP;
    whole + numbers[whole..].iter().take_while(|other| **other == number).count()
}

/// Whether all numbers of a group are this one, all of them compared at once.
fn are_alike<T: Copy + PartialEq>(group: &[T; GROUP], number: T) -> bool {
    group.iter().fold(true, |alike, other| alike & (*other == number))
}

/// Adds numbers bit by bit, from the lowest bits of each byte on; zeros fill the last group.
fn put_packed<T: Copy + Into<u32>>(numbers: &[T], bits: u32, to: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    to.push((numbers.len().div_ceil(GROUP) << 1) as u8 | 1);
    let (groups, rest) = numbers.as_chunks::<GROUP>();
    groups.iter().for_each(|group| put_group(&group.map(Into::into), bits, to));
    if !rest.is_empty() {
        let mut group = [0_u32; GROUP];
        group.iter_mut().zip(rest).for_each(|(place, number)| *place = (*number).into());
        put_group(&group, bits, to);
    }
}

/// Adds a group: as many bytes as a number has bits.
#[inline]
fn put_group(group: &[u32; GROUP], bits: u32, to: &mut Vec<u8>) {
    let end = to.len() + bits as usize;
    if bits <= 16 {
        let [a, b, c, d, e, f, g, h] = group.map(u64::from);
        // Each half is no more than a word.
        let half = |a, b, c, d| (a | b << bits) | (c | d << bits) << (2 * bits);
        let (low, high) = (half(a, b, c, d), half(e, f, g, h));
        match bits <= 8 {
            true => to.extend_from_slice(&(low | high << (4 * bits)).to_le_bytes()),
            false => {
                to.extend_from_slice(&(u128::from(low) | u128::from(high) << (4 * bits)).to_le_bytes());
            }
        }
    } else {
        let (mut waiting, mut count) = (0_u64, 0);
        for number in group {
            waiting |= u64::from(*number) << count;
            count += bits;
            if count >= u32::BITS {
                to.extend_from_slice(&(waiting as u32).to_le_bytes());
                waiting >>= u32::BITS;
                count -= u32::BITS;
            }
        }
        to.extend_from_slice(&(waiting as u32).to_le_bytes());
    }
    to.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(numbers: &[u32], bits: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(numbers, bits, &mut bytes);
        bytes
    }

    #[test]
    fn a_number_takes_as_many_bits_as_the_greatest() {
        assert_eq!([0, 1, 2, 3, 4, 255, 256, u32::MAX].map(bits_of), [0, 1, 2, 2, 3, 8, 9, 32]);
    }

    #[test]
    fn numbers_are_packed_from_the_lowest_bits_on() {
        // The example of the format's specification: 0 to 7 in three bits.
        let packed = packed(&[0, 1, 2, 3, 4, 5, 6, 7], 3);
        assert_eq!(packed, [1 << 1 | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    #[test]
    fn numbers_of_any_size_are_packed_in_as_many_bytes() {
        for bits in 1..=32 {
            let greatest = u32::MAX >> (32 - bits);
            let numbers: Vec<u32> = (0..20).map(|number| greatest - number % 2).collect();
            let bytes = packed(&numbers, bits);
            // Bit by bit, the header apart; four numbers at the end are none.
            let bit = |at: usize| u32::from(bytes[1 + at / 8] >> (at % 8) & 1);
            let number = |at: usize| (0..bits).map(|of| bit(at * bits as usize + of as usize) << of).sum();
            assert_eq!((0..20).map(number).collect::<Vec<u32>>(), numbers);
            assert_eq!((bytes[0], bytes.len()), (3 << 1 | 1, 1 + 3 * bits as usize));
        }
    }

    #[test]
    fn eight_alike_are_a_run_and_fewer_only_by_themselves() {
        assert!(packed(&[], 2).is_empty());
        assert_eq!(packed(&[2; 3], 2), [3 << 1, 2]);
        assert_eq!(packed(&[2; 300], 9), [(600 & 0x7f) as u8 | 0x80, 4, 2, 0]);
        // Of the three after the run nothing waits; the last is padded with zeros.
        assert_eq!(packed(&[[1; 8].as_slice(), &[0, 0, 1]].concat(), 1), [8 << 1, 1, 1 << 1 | 1, 0b100]);
        assert_eq!(
            packed(&[[0, 1, 1, 1, 1, 1, 1, 1].as_slice(), &[1]].concat(), 1),
            [2 << 1 | 1, 0b1111_1110, 1]
        );
    }

    #[test]
    fn a_header_of_packed_numbers_is_a_byte() {
        let numbers: Vec<u32> = (0..PACKED as u32 + 8).map(|number| number % 2).collect();
        let packed = packed(&numbers, 1);
        assert_eq!((packed[0], packed[64], packed.len()), (63 << 1 | 1, 1 << 1 | 1, 66));
    }
}
