//! `POST /api/v3/{model}`: everything about accepting a run.

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::billing::{Bill, BillingType, balance};
use super::desk::{Shared, price};
use super::faults::Fault;
use super::film::ShotError;
use super::line::Line;
use super::record::{Fate, Made, Record};
use super::routes::{authorized, query_value};
use super::{webhook, wire};
use crate::catalog::ModelSpec;
use crate::domain::{Inputs, Params, Usd};

/// The largest body of JSON; pictures may be inside as data addresses.
pub(super) const MOST_JSON: usize = 32 << 20;

/// Whatever no other route takes: a submission, where it is one.
pub(super) async fn submit(
    State(desk): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let Some(model) = path.strip_prefix("/api/v3/").filter(|id| is_model_path(id)) else {
        return wire::not_found().await;
    };
    if request.method() != Method::POST {
        return wire::not_found().await;
    }
    if let Err(refused) = authorized(&desk, request.headers()) {
        return *refused;
    }
    if let Some(refused) = refused_by_fault(&desk) {
        return refused;
    }
    let webhook = query_value(request.uri(), "webhook");
    let Ok(body) = to_bytes(request.into_body(), MOST_JSON).await else {
        return wire::refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than 32 MB");
    };
    let Some(spec) = desk.model(model) else {
        let near = desk.catalog.find(model).err().map(|unknown| unknown.hint());
        let message = format!("unknown model {model:?}; {}", near.unwrap_or_default());
        return wire::refusal(StatusCode::BAD_REQUEST, message.trim_end_matches([';', ' ']));
    };
    let mut given: Map<String, Value> = match serde_json::from_slice(&body) {
        Ok(given) => given,
        Err(error) => {
            let message = format!("the body is no JSON object: {error}");
            return wire::refusal(StatusCode::BAD_REQUEST, message);
        }
    };
    let in_body = given.remove("webhook_url").and_then(|url| url.as_str().map(str::to_owned));
    // What the model does not know is dropped in silence, as the real service does.
    given.retain(|key, _| spec.keys().any(|known| known == key));
    let faults = spec.faults(&given, &Inputs::default());
    if !faults.is_empty() {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        return wire::refusal(StatusCode::BAD_REQUEST, all.join("; "));
    }
    let record = match accept(&desk, spec, given).await {
        Ok(record) => record,
        Err(refused) => return *refused,
    };
    if let Some(url) = webhook.or(in_body) {
        tokio::spawn(webhook::deliver(desk.clone(), record.clone(), url));
    }
    prepare(&desk, &record);
    answer(&desk, &record, &line)
}

/// Two or three segments in the official catalogue; one more is allowed for.
fn is_model_path(id: &str) -> bool {
    let segments = id.split('/');
    (2..=4).contains(&segments.clone().count())
        && segments.clone().all(|segment| !segment.is_empty())
        && id.split('/').next() != Some("predictions")
}

fn refused_by_fault(desk: &Shared) -> Option<Response> {
    let fault = desk.faults.first_of(&[
        Fault::RateLimit,
        Fault::ServerError,
        Fault::Unavailable,
        Fault::NoCredits,
    ])?;
    Some(match fault {
        Fault::RateLimit => {
            let mut answer = wire::refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests. Please slow down.",
            );
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            answer
        }
        Fault::ServerError => {
            wire::refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
        }
        Fault::Unavailable => wire::refusal(StatusCode::SERVICE_UNAVAILABLE, "service unavailable"),
        _ => no_credits(),
    })
}

fn no_credits() -> Response {
    wire::refusal(StatusCode::BAD_REQUEST, "Insufficient credits. Please top up.")
}

/// Records and bills a run.
async fn accept(desk: &Shared, spec: &ModelSpec, inputs: Params) -> Result<Record, Box<Response>> {
    let lengths = desk.measure(spec, &inputs).await;
    let now = Timestamp::now();
    let price = price(spec, &inputs, &lengths);
    if balance(&desk.billing.bills(now)) < price {
        return Err(Box::new(no_credits()));
    }
    let fate = match desk.faults.first_of(&[Fault::Moderation, Fault::Stuck]) {
        Some(Fault::Moderation) => Fate::Moderated,
        Some(_) => Fate::Stuck,
        None => Fate::Completes,
    };
    let record = Record {
        id: uuid::Uuid::now_v7().simple().to_string(),
        model: spec.id.as_str().to_owned(),
        inputs,
        created: now,
        fate,
        input_ms: lengths.longest_ms(),
        price,
    };
    let stored =
        desk.records.write(&record).and_then(|()| desk.billing.append(&bills(desk, &record)));
    stored.map(|()| record).map_err(|error| {
        let message = format!("the sandbox cannot write: {error}");
        Box::new(wire::refusal(StatusCode::INTERNAL_SERVER_ERROR, message))
    })
}

fn bill(record: &Record, billing_type: BillingType, at: Timestamp) -> Bill {
    Bill {
        uuid: uuid::Uuid::now_v7().simple().to_string(),
        billing_type,
        price: record.price,
        at,
        prediction: record.id.clone(),
        model: record.model.clone(),
    }
}

/// A failure is known from the start, so its refund is written with the run and counts later.
fn bills(desk: &Shared, record: &Record) -> Vec<Bill> {
    let mut bills = vec![bill(record, BillingType::Deduct, record.created)];
    if record.fate == Fate::Moderated && record.price > Usd::ZERO {
        let over = SignedDuration::try_from(desk.pace.whole_run()).unwrap_or_default();
        bills.push(bill(record, BillingType::Refund, record.created + over));
    }
    bills
}

/// Makes the output while the clock runs. A prediction is not completed before that.
pub(super) fn prepare(desk: &Shared, record: &Record) {
    if record.fate != Fate::Completes || desk.studio.is_making(&record.id) {
        return;
    }
    let (desk, record) = (desk.clone(), record.clone());
    tokio::spawn(async move {
        let Some(spec) = desk.model(&record.model) else { return };
        if let Err(ShotError::Unreadable(why)) = desk.studio.make(&desk, &record, spec).await {
            // Nobody pays for what did not come out. Anything else is tried again when somebody asks.
            let failed = Made { failed: Some(why.to_string()), ..Made::default() };
            let refund = bill(&record, BillingType::Refund, Timestamp::now());
            let told = desk.records.write_made(&record.id, &failed);
            if told.is_ok() && record.price > Usd::ZERO {
                // An account that cannot be written keeps the money, of which there is none.
                let _ = desk.billing.append(&[refund]);
            }
        }
    });
}

fn answer(desk: &Shared, record: &Record, line: &Line) -> Response {
    let mut data = wire::prediction(desk, record, record.created);
    let after = [Fault::SilenceAfterAccept, Fault::Html, Fault::Garbage, Fault::NoId];
    match desk.faults.first_of(&after) {
        Some(Fault::SilenceAfterAccept) => line.cut(),
        Some(Fault::Html) => {
            let page = "<!DOCTYPE html><title>Welcome</title><p>You are behind a portal.";
            return wire::text(StatusCode::OK, "text/html", page.to_owned());
        }
        Some(Fault::Garbage) => {
            let half = "{\"code\":200,\"message\":\"success\",\"data\":{\"id\":\"01";
            return wire::text(StatusCode::OK, "application/json", half.to_owned());
        }
        Some(Fault::NoId) => {
            data.remove("id");
        }
        _ => {}
    }
    wire::success(json!(data))
}
