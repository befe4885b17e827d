//! One pass over the facts, in which all blocks of all queries are made.
//!
//! The facts come in parts, which are gone through side by side, each column of a part made once.
//! What parts come to is put together in their order, so that nothing depends on the threads.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::columns::{Columns, Reals};
use super::condition::{Condition, Holds, Lexicons};
use super::cube::{CellKey, Numbering, Sides, Tallies, larger};
use super::groups;
use super::plan::{Aggregate, Block, Content, Key};
use super::quantiles::{Bucketed, NONE};
use super::whole::{CubePart, CubeSum, Whole};
use crate::measure::schema::{FactTable, FactType};
use crate::measure::{FactValues, Facts, FactsPart, FullValues, Lexicon};
use crate::spill::SpillError;

/// The columns of a block: each with its name, its type, and its values in pieces.
pub(super) type Frame = Vec<(String, FactType, Vec<FactValues>)>;

/// The column whose values tell tickets apart.
const TICKET: &str = "ticket_id";

/// How many parts are made while those before them are put together; more would only take memory.
const PARTS: usize = 16;

/// The passes over all tables, and what they came to.
pub(super) struct Passes<'a> {
    all: Vec<(Pass<'a>, Gathered)>,
    blocks: usize,
}

impl<'a> Passes<'a> {
    /// Goes through the facts, for all of these blocks.
    ///
    /// # Errors
    /// [`SpillError`] where facts are in a file that cannot be read.
    pub(super) fn over(facts: &'a Facts, blocks: Vec<&'a Block>) -> Result<Passes<'a>, SpillError> {
        let of_table = |table: &FactTable| {
            let is_of_table = |place: &usize| blocks[*place].table == *table;
            let places: Vec<usize> = (0..blocks.len()).filter(is_of_table).collect();
            if places.is_empty() {
                return Ok(None);
            }
            let pass = Pass::new(facts, *table, &blocks, places);
            let gathered = pass.run()?;
            Ok(Some((pass, gathered)))
        };
        let all = FactTable::ALL.par_iter().map(of_table).collect::<Result<Vec<_>, SpillError>>()?;
        Ok(Passes { all: all.into_iter().flatten().collect(), blocks: blocks.len() })
    }

    /// The blocks, in their order; `None` for one that is not of a kind that can be made here.
    pub(super) fn blocks(self) -> Vec<Option<Frame>> {
        let frames: Vec<_> = self.all.into_par_iter().map(|(pass, all)| pass.frames(all)).collect();
        let mut made: Vec<Option<Frame>> = (0..self.blocks).map(|_| None).collect();
        frames.into_iter().flatten().for_each(|(place, frame)| made[place] = frame);
        made
    }
}

/// A cube and the blocks that are made of it.
pub(super) struct Cube {
    pub(super) sides: Sides,
    pub(super) blocks: Vec<usize>,
    /// Its place among the cubes of which quantiles are asked.
    pub(super) asked: Option<usize>,
}

/// The pass over one table.
struct Pass<'a> {
    facts: &'a Facts,
    table: FactTable,
    blocks: Vec<&'a Block>,
    cubes: Vec<Cube>,
    /// The column that quantiles are asked of.
    quantiles_of: Option<&'static str>,
    /// The blocks of rows.
    rows: Vec<usize>,
    /// The texts of the columns that make cubes and that conditions look at.
    lexicons: Lexicons,
}

/// What a part comes to.
struct Part {
    cubes: Vec<Option<CubePart>>,
    values: Bucketed,
    rows: Vec<Option<Vec<FactValues>>>,
}

