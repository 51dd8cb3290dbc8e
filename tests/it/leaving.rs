//! Cancel, leave, hand over: quitting is not cancelling, and neither loses money.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rushes::domain::{LineKind, ReasonKind, StageName, Unsent, Wish};
use rushes::pipeline::{Driven, Leash, Scope, Supervisor};
use rushes::store::AssetFilter;

use crate::support::server::{Answer, Server};
use crate::support::world::{Differs, World, dead_owner};
use crate::support::{RUBBISH, id};
use rushes::domain::LineKind::{Charge, Hold, Release};

#[tokio::test]
async fn cancelling_before_anything_was_sent_releases_the_hold() {
    let server = Server::start().await;
    let world = World::new(&server).await;
    let job = world.order().await;
    let leash = Leash::default();
    leash.cancel.cancel();
    world.pipeline.drive(job.id, &leash).await.unwrap();
    let job = world.job(&job).await;
    assert_eq!(job.stage.name(), StageName::Cancelled);
    assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
    assert_eq!(server.submissions(), 0);
}

#[tokio::test]
async fn cancelling_while_submitting_sees_it_through() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let accepted = Answer::prediction(&id(1), "created", &[]);
    server.on_submit([Answer::Late(Duration::from_millis(200), Box::new(accepted))]);
    let world = World::new(&server).await;
    let job = world.order().await;
    let leash = Leash::default();
    let cancel = async {
        server.until("a submission", |server| server.submissions() == 1).await;
        leash.cancel.cancel();
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), cancel);
    driven.unwrap();
    let job = world.job(&job).await;
    assert_eq!(job.stage.name(), StageName::Done, "it was accepted, so it is followed");
    assert_eq!(job.shown_stage(), StageName::Cancelled);
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn a_job_cancelled_while_waiting_is_followed_and_its_take_goes_to_the_trash() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let world = World::new(&server).await;
    let supervisor = Supervisor::start(world.pipeline.clone(), Scope::Told, None);
    let job = world.order().await;
    supervisor.drive(job.id).await;
    world.until(&job, "waiting", |job| job.stage.name() == StageName::Waiting).await;

    supervisor.cancel(job.id).await.unwrap();
    let cancelled = world.until(&job, "cancelled", |job| job.abandoned).await;
    assert_eq!(cancelled.shown_stage(), StageName::Cancelled);
    assert_eq!(cancelled.reason.unwrap().text, "cancelled, may still be billed");
    assert_eq!(world.lines(&job).await, [LineKind::Hold], "the hold stays until it is settled");

    server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
    let done = world.until(&job, "done", |job| !job.stage.is_live()).await;
    assert_eq!(done.shown_stage(), StageName::Cancelled);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
    assert!(world.store().assets(AssetFilter::default()).await.unwrap().is_empty());
    let trash = AssetFilter { trashed: true, ..AssetFilter::default() };
    assert_eq!(world.store().assets(trash).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_processes_wish_to_cancel_is_heard_by_the_owner() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let world = World::new(&server).await;
    let _supervisor = Supervisor::start(world.pipeline.clone(), Scope::Everything, None);
    let supervisor = Supervisor::start(world.pipeline.clone(), Scope::Told, None);
    let job = world.order().await;
    supervisor.drive(job.id).await;
    world.until(&job, "waiting", |job| job.stage.name() == StageName::Waiting).await;

    let other = world.beside(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;
    other.pipeline.cancel(job.id).await.unwrap();
    world.until(&job, "cancelled", |job| job.abandoned).await;
}

#[tokio::test]
async fn leaving_keeps_what_was_accepted_and_holds_what_was_not_sent() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let narrow = Differs {
        abilities: rushes::provider::Abilities {
            running_at_once: 1,
            ..Differs::default().abilities
        },
        ..Differs::default()
    };
    let world = World::with(&server, narrow).await;
    let started = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&started);
    let handover: rushes::pipeline::supervisor::Handover = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let supervisor = Supervisor::start(world.pipeline.clone(), Scope::Told, Some(handover));
    let jobs = world.orders(2).await;
    for job in &jobs {
        supervisor.drive(job.id).await;
    }
    world.until(&jobs[0], "waiting", |job| job.stage.name() == StageName::Waiting).await;
    world
        .until(&jobs[1], "waiting for a place", |job| {
            job.reason.as_ref().is_some_and(|reason| reason.kind == ReasonKind::NoPlace)
        })
        .await;

    supervisor.leave(Unsent::Hold).await;
    assert_eq!(world.job(&jobs[0]).await.stage.name(), StageName::Waiting);
    let held = world.job(&jobs[1]).await;
    assert_eq!(held.stage.name(), StageName::Queued);
    assert_eq!(held.reason.unwrap().text, "held");
    assert_eq!(world.store().owner_of(jobs[0].id).await.unwrap(), None, "free for the worker");
    assert_eq!(started.load(Ordering::SeqCst), 1, "one worker was started");
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn what_was_left_with_the_word_send_is_sent_by_whoever_comes_next() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::with(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;
    let left = world.order().await;
    let told = world.order().await;
    world.store().wish(told.id, Some(Wish::Send)).await.unwrap();

    let worker = world.beside(&server, Differs::default()).await;
    let supervisor = Supervisor::start(worker.pipeline.clone(), Scope::Everything, None);
    worker.until(&told, "done", |job| job.stage.name() == StageName::Done).await;
    let held = worker.until(&left, "held", rushes::domain::Job::is_held).await;
    assert_eq!(held.stage.name(), StageName::Queued);
    supervisor.nothing_left().await;
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn a_job_that_was_waiting_or_downloading_goes_on_in_the_next_process() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let world = World::with(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;
    let job = world.order().await;
    let leash = Leash::default();
    tokio::select! {
        driven = world.pipeline.drive(job.id, &leash) => panic!("{driven:?}"),
        _ = world.until(&job, "waiting", |job| job.stage.name() == StageName::Waiting) => {}
    }
    server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
    server.on_output([Answer::Silence]);
    tokio::select! {
        driven = world.pipeline.drive(job.id, &leash) => panic!("{driven:?}"),
        _ = world.until(&job, "downloading", |job| job.stage.name() == StageName::Downloading) => {}
    }
    server.on_output([Answer::Body(200, "video/mp4", RUBBISH.to_vec())]);
    let next = world.beside(&server, Differs::default()).await;
    let supervisor = Supervisor::start(next.pipeline.clone(), Scope::Everything, None);
    next.until(&job, "done", |job| job.stage.name() == StageName::Done).await;
    supervisor.nothing_left().await;
    assert_eq!(server.submissions(), 1);
    assert_eq!(next.files().len(), 1, "no .part is left: {:?}", next.files());
}

#[tokio::test]
async fn two_supervisors_never_drive_the_same_job() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::with(&server, Differs { owner: dead_owner(), ..Differs::default() }).await;
    let job = world.order().await;
    world.store().wish(job.id, Some(Wish::Send)).await.unwrap();
    let pid_one = rushes::domain::Owner { pid: 1, start: pid_one_start(), ..dead_owner() };
    let one = world.beside(&server, Differs::default()).await;
    let two = world.beside(&server, Differs { owner: pid_one, ..Differs::default() }).await;
    let first = Supervisor::start(one.pipeline.clone(), Scope::Everything, None);
    let second = Supervisor::start(two.pipeline.clone(), Scope::Everything, None);
    one.until(&job, "done", |job| job.stage.name() == StageName::Done).await;
    drop((first, second));
    assert_eq!(server.submissions(), 1);
    assert_eq!(one.lines(&job).await.len(), 3);
}

