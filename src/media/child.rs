//! The inside of the child process: `rushes media-child probe|poster|frames|planes|sound FILE …`.
//!
//! A demuxer that panics or loops on a few flipped bytes, and a C++ decoder, both fed with what a server
//! sent: whatever they do, they do it here, under limits, without keys and without the library.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::decode::Frames;
use super::fallback;
use super::poster::Picture;
use super::probe::{Unreadable, probe_file, sniff_file};
use crate::domain::{MediaFacts, MediaKind, Pixels};

/// The hidden subcommand that leads here.
pub const SUBCOMMAND: &str = "media-child";

/// Before the words on standard output that say why there is no picture.
pub(super) const WHY: &[u8; 8] = b"RUSHWHY1";

/// Before each frame: this, then its moment in milliseconds (eight bytes, little end first).
pub(super) const FRAME: &[u8; 8] = b"RUSHFRM1";

/// Twice what a frame of 4K needs in the decoder with all its references.
const ADDRESS_SPACE: u64 = 1 << 30;
const CPU_SECONDS: u64 = 10;
/// A film that is watched is decoded for as long as it is watched.
const CPU_SECONDS_FRAMES: u64 = 600;

/// What the child tells of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) facts: MediaFacts,
    pub(super) unreadable: Option<String>,
}

enum Task {
    Probe,
    Poster { fit: Pixels, at_ms: Option<u64> },
    Frames { fit: Pixels, from_ms: u64 },
    Planes,
    Sound,
}

