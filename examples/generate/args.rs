//! What the command line says. Read by hand, so that the example builds without the features of the command.

use std::path::PathBuf;

use chrono::NaiveDate;

pub const USAGE: &str = "\
Writes invented exports of a help desk: tickets.csv, updates.csv, customers.csv

Usage: generate --out DIR [OPTIONS]

  --out DIR                  the folder to write to
  --tickets N                how many tickets [default: 2000]
  --seed S                   another seed, another history [default: 1]
  --customers N              how many customers [default: one for 500 tickets, at least 30]
  --start DATE               the first day [default: 2023-05-01]
  --months N                 how many months [default: 14]
  --updates-per-ticket X     rows of updates.csv for each ticket, on average [default: 8.8]
  --dirty                    put in a few faulty and unusual rows, and list them
";

pub struct Args {
    pub out: PathBuf,
    pub tickets: u64,
    pub seed: u64,
    pub customers: u32,
    pub start: NaiveDate,
    pub months: u32,
    /// In thousandths.
    pub updates_per_ticket: u32,
    pub dirty: bool,
}

impl Args {
    /// The arguments, or none where help was asked for.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Args>, String> {
        let mut out = None;
        let mut customers = None;
        let mut args = Args {
            out: PathBuf::new(),
            tickets: 2000,
            seed: 1,
            customers: 0,
            start: NaiveDate::from_ymd_opt(2023, 5, 1).ok_or("no such date")?,
            months: 14,
            updates_per_ticket: 8800,
            dirty: false,
        };
        while let Some(word) = words.next() {
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let mut value = || value.take().or_else(|| words.next()).ok_or(format!("{name} needs a value"));
            match name {
                "--help" | "-h" => return Ok(None),
                "--dirty" => args.dirty = true,
                "--out" => out = Some(PathBuf::from(value()?)),
                "--tickets" => args.tickets = within(name, &value()?, 1, 100_000_000)?,
                "--seed" => args.seed = within(name, &value()?, 0, u64::MAX)?,
                "--customers" => customers = Some(within(name, &value()?, 1, 1_000_000)? as u32),
                "--months" => args.months = within(name, &value()?, 1, 240)? as u32,
                "--start" => args.start = value()?.parse().map_err(|_| "--start is a date: 2023-05-01")?,
                "--updates-per-ticket" => args.updates_per_ticket = thousandths(name, &value()?)?,
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        args.out = out.ok_or("--out is missing")?;
        args.customers = customers.unwrap_or((args.tickets / 500).max(30) as u32);
        Ok(Some(args))
    }
}

fn within(name: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = text.parse().map_err(|_| format!("{name} is a whole number, not {text}"))?;
    if !(least..=most).contains(&number) {
        return Err(format!("{name} lies between {least} and {most}, and {number} does not"));
    }
    Ok(number)
}

fn thousandths(name: &str, text: &str) -> Result<u32, String> {
    match text.parse::<f64>() {
        Ok(number) if (2.0..=1000.0).contains(&number) => Ok((number * 1000.0).round() as u32),
        _ => Err(format!("{name} is a number between 2 and 1000, not {text}")),
    }
}
