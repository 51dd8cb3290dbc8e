//! Why a job stands where it stands, and what to do about it.

use serde::{Deserialize, Serialize};

/// What sort of reason it is: what code may decide by. The text is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// Queued: the provider said 429; sent again at `not_before`.
    RateLimited,
    /// Queued: the provider refused the key or the credit, so nothing more is sent to it.
    QueuePaused,
    /// Queued: the person left before it was sent.
    Held,
    /// Queued: as many run, or were sent this minute, as the account may have.
    NoPlace,
    /// Waiting: longer than the provider ever takes; still asked once a minute.
    Overdue,
    /// Waiting: made with other credentials than today's; not asked.
    OtherAccount,
    /// Waiting: the provider does not answer as it should; asked again.
    Unreachable,
    /// Failed: blocked at the look just before sending.
    Blocked,
    /// Failed: the connection was never made.
    NotSent,
    /// Failed: the provider said no.
    Refused,
    /// Failed: the provider's moderation.
    Moderated,
    /// Failed: at the provider, after it had accepted.
    AtProvider,
    /// Failed: an output arrived that nobody can use; the file is kept.
    Unusable,
    /// In doubt: no readable answer to the submission.
    Unanswered,
    /// In doubt: the process died while it submitted.
    Died,
    /// In doubt: accepted, then silent for a day.
    Lost,
    /// Ended by hand, as charged or as free.
    Settled,
    /// Cancelled by the person, before anything was sent.
    GivenUp,
    /// Cancelled by the person after the provider had accepted: it may still be billed.
    Abandoned,
}

/// A reason as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What sort it is.
    pub kind: ReasonKind,
    /// What happened, lower case, without a dot. Safe to print.
    pub text: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Reason {
    /// A reason with this text; control characters are taken out, since much of it comes from a provider.
    pub fn new(kind: ReasonKind, text: impl AsRef<str>) -> Self {
        Self { kind, text: super::text::printable(text.as_ref()), hint: None }
    }

    /// The same reason with advice.
    #[must_use]
    pub fn hint(self, hint: impl AsRef<str>) -> Self {
        Self { hint: Some(super::text::printable(hint.as_ref())), ..self }
    }
}
