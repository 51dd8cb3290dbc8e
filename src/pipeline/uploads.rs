//! Files on their way to a provider: hashed once, sent once, their addresses used again while they are kept.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::watch;

use crate::domain::text::printable;
use crate::domain::{Account, Job, MediaKind};
use crate::media::sniff;
use crate::provider::{OutputUrl, Provider, Upload};
use crate::store::UploadKey;

use super::fetch::hex;
use super::{Pipeline, later};

/// A file that was written so shortly before it was hashed may be written again within one tick of its
/// system's clock, and look the same: it is hashed again each time. Two seconds is the coarsest tick in use.
const TICK: Duration = Duration::from_secs(2);

/// Large enough that the disk does not wait for the hash, small enough that a signal is heard at once.
const PART: usize = 256 * 1024;

/// What tells that a file is still the one that was looked at, as far as that can be seen without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    device: u64,
    inode: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Stamp {
    pub(super) async fn of(file: &Path) -> io::Result<Self> {
        tokio::fs::metadata(file).await.map(|about| Self::from(&about))
    }

    fn is_settled(&self, now: SystemTime) -> bool {
        let newest = self.modified_ns.max(self.changed_ns);
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        i128::try_from(now).is_ok_and(|now| now - newest > TICK.as_nanos().cast_signed())
    }
}

impl From<&std::fs::Metadata> for Stamp {
    fn from(about: &std::fs::Metadata) -> Self {
        let ns = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            bytes: about.len(),
            device: about.dev(),
            inode: about.ino(),
            modified_ns: ns(about.mtime(), about.mtime_nsec()),
            changed_ns: ns(about.ctime(), about.ctime_nsec()),
        }
    }
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    stamp: Stamp,
    sha256: String,
    mime: Option<String>,
}

/// What this process knows of the files that its jobs send. One a process: ten jobs with one file read it
/// once and send it once.
#[derive(Default)]
pub struct Uploads {
    contents: Mutex<HashMap<PathBuf, Turn<Option<Content>>>>,
    flights: Mutex<HashMap<UploadKey, Weak<Flight>>>,
}

/// Whose turn it is: held while a file is read or sent, which takes long, so waiting for it is no blocking.
type Turn<T> = Arc<tokio::sync::Mutex<T>>;

/// One content on its way to one account.
struct Flight {
    turn: tokio::sync::Mutex<()>,
    /// How many bytes are gone, for who waits.
    sent: watch::Sender<u64>,
}

impl Uploads {
    /// What is in this file now. Read once while nothing about the file changes.
    async fn content(&self, file: &Path) -> io::Result<Content> {
        let turn = {
            let mut contents = self.contents.lock().expect("nothing panics while it is held");
            Arc::clone(contents.entry(file.to_owned()).or_default())
        };
        let mut known = turn.lock().await;
        let stamp = Stamp::of(file).await?;
        if let Some(content) = known.as_ref().filter(|content| content.stamp == stamp) {
            return Ok(content.clone());
        }
        let began = SystemTime::now();
        let content = read(file, stamp).await?;
        *known = Some(content.clone()).filter(|content| content.stamp.is_settled(began));
        Ok(content)
    }

    fn flight(&self, key: &UploadKey) -> Arc<Flight> {
        let mut flights = self.flights.lock().expect("nothing panics while it is held");
        flights.retain(|_, flight| flight.strong_count() > 0);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        let (turn, sent) = (tokio::sync::Mutex::default(), watch::Sender::new(0));
        let flight = Arc::new(Flight { turn, sent });
        flights.insert(key.clone(), Arc::downgrade(&flight));
        flight
    }
}

async fn read(file: &Path, stamp: Stamp) -> io::Result<Content> {
    let mut opened = tokio::fs::File::open(file).await?;
    let mut hash = Sha256::new();
    let mut part = vec![0; PART];
    let mut mime = None;
    let mut bytes = 0;
    loop {
        let count = opened.read(&mut part).await?;
        if count == 0 {
            break;
        }
        if bytes == 0 {
            let sniffed = sniff(&part[..count]);
            mime = (sniffed.kind != MediaKind::Other).then(|| sniffed.mime.to_owned());
        }
        bytes += count as u64;
        hash.update(&part[..count]);
    }
    if bytes != stamp.bytes || Stamp::from(&opened.metadata().await?) != stamp {
        return Err(changed());
    }
    Ok(Content { stamp, sha256: hex(&hash.finalize()), mime })
}

