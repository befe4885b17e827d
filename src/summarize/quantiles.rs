//! Quantiles of groups, all from one sorting of the values.

/// A value and the cell that it is of. The value is a real number as bits in the order of numbers.
pub(super) type Placed = (u64, u32);

/// A real number as bits whose order is that of numbers.
pub(super) fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The real number of such bits.
pub(super) fn number(ordered: u64) -> f64 {
    f64::from_bits(if ordered >> 63 == 1 { ordered & !(1 << 63) } else { !ordered })
}

/// How many values a group has, and how many rows without a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) values: u64,
    pub(super) nulls: u64,
}

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// For each group the quantiles of `shares`, from the sorted values of all cells; `group_of` is the
/// group of each cell, or [`NONE`].
pub(super) fn quantiles(
    sorted: &[Placed],
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
    for (value, cell) in sorted {
        let group = group_of[*cell as usize];
        if group == NONE {
            continue;
        }
        let group = group as usize;
        if seen[group] == next[group] {
            found[group].push(number(*value));
            next[group] = ranks[group].get(found[group].len()).copied().unwrap_or(u64::MAX);
        }
        seen[group] += 1;
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
            let mut sorted: Vec<Placed> =
                rows.iter().filter_map(|(group, micros)| Some((ordered(hours((*micros)?)), *group))).collect();
            sorted.sort_unstable();
            let mut sizes = vec![Size::default(); 4];
            for (group, micros) in &rows {
                let size = &mut sizes[*group as usize];
                if micros.is_some() { size.values += 1 } else { size.nulls += 1 }
            }
            let found = quantiles(&sorted, &[0, 1, 2, 3], &sizes, &shares);
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
