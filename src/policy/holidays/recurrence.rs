//! The days of a rule such as "the fourth Thursday of November": an `RRULE` of iCalendar.
//!
//! A rule is read strictly, part by part, and only then followed. One that has no end goes on to
//! the last date that a clock shows of the instants there are.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, Weekday};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use crate::document::suggestion;

/// The parts of a rule that are known.
const PARTS: [&str; 13] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYDAY",
    "BYSETPOS",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
];

/// A rule, and what is to be known of it before it is followed.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    rule: RRule<Unvalidated>,
    /// How many days lie between two periods of it, at least.
    step: i64,
    /// What it says of its last day, if anything.
    pub until: Option<&'a str>,
}

impl<'a> Rule<'a> {
    /// Reads the parts of a rule.
    pub(super) fn parse(text: &'a str) -> Result<Rule<'a>, String> {
        let mut parts: Vec<(String, &str)> = Vec::new();
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("\"{part}\" is no part of a rule"))?;
            let name = name.trim().to_ascii_uppercase();
            if name == "BYWEEKNO" {
                // A week of two years is in each of them to some programs.
                return Err(
                    "the rule has `BYWEEKNO`, which is not read: say it by months and days".to_owned()
                );
            }
            if !PARTS.contains(&name.as_str()) {
                return Err(format!("a rule has no part `{name}`{}", suggestion(&name, &PARTS)));
            }
            if parts.iter().any(|(known, _)| *known == name) {
                return Err(format!("the rule has `{name}` twice"));
            }
            parts.push((name, value.trim()));
        }
        let part = |name: &str| parts.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        let (frequency, days) = frequency(part("FREQ").unwrap_or_default())?;
        let mut rule = RRule::new(frequency);
        let mut step = days;
        let whole = 1..=i64::from(u16::MAX);
        if let Some(interval) = part("INTERVAL") {
            let interval = one("INTERVAL", interval, |number| whole.contains(&number))?;
            rule = rule.interval(interval as u16);
            step *= interval;
        }
        if let Some(count) = part("COUNT") {
            if part("UNTIL").is_some() {
                return Err("the rule has both COUNT and UNTIL: one of them is to be left out".to_owned());
            }
            rule = rule.count(one("COUNT", count, |number| (1..=MOST_DAYS).contains(&number))? as u32);
        }
        if let Some(day) = part("WKST") {
            rule = rule.week_start(weekday(day).ok_or_else(|| no("WKST", day))?);
        }
        for name in ["BYHOUR", "BYMINUTE", "BYSECOND"] {
            if part(name).is_some_and(|value| !matches!(value, "0" | "00")) {
                return Err(format!("the rule has `{name}`, and holidays are whole days"));
            }
        }
        let within_weeks = !matches!(frequency, Frequency::Yearly | Frequency::Monthly);
        if within_weeks && part("BYSETPOS").is_some() {
            // In a first week that is not whole it would be counted from the event's first day.
            return Err("the rule has `BYSETPOS`, which is read of years and months alone".to_owned());
        }
        let numbers = |name: &str, most: i64| match part(name) {
            Some(value) => numbers(name, value, |number| number != 0 && number.abs() <= most),
            None => Ok(Vec::new()),
        };
        if let Some(value) = part("BYMONTH") {
            let months = self::numbers("BYMONTH", value, |number| (1..=12).contains(&number))?;
            let months: Vec<_> =
                months.iter().filter_map(|month| chrono::Month::try_from(*month as u8).ok()).collect();
            rule = rule.by_month(&months);
        }
        rule = rule
            .by_month_day(numbers("BYMONTHDAY", 31)?.iter().map(|number| *number as i8).collect())
            .by_year_day(numbers("BYYEARDAY", 366)?.iter().map(|number| *number as i16).collect())
            .by_set_pos(numbers("BYSETPOS", 366)?.iter().map(|number| *number as i32).collect());
        if let Some(value) = part("BYDAY") {
            let days: Option<Vec<_>> = value.split(',').map(numbered_weekday).collect();
            let days = days.ok_or_else(|| no("BYDAY", value))?;
            let is_numbered = |day: &NWeekday| matches!(day, NWeekday::Nth(..));
            let numbered = days.iter().any(is_numbered);
            if numbered && !days.iter().all(is_numbered) {
                // Of such a mixture only the days that are both would come out.
                return Err(format!("BYDAY={value} numbers some days and not others: write two events"));
            }
            if numbered && within_weeks {
                return Err(format!(
                    "BYDAY={value} numbers the days of a month or year, and FREQ is neither"
                ));
            }
            rule = rule.by_weekday(days);
        }
        Ok(Rule { rule, step, until: part("UNTIL") })
    }

    /// How many of its periods are looked at, if it begins on a day.
    pub(super) fn periods(&self, start: NaiveDate) -> i64 {
        (last() - start).num_days().max(0) / self.step + 1
    }

    /// Its days from `start`, which is the first of them, to `until`.
    pub(super) fn days(
        self,
        start: NaiveDate,
        until: Option<NaiveDate>,
    ) -> Result<BTreeSet<NaiveDate>, String> {
        let last = until.map_or_else(last, |until| until.min(last()));
        if last < start {
            return Err(format!("the rule ends before it begins, on {start}"));
        }
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().with_timezone(&Tz::UTC);
        let rule = self.rule.until(midnight(last)).validate(midnight(start));
        let rule = rule.map_err(|error| format!("the rule cannot be followed: {error}"))?;
        let all = RRuleSet::new(midnight(start)).rrule(rule).limit();
        let days: BTreeSet<_> =
            all.into_iter().map(|time| time.date_naive()).take_while(|day| *day <= last).collect();
        match days.first() {
            Some(first) if *first == start => {
                Ok(days.into_iter().filter(|day| Some(*day) >= FIRST).collect())
            }
            _ => Err(format!(
                "the event begins on {start}, which is no day of its rule: let it begin on the first that is"
            )),
        }
    }
}

