//! What of a query is answered from the facts themselves, and what is left of it for the engine.
//!
//! Nearly all work of a query is in its SELECTs over `measurements` and `tickets`, which leave few
//! rows. Those of known forms are cut out: the columns they group by and their aggregates, or the
//! rows that they choose, are made by one pass over the facts, and the SELECT reads them from a
//! small table instead. The rest of it, and all that no form is known of, stays as it stands. The
//! SQL remains the one definition; what is cut out only comes to the same sooner.

use sqlparser::ast::{
    CeilFloorKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, OrderByKind, Query as SqlQuery, Select, SelectItem, SetExpr,
    Statement, TableFactor, TableWithJoins, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::condition::{Condition, named};
use crate::measure::schema::{FactTable, FactType};

/// A query, parted.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// What the engine answers; it names the block at place N `block_N`.
    pub(super) sql: String,
    /// What is made from the facts.
    pub(super) blocks: Vec<Block>,
}

/// A SELECT over one table of facts, as far as it is made from these.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) table: FactTable,
    /// Which rows it is of.
    pub(super) condition: Option<Condition>,
    pub(super) content: Content,
}

/// What a block holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// A row per group: the keys, and aggregates, the one at place N named `aggregate_N`.
    Groups { keys: Vec<Key>, aggregates: Vec<Aggregate> },
    /// Some columns of the rows themselves.
    Rows(Vec<&'static str>),
}

/// What groups are made by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) column: &'static str,
    /// Whether it is cut to the whole number below.
    pub(super) floor: bool,
}

impl Key {
    /// What its column in the block is called.
    pub(super) fn name(&self) -> String {
        if self.floor { format!("floor_of_{}", self.column) } else { self.column.to_owned() }
    }
}

