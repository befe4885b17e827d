//! The command as people and their scripts meet it: what goes to which stream, settings, and the summary.

use std::process::Command;

use serde_json::Value;

use crate::desk::{CUSTOMERS, Desk, TICKETS, UPDATES, files};

#[test]
fn what_is_asked_for_is_printed_to_stdout_and_nothing_else_is_said() {
    let desk = Desk::empty();
    for (arguments, shown) in [
        ("--help", "Usage: punctual"),
        ("report --help", "--max-rejects"),
        ("--version", concat!("punctual ", env!("CARGO_PKG_VERSION"), "\n")),
        ("policy list", "northern"),
        ("policy show", "09:00-18:00"),
        ("policy show northern", "northern@2000-01-01"),
        ("policy validate northern", "northern@2000-01-01"),
        ("completions bash", "_punctual"),
        ("completions fish", "complete -c punctual"),
        ("completions zsh", "#compdef punctual"),
        ("man", ".TH punctual 1"),
    ] {
        let done = desk.run(arguments).succeeds();
        assert!(done.stdout.contains(shown), "{done:#?}");
        assert_eq!(done.stderr, "", "{arguments}");
    }
}

#[test]
fn a_new_policy_is_the_built_in_one_and_is_sound() {
    let desk = Desk::empty();
    let new = desk.run("policy new").succeeds().stdout;
    assert_eq!(new, punctual::policy::NORTHERN);
    desk.write("mine.toml", new);
    assert_eq!(desk.run("policy show mine.toml").succeeds().stdout, desk.run("policy show").stdout);
    desk.run("policy validate mine.toml").succeeds();
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let desk = Desk::with_export();
    for (arguments, said) in [
        ("", "Usage"),
        ("reprot", "'report'"),
        ("report --perod 2024-05", "'--period'"),
        ("report export --period May", "2024-05"),
        ("report export --period 2024-13", "2024-05"),
        ("report export --as-of yesterday", "2024-05-31T18:00:00Z"),
        ("report export --threads 0", "--threads"),
        ("report export --threads many", "--threads"),
        ("report export --policy nowhere.toml", "nowhere.toml"),
        ("report export --profile nowhere.toml", "nowhere.toml"),
        ("report export --queries nowhere", "nowhere"),
        ("report export --config nowhere.toml", "nowhere.toml"),
        ("report export --lang xx", "--lang"),
        ("report export --policy northern --policy northern", "effective_from"),
        ("policy show nowhere.toml", "nowhere.toml"),
    ] {
        desk.run(arguments).fails(2, &[said]);
        assert_eq!(desk.names("."), ["export"], "{arguments}");
    }
}

#[test]
fn a_flaw_in_a_policy_names_its_file_line_and_remedy() {
    let desk = Desk::empty();
    let northern = punctual::policy::NORTHERN;
    for (from, to, said) in [
        ("comparison = \"strict\"", "comparision = \"strict\"", "did you mean `comparison`"),
        ("comparison = \"strict\"", "comparison = \"lax\"", "inclusive"),
        ("1 = 8\n", "1 = 0\n", "more than nothing"),
        ("1 = 8\n", "1 = -8\n", "positive"),
        ("\"09:00-18:00\"", "\"09:00-13:00\", \"12:00-18:00\"", "overlap"),
        ("[tiers.standard]", "[regions.EMEA]\ncalendar = \"fr\"", "no calendar \"fr\""),
    ] {
        assert!(northern.contains(from), "{from}");
        let text = northern.replacen(from, to, 1);
        let line = 1 + northern[..northern.find(from).unwrap()].matches('\n').count();
        desk.write("mine.toml", &text);
        let done = desk.run("policy validate mine.toml").fails(2, &[said]);
        let place = done.stderr.split("mine.toml:").nth(1).unwrap().split(':').next().unwrap();
        let named: usize = place.parse().unwrap();
        assert!((line..line + 2).contains(&named), "{done:#?}");
    }
}

#[test]
fn an_unknown_key_in_the_settings_names_the_nearest_known_one() {
    let desk = Desk::with_export();
    desk.write("punctual.toml", "dir = \"export\"\nperoid = \"2024-05\"\n");
    desk.run("report").fails(2, &["punctual.toml:2:", "`peroid`", "`period`"]);
    assert_eq!(desk.names("."), ["export", "punctual.toml"]);
}

