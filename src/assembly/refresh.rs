//! Fetches the provider's list of models: when it is asked for, and once a day while a studio or a worker
//! is open.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use jiff::Timestamp;

use super::listed::{self, Fetched};
use super::{Assembly, Clients};
use crate::catalog::{Catalog, Listing, NotAListing, Shelf};
use crate::config::Paths;
use crate::domain::{ModelId, ProviderId};
use crate::pipeline::{Services, Unavailable};
use crate::provider::AskError;

/// A list is asked for again after so long.
const FRESH_FOR: Duration = Duration::from_hours(24);

/// How often it is looked whether that is over, or another process has been first. Also how long a failed
/// attempt is let be.
const LOOK_AGAIN: Duration = Duration::from_hours(1);

/// A list with fewer models than this part of the last one is no list to trust.
const SHRUNKEN: usize = 2;

/// What a fetched list changed.
#[derive(Debug)]
pub struct Refreshed {
    /// The list.
    pub fetched: Fetched,
    /// Models that the last list had not; `None` where there was no last list.
    pub new: Option<Vec<ModelId>>,
    /// Models that only the last list had.
    pub gone: Vec<ModelId>,
}

/// Why the list in the cache was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum NotRefreshed {
    /// There is no client to ask with.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The provider was asked, and gave no answer, or a refusal.
    #[error("asking {provider} for its models")]
    NoAnswer {
        /// Who was asked.
        provider: ProviderId,
        /// What came instead.
        #[source]
        source: AskError,
    },
    /// The answer is no list.
    #[error(transparent)]
    NoList(#[from] NotAListing),
    /// No entry of the list can be used, or far fewer than of the last one.
    #[error("{usable} models of {all} can be used; the last list had {before}")]
    Shrunken {
        /// So many can be used.
        usable: usize,
        /// Of so many.
        all: usize,
        /// So many there were.
        before: usize,
    },
    /// It could not be kept.
    #[error("keeping the list of models")]
    NotKept(#[from] io::Error),
}

impl NotRefreshed {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unavailable(missing) => missing.hint().to_owned(),
            Self::NoAnswer { source: AskError::Refused { status: 401 | 403, .. }, provider } => {
                format!("look at the key: rushes key set {provider}")
            }
            Self::NoAnswer { .. } => {
                "look at the network and the address, and run it again".to_owned()
            }
            Self::NoList(_) | Self::Shrunken { .. } => {
                "look at the provider's address: rushes doctor".to_owned()
            }
            Self::NotKept(_) => "rushes doctor prints every path".to_owned(),
        }
    }
}

impl Assembly {
    /// Asks the provider for its models and keeps its answer for every later start. One that is broken or
    /// shrunken replaces nothing.
    pub async fn refresh(&self, provider: ProviderId) -> Result<Refreshed, NotRefreshed> {
        fetch(&self.clients, &self.paths, provider).await
    }

    /// The same, and every order of this process sees it from now on.
    pub async fn refresh_and_restock(&self, provider: ProviderId) -> anyhow::Result<Refreshed> {
        let refreshed = self.refresh(provider).await?;
        let listing = refreshed.fetched.listing.clone();
        let newer = restock(&self.paths, &self.catalog, listing).await?;
        self.pipeline.reporter.restocked(&newer);
        Ok(refreshed)
    }

