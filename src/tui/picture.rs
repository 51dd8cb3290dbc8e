//! A still picture in cells: two pixels a cell as half blocks, or shades where there are no colours.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::look::Look;
use super::theme::Depth;
use crate::domain::Picture;

/// Dark to light.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
const PLAIN_SHADES: [&str; 5] = [" ", ".", ":", "*", "#"];

/// Draws the picture as large as it fits into the area without changing its aspect; returns the cells it took.
pub(super) fn draw(picture: &Picture, area: Rect, look: &Look, buf: &mut Buffer) -> Rect {
    let Some(cells) = fitted(picture, area) else { return Rect { width: 0, height: 0, ..area } };
    let rows = u32::from(cells.height) * 2;
    let columns = u32::from(cells.width);
    for row in 0..cells.height {
        for column in 0..cells.width {
            let at = |half: u32| {
                let y = (u32::from(row) * 2 + half) * picture.height / rows;
                let x = u32::from(column) * picture.width / columns;
                pixel(picture, x, y)
            };
            let cell = &mut buf[(cells.x + column, cells.y + row)];
            let (upper, lower) = (at(0), at(1));
            if matches!(look.depth, Depth::None | Depth::Sixteen) || look.ascii {
                cell.set_symbol(shade(look, upper, lower)).set_style(Style::reset());
                continue;
            }
            let colour = |[red, green, blue]: [u8; 3]| look.depth.colour(red, green, blue);
            cell.set_symbol("▀").set_fg(colour(upper)).set_bg(colour(lower));
        }
    }
    cells
}

/// The cells that the picture takes, in the middle of the area's width and at its top.
fn fitted(picture: &Picture, area: Rect) -> Option<Rect> {
    let whole = u64::from(picture.width) * u64::from(picture.height) * 3;
    if area.is_empty() || whole == 0 || picture.rgb.len() as u64 != whole {
        return None;
    }
    let (width, height) = (u32::from(area.width), u32::from(area.height) * 2);
    let by_width = (width, width * picture.height / picture.width);
    let (columns, rows) = if by_width.1 <= height {
        by_width
    } else {
        (height * picture.width / picture.height, height)
    };
    let columns = u16::try_from(columns.max(1)).ok()?;
    let rows = u16::try_from(rows.div_ceil(2).max(1)).ok()?;
    let x = area.x + (area.width - columns.min(area.width)) / 2;
    Some(Rect { x, width: columns, height: rows.min(area.height), ..area })
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = (y.min(picture.height - 1) * picture.width + x.min(picture.width - 1)) as usize * 3;
    [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]
}

/// The shade that is as light as both pixels together (luma of ITU-R BT.601).
fn shade(look: &Look, upper: [u8; 3], lower: [u8; 3]) -> &'static str {
    let luma = |[red, green, blue]: [u8; 3]| {
        (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000
    };
    let light = u32::midpoint(luma(upper), luma(lower));
    let shades = if look.ascii { PLAIN_SHADES } else { SHADES };
    shades[(light * 5 / 256) as usize]
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use ratatui::style::Color;

    use super::super::theme::Theme;
    use super::*;

    fn drawn(depth: Depth, width: u16, height: u16) -> Buffer {
        let picture =
            Picture { width: 2, height: 2, rgb: [[255; 3], [0; 3], [0; 3], [255; 3]].concat() };
        let theme = Theme::default();
        let look = Look { theme, depth, ascii: false, reduced_motion: true, zone: TimeZone::UTC };
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        draw(&picture, area, &look, &mut buf);
        buf
    }

    #[test]
    fn two_pixels_share_a_cell_and_the_aspect_stays() {
        let buf = drawn(Depth::True, 2, 1);
        assert_eq!(
            (buf[(0, 0)].fg, buf[(0, 0)].bg),
            (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0))
        );
        assert_eq!(
            (buf[(1, 0)].fg, buf[(1, 0)].bg),
            (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255))
        );
        let wide = drawn(Depth::True, 10, 1);
        let used = wide.content().iter().filter(|cell| cell.symbol() == "▀").count();
        assert_eq!(used, 2, "a square of two rows is two columns wide");
    }

    #[test]
    fn without_colours_a_picture_is_shades() {
        for depth in [Depth::None, Depth::Sixteen] {
            let buf = drawn(depth, 2, 1);
            assert!(
                buf.content().iter().all(|cell| cell.fg == Color::Reset && cell.symbol() == "▒")
            );
        }
    }
}
