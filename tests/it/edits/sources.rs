//! Films to work on, made by `ffmpeg` itself: small, short, and each awkward in one way. And the judge.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::binary::{Home, Ran};

/// Whether there is anything to test with; says so where there is not.
pub(super) fn can_be_tested() -> bool {
    let runs = |name: &str| Command::new(name).arg("-version").output().is_ok();
    let both = runs("ffmpeg") && runs("ffprobe");
    if !both {
        eprintln!("skipped: ffmpeg or ffprobe is not installed");
    }
    both
}

/// Runs `ffmpeg` in a folder.
pub(super) fn ffmpeg(folder: &Path, words: &[&str]) {
    let command = ["-hide_banner", "-nostdin", "-v", "error", "-y"];
    let made = Command::new("ffmpeg").current_dir(folder).args(command).args(words).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{words:?}: {}", String::from_utf8_lossy(&made.stderr));
}

/// A second of 160x90 at 24 frames with a tone.
pub(super) fn plain(folder: &Path, name: &str) -> PathBuf {
    film(folder, name, "testsrc=s=160x90:r=24:d=1", Some("sine=440:d=1"))
}

/// A second with odd sides at 29.97 frames, without sound.
pub(super) fn odd(folder: &Path) -> PathBuf {
    let words = ["-f", "lavfi", "-i", "testsrc=s=161x91:r=30000/1001:d=1", "-c:v", "libx264"];
    ffmpeg(folder, &[&words[..], &["-pix_fmt", "yuv444p", "odd.mp4"]].concat());
    folder.join("odd.mp4")
}

/// The plain film, to be shown turned by a quarter.
pub(super) fn turned(folder: &Path) -> PathBuf {
    plain(folder, "upright.mp4");
    let words = ["-display_rotation", "90", "-i", "upright.mp4", "-c", "copy", "turned.mp4"];
    let newer = Command::new("ffmpeg").current_dir(folder).args(["-y"]).args(words).output();
    if !newer.unwrap().status.success() {
        let words = ["-i", "upright.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90"];
        ffmpeg(folder, &[&words[..], &["turned.mp4"]].concat());
    }
    folder.join("turned.mp4")
}

/// A film of these pictures, with this sound.
pub(super) fn film(folder: &Path, name: &str, pictures: &str, sound: Option<&str>) -> PathBuf {
    let mut words = vec!["-f", "lavfi", "-i", pictures];
    if let Some(sound) = sound {
        words.extend(["-f", "lavfi", "-i", sound, "-c:a", "aac"]);
    }
    let file = folder.join(name);
    let named = format!("file:{}", file.display());
    words.extend(["-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "mp4", &named]);
    ffmpeg(folder, &words);
    file
}

/// What `ffprobe` says of a file.
#[derive(Debug)]
pub(super) struct Judged(Value);

impl Judged {
    pub(super) fn of(file: &Path) -> Self {
        let words =
            ["-v", "error", "-of", "json", "-show_streams", "-show_format", "-count_frames"];
        let told = Command::new("ffprobe").args(words).arg("-i").arg(named(file)).output().unwrap();
        assert!(told.stderr.is_empty(), "{}", String::from_utf8_lossy(&told.stderr));
        Self(serde_json::from_slice(&told.stdout).unwrap())
    }

    fn stream(&self, kind: &str) -> Option<&Value> {
        self.0["streams"].as_array().unwrap().iter().find(|it| it["codec_type"] == kind)
    }

    pub(super) fn size(&self) -> (u64, u64) {
        let video = self.stream("video").unwrap();
        (video["width"].as_u64().unwrap(), video["height"].as_u64().unwrap())
    }

    pub(super) fn codec(&self, kind: &str) -> Option<&str> {
        self.stream(kind)?["codec_name"].as_str()
    }

    pub(super) fn rate(&self) -> &str {
        self.stream("video").unwrap()["r_frame_rate"].as_str().unwrap()
    }

    pub(super) fn frames(&self) -> u64 {
        let video = self.stream("video").unwrap();
        video["nb_read_frames"].as_str().unwrap().parse().unwrap()
    }

    pub(super) fn seconds(&self) -> f64 {
        self.0["format"]["duration"].as_str().unwrap().parse().unwrap()
    }
}

fn named(file: &Path) -> String {
    format!("file:{}", file.display())
}

/// The brightness of the picture that is shown at a moment, pixel by pixel.
pub(super) fn brightness(file: &Path, at: &str) -> Vec<u8> {
    let input = named(file);
    let words = ["-v", "error", "-ss", at, "-i", &input, "-frames:v", "1", "-f", "rawvideo"];
    let told = Command::new("ffmpeg").args(words).args(["-pix_fmt", "gray", "pipe:1"]).output();
    told.unwrap().stdout
}

/// How far apart two pictures are on the average.
pub(super) fn distance(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u32 = one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
    f64::from(sum) / f64::from(u32::try_from(one.len()).unwrap())
}

/// The integrated loudness of a file.
pub(super) fn loudness(file: &Path) -> f64 {
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostats", "-i"]).arg(named(file));
    let told = command.args(["-af", "ebur128", "-f", "null", "-"]).output().unwrap();
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    let line = said.lines().filter_map(|line| line.trim().strip_prefix("I:")).next_back().unwrap();
    line.trim().trim_end_matches("LUFS").trim().parse().unwrap()
}

/// `rushes generate --json` with these words, to its end.
pub(super) async fn generate(home: &Home, model: &str, words: &[&str]) -> Ran {
    home.run(&[&["generate", "--json", "-m", model][..], words].concat()).await
}

/// The takes of a run that did well.
pub(super) async fn takes(home: &Home, model: &str, words: &[&str]) -> Vec<Value> {
    let ran = generate(home, model, words).await;
    assert_eq!(ran.code(), Some(0), "{model} {words:?}: {ran:?}");
    ran.of_type("take")
}

/// The file of a take.
pub(super) fn file(take: &Value) -> PathBuf {
    PathBuf::from(take["path"].as_str().unwrap())
}
