//! The picker of presets: each with what it changes in the brief of now.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_textarea::TextArea;

use super::super::edit;
use super::super::pane::{line, prompt};
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::super::update::presets::{change, matches};
use super::pick;
use crate::domain::text::printable;

/// Draws the inside of the picker: what was typed, the presets that it finds, what the chosen one changes.
pub(super) fn draw(
    screen: &Screen,
    field: &TextArea<'static>,
    at: usize,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let look = &screen.look;
    let cells = Rect { height: 1, ..area };
    pick::field(screen, field, "letters of it: dolly, tall, clean …", cells, frame);
    let found = matches(screen, &edit::text(field));
    let width = usize::from(area.width);
    let told =
        found.get(at).map(|preset| change(screen, preset).words(&edit::text(&screen.prompt)));
    let told = text::wrap(&printable(&told.unwrap_or_default()), width.saturating_sub(2));
    let most = area.height.saturating_sub(6).max(1);
    let foot = u16::try_from(told.len()).unwrap_or(u16::MAX).min(3).min(most);
    let below = Rect { y: area.y + 2, height: area.height.saturating_sub(3 + foot).max(1), ..area };
    let first = (at + 1).saturating_sub(usize::from(below.height));
    for (row, (place, preset)) in (0..below.height).zip(found.iter().enumerate().skip(first)) {
        let chosen = place == at;
        let bar = if chosen { look.bar() } else { " " };
        let style = look.style(if chosen { Role::Selected } else { Role::Text });
        let room = width.saturating_sub(36);
        let spans = vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::styled(text::fit(&printable(&preset.label), 22), style),
            Span::styled(
                format!(" {} ", text::fit(&printable(&preset.group), 10)),
                look.style(Role::Muted),
            ),
            Span::styled(text::cut_end(&printable(&preset.does()), room), look.style(Role::Muted)),
        ];
        line(frame.buffer_mut(), below, row, spans);
    }
    if found.is_empty() {
        let words = "nothing has these letters in this order";
        line(frame.buffer_mut(), below, 0, Line::styled(words, look.style(Role::Muted)));
    }
    let foot = Rect { y: area.y + area.height.saturating_sub(foot), height: foot, ..area };
    for (row, words) in (0..foot.height).zip(told) {
        line(
            frame.buffer_mut(),
            foot,
            row,
            Line::styled(format!("  {words}"), look.style(Role::Money)),
        );
    }
    prompt::place_cursor(field, cells, frame);
}
