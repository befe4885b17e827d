//! The command `punctual`; all it does is in the library.

use std::process::ExitCode;

/// Blocks of columns come and go by the hundred; the system's allocator gives each of them back
/// to the kernel and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    punctual::cli::run(std::env::args_os())
}
