//! A brief's parameters and inputs against the model's declaration: every fault at once, each with its field.

use serde_json::Value;

use super::conditions::{Condition, Then, is_empty};
use super::input::{InputKind, InputSpec};
use super::nearest::{distance, nearest};
use super::spec::ModelSpec;
use super::value::{allowed, plain, shortened, value_faults};
use crate::domain::brief::Source;
use crate::domain::{Inputs, Params};

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The parameter or input, as it was written; `multi_prompt[0].duration` for what is in a list.
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
        faults.extend(input_faults(spec, input, given.get(&input.key), inputs));
    }
    for param in &spec.params {
        match given.get(&param.key).or(param.default.as_ref()) {
            Some(value) => faults.extend(value_faults(param, value)),
            None if param.required => {
                let missing = Fault::new(&param.key, format!("{} is missing", param.key));
                let values = allowed(param);
                faults.push(match values {
                    Some(values) => missing.hint(format!("{} can be {values}", param.key)),
                    None => missing,
                });
            }
            None => {}
        }
    }
    for condition in &spec.conditions {
        faults.extend(condition_fault(spec, condition, given, inputs));
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
const SAME_MEANING: [&[&str]; 8] = [
    &["size", "resolution", "target_resolution", "aspect_ratio"],
    &["aspect_ratio", "resolution_ratio", "size"],
    &["last_image", "end_image"],
    &["generate_audio", "sound", "enable_audio", "generate_audio_switch", "bgm"],
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

/// Whether a condition holds with these parameters and inputs.
pub(super) fn holds(
    spec: &ModelSpec,
    condition: &Condition,
    given: &Params,
    inputs: &Inputs,
) -> bool {
    let has_file = |key: &str| inputs.iter().any(|(of, _)| of == key);
    let value = |key: &str| {
        given.get(key).or_else(|| spec.param(key).and_then(|param| param.default.as_ref()))
    };
    condition.when.iter().all(|(key, wanted)| wanted.holds(value(key), has_file(key)))
}

/// What a condition finds wrong, where it holds.
fn condition_fault(
    spec: &ModelSpec,
    condition: &Condition,
    given: &Params,
    inputs: &Inputs,
) -> Option<Fault> {
    if !holds(spec, condition, given, inputs) {
        return None;
    }
    let files = |key: &str| inputs.iter().filter(|(of, _)| of == key).count();
    let value = |key: &str| {
        given.get(key).or_else(|| spec.param(key).and_then(|param| param.default.as_ref()))
    };
    let (key, when) = (&condition.key, condition.words());
    let there = value(key).filter(|value| !is_empty(value));
    let count = files(key)
        + match there {
            Some(Value::Array(several)) => several.len(),
            Some(_) => 1,
            None => 0,
        };
    match &condition.then {
        Then::OneOf(of) => {
            let value = there.filter(|value| !of.contains(value))?;
            let of: Vec<String> = of.iter().map(plain).collect();
            let hint = format!("{when}, {key} can be {}", of.join(", "));
            Some(Fault::new(key, format!("{key} cannot be {} {when}", plain(value))).hint(hint))
        }
        Then::AtMost(most) if count > *most => {
            Some(Fault::new(key, format!("{key} takes {most} {when}, {count} were given")))
        }
        Then::Needed if count == 0 => {
            Some(Fault::new(key, format!("{key} is missing: it is needed {when}")))
        }
        Then::Never if count > 0 => {
            Some(Fault::new(key, format!("{key} cannot be given {when}")).hint("give one of them"))
        }
        Then::AtMost(_) | Then::Needed | Then::Never => None,
    }
}

fn input_faults(
    spec: &ModelSpec,
    input: &InputSpec,
    param: Option<&Value>,
    inputs: &Inputs,
) -> Vec<Fault> {
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
        // A model's name may promise another thing than it does: the hint says what it works from.
        let (name, words, option) = (&spec.name, input.kind.words(), option(input));
        let hint = format!("{name} works from {words}: give one with {option}FILE or URL");
        faults.push(fault(format!("{key} is missing")).hint(hint));
    }
    if given > 0 && given < input.at_least {
        faults.push(fault(format!("{key} needs {}, {given} were given", input.at_least)));
    }
    if given > input.how_many {
        faults.push(fault(format!("{key} takes {}, {given} were given", input.how_many)));
    }
    if addresses.iter().any(|one| !one.is_string()) {
        faults.push(fault(format!("{key} must be an address")));
    }
    let files = files.filter_map(|(_, source)| match source {
        Source::Url(url) => Some(url.as_str()),
        Source::File(_) | Source::Asset(_) | Source::Awaited => None,
    });
    let texts = addresses.iter().filter_map(|one| one.as_str()).filter(|text| !text.is_empty());
    faults.extend(files.chain(texts).filter(|text| !is_address(text)).map(|text| {
        fault(format!("{key} is no http or https address: {}", shortened(text)))
            .hint(format!("a file is given with {}FILE", option(input)))
    }));
    faults
}

/// How it is given on the command line, without what is given.
fn option(input: &InputSpec) -> String {
    match input.kind {
        InputKind::File => format!("-p {}=@", input.key),
        kind => format!("--{} ", kind.as_str()),
    }
}

/// What the provider fetches or unpacks; anything else it would bill and make nothing of.
fn is_address(text: &str) -> bool {
    ["http://", "https://", "data:"].iter().any(|scheme| text.starts_with(scheme))
}
