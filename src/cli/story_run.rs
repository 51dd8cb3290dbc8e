//! `rushes story run` and `assemble`: what is missing is ordered, followed, and what needs it after it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::assembly::{Assembly, Flags};
use crate::domain::{CheckId, Job, JobId, Outcome, Preflight, StoryId, Usd, Wish};
use crate::pipeline::{Scope, Supervisor};
use crate::story::identified::NotIdentified;
use crate::story::run::{Looked, Refused, Run};
use crate::story::{self, Agreed, Plan, PlannedStep, Selection, Standing, Status};
use crate::studio::{Ear, News};

use super::exit::{Exit, WrongUsage};
use super::follow::{Manner, Sequel, follow_on, read as read_job};
use super::signals::Signals;
use super::story::{missing_line, missing_words, read, selected};
use super::story_args::RunStory;
use super::{json, talk};

/// Makes what is missing.
pub(super) async fn run(args: RunStory, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, mut news) = Ear::new();
    let assembly = Arc::new(super::open(flags, ear).await?);
    super::warn_of(assembly.unlisted());
    let read = read(&args.file)?;
    // Two runs of one story would both order what is missing.
    let mut lock = None;
    if let (Some(id), false) = (read.0.id, args.dry_run) {
        lock = story::file::lock(&assembly.paths.state, id)?;
        if lock.is_none() {
            return Ok(is_running());
        }
    }
    let selection = match (args.all, args.scene.is_empty()) {
        (true, _) => Selection::All,
        (false, false) => Selection::Scenes(selected(&read.0, &args.scene)?),
        (false, true) => Selection::Missing,
    };
    let place = assembly.story_place(&args.file).await?;
    let pipeline = Arc::clone(&assembly.pipeline);
    let mut run = Run::new(pipeline, read, place, selection).await?;
    let mut signals = Signals::listen()?;
    let agreed = match agree(&run, &args, &mut signals).await? {
        Ok(agreed) => agreed,
        Err(exit) => return Ok(exit),
    };
    if run.story().id.is_none() {
        let id = identify(&assembly, &args.file, &mut run)?;
        lock = story::file::lock(&assembly.paths.state, id)?;
        if lock.is_none() {
            return Ok(is_running());
        }
    }
    let exit = make(&assembly, &mut run, &args, agreed, (&mut news, &mut signals)).await?;
    drop(lock);
    Ok(exit)
}

fn is_running() -> Exit {
    talk::say("rushes: another process is running this story");
    talk::hint("wait for it, or end it: what it ordered goes on either way");
    Exit::Failed
}

/// Writes the ids that the file has not got yet.
fn identify(assembly: &Assembly, file: &Path, run: &mut Run) -> anyhow::Result<StoryId> {
    let wrong = |what: String, hint| Err(WrongUsage { what, hint }.into());
    match run.write_ids(file, assembly.fresh_story_id()) {
        Ok(id) => Ok(id),
        Err(NotIdentified::File(error)) => Err(error),
        Err(NotIdentified::NotToml(error)) => {
            wrong(format!("{}:{error}", file.display()), "the file must be TOML")
        }
        Err(NotIdentified::Changed) => wrong(
            format!("{} was changed meanwhile", file.display()),
            "nothing was sent: run it again",
        ),
    }
}

