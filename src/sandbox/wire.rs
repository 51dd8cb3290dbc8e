//! Answers as the service words them: the envelope, refusals, and a prediction.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::record::{Record, Status};

/// HTTP 200 with the envelope around this.
pub(super) fn success(data: Value) -> Response {
    let mut envelope = Map::new();
    envelope.insert("code".to_owned(), json!(200));
    envelope.insert("message".to_owned(), json!("success"));
    envelope.insert("data".to_owned(), data);
    text(StatusCode::OK, "application/json", Value::Object(envelope).to_string())
}

/// A refusal: the status, and what it says.
pub(super) fn refusal(status: StatusCode, message: impl Into<String>) -> Response {
    let body = json!({"code": status.as_u16(), "message": message.into()});
    text(status, "application/json", body.to_string())
}

/// What an unknown route answers: plain text.
pub(super) async fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "404 page not found".to_owned())
}

/// Any body of any type.
pub(super) fn text(status: StatusCode, mime: &'static str, body: String) -> Response {
    let mime = HeaderValue::from_static(mime);
    (status, [(header::CONTENT_TYPE, mime)], Body::from(body)).into_response()
}

/// A moment as the service writes it: nanoseconds, `Z`.
pub(super) fn moment(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// A prediction as it is at this moment.
pub(super) fn prediction(desk: &Desk, record: &Record, now: Timestamp) -> Map<String, Value> {
    let (status, made) = desk.status(record, now);
    let outputs = match status {
        Status::Completed => desk.output_urls(record, &made),
        _ => Vec::new(),
    };
    let flagged = vec![false; outputs.len()];
    let is_over = matches!(status, Status::Completed | Status::Failed);
    let took = if is_over { desk.pace.running_ms() } else { 0 };
    let get = format!("{}/api/v3/predictions/{}/result", desk.base_url, record.id);
    let (code, error) = match (status, &made.failed) {
        // Task execution failed (docs, error codes, checked 2026-08-21).
        (Status::Failed, Some(why)) => (1403, why.as_str()),
        (Status::Failed, None) => (1200, "content flagged by moderation"),
        _ => (0, ""),
    };
    let mut fields = json!({
        "id": record.id,
        "model": record.model,
        "outputs": outputs,
        "urls": {"get": get},
        "has_nsfw_contents": flagged,
        "status": status.as_str(),
        "created_at": moment(record.created),
        "code": code,
        "error": error,
        "executionTime": took,
        "timings": {"inference": took},
    });
    if !made.what.is_empty() {
        let mut about = json!({"made": made.what});
        if !made.notes.is_empty() {
            about["note"] = json!(made.notes.join("; "));
        }
        fields["metadata"] = json!({"sandbox": about});
    }
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