fn changed() -> io::Error {
    io::Error::other("the file changed while it was looked at")
}

impl Pipeline {
    /// The address of a file at the provider: known already, or uploaded now, by one job at a time. When that
    /// one gives up, the next one that waits takes over. `file` is judged by what it was at `seen`; `tell` hears
    /// how many of its bytes are there.
    pub(super) async fn address_of(
        &self,
        client: &dyn Provider,
        (file, seen): (&Path, Stamp),
        tell: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<String, String> {
        let uploading = |what: &dyn std::fmt::Display| {
            printable(&format!("uploading {}: {what}", file.display()))
        };
        let content = self.uploads.content(file).await.map_err(|error| uploading(&error))?;
        if content.stamp != seen {
            return Err(uploading(&changed()));
        }
        let account =
            Account { base_url: client.request_base_url().to_owned(), ..client.account().clone() };
        let key = UploadKey { account, sha256: content.sha256.clone(), mime: content.mime.clone() };
        let flight = self.uploads.flight(&key);
        let _turn = flight.turn(tell).await;
        let known = self.store.uploaded(key.clone(), self.clock.now()).await;
        if let Some(address) = known.map_err(|error| uploading(&error))? {
            tell(seen.bytes);
            return Ok(address);
        }
        let upload = Upload {
            path: file.to_owned(),
            mime: content.mime,
            bytes: seen.bytes,
            sha256: content.sha256,
        };
        let sent = |bytes| {
            flight.sent.send_replace(bytes);
            tell(bytes);
        };
        let address = client.upload(&upload, &sent).await.map_err(|error| uploading(&error))?;
        self.remember(key, &address, client.abilities().uploads_kept_hours).await;
        Ok(address.0)
    }

    async fn remember(&self, key: UploadKey, address: &OutputUrl, hours: u32) {
        // One with a signature is no row's business, and nobody knows how long it is good for; a file that is
        // its own address has nothing to be remembered.
        if address.masked() != address.0 || address.is_inline() || hours == 0 {
            return;
        }
        let now = self.clock.now();
        let expires = later(now, Duration::from_secs(u64::from(hours) * 3600));
        let remembered = self.store.remember_upload(key, address.0.clone(), now, expires).await;
        if let Err(error) = remembered {
            // This job has the address; another one uploads again.
            tracing::warn!(%error, "an upload could not be remembered");
        }
    }

    /// Forgets the addresses that a job was sent with, where the provider's words are about one of them: it
    /// does not know it any longer, and a retry uploads again.
    pub(super) async fn forget_uploads(&self, job: &Job, words: &str) {
        if !is_about_an_input(job, words) {
            return;
        }
        match self.store.forget_uploads_of(job.id).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(job = job.number, count, "remembered uploads forgotten"),
            Err(error) => tracing::warn!(%error, "remembered uploads could not be forgotten"),
        }
    }
}

impl Flight {
    /// Waits for the turn, and meanwhile tells how far whoever has it is.
    async fn turn(&self, tell: &(dyn Fn(u64) + Send + Sync)) -> tokio::sync::MutexGuard<'_, ()> {
        let mut sent = self.sent.subscribe();
        let turn = self.turn.lock();
        tokio::pin!(turn);
        loop {
            tokio::select! {
                biased;
                turn = &mut turn => return turn,
                // The sender is in `self`: it cannot be gone.
                _ = sent.changed() => tell(*sent.borrow_and_update()),
            }
        }
    }
}

/// Whether a refusal may mean an input: one that is forgotten needlessly is uploaded once more, and one that is
/// kept wrongly lets every retry fail.
fn is_about_an_input(job: &Job, words: &str) -> bool {
    let words = words.to_lowercase();
    let says = |word: &str| words.contains(word);
    !job.brief.inputs.is_empty()
        && (job.brief.inputs.iter().any(|(name, _)| says(&name.to_lowercase()))
            || ["url", "fetch", "download", "upload", "file", "media"].into_iter().any(says))
}

#[cfg(test)]
#[path = "uploads_tests.rs"]
mod tests;
