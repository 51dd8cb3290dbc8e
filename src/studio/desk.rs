//! What the screen asks, answered by the pipeline and the library.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::files::{self, Gauge};
use super::looks::{Reel, beginning};
use super::story::Running;
use super::usage;
use crate::assembly::Assembly;
use crate::assembly::refresh::NotRefreshed;
use crate::domain::brief::Source;
use crate::domain::usage::Entry;
use crate::domain::{
    Ask, Asset, AssetId, Brief, Check, CheckId, Job, JobEvent, JobId, ModelId, Picture, Pixels,
    Preflight, ProviderId, Quote, Settlement, Unsent, Verdict,
};
use crate::media::PosterCache;
use crate::pipeline::supervisor::said;
use crate::pipeline::{LookUp, PipelineError, Supervisor};
use crate::store::ledger::Days;
use crate::store::{AssetFilter, StoreError};
use crate::tui::backend::{Backend, Film, Folder, Ordered, Poster, Spending, Trouble};
use crate::tui::form::files::Found;
use crate::tui::story::desk::Storyboard;
use crate::tui::usage::{Asked, Export, Lines, Report};

/// As much as the posters on disk may weigh: some thousands of them.
const POSTER_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Longer than any prompt that a model takes.
const MOST_WORDS: u64 = 64 << 10;

/// Takes are decoded to pictures that fit into this: more pixels than half blocks show on a large screen.
const PAINTED: Pixels = Pixels { width: 192, height: 192 };

/// How long runs of a model take: of so many, from this long to that.
type Usual = (usize, Option<(Duration, Duration)>);

/// The rest of the program, as the studio sees it.
pub struct Desk {
    assembly: Arc<Assembly>,
    supervisor: Supervisor,
    posters: Arc<PosterCache>,
    /// One picture at a time: a child process each would fight for the cores.
    painting: tokio::sync::Mutex<()>,
    gauge: Gauge,
    usual: Mutex<HashMap<ModelId, Usual>>,
    /// Runs of stories that were begun here. One order at a time: each sees what the one before it ordered.
    running: tokio::sync::Mutex<Vec<Running>>,
}

