//! `rushes generate`, and what `jobs retry` shares with it: pre-flight, consent, admission, following.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::Context;

use crate::assembly::{Assembly, Flags};
use crate::catalog::presets::Presets;
use crate::catalog::{Catalog, ModelSpec};
use crate::domain::{Ask, CheckId, Outcome, Preflight, ProviderId, Wish};
use crate::pipeline::{PipelineError, Scope};
use crate::store::StoreError;
use crate::studio::{Ear, News};

use super::args::{Generate, Order};
use super::briefs::{self, PromptIs};
use super::exit::{Exit, WrongUsage};
use super::follow::{Manner, follow};
use super::followed::Followed;
use super::matrix::{self, PricedRow, Rows};
use super::signals::Signals;
use super::{json, presets, talk};

/// Makes something.
pub(super) async fn run(args: Generate, flags: Flags) -> anyhow::Result<Exit> {
    if args.models.len() > 1 && !args.matrix {
        let what = "one order has one model".to_owned();
        return Err(WrongUsage { what, hint: "with --matrix, each model is a row" }.into());
    }
    let (ear, news) = Ear::new();
    let flags = Flags { provider: args.provider, ..flags };
    let assembly = Arc::new(super::open(flags, ear).await?);
    super::warn_of(assembly.unlisted());
    let Some((ask, rows)) = ask(&assembly, &args).await? else {
        talk::say("rushes: no prompt");
        talk::hint("rushes generate \"a red kite over dunes\"");
        return Ok(Exit::Usage);
    };
    let terms = Terms { dry_run: args.dry_run, order: args.order };
    order_rows(&assembly, news, (ask, rows), terms).await
}

/// What was said, as an order with its rows. `None` where a prompt is needed and nobody can be read it from.
async fn ask(assembly: &Assembly, args: &Generate) -> anyhow::Result<Option<(Ask, Rows)>> {
    let provider = assembly.default_provider().await?;
    let catalog = assembly.catalog.now();
    let meant = names(assembly, &catalog, provider, args)?;
    let specs: Vec<_> =
        meant.iter().map(|name| briefs::model_meant(&catalog, name, args)).collect();
    let is_terminal = std::io::stdin().is_terminal();
    let places = specs.iter().map(|spec| briefs::where_prompt_is(args, *spec, is_terminal));
    let prompt = match places.max_by_key(PromptIs::weight).unwrap_or(PromptIs::NotNeeded) {
        PromptIs::Said(text) => Some(text),
        PromptIs::Piped => Some(briefs::read_prompt()?).filter(|text| !text.is_empty()),
        PromptIs::Nowhere => return Ok(None),
        PromptIs::NotNeeded => None,
    };
    let matrix = matrix::expand(args, &meant, prompt, &specs)?;
    let mut named = briefs::Named::new();
    for name in matrix.lines.iter().flat_map(briefs::named_assets) {
        if named.contains_key(name) {
            continue;
        }
        let found = assembly.store.find_asset(name).await.map_err(|error| match error {
            missing @ (StoreError::Missing { .. } | StoreError::Ambiguous { .. }) => {
                WrongUsage { what: missing.to_string(), hint: "rushes assets list" }.into()
            }
            other => anyhow::Error::from(other),
        })?;
        named.insert(name.to_owned(), found.id);
    }
    let presets = if args.presets.is_empty() { Presets::default() } else { assembly.presets()? };
    let mut briefs = Vec::new();
    for (at, line) in matrix.lines.iter().enumerate() {
        let spec = specs[matrix.model(at)];
        let id = spec.map_or(meant[matrix.model(at)].as_str(), |spec| spec.id.as_str());
        let operation = spec.map_or(briefs::operation_meant(args), |spec| spec.operation);
        let key = spec.and_then(ModelSpec::words_key).unwrap_or("prompt");
        let words = line.prompt.clone().map(|prompt| (prompt, key));
        let provider = spec.map_or(provider, |spec| spec.provider_for(provider));
        let mut brief = briefs::empty(provider, id, operation, words);
        brief.project = args.project.clone().or_else(|| assembly.settings.project.clone());
        brief.tags.clone_from(&args.tags);
        let told = presets::apply(&presets, &args.presets, spec, &mut brief)?;
        if at == 0 {
            // They change every row alike.
            for line in &told {
                talk::say(line);
            }
        }
        briefs::fill(&mut brief, spec, line, &named)?;
        let takes_seed = spec.is_some_and(ModelSpec::takes_seed);
        let takes = briefs::takes(&brief, args.takes, takes_seed, &assembly.pipeline.dice);
        briefs.extend(matrix.seeded(at, takes));
    }
    let (max_cost, consent) = (args.order.max_cost, args.order.yes);
    let ask = Ask { briefs, max_cost, consent, partly: args.order.partly };
    Ok(Some((ask, matrix.rows())))
}

