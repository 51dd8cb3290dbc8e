//! Files that models are given, for the screen: folders listed, files found, measured once and pictured.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use crate::assembly::Assembly;
use crate::catalog::FileFacts;
use crate::domain::brief::Source;
use crate::domain::text::printable;
use crate::domain::{Picture, Pixels};
use crate::tui::backend::{Entry, Folder, Trouble};
use crate::tui::form::files::Found;

/// Longer folders are cut: nobody looks for a file among more by eye, and a typed path finds it all the same.
const MOST_ENTRIES: usize = 10_000;

/// So many files are remembered as they were measured.
const MOST_MEASURED: usize = 512;

/// What tells a file from its later self.
type Stamp = (PathBuf, Option<SystemTime>, u64);

/// Looks at files. One is measured at a time: a child process each would fight for the cores.
#[derive(Default)]
pub(super) struct Gauge {
    measuring: tokio::sync::Mutex<()>,
    measured: Mutex<HashMap<Stamp, FileFacts>>,
}

impl Gauge {
    /// Where a file is, and what it is.
    pub(super) async fn facts(
        &self,
        assembly: &Assembly,
        source: Source,
    ) -> Result<Found, Trouble> {
        let (source, path) = match source {
            Source::Url(url) => return Err(trouble(&format!("{url} is an address"))),
            Source::Awaited => return Err(trouble("is not there yet")),
            Source::File(path) => {
                let path = whole(assembly, &path)?;
                (Source::File(path.clone()), path)
            }
            Source::Asset(id) => {
                let asset = assembly.store.asset(id).await;
                let asset = asset.map_err(|_| trouble("is not in the library"))?;
                (source, assembly.pipeline.library.file(&asset.path))
            }
        };
        let (stamp, bytes) = stamp(&path).await?;
        let _one_at_a_time = self.measuring.lock().await;
        if let Some(facts) = self.remembered(&stamp) {
            return Ok(Found { source, facts });
        }
        let probed = assembly.pipeline.media.probe(&path).await;
        let facts = FileFacts {
            name: path.display().to_string(),
            kind: probed.kind,
            bytes,
            milliseconds: probed.facts.duration_ms,
            pixels: probed.facts.pixels.map(|size| (size.width, size.height)),
        };
        let mut measured = self.measured.lock().expect("nothing panics while it is held");
        if measured.len() >= MOST_MEASURED {
            measured.clear();
        }
        measured.insert(stamp, facts.clone());
        Ok(Found { source, facts })
    }

    fn remembered(&self, stamp: &Stamp) -> Option<FileFacts> {
        self.measured.lock().expect("nothing panics while it is held").get(stamp).cloned()
    }

    /// A picture of a file.
    pub(super) async fn picture(
        &self,
        assembly: &Assembly,
        path: &Path,
        fit: Pixels,
    ) -> Result<Picture, Trouble> {
        stamp(path).await?;
        let _one_at_a_time = self.measuring.lock().await;
        let picture = assembly.pipeline.media.poster(path, fit).await;
        picture.map_err(|unreadable| trouble(&unreadable.to_string()))
    }
}

/// What is in a folder: folders first, each kind by name.
pub(super) async fn list(assembly: &Assembly, folder: &Path) -> Result<Folder, Trouble> {
    let path = whole(assembly, folder)?;
    let read = tokio::task::spawn_blocking(move || {
        let entries = read(&path).map_err(|error| trouble(&told(&error)))?;
        Ok(Folder { path, entries })
    });
    read.await.map_err(|_| trouble("reading the folder was cut short"))?
}

fn read(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .take(MOST_ENTRIES)
        .filter_map(|entry| {
            // Through a link: what is behind it is what is given. A link to nowhere is left out.
            let about = std::fs::metadata(entry.path()).ok()?;
            let is_folder = about.is_dir();
            (is_folder || about.is_file()).then(|| Entry {
                name: entry.file_name(),
                is_folder,
                bytes: about.len(),
            })
        })
        .collect();
    entries.sort_by_cached_key(|entry| {
        (!entry.is_folder, entry.name.to_string_lossy().to_lowercase())
    });
    Ok(entries)
}

/// Takes a file, or what is in a folder, into the library.
pub(super) async fn import(assembly: &Assembly, path: &Path) -> Result<String, Trouble> {
    let path = whole(assembly, path)?;
    let project = assembly.settings.project.clone();
    let failed =
        |path: &Path, error: &anyhow::Error| trouble(&format!("{}: {error:#}", path.display()));
    if !path.is_dir() {
        let imported = crate::pipeline::import::import(&assembly.pipeline, &path, project).await;
        let (asset, is_new) = imported.map_err(|error| failed(&path, &error))?;
        let what = if is_new { "is in the library as" } else { "is known as" };
        return Ok(printable(&format!("{} {what} {}", path.display(), asset.label())));
    }
    let found =
        crate::pipeline::import::gather(&path).await.map_err(|error| failed(&path, &error))?;
    let (mut new, mut known, mut last) = (0, 0, None);
    let mut wrong = found.unread;
    for file in &found.media {
        match crate::pipeline::import::import(&assembly.pipeline, file, project.clone()).await {
            Ok((asset, true)) => (new, last) = (new + 1, Some(asset.label())),
            Ok((_, false)) => known += 1,
            Err(error) => wrong.push(format!("{}: {error:#}", file.display())),
        }
    }
    if let Some(first) = wrong.first() {
        let what = printable(&format!("{} of {} files are new; {first}", new, found.media.len()));
        let more = wrong.len() - 1;
        return Err(Trouble {
            what,
            hint: (more > 0).then(|| format!("and {more} more; rushes assets import tells all")),
        });
    }
    let last = last.map(|label| format!(", the last as {label}")).unwrap_or_default();
    Ok(format!(
        "{new} new files are in the library{last}; {known} known, {} left out",
        found.others
    ))
}

/// The whole path: `~` is the home folder, and what is no path from the root is one from here.
pub(super) fn whole(assembly: &Assembly, path: &Path) -> Result<PathBuf, Trouble> {
    let path = match path.strip_prefix("~") {
        Ok(rest) => {
            let home = assembly.env.path("HOME");
            home.ok_or_else(|| trouble("no HOME is set, so ~ is nowhere"))?.join(rest)
        }
        Err(_) => path.to_owned(),
    };
    std::path::absolute(&path).map_err(|error| trouble(&told(&error)))
}

/// What tells this file from its later self, and how large it is. It has to be a file that can be read: a
/// pipe would be waited for for ever.
async fn stamp(path: &Path) -> Result<(Stamp, u64), Trouble> {
    let about = tokio::fs::metadata(path).await.map_err(|error| trouble(&told(&error)))?;
    if about.is_dir() {
        return Err(trouble("is a folder"));
    }
    if !about.is_file() {
        return Err(trouble("is no file"));
    }
    tokio::fs::File::open(path).await.map_err(|error| trouble(&told(&error)))?;
    Ok(((path.to_owned(), about.modified().ok(), about.len()), about.len()))
}

/// Why a file cannot be had, in the words of a sentence that its name begins.
fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn trouble(what: &str) -> Trouble {
    Trouble { what: printable(what), hint: None }
}