/// Shows every check and the price of the whole run, and asks where somebody has to say yes.
async fn agree(
    run: &Run,
    args: &RunStory,
    signals: &mut Signals,
) -> anyhow::Result<Result<Agreed, Exit>> {
    let terms = &args.terms;
    let mut agreed = Agreed { consent: terms.yes, max_cost: terms.max_cost, ceiling: None };
    let can_ask = !args.dry_run && !terms.yes && talk::can_ask();
    let with_consent = (!args.dry_run && !can_ask).then_some(agreed);
    // Nothing is held or sent yet: a signal ends it here.
    let looked = tokio::select! {
        looked = run.look(terms.max_cost, with_consent) => looked?,
        signal = signals.next() => return Ok(Err(signal)),
    };
    let costs = looked.plan.missing().any(|(_, step)| step.brief.provider.is_paid());
    let is_simulated = |step: &PlannedStep| step.brief.provider.is_simulated();
    if looked.plan.missing().any(|(_, step)| is_simulated(step)) {
        talk::say("SANDBOX: simulated, costs nothing");
    }
    tell(&looked, terms.json);
    if let Some(blocked) = blocked(&looked.preflight) {
        return Ok(Err(blocked));
    }
    if args.dry_run {
        return Ok(Err(Exit::Done));
    }
    if costs {
        if can_ask {
            let price = looked.preflight.estimate.as_ref();
            let price = price.map_or_else(|| "an unknown price".to_owned(), ToString::to_string);
            let answer = tokio::select! {
                answer = talk::ask(format!("Spend {price} for the whole run?")) => answer?,
                signal = signals.next() => return Ok(Err(signal)),
            };
            if !answer {
                talk::say("nothing was sent");
                return Ok(Err(Exit::Blocked));
            }
            agreed.consent = true;
        }
        agreed.ceiling = looked.preflight.estimate.map(|estimate| estimate.high);
    }
    Ok(Ok(agreed))
}

/// Orders, follows, and orders what waited, until nothing is left that can be made.
async fn make(
    assembly: &Arc<Assembly>,
    run: &mut Run,
    args: &RunStory,
    agreed: Agreed,
    (news, signals): (&mut News, &mut Signals),
) -> anyhow::Result<Exit> {
    let plan = run.plan().await?;
    let supervisor = assembly.supervisor(Scope::Told);
    let mut followed = Vec::new();
    for id in run.adopt(&plan) {
        adopt(assembly, &supervisor, id).await?;
        followed.push(read_job(&assembly.store, id).await?);
    }
    let terms = &args.terms;
    let may_ask = !terms.yes && talk::can_ask();
    let wish = terms.detach.then_some(Wish::Send);
    let mut orders = Orders {
        run,
        supervisor: &supervisor,
        agreed,
        wish,
        may_ask,
        json: terms.json,
        refused: None,
    };
    for job in orders.next().await? {
        // One event: it was admitted.
        followed.push(super::followed::Followed::new(job, 1));
    }
    if let Err(error) = assembly.pick_up_the_rest().await {
        // The jobs of this run are driven here all the same.
        talk::say(&format!("rushes: {error:#}"));
    }
    let manner = Manner { json: terms.json, detach: terms.detach, only_look: false };
    let mut exit = if followed.is_empty() {
        Exit::Done
    } else {
        let ends = (news, signals);
        follow_on(assembly, &supervisor, ends, (followed, manner), Some(&mut orders)).await?
    };
    exit = exit.max(orders.refused.unwrap_or(Exit::Done));
    let plan = run.plan().await?;
    Ok(exit.max(tell_rest(&plan, args)))
}

/// A job that another run has ordered goes on: one that was never sent is sent now, because somebody has just said
/// so.
async fn adopt(assembly: &Assembly, supervisor: &Supervisor, id: JobId) -> anyhow::Result<()> {
    if !assembly.pipeline.resume(Some(id)).await?.is_empty() {
        supervisor.drive(id).await;
    }
    Ok(())
}

/// What is ordered next in a run.
struct Orders<'a> {
    run: &'a mut Run,
    supervisor: &'a Supervisor,
    agreed: Agreed,
    wish: Option<Wish>,
    may_ask: bool,
    json: bool,
    /// How the run ends because something was not ordered.
    refused: Option<Exit>,
}

#[async_trait]
impl Sequel for Orders<'_> {
    async fn next(&mut self) -> anyhow::Result<Vec<Job>> {
        let mut jobs = Vec::new();
        loop {
            let ordered = self.run.order(self.agreed, self.wish).await?;
            for job in &ordered.jobs {
                self.supervisor.drive(job.id).await;
            }
            jobs.extend(ordered.jobs);
            let mut is_raised = false;
            for refused in ordered.refused {
                is_raised |= self.refused(refused).await?;
            }
            if !is_raised {
                return Ok(jobs);
            }
        }
    }
}

