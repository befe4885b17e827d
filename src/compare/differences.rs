//! What differs between what two sides were made of, one line each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::flat::flat;
use super::manifest::{Held, HeldInput, HeldPolicy, Manifest};
use crate::policy::Policy;

/// A difference between what two sides were made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind of thing it is: `version`, `setting`, `period`, `as_of`, `policy`, `holidays`,
    /// `profile`, `query` or `input`.
    pub what: &'static str,
    /// Which.
    pub name: String,
    /// What the earlier side has; `None` where it has none.
    pub before: Option<String>,
    /// What the later side has; `None` where it has none.
    pub after: Option<String>,
}

impl Difference {
    /// Whether it is changed, added or removed; unknown where both sides withhold it.
    pub fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before == after => "unknown",
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }

    /// What the earlier and the later side have, for a reader: hashes in as many digits as tell
    /// them apart.
    pub fn in_short(&self) -> [Option<String>; 2] {
        let short = |text: &String| match text.strip_prefix("sha256:").and_then(|hash| hash.get(..12)) {
            Some(hash) => format!("sha256:{hash}…"),
            None => text.clone(),
        };
        [&self.before, &self.after].map(|side| side.as_ref().map(short))
    }
}

/// What stands in place of a text that was withheld, as those of pseudonyms are.
const WITHHELD: &str = "withheld";

/// A list of differences in the making.
#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, what: &'static str, name: &str, before: Option<String>, after: Option<String>) {
        if before != after {
            self.0.push(Difference { what, name: name.to_owned(), before, after });
        }
    }

    /// That nobody can tell whether something differs.
    fn withheld(&mut self, what: &'static str, name: &str) {
        let side = || Some(WITHHELD.to_owned());
        self.0.push(Difference { what, name: name.to_owned(), before: side(), after: side() });
    }

    /// What two texts say otherwise, key by key; their hashes where they are not to be read. Of
    /// several texts of one kind each has a name, which stands before its keys.
    fn texts(&mut self, what: &'static str, name: &str, before: &Held, after: &Held) {
        let text = if name.is_empty() { "text" } else { name };
        match before.says_the_same(after) {
            Some(true) => return,
            None => return self.withheld(what, text),
            Some(false) => {}
        }
        let said = |held: &Held| match held {
            Held::Text(text) => flat(text),
            _ => None,
        };
        let Some((was, is)) = said(before).zip(said(after)) else {
            return self.add(what, text, hashed(before), hashed(after));
        };
        for key in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            let name = if name.is_empty() { key.clone() } else { format!("{name} {key}") };
            self.add(what, &name, was.get(key).cloned(), is.get(key).cloned());
        }
    }

    /// Texts with names: of one name on both sides, or by their places where names are withheld.
    fn named(&mut self, what: &'static str, before: &[(String, Held)], after: &[(String, Held)]) {
        let keyed = |all: &[(String, Held)]| -> BTreeMap<String, Held> {
            let key = |(place, (name, held)): (usize, &(String, Held))| match name.as_str() {
                "" => (format!("{}", place + 1), held.clone()),
                name => (name.to_owned(), held.clone()),
            };
            all.iter().enumerate().map(key).collect()
        };
        let (before, after) = (keyed(before), keyed(after));
        for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            match (before.get(name), after.get(name)) {
                (Some(was), Some(is)) if was.says_the_same(is) == Some(true) => {}
                (Some(was), Some(is)) if was.says_the_same(is).is_none() => self.withheld(what, name),
                (was, is) => self.add(what, name, was.and_then(hashed), is.and_then(hashed)),
            }
        }
    }

    fn policies(&mut self, before: &[HeldPolicy], after: &[HeldPolicy]) {
        let by_date = |all: &[HeldPolicy]| -> BTreeMap<_, HeldPolicy> {
            all.iter().map(|policy| (policy.effective_from(), policy.clone())).collect()
        };
        let several = before.len().max(after.len()) > 1;
        // Those that hold from one date are two forms of one agreement, whatever their names.
        let (before, after) = match (before, after) {
            ([was], [is]) => ([(None, was.clone())].into(), [(None, is.clone())].into()),
            _ => (by_date(before), by_date(after)),
        };
        for date in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (was, is) = (before.get(date), after.get(date));
            let id = |policy: Option<&HeldPolicy>| policy.map(|policy| policy.id.clone());
            let name = was.or(is).map(|policy| policy.id.clone()).unwrap_or_default();
            self.add("policy", &name, id(was), id(is));
            if let Some((was, is)) = was.zip(is) {
                self.texts("policy", if several { &name } else { "" }, &was.text, &is.text);
                self.named("holidays", &was.holidays, &is.holidays);
            }
        }
    }
}

/// A hash, so that it is known for one.
fn hashed(held: &Held) -> Option<String> {
    held.hash().map(|hash| format!("sha256:{hash}"))
}

