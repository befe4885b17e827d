//! A random export of 3,000 tickets over thirty zones agrees with the oracle on every measurement, under every
//! kind of agreement.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use chrono_tz::Tz;
use punctual::calendar::Instant;
use punctual::ingest::{Ingest, Inputs, NamedFiles, Profile};
use punctual::measure::{Keep, Period, Run};
use punctual::policy::{NORTHERN, Policy, PolicyBook};
use punctual::progress::Silent;
use punctual::records::Records;

use crate::desk::Desk;
use crate::figures::{Figure, Terms, assert_agree, expected, instant, of_facts, of_parquet};
use crate::oracle::{Calendar, HOUR, MINUTE, Rules, SECOND, local_reading};
use crate::random_export::{RandomExport, random_export};

const SEED: u64 = 20_241_123;
const TICKETS: usize = 3_000;

static EXPORT: LazyLock<RandomExport> = LazyLock::new(|| random_export(SEED, TICKETS));

/// A desk with the export in a folder.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.write("export/tickets.csv", EXPORT.tickets_csv());
    desk.write("export/updates.csv", EXPORT.updates_csv());
    desk.write("export/customers.csv", EXPORT.customers_csv());
    desk
}

/// The export as the library reads it: nothing of it is rejected.
static RECORDS: LazyLock<Records> = LazyLock::new(|| {
    let desk = desk();
    let profile = Profile::canonical();
    let inputs = Inputs::find(&profile, Some(&desk.path("export")), NamedFiles::default()).unwrap();
    let first_policy = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let ingested =
        Ingest { profile: &profile, first_policy, cache: None, spill: None }.read(&inputs, &Silent).unwrap();
    assert_eq!(ingested.ledger.rejects, []);
    ingested.records
});

/// The library's figures under policies, which are given as TOML.
fn measured(policies: &[&str], period: &str, as_of: Option<&str>) -> Vec<Figure> {
    let policies = policies.iter().map(|text| Policy::parse("p.toml", text, None).unwrap()).collect();
    let period = if period.is_empty() { Period::Everything } else { period.parse().unwrap() };
    let as_of = as_of.map(|text| Instant::from_micros(instant(text)).unwrap());
    let run = Run { policies: &PolicyBook::new(policies).unwrap(), period: &period, as_of, keep: Keep::Late };
    of_facts(&run.measure(RECORDS.clone()).unwrap())
}

/// `northern` with some of its words put in place of others.
fn northern_but(changes: &[(&str, &str)]) -> String {
    let change = |text: String, (from, to): &(&str, &str)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    changes.iter().fold(NORTHERN.to_owned(), change)
}

/// What the oracle expects where all tickets are judged alike.
fn expected_by(rules: Rules) -> Vec<Figure> {
    let calendar = Calendar::northern();
    let as_of = EXPORT.latest_us();
    expected(&EXPORT, |_, _| Terms { rules: rules.clone(), calendar: calendar.clone(), as_of }, |_| true)
}

#[test]
fn northern_agrees_with_the_oracle_in_the_library_and_in_the_facts_of_the_command() {
    let expected = expected_by(Rules::northern());
    assert!(expected.len() > 2 * TICKETS);
    for outcome in ["met", "breached", "pending"] {
        assert!(expected.iter().filter(|figure| figure.outcome == outcome).count() > 50, "{outcome}");
    }
    assert_agree(&measured(&[NORTHERN], "", None), &expected);
    let desk = desk();
    desk.run("report export --out northern --quiet").succeeds();
    assert_agree(&of_parquet(&desk.path("northern/facts/measurements.parquet")), &expected);
}

#[test]
fn a_clock_that_pauses_while_the_customer_is_waited_for_agrees_with_the_oracle() {
    let policy = northern_but(&[("\"runs\"", "\"pauses\"")]);
    let expected = expected_by(Rules { pauses: true, ..Rules::northern() });
    assert_agree(&measured(&[&policy], "", None), &expected);
}

#[test]
fn an_inclusive_comparison_agrees_with_the_oracle() {
    let policy = northern_but(&[("\"strict\"", "\"inclusive\"")]);
    let expected = expected_by(Rules { strict: false, ..Rules::northern() });
    assert!(expected.iter().any(|figure| figure.elapsed == figure.target && figure.outcome == "met"));
    assert_agree(&measured(&[&policy], "", None), &expected);
}

#[test]
fn an_inclusive_comparison_with_pauses_by_month_of_submission_agrees_with_the_oracle() {
    let policy = northern_but(&[
        ("\"strict\"", "\"inclusive\""),
        ("\"runs\"", "\"pauses\""),
        ("\"decided\"", "\"submitted\""),
    ]);
    let rules = Rules { strict: false, pauses: true, period_by_submitted: true, ..Rules::northern() };
    assert_agree(&measured(&[&policy], "", None), &expected_by(rules));
}

#[test]
fn an_as_of_instant_in_the_middle_agrees_with_the_oracle() {
    let policy = northern_but(&[("\"runs\"", "\"pauses\"")]);
    let rules = Rules { pauses: true, ..Rules::northern() };
    for text in ["2024-12-26T03:17:11.000001Z", "2024-12-23T15:00:00Z"] {
        let as_of = instant(text);
        let terms = |_, _| Terms { rules: rules.clone(), calendar: Calendar::northern(), as_of };
        let expected = expected(&EXPORT, terms, |_| true);
        assert!(expected.iter().filter(|figure| figure.outcome == "pending").count() > 20);
        assert_agree(&measured(&[&policy], "", Some(text)), &expected);
    }
}

