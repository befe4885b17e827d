//! Lists of words in a text: lines of `key: word, word`, of which one that begins with a space goes on
//! with the list above it, and `#` begins a comment.

use std::collections::BTreeMap;

/// The lists by their keys.
pub(super) fn read(text: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut of = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words = match line.split_once(": ") {
            Some((key, words)) => {
                of = key;
                words
            }
            None => line,
        };
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        all.entry(of).or_default().extend(words);
    }
    all.retain(|_, words| !words.is_empty());
    all
}
