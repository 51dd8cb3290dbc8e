//! The ledger: append-only lines, and the sums over them.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::rows::{all, millis, moment};
use super::{Store, StoreError};
use crate::domain::usage::GroupBy;
use crate::domain::{Job, JobId, Line, LineKind, Totals, Usd};

/// A line as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// The job it is for.
    pub job: JobId,
    /// That job's short number.
    pub number: u32,
    /// What it says.
    pub kind: LineKind,
    /// How much.
    pub amount: Usd,
    /// Where the figure comes from.
    pub basis: String,
    /// When it was written.
    pub at: Timestamp,
    /// The day it counts on.
    pub account_day: String,
    /// Whether it is only pretended.
    pub simulated: bool,
}

/// One group of usage. Real money only, unless the sandbox is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroup {
    /// The day, the model, …
    pub key: String,
    /// How many jobs were settled with a charge or ended without.
    pub runs: u32,
    /// Milliseconds of video that came of them.
    pub video_ms: u64,
    /// Σ charge + Σ adjust − Σ refund.
    pub spent: Usd,
}

/// Days of an account, both included; `None` is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// From this day, `2026-11-01`.
    pub since: Option<String>,
    /// Up to this day.
    pub until: Option<String>,
}

/// Sums the kinds that are spending.
const SPENT: &str = "CASE kind WHEN 'charge' THEN amount WHEN 'adjust' THEN amount
    WHEN 'refund' THEN -amount ELSE 0 END";

impl Store {
    /// What was spent and is held on these days.
    pub async fn totals(&self, days: Days) -> Result<Totals, StoreError> {
        self.call(move |connection| totals(connection, &days)).await
    }

    /// Usage by groups, the dearest first (days: the newest first).
    pub async fn usage(
        &self,
        by: GroupBy,
        days: Days,
        simulated: bool,
    ) -> Result<Vec<UsageGroup>, StoreError> {
        let (key, from) = match by {
            GroupBy::Day => ("jobs.account_day", "jobs"),
            GroupBy::Model => ("jobs.model", "jobs"),
            GroupBy::Provider => ("jobs.provider", "jobs"),
            GroupBy::Operation => ("jobs.operation", "jobs"),
            GroupBy::Project => ("coalesce(jobs.project, '-')", "jobs"),
            GroupBy::Tag => ("tag.value", "jobs, json_each(jobs.brief, '$.tags') AS tag"),
        };
        let order = if by == GroupBy::Day { "key DESC" } else { "spent DESC, key" };
        let sql = format!(
            "SELECT {key} AS key,
                sum(jobs.submitted IS NOT NULL) AS runs,
                sum(coalesce((SELECT sum(json_extract(facts, '$.duration_ms')) FROM assets
                     WHERE assets.job = jobs.id AND assets.kind = 'video'), 0)) AS video_ms,
                sum(coalesce((SELECT sum({SPENT}) FROM ledger WHERE ledger.job = jobs.id), 0)) AS spent
             FROM {from}
             WHERE jobs.simulated = :simulated
               AND (:since IS NULL OR jobs.account_day >= :since)
               AND (:until IS NULL OR jobs.account_day <= :until)
             GROUP BY 1 HAVING runs > 0 OR spent <> 0 ORDER BY {order}"
        );
        self.call(move |connection| {
            all(
                connection,
                "adding up usage",
                &sql,
                &[(":simulated", &simulated), (":since", &days.since), (":until", &days.until)],
                |row| {
                    let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                    Ok(UsageGroup {
                        key: row.get(0).map_err(text)?,
                        runs: row.get(1).map_err(text)?,
                        video_ms: row.get(2).map_err(text)?,
                        spent: Usd::from_micros(row.get(3).map_err(text)?),
                    })
                },
            )
        })
        .await
    }

    /// The ledger of these days, oldest line first.
    pub async fn ledger(&self, days: Days) -> Result<Vec<LedgerLine>, StoreError> {
        self.call(move |connection| {
            all(
                connection,
                "reading the ledger",
                "SELECT ledger.job, jobs.number, ledger.kind, ledger.amount, ledger.basis, ledger.at,
                        ledger.account_day, ledger.simulated
                 FROM ledger JOIN jobs ON jobs.id = ledger.job
                 WHERE (:since IS NULL OR ledger.account_day >= :since)
                   AND (:until IS NULL OR ledger.account_day <= :until)
                 ORDER BY ledger.seq",
                &[(":since", &days.since), (":until", &days.until)],
                |row| {
                    let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                    Ok(LedgerLine {
                        job: JobId(row.get(0).map_err(text)?),
                        number: row.get(1).map_err(text)?,
                        kind: row
                            .get::<_, String>(2)
                            .map_err(text)?
                            .parse()
                            .map_err(StoreError::Row)?,
                        amount: Usd::from_micros(row.get(3).map_err(text)?),
                        basis: row.get(4).map_err(text)?,
                        at: moment(row.get(5).map_err(text)?)?,
                        account_day: row.get(6).map_err(text)?,
                        simulated: row.get(7).map_err(text)?,
                    })
                },
            )
        })
        .await
    }
}

/// Appends a job's lines. A second line of a settling kind is refused by the database.
pub(super) fn write(
    transaction: &Transaction<'_>,
    job: &Job,
    lines: &[Line],
    at: Timestamp,
) -> Result<(), StoreError> {
    for line in lines {
        transaction
            .execute(
                "INSERT INTO ledger (job, kind, amount, basis, at, account_day, project, simulated)
                 SELECT id, ?2, ?3, ?4, ?5, account_day, project, simulated FROM jobs WHERE id = ?1",
                params![
                    job.id.0,
                    line.kind.as_str(),
                    line.amount.micros(),
                    line.basis.as_str(),
                    millis(at)
                ],
            )
            .map_err(StoreError::sql("writing the ledger"))?;
    }
    Ok(())
}

/// The sums, inside a transaction or outside.
pub(super) fn totals(connection: &Connection, days: &Days) -> Result<Totals, StoreError> {
    connection
        .query_row(
            &format!(
                "SELECT
                    coalesce(sum(CASE WHEN simulated THEN 0 ELSE {SPENT} END), 0),
                    coalesce(sum(CASE WHEN simulated THEN 0 WHEN kind = 'hold' THEN amount
                                      WHEN kind = 'release' THEN -amount ELSE 0 END), 0),
                    coalesce(sum(CASE WHEN simulated THEN 0 WHEN kind = 'refund_due' THEN amount
                                      WHEN kind = 'refund' THEN -amount ELSE 0 END), 0),
                    coalesce(sum(CASE WHEN simulated THEN {SPENT} ELSE 0 END), 0),
                    coalesce(sum(CASE WHEN NOT simulated THEN 0 WHEN kind = 'hold' THEN amount
                                      WHEN kind = 'release' THEN -amount ELSE 0 END), 0)
                 FROM ledger
                 WHERE (?1 IS NULL OR account_day >= ?1) AND (?2 IS NULL OR account_day <= ?2)"
            ),
            params![days.since, days.until],
            |row| {
                Ok(Totals {
                    spent: Usd::from_micros(row.get(0)?),
                    held: Usd::from_micros(row.get(1)?),
                    refund_due: Usd::from_micros(row.get::<_, i64>(2)?.max(0)),
                    simulated: Usd::from_micros(row.get(3)?),
                    simulated_held: Usd::from_micros(row.get(4)?),
                })
            },
        )
        .map_err(StoreError::sql("adding up the ledger"))
}
