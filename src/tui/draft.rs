//! What is in the editor and its settings, as one value: kept between runs, put aside, brought back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::batch::several::Several;
use crate::domain::{AssetId, Brief, Inputs, ModelId, Params, batch};

/// Everything a person has set for the next order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub prompt: String,
    /// The model.
    pub model: ModelId,
    /// Parameters that were set, without prompt and seed.
    pub params: Params,
    /// Files and addresses that the model is given.
    #[serde(default)]
    pub inputs: Inputs,
    /// A fixed seed, or `None` for a new one each time.
    pub seed: Option<i64>,
    /// How many takes.
    pub takes: u32,
    /// What has several values, each a row of the order.
    #[serde(default)]
    pub several: Several,
    /// The take it was made from.
    pub parent: Option<AssetId>,
}

impl Draft {
    /// The draft that would order this brief again.
    pub fn of(brief: &Brief, parent: Option<AssetId>) -> Self {
        let mut params = brief.params.clone();
        if let Some(key) = brief.words_key() {
            params.shift_remove(key);
        }
        params.shift_remove("seed");
        for value in params.values_mut() {
            if let Value::String(text) = value {
                *text = batch::escaped(text);
            }
        }
        Self {
            // What was sent has no alternatives, whatever it looks like.
            prompt: batch::escaped(brief.prompt()),
            model: brief.model.clone(),
            params,
            inputs: brief.inputs.clone(),
            seed: brief.seed(),
            takes: 1,
            several: Several::default(),
            parent,
        }
    }
}
