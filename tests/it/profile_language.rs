//! What a profile can say: an export in another layout, read with a profile, comes to the same facts as the same
//! export in the product's own names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::json;

use crate::desk::{CUSTOMERS, Desk, files, manifest};
use crate::parquet_file::ParquetFile;

const TICKETS: &str = "\
ticket_id,customer,severity,submitted_at,first_response_at,resolved_at,product
A-1,Acme,1,2024-05-06T08:00:00Z,2024-05-06T09:30:00Z,,Pump
A-2,Acme,3,2024-05-06T12:00:00Z,,2024-05-10T12:00:00Z,
B-1,Borea,2,2024-05-07T13:30:00Z,,2024-05-09T09:00:00Z,Valve
";

const UPDATES: &str = "\
ticket_id,at,author,visibility,kind,value,old_value
A-1,2024-05-06T10:00:00Z,support,,,,
A-1,2024-05-06T11:00:00Z,support,internal,,,
A-1,2024-05-07T10:00:00Z,customer,,,,
A-1,2024-05-07T11:00:00Z,support,,,,
A-2,2024-05-07T12:00:00Z,support,,severity,2,3
A-2,2024-05-08T12:00:00Z,support,,,,
A-2,2024-05-08T12:00:05Z,system,,,,
B-1,2024-05-08T13:30:00Z,support,,,,
";

type Files = BTreeMap<String, Vec<u8>>;

/// The report on an export, whose customers are those of every test.
fn report(export: &[(&str, &str)], profile: &str, arguments: &str) -> Files {
    let desk = Desk::empty();
    desk.write("export/customers.csv", CUSTOMERS);
    export.iter().for_each(|(name, text)| drop(desk.write(&format!("export/{name}"), text)));
    desk.write("profile.toml", format!("name = \"test\"\n{profile}"));
    desk.report("export", &format!("--profile profile.toml {arguments}"));
    files(&desk.path("report"))
}

static CANONICAL: LazyLock<Files> = LazyLock::new(|| {
    report(&[("tickets.csv", TICKETS), ("updates.csv", UPDATES)], "extends = \"canonical\"", "")
});

#[track_caller]
fn same_facts(export: &[(&str, &str)], profile: &str) -> Files {
    let read = report(export, profile, "");
    for name in ["rejects.csv", "facts/measurements.parquet", "facts/tickets.parquet"] {
        assert!(read[name] == CANONICAL[name], "{name} differs");
    }
    read
}

#[test]
fn columns_go_by_aliases_in_any_letter_case_and_by_their_place_among_those_of_one_name() {
    let tickets = "\
Nr;Client;client;Prio;Eingang;Antwort;Erledigt;Produkt;Produkt
A-1;x;Acme;P1;06.05.2024 10:00;06.05.2024 11:30;?;-;Pump
A-2;x;Acme;P3;06.05.2024 14:00;?;10.05.2024 14:00;Pump;-
B-1;x;Borea;p2;07.05.2024 15:30;?;09.05.2024 11:00;-;Valve
";
    let profile = r#"
extends = "canonical"
empty = ["?", "-"]
[tickets.columns]
ticket_id = ["number", "NR"]
customer = { column = "CLIENT", occurrence = 2 }
severity = "prio"
submitted_at = "eingang"
first_response_at = "antwort"
resolved_at = "erledigt"
product = { column = "Produkt", occurrence = "last" }
[tickets.values.severity]
P1 = 1
P2 = 2
"p3*" = 3
[tickets.times.submitted_at]
patterns = ["%d.%m.%Y %H:%M"]
zone = "Europe/Berlin"
[tickets.times.first_response_at]
patterns = ["%d.%m.%Y %H:%M"]
zone = "Europe/Berlin"
[tickets.times.resolved_at]
patterns = ["%d.%m.%Y %H:%M"]
zone = "Europe/Berlin"
"#;
    same_facts(&[("tickets.csv", tickets), ("updates.csv", UPDATES)], profile);
}

/// The updates as the comments and the changes of severity in files of their own, whose authors and
/// whose tickets are looked up.
const SEVERAL_FILES: &str = r#"
extends = "canonical"
[lookups.users]
file = "user"
key = "id"
[lookups.cases]
file = "case"
key = "key"
[updates]
file = "comment"
[updates.columns]
ticket_id = { column = "case", lookup = "cases", take = "number" }
author = { column = "by", lookup = "users", take = "role" }
visibility = "public"
[updates.values.author]
agent = "support"
"end-*" = "customer"
robot = "system"
[updates.values.visibility]
true = "public"
false = "internal"
[sources.history]
[sources.history.columns]
ticket_id = { column = "case", lookup = "cases", take = "number" }
at = "at"
value = { column = "new", when = { field = "severity" } }
old_value = { column = "old", when = { field = "severity" } }
kind = "field"
[sources.history.values.kind]
"*" = "other"
severity = "severity"
[sources.history.constants]
author = "system"
"#;

