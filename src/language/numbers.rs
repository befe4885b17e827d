//! Figures as people of a language read them: shares, counts, hours.

use serde::Deserialize;

use super::Language;
use super::words::{Counted, filled};
use crate::calendar::HOUR;

/// How a language writes numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbers {
    /// What stands before the fraction.
    decimal: String,
    /// What stands between each three digits.
    thousands: String,
    /// A percentage: `{n} %`.
    percent: String,
    /// Hours: `{n} h`.
    hours: String,
    /// Hours and minutes: `{hours} h {minutes}`.
    hours_minutes: String,
    hours_minutes_seconds: String,
    /// The number behind a figure: `n = {n}`.
    behind: String,
    /// Less than a figure: `<{n}`.
    less_than: String,
    /// From one figure to another: `{from} – {to}`.
    range: String,
    /// Up to which number a noun is in the singular: 0 where only 1 is.
    singular: Singular,
}

/// Which numbers take a noun in the singular.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Singular {
    /// 1 alone.
    One,
    /// 0 and 1.
    ZeroAndOne,
}

impl Language {
    /// A share as a percentage: `97.3 %`. Only all of it is `100 %`, and only nothing is `0 %`.
    pub fn percent(&self, share: f64) -> String {
        let of = |number: &str| filled(&self.numbers.percent, &[("n", number)]);
        if share >= 1.0 {
            return of("100");
        }
        if share <= 0.0 {
            return of("0");
        }
        match ((share * 1000.0).round() as i64).min(999) {
            0 => of(&filled(&self.numbers.less_than, &[("n", &self.decimal("0.1"))])),
            tenths => of(&self.decimal(&format!("{}.{}", tenths / 10, tenths % 10))),
        }
    }

    /// The difference of two shares in points of percent, with its sign: `+1.2`, `−0.4`, `±0.0`.
    pub fn points(&self, difference: f64) -> String {
        let tenths = (difference * 1000.0).round() as i64;
        let sign = match tenths {
            0 => '±',
            tenths if tenths > 0 => '+',
            _ => '−',
        };
        let tenths = tenths.abs();
        format!("{sign}{}", self.decimal(&format!("{}.{}", tenths / 10, tenths % 10)))
    }

    /// From one figure to another.
    pub fn range(&self, from: &str, to: &str) -> String {
        filled(&self.numbers.range, &[("from", from), ("to", to)])
    }

