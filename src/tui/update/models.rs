//! Keys in the model view: search, filter, read, choose.

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::draft::Draft;
use super::super::edit;
use super::super::form::rows::What;
use super::super::models::{Part, areas, words};
use super::super::msg::Effect;
use super::super::screen::{LineKind, Pane, Screen, Undo};
use super::super::views::View;
use super::{studio, touched};

/// Shows the view as it was left; the first time, at the model of the form.
pub(super) fn show(screen: &mut Screen) {
    screen.view = View::Models;
    screen.models.part = Part::List;
    if screen.models.at.is_none() {
        screen.models.at = Some(screen.settings.model().id.clone());
    }
}

/// Shows the models that these words find.
pub(super) fn show_found(screen: &mut Screen, query: &str) {
    show(screen);
    screen.models.operation = None;
    search(screen, query);
}

/// Shows the models that do the same as the one of the form, which is selected.
pub(super) fn choose_another(screen: &mut Screen) {
    show(screen);
    let spec = screen.settings.model();
    let (id, operation, provider) = (spec.id.clone(), spec.operation, screen.desk.provider);
    let models = &mut screen.models;
    models.query.clear();
    (models.operation, models.provider) = (Some(operation), Some(provider));
    models.only_favourites = false;
    models.list(screen.settings.catalog());
    models.at = Some(id);
    models.facts_top = 0;
}

/// What an action does in this view; `None` for what is none of its own.
pub(super) fn act(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::NextPane | Action::PreviousPane | Action::ModelFacts => {
            screen.models.part = match screen.models.part {
                Part::List => Part::Facts,
                Part::Facts => Part::List,
            };
        }
        Action::Back => back(screen),
        Action::Filter => {
            screen.models.part = Part::List;
            let field = edit::field(&screen.models.query);
            screen.line = Some((LineKind::Search, field));
        }
        Action::Down
        | Action::Up
        | Action::First
        | Action::Last
        | Action::HalfDown
        | Action::HalfUp => move_on(screen, action),
        Action::ChooseModel => return Some(choose(screen)),
        Action::NextOperation => filter(screen, |screen| {
            screen.models.turn_operation(screen.settings.catalog(), 1);
        }),
        Action::PreviousOperation => filter(screen, |screen| {
            screen.models.turn_operation(screen.settings.catalog(), -1);
        }),
        Action::NextProvider => filter(screen, |screen| {
            screen.models.turn_provider(screen.settings.catalog(), 1);
        }),
        Action::OnlyFavourites => filter(screen, |screen| {
            screen.models.only_favourites = !screen.models.only_favourites;
        }),
        Action::EveryModel => filter(screen, |screen| {
            let models = &mut screen.models;
            (models.operation, models.provider) = (None, None);
            models.only_favourites = false;
        }),
        Action::FavouriteModel => return Some(favourite(screen)),
        Action::MarkModel => mark(screen),
        Action::UnmarkModels => unmark(screen),
        Action::RefreshModels => {
            if !std::mem::replace(&mut screen.models.refreshing, true) {
                return Some(vec![Effect::RefreshModels]);
            }
        }
        // What it would undo is not in sight.
        Action::Undo | Action::EditOutside => {}
        _ => return None,
    }
    Some(vec![])
}

/// Closes one layer: the facts, the words, the view.
fn back(screen: &mut Screen) {
    if screen.models.part == Part::Facts {
        screen.models.part = Part::List;
    } else if screen.models.query.is_empty() {
        screen.view = View::Studio;
    } else {
        search(screen, "");
    }
}

/// Searches for these words. The best is selected; without words it is the same model as before.
pub(super) fn search(screen: &mut Screen, query: &str) {
    let query = query.trim();
    if screen.models.query == query {
        return;
    }
    query.clone_into(&mut screen.models.query);
    let catalog = screen.settings.catalog();
    screen.models.list(catalog);
    if !query.is_empty() {
        screen.models.go(catalog, 0);
    }
}

/// Changes what is let through. The selected model stays selected where it still is.
fn filter(screen: &mut Screen, change: impl FnOnce(&mut Screen)) {
    change(screen);
    let catalog = screen.settings.catalog();
    screen.models.list(catalog);
    let place = screen.models.place(catalog);
    screen.models.go(catalog, place);
}

fn move_on(screen: &mut Screen, action: Action) {
    let areas = areas::areas(screen.size, screen.models.part);
    let in_facts = screen.models.part == Part::Facts;
    let shown = if in_facts { areas.facts } else { areas.list };
    let half = usize::from(shown.height.saturating_sub(1) / 2).max(1);
    let now = if in_facts {
        screen.models.facts_top
    } else {
        screen.models.place(screen.settings.catalog())
    };
    let next = studio::stepped(now, action, half);
    if in_facts {
        // Held within the text by `keep_in_sight`.
        screen.models.facts_top = next;
    } else {
        screen.models.go(screen.settings.catalog(), next);
    }
}

/// Moves the selection while words are typed.
pub(super) fn move_while_typing(screen: &mut Screen, action: Action) {
    move_on(screen, action);
}

