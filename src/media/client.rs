//! The outside of the child process: asks it, waits for so long and no longer, believes nothing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::child::{FRAME, SUBCOMMAND, Told, WHY};
use super::poster::Picture;
use super::probe::{Probed, Unreadable, sniff_file};
use super::sniff::sniff;
use crate::domain::Pixels;
use crate::domain::text::printable;

const DEADLINE: Duration = Duration::from_secs(15);

/// Facts of one file are a few hundred bytes; more is not an answer.
const MOST_TOLD: usize = 64 << 10;

/// Runs the parsers of media in child processes of this program.
#[derive(Debug, Clone)]
pub struct MediaChild {
    program: PathBuf,
    search_path: std::ffi::OsString,
    pub(super) deadline: Duration,
}

impl MediaChild {
    /// Children of this program: its own path (`std::env::current_exe`).
    ///
    /// They find `ffmpeg` and `ffprobe` in the system's folders unless [`MediaChild::search_path`] says
    /// more.
    pub fn new(program: PathBuf) -> Self {
        let search_path = "/usr/local/bin:/usr/bin:/bin".into();
        Self { program, search_path, deadline: DEADLINE }
    }

    /// The same with another `PATH` for `ffmpeg` and `ffprobe`; all that children see of the environment.
    #[must_use]
    pub fn search_path(self, path: impl AsRef<OsStr>) -> Self {
        Self { search_path: path.as_ref().to_owned(), ..self }
    }

    /// The same with another limit on how long a child may take.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Measures a file. Never fails: a crash, a limit, a silence or nonsense is a finding about the file.
    pub async fn probe(&self, file: &Path) -> Probed {
        let path = file.to_owned();
        let sniffed = match tokio::task::spawn_blocking(move || sniff_file(&path)).await {
            Ok(Ok(sniffed)) => sniffed,
            Ok(Err(error)) => return Probed::unreadable(sniff(&[]), error.to_string()),
            Err(error) => return Probed::unreadable(sniff(&[]), error.to_string()),
        };
        let told = match self.ask("probe", file, &[], MOST_TOLD).await {
            Ok(told) => told,
            Err(why) => return Probed::unreadable(sniffed, why.0),
        };
        match serde_json::from_slice::<Told>(&told) {
            Ok(Told { unreadable: Some(why), .. }) => Probed::unreadable(sniffed, printable(&why)),
            Ok(Told { facts, unreadable: None }) => Probed::measured(sniffed, facts),
            Err(_) => Probed::unreadable(sniffed, "the reader gave no readable answer"),
        }
    }

    /// A picture of a file that fits into this frame: of a film at a third of its length.
    pub async fn poster(&self, file: &Path, fit: Pixels) -> Result<Picture, Unreadable> {
        self.picture(file, fit, None).await
    }

    /// A picture of a film at this moment.
    pub async fn poster_at(
        &self,
        file: &Path,
        fit: Pixels,
        at_ms: u64,
    ) -> Result<Picture, Unreadable> {
        self.picture(file, fit, Some(at_ms)).await
    }

    async fn picture(
        &self,
        file: &Path,
        fit: Pixels,
        at_ms: Option<u64>,
    ) -> Result<Picture, Unreadable> {
        let told =
            self.ask("poster", file, &frame_flags(fit, at_ms), Picture::raw_limit(fit)).await?;
        if let Some(why) = told.strip_prefix(WHY) {
            return Err(words(why));
        }
        Picture::from_raw(&told)
            .ok_or_else(|| Unreadable("the reader gave no readable picture".to_owned()))
    }

    /// The frames of an H.264 film from a moment on. The child decodes only as fast as they are taken.
    pub fn frames(
        &self,
        file: &Path,
        fit: Pixels,
        from_ms: u64,
    ) -> Result<FrameStream, Unreadable> {
        let running = self.start("frames", file, &frame_flags(fit, Some(from_ms)))?;
        Ok(FrameStream { running, limit: Picture::raw_limit(fit), deadline: self.deadline })
    }

