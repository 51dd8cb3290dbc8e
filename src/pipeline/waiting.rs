//! Following a prediction: patient with everything but a clear end.

use std::time::Duration;

use crate::domain::{Job, JobEvent, Progress, ProviderId, Reason, ReasonKind, Stage};
use crate::provider::{AskError, Prediction, Provider, Status};

use super::run::{Driven, Next, Run, doubt_hint};
use super::{PipelineError, later, since};

impl Run<'_> {
    /// Asks until there is an output, an end, or a signal.
    pub(super) async fn waiting(&mut self, mut job: Job) -> Result<Next, PipelineError> {
        let Stage::Waiting { prediction } = job.stage.clone() else {
            unreachable!("only called for a waiting job")
        };
        let client = match self.pipeline.client_for(&job).await {
            Ok(client) => client,
            Err(reason) => {
                let event = JobEvent::Noted { reason: Some(reason) };
                let job = self.step(job.id, event).await?;
                return Ok(Next::Stop(Driven::Parked(Box::new(job))));
            }
        };
        let mut polls = 0;
        let mut failures = 0_u32;
        let mut pause =
            if self.found { Duration::ZERO } else { self.next_pause(&job, polls, None) };
        loop {
            self.pause(pause).await;
            if self.leash.leave.is_cancelled() {
                return Ok(Next::Stop(Driven::Left(Box::new(job))));
            }
            if self.should_cancel() {
                self.cancel_heard = true;
                return Ok(Next::moved(self.abandon(job, client.as_ref()).await?));
            }

            let mut asked_to_wait = None;
            match client.result(&prediction).await {
                Ok(answer) => {
                    failures = 0;
                    if let Status::Failed { message, .. } = &answer.status {
                        self.pipeline.forget_uploads(&job, message).await;
                    }
                    if let Some(event) = end_of(&job, &answer, client.as_ref()) {
                        (self.outputs, self.said) = (answer.outputs, answer.metadata);
                        return Ok(Next::moved(self.step(job.id, event).await?));
                    }
                    job = self.goes_on(job, &answer).await?;
                }
                Err(error) => {
                    failures += 1;
                    if let AskError::Unreachable { retry_after, .. } = &error {
                        asked_to_wait = *retry_after;
                    }
                    job = self.not_answered(job, &error, failures).await?;
                }
            }
            if let Some(event) = self.out_of_time(&job) {
                job = self.step(job.id, event).await?;
                if !job.stage.is_live() {
                    return Ok(Next::moved(job));
                }
            }
            polls += 1;
            pause = self.next_pause(&job, polls.max(failures), asked_to_wait);
        }
    }

    fn next_pause(&self, job: &Job, polls: u32, asked: Option<Duration>) -> Duration {
        let patience = &self.pipeline.patience;
        if job.is_overdue() {
            return patience.poll_overdue;
        }
        let pause = patience.poll(polls, self.pipeline.dice.throw());
        asked.map_or(pause, |asked| pause.max(asked.min(patience.poll_overdue)))
    }

    /// The provider still works on it.
    async fn goes_on(&self, mut job: Job, answer: &Prediction) -> Result<Job, PipelineError> {
        if answer.status == Status::Processing && job.times.processing.is_none() {
            job = self.step(job.id, JobEvent::Processing).await?;
        }
        let trouble = job.reason.as_ref().is_some_and(|reason| {
            matches!(
                reason.kind,
                ReasonKind::Unreachable | ReasonKind::OtherAccount | ReasonKind::Unusable
            )
        });
        if trouble {
            job = self.step(job.id, JobEvent::Noted { reason: None }).await?;
        }
        let progress = Progress {
            percent: answer.percent,
            queue_position: answer.queue_position,
            ..Progress::default()
        };
        if progress != job.progress {
            job.progress = progress;
            self.pipeline.reporter.progress(job.id, progress);
            self.pipeline.store.progress(job.id, progress).await?;
        }
        Ok(job)
    }

    /// No answer, or not the one that was asked for: said on the row, never the end of the job.
    async fn not_answered(
        &self,
        job: Job,
        error: &AskError,
        failures: u32,
    ) -> Result<Job, PipelineError> {
        // A single hang-up is no news; a refusal is.
        let worth_saying = failures >= 3 || matches!(error, AskError::Refused { .. });
        let reason = Reason::new(ReasonKind::Unreachable, error.to_string())
            .hint("it is asked again and again; nothing is lost");
        let known = job.reason.as_ref().is_some_and(|known| {
            known.text == reason.text
                || matches!(known.kind, ReasonKind::Overdue | ReasonKind::Abandoned)
        });
        if !worth_saying || known {
            return Ok(job);
        }
        self.step(job.id, JobEvent::Noted { reason: Some(reason) }).await
    }

    /// The clocks: a day in the provider's queue, the model's own figure from the first `processing`,
    /// then a day of asking once a minute.
    fn out_of_time(&self, job: &Job) -> Option<JobEvent> {
        let patience = &self.pipeline.patience;
        let now = self.now();
        let accepted = job.times.accepted.unwrap_or(job.times.created);
        let due = match job.times.processing {
            Some(processing) => later(processing, self.processing_for(job)),
            None => later(accepted, patience.created_for),
        };
        if now < due {
            return None;
        }
        if since(due, now) >= patience.overdue_for {
            let text = "accepted, then not finished for a day";
            return Some(JobEvent::Lost {
                reason: Reason::new(ReasonKind::Lost, text).hint(doubt_hint(job)),
            });
        }
        if job.is_overdue() || job.abandoned {
            return None;
        }
        let reason = Reason::new(ReasonKind::Overdue, "overdue").hint(overdue_hint(job));
        Some(JobEvent::Noted { reason: Some(reason) })
    }

    /// How long the provider may take for this job from the first `processing`.
    fn processing_for(&self, job: &Job) -> Duration {
        let catalog = self.pipeline.catalog.now();
        let spec = catalog.find(job.brief.model.as_str());
        spec.map_or(self.pipeline.patience.processing_for, |spec| spec.patience)
    }

    /// Whether a job whose output is ready should long be here.
    pub(super) fn is_late(&self, job: &Job) -> bool {
        let accepted = job.times.accepted.unwrap_or(job.times.created);
        let began = job.times.processing.unwrap_or(accepted);
        since(began, self.now()) >= self.processing_for(job)
    }

    /// Given up after it was accepted: the provider is told where it can be, and the job is followed on.
    pub(super) async fn abandon(
        &self,
        job: Job,
        client: &dyn Provider,
    ) -> Result<Job, PipelineError> {
        if client.abilities().can_cancel
            && let Some(prediction) = job.stage.prediction()
            && let Err(error) = client.cancel(prediction).await
        {
            tracing::warn!(job = job.number, %error, "the provider could not be told to stop");
        }
        self.step(job.id, JobEvent::Abandoned).await
    }
}

