//! A table of facts as Polars scans it: only the columns that a query names are made.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::pass::Frame;
use crate::measure::schema::{FactTable, FactType};
use crate::measure::{FactValues, Facts, Lexicon};

/// How texts come to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// As codes of a dictionary: fast and small, but not every function of text takes them.
    Coded,
    /// As text.
    Plain,
}

/// What queries share: the dictionaries of texts, each made once.
#[derive(Default)]
pub(super) struct Shared {
    dictionaries: Mutex<BTreeMap<Lexicon, DataType>>,
}

impl Shared {
    fn dictionary(&self, facts: &Facts, lexicon: Lexicon) -> PolarsResult<DataType> {
        let mut dictionaries = self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = dictionaries.get(&lexicon) {
            return Ok(dictionary.clone());
        }
        let texts = facts.lexicon(lexicon);
        let categories = Categories::random("facts".into(), CategoricalPhysical::U32);
        let mapping = categories.mapping();
        for (code, text) in texts.iter().enumerate() {
            let category = mapping.insert_cat(text)?;
            polars_ensure!(category as usize == code, ComputeError: "the text {text} stands twice in its lexicon");
        }
        let dictionary = DataType::from_categories(categories);
        dictionaries.insert(lexicon, dictionary.clone());
        Ok(dictionary)
    }
}

/// A table of facts.
pub(super) struct Source {
    pub(super) facts: Arc<Facts>,
    pub(super) shared: Arc<Shared>,
    pub(super) table: FactTable,
    pub(super) texts: Texts,
}

impl Source {
    /// The table as a frame that is made when it is read.
    pub(super) fn frame(self) -> PolarsResult<LazyFrame> {
        let schema = self.schema()?;
        let args = ScanArgsAnonymous { schema: Some(schema), name: self.table.name(), ..Default::default() };
        LazyFrame::anonymous_scan(Arc::new(self), args)
    }

    fn schema(&self) -> PolarsResult<SchemaRef> {
        let mut schema = Schema::default();
        for column in self.table.columns() {
            schema.with_column(column.name.into(), self.kind(column.kind)?);
        }
        Ok(Arc::new(schema))
    }

    /// The type that a query sees.
    fn kind(&self, kind: FactType) -> PolarsResult<DataType> {
        Ok(match kind {
            // Ids are as many as tickets: as a dictionary they would take longer to make than to read.
            FactType::Text(lexicon) if self.texts == Texts::Coded && lexicon != Lexicon::Ids => {
                self.shared.dictionary(&self.facts, lexicon)?
            }
            FactType::Text(_) => DataType::String,
            // 64 bits for every whole number: a sum of smaller ones overflows without a word.
            FactType::Int8 | FactType::Int32 | FactType::Int64 => DataType::Int64,
            FactType::Float => DataType::Float64,
            FactType::Bool => DataType::Boolean,
            FactType::Instant => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
            FactType::Local => DataType::Datetime(TimeUnit::Microseconds, None),
        })
    }

    fn column(&self, name: &str) -> PolarsResult<Column> {
        let column = self.table.column(name);
        let kind = column.ok_or_else(|| polars_err!(ColumnNotFound: "{name}"))?.kind;
        let part = |part| match self.facts.part(part) {
            Ok(part) => Ok(part.and_then(|part| part.column(self.table, name))),
            Err(error) => Err(polars_err!(ComputeError: "{error}")),
        };
        let parts: Vec<FactValues> = (0..self.facts.parts())
            .filter_map(|number| part(number).transpose())
            .collect::<PolarsResult<_>>()?;
        self.gathered(name, kind, self.rows(), parts.into_iter())
    }

    /// The columns of a block as a frame.
    pub(super) fn block(&self, columns: Frame) -> PolarsResult<LazyFrame> {
        let rows = |values: &[FactValues]| values.iter().map(FactValues::len).sum::<usize>();
        let height = columns.first().map_or(0, |column| rows(&column.2));
        let column = |(name, kind, values): (String, FactType, Vec<FactValues>)| {
            self.gathered(&name, kind, height, values.into_iter())
        };
        let columns = columns.into_iter().map(column).collect::<PolarsResult<Vec<_>>>()?;
        Ok(DataFrame::new(height, columns)?.lazy())
    }

    /// A column of values that come in pieces.
    fn gathered(
        &self,
        name: &str,
        kind: FactType,
        rows: usize,
        pieces: impl Iterator<Item = FactValues>,
    ) -> PolarsResult<Column> {
        let column_name = PlSmallStr::from_str(name);
        macro_rules! gathered {
            ($variant:ident, $chunked:ident, $value:ident => $into:expr) => {{
                let mut all = Vec::with_capacity(rows);
                for piece in pieces {
                    if let FactValues::$variant(values) = piece {
                        all.extend(values.into_iter().map(|$value| $into));
                    }
                }
                $chunked::from_iter_options(column_name, all.into_iter())
            }};
        }
        let made = match kind {
            FactType::Text(lexicon) => {
                let codes = gathered!(Text, UInt32Chunked, code => code);
                return self.text_column(&codes, lexicon);
            }
            FactType::Int8 => gathered!(Int8, Int64Chunked, value => Some(i64::from(value))).into_column(),
            FactType::Int32 => gathered!(Int32, Int64Chunked, value => Some(i64::from(value))).into_column(),
            FactType::Int64 => gathered!(Int64, Int64Chunked, value => Some(value)).into_column(),
            FactType::Float => gathered!(Float, Float64Chunked, value => value).into_column(),
            FactType::Bool => gathered!(Bool, BooleanChunked, value => value).into_column(),
            FactType::Instant => gathered!(Instant, Int64Chunked, value => value).into_column(),
            FactType::Local => gathered!(Local, Int64Chunked, value => value).into_column(),
        };
        match kind {
            FactType::Instant | FactType::Local => made.cast(&self.kind(kind)?),
            _ => Ok(made),
        }
    }

    fn text_column(&self, codes: &UInt32Chunked, lexicon: Lexicon) -> PolarsResult<Column> {
        if lexicon == Lexicon::Ids {
            let ids = &self.facts.records.tickets.ids;
            let mut texts = StringChunkedBuilder::new(codes.name().clone(), codes.len());
            codes.iter().for_each(|code| texts.append_option(code.map(|code| ids.get(code as usize))));
            return Ok(texts.finish().into_column());
        }
        let dictionary = self.shared.dictionary(&self.facts, lexicon)?;
        let codes = codes.clone();
        let column =
            CategoricalChunked::<Categorical32Type>::from_cats_and_dtype(codes, dictionary).into_column();
        match self.texts {
            Texts::Coded => Ok(column),
            Texts::Plain => column.cast(&DataType::String),
        }
    }

    fn rows(&self) -> usize {
        (0..self.facts.parts()).map(|part| self.facts.part_rows(self.table, part)).sum()
    }
}

impl AnonymousScan for Source {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn scan(&self, args: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        let names: Vec<PlSmallStr> = match &args.with_columns {
            Some(names) => names.to_vec(),
            None => args.schema.iter_names_cloned().collect(),
        };
        let columns = names.iter().map(|name| self.column(name)).collect::<PolarsResult<Vec<_>>>()?;
        let frame = DataFrame::new(self.rows(), columns)?;
        Ok(match args.n_rows {
            Some(rows) => frame.head(Some(rows)),
            None => frame,
        })
    }

    fn allows_projection_pushdown(&self) -> bool {
        true
    }
}
