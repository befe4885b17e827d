//! A policy from its TOML.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::holidays::{FileDay, Shelf};
use super::{
    Comparison, DEFAULT_CALENDAR, Exception, PeriodBy, Policy, Severity, TargetOverrides, Targets, Waiting,
    duration, holidays,
};
use crate::calendar::{Calendar, SpecialDay, Window};
use crate::document::{Document, Entry, Flaw, Section};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Policy {
    /// Reads a policy. `file` names it in messages; holiday files are sought beside `folder`.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse(file: &str, text: &str, folder: Option<&Path>) -> Result<Policy, Flaw> {
        Document { file, text }.read(|policy| read_policy(policy, text, Shelf::Folder(folder)))
    }

    /// Reads a policy from [`Self::text`] and [`Self::holiday_files`]; no other file is looked at.
    ///
    /// # Errors
    /// The first flaw, with its file, line and remedy.
    pub fn parse_whole(file: &str, text: &str, holiday_files: &[(String, String)]) -> Result<Policy, Flaw> {
        Document { file, text }.read(|policy| read_policy(policy, text, Shelf::Texts(holiday_files)))
    }
}

fn read_policy(policy: &mut Section<'_>, text: &str, shelf: Shelf<'_>) -> Result<Policy, Flaw> {
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
    let calendars = calendars.section(|section| read_calendars(section, shelf, &mut holiday_files))?;
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
    shelf: Shelf<'_>,
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
                        entry.section(|section| read_calendar(section, base, shelf, holiday_files))?;
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
    shelf: Shelf<'_>,
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
        calendar.add_day(*date, day.clone()).map_err(|flaw| section.flaw(flaw.to_string()))?;
    }
    // A calendar's own days win over those of the one that it is like.
    for (date, day) in read_own_days(section, shelf, holiday_files)?.special_days() {
        calendar.forget_special_day(*date);
        calendar.add_day(*date, day.clone()).map_err(|flaw| section.flaw(flaw.to_string()))?;
    }
    Ok(calendar)
}

/// Reads `holidays` and `special_days`. What the policy itself says of a date wins over what the
/// files say of it; they may lend a name.
fn read_own_days(
    section: &mut Section<'_>,
    shelf: Shelf<'_>,
    holiday_files: &mut Vec<(String, String)>,
) -> Result<Calendar, Flaw> {
    let mut own = Calendar::default();
    let mut files = Vec::new();
    if let Some(entry) = section.get("holidays") {
        for holiday in entry.one_or_list()? {
            let (date, name) = match (holiday.is_date(), holiday.is_table()) {
                (true, _) => (holiday.date()?, None),
                (_, true) => holiday.section(read_named_date)?,
                _ => {
                    files.push((holiday.clone(), holidays::read(&holiday, shelf, holiday_files)?));
                    continue;
                }
            };
            let day = SpecialDay { windows: Vec::new(), name };
            own.add_day(date, day).map_err(|flaw| holiday.flaw(flaw.to_string()))?;
        }
    }
    section.section("special_days", |days| {
        for (text, entry) in days.all() {
            let date = text
                .parse()
                .map_err(|_| entry.key_flaw(format!("\"{text}\" is no date: write 2024-12-24")))?;
            own.add_day(date, read_special_day(&entry)?).map_err(|flaw| entry.key_flaw(flaw.to_string()))?;
        }
        Ok(())
    })?;
    let mut of_files = Calendar::default();
    for (entry, file) in files {
        for FileDay { line, date, day } in file.days {
            if own.special_days().contains_key(&date) {
                own.name_day(date, day.name);
                continue;
            }
            of_files.add_day(date, day).map_err(|_| {
                entry.flaw(format!(
                    "{}:{line}: {date} has other hours here than before: say under special_days which hold",
                    file.path
                ))
            })?;
        }
    }
    for (date, day) in of_files.special_days() {
        own.add_day(*date, day.clone()).map_err(|flaw| section.flaw(flaw.to_string()))?;
    }
    Ok(own)
}

