//! Keys in the story view, what is read for it, and how a run of a story goes on.

mod change;
mod told;

use std::path::PathBuf;
use std::time::Duration;

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::form::paths;
use super::super::models::{Part, areas};
use super::super::msg::Effect;
use super::super::screen::{LineKind, Looking, Pane, Screen};
use super::super::story::{Ask, Typed};
use super::super::views::View;
use super::{studio, works};
pub(super) use change::{pasted, put_back, typed};
pub(super) use told::{answered, edited};

use crate::domain::brief::Source;
use crate::domain::{Job, StageName, Usd};
use crate::story::{Revision, Said, Selection};

/// After the library changed, the story is read again this much later: what changes often is read seldom.
const SETTLES: Duration = Duration::from_millis(200);

/// Shows the view as it was left; the first time, the stories that can be opened.
pub(super) fn show(screen: &mut Screen) -> Vec<Effect> {
    screen.view = View::Story;
    match screen.story.file {
        Some(_) => read(screen),
        None => vec![Effect::Story(Ask::Known)],
    }
}

/// Opens the story whose file was named on the command line of the studio.
pub(super) fn open_named(screen: &mut Screen, name: &str) -> Vec<Effect> {
    if let Some(Source::File(file)) = paths::sources(name).into_iter().next() {
        return open(screen, file);
    }
    let what = format!("{name} is no file");
    screen.warn(Trouble { what, hint: Some(":story film.toml".to_owned()) });
    vec![]
}

/// Says what a run of the story may cost at most; nothing takes that back.
pub(super) fn bound(screen: &mut Screen, value: &str) -> Vec<Effect> {
    match value.trim_start_matches('$').parse::<Usd>() {
        Ok(most) if most > Usd::ZERO => {
            screen.story.max_cost = Some(most);
            screen.say(format!("a run of the story costs {most} at most"));
        }
        Err(_) if !matches!(value, "" | "off") => screen.warn(Trouble {
            what: format!("{value} is no amount"),
            hint: Some(":max-cost 2.50, or :max-cost off".to_owned()),
        }),
        _ => {
            screen.story.max_cost = None;
            screen.say("a run of the story costs what is agreed to");
        }
    }
    vec![]
}

fn open(screen: &mut Screen, file: PathBuf) -> Vec<Effect> {
    screen.story.open(file);
    show(screen)
}

/// Reads the open story; once more afterwards if it is being read already.
fn read(screen: &mut Screen) -> Vec<Effect> {
    let story = &mut screen.story;
    story.reload_at = None;
    let Some(file) = story.file.clone() else { return vec![] };
    if story.reading.begin() { vec![Effect::Story(Ask::Read(file))] } else { vec![] }
}

/// The library changed: the view follows a moment later, and a run orders what it can now.
pub(super) fn stirred(screen: &mut Screen) -> Vec<Effect> {
    if screen.view == View::Story && screen.story.reload_at.is_none() {
        screen.story.reload_at = Some(screen.now + SETTLES);
    }
    go_on(screen)
}

fn go_on(screen: &mut Screen) -> Vec<Effect> {
    let story = &mut screen.story;
    if story.goes_on && story.ordering.begin() { vec![Effect::Story(Ask::GoOn)] } else { vec![] }
}

/// Time went on.
pub(super) fn tick(screen: &mut Screen) -> Vec<Effect> {
    match screen.story.reload_at {
        Some(at) if at <= screen.now => {
            screen.story.reload_at = None;
            if screen.view == View::Story { read(screen) } else { vec![] }
        }
        _ => vec![],
    }
}

