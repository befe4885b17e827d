//! The monthly report as a page: the first screen answers how much was in time, the sections
//! below why, and where.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use maud::{Markup, html};

use super::super::publish::WriteError;
use super::super::{Contents, head};
use super::cards::Cards;
use super::listing::{Listing, compliance};
use super::{Page, Section, chart, definitions, file, quality, timeline};
use crate::calendar::Instant;
use crate::language::{Language, filled};
use crate::measure::{ExplainError, Explanation, Facts, HolidaysEnd, Period};
use crate::table::Table;

/// Breaches that are shown with their timelines; of a large export that is what fits in a page
/// that mail programs take.
const BREACHES: usize = 250;
/// Rows of the other long lists.
const ROWS: usize = 150;
/// Customers that are shown, a row per metric each.
const CUSTOMERS: usize = 3 * 150;

/// The page of a monthly report.
///
/// # Errors
/// [`WriteError`] where a ticket cannot be explained as it was measured.
pub(in crate::report) fn page(contents: &Contents<'_>) -> Result<String, WriteError> {
    let language = contents.language;
    let words = &language.words.page;
    let title = filled(&words.title, &[("period", &head::period(&contents.facts.period, language))]);
    let monthly = Monthly { contents, language };
    let mut sections = Vec::new();
    let mut add = |id: &str, title: &str, body: Markup| {
        sections.push(Section { id: id.to_owned(), title: title.to_owned(), body })
    };
    add(
        "severity",
        &words.by_severity,
        monthly.by(&["by_severity"], &["severity"], &["compliance_by_severity"]),
    );
    add("trend", &words.trend, monthly.trend());
    add("tier", &words.by_tier, monthly.tiers());
    add("region", &words.by_region, monthly.regions());
    add("customers", &words.by_customer, monthly.customers());
    add(
        "breaches",
        &words.breaches,
        html! { (chart(contents.charts, "breach_starts")) (breaches(contents, BREACHES)?) },
    );
    add("near", &words.near_misses, monthly.near_misses());
    add("pending", &words.pending, pending(contents, ROWS));
    if let Some(changes) = policy_changes(contents, ROWS) {
        add("policy-changes", &words.policy_changes, changes);
    }
    for (place, table) in monthly.own().into_iter().enumerate() {
        // Anchors of the user's own tables are numbered: their names are the user's.
        let id = format!("own-{}", place + 1);
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        add(&id, language.table_title(table), Listing::all(language, table, &columns).markup());
    }
    add("rows", &words.rows, rows_section(language));
    add("quality", &words.quality, quality::section(contents.ledger, language));
    add(
        "definitions",
        &words.definitions,
        html! {
            (definitions::terms(language))
            (definitions::example(contents)?)
            @for policy in &contents.about.policies {
                h3 { (filled(&language.words.definitions.agreement_of, &[("policy", &policy.id())])) }
                (definitions::agreement(language, policy, ("", "", ""), "default"))
                @let exceptions = policy.exceptions();
                @if !exceptions.is_empty() {
                    details { summary { (language.counted(exceptions.len() as i64, &words.exceptions)) }
                        ul { @for exception in exceptions { li { bdi { (exception) } } } } }
                }
            }
        },
    );
    Ok(Page { language, title: &title, header: monthly.header(&title), sections, footer: &words.footer }
        .text())
}

struct Monthly<'a> {
    contents: &'a Contents<'a>,
    language: &'static Language,
}

