//! The facts of a report folder, read ticket by ticket: both files stand in the order of the
//! tickets' ids, so that a few thousand rows of each are in memory at a time.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int8Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::manifest::{FolderError, Manifest};
use super::sides::{Measured, Ticket};
use crate::calendar::Instant;
use crate::measure::Outcome;
use crate::measure::schema::{FactTable, SCHEMA_VERSION};
use crate::policy::{Metric, Severity};

/// Rows decoded at a time.
const BATCH: usize = 16 * 1024;

/// A ticket of a folder.
#[derive(Debug, Clone)]
pub(super) struct FolderTicket {
    id: String,
    customer: String,
    tier: String,
    region: String,
    timezone: String,
    severity: Severity,
    measurements: Vec<Measured>,
}

impl FolderTicket {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The same, borrowed.
    pub(super) fn ticket(&self) -> Ticket<'_> {
        Ticket {
            id: &self.id,
            customer: &self.customer,
            tier: &self.tier,
            region: &self.region,
            timezone: &self.timezone,
            severity: self.severity,
            measurements: &self.measurements,
        }
    }
}

/// The tickets of a folder, one after the other.
pub(super) struct FolderTickets {
    measurements: Rows<MeasurementColumns>,
    tickets: Rows<TicketColumns>,
    /// The id of the one before.
    latest: Option<String>,
}

impl FolderTickets {
    /// Those of a report, whose files must be the ones that its manifest names.
    pub(super) fn open(folder: &Path, manifest: &Manifest) -> Result<FolderTickets, FolderError> {
        let open = |table: FactTable| {
            let path = manifest.verified(folder, &format!("facts/{}.parquet", table.name()))?;
            let (version, path) = (manifest.schema.clone(), path.display().to_string());
            match version == SCHEMA_VERSION {
                true => Ok(path),
                false => Err(FolderError::Version { path, found: version }),
            }
        };
        Ok(FolderTickets {
            measurements: Rows::open(open(FactTable::Measurements)?)?,
            tickets: Rows::open(open(FactTable::Tickets)?)?,
            latest: None,
        })
    }

    /// The next ticket; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<FolderTicket>, FolderError> {
        if !self.tickets.fill()? {
            return match self.measurements.fill()? {
                false => Ok(None),
                true => Err(self.measurements.broken("it holds measurements of no ticket")),
            };
        }
        let Some((columns, row)) = self.tickets.current() else { return Ok(None) };
        let severity = columns.severity.value(row);
        let mut ticket = FolderTicket {
            id: columns.id.value(row).to_owned(),
            customer: columns.customer.value(row).to_owned(),
            tier: columns.tier.value(row).to_owned(),
            region: columns.region.value(row).to_owned(),
            timezone: columns.timezone.value(row).to_owned(),
            severity: of_number(severity)
                .ok_or_else(|| self.tickets.broken("it holds a severity that is none"))?,
            measurements: Vec::new(),
        };
        if self.latest.as_ref().is_some_and(|latest| *latest >= ticket.id) {
            return Err(self.tickets.broken("its tickets do not stand in the order of their ids"));
        }
        self.tickets.row += 1;
        while self.measurements.fill()? {
            let Some((columns, row)) = self.measurements.current() else { break };
            if columns.id.value(row) != ticket.id {
                break;
            }
            let measured = columns.measured(row);
            let measured =
                measured.ok_or_else(|| self.measurements.broken("it holds a measurement that is none"))?;
            ticket.measurements.push(measured);
            self.measurements.row += 1;
        }
        if ticket.measurements.is_empty() {
            return Err(self
                .measurements
                .broken(&format!("it holds no measurement of ticket {}", ticket.id)));
        }
        self.latest = Some(ticket.id.clone());
        Ok(Some(ticket))
    }
}

/// Some rows of a table, in columns of their own types.
trait Columns: Sized {
    /// The names of the columns.
    const NAMES: &'static [&'static str];
    /// Takes them out of a batch; the name of one that is not there or of another type.
    fn of(batch: &RecordBatch) -> Result<Self, &'static str>;
    /// How many rows they have.
    fn rows(&self) -> usize;
}

/// The rows of a file, some at a time.
struct Rows<C> {
    path: String,
    reader: ParquetRecordBatchReader,
    columns: Option<C>,
    /// The next row.
    row: usize,
}

impl<C: Columns> Rows<C> {
    fn open(path: String) -> Result<Rows<C>, FolderError> {
        let broken = |message: String| FolderError::Broken { path: path.clone(), message };
        let file = File::open(&path).map_err(|error| FolderError::Io { path: path.clone(), error })?;
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| broken(error.to_string()))?;
        let pairs = builder.metadata().file_metadata().key_value_metadata();
        let version = pairs.into_iter().flatten().find(|pair| pair.key == "punctual.schema_version");
        let version = version.and_then(|pair| pair.value.clone()).unwrap_or_default();
        if version != SCHEMA_VERSION {
            return Err(FolderError::Version { path, found: version });
        }
        let mask = ProjectionMask::columns(builder.parquet_schema(), C::NAMES.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(BATCH).build();
        let reader = reader.map_err(|error| broken(error.to_string()))?;
        Ok(Rows { path, reader, columns: None, row: 0 })
    }

