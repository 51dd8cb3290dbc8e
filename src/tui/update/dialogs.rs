//! Keys in an open dialog: the topmost takes them all.

use tui_textarea::TextArea;

use super::super::action::Action;
use super::super::dialog::{DEAF_MS, Dialog, facts};
use super::super::draft::Draft;
use super::super::edit;
use super::super::msg::Effect;
use super::super::screen::{Pane, Screen, Undo};
use super::{batch, command, improve, keys, order, picker, presets, put_draft, studio};
use crate::domain::batch::{Pattern, few};
use crate::domain::job::Settlement;
use crate::domain::{Ask, Unsent};

/// Whether a dialog that spends, or comes by itself, has just opened: whoever types on must not say yes by
/// accident.
pub(super) fn is_deaf(screen: &Screen) -> bool {
    match screen.dialogs.last() {
        Some(Dialog::Batch(batch)) => {
            (screen.now.as_millisecond() - batch.since.as_millisecond()) < DEAF_MS
        }
        Some(
            Dialog::Preflight { since, .. }
            | Dialog::StoryRun { since, .. }
            | Dialog::Words { since, .. },
        ) => (screen.now.as_millisecond() - since.as_millisecond()) < DEAF_MS,
        _ => false,
    }
}

/// The text of a dialog's field changed: what it finds is looked through from its first.
pub(super) fn typed(dialog: &mut Dialog) -> Vec<Effect> {
    match dialog {
        Dialog::Pick(picker) => return picker::typed(picker),
        Dialog::Palette { at, .. } | Dialog::Choices { at, .. } | Dialog::Presets { at, .. } => {
            *at = 0;
        }
        _ => {}
    }
    vec![]
}

/// Does an action in the topmost dialog.
pub(super) fn act(screen: &mut Screen, action: Action) -> Vec<Effect> {
    let Some(dialog) = screen.dialogs.pop() else { return vec![] };
    if action == Action::Back {
        if matches!(dialog, Dialog::Preflight { .. }) {
            batch::back(screen);
        }
        return vec![];
    }
    if let Dialog::Batch(rows) = dialog {
        // It is moved, not copied: it may hold a thousand briefs.
        let (stays, effects) = batch::act(screen, rows, action);
        screen.dialogs.extend(stays.map(Dialog::Batch));
        return effects;
    }
    act_in(screen, dialog, action)
}

/// Does an action in this dialog, which opens again where it is not done with.
fn act_in(screen: &mut Screen, mut dialog: Dialog, action: Action) -> Vec<Effect> {
    match &mut dialog {
        Dialog::Preflight { ask, preflight, .. } => match action {
            Action::Accept if order::can_agree(preflight) => {
                return order::agreed(screen, ask.clone());
            }
            Action::EditBrief => {
                edit_order(screen, ask);
                return vec![];
            }
            _ => {}
        },
        Dialog::StoryRun { file, selection, looked, .. } => {
            if action == Action::Accept && order::can_agree(&looked.preflight) {
                return order::story_agreed(screen, file.clone(), selection.clone(), looked);
            }
        }
        Dialog::Batch(_) => {}
        Dialog::Confirm { yes, .. } => {
            if action == Action::Accept {
                return vec![yes.clone()];
            }
        }
        Dialog::Settle { id, .. } => {
            if let Some(settlement) = settlement(action) {
                return vec![Effect::Settle(*id, settlement)];
            }
        }
        Dialog::Leaving { .. } => {
            if let Some(unsent) = unsent(action) {
                return studio::go(screen, unsent);
            }
        }
        Dialog::Styles { styles, at } => {
            if action == Action::Accept {
                return improve::chosen(screen, styles.get(*at).map(String::as_str));
            }
            *at = improve::moved(*at, styles.len(), action);
        }
        Dialog::Timeline { .. } | Dialog::Help { .. } | Dialog::Words { .. } => {
            if action == Action::Accept {
                if let Dialog::Words { words, .. } = &dialog {
                    improve::take(screen, words);
                }
                return vec![];
            }
            scroll(screen, &mut dialog, action);
        }
        Dialog::Pick(picker) => {
            let (stays, effects) = picker::act(screen, picker.clone(), action);
            screen.dialogs.extend(stays.map(Dialog::Pick));
            return effects;
        }
        Dialog::Choices { spot, field, at } => {
            let found = picker::choices(screen, spot, &edit::text(field));
            match action {
                Action::Accept => {
                    if let Some((place, _)) = found.get(*at) {
                        picker::chose(screen, spot, *place);
                    }
                    return vec![];
                }
                _ => in_list(field, at, found.len(), action),
            }
        }
        Dialog::Presets { field, at } => {
            let letters = edit::text(field);
            let count = presets::matches(screen, &letters).len();
            match action {
                Action::Accept => {
                    presets::chose(screen, &letters, *at);
                    return vec![];
                }
                _ => in_list(field, at, count, action),
            }
        }
        Dialog::Palette { field, at } => {
            let found = command::matches(screen, &edit::text(field));
            match action {
                Action::Accept => {
                    let chosen = found.get(*at).copied();
                    return chosen.map(|action| keys::act(screen, action)).unwrap_or_default();
                }
                _ => in_list(field, at, found.len(), action),
            }
        }
    }
    screen.dialogs.push(dialog);
    vec![]
}

fn settlement(action: Action) -> Option<Settlement> {
    match action {
        Action::SettleCharged => Some(Settlement::Charged),
        Action::SettleFree => Some(Settlement::Free),
        _ => None,
    }
}

fn unsent(action: Action) -> Option<Unsent> {
    match action {
        Action::SendUnsent => Some(Unsent::Send),
        Action::HoldUnsent => Some(Unsent::Hold),
        Action::CancelUnsent => Some(Unsent::Cancel),
        _ => None,
    }
}

/// In a list below a field: the bar moves, or the field changes and the bar is at the first again.
fn in_list(field: &mut TextArea<'static>, at: &mut usize, count: usize, action: Action) {
    match action {
        Action::Down => *at = (*at + 1).min(count.saturating_sub(1)),
        Action::Up => *at = at.saturating_sub(1),
        _ => {
            if edit::act(field, action) {
                *at = 0;
            }
        }
    }
}

/// Scrolls a dialog that holds more lines than it shows.
fn scroll(screen: &Screen, dialog: &mut Dialog, action: Action) {
    let lines = facts::lines(screen, dialog).len();
    let shown = facts::rows(screen);
    let most = lines.saturating_sub(shown);
    if let Dialog::Timeline { top, .. } | Dialog::Help { top, .. } | Dialog::Words { top, .. } =
        dialog
    {
        *top = match action {
            Action::Down => *top + 1,
            Action::Up => top.saturating_sub(1),
            Action::HalfDown => *top + shown / 2,
            Action::HalfUp => top.saturating_sub(shown / 2),
            _ => *top,
        }
        .min(most);
    }
}

/// From the question back to the editor: what was asked about is in it, unless it is there anyway.
fn edit_order(screen: &mut Screen, ask: &Ask) {
    screen.batch = None;
    studio::focus(screen, Pane::Prompt);
    let Some(brief) = ask.briefs.first() else { return };
    let pattern = Pattern::read(screen.draft().prompt.trim());
    let is_there = few(pattern.count()).is_ok()
        && pattern.variants().iter().any(|variant| variant.text.trim() == brief.prompt());
    if is_there {
        return;
    }
    let before = screen.draft();
    if !before.prompt.trim().is_empty() {
        screen.undo.push(Undo::Draft(Box::new(before)));
    }
    put_draft(screen, &Draft { seed: None, ..Draft::of(brief, brief.parent) });
}
