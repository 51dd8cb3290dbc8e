//! The `ffmpeg` that is installed, and what it can do: asked once for each one, and remembered, because every
//! start of the program wants to know.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::domain::text::printable;

/// A program that says nothing for so long is broken.
const DEADLINE: Duration = Duration::from_secs(10);

/// The parts of `ffmpeg` that make a difference here.
const WANTED: [&str; 10] = [
    "libx264",
    "libopenh264",
    "libvpx-vp9",
    "libopus",
    "drawtext",
    "vidstabtransform",
    "loudnorm",
    "xfade",
    "hqdn3d",
    "afftdn",
];

/// An `ffmpeg` that works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// Where it is.
    pub ffmpeg: PathBuf,
    /// What it calls itself: `5.1.6`.
    pub version: String,
    /// Which of the parts that are used here it has.
    has: BTreeSet<String>,
    /// What tells that it is still the same program.
    stamp: (u64, i64, i64),
    /// What was looked for: an answer to fewer questions is none.
    wanted: BTreeSet<String>,
}

/// Why nothing can be done with `ffmpeg` here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTools {
    /// There is none.
    #[error("ffmpeg is not installed")]
    NotInstalled,
    /// There is one, and it does not run.
    #[error("{} does not run: {why}", file.display())]
    Broken {
        /// Which.
        file: PathBuf,
        /// What happened.
        why: String,
    },
}

impl Tools {
    /// Looks along the search path. `known` is where the answer is remembered.
    pub fn find(search_path: &OsStr, known: &Path) -> Result<Self, NoTools> {
        let names = std::env::split_paths(search_path).map(|folder| folder.join("ffmpeg"));
        let runs = |file: &PathBuf| {
            file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
        };
        let ffmpeg = names.filter(|file| file.is_absolute()).find(runs);
        let ffmpeg = ffmpeg.ok_or(NoTools::NotInstalled)?;
        let broken = |why: String| NoTools::Broken { file: ffmpeg.clone(), why };
        let about = ffmpeg.metadata().map_err(|error| broken(error.to_string()))?;
        let stamp = (about.len(), about.mtime(), about.mtime_nsec());
        let remembered = std::fs::read(known).ok();
        let remembered = remembered.and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        let wanted: BTreeSet<String> = WANTED.into_iter().map(str::to_owned).collect();
        let is_this = |it: &Self| it.ffmpeg == ffmpeg && it.stamp == stamp && it.wanted == wanted;
        if let Some(tools) = remembered.filter(is_this) {
            return Ok(tools);
        }
        let version = ask(&ffmpeg, "-version").map_err(broken)?;
        let mut has = names_in(&ask(&ffmpeg, "-filters").map_err(broken)?);
        has.extend(names_in(&ask(&ffmpeg, "-encoders").map_err(broken)?));
        let version = version_in(&version);
        let tools = Self { version, has, stamp, wanted, ffmpeg: ffmpeg.clone() };
        // A cache that cannot be written only costs time.
        if let Some(folder) = known.parent()
            && let Ok(mut file) = tempfile::NamedTempFile::new_in(folder)
            && serde_json::to_writer(&mut file, &tools).is_ok()
        {
            let _ = file.persist(known);
        }
        Ok(tools)
    }

    /// Whether it has this filter or encoder: one of those that are asked for here.
    pub fn has(&self, part: &str) -> bool {
        debug_assert!(WANTED.contains(&part), "{part} is never looked for");
        self.has.contains(part)
    }

    /// Its encoder for H.264, the better one first.
    pub fn h264(&self) -> Option<&'static str> {
        ["libx264", "libopenh264"].into_iter().find(|name| self.has(name))
    }

    /// What a person may miss in it: what is not made without.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing: Vec<_> =
            WANTED.into_iter().filter(|part| !part.contains("h264") && !self.has(part)).collect();
        missing.retain(|part| *part != "libx264");
        if self.h264().is_none() {
            missing.insert(0, "libx264");
        }
        missing
    }
}

