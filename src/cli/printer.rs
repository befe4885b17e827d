//! The printer: all that a person sees on the terminal, and progress on long work.
//!
//! Results go to stdout, everything else to stderr. Nothing else in the crate prints.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::UnicodeWidthStr;

use super::Surroundings;
use super::args::Global;
use super::failure::Failure;
use crate::progress::{Event, Observer};

/// What a piece of text is, which decides how it looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Heading,
    Good,
    Bad,
    Faint,
}

/// Prints.
pub(super) struct Printer {
    quiet: bool,
    verbose: bool,
    pub(super) json: bool,
    pub(super) now: i64,
    pub(super) width: usize,
    /// The time zone of this machine, if it says one.
    pub(super) zone: Option<String>,
    colour: bool,
    colour_errors: bool,
    bar: Option<ProgressBar>,
    stage: Mutex<String>,
}

impl Printer {
    pub(super) fn new(global: &Global, surroundings: Surroundings) -> Printer {
        let bars = surroundings.stderr_terminal && !global.quiet;
        let bar = bars.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
        Printer {
            quiet: global.quiet,
            verbose: global.verbose,
            json: global.json,
            now: surroundings.now,
            width: surroundings.width.clamp(40, 200),
            zone: surroundings.zone,
            colour: surroundings.stdout_terminal && !surroundings.no_color,
            colour_errors: surroundings.stderr_terminal && !surroundings.no_color,
            bar,
            stage: Mutex::default(),
        }
    }

    /// Prints a result.
    pub(super) fn result(&self, text: &str) {
        self.finish_progress();
        // A closed pipe ends the output; there is nobody left to tell.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Prints a summary, unless silence is wanted.
    pub(super) fn summary(&self, text: &str) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// Prints something worth knowing.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&format!("{} {text}\n", self.paint_error("note:", "33")));
        }
    }

    /// Prints a failure and what to do about it.
    pub(super) fn failure(&self, failure: &Failure) {
        self.finish_progress();
        let mut text = format!("{} {}\n", self.paint_error("error:", "31;1"), failure.message);
        if let Some(hint) = &failure.hint {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{} {hint}", self.paint_error("hint:", "36"));
        }
        self.say(&text);
    }

    /// Says that the run was stopped, and how things stand.
    pub(super) fn interrupted(&self, standing: &str) {
        self.finish_progress();
        self.say(&format!("{} {standing}\n", self.paint_error("interrupted:", "31;1")));
    }

    /// Says how long something took, where that is asked for.
    pub(super) fn timing(&self, what: &str, took: Duration) {
        if self.verbose {
            self.say(&format!("{what}: {:.3} s\n", took.as_secs_f64()));
        }
    }

    /// A text as it looks on the terminal that results go to.
    pub(super) fn styled(&self, text: &str, style: Style) -> String {
        let code = match style {
            Style::Heading => "1",
            Style::Good => "32",
            Style::Bad => "31",
            Style::Faint => "2",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn paint_error(&self, text: &str, code: &str) -> String {
        if self.colour_errors { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn say(&self, text: &str) {
        let print = || {
            let _ = std::io::stderr().write_all(text.as_bytes());
        };
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn finish_progress(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Printer {
    fn event(&self, event: Event) {
        let Some(bar) = &self.bar else { return };
        match event {
            Event::Began { stage, units } => {
                let template = match units {
                    0 => "{spinner} {msg}",
                    _ => "{spinner} {msg:32!} {wide_bar} {percent:>3} %",
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                // Its thread starts with the first stage and not before.
                bar.enable_steady_tick(Duration::from_millis(120));
                bar.set_length(units);
                bar.set_position(0);
                bar.set_message(stage.clone());
                *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
            }
            Event::Advanced(units) => bar.inc(units),
        }
    }
}

/// A text in a field of so many terminal columns: cut with an ellipsis, or filled with spaces.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let shown = match clean.width() > width {
        false => clean,
        true => {
            let mut cut = String::new();
            for c in clean.chars() {
                if format!("{cut}{c}").width() + 1 > width {
                    break;
                }
                cut.push(c);
            }
            cut + "…"
        }
    };
    let missing = width.saturating_sub(shown.width());
    shown + &" ".repeat(missing)
}

/// A text in lines of so many columns, the first after `first`, the others below it.
pub(super) fn wrapped(text: &str, first: &str, width: usize) -> String {
    let mut lines = vec![first.to_owned()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line + word.width() > width && line > first.width() {
            lines.push(" ".repeat(first.width()));
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
            line.push(' ');
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_as_wide_as_asked_for_whatever_the_letters() {
        for text in [
            "",
            "short",
            "a very long name of a customer",
            "Компания «Северный ветер»",
            "日本語の会社の名前",
            "a\nb\u{1b}[31m",
        ] {
            assert_eq!(fitted(text, 12).width(), 12, "{text}");
        }
        assert_eq!(fitted("abcdef", 4), "abc…");
    }
}
