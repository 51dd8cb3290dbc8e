//! `rushes story`: a film of several scenes in one file.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use serde_json::{Value, json};

use crate::assembly::Flags;
use crate::domain::{Estimate, Usd};
use crate::story::run::Run;
use crate::story::{
    self, Film, PlannedScene, PlannedStep, Selection, Sheet, Stale, Story, StoryFault,
};
use crate::studio::Ear;

use super::exit::{Exit, WrongUsage};
use super::story_args::Stories;
use super::{json, story_assemble, story_run, talk};

/// Does what was said.
pub(super) async fn run(verb: Stories, flags: Flags) -> anyhow::Result<Exit> {
    match verb {
        Stories::New { file } => new(&file, flags).await,
        Stories::Show { file, json } => show(&file, json, flags).await,
        Stories::Run(args) => story_run::run(args, flags).await,
        Stories::Assemble(args) => story_assemble::run(args, flags).await,
    }
}

async fn new(file: &Path, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _news) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    if let Err(error) = story::file::create(file, assembly.fresh_story_id()) {
        let is_there = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists);
        if is_there {
            let what = format!("{} is there already, and is not written over", file.display());
            return Err(WrongUsage { what, hint: "rushes story show tells what is in it" }.into());
        }
        return Err(error).with_context(|| format!("writing {}", file.display()));
    }
    talk::path(file);
    talk::hint(&format!("rushes story run {} makes it", file.display()));
    Ok(Exit::Done)
}

/// Reads the file. One that is no story at all is wrong usage: exit 2.
pub(super) fn read(file: &Path) -> anyhow::Result<(Story, Vec<StoryFault>)> {
    let wrong = |what: String, hint: &'static str| WrongUsage { what, hint };
    let text = story::file::read(file)
        .map_err(|error| wrong(format!("{error:#}"), "rushes story new FILE writes one"))?;
    let read = story::read(&text);
    Ok(read.map_err(|error| {
        wrong(
            format!("{}:{error}", file.display()),
            "the file must be TOML: rushes story new shows one",
        )
    })?)
}

/// The scenes that are named, by id or by place.
pub(super) fn selected(story: &Story, names: &[String]) -> Result<BTreeSet<String>, WrongUsage> {
    let mut selected = BTreeSet::new();
    for name in names {
        let by_place = || {
            let place = name.parse::<usize>().ok()?.checked_sub(1)?;
            story.scenes.get(place)
        };
        let by_id = story.scenes.iter().find(|scene| scene.id == *name);
        let Some(scene) = by_id.or_else(by_place) else {
            let known: Vec<&str> = story.scenes.iter().map(|scene| scene.id.as_str()).collect();
            return Err(WrongUsage {
                what: format!("there is no scene {name:?}; there are {}", known.join(", ")),
                hint: "rushes story show FILE lists them",
            });
        };
        selected.insert(scene.id.clone());
    }
    Ok(selected)
}

async fn show(file: &Path, as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _news) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    super::warn_of(assembly.unlisted());
    let read = read(file)?;
    let place = assembly.story_place(file).await?;
    let pipeline = Arc::clone(&assembly.pipeline);
    let run = Run::new(pipeline, read, place, Selection::Missing).await?;
    let sheet = run.sheet().await?;
    let library = &assembly.pipeline.library;
    let made = sheet.plan.film.as_ref();
    let made = made.map(|film| (film, library.file(&film.asset.path)));
    let shown = Shown { file, sheet: &sheet, film: made };
    if as_json {
        talk::json(&shown.json());
    } else {
        talk::block(shown.text().trim_end());
    }
    Ok(if sheet.plan.faults().next().is_some() { Exit::Blocked } else { Exit::Done })
}

/// A story with what is missing priced.
struct Shown<'a> {
    file: &'a Path,
    sheet: &'a Sheet,
    /// The film of all scenes, and where it lies.
    film: Option<(&'a Film, PathBuf)>,
}

