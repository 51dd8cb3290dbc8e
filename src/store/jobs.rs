//! Jobs: admitted with their hold, moved one step at a time, never changed otherwise.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use super::named::find_id;
use super::rows::{self, ExecuteCached, JOB, all, json, millis};
use super::{Gate, Store, StoreError, budgets, claims, ledger};
use crate::domain::{
    Account, BatchId, Brief, Check, Estimate, Job, JobEvent, JobId, LineKind, ModelId, Owner,
    Params, PredictionId, Progress, StageName, Usd, Wanted, Wish,
};

/// A job that is to be admitted.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id.
    pub(crate) id: JobId,
    /// Admitted together with these.
    pub(crate) batch: Option<BatchId>,
    /// What is asked for.
    pub(crate) brief: Brief,
    /// With whom.
    pub(crate) account: Account,
    /// What it is expected to cost.
    pub(crate) estimate: Option<Estimate>,
    /// What is held for it.
    pub(crate) hold: Usd,
    /// The day it counts on, `2026-11-23`, in the configured zone.
    pub(crate) account_day: String,
    /// How it counts against budgets and limits.
    pub(crate) wanted: Wanted,
    /// `Send` for a job that a worker may send when nobody looks on.
    pub(crate) wish: Option<Wish>,
}

/// What became of jobs that were to be admitted.
#[derive(Debug)]
pub enum Admission {
    /// They are in the library, their money held: all of them, or as many as fit where that was wanted.
    Admitted(Vec<Job>),
    /// None is: the checks of the limits and budgets say why.
    Refused(Vec<Check>),
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The process that has claimed the job.
    Owner(Owner),
    /// A submission's answer that comes late, to a job that somebody else may have taken over:
    /// only good for [`JobEvent::Accepted`].
    LateAnswer,
}

impl Store {
    /// Inserts the jobs as `queued`, each with its hold, owned by `owner` until `until`: all or none, or as many
    /// as the gate lets in. Every limit and budget is compared with what is spent and held in the same
    /// transaction, so that two processes cannot both have what is left.
    pub(crate) async fn admit(
        &self,
        mut new: Vec<NewJob>,
        gate: Gate,
        (owner, until): (Owner, Timestamp),
        at: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.write("admitting a job", move |transaction| {
            match budgets::let_in(transaction, &gate, &new)? {
                Ok(fitting) => new.truncate(fitting),
                Err(checks) => return Ok(Admission::Refused(checks)),
            }
            let mut admitted = Vec::with_capacity(new.len());
            for job in &new {
                let number = next_number(transaction)?;
                insert(transaction, job, number, at)?;
                claims::set_owner(transaction, job.id, &owner, until)?;
                add_event(transaction, job.id, &JobEvent::Admitted, at)?;
                let job = load(transaction, job.id)?;
                let lines = crate::domain::ledger::lines(&job, &JobEvent::Admitted);
                ledger::write(transaction, &job, &lines, at)?;
                admitted.push(load(transaction, job.id)?);
            }
            let real = new.iter().map(|job| job.account.provider).find(|it| it.is_paid());
            if let Some(real) = real {
                super::kept::put(transaction, super::kept::REAL_PROVIDER_USED, real.as_str())?;
            }
            Ok(Admission::Admitted(admitted))
        })
        .await
    }

    /// Takes one step: the job as it is in the library moves, its event and its ledger lines are
    /// written, all in one transaction. Returns the job as it is afterwards.
    pub async fn step(
        &self,
        id: JobId,
        event: JobEvent,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Job, StoreError> {
        self.write("moving a job", move |transaction| step(transaction, id, &event, &actor, at))
            .await
    }

    /// The job.
    pub async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        self.call(move |connection| load(connection, id)).await
    }

    /// The job that a person means: its number, its id, or a beginning of its id that fits no other.
    pub async fn find_job(&self, name: &str) -> Result<Job, StoreError> {
        let name = name.trim_start_matches('#').to_owned();
        self.call(move |connection| {
            let id = find_id(connection, "job", "jobs", &name)?;
            load(connection, JobId(id))
        })
        .await
    }

    /// The newest jobs first.
    pub async fn jobs(&self, limit: usize) -> Result<Vec<Job>, StoreError> {
        let sql = format!("{JOB} ORDER BY number DESC LIMIT :limit");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.call(move |connection| {
            all(connection, "listing jobs", &sql, &[(":limit", &limit)], rows::job)
        })
        .await
    }

    /// Every job the pipeline has work to do on, and every job in doubt; oldest first.
    pub async fn unfinished(&self) -> Result<Vec<Job>, StoreError> {
        let sql = format!(
            "{JOB} WHERE stage IN ('queued', 'checking', 'submitting', 'waiting', 'downloading', 'in_doubt')
             ORDER BY number"
        );
        self.call(move |connection| all(connection, "listing jobs", &sql, &[], rows::job)).await
    }

