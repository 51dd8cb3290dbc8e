//! What can happen to a job. Append-only in the library; each variant's text is a format.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PredictionId, Reason, Usd};

/// What a provider takes for a submission that it accepted and that then failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailurePolicy {
    /// Charged, and given back within hours.
    Refunded,
    /// Never charged.
    Free,
    /// Charged all the same.
    Charged,
}

/// How a job in doubt was ended by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Settlement {
    /// It was billed.
    Charged,
    /// It was not.
    Free,
}

/// Something that happened to a job. Append-only in the library; each variant's text is a format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JobEvent {
    /// It was admitted and its money held: the birth, written by the insert, never applied.
    Admitted,
    /// It has to wait before it can be sent.
    PutOff {
        /// Why.
        reason: Reason,
        /// Not before this moment, where one is known.
        until: Option<Timestamp>,
    },
    /// A held job may go on.
    Resumed,
    /// The look just before sending begins.
    CheckStarted,
    /// That look found something that lets nothing be sent.
    Blocked {
        /// What.
        reason: Reason,
    },
    /// The submission is about to be sent. Stored before the first byte of it leaves.
    SubmitStarted,
    /// The provider said 429: nothing was made.
    RateLimited {
        /// The provider's words.
        reason: Reason,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The provider said no, or was never reached: nothing was made.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// Nobody can say what came of the submission.
    Unanswered {
        /// What was seen.
        reason: Reason,
    },
    /// The provider has it.
    Accepted {
        /// Its record.
        prediction: PredictionId,
    },
    /// A record found in the provider's history, or named by the person, is this job's.
    Adopted {
        /// The record.
        prediction: PredictionId,
    },
    /// The provider began to work: its clock runs from here.
    Processing,
    /// Why a waiting job waits; `None` when all is well again.
    Noted {
        /// The reason.
        reason: Option<Reason>,
    },
    /// The output can be fetched.
    OutputReady,
    /// The output could not be fetched whole: a fresh address is asked for.
    OutputMissing {
        /// What was wrong.
        reason: Reason,
    },
    /// The file is in the library.
    Saved {
        /// What it cost.
        charge: Usd,
    },
    /// Something arrived that nobody can use.
    Unusable {
        /// What.
        reason: Reason,
        /// What it cost.
        charge: Usd,
    },
    /// It failed after the provider had accepted it.
    FailedAtProvider {
        /// The provider's words.
        reason: Reason,
        /// What the provider takes for that.
        policy: FailurePolicy,
        /// What it would have cost.
        charge: Usd,
    },
    /// The provider stopped it, as it was asked to or by itself.
    StoppedAtProvider {
        /// The provider's words.
        reason: Reason,
        /// What the provider takes for that.
        policy: FailurePolicy,
        /// What it would have cost.
        charge: Usd,
    },
    /// Silent for a day after it was accepted.
    Lost {
        /// Since when.
        reason: Reason,
    },
    /// The person gave it up before anything was sent.
    GivenUp,
    /// The person gave it up after it was accepted: followed quietly to its end.
    Abandoned,
    /// A job in doubt was ended by hand.
    Settled {
        /// As what.
        settlement: Settlement,
    },
}

impl JobEvent {
    /// Its name, as in the library.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::PutOff { .. } => "put_off",
            Self::Resumed => "resumed",
            Self::CheckStarted => "check_started",
            Self::Blocked { .. } => "blocked",
            Self::SubmitStarted => "submit_started",
            Self::RateLimited { .. } => "rate_limited",
            Self::Refused { .. } => "refused",
            Self::Unanswered { .. } => "unanswered",
            Self::Accepted { .. } => "accepted",
            Self::Adopted { .. } => "adopted",
            Self::Processing => "processing",
            Self::Noted { .. } => "noted",
            Self::OutputReady => "output_ready",
            Self::OutputMissing { .. } => "output_missing",
            Self::Saved { .. } => "saved",
            Self::Unusable { .. } => "unusable",
            Self::FailedAtProvider { .. } => "failed_at_provider",
            Self::StoppedAtProvider { .. } => "stopped_at_provider",
            Self::Lost { .. } => "lost",
            Self::GivenUp => "given_up",
            Self::Abandoned => "abandoned",
            Self::Settled { .. } => "settled",
        }
    }
}