impl<'a> Pass<'a> {
    fn new(facts: &'a Facts, table: FactTable, blocks: &[&'a Block], places: Vec<usize>) -> Pass<'a> {
        let (groups, rows): (Vec<usize>, Vec<usize>) =
            places.into_iter().partition(|place| matches!(blocks[*place].content, Content::Groups { .. }));
        let mut pass = Pass {
            facts,
            table,
            blocks: blocks.to_vec(),
            cubes: Vec::new(),
            quantiles_of: None,
            rows,
            lexicons: Lexicons::new(),
        };
        for key in groups.iter().chain(&pass.rows).flat_map(|place| sides_of(blocks[*place])) {
            if let Some(FactType::Text(lexicon)) = pass.kind(key.column)
                && lexicon != Lexicon::Ids
            {
                pass.lexicons.entry(lexicon).or_insert_with(|| facts.lexicon(lexicon).into_owned());
            }
        }
        // Values are put together of one column: blocks that ask of another are not made here.
        let asks_of = |place: &usize| aggregates(blocks[*place]).iter().find_map(quantile_of);
        pass.quantiles_of = groups.iter().find_map(asks_of);
        let is_of_it =
            |aggregate: &Aggregate| quantile_of(aggregate).is_none_or(|of| Some(of) == pass.quantiles_of);
        let groups =
            groups.into_iter().filter(|place| aggregates(blocks[*place]).iter().all(is_of_it)).collect();
        pass.cubes = pass.cubes_of(groups);
        pass
    }

    fn kind(&self, column: &str) -> Option<FactType> {
        self.table.column(column).map(|column| column.kind)
    }

    /// Blocks whose sides take few values share a cube, those that ask about months and compared
    /// periods another: months times customers would be nearly as many cells as rows. Each other
    /// block has a cube of its own.
    fn cubes_of(&self, blocks: Vec<usize>) -> Vec<Cube> {
        let is_wide = |key: &Key| match self.kind(key.column) {
            Some(FactType::Text(_) | FactType::Bool) => false,
            Some(FactType::Int8) => key.column != "severity",
            _ => true,
        };
        let (wide, narrow): (Vec<usize>, Vec<usize>) =
            blocks.into_iter().partition(|place| sides_of(self.blocks[*place]).iter().any(is_wide));
        let is_of_time = |key: &Key| matches!(key.column, "month" | "compared");
        let (of_time, narrow): (Vec<usize>, Vec<usize>) =
            narrow.into_iter().partition(|place| sides_of(self.blocks[*place]).iter().any(is_of_time));
        let sets = wide.into_iter().map(|place| vec![place]).chain([narrow, of_time]);
        let mut cubes: Vec<Cube> = sets.filter_map(|blocks| self.cube(blocks)).collect();
        let asks = |place: &usize| aggregates(self.blocks[*place]).iter().any(|of| quantile_of(of).is_some());
        let asked = cubes.iter_mut().filter(|cube| cube.blocks.iter().any(asks));
        asked.enumerate().for_each(|(number, cube)| cube.asked = Some(number));
        cubes
    }

    fn cube(&self, blocks: Vec<usize>) -> Option<Cube> {
        if blocks.is_empty() {
            return None;
        }
        let keys: BTreeSet<Key> = blocks.iter().flat_map(|place| sides_of(self.blocks[*place])).collect();
        let sides = Sides::of(&self.lexicons, self.table, &keys)?;
        Some(Cube { sides, blocks, asked: None })
    }

    /// The columns that are looked at in every row, and those that only say of which cell it is.
    fn columns(&self) -> [BTreeSet<&'static str>; 2] {
        let mut names = Vec::new();
        for aggregate in
            self.cubes.iter().flat_map(|cube| &cube.blocks).flat_map(|place| aggregates(self.blocks[*place]))
        {
            names.extend(match aggregate {
                Aggregate::Sum(column)
                | Aggregate::Max(column)
                | Aggregate::Quantile(column, ..)
                | Aggregate::Distinct(column @ TICKET, _) => Some(*column),
                Aggregate::Count(_) | Aggregate::Distinct(..) => None,
            });
        }
        names.extend(self.rows.iter().flat_map(|place| sides_of(self.blocks[*place])).map(|key| key.column));
        let row_by_row: BTreeSet<_> = names.into_iter().collect();
        let sides = self.cubes.iter().flat_map(|cube| &cube.sides.sides).map(|side| side.key.column);
        let of_cells = sides.filter(|name| !row_by_row.contains(name)).collect();
        [row_by_row, of_cells]
    }

    /// Columns of a part. Those that only say of which cell a row is are made once for each ticket,
    /// where they can be.
    fn columns_of(
        &self,
        part: &FactsPart<'_>,
        rows: usize,
        [row_by_row, of_cells]: &[BTreeSet<&'static str>; 2],
    ) -> Columns {
        let mut columns = Columns { rows, ..Columns::default() };
        for name in of_cells {
            if let Some((values, ends)) = part.by_ticket(self.table, name) {
                columns.of_tickets.insert(name, values);
                ends.clone_into(&mut columns.ends);
            }
        }
        for name in row_by_row.iter().chain(of_cells) {
            if columns.of_tickets.contains_key(name) {
                continue;
            }
            let is_real = self.kind(name) == Some(FactType::Float);
            if is_real && let Some(FullValues::Float(values)) = part.full(self.table, name) {
                columns.full.insert(name, values);
            } else {
                columns.columns.extend(Some(*name).zip(part.column(self.table, name)));
            }
        }
        columns
    }

    fn run(&self) -> Result<Gathered, SpillError> {
        let (names, parts) = (self.columns(), (0..self.facts.parts()).collect::<Vec<_>>());
        let mut all = Gathered {
            cubes: self.cubes.iter().map(|_| Some(CubeSum::default())).collect(),
            values: Vec::with_capacity(parts.len().div_ceil(PARTS)),
            rows: self.rows.iter().map(|_| Vec::new()).collect(),
        };
        let mut made = Vec::new();
        for parts in parts.chunks(PARTS) {
            let before = std::mem::take(&mut made);
            let make = || parts.par_iter().map(|part| self.part(*part, &names)).collect();
            let (now, ()): (Result<_, SpillError>, ()) = rayon::join(make, || all.add(before, &self.cubes));
            made = now?;
        }
        all.add(made, &self.cubes);
        Ok(all)
    }

    /// What a part of the facts comes to.
    fn part(&self, part: usize, names: &[BTreeSet<&'static str>; 2]) -> Result<Part, SpillError> {
        let of_part = self.facts.part(part)?;
        let rows = self.facts.part_rows(self.table, part);
        let columns = of_part.as_ref().map(|part| self.columns_of(part, rows, names)).unwrap_or_default();
        let mut cubes: Vec<_> = self.cubes.iter().map(|cube| self.cube_part(cube, &columns)).collect();
        let rows = |place: &usize| self.rows_part(self.blocks[*place], &columns, of_part.as_ref()?);
        Ok(Part {
            values: self.values_part(&mut cubes, &columns),
            cubes,
            rows: self.rows.iter().map(rows).collect(),
        })
    }

    /// The blocks, from what all parts come to.
    fn frames(&self, all: Gathered) -> Vec<(usize, Option<Frame>)> {
        let mut made: Vec<(usize, Option<Frame>)> = Vec::new();
        for (place, parts) in self.rows.iter().zip(all.rows) {
            made.push((*place, self.rows_frame(self.blocks[*place], parts)));
        }
        let whole = |(cube, sum): (&Cube, Option<CubeSum>)| {
            let blocks = cube.blocks.iter().map(|place| self.blocks[*place]);
            Some(Whole::of(sum?, &cube.sides, (blocks, &self.lexicons)))
        };
        let wholes: Vec<Option<Whole<'_>>> = self.cubes.par_iter().zip(all.cubes).map(whole).collect();
        let frames = self.cubes.par_iter().zip(&wholes).flat_map(|(cube, whole)| {
            let (whole, values) = (whole.as_ref(), all.values.as_slice());
            cube.blocks.par_iter().map(move |place| {
                let block = self.blocks[*place];
                (*place, whole.and_then(|whole| groups::frame(block, *place, cube, (whole, values))))
            })
        });
        made.par_extend(frames);
        made
    }

    /// The values of a part that quantiles are asked of.
    fn values_part(&self, cubes: &mut [Option<CubePart>], columns: &Columns) -> Bucketed {
        let Some(column) = self.quantiles_of else { return Bucketed::default() };
        let asked = self.cubes.iter().zip(cubes).filter(|(cube, _)| cube.asked.is_some());
        // A cube that is not made here is asked for nothing.
        let cells = asked.map(|(_, part)| match part {
            Some(part) => std::mem::take(&mut part.asked),
            None => vec![NONE; columns.rows],
        });
        let cells: Vec<_> = cells.collect();
        match columns.reals(column) {
            Some(Reals::Full(values)) => Bucketed::of(values, &cells),
            Some(Reals::Sparse(values)) => Bucketed::of(values, &cells),
            None => Bucketed::default(),
        }
    }

    fn cube_part(&self, cube: &Cube, columns: &Columns) -> Option<CubePart> {
        let (cells, keys) = cube.sides.cells(columns)?;
        let all = keys.len();
        let mut part =
            CubePart { tallies: tallies(&cells, all, cube, &self.blocks, columns)?, ..CubePart::default() };
        let asked = cube.blocks.iter().flat_map(|place| {
            let block = self.blocks[*place];
            let of_tickets = aggregates(block).iter().filter_map(|aggregate| match aggregate {
                Aggregate::Distinct(TICKET, condition) => condition.as_ref(),
                _ => None,
            });
            block.condition.iter().chain(of_tickets)
        });
        let asked: Vec<&Condition> = asked.collect();
        let mut columns_asked = Vec::new();
        asked.iter().for_each(|condition| condition.columns(&mut columns_asked));
        let of_cells = cube.sides.columns(&keys, |column| columns_asked.contains(&column));
        let holds = Holds::of(asked.into_iter(), &of_cells, &self.lexicons);
        let mut wanted = vec![false; all];
        for place in &cube.blocks {
            let block = self.blocks[*place];
            let of_block = holds.of_each(block.condition.as_ref())?;
            for (number, aggregate) in aggregates(block).iter().enumerate() {
                match aggregate {
                    Aggregate::Quantile(..) => {
                        wanted.iter_mut().zip(of_block).for_each(|(wanted, is)| *wanted |= *is);
                    }
                    Aggregate::Distinct(TICKET, condition) => {
                        let counted = holds.of_each(condition.as_ref())?;
                        let counted: Vec<bool> =
                            of_block.iter().zip(counted).map(|(a, b)| *a && *b).collect();
                        let groups = (keys.as_slice(), groups::mask(block, cube)?);
                        for (group, tickets) in tickets(&cells, groups, &counted, columns)? {
                            part.tickets.insert((*place, number, group), tickets);
                        }
                    }
                    _ => {}
                }
            }
        }
        if cube.asked.is_some() {
            let asked = |cell: &u32| if wanted[*cell as usize] { *cell } else { NONE };
            part.asked = cells.iter().map(asked).collect();
        }
        part.cells = keys;
        Some(part)
    }

    fn rows_part(&self, block: &Block, columns: &Columns, part: &FactsPart<'_>) -> Option<Vec<FactValues>> {
        let Content::Rows(names) = &block.content else { return None };
        let holds = Condition::holds(block.condition.as_ref(), columns, &self.lexicons);
        let chosen: Vec<usize> = (0..columns.rows).filter(|row| holds[*row]).collect();
        let few = part.only(self.table, &chosen);
        names.iter().map(|name| few.column(self.table, name)).collect()
    }

    fn rows_frame(&self, block: &Block, parts: Vec<Option<Vec<FactValues>>>) -> Option<Frame> {
        let Content::Rows(names) = &block.content else { return None };
        let column = |name: &&'static str| Some(((*name).to_owned(), self.kind(name)?, Vec::new()));
        let mut frame: Frame = names.iter().map(column).collect::<Option<_>>()?;
        for part in parts {
            frame.iter_mut().zip(part?).for_each(|(column, values)| column.2.push(values));
        }
        Some(frame)
    }
}

/// What the parts so far come to, put together in their order.
struct Gathered {
    /// `None` for a cube that cannot be made.
    cubes: Vec<Option<CubeSum>>,
    /// Those of parts that came together are together.
    values: Vec<Bucketed>,
    rows: Vec<Vec<Option<Vec<FactValues>>>>,
}

impl Gathered {
    fn add(&mut self, parts: Vec<Part>, cubes: &[Cube]) {
        let mut of_cubes: Vec<Vec<_>> = self.cubes.iter().map(|_| Vec::new()).collect();
        let mut values = Vec::new();
        for part in parts {
            values.push(part.values);
            of_cubes.iter_mut().zip(part.cubes).for_each(|(all, part)| all.push(part));
            self.rows.iter_mut().zip(part.rows).for_each(|(all, part)| all.push(part));
        }
        let added = |(cube, parts): (&mut Option<CubeSum>, Vec<Option<CubePart>>)| {
            let sum = cube.as_mut()?;
            let cells: Option<Vec<_>> = parts.into_iter().map(|part| sum.add(part?)).collect();
            if cells.is_none() {
                *cube = None;
            }
            cells
        };
        let now: Vec<_> = self.cubes.par_iter_mut().zip(of_cubes).map(added).collect();
        let asked = cubes.iter().zip(&now).filter(|(cube, _)| cube.asked.is_some());
        let now: Vec<_> = asked.map(|(_, cells)| cells.as_deref()).collect();
        self.values.push(Bucketed::together(&values, &now));
    }
}

/// The column that an aggregate is a quantile of.
fn quantile_of(aggregate: &Aggregate) -> Option<&'static str> {
    match aggregate {
        Aggregate::Quantile(column, ..) => Some(*column),
        _ => None,
    }
}

