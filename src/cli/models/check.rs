//! `rushes models check`: what the files say otherwise than the provider's list.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::assembly::{Flags, listed};
use crate::catalog::{Difference, ModelSpec};
use crate::cli::exit::Exit;
use crate::cli::talk;
use crate::studio::Ear;

/// Compares the built-in models and the user's with the list that was fetched last.
pub(super) async fn run(as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = crate::cli::open(flags, ear).await?;
    crate::cli::warn_of(assembly.unlisted());
    let provider = assembly.default_provider().await?;
    let Some(last) = listed::last(&assembly.paths, provider)? else {
        talk::say(&format!("rushes: no list of {provider} was fetched yet"));
        talk::hint("rushes models refresh");
        return Ok(Exit::Failed);
    };
    let catalog = assembly.catalog.now();
    let differing = catalog.compared_with(&last.listing.models);
    if as_json {
        talk::json(&differing.iter().map(|(spec, them)| in_json(spec, them)).collect());
    } else {
        for (spec, differences) in &differing {
            talk::block(&text(spec, differences));
        }
    }
    let compared = catalog.all().iter().filter(|spec| spec.is_compared()).count();
    let day = last.day();
    if differing.is_empty() {
        talk::say(&format!("{compared} models agree with the list of {day}"));
        return Ok(Exit::Done);
    }
    talk::say(&format!("{} of {compared} models differ from the list of {day}", differing.len()));
    Ok(Exit::Failed)
}

fn in_json(spec: &ModelSpec, differences: &[Difference]) -> Value {
    let one = |it: &Difference| json!({"field": it.field, "here": it.ours, "there": it.theirs});
    json!({
        "id": spec.id.as_str(),
        "origin": spec.origin.as_str(),
        "checked": spec.checked.to_string(),
        "differences": differences.iter().map(one).collect::<Vec<_>>(),
    })
}

fn text(spec: &ModelSpec, differences: &[Difference]) -> String {
    let mut text = spec.id.to_string();
    for difference in differences {
        let _ = write!(text, "\n  {difference}");
    }
    text
}
