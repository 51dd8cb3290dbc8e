//! Keys in the story view, what is read for it, and how a run of a story goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::form::paths;
use super::super::models::{Part, areas};
use super::super::msg::Effect;
use super::super::screen::{LineKind, Looking, Pane, Screen, Undo};
use super::super::story::{Answer, Ask, Ran, Typed, sheet};
use super::super::views::View;
use super::{load, order, put_job, studio, works};
use crate::domain::brief::Source;
use crate::domain::{Job, StageName};
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
    match paths::sources(name).into_iter().next() {
        Some(Source::File(file)) => open(screen, file),
        _ => {
            screen.warn(Trouble {
                what: format!("{name} is no file"),
                hint: Some(":story film.toml".to_owned()),
            });
            vec![]
        }
    }
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

/// What the view asked for is here.
pub(super) fn answered(screen: &mut Screen, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Known(known) => {
            let story = &mut screen.story;
            let last = known.files.first().filter(|_| known.is_opened && !story.choosing).cloned();
            story.known_at = story.known_at.min(known.files.len().saturating_sub(1));
            story.known = Some(known.files);
            match last {
                Some(last) if story.file.is_none() && screen.view == View::Story => {
                    open(screen, last)
                }
                _ => vec![],
            }
        }
        Answer::Read(file, sheet) => {
            let again = screen.story.reading.end();
            if screen.story.file.as_ref() == Some(&file) {
                let story = &mut screen.story;
                // What stands then where the selected scene was is selected, if that is gone.
                story.place = if story.at.is_some() { story.scene_place() } else { story.place };
                (story.trouble, story.is_new) = (None, false);
                match sheet {
                    Ok(sheet) => {
                        (story.is_new, story.sheet) = (sheet.is_none(), sheet);
                        story.go(story.scene_place());
                    }
                    Err(trouble) => story.trouble = Some(trouble),
                }
            }
            // Another file was opened meanwhile, or the library changed.
            if again || screen.story.file.as_ref() != Some(&file) { read(screen) } else { vec![] }
        }
        Answer::Created(file, Ok(())) => {
            screen.say(format!("{} is written: everything in it is explained", file.display()));
            open(screen, file)
        }
        Answer::Revised(file, revision, Ok((before, now))) => {
            if before != now && !matches!(revision, Revision::PutBack { .. }) {
                screen.undo.push(Undo::Story { file, now, before });
            }
            read(screen)
        }
        Answer::Looked(file, selection, looked) => {
            screen.story.looking = false;
            match looked {
                Ok(looked) => order::story_looked(screen, file, selection, looked),
                Err(trouble) => {
                    screen.warn(trouble);
                    vec![]
                }
            }
        }
        Answer::Ran(ran) => {
            screen.story.looking = false;
            ordered(screen, ran, true)
        }
        Answer::WentOn(ran) => {
            let again = screen.story.ordering.end();
            let mut effects = ordered(screen, ran, false);
            if again {
                effects.extend(go_on(screen));
            }
            effects
        }
        Answer::Assembly(Ok(ask)) => order::check_ask(screen, ask),
        Answer::Created(_, Err(trouble))
        | Answer::Revised(_, _, Err(trouble))
        | Answer::Assembly(Err(trouble)) => {
            screen.warn(trouble);
            read(screen)
        }
    }
}

/// Orders of a run were given, or not.
fn ordered(screen: &mut Screen, ran: Result<Ran, Trouble>, by_hand: bool) -> Vec<Effect> {
    let ran = match ran {
        Ok(ran) => ran,
        Err(trouble) => {
            screen.warn(trouble);
            return read(screen);
        }
    };
    screen.story.goes_on = ran.goes_on;
    let count = ran.jobs.len();
    let is_news = by_hand || count > 0 || ran.ended.is_some() || !ran.refused.is_empty();
    if !is_news && ran.blocked.is_none() {
        return vec![];
    }
    for job in ran.jobs {
        if !screen.jobs.iter().any(|known| known.id == job.id) {
            put_job(screen, job);
        }
    }
    if let Some(ended) = ran.ended {
        screen.say(ended);
    } else if by_hand {
        screen.say(match (count, ran.goes_on) {
            (0, true) => "what was ordered before goes on".to_owned(),
            (0, false) => "nothing was ordered".to_owned(),
            (1, _) => "1 job is on its way".to_owned(),
            (jobs, _) => format!("{jobs} jobs are on their way"),
        });
    }
    for trouble in ran.refused {
        screen.warn(trouble);
    }
    if let Some(preflight) = ran.blocked {
        order::story_blocked(screen, *preflight);
    }
    let mut effects = load(screen);
    effects.extend(read(screen));
    effects
}

/// The story's file was in the person's own editor.
pub(super) fn edited(screen: &mut Screen, file: &Path, edited: Result<(), Trouble>) -> Vec<Effect> {
    if let Err(trouble) = edited {
        screen.warn(trouble);
    }
    if screen.story.file.as_deref() == Some(file) { read(screen) } else { vec![] }
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
        Action::AssembleStory => {
            screen.say("looking at the takes that are put together");
            vec![Effect::Story(Ask::Assemble(file))]
        }
        Action::EditStory | Action::EditOutside => vec![Effect::EditFile(file)],
        Action::OpenStory => {
            (screen.story.file, screen.story.choosing) = (None, true);
            show(screen)
        }
        Action::SceneUp => moved(screen, file, -1),
        Action::SceneDown => moved(screen, file, 1),
        Action::NextTake => take(screen, file, 1),
        Action::PreviousTake => take(screen, file, -1),
        Action::ChangePrompt => change(screen, Said::Prompt),
        Action::ChangeTitle => change(screen, Said::Title),
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
        Action::Undo => undo(screen, &file),
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
    let next = match action {
        Action::Down => now + 1,
        Action::Up => now.saturating_sub(1),
        Action::First => 0,
        Action::Last => usize::MAX,
        Action::HalfDown => now + half,
        _ => now.saturating_sub(half),
    };
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
    vec![Effect::Story(Ask::Look(file, selection))]
}

