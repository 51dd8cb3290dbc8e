//! The table of what each ending writes into the ledger, row by row, by the real pipeline.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use rushes::clock::Clock;
use rushes::domain::job::FailurePolicy;
use rushes::domain::job::FailurePolicy::{Charged, Free, Refunded};
use rushes::domain::{Ask, Job, JobEvent, PredictionId, Settlement, StageName, Usd};
use rushes::pipeline::{Leash, Patience};
use rushes::store::bills::Noted;
use rushes::store::{Actor, AssetFilter};
use serde_json::json;

use crate::support::book::{CHARGE, DUE, HOLD, Line, RELEASE, billed, check};
use crate::support::server::{Answer, Server, prediction};
use crate::support::world::{Differs, World, dead_owner, quick};
use crate::support::{RUBBISH, id};

type Scene<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A server that does well, and a world over it.
async fn scene(differs: Differs) -> (Server, World) {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::with(&server, differs).await;
    (server, world)
}

/// The usual one, whose provider keeps to this policy.
pub(crate) async fn with_policy(failure_policy: FailurePolicy) -> (Server, World) {
    let mut differs = Differs::default();
    differs.abilities.failure_policy = failure_policy;
    scene(differs).await
}

/// An order of one job in a project.
async fn order(world: &World) -> Job {
    let mut brief = World::brief("kite");
    brief.project = Some("kite".into());
    let ask = Ask { consent: true, ..Ask::new(vec![brief]) };
    world.pipeline.admit(ask, None).await.unwrap().remove(0)
}

async fn run(world: &World) -> Job {
    let job = order(world).await;
    world.drive(&job).await;
    world.job(&job).await
}

/// A job whose submission got no answer.
async fn doubtful(server: &Server, world: &World) -> Job {
    server.on_submit([Answer::Cut]);
    let job = run(world).await;
    assert_eq!(job.stage.name(), StageName::InDoubt);
    job
}

/// Takes a job that this process owned up again, and drives it as far as it goes.
async fn go_on(world: &World, job: &Job) {
    assert!(world.pipeline.claim(job.id).await.unwrap());
    world.drive(job).await;
}

/// All scenes, a few at a time.
async fn play(scenes: Vec<Scene<'_>>) {
    futures_util::stream::iter(scenes).for_each_concurrent(4, |scene| scene).await;
}

#[tokio::test]
async fn admitted_each_job_of_an_order_has_its_hold_and_nothing_else() {
    let (_server, world) = scene(Differs::default()).await;
    for job in world.orders(3).await {
        check("admitted", &world, &job, StageName::Queued, &[HOLD]).await;
    }
}

/// Ended before the provider made anything.
async fn unsent(what: &str, answers: Vec<Answer>, patience: Patience) {
    let (server, world) = scene(Differs { patience, ..Differs::default() }).await;
    server.on_submit(answers);
    let job = run(&world).await;
    check(what, &world, &job, StageName::Failed, &[HOLD, RELEASE]).await;
}

#[tokio::test]
async fn refused_never_sent_cancelled_before_or_blocked_at_the_look_it_is_released() {
    let a_day_of_429 = Patience { rate_limit_for: Duration::ZERO, ..quick() };
    let error = |status, text: &str| vec![Answer::error(status, text)];
    let never_sent = async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Some(format!("http://{}", listener.local_addr().unwrap()));
        drop(listener);
        let (_server, world) = scene(Differs { address, ..Differs::default() }).await;
        let job = run(&world).await;
        check("never sent", &world, &job, StageName::Failed, &[HOLD, RELEASE]).await;
    };
    let cancelled_in_the_queue = async {
        let (server, world) = scene(Differs::default()).await;
        let job = order(&world).await;
        let leash = Leash::default();
        leash.cancel.cancel();
        world.pipeline.drive(job.id, &leash).await.unwrap();
        check("cancelled", &world, &job, StageName::Cancelled, &[HOLD, RELEASE]).await;
        assert_eq!(server.submissions(), 0);
    };
    let cancelled_in_the_look = async {
        let owner = dead_owner();
        let (server, dead) = scene(Differs { owner: owner.clone(), ..Differs::default() }).await;
        let job = order(&dead).await;
        let (now, actor) = (jiff::Timestamp::now(), Actor::Owner(owner));
        dead.store().step(job.id, JobEvent::CheckStarted, actor, now).await.unwrap();
        let world = dead.beside(&server, Differs::default()).await;
        world.pipeline.cancel(job.id).await.unwrap();
        check("cancelled", &world, &job, StageName::Cancelled, &[HOLD, RELEASE]).await;
    };
    let blocked_at_the_look = async {
        let (server, world) = scene(Differs::default()).await;
        let job = order(&world).await;
        let (scope, nothing) = ("project:kite".parse().unwrap(), Some(Usd::ZERO));
        let now = jiff::Timestamp::now();
        world.store().set_budget(scope, nothing, false, now).await.unwrap();
        world.drive(&job).await;
        check("blocked", &world, &job, StageName::Failed, &[HOLD, RELEASE]).await;
        assert_eq!(server.submissions(), 0);
    };
    play(vec![
        Box::pin(unsent("refused", error(422, "no"), quick())),
        Box::pin(unsent("the key is refused", error(401, "who"), quick())),
        Box::pin(unsent("no credits", error(400, "Insufficient credits."), quick())),
        Box::pin(unsent("turned away for a day", error(429, "later"), a_day_of_429)),
        Box::pin(never_sent),
        Box::pin(cancelled_in_the_queue),
        Box::pin(cancelled_in_the_look),
        Box::pin(blocked_at_the_look),
    ])
    .await;
}

