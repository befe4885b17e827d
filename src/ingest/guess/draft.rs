//! The profile that is proposed, as it is written: its sections, comments and questions.

use std::fmt::Write as _;

/// A profile in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What stands above all sections.
    top: Vec<String>,
    /// The sections in the order in which they were begun, each with its lines.
    sections: Vec<(String, Vec<String>)>,
    questions: Vec<String>,
}

impl Draft {
    /// A line above all sections.
    pub(super) fn top(&mut self, line: impl Into<String>) {
        self.top.push(line.into());
    }

    /// A line of a section.
    pub(super) fn line(&mut self, section: &str, line: impl Into<String>) {
        let place = self.sections.iter().position(|own| own.0 == section).unwrap_or_else(|| {
            self.sections.push((section.to_owned(), Vec::new()));
            self.sections.len() - 1
        });
        self.sections[place].1.push(line.into());
    }

    /// Something that only those who know the help desk can say.
    pub(super) fn ask(&mut self, question: impl Into<String>) {
        let question = question.into();
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// What is to be asked.
    pub(super) fn questions(&self) -> &[String] {
        &self.questions
    }

    /// The TOML, below some lines of introduction.
    pub(super) fn toml(&self, introduction: &[String]) -> String {
        let mut out = String::new();
        for line in introduction {
            out.push_str(&comment(line, ""));
        }
        if !self.questions.is_empty() {
            out.push_str("#\n# What only you can say:\n");
        }
        for (number, question) in self.questions.iter().enumerate() {
            out.push_str(&comment(question, &format!("{}. ", number + 1)));
        }
        out.push('\n');
        for line in &self.top {
            let _ = writeln!(out, "{line}");
        }
        for (name, lines) in &self.sections {
            let _ = writeln!(out, "\n[{name}]");
            for line in lines {
                let _ = writeln!(out, "{line}");
            }
        }
        out
    }
}

/// How wide comments are.
const WIDTH: usize = 100;

/// A comment in lines of some width, the first after a mark and the others below its text.
fn comment(text: &str, mark: &str) -> String {
    let mut out = String::new();
    let mut line = format!("# {mark}");
    let begin = line.clone().chars().map(|char| if char == '#' { '#' } else { ' ' }).collect::<String>();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line.clone_from(&begin);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        // Of control characters a comment can hold none.
        line.extend(word.chars().map(|char| if char.is_control() { '\u{FFFD}' } else { char }));
        is_empty = false;
    }
    let _ = writeln!(out, "{}", line.trim_end());
    out
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char.is_control() => {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{:04X}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// A key as TOML writes it.
pub(super) fn key(text: &str) -> String {
    let is_bare = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_bare { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_question_goes_on_below_its_own_text() {
        let text = comment(&"word ".repeat(30), "1. ");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("# 1. word") && lines[1].starts_with("#    word"));
    }

    #[test]
    fn a_question_about_a_control_character_is_a_comment_too() {
        let mut draft = Draft::default();
        draft.ask("what is \"a\u{1}b\u{7F}c\"?");
        let toml = draft.toml(&["from a\u{b}b.csv".to_owned()]);
        assert!(crate::document::Document { file: "x", text: &toml }.read(|_| Ok(())).is_ok(), "{toml}");
    }

    proptest! {
        #[test]
        fn any_text_can_be_a_key_and_a_value(name in "\\PC{0,12}|[\\x00-\\x7f]{0,12}", value in "(?s).{0,12}") {
            let document = format!("[a]\n{} = {}\n", key(&name), quoted(&value));
            let document = crate::document::Document { file: "x", text: &document };
            let read = document.read(|section| {
                let mut all = Vec::new();
                section.section("a", |own| {
                    for (key, entry) in own.all() {
                        all.push((key, entry.text()?));
                    }
                    Ok(())
                })?;
                Ok(all)
            });
            prop_assert_eq!(read.unwrap(), [(name, value)]);
        }
    }
}
