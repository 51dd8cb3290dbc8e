//! What each answer to a submission means: row by row, against a server.

use std::time::Duration;

use rushes::domain::{JobEvent, LineKind, ReasonKind, StageName};
use rushes::pipeline::Driven;
use rushes::store::{Limits, Place};
use serde_json::json;

use crate::support::server::{Answer, Server, envelope};
use crate::support::world::{Differs, World, quick};
use crate::support::{RUBBISH, id};
use rushes::domain::LineKind::{Charge, Hold, Release};

#[tokio::test]
async fn an_accepted_submission_has_its_id_stored_before_the_first_poll() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done);
    assert_eq!(server.submissions(), 1);
    let events = world.told.events();
    let order: Vec<_> = events
        .iter()
        .filter(|event| ["submit_started", "accepted", "processing"].contains(event))
        .collect();
    assert_eq!(order, [&"submit_started", &"accepted", &"processing"]);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
}

#[tokio::test]
async fn just_the_declared_parameters_are_sent() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    World::new(&server).await.run().await;
    let submission = server.seen().into_iter().find(|seen| seen.path.contains("hunyuan")).unwrap();
    assert_eq!(
        submission.json(),
        json!({"prompt": "kite 0", "size": "1280*720", "duration": 5, "seed": 7})
    );
    assert!(submission.header("authorization").unwrap().starts_with("Bearer "));
}

#[tokio::test]
async fn a_connection_that_was_never_made_sends_and_holds_nothing() {
    let server = Server::start().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let address = Some(format!("http://{closed}"));
    let world = World::with(&server, Differs { address, ..Differs::default() }).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Failed);
    let reason = job.reason.clone().unwrap();
    assert_eq!(reason.kind, ReasonKind::NotSent);
    assert!(reason.hint.unwrap().contains("retry"));
    assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
}

#[tokio::test]
async fn a_429_goes_back_to_the_queue_and_is_sent_again() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_submit([
        Answer::Headers(
            429,
            "retry-after: 0\r\n",
            b"{\"code\":429,\"message\":\"slow down\"}".to_vec(),
        ),
        Answer::error(429, "slow down"),
        Answer::prediction(&id(1), "created", &[]),
    ]);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done);
    assert_eq!(server.submissions(), 3);
    let limited = world.told.events().iter().filter(|event| **event == "rate_limited").count();
    assert_eq!(limited, 2);
}

#[tokio::test]
async fn a_job_that_is_turned_away_for_a_day_fails_and_holds_nothing() {
    let server = Server::start().await;
    server.on_submit([Answer::error(429, "slow down")]);
    let patience = rushes::pipeline::Patience { rate_limit_for: Duration::ZERO, ..quick() };
    let world = World::with(&server, Differs { patience, ..Differs::default() }).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Failed);
    assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
}

#[tokio::test]
async fn a_refused_key_or_credit_pauses_the_queue_until_a_person_goes_on() {
    for refusal in [
        Answer::error(401, "invalid api key"),
        Answer::error(400, "Insufficient credits. Please top up."),
    ] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_submit([refusal, Answer::prediction(&id(1), "created", &[])]);
        let world = World::new(&server).await;
        let jobs = world.orders(2).await;

        world.drive(&jobs[0]).await;
        let first = world.job(&jobs[0]).await;
        assert_eq!(first.stage.name(), StageName::Failed);
        assert_eq!(world.lines(&first).await, [LineKind::Hold, LineKind::Release]);

        assert!(matches!(world.drive(&jobs[1]).await, Driven::Parked(_)));
        let second = world.job(&jobs[1]).await;
        assert_eq!(second.stage.name(), StageName::Queued);
        assert_eq!(second.reason.unwrap().kind, ReasonKind::QueuePaused);
        assert_eq!(world.told.troubles().len(), 1, "one notice");
        assert_eq!(server.submissions(), 1);

        world.store().release(jobs[1].id, world.pipeline.owner.clone()).await.unwrap();
        let resumed = world.pipeline.resume(None).await.unwrap();
        assert_eq!(resumed.len(), 1);
        assert!(world.pipeline.claim(jobs[1].id).await.unwrap());
        world.drive(&jobs[1]).await;
        assert_eq!(world.job(&jobs[1]).await.stage.name(), StageName::Done);
    }
}

#[tokio::test]
async fn any_other_refusal_fails_in_the_providers_own_words() {
    for status in [400, 403, 404, 409, 413, 422] {
        let server = Server::start().await;
        server.on_submit([Answer::error(status, "the prompt is too odd")]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), StageName::Failed, "{status}");
        let reason = job.reason.clone().unwrap();
        assert_eq!(reason.kind, ReasonKind::Refused, "{status}");
        assert!(reason.text.contains("the prompt is too odd"), "{}", reason.text);
        assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release], "{status}");
        assert_eq!(server.submissions(), 1);
    }
}