#[tokio::test]
async fn done_it_is_charged_once_whatever_day_it_is_by_then() {
    struct Shifted(AtomicI64);
    impl Clock for Shifted {
        fn now(&self) -> jiff::Timestamp {
            let shift = jiff::SignedDuration::from_hours(self.0.load(Ordering::SeqCst));
            jiff::Timestamp::now() + shift
        }
    }
    let (server, mut world) = scene(Differs::default()).await;
    let clock = Arc::new(Shifted(AtomicI64::new(0)));
    Arc::get_mut(&mut world.pipeline).unwrap().clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let job = order(&world).await;
    let day = world.pipeline.account_day();
    clock.0.store(36, Ordering::SeqCst);
    assert_ne!(world.pipeline.account_day(), day);
    assert!(world.pipeline.claim(job.id).await.unwrap());
    world.drive(&job).await;
    check("done", &world, &job, StageName::Done, &[HOLD, RELEASE, CHARGE]).await;

    // One record for two submissions was made once, and is paid once.
    server.on_submit([Answer::prediction(&id(1), "created", &[])]);
    let twin = run(&world).await;
    check("the same record", &world, &twin, StageName::Done, &[HOLD, RELEASE]).await;
}

/// Failed after it was accepted, with a provider of this policy.
async fn failed(policy: FailurePolicy, answer: Answer, ends: StageName) {
    let (server, world) = with_policy(policy).await;
    let what = format!("{policy:?}: {answer:?}");
    server.on_result([Answer::prediction(&id(1), "processing", &[]), answer]);
    let job = run(&world).await;
    let lines: &[Line] = match policy {
        Refunded => &[HOLD, RELEASE, CHARGE, DUE],
        Free => &[HOLD, RELEASE],
        Charged => &[HOLD, RELEASE, CHARGE],
    };
    check(&what, &world, &job, ends, lines).await;
    if policy == Refunded {
        for _ in 0..2 {
            billed(&world, &job, 200_000, Some(200_000)).await;
        }
        let seen = [HOLD, RELEASE, CHARGE, DUE, ("refund", 200_000, "billed")];
        check(&what, &world, &job, ends, &seen).await;
    }
}

#[tokio::test]
async fn failed_moderated_or_timed_out_at_the_provider_its_policy_counts() {
    let mut scenes: Vec<Scene<'_>> = Vec::new();
    for policy in [Refunded, Free, Charged] {
        let said = |status| Answer::prediction(&id(1), status, &[]);
        let failure = Answer::failed(&id(1), 500, "out of memory");
        scenes.push(Box::pin(failed(policy, failure, StageName::Failed)));
        let moderated = Answer::failed(&id(1), 1200, "content flagged");
        scenes.push(Box::pin(failed(policy, moderated, StageName::Failed)));
        scenes.push(Box::pin(failed(policy, said("timeout"), StageName::Failed)));
        scenes.push(Box::pin(failed(policy, said("cancelled"), StageName::Cancelled)));
    }
    play(scenes).await;
}

