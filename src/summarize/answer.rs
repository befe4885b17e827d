//! A query's answer as a plain table.

use polars::prelude::*;

use super::query::Query;
use crate::table::{Column, Table, Values};

/// Turns a frame into the table of a query.
pub(super) fn table(query: &Query, frame: &DataFrame) -> PolarsResult<Table> {
    let column = |column: &polars::prelude::Column| {
        let name = column.name().to_string();
        let described = query.columns.iter().find(|(described, _)| *described == name);
        let meaning = described.map(|(_, meaning)| meaning.clone()).unwrap_or_default();
        Ok(Column { name, meaning, values: values(column)? })
    };
    Ok(Table {
        name: query.name.clone(),
        title: query.title.clone(),
        grain: query.grain.clone(),
        columns: frame.columns().iter().map(column).collect::<PolarsResult<_>>()?,
    })
}

fn values(column: &polars::prelude::Column) -> PolarsResult<Values> {
    let cast = |kind: &DataType| column.strict_cast(kind);
    Ok(match column.dtype() {
        DataType::Boolean => Values::Bool(column.bool()?.iter().collect()),
        DataType::Float32 | DataType::Float64 => {
            let floats = cast(&DataType::Float64)?;
            // What is not a number says nothing: an empty cell.
            Values::Float(floats.f64()?.iter().map(|value| value.filter(|value| value.is_finite())).collect())
        }
        kind if kind.is_integer() => Values::Int(cast(&DataType::Int64)?.i64()?.iter().collect()),
        DataType::Datetime(_, zone) => {
            let micros = cast(&DataType::Datetime(TimeUnit::Microseconds, zone.clone()))?;
            let micros = micros.cast(&DataType::Int64)?.i64()?.iter().collect();
            if zone.is_some() { Values::Instant(micros) } else { Values::Local(micros) }
        }
        DataType::Null => Values::Text(vec![None; column.len()]),
        kind if kind.is_nested() => {
            polars_bail!(InvalidOperation: "the column {} is of type {kind}, which a table cannot hold", column.name())
        }
        _ => {
            let texts = cast(&DataType::String)?;
            Values::Text(texts.str()?.iter().map(|text| text.map(str::to_owned)).collect())
        }
    })
}