/// What an action does in this view; `None` for what is none of its own.
pub(super) fn act(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    let Some(file) = screen.story.file.clone() else { return act_on_known(screen, action) };
    let effects = match action {
        Action::Down
        | Action::Up
        | Action::First
        | Action::Last
        | Action::HalfDown
        | Action::HalfUp => {
            travel(screen, action);
            vec![]
        }
        Action::NextPane | Action::PreviousPane => {
            turn(screen);
            vec![]
        }
        Action::SceneFacts => {
            screen.story.part = Part::Facts;
            vec![]
        }
        Action::Left => {
            screen.story.part = Part::List;
            vec![]
        }
        Action::Back => {
            back(screen);
            vec![]
        }
        // What is in the editor of the studio is not in sight: a run is what is meant here.
        Action::RunStory | Action::Generate => look(screen, file, Selection::Missing),
        Action::RunAllScenes => look(screen, file, Selection::All),
        Action::RunScene => {
            let scene = screen.story.scene()?.id.clone();
            look(screen, file, Selection::Scenes([scene].into()))
        }
        Action::StopStory => vec![Effect::Story(Ask::Stop(file))],
        Action::AssembleStory => {
            screen.say("looking at the takes that are put together");
            vec![Effect::Story(Ask::Assemble(file))]
        }
        Action::EditStory | Action::EditOutside => vec![Effect::EditFile(file)],
        Action::OpenStory => {
            (screen.story.file, screen.story.choosing) = (None, true);
            show(screen)
        }
        Action::SceneUp => change::moved(screen, file, -1),
        Action::SceneDown => change::moved(screen, file, 1),
        Action::NextTake => change::take(screen, file, 1),
        Action::PreviousTake => change::take(screen, file, -1),
        Action::ChangePrompt => change::words(screen, Said::Prompt),
        Action::ChangeTitle => change::words(screen, Said::Title),
        Action::AddScene if screen.story.is_new => vec![Effect::Story(Ask::Create(file))],
        Action::AddScene => {
            screen.line = Some((LineKind::Scene(Typed::NewScene), edit::field("")));
            vec![]
        }
        Action::RemoveScene => {
            let scene = screen.story.scene()?;
            let (scene, title) = (scene.id.clone(), scene.title.clone());
            let key = screen.keymap.key(&screen.places(), Action::Undo).unwrap_or_default();
            screen.say(format!("{title} is taken away; {key} brings it back"));
            vec![Effect::Story(Ask::Revise(file, Revision::Remove { scene }))]
        }
        Action::ShowTake => show_take(screen),
        Action::Details => on_job(screen, |screen, job| {
            screen.dialogs.push(Dialog::Timeline { id: job.id, events: None, top: 0 });
            vec![Effect::Timeline(job.id)]
        }),
        Action::Cancel => on_job(screen, |screen, job| works::give_up(screen, &job)),
        Action::Find => on_doubt(screen, |_, job| vec![Effect::Find(job.id)]),
        Action::Settle => on_doubt(screen, |screen, job| {
            screen.dialogs.push(Dialog::Settle { id: job.id, number: job.number });
            vec![]
        }),
        Action::Undo => change::undo(screen, &file),
        Action::Filter => vec![],
        _ => return None,
    };
    Some(effects)
}

/// Keys in the list of stories that can be opened.
fn act_on_known(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    let story = &mut screen.story;
    let known = story.known.as_deref().unwrap_or_default();
    let last = known.len().saturating_sub(1);
    match action {
        Action::Down => story.known_at = (story.known_at + 1).min(last),
        Action::Up => story.known_at = story.known_at.saturating_sub(1),
        Action::First | Action::HalfUp => story.known_at = 0,
        Action::Last | Action::HalfDown => story.known_at = last,
        Action::ShowTake | Action::OpenStory => {
            return known.get(story.known_at).cloned().map(|file| open(screen, file));
        }
        Action::Back => screen.view = View::Studio,
        action if action >= Action::RunStory && action < Action::Accept => {
            screen.say(":story film.toml opens a story, or writes a new one");
        }
        Action::Undo | Action::EditOutside | Action::Filter => {}
        _ => return None,
    }
    Some(vec![])
}