/// The aggregates of a block.
pub(super) fn aggregates(block: &Block) -> &[Aggregate] {
    match &block.content {
        Content::Groups { aggregates, .. } => aggregates,
        Content::Rows(_) => &[],
    }
}

/// The conditions of a block and of its aggregates.
pub(super) fn conditions(block: &Block) -> impl Iterator<Item = &Condition> {
    let of_aggregates = aggregates(block).iter().filter_map(|aggregate| match aggregate {
        Aggregate::Count(condition)
        | Aggregate::Quantile(_, _, condition)
        | Aggregate::Distinct(_, condition) => condition.as_ref(),
        Aggregate::Sum(_) | Aggregate::Max(_) => None,
    });
    block.condition.iter().chain(of_aggregates)
}

/// What a block's groups are made by and its conditions look at.
fn sides_of(block: &Block) -> Vec<Key> {
    let mut columns = Vec::new();
    conditions(block).for_each(|condition| condition.columns(&mut columns));
    let mut keys = Vec::new();
    for aggregate in aggregates(block) {
        if let Aggregate::Distinct(column, _) = aggregate {
            keys.extend((*column != TICKET).then_some(Key { column, floor: false }));
        }
    }
    if let Content::Groups { keys: own, .. } = &block.content {
        keys.extend(own.iter().cloned());
    }
    keys.extend(columns.into_iter().map(|column| Key { column, floor: false }));
    keys
}