impl Desk {
    /// A desk over these parts.
    pub fn new(assembly: Arc<Assembly>, supervisor: Supervisor) -> Self {
        let posters = Arc::new(PosterCache::new(assembly.paths.posters(), POSTER_CACHE_BYTES));
        Self {
            assembly,
            supervisor,
            posters,
            painting: tokio::sync::Mutex::new(()),
            gauge: Gauge::default(),
            usual: Mutex::default(),
            running: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn assembly(&self) -> &Assembly {
        &self.assembly
    }

    pub(super) fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    pub(super) fn running(&self) -> &tokio::sync::Mutex<Vec<Running>> {
        &self.running
    }

    pub(super) fn read_only(&self) -> Result<(), Trouble> {
        if self.assembly.flags.read_only {
            return Err(Trouble::read_only());
        }
        Ok(())
    }
}

#[async_trait]
impl Backend for Desk {
    async fn preflight(&self, ask: Ask) -> Result<Preflight, Trouble> {
        let mut preflight = self.assembly.pipeline.preflight_with_consent(&ask).await;
        if !preflight.blocks_on(CheckId::Consent) {
            // Told outright, so that the screen never has to guess when a dialog may stay closed.
            preflight.checks.push(Check::pass(CheckId::Consent, "need not be asked for"));
        }
        Ok(preflight)
    }

    async fn order(&self, ask: Ask) -> Result<Ordered, Trouble> {
        self.read_only()?;
        match self.assembly.pipeline.admit(ask, None).await {
            Ok(jobs) => {
                for job in &jobs {
                    self.supervisor.drive(job.id).await;
                }
                Ok(Ordered::Admitted(jobs))
            }
            Err(PipelineError::Blocked(preflight)) => Ok(Ordered::Blocked(*preflight)),
            Err(error) => Err(trouble(&error)),
        }
    }

    async fn jobs(&self, limit: usize) -> Result<Vec<Job>, Trouble> {
        self.assembly.store.jobs(limit).await.map_err(|error| stored(&error))
    }

    async fn timeline(&self, id: JobId) -> Result<Vec<(Timestamp, JobEvent)>, Trouble> {
        self.assembly.store.timeline(id).await.map_err(|error| stored(&error))
    }

    async fn assets(&self, limit: usize) -> Result<Vec<Asset>, Trouble> {
        let filter = AssetFilter { limit: Some(limit), ..AssetFilter::default() };
        self.assembly.store.assets(filter).await.map_err(|error| stored(&error))
    }

    async fn spending(&self) -> Result<Spending, Trouble> {
        let pipeline = &self.assembly.pipeline;
        let today = Some(pipeline.account_day().to_string());
        let days = Days { since: today.clone(), until: today };
        let store = &self.assembly.store;
        let today = store.totals(days).await.map_err(|error| stored(&error))?;
        let ever = store.totals(Days::default()).await.map_err(|error| stored(&error))?;
        let (plan, day) = (pipeline.terms.plan.clone(), pipeline.account_day());
        let mut standings = Vec::new();
        for simulated in [false, true] {
            let of_kind = store.standings(plan.clone(), day, simulated).await;
            standings.extend(of_kind.map_err(|error| stored(&error))?);
        }
        let alerts = store.alerts(plan, day).await.map_err(|error| stored(&error))?;
        Ok(Spending { today, ever, standings, alerts })
    }

    async fn import(&self, path: PathBuf) -> Result<String, Trouble> {
        self.read_only()?;
        files::import(&self.assembly, &path).await
    }

    async fn words(&self, id: AssetId) -> Result<String, Trouble> {
        let asset = self.assembly.store.asset(id).await.map_err(|error| stored(&error))?;
        if asset.bytes > MOST_WORDS {
            let what = format!("take {} is too long for a prompt", asset.label());
            return Err(Trouble { what, hint: None });
        }
        beginning(&self.assembly.pipeline.library.file(&asset.path), MOST_WORDS).await
    }

    async fn poster(&self, id: AssetId, fit: Pixels) -> Result<Poster, Trouble> {
        let asset = self.assembly.store.asset(id).await.map_err(|error| stored(&error))?;
        let file = self.assembly.pipeline.library.file(&asset.path);
        if asset.mime.starts_with("text/") || asset.mime == "application/json" {
            return beginning(&file, 8 * 1024).await.map(Poster::Words);
        }
        // Decoded once per take, whatever sizes it is shown at and however often the terminal changes its own.
        let painted =
            if fit.width <= PAINTED.width && fit.height <= PAINTED.height { PAINTED } else { fit };
        let _one_at_a_time = self.painting.lock().await;
        let (posters, sha256) = (Arc::clone(&self.posters), asset.sha256.clone());
        let cached = tokio::task::spawn_blocking(move || {
            posters.get(&sha256, painted, None).map(|picture| picture.fit(fit))
        });
        if let Ok(Some(picture)) = cached.await {
            return Ok(Poster::Picture(picture));
        }
        let picture = self.assembly.pipeline.media.poster(&file, painted).await;
        let picture =
            picture.map_err(|unreadable| Trouble { what: unreadable.to_string(), hint: None })?;
        let posters = Arc::clone(&self.posters);
        let fitted = tokio::task::spawn_blocking(move || {
            // A cache that cannot be written only costs time.
            let _ = posters.put(&asset.sha256, painted, None, &picture);
            picture.fit(fit)
        });
        fitted
            .await
            .map(Poster::Picture)
            .map_err(|_| Trouble { what: "painting was cut short".to_owned(), hint: None })
    }

    async fn film(&self, id: AssetId, fit: Pixels, from_ms: u64) -> Result<Box<dyn Film>, Trouble> {
        let asset = self.assembly.store.asset(id).await.map_err(|error| stored(&error))?;
        let file = self.assembly.pipeline.library.file(&asset.path);
        let frames = self.assembly.pipeline.media.frames(&file, fit, from_ms);
        let frames = frames.map_err(|why| Trouble { what: why.to_string(), hint: None })?;
        Ok(Box::new(Reel(frames)))
    }

    async fn usual(&self, model: ModelId) -> Result<Option<(Duration, Duration)>, Trouble> {
        let waits =
            self.assembly.store.past_waits(&model, 50).await.map_err(|error| stored(&error))?;
        if let Some((count, usual)) =
            self.usual.lock().expect("nothing panics while it is held").get(&model)
            && *count == waits.len()
        {
            return Ok(*usual);
        }
        let usual = quartiles(&waits);
        let mut known = self.usual.lock().expect("nothing panics while it is held");
        known.insert(model, (waits.len(), usual));
        Ok(usual)
    }

    async fn usage(&self, asked: Asked) -> Result<Report, Trouble> {
        usage::report(&self.assembly, &asked).await
    }

    async fn ledger(&self, lines: Lines) -> Result<Vec<Entry>, Trouble> {
        usage::ledger(&self.assembly, lines).await
    }

    async fn export(&self, what: Export) -> Result<PathBuf, Trouble> {
        self.read_only()?;
        usage::export(&self.assembly, what).await
    }

    async fn cancel(&self, id: JobId) -> Result<(), Trouble> {
        self.read_only()?;
        self.supervisor.cancel(id).await.map(drop).map_err(|error| trouble(&error))
    }

    async fn resume(&self, id: Option<JobId>) -> Result<(), Trouble> {
        self.read_only()?;
        self.assembly.pipeline.resume(id).await.map_err(|error| trouble(&error))?;
        self.supervisor.look_around().await;
        Ok(())
    }

    async fn find(&self, id: JobId) -> Result<String, Trouble> {
        self.read_only()?;
        let number = self.assembly.store.job(id).await.map_err(|error| stored(&error))?.number;
        let found = self.assembly.pipeline.look_up(id).await.map_err(|error| trouble(&error))?;
        if matches!(found, LookUp::Adopted(_)) {
            self.supervisor.drive(id).await;
        }
        Ok(found.words(number))
    }

    async fn settle(&self, id: JobId, settlement: Settlement) -> Result<(), Trouble> {
        self.read_only()?;
        let settled = self.assembly.pipeline.settle(id, settlement).await;
        settled.map(drop).map_err(|error| trouble(&error))
    }

    async fn trash(&self, id: AssetId) -> Result<(), Trouble> {
        self.read_only()?;
        let trashed = self.assembly.store.trash(id, Some(Timestamp::now())).await;
        trashed.map(drop).map_err(|error| stored(&error))
    }

    async fn restore(&self, id: AssetId) -> Result<(), Trouble> {
        self.read_only()?;
        self.assembly.store.trash(id, None).await.map(drop).map_err(|error| stored(&error))
    }

    async fn decide(&self, id: AssetId, verdict: Option<Verdict>) -> Result<(), Trouble> {
        self.read_only()?;
        self.assembly.store.decide(id, verdict).await.map(drop).map_err(|error| stored(&error))
    }

    async fn give_reason(&self, id: AssetId, reason: Option<String>) -> Result<(), Trouble> {
        self.read_only()?;
        self.assembly.store.give_reason(id, reason).await.map(drop).map_err(|error| stored(&error))
    }

    async fn favourite(&self, id: AssetId, favourite: bool) -> Result<(), Trouble> {
        self.read_only()?;
        let changed = self.assembly.store.favourite(id, favourite).await;
        changed.map(drop).map_err(|error| stored(&error))
    }

    async fn facts(&self, source: Source) -> Result<Found, Trouble> {
        self.gauge.facts(&self.assembly, source).await
    }

    async fn look_into(&self, folder: PathBuf) -> Result<Folder, Trouble> {
        files::list(&self.assembly, &folder).await
    }

    async fn picture(&self, file: PathBuf, fit: Pixels) -> Result<Picture, Trouble> {
        self.gauge.picture(&self.assembly, &file, fit).await
    }

    async fn edit(&self, text: String) -> Result<String, Trouble> {
        let edited = super::editor::edit(&self.assembly.env, text).await;
        edited.map_err(|error| super::editor::failed(&error))
    }

    async fn recall(&self, key: &'static str) -> Result<Option<String>, Trouble> {
        self.assembly.store.recall(key).await.map_err(|error| stored(&error))
    }

    async fn keep(&self, key: &'static str, value: String) -> Result<(), Trouble> {
        if self.assembly.flags.read_only {
            return Ok(());
        }
        self.assembly.store.keep(key, value).await.map_err(|error| stored(&error))
    }

    async fn refresh_models(&self) -> Result<String, Trouble> {
        self.read_only()?;
        let refreshed = self.assembly.refresh_and_restock(ProviderId::Wavespeed).await;
        let refreshed = refreshed.map_err(|error| Trouble {
            hint: error.downcast_ref::<NotRefreshed>().map(NotRefreshed::hint),
            what: format!("{error:#}"),
        })?;
        let count = refreshed.fetched.listing.models.len();
        let new = match refreshed.new {
            Some(new) if new.is_empty() => ", none of them new".to_owned(),
            Some(new) => format!(", {} of them new", new.len()),
            None => String::new(),
        };
        Ok(format!("the provider lists {count} models{new}"))
    }

    async fn quote(&self, brief: Brief) -> Result<Quote, Trouble> {
        let quote = self.assembly.pipeline.quote(&brief).await;
        quote.map_err(|what| Trouble { what, hint: None })
    }

    async fn quote_differences(&self) -> Result<Vec<Quote>, Trouble> {
        self.assembly.store.quote_differences().await.map_err(|error| stored(&error))
    }

    async fn leave(&self, unsent: Unsent) -> Result<(), Trouble> {
        self.supervisor.leave(unsent).await;
        Ok(())
    }

    async fn take_back(&self) -> Result<(), Trouble> {
        self.supervisor.take_back().await;
        Ok(())
    }

    fn stories(&self) -> &dyn Storyboard {
        self
    }
}

/// The middle half of past waits, once there are a few.
fn quartiles(waits: &[i64]) -> Option<(Duration, Duration)> {
    if waits.len() < 3 {
        return None;
    }
    let mut waits = waits.to_vec();
    waits.sort_unstable();
    let at = |quarter: usize| {
        let millis = waits[(waits.len() - 1) * quarter / 4];
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    };
    Some((at(1), at(3)))
}

pub(super) fn trouble(error: &PipelineError) -> Trouble {
    let hint = match error {
        PipelineError::Refused { hint, .. } => Some(hint.clone()),
        PipelineError::Unavailable(missing) => Some(missing.hint().to_owned()),
        PipelineError::Store(_) | PipelineError::Blocked(_) => None,
    };
    Trouble { what: said(error), hint }
}

pub(super) fn stored(error: &StoreError) -> Trouble {
    Trouble { what: said(error), hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_the_middle_half_of_what_was() {
        let seconds = |from, to| Some((Duration::from_millis(from), Duration::from_millis(to)));
        assert_eq!(quartiles(&[10, 20]), None);
        assert_eq!(quartiles(&[30, 10, 20]), seconds(10, 20));
        assert_eq!(quartiles(&[50, 10, 40, 20, 30]), seconds(20, 40));
    }
}
