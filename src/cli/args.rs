//! The arguments of the command; the man page and the shell completions come from here too.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::language::Language;

/// Tells, from a help desk's exports, whether customers were answered in time.
#[derive(Debug, Parser)]
#[command(name = "punctual", version, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 the run failed; 2 wrong usage, policy, profile or settings; 3 more rows rejected than allowed; 4 a clock is due soon (pending --fail-if-due)."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// Print nothing but errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more on the way (stages and how long they took)
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read the exports, measure, write a report folder, print a short summary
    Report(Box<ReportArgs>),
    /// Write a review per customer, safe to hand to that customer
    Review(Box<ReviewArgs>),
    /// Tell why tickets were measured as they were: what happened, and what counted day by day
    Explain(Box<ExplainArgs>),
    /// See whether a report is what it was: its files, its inputs, and every byte when made again
    Verify(VerifyArgs),
    /// List the open clocks, the soonest due first
    Pending(Box<PendingArgs>),
    /// Measure one export under two policies, or hold two report folders side by side: what turned, and why
    Compare(Box<CompareArgs>),
    /// Read and validate the exports, write nothing: what would be rejected and why, and what is odd
    Check(Box<InputArgs>),
    /// List, show, validate, or start a policy
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// List, show, validate, or guess how the files of a help desk are laid out
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// What all that reads exports takes; a `punctual.toml` holds the same by the same names.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct InputArgs {
    /// The folder that holds tickets, updates and customers (.csv, .csv.gz, .csv.zst or .parquet)
    pub(super) dir: Option<PathBuf>,
    /// A file or glob of tickets; repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) tickets: Vec<String>,
    /// A file or glob of updates; repeatable; where the profile has several sources of them, SOURCE=FILE
    #[arg(long, value_name = "FILE")]
    pub(super) updates: Vec<String>,
    /// A file or glob of customers; repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) customers: Vec<String>,
    /// A file or glob of a table that the profile looks fields up in; repeatable
    #[arg(long, value_name = "NAME=FILE")]
    pub(super) lookup: Vec<String>,
    /// How the files are laid out: a built-in profile or a file [default: canonical]
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) profile: Option<String>,
    /// The agreement: a built-in policy or a file; repeatable for several effective dates [default: northern]
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) policy: Vec<String>,
    /// How many rows may be rejected: a count, or a share of those read such as 1% [default: 1%]
    #[arg(long, value_name = "COUNT|SHARE")]
    pub(super) max_rejects: Option<String>,
    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// The settings file [default: punctual.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl InputArgs {
    /// The options that say which files are read and how they are judged, by their names, as far
    /// as they are given.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let options = [
            ("--tickets", !self.tickets.is_empty()),
            ("--updates", !self.updates.is_empty()),
            ("--customers", !self.customers.is_empty()),
            ("--lookup", !self.lookup.is_empty()),
            ("--profile", self.profile.is_some()),
            ("--policy", !self.policy.is_empty()),
            ("--max-rejects", self.max_rejects.is_some()),
        ];
        options.into_iter().filter_map(|(name, given)| given.then_some(name)).collect()
    }
}

/// What `report` takes besides.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 2024-05, 2024-Q2, 2024, 2024-05-01..2024-05-31 or last-month [default: everything]
    #[arg(long)]
    pub(super) period: Option<String>,
    /// The instant as of which to look, such as 2024-05-31T18:00:00Z [default: the latest in the inputs]
    #[arg(long, value_name = "INSTANT")]
    pub(super) as_of: Option<String>,
    /// The folder to write [default: reports/<period>, reviews/<period> or comparisons/<period>]
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// A folder of .sql files, each of which adds a table to the report
    #[arg(long, value_name = "DIR")]
    pub(super) queries: Option<PathBuf>,
    /// The language of pages, workbooks, charts and the summary [default: en]
    #[arg(long, value_name = "LANGUAGE", value_parser = languages())]
    pub(super) lang: Option<String>,
    /// A file with a key: customers, tickets and account managers get pseudonyms that are the same in each run
    #[arg(long, value_name = "KEYFILE")]
    pub(super) pseudonyms: Option<PathBuf>,
    /// A folder in which what was read is kept, so that later runs need not parse the same files again
    #[arg(long, value_name = "DIR")]
    pub(super) cache: Option<PathBuf>,
    /// How much memory to use at most, such as 4GiB; what goes beyond it is kept on disk [default: no limit]
    #[arg(long, value_name = "SIZE")]
    pub(super) memory: Option<String>,
    /// Write facts/spans.parquet too: every span of time, what counted of it, and why
    #[arg(long)]
    pub(super) spans: bool,
}

