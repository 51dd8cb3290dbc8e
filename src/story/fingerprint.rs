//! What tells two briefs of one step apart: everything that was said, and what is in the files. Not where the
//! files lie, what the scene is called, where it stands, or a default that nobody said.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::steps::Draft;

/// How many of the hash's 32 bytes are kept.
const BYTES: usize = 12;

/// The fingerprint of a step whose inputs hold this, by the key they fill.
pub(super) fn fingerprint(draft: &Draft, contents: &[(String, String)]) -> String {
    let brief = &draft.brief;
    let said = json!({
        "step": draft.step.as_str(),
        "provider": brief.provider.as_str(),
        "operation": brief.operation.as_str(),
        // A catalogue of tomorrow may have another usual model: that changes no story.
        "model": draft.is_model_said.then_some(brief.model.as_str()),
        "params": sorted(&Value::Object(brief.params.clone())),
        "inputs": contents,
    });
    let hash = Sha256::digest(said.to_string().as_bytes());
    hash.iter().take(BYTES).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same value with the keys of every object in order: how a file is arranged says nothing.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<(&String, &Value)> = object.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            let pairs = pairs.into_iter().map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(pairs.collect::<Map<String, Value>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
