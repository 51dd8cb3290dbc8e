//! A landscape: sky, sun, drifting clouds, hills in layers, and something that flies.

use std::f32::consts::TAU;

use super::canvas::{Canvas, Mask, whole, whole_f32};
use super::dice::Dice;
use super::flyer::Flyer;
use super::palette::{Colour, Ink, Palette, palettes};
use crate::domain::Pixels;
use crate::media::encode::{EncodeError, Frame};

/// Where the sky meets the most distant hills, from the top.
const HORIZON: f32 = 0.56;

/// Everything about a landscape that does not change from frame to frame.
pub(in crate::sandbox) struct Scene {
    sky: Frame,
    clouds: Vec<Cloud>,
    cloud_ink: Ink,
    hills: Vec<Hill>,
    flyer: Flyer,
}

/// A cloud drifts from `at`, in heights of the picture.
struct Cloud {
    mask: Mask,
    at: (f32, f32),
    speed: f32,
    opacity: f32,
}

/// One range of hills.
struct Hill {
    /// Where it lies without its waves, from the top, in heights of the picture.
    base: f32,
    waves: Vec<Wave>,
    /// How far it moves in a second, in heights of the picture.
    speed: f32,
    /// Lines below the crest where the ground turns into shade.
    folds: Vec<(f32, Wave)>,
    light: Vec<Ink>,
    body: Vec<Ink>,
    shade: Vec<Ink>,
    /// 1 where the sun is at the right, -1 at the left.
    sunward: f32,
}

struct Wave {
    height: f32,
    frequency: f32,
    phase: f32,
    /// Sharp at the top, as mountains are, instead of round.
    sharp: bool,
}

impl Wave {
    fn at(&self, x: f32) -> f32 {
        let angle = x * self.frequency + self.phase;
        let shape = if self.sharp { 1.0 - 2.0 * (angle / 2.0).sin().abs() } else { angle.sin() };
        shape * self.height
    }
}

impl Scene {
    pub(super) fn new(size: Pixels, seed: u64) -> Result<Self, EncodeError> {
        let mut dice = Dice::new(seed);
        let mut all = palettes();
        let palette = all.swap_remove(dice.pick(all.len()));
        let aspect = whole_f32(size.width as usize) / whole_f32(size.height as usize);
        let sun_x = dice.between(0.2, 0.8);
        let sun = (sun_x * aspect, dice.between(0.24, 0.46));
        let sky = paint_sky(size, &palette, sun, &mut dice)?;
        let height = size.height as usize;
        let has_mountains = dice.share() < 0.45;
        let count = 5 + dice.pick(2);
        let hills = (0..count)
            .map(|index| {
                let depth = whole_f32(index) / whole_f32(count - 1);
                let sharp = has_mountains && index < 2;
                hill(
                    &palette,
                    depth,
                    sharp,
                    if sun_x > 0.5 { 1.0 } else { -1.0 },
                    height,
                    &mut dice,
                )
            })
            .collect();
        let clouds = (0..3 + dice.pick(4)).map(|_| cloud(height, aspect, &mut dice)).collect();
        let cloud_ink = palette.horizon.towards(Colour::WHITE, 0.35).ink();
        let flyer = Flyer::new(&palette, aspect, &mut dice);
        Ok(Self { sky, clouds, cloud_ink, hills, flyer })
    }

    /// Paints the landscape as it is so many seconds after the start.
    pub(super) fn paint(&self, seconds: f32, canvas: &mut Canvas) {
        canvas.copy_from(&self.sky);
        let height = whole_f32(canvas.height());
        for cloud in &self.clouds {
            let x = (cloud.at.0 + cloud.speed * seconds) * height;
            let at = (nearest(x), nearest(cloud.at.1 * height));
            canvas.stamp(&cloud.mask, at, self.cloud_ink, cloud.opacity);
        }
        let (far, near) = self.hills.split_at(self.hills.len() - 2);
        for hill in far {
            hill.paint(seconds, canvas);
        }
        self.flyer.paint(seconds, canvas);
        for hill in near {
            hill.paint(seconds, canvas);
        }
    }
}