/// Why a model cannot be used here; `None` where it can.
pub(super) fn lack(tools: &Result<Tools, NoTools>, model: &str) -> Option<String> {
    // Clips that agree are put together without any help.
    if model == "local/assemble" {
        return None;
    }
    let tools = match tools {
        Ok(tools) => tools,
        Err(none) => return Some(none.to_string()),
    };
    let part = match model {
        "local/frame" => return None,
        _ if tools.h264().is_none() => "libx264, which writes H.264",
        "local/text" if !tools.has("drawtext") => "drawtext, which writes on pictures",
        "local/denoise" if !tools.has("hqdn3d") => "hqdn3d, which takes noise out of pictures",
        "local/normalise" if !tools.has("loudnorm") => "loudnorm, which measures loudness",
        _ => return None,
    };
    Some(format!("the ffmpeg here was built without {part}"))
}

fn ask(ffmpeg: &Path, question: &str) -> Result<String, String> {
    let mut child = Command::new(ffmpeg)
        .args(["-hide_banner", question])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut output = child.stdout.take().ok_or("it says nothing")?;
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = Read::by_ref(&mut output).take(1 << 20).read_to_end(&mut text);
        text
    });
    let until = Instant::now() + DEADLINE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("no answer within {} s", DEADLINE.as_secs()));
            }
        }
    };
    if !status.success() {
        return Err(format!("it ended with {status}"));
    }
    let text = reading.join().map_err(|_| "it says nothing")?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// `ffmpeg version 5.1.6-0+deb12u1 Copyright …`
fn version_in(text: &str) -> String {
    let word = text.split_whitespace().nth(2).unwrap_or("of an unknown version");
    printable(word)
}

/// The second word of each line that begins with flags.
fn names_in(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.split_whitespace().nth(1));
    names.filter(|name| WANTED.contains(name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program that answers like `ffmpeg`, and writes down that it was asked.
    fn pretend(folder: &Path, filters: &str) {
        let script = format!(
            "#!/bin/sh\necho \"$2\" >> '{0}/asked'\ncase \"$2\" in\n-version) echo 'ffmpeg version 7.9 \
             Copyright';;\n-filters) echo ' T.C {filters}  V->V  Something.';;\n-encoders) echo ' V..... \
             libx264  H.264';;\nesac\n",
            folder.display()
        );
        let file = folder.join("ffmpeg");
        std::fs::write(&file, script).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn what_ffmpeg_can_do_is_asked_once_for_each_one_that_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        let known = folder.path().join("known.json");
        assert_eq!(Tools::find(OsStr::new(""), &known), Err(NoTools::NotInstalled));
        assert_eq!(Tools::find(folder.path().as_os_str(), &known), Err(NoTools::NotInstalled));

        // The shell itself has to be found by its full name: children see no path.
        pretend(folder.path(), "drawtext");
        let first = Tools::find(folder.path().as_os_str(), &known).unwrap();
        assert_eq!((first.version.as_str(), first.h264()), ("7.9", Some("libx264")));
        assert!(first.has("drawtext") && !first.has("loudnorm"));
        assert_eq!(Tools::find(folder.path().as_os_str(), &known).unwrap(), first);
        let asked = || std::fs::read_to_string(folder.path().join("asked")).unwrap();
        assert_eq!(asked().lines().count(), 3);

        // What an older program remembered says nothing of what it did not ask.
        let older = std::fs::read_to_string(&known).unwrap().replace(",\"xfade\"", "");
        std::fs::write(&known, older).unwrap();
        assert_eq!(Tools::find(folder.path().as_os_str(), &known).unwrap(), first);
        assert_eq!(asked().lines().count(), 6);

        pretend(folder.path(), "loudnorm_and_more");
        let second = Tools::find(folder.path().as_os_str(), &known).unwrap();
        assert!(!second.has("drawtext"), "another program is asked again");
        assert_eq!(asked().lines().count(), 9);

        let all = Ok(second);
        assert_eq!(lack(&all, "local/trim"), None);
        assert!(lack(&all, "local/text").unwrap().contains("drawtext"));
        assert!(lack(&all, "local/denoise").unwrap().contains("hqdn3d"));
        let none = Err(NoTools::NotInstalled);
        assert_eq!(lack(&none, "local/assemble"), None);
        assert_eq!(lack(&none, "local/frame").as_deref(), Some("ffmpeg is not installed"));
    }
}
