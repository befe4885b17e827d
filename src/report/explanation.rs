//! An explanation in the words of a language: what pages, the terminal and files say of it alike.

mod json;

use chrono::NaiveDate;

use crate::calendar::{Instant, LocalTime};
use crate::language::{Language, filled};
use crate::measure::{
    CountedSpan, DayGroup, Effect, Explained, Explanation, Measurement, Moment, Outcome, What, Why,
};
use crate::policy::{CalendarSource, Comparison, Metric, TargetSource, Waiting};

pub use json::json;

/// A reading of a wall clock, with its weekday.
pub fn moment(language: &Language, local: LocalTime) -> String {
    format!("{} {}", language.day(local.date()), language.time_of_day(local.micros()))
}

/// What happened to a ticket, and why it changed nothing where it did not.
pub fn what(language: &Language, moment: &Moment) -> String {
    let words = &language.words.timeline;
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
    let why = match moment.effect {
        Effect::Taken => return what,
        // That the customer wrote is worth knowing in any case.
        Effect::NotWaiting if moment.what == What::Replied => return what,
        Effect::SameSeverity => &words.no_effect_same_severity,
        Effect::NotResolved => &words.no_effect_not_resolved,
        Effect::NotWaiting => &words.no_effect_not_waiting,
        Effect::WaitingAlready => &words.no_effect_waiting_already,
        Effect::WhileResolved => &words.no_effect_while_resolved,
        Effect::SameCommunication => &words.no_effect_same_communication,
        Effect::ResolvedAlready => &words.no_effect_resolved_already,
        Effect::BeforeSubmission => &words.no_effect_before_submission,
    };
    filled(&words.without_effect, &[("what", &what), ("why", why)])
}

/// The rules by which a ticket is judged: by which agreement, in which hours, and what counts.
pub fn rules(language: &Language, explanation: &Explanation) -> Vec<String> {
    let (words, head) = (&language.words.explain, &language.words.head);
    let calendar_from = calendar_source(language, explanation.calendar_from);
    let agreement = filled(
        &words.agreement,
        &[
            ("policy", &explanation.policy),
            ("calendar", &explanation.calendar),
            ("calendar_from", calendar_from),
        ],
    );
    let in_time = match explanation.comparison {
        Comparison::Strict => &head.strict,
        Comparison::Inclusive => &head.inclusive,
    };
    let waiting = match explanation.waiting {
        Waiting::Runs => &head.waiting_runs,
        Waiting::Pauses => &head.waiting_pauses,
    };
    vec![agreement, super::head::week(&explanation.hours, language), format!("{in_time} {waiting}")]
}

fn calendar_source(language: &Language, source: CalendarSource) -> &str {
    let words = &language.words.timeline;
    match source {
        CalendarSource::CustomersTable => &words.from_table,
        CalendarSource::Customer => &words.from_customer,
        CalendarSource::Region => &words.from_region,
        CalendarSource::Default => &words.from_default,
    }
}

/// A measurement of an explanation, on its way into words.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    language: &'static Language,
    explanation: &'a Explanation,
    explained: &'a Explained,
}

/// Something that happened during a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happened {
    pub(super) local: LocalTime,
    pub(super) what: String,
    /// Whether it began, decided or ended the measurement.
    pub(super) is_edge: bool,
}

