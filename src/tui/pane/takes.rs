//! The newest takes as posters, each with what was decided about it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::layout;
use super::super::picture;
use super::super::pictures::Slot;
use super::super::screen::{Pane, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::domain::text::printable;
use crate::domain::{Asset, MediaKind, Verdict};

/// Draws the strip, or a grid where it has the whole screen.
pub(in super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let look = &screen.look;
    let focused = screen.focus == Pane::Takes;
    super::title(buf, area, look, "New takes", focused, &facts(screen));
    let takes = screen.shown_takes();
    if takes.is_empty() {
        empty(screen, Rect { y: area.y + 1, height: area.height - 1, ..area }, buf);
        return;
    }
    let ids = screen.take_ids();
    let selected = screen.take_at.place(&ids);
    let in_sight = takes.iter().enumerate().skip(screen.take_top);
    for ((place, asset), cells) in in_sight.zip(layout::posters(area)) {
        poster(screen, asset, cells, buf);
        let label =
            Rect { y: cells.y + cells.height, height: 1, x: cells.x - 1, width: cells.width + 1 };
        super::line(
            buf,
            label,
            0,
            self::label(screen, asset, focused && place == selected, label.width),
        );
    }
}

/// `★ 4 kept of 11`.
fn facts(screen: &Screen) -> String {
    let all = screen.assets.len();
    if all == 0 {
        return String::new();
    }
    if !screen.filter.is_empty() {
        return format!("{} of {}", screen.shown_takes().len(), text::grouped(all));
    }
    let kept = screen.assets.iter().filter(|asset| asset.verdict == Some(Verdict::Kept)).count();
    match kept {
        0 => text::grouped(all),
        kept => format!("{kept} kept of {}", text::grouped(all)),
    }
}

fn empty(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let words = if !screen.filter.is_empty() {
        "no take has these words".to_owned()
    } else if !screen.loaded {
        "reading the library".to_owned()
    } else if screen.live() > 0 {
        "the next take appears here as soon as it is saved".to_owned()
    } else {
        first_step(screen)
    };
    let width = usize::from(area.width).saturating_sub(4);
    for (row, words) in (0..).zip(text::wrap(&words, width)) {
        let style = screen.look.style(Role::Muted);
        super::line(buf, area, row, Line::styled(format!("  {words}"), style));
    }
}

/// What to do in an empty library.
pub(super) fn first_step(screen: &Screen) -> String {
    if screen.desk.read_only {
        return "No takes yet.".to_owned();
    }
    let key = screen
        .keymap
        .key(&[super::super::keymap::Place::Everywhere], super::super::action::Action::Generate);
    let key = key.unwrap_or_default();
    let assurance = if screen.is_simulated() {
        "No key is needed: this is the sandbox."
    } else {
        "You see what it costs before it is sent."
    };
    format!("No takes yet: write a prompt and press {key}. {assurance}")
}

/// Draws the picture of a take, or says why there is none.
pub(in super::super) fn poster(
    screen: &Screen,
    asset: &Asset,
    cells: Rect,
    buf: &mut Buffer,
) -> Rect {
    let muted = screen.look.style(Role::Muted);
    if asset.kind == MediaKind::Audio {
        let note = screen.look.pick("♪ ", "");
        let length = asset.facts.duration_ms.map_or("sound".to_owned(), text::seconds);
        super::line(
            buf,
            cells,
            cells.height / 2,
            Line::styled(format!("{note}{length}"), muted).centered(),
        );
        return cells;
    }
    match screen.pictures.get(asset.id, layout::pixels(cells)) {
        Some(Slot::Ready(picture)) => picture::draw(picture, cells, &screen.look, buf),
        Some(Slot::Words(words)) => {
            let width = usize::from(cells.width).saturating_sub(1);
            for (row, words) in (0..cells.height).zip(text::wrap(words, width)) {
                super::line(buf, cells, row, Line::from(words));
            }
            cells
        }
        Some(Slot::Missing(why)) => {
            let width = usize::from(cells.width).saturating_sub(1);
            let why = if cells.width < 24 { "no picture" } else { why.as_str() };
            for (row, words) in (0..cells.height).zip(text::wrap(why, width)) {
                super::line(buf, cells, row, Line::styled(words, muted));
            }
            cells
        }
        Some(Slot::Asked) | None => cells,
    }
}

/// `40 ★ kept`: its number and what was decided.
fn label(screen: &Screen, asset: &Asset, chosen: bool, cells: u16) -> Line<'static> {
    let look = &screen.look;
    let style = if chosen { look.style(Role::Selected) } else { Style::default() };
    let bar = if chosen { look.bar() } else { " " };
    let mut spans =
        vec![Span::styled(bar, look.style(Role::Accent)), Span::styled(asset.label(), style)];
    let room = usize::from(cells).saturating_sub(text::width(&asset.label()) + 1);
    let words = marks(screen, asset);
    let whole: usize = words.iter().map(|span| text::width(&span.content)).sum();
    // Where the words do not fit, the signs do.
    let sign = |span: Span<'static>| {
        Span::styled(span.content.chars().take(2).collect::<String>(), span.style)
    };
    spans.extend(words.into_iter().map(|span| if whole > room { sign(span) } else { span }));
    Line::from(spans)
}

/// Favourite and verdict, each with a sign and a word.
pub(super) fn marks(screen: &Screen, asset: &Asset) -> Vec<Span<'static>> {
    let look = &screen.look;
    let mut spans = Vec::new();
    if asset.favourite {
        spans.push(Span::styled(look.pick(" ★", " *"), look.style(Role::Warn)));
    }
    match asset.verdict {
        Some(Verdict::Kept) => spans.push(Span::styled(" + kept", look.style(Role::Good))),
        Some(Verdict::Rejected) => {
            let words = match &asset.reason {
                None => " - rejected".to_owned(),
                Some(why) => format!("{}{}", look.pick(" ✗ ", " x "), printable(why)),
            };
            spans.push(Span::styled(words, look.style(Role::Muted)));
        }
        None => {}
    }
    spans
}
