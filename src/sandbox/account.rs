//! Balance, usage, billing lines and the webhook secret.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::billing::{self, Bill, BillingType};
use super::desk::Shared;
use super::history::{check_page, first, twenty};
use super::record::Status;
use super::{routes, wire};
use crate::domain::Usd;

pub(super) async fn balance(State(desk): State<Shared>) -> Response {
    let left = billing::balance(&desk.billing.bills(Timestamp::now()));
    wire::success(json!({"balance": dollars(left)}))
}

pub(super) async fn webhook_secret(State(desk): State<Shared>) -> Response {
    wire::success(json!({"secret": desk.webhook_secret}))
}

/// An amount as a JSON number. Micro-dollars are exact in it up to nine billion dollars.
#[expect(clippy::cast_precision_loss, reason = "the sandbox has at most $100")]
pub(super) fn dollars(amount: Usd) -> f64 {
    amount.micros() as f64 / 1e6
}

#[derive(Deserialize)]
struct Period {
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    model_uuid: Option<String>,
}

impl Period {
    fn covers(&self, bill: &Bill) -> bool {
        self.start_time.is_none_or(|start| bill.at >= start)
            && self.end_time.is_none_or(|end| bill.at <= end)
            && self.model_uuid.as_ref().is_none_or(|model| model.is_empty() || *model == bill.model)
    }
}

/// Runs and what they cost.
#[derive(Default, Clone)]
struct Sum {
    cost: Usd,
    count: u64,
    last: String,
}

impl Sum {
    fn add(&mut self, bill: &Bill) {
        match bill.billing_type {
            BillingType::Deduct => {
                self.cost = self.cost + bill.price;
                self.count += 1;
            }
            BillingType::Refund => self.cost = self.cost - bill.price,
        }
        self.last = day(bill);
    }
}

fn day(bill: &Bill) -> String {
    bill.at.strftime("%Y-%m-%d").to_string()
}

pub(super) async fn usage(State(desk): State<Shared>, body: Bytes) -> Response {
    let period: Period = match routes::body(&body) {
        Ok(period) => period,
        Err(refused) => return *refused,
    };
    let mut bills = desk.billing.bills(Timestamp::now());
    bills.retain(|bill| period.covers(bill));
    let (mut total, mut refunds) = (Sum::default(), 0);
    let mut models: BTreeMap<String, Sum> = BTreeMap::new();
    let mut days: BTreeMap<String, BTreeMap<String, Sum>> = BTreeMap::new();
    for bill in &bills {
        total.add(bill);
        refunds += u64::from(bill.billing_type == BillingType::Refund);
        models.entry(bill.model.clone()).or_default().add(bill);
        days.entry(day(bill)).or_default().entry(bill.model.clone()).or_default().add(bill);
    }
    let per_model: Vec<Value> = models
        .iter()
        .map(|(model, sum)| {
            let operation = desk.model(model).map_or("", |spec| spec.operation.as_str());
            let runs = i64::try_from(sum.count.max(1)).unwrap_or(i64::MAX);
            json!({
                "model_uuid": model,
                "model_type": operation,
                "unit_price": dollars(Usd::from_micros(sum.cost.micros() / runs)),
                "total_cost": dollars(sum.cost),
                "total_count": sum.count,
                "last_used_date": sum.last,
            })
        })
        .collect();
    let daily: Vec<Value> = days
        .iter()
        .map(|(day, models)| {
            let of = |(model, sum): (&String, &Sum)| {
                json!({"model_uuid": model, "count": sum.count, "amount": dollars(sum.cost)})
            };
            json!({
                "date": day,
                "amount": dollars(models.values().map(|sum| sum.cost).sum()),
                "count": models.values().map(|sum| sum.count).sum::<u64>(),
                "models": models.iter().map(of).collect::<Vec<_>>(),
            })
        })
        .collect();
    wire::success(json!({
        "summary": {
            "total_cost": dollars(total.cost),
            "total_requests": total.count,
            "success_requests": total.count.saturating_sub(refunds),
        },
        "per_model_usage": per_model,
        "daily_usage": daily,
    }))
}

#[derive(Deserialize)]
struct BillSearch {
    #[serde(default = "first")]
    page: usize,
    #[serde(default = "twenty")]
    page_size: usize,
    billing_type: Option<String>,
    #[serde(flatten)]
    period: Period,
    #[serde(default)]
    prediction_uuids: Vec<String>,
    sort: Option<String>,
}

pub(super) async fn billings(State(desk): State<Shared>, body: Bytes) -> Response {
    find(&desk, &body).unwrap_or_else(|refused| *refused)
}

fn find(desk: &Shared, body: &Bytes) -> Result<Response, Box<Response>> {
    let search: BillSearch = routes::body(body)?;
    check_page(search.page, search.page_size)?;
    let now = Timestamp::now();
    let mut bills = desk.billing.bills(now);
    bills.retain(|bill| {
        let kind = search.billing_type.as_deref();
        kind.is_none_or(|kind| kind.is_empty() || kind == bill.billing_type.as_str())
            && search.period.covers(bill)
            && (search.prediction_uuids.is_empty()
                || search.prediction_uuids.contains(&bill.prediction))
    });
    // The file has the oldest first; without a wish the newest come first.
    let wish = search.sort.unwrap_or_default().to_ascii_lowercase();
    if !wish.ends_with("asc") {
        bills.reverse();
    }
    let start = (search.page - 1).saturating_mul(search.page_size);
    let has_more = bills.len() > start.saturating_add(search.page_size);
    let items: Vec<Value> =
        bills.iter().skip(start).take(search.page_size).map(|bill| item(desk, bill, now)).collect();
    Ok(wire::success(json!({"page": search.page, "has_more": has_more, "items": items})))
}

fn item(desk: &Shared, bill: &Bill, now: Timestamp) -> Value {
    let record = desk.records.read(&bill.prediction);
    let status = record.map_or(Status::Completed, |record| desk.status(&record, now).0);
    let price = dollars(bill.price);
    json!({
        "uuid": bill.uuid,
        "billing_type": bill.billing_type.as_str(),
        "price": price,
        "created_at": wire::moment(bill.at),
        "updated_at": wire::moment(bill.at),
        "access_key_name": "sandbox",
        "access_key_uuid": "sandbox",
        "order": {
            "uuid": bill.uuid, "state": "done", "price": price, "origin_price": price,
            "status": "done",
        },
        "prediction": {
            "uuid": bill.prediction, "model_uuid": bill.model, "status": status.as_str(),
        },
        "consumption": {},
    })
}
