//! How the workbook looks: the formats of its cells, and which column has which.
//!
//! What is marked is marked twice, by a fill and by the weight of the letters, so that it can be
//! told in a copy in grey.

use rust_xlsxwriter::{
    ConditionalFormatDataBar, ConditionalFormatFormula, ConditionalFormatType, Format, FormatAlign,
    FormatBorder, FormatUnderline, Formula, Worksheet, XlsxError,
};

use crate::language::Language;
use crate::table::{Column, Values};

/// Text and everything that must be seen.
pub(super) const INK: u32 = 0x1F_29_33;
/// Text of the second rank.
pub(super) const MUTED: u32 = 0x5B_66_70;
/// Lines between rows, and of grids.
pub(super) const GRID: u32 = 0xD5_DB_E0;
/// Links within the workbook.
const LINK: u32 = 0x00_5A_8C;
/// Headers.
const HEADER: u32 = 0xE8_ED_F1;
/// How far over a target: the bars behind the figures.
const BAR: u32 = 0xF4_B1_83;

/// Compliance below this is marked as bad.
const BAD: f64 = 0.90;
/// Compliance below this is marked as doubtful.
const DOUBTFUL: f64 = 0.95;
/// So many working hours left are few.
const FEW_HOURS: f64 = 2.0;

/// What a column's figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// True or false.
    Truth,
    /// A share of 1, shown as a percentage.
    Share,
    /// Hours, minutes, ratios: two digits after the decimal sign.
    Measure,
    /// A whole number.
    Count,
    /// A whole number that counts nothing: a year, a key.
    Name,
    /// A real number of which nothing is known.
    Real,
    /// A date and time of day.
    Time,
}

impl Kind {
    /// The kind of a column, by its type and the unit in its name.
    pub(super) fn of(column: &Column) -> Kind {
        let name = column.name.as_str();
        let is = |ends: &[&str]| ends.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
        match &column.values {
            Values::Text(_) => Kind::Text,
            Values::Bool(_) => Kind::Truth,
            Values::Instant(_) | Values::Local(_) => Kind::Time,
            Values::Int(_) if is(&["id", "year"]) => Kind::Name,
            Values::Int(_) => Kind::Count,
            Values::Float(_) if name.starts_with("compliance") => Kind::Share,
            Values::Float(_) if is(&["h", "min", "ratio"]) => Kind::Measure,
            Values::Float(_) => Kind::Real,
        }
    }
}

/// The formats.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) title: Format,
    pub(super) heading: Format,
    pub(super) label: Format,
    pub(super) prose: Format,
    pub(super) strong: Format,
    pub(super) note: Format,
    pub(super) link: Format,
    /// A count beside texts of several lines.
    pub(super) listed: Format,
    /// A count that needs to be seen: rows that are not all there.
    pub(super) cut: Format,
    header: Format,
    text: Format,
    truth: Format,
    share: Format,
    measure: Format,
    count: Format,
    name: Format,
    real: Format,
    time: Format,
}

impl Look {
    pub(super) fn new(language: &Language) -> Look {
        let plain = Format::new().set_font_color(INK);
        let number = |form: &str| plain.clone().set_num_format(form);
        let top = |format: Format| format.set_align(FormatAlign::Top);
        let wrapped = |format: Format| top(format).set_text_wrap();
        Look {
            title: plain.clone().set_bold().set_font_size(20),
            heading: plain.clone().set_bold().set_font_size(13),
            label: top(Format::new().set_font_color(MUTED)),
            prose: wrapped(plain.clone()).set_align(FormatAlign::Left).set_indent(1),
            strong: wrapped(plain.clone()).set_bold().set_align(FormatAlign::Left).set_indent(1),
            note: Format::new().set_font_color(MUTED).set_italic(),
            link: top(Format::new()
                .set_font_color(LINK)
                .set_underline(FormatUnderline::Single)
                .set_align(FormatAlign::Left)
                .set_indent(1)),
            listed: top(number("#,##0")),
            cut: top(doubtful().set_bold().set_num_format("#,##0")),
            header: plain
                .clone()
                .set_bold()
                .set_background_color(HEADER)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(MUTED)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            // Texts keep away from the figures of the column before them.
            text: plain.clone().set_align(FormatAlign::Left).set_indent(1),
            truth: plain.clone().set_align(FormatAlign::Center),
            share: number("0.0%"),
            measure: number("#,##0.00"),
            count: number("#,##0"),
            name: number("0"),
            real: number("General"),
            time: number(language.sheet_date_time()).set_align(FormatAlign::Left).set_indent(1),
        }
    }

    /// The format of a column's cells.
    pub(super) fn cells(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Text => &self.text,
            Kind::Truth => &self.truth,
            Kind::Share => &self.share,
            Kind::Measure => &self.measure,
            Kind::Count => &self.count,
            Kind::Name => &self.name,
            Kind::Real => &self.real,
            Kind::Time => &self.time,
        }
    }

    /// The format of a column's header: it stands where the cells under it do.
    pub(super) fn header(&self, kind: Kind) -> Format {
        let header = self.header.clone();
        match kind {
            Kind::Text | Kind::Time => header.set_align(FormatAlign::Left).set_indent(1),
            Kind::Truth => header.set_align(FormatAlign::Center),
            Kind::Share | Kind::Measure | Kind::Count | Kind::Name | Kind::Real => {
                header.set_align(FormatAlign::Right)
            }
        }
    }
}

fn bad() -> Format {
    Format::new().set_bold().set_font_color(0x9C_00_06).set_background_color(0xFF_D9_D6)
}

fn doubtful() -> Format {
    Format::new().set_font_color(0x7F_4F_00).set_background_color(0xFF_F2_CC)
}

/// Marks the figures of a column that deserve a look, in the rows from the first to the last.
pub(super) fn mark(
    sheet: &mut Worksheet,
    name: &str,
    column: u16,
    (first, last): (u32, u32),
) -> Result<(), XlsxError> {
    let cell = rust_xlsxwriter::utility::row_col_to_cell(first, column);
    // An empty cell would pass for a 0.
    let rule = |condition: &str, format: Format| {
        ConditionalFormatFormula::new()
            .set_rule(Formula::new(format!("=AND(ISNUMBER({cell}),{cell}{condition})")))
            .set_format(format)
            .set_stop_if_true(true)
    };
    let rules = match name {
        "compliance" => vec![rule(&format!("<{BAD}"), bad()), rule(&format!("<{DOUBTFUL}"), doubtful())],
        "margin_min" => vec![rule("<=0", bad())],
        "remaining_h" => vec![rule(&format!("<{FEW_HOURS}"), doubtful())],
        _ => Vec::new(),
    };
    for rule in &rules {
        sheet.add_conditional_format(first, column, last, column, rule)?;
    }
    if name == "over_h" {
        let bars = ConditionalFormatDataBar::new()
            .set_fill_color(BAR)
            .set_solid_fill(true)
            .set_border_off(true)
            .set_minimum(ConditionalFormatType::Number, 0);
        sheet.add_conditional_format(first, column, last, column, &bars)?;
    }
    Ok(())
}

/// How every sheet is printed: A4, as wide as a page, with its name and the pages' numbers.
pub(super) fn print(sheet: &mut Worksheet) {
    sheet
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0)
        .set_footer("&L&A&R&P / &N")
        .set_margins(0.5, 0.5, 0.6, 0.7, 0.3, 0.3);
}
