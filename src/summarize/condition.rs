//! Conditions on rows, as SQL's three-valued logic has them, evaluated a column at a time.

use std::collections::BTreeMap;

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use super::columns::Columns;
use crate::measure::schema::{FactColumn, FactTable, FactType};
use crate::measure::{FactValues, Lexicon};
use crate::records::Text;

/// A condition of those that the queries use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    /// A column of truth values.
    Bool(&'static str),
    /// A text is, or is not, this one.
    Text { column: &'static str, lexicon: Lexicon, text: String, equal: bool },
    /// Two texts of one lexicon are, or are not, the same.
    SameText { column: &'static str, other: &'static str, equal: bool },
    /// A column has, or has not, a value.
    Present { column: &'static str, present: bool },
    /// One whole number, less another if there is one, lies between two.
    Between { column: &'static str, less: Option<&'static str>, low: i64, high: i64 },
    /// The other way round.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
}

/// In which rows some conditions hold, each found out once.
pub(super) struct Holds<'c> {
    of: BTreeMap<&'c Condition, Vec<bool>>,
    /// Where nothing is asked, all do.
    all: Vec<bool>,
}

impl<'c> Holds<'c> {
    pub(super) fn of(
        conditions: impl Iterator<Item = &'c Condition>,
        columns: &Columns,
        lexicons: &Lexicons,
    ) -> Holds<'c> {
        let mut of = BTreeMap::new();
        for condition in conditions {
            of.entry(condition).or_insert_with(|| Condition::holds(Some(condition), columns, lexicons));
        }
        Holds { of, all: vec![true; columns.rows] }
    }

    /// Whether a condition holds, row by row; `None` for one that is not among those.
    pub(super) fn of_each(&self, condition: Option<&Condition>) -> Option<&[bool]> {
        match condition {
            Some(condition) => self.of.get(condition).map(Vec::as_slice),
            None => Some(&self.all),
        }
    }
}

/// What a condition comes to for a row: two of them together are the lesser one.
const FALSE: u8 = 0;
/// Something in it is not known.
const UNKNOWN: u8 = 1;
const TRUE: u8 = 2;

const fn truth(is: bool) -> u8 {
    if is { TRUE } else { FALSE }
}

/// The texts of lexicons, each made once for all that asks for it.
pub(super) type Lexicons = BTreeMap<Lexicon, Text>;

/// The column that an expression names.
pub(super) fn named(table: FactTable, expression: &Expr) -> Option<&'static FactColumn> {
    let Expr::Identifier(name) = expression else { return None };
    table.column(&name.value)
}

impl Condition {
    /// The condition that an expression is; `None` for one of another form.
    pub(super) fn read(table: FactTable, expression: &Expr) -> Option<Condition> {
        let read = |expression| Condition::read(table, expression);
        Some(match expression {
            Expr::Nested(inner) => read(inner)?,
            Expr::Identifier(_) => {
                let column = named(table, expression)?;
                (column.kind == FactType::Bool).then_some(Condition::Bool(column.name))?
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Condition::Not(Box::new(read(expr)?)),
            Expr::IsNull(expr) => Condition::Present { column: named(table, expr)?.name, present: false },
            Expr::IsNotNull(expr) => Condition::Present { column: named(table, expr)?.name, present: true },
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                let mut all = Vec::new();
                for side in [left, right] {
                    match read(side)? {
                        Condition::All(inner) => all.extend(inner),
                        one => all.push(one),
                    }
                }
                Condition::All(all)
            }
            Expr::BinaryOp { left, op, right } => {
                let equal = match op {
                    BinaryOperator::Eq => true,
                    BinaryOperator::NotEq => false,
                    _ => return None,
                };
                let column = named(table, left)?;
                // Ids are as many as tickets: no place for looking one up by one.
                let FactType::Text(lexicon) = column.kind else { return None };
                if lexicon == Lexicon::Ids {
                    return None;
                }
                match named(table, right) {
                    // Codes of one lexicon are the same where the texts are.
                    Some(other) if other.kind == column.kind => {
                        Condition::SameText { column: column.name, other: other.name, equal }
                    }
                    Some(_) => return None,
                    None => Condition::Text { column: column.name, lexicon, text: text(right)?, equal },
                }
            }
            Expr::Between { expr, negated: false, low, high } => {
                let whole = |expression| {
                    let column = named(table, expression)?;
                    (column.kind == FactType::Int64).then_some(column.name)
                };
                let (column, less) = match &**expr {
                    Expr::BinaryOp { left, op: BinaryOperator::Minus, right } => {
                        (whole(left)?, Some(whole(right)?))
                    }
                    other => (whole(other)?, None),
                };
                Condition::Between { column, less, low: number(low)?, high: number(high)? }
            }
            _ => return None,
        })
    }

