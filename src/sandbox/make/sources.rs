//! What was given, read by the child process; drawn stand-ins where it cannot be.

use std::path::PathBuf;

use tokio::sync::mpsc;

use super::{Maker, Told};
use crate::domain::{MediaFacts, Pixels};
use crate::media::encode::Frame;
use crate::media::mp4::Track;
use crate::media::{MediaChild, Probed};
use crate::sandbox::film::footage::{Footage, Read};
use crate::sandbox::film::{ShotError, stand_in};
use crate::sandbox::given::Thing;
use crate::sandbox::plan::{FPS_MILLI, frames};

/// How a film looks that stands for another one.
const STAND_IN: Pixels = Pixels { width: 1280, height: 720 };
const STAND_IN_S: f64 = 5.0;

/// A given film that is about to be read.
pub(super) struct Film {
    pub(super) footage: Footage,
    pub(super) seconds: f64,
    /// The file, unless it is a stand-in.
    pub(super) file: Option<PathBuf>,
    pub(super) has_sound: bool,
}

impl Maker {
    /// A given picture, large enough for this size.
    pub(super) async fn picture(
        &self,
        thing: &Thing,
        size: Pixels,
        told: &mut Told,
    ) -> Result<Frame, ShotError> {
        let most = size.width.max(size.height).saturating_mul(3) / 2;
        let fit = Pixels { width: most.min(3840), height: most.min(3840) };
        if let Some((reader, file)) = self.readable(thing, told) {
            // Of a film its first moment.
            match reader.poster_at(&file, fit, 0).await {
                Ok(picture) => return Ok(Frame::from_picture(&picture)?),
                Err(why) => told.note(format!("{}: {why}; a stand-in was drawn", thing.key)),
            }
        }
        Ok(stand_in(size, thing.seed)?)
    }

    /// The size of a given picture, where it can be read.
    pub(super) async fn picture_size(&self, thing: &Thing) -> Option<Pixels> {
        let probed = self.reader.as_ref()?.probe(thing.file.as_deref()?).await;
        probed.facts.pixels.filter(|size| size.width >= 16 && size.height >= 16)
    }

    /// A given film. `again` shows it from the start when it is over.
    pub(super) async fn film(
        &self,
        thing: &Thing,
        again: bool,
        told: &mut Told,
    ) -> Result<Film, ShotError> {
        if let Some((reader, file)) = self.readable(thing, told) {
            let Probed { facts, .. } = reader.probe(&file).await;
            let (sender, mut receiver) = mpsc::channel(2);
            tokio::spawn(send(reader, file.clone(), again, sender));
            match receiver.recv().await {
                Some(Ok(Some(first))) => {
                    let fps_milli = facts.fps_milli.unwrap_or(FPS_MILLI).clamp(1000, 120_000);
                    let footage = Footage::decoded(first, receiver, fps_milli);
                    let (seconds, has_sound) = (seconds(&facts), facts.has_audio == Some(true));
                    return Ok(Film { footage, seconds, file: Some(file), has_sound });
                }
                Some(Err(why)) => told.note(format!("{}: {why}; a stand-in was drawn", thing.key)),
                _ => told.note(format!("{}: no frame in it; a stand-in was drawn", thing.key)),
            }
        }
        let count = if again { u32::MAX } else { frames(STAND_IN_S, FPS_MILLI) };
        let footage = Footage::drawn(STAND_IN, FPS_MILLI, count, thing.seed)?;
        Ok(Film { footage, seconds: STAND_IN_S, file: None, has_sound: false })
    }

    /// How long a given sound is, in seconds.
    pub(super) async fn sound_length(&self, thing: &Thing, told: &mut Told) -> Option<f64> {
        let (reader, file) = self.readable(thing, told)?;
        let probed = reader.probe(&file).await;
        if probed.facts.duration_ms.is_none() {
            let why = probed.unreadable.unwrap_or_else(|| "its length is not known".to_owned());
            told.note(format!("{}: {why}", thing.key));
        }
        // What is played of an MP4 may be less than what is in it.
        let played = tokio::task::spawn_blocking(move || Track::sound_of(&file)).await;
        let played = played.ok().and_then(Result::ok).flatten().map(|track| track.length_ms());
        let milliseconds = probed.facts.duration_ms.map(|ms| played.unwrap_or(ms).min(ms))?;
        Some(std::time::Duration::from_millis(milliseconds).as_secs_f64())
    }

    /// The reader and the file, or a word on why there is none.
    pub(super) fn readable(&self, thing: &Thing, told: &mut Told) -> Option<(MediaChild, PathBuf)> {
        let Some(file) = &thing.file else {
            let key = &thing.key;
            told.note(format!(
                "{key} lies elsewhere and the sandbox is offline; a stand-in was drawn"
            ));
            return None;
        };
        let Some(reader) = &self.reader else {
            told.note(format!("{}: this sandbox has no reader; a stand-in was drawn", thing.key));
            return None;
        };
        Some((reader.clone(), file.clone()))
    }
}

/// The length that was measured.
fn seconds(facts: &MediaFacts) -> f64 {
    facts.duration_s().unwrap_or(STAND_IN_S)
}

/// Sends a film's frames for as long as somebody takes them.
async fn send(reader: MediaChild, file: PathBuf, again: bool, to: mpsc::Sender<Read>) {
    loop {
        let mut any = false;
        let mut stream = match reader.planes(&file) {
            Ok(stream) => stream,
            Err(why) => return drop(to.send(Err(why)).await),
        };
        loop {
            match stream.next().await {
                Ok(None) => break,
                read => {
                    let is_end = read.is_err();
                    if to.send(read).await.is_err() || is_end {
                        return;
                    }
                    any = true;
                }
            }
        }
        if !again || !any {
            // Nobody may be listening any more, and that is all right.
            return drop(to.send(Ok(None)).await);
        }
    }
}
