//! Following a prediction: what is ridden out, what is said, and what ends it.

use std::time::Duration;

use rushes::domain::{LineKind, ReasonKind, StageName};
use rushes::pipeline::{Driven, Leash, Patience};

use crate::support::server::{Answer, Server};
use crate::support::world::{Differs, World, quick};
use crate::support::{RUBBISH, id};
use rushes::domain::LineKind::{Charge, Hold, RefundDue, Release};

#[tokio::test]
async fn hang_ups_garbage_and_odd_words_are_ridden_out() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let done = Answer::prediction(&id(1), "completed", &[server.output("1.mp4")]);
    server.on_result([
        Answer::error(429, "slow down"),
        Answer::error(500, "oops"),
        Answer::page(502),
        Answer::Cut,
        Answer::Body(200, "application/json", b"{{{".to_vec()),
        Answer::prediction(&id(1), "teleporting", &[]),
        Answer::prediction(&id(1), "pending", &[]),
        Answer::prediction(&id(1), "processing", &[]),
        done,
    ]);
    let world = World::new(&server).await;
    assert_eq!(world.run().await.stage.name(), StageName::Done);
    assert_eq!((server.submissions(), server.polls()), (1, 9));
}

#[tokio::test]
async fn a_4xx_on_a_result_is_said_and_never_ends_a_job() {
    for status in [400, 401, 403, 404, 410] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_result([Answer::error(status, "who are you")]);
        let world = World::new(&server).await;
        let job = world.order().await;
        let leash = Leash::default();
        let said = tokio::select! {
            driven = world.pipeline.drive(job.id, &leash) => panic!("{status}: {driven:?}"),
            job = world.until(&job, "waiting with a reason", |job| job.reason.is_some()) => job,
        };
        assert_eq!(said.stage.name(), StageName::Waiting, "{status}");
        assert!(said.reason.unwrap().text.contains("who are you"));

        server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
        world.drive(&job).await;
        assert_eq!(world.job(&job).await.stage.name(), StageName::Done, "{status}");
        assert_eq!(server.submissions(), 1);
    }
}

#[tokio::test]
async fn with_other_credentials_a_job_is_held_and_not_asked_about() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let world = World::new(&server).await;
    let job = world.order().await;
    let leash = Leash::default();
    tokio::select! {
        driven = world.pipeline.drive(job.id, &leash) => panic!("{driven:?}"),
        _ = world.until(&job, "waiting", |job| job.stage.name() == StageName::Waiting) => {}
    }
    let other =
        world.beside(&server, Differs { credential: "another", ..Differs::default() }).await;
    let polls = server.polls();
    assert!(matches!(other.drive(&job).await, Driven::Parked(_)));
    let held = world.job(&job).await;
    assert_eq!(held.stage.name(), StageName::Waiting);
    assert_eq!(held.reason.unwrap().text, "held: other account");
    assert_eq!(server.polls(), polls);

    // With the right ones again it goes on.
    server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
    world.drive(&job).await;
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
}

#[tokio::test]
async fn a_failure_after_acceptance_is_charged_and_due_back() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::failed(&id(1), 1200, "content flagged")]);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Failed);
    let reason = job.reason.clone().unwrap();
    assert_eq!(reason.kind, ReasonKind::Moderated);
    assert_eq!(reason.text, "failed at the provider: content moderation (code 1200)");
    assert_eq!(
        reason.hint.as_deref(),
        Some("press e and change the prompt; $0.20 is due back within 3 h")
    );
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge, RefundDue]);
}

#[tokio::test]
async fn a_timeout_or_a_stop_at_the_provider_ends_the_job_by_its_policy() {
    for (status, expected) in [
        ("timeout", StageName::Failed),
        ("deleted", StageName::Failed),
        ("cancelled", StageName::Cancelled),
    ] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_result([Answer::prediction(&id(1), status, &[])]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), expected, "{status}");
        assert_eq!(world.lines(&job).await.len(), 4, "{status}");
    }
}

#[tokio::test]
async fn an_overdue_job_is_asked_about_for_a_day_and_then_in_doubt_with_its_hold() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "created", &[])]);
    let patience = Patience {
        created_for: Duration::from_millis(40),
        overdue_for: Duration::from_millis(200),
        ..quick()
    };
    let world = World::with(&server, Differs { patience, ..Differs::default() }).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::InDoubt);
    assert_eq!(job.stage.prediction().unwrap().as_str(), id(1));
    assert_eq!(world.lines(&job).await, [LineKind::Hold]);
    assert!(world.told.events().contains(&"noted"), "overdue was said first");
}

#[tokio::test]
async fn a_paid_result_that_comes_when_it_is_overdue_is_still_fetched() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "created", &[])]);
    let patience = Patience { created_for: Duration::from_millis(30), ..quick() };
    let world = World::with(&server, Differs { patience, ..Differs::default() }).await;
    let job = world.order().await;
    let leash = Leash::default();
    let finish = async {
        world.until(&job, "overdue", rushes::domain::Job::is_overdue).await;
        server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), finish);
    assert!(matches!(driven.unwrap(), Driven::Ended(_)));
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
}

#[tokio::test]
async fn a_take_that_cannot_be_fetched_is_overdue_in_time_and_still_fetched_when_it_can() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_output([Answer::Body(404, "text/plain", b"gone".to_vec())]);
    let mut world = World::new(&server).await;
    let impatient =
        include_str!("../../assets/models/wavespeed-ai-hunyuan-video-1.5-text-to-video.toml")
            .replacen("output    =", "patience_s = 1\noutput    =", 1);
    let models = tempfile::tempdir().unwrap();
    std::fs::write(models.path().join("impatient.toml"), impatient).unwrap();
    let pipeline = std::sync::Arc::get_mut(&mut world.pipeline).unwrap();
    pipeline.catalog = std::sync::Arc::new(rushes::catalog::Shelf::new(
        rushes::catalog::Catalog::load(models.path()).unwrap(),
    ));

    let job = world.order().await;
    let leash = Leash::default();
    let finish = async {
        let overdue = world.until(&job, "overdue", rushes::domain::Job::is_overdue).await;
        assert_eq!(overdue.stage.name(), StageName::Waiting);
        assert_eq!(world.lines(&job).await, [LineKind::Hold]);
        server.on_output([Answer::Body(200, "video/mp4", RUBBISH.to_vec())]);
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), finish);
    assert!(matches!(driven.unwrap(), Driven::Ended(_)));
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
}
