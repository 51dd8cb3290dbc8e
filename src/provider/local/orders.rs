//! Orders on disk: a folder each, below the state. Any process can say where one stands, and start it again.
//!
//! `order.json` is there from the first moment, `ended.json` from the last, written once and never replaced.
//! Between the two whoever works holds a lock on `progress`, and so does the `ffmpeg` that writes into it.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Platform;
use crate::domain::{Alive, ModelId, Owner, Params, PredictionId};
use crate::provider::Order;

/// What has ended and was never fetched is kept so long.
const KEPT: Duration = Duration::from_hours(24 * 30);

/// An order that ended its worker so often ends itself.
const MOST_ATTEMPTS: usize = 5;

/// The last lines of the progress are within so many bytes.
const TAIL: u64 = 4096;

/// What was ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) model: ModelId,
    pub(super) params: Params,
    pub(super) platform: Option<Platform>,
    pub(super) created: Timestamp,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ended {
    Done { files: Vec<String>, metadata: Map<String, Value> },
    Failed { message: String },
    Cancelled,
}

/// Where an order stands.
#[derive(Debug, PartialEq)]
pub(super) enum Standing {
    /// There is no such order.
    Unknown,
    /// Nobody works on it.
    Idle,
    AtWork {
        percent: Option<u8>,
    },
    Ended(Ended),
}

/// Which of how many steps runs, and how long it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) done: u32,
    pub(super) of: u32,
    pub(super) seconds: f64,
}

/// All orders of this machine.
#[derive(Debug, Clone)]
pub(super) struct Orders {
    root: PathBuf,
}

impl Orders {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn folder(&self, id: &PredictionId) -> PathBuf {
        self.root.join(id.as_str())
    }

    /// Whether a file is part of an order.
    pub(super) fn holds(&self, file: &Path) -> bool {
        let is_plain = file.components().all(|part| !matches!(part, Component::ParentDir));
        is_plain && file.starts_with(&self.root)
    }

    /// Writes an order, whole or not at all.
    pub(super) fn write(
        &self,
        order: &Order,
        platform: Option<Platform>,
        created: Timestamp,
    ) -> io::Result<PredictionId> {
        self.clear_old();
        let id = PredictionId::new(Uuid::now_v7().to_string());
        std::fs::create_dir_all(&self.root)?;
        let new = tempfile::Builder::new().prefix("new-").tempdir_in(&self.root)?;
        let (model, params) = (order.model.clone(), order.params.clone());
        put(new.path(), "order.json", &Written { model, params, platform, created })?;
        std::fs::rename(new.path(), self.folder(&id))?;
        File::open(&self.root)?.sync_all()?;
        Ok(id)
    }

    pub(super) fn standing(&self, id: &PredictionId) -> io::Result<Standing> {
        let folder = self.folder(id);
        if id.as_str().parse::<Uuid>().is_err() || !folder.join("order.json").exists() {
            return Ok(Standing::Unknown);
        }
        if let Some(ended) = get(&folder, "ended.json")? {
            return Ok(Standing::Ended(ended));
        }
        if is_locked(&folder)? {
            return Ok(Standing::AtWork { percent: percent(&folder) });
        }
        // It may have ended between the two looks.
        if let Some(ended) = get(&folder, "ended.json")? {
            return Ok(Standing::Ended(ended));
        }
        if attempts(&folder) >= MOST_ATTEMPTS {
            let message = format!("the work was cut short {MOST_ATTEMPTS} times without an answer");
            end(&folder, &Ended::Failed { message })?;
            return Ok(get(&folder, "ended.json")?.map_or(Standing::Idle, Standing::Ended));
        }
        Ok(Standing::Idle)
    }

