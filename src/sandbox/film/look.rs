//! What is done to a given film so that everybody sees it: tints, an inset, another background.

use super::canvas::{Canvas, whole, whole_f32};
use super::dice::Dice;
use super::palette::Colour;
use crate::media::encode::Frame;
use crate::media::scale::{Area, Rows};

/// How a given film is changed.
pub(in crate::sandbox) enum Look {
    /// Not at all.
    Plain,
    /// In other colours, picked by the seed.
    Tinted {
        /// Added to the blue and the red difference.
        shift: [i16; 2],
    },
    /// Without colours.
    Grey,
    /// With a face in the corner, and in slightly other colours.
    Face(Box<Frame>),
    /// Only what is in the middle, in front of this.
    CutOut(Box<Frame>),
}

impl Look {
    /// Colours of this seed.
    pub(in crate::sandbox) fn of_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let angle = dice.between(0.0, std::f32::consts::TAU);
        let part = |share: f32| i16::try_from(whole(share * 26.0 + 30.0)).unwrap_or(0) - 30;
        Self::Tinted { shift: [part(angle.sin()), part(angle.cos())] }
    }

    /// Changes the frame in the canvas.
    pub(super) fn apply(&self, _: u32, canvas: &mut Canvas) {
        match self {
            Self::Plain => {}
            Self::Tinted { shift } => tint(canvas, *shift),
            Self::Grey => {
                canvas.frame_mut().blue.fill(128);
                canvas.frame_mut().red.fill(128);
            }
            Self::Face(face) => {
                tint(canvas, [-6, 8]);
                inset(face, canvas);
            }
            Self::CutOut(behind) => cut_out(behind, canvas),
        }
    }
}

fn tint(canvas: &mut Canvas, shift: [i16; 2]) {
    let frame = canvas.frame_mut();
    for (plane, shift) in [&mut frame.blue, &mut frame.red].into_iter().zip(shift) {
        for byte in plane {
            let moved = (i16::from(*byte) + shift).clamp(16, 240);
            *byte = u8::try_from(moved).unwrap_or(128);
        }
    }
}

/// A picture with a white edge at the right, below the corner.
fn inset(picture: &Frame, canvas: &mut Canvas) {
    let (width, height) = (whole_f32(canvas.width()), whole_f32(canvas.height()));
    let side = width.min(height) * 0.28;
    let (left, top) = (width - side * 1.15, height * 0.3);
    let edge = (side * 0.03).max(1.0);
    let corners = |grow: f32| {
        let (right, bottom) = (left + side + grow, top + side + grow);
        [(left - grow, top - grow), (right, top - grow), (right, bottom), (left - grow, bottom)]
    };
    canvas.fill_polygon(&corners(edge), Colour::WHITE.ink(), 1.0);
    let even = |value: f32| whole(value) & !1;
    let square = crate::domain::Pixels {
        width: u32::try_from(even(side).max(16)).unwrap_or(16),
        height: u32::try_from(even(side).max(16)).unwrap_or(16),
    };
    let Ok(mut small) = Frame::black(square) else { return };
    let area = Area::covering(picture.size(), square);
    small.draw(picture, area, &mut Rows::default());
    paste(&small, (even(left), even(top)), canvas.frame_mut());
}

/// Copies a frame into another one; what lies outside is left out. Places are even.
fn paste(from: &Frame, at: (usize, usize), to: &mut Frame) {
    let (across, inside) = (from.size().width as usize, to.size().width as usize);
    let planes =
        [(&from.luma, &mut to.luma, 1), (&from.blue, &mut to.blue, 2), (&from.red, &mut to.red, 2)];
    for (from, to, half) in planes {
        let (across, inside) = (across / half, inside / half);
        let (left, top) = (at.0 / half, at.1 / half);
        let width = across.min(inside.saturating_sub(left));
        for (row, pixels) in from.chunks_exact(across).enumerate() {
            let start = (top + row) * inside + left;
            if let Some(place) = to.get_mut(start..start + width) {
                place.copy_from_slice(&pixels[..width]);
            }
        }
    }
}

/// Keeps an upright oval in the middle.
fn cut_out(behind: &Frame, canvas: &mut Canvas) {
    let (width, height) = (canvas.width(), canvas.height());
    let frame = canvas.frame_mut();
    let planes = [
        (&behind.luma, &mut frame.luma, 1),
        (&behind.blue, &mut frame.blue, 2),
        (&behind.red, &mut frame.red, 2),
    ];
    for (behind, plane, half) in planes {
        let (across, down) = (width / half, height / half);
        for y in 0..down {
            let from_middle = (whole_f32(y) / whole_f32(down) - 0.56) / 0.47;
            let open = (1.0 - from_middle * from_middle).max(0.0).sqrt();
            let reach = whole(open * 0.33 * whole_f32(down)).min(across / 2);
            let row = y * across..(y + 1) * across;
            let (kept, behind) = (&mut plane[row.clone()], &behind[row]);
            let middle = across / 2;
            kept[..middle - reach].copy_from_slice(&behind[..middle - reach]);
            kept[middle + reach..].copy_from_slice(&behind[middle + reach..]);
        }
    }
}

/// Squares of two greys, which stand for nothing.
pub(in crate::sandbox) fn chequered(
    size: crate::domain::Pixels,
) -> Result<Frame, crate::media::encode::EncodeError> {
    let mut frame = Frame::black(size)?;
    let square = (size.height as usize / 24).max(2);
    for (y, row) in frame.luma.chunks_mut(size.width as usize).enumerate() {
        for (x, byte) in row.iter_mut().enumerate() {
            *byte = if (x / square + y / square).is_multiple_of(2) { 200 } else { 160 };
        }
    }
    Ok(frame)
}
