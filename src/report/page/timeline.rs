//! Why a measurement is what it is: what happened, what was counted day by day, and by which
//! terms.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::calendar::{Instant, LocalTime};
use crate::language::{Language, filled};
use crate::measure::{CountedSpan, DayGroup, Effect, Explained, Explanation, Moment, What, Why};
use crate::policy::{CalendarSource, TargetSource};

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
    let view = View { language, explanation, explained };
    html! {
        details class=(if on_paper { "breach print" } else { "breach" }) {
            summary { (view.sentence()) }
            div class="why" {
                div { h4 { (language.words.timeline.happened) } (view.happened()) }
                div { h4 { (language.words.timeline.counted) } (view.counted()) }
                p class="terms small" { (view.terms()) }
            }
        }
    }
}

struct View<'a> {
    language: &'static Language,
    explanation: &'a Explanation,
    explained: &'a Explained,
}

impl View<'_> {
    /// What was measured, in one sentence.
    fn sentence(&self) -> String {
        let words = &self.language.words.timeline;
        let measured = &self.explained.measurement;
        let pattern = if measured.ended.is_some() { &words.summary_answered } else { &words.summary_open };
        let spans = &self.explained.spans;
        let from = spans.first().map_or_else(String::new, |span| self.moment(span.local_from));
        let to = spans.last().map_or_else(String::new, |span| self.moment(span.local_to));
        let due = self.due().map_or_else(String::new, |due| self.moment(due));
        let hours = |micros| self.language.hours_minutes(micros);
        let (elapsed, target) = (hours(measured.elapsed), hours(measured.target));
        filled(
            pattern,
            &[("from", &from), ("to", &to), ("elapsed", &elapsed), ("target", &target), ("due", &due)],
        )
    }

    /// A reading of the customer's clock, with its weekday.
    fn moment(&self, local: LocalTime) -> String {
        format!("{} {}", self.language.day(local.date()), self.language.time_of_day(local.micros()))
    }

    /// What the customer's clock showed when the target was reached.
    fn due(&self) -> Option<LocalTime> {
        let due = self.explained.measurement.due;
        let span = self.explained.spans.iter().find(|span| span.from < due && due <= span.to)?;
        Some(LocalTime::from_micros(span.local_from.micros() + due.micros() - span.from.micros()))
    }

    /// The events from the start of the measurement to its end, and the due instant among them.
    fn happened(&self) -> Markup {
        let words = &self.language.words.timeline;
        let measured = &self.explained.measurement;
        let end = measured.ended.unwrap_or(self.explanation.cut);
        let within = self
            .explanation
            .timeline
            .iter()
            .filter(|moment| measured.started <= moment.at && moment.at <= end);
        let mut lines: Vec<(Instant, LocalTime, String, bool)> = within
            .map(|moment| {
                let edge = moment.at == measured.started || measured.ended == Some(moment.at);
                (moment.at, moment.local, self.what(moment), edge)
            })
            .collect();
        if let Some((reached, due)) = self.due().map(|local| (measured.due, local)) {
            let said = filled(&words.due, &[("target", &self.language.hours_minutes(measured.target))]);
            let place = lines.partition_point(|(at, ..)| *at <= reached);
            lines.insert(place, (reached, due, said, true));
        }
        // Of many events those that began, decided and ended it stay, and the first ones.
        let mut left = EVENTS;
        let all = lines.len();
        lines.retain(|(.., edge)| {
            let kept = *edge || left > 0;
            left = left.saturating_sub(usize::from(!edge));
            kept
        });
        let more = all - lines.len();
        html! {
            ol {
                @for (_, local, what, edge) in &lines { li class=[edge.then_some("edge")] { span { (self.moment(*local)) } span { (what) } } }
                @if more > 0 { li class="muted" { span {} span { (self.language.counted(more as i64, &words.more)) } } }
                @if measured.ended.is_none() { li { span {} span { (words.as_of) } } }
            }
            p class="muted small" { (filled(&words.local_to, &[("zone", &self.explanation.zone)])) }
        }
    }

    fn what(&self, moment: &Moment) -> String {
        let words = &self.language.words.timeline;
        let what = match moment.what {
            What::Submitted { .. } => words.submitted.clone(),
            What::Severity { from, to } => filled(
                &words.severity_from_to,
                &[("from", &from.number().to_string()), ("to", &to.number().to_string())],
            ),
            What::Reopened => words.reopened.clone(),
            What::Resumed => words.resumed.clone(),
            What::Replied => words.replied.clone(),
            What::Communicated => words.communicated.clone(),
            What::Waiting => words.waiting.clone(),
            What::Resolved => words.resolved.clone(),
        };
        // That the customer wrote is worth knowing in any case.
        match moment.effect == Effect::Taken || moment.what == What::Replied {
            true => what,
            false => filled(&words.without_effect, &[("what", &what)]),
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
                            [day] => (self.line(&self.dates(day), &self.hours(day), day.counted, day)),
                            [first, .., last] => {
                                @let dates = self.range(first.first, last.last, days.iter().map(|day| day.days).sum());
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
                td class="num" { @if counted > 0 { (self.language.hours_minutes(counted)) } @else { "–" } }
                td class="num" { (self.language.hours_minutes(last.total)) }
            }
        }
    }

    fn range(&self, first: NaiveDate, last: NaiveDate, days: usize) -> String {
        let language = self.language;
        let range = language.range(&language.day(first), &language.day(last));
        format!("{range} ({})", language.counted(days as i64, &language.words.timeline.days))
    }

    fn dates(&self, day: &DayGroup<'_>) -> String {
        if day.days == 1 { self.language.day(day.first) } else { self.range(day.first, day.last, day.days) }
    }

    /// Between which readings time counted, and what else there is to say of the day.
    fn hours(&self, group: &DayGroup<'_>) -> String {
        let (language, words) = (self.language, &self.language.words.timeline);
        let time = |local: LocalTime, end: bool| match end && local.time_of_day() == 0 {
            // The end of a day is its 24:00, and not the 00:00 of the next.
            true => "24:00".to_owned(),
            false => language.time_of_day(local.micros()),
        };
        let range =
            |span: &CountedSpan| language.range(&time(span.local_from, false), &time(span.local_to, true));
        let mut said: Vec<String> = group.day.pieces().map(range).collect();
        // Of a day that counted it is worth knowing that the customer was waited for, and no more.
        let waited = group.day.spans.iter().any(|span| span.why == Why::Waiting).then_some(Why::Waiting);
        let why = group.nothing.or(waited).map(|why| match why {
            Why::Waiting => &words.why_waiting,
            Why::Holiday => &words.why_holiday,
            Why::DayOff => &words.why_day_off,
            Why::OutsideHours | Why::Counted => &words.why_closed,
        });
        said.extend(why.cloned());
        let changed = group.day.spans.windows(2).any(|pair| pair[0].local_to != pair[1].local_from);
        said.extend(changed.then(|| words.clock_change.clone()));
        let reached = self.due().filter(|_| group.reached);
        said.extend(reached.map(|local| format!("{} {}", words.reached, time(local, true))));
        said.join(", ")
    }

    /// By which agreement, calendar and target.
    fn terms(&self) -> String {
        let (explanation, words) = (self.explanation, &self.language.words.timeline);
        let measured = &self.explained.measurement;
        let calendar_from = match explanation.calendar_from {
            CalendarSource::CustomersTable => &words.from_table,
            CalendarSource::Customer => &words.from_customer,
            CalendarSource::Region => &words.from_region,
            CalendarSource::Default => &words.from_default,
        };
        let target_from = match self.explained.target_from {
            TargetSource::Policy => &words.from_policy,
            TargetSource::Tier => &words.from_tier,
            TargetSource::Region => &words.from_region,
            TargetSource::Customer => &words.from_customer,
        };
        filled(
            &words.terms,
            &[
                ("policy", &explanation.policy),
                ("calendar", &explanation.calendar),
                ("calendar_from", calendar_from),
                ("target", &self.language.hours_minutes(measured.target)),
                ("severity", &measured.severity.number().to_string()),
                ("target_from", target_from),
            ],
        )
    }
}
