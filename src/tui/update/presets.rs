//! Presets: chosen from a list, they change the brief that is being written, and can be taken back.

use super::super::action::Action;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::keymap::Place;
use super::super::screen::{Screen, Undo};
use super::command::distance;
use super::touched;
use crate::catalog::presets::{Change, Preset};

/// Opens the list.
pub(super) fn open(screen: &mut Screen) {
    if screen.presets.all().is_empty() {
        return screen.say("there are no presets");
    }
    screen.dialogs.push(Dialog::Presets { field: Box::new(edit::field("")), at: 0 });
}

/// The presets that these letters find, best first; all of them without letters.
pub fn matches<'a>(screen: &'a Screen, letters: &str) -> Vec<&'a Preset> {
    let letters = letters.trim().to_lowercase();
    let mut found: Vec<_> = screen
        .presets
        .all()
        .iter()
        .filter_map(|preset| {
            let words =
                format!("{} {} {} {}", preset.label, preset.name, preset.group, preset.does());
            Some((distance(&words.to_lowercase(), &letters)?, preset))
        })
        .collect();
    if !letters.is_empty() {
        found.sort_by_key(|(far, _)| *far);
    }
    found.into_iter().map(|(_, preset)| preset).collect()
}

/// What a preset changes in the brief of now.
pub fn change(screen: &Screen, preset: &Preset) -> Change {
    let settings = &screen.settings;
    let prompt = edit::text(&screen.prompt);
    preset.change(settings.model(), &prompt, (&settings.params, &settings.inputs))
}

/// The preset in this row is it: the brief is changed, and what it was can be brought back.
pub(super) fn chose(screen: &mut Screen, letters: &str, at: usize) {
    let Some(preset) = matches(screen, letters).get(at).copied().cloned() else { return };
    let change = change(screen, &preset);
    let told = change.words(&edit::text(&screen.prompt));
    if change.is_nothing() {
        return screen.say(format!("{}: {told}", preset.label));
    }
    let before = screen.draft();
    screen.undo.push(Undo::Draft(Box::new(before)));
    if let Some(prompt) = &change.prompt {
        edit::replace(&mut screen.prompt, prompt);
    }
    for (key, value) in change.set {
        screen.settings.touch(&key);
        screen.settings.several.values.remove(&key);
        screen.settings.params.insert(key, value);
    }
    touched(screen);
    screen.count();
    let key = screen.keymap.key(&[Place::Lists], Action::Undo);
    let back = key.map(|key| format!("; outside text, {key} takes it back")).unwrap_or_default();
    screen.say(format!("{}: {told}{back}", preset.label));
}
