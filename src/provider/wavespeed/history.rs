//! Past predictions: seven days of them, page by page.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Wavespeed, garbage, wire};
use crate::domain::ModelId;
use crate::provider::{AskError, PastPrediction};

const PAGE: usize = 100;

/// Nobody makes ten thousand videos in the minutes that are asked about; a server that pages for ever is
/// stopped here.
const PAGES: usize = 100;

/// Predictions of a model made between two moments, newest first. One without a time is among them.
pub(super) async fn between(
    provider: &Wavespeed,
    model: &ModelId,
    after: Timestamp,
    before: Timestamp,
) -> Result<Vec<PastPrediction>, AskError> {
    let mut found: Vec<PastPrediction> = Vec::new();
    for page in 1..=PAGES {
        let body = json!({
            "page": page, "page_size": PAGE, "model": model,
            "created_after": after.to_string(), "created_before": before.to_string(),
        });
        let data = provider.data(&["predictions"], Some(&body)).await?;
        let items = match data.get("items").unwrap_or(&data) {
            Value::Array(items) => items,
            Value::Null => break,
            _ => return Err(garbage("the answer is no list of predictions")),
        };
        let past: Vec<PastPrediction> = items.iter().filter_map(wire::past).collect();
        let is_over = items.len() < PAGE
            || (!past.is_empty()
                && past.iter().all(|past| past.created.is_some_and(|created| created < after)));
        // A server may leave out a filter; and a page can shift by what was made meanwhile.
        let wanted = past.into_iter().filter(|past| {
            let in_time = past.created.is_none_or(|created| created >= after && created <= before);
            past.model == *model && in_time
        });
        let known = found.len();
        for past in wanted {
            if !found[..known].iter().any(|old| old.prediction.id == past.prediction.id) {
                found.push(past);
            }
        }
        if is_over {
            break;
        }
    }
    found.sort_by_key(|past| std::cmp::Reverse(past.created));
    Ok(found)
}