    /// A count in full: `1,234,567`.
    pub fn count(&self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        if number < 0 {
            text.push('−');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(&self.numbers.thousands);
            }
            text.push(digit);
        }
        text
    }

    /// A count with its noun: `1 answer`, `2 answers`.
    pub(crate) fn counted(&self, number: i64, noun: &Counted) -> String {
        self.counted_with(number, noun, &[])
    }

    /// A count with its noun, in a text that says more: `{share} of {n} answers`.
    pub(crate) fn counted_with(&self, number: i64, noun: &Counted, values: &[(&str, &str)]) -> String {
        let singular = match self.numbers.singular {
            Singular::One => number == 1,
            Singular::ZeroAndOne => (0..=1).contains(&number),
        };
        let text = if singular { &noun.one } else { &noun.many };
        let number = self.count(number);
        filled(text, &[&[("n", number.as_str())], values].concat())
    }

    /// The number behind a figure: `n = 412`.
    pub fn behind(&self, number: i64) -> String {
        filled(&self.numbers.behind, &[("n", &self.count(number))])
    }

    /// A count in at most five characters, where there is no room for more: `999`, `1.2k`, `35k`, `1.0M`.
    pub fn compact(&self, number: i64) -> String {
        if number < 1000 {
            return number.max(0).to_string();
        }
        let units = [("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000_i64)];
        for (unit, size) in units {
            let tenths = number.saturating_add(size / 20) / (size / 10);
            if tenths < 100 {
                return self.decimal(&format!("{}.{}{unit}", tenths / 10, tenths % 10));
            }
            let whole = number.saturating_add(size / 2) / size;
            if whole < 1000 {
                return format!("{whole}{unit}");
            }
        }
        ">999T".to_owned()
    }

    /// A whole number along an axis: `500`, `2k`, `1.5M`.
    pub fn tick(&self, value: f64) -> String {
        self.compact(value as i64).replace(&format!("{}0", self.numbers.decimal), "")
    }

    /// Hours as measured: `2.4 h`, `37 h`, `12k h`.
    pub fn hours(&self, value: f64) -> String {
        let number = match value {
            value if value < 9.95 => self.decimal(&format!("{value:.1}")),
            value if value < 9_999.5 => self.count(value.round() as i64),
            value => self.compact(value as i64),
        };
        filled(&self.numbers.hours, &[("n", &number)])
    }

    /// Hours as agreed, without needless zeros: `8 h`, `0.5 h`.
    pub fn exact_hours(&self, value: f64) -> String {
        let text = format!("{value:.2}");
        let number = self.decimal(text.trim_end_matches('0').trim_end_matches('.'));
        filled(&self.numbers.hours, &[("n", &number)])
    }

    /// Hours and minutes of a length in microseconds: `4 h 05`. What is left of a minute is cut
    /// off, so that a time is never shown as having reached what it has not.
    pub fn hours_minutes(&self, micros: i64) -> String {
        let minutes = micros.unsigned_abs() / 60_000_000;
        let (hours, rest) = (self.count((minutes / 60) as i64), format!("{:02}", minutes % 60));
        let text = filled(&self.numbers.hours_minutes, &[("hours", &hours), ("minutes", &rest)]);
        if micros < 0 { format!("−{text}") } else { text }
    }

    /// A length of time to the microsecond, seconds only where there are any: `7 h 59 min 59.5 s`.
    pub fn exact_time(&self, micros: i64) -> String {
        let rest = micros.unsigned_abs() % 60_000_000;
        if rest == 0 {
            return self.hours_minutes(micros);
        }
        let minutes = micros.unsigned_abs() / 60_000_000;
        let seconds = format!("{}.{:06}", rest / 1_000_000, rest % 1_000_000);
        let seconds = self.decimal(seconds.trim_end_matches('0').trim_end_matches('.'));
        let (hours, minutes) = (self.count((minutes / 60) as i64), (minutes % 60).to_string());
        let text = filled(
            &self.numbers.hours_minutes_seconds,
            &[("hours", &hours), ("minutes", &minutes), ("seconds", &seconds)],
        );
        if micros < 0 { format!("−{text}") } else { text }
    }

    /// Hours and minutes of a column in hours; it came from whole microseconds, and they come back.
    pub fn hours_minutes_of(&self, hours: f64) -> String {
        self.hours_minutes((hours * HOUR as f64).round() as i64)
    }

    /// A real number with so many digits after the decimal sign, grouped by thousands.
    pub fn number(&self, value: f64, digits: usize) -> String {
        let text = format!("{:.digits$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        // Far beyond any count of hours; such a number is shown ungrouped.
        let mut shown = whole.parse().map_or_else(|_| whole.to_owned(), |whole| self.count(whole));
        if !fraction.is_empty() {
            shown.push_str(&self.numbers.decimal);
            shown.push_str(fraction);
        }
        let zero = shown.chars().all(|c| !c.is_ascii_digit() || c == '0');
        if value < 0.0 && !zero { format!("−{shown}") } else { shown }
    }

    /// What parts a fraction from the whole.
    pub(super) fn decimal_mark(&self) -> &str {
        &self.numbers.decimal
    }

    fn decimal(&self, text: &str) -> String {
        text.replace('.', &self.numbers.decimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn en() -> &'static Language {
        Language::named("en").unwrap()
    }

    fn fr() -> &'static Language {
        Language::named("fr").unwrap()
    }

    #[test]
    fn only_everything_is_a_hundred_percent() {
        assert_eq!(en().percent(0.9997), "99.9 %");
        assert_eq!(en().percent(999_999.0 / 1_000_000.0), "99.9 %");
        assert_eq!(en().percent(1.0), "100 %");
        assert_eq!(en().percent(0.9731), "97.3 %");
        assert_eq!(en().percent(0.5), "50.0 %");
    }

    #[test]
    fn only_nothing_is_zero_percent() {
        assert_eq!(en().percent(0.0001), "<0.1 %");
        assert_eq!(en().percent(0.0), "0 %");
    }

    #[test]
    fn french_has_a_comma_and_thin_spaces() {
        assert_eq!(fr().percent(0.9731), "97,3\u{202f}%");
        assert_eq!(fr().count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(fr().number(-1234.5, 1), "−1\u{202f}234,5");
        assert_eq!(fr().compact(1_249), "1,2k");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        let counts = [0, 7, 999, 1000, 1_234_567].map(|number| en().count(number));
        assert_eq!(counts, ["0", "7", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn compact_counts_have_at_most_five_characters() {
        let compact = |number| en().compact(number);
        assert_eq!([999, 1_000, 1_249, 9_960, 999_600].map(compact), ["999", "1.0k", "1.2k", "10k", "1.0M"]);
        for number in (0..63).map(|power| (1_i64 << power) - 1).chain([i64::MAX, i64::MIN]) {
            assert!(compact(number).len() <= 5, "{number}");
        }
    }

    #[test]
    fn figures_along_an_axis_have_no_needless_zeros() {
        assert_eq!([0.0, 500.0, 2000.0, 1.5e6].map(|value| en().tick(value)), ["0", "500", "2k", "1.5M"]);
        assert_eq!([2000.0, 1.5e6].map(|value| fr().tick(value)), ["2k", "1,5M"]);
    }

    #[test]
    fn differences_of_shares_have_a_sign() {
        let points = [0.012, -0.0004, -0.031].map(|difference| en().points(difference));
        assert_eq!(points, ["+1.2", "±0.0", "−3.1"]);
    }

    #[test]
    fn hours_and_minutes_are_never_rounded_up() {
        let minute = 60_000_000;
        assert_eq!(en().hours_minutes(8 * 60 * minute - 1), "7 h 59");
        assert_eq!(en().hours_minutes(8 * 60 * minute), "8 h 00");
        assert_eq!(en().hours_minutes(-90 * minute), "−1 h 30");
    }

    #[test]
    fn an_exact_time_has_all_its_digits_and_no_more() {
        let minute = 60_000_000;
        assert_eq!(en().exact_time(8 * 60 * minute - 1), "7 h 59 min 59.999999 s");
        assert_eq!(en().exact_time(90 * minute + 1_500_000), "1 h 30 min 1.5 s");
        assert_eq!(en().exact_time(-90 * minute), "−1 h 30");
        assert_eq!(fr().exact_time(2_500_000), "0\u{202f}h 0\u{202f}min 2,5\u{202f}s");
    }

    #[test]
    fn a_noun_is_in_the_singular_as_the_language_has_it() {
        let noun = Counted { one: "{n} x".into(), many: "{n} xs".into() };
        assert_eq!([0, 1, 2].map(|n| en().counted(n, &noun)), ["0 xs", "1 x", "2 xs"]);
        assert_eq!([0, 1, 2].map(|n| fr().counted(n, &noun)), ["0 x", "1 x", "2 xs"]);
    }

    #[test]
    fn nothing_is_no_negative_number() {
        assert_eq!(en().number(-0.001, 2), "0.00");
    }
}
