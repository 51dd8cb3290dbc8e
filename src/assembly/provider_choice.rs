//! Which provider is used when none is named.

use crate::config::Origin;
use crate::domain::ProviderId;
use crate::store::StoreError;
use crate::store::kept::REAL_PROVIDER_USED;

use super::Assembly;

impl Assembly {
    /// The provider to use: the one that was said, else the real one that was used last in this library, else
    /// one that is configured, else the sandbox.
    ///
    /// A forgotten variable must not turn into a pretended success: after a real provider, a missing key is
    /// an error, never the sandbox.
    pub async fn default_provider(&self) -> Result<ProviderId, StoreError> {
        if let Some(provider) = self.settings.provider {
            return Ok(provider);
        }
        let used = self.store.recall(REAL_PROVIDER_USED).await?;
        // Older libraries keep a word there that is no provider's name: they knew one only.
        let used = used.map(|name| name.parse().unwrap_or(ProviderId::Wavespeed));
        Ok(used.or_else(|| self.real_configured()).unwrap_or(ProviderId::Sandbox))
    }

    /// Remembers for ever that a real provider was configured here.
    pub(super) async fn note_real_provider(&self) -> Result<(), StoreError> {
        if let Some(provider) = self.real_configured()
            && !self.flags.read_only
            && self.store.recall(REAL_PROVIDER_USED).await?.is_none()
        {
            self.store.keep(REAL_PROVIDER_USED, provider.to_string()).await?;
        }
        Ok(())
    }

    /// The real provider of which anything is configured now: a key, a command for one, an address.
    fn real_configured(&self) -> Option<ProviderId> {
        [ProviderId::Wavespeed, ProviderId::Huggingface]
            .into_iter()
            .find(|provider| self.is_configured(*provider))
    }

    fn is_configured(&self, provider: ProviderId) -> bool {
        let section = format!("{provider}.");
        let by_settings = self.settings.explain().into_iter().any(|(key, value, origin)| {
            // One that is only said for this run is not configured. HF_ENDPOINT is there for other programs.
            let said_here = matches!(origin, Origin::BuiltIn | Origin::Flag(_))
                || matches!(origin, Origin::Environment("HF_ENDPOINT"));
            let is_real =
                key.starts_with(&section) || key == "provider" && value == provider.as_str();
            is_real && !said_here && !value.is_empty()
        });
        // HF_TOKEN and FAL_KEY are there for other programs too: they pay where somebody names the provider,
        // and do not end the sandbox by lying about.
        by_settings
            || (provider == ProviderId::Wavespeed && self.env.has("WAVESPEED_API_KEY"))
            || self.clients.has_stored_key(provider)
    }
}
