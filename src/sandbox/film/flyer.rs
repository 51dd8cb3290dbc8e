//! What flies over the landscape: a kite, a balloon or a flock, picked by the seed.

use std::f32::consts::{PI, TAU};

use super::canvas::{Canvas, Point, whole_f32};
use super::dice::Dice;
use super::palette::{Colour, Ink, Palette, palettes};
use crate::domain::Pixels;

/// One of three, with its own way of moving. Places are in heights of the picture.
pub(super) struct Flyer {
    kind: Kind,
    start: Point,
    /// Heights a second, to the right.
    speed: f32,
    phase: f32,
    accent: Ink,
    accent_shade: Ink,
    second: Ink,
    line: Ink,
}

enum Kind {
    Kite,
    Balloon,
    Flock(Vec<(f32, f32, f32)>),
}

impl Flyer {
    /// One for a picture that somebody gave, in colours of this seed.
    pub(super) fn of_seed(seed: u64, size: Pixels) -> Self {
        let mut dice = Dice::new(seed);
        let mut all = palettes();
        let palette = all.swap_remove(dice.pick(all.len()));
        Self::new(
            &palette,
            whole_f32(size.width as usize) / whole_f32(size.height as usize),
            &mut dice,
        )
    }

    pub(super) fn new(palette: &Palette, aspect: f32, dice: &mut Dice) -> Self {
        let kind = match dice.pick(4) {
            0 | 1 => Kind::Kite,
            2 => Kind::Balloon,
            _ => Kind::Flock(
                (0..7 + dice.pick(5))
                    .map(|_| {
                        (dice.between(-0.26, 0.26), dice.between(-0.1, 0.1), dice.between(0.0, TAU))
                    })
                    .collect(),
            ),
        };
        Self {
            kind,
            start: (dice.between(0.22, 0.55) * aspect, dice.between(0.2, 0.34)),
            speed: dice.between(0.015, 0.04),
            phase: dice.between(0.0, TAU),
            accent: palette.accent.ink(),
            accent_shade: palette.accent.towards(Colour::BLACK, 0.28).ink(),
            second: palette.second.ink(),
            line: palette.near.towards(Colour::WHITE, 0.15).ink(),
        }
    }

    pub(super) fn paint(&self, seconds: f32, canvas: &mut Canvas) {
        let sway = self.phase + seconds * 1.3;
        let at = (
            self.start.0 + self.speed * seconds + 0.02 * (sway * 0.7).sin(),
            self.start.1 + 0.018 * sway.sin(),
        );
        match &self.kind {
            Kind::Kite => self.kite(at, sway, canvas),
            Kind::Balloon => self.balloon(at, canvas),
            Kind::Flock(birds) => self.flock(at, birds, seconds, canvas),
        }
    }

    fn kite(&self, at: Point, sway: f32, canvas: &mut Canvas) {
        let scale = whole_f32(canvas.height());
        let (sin, cos) = (0.32 + 0.16 * (sway * 1.1).sin()).sin_cos();
        let place = |x: f32, y: f32| {
            ((at.0 + x * cos - y * sin) * scale, (at.1 + x * sin + y * cos) * scale)
        };
        let (nose, left, right, foot) =
            (place(0.0, -0.062), place(-0.045, -0.012), place(0.045, -0.012), place(0.0, 0.075));
        let middle = place(0.0, -0.012);

        // Towards somebody below the frame, who holds it.
        let hand = (at.0 - 0.34, 1.05);
        let hangs = |share: f32| {
            let sag = 0.05 * (share * PI).sin();
            (
                (at.0 + (hand.0 - at.0) * share + sag) * scale,
                (at.1 + (hand.1 - at.1) * share + sag) * scale,
            )
        };
        let string: Vec<Point> = (0..=14).map(|step| hangs(whole_f32(step) / 14.0)).collect();
        canvas.stroke(&string, scale * 0.0016, self.line, 0.55);

        let tail: Vec<Point> = (0..=22)
            .map(|step| {
                let along = whole_f32(step) / 22.0;
                let swing = 0.028 * along.sqrt() * (along * 9.0 - sway * 3.2).sin();
                place(swing - along * 0.05, 0.075 + along * 0.17)
            })
            .collect();
        canvas.stroke(&tail, scale * 0.0028, self.second, 1.0);
        for knot in [6, 11, 16, 21] {
            let (x, y) = tail[knot];
            let wing = scale * 0.011;
            for side in [-1.0, 1.0] {
                let bow =
                    [(x, y), (x + side * wing, y - wing * 0.6), (x + side * wing, y + wing * 0.6)];
                canvas.fill_polygon(&bow, self.accent, 1.0);
            }
        }
        canvas.fill_polygon(&[nose, left, middle], self.accent, 1.0);
        canvas.fill_polygon(&[nose, right, middle], self.second, 1.0);
        canvas.fill_polygon(&[foot, left, middle], self.second, 1.0);
        canvas.fill_polygon(&[foot, right, middle], self.accent_shade, 1.0);
    }

