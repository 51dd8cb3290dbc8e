//! How the value of a parameter is chosen: what a form cycles through, counts by, and says beside it.

use serde_json::Value;

use crate::catalog::{ParamKind, ParamSpec, plain};
use crate::domain::text::printable;

/// More choices than this are looked for by their letters, not gone through one by one.
pub const MANY: usize = 6;

/// The values that a form can cycle through.
pub fn values(param: &ParamSpec) -> Vec<Value> {
    match &param.kind {
        ParamKind::Choice { of } => of.clone(),
        ParamKind::Switch => vec![Value::Bool(false), Value::Bool(true)],
        _ if !param.suggested.is_empty() => param.suggested.clone(),
        ParamKind::Size { min, max } => sizes(*min, *max),
        _ => vec![],
    }
}

/// The usual sizes within these limits.
fn sizes(min: Option<i64>, max: Option<i64>) -> Vec<Value> {
    const USUAL: [(i64, i64); 7] = [
        (832, 480),
        (480, 832),
        (1280, 720),
        (720, 1280),
        (1024, 1024),
        (1920, 1080),
        (1080, 1920),
    ];
    let fits = |side: i64| min.is_none_or(|min| side >= min) && max.is_none_or(|max| side <= max);
    let fitting = USUAL.into_iter().filter(|(width, height)| fits(*width) && fits(*height));
    fitting.map(|(width, height)| Value::from(format!("{width}*{height}"))).collect()
}

/// The value that is one choice further, or one step; `None` where there is nothing to step through.
pub fn stepped(param: &ParamSpec, now: Option<&Value>, by: i64) -> Option<Value> {
    let choices = values(param);
    match &param.kind {
        ParamKind::Integer { min, max, step } if choices.is_empty() => {
            let start = now.and_then(Value::as_i64);
            let next = match start {
                Some(now) => now.saturating_add(by.saturating_mul(step.unwrap_or(1).max(1))),
                None => min.unwrap_or_default(),
            };
            Some(Value::from(next.min(max.unwrap_or(i64::MAX)).max(min.unwrap_or(i64::MIN))))
        }
        ParamKind::Number { min, max, step } if choices.is_empty() => {
            let low = min.unwrap_or(f64::MIN);
            let by = if by < 0 { -1.0 } else { 1.0 };
            let next = match now.and_then(Value::as_f64) {
                Some(now) => step.unwrap_or(0.1).mul_add(by, now),
                None => low.max(0.0),
            };
            let next = next.min(max.unwrap_or(f64::MAX)).max(low);
            let rounded = (next * 1e6).round() / 1e6;
            Some(Value::from(if rounded.is_finite() { rounded } else { next }))
        }
        _ if choices.is_empty() => None,
        _ => {
            let place = now.and_then(|now| choices.iter().position(|choice| choice == now));
            let next = match place {
                Some(place) => moved(place, by, choices.len()),
                None if by < 0 => choices.len() - 1,
                None => 0,
            };
            choices.into_iter().nth(next)
        }
    }
}

/// A place so many further in a ring.
pub fn moved(at: usize, by: i64, count: usize) -> usize {
    let count = i64::try_from(count).unwrap_or(1).max(1);
    let next = (i64::try_from(at).unwrap_or_default() + by).rem_euclid(count);
    usize::try_from(next).unwrap_or_default()
}

/// A value as a person reads it, safe to print, with its unit.
pub fn worded(param: &ParamSpec, value: &Value) -> String {
    let text = match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        // More than any screen shows: a megabyte of text is not walked through for each frame.
        other => printable(&plain(other).chars().take(400).collect::<String>()),
    };
    match &param.unit {
        Some(unit) => format!("{text} {}", printable(unit)),
        None => text,
    }
}

/// What can be said beside a value that has no choices: `0 to 1, by 0.01`.
pub fn limits(param: &ParamSpec) -> String {
    let range = |min: Option<String>, max: Option<String>, step: Option<String>| {
        let range = match (min, max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("{min} or more"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => return String::new(),
        };
        step.map_or(range.clone(), |step| format!("{range}, by {step}"))
    };
    // Beyond these it is a limit of the machine, not one that a person could meet.
    let text = |number: &Option<i64>| {
        number.filter(|it| it.unsigned_abs() < 1_000_000_000_000).map(|it| it.to_string())
    };
    let real = |number: &Option<f64>| number.filter(|it| it.abs() < 1e12).map(|it| it.to_string());
    match &param.kind {
        ParamKind::Integer { min, max, step } => range(text(min), text(max), text(step)),
        ParamKind::Number { min, max, step } => range(real(min), real(max), real(step)),
        ParamKind::Size { min, max } => range(text(min), text(max), None),
        ParamKind::Text { max_chars: Some(most) } => format!("at most {most} characters"),
        ParamKind::Object => "JSON".to_owned(),
        _ => String::new(),
    }
}
