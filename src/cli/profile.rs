//! `punctual profile`: list, show, validate, guess.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::args::ProfileCommand;
use super::failure::Failure;
use super::printer::{Printer, Style};
use super::settings;
use crate::ingest::{BUILT_IN, Profile, TableUse, exports_in, guess};

pub(super) fn run(command: &ProfileCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        ProfileCommand::List => list(printer),
        ProfileCommand::Show { profile, toml } => {
            let profile = settings::profile(Some(profile))?;
            printer.result(&match (toml, printer.json) {
                (true, _) => profile.text,
                (false, true) => format!("{:#}\n", as_json(&profile)),
                (false, false) => as_text(&profile, printer),
            });
        }
        ProfileCommand::Validate { profiles } => validate(profiles, printer)?,
        ProfileCommand::Guess { files, name } => propose(files, name, printer)?,
    }
    Ok(())
}

/// What a built-in profile says of itself in its first line.
fn about(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
}

fn list(printer: &Printer) {
    if printer.json {
        let all: Vec<Value> =
            BUILT_IN.iter().map(|(name, text)| json!({ "profile": name, "about": about(text) })).collect();
        return printer.result(&format!("{:#}\n", json!(all)));
    }
    let width = BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, text) in BUILT_IN {
        // Writing to a String does not fail, here and below.
        let _ =
            writeln!(out, "{}  {}", printer.styled(&format!("{name:<width$}"), Style::Heading), about(text));
    }
    printer.result(&out);
}

fn as_text(profile: &Profile, printer: &Printer) -> String {
    let mut out = format!("{}\n", printer.styled(&profile.name, Style::Heading));
    for TableUse { table, from, fields } in profile.tables() {
        if fields.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{}  {from}", printer.styled(&table, Style::Heading));
        let width = fields.iter().map(|field| field.field.len()).max().unwrap_or(0);
        for field in fields {
            let _ = writeln!(out, "  {:<width$}  {}", field.field, field.from);
            let indent = " ".repeat(width + 4);
            let pairs: Vec<String> = field
                .values
                .iter()
                .map(|(spelling, meaning)| format!("{spelling} = {}", meant(meaning)))
                .collect();
            for line in wrapped(&pairs, printer.width.saturating_sub(width + 4)) {
                let _ = writeln!(out, "{indent}{}", printer.styled(&line, Style::Faint));
            }
        }
    }
    out
}

fn meant(meaning: &str) -> &str {
    if meaning.is_empty() { "(empty)" } else { meaning }
}

/// Words between commas in lines of some width.
fn wrapped(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let word = if place + 1 < words.len() { format!("{word},") } else { word.clone() };
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn as_json(profile: &Profile) -> Value {
    let tables = profile.tables().into_iter().map(|table| {
        let fields = table.fields.into_iter().map(|field| {
            let values: serde_json::Map<String, Value> =
                field.values.into_iter().map(|(spelling, meaning)| (spelling, json!(meaning))).collect();
            (field.field, json!({ "from": field.from, "values": values }))
        });
        let fields: serde_json::Map<String, Value> = fields.collect();
        (table.table, json!({ "from": table.from, "fields": fields }))
    });
    let tables: serde_json::Map<String, Value> = tables.collect();
    json!({ "profile": profile.name, "tables": tables })
}

fn validate(profiles: &[String], printer: &Printer) -> Result<(), Failure> {
    let read = profiles.iter().map(|profile| settings::profile(Some(profile)));
    let names: Vec<String> = read.map(|read| read.map(|profile| profile.name)).collect::<Result<_, _>>()?;
    match printer.json {
        true => printer.result(&format!("{:#}\n", json!({ "sound": names }))),
        false => printer.summary(&format!("sound: {}\n", names.join(", "))),
    }
    Ok(())
}

fn propose(files: &[PathBuf], name: &str, printer: &Printer) -> Result<(), Failure> {
    let mut paths = Vec::new();
    for file in files {
        match file.is_dir() {
            true => paths.extend(exports_in(file)?),
            false => paths.push(file.clone()),
        }
    }
    if paths.is_empty() {
        let folders: Vec<String> = files.iter().map(|folder| folder.display().to_string()).collect();
        return Err(Failure::usage(format!(
            "there is no .csv, .csv.gz, .csv.zst or .parquet in {}",
            folders.join(", ")
        )));
    }
    let found = guess(name, &paths, printer)?;
    if printer.json {
        let files: Vec<Value> = found
            .files
            .iter()
            .map(|file| json!({ "file": file.file, "rows": file.rows, "table": file.table }))
            .collect();
        let extends = &found.extends;
        let all = json!({ "profile": found.toml, "extends": extends, "questions": found.questions, "files": files });
        printer.result(&format!("{all:#}\n"));
        return Ok(());
    }
    printer.result(&found.toml);
    printer.note(&match found.questions.len() {
        0 => "nothing is left open; see what a report would make of it with punctual check".to_owned(),
        1 => "one thing is left for you to say: it stands at the head of the profile".to_owned(),
        open => format!("{open} things are left for you to say: they stand at the head of the profile"),
    });
    Ok(())
}
