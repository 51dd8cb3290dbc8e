//! An order before it is admitted: what is to be made, and what was said about its money.

use super::{Brief, Usd};

/// One or more briefs that are admitted together, as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// One brief a job.
    pub briefs: Vec<Brief>,
    /// Block above this; what is held where no price is known.
    pub max_cost: Option<Usd>,
    /// Whether a person has said yes to this price, in the dialog or with `--yes`.
    pub consent: bool,
    /// Whether as many are admitted as the budgets allow, the first ones, instead of all or none.
    pub partly: bool,
}

impl Ask {
    /// An order that nobody has said yes to.
    pub fn new(briefs: Vec<Brief>) -> Self {
        Self { briefs, max_cost: None, consent: false, partly: false }
    }
}

/// What becomes of jobs that were never sent when the person leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unsent {
    /// They stay queued until somebody says *send*.
    Hold,
    /// The worker sends them.
    Send,
    /// They are cancelled.
    Cancel,
}