/// What is known of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Aggregate {
    /// How many rows, of those for which the condition holds.
    Count(Option<Condition>),
    /// How many different values of a column.
    Distinct(&'static str, Option<Condition>),
    /// The sum of whole numbers.
    Sum(&'static str),
    /// The largest real number.
    Max(&'static str),
    /// The quantile of real numbers, interpolated.
    Quantile(&'static str, f64, Option<Condition>),
}

impl Plan {
    /// Parts a query.
    pub(super) fn of(sql: &str) -> Plan {
        let whole = || Plan { sql: sql.to_owned(), blocks: Vec::new() };
        let Ok(mut statements) = Parser::parse_sql(&GenericDialect, sql) else { return whole() };
        let [Statement::Query(query)] = statements.as_mut_slice() else { return whole() };
        let mut blocks = Vec::new();
        part_query(query, &mut blocks);
        match blocks.is_empty() {
            true => whole(),
            false => Plan { sql: query.to_string(), blocks },
        }
    }
}

fn part_query(query: &mut SqlQuery, blocks: &mut Vec<Block>) {
    if let Some(with) = &mut query.with {
        // A name of a table of facts that means something else here is none of ours.
        let shadows =
            |name: &Ident| FactTable::ALL.iter().any(|table| name.value.eq_ignore_ascii_case(table.name()));
        if with.recursive || with.cte_tables.iter().any(|cte| shadows(&cte.alias.name)) {
            return;
        }
        with.cte_tables.iter_mut().for_each(|cte| part_query(&mut cte.query, blocks));
    }
    let mut ordered = Vec::new();
    if let Some(order) = &query.order_by {
        match &order.kind {
            OrderByKind::Expressions(by) => ordered.extend(by.iter().map(|by| by.expr.clone())),
            OrderByKind::All(_) => return,
        }
    }
    part_body(&mut query.body, &ordered, blocks);
}

fn part_body(body: &mut SetExpr, ordered: &[Expr], blocks: &mut Vec<Block>) {
    match body {
        SetExpr::Select(select) => {
            if let Some((parted, block)) = part_select(select, ordered, blocks.len()) {
                **select = parted;
                blocks.push(block);
            }
        }
        SetExpr::SetOperation { left, right, .. } => {
            part_body(left, ordered, blocks);
            part_body(right, ordered, blocks);
        }
        SetExpr::Query(query) => part_query(query, blocks),
        _ => {}
    }
}

/// The SELECT that reads the block at `place` instead, and the block; `None` for one of no known
/// form.
fn part_select(select: &Select, ordered: &[Expr], place: usize) -> Option<(Select, Block)> {
    let table = table_of(select)?;
    let condition = match &select.selection {
        Some(expression) => Some(Condition::read(table, expression)?),
        None => None,
    };
    let GroupByExpr::Expressions(by, modifiers) = &select.group_by else { return None };
    if !modifiers.is_empty() {
        return None;
    }
    let mut parted = select.clone();
    let mut parting = Parting { table, by, keys: Vec::new(), aggregates: Vec::new(), columns: Vec::new() };
    parting.keys = by.iter().map(|key| parting.key(key)).collect::<Option<_>>()?;
    for item in &mut parted.projection {
        let (SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. }) = item
        else {
            return None;
        };
        parting.part(expression)?;
    }
    let content = match parting.aggregates.is_empty() {
        // Rows alone: what they are ordered by may be a column that is not shown.
        true if by.is_empty() => {
            let mut columns = parting.columns;
            columns.extend(ordered.iter().filter_map(|by| Some(named(table, by)?.name)));
            columns.sort_unstable();
            columns.dedup();
            Content::Rows(columns)
        }
        true => return None,
        false => {
            let counted = |one: &Aggregate| matches!(one, Aggregate::Count(_) | Aggregate::Distinct(..));
            // Of no rows at all there is a count, and the rest is for the engine to say.
            if by.is_empty() && !parting.aggregates.iter().all(counted) || !parting.columns.is_empty() {
                return None;
            }
            Content::Groups { keys: parting.keys, aggregates: parting.aggregates }
        }
    };
    let mut from = select.from.clone();
    if let Some(TableFactor::Table { name, .. }) = from.first_mut().map(|from| &mut from.relation) {
        *name = vec![Ident::new(format!("block_{place}"))].into();
    }
    (parted.from, parted.selection) = (from, None);
    parted.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    Some((parted, Block { table, condition, content }))
}

/// The table of facts that a SELECT is of, if it is of one and has nothing but what is looked at
/// here.
fn table_of(select: &Select) -> Option<FactTable> {
    let [TableWithJoins { relation, joins }] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, alias: None, .. } = relation else { return None };
    let name = name.to_string();
    let table = FactTable::ALL.into_iter().find(|table| table.name() == name)?;
    // All else must be as in the plainest SELECT there is.
    let Ok(mut plain) = Parser::parse_sql(&GenericDialect, &format!("SELECT x FROM {name}")) else {
        return None;
    };
    let [Statement::Query(plain)] = plain.as_mut_slice() else { return None };
    let SetExpr::Select(plain) = &mut *plain.body else { return None };
    let mut bare = select.clone();
    bare.projection = plain.projection.clone();
    (bare.selection, bare.group_by) = (None, plain.group_by.clone());
    (joins.is_empty() && bare == **plain).then_some(table)
}

/// The parting of one SELECT.
struct Parting<'s> {
    table: FactTable,
    by: &'s [Expr],
    keys: Vec<Key>,
    aggregates: Vec<Aggregate>,
    /// The columns that stand outside of aggregates and are no keys.
    columns: Vec<&'static str>,
}

