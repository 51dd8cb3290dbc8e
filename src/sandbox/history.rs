//! `POST /predictions` and `POST /predictions/delete`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::desk::Shared;
use super::{routes, wire};
use crate::domain::MediaKind;

/// Only so far back, as the real service.
const REACH: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Deserialize)]
struct Search {
    #[serde(default = "first")]
    page: usize,
    #[serde(default = "twenty")]
    page_size: usize,
    model: Option<String>,
    status: Option<String>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

pub(super) fn first() -> usize {
    1
}

pub(super) fn twenty() -> usize {
    20
}

/// Refuses a page that cannot be.
pub(super) fn check_page(page: usize, page_size: usize) -> Result<(), Box<Response>> {
    if page >= 1 && (1..=100).contains(&page_size) {
        return Ok(());
    }
    let message = "page must be at least 1 and page_size from 1 to 100";
    Err(Box::new(wire::refusal(StatusCode::BAD_REQUEST, message)))
}

pub(super) async fn search(State(desk): State<Shared>, body: Bytes) -> Response {
    find(&desk, &body).unwrap_or_else(|refused| *refused)
}

fn find(desk: &Shared, body: &Bytes) -> Result<Response, Box<Response>> {
    let search: Search = routes::body(body)?;
    check_page(search.page, search.page_size)?;
    let now = Timestamp::now();
    let wanted = |text: &Option<String>, value: &str| {
        text.as_deref().is_none_or(|text| text.is_empty() || text == value)
    };
    let found: Vec<_> = desk
        .records
        .all()
        .into_iter()
        .filter(|record| now.duration_since(record.created) < REACH)
        .filter(|record| wanted(&search.model, &record.model))
        .filter(|record| wanted(&search.status, desk.status(record, now).0.as_str()))
        .filter(|record| search.created_after.is_none_or(|after| record.created >= after))
        .filter(|record| search.created_before.is_none_or(|before| record.created <= before))
        .collect();
    let start = (search.page - 1).saturating_mul(search.page_size);
    let items: Vec<Value> = found
        .iter()
        .skip(start)
        .take(search.page_size)
        .map(|record| {
            let mut item = wire::prediction(desk, record, now);
            item.insert("input".to_owned(), json!(record.inputs));
            Value::Object(item)
        })
        .collect();
    Ok(wire::success(json!({"page": search.page, "total": found.len(), "items": items})))
}

#[derive(Deserialize)]
struct Delete {
    ids: Vec<String>,
}

pub(super) async fn delete(State(desk): State<Shared>, body: Bytes) -> Response {
    let wanted: Delete = match routes::body(&body) {
        Ok(wanted) => wanted,
        Err(refused) => return *refused,
    };
    let remove = |id: &&String| {
        let Some(record) = desk.records.read(id) else { return false };
        let kind = desk.model(&record.model).map_or(MediaKind::Video, |spec| spec.output);
        let outputs = desk.records.made(id).map_or(1, |made| made.outputs);
        desk.studio.remove(&record, kind, outputs);
        desk.records.remove(id)
    };
    let deleted = wanted.ids.iter().filter(remove).count();
    wire::success(json!({"deleted_count": deleted}))
}