fn tallies(cells: &[u32], all: usize, cube: &Cube, blocks: &[&Block], columns: &Columns) -> Option<Tallies> {
    let mut tallies = Tallies { rows: vec![0; all], ..Tallies::default() };
    cells.iter().for_each(|cell| tallies.rows[*cell as usize] += 1);
    for aggregate in cube.blocks.iter().flat_map(|place| aggregates(blocks[*place])) {
        match aggregate {
            Aggregate::Sum(column) if !tallies.sums.contains_key(column) => {
                let Some(FactValues::Int64(values)) = columns.columns.get(column) else { return None };
                let mut sums = vec![0_i64; all];
                for (cell, value) in cells.iter().zip(values) {
                    let sum = &mut sums[*cell as usize];
                    *sum = sum.checked_add(*value)?;
                }
                tallies.sums.insert(column, sums);
            }
            Aggregate::Max(column) if !tallies.largest.contains_key(column) => {
                let mut most = vec![None; all];
                columns.reals(column)?.each(cells.iter(), |cell, value| {
                    let most = &mut most[*cell as usize];
                    *most = larger(*most, value);
                    Some(())
                })?;
                tallies.largest.insert(column, most);
            }
            Aggregate::Quantile(column, ..) if !tallies.values.contains_key(column) => {
                let mut counts = tallies.rows.clone();
                columns.reals(column)?.each(cells.iter(), |cell, value| {
                    counts[*cell as usize] -= u64::from(value.is_none());
                    Some(())
                })?;
                tallies.values.insert(column, counts);
            }
            _ => {}
        }
    }
    Some(tallies)
}

/// How many different tickets each group has in the cells that are counted. The rows of a ticket
/// stand together, so that it is another than the one before or was counted already.
fn tickets(
    cells: &[u32],
    (keys, mask): (&[CellKey], CellKey),
    counted: &[bool],
    columns: &Columns,
) -> Option<Vec<(CellKey, u64)>> {
    let Some(FactValues::Text(tickets)) = columns.columns.get(TICKET) else { return None };
    let mut numbering = Numbering::default();
    let group = |(key, counted): (&CellKey, &bool)| {
        let group = numbering.number(key & mask);
        if *counted { group } else { NONE }
    };
    let groups: Vec<u32> = keys.iter().zip(counted).map(group).collect();
    let mut counts = vec![(None, 0_u64); numbering.keys.len()];
    for (cell, ticket) in cells.iter().zip(tickets) {
        let group = groups[*cell as usize];
        if group != NONE && ticket.is_some() {
            let (last, count) = &mut counts[group as usize];
            if *last != *ticket {
                (*last, *count) = (*ticket, *count + 1);
            }
        }
    }
    Some(numbering.keys.into_iter().zip(counts).map(|(key, (_, count))| (key, count)).collect())
}
