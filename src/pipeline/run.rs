//! One job driven from whatever stage it is in: a fresh one and one found after a crash run this code.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::{Job, JobEvent, JobId, Reason, ReasonKind, Stage, Wish};
use crate::provider::{OutputUrl, Provider, abilities};
use crate::store::{Limits, Place};

use super::downloading::Got;
use super::{Leash, Pipeline, PipelineError, later};

/// How being driven ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Driven {
    /// The job has come to an end, or is in doubt.
    Ended(Box<Job>),
    /// It cannot go on by itself: it is held, its queue is paused, or it needs other credentials.
    Parked(Box<Job>),
    /// This process leaves; the job goes on elsewhere.
    Left(Box<Job>),
}

/// What a stage's work came to.
pub(super) enum Next {
    /// The job moved.
    Moved(Box<Job>),
    /// It is not driven any further here.
    Stop(Driven),
}

impl Next {
    pub(super) fn moved(job: Job) -> Self {
        Self::Moved(Box::new(job))
    }
}

/// One job being driven, with what is remembered between its stages.
pub(super) struct Run<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) leash: &'a Leash,
    /// Whether the job was found waiting: then it is asked about at once.
    pub(super) found: bool,
    /// The outputs of the last answer; fetched again after a restart.
    pub(super) outputs: Vec<OutputUrl>,
    /// What the provider said of them.
    pub(super) said: Map<String, Value>,
    /// What became of them so far.
    pub(super) got: Got,
    /// How often the output was not the file that was promised.
    pub(super) bad_outputs: u32,
    /// How often its address did not work.
    pub(super) stale_addresses: u32,
    /// How often the submission was turned away.
    pub(super) turned_away: u32,
    /// Whether the wish to give it up was acted on: then that signal ends no more pauses.
    pub(super) cancel_heard: bool,
}

impl Pipeline {
    /// Drives a job that this process has claimed to its end, or as far as it can go here.
    pub async fn drive(&self, id: JobId, leash: &Leash) -> Result<Driven, PipelineError> {
        let mut job = self.store.job(id).await?;
        let events = self.store.timeline(id).await?;
        let count = |counts: fn(&JobEvent) -> bool| {
            let times = events.iter().filter(|(_, event)| counts(event)).count();
            u32::try_from(times).unwrap_or(u32::MAX)
        };
        let mut run = Run {
            pipeline: self,
            leash,
            found: true,
            outputs: vec![],
            said: Map::new(),
            got: Got::new(),
            bad_outputs: count(
                |event| matches!(event, JobEvent::OutputMissing { reason } if reason.kind == ReasonKind::Unusable),
            ),
            stale_addresses: 0,
            turned_away: count(|event| matches!(event, JobEvent::RateLimited { .. })),
            cancel_heard: job.abandoned,
        };
        loop {
            let next = match &job.stage {
                Stage::Queued => run.queued(job).await?,
                Stage::Checking => run.checking(job).await?,
                // Left here by a process that died: the submission may have arrived.
                Stage::Submitting => Next::moved(run.died_submitting(job).await?),
                Stage::Waiting { .. } => run.waiting(job).await?,
                Stage::Downloading { .. } => run.downloading(job).await?,
                _ => return Ok(Driven::Ended(Box::new(job))),
            };
            run.found = false;
            job = match next {
                Next::Moved(job) => *job,
                Next::Stop(driven) => return Ok(driven),
            };
        }
    }

    /// The client for a job's own account, or why the job cannot be asked about with today's credentials.
    pub(super) async fn client_for(&self, job: &Job) -> Result<Arc<dyn Provider>, Reason> {
        let other = |text: String| {
            Reason::new(ReasonKind::OtherAccount, text).hint(format!(
                "it was made with another credential at {}: set that one again, or settle it by hand",
                job.account.base_url
            ))
        };
        match self.services.provider(job.account.provider).await {
            Ok(client) if *client.account() == job.account => Ok(client),
            Ok(_) => Err(other("held: other account".into())),
            Err(missing) => Err(other(format!("held: other account ({missing})"))),
        }
    }
}

