//! The command `punctual`; all it does is in the library.

use std::process::ExitCode;

/// Blocks of columns come and go by the hundred; the system's allocator gives each of them back
/// to the kernel and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The allocator's option of how many milliseconds free memory is kept for, by its number.
const KEPT_FOR: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    // A usual run is over by then. What is given back earlier is soon asked for again, and the
    // kernel must clear it each time, which would take a tenth of the run.
    #[allow(unsafe_code, reason = "the allocator knows no other way; the option is a number")]
    unsafe {
        libmimalloc_sys::mi_option_set_default(KEPT_FOR, 10_000);
    }
    let code = punctual::cli::run(std::env::args_os());
    // All of it is given back now, for which nothing need be done piece by piece.
    #[allow(unsafe_code, reason = "the same option of the allocator")]
    unsafe {
        libmimalloc_sys::mi_option_set(KEPT_FOR, -1);
    }
    code
}
