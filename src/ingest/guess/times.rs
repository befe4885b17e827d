//! How the times of a column are written: which of the usual forms reads them all.

use std::sync::LazyLock;

use super::super::time::{Pattern, Written, iso};
use super::sample::{Column, Typed};
use crate::calendar::Instant;

/// How the times of a column are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) written: How,
    /// Whether the clock that they were read from is not told.
    pub(super) is_local: bool,
}

/// In which of the forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// One that needs no pattern.
    Iso,
    /// This pattern.
    Pattern(String),
    /// The day first, or the month: no value tells which. The two patterns.
    Undecided(String, String),
    /// Some only with the day first and some only with the month first. The two patterns.
    Mixed(String, String),
}

/// What may follow a date.
const CLOCKS: [&str; 6] = [" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %I:%M %p", ", %H:%M"];

/// Dates that can be read in one way only.
const DATES: [&str; 12] = [
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d/%b/%y",
    "%d/%b/%Y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d. %b %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%B %d, %Y",
];

/// What stands between the numbers of a date whose first may be the day or the month.
const BETWEEN: [&str; 3] = ["/", ".", "-"];

struct Known {
    text: String,
    pattern: Pattern,
}

/// Patterns that leave nothing open.
static CERTAIN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut texts: Vec<String> =
        DATES.iter().flat_map(|date| CLOCKS.iter().map(move |clock| format!("{date}{clock}"))).collect();
    texts.extend(["%Y/%m/%d %H:%M:%S%.f", "%Y-%m-%d %I:%M:%S %p", "%a %b %d %H:%M:%S %Y"].map(str::to_owned));
    texts.extend(
        ["%a, %d %b %Y %H:%M:%S %z", "%Y/%m/%d %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z"].map(str::to_owned),
    );
    texts.into_iter().filter_map(known).collect()
});

/// Patterns with the day first, each with that with the month first.
static OPEN: LazyLock<Vec<(Known, Known)>> = LazyLock::new(|| {
    let mut pairs = Vec::new();
    for between in BETWEEN {
        for year in ["%Y", "%y"] {
            for clock in CLOCKS {
                let day = known(format!("%d{between}%m{between}{year}{clock}"));
                let month = known(format!("%m{between}%d{between}{year}{clock}"));
                pairs.extend(day.zip(month));
            }
        }
    }
    pairs
});

fn known(text: String) -> Option<Known> {
    let pattern = Pattern::new(&text)?;
    Some(Known { text, pattern })
}

/// A time of our days, and whether it has no offset.
fn sound(written: Option<Written>) -> Option<bool> {
    match written? {
        Written::Instant(micros) => Instant::from_micros(micros).is_ok().then_some(false),
        Written::Local(local) => Instant::from_micros(local.micros()).is_ok().then_some(true),
    }
}

/// How many cells are looked at.
const LOOKED_AT: usize = 400;

/// Of how many cells one may be no time and the column still hold times.
const OF: usize = 20;

