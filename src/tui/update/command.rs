//! The command line, the filter, and the palette: actions and settings by their words.

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::edit;
use super::super::form::paths;
use super::super::keymap::Place;
use super::super::msg::Effect;
use super::super::screen::{LineKind, Screen};
use super::super::views::View;
use super::{keys, models, story, touched, usage};
use crate::domain::brief::Source;

/// Does an action in the line at the foot of the screen.
pub(super) fn act(screen: &mut Screen, action: Action) -> Vec<Effect> {
    let Some((kind, mut field)) = screen.line.take() else { return vec![] };
    match action {
        Action::Back => {
            match kind {
                LineKind::Filter => screen.filter.clear(),
                LineKind::Search => models::search(screen, ""),
                LineKind::Ledger => return usage::search(screen, ""),
                LineKind::Command | LineKind::Scene(_) => {}
            }
            return vec![];
        }
        Action::Accept => {
            let text = edit::text(&field);
            return match kind {
                LineKind::Filter | LineKind::Search | LineKind::Ledger => vec![],
                LineKind::Command => run(screen, text.trim()),
                LineKind::Scene(what) => story::typed(screen, what, text.trim()),
            };
        }
        // A line that is emptied and deleted once more closes, as people expect of a command line.
        Action::DeleteBack if field.is_empty() => {
            return vec![];
        }
        Action::Up | Action::Down if kind == LineKind::Search => {
            models::move_while_typing(screen, action);
        }
        Action::Up | Action::Down if kind == LineKind::Ledger => {
            screen.line = Some((kind, field));
            return usage::move_while_typing(screen, action);
        }
        _ => drop(edit::act(&mut field, action)),
    }
    screen.line = Some((kind, field));
    typed(screen, kind)
}

/// The text of the line changed: a filter works as it is typed.
pub(super) fn typed(screen: &mut Screen, kind: LineKind) -> Vec<Effect> {
    let Some((_, field)) = &screen.line else { return vec![] };
    let text = edit::text(field);
    match kind {
        LineKind::Filter => text.trim().clone_into(&mut screen.filter),
        LineKind::Search => models::search(screen, &text),
        LineKind::Ledger => return usage::search(screen, &text),
        LineKind::Command | LineKind::Scene(_) => {}
    }
    vec![]
}

/// Runs a command: an action by its name, a short name, or a setting with its value.
fn run(screen: &mut Screen, text: &str) -> Vec<Effect> {
    let (name, value) = text.split_once(' ').map_or((text, ""), |(name, rest)| (name, rest.trim()));
    let action = match name {
        "" => return vec![],
        "q" | "quit" | "exit" => Some(Action::Leave),
        "e" => Some(Action::EditBrief),
        "r" | "run" => Some(Action::Again),
        "send" => Some(Action::Resume),
        "jobs" if value == "resume" => return vec![Effect::Resume(None)],
        "resume" if value == "all" => return vec![Effect::Resume(None)],
        "models" if !value.is_empty() => {
            models::show_found(screen, value);
            return vec![];
        }
        "models" => Some(Action::ShowModels),
        "studio" => Some(Action::ShowStudio),
        "usage" => Some(Action::ShowUsage),
        "story" if !value.is_empty() => return story::open_named(screen, value),
        "story" => Some(Action::ShowStory),
        "max-cost" => return story::bound(screen, value),
        "find" | "filter" if !value.is_empty() => {
            value.clone_into(&mut screen.filter);
            return vec![];
        }
        "import" if !value.is_empty() => {
            screen.say("taking it into the library");
            let files = paths::sources(value).into_iter().filter_map(|source| match source {
                Source::File(path) => Some(Effect::Import(path)),
                Source::Url(_) | Source::Asset(_) | Source::Awaited => None,
            });
            return files.collect();
        }
        "takes" | "seed" => {
            set(screen, name, value);
            return vec![];
        }
        name => Action::named(name).filter(|action| !action.is_local()),
    };
    if let Some(action) = action {
        return keys::act(screen, action);
    }
    let places = screen.places();
    let key = screen.keymap.key(&places, Action::Palette);
    screen.warn(Trouble {
        what: format!("{name:?} is no command"),
        hint: key.map(|key| format!("{key} finds one by its words")),
    });
    vec![]
}

fn set(screen: &mut Screen, name: &str, value: &str) {
    let rows = screen.settings.rows();
    let Some(at) = rows.iter().position(|row| row.key == name) else {
        screen.warn(Trouble { what: format!("this model takes no {name}"), hint: None });
        return;
    };
    let before = std::mem::replace(&mut screen.settings.at, at);
    let value = if value == "random" { "" } else { value };
    if let Err(fault) = screen.settings.take_text(value) {
        screen
            .warn(Trouble { what: format!("{} {}", fault.field, fault.message), hint: fault.hint });
    }
    screen.settings.at = before;
    touched(screen);
    screen.count();
}

/// The actions that these letters find, in order: the palette's list.
pub fn matches(screen: &Screen, text: &str) -> Vec<Action> {
    let wanted = text.to_lowercase();
    let mut found: Vec<(usize, Action)> = Action::ALL
        .iter()
        .filter(|action| !action.is_local() && **action != Action::Palette)
        .filter(|action| is_of(screen, **action))
        .filter_map(|action| {
            let words = format!("{} {}", action.name(), action.summary()).to_lowercase();
            Some((distance(&words, &wanted)?, *action))
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, action)| action).collect()
}

/// Whether an action means something in the view that is shown: it has keys there, or in every view.
fn is_of(screen: &Screen, action: Action) -> bool {
    let others = View::ALL.into_iter().filter(|view| *view != screen.view);
    let others: Vec<_> = others.collect();
    let is_shared = |place: Place| !others.iter().any(|view| view.places().contains(&place));
    let mut places = screen.keymap.places_of(action).peekable();
    places.peek().is_none() || places.any(is_shared)
}

/// How far apart the wanted letters stand in the words; `None` where they are not all there, in order.
pub(in super::super) fn distance(words: &str, wanted: &str) -> Option<usize> {
    if let Some(at) = words.find(wanted) {
        return Some(at);
    }
    let mut letters = words.chars().enumerate();
    let mut first = None;
    let mut last = 0;
    for letter in wanted.chars().filter(|letter| !letter.is_whitespace()) {
        last = letters.find(|(_, known)| *known == letter)?.0;
        first.get_or_insert(last);
    }
    Some(1000 + last - first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_find_words_and_whole_words_come_first() {
        assert_eq!(distance("trash put the take", "trash"), Some(0));
        assert!(distance("exactly-again", "exag").is_some_and(|far| far > 1000));
        assert_eq!(distance("trash", "hsart"), None);
    }
}
