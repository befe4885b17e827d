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
    tickets: BTreeMap<(usize, usize, CellKey), u64>,
}

impl CubeSum {
    /// Adds another part and gives what its cells are among all; `None` where a sum is too large.
    pub(super) fn add(&mut self, part: CubePart) -> Option<Vec<u32>> {
        let cells: Vec<u32> = part.cells.iter().map(|cell| self.numbering.number(*cell)).collect();
        self.tallies.add(&part.tallies, &cells, self.numbering.keys.len())?;
        for (group, count) in part.tickets {
            *self.tickets.entry(group).or_default() += count;
        }
        Some(cells)
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
    pub(super) tickets: BTreeMap<(usize, usize, CellKey), u64>,
}

impl<'b> Whole<'b> {
    pub(super) fn of(
        sum: CubeSum,
        sides: &Sides,
        (blocks, lexicons): (impl Iterator<Item = &'b Block>, &Lexicons),
    ) -> Whole<'b> {
        let CubeSum { numbering, tallies, tickets } = sum;
        let columns = sides.columns(&numbering.keys, |_| true);
        let holds = Holds::of(blocks.flat_map(conditions), &columns, lexicons);
        Whole { cells: numbering.keys, columns, holds, tallies, tickets }
    }
}
