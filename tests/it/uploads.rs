//! Files on their way to a provider: judged first, sent once, told while they go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;
use rushes::domain::brief::Source;
use rushes::domain::{Ask, Brief, Job, LineKind, ModelId, Operation, StageName};
use rushes::pipeline::Leash;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

use crate::support::binary::Home;
use crate::support::server::{Answer, Request, Server, envelope};
use crate::support::world::{Differs, World};
use crate::support::{RUBBISH, id};

const TALK: &str = "wavespeed-ai/infinitetalk";
const FACE: &str = "https://pictures.example/face.png";

/// A recording of silence: 8000 samples of 16 bits a second.
fn recording(folder: &Path, seconds: u32) -> PathBuf {
    let data = seconds * 16_000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend([8_000_u32.to_le_bytes(), 16_000_u32.to_le_bytes()].concat());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(data.to_le_bytes());
    wav.resize(wav.len() + data as usize, 0);
    let file = folder.join("talk.wav");
    std::fs::write(&file, wav).unwrap();
    file
}

fn brief(audio: &Path) -> Brief {
    Brief {
        model: ModelId::new(TALK),
        operation: Operation::TalkingAvatar,
        params: Map::new(),
        inputs: vec![
            ("image".to_owned(), Source::Url(FACE.to_owned())),
            ("audio".to_owned(), Source::File(audio.to_owned())),
        ],
        ..World::brief("")
    }
}

async fn admit(world: &World, count: usize, audio: &Path) -> Vec<Job> {
    let ask = Ask { consent: true, ..Ask::new(vec![brief(audio); count]) };
    world.pipeline.admit(ask, None).await.unwrap()
}

async fn talker(names: &[&str]) -> Server {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH).takes_files(names);
    server
}

fn stage(job: &Job) -> StageName {
    job.shown_stage()
}

#[tokio::test]
async fn ten_jobs_send_their_one_file_once_and_the_next_process_not_at_all() {
    let server = talker(&["1.wav", "2.wav"]).await;
    let put = Answer::Body(200, "text/plain", vec![]);
    server.script(|script| {
        script.put = [Answer::Late(Duration::from_millis(300), Box::new(put))].into();
    });
    let world = World::new(&server).await;
    let file = recording(world.folder(), 5);
    let jobs = admit(&world, 10, &file).await;
    join_all(jobs.iter().map(|job| world.drive(job))).await;
    assert_eq!(server.puts().len(), 1);
    let sent = server.submitted();
    assert_eq!(sent.len(), 10);
    for sent in &sent {
        assert_eq!(sent["audio"], "https://cdn.example/1.wav");
        assert_eq!(sent["image"], FACE, "an address is passed through");
    }
    let total = std::fs::metadata(&file).unwrap().len();
    let told = world.told.bytes();
    let whole = told.iter().filter(|told| **told == (Some(total), Some(total))).count();
    assert!(whole >= 10, "every job tells its bytes: {told:?}");

    let put = &server.puts()[0];
    assert_eq!(put.body, std::fs::read(&file).unwrap());
    assert_eq!((put.header("x-seal"), put.header("if-none-match")), (Some("one, two"), Some("*")));
    assert_eq!(put.header("authorization"), None);

    // Another process, and the same content under another name.
    let next = world.beside(&server, Differs::default()).await;
    let other = world.folder().join("other.wav");
    std::fs::copy(&file, &other).unwrap();
    let jobs = admit(&next, 1, &other).await;
    next.drive(&jobs[0]).await;
    assert_eq!((server.puts().len(), server.submissions()), (1, 11));

    // Another account has files of its own.
    let differs = Differs { credential: "two", ..Differs::default() };
    let stranger = world.beside(&server, differs).await;
    let jobs = admit(&stranger, 1, &file).await;
    stranger.drive(&jobs[0]).await;
    assert_eq!(server.puts().len(), 2);
    assert_eq!(server.submitted()[11]["audio"], "https://cdn.example/2.wav");
}

