//! A shape, a size, a length as near as a model makes it.

use serde_json::Value;

use super::param::{ParamKind, ParamSpec};
use super::spec::ModelSpec;
use crate::domain::Params;

/// Shapes that differ by less than a fiftieth are the same: 832*480 is called 16:9.
const SAME_SHAPE: f64 = 0.1;

/// What to set so that a film has this shape; of several sizes, the one nearest to the size of now.
pub(super) fn aspect(spec: &ModelSpec, params: &Params, wanted: &str) -> Option<(String, Value)> {
    let named = spec.param("aspect_ratio").filter(|param| offers(param, wanted));
    if let Some(param) = named {
        return Some((param.key.clone(), wanted.into()));
    }
    let shape = shape(wanted, ':')?;
    let size = spec.param("size")?;
    let area =
        now(size, params).and_then(|text| pixels(&text)).map_or(1280.0 * 720.0, |(w, h)| w * h);
    let sizes = sizes(size)
        .into_iter()
        .filter(|(_, (width, height))| (width / height / shape).ln().abs() < SAME_SHAPE);
    let far = |(width, height): (f64, f64)| (width * height / area).ln().abs();
    let best = sizes.min_by(|(_, one), (_, other)| far(*one).total_cmp(&far(*other)));
    if let Some((text, _)) = best {
        return Some((size.key.clone(), text.into()));
    }
    let ParamKind::Size { min, max } = size.kind else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "a side of a film, checked below")]
    let even = |side: f64| (side / 16.0).round() as i64 * 16;
    let (width, height) = (even((area * shape).sqrt()), even((area / shape).sqrt()));
    let fits = |side: i64| min.is_none_or(|min| side >= min) && max.is_none_or(|max| side <= max);
    (width > 0 && height > 0 && fits(width) && fits(height))
        .then(|| (size.key.clone(), format!("{width}*{height}").into()))
}

/// What to set for so many lines: the resolution of that name, or the size of the shape of now.
pub(super) fn resolution(
    spec: &ModelSpec,
    params: &Params,
    wanted: &str,
) -> Option<(String, Value)> {
    if let Some(param) = spec.param("resolution").filter(|param| offers(param, wanted)) {
        return Some((param.key.clone(), wanted.into()));
    }
    let lines: f64 = wanted.strip_suffix('p')?.parse().ok()?;
    let size = spec.param("size")?;
    let (width, height) = now(size, params).and_then(|text| pixels(&text))?;
    let alike = sizes(size).into_iter().filter(|(_, (w, h))| {
        (w / h / (width / height)).ln().abs() < SAME_SHAPE && (w.min(*h) / lines).ln().abs() < 0.2
    });
    let far = |(width, height): (f64, f64)| (width.min(height) / lines).ln().abs();
    let best = alike.min_by(|(_, one), (_, other)| far(*one).total_cmp(&far(*other)));
    best.map(|(text, _)| (size.key.clone(), text.into()))
}

/// What to set for so many seconds, or the length nearest to it.
pub(super) fn duration(spec: &ModelSpec, seconds: u32) -> Option<(String, Value)> {
    let param = spec.param("duration")?;
    let wanted = i64::from(seconds);
    let value = match &param.kind {
        ParamKind::Choice { of } => {
            let far = |value: &&Value| {
                let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
                number.map_or(i64::MAX, |number: i64| (number - wanted).abs())
            };
            of.iter().min_by_key(far)?.clone()
        }
        ParamKind::Integer { min, max, .. } => {
            wanted.clamp(min.unwrap_or(1), max.unwrap_or(i64::MAX)).into()
        }
        ParamKind::Number { .. } => f64::from(seconds).into(),
        _ => return None,
    };
    Some((param.key.clone(), value))
}

fn offers(param: &ParamSpec, wanted: &str) -> bool {
    match &param.kind {
        ParamKind::Choice { of } => of.iter().any(|value| value.as_str() == Some(wanted)),
        ParamKind::Text { .. } => {
            param.suggested.iter().any(|value| value.as_str() == Some(wanted))
        }
        _ => false,
    }
}

fn now(param: &ParamSpec, params: &Params) -> Option<String> {
    let value = params.get(&param.key).or(param.default.as_ref())?;
    value.as_str().map(str::to_owned)
}

/// The sizes on offer, with their sides.
fn sizes(param: &ParamSpec) -> Vec<(String, (f64, f64))> {
    let of = match &param.kind {
        ParamKind::Choice { of } => of,
        _ => &param.suggested,
    };
    let texts = of.iter().filter_map(Value::as_str);
    texts.filter_map(|text| Some((text.to_owned(), pixels(text)?))).collect()
}

fn pixels(text: &str) -> Option<(f64, f64)> {
    let (width, height) = text.split_once(['*', 'x'])?;
    Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
}

fn shape(text: &str, between: char) -> Option<f64> {
    let (width, height) = text.split_once(between)?;
    let (width, height): (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
    (width > 0.0 && height > 0.0).then(|| width / height)
}
