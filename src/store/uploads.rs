//! Files that a provider has already, by their content.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::rows::millis;
use super::{Store, StoreError};
use crate::domain::{Account, JobId};

/// What a remembered upload is found by. Another account, address or type is another file there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// With whom. Its address is the one that was really sent to, whatever its jobs carry.
    pub account: Account,
    /// The content's SHA-256 in lower-case hex digits.
    pub sha256: String,
    /// Its MIME type, where it is known.
    pub mime: Option<String>,
}

impl Store {
    /// The address of this content at the provider, if it was uploaded and is kept there still.
    pub async fn uploaded(
        &self,
        key: UploadKey,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        self.call(move |connection| {
            connection
                .query_row(
                    // One of the future was written by a clock that was wrong: nobody knows its age.
                    "SELECT address FROM uploads
                     WHERE provider = ?1 AND base_url = ?2 AND credential = ?3 AND sha256 = ?4
                       AND mime = ?5 AND uploaded <= ?6 AND expires > ?6",
                    params![
                        key.account.provider.as_str(),
                        key.account.base_url,
                        key.account.credential.as_str(),
                        key.sha256,
                        key.mime.unwrap_or_default(),
                        millis(now)
                    ],
                    |row| row.get(0),
                )
                .optional()
                .map_err(StoreError::sql("looking for an upload"))
        })
        .await
    }

    /// Remembers where this content lies at the provider, until it is kept there no longer.
    pub async fn remember_upload(
        &self,
        key: UploadKey,
        address: String,
        uploaded: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        self.write("remembering an upload", move |transaction| {
            transaction
                .execute("DELETE FROM uploads WHERE expires <= ?1", [millis(uploaded)])
                .and_then(|_| {
                    transaction.execute(
                        "INSERT OR REPLACE INTO uploads
                            (provider, base_url, credential, sha256, mime, address, uploaded, expires)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        params![
                            key.account.provider.as_str(),
                            key.account.base_url,
                            key.account.credential.as_str(),
                            key.sha256,
                            key.mime.unwrap_or_default(),
                            address,
                            millis(uploaded),
                            millis(expires)
                        ],
                    )
                })
                .map(drop)
                .map_err(StoreError::sql("remembering an upload"))
        })
        .await
    }

    /// Forgets every address that this job was sent with: the provider does not know one of them. Says how
    /// many were remembered.
    pub async fn forget_uploads_of(&self, id: JobId) -> Result<usize, StoreError> {
        self.write("forgetting an upload", move |transaction| {
            transaction
                .execute(
                    // `sent` is only of the last submission, so what was uploaded since is left alone.
                    "DELETE FROM uploads WHERE address IN (
                        SELECT value FROM jobs, json_tree(jobs.sent)
                        WHERE jobs.id = ?1 AND jobs.sent IS NOT NULL AND json_tree.type = 'text')",
                    [id.0],
                )
                .map_err(StoreError::sql("forgetting an upload"))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fingerprint, ProviderId};

    fn key() -> UploadKey {
        UploadKey {
            account: Account {
                provider: ProviderId::Wavespeed,
                base_url: "https://one.example".to_owned(),
                credential: Fingerprint::new("one"),
            },
            sha256: "ab".repeat(32),
            mime: Some("video/mp4".to_owned()),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[tokio::test]
    async fn an_upload_is_found_only_by_all_of_its_key_and_only_while_it_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("library.db")).await.expect("a library");
        let address = "https://cdn.example/a.mp4".to_owned();
        store.remember_upload(key(), address.clone(), at(100), at(200)).await.expect("remembered");
        let found = |key: UploadKey, second| {
            let store = store.clone();
            async move { store.uploaded(key, at(second)).await.expect("looked up") }
        };
        assert_eq!(found(key(), 100).await, Some(address.clone()));
        assert_eq!(found(key(), 199).await, Some(address));
        assert_eq!(found(key(), 200).await, None, "it has expired");
        assert_eq!(found(key(), 99).await, None, "the clock was set back");

        let mut others = vec![UploadKey { sha256: "cd".repeat(32), ..key() }];
        others.push(UploadKey { mime: None, ..key() });
        let account = |change: fn(&mut Account)| {
            let mut key = key();
            change(&mut key.account);
            key
        };
        others.push(account(|account| account.provider = ProviderId::Sandbox));
        others.push(account(|account| account.base_url = "https://two.example".to_owned()));
        others.push(account(|account| account.credential = Fingerprint::new("two")));
        for other in others {
            assert_eq!(found(other.clone(), 150).await, None, "{other:?}");
        }
    }

    #[tokio::test]
    async fn remembering_clears_away_what_has_expired() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("library.db")).await.expect("a library");
        store.remember_upload(key(), "https://x/1".to_owned(), at(1), at(2)).await.expect("one");
        let other = UploadKey { sha256: "cd".repeat(32), ..key() };
        store.remember_upload(other, "https://x/2".to_owned(), at(5), at(9)).await.expect("two");
        let count: i64 = store
            .call(|connection| {
                connection
                    .query_row("SELECT count(*) FROM uploads", [], |row| row.get(0))
                    .map_err(StoreError::sql("counting"))
            })
            .await
            .expect("counted");
        assert_eq!(count, 1);
    }
}