impl Form {
    /// How the times of a column are written; `None` where it holds none.
    pub(super) fn of(column: &Column) -> Option<Form> {
        match column.typed {
            Some(typed) => return Some(Form { written: How::Iso, is_local: typed == Typed::Local }),
            None if column.filled == 0 => return None,
            None => {}
        }
        let all: Vec<&str> = column.said().collect();
        let step = all.len().div_ceil(LOOKED_AT).max(1);
        let cells: Vec<&str> = all.into_iter().step_by(step).collect();
        // What begins with no digit and has none is no time, whatever the pattern.
        if cells.is_empty() || !cells[0].bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fits = |read: &dyn Fn(&str) -> Option<Written>| {
            let sound: Vec<bool> = cells.iter().filter_map(|cell| sound(read(cell))).collect();
            let most = sound.len() * OF >= cells.len() * (OF - 1);
            (most && !sound.is_empty()).then(|| sound.iter().any(|is_local| *is_local))
        };
        if let Some(is_local) = fits(&|cell| iso(cell.as_bytes())) {
            return Some(Form { written: How::Iso, is_local });
        }
        let certain = CERTAIN.iter().find_map(|known| Some((known, fits(&|cell| known.pattern.read(cell))?)));
        if let Some((known, is_local)) = certain {
            return Some(Form { written: How::Pattern(known.text.clone()), is_local });
        }
        for (day, month) in OPEN.iter() {
            let either = |cell: &str| day.pattern.read(cell).or_else(|| month.pattern.read(cell));
            if fits(&either).is_none() {
                continue;
            }
            let (first, second) = column.greatest;
            let (day, month) = (day.text.clone(), month.text.clone());
            let written = match (first > 12, second > 12) {
                (true, false) => How::Pattern(day),
                (false, true) => How::Pattern(month),
                (false, false) => How::Undecided(day, month),
                (true, true) => How::Mixed(day, month),
            };
            return Some(Form { written, is_local: true });
        }
        None
    }
}

/// Patterns of what needs none, for a profile that has others.
const ISO: [&str; 7] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
];

/// The pattern of a column whose times need none.
pub(super) fn explicit(column: &Column) -> Option<&'static str> {
    ISO.into_iter().find(|pattern| {
        let known = Pattern::new(pattern);
        let reads = |cell: &str| known.as_ref().is_some_and(|known| known.read(cell).is_some());
        column.said().take(LOOKED_AT).all(reads)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(cells: &[&str]) -> Option<Form> {
        Form::of(&super::super::sample::column(cells))
    }

    #[test]
    fn a_day_beyond_the_twelfth_says_which_number_is_the_day() {
        let of = |cells: &[&str]| form(cells).unwrap().written;
        let (day, month) = ("%d/%m/%Y %H:%M".to_owned(), "%m/%d/%Y %H:%M".to_owned());
        assert_eq!(of(&["3/4/2024 10:00", "13/4/2024 10:00"]), How::Pattern(day.clone()));
        assert_eq!(of(&["3/4/2024 10:00", "4/13/2024 10:00"]), How::Pattern(month.clone()));
        assert_eq!(of(&["3/4/2024 10:00", "4/3/2024 10:00"]), How::Undecided(day.clone(), month.clone()));
        assert_eq!(of(&["13/4/2024 10:00", "4/13/2024 10:00"]), How::Mixed(day, month));
        assert_eq!(
            of(&["03.04.24 1:00 PM", "30.04.24 1:00 AM"]),
            How::Pattern("%d.%m.%y %I:%M %p".to_owned())
        );
    }

    #[test]
    fn a_form_that_can_be_read_in_one_way_is_found() {
        for (cell, pattern) in [
            ("2012/10/09 14:50:17.000", "%Y/%m/%d %H:%M:%S%.f"),
            ("05/Mar/24 03:14 PM", "%d/%b/%y %I:%M %p"),
            ("Mar 5, 2024 3:14 PM", "%b %d, %Y %I:%M %p"),
        ] {
            assert_eq!(
                form(&[cell]).unwrap(),
                Form { written: How::Pattern(pattern.to_owned()), is_local: true }
            );
        }
        let iso = |cell, is_local| {
            assert_eq!(form(&[cell]).unwrap(), Form { written: How::Iso, is_local }, "{cell}")
        };
        iso("2024-11-26T14:42:25.824-0500", false);
        iso("2022-01-02 11:12:51+00:00", false);
        iso("2024-11-26 14:42", true);
        for cells in [["12", "13"], ["2024-05-03", "2024-05-04"], ["PROD191", "3/4"], ["", "?"]] {
            assert_eq!(form(&cells), None, "{cells:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_no_time_and_hinders_none() {
        let with = form(&["?", "2024-11-26 14:42", "1900-01-01 00:00:00", "-"]).unwrap();
        assert_eq!(with, Form { written: How::Iso, is_local: true });
    }
}