/// Reads `{ date = 2024-05-01, name = "Labour Day" }`.
fn read_named_date(day: &mut Section<'_>) -> Result<(NaiveDate, Option<String>), Flaw> {
    let date =
        day.get("date").ok_or_else(|| day.flaw("`date` is missing: a holiday must have it"))?.date()?;
    Ok((date, read_name(day)?))
}

/// Reads windows, or `{ hours = ["09:00-12:00"], name = "Christmas Eve" }`.
fn read_special_day(entry: &Entry<'_>) -> Result<SpecialDay, Flaw> {
    if !entry.is_table() {
        return Ok(SpecialDay { windows: read_windows(entry)?, name: None });
    }
    entry.section(|day| {
        let hours = day.get("hours");
        let hours = hours.ok_or_else(|| {
            day.flaw("`hours` are missing: write the windows of the day, or [] where it is closed")
        })?;
        Ok(SpecialDay { windows: read_windows(&hours)?, name: read_name(day)? })
    })
}

fn read_name(day: &mut Section<'_>) -> Result<Option<String>, Flaw> {
    let name = day.get("name").map(|name| name.text()).transpose()?;
    Ok(name.as_deref().and_then(holidays::tidy))
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

    /// A calendar that is written after the default one of `northern`, with files beside it.
    fn with_calendar(text: &str, files: &[(&str, &str)]) -> Result<Calendar, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let text = format!("{NORTHERN}\n[calendars.fr]\nlike = \"default\"\n{text}\n");
        let policy = Policy::parse("p.toml", &text, Some(folder.path()));
        let named = |flaw: Flaw| flaw.to_string().replace(&format!("{}/", folder.path().display()), "");
        policy.map(|policy| policy.calendar("fr").unwrap().clone()).map_err(named)
    }

    /// Its days: the date, how many windows, the name.
    fn days(calendar: &Calendar) -> Vec<(String, usize, &str)> {
        let days = calendar.special_days().iter();
        days.map(|(date, day)| (date.to_string(), day.windows.len(), day.name.as_deref().unwrap_or_default()))
            .collect()
    }

    const EVE: (&str, &str) = ("eve.csv", "2024-12-24,Christmas Eve\n2024-12-25,Christmas Day\n");

    #[test]
    fn days_have_names_in_the_policy_too() {
        let text = "holidays = [2024-05-01, { date = 2024-05-01, name = \" Labour\\nDay \" }, { date = 2024-05-08 }]\n\
                    [calendars.fr.special_days]\n2024-12-24 = { hours = \"09:00-12:00\", name = \"Eve\" }\n\
                    2024-12-31 = { hours = [] }\n2024-12-30 = [\"09:00-12:00\"]";
        let calendar = with_calendar(text, &[]).unwrap();
        assert_eq!(
            days(&calendar),
            [
                ("2024-05-01".to_owned(), 0, "Labour Day"),
                ("2024-05-08".to_owned(), 0, ""),
                ("2024-12-24".to_owned(), 1, "Eve"),
                ("2024-12-30".to_owned(), 1, ""),
                ("2024-12-31".to_owned(), 0, ""),
            ]
        );
        for (text, said) in [
            ("holidays = [{ date = 2024-05-01, nam = \"x\" }]", "unknown key `nam`"),
            ("holidays = [{ name = \"x\" }]", "`date` is missing"),
            ("holidays = [{ date = \"x\" }]", "must be a date"),
            ("special_days = { 2024-05-01 = { hour = [] } }", "`hours` are missing"),
            ("special_days = { 2024-05-01 = { hours = [], names = \"x\" } }", "did you mean `name`?"),
            (
                "holidays = [2024-12-24]\nspecial_days = { 2024-12-24 = [\"09:00-12:00\"] }",
                "both a holiday and a special day",
            ),
        ] {
            let error = with_calendar(text, &[]).unwrap_err();
            assert!(error.starts_with("p.toml:3") && error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_the_policy_says_of_a_date_wins_over_its_files_which_lend_a_name() {
        let text = "holidays = [\"eve.csv\"]\nspecial_days = { 2024-12-24 = [\"09:00-12:00\"] }";
        let expected =
            [("2024-12-24".to_owned(), 1, "Christmas Eve"), ("2024-12-25".to_owned(), 0, "Christmas Day")];
        assert_eq!(days(&with_calendar(text, &[EVE]).unwrap()), expected);
        // A file's half-day, closed by the policy.
        let text = "holidays = [{ date = 2024-12-24, name = \"Closed\" }, \"half.csv\"]";
        let half = ("half.csv", "2024-12-24,Eve,09:00-12:00\n");
        assert_eq!(days(&with_calendar(text, &[half]).unwrap()), [("2024-12-24".to_owned(), 0, "Closed")]);
    }

    #[test]
    fn files_that_disagree_are_an_error_unless_the_policy_settles_it() {
        let half = ("half.csv", "2024-12-24,Eve,09:00-12:00\n");
        let error = with_calendar("holidays = [\"eve.csv\", \"half.csv\"]", &[EVE, half]).unwrap_err();
        assert!(error.contains("half.csv:1: 2024-12-24 has other hours here"), "{error}");
        let settled =
            "holidays = [\"eve.csv\", \"half.csv\"]\nspecial_days = { 2024-12-24 = [\"09:00-11:00\"] }";
        assert_eq!(days(&with_calendar(settled, &[EVE, half]).unwrap())[0].1, 1);
    }

    #[test]
    fn a_flaw_in_a_holiday_file_names_the_policys_line_and_the_files() {
        let error =
            with_calendar("holidays = [\"eve.csv\"]", &[("eve.csv", "2024-12-24\nnever\n")]).unwrap_err();
        assert_eq!(error, "p.toml:34:13: eve.csv:2: \"never\" is no date: write 2024-05-01");
        let error = with_calendar("holidays = [\"eve.txt\"]", &[]).unwrap_err();
        assert!(error.contains("neither a date nor a file"), "{error}");
        let error = with_calendar("holidays = [\"eve.csv\"]", &[]).unwrap_err();
        assert!(error.contains("cannot be read"), "{error}");
    }

    #[test]
    fn the_policy_of_the_documentation_is_sound() {
        let document = include_str!("../../docs/policies.md");
        let (_, text) = document.split_once("```toml\n").unwrap();
        let (text, _) = text.split_once("```").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (france, alsace): (&[u8], &[u8]) = (
            include_bytes!("../../tests/corpus/holidays/google.ics"),
            include_bytes!("../../tests/corpus/holidays/alsace-moselle.csv"),
        );
        std::fs::write(folder.path().join("france.ics"), france).unwrap();
        std::fs::write(folder.path().join("alsace-moselle.csv"), alsace).unwrap();
        let policy = Policy::parse("ours.toml", text, Some(folder.path())).unwrap();
        // Its texts say it all, wherever the files are.
        let whole = Policy::parse_whole("ours", &policy.text, &policy.holiday_files).unwrap();
        assert_eq!(whole, policy);
        assert!(Policy::parse_whole("ours", &policy.text, &policy.holiday_files[..1]).is_err());
        assert_eq!(policy.calendar_name("ACME SA", "EMEA"), "strasbourg");
        assert_eq!(policy.calendar_name("Other", "EMEA"), "france");
        // France has four days of its file and one of the company's; Strasbourg has these, Good
        // Friday and Saint Stephen's of its own file, 10 May anew, and the two eves.
        assert_eq!(policy.calendar("france").unwrap().special_days().len(), 5);
        let strasbourg = policy.calendar("strasbourg").unwrap();
        assert_eq!(
            days(strasbourg),
            [
                ("2024-03-29".to_owned(), 0, "Vendredi saint"),
                ("2024-05-01".to_owned(), 0, "Fête du Travail"),
                ("2024-05-09".to_owned(), 0, "Ascension, et son pont; « le été »"),
                ("2024-05-10".to_owned(), 0, ""),
                ("2024-05-31".to_owned(), 0, "Company day"),
                ("2024-12-24".to_owned(), 1, "Christmas Eve"),
                ("2024-12-25".to_owned(), 0, "Noël"),
                ("2024-12-26".to_owned(), 0, "Saint-Étienne"),
                ("2024-12-31".to_owned(), 1, ""),
            ]
        );
        assert_eq!(strasbourg.week()[4][0].to_string(), "09:00-16:00");
    }
}