const COMMENTS: &str = "\
case,at,by,public
1,2024-05-06T10:00:00Z,9,TRUE
1,2024-05-06T11:00:00Z,9,FALSE
1,2024-05-07T10:00:00Z,7,TRUE
1,2024-05-07T11:00:00Z,8,TRUE
2,2024-05-08T12:00:00Z,9,TRUE
2,2024-05-08T12:00:05Z,6,TRUE
3,2024-05-08T13:30:00Z,8,TRUE
";
const HISTORY: &str = "\
case,at,field,old,new
2,2024-05-07T12:00:00Z,severity,3,2
2,2024-05-07T12:00:00Z,assignee,Ann,Bob
";
const USERS: &str = "id,role\n6,robot\n7,end-user\n8,agent\n9,Agent\n";
const CASES: &str = "key,number\n1,A-1\n2,A-2\n3,B-1\n";

#[test]
fn updates_come_from_several_files_and_their_tickets_and_authors_are_looked_up() {
    let export = [
        ("tickets.csv", TICKETS),
        ("comment.csv", COMMENTS),
        ("History.csv", HISTORY),
        ("user.csv", USERS),
        ("case.csv", CASES),
    ];
    let read = same_facts(&export, SEVERAL_FILES);
    let inputs = manifest(&read)["inputs"].clone();
    let tables: Vec<_> = inputs.as_array().unwrap().iter().map(|input| input["table"].clone()).collect();
    assert_eq!(json!(tables), json!(["lookups", "lookups", "customers", "tickets", "updates", "updates"]));
}

#[test]
fn files_are_named_by_source_or_tell_it_by_their_names() {
    let desk = Desk::empty();
    for (name, text) in [
        ("t.csv", TICKETS),
        ("comment-2024.csv", COMMENTS),
        ("changes.csv", HISTORY),
        ("u.csv", USERS),
        ("case-2024.csv", CASES),
        ("c.csv", CUSTOMERS),
    ] {
        desk.write(name, text);
    }
    desk.write("profile.toml", format!("name = \"test\"\n{SEVERAL_FILES}"));
    let named = "report --profile profile.toml --tickets t.csv --customers c.csv --updates comment-2024.csv --out report";
    desk.run(&format!("{named} --updates history=changes.csv --lookup users=u.csv --lookup case-*.csv"))
        .succeeds();
    let read = files(&desk.path("report"));
    assert!(read["facts/measurements.parquet"] == CANONICAL["facts/measurements.parquet"]);
    let unclear = ["--updates changes.csv: which one is it?", "--updates updates=changes.csv, or history="];
    desk.run(&format!("{named} --updates changes.csv")).fails(2, &unclear);
    desk.run(&format!("{named} --updates history=changes.csv --lookup users=u.csv"))
        .fails(1, &["no file of the look-up `cases`", "--lookup cases=FILE"]);
}

#[test]
fn a_source_without_a_file_is_told() {
    let desk = Desk::empty();
    for (name, text) in
        [("tickets.csv", TICKETS), ("comment.csv", COMMENTS), ("user.csv", USERS), ("case.csv", CASES)]
    {
        desk.write(&format!("export/{name}"), text);
    }
    desk.write("export/customers.csv", CUSTOMERS);
    desk.write("profile.toml", format!("name = \"test\"\n{SEVERAL_FILES}"));
    let done = desk.run("report export --profile profile.toml --out report").succeeds();
    assert!(
        done.stderr.contains("reads updates of `history` too, and there is no file of them"),
        "{done:#?}"
    );
}

