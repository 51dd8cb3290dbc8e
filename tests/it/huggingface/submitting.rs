//! What a submission is, what its answers mean, and what it may cost.

use super::*;

#[tokio::test]
async fn used_up_credits_pause_the_queue() {
    let service = Service::start().await;
    let words = "Pay-as-you go is not enabled for provider fal-ai yet.";
    service.script(|script| {
        script.submissions.push_back(Answer::json(402, &json!({"error": words})));
    });
    let world = world(&service).await;
    let jobs = world.pipeline.admit(ask(vec![kite(), kite()]), None).await.unwrap();
    world.drive(&jobs[0]).await;
    let first = world.job(&jobs[0]).await;
    assert_eq!(first.stage.name(), StageName::Failed);
    assert!(first.reason.clone().unwrap().text.contains(words));
    assert_eq!(world.lines(&first).await, [Hold, Release]);
    assert!(matches!(world.drive(&jobs[1]).await, Driven::Parked(_)));
    let second = world.job(&jobs[1]).await;
    assert_eq!(second.reason.unwrap().kind, ReasonKind::QueuePaused);
    assert_eq!(service.submissions().len(), 1);
}

#[tokio::test]
async fn a_locked_account_of_fal_pauses_the_queue_too() {
    let service = Service::start().await;
    let words = "User is locked. Reason: Exhausted balance. Top up your balance.";
    service.script(|script| {
        script.submissions.push_back(Answer::json(403, &json!({"detail": words})));
    });
    let world = with_key(&service, FAL_KEY).await;
    let jobs = world.pipeline.admit(ask(vec![kite(), kite()]), None).await.unwrap();
    world.drive(&jobs[0]).await;
    assert!(matches!(world.drive(&jobs[1]).await, Driven::Parked(_)));
}

#[tokio::test]
async fn a_429_waits_as_long_as_the_ratelimit_header_says_and_is_sent_again() {
    let service = Service::start().await;
    service.script(|script| {
        let header = "ratelimit: \"api\";r=0;t=1\r\nratelimit-policy: \"fixed window\";\"api\";q=500;w=300\r\n";
        script.submissions.push_back(Answer::Headers(429, header, b"{}".to_vec()));
    });
    let world = world(&service).await;
    let job = run(&world, kite()).await;
    assert_eq!(job.stage.name(), StageName::Done);
    let timeline = world.store().timeline(job.id).await.unwrap();
    let pause = timeline.iter().find_map(|(at, event)| match event {
        JobEvent::RateLimited { until, .. } => Some(until.duration_since(*at)),
        _ => None,
    });
    let pause = Duration::try_from(pause.unwrap()).unwrap();
    // The usual first pause of these tests is 20 ms.
    assert!(pause > Duration::from_millis(500), "{pause:?}");
}

#[tokio::test]
async fn the_providers_words_are_found_wherever_they_stand() {
    let check = async |answer: Answer, words: &str| {
        let service = Service::start().await;
        service.script(|script| script.submissions.push_back(answer));
        let job = run(&world(&service).await, kite()).await;
        assert_eq!(job.stage.name(), StageName::Failed, "{words}");
        let text = job.reason.unwrap().text;
        assert!(text.contains(words), "{text}");
    };
    check(Answer::json(403, &json!({"error": "no permission"})), "no permission").await;
    let described = json!({"error": "no", "error_description": "the token may not do this"});
    check(Answer::json(403, &described), "no: the token may not do this").await;
    check(Answer::json(400, &json!({"error": ["one", "two"]})), "one; two").await;
    check(Answer::json(400, &json!({"errors": [{"message": "three"}]})), "three").await;
    let fault =
        json!({"detail": [{"loc": ["body", "seed"], "msg": "too odd", "type": "x", "input": "i"}]});
    check(Answer::json(422, &fault), "seed: too odd").await;
    let header = Answer::Headers(403, "x-error-message: said in a header\r\n", b"{}".to_vec());
    check(header, "said in a header").await;
}

#[tokio::test]
async fn a_submission_without_an_answer_is_sent_once_and_is_for_a_person_to_settle() {
    for answer in
        [Answer::Cut, Answer::page(502), Answer::json(200, &json!({"status": "IN_QUEUE"}))]
    {
        let service = Service::start().await;
        service.script(|script| script.submissions.push_back(answer));
        let world = world(&service).await;
        let job = run(&world, kite()).await;
        assert_eq!(job.stage.name(), StageName::InDoubt);
        let hint = job.reason.clone().unwrap().hint.unwrap();
        assert!(hint.contains("lists no past runs") && hint.contains("jobs settle"), "{hint}");
        assert!(!hint.contains("jobs find"), "{hint}");
        assert_eq!(world.pipeline.look_up(job.id).await.unwrap(), LookUp::NoHistory);
        world.drive(&job).await;
        assert_eq!(service.submissions().len(), 1);
        assert_eq!(world.lines(&job).await, [Hold]);
    }
}

