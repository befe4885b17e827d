//! A desk to work at: a folder of its own for a test, the command run in it, and what it left there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The manifest of a report that stands where another is to be written.
pub const EARLIER: &str = r#"{ "versions": { "punctual": "0.0.1" } }"#;

/// A small sound export: three tickets of two customers.
pub const TICKETS: &str = "\
ticket_id,customer,severity,submitted_at,first_response_at,resolved_at
A-1,Acme,1,2024-05-06T08:00:00Z,2024-05-06T10:00:00Z,
A-2,Acme,3,2024-05-06T12:00:00Z,,
B-1,Borea,2,2024-05-07T13:30:00Z,2024-05-08T13:30:00Z,2024-05-09T09:00:00Z
";
/// Its updates.
pub const UPDATES: &str = "\
ticket_id,at,author
A-1,2024-05-06T10:00:00Z,support
A-1,2024-05-07T10:00:00Z,support
B-1,2024-05-08T13:30:00Z,support
";
/// Its customers.
pub const CUSTOMERS: &str = "\
customer,tier,region,timezone
Acme,standard,EMEA,Europe/Paris
Borea,augmented,AMER,America/New_York
";

/// The folder of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of its own, gone when the test ends.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// An empty one.
    pub fn empty() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    /// One with the small export in its folder `export`.
    pub fn with_export() -> Desk {
        let desk = Desk::empty();
        desk.write("export/tickets.csv", TICKETS);
        desk.write("export/updates.csv", UPDATES);
        desk.write("export/customers.csv", CUSTOMERS);
        desk
    }

    /// The path of a file or folder on it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders it stands in.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path
    }

    /// Runs the command in this folder, with the arguments between the spaces of `arguments`.
    pub fn run(&self, arguments: &str) -> Done {
        self.run_with(arguments, &[])
    }

    /// Runs it with variables in its environment.
    pub fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_punctual"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
            command.env_remove(variable);
        }
        command.envs(variables.iter().copied());
        Done::new(arguments, command.output().unwrap())
    }

    /// Reports on an export with further arguments, and gives the report's files.
    pub fn report(&self, export: &str, arguments: &str) -> BTreeMap<String, Vec<u8>> {
        self.run(&format!("report {export} --out report {arguments}")).succeeds();
        files(&self.path("report"))
    }

    /// The names in a folder of it, hidden ones too, in order.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What a run of the command gave.
#[derive(Debug)]
pub struct Done {
    /// The arguments, for messages.
    pub arguments: String,
    /// The exit code.
    pub code: Option<i32>,
    /// What it printed as its result.
    pub stdout: String,
    /// What else it said.
    pub stderr: String,
}

impl Done {
    fn new(arguments: &str, output: Output) -> Done {
        Done {
            arguments: arguments.to_owned(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts that it went well.
    #[track_caller]
    pub fn succeeds(self) -> Done {
        assert_eq!(self.code, Some(0), "punctual {}: {self:#?}", self.arguments);
        self
    }

    /// Asserts that it failed with this code, printed no result, and said each of these things.
    #[track_caller]
    pub fn fails(self, code: i32, said: &[&str]) -> Done {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        for part in said {
            assert!(self.stderr.contains(part), "\"{part}\" is not in what was said: {self:#?}");
        }
        self
    }
}

/// All files of a folder by their paths in it, with `/`.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The manifest among the files of a report.
pub fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["manifest.json"]).unwrap()
}

/// A page without its account of the inputs: the line at its head and the section on the data.
fn without_account(page: &[u8]) -> String {
    let page = String::from_utf8(page.to_vec()).unwrap();
    let cut = |page: &str, from: &str, to: &str| {
        let (before, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from} is not on the page"));
        before.to_owned() + rest.split_once(to).unwrap().1
    };
    cut(&cut(&page, "<dt>Data</dt>", "</dd>"), "<section id=\"quality\"", "</section>")
}

/// Asserts that two reports say the same: all files are the same bytes, but for the manifest, the
/// rejected rows and the page's account of the inputs, which name the inputs' files and lines.
#[track_caller]
pub fn assert_same_report(what: &str, one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}");
    let told = |name: &str| !["manifest.json", "rejects.csv"].contains(&name);
    let same = |name: &str| match name.ends_with(".html") {
        true => without_account(&one[name]) == without_account(&other[name]),
        false => one[name] == other[name],
    };
    let differ: Vec<_> = one.keys().filter(|name| told(name) && !same(name)).collect();
    assert!(differ.is_empty(), "{what}: these files differ: {differ:?}");
}
