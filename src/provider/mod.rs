//! The services that make videos, behind one trait. The pipeline asks what a provider can; it never assumes.

pub mod abilities;
pub mod answer;
pub mod bill;
mod data_url;
mod http;
pub mod huggingface;
pub mod local;
mod open;
#[cfg(test)]
mod scripted;
pub mod wavespeed;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::job::FailurePolicy;
use crate::domain::{Account, ModelId, Operation, Params, PredictionId, Usd};

pub use bill::{Bill, BillingQuery, UsageStats};

/// One submission, ready to be sent: every input is an address by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The model's exact id.
    pub model: ModelId,
    /// The parameters, with just the keys that the model declares.
    pub params: Params,
}

/// The address of an output. Prints without its query, which may hold a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct OutputUrl(pub String);

impl OutputUrl {
    /// Whether the output itself stands in the provider's answer, and nothing has to be fetched.
    pub fn is_inline(&self) -> bool {
        self.0.starts_with("data:")
    }

    /// The address without query and fragment: what may be shown and stored.
    pub fn masked(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Debug for OutputUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputUrl({})", self.masked())
    }
}

impl fmt::Display for OutputUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.masked())
    }
}

/// Where a prediction stands, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// In the provider's queue.
    Created,
    /// Being made.
    Processing,
    /// There is an output.
    Completed,
    /// There will be none.
    Failed {
        /// The provider's own code, where it gave one.
        code: Option<i64>,
        /// The provider's words.
        message: String,
        /// Whether its moderation refused it.
        moderated: bool,
    },
    /// The provider stopped it.
    Cancelled {
        /// The provider's words.
        message: String,
    },
    /// A word that nobody here knows. Ridden out.
    Unknown(String),
}

impl Status {
    /// Whether an end is still to come.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Self::Created | Self::Processing | Self::Unknown(_))
    }
}

/// The provider's record of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// Its name there.
    pub id: PredictionId,
    /// Where it stands.
    pub status: Status,
    /// Addresses of its outputs; text outputs are `data:` addresses.
    pub outputs: Vec<OutputUrl>,
    /// What else it says of them.
    pub metadata: Map<String, Value>,
    /// Measured by the provider, 0 to 100.
    pub percent: Option<u8>,
    /// How many are before it.
    pub queue_position: Option<u32>,
}

/// A prediction as the provider's history lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastPrediction {
    /// The record.
    pub prediction: Prediction,
    /// The model it ran.
    pub model: ModelId,
    /// What it was given, where the history tells.
    pub inputs: Option<Params>,
    /// When the provider made it.
    pub created: Option<Timestamp>,
}

/// What came back from a submission that is no prediction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The connection was never made: nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// 429: nothing was made; it may be sent again.
    #[error("rate limited: {message}")]
    RateLimited {
        /// What the provider asks to wait.
        retry_after: Option<Duration>,
        /// The provider's words.
        message: String,
    },
    /// 401, or no credit left: refused, and so would everything else be.
    #[error("{message}")]
    QueueStopped {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// Any other refusal: nothing was made.
    #[error("{message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// Everything else: it may exist and be billed.
    #[error("{0}")]
    Unanswered(String),
}

/// A question that was not answered as it should be. None of these ends a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The provider answered 4xx (but 429): another key, another account, a record that is gone.
    #[error("the provider answers {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// 429, 5xx, a hang-up, a timeout, garbage: ask again later.
    #[error("{message}")]
    Unreachable {
        /// What happened.
        message: String,
        /// What the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// This provider has no such thing.
    #[error("{0} is not offered by this provider")]
    NotOffered(&'static str),
}

/// What a provider says of a model before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// The catalogue says all there is to say.
    Listed,
    /// It runs it now; the text says as what.
    Live(String),
    /// It runs it, and says itself that it may not work.
    Doubtful(String),
    /// It does not run it.
    Absent {
        /// What was found.
        finding: String,
        /// What to do about it.
        hint: String,
    },
}

/// An output could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OpenError {
    /// What happened.
    pub message: String,
    /// Whether a fresh address may help (403, 404, 410, or an answer that is no file).
    pub stale: bool,
}

