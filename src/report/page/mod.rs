//! Pages that people open: the monthly report and a customer's review, each one HTML file.
//!
//! A page holds its style, its script and its pictures, asks for nothing from anywhere (its
//! content policy forbids it), and reads the same without the script. All text goes through
//! [`maud`], which escapes it; nothing here writes HTML by hand but the charts, which escape
//! their own.

mod cards;
mod comparison;
mod definitions;
mod explanation;
mod listing;
mod monthly;
mod quality;
mod review;
mod rows;
mod timeline;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::charts::{Chart, dark_css};
use crate::language::Language;

pub(super) use comparison::page as comparison;
pub(super) use explanation::page as explanations;
pub(super) use monthly::page as monthly;
pub(super) use review::page as review;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A section of a page, by which the list of contents leads to it.
struct Section {
    /// Its anchor.
    id: String,
    /// Its heading.
    title: String,
    body: Markup,
}

/// A whole page around its header and sections.
struct Page<'a> {
    language: &'static Language,
    title: &'a str,
    header: Markup,
    sections: Vec<Section>,
    /// The last line.
    footer: &'a str,
}

impl Page<'_> {
    fn text(self) -> String {
        let words = &self.language.words.page;
        // The one script that may run is this page's own.
        let own = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'; base-uri 'none'; form-action 'none'"
        );
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    meta name="generator" content=(concat!("punctual ", env!("CARGO_PKG_VERSION")));
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(dark_style())) }
                }
                body data-sort=(words.script_sort) data-filter=(words.script_filter) data-all=(words.script_all)
                    data-shown=(words.script_shown) {
                    a class="skip" href="#main" { (words.skip) }
                    header { (self.header) }
                    nav class="contents" aria-label=(words.contents) {
                        ul { @for section in &self.sections { li { a href={ "#" (section.id) } { (section.title) } } } }
                    }
                    main id="main" {
                        @for section in &self.sections {
                            section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                                h2 id={ (section.id) "-title" } { (section.title) }
                                (section.body)
                            }
                        }
                    }
                    footer { p { (self.footer) } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string()
    }
}

/// The charts' colours on a dark page.
fn dark_style() -> String {
    format!("@media screen and (prefers-color-scheme: dark) {{\n{}}}\n", dark_css())
}

/// A chart as it stands on a page; nothing where it was not drawn.
fn chart(charts: &[Chart], name: &str) -> Markup {
    let found = charts.iter().find(|chart| chart.name == name);
    html! {
        @if let Some(chart) = found {
            // Where the picture is wider than the screen it scrolls, by keyboard too.
            figure class="chart scroll" tabindex="0" role="group" aria-label=(chart.title) { (PreEscaped(&chart.svg)) }
        }
    }
}

/// A link to a file of the folder that the page stands in.
fn file(path: &str) -> Markup {
    html! { a href=(path) { (path) } }
}
