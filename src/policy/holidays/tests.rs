use std::collections::BTreeSet;

use chrono::{Datelike, Weekday};
use proptest::prelude::*;

use super::*;

/// The dates and names of a file's days, in order of time.
fn told(days: Vec<FileDay>) -> Vec<(String, String)> {
    let mut told: Vec<_> =
        days.into_iter().map(|day| (day.date.to_string(), day.day.name.unwrap_or_default())).collect();
    told.sort();
    told
}

fn calendar(bytes: &[u8]) -> Vec<(String, String)> {
    told(icalendar_text(bytes).unwrap().1)
}

/// The dates of an event of these lines.
fn event(lines: &str) -> Result<Vec<String>, (usize, String)> {
    let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
    let days = icalendar_text(text.as_bytes())?.1;
    Ok(told(days).into_iter().map(|(date, _)| date).collect())
}

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/corpus/holidays/", $name))
    };
}

#[test]
fn a_calendar_as_google_exports_it_gives_its_days_and_no_cancelled_one() {
    // The last event lasts two days, and a fold cuts the é of its name in two.
    let bridge = "Ascension, et son pont; « le été »";
    assert_eq!(
        calendar(fixture!("google.ics")),
        [
            ("2024-05-01", "Fête du Travail"),
            ("2024-05-09", bridge),
            ("2024-05-10", bridge),
            ("2024-12-25", "Noël")
        ]
        .map(|(date, name)| (date.to_owned(), name.to_owned()))
    );
}

#[test]
fn a_calendar_as_outlook_exports_it_is_read_in_any_encoding() {
    // The rule ends at 2025-12-31T23:00Z, which is midnight of New Year's Day 2026 in Berlin.
    // The rules of the time zone, the reminder and the task are no holidays.
    let expected = [
        ("2024-01-01", "Neujahr"),
        ("2024-10-03", "Tag der Deutschen Einheit – für alle"),
        ("2025-01-01", "Neujahr"),
        ("2026-01-01", "Neujahr"),
    ]
    .map(|(date, name)| (date.to_owned(), name.to_owned()));
    assert_eq!(calendar(fixture!("outlook-windows-1252.ics")), expected);
    assert_eq!(calendar(fixture!("outlook-utf-16.ics")), expected);
}

