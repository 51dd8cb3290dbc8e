//! The list of models and their prices, as the service has them.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account::dollars;
use super::desk::{self, Lengths, Shared};
use super::faults::Fault;
use super::{routes, wire};
use crate::catalog::{Condition, InputKind, InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use crate::domain::{MediaKind, Operation, Params, Usd};

pub(super) async fn models(State(desk): State<Shared>) -> Response {
    // What is done on the client's own machine is no service's to offer.
    let all = desk.catalog.all().iter().filter(|spec| !spec.is_local()).enumerate();
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
        "type": type_of(spec),
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

fn type_of(spec: &ModelSpec) -> &'static str {
    match spec.operation {
        // Sound that is added to a film is listed beside dubbing.
        Operation::Sound if spec.output == MediaKind::Video => "video-dubbing",
        Operation::TalkingAvatar => "digital-human",
        Operation::Enhance => "upscaler",
        Operation::Other if spec.output == MediaKind::Other => "llm",
        Operation::Retake
        | Operation::Edit
        | Operation::Export
        | Operation::Assemble
        | Operation::Other => "video-to-video",
        Operation::FaceSwap => "portrait-transfer",
        // The service sorts these by their names.
        Operation::Translate if spec.id.as_str().contains("translate") => "video-to-video",
        Operation::ReferenceToVideo if !spec.id.as_str().contains("reference-to-video") => {
            "motion-control"
        }
        Operation::Extend => "video-extend",
        Operation::Translate => "video-dubbing",
        Operation::Background => "ai-remover",
        Operation::Sound | Operation::Speech => "text-to-audio",
        Operation::Image => "text-to-image",
        Operation::ReferenceToVideo => "image-to-video",
        Operation::TextToVideo | Operation::ImageToVideo => spec.operation.as_str(),
    }
}

fn request_schema(spec: &ModelSpec) -> Value {
    let needed_inputs = spec.inputs.iter().filter(|input| input.required).map(|input| &input.key);
    let needed_params = spec.params.iter().filter(|param| param.required).map(|param| &param.key);
    let required: Vec<&String> = needed_inputs.chain(needed_params).collect();
    let inputs = spec.inputs.iter().map(|input| (input.key.clone(), of_input(input)));
    let params = spec.params.iter().map(|param| (param.key.clone(), of_param(param)));
    let properties: Map<String, Value> = inputs.chain(params).collect();
    let mut schema = json!({
        "type": "object",
        "required": required,
        "x-order-properties": spec.keys().collect::<Vec<_>>(),
        "properties": properties,
    });
    let conditions: Vec<Value> = spec.conditions.iter().filter_map(Condition::in_schema).collect();
    if !conditions.is_empty() {
        schema["allOf"] = conditions.into();
    }
    schema
}

fn of_input(input: &InputSpec) -> Value {
    let about = input.about.as_deref().unwrap_or_default();
    // No entry of the service says "anything": a file is one that more than one kind may fill.
    let accept = match input.kind {
        InputKind::File => "image/*,video/*,audio/*".to_owned(),
        kind => format!("{}/*", kind.media().as_str()),
    };
    if input.is_list {
        json!({"type": "array", "items": {"type": "string"}, "minItems": input.at_least,
            "maxItems": input.how_many, "description": about, "x-accept": accept,
            "x-ui-component": "uploaders"})
    } else {
        json!({"type": "string", "description": about, "x-accept": accept,
            "x-ui-component": "uploader"})
    }
}

fn of_param(param: &ParamSpec) -> Value {
    let mut schema = Map::new();
    match &param.kind {
        ParamKind::Text { max_chars } => {
            put(&mut schema, "type", "string");
            put(&mut schema, "maxLength", *max_chars);
        }
        ParamKind::Integer { min, max, step } => {
            put(&mut schema, "type", "integer");
            put(&mut schema, "minimum", *min);
            put(&mut schema, "maximum", *max);
            put(&mut schema, "step", *step);
        }
        ParamKind::Number { min, max, step } => {
            put(&mut schema, "type", "number");
            put(&mut schema, "minimum", *min);
            put(&mut schema, "maximum", *max);
            put(&mut schema, "step", *step);
        }
        ParamKind::Switch => put(&mut schema, "type", "boolean"),
        ParamKind::Choice { of } => {
            let kind = match of.as_slice() {
                of if of.iter().all(Value::is_i64) => "integer",
                of if of.iter().all(Value::is_number) => "number",
                _ => "string",
            };
            put(&mut schema, "type", kind);
            put(&mut schema, "enum", of.clone());
            put(&mut schema, "x-ui-component", "select");
        }
        ParamKind::Size { min, max } => {
            put(&mut schema, "type", "string");
            put(&mut schema, "minimum", *min);
            put(&mut schema, "maximum", *max);
        }
        ParamKind::List { item, min_items, max_items } => {
            put(&mut schema, "type", "array");
            put(&mut schema, "items", of_items(*item, &param.fields));
            put(&mut schema, "minItems", *min_items);
            put(&mut schema, "maxItems", *max_items);
        }
        ParamKind::Object => schema = of_fields(&param.fields),
    }
    put(&mut schema, "description", param.about.clone());
    put(&mut schema, "default", param.default.clone());
    put(&mut schema, "x-hidden", param.hidden.then_some(true));
    put(&mut schema, "recommend", Some(&param.suggested).filter(|it| !it.is_empty()).cloned());
    Value::Object(schema)
}

fn of_items(item: ItemKind, fields: &[ParamSpec]) -> Value {
    match item {
        ItemKind::Text => json!({"type": "string"}),
        ItemKind::Integer => json!({"type": "integer"}),
        ItemKind::Number => json!({"type": "number"}),
        ItemKind::Object => Value::Object(of_fields(fields)),
    }
}

/// An object that holds these; anything where there are none.
fn of_fields(fields: &[ParamSpec]) -> Map<String, Value> {
    let mut schema = Map::new();
    put(&mut schema, "type", "object");
    if !fields.is_empty() {
        let keys = |only: fn(&ParamSpec) -> bool| -> Value {
            fields.iter().filter(|field| only(field)).map(|field| field.key.as_str()).collect()
        };
        put(&mut schema, "required", keys(|field| field.required));
        put(&mut schema, "x-order-properties", keys(|_| true));
        let properties = fields.iter().map(|field| (field.key.clone(), of_param(field)));
        put(&mut schema, "properties", properties.collect::<Map<_, _>>());
    }
    schema
}

/// Says it, unless there is nothing to say.
fn put(schema: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() {
        schema.insert(key.to_owned(), value);
    }
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
    if desk.faults.strikes(Fault::QuoteDiffers) {
        return Ok((question.model_id, price + Usd::from_micros(price.micros() / 10)));
    }
    Ok((question.model_id, price))
}