impl<'a> Monthly<'a> {
    fn table(&self, name: &str) -> Option<&'a Table> {
        Table::named(self.contents.tables, name)
    }

    fn header(&self, title: &str) -> Markup {
        let (language, contents) = (self.language, self.contents);
        let words = &language.words.page;
        let facts = contents.facts;
        html! {
            p class="kind" { (words.kind) }
            h1 { (title) }
            dl class="about" {
                @for (label, text) in head::lines(facts, &contents.about.policies, language) { dt { (label) } dd { (text) } }
                dt { (words.data) } dd { (quality::line(contents.ledger, language)) }
            }
            @if !facts.updates_known { p class="note" { (words.no_updates_note) } }
            @for end in facts.holidays_end() { p class="note" { (holidays_end(&end, language)) } }
            @if let Some(cards) = Cards::of(contents) { (cards.markup()) }
            @if let Some(note) = short_history(facts, language) { p class="note" { (note) } }
        }
    }

    /// Tables of compliance with their keys, and charts.
    fn by(&self, tables: &[&str], keys: &[&str], charts: &[&str]) -> Markup {
        html! {
            @for name in charts { (chart(self.contents.charts, name)) }
            @for name in tables { @if let Some(table) = self.table(name) { (compliance(self.language, table, keys, CUSTOMERS)) } }
        }
    }

    fn trend(&self) -> Markup {
        let words = &self.language.words.page;
        html! {
            (chart(self.contents.charts, "monthly_trend"))
            details { summary { (words.all_months) } (self.by(&["by_month"], &["month"], &[])) }
            h3 { (words.waited) }
            (chart(self.contents.charts, "elapsed_hours"))
        }
    }

    fn tiers(&self) -> Markup {
        let words = &self.language.words.page;
        let advantage = self.table("tier_advantage");
        let columns = [
            "severity",
            "metric",
            "standard_measured",
            "augmented_measured",
            "standard_p50_h",
            "augmented_p50_h",
            "standard_p90_h",
            "augmented_p90_h",
            "p50_ratio",
        ];
        html! {
            (self.by(&["by_tier"], &["tier"], &[]))
            h3 { (words.tier_advantage) }
            p { (words.tier_advantage_about) }
            (chart(self.contents.charts, "tier_advantage"))
            @if let Some(table) = advantage {
                (Listing { keys: 2, filter: false, ..Listing::all(self.language, table, &columns) }.markup())
            }
            details class="print" {
                summary { (words.by_severity_tier) }
                (self.by(&["by_severity_tier"], &["severity", "tier"], &[]))
            }
        }
    }

    fn regions(&self) -> Markup {
        let words = &self.language.words.page;
        html! {
            (self.by(&["by_region"], &["region"], &["region_by_severity"]))
            details class="print" {
                summary { (words.by_region_severity) }
                (self.by(&["by_region_severity"], &["region", "severity"], &[]))
            }
        }
    }

    fn customers(&self) -> Markup {
        let words = &self.language.words.page;
        html! {
            (self.by(&["by_customer"], &["customer"], &["customers_with_most_breaches"]))
            h3 { (words.by_account_manager) }
            (self.by(&["by_account_manager"], &["account_manager"], &[]))
        }
    }

    fn near_misses(&self) -> Markup {
        let columns = of_measurements("margin_min", self.contents.facts);
        html! {
            p { (self.language.words.page.near_misses_about) }
            @if let Some(table) = self.table("near_misses") {
                (Listing { most: ROWS, ..Listing::all(self.language, table, &columns) }.markup())
            }
        }
    }

    /// The tables of the user's own queries.
    fn own(&self) -> Vec<&'a Table> {
        let own = |name: &str| self.contents.about.queries.iter().any(|(own, _)| own == name);
        self.contents.tables.iter().filter(|table| own(&table.name)).collect()
    }
}

