//! What the queue says of a request, to its end.

use super::*;

#[tokio::test]
async fn waiting_is_202_and_done_is_200_and_both_are_answers() {
    let service = Service::start().await;
    service.says(202, &record("IN_QUEUE", &json!({"queue_position": 3})));
    service.says(200, &record("IN_QUEUE", &json!({"queue_position": 0})));
    service.says(202, &record("IN_PROGRESS", &json!({})));
    service.says(200, &record("IN_PROGRESS", &json!({"logs": [{"message": "step 3/30"}]})));
    service.says(202, &record("COMPLETED", &json!({})));
    let world = world(&service).await;
    let job = run(&world, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
    assert_eq!(service.of("GET", "/status").len(), 5);
    let events = world.told.events();
    assert_eq!(events.iter().filter(|event| **event == "processing").count(), 1, "{events:?}");
    assert!(!events.contains(&"noted"), "{events:?}");
}

#[tokio::test]
async fn a_word_that_nobody_knows_is_ridden_out() {
    let service = Service::start().await;
    service.says(200, &record("THAWING", &json!({})));
    service.says(502, &json!({"error": "bad gateway"}));
    service.says(429, &json!({"detail": "slow down"}));
    service.says(200, &record("IN_PROGRESS", &json!({"request_id": "somebody-elses"})));
    let job = run(&world(&service).await, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
}

#[tokio::test]
async fn a_failure_is_completed_with_an_error_and_the_result_is_not_asked_for() {
    let check = async |more: Value, kind, text: &str| {
        let service = Service::start().await;
        service.says(200, &record("COMPLETED", &more));
        let world = world(&service).await;
        let job = run(&world, kite()).await;
        assert_eq!(job.stage.name(), StageName::Failed, "{more}");
        let reason = job.reason.clone().unwrap();
        assert_eq!(reason.kind, kind, "{more}");
        assert!(reason.text.contains(text), "{}", reason.text);
        assert_eq!(world.lines(&job).await, [Hold, Release], "{more}");
        let results = service.of("GET", "/requests/r1?").len();
        assert_eq!(results, 0, "{more}");
    };
    let timeout = json!({"error": "Request timed out", "error_type": "request_timeout"});
    check(timeout, ReasonKind::AtProvider, "Request timed out").await;
    let refused = json!({"error": "no", "error_type": "content_policy_violation"});
    check(refused, ReasonKind::Moderated, "content moderation").await;
}

#[tokio::test]
async fn an_error_in_the_place_of_the_result_is_a_failure() {
    let check = async |status, kind: &str, reason_kind| {
        let service = Service::start().await;
        let body = json!({"detail": [{"loc": ["body", "prompt"], "msg": "not like this", "type": kind,
            "input": {"image_url": "data:image/png;base64,QUJD"}}]});
        service.script(|script| {
            script.patience = 0;
            script.results.push_back(Answer::json(status, &body));
        });
        service.says(200, &record("COMPLETED", &json!({})));
        let world = world(&service).await;
        let job = run(&world, kite()).await;
        assert_eq!(job.stage.name(), StageName::Failed, "{kind}");
        let reason = job.reason.clone().unwrap();
        assert_eq!(reason.kind, reason_kind, "{kind}");
        assert!(!reason.text.contains("base64"), "{}", reason.text);
        assert_eq!(world.lines(&job).await, [Hold, Release]);
    };
    check(422, "content_policy_violation", ReasonKind::Moderated).await;
    check(422, "no_media_generated", ReasonKind::AtProvider).await;
    check(500, "internal_server_error", ReasonKind::AtProvider).await;
}

#[tokio::test]
async fn what_is_about_the_key_or_the_line_ends_no_job() {
    let service = Service::start().await;
    service.script(|script| {
        script.results.extend([
            Answer::json(400, &json!({"detail": "Request is still in progress"})),
            Answer::json(401, &json!({"error": "Invalid username or password."})),
            Answer::json(404, &json!({"detail": "Request not found"})),
            Answer::page(502),
            Answer::Cut,
        ]);
    });
    let job = run(&world(&service).await, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
}

#[tokio::test]
async fn a_result_without_a_film_is_paid_for_and_told() {
    let service = Service::start().await;
    service.script(|script| script.results.push_back(Answer::json(200, &json!({"seed": 1}))));
    let world = world(&service).await;
    let job = run(&world, kite()).await;
    assert_eq!(job.stage.name(), StageName::Failed);
    assert_eq!(job.reason.clone().unwrap().kind, ReasonKind::Unusable);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
}

#[tokio::test]
async fn cancelling_is_a_put_and_the_end_is_read_from_the_queue() {
    let service = Service::start().await;
    service.script(|script| script.patience = 1_000_000);
    let world = world(&service).await;
    let job = order(&world, kite()).await;
    let leash = Leash::default();
    let driven = world.pipeline.drive(job.id, &leash);
    let cancelled = async {
        service.server.until("a question", |_| !service.of("GET", "/status").is_empty()).await;
        leash.cancel.cancel();
    };
    let (driven, ()) = tokio::join!(driven, cancelled);
    driven.unwrap();
    let [put] = &service.of("PUT", "/cancel")[..] else { panic!("one cancel") };
    let path = "/fal-ai/fal-ai/hunyuan-video/requests/r1/cancel?_subdomain=queue";
    assert_eq!(put.path, path);
    let job = world.job(&job).await;
    assert_eq!(job.shown_stage(), StageName::Cancelled, "{job:#?}");
    assert_eq!(world.lines(&job).await, [Hold, Release], "it cost nothing");
}

#[tokio::test]
async fn a_cancel_that_comes_too_late_is_no_trouble() {
    let service = Service::start().await;
    let late = Answer::json(400, &json!({"status": "ALREADY_COMPLETED"}));
    let gone = Answer::json(404, &json!({"status": "NOT_FOUND"}));
    service.script(|script| script.cancels.extend([late, gone]));
    let client = client(&service, TOKEN, None);
    let prediction = submit(&client).await;
    assert_eq!(client.cancel(&prediction.id).await, Ok(()));
    assert!(client.cancel(&prediction.id).await.is_err());
}