/// How often a rule may repeat: as often as there are days.
const MOST_DAYS: i64 = 73_050;

/// The first date that a clock shows of the instants there are, somewhere in the world.
const FIRST: Option<NaiveDate> = NaiveDate::from_ymd_opt(1899, 12, 31);

/// The last date that a clock shows of the instants there are, somewhere in the world.
const LAST: Option<NaiveDate> = NaiveDate::from_ymd_opt(2100, 1, 1);

fn last() -> NaiveDate {
    LAST.unwrap_or(NaiveDate::MAX)
}

/// How often, and how many days a period of it has at least.
fn frequency(value: &str) -> Result<(Frequency, i64), String> {
    match value.to_ascii_uppercase().as_str() {
        "YEARLY" => Ok((Frequency::Yearly, 365)),
        "MONTHLY" => Ok((Frequency::Monthly, 28)),
        "WEEKLY" => Ok((Frequency::Weekly, 7)),
        "DAILY" => Ok((Frequency::Daily, 1)),
        "" => Err("the rule has no FREQ, such as FREQ=YEARLY".to_owned()),
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            Err(format!("FREQ={value} repeats within a day, and holidays are whole days"))
        }
        _ => Err(no("FREQ", value)),
    }
}

fn no(name: &str, value: &str) -> String {
    format!("a rule cannot have {name}={value}")
}

fn one(name: &str, value: &str, fits: impl Fn(i64) -> bool) -> Result<i64, String> {
    match numbers(name, value, fits)?.as_slice() {
        [number] => Ok(*number),
        _ => Err(no(name, value)),
    }
}

/// Numbers with a comma between them.
fn numbers(name: &str, value: &str, fits: impl Fn(i64) -> bool) -> Result<Vec<i64>, String> {
    let numbers = value.split(',').map(|number| number.trim().parse().ok().filter(|number| fits(*number)));
    numbers.collect::<Option<Vec<_>>>().ok_or_else(|| no(name, value))
}

fn weekday(text: &str) -> Option<Weekday> {
    match text.to_ascii_uppercase().as_str() {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}

/// A weekday such as `MO`, or `4TH`, or `-1MO`.
fn numbered_weekday(text: &str) -> Option<NWeekday> {
    let text = text.trim();
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = weekday(day)?;
    match number {
        "" => Some(NWeekday::Every(day)),
        _ => {
            let number = number.parse::<i16>().ok().filter(|number| (1..=53).contains(&number.abs()))?;
            Some(NWeekday::Nth(number, day))
        }
    }
}
