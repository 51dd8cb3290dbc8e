//! How a command ends, as its exit code says.

use crate::domain::{Job, ReasonKind, StageName};

/// What was said makes no sense: exit 2, as for a word that clap does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct WrongUsage {
    /// What is wrong with it.
    pub what: String,
    /// How it is said.
    pub hint: &'static str,
}

/// How a command ended. Ordered by how much it matters: of several jobs the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// As it should: 0.
    Done,
    /// Failed, refused or cancelled: 1.
    Failed,
    /// It may exist and be billed: 3.
    InDoubt,
    /// Wrong usage: 2.
    Usage,
    /// Blocked by a check before anything was sent: 4.
    Blocked,
    /// No credential: 5.
    NoCredential,
    /// SIGHUP: 129. Jobs go on.
    HungUp,
    /// Ctrl-C: 130. Jobs go on.
    Interrupted,
    /// SIGTERM: 143. Jobs go on.
    Terminated,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::InDoubt => 3,
            Self::Blocked => 4,
            Self::NoCredential => 5,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Whether a signal ended it.
    pub fn is_a_signal(self) -> bool {
        matches!(self, Self::HungUp | Self::Interrupted | Self::Terminated)
    }

    /// How a job that nobody waits for any longer has ended, or `None` while it goes on.
    pub fn of_job(job: &Job) -> Option<Self> {
        let parked = job.reason.as_ref().is_some_and(|reason| {
            matches!(
                reason.kind,
                ReasonKind::Held | ReasonKind::QueuePaused | ReasonKind::OtherAccount
            )
        });
        match job.shown_stage() {
            StageName::Done => Some(Self::Done),
            StageName::Failed | StageName::Cancelled => Some(Self::Failed),
            StageName::InDoubt => Some(Self::InDoubt),
            _ if job.is_overdue() => Some(Self::InDoubt),
            _ if parked => Some(Self::Failed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_counts() {
        let worst = [Exit::Done, Exit::InDoubt, Exit::Failed].into_iter().max();
        assert_eq!(worst.map(Exit::code), Some(3));
        assert_eq!([Exit::Done, Exit::Failed].into_iter().max().map(Exit::code), Some(1));
    }
}
