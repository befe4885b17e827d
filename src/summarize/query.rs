//! Queries: SQL files whose header says what they show.
//!
//! ```sql
//! -- title: Compliance by severity
//! -- grain: one row per severity and metric
//! -- column severity: the severity, 1 is the worst
//! SELECT severity, …
//! ORDER BY severity
//! ```

use std::path::{Path, PathBuf};

/// A query and what its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The name of its table: that of its file.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What one row is.
    pub grain: String,
    /// Columns and what they mean.
    pub columns: Vec<(String, String)>,
    /// The whole file, which is also the SQL.
    pub sql: String,
    /// Whether it is one of the built-in ones.
    pub shipped: bool,
}

/// A folder of queries that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadQuery {
    /// The operating system does not give it.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// There is none in the folder.
    #[error("{0}: no .sql file is in this folder of queries")]
    None(String),
    /// Its file's name is no name of a table.
    #[error("{0}: a query's file name must be letters, digits, - and _, since its tables are named after it")]
    Name(String),
    /// A built-in query has that name.
    #[error("{0}: a table of this name is built in: give the query another name")]
    Taken(String),
}

impl Query {
    /// A query by its name and the text of its file.
    pub fn new(name: &str, sql: &str) -> Query {
        let columns = header(sql, "column ").filter_map(|line| line.split_once(':'));
        let columns = columns.map(|(name, meaning)| (name.trim().to_owned(), meaning.trim().to_owned()));
        Query {
            name: name.to_owned(),
            title: header(sql, "title:").next().map_or_else(|| name.replace('_', " "), str::to_owned),
            grain: header(sql, "grain:").next().unwrap_or_default().to_owned(),
            columns: columns.collect(),
            sql: sql.to_owned(),
            shipped: false,
        }
    }

    /// The queries of a user's folder, by name.
    ///
    /// # Errors
    /// [`BadQuery`] where the folder or a file cannot be read, or a name will not do.
    pub fn in_folder(folder: &Path) -> Result<Vec<Query>, BadQuery> {
        let io = |path: &Path, error| BadQuery::Io(path.display().to_string(), error);
        let entries = std::fs::read_dir(folder).map_err(|error| io(folder, error))?;
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()).map_err(|error| io(folder, error)))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "sql"));
        paths.sort();
        if paths.is_empty() {
            return Err(BadQuery::None(folder.display().to_string()));
        }
        let taken = shipped();
        let read = |path: &PathBuf| {
            let shown = || path.display().to_string();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(good) {
                return Err(BadQuery::Name(shown()));
            }
            if taken.iter().any(|query| query.name.eq_ignore_ascii_case(name)) {
                return Err(BadQuery::Taken(shown()));
            }
            let sql = std::fs::read_to_string(path).map_err(|error| io(path, error))?;
            Ok(Query::new(name, &sql))
        };
        paths.iter().map(read).collect()
    }
}

/// What the lines of a query's header that begin with `key` say after it.
fn header<'a>(sql: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = sql.lines().map_while(|line| line.trim().strip_prefix("--"));
    lines.filter_map(move |line| line.trim().strip_prefix(key)).map(str::trim)
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        /// The built-in queries, one per published table.
        pub fn shipped() -> Vec<Query> {
            let shipped = [$(($name, include_str!(concat!("../../queries/", $name, ".sql")))),+];
            shipped.iter().map(|(name, sql)| Query { shipped: true, ..Query::new(name, sql) }).collect()
        }
    };
}

/// The query behind what a review says of others: aggregates of tiers and regions.
pub fn aggregates() -> Query {
    Query { shipped: true, ..Query::new("aggregates", include_str!("../../queries/review/aggregates.sql")) }
}

shipped![
    "overall",
    "period_comparison",
    "by_severity",
    "by_customer",
    "by_tier",
    "by_region",
    "by_month",
    "by_account_manager",
    "by_severity_tier",
    "by_region_severity",
    "tier_advantage",
    "breaches",
    "near_misses",
    "pending",
    "policy_changes",
    "started_when",
    "elapsed_hours",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_what_it_shows() {
        let query = Query::new(
            "x_y",
            "-- title: A title\n-- grain: a row\n-- column a: what a: is\nSELECT a\n-- title: no\n",
        );
        assert_eq!((query.title.as_str(), query.grain.as_str()), ("A title", "a row"));
        assert_eq!(query.columns, [("a".to_owned(), "what a: is".to_owned())]);
        assert_eq!(Query::new("x_y", "SELECT 1").title, "x y");
    }

    #[test]
    fn every_file_of_the_folder_is_shipped_has_a_header_and_an_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let mut names: Vec<_> = shipped().into_iter().map(|query| query.name).collect();
        files.sort();
        names.sort();
        assert_eq!(files, names);
        for query in shipped() {
            assert!(!query.grain.is_empty() && !query.columns.is_empty(), "{}", query.name);
            assert!(query.sql.contains("\nORDER BY "), "{}", query.name);
        }
    }
}
