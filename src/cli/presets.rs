//! `--preset`, and `rushes presets`.

use serde_json::{Value, json};

use crate::assembly::Flags;
use crate::catalog::ModelSpec;
use crate::catalog::presets::{Preset, Presets, UnknownPreset};
use crate::domain::Brief;
use crate::studio::Ear;

use super::exit::{Exit, WrongUsage};
use super::talk;

/// Every preset, by group.
pub(super) async fn run(as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    let presets = assembly.presets()?;
    if as_json {
        let one = |preset: &Preset| {
            json!({
                "name": preset.name,
                "group": preset.group,
                "label": preset.label,
                "does": preset.does(),
            })
        };
        talk::json(&Value::Array(presets.all().iter().map(one).collect()));
        return Ok(Exit::Done);
    }
    for preset in presets.all() {
        let Preset { name, group, .. } = preset;
        talk::data(&format!("{group:<10} {name:<20} {}", preset.does()));
    }
    Ok(Exit::Done)
}

/// Changes the brief by the presets of these names, one after the other; returns what they changed.
pub(super) fn apply(
    presets: &Presets,
    names: &[String],
    spec: Option<&ModelSpec>,
    brief: &mut Brief,
) -> anyhow::Result<Vec<String>> {
    let Some(spec) = spec else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    for name in names {
        let preset = presets.find(name).map_err(|unknown: UnknownPreset| WrongUsage {
            what: match &unknown.near {
                Some(near) => format!("{unknown}; did you mean {near}?"),
                None => unknown.to_string(),
            },
            hint: "rushes presets",
        })?;
        let change = preset.change(spec, brief.prompt(), (&brief.params, &brief.inputs));
        told.push(format!("preset {name}: {}", change.words(brief.prompt())));
        let (key, prompt) = (spec.words_key(), change.prompt.clone());
        for (key, value) in change.set.iter().cloned() {
            brief.params.insert(key, value);
        }
        if let (Some(key), Some(prompt)) = (key, prompt) {
            brief.params.insert(key.to_owned(), prompt.into());
        }
    }
    Ok(told)
}
