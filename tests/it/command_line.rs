//! The real binary: what it prints, and with which code it ends.

use serde_json::Value;

use crate::support::binary::Home;
use crate::support::server::{Answer, Server};
use crate::support::{RUBBISH, id};

#[tokio::test]
async fn a_first_take_needs_nothing_but_a_prompt() {
    let home = Home::filming().set("RUSHES_SANDBOX_SPEED", "20");
    let ran = home.run(&["generate", "a red kite over dunes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(ran.stderr().contains("SANDBOX"), "{}", ran.stderr());
    let lines = ran.lines();
    assert_eq!(lines[0]["type"], "preflight");
    assert_eq!(lines[0]["verdict"], "pass");
    assert_eq!(lines[0]["estimate"]["low_usd"], "0.20");
    let stages: Vec<_> = ran.of_type("job").iter().map(|line| line["stage"].clone()).collect();
    let expected = ["queued", "checking", "submitting", "waiting", "downloading", "done"];
    assert_eq!(stages, expected, "{lines:#?}");

    let take = lines.last().unwrap();
    assert_eq!(take["type"], "take");
    let landscape = "a drawn landscape, 5.0 s of 1280x720 at 24 fps";
    for (field, value) in [
        ("codec", Value::from("h264")),
        ("width", 1280.into()),
        ("height", 720.into()),
        ("duration", 5.0.into()),
        ("resolution", "720p".into()),
        ("prompt", "a red kite over dunes".into()),
        ("cost", "0.20".into()),
        ("cost_basis", "simulated".into()),
        ("provider", "sandbox".into()),
        ("operation", "text-to-video".into()),
        ("mime", "video/mp4".into()),
        ("metadata", serde_json::json!({"sandbox": {"made": landscape}})),
    ] {
        assert_eq!(take[field], value, "{field}: {take:#?}");
    }
    let file = take["path"].as_str().unwrap();
    assert_eq!(std::fs::metadata(file).unwrap().len(), take["bytes"].as_u64().unwrap());
    judge_with_ffprobe(file, take);
    assert_eq!(home.takes().len(), 1);

    let usage = home.json(&["usage", "--json"]).await;
    assert_eq!((&usage["spent"], &usage["simulated"]), (&"0.00".into(), &"0.20".into()));
}

/// Somebody else's eyes, where they are installed.
fn judge_with_ffprobe(file: &str, take: &Value) {
    let fields = "stream=codec_name,width,height,r_frame_rate:format=duration";
    let probe = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v", "-show_entries", fields, "-of", "json", file])
        .output();
    let Ok(probe) = probe else { return };
    let seen: Value = serde_json::from_slice(&probe.stdout).unwrap();
    let stream = &seen["streams"][0];
    assert_eq!(stream["codec_name"], take["codec"]);
    assert_eq!((&stream["width"], &stream["height"]), (&take["width"], &take["height"]));
    let duration: f64 = seen["format"]["duration"].as_str().unwrap().parse().unwrap();
    assert!((duration - take["duration"].as_f64().unwrap()).abs() < 0.001, "{duration}");
}

#[tokio::test]
async fn a_forgotten_key_is_exit_5_and_never_a_pretended_success() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server);
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");

    let home = home.unset("WAVESPEED_API_KEY").unset("WAVESPEED_BASE_URL");
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(5), "{ran:?}");
    assert_eq!(ran.lines()[0]["verdict"], "block");
    assert_eq!(server.submissions(), 1);
}

#[tokio::test]
async fn without_a_terminal_and_without_yes_no_real_money_is_spent() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server);
    for arguments in [&["generate", "kite"][..], &["generate", "kite", "--json"]] {
        let ran = home.run(arguments).await;
        assert_eq!(ran.code(), Some(4), "{ran:?}");
    }
    assert_eq!(home.run(&["generate", "kite", "--dry-run"]).await.code(), Some(0));
    assert_eq!(server.submissions(), 0);
    assert!(home.jobs().await.is_empty());
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_nothing_is_sent() {
    let server = Server::start().await;
    let home = Home::with(&server);
    let ran = home
        .run(&["generate", "", "-p", "duration=7", "-p", "resolution=720p", "--yes", "--json"])
        .await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let checks = ran.lines()[0]["checks"].clone();
    let parameters =
        checks.as_array().unwrap().iter().find(|check| check["id"] == "parameters").unwrap();
    let finding = parameters["finding"].as_str().unwrap();
    for part in ["prompt", "duration", "resolution"] {
        assert!(finding.contains(part), "{finding}");
    }
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
}

