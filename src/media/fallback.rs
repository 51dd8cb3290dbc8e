//! What nothing here can read, asked of `ffprobe` and `ffmpeg`, where they are installed.
//!
//! Runs in the child process only, and inherits its limits and its empty environment.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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

/// Every frame of a video that nothing here decodes, as the child writes frames.
pub(crate) fn planes(file: &Path, out: &mut impl Write) -> Result<std::io::Result<()>, Unreadable> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-threads", "1"]);
    command.args(["-protocol_whitelist", "file,pipe"]).arg("-i").arg(named(file));
    command.args(["-an", "-filter_threads", "1", "-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"]);
    command.args(["-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "pipe:1"]);
    let mut running = start(command, "this codec")?;
    let Some(frames) = running.stdout.take() else {
        return Err(Unreadable("ffmpeg gave no frames".to_owned()));
    };
    let mut frames = BufReader::with_capacity(1 << 18, frames);
    let mut line = Vec::new();
    let figure = |line: &[u8], mark: u8| -> Option<u32> {
        let word = line.split(|byte| *byte == b' ').find(|word| word.first() == Some(&mark))?;
        std::str::from_utf8(&word[1..]).ok()?.trim_end().parse().ok()
    };
    let read = Read::by_ref(&mut frames).take(4096).read_until(b'\n', &mut line);
    let size = read.ok().and_then(|_| figure(&line, b'W').zip(figure(&line, b'H')));
    let Some((width, height)) = size.filter(|(width, height)| *width <= 8192 && *height <= 8192)
    else {
        return Err(Unreadable("ffmpeg could not read the file".to_owned()));
    };
    let mut planes = [width.to_le_bytes(), height.to_le_bytes()].concat();
    planes.resize(8 + width as usize * height as usize * 3 / 2, 0);
    Ok((|| {
        loop {
            line.clear();
            Read::by_ref(&mut frames).take(4096).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                running.wait()?;
                return Ok(());
            }
            frames.read_exact(&mut planes[8..])?;
            super::child::write_planes(&planes, out)?;
        }
    })())
}

/// The sound of a file as a bare AAC stream.
pub(crate) fn sound(file: &Path, out: &mut impl Write) -> Result<std::io::Result<()>, Unreadable> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-threads", "1"]);
    command.args(["-protocol_whitelist", "file,pipe"]).arg("-i").arg(named(file));
    command.args(["-vn", "-ac", "2", "-ar", "44100", "-c:a", "aac", "-b:a", "96k"]);
    // The same file gives the same bytes.
    command.args(["-flags", "+bitexact", "-fflags", "+bitexact", "-f", "adts", "pipe:1"]);
    let mut running = start(command, "this sound")?;
    let Some(mut stream) = running.stdout.take() else {
        return Err(Unreadable("ffmpeg gave no sound".to_owned()));
    };
    let copied = std::io::copy(&mut stream, out);
    match running.wait() {
        Ok(status) if !status.success() => {
            Err(Unreadable("ffmpeg could not read the file".to_owned()))
        }
        _ => Ok(copied.map(|_| ())),
    }
}

fn start(mut command: Command, what: &str) -> Result<Child, Unreadable> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().map_err(|error| not_started(&command, &error, what))
}

fn not_started(command: &Command, error: &std::io::Error, what: &str) -> Unreadable {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => {
            Unreadable(format!("no reader for {what} here; {program} is not installed"))
        }
        _ => Unreadable::because(&format!("{program} did not start"), error),
    }
}

/// A name that cannot be taken for an option or another protocol.
fn named(file: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(file);
    name
}

fn run(mut command: Command, what: &str) -> Result<Vec<u8>, Unreadable> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| not_started(&command, &error, what))?;
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
