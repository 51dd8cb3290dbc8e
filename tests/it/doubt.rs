//! Ways out of doubt: the provider's history, and the person's word.

use rushes::domain::{Job, LineKind, PredictionId, Settlement, StageName};
use rushes::pipeline::{LookUp, Scope, Supervisor};
use rushes::store::Actor;
use serde_json::{Value, json};

use crate::support::server::{Answer, Server, prediction};
use crate::support::world::{Differs, World, dead_owner, quick};
use crate::support::{RUBBISH, id};

/// Whether a look-up found what it should.
type Expected = fn(&LookUp) -> bool;

/// A prediction as the history lists it.
fn listed(number: u32, prompt: &str) -> Value {
    let mut listed = prediction(&id(number), "processing", &[]);
    listed["input"] =
        json!({"prompt": prompt, "size": "1280*720", "duration": 5, "seed": 7, "extra": true});
    listed
}

/// A job whose submission got no answer.
async fn in_doubt(server: &Server) -> (World, Job) {
    server.does_well(&id(1), RUBBISH);
    server.on_submit([Answer::Cut]);
    let world = World::new(server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::InDoubt);
    (world, job)
}

#[tokio::test]
async fn a_prediction_that_is_surely_ours_is_adopted_by_itself_and_its_take_arrives() {
    let server = Server::start().await;
    let (world, job) = in_doubt(&server).await;
    server.script(|script| script.history = Some(json!([listed(1, "kite 0")])));
    let supervisor = Supervisor::start(world.pipeline.clone(), Scope::Everything, None);
    let job = world.until(&job, "done", |job| job.stage.name() == StageName::Done).await;
    drop(supervisor);
    assert_eq!(server.submissions(), 1);
    assert_eq!(world.lines(&job).await.len(), 3);
}

#[tokio::test]
async fn what_is_not_surely_ours_is_shown_and_never_guessed() {
    let other_model = {
        let mut other = listed(1, "kite 0");
        other["model"] = "somebody/else".into();
        other
    };
    let long_ago = {
        let mut old = listed(1, "kite 0");
        old["created_at"] = "2020-01-01T00:00:00Z".into();
        old
    };
    let untold = prediction(&id(1), "processing", &[]);
    let nothing = |found: &LookUp| matches!(found, LookUp::Nothing);
    let unclear = |found: &LookUp| matches!(found, LookUp::Unclear(_));
    let cases: Vec<(Value, Expected)> = vec![
        (json!([]), nothing),
        (json!([listed(1, "another prompt")]), nothing),
        (json!([other_model]), nothing),
        (json!([long_ago]), nothing),
        (json!([listed(1, "kite 0"), listed(2, "kite 0")]), unclear),
        (json!([untold]), unclear),
    ];
    for (history, expected) in cases {
        let server = Server::start().await;
        let (world, job) = in_doubt(&server).await;
        server.script(|script| script.history = Some(history.clone()));
        let found = world.pipeline.look_up(job.id).await.unwrap();
        assert!(expected(&found), "{found:?} for {history}");
        assert_eq!(world.job(&job).await.stage.name(), StageName::InDoubt);
    }
}

#[tokio::test]
async fn a_prediction_that_another_job_owns_is_never_adopted() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    world.run().await;
    server.on_submit([Answer::Cut]);
    let job = world.run().await;
    server.script(|script| script.history = Some(json!([listed(1, "kite 0")])));
    assert_eq!(world.pipeline.look_up(job.id).await.unwrap(), LookUp::Nothing);
    let error = world.pipeline.adopt(job.id, PredictionId::new(id(1))).await.unwrap_err();
    assert!(error.to_string().contains("belongs to another job"), "{error}");
}