#[test]
fn a_settings_file_in_the_working_folder_is_used_and_arguments_win_over_it() {
    let desk = Desk::with_export();
    desk.write("lenient.toml", punctual::policy::NORTHERN.replace("\"northern\"", "\"lenient\""));
    let settings = "dir = \"export\"\npolicy = \"lenient.toml\"\nas-of = \"2024-06-10T00:00:00Z\"\nmax-rejects = \"5%\"\n";
    desk.write("punctual.toml", settings);
    desk.run("report --period last-month").succeeds();
    let manifest = |folder: &str| crate::desk::manifest(&files(&desk.path(folder)));
    // The month before that of the as-of instant.
    let of_may = manifest("reports/2024-05");
    assert_eq!(of_may["policies"][0]["id"], "lenient@2000-01-01");
    assert_eq!(of_may["settings"]["max-rejects"], "5%");
    desk.run("report --period 2024-Q2 --policy northern --as-of 2024-06-01T00:00:00Z").succeeds();
    let of_quarter = manifest("reports/2024-Q2");
    assert_eq!(of_quarter["policies"][0]["id"], "northern@2000-01-01");
    assert_eq!(of_quarter["as_of"], "2024-06-01T00:00:00Z");
}

#[test]
fn the_default_folder_is_named_after_the_period() {
    let desk = Desk::with_export();
    for (period, folder) in [
        ("", "everything"),
        ("--period 2024", "2024"),
        ("--period 2024-05-01..2024-05-31", "2024-05-01..2024-05-31"),
    ] {
        desk.run(&format!("report export {period}")).succeeds();
        assert!(desk.path(&format!("reports/{folder}/manifest.json")).is_file(), "{folder}");
    }
}

#[test]
fn files_named_one_by_one_are_read_as_those_of_a_folder() {
    let desk = Desk::with_export();
    let whole = desk.report("export", "");
    let named = desk
        .report("", "--tickets export/tickets.csv --updates export/u*.csv --customers export/customers.csv");
    crate::desk::assert_same_report("named", &whole, &named);
}

#[test]
fn json_is_one_value_and_nothing_else_is_on_stdout() {
    let desk = Desk::with_export();
    for arguments in ["report export --json", "report export --json --period 2024-05"] {
        let done = desk.run(arguments).succeeds();
        let summary: Value = serde_json::from_str(&done.stdout).unwrap();
        assert!(summary.as_object().is_some_and(|summary| !summary.is_empty()));
        assert!(done.stdout.ends_with("}\n"), "{done:#?}");
        assert_eq!(done.stderr, "");
    }
    for arguments in ["policy list --json", "policy show --json", "policy validate northern --json"] {
        serde_json::from_str::<Value>(&desk.run(arguments).succeeds().stdout).unwrap();
    }
}

#[test]
fn quiet_prints_nothing_when_all_is_well_and_errors_still() {
    let desk = Desk::with_export();
    let done = desk.run("report export --quiet").succeeds();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
    desk.run("report nowhere --quiet").fails(1, &["nowhere"]);
}

#[test]
fn verbose_says_on_stderr_how_long_the_stages_took() {
    let desk = Desk::with_export();
    let plain = desk.run("report export").succeeds();
    let verbose = desk.run("report export -v").succeeds();
    assert_eq!(plain.stdout, verbose.stdout);
    assert!(plain.stderr.is_empty() && verbose.stderr.contains("measure"), "{verbose:#?}");
}