#[test]
fn a_calendar_as_apple_exports_it_repeats_moves_and_leaves_out() {
    // The fourth Thursdays of November, the last Mondays of May but the one of 2024 and with two
    // further days, and the fourth of July: on the fifth in 2027, not at all in 2028.
    let days = calendar(fixture!("apple.ics"));
    let of = |name: &str| {
        days.iter().filter(|day| day.1 == name).map(|day| day.0.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("Thanksgiving"), "2022-11-24 2023-11-23 2024-11-28 2025-11-27 2026-11-26");
    assert_eq!(of("Memorial Day"), "2022-05-30 2022-05-31 2023-05-29 2023-06-01 2025-05-26");
    assert_eq!(of("Independence Day"), "2026-07-04 2029-07-04");
    assert_eq!(of("Independence Day (observed)"), "2027-07-05");
    assert_eq!(days.len(), 13);
}

#[test]
fn rules_give_the_days_that_almanacs_have() {
    for (rule, start, expected) in [
        // Thanksgiving, and the day after it.
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3", "20241128", "2024-11-28 2025-11-27 2026-11-26"),
        (
            "FREQ=YEARLY;BYMONTH=11;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29;COUNT=2",
            "20241129",
            "2024-11-29 2025-11-28",
        ),
        // Memorial Day, Labor Day, Buß- und Bettag: the Wednesday before 23 November.
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20261231", "20240527", "2024-05-27 2025-05-26 2026-05-25"),
        ("FREQ=YEARLY;BYMONTH=9;BYDAY=1MO;COUNT=2", "20240902", "2024-09-02 2025-09-01"),
        (
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=16,17,18,19,20,21,22;BYDAY=WE;COUNT=3",
            "20241120",
            "2024-11-20 2025-11-19 2026-11-18",
        ),
        // Midsommardagen: the Saturday of 20 to 26 June.
        (
            "FREQ=YEARLY;BYMONTH=6;BYDAY=SA;BYMONTHDAY=20,21,22,23,24,25,26;COUNT=2",
            "20240622",
            "2024-06-22 2025-06-21",
        ),
        // A leap day is there in leap years alone.
        ("FREQ=YEARLY;COUNT=2", "20240229", "2024-02-29 2028-02-29"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=1;BYMONTHDAY=20;COUNT=2", "20250120", "2025-01-20 2029-01-20"),
        // The last working day of a month, the last day of a year.
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
            "20240531",
            "2024-05-31 2024-06-28 2024-07-31",
        ),
        ("FREQ=YEARLY;BYYEARDAY=-1;COUNT=2", "20241231", "2024-12-31 2025-12-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "20240131", "2024-01-31 2024-02-29 2024-03-31"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=3;WKST=SU", "20240503", "2024-05-03 2024-05-17 2024-05-31"),
        ("FREQ=DAILY;UNTIL=20240103T000000Z", "20240101", "2024-01-01 2024-01-02 2024-01-03"),
    ] {
        let days = event(&format!("DTSTART;VALUE=DATE:{start}\nRRULE:{rule}")).unwrap();
        assert_eq!(days.join(" "), expected, "{rule}");
    }
}

#[test]
fn a_rule_without_an_end_goes_from_1900_to_the_last_date_that_a_clock_shows() {
    let days = event("DTSTART;VALUE=DATE:17760704\nRRULE:FREQ=YEARLY").unwrap();
    assert_eq!((days.len(), days[0].as_str(), days[199].as_str()), (200, "1900-07-04", "2099-07-04"));
    let days = event("DTSTART;VALUE=DATE:20990101\nRRULE:FREQ=YEARLY").unwrap();
    assert_eq!(days, ["2099-01-01", "2100-01-01"]);
}

#[test]
fn an_event_of_whole_days_is_written_in_many_ways() {
    for (lines, expected) in [
        ("DTSTART:20240501", "2024-05-01"),
        ("DTSTART;VALUE=DATE:20240501\nDTEND;VALUE=DATE:20240501", "2024-05-01"),
        ("DTSTART;VALUE=DATE:20240501\nDURATION:P2D", "2024-05-01 2024-05-02"),
        ("DTSTART:20240501T000000\nDURATION:PT24H", "2024-05-01"),
        ("DTSTART:20240501T000000\nDTEND:20240503T000000", "2024-05-01 2024-05-02"),
        ("DTSTART:20240501T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "2024-05-01"),
        ("DTSTART;VALUE=DATE:20240501\nRDATE;VALUE=DATE:20250501\nEXDATE;VALUE=DATE:20240501", "2025-05-01"),
        // UTC, without a zone of its own, is read as it stands.
        ("DTSTART:20240501T000000Z\nDTEND:20240502T000000Z", "2024-05-01"),
    ] {
        assert_eq!(event(lines).unwrap().join(" "), expected, "{lines}");
    }
}

#[test]
fn a_time_in_utc_is_read_by_the_clock_of_the_calendar() {
    // 22:00 UTC is midnight of summer time in Paris.
    let text = |zone: &str| {
        format!(
            "BEGIN:VCALENDAR\nX-WR-TIMEZONE:{zone}\nBEGIN:VEVENT\nDTSTART:20240430T220000Z\nDTEND:20240501T220000Z\n\
             END:VEVENT\nEND:VCALENDAR\n"
        )
    };
    assert_eq!(calendar(text("Europe/Paris").as_bytes())[0].0, "2024-05-01");
    assert_eq!(icalendar_text(text("Europe/London").as_bytes()).unwrap_err().0, 4);
    let error = icalendar_text(text("Atlantis").as_bytes()).unwrap_err();
    assert!(error.0 == 4 && error.1.contains("Atlantis"), "{error:?}");
}

#[test]
fn what_is_no_holiday_is_refused_with_its_line() {
    let start = "DTSTART;VALUE=DATE:20240501";
    for (lines, line, said) in [
        ("DTSTART:20241224T090000Z".to_owned(), 3, "special_days"),
        ("DTSTART:20241224T000000\nDTEND:20241224T120000".to_owned(), 4, "special_days"),
        ("DTSTART:20241224T000000".to_owned(), 3, "special_days"),
        ("DTSTART:20240230".to_owned(), 3, "no date"),
        ("SUMMARY:x".to_owned(), 2, "no DTSTART"),
        (format!("{start}\n{start}"), 4, "in line 3 already"),
        (format!("{start}\nDTEND;VALUE=DATE:20240430"), 4, "ends before it begins"),
        (format!("{start}\nDURATION:P1X"), 4, "no duration"),
        (format!("{start}\nDTEND;VALUE=DATE:20240502\nDURATION:P1D"), 5, "both"),
        (format!("{start}\nno colon"), 4, "no line of a calendar"),
        (format!("{start}\nEXRULE:FREQ=YEARLY"), 4, "EXDATE"),
        (format!("{start}\nRDATE;VALUE=PERIOD:20240501T000000/P1D"), 4, "no date"),
        (format!("{start}\nRECURRENCE-ID:20240501"), 4, "UID"),
        (format!("UID:1\n{start}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20240501"), 5, "RANGE"),
        (format!("{start}\nSTATUS:CANCELLED"), 1, "no holiday"),
        (format!("{start}\nDTEND;VALUE=DATE:99990101"), 2, "more than"),
        (format!("{start}\nRRULE:FREQ=SECONDLY"), 4, "within a day"),
        (format!("{start}\nRRULE:FREQ=YEARLY;COUNT=1000000000"), 4, "COUNT=1000000000"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYMOUTH=5"), 4, "did you mean `BYMONTH`?"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYDAY=1XX"), 4, "BYDAY=1XX"),
        (format!("{start}\nRRULE:FREQ=WEEKLY;BYDAY=1MO"), 4, "neither"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYDAY=WE,1WE"), 4, "two events"),
        (format!("{start}\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=2"), 4, "BYSETPOS"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYWEEKNO=18"), 4, "BYWEEKNO"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYHOUR=9"), 4, "whole days"),
        (format!("{start}\nRRULE:FREQ=YEARLY;INTERVAL=0"), 4, "INTERVAL=0"),
        (format!("{start}\nRRULE:FREQ=YEARLY;UNTIL=20230101"), 4, "before it begins"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 4, "no day of its rule"),
        (format!("{start}\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"), 4, "no day of its rule"),
        (format!("{start}\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY"), 5, "already"),
        (format!("{start}\nRRULE:COUNT=2"), 4, "no FREQ"),
        ("BEGIN:VEVENT".to_owned(), 3, "begins within VEVENT"),
        ("END:VALARM".to_owned(), 3, "VEVENT of line 2"),
    ] {
        let error = event(&lines).unwrap_err();
        assert!(error.0 == line && error.1.contains(said), "{lines}: {error:?}");
    }
    for (text, line) in [
        ("", 1),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", 1),
        ("2024-05-01,Labour Day\n", 1),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20240501\n", 2),
        ("BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR\n", 2),
        ("VERSION:2.0\n", 1),
        ("BEGIN:VCALENDAR\nX-WR-TIMEZONE:UTC\nX-WR-TIMEZONE:Asia/Tokyo\n", 3),
        ("END:VEVENT\n", 1),
    ] {
        assert_eq!(icalendar_text(text.as_bytes()).unwrap_err().0, line, "{text}");
    }
}

#[test]
fn hostile_rules_are_refused_soon() {
    let daily = "BEGIN:VEVENT\nDTSTART:19000101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29\nEND:VEVENT\n";
    let daily = daily.replace("19000101", "19040229").repeat(10_000);
    let error = icalendar_text(format!("BEGIN:VCALENDAR\n{daily}END:VCALENDAR\n").as_bytes()).unwrap_err();
    // 71,500 days a rule: the fourteenth goes beyond a million.
    assert_eq!((error.0, error.1.contains("too long")), (2 + 13 * 4 + 2, true), "{error:?}");
}

#[test]
fn a_csv_gives_a_date_a_name_and_hours() {
    let days = rows_text(fixture!("alsace-moselle.csv")).unwrap().1;
    assert_eq!(
        told(days),
        [("2024-03-29", "Vendredi saint"), ("2024-12-26", "Saint-Étienne")]
            .map(|(date, name)| (date.to_owned(), name.to_owned()))
    );
    let days = rows_text(fixture!("half-days.csv")).unwrap().1;
    let found: Vec<_> = days
        .iter()
        .map(|day| {
            let windows: Vec<_> = day.day.windows.iter().map(ToString::to_string).collect();
            (day.line, day.date.to_string(), day.day.name.as_deref().unwrap_or_default(), windows.join(" "))
        })
        .collect();
    assert_eq!(
        found,
        [
            (1, "2024-12-24".to_owned(), "Heiligabend", "09:00-12:00".to_owned()),
            (3, "2024-12-31".to_owned(), "Silvester, \"kurz\"", "09:00-11:00 13:00-14:00".to_owned()),
            (4, "2025-01-06".to_owned(), "Dreikönig", String::new()),
        ]
    );
}

#[test]
fn a_csv_may_be_dates_alone_below_a_header_or_not() {
    let dates = |text: &str| {
        let days = rows_text(text.as_bytes()).unwrap().1;
        told(days).into_iter().map(|(date, _)| date).collect::<Vec<_>>()
    };
    assert_eq!(dates("date\n2024-05-01\n\n2024-05-08\n"), ["2024-05-01", "2024-05-08"]);
    assert_eq!(dates("\u{feff}2024-05-01\r\n\"2024-05-08\",\r\n"), ["2024-05-01", "2024-05-08"]);
    assert_eq!(dates("Jours fériés 2024\n\n2024-05-01,,\n"), ["2024-05-01"]);
}

#[test]
fn a_header_says_which_column_is_which_wherever_it_stands() {
    // The list of a government, and one whose names come first.
    let french = "date,annee,zone,nom_jour_ferie\n2024-05-01,2024,Métropole,Fête du travail\n";
    let names_first = "Feiertag;Datum;Stunden\nHeiligabend;2024-12-24;09:00-12:00\n";
    let days = |text: &str| rows_text(text.as_bytes()).unwrap().1;
    assert_eq!(told(days(french)), [("2024-05-01".to_owned(), "Fête du travail".to_owned())]);
    assert_eq!(told(days(names_first)), [("2024-12-24".to_owned(), "Heiligabend".to_owned())]);
    assert_eq!(days(names_first)[0].day.windows.len(), 1);
    // A title is no header: what stands below it is in order.
    let titled = "Holidays 2024\n2024-05-01,Labour Day\n";
    assert_eq!(told(days(titled)), [("2024-05-01".to_owned(), "Labour Day".to_owned())]);
}

#[test]
fn a_bad_row_is_refused_with_its_line() {
    for (text, line, said) in [
        ("2024-05-01\nnever\n", 2, "\"never\" is no date"),
        ("2024-13-01\n2024-05-01\n", 1, "\"2024-13-01\" is no date"),
        ("date\n\n\n2024-05-01\n\n2024-02-30\n", 6, "2024-02-30"),
        ("2024-12-24,Eve,morning\n", 1, "\"morning\" is no window"),
        ("2024-12-24,Eve,09:00-12:00 11:00-13:00\n", 1, "overlap"),
        ("2024-05-01,\"Labour Day\n2024-05-08,Victory\n", 1, "not closed"),
        ("date,name\n", 1, "no holiday"),
        ("\n", 1, "no holiday"),
    ] {
        let error = rows_text(text.as_bytes()).unwrap_err();
        assert!(error.0 == line && error.1.contains(said), "{text}: {error:?}");
    }
    assert_eq!(rows_text(b"2024-05-01\n2024\0-05-08\n").unwrap_err().0, 2);
    assert_eq!(rows_text(b"\xFF\xFE2\x002\xD8\n\x00").unwrap_err().0, 1);
}

/// A rule, as its parts.
#[derive(Debug, Clone)]
struct Parts {
    frequency: &'static str,
    interval: i32,
    months: Vec<u32>,
    month_days: Vec<i32>,
    year_days: Vec<i32>,
    /// Whether weeks begin on Sundays.
    sundays: bool,
    /// A number, 0 for every one, and the day of the week from Monday.
    weekdays: Vec<(i32, u32)>,
    position: Option<i32>,
}

impl Parts {
    fn text(&self) -> String {
        let mut text = format!("FREQ={};INTERVAL={}", self.frequency, self.interval);
        let mut add = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                text.push_str(&format!(";{name}={}", values.join(",")));
            }
        };
        add("BYMONTH", self.months.iter().map(ToString::to_string).collect());
        add("BYMONTHDAY", self.month_days.iter().map(ToString::to_string).collect());
        add("BYYEARDAY", self.year_days.iter().map(ToString::to_string).collect());
        add("WKST", self.sundays.then(|| "SU".to_owned()).into_iter().collect());
        let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let day = |(number, day): &(i32, u32)| match number {
            0 => names[*day as usize].to_owned(),
            number => format!("{number}{}", names[*day as usize]),
        };
        add("BYDAY", self.weekdays.iter().map(day).collect());
        add("BYSETPOS", self.position.iter().map(ToString::to_string).collect());
        text
    }

    /// The number of the period that a date lies in.
    fn period(&self, date: NaiveDate) -> i32 {
        match self.frequency {
            "YEARLY" => date.year(),
            "MONTHLY" => 12 * date.year() + date.month0() as i32,
            // The first day of the count is a Monday.
            "WEEKLY" => (date.num_days_from_ce() - 1 + i32::from(self.sundays)).div_euclid(7),
            _ => date.num_days_from_ce(),
        }
    }

    /// Whether a date fits each part, read literally.
    fn fits(&self, date: NaiveDate, start: NaiveDate) -> bool {
        let last = |month_of: NaiveDate| {
            (28..=31).filter(|day| month_of.with_day(*day).is_some()).max().unwrap_or(28) as i32
        };
        let day = date.day() as i32;
        let nth = |number: i32, of_year: bool| {
            let (place, length) = match of_year {
                true => (date.ordinal() as i32, if date.leap_year() { 366 } else { 365 }),
                false => (day, last(date)),
            };
            match number {
                0 => true,
                number if number > 0 => (place - 1) / 7 + 1 == number,
                number => (length - place) / 7 + 1 == -number,
            }
        };
        let of_year = self.frequency == "YEARLY" && self.months.is_empty();
        let on = |weekday: Weekday| weekday.num_days_from_monday();
        let by_day = !(self.month_days.is_empty() && self.weekdays.is_empty() && self.year_days.is_empty());
        let (ordinal, length) = (date.ordinal() as i32, if date.leap_year() { 366 } else { 365 });
        let default = match self.frequency {
            _ if by_day => true,
            "YEARLY" => {
                date.day() == start.day() && (!self.months.is_empty() || date.month() == start.month())
            }
            "MONTHLY" => date.day() == start.day(),
            "WEEKLY" => date.weekday() == start.weekday(),
            _ => true,
        };
        default
            && (self.months.is_empty() || self.months.contains(&date.month()))
            && (self.month_days.is_empty()
                || self.month_days.iter().any(|of| *of == day || last(date) + 1 + of == day))
            && (self.year_days.is_empty()
                || self.year_days.iter().any(|of| *of == ordinal || length + 1 + of == ordinal))
            && (self.weekdays.is_empty()
                || self
                    .weekdays
                    .iter()
                    .any(|(number, of)| on(date.weekday()) == *of && nth(*number, of_year)))
    }

    /// Its days from `start` to `until`, found by looking at every day.
    fn days(&self, start: NaiveDate, until: NaiveDate) -> BTreeSet<NaiveDate> {
        let longest = match self.frequency {
            "YEARLY" => 366,
            "MONTHLY" => 31,
            "WEEKLY" => 7,
            _ => 1,
        };
        let begin = start - chrono::Days::new(longest);
        let end = until + chrono::Days::new(longest);
        let mut days = BTreeSet::new();
        let mut period: Vec<NaiveDate> = Vec::new();
        for date in begin.iter_days().take_while(|date| *date <= end) {
            if period.first().is_some_and(|first| self.period(*first) != self.period(date)) {
                self.choose(&period, start, &mut days);
                period.clear();
            }
            period.push(date);
        }
        days.into_iter().filter(|day| start <= *day && *day <= until).collect()
    }

    fn choose(&self, period: &[NaiveDate], start: NaiveDate, days: &mut BTreeSet<NaiveDate>) {
        if (self.period(period[0]) - self.period(start)) % self.interval != 0 {
            return;
        }
        let fit: Vec<_> = period.iter().copied().filter(|date| self.fits(*date, start)).collect();
        match self.position {
            None => days.extend(fit),
            Some(position) if position > 0 => days.extend(fit.get(position as usize - 1)),
            Some(position) => days.extend(fit.iter().rev().nth(-position as usize - 1)),
        }
    }
}

