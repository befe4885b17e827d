//! The numbers behind figures: shares, and the round steps of an axis.

/// The share that `part` is of `whole`, if there is a whole.
pub fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
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
    fn there_is_no_share_of_nothing() {
        assert_eq!(share(0, 0), None);
        assert_eq!(share(1, 4), Some(0.25));
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
}
