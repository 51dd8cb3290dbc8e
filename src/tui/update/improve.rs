//! Help with the prompt: ordered like anything else, and what comes back is offered as a change to the words
//! of now, never taken by itself.

use serde_json::Value;

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::keymap::Place;
use super::super::msg::Effect;
use super::super::screen::{Pane, Screen, Subject, Undo};
use super::{order, studio, touched};
use crate::catalog::{InputKind, ModelSpec, ParamKind};
use crate::domain::{AssetId, Brief, Job, MediaKind, Params};

/// The model that writes prompts out, by the name that its file gives it: a user's own file may have it too.
const WRITER: &str = "prompt-optimizer";

/// What its jobs are found by, here and in the library.
const TAG: &str = "prompt-help";

/// Asks in which style; without a choice of them the order is looked at at once.
pub(super) fn ask(screen: &mut Screen) -> Vec<Effect> {
    if edit::text(&screen.prompt).trim().is_empty() {
        screen.say("there are no words to write out yet");
        studio::focus(screen, Pane::Prompt);
        return vec![];
    }
    let Some(writer) = writer(screen) else {
        let what = format!("no model that writes prompts out runs on {}", screen.desk.provider);
        screen.warn(Trouble { what, hint: None });
        return vec![];
    };
    let styles = styles(writer);
    if styles.is_empty() {
        return chosen(screen, None);
    }
    screen.dialogs.push(Dialog::Styles { styles, at: 0 });
    vec![]
}

fn writer(screen: &Screen) -> Option<&ModelSpec> {
    let writer = screen.settings.catalog().find(WRITER).ok()?;
    (writer.available && writer.runs_on(screen.desk.provider)).then_some(writer)
}

/// The styles as the model declares them, its usual one first.
fn styles(writer: &ModelSpec) -> Vec<String> {
    let Some(param) = writer.param("style") else { return vec![] };
    let ParamKind::Choice { of } = &param.kind else { return vec![] };
    let mut styles: Vec<&Value> = of.iter().collect();
    styles.sort_by_key(|style| Some(*style) != param.default.as_ref());
    styles.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Which of so many styles the bar is at after an action.
pub(super) fn moved(at: usize, count: usize, action: Action) -> usize {
    match action {
        Action::Down => (at + 1).min(count.saturating_sub(1)),
        Action::Up => at.saturating_sub(1),
        _ => at,
    }
}

/// The order of the words of now: looked at, agreed to, paid and saved like every other.
pub(super) fn chosen(screen: &mut Screen, style: Option<&str>) -> Vec<Effect> {
    let Some(brief) = writer(screen).and_then(|writer| brief(screen, writer, style)) else {
        return vec![];
    };
    order::check(screen, vec![brief])
}

fn brief(screen: &Screen, writer: &ModelSpec, style: Option<&str>) -> Option<Brief> {
    let model = screen.settings.model();
    let mut params = Params::new();
    params.insert(writer.words_key()?.to_owned(), edit::text(&screen.prompt).trim().into());
    let aim = if model.output == MediaKind::Image { "image" } else { "video" };
    for (key, value) in [("style", style), ("mode", Some(aim))] {
        if let (true, Some(value)) = (writer.has_param(key), value) {
            params.insert(key.to_owned(), value.into());
        }
    }
    // The words are about the picture that is given, where one is.
    let is_picture = |key: &str| model.input(key).is_some_and(|it| it.kind == InputKind::Image);
    let mut given = screen.settings.inputs.iter();
    let picture = given.find(|(key, _)| is_picture(key)).map(|(_, source)| source.clone());
    let place = writer.inputs.iter().find(|input| input.kind == InputKind::Image);
    let inputs = place.zip(picture).map(|(input, source)| (input.key.clone(), source));
    Some(Brief {
        provider: screen.desk.provider,
        model: writer.id.clone(),
        operation: writer.operation,
        params: writer.complete(&params),
        inputs: inputs.into_iter().collect(),
        project: screen.desk.project.clone(),
        tags: vec![TAG.to_owned()],
        parent: None,
        scene: None,
    })
}

/// A job was admitted: if it is such help, its text is offered when it is there.
pub(super) fn admitted(screen: &mut Screen, job: &Job) {
    if job.brief.tags.iter().any(|tag| tag == TAG) {
        screen.improving.push(job.id);
    }
}

/// The texts that somebody waits for and that are in the library by now.
pub(super) fn arrived(screen: &mut Screen) -> Vec<Effect> {
    let made = |asset: &crate::domain::Asset| asset.origin.as_ref().map(|origin| origin.job);
    let mut effects = Vec::new();
    for asset in screen.assets.iter().filter(|asset| is_words(asset)) {
        let waited = screen.improving.iter().position(|job| made(asset) == Some(*job));
        if let Some(at) = waited {
            screen.improving.remove(at);
            effects.push(Effect::Words(asset.id));
        }
    }
    effects
}

fn is_words(asset: &crate::domain::Asset) -> bool {
    asset.mime == "text/plain"
}

/// The selected text, to be offered as the prompt.
pub(super) fn use_words(screen: &mut Screen) -> Vec<Effect> {
    let words = match screen.subject() {
        Subject::Take(asset) if is_words(asset) => Some(asset.id),
        _ => None,
    };
    let Some(id) = words else {
        screen.say("this is for takes that are a text");
        return vec![];
    };
    vec![Effect::Words(id)]
}

/// The words are here: they are offered, unless something else is open.
pub(super) fn offer(screen: &mut Screen, id: AssetId, words: Result<String, Trouble>) {
    let words = match words {
        Ok(words) => edit::pasted(words.trim()),
        Err(trouble) => return screen.warn(trouble),
    };
    let asset = screen.assets.iter().find(|asset| asset.id == id);
    let label = asset.map(crate::domain::Asset::label).unwrap_or_default();
    if words.is_empty() {
        return screen.say(format!("take {label} has no words"));
    }
    if words == edit::text(&screen.prompt).trim() {
        return screen.say(format!("take {label} is the prompt as it stands"));
    }
    if !screen.dialogs.is_empty() || screen.line.is_some() {
        let key = screen.keymap.key(&[Place::Works], Action::UseWords);
        let way = key.map(|key| format!(": {key} on it offers them")).unwrap_or_default();
        return screen.say(format!("the words are written out in take {label}{way}"));
    }
    screen.toast = None;
    let since = screen.now;
    screen.dialogs.push(Dialog::Words { id, words, top: 0, since });
}

/// A person took the words: what was in the editor can be brought back.
pub(super) fn take(screen: &mut Screen, words: &str) {
    let before = screen.draft();
    if !before.prompt.trim().is_empty() {
        screen.undo.push(Undo::Draft(Box::new(before)));
    }
    // They are just these words, whatever braces are in them.
    edit::replace(&mut screen.prompt, &crate::domain::batch::escaped(words));
    touched(screen);
    screen.count();
    studio::focus(screen, Pane::Prompt);
    let key = screen.keymap.key(&[Place::Lists], Action::Undo);
    let back = key.map(|key| format!(": outside text, {key} brings the old ones back"));
    screen.say(format!("these are the words now{}", back.unwrap_or_default()));
}
