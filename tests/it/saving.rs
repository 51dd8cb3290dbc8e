//! From bytes on a line to an asset with its money: whole, or not at all.

use rushes::domain::{ReasonKind, StageName};
use rushes::pipeline::{Driven, Leash, Scope, Supervisor};
use rushes::store::AssetFilter;

use crate::support::server::{Answer, Server, envelope, prediction};
use crate::support::world::World;
use crate::support::{RUBBISH, id};
use rushes::domain::LineKind::{Charge, Hold, Release};

async fn only_asset(world: &World) -> rushes::domain::Asset {
    let mut assets = world.store().assets(AssetFilter::default()).await.unwrap();
    assert_eq!(assets.len(), 1);
    assets.remove(0)
}

#[tokio::test]
async fn a_take_is_whole_hashed_and_told_byte_by_byte() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    world.run().await;
    let asset = only_asset(&world).await;
    let file = world.folder().join(&asset.path);
    assert_eq!(std::fs::read(&file).unwrap(), RUBBISH);
    assert_eq!(asset.bytes, RUBBISH.len() as u64);
    assert_eq!(world.files(), [file]);
    let length = Some(RUBBISH.len() as u64);
    assert!(world.told.bytes().contains(&(length, length)));
    // From `sha256sum`.
    if let Ok(output) = std::process::Command::new("sha256sum").arg(&world.files()[0]).output() {
        assert!(String::from_utf8_lossy(&output.stdout).starts_with(&asset.sha256));
    }
}

#[tokio::test]
async fn what_the_parser_cannot_read_is_bought_and_saved_all_the_same() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done);
    let asset = only_asset(&world).await;
    assert!(asset.unreadable.is_some());
    assert_eq!(
        (asset.facts.codec, asset.facts.duration_ms, asset.facts.pixels),
        (None, None, None)
    );
}

#[tokio::test]
async fn a_wrong_file_is_asked_for_three_times_then_kept_beside_and_charged() {
    let page = || Answer::page(200);
    let short = || Answer::Short { promised: 900, body: RUBBISH.to_vec() };
    let json = || Answer::json(200, &serde_json::json!({"error": "expired"}));
    let empty = || Answer::Body(200, "video/mp4", vec![]);
    for (what, wrong) in
        [("a page", page()), ("short", short()), ("json", json()), ("empty", empty())]
    {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_output([wrong]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), StageName::Failed, "{what}");
        assert_eq!(job.reason.clone().unwrap().kind, ReasonKind::Unusable, "{what}");
        let fetched = server.seen().iter().filter(|seen| seen.path.contains("outputs")).count();
        assert_eq!(fetched, 3, "{what}");
        let files = world.files();
        assert_eq!(files.len(), 1, "{what}: {files:?}");
        assert!(files[0].to_string_lossy().contains(".unusable."), "{what}: {files:?}");
        assert_eq!(world.lines(&job).await, [Hold, Release, Charge], "{what}");
        assert_eq!(server.submissions(), 1);
    }
}

#[tokio::test]
async fn a_cut_download_is_fetched_again_from_a_fresh_address() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_output([
        Answer::Short { promised: RUBBISH.len(), body: RUBBISH[..20].to_vec() },
        Answer::error(403, "expired"),
        Answer::Cut,
        Answer::error(503, "busy"),
        Answer::Body(200, "video/mp4", RUBBISH.to_vec()),
    ]);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done);
    assert_eq!(world.files().len(), 1);
    assert_eq!(world.lines(&job).await.len(), 3);
}

