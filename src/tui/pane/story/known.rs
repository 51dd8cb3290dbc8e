//! The stories that can be opened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::super::super::action::Action;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use crate::domain::text::printable;

/// The stories that can be opened, or how one is begun.
pub(super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let known = screen.story.known.as_deref();
    let count = known.map_or(0, <[_]>::len);
    let facts = if count == 0 { String::new() } else { count.to_string() };
    super::super::title(buf, area, look, "Stories", true, &facts);
    let inside = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let key = screen.keymap.key(&screen.places(), Action::Command).unwrap_or_default();
    let begin = format!(
        "A story is a film of several scenes in one file: each scene is a brief, run as one, and run again where it \
         was changed. {key}story film.toml opens one, or writes a new one."
    );
    match known {
        None => super::lines(inside, "looking for stories", muted, buf),
        Some([]) => super::lines(inside, &begin, muted, buf),
        Some(files) => {
            let rows = usize::from(inside.height).saturating_sub(5).max(1);
            let at = screen.story.known_at;
            let top = (at + 1).saturating_sub(rows);
            for (row, (place, file)) in (0..).zip(files.iter().enumerate().skip(top).take(rows)) {
                let style = look.style(if place == at { Role::Selected } else { Role::Text });
                let bar = if place == at { look.bar() } else { " " };
                let name = printable(&file.display().to_string());
                let name = text::cut_middle(&name, usize::from(inside.width).saturating_sub(3));
                let spans = vec![
                    Span::styled(bar, look.style(Role::Accent)),
                    Span::styled(format!(" {name}"), style),
                ];
                super::super::line(buf, inside, row, spans);
            }
            let below = u16::try_from(rows.min(files.len()) + 1).unwrap_or(u16::MAX);
            let below = below.min(inside.height);
            let rest = Rect { y: inside.y + below, height: inside.height - below, ..inside };
            super::lines(rest, &begin, muted, buf);
        }
    }
}
