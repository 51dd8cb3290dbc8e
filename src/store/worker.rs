//! The thread that owns the connection.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{Access, StoreError, Task, migrate};

/// Opens a library, on the thread that owns it.
pub(super) type Open = fn(&Path) -> Result<(Connection, Access), StoreError>;

/// So many statements are kept ready: a few kilobytes each.
const STATEMENTS: usize = 100;

/// Starts the thread. It says on `opened` whether the library could be opened, and ends when the last
/// sender is gone.
pub(super) fn start(
    path: PathBuf,
    open: Open,
    opened: oneshot::Sender<Result<Access, StoreError>>,
) -> mpsc::Sender<Task> {
    // Bounded so that a flood of writers waits instead of filling memory; 64 is far above the few
    // tasks that run side by side.
    let (tasks, mut waiting) = mpsc::channel::<Task>(64);
    std::thread::Builder::new()
        .name("store".into())
        .spawn(move || {
            let (mut connection, access) = match open(&path) {
                Ok(opened) => opened,
                Err(error) => {
                    let _ = opened.send(Err(error));
                    return;
                }
            };
            let _ = opened.send(Ok(access));
            while let Some(task) = waiting.blocking_recv() {
                task(&mut connection);
            }
        })
        .expect("a system that runs this program can start a thread");
    tasks
}

/// Opens a library to read and write it, making it or bringing it up to date.
pub(super) fn open(path: &Path) -> Result<(Connection, Access), StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|source| StoreError::Folder { path: path.to_owned(), source })?;
    }
    let mut connection = Connection::open(path).map_err(StoreError::sql("opening the library"))?;
    let settle = StoreError::sql("setting the library up");
    connection
        .busy_timeout(Duration::from_secs(10))
        // FULL: with NORMAL the last commits may be lost on a power cut, and the one before a
        // submission must not be.
        .and_then(|()| {
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            )
        })
        .map_err(settle)?;
    // Everything that a run of a job says, and what screens ask beside it.
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    migrate::bring_up_to_date(&mut connection, path)?;
    Ok((connection, Access::Write))
}
