//! Frames from other frames: a part of one, made as large or as small as it shall be.

use super::encode::{EncodeError, Frame};
use crate::domain::{Picture, Pixels};

/// A part of a frame, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

impl Area {
    /// All of a frame.
    pub fn whole(size: Pixels) -> Self {
        Self { x: 0.0, y: 0.0, width: side(size.width), height: side(size.height) }
    }

    /// The largest part from the middle that has the shape of the target.
    pub fn covering(size: Pixels, target: Pixels) -> Self {
        let (width, height) = (side(size.width), side(size.height));
        let shape = side(target.width) / side(target.height).max(1.0);
        let (across, down) =
            if width > height * shape { (height * shape, height) } else { (width, width / shape) };
        Self { x: (width - across) / 2.0, y: (height - down) / 2.0, width: across, height: down }
    }

    /// The same seen from nearer by this factor, moved by these shares of what lies outside then.
    #[must_use]
    pub fn nearer(self, factor: f32, across: f32, down: f32) -> Self {
        let (width, height) = (self.width / factor, self.height / factor);
        Self {
            x: self.x + (self.width - width) * (0.5 + across / 2.0),
            y: self.y + (self.height - height) * (0.5 + down / 2.0),
            width,
            height,
        }
    }
}

impl Frame {
    /// A picture as a frame; sides that are odd lose a row or column.
    pub fn from_picture(picture: &Picture) -> Result<Self, EncodeError> {
        let even = |side: u32| (side & !1).max(16);
        let size = Pixels { width: even(picture.width), height: even(picture.height) };
        let mut frame = Self::black(size)?;
        let (width, half) = (size.width as usize, size.width as usize / 2);
        let (across, down) = (picture.width as usize, picture.height as usize);
        let pixel = |x: usize, y: usize| {
            let at = (y.min(down - 1) * across + x.min(across - 1)) * 3;
            [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]].map(i32::from)
        };
        for y in (0..size.height as usize).step_by(2) {
            for x in (0..width).step_by(2) {
                let four = [pixel(x, y), pixel(x + 1, y), pixel(x, y + 1), pixel(x + 1, y + 1)];
                let at = y * width + x;
                for (place, colours) in
                    [at, at + 1, at + width, at + width + 1].into_iter().zip(four)
                {
                    frame.luma[place] = luma(colours);
                }
                let sum = |index: usize| four.iter().map(|colours| colours[index]).sum::<i32>() / 4;
                let [blue, red] = chroma([sum(0), sum(1), sum(2)]);
                frame.blue[y / 2 * half + x / 2] = blue;
                frame.red[y / 2 * half + x / 2] = red;
            }
        }
        Ok(frame)
    }

    /// Fills this frame with a part of another one. `rows` is kept between calls for its memory.
    pub fn draw(&mut self, from: &Self, area: Area, rows: &mut Rows) {
        let (target, size) = (self.size(), from.size());
        let halves = |size: Pixels| Pixels { width: size.width / 2, height: size.height / 2 };
        let half = Area {
            x: area.x / 2.0,
            y: area.y / 2.0,
            width: area.width / 2.0,
            height: area.height / 2.0,
        };
        rows.draw(&mut self.luma, target, &from.luma, size, area);
        rows.draw(&mut self.blue, halves(target), &from.blue, halves(size), half);
        rows.draw(&mut self.red, halves(target), &from.red, halves(size), half);
    }

    /// The same frame in another size, its shape not kept.
    pub fn scaled(&self, target: Pixels) -> Result<Self, EncodeError> {
        let mut frame = Self::black(target)?;
        frame.draw(self, Area::whole(self.size()), &mut Rows::default());
        Ok(frame)
    }

    /// Lets another frame of the same size shine through: from 0, nothing of it, to 1, nothing else.
    pub fn mix(&mut self, other: &Self, share: f32) {
        let share = fixed(share.clamp(0.0, 1.0));
        let pairs = [
            (&mut self.luma, &other.luma),
            (&mut self.blue, &other.blue),
            (&mut self.red, &other.red),
        ];
        for (mine, others) in pairs {
            let (whole, rest) = mine.as_chunks_mut::<8>();
            let (whole_others, rest_others) = others.as_chunks::<8>();
            for (mine, other) in whole.iter_mut().zip(whole_others) {
                *mine = eight_between(*mine, *other, share);
            }
            for (mine, other) in rest.iter_mut().zip(rest_others) {
                *mine = between(*mine, *other, share);
            }
        }
    }
}

