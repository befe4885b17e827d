//! What the words of help desks stand for: levels, statuses, roles, visibility.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::lists;
use super::names::plain;

static WORDS: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| lists::read(include_str!("words.txt")));

/// Whether a text, words in lower case, has one of a list.
fn has(text: &str, list: &str) -> bool {
    text.split(' ').any(|own| listed(list).contains(&own))
}

fn listed(list: &str) -> &'static [&'static str] {
    WORDS.get(list).map_or(&[], Vec::as_slice)
}

/// What a text is taken to stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This, by what the word says.
    Certain(&'static str),
    /// This perhaps: somebody who knows must say.
    Perhaps(&'static str),
    /// The word says nothing.
    Unknown,
}

/// A level that a word names, from the worst.
const WORST: usize = 0;
const HIGH: usize = 1;
const MEDIUM: usize = 2;
const LOW: usize = 3;

/// The lists of the levels' words.
const LEVELS: [&str; 5] = ["level worst", "level high", "level medium", "level low", "level lowest"];

/// The severities of one to four and of five levels in order.
const SEVERITIES: [&str; 5] = ["1", "2", "3", "4", "4"];

fn level(text: &str) -> Option<usize> {
    let text = plain(text);
    let of = |text: &str| LEVELS.iter().position(|list| listed(list).contains(&text));
    // "1 - Critical", "High priority", "P2 high".
    of(&text).or_else(|| text.split(' ').find_map(of))
}

/// The number in `3`, `3.0`, `P3`, `Sev 3`, `3 - Moderate`.
fn number(text: &str) -> Option<usize> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    let mut digits = text.split(|char: char| !char.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let number = digits.next()?.parse().ok()?;
    digits.next().is_none().then_some(number)
}

/// What the texts of a column of severities stand for, and what is to be asked about it.
pub(super) struct Severities {
    pub(super) meanings: Vec<(String, Meaning)>,
    pub(super) question: Option<String>,
}

/// What the texts of a column of severities stand for.
pub(super) fn severities(texts: &[&str]) -> Severities {
    let levels: Vec<Option<usize>> = texts.iter().map(|text| level(text)).collect();
    if levels.iter().any(Option::is_some) {
        return by_words(texts, &levels);
    }
    let numbers: Vec<Option<usize>> = texts.iter().map(|text| number(text)).collect();
    match numbers.iter().copied().collect::<Option<Vec<usize>>>() {
        Some(numbers) if !numbers.is_empty() => by_numbers(texts, &numbers),
        _ => Severities {
            meanings: texts.iter().map(|text| ((*text).to_owned(), Meaning::Unknown)).collect(),
            question: Some("its words do not tell which is worse: say what each stands for".to_owned()),
        },
    }
}

fn by_words(texts: &[&str], levels: &[Option<usize>]) -> Severities {
    let says = |word: &str| texts.iter().any(|text| plain(text).split(' ').any(|own| own == word));
    // The scale on which a blocker is worse than what is critical, and that on which major is worse than high.
    let blocker_first = says("blocker") && says("critical");
    let major_first = says("major") && says("high");
    let severity = |text: &str, level: usize| {
        let has = |word: &str| plain(text).split(' ').any(|own| own == word);
        let level = match level {
            WORST if blocker_first && has("critical") => HIGH,
            HIGH if blocker_first && has("major") => MEDIUM,
            HIGH if major_first && has("major") && !says("critical") => WORST,
            MEDIUM if blocker_first => LOW,
            level => level,
        };
        SEVERITIES[level]
    };
    let meanings: Vec<_> = texts
        .iter()
        .zip(levels)
        .map(|(text, level)| {
            let meaning = level.map_or(Meaning::Unknown, |level| Meaning::Certain(severity(text, level)));
            ((*text).to_owned(), meaning)
        })
        .collect();
    let is_worst = |(_, meaning): &(String, Meaning)| *meaning == Meaning::Certain(SEVERITIES[WORST]);
    let question = (!meanings.iter().any(is_worst)).then(|| {
        "no level of it says critical or urgent: is its highest severity 1, or 2 as proposed?".to_owned()
    });
    Severities { meanings, question }
}

fn by_numbers(texts: &[&str], numbers: &[usize]) -> Severities {
    let least = numbers.iter().copied().min().unwrap_or(1);
    let most = numbers.iter().copied().max().unwrap_or(1);
    let scale = |number: usize| match (least, most) {
        (0, ..=4) => SEVERITIES.get(number).copied(),
        (_, ..=5) => SEVERITIES.get(number.wrapping_sub(1)).copied(),
        _ => None,
    };
    let meanings = texts
        .iter()
        .zip(numbers)
        .map(|(text, number)| ((*text).to_owned(), scale(*number).map_or(Meaning::Unknown, Meaning::Certain)))
        .collect();
    let question = match scale(most) {
        Some(_) if least == most => {
            "one value alone tells no scale: see that it is the one that is meant".to_owned()
        }
        Some(_) => format!("{least} is taken for the worst: if {most} is, turn its spellings round"),
        None => "its numbers do not tell which are worse: say what each stands for".to_owned(),
    };
    Severities { meanings, question: Some(question) }
}

/// What a status stands for: `open`, `waiting` or `resolved`.
pub(super) fn state(text: &str) -> Meaning {
    let text = plain(text);
    let has = |list: &str| has(&text, list);
    if has("state waits") && has("whom support") {
        return Meaning::Certain("open");
    }
    match (has("state waits"), has("whom customer"), has("state done")) {
        (true, true, _) => Meaning::Certain("waiting"),
        (true, false, _) => Meaning::Perhaps("waiting"),
        (_, _, true) if text.split(' ').any(|own| matches!(own, "not" | "un" | "re")) => {
            Meaning::Perhaps("resolved")
        }
        (_, _, true) => Meaning::Certain("resolved"),
        _ => Meaning::Certain("open"),
    }
}

/// What a role stands for: `support`, `customer` or `system`.
pub(super) fn role(text: &str) -> Meaning {
    let text = plain(text);
    let has = |list: &str| has(&text, list);
    match (has("role support"), has("role customer"), has("role system")) {
        (false, false, true) => Meaning::Certain("system"),
        (true, false, false) => Meaning::Certain("support"),
        (false, true, false) => Meaning::Certain("customer"),
        (false, false, false) => Meaning::Unknown,
        _ => Meaning::Perhaps("support"),
    }
}

/// Whether a name looks like that of a machine.
pub(super) fn is_like_a_robot(name: &str) -> bool {
    let name = plain(name);
    let words =
        ["svc", "service account", "noreply", "no reply", "donotreply", "daemon", "jenkins", "webhook"];
    has(&name, "role system")
        || name.split(' ').any(|own| own.ends_with("bot"))
        || words.iter().any(|word| name.contains(word))
}

/// What a text of a column of visibility stands for, by the column's own name.
pub(super) fn visibility(column: &str, text: &str) -> Meaning {
    let lower = plain(text);
    match (has(&lower, "seen by all"), has(&lower, "seen inside")) {
        (true, false) => return Meaning::Certain("public"),
        (false, true) => return Meaning::Certain("internal"),
        _ => {}
    }
    // `1.0` is a yes too.
    let answer = lower.strip_suffix(" 0").unwrap_or(&lower);
    let yes = match (listed("yes").contains(&answer), listed("no").contains(&answer)) {
        (true, _) => true,
        (_, true) => false,
        _ => return Meaning::Unknown,
    };
    let is_private = has(&plain(column), "seen inside");
    Meaning::Certain(if yes != is_private { "public" } else { "internal" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> (Vec<&'static str>, bool) {
        let found = severities(texts);
        let meaning = |meaning: &Meaning| match meaning {
            Meaning::Certain(meaning) => meaning,
            Meaning::Perhaps(_) | Meaning::Unknown => "?",
        };
        (found.meanings.iter().map(|(_, of)| meaning(of)).collect(), found.question.is_some())
    }

    #[test]
    fn every_list_is_there_and_written_as_texts_are_compared() {
        let lists = [
            "whom customer",
            "whom support",
            "state waits",
            "state done",
            "role support",
            "role customer",
            "role system",
            "seen by all",
            "seen inside",
            "yes",
            "no",
        ];
        assert_eq!(WORDS.len(), LEVELS.len() + lists.len());
        assert!(LEVELS.iter().chain(&lists).all(|list| !listed(list).is_empty()));
        assert!(WORDS.values().flatten().all(|word| plain(word) == *word));
    }

    #[test]
    fn levels_of_three_four_or_five_words_become_severities() {
        for (texts, severities, is_asked) in [
            (&["urgent", "high", "normal", "low"][..], &["1", "2", "3", "4"][..], false),
            (&["Highest", "High", "Medium", "Low", "Lowest"], &["1", "2", "3", "4", "4"], false),
            (&["Blocker", "Critical", "Major", "Minor", "Trivial"], &["1", "2", "3", "4", "4"], false),
            (&["Major", "High", "Medium", "Low"], &["1", "2", "3", "4"], false),
            (&["High", "Medium", "Low"], &["2", "3", "4"], true),
            (
                &["1 - Critical", "2 - High", "3 - Moderate", "4 - Low", "5 - Planning"],
                &["1", "2", "3", "4", "4"],
                false,
            ),
            (&["1 (low)", "4 (urgent)"], &["4", "1"], false),
            (&["Bloquant", "Élevée", "Moyenne", "Faible"], &["1", "2", "3", "4"], false),
            (&["hoch", "mittel", "niedrig", "kritisch"], &["2", "3", "4", "1"], false),
            (&["P1", "P2", "P3", "P4", "P5"], &["1", "2", "3", "4", "4"], true),
            (&["P0", "P1", "P2", "P3"], &["1", "2", "3", "4"], true),
            (&["Value 1", "Value 3"], &["1", "3"], true),
            (&["1", "9"], &["?", "?"], true),
            (&["red", "green"], &["?", "?"], true),
        ] {
            assert_eq!(told(texts), (severities.to_vec(), is_asked), "{texts:?}");
        }
    }

    #[test]
    fn a_status_waits_for_the_customer_only_if_it_says_so() {
        for (text, meaning) in [
            ("Awaiting User Info", Meaning::Certain("waiting")),
            ("Waiting for customer", Meaning::Certain("waiting")),
            ("On Hold", Meaning::Perhaps("waiting")),
            ("Pending", Meaning::Perhaps("waiting")),
            ("Solved", Meaning::Certain("resolved")),
            ("Not resolved", Meaning::Perhaps("resolved")),
            ("Geschlossen", Meaning::Certain("resolved")),
            ("In Progress", Meaning::Certain("open")),
            ("Waiting for support", Meaning::Certain("open")),
        ] {
            assert_eq!(state(text), meaning, "{text}");
        }
    }

    #[test]
    fn yes_means_public_unless_the_column_says_private() {
        assert_eq!(visibility("is_public", "TRUE"), Meaning::Certain("public"));
        assert_eq!(visibility("is_private", "1.0"), Meaning::Certain("internal"));
        assert_eq!(visibility("is_private", "0.0"), Meaning::Certain("public"));
        assert_eq!(visibility("element", "work_notes"), Meaning::Certain("internal"));
        assert_eq!(visibility("public", "perhaps"), Meaning::Unknown);
    }

    #[test]
    fn roles_and_robots_are_told_by_their_words() {
        assert_eq!(role("end-user"), Meaning::Certain("customer"));
        assert_eq!(role("Support Agent"), Meaning::Certain("support"));
        assert_eq!(role("AutomationBot"), Meaning::Certain("system"));
        assert_eq!(role("j.smith"), Meaning::Unknown);
        assert!(
            is_like_a_robot("helpbot") && is_like_a_robot("svc.monitoring") && !is_like_a_robot("Abbott")
        );
    }
}