#[tokio::test]
async fn exit_codes_mean_what_they_say() {
    let check = async |arguments: &[&str], expected| {
        let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "20");
        let ran = home.run(arguments).await;
        assert_eq!(ran.code(), Some(expected), "{arguments:?}: {ran:?}");
    };
    check(&["generate", "kite", "--provider", "sora"], 2).await;
    check(&["generate", "--nonsense"], 2).await;
    check(&["jobs", "adopt", "1", ".."], 2).await;
    check(&["jobs", "adopt", "1", "\u{1b}[31m"], 2).await;
    check(&["generate", "kite", "-m", "no-such-model"], 4).await;
    check(&["generate", "kite", "--max-cost", "0.01"], 4).await;
    check(&["generate", "kite", "--dry-run", "-p", "duration=99"], 4).await;
    check(&["generate", "kite", "--provider", "wavespeed", "--yes"], 5).await;
    check(&["generate", "kite", "--provider", "wavespeed", "--dry-run"], 5).await;
    check(&["jobs", "show", "99"], 1).await;
    check(&["doctor"], 0).await;
    check(&["models", "list"], 0).await;
    check(&["--read-only", "generate", "kite"], 4).await;
}

#[tokio::test]
async fn a_take_is_kept_or_rejected_with_a_reason_that_stays() {
    let home = Home::empty();
    let given = crate::support::given::Given::below(home.path());
    let imported = home.run(&["assets", "import", given.picture.to_str().unwrap()]).await;
    assert_eq!(imported.code(), Some(0), "{imported:?}");
    let after = async |words: &[&str]| {
        let ran = home.run(&[&["assets"], words].concat()).await;
        assert_eq!(ran.code(), Some(0), "{ran:?}");
        let asset = home.json(&["assets", "show", "1", "--json"]).await;
        assert_eq!(home.json(&["assets", "list", "--json"]).await[0]["reason"], asset["reason"]);
        (asset["verdict"].clone(), asset["reason"].clone())
    };
    let rejected = |why: &str| (Value::from("rejected"), Value::from(why));
    assert_eq!(after(&["reject", "1", "--reason", "w"]).await, rejected("warped"));
    assert_eq!(after(&["reject", "1", "--reason", "two strings"]).await, rejected("two strings"));
    assert_eq!(after(&["keep", "1"]).await, ("kept".into(), Value::Null));
    assert_eq!(after(&["reject", "1"]).await, ("rejected".into(), Value::Null));
    let long = "long".repeat(20);
    let ran = home.run(&["assets", "reject", "1", "--reason", &long]).await;
    assert_eq!(ran.code(), Some(2), "{ran:?}");
}

#[tokio::test]
async fn a_submission_that_was_cut_is_exit_3_with_one_post_and_its_hold() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_submit([Answer::Cut]);
    let home = Home::with(&server);
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(3), "{ran:?}");
    assert_eq!(server.submissions(), 1);
    assert_eq!(ran.of_type("job").last().unwrap()["stage"], "in_doubt");
    assert_eq!(home.ledger(), [("hold".to_owned(), 200_000)]);

    let number = "1";
    assert_eq!(home.run(&["jobs", "retry", number, "--yes"]).await.code(), Some(3));
    assert_eq!(server.submissions(), 1, "a doubt is not repeated");
    assert_eq!(home.run(&["jobs", "settle", number, "--as", "free"]).await.code(), Some(0));
    server.on_submit([Answer::prediction(&id(1), "created", &[])]);
    assert_eq!(home.run(&["jobs", "retry", number, "--yes"]).await.code(), Some(0));
    assert_eq!(server.submissions(), 2);
}

