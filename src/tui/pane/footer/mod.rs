//! The last line: the keys that work here, what was just said, or the line being typed.

mod offered;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::keymap::Place;
use super::super::layout::Room;
use super::super::models::Part;
use super::super::screen::{LineKind, Pane, Screen};
use super::super::story::Typed;
use super::super::text;
use super::super::theme::Role;
use super::super::views::View;
use crate::story::Said;

/// Draws the footer.
pub(in super::super) fn draw(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let width = usize::from(area.width);
    if let Some((kind, field)) = screen.line.as_ref().filter(|(kind, _)| *kind != LineKind::Search)
    {
        let sign = match kind {
            LineKind::Command => " :",
            LineKind::Filter | LineKind::Search | LineKind::Ledger => " /",
            LineKind::Scene(Typed::Words(Said::Title)) => " title: ",
            LineKind::Scene(Typed::Words(Said::Prompt)) => " prompt: ",
            LineKind::Scene(Typed::NewScene) => " new scene: ",
        };
        let taken = u16::try_from(text::width(sign)).unwrap_or_default().min(area.width - 3);
        let sign = Line::styled(sign, look.style(Role::Accent));
        super::line(frame.buffer_mut(), area, 0, sign);
        let cells = Rect { x: area.x + taken, width: area.width - taken - 1, ..area };
        frame.render_widget(field, cells);
        super::prompt::place_cursor(field, cells, frame);
        return;
    }
    if screen.leaving {
        let words = Line::from(" handing the jobs over, then this closes");
        super::line(frame.buffer_mut(), area, 0, words);
        return;
    }
    if !screen.pending.is_empty() {
        let places = screen.places();
        let next = screen.keymap.after(&places, &screen.pending);
        let begun: Vec<_> = screen.pending.iter().map(ToString::to_string).collect();
        let mut spans =
            vec![Span::styled(format!(" {} ", begun.join(" ")), look.style(Role::Accent))];
        for (key, action) in next {
            spans.push(Span::styled(format!(" {key}"), look.style(Role::Key)));
            spans.push(Span::raw(format!(" {} ", action.label())));
        }
        super::line(frame.buffer_mut(), area, 0, spans);
        return;
    }
    if let Some(why) = screen.why.as_ref().filter(|_| screen.dialogs.is_empty()) {
        super::line(frame.buffer_mut(), area, 0, reasons(screen, &why.label, width));
        return;
    }
    if let Some(toast) = screen.toast.as_ref().filter(|_| screen.dialogs.is_empty()) {
        let (sign, role) = if toast.wrong { ("! ", Role::Warn) } else { ("", Role::Text) };
        let hint = toast.hint.as_ref().map(|hint| format!("  hint: {hint}")).unwrap_or_default();
        let words = crate::domain::text::printable(&format!("{sign}{}{hint}", toast.text));
        let words = text::cut_end(&words, width.saturating_sub(2));
        super::line(
            frame.buffer_mut(),
            area,
            0,
            Line::styled(format!(" {words}"), look.style(role)),
        );
        return;
    }
    if screen.dialogs.is_empty() {
        super::line(frame.buffer_mut(), area, 0, keys(screen, width));
    }
}

/// The letters that say why the take of this number was rejected, as many as fit.
fn reasons(screen: &Screen, label: &str, width: usize) -> Line<'static> {
    let look = &screen.look;
    let head = format!(" {label}{} ", look.pick(" ✗", " x"));
    let mut room = width.saturating_sub(text::width(&head));
    let mut spans = vec![Span::styled(head, look.style(Role::Accent))];
    for offered in screen.desk.reasons.all() {
        let (key, word) = (offered.key.to_string(), crate::domain::text::printable(&offered.word));
        let cells = text::width(&key) + text::width(&word) + 3;
        if cells > room {
            break;
        }
        room -= cells;
        spans.push(Span::styled(format!(" {key}"), look.style(Role::Key)));
        spans.push(Span::raw(format!(" {word} ")));
    }
    Line::from(spans)
}

/// As many keys of this place as fit, the most needed first.
fn keys(screen: &Screen, width: usize) -> Line<'static> {
    let look = &screen.look;
    let mut places = screen.places();
    if screen.line.is_some() {
        places.push(Place::Everywhere);
    }
    let shown = |action: Action| {
        let key = look.key(screen.keymap.key(&places, action)?);
        let words = label(screen, action);
        let cells = text::width(&key) + 1 + text::width(words) + 2;
        Some((key, words, cells))
    };
    // The key that shows all others is always there, at the end.
    let help = shown(Action::Help);
    let mut room = width.saturating_sub(1 + help.as_ref().map_or(0, |(.., cells)| cells - 2));
    let mut spans = vec![Span::raw(" ")];
    let fitting = offered::offered(screen).into_iter().filter_map(shown).filter(|(.., cells)| {
        let fits = *cells <= room;
        room -= if fits { *cells } else { 0 };
        fits
    });
    for (key, words, _) in fitting.collect::<Vec<_>>().into_iter().chain(help) {
        spans.push(Span::styled(key, look.style(Role::Key)));
        spans.push(Span::raw(format!(" {words}  ")));
    }
    Line::from(spans)
}

/// What a key is called where it is offered: a pane that `Tab` leads to is named.
fn label(screen: &Screen, action: Action) -> &'static str {
    if screen.line.is_some() {
        return match action {
            Action::Accept => "to the list",
            Action::Back => "no words",
            _ => action.label(),
        };
    }
    if screen.view == View::Models {
        return match action {
            Action::Back if screen.models.part == Part::Facts => "to the list",
            Action::Back if screen.models.query.is_empty() => "studio",
            Action::Back => "no words",
            Action::Down => "further down",
            _ => action.label(),
        };
    }
    if screen.view == View::Usage {
        return match action {
            Action::Back if !screen.usage.words.is_empty() => "no words",
            Action::Back if screen.usage.only.is_some() => "all lines",
            Action::Back => "studio",
            Action::NextPane => "section",
            Action::Details => "its job",
            Action::Left => "a day back",
            Action::Right => "a day on",
            Action::SwitchMoney if screen.usage.is_simulated() => "real money",
            Action::SwitchMoney => "sandbox",
            Action::ByModel => "model",
            Action::ByProvider => "provider",
            Action::ByOperation => "operation",
            Action::ByProject => "project",
            Action::ByTag => "tag",
            Action::ByDay => "day",
            _ => action.label(),
        };
    }
    if screen.view == View::Story {
        return match action {
            Action::Back if screen.story.part == Part::Facts => "to the list",
            Action::Back => "studio",
            Action::ShowTake if screen.story.file.is_none() => "open",
            Action::AddScene if screen.story.is_new => "write it",
            Action::NextPane if screen.story.part == Part::Facts => "scenes",
            Action::NextPane => "facts",
            Action::Down => "further down",
            _ => action.label(),
        };
    }
    match (action, screen.focus) {
        (Action::Back, Pane::Prompt | Pane::Settings) if screen.settings.editing.is_none() => {
            "to the jobs"
        }
        (Action::NextPane, Pane::Prompt) => "settings",
        (Action::NextPane, Pane::Settings) => "jobs",
        (Action::NextPane, Pane::Jobs) => "takes",
        (Action::NextPane, Pane::Takes) if screen.areas().room == Room::Narrow => "preview",
        (Action::NextPane, Pane::Takes | Pane::Preview) => "prompt",
        (Action::NextChoice, _) => "next choice",
        (Action::PreviousChoice, _) => "previous",
        _ => action.label(),
    }
}
