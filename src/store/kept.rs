//! Small pieces of state by key.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError};

/// The real provider that was used last. Set by the first job of one: from then on the sandbox is never the
/// default.
pub const REAL_PROVIDER_USED: &str = "real_provider_used";

impl Store {
    /// The value kept under this key.
    pub async fn recall(&self, key: &'static str) -> Result<Option<String>, StoreError> {
        self.call(move |connection| {
            connection
                .query_row("SELECT value FROM kept WHERE key = ?1", [key], |row| row.get(0))
                .optional()
                .map_err(StoreError::sql("reading what was kept"))
        })
        .await
    }

    /// Keeps a value under this key.
    pub async fn keep(&self, key: &'static str, value: String) -> Result<(), StoreError> {
        self.write("keeping", move |transaction| put(transaction, key, &value)).await
    }
}

/// Keeps a value, inside a transaction.
pub(super) fn put(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    connection
        .execute("INSERT OR REPLACE INTO kept (key, value) VALUES (?1, ?2)", params![key, value])
        .map(drop)
        .map_err(StoreError::sql("keeping"))
}
