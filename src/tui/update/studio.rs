//! What works in every pane: focus, settings, layers, leaving.

use super::super::action::Action;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::layout;
use super::super::msg::Effect;
use super::super::screen::{LineKind, Looking, Pane, Screen, Undo};
use super::super::views::View;
use super::super::wrap;
use super::{improve, models, order, panes, presets, put_draft, story, usage, verdicts};
use crate::domain::Unsent;

/// Actions that do not belong to one pane.
pub(super) fn act(screen: &mut Screen, action: Action) -> Vec<Effect> {
    match action {
        Action::Generate => return order::generate(screen),
        Action::ImprovePrompt => return improve::ask(screen),
        Action::Presets => presets::open(screen),
        Action::NextPane => turn(screen, 1),
        Action::PreviousPane => turn(screen, -1),
        Action::Back => back(screen),
        Action::Help => {
            let places = screen.places();
            screen.dialogs.push(Dialog::Help { places, top: 0 });
        }
        Action::Palette => {
            screen.dialogs.push(Dialog::Palette { field: Box::new(edit::field("")), at: 0 });
        }
        Action::Command => screen.line = Some((LineKind::Command, edit::field(""))),
        Action::Filter => {
            screen.line = Some((LineKind::Filter, edit::field(&screen.filter)));
        }
        Action::ShowStudio => screen.view = View::Studio,
        Action::ShowUsage => return usage::show(screen),
        Action::ShowModels => models::show(screen),
        Action::ShowStory => return story::show(screen),
        Action::Undo => return undo(screen),
        Action::EditOutside => return vec![Effect::EditOutside(edit::text(&screen.prompt))],
        _ => {}
    }
    vec![]
}

/// Gives a pane the focus.
pub(super) fn focus(screen: &mut Screen, pane: Pane) {
    if screen.focus == pane {
        return;
    }
    screen.focus = pane;
    screen.settings.editing = None;
    screen.settings.misread = None;
    match pane {
        Pane::Jobs => {
            screen.job_at.pin(&screen.job_ids());
            screen.looking = Looking::Jobs;
        }
        Pane::Takes => {
            screen.take_at.pin(&screen.take_ids());
            screen.looking = Looking::Takes;
        }
        Pane::Prompt | Pane::Settings | Pane::Preview => {}
    }
}

fn turn(screen: &mut Screen, by: isize) {
    let panes = panes(screen);
    let at = panes.iter().position(|pane| *pane == screen.focus).unwrap_or_default();
    let count = isize::try_from(panes.len()).unwrap_or(1);
    let next = (isize::try_from(at).unwrap_or_default() + by).rem_euclid(count);
    focus(screen, panes[usize::try_from(next).unwrap_or_default()]);
}

/// Closes one layer: a value being typed, the filter, then the pane.
fn back(screen: &mut Screen) {
    if screen.settings.editing.take().is_some() {
        screen.settings.misread = None;
        return;
    }
    match screen.focus {
        Pane::Prompt | Pane::Settings => focus(screen, Pane::Jobs),
        _ if !screen.filter.is_empty() => screen.filter.clear(),
        Pane::Preview => focus(screen, Pane::Takes),
        Pane::Jobs | Pane::Takes => {}
    }
}

/// Undoes the last change to a take, or brings the last draft back.
fn undo(screen: &mut Screen) -> Vec<Effect> {
    match screen.undo.pop() {
        None => {
            screen.say("there is nothing to undo");
            vec![]
        }
        Some(Undo::Draft(draft)) => {
            put_draft(screen, &draft);
            screen.say("the draft is back");
            vec![]
        }
        Some(Undo::Trash(id)) => {
            screen.say("the take is out of the trash");
            vec![Effect::Restore(id)]
        }
        Some(Undo::Decide(id, verdict, why)) => verdicts::undo(screen, id, verdict, why),
        Some(Undo::Story { file, now, before }) => story::put_back(file, now, before),
        Some(Undo::Favourite(id, favourite)) => {
            if let Some(asset) = screen.assets.iter_mut().find(|asset| asset.id == id) {
                asset.favourite = favourite;
            }
            screen.take_at.go(&[id], 0);
            vec![Effect::Favourite(id, favourite)]
        }
    }
}

