//! A policy from its TOML.

use std::collections::BTreeMap;
use std::path::Path;

use super::{
    Comparison, DEFAULT_CALENDAR, Exception, PeriodBy, Policy, Severity, TargetOverrides, Targets, Waiting,
    duration, holidays,
};
use crate::calendar::{Calendar, Window};
use crate::document::{Document, Entry, Flaw, Section};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Policy {
    /// Reads a policy. `file` names it in messages; holiday files are sought beside `folder`.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse(file: &str, text: &str, folder: Option<&Path>) -> Result<Policy, Flaw> {
        Document { file, text }.read(|policy| read_policy(policy, text, folder))
    }
}

fn read_policy(policy: &mut Section<'_>, text: &str, folder: Option<&Path>) -> Result<Policy, Flaw> {
    let name = required(policy, "name")?.text()?;
    let effective_from = required(policy, "effective_from")?.date()?;
    let comparison = [("strict", Comparison::Strict), ("inclusive", Comparison::Inclusive)];
    let waiting = [("runs", Waiting::Runs), ("pauses", Waiting::Pauses)];
    let period_by = [("decided", PeriodBy::Decided), ("submitted", PeriodBy::Submitted)];
    let comparison =
        policy.get("comparison").map_or(Ok(Comparison::Strict), |entry| entry.choice(&comparison))?;
    let waiting =
        policy.get("waiting_on_customer").map_or(Ok(Waiting::Runs), |entry| entry.choice(&waiting))?;
    let period_by =
        policy.get("period_by").map_or(Ok(PeriodBy::Decided), |entry| entry.choice(&period_by))?;

    let mut holiday_files = Vec::new();
    let calendars = required(policy, "calendars")?;
    let calendars = calendars.section(|section| read_calendars(section, folder, &mut holiday_files))?;
    let targets = required(policy, "targets")?;
    let targets = complete(&targets, read_targets(&targets)?)?;
    let tiers = read_exceptions(policy, "tiers", None)?;
    let regions = read_exceptions(policy, "regions", Some(&calendars))?;
    let customers = read_exceptions(policy, "customers", Some(&calendars))?;
    Ok(Policy {
        name,
        effective_from,
        comparison,
        waiting,
        period_by,
        text: text.to_owned(),
        holiday_files,
        calendars,
        targets,
        tiers,
        regions,
        customers,
    })
}

fn required<'d>(section: &mut Section<'d>, key: &str) -> Result<Entry<'d>, Flaw> {
    section.get(key).ok_or_else(|| section.flaw(format!("`{key}` is missing: a policy must have it")))
}

/// Reads `[calendars.*]`; one that is `like` another is built on it, whatever their order.
fn read_calendars(
    section: &mut Section<'_>,
    folder: Option<&Path>,
    holiday_files: &mut Vec<(String, String)>,
) -> Result<BTreeMap<String, Calendar>, Flaw> {
    let mut waiting = section.all();
    let mut calendars: BTreeMap<String, Calendar> = BTreeMap::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut blocked = Vec::new();
        for (name, entry) in waiting {
            let like = entry.section(|calendar| {
                let like = calendar.get("like").map(|like| Ok((like.text()?, like))).transpose();
                calendar.all();
                like
            })?;
            match &like {
                Some((base, _)) if !calendars.contains_key(base) => blocked.push((name, entry, like)),
                _ => {
                    let base = like.and_then(|(base, _)| calendars.get(&base)).cloned();
                    let calendar =
                        entry.section(|section| read_calendar(section, base, folder, holiday_files))?;
                    calendars.insert(name, calendar);
                }
            }
        }
        if blocked.len() == before {
            // Nothing moved: the first of them names no calendar, or one that leads back to itself.
            let Some((name, _, Some((base, at)))) = blocked.into_iter().next() else { break };
            return Err(at.flaw(format!(
                "calendar `{name}` is like \"{base}\", which does not exist or is like it in turn"
            )));
        }
        waiting = blocked.into_iter().map(|(name, entry, _)| (name, entry)).collect();
    }
    match calendars.contains_key(DEFAULT_CALENDAR) {
        true => Ok(calendars),
        false => Err(section.flaw("[calendars.default] is missing: it holds where no other is named")),
    }
}

