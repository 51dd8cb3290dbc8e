//! How Hugging Face's Inference Providers are used.

use super::{Layers, SettingsError};
use crate::config::BaseUrl;

/// How Hugging Face is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HuggingfaceSettings {
    /// Where the hub is, which says what runs a model. It is asked without any key.
    pub hub_url: BaseUrl,
    /// Where a token is spent.
    pub router_url: BaseUrl,
    /// Where fal's own key is spent.
    pub queue_url: BaseUrl,
    /// The organisation that pays instead of the token's owner.
    pub bill_to: Option<String>,
    /// The name of the account's level, as `assets/providers/huggingface.toml` has it.
    pub account_level: String,
    /// A command whose first line is the token or key.
    pub key_cmd: Option<String>,
}

impl HuggingfaceSettings {
    pub(super) fn read(layers: &Layers) -> Result<Self, SettingsError> {
        let plain_http = layers.switch("huggingface.allow_plain_http");
        let address = |key: &str| {
            let hint = "write it like https://router.huggingface.co, without a version; \
                http is for this machine, or with huggingface.allow_plain_http = true";
            BaseUrl::read(layers.text(key), plain_http)
                .map_err(|error| layers.wrong(key, &error, Some(hint)))
        };
        // The hub gets no key, and `HF_ENDPOINT` is a variable of other programs too: nothing here may refuse to
        // start because of a mirror without https.
        let hub_url = BaseUrl::read(layers.text("huggingface.hub_url"), true)
            .map_err(|error| layers.wrong("huggingface.hub_url", &error, None))?;
        Ok(Self {
            hub_url,
            router_url: address("huggingface.router_url")?,
            queue_url: address("huggingface.queue_url")?,
            bill_to: layers.optional("huggingface.bill_to"),
            account_level: layers.text("huggingface.account_level").trim().to_owned(),
            key_cmd: layers.optional("huggingface.key_cmd"),
        })
    }
}
