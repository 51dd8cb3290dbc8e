//! Predictions on disk: one JSON file each. What has become of one is a function of its file and the clock,
//! so any process that serves the folder tells the same.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{Params, Usd};

/// How long predictions, uploads and outputs are kept, as the real service does.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `created`, then `processing`, at speed 1.
const QUEUED_S: f64 = 0.6;
const RUNNING_S: f64 = 3.0;

/// What will become of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Completes,
    Moderated,
    Stuck,
}

/// A prediction as it was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// 32 lower-case hex digits.
    pub(super) id: String,
    pub(super) model: String,
    /// What was given, without what the model does not know.
    pub(super) inputs: Params,
    pub(super) created: Timestamp,
    pub(super) fate: Fate,
    /// How long the sound or film is that it was given.
    pub(super) input_ms: Option<u64>,
    pub(super) price: Usd,
}

/// What came out of a prediction, written once that is so. The files can be made again; this says what is
/// in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Made {
    /// How many files.
    pub(super) outputs: usize,
    /// In one sentence.
    pub(super) what: String,
    /// What is not as it was asked for, and why.
    pub(super) notes: Vec<String>,
    /// Why nothing came out.
    pub(super) failed: Option<String>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    Processing,
    Completed,
    Failed,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// How fast the sandbox works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace(pub(super) f64);

impl Pace {
    /// This many seconds at speed 1, at this speed.
    pub(super) fn seconds(self, seconds: f64) -> std::time::Duration {
        std::time::Duration::try_from_secs_f64(seconds / self.0.max(0.001)).unwrap_or_default()
    }

    /// From acceptance to the end.
    pub(super) fn whole_run(self) -> std::time::Duration {
        self.seconds(QUEUED_S + RUNNING_S)
    }

    /// How long it computes, in milliseconds.
    pub(super) fn running_ms(self) -> u128 {
        self.seconds(RUNNING_S).as_millis()
    }
}

impl Record {
    pub(super) fn status(&self, now: Timestamp, pace: Pace) -> Status {
        let elapsed = now.duration_since(self.created).unsigned_abs();
        if now < self.created || elapsed < pace.seconds(QUEUED_S) {
            return Status::Created;
        }
        if elapsed < pace.whole_run() || self.fate == Fate::Stuck {
            return Status::Processing;
        }
        if self.fate == Fate::Moderated { Status::Failed } else { Status::Completed }
    }
}

/// The folder of predictions.
#[derive(Debug)]
pub(super) struct Records(PathBuf);

impl Records {
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub(super) fn write(&self, record: &Record) -> io::Result<()> {
        write_whole(&self.file(&record.id), &serde_json::to_vec(record)?)
    }

    pub(super) fn read(&self, id: &str) -> Option<Record> {
        if !is_id(id) {
            return None;
        }
        serde_json::from_slice(&fs::read(self.file(id)).ok()?).ok()
    }

    /// Every prediction, the newest first.
    pub(super) fn all(&self) -> Vec<Record> {
        let names = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut records: Vec<Record> =
            names.filter_map(|entry| self.read(entry.path().file_stem()?.to_str()?)).collect();
        records.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        records
    }

    /// What came out of one, once it did.
    pub(super) fn made(&self, id: &str) -> Option<Made> {
        serde_json::from_slice(&fs::read(self.made_file(id)).ok()?).ok()
    }

    pub(super) fn write_made(&self, id: &str, made: &Made) -> io::Result<()> {
        write_whole(&self.made_file(id), &serde_json::to_vec(made)?)
    }

    /// Whether there was one to remove.
    pub(super) fn remove(&self, id: &str) -> bool {
        // It may not be made yet.
        let _ = is_id(id) && fs::remove_file(self.made_file(id)).is_ok();
        is_id(id) && fs::remove_file(self.file(id)).is_ok()
    }

    fn made_file(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.made.json"))
    }

    fn file(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Writes a file that is either the old one or the new one, whoever looks and whatever ends.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    part.write_all(bytes)?;
    part.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// Removes what is older than a week from a folder.
pub(super) fn forget_old(folder: &Path, now: Timestamp) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let changed = entry.metadata().and_then(|about| about.modified()).ok();
        let age = changed
            .and_then(|changed| Timestamp::try_from(changed).ok())
            .map(|changed| now.duration_since(changed));
        if age.is_some_and(|age| age > KEPT) {
            let path = entry.path();
            // Another process may have been first.
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fate: Fate) -> Record {
        Record {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            model: "a/b".to_owned(),
            inputs: Params::new(),
            created: Timestamp::UNIX_EPOCH,
            fate,
            input_ms: None,
            price: Usd::ZERO,
        }
    }

    #[test]
    fn what_has_become_of_it_is_told_by_the_clock_alone() {
        let check = |fate: Fate, ms: i64, speed: f64, expected: Status| {
            let now = Timestamp::from_millisecond(ms).unwrap();
            assert_eq!(record(fate).status(now, Pace(speed)), expected, "{fate:?} {ms} {speed}");
        };
        check(Fate::Completes, -5, 1.0, Status::Created);
        check(Fate::Completes, 500, 1.0, Status::Created);
        check(Fate::Completes, 700, 1.0, Status::Processing);
        check(Fate::Completes, 3500, 1.0, Status::Processing);
        check(Fate::Completes, 3700, 1.0, Status::Completed);
        check(Fate::Completes, 370, 10.0, Status::Completed);
        check(Fate::Moderated, 3700, 1.0, Status::Failed);
        check(Fate::Stuck, 99_999_999, 1.0, Status::Processing);
    }

    #[test]
    fn a_record_is_found_again_and_nothing_outside_the_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path().join("predictions")).unwrap();
        let record = record(Fate::Completes);
        records.write(&record).unwrap();
        assert_eq!(records.read(&record.id), Some(record.clone()));
        assert_eq!(records.all(), std::slice::from_ref(&record));
        assert_eq!(records.read("../predictions/0123456789abcdef012345"), None);
        assert!(records.remove(&record.id) && !records.remove(&record.id));
    }
}
