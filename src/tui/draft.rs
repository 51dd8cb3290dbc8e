//! What is in the editor and its settings, as one value: kept between runs, put aside, brought back.

use serde::{Deserialize, Serialize};

use crate::domain::{AssetId, Brief, Inputs, ModelId, Params};

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
        Self {
            prompt: brief.prompt().to_owned(),
            model: brief.model.clone(),
            params,
            inputs: brief.inputs.clone(),
            seed: brief.seed(),
            takes: 1,
            parent,
        }
    }
}
