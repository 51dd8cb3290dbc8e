//! A story's file on disk: read whole, written whole.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::edit::identify;
use super::{NEW, NotEditable};
use crate::domain::StoryId;
use crate::library::sync_folder;

/// No story is longer.
const MOST_BYTES: u64 = 4 << 20;

/// Reads the file.
///
/// # Errors
///
/// When it cannot be read, or is no text.
pub fn read(path: &Path) -> anyhow::Result<String> {
    let about = std::fs::metadata(path).with_context(|| format!("reading {}", path.display()))?;
    if !about.is_file() || about.len() > MOST_BYTES {
        bail!("{} is no story: it must be a file of at most 4 MB", path.display());
    }
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// Writes a new story with everything explained. What is there is never written over.
///
/// # Errors
///
/// When there is something, or it cannot be written.
pub fn create(path: &Path, id: StoryId) -> anyhow::Result<()> {
    let text = identify(NEW, id)?.context("the story that is shipped has an id")?;
    let mut file = File::options().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("writing {}", path.display()))
}

/// Changes the file as it is just now: whole or not at all, with the rights it had.
///
/// # Errors
///
/// When it cannot be read, changed or written.
pub fn change(
    path: &Path,
    edit: impl FnOnce(&str) -> Result<Option<String>, NotEditable>,
) -> anyhow::Result<String> {
    // Of a link, what it leads to is changed.
    let path =
        &std::fs::canonicalize(path).with_context(|| format!("reading {}", path.display()))?;
    let before = read(path)?;
    let Some(after) = edit(&before)? else { return Ok(before) };
    let doing = || format!("writing {}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new =
        tempfile::Builder::new().suffix(".part").tempfile_in(folder).with_context(doing)?;
    new.write_all(after.as_bytes()).with_context(doing)?;
    let rights = std::fs::metadata(path).with_context(doing)?.permissions();
    new.as_file().set_permissions(rights).with_context(doing)?;
    new.as_file().sync_all().with_context(doing)?;
    new.persist(path).with_context(doing)?;
    sync_folder(folder).with_context(doing)?;
    Ok(after)
}

/// One run of a story at a time: two would both order what is missing. The lock ends with the process.
///
/// # Errors
///
/// When the file cannot be made. `None` is no error: another process runs the story.
pub fn lock(folder: &Path, story: StoryId) -> anyhow::Result<Option<File>> {
    let folder: PathBuf = folder.join("stories");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let path = folder.join(format!("{story}.lock"));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking {}", path.display()))
        }
    }
}
