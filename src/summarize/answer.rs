//! A query's answer as a plain table.

use polars::prelude::*;

use super::query::Query;
use crate::records::Text;
use crate::table::{Column, Table, Texts, Values};

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
        DataType::Null => Values::Text(vec![None::<&str>; column.len()].into_iter().collect()),
        kind if kind.is_nested() => {
            polars_bail!(InvalidOperation: "the column {} is of type {kind}, which a table cannot hold", column.name())
        }
        _ => match column.try_cat32() {
            Some(codes) => Values::Text(coded(codes)),
            None => Values::Text(cast(&DataType::String)?.str()?.iter().collect()),
        },
    })
}

/// Texts that the engine has as codes. Of its dictionary, which may hold far more than the column
/// says, only what the column says is kept.
fn coded(column: &Categorical32Chunked) -> Texts {
    let mapping = column.get_mapping();
    let mut texts = Text::default();
    let mut places = vec![None; mapping.num_cats_upper_bound()];
    let mut place = |code: u32| {
        let place = places.get_mut(code as usize)?;
        if place.is_none() {
            texts.push(mapping.cat_to_str(code)?);
            *place = Some(texts.len() as u32 - 1);
        }
        *place
    };
    let codes: Vec<Option<u32>> = column.physical().iter().map(|code| place(code?)).collect();
    Texts::coded(texts, codes.into_iter())
}
