//! The places in a block that may matter to its records: delimiters, line ends and quotes.
//!
//! They are found 64 bytes at a time and without a branch: a word has a bit for each byte.

use wide::u8x16;

/// Bytes that are looked at together.
const LANES: usize = 64;

/// How many places of a word are written down at once, whether there are as many or not: usually
/// there are no more.
const AT_ONCE: usize = 12;

/// The marks of a block. One block's room serves the next one.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The places come first; what follows them is room.
    places: Vec<u32>,
    count: usize,
    /// Which of the marks are line ends.
    line_ends: Vec<u32>,
}

impl Marks {
    /// Finds those of a block.
    pub(super) fn find(&mut self, bytes: &[u8], delimiter: u8) {
        self.count = 0;
        self.line_ends.clear();
        let (words, rest) = bytes.as_chunks::<LANES>();
        let mut base = 0;
        for word in words {
            self.add(base, Word::of(word, delimiter));
            base += LANES as u32;
        }
        let mut last = [0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        let within = (1 << rest.len()) - 1;
        let Word { marks, line_ends } = Word::of(&last, delimiter);
        self.add(base, Word { marks: marks & within, line_ends: line_ends & within });
    }

    fn add(&mut self, base: u32, Word { mut marks, mut line_ends }: Word) {
        while line_ends != 0 {
            let before = marks & ((line_ends & line_ends.wrapping_neg()) - 1);
            self.line_ends.push(self.count as u32 + before.count_ones());
            line_ends &= line_ends - 1;
        }
        if self.places.len() < self.count + LANES {
            self.places.resize(2 * self.places.len() + LANES, 0);
        }
        let count = marks.count_ones() as usize;
        let room = &mut self.places[self.count..self.count + LANES];
        let mut write = |place: &mut u32| {
            *place = base + marks.trailing_zeros();
            marks &= marks.wrapping_sub(1);
        };
        room[..AT_ONCE].iter_mut().for_each(&mut write);
        if count > AT_ONCE {
            room[AT_ONCE..count].iter_mut().for_each(write);
        }
        self.count += count;
    }

    /// Adds the block's end as the end of its last line, where that has none.
    pub(super) fn end_last_line(&mut self, end: usize) {
        self.add(end as u32, Word { marks: 1, line_ends: 1 });
    }

    /// Their places in the block.
    pub(super) fn places(&self) -> &[u32] {
        &self.places[..self.count]
    }

    /// Which of them are line ends.
    pub(super) fn line_ends(&self) -> &[u32] {
        &self.line_ends
    }
}

/// A bit for each of some bytes.
struct Word {
    marks: u64,
    line_ends: u64,
}

impl Word {
    fn of(bytes: &[u8; LANES], delimiter: u8) -> Word {
        let (delimiter, quote) = (u8x16::splat(delimiter), u8x16::splat(b'"'));
        let (feed, back) = (u8x16::splat(b'\n'), u8x16::splat(b'\r'));
        let bits = |lanes: u8x16| u64::from(lanes.to_bitmask());
        let (sixteens, _) = bytes.as_chunks::<16>();
        let mut word = Word { marks: 0, line_ends: 0 };
        for (place, sixteen) in sixteens.iter().enumerate() {
            let lanes = u8x16::from(*sixteen);
            let ends = lanes.simd_eq(feed) | lanes.simd_eq(back);
            let marks = ends | lanes.simd_eq(delimiter) | lanes.simd_eq(quote);
            word.marks |= bits(marks) << (16 * place);
            word.line_ends |= bits(ends) << (16 * place);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            2 => Just(b','), 1 => Just(b';'), 1 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(b'"'),
            8 => any::<u8>()
        ];
        proptest::collection::vec(byte, 0..300)
    }

    proptest! {
        #[test]
        fn all_marks_are_found_in_block_after_block(blocks in proptest::collection::vec(bytes(), 1..4)) {
            let mut marks = Marks::default();
            for bytes in blocks {
                marks.find(&bytes, b';');
                let places = |is: &dyn Fn(u8) -> bool| -> Vec<u32> {
                    (0..).zip(&bytes).filter(|(_, byte)| is(**byte)).map(|(place, _)| place).collect()
                };
                let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
                prop_assert_eq!(marks.places(), places(&|byte| matches!(byte, b';' | b'"') || is_end(byte)));
                let ends: Vec<u32> = marks.line_ends().iter().map(|mark| marks.places()[*mark as usize]).collect();
                prop_assert_eq!(ends, places(&is_end));
            }
        }
    }
}
