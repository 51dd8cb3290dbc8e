//! What the tests share: a provider on loopback and a library in a throw-away folder.

pub(crate) mod binary;
pub(crate) mod screen;
pub(crate) mod server;
pub(crate) mod world;

use serde_json::{Value, json};

/// Something that begins like an MP4 and is none: saved, and not readable here.
pub(crate) const RUBBISH: &[u8] =
    b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2 and then nothing that a parser likes";

/// 32 hex digits that end in this number, as `WaveSpeed` names predictions.
pub(crate) fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// The parameters of a small brief.
pub(crate) fn params(prompt: &str) -> serde_json::Map<String, Value> {
    let Value::Object(params) = json!({"prompt": prompt, "seed": 7}) else { unreachable!() };
    params
}
