//! `punctual verify`: whether a report is what it was, and comes out the same when made again.
//!
//! First its files are hashed, then its inputs; then the report is made once more, in a folder of
//! its own that nobody else can look into, from the texts that the manifest holds, and compared
//! file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::VerifyArgs;
use super::failure::Failure;
use super::plan::{Plan, Watch};
use super::printer::{Printer, Style, wrapped};
use super::replay::{self, Standing};
use super::report;
use crate::ingest::sha256_of;
use crate::report::Publication;
use crate::report::recorded::{Recorded, RecordedError, Versions};

/// The manifest, which names all other files.
const MANIFEST: &str = "manifest.json";

pub(super) fn run(arguments: &VerifyArgs, printer: &Printer) -> Result<(), Failure> {
    let watch = Watch::start(printer);
    let recorded = Recorded::read(&arguments.folder)?;
    let mut found = Found { files: files(&recorded), ..Found::default() };
    match replay::inputs(&recorded, arguments.inputs.as_deref()) {
        Ok(inputs) => found.inputs = inputs,
        Err(RecordedError::Discreet(_)) => found.again = Again::Withheld,
        Err(error) => return Err(error.into()),
    }
    let differ = found.inputs.iter().filter(|(_, standing)| *standing != Standing::Same).count();
    if recorded.is_sealed == Some(false) {
        found.again = Again::OtherManifest;
    } else if differ > 0 {
        found.again = Again::OtherInputs;
    } else if found.again == Again::NotTried {
        let paths: Vec<PathBuf> = found.inputs.iter().map(|(path, _)| path.clone()).collect();
        let plan = Plan::again(&recorded, &paths, arguments.threads)?;
        found.again = again(&recorded, &plan, &watch, printer)?;
    }
    match printer.json {
        true => printer.result(&format!("{:#}\n", found.json(&recorded))),
        false => printer.summary(&found.text(&recorded, printer)),
    }
    match found.faults() {
        0 => Ok(()),
        faults => Err(Failure::run(format!(
            "{}: {faults} {} not what {} by its manifest",
            arguments.folder.display(),
            if faults == 1 { "file is" } else { "files are" },
            if faults == 1 { "it should be" } else { "they should be" },
        ))),
    }
}

/// What a verification found.
#[derive(Default)]
struct Found {
    /// The files of the report that are not as the manifest says, and how.
    files: BTreeMap<String, &'static str>,
    /// The inputs.
    inputs: Vec<(PathBuf, Standing)>,
    again: Again,
}

/// What came of making the report again.
#[derive(Debug, Default, PartialEq, Eq)]
enum Again {
    #[default]
    NotTried,
    /// The manifest withholds what it takes.
    Withheld,
    /// The manifest is not the one that was written.
    OtherManifest,
    /// The inputs are others, or gone.
    OtherInputs,
    /// It was made; these files came out otherwise than the manifest says, and how.
    Made(BTreeMap<String, String>),
}

/// The files of a report that are not as its manifest says.
fn files(recorded: &Recorded) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    for output in &recorded.manifest.outputs {
        let sha256 = recorded.file(&output.path).map(|path| sha256_of(&path));
        match sha256 {
            Some(Ok(sha256)) if sha256 == output.sha256 => {}
            Some(Ok(_)) => drop(found.insert(output.path.clone(), "changed")),
            Some(Err(_)) => drop(found.insert(output.path.clone(), "missing")),
            None => drop(found.insert(output.path.clone(), "outside of the folder")),
        }
    }
    if recorded.is_sealed == Some(false) {
        found.insert(MANIFEST.to_owned(), "changed");
    }
    let known: BTreeSet<&str> = recorded.manifest.outputs.iter().map(|output| output.path.as_str()).collect();
    let mut there = Vec::new();
    beneath(&recorded.folder, "", &mut there);
    for path in there.into_iter().filter(|path| path != MANIFEST && !known.contains(path.as_str())) {
        found.insert(path, "not of the report");
    }
    found
}

/// The files beneath a folder, by their paths in it, with `/`.
fn beneath(folder: &Path, within: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => beneath(&entry.path(), &format!("{name}/"), paths),
            _ => paths.push(name),
        }
    }
}

/// Makes the report again and compares it, file by file, with what the manifest says.
fn again(recorded: &Recorded, plan: &Plan, watch: &Watch<'_>, printer: &Printer) -> Result<Again, Failure> {
    let scratch = tempfile::tempdir()
        .map_err(|error| Failure::run(format!("no folder for the report to be made again: {error}")))?;
    let place = scratch.path().join("report");
    let publication = Publication::begin(&place)?;
    report::make(plan, (&publication, &place), None, watch, printer)?;
    let made = Recorded::read(&publication.publish()?)?;
    let hashes = |recorded: &Recorded| -> BTreeMap<String, String> {
        let outputs = recorded.manifest.outputs.iter();
        outputs.map(|output| (output.path.clone(), output.sha256.clone())).collect()
    };
    let (before, now) = (hashes(recorded), hashes(&made));
    let mut differ = BTreeMap::new();
    for (path, sha256) in &before {
        match now.get(path) {
            Some(same) if same == sha256 => {}
            Some(_) => drop(differ.insert(path.clone(), "comes out otherwise".to_owned())),
            None => drop(differ.insert(path.clone(), "is not made any more".to_owned())),
        }
    }
    for path in now.keys().filter(|path| !before.contains_key(*path)) {
        differ.insert(path.clone(), "was not made then".to_owned());
    }
    let keys = differing(&recorded.value, &made.value);
    if !keys.is_empty() {
        differ.insert(MANIFEST.to_owned(), format!("says otherwise: {}", keys.join(", ")));
    }
    Ok(Again::Made(differ))
}

