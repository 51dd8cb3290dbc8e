//! A library in a throw-away folder with the real pipeline and the real `WaveSpeed` client over it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rushes::catalog::Shelf;
use rushes::clock::{Dice, SystemClock};
use rushes::config::ApiKey;
use rushes::domain::job::FailurePolicy;
use rushes::domain::{
    Account, Alert, Ask, Brief, Fingerprint, Job, JobEvent, JobId, LineKind, ModelId, Operation,
    Owner, Progress, ProviderId, Usd,
};
use rushes::library::Library;
use rushes::media::MediaChild;
use rushes::pipeline::{
    Driven, Leash, Patience, Pipeline, Quotes, Reporter, Services, Terms, Unavailable, Uploads,
};

use rushes::provider::wavespeed::{Timeouts, Wavespeed, WavespeedOptions};
use rushes::provider::{Abilities, Provider};
use rushes::store::Store;
use rushes::store::ledger::Days;

use super::server::Server;
use super::{builtin, params};

/// What everybody was told, in order.
#[derive(Default)]
pub(crate) struct Recorder {
    moves: Mutex<Vec<(JobId, JobEvent)>>,
    troubles: Mutex<Vec<String>>,
    bytes: Mutex<Vec<(Option<u64>, Option<u64>)>>,
    alerts: Mutex<Vec<Alert>>,
}

impl Recorder {
    pub(crate) fn events(&self) -> Vec<&'static str> {
        self.moves.lock().unwrap().iter().map(|(_, event)| event.name()).collect()
    }

    pub(crate) fn troubles(&self) -> Vec<String> {
        self.troubles.lock().unwrap().clone()
    }

    pub(crate) async fn until_trouble(&self) {
        for _ in 0..2_000 {
            if !self.troubles().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nothing was said");
    }

    pub(crate) fn alerts(&self) -> Vec<Alert> {
        self.alerts.lock().unwrap().clone()
    }

    pub(crate) fn bytes(&self) -> Vec<(Option<u64>, Option<u64>)> {
        self.bytes.lock().unwrap().clone()
    }
}

impl Reporter for Recorder {
    fn moved(&self, job: &Job, event: &JobEvent) {
        self.moves.lock().unwrap().push((job.id, event.clone()));
    }

    fn progress(&self, _: JobId, progress: Progress) {
        self.bytes.lock().unwrap().push((progress.bytes, progress.bytes_total));
    }

    fn reached(&self, alert: &Alert) {
        self.alerts.lock().unwrap().push(alert.clone());
    }

    fn trouble(&self, what: &str, _: Option<&str>) {
        self.troubles.lock().unwrap().push(what.to_owned());
    }
}

struct OneProvider(Arc<dyn Provider>);

#[async_trait]
impl Services for OneProvider {
    async fn provider(&self, _: ProviderId) -> Result<Arc<dyn Provider>, Unavailable> {
        Ok(Arc::clone(&self.0))
    }

    async fn credential(&self, _: ProviderId) -> Result<String, Unavailable> {
        Ok("a test's".into())
    }
}

/// How a world differs from the usual one.
pub(crate) struct Differs {
    pub(crate) patience: Patience,
    pub(crate) abilities: Abilities,
    pub(crate) credential: &'static str,
    pub(crate) owner: Owner,
    pub(crate) address: Option<String>,
    /// Another provider than `WaveSpeed`.
    pub(crate) provider: Option<Arc<dyn Provider>>,
}

impl Default for Differs {
    fn default() -> Self {
        Self {
            patience: quick(),
            abilities: Abilities {
                failure_policy: FailurePolicy::Refunded,
                refund_hours: Some(3),
                uploads_kept_hours: 24,
                uploads_most_bytes: 300_000_000,
                running_at_once: 20,
                sent_per_minute: 100,
                can_cancel: false,
                has_history: true,
                dashboard: None,
            },
            credential: "one",
            owner: rushes::process::this_owner(),
            address: None,
            provider: None,
        }
    }
}

/// Pauses short enough for a test.
pub(crate) fn quick() -> Patience {
    let ms = Duration::from_millis;
    Patience {
        poll_first: ms(5),
        poll_longest: ms(20),
        poll_overdue: ms(20),
        rate_limit_first: ms(20),
        rate_limit_longest: ms(50),
        look_ups: vec![ms(30), ms(60)],
        look_around: ms(20),
        ..Patience::default()
    }
}

/// An owner whose process is gone.
pub(crate) fn dead_owner() -> Owner {
    Owner { pid: u32::MAX - 1, start: 1, ..rushes::process::this_owner() }
}

pub(crate) struct World {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) told: Arc<Recorder>,
    folder: Arc<tempfile::TempDir>,
}

