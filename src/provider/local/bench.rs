//! Where the work is done: measuring what is given, running `ffmpeg`, saying how far it is.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;

use super::orders::{self, Step};
use super::{NoTools, Tools};
use crate::domain::MediaFacts;
use crate::domain::text::printable;
use crate::media::MediaChild;

/// More than this of what `ffmpeg` complains about is not kept.
const MOST_SAID: usize = 64 << 10;

/// Files that belong to the order itself.
const OF_THE_ORDER: [&str; 6] =
    ["order.json", "ended.json", "worker.json", "step.json", "progress", "attempts"];

/// Why nothing was made, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed(pub(super) String);

impl Failed {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<NoTools> for Failed {
    fn from(none: NoTools) -> Self {
        Self(none.to_string())
    }
}

/// A film or a recording that is worked on.
#[derive(Debug, Clone)]
pub(super) struct Clip {
    pub(super) file: PathBuf,
    pub(super) facts: MediaFacts,
    pub(super) bytes: u64,
}

impl Clip {
    /// Its name, for a person.
    pub(super) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or(self.file.as_os_str());
        printable(&name.to_string_lossy())
    }

    pub(super) fn seconds(&self) -> Result<f64, Failed> {
        let length = self.facts.duration_s().filter(|seconds| *seconds > 0.0);
        length.ok_or_else(|| Failed(format!("the length of {} cannot be read", self.name())))
    }

    pub(super) fn has_sound(&self) -> bool {
        self.facts.has_audio == Some(true)
    }

    /// Whether its pictures can stay as they are in an MP4 file.
    pub(super) fn is_mp4_picture(&self) -> bool {
        matches!(self.facts.codec.as_deref(), Some("h264" | "hevc" | "av1"))
    }

    pub(super) fn rate(&self) -> Rate {
        Rate::of(self.facts.fps_milli.unwrap_or(30_000))
    }
}

/// Frames a second, as a fraction: `30000/1001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate(u32, u32);

impl Rate {
    /// The exact rate that so many thousandths mean.
    fn of(milli: u32) -> Self {
        let is_television = |rate: &u32| milli.abs_diff(rate * 1_000_000 / 1001) <= 1;
        let television = [24, 30, 48, 60, 120].into_iter().find(is_television);
        television.map_or(Self(milli.max(1), 1000), |rate| Self(rate * 1000, 1001))
    }

    /// The frames that fill so many seconds best, at least one, and how long they are exactly.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above zero")]
    pub(super) fn whole(self, seconds: f64) -> (u64, f64) {
        let each = self.frame();
        let frames = (seconds / each).round().max(1.0);
        (frames as u64, frames * each)
    }

    /// The same for parts that follow each other. Where one ends is rounded, not how long it is: however many
    /// there are, each begins within half a frame of where it should, and all of it is as long as it should be.
    #[expect(clippy::cast_precision_loss, reason = "no film has that many frames")]
    pub(super) fn whole_after_each_other(self, parts: &[f64]) -> Vec<(u64, f64)> {
        let (mut wanted, mut reached) = (0.0, 0);
        let one = |seconds: &f64| {
            wanted += seconds;
            let frames = self.whole(wanted).0.saturating_sub(reached).max(1);
            reached += frames;
            (frames, frames as f64 * self.frame())
        };
        parts.iter().map(one).collect()
    }

    /// How long one frame is, in seconds.
    fn frame(self) -> f64 {
        f64::from(self.1) / f64::from(self.0)
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.0, self.1)
    }
}

/// The arguments of one run of `ffmpeg`. Outputs and helping files are named within the order's folder, which
/// is where it runs; what is given has a full name.
#[derive(Debug, Clone, Default)]
pub(super) struct Line(Vec<OsString>);

impl Line {
    /// Options as they are, one a word.
    #[must_use]
    pub(super) fn with(mut self, words: &[&str]) -> Self {
        self.0.extend(words.iter().map(OsString::from));
        self
    }

    /// One option with its value.
    #[must_use]
    pub(super) fn set(self, option: &str, value: impl AsRef<str>) -> Self {
        self.with(&[option, value.as_ref()])
    }

    /// And everything of another line.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// An input that was given: never taken for an option, for another protocol, or for a list of files.
    #[must_use]
    pub(super) fn input(mut self, file: &Path) -> Self {
        let mut name = OsString::from("file:");
        name.push(file);
        self = self.with(&["-protocol_whitelist", "file,pipe", "-i"]);
        self.0.push(name);
        self
    }
}

/// The work on one order.
pub(super) struct Bench {
    pub(super) folder: PathBuf,
    tools: Result<Tools, NoTools>,
    media: MediaChild,
    progress: File,
    step: Step,
    /// What is told of the take beside what can be measured.
    pub(super) notes: Map<String, Value>,
}

impl Bench {
    pub(super) fn new(
        folder: PathBuf,
        tools: Result<Tools, NoTools>,
        media: MediaChild,
        progress: File,
    ) -> Self {
        let step = Step { done: 0, of: 1, seconds: 0.0 };
        Self { folder, tools, media, progress, step, notes: Map::new() }
    }

    /// How often `ffmpeg` will run, for the progress.
    pub(super) fn steps(&mut self, of: u32) {
        self.step.of = of;
    }

    pub(super) fn tools(&self) -> Result<&Tools, Failed> {
        self.tools.as_ref().map_err(|none| none.clone().into())
    }

    pub(super) fn note(&mut self, key: &str, value: impl Into<Value>) {
        self.notes.insert(key.to_owned(), value.into());
    }