/// Runs the child with the arguments after the subcommand. Called before anything else is set up.
pub fn child_main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some((task, file)) = parse(arguments) else { return ExitCode::from(2) };
    let is_long = matches!(task, Task::Frames { .. } | Task::Planes | Task::Sound);
    let cpu = if is_long { CPU_SECONDS_FRAMES } else { CPU_SECONDS };
    // Without its limits the child does not touch the file.
    if limit(cpu).is_err() {
        return ExitCode::from(71);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match task {
        Task::Probe => tell(&file, &mut out),
        Task::Poster { fit, at_ms } => show(&file, fit, at_ms, &mut out),
        Task::Frames { fit, from_ms } => play(&file, fit, from_ms, &mut out),
        Task::Planes => unpack(&file, &mut out),
        Task::Sound => convert(&file, &mut out),
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Option<(Task, PathBuf)> {
    let mut arguments = arguments.into_iter();
    let name = arguments.next()?;
    let file = PathBuf::from(arguments.next()?);
    let (mut width, mut height, mut at_ms) = (None, None, None);
    while let Some(flag) = arguments.next() {
        let value: u64 = arguments.next()?.to_str()?.parse().ok()?;
        match flag.to_str()? {
            "--width" => width = Some(u32::try_from(value).ok()?),
            "--height" => height = Some(u32::try_from(value).ok()?),
            "--at-ms" => at_ms = Some(value),
            _ => return None,
        }
    }
    let fit = width.zip(height).map(|(width, height)| Pixels { width, height });
    let task = match name.to_str()? {
        "probe" => Task::Probe,
        "poster" => Task::Poster { fit: fit?, at_ms },
        "frames" => Task::Frames { fit: fit?, from_ms: at_ms.unwrap_or(0) },
        "planes" => Task::Planes,
        "sound" => Task::Sound,
        _ => return None,
    };
    Some((task, file))
}

fn limit(cpu_seconds: u64) -> rustix::io::Result<()> {
    let to = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, to(ADDRESS_SPACE))?;
    setrlimit(Resource::Cpu, to(cpu_seconds))?;
    setrlimit(Resource::Core, to(0))
}

fn tell(file: &Path, out: &mut impl Write) -> io::Result<()> {
    let told = match probe_file(file) {
        Ok(facts) => Told { facts, unreadable: None },
        Err(why) => Told { facts: MediaFacts::default(), unreadable: Some(why.0) },
    };
    serde_json::to_writer(out, &told).map_err(io::Error::other)
}

fn show(file: &Path, fit: Pixels, at_ms: Option<u64>, out: &mut impl Write) -> io::Result<()> {
    match poster(file, fit, at_ms) {
        Ok(picture) => picture.write_raw(out),
        Err(why) => explain(&why, out),
    }
}

fn play(file: &Path, fit: Pixels, from_ms: u64, out: &mut impl Write) -> io::Result<()> {
    let mut frames = match Frames::open(file, fit, from_ms) {
        Ok(Some(frames)) => frames,
        Ok(None) => return explain(&Unreadable("only H.264 can be played here".to_owned()), out),
        Err(why) => return explain(&why, out),
    };
    loop {
        match frames.next_frame() {
            Ok(Some((at_ms, _))) if at_ms < from_ms => {}
            Ok(Some((at_ms, picture))) => {
                out.write_all(FRAME)?;
                out.write_all(&at_ms.to_le_bytes())?;
                picture.write_raw(&mut *out)?;
                out.flush()?;
            }
            Ok(None) => return Ok(()),
            Err(why) => return explain(&why, out),
        }
    }
}

/// Every frame of a film in its own size; by `ffmpeg` where it is not H.264.
fn unpack(file: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut frames = match Frames::planes(file) {
        Ok(Some(frames)) => frames,
        Ok(None) => {
            return match fallback::planes(file, out) {
                Ok(ended) => ended,
                Err(why) => explain(&why, out),
            };
        }
        Err(why) => return explain(&why, out),
    };
    loop {
        match frames.next_frame() {
            Ok(Some((_, planes))) => write_planes(&planes, out)?,
            Ok(None) => return Ok(()),
            Err(why) => return explain(&why, out),
        }
    }
}

/// One frame: its mark, its size, its planes.
pub(super) fn write_planes(planes: &[u8], out: &mut impl Write) -> io::Result<()> {
    out.write_all(FRAME)?;
    out.write_all(planes)
}

/// The sound of a file as a bare AAC stream, by `ffmpeg`.
fn convert(file: &Path, out: &mut impl Write) -> io::Result<()> {
    match fallback::sound(file, out) {
        Ok(ended) => ended,
        Err(why) => explain(&why, out),
    }
}

fn explain(why: &Unreadable, out: &mut impl Write) -> io::Result<()> {
    out.write_all(WHY)?;
    out.write_all(why.0.as_bytes())
}

/// The picture at a moment; without one, at a third of the film: first frames are often black.
fn poster(file: &Path, fit: Pixels, at_ms: Option<u64>) -> Result<Picture, Unreadable> {
    let sniffed = sniff_file(file)
        .map_err(|error| Unreadable::because("the file cannot be opened", &error))?;
    match (sniffed.kind, sniffed.extension) {
        (MediaKind::Image, "png" | "jpg" | "gif" | "webp") => still(file, fit),
        (MediaKind::Image, _) => fallback::poster(file, fit, 0),
        (MediaKind::Video, "mp4" | "mov") => {
            let third = || probe_file(file).ok()?.duration_ms.map(|length| length / 3);
            let at_ms = at_ms.or_else(third).unwrap_or(0);
            frame_at(file, fit, at_ms)?.map_or_else(|| fallback::poster(file, fit, at_ms), Ok)
        }
        (MediaKind::Video, _) => fallback::poster(file, fit, at_ms.unwrap_or(0)),
        _ => Err(Unreadable("there is no picture in such a file".to_owned())),
    }
}

/// The frame shown at a moment, the last one for a moment after the end; `None` where it is not H.264.
fn frame_at(file: &Path, fit: Pixels, at_ms: u64) -> Result<Option<Picture>, Unreadable> {
    let Some(mut frames) = Frames::open(file, fit, at_ms)? else { return Ok(None) };
    let mut shown = None;
    while let Some((from_ms, picture)) = frames.next_frame()? {
        if from_ms > at_ms && shown.is_some() {
            break;
        }
        shown = Some(picture);
    }
    shown.map(Some).ok_or_else(|| Unreadable("no frame could be decoded".to_owned()))
}

fn still(file: &Path, fit: Pixels) -> Result<Picture, Unreadable> {
    let broken =
        |error: &dyn std::fmt::Display| Unreadable(format!("not a readable picture: {error}"));
    let reader = image::ImageReader::open(file).map_err(|error| broken(&error))?;
    let reader = reader.with_guessed_format().map_err(|error| broken(&error))?;
    let image = reader.decode().map_err(|error| broken(&error))?;
    // Shrunk first: the original may be larger than any picture we pass around.
    let small =
        image.thumbnail(fit.width.clamp(1, image.width()), fit.height.clamp(1, image.height()));
    let small = small.into_rgb8();
    let size = Pixels { width: small.width(), height: small.height() };
    Picture::from_rgb(size, small.into_raw())
        .ok_or_else(|| Unreadable("the picture is too large".to_owned()))
}
