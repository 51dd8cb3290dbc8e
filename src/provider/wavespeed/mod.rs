//! `WaveSpeed` AI, REST API v3: requests. The sandbox speaks it too, at another address.

mod billing;
mod history;
mod upload;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::http::{Http, MODELS_BODY, Scheme, USUAL_BODY, with_json};
use super::{
    Abilities, AskError, Bill, BillingQuery, Download, OpenError, Order, OutputUrl, PastPrediction,
    Prediction, Provider, SubmitError, Upload, UsageStats,
};
use super::{answer, open};
use crate::config::ApiKey;
use crate::domain::{Account, ModelId, PredictionId, Usd};

pub use super::http::{Timeouts, UnfitProvider};

/// With whom to speak, and how.
#[derive(Debug, Clone)]
pub struct WavespeedOptions {
    /// What jobs carry. For the sandbox it is one fixed name, whatever its port.
    pub account: Account,
    /// The address that requests go to.
    pub request_base_url: String,
    /// The key.
    pub key: ApiKey,
    /// What the account may do.
    pub abilities: Abilities,
}

/// A client of `WaveSpeed`, or of the sandbox.
pub struct Wavespeed {
    account: Account,
    request_base_url: String,
    abilities: Abilities,
    http: Http,
}

impl Wavespeed {
    /// A client. Nothing is sent, and no certificate is read, before it is asked something.
    pub fn connect(options: WavespeedOptions) -> Result<Self, UnfitProvider> {
        Self::connect_within(options, Timeouts::default())
    }

    /// The same with other time limits, for tests.
    pub fn connect_within(
        options: WavespeedOptions,
        timeouts: Timeouts,
    ) -> Result<Self, UnfitProvider> {
        Ok(Self {
            http: Http::new(&options.request_base_url, Scheme::Bearer, &options.key, timeouts)?,
            account: options.account,
            request_base_url: options.request_base_url,
            abilities: options.abilities,
        })
    }

    /// Asks the provider, and gives the `data` of its answer.
    async fn data(&self, path: &[&str], body: Option<&Value>) -> Result<Value, AskError> {
        self.data_up_to(USUAL_BODY, path, body).await
    }

    async fn data_up_to(
        &self,
        limit: usize,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, AskError> {
        let url = self.http.url(path.iter().copied());
        let request = match body {
            Some(body) => with_json(self.http.ask(Method::POST, url)?, body),
            None => self.http.ask(Method::GET, url)?,
        };
        let reply = self.http.send(request, limit).await?;
        wire::data(reply.whole(Timestamp::now())?).map_err(refused_inside)
    }
}

/// An envelope that says no inside a 2xx.
fn refused_inside((code, message): (Option<i64>, String)) -> AskError {
    match code.and_then(|code| u16::try_from(code).ok()) {
        Some(status @ 400..=499) if !matches!(status, 408 | 425 | 429) => {
            AskError::Refused { status, message }
        }
        _ => garbage(message),
    }
}

fn garbage(message: impl Into<String>) -> AskError {
    AskError::Unreachable { message: message.into(), retry_after: None }
}

fn is_not_found(error: &AskError) -> bool {
    matches!(error, AskError::Refused { status: 404 | 405, .. })
}

#[async_trait]
impl Provider for Wavespeed {
    fn account(&self) -> &Account {
        &self.account
    }

    fn request_base_url(&self) -> &str {
        &self.request_base_url
    }

    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    async fn submit(&self, order: &Order) -> Result<Prediction, SubmitError> {
        let url = self.http.url(order.model.as_str().split('/'));
        let body = Value::Object(order.params.clone());
        let sent = match self.http.submission(url) {
            Ok(request) => self.http.send(with_json(request, &body), USUAL_BODY).await,
            Err(unsent) => Err(unsent),
        };
        let outcome = match &sent {
            Ok(reply) => answer::Outcome::Answered(reply.answer()),
            Err(unsent) => unsent.outcome(),
        };
        answer::judge(outcome, Timestamp::now(), wire::accepted)
    }

    async fn result(&self, id: &PredictionId) -> Result<Prediction, AskError> {
        let data = self.data(&["predictions", id.as_str(), "result"], None).await?;
        match wire::prediction(&data) {
            Some(prediction) if prediction.id == *id => Ok(prediction),
            Some(_) => Err(garbage("the answer is about another prediction")),
            None => Err(garbage("the answer is no prediction")),
        }
    }

    async fn open(&self, url: &OutputUrl) -> Result<Download, OpenError> {
        open::open(&self.http, url).await
    }

    async fn cancel(&self, _id: &PredictionId) -> Result<(), AskError> {
        Err(AskError::NotOffered("cancelling a run"))
    }

    async fn history(
        &self,
        model: &ModelId,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<PastPrediction>, AskError> {
        history::between(self, model, after, before).await
    }

    async fn balance(&self) -> Result<Option<Usd>, AskError> {
        let data = self.data(&["balance"], None).await?;
        let balance = data.get("balance").unwrap_or(&data);
        wire::usd(balance).map(Some).ok_or_else(|| garbage("the answer holds no balance"))
    }

    async fn quote(&self, order: &Order) -> Result<Usd, AskError> {
        let body = json!({"model_id": order.model, "inputs": order.params});
        let data = match self.data(&["model", "price"], Some(&body)).await {
            // Older servers have the older name.
            Err(error) if is_not_found(&error) => {
                self.data(&["model", "pricing"], Some(&body)).await?
            }
            answer => answer?,
        };
        wire::quote(&data).ok_or_else(|| garbage("the answer holds no price"))
    }

    async fn billings(&self, query: &BillingQuery) -> Result<Bill, AskError> {
        billing::lines(self, query).await
    }

    async fn usage_stats(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<UsageStats, AskError> {
        billing::usage(self, since, until).await
    }

    async fn models(&self) -> Result<Value, AskError> {
        self.data_up_to(MODELS_BODY, &["models"], None).await
    }

    async fn upload(
        &self,
        file: &Upload,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<OutputUrl, AskError> {
        upload::upload(self, file, sent).await
    }
}

#[cfg(test)]
#[path = "wavespeed_tests.rs"]
mod tests;
#[cfg(test)]
#[path = "transfer_tests.rs"]
mod transfer_tests;
