//! The supervisor's own task: one loop over commands, ended jobs, answers and the tick of a second.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::domain::{Job, JobEvent, JobId, Reason, ReasonKind, Stage, StageName, Unsent, Wish};
use crate::store::StoreError;

use super::super::run::held;
use super::super::{Driven, LEASE, Leash, LookUp, Pipeline, PipelineError, later, since};
use super::bills::Bills;
use super::{Command, Handover, Scope, said};

type Ended = (JobId, Result<Driven, PipelineError>);

/// What the background task knows.
pub(super) struct Task {
    pipeline: Arc<Pipeline>,
    scope: Scope,
    handover: Option<Handover>,
    running: HashMap<JobId, Leash>,
    tasks: JoinSet<Ended>,
    /// Which job a task drives, for one that panics and cannot say it.
    drives: HashMap<tokio::task::Id, JobId>,
    /// Questions to a provider's history that are on their way.
    asking: JoinSet<(JobId, Result<LookUp, PipelineError>)>,
    /// Cannot go on by themselves; looked at again when somebody wishes something of them.
    parked: HashSet<JobId>,
    /// Could not be driven because the library could not be written, and when that is tried again.
    troubled: HashMap<JobId, Instant>,
    /// How many of the look-ups of a job in doubt are done or were missed.
    looked_up: HashMap<JobId, usize>,
    bills: Bills,
    leaving: bool,
    seen: Option<i64>,
    renewed: Instant,
    tell_idle: watch::Sender<bool>,
}

impl Task {
    pub(super) fn new(
        pipeline: Arc<Pipeline>,
        scope: Scope,
        handover: Option<Handover>,
        tell_idle: watch::Sender<bool>,
    ) -> Self {
        Self {
            pipeline,
            scope,
            handover,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            drives: HashMap::new(),
            asking: JoinSet::new(),
            parked: HashSet::new(),
            troubled: HashMap::new(),
            looked_up: HashMap::new(),
            bills: Bills::new(scope),
            leaving: false,
            seen: None,
            renewed: Instant::now(),
            tell_idle,
        }
    }

