//! Who drives a job: one process at a time, by a lease in the library.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::jobs::{Actor, load};
use super::rows::{ExecuteCached, all, millis};
use super::{Store, StoreError};
use crate::domain::{Alive, JobId, Owner, StageName};

/// How long after its lease ended the owner of a submission on *another machine* is believed to live.
const FAR_SUBMISSION_MS: i64 = 10 * 60 * 1000;

impl Store {
    /// Takes the job for `owner` until `until`, and says whether it is ours now.
    ///
    /// It is, when nobody has it, when we have it already, or when its owner is gone or let its lease
    /// run out. An owner that lives is never evicted while it submits: its answer may still come.
    /// `alive` is asked about the present owner; it must answer at once.
    pub async fn claim<F>(
        &self,
        id: JobId,
        owner: Owner,
        until: Timestamp,
        now: Timestamp,
        alive: F,
    ) -> Result<bool, StoreError>
    where
        F: FnOnce(&Owner) -> Alive + Send + 'static,
    {
        self.write("claiming a job", move |transaction| {
            let job = load(transaction, id)?;
            if let Some((holder, holds_until)) = holder(transaction, id)? {
                let over = millis(now) - holds_until;
                let submitting = job.stage.name() == StageName::Submitting;
                let free = holder == owner
                    || match alive(&holder) {
                        Alive::No => true,
                        Alive::Yes => over > 0 && !submitting,
                        Alive::Unknown => over > if submitting { FAR_SUBMISSION_MS } else { 0 },
                    };
                if !free {
                    return Ok(false);
                }
            }
            set_owner(transaction, id, &owner, until)?;
            Ok(true)
        })
        .await
    }

    /// Makes every lease of this owner last until `until`.
    pub async fn renew(&self, owner: Owner, until: Timestamp) -> Result<(), StoreError> {
        self.write("renewing leases", move |transaction| {
            transaction
                .execute_cached(
                    "UPDATE jobs SET owner_until = ?4
                     WHERE owner_host = ?1 AND owner_pid = ?2 AND owner_start = ?3",
                    params![owner.host, owner.pid, start(&owner), millis(until)],
                )
                .map(drop)
                .map_err(StoreError::sql("renewing leases"))
        })
        .await
    }

    /// Gives one job up, so that another process may take it at once.
    pub async fn release(&self, id: JobId, owner: Owner) -> Result<(), StoreError> {
        self.write("giving a job up", move |transaction| {
            if is_owner(transaction, id, &Actor::Owner(owner))? {
                clear(transaction, id)?;
            }
            Ok(())
        })
        .await
    }

    /// Who has the job now, and until when (UTC milliseconds).
    pub async fn owner_of(&self, id: JobId) -> Result<Option<(Owner, i64)>, StoreError> {
        self.call(move |connection| holder(connection, id)).await
    }
}

/// Writes the owner.
pub(super) fn set_owner(
    transaction: &Transaction<'_>,
    id: JobId,
    owner: &Owner,
    until: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute_cached(
            "UPDATE jobs SET owner_host = ?2, owner_pid = ?3, owner_start = ?4, owner_until = ?5
             WHERE id = ?1",
            params![id.0, owner.host, owner.pid, start(owner), millis(until)],
        )
        .map(drop)
        .map_err(StoreError::sql("claiming a job"))
}

/// Takes the owner away.
pub(super) fn clear(transaction: &Transaction<'_>, id: JobId) -> Result<(), StoreError> {
    transaction
        .execute_cached(
            "UPDATE jobs SET owner_host = NULL, owner_pid = NULL, owner_start = NULL, owner_until = NULL
             WHERE id = ?1",
            [id.0],
        )
        .map(drop)
        .map_err(StoreError::sql("giving a job up"))
}

/// Whether this actor is the job's owner.
pub(super) fn is_owner(
    connection: &Connection,
    id: JobId,
    actor: &Actor,
) -> Result<bool, StoreError> {
    let Actor::Owner(owner) = actor else { return Ok(false) };
    Ok(holder(connection, id)?.is_some_and(|(holder, _)| holder == *owner))
}

fn holder(connection: &Connection, id: JobId) -> Result<Option<(Owner, i64)>, StoreError> {
    let found = all(
        connection,
        "reading who has a job",
        "SELECT owner_host, owner_pid, owner_start, owner_until FROM jobs
         WHERE id = :id AND owner_host IS NOT NULL",
        &[(":id", &id.0)],
        |row| {
            let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
            let owner = Owner {
                host: row.get(0).map_err(text)?,
                pid: row.get(1).map_err(text)?,
                start: row.get::<_, i64>(2).map_err(text)?.cast_unsigned(),
            };
            Ok((owner, row.get(3).map_err(text)?))
        },
    )?;
    Ok(found.into_iter().next())
}

/// `SQLite` integers are signed; the bits are what counts.
fn start(owner: &Owner) -> i64 {
    owner.start.cast_signed()
}
