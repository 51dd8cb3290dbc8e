//! Words as masks: one real font, measured, wrapped, drawn once.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use super::canvas::{Mask, whole};
use crate::media::FONT;

/// `DejaVu` Sans Bold at one size.
pub(super) struct Letters {
    font: FontRef<'static>,
    scale: PxScale,
}

impl Letters {
    pub(super) fn new(pixels: f32) -> Self {
        let font = FontRef::try_from_slice(FONT).expect("the built-in font is checked by a test");
        Self { font, scale: PxScale::from(pixels) }
    }

    /// From one line to the next, in pixels.
    pub(super) fn line_height(&self) -> f32 {
        self.font.as_scaled(self.scale).height() * 1.08
    }

    /// Pixels across.
    pub(super) fn width_of(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum()
    }

    fn advance(&self, letter: char) -> f32 {
        self.font.as_scaled(self.scale).h_advance(self.font.glyph_id(letter))
    }

    /// The text in lines no wider than this; what is left after the last line becomes `…`.
    pub(super) fn wrapped(&self, text: &str, width: f32, most_lines: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last_mut().expect("there is always a line");
            let with_word =
                if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width_of(&with_word) <= width {
                *line = with_word;
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            self.break_word(word, width, &mut lines);
        }
        if lines.len() > most_lines {
            lines.truncate(most_lines);
            if let Some(last) = lines.last_mut() {
                while self.width_of(last) + self.advance('…') > width && last.pop().is_some() {}
                *last = format!("{}…", last.trim_end());
            }
        }
        lines
    }

    /// Puts a word into the last line, and into new ones where it is longer than a line.
    fn break_word(&self, word: &str, width: f32, lines: &mut Vec<String>) {
        for letter in word.chars() {
            let line = lines.last_mut().expect("there is always a line");
            if !line.is_empty() && self.width_of(line) + self.advance(letter) > width {
                lines.push(letter.to_string());
            } else {
                line.push(letter);
            }
        }
    }

    /// One line as a mask as high as a line.
    pub(super) fn mask(&self, text: &str) -> Mask {
        let scaled = self.font.as_scaled(self.scale);
        let mut mask = Mask::empty(
            whole(self.width_of(text).ceil()) + 2,
            whole(self.line_height().ceil()) + 2,
        );
        let mut at = point(1.0, scaled.ascent());
        for letter in text.chars() {
            let glyph = self.font.glyph_id(letter).with_scale_and_position(self.scale, at);
            at.x += self.advance(letter);
            let Some(outline) = self.font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, share| {
                let x = bounds.min.x + f32::from(u16::try_from(x).unwrap_or(u16::MAX));
                let y = bounds.min.y + f32::from(u16::try_from(y).unwrap_or(u16::MAX));
                if x >= 0.0 && y >= 0.0 {
                    mask.cover(whole(x), whole(y), share);
                }
            });
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let letters = Letters::new(20.0);
        let text =
            "a red kite over dunes, pneumonoultramicroscopicsilicovolcanoconiosis, wide shot";
        let lines = letters.wrapped(text, 300.0, 9);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| letters.width_of(line) <= 300.0), "{lines:?}");
        let all: String = lines.concat();
        assert_eq!(all.replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn what_does_not_fit_ends_in_dots() {
        let letters = Letters::new(20.0);
        let lines = letters.wrapped("one two three four five six seven", 120.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && letters.width_of(&lines[1]) <= 120.0);
        assert_eq!(letters.wrapped("", 120.0, 2), [""]);
    }
}
