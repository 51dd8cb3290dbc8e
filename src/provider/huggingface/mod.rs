//! Hugging Face Inference Providers: the hub says what runs a model, fal's queue runs it, through Hugging Face's
//! router with a token or directly with fal's own key.

mod mapping;
mod picture;
mod queue;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Value, json};

use self::mapping::{Endpoint, Hub, NoEndpoint};
use self::queue::{Place, Queue};
use self::wire::Standing;
use super::http::{Http, Reply, Scheme, USUAL_BODY, Unsent, with_json};
use super::{
    Abilities, AskError, Bill, BillingQuery, Download, Offer, OpenError, Order, OutputUrl,
    PastPrediction, Prediction, Provider, Status, SubmitError, Upload, UsageStats,
};
use super::{answer, open};
use crate::config::ApiKey;
use crate::domain::{Account, ModelId, Operation, PredictionId, Usd};

pub use self::queue::Way;
pub use super::http::{Timeouts, UnfitProvider};

/// With whom to speak, and how.
#[derive(Debug, Clone)]
pub struct HuggingfaceOptions {
    /// What jobs carry. Its base URL is where requests go: the router's for a token, the queue's for fal's key.
    pub account: Account,
    /// Where the hub is, which knows what runs a model.
    pub hub_url: String,
    /// The token or key. Its prefix decides the way.
    pub key: ApiKey,
    /// The organisation that is billed instead of the token's owner. Only the router knows of it.
    pub bill_to: Option<String>,
    /// What the account may do.
    pub abilities: Abilities,
}

/// A client of fal's queue, by way of the router or without it.
pub struct Huggingface {
    account: Account,
    abilities: Abilities,
    http: Http,
    hub: Hub,
    queue: Queue,
    bill_to: Option<String>,
}

impl Huggingface {
    /// A client. Nothing is sent, and no certificate is read, before it is asked something.
    pub fn connect(options: HuggingfaceOptions) -> Result<Self, UnfitProvider> {
        Self::connect_within(options, Timeouts::default())
    }

    /// The same with other time limits, for tests.
    pub fn connect_within(
        options: HuggingfaceOptions,
        timeouts: Timeouts,
    ) -> Result<Self, UnfitProvider> {
        let way = Way::of(&options.key);
        let scheme = match way {
            Way::Routed => Scheme::Bearer,
            Way::Direct => Scheme::Key,
        };
        let http = Http::new(&options.account.base_url, scheme, &options.key, timeouts)?;
        let hub: Url = options
            .hub_url
            .parse()
            .map_err(|error| UnfitProvider(format!("the hub's address: {error}")))?;
        Ok(Self {
            queue: Queue::new(http.base(), way),
            hub: Hub::new(hub),
            http,
            account: options.account,
            abilities: options.abilities,
            bill_to: options.bill_to.filter(|_| way == Way::Routed),
        })
    }

    /// The one POST.
    async fn post(&self, endpoint: &Endpoint, order: &Order) -> Result<Reply, Unsent> {
        let request = self.http.submission(self.queue.submission(&endpoint.id))?;
        let request = with_json(self.billed(request), &body(endpoint, order));
        self.http.send(request, USUAL_BODY).await
    }

    async fn ask(&self, method: Method, url: Url) -> Result<Reply, AskError> {
        let request = self.http.ask(method, url)?;
        Ok(self.http.send(self.billed(request), USUAL_BODY).await?)
    }

    fn billed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.bill_to {
            Some(organisation) => request.header("X-HF-Bill-To", organisation),
            None => request,
        }
    }

    /// The end of a request that says it is completed: its result, or the model's own error in its place.
    async fn ended(&self, place: &Place, id: &PredictionId) -> Result<Prediction, AskError> {
        let reply = self.ask(Method::GET, self.queue.result(place)).await?;
        if let Some(status) = wire::failure(&reply.answer()) {
            return Ok(prediction(id, status, None));
        }
        let result = json_of(reply.whole(Timestamp::now())?)?;
        let outputs = wire::outputs(&result);
        Ok(Prediction { outputs, ..prediction(id, Status::Completed, None) })
    }
}

/// The inputs, flat, as the model takes them; the weights that the hub lays over it beside them.
fn body(endpoint: &Endpoint, order: &Order) -> Value {
    let mut body = order.params.clone();
    if let Some(file) = &endpoint.adapter
        && !body.contains_key("loras")
    {
        let weights = format!("https://huggingface.co/{}/resolve/main/{file}", order.model);
        body.insert("loras".to_owned(), json!([{"path": weights, "scale": 1}]));
    }
    Value::Object(body)
}

