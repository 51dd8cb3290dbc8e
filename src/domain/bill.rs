//! A line of a provider's own bill, as a plain value.

use jiff::Timestamp;

use super::{ModelId, PredictionId, Usd};

/// A line of the provider's own bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingLine {
    /// Its name there.
    pub id: String,
    /// The prediction it is for.
    pub prediction: Option<PredictionId>,
    /// The model.
    pub model: Option<ModelId>,
    /// Whether money came back.
    pub is_refund: bool,
    /// How much, positive either way.
    pub amount: Usd,
    /// When.
    pub at: Option<Timestamp>,
}
