//! The command line's words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::usage::GroupBy;
use crate::domain::{LineKind, Operation, ProviderId, Usd};

use super::story_args::Stories;
use super::verbs::{Assets, Budgets, Jobs, Key, Models};

/// A terminal studio for AI video. Without a command: the studio.
#[derive(Debug, Parser)]
#[command(name = "rushes", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Look at everything, change and spend nothing
    #[arg(long, global = true)]
    pub read_only: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make something
    Generate(Generate),
    /// Jobs: list, follow, cancel, repeat, settle
    Jobs {
        /// What to do; a list without it
        #[command(subcommand)]
        verb: Option<Jobs>,
    },
    /// The library: list, import, tag, trash, export
    Assets {
        /// What to do; a list without it
        #[command(subcommand)]
        verb: Option<Assets>,
    },
    /// What was spent, held, and is due back
    Usage(Usage),
    /// What may be spent: per run, day, month and project
    Budget {
        /// What to do; a list without it
        #[command(subcommand)]
        verb: Option<Budgets>,
    },
    /// The models on offer
    Models {
        /// What to do; a list without it
        #[command(subcommand)]
        verb: Option<Models>,
    },
    /// A film of several scenes in one file
    Story {
        /// What to do
        #[command(subcommand)]
        verb: Stories,
    },
    /// The presets: shapes, camera moves, styles, words to keep out
    Presets {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Keys of providers
    Key {
        /// What to do; a list without it
        #[command(subcommand)]
        verb: Option<Key>,
    },
    /// Follow everything unfinished, then end
    Worker {
        /// Leave the terminal behind; credentials come through standard input
        #[arg(long, hide = true)]
        detached: bool,
    },
    /// The built-in provider as a server in the foreground
    Sandbox(Sandbox),
    /// Every path and setting, and what is wrong with them
    Doctor {
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a whole copy of the library's database to a file
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Completions for a shell, on standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page, on standard output
    Man,
}

/// Make something.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// What is to be seen; from standard input where it is `-`, or absent and piped
    pub prompt: Option<String>,
    /// Catalogue id or alias [default: per operation]; several with --matrix
    #[arg(short, long = "model", value_name = "ID")]
    pub models: Vec<String>,
    /// sandbox | wavespeed | huggingface
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderId>,
    /// What is done, when no model is named
    #[arg(long, value_name = "NAME", help = operations())]
    pub op: Option<Operation>,
    /// Any parameter of the model; repeatable; KEY=@FILE uploads
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    pub params: Vec<String>,
    /// Expand {a|b} in texts, several -p of one key and several -m into rows, each priced before
    /// anything is sent; \{ and \| are letters
    #[arg(long)]
    pub matrix: bool,
    /// A preset that changes the brief before anything else does; repeatable: `rushes presets` lists them
    #[arg(long = "preset", value_name = "NAME")]
    pub presets: Vec<String>,
    /// Pictures, in the order of the model's inputs; `asset:ID` is one of the library
    #[arg(long, value_name = "F|URL")]
    pub image: Vec<String>,
    /// Sounds
    #[arg(long, value_name = "F|URL")]
    pub audio: Vec<String>,
    /// Videos
    #[arg(long, value_name = "F|URL")]
    pub video: Vec<String>,
    /// Masks
    #[arg(long, value_name = "F|URL")]
    pub mask: Vec<String>,
    /// The picture to end on
    #[arg(long, value_name = "F|URL")]
    pub last_image: Vec<String>,
    /// So many jobs, with different seeds
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub takes: u32,
    /// Where it belongs
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// What to find it by; repeatable
    #[arg(long = "tag", value_name = "T")]
    pub tags: Vec<String>,
    /// Every check and the estimate; sends nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a flattened part of the help")]
    pub order: Order,
}

/// How an order is made and followed.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Order {
    /// Accept warnings and the price
    #[arg(short, long)]
    pub yes: bool,
    /// Block above this
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<Usd>,
    /// Of several, send as many as the budgets allow, the first ones, instead of all or none
    #[arg(long)]
    pub partly: bool,
    /// Return as soon as it is accepted; a worker goes on
    #[arg(long)]
    pub detach: bool,
    /// JSON Lines on standard output
    #[arg(long)]
    pub json: bool,
}

/// What was spent.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Usage {
    /// From this day, 2026-11-01
    #[arg(long, value_name = "D")]
    pub since: Option<jiff::civil::Date>,
    /// Up to this day
    #[arg(long, value_name = "D")]
    pub until: Option<jiff::civil::Date>,
    /// Grouped how
    #[arg(long, default_value = "model")]
    pub by: By,
    /// As CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
    /// First compare with the provider's own bill
    #[arg(long)]
    pub reconcile: bool,
    /// Only of this project; `-` is what belongs to none
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// What the sandbox pretended, instead of real money
    #[arg(long)]
    pub sandbox: bool,
    /// The dearest jobs too, so many
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a flattened part of the help")]
    pub lines: Lines,
}

/// Which lines of the ledger are listed.
#[derive(Debug, Clone, Args)]
pub struct Lines {
    /// Instead, the lines of the ledger, newest first
    #[arg(long, conflicts_with = "top")]
    pub ledger: bool,
    /// Only of jobs with these words: in the prompt, model, project, a tag, or the number
    #[arg(long, value_name = "WORDS", requires = "ledger")]
    pub find: Option<String>,
    /// Only lines of this kind: hold, release, charge, `refund_due`, refund, adjust
    #[arg(long, value_name = "K", requires = "ledger")]
    pub kind: Option<LineKind>,
    /// Only of this model
    #[arg(long, value_name = "ID", requires = "ledger")]
    pub model: Option<String>,
    /// At most so many lines
    #[arg(long, value_name = "N", requires = "ledger", default_value_t = 1000)]
    pub limit: usize,
}

/// How usage is grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is named after what it groups by")]
pub enum By {
    Day,
    Model,
    Provider,
    Operation,
    Project,
    Tag,
}

impl From<By> for GroupBy {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Model => Self::Model,
            By::Provider => Self::Provider,
            By::Operation => Self::Operation,
            By::Project => Self::Project,
            By::Tag => Self::Tag,
        }
    }
}

/// The built-in provider as a server.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Where it listens
    #[arg(long, default_value = "127.0.0.1:0")]
    pub addr: std::net::SocketAddr,
    /// How many times as fast as usual
    #[arg(long)]
    pub speed: Option<f64>,
    /// What goes wrong, like `rate-limit:2,cut-download`
    #[arg(long, value_name = "LIST")]
    pub fault: Option<String>,
    /// Only this key is let in; otherwise any
    #[arg(long)]
    pub key: Option<String>,
}

fn operations() -> String {
    let names: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    format!("What is done, when no model is named: {}", names.join(" | "))
}
