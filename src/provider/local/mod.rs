//! What this machine does itself: edits, exports and assembly. One more provider, so that a cut is ordered,
//! admitted, followed, saved and found again like everything else.
//!
//! An order is a folder below the state, and whoever asks about one that nobody works on starts it again:
//! nothing is billed, so it may be done twice. The work itself is a process of its own ([`child`]) that
//! outlives this one.

mod asked;
mod bench;
pub mod child;
mod edits;
mod file_url;
mod orders;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio_util::io::ReaderStream;

use self::orders::{Ended, Orders, Standing};
use super::{
    Abilities, AskError, Bill, BillingQuery, Download, OpenError, Order, OutputUrl, PastPrediction,
    Prediction, Provider, Status, SubmitError, Upload, UsageStats,
};
use crate::catalog::platforms::{Platform, Platforms};
use crate::catalog::{CatalogError, ModelSpec, ParamKind};
use crate::config::{Env, Paths};
use crate::domain::{Account, ModelId, PredictionId, Usd};

pub use child::{SUBCOMMAND, child_main};
pub use tools::{NoTools, Tools};

/// What this machine has for the work.
#[derive(Debug, Clone)]
pub struct Here {
    /// `ffmpeg`, or why there is none.
    pub tools: Result<Tools, NoTools>,
    /// What the platforms take.
    pub platforms: Platforms,
}

impl Here {
    /// Looks. What the program can do is asked once for each `ffmpeg` that is installed, and remembered.
    pub fn find(env: &Env, paths: &Paths) -> Result<Self, CatalogError> {
        let path = env.path("PATH").unwrap_or_default();
        Ok(Self {
            tools: Tools::find(path.as_os_str(), &paths.tools_file()),
            platforms: platforms(paths)?,
        })
    }

    /// Makes a model as it is here: off where the tools for it are missing, with the platforms that are known.
    pub fn fit(&self, spec: &mut ModelSpec) {
        if !spec.is_local() {
            return;
        }
        if let Some(lack) = tools::lack(&self.tools, spec.id.as_str())
            && spec.available
        {
            spec.available = false;
            spec.reason = Some(lack);
        }
        let platform = spec.params.iter_mut().find(|param| param.key == "platform");
        if let Some(ParamKind::Choice { of }) = platform.map(|param| &mut param.kind) {
            *of = self.platforms.ids().map(Value::from).collect();
        }
    }
}