/// The keys of a manifest whose values are others in another; not what differs from run to run,
/// nor the outputs, which are compared one by one, nor the hash over all of it.
fn differing(one: &Value, other: &Value) -> Vec<String> {
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
    };
    let all = keys(one).into_iter().chain(keys(other)).collect::<BTreeSet<_>>();
    let skipped = ["run", "outputs", "sha256"];
    all.into_iter().filter(|key| !skipped.contains(&key.as_str()) && one[key] != other[key]).collect()
}

impl Found {
    /// How many files are not what they should be.
    fn faults(&self) -> usize {
        let inputs = self.inputs.iter().filter(|(_, standing)| *standing != Standing::Same).count();
        let made = match &self.again {
            Again::Made(differ) => differ.keys().filter(|path| !self.files.contains_key(*path)).count(),
            _ => 0,
        };
        self.files.len() + inputs + made
    }

    fn text(&self, recorded: &Recorded, printer: &Printer) -> String {
        let mut out = String::new();
        let (then, now) = (&recorded.manifest.versions, Versions::present());
        let told = |versions: &Versions| {
            format!(
                "punctual {}, columns {}, time zones {}",
                versions.punctual, versions.schema, versions.tz_database
            )
        };
        let mut line = |label: &str, text: &str, style: Style| {
            let lines = wrapped(text, &format!("{label:<8}"), printer.width);
            out.push_str(&format!("{}\n", printer.styled(&lines, style)));
        };
        line("report", &recorded.folder.display().to_string(), Style::Heading);
        match *then == now {
            true => line("made by", &told(then), Style::Faint),
            false => {
                let text = format!("{}; this is {}", told(then), told(&now));
                line("made by", &text, Style::Bad);
            }
        }
        let outputs = recorded.manifest.outputs.len();
        match self.files.is_empty() {
            true => line("files", &format!("all {outputs} are as they were written"), Style::Good),
            false => {
                self.files.iter().for_each(|(path, how)| line("files", &format!("{path}: {how}"), Style::Bad))
            }
        }
        for (path, standing) in self.inputs.iter().filter(|(_, standing)| *standing != Standing::Same) {
            line("inputs", &format!("{}: {}", path.display(), told_of(standing)), Style::Bad);
        }
        match &self.again {
            Again::Withheld => line(
                "again",
                "it is not made again: its manifest does not say what it was made of, as that of a review, of pseudonyms and of a comparison does not",
                Style::Faint,
            ),
            Again::OtherManifest => {
                let text =
                    "it was not made again: the manifest, which says what it was made of, is not what it was";
                line("again", text, Style::Faint);
            }
            Again::OtherInputs => {
                let text =
                    "it was not made again: that takes the very inputs; --inputs DIR says where they lie now";
                line("again", text, Style::Faint);
            }
            Again::Made(differ) => {
                line("inputs", &format!("all {} are as they were read", self.inputs.len()), Style::Good);
                for (path, how) in differ {
                    line("again", &format!("{path}: {how}"), Style::Bad);
                }
                match (differ.is_empty(), *then == now) {
                    (true, _) => {
                        line("again", &format!("all {outputs} come out the same, byte for byte"), Style::Good)
                    }
                    (false, true) => {}
                    (false, false) => line(
                        "again",
                        "another version made it: punctual compare, with a report that this one makes, shows which figures differ",
                        Style::Faint,
                    ),
                }
            }
            Again::NotTried => {}
        }
        out
    }

    fn json(&self, recorded: &Recorded) -> Value {
        let inputs: Vec<Value> = self
            .inputs
            .iter()
            .map(|(path, standing)| {
                json!({ "path": path.display().to_string(), "standing": told_of(standing) })
            })
            .collect();
        let (tried, differ) = match &self.again {
            Again::Made(differ) => ("made", json!(differ)),
            Again::Withheld => ("withheld", Value::Null),
            Again::OtherManifest => ("other manifest", Value::Null),
            Again::OtherInputs | Again::NotTried => ("other inputs", Value::Null),
        };
        json!({
            "report": recorded.folder.display().to_string(),
            "versions": recorded.manifest.versions,
            "versions_now": Versions::present(),
            "files": recorded.manifest.outputs.len(),
            "files_at_fault": self.files,
            "inputs": inputs,
            "again": tried,
            "differing": differ,
            "sound": self.faults() == 0,
        })
    }
}

fn told_of(standing: &Standing) -> String {
    match standing {
        Standing::Same => "same".to_owned(),
        Standing::Changed => "changed".to_owned(),
        Standing::Missing(error) => format!("missing ({error})"),
    }
}
