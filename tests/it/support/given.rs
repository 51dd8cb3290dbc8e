//! Files that a model can be given: small, and what they say they are.

use std::path::{Path, PathBuf};

use rushes::domain::{Picture, Pixels};
use rushes::media::encode::{Film, Frame};

/// A folder with one file of each kind.
pub(crate) struct Given {
    pub(crate) picture: PathBuf,
    pub(crate) sound: PathBuf,
    pub(crate) film: PathBuf,
}

impl Given {
    /// A picture of 512 by 512, three seconds of silence, and a film of three seconds.
    pub(crate) fn below(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name);
        let given =
            Self { picture: at("face.png"), sound: at("words.wav"), film: at("rushes.mp4") };
        let size = Pixels { width: 512, height: 512 };
        let picture = Picture::from_rgb(size, [200, 40, 50].repeat(512 * 512)).unwrap();
        picture.write_png(&given.picture).unwrap();
        super::sound(&given.sound, 3_000);
        let mut film = Film::create(&given.film, Pixels { width: 640, height: 480 }, 8).unwrap();
        for level in 0..26 {
            let mut frame = Frame::black(Pixels { width: 640, height: 480 }).unwrap();
            frame.luma.fill(90 + level);
            film.push(&frame).unwrap();
        }
        film.finish().unwrap();
        given
    }
}
