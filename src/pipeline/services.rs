//! Where the pipeline gets a provider's client from.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::ProviderId;
use crate::provider::Provider;

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// There is no credential, or none that may be read.
    #[error("{finding}")]
    NoCredential {
        /// What is missing.
        finding: String,
        /// How to give one.
        hint: String,
    },
    /// There is one, and still it does not work: no certificates, a bad address, no port for the sandbox.
    #[error("{finding}")]
    Broken {
        /// What.
        finding: String,
        /// What to do.
        hint: String,
    },
}

impl Unavailable {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::NoCredential { hint, .. } | Self::Broken { hint, .. } => hint,
        }
    }
}

/// The providers' clients, made when first asked for.
#[async_trait]
pub trait Services: Send + Sync {
    /// The client of this provider with today's credential.
    async fn provider(&self, id: ProviderId) -> Result<Arc<dyn Provider>, Unavailable>;

    /// Where today's credential comes from, for a person: `WAVESPEED_API_KEY (environment)`.
    async fn credential(&self, id: ProviderId) -> Result<String, Unavailable>;
}