/// The models that are meant: those that are named, else the one that is set, else the usual one.
fn names(
    assembly: &Assembly,
    catalog: &Catalog,
    provider: ProviderId,
    args: &Generate,
) -> anyhow::Result<Vec<String>> {
    if !args.models.is_empty() {
        return Ok(args.models.clone());
    }
    if let Some(set) = assembly.settings.model.as_ref().filter(|_| args.op.is_none()) {
        return Ok(vec![set.clone()]);
    }
    let operation = briefs::operation_meant(args);
    let usual = briefs::usual_meant(catalog, operation, provider, args);
    let usual = usual.with_context(|| format!("no model for {operation} is known"))?;
    Ok(vec![usual.id.0.clone()])
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
    news: News,
    ask: Ask,
    terms: Terms,
) -> anyhow::Result<Exit> {
    order_rows(assembly, news, (ask, Rows::default()), terms).await
}

/// The same for an order of several rows, each told with its price.
async fn order_rows(
    assembly: &Arc<Assembly>,
    mut news: News,
    (mut ask, rows): (Ask, Rows),
    terms: Terms,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let simulated = ask.briefs.iter().all(|brief| brief.provider.is_simulated());
    if simulated {
        talk::say("SANDBOX: simulated, costs nothing");
    }
    let pipeline = &assembly.pipeline;
    let costs_nothing = ask.briefs.iter().all(|brief| !brief.provider.is_paid());
    let may_ask = !terms.dry_run && !ask.consent && !costs_nothing && talk::can_ask();
    // Nothing is held or sent yet: a signal ends it here.
    let (mut preflight, prices) = tokio::select! {
        found = pipeline.preflight_with_prices(&ask) => found,
        signal = signals.next() => return Ok(signal),
    };
    if !terms.dry_run && !may_ask {
        pipeline.ask_consent(&ask, &mut preflight);
    }
    let rows = rows.priced(&ask, &prices);
    tell(&preflight, &rows, terms.order.json);
    if let Some(blocked) = blocked(&preflight) {
        return Ok(blocked);
    }
    if terms.dry_run {
        return Ok(Exit::Done);
    }
    if may_ask {
        let answer = tokio::select! {
            answer = talk::ask(format!("Spend {}?", price(&preflight))) => answer?,
            signal = signals.next() => return Ok(signal),
        };
        if !answer {
            talk::say("nothing was sent");
            return Ok(Exit::Blocked);
        }
        ask.consent = true;
    }

    let wish = terms.order.detach.then_some(Wish::Send);
    let asked = ask.briefs.len();
    let jobs = match pipeline.admit(ask, wish).await {
        Ok(jobs) => jobs,
        Err(PipelineError::Blocked(preflight)) => {
            tell(&preflight, &rows, terms.order.json);
            return Ok(blocked(&preflight).unwrap_or(Exit::Blocked));
        }
        Err(error) => return Err(error.into()),
    };
    if jobs.len() < asked {
        talk::say(&format!("{} of {asked} go on: the budgets allow no more", jobs.len()));
    }
    let supervisor = assembly.supervisor(Scope::Told);
    for job in &jobs {
        supervisor.drive(job.id).await;
    }
    if let Err(error) = assembly.pick_up_the_rest().await {
        // The jobs of this order are driven here all the same.
        talk::say(&format!("rushes: {error:#}"));
    }
    // One event each: they were admitted.
    let jobs = jobs.into_iter().map(|job| Followed::new(job, 1)).collect();
    let manner = Manner { json: terms.order.json, detach: terms.order.detach, only_look: false };
    follow(assembly, &supervisor, &mut news, &mut signals, (jobs, manner)).await
}

fn tell(preflight: &Preflight, rows: &[PricedRow], as_json: bool) {
    if as_json {
        let mut line = json::preflight(preflight);
        if !rows.is_empty() {
            line["rows"] = rows.iter().map(PricedRow::json).collect();
        }
        talk::json(&line);
    } else {
        for line in matrix::listed(rows) {
            talk::say(&line);
        }
        talk::preflight(preflight);
    }
}

/// How an order ends that is blocked; `None` where it is not.
fn blocked(preflight: &Preflight) -> Option<Exit> {
    if preflight.blocks_on(CheckId::Credential) {
        return Some(Exit::NoCredential);
    }
    (preflight.verdict() == Outcome::Block).then_some(Exit::Blocked)
}

fn price(preflight: &Preflight) -> String {
    let unknown = || "an unknown price".to_owned();
    preflight.estimate.as_ref().map_or_else(unknown, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Check;

    #[test]
    fn a_missing_credential_counts_before_every_other_block() {
        let check = |checks, expected| {
            assert_eq!(blocked(&Preflight { estimate: None, checks }), expected);
        };
        let credential = || Check::block(CheckId::Credential, "none", "set one");
        let disk = || Check::block(CheckId::Disk, "full", "make room");
        check(vec![Check::warn(CheckId::Price, "unknown", "say more")], None);
        check(vec![disk()], Some(Exit::Blocked));
        check(vec![disk(), credential()], Some(Exit::NoCredential));
    }
}
