//! Lists the files of `languages/`, so that a language is one file and nothing else, and names the
//! build by a hash of its sources, so that no build trusts what another has cached.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

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
    println!("cargo::rustc-env=PUNCTUAL_SOURCES={:016x}", sources(&folder)?);
    Ok(())
}

/// A hash of all that the program is made of.
fn sources(languages: &Path) -> io::Result<u64> {
    let root = languages.parent().unwrap_or(Path::new("."));
    let mut files = Vec::new();
    for name in ["src", "queries", "languages", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={name}");
        list_files(&root.join(name), &mut files)?;
    }
    files.sort();
    // FNV-1a: short, and the same wherever it runs.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in fs::read(file)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(hash)
}

fn list_files(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            list_files(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}