    /// What happened to a job, oldest first.
    pub async fn timeline(&self, id: JobId) -> Result<Vec<(Timestamp, JobEvent)>, StoreError> {
        self.call(move |connection| {
            all(
                connection,
                "reading a job's events",
                "SELECT at, event FROM job_events WHERE job = :job ORDER BY seq",
                &[(":job", &id.0)],
                |row| {
                    let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
                    let at: i64 = row.get(0).map_err(text)?;
                    let event: String = row.get(1).map_err(text)?;
                    Ok((rows::moment(at)?, rows::from_json(&event)?))
                },
            )
        })
        .await
    }

    /// The parameters a job was submitted with, or `None` when it never was.
    pub async fn sent(&self, id: JobId) -> Result<Option<Params>, StoreError> {
        self.call(move |connection| {
            let text: Option<String> = connection
                .query_row("SELECT sent FROM jobs WHERE id = ?1", [id.0], |row| row.get(0))
                .map_err(StoreError::sql("reading what was sent"))?;
            text.map(|text| rows::from_json(&text)).transpose()
        })
        .await
    }

    /// Says what is wanted of a job; its owner reads it within a second. `None` takes a wish back.
    pub async fn wish(&self, id: JobId, wish: Option<Wish>) -> Result<(), StoreError> {
        self.write("saying what is wanted of a job", move |transaction| {
            transaction
                .execute_cached(
                    "UPDATE jobs SET wish = ?2 WHERE id = ?1",
                    params![id.0, wish.map(Wish::as_str)],
                )
                .map(drop)
                .map_err(StoreError::sql("saying what is wanted of a job"))
        })
        .await
    }

    /// Writes the newest figure of the stage that runs, for other screens.
    pub async fn progress(&self, id: JobId, progress: Progress) -> Result<(), StoreError> {
        self.write("writing progress", move |transaction| {
            transaction
                .execute_cached(
                    "UPDATE jobs SET progress = ?2 WHERE id = ?1",
                    params![id.0, json(&progress)],
                )
                .map(drop)
                .map_err(StoreError::sql("writing progress"))
        })
        .await
    }

    /// How long past runs of a model took from accepted to done, in milliseconds; newest first.
    pub async fn past_waits(&self, model: &ModelId, limit: u32) -> Result<Vec<i64>, StoreError> {
        let model = model.0.clone();
        self.call(move |connection| {
            all(
                connection,
                "reading how long runs took",
                "SELECT ended - accepted FROM jobs
                 WHERE model = :model AND stage = 'done' AND accepted IS NOT NULL AND ended > accepted
                 ORDER BY number DESC LIMIT :limit",
                &[(":model", &model), (":limit", &limit)],
                |row| row.get(0).map_err(|error| StoreError::Row(error.to_string())),
            )
        })
        .await
    }

    /// The number of the job that owns this prediction, if one does.
    pub async fn job_of_prediction(
        &self,
        account: &Account,
        prediction: &PredictionId,
    ) -> Result<Option<u32>, StoreError> {
        let (account, prediction) = (account.clone(), prediction.clone());
        self.call(move |connection| job_of_prediction(connection, &account, &prediction)).await
    }
}

fn job_of_prediction(
    connection: &Connection,
    account: &Account,
    prediction: &PredictionId,
) -> Result<Option<u32>, StoreError> {
    connection
        .query_row(
            "SELECT number FROM jobs WHERE provider = ?1 AND base_url = ?2 AND prediction = ?3",
            params![account.provider.as_str(), account.base_url, prediction.0],
            |row| row.get(0),
        )
        .optional()
        .map_err(StoreError::sql("looking for a prediction's job"))
}

/// The step itself, inside a transaction.
pub(super) fn step(
    transaction: &Transaction<'_>,
    id: JobId,
    event: &JobEvent,
    actor: &Actor,
    at: Timestamp,
) -> Result<Job, StoreError> {
    let mut job = load(transaction, id)?;
    let late = *actor == Actor::LateAnswer && matches!(event, JobEvent::Accepted { .. });
    if !late && !claims::is_owner(transaction, id, actor)? {
        return Err(StoreError::NotOwner(job.number));
    }
    if let JobEvent::Adopted { prediction } = event
        && let Some(owner) = job_of_prediction(transaction, &job.account, prediction)?
        && owner != job.number
    {
        return Err(StoreError::PredictionTaken(prediction.to_string()));
    }
    let mut lines = job.apply(event, at)?;
    if lines.iter().any(|line| line.kind == LineKind::Charge) && is_paid_for(transaction, &job)? {
        lines.retain(|line| line.kind == LineKind::Release);
    }
    rows::update_job(transaction, &job).map_err(StoreError::sql("moving a job"))?;
    add_event(transaction, id, event, at)?;
    ledger::write(transaction, &job, &lines, at)?;
    if !job.stage.is_live() {
        claims::clear(transaction, id)?;
    }
    load(transaction, id)
}