fn read_calendar(
    section: &mut Section<'_>,
    base: Option<Calendar>,
    folder: Option<&Path>,
    holiday_files: &mut Vec<(String, String)>,
) -> Result<Calendar, Flaw> {
    section.get("like");
    let base = base.unwrap_or_default();
    let mut week = base.week().clone();
    for (day, name) in WEEKDAYS.iter().enumerate() {
        if let Some(entry) = section.get(name) {
            week[day] = read_windows(&entry)?;
        }
    }
    let mut calendar = Calendar::new(week).map_err(|flaw| section.flaw(flaw.to_string()))?;
    for (date, day) in base.special_days() {
        // Taken from a calendar in which each date stands once.
        calendar
            .add_special_day(*date, day.windows.clone())
            .map_err(|flaw| section.flaw(flaw.to_string()))?;
    }
    let mut own = Calendar::default();
    if let Some(entry) = section.get("holidays") {
        for holiday in entry.one_or_list()? {
            let dates = match holiday.is_date() {
                true => vec![holiday.date()?],
                false => holidays::read(&holiday, folder, holiday_files)?,
            };
            for date in dates {
                own.add_holiday(date).map_err(|flaw| holiday.flaw(flaw.to_string()))?;
            }
        }
    }
    section.section("special_days", |days| {
        for (name, entry) in days.all() {
            let date = name
                .parse()
                .map_err(|_| entry.key_flaw(format!("\"{name}\" is no date: write 2024-12-24")))?;
            own.add_special_day(date, read_windows(&entry)?)
                .map_err(|flaw| entry.key_flaw(flaw.to_string()))?;
        }
        Ok(())
    })?;
    // A calendar's own days win over those of the one that it is like.
    for (date, day) in own.special_days() {
        calendar.forget_special_day(*date);
        calendar
            .add_special_day(*date, day.windows.clone())
            .map_err(|flaw| section.flaw(flaw.to_string()))?;
    }
    Ok(calendar)
}

fn read_windows(entry: &Entry<'_>) -> Result<Vec<Window>, Flaw> {
    let mut windows = Vec::new();
    for window in entry.one_or_list()? {
        windows.push(window.text()?.parse::<Window>().map_err(|flaw| window.flaw(flaw.to_string()))?);
    }
    // Seen here, where the place is known, rather than when the week is put together.
    let mut alone: [Vec<Window>; 7] = Default::default();
    alone[0].clone_from(&windows);
    Calendar::new(alone).map_err(|flaw| entry.flaw(flaw.to_string()))?;
    Ok(windows)
}

fn read_targets(entry: &Entry<'_>) -> Result<TargetOverrides, Flaw> {
    entry.section(|section| {
        let mut targets = TargetOverrides::default();
        for (metric, by_severity) in [("response", &mut targets.response), ("update", &mut targets.update)] {
            section.section(metric, |severities| {
                for severity in Severity::all() {
                    let number = severity.number();
                    let entry = severities.get(&number.to_string());
                    by_severity[usize::from(number) - 1] =
                        entry.map(|entry| read_target(&entry)).transpose()?;
                }
                Ok(())
            })?;
        }
        Ok(targets)
    })
}

fn read_target(entry: &Entry<'_>) -> Result<i64, Flaw> {
    let text = entry.number_or_text()?;
    match duration::parse(&text) {
        Some(micros) if micros > 0 => Ok(micros),
        Some(_) => Err(entry.flaw(format!("a target of {text} can never be met: it must be more than nothing"))),
        None => Err(entry.flaw(format!(
            "\"{text}\" is no target: write a positive number of hours (8, 1.5), or \"8h\", \"90m\", \"1h30m\", \"45s\""
        ))),
    }
}

fn complete(entry: &Entry<'_>, read: TargetOverrides) -> Result<Targets, Flaw> {
    let mut targets = Targets { response: [0; Severity::COUNT], update: [0; Severity::COUNT] };
    for place in 0..Severity::COUNT {
        let missing = |metric: &str| {
            entry.key_flaw(format!("[targets.{metric}] has no target for severity {}", place + 1))
        };
        targets.response[place] = read.response[place].ok_or_else(|| missing("response"))?;
        targets.update[place] = read.update[place].ok_or_else(|| missing("update"))?;
    }
    Ok(targets)
}

