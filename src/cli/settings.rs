//! Settings: what the arguments say, and where they say nothing the settings file.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::args::{InputArgs, ReportArgs};
use super::failure::Failure;
use crate::document::{Document, Entry, Flaw, Section};
use crate::ingest::{BUILT_IN, Inputs, NamedFiles, NoInput, Profile};
use crate::language::Language;
use crate::policy::{NORTHERN, Policy, PolicyBook};

/// The settings file that is read where no other is named.
const CONFIG: &str = "punctual.toml";

/// How many rows may be rejected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Allowed {
    Count(u64),
    /// Millionths of the rows read.
    Share(u64),
}

impl Allowed {
    /// Whether so many rejected of so many read are too many.
    pub(super) fn exceeded(self, rejected: u64, read: u64) -> bool {
        match self {
            Allowed::Count(count) => rejected > count,
            Allowed::Share(millionths) => {
                u128::from(rejected) * 1_000_000 > u128::from(millionths) * u128::from(read)
            }
        }
    }

    fn parse(text: &str) -> Option<Allowed> {
        let Some(percent) = text.trim().strip_suffix('%') else {
            return text.trim().parse().ok().map(Allowed::Count);
        };
        let (whole, fraction) = percent.trim().split_once('.').unwrap_or((percent.trim(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 4 {
            return None;
        }
        let millionths = format!("{whole}{fraction:0<4}").parse().ok()?;
        (millionths <= 1_000_000).then_some(Allowed::Share(millionths))
    }
}

/// Fills in from the settings file what the arguments leave open.
pub(super) fn with_file(arguments: &ReportArgs) -> Result<ReportArgs, Failure> {
    let (path, named) = match &arguments.input.config {
        Some(path) => (path.clone(), true),
        None => (PathBuf::from(CONFIG), false),
    };
    if !named && !path.exists() {
        return Ok(arguments.clone());
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::usage(format!("the settings {}: {error}", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let file =
        Document { file: &path.display().to_string(), text: &text }.read(|section| read(section, folder))?;
    let mut settings = arguments.clone();
    // Files named on the command line replace the folder of the file, and the other way round.
    let named = arguments.input.dir.is_some() || !arguments.input.tickets.is_empty();
    if !named {
        (settings.input.dir, settings.input.tickets) = (file.input.dir, file.input.tickets);
    }
    let lists = [
        (&mut settings.input.updates, file.input.updates, named),
        (&mut settings.input.customers, file.input.customers, named),
        (&mut settings.input.lookup, file.input.lookup, named),
        (&mut settings.input.policy, file.input.policy, false),
    ];
    for (own, from_file, skip) in lists {
        if own.is_empty() && !skip {
            *own = from_file;
        }
    }
    settings.input.profile = settings.input.profile.or(file.input.profile);
    settings.period = settings.period.or(file.period);
    settings.as_of = settings.as_of.or(file.as_of);
    settings.out = settings.out.or(file.out);
    settings.input.threads = settings.input.threads.or(file.input.threads);
    settings.queries = settings.queries.or(file.queries);
    settings.input.max_rejects = settings.input.max_rejects.or(file.input.max_rejects);
    settings.lang = settings.lang.or(file.lang);
    settings.pseudonyms = settings.pseudonyms.or(file.pseudonyms);
    settings.cache = settings.cache.or(file.cache);
    settings.memory = settings.memory.or(file.memory);
    settings.spans |= file.spans;
    Ok(settings)
}

/// Settings less what is said of the report that is written.
pub(super) fn without_report(settings: ReportArgs) -> ReportArgs {
    ReportArgs { out: None, queries: None, memory: None, spans: false, ..settings }
}

/// Reads a settings file; its paths are meant from the folder it stands in.
fn read(section: &mut Section<'_>, folder: &Path) -> Result<ReportArgs, Flaw> {
    let text = |entry: Option<Entry<'_>>| entry.map(|entry| entry.text()).transpose();
    let path = |entry: Option<Entry<'_>>| Ok(text(entry)?.map(|name| folder.join(name)));
    let texts = |entry: Option<Entry<'_>>| match entry {
        Some(entry) => entry.one_or_list()?.iter().map(Entry::text).collect::<Result<Vec<_>, _>>(),
        None => Ok(Vec::new()),
    };
    let paths = |entry: Option<Entry<'_>>| {
        let names = texts(entry)?;
        Ok(names.into_iter().map(|name| folder.join(name).display().to_string()).collect())
    };
    // Such as `comments=export/comments.csv`.
    let assigned = |entry: Option<Entry<'_>>| {
        let beside = |name: String| match name.split_once('=') {
            Some((part, file)) => format!("{part}={}", folder.join(file).display()),
            None => folder.join(name).display().to_string(),
        };
        Ok::<_, Flaw>(texts(entry)?.into_iter().map(beside).collect::<Vec<_>>())
    };
    // A policy or profile is a built-in name, or a file beside the settings.
    let beside = |name: String| match folder.join(&name) {
        file if file.exists() => file.display().to_string(),
        _ => name,
    };
    let threads = match section.get("threads") {
        None => None,
        Some(entry) => match usize::try_from(entry.integer()?) {
            Ok(threads) if threads > 0 => Some(threads),
            _ => return Err(entry.flaw("`threads` must be at least 1")),
        },
    };
    let codes: Vec<_> = Language::all().iter().map(|language| (language.code(), language.code())).collect();
    let lang = section.get("lang").map(|entry| entry.choice(&codes)).transpose()?.map(str::to_owned);
    let input = InputArgs {
        dir: path(section.get("dir"))?,
        tickets: paths(section.get("tickets"))?,
        updates: assigned(section.get("updates"))?,
        customers: paths(section.get("customers"))?,
        lookup: assigned(section.get("lookup"))?,
        profile: text(section.get("profile"))?.map(beside),
        policy: texts(section.get("policy"))?.into_iter().map(beside).collect(),
        max_rejects: section.get("max-rejects").map(|entry| entry.number_or_text()).transpose()?,
        threads,
        config: None,
    };
    Ok(ReportArgs {
        input,
        period: text(section.get("period"))?,
        as_of: text(section.get("as-of"))?,
        out: path(section.get("out"))?,
        queries: path(section.get("queries"))?,
        lang,
        pseudonyms: path(section.get("pseudonyms"))?,
        cache: path(section.get("cache"))?,
        memory: section.get("memory").map(|entry| entry.number_or_text()).transpose()?,
        spans: section.get("spans").map(|entry| entry.boolean()).transpose()?.unwrap_or_default(),
    })
}

/// How many rows may be rejected: those of `--max-rejects`, else one in a hundred.
pub(super) fn allowed(text: Option<&str>) -> Result<Allowed, Failure> {
    let text = text.unwrap_or("1%");
    Allowed::parse(text).ok_or_else(|| {
        Failure::usage(format!("--max-rejects \"{text}\" is neither a count nor a share"))
            .hint("write 100, or 0.5% (up to 4 decimals)")
    })
}

/// How many bytes of memory may be used, as `--memory` says it.
pub(super) fn memory(text: &str) -> Result<u64, Failure> {
    let bad = || {
        Failure::usage(format!("--memory \"{text}\" is no size"))
            .hint("write 4GiB, 500MB, or a number of bytes")
    };
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let bytes: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(bad()),
    };
    // Up to three decimals, as whole thousandths: 1.5GiB is exact.
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return Err(bad());
    }
    let thousandths: u64 = format!("{whole}{fraction:0<3}").parse().map_err(|_| bad())?;
    thousandths.checked_mul(bytes).map(|bytes| bytes / 1_000).ok_or_else(bad)
}

/// The policies of these names or files; the built-in one where none is named.
pub(super) fn policies(names: &[String]) -> Result<PolicyBook, Failure> {
    let northern = ["northern".to_owned()];
    let names = if names.is_empty() { &northern[..] } else { names };
    let policies = names.iter().map(|name| policy(name)).collect::<Result<_, _>>()?;
    Ok(PolicyBook::new(policies)?)
}

/// The policy of this name or file.
pub(super) fn policy(name: &str) -> Result<Policy, Failure> {
    if name == "northern" {
        return Ok(Policy::parse(name, NORTHERN, None)?);
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        Failure::usage(format!("the policy {name}: {error}")).hint("the built-in policies are: northern")
    })?;
    Ok(Policy::parse(name, &text, Path::new(name).parent())?)
}

