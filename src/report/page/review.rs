//! A customer's review as a page: what an account manager presents, and may hand over.
//!
//! It is made of the customer's own facts; of others it knows aggregates alone, and only those
//! behind which enough of them stand.

use maud::{Markup, html};

use super::super::publish::WriteError;
use super::super::review::{Aggregate, LEAST_OTHERS};
use super::super::{Contents, Review, head};
use super::cards::Cards;
use super::listing::{Listing, compliance};
use super::monthly::{breaches, policy_changes, rows_section};
use super::{Page, Section, chart, definitions};
use crate::language::{Language, filled};
use crate::policy::Policy;
use crate::table::Table;

/// Breaches that are shown with their timelines.
const BREACHES: usize = 250;

/// The tier that comes with benefits of its own.
const AUGMENTED: &str = "augmented";

/// The page of a customer's review.
///
/// # Errors
/// [`WriteError`] where a ticket cannot be explained as it was measured.
pub(in crate::report) fn page(contents: &Contents<'_>, review: &Review<'_>) -> Result<String, WriteError> {
    let language = contents.language;
    let words = &language.words.review;
    let period = head::period(&contents.facts.period, language);
    let title = filled(&words.title, &[("customer", review.customer), ("period", &period)]);
    let page = ReviewPage { contents, review, language };
    let mut sections = Vec::new();
    let mut add = |id: &str, title: &str, body: Markup| {
        sections.push(Section { id: id.to_owned(), title: title.to_owned(), body })
    };
    add(
        "severity",
        &words.kept,
        html! {
            (chart(contents.charts, "compliance_by_severity"))
            @if let Some(table) = page.table("by_severity") { (compliance(language, table, &["severity"], usize::MAX)) }
        },
    );
    add(
        "trend",
        &words.trend,
        html! {
            (chart(contents.charts, "monthly_trend"))
            @if let Some(table) = page.table("by_month") {
            details { summary { (language.words.page.all_months) } (compliance(language, table, &["month"], usize::MAX)) }
        }
        },
    );
    add(
        "speed",
        &words.speed,
        html! {
            @for sentence in page.speed() { p { (sentence) } }
            (chart(contents.charts, "elapsed_hours"))
        },
    );
    add(
        "breaches",
        &words.wrong,
        html! {
            @if page.rows("breaches") == 0 { p { (words.nothing_wrong) } } @else { (breaches(contents, BREACHES)?) }
        },
    );
    add(
        "pending",
        &words.open,
        html! {
            @if page.rows("pending") == 0 { p { (words.nothing_open) } }
            @else if let Some(table) = page.table("pending") {
                (Listing::all(language, table, &["ticket_id", "severity", "metric", "due_local", "timezone", "elapsed_h", "target_h", "remaining_h"]).markup())
            }
        },
    );
    if let Some(changes) = policy_changes(contents, usize::MAX) {
        add("policy-changes", &language.words.page.policy_changes, changes);
    }
    add("others", &words.others, page.others());
    add("agreement", &words.agreement, page.agreement());
    if review.tiers.iter().any(|tier| tier == AUGMENTED) {
        add(
            "benefits",
            &words.benefits,
            html! {
                p { (words.benefits_about) }
                ul { @for benefit in [&words.benefit_queue, &words.benefit_manager, &words.benefit_reviews, &words.benefit_beta, &words.benefit_maintenance, &words.benefit_rates] { li { (benefit) } } }
            },
        );
    }
    add("rows", &language.words.page.rows, rows_section(language));
    add(
        "definitions",
        &language.words.page.definitions,
        html! { (definitions::terms(language)) (definitions::example(contents)?) },
    );
    Ok(Page { language, title: &title, header: page.header(), sections, footer: &language.words.page.footer }
        .text())
}

struct ReviewPage<'a> {
    contents: &'a Contents<'a>,
    review: &'a Review<'a>,
    language: &'static Language,
}

