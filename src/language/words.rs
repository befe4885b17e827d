//! The words of a language, by the page or picture they stand on.

use serde::Deserialize;

/// A count with its noun, in the singular and the plural: `{n} ticket`, `{n} tickets`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counted {
    pub(crate) one: String,
    pub(crate) many: String,
}

/// A text with values put in place of their names in braces.
pub(crate) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                // What is put in is never read as a pattern itself: it may hold braces.
                out.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A group of words: each a text, or a count with its noun.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $(pub(crate) $word: $type,)*
        }
    };
}

words! {
    /// All words.
    Words {
        charts: ChartWords,
        head: HeadWords,
        page: PageWords,
        definitions: DefinitionWords,
        timeline: TimelineWords,
        explain: ExplainWords,
        pending: PendingWords,
        review: ReviewWords,
        summary: SummaryWords,
        workbook: WorkbookWords,
        comparison: ComparisonWords,
    }
}

words! {
    /// What stands on the charts.
    ChartWords {
        zone_rule: String,
        // What every chart may say.
        nothing_measured: String,
        none_measured: String,
        nothing_measured_here: String,
        in_time_of: String,
        next_item: String,
        // Of the frame, the metrics and the severities.
        as_of: String,
        policy: String,
        severity: String,
        unnamed: String,
        first_responses: String,
        updates: String,
        metric_sentence: String,
        counted_first_responses: Counted,
        counted_updates: Counted,
        behind_both: String,
        working_hours: String,
        number: String,
        // Of the heat scales.
        heat_best: String,
        heat_between: String,
        heat_worst: String,
        counts_between: String,
        counts_of_breaches: String,
        // compliance_by_severity.
        severities_title: String,
        first_responses_in_time: String,
        updates_in_time: String,
        interval: String,
        share_axis: String,
        // monthly_trend.
        trend_title: String,
        trend_months: String,
        trend_key: String,
        answered_in_time: String,
        measured: String,
        measured_each_month: String,
        trend_axis: String,
        trend_axis_not_from_zero: String,
        trend_sentence: String,
        // region_by_severity.
        regions_title: String,
        regions_shown: String,
        regions_detail: String,
        regions_severity: String,
        regions_sentence: String,
        // elapsed_hours.
        elapsed_title: String,
        elapsed_detail: String,
        in_time: String,
        too_late: String,
        target: String,
        targets: Counted,
        at_least: String,
        // customers_with_most_breaches.
        customers_title: String,
        nobody_late: String,
        customers_with_breaches: Counted,
        customers_shown: String,
        late_first_responses: String,
        late_updates: String,
        breaches_axis: String,
        of_measured: Counted,
        customers_sentence: String,
        // breach_starts.
        starts_title: String,
        clocks_measured: Counted,
        clocks_breached: Counted,
        nothing_breached: String,
        all_day: String,
        day_sentence: Counted,
        starts_axis: String,
        // tier_advantage.
        tiers_title: String,
        tiers_measured: String,
        tier_median: String,
        ninetieth_key: String,
        tiers_detail: String,
        median: String,
        ninetieth: String,
        n: String,
        no_difference: String,
        sooner: String,
        later: String,
        times_as_long: String,
        tier_waits: Counted,
        tier_not_measured: String,
        tiers_sentence: String,
        // compliance_compared.
        compared_title: String,
        compared_before: String,
        compared_after: String,
        compared_points: String,
        compared_behind: String,
        compared_sentence: String,
    }
}

words! {
    /// What stands at the head of pages and workbooks.
    HeadWords {
        period: String,
        everything: String,
        as_of: String,
        as_of_end: String,
        as_of_instant: String,
        policy: String,
        hours: String,
        hours_are: String,
        holidays: Counted,
        special_days: Counted,
        calendars: Counted,
        never_open: String,
        months: String,
        by_decided: String,
        by_submitted: String,
        in_time: String,
        strict: String,
        inclusive: String,
        waiting_runs: String,
        waiting_pauses: String,
    }
}