    /// Adds the columns that it looks at.
    pub(super) fn columns(&self, into: &mut Vec<&'static str>) {
        match self {
            Condition::Bool(column) | Condition::Text { column, .. } | Condition::Present { column, .. } => {
                into.push(column);
            }
            Condition::SameText { column, other, .. } => into.extend([column, other]),
            Condition::Between { column, less, .. } => {
                into.push(column);
                into.extend(less);
            }
            Condition::Not(inner) => inner.columns(into),
            Condition::All(all) => all.iter().for_each(|one| one.columns(into)),
        }
    }

    /// For each row whether a condition, if there is one, holds; what is not known does not.
    pub(super) fn holds(condition: Option<&Condition>, columns: &Columns, lexicons: &Lexicons) -> Vec<bool> {
        match condition {
            Some(condition) => {
                condition.evaluate(columns, lexicons).into_iter().map(|value| value == TRUE).collect()
            }
            None => vec![true; columns.rows],
        }
    }

    fn evaluate(&self, columns: &Columns, lexicons: &Lexicons) -> Vec<u8> {
        let unknown = || vec![UNKNOWN; columns.rows];
        match self {
            Condition::Bool(column) => match columns.columns.get(column) {
                Some(FactValues::Bool(values)) => {
                    values.iter().map(|value| value.map_or(UNKNOWN, truth)).collect()
                }
                _ => unknown(),
            },
            Condition::Text { column, lexicon, text, equal } => match columns.columns.get(column) {
                Some(FactValues::Text(codes)) => {
                    let texts = lexicons.get(lexicon);
                    let known = texts.and_then(|texts| texts.iter().position(|known| known == text));
                    let wanted = known.and_then(|code| u32::try_from(code).ok());
                    let is = |code: Option<u32>| match code {
                        Some(_) => truth((code == wanted) == *equal),
                        None => UNKNOWN,
                    };
                    codes.iter().copied().map(is).collect()
                }
                _ => unknown(),
            },
            Condition::SameText { column, other, equal } => {
                match (columns.columns.get(column), columns.columns.get(other)) {
                    (Some(FactValues::Text(codes)), Some(FactValues::Text(others))) => codes
                        .iter()
                        .zip(others)
                        .map(|pair| match pair {
                            (Some(code), Some(other)) => truth((code == other) == *equal),
                            _ => UNKNOWN,
                        })
                        .collect(),
                    _ => unknown(),
                }
            }
            Condition::Present { column, present } => match columns.present(column) {
                Some(there) => there.into_iter().map(|is| truth(is == *present)).collect(),
                None => unknown(),
            },
            Condition::Between { column, less, low, high } => {
                let numbers = |column: &'static str| match columns.columns.get(column) {
                    Some(FactValues::Int64(values)) => Some(values),
                    _ => None,
                };
                let Some(values) = numbers(column) else { return unknown() };
                let within = |value: i64| truth(*low <= value && value <= *high);
                match less.map(numbers) {
                    None => values.iter().map(|value| within(*value)).collect(),
                    Some(Some(less)) => {
                        values.iter().zip(less).map(|(value, less)| within(value - less)).collect()
                    }
                    Some(None) => unknown(),
                }
            }
            Condition::Not(inner) => {
                inner.evaluate(columns, lexicons).into_iter().map(|value| TRUE - value).collect()
            }
            Condition::All(all) => {
                let mut whole = vec![TRUE; columns.rows];
                for one in all {
                    for (whole, one) in whole.iter_mut().zip(one.evaluate(columns, lexicons)) {
                        *whole = (*whole).min(one);
                    }
                }
                whole
            }
        }
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn number(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, false) => digits.to_string().parse().ok(),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => number(expr)?.checked_neg(),
        _ => None,
    }
}
