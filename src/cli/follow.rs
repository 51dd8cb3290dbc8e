//! Jobs followed to their end in the foreground, with what is printed meanwhile.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::assembly::Assembly;
use crate::domain::{Alive, Job, JobId, Stage, StageName, Unsent, Wish};
use crate::pipeline::supervisor::said;
use crate::pipeline::{LookUp, PipelineError, Supervisor};
use crate::provider::abilities;
use crate::store::{AssetFilter, Store, StoreError};
use crate::studio::News;
use crate::tui::backend::{Board, Notice};

use super::exit::Exit;
use super::followed::{Followed, figures_of};
use super::signals::Signals;
use super::talk;
use super::teller::Teller;

/// How jobs are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// JSON Lines on standard output.
    pub json: bool,
    /// Return as soon as the provider has them.
    pub detach: bool,
    /// Only look: whoever drives them drives them.
    pub only_look: bool,
}

/// What is ordered once something that is followed has come to its end: what waited for it.
#[async_trait]
pub(super) trait Sequel: Send {
    /// Orders what can be ordered now. The jobs are driven already.
    async fn next(&mut self) -> anyhow::Result<Vec<Job>>;
}

/// A job and how many events it has behind it, of one moment.
pub(super) async fn read(store: &Store, id: JobId) -> Result<Followed, StoreError> {
    loop {
        let events = store.timeline(id).await?.len();
        let job = store.job(id).await?;
        if store.timeline(id).await?.len() == events {
            return Ok(Followed::new(job, events));
        }
    }
}

/// Follows these jobs to their end, or to where nobody waits for them any longer. Leaves in every case:
/// what was accepted goes on in a worker.
pub(super) async fn follow(
    assembly: &Arc<Assembly>,
    supervisor: &Supervisor,
    news: &mut News,
    signals: &mut Signals,
    (jobs, manner): (Vec<Followed>, Manner),
) -> anyhow::Result<Exit> {
    follow_on(assembly, supervisor, (news, signals), (jobs, manner), None).await
}

/// The same, with what is ordered meanwhile.
pub(super) async fn follow_on<'a>(
    assembly: &'a Arc<Assembly>,
    supervisor: &'a Supervisor,
    (news, signals): (&mut News, &mut Signals),
    (jobs, manner): (Vec<Followed>, Manner),
    sequel: Option<&'a mut dyn Sequel>,
) -> anyhow::Result<Exit> {
    let mut following = Following {
        assembly,
        supervisor,
        manner,
        jobs,
        look_ups: JoinSet::new(),
        teller: Teller::new(manner.json),
        sequel,
        looked_on: 0,
        broken: None,
    };
    let ended = following.until_the_end(news, signals).await;
    following.teller.clear_line();
    let unsent = if manner.detach { Unsent::Send } else { Unsent::Hold };
    if following.is_submitting() {
        talk::say("a submission is on its way: it is seen through first; again to leave at once");
    }
    signals.unless_again(supervisor.leave(unsent)).await;
    if ended.as_ref().is_ok_and(|exit| exit.is_a_signal()) {
        let awaited: Vec<_> = following.jobs.iter().map(Followed::is_awaited).collect();
        // What happened on the way out: accepted, or held.
        following.catch_up().await?;
        for (followed, _) in following.jobs.iter().zip(awaited).filter(|(_, awaited)| *awaited) {
            if let Some(way) = way_on(&followed.job) {
                talk::say(&way);
            }
        }
    }
    Ok(ended?)
}

struct Following<'a> {
    assembly: &'a Arc<Assembly>,
    supervisor: &'a Supervisor,
    manner: Manner,
    jobs: Vec<Followed>,
    look_ups: JoinSet<(JobId, Result<LookUp, PipelineError>)>,
    teller: Teller,
    sequel: Option<&'a mut dyn Sequel>,
    /// After how many endings it was last asked what is ordered next.
    looked_on: usize,
    /// How it ends where that went wrong.
    broken: Option<Exit>,
}

