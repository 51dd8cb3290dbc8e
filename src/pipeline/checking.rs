//! The look just before sending, and the one place that submits.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::brief::Source;
use crate::domain::text::printable;
use crate::domain::{Ask, Job, JobEvent, Outcome, Params, PredictionId, Reason, ReasonKind};
use crate::process::failpoint;
use crate::provider::{Order, Prediction, Provider, SubmitError};
use crate::store::{Actor, Limits, Place, StoreError};

use super::run::{Next, Run, again_at, doubt_hint};
use super::teller::Teller;
use super::uploads::Stamp;
use super::{PipelineError, since};

impl Run<'_> {
    /// Looks at everything again, uploads the inputs, and submits: once.
    pub(super) async fn checking(&mut self, job: Job) -> Result<Next, PipelineError> {
        failpoint::reached("checking");
        let client = match self.pipeline.client_for(&job).await {
            Ok(client) => client,
            Err(reason) => return self.put_off_and_park(job, reason).await,
        };
        let prepared = tokio::select! {
            prepared = self.prepare(&job, client.as_ref()) => Some(prepared),
            () = self.leash.cancel.cancelled() => None,
            () = self.leash.leave.cancelled() => None,
        };
        let params = match prepared {
            Some(Ok(params)) => params,
            Some(Err(reason)) => {
                return Ok(Next::moved(self.step(job.id, JobEvent::Blocked { reason }).await?));
            }
            None => Params::new(),
        };
        if let Some(next) = self.heard_before_sending(&job).await? {
            return Ok(next);
        }

        let limits = Limits {
            running_at_once: client.abilities().running_at_once,
            sent_per_minute: client.abilities().sent_per_minute,
        };
        let actor = Actor::Owner(self.pipeline.owner.clone());
        let place = self
            .pipeline
            .store
            .begin_submission(job.id, without_files(&params), limits, actor, self.now())
            .await?;
        let job = match place {
            Place::Granted(job) => *job,
            Place::Paused(reason) => return self.put_off_and_park(job, reason).await,
            Place::Wait { reason, .. } => {
                let event = JobEvent::PutOff { reason, until: None };
                return Ok(Next::moved(self.step(job.id, event).await?));
            }
        };
        self.pipeline.tell(&job, &JobEvent::SubmitStarted);
        Ok(Next::moved(self.submit(job, client, params).await?))
    }

    /// Everything that can be found wrong before sending, and the parameters with addresses for inputs.
    async fn prepare(&self, job: &Job, client: &dyn Provider) -> Result<Params, Reason> {
        let blocked = |text: String| Reason::new(ReasonKind::Blocked, text);
        let given = self.given(job).await.map_err(blocked)?;
        let ask = Ask { consent: true, ..Ask::new(vec![job.brief.clone()]) };
        let (preflight, _) = self.pipeline.look_at(&ask, Some(job)).await;
        let found: Vec<_> =
            preflight.checks.iter().filter(|check| check.outcome == Outcome::Block).collect();
        if let Some(first) = found.first() {
            let findings: Vec<_> = found.iter().map(|check| check.finding.as_str()).collect();
            let reason = blocked(format!("blocked before sending: {}", findings.join("; ")));
            return Err(reason.hint(first.hint.as_deref().unwrap_or("nothing was sent")));
        }
        // Its length is in the price, and the file may be another one since it was ordered.
        let price = preflight.estimate.filter(|estimate| !estimate.floor);
        if let Some(price) = price.filter(|price| price.high > job.hold) {
            let text = format!("blocked before sending: {price} now, {} was held", job.hold);
            return Err(blocked(text).hint("nothing was sent; order it again at the new price"));
        }
        self.addresses(job, given, client).await
    }

    /// What each input of the brief is: an address, or a file as it is just now.
    async fn given(&self, job: &Job) -> Result<Vec<(String, Given)>, String> {
        let mut given = Vec::with_capacity(job.brief.inputs.len());
        for (name, source) in &job.brief.inputs {
            let file = match source {
                Source::Url(url) => {
                    given.push((name.clone(), Given::Address(url.clone())));
                    continue;
                }
                Source::Awaited => return Err("an input is not there yet".to_owned()),
                Source::File(file) => file.clone(),
                Source::Asset(id) => {
                    let asset = self.pipeline.store.asset(*id).await;
                    let asset = asset.map_err(|error| error.to_string())?;
                    self.pipeline.library.file(&asset.path)
                }
            };
            let seen = Stamp::of(&file).await.map_err(|error| {
                printable(&format!(
                    "blocked before sending: cannot read {}: {error}",
                    file.display()
                ))
            })?;
            given.push((name.clone(), Given::File(file, seen)));
        }
        Ok(given)
    }

    /// Uploads what is given as a file, and fills the parameters.
    async fn addresses(
        &self,
        job: &Job,
        given: Vec<(String, Given)>,
        client: &dyn Provider,
    ) -> Result<Params, Reason> {
        let total: u64 = given.iter().map(|(_, given)| given.bytes()).sum();
        let teller = Teller::new(self, job);
        let mut there = 0;
        let catalog = self.pipeline.catalog.now();
        let spec = catalog.find(job.brief.model.as_str()).map_err(|unknown| {
            Reason::new(ReasonKind::Blocked, unknown.to_string()).hint(unknown.hint())
        })?;
        let mut addresses = Vec::with_capacity(given.len());
        for (name, given) in given {
            let bytes = given.bytes();
            let address = match given {
                Given::Address(address) => address,
                Given::File(file, seen) => {
                    let tell = |bytes| teller.tell(there + bytes, Some(total));
                    let address = self.pipeline.address_of(client, (&file, seen), &tell).await;
                    address.map_err(|why| {
                        let again = format!(
                            "nothing was ordered or charged; rushes jobs retry {}",
                            job.number
                        );
                        Reason::new(ReasonKind::Blocked, why).hint(again)
                    })?
                }
            };
            there += bytes;
            addresses.push((name, address));
        }
        Ok(spec.filled(&job.brief.params, addresses))
    }

    /// Sends the submission and stores what came of it. From here on no signal is heard until the answer
    /// is in the library.
    async fn submit(
        &mut self,
        job: Job,
        client: Arc<dyn Provider>,
        params: Params,
    ) -> Result<Job, PipelineError> {
        failpoint::reached("after-submit-started");
        let order = Order { model: job.brief.model.clone(), params };
        let answer = client.submit(&order).await;
        failpoint::reached("after-post");
        match answer {
            Ok(prediction) => {
                let job = self.accepted(job, prediction).await?;
                failpoint::reached("after-accepted");
                Ok(job)
            }
            Err(error) => {
                if let SubmitError::QueueStopped { message, .. } = &error {
                    self.stop_queue(&job, message).await?;
                }
                if let SubmitError::Refused { message, .. } = &error {
                    self.pipeline.forget_uploads(&job, message).await;
                }
                let event = self.refusal(&job, error, client.as_ref());
                self.step(job.id, event).await
            }
        }
    }

    /// The id is in the library before anything else happens with it. Where the library cannot be written (a
    /// full disk), the id is said, and storing it is tried until it works or this process leaves.
    async fn accepted(&self, job: Job, prediction: Prediction) -> Result<Job, PipelineError> {
        let pipeline = self.pipeline;
        let event = JobEvent::Accepted { prediction: prediction.id.clone() };
        let mut is_said = false;
        loop {
            let error = match self.store_acceptance(&job, &event).await {
                Ok(job) => {
                    pipeline.tell(&job, &event);
                    pipeline.store.unpause_account(&job.account).await?;
                    return Ok(job);
                }
                Err(error) => error,
            };
            if !is_said {
                self.say_id(&job, &prediction.id);
                is_said = true;
            }
            if !matches!(error, StoreError::Sql { .. }) || self.leash.leave.is_cancelled() {
                return Err(error.into());
            }
            tokio::select! {
                () = tokio::time::sleep(pipeline.patience.poll_longest) => {}
                () = self.leash.leave.cancelled() => {}
            }
        }
    }

    async fn store_acceptance(&self, job: &Job, event: &JobEvent) -> Result<Job, StoreError> {
        let store = &self.pipeline.store;
        let owner = Actor::Owner(self.pipeline.owner.clone());
        match store.step(job.id, event.clone(), owner, self.now()).await {
            // Suspended so long that another process found the job in doubt: the answer still counts.
            Err(StoreError::NotOwner(_)) => {
                store.step(job.id, event.clone(), Actor::LateAnswer, self.now()).await
            }
            stored => stored,
        }
    }

    /// The id could not be stored: it is all that is left of the money, so it is said and logged.
    fn say_id(&self, job: &Job, prediction: &PredictionId) {
        tracing::error!(job = job.number, %prediction, "accepted, but the library cannot be written");
        self.pipeline.reporter.trouble(
            &format!(
                "job {} was accepted as {prediction}, but the library cannot be written",
                job.number
            ),
            Some(&format!("note the id; later: rushes jobs adopt {} {prediction}", job.number)),
        );
    }

    async fn stop_queue(&self, job: &Job, message: &str) -> Result<(), PipelineError> {
        let text = format!("the queue is paused: {message}");
        let reason = Reason::new(ReasonKind::QueuePaused, text)
            .hint("when that is mended: rushes jobs resume");
        self.pipeline.store.pause(&job.account, reason.clone(), self.now()).await?;
        self.pipeline.reporter.trouble(&reason.text, reason.hint.as_deref());
        Ok(())
    }

    /// What an answer that is no acceptance means: the table of what may have been made.
    fn refusal(&mut self, job: &Job, error: SubmitError, client: &dyn Provider) -> JobEvent {
        let refused = |kind, text: String, hint: &str| JobEvent::Refused {
            reason: Reason::new(kind, text).hint(hint),
        };
        let again = format!("nothing was sent or charged; rushes jobs retry {}", job.number);
        match error {
            SubmitError::NotSent(message) => {
                refused(ReasonKind::NotSent, format!("not sent: {message}"), &again)
            }
            SubmitError::RateLimited { retry_after, message } => {
                let now = self.now();
                let patience = &self.pipeline.patience;
                if since(job.times.created, now) > patience.rate_limit_for {
                    let text = format!("turned away for a day: {message}");
                    return refused(ReasonKind::Refused, text, &again);
                }
                let chance = self.pipeline.dice.throw();
                // A pause of nothing, or a date that is past, would send in a loop.
                let wait = retry_after
                    .filter(|wait| !wait.is_zero())
                    .unwrap_or_else(|| patience.rate_limit(self.turned_away, chance));
                self.turned_away += 1;
                let until = again_at(now, wait);
                let local = until.to_zoned(self.pipeline.terms.zone.clone());
                let text = format!("rate limited until {}", local.strftime("%H:%M:%S"));
                let reason = Reason::new(ReasonKind::RateLimited, text).hint(format!(
                    "the provider says: {}; it is sent again by itself",
                    message.trim_end_matches('.')
                ));
                JobEvent::RateLimited { reason, until }
            }
            SubmitError::QueueStopped { status, message } => refused(
                ReasonKind::Refused,
                format!("refused by the provider ({status}): {message}"),
                "nothing was made or charged; mend the key or the credit, then rushes jobs resume",
            ),
            SubmitError::Refused { status, message } => refused(
                ReasonKind::Refused,
                format!("refused by the provider ({status}): {message}"),
                "nothing was made or charged; press e and change the brief",
            ),
            SubmitError::Unanswered(message) => {
                let dashboard = client
                    .abilities()
                    .dashboard
                    .as_deref()
                    .map(|page| format!("; the provider's own list: {page}"))
                    .unwrap_or_default();
                let text = format!("no readable answer to the submission: {message}");
                JobEvent::Unanswered {
                    reason: Reason::new(ReasonKind::Unanswered, text)
                        .hint(format!("{}{dashboard}", doubt_hint(job))),
                }
            }
        }
    }
}

/// What is kept of what was sent: a picture that goes along inside an order is not written into the library
/// a second time.
fn without_files(params: &Params) -> Params {
    fn shortened(value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with("data:") => {
                let head = text.split(',').next().unwrap_or_default();
                format!("{head},… ({} characters)", text.len()).into()
            }
            Value::Array(list) => list.iter().map(shortened).collect(),
            other => other.clone(),
        }
    }
    params.iter().map(|(key, value)| (key.clone(), shortened(value))).collect()
}

/// An input as it is just before sending.
enum Given {
    Address(String),
    File(PathBuf, Stamp),
}

impl Given {
    /// How many bytes have to be there before it can be sent.
    fn bytes(&self) -> u64 {
        match self {
            Self::Address(_) => 0,
            Self::File(_, seen) => seen.bytes,
        }
    }
}
