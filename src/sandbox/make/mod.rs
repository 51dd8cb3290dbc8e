//! Makes one output: gathers what was given, decides what is to be seen and heard, and renders.

mod moving;
mod sounds;
mod sources;
mod still;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::film::{Reel, Shot, ShotError, tone};
use super::given::Given;
use super::plan::{FPS_MILLI, Plan, frames};
use crate::domain::{MediaKind, Operation, Pixels};
use crate::media::mp4::{self, Track};
use crate::media::{MediaChild, Picture};

/// Makes outputs in a folder.
pub(super) struct Maker {
    /// Reads what was given; without one, stand-ins are drawn.
    pub(super) reader: Option<MediaChild>,
    /// A film of more pixels has fewer frames a second.
    pub(super) most_drawn: u64,
    pub(super) folder: PathBuf,
    pub(super) closed: Arc<AtomicBool>,
}

/// An output, ready to be rendered.
enum Work {
    /// A film, and a sound beside it.
    Film(Shot, Reel, Option<Track>),
    /// Pictures of a given film as they are, with another sound.
    Dubbed(Track, Option<Track>),
    /// A picture cut to exactly this size.
    Picture(Shot, Reel, Pixels),
    /// Notes.
    Music(Shot),
    /// Words.
    Speech(tone::Voice),
    /// A text.
    Text(String),
}

/// What will be made, in words, while it is being gathered.
#[derive(Default)]
struct Told {
    made: String,
    notes: Vec<String>,
}

impl Told {
    fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }
}

impl Maker {
    /// Makes a file, and tells what is in it and what is not as it was asked for.
    ///
    /// It is made beside and renamed: two processes may make the same, and both are right.
    pub(super) async fn make(
        &self,
        plan: Plan,
        given: Given,
        file: &Path,
    ) -> Result<(String, Vec<String>), ShotError> {
        let mut told = Told::default();
        let work = match plan.kind {
            MediaKind::Video => self.moving(&plan, &given, &mut told).await?,
            MediaKind::Image => self.still(&plan, &given, &mut told).await?,
            MediaKind::Audio => audible(&plan, &mut told),
            MediaKind::Other => {
                let written = words::written_out(&plan);
                let made = if written.is_some() { "written out" } else { "as it was given" };
                told.made = format!("the prompt {made}");
                Work::Text(format!("{}\n", written.unwrap_or(plan.prompt)))
            }
        };
        let (folder, file) = (self.folder.clone(), file.to_owned());
        let closed = Arc::clone(&self.closed);
        tokio::task::spawn_blocking(move || {
            let part = tempfile::Builder::new().suffix(".part").tempfile_in(folder)?;
            work.render(part.path(), &closed)?;
            part.persist(file).map_err(|error| ShotError::Io(error.error))
        })
        .await
        .map_err(io::Error::other)??;
        Ok((told.made, told.notes))
    }
}

impl Work {
    fn render(self, file: &Path, closed: &AtomicBool) -> Result<(), ShotError> {
        match self {
            Self::Film(shot, mut reel, sound) => {
                shot.film(&mut reel, sound, file, closed)?;
            }
            Self::Dubbed(pictures, sound) => {
                mp4::write(file, std::iter::once(pictures).chain(sound).collect())?;
            }
            Self::Picture(shot, mut reel, size) => {
                cut(shot.still(&mut reel)?, size).write_png(file)?;
            }
            Self::Music(shot) => fs::write(file, tone::notes(&shot))?,
            Self::Speech(voice) => fs::write(file, tone::speech(&voice))?,
            Self::Text(text) => fs::write(file, text)?,
        }
        Ok(())
    }
}

/// A picture without the rows and columns that were only there to be even.
fn cut(picture: Picture, size: Pixels) -> Picture {
    let (width, height) = (size.width.min(picture.width), size.height.min(picture.height));
    if (width, height) == (picture.width, picture.height) {
        return picture;
    }
    let row = picture.width as usize * 3;
    let rows = picture.rgb.chunks(row).take(height as usize);
    let rgb = rows.flat_map(|row| &row[..width as usize * 3]).copied().collect();
    Picture { width, height, rgb }
}

/// Words are spoken, anything else is music.
fn audible(plan: &Plan, told: &mut Told) -> Work {
    if plan.operation == Operation::Speech {
        let voice = tone::Voice::new(plan);
        told.made = format!("{} words as tones, one a syllable", voice.words());
        told.note("WAV, 24 kHz: the sandbox has no voice and no other format");
        return Work::Speech(voice);
    }
    "a few notes".clone_into(&mut told.made);
    Work::Music(shot(plan, Pixels { width: 16, height: 16 }, FPS_MILLI, plan.seconds()))
}

fn shot(plan: &Plan, size: Pixels, fps_milli: u32, seconds: f64) -> Shot {
    Shot {
        size,
        frames: frames(seconds, fps_milli),
        fps_milli,
        seed: plan.seed,
        seed_shown: plan.seed.to_string(),
        prompt: plan.prompt.clone(),
        label: None,
    }
}
