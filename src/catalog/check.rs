//! A brief's parameters and inputs against the model's declaration: every fault at once, each with its field.

use serde_json::Value;

use super::nearest::{distance, nearest};
use super::spec::{InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use crate::domain::brief::Source;
use crate::domain::{Inputs, Params, Pixels};

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The parameter or input, as it was written.
    pub field: String,
    /// What is wrong, naming the field.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// See [`ModelSpec::faults`].
pub(super) fn faults(spec: &ModelSpec, given: &Params, inputs: &Inputs) -> Vec<Fault> {
    let mut faults = Vec::new();
    for input in &spec.inputs {
        faults.extend(input_faults(input, given.get(&input.key), inputs));
    }
    for param in &spec.params {
        match given.get(&param.key).or(param.default.as_ref()) {
            Some(value) => faults.extend(value_fault(param, value)),
            None if param.required => {
                faults.push(Fault::new(&param.key, format!("{} is missing", param.key)));
            }
            None => {}
        }
    }
    let declared: Vec<&str> = spec.keys().collect();
    let unknown = given.keys().filter(|key| !declared.contains(&key.as_str()));
    faults.extend(unknown.map(|key| undeclared(spec, key)));
    let mut told: Vec<&str> = Vec::new();
    for (key, _) in inputs {
        if spec.input(key).is_none() && !told.contains(&key.as_str()) {
            told.push(key);
            faults.push(undeclared_input(spec, key));
        }
    }
    faults
}

/// Names that mean the same thing on other models: the provider drops what it does not know and bills the
/// defaults, so the right name is worth a hint even where no letter is alike.
const SAME_MEANING: [&[&str]; 7] = [
    &["size", "resolution", "target_resolution", "aspect_ratio"],
    &["last_image", "end_image"],
    &["generate_audio", "sound", "enable_audio", "bgm"],
    &["images", "reference_images", "reference_urls", "image", "image_url"],
    &["duration", "seconds", "length", "num_frames"],
    &["prompt", "text"],
    &["cfg_scale", "guidance_scale"],
];

/// The fault of a key that the model does not have.
pub(super) fn undeclared(spec: &ModelSpec, key: &str) -> Fault {
    let fault = Fault::new(key, format!("{} has no parameter {key}", spec.name));
    let alike = SAME_MEANING
        .iter()
        .filter(|group| group.contains(&key))
        .flat_map(|group| group.iter())
        .find_map(|name| spec.keys().find(|declared| declared == name));
    let close = nearest(key, spec.keys()).filter(|near| distance(near, key) <= 2);
    if let Some(right) = close.or(alike).or_else(|| nearest(key, spec.keys())) {
        let allowed = spec.param(right).and_then(allowed);
        let allowed = allowed.map(|values| format!(" ({values})")).unwrap_or_default();
        return fault.hint(format!("did you mean {right}{allowed}?"));
    }
    let known: Vec<&str> = spec.keys().collect();
    fault.hint(format!("it has {}", known.join(", ")))
}

fn undeclared_input(spec: &ModelSpec, key: &str) -> Fault {
    let fault = Fault::new(key, format!("{} takes no {key}", spec.name));
    let inputs: Vec<&str> = spec.inputs.iter().map(|input| input.key.as_str()).collect();
    if inputs.is_empty() {
        return fault.hint("this model works from parameters alone");
    }
    fault.hint(format!("it takes {}", inputs.join(", ")))
}

fn input_faults(input: &InputSpec, param: Option<&Value>, inputs: &Inputs) -> Vec<Fault> {
    let key = &input.key;
    let fault = |message: String| Fault::new(key, message);
    let files = inputs.iter().filter(|(given, _)| given == key);
    let addresses = match param {
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut faults = Vec::new();
    let given =
        files.clone().count() + addresses.iter().filter(|one| one.as_str() != Some("")).count();
    if given == 0 && input.required {
        let hint = format!("give one with --{} FILE or URL", input.kind.as_str());
        faults.push(fault(format!("{key} is missing")).hint(hint));
    }
    if given > input.how_many {
        faults.push(fault(format!("{key} takes {}, {given} were given", input.how_many)));
    }
    if addresses.iter().any(|one| !one.is_string()) {
        faults.push(fault(format!("{key} must be an address")));
    }
    let wrong = files.filter_map(|(_, source)| match source {
        Source::Url(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            Some(url)
        }
        _ => None,
    });
    faults.extend(wrong.map(|url| {
        fault(format!("{key} is no http or https address: {}", shortened(url)))
            .hint("a file on this machine is given by its path")
    }));
    faults
}

/// What is wrong with this value of this parameter.
pub(super) fn value_fault(param: &ParamSpec, value: &Value) -> Option<Fault> {
    let key = &param.key;
    let wrong = |what: &str| Fault::new(key, format!("{key} must be {what}, not {}", shown(value)));
    match &param.kind {
        ParamKind::Text { max_chars } => match value.as_str() {
            None => Some(wrong("text")),
            Some(text) => text_fault(param, text, *max_chars),
        },
        ParamKind::Integer { min, max, step } => match value.as_i64() {
            None => Some(wrong("a whole number")),
            Some(number)
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) =>
            {
                Some(out_of_range(key, value, &range(min.as_ref(), max.as_ref())))
            }
            Some(number) => step
                .filter(|step| *step > 1 && (number - min.unwrap_or(0)) % step != 0)
                .map(|step| wrong(&format!("counted by {step} from {}", min.unwrap_or(0)))),
        },
        ParamKind::Number { min, max, .. } => match value.as_f64() {
            None => Some(wrong("a number")),
            Some(number)
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) =>
            {
                Some(out_of_range(key, value, &range(min.as_ref(), max.as_ref())))
            }
            Some(_) => None,
        },
        ParamKind::Switch => (!value.is_boolean()).then(|| wrong("true or false")),
        ParamKind::Choice { of } => {
            let listed = allowed(param).unwrap_or_default();
            (!of.contains(value))
                .then(|| wrong("one of its values").hint(format!("{key} can be {listed}")))
        }
        ParamKind::Size { min, max } => {
            let Some(size) = value.as_str().and_then(|text| text.parse::<Pixels>().ok()) else {
                return Some(wrong("a size like 1280*720"));
            };
            let sides = [i64::from(size.width), i64::from(size.height)];
            let outside = |side: &i64| {
                min.is_some_and(|min| *side < min) || max.is_some_and(|max| *side > max)
            };
            let limits = range(min.as_ref(), max.as_ref());
            sides
                .iter()
                .any(outside)
                .then(|| out_of_range(key, value, &format!("each side {limits}")))
        }
        ParamKind::List { item, min_items, max_items } => {
            let Some(items) = value.as_array() else { return Some(wrong("a list")) };
            if items.iter().any(|value| !item.fits(value)) {
                return Some(wrong(&format!("a list of {}", item.words())));
            }
            let (least, most) = (min_items.unwrap_or(0), max_items.unwrap_or(usize::MAX));
            (items.len() < least || items.len() > most).then(|| {
                let limits = range(min_items.as_ref(), max_items.as_ref());
                Fault::new(key, format!("{key} has {} entries; it takes {limits}", items.len()))
            })
        }
        ParamKind::Object => (!value.is_object()).then(|| wrong("a JSON object")),
    }
}

