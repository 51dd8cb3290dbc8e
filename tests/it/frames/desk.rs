//! A made-up program behind the studio: jobs that move when they are told to, takes with painted posters.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use rushes::domain::brief::Source;
use rushes::domain::job::Settlement;
use rushes::domain::usage::Entry;
use rushes::domain::{
    Ask, Asset, AssetId, Brief, Job, JobEvent, JobId, ModelId, Picture, Pixels, Preflight,
    Progress, ProviderId, Quote, Totals, Unsent, Usd, Verdict,
};
use rushes::story::{Agreed, Revision, Selection, Sheet};
use rushes::tui::backend::{
    Backend, Board, Film, Folder, Notice, Ordered, Poster, Spending, Trouble,
};
use rushes::tui::form::files::Found;
use rushes::tui::story::desk::{Known, Storyboard};
use rushes::tui::story::{Ran, RunLook};
use rushes::tui::usage::{Asked, Export, Lines, Report};
use tokio::sync::{mpsc, watch};

use super::made::{self, accepted, checks, job, painted, take};

/// What the made-up program holds.
#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    assets: Vec<Asset>,
    trashed: Vec<Asset>,
    board: Board,
    kept: HashMap<&'static str, String>,
    /// What was asked of it, in words.
    calls: Vec<String>,
}

/// The made-up program.
pub(crate) struct Made {
    state: Mutex<State>,
    provider: ProviderId,
    notices: mpsc::UnboundedSender<Notice>,
    board: watch::Sender<Arc<Board>>,
    /// How long a step of a job takes; `None`: jobs stay where they are.
    pace: Option<Duration>,
    clock: fn() -> Timestamp,
}

/// The made-up program with its two channels.
pub(crate) struct Desk {
    /// The program.
    pub(crate) backend: Arc<Made>,
    /// Its news.
    pub(crate) notices: mpsc::UnboundedReceiver<Notice>,
    /// Its progress.
    pub(crate) board: watch::Receiver<Arc<Board>>,
}

/// A program with these jobs and takes, whose new jobs make a step each `pace`.
pub(crate) fn desk(
    provider: ProviderId,
    jobs: Vec<Job>,
    assets: Vec<Asset>,
    pace: Option<Duration>,
    clock: fn() -> Timestamp,
) -> Desk {
    let (notices, news) = mpsc::unbounded_channel();
    let (board, progress) = watch::channel(Arc::new(Board::new()));
    let state = State { jobs, assets, ..State::default() };
    let backend =
        Arc::new(Made { state: Mutex::new(state), provider, notices, board, pace, clock });
    Desk { backend, notices: news, board: progress }
}

impl Made {
    /// What was asked of it, in words, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.with(|state| state.calls.clone())
    }

    /// How many takes there are.
    pub(crate) fn saved(&self) -> usize {
        self.with(|state| state.assets.len())
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn called(&self, words: String) {
        self.with(|state| state.calls.push(words));
    }

    fn step(&self, id: JobId, event: &JobEvent) {
        let at = (self.clock)();
        let job = self.with(|state| {
            let job = state.jobs.iter_mut().find(|job| job.id == id)?;
            job.apply(event, at).ok()?;
            let job = job.clone();
            if matches!(event, JobEvent::Saved { .. }) {
                state.assets.insert(0, take(&job));
            }
            Some(job)
        });
        if let Some(job) = job {
            drop(self.notices.send(Notice::Moved { job: Box::new(job), event: event.clone() }));
        }
    }
}

/// Drives a job through its life, a step each `pace`.
async fn live(made: Arc<Made>, id: JobId, pace: Duration) {
    for event in accepted() {
        made.step(id, &event);
        tokio::time::sleep(pace).await;
    }
    made.step(id, &JobEvent::Processing);
    tokio::time::sleep(pace * 4).await;
    made.step(id, &JobEvent::OutputReady);
    for part in 0..=10_u64 {
        let figures = Progress {
            bytes: Some(part * 1_200_000),
            bytes_total: Some(12_000_000),
            ..Progress::default()
        };
        let board = made.with(|state| {
            state.board.insert(id, figures);
            state.board.clone()
        });
        drop(made.board.send(Arc::new(board)));
        tokio::time::sleep(pace / 4).await;
    }
    made.step(id, &JobEvent::Saved { charge: Usd::from_micros(200_000) });
}

/// The trait object that the studio gets: it keeps the program alive while jobs run.
pub(crate) struct Shared(pub(crate) Arc<Made>);

/// There is no story in the made-up program.
#[async_trait]
impl Storyboard for Shared {
    async fn known(&self) -> Known {
        Known::default()
    }

    async fn read(&self, _file: PathBuf) -> Result<Option<Sheet>, Trouble> {
        Ok(None)
    }

    async fn create(&self, file: PathBuf) -> Result<(), Trouble> {
        self.0.called(format!("create {}", file.display()));
        Ok(())
    }

