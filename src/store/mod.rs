//! The library's database: the only SQL in the program.
//!
//! One thread owns the one connection; everybody else sends it closures and awaits the answer, so that
//! neither the screen nor a download ever waits for a disk. Every write is one `BEGIN IMMEDIATE`
//! transaction: several processes share one library.

pub mod assets;
pub mod billed;
pub mod bills;
pub mod budgets;
pub mod claims;
mod entries;
pub mod jobs;
pub mod kept;
pub mod ledger;
mod look;
mod migrate;
mod named;
pub mod queue;
pub mod quotes;
mod rows;
mod stories;
pub mod uploads;
pub mod usage;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::domain::IllegalTransition;

pub use assets::{AssetFilter, NewAsset};
pub use budgets::Gate;
pub use jobs::{Actor, Admission, NewJob};
pub use ledger::LedgerLine;
pub use look::Access;
pub use queue::{Limits, Place};
pub use uploads::UploadKey;

/// What the library could not do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("{doing}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        #[source]
        source: rusqlite::Error,
    },
    /// A row holds something this program does not understand.
    #[error("reading the library: {0}")]
    Row(String),
    /// A step that no job may take.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// Another process drives this job.
    #[error("job {0} is driven by another process")]
    NotOwner(u32),
    /// The provider's record belongs to another job.
    #[error("prediction {0} belongs to another job")]
    PredictionTaken(String),
    /// There is no such thing.
    #[error("no {what} {name:?} in the library")]
    Missing {
        /// `job` or `asset`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A short name fits several.
    #[error("{name:?} could be {count} {what}s")]
    Ambiguous {
        /// `job` or `asset`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// How many.
        count: usize,
    },
    /// The library was written by a newer program.
    #[error(
        "the library {path} was written by a newer rushes (schema {found}, this one knows {known})"
    )]
    Newer {
        /// Where it lies.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The library was written by an older program, and may not be changed.
    #[error(
        "the library {path} was written by an older rushes (schema {found}, this one knows {known})"
    )]
    Older {
        /// Where it lies.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The library is only looked at.
    #[error("this is --read-only: nothing is changed, sent or spent")]
    ReadOnly,
    /// Its folder or file cannot be used.
    #[error("opening the library {path}")]
    Folder {
        /// Where it lies.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The thread that owns the connection is gone.
    #[error("the library is closed")]
    Closed,
}

impl StoreError {
    /// Names what was being done when the database said no.
    fn sql(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sql { doing, source }
    }
}

type Task = Box<dyn FnOnce(&mut Connection) + Send>;

/// A cheap handle on the library. The connection closes when the last one is gone.
#[derive(Clone)]
pub struct Store {
    tasks: tokio::sync::mpsc::Sender<Task>,
    path: Arc<PathBuf>,
    access: Access,
}

impl Store {
    /// Opens the library at this path, making it or bringing it up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::start(path, worker::open).await
    }

    /// Opens the library at this path to look at it: nothing is made there, and whatever would change it
    /// is refused with [`StoreError::ReadOnly`].
    pub async fn look(path: &Path) -> Result<Self, StoreError> {
        Self::start(path, look::open).await
    }

    async fn start(path: &Path, open: worker::Open) -> Result<Self, StoreError> {
        let (opened, answer) = oneshot::channel();
        let tasks = worker::start(path.to_owned(), open, opened);
        let access = answer.await.map_err(|_| StoreError::Closed)??;
        Ok(Self { tasks, path: Arc::new(path.to_owned()), access })
    }

    /// What this handle may do, and what it sees.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Where the library lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs this on the store's thread. The only way to the connection.
    async fn call<T, F>(&self, task: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            // Whoever asked may be gone by now; the work is done all the same.
            let _ = answer.send(task(connection));
        });
        self.tasks.send(task).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs this in one `BEGIN IMMEDIATE` transaction: all of it happens, or nothing.
    async fn write<T, F>(&self, doing: &'static str, task: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        if self.access != Access::Write {
            return Err(StoreError::ReadOnly);
        }
        self.call(move |connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StoreError::sql(doing))?;
            let value = task(&transaction)?;
            transaction.commit().map_err(StoreError::sql(doing))?;
            Ok(value)
        })
        .await
    }

    /// A number that changes when another process has changed the library. Costs no disk access.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        self.call(|connection| {
            connection
                .query_row("PRAGMA data_version", [], |row| row.get(0))
                .map_err(StoreError::sql("looking for changes in the library"))
        })
        .await
    }

    /// Whether the file is sound, by the database's own quick look at every page.
    pub async fn check(&self) -> Result<(), StoreError> {
        let verdict: String = self
            .call(|connection| {
                connection
                    .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                    .map_err(StoreError::sql("checking the library"))
            })
            .await?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Row(verdict)) }
    }

    /// Writes a whole, consistent copy of the library to a new file.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.to_string_lossy().into_owned();
        self.call(move |connection| {
            connection
                .execute("VACUUM INTO ?1", [path])
                .map(drop)
                .map_err(StoreError::sql("copying the library"))
        })
        .await
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
pub(crate) mod walk;
