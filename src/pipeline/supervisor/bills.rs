//! When the bills of real money are asked for by themselves: after a job has ended, and as long as a bill or a
//! refund is waited for. Beside everything else: nothing waits for it, and nothing that fails is told.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::{Pipeline, PipelineError};
use super::Scope;

/// The next look at the bills.
pub(super) struct Bills {
    /// `None` while nothing is waited for.
    due: Option<Instant>,
    /// At most one.
    asking: JoinSet<Result<bool, PipelineError>>,
}

impl Bills {
    /// A command leaves it to the studio and the worker. These look once, for what another process left.
    pub(super) fn new(scope: Scope) -> Self {
        let due = (scope == Scope::Everything).then(Instant::now);
        Self { due, asking: JoinSet::new() }
    }

    /// A job has ended: its bill will come.
    pub(super) fn a_job_ended(&mut self) {
        self.due = Some(Instant::now());
    }

    /// Asks, where that is due and nobody is being asked.
    pub(super) fn look(&mut self, pipeline: &Arc<Pipeline>) {
        if self.asking.is_empty() && self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = None;
            let pipeline = Arc::clone(pipeline);
            self.asking.spawn(async move { pipeline.reconcile_by_itself().await });
        }
    }

    /// Waits until a question is answered: never, while there is none.
    pub(super) async fn answered(&mut self, pipeline: &Arc<Pipeline>) {
        let Some(answer) = self.asking.join_next().await else {
            return std::future::pending().await;
        };
        let is_awaited = match answer {
            Ok(Ok(is_awaited)) => is_awaited,
            Ok(Err(error)) => {
                tracing::warn!(%error, "reading the bills failed");
                true
            }
            Err(panic) => {
                tracing::error!(%panic, "reading the bills ended");
                false
            }
        };
        if is_awaited && self.due.is_none() {
            self.due = Some(Instant::now() + pipeline.patience.bills);
        }
    }
}
