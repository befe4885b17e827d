//! Targets as people write them: a number of hours, or `1h30m`, `45s`, `250us`.

use crate::calendar::{HOUR, MINUTE, SECOND};

/// Microseconds in a length of time: `8`, `1.5` (hours), `8h`, `90m`, `1h30m`, `45s`, `250us`.
///
/// `None` where it is not one, is not a whole number of microseconds, or is longer than a century.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return scaled(text, HOUR);
    }
    let mut rest = text;
    let mut total: i64 = 0;
    let mut smallest = i64::MAX;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let micros = match unit {
            "h" => HOUR,
            "m" => MINUTE,
            "s" => SECOND,
            "ms" => 1_000,
            "us" => 1,
            _ => return None,
        };
        // Each unit once, the largest first: `30m1h` is more likely a slip than meant.
        if micros >= smallest {
            return None;
        }
        smallest = micros;
        total = total.checked_add(scaled(number, micros)?)?;
        rest = tail.trim_start();
    }
    (smallest < i64::MAX && total <= 100 * 366 * 24 * HOUR).then_some(total)
}

/// A length of time as [`parse`] reads it: `8h`, `1h30m`, `250us`.
pub(super) fn text(micros: i64) -> String {
    let mut rest = micros;
    let mut text = String::new();
    for (unit, name) in [(HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (1, "us")] {
        if rest >= unit {
            text.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    text
}

/// A decimal number of units, exactly.
fn scaled(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 12;
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut value = i128::from(whole.parse::<i64>().ok()?) * i128::from(unit);
    if !fraction.is_empty() {
        let part = i128::from(fraction.parse::<i64>().ok()?) * i128::from(unit);
        let parts = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        if part % parts != 0 {
            return None;
        }
        value += part / parts;
    }
    i64::try_from(value).ok().filter(|value| *value <= 100 * 366 * 24 * HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_to_the_microsecond() {
        for (text, micros) in [
            ("8", 8 * HOUR),
            ("1.5", 90 * MINUTE),
            ("8h", 8 * HOUR),
            ("90m", 90 * MINUTE),
            ("1h30m", 90 * MINUTE),
            ("1h 30m", 90 * MINUTE),
            ("45s", 45 * SECOND),
            ("250us", 250),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Some(micros), "{text}");
        }
    }

    #[test]
    fn a_length_is_written_as_it_is_read() {
        for written in ["8h", "1h30m", "45s", "250us", "1h1m1s1us"] {
            assert_eq!(parse(written).map(text).as_deref(), Some(written));
        }
    }

    #[test]
    fn what_is_no_length_is_none() {
        for text in [
            "",
            "h",
            "8 hours",
            "30m1h",
            "1h1h",
            "-8",
            "8,5",
            "0.0000000001",
            "1e3",
            "99999999999999h",
            "1..2",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
