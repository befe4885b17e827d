//! Tickets that are explained, as one page.

use maud::{Markup, html};

use super::{Page, Section};
use crate::language::{Language, filled};
use crate::measure::{Explained, Explanation, Outcome};
use crate::report::explanation::{Told, moment, rules, what};

/// The page of some explanations.
pub(in crate::report) fn page(language: &'static Language, explanations: &[Explanation]) -> String {
    let words = &language.words.explain;
    let of = |explanation: &Explanation, pattern: &str| {
        filled(pattern, &[("ticket", &explanation.subject.ticket_id)])
    };
    let title = match explanations {
        [only] => of(only, &words.title),
        several => language.counted(several.len() as i64, &words.title_of_several),
    };
    let section = |(number, explanation): (usize, &Explanation)| Section {
        id: format!("ticket-{number}"),
        title: of(explanation, &words.ticket),
        body: ticket(language, explanation),
    };
    let header = html! { p class="kind" { (words.kind) } h1 { (title) } };
    let sections = (1..).zip(explanations).map(section).collect();
    Page { language, title: &title, header, sections, footer: &words.footer }.text()
}

fn ticket(language: &'static Language, explanation: &Explanation) -> Markup {
    let (words, timeline) = (&language.words.explain, &language.words.timeline);
    let subject = &explanation.subject;
    let severity = explanation.life.severity_first.number().to_string();
    let about = [&subject.customer, &subject.tier, &subject.region, &explanation.zone];
    let as_of = filled(
        &language.words.head.as_of_instant,
        &[("instant", &language.date_time_exact(explanation.cut.micros()))],
    );
    html! {
        p class="lead" {
            @for text in about { bdi { (text) } " · " }
            (filled(&words.submitted, &[("severity", &severity)]))
        }
        @for rule in rules(language, explanation) { p class="muted small" { (rule) } }
        p class="muted small" {
            (language.words.head.as_of) " " (moment(language, explanation.local_cut)) " (" (as_of) ")"
        }
        @if !explanation.updates_known { p class="note" { (words.no_updates) } }
        h3 { (timeline.happened) }
        table class="days" {
            thead { tr { th scope="col" { (explanation.zone) } th scope="col" { "UTC" } th scope="col" { (timeline.happened) } } }
            tbody {
                @for event in &explanation.timeline {
                    tr {
                        td { (moment(language, event.local)) }
                        td { (language.date_time_exact(event.at.micros())) }
                        td { (what(language, event)) }
                    }
                }
            }
        }
        @for explained in &explanation.measurements { (measurement(language, explanation, explained)) }
    }
}

/// A measurement: what came of it, its days, its target.
pub(super) fn measurement(
    language: &'static Language,
    explanation: &Explanation,
    explained: &Explained,
) -> Markup {
    let words = &language.words.explain;
    let told = Told::new(language, explanation, explained);
    let measured = &explained.measurement;
    let severity = filled(&words.severity, &[("severity", &measured.severity.number().to_string())]);
    let outcome = language.value("outcome", measured.outcome.name());
    html! {
        h3 { (told.name()) " · " (severity) " · "
            span class=[(measured.outcome == Outcome::Breached).then_some("outcome-bad")] { (outcome) } }
        p { (told.verdict()) }
        @if !explained.spans.is_empty() { (days(language, &told, explained)) }
        p class="muted small" { (told.target()) }
        p class="muted small" {
            (filled(&words.adds_up, &[("elapsed", &language.exact_time(measured.elapsed))]))
        }
    }
}

/// The days of a measurement: when service was given, what of it counted, and how that adds up.
fn days(language: &'static Language, told: &Told<'_>, explained: &Explained) -> Markup {
    let (words, timeline) = (&language.words.explain, &language.words.timeline);
    html! {
        div class="wide" tabindex="0" role="group" aria-label=(timeline.counted) {
            table class="days" {
                thead { tr {
                    th scope="col" { (timeline.date) }
                    th scope="col" { (words.window) }
                    th scope="col" { (timeline.hours) }
                    th scope="col" class="num" { (timeline.that_day) }
                    th scope="col" class="num" { (timeline.total) }
                } }
                tbody {
                    @for group in explained.day_groups() {
                        @let windows = told.windows(&group);
                        tr class=[group.reached.then_some("reached")] {
                            td { (told.dates(&group)) }
                            td { @if windows.is_empty() { (words.closed) } @else { (windows.join(", ")) } }
                            td { (told.counted(&group).join(", ")) }
                            td class="num" {
                                @if group.counted > 0 { (language.exact_time(group.counted)) } @else { "–" }
                            }
                            td class="num" { (language.exact_time(group.total)) }
                        }
                    }
                }
            }
        }
    }
}
