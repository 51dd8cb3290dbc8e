//! What each ending writes into the ledger, as a pure table, and what lines add up to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::job::{FailurePolicy, Settlement};
use super::{Basis, Job, JobEvent, Usd};

/// What a line of the ledger says. At most one of each settling kind a job: the database refuses a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Money set aside when the job was admitted.
    Hold,
    /// That money is free again.
    Release,
    /// What it cost.
    Charge,
    /// The provider owes it back.
    RefundDue,
    /// It came back.
    Refund,
    /// The provider billed another amount: the difference, either way.
    Adjust,
}

impl LineKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Hold, Self::Release, Self::Charge, Self::RefundDue, Self::Refund, Self::Adjust];

    /// Its name in the library and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Charge => "charge",
            Self::RefundDue => "refund_due",
            Self::Refund => "refund",
            Self::Adjust => "adjust",
        }
    }
}

impl fmt::Display for LineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LineKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a kind of ledger line"))
    }
}

/// One line that is to be written for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub kind: LineKind,
    /// How much, in micro-dollars; only an adjustment may be negative.
    pub amount: Usd,
    /// Where the figure comes from.
    pub basis: Basis,
}

/// A job's lines, summed by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Σ hold.
    pub hold: Usd,
    /// Σ release.
    pub release: Usd,
    /// Σ charge; `None` while nothing was charged.
    pub charge: Option<Usd>,
    /// Σ adjust.
    pub adjust: Usd,
    /// Σ `refund_due`.
    pub refund_due: Usd,
    /// Σ refund.
    pub refund: Usd,
}

impl Balance {
    /// Adds a line.
    pub fn add(&mut self, kind: LineKind, amount: Usd) {
        match kind {
            LineKind::Hold => self.hold = self.hold + amount,
            LineKind::Release => self.release = self.release + amount,
            LineKind::Charge => self.charge = Some(self.charge.unwrap_or_default() + amount),
            LineKind::RefundDue => self.refund_due = self.refund_due + amount,
            LineKind::Refund => self.refund = self.refund + amount,
            LineKind::Adjust => self.adjust = self.adjust + amount,
        }
    }

    /// What is set aside now.
    pub fn held(&self) -> Usd {
        self.hold - self.release
    }

    /// What it has cost: Σ charge + Σ adjust − Σ refund. `None` while it is not settled;
    /// zero once its money was released without a charge.
    pub fn cost(&self) -> Option<Usd> {
        if self.charge.is_none() && self.release == Usd::ZERO {
            return None;
        }
        Some(self.charge.unwrap_or_default() + self.adjust - self.refund)
    }

    /// What the provider still owes back.
    pub fn refund_open(&self) -> Usd {
        (self.refund_due - self.refund).max(Usd::ZERO)
    }
}

/// Sums over many jobs, real and simulated apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Σ charge + Σ adjust − Σ refund, of real money.
    pub spent: Usd,
    /// Σ hold − Σ release, of real money.
    pub held: Usd,
    /// Owed back by providers, of real money. Counted as spent until it is refunded.
    pub refund_due: Usd,
    /// What the sandbox pretended to charge.
    pub simulated: Usd,
    /// What the sandbox pretends to hold.
    pub simulated_held: Usd,
}

/// What the event means for the money of this job, before the event is applied to it.
///
/// The table of what each ending writes; a job that was settled by hand writes nothing more.
pub fn lines(job: &Job, event: &JobEvent) -> Vec<Line> {
    let basis = match &job.estimate {
        _ if job.is_simulated() => Basis::Simulated,
        None => Basis::Unknown,
        // Only a floor was known, and `--max-cost` was held: nobody quoted that.
        Some(floor) if floor.floor && floor.high != job.hold => Basis::Unknown,
        Some(_) => Basis::Quoted,
    };
    let line = |kind, amount| Line { kind, amount, basis };
    let hold = || line(LineKind::Hold, job.hold);
    let release = || line(LineKind::Release, job.hold);
    let charge = |amount| line(LineKind::Charge, amount);

    match event {
        JobEvent::Admitted => vec![hold()],
        _ if job.settled => vec![],
        JobEvent::Blocked { .. }
        | JobEvent::Refused { .. }
        | JobEvent::GivenUp
        | JobEvent::Settled { settlement: Settlement::Free } => vec![release()],
        JobEvent::Saved { charge: amount } | JobEvent::Unusable { charge: amount, .. } => {
            vec![release(), charge(*amount)]
        }
        JobEvent::FailedAtProvider { policy, charge: amount, .. }
        | JobEvent::StoppedAtProvider { policy, charge: amount, .. } => match policy {
            FailurePolicy::Refunded => {
                vec![release(), charge(*amount), line(LineKind::RefundDue, *amount)]
            }
            FailurePolicy::Free => vec![release()],
            FailurePolicy::Charged => vec![release(), charge(*amount)],
        },
        JobEvent::Settled { settlement: Settlement::Charged } => {
            vec![release(), charge(job.price())]
        }
        JobEvent::PutOff { .. }
        | JobEvent::Resumed
        | JobEvent::CheckStarted
        | JobEvent::SubmitStarted
        | JobEvent::RateLimited { .. }
        | JobEvent::Unanswered { .. }
        | JobEvent::Accepted { .. }
        | JobEvent::Adopted { .. }
        | JobEvent::Processing
        | JobEvent::Noted { .. }
        | JobEvent::OutputReady
        | JobEvent::OutputMissing { .. }
        | JobEvent::Lost { .. }
        | JobEvent::Abandoned => vec![],
    }
}
