//! The first thing one sees: how much was in time, out of how many, how sure that is, and how it
//! was before.

use maud::{Markup, html};

use super::super::{Contents, head};
use super::listing::{figure, points};
use crate::language::{Language, filled};
use crate::measure::Period;
use crate::table::Table;

/// What the cards are made of.
pub(super) struct Cards<'a> {
    language: &'static Language,
    /// The table `overall`.
    overall: &'a Table,
    /// The table `period_comparison`, where there is one.
    comparison: Option<&'a Table>,
    period: &'a Period,
    /// Whether updates were measured at all.
    updates_known: bool,
}

impl<'a> Cards<'a> {
    /// The cards of a report or review; nothing where no query gave the figures.
    pub(super) fn of(contents: &Contents<'a>) -> Option<Cards<'a>> {
        let table = |name: &str| Table::named(contents.tables, name);
        Some(Cards {
            language: contents.language,
            overall: table("overall")?,
            comparison: table("period_comparison"),
            period: &contents.facts.period,
            updates_known: contents.facts.updates_known,
        })
    }

    pub(super) fn markup(&self) -> Markup {
        html! { ul class="cards" { @for metric in ["response", "update", "ticket"] { li class="card" { (self.card(metric)) } } } }
    }

    fn card(&self, metric: &str) -> Markup {
        let (language, words) = (self.language, &self.language.words.page);
        let title = match metric {
            "response" => &words.card_response,
            "update" => &words.card_update,
            _ => &words.card_ticket,
        };
        let row = self.overall.find("metric", metric);
        let share = row.and_then(|row| self.overall.float("compliance", row));
        html! {
            h2 { (title) }
            @if metric == "update" && !self.updates_known { p { (words.no_updates) } }
            @else if let Some((row, share)) = row.zip(share) {
                p class="big" { (language.percent(share)) }
                (self.gauge(row, share))
                p { (self.counts(row)) }
                @if let Some(ends) = self.interval(row) { p class="muted" { (ends) } }
                @if let Some(spread) = self.spread(row) { p class="muted" { (spread) } }
                (self.earlier(metric, share))
            } @else { p class="muted" { (words.nothing_measured) } }
        }
    }

    /// The share as a bar from nothing to all, with its interval.
    fn gauge(&self, row: usize, share: f64) -> Markup {
        let percent = |share: f64| format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
        let ends = self.overall.float("compliance_low", row).zip(self.overall.float("compliance_high", row));
        html! {
            div class="gauge" aria-hidden="true" {
                span class="part" style={ "width:" (percent(share)) } {}
                @if let Some((low, high)) = ends {
                    span class="ends" style={ "left:" (percent(low)) ";width:" (percent(high - low)) } {}
                }
            }
        }
    }

    fn counts(&self, row: usize) -> Markup {
        let words = &self.language.words.page;
        let figure = |column: &str| figure(self.language, self.overall, &[], row, column);
        // The pattern names its figures, each of which is a link: it is walked piece by piece.
        html! {
            @for piece in pieces(&words.card_counts) {
                @match piece { Piece::Text(text) => (text), Piece::Named(name) => (figure(name)) }
            }
        }
    }

    fn interval(&self, row: usize) -> Option<String> {
        let (low, high) =
            self.overall.float("compliance_low", row).zip(self.overall.float("compliance_high", row))?;
        let range = self.language.range(&self.language.percent(low), &self.language.percent(high));
        Some(filled(&self.language.words.page.card_interval, &[("range", &range)]))
    }

    fn spread(&self, row: usize) -> Option<String> {
        let hours = |column: &str| Some(self.language.hours_minutes_of(self.overall.float(column, row)?));
        Some(filled(
            &self.language.words.page.card_spread,
            &[("half", &hours("p50_h")?), ("most", &hours("p90_h")?)],
        ))
    }

    /// The same figure in the periods before.
    fn earlier(&self, metric: &str, share: f64) -> Markup {
        let language = self.language;
        let Some(table) = self.comparison else { return html! {} };
        let earlier = [("previous", self.period.before()), ("year_before", self.period.year_before())];
        let rows: Vec<(String, Option<usize>)> = earlier
            .into_iter()
            .filter_map(|(compared, period)| {
                let of = |row: &usize| {
                    table.text("compared", *row) == Some(compared)
                        && table.text("metric", *row) == Some(metric)
                };
                Some((head::period(&period?, language), (0..table.rows()).find(of)))
            })
            .collect();
        html! {
            @if !rows.is_empty() {
                table { tbody { @for (name, row) in &rows { tr { th scope="row" { (name) } (self.compared(table, *row, share)) } } } }
            }
        }
    }

    fn compared(&self, table: &Table, row: Option<usize>, share: f64) -> Markup {
        let (language, words) = (self.language, &self.language.words.page);
        let Some((row, before)) = row.and_then(|row| Some((row, table.float("compliance", row)?))) else {
            return html! { td class="muted" { (words.nothing_measured) } };
        };
        let measured = language.count(table.int("measured", row).unwrap_or_default());
        let of = filled(&words.card_of, &[("share", &language.percent(before)), ("measured", &measured)]);
        html! { td { (of) " " (points(language, share - before)) } }
    }
}

/// A piece of a pattern.
enum Piece<'a> {
    Text(&'a str),
    Named(&'a str),
}

fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (place, part) in pattern.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, text)) if place > 0 => pieces.extend([Piece::Named(name), Piece::Text(text)]),
            _ => pieces.push(Piece::Text(part)),
        }
    }
    pieces
}
