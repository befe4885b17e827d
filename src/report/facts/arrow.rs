//! A column written by way of Arrow: what is out of the ordinary goes this way.

use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_schema::{ArrowError, DataType, Field};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};

use super::Texts;
use crate::measure::FactValues;
use crate::measure::schema::{FactColumn, FactType};
use crate::report::parquet::{instant_type, local_type};
use crate::report::publish::WriteError;

/// A column as Arrow has it.
pub(super) fn field(column: &FactColumn) -> Field {
    let kind = match column.kind {
        FactType::Text(_) => DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::LargeUtf8)),
        FactType::Int8 => DataType::Int8,
        FactType::Int32 => DataType::Int32,
        FactType::Int64 => DataType::Int64,
        FactType::Float => DataType::Float64,
        FactType::Bool => DataType::Boolean,
        FactType::Instant => instant_type(),
        FactType::Local => local_type(),
    };
    Field::new(column.name, kind, true)
}

/// The column of so many parts.
pub(super) fn encode(
    mut writer: ArrowColumnWriter,
    column: &FactColumn,
    texts: &Texts<'_>,
    parts: impl Iterator<Item = FactValues>,
) -> Result<ArrowColumnChunk, WriteError> {
    let field = field(column);
    let texts: Option<ArrayRef> = match column.kind {
        FactType::Text(lexicon) => texts
            .get(&lexicon)
            .map(|texts| Arc::new(LargeStringArray::from_iter_values(texts.iter())) as ArrayRef),
        _ => None,
    };
    for values in parts {
        for leaf in compute_leaves(&field, &array(values, texts.as_ref())?)? {
            writer.write(&leaf)?;
        }
    }
    Ok(writer.close()?)
}

fn array(values: FactValues, texts: Option<&ArrayRef>) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        FactValues::Text(codes) => {
            let no_texts = || ArrowError::ComputeError("no texts for codes".to_owned());
            let texts = texts.map(Arc::clone).ok_or_else(no_texts)?;
            Arc::new(DictionaryArray::<UInt32Type>::try_new(UInt32Array::from(codes), texts)?)
        }
        FactValues::Int8(values) => Arc::new(Int8Array::from(values)),
        FactValues::Int32(values) => Arc::new(Int32Array::from(values)),
        FactValues::Int64(values) => Arc::new(Int64Array::from(values)),
        FactValues::Float(values) => Arc::new(Float64Array::from(values)),
        FactValues::Bool(values) => Arc::new(BooleanArray::from(values)),
        FactValues::Instant(values) => Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC")),
        FactValues::Local(values) => Arc::new(TimestampMicrosecondArray::from(values)),
    })
}
