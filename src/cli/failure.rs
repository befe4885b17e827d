//! Why a command fails: what is wrong, what to do about it, and its exit code.

use crate::compare::FolderError;
use crate::document::Flaw;
use crate::ingest::{IngestError, NoInput};
use crate::measure::{BadPeriod, ExplainError, RunError};
use crate::policy::PolicyClash;
use crate::pseudonyms::{KeyError, PseudonymError};
use crate::report::recorded::RecordedError;
use crate::report::{ChartError, PublishError};
use crate::spill::SpillError;
use crate::summarize::{BadQuery, SummarizeError};

/// All went well.
pub(super) const DONE: u8 = 0;
/// The run failed.
pub(super) const RUN: u8 = 1;
/// Wrong usage, policy, profile or settings.
pub(super) const USAGE: u8 = 2;
/// More rows were rejected than are allowed.
pub(super) const REJECTS: u8 = 3;

/// A clock is due, and that was asked about.
pub(super) const DUE: u8 = 4;

/// Why a command fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it, where the message does not say so already.
    pub(super) hint: Option<String>,
    /// The exit code.
    pub(super) code: u8,
}

impl Failure {
    pub(super) fn run(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), hint: None, code: RUN }
    }

    pub(super) fn usage(message: impl Into<String>) -> Failure {
        Failure { code: USAGE, ..Failure::run(message) }
    }

    /// A fault of the program itself.
    pub(super) fn internal(panic: &(dyn std::any::Any + Send)) -> Failure {
        let texts = (panic.downcast_ref::<&str>().copied(), panic.downcast_ref::<String>());
        let text = texts.0.or(texts.1.map(String::as_str)).unwrap_or("without a word");
        if text.starts_with("failed to spawn thread") {
            return Failure::run(format!("no thread can be started: {text}"))
                .hint("nothing was published; allow the process more memory or more threads");
        }
        Failure::run(format!("punctual itself is at fault and stopped: {text}"))
            .hint("nothing was published; please report it with the command and the version")
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }
}

macro_rules! failures {
    ($($kind:ident($error:ty)),+ $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::$kind(error.to_string())
            }
        })+
    };
}

failures! {
    usage(Flaw),
    usage(BadPeriod),
    usage(PolicyClash),
    usage(KeyError),
    run(PseudonymError),
    run(SpillError),
    run(ExplainError),
    usage(BadQuery),
    run(SummarizeError),
    run(ChartError),
    run(RecordedError),
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Failure {
        let hint = match &error {
            IngestError::MissingColumn { table, field, .. } => Some(format!(
                "if the export calls it otherwise, map it in a profile: [{table}.columns] {field} = \"…\", and give the file with --profile; `punctual profile guess` proposes one"
            )),
            IngestError::Parquet { .. } => Some("the file may be cut short: export it again".to_owned()),
            IngestError::Io { error, .. } if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Some("the compressed file is cut short: copy or export it again".to_owned())
            }
            IngestError::TooLittleMemory { needed, .. } => {
                Some(format!("allow at least --memory {needed}MiB: the rest can be kept on disk"))
            }
            IngestError::TooManyRejects { .. } => {
                Some("punctual check shows why, with the first rows of each reason".to_owned())
            }
            _ => None,
        };
        Failure { message: error.to_string(), hint, code: RUN }
    }
}

impl From<NoInput> for Failure {
    fn from(error: NoInput) -> Failure {
        match error {
            NoInput::Nothing | NoInput::BadGlob(..) | NoInput::WhichPart { .. } | NoInput::NoPart { .. } => {
                Failure::usage(error.to_string())
            }
            _ => Failure::run(error.to_string()),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Failure {
        let failure = Failure::run(error.to_string());
        match error {
            PublishError::Io { .. } => failure.hint(
                "see that there is room and that it can be written to, or name another folder with --out",
            ),
            PublishError::NotAReport(_) | PublishError::Explain(_) => failure,
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        let message = error.to_string();
        match error {
            FolderError::NotAReport { .. } => Failure::usage(message)
                .hint("name the folder that `punctual report` wrote, with its manifest.json"),
            FolderError::Mixed => Failure::usage(message),
            FolderError::Changed { .. } | FolderError::Version { .. } | FolderError::Broken { .. } => {
                Failure::run(message).hint("make that report again")
            }
            FolderError::Io { .. } => Failure::run(message),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        match error {
            // A calendar is named by the customers table or by the policy: the settings are at fault.
            RunError::UnknownCalendar { .. } | RunError::NoPolicy(_) => Failure::usage(error.to_string()),
            _ => Failure::run(error.to_string()),
        }
    }
}
