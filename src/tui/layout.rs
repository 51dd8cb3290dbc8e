//! Where everything stands, as a pure function of the size: used by `update` and `view` alike.

use ratatui::layout::{Rect, Size};

use super::screen::Pane;
use crate::domain::Pixels;

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Not enough for anything: one line says so.
    None,
    /// One column; takes and preview have the whole screen when they have the focus.
    Narrow,
    /// Everything at once.
    Full,
}

/// The rectangles of a screen; those of panes that are not there are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// How much room there is.
    pub room: Room,
    /// Project, provider, money.
    pub header: Rect,
    /// The prompt editor with its title.
    pub prompt: Rect,
    /// The settings with their title, or one line without.
    pub settings: Rect,
    /// The job list with its title.
    pub jobs: Rect,
    /// The newest takes with their title.
    pub takes: Rect,
    /// The line between the columns.
    pub divider: Rect,
    /// What is selected, large, with its title.
    pub preview: Rect,
    /// The keys of this place, or a toast, or a command line.
    pub footer: Rect,
}

/// The least that shows anything.
pub const SMALLEST: Size = Size { width: 40, height: 10 };

/// The areas of a screen of this size, with the focus there and this many settings.
pub fn areas(size: Size, focus: Pane, settings: usize) -> Areas {
    let empty = Rect::default();
    let whole = Rect::new(0, 0, size.width, size.height);
    let row = |y| Rect { y, height: 1, ..whole };
    let mut areas = Areas {
        room: Room::None,
        header: empty,
        prompt: empty,
        settings: empty,
        jobs: empty,
        takes: empty,
        divider: empty,
        preview: empty,
        footer: empty,
    };
    if size.width < SMALLEST.width || size.height < SMALLEST.height {
        return areas;
    }
    areas.header = row(0);
    areas.footer = row(size.height - 1);
    let body = Rect { y: 1, height: size.height - 2, ..whole };
    if size.width >= 76 && size.height >= 20 {
        areas.room = Room::Full;
        full(&mut areas, body, focus, settings);
    } else {
        areas.room = Room::Narrow;
        narrow(&mut areas, body, focus);
    }
    areas
}

fn narrow(areas: &mut Areas, body: Rect, focus: Pane) {
    match focus {
        Pane::Takes => areas.takes = body,
        Pane::Preview => areas.preview = body,
        // The form has the room of the jobs while somebody is in it.
        Pane::Settings => {
            let prompt = (body.height * 2 / 5).clamp(3, 8);
            let rows = stack(body, [prompt, body.height - prompt]);
            [areas.prompt, areas.settings, areas.jobs] = rows;
        }
        Pane::Prompt | Pane::Jobs => {
            let prompt = (body.height * 2 / 5).clamp(3, 8);
            let rows = stack(body, [prompt, 1]);
            [areas.prompt, areas.settings, areas.jobs] = rows;
        }
    }
}

fn full(areas: &mut Areas, body: Rect, focus: Pane, settings: usize) {
    let right = preview_width(body.width);
    let left = Rect { width: body.width - right - 1, ..body };
    areas.divider = Rect { x: left.width, width: 1, ..body };
    areas.preview = Rect { x: left.width + 1, width: right, ..body };

    let prompt = match body.height {
        0..=20 => 5,
        21..=29 => 6,
        30..=41 => 7,
        _ => 9,
    };
    let rows = u16::try_from(settings).unwrap_or(u16::MAX).min(body.height / 4);
    let calm = if body.height >= 30 { rows + 2 } else { 3 };
    let takes = match body.height {
        0..=25 => 5,
        26..=29 => 6,
        30..=41 => 9,
        // Two rows of posters.
        42..=45 => 13,
        _ => 17,
    };
    let (settings, takes) = match focus {
        Pane::Settings => opened(body.height - prompt, settings, calm, takes),
        _ => (calm, takes),
    };
    let jobs = body.height - prompt - settings - takes;
    let [top, middle, rest] = stack(left, [prompt, settings]);
    let [list, strip, _] = stack(rest, [jobs, takes]);
    (areas.prompt, areas.settings, areas.jobs, areas.takes) = (top, middle, list, strip);
}

/// The height of the form while somebody is in it, and what is left for the takes: as it was where that is
/// enough for so many settings, else down to a few jobs, else over the takes. Only these three, so that a
/// row more or less moves nothing.
fn opened(below: u16, settings: usize, calm: u16, takes: u16) -> (u16, u16) {
    let wanted = u16::try_from(settings).unwrap_or(u16::MAX).saturating_add(FORM_EXTRA);
    let jobs = if below >= 25 { 5 } else { 3 };
    let most = below.saturating_sub(jobs);
    let beside_takes = most.saturating_sub(takes);
    if wanted <= calm {
        (calm, takes)
    } else if wanted <= beside_takes {
        (beside_takes.max(calm), takes)
    } else {
        (most.max(calm), 0)
    }
}

/// What a form has beside its rows: a title, what the row under the bar is for, the price.
const FORM_EXTRA: u16 = 3;

