//! What a provider says it took: its bill line by line, and its own sums.

use jiff::Timestamp;

use super::AskError;
use crate::domain::{BillingLine, Usd};

/// What is asked of a bill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BillingQuery {
    /// From this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// A bill, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bill {
    /// Its lines, each once, in the provider's order.
    pub lines: Vec<BillingLine>,
    /// Lines of money whose name or amount nobody here understands.
    pub unreadable: usize,
    /// Why it ends before its end, where it does: what was read so far is good all the same.
    pub missing: Option<AskError>,
}

/// What a provider itself adds up for some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageStats {
    /// What it says everything cost.
    pub total: Usd,
    /// How many runs it counts.
    pub runs: u64,
}
