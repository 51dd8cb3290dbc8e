//! A model in a few words: its columns in the list.

use serde_json::Value;

use super::super::look::Look;
use super::price::{self, Cost};
use crate::catalog::{ModelSpec, Origin, ParamKind, ParamSpec, plain};
use crate::domain::text::printable;
use crate::domain::{Pixels, ProviderId};

/// A value as a person types it, safe to print.
pub fn typed(value: &Value) -> String {
    printable(&plain(value))
}

/// What it costs: a second where it goes by time, else a run.
pub fn price(look: &Look, cost: Option<&Cost>) -> String {
    let Some(cost) = cost else { return String::new() };
    let text = match (&cost.rate, &cost.run) {
        (Some(rate), _) => {
            let sign = if rate.floor {
                "≥ "
            } else if rate.about {
                "≈ "
            } else {
                ""
            };
            format!("{sign}{}/s", rate.amount)
        }
        (None, Some(run)) => run.to_string(),
        (None, None) => "price unknown".to_owned(),
    };
    in_letters(look, text)
}

/// Signs that a plain terminal has not, spelled in those it has.
pub fn in_letters(look: &Look, text: String) -> String {
    if look.ascii {
        text.replace('≥', ">=").replace('≈', "~").replace('×', "x").replace('…', "...")
    } else {
        text
    }
}

/// How long its videos can be: `5 10 s`, `3-15 s`; nothing where no setting says it.
pub fn lengths(spec: &ModelSpec) -> String {
    let Some(param) = price::length(spec).and_then(|key| spec.param(key)) else {
        return String::new();
    };
    match &param.kind {
        ParamKind::Choice { of } => {
            let mut of: Vec<_> = of.iter().map(typed).collect();
            of.sort_by_key(|length| length.parse::<u32>().unwrap_or(u32::MAX));
            match &of[..] {
                [] => String::new(),
                [first, .., last] if of.len() > 3 => format!("{first}-{last} s"),
                of => format!("{} s", of.join(" ")),
            }
        }
        ParamKind::Integer { min: Some(min), max: Some(max), .. } => format!("{min}-{max} s"),
        _ => String::new(),
    }
}

/// Its sizes, each by its shorter side: `480p 720p 1080p`.
pub fn sizes(spec: &ModelSpec) -> String {
    let named = |key: &str| spec.param(key);
    let param =
        named("resolution").or_else(|| named("target_resolution")).or_else(|| named("size"));
    let Some(ParamSpec { kind: ParamKind::Choice { of }, .. }) = param else {
        return String::new();
    };
    let mut sizes: Vec<String> = Vec::new();
    for size in of.iter().map(size) {
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    match &sizes[..] {
        [first, .., last] if sizes.len() > 3 => format!("{first}-{last}"),
        sizes => sizes.join(" "),
    }
}

/// A size by its shorter side, `720p`; any other value as it is.
pub fn size(value: &Value) -> String {
    let text = typed(value);
    match text.parse::<Pixels>() {
        Ok(Pixels { width, height }) => format!("{}p", width.min(height)),
        Err(_) => text,
    }
}

/// Where its declaration comes from, in a word; nothing where it is built in.
pub fn mark(spec: &ModelSpec) -> &'static str {
    match spec.origin {
        Origin::BuiltIn => "",
        Origin::Listed => "listed",
        Origin::User => "yours",
    }
}

/// Where its declaration comes from, and of which day it is.
pub fn origin(spec: &ModelSpec) -> String {
    match spec.origin {
        Origin::BuiltIn => format!("built in, checked {}", spec.checked),
        Origin::Listed => format!("the provider's list of {}", spec.checked),
        Origin::User => format!("your own file, checked {}", spec.checked),
    }
}

/// Who runs it, the sandbox last.
pub fn providers(spec: &ModelSpec) -> String {
    let mut providers = spec.providers.clone();
    providers.sort_by_key(|provider| provider.is_simulated());
    providers.iter().map(|provider| provider.as_str()).collect::<Vec<_>>().join(", ")
}

/// Why it cannot be chosen here; `None` where it can.
pub fn why_not(spec: &ModelSpec, provider: ProviderId) -> Option<String> {
    match spec.availability() {
        Err(reason) => Some(printable(reason)),
        Ok(()) if spec.is_at_hand(provider) => None,
        Ok(()) => Some(format!("not on {provider}: {} runs it", providers(spec))),
    }
}

/// Its name, safe to print.
pub fn name(spec: &ModelSpec) -> String {
    printable(&spec.name)
}
