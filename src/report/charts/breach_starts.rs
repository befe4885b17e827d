//! When it goes wrong: the weekday and hour, where the customer is, at which breached clocks started.

use super::Context;
use super::figures::{capitalized, number, sum};
use super::frame::Frame;
use super::heat::{self, CountSteps};
use super::numbers::share;
use super::sheet::{Align, Area, Sheet};
use super::theme::{FIGURE, LABEL, SMALL};
use crate::language::Language;
use crate::table::Table;

const DAYS: usize = 7;
const HOURS: usize = 24;
const ROW: f64 = 34.0;
const NAMES: f64 = 88.0;
const TOTALS: f64 = 66.0;

/// A weekday and hour.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    measured: i64,
    breached: i64,
}

type Week = [[Cell; HOURS]; DAYS];

/// Draws the chart from `started_when`.
pub fn draw(table: &Table, context: &Context) -> Sheet {
    let language = context.language;
    let words = &language.words.charts;
    let week = read(table);
    let cells = || week.iter().flatten();
    let (measured, breached) =
        (sum(cells().map(|cell| cell.measured)), sum(cells().map(|cell| cell.breached)));
    let frame = Frame::new(&words.starts_title, context);
    let frame = frame.note(match share(breached, measured) {
        Some(share) => {
            let values = [("breached", &*language.count(breached)), ("share", &*language.percent(share))];
            language.counted_with(measured, &words.clocks_breached, &values)
        }
        None => language.counted(measured, &words.clocks_measured),
    });
    if measured == 0 && breached == 0 {
        return frame.empty(&words.nothing_measured);
    }
    if breached == 0 {
        return frame.empty(&words.nothing_breached);
    }

    let steps = CountSteps::up_to(cells().map(|cell| cell.breached).max().unwrap_or(0));
    let height = DAYS as f64 * ROW + 66.0;
    let (mut sheet, body) = frame.legend(steps.legend(language)).around(height);
    let grid = Area::new(body.left + NAMES, body.top + 20.0, body.right - TOTALS, body.bottom - 46.0);
    sheet.text((body.right, body.top + 8.0), Align::Right, SMALL, words.all_day.as_str());
    for (index, cells) in week.iter().enumerate() {
        let day = capitalized(language.weekday(index + 1));
        let row = grid.row(index, DAYS, 0.0);
        let total = sum(cells.iter().map(|cell| cell.breached));
        let y = row.center().1;
        sheet.text((body.left, y), Align::Left, LABEL, day.as_str());
        sheet.text((body.right, y), Align::Right, FIGURE, language.compact(total));
        sheet.say(&language.counted_with(total, &words.day_sentence, &[("day", &day)]));
        draw_day(&mut sheet, row, steps, cells, language);
    }
    for hour in 0..HOURS {
        let x = grid.column(hour, HOURS, 0.0).left;
        sheet.text((x, grid.bottom + 12.0), Align::Center, SMALL, format!("{hour:02}"));
    }
    sheet.text((grid.right, grid.bottom + 12.0), Align::Center, SMALL, "24");
    sheet.text((grid.center().0, grid.bottom + 32.0), Align::Center, SMALL, words.starts_axis.as_str());
    sheet
}

fn read(table: &Table) -> Week {
    let mut week = Week::default();
    for row in 0..table.rows() {
        let index = |name| table.int(name, row).and_then(|value| usize::try_from(value).ok());
        let (Some(day), Some(hour)) = (index("started_weekday"), index("started_hour")) else {
            continue;
        };
        let day = day.checked_sub(1).and_then(|day| week.get_mut(day));
        if let Some(cell) = day.and_then(|hours| hours.get_mut(hour)) {
            cell.measured = cell.measured.saturating_add(number(table, "measured", row));
            cell.breached = cell.breached.saturating_add(number(table, "breached", row));
        }
    }
    week
}

fn draw_day(sheet: &mut Sheet, row: Area, steps: CountSteps, cells: &[Cell; HOURS], language: &Language) {
    for (hour, cell) in cells.iter().enumerate() {
        let area = row.column(hour, HOURS, 0.0).inset(1.0);
        if cell.measured == 0 && cell.breached == 0 {
            heat::blank(sheet, area);
        } else if cell.breached == 0 {
            heat::none(sheet, area);
        } else {
            heat::small_cell(sheet, area, steps.color(cell.breached), &language.compact(cell.breached));
        }
    }
}
