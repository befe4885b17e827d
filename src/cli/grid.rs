//! A table on a terminal: columns as wide as what they hold, and where the terminal is too narrow,
//! names shortened first, then the columns left out that matter least.

use unicode_width::UnicodeWidthStr;

use super::printer::{Printer, Style, fitted};

/// Between two columns.
const GAP: usize = 2;

/// How a column is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) heading: &'a str,
    /// Whether it is set to the right, as numbers are.
    pub(super) right: bool,
    /// To how few columns of the terminal it may be shortened; `None` where it must not be.
    pub(super) least: Option<usize>,
    /// Which is left out first where there is no room: the highest. 0 is never left out.
    pub(super) rank: u8,
}

impl<'a> Column<'a> {
    pub(super) fn text(heading: &'a str) -> Column<'a> {
        Column { heading, right: false, least: None, rank: 0 }
    }

    pub(super) fn number(heading: &'a str) -> Column<'a> {
        Column { right: true, ..Column::text(heading) }
    }

    pub(super) fn least(self, least: usize) -> Column<'a> {
        Column { least: Some(least), ..self }
    }

    pub(super) fn rank(self, rank: u8) -> Column<'a> {
        Column { rank, ..self }
    }
}

/// A cell: its text and how it looks.
pub(super) type Cell = (String, Option<Style>);

/// A cell without a look of its own.
pub(super) fn plain(text: impl Into<String>) -> Cell {
    (text.into(), None)
}

/// Sets a table within the width of the printer's terminal, `indent` columns from the left; an
/// empty heading everywhere means no heading at all.
pub(super) fn set(printer: &Printer, indent: usize, columns: &[Column<'_>], rows: &[Vec<Cell>]) -> String {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = rows.iter().filter_map(|row| row.get(place)).map(|(text, _)| text.width());
            cells.max().unwrap_or(0).max(column.heading.width())
        })
        .collect();
    let shown = fit(printer.width.saturating_sub(indent), columns, &mut widths);
    let line = |cells: &mut dyn Iterator<Item = (usize, &str, Option<Style>)>| {
        let mut text = " ".repeat(indent);
        for (number, (place, cell, style)) in cells.enumerate() {
            if number > 0 {
                text.push_str(&" ".repeat(GAP));
            }
            let cell = fitted(cell, widths[place]);
            let cell = match columns[place].right {
                true => format!(
                    "{:>width$}",
                    cell.trim_end(),
                    width = widths[place] + cell.trim_end().chars().count() - cell.trim_end().width()
                ),
                false => cell,
            };
            text.push_str(&style.map_or_else(|| cell.clone(), |style| printer.styled(&cell, style)));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let mut out = String::new();
    if columns.iter().any(|column| !column.heading.is_empty()) {
        out.push_str(&line(
            &mut shown.iter().map(|place| (*place, columns[*place].heading, Some(Style::Faint))),
        ));
    }
    for row in rows {
        let cells = shown
            .iter()
            .filter_map(|place| row.get(*place).map(|(text, style)| (*place, text.as_str(), *style)));
        out.push_str(&line(&mut { cells }));
    }
    out
}

/// Chooses the columns that fit, and how wide each is.
fn fit(width: usize, columns: &[Column<'_>], widths: &mut [usize]) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    loop {
        let total: usize =
            shown.iter().map(|place| widths[*place]).sum::<usize>() + GAP * shown.len().saturating_sub(1);
        let over = total.saturating_sub(width);
        if over == 0 {
            return shown;
        }
        // The widest that may be shortened gives the most; then columns go.
        let room = |place: &usize| widths[*place].saturating_sub(columns[*place].least.unwrap_or(usize::MAX));
        match shown.iter().copied().filter(|place| room(place) > 0).max_by_key(|place| widths[*place]) {
            Some(place) => widths[place] -= room(&place).min(over),
            None => match shown
                .iter()
                .copied()
                .filter(|place| columns[*place].rank > 0)
                .max_by_key(|place| columns[*place].rank)
            {
                Some(least) => shown.retain(|place| *place != least),
                None => return shown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(width: usize, columns: &[Column<'_>], natural: &[usize]) -> Vec<(usize, usize)> {
        let mut widths = natural.to_vec();
        fit(width, columns, &mut widths).into_iter().map(|place| (place, widths[place])).collect()
    }

    #[test]
    fn names_are_shortened_before_columns_are_left_out() {
        let columns = [Column::text("name").least(9), Column::number("n"), Column::number("less").rank(1)];
        assert_eq!(widths(40, &columns, &[20, 8, 8]), [(0, 20), (1, 8), (2, 8)]);
        assert_eq!(widths(32, &columns, &[20, 8, 8]), [(0, 12), (1, 8), (2, 8)]);
        assert_eq!(widths(25, &columns, &[20, 8, 8]), [(0, 9), (1, 8)]);
        assert_eq!(widths(5, &columns, &[20, 8, 8]), [(0, 9), (1, 8)]);
    }
}
