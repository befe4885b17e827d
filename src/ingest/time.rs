//! Timestamps as exports write them.
//!
//! Without patterns, the ISO forms are read: `2024-05-03T14:00:00Z`, with a space for the `T`,
//! with or without seconds and a fraction (cut after the microsecond), an offset `Z`, `+02`,
//! `+0200` or `+02:00`, or none; then it is a local time. Patterns are those of `strftime`; names
//! of months may be those of several languages.

use std::sync::Arc;

use chrono::format::{Fixed, Item, Parsed, StrftimeItems};

use super::ledger::Reason;
use super::months;
use crate::calendar::{HOUR, Instant, LocalTime, MINUTE, Reading, SECOND, Zone};

/// In what an export tells how long something took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A number of pieces that are so many microseconds long.
    Of(&'static str, i64),
    /// Hours, minutes and seconds: `26:05:00`.
    Clock,
}

impl Unit {
    /// The units, by what profiles call them.
    pub(super) const ALL: [(&'static str, Unit); 5] = [
        ("seconds", Unit::Of("seconds", SECOND)),
        ("minutes", Unit::Of("minutes", MINUTE)),
        ("hours", Unit::Of("hours", HOUR)),
        ("days", Unit::Of("days", 24 * HOUR)),
        ("h:mm:ss", Unit::Clock),
    ];

    /// What is expected, for a message.
    pub(super) fn expected(self) -> String {
        match self {
            Unit::Of(name, _) => format!("a number of {name}"),
            Unit::Clock => "a time such as 26:05:00".to_owned(),
        }
    }

    /// How long a text says it took, in microseconds, what is less of one cut off.
    pub(super) fn micros(self, text: &str) -> Option<i64> {
        let whole = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i64>().ok().filter(|_| digits)
        };
        match self {
            Unit::Of(_, micros) => {
                let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
                // Finer than a microsecond in any unit.
                let fraction = fraction.get(..fraction.len().min(11))?;
                let scale = 10_i128.pow(fraction.len() as u32);
                let part = if fraction.is_empty() { 0 } else { whole(fraction)? };
                let part = i128::from(part) * i128::from(micros) / scale;
                whole(number)?.checked_mul(micros)?.checked_add(i64::try_from(part).ok()?)
            }
            Unit::Clock => {
                let mut pieces = text.split(':');
                let (hours, minutes) = (whole(pieces.next()?)?, whole(pieces.next()?)?);
                let seconds = pieces.next().map_or(Some(0), whole)?;
                let sound = minutes < 60 && seconds < 60 && pieces.next().is_none();
                hours.checked_mul(HOUR)?.checked_add(minutes * MINUTE + seconds * SECOND).filter(|_| sound)
            }
        }
    }
}

/// A time as written: a point in real time, or a reading of some wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Microseconds since 1970 in UTC.
    Instant(i64),
    /// A reading of a wall clock.
    Local(LocalTime),
}

/// In which zone a column's local times are.
#[derive(Debug, Clone)]
pub(super) enum LocalZone {
    /// Nothing says so: a local time is refused.
    Undeclared,
    /// The customer's.
    Customer,
    /// This one.
    Named(Arc<Zone>),
}

/// A pattern of `strftime`, read once.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    items: Vec<Item<'static>>,
}

impl Pattern {
    /// The pattern, unless it is none.
    pub(super) fn new(text: &str) -> Option<Pattern> {
        let items = StrftimeItems::new(text).parse_to_owned().ok()?;
        Some(Pattern { text: text.to_owned(), items })
    }

    pub(super) fn read(&self, text: &str) -> Option<Written> {
        self.read_english(text).or_else(|| match self.has_month_name() {
            true => self.read_english(&months::in_english(text)?),
            false => None,
        })
    }

    /// As `strftime` has it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn has_month_name(&self) -> bool {
        let is_name =
            |item: &Item<'_>| matches!(item, Item::Fixed(Fixed::ShortMonthName | Fixed::LongMonthName));
        self.items.iter().any(is_name)
    }

    fn read_english(&self, text: &str) -> Option<Written> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.items.iter()).ok()?;
        if let Ok(time) = parsed.to_datetime() {
            return Some(Written::Instant(time.timestamp_micros()));
        }
        let local = parsed.to_naive_datetime_with_offset(0).ok()?;
        Some(Written::Local(LocalTime::from_datetime(local)))
    }
}

