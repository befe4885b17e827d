//! Which files are read: those of a folder by their names, or those that paths and globs name.

use std::path::{Path, PathBuf};

use super::profile::{Profile, Source};

/// One of the tables that an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// What fields are looked up in.
    Lookups,
    /// One row per customer.
    Customers,
    /// One row per ticket.
    Tickets,
    /// One row per event.
    Updates,
}

impl Table {
    /// Its name; but for look-ups that of its file in a folder, too.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Lookups => "lookups",
            Table::Customers => "customers",
            Table::Tickets => "tickets",
            Table::Updates => "updates",
        }
    }
}

/// A file, and by which of several parts of the profile it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFile {
    /// The part's place in the profile.
    pub part: usize,
    /// The file.
    pub path: PathBuf,
}

/// The files to read, by table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Customers; may be none.
    pub customers: Vec<PathBuf>,
    /// Tickets; at least one.
    pub tickets: Vec<PathBuf>,
    /// Updates, each by a source of them; none where the export has one row per ticket only.
    pub updates: Vec<PartFile>,
    /// Tables that fields are looked up in.
    pub lookups: Vec<PartFile>,
    /// The profile's sources of updates that no file is there for.
    pub without_file: Vec<String>,
    /// Exports in the folder that the profile reads nothing from.
    pub unread: Vec<PathBuf>,
}

/// Files by paths or globs, which win over those of a folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct NamedFiles<'a> {
    /// Customers.
    pub customers: &'a [String],
    /// Tickets.
    pub tickets: &'a [String],
    /// Updates; where a profile has several sources of them, `SOURCE=FILE` says of which, unless
    /// the file's name begins as the source's files are called.
    pub updates: &'a [String],
    /// Tables to look up in; `NAME=FILE`, or a file whose name says it.
    pub lookups: &'a [String],
}

/// No file to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInput {
    /// The folder is not there.
    #[error("{0}: no such folder")]
    NoFolder(String),
    /// The folder has no tickets.
    #[error(
        "{folder}: there is no {file}.csv, .csv.gz, .csv.zst or .parquet in it; name the file with --tickets{like}"
    )]
    NoTickets {
        /// The folder.
        folder: String,
        /// What the profile calls the file.
        file: String,
        /// The built-in profile that reads what is in the folder.
        like: String,
    },
    /// Neither a folder nor a file was named.
    #[error("no tickets were named: give a folder that holds them, or --tickets FILE")]
    Nothing,
    /// The folder has a table twice.
    #[error("{0} and {1} are both there: name the one that is meant with --{2}")]
    Twice(String, String, &'static str),
    /// No file has that name.
    #[error("{0}: no such file")]
    NoFile(String),
    /// There are more files than can be told apart.
    #[error("{0} files were named, which is more than one run reads: join some")]
    TooMany(usize),
    /// The glob is broken.
    #[error("{0}: {1}")]
    BadGlob(String, String),
    /// A file's name does not say by which part of the profile it is read.
    #[error("--{option} {file}: which one is it? write --{option} {known}={file}{others}")]
    WhichPart {
        /// `updates` or `lookup`.
        option: &'static str,
        /// The file.
        file: String,
        /// The first part that there is.
        known: String,
        /// The others.
        others: String,
    },
    /// The profile has no such part.
    #[error("{file}: the profile {profile} reads no {what} from files of their own: leave this one out")]
    NoPart {
        /// What it is given as.
        what: &'static str,
        /// The file.
        file: String,
        /// The profile.
        profile: String,
    },
    /// A table to look up in is missing.
    #[error(
        "there is no file of the look-up `{lookup}` ({file}.csv, say): name it with --lookup {lookup}=FILE"
    )]
    NoLookup {
        /// Its name in the profile.
        lookup: String,
        /// What its file is called.
        file: String,
    },
}

const ENDINGS: [&str; 4] = ["csv", "csv.gz", "csv.zst", "parquet"];

