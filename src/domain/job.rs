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

pub use super::event::{FailurePolicy, JobEvent, Settlement};
use super::ledger::{self, Balance, Line};
use super::{
    BatchId, Brief, Estimate, Fingerprint, JobId, ProviderId, Reason, ReasonKind, Stage, StageName,
    Usd,
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

    /// What it has cost so far, once anything was settled. `None` too where no price was known and nothing
    /// was held: then nothing is known, which is not the same as nothing.
    pub fn cost(&self) -> Option<Usd> {
        let is_unknown = self.estimate.is_none()
            && self.balance.charge == Some(Usd::ZERO)
            && self.balance.adjust == Usd::ZERO;
        // Where nothing was held, that it was released adds up to nothing: the end itself tells.
        let is_free = self.hold == Usd::ZERO
            && matches!(self.stage, Stage::Failed { .. } | Stage::Cancelled { .. });
        let cost = self.balance.cost().or(is_free.then_some(Usd::ZERO));
        cost.filter(|_| !is_unknown)
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
                let (text, hint) = if self.account.provider == ProviderId::Local {
                    ("cancelled, being stopped", "nothing is billed for work on this machine")
                } else {
                    (
                        "cancelled, may still be billed",
                        "the provider cannot stop it: it is followed to its end, its take goes to the trash",
                    )
                };
                self.reason = Some(Reason::new(ReasonKind::Abandoned, text).hint(hint));
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
