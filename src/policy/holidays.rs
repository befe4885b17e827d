//! Holidays from files, as people get them: calendars of Google, Outlook and Apple, and tables.
//!
//! An iCalendar file gives its all-day events, a CSV file its rows; both come here as days with
//! their names. What cannot be read for sure is refused with the line it stands in: no event is
//! passed over without a word.

mod encoding;
mod event;
mod icalendar;
mod recurrence;
mod rows;
#[cfg(test)]
mod tests;

use std::path::Path;

use chrono::NaiveDate;

use crate::calendar::SpecialDay;
use crate::document::{Entry, Flaw};

/// A day that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileDay {
    /// The line of the file that says so, from 1.
    pub line: usize,
    /// Its date.
    pub date: NaiveDate,
    /// Its hours, none on a holiday, and its name.
    pub day: SpecialDay,
}

/// A file of holidays that was read.
#[derive(Debug)]
pub(super) struct HolidayFile {
    /// Its path, as messages name it.
    pub path: String,
    /// Its days, in its order.
    pub days: Vec<FileDay>,
}

/// Lines of a file with something to say.
type BadLine = (usize, String);

/// How large a file of holidays may be: those of a century are a thousandth of it.
const LARGEST: usize = 16 << 20;

/// Where the files of holidays stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shelf<'a> {
    /// In a folder, or where the process runs.
    Folder(Option<&'a Path>),
    /// Nowhere: these are their names and texts.
    Texts(&'a [(String, String)]),
}

/// The days of the holiday file that `entry` names. Its text, whatever its encoding, is kept in
/// `files`.
pub(super) fn read(
    entry: &Entry<'_>,
    shelf: Shelf<'_>,
    files: &mut Vec<(String, String)>,
) -> Result<HolidayFile, Flaw> {
    let name = entry.text()?;
    let path = match shelf {
        Shelf::Folder(Some(folder)) => folder.join(&name),
        Shelf::Folder(None) | Shelf::Texts(_) => Path::new(&name).to_path_buf(),
    };
    let kind = match path.extension().map(|ending| ending.to_ascii_lowercase()) {
        Some(ending) if ending == "ics" => icalendar_text,
        Some(ending) if ending == "csv" => rows_text,
        _ => {
            return Err(entry.flaw(format!("\"{name}\" is neither a date nor a file ending in .ics or .csv")));
        }
    };
    let bytes = match shelf {
        Shelf::Folder(_) => std::fs::read(&path),
        Shelf::Texts(texts) => {
            let text = texts.iter().find(|(own, _)| *own == name).map(|(_, text)| text.clone().into_bytes());
            text.ok_or_else(|| std::io::ErrorKind::NotFound.into())
        }
    };
    let bytes = bytes
        .map_err(|error| entry.flaw(format!("the holidays of {} cannot be read: {error}", path.display())))?;
    let (text, days) =
        kind(&bytes).map_err(|(line, what)| entry.flaw(format!("{}:{line}: {what}", path.display())))?;
    files.push((name, text));
    Ok(HolidayFile { path: path.display().to_string(), days })
}

/// The text of an iCalendar file, and its days.
fn icalendar_text(bytes: &[u8]) -> Result<(String, Vec<FileDay>), BadLine> {
    let bytes = encoding::unmarked(small_enough(bytes)?)?;
    let lines = icalendar::unfolded(&bytes);
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        // A letter is cut by a fold, or it is not UTF-8: what is read stands without its folds.
        Err(_) => lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n"),
    };
    Ok((text, not_empty(icalendar::days(&lines)?)?))
}

/// The text of a CSV file, and its days.
fn rows_text(bytes: &[u8]) -> Result<(String, Vec<FileDay>), BadLine> {
    let text = encoding::text(&encoding::unmarked(small_enough(bytes)?)?);
    let days = not_empty(rows::days(&text)?)?;
    Ok((text, days))
}

fn small_enough(bytes: &[u8]) -> Result<&[u8], BadLine> {
    match bytes.len() <= LARGEST {
        true => Ok(bytes),
        false => Err((1, format!("it has more than {} MB: is it a file of holidays?", LARGEST >> 20))),
    }
}

fn not_empty(days: Vec<FileDay>) -> Result<Vec<FileDay>, BadLine> {
    match days.is_empty() {
        true => Err((1, "it holds no holiday: is it the right file?".to_owned())),
        false => Ok(days),
    }
}

/// A name as it is shown, in one line; none where nothing is left of it.
pub(super) fn tidy(name: &str) -> Option<String> {
    let words = name.split(|char: char| char.is_whitespace() || char.is_control());
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    Some(name).filter(|name| !name.is_empty())
}