    /// Sees that there is a next row, and says whether there is.
    fn fill(&mut self) -> Result<bool, FolderError> {
        while self.columns.as_ref().is_none_or(|columns| columns.rows() <= self.row) {
            let Some(batch) = self.reader.next() else { return Ok(false) };
            let batch = batch.map_err(|error| self.broken(&error.to_string()))?;
            let columns = C::of(&batch).map_err(|name| {
                self.broken(&format!("its column {name} is missing, empty or of another type"))
            })?;
            (self.columns, self.row) = (Some(columns), 0);
        }
        Ok(true)
    }

    fn current(&self) -> Option<(&C, usize)> {
        Some((self.columns.as_ref()?, self.row))
    }

    fn broken(&self, message: &str) -> FolderError {
        FolderError::Broken { path: self.path.clone(), message: message.to_owned() }
    }
}

/// A column without nulls.
fn whole<A: Array + Clone>(column: Option<&A>) -> Option<A> {
    column.filter(|column| column.null_count() == 0).cloned()
}

fn texts(batch: &RecordBatch, name: &'static str) -> Result<StringArray, &'static str> {
    whole(batch.column_by_name(name).and_then(|column| column.as_string_opt())).ok_or(name)
}

fn numbers<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    name: &'static str,
) -> Result<PrimitiveArray<T>, &'static str> {
    whole(batch.column_by_name(name).and_then(|column| column.as_primitive_opt())).ok_or(name)
}

/// A column of instants, in which there may be none.
fn instants(
    batch: &RecordBatch,
    name: &'static str,
) -> Result<PrimitiveArray<TimestampMicrosecondType>, &'static str> {
    batch.column_by_name(name).and_then(|column| column.as_primitive_opt()).cloned().ok_or(name)
}

struct TicketColumns {
    id: StringArray,
    customer: StringArray,
    tier: StringArray,
    region: StringArray,
    timezone: StringArray,
    severity: PrimitiveArray<Int8Type>,
}

impl Columns for TicketColumns {
    const NAMES: &'static [&'static str] =
        &["ticket_id", "customer", "tier", "region", "timezone", "severity"];

    fn of(batch: &RecordBatch) -> Result<TicketColumns, &'static str> {
        Ok(TicketColumns {
            id: texts(batch, "ticket_id")?,
            customer: texts(batch, "customer")?,
            tier: texts(batch, "tier")?,
            region: texts(batch, "region")?,
            timezone: texts(batch, "timezone")?,
            severity: numbers(batch, "severity")?,
        })
    }

    fn rows(&self) -> usize {
        self.id.len()
    }
}

struct MeasurementColumns {
    id: StringArray,
    metric: StringArray,
    sequence: PrimitiveArray<Int32Type>,
    severity: PrimitiveArray<Int8Type>,
    started: PrimitiveArray<TimestampMicrosecondType>,
    ended: PrimitiveArray<TimestampMicrosecondType>,
    due: PrimitiveArray<TimestampMicrosecondType>,
    decided: PrimitiveArray<TimestampMicrosecondType>,
    elapsed: PrimitiveArray<Int64Type>,
    target: PrimitiveArray<Int64Type>,
    outcome: StringArray,
    in_period: BooleanArray,
}

impl Columns for MeasurementColumns {
    const NAMES: &'static [&'static str] = &[
        "ticket_id",
        "metric",
        "sequence",
        "severity",
        "started_at",
        "ended_at",
        "due_at",
        "decided_at",
        "elapsed_us",
        "target_us",
        "outcome",
        "in_period",
    ];

    fn of(batch: &RecordBatch) -> Result<MeasurementColumns, &'static str> {
        let in_period = batch.column_by_name("in_period").and_then(|column| column.as_boolean_opt());
        Ok(MeasurementColumns {
            id: texts(batch, "ticket_id")?,
            metric: texts(batch, "metric")?,
            sequence: numbers(batch, "sequence")?,
            severity: numbers(batch, "severity")?,
            started: instants(batch, "started_at")?,
            ended: instants(batch, "ended_at")?,
            due: instants(batch, "due_at")?,
            decided: instants(batch, "decided_at")?,
            elapsed: numbers(batch, "elapsed_us")?,
            target: numbers(batch, "target_us")?,
            outcome: texts(batch, "outcome")?,
            in_period: whole(in_period).ok_or("in_period")?,
        })
    }

    fn rows(&self) -> usize {
        self.id.len()
    }
}

impl MeasurementColumns {
    /// A row; `None` where it holds what no measurement has.
    fn measured(&self, row: usize) -> Option<Measured> {
        let instant = |column: &PrimitiveArray<TimestampMicrosecondType>| match column.is_valid(row) {
            true => Instant::from_micros(column.value(row)).ok().map(Some),
            false => Some(None),
        };
        let metric = [Metric::Response, Metric::Update];
        let outcome = [Outcome::Met, Outcome::Breached, Outcome::Pending];
        Some(Measured {
            metric: metric.into_iter().find(|metric| metric.name() == self.metric.value(row))?,
            sequence: u32::try_from(self.sequence.value(row)).ok()?,
            severity: of_number(self.severity.value(row))?,
            started: instant(&self.started)??,
            ended: instant(&self.ended)?,
            due: instant(&self.due)??,
            decided: instant(&self.decided)?,
            elapsed: self.elapsed.value(row),
            target: self.target.value(row),
            outcome: outcome.into_iter().find(|outcome| outcome.name() == self.outcome.value(row))?,
            in_period: self.in_period.value(row),
        })
    }
}

fn of_number(severity: i8) -> Option<Severity> {
    u8::try_from(severity).ok().and_then(Severity::new)
}