#[test]
fn each_filled_column_of_a_name_is_an_update_whose_pieces_stand_in_one_cell() {
    let tickets = "\
ticket_id,customer,severity,submitted_at,first_response_at,resolved_at,product,Reporter,Comment,Comment,Comment,Comment
A-1,Acme,1,2024-05-06T08:00:00Z,2024-05-06T09:30:00Z,,Pump,eve,06/mai/24 10:00 AM;ann;one; two,\
06/mai/24 11:00 AM;internal;x,07/Mai/24 10:00 AM;eve;,\"07/May/24 11:00 AM;bob;a
line\"
A-2,Acme,2,2024-05-06T12:00:00Z,,2024-05-10T12:00:00Z,,zoe,08/May/24 12:00 PM;ann;x,08/May/24 12:00 PM;helpbot;x,,
B-1,Borea,2,2024-05-07T13:30:00Z,,2024-05-09T09:00:00Z,Valve,zoe,,,08/May/24 01:30 PM;ann;x,
";
    let profile = r#"
extends = "canonical"
[sources.comments]
from = "tickets"
each = "Comment"
[sources.comments.columns]
at = { part = 1 }
author = { part = 2, same_as = { Reporter = "customer" } }
[sources.comments.values.author]
"*" = "support"
"*bot" = "system"
internal = "system"
[sources.comments.times.at]
patterns = ["%d/%b/%y %I:%M %p"]
zone = "UTC"
"#;
    let read = report(&[("tickets.csv", tickets)], profile, "");
    let own = "\
ticket_id,at,author
A-1,2024-05-06T10:00:00Z,support
A-1,2024-05-07T10:00:00Z,customer
A-1,2024-05-07T11:00:00Z,support
A-2,2024-05-08T12:00:00Z,support
B-1,2024-05-08T13:30:00Z,support
";
    let plain = TICKETS.replace("Acme,3", "Acme,2");
    let expected = report(&[("tickets.csv", &plain), ("updates.csv", own)], "extends = \"canonical\"", "");
    for name in ["rejects.csv", "facts/measurements.parquet", "facts/tickets.parquet"] {
        assert!(read[name] == expected[name], "{name} differs");
    }
}

#[test]
fn a_file_that_has_none_of_the_columns_that_tell_an_author_is_refused() {
    let desk = Desk::with_export();
    let profile = "name = \"p\"\nextends = \"canonical\"\n[updates.columns]\nauthor = { column = \"author\", same_as = { Reporter = \"customer\", Melder = \"customer\" } }\n";
    desk.write("p.toml", profile);
    desk.run("report export --profile p.toml --out report")
        .fails(1, &["export/updates.csv: there is no column \"Melder\" or \"Reporter\" (for author)"]);
    let mut ends = std::iter::once(",melder\n").chain(std::iter::repeat(",eve\n"));
    let updates: String =
        crate::desk::UPDATES.lines().map(|line| format!("{line}{}", ends.next().unwrap())).collect();
    desk.write("export/updates.csv", updates);
    desk.run("report export --profile p.toml --out report").succeeds();
}

#[test]
fn rows_of_something_else_are_passed_over_and_counted() {
    let desk = Desk::with_export();
    let plain = desk.report("export", "--max-rejects 0");
    let profile =
        "name = \"p\"\nextends = \"canonical\"\n[updates]\nrows = { table = [\"ticket\", \"case*\"] }\n";
    desk.write("p.toml", profile);
    // A file without the column holds nothing else.
    assert!(
        desk.report("export --profile p.toml", "")["facts/measurements.parquet"]
            == plain["facts/measurements.parquet"]
    );
    let mut tables = ["table", "Ticket", "case 2", "ticket"].into_iter();
    let updates: String =
        crate::desk::UPDATES.lines().map(|line| format!("{line},{}\n", tables.next().unwrap())).collect();
    desk.write(
        "export/updates.csv",
        format!("{updates}x,never,,problem\nA-1,2024-05-06T09:00:00Z,support,\n"),
    );
    let report = desk.report("export --profile p.toml", "--max-rejects 0");
    assert!(report["facts/measurements.parquet"] == plain["facts/measurements.parquet"]);
    let totals = manifest(&report)["totals"].clone();
    assert_eq!((&totals["warnings"], &totals["rows_accepted"]), (&json!({ "other_row": 2 }), &json!(10)));
}

#[test]
fn what_a_person_is_wins_over_what_their_role_says() {
    let updates = UPDATES
        .replace("author,", "author,who,")
        .replace(",support,", ",support,Ann,")
        .replace(",customer,", ",customer,Eve,")
        .replace(",system,", ",support,HelpBot 2,");
    let profile = r#"
extends = "canonical"
[updates.columns]
person = "who"
[updates.values.person]
"helpbot*" = "system"
"#;
    same_facts(&[("tickets.csv", TICKETS), ("updates.csv", &updates)], profile);
}

#[test]
fn a_first_response_may_be_told_by_how_long_it_took() {
    for (unit, took) in [("minutes", "90"), ("hours", "1.5"), ("seconds", "5400"), ("h:mm:ss", "1:30:00")] {
        let tickets = TICKETS.replace("2024-05-06T09:30:00Z", took);
        let profile = format!(
            "extends = \"canonical\"\n[tickets.columns]\nfirst_response_at = \
             {{ column = \"first_response_at\", after_submission = \"{unit}\" }}\n"
        );
        same_facts(&[("tickets.csv", &tickets), ("updates.csv", UPDATES)], &profile);
    }
}