    async fn revise(&self, _: PathBuf, _: Revision) -> Result<(String, String), Trouble> {
        Err(none())
    }

    async fn look(&self, _: PathBuf, _: Selection, _: Option<Usd>) -> Result<RunLook, Trouble> {
        Err(none())
    }

    async fn run(&self, _: PathBuf, _: Selection, _: Agreed) -> Result<Ran, Trouble> {
        Err(none())
    }

    async fn go_on(&self) -> Result<Ran, Trouble> {
        Ok(Ran::default())
    }

    async fn stop(&self, _file: PathBuf) -> Result<Ran, Trouble> {
        Ok(Ran::default())
    }

    async fn assembly(&self, _file: PathBuf) -> Result<Ask, Trouble> {
        Err(none())
    }

    async fn edit(&self, _file: PathBuf) -> Result<(), Trouble> {
        Ok(())
    }
}

fn none() -> Trouble {
    Trouble { what: "there is no such file".to_owned(), hint: None }
}

#[async_trait]
impl Backend for Shared {
    fn stories(&self) -> &dyn Storyboard {
        self
    }

    async fn preflight(&self, ask: Ask) -> Result<Preflight, Trouble> {
        self.0.called(format!("preflight {}", ask.briefs.len()));
        Ok(checks(self.0.provider))
    }

    async fn order(&self, ask: Ask) -> Result<Ordered, Trouble> {
        let mut jobs = Vec::new();
        for wanted in ask.briefs {
            let number =
                self.0.with(|state| state.jobs.iter().map(|job| job.number).max().unwrap_or(0)) + 1;
            let mut job = job(self.0.provider, number, wanted.prompt(), 0);
            (job.times.created, job.times.stage) = ((self.0.clock)(), (self.0.clock)());
            job.brief = wanted;
            self.0.with(|state| state.jobs.insert(0, job.clone()));
            self.0.called(format!("order {:?} seed {:?}", job.brief.prompt(), job.brief.seed()));
            if let Some(pace) = self.0.pace {
                tokio::spawn(live(Arc::clone(&self.0), job.id, pace));
            }
            jobs.push(job);
        }
        Ok(Ordered::Admitted(jobs))
    }

    async fn jobs(&self, limit: usize) -> Result<Vec<Job>, Trouble> {
        Ok(self.0.with(|state| state.jobs.iter().take(limit).cloned().collect()))
    }

    async fn timeline(&self, id: JobId) -> Result<Vec<(Timestamp, JobEvent)>, Trouble> {
        let from = self
            .0
            .with(|state| state.jobs.iter().find(|job| job.id == id).map(|job| job.times.created));
        let events = std::iter::once(JobEvent::Admitted).chain(accepted());
        Ok(events.map(|event| (from.unwrap_or_default(), event)).collect())
    }

    async fn assets(&self, limit: usize) -> Result<Vec<Asset>, Trouble> {
        Ok(self.0.with(|state| state.assets.iter().take(limit).cloned().collect()))
    }

    async fn spending(&self) -> Result<Spending, Trouble> {
        let (spent, held) = self.0.with(|state| {
            let spent = state.jobs.iter().filter_map(Job::cost).sum::<Usd>();
            (spent, state.jobs.iter().map(|job| job.balance.held()).sum::<Usd>())
        });
        let totals = if self.0.provider.is_simulated() {
            Totals { simulated: spent, simulated_held: held, ..Totals::default() }
        } else {
            Totals { spent, held, ..Totals::default() }
        };
        let standings = vec![made::day_budget(spent, held)];
        Ok(Spending { today: totals, ever: totals, standings, alerts: vec![] })
    }

    async fn import(&self, path: PathBuf) -> Result<String, Trouble> {
        Ok(format!("{} is in the library", path.display()))
    }

    async fn usage(&self, asked: Asked) -> Result<Report, Trouble> {
        Ok(super::usage::report(super::usage::Kind::Pretended, &asked))
    }

    async fn ledger(&self, lines: Lines) -> Result<Vec<Entry>, Trouble> {
        Ok(super::usage::entries(super::usage::Kind::Pretended, &lines))
    }

    async fn export(&self, _what: Export) -> Result<PathBuf, Trouble> {
        self.0.called("export".to_owned());
        Ok(PathBuf::from("rushes-usage-2026-11-22.csv"))
    }

    async fn poster(&self, id: AssetId, fit: Pixels) -> Result<Poster, Trouble> {
        let number = self.0.with(|state| {
            state.assets.iter().find(|asset| asset.id == id).map(|asset| asset.number)
        });
        Ok(Poster::Picture(painted(u64::from(number.unwrap_or_default()), fit)))
    }

    async fn usual(&self, _model: ModelId) -> Result<Option<(Duration, Duration)>, Trouble> {
        Ok(Some((Duration::from_secs(100), Duration::from_secs(130))))
    }