impl<'a> Told<'a> {
    /// That of a measurement of an explanation, in a language.
    pub const fn new(
        language: &'static Language,
        explanation: &'a Explanation,
        explained: &'a Explained,
    ) -> Told<'a> {
        Told { language, explanation, explained }
    }

    fn measured(&self) -> &'a Measurement {
        &self.explained.measurement
    }

    /// What is measured: the first response, or which update.
    pub fn name(&self) -> String {
        let words = &self.language.words.explain;
        match self.measured().metric {
            Metric::Response => words.first_response.clone(),
            Metric::Update => filled(&words.update, &[("n", &self.measured().sequence.to_string())]),
        }
    }

    /// From when to when it was measured, and against what, in one sentence.
    pub fn sentence(&self) -> String {
        let (language, words) = (self.language, &self.language.words.timeline);
        let measured = self.measured();
        let pattern = if measured.ended.is_some() { &words.summary_answered } else { &words.summary_open };
        let spans = &self.explained.spans;
        let at = |local: Option<LocalTime>| local.map_or_else(String::new, |at| moment(language, at));
        let from = at(spans.first().map(|span| span.local_from));
        let to = at(spans.last().map(|span| span.local_to));
        let due = at(Some(self.due().unwrap_or(self.explained.local_due)));
        let (elapsed, target) = (language.exact_time(measured.elapsed), language.exact_time(measured.target));
        filled(
            pattern,
            &[("from", &from), ("to", &to), ("elapsed", &elapsed), ("target", &target), ("due", &due)],
        )
    }

    /// What came of it, in one sentence that a customer understands.
    pub fn verdict(&self) -> String {
        let (language, words) = (self.language, &self.language.words.explain);
        let measured = self.measured();
        let is_response = measured.metric == Metric::Response;
        let exactly = measured.elapsed == measured.target;
        let pattern = match (measured.outcome, measured.ended) {
            (Outcome::Met, _) if measured.elapsed == 0 => &words.at_once,
            (Outcome::Met, _) => &words.met,
            (Outcome::Breached, Some(_)) if exactly => &words.exactly,
            (Outcome::Breached, Some(_)) => &words.late,
            (Outcome::Breached, None) if is_response => &words.response_missing,
            (Outcome::Breached, None) => &words.update_missing,
            (Outcome::Pending, _) if is_response => &words.response_pending,
            (Outcome::Pending, _) => &words.update_pending,
        };
        let what = match (self.is_resolution(), is_response) {
            (true, _) => &words.answer_resolution,
            (false, true) => &words.answer_first,
            (false, false) => &words.answer_next,
        };
        let promised = match self.explanation.comparison {
            Comparison::Strict => &language.words.definitions.less_than,
            Comparison::Inclusive => &language.words.definitions.at_most,
        };
        let promised = filled(promised, &[("hours", &language.exact_time(measured.target))]);
        let apart = (measured.elapsed - measured.target).abs();
        let due = moment(language, self.due().unwrap_or(self.explained.local_due));
        filled(
            pattern,
            &[
                ("what", what),
                ("elapsed", &language.exact_time(measured.elapsed)),
                ("promised", &promised),
                ("apart", &language.exact_time(apart)),
                ("due", &due),
            ],
        )
    }

    /// Whether it ended with the resolution alone, without a message.
    fn is_resolution(&self) -> bool {
        let taken =
            |moment: &&Moment| Some(moment.at) == self.measured().ended && moment.effect == Effect::Taken;
        let mut ends = self.explanation.timeline.iter().filter(taken);
        !ends.clone().any(|moment| moment.what == What::Communicated)
            && ends.any(|moment| moment.what == What::Resolved)
    }

    /// What the customer's clock showed when the target was reached, as its day shows it; `None`
    /// where the measurement ended before.
    fn due(&self) -> Option<LocalTime> {
        let due = self.measured().due;
        let span = self.explained.spans.iter().find(|span| span.from < due && due <= span.to)?;
        Some(LocalTime::from_micros(span.local_from.micros() + due.micros() - span.from.micros()))
    }

    /// When it is due, on the customer's clock and in UTC, by which target and where that is set.
    pub fn target(&self) -> String {
        let words = &self.language.words.explain;
        let measured = self.measured();
        filled(
            &words.target,
            &[
                ("target", &self.language.exact_time(measured.target)),
                ("severity", &measured.severity.number().to_string()),
                ("target_from", self.target_source()),
                ("due", &moment(self.language, self.due().unwrap_or(self.explained.local_due))),
                ("due_utc", &self.language.date_time_exact(measured.due.micros())),
            ],
        )
    }

    /// The events from the start of the measurement to its end, and the due instant among them.
    pub(super) fn happened(&self) -> Vec<Happened> {
        let words = &self.language.words.timeline;
        let measured = self.measured();
        let end = measured.ended.unwrap_or(self.explanation.cut);
        let within = self
            .explanation
            .timeline
            .iter()
            .filter(|moment| measured.started <= moment.at && moment.at <= end);
        let mut lines: Vec<(Instant, Happened)> = within
            .map(|moment| {
                let is_edge = moment.at == measured.started || measured.ended == Some(moment.at);
                let what = what(self.language, moment);
                (moment.at, Happened { local: moment.local, what, is_edge })
            })
            .collect();
        if let Some(local) = self.due() {
            let what = filled(&words.due, &[("target", &self.language.exact_time(measured.target))]);
            let place = lines.partition_point(|(at, _)| *at <= measured.due);
            lines.insert(place, (measured.due, Happened { local, what, is_edge: true }));
        }
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// From one date to another, and how many days that are.
    pub(super) fn range(&self, first: NaiveDate, last: NaiveDate, days: usize) -> String {
        let language = self.language;
        let range = language.range(&language.day(first), &language.day(last));
        format!("{range} ({})", language.counted(days as i64, &language.words.timeline.days))
    }

    /// The date of a day, or from which date to which where several days are alike.
    pub(super) fn dates(&self, group: &DayGroup<'_>) -> String {
        match group.days {
            1 => self.language.day(group.first),
            days => self.range(group.first, group.last, days),
        }
    }

    /// The hours of service of a day, or of days alike; none where they are closed.
    pub fn windows(&self, group: &DayGroup<'_>) -> Vec<String> {
        let windows = self.explanation.hours.windows_on(group.first).iter();
        windows
            .map(|window| {
                let ends = [window.open().to_string(), window.close().to_string()];
                self.language.range(&ends[0], &ends[1])
            })
            .collect()
    }

    /// Between which readings of the clock time counted on a day, or on each of days alike, and
    /// what else there is to say of it: why nothing did, waits, changes of the clock, the target.
    pub fn counted(&self, group: &DayGroup<'_>) -> Vec<String> {
        let (language, words) = (self.language, &self.language.words.timeline);
        let range = |span: &CountedSpan| {
            language.range(&self.time(span.local_from, false), &self.time(span.local_to, true))
        };
        let mut said: Vec<String> = group.day.pieces().map(range).collect();
        let waits = || group.day.spans.iter().filter(|span| span.why == Why::Waiting).map(range);
        match group.nothing {
            Some(Why::Holiday) => said.push(self.holiday(group)),
            Some(Why::DayOff) => said.push(words.why_day_off.clone()),
            Some(Why::OutsideHours | Why::Counted) => said.push(words.why_closed.clone()),
            Some(Why::Waiting) | None => {
                let waited = |wait: String| filled(&words.waited, &[("wait", &wait)]);
                said.extend(waits().map(waited));
            }
        }
        let clock_change = group.day.clock_change;
        if clock_change != 0 {
            let pattern = if clock_change > 0 { &words.clock_forward } else { &words.clock_back };
            said.push(filled(pattern, &[("time", &language.exact_time(clock_change.abs()))]));
        }
        let reached = self.due().filter(|_| group.reached);
        said.extend(reached.map(|local| format!("{} {}", words.reached, self.time(local, true))));
        said
    }

    /// That some days are holidays, and which.
    fn holiday(&self, group: &DayGroup<'_>) -> String {
        let words = &self.language.words.timeline;
        let days = group.first.iter_days().take_while(|date| *date <= group.last);
        let mut names: Vec<&str> = days.filter_map(|date| self.explanation.hours.name_of(date)).collect();
        names.dedup();
        match names.is_empty() {
            true => words.why_holiday.clone(),
            false => filled(&words.why_holiday_named, &[("names", &names.join(", "))]),
        }
    }

    /// A time of day; the end of a day is its 24:00, and not the 00:00 of the next.
    fn time(&self, local: LocalTime, is_end: bool) -> String {
        match is_end && local.time_of_day() == 0 {
            true => "24:00".to_owned(),
            false => self.language.time_of_day(local.micros()),
        }
    }

    /// By which agreement, calendar and target.
    pub(super) fn terms(&self) -> String {
        let (explanation, words) = (self.explanation, &self.language.words.timeline);
        let measured = self.measured();
        filled(
            &words.terms,
            &[
                ("policy", &explanation.policy),
                ("calendar", &explanation.calendar),
                ("calendar_from", calendar_source(self.language, explanation.calendar_from)),
                ("target", &self.language.exact_time(measured.target)),
                ("severity", &measured.severity.number().to_string()),
                ("target_from", self.target_source()),
            ],
        )
    }

    fn target_source(&self) -> &'static str {
        let words = &self.language.words.timeline;
        match self.explained.target_from {
            TargetSource::Policy => &words.from_policy,
            TargetSource::Tier => &words.from_tier,
            TargetSource::Region => &words.from_region,
            TargetSource::Customer => &words.from_customer,
        }
    }
}