#[tokio::test]
async fn the_key_goes_to_the_provider_and_never_along_to_another_host() {
    let elsewhere = Server::start().await;
    elsewhere.on_output([Answer::Body(200, "video/mp4", RUBBISH.to_vec())]);
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let away = [elsewhere.output("1.mp4")];
    server.on_result([Answer::prediction(&id(1), "completed", &away)]);
    let world = World::new(&server).await;
    assert_eq!(world.run().await.stage.name(), StageName::Done);
    for request in elsewhere.seen() {
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
async fn an_output_that_is_no_video_is_saved_with_its_kind() {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend_from_slice(&[0; 40]);
    let server = Server::start().await;
    server.does_well(&id(1), &png);
    let world = World::new(&server).await;
    world.run().await;
    let asset = only_asset(&world).await;
    assert_eq!((asset.kind.as_str(), asset.mime.as_str()), ("image", "image/png"));
    assert!(asset.path.contains(".png"));
}

#[tokio::test]
async fn several_outputs_become_takes_of_one_job_with_one_charge() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let outputs = [server.output("1.mp4"), server.output("2.mp4")];
    server.on_result([Answer::prediction(&id(1), "completed", &outputs)]);
    let world = World::new(&server).await;
    let job = world.run().await;
    let mut labels: Vec<_> = world
        .store()
        .assets(AssetFilter::default())
        .await
        .unwrap()
        .iter()
        .map(rushes::domain::Asset::label)
        .collect();
    labels.sort();
    assert_eq!(labels, [job.number.to_string(), format!("{}.2", job.number)]);
    assert_eq!(world.lines(&job).await.len(), 3);
}

#[tokio::test]
async fn what_is_whole_is_saved_where_another_output_is_unusable() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let outputs = [server.output("1.mp4"), server.output("2.mp4"), server.output("3.mp4")];
    server.on_result([Answer::prediction(&id(1), "completed", &outputs)]);
    let whole = || Answer::Body(200, "video/mp4", RUBBISH.to_vec());
    // The second is a page each of the three times that it is asked for.
    let page = || Answer::page(200);
    server.on_output([whole(), page(), page(), page(), whole()]);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done);
    let assets = world.store().assets(AssetFilter::default()).await.unwrap();
    let mut takes: Vec<_> = assets.iter().map(rushes::domain::Asset::label).collect();
    takes.sort();
    assert_eq!(takes, [job.number.to_string(), format!("{}.3", job.number)]);
    for asset in &assets {
        let missing = asset.metadata["missing"][0].as_str().unwrap();
        assert!(missing.starts_with("output 2: the output is unusable"), "{missing}");
    }
    assert_eq!(world.files().len(), 3, "two takes, and what came in place of the third");
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
}

#[tokio::test]
async fn an_address_that_cannot_be_reached_is_given_up_for_a_fresh_one() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/1.mp4", listener.local_addr().unwrap())
    };
    for broken in [closed, "http://".to_owned()] {
        let server = Server::start().await;
        server.does_well(&id(1), RUBBISH);
        server.on_result([
            Answer::prediction(&id(1), "completed", &[broken]),
            Answer::prediction(&id(1), "completed", &[server.output("1.mp4")]),
        ]);
        let world = World::new(&server).await;
        let job = world.run().await;
        assert_eq!(job.stage.name(), StageName::Done);
        assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
    }
}

#[tokio::test]
async fn json_that_stands_in_the_answer_itself_is_what_was_bought() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let mut scored = prediction(&id(1), "completed", &[]);
    scored["outputs"] = serde_json::json!([{"score": 1}]);
    server.on_result([Answer::json(200, &envelope(&scored))]);
    let world = World::new(&server).await;
    let job = world.run().await;
    assert_eq!(job.stage.name(), StageName::Done, "{:?}", job.reason);
    assert_eq!(only_asset(&world).await.mime, "application/json");
}

/// Lets no job come to this stage, as on a full disk; `None` lets every one.
fn fill_the_disk(world: &World, at: Option<&str>) {
    let library = rusqlite::Connection::open(world.folder().join("library.db")).unwrap();
    let full = at.map_or("DROP TRIGGER full".to_owned(), |stage| {
        format!(
            "CREATE TRIGGER full BEFORE UPDATE ON jobs WHEN NEW.stage = '{stage}'
             BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    });
    library.execute_batch(&full).unwrap();
}

#[tokio::test]
async fn a_library_that_could_not_be_written_is_written_when_it_can() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    fill_the_disk(&world, Some("downloading"));
    let supervisor = Supervisor::start(world.pipeline.clone(), Scope::Told, None);
    let job = world.order().await;
    supervisor.drive(job.id).await;
    server.until("it was tried again", |server| server.polls() >= 5).await;
    assert_eq!(world.told.troubles().len(), 1, "said once: {:?}", world.told.troubles());
    fill_the_disk(&world, None);
    let job = world.until(&job, "done", |job| job.stage.name() == StageName::Done).await;
    assert_eq!(server.submissions(), 1);
    assert_eq!(world.lines(&job).await, [Hold, Release, Charge]);
}

#[tokio::test]
async fn an_id_that_could_not_be_stored_is_said_and_stored_when_it_can() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    fill_the_disk(&world, Some("waiting"));
    let job = world.order().await;
    let leash = Leash::default();
    let make_room = async {
        world.told.until_trouble().await;
        fill_the_disk(&world, None);
    };
    let (driven, ()) = tokio::join!(world.pipeline.drive(job.id, &leash), make_room);
    assert!(matches!(driven.unwrap(), Driven::Ended(_)));
    assert_eq!(world.job(&job).await.stage.name(), StageName::Done);
    assert!(world.told.troubles()[0].contains(&id(1)), "{:?}", world.told.troubles());
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn one_record_that_answers_two_submissions_is_charged_once() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let world = World::new(&server).await;
    let first = world.run().await;
    let second = world.run().await;
    assert_eq!(world.lines(&first).await, [Hold, Release, Charge]);
    assert_eq!(world.lines(&second).await, [Hold, Release]);
    assert_eq!(second.stage.name(), StageName::Done);
}
