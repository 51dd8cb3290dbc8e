//! One value against the declaration of its parameter, down to what a list's objects hold.

use serde_json::{Map, Value};

use super::Fault;
use super::nearest::nearest;
use super::param::{ItemKind, ParamKind, ParamSpec};
use crate::domain::Pixels;

/// So many values fit a hint; of more, the first are named.
const NAMED: usize = 16;

/// Everything that is wrong with this value of this parameter.
pub(super) fn value_faults(param: &ParamSpec, value: &Value) -> Vec<Fault> {
    at(&param.key, param, value)
}

/// The same for a parameter that is part of another: `multi_prompt[0].duration`.
fn at(field: &str, param: &ParamSpec, value: &Value) -> Vec<Fault> {
    let wrong =
        |what: &str| Fault::new(field, format!("{field} must be {what}, not {}", shown(value)));
    let fault = match &param.kind {
        ParamKind::Text { max_chars } => match value.as_str() {
            None => Some(wrong("text")),
            Some(text) => text_fault(field, param.required, text, *max_chars),
        },
        ParamKind::Integer { min, max, step } => match value.as_i64() {
            None => Some(wrong("a whole number")),
            Some(number) => {
                outside(field, value, &number, min.as_ref(), max.as_ref()).or_else(|| {
                    let start = min.unwrap_or(0);
                    let step = step.filter(|step| *step > 1 && (number - start) % step != 0)?;
                    Some(wrong(&format!("counted by {step} from {start}")))
                })
            }
        },
        ParamKind::Number { min, max, .. } => match value.as_f64() {
            None => Some(wrong("a number")),
            Some(number) => outside(field, value, &number, min.as_ref(), max.as_ref()),
        },
        ParamKind::Switch => (!value.is_boolean()).then(|| wrong("true or false")),
        ParamKind::Choice { of } => (!of.contains(value)).then(|| {
            let hint = choice_hint(field, of, value);
            wrong("one of its values").hint(hint)
        }),
        ParamKind::Size { min, max } => match value.as_str().and_then(|it| it.parse().ok()) {
            None => Some(wrong("a size like 1280*720")),
            Some(Pixels { width, height }) => {
                let outside = |side: u32| {
                    let side = i64::from(side);
                    min.is_some_and(|min| side < min) || max.is_some_and(|max| side > max)
                };
                let limits = || format!("each side {}", range(min.as_ref(), max.as_ref()));
                (outside(width) || outside(height)).then(|| out_of_range(field, value, &limits()))
            }
        },
        ParamKind::List { item, min_items, max_items } => {
            return list_faults(field, param, *item, value, (*min_items, *max_items));
        }
        ParamKind::Object => match value.as_object() {
            None => Some(wrong("a JSON object")),
            Some(object) => return object_faults(field, &param.fields, object),
        },
    };
    fault.into_iter().collect()
}

fn list_faults(
    field: &str,
    param: &ParamSpec,
    item: ItemKind,
    value: &Value,
    (least, most): (Option<usize>, Option<usize>),
) -> Vec<Fault> {
    let wrong = |what: &str| {
        let message = format!("{field} must be {what}, not {}", shown(value));
        vec![Fault::new(field, message).hint(list_hint(field, &param.fields, item))]
    };
    let Some(items) = value.as_array() else { return wrong("a list") };
    if items.iter().any(|value| !item.fits(value)) {
        return wrong(&format!("a list of {}", item.words()));
    }
    let mut faults = Vec::new();
    if items.len() < least.unwrap_or(0) || items.len() > most.unwrap_or(usize::MAX) {
        let limits = range(least.as_ref(), most.as_ref());
        let message = format!("{field} has {} entries; it takes {limits}", items.len());
        faults.push(Fault::new(field, message));
    }
    for (index, object) in items.iter().enumerate().filter_map(|(i, it)| Some((i, it.as_object()?)))
    {
        faults.extend(object_faults(&format!("{field}[{index}]"), &param.fields, object));
    }
    faults
}

