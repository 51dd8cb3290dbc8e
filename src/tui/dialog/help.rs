//! The keys of a place, as lines of a dialog.

use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::keymap::Place;
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;

/// The keys of these places, each with what it does.
pub(super) fn help(screen: &Screen, places: &[Place], width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    // Sentences stay whole where the screen is narrow; rare third keys give way.
    let column = if width < 60 { 13 } else { 22 };
    let mut lines = Vec::new();
    for place in places {
        let here: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|action| {
                screen.keymap.bindings(*place).iter().any(|(_, bound)| bound == action)
            })
            .collect();
        let mut shown = Vec::new();
        for action in here {
            // Keys that a nearer place takes for something else do nothing here.
            let keys = screen.keymap.keys(&[*place], action);
            let keys: Vec<_> = keys
                .into_iter()
                .filter(|key| screen.keymap.keys(places, action).contains(key))
                .collect();
            if !keys.is_empty() {
                shown.push((keys.join("  "), action));
            }
        }
        if shown.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(heading(*place), look.style(Role::Title)));
        lines.extend(shown.into_iter().map(|(keys, action)| {
            Line::from(vec![
                Span::styled(text::fit(&keys, column), look.style(Role::Key)),
                Span::raw(text::cut_end(action.summary(), width.saturating_sub(column))),
            ])
        }));
    }
    lines
}

fn heading(place: Place) -> &'static str {
    match place {
        Place::Everywhere => "Everywhere",
        Place::Text => "In text",
        Place::Editor => "In the prompt",
        Place::Line => "In one line",
        Place::Lists => "Outside text",
        Place::Views => "Where no figure is typed",
        Place::Models => "In the catalogue of models",
        Place::Usage => "In the usage view",
        Place::Charges => "On a line of the ledger or a job",
        Place::Story => "In the story view",
        Place::Scenes => "On a scene",
        Place::Works => "On a job or a take",
        Place::Doubt => "On a job in doubt",
        Place::Settings => "In the settings",
        Place::Picker => "In the picker",
        Place::Offer => "When words are offered",
        Place::Batch => "In the list of rows",
        Place::Dialog | Place::Preflight | Place::Leaving | Place::Settling => "In a dialog",
    }
}