    async fn cancel(&self, id: JobId) -> Result<(), Trouble> {
        self.0.called("cancel".to_owned());
        self.0.step(id, &JobEvent::Abandoned);
        self.0.step(id, &JobEvent::GivenUp);
        Ok(())
    }

    async fn resume(&self, id: Option<JobId>) -> Result<(), Trouble> {
        self.0.called(format!("resume {}", id.is_some()));
        Ok(())
    }

    async fn find(&self, _id: JobId) -> Result<String, Trouble> {
        Ok("nothing in the provider's history fits".to_owned())
    }

    async fn settle(&self, id: JobId, settlement: Settlement) -> Result<(), Trouble> {
        self.0.step(id, &JobEvent::Settled { settlement });
        Ok(())
    }

    async fn trash(&self, id: AssetId) -> Result<(), Trouble> {
        self.0.called("trash".to_owned());
        self.0.with(|state| {
            let (gone, left) =
                std::mem::take(&mut state.assets).into_iter().partition(|asset| asset.id == id);
            state.assets = left;
            state.trashed = gone;
        });
        Ok(())
    }

    async fn restore(&self, _id: AssetId) -> Result<(), Trouble> {
        self.0.called("restore".to_owned());
        self.0.with(|state| {
            let mut back = std::mem::take(&mut state.trashed);
            state.assets.append(&mut back);
            state.assets.sort_by_key(|asset| std::cmp::Reverse(asset.number));
        });
        Ok(())
    }

    async fn decide(&self, id: AssetId, verdict: Option<Verdict>) -> Result<(), Trouble> {
        self.0.with(|state| {
            for asset in state.assets.iter_mut().filter(|asset| asset.id == id) {
                (asset.verdict, asset.reason) = (verdict, None);
            }
        });
        Ok(())
    }

    async fn give_reason(&self, id: AssetId, reason: Option<String>) -> Result<(), Trouble> {
        self.0.called(format!("reason {reason:?}"));
        self.0.with(|state| {
            for asset in state.assets.iter_mut().filter(|asset| asset.id == id) {
                asset.reason.clone_from(&reason);
            }
        });
        Ok(())
    }

    async fn favourite(&self, id: AssetId, favourite: bool) -> Result<(), Trouble> {
        self.0.with(|state| {
            for asset in state.assets.iter_mut().filter(|asset| asset.id == id) {
                asset.favourite = favourite;
            }
        });
        Ok(())
    }

    async fn recall(&self, key: &'static str) -> Result<Option<String>, Trouble> {
        Ok(self.0.with(|state| state.kept.get(key).cloned()))
    }

    async fn keep(&self, key: &'static str, value: String) -> Result<(), Trouble> {
        self.0.with(|state| state.kept.insert(key, value));
        Ok(())
    }

    async fn refresh_models(&self) -> Result<String, Trouble> {
        self.0.called("refresh models".to_owned());
        Ok("the provider lists 794 models, 2 of them new".to_owned())
    }

    async fn quote(&self, _brief: Brief) -> Result<Quote, Trouble> {
        self.0.called("quote".to_owned());
        Err(Trouble { what: "no answer".to_owned(), hint: None })
    }

    async fn quote_differences(&self) -> Result<Vec<Quote>, Trouble> {
        Ok(vec![])
    }

    async fn leave(&self, unsent: Unsent) -> Result<(), Trouble> {
        self.0.called(format!("leave {unsent:?}"));
        Ok(())
    }

    async fn words(&self, id: AssetId) -> Result<String, Trouble> {
        Ok(format!("the words of {id}"))
    }

    async fn film(&self, id: AssetId, fit: Pixels, from_ms: u64) -> Result<Box<dyn Film>, Trouble> {
        self.0.called(format!("film {id} {from_ms}"));
        Ok(Box::new(Strip { fit, at_ms: from_ms }))
    }

    async fn facts(&self, source: Source) -> Result<Found, Trouble> {
        super::files::found(&source)
    }

    async fn look_into(&self, folder: PathBuf) -> Result<Folder, Trouble> {
        Ok(super::files::folder(&folder))
    }

    async fn picture(&self, _file: PathBuf, fit: Pixels) -> Result<Picture, Trouble> {
        Ok(painted(7, fit))
    }

    async fn edit(&self, text: String) -> Result<String, Trouble> {
        self.0.called(format!("edit {text:?}"));
        Ok(format!("{text}, edited"))
    }

    async fn take_back(&self) -> Result<(), Trouble> {
        self.0.called("take back".to_owned());
        Ok(())
    }
}

/// A second of 25 frames from where it was opened.
struct Strip {
    fit: Pixels,
    at_ms: u64,
}

#[async_trait]
impl Film for Strip {
    async fn next(&mut self) -> Result<Option<(u64, Picture)>, Trouble> {
        let at_ms = self.at_ms;
        self.at_ms += 40;
        Ok((at_ms < 1000).then(|| (at_ms, painted(at_ms, self.fit))))
    }
}
