//! Quantiles of groups, all from one sorting of the values.

use std::ops::Range;

use rayon::prelude::*;

use crate::buckets::starts;

/// A real number as bits whose order is that of numbers.
pub(super) fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The real number of such bits.
pub(super) fn number(ordered: u64) -> f64 {
    f64::from_bits(if ordered >> 63 == 1 { ordered & !(1 << 63) } else { !ordered })
}

/// How many buckets a doubling of a value has, as a power of two.
const FINE: u32 = 6;

/// As many buckets as 16 doublings have.
const BUCKETS: usize = 16 << FINE;

/// The bits of an ordered number that say of which bucket it is: its exponent and some bits more.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - FINE;

/// A sixteenth of an hour: what is less is of the first bucket, with this; and what is more than
/// 4096 hours, of the last one.
const LEAST: u64 = (0.0625_f64.to_bits() | 1 << 63) >> SHIFT;

fn bucket(value: u64) -> usize {
    ((value >> SHIFT).saturating_sub(LEAST) as usize).min(BUCKETS - 1)
}

/// The values of a part, those of nearly one size together, and the cell of each in every cube.
#[derive(Debug, Default)]
pub(super) struct PartValues {
    /// Where the values of each bucket start, and those of the last one end.
    starts: Vec<usize>,
    /// Real numbers as bits in the order of numbers.
    values: Vec<u64>,
    /// Of each cube; [`NONE`] where the value is asked for in no group of it.
    cells: Vec<Vec<u32>>,
}

impl PartValues {
    /// The values of rows, and of each cube the cells of the rows.
    pub(super) fn of(values: &[Option<f64>], cells: &[Vec<u32>]) -> PartValues {
        let is_asked = |row: &usize| cells.iter().any(|cells| cells[*row] != NONE);
        let asked = (0..values.len()).filter_map(|row| Some((row, ordered(values[row]?))));
        let asked: Vec<(usize, u64)> = asked.filter(|(row, _)| is_asked(row)).collect();
        let starts = starts(BUCKETS, asked.iter().map(|(_, value)| bucket(*value)));
        let mut next = starts.clone();
        let mut part = PartValues {
            starts,
            values: vec![0; asked.len()],
            cells: cells.iter().map(|_| vec![0; asked.len()]).collect(),
        };
        for (row, value) in asked {
            let next = &mut next[bucket(value)];
            part.values[*next] = value;
            part.cells.iter_mut().zip(cells).for_each(|(to, from)| to[*next] = from[row]);
            *next += 1;
        }
        part
    }

    fn bucket(&self, bucket: usize) -> Range<usize> {
        match self.starts.get(bucket..bucket + 2) {
            Some(bounds) => bounds[0]..bounds[1],
            None => 0..0,
        }
    }
}

/// Values in their order, in pieces, with the cell of each in every cube.
#[derive(Debug, Default)]
pub(super) struct SortedValues {
    pieces: Vec<(Vec<u64>, Vec<Vec<u32>>)>,
}

impl SortedValues {
    /// The values of all parts; `now` has for each cube and part what its cells are among those of
    /// all parts.
    pub(super) fn of(parts: &[PartValues], now: &[Option<&[Vec<u32>]>]) -> SortedValues {
        let piece = |bucket: usize| {
            let count = parts.iter().map(|part| part.bucket(bucket).len()).sum();
            let mut order: Vec<(u64, u32)> = Vec::with_capacity(count);
            for part in parts {
                order.extend(part.values[part.bucket(bucket)].iter().copied().zip(order.len() as u32..));
            }
            order.sort_unstable_by_key(|(value, _)| *value);
            let cells = now.iter().enumerate().map(|(cube, now)| {
                // A cube that could not be made is asked for nothing.
                let Some(now) = now else { return Vec::new() };
                let mut all = Vec::with_capacity(count);
                for (part, now) in parts.iter().zip(*now) {
                    let cells = &part.cells[cube][part.bucket(bucket)];
                    all.extend(
                        cells.iter().map(|cell| if *cell == NONE { NONE } else { now[*cell as usize] }),
                    );
                }
                order.iter().map(|(_, place)| all[*place as usize]).collect()
            });
            let cells = cells.collect();
            (order.into_iter().map(|(value, _)| value).collect(), cells)
        };
        SortedValues { pieces: (0..BUCKETS).into_par_iter().map(piece).collect() }
    }
}