/// A part of a profile, and what its files are called.
struct Known<'a> {
    part: usize,
    name: &'a str,
    stems: &'a [String],
}

impl Inputs {
    /// The files that are meant by a folder and by paths or globs.
    ///
    /// # Errors
    /// [`NoInput`] where there are no tickets, where a name meets no file, where a folder has a
    /// table in two forms, or where it is not clear how a file is to be read.
    pub fn find(profile: &Profile, folder: Option<&Path>, named: NamedFiles<'_>) -> Result<Inputs, NoInput> {
        let folder = folder.map(Folder::open).transpose()?;
        let in_folder = |table: Table, stems: &[String]| match &folder {
            Some(folder) => folder.find(stems, table),
            None => Ok(Vec::new()),
        };
        let of = |table: Table, stems: &[String], named: &[String]| match named {
            [] => in_folder(table, &with_own(stems, table)),
            named => Ok(named.iter().map(|name| matching(name)).collect::<Result<Vec<_>, _>>()?.concat()),
        };
        let sources: Vec<Known<'_>> = profile
            .sources_in_files()
            .map(|(part, Source { name, form, .. })| Known { part, name, stems: &form.files })
            .collect();
        let mut lookups = Vec::new();
        for (part, lookup) in profile.lookups.iter().enumerate() {
            lookups.push(Known { part, name: &lookup.name, stems: &lookup.form.files });
        }
        let parts = |known: &[Known<'_>], table: Table, named: &[String]| -> Result<Vec<PartFile>, NoInput> {
            let mut found = Vec::new();
            for name in named {
                found.extend(assigned(known, table, name, profile)?);
            }
            for (place, known) in known.iter().enumerate().filter(|_| named.is_empty()) {
                let paths = match table {
                    // What has the table's own name is of the first source.
                    Table::Updates if place == 0 => in_folder(table, &with_own(known.stems, table))?,
                    _ => in_folder(table, known.stems)?,
                };
                found.extend(paths.into_iter().map(|path| PartFile { part: known.part, path }));
            }
            // As the profile has them, so that the order of names on a command line decides nothing else.
            found.sort_by_key(|file| file.part);
            Ok(found)
        };
        let mut inputs = Inputs {
            customers: of(Table::Customers, &profile.customers.files, named.customers)?,
            tickets: of(Table::Tickets, &profile.tickets.files, named.tickets)?,
            updates: parts(&sources, Table::Updates, named.updates)?,
            lookups: parts(&lookups, Table::Lookups, named.lookups)?,
            ..Inputs::default()
        };
        let files = inputs.paths().count();
        if files > usize::from(u16::MAX) {
            return Err(NoInput::TooMany(files));
        }
        if inputs.tickets.is_empty() {
            return Err(folder.map_or(NoInput::Nothing, |folder| folder.without_tickets(profile)));
        }
        let has = |files: &[PartFile], part: usize| files.iter().any(|file| file.part == part);
        if let Some(missing) = lookups.iter().find(|known| !has(&inputs.lookups, known.part)) {
            let (lookup, file) = (missing.name.to_owned(), missing.stems.join(" or "));
            return Err(NoInput::NoLookup { lookup, file });
        }
        let missing = sources.iter().filter(|known| !has(&inputs.updates, known.part));
        inputs.without_file = missing.map(|known| known.name.to_owned()).collect();
        if let Some(folder) = folder.filter(|_| named.tickets.is_empty()) {
            let read: Vec<&PathBuf> = inputs.paths().collect();
            inputs.unread = folder
                .files
                .iter()
                .map(|file| &file.1)
                .filter(|path| !read.contains(path))
                .cloned()
                .collect();
        }
        Ok(inputs)
    }

