//! A shot: prompt, seed and size → frames → H.264 → MP4. The same shot gives the same file.

mod canvas;
mod dice;
mod flyer;
mod letters;
mod palette;
mod scene;
mod slate;
pub(super) mod tone;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use canvas::{Canvas, whole_f32};
use scene::Scene;
use slate::Slate;

use crate::domain::Pixels;
use crate::media::Picture;
use crate::media::encode::{EncodeError, Film, Frame};

/// Everything a film depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shot {
    /// Both sides even.
    pub(super) size: Pixels,
    /// How many frames.
    pub(super) frames: u32,
    /// Frames a second.
    pub(super) fps: u32,
    /// What the landscape is drawn from.
    pub(super) seed: u64,
    /// The seed as the picture says it.
    pub(super) seed_shown: String,
    /// The text in the picture.
    pub(super) prompt: String,
}

/// Why no film was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShotError {
    /// The encoder or the disk refused.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The server is stopping.
    #[error("rendering was stopped")]
    Stopped,
}

impl Shot {
    /// Writes the film into a new file; looks between frames whether to stop.
    pub(super) fn film(&self, file: &Path, stop: &AtomicBool) -> Result<(), ShotError> {
        let scene = Scene::new(self.size, self.seed)?;
        let slate = Slate::new(self);
        let mut canvas = Canvas::new(Frame::black(self.size)?);
        let mut writer = Film::create(file, self.size, self.fps)?;
        for index in 0..self.frames {
            if stop.load(Ordering::Relaxed) {
                return Err(ShotError::Stopped);
            }
            self.paint(index, &scene, &slate, &mut canvas);
            writer.push(canvas.frame())?;
        }
        writer.finish()?;
        Ok(())
    }

    /// Its first picture alone, for models that make pictures.
    pub(super) fn still(&self) -> Result<Picture, EncodeError> {
        let scene = Scene::new(self.size, self.seed)?;
        let slate = Slate::new(&Self { frames: 1, ..self.clone() });
        let mut canvas = Canvas::new(Frame::black(self.size)?);
        self.paint(0, &scene, &slate, &mut canvas);
        let rgb = canvas.frame().to_rgb();
        Ok(Picture { width: self.size.width, height: self.size.height, rgb })
    }

    fn paint(&self, index: u32, scene: &Scene, slate: &Slate, canvas: &mut Canvas) {
        let seconds = whole_f32(index as usize) / whole_f32(self.fps as usize);
        scene.paint(seconds, canvas);
        slate.paint(index, canvas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(seed: u64) -> Shot {
        Shot {
            size: Pixels { width: 320, height: 180 },
            frames: 6,
            fps: 24,
            seed,
            seed_shown: seed.to_string(),
            prompt: "a red kite over dunes".to_owned(),
        }
    }

    fn film(shot: &Shot) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film.mp4");
        shot.film(&file, &AtomicBool::new(false)).unwrap();
        std::fs::read(file).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_file_and_another_seed_another() {
        assert_eq!(film(&shot(7)), film(&shot(7)));
        assert_ne!(film(&shot(7)), film(&shot(8)));
        assert_ne!(film(&shot(7)), film(&Shot { prompt: "a blue kite".to_owned(), ..shot(7) }));
    }

    #[test]
    fn the_picture_moves() {
        let scene = Scene::new(shot(3).size, 3).unwrap();
        let paint = |seconds: f32| {
            let mut canvas = Canvas::new(Frame::black(shot(3).size).unwrap());
            scene.paint(seconds, &mut canvas);
            canvas.frame().luma.clone()
        };
        let (early, late) = (paint(0.0), paint(1.0));
        let changed = early.iter().zip(&late).filter(|(one, other)| one != other).count();
        assert!(changed > early.len() / 50, "only {changed} pixels changed in a second");
    }

    #[test]
    fn any_size_and_any_prompt_can_be_painted() {
        let sizes = [(16, 16), (480, 832), (640, 64), (64, 640), (22, 460)];
        for (width, height) in sizes {
            for prompt in ["", "word ".repeat(300).as_str(), "龍🐉\u{1b}[31m", &"x".repeat(999)]
            {
                let size = Pixels { width, height };
                let shot = Shot { size, frames: 1, prompt: prompt.to_owned(), ..shot(11) };
                assert_eq!(shot.still().unwrap().rgb.len(), (width * height * 3) as usize);
            }
        }
    }

    #[test]
    fn a_film_that_is_stopped_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let stopped = shot(1).film(&folder.path().join("film.mp4"), &AtomicBool::new(true));
        assert!(matches!(stopped, Err(ShotError::Stopped)));
    }
}
