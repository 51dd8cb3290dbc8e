//! The official clients as judges of the sandbox. `tests/sandbox_sdk/install.sh` fetches them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::sandbox_client::Studio;

/// Runs one client's script against a sandbox of its own.
async fn judged_by(mut client: Command, script: &str) {
    let studio = Studio::open().await;
    let upload = studio.folder.path().join("upload.png");
    std::fs::write(&upload, b"\x89PNG\r\n\x1a\n and whatever follows").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox_sdk").join(script);
    client.arg(script).arg(studio.sandbox.base_url()).arg(upload).kill_on_drop(true);
    let output = timeout(Duration::from_mins(2), client.output()).await.unwrap().unwrap();
    let (told, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.trim().ends_with("ok"), "{told}\n{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_python_clients_cannot_tell_the_difference() {
    let Some(python) = std::env::var_os("RUSHES_TEST_PYTHON").map(PathBuf::from) else {
        eprintln!("skipped: RUSHES_TEST_PYTHON names no python with wavespeed and huggingface_hub");
        return;
    };
    let mut client = Command::new(python);
    // Nobody's own token, and no look at the hub.
    client.env("HF_HUB_OFFLINE", "0").env("HF_HUB_DISABLE_TELEMETRY", "1").env("NO_PROXY", "*");
    judged_by(client, "official.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_javascript_client_cannot_tell_the_difference() {
    let Some(modules) = std::env::var_os("RUSHES_TEST_NODE_MODULES").map(PathBuf::from) else {
        eprintln!("skipped: RUSHES_TEST_NODE_MODULES names no folder with the package wavespeed");
        return;
    };
    let mut client = Command::new("node");
    client.env("NODE_PATH", modules).env("NO_PROXY", "*");
    judged_by(client, "official.js").await;
}
