//! Where the frames of a film come from.

use super::canvas::{Canvas, whole_f32};
use super::footage::Footage;
use super::look::Look;
use super::mouth::Mouth;
use super::scene::Scene;
use super::slides::Slides;
use super::{Shot, ShotError};
use crate::domain::Pixels;
use crate::media::encode::Frame;
use crate::media::scale::{Area, Rows};

/// A source of frames.
pub(in crate::sandbox) enum Reel {
    /// A drawn landscape.
    Landscape(Box<Scene>),
    /// Given pictures.
    Slides(Box<Slides>),
    /// A given film, and what is done to it.
    Footage(Box<Reeled>),
    /// Any of these with a mouth that moves.
    Talking(Box<Self>, Mouth),
}

/// A given film on its way into another one.
pub(in crate::sandbox) struct Reeled {
    footage: Footage,
    look: Look,
    /// How many frames follow after its end.
    added: u32,
    /// Those frames, and the number of the first of them.
    after: Option<(Slides, u32)>,
    last: Option<Frame>,
    rows: Rows,
    /// Whether it is as the person gave it.
    is_given: bool,
}

/// What is in the canvas now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Painted {
    /// Nothing: the film is over.
    Over,
    /// A frame that somebody gave.
    Given,
    /// A frame that was made.
    New,
}

impl Reel {
    /// A given film with a look.
    pub(in crate::sandbox) fn footage(footage: Footage, look: Look) -> Self {
        let is_given = matches!(look, Look::Plain);
        Self::Footage(Box::new(Reeled {
            footage,
            look,
            added: 0,
            after: None,
            last: None,
            rows: Rows::default(),
            is_given,
        }))
    }

    /// A given film that goes on for so many frames.
    pub(in crate::sandbox) fn extended(footage: Footage, added: u32) -> Self {
        let mut reel = Self::footage(footage, Look::Plain);
        if let Self::Footage(reeled) = &mut reel {
            reeled.added = added;
        }
        reel
    }

    /// Paints the frame with this number. Frames are asked for in order.
    pub(super) fn paint(
        &mut self,
        index: u32,
        shot: &Shot,
        canvas: &mut Canvas,
    ) -> Result<Painted, ShotError> {
        let is_over = index >= shot.frames;
        match self {
            Self::Landscape(_) | Self::Slides(_) | Self::Talking(..) if is_over => {
                Ok(Painted::Over)
            }
            Self::Landscape(scene) => {
                scene.paint(seconds(index, shot), canvas);
                Ok(Painted::New)
            }
            Self::Slides(slides) => {
                slides.paint(index, shot, canvas)?;
                Ok(Painted::New)
            }
            Self::Footage(reeled) => reeled.paint(index, shot, canvas),
            Self::Talking(reel, mouth) => {
                let painted = reel.paint(index, shot, canvas)?;
                if painted != Painted::Over {
                    mouth.paint(index, canvas);
                }
                Ok(painted)
            }
        }
    }
}

/// The moment of a frame.
pub(super) fn seconds(index: u32, shot: &Shot) -> f32 {
    whole_f32(index as usize) * 1000.0 / whole_f32(shot.fps_milli as usize)
}

impl Reeled {
    fn paint(
        &mut self,
        index: u32,
        shot: &Shot,
        canvas: &mut Canvas,
    ) -> Result<Painted, ShotError> {
        if let Some((slides, first)) = &mut self.after {
            let later = Shot { frames: self.added, ..shot.clone() };
            if index - *first >= self.added {
                return Ok(Painted::Over);
            }
            // The first of them moves on already: the last given frame was just shown.
            slides.paint_on(index - *first + 1, self.added + 1, &later, canvas)?;
            return Ok(Painted::New);
        }
        // Never more than was asked for, whatever the file holds.
        let next = if index < shot.frames { self.footage.next()? } else { None };
        let Some(frame) = next else { return self.go_on(index, shot, canvas) };
        let area = area(frame.size(), shot.size);
        canvas.frame_mut().draw(&frame, area, &mut self.rows);
        self.look.apply(index, canvas);
        if self.added > 0 {
            self.last = Some(canvas.frame().clone());
        }
        Ok(if self.is_given { Painted::Given } else { Painted::New })
    }

    fn go_on(
        &mut self,
        index: u32,
        shot: &Shot,
        canvas: &mut Canvas,
    ) -> Result<Painted, ShotError> {
        let Some(last) = self.last.take().filter(|_| self.added > 0) else {
            return Ok(Painted::Over);
        };
        self.after = Some((Slides::new(vec![last], shot), index));
        self.paint(index, shot, canvas)
    }
}

/// All of a frame where it has nearly the shape of the film, or else the middle of it.
fn area(size: Pixels, target: Pixels) -> Area {
    let shape = |size: Pixels| whole_f32(size.width as usize) / whole_f32(size.height as usize);
    if (shape(size) / shape(target) - 1.0).abs() < 0.02 {
        Area::whole(size)
    } else {
        Area::covering(size, target)
    }
}
