//! `punctual profile`: list, show, validate, guess.

use std::fs;

use punctual::ingest::{BUILT_IN, Profile};
use serde_json::Value;

use crate::desk::{Desk, project};
use crate::exports::Sheet;
use crate::profiles::measured;

#[test]
fn every_built_in_profile_is_listed_with_what_it_reads_and_can_be_shown() {
    let desk = Desk::empty();
    let list = desk.run("profile list").succeeds().stdout;
    let as_json: Value = serde_json::from_str(&desk.run("profile list --json").succeeds().stdout).unwrap();
    assert_eq!(list.lines().count(), BUILT_IN.len());
    for (place, (name, text)) in BUILT_IN.iter().enumerate() {
        let line = list.lines().nth(place).unwrap();
        assert!(line.starts_with(name) && line.ends_with('.'), "{line}");
        assert_eq!(as_json[place]["profile"], *name);
        let shown = desk.run(&format!("profile show {name}")).succeeds().stdout;
        assert!(shown.contains("\ntickets  ") && shown.contains("  severity "), "{shown}");
        assert_eq!(desk.run(&format!("profile show {name} --toml")).succeeds().stdout.find(text), Some(0));
    }
}

#[test]
fn a_profile_is_shown_field_by_field_with_what_it_extends() {
    let desk = Desk::empty();
    let own = "name = \"ours\"\nextends = \"zendesk\"\n[time]\nzone = \"Europe/Paris\"\n[tickets.defaults]\ntier = \"standard\"\n[tickets.values.severity]\n\"p*\" = 2\n";
    desk.write("ours.toml", own);
    let shown = desk.run("profile show ours.toml").succeeds().stdout;
    for line in [
        "tickets  tickets.csv or ticket.csv or zendesk.csv",
        "  customer           \"Organization\" or \"Ticket organization name\"",
        "  severity           \"Priority\" or \"Ticket priority\"",
        "                     high = 2, low = 4, normal = 3, p* = 2, urgent = 1",
        "  submitted_at       \"Created at\" or \"Ticket created - Timestamp\", on the clock of Europe/Paris unless it has an offset",
        "  tier               standard where nothing is said",
    ] {
        assert!(shown.lines().any(|own| own == line), "{line}\nis not in\n{shown}");
    }
    let json: Value =
        serde_json::from_str(&desk.run("profile show ours.toml --json").succeeds().stdout).unwrap();
    assert_eq!(json["tables"]["tickets"]["fields"]["severity"]["values"]["p*"], "2");
}

#[test]
fn a_profile_is_found_sound_or_its_flaw_is_told_with_its_line() {
    let desk = Desk::empty();
    desk.write("good.toml", "name = \"good\"\nextends = \"jira\"\n");
    desk.write("bad.toml", "name = \"bad\"\n[tickets.columns]\nseverty = \"P\"\n");
    let done = desk.run("profile validate good.toml zendesk").succeeds();
    assert_eq!(done.stdout, "sound: good, zendesk\n");
    desk.run("profile validate good.toml bad.toml")
        .fails(2, &["bad.toml:3:1: there is no field `severty`; did you mean `severity`?"]);
    desk.run("profile validate zendsk")
        .fails(2, &["zendsk", "the built-in profiles are: canonical, freshdesk"]);
}

/// The files of a fixture, in a folder of their own.
fn fixture(desk: &Desk, name: &str) {
    for entry in fs::read_dir(project().join("tests/profiles").join(name)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if file.ends_with(".csv") && !file.starts_with("expected") {
            desk.write(&format!("{name}/{file}"), fs::read(path).unwrap());
        }
    }
}

#[test]
fn the_layout_of_each_help_desk_is_recognized_and_no_ticket_text_is_repeated() {
    let desk = Desk::empty();
    for (name, _) in BUILT_IN.iter().filter(|built_in| built_in.0 != "canonical") {
        fixture(&desk, name);
        let said = desk.run(&format!("profile guess {name} --json")).succeeds().stdout;
        let guess: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(guess["extends"], *name, "{said}");
        let toml = guess["profile"].as_str().unwrap();
        Profile::parse("guess", toml).unwrap();
        for file in guess["files"].as_array().unwrap() {
            assert!(!file["table"].is_null(), "{name}: {file} is not read");
        }
        for file in desk.names(name) {
            let sheet = Sheet::read(&String::from_utf8_lossy(
                &fs::read(desk.path(&format!("{name}/{file}"))).unwrap(),
            ));
            for text in sheet.rows.iter().flatten().filter(|text| text.split_whitespace().count() > 3) {
                assert!(!said.contains(text.as_str()), "{name}: {text}");
            }
        }
    }
}

const TICKETS: &str = "\
Vorgangsnummer;Kunde;Priorität;Erstellt am;Betreff;Gelöst am
A-1;Acme;kritisch;06.05.2024 08:00;Der Drucker von Frau Geheim brennt;
A-2;Acme;mittel;06.05.2024 12:00;Die Presse steht;-
B-1;Borea;hoch;07.05.2024 13:30;Nichts geht;09.05.2024 09:00
";
const UPDATES: &str = "\
Vorgangsnummer;Zeitpunkt;Rolle;Autor;Sichtbarkeit;Text
A-1;06.05.2024 09:00;Kunde;frau.geheim;öffentlich;Bitte eilen Sie sich sehr
A-1;06.05.2024 09:30;Mitarbeiter;t.varga;intern;Wer kennt diesen Drucker hier
A-1;06.05.2024 10:00;Mitarbeiter;t.varga;öffentlich;Wir kommen in einer Stunde
A-1;07.05.2024 10:00;Mitarbeiter;t.varga;öffentlich;Ist er nun wieder ganz
B-1;08.05.2024 13:30;Mitarbeiter;i.okafor;öffentlich;Wir sehen uns das an
";
const CUSTOMERS: &str = "\
Kunde;Vertrag;Region;Zeitzone
Acme;standard;EMEA;Europe/Paris
Borea;augmented;AMER;America/New_York
";