/// Where the rows of the form go; empty where there is room for one line only.
pub fn form_rows(settings: Rect, focus: Pane) -> Rect {
    if settings.height < 5 {
        return Rect { height: 0, ..settings };
    }
    let below = if has_about(settings, focus) { 2 } else { 1 };
    Rect { y: settings.y + 1, height: settings.height - 1 - below, ..settings }
}

/// Whether a line of the form says what the row under the bar is for.
pub fn has_about(settings: Rect, focus: Pane) -> bool {
    focus == Pane::Settings && settings.height >= 7
}

/// 29 of 80 columns, half of 160, and no more than a picture of that width can use.
fn preview_width(width: u16) -> u16 {
    (29 + (width - 76) * 5 / 9).min(width * 9 / 16)
}

/// Cuts rows of these heights off the top; the third is the rest.
fn stack(area: Rect, heights: [u16; 2]) -> [Rect; 3] {
    let first = Rect { height: heights[0].min(area.height), ..area };
    let below = Rect { y: area.y + first.height, height: area.height - first.height, ..area };
    let second = Rect { height: heights[1].min(below.height), ..below };
    let rest = Rect { y: below.y + second.height, height: below.height - second.height, ..below };
    [first, second, rest]
}

/// Where the text of the prompt goes: below the title, with a free cell at its right end for the cursor.
pub fn prompt_text(prompt: Rect) -> Rect {
    Rect {
        x: prompt.x + 2,
        y: prompt.y + 1,
        width: prompt.width.saturating_sub(4),
        height: prompt.height.saturating_sub(1),
    }
}

/// Where the large picture of the preview goes: below the title, and not so high that no text fits.
pub fn large_picture(preview: Rect) -> Rect {
    let beside = is_beside(preview);
    let width = if beside { preview.width / 2 } else { preview.width.saturating_sub(1) };
    let most = preview.height.saturating_sub(1);
    let most = if beside { most } else { most * 2 / 3 };
    let height = rows_of(width).min(most);
    Rect { x: preview.x + 1, y: preview.y + 1, width, height }
}

/// Whether the preview is so low and wide that its text stands beside its picture.
pub fn is_beside(preview: Rect) -> bool {
    preview.height < 18 && preview.width >= 48
}

/// Where the posters of the newest takes go, newest first, each with a line for its label below.
pub fn posters(takes: Rect) -> Vec<Rect> {
    let inside = takes.height.saturating_sub(1);
    if inside < 3 || takes.width < 12 {
        return Vec::new();
    }
    let height = match inside {
        0..=11 => inside - 1,
        12..=15 => 5,
        _ => 7,
    };
    let ideal = (height * 32 / 9).min(takes.width - 1);
    // As many as come nearest to that width, so that the strip is filled.
    let across = ((takes.width + ideal.div_ceil(2)) / (ideal + 1)).max(1);
    let width = (takes.width / across - 1).min(ideal);
    let down = (inside / (height + 1)).max(1);
    (0..down)
        .flat_map(|row| (0..across).map(move |column| (row, column)))
        .map(|(row, column)| Rect {
            x: takes.x + 1 + column * (width + 1),
            y: takes.y + 1 + row * (height + 1),
            width,
            height,
        })
        .collect()
}

/// How many posters stand side by side.
pub fn posters_across(takes: Rect) -> usize {
    let posters = posters(takes);
    posters.iter().filter(|poster| poster.y == takes.y + 1).count().max(1)
}

/// The pixels that half blocks make of these cells.
pub fn pixels(cells: Rect) -> Pixels {
    Pixels { width: u32::from(cells.width), height: u32::from(cells.height) * 2 }
}

/// How many rows a picture of 16 by 9 has at this width.
fn rows_of(width: u16) -> u16 {
    (width * 9).div_ceil(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_never_overlap_and_fill_their_column_at_any_size() {
        for width in 40..220 {
            for height in 10..70 {
                for focus in Pane::ALL {
                    let size = Size { width, height };
                    let areas = areas(size, focus, 6);
                    let whole = Rect::new(0, 0, width, height);
                    let panes = [areas.prompt, areas.settings, areas.jobs, areas.takes];
                    let panes = panes.into_iter().chain([areas.preview, areas.divider]);
                    let shown: Vec<Rect> = panes.filter(|area| !area.is_empty()).collect();
                    for (at, one) in shown.iter().enumerate() {
                        assert_eq!(one.intersection(whole), *one, "{size} {focus:?}");
                        for other in &shown[at + 1..] {
                            assert!(!one.intersects(*other), "{size} {focus:?}: {one} {other}");
                        }
                    }
                    let covered: u32 = shown.iter().map(|area| area.area()).sum();
                    assert_eq!(covered, u32::from(width) * u32::from(height - 2), "{size}");
                    for poster in posters(areas.takes) {
                        let labelled = Rect { height: poster.height + 1, ..poster };
                        assert_eq!(labelled.intersection(areas.takes), labelled, "{size}");
                    }
                }
            }
        }
    }

    #[test]
    fn eighty_by_twenty_four_is_complete() {
        let areas = areas(Size { width: 80, height: 24 }, Pane::Prompt, 6);
        assert_eq!(areas.room, Room::Full);
        assert!(areas.jobs.height >= 7 && areas.prompt.height >= 6 && areas.preview.width >= 29);
        assert!(posters(areas.takes).len() >= 4);
    }
}