impl Orders<'_> {
    /// Tells what was not ordered. Says whether more was agreed to instead.
    async fn refused(&mut self, refused: Refused) -> anyhow::Result<bool> {
        match refused {
            Refused::Blocked(preflight) => {
                tell_checks(&preflight, self.json, &[]);
                self.end_with(blocked(&preflight).unwrap_or(Exit::Blocked));
                Ok(false)
            }
            Refused::Beyond { steps, price, left } => {
                let names: Vec<String> =
                    steps.iter().map(|(scene, step)| format!("{scene} ({step})")).collect();
                let left = left.max(Usd::ZERO);
                let what = format!(
                    "{} costs {price}; {left} is left of what was agreed",
                    names.join(", ")
                );
                if self.may_ask && talk::ask(format!("{what}. Spend it?")).await? {
                    self.agreed.ceiling = self.agreed.ceiling.map(|ceiling| ceiling + price - left);
                    return Ok(true);
                }
                talk::say(&format!("rushes: {what}: it is not ordered"));
                talk::hint("run it again: then its price is known before");
                self.run.leave_out(&steps);
                self.end_with(Exit::Blocked);
                Ok(false)
            }
        }
    }

    fn end_with(&mut self, exit: Exit) {
        self.refused = self.refused.max(Some(exit));
    }
}

/// Says what is left, and how that is gone on with.
fn tell_rest(plan: &Plan, args: &RunStory) -> Exit {
    let file = &args.file;
    let done = plan.scenes.iter().filter(|scene| scene.status() == Status::Done).count();
    talk::say(&format!("{done} of {} scenes are done", plan.scenes.len()));
    let mut exit = Exit::Done;
    for scene in plan.scenes.iter().filter(|scene| scene.is_wanted) {
        for step in &scene.steps {
            if let Standing::Doubtful(job) = &step.standing {
                exit = exit.max(Exit::InDoubt);
                let (number, id) = (job.number, &scene.id);
                talk::say(&format!(
                    "scene {id}: job {number} is in doubt, and is not ordered again"
                ));
                talk::hint(&format!("rushes jobs find {number}"));
            }
        }
    }
    let waits = |step: &PlannedStep| matches!(step.standing, Standing::Waits { .. });
    let waiting: Vec<String> = plan
        .missing()
        .filter(|(_, step)| args.terms.detach && waits(step))
        .map(|(scene, step)| format!("{} ({})", scene.id, step.step))
        .collect();
    if !waiting.is_empty() {
        // A worker follows jobs, and knows of no story: what is ordered next, this command decides.
        talk::say(&format!(
            "not ordered yet, because it needs what is being made: {}",
            waiting.join(", ")
        ));
    }
    if plan.missing().next().is_some() {
        let orders = if waiting.is_empty() { "goes on" } else { "orders it when that is there" };
        talk::hint(&format!("rushes story run {} {orders}", file.display()));
    } else if done == plan.scenes.len() {
        talk::hint(&format!("rushes story assemble {} makes one film of them", file.display()));
    }
    exit
}

fn tell(looked: &Looked, as_json: bool) {
    let missing: Vec<_> = looked.plan.missing().zip(&looked.each).collect();
    if as_json {
        let lines: Vec<_> = missing
            .into_iter()
            .map(|((scene, step), price)| missing_line(scene, step, price.as_ref()))
            .collect();
        tell_checks(&looked.preflight, true, &lines);
        return;
    }
    if missing.is_empty() && looked.preflight.checks.is_empty() {
        talk::say("nothing is missing");
        return;
    }
    for ((scene, step), price) in missing {
        talk::say(&format!("  {:<16}  {}", scene.id, missing_words(step, price.as_ref())));
    }
    tell_checks(&looked.preflight, false, &[]);
}

fn tell_checks(preflight: &Preflight, as_json: bool, scenes: &[serde_json::Value]) {
    if as_json {
        let mut line = json::preflight(preflight);
        line["scenes"] = scenes.into();
        talk::json(&line);
    } else {
        talk::preflight(preflight);
    }
}

/// How a run ends that is blocked; `None` where it is not.
fn blocked(preflight: &Preflight) -> Option<Exit> {
    if preflight.blocks_on(CheckId::Credential) {
        return Some(Exit::NoCredential);
    }
    (preflight.verdict() == Outcome::Block).then_some(Exit::Blocked)
}