/// The columns of a list of measurements: how they stand, and by which policy, if there are several.
fn of_measurements(standing: &'static str, facts: &Facts) -> Vec<&'static str> {
    let mut columns = vec![
        "ticket_id",
        "customer",
        "tier",
        "region",
        "severity",
        "metric",
        "due_local",
        "timezone",
        "elapsed_h",
        "target_h",
        standing,
    ];
    columns.extend(several_policies(facts).then_some("policy"));
    columns
}

/// Whether measurements may have been judged by different versions of the agreement.
fn several_policies(facts: &Facts) -> bool {
    facts.policies.len() > 1
}

/// The breaches, each of which opens into what was counted, when, and why.
pub(super) fn breaches(contents: &Contents<'_>, most: usize) -> Result<Markup, ExplainError> {
    let language = contents.language;
    let words = &language.words.page;
    let Some(table) = Table::named(contents.tables, "breaches") else {
        return Ok(html! {});
    };
    let ticket = |row: usize| table.text("ticket_id", row).and_then(|id| contents.facts.place_of(id));
    // A ticket may have several breaches, and is explained once.
    let mut explained: BTreeMap<usize, Explanation> = BTreeMap::new();
    for place in (0..table.rows().min(most)).filter_map(ticket) {
        if let Entry::Vacant(entry) = explained.entry(place) {
            entry.insert(contents.facts.explain(place)?);
        }
    }
    let more = |row: usize| {
        let sequence = table.int("sequence", row).and_then(|number| u32::try_from(number).ok());
        match ticket(row).and_then(|place| explained.get(&place)).zip(sequence) {
            Some((explanation, sequence)) => {
                timeline::markup(language, explanation, sequence, contents.review.is_some())
            }
            None => html! {},
        }
    };
    let alone = contents.review.is_some();
    let all = of_measurements("over_h", contents.facts);
    let columns: Vec<&str> = all
        .into_iter()
        .filter(|column| !alone || !matches!(*column, "customer" | "tier" | "region"))
        .collect();
    Ok(html! {
        @if table.rows() > 0 { p { (words.breaches_about) } }
        (Listing { most, more: Some(&more), ..Listing::all(language, table, &columns) }.markup())
    })
}

/// The open clocks, the soonest due first.
fn pending(contents: &Contents<'_>, most: usize) -> Markup {
    let columns = of_measurements("remaining_h", contents.facts);
    html! {
        @if let Some(table) = Table::named(contents.tables, "pending") {
            (Listing { most, ..Listing::all(contents.language, table, &columns) }.markup())
        }
    }
}

/// The tickets that saw the agreement change, where it did.
pub(super) fn policy_changes(contents: &Contents<'_>, most: usize) -> Option<Markup> {
    let table =
        Table::named(contents.tables, "policy_changes").filter(|_| several_policies(contents.facts))?;
    let alone = contents.review.is_some();
    let columns = [
        "ticket_id",
        "customer",
        "tier",
        "region",
        "submitted_at",
        "resolved_at",
        "status",
        "policy",
        "policy_last",
    ];
    let columns: Vec<&str> = columns
        .into_iter()
        .filter(|column| !alone || !matches!(*column, "customer" | "tier" | "region"))
        .collect();
    Some(html! {
        p { (contents.language.words.page.policy_changes_about) }
        (Listing { most, ..Listing::all(contents.language, table, &columns) }.markup())
    })
}

/// How to get at the rows behind any figure.
pub(super) fn rows_section(language: &'static Language) -> Markup {
    let words = &language.words.page;
    html! {
        p { (words.rows_about) " " (file("facts/measurements.parquet")) ", " (file("facts/tickets.parquet")) }
        p id="rows-of" class="muted" { (words.rows_example) }
        pre { code id="rows-sql" { "SELECT *\nFROM 'facts/measurements.parquet'\nWHERE in_period AND metric = 'response' AND outcome = 'breached'\nORDER BY ticket_id, sequence" } }
    }
}

/// A word of caution where the holidays of a calendar are known for too short a time.
fn holidays_end(end: &HolidaysEnd, language: &'static Language) -> String {
    let day = language.date_in_words(end.last);
    let values = [("calendar", end.calendar.as_str()), ("policy", &end.policy), ("day", &day)];
    filled(&language.words.page.holidays_end, &values)
}

/// A word of caution where the earlier periods lie before the first ticket of the export.
fn short_history(facts: &Facts, language: &'static Language) -> Option<String> {
    let Period::Days { first, .. } = facts.period.before()? else { return None };
    let earliest = facts.records.tickets.first_submitted()?;
    let day = chrono::DateTime::from_timestamp_micros(Instant::micros(earliest))?.date_naive();
    let text = || filled(&language.words.page.short_history, &[("day", &language.date_in_words(day))]);
    (day > first).then(text)
}