fn turn(screen: &mut Screen) {
    screen.story.part = match screen.story.part {
        Part::List => Part::Facts,
        Part::Facts => Part::List,
    };
}

/// Closes one layer: the facts, the view.
fn back(screen: &mut Screen) {
    match screen.story.part {
        Part::Facts => screen.story.part = Part::List,
        Part::List => screen.view = View::Studio,
    }
}

fn travel(screen: &mut Screen, action: Action) {
    let areas = areas::areas(screen.size, screen.story.part);
    let in_facts = screen.story.part == Part::Facts;
    let shown = if in_facts { areas.facts } else { areas.list };
    let half = usize::from(shown.height.saturating_sub(1) / 2).max(1);
    let now = if in_facts { screen.story.facts_top } else { screen.story.scene_place() };
    let next = studio::stepped(now, action, half);
    if in_facts {
        // Held within the text by `keep_in_sight`.
        screen.story.facts_top = next;
    } else {
        screen.story.go(next);
    }
}

/// Has a run looked at. One at a time: a second wish while the first is looked at is a slip.
fn look(screen: &mut Screen, file: PathBuf, selection: Selection) -> Vec<Effect> {
    if std::mem::replace(&mut screen.story.looking, true) {
        screen.say("the last run is still being looked at");
        return vec![];
    }
    screen.say("looking at everything before it is sent");
    vec![Effect::Story(Ask::Look(file, selection, screen.story.max_cost))]
}

/// Goes to the scene's take in the studio, where it is played and judged.
fn show_take(screen: &mut Screen) -> Vec<Effect> {
    let chosen = screen.story.scene().and_then(|scene| scene.chosen.as_ref());
    let Some(id) = chosen.map(|chosen| chosen.asset.id) else {
        screen.say("the scene has no take yet");
        return vec![];
    };
    screen.filter.clear();
    if !screen.take_ids().contains(&id) {
        screen.say("the take is too old for the list of the studio");
        return vec![];
    }
    screen.view = View::Studio;
    studio::focus(screen, Pane::Takes);
    screen.looking = Looking::Takes;
    screen.take_at.go(&[id], 0);
    vec![]
}

/// Does something with the job of the selected scene.
fn on_job(screen: &mut Screen, with: impl FnOnce(&mut Screen, Job) -> Vec<Effect>) -> Vec<Effect> {
    let Some(scene) = screen.story.scene() else { return vec![] };
    let of_take = || {
        let origin = scene.chosen.as_ref()?.asset.origin.as_ref()?;
        screen.jobs.iter().find(|job| job.id == origin.job)
    };
    let Some(job) = scene.job().or_else(of_take).cloned() else {
        screen.say("nothing was ordered for this scene yet");
        return vec![];
    };
    with(screen, job)
}

fn on_doubt(
    screen: &mut Screen,
    with: impl FnOnce(&mut Screen, Job) -> Vec<Effect>,
) -> Vec<Effect> {
    on_job(screen, |screen, job| {
        if job.shown_stage() == StageName::InDoubt {
            return with(screen, job);
        }
        screen.say("nothing of this scene is in doubt");
        vec![]
    })
}

/// Scrolls so that what is selected is in sight.
pub(super) fn keep_in_sight(screen: &mut Screen) {
    if screen.view != View::Story {
        return;
    }
    let areas = areas::areas(screen.size, screen.story.part);
    let rows = super::super::pane::story::rows(screen, areas.list);
    screen.story.is_film_live =
        super::super::pane::story::assembling(screen).is_some_and(|job| job.stage.is_live());
    let story = &mut screen.story;
    let (place, count) = (story.scene_place(), story.scenes().len());
    story.top = studio::scrolled(story.top, place, rows, count);
    if !areas.facts.is_empty() {
        let most = super::super::pane::story::facts::scrolls(screen, areas.facts);
        screen.story.facts_top = screen.story.facts_top.min(most);
    }
}
