//! One followed job: moved along by its own timeline, so that no stage is missed, told twice or told out of
//! order, whoever drives it.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{IllegalTransition, Job, JobEvent, Progress, StageName};

use super::exit::Exit;

/// A job as it was last told.
#[derive(Debug)]
pub(super) struct Followed {
    /// As it was after the last event that was told.
    pub job: Job,
    /// How many of its events were told.
    events: usize,
    /// How it ended, once nobody waits for it any longer.
    pub exit: Option<Exit>,
    /// A look into the provider's history that was asked for, or is on its way.
    pub looked_up: bool,
}

impl Followed {
    /// A job with so many events behind it.
    pub(super) fn new(job: Job, events: usize) -> Self {
        Self { job, events, exit: None, looked_up: false }
    }

    /// Goes along the timeline. Returns each step that a person would see, with its moment and the job as it
    /// was then: another stage, or another reason.
    pub(super) fn catch_up(
        &mut self,
        timeline: &[(Timestamp, JobEvent)],
    ) -> Result<Vec<(Timestamp, Job)>, IllegalTransition> {
        let mut steps = Vec::new();
        for (at, event) in timeline.iter().skip(self.events) {
            let before = (self.job.shown_stage(), self.job.reason.clone());
            self.job.apply(event, *at)?;
            self.events += 1;
            if before != (self.job.shown_stage(), self.job.reason.clone()) {
                steps.push((*at, self.job.clone()));
            }
        }
        Ok(steps)
    }

    /// Whether the provider has it, so that a worker can go on with it.
    pub(super) fn is_accepted(&self) -> bool {
        self.job.stage.prediction().is_some()
    }

    /// Whether it is still waited for.
    pub(super) fn is_awaited(&self) -> bool {
        self.exit.is_none()
    }

    /// Whether its first look-up is due: so long after it went in doubt.
    pub(super) fn look_up_is_due(&self, after: Duration, now: Timestamp) -> bool {
        let waited = now.duration_since(self.job.times.stage);
        self.is_awaited()
            && !self.looked_up
            && self.job.shown_stage() == StageName::InDoubt
            && Duration::try_from(waited).unwrap_or_default() >= after
    }
}

/// The figures that belong to this stage: a queue's place says nothing of a download.
pub(super) fn figures_of(stage: StageName, progress: Progress) -> Progress {
    match stage {
        StageName::Checking | StageName::Downloading => {
            Progress { percent: None, queue_position: None, ..progress }
        }
        StageName::Waiting => Progress { bytes: None, bytes_total: None, ..progress },
        _ => Progress::default(),
    }
}

#[cfg(test)]
#[path = "followed_tests.rs"]
pub(super) mod tests;
