//! Given pictures as a film: a slow push towards the first, a fade from each to the next, an end on the last.

use super::canvas::{Canvas, whole_f32};
use super::dice::Dice;
use super::flyer::Flyer;
use super::reel::seconds;
use super::{Shot, ShotError};
use crate::media::encode::Frame;
use crate::media::scale::{Area, Rows};

/// How much nearer the camera comes.
const PUSH: f32 = 0.14;

/// This share of the time from one picture to the next, the first of them is seen alone.
const ALONE: f32 = 0.6;

/// Pictures that are shown one after the other.
pub(in crate::sandbox) struct Slides {
    pictures: Vec<Frame>,
    /// What flies past, where nothing else moves.
    flyer: Option<Flyer>,
    /// Where the camera looks in the end, from -1 to 1 across and down.
    towards: (f32, f32),
    other: Option<Frame>,
    rows: Rows,
}

impl Slides {
    /// At least one picture.
    pub(in crate::sandbox) fn new(pictures: Vec<Frame>, shot: &Shot) -> Self {
        let mut dice = Dice::new(shot.seed);
        let towards = (dice.between(-1.0, 1.0), dice.between(-0.6, 0.6));
        let flyer = Some(Flyer::of_seed(shot.seed, shot.size));
        Self { pictures, flyer, towards, other: None, rows: Rows::default() }
    }

    /// The same without anything that flies.
    pub(in crate::sandbox) fn still(self) -> Self {
        Self { flyer: None, ..self }
    }

    pub(super) fn paint(
        &mut self,
        index: u32,
        shot: &Shot,
        canvas: &mut Canvas,
    ) -> Result<(), ShotError> {
        self.paint_on(index, shot.frames, shot, canvas)
    }

    /// The frame with this number of so many.
    pub(super) fn paint_on(
        &mut self,
        index: u32,
        frames: u32,
        shot: &Shot,
        canvas: &mut Canvas,
    ) -> Result<(), ShotError> {
        let share = whole_f32(index as usize) / whole_f32(frames.saturating_sub(1).max(1) as usize);
        let last = self.pictures.len().saturating_sub(1);
        let place = share.min(1.0) * whole_f32(last);
        let first = super::canvas::whole(place).min(last);
        let after = place - whole_f32(first);
        let push = if last == 0 { share } else { after };
        self.draw(first, push, canvas);
        let fade = ((after - ALONE) / (1.0 - ALONE)).clamp(0.0, 1.0);
        if fade > 0.0 && first < last {
            let mut under = match self.other.take() {
                Some(frame) => frame,
                None => Frame::black(shot.size)?,
            };
            // Each picture stands still and whole at its own moment.
            let from = self.area(first + 1, after - 1.0, canvas);
            under.draw(&self.pictures[first + 1], from, &mut self.rows);
            canvas.frame_mut().mix(&under, fade * fade * (3.0 - 2.0 * fade));
            self.other = Some(under);
        }
        if let Some(flyer) = &self.flyer {
            // It is not in the first picture, which is the one that was given, nor in the last.
            if index > 0 && share < 1.0 {
                flyer.paint(seconds(index, shot), canvas);
            }
        }
        Ok(())
    }

    fn draw(&mut self, picture: usize, push: f32, canvas: &mut Canvas) {
        let area = self.area(picture, push, canvas);
        canvas.frame_mut().draw(&self.pictures[picture], area, &mut self.rows);
    }

    fn area(&self, picture: usize, push: f32, canvas: &Canvas) -> Area {
        let whole = Area::covering(self.pictures[picture].size(), canvas.frame().size());
        whole.nearer(1.0 + PUSH * push.abs(), self.towards.0, self.towards.1)
    }
}