/// Rows that were made as wide as the target, two at a time.
#[derive(Debug, Default)]
pub struct Rows {
    upper: Vec<u8>,
    lower: Vec<u8>,
    halved: Vec<u8>,
}

/// Which two neighbours a place lies between, and how far it is to the second, of 256.
type Place = (usize, usize, u16);

impl Rows {
    fn draw(&mut self, to: &mut [u8], target: Pixels, from: &[u8], size: Pixels, area: Area) {
        // Between two neighbours only: what is made much smaller is first halved, or it would flicker.
        if area.width > side(target.width) * 2.0 && area.height > side(target.height) * 2.0 {
            let mut halved = std::mem::take(&mut self.halved);
            let small = halve(from, size, &mut halved);
            let area = Area {
                x: area.x / 2.0,
                y: area.y / 2.0,
                width: area.width / 2.0,
                height: area.height / 2.0,
            };
            Self::default().draw(to, target, &halved, small, area);
            self.halved = halved;
            return;
        }
        let columns = places(area.x, area.width, target.width, size.width);
        let lines = places(area.y, area.height, target.height, size.height);
        let across = size.width as usize;
        let row = |y: usize| &from[y * across..(y + 1) * across];
        let widen = |row: &[u8], to: &mut Vec<u8>| {
            to.clear();
            to.extend(
                columns.iter().map(|(left, right, share)| between(row[*left], row[*right], *share)),
            );
        };
        let (mut above, mut below) = (usize::MAX, usize::MAX);
        for (line, (first, second, share)) in to.chunks_exact_mut(target.width as usize).zip(lines)
        {
            if above != first {
                if below == first {
                    std::mem::swap(&mut self.upper, &mut self.lower);
                    below = usize::MAX;
                } else {
                    widen(row(first), &mut self.upper);
                }
                above = first;
            }
            if share == 0 {
                line.copy_from_slice(&self.upper);
                continue;
            }
            if below != second {
                widen(row(second), &mut self.lower);
                below = second;
            }
            let (whole, rest) = line.as_chunks_mut::<8>();
            let (upper, upper_rest) = self.upper.as_chunks::<8>();
            let (lower, lower_rest) = self.lower.as_chunks::<8>();
            for (pixels, (upper, lower)) in whole.iter_mut().zip(upper.iter().zip(lower)) {
                *pixels = eight_between(*upper, *lower, share);
            }
            for (pixel, (upper, lower)) in rest.iter_mut().zip(upper_rest.iter().zip(lower_rest)) {
                *pixel = between(*upper, *lower, share);
            }
        }
    }
}

/// For each place of the target the neighbours it lies between.
fn places(start: f32, length: f32, target: u32, size: u32) -> Vec<Place> {
    let last = side(size - 1);
    let step = length / side(target);
    (0..target)
        .map(|index| {
            let at = ((side(index) + 0.5) * step + start - 0.5).clamp(0.0, last);
            let first = whole(at);
            let share = fixed(at - at.floor());
            (first, (first + 1).min(size as usize - 1), share)
        })
        .collect()
}

fn halve(from: &[u8], size: Pixels, to: &mut Vec<u8>) -> Pixels {
    let small = Pixels { width: (size.width / 2).max(1), height: (size.height / 2).max(1) };
    let across = size.width as usize;
    to.clear();
    for y in 0..small.height as usize {
        let upper = &from[y * 2 * across..];
        let lower = &from[(y * 2 + 1).min(size.height as usize - 1) * across..];
        to.extend((0..small.width as usize).map(|x| {
            let right = (x * 2 + 1).min(across - 1);
            let sum = [upper[x * 2], upper[right], lower[x * 2], lower[right]];
            let sum: u16 = sum.into_iter().map(u16::from).sum();
            u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
        }));
    }
    small
}

fn between(first: u8, second: u8, share: u16) -> u8 {
    ((u16::from(first) * (256 - share) + u16::from(second) * share) / 256) as u8
}

