//! A file of facts: which way each of its columns is encoded, and the row groups put together.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowColumnChunk;
use parquet::basic::Compression;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnDescPtr;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::chunk::Chunk;
use super::column::{PartValues, encode, encode_rows};
use super::deltas::Deltas;
use super::numbers::{Bits, Coded, Listed, Plain};
use super::texts::{CodedTexts, PlainTexts};
use super::{Texts, arrow};
use crate::measure::schema::{FactColumn, FactType};
use crate::measure::{FactValues, TargetCodes};
use crate::report::parquet::{Varied, options};
use crate::report::publish::WriteError;
use crate::table::Values;

/// Facts are many, and their columns leave nothing to compress that would be worth the time: a
/// twenty-fifth of their size.
const COMPRESSION: Compression = Compression::UNCOMPRESSED;

/// Whether a column's values are targets.
pub(super) fn is_target(column: &FactColumn) -> bool {
    column.name.contains("target")
}

/// How a column is written of which hardly two values are alike; `None` for any other.
fn varied(column: &FactColumn) -> Option<Varied> {
    // Targets are few; what was measured is not.
    let is_target = is_target(column);
    match column.kind {
        FactType::Instant | FactType::Local => Some(Varied::Deltas),
        FactType::Int64 if !is_target => Some(Varied::Deltas),
        FactType::Float if !is_target => Some(Varied::Numbers),
        FactType::Text(_) if column.name == "ticket_id" => Some(Varied::Texts),
        _ => None,
    }
}

/// A file of facts.
pub(super) struct FactsFile<'a> {
    pub(super) title: &'a str,
    pub(super) columns: &'a [FactColumn],
    pub(super) texts: &'a Texts<'a>,
    /// The targets that codes stand for in the parts' columns of targets, where these are codes.
    pub(super) targets: Option<&'a TargetCodes>,
    /// Whether columns are encoded directly where they can be. If not, all go by way of Arrow.
    pub(super) is_direct: bool,
    /// The threads on which columns are encoded, if not those of all.
    pub(super) pool: Option<&'a ThreadPool>,
}

/// An encoded column of a row group.
pub(in crate::report) enum Encoded {
    Direct(Chunk),
    Arrow(ArrowColumnChunk),
}

impl Encoded {
    /// These rows of a table's column; `None` where there is anything in them that only Arrow's way
    /// knows to write.
    pub(in crate::report) fn of_rows(
        descriptor: &ColumnDescPtr,
        compression: Compression,
        values: &Values,
        rows: Range<usize>,
    ) -> Result<Option<Encoded>, WriteError> {
        let form = (descriptor, compression);
        let chunk = match values {
            Values::Text(texts) => {
                let codes: Vec<_> = rows.map(|row| texts.code(row)).collect();
                encode_rows(form, CodedTexts::of(texts.texts()), &codes)
            }
            Values::Int(values) => encode_rows(form, Coded::<i64>::default(), &values[rows]),
            Values::Float(values) => encode_rows(form, Coded::<f64>::default(), &values[rows]),
            Values::Bool(values) => encode_rows(form, Bits::default(), &values[rows]),
            Values::Instant(values) | Values::Local(values) => {
                encode_rows(form, Deltas::default(), &values[rows])
            }
        };
        Ok(chunk?.map(Encoded::Direct))
    }

    /// Writes a row group of these columns.
    pub(in crate::report) fn write_group<W: Write + Send>(
        columns: impl Iterator<Item = Result<Encoded, WriteError>>,
        writer: &mut SerializedFileWriter<W>,
    ) -> Result<(), WriteError> {
        let mut row_group = writer.next_row_group()?;
        for column in columns {
            match column? {
                Encoded::Direct(chunk) => row_group.append_column(&chunk.bytes, chunk.close)?,
                Encoded::Arrow(chunk) => chunk.append_to_row_group(&mut row_group)?,
            }
        }
        row_group.close()?;
        Ok(())
    }
}

/// A column of a row group that is to be encoded.
struct Piece<P> {
    group: usize,
    place: usize,
    parts: Arc<Vec<P>>,
}

/// Numbered things that come in nearly any order, in that of their numbers.
struct InOrder<I, T> {
    coming: I,
    /// Those that came before their turn.
    early: BTreeMap<usize, T>,
    next: usize,
}