#[tokio::test]
async fn a_closed_pipe_ends_the_output_and_never_the_job() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    let home = Home::with(&server);
    let mut child = home.spawn(&["generate", "kite", "--yes", "--json"]);
    drop(child.stdout.take());
    let status = child.wait().await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(home.jobs().await[0]["stage"], "done");
}

#[tokio::test]
async fn the_key_is_in_no_file_no_output_and_no_log() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    server.on_result([
        Answer::error(401, "bad key wsk_test_0123456789"),
        Answer::prediction(
            &id(1),
            "completed",
            &[format!("{}?Signature=secret", server.output("1.mp4"))],
        ),
    ]);
    let home = Home::with(&server).set("RUSHES_LOG", "trace");
    let ran = home.run(&["generate", "kite", "--yes", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(!ran.stdout().contains("Signature=secret"), "{}", ran.stdout());
    let doctor = home.run(&["doctor"]).await;
    assert!(!doctor.stdout().contains("wsk_test_0123456789"));
    let mut folders = vec![home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for secret in [&b"wsk_test_0123456789"[..], b"Signature=secret"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{} holds a secret", path.display());
            }
        }
    }
}

#[tokio::test]
async fn a_model_that_the_provider_has_not_is_blocked_before_anything_is_sent() {
    let home = Home::empty();
    let model = "tencent/HunyuanVideo";
    let ran = home.run(&["generate", "kite", "-m", model, "--json"]).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    let text = ran.lines()[0].to_string();
    assert!(
        text.contains("not offered by sandbox") && text.contains("--provider huggingface"),
        "{text}"
    );
}

#[tokio::test]
async fn a_bad_input_of_each_kind_is_told_with_its_file_and_nothing_is_sent() {
    let server = Server::start().await;
    let home = Home::with(&server);
    let note = home.path().join("note.txt");
    std::fs::write(&note, "hello").unwrap();
    let model = "alibaba/wan-2.5/image-to-video";
    let check = async |file: &str, expected: &str| {
        let ran =
            home.run(&["generate", "kite", "-m", model, "--image", file, "--yes", "--json"]).await;
        assert_eq!(ran.code(), Some(4), "{file}: {ran:?}");
        let text = ran.lines()[0].to_string();
        assert!(text.contains(expected), "{file}: {text}");
    };
    check("/no/such/file.png", "cannot read").await;
    check(home.path().to_str().unwrap(), "cannot read").await;
    check(note.to_str().unwrap(), "image must be image, not other").await;
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
}

#[tokio::test]
async fn a_preset_changes_the_brief_and_says_what_and_a_parameter_that_was_said_wins() {
    let home = Home::empty();
    let model = "alibaba/wan-2.5/text-to-video";
    let words =
        ["generate", "a kite", "-m", model, "--preset", "dolly-in", "--preset", "tall", "--json"];
    let ran = home.run(&words).await;
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    let take = &ran.of_type("take")[0];
    assert_eq!(take["prompt"], "a kite, slow dolly in");
    assert_eq!((take["width"].as_i64(), take["height"].as_i64()), (Some(720), Some(1280)));
    assert!(ran.stderr().contains("preset dolly-in: prompt + slow dolly in"), "{}", ran.stderr());
    assert!(ran.stderr().contains("preset tall: size 720*1280"), "{}", ran.stderr());

    let said = [&words[..], &["-p", "size=832*480"]].concat();
    let ran = home.run(&said).await;
    assert_eq!(ran.of_type("take")[0]["width"], 832);

    let unknown = home.run(&["generate", "a kite", "--preset", "dollyin", "--dry-run"]).await;
    assert_eq!(unknown.code(), Some(2));
    assert!(unknown.stderr().contains("did you mean dolly-in?"), "{}", unknown.stderr());
    let listed = home.json(&["presets", "--json"]).await;
    assert!(listed.as_array().unwrap().iter().any(|it| it["name"] == "orbit"));
}
