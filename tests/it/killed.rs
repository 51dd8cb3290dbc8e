//! Real processes killed at each named step, and what the next one makes of it.

use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::binary::Home;
use crate::support::server::{Answer, Server};
use crate::support::{RUBBISH, id};

/// What the worker finds and makes of a job whose process was killed.
#[derive(Debug, PartialEq)]
enum Fate {
    NoJob,
    Held,
    InDoubt,
    Done,
}

#[tokio::test]
#[cfg(feature = "failpoints")]
async fn killed_at_any_step_the_next_process_finishes_holds_or_doubts() {
    let steps = [
        ("before-admit", 0, Fate::NoJob),
        ("after-admit", 0, Fate::Held),
        ("checking", 0, Fate::Held),
        ("after-submit-started", 0, Fate::InDoubt),
        ("after-post", 1, Fate::InDoubt),
        ("after-accepted", 1, Fate::Done),
        ("downloading", 1, Fate::Done),
        ("after-download", 1, Fate::Done),
        ("after-rename", 1, Fate::Done),
        ("before-save", 1, Fate::Done),
        ("after-save", 1, Fate::Done),
    ];
    // Each waits most of the time: side by side.
    join_all(steps.map(|(step, posts, fate)| killed_at(step, posts, fate))).await;
}

#[cfg(feature = "failpoints")]
async fn killed_at(step: &str, posts: usize, fate: Fate) {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server).set("RUSHES_FAILPOINT", &format!("{step}=kill"));
    let killed = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(killed.code(), None, "{step} was never reached: {killed:?}");

    let home = home.unset("RUSHES_FAILPOINT");
    let worker = home.run(&["worker"]).await;
    assert_eq!(worker.code(), Some(0), "{step}: {worker:?}");

    let jobs = home.jobs().await;
    let stage = jobs.first().map(|job| job["stage"].as_str().unwrap().to_owned());
    let found = match stage.as_deref() {
        None => Fate::NoJob,
        Some("queued") => Fate::Held,
        Some("in_doubt") => Fate::InDoubt,
        Some("done") => Fate::Done,
        Some(other) => panic!("{step}: {other}: {jobs:?}"),
    };
    assert_eq!(found, fate, "{step}: {jobs:?}");
    assert_eq!(server.submissions(), posts, "{step}");
    let (kinds, sums): (&[&str], _) = match fate {
        Fate::NoJob => (&[], (0, 0)),
        Fate::Held | Fate::InDoubt => (&["hold"], (0, 200_000)),
        Fate::Done => (&["hold", "release", "charge"], (200_000, 0)),
    };
    let lines: Vec<_> = kinds.iter().map(|kind| ((*kind).to_owned(), 200_000)).collect();
    assert_eq!(home.ledger(), lines, "{step}");
    assert_eq!(home.sums(), sums, "{step}: spent and held");
    let takes = home.takes();
    assert!(!takes.iter().any(|name| name.contains(".part")), "{step}: {takes:?}");
    assert_eq!(takes.len(), usize::from(fate == Fate::Done), "{step}: {takes:?}");
}

#[tokio::test]
async fn a_hang_up_hands_three_live_jobs_to_a_worker_that_finishes_them_all() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "1");
    let mut child = home.spawn(&["generate", "kite", "--takes", "3", "--json"]);
    for _ in 0..600 {
        let waiting = home.jobs().await.iter().filter(|job| job["stage"] == "waiting").count();
        if waiting == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    signal(&child, Signal::HUP);
    assert_eq!(child.wait().await.unwrap().code(), Some(129));

    let live = home.jobs().await;
    assert!(live.iter().all(|job| job["stage"] != "queued"), "{live:#?}");
    for _ in 0..600 {
        if home.jobs().await.iter().all(|job| job["stage"] == "done") {
            assert_eq!(home.takes().len(), 3);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the worker did not finish: {:#?}", home.jobs().await);
}

#[tokio::test]
async fn ctrl_c_and_sigterm_leave_the_job_to_a_worker() {
    for (sent, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_result([Answer::prediction(&id(1), "processing", &[])]);
        let home = Home::with(&server);
        let mut child = home.spawn(&["generate", "kite", "--yes"]);
        server.until("a poll", |server| server.polls() > 0).await;
        signal(&child, sent);
        assert_eq!(child.wait().await.unwrap().code(), Some(code));
        server.on_result([Answer::prediction(&id(1), "completed", &[server.output("1.mp4")])]);
        for _ in 0..300 {
            if home.jobs().await[0]["stage"] == "done" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(home.jobs().await[0]["stage"], "done");
        assert_eq!(server.submissions(), 1);
    }
}

#[tokio::test]
async fn detached_it_returns_when_the_provider_has_it_and_a_worker_goes_on() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server);
    let ran = home.run(&["generate", "kite", "--yes", "--detach", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let last = ran.of_type("job").pop().unwrap();
    assert_eq!(last["prediction_id"], id(1));
    for _ in 0..300 {
        if home.jobs().await[0]["stage"] == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(home.jobs().await[0]["stage"], "done");
    assert_eq!(server.submissions(), 1);
}

fn signal(child: &tokio::process::Child, signal: Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}
