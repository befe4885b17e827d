//! The facts as Parquet: the columns of each row group encoded in parallel.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::compute_leaves;
use rayon::prelude::*;

use super::parquet::{instant_type, local_type, options};
use super::publish::{Publication, PublishError, WriteError};
use crate::measure::schema::{FactColumn, FactTable, FactType};
use crate::measure::{FactValues, Facts, Lexicon};

/// Parts of the facts that make one row group, about a million measurements.
const PARTS: usize = 8;

/// The texts of each lexicon, as Arrow has them.
type Texts = HashMap<Lexicon, ArrayRef>;

/// Writes a table of facts into a publication.
pub(super) fn write(facts: &Facts, table: FactTable, publication: &Publication) -> Result<(), PublishError> {
    publication.write(&format!("facts/{}.parquet", table.name()), |file| -> Result<(), WriteError> {
        let columns = table.columns();
        let meanings = columns.iter().map(|column| (column.name, column.meaning));
        let varied = columns.iter().filter(|column| is_varied(column)).map(|column| column.name);
        let fields: Vec<Field> =
            columns.iter().map(|column| Field::new(column.name, arrow_type(column.kind), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let texts = texts(facts, table);
        let writer = ArrowWriter::try_new_with_options(
            file,
            Arc::clone(&schema),
            options(table.name(), meanings, varied),
        )?;
        let (mut writer, factory) = writer.into_serialized_writer()?;
        let parts: Vec<usize> = (0..facts.parts()).collect();
        for (number, group) in parts.chunks(PARTS).enumerate() {
            let group: Vec<_> = group.iter().map(|part| facts.part(*part)).collect::<Result<_, _>>()?;
            let writers = factory.create_column_writers(number)?;
            let encoded = writers.into_par_iter().zip(columns).zip(schema.fields().to_vec()).map(
                |((mut writer, column), field)| {
                    for part in group.iter().flatten() {
                        if let Some(values) = part.column(table, column.name) {
                            for leaf in compute_leaves(&field, &array(values, column.kind, &texts)?)? {
                                writer.write(&leaf)?;
                            }
                        }
                    }
                    Ok(writer.close()?)
                },
            );
            let encoded: Vec<_> = encoded.collect::<Result<_, WriteError>>()?;
            let mut row_group = writer.next_row_group()?;
            for chunk in encoded {
                chunk.append_to_row_group(&mut row_group)?;
            }
            row_group.close()?;
        }
        writer.close()?;
        Ok(())
    })
}

/// Whether hardly two values of a column are alike.
fn is_varied(column: &FactColumn) -> bool {
    match column.kind {
        FactType::Instant | FactType::Local => true,
        // Targets are few; what was measured is not.
        FactType::Int64 | FactType::Float => !column.name.contains("target"),
        _ => column.name == "ticket_id",
    }
}

fn arrow_type(kind: FactType) -> DataType {
    match kind {
        FactType::Text(_) => DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::LargeUtf8)),
        FactType::Int8 => DataType::Int8,
        FactType::Int32 => DataType::Int32,
        FactType::Int64 => DataType::Int64,
        FactType::Float => DataType::Float64,
        FactType::Bool => DataType::Boolean,
        FactType::Instant => instant_type(),
        FactType::Local => local_type(),
    }
}

/// The lexicons that a table's columns refer to.
fn texts(facts: &Facts, table: FactTable) -> Texts {
    let mut texts = Texts::new();
    for column in table.columns() {
        if let FactType::Text(lexicon) = column.kind {
            texts.entry(lexicon).or_insert_with(|| {
                Arc::new(LargeStringArray::from_iter_values(facts.lexicon(lexicon).iter())) as ArrayRef
            });
        }
    }
    texts
}

fn array(values: FactValues, kind: FactType, texts: &Texts) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        FactValues::Text(codes) => {
            let texts = if let FactType::Text(lexicon) = kind { texts.get(&lexicon) } else { None };
            let no_texts = || ArrowError::ComputeError(format!("no texts for a column of {kind:?}"));
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