impl<T, I: Iterator<Item = (usize, T)>> InOrder<I, T> {
    const fn of(coming: I) -> InOrder<I, T> {
        InOrder { coming, early: BTreeMap::new(), next: 0 }
    }
}

impl<T, I: Iterator<Item = (usize, T)>> Iterator for InOrder<I, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            if let Some(due) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(due);
            }
            let (number, thing) = self.coming.next()?;
            self.early.insert(number, thing);
        }
    }
}

/// A part of a table, column by column.
pub(super) trait Part: Send + Sync {
    /// The values of a column, one for each row; `None` where there is no such column.
    fn rows(&self, column: &FactColumn) -> Option<FactValues>;

    /// The same in the form that is the cheapest to make.
    fn values(&self, column: &FactColumn) -> Option<PartValues<'_>>;
}

impl FactsFile<'_> {
    /// Writes row groups, which consist of parts.
    pub(super) fn write<P: Part>(
        &self,
        to: impl Write + Send,
        groups: impl Iterator<Item = Result<Vec<P>, WriteError>> + Send,
    ) -> Result<(), WriteError> {
        let meanings = self.columns.iter().map(|column| (column.name, column.meaning));
        let varied = self.columns.iter().filter_map(|column| Some((column.name, varied(column)?)));
        let fields: Vec<Field> = self.columns.iter().map(arrow::field).collect();
        let schema = Arc::new(Schema::new(fields));
        let writer = ArrowWriter::try_new_with_options(
            to,
            schema,
            options(self.title, COMPRESSION, meanings, varied),
        )?;
        let (mut writer, factory) = writer.into_serialized_writer()?;
        let descriptors = writer.schema_descr().columns().to_vec();
        let pieces = groups.enumerate().flat_map(|(group, parts)| self.pieces(group, parts));
        let encode = |piece: Result<Piece<P>, WriteError>| -> Result<Encoded, WriteError> {
            let Piece { group, place, parts } = piece?;
            let column = &self.columns[place];
            let values = parts.iter().filter_map(|part| part.values(column));
            if self.is_direct
                && let Some(chunk) = self.encode(&descriptors[place], column, values)?
            {
                return Ok(Encoded::Direct(chunk));
            }
            let writer = factory.create_column_writers(group)?.swap_remove(place);
            let values = parts.iter().filter_map(|part| part.rows(column));
            Ok(Encoded::Arrow(arrow::encode(writer, column, self.texts, values)?))
        };
        let mut write = |encoded: &mut dyn Iterator<Item = Result<Encoded, WriteError>>| {
            let mut encoded = encoded.peekable();
            while encoded.peek().is_some() {
                Encoded::write_group(encoded.by_ref().take(self.columns.len()), &mut writer)?;
            }
            Ok::<(), WriteError>(())
        };
        let threads = rayon::current_num_threads();
        if threads == 1 {
            write(&mut pieces.map(encode))?;
        } else {
            // Columns are written while others are encoded, and no more of them wait than threads
            // encode.
            std::thread::scope(|scope| {
                let (send, receive) = sync_channel(threads);
                let encode_all = move || {
                    // Whoever writes stops at the first error, and nobody is left to send to.
                    let send = |(number, piece)| send.send((number, encode(piece))).ok();
                    pieces.enumerate().par_bridge().try_for_each(send)
                };
                let pool = self.pool;
                scope.spawn(move || match pool {
                    Some(pool) => pool.install(encode_all),
                    None => encode_all(),
                });
                write(&mut InOrder::of(receive.into_iter()))
            })?;
        }
        writer.close()?;
        Ok(())
    }

    /// What is to be encoded of a row group: its columns, in order.
    fn pieces<P>(
        &self,
        group: usize,
        parts: Result<Vec<P>, WriteError>,
    ) -> Vec<Result<Piece<P>, WriteError>> {
        match parts.map(Arc::new) {
            Ok(parts) => {
                let piece = |place| Ok(Piece { group, place, parts: Arc::clone(&parts) });
                (0..self.columns.len()).map(piece).collect()
            }
            Err(error) => vec![Err(error)],
        }
    }

    /// A column encoded directly; `None` where there is anything in it that only Arrow's way
    /// knows to write.
    fn encode<'a>(
        &self,
        descriptor: &ColumnDescPtr,
        column: &FactColumn,
        parts: impl Iterator<Item = PartValues<'a>>,
    ) -> Result<Option<Chunk>, WriteError> {
        let form = (descriptor, COMPRESSION);
        match (column.kind, varied(column)) {
            (FactType::Text(lexicon), varied) => match self.texts.get(&lexicon) {
                Some(texts) if varied.is_some() => encode(form, PlainTexts::of(texts), parts),
                Some(texts) => encode(form, CodedTexts::of(texts), parts),
                None => Ok(None),
            },
            (FactType::Int8, _) => encode::<i8, _>(form, Listed::bytes(), parts),
            (FactType::Int32, _) => encode::<i32, _>(form, Coded::<i32>::default(), parts),
            (FactType::Int64, None) => match self.targets {
                Some(targets) => encode::<u32, _>(form, Listed::of(targets.micros().to_vec()), parts),
                None => encode::<i64, _>(form, Coded::<i64>::default(), parts),
            },
            (FactType::Float, None) => match self.targets {
                Some(targets) => encode::<u32, _>(form, Listed::of(targets.hours()), parts),
                None => encode::<f64, _>(form, Coded::<f64>::default(), parts),
            },
            (FactType::Float, Some(_)) => encode(form, Plain::<f64>::default(), parts),
            (FactType::Bool, _) => encode(form, Bits::default(), parts),
            (FactType::Int64 | FactType::Instant | FactType::Local, _) => {
                encode(form, Deltas::default(), parts)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parquet::arrow::ArrowSchemaConverter;
    use proptest::prelude::*;

    use super::super::column::{PAGE_BYTES, PAGE_ROWS, STEP_ROWS};
    use super::super::samples::{COLUMNS, LONG, Made, Recipe, Shape, TEXTS, USUAL, recipe};
    use super::*;
    use crate::measure::samples::facts;
    use crate::measure::schema::FactTable;
    use crate::measure::{FullValues, Period};

    /// The bytes of a file of these row groups.
    fn file(groups: &[Vec<Shape>], recipes: &[Recipe], is_direct: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let made = |group: &Vec<Shape>| group.iter().map(|shape| Made::of(shape.clone(), recipes)).collect();
        FactsFile { title: "facts", columns: &COLUMNS, texts: &TEXTS, targets: None, is_direct, pool: None }
            .write(&mut bytes, groups.iter().map(made).map(Ok))
            .map_err(|_| "not written")
            .unwrap();
        bytes
    }

    fn groups(rows: &[Vec<usize>]) -> Vec<Vec<Shape>> {
        let mut numbers = 0..;
        let mut shape = |rows: &usize| Shape { number: numbers.next().unwrap_or(0), rows: *rows };
        rows.iter().map(|group| group.iter().map(&mut shape).collect()).collect()
    }

    fn rows() -> impl Strategy<Value = usize> {
        let around = |rows: usize| rows - 1..=rows + 1;
        prop_oneof![0..20_usize, around(STEP_ROWS), around(PAGE_ROWS), 0..45_000_usize]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_file_is_the_same_by_either_way(
            rows in prop::collection::vec(prop::collection::vec(rows(), 0..4), 0..3),
            recipes in prop::collection::vec(recipe(), COLUMNS.len()),
        ) {
            let groups = groups(&rows);
            prop_assert!(file(&groups, &recipes, true) == file(&groups, &recipes, false));
        }
    }

    /// Whether a column is encoded directly.
    fn encoded(column: &FactColumn, texts: &Texts<'_>, values: FactValues) -> bool {
        let schema = Schema::new(vec![arrow::field(column)]);
        let schema = ArrowSchemaConverter::new().convert(&schema).unwrap();
        let file = FactsFile { title: "", columns: &[], texts, targets: None, is_direct: true, pool: None };
        let encoded = file.encode(&schema.columns()[0], column, std::iter::once(PartValues::Rows(values)));
        encoded.map_err(|_| "not encoded").unwrap().is_some()
    }

    /// The columns that are not encoded directly, of one part of different, ascending values.
    fn by_arrow(different: u32) -> Vec<&'static str> {
        let recipe = Recipe { seed: 0, different, run: 1, ascending: true, nulls: [0; 2] };
        let shape = Shape { number: 0, rows: different as usize };
        let goes = |column: &&FactColumn| !encoded(column, &TEXTS, recipe.values(&shape, column));
        COLUMNS.iter().filter(goes).map(|column| column.name).collect()
    }

    #[test]
    fn a_full_dictionary_goes_by_arrow() {
        // Of 8 bytes a number, of 4; a text takes 64 with its length.
        let full = |bytes: usize| (PAGE_BYTES / bytes) as u32;
        assert_eq!(by_arrow(full(8) - 1), ["ticket_id", "name"]);
        assert_eq!(by_arrow(full(8)), ["ticket_id", "name", "target_us", "target_h"]);
        assert_eq!(by_arrow(full(4) - 1), by_arrow(full(8)));
        assert_eq!(by_arrow(full(4)), ["ticket_id", "name", "count", "target_us", "target_h"]);
        assert_eq!(by_arrow(1000), [""; 0]);
        // Texts that do not begin alike fill the page of ids, too.
        assert_eq!(by_arrow(USUAL), ["ticket_id", "name"]);
    }

    #[test]
    fn a_full_dictionary_is_the_same_by_either_way() {
        let recipe = Recipe { seed: 0, different: 131_072, run: 1, ascending: true, nulls: [0; 2] };
        let groups = groups(&[vec![131_072, 30_000]]);
        let texts = Recipe { different: USUAL + LONG, ..recipe };
        let mut recipes = vec![texts; 2];
        recipes.resize(COLUMNS.len(), recipe);
        assert!(file(&groups, &recipes, true) == file(&groups, &recipes, false));
    }

    #[test]
    fn texts_that_fill_a_page_are_the_same_by_either_way() {
        let recipe = Recipe { seed: 0, different: USUAL, run: 1, ascending: false, nulls: [0; 2] };
        let shape = Shape { number: 0, rows: 45_000 };
        assert!(!encoded(&COLUMNS[0], &TEXTS, recipe.values(&shape, &COLUMNS[0])));
        let (groups, recipes) = (groups(&[vec![45_000]]), vec![recipe; COLUMNS.len()]);
        assert!(file(&groups, &recipes, true) == file(&groups, &recipes, false));
    }

    #[test]
    fn long_bounds_unknown_codes_and_what_is_no_number_go_by_arrow() {
        // Of numbers with zeros before them the longer one comes first.
        let (long, between) = (USUAL, [Some(0), Some(USUAL), Some(1)]);
        for column in &COLUMNS[..2] {
            let text = |codes: &[Option<u32>]| !encoded(column, &TEXTS, FactValues::Text(codes.to_vec()));
            assert!(!text(&between) && !text(&[Some(0), Some(USUAL - 1)]));
            assert!(text(&[Some(long), Some(1)]) && text(&[Some(0), Some(long)]));
            assert!(text(&[Some(0), Some(USUAL + LONG)]));
        }
        for column in &COLUMNS[6..8] {
            assert!(!encoded(column, &TEXTS, FactValues::Float(vec![Some(1.0), Some(f64::NAN)])));
            assert!(!encoded(column, &TEXTS, FactValues::Bool(vec![Some(true)])));
        }
    }

    #[test]
    fn every_column_of_facts_is_encoded_directly() {
        let facts = facts(3000, &Period::Everything);
        let part = facts.part(0).unwrap().unwrap();
        for table in FactTable::ALL {
            let texts = super::super::texts(&facts, table);
            for column in table.columns() {
                assert!(encoded(column, &texts, part.column(table, column.name).unwrap()), "{}", column.name);
            }
        }
    }

    #[test]
    fn coded_targets_are_encoded_directly() {
        let facts = facts(3000, &Period::Everything);
        let targets = TargetCodes::of(&facts);
        let part = facts.part(0).unwrap().unwrap();
        let columns: Vec<FactColumn> =
            FactTable::Measurements.columns().iter().filter(|column| is_target(column)).copied().collect();
        assert_eq!(columns.len(), 2);
        let schema = Schema::new(columns.iter().map(arrow::field).collect::<Vec<_>>());
        let schema = ArrowSchemaConverter::new().convert(&schema).unwrap();
        let (targets, texts) = (Some(&targets), &TEXTS);
        let file = FactsFile { title: "", columns: &columns, texts, targets, is_direct: true, pool: None };
        for (column, descriptor) in columns.iter().zip(schema.columns()) {
            let codes = part.coded_targets(targets.unwrap());
            let codes = PartValues::Full(FullValues::Text(codes));
            let encoded = file.encode(descriptor, column, std::iter::once(codes));
            assert!(encoded.map_err(|_| "not encoded").unwrap().is_some());
        }
    }
}
