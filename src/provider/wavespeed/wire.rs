//! `WaveSpeed`'s words for things, and what they mean here. Tolerant: every shape that its documents, SDKs and
//! third parties show is read, and what is not understood is passed over or said to be unknown.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::data_url;
use crate::domain::text::printable;
use crate::domain::{BillingLine, ModelId, PredictionId, Usd};
use crate::provider::{OutputUrl, PastPrediction, Prediction, Status, UsageStats};

/// The code of a run that moderation refused (`WaveSpeed` docs, error codes, checked 2026-08-21).
const MODERATED: i64 = 1200;

/// More than this is not kept beside a take.
const MOST_SAID: usize = 16 << 10;

/// The `data` of a good envelope; `Err` with its code and words where it is none.
pub(super) fn data(body: &[u8]) -> Result<Value, (Option<i64>, String)> {
    let Ok(Value::Object(mut envelope)) = serde_json::from_slice(body) else {
        return Err((None, "the answer is no JSON object".to_owned()));
    };
    let code = envelope.get("code").and_then(Value::as_i64);
    let message = || {
        let message = envelope.get("message").and_then(Value::as_str).unwrap_or("no message");
        printable(message)
    };
    match code {
        Some(200) => Ok(envelope.remove("data").unwrap_or(Value::Null)),
        Some(code) => Err((Some(code), message())),
        None => Err((None, "the answer is no envelope".to_owned())),
    }
}

/// The record of an accepted submission: `data`, or the whole body where it is a bare record with a status.
///
/// An id counts whatever the envelope's code says: the run exists.
pub(super) fn accepted(body: &[u8]) -> Option<Prediction> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let bare = || Some(&body).filter(|body| body.get("status").is_some_and(Value::is_string));
    prediction(body.get("data").filter(|data| data.is_object()).or_else(bare)?)
}

/// A record, where it has a usable id.
pub(super) fn prediction(data: &Value) -> Option<Prediction> {
    let id = id(data.get("id")?)?;
    Some(Prediction {
        id,
        status: status(data),
        outputs: outputs(data.get("outputs").or_else(|| data.get("output"))),
        metadata: metadata(data.get("metadata")),
        percent: None,
        queue_position: None,
    })
}

/// A record of the history, where it has a usable id and a model.
pub(super) fn past(item: &Value) -> Option<PastPrediction> {
    let inputs = item.get("input").or_else(|| item.get("inputs")).and_then(Value::as_object);
    Some(PastPrediction {
        prediction: prediction(item)?,
        model: ModelId::new(item.get("model")?.as_str()?),
        inputs: inputs.filter(|inputs| !inputs.is_empty()).cloned(),
        created: time(item.get("created_at")),
    })
}

/// Whether a line of the bill is a charge or a refund, readable or not.
pub(super) fn is_money(item: &Value) -> bool {
    !matches!(item.get("billing_type").and_then(Value::as_str), Some(kind) if kind != "deduct" && kind != "refund")
}

/// A sum of what was used.
pub(super) fn usage(data: &Value) -> Option<UsageStats> {
    let summary = data.get("summary")?;
    let runs = summary.get("total_requests").and_then(Value::as_u64).unwrap_or_default();
    Some(UsageStats { total: usd(summary.get("total_cost")?)?, runs })
}

/// A line of the bill; `None` for a kind that is neither a charge nor a refund.
pub(super) fn billing_line(item: &Value) -> Option<BillingLine> {
    let is_refund = match item.get("billing_type")?.as_str()? {
        "deduct" => false,
        "refund" => true,
        _ => return None,
    };
    let amount = usd(item.get("price")?)?;
    let prediction = item.get("prediction");
    let model =
        prediction.and_then(|prediction| prediction.get("model_uuid")).and_then(Value::as_str);
    Some(BillingLine {
        id: printable(item.get("uuid")?.as_str()?),
        prediction: prediction.and_then(|prediction| id(prediction.get("uuid")?)),
        model: model.map(ModelId::new),
        is_refund,
        amount: if amount < Usd::ZERO { -amount } else { amount },
        at: time(item.get("created_at")),
    })
}

/// What a quote says: what is taken after any discount, where that is a price at all.
pub(super) fn quote(data: &Value) -> Option<Usd> {
    let price = data.get("price").or_else(|| data.get("unit_price")).and_then(usd);
    let discounted =
        data.get("discounted_price").and_then(usd).filter(|amount| *amount > Usd::ZERO);
    match (price, discounted) {
        (Some(price), Some(discounted)) => Some(price.min(discounted)),
        (price, discounted) => price.or(discounted),
    }
}

