//! What is made in a run of a story, and what was agreed to for it.

use std::collections::BTreeSet;

use crate::domain::Usd;

/// Which scenes are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// What is missing or changed.
    #[default]
    Missing,
    /// Another take of every scene.
    All,
    /// Another take of these.
    Scenes(BTreeSet<String>),
}

/// What was said about money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Somebody said yes to the price.
    pub consent: bool,
    /// At most this, as it was said before the run.
    pub max_cost: Option<Usd>,
    /// At most this, as the pre-flight had it when somebody said yes; `None` where no price was known.
    pub ceiling: Option<Usd>,
}
