//! The routes of the API, and what they have in common: the credential, lateness, JSON bodies.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post, put};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::desk::Shared;
use super::faults::Fault;
use super::record::Status;
use super::submit::{MOST_JSON, prepare, submit};
use super::{account, history, listing, serve, uploads, wire};

/// Static routes win; whatever is left is a model's id or nothing.
pub(super) fn router(desk: Shared) -> Router {
    let api = Router::new()
        .route("/api/v3/predictions", post(history::search))
        .route("/api/v3/predictions/delete", post(history::delete))
        .route("/api/v3/predictions/{id}", get(result))
        .route("/api/v3/predictions/{id}/result", get(result))
        .route("/api/v3/models", get(listing::models))
        .route("/api/v3/model/price", post(listing::price))
        .route("/api/v3/model/pricing", post(listing::pricing))
        .route("/api/v3/balance", get(account::balance))
        .route("/api/v3/user/usage_stats", post(account::usage))
        .route("/api/v3/billings/search", post(account::billings))
        .route("/api/v3/webhook/secret", get(account::webhook_secret))
        .route("/api/v3/media/uploads", post(uploads::ticket))
        .layer(DefaultBodyLimit::max(MOST_JSON))
        .route(
            "/api/v3/media/upload/binary",
            post(uploads::binary).layer(DefaultBodyLimit::max(uploads::MOST_BYTES_WITH_FORM)),
        )
        .route_layer(from_fn_with_state(desk.clone(), with_key));
    let files = Router::new()
        .route("/uploads/{id}", put(uploads::receive).layer(DefaultBodyLimit::disable()))
        .route("/media/{id}/{name}", get(serve::upload))
        .route("/outputs/{id}/{name}", get(serve::output));
    api.merge(files)
        .fallback(submit)
        .method_not_allowed_fallback(wire::not_found)
        .layer(from_fn_with_state(desk.clone(), late))
        .with_state(desk)
}

async fn with_key(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    match authorized(&desk, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => *refused,
    }
}

async fn late(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/api/") && desk.faults.strikes(Fault::Slow) {
        tokio::time::sleep(desk.pace.seconds(3.0)).await;
    }
    next.run(request).await
}

/// `Authorization: Bearer <key>`, and nothing else, opens the API.
pub(super) fn authorized(desk: &Shared, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let is_right = match &desk.required_key {
        Some(required) => key == required,
        None => !key.trim().is_empty(),
    };
    if is_right && !desk.faults.strikes(Fault::Unauthorized) {
        return Ok(());
    }
    Err(Box::new(wire::refusal(StatusCode::UNAUTHORIZED, "Unauthorized: invalid API key")))
}

/// A body of JSON; an empty one is an empty object.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Box<Response>> {
    let bytes = if bytes.is_empty() { &b"{}"[..] } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| {
        Box::new(wire::refusal(StatusCode::BAD_REQUEST, format!("invalid request: {error}")))
    })
}

/// A value of a query, decoded.
pub(super) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs: axum::extract::Query<Vec<(String, String)>> =
        axum::extract::Query::try_from_uri(uri).ok()?;
    pairs
        .0
        .into_iter()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Both result routes.
async fn result(State(desk): State<Shared>, Path(id): Path<String>) -> Response {
    match desk.faults.first_of(&[Fault::PollError, Fault::PollUnauthorized]) {
        Some(Fault::PollError) => {
            return wire::text(StatusCode::BAD_GATEWAY, "text/html", "<p>Bad gateway".to_owned());
        }
        Some(_) => return wire::refusal(StatusCode::UNAUTHORIZED, "Unauthorized: invalid API key"),
        None => {}
    }
    let Some(record) = desk.records.read(&id) else {
        return wire::refusal(StatusCode::NOT_FOUND, format!("prediction {id:?} not found"));
    };
    let now = Timestamp::now();
    let mut data = wire::prediction(&desk, &record, now);
    if record.status(now, desk.pace) == Status::Completed && data["status"] == "processing" {
        // Another process began it, or could not go on with it.
        prepare(&desk, &record);
    }
    if desk.faults.strikes(Fault::OddStatus) {
        data.insert("status".to_owned(), json!("queued_somewhere"));
        data.insert("outputs".to_owned(), json!([]));
    }
    wire::success(Value::Object(data))
}