#[tokio::test]
async fn when_an_upload_fails_who_waits_tries_for_itself() {
    let server = talker(&["1.wav", "2.wav"]).await;
    let late = |answer| Answer::Late(Duration::from_millis(200), Box::new(answer));
    server.script(|script| {
        let well = Answer::Body(200, "text/plain", vec![]);
        script.put = [late(Answer::page(503)), well].into();
    });
    let world = World::new(&server).await;
    let file = recording(world.folder(), 5);
    let jobs = admit(&world, 3, &file).await;
    join_all(jobs.iter().map(|job| world.drive(job))).await;
    assert_eq!((server.puts().len(), server.submissions()), (2, 2));
    let mut stages = Vec::new();
    for job in &jobs {
        let job = world.job(job).await;
        if stage(&job) == StageName::Failed {
            let reason = job.reason.clone().unwrap();
            assert!(reason.text.contains("the provider answers 503"), "{reason:?}");
            assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
        }
        stages.push(stage(&job));
    }
    stages.sort_unstable_by_key(|stage| stage.as_str());
    assert_eq!(stages, [StageName::Done, StageName::Done, StageName::Failed]);
}

#[tokio::test]
async fn a_cancel_is_heard_while_a_file_is_sent_and_who_waits_takes_over() {
    let server = talker(&["1.wav", "2.wav"]).await;
    server.script(|script| {
        script.put = [Answer::Silence, Answer::Body(200, "text/plain", vec![])].into();
    });
    let world = World::new(&server).await;
    let file = recording(world.folder(), 5);
    let jobs = admit(&world, 2, &file).await;
    let (first, second) = (Leash::default(), Leash::default());
    let (one, two, ()) = tokio::join!(
        world.pipeline.drive(jobs[0].id, &first),
        async {
            server.until("the first upload", |server| server.puts().len() == 1).await;
            world.pipeline.drive(jobs[1].id, &second).await
        },
        async {
            let is_checked = |job: &Job| stage(job) == StageName::Checking;
            world.until(&jobs[1], "checking", is_checked).await;
            first.cancel.cancel();
        },
    );
    one.unwrap();
    two.unwrap();
    let first = world.job(&jobs[0]).await;
    assert_eq!(stage(&first), StageName::Cancelled);
    assert_eq!(world.lines(&first).await, [LineKind::Hold, LineKind::Release]);
    assert_eq!(stage(&world.job(&jobs[1]).await), StageName::Done);
    assert_eq!((server.puts().len(), server.submissions()), (2, 1));
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_know_is_forgotten() {
    let server = talker(&["1.wav", "2.wav", "3.wav"]).await;
    let world = World::new(&server).await;
    let file = recording(world.folder(), 5);
    let run = || async {
        let jobs = admit(&world, 1, &file).await;
        world.drive(&jobs[0]).await;
        world.job(&jobs[0]).await
    };
    assert_eq!(stage(&run().await), StageName::Done);
    // What is refused for something else leaves it as it is.
    server.on_submit([Answer::error(400, "seed is out of range")]);
    assert_eq!(stage(&run().await), StageName::Failed);
    assert_eq!(server.puts().len(), 1);
    server.on_submit([Answer::error(400, "audio could not be read: 404")]);
    assert_eq!(stage(&run().await), StageName::Failed);
    server.does_well(&id(2), RUBBISH);
    assert_eq!(stage(&run().await), StageName::Done);
    assert_eq!(server.puts().len(), 2);
    assert_eq!(server.submitted()[3]["audio"], "https://cdn.example/2.wav");
    // The same when it was accepted first.
    server.on_submit([Answer::prediction(&id(3), "created", &[])]);
    server.on_result([Answer::failed(&id(3), 1402, "failed to fetch media")]);
    assert_eq!(stage(&run().await), StageName::Failed);
    server.does_well(&id(4), RUBBISH);
    assert_eq!(stage(&run().await), StageName::Done);
    assert_eq!(server.puts().len(), 3);
}

#[tokio::test]
async fn a_file_that_costs_more_since_it_was_ordered_is_not_sent() {
    let server = talker(&["1.wav"]).await;
    let world = World::new(&server).await;
    let file = recording(world.folder(), 5);
    let jobs = admit(&world, 1, &file).await;
    recording(world.folder(), 60);
    world.drive(&jobs[0]).await;
    let job = world.job(&jobs[0]).await;
    let reason = job.reason.clone().unwrap();
    assert!(reason.text.contains("was held"), "{reason:?}");
    assert_eq!(world.lines(&job).await, [LineKind::Hold, LineKind::Release]);
    assert_eq!((server.puts().len(), server.submissions()), (0, 0));
}

fn arguments<'a>(audio: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["generate", "--model", TALK, "--image", FACE, "--audio", audio, "--yes", "--json"];
    [&usual[..], more].concat()
}

