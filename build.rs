//! Lists the files of `languages/`, so that a language is one file and nothing else.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

#[allow(clippy::disallowed_methods, reason = "a build script is told everything by its environment")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("languages");
    println!("cargo::rerun-if-changed=languages");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let code = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Named from the folder of the package, wherever that stands when the list is compiled.
        let path = format!("/languages/{code}.toml");
        writeln!(list, "    ({code:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("languages.rs"), list)?;
    Ok(())
}
