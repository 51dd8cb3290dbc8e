//! How much may be sent: counted in the library, per provider and credential, over all processes.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::jobs::{Actor, load, note_sent, step};
use super::rows::{ExecuteCached, from_json, json, millis, moment};
use super::{Store, StoreError};
use crate::domain::{Account, Job, JobEvent, JobId, Params, Reason, ReasonKind};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many may run at once.
    pub running_at_once: u32,
    /// How many may be sent in a minute.
    pub sent_per_minute: u32,
}

/// Whether a job may be sent now.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// It may: it is `submitting` in the library, and counted.
    Granted(Box<Job>),
    /// Not yet.
    Wait {
        /// Why.
        reason: Reason,
        /// Worth asking again after this long.
        ask_again: Duration,
    },
    /// Not before a person says so: the provider refused the key or the credit.
    Paused(Reason),
}

impl Store {
    /// Takes a place and moves the job from `checking` to `submitting`, in one transaction with the
    /// counting: two processes cannot both take the last one. `params` is what will be sent.
    pub async fn begin_submission(
        &self,
        id: JobId,
        params: Params,
        limits: Limits,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Place, StoreError> {
        self.write("taking a place in the queue", move |transaction| {
            let job = load(transaction, id)?;
            if let Some((since, reason)) = pause(transaction, &job.account)?
                && job.times.created <= since
            {
                return Ok(Place::Paused(reason));
            }
            if let Some(wait) = no_place(transaction, &job, limits, at)? {
                return Ok(wait);
            }
            note_sent(transaction, id, &params)?;
            let job = step(transaction, id, &JobEvent::SubmitStarted, &actor, at)?;
            transaction
                .execute_cached(
                    "INSERT INTO sends (provider, credential, at) VALUES (?1, ?2, ?3)",
                    params![
                        job.account.provider.as_str(),
                        job.account.credential.as_str(),
                        millis(at)
                    ],
                )
                .and_then(|_| {
                    transaction.execute_cached(
                        "DELETE FROM sends WHERE at < ?1",
                        [millis(at) - 24 * 3_600_000],
                    )
                })
                .map_err(StoreError::sql("counting a submission"))?;
            Ok(Place::Granted(Box::new(job)))
        })
        .await
    }

    /// Why this job could not be sent now, or `None` when there is a place. Takes none.
    pub async fn look_for_place(
        &self,
        id: JobId,
        limits: Limits,
        at: Timestamp,
    ) -> Result<Option<Place>, StoreError> {
        // A write transaction, so that the figures belong together.
        self.write("looking for a place in the queue", move |transaction| {
            let job = load(transaction, id)?;
            if let Some((since, reason)) = pause(transaction, &job.account)?
                && job.times.created <= since
            {
                return Ok(Some(Place::Paused(reason)));
            }
            no_place(transaction, &job, limits, at)
        })
        .await
    }

    /// Stops sending anything that was admitted so far to this account.
    pub async fn pause(
        &self,
        account: &Account,
        reason: Reason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let account = account.clone();
        self.write("pausing a queue", move |transaction| {
            transaction
                .execute_cached(
                    "INSERT OR REPLACE INTO pauses (provider, credential, at, reason) VALUES (?1, ?2, ?3, ?4)",
                    params![
                        account.provider.as_str(),
                        account.credential.as_str(),
                        millis(at),
                        json(&reason)
                    ],
                )
                .map(drop)
                .map_err(StoreError::sql("pausing a queue"))
        })
        .await
    }

    /// Lets everything be sent again, to every account. Says how many queues were paused.
    pub async fn unpause(&self) -> Result<usize, StoreError> {
        self.write("going on with a queue", |transaction| {
            transaction
                .execute_cached("DELETE FROM pauses", [])
                .map_err(StoreError::sql("going on with a queue"))
        })
        .await
    }

    /// Lets everything be sent again to this account: it has just accepted something.
    pub async fn unpause_account(&self, account: &Account) -> Result<(), StoreError> {
        let account = account.clone();
        self.write("going on with a queue", move |transaction| {
            transaction
                .execute_cached(
                    "DELETE FROM pauses WHERE provider = ?1 AND credential = ?2",
                    params![account.provider.as_str(), account.credential.as_str()],
                )
                .map(drop)
                .map_err(StoreError::sql("going on with a queue"))
        })
        .await
    }

    /// Why this account's queue is paused, and since when.
    pub async fn paused(
        &self,
        account: &Account,
    ) -> Result<Option<(Timestamp, Reason)>, StoreError> {
        let account = account.clone();
        self.write("reading a queue", move |transaction| pause(transaction, &account)).await
    }
}

fn pause(
    transaction: &Transaction<'_>,
    account: &Account,
) -> Result<Option<(Timestamp, Reason)>, StoreError> {
    let found: Option<(i64, String)> = transaction
        .query_row(
            "SELECT at, reason FROM pauses WHERE provider = ?1 AND credential = ?2",
            params![account.provider.as_str(), account.credential.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(StoreError::sql("reading a queue"))?;
    found.map(|(at, reason)| Ok((moment(at)?, from_json(&reason)?))).transpose()
}

/// Why there is no place for this job now, or `None` when there is one.
fn no_place(
    transaction: &Transaction<'_>,
    job: &Job,
    limits: Limits,
    at: Timestamp,
) -> Result<Option<Place>, StoreError> {
    let provider = job.account.provider.as_str();
    let credential = job.account.credential.as_str();
    let now = millis(at);
    let count = |sql: &str, extra: i64| -> Result<u32, StoreError> {
        transaction
            .query_row(sql, params![provider, credential, extra, now], |row| row.get(0))
            .map_err(StoreError::sql("counting what runs"))
    };

    // First come, first served: an older job that could be sent takes its place before this one.
    // One whose owner let its lease run out is gone: it stands in nobody's way.
    let before = count(
        "SELECT count(*) FROM jobs WHERE provider = ?1 AND credential = ?2 AND number < ?3
         AND owner_until > ?4 AND (stage = 'checking' OR (stage = 'queued' AND not_before IS NULL
              AND (reason IS NULL OR json_extract(reason, '$.kind') = 'no_place')))",
        i64::from(job.number),
    )?;
    // An overdue job holds no place: it may be asked about for a day.
    let running = count(
        "SELECT count(*) FROM jobs WHERE provider = ?1 AND credential = ?2 AND ?3 < ?4
         AND (stage = 'submitting' OR (stage = 'waiting' AND
              (reason IS NULL OR json_extract(reason, '$.kind') NOT IN ('overdue', 'other_account'))))",
        0,
    )?;
    let wait = |text: String, ask_again| {
        Some(Place::Wait { reason: Reason::new(ReasonKind::NoPlace, text), ask_again })
    };
    let second = Duration::from_secs(1);
    if running >= limits.running_at_once {
        let text = format!("waits for a place: {running} of {} run", limits.running_at_once);
        return Ok(wait(text, second));
    }
    let minute_ago = millis(at) - 60_000;
    let sent = count(
        "SELECT count(*) FROM sends WHERE provider = ?1 AND credential = ?2 AND at > ?3 AND at <= ?4",
        minute_ago,
    )?;
    if sent >= limits.sent_per_minute {
        let oldest: i64 = transaction
            .query_row(
                "SELECT coalesce(min(at), 0) FROM sends WHERE provider = ?1 AND credential = ?2 AND at > ?3",
                params![provider, credential, minute_ago],
                |row| row.get(0),
            )
            .map_err(StoreError::sql("counting what was sent"))?;
        let millis = (oldest - minute_ago).clamp(1, 60_000);
        let text = format!("waits: {} may be sent a minute", limits.sent_per_minute);
        return Ok(wait(text, Duration::from_millis(millis.clamp(50, 1_000).cast_unsigned())));
    }
    if running + before >= limits.running_at_once || sent + before >= limits.sent_per_minute {
        return Ok(wait("waits for its turn".to_owned(), second));
    }
    Ok(None)
}
