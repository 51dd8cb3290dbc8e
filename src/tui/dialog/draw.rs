//! Dialogs in a box, above everything else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::super::batch;
use super::super::edit;
use super::super::form::spot::Spot;
use super::super::pane::{line, prompt};
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::super::update::command;
use super::super::update::picker::choices as choices_of;
use super::{Dialog, export, facts, pick, picker, presets};
use crate::domain::brief::Source;

/// Draws the topmost dialog.
pub(in super::super) fn draw(screen: &Screen, frame: &mut Frame<'_>) {
    let Some(dialog) = screen.dialogs.last() else { return };
    let whole = frame.area();
    let lines = facts::lines(screen, dialog);
    let is_list =
        matches!(dialog, Dialog::Palette { .. } | Dialog::Choices { .. } | Dialog::Presets { .. });
    let listed = match dialog {
        Dialog::Export(export) => export::height(screen, export),
        _ if is_list => 14,
        _ => lines.len(),
    };
    let wanted = u16::try_from(listed).unwrap_or(u16::MAX);
    // Two for the border, one above and below the text, one for the keys and one below them.
    let height = wanted.saturating_add(6).min(whole.height.saturating_sub(1));
    let width = u16::try_from(facts::width(screen)).unwrap_or(u16::MAX).saturating_add(6);
    let width = width.min(whole.width);
    let area = Rect { x: (whole.width - width) / 2, y: (whole.height - height) / 3, width, height };
    let area = if matches!(dialog, Dialog::Pick(_)) { pick::area(screen.size) } else { area };
    let area = match dialog {
        Dialog::Batch(rows) => batch::draw::area(screen.size, rows.order.rows.len()),
        _ => area,
    };
    let inside = frame_of(screen, dialog, area, frame);
    let body = Rect { height: inside.height.saturating_sub(2), ..inside };
    match dialog {
        Dialog::Palette { field, at } => palette(screen, field, *at, body, frame),
        Dialog::Pick(picker) => pick::draw(screen, picker, frame),
        Dialog::Export(picker) => export::draw(screen, picker, body, frame),
        Dialog::Batch(rows) => batch::draw::draw(screen, rows, body, frame),
        Dialog::Presets { field, at } => presets::draw(screen, field, *at, body, frame),
        Dialog::Choices { spot, field, at } => choices(screen, spot, field, *at, body, frame),
        Dialog::Help { top, .. } | Dialog::Timeline { top, .. } | Dialog::Words { top, .. } => {
            for (row, words) in (0..body.height).zip(lines.into_iter().skip(*top)) {
                line(frame.buffer_mut(), body, row, words);
            }
        }
        _ => {
            for (row, words) in (0..body.height).zip(lines) {
                line(frame.buffer_mut(), body, row, words);
            }
        }
    }
    let keys = facts::keys(screen, dialog).into_iter();
    let keys: Vec<_> = keys.map(|(key, words)| (screen.look.key(key), words)).collect();
    let room = usize::from(inside.width);
    let cells = |(key, words): &(String, String)| text::width(key) + 1 + text::width(words);
    let all: usize = keys.iter().map(cells).sum();
    // Where they stand too wide apart for all of them, they come nearer; then the last ones go.
    let gap = if all + 5 * keys.len().saturating_sub(1) <= room { 5 } else { 2 };
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, words) in keys {
        let wanted = text::width(&key) + 1 + text::width(&words);
        if used + wanted > room {
            break;
        }
        used += wanted + gap;
        spans.push(Span::styled(key, screen.look.style(Role::Key)));
        spans.push(Span::raw(format!(" {words}{}", " ".repeat(gap))));
    }
    let last = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
    line(frame.buffer_mut(), last, 0, spans);
}

/// Draws the box with its title and returns what is inside, with room around it.
fn frame_of(screen: &Screen, dialog: &Dialog, area: Rect, frame: &mut Frame<'_>) -> Rect {
    let look = &screen.look;
    let title =
        text::cut_end(&facts::title(screen, dialog), usize::from(area.width.saturating_sub(6)));
    let border = if look.ascii {
        ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    } else {
        ratatui::symbols::border::ROUNDED
    };
    let block = Block::bordered()
        .border_set(border)
        .border_style(look.style(Role::Accent).remove_modifier(ratatui::style::Modifier::BOLD))
        .title(Line::styled(format!(" {title} "), look.style(Role::Accent)));
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    Rect {
        x: area.x + 3,
        y: area.y + 2,
        width: area.width.saturating_sub(6),
        height: area.height.saturating_sub(3),
    }
}

fn palette(
    screen: &Screen,
    field: &tui_textarea::TextArea<'static>,
    at: usize,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let look = &screen.look;
    let cells = Rect { height: 1, ..area };
    frame.render_widget(field, cells);
    if field.is_empty() {
        let words = Line::styled("what shall be done", look.style(Role::Muted));
        line(frame.buffer_mut(), cells, 0, words);
    }
    let found = command::matches(screen, &edit::text(field));
    let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let rows = usize::from(below.height);
    let first = (at + 1).saturating_sub(rows);
    let behind = behind(screen);
    for (row, (place, action)) in (0..below.height).zip(found.iter().enumerate().skip(first)) {
        let chosen = place == at;
        let style = look.style(if chosen { Role::Selected } else { Role::Text });
        let bar = if chosen { look.bar() } else { " " };
        let key = screen.keymap.key(&behind, *action).unwrap_or_default();
        let room = usize::from(below.width).saturating_sub(12);
        let spans = vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::styled(text::fit(action.summary(), room), style),
            Span::raw(" "),
            Span::styled(key, look.style(Role::Key)),
        ];
        line(frame.buffer_mut(), below, row, spans);
    }
    if found.is_empty() {
        let words =
            Line::styled(" nothing has these letters in this order", look.style(Role::Muted));
        line(frame.buffer_mut(), below, 0, words);
    }
    prompt::place_cursor(field, cells, frame);
}

fn choices(
    screen: &Screen,
    spot: &Spot,
    field: &tui_textarea::TextArea<'static>,
    at: usize,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let cells = Rect { height: 1, ..area };
    pick::field(screen, field, "letters of it", cells, frame);
    let found = choices_of(screen, spot, &edit::text(field));
    let item = |(_, name): (usize, String)| picker::Item {
        name,
        facts: String::new(),
        pick: picker::Pick::Source(Source::Url(String::new())),
    };
    let items: Vec<_> = found.into_iter().map(item).collect();
    let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    pick::listed(screen, &items, at, below, frame);
    if items.is_empty() {
        let words = "nothing has these letters in this order";
        line(frame.buffer_mut(), below, 0, Line::styled(words, screen.look.style(Role::Muted)));
    }
    prompt::place_cursor(field, cells, frame);
}

/// The places below the dialog, whose keys the palette teaches.
fn behind(_screen: &Screen) -> Vec<super::super::keymap::Place> {
    use super::super::keymap::Place;
    vec![Place::Works, Place::Doubt, Place::Lists, Place::Everywhere]
}
