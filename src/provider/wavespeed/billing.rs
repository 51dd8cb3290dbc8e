//! The provider's own bill, page by page, and its own sums, month by month.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Wavespeed, garbage, wire};
use crate::provider::{AskError, Bill, BillingQuery, UsageStats};

const PAGE: usize = 100;

/// Twenty thousand lines; a server that pages for ever is stopped here, and the error says so.
const PAGES: usize = 200;

/// The service's own tool asks for so much at once (`WaveSpeed` usage exporter, checked 2026-08-21).
const WINDOW: SignedDuration = SignedDuration::from_hours(31 * 24);

/// The lines that a query asks for, in the order of the bill: all of them, or those before a page that fails.
pub(super) async fn lines(provider: &Wavespeed, query: &BillingQuery) -> Result<Bill, AskError> {
    let mut bill = Bill::default();
    let mut known: HashSet<String> = HashSet::new();
    for page in 1..=PAGES {
        let (items, has_more) = match one_page(provider, query, page).await {
            Ok(answer) => answer,
            Err(error) if page == 1 => return Err(error),
            Err(error) => return Ok(Bill { missing: Some(error), ..bill }),
        };
        for item in &items {
            let Some(line) = wire::billing_line(item) else {
                bill.unreadable += usize::from(wire::is_money(item));
                continue;
            };
            let in_time = line.at.is_none_or(|at| {
                query.since.is_none_or(|since| at >= since)
                    && query.until.is_none_or(|until| at < until)
            });
            // A page can shift by what was billed meanwhile.
            if in_time && known.insert(line.id.clone()) {
                bill.lines.push(line);
            }
        }
        if items.is_empty() || !has_more.unwrap_or(items.len() >= PAGE) {
            return Ok(bill);
        }
    }
    Ok(Bill { missing: Some(garbage("the bill has no end")), ..bill })
}

/// The items of a page, and whether the service says that there is another one.
async fn one_page(
    provider: &Wavespeed,
    query: &BillingQuery,
    page: usize,
) -> Result<(Vec<Value>, Option<bool>), AskError> {
    let mut body = json!({"page": page, "page_size": PAGE, "sort": "created_at ASC"});
    if let Some(since) = query.since {
        body["start_time"] = Value::from(since.to_string());
    }
    if let Some(until) = query.until {
        body["end_time"] = Value::from(until.to_string());
    }
    let mut data = provider.data(&["billings", "search"], Some(&body)).await?;
    let items = match data.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) => Vec::new(),
        _ => return Err(garbage("the answer is no bill")),
    };
    Ok((items, data.get("has_more").and_then(Value::as_bool)))
}

/// What the service adds up between two moments.
pub(super) async fn usage(
    provider: &Wavespeed,
    since: Timestamp,
    until: Timestamp,
) -> Result<UsageStats, AskError> {
    let mut sum = UsageStats::default();
    let mut from = since;
    while from < until {
        let to = from.checked_add(WINDOW).map_or(until, |end| end.min(until));
        let body = json!({"start_time": from.to_string(), "end_time": to.to_string()});
        let data = provider.data(&["user", "usage_stats"], Some(&body)).await?;
        let part = wire::usage(&data).ok_or_else(|| garbage("the answer holds no sum"))?;
        sum = UsageStats { total: sum.total + part.total, runs: sum.runs + part.runs };
        from = to;
    }
    Ok(sum)
}
