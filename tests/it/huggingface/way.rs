//! Through the router and without it: addresses, keys, and who gets to see them.

use super::*;

#[tokio::test]
async fn hunyuan_runs_through_the_router_to_a_saved_take() {
    let service = Service::start().await;
    let world = world(&service).await;
    let params = json!({"prompt": "a red kite", "negative_prompt": "blur, dark", "num_frames": 85,
        "num_inference_steps": 30, "guidance_scale": 6.0, "seed": 7});
    let job = run(&world, brief(HUNYUAN, params.clone())).await;
    assert_eq!(job.stage.name(), StageName::Done, "{job:#?}");
    let [submission] = &service.submissions()[..] else { panic!("one submission") };
    assert_eq!(submission.path, "/fal-ai/fal-ai/hunyuan-video?_subdomain=queue");
    assert_eq!(submission.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    // Flat, and nothing in it that was not said.
    assert_eq!(submission.json(), params);
    assert_eq!(job.stage.prediction().unwrap().as_str(), "fal-ai:hunyuan-video:requests:r1");
    assert_eq!(world.files().len(), 1);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
}

#[tokio::test]
async fn a_key_that_is_no_token_goes_to_the_queue_itself() {
    let service = Service::start().await;
    let world = with_key(&service, FAL_KEY).await;
    let job = run(&world, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
    let [submission] = &service.submissions()[..] else { panic!("one submission") };
    assert_eq!(submission.path, "/fal-ai/hunyuan-video");
    assert_eq!(submission.header("authorization"), Some(format!("Key {FAL_KEY}").as_str()));
    for asked in service.of("GET", "/requests/") {
        assert!(asked.path.starts_with("/fal-ai/hunyuan-video/requests/r1"), "{}", asked.path);
        assert!(!asked.path.contains('?'), "{}", asked.path);
    }
}

#[tokio::test]
async fn the_path_of_response_url_is_asked_at_our_own_address_whatever_its_host() {
    let elsewhere = Service::start().await;
    let evil = elsewhere.server.address().to_owned();
    for response_url in [
        "https://queue.fal.run/fal-ai/hunyuan-video/requests/r1".to_owned(),
        "https://queue.fal.run/fal-ai/hunyuan-video/requests/r1?token=x".to_owned(),
        format!("{evil}/fal-ai/hunyuan-video/requests/r1"),
        format!("{evil}/fal-ai/fal-ai/hunyuan-video/requests/r1"),
    ] {
        let service = Service::start().await;
        let urls = json!({"response_url": response_url, "status_url": format!("{evil}/status"),
            "cancel_url": format!("{evil}/cancel")});
        service.script(|script| script.accepted = urls);
        let job = run(&world(&service).await, kite()).await;
        assert_eq!(job.stage.name(), StageName::Done, "{response_url}");
        for asked in service.of("GET", "/requests/") {
            let path = asked.path.as_str();
            assert!(path.starts_with("/fal-ai/fal-ai/hunyuan-video/requests/r1"), "{path}");
            assert!(path.ends_with("?_subdomain=queue"), "{path}");
        }
    }
    assert!(elsewhere.server.seen().is_empty(), "the key went to another host");
}

#[tokio::test]
async fn a_server_that_names_itself_is_found_too() {
    let service = Service::start().await;
    service.script(|script| script.names_itself = true);
    for key in [TOKEN, FAL_KEY] {
        let job = run(&with_key(&service, key).await, kite()).await;
        assert_eq!(job.stage.name(), StageName::Done, "{key}");
    }
}

#[tokio::test]
async fn the_sub_path_of_a_models_id_is_for_the_submission_alone() {
    let service = Service::start().await;
    // Without an address it is owner and app, and the name of the request.
    service.script(|script| script.accepted = json!({"response_url": null}));
    let world = world(&service).await;
    let job = run(&world, brief("Wan-AI/Wan2.2-TI2V-5B", json!({"prompt": "a kite"}))).await;
    assert_eq!(job.stage.name(), StageName::Done, "{job:#?}");
    let sent = "/fal-ai/fal-ai/wan/v2.2-5b/text-to-video?_subdomain=queue";
    assert_eq!(service.submissions()[0].path, sent);
    assert_eq!(job.stage.prediction().unwrap().as_str(), "fal-ai:wan:requests:r1");
}

#[tokio::test]
async fn the_film_is_fetched_from_its_own_host_without_the_key_and_kept_without_its_signature() {
    let service = Service::start().await;
    let world = world(&service).await;
    let job = run(&world, kite()).await;
    let [fetched] = &service.delivery.seen()[..] else { panic!("one fetch") };
    assert_eq!(fetched.path, "/outputs/out.mp4?signature=secret");
    assert_eq!(fetched.header("authorization"), None);
    let filter =
        rushes::store::AssetFilter { job: Some(job.id), ..rushes::store::AssetFilter::default() };
    let asset = world.store().assets(filter).await.unwrap().remove(0);
    let origin = format!("{:?}", asset.origin.unwrap());
    assert!(origin.contains("out.mp4") && !origin.contains("secret"), "{origin}");
}

#[tokio::test]
async fn a_film_on_the_providers_own_host_is_fetched_without_the_key_too() {
    let service = Service::start().await;
    let film = service.server.output("out.mp4");
    service.script(|script| {
        script.results.push_back(Answer::json(200, &json!({"video": {"url": film}})));
    });
    run(&world(&service).await, kite()).await;
    let fetched = service.of("GET", "/outputs/out.mp4");
    assert!(!fetched.is_empty());
    assert!(fetched.iter().all(|fetched| fetched.header("authorization").is_none()));
}

#[tokio::test]
async fn another_process_with_another_key_does_not_ask_about_it() {
    let service = Service::start().await;
    let one = world(&service).await;
    let job = order(&one, kite()).await;
    let leash = Leash::default();
    service.script(|script| script.patience = 1_000_000);
    let driven = one.pipeline.drive(job.id, &leash);
    let left = async {
        service.server.until("a question", |_| !service.of("GET", "/status").is_empty()).await;
        leash.leave.cancel();
    };
    let (driven, ()) = tokio::join!(driven, left);
    assert!(matches!(driven.unwrap(), Driven::Left(_)));

    let direct = Some(Arc::new(client(&service, FAL_KEY, None)) as Arc<_>);
    let differs = Differs { provider: direct, ..Differs::default() };
    let other = one.beside(&service.server, differs).await;
    let asked = service.of("GET", "/status").len();
    assert!(matches!(other.drive(&job).await, Driven::Parked(_)));
    assert_eq!(other.job(&job).await.reason.unwrap().kind, ReasonKind::OtherAccount);
    assert_eq!(service.of("GET", "/status").len(), asked);

    // With the token again, another process finishes it by what the library keeps alone.
    service.script(|script| script.patience = 0);
    let again = Some(Arc::new(client(&service, TOKEN, None)) as Arc<_>);
    let differs = Differs { provider: again, ..Differs::default() };
    let third = one.beside(&service.server, differs).await;
    third.drive(&job).await;
    assert_eq!(third.job(&job).await.stage.name(), StageName::Done);
    assert_eq!(service.submissions().len(), 1);
}

#[tokio::test]
async fn an_organisation_pays_only_through_the_router() {
    let service = Service::start().await;
    for (key, expected) in [(TOKEN, Some("studio-42")), (FAL_KEY, None)] {
        let client = client(&service, key, Some("studio-42"));
        submit(&client).await;
        let last = service.submissions().pop().unwrap();
        assert_eq!(last.header("x-hf-bill-to"), expected);
    }
    let look_ups = service.of("GET", "/api/models/");
    assert!(look_ups.iter().all(|seen| seen.header("x-hf-bill-to").is_none()));
}
