//! What the spellings of an export stand for: each its own, those with `*` for many, and `*` alone
//! for any other.

use std::collections::BTreeMap;

/// A table of spellings and what they stand for. Letter case counts only where two spellings
/// differ in nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spellings {
    pairs: BTreeMap<String, String>,
    /// In lower case; `None` where spellings that differ only in case stand for different things.
    folded: BTreeMap<String, Option<String>>,
    /// Those with a `*` in them, in lower case, the most particular first.
    patterns: Vec<(String, String)>,
    /// What `*` alone stands for.
    any: Option<String>,
}

impl Spellings {
    /// These pairs added to those there are; one that was there stands for what is new.
    pub(super) fn and(&self, pairs: impl IntoIterator<Item = (String, String)>) -> Spellings {
        let mut all = Spellings { pairs: self.pairs.clone(), ..Spellings::default() };
        all.pairs.extend(pairs);
        for (spelling, meaning) in &all.pairs {
            if spelling == "*" {
                all.any = Some(meaning.clone());
            } else if spelling.contains('*') {
                all.patterns.push((spelling.to_lowercase(), meaning.clone()));
            } else {
                let folded =
                    all.folded.entry(spelling.to_lowercase()).or_insert_with(|| Some(meaning.clone()));
                if folded.as_ref() != Some(meaning) {
                    *folded = None;
                }
            }
        }
        let said = |pattern: &str| pattern.chars().filter(|char| *char != '*').count();
        all.patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(said(pattern)));
        all
    }

    /// All of them, each as it is spelled, and what it stands for.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(spelling, meaning)| (spelling.as_str(), meaning.as_str()))
    }

    /// What a text stands for that has no spelling of its own.
    pub(super) fn any(&self) -> Option<&str> {
        self.any.as_deref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// What a text stands for by a spelling of its own or by one with a `*` in it.
    pub(super) fn particular(&self, text: &str) -> Option<&str> {
        let exact = (text != "*").then(|| self.pairs.get(text)).flatten();
        if let Some(meaning) = exact {
            return Some(meaning);
        }
        if self.folded.is_empty() && self.patterns.is_empty() {
            return None;
        }
        let lower = text.to_lowercase();
        let folded = self.folded.get(&lower).and_then(Option::as_deref);
        folded.or_else(|| {
            self.patterns.iter().find(|(pattern, _)| matches(pattern, &lower)).map(|(_, to)| to.as_str())
        })
    }

    /// What a text stands for.
    pub(super) fn get(&self, text: &str) -> Option<&str> {
        self.particular(text).or(self.any())
    }
}

/// Whether a text is of a pattern in which `*` stands for any run of characters, none included.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(pairs: &[(&str, &str)]) -> Spellings {
        Spellings::default().and(pairs.iter().map(|(from, to)| (from.to_string(), to.to_string())))
    }

    #[test]
    fn a_spelling_of_its_own_wins_over_a_pattern_and_a_pattern_over_any_other() {
        let authors =
            spellings(&[("*", "support"), ("*bot*", "system"), ("Abbot", "customer"), ("a*bot", "x")]);
        for (text, meaning) in [
            ("Abbot", "customer"),
            ("abbot", "customer"),
            ("Robot 7", "system"),
            ("Acrobot", "x"),
            ("Eve", "support"),
        ] {
            assert_eq!(authors.get(text), Some(meaning), "{text}");
        }
        assert_eq!((authors.particular("Eve"), spellings(&[]).get("Eve")), (None, None));
        assert_eq!(authors.get("*"), Some("support"));
    }

    #[test]
    fn letter_case_counts_where_spellings_differ_in_nothing_else() {
        let levels = spellings(&[("p1", "1"), ("P1", "2"), ("High", "3")]);
        assert_eq!((levels.get("p1"), levels.get("P1")), (Some("1"), Some("2")));
        assert_eq!((levels.get("HIGH"), levels.get("low")), (Some("3"), None));
    }

    #[test]
    fn later_pairs_are_added_to_those_there_are() {
        let both = spellings(&[("a", "1"), ("b", "2")]).and([("b".to_owned(), "3".to_owned())]);
        assert_eq!((both.get("a"), both.get("b"), both.get("c")), (Some("1"), Some("3"), None));
    }

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, expected) in [
            ("a*", "a", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            ("*x", "x", true),
            ("ab*b", "ab", false),
            ("*é*", "été", true),
            ("plain", "plain", true),
            ("plain", "plains", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