/// How a list is written: `multi_prompt can be a JSON list like [{"prompt": …, "duration": …}]`.
fn list_hint(field: &str, fields: &[ParamSpec], item: ItemKind) -> String {
    let keys: Vec<String> = fields.iter().map(|param| format!("\"{}\": …", param.key)).collect();
    let one = match item {
        ItemKind::Object => format!("{{{}}}", keys.join(", ")),
        ItemKind::Text => "\"…\"".to_owned(),
        ItemKind::Integer | ItemKind::Number => "1".to_owned(),
    };
    format!("{field} can be a JSON list like [{one}]")
}

/// No declared fields: anything goes.
fn object_faults(field: &str, fields: &[ParamSpec], object: &Map<String, Value>) -> Vec<Fault> {
    if fields.is_empty() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for param in fields {
        let path = format!("{field}.{}", param.key);
        match object.get(&param.key) {
            Some(value) => faults.extend(at(&path, param, value)),
            None if param.required => {
                faults.push(Fault::new(&path, format!("{path} is missing")));
            }
            None => {}
        }
    }
    let keys = || fields.iter().map(|param| param.key.as_str());
    for key in object.keys().filter(|key| keys().all(|known| known != key.as_str())) {
        let path = format!("{field}.{key}");
        let hint = match nearest(key, keys()) {
            Some(right) => format!("did you mean {right}?"),
            None => format!("it has {}", keys().collect::<Vec<_>>().join(", ")),
        };
        faults.push(Fault::new(&path, format!("{field} has no {key}")).hint(hint));
    }
    faults
}

fn text_fault(field: &str, required: bool, text: &str, max_chars: Option<usize>) -> Option<Fault> {
    if required && text.trim().is_empty() {
        return Some(Fault::new(field, format!("{field} is blank")));
    }
    let length = text.chars().count();
    max_chars.filter(|most| length > *most).map(|most| {
        let over = length - most;
        Fault::new(field, format!("{field} is {length} characters long; {most} are allowed"))
            .hint(format!("take out {over}"))
    })
}

impl ParamKind {
    /// Every value there is, in words: `5, 10`, `whole, 3 to 15`.
    pub fn words(&self) -> String {
        match self {
            Self::Text { max_chars: None } => "text".to_owned(),
            Self::Text { max_chars: Some(most) } => format!("text, at most {most} characters"),
            Self::Integer { min, max, step } => {
                let step = step.map(|step| format!(" by {step}")).unwrap_or_default();
                format!("whole, {}{step}", range(min.as_ref(), max.as_ref()))
            }
            Self::Number { min, max, step } => {
                let step = step.map(|step| format!(" by {step}")).unwrap_or_default();
                format!("{}{step}", range(min.as_ref(), max.as_ref()))
            }
            Self::Switch => "true or false".to_owned(),
            Self::Choice { of } => listed(of),
            Self::Size { min, max } => {
                format!("a size, each side {}", range(min.as_ref(), max.as_ref()))
            }
            Self::List { item, min_items, max_items } => {
                let count = range(min_items.as_ref(), max_items.as_ref());
                format!("a list of {}, {count}", item.words())
            }
            Self::Object => "a JSON object".to_owned(),
        }
    }
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
    Some(listed(of))
}

fn listed(of: &[Value]) -> String {
    let values: Vec<String> = of.iter().take(NAMED).map(plain).collect();
    let values = values.join(", ");
    if of.len() > NAMED { format!("{values} … ({} values)", of.len()) } else { values }
}

/// Which values there are, or which of very many may have been meant.
pub(super) fn choice_hint(field: &str, of: &[Value], given: &Value) -> String {
    let texts: Vec<String> = of.iter().map(plain).collect();
    let meant = nearest(&plain(given), texts.iter().map(String::as_str));
    match meant.filter(|_| of.len() > NAMED) {
        Some(meant) => format!("did you mean {meant}? {field} can be one of {} values", of.len()),
        None => format!("{field} can be {}", listed(of)),
    }
}

/// A value as a person types it: text without quotes.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn outside<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: &Value,
    number: &T,
    min: Option<&T>,
    max: Option<&T>,
) -> Option<Fault> {
    let is_outside = min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max);
    is_outside.then(|| out_of_range(field, value, &range(min, max)))
}

fn out_of_range(field: &str, value: &Value, limits: &str) -> Fault {
    Fault::new(field, format!("{field} is {}; it takes {limits}", plain(value)))
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

pub(super) fn shortened(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
