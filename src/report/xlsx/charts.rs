//! The charts, and the sheet of the figures that they are drawn from.
//!
//! A chart of a spreadsheet is drawn from cells. Those of the tables would not do, since they have
//! a row per metric, so the figures stand once more on a sheet of their own, a block per chart.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType, ChartSolidFill,
    ChartType, Worksheet, XlsxError,
};

use super::cells::{self, Cell};
use super::figures::{Picture, Shape};
use super::look::{self, GRID, INK, Kind, Look, MUTED};

/// The row of a block's headers; its title stands above, its figures below.
const HEADER: u32 = 1;
/// The columns of a block: the categories, two series, and a gap.
const BLOCK: u16 = 4;

/// The fills of the two series: dark and light.
const FILLS: [u32; 2] = [0x2F_7F_B5, 0xF7_D0_86];
/// What is written on them.
const ON_FILLS: [u32; 2] = [0xFF_FF_FF, INK];
/// The edges of the two series, and their lines.
const EDGES: [u32; 2] = [0x00_5A_8C, 0xB8_68_00];

/// Fills the sheet of the figures.
pub(super) fn fill(sheet: &mut Worksheet, pictures: &[Picture], look: &Look) -> Result<(), XlsxError> {
    for (picture, start) in pictures.iter().zip((0..).step_by(usize::from(BLOCK))) {
        let kind = if picture.shape == Shape::Bars { Kind::Count } else { Kind::Share };
        cells::put_text(sheet, (0, start), &picture.title, &look.heading)?;
        cells::put_text(sheet, (HEADER, start), &picture.along, &look.header(Kind::Text))?;
        sheet.set_column_width(start, if picture.shape == Shape::Bars { 40 } else { 16 })?;
        for (name, row) in picture.categories.iter().zip(HEADER + 1..) {
            cells::put_text(sheet, (row, start), name, look.cells(Kind::Text))?;
        }
        for (series, column) in picture.series.iter().zip(start + 1..) {
            sheet.set_column_width(column, 12)?;
            cells::put_text(sheet, (HEADER, column), &series.name, &look.header(kind))?;
            for (figure, row) in series.figures.iter().zip(HEADER + 1..) {
                let cell = figure.map_or(Cell::Empty, Cell::Number);
                cells::put(sheet, (row, column), &cell, look.cells(kind))?;
            }
        }
    }
    sheet.set_landscape();
    look::print(sheet);
    Ok(())
}

/// The chart of the picture of this number, whose figures stand on the sheet of this name.
pub(super) fn chart(picture: &Picture, number: usize, tab: &str) -> Chart {
    let mut chart = Chart::new(match picture.shape {
        Shape::Columns => ChartType::Column,
        Shape::Lines => ChartType::Line,
        Shape::Bars => ChartType::BarStacked,
    });
    let start = number as u16 * BLOCK;
    let last = HEADER + picture.categories.len() as u32;
    for (series, column) in picture.series.iter().zip(start + 1..) {
        let place = usize::from(series.second);
        let drawn = chart.add_series();
        drawn
            .set_name((tab, HEADER, column))
            .set_categories((tab, HEADER + 1, start, last, start))
            .set_values((tab, HEADER + 1, column, last, column));
        match picture.shape {
            Shape::Lines => {
                let mut line = ChartLine::new();
                line.set_color(EDGES[place]).set_width(2.25);
                let mut marker = ChartMarker::new();
                marker.set_size(6).set_format(&mut filled(place));
                marker.set_type([ChartMarkerType::Circle, ChartMarkerType::Diamond][place]);
                if series.second {
                    line.set_dash_type(ChartLineDashType::Dash);
                    marker.set_size(8);
                }
                drawn.set_format(ChartFormat::new().set_line(&line)).set_marker(&marker);
            }
            Shape::Columns => {
                let mut label = ChartDataLabel::new();
                label.show_value().set_num_format("0.0%").set_font(font(9).set_color(ON_FILLS[place]));
                label.set_position(ChartDataLabelPosition::InsideEnd);
                drawn.set_format(&mut filled(place)).set_gap(60).set_overlap(-5).set_data_label(&label);
            }
            Shape::Bars => {
                drawn.set_format(&mut filled(place)).set_gap(40);
            }
        }
    }
    axes(&mut chart, picture);
    chart
        .title()
        .set_name(plain(&picture.title))
        .set_overlay(false)
        .set_font(font(13).set_bold().set_color(INK));
    chart.legend().set_position(ChartLegendPosition::Bottom).set_font(font(10).set_color(INK));
    let mut edge = ChartLine::new();
    edge.set_color(GRID);
    chart.chart_area().set_format(ChartFormat::new().set_border(&edge));
    chart.set_alt_text(plain(&picture.title).chars().take(250).collect::<String>());
    chart
}

fn axes(chart: &mut Chart, picture: &Picture) {
    let mut grid = ChartLine::new();
    grid.set_color(GRID);
    let bars = picture.shape == Shape::Bars;
    // The library calls the lying axis x, whatever it holds.
    let along = if bars { chart.y_axis() } else { chart.x_axis() };
    along.set_name(plain(&picture.along)).set_name_font(font(10).set_color(MUTED));
    along.set_font(font(9).set_color(INK)).set_major_gridlines(false);
    if bars {
        // The first one on top, and the values below them all the same.
        along.set_reverse().set_crossing(ChartAxisCrossing::Max);
    }
    let values = if bars { chart.x_axis() } else { chart.y_axis() };
    values.set_name(plain(&picture.values)).set_name_font(font(10).set_color(MUTED));
    values.set_font(font(9).set_color(INK)).set_major_gridlines(true).set_major_gridlines_line(&grid);
    match picture.shape {
        Shape::Columns => values.set_num_format("0%").set_min(0).set_max(1).set_major_unit(0.2),
        Shape::Lines => values.set_num_format("0%").set_min(floor(picture)).set_max(1),
        Shape::Bars => values.set_num_format("#,##0").set_min(0),
    };
}

/// Where the axis of a trend begins: lines, unlike columns, need not stand on nothing.
fn floor(picture: &Picture) -> f64 {
    let figures = picture.series.iter().flat_map(|series| series.figures.iter().flatten());
    let least = figures.copied().fold(0.95, f64::min);
    // A tenth below the least, so that no point lies on the axis.
    ((least - 0.001) * 10.0).floor().max(0.0) / 10.0
}

fn filled(place: usize) -> ChartFormat {
    let mut edge = ChartLine::new();
    edge.set_color(EDGES[place]).set_width(0.75);
    let mut fill = ChartSolidFill::new();
    fill.set_color(FILLS[place]);
    let mut format = ChartFormat::new();
    format.set_solid_fill(&fill).set_border(&edge);
    format
}

fn font(size: u8) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_size(size);
    font
}

/// A text that the library takes for a text: one that begins with `=` would be taken for a range.
fn plain(text: &str) -> &str {
    text.trim_start_matches(['=', ' '])
}
