//! Quantiles of groups: values are put into buckets by their size, and sorted only where a quantile
//! lies.

use std::ops::Range;

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

/// The bucket of a value that nothing asks for.
const NOWHERE: u16 = u16::MAX;

/// The bits of an ordered number that say of which bucket it is: its exponent and some bits more.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - FINE;

/// A sixteenth of an hour: what is less is of the first bucket, with this; and what is more than
/// 4096 hours, of the last one.
const LEAST: u64 = (0.0625_f64.to_bits() | 1 << 63) >> SHIFT;

fn bucket(value: u64) -> usize {
    ((value >> SHIFT).saturating_sub(LEAST) as usize).min(BUCKETS - 1)
}

/// The values of a part or of several, bucket by bucket, and the cell of each in every cube.
#[derive(Debug, Default)]
pub(super) struct Bucketed {
    /// Where the values of each bucket start, and those of the last one end.
    starts: Vec<usize>,
    /// Real numbers as bits in the order of numbers.
    values: Vec<u64>,
    /// Of each cube; [`NONE`] where the value is asked for in no group of it.
    cells: Vec<Vec<u32>>,
}

impl Bucketed {
    /// The values of rows, and of each cube the cells of the rows.
    pub(super) fn of<V: Copy + Into<Option<f64>>>(values: &[V], cells: &[Vec<u32>]) -> Bucketed {
        let is_asked = |row: usize| cells.iter().any(|cells| cells[row] != NONE);
        let place = |(row, value): (usize, &V)| match (*value).into() {
            Some(value) if is_asked(row) => bucket(ordered(value)) as u16,
            _ => NOWHERE,
        };
        let places: Vec<u16> = values.iter().enumerate().map(place).collect();
        let asked = || places.iter().enumerate().filter(|(_, place)| **place != NOWHERE);
        let starts = starts(BUCKETS, asked().map(|(_, place)| usize::from(*place)));
        let mut next = starts.clone();
        let count = starts[BUCKETS];
        let mut part = Bucketed {
            starts,
            values: vec![0; count],
            cells: cells.iter().map(|_| vec![0; count]).collect(),
        };
        for (row, place) in asked() {
            let next = &mut next[usize::from(*place)];
            // It has a value.
            part.values[*next] = values[row].into().map_or(0, ordered);
            part.cells.iter_mut().zip(cells).for_each(|(to, from)| to[*next] = from[row]);
            *next += 1;
        }
        part
    }

    /// Those of several parts; `now` has for each cube what the cells of each part are among those
    /// of all parts, and nothing for a cube that cannot be made, of which nothing will be asked.
    pub(super) fn together(parts: &[Bucketed], now: &[Option<&[Vec<u32>]>]) -> Bucketed {
        let count = parts.iter().map(|part| part.values.len()).sum();
        let mut all = Bucketed {
            starts: vec![0],
            values: Vec::with_capacity(count),
            cells: now.iter().map(|_| Vec::with_capacity(count)).collect(),
        };
        for bucket in 0..BUCKETS {
            parts.iter().for_each(|part| all.values.extend_from_slice(&part.values[part.bucket(bucket)]));
            all.starts.push(all.values.len());
            for (cube, (cells, now)) in all.cells.iter_mut().zip(now).enumerate() {
                for (part, now) in parts.iter().zip(now.iter().copied().flatten()) {
                    let now = |cell: &u32| if *cell == NONE { NONE } else { now[*cell as usize] };
                    cells.extend(part.cells(bucket, cube).iter().map(now));
                }
            }
        }
        all
    }

    fn bucket(&self, bucket: usize) -> Range<usize> {
        match self.starts.get(bucket..bucket + 2) {
            Some(bounds) => bounds[0]..bounds[1],
            None => 0..0,
        }
    }

    /// The cells that the values of a bucket have in a cube.
    fn cells(&self, bucket: usize, cube: usize) -> &[u32] {
        self.cells.get(cube).and_then(|cells| cells.get(self.bucket(bucket))).unwrap_or_default()
    }

