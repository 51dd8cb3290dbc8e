//! Container, codec, size, length and frame rate of a file, from the file itself.
//!
//! [`probe_file`] parses what a stranger sent: it is only called in the child process.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use re_mp4::{Mp4, StsdBoxContent, Track, TrackKind};

use super::sniff::{SNIFF_BYTES, Sniffed, sniff};
use super::{fallback, sound};
use crate::domain::{MediaFacts, MediaKind, Pixels};

/// What is known of a file. Always something: at least what its first bytes say.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// `video/mp4`, by the file's own first bytes.
    pub mime: &'static str,
    /// What kind of file.
    pub kind: MediaKind,
    /// How such a file's name ends, without the dot.
    pub extension: &'static str,
    /// What was measured; empty where nothing could be.
    pub facts: MediaFacts,
    /// Why nothing could be measured.
    pub unreadable: Option<String>,
}

impl Probed {
    /// A file of which only the first bytes say anything.
    pub fn unreadable(sniffed: Sniffed, why: impl Into<String>) -> Self {
        Self { unreadable: Some(why.into()), ..Self::measured(sniffed, MediaFacts::default()) }
    }

    /// A file that was measured.
    pub fn measured(sniffed: Sniffed, facts: MediaFacts) -> Self {
        Self {
            mime: sniffed.mime,
            kind: sniffed.kind,
            extension: sniffed.extension,
            facts,
            unreadable: None,
        }
    }
}

/// Why a file gives no picture or no figures here, as words for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl Unreadable {
    pub(crate) fn because(what: &str, error: &impl std::fmt::Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}

/// What the file's first bytes say.
pub fn sniff_file(file: &Path) -> std::io::Result<Sniffed> {
    let mut first = Vec::with_capacity(SNIFF_BYTES);
    File::open(file)?.take(SNIFF_BYTES as u64).read_to_end(&mut first)?;
    Ok(sniff(&first))
}

/// Measures a file. May panic, loop or ask for a lot of memory on a broken one: child process only.
pub fn probe_file(file: &Path) -> Result<MediaFacts, Unreadable> {
    let open = |error| Unreadable::because("the file cannot be opened", &error);
    let sniffed = sniff_file(file).map_err(open)?;
    match sniffed.extension {
        "mp4" | "mov" | "m4a" => iso_facts(&read_mp4(file)?),
        "wav" => sound::wav_facts(BufReader::new(File::open(file).map_err(open)?))
            .map_err(|error| Unreadable::because("the WAV file is cut short", &error))?
            .ok_or_else(|| Unreadable("the WAV file has no readable header".to_owned())),
        "png" | "jpg" | "gif" | "webp" => picture_facts(file, sniffed),
        "mp3" | "flac" | "ogg" => {
            sound::facts_of(file, sniffed.extension).or_else(|_| fallback::probe(file, sniffed))
        }
        // No parser of ours: ffprobe, where there is one.
        _ if sniffed.kind != MediaKind::Other => fallback::probe(file, sniffed),
        _ => Ok(MediaFacts::default()),
    }
}

/// Reads an MP4 file's boxes, not its pictures: `mdat` is skipped by seeking, so a film of any length
/// costs only its index.
pub(crate) fn read_mp4(file: &Path) -> Result<Mp4, Unreadable> {
    let broken = |error: &dyn std::fmt::Display| Unreadable(format!("not a readable MP4: {error}"));
    let opened = File::open(file).map_err(|error| broken(&error))?;
    let size = opened.metadata().map_err(|error| broken(&error))?.len();
    Mp4::read(BufReader::new(opened), size).map_err(|error| broken(&error))
}

fn iso_facts(mp4: &Mp4) -> Result<MediaFacts, Unreadable> {
    let of_kind = |kind| mp4.tracks().values().find(|track| track.kind == Some(kind));
    let sound = of_kind(TrackKind::Audio);
    if let Some(video) = of_kind(TrackKind::Video) {
        let (codec, pixels) = coding(video, mp4);
        return Ok(MediaFacts {
            codec,
            pixels,
            duration_ms: milliseconds(video.duration, video.timescale),
            fps_milli: frame_rate(video),
            has_audio: Some(sound.is_some()),
        });
    }
    let sound = sound.ok_or_else(|| Unreadable("the MP4 has no video or sound".to_owned()))?;
    Ok(MediaFacts {
        codec: Some("aac".to_owned()),
        duration_ms: milliseconds(sound.duration, sound.timescale),
        has_audio: Some(true),
        ..MediaFacts::default()
    })
}

/// Codec and coded size of a track.
fn coding(track: &Track, mp4: &Mp4) -> (Option<String>, Option<Pixels>) {
    let (codec, width, height) = match &track.trak(mp4).mdia.minf.stbl.stsd.contents {
        StsdBoxContent::Avc1(entry) => ("h264", entry.width, entry.height),
        StsdBoxContent::Hvc1(entry) | StsdBoxContent::Hev1(entry) => {
            ("hevc", entry.width, entry.height)
        }
        StsdBoxContent::Av01(entry) => ("av1", entry.width, entry.height),
        StsdBoxContent::Vp09(entry) => ("vp9", entry.width, entry.height),
        StsdBoxContent::Vp08(entry) => ("vp8", entry.width, entry.height),
        _ => ("", track.width, track.height),
    };
    let pixels = Pixels { width: width.into(), height: height.into() };
    (
        Some(codec.to_owned()).filter(|codec| !codec.is_empty()),
        Some(pixels).filter(|size| size.width > 0 && size.height > 0),
    )
}

/// `units / timescale` in milliseconds, rounded half up.
fn milliseconds(units: u64, timescale: u64) -> Option<u64> {
    let doubled = u128::from(units) * 2000 + u128::from(timescale);
    let ms = doubled.checked_div(u128::from(timescale) * 2)?;
    u64::try_from(ms).ok()
}

/// The average: frames by the time they take.
fn frame_rate(track: &Track) -> Option<u32> {
    let time: u128 = track.samples.iter().map(|sample| u128::from(sample.duration)).sum();
    let frames = track.samples.len() as u128 * u128::from(track.timescale) * 1000;
    let rate = (frames + time / 2).checked_div(time)?;
    u32::try_from(rate).ok().filter(|rate| *rate > 0)
}

fn picture_facts(file: &Path, sniffed: Sniffed) -> Result<MediaFacts, Unreadable> {
    let broken =
        |error: &dyn std::fmt::Display| Unreadable(format!("not a readable picture: {error}"));
    let reader = image::ImageReader::open(file).map_err(|error| broken(&error))?;
    let reader = reader.with_guessed_format().map_err(|error| broken(&error))?;
    let (width, height) = reader.into_dimensions().map_err(|error| broken(&error))?;
    let codec = if sniffed.extension == "jpg" { "jpeg" } else { sniffed.extension };
    Ok(MediaFacts {
        codec: Some(codec.to_owned()),
        pixels: Some(Pixels { width, height }),
        ..MediaFacts::default()
    })
}
