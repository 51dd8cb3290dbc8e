//! The library's files: a take is written together with its money, or not at all.

use jiff::Timestamp;
use rusqlite::{Transaction, named_params, params};

use super::jobs::{Actor, load, next_number, step};
use super::named::find_id;
use super::rows::{self, ASSET, ExecuteCached, all, json, millis};
use super::{Store, StoreError};
use crate::domain::{Asset, AssetId, Job, JobEvent, JobId, MediaFacts, MediaKind, Usd, Verdict};

/// A file that is in its place and is to become an asset. Nobody outside of this crate can make one, and
/// inside of it the pipeline alone does: every take went through its checks and its ledger.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// Its id.
    pub(crate) id: AssetId,
    /// Which of the job's outputs, from 1.
    pub(crate) take: u32,
    /// Path below the library's folder.
    pub(crate) path: String,
    /// SHA-256, 64 lower-case hex digits.
    pub(crate) sha256: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// Its type, by its first bytes.
    pub(crate) mime: String,
    /// Its kind.
    pub(crate) kind: MediaKind,
    /// What was measured.
    pub(crate) facts: MediaFacts,
    /// Why nothing could be measured.
    pub(crate) unreadable: Option<String>,
    /// Where it was fetched from, without query.
    pub(crate) source_url: Option<String>,
    /// Anything else.
    pub(crate) metadata: serde_json::Map<String, serde_json::Value>,
}

/// Which assets are listed.
#[derive(Debug, Clone, Default)]
pub struct AssetFilter {
    /// Those in the trash instead of those in the library.
    pub trashed: bool,
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those of this job.
    pub job: Option<JobId>,
    /// At most so many; `None` is all.
    pub limit: Option<usize>,
}

impl Store {
    /// Writes a job's takes, its `saved` event and its ledger lines in one transaction.
    ///
    /// A take that is there already (the process died right after writing it) is left as it is. The takes
    /// of a job that was given up go to the trash.
    pub(crate) async fn save_takes(
        &self,
        id: JobId,
        takes: Vec<NewAsset>,
        charge: Usd,
        actor: Actor,
        at: Timestamp,
    ) -> Result<(Job, Vec<Asset>), StoreError> {
        self.write("saving a take", move |transaction| {
            let before = load(transaction, id)?;
            for take in &takes {
                insert(transaction, take, Some(&before), before.number, at)?;
            }
            let job = step(transaction, id, &JobEvent::Saved { charge }, &actor, at)?;
            if job.abandoned {
                transaction
                    .execute_cached(
                        "UPDATE assets SET trashed = ?2 WHERE job = ?1",
                        params![id.0, millis(at)],
                    )
                    .map_err(StoreError::sql("saving a take"))?;
            }
            let sql = format!("{ASSET} WHERE assets.job = :job ORDER BY take");
            let assets = all(transaction, "reading a take", &sql, &[(":job", &id.0)], rows::asset)?;
            Ok((job, assets))
        })
        .await
    }

    /// Adds a file that was not made here. One with the same content that is known already is returned as
    /// it is, with `false`.
    pub(crate) async fn import(
        &self,
        new: NewAsset,
        name: String,
        project: Option<String>,
        at: Timestamp,
    ) -> Result<(Asset, bool), StoreError> {
        self.write("importing a file", move |transaction| {
            let sql =
                format!("{ASSET} WHERE assets.sha256 = :sha256 AND assets.trashed IS NULL LIMIT 1");
            let known = all(
                transaction,
                "looking for a file",
                &sql,
                &[(":sha256", &new.sha256)],
                rows::asset,
            )?;
            if let Some(known) = known.into_iter().next() {
                return Ok((known, false));
            }
            let number = next_number(transaction)?;
            insert(transaction, &new, None, number, at)?;
            transaction
                .execute_cached(
                    "UPDATE assets SET prompt = ?2, project = ?3 WHERE id = ?1",
                    params![new.id.0, name, project],
                )
                .map_err(StoreError::sql("importing a file"))?;
            Ok((one(transaction, new.id)?, true))
        })
        .await
    }

    /// The asset.
    pub async fn asset(&self, id: AssetId) -> Result<Asset, StoreError> {
        self.call(move |connection| one(connection, id)).await
    }

    /// The asset that a person means: its number, its id, or a beginning of its id that fits no other.
    pub async fn find_asset(&self, name: &str) -> Result<Asset, StoreError> {
        let name = name.trim_start_matches("asset:").trim_start_matches('#').to_owned();
        self.call(move |connection| {
            let id = find_id(connection, "asset", "assets", &name)?;
            one(connection, AssetId(id))
        })
        .await
    }

    /// Assets, the newest first.
    pub async fn assets(&self, filter: AssetFilter) -> Result<Vec<Asset>, StoreError> {
        let sql = format!(
            "{ASSET} WHERE (assets.trashed IS NOT NULL) = :trashed
               AND (:project IS NULL OR assets.project = :project)
               AND (:tag IS NULL OR EXISTS (SELECT 1 FROM tags WHERE asset = assets.id AND tag = :tag))
               AND (:job IS NULL OR assets.job = :job)
             ORDER BY assets.created DESC, assets.number DESC, assets.take LIMIT :limit"
        );
        let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        self.call(move |connection| {
            all(
                connection,
                "listing assets",
                &sql,
                &[
                    (":trashed", &filter.trashed),
                    (":project", &filter.project),
                    (":tag", &filter.tag),
                    (":job", &filter.job.map(|job| job.0)),
                    (":limit", &limit),
                ],
                rows::asset,
            )
        })
        .await
    }