    /// Ends an order and whoever works on it; `false` where there is none.
    pub(super) fn cancel(&self, id: &PredictionId) -> io::Result<bool> {
        let folder = self.folder(id);
        if self.standing(id)? == Standing::Unknown {
            return Ok(false);
        }
        // Whoever begins after this sees it, and ends.
        if end(&folder, &Ended::Cancelled)?
            && is_locked(&folder)?
            && let Some(worker) = get::<Owner>(&folder, "worker.json")?
            && crate::process::alive(&worker) != Alive::No
            && let Some(group) = i32::try_from(worker.pid).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process_group(group, Signal::KILL);
        }
        Ok(true)
    }

    /// Clears an order away.
    pub(super) fn forget(&self, id: &PredictionId) -> io::Result<()> {
        match std::fs::remove_dir_all(self.folder(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Every order that can be read.
    pub(super) fn all(&self) -> io::Result<Vec<(PredictionId, Written)>> {
        let entries = match std::fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let read = |entry: std::fs::DirEntry| {
            let id = entry.file_name().to_str()?.parse::<Uuid>().ok()?;
            let order = get(&entry.path(), "order.json").ok()??;
            Some((PredictionId::new(id.to_string()), order))
        };
        Ok(entries.flatten().filter_map(read).collect())
    }

    fn clear_old(&self) {
        let is_old = |folder: &Path| {
            let ended = folder.join("ended.json").metadata().and_then(|about| about.modified());
            let since = ended.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            since.is_some_and(|since| since > KEPT)
        };
        for entry in std::fs::read_dir(&self.root).into_iter().flatten().flatten() {
            if is_old(&entry.path()) {
                // What cannot be cleared away now is tried again with the next order.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Takes an order for this process: its lock, or `None` where another one has it. Whoever only looks holds
/// the lock for a moment, too.
pub(super) fn take(folder: &Path) -> io::Result<Option<File>> {
    let progress =
        File::options().create(true).append(true).read(true).open(folder.join("progress"))?;
    for _ in 0..50 {
        match progress.try_lock() {
            Ok(()) => {
                progress.set_len(0)?;
                put(folder, "worker.json", &crate::process::this_owner())?;
                let mut attempts =
                    File::options().create(true).append(true).open(folder.join("attempts"))?;
                attempts.write_all(b".")?;
                return Ok(Some(progress));
            }
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(Duration::from_millis(20)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Says how an order ended; `false` where that was said before.
pub(super) fn end(folder: &Path, ended: &Ended) -> io::Result<bool> {
    match written(folder, ended)?.persist_noclobber(folder.join("ended.json")) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Writes one file of an order, whole or not at all.
pub(super) fn put(folder: &Path, name: &str, value: &impl Serialize) -> io::Result<()> {
    written(folder, value)?.persist(folder.join(name)).map(drop).map_err(|error| error.error)
}

fn written(folder: &Path, value: &impl Serialize) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, value)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Reads one file of an order; `None` where it is not there.
pub(super) fn get<T: DeserializeOwned>(folder: &Path, name: &str) -> io::Result<Option<T>> {
    match std::fs::read(folder.join(name)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn attempts(folder: &Path) -> usize {
    std::fs::read(folder.join("attempts")).map_or(0, |made| made.len())
}

fn is_locked(folder: &Path) -> io::Result<bool> {
    let file = match File::open(folder.join("progress")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// How far the work is, by what `ffmpeg` wrote last.
fn percent(folder: &Path) -> Option<u8> {
    let step: Step = get(folder, "step.json").ok()??;
    let mut file = File::open(folder.join("progress")).ok()?;
    let size = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
    let mut text = Vec::new();
    file.take(TAIL).read_to_end(&mut text).ok()?;
    Some(percent_of(&step, &String::from_utf8_lossy(&text)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 99")]
fn percent_of(step: &Step, progress: &str) -> u8 {
    let figures = progress.lines().filter_map(|line| line.strip_prefix("out_time_us="));
    let reached = figures.filter_map(|figure| figure.trim().parse::<f64>().ok()).next_back();
    let part = reached.unwrap_or(0.0) / 1_000_000.0 / step.seconds.max(0.001);
    let all = (f64::from(step.done) + part.clamp(0.0, 1.0)) / f64::from(step.of.max(1));
    (all * 100.0).clamp(0.0, 99.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_the_last_moment_that_ffmpeg_wrote_within_its_step() {
        let check = |done, of, text: &str, expected| {
            assert_eq!(percent_of(&Step { done, of, seconds: 4.0 }, text), expected, "{text:?}");
        };
        check(0, 1, "", 0);
        check(0, 1, "frame=1\nout_time_us=1000000\nout_time_us=2000000\nspeed=1x\n", 50);
        check(0, 1, "out_time_us=2000000\nout_time_us=N/A\n", 50);
        check(1, 2, "out_time_us=2000000\n", 75);
        check(0, 1, "out_time_us=9000000\nprogress=end\n", 99);
        check(0, 1, "out_time_us=-9223372036854775807\n", 0);
    }

    /// Where the order stands once nobody holds its lock: a process that another test begins shares every open
    /// file for a moment, and the locks with them.
    fn left(orders: &Orders, id: &PredictionId) -> Standing {
        let begun = std::time::Instant::now();
        loop {
            let standing = orders.standing(id).unwrap();
            let is_held = matches!(standing, Standing::AtWork { .. });
            if !is_held || begun.elapsed() > Duration::from_secs(10) {
                return standing;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_order_ends_once_and_one_that_kills_its_worker_ends_itself() {
        let root = tempfile::tempdir().unwrap();
        let orders = Orders::new(root.path().join("local"));
        let order = Order { model: ModelId::new("local/trim"), params: Params::new() };
        let id = orders.write(&order, None, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(orders.standing(&id).unwrap(), Standing::Idle);
        assert_eq!(orders.all().unwrap().len(), 1);

        let lock = take(&orders.folder(&id)).unwrap().unwrap();
        assert_eq!(orders.standing(&id).unwrap(), Standing::AtWork { percent: None });
        drop(lock);
        for _ in 1..MOST_ATTEMPTS {
            assert_eq!(left(&orders, &id), Standing::Idle);
            take(&orders.folder(&id)).unwrap().unwrap();
        }
        assert!(matches!(
            left(&orders, &id),
            Standing::Ended(Ended::Failed { message }) if message.contains("5 times")
        ));
        assert!(!end(&orders.folder(&id), &Ended::Cancelled).unwrap(), "it has ended");
        orders.forget(&id).unwrap();
        orders.forget(&id).unwrap();
        assert_eq!(orders.standing(&id).unwrap(), Standing::Unknown);
        assert!(!orders.cancel(&id).unwrap());
        assert_eq!(orders.standing(&PredictionId::new("..")).unwrap(), Standing::Unknown);
    }
}