/// The profile of this name or file; the canonical one where none is named.
pub(super) fn profile(name: Option<&str>) -> Result<Profile, Failure> {
    let name = name.unwrap_or("canonical");
    if let Some(profile) = Profile::built_in(name) {
        return Ok(profile?);
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        let names: Vec<_> = BUILT_IN.iter().map(|built_in| built_in.0).collect();
        Failure::usage(format!("the profile {name}: {error}"))
            .hint(format!("the built-in profiles are: {}", names.join(", ")))
    })?;
    Ok(Profile::parse_in(name, &text, Path::new(name).parent())?)
}

/// The files that are meant.
pub(super) fn inputs(settings: &InputArgs, profile: &Profile) -> Result<Inputs, NoInput> {
    let InputArgs { dir, customers, tickets, updates, lookup, .. } = settings;
    Inputs::find(profile, dir.as_deref(), NamedFiles { customers, tickets, updates, lookups: lookup })
}

/// The language that is asked for; the arguments and the settings file allow no other.
pub(super) fn language(settings: &ReportArgs) -> &'static Language {
    settings.lang.as_deref().and_then(Language::named).unwrap_or_else(Language::english)
}

/// The settings that decide what a report says, for its manifest.
pub(super) fn for_manifest(settings: &ReportArgs) -> Map<String, Value> {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("period", json!(settings.period));
    put("as-of", json!(settings.as_of));
    put("max-rejects", json!(settings.input.max_rejects.as_deref().unwrap_or("1%")));
    put("lang", json!(language(settings).code()));
    put("spans", json!(settings.spans));
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_or_without_a_unit() {
        for (text, bytes) in [("1024", 1024), ("4GiB", 4 << 30), ("1.5 GiB", 3 << 29), ("500mb", 500_000_000)]
        {
            assert_eq!(memory(text).ok(), Some(bytes), "{text}");
        }
        for text in
            ["", "GiB", "-1", "4 GiBs", "1.2345GB", "1e9", "99999999999999999999", "18446744073709551615GB"]
        {
            assert!(memory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rows_may_be_rejected_up_to_a_count_or_a_share() {
        assert_eq!(Allowed::parse("1%"), Some(Allowed::Share(10_000)));
        assert_eq!(Allowed::parse("0.25 %"), Some(Allowed::Share(2_500)));
        assert_eq!(Allowed::parse("12"), Some(Allowed::Count(12)));
        for text in ["", "%", "-1", "101%", "1.00001%", "many"] {
            assert_eq!(Allowed::parse(text), None, "{text}");
        }
        assert!(!Allowed::Share(10_000).exceeded(1, 100));
        assert!(Allowed::Share(10_000).exceeded(2, 199));
        assert!(!Allowed::Share(0).exceeded(0, 0));
        assert!(Allowed::Count(0).exceeded(1, 1_000_000));
    }
}
