//! Which files are read: those of a folder by their names, or those that paths and globs name.

use std::path::{Path, PathBuf};

/// One of the tables that an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row per customer.
    Customers,
    /// One row per ticket.
    Tickets,
    /// One row per event.
    Updates,
}

impl Table {
    /// Its name, and that of its file in a folder.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Customers => "customers",
            Table::Tickets => "tickets",
            Table::Updates => "updates",
        }
    }
}

/// The files to read, by table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Customers; may be none.
    pub customers: Vec<PathBuf>,
    /// Tickets; at least one.
    pub tickets: Vec<PathBuf>,
    /// Updates; none where the export has one row per ticket only.
    pub updates: Vec<PathBuf>,
}

/// No file to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInput {
    /// The folder is not there.
    #[error("{0}: no such folder")]
    NoFolder(String),
    /// The folder has no tickets.
    #[error(
        "{0}: there is no tickets.csv, .csv.gz, .csv.zst or .parquet in it; name the file with --tickets"
    )]
    NoTickets(String),
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
}

const ENDINGS: [&str; 4] = ["csv", "csv.gz", "csv.zst", "parquet"];

impl Inputs {
    /// The files that are meant by a folder and by paths or globs per table, which win over it.
    ///
    /// # Errors
    /// [`NoInput`] where there are no tickets, where a name meets no file, or where a folder has a
    /// table in two forms.
    pub fn find(
        folder: Option<&Path>,
        customers: &[String],
        tickets: &[String],
        updates: &[String],
    ) -> Result<Inputs, NoInput> {
        if let Some(folder) = folder
            && !folder.is_dir()
        {
            return Err(NoInput::NoFolder(folder.display().to_string()));
        }
        let of = |table: Table, named: &[String]| match (named, folder) {
            ([], Some(folder)) => in_folder(folder, table),
            ([], None) => Ok(Vec::new()),
            (named, _) => {
                Ok(named.iter().map(|name| matching(name)).collect::<Result<Vec<_>, _>>()?.concat())
            }
        };
        let inputs = Inputs {
            customers: of(Table::Customers, customers)?,
            tickets: of(Table::Tickets, tickets)?,
            updates: of(Table::Updates, updates)?,
        };
        let files = inputs.customers.len() + inputs.tickets.len() + inputs.updates.len();
        if files > usize::from(u16::MAX) {
            return Err(NoInput::TooMany(files));
        }
        match (inputs.tickets.is_empty(), folder) {
            (false, _) => Ok(inputs),
            (true, Some(folder)) => Err(NoInput::NoTickets(folder.display().to_string())),
            (true, None) => Err(NoInput::Nothing),
        }
    }
}

fn in_folder(folder: &Path, table: Table) -> Result<Vec<PathBuf>, NoInput> {
    let there: Vec<_> = ENDINGS
        .iter()
        .map(|ending| folder.join(format!("{}.{ending}", table.name())))
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    match there.as_slice() {
        [first, second, ..] => {
            Err(NoInput::Twice(first.display().to_string(), second.display().to_string(), table.name()))
        }
        _ => Ok(there),
    }
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
