//! A mouth that opens as loud as the sound is.

use std::f32::consts::TAU;

use super::canvas::{Canvas, whole_f32};
use super::dice::Dice;
use super::palette::{Colour, Ink};

/// How far it is open in each frame, from 0 to 1.
pub(in crate::sandbox) struct Mouth {
    open: Vec<f32>,
}

impl Mouth {
    /// As loud as this, frame by frame.
    pub(in crate::sandbox) fn following(loudness: Vec<f32>) -> Self {
        Self { open: loudness }
    }

    /// As somebody talks whom nobody hears.
    pub(in crate::sandbox) fn guessed(seed: u64, frames: u32, fps_milli: u32) -> Self {
        let mut dice = Dice::new(seed ^ 0x6d6f_7574);
        let step = 1000.0 / whole_f32(fps_milli as usize);
        let (mut open, mut left, mut peak) = (Vec::new(), 0.0, 0.0);
        let mut whole = 1.0;
        for _ in 0..frames {
            if left <= 0.0 {
                whole = dice.between(0.14, 0.32);
                left = whole;
                peak = if dice.share() < 0.15 { 0.0 } else { dice.between(0.35, 1.0) };
            }
            open.push(peak * ((1.0 - left / whole) * TAU / 2.0).sin().max(0.0));
            left -= step;
        }
        Self { open }
    }

    pub(super) fn paint(&self, index: u32, canvas: &mut Canvas) {
        let open = self.open.get(index as usize).copied().unwrap_or(0.0).clamp(0.0, 1.0);
        let (width, height) = (whole_f32(canvas.width()), whole_f32(canvas.height()));
        let side = width.min(height);
        let middle = (width / 2.0, height * 0.64);
        let oval = |across: f32, down: f32, ink: Ink, opacity: f32, canvas: &mut Canvas| {
            let points: Vec<_> = (0..28)
                .map(|step| {
                    let (sin, cos) = (whole_f32(step) / 28.0 * TAU).sin_cos();
                    (middle.0 + cos * across * side, middle.1 + sin * down * side)
                })
                .collect();
            canvas.fill_polygon(&points, ink, opacity);
        };
        oval(0.085, 0.016 + 0.062 * open, Colour::WHITE.ink(), 0.9, canvas);
        oval(0.072, 0.005 + 0.055 * open, Colour::BLACK.ink(), 0.9, canvas);
    }
}
