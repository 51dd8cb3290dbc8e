//! What is written on the picture: the prompt in the lower third, and the slate in the corners.

use super::Shot;
use super::canvas::{Canvas, Mask, Shade, whole, whole_f32};
use super::letters::Letters;
use super::palette::{Colour, Ink};
use crate::domain::text::printable;

/// Everything written, drawn once; only the frame's number changes.
pub(super) struct Slate {
    prompt: Vec<(Mask, (usize, usize))>,
    band: (usize, usize),
    badge: (Mask, Board),
    details: Mask,
    /// Whether the frames are counted; otherwise the details stand alone, over what may be written there.
    counts: bool,
    cover: Shade,
    digits: Vec<Mask>,
    digit_width: usize,
    frames: u32,
    margin: usize,
    small_line: usize,
    white: Ink,
    dark: Ink,
    shade: Shade,
}

/// The little clapperboard beside the word.
struct Board {
    side: f32,
}

impl Slate {
    pub(super) fn new(shot: &Shot) -> Self {
        let (width, height) = (shot.size.width as usize, shot.size.height as usize);
        let side = whole_f32(width.min(height));
        let large = Letters::new((side / 19.0).max(9.0));
        let small = Letters::new((side / 36.0).max(7.0));
        let margin = whole(side / 22.0);
        let text = printable(&shot.prompt);
        let lines = match large.wrapped(&text, whole_f32(width - 2 * margin), 3) {
            lines if lines == [""] => Vec::new(),
            lines => lines,
        };
        let line = whole(large.line_height());
        let text_top = height.saturating_sub(margin + line * lines.len());
        let prompt = lines
            .iter()
            .enumerate()
            .map(|(index, text)| (large.mask(text), (margin, text_top + line * index)))
            .collect();
        let band = match lines.len() {
            0 => (height, height),
            _ => (text_top.saturating_sub(margin * 3 / 4), height),
        };
        let details = shot.label.as_deref().map_or_else(
            || format!("seed {}   {} fps   frame", shot.seed_shown, shot.fps_milli / 1000),
            printable,
        );
        let badge = Letters::new((side / 26.0).max(8.0));
        Self {
            prompt,
            band,
            badge: (badge.mask("SANDBOX"), Board { side: badge.line_height() }),
            details: small.mask(&details),
            counts: shot.label.is_none(),
            cover: Shade::letting_through(0.1),
            digits: "0123456789/".chars().map(|letter| small.mask(&letter.to_string())).collect(),
            digit_width: whole(small.width_of("0").ceil()),
            frames: shot.frames,
            margin,
            small_line: whole(small.line_height()),
            white: Colour::WHITE.ink(),
            dark: Colour::BLACK.ink(),
            shade: Shade::letting_through(0.42),
        }
    }

    /// Writes on the frame with this number, counted from 0.
    pub(super) fn paint(&self, index: u32, canvas: &mut Canvas) {
        canvas.darken((0, self.band.0), (canvas.width(), self.band.1), &self.shade);
        for (mask, (x, y)) in &self.prompt {
            canvas.stamp(mask, (signed(*x), signed(*y)), self.white, 1.0);
        }
        self.paint_badge(canvas);
        self.paint_details(index, canvas);
    }

    fn paint_badge(&self, canvas: &mut Canvas) {
        let (word, board) = &self.badge;
        let gap = self.margin / 3;
        let side = whole(board.side);
        let (left, top) = (self.margin, self.margin);
        let width = side + gap + word.width + 2 * gap;
        canvas.darken((left, top), (left + width, top + side + gap), &self.shade);
        let corner = (whole_f32(left + gap), whole_f32(top) + whole_f32(gap) * 0.5);
        board.paint(corner, self.white, self.dark, canvas);
        let at = (signed(left + gap + side + gap * 2 / 3), signed(top + gap / 2));
        canvas.stamp(word, at, self.white, 1.0);
    }

    fn paint_details(&self, index: u32, canvas: &mut Canvas) {
        let counter = if self.counts {
            format!("{:0>3}/{:0>3}", index + 1, self.frames)
        } else {
            String::new()
        };
        let gap = self.margin / 4;
        let width = self.details.width + counter.len() * self.digit_width + 3 * gap;
        let Some(left) = canvas.width().checked_sub(self.margin + width) else { return };
        let badge_end = self.margin * 2 + whole(self.badge.1.side) + self.badge.0.width;
        // A portrait picture is too narrow for both in one row.
        let top =
            if left > badge_end { self.margin } else { self.margin * 2 + whole(self.badge.1.side) };
        let bottom = top + self.small_line + gap;
        let shade = if self.counts { &self.shade } else { &self.cover };
        canvas.darken((left, top), (left + width, bottom), shade);
        let row = signed(top + gap / 2);
        canvas.stamp(&self.details, (signed(left + gap), row), self.white, 0.9);
        for (place, letter) in counter.bytes().enumerate() {
            let x = left + 2 * gap + self.details.width + place * self.digit_width;
            let glyph = &self.digits[usize::from(letter - b'/' + 10) % 11];
            let centred = x + self.digit_width.saturating_sub(glyph.width - 2) / 2;
            canvas.stamp(glyph, (signed(centred), row), self.white, 0.9);
        }
    }
}

impl Board {
    /// A white board with a striped bar that stands a little open.
    fn paint(&self, corner: (f32, f32), white: Ink, dark: Ink, canvas: &mut Canvas) {
        let side = self.side;
        let place = |x: f32, y: f32| (corner.0 + x * side, corner.1 + y * side);
        let slab = [place(0.06, 0.42), place(0.94, 0.42), place(0.94, 0.9), place(0.06, 0.9)];
        canvas.fill_polygon(&slab, white, 1.0);
        for (index, stripe) in [0.0, 0.25, 0.5, 0.75].into_iter().enumerate() {
            let ink = if index % 2 == 0 { white } else { dark };
            let lift = |x: f32| 0.27 - x * 0.2;
            let (from, to) = (0.06 + stripe * 0.88, 0.06 + (stripe + 0.25) * 0.88);
            let bar = [
                place(from + 0.05, lift(from) - 0.1),
                place(to + 0.05, lift(to) - 0.1),
                place(to, lift(to) + 0.08),
                place(from, lift(from) + 0.08),
            ];
            canvas.fill_polygon(&bar, ink, 1.0);
        }
    }
}

fn signed(value: usize) -> isize {
    isize::try_from(value).unwrap_or(isize::MAX)
}
