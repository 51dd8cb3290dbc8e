//! Jobs followed to their end in the foreground, with what is printed meanwhile.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::assembly::Assembly;
use crate::domain::{Job, JobId, Progress, Reason, StageName, Unsent};
use crate::pipeline::{LookUp, Supervisor};
use crate::store::AssetFilter;
use crate::studio::News;
use crate::tui::backend::Notice;

use super::exit::Exit;
use super::signals::Signals;
use super::{json, talk};

/// How jobs are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// JSON Lines on standard output.
    pub json: bool,
    /// Return as soon as the provider has them.
    pub detach: bool,
}

/// Follows these jobs to their end, or to where nobody waits for them any longer.
pub(super) async fn follow(
    assembly: &Arc<Assembly>,
    supervisor: &Supervisor,
    news: &mut News,
    jobs: Vec<Job>,
    manner: Manner,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let mut following = Following::new(assembly, manner, jobs);
    let second = Duration::from_secs(1);
    let mut tick = tokio::time::interval_at(Instant::now() + second, second);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        if let Some(exit) = following.ended() {
            following.clear_line();
            let unsent = if manner.detach { Unsent::Send } else { Unsent::Hold };
            supervisor.leave(unsent).await;
            return Ok(exit);
        }
        tokio::select! {
            signal = signals.next() => {
                following.clear_line();
                following.say_how_to_follow();
                signals.unless_again(supervisor.leave(Unsent::Hold)).await;
                return Ok(signal);
            }
            notice = news.notices.recv() => match notice {
                Some(Notice::Moved { job, .. }) => following.moved(*job).await?,
                Some(Notice::Changed) => following.look().await?,
                Some(Notice::Trouble(trouble)) => {
                    following.clear_line();
                    talk::say(&format!("rushes: {}", trouble.what));
                    if let Some(hint) = &trouble.hint {
                        talk::hint(hint);
                    }
                }
                None => return Ok(Exit::Failed),
            },
            _ = tick.tick() => {
                let board = Arc::clone(&news.board.borrow());
                following.tick(&board);
                following.look_up(supervisor).await?;
            }
        }
    }
}

struct Followed {
    job: Job,
    /// What was said last, so that nothing is said twice.
    said: Option<(StageName, Option<Reason>)>,
    exit: Option<Exit>,
    /// When a job in doubt is looked up.
    look_up_at: Option<Instant>,
}

struct Following<'a> {
    assembly: &'a Assembly,
    manner: Manner,
    jobs: HashMap<JobId, Followed>,
    order: Vec<JobId>,
    /// A line on the terminal that is rewritten.
    open_line: bool,
}

impl<'a> Following<'a> {
    fn new(assembly: &'a Assembly, manner: Manner, jobs: Vec<Job>) -> Self {
        let order = jobs.iter().map(|job| job.id).collect();
        let followed = jobs.into_iter().map(|job| {
            let followed = Followed { job: job.clone(), said: None, exit: None, look_up_at: None };
            (job.id, followed)
        });
        Self { assembly, manner, jobs: followed.collect(), order, open_line: false }
    }

    /// The worst of all endings, once every job has one.
    fn ended(&self) -> Option<Exit> {
        let exits: Option<Vec<Exit>> = self.jobs.values().map(|followed| followed.exit).collect();
        exits.and_then(|exits| exits.into_iter().max())
    }

    /// Reads the jobs again: another process drives them.
    async fn look(&mut self) -> anyhow::Result<()> {
        for id in self.order.clone() {
            let job = self.assembly.store.job(id).await?;
            self.moved(job).await?;
        }
        Ok(())
    }

    async fn moved(&mut self, job: Job) -> anyhow::Result<()> {
        let Some(followed) = self.jobs.get_mut(&job.id) else { return Ok(()) };
        // A copy that was read may be older than one that was told.
        if job.times.stage < followed.job.times.stage {
            return Ok(());
        }
        followed.job = job.clone();
        let now = (job.shown_stage(), job.reason.clone());
        let is_new = followed.said.as_ref() != Some(&now);
        let had_ended = followed.exit.is_some();
        if is_new {
            followed.said = Some(now);
            self.say(&job);
        }
        if had_ended {
            return Ok(());
        }
        self.judge(&job).await
    }

    /// Whether this job is waited for any longer.
    async fn judge(&mut self, job: &Job) -> anyhow::Result<()> {
        let accepted = job.stage.prediction().is_some();
        let exit = match Exit::of_job(job) {
            Some(Exit::InDoubt) if job.shown_stage() == StageName::InDoubt => {
                self.wait_for_look_up(job);
                return Ok(());
            }
            Some(Exit::Done) => {
                self.take(job).await?;
                Some(Exit::Done)
            }
            Some(exit) => {
                if job.is_overdue() {
                    self.clear_line();
                    talk::say(&format!(
                        "job {} is overdue: rushes jobs follow {}",
                        job.number, job.number
                    ));
                }
                Some(exit)
            }
            None if self.manner.detach && accepted => {
                if !self.manner.json {
                    talk::data(&job.id.to_string());
                }
                Some(Exit::Done)
            }
            None => None,
        };
        if let Some(followed) = self.jobs.get_mut(&job.id) {
            followed.exit = exit;
        }
        Ok(())
    }

