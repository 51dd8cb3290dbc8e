//! The ledger: append-only lines, and the sums over them.

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, Transaction, params};

use super::rows::{ExecuteCached, all, millis, moment};
use super::usage::unreadable;
use super::{Store, StoreError};
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

/// Days of an account, both included; `None` is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// From this day, `2026-11-01`.
    pub since: Option<String>,
    /// Up to this day.
    pub until: Option<String>,
}

impl Store {
    /// What was spent and is held on these days.
    pub async fn totals(&self, days: Days) -> Result<Totals, StoreError> {
        self.call(move |connection| totals(connection, &days)).await
    }

    /// The ledger of these days, oldest line first.
    pub async fn ledger(&self, days: Days) -> Result<Vec<LedgerLine>, StoreError> {
        let sql = format!(
            "{LINE} WHERE (:since IS NULL OR ledger.account_day >= :since)
               AND (:until IS NULL OR ledger.account_day <= :until) ORDER BY ledger.seq"
        );
        self.call(move |connection| {
            let days: &[(&str, &dyn ToSql)] = &[(":since", &days.since), (":until", &days.until)];
            all(connection, "reading the ledger", &sql, days, read)
        })
        .await
    }

    /// The lines of one job, oldest first.
    pub async fn ledger_of(&self, id: JobId) -> Result<Vec<LedgerLine>, StoreError> {
        let sql = format!("{LINE} WHERE ledger.job = :job ORDER BY ledger.seq");
        self.call(move |connection| {
            all(connection, "reading the ledger", &sql, &[(":job", &id.0)], read)
        })
        .await
    }
}

const LINE: &str =
    "SELECT ledger.job, jobs.number, ledger.kind, ledger.amount, ledger.basis, ledger.at,
    ledger.account_day, ledger.simulated FROM ledger JOIN jobs ON jobs.id = ledger.job";

fn read(row: &Row<'_>) -> Result<LedgerLine, StoreError> {
    let kind: String = row.get(2).map_err(|error| unreadable(&error))?;
    Ok(LedgerLine {
        job: JobId(row.get(0).map_err(|error| unreadable(&error))?),
        number: row.get(1).map_err(|error| unreadable(&error))?,
        kind: kind.parse().map_err(StoreError::Row)?,
        amount: Usd::from_micros(row.get(3).map_err(|error| unreadable(&error))?),
        basis: row.get(4).map_err(|error| unreadable(&error))?,
        at: moment(row.get(5).map_err(|error| unreadable(&error))?)?,
        account_day: row.get(6).map_err(|error| unreadable(&error))?,
        simulated: row.get(7).map_err(|error| unreadable(&error))?,
    })
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
            .execute_cached(
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

/// The sums, real and simulated apart.
fn totals(connection: &Connection, days: &Days) -> Result<Totals, StoreError> {
    let of = |simulated: bool| {
        connection
            .prepare_cached(
                "SELECT coalesce(sum(spent), 0), coalesce(sum(held), 0), coalesce(sum(due), 0) FROM model_sums
                 WHERE simulated = ?1 AND day BETWEEN coalesce(?2, '') AND coalesce(?3, '9999-99-99')",
            )
            .and_then(|mut statement| {
                statement.query_row(params![simulated, days.since, days.until], |row| {
                    Ok([row.get(0)?, row.get(1)?, row.get(2)?].map(Usd::from_micros))
                })
            })
            .map_err(StoreError::sql("adding up the ledger"))
    };
    let ([spent, held, refund_due], [simulated, simulated_held, _]) = (of(false)?, of(true)?);
    Ok(Totals { spent, held, refund_due, simulated, simulated_held })
}