    /// The values of a bucket, each with its cell in a cube.
    fn with_cells(&self, bucket: usize, cube: usize) -> impl Iterator<Item = (u64, &u32)> {
        let values = self.values[self.bucket(bucket)].iter().copied();
        values.zip(self.cells(bucket, cube))
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

/// For each group the quantiles of `shares`, from the values of a cube; `group_of` is the group of
/// each of its cells, or [`NONE`].
///
/// A bucket is sorted only as far as a quantile lies in it: the values of those groups.
pub(super) fn quantiles(
    (all, cube): (&[Bucketed], usize),
    group_of: &[u32],
    sizes: &[Size],
    shares: &[f64],
) -> Vec<Vec<Option<f64>>> {
    let mut groups: Vec<Ranked> = sizes.iter().map(|size| Ranked::of(*size, shares)).collect();
    // How many values of each group have come, and up to how many nothing is sought of them.
    let mut seen = vec![0_u64; sizes.len()];
    let mut enough: Vec<u64> = groups.iter().map(Ranked::next).collect();
    // The groups that are sought of in the bucket, and where the values of each are put.
    let mut sought: Vec<(usize, Vec<u64>)> = Vec::new();
    let mut place_of = vec![NONE; sizes.len()];
    // No cell has the number of none.
    let group_of = |cell: &u32| {
        group_of.get(*cell as usize).filter(|group| **group != NONE).map(|group| *group as usize)
    };
    for bucket in 0..BUCKETS {
        let mut count = 0;
        all.iter().flat_map(|values| values.cells(bucket, cube)).filter_map(group_of).for_each(|group| {
            let of_group = &mut seen[group];
            if *of_group == enough[group] {
                place_of[group] = count as u32;
                if count == sought.len() {
                    sought.push((0, Vec::new()));
                }
                sought[count].0 = group;
                count += 1;
            }
            *of_group += 1;
        });
        if count == 0 {
            continue;
        }
        all.iter().flat_map(|values| values.with_cells(bucket, cube)).for_each(|(value, cell)| {
            if let Some(group) = group_of(cell)
                && let place = place_of[group]
                && place != NONE
            {
                sought[place as usize].1.push(value);
            }
        });
        for (group, values) in &mut sought[..count] {
            let group = *group;
            values.sort_unstable();
            let first = seen[group] - values.len() as u64;
            groups[group].find(first, values);
            enough[group] = groups[group].next();
            place_of[group] = NONE;
            values.clear();
        }
    }
    groups.iter().map(Ranked::quantiles).collect()
}

/// The quantiles of a group, while they are sought.
struct Ranked {
    between: Vec<Between>,
    /// The places among the group's values that they lie on or between, in order.
    ranks: Vec<u64>,
    /// The values at the first of these.
    found: Vec<f64>,
}

impl Ranked {
    fn of(size: Size, shares: &[f64]) -> Ranked {
        let between: Vec<Between> = shares.iter().map(|share| Between::of(*share, size)).collect();
        let mut ranks: Vec<u64> = Vec::new();
        if size.values > 0 {
            ranks.extend(between.iter().flat_map(|between| [between.lower, between.upper]));
        }
        ranks.sort_unstable();
        ranks.dedup();
        Ranked { between, ranks, found: Vec::new() }
    }

    /// The place of the next value that is sought, beyond all places once there is none.
    fn next(&self) -> u64 {
        self.ranks.get(self.found.len()).copied().unwrap_or(u64::MAX)
    }

    /// Finds what is sought among values in their order, of which the first stands at this place
    /// among all of the group.
    fn find(&mut self, first: u64, values: &[u64]) {
        while let Some(value) = values.get(self.next().wrapping_sub(first) as usize) {
            self.found.push(number(*value));
        }
    }

    fn quantiles(&self) -> Vec<Option<f64>> {
        let value = |rank: u64| self.found.get(self.ranks.binary_search(&rank).ok()?).copied();
        let of = |between: &Between| between.value(value(between.lower)?, value(between.upper)?);
        self.between.iter().map(of).collect()
    }
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
            are_together: bool,
        ) {
            let hours = |micros: i64| micros as f64 / 3.6e9;
            // In two parts, with other cells in each, and beside a cube that was not made.
            let (first, second) = rows.split_at(rows.len() / 2);
            let part = |rows: &[(u32, Option<i64>)], cell: &dyn Fn(u32) -> u32| {
                let values: Vec<Option<f64>> = rows.iter().map(|row| row.1.map(hours)).collect();
                let cells = rows.iter().map(|row| cell(row.0)).collect();
                Bucketed::of(&values, &[vec![NONE; rows.len()], cells])
            };
            let parts = [part(first, &|cell| cell), part(second, &|cell| 3 - cell)];
            let now = [vec![0, 1, 2, 3], vec![3, 2, 1, 0]];
            let all = match are_together {
                true => vec![Bucketed::together(&parts, &[None, Some(&now)])],
                false => Vec::from([0, 1].map(|part| {
                    Bucketed::together(&parts[part..=part], &[None, Some(&now[part..=part])])
                })),
            };
            let mut sizes = vec![Size::default(); 4];
            for (group, micros) in &rows {
                let size = &mut sizes[*group as usize];
                if micros.is_some() { size.values += 1 } else { size.nulls += 1 }
            }
            let found = quantiles((&all, 1), &[0, 1, 2, 3], &sizes, &shares);
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
