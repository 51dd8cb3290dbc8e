//! `rushes models`.

mod check;
mod refresh;

use std::fmt::Write;

use serde_json::{Value, json};

use crate::assembly::{Flags, listed};
use crate::catalog::{Catalog, InputSpec, Measured, ModelSpec, Origin, ParamKind, ParamSpec};
use crate::config::{Env, Paths};
use crate::domain::{ModelId, Params, Quote, Usd};
use crate::store::Store;

use super::exit::Exit;
use super::verbs::{Listed, Models};
use super::{json, talk};

/// One verb. To list and to show need no network.
pub(super) async fn run(verb: Models, flags: Flags) -> anyhow::Result<Exit> {
    match verb {
        Models::List(which) => list(&known()?, &which),
        Models::Show { id, json: as_json } => {
            let catalog = known()?;
            let spec = catalog.find(&id)?;
            let quoted = remembered(&spec.id).await;
            if as_json {
                let mut value = in_full(spec);
                value["quoted"] = quoted.as_ref().map(quote_json).into();
                talk::json(&value);
            } else {
                talk::block(&text(spec, quoted.as_ref()));
            }
        }
        Models::Refresh { provider, json } => {
            return refresh::run(json, Flags { provider, ..flags }).await;
        }
        Models::Check { provider, json } => {
            return check::run(json, Flags { provider, ..flags }).await;
        }
    }
    Ok(Exit::Done)
}

/// Every model that is known here. A broken list in the cache is told, and done without.
fn known() -> anyhow::Result<Catalog> {
    let paths = Paths::find(&Env::of_process())?;
    let (catalog, unusable) = listed::catalog(&paths)?;
    super::warn_of(unusable.as_ref());
    Ok(catalog)
}

/// The newest quote that was not what our rule says. A library that is not there, or cannot be read, knows none:
/// to show a model makes nothing.
async fn remembered(id: &ModelId) -> Option<Quote> {
    let file = Paths::find(&Env::of_process()).ok()?.library_db();
    let store = Store::look(&file).await.ok()?;
    store.quote_difference(id).await.ok()?
}

fn quote_json(quote: &Quote) -> Value {
    json!({
        "provider": quote.provider.as_str(),
        "rule": quote.rule.map(Usd::decimal),
        "quote": quote.quote.decimal(),
        "at": quote.at.to_string(),
    })
}

fn list(catalog: &Catalog, which: &Listed) {
    let found: Vec<&ModelSpec> = match &which.search {
        Some(words) => catalog.search(words),
        None => catalog.all().iter().collect(),
    };
    let is_meant = |spec: &&&ModelSpec| {
        which.op.is_none_or(|operation| spec.operation == operation)
            && which.provider.is_none_or(|provider| spec.runs_on(provider))
    };
    let found: Vec<_> = found.iter().filter(is_meant).collect();
    if which.json {
        talk::json(&found.iter().map(|spec| json::model(spec)).collect());
        return;
    }
    if found.is_empty() {
        talk::say("no model fits");
        talk::hint("rushes models list shows every one; rushes models refresh may know more");
    }
    for spec in found {
        let off = spec.reason.as_ref().filter(|_| !spec.available);
        let off = off.map(|reason| format!("  off: {reason}")).unwrap_or_default();
        let origin = match spec.origin {
            Origin::BuiltIn => String::new(),
            Origin::Listed | Origin::User => format!("  {}", origin(spec)),
        };
        talk::data(&format!(
            "{:<56}  {:<20}  {}{origin}{off}",
            spec.id,
            spec.operation.words(),
            price(spec)
        ));
    }
}

/// Where its declaration comes from, for a person.
fn origin(spec: &ModelSpec) -> String {
    match spec.origin {
        Origin::BuiltIn => "built in".to_owned(),
        Origin::Listed => format!("listed {}", spec.checked),
        Origin::User => "yours".to_owned(),
    }
}

/// What it costs at its defaults.
fn price(spec: &ModelSpec) -> String {
    spec.estimate(&spec.defaults(), &Measured::default())
        .map_or_else(|| "price unknown".to_owned(), |estimate| estimate.to_string())
}

/// How the price at the defaults comes about.
fn rule(spec: &ModelSpec) -> Option<String> {
    Some(spec.estimate(&spec.defaults(), &Measured::default())?.finding)
}