fn moved(screen: &mut Screen, file: PathBuf, by: isize) -> Vec<Effect> {
    let place = screen.story.scene_place();
    let count = screen.story.scenes().len();
    let Some(scene) = screen.story.scene().map(|scene| scene.id.clone()) else { return vec![] };
    if place.checked_add_signed(by).is_none_or(|to| to >= count) {
        screen.say("there is no scene beyond it");
        return vec![];
    }
    screen.story.at = Some(scene.clone());
    vec![Effect::Story(Ask::Revise(file, Revision::Move { scene, by }))]
}

/// Has the next of the scene's takes in the film; after the last, the newest again, whichever that will be.
fn take(screen: &mut Screen, file: PathBuf, by: isize) -> Vec<Effect> {
    let Some(scene) = screen.story.scene() else { return vec![] };
    let labels: Vec<String> = scene.takes.iter().map(crate::domain::Asset::label).collect();
    if labels.is_empty() {
        screen.say("the scene has no take yet");
        return vec![];
    }
    // Nothing named stands behind the last, so that it comes round.
    let named = scene.chosen.as_ref().filter(|chosen| chosen.is_named);
    let at = named.and_then(|chosen| labels.iter().position(|it| *it == chosen.asset.label()));
    let (count, at) = (labels.len() + 1, at.unwrap_or(labels.len()));
    let to = (at + count).saturating_add_signed(by) % count;
    let (id, title) = (scene.id.clone(), scene.title.clone());
    let take = labels.get(to).cloned();
    screen.say(match &take {
        Some(take) => format!("take {take} is in the film for {title}"),
        None => format!("the newest take that was not rejected is in the film for {title}"),
    });
    vec![Effect::Story(Ask::Revise(file, Revision::Take { scene: id, take }))]
}

/// Opens a line with the scene's words.
fn change(screen: &mut Screen, what: Said) -> Vec<Effect> {
    let Some(scene) = screen.story.scene() else { return vec![] };
    let said = screen.story.sheet.as_ref().and_then(|sheet| sheet.said(scene));
    let words = said.map(|said| match what {
        Said::Title => said.title.clone(),
        Said::Prompt => said.prompt.clone().unwrap_or_default(),
    });
    let words = words.unwrap_or_default();
    if words.contains('\n') {
        let key = screen.keymap.key(&screen.places(), Action::EditStory).unwrap_or_default();
        screen.say(format!("it has several lines: {key} opens the file"));
        return vec![];
    }
    screen.line = Some((LineKind::Scene(Typed::Words(what)), edit::field(&words)));
    vec![]
}

/// Words were typed for a scene.
pub(super) fn typed(screen: &mut Screen, what: Typed, words: &str) -> Vec<Effect> {
    let Some(file) = screen.story.file.clone() else { return vec![] };
    let scene = screen.story.scene().map(|scene| scene.id.clone());
    let words = words.to_owned();
    let revision = match (what, scene) {
        (Typed::NewScene, _) if words.is_empty() => return vec![],
        (Typed::NewScene, after) => {
            // It is selected as soon as it is there.
            (screen.story.at, screen.story.place) =
                (None, screen.story.scene_place() + usize::from(after.is_some()));
            Revision::Add { after, prompt: words }
        }
        (Typed::Words(what), Some(scene)) => Revision::Say { scene, what, words },
        (Typed::Words(_), None) => return vec![],
    };
    vec![Effect::Story(Ask::Revise(file, revision))]
}

/// Pasted text goes into a new scene.
pub(super) fn pasted(screen: &mut Screen, text: &str) -> Vec<Effect> {
    if screen.story.file.is_none() || screen.desk.read_only {
        return vec![];
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    screen.line = Some((LineKind::Scene(Typed::NewScene), edit::field(&words)));
    vec![]
}

/// The last change of this file is taken back.
fn undo(screen: &mut Screen, open: &Path) -> Vec<Effect> {
    let is_here = |undo: &Undo| matches!(undo, Undo::Story { file, .. } if file == open);
    match screen.undo.iter().rposition(is_here).map(|at| screen.undo.remove(at)) {
        Some(Undo::Story { file, now, before }) => {
            screen.say("the story is as it was");
            put_back(file, now, before)
        }
        _ => {
            screen.say("there is nothing to undo in this story");
            vec![]
        }
    }
}

/// Puts a story's file back as it was.
pub(super) fn put_back(file: PathBuf, now: String, before: String) -> Vec<Effect> {
    vec![Effect::Story(Ask::Revise(file, Revision::PutBack { now, before }))]
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
    let Some(job) = sheet::job_of(scene).or_else(of_take).cloned() else {
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
        super::super::pane::story::film(screen).is_some_and(|job| job.stage.is_live());
    let story = &mut screen.story;
    let (place, count) = (story.scene_place(), story.scenes().len());
    story.top = studio::scrolled(story.top, place, rows, count);
    if !areas.facts.is_empty() {
        let most = super::super::pane::story::facts::scrolls(screen, areas.facts);
        screen.story.facts_top = screen.story.facts_top.min(most);
    }
}
