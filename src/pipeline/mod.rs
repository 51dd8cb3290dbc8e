//! One generation from order to library: check → reserve → submit once → follow → download → save →
//! catalogue → charge. There is no second path.

mod admit;
mod checking;
mod doubt;
mod downloading;
pub mod fetch;
pub mod import;
mod inputs;
pub mod leash;
pub mod patience;
pub mod preflight;
mod quotes;
pub mod reconcile;
pub mod reporter;
mod run;
pub mod services;
pub mod supervisor;
mod teller;
mod uploads;
mod waiting;
pub mod weighed;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::catalog::Shelf;
use crate::clock::{Clock, Dice};
use crate::domain::{Alert, Job, JobEvent, JobId, Owner, Plan, Preflight, Usd};
use crate::library::Library;
use crate::media::MediaChild;
use crate::store::{Actor, Store, StoreError};

pub use doubt::LookUp;
pub use leash::Leash;
pub use patience::Patience;
pub use quotes::Quotes;
pub use reporter::Reporter;
pub use run::Driven;
pub use services::{Services, Unavailable};
pub use supervisor::{Scope, Supervisor};
pub use uploads::Uploads;

/// How long a process keeps a job without renewing its lease. Renewed every few seconds.
pub const LEASE: Duration = Duration::from_secs(20);

/// What the pipeline could not do. A job's own failure is not one of these: that is its stage.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The library could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider's client could not be made.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The order is blocked; nothing was admitted.
    #[error("blocked before anything was sent")]
    Blocked(Box<Preflight>),
    /// What was asked cannot be done to this job now.
    #[error("{what}")]
    Refused {
        /// What, and why not.
        what: String,
        /// What to do instead.
        hint: String,
    },
}

/// The person's terms: from the settings.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Whose days count.
    pub zone: TimeZone,
    /// Real money above this needs a yes; zero is always.
    pub confirm_above: Usd,
    /// The limits of a plan, where one is set.
    pub plan: Option<Plan>,
    /// Below this many free bytes nothing is sent.
    pub disk_needed: u64,
}

/// Everything a generation needs. Cheap to share; one a process.
pub struct Pipeline {
    /// The library.
    pub store: Store,
    /// The models, those of now.
    pub catalog: Arc<Shelf>,
    /// What the providers said that runs cost.
    pub quotes: Quotes,
    /// The providers.
    pub services: Arc<dyn Services>,
    /// Where takes lie.
    pub library: Library,
    /// What reads media.
    pub media: MediaChild,
    /// What is known of the files that are sent.
    pub uploads: Uploads,
    /// Who is told.
    pub reporter: Arc<dyn Reporter>,
    /// How long what is waited for.
    pub patience: Patience,
    /// The person's terms.
    pub terms: Terms,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub dice: Dice,
    /// This process.
    pub owner: Owner,
}

impl Pipeline {
    /// Takes one step of a job and tells it: the library first, then everybody else.
    pub(crate) async fn step(&self, id: JobId, event: JobEvent) -> Result<Job, PipelineError> {
        let actor = Actor::Owner(self.owner.clone());
        let job = self.store.step(id, event.clone(), actor, self.clock.now()).await?;
        self.tell(&job, &event);
        if !job.stage.is_live() {
            self.tell_alerts().await;
        }
        Ok(job)
    }

    /// The day that is counted now.
    pub fn account_day(&self) -> jiff::civil::Date {
        self.day_of(self.clock.now())
    }

    /// The day on which this moment counts.
    pub(crate) fn day_of(&self, moment: Timestamp) -> jiff::civil::Date {
        moment.to_zoned(self.terms.zone.clone()).date()
    }

    /// Tells every share of a budget or limit that was reached and was not told yet. What cannot be noted
    /// now is noted the next time.
    pub(crate) async fn tell_alerts(&self) {
        match self.new_alerts().await {
            Ok(alerts) => alerts.iter().for_each(|alert| self.reporter.reached(alert)),
            Err(error) => tracing::warn!("noting what was reached: {error}"),
        }
    }

    /// Notes what was reached and returns what is new, for somebody who tells it.
    pub async fn new_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let now = self.clock.now();
        self.store.new_alerts(self.terms.plan.clone(), self.day_of(now), now).await
    }

    pub(crate) fn tell(&self, job: &Job, event: &JobEvent) {
        tracing::info!(
            job = job.number,
            stage = job.stage.name().as_str(),
            event = event.name(),
            reason = job.reason.as_ref().map(|reason| reason.text.as_str()),
            "job moved"
        );
        self.reporter.moved(job, event);
    }

    /// Takes the job for this process, if nobody who lives has it.
    pub async fn claim(&self, id: JobId) -> Result<bool, PipelineError> {
        let now = self.clock.now();
        let until = later(now, LEASE);
        Ok(self.store.claim(id, self.owner.clone(), until, now, crate::process::alive).await?)
    }
}

/// The moment this long after another; the end of time where there is none.
pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| from.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

/// How long it is since a moment; zero when it is still to come.
pub(crate) fn since(moment: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(moment).try_into().unwrap_or_default()
}