/// An amount in dollars, rounded once, half up, to a whole micro-dollar: by its digits, never as a float.
pub(super) fn usd(value: &Value) -> Option<Usd> {
    let text = match value {
        // The shortest digits that mean this number: those that the service wrote, for all that prices are.
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    micros(&text).map(Usd::from_micros)
}

/// The micro-dollars of `0.5`, `$0.50`, `-1.25e-3`.
fn micros(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let text = text.strip_prefix('$').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // So many of the digits stand before the point once it is counted in micro-dollars.
    let before = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 6;
    let Ok(before) = usize::try_from(before) else { return Some(0) };
    while digits.len() <= before {
        digits.push('0');
    }
    let kept: i64 = if before == 0 { 0 } else { digits[..before].parse().ok()? };
    let up = i64::from(digits.as_bytes()[before] >= b'5');
    kept.checked_add(up).map(|micros| sign * micros)
}

/// A name that can be stored, printed and put into a path.
fn id(value: &Value) -> Option<PredictionId> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    PredictionId::read(&text)
}

fn status(data: &Value) -> Status {
    let word = data.get("status").and_then(Value::as_str).unwrap_or_default().trim().to_lowercase();
    let said = match data.get("error") {
        Some(Value::String(text)) => printable(text.trim()),
        Some(Value::Object(error)) => {
            printable(error.get("message").and_then(Value::as_str).unwrap_or_default())
        }
        _ => String::new(),
    };
    let or = |usual: &str| if said.is_empty() { usual.to_owned() } else { said.clone() };
    match word.as_str() {
        "created" | "pending" | "queued" => Status::Created,
        "processing" => Status::Processing,
        "completed" => Status::Completed,
        "failed" => failed(data, or("the provider gives no reason")),
        "timeout" => failed(data, or("it took the provider too long")),
        "deleted" => failed(data, or("it was deleted at the provider")),
        "cancelled" | "canceled" => Status::Cancelled { message: or("the provider stopped it") },
        other => Status::Unknown(printable(other)),
    }
}

fn failed(data: &Value, message: String) -> Status {
    let code = data.get("code").and_then(Value::as_i64).filter(|code| *code != 0);
    let flags = data.get("has_nsfw_contents").and_then(Value::as_array);
    let is_flagged =
        flags.is_some_and(|flags| flags.iter().any(|flag| flag.as_bool() == Some(true)));
    Status::Failed { code, message, moderated: code == Some(MODERATED) || is_flagged }
}

fn outputs(outputs: Option<&Value>) -> Vec<OutputUrl> {
    match outputs {
        Some(Value::Array(several)) => several.iter().filter_map(output).collect(),
        Some(one) => output(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// What is said besides, if it is an object of a sensible size. Nothing in it is trusted with a terminal.
fn metadata(said: Option<&Value>) -> Map<String, Value> {
    fn plain(value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(printable(text)),
            Value::Array(several) => several.iter().map(plain).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (printable(key), plain(value))).collect()
            }
            other => other.clone(),
        }
    }
    match said.map(plain) {
        Some(Value::Object(fields))
            if said.is_some_and(|said| said.to_string().len() <= MOST_SAID) =>
        {
            fields
        }
        _ => Map::new(),
    }
}

/// An address, an object with one, base64, or text.
fn output(value: &Value) -> Option<OutputUrl> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim(),
        Value::Object(object) => match object.get("url").and_then(Value::as_str) {
            Some(url) => url.trim(),
            None => {
                return Some(OutputUrl(data_url::of_text("application/json", &value.to_string())));
            }
        },
        other => return Some(OutputUrl(data_url::of_text("application/json", &other.to_string()))),
    };
    if text.is_empty() {
        return None;
    }
    let is_address = ["https://", "http://", "data:"].iter().any(|scheme| text.starts_with(scheme));
    let url = if is_address {
        text.to_owned()
    } else {
        data_url::of_base64(text).unwrap_or_else(|| data_url::of_text("text/plain", text))
    };
    Some(OutputUrl(url))
}

fn time(value: Option<&Value>) -> Option<Timestamp> {
    value.and_then(Value::as_str).and_then(|text| text.parse().ok())
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