words! {
    /// What stands on pages.
    PageWords {
        kind: String,
        title: String,
        skip: String,
        contents: String,
        footer: String,
        data: String,
        rows_read: Counted,
        rows_rejected: Counted,
        warnings: Counted,
        quality_more: String,
        no_updates: String,
        no_updates_note: String,
        holidays_end: String,
        short_history: String,
        nothing_measured: String,
        card_response: String,
        card_update: String,
        card_ticket: String,
        card_counts: String,
        card_interval: String,
        card_spread: String,
        card_of: String,
        card_points: String,
        interval: String,
        by_severity: String,
        trend: String,
        waited: String,
        all_months: String,
        by_tier: String,
        tier_advantage: String,
        tier_advantage_about: String,
        by_severity_tier: String,
        by_region: String,
        by_region_severity: String,
        by_customer: String,
        by_account_manager: String,
        breaches: String,
        breaches_about: String,
        near_misses: String,
        near_misses_about: String,
        pending: String,
        policy_changes: String,
        policy_changes_about: String,
        no_rows: String,
        cut: String,
        whole: Counted,
        yes: String,
        no: String,
        rows: String,
        rows_of: String,
        rows_about: String,
        rows_example: String,
        quality: String,
        quality_about: String,
        quality_file: String,
        quality_table: String,
        quality_read: String,
        quality_accepted: String,
        quality_rejected: String,
        quality_reasons: String,
        quality_warnings: String,
        quality_all: String,
        quality_count: String,
        definitions: String,
        exceptions: Counted,
        script_sort: String,
        script_filter: String,
        script_all: String,
        script_shown: String,
    }
}

words! {
    /// What the figures mean, and the agreement.
    DefinitionWords {
        example: String,
        example_about: String,
        example_counts: String,
        agreement: String,
        agreement_of: String,
        severity_means: String,
        severity_1: String,
        severity_2: String,
        severity_3: String,
        severity_4: String,
        first_response: String,
        updates_every: String,
        less_than: String,
        at_most: String,
        counted_in: String,
    }
}

words! {
    /// How a measurement is explained.
    TimelineWords {
        summary_answered: String,
        summary_open: String,
        happened: String,
        counted: String,
        local_to: String,
        date: String,
        hours: String,
        that_day: String,
        total: String,
        days: Counted,
        between: String,
        more: Counted,
        submitted: String,
        severity_from_to: String,
        reopened: String,
        resumed: String,
        replied: String,
        communicated: String,
        waiting: String,
        resolved: String,
        without_effect: String,
        no_effect_same_severity: String,
        no_effect_not_resolved: String,
        no_effect_not_waiting: String,
        no_effect_waiting_already: String,
        no_effect_while_resolved: String,
        no_effect_same_communication: String,
        no_effect_resolved_already: String,
        no_effect_before_submission: String,
        due: String,
        as_of: String,
        why_closed: String,
        why_day_off: String,
        why_holiday: String,
        why_holiday_named: String,
        waited: String,
        clock_forward: String,
        clock_back: String,
        reached: String,
        terms: String,
        from_policy: String,
        from_tier: String,
        from_region: String,
        from_customer: String,
        from_table: String,
        from_default: String,
    }
}

words! {
    /// What is said of a ticket that is explained.
    ExplainWords {
        kind: String,
        title: String,
        title_of_several: Counted,
        ticket: String,
        agreement: String,
        first_response: String,
        update: String,
        severity: String,
        submitted: String,
        window: String,
        closed: String,
        target: String,
        adds_up: String,
        no_updates: String,
        answer_first: String,
        answer_next: String,
        answer_resolution: String,
        met: String,
        at_once: String,
        exactly: String,
        late: String,
        response_missing: String,
        response_pending: String,
        update_missing: String,
        update_pending: String,
        footer: String,
    }
}

words! {
    /// What is said of open clocks.
    PendingWords {
        clocks: Counted,
        within: String,
        overdue: Counted,
        left: String,
        due_there: String,
        due: Counted,
    }
}