    /// By which of several parts of a profile each file is read, in the order of
    /// [`Self::paths`]; `None` for customers and tickets.
    pub fn parts(&self, profile: &Profile) -> Vec<Option<String>> {
        let lookup = |file: &PartFile| profile.lookups.get(file.part).map(|lookup| lookup.name.clone());
        let source = |file: &PartFile| profile.updates.get(file.part).map(|source| source.name.clone());
        let whole = self.customers.len() + self.tickets.len();
        let lookups = self.lookups.iter().map(lookup);
        lookups.chain(std::iter::repeat_n(None, whole)).chain(self.updates.iter().map(source)).collect()
    }

    /// The files at these paths, of tables and parts of a profile by their names, in the order in
    /// which they are read. Where no part is named it is the only one. `None` where a name is none.
    pub fn of_parts<'a>(
        profile: &Profile,
        files: impl Iterator<Item = (&'a str, Option<&'a str>, PathBuf)>,
    ) -> Option<Inputs> {
        let mut inputs = Inputs::default();
        let sources: Vec<(usize, &str)> =
            profile.sources_in_files().map(|(place, source)| (place, source.name.as_str())).collect();
        let lookups: Vec<(usize, &str)> =
            profile.lookups.iter().enumerate().map(|(place, lookup)| (place, lookup.name.as_str())).collect();
        for (table, part, path) in files {
            let place = |known: &[(usize, &str)]| match (part, known) {
                (None, [(only, _)]) => Some(*only),
                _ => known.iter().find(|(_, name)| Some(*name) == part).map(|(place, _)| *place),
            };
            match table {
                "customers" => inputs.customers.push(path),
                "tickets" => inputs.tickets.push(path),
                "updates" => inputs.updates.push(PartFile { part: place(&sources)?, path }),
                "lookups" => inputs.lookups.push(PartFile { part: place(&lookups)?, path }),
                _ => return None,
            }
        }
        Some(inputs)
    }

    /// All files, in the order in which they are read.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        let lookups = self.lookups.iter().map(|file| &file.path);
        let updates = self.updates.iter().map(|file| &file.path);
        lookups.chain(&self.customers).chain(&self.tickets).chain(updates)
    }
}

/// The exports of a folder.
struct Folder<'a> {
    path: &'a Path,
    /// Each with its name in lower case, in the order of names.
    files: Vec<(String, PathBuf)>,
}

impl Folder<'_> {
    fn open(path: &Path) -> Result<Folder<'_>, NoInput> {
        let entries = path.read_dir().map_err(|_| NoInput::NoFolder(path.display().to_string()))?;
        let mut files: Vec<(String, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                let lower = name.to_string_lossy().to_lowercase();
                let is_export = ENDINGS.iter().any(|ending| lower.ends_with(&format!(".{ending}")));
                is_export.then(|| (lower, path.join(name)))
            })
            .collect();
        files.sort();
        Ok(Folder { path, files })
    }

    /// The file that is called by the first of these names that there is.
    fn find(&self, stems: &[String], table: Table) -> Result<Vec<PathBuf>, NoInput> {
        for stem in stems {
            let names: Vec<String> =
                ENDINGS.iter().map(|ending| format!("{}.{ending}", stem.to_lowercase())).collect();
            let there: Vec<&PathBuf> =
                self.files.iter().filter(|file| names.contains(&file.0)).map(|file| &file.1).collect();
            match there.as_slice() {
                [] => {}
                [one] => return Ok(vec![(*one).clone()]),
                [first, second, ..] => {
                    let option = if table == Table::Lookups { "lookup" } else { table.name() };
                    let [first, second] = [first, second].map(|path| path.display().to_string());
                    return Err(NoInput::Twice(first, second, option));
                }
            }
        }
        Ok(Vec::new())
    }

    fn without_tickets(&self, profile: &Profile) -> NoInput {
        let reads = |name: &&str| {
            let Some(Ok(other)) = Profile::built_in(name) else { return false };
            *name != profile.name
                && self.find(&other.tickets.files, Table::Tickets).is_ok_and(|files| !files.is_empty())
        };
        let like = super::profile::BUILT_IN.iter().map(|built_in| built_in.0).find(|name| reads(name));
        NoInput::NoTickets {
            folder: self.path.display().to_string(),
            file: profile.tickets.files.join(".csv, "),
            like: like.map_or_else(String::new, |name| format!(", or try --profile {name}")),
        }
    }
}

