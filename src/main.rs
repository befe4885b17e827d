//! The command `punctual`; all it does is in the library.

mod memory;

use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::Memory = memory::Memory::new();

fn main() -> ExitCode {
    punctual::cli::run(std::env::args_os())
}
