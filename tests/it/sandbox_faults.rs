//! Every fault of the sandbox, as a client sees it.

use rushes::media::sniff;
use serde_json::{Value, json};

use crate::sandbox_client::{Answer, MODEL, Studio, request, short};

async fn submitted(faults: &str) -> (Studio, Answer) {
    let studio = Studio::with_faults(faults).await;
    let answer = studio.post(&format!("/api/v3/{MODEL}"), &short(1)).await;
    (studio, answer)
}

async fn recorded(studio: &Studio) -> usize {
    let page = studio.post("/api/v3/predictions", &json!({})).await.data();
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_refused_submission_leaves_nothing_behind() {
    for (fault, status) in [
        ("rate-limit:1", 429),
        ("server-error:1", 500),
        ("unavailable:1", 503),
        ("no-credits:1", 400),
    ] {
        let (studio, answer) = submitted(fault).await;
        assert_eq!(answer.status, status, "{fault}");
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
        assert_eq!(recorded(&studio).await, 0, "{fault}");
        let again = studio.post(&format!("/api/v3/{MODEL}"), &short(1)).await;
        assert_eq!(again.status, 200, "{fault} strikes once");
    }
    let (_, answer) = submitted("no-credits").await;
    assert_eq!(answer.json()["message"], "Insufficient credits. Please top up.");
}

#[tokio::test]
async fn an_answer_nobody_can_read_hides_a_run_that_exists() {
    let (studio, answer) = submitted("html:1").await;
    assert_eq!((answer.status, sniff(&answer.body).mime), (200, "text/html"));
    assert_eq!(recorded(&studio).await, 1);
    let (studio, answer) = submitted("garbage:1").await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    assert_eq!(recorded(&studio).await, 1);
    let (studio, answer) = submitted("no-id:1").await;
    assert_eq!(answer.data().get("id"), None);
    assert_eq!(recorded(&studio).await, 1);
}

#[tokio::test]
async fn silence_after_accepting_is_a_cut_line_and_a_billed_run() {
    let studio = Studio::with_faults("silence-after-accept:1").await;
    let body = serde_json::to_vec(&short(1)).unwrap();
    let path = format!("/api/v3/{MODEL}");
    let headers = [("Authorization", "Bearer k")];
    let answer = request(&studio.sandbox, "POST", &path, &headers, &body).await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(recorded(&studio).await, 1);
    assert_eq!(studio.get("/api/v3/balance").await.data(), json!({"balance": 99.9}));
}

#[tokio::test]
async fn a_result_can_be_out_of_reach_for_a_while() {
    let studio = Studio::with_faults("poll-error:1,poll-unauthorized:1,odd-status:1").await;
    let id = studio.submit(1).await;
    let path = format!("/api/v3/predictions/{id}/result");
    assert_eq!(studio.get(&path).await.status, 502);
    assert_eq!(studio.get(&path).await.status, 401);
    assert_eq!(studio.get(&path).await.data()["status"], "queued_somewhere");
    assert_eq!(studio.end_of(&id).await["status"], "completed");
}

#[tokio::test]
async fn a_stuck_prediction_never_ends_and_a_bad_key_opens_nothing() {
    let (studio, answer) = submitted("stuck,unauthorized:2").await;
    assert_eq!(answer.status, 401);
    assert_eq!(studio.get("/api/v3/balance").await.status, 401);
    let id = studio.submit(1).await;
    let file = studio.folder.path().join(format!("sandbox/predictions/{id}.json"));
    let mut record: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    record["created"] = json!("2020-01-01T00:00:00Z");
    std::fs::write(&file, record.to_string()).unwrap();
    let result = studio.get(&format!("/api/v3/predictions/{id}/result")).await.data();
    assert_eq!(result["status"], "processing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_can_break_in_every_way() {
    let faults = "html-output:1,cut-download:1,wrong-length:1,unreadable-output:1";
    let studio = Studio::with_faults(faults).await;
    let id = studio.submit(1).await;
    let end = studio.end_of(&id).await;
    let url = end["outputs"][0].as_str().unwrap();
    let page = studio.get(url).await;
    assert_eq!(sniff(&page.body).mime, "text/html");
    let cut = studio.get(url).await;
    assert!(!cut.is_whole && !cut.body.is_empty());
    let short = studio.get(url).await;
    assert!(!short.is_whole);
    let rubbish = studio.get(url).await;
    let whole = studio.get(url).await;
    assert!(whole.is_whole && whole.body.len() >= short.body.len());
    assert_eq!(sniff(&rubbish.body).mime, "video/mp4");
    assert_eq!(rubbish.body.len(), whole.body.len());
    assert_ne!(rubbish.body, whole.body);
}
