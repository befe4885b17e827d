//! From a cube to the groups of one block.

use std::collections::BTreeMap;

use super::condition::Condition;
use super::cube::{CellKey, Numbering, larger};
use super::pass::{Cube, Frame, aggregates};
use super::plan::{Aggregate, Block, Content, Key};
use super::quantiles::{Bucketed, NONE, Size, quantiles};
use super::whole::Whole;
use crate::measure::FactValues;
use crate::measure::schema::FactType;

/// The bits of a cell that say of which group of a block it is.
pub(super) fn mask(block: &Block, cube: &Cube) -> Option<CellKey> {
    let Content::Groups { keys, .. } = &block.content else { return None };
    keys.iter().try_fold(0, |mask, key| Some(mask | cube.sides.find(key)?.mask()))
}

/// The block at a place, made of its cube; `None` where that cannot be.
pub(super) fn frame(
    block: &Block,
    place: usize,
    cube: &Cube,
    (whole, values): (&Whole<'_>, &[Bucketed]),
) -> Option<Frame> {
    let Content::Groups { keys, .. } = &block.content else { return None };
    let groups = Groups::of(block, cube, whole)?;
    let mut frame = Frame::new();
    for key in keys {
        frame.push(groups.key(key)?);
    }
    let mut quantiles = groups.quantiles(block, values)?;
    for (number, aggregate) in aggregates(block).iter().enumerate() {
        let (kind, values) = match quantiles.remove(&number) {
            Some(values) => (FactType::Float, FactValues::Float(values)),
            None => groups.aggregate(aggregate, (place, number))?,
        };
        frame.push((format!("aggregate_{number}"), kind, vec![values]));
    }
    Some(frame)
}

/// The quantiles that are asked of the same values.
struct Asked<'a> {
    condition: Option<&'a Condition>,
    column: &'static str,
    /// The place of each among the block's aggregates, and its share.
    wanted: Vec<(usize, f64)>,
}

/// The groups of a block.
struct Groups<'a> {
    cube: &'a Cube,
    whole: &'a Whole<'a>,
    /// The group of each cell, or [`NONE`].
    group_of: Vec<u32>,
    keys: Vec<CellKey>,
}