impl World {
    pub(crate) async fn new(server: &Server) -> Self {
        Self::with(server, Differs::default()).await
    }

    pub(crate) async fn with(server: &Server, differs: Differs) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::over(folder, server, differs).await
    }

    /// Another process over the same library.
    pub(crate) async fn beside(&self, server: &Server, differs: Differs) -> Self {
        Self::over(Arc::clone(&self.folder), server, differs).await
    }

    async fn over(folder: Arc<tempfile::TempDir>, server: &Server, differs: Differs) -> Self {
        let told = Arc::new(Recorder::default());
        let store = Store::open(&folder.path().join("library.db")).await.unwrap();
        let address = differs.address.unwrap_or_else(|| server.address().to_owned());
        let options = WavespeedOptions {
            account: Account {
                provider: ProviderId::Wavespeed,
                base_url: address.clone(),
                credential: Fingerprint::new(differs.credential),
            },
            request_base_url: address,
            key: ApiKey::read("wsk_test_0123456789").unwrap(),
            abilities: differs.abilities,
        };
        let wavespeed = Wavespeed::connect_within(options, patience_of_the_line()).unwrap();
        let client = differs.provider.unwrap_or_else(|| Arc::new(wavespeed));
        let pipeline = Arc::new(Pipeline {
            store,
            catalog: Arc::new(Shelf::new((*builtin()).clone())),
            quotes: Quotes::default(),
            services: Arc::new(OneProvider(client)),
            library: Library::new(folder.path().to_owned(), jiff::tz::TimeZone::UTC),
            media: MediaChild::new(PathBuf::from(env!("CARGO_BIN_EXE_rushes"))),
            uploads: Uploads::default(),
            reporter: Arc::clone(&told) as Arc<dyn Reporter>,
            patience: differs.patience,
            terms: Terms {
                plan: None,
                zone: jiff::tz::TimeZone::UTC,
                confirm_above: Usd::ZERO,
                disk_needed: 1,
            },
            clock: Arc::new(SystemClock),
            dice: Dice::new(),
            owner: differs.owner,
        });
        Self { pipeline, told, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.pipeline.store
    }

    pub(crate) fn brief(prompt: &str) -> Brief {
        Brief {
            provider: ProviderId::Wavespeed,
            model: ModelId::new("wavespeed-ai/hunyuan-video-1.5/text-to-video"),
            operation: Operation::TextToVideo,
            params: params(prompt),
            inputs: vec![],
            project: None,
            tags: vec![],
            parent: None,
            scene: None,
        }
    }

    /// Admits one job that somebody has said yes to.
    pub(crate) async fn order(&self) -> Job {
        self.orders(1).await.remove(0)
    }

    /// Admits several together.
    pub(crate) async fn orders(&self, count: usize) -> Vec<Job> {
        let briefs = (0..count).map(|number| Self::brief(&format!("kite {number}"))).collect();
        let ask = Ask { consent: true, ..Ask::new(briefs) };
        self.pipeline.admit(ask, None).await.unwrap()
    }

    /// Drives a job as far as it goes.
    pub(crate) async fn drive(&self, job: &Job) -> Driven {
        let leash = Leash::default();
        let driven = self.pipeline.drive(job.id, &leash);
        tokio::time::timeout(Duration::from_secs(30), driven).await.expect("it ends").unwrap()
    }

    /// Admits a job and drives it to its end.
    pub(crate) async fn run(&self) -> Job {
        let job = self.order().await;
        self.drive(&job).await;
        self.job(&job).await
    }

    /// The job as it is in the library.
    pub(crate) async fn job(&self, job: &Job) -> Job {
        self.store().job(job.id).await.unwrap()
    }

    /// Waits until the job in the library is as it should be.
    pub(crate) async fn until(&self, job: &Job, what: &str, is: impl Fn(&Job) -> bool) -> Job {
        for _ in 0..2_000 {
            let now = self.job(job).await;
            if is(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("job {} never was {what}: {:?}", job.number, self.job(job).await);
    }

    /// The kinds of the job's ledger lines, in order.
    pub(crate) async fn lines(&self, job: &Job) -> Vec<LineKind> {
        let ledger = self.store().ledger(Days::default()).await.unwrap();
        ledger.into_iter().filter(|line| line.job == job.id).map(|line| line.kind).collect()
    }

    /// Every file below the library's takes.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        fn below(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { below(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        below(&self.folder().join("takes"), &mut found);
        found.sort();
        found
    }
}

/// A line that gives up soon enough for a test, and late enough for a busy machine.
pub(crate) fn patience_of_the_line() -> Timeouts {
    let seconds = Duration::from_secs;
    Timeouts { submit: seconds(2), ask: seconds(2), stall: seconds(2), ..Timeouts::default() }
}
