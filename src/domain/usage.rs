//! What usage is told in: the sums over a group of jobs, the dearest of them, the lines of the ledger. The
//! studio and the command line are told the same.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{JobId, LineKind, StageName, Usd};

/// By what usage is grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The account day.
    Day,
    /// The model.
    Model,
    /// The provider.
    Provider,
    /// The operation.
    Operation,
    /// The project; `-` where there is none.
    Project,
    /// Each tag of the brief or of its takes; a job with two counts in both.
    Tag,
}

impl GroupBy {
    /// Every way to group.
    pub const ALL: [Self; 6] =
        [Self::Day, Self::Model, Self::Provider, Self::Operation, Self::Project, Self::Tag];

    /// Its name on the command line and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Operation => "operation",
            Self::Project => "project",
            Self::Tag => "tag",
        }
    }
}

/// Which jobs are counted: real money unless the sandbox is asked for, never both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// From this account day.
    pub since: Option<Date>,
    /// Up to this account day.
    pub until: Option<Date>,
    /// Only of this project; `-` is what belongs to none.
    pub project: Option<String>,
    /// What the sandbox pretended, instead of real money.
    pub simulated: bool,
}

/// A group of jobs and their sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The day, the model, …
    pub key: String,
    /// The sums.
    pub figures: Figures,
}

/// One job among the dearest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dear {
    /// The job.
    pub job: JobId,
    /// Its short number.
    pub number: u32,
    /// The account day.
    pub day: String,
    /// The model.
    pub model: String,
    /// What it was asked for.
    pub prompt: String,
    /// What it cost.
    pub spent: Usd,
}

/// Which lines of the ledger are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// As for the sums.
    pub jobs: UsageFilter,
    /// Only lines of this kind.
    pub kind: Option<LineKind>,
    /// Only of this model.
    pub model: Option<String>,
    /// Each of these words begins one of the job's: of its prompt, model, operation, provider or project; or it
    /// is its number; or all of them together begin a tag.
    pub words: String,
    /// Only lines older than the one of this place.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A line of the ledger with the job that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the ledger: they only grow.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The day it counts on.
    pub day: String,
    /// The job.
    pub job: JobId,
    /// Its short number.
    pub number: u32,
    /// What it says.
    pub kind: LineKind,
    /// How much.
    pub amount: Usd,
    /// Where the figure comes from: quoted, billed, simulated, unknown.
    pub basis: String,
    /// The model.
    pub model: String,
    /// The provider.
    pub provider: String,
    /// The project.
    pub project: Option<String>,
    /// What was asked for.
    pub prompt: String,
    /// Where the job stands; `cancelled` for one that was given up and is followed to its end.
    pub stage: StageName,
    /// Why, where it failed or waits.
    pub reason: Option<String>,
}

/// The sums over some jobs: those of a day, a model, a project, or all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Jobs that were admitted.
    pub jobs: u64,
    /// Of those, how many a submission was begun for.
    pub runs: u64,
    /// How many are done.
    pub done: u64,
    /// How many failed after they were sent.
    pub failed: u64,
    /// Takes that came of them.
    pub takes: u64,
    /// Takes that somebody kept.
    pub kept: u64,
    /// Takes that somebody rejected.
    pub rejected: u64,
    /// Milliseconds of video.
    pub video_ms: u64,
    /// Σ charge + Σ adjust − Σ refund.
    pub spent: Usd,
    /// Σ hold − Σ release.
    pub held: Usd,
    /// What providers owe back. Counted as spent until it is there.
    pub due: Usd,
    /// Of what was spent, what went for jobs that failed or were cancelled.
    pub failed_cost: Usd,
    /// Of what was spent, what went for jobs whose takes were all rejected.
    pub rejected_cost: Usd,
    /// Jobs whose bill by the provider was seen.
    pub billed_runs: u64,
    /// What the provider billed for those.
    pub billed: Usd,
    /// What we had charged for those before the bill was seen.
    pub billed_quoted: Usd,
}

impl Figures {
    /// Whether there is nothing to tell: no run was sent, no money moved or held. What was blocked before
    /// anything was sent is told nowhere.
    pub fn is_empty(&self) -> bool {
        self.runs == 0 && self.spent == Usd::ZERO && self.held == Usd::ZERO
    }

    /// What one run cost, rounded half up to a micro-dollar; `None` without a run.
    pub fn per_run(&self) -> Option<Usd> {
        share(self.spent, self.runs)
    }

    /// What one second of video cost; `None` without video.
    pub fn per_second(&self) -> Option<Usd> {
        let thousandfold = Usd::from_micros(self.spent.micros().saturating_mul(1000));
        share(thousandfold, self.video_ms)
    }

    /// What one kept take cost, everything else that was tried for it included; `None` while none was kept.
    pub fn per_kept(&self) -> Option<Usd> {
        share(self.spent, self.kept)
    }

    /// Of a thousand runs that ended, how many failed; `None` while none ended.
    pub fn failed_per_mille(&self) -> Option<u64> {
        per_mille(self.failed, self.done + self.failed)
    }

    /// Of a thousand takes that were decided about, how many were kept; `None` while none was.
    pub fn kept_per_mille(&self) -> Option<u64> {
        per_mille(self.kept, self.kept + self.rejected)
    }

    /// What the provider billed beyond what we had charged; `None` while no bill was seen.
    pub fn drift(&self) -> Option<Usd> {
        (self.billed_runs > 0).then(|| self.billed - self.billed_quoted)
    }
}

/// An equal share, rounded half up (away from zero).
fn share(amount: Usd, among: u64) -> Option<Usd> {
    let among = i128::from(among);
    if among == 0 {
        return None;
    }
    let amount = i128::from(amount.micros());
    let half = if amount < 0 { -among } else { among };
    let micros = (amount * 2 + half) / (among * 2);
    Some(Usd::from_micros(i64::try_from(micros).unwrap_or(i64::MAX)))
}

fn per_mille(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| (part * 2000 + whole) / (whole * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(micros: i64) -> Usd {
        Usd::from_micros(micros)
    }

    #[test]
    fn shares_are_rounded_once_and_nothing_is_shared_among_none() {
        let figures = Figures {
            runs: 3,
            kept: 2,
            video_ms: 7_000,
            spent: usd(1_000_000),
            ..Figures::default()
        };
        assert_eq!(figures.per_run(), Some(usd(333_333)));
        assert_eq!(figures.per_kept(), Some(usd(500_000)));
        assert_eq!(figures.per_second(), Some(usd(142_857)));
        assert_eq!(Figures::default().per_run(), None);
        assert_eq!(Figures::default().per_second(), None);
        assert_eq!(share(usd(5), 2), Some(usd(3)));
        assert_eq!(share(usd(-5), 2), Some(usd(-3)));
    }

    #[test]
    fn rates_are_of_what_ended_and_of_what_was_decided_about() {
        let figures = Figures {
            runs: 9,
            done: 6,
            failed: 2,
            takes: 6,
            kept: 1,
            rejected: 2,
            ..Figures::default()
        };
        assert_eq!(figures.failed_per_mille(), Some(250));
        assert_eq!(figures.kept_per_mille(), Some(333));
        assert_eq!(Figures::default().failed_per_mille(), None);
        assert_eq!(figures.drift(), None);
    }
}