impl<'a> Groups<'a> {
    fn of(block: &Block, cube: &'a Cube, whole: &'a Whole<'_>) -> Option<Groups<'a>> {
        let mask = mask(block, cube)?;
        let mut numbering = Numbering::default();
        if mask == 0 {
            // Without keys all is one group, even where there is no row.
            numbering.number(0);
        }
        let holds = whole.holds.of_each(block.condition.as_ref())?;
        let group_of = whole.cells.iter().zip(holds);
        let group_of =
            group_of.map(|(cell, is)| if *is { numbering.number(cell & mask) } else { NONE }).collect();
        Some(Groups { cube, whole, group_of, keys: numbering.keys })
    }

    fn key(&self, key: &Key) -> Option<(String, FactType, Vec<FactValues>)> {
        let side = self.cube.sides.find(key)?;
        let values = side.values(&self.keys);
        Some(match (key.floor, values) {
            (true, FactValues::Float(values)) => {
                let whole = values.into_iter().map(|value| value.map(|value| value as i64));
                // The keys of decided measurements: all have a length.
                let whole: Vec<i64> = whole.collect::<Option<_>>()?;
                (key.name(), FactType::Int64, vec![FactValues::Int64(whole)])
            }
            (_, values) => (key.name(), side.kind, vec![values]),
        })
    }

    /// Whether a condition holds in each cell.
    fn holds(&self, condition: Option<&Condition>) -> Option<&[bool]> {
        self.whole.holds.of_each(condition)
    }

    /// The cells that are of a group, with it.
    fn grouped(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.group_of
            .iter()
            .enumerate()
            .filter(|(_, group)| **group != NONE)
            .map(|(cell, group)| (cell, *group as usize))
    }

    fn aggregate(
        &self,
        aggregate: &Aggregate,
        (place, number): (usize, usize),
    ) -> Option<(FactType, FactValues)> {
        let all = self.keys.len();
        Some(match aggregate {
            Aggregate::Count(condition) => {
                let holds = self.holds(condition.as_ref())?;
                let mut counts = vec![0_i64; all];
                for (cell, group) in self.grouped().filter(|(cell, _)| holds[*cell]) {
                    counts[group] += i64::try_from(self.whole.tallies.rows[cell]).ok()?;
                }
                (FactType::Int64, FactValues::Int64(counts))
            }
            Aggregate::Sum(column) => {
                let sums = self.whole.tallies.sums.get(column)?;
                let mut totals = vec![0_i64; all];
                for (cell, group) in self.grouped() {
                    totals[group] = totals[group].checked_add(sums[cell])?;
                }
                (FactType::Int64, FactValues::Int64(totals))
            }
            Aggregate::Max(column) => {
                let of_cells = self.whole.tallies.largest.get(column)?;
                let mut most = vec![None; all];
                for (cell, group) in self.grouped() {
                    most[group] = larger(most[group], of_cells[cell]);
                }
                (FactType::Float, FactValues::Float(most))
            }
            Aggregate::Distinct("ticket_id", _) => {
                let count =
                    |key: &CellKey| self.whole.tickets.get(&(place, number, *key)).copied().unwrap_or(0);
                let counts = self.keys.iter().map(|key| i64::try_from(count(key)).ok());
                (FactType::Int64, FactValues::Int64(counts.collect::<Option<_>>()?))
            }
            Aggregate::Distinct(column, condition) => {
                let mask = self.cube.sides.find(&Key { column, floor: false })?.mask();
                let (holds, FactValues::Text(codes)) =
                    (self.holds(condition.as_ref())?, self.whole.columns.columns.get(column)?)
                else {
                    return None;
                };
                let mut seen = Numbering::default();
                let mut counts = vec![0_i64; all];
                // A group and a value are one key: the group's number stands above the value's side.
                for (cell, group) in self.grouped().filter(|(cell, _)| holds[*cell] && codes[*cell].is_some())
                {
                    let known = seen.keys.len();
                    let value = (self.whole.cells[cell] & mask) >> mask.trailing_zeros();
                    seen.number((group as CellKey) << 64 | value);
                    counts[group] += i64::from(seen.keys.len() > known);
                }
                (FactType::Int64, FactValues::Int64(counts))
            }
            Aggregate::Quantile(..) => return None,
        })
    }

    /// The quantiles of a block, by the places of its aggregates: those of the same values are
    /// found together.
    fn quantiles(&self, block: &Block, all: &[Bucketed]) -> Option<BTreeMap<usize, Vec<Option<f64>>>> {
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for (number, aggregate) in aggregates(block).iter().enumerate() {
            if let Aggregate::Quantile(column, share, condition) = aggregate {
                let (condition, quantile) = (condition.as_ref(), (number, *share));
                match asked.iter_mut().find(|asked| asked.condition == condition) {
                    Some(asked) => asked.wanted.push(quantile),
                    None => asked.push(Asked { condition, column, wanted: vec![quantile] }),
                }
            }
        }
        let mut found = BTreeMap::new();
        for Asked { condition, column, wanted } in asked {
            let (holds, values) = (self.holds(condition)?, self.whole.tallies.values.get(column)?);
            let mut sizes = vec![Size::default(); self.keys.len()];
            let mut group_of = self.group_of.clone();
            for (cell, group) in self.grouped() {
                let rows = self.whole.tallies.rows[cell];
                let values = if holds[cell] { values[cell] } else { 0 };
                sizes[group].values += values;
                sizes[group].nulls += rows - values;
                if !holds[cell] {
                    group_of[cell] = NONE;
                }
            }
            let shares: Vec<f64> = wanted.iter().map(|(_, share)| *share).collect();
            let of_groups = quantiles((all, self.cube.asked?), &group_of, &sizes, &shares);
            for (place, (number, _)) in wanted.iter().enumerate() {
                found.insert(*number, of_groups.iter().map(|of_group| of_group[place]).collect());
            }
        }
        Some(found)
    }
}
