//! `punctual verify`: whatever of a report or its inputs is another byte is named.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::desk::{Desk, files, project};

/// A desk with the project's sample data and the report of it, where they stand in the project.
fn desk() -> Desk {
    let desk = Desk::empty();
    for folder in ["sample-data", "reports/sample"] {
        for (name, bytes) in files(&project().join(folder)) {
            desk.write(&format!("{folder}/{name}"), bytes);
        }
    }
    desk
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_report_of_the_sample_data_is_sound_and_comes_out_the_same() {
    let desk = desk();
    let said = desk.run("verify reports/sample").succeeds();
    for part in
        ["are as they were written", "all 3 are as they were read", "come out the same, byte for byte"]
    {
        assert!(said.stdout.contains(part), "{said:#?}");
    }
    let json: Value =
        serde_json::from_str(&desk.run("verify reports/sample --json").succeeds().stdout).unwrap();
    assert_eq!((&json["sound"], &json["again"]), (&Value::Bool(true), &"made".into()));
    // Nothing is left anywhere.
    assert_eq!(desk.names("."), ["reports", "sample-data"]);
    assert_eq!(desk.names("reports"), ["sample"]);
}

#[test]
fn one_byte_of_any_file_of_the_report_is_named() {
    let desk = desk();
    let all = files(&project().join("reports/sample"));
    // The report is not made again for each of them: its inputs lie elsewhere.
    for (name, bytes) in all.iter().filter(|(name, _)| *name != "manifest.json") {
        let path = desk.path(&format!("reports/sample/{name}"));
        flip(&path);
        let said = desk.run("verify reports/sample --inputs nowhere");
        assert_eq!(said.code, Some(1));
        assert!(said.stdout.contains(&format!("{name}: changed")), "{said:#?}");
        assert_eq!(said.stdout.matches(": changed").count(), 1, "{said:#?}");
        fs::write(&path, bytes).unwrap();
    }
    fs::remove_file(desk.path("reports/sample/report.xlsx")).unwrap();
    desk.write("reports/sample/tables/mine.csv", "a\n");
    let said = desk.run("verify reports/sample");
    assert_eq!(said.code, Some(1));
    for part in ["report.xlsx: missing", "tables/mine.csv: not of the report"] {
        assert!(said.stdout.contains(part), "{said:#?}");
    }
    assert!(said.stderr.contains("2 files are not what they should be"), "{said:#?}");
}

#[test]
fn one_byte_of_any_input_is_named() {
    let desk = desk();
    for name in ["tickets.csv", "updates.csv", "customers.csv"] {
        let path = desk.path(&format!("sample-data/{name}"));
        let before = fs::read(&path).unwrap();
        flip(&path);
        let said = desk.run("verify reports/sample");
        assert_eq!(said.code, Some(1));
        assert!(said.stdout.contains(&format!("sample-data/{name}: changed")), "{said:#?}");
        assert!(said.stdout.contains("it was not made again"), "{said:#?}");
        fs::write(&path, before).unwrap();
    }
    fs::rename(desk.path("sample-data"), desk.path("moved")).unwrap();
    let said = desk.run("verify reports/sample");
    assert!(said.stdout.contains("sample-data/tickets.csv: missing"), "{said:#?}");
    desk.run("verify reports/sample --inputs moved").succeeds();
}

#[test]
fn what_a_manifest_says_is_compared_with_what_another_run_comes_to() {
    let desk = desk();
    let path = desk.path("reports/sample/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    // A byte of the manifest itself: a figure, a space, a comment in a policy.
    for (from, to) in
        [("\"rows_read\": 19524", "\"rows_read\": 19525"), ("\n  ", "\n   "), ("# Northern", "# northern")]
    {
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let said = desk.run("verify reports/sample");
        assert!(said.stdout.contains("manifest.json: changed"), "{from}: {said:#?}");
        assert_eq!(said.code, Some(1));
    }
    // One of a version that did not seal it is compared with what another run comes to.
    manifest.as_object_mut().unwrap().remove("sha256");
    manifest["totals"]["tickets"] = 1.into();
    fs::write(&path, manifest.to_string()).unwrap();
    let said = desk.run("verify reports/sample");
    assert!(said.stdout.contains("manifest.json: says otherwise: totals"), "{said:#?}");
    assert_eq!(said.code, Some(1));
    // A report that an older version made, of which one table has changed since.
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["versions"]["punctual"] = "0.0.9".into();
    manifest.as_object_mut().unwrap().remove("sha256");
    let outputs = manifest["outputs"].as_array_mut().unwrap();
    let table = outputs.iter_mut().find(|output| output["path"] == "tables/breaches.csv").unwrap();
    let old = "ticket_id\nold\n";
    table["sha256"] = {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(old.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    };
    fs::write(&path, manifest.to_string()).unwrap();
    desk.write("reports/sample/tables/breaches.csv", old);
    let said = desk.run("verify reports/sample");
    for part in [
        "punctual 0.0.9",
        "this is punctual 0.1.0",
        "tables/breaches.csv: comes out otherwise",
        "manifest.json: says otherwise: versions",
        "another version made it",
    ] {
        assert!(said.stdout.contains(part), "{part}: {said:#?}");
    }
}

#[test]
fn a_report_with_its_own_profile_policies_holidays_queries_and_settings_comes_out_the_same() {
    let desk = Desk::with_export();
    desk.write("ours/days.csv", "date,name\n2024-05-08,Victory Day\n");
    let policy = punctual::policy::NORTHERN.replace("holidays = []", "holidays = [\"days.csv\"]");
    desk.write("ours/policy.toml", policy.replace("\"northern\"", "\"ours\""));
    desk.write("ours/later.toml", policy.replace("2000-01-01", "2024-05-07"));
    desk.write("ours/base.toml", "name = \"base\"\nextends = \"canonical\"\n");
    desk.write("ours/profile.toml", "name = \"ours\"\nextends = \"base.toml\"\n");
    let query = "-- title: Mine\n-- grain: one row per ticket\n-- column ticket_id: the ticket\n\
                 SELECT ticket_id FROM tickets ORDER BY ticket_id\n";
    desk.write("queries/mine.sql", query);
    desk.run(
        "report export --policy ours/policy.toml --policy ours/later.toml --profile ours/profile.toml \
         --queries queries --period 2024-05 --lang fr --spans --max-rejects 3 --out report",
    )
    .succeeds();
    // All of it stands in the manifest.
    fs::remove_dir_all(desk.path("ours")).unwrap();
    fs::remove_dir_all(desk.path("queries")).unwrap();
    desk.run("verify report").succeeds();
    desk.run("explain A-1 --from report").succeeds();
}

#[test]
fn a_review_is_seen_to_be_whole_and_cannot_be_made_again() {
    let desk = Desk::with_export();
    desk.run("review export --customer Acme --out reviews").succeeds();
    let folder = desk.names("reviews").remove(0);
    let said = desk.run(&format!("verify reviews/{folder}")).succeeds();
    assert!(said.stdout.contains("it is not made again"), "{said:#?}");
    flip(&desk.path(&format!("reviews/{folder}/review.html")));
    let said = desk.run(&format!("verify reviews/{folder}"));
    assert!(said.code == Some(1) && said.stdout.contains("review.html: changed"), "{said:#?}");
    desk.run("verify export").fails(1, &["export is no report of punctual"]);
}
