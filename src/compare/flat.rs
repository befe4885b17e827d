//! A TOML text as its keys and values, so that two texts can be told apart by what they say.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// What a text says: its values by their keys, `targets.response.1` and `8`. Comments, spaces and
/// the order of tables say nothing. `None` of a text that is no TOML.
pub(super) fn flat(text: &str) -> Option<BTreeMap<String, String>> {
    let table: Table = toml::from_str(text).ok()?;
    let mut all = BTreeMap::new();
    walk("", &Value::Table(table), &mut all);
    Some(all)
}

fn walk(path: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let bare = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
                let key = if bare { key.clone() } else { format!("{key:?}") };
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                walk(&path, value, all);
            }
        }
        value => drop(all.insert(path.to_owned(), shown(value))),
    }
}

/// A value in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => time.to_string(),
        Value::Array(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let pairs = table.iter().map(|(key, value)| format!("{key} = {}", shown(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_says_and_not_how_it_is_written() {
        let one = flat("name = \"a\" # a comment\n[targets.response]\n1 = 8\n2 = \"90m\"\n").unwrap();
        let other = flat("targets = { response = { 2 = '90m', 1 = 8 } }\nname = 'a'").unwrap();
        assert_eq!(one, other);
        let pairs: Vec<_> = one.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("name", "a"), ("targets.response.1", "8"), ("targets.response.2", "90m")]);
        assert_eq!(flat("[customers.\"A.B\"]\nx = [1]").unwrap()["customers.\"A.B\".x"], "[1]");
        assert_eq!(flat("="), None);
    }
}
