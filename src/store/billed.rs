//! What is to be seen from the bills: what nobody here knows, where prices differ, what is still owed.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, named_params, params};

use super::rows::{all, millis, moment};
use super::{Store, StoreError};
use crate::domain::{ModelId, PredictionId, ProviderId, StageName, Usd};

/// What was billed and no job here knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unknown {
    /// How many lines.
    pub lines: u64,
    /// What they took.
    pub taken: Usd,
    /// What they brought back.
    pub back: Usd,
    /// The newest of them.
    pub newest: Vec<UnknownBill>,
}

/// A line of a bill that no job here knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBill {
    /// Whose bill.
    pub provider: ProviderId,
    /// Its name there.
    pub bill: String,
    /// The prediction, where the line names one.
    pub prediction: Option<PredictionId>,
    /// The model, where it names one.
    pub model: Option<ModelId>,
    /// Whether money came back.
    pub is_refund: bool,
    /// How much.
    pub amount: Usd,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// A job in doubt of the same model that was sent in that minute: it may be its own.
    pub perhaps: Option<u32>,
}

/// What a model was billed beside what we charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: ModelId,
    /// Runs whose bill was seen.
    pub runs: u64,
    /// What we had charged for them.
    pub quoted: Usd,
    /// What the provider billed for them.
    pub billed: Usd,
    /// The largest difference of one run, with its sign.
    pub largest: Usd,
}

/// Money that the provider owes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRefund {
    /// The job.
    pub number: u32,
    /// How much.
    pub amount: Usd,
    /// Since when.
    pub since: Timestamp,
}

/// A bill that the ledger does not agree with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBill {
    /// The job.
    pub number: u32,
    /// Where it stands.
    pub stage: StageName,
    /// What was taken for it.
    pub taken: Usd,
    /// What came back.
    pub back: Usd,
}

/// Clocks differ, and a submission takes a while to be billed.
const AROUND_MS: i64 = 180_000;

/// So many of the newest jobs can be waiting for their bill.
const NEWEST: u32 = 200;

impl Store {
    /// What was billed and no job here knows, with at most `shown` of its lines.
    pub async fn unknown_bills(&self, simulated: bool, shown: u32) -> Result<Unknown, StoreError> {
        self.call(move |connection| {
            let sandbox = ProviderId::Sandbox.as_str();
            let mut unknown = connection
                .query_row(
                    "SELECT count(*), coalesce(sum(iif(is_refund, 0, amount)), 0),
                        coalesce(sum(iif(is_refund, amount, 0)), 0)
                     FROM bills WHERE job IS NULL AND (provider = ?1) = ?2",
                    params![sandbox, simulated],
                    |row| {
                        Ok(Unknown {
                            lines: row.get(0)?,
                            taken: Usd::from_micros(row.get(1)?),
                            back: Usd::from_micros(row.get(2)?),
                            newest: vec![],
                        })
                    },
                )
                .map_err(StoreError::sql("adding up unknown bills"))?;
            unknown.newest = newest_unknown(connection, simulated, shown)?;
            Ok(unknown)
        })
        .await
    }

    /// What each model was billed beside what we charged, the largest difference first.
    pub async fn drift(&self, simulated: bool) -> Result<Vec<Drift>, StoreError> {
        self.call(move |connection| {
            let sql = "SELECT provider, model, count(*), sum(quoted), sum(billed),
                    max(billed - quoted), min(billed - quoted)
                FROM figures WHERE simulated = :simulated AND billed IS NOT NULL
                GROUP BY provider, model ORDER BY abs(sum(billed) - sum(quoted)) DESC, model";
            all(connection, "comparing bills", sql, &[(":simulated", &simulated)], |row| {
                let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                let (most, least): (i64, i64) =
                    (row.get(5).map_err(text)?, row.get(6).map_err(text)?);
                Ok(Drift {
                    provider: known(&row.get::<_, String>(0).map_err(text)?)?,
                    model: ModelId(row.get(1).map_err(text)?),
                    runs: row.get(2).map_err(text)?,
                    quoted: Usd::from_micros(row.get(3).map_err(text)?),
                    billed: Usd::from_micros(row.get(4).map_err(text)?),
                    largest: Usd::from_micros(if -least > most { least } else { most }),
                })
            })
        })
        .await
    }

