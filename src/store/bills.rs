//! The providers' own bills beside our ledger: kept line by line, matched by prediction, noted once.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::jobs::{has_line, load};
use super::rows::{ExecuteCached, all, millis, moment};
use super::{Store, StoreError, ledger};
use crate::domain::{
    Account, Basis, BillingLine, Job, JobId, Line, LineKind, ModelId, PredictionId, ProviderId, Usd,
};

/// What keeping the lines of a bill came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptBills {
    /// Lines that were not known.
    pub new: usize,
    /// Lines that were known with another amount.
    pub changed: usize,
}

/// What a job's bill came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// The ledger agrees with the bill now; these lines had to be written for it.
    Agreed(Box<Job>, Vec<Line>),
    /// The job's own money is not settled, or money came back that was never taken: nothing was written.
    NotYet,
}

/// Where the bill of a provider is asked for, and from when on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BillSpan {
    /// Whether anything was ever made for this provider at this address.
    pub has_jobs: bool,
    /// Whether something was made for it at another address, whose bill cannot be asked for here.
    pub has_others: bool,
    /// Everything up to here was read with this credential.
    pub pulled: Option<Timestamp>,
    /// The first submission.
    pub first: Option<Timestamp>,
}

impl Store {
    /// Whether anything was ever accepted by this provider.
    pub async fn has_predictions(&self, provider: ProviderId) -> Result<bool, StoreError> {
        self.call(move |connection| {
            connection
                .query_row(
                    "SELECT EXISTS (SELECT 1 FROM jobs WHERE provider = ?1 AND prediction IS NOT NULL)",
                    [provider.as_str()],
                    |row| row.get(0),
                )
                .map_err(StoreError::sql("looking for what was made"))
        })
        .await
    }

    /// From when on the bill of this account is wanted.
    pub async fn bill_span(&self, account: Account) -> Result<BillSpan, StoreError> {
        self.call(move |connection| {
            let read = connection.query_row(
                "SELECT
                    EXISTS (SELECT 1 FROM jobs WHERE provider = ?1 AND base_url = ?2 AND prediction IS NOT NULL),
                    EXISTS (SELECT 1 FROM jobs WHERE provider = ?1 AND base_url <> ?2 AND prediction IS NOT NULL),
                    (SELECT pulled FROM bill_pulls WHERE provider = ?1 AND base_url = ?2 AND credential = ?3),
                    (SELECT coalesce(submitted, created) FROM jobs
                     WHERE provider = ?1 AND base_url = ?2 AND prediction IS NOT NULL
                     ORDER BY number LIMIT 1)",
                params![account.provider.as_str(), account.base_url, account.credential.as_str()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?, row.get::<_, Option<i64>>(3)?)),
            );
            let (has_jobs, has_others, pulled, first) =
                read.map_err(StoreError::sql("reading when the bill was read"))?;
            let (pulled, first) = (pulled.map(moment).transpose()?, first.map(moment).transpose()?);
            Ok(BillSpan { has_jobs, has_others, pulled, first })
        })
        .await
    }

    /// Says that this process reads the bill of an account now, where nobody did so by itself for this long.
    pub async fn begin_pull(
        &self,
        account: Account,
        pause: Duration,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        self.write("beginning to read a bill", move |transaction| {
            transaction
                .execute_cached(
                    // One of the future was written by a clock that was wrong.
                    "INSERT INTO bill_pulls (provider, base_url, credential, tried) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET tried = excluded.tried
                     WHERE tried <= excluded.tried - ?5 OR tried > excluded.tried",
                    params![
                        account.provider.as_str(),
                        account.base_url,
                        account.credential.as_str(),
                        millis(now),
                        pause
                    ],
                )
                .map(|changed| changed > 0)
                .map_err(StoreError::sql("beginning to read a bill"))
        })
        .await
    }

    /// Notes that the whole bill of an account was read up to a moment.
    pub async fn end_pull(&self, account: Account, until: Timestamp) -> Result<(), StoreError> {
        self.write("noting that a bill was read", move |transaction| {
            transaction
                .execute_cached(
                    "INSERT INTO bill_pulls (provider, base_url, credential, tried, pulled)
                     VALUES (?1, ?2, ?3, ?4, ?4)
                     ON CONFLICT DO UPDATE SET tried = excluded.tried, pulled = excluded.pulled",
                    params![
                        account.provider.as_str(),
                        account.base_url,
                        account.credential.as_str(),
                        millis(until)
                    ],
                )
                .map(drop)
                .map_err(StoreError::sql("noting that a bill was read"))
        })
        .await
    }

    /// Keeps lines of a bill, each once however often it comes, and finds the jobs that they are for: those of
    /// lines that were kept before their job was known as well.
    pub async fn keep_bills(
        &self,
        account: Account,
        lines: Vec<BillingLine>,
        now: Timestamp,
    ) -> Result<KeptBills, StoreError> {
        self.write("keeping a bill", move |transaction| {
            let mut kept = KeptBills::default();
            for line in &lines {
                keep(transaction, &account, line, now, &mut kept)?;
            }
            transaction
                .execute_cached(
                    // Two jobs can have one prediction, of which there is one bill: the first one's.
                    "UPDATE bills SET job = (SELECT id FROM jobs WHERE jobs.provider = bills.provider
                        AND jobs.base_url = bills.base_url AND jobs.prediction = bills.prediction
                        ORDER BY number LIMIT 1)
                     WHERE job IS NULL AND provider = ?1 AND base_url = ?2 AND EXISTS (SELECT 1 FROM jobs
                        WHERE jobs.provider = bills.provider AND jobs.base_url = bills.base_url
                          AND jobs.prediction = bills.prediction)",
                    params![account.provider.as_str(), account.base_url],
                )
                .map_err(StoreError::sql("matching a bill"))?;
            Ok(kept)
        })
        .await
    }

    /// The jobs of this provider with lines of a bill that the ledger does not agree with yet.
    pub async fn billed_jobs(&self, provider: ProviderId) -> Result<Vec<JobId>, StoreError> {
        self.call(move |connection| {
            all(
                connection,
                "reading bills",
                "SELECT DISTINCT job FROM bills WHERE job IS NOT NULL AND NOT noted AND provider = :provider",
                &[(":provider", &provider.as_str())],
                |row| row.get(0).map(JobId).map_err(StoreError::sql("reading bills")),
            )
        })
        .await
    }

    /// Brings the ledger of a job in line with its bill: a `refund` once money came back, an `adjust` of what is
    /// left of the difference, all in one transaction. Saying it again writes nothing.
    pub async fn note_bill(&self, id: JobId, at: Timestamp) -> Result<Noted, StoreError> {
        self.write("noting a bill", move |transaction| {
            let job = load(transaction, id)?;
            let bill = BillSum::of(transaction, id)?;
            // Until its own end is written, a job's hold stays: whatever was billed for it is told beside.
            if !has_line(transaction, id, LineKind::Release)? {
                return Ok(Noted::NotYet);
            }
            let Some(lines) = lines(&job, bill) else { return Ok(Noted::NotYet) };
            ledger::write(transaction, &job, &lines, at)?;
            transaction
                .execute_cached("UPDATE bills SET noted = 1 WHERE job = ?1", [id.0])
                .map_err(StoreError::sql("noting a bill"))?;
            Ok(Noted::Agreed(Box::new(job), lines))
        })
        .await
    }
}

