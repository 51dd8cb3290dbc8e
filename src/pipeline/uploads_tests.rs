//! Tests of what is believed about a file without reading it again.

use super::*;

#[tokio::test]
async fn a_file_is_read_again_when_anything_about_it_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.png");
    let uploads = Uploads::default();
    tokio::fs::write(&file, b"\x89PNG\r\n\x1a\none").await.expect("written");
    let one = uploads.content(&file).await.expect("read");
    assert_eq!(one.mime.as_deref(), Some("image/png"));
    // As long as the first, within the same tick of the clock.
    tokio::fs::write(&file, b"\x89PNG\r\n\x1a\ntwo").await.expect("written");
    let two = uploads.content(&file).await.expect("read");
    assert_ne!(one.sha256, two.sha256);
    tokio::fs::remove_file(&file).await.expect("removed");
    assert!(uploads.content(&file).await.is_err());
}

#[tokio::test]
async fn a_file_that_lay_still_is_read_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.bin");
    tokio::fs::write(&file, b"a").await.expect("written");
    let stamp = Stamp::of(&file).await.expect("it is there");
    let uploads = Uploads::default();
    let kept = Content { stamp, sha256: "as it was read".to_owned(), mime: None };
    let turn = Arc::new(tokio::sync::Mutex::new(Some(kept.clone())));
    uploads.contents.lock().expect("free").insert(file.clone(), turn);
    assert_eq!(uploads.content(&file).await.expect("known"), kept);

    let written = UNIX_EPOCH + Duration::from_nanos(stamp.changed_ns.try_into().expect("now"));
    assert!(!stamp.is_settled(written + Duration::from_secs(1)));
    assert!(stamp.is_settled(written + Duration::from_secs(3)));
    assert!(!stamp.is_settled(written - Duration::from_mins(1)), "the clock was set back");
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.bin");
    tokio::fs::write(&file, b"a").await.expect("written");
    let before = Stamp::of(&file).await.expect("it is there");
    tokio::fs::write(&file, b"ab").await.expect("written");
    let error = read(&file, before).await.expect_err("it grew");
    assert_eq!(error.to_string(), "the file changed while it was looked at");
}