#[test]
fn a_guess_at_a_layout_that_nobody_knows_measures_as_the_canonical_export_once_its_questions_are_answered() {
    let desk = Desk::with_export();
    // All of its letters are the same in Windows-1252 as in the first 256 of Unicode.
    let western =
        |text: &str| text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect::<Vec<u8>>();
    desk.write("alt/vorgaenge.csv", western(TICKETS));
    desk.write("alt/verlauf.csv", western(UPDATES));
    desk.write("alt/kunden.csv", western(CUSTOMERS));
    let done = desk.run("profile guess alt --name alt").succeeds();
    let guess = done.stdout;
    assert!(done.stderr.contains("left for you to say"), "{}", done.stderr);
    for part in [
        "# - kunden.csv (2 rows): customers\n",
        "# - verlauf.csv (5 rows): updates\n",
        "# - vorgaenge.csv (3 rows): tickets\n",
        "tells whether it begins with the day or the month",
        "have no offset: in which zone are they?",
        "Is anybody of \"Autor\" a robot?",
        "encoding = \"windows-1252\"",
        "empty = [\"-\"]",
        "kritisch = 1\n",
    ] {
        assert!(guess.contains(part), "{part}\nis not in\n{guess}");
    }
    for secret in ["Drucker", "Presse", "Bitte", "Stunde"] {
        assert!(!guess.contains(secret), "{secret}\nis in\n{guess}");
    }
    // The answers: the day comes first, and the clock is that of UTC.
    let answered: Vec<String> = guess
        .lines()
        .filter(|line| !line.ends_with("# the month first"))
        .map(|line| match line.ends_with("# the day first") {
            true => line.trim_start_matches("# ").to_owned(),
            false => line.replace("# zone = \"Europe/Paris\"", "zone = \"UTC\""),
        })
        .collect();
    desk.write("alt.toml", answered.join("\n"));
    assert_eq!(desk.run("profile validate alt.toml").succeeds().stdout, "sound: alt\n");
    let sheet = |export: &str, profile: &str| {
        let as_of = "2024-05-09T12:00:00Z";
        desk.run(&format!(
            "report {export} --profile {profile} --as-of {as_of} --max-rejects 0 --out report"
        ))
        .succeeds();
        measured(&desk)
    };
    assert_eq!(sheet("alt", "alt.toml"), sheet("export", "canonical"));
}

#[test]
fn files_of_several_encodings_are_read_each_as_it_looks() {
    let desk = Desk::empty();
    let accents = TICKETS.replace("Acme", "Société").replace("Borea", "Zoé");
    let western: Vec<u8> = accents.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    desk.write("alt/vorgaenge.csv", western);
    desk.write("alt/verlauf.csv", UPDATES);
    let guess = desk.run("profile guess alt").succeeds().stdout;
    Profile::parse("guess", &guess).unwrap();
    assert!(guess.contains("some look like \"windows-1252\"") && !guess.contains("\nencoding"), "{guess}");
}

#[test]
fn what_cannot_be_looked_at_is_told() {
    let desk = Desk::empty();
    desk.write("empty/notes.txt", "x");
    desk.run("profile guess empty").fails(2, &["there is no .csv, .csv.gz, .csv.zst or .parquet in empty"]);
    desk.run("profile guess none.csv").fails(1, &["none.csv"]);
    desk.write("blank.csv", "");
    desk.run("profile guess blank.csv").fails(1, &["blank.csv is empty"]);
    desk.write("broken.parquet", "no parquet at all");
    desk.run("profile guess broken.parquet").fails(1, &["not readable as Parquet"]);
}

#[test]
fn a_file_of_anything_is_guessed_at_without_a_panic() {
    let desk = Desk::empty();
    let wide: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
    let (names, cells) = (wide.join(","), vec!["1/2/2024 10:00"; 10_000].join(","));
    for (name, text) in [
        ("wide", format!("{names}\n{cells}\n{cells}\n")),
        ("header", "id,created,priority,customer\n".to_owned()),
        ("same", "id,id,id\n1,2,3\n".to_owned()),
        ("quotes", "id,\"cre\"\"ated\",\"pri\nority\",cust\\omer\n1,2024-05-01 10:00,high,x\n2,2024-05-01 10:00,\"lo\"\"w\",\u{7}\n".to_owned()),
        ("numbers", "1,2,3\n4,5,6\n".to_owned()),
        ("long", format!("id,created,severity,text\n1,2024-05-01 10:00,3,{}\n", "x".repeat(1_000_000))),
    ] {
        desk.write(&format!("{name}.csv"), text);
        let toml = desk.run(&format!("profile guess {name}.csv")).succeeds().stdout;
        Profile::parse(name, &toml).unwrap_or_else(|flaw| panic!("{name}: {flaw}\n{toml}"));
    }
}