    /// The first look into the provider's history is waited for, and its answer decides.
    fn wait_for_look_up(&mut self, job: &Job) {
        let wait = self.assembly.pipeline.patience.look_ups.first().copied();
        let Some(followed) = self.jobs.get_mut(&job.id) else { return };
        match wait {
            Some(wait) if followed.look_up_at.is_none() => {
                followed.look_up_at = Some(Instant::now() + wait);
                self.clear_line();
                let seconds = wait.as_secs();
                talk::say(&format!(
                    "job {}: looking into the provider's history in {seconds} s",
                    job.number
                ));
            }
            Some(_) => {}
            None => followed.exit = Some(Exit::InDoubt),
        }
    }

    async fn look_up(&mut self, supervisor: &Supervisor) -> anyhow::Result<()> {
        let now = Instant::now();
        let due: Vec<JobId> = self
            .jobs
            .values()
            .filter(|followed| followed.exit.is_none())
            .filter(|followed| followed.look_up_at.is_some_and(|at| at <= now))
            .filter(|followed| followed.job.shown_stage() == StageName::InDoubt)
            .map(|followed| followed.job.id)
            .collect();
        for id in due {
            let found = self.assembly.pipeline.look_up(id).await?;
            let Some(followed) = self.jobs.get_mut(&id) else { continue };
            let number = followed.job.number;
            followed.look_up_at = None;
            if matches!(found, LookUp::Adopted(_)) {
                supervisor.drive(id).await;
            } else {
                followed.exit = Some(Exit::InDoubt);
            }
            self.clear_line();
            talk::say(&format!("job {number}: {}", found.words(number)));
        }
        Ok(())
    }

    fn say(&mut self, job: &Job) {
        if self.manner.json {
            talk::json(&json::job_line(job, job.times.stage.max(job.times.created)));
            return;
        }
        self.clear_line();
        let reason = job.reason.as_ref();
        let because = reason.map(|reason| format!(": {}", reason.text)).unwrap_or_default();
        talk::say(&format!("job {}: {}{because}", job.number, job.shown_stage()));
        if let Some(advice) = reason.and_then(|reason| reason.hint.as_deref()) {
            talk::hint(advice);
        }
    }

    /// The takes of a job that is done.
    async fn take(&mut self, job: &Job) -> anyhow::Result<()> {
        self.clear_line();
        let filter = AssetFilter { job: Some(job.id), ..AssetFilter::default() };
        let mut assets = self.assembly.store.assets(filter).await?;
        assets.sort_by_key(|asset| asset.origin.as_ref().map(|origin| origin.take));
        for asset in assets {
            let file = self.assembly.pipeline.library.file(&asset.path);
            if self.manner.json {
                talk::json(&json::take_line(&asset, &file));
            } else {
                talk::path(&file);
            }
        }
        if let (false, Some(cost)) = (self.manner.json, job.cost()) {
            let simulated = if job.is_simulated() { " simulated" } else { "" };
            talk::say(&format!("job {}: {cost}{simulated}", job.number));
        }
        Ok(())
    }

    /// Once a second: how far it is.
    fn tick(&mut self, board: &HashMap<JobId, Progress>) {
        let now = Timestamp::now();
        for id in self.order.clone() {
            let Some(Followed { job, said, exit, .. }) = self.jobs.get(&id) else { continue };
            if !job.stage.is_live() || exit.is_some() || said.is_none() {
                continue;
            }
            let progress = board.get(&id).copied().unwrap_or(job.progress);
            let elapsed = now.duration_since(job.times.created).as_secs_f64().max(0.0);
            if self.manner.json {
                talk::json(&json::progress_line(job, progress, elapsed));
            } else if std::io::stderr().is_terminal() {
                let line = progress_words(job, progress, elapsed);
                self.open_line = true;
                let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
                let _ = std::io::stderr().flush();
            }
        }
    }

    fn clear_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    fn say_how_to_follow(&self) {
        for id in &self.order {
            let Some(followed) = self.jobs.get(id) else { continue };
            if followed.exit.is_none() {
                let number = followed.job.number;
                talk::say(&format!("job {number} goes on: rushes jobs follow {number}"));
            }
        }
    }
}

/// Bytes where they are known, else the time that went by.
#[expect(clippy::cast_precision_loss, reason = "megabytes with one decimal")]
fn progress_words(job: &Job, progress: Progress, elapsed: f64) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let how_far = match (progress.bytes, progress.bytes_total, progress.percent) {
        (Some(bytes), Some(total), _) => format!("{:.1} of {:.1} MB", mb(bytes), mb(total)),
        (Some(bytes), None, _) => format!("{:.1} MB", mb(bytes)),
        (None, _, Some(percent)) => format!("{percent} %"),
        (None, _, None) => format!("{elapsed:.0} s"),
    };
    format!("job {}: {} {how_far}", job.number, job.shown_stage())
}
