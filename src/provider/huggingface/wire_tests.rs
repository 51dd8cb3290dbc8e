//! Tests of what fal's answers mean.

use serde_json::json;

use super::*;
use crate::provider::huggingface::Way;

fn queue() -> Queue {
    let base = "https://router.huggingface.co".parse().expect("it is an address");
    Queue::new(&base, Way::Routed)
}

fn failed(message: &str, code: Option<i64>, moderated: bool) -> Status {
    Status::Failed { code, message: message.to_owned(), moderated }
}

#[test]
fn an_acceptance_is_an_id_wherever_it_stands() {
    let check = |body: Value, expected: Option<&str>| {
        let found =
            accepted(body.to_string().as_bytes(), &queue(), "fal-ai/wan/v2.2-5b/text-to-video");
        assert_eq!(found.as_ref().map(|found| found.id.as_str()), expected, "{body}");
    };
    let response_url = "https://queue.fal.run/fal-ai/wan/requests/r1";
    let id = Some("fal-ai:wan:requests:r1");
    check(json!({"status": "IN_QUEUE", "request_id": "r1", "response_url": response_url}), id);
    check(json!({"request_id": "r1", "response_url": response_url}), id);
    check(json!({"request_id": "r1"}), id);
    check(json!({"request_id": "r1", "response_url": "::"}), id);
    check(json!({"response_url": response_url}), id);
    check(json!({"status": "IN_QUEUE"}), None);
    check(json!({"request_id": "../../x"}), None);
    check(json!({"detail": "no"}), None);
}

#[test]
fn there_is_no_word_for_a_failure_it_is_completed_with_an_error() {
    let check = |status: Value, expected: Standing| {
        assert_eq!(standing(&status), expected, "{status}");
    };
    check(json!({"status": "IN_QUEUE", "queue_position": 2}), Standing::GoesOn(Status::Created));
    check(json!({"status": "IN_PROGRESS", "logs": []}), Standing::GoesOn(Status::Processing));
    check(json!({"status": "COMPLETED", "logs": [], "metrics": {}}), Standing::HasResult);
    check(json!({"status": "COMPLETED", "error": null}), Standing::HasResult);
    check(
        json!({"status": "COMPLETED", "error": "Request timed out", "error_type": "request_timeout"}),
        Standing::Ended(failed("Request timed out [request_timeout]", None, false)),
    );
    check(
        json!({"status": "COMPLETED", "error_type": "runner_server_error"}),
        Standing::Ended(failed("runner_server_error", None, false)),
    );
    check(
        json!({"status": "COMPLETED", "error": "refused", "error_type": "content_policy_violation"}),
        Standing::Ended(failed("refused [content_policy_violation]", None, true)),
    );
    let cancelled = Standing::Ended(stopped());
    check(
        json!({"status": "COMPLETED", "error": "x", "error_type": "client_cancelled"}),
        cancelled,
    );
    check(
        json!({"status": "FAILED", "error": "oops"}),
        Standing::Ended(failed("oops", None, false)),
    );
    check(json!({"status": "CANCELED"}), Standing::Ended(stopped()));
    check(json!({"status": "THAWING"}), Standing::GoesOn(Status::Unknown("thawing".into())));
    check(json!({}), Standing::GoesOn(Status::Unknown(String::new())));
}

#[test]
fn an_error_in_the_place_of_a_result_ends_a_job_only_where_it_is_the_models_own() {
    let check = |status: u16, body: Value, expected: Option<Status>| {
        let body = body.to_string();
        let answer =
            Answer { status, retry_after: None, stated: None, body: body.as_bytes(), cut: None };
        assert_eq!(failure(&answer), expected, "{status} {body}");
    };
    let fault = |kind: &str| {
        json!({"detail": [{"loc": ["body", "prompt"], "msg": "not like this", "type": kind,
            "input": {"image_url": "data:image/png;base64,AAAA"}}]})
    };
    let said = "prompt: not like this";
    check(422, fault("content_policy_violation"), Some(failed(said, Some(422), true)));
    check(422, fault("image_too_small"), Some(failed(said, Some(422), false)));
    check(500, fault("internal_server_error"), Some(failed(said, Some(500), false)));
    check(
        504,
        json!({"detail": "late", "error_type": "startup_timeout"}),
        Some(failed("late", Some(504), false)),
    );
    check(499, json!({"detail": "x", "error_type": "client_cancelled"}), Some(stopped()));
    check(400, json!({"detail": "Request is still in progress"}), Some(Status::Processing));
    check(400, json!({"detail": "Request was cancelled by the client"}), Some(stopped()));
    check(400, json!({"detail": "who are you"}), None);
    check(401, fault("x"), None);
    check(403, json!({"detail": "locked"}), None);
    check(404, json!({"detail": "not found"}), None);
    check(429, fault("x"), None);
    check(502, json!({"error": "bad gateway"}), None);
    check(200, json!({"video": {"url": "https://x/a.mp4"}}), None);
}

#[test]
fn an_output_is_found_under_every_name() {
    let check = |result: Value, expected: &[&str]| {
        let found = outputs(&result);
        let found: Vec<&str> = found.iter().map(|output| output.0.as_str()).collect();
        assert_eq!(found, expected, "{result}");
    };
    let url = "https://v3b.fal.media/files/out.mp4";
    check(json!({"video": {"url": url, "file_size": 1}, "seed": 42}), &[url]);
    check(json!({"video": url}), &[url]);
    check(json!({"videos": [{"url": url}, {"url": url}]}), &[url, url]);
    check(
        json!({"images": [{"url": "data:image/png;base64,AAAA"}]}),
        &["data:image/png;base64,AAAA"],
    );
    check(json!({"video": {"url": "file:///etc/passwd"}}), &[]);
    check(json!({"seed": 42}), &[]);
}
