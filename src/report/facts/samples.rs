//! Columns for the tests of the encoder, made by recipes.

use std::borrow::Cow;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::Texts;
use super::column::PartValues;
use super::file::Part;
use crate::calendar::HOUR;
use crate::measure::schema::{FactColumn, FactType};
use crate::measure::{FactValues, FullValues, Lexicon};
use crate::records::Text;

const fn column(name: &'static str, kind: FactType) -> FactColumn {
    FactColumn { name, kind, meaning: "" }
}

/// A column of each type, with and without a dictionary.
pub(super) const COLUMNS: [FactColumn; 11] = [
    column("ticket_id", FactType::Text(Lexicon::Ids)),
    column("name", FactType::Text(Lexicon::Ids)),
    column("small", FactType::Int8),
    column("count", FactType::Int32),
    column("target_us", FactType::Int64),
    column("elapsed_us", FactType::Int64),
    column("target_h", FactType::Float),
    column("elapsed_h", FactType::Float),
    column("flag", FactType::Bool),
    column("at", FactType::Instant),
    column("local", FactType::Local),
];

/// Texts of up to 64 bytes that begin alike, two that are the same, enough of 60 bytes to fill
/// a dictionary, of which half end alike and half begin alike, and longer ones.
pub(super) static TEXTS: LazyLock<Texts<'static>> = LazyLock::new(|| {
    let mut texts = Text::default();
    (0..SHORT).for_each(|length| texts.push(&"ab".repeat(64)[..length as usize]));
    (0..SHORT / 2).for_each(|length| texts.push(&"é".repeat(length as usize)));
    (0..MANY).for_each(|number| {
        texts.push(&if number % 2 == 0 { format!("{number:060}") } else { format!("{number:-<60}") });
    });
    (0..LONG).for_each(|number| texts.push(&format!("{number:065}")));
    Texts::from([(Lexicon::Ids, Cow::Owned(texts))])
});
pub(super) const SHORT: u32 = 65;
pub(super) const MANY: u32 = 20_000;
pub(super) const LONG: u32 = 3;
pub(super) const USUAL: u32 = SHORT + SHORT / 2 + MANY;

/// How the values of a column come to be.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) seed: u64,
    /// How many different ones there may be.
    pub(super) different: u32,
    /// How long one stays, at most.
    pub(super) run: u64,
    /// Whether they rise.
    pub(super) ascending: bool,
    /// How many in a hundred are none, in even parts and in others.
    pub(super) nulls: [u64; 2],
}

pub(super) fn recipe() -> impl Strategy<Value = Recipe> {
    let different = prop_oneof![1..5_u32, 1..300_u32, 1..=USUAL, Just(USUAL + LONG)];
    let nulls = || prop_oneof![2 => Just(0_u64), 1 => Just(100), 2 => 1..100_u64];
    (any::<u64>(), different, 1..40_u64, any::<bool>(), [nulls(), nulls()]).prop_map(
        |(seed, different, run, ascending, nulls)| Recipe { seed, different, run, ascending, nulls },
    )
}

/// Which part it is, and how many values a column of it has.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) number: usize,
    pub(super) rows: usize,
}

impl Recipe {
    /// The values of a part: numbers below [`Self::different`].
    fn numbers(&self, shape: &Shape) -> Vec<Option<u32>> {
        let mut state = self.seed ^ shape.number as u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let nulls = self.nulls[shape.number % 2];
        let mut values = Vec::with_capacity(shape.rows);
        while values.len() < shape.rows {
            let value = match self.ascending {
                true => values.len() as u64 * u64::from(self.different) / shape.rows as u64,
                false => random(self.different.into()),
            };
            let value = (random(100) >= nulls).then_some(value as u32);
            let length = 1 + random(self.run) as usize;
            values.resize(shape.rows.min(values.len() + length), value);
        }
        values
    }

