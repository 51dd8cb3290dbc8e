//! A shot: prompt, seed and size → frames → H.264 → MP4. The same shot gives the same file.

mod canvas;
mod dice;
mod flyer;
pub(super) mod footage;
mod letters;
mod look;
mod mouth;
mod palette;
mod reel;
mod scene;
mod slate;
pub(super) mod slides;
pub(super) mod tone;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use canvas::Canvas;
use scene::Scene;
use slate::Slate;

pub(super) use look::{Look, chequered};
pub(super) use mouth::Mouth;
pub(super) use reel::{Painted, Reel};

use crate::domain::Pixels;
use crate::media::encode::{EncodeError, Film, Frame};
use crate::media::mp4::Track;
use crate::media::{Picture, Unreadable};

/// Everything that is written on a film, and its measures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shot {
    /// Both sides even.
    pub(super) size: Pixels,
    /// How many frames, as far as the picture says it.
    pub(super) frames: u32,
    /// Frames a second, in thousandths.
    pub(super) fps_milli: u32,
    /// What the landscape is drawn from.
    pub(super) seed: u64,
    /// The seed as the picture says it.
    pub(super) seed_shown: String,
    /// The text in the picture.
    pub(super) prompt: String,
    /// What was done to a given film, instead of seed and frame.
    pub(super) label: Option<String>,
}

/// Why no film was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShotError {
    /// The encoder or the disk refused.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The disk refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What was given is damaged.
    #[error("the given film cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// The server is stopping.
    #[error("rendering was stopped")]
    Stopped,
}

impl Shot {
    /// Writes the film into a new file; looks between frames whether to stop. Tells how many frames are in it.
    pub(super) fn film(
        &self,
        reel: &mut Reel,
        sound: Option<Track>,
        file: &Path,
        stop: &AtomicBool,
    ) -> Result<u32, ShotError> {
        let with_prompt = Slate::new(self);
        // What somebody gave is marked, and not written over.
        let without = Slate::new(&Self { prompt: String::new(), ..self.clone() });
        let mut canvas = Canvas::new(Frame::black(self.size)?);
        let mut writer = Film::at_rate(file, self.size, self.fps_milli)?;
        for index in 0.. {
            if stop.load(Ordering::Relaxed) {
                return Err(ShotError::Stopped);
            }
            match reel.paint(index, self, &mut canvas)? {
                Painted::Over => break,
                Painted::Given => without.paint(index, &mut canvas),
                Painted::New => with_prompt.paint(index, &mut canvas),
            }
            writer.push(canvas.frame())?;
        }
        Ok(writer.finish_with(sound)?)
    }

    /// The first picture of a reel alone, for models that make pictures.
    pub(super) fn still(&self, reel: &mut Reel) -> Result<Picture, ShotError> {
        let slate = Slate::new(&Self { frames: 1, ..self.clone() });
        let mut canvas = Canvas::new(Frame::black(self.size)?);
        reel.paint(0, self, &mut canvas)?;
        slate.paint(0, &mut canvas);
        let rgb = canvas.frame().to_rgb();
        Ok(Picture { width: self.size.width, height: self.size.height, rgb })
    }

    /// A landscape of this seed.
    pub(super) fn landscape(&self) -> Result<Reel, ShotError> {
        Ok(Reel::Landscape(Box::new(Scene::new(self.size, self.seed)?)))
    }
}

/// A landscape as a picture, in place of one that is not at hand.
pub(super) fn stand_in(size: Pixels, seed: u64) -> Result<Frame, EncodeError> {
    let mut canvas = Canvas::new(Frame::black(size)?);
    Scene::new(size, seed)?.paint(0.0, &mut canvas);
    Ok(canvas.frame().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(seed: u64) -> Shot {
        Shot {
            size: Pixels { width: 320, height: 180 },
            frames: 6,
            fps_milli: 24_000,
            seed,
            seed_shown: seed.to_string(),
            prompt: "a red kite over dunes".to_owned(),
            label: None,
        }
    }

    fn film(shot: &Shot) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film.mp4");
        shot.film(&mut shot.landscape().unwrap(), None, &file, &AtomicBool::new(false)).unwrap();
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
                assert_eq!(
                    shot.still(&mut shot.landscape().unwrap()).unwrap().rgb.len(),
                    (width * height * 3) as usize
                );
            }
        }
    }

    #[test]
    fn a_film_that_is_stopped_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let mut reel = shot(1).landscape().unwrap();
        let file = folder.path().join("film.mp4");
        let stopped = shot(1).film(&mut reel, None, &file, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(ShotError::Stopped)));
    }
}
