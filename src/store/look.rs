//! A library that is looked at and never changed.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{StoreError, migrate};

/// What a handle on the library may do, and what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything is read and written.
    Write,
    /// Everything is read, as soon as others write it.
    Look,
    /// It is read as it was when it was opened: its folder takes none of the files by which a reader hears of
    /// what others write.
    Still,
    /// The same, and what was written last is missing: it lies in a journal that cannot be read without
    /// writing beside it.
    Behind,
    /// There is no library yet: nothing is in it.
    Nothing,
}

impl Access {
    /// What a person has to know of it before anything that is shown.
    pub fn notice(self) -> Option<&'static str> {
        match self {
            Self::Write | Self::Look => None,
            Self::Still => Some(
                "the library's folder cannot be written: it is shown as it is now, and what others \
                 change from here on is not seen",
            ),
            Self::Behind => Some(
                "the library's folder cannot be written: what was written last, and what others change, \
                 is not seen",
            ),
            Self::Nothing => Some("there is no library yet: nothing is shown, and none is made"),
        }
    }
}

/// Opens a library without leave to change it. Makes nothing that lasts.
pub(super) fn open(path: &Path) -> Result<(Connection, Access), StoreError> {
    let doing = "opening the library";
    let is_there =
        path.try_exists().map_err(|source| StoreError::Folder { path: path.to_owned(), source })?;
    if !is_there {
        let mut empty = Connection::open_in_memory().map_err(StoreError::sql(doing))?;
        migrate::bring_up_to_date(&mut empty, path)?;
        empty.pragma_update(None, "query_only", true).map_err(StoreError::sql(doing))?;
        return Ok((empty, Access::Nothing));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let live = Connection::open_with_flags(path, flags).and_then(seen_to_read);
    let (connection, access) = match live {
        Ok(connection) => (connection, Access::Look),
        // A reader of a journal needs a file beside it, which a folder without leave to write does not take.
        Err(error) if is_for_want_of_leave(&error) => {
            let still =
                Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI);
            let access = if has_journal(path) { Access::Behind } else { Access::Still };
            (still.and_then(seen_to_read).map_err(StoreError::sql(doing))?, access)
        }
        Err(error) => return Err(StoreError::sql(doing)(error)),
    };
    migrate::is_up_to_date(&connection, path)?;
    Ok((connection, access))
}

/// The connection, once it was seen to read. That it was opened to be read alone is what refuses a change,
/// whoever asks for it.
fn seen_to_read(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

/// Whether something was written that is not in the file itself yet.
fn has_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    std::fs::metadata(journal).is_ok_and(|about| about.len() > 0)
}

fn is_for_want_of_leave(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

/// The path as an address that promises the database that nobody changes the file.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