/// An output that is being fetched.
pub struct Download {
    /// How many bytes there will be, where the server gave a length.
    pub length: Option<u64>,
    /// The bytes as they come. An error means that the line was cut.
    pub bytes: BoxStream<'static, Result<bytes::Bytes, OpenError>>,
}

/// What a provider can, and how it is dealt with. Data, from `assets/providers/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    /// What a failure after acceptance costs.
    pub failure_policy: FailurePolicy,
    /// Within how many hours a failed run is refunded, where it is.
    pub refund_hours: Option<u32>,
    /// For how many hours the address of an uploaded file is used again.
    pub uploads_kept_hours: u32,
    /// No larger file can be uploaded.
    pub uploads_most_bytes: u64,
    /// How many may run at once for this account.
    pub running_at_once: u32,
    /// How many may be sent a minute for this account.
    pub sent_per_minute: u32,
    /// Whether a running prediction can be stopped.
    pub can_cancel: bool,
    /// Whether past predictions can be listed.
    pub has_history: bool,
    /// Where a person looks at it: a page's address.
    pub dashboard: Option<String>,
}

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where it lies.
    pub path: std::path::PathBuf,
    /// Its MIME type, where known.
    pub mime: Option<String>,
    /// How long it was when it was looked at.
    pub bytes: u64,
    /// What was in it: SHA-256 in lower-case hex digits.
    pub sha256: String,
}

/// A service that makes videos.
///
/// Every method may be called from any task; none holds a lock while it waits.
#[async_trait]
pub trait Provider: Send + Sync {
    /// With whom this client speaks.
    fn account(&self) -> &Account;

    /// The address that its requests go to. The sandbox's differs with each process; its account does not.
    fn request_base_url(&self) -> &str;

    /// What it can.
    fn abilities(&self) -> &Abilities;

    /// Whether it runs this model at the moment, for a provider whose offer changes from day to day. Makes
    /// and costs nothing.
    async fn offers(&self, _model: &ModelId, _operation: Operation) -> Result<Offer, AskError> {
        Ok(Offer::Listed)
    }

    /// Submits once: no redirect, no retry, a fresh connection, 120 s at most.
    ///
    /// Nobody may call this again for the same job, unless it was refused with 429.
    async fn submit(&self, order: &Order) -> Result<Prediction, SubmitError>;

    /// Asks where a prediction stands. 30 s at most.
    async fn result(&self, id: &PredictionId) -> Result<Prediction, AskError>;

    /// Opens an output. The credential goes along only to the provider's own host.
    async fn open(&self, url: &OutputUrl) -> Result<Download, OpenError>;

    /// Asks the provider to stop a running prediction.
    async fn cancel(&self, id: &PredictionId) -> Result<(), AskError>;

    /// Hears that every output of a prediction is in the library: what is kept for it can go.
    async fn saved(&self, _id: &PredictionId) {}

    /// Lists predictions of `model` made between two moments, newest first.
    async fn history(
        &self,
        model: &ModelId,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<PastPrediction>, AskError>;

    /// What is left at the provider; `None` where it has no such figure.
    async fn balance(&self) -> Result<Option<Usd>, AskError>;

    /// What the provider itself says a run costs.
    async fn quote(&self, order: &Order) -> Result<Usd, AskError>;

    /// The provider's bill, as far as it can be read.
    async fn billings(&self, query: &BillingQuery) -> Result<Bill, AskError>;

    /// What the provider itself adds up for the time between two moments.
    async fn usage_stats(&self, since: Timestamp, until: Timestamp)
    -> Result<UsageStats, AskError>;

    /// The provider's own list of models, as it came.
    async fn models(&self) -> Result<serde_json::Value, AskError>;

    /// Uploads a file and returns the address to give as an input. Flat memory.
    /// `sent` is told how many bytes are gone so far. A file that is no longer what it was when it was looked
    /// at is an error, however far it came.
    async fn upload(
        &self,
        file: &Upload,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<OutputUrl, AskError>;
}
