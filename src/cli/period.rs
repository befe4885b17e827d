//! Instants and periods as they are given on the command line.

use chrono::DateTime;

use super::failure::Failure;
use crate::calendar::Instant;
use crate::measure::Period;

/// The instant of `--as-of`.
pub(super) fn as_of(text: &str) -> Result<Instant, Failure> {
    let bad = || {
        Failure::usage(format!("--as-of \"{text}\" is no instant"))
            .hint("write it with its offset: 2024-05-31T18:00:00Z or 2024-05-31T18:00:00+02:00")
    };
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| bad())?;
    Instant::from_micros(time.timestamp_micros()).map_err(|error| Failure::usage(format!("--as-of: {error}")))
}

/// The period of `--period`; `last-month` is the one before the month of `as_of`, or of now.
pub(super) fn period(text: Option<&str>, as_of: Option<Instant>, now: i64) -> Result<Period, Failure> {
    match text {
        None => Ok(Period::Everything),
        Some("last-month") => {
            let micros = as_of.map_or(now, Instant::micros);
            let date = DateTime::from_timestamp_micros(micros).unwrap_or_default().date_naive();
            Ok(Period::month_before(date))
        }
        Some(text) => Ok(text.parse::<Period>()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_month_is_the_month_before_the_as_of_instant_or_now() {
        let now = DateTime::parse_from_rfc3339("2024-03-01T00:00:00Z").unwrap().timestamp_micros();
        assert_eq!(period(Some("last-month"), None, now).unwrap(), "2024-02".parse().unwrap());
        let as_of = as_of("2024-01-15T12:00:00Z").unwrap();
        assert_eq!(period(Some("last-month"), Some(as_of), now).unwrap(), "2023-12".parse().unwrap());
        assert_eq!(period(None, None, now).unwrap(), Period::Everything);
    }

    #[test]
    fn an_as_of_without_offset_is_wrong_usage() {
        assert_eq!(as_of("2024-05-31").unwrap_err().code, super::super::failure::USAGE);
        assert_eq!(as_of("2024-05-31T18:00:00").unwrap_err().code, super::super::failure::USAGE);
    }
}
