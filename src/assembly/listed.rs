//! The provider's list of models as it was fetched last: one file in the cache, the answer as it came with
//! the moment it came. Everything in it can be fetched again, so a broken one is told and done without.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::{Catalog, CatalogError, Listing, ModelSpec, NotAListing, Shelf};
use crate::config::{Env, Paths};
use crate::domain::ProviderId;
use crate::provider::local::Here;

/// A list that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub listing: Listing,
}

impl Fetched {
    /// The day, in UTC as everything that is shared is dated.
    pub fn day(&self) -> Date {
        day(self.at)
    }
}

/// Why the list that lies in the cache cannot be used. The program goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("the list of models in {} cannot be used", file.display())]
pub struct Unusable {
    file: PathBuf,
    #[source]
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    NoList(#[from] NotAListing),
}

impl Unusable {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "fetch it again: rushes models refresh"
    }
}

/// The file's shape.
#[derive(Serialize)]
struct Written<'a> {
    fetched_at: Timestamp,
    models: &'a Value,
}

#[derive(Deserialize)]
struct Read {
    fetched_at: Timestamp,
    models: Value,
}

/// What was fetched last from this provider; `None` where nothing ever was.
pub fn last(paths: &Paths, provider: ProviderId) -> Result<Option<Fetched>, Unusable> {
    let file = paths.listed_models(provider);
    let read = || -> Result<Option<Fetched>, Why> {
        let text = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let Read { fetched_at, models } = serde_json::from_str(&text)?;
        let listing = Listing::of(models, day(fetched_at))?;
        Ok(Some(Fetched { at: fetched_at, listing }))
    };
    read().map_err(|why| Unusable { file: file.clone(), why })
}

/// Keeps an answer: the old file or the new one is there, whoever looks and whatever ends.
pub(super) fn keep(file: &Path, at: Timestamp, answer: &Value) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    let mut buffered = io::BufWriter::new(part.as_file_mut());
    serde_json::to_writer(&mut buffered, &Written { fetched_at: at, models: answer })?;
    buffered.flush()?;
    drop(buffered);
    part.as_file().sync_all()?;
    part.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// When the file was written; `None` where there is none.
pub(super) fn written(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|about| about.modified()).ok()
}

/// Every model that is known here: built in, listed, the user's own. A list that cannot be used is done
/// without, and said beside it.
pub fn catalog(paths: &Paths) -> Result<(Catalog, Option<Unusable>), CatalogError> {
    let (listed, unusable) = match last(paths, ProviderId::Wavespeed) {
        Ok(fetched) => (fetched.map(|it| it.listing.models).unwrap_or_default(), None),
        Err(unusable) => (Vec::new(), Some(unusable)),
    };
    Ok((with(paths, listed)?, unusable))
}

/// The same for a program that may never need the list, which is long: the built-in models and the user's at
/// once, the list's as soon as it is read. What is wrong with it is left in `unlisted`.
pub(super) fn shelf(
    paths: &Paths,
    unlisted: Arc<OnceLock<Unusable>>,
) -> Result<Shelf, CatalogError> {
    let own = with(paths, Vec::new())?;
    if written(&paths.listed_models(ProviderId::Wavespeed)).is_none() {
        return Ok(Shelf::new(own));
    }
    let paths = paths.clone();
    // No task of the runtime: nobody waits for it at the end of a program that asked for no model.
    let larger = std::thread::spawn(move || {
        let listed = match last(&paths, ProviderId::Wavespeed) {
            Ok(fetched) => fetched?.listing.models,
            Err(unusable) => {
                tracing::warn!("{}", crate::pipeline::supervisor::said(&unusable));
                let _ = unlisted.set(unusable);
                return None;
            }
        };
        with(&paths, listed).ok()
    });
    Ok(Shelf::awaiting(own, larger))
}

/// The same with this list, as far as this machine can do what is done here.
pub(super) fn with(paths: &Paths, listed: Vec<ModelSpec>) -> Result<Catalog, CatalogError> {
    let here = Here::find(&Env::of_process(), paths)?;
    let catalog = Catalog::with_listed(&paths.models_folder(), listed)?;
    Ok(catalog.fitted(|spec| here.fit(spec)))
}

pub(super) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