#[test]
fn rows_without_an_id_go_on_with_the_ticket_above_where_the_profile_says_so() {
    let tickets = TICKETS.replace("A-2,", ",,,,,,more\n,,,,,,\nA-2,");
    let profile = "extends = \"canonical\"\n[tickets]\ncontinuations = \"ignored\"\n";
    let read = same_facts(&[("tickets.csv", &tickets), ("updates.csv", UPDATES)], profile);
    assert_eq!(manifest(&read)["totals"]["warnings"], json!({ "continuation_row": 2 }));
    let strict = report(
        &[("tickets.csv", &tickets), ("updates.csv", UPDATES)],
        "extends = \"canonical\"",
        "--max-rejects 2",
    );
    let rejects = String::from_utf8(strict["rejects.csv"].clone()).unwrap();
    assert_eq!(rejects.matches(",ticket_id,,missing_value,").count(), 2, "{rejects}");
}

#[test]
fn a_missing_severity_is_that_of_the_classification_and_one_that_disagrees_is_counted() {
    let of = |one: &str, three: &str, two: &str| {
        let rows = [
            ("submitted_at,", "classification,submitted_at,".to_owned()),
            ("Acme,1,", format!("Acme,{one},Loss of service,")),
            ("Acme,3,", format!("Acme,{three},sustained failure of a minor feature,")),
            ("Borea,2,", format!("Borea,{two},intermittent failure of a minor feature,")),
        ];
        rows.iter().fold(TICKETS.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let measured = |tickets: &str| {
        report(&[("tickets.csv", tickets), ("updates.csv", UPDATES)], "extends = \"canonical\"", "")
    };
    let (all, some) = (measured(&of("1", "3", "2")), measured(&of("", "", "2")));
    assert!(all["facts/measurements.parquet"] == CANONICAL["facts/measurements.parquet"]);
    assert!(some["facts/measurements.parquet"] == CANONICAL["facts/measurements.parquet"]);
    assert_eq!(manifest(&all)["totals"]["warnings"], json!({ "severity_disagrees": 1 }));
    let warnings = json!({ "severity_by_classification": 2, "severity_disagrees": 1 });
    assert_eq!(manifest(&some)["totals"]["warnings"], warnings);
}

#[test]
fn profiles_extend_files_beside_them_and_a_circle_is_told() {
    let desk = Desk::with_export();
    desk.write(
        "p/base.toml",
        "name = \"base\"\nextends = \"canonical\"\n[tickets.defaults]\nproduct = \"Pump\"\n",
    );
    desk.write(
        "p/own.toml",
        "name = \"own\"\nextends = \"base.toml\"\n[tickets.defaults]\nregion = \"EMEA\"\n",
    );
    desk.run("report export --profile p/own.toml --out report").succeeds();
    let text = manifest(&files(&desk.path("report")))["profile"]["text"].to_string();
    assert!(text.contains("Pump") && text.contains("EMEA"), "{text}");
    desk.write("p/base.toml", "name = \"base\"\nextends = \"own.toml\"\n");
    desk.run("report export --profile p/own.toml --out report").fails(2, &["extend one another", "circle"]);
    desk.write("p/own.toml", "name = \"own\"\nextends = \"canonicle\"\n");
    desk.run("report export --profile p/own.toml --out report")
        .fails(2, &["own.toml:2:11", "did you mean `canonical`?"]);
}

#[test]
fn rows_of_one_instant_come_in_the_order_of_their_numbers_whatever_else_they_say_alike() {
    let tickets = "\
ticket_id,customer,severity,submitted_at
A-1,Acme,1,2024-05-06T08:00:00Z
B-1,Borea,2,2024-05-06T08:00:00Z
";
    // The first ticket is opened and then resolved, the second the other way round.
    let updates = "\
number,ticket_id,at,author,state
8,A-1,2024-05-06T10:00:00Z,support,open
9,A-1,2024-05-06T10:00:00Z,support,resolved
2,B-1,2024-05-06T10:00:00Z,support,resolved
3,B-1,2024-05-06T10:00:00Z,support,open
";
    let profile = "extends = \"canonical\"\n[updates.columns]\nstate = \"state\"\nsequence = \"number\"\n";
    let desk = Desk::empty();
    desk.write("export/customers.csv", CUSTOMERS);
    desk.write("export/tickets.csv", tickets);
    desk.write("export/updates.csv", updates);
    desk.write("profile.toml", format!("name = \"test\"\n{profile}"));
    desk.report("export", "--profile profile.toml");
    let facts = ParquetFile::read(&desk.path("report/facts/tickets.parquet"));
    let status: Vec<_> = facts.texts("status").into_iter().flatten().collect();
    assert_eq!(status, ["resolved", "open"]);
}
