//! The report's charts: tables in, pictures out.
//!
//! Each chart reads one [`Table`] and puts shapes on a sheet; the sheet is then painted as SVG and
//! as PNG by the same code. Nothing here reads a file, the environment or the clock, and the same
//! tables give the same bytes.

mod axis;
mod breach_starts;
mod compliance_by_severity;
mod customers;
mod elapsed_hours;
mod figures;
mod frame;
mod glyphs;
mod heat;
mod lettering;
mod monthly_trend;
pub(crate) mod numbers;
mod paint;
mod region_by_severity;
mod sheet;
mod theme;
mod tier_advantage;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use crate::table::Table;

/// A finished chart, in both forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The name its files have: `monthly_trend`.
    pub name: &'static str,
    /// What it shows, in plain words.
    pub title: String,
    /// The chart as a self-contained SVG.
    pub svg: String,
    /// The chart as a PNG, at two device pixels to the pixel.
    pub png: Vec<u8>,
}

/// What is true of every chart of a report, and is written on each.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
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
    draw: fn(&Table, &Context) -> sheet::Sheet,
}

const RECIPES: [Recipe; 7] = [
    Recipe { name: "compliance_by_severity", table: "by_severity", draw: compliance_by_severity::draw },
    Recipe { name: "monthly_trend", table: "by_month", draw: monthly_trend::draw },
    Recipe { name: "region_by_severity", table: "by_region_severity", draw: region_by_severity::draw },
    Recipe { name: "elapsed_hours", table: "elapsed_hours", draw: elapsed_hours::draw },
    Recipe { name: "customers_with_most_breaches", table: "by_customer", draw: customers::draw },
    Recipe { name: "breach_starts", table: "started_when", draw: breach_starts::draw },
    Recipe { name: "tier_advantage", table: "tier_advantage", draw: tier_advantage::draw },
];

/// Draws every chart whose table is there, always in the same order.
pub fn draw_all(tables: &[Table], context: &Context) -> Result<Vec<Chart>, ChartError> {
    lettering::load_font()?;
    let mut charts = Vec::new();
    for recipe in RECIPES {
        let Some(table) = tables.iter().find(|table| table.name == recipe.table) else {
            continue;
        };
        let sheet = (recipe.draw)(table, context);
        let (svg, png) = (paint::svg(&sheet)?, paint::png(&sheet)?);
        charts.push(Chart { name: recipe.name, title: sheet.title, svg, png });
    }
    Ok(charts)
}
