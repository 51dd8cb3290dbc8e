//! The sandbox, endpoint by endpoint, over real connections.

use std::process::Command;

use rushes::domain::Pixels;
use rushes::media::{MediaChild, sniff};
use rushes::sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::sandbox_client::{Answer, MODEL, Studio, options, request, short};

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_answered_at_once_and_ends_in_a_film() {
    let studio = Studio::open().await;
    let answer = studio.post(&format!("/api/v3/{MODEL}"), &short(7)).await;
    let data = answer.data();
    let id = data["id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(data["status"], "created");
    assert_eq!((&data["outputs"], &data["error"]), (&json!([]), &json!("")));
    let result = format!("{}/api/v3/predictions/{id}/result", studio.sandbox.base_url());
    assert_eq!(data["urls"], json!({"get": result}));

    let end = studio.end_of(id).await;
    assert_eq!((&end["status"], &end["has_nsfw_contents"]), (&json!("completed"), &json!([false])));
    let url = end["outputs"][0].as_str().unwrap();
    let file = studio.get(url).await;
    assert_eq!((file.status, file.is_whole), (200, true));
    assert_eq!(file.headers["content-type"], "video/mp4");

    let path = studio.folder.path().join("take.mp4");
    std::fs::write(&path, &file.body).unwrap();
    let probed = MediaChild::new(env!("CARGO_BIN_EXE_rushes").into()).probe(&path).await;
    assert_eq!(probed.facts.duration_ms, Some(5000));
    assert_eq!(probed.facts.pixels, Some(Pixels { width: 832, height: 480 }));
    let Ok(judge) = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args(["-f", "null", "-"])
        .output()
    else {
        return;
    };
    assert!(judge.status.success() && judge.stderr.is_empty(), "{judge:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_on_the_same_folder_serves_the_same_predictions() {
    let studio = Studio::open().await;
    let id = studio.submit(3).await;
    let Studio { sandbox, folder } = studio;
    let old_url = sandbox.base_url();
    sandbox.stop().await;

    let sandbox = Sandbox::start(options(folder.path(), "")).await.unwrap();
    let studio = Studio { sandbox, folder };
    let end = studio.end_of(&id).await;
    let url = end["outputs"][0].as_str().unwrap();
    assert!(url.starts_with(&studio.sandbox.base_url()) && !url.starts_with(&old_url));
    assert_eq!(sniff(&studio.get(url).await.body).mime, "video/mp4");
}

#[tokio::test]
async fn only_a_bearer_opens_the_api() {
    let mut options = options(tempfile::tempdir().unwrap().path(), "");
    options.required_key = Some("right".to_owned());
    let sandbox = Sandbox::start(options).await.unwrap();
    for (header, status) in [
        (("Authorization", "Bearer right"), 200),
        (("Authorization", "Bearer wrong"), 401),
        (("Authorization", "Bearer "), 401),
        (("Authorization", "right"), 401),
        (("X-API-Key", "right"), 401),
    ] {
        let answer = request(&sandbox, "GET", "/api/v3/balance", &[header], b"").await.unwrap();
        assert_eq!(answer.status, status, "{header:?}");
        assert_eq!(answer.json()["code"], status);
    }
    let path = format!("/api/v3/{MODEL}");
    let answer = request(&sandbox, "POST", &path, &[], b"{}").await.unwrap();
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_unknown_route_is_plain_text_and_an_unknown_prediction_is_json() {
    let studio = Studio::open().await;
    for path in ["/", "/api/v3/nothing", "/api/v3/balance/x", "/outputs/a/b", "/api/v2/models"] {
        let answer = studio.get(path).await;
        assert_eq!((answer.status, answer.text().as_str()), (404, "404 page not found"), "{path}");
    }
    let answer = studio.post("/api/v3/balance", &json!({})).await;
    assert_eq!((answer.status, answer.text().as_str()), (404, "404 page not found"));
    for path in ["/api/v3/predictions/x/result", "/api/v3/predictions/x"] {
        let answer = studio.get(path).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(404)));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_submission_is_said_and_nothing_is_billed() {
    let studio = Studio::open().await;
    let refused = |answer: Answer, about: &str| {
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400, "{message}");
        assert!(message.contains(about), "{message}");
    };
    refused(studio.post("/api/v3/openai/sora-9/text-to-video", &json!({})).await, "sora-9");
    let path = format!("/api/v3/{MODEL}");
    refused(studio.post(&path, &json!({"seed": 1})).await, "prompt");
    refused(studio.post(&path, &json!({"prompt": "x", "duration": 7})).await, "duration");
    refused(studio.post(&path, &json!([1])).await, "JSON object");
    assert_eq!(studio.get("/api/v3/balance").await.data(), json!({"balance": 100.0}));

    let dropped = studio.post(&path, &json!({"prompt": "x", "resolution": "9000p"})).await;
    assert_eq!(dropped.status, 200, "unknown inputs are dropped in silence");
}

#[tokio::test]
async fn history_is_filtered_paged_and_deleted() {
    let studio = Studio::open().await;
    let mut ids = Vec::new();
    for seed in 0..3 {
        ids.push(studio.submit(seed).await);
    }
    studio.end_of(&ids[2]).await;
    let search = async |body: Value| studio.post("/api/v3/predictions", &body).await.data();
    let all = search(json!({"page": 1, "page_size": 2, "model": MODEL})).await;
    let listed = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((&all["page"], &all["total"]), (&json!(1), &json!(3)));
    assert_eq!(listed(&all), [ids[2].clone(), ids[1].clone()]);
    assert_eq!(all["items"][0]["input"]["seed"], 2);
    assert_eq!(listed(&search(json!({"page": 2, "page_size": 2})).await), [ids[0].clone()]);
    assert_eq!(listed(&search(json!({"status": "failed"})).await), Vec::<String>::new());
    assert_eq!(listed(&search(json!({"created_after": "2999-01-01T00:00:00Z"})).await).len(), 0);
    let made = all["items"][1]["created_at"].clone();
    let between = search(json!({"created_after": made, "created_before": made})).await;
    assert_eq!(listed(&between), [ids[1].clone()]);
    assert_eq!(studio.post("/api/v3/predictions", &json!({"page_size": 101})).await.status, 400);

    let gone = json!({"ids": [ids[0], "unknown", "../../billing"]});
    let deleted = studio.post("/api/v3/predictions/delete", &gone).await.data();
    assert_eq!(deleted, json!({"deleted_count": 1}));
    assert_eq!(listed(&search(json!({})).await).len(), 2);
}

#[tokio::test]
async fn prices_are_quoted_and_every_model_is_listed_with_eight_fields() {
    let studio = Studio::open().await;
    let question = json!({"model_id": MODEL, "inputs": {"size": "1280*720", "duration": 8}});
    let quote = studio.post("/api/v3/model/price", &question).await.data();
    assert_eq!((&quote["price"], &quote["currency"]), (&json!(0.32), &json!("USD")));
    let legacy = studio.post("/api/v3/model/pricing", &question).await.data();
    assert_eq!(legacy, json!({"model_id": MODEL, "unit_price": 0.32, "currency": "USD"}));
    assert_eq!(studio.post("/api/v3/model/price", &json!({"model_id": "a/b"})).await.status, 400);

    let models = studio.get("/api/v3/models").await.data();
    let listed = models.as_array().unwrap().iter().find(|entry| entry["model_id"] == MODEL);
    let entry = listed.unwrap().as_object().unwrap();
    let mut keys: Vec<_> = entry.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let eight = ["api_schema", "base_price", "description", "formula", "model_id", "name"];
    assert_eq!(keys, [&eight[..], &["sort_order", "type"]].concat());
    let schema = &entry["api_schema"]["api_schemas"][0];
    assert_eq!(schema["type"], "model_run");
    assert_eq!(schema["request_schema"]["required"], json!(["prompt"]));
    assert_eq!(schema["request_schema"]["properties"]["duration"]["enum"], json!([5, 8]));
}

#[tokio::test]
async fn every_run_is_billed_and_a_failed_one_is_given_back() {
    let studio = Studio::with_faults("moderation:1").await;
    let failed = studio.submit(1).await;
    let end = studio.end_of(&failed).await;
    assert_eq!((&end["status"], &end["code"]), (&json!("failed"), &json!(1200)));
    let kept = studio.submit(2).await;
    studio.end_of(&kept).await;
    assert_eq!(studio.get("/api/v3/balance").await.data(), json!({"balance": 99.9}));

    let search = async |body: Value| {
        let found = studio.post("/api/v3/billings/search", &body).await.data();
        let items = found["items"].as_array().unwrap().clone();
        let line = |item: &Value| {
            let of = item["prediction"]["uuid"].as_str().unwrap().to_owned();
            (item["billing_type"].as_str().unwrap().to_owned(), of)
        };
        (items.iter().map(line).collect::<Vec<_>>(), found["has_more"].as_bool().unwrap())
    };
    let line = |kind: &str, id: &String| (kind.to_owned(), id.clone());
    let of_failed = json!({"prediction_uuids": [failed], "sort": "created_at ASC"});
    assert_eq!(
        search(of_failed).await,
        (vec![line("deduct", &failed), line("refund", &failed)], false)
    );
    let refunds = json!({"billing_type": "refund"});
    assert_eq!(search(refunds).await, (vec![line("refund", &failed)], false));
    let newest = json!({"page_size": 1});
    assert_eq!(search(newest).await, (vec![line("deduct", &kept)], true));
    assert_eq!(search(json!({"model_uuid": "a/b"})).await.0.len(), 0);
    assert_eq!(search(json!({"end_time": "2020-01-01T00:00:00Z"})).await.0.len(), 0);

    let usage = studio.post("/api/v3/user/usage_stats", &json!({})).await.data();
    let summary = json!({"total_cost": 0.1, "total_requests": 2, "success_requests": 1});
    assert_eq!(usage["summary"], summary);
    assert_eq!(usage["per_model_usage"][0]["model_uuid"], MODEL);
    assert_eq!(usage["daily_usage"][0]["amount"], 0.1);
}

#[tokio::test]
async fn an_upload_needs_its_ticket_exactly_and_no_key() {
    let studio = Studio::open().await;
    let wish = json!({"filename": "my pic.png", "size": 5, "content_type": "image/png"});
    let ticket = studio.post("/api/v3/media/uploads", &wish).await.data();
    let put = ticket["upload"]["url"].as_str().unwrap();
    assert_eq!((&ticket["type"], &ticket["upload"]["method"]), (&json!("image"), &json!("PUT")));
    let send = async |headers: &[(&str, &str)], body: &[u8]| {
        request(&studio.sandbox, "PUT", put, headers, body).await.unwrap().status
    };
    let right = [("Content-Type", "image/png"), ("If-None-Match", "*")];
    assert_eq!(send(&[], b"12345").await, 403);
    assert_eq!(send(&[right[0], right[1], ("Authorization", "Bearer k")], b"12345").await, 400);
    assert_eq!(send(&right, b"1234").await, 400);
    assert_eq!(send(&right, b"123456").await, 400);
    assert_eq!(send(&right, b"12345").await, 200);
    assert_eq!(send(&right, b"12345").await, 412);
    let there = studio.get(ticket["download_url"].as_str().unwrap()).await;
    assert_eq!(there.body, b"12345");

    let huge = json!({"filename": "a.mp4", "size": 400_000_000});
    assert_eq!(studio.post("/api/v3/media/uploads", &huge).await.status, 413);
}

#[tokio::test]
async fn the_older_upload_takes_a_form() {
    let studio = Studio::open().await;
    let form = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        Content-Type: audio/wav\r\n\r\nRIFF\0\0\0\0WAVE\r\n--x--\r\n";
    let headers =
        [("Authorization", "Bearer k"), ("Content-Type", "multipart/form-data; boundary=x")];
    let path = "/api/v3/media/upload/binary";
    let answer = request(&studio.sandbox, "POST", path, &headers, form).await.unwrap().data();
    assert_eq!((&answer["type"], &answer["size"]), (&json!("audio"), &json!(12)));
    let there = studio.get(answer["download_url"].as_str().unwrap()).await;
    assert_eq!(there.body, b"RIFF\0\0\0\0WAVE");
    let other = b"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--x--\r\n";
    let answer = request(&studio.sandbox, "POST", path, &headers, other).await.unwrap();
    assert_eq!(answer.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn part_of_an_output_can_be_fetched() {
    let studio = Studio::open().await;
    let id = studio.submit(5).await;
    let end = studio.end_of(&id).await;
    let url = end["outputs"][0].as_str().unwrap();
    let whole = studio.get(url).await;
    let size = whole.body.len();
    let some =
        request(&studio.sandbox, "GET", url, &[("Range", "bytes=100-199")], b"").await.unwrap();
    assert_eq!((some.status, &some.body[..]), (206, &whole.body[100..200]));
    assert_eq!(some.headers["content-range"], format!("bytes 100-199/{size}"));
    let beyond = request(&studio.sandbox, "GET", url, &[("Range", "bytes=999999999-")], b"").await;
    assert_eq!(beyond.unwrap().status, 416);
    let head = request(&studio.sandbox, "HEAD", url, &[], b"").await.unwrap();
    assert_eq!(head.headers["content-length"], size.to_string());
}

#[tokio::test]
async fn a_webhook_is_told_signed_and_told_again_after_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    let studio = Studio::with_faults("moderation").await;
    let encoded = hook.replace(':', "%3A").replace('/', "%2F");
    let submitted = studio.post(&format!("/api/v3/{MODEL}?webhook={encoded}"), &short(1)).await;
    let id = submitted.data()["id"].as_str().unwrap().to_owned();
    for answer in ["HTTP/1.1 500 No\r\n\r\n", "HTTP/1.1 204 Yes\r\n\r\n"] {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = vec![0; 65_536];
        let mut length = 0;
        while !received[..length].ends_with(b"}}") {
            length += stream.read(&mut received[length..]).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        let text = String::from_utf8(received[..length].to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
        assert!(head.contains(&format!("webhook-id: {}", &id[..25])), "{head}");
        assert!(head.contains("webhook-signature: v3,"), "{head}");
        let told: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&told["id"], &told["status"]), (&json!(id), &json!("failed")));
    }
    let secret = studio.get("/api/v3/webhook/secret").await.data();
    assert!(secret["secret"].as_str().unwrap().starts_with("whsec_"));
}
