//! A comparison as a page: how much is in time on either side, what turned, and why.

use maud::{Markup, html};

use super::super::comparison::Comparison;
use super::listing::{Listing, points};
use super::{Page, Section, chart, definitions, file};
use crate::compare::{Cause, METRICS, Sides};
use crate::language::{Language, filled};
use crate::table::{Table, Values};

/// Changes that are shown.
const CHANGES: usize = 300;
/// Rows of a table of totals, up to three per customer.
const ROWS: usize = 3 * 150;

/// The page of a comparison.
pub(in crate::report) fn page(comparison: &Comparison<'_>) -> String {
    let language = comparison.language;
    let (words, labels) = (&language.words.comparison, &language.words.page);
    let title = comparison.of.title(language);
    let compared = Compared { comparison, language };
    let mut sections = Vec::new();
    let mut add = |id: &str, title: &str, body: Markup| {
        sections.push(Section { id: id.to_owned(), title: title.to_owned(), body })
    };
    add("overview", &words.overview, compared.overview());
    for (dimension, title) in [
        ("severity", &labels.by_severity),
        ("tier", &labels.by_tier),
        ("region", &labels.by_region),
        ("customer", &labels.by_customer),
    ] {
        add(dimension, title, compared.totals(dimension, title));
    }
    add("changes", &words.changes, compared.changes());
    add("made-of", &words.made_of, compared.made_of());
    add("causes", &words.causes, causes(language));
    add("definitions", &labels.definitions, definitions::terms(language));
    Page { language, title: &title, header: compared.header(&title), sections, footer: &words.footer }.text()
}

struct Compared<'a> {
    comparison: &'a Comparison<'a>,
    language: &'static Language,
}

