//! fal's words for things, and what they mean here. Tolerant: there is no status for a failure, so it is read
//! out of a completed record or out of the result's own error.

use serde_json::{Map, Value};

use super::queue::{Place, Queue};
use crate::domain::text::printable;
use crate::provider::answer::{Answer, words};
use crate::provider::{OutputUrl, Prediction, Status};

/// The keys under which a model's output may stand.
const OUTPUTS: [&str; 8] =
    ["video", "videos", "image", "images", "audio", "audio_file", "output", "outputs"];

/// What a status says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not at its end: `Created`, `Processing` or `Unknown`.
    GoesOn(Status),
    /// At its end without a result.
    Ended(Status),
    /// There is a result to be asked for.
    HasResult,
}

/// The record of an accepted submission. Its id keeps where it is asked for: the path of `response_url`, or the
/// place that belongs to the request's name. No id in it is no acceptance that anybody could follow.
pub(super) fn accepted(body: &[u8], queue: &Queue, endpoint: &str) -> Option<Prediction> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::trim);
    let named = || Place::of_request(endpoint, text("request_id")?)?.id();
    let addressed = || queue.place_of(text("response_url")?)?.id();
    Some(Prediction {
        id: addressed().or_else(named)?,
        status: Status::Created,
        outputs: Vec::new(),
        percent: None,
        queue_position: queue_position(&body),
        metadata: Map::new(),
    })
}

/// How many are before it.
pub(super) fn queue_position(status: &Value) -> Option<u32> {
    status.get("queue_position").and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok())
}

/// What a status says. 200 or 202 makes no difference.
pub(super) fn standing(status: &Value) -> Standing {
    let word =
        status.get("status").and_then(Value::as_str).unwrap_or_default().trim().to_uppercase();
    match word.as_str() {
        "IN_QUEUE" => Standing::GoesOn(Status::Created),
        "IN_PROGRESS" => Standing::GoesOn(Status::Processing),
        "COMPLETED" => match error_of(status) {
            Some(ended) => Standing::Ended(ended),
            None => Standing::HasResult,
        },
        // Words that fal does not have. Whoever writes one of them means an end.
        "FAILED" | "ERROR" => Standing::Ended(error_of(status).unwrap_or_else(|| Status::Failed {
            code: None,
            message: "the provider gives no reason".to_owned(),
            moderated: false,
        })),
        "CANCELED" | "CANCELLED" => Standing::Ended(stopped()),
        other => Standing::GoesOn(Status::Unknown(printable(&other.to_lowercase()))),
    }
}

/// The outputs of a result.
pub(super) fn outputs(result: &Value) -> Vec<OutputUrl> {
    let listed = OUTPUTS.iter().filter_map(|key| result.get(key));
    let first = listed.map(addresses).find(|found| !found.is_empty());
    first.unwrap_or_default()
}

/// What an error in the place of a result means: the model's own failure, or that it is not at its end yet.
/// `None` for everything else, which may be about the key or the line and ends nothing.
pub(super) fn failure(answer: &Answer<'_>) -> Option<Status> {
    let body: Value = serde_json::from_slice(answer.body).ok()?;
    let detail = body.get("detail");
    let says = |words: &str| {
        let said = detail.and_then(Value::as_str).unwrap_or_default().to_lowercase();
        said.contains(words)
    };
    if answer.status == 400 && says("still in progress") {
        return Some(Status::Processing);
    }
    if matches!(answer.status, 400..=499) && says("cancelled") {
        return Some(stopped());
    }
    let is_typed = detail.is_some_and(Value::is_array) || body.get("error_type").is_some();
    let is_final = match answer.status {
        422 => detail.is_some() || is_typed,
        400 | 499..=599 => is_typed,
        _ => false,
    };
    if !is_final {
        return None;
    }
    if error_type(&body).as_deref() == Some("client_cancelled") {
        return Some(stopped());
    }
    let kinds = detail.and_then(Value::as_array).into_iter().flatten();
    let mut kinds = kinds.filter_map(|fault| fault.get("type")?.as_str());
    Some(Status::Failed {
        code: Some(i64::from(answer.status)),
        message: words(answer),
        moderated: kinds.any(is_moderation)
            || error_type(&body).as_deref().is_some_and(is_moderation),
    })
}

/// `COMPLETED` with an error: that is how a failure looks.
fn error_of(status: &Value) -> Option<Status> {
    let kind = error_type(status);
    let error = status.get("error").filter(|error| !error.is_null());
    if kind.is_none() && error.is_none_or(|error| error.as_str() == Some("")) {
        return None;
    }
    if kind.as_deref() == Some("client_cancelled") {
        return Some(stopped());
    }
    let said = match error {
        Some(Value::String(text)) => printable(text.trim()),
        Some(other) => {
            let nested = other.get("message").or_else(|| other.get("msg")).and_then(Value::as_str);
            printable(nested.unwrap_or("an error without a message"))
        }
        None => String::new(),
    };
    let moderated = kind.as_deref().is_some_and(is_moderation);
    let message = match (said.is_empty(), kind) {
        (false, Some(kind)) => format!("{said} [{kind}]"),
        (false, None) => said,
        (true, kind) => kind.unwrap_or_default(),
    };
    Some(Status::Failed { code: None, message, moderated })
}

fn error_type(body: &Value) -> Option<String> {
    let kind = body.get("error_type").and_then(Value::as_str).map(printable);
    kind.filter(|kind| !kind.is_empty())
}

fn is_moderation(kind: &str) -> bool {
    kind == "content_policy_violation"
}

fn stopped() -> Status {
    Status::Cancelled { message: "stopped as it was told".to_owned() }
}

/// An address, an object with one, or several of either.
fn addresses(value: &Value) -> Vec<OutputUrl> {
    let one = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => object.get("url").and_then(Value::as_str),
        Value::Array(several) => return several.iter().flat_map(addresses).collect(),
        _ => None,
    };
    let is_address =
        |url: &&str| ["https://", "http://", "data:"].iter().any(|scheme| url.starts_with(scheme));
    one.map(str::trim).filter(is_address).map(|url| OutputUrl(url.to_owned())).into_iter().collect()
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
