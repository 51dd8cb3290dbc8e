//! `rushes generate`, and what `jobs retry` shares with it: pre-flight, consent, admission, following.

use std::sync::Arc;

use anyhow::Context;

use crate::assembly::{self, Assembly, Flags};
use crate::domain::{Ask, CheckId, Operation, Outcome, Wish};
use crate::pipeline::{PipelineError, Scope};
use crate::studio::{Ear, News};

use super::args::{Generate, Order};
use super::exit::Exit;
use super::follow::{Manner, follow};
use super::{briefs, json, talk};

/// Makes something.
pub(super) async fn run(args: Generate, flags: Flags) -> anyhow::Result<Exit> {
    let Some(prompt) = briefs::prompt(args.prompt.as_deref())?.or_else(|| promptless(&args)) else {
        talk::say("rushes: no prompt");
        talk::hint("rushes generate \"a red kite over dunes\"");
        return Ok(Exit::Usage);
    };
    let (ear, news) = Ear::new();
    let flags = Flags { provider: args.provider, ..flags };
    let assembly = Arc::new(assembly::open(flags, Arc::new(ear)).await?);
    let ask = ask(&assembly, &args, prompt).await?;
    let terms = Terms { dry_run: args.dry_run, order: args.order };
    order(&assembly, news, ask, terms).await
}

/// Some models need no prompt: an empty one is not sent for them.
fn promptless(args: &Generate) -> Option<String> {
    let has_input = !(args.image.is_empty() && args.audio.is_empty() && args.video.is_empty());
    (has_input || !args.params.is_empty()).then(String::new)
}

/// What was said, as an order.
async fn ask(assembly: &Assembly, args: &Generate, prompt: String) -> anyhow::Result<Ask> {
    let provider = assembly.default_provider().await?;
    let operation = args.op.unwrap_or(Operation::TextToVideo);
    let named = args
        .model
        .clone()
        .or_else(|| assembly.settings.model.clone().filter(|_| args.op.is_none()));
    let name = if let Some(name) = named {
        name
    } else {
        let usual = assembly.catalog.default_for(operation);
        usual.with_context(|| format!("no model for {operation} is known"))?.id.0.clone()
    };
    let spec = assembly.catalog.find(&name).ok();
    let prompt = Some(prompt)
        .filter(|prompt| !prompt.is_empty() || spec.is_none_or(|spec| spec.has_param("prompt")));
    let id = spec.map_or(name.as_str(), |spec| spec.id.as_str());
    let operation = spec.map_or(operation, |spec| spec.operation);
    let mut brief = briefs::empty(provider, id, operation, prompt);
    brief.project = args.project.clone().or_else(|| assembly.settings.project.clone());
    brief.tags.clone_from(&args.tags);
    briefs::fill(&mut brief, spec, args)?;
    let takes_seed = spec.is_some_and(crate::catalog::ModelSpec::takes_seed);
    let briefs = briefs::takes(&brief, args.takes, takes_seed, &assembly.pipeline.dice);
    Ok(Ask { briefs, max_cost: args.order.max_cost, consent: args.order.yes })
}

/// How an order is made.
pub(super) struct Terms {
    /// Only look.
    pub dry_run: bool,
    /// The flags of the order.
    pub order: Order,
}

/// Checks the order, asks for consent where it must, admits it, and follows it to its end.
pub(super) async fn order(
    assembly: &Arc<Assembly>,
    mut news: News,
    mut ask: Ask,
    terms: Terms,
) -> anyhow::Result<Exit> {
    let simulated = ask.briefs.iter().all(|brief| brief.provider.is_simulated());
    if simulated {
        talk::say("SANDBOX: simulated, costs nothing");
    }
    let pipeline = &assembly.pipeline;
    let may_ask = !terms.dry_run && !ask.consent && !simulated && talk::can_ask();
    let preflight = if terms.dry_run || may_ask {
        pipeline.preflight(&ask).await
    } else {
        pipeline.preflight_with_consent(&ask).await
    };
    if terms.order.json {
        talk::json(&json::preflight(&preflight));
    } else {
        talk::preflight(&preflight);
    }
    if preflight.blocks_on(CheckId::Credential) {
        return Ok(Exit::NoCredential);
    }
    if preflight.verdict() == Outcome::Block {
        return Ok(Exit::Blocked);
    }
    if terms.dry_run {
        return Ok(Exit::Done);
    }
    if assembly.flags.read_only {
        talk::say("rushes: this is --read-only: nothing is spent");
        return Ok(Exit::Blocked);
    }
    if may_ask {
        let price = preflight
            .estimate
            .as_ref()
            .map_or_else(|| "an unknown price".to_owned(), ToString::to_string);
        if !talk::ask(&format!("Spend {price}?"))? {
            talk::say("nothing was sent");
            return Ok(Exit::Blocked);
        }
        ask.consent = true;
    }

    let wish = terms.order.detach.then_some(Wish::Send);
    let jobs = match pipeline.admit(ask, wish).await {
        Ok(jobs) => jobs,
        Err(PipelineError::Blocked(preflight)) => {
            talk::preflight(&preflight);
            return Ok(Exit::Blocked);
        }
        Err(error) => return Err(error.into()),
    };
    let supervisor = assembly.supervisor(Scope::Told);
    assembly.pick_up_the_rest().await?;
    for job in &jobs {
        supervisor.drive(job.id).await;
    }
    let manner = Manner { json: terms.order.json, detach: terms.order.detach };
    follow(assembly, &supervisor, &mut news, jobs, manner).await
}