words! {
    /// What stands on a customer's review.
    ReviewWords {
        kind: String,
        title: String,
        kept: String,
        trend: String,
        speed: String,
        wrong: String,
        nothing_wrong: String,
        open: String,
        nothing_open: String,
        others: String,
        others_about: String,
        beside: String,
        median: String,
        behind: String,
        customers: Counted,
        too_few: String,
        agreement: String,
        benefits: String,
        benefits_about: String,
        benefit_queue: String,
        benefit_manager: String,
        benefit_reviews: String,
        benefit_beta: String,
        benefit_maintenance: String,
        benefit_rates: String,
        volume: String,
        tickets: Counted,
        responses: Counted,
        updates: Counted,
        late: String,
        breaches: Counted,
        clocks: Counted,
        speed_of: String,
    }
}

words! {
    /// What stands on the terminal.
    SummaryWords {
        heading: String,
        severity: String,
        metric: String,
        measured: String,
        in_time: String,
        breached: String,
        pending: String,
        interval: String,
        median: String,
        ninetieth: String,
        mean: String,
        longest: String,
        all: String,
        no_breach: String,
        worst: Counted,
        next: Counted,
        over: String,
        left: String,
        due: String,
        of_severity: String,
        file: String,
        read: String,
        accepted: String,
        rejected: String,
        reasons: String,
        warnings: String,
        report: String,
        reviews: Counted,
        more: Counted,
        folder: String,
    }
}

words! {
    /// What stands in the workbook beside titles, labels and meanings.
    WorkbookWords {
        summary: String,
        chart_figures: String,
        definitions: String,
        contents: String,
        contents_sheet: String,
        contents_grain: String,
        contents_shown: String,
        contents_all: String,
        contents_file: String,
        cut: String,
        responses: String,
        updates: String,
        customers_most: String,
        breaches: String,
        definitions_grain: String,
        definitions_terms: String,
        definitions_columns: String,
        column: String,
        column_name: String,
        column_meaning: String,
        column_sheets: String,
        response: Term,
        update: Term,
        ticket: Term,
        working_hours: Term,
        in_time: Term,
        breach: Term,
        pending: Term,
        compliance: Term,
        interval: Term,
        severity: Term,
        due: Term,
        month: Term,
        percentiles: Term,
        near_miss: Term,
        ratio: Term,
    }
}

impl WorkbookWords {
    /// What the figures mean, in the order in which it is told.
    pub(crate) const fn terms(&self) -> [&Term; 15] {
        [
            &self.response,
            &self.update,
            &self.ticket,
            &self.working_hours,
            &self.severity,
            &self.due,
            &self.in_time,
            &self.breach,
            &self.pending,
            &self.month,
            &self.compliance,
            &self.interval,
            &self.percentiles,
            &self.near_miss,
            &self.ratio,
        ]
    }
}

words! {
    /// What stands on the page of a comparison, and on the terminal.
    ComparisonWords {
        kind: String,
        title_policies: String,
        title_folders: String,
        before: String,
        after: String,
        report_of: String,
        overview: String,
        turned: Counted,
        turned_by: String,
        nothing_turned: String,
        other_figures: Counted,
        unexplained: Counted,
        made_of: String,
        made_of_about: String,
        nothing_differs: String,
        changes: String,
        changes_about: String,
        first_changes: Counted,
        causes: String,
        causes_about: String,
        footer: String,
        summary: String,
        summary_of: String,
        in_time_before: String,
        in_time_after: String,
        points: String,
        was_breached: String,
        is_breached: String,
        what: String,
        name: String,
        difference: String,
        how: String,
        why: String,
        number: String,
        cause_new: String,
        cause_late_data: String,
        cause_customer_data: String,
        cause_profile: String,
        cause_policy: String,
        cause_target: String,
        cause_hours: String,
        cause_waiting: String,
        cause_comparison: String,
        cause_period: String,
        cause_tz_database: String,
        cause_version: String,
        cause_unexplained: String,
    }
}

words! {
    /// A word and what is meant by it.
    Term {
        term: String,
        definition: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once_and_are_no_patterns_themselves() {
        assert_eq!(filled("{a} of {b}", &[("a", "{b}"), ("b", "x")]), "{b} of x");
        assert_eq!(filled("open { brace", &[]), "open { brace");
    }
}
