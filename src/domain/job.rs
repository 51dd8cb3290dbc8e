//! The job and its state machine: the only place where a stage changes.
//!
//! ```text
//!            PutOff, RateLimited
//!          ┌──────────────◄─────────┐
//!       Queued ──► Checking ──► Submitting ──► Waiting ◄──► Downloading ──► Done
//!          │          │             │  │  ▲       │  │            │
//!          └──────────┴─► Cancelled │  │  │       │  └────────────┴──► Failed
//!                     └─► Failed ◄──┘  ▼  │Accepted, Adopted ▲
//!                                    InDoubt ◄────┘ Lost     │ Settled
//!                                      └─────────────────────┘
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ledger::{self, Balance, Line};
use super::{
    BatchId, Brief, Estimate, Fingerprint, JobId, PredictionId, ProviderId, Reason, ReasonKind,
    Stage, StageName, Usd,
};

/// With whom a job was made: it is only ever asked about there, with the same credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// The service.
    pub provider: ProviderId,
    /// Where it is reached, without a trailing slash. The sandbox has one fixed name whatever its port.
    pub base_url: String,
    /// Which credential.
    pub credential: Fingerprint,
}

/// What another process, or the person, wants of a job; its owner reads it each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Give it up.
    Cancel,
    /// Send it, even when nobody looks on.
    Send,
    /// Do not send it for now.
    Hold,
}

impl Wish {
    /// Its name in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Send => "send",
            Self::Hold => "hold",
        }
    }
}

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

/// A step that no job may take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {from} cannot be {event}")]
pub struct IllegalTransition {
    /// Where the job stood.
    pub from: StageName,
    /// What should have happened to it.
    pub event: &'static str,
}

/// A figure of the stage that runs. Measured or reported, never made up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Bytes on disk so far.
    pub bytes: Option<u64>,
    /// How many there will be, where the server gave a length.
    pub bytes_total: Option<u64>,
    /// Only where the provider measures it: 0 to 100.
    pub percent: Option<u8>,
    /// How many are before this one at the provider.
    pub queue_position: Option<u32>,
}

/// When what happened to a job, for the clocks of waiting and for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Admitted.
    pub created: Timestamp,
    /// The last submission began.
    pub submitted: Option<Timestamp>,
    /// The provider had it.
    pub accepted: Option<Timestamp>,
    /// The provider was first seen to work on it.
    pub processing: Option<Timestamp>,
    /// It ended.
    pub ended: Option<Timestamp>,
    /// The stage it is in began.
    pub stage: Timestamp,
}

/// A durable unit of work: one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id for ever.
    pub id: JobId,
    /// Its short number in this library, as a person says it. A take carries its job's number.
    pub number: u32,
    /// Admitted together with these.
    pub batch: Option<BatchId>,
    /// What was asked for.
    pub brief: Brief,
    /// With whom.
    pub account: Account,
    /// What it was expected to cost.
    pub estimate: Option<Estimate>,
    /// What is held for it: the high end of the estimate, or `--max-cost` where no price is known.
    pub hold: Usd,
    /// Where it stands.
    pub stage: Stage,
    /// Given up after it was accepted: it goes on quietly and is shown as cancelled.
    pub abandoned: bool,
    /// Ended by hand: its money is settled whatever turns up later.
    pub settled: bool,
    /// Why it stands there.
    pub reason: Option<Reason>,
    /// It is not sent before this moment.
    pub not_before: Option<Timestamp>,
    /// What somebody wants of it.
    pub wish: Option<Wish>,
    /// The newest figure of the stage.
    pub progress: Progress,
    /// When what happened.
    pub times: Times,
    /// Its money so far.
    pub balance: Balance,
}

impl Job {
    /// The stage as everybody is shown it: a job given up after it was accepted reads `cancelled`
    /// while it is followed to its end.
    pub fn shown_stage(&self) -> StageName {
        match self.stage.name() {
            StageName::InDoubt => StageName::InDoubt,
            _ if self.abandoned => StageName::Cancelled,
            name => name,
        }
    }

    /// What it costs when it is done: the price that was expected, or what is held where none was known.
    pub fn price(&self) -> Usd {
        match &self.estimate {
            Some(estimate) if !estimate.floor => estimate.high,
            _ => self.hold,
        }
    }

    /// What it has cost so far, once anything was settled.
    pub fn cost(&self) -> Option<Usd> {
        self.balance.cost()
    }

    /// Whether its provider only pretends.
    pub fn is_simulated(&self) -> bool {
        self.account.provider.is_simulated()
    }

    /// Whether it was accepted and is now waited for longer than the provider ever takes.
    pub fn is_overdue(&self) -> bool {
        self.reason.as_ref().is_some_and(|reason| reason.kind == ReasonKind::Overdue)
    }

    /// Whether it was never sent and nobody may send it before a person says so.
    pub fn is_held(&self) -> bool {
        self.stage == Stage::Queued
            && self.reason.as_ref().is_some_and(|reason| {
                matches!(reason.kind, ReasonKind::Held | ReasonKind::QueuePaused)
            })
    }

    /// Takes one step, and says what it means for the ledger. An illegal step changes nothing.
    pub fn apply(
        &mut self,
        event: &JobEvent,
        at: Timestamp,
    ) -> Result<Vec<Line>, IllegalTransition> {
        let next = self.next(event)?;
        let lines = ledger::lines(self, event);

        if next.name() != self.stage.name() {
            self.times.stage = at;
            self.progress = Progress::default();
        }
        self.stage = next;
        self.note(event, at);
        for line in &lines {
            self.balance.add(line.kind, line.amount);
        }
        if self.stage.is_live() {
            self.times.ended = None;
        } else if self.times.ended.is_none() {
            self.times.ended = Some(at);
        }
        Ok(lines)
    }

