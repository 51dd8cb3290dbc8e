//! The prompt editor.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use tui_textarea::TextArea;

use super::super::layout;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use super::super::wrap;
use crate::catalog::ParamKind;
use crate::domain::text::printable;
use crate::domain::{MediaKind, Operation};

/// Draws the editor; the terminal's own cursor stands in it while it has the focus.
pub(in super::super) fn draw(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let focused = screen.focus == Pane::Prompt;
    super::title(frame.buffer_mut(), area, look, "Prompt", focused, &facts(screen));
    let inside = layout::prompt_text(area);
    if inside.is_empty() {
        return;
    }
    let model = screen.settings.model();
    let words = model.words_key();
    let mut faults = screen.counted.faults.iter();
    let fault = screen.tried.then(|| faults.find(|fault| Some(fault.field.as_str()) == words));
    if screen.prompt.is_empty() {
        let words = match fault.flatten() {
            Some(fault) => format!("the {}", fault.message),
            None if words.is_none() => {
                let model = printable(&model.name);
                format!("{model} takes no prompt: everything is in the settings")
            }
            None if model.operation == Operation::Speech => "what shall be said".to_owned(),
            None if model.output == MediaKind::Image => "what shall be seen".to_owned(),
            None => "what shall be seen, and how it moves".to_owned(),
        };
        let words = text::cut_end(&words, usize::from(inside.width));
        let style = look.style(if fault.flatten().is_some() { Role::Bad } else { Role::Muted });
        super::line(frame.buffer_mut(), inside, 0, Line::styled(words, style));
    } else {
        let lines = screen.prompt.lines();
        let rows = wrap::rows(lines, usize::from(inside.width));
        for (at, row) in (0..inside.height).zip(rows.into_iter().skip(screen.prompt_top)) {
            super::line(frame.buffer_mut(), inside, at, wrap::text(lines, row));
        }
        if let Some(fault) = fault.flatten() {
            let row = inside.height - 1;
            let words = format!("the {}", fault.message);
            super::line(
                frame.buffer_mut(),
                inside,
                row,
                Line::styled(words, look.style(Role::Bad)),
            );
        }
    }
    if focused && screen.dialogs.is_empty() && screen.line.is_none() {
        let rows = wrap::rows(screen.prompt.lines(), usize::from(inside.width));
        let (row, column) = wrap::cursor(&screen.prompt, &rows);
        let cell = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        // A letter that ends exactly at the edge leaves the cursor one cell beyond it: that cell is free.
        frame.set_cursor_position(Position {
            x: inside.x + cell(column).min(inside.width),
            y: inside.y + cell(row.saturating_sub(screen.prompt_top)).min(inside.height - 1),
        });
    }
}

/// Puts the terminal's cursor where a field of one line has its own.
pub(in super::super) fn place_cursor(field: &TextArea<'_>, area: Rect, frame: &mut Frame<'_>) {
    let cursor = field.screen_cursor();
    let (_, left) = if field.is_empty() { (0, 0) } else { field.scroll_offset() };
    let column = u16::try_from(cursor.col).unwrap_or(u16::MAX).saturating_sub(left);
    frame.set_cursor_position(Position { x: area.x + column.min(area.width), y: area.y });
}

/// `132 of 1,500 characters`, and what it was made from.
fn facts(screen: &Screen) -> String {
    let words = screen.settings.model().words();
    let limit = words.and_then(|param| match param.kind {
        ParamKind::Text { max_chars } => max_chars,
        _ => None,
    });
    let count = screen.counted.characters;
    let count = match (count, limit) {
        (0, _) => String::new(),
        _ if words.is_none() => "not sent to this model".to_owned(),
        (1, None) => "1 character".to_owned(),
        (count, None) => format!("{} characters", text::grouped(count)),
        (count, Some(limit)) => {
            format!("{} of {} characters", text::grouped(count), text::grouped(limit))
        }
    };
    let parent = screen.parent.and_then(|id| screen.assets.iter().find(|asset| asset.id == id));
    let from = parent.map(|asset| format!("from take {}", asset.label()));
    let variants = screen.counted.variants;
    let variants = (variants > 1 && words.is_some()).then(|| many(variants, "variant"));
    let count = Some(count).filter(|count| !count.is_empty());
    let facts: Vec<_> = from.into_iter().chain(count).chain(variants).collect();
    facts.join(screen.look.dot())
}

/// `2 variants`; of what is beyond counting, that it is.
pub(super) fn many(count: u64, what: &str) -> String {
    match usize::try_from(count).unwrap_or(usize::MAX) {
        1 => format!("1 {what}"),
        count if count > 1_000_000_000 => format!("very many {what}s"),
        count => format!("{} {what}s", text::grouped(count)),
    }
}
