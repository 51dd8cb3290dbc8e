//! Where a job stands. The words are the ones a person reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::PredictionId;

/// Where a job stands, with what only that stage knows.
///
/// Stored as tagged JSON: the text of each variant is a format, pinned by a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Admitted, its money held; nothing was sent.
    Queued,
    /// Everything is looked at once more, just before sending.
    Checking,
    /// The submission is on its way: it may exist and be billed from here on.
    Submitting,
    /// The provider accepted it and works on it.
    Waiting {
        /// The provider's record of it.
        prediction: PredictionId,
    },
    /// The output is ready and being fetched.
    Downloading {
        /// The provider's record of it.
        prediction: PredictionId,
    },
    /// The take is in the library and charged.
    Done {
        /// The provider's record of it.
        prediction: PredictionId,
    },
    /// Nobody here can say whether it exists or was billed.
    InDoubt {
        /// Known where the provider had accepted and then stopped answering.
        prediction: Option<PredictionId>,
    },
    /// It ended without a usable take.
    Failed {
        /// Known where the provider had accepted it.
        prediction: Option<PredictionId>,
    },
    /// The person gave it up before it was sent, or the provider stopped it.
    Cancelled {
        /// Known where the provider had accepted it.
        prediction: Option<PredictionId>,
    },
}

impl Stage {
    /// Its name without what it carries.
    pub fn name(&self) -> StageName {
        match self {
            Self::Queued => StageName::Queued,
            Self::Checking => StageName::Checking,
            Self::Submitting => StageName::Submitting,
            Self::Waiting { .. } => StageName::Waiting,
            Self::Downloading { .. } => StageName::Downloading,
            Self::Done { .. } => StageName::Done,
            Self::InDoubt { .. } => StageName::InDoubt,
            Self::Failed { .. } => StageName::Failed,
            Self::Cancelled { .. } => StageName::Cancelled,
        }
    }

    /// The provider's record of the job, once there is one.
    pub fn prediction(&self) -> Option<&PredictionId> {
        match self {
            Self::Queued | Self::Checking | Self::Submitting => None,
            Self::Waiting { prediction }
            | Self::Downloading { prediction }
            | Self::Done { prediction } => Some(prediction),
            Self::InDoubt { prediction }
            | Self::Failed { prediction }
            | Self::Cancelled { prediction } => prediction.as_ref(),
        }
    }

    /// Whether the pipeline has work to do: a live job is driven on, an ended one is left alone.
    pub fn is_live(&self) -> bool {
        self.name().is_live()
    }
}

/// A stage's name, as JSON and the screen have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is described at Stage")]
pub enum StageName {
    Queued,
    Checking,
    Submitting,
    Waiting,
    Downloading,
    Done,
    Failed,
    Cancelled,
    InDoubt,
}

impl StageName {
    /// Every stage, in the order that a job meets them.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Checking,
        Self::Submitting,
        Self::Waiting,
        Self::Downloading,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::InDoubt,
    ];

    /// The name in JSON and in the library: `in_doubt`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Checking => "checking",
            Self::Submitting => "submitting",
            Self::Waiting => "waiting",
            Self::Downloading => "downloading",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::InDoubt => "in_doubt",
        }
    }

    /// The name as a person reads it: `in doubt`.
    pub fn words(self) -> &'static str {
        match self {
            Self::InDoubt => "in doubt",
            other => other.as_str(),
        }
    }

    /// Whether the pipeline has work to do on a job here.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Checking | Self::Submitting | Self::Waiting | Self::Downloading
        )
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

impl FromStr for StageName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a stage"))
    }
}
