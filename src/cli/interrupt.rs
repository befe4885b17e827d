//! What happens when somebody stops a run, by Ctrl-C or by `kill`: what is half-done is cleared, a
//! line says how the reports stand, and the process ends as it would have of the signal alone.

use std::sync::Arc;

use super::failure::Failure;
use super::printer::Printer;

/// Waits for the signals that stop a run, on a thread of its own.
#[cfg(unix)]
pub(super) fn watch(printer: &Arc<Printer>) -> Result<(), Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let printer = Arc::clone(printer);
    let wait = |mut signals: Signals| {
        let waiting = std::thread::Builder::new().name("signals".to_owned());
        waiting.spawn(move || {
            if let Some(signal) = signals.forever().next() {
                printer.interrupted(&standing(crate::staging::stop()));
                // It ends the process; where it cannot, there is nothing else to do.
                let _ = emulate_default_handler(signal);
            }
        })
    };
    let waits = Signals::new([SIGINT, SIGTERM]).and_then(wait);
    waits.map(drop).map_err(|error| Failure::run(format!("no thread can wait for signals: {error}")))
}

/// Elsewhere the next run clears what this one leaves.
#[cfg(not(unix))]
pub(super) fn watch(_: &Arc<Printer>) -> Result<(), Failure> {
    Ok(())
}

/// How the reports stand.
#[cfg(unix)]
fn standing(published: usize) -> String {
    match published {
        0 => "nothing was published; the report of before is as it was".to_owned(),
        1 => "the report had been published already, and is whole".to_owned(),
        _ => format!(
            "{published} folders had been published already, each of them whole; no other was touched"
        ),
    }
}
