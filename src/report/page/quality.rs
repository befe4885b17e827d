//! What the figures rest on: the rows of each file, why some were rejected, and what was odd.

use maud::{Markup, html};

use super::file;
use crate::ingest::Ledger;
use crate::language::{Language, filled};

/// One line for the head of the page.
pub(super) fn line(ledger: &Ledger, language: &'static Language) -> Markup {
    let words = &language.words.page;
    let warnings: u64 = ledger.warnings().values().sum();
    let counted = |number: u64, noun| language.counted(number as i64, noun);
    html! {
        (counted(ledger.read(), &words.rows_read)) ", "
        (counted(ledger.rejected(), &words.rows_rejected)) ", "
        (counted(warnings, &words.warnings)) " · " a href="#quality" { (words.quality_more) }
    }
}

/// The account of every file.
pub(super) fn section(ledger: &Ledger, language: &'static Language) -> Markup {
    let words = &language.words.page;
    let number = |number: u64| language.count(number as i64);
    let total = |of: &dyn Fn(&crate::ingest::InputLedger) -> u64| number(ledger.inputs.iter().map(of).sum());
    html! {
        p { (words.quality_about) " " (file("rejects.csv")) }
        div class="wide" tabindex="0" role="group" aria-label=(words.quality) {
            table class="data" {
                thead { tr {
                    th scope="col" { (words.quality_file) }
                    th scope="col" { (words.quality_table) }
                    th scope="col" class="num" { (words.quality_read) }
                    th scope="col" class="num" { (words.quality_accepted) }
                    th scope="col" class="num" { (words.quality_rejected) }
                    th scope="col" { (words.quality_reasons) }
                    th scope="col" { (words.quality_warnings) }
                } }
                tbody {
                    @for input in &ledger.inputs {
                        tr {
                            th scope="row" { bdi { (input.file_name()) } }
                            td { (language.value("table", input.table.name())) }
                            td class="num" { (number(input.read)) }
                            td class="num" { (number(input.accepted())) }
                            td class="num" { (number(input.rejected_rows())) }
                            td { (named(language, "reason", input.rejected.iter().map(|(reason, rows)| (reason.name(), *rows)))) }
                            td { (named(language, "warning", input.warnings.iter().map(|(kind, times)| (kind.name(), *times)))) }
                        }
                    }
                    tr {
                        th scope="row" { (words.quality_all) }
                        td {}
                        td class="num" { (total(&|input| input.read)) }
                        td class="num" { (total(&|input| input.accepted())) }
                        td class="num" { (total(&|input| input.rejected_rows())) }
                        td {}
                        td {}
                    }
                }
            }
        }
    }
}

/// Reasons or warnings with how often each came.
fn named<'a>(
    language: &'static Language,
    column: &str,
    counts: impl Iterator<Item = (&'a str, u64)>,
) -> Markup {
    let counts: Vec<_> = counts.collect();
    html! {
        @for (place, (name, times)) in counts.iter().enumerate() {
            @if place > 0 { br; }
            (filled(&language.words.page.quality_count, &[("what", language.value(column, name)), ("n", &language.count(*times as i64))]))
        }
    }
}