    /// Keeps the catalogue fresh for as long as this process lives, where the provider that has a list is in
    /// use. What fails is only logged: the list of yesterday is as good.
    pub async fn keep_fresh(&self) {
        let provider = self.default_provider().await.ok();
        if provider != Some(ProviderId::Wavespeed) || self.flags.read_only {
            return;
        }
        let (clients, paths) = (Arc::clone(&self.clients), self.paths.clone());
        let (catalog, pipeline) = (Arc::clone(&self.catalog), Arc::clone(&self.pipeline));
        tokio::spawn(async move {
            let mut known = listed::written(&paths.listed_models(ProviderId::Wavespeed));
            loop {
                match look(&clients, &paths, &mut known).await {
                    Ok(Some(listing)) => match restock(&paths, &catalog, listing).await {
                        Ok(newer) => pipeline.reporter.restocked(&newer),
                        Err(error) => tracing::warn!("the catalogue stays as it was: {error:#}"),
                    },
                    Ok(None) => {}
                    Err(error) => tracing::warn!("the list of models stays as it was: {error:#}"),
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
    }
}

/// The newer list, where there is one: fetched by another process meanwhile, or now.
async fn look(
    clients: &Clients,
    paths: &Paths,
    known: &mut Option<SystemTime>,
) -> anyhow::Result<Option<Listing>> {
    let file = paths.listed_models(ProviderId::Wavespeed);
    let written = listed::written(&file);
    let newer = if !is_fresh(written, SystemTime::now()) {
        Some(fetch(clients, paths, ProviderId::Wavespeed).await?.fetched)
    } else if written == *known {
        None
    } else {
        last(paths, ProviderId::Wavespeed).await?
    };
    *known = listed::written(&file);
    Ok(newer.map(|fetched| fetched.listing))
}

/// A file from the future is asked for again: the clock was set back.
fn is_fresh(written: Option<SystemTime>, now: SystemTime) -> bool {
    let age = written.and_then(|written| now.duration_since(written).ok());
    age.is_some_and(|age| age < FRESH_FOR)
}

async fn fetch(
    clients: &Clients,
    paths: &Paths,
    provider: ProviderId,
) -> Result<Refreshed, NotRefreshed> {
    let client = clients.provider(provider).await?;
    let answer =
        client.models().await.map_err(|source| NotRefreshed::NoAnswer { provider, source })?;
    let paths = paths.clone();
    on_a_thread(move || weigh(&paths, provider, answer)).await?
}

/// Compares an answer with the last one and keeps it.
fn weigh(
    paths: &Paths,
    provider: ProviderId,
    answer: serde_json::Value,
) -> Result<Refreshed, NotRefreshed> {
    let at = Timestamp::now();
    let file = paths.listed_models(provider);
    // One that cannot be read is nothing to compare with.
    let before = listed::last(paths, provider).ok().flatten().map(|last| ids(&last.listing));
    let kept = answer.clone();
    let fetched = Fetched { at, listing: Listing::of(answer, listed::day(at))? };
    let now = ids(&fetched.listing);
    let count = before.as_ref().map_or(0, Vec::len);
    if now.is_empty() || now.len() * SHRUNKEN < count {
        let all = now.len() + fetched.listing.unusable.len();
        return Err(NotRefreshed::Shrunken { usable: now.len(), all, before: count });
    }
    listed::keep(&file, at, &kept)?;
    let new = before.as_ref().map(|before| missing_in(&now, before));
    let gone = before.map(|before| missing_in(&before, &now)).unwrap_or_default();
    Ok(Refreshed { fetched, new, gone })
}

fn ids(listing: &Listing) -> Vec<ModelId> {
    listing.models.iter().map(|spec| spec.id.clone()).collect()
}

fn missing_in(some: &[ModelId], others: &[ModelId]) -> Vec<ModelId> {
    let others: HashSet<&ModelId> = others.iter().collect();
    some.iter().filter(|id| !others.contains(id)).cloned().collect()
}

async fn last(paths: &Paths, provider: ProviderId) -> anyhow::Result<Option<Fetched>> {
    let paths = paths.clone();
    Ok(on_a_thread(move || listed::last(&paths, provider)).await??)
}

/// Eight hundred models are read beside the tasks that draw and poll, not in one of them.
async fn restock(paths: &Paths, shelf: &Shelf, listing: Listing) -> anyhow::Result<Arc<Catalog>> {
    let paths = paths.clone();
    let catalog = on_a_thread(move || listed::with(&paths, listing.models)).await?;
    Ok(shelf.put(catalog.context("reading the models again")?))
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(names: &[&str]) -> serde_json::Value {
        let entry = |name: &&str| {
            json!({"model_id": name, "base_price": 0.2, "type": "text-to-video", "api_schema":
                {"api_schemas": [{"type": "model_run", "request_schema":
                    {"properties": {"prompt": {"type": "string"}}}}]}})
        };
        names.iter().map(entry).collect()
    }

    #[test]
    fn a_broken_or_shrunken_answer_replaces_nothing() {
        let home = tempfile::tempdir().expect("a folder for the test");
        let paths = Paths::under(home.path());
        let weigh = |answer| weigh(&paths, ProviderId::Wavespeed, answer);
        let first = weigh(answer(&["a/1", "a/2", "a/3", "a/4"])).expect("it is a list");
        assert_eq!((first.new, first.gone), (None, vec![]));
        let second = weigh(answer(&["a/1", "a/2", "a/5"])).expect("one less is no shrinking");
        assert_eq!(second.new, Some(vec![ModelId::new("a/5")]));
        assert_eq!(second.gone, [ModelId::new("a/3"), ModelId::new("a/4")]);

        let kept = std::fs::read(paths.listed_models(ProviderId::Wavespeed)).expect("it is kept");
        for broken in [json!("x"), json!({}), json!([]), json!([1, 2, 3]), answer(&["a/1"])] {
            weigh(broken).expect_err("it is no list to trust");
        }
        let after = std::fs::read(paths.listed_models(ProviderId::Wavespeed)).expect("it is kept");
        assert_eq!(kept, after);
        let last = listed::last(&paths, ProviderId::Wavespeed).expect("it can be read");
        assert_eq!(last.map(|last| last.listing.models.len()), Some(3));
    }

    #[test]
    fn a_list_is_fresh_for_a_day() {
        let now = SystemTime::now();
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        assert!(!is_fresh(None, now));
        assert!(is_fresh(Some(now - hours(23)), now));
        assert!(!is_fresh(Some(now - hours(25)), now));
        assert!(!is_fresh(Some(now + hours(1)), now), "the clock was set back");
    }
}
