//! `rushes models`.

use std::fmt::Write;

use crate::assembly::Flags;
use crate::catalog::{Catalog, Measured, ModelSpec};
use crate::config::{Env, Paths};

use super::exit::Exit;
use super::verbs::Models;
use super::{json, talk};

/// One verb. Needs neither library nor network.
pub(super) fn run(verb: Models, _: &Flags) -> anyhow::Result<Exit> {
    let paths = Paths::find(&Env::of_process())?;
    let catalog = Catalog::load(&paths.models_folder())?;
    match verb {
        Models::List { json: true } => {
            talk::json(&catalog.all().iter().map(json::model).collect());
        }
        Models::List { json: false } => {
            for spec in catalog.all() {
                let off = spec.reason.as_ref().filter(|_| !spec.available);
                let off = off.map(|reason| format!("  off: {reason}")).unwrap_or_default();
                talk::data(&format!(
                    "{:<56}  {:<20}  {}{off}",
                    spec.id,
                    spec.operation.words(),
                    price(spec)
                ));
            }
        }
        Models::Show { id, json: as_json } => {
            let spec = catalog.find(&id)?;
            if as_json {
                talk::json(&in_full(spec));
            } else {
                talk::block(&text(spec));
            }
        }
    }
    Ok(Exit::Done)
}

/// What it costs at its defaults.
fn price(spec: &ModelSpec) -> String {
    spec.estimate(&spec.defaults(), &Measured::default())
        .map_or_else(|| "price unknown".to_owned(), |estimate| estimate.to_string())
}

fn in_full(spec: &ModelSpec) -> serde_json::Value {
    let mut value = json::model(spec);
    value["source"] = spec.source.clone().into();
    value["price_at_defaults"] = spec
        .estimate(&spec.defaults(), &Measured::default())
        .map(|estimate| estimate.high.decimal())
        .into();
    value["params"] = spec
        .params
        .iter()
        .map(|param| {
            serde_json::json!({
                "key": param.key,
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
            serde_json::json!({
                "key": input.key,
                "kind": input.kind.as_str(),
                "required": input.required,
                "max_bytes": input.max_bytes,
                "max_seconds": input.max_seconds,
                "how_many": input.how_many,
            })
        })
        .collect();
    value
}

fn text(spec: &ModelSpec) -> String {
    let mut text = format!("{}\n{}: {}\n\n", spec.id, spec.name, spec.about);
    if let Err(reason) = spec.availability() {
        let _ = writeln!(text, "  switched off: {reason}\n");
    }
    let _ = writeln!(text, "  operation  {}", spec.operation.words());
    let _ = writeln!(text, "  price      {} at its defaults", price(spec));
    let _ = writeln!(text, "  checked    {} ({})", spec.checked, spec.source);
    if !spec.aliases.is_empty() {
        let _ = writeln!(text, "  also       {}", spec.aliases.join(", "));
    }
    text.push('\n');
    for input in &spec.inputs {
        let needed = if input.required { " (needed)" } else { "" };
        let _ = writeln!(text, "  --{:<16} {}{needed}", input.kind.as_str(), input.key);
    }
    for param in &spec.params {
        let default = param.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let allowed = spec.allowed(&param.key).unwrap_or_default();
        let needed = if param.required { " (needed)" } else { "" };
        let _ = writeln!(text, "  {:<18} {allowed}{default}{needed}", param.key);
    }
    text.trim_end().to_owned()
}
