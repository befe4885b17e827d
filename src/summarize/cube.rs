//! The facts as a cube: rows that are alike in all that a set of blocks asks for are one cell.
//!
//! What groups are made by and what conditions look at are the sides of the cube. They take few
//! values, so that cells are few; which group a cell is of and which conditions hold in it is
//! found out once per cell, and not once per row.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;

use super::columns::{Columns, Reals};
use super::condition::Lexicons;
use super::plan::Key;
use crate::measure::FactValues;
use crate::measure::schema::{FactTable, FactType};
use crate::near::Near;

/// The values of a cell on all sides, side by side in one number.
pub(super) type CellKey = u128;

/// The same in as few bits as will do, while rows are gone through.
trait Packed: Copy + Default + Eq + Hash {
    /// With a value on another side.
    fn with(self, code: u64, shift: u32) -> Self;

    fn key(self) -> CellKey;
}

impl Packed for u64 {
    #[inline]
    fn with(self, code: u64, shift: u32) -> u64 {
        self | code << shift
    }

    fn key(self) -> CellKey {
        CellKey::from(self)
    }
}

impl Packed for CellKey {
    #[inline]
    fn with(self, code: u64, shift: u32) -> CellKey {
        self | CellKey::from(code) << shift
    }

    fn key(self) -> CellKey {
        self
    }
}

/// One side of a cube.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) key: Key,
    pub(super) kind: FactType,
    shift: u32,
    bits: u32,
}

/// The sides of a cube.
#[derive(Debug, Clone)]
pub(super) struct Sides {
    pub(super) sides: Vec<Side>,
}

impl Sides {
    /// The sides of these keys; `None` where their values do not fit into one number.
    pub(super) fn of(lexicons: &Lexicons, table: FactTable, keys: &BTreeSet<Key>) -> Option<Sides> {
        let mut shift = 0;
        let mut sides = Vec::new();
        for key in keys {
            let kind = table.column(key.column)?.kind;
            let bits = match (kind, key.floor) {
                (FactType::Text(lexicon), _) => usize::BITS - lexicons.get(&lexicon)?.len().leading_zeros(),
                (FactType::Bool, _) => 2,
                (FactType::Int8, _) => 8,
                (FactType::Float, true) => 32,
                (FactType::Float, false) => 64,
                _ => return None,
            };
            sides.push(Side { key: key.clone(), kind, shift, bits });
            shift += bits;
        }
        (shift <= CellKey::BITS).then_some(Sides { sides })
    }

    /// The side of a key.
    pub(super) fn find(&self, key: &Key) -> Option<&Side> {
        self.sides.iter().find(|side| side.key == *key)
    }

    /// The number of each row's cell, and the cells in the order of their numbers; `None` where a
    /// value has no place on its side.
    pub(super) fn cells(&self, columns: &Columns) -> Option<(Vec<u32>, Vec<CellKey>)> {
        Some(match self.sides.last().map_or(0, |side| side.shift + side.bits) < u64::BITS {
            true => numbered(self.keys::<u64>(columns)?),
            false => numbered(self.keys::<CellKey>(columns)?),
        })
    }

    fn keys<K: Packed>(&self, columns: &Columns) -> Option<Vec<K>> {
        let (mut keys, mut of_tickets) =
            (Vec::with_capacity(columns.rows), vec![K::default(); columns.ends.len()]);
        for side in &self.sides {
            if let Some(values) = columns.of_tickets.get(side.key.column) {
                side.add(values, &mut of_tickets)?;
            }
        }
        columns.ends.iter().zip(of_tickets).for_each(|(end, key)| keys.resize(*end as usize, key));
        keys.resize(columns.rows, K::default());
        for side in &self.sides {
            let name = side.key.column;
            if let Some(values) = columns.reals(name) {
                side.add_reals(values, &mut keys)?;
            } else if !columns.of_tickets.contains_key(name) {
                side.add(columns.columns.get(name)?, &mut keys)?;
            }
        }
        Some(keys)
    }

    /// The columns of some cells, as far as they are wanted.
    pub(super) fn columns(&self, cells: &[CellKey], is_wanted: impl Fn(&str) -> bool) -> Columns {
        let wanted = self.sides.iter().filter(|side| !side.key.floor && is_wanted(side.key.column));
        let columns = wanted.map(|side| (side.key.column, side.values(cells))).collect();
        Columns { rows: cells.len(), columns, ..Columns::default() }
    }
}

impl Side {
    /// The bits of a cell that are of this side.
    pub(super) fn mask(&self) -> CellKey {
        let ones = if self.bits == 0 { 0 } else { CellKey::MAX >> (CellKey::BITS - self.bits) };
        ones << self.shift
    }

    fn add<K: Packed>(&self, values: &FactValues, keys: &mut [K]) -> Option<()> {
        let shift = self.shift;
        let put = |key: &mut K, code: u64| *key = key.with(code, shift);
        match values {
            FactValues::Text(codes) => {
                keys.iter_mut()
                    .zip(codes)
                    .for_each(|(key, code)| put(key, code.map_or(0, |code| u64::from(code) + 1)));
            }
            FactValues::Bool(values) => {
                keys.iter_mut()
                    .zip(values)
                    .for_each(|(key, value)| put(key, value.map_or(0, |is| 1 + u64::from(is))));
            }
            FactValues::Int8(values) => {
                keys.iter_mut().zip(values).for_each(|(key, value)| put(key, u64::from(*value as u8)));
            }
            FactValues::Float(values) => self.add_reals(Reals::Sparse(values), keys)?,
            _ => return None,
        }
        Some(())
    }