fn prediction(id: &PredictionId, status: Status, queue_position: Option<u32>) -> Prediction {
    Prediction {
        id: id.clone(),
        status,
        outputs: Vec::new(),
        percent: None,
        queue_position,
        metadata: serde_json::Map::new(),
    }
}

fn json_of(body: &[u8]) -> Result<Value, AskError> {
    serde_json::from_slice(body).map_err(|_broken| garbage("the answer is no JSON"))
}

fn garbage(message: impl Into<String>) -> AskError {
    AskError::Unreachable { message: message.into(), retry_after: None }
}

fn place(id: &PredictionId) -> Result<Place, AskError> {
    Place::named(id).ok_or_else(|| {
        garbage(format!("{id} is no id here; one reads fal-ai:hunyuan-video:requests:ID"))
    })
}

/// Without an answer of the hub nothing is sent: no order can be lost that way.
fn unsent(error: &NoEndpoint) -> SubmitError {
    match error {
        NoEndpoint::Unasked { error: AskError::Unreachable { message, retry_after }, .. }
            if retry_after.is_some() =>
        {
            SubmitError::RateLimited { retry_after: *retry_after, message: message.clone() }
        }
        _ => SubmitError::NotSent(error.to_string()),
    }
}

#[async_trait]
impl Provider for Huggingface {
    fn account(&self) -> &Account {
        &self.account
    }

    fn request_base_url(&self) -> &str {
        &self.account.base_url
    }

    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    async fn offers(&self, model: &ModelId, operation: Operation) -> Result<Offer, AskError> {
        match self.hub.endpoint(&self.http, model).await {
            Ok(endpoint) => Ok(endpoint.offer(model, operation)),
            Err(none) => none.offer(),
        }
    }

    async fn submit(&self, order: &Order) -> Result<Prediction, SubmitError> {
        let endpoint = self.hub.endpoint(&self.http, &order.model).await;
        let endpoint = endpoint.map_err(|error| unsent(&error))?;
        let sent = self.post(&endpoint, order).await;
        let outcome = match &sent {
            Ok(reply) => answer::Outcome::Answered(reply.answer()),
            Err(unsent) => unsent.outcome(),
        };
        answer::judge(outcome, Timestamp::now(), |body| {
            wire::accepted(body, &self.queue, &endpoint.id)
        })
    }

    async fn result(&self, id: &PredictionId) -> Result<Prediction, AskError> {
        let place = place(id)?;
        let reply = self.ask(Method::GET, self.queue.status(&place)).await?;
        let status = json_of(reply.whole(Timestamp::now())?)?;
        let about = status.get("request_id").and_then(Value::as_str);
        if about.is_some_and(|request| request != place.request()) {
            return Err(garbage("the answer is about another request"));
        }
        match wire::standing(&status) {
            Standing::GoesOn(going) => Ok(prediction(id, going, wire::queue_position(&status))),
            Standing::Ended(ended) => Ok(prediction(id, ended, None)),
            Standing::HasResult => self.ended(&place, id).await,
        }
    }

    async fn open(&self, url: &OutputUrl) -> Result<Download, OpenError> {
        open::open_public(&self.http, url).await
    }

    async fn cancel(&self, id: &PredictionId) -> Result<(), AskError> {
        let reply = self.ask(Method::PUT, self.queue.cancel(&place(id)?)).await?;
        // There is nothing left to stop.
        let is_over = reply.status == 400
            && json_of(&reply.body).is_ok_and(|body| body["status"] == "ALREADY_COMPLETED");
        if is_over { Ok(()) } else { reply.whole(Timestamp::now()).map(drop) }
    }

    async fn history(
        &self,
        _model: &ModelId,
        _after: Timestamp,
        _before: Timestamp,
    ) -> Result<Vec<PastPrediction>, AskError> {
        Err(AskError::NotOffered("a list of past runs"))
    }

    async fn balance(&self) -> Result<Option<Usd>, AskError> {
        Ok(None)
    }

    async fn quote(&self, _order: &Order) -> Result<Usd, AskError> {
        Err(AskError::NotOffered("a price"))
    }

    async fn billings(&self, _query: &BillingQuery) -> Result<Bill, AskError> {
        Err(AskError::NotOffered("a bill"))
    }

    async fn usage_stats(&self, _: Timestamp, _: Timestamp) -> Result<UsageStats, AskError> {
        Err(AskError::NotOffered("a sum of what was used"))
    }

    async fn models(&self) -> Result<Value, AskError> {
        Err(AskError::NotOffered("one list of models"))
    }

    async fn upload(
        &self,
        file: &Upload,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<OutputUrl, AskError> {
        picture::inline(file, self.abilities.uploads_most_bytes, sent).await
    }
}
