//! The command `punctual`; all it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    punctual::cli::run(std::env::args_os())
}
