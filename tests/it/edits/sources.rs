//! Films to work on, made by `ffmpeg` itself: small, short, and each awkward in one way. And the judge.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::binary::{Home, Ran};

/// Whether there is anything to test with; says so where there is not.
pub(super) fn can_be_tested() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let both = is_there("ffmpeg") && is_there("ffprobe");
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

/// Makes those of the awkward films that are named.
pub(super) fn made(folder: &Path, names: &[&str]) {
    for name in names {
        let file = format!("{name}.mp4");
        match *name {
            "plain" => drop(plain(folder, &file)),
            "long" => drop(film(folder, &file, "testsrc=s=160x90:r=24:d=3", Some("sine=440:d=3"))),
            "odd" => drop(odd(folder)),
            "turned" => drop(turned(folder)),
            // One frame, upright.
            "few" => drop(film(folder, &file, "testsrc=s=90x160:r=2:d=0.5", None)),
            "wide" => drop(film(folder, &file, "testsrc=s=160x90:r=2:d=0.5", None)),
            "clean" => drop(film(folder, &file, "testsrc=s=160x90:r=24:d=1", None)),
            // Every grain of it is kept: it is heavy.
            "noisy" => {
                let pictures = "testsrc=s=160x90:r=24:d=1,format=yuv420p,\
                                noise=alls=14:allf=t:all_seed=7";
                let hiss = "sine=440:d=1,volume=4[a];anoisesrc=d=1:a=0.05:seed=1[b];\
                            [a][b]amix=normalize=0";
                let words = ["-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", hiss];
                let made = ["-c:v", "libx264", "-crf", "8", "-c:a", "aac", &file];
                ffmpeg(folder, &[&words[..], &made].concat());
            }
            // A camera that is held by a hand.
            "shaken" => {
                let pictures = "testsrc2=s=320x180:r=24:d=1,\
                                crop=160:90:80+6*sin(n*1.7):45+5*cos(n*2.3)";
                drop(film(folder, &file, pictures, None));
            }
            "tone" => ffmpeg(folder, &["-f", "lavfi", "-i", "sine=880:d=2", "tone.m4a"]),
            other => panic!("{other} is no film"),
        }
    }
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
    seen(file, at, "null")
}

/// The same, changed in its shape before.
pub(super) fn seen(file: &Path, at: &str, shaped: &str) -> Vec<u8> {
    let input = named(file);
    let words = ["-v", "error", "-ss", at, "-i", &input, "-frames:v", "1", "-vf", shaped];
    let raw = ["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"];
    Command::new("ffmpeg").args(words).args(raw).output().unwrap().stdout
}

/// How much each picture differs from the one before it, on the average.
pub(super) fn unrest(file: &Path) -> f64 {
    let input = named(file);
    let words = ["-v", "error", "-i", &input, "-vf", "crop=iw-48:ih-32", "-f", "rawvideo"];
    let told = Command::new("ffmpeg").args(words).args(["-pix_fmt", "gray", "pipe:1"]).output();
    let pixels = told.unwrap().stdout;
    let pictures: Vec<&[u8]> = pixels.chunks_exact(112 * 58).collect();
    let pairs = pictures.windows(2).map(|pair| distance(pair[0], pair[1]));
    pairs.sum::<f64>() / f64::from(u32::try_from(pictures.len() - 1).unwrap())
}

/// How loud what is not the tone of 440 Hz is, or only the tone: decibels, by its mean.
pub(super) fn softness(file: &Path, without_tone: bool) -> f64 {
    let around = "f=440:width_type=h:w=200";
    let filter = if without_tone {
        format!("bandreject={around},bandreject={around}")
    } else {
        format!("bandpass={around}")
    };
    // What is learned in the first moments is not judged.
    let filter = format!("atrim=start=0.4,{filter},volumedetect");
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostats", "-i"]).arg(named(file));
    let told = command.args(["-vn", "-af", &filter, "-f", "null", "-"]).output().unwrap();
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    let (_, mean) = said.rsplit_once("mean_volume: ").unwrap_or_else(|| panic!("{said}"));
    mean.split_whitespace().next().unwrap().parse().unwrap()
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

/// What was ordered under this key for the job of a line, from the library itself.
pub(super) fn param(home: &Home, line: &Value, key: &str) -> String {
    let library = rusqlite::Connection::open(home.path().join("data/library.db")).unwrap();
    let sql = "SELECT CAST(json_extract(brief, '$.params.' || ?2) AS TEXT) FROM jobs
               WHERE lower(hex(id)) = replace(?1, '-', '')";
    let job = line["job_id"].as_str().unwrap();
    library.query_row(sql, [job, key], |row| row.get(0)).unwrap()
}
