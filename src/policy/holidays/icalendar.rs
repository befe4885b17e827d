//! The days of an iCalendar file (RFC 5545): its all-day events, repeated, moved and left out as it
//! says.
//!
//! The file is unfolded, its lines are read as properties, its components as they are nested, and
//! of them only events count. What an event is comes out in [`super::event`].

use super::event::{Event, Known};
use super::{BadLine, FileDay};

/// The lines of a file with their numbers, those that are folded joined again.
///
/// Folds are undone in bytes: they may stand within a letter.
pub(super) fn unfolded(bytes: &[u8]) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, Vec<u8>)> = Vec::new();
    for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.first(), lines.last_mut()) {
            (Some(b' ' | b'\t'), Some((_, folded))) => folded.extend_from_slice(&line[1..]),
            _ => lines.push((place + 1, line.to_vec())),
        }
    }
    let utf8 = lines.iter().all(|(_, line)| std::str::from_utf8(line).is_ok());
    let text = |line: Vec<u8>| match String::from_utf8(line) {
        Ok(text) if utf8 => text,
        Ok(text) => super::encoding::windows_1252(text.as_bytes()),
        Err(error) => super::encoding::windows_1252(error.as_bytes()),
    };
    lines.into_iter().map(|(place, line)| (place, text(line))).collect()
}

/// A line of a calendar.
#[derive(Debug, Clone)]
pub(super) struct Property {
    /// Where it begins.
    pub line: usize,
    /// Its name, in capitals.
    pub name: String,
    /// Its parameters, their names in capitals, their values without quotes.
    parameters: Vec<(String, String)>,
    /// What it says.
    pub value: String,
}

impl Property {
    /// Reads `NAME;PARAMETER="a: b":value`.
    fn parse(line: usize, text: &str) -> Result<Property, BadLine> {
        let bad = || {
            let begin: String = text.chars().take(40).collect();
            (line, format!("\"{begin}\" is no line of a calendar: NAME:value is expected"))
        };
        let unquoted = |sought: fn(char) -> bool| {
            let mut quoted = false;
            move |char: char| {
                quoted ^= char == '"';
                !quoted && sought(char)
            }
        };
        let colon = text.find(unquoted(|char| char == ':')).ok_or_else(bad)?;
        let mut parts = text[..colon].split(unquoted(|char| char == ';'));
        let name = parts.next().unwrap_or_default().to_ascii_uppercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        {
            return Err(bad());
        }
        let parameters = parts
            .map(|part| {
                let (name, value) = part.split_once('=').ok_or_else(bad)?;
                Ok((name.to_ascii_uppercase(), value.replace('"', "")))
            })
            .collect::<Result<_, BadLine>>()?;
        Ok(Property { line, name, parameters, value: text[colon + 1..].to_owned() })
    }

    /// A parameter by its name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its value in capitals, for words that the standard gives.
    pub(super) fn word(&self) -> String {
        self.value.trim().to_ascii_uppercase()
    }
}

/// The days of a calendar's events.
pub(super) fn days(lines: &[(usize, String)]) -> Result<Vec<FileDay>, BadLine> {
    let mut zone: Option<String> = None;
    let mut events: Vec<Event> = Vec::new();
    // The components that are open, the innermost last, and where each begins.
    let mut open: Vec<(String, usize)> = Vec::new();
    for (line, text) in lines.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let property = Property::parse(*line, text)?;
        let inside = |open: &[(String, usize)], name: &str| open.last().is_some_and(|(last, _)| last == name);
        match property.name.as_str() {
            "BEGIN" => {
                let name = property.word();
                if name == "VEVENT" {
                    if let Some((outer, _)) = open.iter().find(|(outer, _)| outer != "VCALENDAR") {
                        return Err((*line, format!("an event begins within {outer}, which is not ended")));
                    }
                    events.push(Event::new(*line));
                }
                open.push((name, *line));
            }
            "END" => match open.pop() {
                Some((name, _)) if name == property.word() => {}
                Some((name, begin)) => {
                    return Err((*line, format!("{name} of line {begin} is not ended before this")));
                }
                None => return Err((*line, format!("{} ends and did not begin", property.word()))),
            },
            _ if inside(&open, "VEVENT") => {
                if let Some(event) = events.last_mut() {
                    event.take(property)?;
                }
            }
            "X-WR-TIMEZONE" if inside(&open, "VCALENDAR") => {
                let own = property.value.trim().to_owned();
                if zone.replace(own.clone()).is_some_and(|earlier| earlier != own) {
                    return Err((
                        *line,
                        "the file holds calendars of two time zones: make it two files".to_owned(),
                    ));
                }
            }
            "METHOD" if inside(&open, "VCALENDAR") && property.word() == "CANCEL" => {
                return Err((*line, "it cancels events of another calendar: use that one".to_owned()));
            }
            _ if open.is_empty() => {
                return Err((*line, "BEGIN:VCALENDAR is expected: is it an iCalendar file?".to_owned()));
            }
            _ => {}
        }
    }
    match open.pop() {
        Some((name, begin)) => Err((begin, format!("{name} is not ended: is the file complete?"))),
        None => Known::new(events, zone).days(),
    }
}
