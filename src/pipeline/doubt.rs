//! Ways out of doubt: the provider's history, and the person's word. Nothing here submits.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::domain::{
    Alive, Job, JobEvent, JobId, Params, PredictionId, Settlement, Stage, StageName, Wish,
};
use crate::provider::{AskError, PastPrediction};

use super::{Pipeline, PipelineError, later};

/// Clocks differ, and a submission takes a while to arrive.
const AROUND: Duration = Duration::from_mins(1);
/// A submission waits so long for its answer at most.
const LONGEST_SUBMISSION: Duration = Duration::from_mins(2);

/// What a look into the provider's history found.
#[derive(Debug, Clone, PartialEq)]
pub enum LookUp {
    /// Exactly one that fits: the job goes on.
    Adopted(Box<Job>),
    /// None that fits.
    Nothing,
    /// It was accepted and then lost, and the provider has still not finished it.
    Unfinished,
    /// Several that could be it, or one whose inputs the history does not tell: shown, never guessed.
    Unclear(Vec<PastPrediction>),
    /// The provider lists no past runs at all.
    NoHistory,
    /// The provider does not give its history now.
    NotTold(String),
}

impl LookUp {
    /// What was found, for a person.
    pub fn words(&self, number: u32) -> String {
        match self {
            Self::Adopted(job) => format!(
                "found: it is {}, and goes on",
                job.stage.prediction().map(PredictionId::as_str).unwrap_or_default()
            ),
            Self::Unfinished => "the provider has it, and has not finished it".to_owned(),
            Self::Nothing => "nothing that fits in the provider's history".to_owned(),
            Self::Unclear(found) => {
                let ids: Vec<_> = found.iter().map(|past| past.prediction.id.as_str()).collect();
                format!(
                    "{} could be it, none surely: {}; rushes jobs adopt {number} PREDICTION",
                    ids.len(),
                    ids.join(", ")
                )
            }
            Self::NoHistory => format!(
                "the provider lists no past runs; rushes jobs settle {number} --as charged|free"
            ),
            Self::NotTold(why) => format!("the history could not be asked: {why}"),
        }
    }
}

impl Pipeline {
    /// Looks a job in doubt up at the provider and adopts what is surely its own.
    pub async fn look_up(&self, id: JobId) -> Result<LookUp, PipelineError> {
        let job = self.store.job(id).await?;
        if job.stage.name() != StageName::InDoubt {
            return Err(refused(&job, "is not in doubt", "rushes jobs show says where it is"));
        }
        let client = match self.client_for(&job).await {
            Ok(client) => client,
            Err(reason) => return Ok(LookUp::NotTold(reason.text)),
        };
        if let Some(prediction) = job.stage.prediction() {
            // Accepted once, then lost: the question is only whether it has come to an end. One that has not
            // would be lost again at once, and looked up again, for ever.
            return match client.result(prediction).await {
                Ok(answer) if answer.status.is_unfinished() => Ok(LookUp::Unfinished),
                Ok(_) => Ok(LookUp::Adopted(Box::new(self.adopt(id, prediction.clone()).await?))),
                Err(error) => Ok(LookUp::NotTold(error.to_string())),
            };
        }
        let submitted = job.times.submitted.unwrap_or(job.times.stage);
        let after = earlier(submitted, AROUND);
        let before = later(submitted, AROUND + LONGEST_SUBMISSION);
        let listed = match client.history(&job.brief.model, after, before).await {
            Ok(listed) => listed,
            Err(AskError::NotOffered(_)) => return Ok(LookUp::NoHistory),
            Err(error) => return Ok(LookUp::NotTold(error.to_string())),
        };
        let sent = self.store.sent(id).await?.unwrap_or_else(|| job.brief.params.clone());
        let mut candidates = Vec::new();
        for past in listed {
            let owned =
                self.store.job_of_prediction(&job.account, &past.prediction.id).await?.is_some();
            if !owned && fits(&past, &job, &sent, after, before) {
                candidates.push(past);
            }
        }
        match candidates.as_slice() {
            [] => Ok(LookUp::Nothing),
            [only] if only.inputs.is_some() => {
                let prediction = only.prediction.id.clone();
                Ok(LookUp::Adopted(Box::new(self.adopt(id, prediction).await?)))
            }
            _ => Ok(LookUp::Unclear(candidates)),
        }
    }

    /// Says that this prediction is the job's own; the job goes on with it.
    pub async fn adopt(&self, id: JobId, prediction: PredictionId) -> Result<Job, PipelineError> {
        self.take_over(id).await?;
        let adopted = self.step(id, JobEvent::Adopted { prediction }).await;
        self.store.release(id, self.owner.clone()).await?;
        adopted
    }