    /// Measures a file, in a child with limits.
    pub(super) async fn clip(&self, file: &Path) -> Result<Clip, Failed> {
        let about = tokio::fs::metadata(file).await;
        let name = || printable(&file.display().to_string());
        let about = about.map_err(|error| Failed(format!("cannot read {}: {error}", name())))?;
        let probed = self.media.probe(file).await;
        if let Some(why) = probed.unreadable {
            return Err(Failed(format!("cannot read {}: {why}", name())));
        }
        Ok(Clip { file: file.to_owned(), facts: probed.facts, bytes: about.len() })
    }

    /// The same for a file that was just made here.
    pub(super) async fn made(&self, name: &str) -> Result<Clip, Failed> {
        self.clip(&self.folder.join(name)).await
    }

    /// Runs `ffmpeg` to its end; `seconds` is how long what comes out will be.
    pub(super) async fn run(&mut self, line: Line, seconds: f64) -> Result<(), Failed> {
        self.run_at(line, seconds, "error").await.map(drop)
    }

    /// The same, and gives what it said.
    pub(super) async fn run_telling(&mut self, line: Line, seconds: f64) -> Result<String, Failed> {
        self.run_at(line, seconds, "info").await
    }

    async fn run_at(&mut self, line: Line, seconds: f64, level: &str) -> Result<String, Failed> {
        let ffmpeg = self.tools()?.ffmpeg.clone();
        self.step.seconds = seconds;
        self.progress.set_len(0)?;
        orders::put(&self.folder, "step.json", &self.step)?;
        let mut child = tokio::process::Command::new(&ffmpeg)
            .args(["-hide_banner", "-nostdin", "-nostats", "-y", "-progress", "pipe:1"])
            .args(["-v", level])
            .args(&line.0)
            .current_dir(&self.folder)
            .env_clear()
            .stdin(Stdio::null())
            // With it the lock goes to ffmpeg, too: as long as either lives, nobody else begins.
            .stdout(self.progress.try_clone()?)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failed(format!("ffmpeg does not start: {error}")))?;
        let mut errors = child.stderr.take().expect("it is piped");
        let mut said = Vec::new();
        let mut part = [0; 4096];
        loop {
            let count = errors.read(&mut part).await?;
            if count == 0 {
                break;
            }
            said.extend_from_slice(&part[..count]);
            if said.len() > MOST_SAID * 2 {
                said.drain(..said.len() - MOST_SAID);
            }
        }
        let status = child.wait().await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        if !status.success() {
            return Err(Failed(reason(&said).unwrap_or_else(|| format!("ffmpeg: {status}"))));
        }
        self.step.done += 1;
        Ok(said)
    }

    /// Whether a file was made, and there is something in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.folder.join(name).metadata().is_ok_and(|about| about.len() > 0)
    }

    /// Removes what helped, but for these files and those of the order itself.
    pub(super) fn clear(&self, kept: &[String]) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !kept.contains(&name) && !OF_THE_ORDER.contains(&name.as_str()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// The last line of what `ffmpeg` said that means something to a person.
fn reason(said: &str) -> Option<String> {
    let lines = said.lines().map(str::trim);
    let mut lines = lines.filter(|line| {
        // What is said after every failure, whatever it was.
        let follows =
            ["Conversion failed!", "Error while ", "Error reinitializing", "Failed to inject"];
        !line.is_empty() && !follows.iter().any(|start| line.starts_with(start))
    });
    let last = lines.next_back()?;
    // `[libx264 @ 0x55d0c8a3e2c0] ` names an address in memory.
    let last = match last.split_once("] ") {
        Some((part, rest)) if part.starts_with('[') && part.contains(" @ 0x") => rest,
        _ => last,
    };
    Some(format!("ffmpeg: {}", printable(last).chars().take(300).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_last_line_that_says_something() {
        let check = |said: &str, expected: Option<&str>| {
            assert_eq!(reason(said).as_deref(), expected, "{said:?}");
        };
        check("", None);
        check("Conversion failed!\n", None);
        check(
            "a\n[libx264 @ 0x55d0] height not divisible\nConversion failed!\n",
            Some("ffmpeg: height not divisible"),
        );
        check("file:/a [b] c.mp4: No such file", Some("ffmpeg: file:/a [b] c.mp4: No such file"));
        check("\u{1b}[31mred", Some("ffmpeg: [31mred"));
    }

    #[test]
    fn rates_of_television_are_exact() {
        let rate = |milli| Rate::of(milli).to_string();
        assert_eq!(rate(29_970), "30000/1001");
        assert_eq!(rate(23_976), "24000/1001");
        assert_eq!(rate(25_000), "25000/1000");
        assert_eq!(rate(30_000), "30000/1000");
        assert_eq!(Rate::of(24_000).whole(1.001), (24, 1.0));
        assert_eq!(Rate::of(24_000).whole(0.001).0, 1);
    }

    #[test]
    fn parts_of_a_film_are_whole_frames_and_together_no_more_than_half_a_frame_off() {
        let frames = |milli, parts: &[f64]| -> Vec<u64> {
            let whole = Rate::of(milli).whole_after_each_other(parts);
            whole.into_iter().map(|(frames, _)| frames).collect()
        };
        // A second and a half is no whole number of frames at one a second: the film is right all the same.
        assert_eq!(frames(1000, &[1.5, 1.5, 1.5, 1.5]), [2, 1, 2, 1]);
        assert_eq!(frames(24_000, &[2.4; 10]).iter().sum::<u64>(), 576);
        assert_eq!(frames(24_000, &[5.5, 5.0, 2.4, 5.0]), [132, 120, 58, 120]);
        assert_eq!(frames(1000, &[0.1, 0.1, 3.0]), [1, 1, 1], "none is left out");
        assert_eq!(frames(29_970, &[1.001, 2.002]), [30, 60]);
    }
}
