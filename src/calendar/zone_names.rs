//! Time zones by the names that Rails and Windows give them.
//!
//! Both are tables of facts: Rails names a zone after a city or a part of a country, Windows after
//! its standard time, whether or not summer time is kept. Each stands for the IANA zone that the
//! makers of Rails and of CLDR (for the whole world) have it stand for.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Names and IANA zones, a tab between them.
const TABLES: [&str; 2] = [include_str!("zone_names/rails.txt"), include_str!("zone_names/windows.txt")];

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().flat_map(|table| table.lines()).filter_map(|line| line.split_once('\t'))
}

static BY_NAME: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| rows().map(|(name, iana)| (folded(name), iana)).collect());

/// The IANA name of a zone that Rails or Windows calls so, in any letter case; an offset before
/// the name, as in `(GMT-08:00) Pacific Time (US & Canada)`, is for people to read.
pub(crate) fn iana(name: &str) -> Option<&'static str> {
    BY_NAME.get(&folded(without_offset(name))).copied()
}

/// The name after `(GMT…)` or `(UTC…)`.
fn without_offset(name: &str) -> &str {
    let name = name.trim();
    let label = name.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    match label {
        Some((offset, rest)) if offset.starts_with("GMT") || offset.starts_with("UTC") => rest,
        _ => name,
    }
}

/// A name without what differs from writer to writer: letter case, spaces, how "and" is written.
fn folded(name: &str) -> String {
    let name = name.to_lowercase().replace("&amp;", "&");
    let words = name.split_whitespace().map(|word| if word == "and" { "&" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Zone;

    #[test]
    fn each_name_stands_for_a_zone_that_there_is_and_for_one_alone() {
        for (name, target) in rows() {
            assert!(Zone::named(target).is_ok(), "{name}: {target}");
            assert_eq!(iana(name), Some(target), "{name}");
        }
        assert_eq!(rows().count(), 294);
    }

    #[test]
    fn names_are_found_as_help_desks_write_them() {
        for (name, zone) in [
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("(GMT-08:00) Pacific Time (US &amp; Canada)", "America/Los_Angeles"),
            ("pacific time (US and  Canada)", "America/Los_Angeles"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("romance standard time", "Europe/Paris"),
            ("(UTC+01:00) Paris", "Europe/Paris"),
            ("New Delhi", "Asia/Kolkata"),
        ] {
            assert_eq!(iana(name), Some(zone), "{name}");
        }
        for name in ["", "Paris Standard Time", "(US & Canada)", "Atlantis", "(GMT+01:00)"] {
            assert_eq!(iana(name), None, "{name}");
        }
    }
}
