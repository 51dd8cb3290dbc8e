//! What the hub says of a model, before anything is sent.

use super::*;

#[tokio::test]
async fn the_look_up_carries_no_key_and_is_made_once_a_day() {
    let service = Service::start().await;
    let world = world(&service).await;
    run(&world, kite()).await;
    run(&world, kite()).await;
    let [look_up] = &service.of("GET", "/api/models/")[..] else { panic!("one look-up") };
    assert_eq!(look_up.path, "/api/models/tencent/HunyuanVideo?expand=inferenceProviderMapping");
    assert_eq!(look_up.header("authorization"), None);
    assert_eq!(service.submissions().len(), 2);
}

#[tokio::test]
async fn a_model_that_moved_is_followed_on_the_hub() {
    let service = Service::start().await;
    service.script(|script| {
        let moved =
            "location: /api/models/tencent/HunyuanVideo?expand=inferenceProviderMapping\r\n";
        script.look_ups.push_back(Answer::Headers(307, moved, vec![]));
    });
    let job = run(&world(&service).await, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
}

#[tokio::test]
async fn what_the_hub_does_not_offer_is_blocked_before_anything_is_sent() {
    let entry = |status: &str, task: &str| json!({"fal-ai": {"status": status, "providerId": "fal-ai/hunyuan-video", "task": task}});
    let check = async |mapping: Option<Value>, finding: &str| {
        let service = Service::start().await;
        service.script(|script| match mapping {
            Some(mapping) => drop(script.mapping.insert(HUNYUAN.into(), mapping)),
            None => script.mapping.clear(),
        });
        let world = world(&service).await;
        let blocked = blocked(&world, kite()).await;
        assert_eq!(blocked.len(), 1, "{blocked:#?}");
        assert_eq!((blocked[0].id, blocked[0].finding.as_str()), (CheckId::Offer, finding));
        assert!(blocked[0].hint.is_some());
        assert_eq!(service.submissions().len(), 0);
        assert!(world.store().jobs(10).await.unwrap().is_empty());
    };
    check(None, "the hub knows no model tencent/HunyuanVideo").await;
    check(Some(json!({})), "no inference provider runs tencent/HunyuanVideo today").await;
    check(
        Some(json!([{"provider": "novita", "providerId": "x", "status": "live"}])),
        "tencent/HunyuanVideo runs at novita today, not at fal-ai",
    )
    .await;
    check(
        Some(entry("live", "image-to-video")),
        "fal-ai runs tencent/HunyuanVideo for image-to-video, not for text-to-video",
    )
    .await;
}

#[tokio::test]
async fn staging_and_error_warn_and_let_it_run() {
    for status in ["staging", "error"] {
        let service = Service::start().await;
        let entry = json!({"fal-ai": {"status": status, "providerId": "fal-ai/hunyuan-video",
            "task": "text-to-video"}});
        service.script(|script| drop(script.mapping.insert(HUNYUAN.into(), entry)));
        let world = world(&service).await;
        let checks = checks(&world, &ask(vec![kite()])).await;
        let offer = of(&checks, CheckId::Offer);
        assert_eq!(offer.outcome, Outcome::Warn, "{offer:?}");
        assert!(offer.finding.contains(status), "{}", offer.finding);
        assert_eq!(run(&world, kite()).await.stage.name(), StageName::Done);
    }
}

#[tokio::test]
async fn a_hub_that_does_not_answer_sends_nothing_and_holds_nothing() {
    let service = Service::start().await;
    service.script(|script| {
        script.look_ups.extend(std::iter::repeat_n(Answer::page(503), 9));
    });
    let world = world(&service).await;
    let checks = checks(&world, &ask(vec![kite()])).await;
    assert_eq!(of(&checks, CheckId::Offer).outcome, Outcome::Warn);
    let job = run(&world, kite()).await;
    assert_eq!(job.stage.name(), StageName::Failed);
    let reason = job.reason.clone().unwrap();
    assert_eq!(reason.kind, ReasonKind::NotSent);
    assert!(reason.text.contains("could not be asked"), "{}", reason.text);
    assert_eq!(service.submissions().len(), 0);
    assert_eq!(world.lines(&job).await, [Hold, Release]);
}

#[tokio::test]
async fn an_adapters_weights_go_along_with_the_order() {
    let service = Service::start().await;
    let entry = json!({"fal-ai": {"status": "live", "providerId": "fal-ai/hunyuan-video-lora",
        "task": "text-to-video", "adapter": "lora", "adapterWeightsPath": "film.safetensors"}});
    service.script(|script| drop(script.mapping.insert(HUNYUAN.into(), entry)));
    run(&world(&service).await, kite()).await;
    let weights = "https://huggingface.co/tencent/HunyuanVideo/resolve/main/film.safetensors";
    let sent = service.submissions()[0].json();
    assert_eq!(sent["loras"], json!([{"path": weights, "scale": 1}]));
}
