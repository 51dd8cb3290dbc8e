//! The list of rows, drawn: only those in sight.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};

use super::super::pane::line;
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::Batch;
use crate::domain::Estimate;
use crate::domain::text::printable;

/// The most lines in which the prompt of the row under the bar is told.
const TOLD: u16 = 3;

/// The box: as wide as there is room, as high as its rows want.
pub(in super::super) fn area(size: Size, rows: usize) -> Rect {
    let width = size.width.saturating_sub(4).min(110).max(size.width.min(56));
    let wanted = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(TOLD + 7);
    let height = size.height.saturating_sub(1).min(wanted);
    Rect { x: (size.width - width) / 2, y: (size.height - height) / 3, width, height }
}

/// How many rows the list has in sight.
pub(in super::super) fn rows(size: Size, count: usize) -> usize {
    let body = area(size, count).height.saturating_sub(5);
    usize::from(body - told(body)).max(1)
}

/// How many lines below the list are for the prompt of the row under the bar, a blank one above them included.
fn told(body: u16) -> u16 {
    if body >= TOLD + 6 { TOLD + 1 } else { 0 }
}

/// Draws the inside of the list.
pub(in super::super) fn draw(screen: &Screen, batch: &Batch, area: Rect, frame: &mut Frame<'_>) {
    let look = &screen.look;
    let below = told(area.height);
    let list = Rect { height: area.height.saturating_sub(below), ..area };
    let over = batch.over();
    let widest = batch.order.rows.len().to_string().len();
    let is_narrow = list.width < NARROW;
    let note_cells = if is_narrow { 8 } else { 13 };
    let in_sight = batch.order.rows.iter().enumerate().skip(batch.top);
    for (at, (place, row)) in (0..list.height).zip(in_sight) {
        let chosen = place == batch.at;
        let ticked = batch.ticked[place];
        let is_over = ticked && over.is_some_and(|first| place >= first);
        let price = price(row.price.as_ref(), batch.order.takes);
        let note = match (ticked, is_over, is_narrow) {
            (false, _, _) => "not sent",
            (true, true, false) => "! over budget",
            (true, true, true) => "! over",
            (true, false, _) => "",
        };
        let role = if is_over { Role::Bad } else { Role::Muted };
        let head = format!("{} {:>widest$}  ", if ticked { "[x]" } else { "[ ]" }, place + 1);
        let tail = text::width(&price) + 2 + note_cells + 2;
        let room = usize::from(list.width).saturating_sub(1 + text::width(&head) + tail);
        let words = printable(&row.words);
        // Where there is little room, what varies most is known without its name.
        let words = if is_narrow { words.replacen("prompt: ", "", 1) } else { words };
        let style = look.style(match (chosen, ticked) {
            (true, _) => Role::Selected,
            (false, true) => Role::Text,
            (false, false) => Role::Muted,
        });
        let bar = if chosen { look.bar() } else { " " };
        let spans = vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::styled(head, style),
            Span::styled(text::fit(&words, room), style),
            Span::styled(format!("  {price}"), style),
            Span::styled(format!("  {}", text::fit(note, note_cells)), look.style(role)),
        ];
        line(frame.buffer_mut(), list, at, spans);
    }
    if let (Some(row), true) = (batch.order.rows.get(batch.at), below > 0) {
        let words = text::wrap(&printable(row.brief.prompt()), usize::from(area.width));
        let end = usize::from(TOLD) - 1;
        let more = words.len() > usize::from(TOLD);
        for (at, words) in (0..TOLD).zip(words) {
            let cut = more && usize::from(at) == end;
            let words = if cut { words + look.pick("…", "...") } else { words };
            let words = text::cut_end(&words, usize::from(area.width));
            let row = list.height + 1 + at;
            line(frame.buffer_mut(), area, row, Line::styled(words, look.style(Role::Muted)));
        }
    }
}

/// Below so many cells words are shorter.
const NARROW: u16 = 64;

/// What a row costs, its takes counted.
fn price(price: Option<&Estimate>, takes: u32) -> String {
    let text = match price {
        None => "price unknown".to_owned(),
        Some(price) => price.times(takes).to_string(),
    };
    text::right(&text, 7)
}
