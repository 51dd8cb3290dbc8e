//! The words that follow `jobs`, `assets`, `models` and `key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::money::NotAnAmount;
use crate::domain::{Operation, ProviderId, Scope, Settlement, Usd};

use super::args::Order;

/// How many jobs are listed where nobody says.
const LISTED: usize = 1000;

/// Budgets.
#[derive(Debug, Subcommand)]
pub enum Budgets {
    /// Every budget, with what is spent, held and left; and the limits of the plan
    Show {
        /// Those of the sandbox
        #[arg(long)]
        sandbox: bool,
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Set one, or take it away
    Set {
        /// per-run | day | month | project:NAME
        scope: Scope,
        /// US dollars, like 5 or 0.40; or off
        #[arg(value_name = "USD|off")]
        amount: Amount,
        /// That of the sandbox
        #[arg(long)]
        sandbox: bool,
    },
}

impl Default for Budgets {
    fn default() -> Self {
        Self::Show { sandbox: false, json: false }
    }
}

/// An amount, or none: `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Option<Usd>);

impl std::str::FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self(None));
        }
        let amount: Usd = text.parse()?;
        if amount < Usd::ZERO { Err(NotAnAmount(text.to_owned())) } else { Ok(Self(Some(amount))) }
    }
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
        #[arg(long, default_value_t = LISTED)]
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
        /// Files, and folders with every picture, recording and film below them
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
        #[arg(required = true, allow_hyphen_values = true, value_parser = tag)]
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
    /// Keep takes: they are worth it
    Keep {
        /// Number, id, or the beginning of an id
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Reject takes
    Reject {
        /// Number, id, or the beginning of an id
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why, in a word; or the letter that says it in the studio
        #[arg(long, value_name = "W")]
        reason: Option<String>,
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

/// The models on offer.
#[derive(Debug, Subcommand)]
pub enum Models {
    /// Everything known, switched-off ones too
    List(Listed),
    /// One: parameters, limits, price
    Show {
        /// Id or alias
        id: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Fetch the provider's own list; it is kept, and used without a network
    Refresh {
        /// Whose [default: the provider in use]
        #[arg(long, value_name = "NAME")]
        provider: Option<ProviderId>,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// What the built-in files and yours say otherwise than the provider's list
    Check {
        /// Whose list [default: the provider in use]
        #[arg(long, value_name = "NAME")]
        provider: Option<ProviderId>,
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
}

/// Which models are listed.
#[derive(Debug, Default, Args)]
pub struct Listed {
    /// Only what fits all these words, the best first
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// Only of this operation
    #[arg(long, value_name = "NAME")]
    pub op: Option<Operation>,
    /// Only what this provider runs
    #[arg(long, value_name = "NAME")]
    pub provider: Option<ProviderId>,
    /// As one JSON array
    #[arg(long)]
    pub json: bool,
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

/// A tag, or `-TAG`. What looks like an option is not taken for one: a `--read-only` behind the tags would be
/// lost.
fn tag(text: &str) -> Result<String, String> {
    if text.starts_with("--") {
        return Err("an option goes before the verb, and no tag begins with --".to_owned());
    }
    Ok(text.to_owned())
}

impl Default for Jobs {
    fn default() -> Self {
        Self::List { json: false, limit: LISTED }
    }
}

impl Default for Assets {
    fn default() -> Self {
        Self::List { json: false, project: None, tag: None, trashed: false }
    }
}

impl Default for Models {
    fn default() -> Self {
        Self::List(Listed::default())
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::Show { json: false }
    }
}
