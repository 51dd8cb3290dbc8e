//! A key or a paste finds its way: a text field, a dialog, an action.

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::chord::Chord;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::keymap::{Found, Place};
use super::super::layout;
use super::super::msg::Effect;
use super::super::screen::{LineKind, Pane, Screen};
use super::super::views::View;
use super::super::wrap;
use super::{
    command, dialogs, models, picker, settings, story, studio, touched, usage, verdicts, works,
};

/// A key was pressed.
pub(super) fn press(screen: &mut Screen, chord: Chord) -> Vec<Effect> {
    if screen.leaving {
        return vec![];
    }
    if dialogs::is_deaf(screen) {
        return vec![];
    }
    // It was read, or it will be seen where it happened: the keys of this place come back.
    screen.toast = None;
    if let Some(effects) = verdicts::hear(screen, chord) {
        return effects;
    }
    screen.pending.push(chord);
    let places = reachable(screen);
    match screen.keymap.find(&places, &screen.pending) {
        Found::Prefix => vec![],
        Found::Action(action) => {
            screen.pending.clear();
            act(screen, action)
        }
        Found::Nothing => {
            let alone = screen.pending.len() == 1;
            screen.pending.clear();
            if alone { type_letter(screen, chord) } else { vec![] }
        }
    }
}

/// The places of the screen; those of a dialog or a line, and then what works above both.
pub(in super::super) fn reachable(screen: &Screen) -> Vec<Place> {
    let mut places = screen.places();
    if !places.contains(&Place::Everywhere) {
        places.push(Place::Everywhere);
    }
    places
}

/// Does an action, wherever it came from: a key, the palette, the command line.
pub(super) fn act(screen: &mut Screen, action: Action) -> Vec<Effect> {
    if screen.desk.read_only && action.changes() {
        // Before anything is looked at, and before the screen shows a change that the library never sees.
        screen.warn(Trouble::read_only());
        return vec![];
    }
    match action {
        Action::Leave => return studio::leave(screen),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        _ => {}
    }
    if screen.line.is_some() {
        return command::act(screen, action);
    }
    if !screen.dialogs.is_empty() {
        return dialogs::act(screen, action);
    }
    if screen.view == View::Models {
        return models::act(screen, action).unwrap_or_else(|| studio::act(screen, action));
    }
    if screen.view == View::Usage {
        return usage::act(screen, action).unwrap_or_else(|| studio::act(screen, action));
    }
    if screen.view == View::Story {
        return story::act(screen, action).unwrap_or_else(|| studio::act(screen, action));
    }
    if in_text(screen, action) {
        return vec![];
    }
    match screen.focus {
        Pane::Settings => settings::act(screen, action),
        _ => works::act(screen, action),
    }
    .unwrap_or_else(|| studio::act(screen, action))
}

/// Does what an action does in the field that is being edited.
fn in_text(screen: &mut Screen, action: Action) -> bool {
    match screen.focus {
        Pane::Prompt => {
            let by = match action {
                Action::LineUp => -1,
                Action::LineDown => 1,
                _ => 0,
            };
            if by != 0 {
                let cells = layout::prompt_text(screen.areas().prompt).width;
                wrap::move_rows(&mut screen.prompt, usize::from(cells), by);
                return true;
            }
            let before = screen.prompt.lines().to_vec();
            let done = edit::act(&mut screen.prompt, action);
            if done && before != screen.prompt.lines() {
                touched(screen);
            }
            done
        }
        Pane::Settings => match &mut screen.settings.editing {
            Some(field) => {
                screen.settings.misread = None;
                edit::act(field, action)
            }
            None => false,
        },
        _ => false,
    }
}

/// The text field that letters go to.
fn type_letter(screen: &mut Screen, chord: Chord) -> Vec<Effect> {
    if let Some((kind, field)) = &mut screen.line {
        let kind = *kind;
        if edit::type_letter(field, chord) {
            return command::typed(screen, kind);
        }
        return vec![];
    }
    if let Some(dialog) = screen.dialogs.last_mut() {
        let typed = dialog.field().is_some_and(|field| edit::type_letter(field, chord));
        return if typed { dialogs::typed(dialog) } else { vec![] };
    }
    if screen.view != View::Studio {
        return vec![];
    }
    match screen.focus {
        Pane::Prompt if edit::type_letter(&mut screen.prompt, chord) => touched(screen),
        Pane::Settings => settings::type_value(screen, chord),
        _ => {}
    }
    vec![]
}

/// Pasted text goes into the field that is being edited, else into the prompt, or what models are found by. It
/// is never a key.
pub(super) fn paste(screen: &mut Screen, text: &str) -> Vec<Effect> {
    screen.why = None;
    let text = edit::pasted(text);
    let one_line = text.replace('\n', " ");
    if screen.leaving {
        return vec![];
    }
    if let Some((kind, field)) = &mut screen.line {
        let kind = *kind;
        field.insert_str(one_line);
        return command::typed(screen, kind);
    } else if let Some(dialog) = screen.dialogs.last_mut() {
        if let Dialog::Pick(picker) = dialog {
            return picker::pasted(picker, &text);
        }
        if let Some(field) = dialog.field() {
            field.insert_str(one_line);
            return dialogs::typed(dialog);
        }
    } else if screen.view == View::Models {
        let found = format!("{}{one_line}", screen.models.query);
        screen.line = Some((LineKind::Search, edit::field(&found)));
        return command::typed(screen, LineKind::Search);
    } else if screen.view == View::Usage {
        let found = format!("{}{one_line}", screen.usage.words);
        usage::act(screen, Action::Filter);
        screen.line = Some((LineKind::Ledger, edit::field(&found)));
        return command::typed(screen, LineKind::Ledger);
    } else if screen.view == View::Story {
        return story::pasted(screen, &text);
    } else if let (Pane::Settings, Some(field)) = (screen.focus, &mut screen.settings.editing) {
        screen.settings.misread = None;
        field.insert_str(one_line);
    } else if screen.focus == Pane::Settings && settings::pasted(screen, &text) {
        // It went into the row under the bar.
    } else {
        studio::focus(screen, Pane::Prompt);
        screen.prompt.insert_str(text);
        touched(screen);
    }
    vec![]
}
