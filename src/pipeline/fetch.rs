//! Fetching one output: streamed to `.part`, its length checked, hashed on the way, probed in a child,
//! synced, renamed. Flat memory, whatever the size.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::domain::{MediaFacts, MediaKind};
use crate::library::sync_folder;
use crate::media::MediaChild;
use crate::media::sniff;
use crate::process::failpoint;
use crate::provider::{Download, OutputUrl, Provider};

/// A whole file in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// Path below the library's folder.
    pub path: String,
    /// SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its type, by its first bytes.
    pub mime: String,
    /// Its kind.
    pub kind: MediaKind,
    /// What was measured.
    pub facts: MediaFacts,
    /// Why nothing could be measured.
    pub unreadable: Option<String>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Something came, and it is not the file: wrong length, or a page instead of media.
    #[error("{what}")]
    Wrong {
        /// What was wrong.
        what: String,
        /// Where what came lies.
        part: PathBuf,
        /// The ending that fits what came.
        extension: &'static str,
    },
    /// The address does not work (any more).
    #[error("{0}")]
    Stale(String),
    /// The server could not be reached, or did not answer as it should: try the same again.
    #[error("{0}")]
    Line(String),
    /// The disk.
    #[error("writing {path}: {source}")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where a fetched file goes: `data` is the library's folder, `stem` the path below it without ending.
#[derive(Debug, Clone)]
pub struct Place {
    /// The library's folder.
    pub data: PathBuf,
    /// The path below it, without its ending.
    pub stem: String,
}

impl Place {
    /// The file that is being written.
    pub fn part(&self) -> PathBuf {
        self.data.join(format!("{}.part", self.stem))
    }

    fn file(&self, extension: &str) -> (String, PathBuf) {
        let path = format!("{}.{extension}", self.stem);
        let file = self.data.join(&path);
        (path, file)
    }

    /// Puts a `.part` that is not what was promised beside the takes, under a name that says so.
    pub async fn keep_beside(&self, part: &Path, extension: &str) -> std::io::Result<PathBuf> {
        let (_, file) = self.file(&format!("unusable.{extension}"));
        tokio::fs::rename(part, &file).await?;
        Ok(file)
    }
}

/// Fetches one output to its place. `told` hears how many bytes are on disk, of how many.
pub async fn fetch(
    provider: &dyn Provider,
    url: &OutputUrl,
    place: &Place,
    media: &MediaChild,
    told: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Fetched, FetchError> {
    let download = provider.open(url).await.map_err(|error| {
        if error.stale { FetchError::Stale(error.message) } else { FetchError::Line(error.message) }
    })?;
    let part = place.part();
    let disk = |source| FetchError::Disk { path: part.clone(), source };
    if let Some(folder) = part.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(disk)?;
    }
    let written = stream_to(download, &part, told).await?;
    failpoint::reached("after-download");

    let first = first_bytes(&part).await.map_err(disk)?;
    let sniffed = sniff(&first);
    if let Some(what) = written.wrong(sniffed.mime, url.is_inline()) {
        return Err(FetchError::Wrong { what, part, extension: sniffed.extension });
    }
    let probed = media.probe(&part).await;

    let (path, file) = place.file(sniffed.extension);
    tokio::fs::rename(&part, &file).await.map_err(disk)?;
    if let Some(folder) = file.parent() {
        sync_folder(folder).map_err(disk)?;
    }
    failpoint::reached("after-rename");
    Ok(Fetched {
        path,
        sha256: written.sha256,
        bytes: written.bytes,
        mime: probed.mime.to_owned(),
        kind: probed.kind,
        facts: probed.facts,
        unreadable: probed.unreadable,
    })
}

/// What the stream left on disk.
struct Written {
    bytes: u64,
    promised: Option<u64>,
    cut: Option<String>,
    sha256: String,
}

impl Written {
    /// Why this is not the file that was promised, if it is not. What stood in the provider's own answer
    /// is what was bought, whatever it is; from anywhere else a page is an error's page.
    fn wrong(&self, mime: &str, is_inline: bool) -> Option<String> {
        if let Some(promised) = self.promised.filter(|promised| *promised != self.bytes) {
            return Some(format!("{} of {promised} bytes came", self.bytes));
        }
        if let Some(cut) = &self.cut {
            return Some(format!("the line was cut after {} bytes: {cut}", self.bytes));
        }
        if self.bytes == 0 {
            return Some("an empty file came".to_owned());
        }
        (!is_inline && matches!(mime, "text/html" | "application/json" | "application/xml"))
            .then(|| format!("{mime} came instead of a file"))
    }
}

async fn stream_to(
    mut download: Download,
    part: &Path,
    told: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Written, FetchError> {
    let disk = |source| FetchError::Disk { path: part.to_owned(), source };
    let mut file = tokio::fs::File::create(part).await.map_err(disk)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut cut = None;
    told(0, download.length);
    while let Some(chunk) = download.bytes.next().await {
        match chunk {
            Ok(chunk) => {
                file.write_all(&chunk).await.map_err(disk)?;
                hash.update(&chunk);
                bytes += chunk.len() as u64;
                told(bytes, download.length);
                if download.length.is_some_and(|promised| bytes > promised) {
                    break;
                }
            }
            Err(error) => {
                cut = Some(error.message);
                break;
            }
        }
    }
    file.sync_all().await.map_err(disk)?;
    let sha256 = hex(&hash.finalize());
    Ok(Written { bytes, promised: download.length, cut, sha256 })
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn first_bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt;

    let mut first = Vec::with_capacity(4096);
    tokio::fs::File::open(file).await?.take(4096).read_to_end(&mut first).await?;
    Ok(first)
}