/// Every answer after which nobody can say whether it exists.
fn unknown_answers() -> Vec<(&'static str, Answer)> {
    let no_id = envelope(&json!({"status": "created", "outputs": []}));
    vec![
        ("500", Answer::error(500, "oops")),
        ("502", Answer::page(502)),
        ("503", Answer::error(503, "busy")),
        ("504", Answer::page(504)),
        ("301", Answer::Headers(301, "location: /elsewhere\r\n", vec![])),
        ("307", Answer::Headers(307, "location: /elsewhere\r\n", vec![])),
        ("408", Answer::error(408, "timeout")),
        ("425", Answer::error(425, "too early")),
        ("a page", Answer::page(200)),
        ("garbage", Answer::Body(200, "application/json", b"{\"code\":200,".to_vec())),
        ("no id", Answer::json(200, &no_id)),
        ("an empty body", Answer::Body(200, "application/json", vec![])),
        ("a cut line", Answer::Cut),
        ("a short body", Answer::Short { promised: 500, body: b"{".to_vec() }),
        ("silence", Answer::Silence),
    ]
}

#[tokio::test]
async fn an_unanswered_submission_is_never_sent_again() {
    for (what, answer) in unknown_answers() {
        let server = Server::start().await;
        server.on_submit([answer]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), StageName::InDoubt, "{what}");
        assert_eq!(job.reason.clone().unwrap().kind, ReasonKind::Unanswered, "{what}");
        assert_eq!(world.lines(&job).await, [LineKind::Hold], "{what}: the hold stays");
        world.drive(&job).await;
        assert_eq!(server.submissions(), 1, "{what}");
    }
}

#[tokio::test]
async fn every_submission_opens_a_fresh_connection_and_follows_no_redirect() {
    let server = Server::start().await;
    server.on_submit([Answer::Headers(307, "location: /elsewhere\r\n", vec![])]);
    let world = World::new(&server).await;
    world.run().await;
    assert!(!server.seen().iter().any(|seen| seen.path.contains("elsewhere")));
}

#[tokio::test]
async fn what_is_blocked_sends_nothing_and_holds_nothing() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let mut brief = World::brief("kite");
    brief.params.insert("resolution".into(), "720p".into());
    let ask = rushes::domain::Ask { consent: true, ..rushes::domain::Ask::new(vec![brief]) };
    let error = world.pipeline.admit(ask, None).await.unwrap_err();
    assert!(matches!(error, rushes::pipeline::PipelineError::Blocked(_)), "{error}");
    assert_eq!(server.submissions(), 0);
    assert!(world.store().jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn real_money_needs_a_yes() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let ask = rushes::domain::Ask::new(vec![World::brief("kite")]);
    assert!(world.pipeline.admit(ask, None).await.is_err());
    assert_eq!(server.submissions(), 0);
}

#[tokio::test]
async fn two_processes_share_one_count_of_what_runs_and_what_is_sent() {
    let server = Server::start().await;
    server.on_submit([
        Answer::prediction(&id(1), "created", &[]),
        Answer::prediction(&id(2), "created", &[]),
    ]);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let narrow = || {
        let usual = Differs::default();
        Differs {
            abilities: rushes::provider::Abilities { running_at_once: 1, ..usual.abilities },
            ..usual
        }
    };
    let one = World::with(&server, narrow()).await;
    let other = one.beside(&server, narrow()).await;
    let first = one.order().await;
    let second = other.order().await;
    let leash = rushes::pipeline::Leash::default();
    tokio::select! {
        driven = one.pipeline.drive(first.id, &leash) => panic!("{driven:?}"),
        driven = other.pipeline.drive(second.id, &leash) => panic!("{driven:?}"),
        job = async {
            server.until("a submission", |server| server.submissions() == 1).await;
            one.until(&second, "waiting for a place", |job| {
                job.reason.as_ref().is_some_and(|reason| reason.kind == ReasonKind::NoPlace)
            })
            .await
        } => assert_eq!(job.stage.name(), StageName::Queued),
    }
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn a_retry_after_of_nothing_or_of_the_past_does_not_send_in_a_loop() {
    for header in ["retry-after: 0\r\n", "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n"] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_submit([
            Answer::Headers(429, header, vec![]),
            Answer::prediction(&id(1), "created", &[]),
        ]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), StageName::Done);
        let timeline = world.store().timeline(job.id).await.unwrap();
        let pause = timeline.iter().find_map(|(at, event)| match event {
            JobEvent::RateLimited { until, .. } => Some(until.duration_since(*at)),
            _ => None,
        });
        assert!(pause.unwrap().is_positive(), "{header}: {pause:?}");
    }
}

#[tokio::test]
async fn who_waits_to_be_sent_is_told_what_for() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let jobs = world.orders(2).await;
    let waits_for = async |running_at_once, sent_per_minute| {
        let limits = Limits { running_at_once, sent_per_minute };
        let now = jiff::Timestamp::now();
        let place = world.store().look_for_place(jobs[1].id, limits, now).await.unwrap();
        let Some(Place::Wait { reason, .. }) = place else { panic!("{place:?}") };
        reason.text
    };
    assert_eq!(waits_for(1, 100).await, "waits for its turn");
    assert_eq!(waits_for(0, 100).await, "waits for a place: 0 of 0 run");
    world.drive(&jobs[0]).await;
    assert_eq!(waits_for(9, 1).await, "waits: 1 may be sent a minute");
}
