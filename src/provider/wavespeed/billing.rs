//! The provider's own bill, page by page.

use serde_json::{Value, json};

use super::{Wavespeed, garbage, wire};
use crate::domain::PredictionId;
use crate::provider::{AskError, BillingLine, BillingQuery};

const PAGE: usize = 100;

/// Twenty thousand lines; a server that pages for ever is stopped here, and the error says so.
const PAGES: usize = 200;

/// Predictions named in one question.
const NAMED: usize = 100;

/// The lines that a query asks for, in the order of the bill.
pub(super) async fn lines(
    provider: &Wavespeed,
    query: &BillingQuery,
) -> Result<Vec<BillingLine>, AskError> {
    if query.predictions.is_empty() {
        return pages(provider, query, &[]).await;
    }
    let mut all = Vec::new();
    for named in query.predictions.chunks(NAMED) {
        let names: Vec<&str> = named.iter().map(PredictionId::as_str).collect();
        let lines = pages(provider, query, &names).await?;
        let is_named =
            |line: &BillingLine| line.prediction.as_ref().is_some_and(|id| named.contains(id));
        all.extend(lines.into_iter().filter(is_named));
    }
    Ok(all)
}

async fn pages(
    provider: &Wavespeed,
    query: &BillingQuery,
    names: &[&str],
) -> Result<Vec<BillingLine>, AskError> {
    let mut lines: Vec<BillingLine> = Vec::new();
    for page in 1..=PAGES {
        let mut body = json!({"page": page, "page_size": PAGE, "sort": "created_at ASC"});
        if let Some(since) = query.since {
            body["start_time"] = Value::from(since.to_string());
        }
        if let Some(until) = query.until {
            body["end_time"] = Value::from(until.to_string());
        }
        if !names.is_empty() {
            body["prediction_uuids"] = Value::from(names);
        }
        let data = provider.data(&["billings", "search"], Some(&body)).await?;
        let items = match data.get("items") {
            Some(Value::Array(items)) => items.as_slice(),
            Some(Value::Null) => &[],
            _ => return Err(garbage("the answer is no bill")),
        };
        for line in items.iter().filter_map(wire::billing_line) {
            let in_time = line.at.is_none_or(|at| {
                query.since.is_none_or(|since| at >= since)
                    && query.until.is_none_or(|until| at < until)
            });
            if in_time && !lines.iter().any(|known| known.id == line.id) {
                lines.push(line);
            }
        }
        let has_more = data.get("has_more").and_then(Value::as_bool);
        if items.is_empty() || !has_more.unwrap_or(items.len() >= PAGE) {
            return Ok(lines);
        }
    }
    Err(garbage("the bill has no end"))
}
