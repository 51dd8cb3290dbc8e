//! How each provider deals with an account: read from `assets/providers/`.

use serde::Deserialize;

use super::Abilities;
use crate::domain::ProviderId;
use crate::domain::job::FailurePolicy;

/// A level that the provider's accounts do not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{provider} has no account level {level:?}; it has {known}")]
pub struct UnknownLevel {
    /// The service.
    pub provider: ProviderId,
    /// What was asked for.
    pub level: String,
    /// What there is.
    pub known: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    failure_policy: FailurePolicy,
    refund_hours: Option<u32>,
    uploads_kept_hours: u32,
    uploads_most_bytes: u64,
    can_cancel: bool,
    has_history: bool,
    dashboard: Option<String>,
    levels: Vec<Level>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    name: String,
    running_at_once: u32,
    sent_per_minute: u32,
}

/// What a provider can do for an account of this level; of its first level where the name is empty.
pub fn of(provider: ProviderId, level: &str) -> Result<Abilities, UnknownLevel> {
    let text = match provider {
        ProviderId::Sandbox => include_str!("../../assets/providers/sandbox.toml"),
        ProviderId::Wavespeed => include_str!("../../assets/providers/wavespeed.toml"),
        ProviderId::Huggingface => include_str!("../../assets/providers/huggingface.toml"),
        ProviderId::Local => include_str!("../../assets/providers/local.toml"),
    };
    let file: PolicyFile = toml::from_str(text).expect("a test reads every provider's file");
    let known: Vec<&str> = file.levels.iter().map(|level| level.name.as_str()).collect();
    let wanted = if level.is_empty() { known[0] } else { level };
    let Some(level) = file.levels.iter().find(|level| level.name == wanted) else {
        let (level, known) = (wanted.to_owned(), known.join(", "));
        return Err(UnknownLevel { provider, level, known });
    };
    Ok(Abilities {
        failure_policy: file.failure_policy,
        refund_hours: file.refund_hours,
        uploads_kept_hours: file.uploads_kept_hours,
        uploads_most_bytes: file.uploads_most_bytes,
        running_at_once: level.running_at_once,
        sent_per_minute: level.sent_per_minute,
        can_cancel: file.can_cancel,
        has_history: file.has_history,
        dashboard: file.dashboard,
    })
}

/// Whether a provider lists past predictions: without that, only a person settles a doubt.
pub fn has_history(provider: ProviderId) -> bool {
    of(provider, "").is_ok_and(|abilities| abilities.has_history)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_a_first_level() {
        for provider in ProviderId::ALL {
            let abilities = of(provider, "").expect("the first level is known");
            assert!(abilities.running_at_once > 0 && abilities.sent_per_minute > 0);
        }
    }

    #[test]
    fn wavespeed_begins_at_two_and_two() {
        let bronze = of(ProviderId::Wavespeed, "").expect("there is a first level");
        assert_eq!((bronze.running_at_once, bronze.sent_per_minute), (2, 2));
        assert_eq!(
            (bronze.failure_policy, bronze.refund_hours),
            (FailurePolicy::Refunded, Some(3))
        );
        assert!(!bronze.can_cancel && bronze.has_history);
        assert_eq!(bronze.uploads_kept_hours, 24);
        let gold = of(ProviderId::Wavespeed, "gold").expect("gold is a level");
        assert_eq!(gold.running_at_once, 3000);
        let wrong = of(ProviderId::Wavespeed, "tin").expect_err("tin is none");
        assert_eq!(
            wrong.to_string(),
            "wavespeed has no account level \"tin\"; it has bronze, silver, gold, ultra"
        );
    }
}
