//! Libraries that are looked at.

use super::*;
use crate::store::{Store, StoreError};

const KEY: &str = "a_test's";

async fn library(folder: &Path) -> Store {
    let store = Store::open(&folder.join("library.db")).await.expect("a library");
    store.keep(KEY, "one".to_owned()).await.expect("kept");
    store
}

#[tokio::test]
async fn what_others_write_is_seen_and_nothing_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let others = library(folder.path()).await;
    let looked = Store::look(&folder.path().join("library.db")).await.expect("it is looked at");
    assert_eq!(looked.access(), Access::Look);
    assert_eq!(looked.recall(KEY).await.expect("read").as_deref(), Some("one"));
    let before = looked.data_version().await.expect("read");
    others.keep(KEY, "two".to_owned()).await.expect("kept");
    assert_ne!(looked.data_version().await.expect("read"), before, "it is told of changes");
    assert_eq!(looked.recall(KEY).await.expect("read").as_deref(), Some("two"));
    let refused = looked.keep(KEY, "three".to_owned()).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let past_the_handle = looked
        .call(|connection| {
            let changed = connection.execute("DELETE FROM kept", []);
            changed.map_err(StoreError::sql("deleting"))
        })
        .await;
    assert!(matches!(past_the_handle, Err(StoreError::Sql { .. })), "{past_the_handle:?}");
    let copy = folder.path().join("copy.db");
    looked.copy_to(&copy).await.expect("a copy is none of the library");
    assert_eq!(
        library(folder.path()).await.recall(KEY).await.expect("read").as_deref(),
        Some("one")
    );
    assert!(copy.is_file());
}

#[tokio::test]
async fn where_there_is_no_library_none_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data/library.db");
    let looked = Store::look(&path).await.expect("nothing is looked at");
    assert_eq!(looked.access(), Access::Nothing);
    assert!(looked.access().notice().is_some());
    assert_eq!(looked.jobs(10).await.expect("read"), vec![]);
    assert!(matches!(looked.keep(KEY, "one".to_owned()).await, Err(StoreError::ReadOnly)));
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_library_of_an_older_program_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("library.db");
    let older = Connection::open(&path).expect("a library");
    older.pragma_update(None, "user_version", 1).expect("set");
    drop(older);
    let before = std::fs::read(&path).expect("a file");
    let refused = Store::look(&path).await.map(|store| store.access());
    assert!(matches!(refused, Err(StoreError::Older { found: 1, .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}

#[test]
fn any_path_can_be_promised_not_to_change() {
    let check = |path: &str, uri: &str| assert_eq!(immutable(Path::new(path)), uri);
    check("/a/b.db", "file:/a/b.db?immutable=1");
    check("/a b/c?d#e%.db", "file:/a%20b/c%3fd%23e%25.db?immutable=1");
}
