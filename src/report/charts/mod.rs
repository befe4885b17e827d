//! The report's charts: tables in, pictures out.
//!
//! Each chart reads one [`Table`] and puts shapes on a sheet; the sheet is then painted as SVG and
//! as PNG by the same code. Nothing here reads a file, the environment or the clock, and the same
//! tables give the same bytes.

mod axis;
mod breach_starts;
mod compliance_by_severity;
mod compliance_compared;
mod customers;
mod dark;
mod elapsed_hours;
mod figures;
mod frame;
mod glyphs;
mod heat;
mod lettering;
mod monthly_trend;
mod numbers;
mod paint;
mod region_by_severity;
mod sheet;
mod theme;
mod tier_advantage;

pub use dark::dark_css;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use self::sheet::Sheet;
use crate::language::Language;
use crate::table::Table;

/// A finished chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The name its files have: `monthly_trend`.
    pub name: &'static str,
    /// What it shows, in plain words.
    pub title: String,
    /// The chart as a self-contained SVG.
    pub svg: String,
    sheet: Sheet,
}

impl Chart {
    /// The chart as a PNG, at two device pixels to the pixel. Pages have no use for it, and it takes
    /// longer than all else of a chart: it is painted when it is asked for.
    ///
    /// # Errors
    /// [`ChartError`] where it cannot be painted.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        paint::png(&self.sheet)
    }
}

/// What is true of every chart of a report, and is written on each.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The language of words, figures and dates; what follows is in it already.
    pub language: &'static Language,
    /// The period the report is about: `2024-05`, `all measurements`.
    pub period: String,
    /// Up to when the data reaches: `2024-05-31 23:59 UTC`.
    pub as_of: String,
    /// The policy measured against: `northern@2000-01-01`.
    pub policy: String,
    /// Whose hours are counted: `working hours and months on each customer's own clock`.
    pub zone_rule: String,
}

/// Why a chart could not be drawn; none of these depends on the data.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The font that is compiled in cannot be read.
    #[error("the charts' font cannot be loaded")]
    Font,
    /// No chart has this name.
    #[error("no chart is called {0:?}; there are {names}", names = names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
    /// A backend failed.
    #[error("a chart cannot be drawn: {0}")]
    Drawing(String),
    /// The picture cannot be encoded.
    #[error("a chart cannot be written as PNG")]
    Encoding(#[from] png::EncodingError),
}

/// A chart that can be drawn: its name, the table it reads, and how.
struct Recipe {
    name: &'static str,
    table: &'static str,
    draw: fn(&Table, &Context) -> Sheet,
}

impl Recipe {
    fn chart(&self, table: &Table, context: &Context) -> Result<Chart, ChartError> {
        let sheet = (self.draw)(table, context);
        let (title, svg) = (sheet.title.clone(), paint::svg(&sheet)?);
        Ok(Chart { name: self.name, title, svg, sheet })
    }
}

const RECIPES: [Recipe; 8] = [
    Recipe { name: "compliance_by_severity", table: "by_severity", draw: compliance_by_severity::draw },
    Recipe { name: "monthly_trend", table: "by_month", draw: monthly_trend::draw },
    Recipe { name: "region_by_severity", table: "by_region_severity", draw: region_by_severity::draw },
    Recipe { name: "elapsed_hours", table: "elapsed_hours", draw: elapsed_hours::draw },
    Recipe { name: "customers_with_most_breaches", table: "by_customer", draw: customers::draw },
    Recipe { name: "breach_starts", table: "started_when", draw: breach_starts::draw },
    Recipe { name: "tier_advantage", table: "tier_advantage", draw: tier_advantage::draw },
    Recipe { name: COMPARED, table: "totals", draw: compliance_compared::draw },
];

/// The chart of a comparison, which no report has.
pub const COMPARED: &str = "compliance_compared";

/// The names of all charts, in the order in which they are drawn.
pub fn names() -> impl Iterator<Item = &'static str> {
    RECIPES.iter().map(|recipe| recipe.name)
}

/// Draws every chart of a report whose table is there, always in the same order.
///
/// # Errors
/// [`ChartError`] for the first chart that cannot be drawn.
pub fn draw_all(tables: &[Table], context: &Context) -> Result<Vec<Chart>, ChartError> {
    // A table of the user's own may be called as that of a comparison is.
    draw_recipes(RECIPES.iter().filter(|recipe| recipe.name != COMPARED), tables, context)
}

/// Draws the named charts whose tables are there, in the order of [`names`] and not of the list.
///
/// # Errors
/// [`ChartError`] for a name that no chart has, and for the first chart that cannot be drawn.
pub fn draw(wanted: &[&str], tables: &[Table], context: &Context) -> Result<Vec<Chart>, ChartError> {
    if let Some(unknown) = wanted.iter().find(|name| !names().any(|known| known == **name)) {
        return Err(ChartError::Unknown((*unknown).to_owned()));
    }
    draw_recipes(RECIPES.iter().filter(|recipe| wanted.contains(&recipe.name)), tables, context)
}

/// Draws the recipes at once, as many as there are threads, and hands them back in their order.
fn draw_recipes<'a>(
    recipes: impl Iterator<Item = &'a Recipe>,
    tables: &[Table],
    context: &Context,
) -> Result<Vec<Chart>, ChartError> {
    lettering::load_font()?;
    let table = |recipe: &'a Recipe| {
        let table = Table::named(tables, recipe.table)?;
        Some((recipe, table))
    };
    let drawable: Vec<(&Recipe, &Table)> = recipes.filter_map(table).collect();
    drawable.into_par_iter().map(|(recipe, table)| recipe.chart(table, context)).collect()
}
