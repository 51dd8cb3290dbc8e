//! The background task that drives jobs side by side: takes what nobody drives, hears wishes, looks jobs
//! in doubt up, renews leases, and hands everything over when this process leaves.

mod bills;
mod task;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::domain::{Job, JobId, Unsent};

use self::task::Task;
use super::{Pipeline, PipelineError};

/// Which jobs a process drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything that nobody drives: the studio and the worker.
    Everything,
    /// Just the jobs it is told: a command.
    Told,
}

/// Starts the process that goes on with the jobs when this one leaves.
pub type Handover = Arc<dyn Fn() -> std::io::Result<()> + Send + Sync>;

enum Command {
    Drive(JobId),
    Cancel(JobId, oneshot::Sender<Result<Job, PipelineError>>),
    LookAround,
    Leave(Unsent, oneshot::Sender<()>),
    TakeBack,
}

/// A handle on the background task. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor {
    commands: mpsc::Sender<Command>,
    idle: tokio::sync::watch::Receiver<bool>,
}

impl Supervisor {
    /// Starts the task.
    pub fn start(pipeline: Arc<Pipeline>, scope: Scope, handover: Option<Handover>) -> Self {
        // Human rate and a few jobs; a full channel makes the sender wait, which no screen does.
        let (commands, receiver) = mpsc::channel(64);
        let (tell_idle, idle) = tokio::sync::watch::channel(false);
        let task = Task::new(pipeline, scope, handover, tell_idle);
        tokio::spawn(task.run(receiver));
        Self { commands, idle }
    }

    /// Drives a job that this process has admitted or may claim.
    pub async fn drive(&self, id: JobId) {
        self.say(Command::Drive(id)).await;
    }

    /// Gives a job up.
    pub async fn cancel(&self, id: JobId) -> Result<Job, PipelineError> {
        let (answer, answered) = oneshot::channel();
        self.say(Command::Cancel(id, answer)).await;
        answered.await.map_err(|_| crate::store::StoreError::Closed)?
    }

    /// Looks for work now instead of within a second.
    pub async fn look_around(&self) {
        self.say(Command::LookAround).await;
    }

    /// Leaves: what was accepted goes on in a worker; a submission in flight is seen through first. Returns
    /// when this process drives nothing any more.
    pub async fn leave(&self, unsent: Unsent) {
        let (answer, answered) = oneshot::channel();
        self.say(Command::Leave(unsent, answer)).await;
        let _ = answered.await;
    }

    /// After a suspension: drives again what nobody else does.
    pub async fn take_back(&self) {
        self.say(Command::TakeBack).await;
    }

    /// Returns when there is nothing left that a worker has to stay for.
    pub async fn nothing_left(&self) {
        let mut idle = self.idle.clone();
        let _ = idle.wait_for(|idle| *idle).await;
    }

    async fn say(&self, command: Command) {
        // The task ends only with its last handle.
        let _ = self.commands.send(command).await;
    }
}

/// An error with its causes, in one line.
pub fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
