//! The command line's words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::{Operation, ProviderId, Settlement, Usd};
use crate::store::ledger::GroupBy;

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
    #[command(subcommand)]
    Jobs(Jobs),
    /// The library: list, import, tag, trash, export
    #[command(subcommand)]
    Assets(Assets),
    /// What was spent, held, and is due back
    Usage(Usage),
    /// The models on offer
    #[command(subcommand)]
    Models(Models),
    /// Keys of providers
    #[command(subcommand)]
    Key(Key),
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
#[derive(Debug, Args)]
pub struct Generate {
    /// What is to be seen; from standard input where it is `-`, or absent and piped
    pub prompt: Option<String>,
    /// Catalogue id or alias [default: per operation]
    #[arg(short, long, value_name = "ID")]
    pub model: Option<String>,
    /// sandbox | wavespeed
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderId>,
    /// Operation, when no model is named
    #[arg(long, value_name = "NAME")]
    pub op: Option<Operation>,
    /// Any parameter of the model; repeatable; KEY=@FILE uploads
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    pub params: Vec<String>,
    /// Pictures, in the order of the model's inputs
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
pub struct Order {
    /// Accept warnings and the price
    #[arg(short, long)]
    pub yes: bool,
    /// Block above this
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<Usd>,
    /// Return as soon as it is accepted; a worker goes on
    #[arg(long)]
    pub detach: bool,
    /// JSON Lines on standard output
    #[arg(long)]
    pub json: bool,
}

/// Jobs.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// The newest first
    List {
        /// As one JSON array
        #[arg(long)]
        json: bool,
        /// At most so many
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// One, with what happened to it and its money
    Show {
        /// Number, id, or the beginning of an id
        id: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Watch one to its end
    Follow {
        /// Number, id, or the beginning of an id
        id: String,
        /// JSON Lines on standard output
        #[arg(long)]
        json: bool,
    },
    /// Give one up
    Cancel {
        /// Number, id, or the beginning of an id
        id: String,
    },
    /// The same brief again, as a new job
    Retry {
        /// Number, id, or the beginning of an id
        id: String,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a flattened part of the help")]
        order: Order,
    },
    /// Send what is held or paused
    Resume {
        /// Just this one
        id: Option<String>,
    },
    /// Look a job in doubt up in the provider's history
    Find {
        /// Number, id, or the beginning of an id
        id: String,
    },
    /// Say which prediction a job in doubt is
    Adopt {
        /// Number, id, or the beginning of an id
        id: String,
        /// The provider's id of it
        prediction: String,
    },
    /// End a job in doubt by hand
    Settle {
        /// Number, id, or the beginning of an id
        id: String,
        /// Whether it was billed
        #[arg(long = "as", value_name = "charged|free")]
        settlement: SettledAs,
    },
}

/// How a job in doubt is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettledAs {
    /// It was billed
    Charged,
    /// It was not
    Free,
}

impl From<SettledAs> for Settlement {
    fn from(settled: SettledAs) -> Self {
        match settled {
            SettledAs::Charged => Self::Charged,
            SettledAs::Free => Self::Free,
        }
    }
}

/// The library.
#[derive(Debug, Subcommand)]
pub enum Assets {
    /// The newest first
    List {
        /// As one JSON array
        #[arg(long)]
        json: bool,
        /// Only of this project
        #[arg(long)]
        project: Option<String>,
        /// Only with this tag
        #[arg(long)]
        tag: Option<String>,
        /// What is in the trash
        #[arg(long)]
        trashed: bool,
    },
    /// One, with everything that is known
    Show {
        /// Number, id, or the beginning of an id
        id: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take files into the library
    Import {
        /// Which
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where they belong
        #[arg(long)]
        project: Option<String>,
        /// As JSON Lines
        #[arg(long)]
        json: bool,
    },
    /// Add tags; `-TAG` takes one away
    Tag {
        /// Number, id, or the beginning of an id
        id: String,
        /// Which
        #[arg(required = true, allow_hyphen_values = true)]
        tags: Vec<String>,
    },
    /// Give stars, 0 to 5
    Rate {
        /// Number, id, or the beginning of an id
        id: String,
        /// How many
        #[arg(value_parser = clap::value_parser!(u8).range(0..=5))]
        stars: u8,
    },
    /// Put into the trash
    Trash {
        /// Number, id, or the beginning of an id
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Take out of the trash
    Restore {
        /// Number, id, or the beginning of an id
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Copy a file out of the library
    Export {
        /// Number, id, or the beginning of an id
        id: String,
        /// A file or a folder
        to: PathBuf,
        /// Write over what is there
        #[arg(long)]
        force: bool,
    },
    /// Show in the desktop's player
    Open {
        /// Number, id, or the beginning of an id
        id: String,
    },
}

/// What was spent.
#[derive(Debug, Args)]
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

/// The models on offer.
#[derive(Debug, Subcommand)]
pub enum Models {
    /// Everything known, switched-off ones too
    List {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// One: parameters, limits, price
    Show {
        /// Id or alias
        id: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Keys of providers.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Ask for one without echo, try it, keep it in a file only you can read
    Set {
        /// Whose
        provider: ProviderId,
        /// Keep it without trying it
        #[arg(long)]
        no_check: bool,
    },
    /// Where each comes from; never the key itself
    Show {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Take a kept one out of the file
    Forget {
        /// Whose
        provider: ProviderId,
    },
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
