//! Which provider is used when none is named.

use crate::config::Origin;
use crate::domain::ProviderId;
use crate::store::StoreError;
use crate::store::kept::REAL_PROVIDER_USED;

use super::Assembly;

impl Assembly {
    /// The provider to use: the one that was said, else the real one as soon as anything of it was ever
    /// configured or used in this library, else the sandbox.
    ///
    /// A forgotten variable must not turn into a pretended success: after a real provider, a missing key is
    /// an error, never the sandbox.
    pub async fn default_provider(&self) -> Result<ProviderId, StoreError> {
        if let Some(provider) = self.settings.provider {
            return Ok(provider);
        }
        let real = self.is_real_configured() || self.was_real_used().await?;
        Ok(if real { ProviderId::Wavespeed } else { ProviderId::Sandbox })
    }

    async fn was_real_used(&self) -> Result<bool, StoreError> {
        Ok(self.store.recall(REAL_PROVIDER_USED).await?.is_some())
    }

    /// Remembers for ever that a real provider was configured here.
    pub(super) async fn note_real_provider(&self) -> Result<(), StoreError> {
        if !self.flags.read_only && self.is_real_configured() && !self.was_real_used().await? {
            self.store.keep(REAL_PROVIDER_USED, "yes".to_owned()).await?;
        }
        Ok(())
    }

    /// Whether anything of a real provider is configured now: a key, a command for one, an address.
    fn is_real_configured(&self) -> bool {
        let by_settings = self.settings.explain().into_iter().any(|(key, value, origin)| {
            // One that is only said for this run is not configured.
            let said_here = matches!(origin, Origin::BuiltIn | Origin::Flag(_));
            let is_real = key.starts_with("wavespeed.")
                || key == "provider" && value == ProviderId::Wavespeed.as_str();
            is_real && !said_here && !value.is_empty()
        });
        by_settings
            || self.env.has("WAVESPEED_API_KEY")
            || self.clients.has_stored_key(ProviderId::Wavespeed)
    }
}