impl Shown<'_> {
    fn json(&self) -> Value {
        let scene = |scene: &PlannedScene| {
            let chosen = scene.chosen.as_ref();
            let reason = scene.reason().and_then(|job| job.reason.as_ref());
            let steps: Vec<Value> = self
                .sheet
                .missing(scene)
                .map(|(step, price)| missing_line(scene, step, price))
                .collect();
            json!({
                "scene": scene.id,
                "title": scene.title,
                "status": scene.status().as_str(),
                "take": chosen.map(|chosen| chosen.asset.label()),
                "asset_id": chosen.map(|chosen| chosen.asset.id.to_string()),
                "is_current": chosen.map(|chosen| chosen.is_current),
                "is_named": chosen.map(|chosen| chosen.is_named),
                "duration": chosen.and_then(|chosen| chosen.asset.facts.duration_s()),
                "takes": scene.takes.iter().map(crate::domain::Asset::label).collect::<Vec<_>>(),
                "cost": scene.spent.decimal(),
                "simulated": scene.simulated.decimal(),
                "missing": steps,
                "reason": reason.map(|reason| reason.text.as_str()),
                "hint": reason.and_then(|reason| reason.hint.as_deref()),
                "faults": scene.faults.iter().map(fault_line).collect::<Vec<_>>(),
            })
        };
        let (spent, simulated) = self.sheet.costs();
        json!({
            "id": self.sheet.story.id.map(|id| id.to_string()),
            "title": self.sheet.story.title,
            "scenes": self.sheet.plan.scenes.iter().map(scene).collect::<Vec<_>>(),
            "film": self.film.as_ref().map(|(film, path)| json!({
                "take": film.asset.label(),
                "asset_id": film.asset.id.to_string(),
                "path": path.to_string_lossy(),
                "duration": film.asset.facts.duration_s(),
                "is_stale": film.stale.is_some(),
                "stale_scenes": film.stale.as_ref().map_or(&[][..], Stale::scenes),
                "reason": film.stale.as_ref().map(ToString::to_string),
            })),
            "faults": self.sheet.plan.faults.iter().map(fault_line).collect::<Vec<_>>(),
            "totals": {
                "scenes": self.sheet.plan.scenes.len(),
                "done": self.sheet.done(),
                "cost": spent.decimal(),
                "simulated": simulated.decimal(),
                "estimate": self.sheet.total.as_ref().map(json::estimate),
                "duration": json::seconds(self.sheet.milliseconds()),
            },
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let title =
            if self.sheet.story.title.is_empty() { "a story" } else { &self.sheet.story.title };
        let _ = writeln!(text, "{title}");
        for (place, scene) in self.sheet.plan.scenes.iter().enumerate() {
            let take = scene.chosen.as_ref().map_or_else(String::new, |chosen| {
                let seconds = chosen.asset.facts.duration_s();
                let seconds = seconds.map(|it| format!("  {it:.1} s")).unwrap_or_default();
                format!("take {}{seconds}", chosen.asset.label())
            });
            let (status, id) = (scene.status().words(), &scene.id);
            let title = if scene.title == scene.id { "" } else { &scene.title };
            let _ = writeln!(text, "{:>3}  {id:<16}  {status:<9}  {take:<18}  {title}", place + 1);
            for (step, price) in self.sheet.missing(scene) {
                let _ = writeln!(text, "       {}", missing_words(step, price));
            }
            if let Some(reason) = scene.reason().and_then(|job| job.reason.as_ref()) {
                let _ = writeln!(text, "       {}", reason.text);
                if let Some(hint) = &reason.hint {
                    let _ = writeln!(text, "       hint: {hint}");
                }
            }
        }
        if let Some((film, _)) = &self.film {
            let seconds = film.asset.facts.duration_s();
            let seconds = seconds.map(|it| format!("  {it:.1} s")).unwrap_or_default();
            let stale = if film.stale.is_some() { "  out of date" } else { "" };
            let _ = writeln!(text, "film: take {}{seconds}{stale}", film.asset.label());
            if let Some(stale) = &film.stale {
                let _ = writeln!(text, "       {stale}");
                let file = self.file.display();
                let _ = writeln!(text, "       hint: rushes story assemble {file} makes it anew");
            }
        }
        for fault in self.sheet.plan.faults() {
            let _ = writeln!(text, "  ✗ {fault}");
            if let Some(hint) = &fault.hint {
                let _ = writeln!(text, "    hint: {hint}");
            }
        }
        let missing = match &self.sheet.total {
            _ if self.sheet.each.is_empty() => "nothing is missing".to_owned(),
            None => "price of what is missing unknown".to_owned(),
            Some(floor) if floor.floor => format!("{floor} for what is missing"),
            Some(total) => format!("about {total} for what is missing"),
        };
        let (spent, simulated) = self.sheet.costs();
        let simulated = match simulated {
            Usd::ZERO => String::new(),
            amount => format!(" and {amount} simulated"),
        };
        let _ = writeln!(text, "{spent}{simulated} so far; {missing}");
        text
    }
}

/// What is missing of a scene, for a script.
pub(super) fn missing_line(
    scene: &PlannedScene,
    step: &PlannedStep,
    price: Option<&Estimate>,
) -> Value {
    json!({
        "scene": scene.id,
        "step": step.step.as_str(),
        "model": step.brief.model.as_str(),
        "provider": step.brief.provider.as_str(),
        "operation": step.brief.operation.as_str(),
        "waits": step.standing != story::Standing::Wanted,
        "estimate": price.map(json::estimate),
    })
}

/// The same for a person.
pub(super) fn missing_words(step: &PlannedStep, price: Option<&Estimate>) -> String {
    let price = price.map_or_else(|| "price unknown".to_owned(), ToString::to_string);
    let (name, brief) = (step.step.as_str(), &step.brief);
    let waits = match step.standing {
        story::Standing::Waits { .. } => "  after what it needs",
        _ => "",
    };
    format!("{name:<8}  {:<15}  {:<12}  {}{waits}", brief.operation.words(), price, brief.model)
}

fn fault_line(fault: &StoryFault) -> Value {
    json!({"place": fault.place, "key": fault.key, "message": fault.message, "hint": fault.hint})
}
