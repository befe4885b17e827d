//! The spans of time that measurements are made of, as Parquet: what counted, and why.

use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, LargeStringArray, RecordBatch,
    StringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use rayon::prelude::*;

use super::parquet::{Varied, compressed, instant_type, options};
use super::publish::{Publication, PublishError, WriteError};
use crate::measure::{CountedSpan, Facts, Why};
use crate::policy::Metric;

/// The columns and what they mean.
const COLUMNS: [(&str, &str); 9] = [
    ("ticket_id", "the ticket"),
    ("metric", "response or update, as in measurements"),
    ("sequence", "0 for the response, 1, 2, … for the updates of the ticket, as in measurements"),
    ("local_date", "the local date, on the customer's clock, that the span lies in"),
    ("from_at", "where the span starts"),
    ("to_at", "where it ends; the next one starts there"),
    ("counted_us", "how much of it counts, microseconds: all or nothing; their sum is elapsed_us"),
    (
        "reason",
        "counted; or why not: outside_hours, day_off (a weekday without hours), holiday, waiting (for the customer)",
    ),
    ("holiday", "what the date is called, where it has hours of its own or none, and a name"),
];

/// Writes the spans of all measurements, in the order of ticket_id, sequence and time.
pub(super) fn write(facts: &Facts, publication: &Publication) -> Result<(), PublishError> {
    publication.write("facts/spans.parquet", |file| -> Result<(), WriteError> {
        let text = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::LargeUtf8));
        let kinds = [
            text.clone(),
            text.clone(),
            DataType::Int32,
            DataType::Date32,
            instant_type(),
            instant_type(),
            DataType::Int64,
            text,
            DataType::Utf8,
        ];
        let fields = COLUMNS.iter().zip(kinds).map(|((name, _), kind)| Field::new(*name, kind, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let varied = ["from_at", "to_at"].map(|name| (name, Varied::Deltas));
        let options = options("spans", compressed(), COLUMNS.into_iter(), varied.into_iter());
        let mut writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)?;
        let texts = Texts {
            ids: Arc::new(LargeStringArray::from_iter_values(facts.records.tickets.ids.iter())),
            metrics: lexicon([Metric::Response, Metric::Update].map(Metric::name)),
            reasons: lexicon(Why::ALL.map(Why::name)),
        };
        // As many parts at once as there are threads; written in their order.
        let parts: Vec<usize> = (0..facts.parts()).collect();
        for some in parts.chunks(rayon::current_num_threads().max(1)) {
            let batches = some.par_iter().map(|part| batch(facts, *part, &schema, &texts));
            for batch in batches.collect::<Result<Vec<_>, _>>()? {
                writer.write(&batch)?;
            }
            writer.flush()?;
        }
        writer.close()?;
        Ok(())
    })
}

/// The texts of columns that have few of them.
struct Texts {
    ids: ArrayRef,
    metrics: ArrayRef,
    reasons: ArrayRef,
}

fn lexicon<const N: usize>(texts: [&str; N]) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter_values(texts))
}

/// Spans in columns.
#[derive(Default)]
struct Columns<'a> {
    ticket: Vec<u32>,
    metric: Vec<u32>,
    sequence: Vec<i32>,
    date: Vec<i32>,
    from: Vec<i64>,
    to: Vec<i64>,
    counted: Vec<i64>,
    reason: Vec<u32>,
    holiday: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn add(
        &mut self,
        (place, metric, sequence): (u32, Metric, u32),
        span: &CountedSpan,
        day: Option<&'a str>,
    ) {
        self.ticket.push(place);
        self.metric.push(u32::from(metric == Metric::Update));
        self.sequence.push(sequence as i32);
        self.date.push(span.date.to_epoch_days());
        self.from.push(span.from.micros());
        self.to.push(span.to.micros());
        self.counted.push(span.counted);
        self.reason.push(span.why as u32);
        self.holiday.push(day);
    }
}

/// The spans of a part's tickets.
fn batch(facts: &Facts, part: usize, schema: &Arc<Schema>, texts: &Texts) -> Result<RecordBatch, WriteError> {
    let mut columns = Columns::default();
    for place in facts.tickets.get(part).map(|part| part.ticket.as_slice()).unwrap_or_default() {
        let explanation = facts.explain(*place as usize)?;
        let calendar = facts.calendar_of(*place as usize);
        for explained in &explanation.measurements {
            let measured = &explained.measurement;
            for span in &explained.spans {
                let of = (*place, measured.metric, measured.sequence);
                columns.add(of, span, calendar.name_of(span.date));
            }
        }
    }
    let coded = |codes: Vec<u32>, texts: &ArrayRef| -> Result<ArrayRef, WriteError> {
        Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(UInt32Array::from(codes), Arc::clone(texts))?))
    };
    let instants = |micros: Vec<i64>| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
    };
    let arrays: Vec<ArrayRef> = vec![
        coded(columns.ticket, &texts.ids)?,
        coded(columns.metric, &texts.metrics)?,
        Arc::new(Int32Array::from(columns.sequence)),
        Arc::new(Date32Array::from(columns.date)),
        instants(columns.from),
        instants(columns.to),
        Arc::new(Int64Array::from(columns.counted)),
        coded(columns.reason, &texts.reasons)?,
        Arc::new(StringArray::from(columns.holiday)),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}
