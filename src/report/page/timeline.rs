//! Why a measurement is what it is: what happened, what was counted day by day, and by which
//! terms.

use maud::{Markup, html};

use crate::language::{Language, filled};
use crate::measure::{DayGroup, Explained, Explanation};
use crate::report::explanation::{Told, moment};

/// How many lines are shown on either side of the start, the due instant and the end.
const AROUND: usize = 3;

/// Events that are shown of one measurement.
const EVENTS: usize = 12;

/// The explanation of one measurement of a ticket, folded behind its sentence; on paper it is
/// unfolded where that is wanted.
pub(super) fn markup(
    language: &'static Language,
    explanation: &Explanation,
    sequence: u32,
    on_paper: bool,
) -> Markup {
    let explained = explanation.measurements.iter().find(|one| one.measurement.sequence == sequence);
    let Some(explained) = explained else { return html! {} };
    let view = View { language, explanation, explained, told: Told::new(language, explanation, explained) };
    html! {
        details class=(if on_paper { "breach print" } else { "breach" }) {
            summary { (view.told.sentence()) }
            div class="why" {
                div { h4 { (language.words.timeline.happened) } (view.happened()) }
                div { h4 { (language.words.timeline.counted) } (view.counted()) }
                p class="terms small" { (view.told.terms()) }
            }
        }
    }
}

struct View<'a> {
    language: &'static Language,
    explanation: &'a Explanation,
    explained: &'a Explained,
    told: Told<'a>,
}

impl View<'_> {
    /// The events from the start of the measurement to its end, and the due instant among them.
    fn happened(&self) -> Markup {
        let words = &self.language.words.timeline;
        let mut lines = self.told.happened();
        // Of many events those that began, decided and ended it stay, and the first ones.
        let mut left = EVENTS;
        let all = lines.len();
        lines.retain(|line| {
            let kept = line.is_edge || left > 0;
            left = left.saturating_sub(usize::from(!line.is_edge));
            kept
        });
        let more = all - lines.len();
        html! {
            ol {
                @for line in &lines {
                    li class=[line.is_edge.then_some("edge")] {
                        span { (moment(self.language, line.local)) } span { (line.what) }
                    }
                }
                @if more > 0 { li class="muted" { span {} span { (self.language.counted(more as i64, &words.more)) } } }
                @if self.explained.measurement.ended.is_none() { li { span {} span { (words.as_of) } } }
            }
            p class="muted small" { (filled(&words.local_to, &[("zone", &self.explanation.zone)])) }
        }
    }

    /// What counted, a line per day or run of days; of a long measurement the days around its
    /// start, its due instant and its end, and what lies between in one line.
    fn counted(&self) -> Markup {
        let words = &self.language.words.timeline;
        let groups = self.explained.day_groups();
        let near = |place: usize| {
            let around = |of: usize| place.abs_diff(of) <= AROUND;
            let reached = groups.iter().position(|group| group.reached);
            around(0) || around(groups.len() - 1) || reached.is_some_and(around)
        };
        let mut shown: Vec<&[DayGroup<'_>]> = Vec::new();
        let mut place = 0;
        while place < groups.len() {
            let hidden =
                groups[place..].iter().enumerate().take_while(|(step, _)| !near(place + step)).count();
            // One line in place of another saves nothing.
            let taken = if hidden > 1 { hidden } else { 1 };
            shown.push(&groups[place..place + taken]);
            place += taken;
        }
        html! {
            table {
                thead { tr {
                    th scope="col" { (words.date) }
                    th scope="col" { (words.hours) }
                    th scope="col" class="num" { (words.that_day) }
                    th scope="col" class="num" { (words.total) }
                } }
                tbody {
                    @for days in shown {
                        @match days {
                            [day] => (self.line(&self.told.dates(day), &self.told.counted(day).join(", "), day.counted, day)),
                            [first, .., last] => {
                                @let dates = self.told.range(first.first, last.last, days.iter().map(|day| day.days).sum());
                                (self.line(&dates, &words.between, days.iter().map(|day| day.counted).sum(), last))
                            }
                            [] => {}
                        }
                    }
                }
            }
        }
    }

    fn line(&self, dates: &str, hours: &str, counted: i64, last: &DayGroup<'_>) -> Markup {
        html! {
            tr class=[last.reached.then_some("reached")] {
                td { (dates) }
                td { (hours) }
                td class="num" { @if counted > 0 { (self.language.exact_time(counted)) } @else { "–" } }
                td class="num" { (self.language.exact_time(last.total)) }
            }
        }
    }
}