#[tokio::test]
async fn a_doubt_is_settled_by_hand_once() {
    use LineKind::{Charge, Hold, Release};
    for (settlement, expected) in [
        (Settlement::Charged, vec![Hold, Release, Charge]),
        (Settlement::Free, vec![Hold, Release]),
    ] {
        let server = Server::start().await;
        let (world, job) = in_doubt(&server).await;
        world.pipeline.settle(job.id, settlement).await.unwrap();
        assert_eq!(world.lines(&job).await, expected);
        assert!(world.pipeline.settle(job.id, settlement).await.is_err());

        // An id that turns up later attaches its take and never charges again.
        world.pipeline.adopt(job.id, PredictionId::new(id(1))).await.unwrap();
        assert!(world.pipeline.claim(job.id).await.unwrap());
        world.drive(&job).await;
        assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
        assert_eq!(world.lines(&job).await, expected);
    }
}

#[tokio::test]
async fn a_process_that_died_while_submitting_leaves_a_doubt_and_sends_nothing() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let died = World::with(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;
    let job = died.order().await;
    let actor = || Actor::Owner(dead_owner());
    let now = jiff::Timestamp::now;
    for event in [rushes::domain::JobEvent::CheckStarted, rushes::domain::JobEvent::SubmitStarted] {
        died.store().step(job.id, event, actor(), now()).await.unwrap();
    }

    let next = died.beside(&server, Differs::default()).await;
    assert!(next.pipeline.claim(job.id).await.unwrap());
    next.drive(&job).await;
    assert_eq!(next.job(&job).await.stage.name(), StageName::InDoubt);
    assert_eq!(server.submissions(), 0);
    assert_eq!(next.lines(&job).await, [LineKind::Hold]);

    // It was only suspended after all: its answer overwrites the doubt.
    let accepted = rushes::domain::JobEvent::Accepted { prediction: PredictionId::new(id(1)) };
    died.store().step(job.id, accepted, Actor::LateAnswer, now()).await.unwrap();
    assert_eq!(next.job(&job).await.stage.name(), StageName::Waiting);
}

#[tokio::test]
async fn an_owner_that_lives_is_never_evicted_while_it_submits() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let job = world.order().await;
    let actor = || Actor::Owner(world.pipeline.owner.clone());
    let long_ago: jiff::Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    world.store().renew(world.pipeline.owner.clone(), long_ago).await.unwrap();
    let other = world.beside(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;

    for event in [rushes::domain::JobEvent::CheckStarted, rushes::domain::JobEvent::SubmitStarted] {
        world.store().step(job.id, event, actor(), jiff::Timestamp::now()).await.unwrap();
    }
    assert!(!other.pipeline.claim(job.id).await.unwrap(), "it may still get its answer");

    let accepted = rushes::domain::JobEvent::Accepted { prediction: PredictionId::new(id(1)) };
    world.store().step(job.id, accepted, actor(), jiff::Timestamp::now()).await.unwrap();
    assert!(other.pipeline.claim(job.id).await.unwrap(), "its lease is over");
}

#[tokio::test]
async fn a_lost_job_is_taken_up_again_only_when_it_has_come_to_an_end() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let patience = rushes::pipeline::Patience {
        created_for: std::time::Duration::ZERO,
        overdue_for: std::time::Duration::ZERO,
        ..quick()
    };
    let mut world = World::with(&server, Differs { patience, ..Differs::default() }).await;
    let lost = "patience_s = 1\noutput    =";
    let model =
        include_str!("../../assets/models/wavespeed-ai-hunyuan-video-1.5-text-to-video.toml");
    let models = tempfile::tempdir().unwrap();
    let file = models.path().join("impatient.toml");
    std::fs::write(file, model.replacen("output    =", lost, 1)).unwrap();
    let pipeline = std::sync::Arc::get_mut(&mut world.pipeline).unwrap();
    pipeline.catalog = std::sync::Arc::new(rushes::catalog::Shelf::new(
        rushes::catalog::Catalog::load(models.path()).unwrap(),
    ));

    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::InDoubt);
    assert_eq!(world.pipeline.look_up(job.id).await.unwrap(), LookUp::Unfinished);
    server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
    assert!(matches!(world.pipeline.look_up(job.id).await.unwrap(), LookUp::Adopted(_)));
    assert!(world.pipeline.claim(job.id).await.unwrap());
    world.drive(&job).await;
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
}
