//! The real binary with Hugging Face: what it prints, keeps to itself, and ends with.

use std::path::{Path, PathBuf};

use super::service::{FAL_KEY, Service, TOKEN};
use crate::support::binary::Home;
use crate::support::screen::Screen;
use crate::support::server::Answer;

/// A home whose addresses are the service's, without any key.
fn home(service: &Service) -> Home {
    let address = service.server.address();
    Home::empty()
        .set("HF_ENDPOINT", address)
        .set("HF_ROUTER_URL", address)
        .set("FAL_QUEUE_URL", address)
}

/// The files below a folder in which this text stands.
fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let holds = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    };
    let below = folders.iter().flat_map(|folder| files_with(folder, text));
    files.into_iter().filter(holds).chain(below).collect()
}

const ORDER: [&str; 7] =
    ["generate", "a red kite", "--provider", "huggingface", "--max-cost", "0.40", "--yes"];

#[tokio::test]
async fn a_take_comes_through_the_router_with_nothing_but_a_token() {
    let service = Service::start().await;
    let home = home(&service).set("HF_TOKEN", TOKEN);
    let ran = home.run(&[&ORDER[..], &["--json"]].concat()).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let lines = ran.lines();
    assert_eq!(lines[0]["estimate"], serde_json::Value::Null);
    let offer = lines[0]["checks"].as_array().unwrap().iter().find(|check| check["id"] == "offer");
    assert_eq!(offer.unwrap()["finding"], "live at fal-ai as fal-ai/hunyuan-video");
    let take = lines.last().unwrap();
    assert_eq!((&take["provider"], &take["type"]), (&"huggingface".into(), &"take".into()));
    assert_eq!(take["prediction_id"], "fal-ai:hunyuan-video:requests:r1");
    assert!(!format!("{ran:?}").contains(TOKEN), "the token is never printed");
    let holding = files_with(home.path(), TOKEN);
    assert!(holding.is_empty(), "the token is in no log, row or settings: {holding:?}");
    // From now on it is the provider that is meant, token or not.
    let ran = home.unset("HF_TOKEN").run(&["generate", "a kite", "--yes"]).await;
    assert_eq!(ran.code(), Some(5), "{ran:?}");
}

#[tokio::test]
async fn an_unknown_price_is_never_told_as_nothing() {
    let service = Service::start().await;
    let home = home(&service).set("HF_TOKEN", TOKEN);
    let order = ["generate", "a red kite", "--provider", "huggingface", "--json"];
    // Without a yes an unknown price is spent by nobody.
    let ran = home.run(&order).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    assert!(ran.stdout().contains("an unknown price"), "{}", ran.stdout());

    let ran = home.run(&[&order[..], &["--yes"]].concat()).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let lines = ran.lines();
    let take = lines.last().unwrap();
    assert_eq!((&take["cost"], &take["cost_basis"]), (&serde_json::Value::Null, &"unknown".into()));
    assert_eq!(home.jobs().await[0]["cost"], serde_json::Value::Null);
    let listed = home.run(&["jobs", "list"]).await.stdout();
    assert!(listed.contains("price unknown") && !listed.contains("$0.00"), "{listed}");

    // What was held is what it is taken to have cost, and said to be no more than that.
    let ran = home.run(&[&order[..], &["--yes", "--max-cost", "0.40"]].concat()).await;
    let lines = ran.lines();
    let take = lines.last().unwrap();
    assert_eq!((&take["cost"], &take["cost_basis"]), (&"0.40".into(), &"unknown".into()));
    let shown = home.run(&["assets", "show", "2"]).await.stdout();
    assert!(shown.contains("at most $0.40, price unknown"), "{shown}");
    assert_eq!(home.json(&["usage", "--json"]).await["spent"], "0.40");
}

#[tokio::test]
async fn without_a_token_it_is_exit_5_and_nothing_is_asked() {
    let service = Service::start().await;
    let ran = home(&service).run(&ORDER).await;
    assert_eq!(ran.code(), Some(5), "{ran:?}");
    assert!(ran.stderr().contains("HF_TOKEN or FAL_KEY"), "{}", ran.stderr());
    assert!(service.server.seen().is_empty());
}

