//! Puts the parts together, in one order: folders → settings → catalogue → library → providers → pipeline.

mod clients;
pub mod listed;
mod provider_choice;
pub mod refresh;
mod stories;

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::Context;

use crate::catalog::Shelf;
use crate::catalog::presets::Presets;
use crate::clock::{Dice, SystemClock};
use crate::config::{Env, Flag, Paths, Settings, limits, presets};
use crate::domain::{Alive, ProviderId, Stage};
use crate::library::Library;
use crate::media::MediaChild;
use crate::pipeline::supervisor::Handover;
use crate::pipeline::{Patience, Pipeline, Quotes, Reporter, Scope, Supervisor, Terms, Uploads};
use crate::process::detach;
use crate::store::{Store, StoreError};

pub use clients::{Clients, Handed};

/// What was said on the command line, before any file is read.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Look at everything, write and spend nothing.
    pub read_only: bool,
    /// `--provider`.
    pub provider: Option<ProviderId>,
    /// Credentials that came through a pipe, for a worker that was started by another process.
    pub handed: Handed,
}

/// The parts, put together. One a process.
pub struct Assembly {
    /// Where files lie.
    pub paths: Paths,
    /// The environment as it was at the start.
    pub env: Env,
    /// What the person configured.
    pub settings: Settings,
    /// The models, those of now.
    pub catalog: Arc<Shelf>,
    /// What is wrong with the provider's list in the cache, once it was read and something is.
    unlisted: Arc<OnceLock<listed::Unusable>>,
    /// The library.
    pub store: Store,
    /// The providers' clients.
    pub clients: Arc<Clients>,
    /// What makes takes.
    pub pipeline: Arc<Pipeline>,
    /// This program's own file, for its child processes.
    pub program: PathBuf,
    /// What was said on the command line.
    pub flags: Flags,
}

/// Opens everything. `reporter` hears what happens to jobs.
pub async fn open(flags: Flags, reporter: Arc<dyn Reporter>) -> anyhow::Result<Assembly> {
    let program = std::env::current_exe().context("finding this program's own file")?;
    open_in(Env::of_process(), program, flags, reporter).await
}

/// The same in another environment than this process has, with another file for its child processes.
pub async fn open_in(
    env: Env,
    program: PathBuf,
    flags: Flags,
    reporter: Arc<dyn Reporter>,
) -> anyhow::Result<Assembly> {
    let paths = Paths::find(&env)?;
    if !flags.read_only {
        paths.make().with_context(|| format!("making the folders of {}", paths.data.display()))?;
    }
    let settings = Settings::load(&paths, &env, &said(&flags))?;
    let limits = |name: &String| limits::plan(name, &paths.limits_folder());
    let plan = settings.limits.as_ref().map(limits).transpose()?;
    let folders = paths.clone();
    let unlisted = Arc::new(OnceLock::new());
    let told = Arc::clone(&unlisted);
    let reading = tokio::task::spawn_blocking(move || listed::shelf(&folders, told));
    let library = paths.library_db();
    let store =
        if flags.read_only { Store::look(&library).await? } else { Store::open(&library).await? };
    let catalog = Arc::new(reading.await.context("reading the models")??);
    let clients = Arc::new(Clients::new(
        env.clone(),
        paths.clone(),
        settings.clone(),
        Arc::clone(&catalog),
        flags.handed.clone(),
        program.clone(),
        flags.read_only,
    ));
    let pipeline = Arc::new(Pipeline {
        store: store.clone(),
        catalog: Arc::clone(&catalog),
        quotes: Quotes::default(),
        services: Arc::clone(&clients) as Arc<_>,
        library: Library::new(paths.data.clone(), settings.time_zone.clone()),
        media: MediaChild::new(program.clone()),
        uploads: Uploads::default(),
        reporter,
        patience: Patience::default(),
        terms: Terms {
            zone: settings.time_zone.clone(),
            confirm_above: settings.confirm_above,
            plan,
            disk_needed: settings.disk_needed,
        },
        clock: Arc::new(SystemClock),
        dice: Dice::new(),
        owner: crate::process::this_owner(),
    });
    let assembly = Assembly {
        paths,
        env,
        settings,
        catalog,
        unlisted,
        store,
        clients,
        pipeline,
        program,
        flags,
    };
    assembly.note_real_provider().await?;
    Ok(assembly)
}

/// The settings that were said on the command line.
fn said(flags: &Flags) -> Vec<Flag> {
    let provider = flags.provider.map(|provider| Flag {
        name: "--provider",
        key: "provider",
        text: provider.to_string(),
    });
    provider.into_iter().collect()
}

impl Assembly {
    /// What is wrong with the provider's list in the cache, where something is.
    pub fn unlisted(&self) -> Option<&listed::Unusable> {
        // It is read by now.
        self.catalog.now();
        self.unlisted.get()
    }

    /// Every preset on offer, the user's own among them.
    pub fn presets(&self) -> anyhow::Result<Presets> {
        let folder = self.paths.presets_folder();
        let own = presets::own(&folder).with_context(|| format!("reading {}", folder.display()))?;
        Ok(Presets::with_own(&own)?)
    }

    /// The background task that drives jobs, with the worker to hand them to.
    pub fn supervisor(&self, scope: Scope) -> Supervisor {
        let handover = (!self.flags.read_only).then(|| self.handover());
        Supervisor::start(Arc::clone(&self.pipeline), scope, handover)
    }

    /// The same for a worker, which has nobody to hand them to.
    pub fn supervisor_without_worker(&self, scope: Scope) -> Supervisor {
        Supervisor::start(Arc::clone(&self.pipeline), scope, None)
    }

    /// Starts a worker where accepted jobs are left that no living process follows: they hold places at the
    /// provider that a new job may wait for.
    pub async fn pick_up_the_rest(&self) -> anyhow::Result<()> {
        for job in self.store.unfinished().await? {
            if !job.stage.is_live() || job.stage == Stage::Queued {
                continue;
            }
            let owner = self.store.owner_of(job.id).await?;
            if owner.is_none_or(|(owner, _)| crate::process::alive(&owner) == Alive::No) {
                return self.start_worker().context("starting the worker");
            }
        }
        Ok(())
    }

    /// Starts a detached worker, which follows everything unfinished and then ends.
    pub fn start_worker(&self) -> std::io::Result<()> {
        if self.flags.read_only {
            // A worker would not be read-only: it sends and spends.
            return Err(std::io::Error::other(StoreError::ReadOnly));
        }
        self.handover()()
    }

    fn handover(&self) -> Handover {
        let (program, log) = (self.program.clone(), self.paths.log());
        let clients = Arc::clone(&self.clients);
        Arc::new(move || detach::start_worker(&program, &log, &clients.to_hand_over()).map(drop))
    }
}

/// Reads what another process handed to this worker: one JSON object, provider to key.
///
/// # Errors
///
/// When the pipe holds something else.
pub fn read_handed(mut pipe: impl Read) -> anyhow::Result<Handed> {
    let mut text = String::new();
    pipe.by_ref()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .context("reading handed credentials")?;
    Handed::read(&text)
}
