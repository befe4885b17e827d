//! Reading the tables: metrics, severities and measures, as the charts want them.

use plotters::style::RGBColor;

use super::frame::Swatch;
use super::sheet::Mark;
use super::theme;
use crate::language::{Language, filled};
use crate::table::Table;

/// How many severities an agreement has.
pub const SEVERITIES: usize = 4;

/// What is measured of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// The time to the first response.
    Response,
    /// The time from one communication to the next.
    Update,
}

/// Both, in the order in which charts show them.
pub const METRICS: [Metric; 2] = [Metric::Response, Metric::Update];

impl Metric {
    /// The metric of a row; `None` for a ticket as a whole.
    pub fn of(table: &Table, row: usize) -> Option<Self> {
        match table.text("metric", row)? {
            "response" => Some(Metric::Response),
            "update" => Some(Metric::Update),
            _ => None,
        }
    }

    /// What a panel of it is headed.
    pub fn heading(self, language: &'static Language) -> &'static str {
        let words = &language.words.charts;
        match self {
            Metric::Response => &words.first_responses,
            Metric::Update => &words.updates,
        }
    }

    /// So many of it, in words.
    pub fn counted(self, number: i64, language: &Language) -> String {
        let words = &language.words.charts;
        match self {
            Metric::Response => language.counted(number, &words.counted_first_responses),
            Metric::Update => language.counted(number, &words.counted_updates),
        }
    }

    /// The colour of its line.
    pub fn line(self) -> RGBColor {
        match self {
            Metric::Response => theme::FIRST_LINE,
            Metric::Update => theme::SECOND_LINE,
        }
    }

    /// The mark of its points.
    pub fn mark(self) -> Mark {
        match self {
            Metric::Response => Mark::Disc,
            Metric::Update => Mark::Square,
        }
    }

    /// Whether its line is dashed.
    pub fn dashed(self) -> bool {
        self == Metric::Update
    }

    /// The colour of its bars, and of their edges.
    pub fn bar(self) -> (RGBColor, RGBColor) {
        match self {
            Metric::Response => (theme::FIRST_FILL, theme::FIRST_FILL),
            Metric::Update => (theme::SECOND_FILL, theme::SECOND_LINE),
        }
    }

    /// Its bars in a legend.
    pub fn swatch(self) -> Swatch {
        let (fill, edge) = self.bar();
        Swatch::Edged(fill, edge)
    }
}

/// How often it was measured, and how often it was met.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measure {
    /// Decided measurements.
    pub measured: i64,
    /// Those in time.
    pub met: i64,
    /// Those that were not.
    pub breached: i64,
    /// The share in time; never a share of nothing.
    pub compliance: Option<f64>,
    /// Its Wilson 95 % interval.
    pub interval: Option<(f64, f64)>,
}

impl Measure {
    /// The measure on a row.
    pub fn of(table: &Table, row: usize) -> Self {
        let measured = number(table, "measured", row);
        let share = |name| table.float(name, row).filter(|share| measured > 0 && (0.0..=1.0).contains(share));
        Measure {
            measured,
            met: number(table, "met", row),
            breached: number(table, "breached", row),
            compliance: share("compliance"),
            interval: share("compliance_low").zip(share("compliance_high")),
        }
    }

    /// The measure in words: `97.3 % of 412 in time`.
    pub fn in_words(&self, language: &Language) -> String {
        let words = &language.words.charts;
        match self.compliance {
            Some(share) => {
                let (share, measured) = (language.percent(share), language.count(self.measured));
                filled(&words.in_time_of, &[("share", &share), ("measured", &measured)])
            }
            None => words.nothing_measured_here.clone(),
        }
    }
}

/// A count on a row; an empty cell counts nothing.
pub fn number(table: &Table, name: &str, row: usize) -> i64 {
    table.int(name, row).unwrap_or(0).max(0)
}

/// The index of a row's severity, from 0.
pub fn severity(table: &Table, row: usize) -> Option<usize> {
    let severity = usize::try_from(table.int("severity", row)?).ok()?;
    (1..=SEVERITIES).contains(&severity).then(|| severity - 1)
}

/// What a metric's rows hold, by severity.
pub fn by_severity<T: Default>(table: &Table, metric: Metric, of: impl Fn(usize) -> T) -> [T; SEVERITIES] {
    let mut values: [T; SEVERITIES] = Default::default();
    for row in (0..table.rows()).filter(|row| Metric::of(table, *row) == Some(metric)) {
        if let Some(value) = severity(table, row).and_then(|severity| values.get_mut(severity)) {
            *value = of(row);
        }
    }
    values
}

/// The name of a row's category; an empty cell has a name too, so that it is not left out.
pub fn name<'a>(table: &'a Table, column: &str, row: usize, language: &'a Language) -> &'a str {
    let unnamed = &language.words.charts.unnamed;
    table.text(column, row).filter(|name| !name.trim().is_empty()).unwrap_or(unnamed)
}

/// The sum of counts. Saturating: a chart of absurd counts is absurd, a panic is worse.
pub fn sum(counts: impl IntoIterator<Item = i64>) -> i64 {
    counts.into_iter().fold(0, i64::saturating_add)
}

/// The name of a severity, by its index.
pub fn severity_name(language: &Language, index: usize) -> String {
    filled(&language.words.charts.severity, &[("severity", &(index + 1).to_string())])
}

/// The sentence of a metric at a severity, by its index: what is said of it.
pub fn metric_sentence(language: &'static Language, metric: Metric, index: usize, measure: &str) -> String {
    let severity = (index + 1).to_string();
    let values = [("metric", metric.heading(language)), ("severity", &severity), ("measure", measure)];
    filled(&language.words.charts.metric_sentence, &values)
}

/// The text with a capital at its beginning, where a language writes days or months small.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The line below the title that says how many of each metric there are.
pub fn behind_both(language: &Language, count: impl Fn(Metric) -> i64) -> String {
    let [responses, updates] = METRICS.map(|metric| metric.counted(count(metric), language));
    let values = [("responses", &*responses), ("updates", &*updates)];
    filled(&language.words.charts.behind_both, &values)
}