fn some_parts() -> impl Strategy<Value = Parts> {
    let month_day = prop_oneof![1..=31_i32, -31..=-1_i32];
    (
        prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]),
        1..4_i32,
        prop::collection::vec(1..=12_u32, 0..3),
        prop::collection::vec(month_day, 0..4),
        (prop::collection::vec(prop_oneof![1..=366_i32, -366..=-1_i32], 0..4), prop::bool::ANY),
        prop::collection::vec((-3..=4_i32, 0..7_u32), 0..3),
        prop::option::of(prop_oneof![1..4_i32, -3..0_i32]),
    )
        .prop_map(
            |(frequency, interval, months, month_days, (year_days, sundays), weekdays, position)| {
                let months_matter = matches!(frequency, "YEARLY" | "MONTHLY");
                let weekdays: Vec<_> =
                    weekdays.into_iter().map(|(n, day)| (if months_matter { n } else { 0 }, day)).collect();
                let month_days = if frequency == "WEEKLY" { Vec::new() } else { month_days };
                let year_days = if frequency == "YEARLY" && interval == 1 { year_days } else { Vec::new() };
                // Numbered ones and others are not mixed: that is refused.
                let first = weekdays.first().map(|(n, _)| *n == 0);
                let weekdays: Vec<_> = weekdays.into_iter().filter(|(n, _)| Some(*n == 0) == first).collect();
                let by_day = !(month_days.is_empty() && weekdays.is_empty() && year_days.is_empty());
                let position = position.filter(|_| by_day && months_matter);
                Parts { frequency, interval, months, month_days, year_days, sundays, weekdays, position }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_rule_gives_the_days_that_a_look_at_every_day_finds(
        parts in some_parts(), from in 0..3000_u64, count in prop::option::of(1..20_usize),
    ) {
        // The event begins on a day of its rule: the first from some date on, with no more than the
        // defaults that follow from it.
        let from = NaiveDate::from_ymd_opt(2015, 1, 1).unwrap() + chrono::Days::new(from);
        let until = NaiveDate::from_ymd_opt(2031, 7, 14).unwrap();
        let start = from.iter_days().take(800).find(|day| parts.days(*day, *day).contains(day));
        let Some(start) = start else { return Ok(()) };
        let mut expected: Vec<_> = parts.days(start, until).iter().map(ToString::to_string).collect();
        let end = match count {
            Some(count) if expected.len() > count => {
                expected.truncate(count);
                format!("COUNT={count}")
            }
            _ => "UNTIL=20310714".to_owned(),
        };
        let lines = format!("DTSTART;VALUE=DATE:{}\nRRULE:{};{end}", start.format("%Y%m%d"), parts.text());
        prop_assert_eq!(event(&lines).unwrap(), expected, "{}", lines);
    }

    #[test]
    fn bytes_however_odd_are_days_or_a_flaw_with_a_line(
        bytes in prop::collection::vec(prop::sample::select(b"BEGIN:VEVENT\r\n \";=,-+/PTZ0129\xC3\xA9\xFF\0\\".to_vec()), 0..200),
    ) {
        for read in [icalendar_text, rows_text] {
            if let Err((line, what)) = read(&bytes) {
                prop_assert!(line > 0 && !what.is_empty());
            }
        }
    }
}
