//! A file in the library: a take, or something imported.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    AssetId, Basis, JobId, MediaFacts, MediaKind, ModelId, Operation, PredictionId, ProviderId, Usd,
};

/// What a person decided about a take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Worth keeping.
    Kept,
    /// Not.
    Rejected,
}

impl Verdict {
    /// Its name in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Rejected => "rejected",
        }
    }
}

/// Where a take came from: everything about the run that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The job that made it.
    pub job: JobId,
    /// Which of the job's outputs it is, from 1.
    pub take: u32,
    /// The service.
    pub provider: ProviderId,
    /// The model.
    pub model: ModelId,
    /// What was done.
    pub operation: Operation,
    /// The provider's record.
    pub prediction: PredictionId,
    /// Where the file was fetched from, without its query (which may hold a signature).
    pub source_url: String,
    /// The seed that was asked for, where one was.
    pub seed: Option<i64>,
    /// What the job cost: charges, adjustments and refunds so far.
    pub cost: Usd,
    /// Where that figure comes from.
    pub cost_basis: Basis,
}

impl Origin {
    /// What the job cost, or `None` where no price was known and nothing was held for it.
    pub fn known_cost(&self) -> Option<Usd> {
        let is_unknown = self.cost_basis == Basis::Unknown && self.cost == Usd::ZERO;
        (!is_unknown).then_some(self.cost)
    }

    /// What the job cost, with where the figure comes from, for a person.
    pub fn cost_words(&self) -> String {
        match (self.known_cost(), self.cost_basis) {
            (None, _) => "price unknown".to_owned(),
            (Some(cost), Basis::Unknown) => format!("at most {cost}, price unknown"),
            (Some(cost), basis) => format!("{cost} {basis}"),
        }
    }
}

/// A file in the library.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Its id for ever.
    pub id: AssetId,
    /// Its short number in this library: a take has its job's.
    pub number: u32,
    /// Path below the library's folder, with `/`.
    pub path: String,
    /// SHA-256 of the whole file, 64 lower-case hex digits.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// `video/mp4`, by the file's own first bytes.
    pub mime: String,
    /// What kind of file.
    pub kind: MediaKind,
    /// What was measured from it.
    pub facts: MediaFacts,
    /// Why nothing could be measured, where that is so.
    pub unreadable: Option<String>,
    /// The text it was made from; the file's name for an import.
    pub prompt: String,
    /// How it was made; `None` for an import.
    pub origin: Option<Origin>,
    /// The asset it was made from.
    pub parent: Option<AssetId>,
    /// Where it belongs.
    pub project: Option<String>,
    /// What to find it by.
    pub tags: Vec<String>,
    /// Stars, 0 to 5.
    pub rating: u8,
    /// One of the favourites.
    pub favourite: bool,
    /// What was decided about it.
    pub verdict: Option<Verdict>,
    /// Why it was rejected, in a word, where that was said.
    pub reason: Option<String>,
    /// When it came in.
    pub created: Timestamp,
    /// When it was put into the trash.
    pub trashed: Option<Timestamp>,
    /// Anything else the provider or the probe said.
    pub metadata: Map<String, Value>,
}

impl Asset {
    /// The name a person says: `40`, or `40.2` for a job's second output.
    pub fn label(&self) -> String {
        match &self.origin {
            Some(origin) if origin.take > 1 => format!("{}.{}", self.number, origin.take),
            _ => self.number.to_string(),
        }
    }

    /// What it is of: its prompt, or what made it where there was none.
    pub fn words(&self) -> String {
        let platform = self.metadata.get("platform").and_then(Value::as_str);
        match &self.origin {
            Some(made) if self.prompt.is_empty() => {
                super::brief::work(&made.model, made.operation, platform)
            }
            _ => self.prompt.clone(),
        }
    }
}
