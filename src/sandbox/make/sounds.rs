//! What is heard beside the pictures: a given sound as it is, or a few notes.

use std::io::Read;
use std::path::Path;

use super::{Maker, Told};
use crate::media::mp4::Track;
use crate::media::probe::sniff_file;
use crate::sandbox::film::{ShotError, tone};

/// What `ffmpeg`'s encoder puts before the sound.
const PRIMING: u32 = 1024;

impl Maker {
    /// The sound of a file, of which no more is heard than so many seconds: as it is where it is AAC, converted where `ffmpeg`
    /// is installed, or else none, and that is told.
    pub(super) async fn carried(
        &self,
        file: &Path,
        seconds: f64,
        told: &mut Told,
    ) -> Result<Option<Track>, ShotError> {
        let (folder, path) = (self.folder.clone(), file.to_owned());
        let read = tokio::task::spawn_blocking(move || as_it_is(&folder, &path, seconds));
        if let Some(track) = read.await.map_err(std::io::Error::other)?? {
            return Ok(Some(track));
        }
        let name = sniff_file(file)?.extension.to_uppercase();
        let Some(reader) = &self.reader else {
            told.note(format!("silent: the sound is {name} and this sandbox has no reader"));
            return Ok(None);
        };
        let converted = tempfile::Builder::new().suffix(".aac").tempfile_in(&self.folder)?;
        if let Err(why) = reader.aac(file, converted.path()).await {
            told.note(format!("silent: the sound of {name} cannot be carried ({why})"));
            return Ok(None);
        }
        let folder = self.folder.clone();
        let track = tokio::task::spawn_blocking(move || {
            let stream = std::io::BufReader::new(converted.reopen()?);
            Track::aac(&folder, stream, PRIMING, Some(milliseconds(seconds)))
        });
        Ok(track.await.map_err(std::io::Error::other)??)
    }

    /// Notes of this seed.
    pub(super) fn notes(&self, seed: u64, seconds: f64) -> Result<Option<Track>, ShotError> {
        let length = milliseconds(seconds);
        Ok(Track::aac(&self.folder, tone::aac(seed, length), PRIMING, Some(length))?)
    }
}

/// AAC in an MP4 or bare.
fn as_it_is(folder: &Path, file: &Path, seconds: f64) -> std::io::Result<Option<Track>> {
    let most = milliseconds(seconds);
    match sniff_file(file)?.extension {
        "mp4" | "m4a" | "mov" => Ok(match Track::sound_of(file)? {
            // A few frames are the encoder's own; more than that is too long.
            Some(track) if track.length_ms() > most + 250 => Track::sound_of_at_most(file, most)?,
            track => track,
        }),
        "aac" => {
            let stream: Box<dyn Read> =
                Box::new(std::io::BufReader::new(std::fs::File::open(file)?));
            Track::aac(folder, stream, 0, Some(most))
        }
        _ => Ok(None),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