impl Compared<'_> {
    fn header(&self, title: &str) -> Markup {
        let words = &self.language.words.comparison;
        let unexplained = self.comparison.tally.unexplained();
        html! {
            p class="kind" { (words.kind) }
            h1 { (title) }
            dl class="about" {
                @for (label, text) in self.comparison.of.head(self.language) { dt { (label) } dd { (text) } }
            }
            @if unexplained > 0 {
                p class="note" { (self.language.counted(unexplained as i64, &words.unexplained)) }
            }
            ul class="cards" {
                @for (metric, sides) in METRICS.into_iter().zip(self.comparison.tally.totals.all()) {
                    li class="card" { (self.card(metric, *sides)) }
                }
            }
        }
    }

    fn card(&self, metric: &str, sides: Sides) -> Markup {
        let (language, words) = (self.language, &self.language.words.page);
        let title = match metric {
            "response" => &words.card_response,
            "update" => &words.card_update,
            _ => &words.card_ticket,
        };
        let count = |number: u64| language.count(number as i64);
        let after = sides.after;
        let counts = [
            ("met", count(after.met)),
            ("measured", count(after.measured())),
            ("breached", count(after.breached)),
            ("pending", count(after.pending)),
        ];
        let counts: Vec<(&str, &str)> = counts.iter().map(|(name, count)| (*name, count.as_str())).collect();
        let before = sides.before.compliance().map(|share| {
            let values = [("share", language.percent(share)), ("measured", count(sides.before.measured()))];
            filled(&words.card_of, &values.each_ref().map(|(name, text)| (*name, text.as_str())))
        });
        html! {
            h2 { (title) }
            @match after.compliance() {
                Some(share) => { p class="big" { (language.percent(share)) } p { (filled(&words.card_counts, &counts)) } }
                None => p class="muted" { (words.nothing_measured) }
            }
            table { tbody { tr {
                th scope="row" { (language.words.comparison.before) }
                @match before {
                    Some(before) => td { (before) @if let Some(change) = sides.compliance_change() { " " (points(language, change)) } }
                    None => td class="muted" { (words.nothing_measured) }
                }
            } } }
        }
    }

    /// The chart, and how many turned in which way and why.
    fn overview(&self) -> Markup {
        let (language, words) = (self.language, &self.language.words.comparison);
        let tally = self.comparison.tally;
        let turned: Vec<(String, u64)> = tally
            .turned()
            .into_iter()
            .map(|(turned, count)| (language.value("turned", turned.name()).to_owned(), count))
            .collect();
        let causes: Vec<(String, u64)> = tally
            .causes()
            .into_iter()
            .map(|(causes, count)| (language.causes(&causes.to_string()), count))
            .collect();
        html! {
            (chart(self.comparison.charts, super::super::charts::COMPARED))
            @if tally.changes.is_empty() { p { (words.nothing_turned) } }
            @else {
                p { (language.counted(tally.changes.len() as i64, &words.turned)) ". " a href="#changes" { (words.changes) } }
                div class="grid" { (self.counts(&words.how, &turned)) (self.counts(&words.why, &causes)) }
            }
            @if tally.other_figures > 0 {
                p class="muted" { (language.counted(tally.other_figures as i64, &words.other_figures)) "." }
            }
        }
    }

    fn counts(&self, heading: &str, counts: &[(String, u64)]) -> Markup {
        html! {
            div class="wide" tabindex="0" role="group" aria-label=(heading) {
                table class="data" {
                    thead { tr { th scope="col" { (heading) } th scope="col" class="num" { (self.language.words.comparison.number) } } }
                    tbody {
                        @for (name, count) in counts {
                            tr { th scope="row" { (name) } td class="num" { (self.language.count(*count as i64)) } }
                        }
                    }
                }
            }
        }
    }

    /// The totals of a dimension, whose values stand under its own name.
    fn totals(&self, dimension: &str, title: &str) -> Markup {
        let Some(table) = self.comparison.table("totals") else { return html! {} };
        let columns = [
            dimension,
            "metric",
            "before_compliance",
            "after_compliance",
            "compliance_change",
            "before_measured",
            "after_measured",
            "before_breached",
            "after_breached",
            "before_pending",
            "after_pending",
        ];
        let table = of_dimension(table, dimension);
        let anchor = format!("totals-{dimension}");
        Listing { most: ROWS, named: Some((&anchor, title)), ..Listing::all(self.language, &table, &columns) }
            .markup()
    }

    fn changes(&self) -> Markup {
        let columns = [
            "ticket_id",
            "customer",
            "severity",
            "metric",
            "started_at",
            "before_elapsed_h",
            "after_elapsed_h",
            "before_target_h",
            "after_target_h",
            "before_outcome",
            "after_outcome",
            "turned",
            "cause",
        ];
        let words = &self.language.words.comparison;
        html! {
            p { (words.changes_about) }
            @if let Some(table) = self.comparison.table("changes") {
                (Listing { most: CHANGES, named: Some(("changes", &words.changes)), ..Listing::all(self.language, table, &columns) }.markup())
            }
        }
    }

    fn made_of(&self) -> Markup {
        let (language, words) = (self.language, &self.language.words.comparison);
        let differences = self.comparison.differences;
        let cell = |text: &Option<String>| match text {
            Some(text) => html! { bdi { (text) } },
            None => html! { span class="muted" { "–" } },
        };
        html! {
            @if differences.is_empty() { p { (words.nothing_differs) } }
            @else {
                p {
                    (words.made_of_about) " "
                    @if self.comparison.table("differences").is_some() { (file("tables/differences.csv")) }
                }
                div class="wide" tabindex="0" role="group" aria-label=(words.made_of) {
                    table class="data" {
                        thead { tr {
                            th scope="col" { (words.what) }
                            th scope="col" { (words.name) }
                            th scope="col" { (words.difference) }
                            th scope="col" { (words.before) }
                            th scope="col" { (words.after) }
                        } }
                        tbody {
                            @for difference in differences {
                                tr {
                                    th scope="row" { (language.value("what_differs", difference.what)) }
                                    td { bdi { (difference.name) } }
                                    td { (language.value("difference_kind", difference.kind())) }
                                    @for side in &difference.in_short() { td { (cell(side)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The rows of a dimension, its values in a column of its name.
fn of_dimension(table: &Table, dimension: &str) -> Table {
    let rows: Vec<usize> =
        (0..table.rows()).filter(|row| table.text("dimension", *row) == Some(dimension)).collect();
    let columns = table.columns.iter().filter(|column| column.name != "dimension").map(|column| {
        let mut column = column.clone();
        if column.name == "value" {
            column.name = dimension.to_owned();
        }
        column.values = chosen(&column.values, &rows);
        column
    });
    Table { columns: columns.collect(), ..table.clone() }
}

fn chosen(values: &Values, rows: &[usize]) -> Values {
    fn of<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
        rows.iter().map(|row| values.get(*row).cloned().flatten()).collect()
    }
    match values {
        Values::Text(values) => Values::Text(rows.iter().map(|row| values.get(*row)).collect()),
        Values::Int(values) => Values::Int(of(values, rows)),
        Values::Float(values) => Values::Float(of(values, rows)),
        Values::Bool(values) => Values::Bool(of(values, rows)),
        Values::Instant(values) => Values::Instant(of(values, rows)),
        Values::Local(values) => Values::Local(of(values, rows)),
    }
}

/// What each cause means.
fn causes(language: &'static Language) -> Markup {
    let words = &language.words.comparison;
    let meaning = |cause: Cause| match cause {
        Cause::New => &words.cause_new,
        Cause::LateData => &words.cause_late_data,
        Cause::CustomerData => &words.cause_customer_data,
        Cause::Profile => &words.cause_profile,
        Cause::Policy => &words.cause_policy,
        Cause::Target => &words.cause_target,
        Cause::Hours => &words.cause_hours,
        Cause::Waiting => &words.cause_waiting,
        Cause::Comparison => &words.cause_comparison,
        Cause::Period => &words.cause_period,
        Cause::TzDatabase => &words.cause_tz_database,
        Cause::Version => &words.cause_version,
        Cause::Unexplained => &words.cause_unexplained,
    };
    html! {
        p { (words.causes_about) }
        dl class="terms grid" {
            @for cause in Cause::ALL {
                div { dt { strong { (language.value("cause", cause.name())) } } dd { (meaning(cause)) } }
            }
        }
    }
}