#[tokio::test]
async fn a_server_without_tickets_gets_the_older_form_and_the_job_goes_on() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let data = json!({"type": "audio", "download_url": "https://cdn.example/old.wav"});
    server.script(|script| script.binary = [Answer::json(200, &envelope(&data))].into());
    let home = Home::with(&server);
    let file = recording(home.path(), 5);
    let ran = home.run(&arguments(file.to_str().unwrap(), &[])).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(server.submitted()[0]["audio"], "https://cdn.example/old.wav");
    let is_form = |request: &&Request| request.path == "/api/v3/media/upload/binary";
    let seen = server.seen();
    let form = seen.iter().find(is_form).unwrap();
    let holds = |part: &[u8]| form.body.windows(part.len()).any(|window| window == part);
    assert!(
        holds(b"name=\"file\"; filename=\"talk.wav\"") && holds(&std::fs::read(&file).unwrap())
    );
}

#[tokio::test]
async fn an_upload_that_fails_says_why_and_nothing_is_submitted() {
    for (answer, why) in [
        (Answer::page(500), "the provider answers 500"),
        (Answer::Cut, "talk.wav"),
        (Answer::error(401, "invalid key"), "the provider answers 401: invalid key"),
        (Answer::error(413, "too large"), "the provider answers 413: too large"),
    ] {
        for at_the_ticket in [true, false] {
            let server = talker(&["1.wav"]).await;
            server.script(|script| {
                let place = if at_the_ticket { &mut script.ticket } else { &mut script.put };
                *place = [answer.clone()].into();
            });
            let home = Home::with(&server);
            let file = recording(home.path(), 5);
            let ran = home.run(&arguments(file.to_str().unwrap(), &[])).await;
            assert_eq!(ran.code(), Some(1), "{ran:?}");
            assert_eq!(server.submissions(), 0);
            let last = ran.of_type("job").pop().unwrap();
            assert_eq!(last["stage"], "failed");
            let reason = last["reason"].as_str().unwrap();
            assert!(reason.starts_with("uploading ") && reason.contains(why), "{reason}");
            assert!(last["hint"].as_str().unwrap().contains("rushes jobs retry 1"), "{last}");
            let lines: Vec<_> = home.ledger().into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(lines, ["hold", "release"]);
        }
    }
}

#[tokio::test]
async fn bytes_are_told_while_a_job_is_checked() {
    let server = talker(&["1.wav"]).await;
    let put = Answer::Body(200, "text/plain", vec![]);
    server.script(|script| {
        script.put = [Answer::Late(Duration::from_millis(2_500), Box::new(put))].into();
    });
    let home = Home::with(&server);
    let file = recording(home.path(), 5);
    let ran = home.run(&arguments(file.to_str().unwrap(), &[])).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let total = std::fs::metadata(&file).unwrap().len();
    let told = ran.of_type("progress");
    let is_told = |line: &&Value| line["stage"] == "checking" && line["bytes_total"] == total;
    let line = told.iter().find(is_told).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(line["bytes"].as_u64().unwrap() <= total, "{line}");
}

