//! `--pseudonyms`: no real customer, ticket or account manager in any output, and the same figures.

use crate::desk::{CUSTOMERS, Desk, TICKETS, UPDATES, files};
use crate::exports::Sheet;

const POLICY: &str = "
name = \"ours\"
effective_from = 2000-01-01
comparison = \"strict\"
waiting_on_customer = \"runs\"
period_by = \"decided\"
[calendars.default]
monday = [\"09:00-18:00\"]
tuesday = [\"09:00-18:00\"]
wednesday = [\"09:00-18:00\"]
thursday = [\"09:00-18:00\"]
friday = [\"09:00-18:00\"]
[targets.response]
1 = 8
2 = 8
3 = 12
4 = 16
[targets.update]
1 = 16
2 = 16
3 = 20
4 = 32
[customers.Borea]
targets.response = { 2 = 30 }
";

fn desk() -> Desk {
    let desk = Desk::empty();
    // A row that is rejected names a customer too.
    desk.write("export/tickets.csv", format!("{TICKETS}B-2,Borea,9,2024-05-07T13:30:00Z,,\n"));
    desk.write("export/updates.csv", UPDATES);
    desk.write(
        "export/customers.csv",
        CUSTOMERS
            .replace("timezone", "timezone,account_manager")
            .replace("Paris", "Paris,Ada Keeper")
            .replace("New_York", "New_York,Ada Keeper"),
    );
    desk.write("ours.toml", POLICY);
    desk.write("key", "an invented key of the tests\n");
    desk
}

#[test]
fn no_output_holds_a_real_name_and_the_figures_are_the_same() {
    let desk = desk();
    let plain = desk.report("export", "--policy ours.toml --max-rejects 50%");
    desk.run("report export --policy ours.toml --max-rejects 50% --pseudonyms key --out veiled").succeeds();
    let veiled = files(&desk.path("veiled"));
    for (name, bytes) in &veiled {
        let text = String::from_utf8_lossy(bytes);
        for real in ["Acme", "Borea", "A-1", "B-1", "B-2", "Ada Keeper", "tickets.csv"] {
            // Two letters and a sign may stand in compressed bytes by chance.
            let told = !(name.ends_with(".png") || name.ends_with(".xlsx") || name.ends_with(".parquet"))
                || real.len() > 3;
            assert!(!told || !text.contains(real), "{name} holds {real}");
        }
    }
    for table in ["overall", "by_severity", "by_tier", "by_region", "by_month"] {
        let file = format!("tables/{table}.csv");
        assert_eq!(plain[&file], veiled[&file], "{file}");
    }
    let customers = Sheet::read(std::str::from_utf8(&veiled["tables/by_customer.csv"]).unwrap());
    assert!(customers.column("customer").iter().all(|name| name.starts_with("C-")));
}

#[test]
fn the_same_key_gives_the_same_pseudonyms_and_another_gives_others() {
    let desk = desk();
    desk.write("other", "another invented key, as long\n");
    let customers = |key: &str, out: &str| {
        desk.run(&format!("report export --max-rejects 50% --pseudonyms {key} --out {out}")).succeeds();
        std::fs::read_to_string(desk.path(&format!("{out}/tables/by_customer.csv"))).unwrap()
    };
    assert_eq!(customers("key", "one"), customers("key", "two"));
    assert_ne!(customers("key", "one"), customers("other", "three"));
}

#[test]
fn a_review_of_a_customer_is_asked_for_by_its_real_name_and_written_by_its_pseudonym() {
    let desk = desk();
    let done =
        desk.run("review export --max-rejects 50% --customer Acme --pseudonyms key --out packs").succeeds();
    assert!(!done.stdout.contains("Acme") && done.stdout.contains("C-"), "{}", done.stdout);
    let folders = desk.names("packs");
    assert!(folders.len() == 1 && folders[0].starts_with("c-"), "{folders:?}");
    for (name, bytes) in files(&desk.path("packs")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Acme") && !text.contains("Borea"), "{name}");
    }
}

#[test]
fn a_key_that_is_none_and_queries_of_ones_own_are_wrong_usage() {
    let desk = desk();
    desk.write("short", "abc");
    desk.write("own/mine.sql", "SELECT customer FROM tickets ORDER BY customer");
    desk.run("report export --pseudonyms short").fails(2, &["short has 3 bytes", "head -c 32"]);
    desk.run("report export --pseudonyms nowhere").fails(2, &["nowhere"]);
    desk.run("report export --pseudonyms key --queries own").fails(2, &["--pseudonyms"]);
}
