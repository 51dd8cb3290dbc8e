//! A given film, frame by frame.

use std::collections::VecDeque;

use tokio::sync::mpsc::Receiver;

use super::ShotError;
use super::canvas::{Canvas, whole_f32};
use super::scene::Scene;
use crate::domain::Pixels;
use crate::media::Unreadable;
use crate::media::encode::Frame;

/// What a reader tells: a frame, the end, or what is wrong.
pub(in crate::sandbox) type Read = Result<Option<Frame>, Unreadable>;

/// A film that was given, or one that is drawn in its place.
pub(in crate::sandbox) struct Footage {
    /// How large its frames are.
    pub(in crate::sandbox) size: Pixels,
    /// Frames a second, in thousandths.
    pub(in crate::sandbox) fps_milli: u32,
    source: Source,
}

enum Source {
    /// Frames that were looked at already, and the rest.
    Decoded(VecDeque<Frame>, Receiver<Read>),
    Drawn {
        scene: Box<Scene>,
        frame: Frame,
        next: u32,
        frames: u32,
    },
}

impl Footage {
    /// Frames as a reader sends them, of which the first has come.
    pub(in crate::sandbox) fn decoded(first: Frame, rest: Receiver<Read>, fps_milli: u32) -> Self {
        Self { size: first.size(), fps_milli, source: Source::Decoded([first].into(), rest) }
    }

    /// One frame.
    pub(in crate::sandbox) fn still(frame: Frame) -> Self {
        let (sender, rest) = tokio::sync::mpsc::channel(1);
        // There is room for one word, and it is said.
        let _ = sender.try_send(Ok(None));
        Self::decoded(frame, rest, 1000)
    }

    /// A drawn film.
    pub(in crate::sandbox) fn drawn(
        size: Pixels,
        fps_milli: u32,
        frames: u32,
        seed: u64,
    ) -> Result<Self, ShotError> {
        let (scene, frame) = (Box::new(Scene::new(size, seed)?), Frame::black(size)?);
        Ok(Self { size, fps_milli, source: Source::Drawn { scene, frame, next: 0, frames } })
    }

    /// The next frame; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, ShotError> {
        match &mut self.source {
            Source::Decoded(seen, rest) => {
                if let Some(frame) = seen.pop_front() {
                    return Ok(Some(frame));
                }
                // A reader that is gone without a word was stopped with the server.
                Ok(rest.blocking_recv().ok_or(ShotError::Stopped)??)
            }
            Source::Drawn { scene, frame, next, frames } => {
                if next >= frames {
                    return Ok(None);
                }
                let mut canvas = Canvas::new(frame.clone());
                scene.paint(
                    whole_f32(*next as usize) * 1000.0 / whole_f32(self.fps_milli as usize),
                    &mut canvas,
                );
                *next += 1;
                Ok(Some(canvas.frame().clone()))
            }
        }
    }
}