/// How the times of a column are written, and where local ones are.
#[derive(Debug, Clone)]
pub(super) struct TimeForm {
    pub(super) patterns: Vec<Pattern>,
    pub(super) zone: LocalZone,
}

/// What became of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) instant: Instant,
    /// The clocks showed it twice, and the earlier was taken.
    pub(super) ambiguous: bool,
}

impl TimeForm {
    /// Reads a timestamp's text.
    pub(super) fn read(&self, text: &str) -> Option<Written> {
        match self.patterns.as_slice() {
            [] => iso(text.as_bytes()),
            patterns => patterns.iter().find_map(|pattern| pattern.read(text)),
        }
    }

    /// The instant of what was written, for a customer in `zone`.
    pub(super) fn instant<'z>(
        &self,
        written: Written,
        zone: &dyn Fn() -> Option<&'z Zone>,
    ) -> Result<Read, Reason> {
        let once = |instant| Read { instant, ambiguous: false };
        let local = match written {
            Written::Instant(micros) => {
                return Instant::from_micros(micros).map(once).map_err(|_| Reason::TimeOutOfSpan);
            }
            Written::Local(local) => local,
        };
        let zone = match &self.zone {
            LocalZone::Named(zone) => Some(&**zone),
            LocalZone::Customer => zone(),
            LocalZone::Undeclared => None,
        };
        let zone = zone.ok_or(Reason::TimeWithoutZone)?;
        match zone.instant(local) {
            Reading::Once(instant) => Ok(once(instant)),
            Reading::Twice { earlier, .. } => Ok(Read { instant: earlier, ambiguous: true }),
            Reading::Never => {
                let in_span =
                    Instant::MIN.micros() <= local.micros() && local.micros() <= Instant::MAX.micros();
                Err(if in_span { Reason::NonexistentLocalTime } else { Reason::TimeOutOfSpan })
            }
        }
    }

    /// What is expected, for a message.
    pub(super) fn expected(&self) -> String {
        match self.patterns.as_slice() {
            [] => "a time such as 2024-05-03T14:00:00Z or 2024-05-03 14:00:00+02:00".to_owned(),
            patterns => {
                let texts: Vec<_> = patterns.iter().map(|pattern| pattern.text.as_str()).collect();
                format!("a time of the form {}", texts.join(" or "))
            }
        }
    }
}

/// The instant that a text in one of the ISO forms stands for; `None` where it has no offset, is
/// none of these forms, or lies outside of 1900 to 2100.
pub fn iso_instant(text: &str) -> Option<Instant> {
    match iso(text.as_bytes())? {
        Written::Instant(micros) => Instant::from_micros(micros).ok(),
        Written::Local(_) => None,
    }
}

/// Reads the ISO forms.
pub(super) fn iso(text: &[u8]) -> Option<Written> {
    usual(text).or_else(|| any_iso(text))
}

/// Reads the form that most exports have, `2024-05-03T14:00:00` with `Z`, `+02:00` or nothing
/// after it, eight bytes at a time; `None` for any other text, whether it is a time or not.
fn usual(text: &[u8]) -> Option<Written> {
    let (head, rest) = text.split_at_checked(19)?;
    let (words, tail) = head.as_chunks::<8>();
    let [date, clock] = words else { return None };
    let [year_1, year_2, year_3, year_4, _, month_1, month_2, _] = digits(*date, b"0000-00-")?;
    let form = if clock[2] == b' ' { b"00 00:00" } else { b"00T00:00" };
    let [day_1, day_2, _, hour_1, hour_2, _, minute_1, minute_2] = digits(*clock, form)?;
    let second = [tail[0], tail[1], tail[2], b'0', b'0', b'0', b'0', b'0'];
    let [_, second_1, second_2, ..] = digits(second, b":0000000")?;
    let day =
        day(year_1 * 1000 + year_2 * 100 + year_3 * 10 + year_4, month_1 * 10 + month_2, day_1 * 10 + day_2)?;
    let (hour, minute, second) = (hour_1 * 10 + hour_2, minute_1 * 10 + minute_2, second_1 * 10 + second_2);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = day * 24 * HOUR + hour * HOUR + minute * MINUTE + second * SECOND;
    match rest {
        b"Z" => Some(Written::Instant(micros)),
        [] => Some(Written::Local(LocalTime::from_micros(micros))),
        [sign @ (b'+' | b'-'), h_1, h_2, colon, m_1, m_2] => {
            let offset = [*h_1, *h_2, *colon, *m_1, *m_2, b'0', b'0', b'0'];
            let [h_1, h_2, _, m_1, m_2, ..] = digits(offset, b"00:00000")?;
            let (hours, minutes) = (h_1 * 10 + h_2, m_1 * 10 + m_2);
            let offset = hours * HOUR + minutes * MINUTE;
            let valid = hours <= 23 && minutes <= 59;
            valid.then_some(Written::Instant(if *sign == b'+' { micros - offset } else { micros + offset }))
        }
        _ => None,
    }
}

