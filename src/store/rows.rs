//! Rows to values and back. The domain knows no rows; this is where they meet.

use jiff::Timestamp;
use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, Params, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{
    Account, Asset, AssetId, Balance, BatchId, Fingerprint, Job, JobId, LineKind, Origin,
    PredictionId, Progress, Stage, StageName, Times, Usd, Verdict, Wish,
};

/// The columns of a job with its ledger lines, for every query that loads one.
pub(super) const JOB: &str = "SELECT jobs.*,
    (SELECT json_group_array(json_array(kind, amount)) FROM ledger WHERE ledger.job = jobs.id) AS lines
    FROM jobs";

/// The columns of an asset with its tags and what the run that made it cost.
pub(super) const ASSET: &str = "SELECT assets.*,
    jobs.provider, jobs.model, jobs.operation, jobs.prediction,
    (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE asset = assets.id ORDER BY tag)) AS tag_list,
    (SELECT sum(CASE kind WHEN 'charge' THEN amount WHEN 'adjust' THEN amount
                          WHEN 'refund' THEN -amount ELSE 0 END)
       FROM ledger WHERE ledger.job = assets.job) AS cost,
    (SELECT basis FROM ledger WHERE ledger.job = assets.job AND kind IN ('charge', 'adjust')
       ORDER BY seq DESC LIMIT 1) AS cost_basis
    FROM assets LEFT JOIN jobs ON jobs.id = assets.job";

/// Writes without reading the statement anew each time: with it, the database compiles every trigger that it sets off,
/// and those that keep the sums are long.
pub(super) trait ExecuteCached {
    /// As `execute` does.
    fn execute_cached(&self, sql: &str, parameters: impl Params) -> Result<usize, rusqlite::Error>;
}

impl ExecuteCached for Connection {
    fn execute_cached(&self, sql: &str, parameters: impl Params) -> Result<usize, rusqlite::Error> {
        self.prepare_cached(sql)?.execute(parameters)
    }
}

/// UTC milliseconds.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The moment of these UTC milliseconds.
pub(super) fn moment(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|_| StoreError::Row(format!("{millis} is no moment")))
}

/// A value as the JSON of a column.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own values are JSON")
}

/// The value of a column of JSON.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Row(format!("{error} in {text:?}")))
}

fn column<T: FromSql>(row: &Row<'_>, name: &str) -> Result<T, StoreError> {
    row.get(name).map_err(|error| StoreError::Row(format!("column {name}: {error}")))
}

fn parsed<T: std::str::FromStr>(row: &Row<'_>, name: &str) -> Result<T, StoreError> {
    let text: String = column(row, name)?;
    text.parse().map_err(|_| StoreError::Row(format!("column {name}: {text:?}")))
}

/// A column whose text is the JSON form of a plain enum.
fn word<T: DeserializeOwned>(row: &Row<'_>, name: &str) -> Result<Option<T>, StoreError> {
    column::<Option<String>>(row, name)?
        .map(|text| {
            serde_json::from_value(text.clone().into())
                .map_err(|_| StoreError::Row(format!("column {name}: {text:?}")))
        })
        .transpose()
}

fn at(row: &Row<'_>, name: &str) -> Result<Option<Timestamp>, StoreError> {
    column::<Option<i64>>(row, name)?.map(moment).transpose()
}

fn at_all_times(row: &Row<'_>, name: &str) -> Result<Timestamp, StoreError> {
    moment(column(row, name)?)
}

/// A job of a row of [`JOB`].
pub(super) fn job(row: &Row<'_>) -> Result<Job, StoreError> {
    let optional_json = |name| column::<Option<String>>(row, name);
    Ok(Job {
        id: JobId(column::<Uuid>(row, "id")?),
        number: column(row, "number")?,
        batch: column::<Option<Uuid>>(row, "batch")?.map(BatchId),
        brief: from_json(&column::<String>(row, "brief")?)?,
        account: Account {
            provider: parsed(row, "provider")?,
            base_url: column(row, "base_url")?,
            credential: Fingerprint(column(row, "credential")?),
        },
        estimate: optional_json("estimate")?.map(|text| from_json(&text)).transpose()?,
        hold: Usd::from_micros(column(row, "hold")?),
        stage: stage(
            parsed(row, "stage")?,
            column::<Option<String>>(row, "prediction")?.map(PredictionId),
        )?,
        abandoned: column(row, "abandoned")?,
        settled: column(row, "settled")?,
        reason: optional_json("reason")?.map(|text| from_json(&text)).transpose()?,
        not_before: at(row, "not_before")?,
        wish: word::<Wish>(row, "wish")?,
        progress: optional_json("progress")?
            .map(|text| from_json::<Progress>(&text))
            .transpose()?
            .unwrap_or_default(),
        times: Times {
            created: at_all_times(row, "created")?,
            submitted: at(row, "submitted")?,
            accepted: at(row, "accepted")?,
            processing: at(row, "processing")?,
            ended: at(row, "ended")?,
            stage: at_all_times(row, "stage_at")?,
        },
        balance: balance(&column::<String>(row, "lines")?)?,
    })
}

