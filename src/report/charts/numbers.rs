//! Figures as people read them: shares, counts, hours, and the round steps of an axis.

/// A share as a percentage: `97.3 %`. Only all of it is `100 %`, and only nothing is `0 %`.
pub fn percent(share: f64) -> String {
    if share >= 1.0 {
        return "100 %".to_owned();
    }
    if share <= 0.0 {
        return "0 %".to_owned();
    }
    match ((share * 1000.0).round() as i64).min(999) {
        0 => "<0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// The share that `part` is of `whole`, if there is a whole.
pub fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A count in full: `1,234,567`.
pub fn count(number: i64) -> String {
    let digits = number.max(0).to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 answer`, `2 answers`.
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The number behind a figure: `n = 412`.
pub fn behind(number: i64) -> String {
    format!("n = {}", count(number))
}

/// A count in at most five characters, where there is no room for more: `999`, `1.2k`, `35k`, `1.0M`.
pub fn compact(number: i64) -> String {
    if number < 1000 {
        return number.max(0).to_string();
    }
    let units = [("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000_i64)];
    for (unit, size) in units {
        let tenths = number.saturating_add(size / 20) / (size / 10);
        if tenths < 100 {
            return format!("{}.{}{unit}", tenths / 10, tenths % 10);
        }
        let whole = number.saturating_add(size / 2) / size;
        if whole < 1000 {
            return format!("{whole}{unit}");
        }
    }
    ">999T".to_owned()
}

/// A whole number along an axis: `500`, `2k`, `1.5M`.
pub fn tick(value: f64) -> String {
    compact(value as i64).replace(".0", "")
}

/// Hours as measured: `2.4 h`, `37 h`, `12k h`.
pub fn hours(value: f64) -> String {
    match value {
        value if value < 9.95 => format!("{value:.1} h"),
        value if value < 9_999.5 => format!("{} h", count(value.round() as i64)),
        value => format!("{} h", compact(value as i64)),
    }
}

/// Hours as agreed, without needless zeros: `8 h`, `0.5 h`.
pub fn exact_hours(value: f64) -> String {
    let text = format!("{value:.2}");
    format!("{} h", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The round figures from 0 up to the first one that is not below `highest`, about `wanted` of them.
pub fn round_figures(highest: f64, wanted: usize, least_step: f64) -> Vec<f64> {
    let highest = if highest.is_finite() { highest.max(least_step) } else { least_step };
    let rough = (highest / wanted.max(1) as f64).max(least_step);
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= rough * 0.999_999)
        .unwrap_or(rough);
    let steps = (highest / step - 1e-9).ceil().clamp(1.0, 50.0) as usize;
    (0..=steps).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_everything_is_a_hundred_percent() {
        assert_eq!(percent(0.9997), "99.9 %");
        assert_eq!(percent(999_999.0 / 1_000_000.0), "99.9 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.9731), "97.3 %");
        assert_eq!(percent(0.5), "50.0 %");
    }

    #[test]
    fn only_nothing_is_zero_percent() {
        assert_eq!(percent(0.0001), "<0.1 %");
        assert_eq!(percent(0.0), "0 %");
    }

    #[test]
    fn there_is_no_share_of_nothing() {
        assert_eq!(share(0, 0), None);
        assert_eq!(share(1, 4), Some(0.25));
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        let counts = [0, 7, 999, 1000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "7", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn compact_counts_have_at_most_five_characters() {
        assert_eq!([999, 1_000, 1_249, 9_960, 999_600].map(compact), ["999", "1.0k", "1.2k", "10k", "1.0M"]);
        for number in (0..63).map(|power| (1_i64 << power) - 1).chain([i64::MAX, i64::MIN]) {
            assert!(compact(number).len() <= 5, "{number}");
        }
    }

    #[test]
    fn figures_along_an_axis_have_no_needless_zeros() {
        assert_eq!([0.0, 500.0, 2000.0, 1.5e6].map(tick), ["0", "500", "2k", "1.5M"]);
    }

    #[test]
    fn an_axis_has_round_figures_up_to_the_highest_value() {
        assert_eq!(round_figures(23.0, 5, 1.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        assert_eq!(round_figures(1.0, 5, 1.0), [0.0, 1.0]);
        assert_eq!(round_figures(f64::INFINITY, 4, 1.0), [0.0, 1.0]);
        for highest in [0.0, 0.3, 9.0, 11.0, 4e6, 7e17] {
            let figures = round_figures(highest, 5, 0.5);
            assert!(figures.last().is_some_and(|last| *last >= highest) && figures.len() <= 8, "{figures:?}");
        }
    }

    #[test]
    fn hours_are_written_with_their_unit() {
        let written = [2.44, 9.96, 37.2, 1234.0, 12_345.0].map(hours);
        assert_eq!(written, ["2.4 h", "10 h", "37 h", "1,234 h", "12k h"]);
        assert_eq!([8.0, 0.5, 1.25, 10.0].map(exact_hours), ["8 h", "0.5 h", "1.25 h", "10 h"]);
    }
}