impl Parting<'_> {
    fn key(&self, expression: &Expr) -> Option<Key> {
        match expression {
            Expr::Identifier(_) => {
                let column = named(self.table, expression)?;
                let good = match column.kind {
                    FactType::Text(lexicon) => lexicon != crate::measure::Lexicon::Ids,
                    FactType::Instant | FactType::Local | FactType::Int64 | FactType::Int32 => false,
                    FactType::Int8 | FactType::Bool | FactType::Float => true,
                };
                good.then_some(Key { column: column.name, floor: false })
            }
            Expr::Cast { expr, data_type: DataType::BigInt(None), .. } => {
                let Expr::Floor { expr, field: CeilFloorKind::DateTimeField(_) } = &**expr else {
                    return None;
                };
                let column = named(self.table, expr)?;
                (column.kind == FactType::Float).then_some(Key { column: column.name, floor: true })
            }
            _ => None,
        }
    }

    /// Puts in place of keys and aggregates the columns of the block that hold them.
    fn part(&mut self, expression: &mut Expr) -> Option<()> {
        if let Some(place) = self.by.iter().position(|key| key == expression) {
            *expression = Expr::Identifier(Ident::new(self.keys.get(place)?.name()));
            return Some(());
        }
        match expression {
            Expr::Function(function) => {
                let aggregate = self.aggregate(function)?;
                let same = self.aggregates.iter().position(|known| *known == aggregate);
                let place = same.unwrap_or(self.aggregates.len());
                if same.is_none() {
                    self.aggregates.push(aggregate);
                }
                *expression = Expr::Identifier(Ident::new(format!("aggregate_{place}")));
            }
            Expr::Identifier(_) => self.columns.push(named(self.table, expression)?.name),
            Expr::Value(_) => {}
            Expr::Cast { expr, .. } | Expr::UnaryOp { expr, .. } | Expr::Nested(expr) => self.part(expr)?,
            Expr::BinaryOp { left, right, .. } => {
                self.part(left)?;
                self.part(right)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn aggregate(&self, function: &Function) -> Option<Aggregate> {
        let FunctionArguments::List(list) = &function.args else { return None };
        let odd = function.over.is_some()
            || function.null_treatment.is_some()
            || !function.within_group.is_empty()
            || function.parameters != FunctionArguments::None
            || !list.clauses.is_empty();
        if odd {
            return None;
        }
        let filter = match &function.filter {
            Some(filter) => Some(Condition::read(self.table, filter)?),
            None => None,
        };
        let arguments: Vec<&FunctionArgExpr> = list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(argument) => Some(argument),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let name = function.name.to_string().to_ascii_uppercase();
        let column = |expression: &Expr, wanted: FactType| {
            let column = named(self.table, expression)?;
            (column.kind == wanted).then_some(column.name)
        };
        Some(match (name.as_str(), arguments.as_slice(), distinct, filter) {
            ("COUNT", [FunctionArgExpr::Wildcard], false, filter) => Aggregate::Count(filter),
            ("COUNT", [FunctionArgExpr::Expr(expression)], false, None) => {
                let column = named(self.table, expression)?.name;
                Aggregate::Count(Some(Condition::Present { column, present: true }))
            }
            ("COUNT", [FunctionArgExpr::Expr(expression)], true, None) => {
                let (expression, condition) = self.chosen(expression)?;
                let column = named(self.table, expression)?;
                matches!(column.kind, FactType::Text(_))
                    .then_some(Aggregate::Distinct(column.name, condition))?
            }
            ("SUM", [FunctionArgExpr::Expr(expression)], false, None) => {
                Aggregate::Sum(column(expression, FactType::Int64)?)
            }
            ("MAX", [FunctionArgExpr::Expr(expression)], false, None) => {
                Aggregate::Max(column(expression, FactType::Float)?)
            }
            (
                "QUANTILE_CONT",
                [FunctionArgExpr::Expr(expression), FunctionArgExpr::Expr(share)],
                false,
                None,
            ) => {
                let (expression, condition) = self.chosen(expression)?;
                let share = share_of(share)?;
                Aggregate::Quantile(column(expression, FactType::Float)?, share, condition)
            }
            _ => return None,
        })
    }

    /// `CASE WHEN condition THEN x END` as x and the condition; anything else without one.
    fn chosen<'e>(&self, expression: &'e Expr) -> Option<(&'e Expr, Option<Condition>)> {
        match expression {
            Expr::Case { operand: None, conditions, else_result: None, .. } => {
                let [case] = conditions.as_slice() else { return None };
                Some((&case.result, Some(Condition::read(self.table, &case.condition)?)))
            }
            other => Some((other, None)),
        }
    }
}

fn share_of(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, false) => {
                digits.to_string().parse().ok().filter(|share| (0.0..=1.0).contains(share))
            }
            _ => None,
        },
        _ => None,
    }
}