    /// The table of steps.
    fn next(&self, event: &JobEvent) -> Result<Stage, IllegalTransition> {
        use JobEvent as E;
        use Stage as S;

        let known = || self.stage.prediction().cloned();
        let next = match (&self.stage, event) {
            (S::Queued | S::Checking, E::PutOff { .. })
            | (S::Queued, E::Resumed)
            | (S::Submitting, E::RateLimited { .. }) => S::Queued,
            (S::Queued, E::CheckStarted) => S::Checking,
            (S::Queued | S::Checking, E::Blocked { .. }) | (S::Submitting, E::Refused { .. }) => {
                S::Failed { prediction: None }
            }
            (S::Queued | S::Checking, E::GivenUp) => S::Cancelled { prediction: None },
            (S::Checking, E::SubmitStarted) => S::Submitting,
            (S::Submitting, E::Unanswered { .. }) => S::InDoubt { prediction: None },
            // A suspended process that wakes up may still bring the answer of a job in doubt, and an id may
            // turn up after settling: its take is attached, the money stays as it was settled.
            (S::Submitting | S::InDoubt { prediction: None }, E::Accepted { prediction })
            | (S::InDoubt { .. }, E::Adopted { prediction })
            | (S::Failed { .. }, E::Accepted { prediction } | E::Adopted { prediction })
                if self.settled || !matches!(self.stage, S::Failed { .. }) =>
            {
                S::Waiting { prediction: prediction.clone() }
            }
            (S::Waiting { .. }, E::Processing | E::Abandoned | E::Noted { .. })
            | (S::Downloading { .. }, E::Abandoned | E::Noted { .. }) => self.stage.clone(),
            (S::Waiting { prediction }, E::OutputReady) => {
                S::Downloading { prediction: prediction.clone() }
            }
            (S::Downloading { prediction }, E::OutputMissing { .. }) => {
                S::Waiting { prediction: prediction.clone() }
            }
            (S::Downloading { prediction }, E::Saved { .. }) => {
                S::Done { prediction: prediction.clone() }
            }
            (S::Downloading { .. } | S::Waiting { .. }, E::Unusable { .. })
            | (S::Waiting { .. }, E::FailedAtProvider { .. })
            | (S::InDoubt { .. }, E::Settled { .. }) => S::Failed { prediction: known() },
            (S::Waiting { .. }, E::StoppedAtProvider { .. }) => {
                S::Cancelled { prediction: known() }
            }
            (S::Waiting { .. }, E::Lost { .. }) => S::InDoubt { prediction: known() },
            _ => {
                return Err(IllegalTransition { from: self.stage.name(), event: event.name() });
            }
        };
        Ok(next)
    }

    /// What an event leaves behind beside the stage: reason, clocks, flags.
    fn note(&mut self, event: &JobEvent, at: Timestamp) {
        use JobEvent as E;

        match event {
            E::Admitted => {}
            E::PutOff { reason, until } => {
                self.reason = Some(reason.clone());
                self.not_before = *until;
            }
            E::RateLimited { reason, until } => {
                self.reason = Some(reason.clone());
                self.not_before = Some(*until);
            }
            E::Resumed | E::CheckStarted => {
                self.reason = None;
                self.not_before = None;
            }
            E::SubmitStarted => {
                self.reason = None;
                self.times.submitted = Some(at);
            }
            E::Accepted { .. } | E::Adopted { .. } => {
                self.reason = None;
                self.times.accepted = Some(at);
                // What was lost and is adopted by hand is waited for anew.
                self.times.processing = None;
            }
            E::Processing => self.times.processing = self.times.processing.or(Some(at)),
            // What is followed after it was given up keeps that reason to its end.
            E::Noted { .. } | E::OutputReady | E::OutputMissing { .. } if self.abandoned => {}
            E::Noted { reason } => self.reason.clone_from(reason),
            E::OutputReady => self.reason = None,
            E::Saved { .. } => {
                self.reason = self.abandoned.then(|| {
                    Reason::new(ReasonKind::Abandoned, "cancelled after it was accepted")
                        .hint("the take is in the trash")
                });
            }
            E::OutputMissing { reason }
            | E::Blocked { reason }
            | E::Refused { reason }
            | E::Unanswered { reason }
            | E::Unusable { reason, .. }
            | E::FailedAtProvider { reason, .. }
            | E::StoppedAtProvider { reason, .. }
            | E::Lost { reason } => self.reason = Some(reason.clone()),
            E::GivenUp => {
                self.reason =
                    Some(Reason::new(ReasonKind::GivenUp, "cancelled before it was sent"));
            }
            E::Abandoned => {
                self.abandoned = true;
                self.reason =
                    Some(Reason::new(ReasonKind::Abandoned, "cancelled, may still be billed").hint(
                        "the provider cannot stop it: it is followed to its end, its take goes to the trash",
                    ));
            }
            E::Settled { settlement } => {
                self.settled = true;
                let text = match settlement {
                    Settlement::Charged => "settled by hand as charged",
                    Settlement::Free => "settled by hand as free",
                };
                self.reason = Some(Reason::new(ReasonKind::Settled, text));
            }
        }
    }
}

#[cfg(test)]
#[path = "job_tests.rs"]
mod tests;
