//! The words that follow `story`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::Usd;

use super::args::Order;

/// A film of several scenes in one file.
#[derive(Debug, Subcommand)]
pub enum Stories {
    /// Write a short story with everything explained
    New {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Every scene with how it stands, its take and what it costs
    Show {
        /// The story
        file: PathBuf,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make what is missing or changed
    Run(RunStory),
    /// Put the chosen takes into one MP4
    Assemble(AssembleStory),
}

/// Make scenes.
#[derive(Debug, Args)]
pub struct RunStory {
    /// The story
    pub file: PathBuf,
    /// Another take of every scene
    #[arg(long, conflicts_with_all = ["scene", "missing"])]
    pub all: bool,
    /// Another take of this scene, by its id or place; repeatable
    #[arg(long, value_name = "ID", conflicts_with = "missing")]
    pub scene: Vec<String>,
    /// What is missing or changed: what is done where nothing else is said
    #[arg(long)]
    pub missing: bool,
    /// Every check and what all of it comes to; sends nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a flattened part of the help")]
    pub terms: StoryTerms,
}

/// How a story is ordered and followed.
#[derive(Debug, Clone, Args)]
pub struct StoryTerms {
    /// Accept warnings and the price of the whole run
    #[arg(short, long)]
    pub yes: bool,
    /// Never more than this for the whole run
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<Usd>,
    /// Return as soon as what can be sent is accepted; a worker goes on with it. What needs something that is not
    /// made yet is ordered by the next run
    #[arg(long)]
    pub detach: bool,
    /// JSON Lines on standard output
    #[arg(long)]
    pub json: bool,
}

/// Put scenes together.
#[derive(Debug, Args)]
pub struct AssembleStory {
    /// The story
    pub file: PathBuf,
    /// Seconds for which one scene fades into the next [default: the story's]
    #[arg(long, value_name = "S")]
    pub crossfade: Option<f64>,
    /// Every check; makes nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a flattened part of the help")]
    pub order: Order,
}
