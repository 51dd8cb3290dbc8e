//! Names of things: one newtype each, so that a job's id cannot be passed where an asset's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Defines an id that we make ourselves: a `UUIDv7`, 16 bytes in the store, hyphenated text outside.
macro_rules! made_here {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id that belongs to this moment (UTC milliseconds) and these random bits.
            ///
            /// Time and randomness come in as values so that a test can say both.
            pub fn at(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

made_here! {
    /// One durable unit of work: one submission.
    JobId
}
made_here! {
    /// A file in the library.
    AssetId
}
made_here! {
    /// Jobs that were admitted together, as a whole or not at all.
    BatchId
}
made_here! {
    /// A story, wherever its file lies.
    StoryId
}

/// Defines an id that somebody else gave: text, kept as it came.
macro_rules! given {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id with this text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

given! {
    /// A model's exact id in the catalogue: `wavespeed-ai/hunyuan-video-1.5/text-to-video`.
    ModelId
}
given! {
    /// The provider's name for its own record of a submission.
    PredictionId
}

impl PredictionId {
    /// A name that can be stored, printed and put into an address; `None` where this is none.
    pub fn read(text: &str) -> Option<Self> {
        let is_usable = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['/', '\\'])
            && !matches!(text, "." | "..");
        is_usable.then(|| Self::new(text))
    }
}

given! {
    /// What tells two credentials apart without telling either: 12 hex digits of a hash.
    Fingerprint
}

/// A service that makes videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderId {
    /// The built-in server on loopback; simulated, free.
    Sandbox,
    /// `WaveSpeed` AI, REST API v3.
    Wavespeed,
    /// Hugging Face Inference Providers: fal's queue, through the router or with fal's own key.
    Huggingface,
    /// This machine: edits, exports and assembly through `ffmpeg`. No network, no key, no money.
    Local,
}

impl ProviderId {
    /// Every provider that this program can use.
    pub const ALL: [Self; 4] = [Self::Sandbox, Self::Wavespeed, Self::Huggingface, Self::Local];

    /// Its name on the command line, in JSON and in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Wavespeed => "wavespeed",
            Self::Huggingface => "huggingface",
            Self::Local => "local",
        }
    }

    /// Whether its runs are pretended: marked *simulated* and kept apart from real money.
    pub fn is_simulated(self) -> bool {
        self == Self::Sandbox
    }

    /// Whether it is a service somewhere else, with an account, a key and a bill.
    pub fn is_paid(self) -> bool {
        !matches!(self, Self::Sandbox | Self::Local)
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A provider's name that nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown provider {0:?}; known: sandbox, wavespeed, huggingface, local")]
pub struct UnknownProvider(pub String);

impl FromStr for ProviderId {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
            .ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_found_by_its_own_name() {
        for provider in ProviderId::ALL {
            assert_eq!(provider.as_str().parse(), Ok(provider));
        }
        assert!("sora".parse::<ProviderId>().is_err());
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = JobId::at(1_000, &[255; 10]);
        let late = JobId::at(2_000, &[0; 10]);
        assert!(early < late);
    }
}
