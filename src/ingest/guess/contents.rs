//! What the columns hold, and what is to be said or asked about it: how times are written and where
//! they are, what spellings stand for, who is who, which texts mean nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fields::FieldForm;
use super::super::profile::{Profile, ticket, update};
use super::super::tickets::severity_of;
use super::super::time::LocalZone;
use super::draft::{key, quoted};
use super::names;
use super::proposal::Proposal;
use super::reading::{Reading, TIMES, is_a_person};
use super::sample::Column;
use super::times::{self, Form, How};
use super::words::{self, Meaning};

impl Proposal<'_> {
    /// What the columns hold: times, spellings, texts that mean nothing, encodings.
    pub(super) fn after_columns(
        &mut self,
        readings: &[Reading<'_>],
        base: Option<&Profile>,
        with_updates: bool,
    ) {
        self.times(readings);
        self.zone(readings, base);
        if !with_updates {
            self.first_response(&readings[0]);
        }
        for reading in readings {
            self.spellings(reading);
        }
        let mut nothings: BTreeSet<&str> = BTreeSet::new();
        for reading in readings {
            let read = reading.columns.iter().flatten().map(|column| &reading.sample.columns[*column]);
            nothings.extend(read.flat_map(|column| column.nothings.iter().map(String::as_str)));
        }
        let known = |text: &&str| base.is_some_and(|base| base.tickets.empty.iter().any(|own| own == text));
        nothings.retain(|text| !known(text));
        if !nothings.is_empty() {
            let mut texts: Vec<String> =
                base.into_iter().flat_map(|base| &base.tickets.empty).map(|text| quoted(text)).collect();
            texts.extend(nothings.iter().map(|text| quoted(text)));
            self.draft
                .top(format!("empty = [{}]      # texts that mean that a cell is empty", texts.join(", ")));
        }
        self.encoding();
    }

    /// Says in which encoding the files are, where that is one and nothing in them says so.
    fn encoding(&mut self) {
        let believed: BTreeSet<Option<&str>> =
            self.samples.iter().filter(|sample| !sample.is_ascii()).map(|sample| sample.believed).collect();
        let named: Vec<String> = believed.iter().flatten().map(|name| quoted(name)).collect();
        let note = "as its bytes look: nothing in the file says so";
        match (named.as_slice(), believed.len()) {
            ([], _) => {}
            ([one], 1) => self.draft.top(format!("encoding = {one}      # {note}")),
            // A profile has one encoding for all; without one, each file is looked at by itself.
            (several, _) => self.draft.ask(format!(
                "Not all files are in one encoding: some look like {}, and each is read as it looks. Export them in one, if you can.",
                several.join(" or ")
            )),
        }
    }

    /// Says how times are written that the profile would not read so.
    fn times(&mut self, readings: &[Reading<'_>]) {
        let (mut patterns, mut others) = (Vec::new(), false);
        for reading in readings {
            for (field, name) in reading.names.iter().enumerate().filter(|(_, name)| TIMES.contains(name)) {
                let section = format!("{}.times.{name}", reading.table);
                match self.time(reading, field, &section) {
                    Some(pattern) => patterns.push((section, pattern)),
                    None => others |= reading.columns[field].is_some(),
                }
            }
        }
        let first = patterns.first().map(|(_, pattern)| pattern.clone());
        match first
            .filter(|first| !others && patterns.len() > 1 && patterns.iter().all(|(_, own)| own == first))
        {
            Some(pattern) => self.draft.line("time", format!("patterns = [{}]", quoted(&pattern))),
            None => {
                for (section, pattern) in patterns {
                    self.draft.line(&section, format!("patterns = [{}]", quoted(&pattern)));
                }
            }
        }
    }

    /// The pattern in which a field's times are written, where the profile needs one; asks where
    /// that cannot be told.
    fn time(&mut self, reading: &Reading<'_>, field: usize, section: &str) -> Option<String> {
        let base = reading.base_of(field).filter(|base| base.is_plain());
        let is_read = |column: &Column| base.is_some_and(|base| reads(base, column));
        let column = reading.column(field).filter(|_| base.is_some() == reading.base_of(field).is_some());
        let column =
            column.filter(|column| column.typed.is_none() && column.filled > 0 && !is_read(column))?;
        let header = quoted(reading.columns[field].map_or("", |column| reading.header(column)));
        let has_patterns =
            |base: &FieldForm| base.time.as_ref().is_some_and(|time| !time.patterns.is_empty());
        match Form::of(column).map(|form| form.written) {
            Some(How::Iso) if !base.is_some_and(has_patterns) => None,
            Some(How::Iso) => {
                let pattern = times::explicit(column);
                if pattern.is_none() {
                    self.draft.ask(format!(
                        "The times of {header} are written in several ways: say their patterns in [{section}]."
                    ));
                }
                pattern.map(str::to_owned)
            }
            Some(How::Pattern(pattern)) => Some(pattern),
            Some(How::Undecided(day, month)) => {
                // Whoever wrote the other columns of the file wrote this one.
                let others = reading.sample.columns.iter().filter_map(Form::of);
                let decided = others.filter_map(|form| match form.written {
                    How::Pattern(other) => {
                        [&day, &month].into_iter().find(|own| own[..2] == other[..2]).cloned()
                    }
                    _ => None,
                });
                let decided: BTreeSet<String> = decided.collect();
                if decided.len() == 1 {
                    return decided.into_iter().next();
                }
                self.either(section, &day, &month);
                self.draft.ask(format!(
                    "No date of {header} tells whether it begins with the day or the month, as 3/4/2024 does not: choose in [{section}]."
                ));
                None
            }
            Some(How::Mixed(day, month)) => {
                self.either(section, &day, &month);
                self.draft.ask(format!(
                    "Some dates of {header} can only begin with the day and some only with the month: export them again in one form."
                ));
                None
            }
            None => {
                self.draft.ask(format!(
                    "The times of {header} are of no form that is known here: say their patterns in [{section}]."
                ));
                None
            }
        }
    }

    /// Two patterns to choose from.
    fn either(&mut self, section: &str, day: &str, month: &str) {
        self.draft.line(section, format!("# patterns = [{}]      # the day first", quoted(day)));
        self.draft.line(section, format!("# patterns = [{}]      # the month first", quoted(month)));
    }

    /// Asks in which zone times without an offset are.
    fn zone(&mut self, readings: &[Reading<'_>], base: Option<&Profile>) {
        let mut local = BTreeSet::new();
        for reading in readings {
            for (field, name) in reading.names.iter().enumerate() {
                let Some(column) = reading.columns[field].filter(|_| TIMES.contains(name)) else {
                    continue;
                };
                if reading.base_of(field).is_some_and(|form| !form.is_plain()) {
                    continue;
                }
                let undeclared = reading.base_of(field).is_none_or(|form| {
                    form.time.as_ref().is_none_or(|time| matches!(time.zone, LocalZone::Undeclared))
                });
                let known = &reading.sample.columns[column];
                let is_local = Form::of(known).map_or(reading.base_of(field).is_some(), |form| form.is_local);
                if undeclared && is_local && known.filled > 0 {
                    local.insert(reading.header(column));
                }
            }
        }
        // The cells of held updates carry times of their own.
        let held = base.is_some_and(|base| base.updates.iter().any(|source| !source.each.is_empty()));
        if local.is_empty() && !held {
            return;
        }
        let columns: Vec<String> = local.iter().map(|name| quoted(name)).collect();
        let what = if columns.is_empty() { "those of comments".to_owned() } else { columns.join(", ") };
        self.draft.line("time", "# zone = \"Europe/Paris\"      # or \"customer\", where each customer's own clock is shown; or \"UTC\"");
        self.draft.ask(format!("The times of {what} have no offset: in which zone are they? Say it under [time]; until then every such row is rejected."));
    }

    /// A first response that is told as how long it took.
    fn first_response(&mut self, tickets: &Reading<'_>) {
        if tickets.knows(ticket::FIRST_RESPONSE) {
            return;
        }
        let said = [
            "first response",
            "first reply",
            "initial response",
            "première réponse",
            "erste antwort",
            "primera respuesta",
        ];
        let found = tickets.sample.header.iter().enumerate().find_map(|(place, name)| {
            let plain = names::plain(name);
            let is_own = said.iter().any(|said| plain.contains(said));
            // Counted by the help desk's own hours, whatever those are.
            let own_hours = ["business", "calendar hours", "working"].iter().any(|word| plain.contains(word));
            let column = &tickets.sample.columns[place];
            (is_own && !own_hours).then(|| how_long(&plain, column).map(|unit| (name, unit)))?
        });
        match found {
            Some((name, unit)) => {
                self.draft.line("tickets.columns.first_response_at", format!("column = {}", quoted(name)));
                self.draft
                    .line("tickets.columns.first_response_at", format!("after_submission = \"{unit}\""));
                self.draft.ask(format!("\"{name}\" is taken for {unit} from the submission by the calendar: if the help desk counts its own working hours, leave it out."));
            }
            None => {
                self.draft.line("tickets.columns", "# first_response_at = \"\"");
                self.draft.ask("No column tells when a ticket was first answered: without one, it counts as answered when it is resolved.");
            }
        }
    }

    /// What spellings stand for, where the profile does not know it.
    fn spellings(&mut self, reading: &Reading<'_>) {
        for (field, name) in reading.names.iter().enumerate() {
            let (Some(column), Some(place)) = (reading.column(field), reading.columns[field]) else {
                continue;
            };
            let base = reading.base_of(field);
            if base.is_some_and(|base| !base.is_plain()) {
                continue;
            }
            let section = format!("{}.values.{name}", reading.table);
            let header = reading.header(place);
            match *name {
                "severity" => self.severities(&section, header, column, base),
                "state" => {
                    let open = |text: &str| match words::state(text) {
                        // Any other is open.
                        Meaning::Certain("open") => None,
                        meaning => Some(meaning),
                    };
                    let waits = self.words(&section, column, base, open);
                    if !waits.is_empty() {
                        self.draft.ask(format!("Does {} mean that the customer is waited for? It counts as open, unless [{section}] says otherwise.", waits.join(" or ")));
                    }
                    if base.is_none() {
                        self.draft.line(&section, "\"*\" = \"open\"");
                    }
                }
                "visibility" => {
                    let meaning = |text: &str| Some(words::visibility(header, text));
                    if !self.words(&section, column, base, meaning).is_empty() {
                        self.draft.ask(format!("Some texts of \"{header}\" do not say whether customers see such an entry: say it in [{section}]."));
                    }
                }
                "author" => self.authors(&section, header, reading, base),
                _ => {}
            }
        }
    }

    fn severities(&mut self, section: &str, header: &str, column: &Column, base: Option<&FieldForm>) {
        let texts = column.few_texts();
        let is_number = |text: &str| severity_of(text).is_some();
        let spelled = |text: &str| base.is_some_and(|base| base.values.get(text).is_some());
        let rows = |of: &dyn Fn(&str) -> bool| {
            texts.iter().filter(|text| of(text.0)).map(|text| text.1).sum::<u64>()
        };
        let all = rows(&|_| true);
        // What stands in a few rows only says nothing about the scale.
        let is_most = |rows: u64| rows * 10 >= all * 9;
        let numbers = base.is_none() && is_most(rows(&is_number));
        let known = |text: &str| spelled(text) || (is_number(text) && (numbers || base.is_some()));
        let unknown: Vec<&str> = texts.iter().map(|text| text.0).filter(|text| !known(text)).collect();
        let on_scale: Vec<&str> =
            texts.iter().map(|text| text.0).filter(|text| !numbers || is_number(text)).collect();
        if numbers {
            for text in &on_scale {
                if let Some(severity) = severity_of(text) {
                    self.draft.line(section, format!("# {} = {}", key(text), 5 - severity.number()));
                }
            }
        }
        if texts.is_empty() || (unknown.is_empty() && !numbers) {
            return;
        }
        let scale = words::severities(&on_scale);
        let meaning =
            |text: &str| scale.meanings.iter().find(|(of, _)| of == text).map(|(_, meaning)| *meaning);
        let mut asked = false;
        for text in unknown {
            match meaning(text) {
                Some(Meaning::Certain(severity) | Meaning::Perhaps(severity)) => {
                    self.draft.line(section, format!("{} = {severity}", key(text)));
                }
                Some(Meaning::Unknown) | None => {
                    asked = true;
                    self.draft.line(section, format!("# {} = 1      # to 4", key(text)));
                }
            }
        }
        let scale_is_known = base.is_some() && is_most(rows(&known));
        match scale.question.filter(|_| !scale_is_known) {
            Some(question) => self.draft.ask(format!("\"{header}\" as severity: {question}.")),
            None if asked => self.draft.ask(format!(
                "Some texts of \"{header}\" name no level: say in [{section}] which severities they are."
            )),
            None => {}
        }
    }

    /// Writes what the texts of a column stand for; those that are for somebody else to say.
    fn words(
        &mut self,
        section: &str,
        column: &Column,
        base: Option<&FieldForm>,
        meaning: impl Fn(&str) -> Option<Meaning>,
    ) -> Vec<String> {
        let mut open = Vec::new();
        for (text, _) in column.few_texts() {
            let Some(found) = meaning(text) else { continue };
            let own = base.and_then(|base| base.values.particular(text));
            let as_any = base.and_then(|base| base.values.get(text));
            let perhaps = match found {
                _ if own.is_some() => continue,
                Meaning::Certain(word) if word == text || as_any == Some(word) => continue,
                Meaning::Certain(word) => {
                    self.draft.line(section, format!("{} = \"{word}\"", key(text)));
                    continue;
                }
                Meaning::Unknown if as_any.is_some() => continue,
                Meaning::Unknown => "",
                Meaning::Perhaps(word) => word,
            };
            self.draft.line(section, format!("# {} = \"{perhaps}\"", key(text)));
            open.push(quoted(text));
        }
        open
    }

    /// Who is who: by role, or by name.
    fn authors(&mut self, section: &str, header: &str, reading: &Reading<'_>, base: Option<&FieldForm>) {
        let Some(column) = reading.column(update::AUTHOR) else { return };
        let texts = column.few_texts();
        let is_known = |base: &FieldForm, text: &str| {
            base.values.particular(text).is_some()
                || words::role(text) == Meaning::Unknown && base.values.get(text).is_some()
        };
        if let Some(base) = base
            && base.values.any().is_none()
            && texts.iter().all(|(text, _)| is_known(base, text))
            && !texts.is_empty()
        {
            return;
        }
        let known = texts.iter().filter(|(text, _)| words::role(text) != Meaning::Unknown).count();
        let certain = texts.iter().all(|(text, _)| matches!(words::role(text), Meaning::Certain(_)));
        let by_role = !texts.is_empty() && (certain || known * 2 >= texts.len() && !is_a_person(header));
        if by_role && !self.words(section, column, base, |text| Some(words::role(text))).is_empty() {
            self.draft
                .ask(format!("Some texts of \"{header}\" name no role: say in [{section}] who they are."));
        }
        let person = match by_role {
            true => reading.columns[update::PERSON],
            false => reading.columns[update::AUTHOR],
        };
        let Some(person) = person else { return };
        let section = match by_role {
            true => format!("{}.values.person", reading.table),
            false => section.to_owned(),
        };
        let any = base.and_then(|base| base.values.any()).is_some();
        let people = most_frequent(&reading.sample.columns[person]);
        for name in &people {
            let known = base.is_some_and(|base| base.values.particular(name).is_some()) && !by_role;
            if !known {
                let part = if any || words::is_like_a_robot(name) { "system" } else { "support" };
                self.draft.line(&section, format!("# {} = \"{part}\"", key(name)));
            }
        }
        let name = quoted(reading.header(person));
        if by_role || any {
            self.draft.ask(format!("Is anybody of {name} a robot? Say so in [{section}]; punctual check names those who answer within seconds."));
        } else {
            self.draft.line(&section, "# \"*\" = \"support\"      # whoever is not named");
            self.draft.ask(format!("Who of {name} is support, who the customer, who a robot? Say it in [{section}], \"*\" for all others; until then their rows are rejected."));
        }
    }
}

/// How many of those who write most are named.
const NAMED: usize = 8;

fn most_frequent(column: &Column) -> Vec<String> {
    let mut times = BTreeMap::<&str, usize>::new();
    column.said().for_each(|name| *times.entry(name).or_default() += 1);
    let mut names: Vec<(&str, usize)> =
        times.into_iter().filter(|(name, _)| name.chars().count() <= 60).collect();
    names.sort_by_key(|(name, times)| (std::cmp::Reverse(*times), *name));
    names.into_iter().take(NAMED).map(|(name, _)| name.to_owned()).collect()
}

/// Whether a form reads nearly all times of a column.
fn reads(base: &FieldForm, column: &Column) -> bool {
    let Some(time) = &base.time else { return false };
    let said: Vec<&str> = column.said().take(400).collect();
    let read = said.iter().filter(|text| time.read(text).is_some()).count();
    read * 20 >= said.len() * 19
}

/// In what a column tells how long something took.
fn how_long(plain: &str, column: &Column) -> Option<&'static str> {
    let said: Vec<&str> = column.said().take(200).collect();
    let all = |fits: &dyn Fn(&str) -> bool| !said.is_empty() && said.iter().all(|text| fits(text));
    let has = |words: &[&str]| plain.split(' ').any(|own| words.contains(&own));
    if all(&|text| text.contains(':') && text.split(':').all(|piece| piece.parse::<u64>().is_ok())) {
        return Some("h:mm:ss");
    }
    if !all(&|text| text.parse::<f64>().is_ok_and(|number| number >= 0.0)) {
        return None;
    }
    [
        ("minutes", &["minutes", "minute", "min", "mins", "minuten", "minutos"][..]),
        ("hours", &["hours", "hour", "hrs", "h", "heures", "stunden", "horas"]),
        ("seconds", &["seconds", "second", "sec", "secs", "secondes", "sekunden", "segundos"]),
        ("days", &["days", "day", "jours", "tage", "días"]),
    ]
    .into_iter()
    .find(|(_, words)| has(words))
    .map(|(unit, _)| unit)
}