#[test]
fn without_a_terminal_or_with_no_color_there_are_no_escape_codes() {
    let desk = Desk::with_export();
    for variables in [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm-256color")]] {
        for arguments in ["report export", "report nowhere", "policy show", "--help"] {
            let done = desk.run_with(arguments, variables);
            assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{done:#?}");
        }
    }
}

#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    let desk = Desk::with_export();
    let on_a_terminal = |no_color: &str| {
        let report = format!("{} report export", env!("CARGO_BIN_EXE_punctual"));
        let mut script = Command::new("script");
        script.args(["-qec", &report, "/dev/null"]).current_dir(desk.path("")).env("NO_COLOR", no_color);
        script.env("TERM", "xterm").output().map(|done| String::from_utf8(done.stdout).unwrap())
    };
    let (Ok(coloured), Ok(plain)) = (on_a_terminal(""), on_a_terminal("1")) else {
        println!("skipped: the command `script`, which makes a terminal, is not there");
        return;
    };
    assert!(coloured.contains("\u{1b}[1m") && coloured.contains("\u{1b}[31m"), "{coloured:?}");
    // A progress bar may move the cursor; colours and weights end in an m.
    let styles = plain
        .split("\u{1b}[")
        .skip(1)
        .filter(|code| code.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'));
    assert_eq!(styles.count(), 0, "{plain:?}");
    assert!(plain.contains("report  reports/everything"), "{plain:?}");
}

/// A-1's response took 2 h, from Monday 10:00 to 12:00 in Paris; A-2's, due on Wednesday, is open; B-1's took 9 h, from
/// Tuesday 09:30 to Wednesday 09:30 in New York, against 8 h.
#[test]
fn the_summary_names_compliance_breaches_open_clocks_rows_and_the_folder() {
    let desk = Desk::with_export();
    desk.write("export/tickets.csv", TICKETS.to_owned() + "A-3,Acme,7,2024-05-06T08:00:00Z,,\n");
    let done = desk.run("report export --out here --max-rejects 1 --as-of 2024-05-07T20:00:00Z").succeeds();
    for part in ["all of the export", "northern@2000-01-01", "A-2", "unknown severity: 1", "report  here"] {
        assert!(done.stdout.contains(part), "{part}: {done:#?}");
    }
    let done = desk.run("report export --out here --max-rejects 1").succeeds();
    assert!(done.stdout.contains("1 h 00 over") && done.stdout.contains("B-1"), "{done:#?}");
}

#[test]
fn an_export_without_updates_measures_first_responses_only_and_says_so() {
    let desk = Desk::empty();
    desk.write("export/tickets.csv", TICKETS);
    desk.write("export/customers.csv", CUSTOMERS);
    let done = desk.run("report export --out here").succeeds();
    assert!(done.stderr.contains("no updates"), "{done:#?}");
    let facts = crate::figures::of_parquet(&desk.path("here/facts/measurements.parquet"));
    assert_eq!(facts.len(), 3);
    assert!(facts.iter().all(|figure| figure.metric == "response"));
    desk.write("export/updates.csv", UPDATES);
    assert_eq!(desk.run("report export --out here").succeeds().stderr, "");
}

#[test]
fn a_users_own_query_adds_a_table() {
    let desk = Desk::with_export();
    let sql = "-- title: Tickets by product\n-- grain: one row per customer\n-- column customer: whose\n\
               -- column tickets: how many\nSELECT customer, COUNT(*) AS tickets FROM tickets GROUP BY customer ORDER BY customer\n";
    desk.write("mine/tickets_by_customer.sql", sql);
    let report = desk.report("export", "--queries mine");
    assert_eq!(report["tables/tickets_by_customer.csv"], b"customer,tickets\nAcme,2\nBorea,1\n");
    desk.write("mine/tickets_by_customer.sql", "SELECT nothing FROM nowhere");
    desk.run("report export --queries mine --out other").fails(1, &["tickets_by_customer"]);
    desk.write("mine/breaches.sql", sql);
    desk.run("report export --queries mine --out other").fails(2, &["breaches.sql", "built in"]);
    assert_eq!(desk.names("."), ["export", "mine", "report"]);
}

/// What the arguments leave open is what the library has of itself.
#[test]
fn the_commands_defaults_are_those_of_the_library() {
    let desk = Desk::with_export();
    let report = desk.report("export", "");
    let manifest = crate::desk::manifest(&report);
    let northern = punctual::policy::northern();
    assert_eq!(manifest["policies"][0]["id"], northern.id());
    assert_eq!(manifest["policies"][0]["text"], northern.text);
    let canonical = punctual::ingest::Profile::canonical();
    assert_eq!(manifest["profile"]["name"], canonical.name);
    assert_eq!(manifest["profile"]["text"], canonical.text);
    assert_eq!(manifest["period"], punctual::measure::Period::default().to_string());
    // The latest instant of the inputs: B-1's resolution.
    assert_eq!(manifest["as_of"], "2024-05-09T09:00:00Z");
}