    /// Ends a job in doubt by hand.
    pub async fn settle(&self, id: JobId, settlement: Settlement) -> Result<Job, PipelineError> {
        let job = self.store.job(id).await?;
        if !matches!(job.stage, Stage::InDoubt { .. }) {
            let hint = "only a job in doubt is settled by hand";
            return Err(refused(&job, "is not in doubt", hint));
        }
        self.take_over(id).await?;
        self.step(id, JobEvent::Settled { settlement }).await
    }

    /// Gives a job up: here and now when nobody drives it, else by a wish that its owner hears.
    pub async fn cancel(&self, id: JobId) -> Result<Job, PipelineError> {
        let job = self.store.job(id).await?;
        if !job.stage.is_live() {
            let (what, hint) = if matches!(job.stage, Stage::InDoubt { .. }) {
                ("is in doubt", "rushes jobs settle ends it by hand")
            } else {
                ("has ended", "there is nothing to cancel")
            };
            return Err(refused(&job, what, hint));
        }
        self.store.wish(id, Some(Wish::Cancel)).await?;
        if !matches!(job.stage, Stage::Submitting) && self.claim(id).await? {
            let event = if matches!(job.stage, Stage::Queued | Stage::Checking) {
                JobEvent::GivenUp
            } else {
                self.tell_to_stop(&job).await;
                JobEvent::Abandoned
            };
            let job = self.step(id, event).await?;
            self.store.wish(id, None).await?;
            self.store.release(id, self.owner.clone()).await?;
            return Ok(job);
        }
        Ok(self.store.job(id).await?)
    }

    /// Nobody drives it, so nobody else tells the provider that it is given up.
    async fn tell_to_stop(&self, job: &Job) {
        if let Ok(client) = self.client_for(job).await
            && client.abilities().can_cancel
            && let Some(prediction) = job.stage.prediction()
            && let Err(error) = client.cancel(prediction).await
        {
            tracing::warn!(job = job.number, %error, "the provider could not be told to stop");
        }
    }

    /// Lets what is held or paused be sent: one job, or all of them. Says which.
    pub async fn resume(&self, id: Option<JobId>) -> Result<Vec<Job>, PipelineError> {
        self.store.unpause().await?;
        let mut resumed = Vec::new();
        for job in self.store.unfinished().await? {
            let wanted = id.is_none_or(|id| id == job.id);
            let unsent = matches!(job.stage, Stage::Queued | Stage::Checking);
            let owner = self.store.owner_of(job.id).await?;
            let alone = owner.is_none_or(|(owner, _)| crate::process::alive(&owner) == Alive::No);
            if wanted && unsent && alone {
                self.store.wish(job.id, Some(Wish::Send)).await?;
                resumed.push(job);
            }
        }
        Ok(resumed)
    }

    async fn take_over(&self, id: JobId) -> Result<(), PipelineError> {
        if self.claim(id).await? {
            return Ok(());
        }
        let job = self.store.job(id).await?;
        Err(refused(&job, "is driven by another process", "try again when that one is done"))
    }
}

fn refused(job: &Job, what: &str, hint: &str) -> PipelineError {
    PipelineError::Refused { what: format!("job {} {what}", job.number), hint: hint.to_owned() }
}

fn earlier(from: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| from.checked_sub(by).ok())
        .unwrap_or(Timestamp::MIN)
}

/// Whether a listed prediction can be this job's: the same model, made in that minute, and nothing that
/// was sent is listed with another value.
fn fits(
    past: &PastPrediction,
    job: &Job,
    sent: &Params,
    after: Timestamp,
    before: Timestamp,
) -> bool {
    past.model == job.brief.model
        && past.created.is_some_and(|created| (after..=before).contains(&created))
        && past.inputs.as_ref().is_none_or(|inputs| same_inputs(inputs, sent))
}

/// Whether every value that was sent is listed the same. A provider may list more (its own defaults), and
/// leaves out what is empty.
fn same_inputs(listed: &Params, sent: &Params) -> bool {
    sent.iter().all(|(name, value)| match listed.get(name) {
        Some(listed) => same_value(listed, value),
        None => value.is_null() || value.as_str() == Some(""),
    })
}

fn same_value(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-9,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inputs_are_the_same_when_all_that_was_sent_is_listed() {
        let check = |listed: Value, sent: Value, expected| {
            let (Value::Object(listed), Value::Object(sent)) = (&listed, &sent) else { panic!() };
            assert_eq!(same_inputs(listed, sent), expected, "{listed:?} / {sent:?}");
        };
        check(json!({"prompt": "a", "seed": 1, "x": 2}), json!({"prompt": "a", "seed": 1}), true);
        check(json!({"prompt": "a", "seed": 1.0}), json!({"prompt": "a", "seed": 1}), true);
        check(json!({"prompt": "a"}), json!({"prompt": "a", "negative_prompt": ""}), true);
        check(json!({"prompt": "a", "seed": 2}), json!({"prompt": "a", "seed": 1}), false);
        check(json!({"prompt": "a"}), json!({"prompt": "a", "seed": 1}), false);
        check(json!({}), json!({"prompt": "a"}), false);
    }
}