impl Hill {
    fn paint(&self, seconds: f32, canvas: &mut Canvas) {
        let height = whole_f32(canvas.height());
        let ground = |x: f32| {
            let x = x / height + self.speed * seconds;
            let rise: f32 = self.waves.iter().map(|wave| wave.at(x)).sum();
            (self.base - rise) * height
        };
        let crest: Vec<f32> = (0..canvas.width()).map(|x| ground(whole_f32(x))).collect();
        canvas.fill_below(&crest, &self.light);
        // The crest catches light where it faces the sun: a brim that grows with the slope.
        let brim = |x: usize| {
            let before = crest[x.saturating_sub(3)];
            let after = crest[(x + 3).min(crest.len() - 1)];
            let facing = (after - before) / 6.0 * self.sunward;
            (0.6 + facing * 7.0).clamp(0.0, 4.0) * height / 720.0
        };
        let body: Vec<f32> = crest.iter().enumerate().map(|(x, top)| top + brim(x)).collect();
        canvas.fill_below(&body, &self.body);
        for (below, wave) in &self.folds {
            let fold: Vec<f32> = body
                .iter()
                .enumerate()
                .map(|(x, top)| {
                    let x = whole_f32(x) / height + self.speed * seconds;
                    top + (below + wave.at(x)).max(0.0) * height
                })
                .collect();
            canvas.fill_below(&fold, &self.shade);
        }
    }
}

/// A range of hills: `depth` is 0 for the most distant, 1 for the nearest.
fn hill(
    palette: &Palette,
    depth: f32,
    sharp: bool,
    sunward: f32,
    rows: usize,
    dice: &mut Dice,
) -> Hill {
    let base = HORIZON + 0.02 + depth.powf(1.25) * 0.36;
    let swell = if sharp { 0.11 } else { 0.035 + 0.035 * depth };
    let slow = 4.6 - 2.6 * depth;
    let wave = |share: f32, frequency: f32, sharp: bool, dice: &mut Dice| Wave {
        height: swell * share * dice.between(0.8, 1.2),
        frequency: frequency * dice.between(0.8, 1.2),
        phase: dice.between(0.0, TAU),
        sharp,
    };
    let mut waves = vec![
        wave(1.0, slow, sharp, dice),
        wave(0.45, slow * 2.3, sharp, dice),
        wave(0.16, slow * 5.1, sharp, dice),
    ];
    if sharp {
        waves.push(wave(0.1, slow * 11.0, true, dice));
        waves.push(wave(0.05, slow * 23.0, true, dice));
    }
    let colour = palette.far.towards(palette.near, depth.powf(0.85));
    let gradient = |top: Colour, bottom: Colour| {
        (0..rows)
            .map(|row| {
                let below = (whole_f32(row) / whole_f32(rows) - (base - swell)) / 0.3;
                top.towards(bottom, below).ink()
            })
            .collect::<Vec<Ink>>()
    };
    // Mist in the valleys: the further away, the more of the horizon's light is in front of it.
    let misty = colour.towards(palette.horizon, 0.55 * (1.0 - depth) + 0.05);
    let dark = colour.towards(palette.near, 0.32);
    let folds = (0..if depth > 0.25 { 2 } else { 1 })
        .map(|index| {
            let below = 0.035 + 0.075 * whole_f32(index) + 0.03 * depth;
            (below, wave(0.75, slow * (1.7 + 0.9 * whole_f32(index)), false, dice))
        })
        .collect();
    Hill {
        base,
        waves,
        speed: 0.006 + 0.085 * depth.powf(1.6),
        folds,
        light: gradient(colour.lit_by(palette.sun, 0.42), misty),
        body: gradient(colour, misty),
        shade: gradient(dark, misty.towards(dark, 0.55)),
        sunward,
    }
}

