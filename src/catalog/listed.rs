//! The provider's own list of models, `GET /api/v3/models`, as the same declarations that files give.

use std::time::Duration;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::formula::Formula;
use super::price::{Price, PriceList};
use super::ratio::Ratio;
use super::schema::{self, Form};
use super::spec::{ModelSpec, Origin};
use super::{InputKind, InputSpec};
use crate::domain::{MediaKind, ModelId, Operation, ProviderId};

/// What a list gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The models that can be used, in the provider's order.
    pub models: Vec<ModelSpec>,
    /// The others, by name, each with its reason.
    pub unusable: Vec<(String, String)>,
}

/// An answer that is no list of models.
#[derive(Debug, thiserror::Error)]
pub enum NotAListing {
    /// It is not JSON.
    #[error("reading the list of models")]
    Unreadable(#[from] serde_json::Error),
    /// It is JSON, but not a list, nor an answer that holds one.
    #[error("the answer holds no list of models")]
    NoList,
}

#[derive(Deserialize)]
struct Entry {
    model_id: String,
    #[serde(default)]
    base_price: Option<serde_json::Number>,
    #[serde(default)]
    formula: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    api_schema: Value,
}

impl Listing {
    /// Reads the body of the answer, its envelope around it or not. One entry that cannot be used does
    /// not spoil the others. `fetched` is the day on which the provider was asked.
    pub fn read(body: &str, fetched: Date) -> Result<Self, NotAListing> {
        Self::of(serde_json::from_str(body)?, fetched)
    }

