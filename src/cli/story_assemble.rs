//! `rushes story assemble`: the chosen takes in one film, as an order like any other.

use std::sync::Arc;

use crate::assembly::Flags;
use crate::domain::Ask;
use crate::story::Plan;
use crate::story::Selection;
use crate::story::run::Run;
use crate::studio::Ear;

use super::exit::{Exit, WrongUsage};
use super::generate::{Terms, order};
use super::story::read;
use super::story_args::AssembleStory;
use super::talk;

/// Puts the chosen takes together.
pub(super) async fn run(args: AssembleStory, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, news) = Ear::new();
    let assembly = Arc::new(super::open(flags, ear).await?);
    super::warn_of(assembly.unlisted());
    let read = read(&args.file)?;
    let place = assembly.story_place(&args.file).await?;
    let pipeline = Arc::clone(&assembly.pipeline);
    let run = Run::new(pipeline, read, place, Selection::Missing).await?;
    let plan = run.plan().await?;
    if !can_be_assembled(&plan) {
        talk::hint(&format!("rushes story run {} makes what is missing", args.file.display()));
        return Ok(Exit::Blocked);
    }
    let crossfade = args.crossfade.or(run.story().crossfade).unwrap_or_default();
    if !(0.0..=60.0).contains(&crossfade) {
        let what = format!("--crossfade {crossfade} is no number of seconds from 0 to 60");
        return Err(WrongUsage { what, hint: "--crossfade 0.5" }.into());
    }
    let brief = match run.assembly(&plan, crossfade)? {
        Ok(brief) => brief,
        Err(fault) => {
            talk::say(&format!("rushes: {fault}"));
            return Ok(Exit::Blocked);
        }
    };
    let flags = args.order;
    let ask = Ask { max_cost: flags.max_cost, consent: flags.yes, ..Ask::new(vec![brief]) };
    order(&assembly, news, ask, Terms { dry_run: args.dry_run, order: flags }).await
}

/// Whether every scene has a take. What has none, and what is not as it was, is told.
fn can_be_assembled(plan: &Plan) -> bool {
    let mut missing = Vec::new();
    for scene in &plan.scenes {
        match &scene.chosen {
            None => missing.push(scene.id.as_str()),
            Some(chosen) if !chosen.is_current => {
                let (id, label) = (&scene.id, chosen.asset.label());
                talk::say(&format!("scene {id} was changed since its take {label} was made"));
            }
            Some(_) => {}
        }
    }
    if plan.scenes.is_empty() {
        talk::say("rushes: the story has no scene");
    } else if !missing.is_empty() {
        talk::say(&format!("rushes: there is no take of {}", missing.join(", ")));
    }
    missing.is_empty() && !plan.scenes.is_empty()
}