/// Whether another job was charged for the same record. A provider that answers two equal submissions with
/// one record has made one, and is paid once.
fn is_paid_for(connection: &Connection, job: &Job) -> Result<bool, StoreError> {
    let Some(prediction) = job.stage.prediction() else { return Ok(false) };
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM jobs AS other JOIN ledger ON ledger.job = other.id
             WHERE other.provider = ?1 AND other.base_url = ?2 AND other.prediction = ?3
               AND other.id <> ?4 AND ledger.kind = 'charge')",
            params![job.account.provider.as_str(), job.account.base_url, prediction.0, job.id.0],
            |row| row.get(0),
        )
        .map_err(StoreError::sql("looking for a charge of the same record"))
}

/// Notes the parameters that are about to be sent.
pub(super) fn note_sent(
    transaction: &Transaction<'_>,
    id: JobId,
    params: &Params,
) -> Result<(), StoreError> {
    transaction
        .execute_cached("UPDATE jobs SET sent = ?2 WHERE id = ?1", params![id.0, json(params)])
        .map(drop)
        .map_err(StoreError::sql("noting what is sent"))
}

/// Loads one job.
pub(super) fn load(connection: &Connection, id: JobId) -> Result<Job, StoreError> {
    all(
        connection,
        "reading a job",
        &format!("{JOB} WHERE jobs.id = :id"),
        &[(":id", &id.0)],
        rows::job,
    )?
    .pop()
    .ok_or_else(|| StoreError::Missing { what: "job", name: id.to_string() })
}

pub(super) const NEXT_NUMBER: &str = "SELECT 1 + max((SELECT coalesce(max(number), 0) FROM jobs),
    (SELECT coalesce(max(number), 0) FROM assets))";

/// The next short number: jobs and imported assets share one sequence, so that `40` is one thing.
pub(super) fn next_number(transaction: &Transaction<'_>) -> Result<u32, StoreError> {
    transaction.query_row(NEXT_NUMBER, [], |row| row.get(0)).map_err(StoreError::sql("numbering"))
}

fn insert(
    transaction: &Transaction<'_>,
    job: &NewJob,
    number: u32,
    at: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute_cached(
            "INSERT INTO jobs (id, number, batch, brief, provider, base_url, credential, simulated, model,
                operation, project, prompt, account_day, estimate, hold, stage, wish, created, stage_at)
             VALUES (:id, :number, :batch, :brief, :provider, :base_url, :credential, :simulated, :model,
                :operation, :project, :prompt, :account_day, :estimate, :hold, :stage, :wish, :at, :at)",
            named_params! {
                ":id": job.id.0,
                ":number": number,
                ":batch": job.batch.map(|batch| batch.0),
                ":brief": json(&job.brief),
                ":provider": job.account.provider.as_str(),
                ":base_url": job.account.base_url,
                ":credential": job.account.credential.as_str(),
                ":simulated": job.account.provider.is_simulated(),
                ":model": job.brief.model.as_str(),
                ":operation": job.brief.operation.as_str(),
                ":project": job.brief.project,
                ":prompt": job.brief.prompt(),
                ":account_day": job.account_day,
                ":estimate": job.estimate.as_ref().map(json),
                ":hold": job.hold.micros(),
                ":stage": StageName::Queued.as_str(),
                ":wish": job.wish.map(Wish::as_str),
                ":at": millis(at),
            },
        )
        .map(drop)
        .map_err(StoreError::sql("admitting a job"))
}

fn add_event(
    transaction: &Transaction<'_>,
    id: JobId,
    event: &JobEvent,
    at: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute_cached(
            "INSERT INTO job_events (job, at, event) VALUES (?1, ?2, ?3)",
            params![id.0, millis(at), json(event)],
        )
        .map(drop)
        .map_err(StoreError::sql("recording a job event"))
}

/// Whether this kind of line is written already for the job.
pub(super) fn has_line(
    connection: &Connection,
    id: JobId,
    kind: LineKind,
) -> Result<bool, StoreError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM ledger WHERE job = ?1 AND kind = ?2)",
            params![id.0, kind.as_str()],
            |row| row.get(0),
        )
        .map_err(StoreError::sql("reading the ledger"))
}
