//! `KEY=VALUE` of a command line, read by the parameter's declared type.

use serde_json::Value;

use super::check::{Fault, undeclared};
use super::param::{ParamKind, ParamSpec};
use super::spec::ModelSpec;
use super::value::{choice_hint, plain};

/// See [`ModelSpec::parse_param`].
pub(super) fn param(spec: &ModelSpec, key: &str, text: &str) -> Result<Value, Fault> {
    if let Some(param) = spec.param(key) {
        return value(param, text);
    }
    match spec.input(key) {
        // `video=` is an empty text, which a price rule may tell from an absent one.
        Some(input) if !input.is_list || text.is_empty() => Ok(Value::from(text)),
        Some(_) if text.trim_start().starts_with('[') => json(key, text, "a JSON list"),
        Some(_) => Ok(Value::from(vec![text])),
        None => Err(undeclared(spec, key)),
    }
}

/// See [`ParamSpec::parse`].
pub(super) fn value(param: &ParamSpec, text: &str) -> Result<Value, Fault> {
    let key = &param.key;
    let wrong = |what: &str| {
        let given = if text.is_empty() { "empty".to_owned() } else { format!("{text:?}") };
        Fault::new(key, format!("{key} must be {what}, not {given}"))
    };
    match &param.kind {
        ParamKind::Text { .. } | ParamKind::Size { .. } => Ok(Value::from(text)),
        ParamKind::Integer { .. } => {
            text.trim().parse::<i64>().map(Value::from).ok().ok_or_else(|| wrong("a whole number"))
        }
        ParamKind::Number { .. } => {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            // A whole number stays one: `5` is sent as 5, not as 5.0.
            let whole = text.trim().parse::<i64>().ok().map(Value::from);
            whole.or(number.map(Value::from)).ok_or_else(|| wrong("a number"))
        }
        ParamKind::Switch => match text.trim().to_lowercase().as_str() {
            "true" | "on" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "off" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(wrong("true or false")),
        },
        ParamKind::Choice { of } => {
            let one_of_them = of.iter().find(|value| plain(value) == text.trim()).cloned();
            // A number among numbers has a meaning, and a price, even where it is not allowed.
            let number = || text.trim().parse::<i64>().ok().map(Value::from);
            let number = || number().filter(|_| of.iter().all(Value::is_number));
            one_of_them.or_else(number).ok_or_else(|| {
                wrong("one of its values").hint(choice_hint(key, of, &Value::from(text.trim())))
            })
        }
        ParamKind::List { .. } => json(key, text, "a JSON list").and_then(|value: Value| {
            if value.is_array() { Ok(value) } else { Err(wrong("a JSON list")) }
        }),
        ParamKind::Object => json(key, text, "a JSON object").and_then(|value: Value| {
            if value.is_object() { Ok(value) } else { Err(wrong("a JSON object")) }
        }),
    }
}

fn json(key: &str, text: &str, what: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|error| {
        Fault::new(key, format!("{key} must be {what}: {error}"))
            .hint("quote it for the shell: -p 'list=[\"one\", \"two\"]'")
    })
}