    fn add_reals<K: Packed>(&self, values: Reals<'_>, keys: &mut [K]) -> Option<()> {
        values.each(keys.iter_mut(), |key, value| {
            let code = match self.key.floor {
                true => u64::from(value.map_or(Some(i32::MIN), whole)? as u32),
                false => value.unwrap_or(f64::NAN).to_bits(),
            };
            *key = key.with(code, self.shift);
            Some(())
        })
    }

    /// The values of this side in some cells.
    pub(super) fn values(&self, cells: &[CellKey]) -> FactValues {
        let codes = cells.iter().map(|cell| ((cell & self.mask()) >> self.shift) as u64);
        match (self.kind, self.key.floor) {
            (FactType::Text(_), _) => {
                FactValues::Text(codes.map(|code| code.checked_sub(1).map(|code| code as u32)).collect())
            }
            (FactType::Bool, _) => {
                FactValues::Bool(codes.map(|code| code.checked_sub(1).map(|is| is == 1)).collect())
            }
            (FactType::Float, true) => {
                let whole =
                    |code: u64| Some(code as u32 as i32).filter(|whole| *whole != i32::MIN).map(f64::from);
                FactValues::Float(codes.map(whole).collect())
            }
            (FactType::Float, false) => FactValues::Float(
                codes.map(|code| Some(f64::from_bits(code)).filter(|value| !value.is_nan())).collect(),
            ),
            _ => FactValues::Int8(codes.map(|code| code as u8 as i8).collect()),
        }
    }
}

/// A real number cut to the whole one below, if that is not too large.
fn whole(value: f64) -> Option<i32> {
    let floor = value.floor();
    (f64::from(i32::MIN) < floor && floor <= f64::from(i32::MAX)).then_some(floor as i32)
}

/// What is added up of the rows of each cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Tallies {
    pub(super) rows: Vec<u64>,
    /// The sum of each column of whole numbers that is asked for.
    pub(super) sums: BTreeMap<&'static str, Vec<i64>>,
    /// The largest value of each column of real numbers that is asked for.
    pub(super) largest: BTreeMap<&'static str, Vec<Option<f64>>>,
    /// How many values a column has.
    pub(super) values: BTreeMap<&'static str, Vec<u64>>,
}

impl Tallies {
    /// Adds what was added up in cells that now are those of `cells`; `None` where a sum is too
    /// large.
    pub(super) fn add(&mut self, other: &Tallies, cells: &[u32], all: usize) -> Option<()> {
        fn each<T: Copy>(
            of: &mut Vec<T>,
            other: &[T],
            (cells, all, none): (&[u32], usize, T),
            add: impl Fn(T, T) -> Option<T>,
        ) -> Option<()> {
            of.resize(all, none);
            for (value, cell) in other.iter().zip(cells) {
                let sum = &mut of[*cell as usize];
                *sum = add(*sum, *value)?;
            }
            Some(())
        }
        each(&mut self.rows, &other.rows, (cells, all, 0), u64::checked_add)?;
        for (column, sums) in &other.sums {
            each(self.sums.entry(column).or_default(), sums, (cells, all, 0), i64::checked_add)?;
        }
        for (column, values) in &other.values {
            each(self.values.entry(column).or_default(), values, (cells, all, 0), u64::checked_add)?;
        }
        for (column, largest) in &other.largest {
            each(self.largest.entry(column).or_default(), largest, (cells, all, None), |a, b| {
                Some(larger(a, b))
            })?;
        }
        Some(())
    }
}

/// The larger of two numbers; one that is there is larger than one that is not.
pub(super) fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b > a { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The number of each row's cell, and the cells in the order of their numbers.
fn numbered<K: Packed>(rows: Vec<K>) -> (Vec<u32>, Vec<CellKey>) {
    let mut numbering = Numbering::default();
    // Where cells are many, a table that grows is made again and again.
    numbering.numbers.reserve(rows.len() / 16, |_| 0);
    let (mut before, mut number) = (None, 0);
    let mut near = Near::default();
    let cells = rows.into_iter().map(|key| {
        // Rows of one ticket are mostly of one cell.
        if before != Some(key) {
            number = near.number(key, || numbering.number(key));
            before = Some(key);
        }
        number
    });
    let cells = cells.collect();
    (cells, numbering.keys.into_iter().map(K::key).collect())
}

/// Gives each different key a number, in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Numbering<K = CellKey> {
    numbers: HashTable<(K, u32)>,
    pub(super) keys: Vec<K>,
}

impl<K: Copy + Eq + Hash> Numbering<K> {
    pub(super) fn number(&mut self, key: K) -> u32 {
        let hash = |key: &K| FxBuildHasher.hash_one(key);
        match self.numbers.entry(hash(&key), |known| known.0 == key, |known| hash(&known.0)) {
            Entry::Occupied(known) => known.get().1,
            Entry::Vacant(place) => {
                let number = self.keys.len() as u32;
                place.insert((key, number));
                self.keys.push(key);
                number
            }
        }
    }
}