/// What differs between two books of policies.
pub fn between_policies(before: &[Policy], after: &[Policy]) -> Vec<Difference> {
    let mut differences = Differences::default();
    let held = |policies: &[Policy]| policies.iter().map(held).collect::<Vec<_>>();
    differences.policies(&held(before), &held(after));
    differences.0
}

fn held(policy: &Policy) -> HeldPolicy {
    // A policy of pseudonyms has lost its text.
    let text = |text: &str| match text {
        "" => Held::Nothing,
        text => Held::Text(text.to_owned()),
    };
    let holidays = policy.holiday_files.iter().map(|(file, holidays)| (file.clone(), text(holidays)));
    HeldPolicy { id: policy.id(), text: text(&policy.text), holidays: holidays.collect() }
}

/// What differs between two reports.
pub(super) fn between(before: &Manifest, after: &Manifest) -> Vec<Difference> {
    let mut differences = Differences::default();
    let some = |text: &str| Some(text.to_owned());
    for (name, was, is) in [
        ("punctual", &before.punctual, &after.punctual),
        ("schema", &before.schema, &after.schema),
        ("tz_database", &before.tz_database, &after.tz_database),
    ] {
        differences.add("version", name, some(was), some(is));
    }
    differences.add("period", "period", Some(before.period.to_string()), Some(after.period.to_string()));
    differences.add("as_of", "as_of", Some(before.as_of.to_string()), Some(after.as_of.to_string()));
    let updates = |manifest: &Manifest| Some(manifest.updates_known.to_string());
    differences.add("input", "updates_known", updates(before), updates(after));
    for key in before.settings.keys().chain(after.settings.keys()).collect::<BTreeSet<_>>() {
        let value = |manifest: &Manifest| match manifest.settings.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            value => Some(value.to_string()),
        };
        // The period and the instant stand above, as they were understood.
        if !matches!(key.as_str(), "period" | "as-of") {
            differences.add("setting", key, value(before), value(after));
        }
    }
    differences.policies(&before.policies, &after.policies);
    let name = |manifest: &Manifest| Some(manifest.profile.0.clone());
    differences.add("profile", "profile", name(before), name(after));
    differences.texts("profile", "", &before.profile.1, &after.profile.1);
    differences.named("query", &before.queries, &after.queries);
    inputs(&mut differences, &before.inputs, &after.inputs);
    differences.0
}

/// Files that are the same on both sides, whatever their names, are no difference.
fn inputs(differences: &mut Differences, before: &[HeldInput], after: &[HeldInput]) {
    let (was, is) = (only_in(before, after), only_in(after, before));
    let by_name = |all: Vec<HeldInput>| -> BTreeMap<String, String> {
        all.into_iter().map(|input| (format!("{}: {}", input.table, input.file), input.sha256)).collect()
    };
    let (was, is) = (by_name(was), by_name(is));
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let hash = |side: &BTreeMap<String, String>| side.get(name).map(|hash| format!("sha256:{hash}"));
        differences.add("input", name, hash(&was), hash(&is));
    }
}

/// The files of one side that the other does not have, table and bytes alike.
fn only_in(own: &[HeldInput], others: &[HeldInput]) -> Vec<HeldInput> {
    let mut left: Vec<_> = others.iter().map(|input| (&input.table, &input.sha256)).collect();
    let is_alone =
        |input: &&HeldInput| match left.iter().position(|other| *other == (&input.table, &input.sha256)) {
            Some(place) => {
                left.swap_remove(place);
                false
            }
            None => true,
        };
    own.iter().filter(is_alone).cloned().collect()
}

/// Whether two reports were made of different files.
pub(super) fn inputs_differ(before: &Manifest, after: &Manifest) -> bool {
    let differ = |own: &Manifest, others: &Manifest| !only_in(&own.inputs, &others.inputs).is_empty();
    differ(before, after) || differ(after, before)
}

/// Whether the policies of two reports or their holidays say different things; `None` where they
/// were withheld and nobody can tell.
pub(super) fn policies_differ(before: &Manifest, after: &Manifest) -> Option<bool> {
    let ids =
        |manifest: &Manifest| manifest.policies.iter().map(|policy| policy.id.clone()).collect::<Vec<_>>();
    if ids(before) != ids(after) {
        return Some(true);
    }
    let mut all_known = true;
    for (was, is) in before.policies.iter().zip(&after.policies) {
        let holidays = was.holidays.iter().zip(&is.holidays).map(|(was, is)| was.1.says_the_same(&is.1));
        let same =
            holidays.chain([was.text.says_the_same(&is.text), Some(was.holidays.len() == is.holidays.len())]);
        for same in same {
            match same {
                Some(false) => return Some(true),
                None => all_known = false,
                Some(true) => {}
            }
        }
    }
    all_known.then_some(false)
}

#[cfg(test)]
mod tests;
