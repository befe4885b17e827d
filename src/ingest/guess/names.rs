//! What help desks call the fields of a ticket, an update and a customer, in several languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::lists;

/// By table and field, what its column may be called, the likeliest first.
static NAMES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| lists::read(include_str!("names.txt")));

/// What the column of a field may be called.
pub(super) fn of(table: &str, field: &str) -> &'static [&'static str] {
    NAMES.get(format!("{table} {field}").as_str()).map_or(&[], Vec::as_slice)
}

/// What of the names of columns is compared: words in lower case, apart.
pub(super) fn plain(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for char in name.chars() {
        let begins = char.is_uppercase() && before.is_lowercase();
        let ends = begins || !char.is_alphanumeric();
        if ends && !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
        }
        if char.is_alphanumeric() {
            words.extend(char.to_lowercase());
        }
        before = char;
    }
    words.trim_end().to_owned()
}

/// How much a column's name is like what a field may be called: more for the likelier names, and
/// more for a name that says nothing else. 0 where it is like none.
pub(super) fn likeness(name: &str, known: &[&str]) -> usize {
    let name = plain(name);
    let worth = |place: usize| known.len() - place;
    let whole = known.iter().position(|known| *known == name).map(|place| 1_000 + worth(place));
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let of_name = words(&name);
    // One word may stand in many a name that means something else.
    let within = |known: &str| {
        let known = words(known);
        known.len() > 1 && of_name.windows(known.len()).any(|window| window == known)
    };
    let part = || known.iter().position(|known| within(known)).map(|place| 500 + worth(place));
    let last = || {
        let end = of_name.last().filter(|end| end.chars().count() > 3)?;
        known.iter().position(|known| known == end).map(worth)
    };
    // `Priority 2`, where `Priority` stands before it.
    let counted = || {
        let plain = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == ' ');
        known.iter().position(|known| *known == plain).map(|place| 900 + worth(place))
    };
    whole.or_else(counted).or_else(part).or_else(last).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::profile::{customer, ticket, update};

    #[test]
    fn every_name_is_of_a_field_and_written_as_names_are_compared() {
        for (key, names) in NAMES.iter() {
            let (table, field) = key.split_once(' ').unwrap();
            let fields = match table {
                "tickets" => ticket::NAMES,
                "updates" => update::NAMES,
                _ => customer::NAMES,
            };
            assert!(fields.contains(&field), "{table} {field}");
            for name in names {
                assert_eq!(plain(name), *name, "{table} {field}");
            }
        }
        assert!(of("tickets", "severity").contains(&"priority"));
    }

    #[test]
    fn names_are_compared_as_words_in_lower_case() {
        for (name, expected) in [
            ("CreatedDate", "created date"),
            ("sys_created_on", "sys created on"),
            ("Custom field (Region)", "custom field region"),
            ("Problem Change Date+Time", "problem change date time"),
            ("As.Of.Date", "as of date"),
            ("ID", "id"),
            ("Créé le", "créé le"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }

    #[test]
    fn a_name_that_says_it_alone_is_likelier_than_one_that_says_more() {
        let known = &["created at", "created"];
        let of = |name| likeness(name, known);
        assert!(of("Created at") > of("created"));
        assert!(of("created") > of("Ticket created at"));
        assert!(of("Ticket created at") > of("date created"));
        assert_eq!(of("Updated at"), 0);
    }
}
