//! What each word and figure means, in prose.

use maud::{Markup, html};

use super::super::head;
use crate::language::{Language, filled};
use crate::policy::{Metric, Policy, Severity};

/// The terms, for readers who ask what exactly was counted.
pub(super) fn terms(language: &'static Language) -> Markup {
    let terms = language.words.workbook.terms();
    html! { dl class="terms grid" { @for of in terms { div { dt { strong { (of.term) } } dd { (of.definition) } } } } }
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