impl<'a> ReviewPage<'a> {
    fn table(&self, name: &str) -> Option<&'a Table> {
        Table::named(self.contents.tables, name)
    }

    fn rows(&self, name: &str) -> usize {
        self.table(name).map_or(0, Table::rows)
    }

    fn header(&self) -> Markup {
        let (language, contents, review) = (self.language, self.contents, self.review);
        let words = &language.words.review;
        let tiers: Vec<_> = review.tiers.iter().map(|tier| language.value("tier", tier)).collect();
        let about = [
            (language.column_label("tier"), tiers.join(", ")),
            (language.column_label("region"), review.regions.join(", ")),
            (language.column_label("timezone"), review.zones.join(", ")),
            (language.column_label("account_manager"), review.managers.join(", ")),
        ];
        html! {
            p class="kind" { (words.kind) }
            h1 { bdi { (review.customer) } }
            p class="lead" { (head::period(&contents.facts.period, language)) }
            dl class="about" {
                @for (label, text) in about.iter().filter(|(_, text)| !text.is_empty()) { dt { (label) } dd { bdi { (text) } } }
                @for (label, text) in head::lines(contents.facts, &contents.about.policies, language) { dt { (label) } dd { (text) } }
            }
            @if !contents.facts.updates_known { p class="note" { (language.words.page.no_updates_note) } }
            @if let Some(cards) = Cards::of(contents) { (cards.markup()) }
            @for sentence in self.in_short() { p { (sentence) } }
        }
    }

    /// The period in a few sentences.
    fn in_short(&self) -> Vec<String> {
        let language = self.language;
        let words = &language.words.review;
        let Some(overall) = self.table("overall") else { return Vec::new() };
        let figure = |metric: &str, column: &str| {
            let row = overall.find("metric", metric);
            row.and_then(|row| overall.int(column, row)).unwrap_or(0)
        };
        let tickets = figure("ticket", "measured") + figure("ticket", "pending");
        let counted = |number, noun| language.counted(number, noun);
        let mut sentences = vec![filled(
            &words.volume,
            &[
                ("tickets", &counted(tickets, &words.tickets)),
                ("responses", &counted(figure("response", "measured"), &words.responses)),
                ("updates", &counted(figure("update", "measured"), &words.updates)),
            ],
        )];
        let breached = figure("response", "breached") + figure("update", "breached");
        let open = figure("response", "pending") + figure("update", "pending");
        sentences.push(filled(
            &words.late,
            &[("breaches", &counted(breached, &words.breaches)), ("open", &counted(open, &words.clocks))],
        ));
        sentences
    }

    /// How fast first responses were, a sentence per severity.
    fn speed(&self) -> Vec<String> {
        let language = self.language;
        let words = &language.words.review;
        let Some(table) = self.table("by_severity") else { return Vec::new() };
        let sentence = |row: usize| {
            let hours = |column: &str| Some(language.hours_minutes_of(table.float(column, row)?));
            Some(filled(
                &words.speed_of,
                &[
                    ("severity", &table.int("severity", row)?.to_string()),
                    ("half", &hours("p50_h")?),
                    ("most", &hours("p90_h")?),
                    ("longest", &hours("max_h")?),
                    ("responses", &language.counted(table.int("measured", row)?, &words.responses)),
                ],
            ))
        };
        let responses = (0..table.rows()).filter(|row| table.text("metric", *row) == Some("response"));
        let sentences: Vec<_> = responses.filter_map(sentence).collect();
        if sentences.is_empty() { vec![language.words.page.nothing_measured.clone()] } else { sentences }
    }

    /// The customer beside the aggregates of its tier and region.
    fn others(&self) -> Markup {
        let language = self.language;
        let words = &language.words.review;
        let of = |metric: &str, column: &str| {
            let overall = self.table("overall")?;
            let row = overall.find("metric", metric)?;
            overall.float(column, row)
        };
        let shown = |aggregate: &Aggregate| match aggregate.figures {
            Some((share, median)) => html! {
                td class="num" { span class="share" style=(format!("--v:{:.1}%", share * 100.0)) { (language.percent(share)) } }
                td class="num" { (median.map_or_else(|| "–".to_owned(), |hours| language.hours_minutes_of(hours))) }
                td { (language.counted(aggregate.others, &words.customers)) }
            },
            None => {
                html! { td class="num muted" { "–" } td class="num muted" { "–" } td class="muted" { (filled(&words.too_few, &[("least", &language.count(LEAST_OTHERS))])) } }
            }
        };
        html! {
            p { (filled(&words.others_about, &[("least", &language.count(LEAST_OTHERS))])) }
            div class="wide" tabindex="0" role="group" aria-label=(words.others) {
                table class="data" {
                    thead { tr {
                        th scope="col" { (language.column_label("metric")) }
                        th scope="col" { (words.beside) }
                        th scope="col" class="num" { (language.column_label("compliance")) }
                        th scope="col" class="num" { (words.median) }
                        th scope="col" { (words.behind) }
                    } }
                    tbody {
                        @for metric in ["response", "update", "ticket"] {
                            tr class="first" {
                                th scope="row" { (language.value("metric", metric)) }
                                td { strong { bdi { (self.review.customer) } } }
                                @match of(metric, "compliance") {
                                    Some(share) => td class="num" { span class="share" style=(format!("--v:{:.1}%", share * 100.0)) { (language.percent(share)) } },
                                    None => td class="num muted" { "–" },
                                }
                                td class="num" { (of(metric, "p50_h").map_or_else(|| "–".to_owned(), |hours| language.hours_minutes_of(hours))) }
                                td {}
                            }
                            @for aggregate in self.review.aggregates.iter().filter(|aggregate| aggregate.metric == metric) {
                                tr {
                                    th scope="row" class="muted" { (language.value("metric", metric)) }
                                    td {
                                        @let name = if aggregate.kind == "tier" { language.value("tier", &aggregate.name) } else { &aggregate.name };
                                        (language.column_label(aggregate.kind)) " " bdi { (name) }
                                    }
                                    (shown(aggregate))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The calendar that holds for the customer: that of its own row, else the policy's.
    fn calendar(&self, policy: &'a Policy, who: (&str, &str, &str)) -> &'a str {
        let records = &self.contents.facts.records;
        let own = records.calendars.values().next().map(|row| row.calendar.as_str());
        own.unwrap_or_else(|| policy.calendar_name(who.0, who.2))
    }

    /// The targets and hours that hold for the customer.
    fn agreement(&self) -> Markup {
        let (language, review) = (self.language, self.review);
        let first = |texts: &'a [String]| texts.first().map_or("", String::as_str);
        let who = (review.customer, first(review.tiers), first(review.regions));
        html! {
            @for policy in &self.contents.about.policies {
                h3 { (filled(&language.words.definitions.agreement_of, &[("policy", &policy.id())])) }
                (definitions::agreement(language, policy, who, self.calendar(policy, who)))
            }
        }
    }
}