    fn balloon(&self, at: Point, canvas: &mut Canvas) {
        let scale = whole_f32(canvas.height());
        let envelope = |from: f32, to: f32| -> Vec<Point> {
            let outline = |side: f32, angle: f32| {
                // A ball that narrows to its mouth.
                let narrow =
                    if angle > PI * 0.5 { 1.0 - 0.32 * (angle / PI - 0.5) * 2.0 } else { 1.0 };
                let long = if angle > PI * 0.5 { 1.3 } else { 1.0 };
                (
                    (at.0 + side * 0.072 * angle.sin() * narrow) * scale,
                    (at.1 - 0.072 * angle.cos() * long) * scale,
                )
            };
            let steps =
                |count: usize| (0..=count).map(move |step| whole_f32(step) / whole_f32(count));
            let down = steps(24).map(|share| outline(from, share * PI * 0.93));
            let mut points: Vec<Point> = down.collect();
            let up: Vec<Point> = steps(24).map(|share| outline(to, share * PI * 0.93)).collect();
            points.extend(up.into_iter().rev());
            points
        };
        let gores = [-1.0, -0.62, -0.22, 0.22, 0.62, 1.0];
        for (index, edges) in gores.windows(2).enumerate() {
            let ink = if index % 2 == 0 { self.accent } else { self.second };
            canvas.fill_polygon(&envelope(edges[0], edges[1]), ink, 1.0);
        }
        canvas.fill_polygon(&envelope(0.45, 1.0), self.accent_shade, 0.28);
        let basket = |x: f32, y: f32| ((at.0 + x) * scale, (at.1 + y) * scale);
        for side in [-1.0, 1.0] {
            let rope = [basket(side * 0.016, 0.088), basket(side * 0.012, 0.122)];
            canvas.stroke(&rope, scale * 0.0016, self.line, 0.9);
        }
        let corners = [(-0.013, 0.12), (0.013, 0.12), (0.011, 0.14), (-0.011, 0.14)];
        canvas.fill_polygon(&corners.map(|(x, y)| basket(x, y)), self.line, 1.0);
    }

    fn flock(&self, at: Point, birds: &[(f32, f32, f32)], seconds: f32, canvas: &mut Canvas) {
        let scale = whole_f32(canvas.height());
        for (x, y, phase) in birds {
            let beat = (seconds * 7.5 + phase).sin();
            let (x, y) = (at.0 + x, at.1 + y * 0.8 + 0.006 * (seconds * 1.7 + phase).sin());
            let size = 0.017 + 0.004 * phase.sin();
            let tip = |side: f32| {
                [
                    ((x + side * size) * scale, (y - size * 0.5 * beat) * scale),
                    ((x + side * size * 0.5) * scale, (y - size * (0.32 * beat + 0.22)) * scale),
                    (x * scale, y * scale),
                ]
            };
            canvas.stroke(&tip(-1.0), scale * 0.0042, self.line, 0.95);
            canvas.stroke(&tip(1.0), scale * 0.0042, self.line, 0.95);
        }
    }
}
