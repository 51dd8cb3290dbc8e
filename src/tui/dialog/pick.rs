//! The picker of files and the list of many choices, drawn.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};
use tui_textarea::TextArea;

use super::super::form::files::{self, Known};
use super::super::layout;
use super::super::pane::{line, prompt, takes};
use super::super::picture;
use super::super::pictures::Slot;
use super::super::screen::Screen;
use super::super::text;
use super::super::theme::Role;
use super::picker::{Item, Pick, Picker, Section};
use crate::domain::brief::Source;
use crate::domain::text::printable;

/// The box of a picker: wide and high, since what it lists is long.
pub(super) fn area(size: Size) -> Rect {
    let width = size.width.saturating_sub(4).min(110).max(size.width.min(56));
    let height = size.height.saturating_sub(2).min(34);
    Rect { x: (size.width - width) / 2, y: (size.height - height) / 3, width, height }
}

/// What is inside the box of a picker, without its keys.
fn inside(size: Size) -> Rect {
    let area = area(size);
    Rect {
        x: area.x + 3,
        y: area.y + 2,
        width: area.width.saturating_sub(6),
        height: area.height.saturating_sub(5),
    }
}

/// Where the preview of a picker goes; empty where there is no room for one.
pub fn preview(size: Size) -> Rect {
    let inside = inside(size);
    if inside.width < 64 || inside.height < 8 {
        return Rect::default();
    }
    let width = inside.width * 2 / 5;
    Rect {
        x: inside.x + inside.width - width,
        y: inside.y + 2,
        width,
        height: (width * 9).div_ceil(32).min(inside.height - 4),
    }
}

/// How many lines a picker shows.
pub fn rows(size: Size) -> usize {
    usize::from(inside(size).height.saturating_sub(3)).max(1)
}

/// Draws the inside of a picker.
pub(super) fn draw(screen: &Screen, picker: &Picker, frame: &mut Frame<'_>) {
    let look = &screen.look;
    let inside = inside(screen.size);
    line(frame.buffer_mut(), inside, 0, sections(screen, picker, usize::from(inside.width)));
    let pane = preview(screen.size);
    let width = if pane.is_empty() { inside.width } else { inside.width - pane.width - 2 };
    let cells = Rect { y: inside.y + 1, height: 1, width, ..inside };
    field(screen, &picker.field, "letters of its name, a path, or an address", cells, frame);
    let list = Rect { y: inside.y + 3, height: inside.height.saturating_sub(3), width, ..inside };
    let items = picker.items(screen);
    if items.is_empty() {
        let words = match (&picker.folder, picker.section) {
            (_, Section::Library) => "nothing in the library fits".to_owned(),
            (None, Section::Files) => "reading the folder".to_owned(),
            (Some(Ok(_)), Section::Files) => "nothing here fits".to_owned(),
            (Some(Err(why)), Section::Files) => format!("the folder {}", printable(why)),
        };
        line(frame.buffer_mut(), list, 0, Line::styled(words, look.style(Role::Muted)));
    }
    listed(screen, &items, picker.at, list, frame);
    if let (Some(item), false) = (items.get(picker.at), pane.is_empty()) {
        shown(screen, item, pane, frame);
    }
    prompt::place_cursor(&picker.field, cells, frame);
}

/// `library 12   files ~/pictures`, the one that is looked through in the accent.
fn sections(screen: &Screen, picker: &Picker, width: usize) -> Line<'static> {
    let look = &screen.look;
    let style =
        |section| look.style(if picker.section == section { Role::Accent } else { Role::Muted });
    let library = format!("library {}", picker.fitting(screen));
    let folder = match &picker.folder {
        Some(Ok(folder)) => folder.path.display().to_string(),
        _ => picker.asked.display().to_string(),
    };
    let room = width.saturating_sub(text::width(&library) + 12);
    let files = format!("files {}", text::cut_middle(&printable(&folder), room));
    Line::from(vec![
        Span::styled(library, style(Section::Library)),
        Span::raw("    "),
        Span::styled(files, style(Section::Files)),
    ])
}

/// A field with what can be typed there while it is empty.
pub(super) fn field(
    screen: &Screen,
    field: &TextArea<'static>,
    hint: &str,
    cells: Rect,
    frame: &mut Frame<'_>,
) {
    frame.render_widget(field, cells);
    if field.is_empty() {
        let hint = text::cut_end(hint, usize::from(cells.width));
        let words = Line::styled(hint, screen.look.style(Role::Muted));
        line(frame.buffer_mut(), cells, 0, words);
    }
}

/// The lines in sight: names cut in the middle, figures whole at the right end.
pub(super) fn listed(
    screen: &Screen,
    items: &[Item],
    at: usize,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let look = &screen.look;
    let rows = usize::from(area.height).max(1);
    let first = (at + 1).saturating_sub(rows);
    for (row, (place, item)) in (0..area.height).zip(items.iter().enumerate().skip(first)) {
        let chosen = place == at;
        let bar = if chosen { look.bar() } else { " " };
        let style = look.style(if chosen { Role::Selected } else { Role::Text });
        let room = usize::from(area.width).saturating_sub(text::width(&item.facts) + 3);
        let name = match &item.pick {
            Pick::Source(Source::Asset(_)) => text::cut_end(&item.name, room),
            _ => text::cut_middle(&item.name, room),
        };
        let spans = vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::styled(text::fit(&name, room), style),
            Span::raw("  "),
            Span::styled(item.facts.clone(), look.style(Role::Muted)),
        ];
        line(frame.buffer_mut(), area, row, spans);
    }
}

/// What the chosen line is, as a picture and in figures.
fn shown(screen: &Screen, item: &Item, cells: Rect, frame: &mut Frame<'_>) {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let Pick::Source(source) = &item.pick else { return };
    let mut below = cells.y;
    match source {
        Source::Asset(id) => {
            if let Some(asset) = screen.assets.iter().find(|asset| asset.id == *id) {
                let drawn = takes::poster(screen, asset, cells, frame.buffer_mut());
                below = drawn.y + drawn.height;
            }
        }
        Source::File(path) => {
            let fit = layout::pixels(cells);
            let peek = screen.peek.as_ref().filter(|peek| peek.path == *path && peek.fit == fit);
            match peek.map(|peek| &peek.slot) {
                Some(Slot::Ready(ready)) => {
                    let drawn = picture::draw(ready, cells, look, frame.buffer_mut());
                    below = drawn.y + drawn.height;
                }
                Some(Slot::Missing(why)) => {
                    let why = text::cut_end(&printable(why), usize::from(cells.width));
                    line(frame.buffer_mut(), cells, 0, Line::styled(why, muted));
                    below += 1;
                }
                Some(Slot::Words(_) | Slot::Asked) | None => {}
            }
        }
        Source::Url(_) | Source::Awaited => {}
    }
    if let Some(Known::Facts(facts)) = screen.files.get(source) {
        let words = text::cut_end(&files::words(facts), usize::from(cells.width));
        let rest = Rect { y: below, height: 1, ..cells };
        line(frame.buffer_mut(), rest, 0, Line::styled(words, muted));
    }
}
