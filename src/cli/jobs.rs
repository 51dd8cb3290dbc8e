//! `rushes jobs`.

use std::fmt::Write;
use std::sync::Arc;

use crate::assembly::{Assembly, Flags};
use crate::domain::{Ask, Job, PredictionId, StageName};
use crate::pipeline::{LookUp, Scope};
use crate::provider::abilities;
use crate::studio::{Ear, News};

use super::args::Order;
use super::exit::{Exit, WrongUsage};
use super::follow::{Manner, follow, read};
use super::generate::{Terms, order};
use super::signals::Signals;
use super::verbs::Jobs;
use super::{json, talk};

/// One verb.
pub(super) async fn run(verb: Jobs, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, news) = Ear::new();
    let assembly = Arc::new(super::open(flags, ear).await?);
    match verb {
        Jobs::List { json, limit } => list(&assembly, json, limit).await,
        Jobs::Show { id, json } => show(&assembly, &id, json).await,
        Jobs::Follow { id, json } => watch(&assembly, news, &id, json).await,
        Jobs::Cancel { id } => cancel(&assembly, &id).await,
        Jobs::Retry { id, order } => retry(&assembly, news, &id, order).await,
        Jobs::Resume { id } => resume(&assembly, id.as_deref()).await,
        Jobs::Find { id } => find(&assembly, &id).await,
        Jobs::Adopt { id, prediction } => adopt(&assembly, &id, prediction).await,
        Jobs::Settle { id, settlement } => {
            let job = assembly.store.find_job(&id).await?;
            let job = assembly.pipeline.settle(job.id, settlement.into()).await?;
            say_where(&job);
            Ok(Exit::Done)
        }
    }
}

async fn list(assembly: &Assembly, as_json: bool, limit: usize) -> anyhow::Result<Exit> {
    let jobs = assembly.store.jobs(limit).await?;
    if as_json {
        talk::json(&jobs.iter().map(json::job).collect());
        return Ok(Exit::Done);
    }
    for job in &jobs {
        talk::data(&row(job));
    }
    Ok(Exit::Done)
}

/// A job in one line: number, stage, money, model, prompt.
fn row(job: &Job) -> String {
    let stage = job.shown_stage();
    let mut line = format!("{:>5}  {stage:<11}  {:>12}  ", job.number, money(job));
    let prompt: String = job.brief.prompt().chars().take(60).collect();
    let _ = write!(line, "{:<20}  {prompt}", short_name(job.brief.model.as_str()));
    if let Some(reason) = &job.reason {
        let _ = write!(line, "  ({})", reason.text);
    }
    line
}

/// A model's name between its vendor and its operation; all of it where it is shorter.
fn short_name(model: &str) -> &str {
    let parts: Vec<&str> = model.split('/').collect();
    match parts[..] {
        [_, name] | [.., name, _] => name,
        _ => model,
    }
}

/// Its money with its standing: charged, simulated, or still held.
fn money(job: &Job) -> String {
    match job.cost() {
        Some(cost) if job.is_simulated() => format!("{cost} sim"),
        Some(cost) => cost.to_string(),
        None if job.shown_stage() == StageName::Done => "price unknown".to_owned(),
        None => format!("held {}", job.balance.held()),
    }
}

async fn show(assembly: &Assembly, id: &str, as_json: bool) -> anyhow::Result<Exit> {
    let job = assembly.store.find_job(id).await?;
    let timeline = assembly.store.timeline(job.id).await?;
    let ledger = assembly.store.ledger_of(job.id).await?;
    if as_json {
        talk::json(&json::job_in_full(&job, &timeline, &ledger));
        return Ok(Exit::Done);
    }
    let mut text = format!("job {}  {}  {}\n", job.number, job.id, job.shown_stage());
    if let Some(reason) = &job.reason {
        let _ = writeln!(text, "  {}", reason.text);
        if let Some(hint) = &reason.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
    }
    let _ = writeln!(text, "\n  {}\n", job.brief.prompt());
    let _ = writeln!(text, "  model     {}", job.brief.model);
    let _ = writeln!(text, "  provider  {} at {}", job.account.provider, job.account.base_url);
    let words = job.brief.words_key();
    let others = job.brief.params.iter().filter(|(name, _)| Some(name.as_str()) != words);
    for (name, value) in others {
        let _ = writeln!(text, "  {name:<9} {value}");
    }
    if let Some(prediction) = job.stage.prediction() {
        let _ = writeln!(text, "  record    {prediction}");
    }
    text.push('\n');
    for (at, event) in &timeline {
        let local = at.to_zoned(assembly.settings.time_zone.clone());
        let _ = writeln!(text, "  {}  {}", local.strftime("%Y-%m-%d %H:%M:%S"), event.name());
    }
    text.push('\n');
    for line in &ledger {
        let _ = writeln!(text, "  {:<10}  {:>10}  {}", line.kind, line.amount, line.basis);
    }
    talk::block(text.trim_end());
    Ok(Exit::Done)
}