/// What was billed for a job.
#[derive(Debug, Clone, Copy)]
struct BillSum {
    /// `None` while no line of money that was taken was seen.
    taken: Option<Usd>,
    back: Usd,
}

impl BillSum {
    fn of(transaction: &Transaction<'_>, id: JobId) -> Result<Self, StoreError> {
        transaction
            .query_row(
                "SELECT sum(iif(is_refund, NULL, amount)), coalesce(sum(iif(is_refund, amount, 0)), 0)
                 FROM bills WHERE job = ?1",
                [id.0],
                |row| {
                    let taken = row.get::<_, Option<i64>>(0)?.map(Usd::from_micros);
                    Ok(Self { taken, back: Usd::from_micros(row.get(1)?) })
                },
            )
            .map_err(StoreError::sql("adding up a bill"))
    }
}

/// The lines after which charge + adjust − refund is what was taken less what came back. Where the line of what
/// was taken was not seen yet, it is taken to be what we charged; `None` where we charged nothing either.
fn lines(job: &Job, bill: BillSum) -> Option<Vec<Line>> {
    let basis = if job.is_simulated() { Basis::Simulated } else { Basis::Billed };
    let line = |kind, amount| Line { kind, amount, basis };
    let balance = &job.balance;
    let taken = bill.taken.or(balance.charge)?;
    let mut spent = balance.charge.unwrap_or_default() + balance.adjust - balance.refund;
    let mut lines = Vec::new();
    // One refund a job: what comes back after that is an adjustment like any other.
    if bill.back > Usd::ZERO && balance.refund == Usd::ZERO {
        lines.push(line(LineKind::Refund, bill.back));
        spent = spent - bill.back;
    }
    let difference = (taken - bill.back) - spent;
    if difference != Usd::ZERO {
        lines.push(line(LineKind::Adjust, difference));
    }
    Some(lines)
}

/// Keeps one line. With another key of the same account the provider lists the same lines: they count once.
fn keep(
    transaction: &Transaction<'_>,
    account: &Account,
    line: &BillingLine,
    now: Timestamp,
    kept: &mut KeptBills,
) -> Result<(), StoreError> {
    let doing = "keeping a line of a bill";
    let prediction = line.prediction.as_ref().map(PredictionId::as_str);
    let known = transaction
        .query_row(
            "SELECT credential, amount, is_refund FROM bills
             WHERE provider = :provider AND base_url = :base_url AND bill = :bill
               AND (credential = :credential OR prediction IS :prediction)
             ORDER BY credential = :credential DESC LIMIT 1",
            named_params! {
                ":provider": account.provider.as_str(),
                ":base_url": account.base_url,
                ":bill": line.id,
                ":credential": account.credential.as_str(),
                ":prediction": prediction,
            },
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?)),
        )
        .optional()
        .map_err(StoreError::sql(doing))?;
    match known {
        Some((_, amount, is_refund))
            if amount == line.amount.micros() && is_refund == line.is_refund =>
        {
            return Ok(());
        }
        Some((credential, ..)) => {
            kept.changed += 1;
            transaction.execute_cached(
                "UPDATE bills SET amount = ?5, is_refund = ?6, noted = 0
                 WHERE provider = ?1 AND base_url = ?2 AND bill = ?3 AND credential = ?4",
                params![
                    account.provider.as_str(),
                    account.base_url,
                    line.id,
                    credential,
                    line.amount.micros(),
                    line.is_refund
                ],
            )
        }
        None => {
            kept.new += 1;
            transaction.execute_cached(
                "INSERT INTO bills
                    (provider, base_url, bill, credential, prediction, model, is_refund, amount, at, seen)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    account.provider.as_str(),
                    account.base_url,
                    line.id,
                    account.credential.as_str(),
                    prediction,
                    line.model.as_ref().map(ModelId::as_str),
                    line.is_refund,
                    line.amount.micros(),
                    line.at.map(millis),
                    millis(now)
                ],
            )
        }
    }
    .map(drop)
    .map_err(StoreError::sql(doing))
}

#[cfg(test)]
#[path = "bills_tests.rs"]
mod tests;