/// When process 1 started: an owner that surely lives.
fn pid_one_start() -> u64 {
    let stat = std::fs::read_to_string("/proc/1/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_ascii_whitespace().nth(19).and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn cancelling_what_has_ended_is_refused_with_a_hint() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let job = world.run().await;
    let error = world.pipeline.cancel(job.id).await.unwrap_err();
    assert_eq!(error.to_string(), format!("job {} has ended", job.number));
    assert!(matches!(
        world.pipeline.drive(job.id, &Leash::default()).await.unwrap(),
        Driven::Ended(_)
    ));
}

#[tokio::test]
async fn cancelling_in_the_middle_of_a_download_is_heard_at_once() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let video = Answer::Body(200, "video/mp4", RUBBISH.to_vec());
    server.on_output([Answer::Late(Duration::from_millis(500), Box::new(video))]);
    let world = World::new(&server).await;
    let job = world.order().await;
    let leash = Leash::default();
    let cancel = async {
        world.until(&job, "downloading", |job| job.stage.name() == StageName::Downloading).await;
        leash.cancel.cancel();
        let heard = world.until(&job, "given up", |job| job.abandoned).await;
        assert_eq!(heard.stage.name(), StageName::Downloading, "before the file is there");
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), cancel);
    driven.unwrap();
    let job = world.job(&job).await;
    assert_eq!(job.shown_stage(), StageName::Cancelled);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
    let trashed = AssetFilter { trashed: true, ..AssetFilter::default() };
    assert_eq!(world.store().assets(trashed).await.unwrap().len(), 1);
}
