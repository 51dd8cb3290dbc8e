//! A few soft notes, for models that make sound.

use std::f32::consts::TAU;

use super::Shot;
use super::canvas::{whole, whole_f32};
use super::dice::Dice;

const RATE: u32 = 24_000;

/// Notes that go together whatever the order.
const SCALE: [f32; 6] = [220.0, 261.63, 293.66, 329.63, 392.0, 440.0];

/// A WAV file, 16 bit mono, as long as the shot.
pub(in crate::sandbox) fn wav(shot: &Shot) -> Vec<u8> {
    let samples = u64::from(shot.frames) * u64::from(RATE) / u64::from(shot.fps);
    let bytes = u32::try_from(samples * 2).unwrap_or(u32::MAX - 44);
    let mut file = b"RIFF".to_vec();
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(bytes.to_le_bytes());
    let mut dice = Dice::new(shot.seed);
    let beat = whole_f32(RATE as usize) * 0.5;
    let mut pitch = SCALE[0];
    for index in 0..bytes / 2 {
        let at = whole_f32(index as usize) % beat;
        if whole(at) == 0 {
            pitch = SCALE[dice.pick(SCALE.len())];
        }
        let fade = (1.0 - at / beat).powi(2) * (at / 240.0).min(1.0);
        let angle = at * pitch * TAU / whole_f32(RATE as usize);
        let sound = (angle.sin() + 0.3 * (angle * 2.0).sin()) * fade * 9_000.0;
        file.extend(sample(sound).to_le_bytes());
    }
    file
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn sample(value: f32) -> i16 {
    value as i16
}