    /// What providers have owed back since before a moment, oldest first: a question each.
    pub async fn refunds_due(
        &self,
        simulated: bool,
        before: Timestamp,
    ) -> Result<Vec<DueRefund>, StoreError> {
        self.call(move |connection| {
            // What came back is what the bill says, even where the ledger has it as an adjustment.
            let sql = "SELECT number, owed - max(refunded, coalesce((SELECT sum(amount) FROM bills
                        WHERE bills.job = figures.job AND is_refund), 0)) AS left, ledger.at
                FROM figures JOIN ledger ON ledger.job = figures.job AND ledger.kind = 'refund_due'
                WHERE figures.simulated = :simulated AND owed > refunded AND left > 0
                  AND ledger.at < :before
                ORDER BY ledger.at";
            let parameters: &[(&str, &dyn rusqlite::types::ToSql)] =
                &[(":simulated", &simulated), (":before", &millis(before))];
            all(connection, "reading refunds", sql, parameters, |row| {
                let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                Ok(DueRefund {
                    number: row.get(0).map_err(text)?,
                    amount: Usd::from_micros(row.get(1).map_err(text)?),
                    since: moment(row.get(2).map_err(text)?)?,
                })
            })
        })
        .await
    }

    /// Bills of jobs whose money is not settled, or that brought back what was never taken.
    pub async fn open_bills(&self, simulated: bool) -> Result<Vec<OpenBill>, StoreError> {
        self.call(move |connection| {
            let sql = "SELECT jobs.number, jobs.stage, sum(iif(is_refund, 0, amount)),
                    sum(iif(is_refund, amount, 0))
                FROM bills JOIN jobs ON jobs.id = bills.job
                WHERE bills.job IN (SELECT job FROM bills WHERE job IS NOT NULL AND NOT noted)
                  AND jobs.simulated = :simulated
                GROUP BY jobs.number ORDER BY jobs.number";
            all(connection, "reading open bills", sql, &[(":simulated", &simulated)], |row| {
                let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                let stage: String = row.get(1).map_err(text)?;
                Ok(OpenBill {
                    number: row.get(0).map_err(text)?,
                    stage: stage.parse().map_err(|_| StoreError::Row(stage))?,
                    taken: Usd::from_micros(row.get(2).map_err(text)?),
                    back: Usd::from_micros(row.get(3).map_err(text)?),
                })
            })
        })
        .await
    }

    /// What runs that were sent to a provider between two moments have cost by our ledger.
    pub async fn spent_at(
        &self,
        provider: ProviderId,
        base_url: String,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<Usd, StoreError> {
        self.call(move |connection| {
            connection
                .query_row(
                    "SELECT coalesce(sum(figures.spent), 0) FROM jobs JOIN figures ON figures.job = jobs.id
                     WHERE jobs.provider = :provider AND jobs.base_url = :base_url
                       AND jobs.prediction IS NOT NULL
                       AND jobs.submitted >= :since AND jobs.submitted < :until",
                    named_params! {
                        ":provider": provider.as_str(),
                        ":base_url": base_url,
                        ":since": millis(since),
                        ":until": millis(until),
                    },
                    |row| row.get(0).map(Usd::from_micros),
                )
                .map_err(StoreError::sql("adding up what was spent"))
        })
        .await
    }

    /// Whether the bill of a provider is worth asking for: one of the newest jobs ended there less than `refund`
    /// ago and its refund was not seen, or less than `bill` ago and its bill was not.
    pub async fn awaits_bills(
        &self,
        provider: ProviderId,
        now: Timestamp,
        refund: Duration,
        bill: Duration,
    ) -> Result<bool, StoreError> {
        let ago = |wait: Duration| {
            millis(now).saturating_sub(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
        };
        let (refund, bill) = (ago(refund), ago(bill));
        self.call(move |connection| {
            connection
                .query_row(
                    "SELECT EXISTS (SELECT 1 FROM
                        (SELECT * FROM jobs ORDER BY number DESC LIMIT ?1) AS newest
                        JOIN figures ON figures.job = newest.id
                        WHERE newest.provider = ?4 AND newest.prediction IS NOT NULL
                          AND ((figures.owed > figures.refunded AND newest.ended >= ?2)
                            OR (figures.billed IS NULL AND figures.held = 0 AND newest.ended >= ?3)))",
                    params![NEWEST, refund, bill, provider.as_str()],
                    |row| row.get(0),
                )
                .map_err(StoreError::sql("looking for what is not billed yet"))
        })
        .await
    }
}

fn known(name: &str) -> Result<ProviderId, StoreError> {
    name.parse().map_err(|_| StoreError::Row(format!("no provider {name:?}")))
}

fn newest_unknown(
    connection: &Connection,
    simulated: bool,
    shown: u32,
) -> Result<Vec<UnknownBill>, StoreError> {
    let sql = "SELECT provider, bill, prediction, model, is_refund, amount, at,
            (SELECT number FROM jobs WHERE stage = 'in_doubt' AND jobs.prediction IS NULL
                AND jobs.provider = bills.provider AND jobs.base_url = bills.base_url
                AND jobs.model = bills.model AND abs(jobs.submitted - bills.at) <= :around
             ORDER BY abs(jobs.submitted - bills.at) LIMIT 1)
        FROM bills WHERE job IS NULL AND (provider = :sandbox) = :simulated
        ORDER BY at DESC LIMIT :shown";
    let sandbox = ProviderId::Sandbox.as_str();
    let parameters: &[(&str, &dyn rusqlite::types::ToSql)] = &[
        (":around", &AROUND_MS),
        (":sandbox", &sandbox),
        (":simulated", &simulated),
        (":shown", &shown),
    ];
    all(connection, "reading unknown bills", sql, parameters, |row| {
        let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
        Ok(UnknownBill {
            provider: known(&row.get::<_, String>(0).map_err(text)?)?,
            bill: row.get(1).map_err(text)?,
            prediction: row.get::<_, Option<String>>(2).map_err(text)?.map(PredictionId),
            model: row.get::<_, Option<String>>(3).map_err(text)?.map(ModelId),
            is_refund: row.get(4).map_err(text)?,
            amount: Usd::from_micros(row.get(5).map_err(text)?),
            at: row.get::<_, Option<i64>>(6).map_err(text)?.map(moment).transpose()?,
            perhaps: row.get(7).map_err(text)?,
        })
    })
}