/// Leaves; asks first when something was never sent. A second time, it does not ask.
pub(super) fn leave(screen: &mut Screen) -> Vec<Effect> {
    let asked = matches!(screen.dialogs.last(), Some(Dialog::Leaving { .. }));
    if screen.leaving || screen.left_badly {
        return vec![Effect::Quit];
    }
    // What others have not sent is not theirs to decide who only looks.
    let unsent = if screen.desk.read_only { 0 } else { screen.unsent() };
    if unsent > 0 && !asked {
        screen.dialogs.push(Dialog::Leaving { unsent });
        return vec![];
    }
    go(screen, Unsent::Hold)
}

/// Hands everything over and closes.
pub(super) fn go(screen: &mut Screen, unsent: Unsent) -> Vec<Effect> {
    screen.dialogs.clear();
    screen.line = None;
    screen.leaving = true;
    let mut effects = Vec::new();
    if screen.keep_at.take().is_some() {
        effects.extend(serde_json::to_string(&screen.draft()).map(Effect::KeepDraft));
    }
    effects.push(Effect::Leave(unsent));
    effects
}

/// Leaving did not work out: the next time closes all the same.
pub(super) fn left_badly(screen: &mut Screen) {
    screen.left_badly = true;
}

/// Scrolls the prompt and the lists so that what is selected is in sight.
pub(super) fn keep_in_sight(screen: &mut Screen) {
    let areas = screen.areas();
    let cells = layout::prompt_text(areas.prompt);
    let rows = wrap::rows(screen.prompt.lines(), usize::from(cells.width));
    let (row, _) = wrap::cursor(&screen.prompt, &rows);
    let height = usize::from(cells.height).max(1);
    screen.prompt_top = scrolled(screen.prompt_top, row, height, rows.len());

    let rows = usize::from(layout::form_rows(areas.settings, screen.focus).height).max(1);
    let count = screen.settings.rows().len();
    let at = screen.settings.at.min(count - 1);
    screen.settings.top = scrolled(screen.settings.top, at, rows, count);

    let ids = screen.job_ids();
    let rows = usize::from(areas.jobs.height.saturating_sub(1));
    let rows = rows.saturating_sub(super::super::pane::jobs::note(screen).len()).max(1);
    screen.job_top = scrolled(screen.job_top, screen.job_at.place(&ids), rows, ids.len());

    let ids = screen.take_ids();
    let across = layout::posters_across(areas.takes);
    let down = (layout::posters(areas.takes).len() / across).max(1);
    let place = screen.take_at.place(&ids);
    let top = if down == 1 {
        scrolled(screen.take_top, place, across, ids.len())
    } else {
        let lines = ids.len().div_ceil(across);
        scrolled(screen.take_top / across, place / across, down, lines) * across
    };
    screen.take_top = top;
}

/// The row that an action of a list leads to; it may be beyond the last.
pub(super) fn stepped(now: usize, action: Action, half: usize) -> usize {
    match action {
        Action::Down => now + 1,
        Action::Up => now.saturating_sub(1),
        Action::First => 0,
        Action::Last => usize::MAX,
        Action::HalfDown => now + half,
        _ => now.saturating_sub(half),
    }
}

/// The first of `count` rows in sight, so that `place` is among the `rows` that fit.
pub(super) fn scrolled(top: usize, place: usize, rows: usize, count: usize) -> usize {
    let most = count.saturating_sub(rows);
    let low = (place + 1).saturating_sub(rows);
    top.clamp(low, place.max(low)).min(most.max(low))
}