#[tokio::test]
async fn a_token_that_lies_about_for_other_programs_does_not_end_the_sandbox() {
    let service = Service::start().await;
    let home = Home::empty()
        .set("HF_TOKEN", TOKEN)
        .set("HF_ENDPOINT", "http://mirror.example")
        .set("RUSHES_SANDBOX_SPEED", "50");
    let ran = home.run(&["generate", "a kite", "--json", "--dry-run"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert!(ran.stderr().contains("SANDBOX"), "{}", ran.stderr());
    assert!(service.server.seen().is_empty());
}

#[tokio::test]
async fn a_cut_line_is_exit_3_at_once_and_one_post() {
    let service = Service::start().await;
    service.script(|script| script.submissions.push_back(Answer::Cut));
    let home = home(&service).set("HF_TOKEN", TOKEN);
    let began = std::time::Instant::now();
    let ran = home.run(&ORDER).await;
    assert_eq!(ran.code(), Some(3), "{ran:?}");
    // Nobody waits for the first look into a history that is not there (15 s).
    assert!(began.elapsed().as_secs() < 12, "{:?}", began.elapsed());
    assert!(ran.stderr().contains("jobs settle 1 --as charged|free"), "{}", ran.stderr());
    assert_eq!(service.submissions().len(), 1);
    let found = home.run(&["jobs", "find", "1"]).await;
    assert_eq!(found.code(), Some(3), "{found:?}");
    assert!(found.stdout().contains("lists no past runs"), "{}", found.stdout());
    assert_eq!(home.run(&["jobs", "settle", "1", "--as", "free"]).await.code(), Some(0));
    assert_eq!(service.submissions().len(), 1);
}

#[tokio::test]
async fn a_job_begun_here_is_finished_by_another_process() {
    let service = Service::start().await;
    let home = home(&service).set("HF_TOKEN", TOKEN);
    service.script(|script| script.patience = 1_000_000);
    let ran = home.run(&[&ORDER[..], &["--detach"]].concat()).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    service.script(|script| script.patience = 0);
    let ran = home.run(&["jobs", "follow", "1"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    assert_eq!(home.takes().len(), 1);
    assert_eq!(service.submissions().len(), 1);
}

#[tokio::test]
async fn what_the_hub_does_not_offer_is_exit_4() {
    let service = Service::start().await;
    service.script(|script| script.mapping.clear());
    let ran = home(&service).set("HF_TOKEN", TOKEN).run(&ORDER).await;
    assert_eq!(ran.code(), Some(4), "{ran:?}");
    assert!(ran.stderr().contains("the hub knows no model"), "{}", ran.stderr());
    assert_eq!(service.submissions().len(), 0);
}

#[tokio::test]
async fn a_key_is_kept_shown_by_its_print_alone_and_used() {
    let service = Service::start().await;
    let home = home(&service);
    let key = home.path().join("key");
    std::fs::write(&key, FAL_KEY).unwrap();
    let mut set = home.command(&["key", "set", "huggingface"]);
    let set = set.stdin(std::fs::File::open(&key).unwrap()).output().await.unwrap();
    let said = String::from_utf8_lossy(&set.stderr).into_owned();
    assert!(set.status.success(), "{said}");
    assert!(said.contains("tells no balance"), "{said}");
    let shown = home.json(&["key", "show", "--json"]).await;
    let shown =
        shown.as_array().unwrap().iter().find(|it| it["provider"] == "huggingface").unwrap();
    assert_eq!(shown["fingerprint"].as_str().unwrap().len(), 12);
    assert_eq!(shown["base_url"], service.server.address());
    let doctor = home.run(&["doctor", "--provider", "huggingface"]).await;
    let doctor = if doctor.code() == Some(2) { home.run(&["doctor"]).await } else { doctor };
    assert!(doctor.stdout().contains("provider huggingface"), "{doctor:?}");
    assert!(!format!("{doctor:?}{shown}{said}").contains(FAL_KEY));
    assert_eq!(home.run(&ORDER).await.code(), Some(0));
    assert_eq!(service.submissions()[0].path, "/fal-ai/hunyuan-video");
    let forgotten = home.run(&["key", "forget", "huggingface"]).await;
    assert_eq!(forgotten.code(), Some(0), "{forgotten:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_studio_makes_a_take_with_it_by_keys_alone() {
    let service = Service::start().await;
    let home = home(&service).set("HF_TOKEN", TOKEN).set("RUSHES_PROVIDER", "huggingface");
    let studio = tokio::task::spawn_blocking(move || {
        let mut screen = Screen::open(&home, 100, 30, &[]);
        screen.wait_for("HunyuanVideo").wait_for("price unknown");
        screen.keys("a red kite over dunes");
        screen.wait_for("a red kite over dunes");
        screen.keys("\x07");
        // Real money of an unknown amount is never spent by one key.
        screen.wait_for("live at fal-ai as fal-ai/hunyuan-video");
        (screen, home)
    });
    let (mut screen, home) = studio.await.unwrap();
    assert_eq!(service.submissions().len(), 0);
    let ended = tokio::task::spawn_blocking(move || {
        // The dialog takes no key in its first 300 ms, and outside of it this one spends nothing.
        while screen.text().contains("go on ?") {
            screen.keys("\r");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        screen.wait_for("done");
        let text = screen.text();
        drop(screen);
        (text, home)
    });
    let (text, home) = ended.await.unwrap();
    assert!(!text.contains("$0.00 "), "{text}");
    assert_eq!(service.submissions().len(), 1);
    assert_eq!(home.takes().len(), 1);
}