#[tokio::test]
async fn a_person_who_knows_the_id_adopts_it_and_the_take_arrives() {
    let service = Service::start().await;
    let world = world(&service).await;
    // It arrived, and the answer was lost on the way.
    submit(&client(&service, TOKEN, None)).await;
    service.script(|script| script.submissions.push_back(Answer::Cut));
    let job = run(&world, kite()).await;
    let id = rushes::domain::PredictionId::read("fal-ai:hunyuan-video:requests:r1").unwrap();
    world.pipeline.adopt(job.id, id).await.unwrap();
    assert!(world.pipeline.claim(job.id).await.unwrap());
    world.drive(&job).await;
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
}

#[tokio::test]
async fn an_unknown_price_warns_and_holds_what_max_cost_says() {
    let service = Service::start().await;
    let world = world(&service).await;
    let unlimited = Ask { max_cost: None, ..ask(vec![kite()]) };
    let told = checks(&world, &unlimited).await;
    let price = of(&told, CheckId::Price);
    assert_eq!(price.outcome, Outcome::Warn);
    assert!(price.finding.starts_with("price unknown"), "{}", price.finding);
    // Nobody has said yes to an unknown price.
    let unasked = Ask { consent: false, ..unlimited };
    assert_eq!(of(&checks(&world, &unasked).await, CheckId::Consent).outcome, Outcome::Block);

    let job = run(&world, kite()).await;
    assert_eq!(job.estimate, None);
    assert_eq!(job.hold, Usd::from_micros(400_000));
    assert_eq!(
        of(&checks(&world, &ask(vec![kite()])).await, CheckId::Price).outcome,
        Outcome::Pass
    );
}

#[tokio::test]
async fn a_negative_prompt_is_one_text_because_fal_refuses_a_list() {
    let service = Service::start().await;
    let world = world(&service).await;
    let listed = brief(HUNYUAN, json!({"prompt": "a kite", "negative_prompt": ["blur", "dark"]}));
    let blocked = blocked(&world, listed).await;
    assert_eq!(blocked[0].id, CheckId::Parameters);
    assert!(blocked[0].finding.contains("negative_prompt must be text"), "{blocked:?}");
    let text = brief(HUNYUAN, json!({"prompt": "a kite", "negative_prompt": "blur, dark"}));
    assert_eq!(run(&world, text).await.stage.name(), StageName::Done);
    assert_eq!(service.submissions()[0].json()["negative_prompt"], "blur, dark");
}

#[tokio::test]
async fn a_picture_goes_along_inside_the_order_and_not_into_the_library_again() {
    let service = Service::start().await;
    let world = world(&service).await;
    let picture = world.folder().join("start.png");
    let image = image::RgbImage::from_pixel(64, 64, image::Rgb([200, 30, 30]));
    image.save(&picture).unwrap();
    let mut order = brief("Wan-AI/Wan2.2-I2V-A14B", json!({"prompt": "it flies"}));
    order.operation = Operation::ImageToVideo;
    order.inputs = vec![("image_url".to_owned(), Source::File(picture.clone()))];
    let job = run(&world, order.clone()).await;
    assert_eq!(job.stage.name(), StageName::Done, "{job:#?}");
    let sent = service.submissions()[0].json();
    let address = sent["image_url"].as_str().unwrap();
    assert!(address.starts_with("data:image/png;base64,iVBORw0KGgo"), "{address}");
    let kept = world.store().sent(job.id).await.unwrap().unwrap();
    let kept = kept["image_url"].as_str().unwrap();
    assert!(kept.len() < 80 && kept.starts_with("data:image/png;base64,…"), "{kept}");

    // What is too large for that is told before anything is sent.
    let large = world.folder().join("large.png");
    std::fs::write(&large, vec![0; 10_000_001]).unwrap();
    order.inputs = vec![("image_url".to_owned(), Source::File(large))];
    let blocked = blocked(&world, order).await;
    assert!(blocked.iter().any(|check| check.id == CheckId::Inputs), "{blocked:?}");
    assert_eq!(service.submissions().len(), 1);
}