/// Reads `[tiers.*]`, `[regions.*]` or `[customers.*]`; where `calendars` are given, one may be named.
fn read_exceptions(
    policy: &mut Section<'_>,
    key: &str,
    calendars: Option<&BTreeMap<String, Calendar>>,
) -> Result<BTreeMap<String, Exception>, Flaw> {
    let read = |section: &mut Section<'_>| {
        let mut exception = Exception::default();
        if let Some(entry) = section.get("targets") {
            exception.targets = read_targets(&entry)?;
        }
        if let Some(calendars) = calendars
            && let Some(entry) = section.get("calendar")
        {
            let name = entry.text()?;
            if !calendars.contains_key(&name) {
                let known: Vec<_> = calendars.keys().collect();
                return Err(entry.flaw(format!(
                    "there is no calendar \"{name}\"{}",
                    crate::document::suggestion(&name, &known)
                )));
            }
            exception.calendar = Some(name);
        }
        Ok(exception)
    };
    let all = policy.section(key, |section| {
        section.all().into_iter().map(|(name, entry)| Ok((name, entry.section(read)?))).collect()
    })?;
    Ok(all.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::{Metric, NORTHERN, northern};
    use super::*;
    use crate::calendar::HOUR;

    /// `northern` with a line put in place of another.
    fn changed(from: &str, to: &str) -> Result<Policy, String> {
        assert!(NORTHERN.contains(from), "{from}");
        Policy::parse("p.toml", &NORTHERN.replacen(from, to, 1), None).map_err(|flaw| flaw.to_string())
    }

    fn severity(number: u8) -> Severity {
        Severity::new(number).unwrap()
    }

    #[test]
    fn northern_is_the_agreement() {
        let targets = northern().targets("anyone", "augmented", "EMEA");
        let hours = |metric| {
            Severity::all().map(move |severity| targets.of(metric, severity) / HOUR).collect::<Vec<_>>()
        };
        assert_eq!(hours(Metric::Response), [8, 8, 12, 16]);
        assert_eq!(hours(Metric::Update), [16, 16, 20, 32]);
        assert_eq!(northern().comparison, Comparison::Strict);
        assert_eq!(northern().id(), "northern@2000-01-01");
        assert_eq!(northern().calendar_name("anyone", "EMEA"), "default");
    }

    #[test]
    fn overrides_go_from_tier_to_region_to_customer_which_wins() {
        let more = "\n[tiers.augmented.targets.response]\n1 = 4\n2 = 4\n3 = 4\n\
                    [regions.EMEA]\ncalendar = \"fr\"\ntargets.response = { 2 = 3, 3 = 3 }\n\
                    [customers.\"ACME SA\"]\ntargets.response = { 3 = \"90m\" }\ncalendar = \"default\"\n\
                    [calendars.fr]\nlike = \"default\"\nfriday = []\nholidays = [2024-05-01]\n\
                    [calendars.fr.special_days]\n2024-12-24 = [\"09:00-12:00\"]\n";
        let policy = Policy::parse("p.toml", &NORTHERN.replace("[tiers.augmented]", more), None).unwrap();
        let targets = policy.targets("ACME SA", "augmented", "EMEA");
        let response = |number| targets.of(Metric::Response, severity(number));
        assert_eq!(
            [response(1), response(2), response(3), response(4)],
            [4 * HOUR, 3 * HOUR, 3 * HOUR / 2, 16 * HOUR]
        );
        assert_eq!(policy.calendar_name("ACME SA", "EMEA"), "default");
        assert_eq!(policy.calendar_name("Other", "EMEA"), "fr");
        let fr = policy.calendar("fr").unwrap();
        assert_eq!(fr.special_days().len(), 2);
        assert!(fr.week()[4].is_empty() && fr.week()[3].len() == 1);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line_and_the_nearest_known() {
        let error = changed("comparison =", "comparision =").unwrap_err();
        assert_eq!(error, "p.toml:4:1: unknown key `comparision`; did you mean `comparison`?");
        let error = changed("monday =", "moonday =").unwrap_err();
        assert!(error.starts_with("p.toml:9:1: unknown key `moonday` in [calendars.default]"), "{error}");
    }

    #[test]
    fn overlapping_windows_are_an_error_with_their_line() {
        let error = changed("[\"09:00-18:00\"]", "[\"09:00-13:00\", \"12:00-18:00\"]").unwrap_err();
        assert!(error.starts_with("p.toml:9:10: the windows 09:00-13:00 and 12:00-18:00 overlap"), "{error}");
    }

    #[test]
    fn a_calendar_that_does_not_exist_is_an_error_never_24_7() {
        let error = changed("[tiers.augmented]", "[regions.EMEA]\ncalendar = \"fr\"").unwrap_err();
        assert!(error.starts_with("p.toml:31:12: there is no calendar \"fr\""), "{error}");
        let error = changed("[calendars.default]", "[calendars.default]\nlike = \"fr\"").unwrap_err();
        assert!(error.starts_with("p.toml:9:8: calendar `default` is like \"fr\""), "{error}");
        let error = changed("[calendars.default]", "[calendars.fr]").unwrap_err();
        assert!(error.contains("[calendars.default] is missing"), "{error}");
    }

    #[test]
    fn a_target_must_be_more_than_nothing_and_none_may_be_missing() {
        assert!(
            changed("1 = 8", "1 = 0").unwrap_err().starts_with("p.toml:17:5: a target of 0 can never be met")
        );
        assert!(changed("1 = 8", "1 = -8").unwrap_err().contains("is no target"));
        assert!(
            changed("1 = 8", "").unwrap_err().contains("[targets.response] has no target for severity 1")
        );
        assert!(
            changed("1 = 8", "1 = 8\n5 = 8").unwrap_err().contains("unknown key `5` in [targets.response]")
        );
    }

    #[test]
    fn a_date_that_does_not_exist_is_an_error() {
        assert!(changed("holidays = []", "holidays = [2024-02-30]").is_err());
        assert!(
            changed("effective_from = 2000-01-01", "effective_from = \"soon\"")
                .unwrap_err()
                .contains("must be a date")
        );
    }
}
