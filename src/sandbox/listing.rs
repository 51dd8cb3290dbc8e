//! The list of models and their prices, as the service has them.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account::dollars;
use super::desk::{self, Lengths, Shared};
use super::{routes, wire};
use crate::catalog::{InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use crate::domain::{Operation, Params, Usd};

pub(super) async fn models(State(desk): State<Shared>) -> Response {
    let all = desk.catalog.all().iter().enumerate();
    wire::success(all.map(|(index, spec)| entry(&desk.base_url, index, spec)).collect())
}

/// One model, with exactly the eight fields of the service's own list.
///
/// The formula says what `model/price` answers, and is empty where every run costs the base price.
fn entry(base_url: &str, index: usize, spec: &ModelSpec) -> Value {
    let id = spec.id.as_str();
    json!({
        "model_id": id,
        "name": id,
        "base_price": dollars(desk::price(spec, &Params::new(), &Lengths::default())),
        "formula": spec.formula().unwrap_or_default(),
        "description": spec.about,
        "type": type_of(spec.operation),
        "sort_order": 1000 - index,
        "api_schema": {"api_schemas": [{
            "type": "model_run",
            "method": "POST",
            "server": base_url,
            "api_path": format!("/api/v3/{id}"),
            "request_schema": request_schema(spec),
        }]},
    })
}

fn type_of(operation: Operation) -> &'static str {
    match operation {
        Operation::TalkingAvatar => "digital-human",
        Operation::Enhance => "upscaler",
        Operation::Retake | Operation::FaceSwap => "video-to-video",
        Operation::Extend => "video-extend",
        Operation::Translate => "video-dubbing",
        Operation::Background => "ai-remover",
        Operation::Sound | Operation::Speech => "text-to-audio",
        Operation::Image => "text-to-image",
        Operation::ReferenceToVideo => "image-to-video",
        Operation::Other => "video-effects",
        Operation::TextToVideo | Operation::ImageToVideo => operation.as_str(),
    }
}

fn request_schema(spec: &ModelSpec) -> Value {
    let needed_inputs = spec.inputs.iter().filter(|input| input.required).map(|input| &input.key);
    let needed_params = spec.params.iter().filter(|param| param.required).map(|param| &param.key);
    let required: Vec<&String> = needed_inputs.chain(needed_params).collect();
    let inputs = spec.inputs.iter().map(|input| (input.key.clone(), of_input(input)));
    let params = spec.params.iter().map(|param| (param.key.clone(), of_param(param)));
    let properties: Map<String, Value> = inputs.chain(params).collect();
    json!({
        "type": "object",
        "required": required,
        "x-order-properties": spec.keys().collect::<Vec<_>>(),
        "properties": properties,
    })
}

fn of_input(input: &InputSpec) -> Value {
    let about = input.about.as_deref().unwrap_or_default();
    let accept = format!("{}/*", input.kind.media().as_str());
    if input.is_list {
        json!({"type": "array", "items": {"type": "string"}, "maxItems": input.how_many,
            "description": about, "x-accept": accept, "x-ui-component": "uploaders"})
    } else {
        json!({"type": "string", "description": about, "x-accept": accept,
            "x-ui-component": "uploader"})
    }
}

fn of_param(param: &ParamSpec) -> Value {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| {
        if !value.is_null() {
            schema.insert(key.to_owned(), value);
        }
    };
    match &param.kind {
        ParamKind::Text { max_chars } => {
            set("type", json!("string"));
            set("maxLength", json!(max_chars));
        }
        ParamKind::Integer { min, max, step } => {
            set("type", json!("integer"));
            set("minimum", json!(min));
            set("maximum", json!(max));
            set("step", json!(step));
        }
        ParamKind::Number { min, max, step } => {
            set("type", json!("number"));
            set("minimum", json!(min));
            set("maximum", json!(max));
            set("step", json!(step));
        }
        ParamKind::Switch => set("type", json!("boolean")),
        ParamKind::Choice { of } => {
            let of_numbers = of.iter().all(Value::is_i64);
            set("type", json!(if of_numbers { "integer" } else { "string" }));
            set("enum", json!(of));
            set("x-ui-component", json!("select"));
        }
        ParamKind::Size { min, max } => {
            set("type", json!("string"));
            set("minimum", json!(min));
            set("maximum", json!(max));
        }
        ParamKind::List { item, min_items, max_items } => {
            let item = match item {
                ItemKind::Text => "string",
                ItemKind::Integer => "integer",
                ItemKind::Number => "number",
                ItemKind::Object => "object",
            };
            set("type", json!("array"));
            set("items", json!({"type": item}));
            set("minItems", json!(min_items));
            set("maxItems", json!(max_items));
        }
        ParamKind::Object => set("type", json!("object")),
    }
    set("description", json!(param.about));
    set("default", json!(param.default));
    set("x-hidden", if param.hidden { json!(true) } else { Value::Null });
    Value::Object(schema)
}

#[derive(Deserialize)]
struct Question {
    model_id: String,
    #[serde(default)]
    inputs: Params,
}

/// The current route.
pub(super) async fn price(State(desk): State<Shared>, body: Bytes) -> Response {
    quote(&desk, &body).await.map_or_else(
        |refused| *refused,
        |(model_id, price)| {
            wire::success(json!({
                "model_id": model_id,
                "price": dollars(price),
                "discounted_price": dollars(price),
                "discount_rate": 100,
                "currency": "USD",
            }))
        },
    )
}

/// The older one.
pub(super) async fn pricing(State(desk): State<Shared>, body: Bytes) -> Response {
    quote(&desk, &body).await.map_or_else(
        |refused| *refused,
        |(model_id, price)| {
            let price = dollars(price);
            wire::success(json!({"model_id": model_id, "unit_price": price, "currency": "USD"}))
        },
    )
}

async fn quote(desk: &Shared, body: &Bytes) -> Result<(String, Usd), Box<Response>> {
    let question: Question = routes::body(body)?;
    let Some(spec) = desk.model(&question.model_id) else {
        let message = format!("unknown model {:?}", question.model_id);
        return Err(Box::new(wire::refusal(StatusCode::BAD_REQUEST, message)));
    };
    let lengths = desk.measure(spec, &question.inputs).await;
    let price = desk::price(spec, &question.inputs, &lengths);
    Ok((question.model_id, price))
}
