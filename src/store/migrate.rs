//! Brings a library's schema up to date: forward only, one file a change, a copy kept before each.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Every schema change, in order. A landed file is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../assets/migrations/0001_first.sql"),
    include_str!("../../assets/migrations/0002_uploads.sql"),
    include_str!("../../assets/migrations/0003_money.sql"),
    include_str!("../../assets/migrations/0004_bills.sql"),
    include_str!("../../assets/migrations/0005_stories.sql"),
    include_str!("../../assets/migrations/0006_reasons.sql"),
];

/// Applies what is missing. Two processes may start at once: the version is read again inside each
/// transaction.
pub(super) fn bring_up_to_date(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    let found = version(connection)?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if found > 0 && found < known {
        keep_a_copy(connection, path, found)?;
    }
    for (step, sql) in MIGRATIONS.iter().enumerate() {
        let target = u32::try_from(step + 1).expect("a handful of migrations");
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::sql("bringing the library up to date"))?;
        if version(&transaction)? < target {
            transaction
                .execute_batch(sql)
                .and_then(|()| transaction.pragma_update(None, "user_version", target))
                .map_err(StoreError::sql("bringing the library up to date"))?;
        }
        transaction.commit().map_err(StoreError::sql("bringing the library up to date"))?;
    }
    Ok(())
}

/// Refuses a library whose schema is another than ours.
pub(super) fn is_up_to_date(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    let (found, path) = (version(connection)?, path.to_owned());
    match found.cmp(&known) {
        Ordering::Less => Err(StoreError::Older { path, found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::Newer { path, found, known }),
    }
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(StoreError::sql("reading the library's version"))
}

fn keep_a_copy(connection: &Connection, path: &Path, version: u32) -> Result<(), StoreError> {
    let copy = path.with_extension(format!("v{version}.backup.db"));
    if copy.exists() {
        return Ok(());
    }
    connection
        .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .map(drop)
        .map_err(StoreError::sql("keeping a copy of the library before changing it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("library.db");
        let mut connection = Connection::open(&path).expect("a library");
        bring_up_to_date(&mut connection, &path).expect("up to date");
        connection.pragma_update(None, "user_version", 99).expect("set");
        let error = bring_up_to_date(&mut connection, &path).expect_err("refused");
        assert!(error.to_string().contains("newer rushes"), "{error}");
    }

    #[test]
    fn the_ledger_and_the_events_cannot_be_changed_or_charged_twice() {
        let mut connection = Connection::open_in_memory().expect("a library");
        bring_up_to_date(&mut connection, Path::new("library.db")).expect("up to date");
        connection
            .execute_batch(
                "INSERT INTO jobs (id, number, brief, provider, base_url, credential, simulated, model,
                    operation, prompt, account_day, hold, stage, created, stage_at)
                 VALUES (x'01', 1, '{}', 'sandbox', '', '', 1, '', '', '', '2026-11-23', 0, 'queued', 0, 0);
                 INSERT INTO ledger (job, kind, amount, basis, at, account_day, simulated)
                 VALUES (x'01', 'charge', 5, 'quoted', 0, '2026-11-23', 0);
                 INSERT INTO job_events (job, at, event) VALUES (x'01', 0, '{}');",
            )
            .expect("rows");
        for refused in [
            "UPDATE ledger SET amount = 1",
            "DELETE FROM ledger",
            "UPDATE job_events SET at = 1",
            "DELETE FROM job_events",
            "INSERT INTO ledger (job, kind, amount, basis, at, account_day, simulated)
             VALUES (x'01', 'charge', 5, 'quoted', 0, '2026-11-23', 0)",
            "INSERT INTO ledger (job, kind, amount, basis, at, account_day, simulated)
             VALUES (x'01', 'hold', -5, 'quoted', 0, '2026-11-23', 0)",
        ] {
            assert!(connection.execute_batch(refused).is_err(), "allowed: {refused}");
        }
    }
}