/// What the platforms take: the shipped ones, and those of the user's file.
///
/// # Errors
///
/// When that file cannot be read, or is wrong.
pub fn platforms(paths: &Paths) -> Result<Platforms, CatalogError> {
    let path = paths.platforms_file();
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Platforms::with_own(Some((&file, &text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Platforms::built_in(),
        Err(source) => Err(CatalogError::Unreadable { file, source }),
    }
}

/// What is needed to work here.
pub struct LocalOptions {
    /// Whose jobs these are: nobody's in particular.
    pub account: Account,
    /// How much is done at once.
    pub abilities: Abilities,
    /// Where the orders lie.
    pub folder: PathBuf,
    /// Where is remembered what the `ffmpeg` here can do.
    pub tools_file: PathBuf,
    /// This program's own file: the work is a child of it.
    pub program: PathBuf,
    /// Where the child looks for `ffmpeg`: all that it sees of the environment.
    pub search_path: OsString,
    /// What there is.
    pub here: Here,
}

/// This machine as a provider.
pub struct Local {
    account: Account,
    abilities: Abilities,
    orders: Orders,
    tools_file: PathBuf,
    program: PathBuf,
    search_path: OsString,
    here: Here,
}

impl Local {
    /// Nothing is started and nothing written before something is ordered.
    pub fn new(options: LocalOptions) -> Self {
        Self {
            account: options.account,
            abilities: options.abilities,
            orders: Orders::new(options.folder),
            tools_file: options.tools_file,
            program: options.program,
            search_path: options.search_path,
            here: options.here,
        }
    }

    /// What an order needs beyond its own words, or why it is none that can be done here.
    fn platform(&self, order: &Order) -> Result<Option<Platform>, String> {
        if let Some(lack) = tools::lack(&self.here.tools, order.model.as_str()) {
            return Err(lack);
        }
        asked::files(&order.params)?;
        let Some(id) = order.params.get("platform").and_then(Value::as_str) else {
            return Ok(None);
        };
        let known = self.here.platforms.get(id);
        known.cloned().map(Some).ok_or_else(|| format!("no platform {id} is known"))
    }

    /// Starts the work of an order as a process of its own. It takes the order's lock, or ends at once.
    fn start(&self, id: &PredictionId) -> std::io::Result<()> {
        let child = tokio::process::Command::new(&self.program)
            .arg(SUBCOMMAND)
            .arg(self.orders.folder(id))
            .arg(&self.tools_file)
            .env_clear()
            .env("PATH", &self.search_path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A signal from the terminal is for the screen; a cancel ends this group with all its children.
            .process_group(0)
            .spawn()?;
        // It goes on without this process; the runtime buries it where it ends first.
        drop(child);
        Ok(())
    }

    fn prediction(id: &PredictionId, status: Status) -> Prediction {
        Prediction {
            id: id.clone(),
            status,
            outputs: Vec::new(),
            metadata: Map::new(),
            percent: None,
            queue_position: None,
        }
    }
}

fn unknown(id: &PredictionId) -> AskError {
    AskError::Refused { status: 404, message: format!("there is no order {id} on this machine") }
}

fn broken(error: &std::io::Error) -> AskError {
    AskError::Unreachable { message: error.to_string(), retry_after: None }
}

#[async_trait]
impl Provider for Local {
    fn account(&self) -> &Account {
        &self.account
    }

    fn request_base_url(&self) -> &str {
        &self.account.base_url
    }

    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    async fn submit(&self, order: &Order) -> Result<Prediction, SubmitError> {
        let platform = self
            .platform(order)
            .map_err(|message| SubmitError::Refused { status: 422, message })?;
        let id = self.orders.write(order, platform, Timestamp::now()).map_err(|error| {
            SubmitError::NotSent(format!("the order could not be written: {error}"))
        })?;
        if let Err(error) = self.start(&id) {
            // It is asked about soon, and started then.
            tracing::warn!(%id, %error, "the work could not be started");
        }
        Ok(Self::prediction(&id, Status::Created))
    }

    async fn result(&self, id: &PredictionId) -> Result<Prediction, AskError> {
        match self.orders.standing(id).map_err(|error| broken(&error))? {
            Standing::Unknown => Err(unknown(id)),
            Standing::Ended(Ended::Done { files, metadata }) => {
                let folder = self.orders.folder(id);
                let outputs = files.iter().map(|name| file_url::of(&folder.join(name))).collect();
                let done = Self::prediction(id, Status::Completed);
                Ok(Prediction { outputs, metadata, ..done })
            }
            Standing::Ended(Ended::Failed { message }) => {
                let status = Status::Failed { code: None, message, moderated: false };
                Ok(Self::prediction(id, status))
            }
            Standing::Ended(Ended::Cancelled) => {
                let status = Status::Cancelled { message: "it was stopped".to_owned() };
                Ok(Self::prediction(id, status))
            }
            Standing::AtWork { percent } => {
                Ok(Prediction { percent, ..Self::prediction(id, Status::Processing) })
            }
            Standing::Idle => {
                self.start(id).map_err(|error| broken(&error))?;
                Ok(Self::prediction(id, Status::Processing))
            }
        }
    }

    async fn open(&self, url: &OutputUrl) -> Result<Download, OpenError> {
        let stale = |message: String| OpenError { message, stale: true };
        let file = file_url::path(&url.0).filter(|file| self.orders.holds(file));
        let file = file.ok_or_else(|| stale("that is no output of this machine".to_owned()))?;
        let opened = tokio::fs::File::open(&file).await;
        let opened = opened.map_err(|error| stale(error.to_string()))?;
        let length = opened.metadata().await.map_err(|error| stale(error.to_string()))?.len();
        let bytes = ReaderStream::with_capacity(opened, 256 * 1024);
        let cut = |error: std::io::Error| OpenError { message: error.to_string(), stale: false };
        let bytes = bytes.map(move |part| part.map_err(cut));
        Ok(Download { length: Some(length), bytes: bytes.boxed() })
    }

    async fn cancel(&self, id: &PredictionId) -> Result<(), AskError> {
        if self.orders.cancel(id).map_err(|error| broken(&error))? {
            return Ok(());
        }
        Err(unknown(id))
    }

    async fn saved(&self, id: &PredictionId) {
        if let Err(error) = self.orders.forget(id) {
            tracing::warn!(%id, %error, "an order that is done could not be cleared away");
        }
    }

    async fn history(
        &self,
        model: &ModelId,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<PastPrediction>, AskError> {
        let orders = self.orders.all().map_err(|error| broken(&error))?;
        let meant = orders.into_iter().filter(|(_, order)| {
            order.model == *model && (after..=before).contains(&order.created)
        });
        let past = meant.map(|(id, order)| PastPrediction {
            prediction: Self::prediction(&id, Status::Created),
            model: order.model,
            inputs: Some(order.params),
            created: Some(order.created),
        });
        Ok(past.collect())
    }

    async fn balance(&self) -> Result<Option<Usd>, AskError> {
        Ok(None)
    }

    async fn quote(&self, _order: &Order) -> Result<Usd, AskError> {
        Ok(Usd::ZERO)
    }

    async fn billings(&self, _query: &BillingQuery) -> Result<Bill, AskError> {
        Err(AskError::NotOffered("a bill"))
    }

    async fn usage_stats(&self, _: Timestamp, _: Timestamp) -> Result<UsageStats, AskError> {
        Err(AskError::NotOffered("a sum of what was used"))
    }

    async fn models(&self) -> Result<Value, AskError> {
        Err(AskError::NotOffered("a list of models"))
    }

    /// A file is its own address: nothing is copied.
    async fn upload(
        &self,
        file: &Upload,
        _sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<OutputUrl, AskError> {
        let path = std::path::absolute(&file.path).map_err(|error| broken(&error))?;
        Ok(file_url::of(&path))
    }
}