/// The same for eight bytes at once, four in the lanes of each number: whole films are made this way, also by
/// builds that are not optimised.
fn eight_between(first: [u8; 8], second: [u8; 8], share: u16) -> [u8; 8] {
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    let (first, second) = (u64::from_ne_bytes(first), u64::from_ne_bytes(second));
    let (share, rest) = (u64::from(share), u64::from(256 - share));
    // A lane never runs over: 255 times 256 is the most that it holds.
    let four = |first: u64, second: u64| (first & LANES) * rest + (second & LANES) * share;
    let even = (four(first, second) >> 8) & LANES;
    let odd = four(first >> 8, second >> 8) & !LANES;
    (even | odd).to_ne_bytes()
}

/// A share of 256.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn fixed(share: f32) -> u16 {
    (share * 256.0) as u16
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(value: f32) -> usize {
    value as usize
}

#[expect(clippy::cast_precision_loss, reason = "no picture is 16 million pixels across")]
fn side(side: u32) -> f32 {
    side as f32
}

/// BT.709, video range, in 16-bit fixed point.
fn luma([red, green, blue]: [i32; 3]) -> u8 {
    let sum = 11_966 * red + 40_254 * green + 4_064 * blue;
    clamp(((sum + 32_768) >> 16) + 16)
}

fn chroma([red, green, blue]: [i32; 3]) -> [u8; 2] {
    let blue_part = -6_596 * red - 22_188 * green + 28_784 * blue;
    let red_part = 28_784 * red - 26_145 * green - 2_639 * blue;
    [blue_part, red_part].map(|part| clamp(((part + 32_768) >> 16) + 128))
}

fn clamp(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(size: Pixels, colour: [u8; 3]) -> Picture {
        let count = size.width as usize * size.height as usize;
        Picture { width: size.width, height: size.height, rgb: colour.repeat(count) }
    }

    #[test]
    fn a_colour_survives_the_way_into_a_frame_and_back() {
        let size = Pixels { width: 32, height: 18 };
        for colour in [[0, 0, 0], [255, 255, 255], [200, 30, 60], [10, 200, 90], [40, 60, 220]] {
            let back = Frame::from_picture(&plain(size, colour)).unwrap().to_rgb();
            for (was, is) in colour.iter().zip(&back[..3]) {
                assert!(was.abs_diff(*is) <= 3, "{colour:?} became {:?}", &back[..3]);
            }
        }
    }

    #[test]
    fn eight_at_once_are_as_one_by_one() {
        let (low, high) = ([0, 255, 1, 254, 0, 128, 77, 255], [255, 255, 0, 3, 0, 129, 200, 0]);
        for share in 0..=256 {
            let one_by_one: Vec<_> =
                low.iter().zip(&high).map(|(low, high)| between(*low, *high, share)).collect();
            assert_eq!(eight_between(low, high, share).as_slice(), one_by_one);
        }
    }

    #[test]
    fn a_part_is_drawn_where_it_belongs_at_any_size() {
        let size = Pixels { width: 64, height: 32 };
        let mut frame = Frame::black(size).unwrap();
        for row in frame.luma.chunks_mut(64) {
            row[32..].fill(235);
        }
        for target in [(128, 64), (64, 32), (32, 16), (16, 16)] {
            let target = Pixels { width: target.0, height: target.1 };
            let half = target.width as usize / 2;
            let drawn = frame.scaled(target).unwrap();
            assert_eq!((drawn.luma[half - 3], drawn.luma[half + 2]), (16, 235), "{target}");
        }
        let mut right = Frame::black(size).unwrap();
        let area = Area { x: 34.0, ..Area::covering(size, Pixels { width: 32, height: 32 }) };
        right.draw(&frame, Area { width: 28.0, ..area }, &mut Rows::default());
        assert!(right.luma.iter().all(|byte| *byte == 235));
    }

    #[test]
    fn a_crop_covers_the_target_and_stays_inside() {
        let (wide, high) =
            (Pixels { width: 1600, height: 900 }, Pixels { width: 720, height: 1280 });
        let area = Area::covering(wide, high);
        assert!((area.width - 506.25).abs() < 0.1 && (area.height - 900.0).abs() < 0.1);
        let near = area.nearer(1.2, 1.0, -1.0);
        assert!(near.y.abs() < 0.1 && (near.x + near.width - area.x - area.width).abs() < 0.1);
    }
}