    async fn ask(
        &self,
        task: &str,
        file: &Path,
        flags: &[String],
        limit: usize,
    ) -> Result<Vec<u8>, Unreadable> {
        let mut running = self.start(task, file, flags)?;
        let answer = async {
            let mut told = Vec::new();
            let bounded = (&mut running.output).take(limit as u64 + 1);
            let mut bounded = std::pin::pin!(bounded);
            bounded.read_to_end(&mut told).await?;
            if told.len() > limit {
                return Ok((told, None));
            }
            running.child.wait().await.map(|status| (told, Some(status)))
        };
        let answered = timeout(self.deadline, answer).await;
        match answered {
            Err(_) => Err(Unreadable(format!(
                "reading it took more than {} s",
                self.deadline.as_secs().max(1)
            ))),
            Ok(Err(error)) => Err(Unreadable::because("the reader was lost", &error)),
            Ok(Ok((_, None))) => Err(Unreadable("the reader said too much".to_owned())),
            Ok(Ok((told, Some(status)))) if status.success() => Ok(told),
            Ok(Ok((_, Some(status)))) => Err(Unreadable(ending(status))),
        }
    }

    pub(super) fn start(
        &self,
        task: &str,
        file: &Path,
        flags: &[String],
    ) -> Result<Running, Unreadable> {
        let mut child = Command::new(&self.program)
            .args([SUBCOMMAND, task])
            .arg(file)
            .args(flags)
            .env_clear()
            .env("PATH", &self.search_path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own: an ffmpeg that the child started ends with it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Unreadable::because("the reader did not start", &error))?;
        let output = child.stdout.take().expect("standard output is piped");
        Ok(Running { child, output })
    }
}

fn frame_flags(fit: Pixels, at_ms: Option<u64>) -> Vec<String> {
    let size = ["--width".into(), fit.width.to_string(), "--height".into(), fit.height.to_string()];
    let moment = at_ms.map(|ms| ["--at-ms".into(), ms.to_string()]);
    size.into_iter().chain(moment.into_iter().flatten()).collect()
}

/// Why the child ended without an answer, in words about the file.
fn ending(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(9 | 24) => "reading it took too much work".to_owned(),
        Some(6) => "reading it took too much memory".to_owned(),
        _ => "the reader stopped at damaged data".to_owned(),
    }
}

pub(super) fn words(why: &[u8]) -> Unreadable {
    Unreadable(printable(&String::from_utf8_lossy(why)))
}

/// A child at work. Ends, with all that it started, when dropped.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) child: Child,
    pub(super) output: ChildStdout,
}

impl Drop for Running {
    fn drop(&mut self) {
        // `id` is `None` once the child was waited for: then the number may be somebody else's.
        let group = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = group {
            // It may have ended by itself just now.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// A film's frames as they are decoded.
#[derive(Debug)]
pub struct FrameStream {
    running: Running,
    limit: usize,
    deadline: Duration,
}

impl FrameStream {
    /// The next frame and its moment in milliseconds; `None` after the last one.
    ///
    /// Not safe to cancel: a frame read in half spoils the stream.
    pub async fn next(&mut self) -> Result<Option<(u64, Picture)>, Unreadable> {
        let limit = self.limit;
        let next = read_frame(&mut self.running.output, limit);
        timeout(self.deadline, next)
            .await
            .unwrap_or_else(|_| Err(Unreadable("the next frame took too long".to_owned())))
    }
}

async fn read_frame(
    mut from: impl AsyncRead + Unpin,
    limit: usize,
) -> Result<Option<(u64, Picture)>, Unreadable> {
    let stopped = |_| Unreadable("the reader stopped at damaged data".to_owned());
    let mut magic = [0; 8];
    if from.read(&mut magic[..1]).await.map_err(stopped)? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut magic[1..]).await.map_err(stopped)?;
    if magic == *WHY {
        let mut why = Vec::new();
        from.take(4096).read_to_end(&mut why).await.map_err(stopped)?;
        return Err(words(&why));
    }
    let at_ms = from.read_u64_le().await.map_err(stopped)?;
    let mut raw = vec![0; 16];
    from.read_exact(&mut raw).await.map_err(stopped)?;
    let side = |start: usize| {
        raw[start..start + 4].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let whole = side(8).saturating_mul(side(12)).saturating_mul(3).saturating_add(16);
    if magic != *FRAME || whole > limit {
        return Err(Unreadable("the reader gave no readable frame".to_owned()));
    }
    raw.resize(whole, 0);
    from.read_exact(&mut raw[16..]).await.map_err(stopped)?;
    Picture::from_raw(&raw)
        .map(|picture| Some((at_ms, picture)))
        .ok_or_else(|| Unreadable("the reader gave no readable frame".to_owned()))
}