#[tokio::test]
async fn output_that_is_unusable_is_charged_and_kept() {
    let (server, world) = scene(Differs::default()).await;
    server.on_output([Answer::page(200)]);
    let job = run(&world).await;
    check("a page", &world, &job, StageName::Failed, &[HOLD, RELEASE, CHARGE]).await;
    assert_eq!(world.files().len(), 1, "what came is kept");

    let (server, world) = scene(Differs::default()).await;
    server.on_result([Answer::prediction(&id(1), "completed", &[])]);
    let job = run(&world).await;
    check("no output", &world, &job, StageName::Failed, &[HOLD, RELEASE, CHARGE]).await;
}

#[tokio::test]
async fn in_doubt_or_overdue_the_hold_stays_until_it_is_settled() {
    let overdue = || {
        let (created_for, overdue_for) = (Duration::from_millis(40), Duration::from_millis(200));
        scene(Differs {
            patience: Patience { created_for, overdue_for, ..quick() },
            ..Differs::default()
        })
    };
    let lost = async {
        let (server, world) = overdue().await;
        server.on_result([Answer::prediction(&id(1), "created", &[])]);
        let job = order(&world).await;
        let seen = async {
            world.until(&job, "overdue", Job::is_overdue).await;
            assert_eq!(world.lines(&job).await.len(), 1, "overdue, the hold stays");
        };
        tokio::join!(world.drive(&job), seen);
        check("lost", &world, &job, StageName::InDoubt, &[HOLD]).await;
        server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
        world.pipeline.look_up(job.id).await.unwrap();
        go_on(&world, &job).await;
        check("found again", &world, &job, StageName::Done, &[HOLD, RELEASE, CHARGE]).await;
    };
    let unreadable = async {
        let (server, world) = scene(Differs::default()).await;
        server.on_submit([Answer::page(502)]);
        let job = run(&world).await;
        check("a 5xx", &world, &job, StageName::InDoubt, &[HOLD]).await;
    };
    let answered_late = async {
        let (server, world) = scene(Differs::default()).await;
        let job = doubtful(&server, &world).await;
        check("silence", &world, &job, StageName::InDoubt, &[HOLD]).await;
        let accepted = JobEvent::Accepted { prediction: PredictionId::new(id(1)) };
        let now = jiff::Timestamp::now();
        world.store().step(job.id, accepted, Actor::LateAnswer, now).await.unwrap();
        check("a late answer", &world, &job, StageName::Waiting, &[HOLD]).await;
        go_on(&world, &job).await;
        check("and done", &world, &job, StageName::Done, &[HOLD, RELEASE, CHARGE]).await;
    };
    let adopted = async {
        let (server, world) = scene(Differs::default()).await;
        let job = doubtful(&server, &world).await;
        let mut listed = prediction(&id(1), "processing", &[]);
        listed["input"] = json!({"prompt": "kite", "size": "1280*720", "duration": 5, "seed": 7});
        server.script(|script| script.history = Some(json!([listed])));
        world.pipeline.look_up(job.id).await.unwrap();
        go_on(&world, &job).await;
        check("adopted", &world, &job, StageName::Done, &[HOLD, RELEASE, CHARGE]).await;
    };
    play(vec![Box::pin(lost), Box::pin(unreadable), Box::pin(answered_late), Box::pin(adopted)])
        .await;
}

/// Settled by hand; then its id turns up after all, and comes to this end.
async fn settled(settlement: Settlement, answer: Answer, ends: StageName) {
    let lines: &[Line] = match settlement {
        Settlement::Charged => &[HOLD, RELEASE, CHARGE],
        Settlement::Free => &[HOLD, RELEASE],
    };
    let (server, world) = scene(Differs::default()).await;
    let job = doubtful(&server, &world).await;
    world.pipeline.settle(job.id, settlement).await.unwrap();
    check("settled", &world, &job, StageName::Failed, lines).await;
    assert!(world.pipeline.settle(job.id, Settlement::Charged).await.is_err());

    let output = server.output("1.mp4");
    server.on_result([answer, Answer::prediction(&id(1), "completed", &[output])]);
    let (prediction, now) = (PredictionId::new(id(1)), jiff::Timestamp::now());
    if settlement == Settlement::Charged {
        world.pipeline.adopt(job.id, prediction).await.unwrap();
    } else {
        let answer = JobEvent::Accepted { prediction };
        world.store().step(job.id, answer, Actor::LateAnswer, now).await.unwrap();
    }
    go_on(&world, &job).await;
    let what = format!("{settlement:?}, and it turned up {ends}");
    check(&what, &world, &job, ends, lines).await;
    let takes = world.store().assets(AssetFilter::default()).await.unwrap();
    assert_eq!(takes.len(), usize::from(ends == StageName::Done), "{what}: its take is attached");
}