    /// The same of an answer that is read already.
    pub fn of(answer: Value, fetched: Date) -> Result<Self, NotAListing> {
        let entries = match answer {
            Value::Array(entries) => entries,
            Value::Object(mut envelope) => match envelope.remove("data") {
                Some(Value::Array(entries)) => entries,
                _ => return Err(NotAListing::NoList),
            },
            _ => return Err(NotAListing::NoList),
        };
        let mut listing = Self { models: Vec::with_capacity(entries.len()), unusable: Vec::new() };
        for entry in entries {
            let name = entry.get("model_id").and_then(Value::as_str).unwrap_or("?").to_owned();
            match read_entry(entry, fetched) {
                Ok(spec) => listing.models.push(spec),
                Err(why) => listing.unusable.push((name, why)),
            }
        }
        Ok(listing)
    }
}

fn read_entry(entry: Value, fetched: Date) -> Result<ModelSpec, String> {
    let entry: Entry = serde_json::from_value(entry).map_err(|error| error.to_string())?;
    let id = entry.model_id.trim();
    if id.is_empty() {
        return Err("it has no id".to_owned());
    }
    let schemas = entry.api_schema.get("api_schemas").and_then(Value::as_array);
    let mut schemas = schemas.into_iter().flatten();
    let is_run = |it: &&Value| it.get("type").and_then(Value::as_str) == Some("model_run");
    let request = schemas.clone().find(is_run).or_else(|| schemas.next());
    let request = request.and_then(|schema| schema.get("request_schema"));
    let form = request.and_then(schema::form).ok_or("it has no schema")?;
    let kind = entry.kind.as_deref().unwrap_or_default();
    let output = output(id, kind, &form.inputs);
    Ok(ModelSpec {
        id: ModelId::new(id),
        name: id.to_owned(),
        providers: providers(output),
        operation: operation(id, kind, output, &form),
        about: about(entry.description.as_deref().unwrap_or_default()),
        origin: Origin::Listed,
        aliases: Vec::new(),
        source: "WaveSpeed, GET /api/v3/models".to_owned(),
        checked: fetched,
        is_default: false,
        available: true,
        reason: None,
        patience: Duration::from_secs(super::file::PATIENCE_S),
        output,
        price: price(entry.formula.as_deref(), entry.base_price.as_ref(), fetched),
        params: form.params,
        inputs: form.inputs,
        conditions: form.conditions,
    })
}

/// The sandbox makes something up for whatever ends in a file that it can make.
fn providers(output: MediaKind) -> Vec<ProviderId> {
    match output {
        MediaKind::Other => vec![ProviderId::Wavespeed],
        _ => vec![ProviderId::Wavespeed, ProviderId::Sandbox],
    }
}

/// No formula means the base price for each run.
fn price(formula: Option<&str>, base: Option<&serde_json::Number>, day: Date) -> Option<Price> {
    let base = base.and_then(dollars).unwrap_or(Ratio::ZERO);
    match formula.map(str::trim).filter(|formula| !formula.is_empty()) {
        Some(formula) => Some(Price::Formula(Formula::new(formula, base, day))),
        None if base > Ratio::ZERO => Some(Price::Rules(Box::new(PriceList::flat(base)))),
        None => None,
    }
}

/// By the number's own decimal text; `1e-5`, which no price of March 2026 is, by six decimals.
fn dollars(number: &serde_json::Number) -> Option<Ratio> {
    let exact = number.to_string().parse().ok();
    exact.or_else(|| format!("{:.6}", number.as_f64()?).parse().ok())
}

/// Without what the provider says of itself at the end of most descriptions.
fn about(description: &str) -> String {
    let end = description.find(" Ready-to-use").unwrap_or(description.len());
    description[..end].trim().to_owned()
}

fn takes(inputs: &[InputSpec], kind: InputKind) -> bool {
    inputs.iter().any(|input| input.kind == kind)
}

/// What comes out. Tools of one type work on pictures and on videos: what they take decides.
fn output(id: &str, kind: &str, inputs: &[InputSpec]) -> MediaKind {
    match kind {
        "lora-support" => match with_weights(id, inputs) {
            Operation::Image => MediaKind::Image,
            _ => MediaKind::Video,
        },
        "text-to-video" | "image-to-video" | "video-to-video" | "video-extend"
        | "video-effects" | "digital-human" | "motion-control" | "video-dubbing" => {
            MediaKind::Video
        }
        "upscaler" | "ai-remover" | "portrait-transfer" => {
            if takes(inputs, InputKind::Video) {
                MediaKind::Video
            } else {
                MediaKind::Image
            }
        }
        "text-to-image" | "image-to-image" | "image-effects" => MediaKind::Image,
        "text-to-audio" | "audio-to-audio" => MediaKind::Audio,
        _ => MediaKind::Other,
    }
}

fn operation(id: &str, kind: &str, output: MediaKind, form: &Form) -> Operation {
    let named = |word: &str| id.contains(word);
    match kind {
        _ if named("reference-to-video") => Operation::ReferenceToVideo,
        "text-to-video" => Operation::TextToVideo,
        "image-to-video" | "video-effects" => Operation::ImageToVideo,
        "motion-control" => Operation::ReferenceToVideo,
        "digital-human" => Operation::TalkingAvatar,
        "video-extend" => Operation::Extend,
        "video-dubbing" if named("dubbing") => Operation::Translate,
        "video-to-video" if named("translate") => Operation::Translate,
        "video-to-video" => Operation::Retake,
        "text-to-audio" if named("speech") || named("tts") || named("voice") => Operation::Speech,
        "text-to-audio" if form.params.iter().any(|it| it.key == "text") => Operation::Speech,
        "text-to-audio" | "video-dubbing" | "audio-to-audio" => Operation::Sound,
        "lora-support" => with_weights(id, &form.inputs),
        _ if output == MediaKind::Image => Operation::Image,
        "upscaler" => Operation::Enhance,
        "portrait-transfer" => Operation::FaceSwap,
        "ai-remover" if named("background") => Operation::Background,
        "ai-remover" => Operation::Retake,
        _ => Operation::Other,
    }
}

/// Models that take extra weights are one type for all operations; their ids say which.
fn with_weights(id: &str, inputs: &[InputSpec]) -> Operation {
    let named = |words: &[&str]| words.iter().any(|word| id.contains(word));
    match () {
        () if named(&["video-extend"]) => Operation::Extend,
        () if named(&["t2v", "text-to-video"]) => Operation::TextToVideo,
        () if named(&["i2v", "image-to-video"]) => Operation::ImageToVideo,
        () if named(&["v2v", "video-to-video"]) => Operation::Retake,
        () if takes(inputs, InputKind::Video) => Operation::Other,
        () => Operation::Image,
    }
}

#[cfg(test)]
#[path = "listed_tests.rs"]
mod tests;
