//! Keys in the form of settings, and what comes in for it: a pasted path, the facts of a file.

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::chord::Chord;
use super::super::edit;
use super::super::form::change::Opens;
use super::super::form::files::{Found, Known};
use super::super::form::paths;
use super::super::form::rows::What;
use super::super::msg::Effect;
use super::super::screen::Screen;
use super::{models, picker, touched};
use crate::domain::brief::Source;

/// Actions on the form of settings; `None` for what is none of its own.
pub(super) fn act(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    if let Some(field) = &screen.settings.editing {
        return match action {
            Action::Accept => {
                screen.settings.finish();
                changed(screen);
                Some(vec![])
            }
            Action::EditOutside => Some(vec![Effect::EditOutside(edit::text(field))]),
            Action::Up | Action::Down => Some(vec![]),
            _ => None,
        };
    }
    let rows = screen.settings.rows().len();
    let at = &mut screen.settings.at;
    match action {
        Action::Down => *at = (*at + 1).min(rows - 1),
        Action::Up => *at = at.saturating_sub(1),
        Action::First | Action::HalfUp => *at = 0,
        Action::Last | Action::HalfDown => *at = rows - 1,
        _ => return change(screen, action),
    }
    Some(vec![])
}

/// Actions that change a setting.
fn change(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    let mut opens = Opens::Nothing;
    let settings = &mut screen.settings;
    match action {
        Action::NextChoice | Action::Right => settings.step(1),
        Action::PreviousChoice | Action::Left => settings.step(-1),
        Action::Choose | Action::Change if settings.row().what == What::Model => {
            models::choose_another(screen);
            return Some(vec![]);
        }
        Action::Choose => opens = settings.open(),
        Action::Change => opens = settings.begin(),
        Action::AddItem => {
            if !settings.add() {
                screen.say("there is no list here that could have one more");
            }
        }
        Action::RemoveItem => settings.remove(),
        Action::ItemUp => settings.shift(-1),
        Action::ItemDown => settings.shift(1),
        Action::ShowAll => show_all(screen),
        Action::EditOutside => {
            if !matches!(settings.row().what, What::Value(_)) {
                screen.say("your own editor is for texts");
                return Some(vec![]);
            }
            let text = match settings.begin() {
                Opens::Editor(text) => text,
                _ => settings.editing.take().as_ref().map(edit::text).unwrap_or_default(),
            };
            return Some(vec![Effect::EditOutside(text)]);
        }
        _ => return None,
    }
    if screen.settings.editing.is_none() {
        changed(screen);
    }
    Some(match opens {
        Opens::Nothing => vec![],
        Opens::Editor(text) => vec![Effect::EditOutside(text)],
        Opens::Picker => picker::open(screen),
        Opens::Chooser(spot) => {
            picker::open_choices(screen, spot);
            vec![]
        }
    })
}

/// Shows what is rarely set, or hides it again; the bar stays at what it is at.
fn show_all(screen: &mut Screen) {
    let settings = &mut screen.settings;
    let before = settings.row().key;
    settings.all = !settings.all;
    let rows = settings.rows();
    let there = rows.iter().position(|row| row.key == before && !before.is_empty());
    settings.at = there.unwrap_or(settings.at).min(rows.len() - 1);
}

/// A setting changed: what it costs is seen at once.
pub(super) fn changed(screen: &mut Screen) {
    let last = screen.settings.rows().len() - 1;
    screen.settings.at = screen.settings.at.min(last);
    touched(screen);
    screen.count();
}

/// A letter in the settings: into the value being typed, or a digit, or the beginning of a path, that begins
/// one.
pub(super) fn type_value(screen: &mut Screen, chord: Chord) {
    let settings = &mut screen.settings;
    if settings.editing.is_none() {
        let Some(letter) = chord.typed() else { return };
        let begins = match settings.row().what {
            What::File { .. } => "~./'\"".contains(letter),
            What::Value(_) | What::Seed if letter == '{' => true,
            _ => (letter.is_ascii_digit() || letter == '.') && settings.takes_digits(),
        };
        if !begins {
            return;
        }
        settings.editing = Some(edit::field(""));
    }
    settings.misread = None;
    if let Some(field) = &mut settings.editing {
        edit::type_letter(field, chord);
    }
}

/// A paste while a row is under the bar: a file's row takes the files that it names. `false` where the row
/// takes no text.
pub(super) fn pasted(screen: &mut Screen, text: &str) -> bool {
    match screen.settings.row().what {
        What::File { .. } => {
            screen.settings.put_files(paths::sources(text));
            changed(screen);
            true
        }
        What::Value(_) if screen.settings.takes_digits() => {
            screen.settings.editing = Some(edit::field(text));
            true
        }
        _ => false,
    }
}

/// A value comes back from the person's own editor.
pub(super) fn edited(screen: &mut Screen, text: &str) {
    screen.settings.editing = None;
    screen.settings.misread = screen.settings.take_text(text.trim()).err();
    if screen.settings.misread.is_some() {
        screen.settings.editing = Some(edit::field(text));
    }
    changed(screen);
}

/// A file was looked at. What was typed as `~/a.png` is from now on the path that it is.
pub(super) fn found(screen: &mut Screen, source: Source, found: Result<Found, Trouble>) {
    match found {
        Ok(found) => {
            for (_, given) in &mut screen.settings.inputs {
                if *given == source {
                    given.clone_from(&found.source);
                }
            }
            screen.files.put(source, Known::Facts(found.facts.clone()));
            screen.files.put(found.source, Known::Facts(found.facts));
        }
        Err(trouble) => screen.files.put(source, Known::Wrong(trouble.what)),
    }
    screen.count();
}