/// The exports in a folder, in the order of their names.
///
/// # Errors
/// [`NoInput::NoFolder`] where there is no such folder.
pub fn exports_in(folder: &Path) -> Result<Vec<PathBuf>, NoInput> {
    Ok(Folder::open(folder)?.files.into_iter().map(|file| file.1).collect())
}

/// What a table's files are called, or else what the product itself calls them.
fn with_own(stems: &[String], table: Table) -> Vec<String> {
    [stems, &[table.name().to_owned()]].concat()
}

/// The files of a name that may say by which part of the profile they are read.
fn assigned(
    known: &[Known<'_>],
    table: Table,
    name: &str,
    profile: &Profile,
) -> Result<Vec<PartFile>, NoInput> {
    let (option, what) = match table {
        Table::Lookups => ("lookup", "look-ups"),
        _ => ("updates", "updates"),
    };
    let Some(first) = known.first() else {
        let (file, profile) = (name.to_owned(), profile.name.clone());
        return Err(NoInput::NoPart { what, file, profile });
    };
    let said = name.split_once('=').and_then(|(part, file)| {
        Some((known.iter().find(|known| known.name.eq_ignore_ascii_case(part))?.part, file))
    });
    if let Some((part, file)) = said {
        return Ok(matching(file)?.into_iter().map(|path| PartFile { part, path }).collect());
    }
    let by_name = |path: PathBuf| {
        let part = match known {
            [only] => only.part,
            _ => called(known, &path).ok_or_else(|| {
                let others = known[1..].iter().map(|known| format!(", or {}=", known.name)).collect();
                let (file, known) = (path.display().to_string(), first.name.to_owned());
                NoInput::WhichPart { option, file, known, others }
            })?,
        };
        Ok(PartFile { part, path })
    };
    matching(name)?.into_iter().map(by_name).collect()
}

/// The part whose files are called as this one is, or as it begins: `ticket_comment-2024-05.csv`
/// is one of `ticket_comment`, and none of `ticket`.
fn called(known: &[Known<'_>], path: &Path) -> Option<usize> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let begins = |stem: &String| behind(&name, stem).map(|_| stem.len());
    let likeness = |known: &Known<'_>| known.stems.iter().filter_map(begins).max();
    known
        .iter()
        .filter_map(|known| Some((likeness(known)?, known.part)))
        .max_by_key(|like| like.0)
        .map(|like| like.1)
}

/// The file of this name, or those that the glob meets, in the order of their names.
fn matching(name: &str) -> Result<Vec<PathBuf>, NoInput> {
    if Path::new(name).exists() || !name.contains(['*', '?', '[']) {
        return Ok(vec![PathBuf::from(name)]);
    }
    let bad = |message: String| NoInput::BadGlob(name.to_owned(), message);
    let paths = glob::glob(name).map_err(|error| bad(error.to_string()))?;
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(|error| bad(error.to_string()))?;
    paths.sort();
    if paths.is_empty() { Err(NoInput::NoFile(name.to_owned())) } else { Ok(paths) }
}

/// What stands behind a stem in the name of a file, in lower case, that is called so or begins so;
/// `None` where it is another word.
pub(super) fn behind<'n>(name: &'n str, stem: &str) -> Option<&'n str> {
    name.strip_prefix(&stem.to_lowercase()).filter(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The name of a file without the ending of an export.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lower = name.to_lowercase();
    let endings = ENDINGS.iter().filter(|ending| lower.ends_with(&format!(".{ending}")));
    let ending = endings.map(|ending| ending.len() + 1).max().unwrap_or(0);
    name[..name.len() - ending].to_owned()
}