impl Following<'_> {
    async fn until_the_end(
        &mut self,
        news: &mut News,
        signals: &mut Signals,
    ) -> Result<Exit, StoreError> {
        for followed in &self.jobs {
            self.teller.job(&followed.job, followed.job.times.stage);
        }
        self.judge_all().await?;
        self.drive_what_nobody_drives().await?;
        let second = Duration::from_secs(1);
        let mut tick = tokio::time::interval_at(Instant::now() + second, second);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Some(signal) = self.go_on(signals).await? {
                return Ok(signal);
            }
            if let Some(exit) = self.ended() {
                return Ok(exit);
            }
            tokio::select! {
                signal = signals.next() => return Ok(signal),
                notice = news.notices.recv() => match notice {
                    Some(Notice::Moved { .. } | Notice::Changed) => self.catch_up().await?,
                    Some(Notice::Trouble(trouble)) => {
                        self.teller.trouble(&trouble.what, trouble.hint.as_deref());
                    }
                    Some(Notice::Reached(alert)) => {
                        self.teller.trouble(&alert.to_string(), Some("rushes usage; rushes budget"));
                    }
                    Some(Notice::Catalog(_)) => {}
                    None => return Ok(Exit::Failed),
                },
                Some(found) = self.look_ups.join_next() => {
                    if let Ok((id, found)) = found {
                        self.looked_up(id, found).await?;
                    }
                }
                _ = tick.tick() => {
                    self.catch_up().await?;
                    self.look_up_due();
                    self.drive_what_nobody_drives().await?;
                    let board = Arc::clone(&news.board.borrow());
                    self.tell_progress(&board).await?;
                }
            }
        }
    }

    /// The worst of all endings, once every job has one.
    fn ended(&self) -> Option<Exit> {
        let exits: Option<Vec<Exit>> = self.jobs.iter().map(|followed| followed.exit).collect();
        exits.and_then(|exits| exits.into_iter().chain(self.broken).max())
    }

    /// Follows what is ordered because something else has ended. A signal is heard meanwhile: what was admitted
    /// by then is in the library.
    async fn go_on(&mut self, signals: &mut Signals) -> Result<Option<Exit>, StoreError> {
        loop {
            let ended = self.jobs.iter().filter(|followed| !followed.is_awaited()).count();
            let Some(sequel) = self.sequel.as_mut().filter(|_| ended > self.looked_on) else {
                return Ok(None);
            };
            self.looked_on = ended;
            let next = tokio::select! {
                next = sequel.next() => next,
                signal = signals.next() => return Ok(Some(signal)),
            };
            let jobs = next.unwrap_or_else(|error| {
                self.teller.trouble(&format!("{error:#}"), None);
                self.broken = Some(Exit::Failed);
                Vec::new()
            });
            // One event each: they were admitted.
            for job in jobs {
                self.teller.job(&job, job.times.stage);
                self.jobs.push(Followed::new(job, 1));
            }
            self.judge_all().await?;
        }
    }

    /// Tells what happened since, and judges whether each job is waited for any longer.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        for followed in &mut self.jobs {
            let id = followed.job.id;
            let timeline = self.assembly.store.timeline(id).await?;
            match followed.catch_up(&timeline) {
                Ok(steps) => {
                    for (at, job) in steps {
                        self.teller.job(&job, at);
                    }
                }
                Err(_odd) => {
                    // Written by a newer program perhaps: what the row says counts.
                    let fresh = read(&self.assembly.store, id).await?;
                    self.teller.job(&fresh.job, fresh.job.times.stage);
                    let exit = followed.exit;
                    *followed = fresh;
                    followed.exit = exit;
                }
            }
        }
        self.judge_all().await
    }

    async fn judge_all(&mut self) -> Result<(), StoreError> {
        for place in 0..self.jobs.len() {
            if !self.jobs[place].is_awaited() {
                continue;
            }
            let exit = self.judge(&self.jobs[place]).await?;
            if exit == Some(Exit::Done) {
                let job = self.jobs[place].job.clone();
                if job.shown_stage() == StageName::Done {
                    self.tell_takes(&job).await?;
                } else {
                    self.teller.accepted(&job);
                }
            }
            self.jobs[place].exit = exit;
        }
        Ok(())
    }

    /// How this job has ended for whoever waits here; `None` while it is waited for.
    async fn judge(&self, followed: &Followed) -> Result<Option<Exit>, StoreError> {
        let exit = Exit::of_job(&followed.job);
        let may_look_up = !self.manner.only_look && !self.first_look_up().is_zero();
        Ok(match exit {
            // The first look into the provider's history is waited for, and its answer decides.
            Some(Exit::InDoubt) if followed.job.shown_stage() == StageName::InDoubt => {
                exit.filter(|_| !may_look_up)
            }
            Some(Exit::Failed) if followed.job.is_held() && self.is_resumed(followed).await? => {
                None
            }
            None if self.manner.detach && followed.is_accepted() => Some(Exit::Done),
            _ => exit,
        })
    }

    /// Whether somebody has said *send* to a held job, and a worker is about to do so.
    async fn is_resumed(&self, followed: &Followed) -> Result<bool, StoreError> {
        let store = &self.assembly.store;
        let job = store.job(followed.job.id).await?;
        let stopped = store.paused(&job.account).await?;
        let is_stopped = stopped.is_some_and(|(since, _)| job.times.created <= since);
        Ok(job.wish == Some(Wish::Send) && !is_stopped)
    }

    fn first_look_up(&self) -> Duration {
        self.assembly.pipeline.patience.look_ups.first().copied().unwrap_or_default()
    }

    fn look_up_due(&mut self) {
        let (now, first) = (self.assembly.pipeline.clock.now(), self.first_look_up());
        if self.manner.only_look {
            return;
        }
        // Where there is no history, nothing is worth waiting for.
        let after = |job: &Job| {
            let asks = abilities::has_history(job.account.provider);
            if asks { first } else { Duration::ZERO }
        };
        let due = |followed: &&mut Followed| followed.look_up_is_due(after(&followed.job), now);
        for followed in self.jobs.iter_mut().filter(due) {
            followed.looked_up = true;
            let (pipeline, id) = (Arc::clone(&self.assembly.pipeline), followed.job.id);
            self.look_ups.spawn(async move { (id, pipeline.look_up(id).await) });
        }
    }

    async fn looked_up(
        &mut self,
        id: JobId,
        found: Result<LookUp, PipelineError>,
    ) -> Result<(), StoreError> {
        self.catch_up().await?;
        let Some(followed) = self.jobs.iter_mut().find(|followed| followed.job.id == id) else {
            return Ok(());
        };
        let number = followed.job.number;
        if followed.job.shown_stage() != StageName::InDoubt {
            // Adopted here, or in the meantime settled or adopted by somebody else.
            followed.looked_up = false;
            self.supervisor.drive(id).await;
            return Ok(());
        }
        followed.exit = Some(Exit::InDoubt);
        let what = found.map_or_else(|error| said(&error), |found| found.words(number));
        self.teller.trouble(&format!("job {number}: {what}"), None);
        Ok(())
    }

    /// Takes over what its owner let fall: a process that was killed, or a job that could not be driven.
    /// What was never sent is not sent because somebody looks on.
    async fn drive_what_nobody_drives(&mut self) -> Result<(), StoreError> {
        if self.manner.only_look {
            return Ok(());
        }
        let pipeline = &self.assembly.pipeline;
        for followed in self.jobs.iter_mut().filter(|followed| followed.is_awaited()) {
            let id = followed.job.id;
            if !followed.job.stage.is_live() || !is_free(self.assembly, id).await? {
                continue;
            }
            let job = pipeline.store.job(id).await?;
            let unsent = matches!(job.stage, Stage::Queued | Stage::Checking);
            if unsent && job.wish != Some(Wish::Send) {
                let number = job.number;
                let hint = format!("nothing was sent: rushes jobs resume {number} sends it");
                self.teller.trouble(&format!("job {number}: nobody sends it"), Some(&hint));
                followed.exit = Some(Exit::Failed);
                continue;
            }
            self.supervisor.drive(id).await;
        }
        Ok(())
    }

    /// The takes of a job that is done.
    async fn tell_takes(&mut self, job: &Job) -> Result<(), StoreError> {
        let filter = AssetFilter { job: Some(job.id), ..AssetFilter::default() };
        let mut assets = self.assembly.store.assets(filter).await?;
        assets.sort_by_key(|asset| asset.origin.as_ref().map(|origin| origin.take));
        for asset in &assets {
            self.teller.take(job, asset, &self.assembly.pipeline.library.file(&asset.path));
        }
        // The row has what the ledger says by now.
        self.teller.cost(&self.assembly.store.job(job.id).await?);
        Ok(())
    }

    async fn tell_progress(&mut self, board: &Board) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let mut figures = Vec::new();
        for followed in self.jobs.iter().filter(|followed| followed.is_awaited()) {
            let job = &followed.job;
            let newest = match board.get(&job.id) {
                Some(newest) => *newest,
                // Somebody else drives it, and writes down how far it is.
                None => self.assembly.store.job(job.id).await?.progress,
            };
            let elapsed = now.duration_since(job.times.created).as_secs_f64().max(0.0);
            figures.push((job, figures_of(job.shown_stage(), newest), elapsed));
        }
        self.teller.progress(&figures);
        Ok(())
    }

    fn is_submitting(&self) -> bool {
        let mut stages = self.jobs.iter().map(|followed| followed.job.shown_stage());
        stages.any(|stage| stage == StageName::Submitting)
    }
}

/// Where a job that is left goes on, and how to follow it there.
fn way_on(job: &Job) -> Option<String> {
    let number = job.number;
    match job.shown_stage() {
        StageName::Done | StageName::Failed | StageName::Cancelled => None,
        _ if job.is_held() => {
            Some(format!("job {number} is held: rushes jobs resume {number} sends it"))
        }
        StageName::InDoubt if abilities::has_history(job.account.provider) => {
            Some(format!("job {number} is in doubt: rushes jobs find {number} looks for it"))
        }
        StageName::InDoubt => Some(format!(
            "job {number} is in doubt: rushes jobs settle {number} --as charged|free ends it"
        )),
        _ => Some(format!("job {number} goes on: rushes jobs follow {number}")),
    }
}

/// Whether no living process has this job.
async fn is_free(assembly: &Assembly, id: JobId) -> Result<bool, StoreError> {
    let Some((owner, until)) = assembly.store.owner_of(id).await? else { return Ok(true) };
    if owner == assembly.pipeline.owner {
        return Ok(false);
    }
    let is_over = until < assembly.pipeline.clock.now().as_millisecond();
    Ok(is_over || crate::process::alive(&owner) == Alive::No)
}