fn balance(lines: &str) -> Result<Balance, StoreError> {
    let mut balance = Balance::default();
    for (kind, amount) in from_json::<Vec<(LineKind, i64)>>(lines)? {
        balance.add(kind, Usd::from_micros(amount));
    }
    Ok(balance)
}

fn stage(name: StageName, prediction: Option<PredictionId>) -> Result<Stage, StoreError> {
    let needed = |prediction: Option<PredictionId>| {
        prediction.ok_or_else(|| StoreError::Row(format!("a job {name} without a prediction")))
    };
    Ok(match name {
        StageName::Queued => Stage::Queued,
        StageName::Checking => Stage::Checking,
        StageName::Submitting => Stage::Submitting,
        StageName::Waiting => Stage::Waiting { prediction: needed(prediction)? },
        StageName::Downloading => Stage::Downloading { prediction: needed(prediction)? },
        StageName::Done => Stage::Done { prediction: needed(prediction)? },
        StageName::InDoubt => Stage::InDoubt { prediction },
        StageName::Failed => Stage::Failed { prediction },
        StageName::Cancelled => Stage::Cancelled { prediction },
    })
}

/// Writes what a step may change of a job. What was asked for, and of whom, never changes.
pub(super) fn update_job(
    transaction: &rusqlite::Transaction<'_>,
    job: &Job,
) -> Result<(), rusqlite::Error> {
    transaction
        .execute_cached(
            "UPDATE jobs SET stage = :stage, prediction = :prediction, abandoned = :abandoned,
                settled = :settled, reason = :reason, not_before = :not_before, progress = :progress,
                submitted = :submitted, accepted = :accepted, processing = :processing, ended = :ended,
                stage_at = :stage_at
             WHERE id = :id",
            named_params! {
                ":id": job.id.0,
                ":stage": job.stage.name().as_str(),
                ":prediction": job.stage.prediction().map(PredictionId::as_str),
                ":abandoned": job.abandoned,
                ":settled": job.settled,
                ":reason": job.reason.as_ref().map(json),
                ":not_before": job.not_before.map(millis),
                ":progress": (job.progress != Progress::default()).then(|| json(&job.progress)),
                ":submitted": job.times.submitted.map(millis),
                ":accepted": job.times.accepted.map(millis),
                ":processing": job.times.processing.map(millis),
                ":ended": job.times.ended.map(millis),
                ":stage_at": millis(job.times.stage),
            },
        )
        .map(drop)
}

/// An asset of a row of [`ASSET`].
pub(super) fn asset(row: &Row<'_>) -> Result<Asset, StoreError> {
    Ok(Asset {
        id: AssetId(column::<Uuid>(row, "id")?),
        number: column(row, "number")?,
        path: column(row, "path")?,
        sha256: column(row, "sha256")?,
        bytes: column(row, "bytes")?,
        mime: column(row, "mime")?,
        kind: word(row, "kind")?
            .ok_or_else(|| StoreError::Row("an asset without a kind".into()))?,
        facts: from_json(&column::<String>(row, "facts")?)?,
        unreadable: column(row, "unreadable")?,
        prompt: column(row, "prompt")?,
        origin: origin(row)?,
        parent: column::<Option<Uuid>>(row, "parent")?.map(AssetId),
        project: column(row, "project")?,
        tags: from_json(&column::<String>(row, "tag_list")?)?,
        rating: column(row, "rating")?,
        favourite: column(row, "favourite")?,
        verdict: word::<Verdict>(row, "verdict")?,
        reason: column(row, "reason")?,
        created: at_all_times(row, "created")?,
        trashed: at(row, "trashed")?,
        metadata: from_json(&column::<String>(row, "metadata")?)?,
    })
}

fn origin(row: &Row<'_>) -> Result<Option<Origin>, StoreError> {
    let Some(job) = column::<Option<Uuid>>(row, "job")? else { return Ok(None) };
    Ok(Some(Origin {
        job: JobId(job),
        take: column(row, "take")?,
        provider: parsed(row, "provider")?,
        model: crate::domain::ModelId(column(row, "model")?),
        operation: parsed(row, "operation")?,
        prediction: PredictionId(column::<Option<String>>(row, "prediction")?.unwrap_or_default()),
        source_url: column::<Option<String>>(row, "source_url")?.unwrap_or_default(),
        seed: column(row, "seed")?,
        cost: Usd::from_micros(column::<Option<i64>>(row, "cost")?.unwrap_or_default()),
        cost_basis: word(row, "cost_basis")?.unwrap_or(crate::domain::Basis::Quoted),
    }))
}

/// Every row of a query, each through `read`.
pub(super) fn all<T>(
    connection: &rusqlite::Connection,
    doing: &'static str,
    sql: &str,
    parameters: &[(&str, &dyn ToSql)],
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(StoreError::sql(doing))?;
    let mut rows = statement.query(parameters).map_err(StoreError::sql(doing))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(StoreError::sql(doing))? {
        found.push(read(row)?);
    }
    Ok(found)
}