    /// Works until the last handle is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(self.pipeline.patience.look_around);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.hear(command).await,
                    None => break,
                },
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended).await,
                Some(Ok(found)) = self.asking.join_next() => self.found(found).await,
                () = self.bills.answered(&self.pipeline) => {}
                _ = tick.tick(), if !self.leaving => self.look().await,
            }
        }
    }

    async fn hear(&mut self, command: Command) {
        match command {
            Command::Drive(id) => self.start(id).await,
            Command::Cancel(id, answer) => {
                let _ = answer.send(self.cancel(id).await);
            }
            Command::LookAround => {
                self.seen = None;
                self.parked.clear();
                self.look().await;
            }
            Command::Leave(unsent, answer) => {
                self.leave(unsent).await;
                let _ = answer.send(());
            }
            Command::TakeBack => {
                self.leaving = false;
                self.seen = None;
                self.parked.clear();
            }
        }
    }

    async fn cancel(&self, id: JobId) -> Result<Job, PipelineError> {
        if let Some(leash) = self.running.get(&id) {
            leash.cancel.cancel();
            return Ok(self.pipeline.store.job(id).await?);
        }
        self.pipeline.cancel(id).await
    }

    /// Once a second: renew, and look only when something changed or is due.
    async fn look(&mut self) {
        if let Err(error) = self.try_to_look().await {
            tracing::error!(%error, "looking around failed");
        }
    }

    async fn try_to_look(&mut self) -> Result<(), PipelineError> {
        let pipeline = Arc::clone(&self.pipeline);
        if !self.running.is_empty() && self.renewed.elapsed() > LEASE / 4 {
            self.renewed = Instant::now();
            let until = later(pipeline.clock.now(), LEASE);
            pipeline.store.renew(pipeline.owner.clone(), until).await?;
        }
        let version = pipeline.store.data_version().await?;
        let changed = self.seen.replace(version) != Some(version);
        if changed {
            pipeline.reporter.changed();
        }
        let may_find_work = self.scope == Scope::Everything;
        if may_find_work {
            self.bills.look(&pipeline);
        }
        let due = may_find_work && self.something_may_be_due();
        self.try_again().await;
        if !(changed || due) && self.running.is_empty() {
            return Ok(());
        }
        let unfinished = pipeline.store.unfinished().await?;
        for job in &unfinished {
            self.consider(job, may_find_work).await?;
        }
        if may_find_work {
            self.look_up_due(&unfinished);
        }
        let stay = unfinished.iter().any(|job| self.is_worth_staying_for(job));
        self.tell_idle.send_if_modified(|idle| {
            let quiet = !stay && self.running.is_empty();
            std::mem::replace(idle, quiet) != quiet
        });
        Ok(())
    }

    /// An unfinished job of another process becomes ours only by time passing, so a look is due even when
    /// nobody wrote anything.
    fn something_may_be_due(&self) -> bool {
        !*self.tell_idle.borrow() || !self.looked_up.is_empty()
    }

    async fn consider(&mut self, job: &Job, may_find_work: bool) -> Result<(), PipelineError> {
        if let Some(leash) = self.running.get(&job.id) {
            match job.wish {
                Some(Wish::Cancel) if !job.abandoned => leash.cancel.cancel(),
                Some(Wish::Hold) => leash.leave.cancel(),
                _ => {}
            }
            return Ok(());
        }
        if !may_find_work || !job.stage.is_live() {
            return Ok(());
        }
        let told_to_send = job.wish == Some(Wish::Send);
        let needs_other_account =
            job.reason.as_ref().is_some_and(|reason| reason.kind == ReasonKind::OtherAccount);
        match job.stage {
            Stage::Queued if job.is_held() && !told_to_send => return Ok(()),
            _ if self.parked.contains(&job.id) && (needs_other_account || !told_to_send) => {
                return Ok(());
            }
            _ => {}
        }
        // Ours, and not running: it was just admitted, and the word to drive it is on its way.
        let owner = self.pipeline.store.owner_of(job.id).await?;
        if owner.is_some_and(|(owner, _)| owner == self.pipeline.owner) {
            return Ok(());
        }
        if self.pipeline.claim(job.id).await? {
            self.go_on_with(job, told_to_send).await?;
        }
        Ok(())
    }

    /// A job that was claimed from nobody: one that was never sent is held until somebody says *send*.
    async fn go_on_with(&mut self, job: &Job, told_to_send: bool) -> Result<(), PipelineError> {
        let unsent = matches!(job.stage, Stage::Queued | Stage::Checking);
        if unsent && !told_to_send {
            let event = JobEvent::PutOff { reason: held(), until: job.not_before };
            self.pipeline.step(job.id, event).await?;
            self.pipeline.store.release(job.id, self.pipeline.owner.clone()).await?;
            return Ok(());
        }
        if job.is_held() {
            self.pipeline.step(job.id, JobEvent::Resumed).await?;
        } else if job.stage == Stage::Checking {
            let reason = Reason::new(ReasonKind::NoPlace, "checked again");
            self.pipeline.step(job.id, JobEvent::PutOff { reason, until: None }).await?;
        }
        self.spawn(job.id);
        Ok(())
    }

    async fn start(&mut self, id: JobId) {
        if self.running.contains_key(&id) {
            return;
        }
        self.parked.remove(&id);
        match self.pipeline.claim(id).await {
            Ok(true) => self.spawn(id),
            Ok(false) => drop(self.troubled.remove(&id)),
            Err(error) => {
                tracing::error!(%error, "claiming a job failed");
                self.put_by(id);
            }
        }
    }

    /// A full disk is made room on: what could not be driven for it goes on by itself.
    async fn try_again(&mut self) {
        let now = Instant::now();
        let due: Vec<JobId> =
            self.troubled.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for id in due {
            self.start(id).await;
        }
    }

    /// Says whether this is the first time.
    fn put_by(&mut self, id: JobId) -> bool {
        let again = Instant::now() + self.pipeline.patience.poll_longest;
        self.troubled.insert(id, again).is_none()
    }

    fn spawn(&mut self, id: JobId) {
        let leash = Leash::default();
        self.running.insert(id, leash.clone());
        self.tell_idle.send_replace(false);
        let pipeline = Arc::clone(&self.pipeline);
        let task = self.tasks.spawn(async move { (id, pipeline.drive(id, &leash).await) });
        self.drives.insert(task.id(), id);
    }

    async fn ended(&mut self, ended: Result<(tokio::task::Id, Ended), tokio::task::JoinError>) {
        let (task, outcome) = match ended {
            Ok((task, (_, outcome))) => (task, outcome),
            Err(panic) => {
                tracing::error!(%panic, "a job's task ended");
                let what = format!("a fault in this program: {panic}");
                let hint = "please report it".to_owned();
                (panic.id(), Err(PipelineError::Refused { what, hint }))
            }
        };
        let Some(id) = self.drives.remove(&task) else { return };
        self.running.remove(&id);
        let mut is_new = true;
        match &outcome {
            Err(PipelineError::Store(StoreError::Sql { .. })) => is_new = self.put_by(id),
            _ => drop(self.troubled.remove(&id)),
        }
        match outcome {
            Ok(Driven::Ended(_)) => self.bills.a_job_ended(),
            Ok(Driven::Left(_)) => {}
            Ok(Driven::Parked(_)) => {
                self.parked.insert(id);
            }
            Err(error) => {
                tracing::error!(%error, "driving a job failed");
                let hint = if self.troubled.contains_key(&id) {
                    "the job is whole in the library; it is tried again and again"
                } else {
                    "the job is whole in the library; it goes on at the next start"
                };
                if is_new {
                    self.pipeline.reporter.trouble(&said(&error), Some(hint));
                }
                self.parked.insert(id);
            }
        }
        if let Err(error) = self.pipeline.store.release(id, self.pipeline.owner.clone()).await {
            tracing::error!(%error, "giving a job up failed");
        }
        self.seen = None;
    }

    /// Looks jobs in doubt up in the provider's history when that is due.
    fn look_up_due(&mut self, unfinished: &[Job]) {
        let now = self.pipeline.clock.now();
        let schedule = self.pipeline.patience.look_ups.clone();
        self.looked_up.retain(|id, done| {
            *done < schedule.len() && unfinished.iter().any(|job| job.id == *id)
        });
        for job in unfinished.iter().filter(|job| job.stage.name() == StageName::InDoubt) {
            let age = since(job.times.stage, now);
            let passed = schedule.iter().filter(|due| **due <= age).count();
            // Found in doubt by a process that starts: one look, whatever was missed.
            let done = *self.looked_up.entry(job.id).or_insert(passed.saturating_sub(1));
            if passed > done {
                self.looked_up.insert(job.id, passed);
                let (pipeline, id) = (Arc::clone(&self.pipeline), job.id);
                self.asking.spawn(async move { (id, pipeline.look_up(id).await) });
            }
        }
    }

    async fn found(&mut self, (id, found): (JobId, Result<LookUp, PipelineError>)) {
        match found {
            Ok(LookUp::Adopted(job)) => {
                tracing::info!(job = job.number, "found in the provider's history");
                self.start(id).await;
            }
            Ok(found) => tracing::info!(%id, found = found.words(0), "looked up"),
            Err(error) => tracing::warn!(%id, %error, "looking a job up failed"),
        }
    }

    /// A worker stays for what is on its way and for what it was told to send; not for what is held, in
    /// doubt, or overdue for more than an hour.
    fn is_worth_staying_for(&self, job: &Job) -> bool {
        let now: Timestamp = self.pipeline.clock.now();
        match job.stage.name() {
            StageName::Submitting | StageName::Downloading => true,
            StageName::Waiting => {
                let reason = job.reason.as_ref().map(|reason| reason.kind);
                let overdue_since = job.times.processing.unwrap_or(job.times.stage);
                match reason {
                    Some(ReasonKind::OtherAccount) => false,
                    Some(ReasonKind::Overdue) => {
                        since(overdue_since, now).as_secs() < 60 * 60 + 600
                    }
                    _ => true,
                }
            }
            StageName::Queued | StageName::Checking => {
                job.wish == Some(Wish::Send) && !self.parked.contains(&job.id)
            }
            _ => false,
        }
    }

    async fn leave(&mut self, unsent: Unsent) {
        self.leaving = true;
        for (id, leash) in &self.running {
            let job = self.pipeline.store.job(*id).await.ok();
            let never_sent =
                job.is_some_and(|job| matches!(job.stage, Stage::Queued | Stage::Checking));
            if never_sent {
                match unsent {
                    Unsent::Hold => {}
                    Unsent::Send => {
                        let _ = self.pipeline.store.wish(*id, Some(Wish::Send)).await;
                    }
                    Unsent::Cancel => leash.cancel.cancel(),
                }
            }
            leash.leave.cancel();
        }
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended).await;
        }
        self.running.clear();
        if let Err(error) = self.hand_over().await {
            tracing::error!(%error, "starting the worker failed");
            let hint = "start it by hand: rushes worker";
            self.pipeline.reporter.trouble(&format!("starting the worker: {error}"), Some(hint));
        }
    }

    async fn hand_over(&self) -> Result<(), PipelineError> {
        let Some(handover) = &self.handover else { return Ok(()) };
        let unfinished = self.pipeline.store.unfinished().await?;
        if unfinished.iter().any(|job| self.is_worth_staying_for(job)) {
            handover().map_err(|error| PipelineError::Refused {
                what: format!("the worker could not be started: {error}"),
                hint: "rushes worker".to_owned(),
            })?;
        }
        Ok(())
    }
}
