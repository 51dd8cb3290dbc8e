//! The official client as judge of the service that the other tests here run against.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::service::{FAL_KEY, Service, TOKEN};

#[tokio::test(flavor = "multi_thread")]
async fn huggingface_hub_cannot_tell_the_difference() {
    let Some(python) = std::env::var_os("RUSHES_TEST_PYTHON") else {
        eprintln!("skipped: RUSHES_TEST_PYTHON names no python with huggingface_hub");
        return;
    };
    let service = Service::start().await;
    service.script(|script| {
        script.names_itself = true;
        script.takes_lists = true;
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox_sdk/huggingface.py");
    let mut client = Command::new(python);
    client
        .arg(script)
        .args([service.server.address(), TOKEN, FAL_KEY])
        .env("HF_ENDPOINT", service.server.address())
        .env("HF_HUB_OFFLINE", "0")
        .env("HF_HUB_DISABLE_TELEMETRY", "1")
        .env("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
        .env("NO_PROXY", "*")
        .kill_on_drop(true);
    let output = timeout(Duration::from_mins(2), client.output()).await.unwrap().unwrap();
    let (told, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.trim().ends_with("ok"), "{told}\n{said}");

    let submissions = service.submissions();
    assert_eq!(submissions.len(), 4, "{submissions:#?}");
    assert_eq!(submissions[0].path, "/fal-ai/fal-ai/hunyuan-video?_subdomain=queue");
    assert_eq!(submissions[0].json()["negative_prompt"], serde_json::json!(["blur", "dark"]));
    assert_eq!(submissions[1].path, "/fal-ai/fal-ai/wan/v2.2-a14b/image-to-video?_subdomain=queue");
    assert_eq!(submissions[2].path, "/fal-ai/hunyuan-video");
    assert!(service.delivery.seen().iter().all(|seen| seen.header("authorization").is_none()));
}
