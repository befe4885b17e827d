//! A cube of all parts of the facts: what each of them comes to, put together in their order.

use std::collections::BTreeMap;

use super::columns::Columns;
use super::condition::{Holds, Lexicons};
use super::cube::{CellKey, Numbering, Sides, Tallies};
use super::pass::conditions;
use super::plan::Block;

/// What a part comes to in one cube.
#[derive(Default)]
pub(super) struct CubePart {
    pub(super) cells: Vec<CellKey>,
    pub(super) tallies: Tallies,
    /// The cell of each row, or [`NONE`](super::quantiles::NONE) where no quantile is asked of it;
    /// none where none is at all.
    pub(super) asked: Vec<u32>,
    /// How many different tickets each group of an aggregate has, by block, aggregate and group.
    pub(super) tickets: BTreeMap<(usize, usize, CellKey), u64>,
}

/// What the parts so far come to in one cube.
#[derive(Default)]
pub(super) struct CubeSum {
    numbering: Numbering,
    tallies: Tallies,
    /// What the cells of each part are among all.
    now: Vec<Vec<u32>>,
    tickets: BTreeMap<(usize, usize, CellKey), u64>,
}

impl CubeSum {
    /// With another part; `None` where a sum is too large.
    pub(super) fn and(mut self, part: CubePart) -> Option<CubeSum> {
        let cells: Vec<u32> = part.cells.iter().map(|cell| self.numbering.number(*cell)).collect();
        self.tallies.add(&part.tallies, &cells, self.numbering.keys.len())?;
        self.now.push(cells);
        for (group, count) in part.tickets {
            *self.tickets.entry(group).or_default() += count;
        }
        Some(self)
    }
}

/// A cube of all parts.
pub(super) struct Whole<'b> {
    pub(super) cells: Vec<CellKey>,
    /// What is known of each cell.
    pub(super) columns: Columns,
    /// Which conditions hold in which cells.
    pub(super) holds: Holds<'b>,
    pub(super) tallies: Tallies,
    /// What the cells of each part are here.
    pub(super) now: Vec<Vec<u32>>,
    pub(super) tickets: BTreeMap<(usize, usize, CellKey), u64>,
}

impl<'b> Whole<'b> {
    pub(super) fn of(
        sum: CubeSum,
        sides: &Sides,
        (blocks, lexicons): (impl Iterator<Item = &'b Block>, &Lexicons),
    ) -> Whole<'b> {
        let CubeSum { numbering, tallies, now, tickets } = sum;
        let columns = sides.columns(&numbering.keys, |_| true);
        let holds = Holds::of(blocks.flat_map(conditions), &columns, lexicons);
        Whole { cells: numbering.keys, columns, holds, tallies, now, tickets }
    }
}