impl Run<'_> {
    pub(super) async fn step(&self, id: JobId, event: JobEvent) -> Result<Job, PipelineError> {
        self.pipeline.step(id, event).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.pipeline.clock.now()
    }

    /// Waits, or less when a signal comes. The signals are looked at by who called.
    pub(super) async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.leash.cancel.cancelled(), if !self.cancel_heard => {}
            () = self.leash.leave.cancelled() => {}
        }
    }

    /// Whether the person gives the job up, and that was not acted on yet.
    pub(super) fn should_cancel(&self) -> bool {
        self.leash.cancel.is_cancelled() && !self.cancel_heard
    }

    /// Nothing was sent yet: wait for the moment and for a place.
    async fn queued(&mut self, mut job: Job) -> Result<Next, PipelineError> {
        let client = match self.pipeline.client_for(&job).await {
            Ok(client) => client,
            Err(reason) => return self.put_off_and_park(job, reason).await,
        };
        let limits = Limits {
            running_at_once: client.abilities().running_at_once,
            sent_per_minute: client.abilities().sent_per_minute,
        };
        loop {
            if let Some(next) = self.heard_before_sending(&job).await? {
                return Ok(next);
            }
            let now = self.now();
            if let Some(until) = job.not_before.filter(|until| *until > now) {
                let wait: Duration = until.duration_since(now).try_into().unwrap_or_default();
                self.pause(wait).await;
                continue;
            }
            match self.pipeline.store.look_for_place(job.id, limits, now).await? {
                None => {
                    let job = self.step(job.id, JobEvent::CheckStarted).await?;
                    return Ok(Next::moved(job));
                }
                Some(Place::Paused(reason)) => return self.put_off_and_park(job, reason).await,
                Some(Place::Wait { reason, ask_again }) => {
                    // Said once: who waits for a place a long time should not fill the timeline. What it
                    // waits for changes seldom.
                    if job.reason.as_ref() != Some(&reason) {
                        job = self.step(job.id, JobEvent::PutOff { reason, until: None }).await?;
                    }
                    self.pause(ask_again).await;
                }
                Some(Place::Granted(_)) => unreachable!("looking takes no place"),
            }
        }
    }

    /// Cancel and leave, as they are heard before anything was sent.
    pub(super) async fn heard_before_sending(
        &self,
        job: &Job,
    ) -> Result<Option<Next>, PipelineError> {
        if self.leash.cancel.is_cancelled() {
            return Ok(Some(Next::moved(self.step(job.id, JobEvent::GivenUp).await?)));
        }
        if !self.leash.leave.is_cancelled() {
            return Ok(None);
        }
        let job = self.pipeline.store.job(job.id).await?;
        if job.wish == Some(Wish::Send) {
            let job = if job.stage == Stage::Queued {
                job
            } else {
                let reason = Reason::new(ReasonKind::NoPlace, "left to the worker");
                self.step(job.id, JobEvent::PutOff { reason, until: None }).await?
            };
            return Ok(Some(Next::Stop(Driven::Left(Box::new(job)))));
        }
        let event = JobEvent::PutOff { reason: held(), until: job.not_before };
        let job = self.step(job.id, event).await?;
        Ok(Some(Next::Stop(Driven::Parked(Box::new(job)))))
    }

    pub(super) async fn put_off_and_park(
        &self,
        job: Job,
        reason: Reason,
    ) -> Result<Next, PipelineError> {
        if reason.kind == ReasonKind::QueuePaused {
            // Whoever said *send* said it before the refusal: it takes a person to go on.
            self.pipeline.store.wish(job.id, None).await?;
        }
        let job = self.step(job.id, JobEvent::PutOff { reason, until: None }).await?;
        Ok(Next::Stop(Driven::Parked(Box::new(job))))
    }

    async fn died_submitting(&self, job: Job) -> Result<Job, PipelineError> {
        let reason = Reason::new(
            ReasonKind::Died,
            "the program ended while it submitted: the provider may have it",
        )
        .hint(doubt_hint(&job));
        self.step(job.id, JobEvent::Unanswered { reason }).await
    }
}

/// Why a job waits that was left before it was sent.
pub(super) fn held() -> Reason {
    Reason::new(ReasonKind::Held, "held").hint("nothing was sent: rushes jobs resume sends it")
}

/// The ways out of doubt, for a person.
pub(super) fn doubt_hint(job: &Job) -> String {
    let number = job.number;
    if !abilities::has_history(job.account.provider) {
        return format!(
            "{} lists no past runs, so it is for you to say: rushes jobs settle {number} --as charged|free, \
             or rushes jobs adopt {number} PREDICTION where you know its id",
            job.account.provider
        );
    }
    format!(
        "rushes jobs find {number} looks again; rushes jobs adopt {number} PREDICTION or \
         rushes jobs settle {number} --as charged|free ends it"
    )
}

/// When a submission that was turned away is sent again.
pub(super) fn again_at(now: Timestamp, wait: Duration) -> Timestamp {
    later(now, wait)
}
