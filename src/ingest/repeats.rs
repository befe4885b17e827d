//! Rows that stand twice: counted by a fingerprint of all that is read of each.
//!
//! The fingerprint of a row is the sum of those of its cells and times, so that what many rows say
//! alike is read but once. To be counted they are not sorted: those that begin alike are put
//! together, and each such bucket is small enough to be gone through in the processor's caches.

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::fields::{Cell, Row};
use crate::buckets::starts;

/// The part of a row's fingerprint that some of its cells make: each is told by its number among
/// all that are looked at, and its place.
pub(super) fn of_cells(row: &impl Row, cells: impl Iterator<Item = (usize, usize)>) -> u64 {
    cells.fold(0, |sum, (number, place)| {
        let of = |kind: u64, bytes: &[u8]| xxh3_64_with_seed(bytes, (number as u64) << 2 | kind);
        sum.wrapping_add(match row.cell(place) {
            Cell::Empty => of(0, &[]),
            Cell::NotUtf8 => of(1, &[]),
            Cell::Text(text) => of(2, text.as_bytes()),
            Cell::Instant(micros) | Cell::Local(micros) => of(3, &micros.to_le_bytes()),
        })
    })
}

/// The part of a row's fingerprint that its times make, as they were read.
pub(super) fn of_times(times: &[i64]) -> u64 {
    // No cell has such a number.
    let of = |(number, micros): (u64, &i64)| xxh3_64_with_seed(&micros.to_le_bytes(), u64::MAX - number);
    (0..).zip(times).map(of).fold(0, u64::wrapping_add)
}

/// The first bits of a fingerprint say of which bucket it is.
const BITS: u32 = 8;
const BUCKETS: usize = 1 << BITS;

fn bucket(print: u64) -> usize {
    (print >> (u64::BITS - BITS)) as usize
}

/// Fingerprints, bucket by bucket.
struct Bucketed {
    starts: Vec<usize>,
    prints: Vec<u64>,
}

impl Bucketed {
    fn of(rows: &[u64]) -> Bucketed {
        let starts = starts(BUCKETS, rows.iter().map(|print| bucket(*print)));
        let (mut next, mut prints) = (starts.clone(), vec![0; rows.len()]);
        for print in rows {
            let at = &mut next[bucket(*print)];
            prints[*at] = *print;
            *at += 1;
        }
        Bucketed { starts, prints }
    }

    fn bucket(&self, bucket: usize) -> &[u64] {
        &self.prints[self.starts[bucket]..self.starts[bucket + 1]]
    }
}

/// The fingerprints of the files so far, each once, by their buckets.
#[derive(Debug, Default)]
pub(super) struct Repeats(Vec<Vec<u64>>);

impl Repeats {
    /// How many rows of a file, whose fingerprints come in pieces, say the same as one before, in
    /// it or in a file before it.
    pub(super) fn count(&mut self, pieces: Vec<Vec<u64>>, is_last: bool) -> u64 {
        let pieces: Vec<Bucketed> = pieces.into_par_iter().map(|rows| Bucketed::of(&rows)).collect();
        self.0.resize(BUCKETS, Vec::new());
        let count = |table: &mut Vec<u64>, (bucket, known): (usize, &mut Vec<u64>)| {
            let rows = || pieces.iter().flat_map(|piece| piece.bucket(bucket)).copied();
            let most = known.len() + rows().count();
            table.clear();
            table.resize((2 * most).next_power_of_two(), 0);
            known.iter().for_each(|print| {
                is_new(table, *print);
            });
            let mut again = 0;
            for print in rows() {
                match is_new(table, print) {
                    false => again += 1,
                    true if !is_last => known.push(print),
                    true => {}
                }
            }
            again
        };
        self.0.par_iter_mut().enumerate().map_init(Vec::new, |table, of| count(table, of)).sum()
    }
}

/// Puts a fingerprint into a table of which half is free, and says whether it was not there.
fn is_new(table: &mut [u64], print: u64) -> bool {
    // A free slot is 0; the one fingerprint that is 0 counts as 1.
    let (print, mask) = (print.max(1), table.len() - 1);
    let mut at = print as usize & mask;
    loop {
        match table[at] {
            0 => {
                table[at] = print;
                return true;
            }
            other if other == print => return false,
            _ => at = (at + 1) & mask,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_row_counts_once_more_for_each_time_that_it_stands_again() {
        let mut repeats = Repeats::default();
        assert_eq!(repeats.count(vec![vec![3, 1], vec![3, 3]], false), 2);
        assert_eq!(repeats.count(vec![vec![1, 2, 2, 9]], false), 2);
        assert_eq!(repeats.count(vec![vec![], vec![9, 3, 4]], true), 2);
        assert_eq!(repeats.count(Vec::new(), true), 0);
    }

    proptest! {
        #[test]
        fn as_many_are_repeated_as_a_set_does_not_take(
            files in proptest::collection::vec(
                proptest::collection::vec(proptest::collection::vec((0..4_u64, 1..40_u64), 0..60), 0..4),
                1..4,
            ),
        ) {
            let (mut repeats, mut set) = (Repeats::default(), BTreeSet::new());
            let all = files.len();
            for (number, pieces) in files.into_iter().enumerate() {
                let print = |(high, low): (u64, u64)| high << 62 | low;
                let pieces: Vec<Vec<u64>> =
                    pieces.into_iter().map(|rows| rows.into_iter().map(print).collect()).collect();
                let again = pieces.iter().flatten().filter(|print| !set.insert(**print)).count();
                prop_assert_eq!(repeats.count(pieces, number + 1 == all), again as u64);
            }
        }
    }

    struct Cells(Vec<Cell<'static>>);

    impl Row for Cells {
        fn cell(&self, column: usize) -> Cell<'_> {
            self.0[column]
        }
    }

    #[test]
    fn rows_have_the_same_fingerprint_only_where_every_cell_and_time_is_the_same() {
        let rows = [
            vec![Cell::Text("ab"), Cell::Text("c")],
            vec![Cell::Text("a"), Cell::Text("bc")],
            vec![Cell::Text("c"), Cell::Text("ab")],
            vec![Cell::Text(""), Cell::Text("c")],
            vec![Cell::Empty, Cell::Text("c")],
            vec![Cell::NotUtf8, Cell::Text("c")],
            vec![Cell::Local(7), Cell::Text("c")],
        ];
        let prints = rows.map(|row| of_cells(&Cells(row), (0..).zip(0..2)));
        let times = [of_times(&[1, 2]), of_times(&[2, 1]), of_times(&[3])];
        let different: BTreeSet<u64> = prints.iter().chain(&times).copied().collect();
        assert_eq!(different.len(), prints.len() + times.len());
        let row = Cells(vec![Cell::Text("ab"), Cell::Text("c")]);
        let parts = [1, 0].map(|number| of_cells(&row, [(number, number)].into_iter()));
        assert_eq!(parts[0].wrapping_add(parts[1]), prints[0]);
    }
}
