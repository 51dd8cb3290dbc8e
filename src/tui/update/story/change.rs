//! Changes of a story by keys: each is one change of its file, and can be taken back.

use std::path::{Path, PathBuf};

use super::super::super::action::Action;
use super::super::super::edit;
use super::super::super::msg::Effect;
use super::super::super::screen::{LineKind, Screen, Undo};
use super::super::super::story::{Ask, Typed};
use crate::story::{Revision, Said};

pub(super) fn moved(screen: &mut Screen, file: PathBuf, by: isize) -> Vec<Effect> {
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
pub(super) fn take(screen: &mut Screen, file: PathBuf, by: isize) -> Vec<Effect> {
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
pub(super) fn words(screen: &mut Screen, what: Said) -> Vec<Effect> {
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
pub(in super::super) fn typed(screen: &mut Screen, what: Typed, words: &str) -> Vec<Effect> {
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
pub(in super::super) fn pasted(screen: &mut Screen, text: &str) -> Vec<Effect> {
    if screen.story.file.is_none() || screen.desk.read_only {
        return vec![];
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    screen.line = Some((LineKind::Scene(Typed::NewScene), edit::field(&words)));
    vec![]
}

/// The last change of this file is taken back.
pub(super) fn undo(screen: &mut Screen, open: &Path) -> Vec<Effect> {
    let is_here = |undo: &Undo| matches!(undo, Undo::Story { file, .. } if file == open);
    let last = screen.undo.iter().rposition(is_here).map(|at| screen.undo.remove(at));
    if let Some(Undo::Story { file, now, before }) = last {
        screen.say("the story is as it was");
        return put_back(file, now, before);
    }
    screen.say("there is nothing to undo in this story");
    vec![]
}

/// Puts a story's file back as it was.
pub(in super::super) fn put_back(file: PathBuf, now: String, before: String) -> Vec<Effect> {
    vec![Effect::Story(Ask::Revise(file, Revision::PutBack { now, before }))]
}