fn text_fault(param: &ParamSpec, text: &str, max_chars: Option<usize>) -> Option<Fault> {
    let key = &param.key;
    if param.required && text.trim().is_empty() {
        return Some(Fault::new(key, format!("{key} is blank")));
    }
    let length = text.chars().count();
    max_chars.filter(|most| length > *most).map(|most| {
        let over = length - most;
        Fault::new(key, format!("{key} is {length} characters long; {most} are allowed"))
            .hint(format!("take out {over}"))
    })
}

impl ItemKind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Integer => value.as_i64().is_some(),
            Self::Number => value.is_number(),
            Self::Object => value.is_object(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "texts",
            Self::Integer => "whole numbers",
            Self::Number => "numbers",
            Self::Object => "JSON objects",
        }
    }
}

/// The values of a choice, as a person types them.
pub(super) fn allowed(param: &ParamSpec) -> Option<String> {
    let ParamKind::Choice { of } = &param.kind else { return None };
    let values: Vec<String> = of.iter().map(plain).collect();
    Some(values.join(", "))
}

/// A value as a person types it: text without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn out_of_range(key: &str, value: &Value, limits: &str) -> Fault {
    Fault::new(key, format!("{key} is {}; it takes {limits}", plain(value)))
}

fn range<T: std::fmt::Display>(min: Option<&T>, max: Option<&T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any".to_owned(),
    }
}

/// A value in a message: a text in quotes, and never all of a long one.
fn shown(value: &Value) -> String {
    shortened(&value.to_string())
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
