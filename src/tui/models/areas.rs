//! Where everything of the model view stands, as a pure function of the size.

use ratatui::layout::{Rect, Size};

use super::Part;

/// How the list and the facts share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// One of them at a time.
    One,
    /// The facts below the list.
    Below,
    /// The facts beside the list.
    Beside,
}

/// The rectangles of the view; those of parts that are not there are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// How the parts share the screen.
    pub room: Room,
    /// Words and filters.
    pub bar: Rect,
    /// The list with its title.
    pub list: Rect,
    /// The line between the columns.
    pub divider: Rect,
    /// The facts with their title.
    pub facts: Rect,
}

/// The areas on a screen of this size, between its header and its footer, with the focus there.
pub fn areas(size: Size, part: Part) -> Areas {
    let empty = Rect::default();
    let body = Rect::new(0, 2, size.width, size.height.saturating_sub(3));
    let bar = Rect::new(0, 1, size.width, 1.min(size.height.saturating_sub(2)));
    let mut areas = Areas { room: Room::One, bar, list: empty, divider: empty, facts: empty };
    if size.width >= 100 && size.height >= 16 {
        areas.room = Room::Beside;
        // The facts are prose and tables: beyond this width they only spread.
        let right = (size.width * 2 / 5).clamp(46, 84);
        let left = size.width - right - 1;
        areas.list = Rect { width: left, ..body };
        areas.divider = Rect { x: left, width: 1, ..body };
        areas.facts = Rect { x: left + 1, width: right, ..body };
    } else if size.height >= 20 {
        areas.room = Room::Below;
        let below = body.height * 9 / 20;
        areas.list = Rect { height: body.height - below, ..body };
        areas.facts = Rect { y: body.y + body.height - below, height: below, ..body };
    } else if part == Part::List {
        areas.list = body;
    } else {
        areas.facts = body;
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_screen_and_never_overlap_at_any_size() {
        for width in 40..220 {
            for height in 10..70 {
                for part in [Part::List, Part::Facts] {
                    let areas = areas(Size { width, height }, part);
                    let parts = [areas.bar, areas.list, areas.divider, areas.facts];
                    let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
                    let whole = Rect::new(0, 1, width, height - 2);
                    for (at, one) in parts.iter().enumerate() {
                        assert_eq!(one.intersection(whole), *one);
                        assert!(parts[at + 1..].iter().all(|other| !one.intersects(*other)));
                    }
                    let covered: u32 = parts.iter().map(|area| area.area()).sum();
                    assert_eq!(covered, whole.area(), "{width}x{height} {part:?}");
                }
            }
        }
    }
}
