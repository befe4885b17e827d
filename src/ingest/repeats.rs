//! Rows that stand twice: counted by a fingerprint of all that is read of each.

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::fields::{Cell, Row};
use super::layout::Layout;

/// A fingerprint of a row: of its cells but for the times, which are given as they were read.
pub(super) fn fingerprint(buffer: &mut Vec<u8>, layout: &Layout, row: &impl Row, times: &[i64]) -> u64 {
    buffer.clear();
    for place in layout.texts() {
        let (kind, bytes): (u8, &[u8]) = match row.cell(place) {
            Cell::Empty => (0, &[]),
            Cell::NotUtf8 => (1, &[]),
            Cell::Text(text) => (2, text.as_bytes()),
            Cell::Instant(micros) | Cell::Local(micros) => {
                buffer.extend_from_slice(&micros.to_le_bytes());
                (3, &[])
            }
        };
        buffer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        buffer.push(kind);
        buffer.extend_from_slice(bytes);
    }
    times.iter().for_each(|micros| buffer.extend_from_slice(&micros.to_le_bytes()));
    xxh3_64(buffer)
}

/// The fingerprints of the files so far, in order.
#[derive(Debug, Default)]
pub(super) struct Repeats(Vec<u64>);

impl Repeats {
    /// How many rows of a file say the same as one before, in it or in a file before it.
    pub(super) fn count(&mut self, mut rows: Vec<u64>, is_last: bool) -> u64 {
        rows.par_sort_unstable();
        let all = rows.len();
        rows.dedup();
        let within = all - rows.len();
        if self.0.is_empty() {
            if !is_last {
                self.0 = rows;
            }
            return within as u64;
        }
        let before = self.0.len() + rows.len();
        self.0.append(&mut rows);
        // Two runs in order: the sort only merges them.
        self.0.sort();
        self.0.dedup();
        (within + before - self.0.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_once_more_for_each_time_that_it_stands_again() {
        let mut repeats = Repeats::default();
        assert_eq!(repeats.count(vec![3, 1, 3, 3], false), 2);
        assert_eq!(repeats.count(vec![1, 2, 2, 9], false), 2);
        assert_eq!(repeats.count(vec![9, 3, 4], true), 2);
    }
}
