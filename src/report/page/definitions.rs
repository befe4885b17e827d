//! What each word and figure means, in prose.

use maud::{Markup, html};

use super::super::publish::WriteError;
use super::super::{Contents, head};
use super::explanation;
use crate::language::{Language, filled};
use crate::policy::{Metric, Policy, Severity};

/// The terms, for readers who ask what exactly was counted.
pub(super) fn terms(language: &'static Language) -> Markup {
    let terms = language.words.workbook.terms();
    html! { dl class="terms grid" { @for of in terms { div { dt { strong { (of.term) } } dd { (of.definition) } } } } }
}

/// A ticket of the report itself, from its submission to the figures that it is counted in; nothing
/// where no first response was decided in the period.
pub(super) fn example(contents: &Contents<'_>) -> Result<Markup, WriteError> {
    let language = contents.language;
    let (facts, words) = (contents.facts, &language.words.definitions);
    let Some(place) = facts.example()? else { return Ok(html! {}) };
    let explained = facts.explain(place)?;
    let Some(response) = explained.measurements.first() else { return Ok(html! {}) };
    let measured = &response.measurement;
    let submitted = facts.local(place, measured.started);
    let about = filled(
        &words.example_about,
        &[
            ("ticket", &explained.subject.ticket_id),
            ("submitted", &crate::report::explanation::moment(language, submitted)),
            ("zone", &explained.zone),
            ("severity", &measured.severity.number().to_string()),
        ],
    );
    let month = measured.decided.map(|decided| facts.month_of(place, decided));
    let counts = filled(
        &words.example_counts,
        &[
            ("outcome", language.value("outcome", measured.outcome.name())),
            ("month", &month.map_or_else(String::new, |month| language.month(&month.to_string()))),
            ("elapsed", &language.exact_time(measured.elapsed)),
        ],
    );
    Ok(html! {
        h3 { (words.example) }
        p { (about) }
        (explanation::measurement(language, &explained, response))
        p { (counts) }
    })
}

/// The targets of a customer, tier and region under a policy, and the hours they are counted in.
pub(super) fn agreement(
    language: &'static Language,
    policy: &Policy,
    (customer, tier, region): (&str, &str, &str),
    calendar: &str,
) -> Markup {
    let words = &language.words.definitions;
    let targets = policy.targets(customer, tier, region);
    let target = |metric, severity| {
        let micros = targets.of(metric, severity);
        let hours = match micros % crate::calendar::HOUR {
            0 => language.exact_hours(micros as f64 / crate::calendar::HOUR as f64),
            _ => Policy::target_text(micros),
        };
        filled(
            if policy.comparison == crate::policy::Comparison::Strict {
                &words.less_than
            } else {
                &words.at_most
            },
            &[("hours", &hours)],
        )
    };
    let week = policy.calendar(calendar).map(|calendar| head::week(calendar, language)).unwrap_or_default();
    html! {
        div class="wide" tabindex="0" role="group" aria-label=(words.agreement) {
            table class="data" {
                thead { tr {
                    th scope="col" { (language.column_label("severity")) }
                    th scope="col" { (words.severity_means) }
                    th scope="col" { (words.first_response) }
                    th scope="col" { (words.updates_every) }
                } }
                tbody {
                    @for (severity, meaning) in Severity::all().zip([&words.severity_1, &words.severity_2, &words.severity_3, &words.severity_4]) {
                        tr {
                            th scope="row" { (severity.number()) }
                            td { (meaning) }
                            td { (target(Metric::Response, severity)) }
                            td { (target(Metric::Update, severity)) }
                        }
                    }
                }
            }
        }
        p class="muted" { (filled(&words.counted_in, &[("week", &week), ("policy", &policy.id())])) }
    }
}
