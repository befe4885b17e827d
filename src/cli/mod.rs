//! The command: arguments and settings, one file per command, the printer, exit codes.

mod args;
mod check;
mod compare;
mod comparison;
mod explain;
mod failure;
mod grid;
mod interrupt;
mod pending;
mod period;
mod plan;
mod policy;
mod printer;
mod profile;
mod replay;
mod report;
mod review;
mod settings;
mod summary;
mod verify;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};
use failure::Failure;
use printer::Printer;

/// Runs the command with the arguments of a process, its name first, and gives its exit code.
///
/// This is the one place that knows of the process: it reads the clock and the environment, and
/// hands on what the rest needs as values.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are results and no errors; clap knows which stream is theirs.
            let code = if error.use_stderr() { failure::USAGE } else { failure::DONE };
            // A closed pipe ends the output; there is nobody left to tell.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let printer = Arc::new(Printer::new(&arguments.global, Surroundings::of_the_process()));
    // What panics is told as an error, below, and not as a trace of the program's insides.
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(|| run_command(&arguments, &printer)));
    match outcome.unwrap_or_else(|panic| Err(Failure::internal(panic.as_ref()))) {
        Ok(()) => ExitCode::from(failure::DONE),
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

fn run_command(arguments: &Arguments, printer: &Arc<Printer>) -> Result<(), Failure> {
    let writes = matches!(
        arguments.command,
        Command::Report(_) | Command::Review(_) | Command::Compare(_) | Command::Verify(_)
    );
    if writes {
        interrupt::watch(printer)?;
    }
    match &arguments.command {
        Command::Report(report) => report::run(report, printer),
        Command::Review(review) => review::run(review, printer),
        Command::Explain(explain) => explain::run(explain, printer),
        Command::Verify(verify) => verify::run(verify, printer),
        Command::Pending(pending) => pending::run(pending, printer),
        Command::Compare(compare) => compare::run(compare, printer),
        Command::Check(inputs) => check::run(inputs, printer),
        Command::Policy(policy) => policy::run(policy, printer),
        Command::Profile(profile) => profile::run(profile, printer),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "punctual", &mut script);
            printer.result(&String::from_utf8_lossy(&script));
            Ok(())
        }
        Command::Man => {
            let mut page = Vec::new();
            let command = Arguments::command().disable_help_subcommand(true);
            clap_mangen::Man::new(command)
                .render(&mut page)
                .map_err(|error| Failure::run(error.to_string()))?;
            printer.result(&String::from_utf8_lossy(&page));
            Ok(())
        }
    }
}

/// What a command takes from the process it runs in.
#[derive(Debug, Clone)]
struct Surroundings {
    /// Microseconds since 1970.
    now: i64,
    /// Whether stdout is a terminal.
    stdout_terminal: bool,
    /// Whether stderr is a terminal.
    stderr_terminal: bool,
    /// Whether colour is unwanted.
    no_color: bool,
    /// How many columns the terminal has.
    width: usize,
    /// The time zone, if the machine says one.
    zone: Option<String>,
}

impl Surroundings {
    #[allow(clippy::disallowed_methods, reason = "the one place that looks at the clock and the environment")]
    fn of_the_process() -> Surroundings {
        use std::io::IsTerminal;
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Surroundings {
            now: i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
            no_color: set("NO_COLOR"),
            width: terminal.or(columns).unwrap_or(100),
            zone: std::env::var("TZ")
                .ok()
                .map(|zone| zone.trim_start_matches(':').to_owned())
                .filter(|zone| !zone.is_empty())
                .or_else(|| iana_time_zone::get_timezone().ok()),
        }
    }
}
