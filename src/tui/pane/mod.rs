//! The panes of the studio, and what they have in common: a titled rule, a bar at what is selected.

pub(super) mod footer;
mod form;
pub(super) mod header;
pub(super) mod jobs;
pub(super) mod models;
mod page;
pub(super) mod preview;
pub(super) mod prompt;
pub(super) mod settings;
pub(super) mod story;
pub(super) mod takes;
pub(super) mod usage;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::text;
use super::theme::Role;

/// Draws a line at a row of the area, counted from its top; nothing below its end.
pub(super) fn line<'a>(buf: &mut Buffer, area: Rect, row: u16, line: impl Into<Line<'a>>) {
    if row < area.height && area.width > 0 {
        buf.set_line(area.x, area.y + row, &line.into(), area.width);
    }
}

/// Draws the title of a pane: its name, a rule, its facts at the right end. The facts give way to the name.
pub(super) fn title(
    buf: &mut Buffer,
    area: Rect,
    look: &Look,
    name: &str,
    focused: bool,
    facts: &str,
) {
    let width = usize::from(area.width);
    let name = text::cut_end(name, width.saturating_sub(3));
    let room = width.saturating_sub(text::width(&name) + 6);
    let facts = text::cut_end(facts, room);
    // Facts end where the columns below them end: one cell before the edge.
    let (gap, margin) = if facts.is_empty() { (0, 0) } else { (1, 1) };
    let rule = width.saturating_sub(text::width(&name) + text::width(&facts) + 2 + gap + margin);
    let (bar, style) = if focused {
        (look.bar(), look.style(Role::Accent))
    } else {
        (look.pick("╴", "-"), look.style(Role::Title))
    };
    let rule_style = look.style(Role::Rule);
    let bar_style = if focused { style } else { rule_style };
    let spans = vec![
        Span::styled(bar, bar_style),
        Span::styled(name, style),
        Span::raw(" "),
        Span::styled(look.rule().repeat(rule), rule_style),
        Span::raw(" ".repeat(gap)),
        Span::styled(facts, look.style(Role::Muted)),
    ];
    line(buf, area, 0, spans);
}