#[tokio::test]
async fn settled_by_hand_it_is_never_charged_again() {
    let mut scenes: Vec<Scene<'_>> = Vec::new();
    for settlement in [Settlement::Charged, Settlement::Free] {
        let works = Answer::prediction(&id(1), "processing", &[]);
        scenes.push(Box::pin(settled(settlement, works, StageName::Done)));
        let failure = Answer::failed(&id(1), 500, "out of memory");
        scenes.push(Box::pin(settled(settlement, failure, StageName::Failed)));
    }
    play(scenes).await;
}

/// Cancelled while it ran, and then it came to this end.
async fn abandoned(answer: fn(&Server) -> Answer, ends: StageName, lines: &[Line], trashed: usize) {
    let (server, world) = scene(Differs::default()).await;
    server.on_result([Answer::prediction(&id(1), "processing", &[])]);
    let job = order(&world).await;
    let leash = Leash::default();
    let cancel = async {
        world.until(&job, "waiting", |job| job.stage.name() == StageName::Waiting).await;
        leash.cancel.cancel();
        world.until(&job, "given up", |job| job.abandoned).await;
        check("cancelled, running", &world, &job, StageName::Waiting, &[HOLD]).await;
        server.on_result([answer(&server)]);
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), cancel);
    driven.unwrap();
    check("cancelled while running", &world, &job, ends, lines).await;
    let trash = AssetFilter { trashed: true, ..AssetFilter::default() };
    assert_eq!(world.store().assets(trash).await.unwrap().len(), trashed);
}

/// Cancelled while it was submitted, or while its take was fetched: it is seen through.
async fn abandoned_elsewhere(stage: StageName) {
    let (server, world) = scene(Differs::default()).await;
    let late = |answer| Answer::Late(Duration::from_millis(300), Box::new(answer));
    server.on_submit([late(Answer::prediction(&id(1), "created", &[]))]);
    server.on_output([late(Answer::Body(200, "video/mp4", RUBBISH.to_vec()))]);
    let job = order(&world).await;
    let leash = Leash::default();
    let cancel = async {
        world.until(&job, "there", |job| job.stage.name() == stage).await;
        leash.cancel.cancel();
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), cancel);
    driven.unwrap();
    let what = format!("cancelled, {stage}");
    check(&what, &world, &job, StageName::Done, &[HOLD, RELEASE, CHARGE]).await;
    assert_eq!(world.job(&job).await.shown_stage(), StageName::Cancelled);
}

#[tokio::test]
async fn cancelled_while_it_runs_it_is_settled_as_any_other() {
    let done = |server: &Server| Answer::prediction(&id(1), "completed", &[server.output("1.mp4")]);
    let failure = |_: &Server| Answer::failed(&id(1), 500, "out of memory");
    tokio::join!(
        abandoned_elsewhere(StageName::Submitting),
        abandoned_elsewhere(StageName::Downloading),
        abandoned(done, StageName::Done, &[HOLD, RELEASE, CHARGE], 1),
        abandoned(failure, StageName::Failed, &[HOLD, RELEASE, CHARGE, DUE], 0),
    );
}

#[tokio::test]
async fn billed_another_amount_it_is_adjusted_by_the_difference() {
    let (_server, world) = scene(Differs::default()).await;
    let job = run(&world).await;
    let mut lines = vec![HOLD, RELEASE, CHARGE];
    for (amount, difference) in
        [(250_000, Some(50_000)), (250_000, None), (180_000, Some(-70_000)), (0, Some(-180_000))]
    {
        billed(&world, &job, amount, None).await;
        lines.extend(difference.map(|difference| ("adjust", difference, "billed")));
        check("billed", &world, &job, StageName::Done, &lines).await;
    }
    // What still runs is not adjusted.
    let waiting = order(&world).await;
    assert_eq!(billed(&world, &waiting, 1, None).await, Noted::NotYet);
    check("not settled yet", &world, &waiting, StageName::Queued, &[HOLD]).await;
}
