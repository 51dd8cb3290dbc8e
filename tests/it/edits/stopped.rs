//! Stopped, killed, gone on with: with an `ffmpeg` that waits at a gate.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use super::sources::{Judged, can_be_tested, plain};
use crate::support::binary::Home;

/// A home whose `ffmpeg` says that half is done, and goes on only when the gate is open.
struct Gated {
    home: Home,
    source: String,
}

impl Gated {
    fn new() -> Self {
        let home = Home::empty();
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let path = std::env::var("PATH").unwrap();
        let gate = home.path().join("gate");
        let script = format!(
            "#!/bin/sh\nPATH='{path}'\ncase \"$2\" in\n-version|-filters|-encoders) exec ffmpeg \"$@\";;\nesac\n\
             echo out_time_us=500000\nwhile [ ! -e '{}' ]; do sleep 0.05; done\nexec ffmpeg \"$@\"\n",
            gate.display()
        );
        let ffmpeg = bin.join("ffmpeg");
        std::fs::write(&ffmpeg, script).unwrap();
        std::fs::set_permissions(&ffmpeg, std::fs::Permissions::from_mode(0o755)).unwrap();
        let source = plain(home.path(), "plain.mp4").display().to_string();
        let home = home.set("PATH", &bin.display().to_string());
        Self { home, source }
    }

    fn words(&self) -> [&str; 6] {
        ["generate", "-m", "local/speed", "-pfactor=1", "--video", &self.source]
    }

    fn open(&self) {
        std::fs::write(self.home.path().join("gate"), "").unwrap();
    }

    /// Waits until the work has begun; gives its folder and its process.
    async fn begun(&self) -> (PathBuf, i32) {
        for _ in 0..600 {
            let orders = std::fs::read_dir(self.home.path().join("state/local"));
            for order in orders.into_iter().flatten().flatten().map(|order| order.path()) {
                let worker = std::fs::read(order.join("worker.json")).unwrap_or_default();
                let worker: Value = serde_json::from_slice(&worker).unwrap_or_default();
                let progress = std::fs::read(order.join("progress")).unwrap_or_default();
                if let Some(pid) = worker["pid"].as_i64().filter(|_| !progress.is_empty()) {
                    return (order, i32::try_from(pid).unwrap());
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing began");
    }

    async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) {
        for _ in 0..600 {
            if self.home.jobs().await.first().is_some_and(&is) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never {what}: {:#?}", self.home.jobs().await);
    }
}

/// Whether a process of this group is there.
fn lives(group: i32) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = processes.filter_map(|it| std::fs::read_to_string(it.path().join("stat")).ok());
    let mut alive = stats.filter_map(|stat| {
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_gone = fields.next()? == "Z";
        (!is_gone).then(|| fields.nth(1)?.parse::<i32>().ok())?
    });
    alive.any(|of| of == group)
}

fn nothing_is_left(home: &Path) {
    assert_eq!(std::fs::read_dir(home.join("state/local")).unwrap().count(), 0);
}

#[tokio::test]
async fn progress_is_measured_and_cancelling_ends_ffmpeg() {
    if !can_be_tested() {
        return;
    }
    let gated = Gated::new();
    let detached = gated.home.run(&[&gated.words()[..], &["--detach"]].concat()).await;
    assert_eq!(detached.code(), Some(0), "{detached:?}");
    let (_, worker) = gated.begun().await;
    assert!(lives(worker));
    let job = gated.home.jobs().await[0]["job_id"].as_str().unwrap().to_owned();
    let mut follow = gated.home.spawn(&["jobs", "follow", &job, "--json"]);
    let mut lines = {
        use tokio::io::{AsyncBufReadExt, BufReader};
        BufReader::new(follow.stdout.take().unwrap()).lines()
    };
    loop {
        let line = lines.next_line().await.unwrap().expect("it is said");
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["type"] == "progress" && line["percent"] == 50 {
            break;
        }
    }
    let cancelled = gated.home.run(&["jobs", "cancel", &job]).await;
    assert_eq!(cancelled.code(), Some(0), "{cancelled:?}");
    gated.until("cancelled", |job| job["stage"] == "cancelled" && job["cost"] == "0.00").await;
    assert!(!lives(worker), "ffmpeg goes on");
    assert!(gated.home.takes().is_empty());
    let kinds: Vec<_> = gated.home.ledger().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["hold", "release"]);
}

#[tokio::test]
async fn killed_in_the_middle_the_worker_finishes_it_whether_ffmpeg_goes_on_or_not() {
    if !can_be_tested() {
        return;
    }
    for everything in [false, true] {
        let gated = Gated::new();
        let mut child = gated.home.spawn(&gated.words());
        let (_, worker) = gated.begun().await;
        gated.until("waiting", |job| job["stage"] == "waiting").await;
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        child.wait().await.unwrap();
        assert!(lives(worker), "the work does not end with who ordered it");
        if everything {
            kill_process_group(Pid::from_raw(worker).unwrap(), Signal::KILL).unwrap();
        }
        gated.open();
        let ran = gated.home.run(&["worker"]).await;
        assert_eq!(ran.code(), Some(0), "{ran:?}");
        gated.until("done", |job| job["stage"] == "done").await;
        let [take] = &gated.home.takes()[..] else { panic!("{:?}", gated.home.takes()) };
        assert_eq!(std::path::Path::new(take).extension().unwrap(), "mp4");
        nothing_is_left(gated.home.path());
    }
}

#[tokio::test]
#[cfg(feature = "failpoints")]
async fn an_order_whose_answer_was_lost_is_found_again_and_done_once() {
    if !can_be_tested() {
        return;
    }
    let gated = Gated::new();
    gated.open();
    let mut command = gated.home.command(&gated.words());
    command.env("RUSHES_FAILPOINT", "after-post=kill");
    assert_eq!(command.output().await.unwrap().status.code(), None);
    let ran = gated.home.run(&["worker"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(gated.home.jobs().await[0]["stage"], "in_doubt");
    let found = gated.home.run(&["jobs", "find", "1"]).await;
    assert_eq!(found.code(), Some(0), "{found:?}");
    assert_eq!(gated.home.run(&["worker"]).await.code(), Some(0));
    gated.until("done", |job| job["stage"] == "done").await;
    assert_eq!(gated.home.takes().len(), 1);
    let take = gated.home.json(&["assets", "list", "--json"]).await;
    let judged = Judged::of(Path::new(take[0]["path"].as_str().unwrap()));
    assert_eq!(judged.frames(), 24);
    nothing_is_left(gated.home.path());
}