/// Makes the selected model a favourite, or not. It stays selected; the list is put in order at once.
fn favourite(screen: &mut Screen) -> Vec<Effect> {
    let catalog = screen.settings.catalog();
    let Some(spec) = screen.models.selected(catalog) else { return vec![] };
    let (id, name) = (spec.id.clone(), words::name(spec));
    let row = screen.models.place(catalog);
    let is_new = screen.models.turn_favourite(&id);
    let only = screen.models.only_favourites;
    screen.models.list(catalog);
    if only {
        screen.models.go(catalog, row);
    } else {
        screen.models.at = Some(id);
    }
    screen.say(if is_new {
        format!("{name} is a favourite")
    } else {
        format!("{name} is no favourite any more")
    });
    screen.models.kept().map(Effect::KeepFavourites).into_iter().collect()
}

/// Marks the selected model for the next order, beside the one of the form, or takes the mark away.
fn mark(screen: &mut Screen) {
    let Some(spec) = screen.models.selected(screen.settings.catalog()) else { return };
    let (id, name) = (spec.id.clone(), words::name(spec));
    if let Some(why) = words::why_not(spec, screen.desk.provider) {
        let what = format!("{name} cannot be ordered: {why}");
        return screen.warn(Trouble { what, hint: None });
    }
    if screen.settings.model().id == id {
        return screen.say(format!("{name} is the model of the settings: others are marked"));
    }
    let is_new = screen.settings.turn_mark(&id);
    marked(screen);
    let count = screen.settings.models().len();
    screen.say(match (is_new, count) {
        (true, _) => format!("the next order is made with {count} models"),
        (false, 1) => "the next order is made with one model".to_owned(),
        (false, _) => format!("{name} is left out; {count} models are left"),
    });
}

/// Only the model of the form is ordered with.
fn unmark(screen: &mut Screen) {
    if screen.settings.several.models.is_empty() {
        return screen.say("no model is marked");
    }
    screen.settings.several.models.clear();
    marked(screen);
    screen.say("the next order is made with one model");
}

fn marked(screen: &mut Screen) {
    touched(screen);
    screen.count();
}

/// Takes the selected model into the form, or says why that cannot be.
fn choose(screen: &mut Screen) -> Vec<Effect> {
    let Some(spec) = screen.models.selected(screen.settings.catalog()) else { return vec![] };
    let (id, name) = (spec.id.clone(), words::name(spec));
    if let Some(why) = words::why_not(spec, screen.desk.provider) {
        let other = spec.providers.first().filter(|_| spec.available);
        let hint = other.map(|provider| format!("start rushes with --provider {provider}"));
        screen.warn(Trouble { what: format!("{name} cannot be chosen: {why}"), hint });
        return vec![];
    }
    let before = screen.draft();
    let is_same = before.model == id;
    screen.settings.editing = None;
    if !screen.settings.choose(&id) {
        screen.warn(Trouble { what: format!("{name} is not on offer here"), hint: None });
        return vec![];
    }
    screen.view = View::Studio;
    studio::focus(screen, Pane::Settings);
    let rows = screen.settings.rows();
    screen.settings.at = rows.iter().position(|row| row.what == What::Model).unwrap_or_default();
    touched(screen);
    screen.count();
    if is_same {
        return vec![];
    }
    let forgotten = forgotten(screen, &before);
    if forgotten.is_empty() {
        screen.say(format!("the model is {name}"));
    } else {
        screen.undo.push(Undo::Draft(Box::new(before)));
        let plain: Vec<_> = forgotten.iter().map(|key| key.replace('_', " ")).collect();
        screen.say(format!("the model is {name}; it does not take {}", plain.join(", ")));
    }
    vec![]
}

/// What was set before and is not any more.
fn forgotten(screen: &Screen, before: &Draft) -> Vec<String> {
    let now = &screen.settings.params;
    before.params.keys().filter(|key| !now.contains_key(*key)).cloned().collect()
}

/// A newer catalogue: the same words and filters, the same model selected.
pub(super) fn restock(screen: &mut Screen) {
    let catalog = screen.settings.catalog();
    screen.models.prices = super::super::models::price::Prices::default();
    screen.models.list(catalog);
}

/// Scrolls so that what is selected is in sight, and counts what is.
pub(super) fn keep_in_sight(screen: &mut Screen) {
    if screen.view != View::Models {
        return;
    }
    let areas = areas::areas(screen.size, screen.models.part);
    let rows = super::super::pane::models::rows(screen);
    let catalog = screen.settings.catalog();
    let models = &mut screen.models;
    let place = models.place(catalog);
    // Some rows above and below the selected one are seen too.
    let around = (rows / 5).min(3);
    let (low, high) = (place.saturating_sub(around), place + around);
    let most = models.shown.len();
    models.top = studio::scrolled(models.top, low, rows, most);
    models.top = studio::scrolled(models.top, high.min(most.saturating_sub(1)), rows, most);
    let selected = models.shown.get(place).map(|place| &catalog.all()[*place]);
    let in_sight = models.shown.iter().skip(models.top).take(rows);
    let in_sight = in_sight.map(|place| &catalog.all()[*place]);
    models.prices.count(&screen.settings.params, in_sight.chain(selected));
    if let Some(spec) = selected.filter(|_| !areas.facts.is_empty()) {
        models.prices.lay_out(spec);
        let lines = super::super::pane::models::facts::lines(screen, areas.facts.width).len();
        let most = lines.saturating_sub(usize::from(areas.facts.height.saturating_sub(1)));
        screen.models.facts_top = screen.models.facts_top.min(most);
    }
}
