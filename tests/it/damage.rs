//! An export in which rows are damaged at random: no figure of a ticket changes that has no damaged row, and every
//! damaged row is a reject or a counted warning unless the damage made another valid value.

use std::collections::{BTreeMap, BTreeSet};

use crate::desk::{Desk, files, manifest};
use crate::exports::Sheet;
use crate::fuzz::mutation::Random;
use crate::parquet_file::ParquetFile;
use crate::random_export::random_export;

/// What a row was damaged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    /// A field is gone.
    Dropped,
    /// A byte became one that no text has.
    Flipped,
    /// The row stands twice.
    Doubled,
    /// A quote stands before a field.
    Quoted,
    /// The day and the month of its time are swapped: another valid time, or none.
    Swapped,
}

const ALL: [Damage; 5] = [Damage::Dropped, Damage::Flipped, Damage::Doubled, Damage::Quoted, Damage::Swapped];

/// The lines of a table with one in a hundred damaged: how, and of which ticket.
fn damaged(text: &str, random: &mut Random) -> (Vec<u8>, Vec<(Damage, String)>) {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap().as_bytes().to_vec();
    out.push(b'\n');
    let mut damages = Vec::new();
    for line in lines {
        let mut bytes = line.as_bytes().to_vec();
        if random.below(100) == 0 && !line.contains('"') {
            let mut damage = ALL[random.below(ALL.len())];
            let commas: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b',').collect();
            // The first field is the ticket's id, which stays: it tells whose row it is.
            let comma = commas[random.below(commas.len())];
            match damage {
                Damage::Dropped => {
                    let next = commas.iter().copied().find(|at| *at > comma).unwrap_or(bytes.len());
                    drop(bytes.drain(comma..next));
                }
                Damage::Flipped => {
                    // After a comma, so that a field that is read or not has it.
                    let at = (comma + 1).min(bytes.len() - 1);
                    if bytes[at] == b',' {
                        damage = Damage::Dropped;
                    }
                    bytes[at] = 0xFF;
                }
                Damage::Doubled => {
                    out.extend_from_slice(&bytes);
                    out.push(b'\n');
                }
                Damage::Quoted => bytes.insert(comma + 1, b'"'),
                Damage::Swapped => swap_day_and_month(&mut bytes),
            }
            damages.push((damage, line.split(',').next().unwrap().to_owned()));
        }
        out.extend_from_slice(&bytes);
        out.push(b'\n');
    }
    (out, damages)
}

/// Swaps the day and the month of the first time in a row.
fn swap_day_and_month(row: &mut [u8]) {
    let is_date = |at: &usize| {
        let bytes = &row[*at..];
        bytes.len() > 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit)
    };
    if let Some(at) = (0..row.len()).find(is_date) {
        row.swap(at + 5, at + 8);
        row.swap(at + 6, at + 9);
    }
}

/// The measurements of each ticket, as text.
fn measured(desk: &Desk) -> BTreeMap<String, Vec<String>> {
    let facts = ParquetFile::read(&desk.path("report/facts/measurements.parquet"));
    let columns = facts.columns();
    let texts: Vec<Vec<Option<String>>> = columns.iter().map(|column| facts.texts(column)).collect();
    let id = columns.iter().position(|column| column == "ticket_id").unwrap();
    let mut by_ticket: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in 0..facts.rows() {
        let line: Vec<&str> = texts.iter().map(|column| column[row].as_deref().unwrap_or("-")).collect();
        by_ticket.entry(texts[id][row].clone().unwrap()).or_default().push(line.join("|"));
    }
    by_ticket
}

#[test]
fn damage_to_one_row_in_a_hundred_changes_no_figure_of_another_ticket_and_is_accounted_for() {
    for seed in 0..12 {
        let export = random_export(seed + 100, 600);
        let (tickets, updates) = (export.tickets_csv(), export.updates_csv());
        let desk = Desk::empty();
        desk.write("export/customers.csv", export.customers_csv());
        let arguments = "report export --as-of 2026-12-31T12:00:00Z --max-rejects 100% --out report";
        desk.write("export/tickets.csv", &tickets);
        desk.write("export/updates.csv", &updates);
        desk.run(arguments).succeeds();
        let (sound, before) = (measured(&desk), manifest(&files(&desk.path("report"))));

        let mut random = Random::new(seed);
        let (bad_tickets, of_tickets) = damaged(&tickets, &mut random);
        let (bad_updates, of_updates) = damaged(&updates, &mut random);
        desk.write("export/tickets.csv", bad_tickets);
        desk.write("export/updates.csv", bad_updates);
        desk.run(arguments).succeeds();
        let touched: BTreeSet<&String> =
            of_tickets.iter().chain(&of_updates).map(|damage| &damage.1).collect();
        let (now, after) = (measured(&desk), files(&desk.path("report")));
        for (ticket, rows) in &sound {
            if !touched.contains(ticket) {
                assert_eq!(now.get(ticket), Some(rows), "seed {seed}, {ticket}");
            }
        }
        assert!(now.keys().all(|ticket| sound.contains_key(ticket)), "seed {seed}");

        // Each kind of damage that is no other valid row is counted: as often as it was done.
        let rejects = Sheet::read(std::str::from_utf8(&after["rejects.csv"]).unwrap());
        let count = |reason: &str| {
            let of = |files: &str| {
                let rows = rejects.column("file").into_iter().zip(rejects.column("reason"));
                rows.filter(|(file, own)| *file == files && *own == reason).count()
            };
            (of("tickets.csv"), of("updates.csv"))
        };
        let done = |damage: Damage| {
            let of = |damages: &[(Damage, String)]| damages.iter().filter(|own| own.0 == damage).count();
            (of(&of_tickets), of(&of_updates))
        };
        assert_eq!(count("wrong_field_count"), done(Damage::Dropped), "seed {seed}");
        assert_eq!(count("stray_quote"), done(Damage::Quoted), "seed {seed}");
        let manifest = manifest(&after);
        let warned = |manifest: &serde_json::Value, file: usize| {
            manifest["inputs"][file]["warnings"]["identical_duplicate"].as_u64().unwrap_or(0)
        };
        // What was twice before may be among what was damaged otherwise.
        for (file, damages) in [(1, &of_tickets), (2, &of_updates)] {
            let doubled = damages.iter().filter(|damage| damage.0 == Damage::Doubled).count() as u64;
            let (own, grown) = (warned(&before, file), warned(&manifest, file));
            let others = damages.len() as u64 - doubled;
            assert!(
                grown + others >= own + doubled && grown <= own + doubled,
                "seed {seed}: {own}, {grown}, {doubled}"
            );
        }
        let rows = |text: &str| text.lines().count() as u64 - 1;
        let doubled = done(Damage::Doubled).0 + done(Damage::Doubled).1;
        let read = rows(&tickets) + rows(&updates) + rows(&export.customers_csv()) + doubled as u64;
        assert_eq!(manifest["totals"]["rows_read"], read, "seed {seed}: no row is lost");
    }
}