/// For every choice and switch that moves the price: what it costs at each of its values.
fn price_by(spec: &ModelSpec) -> Vec<(&str, Vec<(String, String)>)> {
    let at = |key: &str, value: &Value| {
        let given = Params::from_iter([(key.to_owned(), value.clone())]);
        let text = crate::catalog::plain(value);
        Some((text, spec.estimate(&given, &Measured::default())?.to_string()))
    };
    let switch = [Value::Bool(false), Value::Bool(true)];
    let by = |param: &ParamSpec| -> Vec<(String, String)> {
        let values: &[Value] = match &param.kind {
            ParamKind::Choice { of } => of,
            ParamKind::Switch => &switch,
            _ => &[],
        };
        values.iter().filter_map(|value| at(&param.key, value)).collect()
    };
    let priced = spec.params.iter().map(|param| (param.key.as_str(), by(param)));
    priced.filter(|(_, prices)| prices.windows(2).any(|two| two[0].1 != two[1].1)).collect()
}

fn in_full(spec: &ModelSpec) -> Value {
    let mut value = json::model(spec);
    value["source"] = spec.source.clone().into();
    value["price_at_defaults"] = spec
        .estimate(&spec.defaults(), &Measured::default())
        .map(|estimate| estimate.high.decimal())
        .into();
    value["price_rule"] = rule(spec).into();
    value["params"] = spec
        .params
        .iter()
        .map(|param| {
            json!({
                "key": param.key,
                "values": param.kind.words(),
                "allowed": spec.allowed(&param.key),
                "default": param.default,
                "required": param.required,
                "unit": param.unit,
                "about": param.about,
            })
        })
        .collect();
    value["inputs"] = spec
        .inputs
        .iter()
        .map(|input| {
            json!({
                "key": input.key,
                "kind": input.kind.as_str(),
                "required": input.required,
                "formats": input.formats,
                "max_bytes": input.max_bytes,
                "min_seconds": input.min_seconds,
                "max_seconds": input.max_seconds,
                "at_least": input.at_least,
                "how_many": input.how_many,
            })
        })
        .collect();
    value
}

fn text(spec: &ModelSpec, quoted: Option<&Quote>) -> String {
    let mut text = format!("{}\n{}: {}\n\n", spec.id, spec.name, spec.about);
    if let Err(reason) = spec.availability() {
        let _ = writeln!(text, "  switched off: {reason}\n");
    }
    let providers: Vec<&str> = spec.providers.iter().map(|provider| provider.as_str()).collect();
    let _ = writeln!(text, "  operation  {}", spec.operation.words());
    let _ = writeln!(text, "  runs at    {}", providers.join(", "));
    let rule = rule(spec).map(|rule| format!(": {rule}")).unwrap_or_default();
    let _ = writeln!(text, "  price      {} at its defaults{rule}", price(spec));
    for (key, prices) in price_by(spec) {
        let prices: Vec<String> = prices.iter().map(|(at, usd)| format!("{at} {usd}")).collect();
        let _ = writeln!(text, "             by {key}: {}", prices.join(", "));
    }
    if let Some((at, words)) = quoted.and_then(|quote| Some((quote.at, quote.difference()?))) {
        let _ = writeln!(text, "  quoted     {words} ({})", at.strftime("%Y-%m-%d"));
    }
    let _ = writeln!(text, "  from       {}, {} of {}", origin(spec), spec.source, spec.checked);
    if !spec.aliases.is_empty() {
        let _ = writeln!(text, "  also       {}", spec.aliases.join(", "));
    }
    text.push('\n');
    for input in &spec.inputs {
        let _ = writeln!(text, "  --{:<16} {}{}", input.kind.as_str(), input.key, limits(input));
    }
    for param in &spec.params {
        let default = param.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let needed = if param.required { " (needed)" } else { "" };
        let _ = writeln!(text, "  {:<18} {}{default}{needed}", param.key, param.kind.words());
    }
    text.trim_end().to_owned()
}

/// What a file must be to be taken.
fn limits(input: &InputSpec) -> String {
    let mut limits = Vec::new();
    limits.extend(input.required.then(|| "needed".to_owned()));
    limits.extend((input.how_many > 1).then(|| format!("up to {}", input.how_many)));
    limits.extend((!input.formats.is_empty()).then(|| input.formats.join(" or ")));
    limits.extend(input.max_bytes.map(|bytes| format!("{} MB at most", bytes / 1_000_000)));
    limits.extend(input.min_seconds.map(|seconds| format!("{seconds} s at least")));
    limits.extend(input.max_seconds.map(|seconds| format!("{seconds} s at most")));
    if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) }
}