/// The digits of eight bytes of some form, in which `0` stands for any digit and all else for
/// itself.
fn digits(bytes: [u8; 8], form: &[u8; 8]) -> Option<[i64; 8]> {
    // A digit becomes its value, and what stands for itself 0.
    let values = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(*form);
    // What each byte may be at most, taken from 127: adding it to more sets the highest bit.
    let room = form.map(|byte| if byte == b'0' { 127 - 9 } else { 127 });
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    if (values | values.wrapping_add(u64::from_le_bytes(room))) & HIGHEST != 0 {
        return None;
    }
    Some(values.to_le_bytes().map(i64::from))
}

/// Reads any of the ISO forms.
fn any_iso(text: &[u8]) -> Option<Written> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let (date, rest) = text.split_at_checked(11)?;
    if date[4] != b'-' || date[7] != b'-' || !matches!(date[10], b'T' | b't' | b' ') {
        return None;
    }
    let day = day(number(&date[..4])?, number(&date[5..7])?, number(&date[8..10])?)?;
    let (clock, mut rest) = rest.split_at_checked(5)?;
    let (hour, minute) = (number(&clock[..2])?, number(&clock[3..])?);
    if clock[2] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let mut micros = day * 24 * HOUR + hour * HOUR + minute * MINUTE;
    if let [b':', tens, ones, tail @ ..] = rest {
        let second = number(&[*tens, *ones])?;
        if second > 59 {
            return None;
        }
        micros += second * SECOND;
        rest = tail;
        if let [b'.' | b',', tail @ ..] = rest {
            let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let mut unit = SECOND;
            for byte in &tail[..digits] {
                unit /= 10;
                micros += i64::from(byte - b'0') * unit;
            }
            rest = &tail[digits..];
        }
    }
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (sign, offset) = match rest {
        [] => return Some(Written::Local(LocalTime::from_micros(micros))),
        b"Z" | b"z" | b"UTC" => return Some(Written::Instant(micros)),
        [b'+', offset @ ..] => (1, offset),
        [b'-', offset @ ..] => (-1, offset),
        _ => return None,
    };
    let (hours, minutes) = match offset.len() {
        2 => (number(offset)?, 0),
        4 => (number(&offset[..2])?, number(&offset[2..])?),
        5 if offset[2] == b':' => (number(&offset[..2])?, number(&offset[3..])?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(Written::Instant(micros - sign * (hours * HOUR + minutes * MINUTE)))
}

/// The first year of [`MONTHS`], and how many follow: every time that can be has a date in them.
const YEARS: (i64, usize) = (1899, 203);

/// The day since 1970-01-01 on which each month begins, and on which the last one ends.
static MONTHS: [i64; YEARS.1 * 12 + 1] = {
    let mut starts = [-25_932; YEARS.1 * 12 + 1];
    let mut month = 0;
    while month < YEARS.1 * 12 {
        let year = YEARS.0 + (month / 12) as i64;
        let leap = if is_leap(year) { 1 } else { 0 };
        let days = match month % 12 {
            1 => 28 + leap,
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        starts[month + 1] = starts[month] + days;
        month += 1;
    }
    starts
};

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, if there is such a date.
#[inline]
fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let place = (year - YEARS.0) * 12 + month - 1;
    match (usize::try_from(place).ok().and_then(|place| MONTHS.get(place..place + 2)), month) {
        (Some([start, end]), 1..=12) => (1 <= day && day <= end - start).then(|| start + day - 1),
        _ => days_from_civil(year, month, day),
    }
}

/// The same of any year.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    const BEFORE_MONTH: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let leap = i64::from(is_leap(year));
    let (start, end) = (*BEFORE_MONTH.get((month - 1) as usize)?, *BEFORE_MONTH.get(month as usize)?);
    let length = end - start + if month == 2 { leap } else { 0 };
    if day < 1 || length < day {
        return None;
    }
    let past_february = if month > 2 { leap } else { 0 };
    // Counted from four centuries earlier, of 146,097 days, so that it is never negative.
    let before = u32::try_from(year + 399).ok()?;
    let leap_days = i64::from(before / 4 - before / 100 + before / 400);
    Some(i64::from(before) * 365 + leap_days + start + past_february + day - 1 - 719_162 - 146_097)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    fn utc(text: &str) -> Option<String> {
        match iso(text.as_bytes())? {
            Written::Instant(micros) => Some(Instant::from_micros(micros).unwrap().to_string()),
            Written::Local(local) => Some(local.to_string()),
        }
    }

    #[test]
    fn how_long_it_took_is_a_number_or_what_a_clock_would_show() {
        let unit = |name: &str| Unit::ALL.into_iter().find(|unit| unit.0 == name).unwrap().1;
        assert_eq!(unit("minutes").micros("90"), Some(90 * MINUTE));
        assert_eq!(unit("hours").micros("1.5"), Some(90 * MINUTE));
        // A third of a day is 28,800 s; what is less than a microsecond is cut.
        assert_eq!(unit("days").micros("0.33333333333"), Some(28_799_999_999));
        assert_eq!(unit("h:mm:ss").micros("26:05:00"), Some(26 * HOUR + 5 * MINUTE));
        assert_eq!(unit("h:mm:ss").micros("0:30"), Some(30 * MINUTE));
        for wrong in ["", "-1", "1,5", "1e3", "+4", "1.", "99999999999999999999"] {
            let cut = wrong == "1.";
            assert_eq!(unit("hours").micros(wrong).is_some(), cut, "{wrong}");
        }
        for wrong in ["", "5", "1:60", "1:00:60", "1:00:00:00", "-1:00"] {
            assert_eq!(unit("h:mm:ss").micros(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_month_may_be_named_in_another_language() {
        let pattern = Pattern::new("%d/%b/%y %I:%M %p").unwrap();
        let read = |text: &str| match pattern.read(text) {
            Some(Written::Local(local)) => Some(local.to_string()),
            _ => None,
        };
        for month in ["Mar", "mars", "März", "mar.", "maart"] {
            let text = format!("05/{month}/24 03:14 PM");
            assert_eq!(read(&text).as_deref(), Some("2024-03-05 15:14:00"), "{month}");
        }
        assert_eq!(read("05/août/24 03:14 AM").as_deref(), Some("2024-08-05 03:14:00"));
        assert_eq!(read("05/xyz/24 03:14 AM"), None);
    }

    #[test]
    fn the_iso_forms_are_read() {
        for (text, expected) in [
            ("2024-05-03T14:00:00Z", "2024-05-03T14:00:00Z"),
            ("2024-05-03 14:00:00+02:00", "2024-05-03T12:00:00Z"),
            ("2024-05-03T14:00:00.1234569-0330", "2024-05-03T17:30:00.123456Z"),
            ("2024-05-03T14:00+02", "2024-05-03T12:00:00Z"),
            ("2024-05-03 14:00:00 UTC", "2024-05-03T14:00:00Z"),
            ("2024-05-03 14:00:00", "2024-05-03 14:00:00"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "2024-05-03",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-05-03T24:00:00Z",
            "2024-05-03T14:60:00Z",
            "2024-05-03T14:00:60Z",
            "2024-05-03T14:00:00.Z",
            "2024-05-03T14:00:00+2",
            "2024-05-03T14:00:00 PM",
            "03/05/2024 14:00",
            "2024-00-03T14:00:00Z",
            "2024-13-03T14:00:00Z",
            "2024-05-00T14:00:00Z",
            "é024-05-03T14:00:00Z",
        ] {
            assert_eq!(iso(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_year_before_the_first_was_a_leap_year() {
        assert_eq!(days_from_civil(1, 1, 1).unwrap() - days_from_civil(0, 1, 1).unwrap(), 366);
        assert_eq!(days_from_civil(1970, 1, 1), Some(0));
    }

    #[test]
    fn the_days_of_the_table_are_those_of_the_calendar() {
        for year in YEARS.0 - 2..YEARS.0 + YEARS.1 as i64 + 2 {
            for (month, of_month) in (0..15).flat_map(|month| (0..34).map(move |day| (month, day))) {
                assert_eq!(day(year, month, of_month), days_from_civil(year, month, of_month));
            }
        }
    }

    #[test]
    fn a_pattern_reads_days_first_and_months_by_name() {
        let form = |pattern: &str| TimeForm {
            patterns: vec![Pattern::new(pattern).unwrap()],
            zone: LocalZone::Undeclared,
        };
        let local = |text: &str| Some(Written::Local(LocalTime::from_datetime(text.parse().unwrap())));
        assert_eq!(form("%d/%m/%Y %H:%M").read("29/2/2016 01:16"), local("2016-02-29T01:16:00"));
        assert_eq!(form("%d/%b/%y %I:%M %p").read("05/Mar/24 03:14 PM"), local("2024-03-05T15:14:00"));
        let offset = form("%Y-%m-%dT%H:%M:%S%.f%z").read("2024-11-26T14:42:25.824-0500");
        assert_eq!(offset, iso(b"2024-11-26T19:42:25.824Z"));
        assert_eq!(form("%d/%m/%Y %H:%M").read("31/2/2016 01:16"), None);
        assert!(Pattern::new("%Q").is_none());
    }

    #[test]
    fn a_local_time_needs_a_zone_and_must_have_been_shown() {
        let paris = Arc::new(Zone::named("Europe/Paris").unwrap());
        let form = |zone| TimeForm { patterns: vec![], zone };
        let read = |zone: LocalZone, text: &str, customer| {
            form(zone).instant(iso(text.as_bytes()).unwrap(), &|| customer)
        };
        assert_eq!(
            read(LocalZone::Undeclared, "2024-05-03 14:00:00", Some(&*paris)),
            Err(Reason::TimeWithoutZone)
        );
        assert_eq!(read(LocalZone::Customer, "2024-05-03 14:00:00", None), Err(Reason::TimeWithoutZone));
        let never = read(LocalZone::Customer, "2024-03-31 02:30:00", Some(&*paris));
        assert_eq!(never, Err(Reason::NonexistentLocalTime));
        let twice = read(LocalZone::Named(Arc::clone(&paris)), "2024-10-27 02:30:00", None).unwrap();
        assert_eq!((twice.instant.to_string().as_str(), twice.ambiguous), ("2024-10-27T00:30:00Z", true));
        assert_eq!(
            read(LocalZone::Customer, "2024-05-03T14:00:00Z", None).map(|read| read.ambiguous),
            Ok(false)
        );
        assert_eq!(read(LocalZone::Customer, "1815-06-18T14:00:00Z", None), Err(Reason::TimeOutOfSpan));
        assert_eq!(
            read(LocalZone::Customer, "2100-06-18T14:00:00", Some(&*paris)),
            Err(Reason::TimeOutOfSpan)
        );
    }

    proptest! {
        #[test]
        fn iso_agrees_with_chrono(micros in -2_208_988_800_000_000_i64..4_102_444_800_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(iso(time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().as_bytes()), Some(Written::Instant(micros)));
        }

        #[test]
        fn a_date_is_read_iff_there_is_such_a_date(year in 0_i32..9999, month in 0_u32..15, day in 0_u32..34) {
            let expected = NaiveDate::from_ymd_opt(year, month, day).map(|date| i64::from(date.to_epoch_days()));
            prop_assert_eq!(days_from_civil(i64::from(year), i64::from(month), i64::from(day)), expected);
        }

        #[test]
        fn the_usual_form_is_what_any_form_gives(
            micros in -2_208_988_800_i64..4_102_444_800, changed in 0..30_usize, byte in any::<u8>(), form in 0..6_usize,
        ) {
            let time = DateTime::from_timestamp(micros, 0).unwrap();
            let form = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+05:30", "%Y-%m-%d %H:%M:%S-11:00",
                "%Y-%m-%d %H:%M:%S", "%Y-%m-%dt%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S-24:60"][form];
            let mut text = time.format(form).to_string().into_bytes();
            prop_assert_eq!(iso(&text), any_iso(&text));
            if let Some(at) = text.get_mut(changed) {
                *at = byte;
            }
            prop_assert_eq!(usual(&text).or(any_iso(&text)), any_iso(&text));
        }

        #[test]
        fn no_text_makes_iso_panic(text in "\\PC*") {
            let _ = iso(text.as_bytes());
        }
    }
}
