//! Who is told what happens to jobs.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::domain::{Alert, Job, JobEvent, JobId, Progress};

/// A front end's ear. Must not block.
pub trait Reporter: Send + Sync {
    /// The job moved, and the library already knows it.
    fn moved(&self, job: &Job, event: &JobEvent);
    /// A newer figure for the stage that runs. May be dropped.
    fn progress(&self, id: JobId, progress: Progress);
    /// Another process changed the library.
    fn changed(&self) {}
    /// A share of a budget or limit was reached. Told once a period.
    fn reached(&self, _alert: &Alert) {}
    /// There is a newer catalogue, and the pipeline already uses it.
    fn restocked(&self, _catalog: &Arc<Catalog>) {}
    /// Something a person should know that belongs to no job.
    fn trouble(&self, what: &str, hint: Option<&str>);
}