fn paint_sky(
    size: Pixels,
    palette: &Palette,
    sun: (f32, f32),
    dice: &mut Dice,
) -> Result<Frame, EncodeError> {
    let mut frame = Frame::black(size)?;
    let (width, height) = (size.width as usize, size.height as usize);
    let scale = whole_f32(height);
    let radius = dice.between(0.055, 0.085);
    let colour = |x: f32, y: f32| {
        let down = y / HORIZON;
        let sky = if down < 0.55 {
            palette.zenith.towards(palette.middle, (down / 0.55).powf(1.1))
        } else {
            palette.middle.towards(palette.horizon, (down - 0.55) / 0.45)
        };
        let distance = (x - sun.0).hypot((y - sun.1) * 1.04);
        let glow = 0.55 * (-distance * distance / 0.018).exp() + 0.34 * (-distance * 3.4).exp();
        let disc = (radius - distance) * scale / 1.5 + 0.5;
        sky.lit_by(palette.sun, glow).towards(palette.sun, disc)
    };
    for row in 0..height {
        for column in 0..width {
            let (x, y) = (whole_f32(column) / scale, whole_f32(row) / scale);
            // Half a step of noise: without it a smooth sky shows its 219 steps.
            let ink = colour(x, y).ink_with_noise(dice.share() - 0.5);
            frame.luma[row * width + column] = ink.luma;
            if row % 2 == 0 && column % 2 == 0 {
                let at = row / 2 * (width / 2) + column / 2;
                frame.blue[at] = ink.blue;
                frame.red[at] = ink.red;
            }
        }
    }
    if palette.stars {
        for _ in 0..180 {
            let (x, y) =
                (dice.share() * whole_f32(width - 2), dice.share().powf(1.6) * HORIZON * scale);
            let brightness = dice.between(40.0, 150.0);
            let at = whole(y) * width + whole(x);
            let star = &mut frame.luma[at];
            *star =
                star.saturating_add(u8::try_from(whole(brightness)).unwrap_or(u8::MAX)).min(235);
        }
    }
    Ok(frame)
}

/// A few flat discs side by side on one line, as a mask with soft edges.
fn cloud(rows: usize, aspect: f32, dice: &mut Dice) -> Cloud {
    let scale = whole_f32(rows);
    let (across, high) = (dice.between(0.22, 0.5), dice.between(0.018, 0.04));
    let (width, height) = (whole(across * 1.5 * scale).max(4), whole(high * 3.2 * scale).max(4));
    let puffs: Vec<(f32, f32, f32, f32)> = (0..5)
        .map(|index| {
            let along = (whole_f32(index) + dice.between(0.3, 0.7)) / 5.0;
            let middle = 1.0 - (along * 2.0 - 1.0).abs();
            let wide = across * dice.between(0.14, 0.2) * (0.5 + middle);
            (
                across * (0.25 + along),
                high * dice.between(1.5, 1.8),
                wide,
                high * (0.35 + 0.75 * middle),
            )
        })
        .collect();
    let mut mask = Mask::empty(width, height);
    for y in 0..height {
        for x in 0..width {
            let (px, py) = (whole_f32(x) / scale, whole_f32(y) / scale);
            let inside = puffs
                .iter()
                .map(|(cx, cy, wide, tall)| 1.0 - ((px - cx) / wide).hypot((py - cy) / tall))
                .fold(0.0, f32::max);
            mask.cover(x, y, (inside * 1.7).clamp(0.0, 1.0));
        }
    }
    Cloud {
        mask,
        at: (dice.between(-0.2, aspect), dice.between(0.05, 0.36)),
        speed: dice.between(0.006, 0.02),
        opacity: dice.between(0.35, 0.7),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn nearest(value: f32) -> isize {
    value.round() as isize
}