/// The last instant of December 2024 on the clocks of a zone: local midnight comes within fifteen hours of UTC's.
fn end_of_december(tz: Tz) -> i64 {
    let midnight = instant("2025-01-01T00:00:00Z");
    let next_year = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let minutes = (-15 * 60..15 * 60).map(|minute| midnight + minute * MINUTE);
    minutes.into_iter().find(|at| local_reading(tz, *at).date() == next_year).unwrap() - 1
}

#[test]
fn a_period_looks_at_each_ticket_as_of_its_end_on_the_customers_clock() {
    let terms = |_, tz| Terms {
        rules: Rules::northern(),
        calendar: Calendar::northern(),
        as_of: end_of_december(tz).min(EXPORT.latest_us()),
    };
    let december = expected(&EXPORT, terms, |month| month == "2024-12");
    assert!(december.iter().filter(|figure| figure.in_period).count() > 300);
    assert_agree(&measured(&[NORTHERN], "2024-12", None), &december);
    let fourth = expected(&EXPORT, terms, |month| ["2024-10", "2024-11", "2024-12"].contains(&month));
    assert_agree(&measured(&[NORTHERN], "2024-Q4", None), &fourth);
}

#[test]
fn a_ticket_is_judged_by_the_policy_in_force_on_its_local_date_of_submission() {
    let from = NaiveDate::from_ymd_opt(2014, 7, 1).unwrap();
    let later =
        northern_but(&[("2000-01-01", "2014-07-01"), ("1 = 8", "1 = \"1h30m\""), ("3 = 20", "3 = \"45s\"")]);
    let terms = |place: usize, tz| {
        let mut rules = Rules::northern();
        if local_reading(tz, EXPORT.tickets[place].0.submitted_us).date() >= from {
            rules.response_us[0] = 90 * MINUTE;
            rules.update_us[2] = 45 * SECOND;
        }
        Terms { rules, calendar: Calendar::northern(), as_of: EXPORT.latest_us() }
    };
    assert_agree(&measured(&[&later, NORTHERN], "", None), &expected(&EXPORT, terms, |_| true));
}

/// Calendars with several windows a day, 24:00, nights across clock changes, holidays and days of their own, and
/// exceptions by tier, region and customer.
const ODD: &str = r#"
name = "odd"
effective_from = 2000-01-01
waiting_on_customer = "pauses"

[calendars.default]
monday = ["00:00-06:30", "13:15-24:00"]
tuesday = ["00:00-24:00"]
wednesday = ["08:30-12:00", "13:00-17:45"]
saturday = ["22:00-24:00"]
sunday = ["00:00-02:30"]
holidays = [2020-02-29, 2024-12-25, 2024-12-26]
[calendars.default.special_days]
2024-12-24 = ["09:00-12:00"]
2024-12-29 = ["10:00-11:00", "23:00-24:00"]

[calendars.night]
like = "default"
wednesday = []
friday = ["18:00-24:00"]
holidays = [2024-12-30]
[calendars.night.special_days]
2024-12-25 = ["00:00-24:00"]

[targets.response]
1 = "250us"
2 = 2
3 = "1h30m"
4 = 7.5
[targets.update]
1 = 4
2 = 6
3 = 9
4 = 16

[tiers.augmented.targets.response]
2 = "45m"
[tiers.augmented.targets.update]
4 = 8
[regions.LATAM]
calendar = "night"
[regions.APAC.targets.update]
4 = 3
[customers."Plain 05"]
calendar = "night"
targets.response = { 2 = 1 }
"#;

fn odd_default() -> Calendar {
    let date = |day| NaiveDate::from_ymd_opt(2024, 12, day).unwrap();
    let special = BTreeMap::from([
        (NaiveDate::from_ymd_opt(2020, 2, 29).unwrap(), vec![]),
        (date(24), vec![(540, 720)]),
        (date(25), vec![]),
        (date(26), vec![]),
        (date(29), vec![(600, 660), (1380, 1440)]),
    ]);
    let [monday, tuesday] = [vec![(0, 390), (795, 1440)], vec![(0, 1440)]];
    let [wednesday, saturday] = [vec![(510, 720), (780, 1065)], vec![(1320, 1440)]];
    Calendar { windows: [monday, tuesday, wednesday, vec![], vec![], saturday, vec![(0, 150)]], special }
}

fn odd_night() -> Calendar {
    let date = |day| NaiveDate::from_ymd_opt(2024, 12, day).unwrap();
    let mut night = odd_default();
    night.windows[2] = vec![];
    night.windows[4] = vec![(1080, 1440)];
    night.special.insert(date(30), vec![]);
    night.special.insert(date(25), vec![(0, 1440)]);
    night
}

#[test]
fn odd_calendars_and_exceptions_by_tier_region_and_customer_agree_with_the_oracle() {
    let terms = |place, _| {
        let (customer, tier, region) = EXPORT.account(place);
        let mut rules = Rules {
            response_us: [250, 2 * HOUR, 90 * MINUTE, 7 * HOUR + 30 * MINUTE],
            update_us: [4 * HOUR, 6 * HOUR, 9 * HOUR, 16 * HOUR],
            pauses: true,
            ..Rules::northern()
        };
        if tier == "augmented" {
            rules.response_us[1] = 45 * MINUTE;
            rules.update_us[3] = 8 * HOUR;
        }
        if region == "APAC" {
            rules.update_us[3] = 3 * HOUR;
        }
        if customer == "Plain 05" {
            rules.response_us[1] = HOUR;
        }
        let night = region == "LATAM" || customer == "Plain 05";
        let calendar = if night { odd_night() } else { odd_default() };
        Terms { rules, calendar, as_of: EXPORT.latest_us() }
    };
    assert!((0..TICKETS).any(|place| EXPORT.account(place).0 == "Plain 05"));
    assert_agree(&measured(&[ODD], "", None), &expected(&EXPORT, terms, |_| true));
}