/// Runs until a file is being sent, then sends this signal; gives how it ended.
async fn signalled(home: &Home, server: &Server, signal: Signal) -> Option<i32> {
    let file = recording(home.path(), 5);
    let child = home.spawn(&arguments(file.to_str().unwrap(), &[]));
    server.until("an upload", |server| server.puts().len() == 1).await;
    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    child.wait_with_output().await.unwrap().status.code()
}

#[tokio::test]
async fn who_leaves_or_is_killed_during_an_upload_has_bought_nothing() {
    for (signal, code) in [(Signal::TERM, Some(143)), (Signal::KILL, None)] {
        let server = talker(&["1.wav", "2.wav"]).await;
        server.script(|script| script.put = [Answer::Silence].into());
        let home = Home::with(&server);
        assert_eq!(signalled(&home, &server, signal).await, code);
        let worker = home.run(&["worker"]).await;
        assert_eq!(worker.code(), Some(0), "{worker:?}");
        assert_eq!(home.jobs().await[0]["reason"], "held", "{signal:?}");
        assert_eq!(server.submissions(), 0);

        server.takes_files(&["2.wav"]);
        assert_eq!(home.run(&["jobs", "resume", "1"]).await.code(), Some(0));
        let followed = home.run(&["jobs", "follow", "1"]).await;
        assert_eq!(followed.code(), Some(0), "{followed:?}");
        assert_eq!((server.puts().len(), server.submissions()), (2, 1), "{signal:?}");
        let lines: Vec<_> = home.ledger().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(lines, ["hold", "release", "charge"]);
    }
}

#[tokio::test]
async fn a_file_that_will_not_do_is_refused_before_anything_is_sent() {
    let server = talker(&["1.wav"]).await;
    let home = Home::with(&server);
    let file = |name: &str, bytes: &[u8]| {
        let file = home.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let large = file("large.wav", b"");
    std::fs::copy(recording(home.path(), 5), &large).unwrap();
    std::fs::File::options().write(true).open(&large).unwrap().set_len(50_000_001).unwrap();
    let huge = file("huge.wav", b"");
    std::fs::copy(home.path().join("talk.wav"), &huge).unwrap();
    std::fs::File::options().write(true).open(&huge).unwrap().set_len(300_000_001).unwrap();
    let long = file("long.wav", b"");
    std::fs::rename(recording(home.path(), 601), &long).unwrap();
    let picture = file("picture.wav", b"");
    image::RgbImage::new(64, 64).save_with_format(&picture, image::ImageFormat::Png).unwrap();
    let pipe = home.path().join("pipe.wav");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    for (given, why) in [
        (large, "audio has 50.1 MB; 50 MB are allowed"),
        (huge, "has 301 MB; wavespeed takes 300 MB"),
        (long, "audio lasts 601 s; at most 600 s are allowed"),
        (picture, "audio must be audio, not image"),
        (file("text.wav", b"a letter"), "audio must be audio"),
        (file("rubbish.wav", b"RIFF\x24\0\0\0WAVEjunk"), "cannot read"),
        (file("empty.wav", b""), "is empty"),
        (home.path().join("missing.wav"), "cannot read"),
        (home.path().join("data"), "is a directory"),
        (pipe, "it is no regular file"),
    ] {
        let ran = home.run(&arguments(given.to_str().unwrap(), &[])).await;
        assert_eq!(ran.code(), Some(4), "{why}: {ran:?}");
        let said = ran.of_type("preflight")[0].to_string();
        assert!(said.contains(why), "{why}: {said}");
    }
    let sent: Vec<_> = server.seen().into_iter().filter(|seen| seen.method != "GET").collect();
    assert!(sent.is_empty(), "{sent:?}");
    assert!(home.jobs().await.is_empty());
}
