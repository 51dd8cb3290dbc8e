//! Which jobs and takes are shown, which of them is selected, and what keys act on.

use super::screen::{Looking, Screen, Subject};
use crate::domain::{Asset, AssetId, Job, JobId, StageName};

impl Screen {
    /// The jobs that the filter lets through, newest first.
    pub fn shown_jobs(&self) -> Vec<&Job> {
        let words = self.filter.to_lowercase();
        let shown = |job: &&Job| {
            words.is_empty()
                || job.brief.prompt().to_lowercase().contains(&words)
                || job.number.to_string() == words
                || job.shown_stage().words().contains(&words)
        };
        self.jobs.iter().filter(shown).collect()
    }

    /// The takes that the filter lets through, newest first.
    pub fn shown_takes(&self) -> Vec<&Asset> {
        let words = self.filter.to_lowercase();
        let shown = |asset: &&Asset| {
            words.is_empty()
                || asset.prompt.to_lowercase().contains(&words)
                || asset.label() == words
                || asset.verdict.is_some_and(|verdict| verdict.as_str() == words)
                || asset.reason.as_ref().is_some_and(|why| why.to_lowercase().contains(&words))
        };
        self.assets.iter().filter(shown).collect()
    }

    /// Their ids.
    pub fn job_ids(&self) -> Vec<JobId> {
        self.shown_jobs().iter().map(|job| job.id).collect()
    }

    /// Their ids.
    pub fn take_ids(&self) -> Vec<AssetId> {
        self.shown_takes().iter().map(|asset| asset.id).collect()
    }

    /// The selected job.
    pub fn job(&self) -> Option<&Job> {
        let jobs = self.shown_jobs();
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        jobs.get(self.job_at.place(&ids)).copied()
    }

    /// The selected take.
    pub fn take(&self) -> Option<&Asset> {
        let takes = self.shown_takes();
        let ids: Vec<_> = takes.iter().map(|asset| asset.id).collect();
        takes.get(self.take_at.place(&ids)).copied()
    }

    /// The first take of a job, where it is here.
    pub fn take_of(&self, job: JobId) -> Option<&Asset> {
        self.assets.iter().rfind(|asset| asset.origin.as_ref().is_some_and(|made| made.job == job))
    }

    /// The job that made a take, where it is here.
    pub fn job_of(&self, asset: &Asset) -> Option<&Job> {
        let origin = asset.origin.as_ref()?;
        self.jobs.iter().find(|job| job.id == origin.job)
    }

    /// What the preview shows, and what keys act on.
    pub fn subject(&self) -> Subject<'_> {
        let take = self.take().map_or(Subject::Nothing, Subject::Take);
        match (self.looking, self.job()) {
            (Looking::Jobs, Some(job)) => {
                self.take_of(job.id).map_or(Subject::Job(job), Subject::Take)
            }
            (Looking::Takes, Some(job)) if matches!(take, Subject::Nothing) => Subject::Job(job),
            _ => take,
        }
    }

    /// Whether the selected job is in doubt, and has the keys for that.
    pub fn is_in_doubt(&self) -> bool {
        self.job().is_some_and(|job| job.shown_stage() == StageName::InDoubt)
    }
}