/// How many values a group has, and how many rows without a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) values: u64,
    pub(super) nulls: u64,
}

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// For each group the quantiles of `shares`, from the sorted values of a cube; `group_of` is the
/// group of each of its cells, or [`NONE`].
pub(super) fn quantiles(
    (sorted, cube): (&SortedValues, usize),
    group_of: &[u32],
    sizes: &[Size],
    shares: &[f64],
) -> Vec<Vec<Option<f64>>> {
    // The places among a group's sorted values that its quantiles lie on or between.
    let between: Vec<Vec<Between>> =
        sizes.iter().map(|size| shares.iter().map(|share| Between::of(*share, *size)).collect()).collect();
    let mut ranks: Vec<Vec<u64>> = between
        .iter()
        .map(|of_group| {
            let mut ranks: Vec<u64> =
                of_group.iter().flat_map(|between| [between.lower, between.upper]).collect();
            ranks.sort_unstable();
            ranks.dedup();
            ranks
        })
        .collect();
    let mut found: Vec<Vec<f64>> = ranks.iter().map(|ranks| Vec::with_capacity(ranks.len())).collect();
    let mut seen = vec![0_u64; sizes.len()];
    let mut next: Vec<u64> = ranks
        .iter()
        .zip(sizes)
        .map(|(ranks, size)| if size.values == 0 { u64::MAX } else { ranks[0] })
        .collect();
    for (values, cells) in &sorted.pieces {
        for (place, cell) in cells[cube].iter().enumerate() {
            // No cell has the number of none.
            let Some(group) = group_of.get(*cell as usize).filter(|group| **group != NONE) else { continue };
            let group = *group as usize;
            if seen[group] == next[group] {
                found[group].push(number(values[place]));
                next[group] = ranks[group].get(found[group].len()).copied().unwrap_or(u64::MAX);
            }
            seen[group] += 1;
        }
    }
    let of_group = |((between, ranks), found): ((&Vec<Between>, &mut Vec<u64>), &Vec<f64>)| {
        let value = |rank: u64| found.get(ranks.binary_search(&rank).ok()?).copied();
        between.iter().map(|between| between.value(value(between.lower)?, value(between.upper)?)).collect()
    };
    between.iter().zip(&mut ranks).zip(&found).map(of_group).collect()
}

/// Between which of a group's sorted values a quantile lies, counted from 0, and how far.
#[derive(Debug, Clone, Copy)]
struct Between {
    lower: u64,
    upper: u64,
    share: f64,
}

impl Between {
    /// As the engine computes it, to the last bit: it counts rows without a value first, so that
    /// they are in the sum that is rounded.
    fn of(share: f64, size: Size) -> Between {
        let place = (size.values as f64 - 1.0) * share + size.nulls as f64;
        let last = (size.values + size.nulls).saturating_sub(1);
        let (lower, upper) = ((place as u64).min(last), place.ceil() as u64);
        let share = place - lower as f64;
        let values = |place: u64| place.saturating_sub(size.nulls);
        let upper = if lower == upper { lower } else { lower + 1 };
        Between { lower: values(lower), upper: values(upper), share }
    }

    fn value(&self, lower: f64, upper: f64) -> Option<f64> {
        Some(if self.lower == self.upper || lower.to_bits() == upper.to_bits() {
            lower
        } else {
            self.share * (upper - lower) + lower
        })
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_stand_in_the_order_of_numbers(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.total_cmp(&b));
            prop_assert_eq!(number(ordered(a)).to_bits(), a.to_bits());
        }

        #[test]
        fn quantiles_are_those_of_the_engine_to_the_bit(
            rows in proptest::collection::vec((0..4_u32, proptest::option::weighted(0.8, 0..90_000_000_000_i64)), 0..200),
            shares in proptest::collection::vec(prop_oneof![Just(0.5), Just(0.9), Just(0.95), 0.0..=1.0], 1..4),
        ) {
            let hours = |micros: i64| micros as f64 / 3.6e9;
            // In two parts, with other cells in each, and beside a cube that was not made.
            let (first, second) = rows.split_at(rows.len() / 2);
            let part = |rows: &[(u32, Option<i64>)], cell: &dyn Fn(u32) -> u32| {
                let values: Vec<Option<f64>> = rows.iter().map(|row| row.1.map(hours)).collect();
                let cells = rows.iter().map(|row| cell(row.0)).collect();
                PartValues::of(&values, &[vec![NONE; rows.len()], cells])
            };
            let parts = [part(first, &|cell| cell), part(second, &|cell| 3 - cell)];
            let now = [vec![0, 1, 2, 3], vec![3, 2, 1, 0]];
            let sorted = SortedValues::of(&parts, &[None, Some(&now)]);
            let mut sizes = vec![Size::default(); 4];
            for (group, micros) in &rows {
                let size = &mut sizes[*group as usize];
                if micros.is_some() { size.values += 1 } else { size.nulls += 1 }
            }
            let found = quantiles((&sorted, 1), &[0, 1, 2, 3], &sizes, &shares);
            for group in 0..4 {
                let own: Vec<Option<f64>> =
                    rows.iter().filter(|row| row.0 == group).map(|row| row.1.map(hours)).collect();
                let column = Float64Chunked::from_slice_options("x".into(), &own);
                for (share, found) in shares.iter().zip(&found[group as usize]) {
                    let expected = column.quantile(*share, QuantileMethod::Linear).unwrap();
                    prop_assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
                }
            }
        }
    }
}
