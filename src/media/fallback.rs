//! What nothing here can read, asked of `ffprobe` and `ffmpeg`, where they are installed.
//!
//! Runs in the child process only, and inherits its limits and its empty environment.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::poster::Picture;
use super::probe::Unreadable;
use super::sniff::Sniffed;
use crate::domain::{MediaFacts, MediaKind, Pixels};

/// Measures a file with `ffprobe`.
pub(crate) fn probe(file: &Path, sniffed: Sniffed) -> Result<MediaFacts, Unreadable> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-protocol_whitelist", "file,pipe", "-of", "json"]);
    command.args(["-show_entries", "format=duration"]);
    command.args(["-show_entries", "stream=codec_type,codec_name,width,height,avg_frame_rate"]);
    command.arg("-i").arg(named(file));
    let output = run(command, sniffed.extension)?;
    let told: Value = serde_json::from_slice(&output)
        .map_err(|error| Unreadable::because("ffprobe gave no answer", &error))?;
    Ok(facts(&told, sniffed.kind))
}

fn facts(told: &Value, kind: MediaKind) -> MediaFacts {
    let streams = told["streams"].as_array().map_or(&[][..], Vec::as_slice);
    let of_type = |name: &str| streams.iter().find(|stream| stream["codec_type"] == name);
    let (video, sound) = (of_type("video"), of_type("audio"));
    let shown = if kind == MediaKind::Audio { sound } else { video.or(sound) };
    let side = |name: &str| video.and_then(|stream| u32::try_from(stream[name].as_u64()?).ok());
    let duration = told["format"]["duration"].as_str().and_then(|text| text.parse::<f64>().ok());
    MediaFacts {
        codec: shown.and_then(|stream| stream["codec_name"].as_str()).map(str::to_owned),
        duration_ms: duration.filter(|_| kind != MediaKind::Image).map(whole_ms),
        fps_milli: video
            .filter(|_| kind == MediaKind::Video)
            .and_then(|stream| rate(stream["avg_frame_rate"].as_str()?)),
        pixels: side("width")
            .zip(side("height"))
            .filter(|_| kind != MediaKind::Audio)
            .map(|(width, height)| Pixels { width, height }),
        has_audio: (kind != MediaKind::Image).then_some(sound.is_some()),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole_ms(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// `24000/1001` in thousandths.
fn rate(text: &str) -> Option<u32> {
    let (frames, seconds) = text.split_once('/')?;
    let (frames, seconds): (u64, u64) = (frames.parse().ok()?, seconds.parse().ok()?);
    let milli = frames.checked_mul(1000)?.checked_div(seconds)?;
    u32::try_from(milli).ok().filter(|milli| *milli > 0)
}

/// One picture of a video that nothing here decodes.
pub(crate) fn poster(file: &Path, fit: Pixels, at_ms: u64) -> Result<Picture, Unreadable> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-threads", "1"]);
    command.args(["-protocol_whitelist", "file,pipe"]);
    command.arg("-ss").arg(format!("{}.{:03}", at_ms / 1000, at_ms % 1000));
    command.arg("-i").arg(named(file)).args(["-frames:v", "1", "-filter_threads", "1", "-vf"]);
    command.arg(format!("scale={}:{}:force_original_aspect_ratio=decrease", fit.width, fit.height));
    command.args(["-f", "image2pipe", "-c:v", "ppm", "pipe:1"]);
    let output = run(command, "this codec")?;
    portable_pixmap(&output)
        .ok_or_else(|| Unreadable("ffmpeg found no picture in the file".to_owned()))
}

/// A name that cannot be taken for an option or another protocol.
fn named(file: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(file);
    name
}

fn run(mut command: Command, what: &str) -> Result<Vec<u8>, Unreadable> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(|error| match error
            .kind()
        {
            ErrorKind::NotFound => {
                Unreadable(format!("no reader for {what} here; {program} is not installed"))
            }
            _ => Unreadable::because(&format!("{program} did not start"), &error),
        })?;
    if !output.status.success() {
        return Err(Unreadable(format!("{program} could not read the file")));
    }
    Ok(output.stdout)
}

/// `P6`, width, height, 255, one white space, then the colours.
fn portable_pixmap(bytes: &[u8]) -> Option<Picture> {
    let mut rest = bytes.strip_prefix(b"P6")?;
    let mut number = || -> Option<u32> {
        rest = rest.trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (figure, after) = rest.split_at(digits);
        rest = after;
        std::str::from_utf8(figure).ok()?.parse().ok()
    };
    let (width, height, depth) = (number()?, number()?, number()?);
    let rgb = rest.get(1..)?;
    (depth == 255).then(|| Picture::from_rgb(Pixels { width, height }, rgb.to_vec()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixmap_is_only_read_whole() {
        let whole = portable_pixmap(b"P6\n2 1\n255\nabcdef").unwrap();
        assert_eq!((whole.width, whole.height, &whole.rgb[..]), (2, 1, &b"abcdef"[..]));
        assert_eq!(portable_pixmap(b"P6\n2 1\n255\nabcde"), None);
        assert_eq!(portable_pixmap(b"P5\n2 1\n255\nabcdef"), None);
    }

    #[test]
    fn odd_frame_rates_keep_their_thousandths() {
        assert_eq!(rate("24000/1001"), Some(23976));
        assert_eq!(rate("24/1"), Some(24000));
        assert_eq!(rate("0/0"), None);
    }
}