/// What becomes of an overdue job.
pub(super) fn overdue_hint(job: &Job) -> String {
    format!("it is asked about once a minute for a day; rushes jobs follow {}", job.number)
}

/// The event that ends the waiting, if this answer does.
fn end_of(job: &Job, answer: &Prediction, client: &dyn Provider) -> Option<JobEvent> {
    let policy = client.abilities().failure_policy;
    let charge = job.price();
    match &answer.status {
        Status::Completed if answer.outputs.is_empty() => Some(JobEvent::Unusable {
            reason: Reason::new(ReasonKind::Unusable, "completed without any output")
                .hint("it is charged; ask the provider"),
            charge,
        }),
        Status::Completed => Some(JobEvent::OutputReady),
        Status::Failed { code, message, moderated } => {
            let code = code.map(|code| format!(" (code {code})")).unwrap_or_default();
            let (kind, what) = if *moderated {
                (ReasonKind::Moderated, "content moderation")
            } else {
                (ReasonKind::AtProvider, message.as_str())
            };
            // On this machine there is nobody else whose failure it could be.
            let is_here = job.account.provider == ProviderId::Local;
            let whose = if is_here { "" } else { "failed at the provider: " };
            let mut reason = Reason::new(kind, format!("{whose}{what}{code}"));
            reason = reason.hint(failure_hint(job, client, *moderated));
            Some(JobEvent::FailedAtProvider { reason, policy, charge })
        }
        Status::Cancelled { message } => Some(JobEvent::StoppedAtProvider {
            reason: Reason::new(
                ReasonKind::AtProvider,
                format!("cancelled at the provider: {message}"),
            ),
            policy,
            charge,
        }),
        Status::Created | Status::Processing | Status::Unknown(_) => None,
    }
}

fn failure_hint(job: &Job, client: &dyn Provider, moderated: bool) -> String {
    let change =
        if moderated { "press e and change the prompt" } else { "press r to run it again" };
    match (client.abilities().failure_policy, client.abilities().refund_hours) {
        (crate::domain::job::FailurePolicy::Refunded, Some(hours)) => {
            format!("{change}; {} is due back within {hours} h", job.price())
        }
        (crate::domain::job::FailurePolicy::Free, _) => format!("{change}; it was not charged"),
        _ => change.to_owned(),
    }
}
