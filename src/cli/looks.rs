//! What every command does to the library and the purse: whether `--read-only` lets it through.
//!
//! Each match names every word, so that a new one has to say what it is. Behind this the library's own handle
//! refuses to be written ([`crate::store::StoreError::ReadOnly`]): what is said here wrongly still spends
//! nothing.

use super::args::Command;
use super::story_args::Stories;
use super::verbs::{Assets, Budgets, Jobs, Key, Models};

impl Command {
    /// Whether it only looks: it writes nothing that a later start would find, sends nothing that makes
    /// anything, and starts nobody who does. A file that a person names, outside of the library, is theirs.
    pub fn only_looks(&self) -> bool {
        match self {
            Self::Generate(args) => args.dry_run,
            Self::Jobs { verb } => verb.as_ref().is_none_or(Jobs::only_looks),
            Self::Assets { verb } => verb.as_ref().is_none_or(Assets::only_looks),
            Self::Usage(args) => !args.reconcile,
            Self::Budget { verb } => verb.as_ref().is_none_or(Budgets::only_looks),
            Self::Models { verb } => verb.as_ref().is_none_or(Models::only_looks),
            Self::Story { verb } => verb.only_looks(),
            Self::Key { verb } => verb.as_ref().is_none_or(Key::only_looks),
            // Both make films: one for whoever asks, the other for what was ordered.
            Self::Worker { .. } | Self::Sandbox(_) => false,
            Self::Presets { .. }
            | Self::Doctor { .. }
            | Self::Backup { .. }
            | Self::Completions { .. }
            | Self::Man => true,
        }
    }
}

impl Jobs {
    fn only_looks(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } | Self::Follow { .. } => true,
            Self::Cancel { .. }
            | Self::Retry { .. }
            | Self::Resume { .. }
            | Self::Find { .. }
            | Self::Adopt { .. }
            | Self::Settle { .. } => false,
        }
    }
}

impl Assets {
    fn only_looks(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } | Self::Export { .. } | Self::Open { .. } => true,
            Self::Import { .. }
            | Self::Tag { .. }
            | Self::Rate { .. }
            | Self::Keep { .. }
            | Self::Reject { .. }
            | Self::Trash { .. }
            | Self::Restore { .. } => false,
        }
    }
}

impl Budgets {
    fn only_looks(&self) -> bool {
        match self {
            Self::Show { .. } => true,
            Self::Set { .. } => false,
        }
    }
}

impl Models {
    fn only_looks(&self) -> bool {
        match self {
            Self::List(_) | Self::Show { .. } | Self::Check { .. } => true,
            Self::Refresh { .. } => false,
        }
    }
}

impl Stories {
    fn only_looks(&self) -> bool {
        match self {
            Self::Show { .. } => true,
            Self::Run(args) => args.dry_run,
            Self::Assemble(args) => args.dry_run,
            // A story is made to be run: what is written is looked at later.
            Self::New { .. } => false,
        }
    }
}

impl Key {
    fn only_looks(&self) -> bool {
        match self {
            Self::Show { .. } => true,
            Self::Set { .. } | Self::Forget { .. } => false,
        }
    }
}