/// What `explain` takes: tickets, and exports or a report.
#[derive(Debug, Clone, Default, Args)]
#[command(mut_arg("dir", |dir| dir.long("from").display_order(0).help(
    "The folder that holds the exports, or a report: then its inputs and settings are taken"
)))]
pub(super) struct ExplainArgs {
    /// The tickets
    #[arg(required = true, value_name = "TICKET")]
    pub(super) tickets: Vec<String>,
    #[command(flatten)]
    pub(super) history: HistoryArgs,
    /// Where the inputs of the report lie now, if not where they were
    #[arg(long, value_name = "DIR")]
    pub(super) inputs: Option<PathBuf>,
    /// Print one HTML page
    #[arg(long, conflicts_with = "json")]
    pub(super) html: bool,
    /// The language [default: en]
    #[arg(long, value_name = "LANGUAGE", value_parser = languages())]
    pub(super) lang: Option<String>,
}

/// What is looked at, and as of when.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 2024-05, 2024-Q2, 2024, 2024-05-01..2024-05-31 or last-month [default: everything]
    #[arg(long)]
    pub(super) period: Option<String>,
    /// The instant as of which to look, such as 2024-05-31T18:00:00Z [default: the latest in the inputs]
    #[arg(long, value_name = "INSTANT")]
    pub(super) as_of: Option<String>,
    /// A file with the key of the pseudonyms by which tickets are called
    #[arg(long, value_name = "KEYFILE")]
    pub(super) pseudonyms: Option<PathBuf>,
    /// A folder in which what was read is kept, so that later runs need not parse the same files again
    #[arg(long, value_name = "DIR")]
    pub(super) cache: Option<PathBuf>,
}

/// What `verify` takes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct VerifyArgs {
    /// The report's folder
    #[arg(value_name = "FOLDER")]
    pub(super) folder: PathBuf,
    /// Where its inputs lie now, if not where they were
    #[arg(long, value_name = "DIR")]
    pub(super) inputs: Option<PathBuf>,
    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

/// What `pending` takes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PendingArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Only those with so much working time left or less: 4h, 90m
    #[arg(long, value_name = "TIME")]
    pub(super) within: Option<String>,
    /// Those that are past their target and still open, too
    #[arg(long)]
    pub(super) overdue: bool,
    /// End with exit code 4 where any is listed
    #[arg(long)]
    pub(super) fail_if_due: bool,
    /// The time zone in which you read due instants [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub(super) zone: Option<String>,
    /// The instant as of which to look, or `now` [default: the latest in the inputs]
    #[arg(long, value_name = "INSTANT|now")]
    pub(super) as_of: Option<String>,
    /// A file with a key: customers, tickets and account managers get pseudonyms that are the same in each run
    #[arg(long, value_name = "KEYFILE")]
    pub(super) pseudonyms: Option<PathBuf>,
    /// A folder in which what was read is kept, so that later runs need not parse the same files again
    #[arg(long, value_name = "DIR")]
    pub(super) cache: Option<PathBuf>,
    /// The language of what is printed [default: en]
    #[arg(long, value_name = "LANGUAGE", value_parser = languages())]
    pub(super) lang: Option<String>,
}

/// The codes of the languages there are.
fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(
        Language::all().iter().map(|language| PossibleValue::new(language.code()).help(language.name())),
    )
}

/// What `review` takes: what `report` does, and whose review.
#[derive(Debug, Clone, Default, Args)]
#[command(group(ArgGroup::new("whose").required(true).args(["customer", "all"])))]
pub(super) struct ReviewArgs {
    /// The customer; repeatable
    #[arg(long, value_name = "NAME")]
    pub(super) customer: Vec<String>,
    /// Every customer of the export
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) report: ReportArgs,
}

/// What `compare` takes: what `report` does and the other agreement, or two report folders.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// A report folder, held against that of the first argument: `compare BEFORE AFTER`
    pub(super) after: Option<PathBuf>,
    /// The other agreement, as --policy names the first: a built-in policy or a file; repeatable
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) with: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// List the built-in policies
    List,
    /// Show a policy: its hours, targets and exceptions
    Show {
        /// A built-in policy or a file
        #[arg(default_value = "northern")]
        policy: String,
    },
    /// See whether policies are sound, alone and together
    Validate {
        /// Built-in policies or files
        #[arg(required = true)]
        policies: Vec<String>,
    },
    /// Print a policy to start from, the built-in one as TOML
    New,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// List the built-in profiles
    List,
    /// Show what a profile reads, field by field
    Show {
        /// A built-in profile or a file
        profile: String,
        /// As TOML, what it extends below it
        #[arg(long)]
        toml: bool,
    },
    /// See whether profiles are sound
    Validate {
        /// Built-in profiles or files
        #[arg(required = true)]
        profiles: Vec<String>,
    },
    /// Propose a profile for some exports, with what only you can say as questions at its head
    Guess {
        /// The exports, or a folder of them
        #[arg(required = true, value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
        /// What the profile is called
        #[arg(long, default_value = "ours")]
        name: String,
    },
}