/// Drives the job where nobody does, else watches the library.
async fn watch(
    assembly: &Arc<Assembly>,
    mut news: News,
    id: &str,
    json: bool,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let id = assembly.store.find_job(id).await?.id;
    let only_look = assembly.flags.read_only;
    let supervisor = if only_look {
        assembly.supervisor_without_worker(Scope::Told)
    } else {
        assembly.supervisor(Scope::Told)
    };
    let jobs = vec![read(&assembly.store, id).await?];
    let manner = Manner { json, detach: false, only_look };
    follow(assembly, &supervisor, &mut news, &mut signals, (jobs, manner)).await
}

async fn cancel(assembly: &Assembly, id: &str) -> anyhow::Result<Exit> {
    let job = assembly.store.find_job(id).await?;
    let mut job = assembly.pipeline.cancel(job.id).await?;
    // Its owner hears the wish within a second; a submission in flight is seen through first.
    for _ in 0..30 {
        if job.shown_stage() == StageName::Cancelled || !job.stage.is_live() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        job = assembly.store.job(job.id).await?;
    }
    if job.abandoned && job.stage.is_live() {
        start_worker(assembly)?;
    }
    say_where(&job);
    if job.stage.is_live() && !job.abandoned {
        talk::hint("its owner is told, and gives it up as soon as it can");
    }
    Ok(Exit::Done)
}

async fn retry(
    assembly: &Arc<Assembly>,
    news: News,
    id: &str,
    flags: Order,
) -> anyhow::Result<Exit> {
    let job = assembly.store.find_job(id).await?;
    if job.shown_stage() == StageName::InDoubt {
        talk::say(&format!("rushes: job {} is in doubt: it may exist and be billed", job.number));
        let number = job.number;
        let asks = abilities::has_history(job.account.provider);
        let find =
            if asks { format!("rushes jobs find {number} looks for it; ") } else { String::new() };
        talk::hint(&format!("{find}rushes jobs settle {number} --as charged|free ends it"));
        return Ok(Exit::InDoubt);
    }
    if job.shown_stage().is_live() {
        // The same brief twice by mistake is money spent twice.
        talk::say(&format!("rushes: job {} is still {}", job.number, job.shown_stage()));
        talk::hint(&format!("rushes jobs follow {0}, or rushes jobs cancel {0} first", job.number));
        return Ok(Exit::Failed);
    }
    let (max_cost, consent) = (flags.max_cost, flags.yes);
    let ask = Ask { max_cost, consent, ..Ask::new(vec![job.brief.clone()]) };
    order(assembly, news, ask, Terms { dry_run: false, order: flags }).await
}

async fn resume(assembly: &Assembly, id: Option<&str>) -> anyhow::Result<Exit> {
    let named = match id {
        Some(name) => Some(assembly.store.find_job(name).await?),
        None => None,
    };
    let resumed = assembly.pipeline.resume(named.as_ref().map(|job| job.id)).await?;
    if !resumed.is_empty() {
        start_worker(assembly)?;
        for job in &resumed {
            talk::say(&format!("job {}: is sent by a worker", job.number));
        }
        return Ok(Exit::Done);
    }
    let Some(job) = named else {
        talk::say("nothing is held");
        return Ok(Exit::Done);
    };
    talk::say(&format!("rushes: job {} is not held: it is {}", job.number, job.shown_stage()));
    Ok(Exit::Failed)
}

async fn find(assembly: &Assembly, id: &str) -> anyhow::Result<Exit> {
    let job = assembly.store.find_job(id).await?;
    let found = assembly.pipeline.look_up(job.id).await?;
    talk::data(&format!("job {}: {}", job.number, found.words(job.number)));
    if matches!(found, LookUp::Adopted(_)) {
        start_worker(assembly)?;
        return Ok(Exit::Done);
    }
    Ok(Exit::InDoubt)
}

async fn adopt(assembly: &Assembly, id: &str, prediction: String) -> anyhow::Result<Exit> {
    let prediction = PredictionId::read(&prediction).ok_or_else(|| WrongUsage {
        what: format!("{prediction:?} is no prediction of a provider"),
        hint: "an id like 0123456789abcdef0123456789abcdef, or at Hugging Face \
            fal-ai:hunyuan-video:requests:ID: rushes jobs find names them where it can",
    })?;
    let job = assembly.store.find_job(id).await?;
    let job = assembly.pipeline.adopt(job.id, prediction).await?;
    start_worker(assembly)?;
    say_where(&job);
    Ok(Exit::Done)
}

fn start_worker(assembly: &Assembly) -> anyhow::Result<()> {
    use anyhow::Context;

    assembly.start_worker().context("starting the worker")
}

fn say_where(job: &Job) {
    let because = job.reason.as_ref().map(|reason| format!(": {}", reason.text));
    talk::say(&format!("job {}: {}{}", job.number, job.shown_stage(), because.unwrap_or_default()));
}
