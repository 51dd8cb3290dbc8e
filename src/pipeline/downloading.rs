//! From a finished prediction to an asset: fetched whole, then written with its money in one transaction.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::catalog::ModelSpec;
use crate::clock::id_millis;
use crate::domain::brief::Source;
use crate::domain::{AssetId, Inputs, Job, JobEvent, Reason, ReasonKind};
use crate::process::failpoint;
use crate::provider::{OutputUrl, Provider};
use crate::store::{Actor, NewAsset};

use super::fetch::{FetchError, Fetched, Place, fetch};
use super::run::{Driven, Next, Run};
use super::teller::Teller;
use super::waiting::overdue_hint;
use super::{PipelineError, since};

/// How often something that is not the file may come before the job fails.
const TRIES: u32 = 3;

/// What became of the outputs so far, by take.
pub(super) type Got = BTreeMap<u32, Output>;

/// What became of one output.
#[derive(Debug)]
pub(super) enum Output {
    /// It is in its place.
    Whole(OutputUrl, Fetched),
    /// It is no file that anybody can use; in a sentence.
    Unusable(Reason),
}

impl Run<'_> {
    /// Fetches every output and saves them together.
    pub(super) async fn downloading(&mut self, mut job: Job) -> Result<Next, PipelineError> {
        failpoint::reached("downloading");
        let client = match self.pipeline.client_for(&job).await {
            Ok(client) => client,
            Err(reason) => {
                let job = self.step(job.id, JobEvent::Noted { reason: Some(reason) }).await?;
                return Ok(Next::Stop(Driven::Parked(Box::new(job))));
            }
        };
        if self.outputs.is_empty() {
            // Found here after a restart: addresses age, so a fresh one is asked for.
            let reason = Reason::new(ReasonKind::Unreachable, "asking for a fresh address");
            return self.ask_for_address(&job, reason).await;
        }

        let mut failures = 0;
        loop {
            let outputs = self.outputs.clone();
            let found = job.clone();
            let mut cancel_heard = self.cancel_heard;
            let mut got = std::mem::take(&mut self.got);
            let fetched = {
                let fetching = self.fetch_all(&found, &outputs, client.as_ref(), &mut got);
                tokio::pin!(fetching);
                loop {
                    tokio::select! {
                        biased;
                        // It is paid: what is given up is fetched to its end all the same, for the trash.
                        () = self.leash.cancel.cancelled(), if !cancel_heard => {
                            cancel_heard = true;
                            job = self.abandon(job, client.as_ref()).await?;
                        }
                        () = self.leash.leave.cancelled() => {
                            self.clear_parts(&found, outputs.len()).await;
                            return Ok(Next::Stop(Driven::Left(Box::new(job))));
                        }
                        fetched = &mut fetching => break fetched,
                    }
                }
            };
            self.cancel_heard = cancel_heard;
            self.got = got;
            let is_disk = matches!(fetched, Err((_, FetchError::Disk { .. })));
            let (reason, pause) = match fetched.map_err(|(take, error)| (error, take)) {
                Ok(()) => return Ok(Next::moved(self.save(&job).await?)),
                Err((FetchError::Wrong { what, part, extension }, take)) => {
                    match self.wrong_output(&job, take, what, &part, extension).await? {
                        Some(next) => return Ok(next),
                        None => continue,
                    }
                }
                Err((FetchError::Stale(message), _)) => {
                    return self.stale_address(&job, message).await;
                }
                // Another address may be on another server.
                Err((FetchError::Line(message), _)) if failures + 1 >= TRIES => {
                    return self.stale_address(&job, message).await;
                }
                Err((FetchError::Line(message), _)) => (
                    Reason::new(ReasonKind::Unreachable, format!("fetching the take: {message}"))
                        .hint("it is tried again and again; nothing is lost"),
                    self.pipeline.patience.poll(failures, self.pipeline.dice.throw()),
                ),
                Err((error @ FetchError::Disk { .. }, _)) => (
                    Reason::new(ReasonKind::Unreachable, error.to_string())
                        .hint("make room: it is tried again"),
                    self.pipeline.patience.poll_longest,
                ),
            };
            failures += 1;
            if is_disk {
                // The library is written on the same disk: what is said next needs the room.
                self.clear_parts(&job, outputs.len()).await;
            }
            if job.reason.as_ref().map(|known| &known.text) != Some(&reason.text) && !job.abandoned
            {
                job = self.step(job.id, JobEvent::Noted { reason: Some(reason) }).await?;
            }
            self.pause(pause).await;
        }
    }

    /// Fetches what is not there yet. Where that fails, the take that it failed at.
    async fn fetch_all(
        &self,
        job: &Job,
        outputs: &[OutputUrl],
        client: &dyn Provider,
        got: &mut Got,
    ) -> Result<(), (u32, FetchError)> {
        for (take, url) in (1..).zip(outputs) {
            if got.contains_key(&take) {
                continue;
            }
            let place = self.place(job, take);
            let teller = Teller::new(self, job);
            let fetched = fetch(client, url, &place, &self.pipeline.media, &|bytes, total| {
                teller.tell(bytes, total);
            })
            .await
            .map_err(|error| (take, error))?;
            got.insert(take, Output::Whole(url.clone(), fetched));
        }
        Ok(())
    }

    fn place(&self, job: &Job, take: u32) -> Place {
        let library = &self.pipeline.library;
        Place { data: library.file(""), stem: library.take_stem(job, take) }
    }

    /// The assets and their money, in one transaction. Where nothing usable came, only the money.
    async fn save(&mut self, job: &Job) -> Result<Job, PipelineError> {
        failpoint::reached("before-save");
        let pipeline = self.pipeline;
        let now = pipeline.clock.now();
        let charge = job.price();
        let prediction = job.stage.prediction().cloned();
        let (mut takes, mut missing) = (Vec::new(), Vec::new());
        for (take, output) in std::mem::take(&mut self.got) {
            match output {
                Output::Whole(url, file) => takes.push((take, url, file)),
                Output::Unusable(reason) => missing.push((take, reason)),
            }
        }
        if takes.is_empty()
            && let Some((_, reason)) = missing.pop()
        {
            return self.step(job.id, JobEvent::Unusable { reason, charge }).await;
        }
        let mut metadata = std::mem::take(&mut self.said);
        let catalog = pipeline.catalog.now();
        let sources = sources(catalog.find(job.brief.model.as_str()).ok(), &job.brief.inputs);
        if sources.len() > 1 {
            metadata.insert("sources".to_owned(), sources.into());
        }
        if !missing.is_empty() {
            let said = missing.into_iter().map(|(take, Reason { text, hint, .. })| {
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                Value::from(format!("output {take}: {text}{hint}"))
            });
            metadata.insert("missing".to_owned(), said.collect());
        }
        let takes = takes
            .into_iter()
            .map(|(take, url, file)| NewAsset {
                id: AssetId::at(id_millis(now), &pipeline.dice.ten_bytes()),
                take,
                path: file.path,
                sha256: file.sha256,
                bytes: file.bytes,
                mime: file.mime,
                kind: file.kind,
                facts: file.facts,
                unreadable: file.unreadable,
                source_url: Some(url.masked().to_owned()),
                metadata: metadata.clone(),
            })
            .collect();
        let actor = Actor::Owner(pipeline.owner.clone());
        let (job, _) = pipeline.store.save_takes(job.id, takes, charge, actor, now).await?;
        failpoint::reached("after-save");
        pipeline.tell(&job, &JobEvent::Saved { charge });
        if let Some(prediction) = prediction
            && let Ok(client) = pipeline.client_for(&job).await
        {
            client.saved(&prediction).await;
        }
        Ok(job)
    }

    /// What came is not the file: a fresh address, three tries in all; then it is kept beside, and the other
    /// outputs are fetched (`None`): what is whole was bought and is saved.
    async fn wrong_output(
        &mut self,
        job: &Job,
        take: u32,
        what: String,
        part: &Path,
        extension: &str,
    ) -> Result<Option<Next>, PipelineError> {
        if self.bad_outputs + 1 < TRIES {
            let _ = tokio::fs::remove_file(part).await;
            let reason = Reason::new(ReasonKind::Unusable, what);
            self.pause(self.pipeline.patience.poll_first).await;
            self.bad_outputs += 1;
            return self.ask_for_address(job, reason).await.map(Some);
        }
        let kept = self.place(job, take).keep_beside(part, extension).await;
        let reason = Reason::new(ReasonKind::Unusable, format!("the output is unusable: {what}"))
            .hint(match kept {
                Ok(file) => format!("what came is kept in {}", file.display()),
                Err(error) => format!("what came could not be kept: {error}"),
            });
        self.got.insert(take, Output::Unusable(reason));
        Ok(None)
    }

    /// The address does not work: a fresh one is asked for, soon at first, then once a minute for a day. Who
    /// waits in the foreground is told when it is overdue, as for a prediction that is never finished.
    async fn stale_address(&mut self, job: &Job, message: String) -> Result<Next, PipelineError> {
        let patience = &self.pipeline.patience;
        let accepted = job.times.accepted.unwrap_or(job.times.created);
        self.stale_addresses += 1;
        let soon = self.stale_addresses < TRIES;
        if !soon && since(accepted, self.now()) > patience.overdue_for {
            let text = format!("the output cannot be fetched: {message}");
            let reason =
                Reason::new(ReasonKind::Unusable, text).hint("it is charged; ask the provider");
            let event = JobEvent::Unusable { reason, charge: job.price() };
            return Ok(Next::moved(self.step(job.id, event).await?));
        }
        let text = format!("fetching the take: {message}");
        if !soon && !job.abandoned && self.is_late(job) {
            // An overdue job is asked about after its own long pause.
            let reason = Reason::new(ReasonKind::Overdue, format!("overdue: {text}"));
            return self.ask_for_address(job, reason.hint(overdue_hint(job))).await;
        }
        self.pause(if soon { patience.poll_first } else { patience.poll_overdue }).await;
        self.ask_for_address(job, Reason::new(ReasonKind::Unreachable, text)).await
    }

    async fn ask_for_address(&mut self, job: &Job, reason: Reason) -> Result<Next, PipelineError> {
        self.outputs.clear();
        Ok(Next::moved(self.step(job.id, JobEvent::OutputMissing { reason }).await?))
    }

    async fn clear_parts(&self, job: &Job, outputs: usize) {
        for take in 1..=u32::try_from(outputs).unwrap_or(u32::MAX) {
            let _ = tokio::fs::remove_file(self.place(job, take).part()).await;
        }
    }
}

/// The assets that a take is made from: by the model's own order of inputs, then as they were given.
fn sources(spec: Option<&ModelSpec>, inputs: &Inputs) -> Vec<String> {
    let place = |key: &str| spec.map(|spec| spec.inputs.iter().position(|it| it.key == key));
    let mut given: Vec<_> = inputs.iter().collect();
    given.sort_by_key(|(key, _)| place(key));
    let assets = given.into_iter().filter_map(|(_, source)| match source {
        Source::Asset(id) => Some(id.to_string()),
        Source::File(_) | Source::Url(_) | Source::Awaited => None,
    });
    assets.collect()
}
