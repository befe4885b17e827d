//! The names of the sheets: what a spreadsheet allows, and no two alike.

use std::collections::BTreeSet;

/// The longest name, as spreadsheets count: in units of UTF-16.
const LONGEST: usize = 31;
/// A name that Excel keeps for itself.
const KEPT: &str = "History";

/// A name for each that is wanted, none of them one of `reserved`.
pub(super) fn names<'a>(reserved: &[&str], wanted: impl Iterator<Item = &'a str>) -> Vec<String> {
    let key = |name: &str| name.to_lowercase();
    let mut taken: BTreeSet<String> = reserved.iter().chain([&KEPT]).map(|name| key(name)).collect();
    let mut names = Vec::new();
    for (index, wanted) in wanted.enumerate() {
        let mut clean = clean(wanted);
        if clean.is_empty() {
            // A name of forbidden characters only: the table's number is better than none.
            clean = (index + 1).to_string();
        }
        let mut name = cut(&clean, LONGEST).to_owned();
        let mut number = 2_u64;
        while !taken.insert(key(&name)) {
            let suffix = format!(" ({number})");
            name = format!("{}{suffix}", cut(&clean, LONGEST - suffix.len()));
            number += 1;
        }
        names.push(name);
    }
    names
}

/// Where a link within the workbook leads to: the first cell of a sheet.
pub(super) fn link(tab: &str) -> String {
    format!("internal:'{}'!A1", tab.replace('\'', "''"))
}

fn clean(name: &str) -> String {
    let allowed = |c: char| match c {
        '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{fffe}' | '\u{ffff}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    let name: String = name.chars().map(allowed).collect();
    trimmed(&name).to_owned()
}

/// Names neither begin nor end with an apostrophe, nor, for those who read them, with a space.
fn trimmed(name: &str) -> &str {
    name.trim_matches(|c: char| c == '\'' || c.is_whitespace())
}

/// The beginning of a name, of at most so many units.
fn cut(name: &str, longest: usize) -> &str {
    let mut units = 0;
    let end = name.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > longest
    });
    trimmed(end.map_or(name, |(end, _)| &name[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_that_a_spreadsheet_allows() {
        let long = "W".repeat(300);
        let hostile = [
            "[a]:*?/\\b",
            "",
            "?",
            "'quoted'",
            "History",
            "history",
            "Summary",
            "summary",
            &long,
            &long,
            "漢字\u{1f600}",
            "a\tb\u{0}c",
            "<script>",
            "''",
            "=1+1",
        ];
        let names = names(&["Summary"], hostile.into_iter());
        assert_eq!(names.len(), hostile.len());
        for name in &names {
            rust_xlsxwriter::utility::check_sheet_name(name).unwrap();
            assert!(!name.eq_ignore_ascii_case("history") && name != "Summary", "{name}");
            assert!(!name.contains(char::is_control));
        }
        let alike: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(alike.len(), names.len());
        assert_eq!(names[4..6], ["History (2)", "history (3)"]);
        assert_eq!(names[1..3], ["2", "3"]);
    }

    #[test]
    fn a_name_that_is_allowed_stays_as_it_is() {
        assert_eq!(names(&[], ["By severity", "L’été"].into_iter()), ["By severity", "L’été"]);
        assert_eq!(link("it's"), "internal:'it''s'!A1");
    }
}