    pub(super) fn values(&self, shape: &Shape, column: &FactColumn) -> FactValues {
        let numbers = self.numbers(shape);
        // Small ones, large ones, and negative ones.
        let whole = |number: u32| match self.seed % 3 {
            0 => i64::from(number),
            1 => i64::from(number) * HOUR / 7,
            _ => (i64::from(self.different / 2) - i64::from(number)) * 1_000_003,
        };
        let real = |number: u32| match number {
            1 => -0.0,
            number => whole(number) as f64 / HOUR as f64,
        };
        let full = || numbers.iter().map(|number| number.unwrap_or(0));
        match column.kind {
            FactType::Text(_) => FactValues::Text(numbers),
            FactType::Int8 => FactValues::Int8(full().map(|number| number as i8).collect()),
            FactType::Int32 => FactValues::Int32(full().map(|number| whole(number) as i32).collect()),
            FactType::Int64 => FactValues::Int64(full().map(whole).collect()),
            FactType::Float => FactValues::Float(numbers.iter().map(|number| number.map(real)).collect()),
            FactType::Bool => {
                FactValues::Bool(numbers.iter().map(|number| number.map(|number| number == 0)).collect())
            }
            FactType::Instant => {
                FactValues::Instant(numbers.iter().map(|number| number.map(whole)).collect())
            }
            FactType::Local => FactValues::Local(numbers.iter().map(|number| number.map(whole)).collect()),
        }
    }
}

/// A part whose columns are made by recipes.
pub(super) struct Made<'a> {
    shape: Shape,
    recipes: &'a [Recipe],
    /// Where the rows of its tickets end.
    ends: Vec<u32>,
}

impl Made<'_> {
    pub(super) fn of(shape: Shape, recipes: &[Recipe]) -> Made<'_> {
        let lengths = [1, 3, 0, 8, 2, 30].iter().cycle();
        let ends = lengths.scan(0, |end, length| {
            let is_over = *end == shape.rows;
            *end = shape.rows.min(*end + length);
            (!is_over).then_some(*end as u32)
        });
        Made { ends: ends.collect(), shape, recipes }
    }
}

impl Part for Made<'_> {
    fn rows(&self, column: &FactColumn) -> Option<FactValues> {
        Some(match self.values(column)? {
            PartValues::Rows(values) => values,
            PartValues::Full(values) => values.into(),
            PartValues::Tickets(FactValues::Text(codes), ends) => {
                let mut rows = Vec::new();
                codes.into_iter().zip(ends).for_each(|(code, end)| rows.resize(*end as usize, code));
                FactValues::Text(rows)
            }
            PartValues::Tickets(..) => return None,
        })
    }

    fn values(&self, column: &FactColumn) -> Option<PartValues<'_>> {
        let place = COLUMNS.iter().position(|other| other.name == column.name)?;
        let recipe = &self.recipes[place];
        // Some columns of texts are the same for all rows of a ticket.
        if matches!(column.kind, FactType::Text(_)) && recipe.seed % 2 == 1 {
            let tickets = Shape { rows: self.ends.len(), ..self.shape.clone() };
            return Some(PartValues::Tickets(recipe.values(&tickets, column), &self.ends));
        }
        let values = recipe.values(&self.shape, column);
        // Where no row is without a value, it is said so of some columns.
        let full = if recipe.seed.is_multiple_of(3) { full(&values) } else { None };
        Some(full.map_or(PartValues::Rows(values), PartValues::Full))
    }
}

/// The same values without saying that there may be none; `None` where there are none in some rows.
fn full(values: &FactValues) -> Option<FullValues> {
    fn all<T: Copy>(values: &[Option<T>]) -> Option<Vec<T>> {
        values.iter().copied().collect()
    }
    match values {
        FactValues::Text(codes) => all(codes).map(FullValues::Text),
        FactValues::Float(values) => all(values).map(FullValues::Float),
        FactValues::Instant(values) => all(values).map(FullValues::Instant),
        FactValues::Local(values) => all(values).map(FullValues::Local),
        _ => None,
    }
}