    /// Puts an asset into the trash, or takes it out.
    pub async fn trash(&self, id: AssetId, at: Option<Timestamp>) -> Result<Asset, StoreError> {
        self.change(id, "UPDATE assets SET trashed = :value WHERE id = :id", at.map(millis)).await
    }

    /// Keeps or rejects a take, or takes that back. Why it was rejected goes with what was decided before.
    pub async fn decide(&self, id: AssetId, verdict: Option<Verdict>) -> Result<Asset, StoreError> {
        self.change(
            id,
            "UPDATE assets SET verdict = :value, reason = NULL WHERE id = :id",
            verdict.map(Verdict::as_str),
        )
        .await
    }

    /// Says why a take was rejected, or takes that back. One that is not rejected has no reason.
    pub async fn give_reason(
        &self,
        id: AssetId,
        reason: Option<String>,
    ) -> Result<Asset, StoreError> {
        let sql = "UPDATE assets SET reason = :value WHERE id = :id AND verdict = 'rejected'";
        self.change(id, sql, reason).await
    }

    /// Makes an asset a favourite, or not.
    pub async fn favourite(&self, id: AssetId, favourite: bool) -> Result<Asset, StoreError> {
        self.change(id, "UPDATE assets SET favourite = :value WHERE id = :id", favourite).await
    }

    /// Gives an asset stars, 0 to 5.
    pub async fn rate(&self, id: AssetId, stars: u8) -> Result<Asset, StoreError> {
        self.change(id, "UPDATE assets SET rating = :value WHERE id = :id", stars.min(5)).await
    }

    /// Adds tags to an asset, and takes others away.
    pub async fn tag(
        &self,
        id: AssetId,
        add: Vec<String>,
        remove: Vec<String>,
    ) -> Result<Asset, StoreError> {
        self.write("tagging", move |transaction| {
            one(transaction, id)?;
            for tag in add {
                transaction
                    .execute_cached(
                        "INSERT OR IGNORE INTO tags (asset, tag) VALUES (?1, ?2)",
                        params![id.0, tag],
                    )
                    .map_err(StoreError::sql("tagging"))?;
            }
            for tag in remove {
                transaction
                    .execute_cached(
                        "DELETE FROM tags WHERE asset = ?1 AND tag = ?2",
                        params![id.0, tag],
                    )
                    .map_err(StoreError::sql("tagging"))?;
            }
            one(transaction, id)
        })
        .await
    }

    async fn change(
        &self,
        id: AssetId,
        sql: &'static str,
        value: impl rusqlite::ToSql + Send + 'static,
    ) -> Result<Asset, StoreError> {
        self.write("changing an asset", move |transaction| {
            transaction
                .execute_cached(sql, named_params! { ":id": id.0, ":value": value })
                .map_err(StoreError::sql("changing an asset"))?;
            one(transaction, id)
        })
        .await
    }
}

fn one(connection: &rusqlite::Connection, id: AssetId) -> Result<Asset, StoreError> {
    let sql = format!("{ASSET} WHERE assets.id = :id");
    all(connection, "reading an asset", &sql, &[(":id", &id.0)], rows::asset)?
        .pop()
        .ok_or_else(|| StoreError::Missing { what: "asset", name: id.to_string() })
}

fn insert(
    transaction: &Transaction<'_>,
    new: &NewAsset,
    job: Option<&Job>,
    number: u32,
    at: Timestamp,
) -> Result<(), StoreError> {
    let inserted = transaction
        .execute_cached(
            "INSERT INTO assets (id, number, job, take, path, sha256, bytes, mime, kind, facts, unreadable,
                prompt, seed, source_url, parent, project, created, metadata)
             VALUES (:id, :number, :job, :take, :path, :sha256, :bytes, :mime, :kind, :facts, :unreadable,
                :prompt, :seed, :source_url, :parent, :project, :created, :metadata)
             ON CONFLICT (job, take) DO NOTHING",
            named_params! {
                ":id": new.id.0,
                ":number": number,
                ":job": job.map(|job| job.id.0),
                ":take": job.map(|_| new.take),
                ":path": new.path,
                ":sha256": new.sha256,
                ":bytes": i64::try_from(new.bytes).unwrap_or(i64::MAX),
                ":mime": new.mime,
                ":kind": new.kind.as_str(),
                ":facts": json(&new.facts),
                ":unreadable": new.unreadable,
                ":prompt": job.map(|job| job.brief.prompt()).unwrap_or_default(),
                ":seed": job.and_then(|job| job.brief.seed()),
                ":source_url": new.source_url,
                ":parent": job.and_then(|job| job.brief.parent).map(|parent| parent.0),
                ":project": job.and_then(|job| job.brief.project.as_deref()),
                ":created": millis(at),
                ":metadata": json(&new.metadata),
            },
        )
        .map_err(StoreError::sql("saving a take"))?;
    if inserted == 0 {
        return Ok(());
    }
    for tag in job.map(|job| job.brief.tags.as_slice()).unwrap_or_default() {
        transaction
            .execute_cached(
                "INSERT OR IGNORE INTO tags (asset, tag) VALUES (?1, ?2)",
                params![new.id.0, tag],
            )
            .map_err(StoreError::sql("tagging a take"))?;
    }
    Ok(())
}
